#!/usr/bin/env bash
# Carriers of cases: Phenopackets in every form that protobuf writes are the same case; a case as Phenopacket is read by the
# schema's classes; the job for Exomiser has the keys and words of its schema; Tasks of every state are FHIR R4.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
cd "$ci_root"
[ -x "$ci_formats/python" ] || fail "phenopackets is not installed; run .ci/setup.sh first"
out=target/ci/carriers
rm -rf "$out"
mkdir -p "$out"
"$ci_formats/python" .ci/oracles/carriers_check.py "${TIERLINE_BINARY:-$(ci_tierline)}" "$out"
NODE_PATH=$ci_node/node_modules exec node .ci/oracles/fhir_base.cjs "$out"/tasks*.json
