"""Validates results against their JSON Schema.

usage: schema_check.py SCHEMA RESULTS...

Then spoils each document in turn, to see that the schema would notice.
"""

import copy
import json
import sys

import jsonschema


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def spoilt(document):
    """Documents that no reader could use."""
    without = copy.deepcopy(document)
    del without["candidates"]
    yield "no candidates", without
    words = copy.deepcopy(document)
    words["candidates"][0]["variant"]["position"] = "first"
    yield "a position in words", words
    depth = copy.deepcopy(document)
    depth["qc"][0]["depth"]["total"]["mean"] = None
    yield "no mean depth", depth


def main():
    schema = load(sys.argv[1])
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    validator = kind(schema)
    faults = []
    for path in sys.argv[2:]:
        document = load(path)
        for error in validator.iter_errors(document):
            faults.append(f"{path}: {error.json_path}: {error.message}")
        for what, bad in spoilt(document):
            if validator.is_valid(bad):
                faults.append(f"{path}: the schema accepts {what}")
    print("\n".join(faults) or f"note: {len(sys.argv) - 2} results fit the schema")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
