#!/usr/bin/env bash
# Two hundred random valid interpretation requests and referrals, made by the GEL models' own factories: each is read, or
# refused by name. usage: referrals.sh [COUNT]
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
cd "$ci_root"
tierline=${TIERLINE_BINARY:-$(ci_tierline)}
PYTHONPATH=$ci_cache/factories exec "$ci_gel/python" .ci/oracles/referrals.py "$tierline" "${1:-200}"
