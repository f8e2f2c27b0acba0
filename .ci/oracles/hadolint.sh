#!/usr/bin/env bash
# Lints the Dockerfile.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
cd "$ci_root"
"$ci_tools/hadolint" --failure-threshold style Dockerfile
