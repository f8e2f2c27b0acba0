//! Limits and strengths of ACMG/AMP evidence that is computed.

use serde::{Deserialize, Serialize};

use super::Sourced;
use crate::model::results::acmg::Strength;

/// ACMG/AMP evidence; listed with its inputs and never added up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcmgPolicy {
    /// PM2: largest frequency in any assessed population, dominant modes.
    pub pm2_dominant: Sourced<f64>,
    /// PM2: the same, recessive modes.
    pub pm2_recessive: Sourced<f64>,
    /// PM2: strength.
    pub pm2_strength: Sourced<Strength>,
    /// BA1: a frequency above this in any population of `benign_populations` stands alone.
    pub ba1: Sourced<f64>,
    /// BS1: a frequency above this is more than the disorder allows, dominant modes.
    pub bs1_dominant: Sourced<f64>,
    /// BS1: the same, recessive modes.
    pub bs1_recessive: Sourced<f64>,
    /// Populations too small for BA1 and BS1, by name.
    pub small_populations: Sourced<Vec<String>>,
    /// PS2: strength of a de novo change with parentage confirmed by identity checks.
    pub ps2_strength: Sourced<Strength>,
    /// PM6: strength of an assumed one.
    pub pm6_strength: Sourced<Strength>,
    /// PM3: strength of a recessive partner in trans that is known to cause disease.
    pub pm3_strength: Sourced<Strength>,
    /// PVS1: terms of a null variant, by Sequence Ontology name.
    pub null_terms: Sourced<Vec<String>>,
}

impl AcmgPolicy {
    /// Source ids.
    pub(super) fn sources(&self) -> [&str; 11] {
        [
            &self.pm2_dominant.source,
            &self.pm2_recessive.source,
            &self.pm2_strength.source,
            &self.ba1.source,
            &self.bs1_dominant.source,
            &self.bs1_recessive.source,
            &self.small_populations.source,
            &self.ps2_strength.source,
            &self.pm6_strength.source,
            &self.pm3_strength.source,
            &self.null_terms.source,
        ]
    }
}
