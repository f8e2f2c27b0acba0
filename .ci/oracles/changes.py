"""What the checks of names and identifiers share: the sequences of a FASTA file, and a case that tiers changes of them."""

import gzip
import json
import subprocess

GENE = "ENSG00000000001"
HEADER = [
    "##fileformat=VCFv4.2",
    '##FILTER=<ID=PASS,Description="x">',
    '##VEP="v112"',
    '##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequence annotations from Ensembl VEP. Format: '
    'Allele|Consequence|IMPACT|SYMBOL|Gene|Feature_type|Feature|BIOTYPE|gnomADg_NFE_AF|gnomADe_NFE_AF">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="x">',
]
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1"


def bases_by_name(path):
    """Name to bases, in upper case, of a compressed FASTA file."""
    by_name, name = {}, None
    with gzip.open(path, "rt", encoding="ascii") as file:
        for line in file:
            if line.startswith(">"):
                name = line[1:].split()[0]
                by_name[name] = []
            else:
                by_name[name].append(line.strip().upper())
    return {name: "".join(parts) for name, parts in by_name.items()}


def record(contig, position, ref, alt):
    """A line of VCF: one copy, and what it does is severe enough to be tiered."""
    csq = f"CSQ={alt}|stop_gained|HIGH|GENE|{GENE}|Transcript|ENST00000000001|protein_coding|0|0"
    return f"{contig}\t{position}\t.\t{ref}\t{alt}\t50\tPASS\t{csq}\tGT\t0/1"


def tiered(tierline, reference, contig, changes, folder, *options):
    """Results of a singleton with these changes, (position, REF, ALT), of a contig, (name, length), each of them tiered."""
    name, length = contig
    lines = [*HEADER, f"##contig=<ID={name},length={length}>", COLUMNS, *(record(name, *change) for change in changes)]
    files = {"changes.vcf": lines, "genes.txt": ["gene", "GENE"], "family.ped": ["F\tS1\t0\t0\t1\t2"]}
    for file, text in files.items():
        (folder / file).write_text("\n".join(text) + "\n", encoding="ascii")
    vcf, panel, pedigree = (str(folder / file) for file in ("changes.vcf", "genes.txt", "family.ped"))
    out = folder / "out"
    command = [
        tierline, "tier", vcf, "--ped", pedigree, "--proband", "S1", "--panel", panel, "-f", str(reference), "-o", str(out),
        "--consent", "primary", "--allow-unannotated", *options,
    ]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if run.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{run.stderr}")
    return json.loads((out / "results.json").read_text(encoding="utf-8"))
