"""Checks coverage documents against `CoverageAnalysisResults` 0.1.0: the models' own package, and the closed-world walk of
`gel_check` over its schema. A good document with one fault put in must fail, or the check is worth nothing.

usage: gel_coverage.py FILE...
"""

import copy
import importlib
import json
import sys

from gel_check import Schema


class Coverage(Schema):
    """The schema of the coverage model."""

    def __init__(self):
        self.model = importlib.import_module("protocols.coverage_0_1_0").CoverageAnalysisResults
        self.root = json.loads(self.model._schemaSource)
        self.named = {}
        self._collect(self.root)

    def check(self, document):
        """What is wrong; nothing when both readers accept it."""
        found = self.faults(document)
        return found if self.model.validate(document) else found + ["gelreportmodels: refused"]


def mutants(document):
    """The document with one fault each, with a name."""
    small = {**document, "genes": document["genes"][:1]}

    def changed(name, change):
        mutant = copy.deepcopy(small)
        change(mutant, mutant["genes"][0])
        return name, mutant

    yield changed("misspelt field", lambda d, g: g["union_tr"]["stats"].update(average=1.0))
    yield changed("missing mean", lambda d, g: g["union_tr"]["stats"].pop("avg"))
    yield changed("no union", lambda d, g: g.pop("union_tr"))
    yield changed("position as text", lambda d, g: g["trs"][0]["exons"][0].update(s="5"))
    yield changed("no list of uncovered genes", lambda d, g: d.pop("uncovered_genes"))


def main():
    schema, failed = Coverage(), False
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        found = schema.check(document)
        found += [f"accepted: {name}" for name, mutant in mutants(document) if not schema.check(mutant)]
        failed |= bool(found)
        genes = len(document["genes"])
        print(f"note: {path}: {genes} genes: {'invalid' if found else 'valid'}")
        print("\n".join(found[:40]), end="")
    return 1 if failed or len(sys.argv) < 2 else 0


if __name__ == "__main__":
    sys.exit(main())
