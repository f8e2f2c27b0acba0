#!/usr/bin/env bash
# Runs the README's commands as written: every fenced block whose info string is `sh run`, in order, in one shell, from
# the package's root. Fails when there is no such block, when a command fails, or when a command leaves files that git
# would add.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ci_root"

blocks=$(awk '/^```sh run *$/ { inside = 1; next } /^```/ { inside = 0 } inside' README.md)
[ -n "$blocks" ] || fail "README.md has no block marked: sh run"
before=$(git status --porcelain)
bash -euxo pipefail -c "$blocks"
after=$(git status --porcelain)
[ "$before" = "$after" ] || fail "the README's commands left: $(diff <(echo "$before") <(echo "$after"))"
