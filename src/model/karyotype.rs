//! Sex chromosomes as measured, beside the sex that the case states.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::identity::SexCoverage;
use super::sample::Sex;
use super::verdict::Outcome;

/// How many of each sex chromosome a sample has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Karyotype {
    /// `XX`, `XY`, `X0`, `XXY`, `XYY`, `XXX` or `XXXY`.
    pub name: String,
    /// Number of X.
    pub x_copies: u8,
    /// Number of Y.
    pub y_copies: u8,
}

impl SexCheck {
    /// The sex that the karyotype shows, as far as it tells.
    pub fn shown(&self) -> Sex {
        match &self.karyotype {
            Some(karyotype) if karyotype.y_copies > 0 => Sex::Male,
            Some(karyotype) if karyotype.x_copies > 1 => Sex::Female,
            _ => Sex::Unknown,
        }
    }
}

impl SexCheck {
    /// The numbers of X and Y by depth; `None` where the sample has no depths, or too low ones.
    pub fn coverage(&self) -> Option<SexCoverage> {
        self.x_ratio?;
        let copies = self.karyotype.as_ref().map(|own| [own.x_copies, own.y_copies]);
        Some(SexCoverage { copies, ..SexCoverage::default() })
    }

    /// Depths were looked at and leave the sex open: a karyotype of neither sex, or one that X sites contradict.
    pub fn is_in_doubt(&self) -> bool {
        let told = self.karyotype.is_some() || self.outcome == Outcome::Warn;
        told && self.shown() == Sex::Unknown
    }
}

/// Sex chromosomes of one sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SexCheck {
    /// What the depths say, and X heterozygosity does not contradict; absent when the data do not suffice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub karyotype: Option<Karyotype>,
    /// Number of X: that of the karyotype, or one when calls alone show a single X.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x_copies: Option<u8>,
    /// Depth of X as a share of that of autosomes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x_ratio: Option<f64>,
    /// Depth of Y as a share of that of autosomes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y_ratio: Option<f64>,
    /// Heterozygous sites of X for each homozygous alternate one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x_heterozygosity: Option<f64>,
    /// Sites of X, outside the pseudo-autosomal regions, with a genotype.
    pub x_sites: u32,
    /// The sex that the case states.
    pub stated: Sex,
    /// Whether both agree: a warning for a karyotype other than XX and XY that is no contradiction.
    pub outcome: Outcome,
    /// The same for people.
    pub message: String,
}
