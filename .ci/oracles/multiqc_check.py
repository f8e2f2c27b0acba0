"""Compares what MultiQC understood with what our files say.

usage: multiqc_check.py RESULTS-FOLDER MULTIQC-OUTPUT-FOLDER

Every `NAME.mosdepth.summary.txt` and `NAME.flagstat.txt` below the results folder must arrive as the sample NAME, with
the mean depth, the covered bases and the read counts of the file.
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


READERS = {".mosdepth.summary.txt": ("mosdepth", mosdepth), ".flagstat.txt": ("samtools", flagstat)}


def main():
    results, output = map(Path, sys.argv[1:3])
    with open(output / "multiqc_data" / "multiqc_data.json", encoding="utf-8") as file:
        understood = json.load(file)["report_general_stats_data"]
    faults, compared = [], 0
    for suffix, (module, read) in READERS.items():
        for path in sorted(results.rglob(f"*{suffix}")):
            sample = path.name.removesuffix(suffix)
            theirs = understood.get(module, {}).get(sample)
            if theirs is None:
                faults.append(f"{path}: MultiQC's module {module} has no sample {sample}")
                continue
            for key, ours in read(path).items():
                compared += 1
                if float(theirs[key]) != ours:
                    faults.append(f"{path}: {key} is {ours}, MultiQC read {theirs[key]}")
    if compared == 0:
        faults.append(f"{results}: no file that MultiQC could read")
    print("\n".join(faults) or f"note: {results.name}: {compared} figures arrived in MultiQC")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
