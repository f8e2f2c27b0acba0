#!/usr/bin/env bash
# HGVS of random changes on a chromosome against the normaliser of biocommons' hgvs.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
cd "$ci_root"
[ -x "$ci_hgvs/python" ] || fail "hgvs is not installed; run .ci/setup.sh first"
exec "$ci_hgvs/python" .ci/oracles/hgvs_check.py "${TIERLINE_BINARY:-$(ci_tierline)}"
