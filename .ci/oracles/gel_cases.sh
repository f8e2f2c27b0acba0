#!/usr/bin/env bash
# The snapshot of the GEL writer and every interpreted genome of the committed cases against the report models 6.0.0 to
# 6.2.0.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
cd "$ci_root"
shopt -s nullglob
files=(target/ci/cases/*/interpreted_genome.json)
cases=(test-data/*/case.toml)
[ ${#files[@]} -eq ${#cases[@]} ] || fail "${#files[@]} documents of ${#cases[@]} cases; run .ci/oracles/cases.sh first"
.ci/oracles/gel.sh src/report/snapshots/gel.snap "${files[@]}"
