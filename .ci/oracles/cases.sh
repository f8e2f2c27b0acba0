#!/usr/bin/env bash
# Runs every committed case (test-data/*/case.toml) with the release binary into target/ci/cases/NAME, for the oracles.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
cd "$ci_root"
tierline=$(ci_tierline)
rm -rf target/ci/cases
count=0
for case in test-data/*/case.toml; do
    [ -f "$case" ] || fail "no case under test-data/"
    name=$(basename "$(dirname "$case")")
    "$tierline" run "$case" -o "target/ci/cases/$name"
    count=$((count + 1))
done
echo "note: $count cases run"
