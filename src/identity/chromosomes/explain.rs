//! What the program tells of its findings on whole chromosomes.

use crate::model::explain::{Explanation, ExplanationKind};

/// All findings.
pub const EXPLANATIONS: &[Explanation] = &[
    Explanation {
        id: "uniparental_disomy",
        kind: ExplanationKind::Finding,
        title: "both copies of a chromosome, or of a part, come from one parent",
        what: "Sites are counted at which the child has nothing of one parent: opposite homozygous parents and a homozygous child \
               (UA), or a homozygous parent whose allele the child lacks while the other parent is heterozygous (UI, isodisomy). \
               Sites that show both parents (BPI, and alleles of one parent alone) speak against it. A hidden Markov model over \
               windows finds the stretches; what one window says is limited. A called loss of copies makes it a possible \
               deletion. With one parent, or where a deletion is not ruled out, it is only possible.",
        sources: &["ours", "acmg-upd"],
        fires: "No site of chromosome 15 shows the father, 2,000 contradict him: complete maternal disomy.",
        does_not: "A chromosome is homozygous because the parents are cousins: no site contradicts either parent.",
    },
    Explanation {
        id: "homozygosity_run",
        kind: ExplanationKind::Finding,
        title: "a stretch of a chromosome without heterozygous sites",
        what: "Windows whose variants are homozygous, joined by a hidden Markov model. Runs on several chromosomes come from \
               shared ancestors. One long run on a single chromosome is a hint of isodisomy and never more.",
        sources: &["ours"],
        fires: "30 Mb of chromosome 7 without a heterozygous site.",
        does_not: "Ten homozygous sites in a row.",
    },
    Explanation {
        id: "karyotype",
        kind: ExplanationKind::Finding,
        title: "numbers of chromosomes by depth",
        what: "The median depth of each autosome over the median of all, times two, when it lies near a whole number; X and Y as \
               the check of sex tells them. What lies between two numbers is not told. The number of all chromosomes is told only \
               where each of them was counted.",
        sources: &["ours"],
        fires: "Chromosome 21 at 1.5 times the depth of the others: three copies.",
        does_not: "Chromosome 8 at 1.2 times the depth: mosaic or noise.",
    },
];
