//! Whole chromosomes: from which parent they come, runs of homozygosity, how many there are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What was found on the chromosomes of the members of whom findings are reported.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChromosomeResults {
    /// One entry a member whose data may be shown, in the order of the case.
    pub members: Vec<MemberChromosomes>,
    /// Why nothing was assessed at all; `None` when something was.
    pub why_not: Option<String>,
}

/// The chromosomes of one member.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MemberChromosomes {
    /// Number of the member, 1-based.
    pub member: u16,
    /// Number of the father whose calls were compared.
    pub father: Option<u16>,
    /// Number of the mother whose calls were compared.
    pub mother: Option<u16>,
    /// Share of contradicting sites that was taken for error; `None` where no parent was compared.
    pub error_rate: Option<f64>,
    /// The chromosomes: 1 to 22, then X and Y where their number was measured.
    pub chromosomes: Vec<ChromosomeResult>,
    /// Sex chromosomes by depth as GEL writes them (`XX`, `XY`, `XO`, `XXY`); `None` when not measured.
    pub sex_chromosomes: Option<String>,
    /// Number of all chromosomes, only where that of every autosome, of X and of Y was measured.
    pub number_of_chromosomes: Option<u16>,
    /// Autosomes that hold a run of homozygosity.
    pub chromosomes_with_runs: u32,
    /// What a reader has to know of this member, one sentence each.
    pub notes: Vec<String>,
}

/// One chromosome of one member.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChromosomeResult {
    /// `1` to `22`, `X` or `Y`.
    pub chromosome: String,
    /// Length, bp; `None` when no file states it.
    pub length: Option<u32>,
    /// Counts of sites.
    pub sites: SiteCounts,
    /// Share of its stretches of five windows that hold a site of all who were compared.
    pub frac_covered: f64,
    /// Whether both parents passed on a copy.
    pub inheritance: Inheritance,
    /// The decision in words, with what was missing.
    pub why: String,
    /// True where the parent of origin matters.
    pub imprinted: bool,
    /// Segments of one parent alone.
    pub segments: Vec<ParentSegment>,
    /// Runs of homozygosity.
    pub runs: Vec<Stretch>,
    /// Median depth as a share of that of the autosomes; `None` where no alignment was read.
    pub depth_ratio: Option<f64>,
    /// Number of copies; `None` where not measured or between two numbers.
    pub copies: Option<u8>,
}

/// Sites of one chromosome by what they say, names as UPDio has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SiteCounts {
    /// Sites at which all who were compared have a genotype that counts.
    pub sites: u32,
    /// Both parents are seen to have passed on an allele: opposite homozygotes with a heterozygous child (BPI).
    pub biparental: u32,
    /// Nothing of the father, mother heterozygous: both copies are one of hers (UI_M).
    pub isodisomy_maternal: u32,
    /// Nothing of the mother, father heterozygous: both copies are one of his (UI_P).
    pub isodisomy_paternal: u32,
    /// Nothing of the father, mother homozygous (UA_M).
    pub uniparental_maternal: u32,
    /// Nothing of the mother, father homozygous (UA_P).
    pub uniparental_paternal: u32,
    /// Of a single parent who was compared: homozygous for another allele than a homozygous child.
    pub opposite: u32,
    /// Of a single parent who was compared: sites that could have shown it.
    pub comparable: u32,
    /// Neither parent alone explains the child: a new variant or an error.
    pub unexplained: u32,
    /// Heterozygous in the child.
    pub heterozygous: u32,
    /// Homozygous alternate in the child.
    pub homozygous_alternate: u32,
}

impl SiteCounts {
    /// Sites that tell whether both parents passed on an allele.
    pub fn informative(&self) -> u32 {
        self.biparental + self.one_parent() + self.comparable
    }

    /// Sites that contradict a copy of one parent.
    pub fn one_parent(&self) -> u32 {
        self.isodisomy_maternal
            + self.isodisomy_paternal
            + self.uniparental_maternal
            + self.uniparental_paternal
    }
}

/// Whether both parents passed on a copy of a chromosome.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Inheritance {
    /// The data do not tell.
    #[default]
    NotAssessed,
    /// Both did, as far as the sites show.
    Biparental,
    /// Uniparental disomy of the whole chromosome.
    Complete,
    /// Uniparental disomy of a part.
    Segmental,
    /// One parent's copy is missing in a part, and a loss was called there.
    PossibleDeletion,
    /// As uniparental disomy, but something that would make it sure is missing: never asserted.
    Possible,
}

impl Inheritance {
    /// True for uniparental disomy that is asserted.
    pub fn is_asserted(self) -> bool {
        matches!(self, Self::Complete | Self::Segmental)
    }

    /// True for anything that a reader should look at.
    pub fn is_finding(self) -> bool {
        self.is_asserted() || matches!(self, Self::PossibleDeletion | Self::Possible)
    }

    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotAssessed => "not assessed",
            Self::Biparental => "from both parents",
            Self::Complete => "uniparental disomy, complete",
            Self::Segmental => "uniparental disomy, segmental",
            Self::PossibleDeletion => "possible deletion",
            Self::Possible => "possible uniparental disomy",
        }
    }
}

/// A part of a chromosome of which one parent passed on nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ParentSegment {
    /// First contradicting site, 1-based.
    pub start: u32,
    /// Last contradicting site, 1-based.
    pub end: u32,
    /// The parent from whom the copies come.
    pub origin: Origin,
    /// Whether they are one of the parent's copies twice, or both.
    pub kind: DisomyKind,
    /// Sites that contradict a copy of the other parent.
    pub sites: u32,
    /// Sites that contradict uniparental inheritance.
    pub against: u32,
    /// Evidence, natural logarithm of the likelihood ratio, rounded to a tenth.
    pub evidence: f64,
    /// Share of the segment that called losses of the member cover; `None` when no copy-number caller's file has the member.
    pub frac_lost: Option<f64>,
}

/// The parent from whom both copies come.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The mother.
    Maternal,
    /// The father.
    Paternal,
}

impl Origin {
    /// `maternal` or `paternal`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Maternal => "maternal",
            Self::Paternal => "paternal",
        }
    }
}

/// Which of a parent's copies a child has.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum DisomyKind {
    /// One copy twice.
    Isodisomy,
    /// Both copies.
    Heterodisomy,
    /// Both copies in one part, one twice in another.
    Both,
    /// The sites do not tell.
    Unknown,
}

impl DisomyKind {
    /// `isodisomy`, `heterodisomy`, `both` or `unknown`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Isodisomy => "isodisomy",
            Self::Heterodisomy => "heterodisomy",
            Self::Both => "both",
            Self::Unknown => "unknown",
        }
    }
}

/// A stretch of a chromosome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stretch {
    /// First site, 1-based.
    pub start: u32,
    /// Last site, 1-based.
    pub end: u32,
}

impl Stretch {
    /// Length, bp.
    pub fn len(&self) -> u32 {
        self.end.saturating_sub(self.start) + 1
    }

    /// True for no base, which no stretch is.
    pub fn is_empty(&self) -> bool {
        self.end < self.start
    }
}
