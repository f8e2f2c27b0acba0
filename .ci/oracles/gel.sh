#!/usr/bin/env bash
# Validates interpreted genomes with the GEL models' own package and a closed-world walk over its schemas.
# usage: gel.sh [--versions 6_0_0,6_2_0] FILE...  |  gel.sh --selftest
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
[ -x "$ci_gel/python" ] || fail "the models are not installed; run .ci/setup.sh first"
exec "$ci_gel/python" "$ci_root/.ci/oracles/gel_check.py" "$@"
