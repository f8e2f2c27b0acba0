"""Compares our HGVS of variants on a chromosome with the normaliser of biocommons' hgvs, which shuffles by code of its own.

Random insertions, deletions, substitutions and their mixtures on a made-up sequence of the length of the mitochondrial genome,
which has an accession in both assemblies, with repeats up to both of its ends; made a case that tiers all of them. What a name
says is also done to the sequence: the haplotype must be that of the VCF alleles. A fixed seed.

usage: hgvs_check.py TIERLINE
"""

import os
import pathlib
import random
import subprocess
import sys
import tempfile

import hgvs.edit
import hgvs.location
import hgvs.normalizer
import hgvs.posedit
import hgvs.sequencevariant
from changes import tiered

LENGTH = 16_569
ACCESSION = "NC_012920.1"
OTHER = str.maketrans("ACGT", "TGCA")


class Provider:
    """What the normaliser asks of a database, for one genomic sequence."""

    def __init__(self, sequence):
        self.sequence = sequence

    def get_seq(self, _accession, start=None, end=None):
        return self.sequence[start:end]


def made_up():
    """Random bases with stretches of repeats, one at each end."""
    random.seed(11)
    parts = ["CAG" * 12]
    while sum(map(len, parts)) < LENGTH:
        unit = "".join(random.choice("ACGT") for _ in range(random.randint(1, 4)))
        parts += [unit * random.randint(3, 12), "".join(random.choice("ACGT") for _ in range(random.randint(5, 40)))]
    return "".join(parts)[:LENGTH - 30] + "AT" * 15


def alleles(sequence):
    """(position, REF, ALT) of random changes."""
    found = set()
    ends = [*range(1, 40), *range(LENGTH - 38, LENGTH)]
    while len(found) < 600:
        position = random.choice(ends) if random.random() < 0.2 else random.randint(1, LENGTH - 20)
        rest = sequence[position - 1:position + 12]
        kind, length = random.randrange(6), random.randint(1, 6)
        if kind == 0:
            ref, alt = rest[0], random.choice("ACGT")
        elif kind == 1:
            ref, alt = rest[:length + 1], rest[0]
        elif kind == 2:
            ref, alt = rest[0], rest[0] + "".join(random.choice("ACGT") for _ in range(length))
        elif kind == 3:
            ref, alt = rest[0], rest[0] + rest[1:1 + length] * random.randint(1, 3)
        elif kind == 4:
            ref, alt = rest[:length], "".join(random.choice("ACGT") for _ in range(random.randint(1, 6)))
        else:
            ref, alt = rest[:length + 1], rest[:length + 1].translate(OTHER)[::-1]
        if ref != alt and ref and alt:
            found.add((position, ref, alt))
    return sorted(found)


def expected(normalizer, position, ref, alt):
    """The package's name, without the sequence."""
    place = hgvs.location.Interval(hgvs.location.SimplePosition(position), hgvs.location.SimplePosition(position + len(ref) - 1))
    variant = hgvs.sequencevariant.SequenceVariant(
        ac=ACCESSION, type="g", posedit=hgvs.posedit.PosEdit(pos=place, edit=hgvs.edit.NARefAlt(ref=ref, alt=alt)))
    found = normalizer.normalize(variant).posedit
    first, last, edit = found.pos.start.base, found.pos.end.base, found.edit
    stretch = f"{first}" if first == last else f"{first}_{last}"
    return {
        "sub": lambda: f"{first}{edit.ref}>{edit.alt}",
        "inv": lambda: f"{stretch}inv",
        "del": lambda: f"{stretch}del",
        "dup": lambda: f"{stretch}dup",
        "ins": lambda: f"{stretch}ins{edit.alt}",
        "delins": lambda: f"{stretch}delins{edit.alt}",
    }[edit.type]()


def done(sequence, name):
    """What a name says, done to the sequence."""
    place = name[:next(i for i, c in enumerate(name) if not (c.isdigit() or c == "_"))]
    kind = name[len(place):]
    first, _, last = place.partition("_")
    first, last = int(first), int(last or first)
    before, old, after = sequence[:first - 1], sequence[first - 1:last], sequence[last:]
    if kind.startswith("delins"):
        new = kind[6:]
    elif kind.startswith("ins"):
        new = old[0] + kind[3:] + old[1:]
    elif ">" in kind:
        assert kind[0] == old
        new = kind[2:]
    else:
        new = {"del": "", "dup": old * 2, "inv": old.translate(OTHER)[::-1]}[kind]
    return before + new + after


def names(tierline, sequence, changes, folder):
    """(position, REF, ALT) to our name, by a case of all of them."""
    fasta = folder / "made-up.fa"
    fasta.write_text(">chrM\n" + "\n".join(sequence[i:i + 60] for i in range(0, LENGTH, 60)) + "\n", encoding="ascii")
    subprocess.run(["samtools", "faidx", str(fasta)], check=True)
    results = tiered(tierline, fasta, ("chrM", LENGTH), changes, folder, "--assembly", "GRCh38")
    return [(one["variant"], one.get("hgvs_g")) for one in results["candidates"]]


def main():
    sequence = made_up()
    normalizer = hgvs.normalizer.Normalizer(Provider(sequence), validate=False)
    with tempfile.TemporaryDirectory() as folder:
        ours = names(sys.argv[1], sequence, alleles(sequence), pathlib.Path(folder))
    differ, kinds, unnamed = [], {}, 0
    for variant, name in ours:
        position, ref, alt = variant["position"], variant["reference"], variant["alternate"]
        haplotype = sequence[:position - 1] + alt + sequence[position - 1 + len(ref):]
        if name is None:
            # Before the first base or behind the last one HGVS has no place.
            unnamed += 1
            if not (haplotype.endswith(sequence) or haplotype.startswith(sequence)):
                differ.append(f"{variant}: no name")
            continue
        told = name.removeprefix(f"{ACCESSION}:m.")
        wanted = expected(normalizer, position, ref, alt)
        kind = next(kind for kind in ("delins", "del", "dup", "inv", "ins", ">") if kind in told)
        kinds[kind] = kinds.get(kind, 0) + 1
        if told != wanted:
            differ.append(f"{variant}: {told} is not {wanted}")
        if done(sequence, told) != haplotype:
            differ.append(f"{variant}: {told} makes another haplotype")
    print("\n".join(differ[:20]))
    print(f"note: {len(ours)} random changes, {kinds}, {unnamed} without a name, {len(differ)} differ")
    return 1 if differ or len(ours) < 500 or len(kinds) < 6 else 0


if __name__ == "__main__":
    os.environ.setdefault("HGVS_SEQREPO_DIR", "")
    sys.exit(main())
