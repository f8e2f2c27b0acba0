#!/usr/bin/env bash
# Figures of samples and families in the records of Genomics England's metrics model: of the committed cases, of an identity
# check alone, of sketches under a pedigree, of real reads over all genes of a contig, and of the writer's snapshot.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
cd "$ci_root"
[ -x "$ci_gel/python" ] || fail "the models are not installed; run .ci/setup.sh first"
tierline=$(ci_tierline)
[ -d target/ci/cases/trio ] || fail "no output of the committed cases; run .ci/oracles/cases.sh first"
out=target/ci/gel-metrics
rm -rf "$out"
mkdir -p "$out"
"$tierline" identity --case test-data/trio/case.toml -o "$out/identity-case"
for who in child mother father; do
    "$tierline" qc "test-data/trio/$who.bam" --only sketch -o "$out/sketches"
done
"$tierline" identity "$out"/sketches/*.sketch --ped test-data/trio/family.ped -o "$out/identity"
data=$TIERLINE_SHARED/data
# Columns: gene, contig, strand, start, end, exon starts, exon ends (0-based half-open).
zcat "$data/genes/canonical_transcripts.grch37.txt.gz" | awk -F'\t' '$2 == 20 {
    n = split($6, start, ","); split($7, end, ",")
    for (i = 1; i < n; i++) print $2 "\t" start[i] "\t" end[i] "\t" $1 "|" $1 ".1|exon" i
}' >"$out/exons.bed"
"$tierline" qc "$data/reads/hg002_chr20_b37.bam" --genes "$out/exons.bed" --no-per-base -o "$out/reads"
"$ci_gel/python" .ci/oracles/gel_metrics.py \
    --classes "$(tr -d ' \n' <<<'SamtoolsStats, SamtoolsStatsCalculations, CoverageSummary, CoverageSummaryCalculations,
        WholeGenomeCoverage, ExomeCoverage, VerifyBamId, GelAtGcDrop, InsertSizeGel, SampleState, ReportedVsGeneticChecks,
        CoverageBasedSex, CoverageBasedSexCheck, FamilyRelatedness, FamilyRelatednessCheck, RelatednessPair,
        MendelianInconsistencies, MendelianInconsistenciesCheck, PerFamilyMendelErrors, IndividualMendelErrors,
        TotalNumberOfMendelErrors, AggregatedIndividualMendelErrors, Evaluation')" \
    target/ci/cases/trio target/ci/cases/tumour-normal "$out/identity-case" "$out/identity" "$out/reads" \
    src/report/snapshots/gel-metrics.snap
