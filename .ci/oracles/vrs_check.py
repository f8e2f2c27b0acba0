"""Compares our VRS 2.0 alleles with those of ga4gh.vrs, which normalises and digests by code of its own.

1. Every candidate of the results that has an allele: location, state and identifier must be equal.
2. Random insertions, deletions, substitutions and their mixtures on the reference of the cases, made by a case of our own
   that tiers all of them; a fixed seed.

The results of the latter are written to RANDOM, for another version of the package.

usage: vrs_check.py TIERLINE REFERENCE RANDOM RESULTS...
"""

import json
import pathlib
import random
import sys
import tempfile

from changes import bases_by_name, tiered
from ga4gh.core import ga4gh_identify, sha512t24u
from ga4gh.vrs import models
from ga4gh.vrs.dataproxy import _DataProxy
from ga4gh.vrs.normalize import normalize


class Sequences(_DataProxy):
    """Sequences of one FASTA file, by name and by refget identifier."""

    def __init__(self, path):
        super().__init__()
        self.by_name = bases_by_name(path)
        self.accession = {name: "SQ." + sha512t24u(bases.encode()) for name, bases in self.by_name.items()}
        self.by_accession = {self.accession[name]: bases for name, bases in self.by_name.items()}

    def get_sequence(self, identifier, start=None, end=None):
        return self.by_accession[identifier.removeprefix("ga4gh:")][start:end]

    def get_metadata(self, identifier):
        return {"length": len(self.get_sequence(identifier)), "alphabet": "ACGTN", "aliases": [identifier]}


def named(sequences, contig, position, reference, alternate):
    """The package's allele of a VCF variant."""
    start = position - 1
    assert sequences.by_name[contig][start:start + len(reference)] == reference, (contig, position, reference)
    allele = models.Allele(
        location=models.SequenceLocation(
            sequenceReference=models.SequenceReference(refgetAccession=sequences.accession[contig]),
            start=start, end=start + len(reference),
        ),
        state=models.LiteralSequenceExpression(sequence=alternate),
    )
    allele = normalize(allele, sequences)
    state = allele.state.model_dump(exclude_none=True)
    if state["type"] == "ReferenceLengthExpression":
        state.pop("sequence", None)
    return {
        "id": ga4gh_identify(allele),
        "start": allele.location.start,
        "end": allele.location.end,
        "sequence": allele.location.sequenceReference.refgetAccession,
        "state": state,
    }


def ours(candidate):
    allele = candidate["vrs"]
    return {
        "id": allele["id"],
        "start": allele["location"]["start"],
        "end": allele["location"]["end"],
        "sequence": allele["location"]["sequenceReference"]["refgetAccession"],
        "state": allele["state"],
    }


def compare(sequences, results):
    """Alleles compared, and those that differ."""
    count, differ = 0, []
    for candidate in results["candidates"]:
        v = candidate["variant"]
        expected = named(sequences, v["contig"], v["position"], v["reference"], v["alternate"])
        count += 1
        if "vrs" not in candidate:
            differ.append(f"{v}: no allele")
        elif ours(candidate) != expected:
            differ.append(f"{v}: {ours(candidate)} is not {expected}")
    return count, differ


def random_case(tierline, reference, sequences, folder):
    """Results of a singleton whose calls are random changes, one each 60 bp, in a stretch without N."""
    random.seed(7)
    contig, bases = max(sequences.by_name.items(), key=lambda item: sum(item[1].count(b) for b in "ACGT"))
    changes, position = [], 1
    while len(changes) < 400 and position < len(bases) - 400:
        position += 60
        if "N" in bases[position - 41:position + 60]:
            continue
        anchor, rest = bases[position - 1], bases[position:position + 8]
        kind = len(changes) % 5
        length = random.randint(1, 6)
        if kind == 0:
            ref, alt = anchor, random.choice([b for b in "ACGT" if b != anchor])
        elif kind == 1:
            ref, alt = anchor + rest[:length], anchor
        elif kind == 2:
            ref, alt = anchor, anchor + "".join(random.choice("ACGT") for _ in range(length))
        elif kind == 3:
            # A copy of what follows, once or twice: an insertion that the reference itself can make.
            ref, alt = anchor, anchor + rest[:length] * random.randint(1, 2)
        else:
            ref = anchor + rest[:2]
            alt = random.choice([b for b in "ACGT" if b != anchor]) + "".join(random.choice("ACGT") for _ in range(length))
            if alt[-1] == ref[-1]:
                continue
        changes.append((position, ref, alt))
    return tiered(tierline, reference, (contig, len(bases)), changes, folder)


def main():
    tierline, reference, kept, *files = sys.argv[1:]
    sequences = Sequences(reference)
    failed = False
    for path in files:
        results = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        count, differ = compare(sequences, results)
        print(f"{path}: {count} alleles, {len(differ)} differ")
        failed |= bool(differ) or count == 0
        print("\n".join(differ[:10]))
    with tempfile.TemporaryDirectory() as folder:
        results = random_case(tierline, reference, sequences, pathlib.Path(folder))
    pathlib.Path(kept).write_text(json.dumps(results), encoding="utf-8")
    count, differ = compare(sequences, results)
    print(f"note: {count} random changes, {len(differ)} differ")
    print("\n".join(differ[:10]))
    return 1 if failed or differ or count < 200 else 0


if __name__ == "__main__":
    sys.exit(main())
