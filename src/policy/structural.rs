//! What counts among copy-number and structural variants and short tandem repeats.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Sourced;
use crate::model::problem::Problem;

/// Copy-number and structural variants of inherited disease.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StructuralPolicy {
    /// FILTER values that pass.
    pub filters: Sourced<Vec<String>>,
    /// Copy-number variants of at least this length are reported, bp.
    pub min_reported_bp: Sourced<u32>,
    /// Longer ones than this need no second caller, bp.
    pub alone_above_bp: Sourced<u32>,
    /// The others need a structural variant of the same kind with at least this reciprocal overlap, 0 to 1.
    pub reciprocal_overlap: Sourced<f64>,
    /// INFO keys of the frequency in a cohort, first found wins.
    pub af_keys: Sourced<Vec<String>>,
    /// INFO keys of the second measure of how common the copy number is, first found wins.
    pub auc_keys: Sourced<Vec<String>>,
    /// A loss is too common when both measures exceed this.
    pub max_loss: Sourced<f64>,
    /// A gain is too common when both measures exceed this.
    pub max_gain: Sourced<f64>,
    /// Least share of a region that must be covered where the panel states none, percent.
    pub region_overlap_percent: Sourced<u32>,
    /// What gives Tier B; none: no Tier B.
    pub tier_b: Sourced<Vec<TierB>>,
    /// Tier of structural variants that touch an exon of a green gene: `none` reports them without tier.
    pub breakpoint_tier: Sourced<BreakpointTier>,
}

/// What gives Tier B.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TierB {
    /// An amber gene of a panel.
    AmberGene,
    /// An amber region of a panel of the same type, covered as far as it asks.
    AmberRegion,
    /// A green region of the same type, covered less than it asks.
    PartlyCoveredRegion,
}

/// Tier of structural variants, for which no public rule was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BreakpointTier {
    /// Reported without tier.
    None,
    /// Tier B.
    B,
}

/// Short tandem repeats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepeatPolicy {
    /// FILTER values that pass.
    pub filters: Sourced<Vec<String>>,
    /// Which limit of the panel the one long allele of a compound heterozygote has to reach.
    pub partner_limit: Sourced<PartnerLimit>,
    /// What to tell with a finding, by gene symbol.
    pub notes: Sourced<BTreeMap<String, String>>,
}

/// A limit of a panel's repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PartnerLimit {
    /// `normal_repeats`.
    Normal,
    /// `pathogenic_repeats`.
    Pathogenic,
}

impl StructuralPolicy {
    pub(super) fn sources(&self) -> Vec<&str> {
        vec![
            &self.filters.source,
            &self.min_reported_bp.source,
            &self.alone_above_bp.source,
            &self.reciprocal_overlap.source,
            &self.af_keys.source,
            &self.auc_keys.source,
            &self.max_loss.source,
            &self.max_gain.source,
            &self.region_overlap_percent.source,
            &self.tier_b.source,
            &self.breakpoint_tier.source,
        ]
    }

    /// Shares lie between 0 and 1.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let shares = [
            ("structural.reciprocal_overlap", self.reciprocal_overlap.value),
            ("structural.max_loss", self.max_loss.value),
            ("structural.max_gain", self.max_gain.value),
            (
                "structural.region_overlap_percent / 100",
                f64::from(self.region_overlap_percent.value) / 100.0,
            ),
        ];
        match shares.iter().find(|(_, share)| !(0.0..=1.0).contains(share)) {
            Some((key, share)) => {
                Err(Problem::bad_data(format!("`{key}` is {share}, but must be between 0 and 1")))
            }
            None if self.filters.value.is_empty() => {
                Err(Problem::bad_data("`structural.filters` is empty: nothing could be reported"))
            }
            None => Ok(()),
        }
    }

    /// All INFO keys that the policy names.
    pub fn keys(&self) -> Vec<String> {
        self.af_keys.value.iter().chain(&self.auc_keys.value).cloned().collect()
    }
}

impl RepeatPolicy {
    pub(super) fn sources(&self) -> Vec<&str> {
        vec![&self.filters.source, &self.partner_limit.source, &self.notes.source]
    }

    pub(super) fn check(&self) -> Result<(), Problem> {
        if self.filters.value.is_empty() {
            return Err(Problem::bad_data("`repeat.filters` is empty: nothing could be reported"));
        }
        Ok(())
    }
}
