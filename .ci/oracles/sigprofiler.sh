#!/usr/bin/env bash
# Our matrices of mutation types against SigProfilerMatrixGenerator: real somatic SNVs and simulated substitutions, doublets
# and indels on real sequence (GRCh37 contigs 20, X and Y), counted by both.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
cd "$ci_root"
[ -x "$ci_cache/sigprofiler/bin/python" ] || fail "SigProfilerMatrixGenerator is not installed; run .ci/setup.sh first"
data=$TIERLINE_SHARED/data
[ -d "$data" ] || fail "no real data at $data"
work=target/ci/sigprofiler
rm -rf "$work"
mkdir -p "$work"
cp "$data/reference/b37.20_Xtrunc_Y.fa.gz" "$work/ref.fa.gz"
chmod u+w "$work/ref.fa.gz"
samtools faidx "$work/ref.fa.gz"
exec "$ci_cache/sigprofiler/bin/python" .ci/oracles/sigprofiler_check.py "$(ci_tierline)" "$work" "$data/somatic/wgs-snv-b37"
