"""Compares what MultiQC understood with what our files say.

usage: multiqc_check.py RESULTS-FOLDER MULTIQC-OUTPUT-FOLDER

Every file below the results folder whose name ends as in READERS must arrive as its sample, with figures of the file.
"""

import csv
import json
import re
import sys
from pathlib import Path


def mosdepth(path):
    """Mean depth and covered bases of the whole, as the summary says."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = {row["chrom"]: row for row in csv.DictReader(file, delimiter="\t")}
    return {"mean_coverage": float(rows["total"]["mean"]), "coverage_bases": float(rows["total"]["bases"])}


def flagstat(path):
    """Total and mapped reads that passed."""
    text = Path(path).read_text(encoding="utf-8")
    counts = {}
    for key, words in (("total_passed", "in total"), ("mapped_passed", "mapped")):
        counts[key] = float(re.search(rf"^(\d+) \+ \d+ {words}", text, re.MULTILINE).group(1))
    return counts


def stats(path):
    """Lines SN of samtools stats."""
    text = Path(path).read_text(encoding="utf-8")
    names = {"raw_total_sequences": "raw total sequences", "insert_size_average": "insert size average"}
    return {key: float(re.search(rf"^SN\t{name}:\t(\S+)", text, re.MULTILINE).group(1)) for key, name in names.items()}


def picard(*names):
    """Reads columns of the last row of a table of Picard's."""

    def read(path):
        lines = Path(path).read_text(encoding="utf-8").splitlines()
        start = next(i for i, line in enumerate(lines) if line.startswith("## METRICS CLASS"))
        rows = [line.split("\t") for line in lines[start + 1 : lines.index("", start)]]
        values = dict(zip(rows[0], rows[-1], strict=False))
        return {name: float(values[name]) for name in names}

    return read


def somalier_pair(path):
    """Every pair of samples by MultiQC's name for it."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    keys = ("relatedness", "ibs0", "hom_concordance", "n", "expected_relatedness")
    return {f"{row['#sample_a']}*{row['sample_b']}": {key: float(row[key]) for key in keys} for row in rows}


def somalier_sample(path):
    """Every sample."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    keys = ("n_hom_ref", "n_het", "n_hom_alt", "depth_mean")
    return {row["sample_id"]: {key: float(row[key]) for key in keys} for row in rows}


def self_sm(path):
    """The one sample of a file."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return {row["#SEQ_ID"]: {"FREEMIX": float(row["FREEMIX"]), "#SNPS": float(row["#SNPS"])} for row in rows}


def conpair(path):
    """Percentages of the texts, under the name that MultiQC takes from the file."""
    text = Path(path).read_text(encoding="utf-8")
    patterns = {
        "concordance_concordance": r"Concordance: ([\d.]+)%",
        "contamination_normal": r"Normal sample contamination level: ([\d.]+)%",
        "contamination_tumor": r"Tumor sample contamination level: ([\d.]+)%",
    }
    found = {key: re.search(pattern, text) for key, pattern in patterns.items()}
    values = {key: float(match.group(1)) for key, match in found.items() if match}
    return {Path(path).name.split(".")[0]: values}


# Files of identity checks that may be there: they need enough sites, and name their samples within.
# End of the file's name, MultiQC's table, and the figures by sample.
IDENTITY = [
    (".pairs.tsv", "multiqc_somalier", somalier_pair),
    (".samples.tsv", "multiqc_somalier", somalier_sample),
    (".selfSM", "multiqc_verifybamid", self_sm),
    (".concordance.txt", "multiqc_conpair", conpair),
    (".contamination.txt", "multiqc_conpair", conpair),
]

def custom(path):
    """The rows of our own content for MultiQC."""
    with open(path, encoding="utf-8") as file:
        content = json.load(file)
    return {sample: {key: value for key, value in row.items() if value is not None} for sample, row in content["data"].items()}


# Our own content of tumours: the file's name, and MultiQC's table of it.
CUSTOM = [("biomarkers_mqc.json", "multiqc_tierline_biomarkers"), ("sbs96_mqc.json", "multiqc_tierline_sbs_plot")]

# End of the file's name, MultiQC's table, what it adds to the sample's name, and the figures.
READERS = [
    (".mosdepth.summary.txt", "mosdepth", "", mosdepth),
    (".flagstat.txt", "multiqc_samtools_flagstat", "", flagstat),
    (".samtools.stats.txt", "multiqc_samtools_stats", "", stats),
    # Tables by contig: only the sample's name is looked for.
    (".samtools.idxstats.txt", "multiqc_samtools_idxstats", "", lambda _: {}),
    (".samtools.coverage.txt", "multiqc_samtools_coverage", "", lambda _: {}),
    (".wgs_metrics.txt", "multiqc_picard_wgsmetrics", "", picard("MEAN_COVERAGE", "PCT_EXC_TOTAL")),
    (".insert_size_metrics.txt", "multiqc_picard_insertSize", "_FR", picard("MEDIAN_INSERT_SIZE")),
    (".quality_yield_metrics.txt", "multiqc_picard_QualityYieldMetrics", "", picard("PF_Q30_BASES")),
    (".alignment_summary_metrics.txt", "multiqc_picard_AlignmentSummaryMetrics", "", picard("PF_READS_ALIGNED")),
    (".gc_bias.summary_metrics.txt", "multiqc_picard_gcbias", "", picard("AT_DROPOUT")),
]


def main():
    results, output = map(Path, sys.argv[1:3])
    with open(output / "multiqc_data" / "multiqc_data.json", encoding="utf-8") as file:
        data = json.load(file)
    understood = data["report_saved_raw_data"] | data["report_general_stats_data"]
    faults, compared = [], 0
    for suffix, table, more, read in READERS:
        paths = sorted(results.rglob(f"*{suffix}"))
        if not paths:
            faults.append(f"{results}: no file ends with {suffix}")
        for path in paths:
            sample = path.name.removesuffix(suffix) + more
            theirs = understood.get(table, {}).get(sample)
            if theirs is None:
                faults.append(f"{path}: MultiQC's table {table} has no sample {sample}")
                continue
            for key, ours in read(path).items():
                compared += 1
                if float(theirs[key]) != ours:
                    faults.append(f"{path}: {key} is {ours}, MultiQC read {theirs[key]}")
    of_tumours = (results / "biomarkers.tsv").exists()
    for suffix, table, read in IDENTITY + [(name, table, custom) for name, table in CUSTOM]:
        if of_tumours and read is custom and not (results / suffix).exists():
            faults.append(f"{results}: no file {suffix}")
        for path in sorted(results.rglob(f"*{suffix}")):
            for sample, figures in read(path).items():
                theirs = understood.get(table, {}).get(sample)
                if theirs is None:
                    faults.append(f"{path}: MultiQC's table {table} has no sample {sample}")
                    continue
                for key, ours in figures.items():
                    compared += 1
                    if float(theirs[key]) != ours:
                        faults.append(f"{path}: {key} is {ours}, MultiQC read {theirs[key]}")
    print("\n".join(faults) or f"note: {results.name}: {compared} figures arrived in MultiQC")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
