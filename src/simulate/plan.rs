//! What is planted in the trio: one gene a row, with the answer that the public rules give for it.

use super::gene::Want;
use super::windows::Kind;

/// PanelApp's words for modes of inheritance, as its API writes them.
pub mod moi {
    /// One copy suffices; not imprinted.
    pub const MONO: &str = "MONOALLELIC, autosomal or pseudoautosomal, NOT imprinted";
    /// One copy suffices; imprinting not known.
    pub const MONO_UNKNOWN: &str =
        "MONOALLELIC, autosomal or pseudoautosomal, imprinted status unknown";
    /// Both copies.
    pub const BI: &str = "BIALLELIC, autosomal or pseudoautosomal";
    /// Either.
    pub const BOTH: &str = "BOTH monoallelic and biallelic, autosomal or pseudoautosomal";
    /// Recessive on X.
    pub const XL_BI: &str =
        "X-LINKED: hemizygous mutation in males, biallelic mutations in females";
}

/// Who carries a planted allele. The mother passes her first strand on, the father his.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carriers {
    /// Only the child, on the strand from the mother.
    DeNovo,
    /// As `DeNovo`, but a fifth of the mother's first strand has it too, below what was called.
    DeNovoMosaicMother,
    /// Both strands of the child, one of each parent.
    Homozygous,
    /// The mother's first strand and the child.
    Mother,
    /// The father's first strand and the child.
    Father,
}

/// One planted change.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    /// Its consequence.
    pub want: Want,
    /// Who has it.
    pub carriers: Carriers,
    /// Mean population frequency, a share of one.
    pub frac_population: f64,
    /// FILTER.
    pub filter: &'static str,
    /// Highest genotype quality of the child, phred-scaled.
    pub max_quality_phred: u32,
    /// Tier, or NONE.
    pub tier: &'static str,
}

impl Change {
    /// Whether its tier is only possible: the mother's reads contradict her call, or the child's genotype is not sure
    /// (below GQ 20, the limit for de novo calls).
    pub fn possible(&self) -> bool {
        self.tier != "NONE"
            && (self.carriers == Carriers::DeNovoMosaicMother || self.max_quality_phred < 20)
    }
}

/// One gene and what happens in it.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Where the gene must lie.
    pub kind: Kind,
    /// PanelApp confidence, `"3"` green to `"0"`; empty when the gene is not on the panel.
    pub confidence: &'static str,
    /// PanelApp mode of inheritance.
    pub moi: &'static str,
    /// The changes.
    pub changes: &'static [Change],
    /// `mode_of_inheritance` and `segregation` of the truth table; `.` for decoys.
    pub answer: (&'static str, &'static str),
    /// Why.
    pub note: &'static str,
}

const DE_NOVO: (&str, &str) = ("monoallelic_not_imprinted", "deNovo");
const DOMINANT: (&str, &str) = ("monoallelic_not_imprinted", "InheritedAutosomalDominant");
const RECESSIVE: (&str, &str) = ("biallelic", "SimpleRecessive");
const COMPOUND: (&str, &str) = ("biallelic", "CompoundHeterozygous");
const X_RECESSIVE: (&str, &str) = ("xlinked_biallelic", "XLinkedSimpleRecessive");
const NONE: (&str, &str) = (".", ".");

const fn rare(want: Want, carriers: Carriers, tier: &'static str) -> Change {
    Change { want, carriers, frac_population: 0.0, filter: "PASS", max_quality_phred: 99, tier }
}

const fn green(
    moi: &'static str,
    changes: &'static [Change],
    answer: (&'static str, &'static str),
    note: &'static str,
) -> Row {
    Row { kind: Kind::Autosome, confidence: "3", moi, changes, answer, note }
}

use Carriers::{DeNovo, DeNovoMosaicMother, Father, Homozygous, Mother};
use Want::{
    DonorFifth, Frameshift, InframeDeletion, Missense, SpliceDonor, StopGained, Synonymous,
};

/// The rows, in the order in which genes are given out.
pub const ROWS: &[Row] = &[
    green(moi::MONO, &[rare(Missense, DeNovo, "TIER1")], DE_NOVO, "moderate and de novo"),
    green(moi::MONO_UNKNOWN, &[rare(Frameshift, DeNovo, "TIER1")], DE_NOVO, "high and de novo"),
    green(moi::BI, &[rare(Missense, Homozygous, "TIER2")], RECESSIVE, "homozygous, moderate"),
    green(moi::BI, &[rare(StopGained, Homozygous, "TIER1")], RECESSIVE, "homozygous, high"),
    green(
        moi::BI,
        &[rare(StopGained, Mother, "TIER1"), rare(Missense, Father, "TIER2")],
        COMPOUND,
        "one from each parent: high and moderate",
    ),
    green(
        moi::BI,
        &[rare(Missense, Mother, "TIER2"), rare(Missense, Father, "TIER2")],
        COMPOUND,
        "one from each parent: both moderate",
    ),
    green(
        moi::BI,
        &[rare(Missense, Mother, "NONE")],
        NONE,
        "decoy: one heterozygous variant in a biallelic gene",
    ),
    green(
        moi::BI,
        &[rare(Missense, Mother, "NONE"), rare(Missense, Mother, "NONE")],
        NONE,
        "decoy: both on the mother's strand",
    ),
    green(
        moi::MONO,
        &[rare(Missense, Mother, "NONE")],
        NONE,
        "decoy: inherited from the unaffected mother; fits only under incomplete penetrance",
    ),
    green(
        moi::BI,
        &[rare(Missense, DeNovo, "TIER3")],
        DE_NOVO,
        "de novo in a green gene whose mode is biallelic: never Tier 1",
    ),
    Row {
        kind: Kind::Autosome,
        confidence: "2",
        moi: moi::MONO,
        changes: &[rare(Missense, DeNovo, "TIER3")],
        answer: DE_NOVO,
        note: "amber gene: outside the green panel",
    },
    Row {
        kind: Kind::Autosome,
        confidence: "",
        moi: "",
        changes: &[rare(Missense, DeNovo, "TIER3")],
        answer: DE_NOVO,
        note: "gene not on the panel",
    },
    Row {
        kind: Kind::Autosome,
        confidence: "",
        moi: "",
        changes: &[rare(StopGained, Homozygous, "TIER3")],
        answer: RECESSIVE,
        note: "gene not on the panel",
    },
    green(moi::MONO, &[rare(Synonymous, DeNovo, "NONE")], NONE, "decoy: synonymous"),
    green(
        moi::MONO,
        &[Change { frac_population: 0.05, ..rare(Missense, DeNovo, "NONE") }],
        NONE,
        "decoy: common in every population",
    ),
    green(
        moi::MONO,
        &[Change { filter: "LowQual", ..rare(StopGained, DeNovo, "NONE") }],
        NONE,
        "decoy: FILTER is not PASS",
    ),
    green(
        moi::MONO,
        &[rare(Missense, DeNovoMosaicMother, "TIER2")],
        DOMINANT,
        "possible, not certain: called reference in the mosaic mother, whose reads show it; more of them than a new variant allows, so not deNovo either",
    ),
    green(
        moi::MONO,
        &[Change { max_quality_phred: 9, ..rare(Missense, DeNovo, "TIER2") }],
        DE_NOVO,
        "possible, not certain: the child's genotype quality is 9 or less where a sure de novo needs 20, and only a sure one lifts moderate impact to Tier 1",
    ),
    green(moi::BOTH, &[rare(SpliceDonor, DeNovo, "TIER1")], DE_NOVO, "high and de novo"),
    green(
        moi::BI,
        &[Change { frac_population: 0.005, ..rare(Missense, Homozygous, "TIER2") }],
        RECESSIVE,
        "about 0.5 % in the population: within the recessive limit",
    ),
    green(
        moi::MONO,
        &[Change { frac_population: 0.005, ..rare(Missense, DeNovo, "NONE") }],
        NONE,
        "decoy: about 0.5 % in the population, above the dominant limit",
    ),
    green(moi::MONO, &[rare(InframeDeletion, DeNovo, "TIER1")], DE_NOVO, "moderate and de novo"),
    green(
        moi::BI,
        &[rare(DonorFifth, Homozygous, "TIER2")],
        RECESSIVE,
        "fifth base of an intron, which counts as splice region",
    ),
    green(moi::BI, &[rare(Frameshift, Homozygous, "TIER1")], RECESSIVE, "homozygous, high"),
    Row {
        kind: Kind::X,
        ..green(moi::XL_BI, &[rare(StopGained, Mother, "TIER1")], X_RECESSIVE, "hemizygous, high")
    },
    Row {
        kind: Kind::X,
        ..green(moi::XL_BI, &[rare(Missense, Mother, "TIER2")], X_RECESSIVE, "hemizygous, moderate")
    },
    Row {
        kind: Kind::X,
        ..green(
            moi::XL_BI,
            &[Change { frac_population: 0.05, ..rare(Missense, Mother, "NONE") }],
            NONE,
            "decoy: hemizygous, but common",
        )
    },
    Row {
        kind: Kind::Pseudoautosomal,
        ..green(
            moi::BI,
            &[rare(Missense, Homozygous, "TIER2")],
            RECESSIVE,
            "pseudoautosomal: two copies in a male",
        )
    },
    Row {
        kind: Kind::Pseudoautosomal,
        ..green(
            moi::BI,
            &[rare(Missense, Mother, "NONE")],
            NONE,
            "decoy: pseudoautosomal and heterozygous, not hemizygous",
        )
    },
];
