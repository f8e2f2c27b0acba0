#!/usr/bin/env python3
"""Derives common-autosomes.bin from the site lists and genotypes in the source package of peddy 0.4.8.

    pip download --no-deps --no-binary :all: peddy==0.4.8
    python3 derive.py peddy-0.4.8.tar.gz common-autosomes.bin

Needs numpy. README.md beside this file says what is chosen and why, and how the result is laid out.
"""
import gzip
import struct
import sys
import tarfile
from collections import Counter

import numpy as np

PEOPLE = 2504  # 1000 Genomes phase 3
LEAST_MINOR_FREQUENCY = 0.05
INBREEDING = (-0.05, 0.5)  # heterozygotes missing from Hardy-Weinberg proportions, as a share
MOST_R2, R2_WITHIN_BP = 0.2, 500_000
COMPONENTS = 4


def members(path):
    with tarfile.open(path) as tar:
        def read(name):
            return tar.extractfile(f"peddy-0.4.8/peddy/{name}").read()
        lists = [[line.split(":") for line in read(f"GRCH{build}.sites").decode().split()] for build in (37, 38)]
        genotypes = np.frombuffer(gzip.decompress(read("GRCH37.sites.bin.gz")), dtype=np.uint8)
        assert read("GRCH37.sites.bin.gz") == read("GRCH38.sites.bin.gz")
    return lists, genotypes.reshape(-1, PEOPLE)


def suitable(lists, genotypes):
    """Sites of two bases, the same in both builds, common, in Hardy-Weinberg proportions but for population structure."""
    old, new = lists
    frequency = genotypes.mean(1) / 2
    heterozygous = (genotypes == 1).mean(1)
    inbreeding = 1 - heterozygous / np.maximum(2 * frequency * (1 - frequency), 1e-9)
    places = [(site[0], site[1]) for site in new]
    times = Counter(places)
    same = [a[0] == b[0] and a[2:] == b[2:] and times[place] == 1 and a[0].isdigit()
            and all(base in "ACGT" and len(base) == 1 for base in a[2:])
            for a, b, place in zip(old, new, places)]
    common = np.minimum(frequency, 1 - frequency) >= LEAST_MINOR_FREQUENCY
    return np.flatnonzero(np.array(same) & common & (inbreeding > INBREEDING[0]) & (inbreeding < INBREEDING[1]))


def unlinked(chosen, old, genotypes):
    """Greedily from the most heterozygous on: a site stays when no near one that stays is linked to it."""
    standard = genotypes[chosen].astype(float)
    standard -= standard.mean(1, keepdims=True)
    standard /= standard.std(1, keepdims=True)
    contig = np.array([int(old[i][0]) for i in chosen])
    position = np.array([int(old[i][1]) for i in chosen])
    frequency = genotypes[chosen].mean(1) / 2
    order = sorted(range(len(chosen)), key=lambda i: (-frequency[i] * (1 - frequency[i]), i))
    stays = np.zeros(len(chosen), dtype=bool)
    for i in order:
        near = np.flatnonzero(stays & (contig == contig[i]) & (abs(position - position[i]) <= R2_WITHIN_BP))
        r = standard[near] @ standard[i] / PEOPLE
        stays[i] = not np.any(r * r > MOST_R2)
    return chosen[stays]


def components(genotypes):
    """U * D of the singular value decomposition of genotypes less their means, largest components first."""
    centred = genotypes - genotypes.mean(1, keepdims=True)
    values, vectors = np.linalg.eigh(centred.T @ centred)
    v = vectors[:, ::-1][:, :COMPONENTS]
    ud = centred @ v
    ud *= np.sign(ud[np.abs(ud).argmax(0), range(COMPONENTS)])  # eigenvectors have no sign of their own
    print("share of variance:", (values[::-1] / values.sum())[:8].round(4), file=sys.stderr)
    return ud


def main():
    (old, new), genotypes = members(sys.argv[1])
    chosen = suitable((old, new), genotypes)
    common = len(chosen)
    chosen = unlinked(chosen, old, genotypes)
    chosen = chosen[np.argsort([(int(old[i][0]) << 32) + int(old[i][1]) for i in chosen])]
    ud = components(genotypes[chosen].astype(float))
    scales = (np.abs(ud).max(0) / 32767).astype(np.float32)
    quantised = np.rint(ud / scales.astype(float)).astype("<i2")
    out = bytearray(struct.pack("<II", len(chosen), COMPONENTS)) + scales.astype("<f4").tobytes()
    out += bytes(int(old[i][0]) for i in chosen)
    for sites in (old, new):
        out += np.array([int(sites[i][1]) - 1 for i in chosen], dtype="<u4").tobytes()
    out += bytes("ACGT".index(old[i][2]) << 2 | "ACGT".index(old[i][3]) for i in chosen)
    out += genotypes[chosen].sum(1).astype("<u2").tobytes()
    out += quantised.tobytes()
    open(sys.argv[2], "wb").write(out)
    print(f"{len(genotypes)} sites, {common} suitable, {len(chosen)} unlinked, {len(out)} bytes", file=sys.stderr)


main()
