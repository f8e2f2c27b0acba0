#!/usr/bin/env bash
# The bundles of the committed cases and of the writer's snapshot against base R4 (fhirkit, medplum) and against Genomics
# Reporting 3.0.0 (pyrofile, our own checks); with mutants that must be refused.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
cd "$ci_root"
[ -d "$TIERLINE_FHIR_GUIDE/example" ] || fail "the guide is not installed; run .ci/setup.sh first"
shopt -s nullglob
files=(target/ci/cases/*/fhir.json)
cases=(test-data/*/case.toml)
[ ${#files[@]} -eq ${#cases[@]} ] || fail "${#files[@]} bundles of ${#cases[@]} cases; run .ci/oracles/cases.sh first"
"$ci_formats/python" .ci/oracles/fhir_check.py "$TIERLINE_FHIR_GUIDE" --selftest src/report/snapshots/fhir.snap "${files[@]}"
NODE_PATH=$ci_node/node_modules exec node .ci/oracles/fhir_base.cjs "${files[@]}"
