#!/usr/bin/env bash
# The bundles of the committed cases and of the writer's snapshots, which hold every kind of finding, against base R4 (fhirkit,
# medplum) and against Genomics Reporting 3.0.0 (pyrofile, our own checks); with mutants that must be refused. Those of the cases
# after the North West GMSA's draft too.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
cd "$ci_root"
[ -d "$TIERLINE_FHIR_GUIDE/example" ] || fail "the guide is not installed; run .ci/setup.sh first"
shopt -s nullglob
files=(target/ci/cases/*/fhir.json)
snapshots=(src/report/snapshots/fhir*.snap)
cases=(test-data/*/case.toml)
[ ${#files[@]} -eq ${#cases[@]} ] || fail "${#files[@]} bundles of ${#cases[@]} cases; run .ci/oracles/cases.sh first"
"$ci_formats/python" .ci/oracles/fhir_check.py "$TIERLINE_FHIR_GUIDE" --selftest "${snapshots[@]}" "${files[@]}"
tierline=${TIERLINE_BINARY:-$(ci_tierline)}
drafts=()
for file in "${files[@]}"; do
    folder=target/ci/nw-gmsa/$(basename "$(dirname "$file")")
    "$tierline" report "$(dirname "$file")" -o "$folder" --only fhir --fhir-profile nw-gmsa \
        --fhir-order test-data/referrals/nw-gmsa-order.toml >/dev/null
    drafts+=("$folder/fhir.json")
done
"$ci_formats/python" .ci/oracles/fhir_nw.py "${drafts[@]}"
"$ci_formats/python" .ci/oracles/fhir_check.py "$TIERLINE_FHIR_GUIDE" "${drafts[@]}"
NODE_PATH=$ci_node/node_modules exec node .ci/oracles/fhir_base.cjs "${snapshots[@]}" "${files[@]}" "${drafts[@]}"
