#!/usr/bin/env bash
# Models of inheritance beside genmod and two plugins of bcftools on the real families: what differs has a known cause and
# the committed count. `--write` writes the table anew.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
[ -x "$ci_genmod/genmod" ] || fail "genmod is not installed; run .ci/setup.sh first"
[ -d "$TIERLINE_SHARED/data" ] || fail "no real data at $TIERLINE_SHARED"
tierline=${TIERLINE_BINARY:-$(ci_tierline)}
"$ci_genmod/python" "$ci_root/.ci/oracles/models_check.py" "$tierline" "$ci_genmod/genmod" "$TIERLINE_SHARED/data" \
    "$ci_root/test-data/models/peers.tsv" "$@"
