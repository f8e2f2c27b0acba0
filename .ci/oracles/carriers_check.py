"""Carriers of cases and of their state, with readers that we did not write.

1. A Family parsed by the schema's protobuf classes and written again in every form that protobuf's JSON has (spelling of keys,
   enums as numbers, defaults written out) is the same case to our program; so is one without its defaults.
2. A case converted to a Family is read by those classes.
3. The job for Exomiser has only keys and words of Exomiser's own schema (job.proto, sample.proto, output.proto, analysis.proto
   of version 15.0.0, the same in 14); its parser passes over unknown keys without a word.
4. Tasks of every state of a case and of its steps, by fhirkit and by what R4 demands of a Task beside; with the North West
   GMSA's order, by what its Task.fsh demands. Written into OUT for another validator.

usage: carriers_check.py TIERLINE OUT
"""

import itertools
import json
import pathlib
import subprocess
import sys

import fhirkit
from google.protobuf.json_format import MessageToDict, Parse
from phenopackets.schema.v2.phenopackets_pb2 import Family

PACKET = "test-data/referrals/family-phenopacket.json"
ORDER = "test-data/referrals/nw-gmsa-order.toml"
SAMPLE = {"genomeAssembly", "vcf", "ped", "pedigree", "proband", "hpoIds", "sex", "age"}
JOB = {"phenopacket", "family", "sample", "analysis", "preset", "outputOptions"}
OUTPUT = {
    "outputContributingVariantsOnly", "numGenes", "minExomiserGeneScore", "outputPrefix", "outputFormats", "outputFileName",
    "outputDirectory",
}
PRESETS = {"EXOME", "GENOME", "PHENOTYPE_ONLY"}
FORMATS = {"HTML", "VCF", "TSV_GENE", "TSV_VARIANT", "JSON"}
TASK_STATES = {
    "draft", "requested", "received", "accepted", "rejected", "ready", "cancelled", "in-progress", "on-hold", "failed",
    "completed", "entered-in-error",
}


def ask(command, fails=False):
    run = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=120, check=False)
    if (run.returncode != 0) != fails:
        raise SystemExit(f"{command}: {run.returncode}\n{run.stderr}")
    return run.stdout


def shown(tierline, path):
    """The case as understood, without the name of its document."""
    text = ask([tierline, "case", "show", "--json", path, "--consent", "primary", "--files", "test-data/trio", "--panel",
                next(pathlib.Path("test-data/trio").glob("*panel*.json"))])
    return json.loads(text.replace(str(path), "DOCUMENT"))


def forms(tierline, out):
    faults = []
    text = pathlib.Path(PACKET).read_text(encoding="utf-8")
    family = Parse(text, Family())
    # A relative of whom only defaults are stated, and karyotypes at both ends of the enum.
    person = family.pedigree.persons.add(family_id=family.id, individual_id="SIM-AUNT")
    assert person.affected_status == 0
    family.relatives[0].subject.karyotypic_sex = 1
    family.relatives[1].subject.karyotypic_sex = 10
    known, count = None, 0
    for names, numbers, defaults in itertools.product([False, True], repeat=3):
        document = MessageToDict(
            family, preserving_proto_field_name=names, use_integers_for_enums=numbers, **with_defaults(defaults))
        assert Parse(json.dumps(document), Family()) == family
        path = out / f"family-{count}.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        case = shown(tierline, path)
        known = known or case
        count += 1
        if case != known:
            faults.append(f"{path}: another case than that of the first form")
    wrong = json.loads(text)
    wrong["proband"]["subject"]["sex"] = 4
    path = out / "wrong.json"
    path.write_text(json.dumps(wrong), encoding="utf-8")
    ask([tierline, "case", "show", path, "--consent", "primary", "--files", "test-data/trio"], fails=True)
    print(f"note: {count} forms of one Family, {len(known['members'])} members")
    return faults


def with_defaults(wanted):
    """The argument's name differs between versions of protobuf."""
    import inspect
    known = inspect.signature(MessageToDict).parameters
    name = "always_print_fields_with_no_presence"
    return {name if name in known else "including_default_value_fields": wanted}


def converted(tierline, out):
    ask([tierline, "case", "convert", "test-data/trio/case.toml", "--to", "phenopacket", "-o", out / "trio-family.json"])
    text = (out / "trio-family.json").read_text(encoding="utf-8")
    family = Parse(text, Family())
    faults = [] if family.proband.subject.id and len(family.pedigree.persons) >= 3 else ["a Family without its people"]
    again = MessageToDict(family)
    if json.loads(text)["pedigree"] != again["pedigree"]:
        faults.append("the pedigree is read otherwise")
    return faults


def exomiser(tierline, out):
    ask([tierline, "case", "convert", "test-data/trio/case.toml", "--to", "exomiser", "-o", out / "job"])
    job = json.loads((out / "job.exomiser.yml").read_text(encoding="utf-8"))
    faults = [f"unknown key {key}" for key in job.keys() - JOB]
    faults += [f"unknown key sample.{key}" for key in job["sample"].keys() - SAMPLE]
    faults += [f"unknown key outputOptions.{key}" for key in job["outputOptions"].keys() - OUTPUT]
    faults += [f"unknown format {word}" for word in set(job["outputOptions"]["outputFormats"]) - FORMATS]
    if job["preset"] not in PRESETS or "analysis" in job or job["sample"]["genomeAssembly"] not in ("hg19", "hg38"):
        faults.append("an unknown preset or assembly")
    rows = [line.split("\t") for line in (out / "job.ped").read_text(encoding="utf-8").splitlines()]
    if job["sample"]["proband"] not in [row[1] for row in rows]:
        faults.append("the proband is not in the pedigree")
    return faults


def task_faults(task, order):
    found = list(fhirkit.validate(task))
    if task["status"] not in TASK_STATES or task["intent"] != "order":
        found.append("unknown status or intent")
    if task["lastModified"] < task["authoredOn"]:
        found.append("inv-1: modified before it was authored")
    ended = "executionPeriod" in task
    if ended != (task["status"] in ("completed", "failed", "rejected")):
        found.append(f"{task['status']}, ended: {ended}")
    if order:
        for key in ("code", "for", "requester", "owner", "focus"):
            if key not in task:
                found.append(f"no {key}")
        for key, system in (("for", "nhs-number"), ("requester", "ods-organization-code"), ("owner", "ods-organization-code")):
            if task.get(key, {}).get("identifier", {}).get("system") != f"https://fhir.nhs.uk/Id/{system}":
                found.append(f"{key} by another system")
        if not task["focus"]["identifier"]["assigner"]["identifier"]["value"]:
            found.append("an order of nobody")
    return found


def tasks(tierline, out):
    faults = []
    schema = json.loads(pathlib.Path("src/report/status.schema.json").read_text(encoding="utf-8"))
    text = json.dumps(schema)
    steps = [s for s in ("case", "inputs", "variants", "reads", "identity", "tiers", "reports") if f'"{s}"' in text]
    states = [s for s in ("received", "accepted", "rejected", "in-progress", "on-hold", "failed", "completed") if f'"{s}"' in text]
    folders = []
    for number, (step, state) in enumerate(itertools.product(steps, states)):
        folder = out / f"{step}-{state}"
        folder.mkdir()
        event = {
            "schemaVersion": "1.0", "run": f"0190a000-0000-7000-8000-{number:012}", "tool": {"name": "tierline", "version": "0"},
        }
        first = {**event, "time": "2026-01-01T00:00:00.000Z", "step": "case", "state": "received"}
        last = {**event, "time": "2026-01-01T00:00:01.000Z", "step": step, "state": state, "reason": "in_qc",
                "counts": {"kept": number}}
        (folder / "status.jsonl").write_text(json.dumps(first) + "\n" + json.dumps(last) + "\n", encoding="utf-8")
        folders.append(folder)
    for name, order in (("tasks", []), ("tasks-nw", [part for f in folders for part in ("--fhir-order", f"{f}={ORDER}")])):
        bundle = json.loads(ask([tierline, "status", *folders, "--format", "fhir-task", *order]))
        (out / f"{name}.json").write_text(json.dumps(bundle), encoding="utf-8")
        faults += [f"bundle: {issue}" for issue in fhirkit.validate(bundle)]
        if len(bundle["entry"]) != len(folders):
            faults.append("a folder without a Task")
        for folder, entry in zip(folders, bundle["entry"]):
            faults += [f"{folder.name}: {fault}" for fault in task_faults(entry["resource"], order)]
            for key in ("status", "intent", *(("code", "for", "owner", "focus") if order else ())):
                mutant = {k: v for k, v in entry["resource"].items() if k != key}
                try:
                    accepted = not task_faults(mutant, order)
                except KeyError:
                    accepted = False
                faults += [f"{folder.name}: a Task without {key} was accepted"] if accepted else []
    print(f"note: {len(folders)} Tasks, each with and without an order")
    return faults


def main():
    tierline, out = sys.argv[1], pathlib.Path(sys.argv[2])
    faults = []
    for check in (forms, converted, exomiser, tasks):
        found = check(tierline, out)
        print(f"{check.__name__}: {'invalid' if found else 'valid'}")
        print("\n".join(found[:20]), end="\n" if found else "")
        faults += found
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
