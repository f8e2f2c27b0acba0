"""Checks interpreted genomes against the GEL report models, by two readers that share nothing but the schema.

1. `gelreportmodels`, the models' own Python package: its verdict and its messages.
2. A closed-world walk over the Avro schema that each model class carries. The package accepts unknown fields at every
   depth, so that a misspelt optional field passes; here an unknown field is an error, and so is a boolean for a number,
   a number that is not finite, and an integer beyond Avro's range.

usage: gel_check.py [--versions 6_0_0,6_2_0] FILE...     every file must be valid under every version
       gel_check.py --versions supplementary FILE...      supplementary analysis results (metrics 1.2.2)
       gel_check.py --selftest                           a known-good document passes, each of its mutants fails
"""

import argparse
import copy
import importlib
import json
import math
import sys

VERSIONS = ["6_0_0", "6_0_1", "6_0_2", "6_1_0", "6_1_1", "6_2_0"]
# Other documents than interpreted genomes, by the word that --versions takes for them.
MODELS = {"supplementary": ("metrics_1_2_2", "SupplementaryAnalysisResults")}
INT_LIMIT = {"int": 2**31, "long": 2**63}


class Schema:
    """One model's schema, with its named types."""

    def __init__(self, version):
        module, name = MODELS.get(version, (f"reports_{version}", "InterpretedGenome"))
        self.model = getattr(importlib.import_module(f"protocols.{module}"), name)
        self.root = json.loads(self.model._schemaSource)
        self.named = {}
        self._collect(self.root)

    def _collect(self, schema):
        if isinstance(schema, list):
            for branch in schema:
                self._collect(branch)
        elif isinstance(schema, dict):
            if schema["type"] in ("record", "enum", "fixed"):
                self.named[schema["name"]] = schema
            for field in schema.get("fields", []):
                self._collect(field["type"])
            for key in ("items", "values", "type"):
                if isinstance(schema.get(key), (dict, list)):
                    self._collect(schema[key])

    def faults(self, value, schema=None, at="$"):
        """Every place where the value is not what the schema says, as text."""
        schema = self.root if schema is None else schema
        if isinstance(schema, list):
            return self._union(value, schema, at)
        if isinstance(schema, str):
            name = schema.rsplit(".", 1)[-1]
            return self.faults(value, self.named[name], at) if name in self.named else scalar(value, name, at)
        kind = schema["type"]
        if isinstance(kind, (dict, list)):
            return self.faults(value, kind, at)
        if kind == "record":
            return self._record(value, schema, at)
        if kind == "enum":
            return [] if value in schema["symbols"] else [f"{at}: {value!r} is none of {schema['symbols']}"]
        if kind == "array":
            if not isinstance(value, list):
                return [f"{at}: {type(value).__name__} where a list belongs"]
            return [f for i, item in enumerate(value) for f in self.faults(item, schema["items"], f"{at}[{i}]")]
        if kind == "map":
            if not isinstance(value, dict):
                return [f"{at}: {type(value).__name__} where a map belongs"]
            return [f for key, item in value.items() for f in self.faults(item, schema["values"], f"{at}.{key}")]
        return self.faults(value, kind, at)

    def _union(self, value, branches, at):
        """The branch with the fewest faults speaks for the union."""
        if value is None and "null" in branches:
            return []
        tried = [self.faults(value, branch, at) for branch in branches if branch != "null"]
        return min(tried, key=len) if tried else [f"{at}: {value!r} where null belongs"]

    def _record(self, value, schema, at):
        if not isinstance(value, dict):
            return [f"{at}: {type(value).__name__} where a {schema['name']} belongs"]
        known = {field["name"]: field["type"] for field in schema["fields"]}
        found = [f"{at}.{key}: no such field in {schema['name']}" for key in value if key not in known]
        for name, kind in known.items():
            nullable = kind == "null" or (isinstance(kind, list) and "null" in kind)
            if name not in value:
                if not nullable:
                    found.append(f"{at}.{name}: required in {schema['name']}")
            else:
                found += self.faults(value[name], kind, f"{at}.{name}")
        return found


def scalar(value, kind, at):
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind == "null":
        good = value is None
    elif kind == "boolean":
        good = isinstance(value, bool)
    elif kind in INT_LIMIT:
        good = is_number and isinstance(value, int) and -INT_LIMIT[kind] <= value < INT_LIMIT[kind]
    elif kind in ("float", "double"):
        good = is_number and math.isfinite(value)
    elif kind in ("string", "bytes"):
        good = isinstance(value, str)
    else:
        raise ValueError(f"unknown Avro type {kind}")
    return [] if good else [f"{at}: {value!r} where {kind} belongs"]


def check(document, version):
    """What is wrong with a document under one version; nothing when both readers accept it."""
    schema = Schema(version)
    found = [f"closed world: {fault}" for fault in schema.faults(document)]
    if not schema.model.validate(document):
        messages = schema.model.validate(document, verbose=True).messages
        found += [f"gelreportmodels: {message[:300]}" for message in messages] or ["gelreportmodels: refused"]
    return found


def read(path):
    """A JSON document, or the one in an insta snapshot, behind its `---` header."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    return json.loads(text.split("\n---\n", 1)[1] if path.endswith(".snap") else text)


GOOD = {
    "versionControl": {"gitVersionControl": "6.2.0"},
    "interpretationRequestId": "case-1",
    "interpretationRequestVersion": 1,
    "interpretationService": "tierline",
    "referenceDatabasesVersions": {"panel": "402:8.2"},
    "softwareVersions": {"tierline": "0.1.0"},
    "variants": [
        {
            "variantCoordinates": {
                "chromosome": "20", "position": 62043000, "reference": "A", "alternate": "G", "assembly": "GRCh37",
            },
            "variantCalls": [{"participantId": "p1", "sampleId": "s1", "zygosity": "alternate_hemizigous"}],
            "reportEvents": [
                {
                    "reportEventId": "e1",
                    "phenotypes": {"nonStandardPhenotype": ["epilepsy"]},
                    "variantConsequences": [{"id": "SO:0001583", "name": "missense_variant"}],
                    "modeOfInheritance": "monoallelic_not_imprinted",
                    "genomicEntities": [{"type": "gene", "geneSymbol": "KCNQ2"}],
                    "tier": "TIER1",
                }
            ],
        }
    ],
}


def mutants():
    """Documents with one fault each, with a name."""

    def changed(name, change):
        document = copy.deepcopy(GOOD)
        change(document, document["variants"][0])
        return name, document

    yield changed("misspelt field at the top", lambda d, v: d.update(comment=["x"]))
    yield changed("misspelt field in a call", lambda d, v: v["variantCalls"][0].update(zygosityy="na"))
    yield changed("unknown field in an entity", lambda d, v: v["reportEvents"][0]["genomicEntities"][0].update(symbol="X"))
    yield changed("missing service", lambda d, v: d.pop("interpretationService"))
    yield changed("missing coordinate", lambda d, v: v["variantCoordinates"].pop("position"))
    yield changed("position as text", lambda d, v: v["variantCoordinates"].update(position="62043000"))
    yield changed("position beyond 32 bits", lambda d, v: v["variantCoordinates"].update(position=2**31))
    yield changed("right spelling of hemizygous", lambda d, v: v["variantCalls"][0].update(zygosity="alternate_hemizygous"))
    yield changed("tier in small letters", lambda d, v: v["reportEvents"][0].update(tier="tier1"))
    yield changed("software as a list", lambda d, v: d.update(softwareVersions=["tierline"]))


def selftest():
    failed = [f"good document, {v}: {fault}" for v in VERSIONS for fault in check(GOOD, v)]
    count = 0
    for name, document in mutants():
        count += 1
        failed += [f"{v} accepts: {name}" for v in VERSIONS if not check(document, v)]
    print("\n".join(failed) or f"the good document passes and {count} mutants fail under {len(VERSIONS)} versions")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--versions", default=",".join(VERSIONS))
    parser.add_argument("--selftest", action="store_true")
    parser.add_argument("files", nargs="*")
    asked = parser.parse_args()
    if asked.selftest:
        return selftest()
    if not asked.files:
        parser.error("no file given")
    failed = False
    for path in asked.files:
        document = read(path)
        for version in asked.versions.split(","):
            found = check(document, version)
            failed |= bool(found)
            print(f"{path}: reports {version.replace('_', '.')}: {'invalid' if found else 'valid'}")
            for fault in found[:40]:
                print(f"    {fault}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
