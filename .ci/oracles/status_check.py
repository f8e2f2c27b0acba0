"""Validates every line of status files against their JSON Schema, and sees that the schema bites.

usage: status_check.py SCHEMA STATUS...
"""

import json
import sys

import jsonschema


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    validator = kind(schema)
    faults, lines = [], 0
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                event = json.loads(line)
                lines += 1
                for error in validator.iter_errors(event):
                    faults.append(f"{path}: line {number}: {error.message}")
                for change in ({"state": "done"}, {"sample": "X"}, {"time": None}):
                    if validator.is_valid({**event, **change}):
                        faults.append(f"{path}: line {number}: the schema accepts {change}")
    print("\n".join(faults) or f"note: {lines} events fit the schema")
    return 1 if faults or not lines else 0


if __name__ == "__main__":
    sys.exit(main())
