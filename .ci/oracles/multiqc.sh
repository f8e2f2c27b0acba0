#!/usr/bin/env bash
# Stock MultiQC reads the output folder of every committed case that has alignments: each sample must arrive in each
# module, and the figures must be the ones in our files.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
cd "$ci_root"
[ -x "$ci_tools/multiqc" ] || fail "MultiQC is not installed; run .ci/setup.sh first"
read_one() {
    local folder=$1 name
    name=$(basename "$folder")
    local out=target/ci/multiqc/$name
    rm -rf "$out"
    mkdir -p "$out"
    "$ci_tools/multiqc" --quiet --no-version-check --outdir "$out" "$folder"
    "$ci_tools/python" .ci/oracles/multiqc_check.py "$folder" "$out"
}
found=0
for folder in target/ci/cases/*/; do
    [ -d "$folder/qc" ] || continue
    read_one "${folder%/}"
    found=$((found + 1))
done
[ "$found" -gt 0 ] || fail "no case with a qc folder; run .ci/oracles/cases.sh first"
