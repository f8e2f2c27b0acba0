"""Derives drivers.tsv from IntOGen's compendium of cancer driver genes (see README.md).

Usage: derive.py Compendium_Cancer_Genes.tsv > drivers.tsv
"""

import collections
import csv
import sys

# Share of a gene's cohorts with one mode of action from which on the gene has that role.
SHARE = 0.75


def role(modes):
    """The role of a gene by the modes of action of its cohorts; empty where they do not tell."""
    acts, losses = modes["Act"], modes["LoF"]
    if acts + losses == 0:
        return ""
    if acts >= SHARE * (acts + losses):
        return "oncogene"
    if losses >= SHARE * (acts + losses):
        return "tumor_suppressor_gene"
    return "both"


def main():
    modes = collections.defaultdict(collections.Counter)
    with open(sys.argv[1], encoding="utf-8") as table:
        for row in csv.DictReader(table, delimiter="\t"):
            modes[row["SYMBOL"]][row["ROLE"]] += 1
    print("symbol\trole")
    for symbol in sorted(modes):
        print(f"{symbol}\t{role(modes[symbol])}")


main()
