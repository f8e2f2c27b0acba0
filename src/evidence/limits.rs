//! The policy's limits as the numbers that counting needs.

use crate::policy::reads::ReadPolicy;

/// Limits of counting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Least mapping quality, phred.
    pub min_mapping_quality: u8,
    /// Least base quality, phred.
    pub min_base_quality: u16,
    /// Most reads a site.
    pub max_depth: u32,
    /// Bases of a read on each side of an indel, bp.
    pub flank_bp: u32,
    /// Longest allele, bp.
    pub max_allele_bp: usize,
    /// Least ratio of the likelihoods, as a natural logarithm.
    pub min_ln_ratio: f64,
    /// Cost of opening a gap, phred.
    pub gap_open: f64,
    /// Cost of a further base of a gap, phred.
    pub gap_extend: f64,
}

impl Limits {
    /// From a policy, whose numbers were checked.
    pub fn new(policy: &ReadPolicy) -> Self {
        Self {
            min_mapping_quality: policy.min_mapping_quality.value as u8,
            min_base_quality: policy.min_base_quality.value as u16,
            max_depth: policy.max_depth.value as u32,
            flank_bp: policy.flank_bp.value as u32,
            max_allele_bp: policy.max_allele_bp.value as usize,
            min_ln_ratio: policy.min_log10_ratio.value * std::f64::consts::LN_10,
            gap_open: policy.gap_open.value,
            gap_extend: policy.gap_extend.value,
        }
    }
}
