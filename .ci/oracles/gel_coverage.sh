#!/usr/bin/env bash
# Depth over the genes of chromosome 20 of real reads, as the coverage model of Genomics England.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
cd "$ci_root"
[ -x "$ci_gel/python" ] || fail "the models are not installed; run .ci/setup.sh first"
tierline=$(ci_tierline)
data=$TIERLINE_SHARED/data
out=target/ci/gel-coverage
rm -rf "$out"
mkdir -p "$out"
# Columns: gene, contig, strand, start, end, exon starts, exon ends (0-based half-open).
zcat "$data/genes/canonical_transcripts.grch37.txt.gz" | awk -F'\t' '$2 == 20 {
    n = split($6, start, ","); split($7, end, ",")
    for (i = 1; i < n; i++) print $2 "\t" start[i] "\t" end[i] "\t" $1 "|" $1 ".1|exon" i
}' >"$out/exons.bed"
"$tierline" qc "$data/reads/hg002_chr20_b37.bam" --only genes --genes "$out/exons.bed" \
    --panel "$data/panels/panel_402.json" --padding 15 --prefix panel -o "$out"
"$tierline" qc "$data/reads/hg002_chr20_b37.bam" --only genes --genes "$out/exons.bed" --prefix all -o "$out"
"$ci_gel/python" .ci/oracles/gel_coverage.py "$out/panel.coverage.json" "$out/all.coverage.json"
