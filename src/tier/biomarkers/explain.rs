//! The biomarkers in words, for `tierline explain`.

use crate::model::explain::{Explanation, ExplanationKind};

const fn biomarker(
    (id, title): (&'static str, &'static str),
    what: &'static str,
    sources: &'static [&'static str],
    (fires, does_not): (&'static str, &'static str),
) -> Explanation {
    Explanation { id, kind: ExplanationKind::Biomarker, title, what, sources, fires, does_not }
}

pub(super) const MATRICES: Explanation = biomarker(
    ("matrices", "Somatic mutations by type: SBS96, DBS78, ID83"),
    "Counts every somatic small variant that passed the caller's filters, in the whole genome, by the types of \
     SigProfilerMatrixGenerator. Substitutions are seen from the pyrimidine between their neighbours; two adjacent ones \
     without a third within 5 bp are a doublet and count among the single ones too; insertions and deletions go by size, \
     copies in the reference and microhomology. It takes the reference.",
    &["literature"],
    ("G>A between A and T: A[C>T]T.", "A base beside it is N: not assessed, with the reason."),
);

pub(super) const BURDEN: Explanation = biomarker(
    ("burden", "Tumour mutational burden by several definitions"),
    "Divides the variants that a definition of the policy counts by its number of megabases, with the exact 95 % Poisson \
     interval. Definitions stand side by side, since their values differ; a label comes with its numbers. In a case with \
     target regions those of a fixed size are not assessed; variants within the targets are divided by the bases of the targets.",
    &["gel-burden", "pcgr", "hmftools", "ours"],
    (
        "400 non-synonymous variants over 32.61 Mb: 12.3 a megabase, hypermutator.",
        "No consequences in the file: the coding definitions are not assessed.",
    ),
);

pub(super) const SIGNATURES: Explanation = biomarker(
    ("signatures", "Mutational signatures that explain the mutations"),
    "Fits the signatures of the file that the case gives by least squares without negative coefficients, drops small \
     contributions, and tells intervals from resamples. What is found depends on what was offered, so that is listed.",
    &["pcgr"],
    ("5,000 mutations drawn from two signatures: both are found.", "No file: not assessed."),
);

pub(super) const SPECTRUM: Explanation = biomarker(
    ("spectrum", "Shares of ALT reads, lengths of insertions and deletions"),
    "Histograms of all somatic variants: the share of the tumour's reads with the ALT in bins of 0.01, and lengths in bp.",
    &["ours"],
    ("20 of 40 reads: bin (0.495,0.505].", "The caller tells no reads: in no bin, counted."),
);

pub(super) const PURITY: Explanation = biomarker(
    ("purity", "Share of tumour cells in the tumour sample"),
    "Twice the share of ALT reads at the highest peak of the substitutions that no population and no read of the normal \
     sample shows. Substitutions within gains, losses and lost \
     heterozygosity of the copy-number calls are left out. A purity that the case states replaces the estimate, which is told beside it.",
    &["hmftools", "ours"],
    ("Most substitutions near 35 % of reads: 0.7.", "Fewer than 10 substitutions: not assessed."),
);

pub(super) const KATAEGIS: Explanation = biomarker(
    ("kataegis", "Clusters of substitutions"),
    "Runs of substitutions nearer to each other than a definition of the policy asks for, and the distance of each \
     substitution to the one before.",
    &["literature", "pcgr", "hmftools", "ours"],
    ("Six substitutions within 3 kb: a cluster.", "Five substitutions within 3 kb: none."),
);

pub(super) const INSTABILITY_OF_INDELS: Explanation = biomarker(
    ("instability-of-indels", "Microsatellite instability from insertions and deletions"),
    "Insertions and deletions of repeats of the reference a megabase. It takes the reference.",
    &["hmftools"],
    ("12,000 such indels over 2,859 Mb: unstable.", "300 of them: stable."),
);

pub(super) const INSTABILITY_OF_READS: Explanation = biomarker(
    ("instability-of-reads", "Microsatellite instability from the reads of tumour and normal"),
    "Compares the lengths of each microsatellite in reads of tumour and normal that span it (chi-square, false discovery \
     rate). The sites are those of the case's list, else those of the reference within its target regions. The cut-off is \
     for one assay only, so the number of sites stands beside the score.",
    &["msisensor", "ours"],
    ("20 of 100 sites differ: score 20, unstable.", "Neither list nor regions: not assessed."),
);

pub(super) const LEAKAGE: Explanation = biomarker(
    ("leakage", "Signs of germline variants among the somatic ones"),
    "Shares of the somatic variants that populations know, that the normal sample's reads show, that the germline calls of \
     the same person have, and that lie near half of the reads; transitions over transversions.",
    &["gel-cancer-filters", "ours"],
    ("5 % are common in gnomAD: a warning.", "None is: no warning."),
);
