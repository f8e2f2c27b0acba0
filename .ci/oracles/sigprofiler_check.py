"""Compares tierline's SBS96, DBS78 and ID83 with those of SigProfilerMatrixGenerator, number by number.

usage: sigprofiler_check.py TIERLINE FOLDER VCF-FOLDER

FOLDER holds ref.fa.gz with its index; everything that is made goes there. The genome of the peer is made from the same
FASTA and registered for this run only. Every real VCF is one sample, cut to the contigs of the FASTA; one more sample is
simulated: substitutions, doublets, runs of three, neighbours 2 to 7 bp apart, two-base records, indels.
"""

import gzip
import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path

KINDS = {"SBS96": 96, "DBS78": 78, "ID83": 83}
CODES = bytes.maketrans(b"ACGTNacgtn", bytes([0, 1, 2, 3, 16, 0, 1, 2, 3, 16]))
SIMULATED = 10_000


def sequences(path):
    """Contigs of a FASTA in upper case."""
    found, name = {}, None
    with gzip.open(path, "rb") as file:
        for line in file:
            if line.startswith(b">"):
                name = line[1:].split()[0].decode()
                found[name] = []
            else:
                found[name].append(line.strip().upper())
    return {name: b"".join(lines) for name, lines in found.items()}


def genome(folder, contigs):
    """The peer's form of the contigs, registered under a name of its own."""
    os.environ["SIGPROFILERMATRIXGENERATOR_VOLUME"] = str(folder / "genomes")
    from SigProfilerMatrixGenerator.scripts import reference_genome_manager as manager

    sums = {}
    home = folder / "genomes" / "tsb" / "oracle"
    home.mkdir(parents=True)
    for name, bases in contigs.items():
        other = bytes(set(bases) - set(b"ACGTN"))
        coded = bases.translate(bytes.maketrans(other, b"N" * len(other))).translate(CODES)
        (home / f"{name}.txt").write_bytes(coded)
        sums[name] = hashlib.md5(coded).hexdigest()
    manager.CHECKSUMS["oracle"] = sums


def left(contig, at, reference, alternate):
    """An indel behind its first base, moved left as far as it goes (0-based)."""
    while at > 0 and reference[-1] == alternate[-1]:
        before = contig[at - 1 : at].decode()
        reference, alternate, at = before + reference[:-1], before + alternate[:-1], at - 1
    return at, reference, alternate


def simulated(contigs):
    """Records of one sample: contig, 0-based position, REF, ALT."""
    draw = random.Random(7)
    names = sorted(contigs)
    taken, records = set(), []

    def other(base):
        return draw.choice([b for b in "ACGT" if b != base])

    while len(records) < SIMULATED:
        name = draw.choice(names)
        contig = contigs[name]
        at = draw.randrange(100, len(contig) - 100)
        around = contig[at - 60 : at + 60]
        if set(around) - set(b"ACGT") or (name, at // 200) in taken or (name, at // 200 + 1) in taken:
            continue
        taken.update([(name, at // 200 - 1), (name, at // 200)])
        base = lambda i: chr(contig[i])
        kind = draw.randrange(8)
        if kind < 2:
            records.append((name, at, base(at), other(base(at))))
        elif kind == 2:
            gaps = [draw.randrange(1, 8) for _ in range(draw.randrange(1, 4))]
            for place in [at + sum(gaps[:i]) for i in range(len(gaps) + 1)]:
                records.append((name, place, base(place), other(base(place))))
        elif kind == 3:
            records.extend((name, place, base(place), other(base(place))) for place in (at, at + 1))
        elif kind == 4:
            pair = contig[at : at + 2].decode()
            records.append((name, at, pair, "".join(map(other, pair))))
        else:
            size = draw.choice([1, 1, 1, 2, 2, 3, 4, 5, 6, 9])
            if kind == 5:
                reference, alternate = contig[at : at + 1 + size].decode(), base(at)
            elif kind == 6:
                unit = contig[at + 1 : at + 1 + size].decode()
                reference, alternate = base(at), base(at) + unit
            else:
                reference, alternate = base(at), base(at) + "".join(draw.choice("ACGT") for _ in range(size))
            records.append((name, *left(contig, at, reference, alternate)))
    return sorted(set(records), key=lambda r: (names.index(r[0]), r[1], r[2], r[3]))


def real(path, contigs):
    """Single substitutions of a VCF on the contigs."""
    records = []
    for line in path.read_text(encoding="utf-8").splitlines():
        cells = line.split("\t")
        if line.startswith("#") or cells[0] not in contigs or int(cells[1]) > len(contigs[cells[0]]) - 10:
            continue
        if "," not in cells[4] and cells[6] in ("PASS", "."):
            records.append((cells[0], int(cells[1]) - 1, cells[3], cells[4]))
    names = sorted(contigs)
    return sorted(set(records), key=lambda r: (names.index(r[0]), r[1]))


def write_vcf(path, records, contigs):
    with open(path, "w", encoding="utf-8") as file:
        file.write("##fileformat=VCFv4.2\n##FILTER=<ID=PASS,Description=\"All filters passed\">\n")
        for name in sorted(contigs):
            file.write(f"##contig=<ID={name},length={len(contigs[name])}>\n")
        file.write('##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n')
        file.write('##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads">\n')
        file.write("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tT\n")
        for name, at, reference, alternate in records:
            file.write(f"{name}\t{at + 1}\t.\t{reference}\t{alternate}\t.\tPASS\t.\tGT:AD\t0/1:20,10\n")


def ours(tierline, folder, sample, vcf):
    """Our tables of a VCF: kind to type to count."""
    case = folder / f"{sample}.toml"
    case.write_text(
        f'[case]\nid = "{sample}"\nkind = "tumour-only"\nassembly = "GRCh37"\nreference = "ref.fa.gz"\n'
        f'variants = ["{vcf.resolve()}"]\n[[member]]\nid = "P"\nsample = "T"\nrole = "tumour"\n'
        "[member.consent]\nprimary = true\n",
        encoding="utf-8",
    )
    out = folder / "ours" / sample
    subprocess.run(
        [tierline, "tier", str(case), "-o", str(out), "--allow-unannotated"],
        check=True,
        capture_output=True,
    )
    tables = {}
    for kind in KINDS:
        rows = (out / f"somatic.{kind}.tsv").read_text(encoding="utf-8").splitlines()[1:]
        tables[kind] = {name: int(count) for name, count in (row.split("\t") for row in rows)}
    return tables


def theirs(folder, inputs):
    from SigProfilerMatrixGenerator.scripts import SigProfilerMatrixGeneratorFunc as peer

    return peer.SigProfilerMatrixGeneratorFunc("oracle", "oracle", str(inputs) + "/", plot=False)


def main():
    tierline, folder, vcfs = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    contigs = sequences(folder / "ref.fa.gz")
    genome(folder, contigs)
    inputs = folder / "vcfs"
    inputs.mkdir()
    samples = {path.stem: real(path, contigs) for path in sorted(vcfs.glob("*.vcf"))}
    samples["simulated"] = simulated(contigs)
    mine = {}
    for sample, records in samples.items():
        vcf = inputs / f"{sample}.vcf"
        write_vcf(vcf, records, contigs)
        mine[sample] = ours(tierline, folder, sample, vcf)
    found = theirs(folder, inputs)
    keys = {"SBS96": "96", "DBS78": "DINUC", "ID83": "ID"}
    wrong = 0
    for kind, count in KINDS.items():
        table = found.get(keys[kind])
        for sample in samples:
            total = 0
            for name in mine[sample][kind]:
                peer = int(table.at[name, sample]) if table is not None and sample in table.columns else 0
                total += peer
                if peer != mine[sample][kind][name]:
                    wrong += 1
                    print(f"{sample} {kind} {name}: ours {mine[sample][kind][name]}, theirs {peer}")
            print(f"{sample} {kind}: {len(mine[sample][kind])} of {count} types, {total} mutations")
            wrong += len(mine[sample][kind]) != count
    if not any(sum(mine["simulated"][kind].values()) for kind in KINDS):
        wrong += 1
        print("nothing was counted")
    print(f"{wrong} numbers differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
