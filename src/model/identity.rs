//! What identity checks find: contamination of one sample, how two samples are related, whether families fit.
//!
//! Shares are 0 to 1. "Too few sites" is an answer of its own: there is no number then.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sample::Sex;
use super::verdict::Outcome;

/// A share with its 95 % interval, and what it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measured {
    /// Best value, 0 to 1.
    pub value: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end of the 95 % interval.
    pub high: f64,
    /// Sites that it rests on.
    pub sites: u32,
    /// Bases (reads at sites) that it rests on.
    pub reads: u64,
}

/// A share, or why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "status")]
pub enum Estimate {
    /// It was measured.
    Measured(Measured),
    /// The data hold fewer sites than the estimate needs.
    TooFewSites {
        /// Sites there are.
        sites: u32,
        /// Sites that it takes.
        needed: u32,
    },
    /// The data are of a sort that does not tell (calls hold no base qualities).
    NotAssessed,
}

impl Estimate {
    /// The measured share, when there is one.
    pub fn measured(&self) -> Option<&Measured> {
        match self {
            Self::Measured(measured) => Some(measured),
            _ => None,
        }
    }
}

/// Contamination by another person, from reads at known sites (`FREEMIX` of VerifyBamID).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Contamination {
    /// Share of the reads that come from another person.
    pub estimate: Estimate,
    /// The same where every base is as often wrong as its quality states; only where bases of neither allele refute some
    /// quality. Absent in older files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_stated: Option<Estimate>,
    /// Mean depth over the sites with reads; bases of either allele.
    pub mean_depth: f64,
    /// Natural logarithm of the likelihood at the estimate and without contamination.
    pub log_likelihood: Option<[f64; 2]>,
    /// Place of the sample among the ancestry components of the site list; empty when the list has none.
    pub ancestry: Vec<f64>,
}

/// Identity of one sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SampleIdentity {
    /// Name of the list of sites.
    pub site_list: String,
    /// Contamination by likelihood; `None` without base qualities.
    pub contamination: Option<Contamination>,
    /// Contamination by reference bases at homozygous alternate sites (CHARR).
    pub charr: Estimate,
    /// Contamination of a tumour, at sites where its normal sample is homozygous; `None` without a normal sample.
    pub tumour_contamination: Option<Estimate>,
    /// Of a tumour's normal sample: share of its reads that show the tumour's clonal variants. `None` for other samples.
    pub tumour_in_normal: Option<Estimate>,
    /// Genotypes and depth at the sites.
    pub genotypes: GenotypeCounts,
}

impl SampleIdentity {
    /// The estimate that limits of contamination look at: of a tumour the one given its normal sample, because copy
    /// numbers mislead the other; else the greater one of errors as found and as stated, because errors that are not even
    /// over the bases would hide contamination.
    pub fn decisive(&self) -> Option<&Estimate> {
        let greater = |found: &'_ Contamination| {
            let value = |estimate: &Estimate| estimate.measured().map(|found| found.value);
            found.as_stated.as_ref().is_some_and(|own| value(own) > value(&found.estimate))
        };
        self.tumour_contamination.as_ref().or_else(|| {
            let found = self.contamination.as_ref()?;
            if greater(found) { found.as_stated.as_ref() } else { Some(&found.estimate) }
        })
    }
}

/// Genotypes of one sample at sites, and how deep they were seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GenotypeCounts {
    /// Homozygous reference, autosomes.
    pub hom_ref: u32,
    /// Heterozygous, autosomes.
    pub het: u32,
    /// Homozygous alternate, autosomes.
    pub hom_alt: u32,
    /// No genotype, autosomes.
    pub unknown: u32,
    /// Mean and standard deviation of the depth at autosomal sites with a genotype.
    pub genotyped_depth: [f64; 2],
    /// Mean and standard deviation of the depth at all autosomal sites.
    pub depth: [f64; 2],
    /// Mean and standard deviation of the share of alternate bases at autosomal sites with enough depth.
    pub alternate_share: [f64; 2],
    /// Share of autosomal sites whose alternate share is 0.02 to 0.1 or 0.9 to 0.98.
    pub middling_share: f64,
    /// Homozygous reference, heterozygous and homozygous alternate, X outside the pseudo-autosomal regions.
    pub x: [u32; 3],
    /// Mean depth at X sites.
    pub x_depth: f64,
    /// Number of X and of Y sites with a base.
    pub xy_sites: [u32; 2],
    /// Mean depth at Y sites.
    pub y_depth: f64,
}

/// Counts of one pair of samples, at sites where both have a genotype.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
pub struct PairCounts {
    /// Autosomal sites with a genotype in both.
    pub sites: u32,
    /// Opposite homozygotes.
    pub ibs0: u32,
    /// Equal genotypes.
    pub ibs2: u32,
    /// Heterozygous in the first.
    pub hets_a: u32,
    /// Heterozygous in the second.
    pub hets_b: u32,
    /// Heterozygous in both.
    pub shared_hets: u32,
    /// Homozygous alternate in the first.
    pub hom_alts_a: u32,
    /// Homozygous alternate in the second.
    pub hom_alts_b: u32,
    /// Homozygous alternate in both.
    pub shared_hom_alts: u32,
    /// X sites with a genotype in both.
    pub x_sites: u32,
    /// Opposite homozygotes on X.
    pub x_ibs0: u32,
    /// Equal genotypes on X.
    pub x_ibs2: u32,
}

impl PairCounts {
    /// KING-robust kinship, `(shared hets - 2 IBS0) / (hets of the one + hets of the other)`; `None` without hets.
    ///
    /// Source: Manichaikul et al. 2010, Bioinformatics 26:2867, equation 9.
    pub fn kinship(&self) -> Option<f64> {
        let hets = self.hets_a + self.hets_b;
        (hets > 0)
            .then(|| (f64::from(self.shared_hets) - 2.0 * f64::from(self.ibs0)) / f64::from(hets))
    }

    /// Relatedness, twice the kinship: 1 for one person, 0.5 for first degree (Pedersen et al. 2020, Genome Medicine
    /// 12:62, somalier).
    pub fn relatedness(&self) -> Option<f64> {
        self.kinship().map(|kinship| 2.0 * kinship)
    }

    /// Agreement of homozygous alternate genotypes, as somalier's column `hom_concordance`:
    /// `(shared - 2 IBS0) / the smaller number of the two`.
    pub fn hom_concordance(&self) -> Option<f64> {
        let least = self.hom_alts_a.min(self.hom_alts_b);
        (least > 0).then(|| {
            (f64::from(self.shared_hom_alts) - 2.0 * f64::from(self.ibs0)) / f64::from(least)
        })
    }

    /// Opposite homozygotes for each heterozygote of the two samples together; near 0 for a parent and a child, whatever
    /// the frequencies of the sites.
    pub fn ibs0_by_het(&self) -> Option<f64> {
        let hets = self.hets_a + self.hets_b;
        (hets > 0).then(|| 2.0 * f64::from(self.ibs0) / f64::from(hets))
    }

    /// Adds the counts of other sites.
    pub fn add(&mut self, more: &Self) {
        self.sites += more.sites;
        self.ibs0 += more.ibs0;
        self.ibs2 += more.ibs2;
        self.hets_a += more.hets_a;
        self.hets_b += more.hets_b;
        self.shared_hets += more.shared_hets;
        self.hom_alts_a += more.hom_alts_a;
        self.hom_alts_b += more.hom_alts_b;
        self.shared_hom_alts += more.shared_hom_alts;
        self.x_sites += more.x_sites;
        self.x_ibs0 += more.x_ibs0;
        self.x_ibs2 += more.x_ibs2;
    }
}

/// How two samples are related.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// Too few sites are known in both: no relation is told.
    TooFewSites,
    /// The same person, or identical twins.
    SamePerson,
    /// Parent and child.
    ParentChild,
    /// Full siblings.
    FullSiblings,
    /// Parent and child, or full siblings: the sites do not tell which.
    FirstDegree,
    /// Half-siblings, grandparent and grandchild, uncle or aunt and nephew or niece.
    SecondDegree,
    /// First cousins and the like.
    ThirdDegree,
    /// No relation that could be seen.
    Unrelated,
}

impl Relation {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::TooFewSites => "too few sites",
            Self::SamePerson => "the same person or identical twins",
            Self::ParentChild => "parent and child",
            Self::FullSiblings => "full siblings",
            Self::FirstDegree => "parent and child, or full siblings",
            Self::SecondDegree => "second-degree relatives",
            Self::ThirdDegree => "third-degree relatives",
            Self::Unrelated => "unrelated",
        }
    }
}

/// Genotypes of a child against those of one parent or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MendelCounts {
    /// Autosomal sites at which all have a genotype.
    pub sites: u32,
    /// Of these, sites at which the child's genotype cannot come from the parents.
    pub errors: u32,
    /// X sites at which all whose genotype matters have one.
    pub x_sites: u32,
    /// Of these, impossible ones; the child's sex decides what is possible.
    pub x_errors: u32,
}

impl MendelCounts {
    /// Share of the autosomal sites that are impossible.
    pub fn rate(&self) -> Option<f64> {
        (self.sites > 0).then(|| f64::from(self.errors) / f64::from(self.sites))
    }
}

/// Two members of a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PairIdentity {
    /// Numbers of the members, 1-based, the smaller first.
    pub members: [u16; 2],
    /// What was counted.
    pub counts: PairCounts,
    /// KING-robust kinship; `None` without heterozygous sites.
    pub kinship: Option<f64>,
    /// What the genotypes say.
    pub relation: Relation,
    /// Kinship that the pedigree says; `None` where it leaves the relation open.
    pub expected_kinship: Option<f64>,
    /// Relation that the pedigree says; `None` where it leaves the relation open.
    pub expected: Option<Relation>,
    /// Whether they agree.
    pub outcome: Outcome,
}

/// A child with one parent or both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MendelIdentity {
    /// Number of the child, 1-based.
    pub child: u16,
    /// Number of the father.
    pub father: Option<u16>,
    /// Number of the mother.
    pub mother: Option<u16>,
    /// What was counted.
    pub counts: MendelCounts,
    /// Share of impossible autosomal sites; `None` when there are too few sites.
    pub rate: Option<f64>,
    /// Whether it is low enough.
    pub outcome: Outcome,
}

/// Agreement of the genotypes of a tumour and its normal sample.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Concordance {
    /// Sites deep enough in both.
    pub sites: u32,
    /// All sites of the list.
    pub of_sites: u32,
    /// Sites with the same most likely genotype.
    pub agreeing: u32,
    /// Least depth of a site in both.
    pub min_depth: u32,
}

impl Concordance {
    /// Share of agreeing sites, 0 to 1; `None` without sites.
    pub fn share(&self) -> Option<f64> {
        (self.sites > 0).then(|| f64::from(self.agreeing) / f64::from(self.sites))
    }
}

/// A tumour against its normal sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TumourIdentity {
    /// Number of the tumour, 1-based.
    pub tumour: u16,
    /// Number of the normal sample.
    pub normal: u16,
    /// Agreement at all sites.
    pub concordance: Concordance,
    /// Agreement at sites where the normal sample is homozygous, which copy numbers of the tumour leave alone.
    pub homozygous_concordance: Concordance,
    /// Whether they are one person.
    pub outcome: Outcome,
}

/// A sentence about something that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Suspicion {
    /// How grave it is: WARN or FAIL.
    pub outcome: Outcome,
    /// Members in question, numbers from 1.
    pub members: Vec<u16>,
    /// The sentence; members are named by role.
    pub text: String,
}

/// Limits that were applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LimitsUsed {
    /// Name of the limits.
    pub id: String,
    /// Version of the limits.
    pub version: String,
}

/// One member in the identity checks of a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MemberIdentity {
    /// Number of the member, 1-based.
    pub member: u16,
    /// What the sample's own reads or calls say.
    pub identity: SampleIdentity,
    /// The set of acceptance limits that decided; `None` when no set has such a limit.
    pub limits: Option<LimitsUsed>,
    /// Contamination, and tumour cells in a normal sample, against these limits.
    pub outcome: Outcome,
}

/// Sex chromosomes of a sample by the depth of its reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SexCoverage {
    /// Numbers of X and of Y; `None` where depths do not tell, or heterozygosity of X contradicts them.
    pub copies: Option<[u8; 2]>,
    /// Mean depth of X by that of the autosomes, over known bases; `None` without a reference or without the figures of the
    /// alignment.
    pub x_ratio: Option<f64>,
    /// The same of Y.
    pub y_ratio: Option<f64>,
}

/// The sex that a sample shows beside the stated one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SexIdentity {
    /// Number of the member, 1-based.
    pub member: u16,
    /// Stated sex.
    pub stated: Sex,
    /// Sex that depths or genotypes of X and Y show; unknown where they do not tell.
    pub shown: Sex,
    /// Whether they agree; not assessed where one of them is unknown.
    pub outcome: Outcome,
    /// What the depths of X and Y say; `None` where they were not looked at, or are too low. Absent in older files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<SexCoverage>,
}

impl SexIdentity {
    /// Holds the sex that a sample shows against the stated one.
    pub fn of(member: u16, [stated, shown]: [Sex; 2], coverage: Option<SexCoverage>) -> Self {
        let outcome = match (stated, shown) {
            (Sex::Unknown, _) | (_, Sex::Unknown) => Outcome::NotAssessed,
            _ if stated == shown => Outcome::Pass,
            _ => Outcome::Fail,
        };
        Self { member, stated, shown, outcome, coverage }
    }
}

/// Identity checks of a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CaseIdentity {
    /// Limits that were applied.
    pub limits: LimitsUsed,
    /// What was compared: the name of a site list, or that the case's own variants were.
    pub sites: String,
    /// The worst outcome of all; contamination and relations that are not known do not count.
    pub outcome: Outcome,
    /// Why somebody went on in spite of a failure, in their words.
    pub override_reason: Option<String>,
    /// True when nothing was tiered because of the failure.
    pub stopped: bool,
    /// Members with a sample, in the order of the case.
    pub samples: Vec<MemberIdentity>,
    /// Their sex; nothing of tumours, which lose and gain chromosomes.
    pub sexes: Vec<SexIdentity>,
    /// Every pair of them.
    pub pairs: Vec<PairIdentity>,
    /// Children with their parents.
    pub families: Vec<MendelIdentity>,
    /// The tumour and its normal sample, when both have reads at the sites.
    pub tumour: Option<TumourIdentity>,
    /// Share of the normal sample's reads that show the tumour's clonal variants, from somatic calls; `None` without such
    /// calls.
    pub tumour_in_normal: Option<Estimate>,
    /// What does not fit, gravest first.
    pub suspicions: Vec<Suspicion>,
}
