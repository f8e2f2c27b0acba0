#!/usr/bin/env bash
# The Phenopackets of the committed cases read by the schema's own protobuf classes, and a misspelt field, which must be
# refused.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
cd "$ci_root"
[ -x "$ci_formats/python" ] || fail "phenopackets is not installed; run .ci/setup.sh first"
shopt -s nullglob
files=(target/ci/cases/*/phenopacket.json)
cases=(test-data/*/case.toml)
[ ${#files[@]} -eq ${#cases[@]} ] || fail "${#files[@]} packets of ${#cases[@]} cases; run .ci/oracles/cases.sh first"
exec "$ci_formats/python" .ci/oracles/phenopacket_check.py src/report/snapshots/phenopacket.snap "${files[@]}"
