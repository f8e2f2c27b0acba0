#!/usr/bin/env python3
"""Simulated tumour-normal pairs with known answers, and how well they are found.

usage: benches/pairs.py TIERLINE [SEEDS] [FOLDER]

Makes one reference (eight contigs of 5 Mb), and SEEDS pairs (10) at each purity and contamination below; runs the case and
compares results.json with truth.tsv. One line a pair, and at the end what was missed. Pairs are removed when they were read.
"""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

# Purity, contamination of the tumour and of the normal sample.
TUBES = [(0.7, 0.02, 0.0), (0.4, 0.01, 0.0), (0.95, 0.03, 0.005)]
CONTIGS = "chr15,chr16,chr17,chr18,chr19,chr20,chr21,chr22"


def run(*words):
    """Runs a command and gives its seconds."""
    begun = time.monotonic()
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))}\n{done.stderr}")
    return time.monotonic() - begun


def truth_of(case):
    """Rows by kind: pairs of id and value."""
    rows = {}
    for line in (case / "truth.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        what, name, value = line.split("\t")
        rows.setdefault(what, []).append((name, value))
    return rows


def compare(case, out):
    """Figures of one pair and what was missed."""
    truth = truth_of(case)
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    found, missed, shown = results["biomarkers"], [], {}

    purity = float(truth["purity"][0][1])
    shown["purity"] = found["purity"].get("purity")
    if shown["purity"] is None or abs(shown["purity"] - purity) > 0.05:
        missed.append("purity")

    samples = {one["member"]: one["identity"] for one in results["identity"]["samples"]}
    estimates = {"tumour": samples[1]["tumour_contamination"], "normal": samples[2]["contamination"]["estimate"]}
    for who, planted in truth["contamination"]:
        value = estimates[who].get("value")
        shown[who] = value
        if value is None or abs(value - float(planted)) > max(0.003, 0.15 * float(planted)):
            missed.append(f"contamination of the {who}")

    gel = next(one for one in found["burden"] if one["id"] == "gel")["value"]
    rate = int(truth["non_synonymous"][0][1]) / 32.61
    shown["burden"] = gel["per_megabase"]
    if not gel["low"] < rate < gel["high"]:
        missed.append("burden")

    shown["cosine"] = found["signatures"]["cosine"]
    if shown["cosine"] < 0.98:
        missed.append("signatures")

    sites = dict(truth["microsatellite"])
    listed = [f"{site['contig']}:{site['position']}" for site in found["instability_of_reads"]["listed"]]
    unstable = sum(kind == "unstable" for kind in sites.values())
    right = sum(sites.get(site) == "unstable" for site in listed)
    shown["recall"] = right / unstable
    shown["false"] = (len(listed) - right) / (len(sites) - unstable)
    if shown["recall"] < 0.9 or shown["false"] > 0.05:
        missed.append("microsatellites")

    events = sorted(f"{e['gene']['symbol']} {e['label']}" for one in results["structural"] for e in one["events"])
    planted = [f"{gene} {label}" for gene, label in truth["copies"]]
    planted += [f"{gene} fusion_candidate" for gene in truth["fusion"][0]]
    if events != sorted(planted):
        missed.append("copies and junctions")

    small = {}
    for one in results["candidates"]:
        variant = one["variant"]
        key = ":".join(str(variant[part]) for part in ("contig", "position", "reference", "alternate"))
        small[key] = one["domain"]
    if small != dict(truth["domain"]):
        missed.append("domains")
    return shown, missed


def main():
    tierline = Path(sys.argv[1]).resolve()
    seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    folder = Path(sys.argv[3] if len(sys.argv) > 3 else "target/pairs")
    folder.mkdir(parents=True, exist_ok=True)
    reference = folder / "ref.fa.gz"
    run(tierline, "simulate", "reference", "--contigs", CONTIGS, "--windows", 1, "--window", 5_000_000, "-o", reference)
    head = ["purity", "tumour", "normal", "burden", "cosine", "recall", "false"]
    print("\t".join(["planted", "seed", *head, "made_s", "run_s", "missed"]))
    total = 0
    for purity, tumour, normal in TUBES:
        for seed in range(1, seeds + 1):
            case, out = folder / "case", folder / "out"
            for one in (case, out):
                shutil.rmtree(one, ignore_errors=True)
            mixture = ["--purity", purity, "--contamination", tumour, "--normal-contamination", normal]
            made = run(tierline, "simulate", "tumour-pair", "-f", reference, "-o", case, "--seed", seed, *mixture)
            ran = run(
                tierline, "run", case / "case.toml", "--sites", case / "sites.bed", "-o", out,
                "--override-identity", "planted contamination may be above a limit",
            )
            shown, missed = compare(case, out)
            cells = ["" if shown[key] is None else f"{shown[key]:.4f}" for key in head]
            planted = f"{purity}/{tumour}/{normal}"
            print("\t".join([planted, str(seed), *cells, f"{made:.1f}", f"{ran:.1f}", ", ".join(missed) or "-"]), flush=True)
            total += bool(missed)
    print(f"{total} of {len(TUBES) * seeds} pairs missed something")
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
