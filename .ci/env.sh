# Sourced by every script here: where the package, the real data and the installed programs are.
# shellcheck shell=bash
ci_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
ci_cache=${XDG_CACHE_HOME:-${HOME:?}/.cache}/tierline-ci
ci_tools=$ci_cache/tools/bin
ci_gel=$ci_cache/gel/bin
ci_genmod=$ci_cache/genmod/bin
ci_formats=$ci_cache/formats/bin
ci_hgvs=$ci_cache/hgvs/bin
ci_vrs13=$ci_cache/vrs13/bin
ci_node=$ci_cache/node
export TIERLINE_FHIR_GUIDE=$ci_node/guide/package
export PATH=$ci_cache/bin:$PATH
export TIERLINE_SHARED=${TIERLINE_SHARED:-$ci_root/../shared}

fail() {
    echo "error: $*" >&2
    exit 1
}

# The release binary that the test step built.
ci_tierline() {
    local binary=$ci_root/target/release/tierline
    [ -x "$binary" ] || fail "no $binary; run cargo build --release first"
    echo "$binary"
}
