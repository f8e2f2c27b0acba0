"""Compares our VRS 1.3 identifiers with those of ga4gh.vrs 0.8, the last version of the package for VRS 1.3.

usage: vrs13_check.py REFERENCE RESULTS...
"""

import json
import pathlib
import sys

from changes import bases_by_name
from ga4gh.core import ga4gh_identify, sha512t24u
from ga4gh.vrs import models
from ga4gh.vrs.dataproxy import _DataProxy
from ga4gh.vrs.normalize import normalize


class Sequences(_DataProxy):
    """Sequences of one FASTA file, by name and by refget identifier."""

    def __init__(self, path):
        self.by_name = bases_by_name(path)
        self.accession = {name: "ga4gh:SQ." + sha512t24u(bases.encode()) for name, bases in self.by_name.items()}
        self.by_accession = {self.accession[name]: bases for name, bases in self.by_name.items()}

    def _get_sequence(self, identifier, start=None, end=None):
        # The package wraps numbers in objects of its own.
        start, end = (getattr(place, "_value", place) for place in (start, end))
        return self.by_accession[str(identifier)][start:end]

    def _get_metadata(self, identifier):
        return {"length": len(self._get_sequence(identifier)), "alphabet": "ACGTN", "aliases": [str(identifier)]}

    # The package remembers answers by its own means; ours are at hand.
    get_sequence, get_metadata = _get_sequence, _get_metadata


def named(sequences, variant):
    start = variant["position"] - 1
    number = lambda value: models.Number(value=value, type="Number")
    allele = models.Allele(
        type="Allele",
        location=models.SequenceLocation(
            type="SequenceLocation", sequence_id=sequences.accession[variant["contig"]],
            interval=models.SequenceInterval(
                type="SequenceInterval", start=number(start), end=number(start + len(variant["reference"]))),
        ),
        state=models.LiteralSequenceExpression(type="LiteralSequenceExpression", sequence=variant["alternate"]),
    )
    return ga4gh_identify(normalize(allele, sequences))


def main():
    reference, *files = sys.argv[1:]
    sequences = Sequences(reference)
    failed = False
    for path in files:
        results = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        differ = []
        for candidate in results["candidates"]:
            ours, theirs = candidate["vrs"]["id_1_3"], named(sequences, candidate["variant"])
            if ours != theirs:
                differ.append(f"{candidate['variant']}: {ours} is not {theirs}")
        print(f"{path}: {len(results['candidates'])} alleles of VRS 1.3, {len(differ)} differ")
        print("\n".join(differ[:10]), end="\n" if differ else "")
        failed |= bool(differ) or not results["candidates"]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
