#!/usr/bin/env bash
# Computed identifiers of alleles against ga4gh.vrs: those of the committed cases' results, and many random changes of their
# reference with repeats, named by our program and by the package.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
cd "$ci_root"
[ -x "$ci_formats/python" ] || fail "ga4gh.vrs is not installed; run .ci/setup.sh first"
shopt -s nullglob
files=(target/ci/cases/*/results.json)
cases=(test-data/*/case.toml)
[ ${#files[@]} -eq ${#cases[@]} ] || fail "${#files[@]} results of ${#cases[@]} cases; run .ci/oracles/cases.sh first"
exec "$ci_formats/python" .ci/oracles/vrs_check.py "$(ci_tierline)" test-data/reference/sim.fa.gz "${files[@]}"
