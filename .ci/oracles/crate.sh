#!/usr/bin/env bash
# The crates of the committed cases against RO-Crate 1.1 and Process Run Crate 0.5, judged by the profiles' own validator.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
cd "$ci_root"
shopt -s nullglob
crates=(target/ci/cases/*/ro-crate-metadata.json)
cases=(test-data/*/case.toml)
[ ${#crates[@]} -eq ${#cases[@]} ] || fail "${#crates[@]} crates of ${#cases[@]} cases; run .ci/oracles/cases.sh first"
exec "$ci_cache/crates/bin/python" .ci/oracles/crate_check.py "${crates[@]%/*}"
