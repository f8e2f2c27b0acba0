//! Contamination as `.selfSM` of VerifyBamID2. Columns that it fills with NA are NA here too.

use super::cell;
use crate::model::identity::{Estimate, SampleIdentity};

const HEADER: &str = "#SEQ_ID\tRG\tCHIP_ID\t#SNPS\t#READS\tAVG_DP\tFREEMIX\tFREELK1\tFREELK0\tFREE_RH\tFREE_RA\t\
                      CHIPMIX\tCHIPLK1\tCHIPLK0\tCHIP_RH\tCHIP_RA\tDPREF\tRDPHET\tRDPALT\n";

/// The whole text; `None` when contamination was not measured. As there, logarithms of likelihoods are natural and
/// negated.
pub fn text(sample: &str, identity: &SampleIdentity) -> Option<String> {
    let found = identity.contamination.as_ref()?;
    let Estimate::Measured(measured) = found.estimate else { return None };
    let [at_estimate, at_null] = found.log_likelihood?.map(|value| -value);
    let row = format!(
        "{}\tNA\tNA\t{}\t{}\t{:.4}\t{:.6}\t{at_estimate:.2}\t{at_null:.2}{}\n",
        cell(sample),
        measured.sites,
        measured.reads,
        found.mean_depth,
        measured.value,
        "\tNA".repeat(10),
    );
    Some(format!("{HEADER}{row}"))
}
