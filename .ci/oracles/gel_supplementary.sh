#!/usr/bin/env bash
# supplementary_analysis_results.json of a simulated tumour against GEL's model; and one with a misspelt field, which must
# be refused.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
cd "$ci_root"
work=target/ci/supplementary
rm -rf "$work"
mkdir -p "$work"
tierline=$(ci_tierline)
"$tierline" simulate reference --contigs chr20 --windows 1 --window 20000000 -o "$work/ref.fa.gz"
"$tierline" simulate tumour-pair -f "$work/ref.fa.gz" -o "$work/case" --snvs 600 --indels 60 --coding 50 --sites 60 --zones 10
"$tierline" run "$work/case/case.toml" -o "$work/out"
document=$work/out/supplementary_analysis_results.json
.ci/oracles/gel.sh --versions supplementary "$document"
sed 's/"rss"/"RSS"/' "$document" >"$work/misspelt.json"
if .ci/oracles/gel.sh --versions supplementary "$work/misspelt.json"; then
    fail "a misspelt field was accepted"
fi
