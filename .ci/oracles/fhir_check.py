"""Checks bundles after Genomics Reporting 3.0.0 with readers that we did not write, and with checks of what those miss.

1. fhirkit: every resource against base R4 (unknown and missing elements, types, dates).
2. pyrofile: against the guide's profiles. Three of its codes are left out: on the guide's own 204 examples they fire
   hundreds of times (pattern and slice cardinality of valid resources).
3. Ours (fhir_profiles.py), from the snapshots of the guide's StructureDefinitions: numbers of elements and slices, fixed
   values, patterns, types, required bindings, extensions; and a LOINC answer that is in none of the lists that the component
   takes. The lists themselves are not in the guide's package; those that we write stand here, and the check digit of any
   other.
4. Every reference leads to an entry of the bundle.

The selftest also asks that our checks accept the guide's own examples, and refuse each of the mutants that follow from the
definitions: what is demanded gone, what is limited doubled, what is fixed or bound changed.

GUIDE is the folder `package` of the guide's npm package, unpacked beside its .tgz.

usage: fhir_check.py GUIDE FILE...             every file must pass
       fhir_check.py GUIDE --selftest FILE...  they pass, and each mutant of the first one fails
"""

import copy
import json
import pathlib
import subprocess
import sys
import tempfile

import fhir_profiles
import fhirkit

NOISY = ("profile.pattern", "profile.slice.cardinality")
PROFILES = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/"
LOINC = "http://loinc.org"
# LOINC answer lists by the LOINC code of the component (or observation) that they belong to.
CHROMOSOMES = [
    "LA21254-0", "LA21255-7", "LA21256-5", "LA21257-3", "LA21258-1", "LA21259-9", "LA21260-7", "LA21261-5", "LA21262-3",
    "LA21263-1", "LA21264-9", "LA21265-6", "LA21266-4", "LA21267-2", "LA21268-0", "LA21269-8", "LA21270-6", "LA21271-4",
    "LA21272-2", "LA21273-0", "LA21274-8", "LA21275-5", "LA21276-3", "LA21277-1",
]
ANSWERS = {
    "69548-6": ["LA9633-4", "LA9634-2", "LA18198-4", "LA11884-6"],
    "48002-0": ["LA6683-2", "LA6684-0", "LA10429-1", "LA18194-3", "LA18195-0", "LA18196-8", "LA18197-6", "LA26807-0"],
    "53034-5": ["LA6703-8", "LA6704-6", "LA6705-3", "LA6706-1", "LA6707-9"],
    "94186-4": ["LA26320-4", "LA26321-2", "LA26807-0", "LA4489-6"],
    "82309-6": ["LA26426-9", "LA26427-7", "LA26428-5", "LA26429-3"],
    "92822-6": ["LA30100-4", "LA30101-2", "LA30102-0"],
    "62374-4": ["LA14029-5", "LA14031-1", "LA14032-9", "LA26806-2"],
    "48000-4": CHROMOSOMES,
}


def check_digit(code):
    """LOINC's: Luhn over the digits, with the letters LA counted in front as theirs are."""
    total = 0
    for i, digit in enumerate(reversed([int(c) for c in code])):
        total += sum(divmod(2 * digit, 10)) if i % 2 == 0 else digit
    # The letters add a constant that depends on which place they stand in.
    letters = {5: 8, 4: 5}[len(code)]
    return (10 - (total + letters) % 10) % 10


def codings(concept):
    return [(c.get("system"), c.get("code")) for c in (concept or {}).get("coding", [])]


def answer_faults(resource):
    """LOINC answers of one observation that are no answers to what is asked."""
    found = []
    if resource.get("resourceType") != "Observation":
        return found
    parts = [("value", resource.get("code"), resource)]
    for number, component in enumerate(resource.get("component", [])):
        parts.append((f"component[{number}]", component["code"], component))
    for at, code, holder in parts:
        answers = [c for s, c in codings(holder.get("valueCodeableConcept")) if s == LOINC]
        lists = [ANSWERS[c] for s, c in codings(code) if s == LOINC and c in ANSWERS]
        for answer in answers:
            if lists and not any(answer in known for known in lists):
                found.append(f"{at}: {answer} is no answer to {codings(code)}")
            body, _, digit = answer.removeprefix("LA").partition("-")
            if not digit.isdigit() or check_digit(body) != int(digit):
                found.append(f"{at}: {answer} has a wrong check digit")
    return found


def references(value):
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "reference" and isinstance(item, str):
                yield item
            else:
                yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def pyrofile_faults(guide, bundle):
    """Errors against the profiles, the noisy codes left out."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        path = folder / "bundle.json"
        path.write_text(json.dumps(bundle), encoding="utf-8")
        config = folder / "config.json"
        config.write_text(json.dumps({
            "fhirVersion": "4.0.1",
            "localPackagePaths": [str(guide)],
            "terminology": {"mode": "local"},
        }), encoding="utf-8")
        tool = pathlib.Path(sys.executable).with_name("pyrofile")
        out = folder / "out.json"
        run = subprocess.run(
            [str(tool), "bundle", str(path), "-c", str(config), "--json-output", str(out)],
            capture_output=True, text=True, cwd=folder, timeout=300, check=False,
        )
        if not out.exists():
            raise SystemExit(f"pyrofile gave no report: {run.stdout[-2000:]} {run.stderr[-2000:]}")
        report = json.loads(out.read_text(encoding="utf-8"))
    unknown = [
        issue for issue in report["issues"]
        # Of the North West GMSA's draft there is no package.
        if issue["code"] == "profile.unknown" and "fhir.nwgenomics.nhs.uk" not in issue["message"]
    ]
    if unknown:
        raise SystemExit(f"pyrofile has not loaded the guide: {unknown[0]['message']}")
    errors = [issue for issue in report["issues"] if issue["severity"] in ("error", "fatal")]
    return [
        f"pyrofile: {issue['code']} at {issue.get('path')}: {issue.get('message')}"
        for issue in errors
        if issue["code"] not in (NOISY[0], "profile.unknown") and not issue["code"].startswith(NOISY[1])
    ]


def faults(guide, package, bundle):
    found = [f"fhirkit: {issue}" for issue in fhirkit.validate(bundle)]
    entries = {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}
    found += [f"reference to {r}, which is no entry" for r in references(bundle) if r not in entries]
    for address, resource in entries.items():
        own = answer_faults(resource) + fhir_profiles.faults(guide, resource, entries.get)
        found += [f"{address}: {fault}" for fault in own]
    # Seconds a bundle: not asked when the others have refused it already.
    return found or pyrofile_faults(package, bundle)


def mutants(bundle):
    """Bundles with one fault each, with a name: in the first variant of the bundle."""
    place = next(
        i for i, entry in enumerate(bundle["entry"])
        if PROFILES + "variant" in entry["resource"].get("meta", {}).get("profile", [])
        and len(entry["resource"].get("component", [])) > 8
    )

    def changed(name, change):
        mutant = copy.deepcopy(bundle)
        change(mutant["entry"][place]["resource"])
        return name, mutant

    def component(resource, code):
        return next(c for c in resource["component"] if codings(c["code"])[0][1] == code)

    yield changed("bad status", lambda v: v.update(status="done"))
    yield changed("no status", lambda v: v.pop("status"))
    yield changed("no code", lambda v: v.pop("code"))
    yield changed("no category", lambda v: v.pop("category"))
    yield changed("one category", lambda v: v["category"].pop())
    yield changed("wrong code", lambda v: v["code"]["coding"][0].update(code="69548-7"))
    yield changed("unknown element", lambda v: v.update(valueText="x"))
    yield changed("bad status", lambda v: v.update(status="done"))
    yield changed("wrong answer", lambda v: v["valueCodeableConcept"]["coding"][0].update(code="LA6706-1"))
    yield changed("misspelt answer", lambda v: component(v, "48002-0")["valueCodeableConcept"]["coding"][0].update(code="LA6683-3"))
    yield changed("component twice", lambda v: v["component"].append(copy.deepcopy(component(v, "48002-0"))))
    yield changed("component without value", lambda v: component(v, "48002-0").pop("valueCodeableConcept"))
    yield changed("reference to nothing", lambda v: v["subject"].update(reference="urn:uuid:0"))


def examples_refused(guide, folder):
    """The guide's own examples that name a profile: how many, and what our checks hold against them."""
    known, count, found = {}, 0, []
    for path in sorted((pathlib.Path(folder) / "example").glob("*.json")):
        one = json.loads(path.read_text(encoding="utf-8"))
        known[f"{one.get('resourceType')}/{one.get('id')}"] = one
    for name, one in known.items():
        if one.get("meta", {}).get("profile"):
            count += 1
            found += [f"{name}: {fault}" for fault in fhir_profiles.faults(guide, one, known.get)]
    return count, found


def accepted_mutants(guide, bundle):
    """How many mutants follow from the definitions of one bundle, and which of them our checks accept."""
    entries = {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}
    count, accepted = 0, []
    for resource in entries.values():
        for name, mutant in fhir_profiles.mutants(guide, resource):
            count += 1
            if not fhir_profiles.faults(guide, mutant, entries.get):
                accepted.append(name)
    return count, accepted


def main():
    package, *rest = sys.argv[1:]
    guide = fhir_profiles.Package(package, {"LL1971-2": ANSWERS["69548-6"], "LL2938-0": CHROMOSOMES})
    package = pathlib.Path(package).parents[1] / "hl7.fhir.uv.genomics-reporting-3.0.0.tgz"
    selftest = rest[0] == "--selftest"
    bundles = []
    for path in rest[1:] if selftest else rest:
        text = pathlib.Path(path).read_text(encoding="utf-8")
        bundles.append((path, json.loads(text.split("\n---\n", 1)[1] if path.endswith(".snap") else text)))
    failed = False
    for path, bundle in bundles:
        found = faults(guide, package, bundle)
        failed |= bool(found)
        print(f"{path}: {len(bundle['entry'])} resources, {'invalid' if found else 'valid'}")
        for fault in found[:40]:
            print(f"    {fault}")
    if selftest:
        count = 0
        for name, mutant in mutants(bundles[0][1]):
            count += 1
            if not faults(guide, package, mutant):
                failed = True
                print(f"accepted: {name}")
        print(f"note: {count} mutants tried")
        count, refused = examples_refused(guide, package.parent / "guide" / "package")
        print(f"note: {count} examples of the guide, {len(refused)} faults of ours in them")
        total = 0
        for path, bundle in bundles:
            made, accepted = accepted_mutants(guide, bundle)
            total += made
            refused += [f"{path}: accepted: {name}" for name in accepted]
        print("\n".join([*refused[:20], f"note: {total} mutants by the definitions tried"]))
        failed |= bool(refused) or count < 100 or total < 200
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
