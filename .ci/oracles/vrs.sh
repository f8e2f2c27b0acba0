#!/usr/bin/env bash
# Computed identifiers of alleles against ga4gh.vrs: those of the committed cases' results, and many random changes of their
# reference with repeats, named by our program and by the package; of VRS 2.0, and of 1.3 by the package's last version for it.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
cd "$ci_root"
[ -x "$ci_formats/python" ] || fail "ga4gh.vrs is not installed; run .ci/setup.sh first"
shopt -s nullglob
files=(target/ci/cases/*/results.json)
cases=(test-data/*/case.toml)
[ ${#files[@]} -eq ${#cases[@]} ] || fail "${#files[@]} results of ${#cases[@]} cases; run .ci/oracles/cases.sh first"
mkdir -p target/ci/vrs
"$ci_formats/python" .ci/oracles/vrs_check.py "${TIERLINE_BINARY:-$(ci_tierline)}" test-data/reference/sim.fa.gz \
    target/ci/vrs/random.json "${files[@]}"
exec "$ci_vrs13/python" -W ignore .ci/oracles/vrs13_check.py test-data/reference/sim.fa.gz target/ci/vrs/random.json "${files[@]}"
