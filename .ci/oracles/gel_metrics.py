"""Checks `gel_metrics.json` and `qc/NAME.gel_metrics.json` of output folders against Genomics England's metrics model 1.2.2.

1. Every record by two readers: the models' own package, and the closed-world walk of `gel_check` over the Avro schema.
2. Every record again with one fault each: a required field gone, a field too many, a word that an enumeration does not have,
   a text for a number. Each must be refused, or the check is worth nothing.
3. The values against `qc.json`, `samtools.stats.txt`, `results.json` and `identity.json` of the same folder.

usage: gel_metrics.py [--classes A,B,...] FOLDER|SNAPSHOT...     these classes must be among the records
"""

import argparse
import copy
import glob
import importlib
import json
import math
import os
import sys

from gel_check import Schema, read

MODEL = importlib.import_module("protocols.metrics_1_2_2")
# Keys of `stats` and the classes of their records.
CLASSES = {
    "AT_GC_DROP": "GelAtGcDrop",
    "COVERAGE_SUMMARY_CALCULATIONS": "CoverageSummaryCalculations",
    "EXOME_COVERAGE": "ExomeCoverage",
    "INSERT_SIZE_GEL": "InsertSizeGel",
    "SAMPLE_STATE": "SampleState",
    "SAMTOOLS_STATS_ALL": "SamtoolsStats",
    "SAMTOOLS_STATS_CALCULATIONS_ALL": "SamtoolsStatsCalculations",
    "VERIFY_BAM_ID": "VerifyBamId",
    "WHOLE_GENOME_COVERAGE": "WholeGenomeCoverage",
}
# Outcomes of checks as queries.
QUERIES = {"FAIL": "yes", "WARN": "yes", "PASS": "no", "REPORTED": "unknown", "NOT_ASSESSED": "notTested"}


class Record(Schema):
    """The schema of one class."""

    def __init__(self, name):
        self.model = getattr(MODEL, name)
        self.root = json.loads(self.model._schemaSource)
        self.named = {}
        self._collect(self.root)

    def check(self, record):
        """What is wrong; nothing when both readers accept it."""
        found = self.faults(record)
        return found if self.model.validate(record) else found + ["gelreportmodels: refused"]

    def branch(self, kind):
        """The type behind a union with null, its name resolved."""
        if isinstance(kind, list):
            (kind,) = [own for own in kind if own != "null"]
            return self.branch(kind)
        if isinstance(kind, str):
            return self.named.get(kind.rsplit(".", 1)[-1], kind)
        return kind

    def places(self, value, kind, path=()):
        """Every record within a value, with its schema."""
        kind = self.branch(kind)
        if not isinstance(kind, dict) or value is None:
            return
        if kind["type"] == "array":
            for i, item in enumerate(value):
                yield from self.places(item, kind["items"], path + (i,))
        elif kind["type"] == "record":
            yield path, kind
            for field in kind["fields"]:
                yield from self.places(value[field["name"]], field["type"], path + (field["name"],))

    def mutants(self, record):
        """The record with one fault each, with a name; of records of one class in a list only the first is changed."""
        seen = set()
        for path, kind in self.places(record, self.root):
            if kind["name"] in seen:
                continue
            seen.add(kind["name"])

            def changed(name, change):
                mutant = copy.deepcopy(record)
                own = mutant
                for step in path:
                    own = own[step]
                change(own)
                return f"{kind['name']}: {name}", mutant

            yield changed("unknown field", lambda own: own.update(unknown=1))
            for field in kind["fields"]:
                name, of = field["name"], field["type"]
                nullable = isinstance(of, list) and "null" in of
                if not nullable:
                    yield changed(f"no {name}", lambda own: own.pop(name))
                of = self.branch(of)
                if isinstance(of, dict) and of["type"] == "enum":
                    yield changed(f"wrong {name}", lambda own: own.update({name: "Wrong"}))
                if of in ("double", "float"):
                    yield changed(f"text as {name}", lambda own: own.update({name: "1"}))


def same(found, expected, what):
    """Nothing when two numbers, or two absences, are the same; else a fault."""
    if found is None or expected is None:
        good = found is expected
    else:
        good = math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-12)
    return [] if good else [f"{what}: {found} where {expected} was measured"]


def number_rows(path):
    """The numbers of `samtools stats` by the names of the model's fields."""
    rows = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith("SN\t"):
                name, value = line.rstrip("\n").split("\t")[1:3]
                plain = name.rstrip(":").replace("(", "").replace(")", "")
                rows["SAMTOOLS_" + plain.replace(" ", "_").replace("-", "_").upper()] = float(value)
    return rows


def values_of_sample(stats, path):
    """Figures of one alignment against its qc.json and its table of samtools."""
    stem = path.removesuffix(".gel_metrics.json")
    with open(f"{stem}.qc.json", encoding="utf-8") as file:
        qc = json.load(file)
    found = []
    if record := stats.get("SAMTOOLS_STATS_ALL"):
        rows = number_rows(f"{stem}.samtools.stats.txt")
        for name, value in record.items():
            if name != "samtoolsScope":
                found += same(value, rows.get(name), name)
    if record := stats.get("SAMTOOLS_STATS_CALCULATIONS_ALL"):
        own = qc["samtools"]
        mapped = own["mappedAndPaired"] + own["mappedSingle"]
        found += same(record["SAMTOOLS_READS_MAPPED_PERCENT"], 100 * mapped / own["sequences"], "mapped")
        different = 100 * own["differentContigReads"] / own["mappedAndPaired"]
        found += same(record["SAMTOOLS_PAIRS_ON_DIFFERENT_CHROMOSOMES_PERCENT"], different, "different chromosomes")
    if record := stats.get("WHOLE_GENOME_COVERAGE"):
        rows = {row["scope"]: row for row in record["coverageSummary"]}
        contract = qc["contract"]
        found += same(rows["allchrs"]["localRMSD"], contract.get("localRmsd"), "localRMSD")
        for scope, own in [("allchrs", contract["reference"]), ("autosomes", contract.get("autosomes"))]:
            if own is None:
                continue
            row = rows[scope]
            found += same(row["avg"], own["mean"], f"{scope} mean") + same(row["bases"], own["bases"], f"{scope} bases")
            found += same(100 * row["gte15x"], own["perc_bases_ge_15x_mapQ_ge11"], f"{scope} at 15x")
            if abs(row["med"] - own["median"]) > 0.5 or not row["pct25"] <= row["med"] <= row["pct75"]:
                found.append(f"{scope}: median and quartiles do not fit {own['median']}")
        for own in stats["COVERAGE_SUMMARY_CALCULATIONS"]:
            found += same(own["lt30x_percent"], 100 * (1 - rows[own["scope"]]["gte30x"]), f"{own['scope']} below 30x")
    if record := stats.get("EXOME_COVERAGE"):
        whole = record["coverageSummary"][0]
        found += same(whole["avg"], qc["genes"]["whole"]["mean"], "exome mean")
        found += same(whole["sd"], qc["genes"]["whole"]["sd"], "exome deviation")
    if record := stats.get("AT_GC_DROP"):
        found += same(record["at_drop"], qc["gcBias"]["atDropout"], "AT dropout")
        found += same(record["gc_drop"], qc["gcBias"]["gcDropout"], "GC dropout")
    if record := stats.get("INSERT_SIZE_GEL"):
        (inward,) = [own for own in qc["insertSize"] if own["orientation"] == "FR"]
        found += same(record["median_inward"], inward["median"], "insert size")
    return found + contamination(stats, qc.get("identity"))


def contamination(stats, identity):
    """Contamination is there exactly where it was measured, with the same value."""
    own = (identity or {}).get("contamination") or {}
    estimate = own.get("estimate") or {}
    record = stats.get("VERIFY_BAM_ID")
    measured = estimate.get("status") == "measured" and own.get("log_likelihood") is not None
    if record is None or not measured:
        return [] if record is None and not measured else ["contamination: written without a measurement, or left out"]
    found = same(record["FREEMIX"], estimate["value"], "FREEMIX") + same(record["SNPS"], estimate["sites"], "SNPS")
    return found + same(-record["FREELK1"], own["log_likelihood"][0], "FREELK1")


def folder_of_case(path):
    """Identity as the case's own files have it, and the names of its samples by number."""
    folder = os.path.dirname(path)
    if os.path.exists(f"{folder}/results.json"):
        with open(f"{folder}/results.json", encoding="utf-8") as file:
            results = json.load(file)
        names = {own["number"]: own["sample"] for own in results["case"]["members"] if own["sample"] is not None}
        return results.get("identity"), names
    with open(f"{folder}/identity.json", encoding="utf-8") as file:
        identity = json.load(file)
    return identity, None


def values_of_case(document, path):
    """Checks of families, and contamination, against results.json or identity.json."""
    identity, names = folder_of_case(path)
    names = names or {i + 1: own["sample"] for i, own in enumerate(document["samples"])}
    found = []
    if sorted(names.values()) != sorted(own["sample"] for own in document["samples"]):
        found.append("other samples than those of the case")
    by_number = {i + 1: own for i, own in enumerate(identity["samples"])}
    by_number = {own.get("member", i): own["identity"] for i, own in by_number.items()}
    numbers = {sample: number for number, sample in names.items()}
    for own in document["samples"]:
        found += contamination(own["stats"], by_number.get(numbers[own["sample"]]))
    pairs = {tuple(names[i] for i in own["members"]): own for own in identity["pairs"]}
    children = {names[own["child"]]: own for own in identity["families"]}
    sexes = {names[own["member"]]: own for own in identity.get("sexes", [])}
    for checks in document["records"]["ReportedVsGeneticChecks"]:
        for record in (checks["familyRelatedness"] or {}).get("relatedness", []):
            own = pairs[record["sampleId1"], record["sampleId2"]]
            told = own["relation"] != "too-few-sites" and own["kinship"] is not None
            found += same(record["piHat"], min(1, max(0, 2 * own["kinship"])) if told else None, "piHat")
        inconsistencies = checks["mendelianInconsistencies"] or {}
        for record in inconsistencies.get("individualMendelErrors", []):
            own = children[record["sampleId"]]["counts"]
            found += same(record["numberOfMendelErrors"], own["errors"] + own["x_errors"], "Mendelian errors")
        evaluation = checks["evaluation"]
        queries = set()
        for record in evaluation["familyRelatednessCheck"] or []:
            own = pairs[record["sampleId1"], record["sampleId2"]]
            queries |= {record["withinFamilyIBDQuery"]} - {"unknown"}
            if record["withinFamilyIBDQuery"] != QUERIES[own["outcome"]]:
                found.append(f"a pair is {own['outcome']}, and its query {record['withinFamilyIBDQuery']}")
        for record in evaluation["mendelianInconsistenciesCheck"] or []:
            own = children.get(record["sampleId"])
            expected = QUERIES[own["outcome"]] if own else "notTested"
            queries |= {expected} if own else set()
            if record["mendelianInconsistenciesQuery"] != expected:
                found.append(f"errors of a child are {expected}, and not {record['mendelianInconsistenciesQuery']}")
        for record in evaluation["coverageBasedSexCheck"] or []:
            queries.add(record["sexQuery"])
            own = sexes.get(record["sampleId"])
            if own and own["outcome"] == "FAIL" and record["sexQuery"] != "yes":
                found.append("another sex than the stated one is no query")
        if evaluation["reportedVsGeneticSummary"] == "familyPassesGvsRChecks" and queries - {"no"}:
            found.append(f"the family passes with {sorted(queries)}")
        if "yes" in queries and evaluation["reportedVsGeneticSummary"] not in ("familyFailsACheck", None):
            found.append("the family does not fail with a query")
    return found


def parts(document):
    """Every record of a document with its class."""
    for own in document.get("samples", [document]):
        for key, record in own["stats"].items():
            for one in record if isinstance(record, list) else [record]:
                yield CLASSES.get(key, key), one
    for name, records in document.get("records", {}).items():
        for record in records:
            yield name, record


def check(path, seen):
    """What is wrong with a file; counts its classes and mutants."""
    document = read(path)
    found = []
    for name, record in parts(document):
        if not hasattr(MODEL, name):
            found.append(f"{name}: no key or class of a record")
            continue
        schema = Record(name)
        if faults := schema.check(record):
            found += [f"{name}: {fault}" for fault in faults]
            continue
        for mutant, changed in schema.mutants(record):
            seen["mutants"] += 1
            if not schema.check(changed):
                found.append(f"accepted: {mutant}")
        for _, kind in schema.places(record, schema.root):
            seen["classes"].add(kind["name"])
    if (document["model"], document["version"]) != ("org.gel.models.metrics.avro", "1.2.2"):
        found.append("another model")
    for missing in document["notWritten"]:
        if not hasattr(MODEL, missing):
            found.append(f"notWritten: the model has no {missing}")
    if path.endswith(".snap"):
        return found
    is_case = os.path.basename(path) == "gel_metrics.json"
    return found + (values_of_case(document, path) if is_case else values_of_sample(document["stats"], path))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--classes", default="")
    parser.add_argument("inputs", nargs="+")
    asked = parser.parse_args()
    seen, failed = {"classes": set(), "mutants": 0}, False
    for given in asked.inputs:
        files = [given] if os.path.isfile(given) else sorted(glob.glob(f"{given}/**/*gel_metrics.json", recursive=True))
        if not files:
            print(f"error: {given}: no file of records")
            failed = True
        for path in files:
            found = check(path, seen)
            failed |= bool(found)
            print(f"{path}: {'invalid' if found else 'valid'}")
            print("".join(f"    {fault}\n" for fault in found[:40]), end="")
    absent = set(filter(None, asked.classes.split(","))) - seen["classes"]
    if absent:
        print(f"error: no record of {', '.join(sorted(absent))}")
    print(f"note: {len(seen['classes'])} classes, {seen['mutants']} faulty records refused")
    return 1 if failed or absent or not seen["mutants"] else 0


if __name__ == "__main__":
    sys.exit(main())
