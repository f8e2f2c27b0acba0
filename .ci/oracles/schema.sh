#!/usr/bin/env bash
# results.json of every committed case against the published JSON Schema, judged by Python's jsonschema; and documents
# that the schema must refuse.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
cd "$ci_root"
shopt -s nullglob
files=(target/ci/cases/*/results.json)
cases=(test-data/*/case.toml)
[ ${#files[@]} -eq ${#cases[@]} ] || fail "${#files[@]} documents of ${#cases[@]} cases; run .ci/oracles/cases.sh first"
for events in target/ci/cases/*/status.jsonl; do
    "$ci_tools/python" .ci/oracles/status_check.py src/report/status.schema.json "$events"
done
exec "$ci_tools/python" .ci/oracles/schema_check.py src/report/results.schema.json "${files[@]}"
