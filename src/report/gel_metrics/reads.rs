//! Records about reads: the numbers of `samtools stats`, dropouts, insert sizes, contamination.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Records;
use crate::model::identity::{Estimate, SampleIdentity};
use crate::model::problem::Problem;
use crate::model::qc::SampleQc;
use crate::model::qc::insert_size::PairOrientation;
use crate::model::samtools::SamtoolsQc;
use crate::report::samtools;

/// Key and class of the contamination.
pub(super) const VERIFY_BAM_ID: (&str, &str) = ("VERIFY_BAM_ID", "VerifyBamId");

/// All reads count, as `samtools stats` counts them without options.
const SCOPE: &str = "all";

/// Summary numbers of `samtools stats` that the model has no field for.
const WITHOUT_FIELD: [&str; 8] = [
    "supplementary alignments",
    "total first fragment length",
    "total last fragment length",
    "average first fragment length",
    "average last fragment length",
    "maximum first fragment length",
    "maximum last fragment length",
    "percentage of properly paired reads (%)",
];

#[derive(Serialize)]
struct SamtoolsStats {
    #[serde(rename = "samtoolsScope")]
    scope: &'static str,
    #[serde(flatten)]
    numbers: BTreeMap<String, f64>,
}

#[derive(Serialize)]
struct SamtoolsStatsCalculations {
    #[serde(rename = "samtoolsScope")]
    scope: &'static str,
    #[serde(rename = "SAMTOOLS_PAIRS_ON_DIFFERENT_CHROMOSOMES_PERCENT")]
    different: f64,
    #[serde(rename = "SAMTOOLS_READS_MAPPED_PERCENT")]
    mapped: f64,
}

#[derive(Serialize)]
struct GelAtGcDrop {
    at_drop: f64,
    gc_drop: f64,
}

#[derive(Serialize)]
struct InsertSizeGel {
    median_inward: f64,
}

/// As VerifyBamID's `.selfSM` of a sample without an array.
#[derive(Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) struct VerifyBamId<'a> {
    seq_id: &'a str,
    chip_id: &'static str,
    snps: f64,
    reads: f64,
    avg_dp: f64,
    freemix: f64,
    freelk1: f64,
    freelk0: f64,
    free_rh: &'static str,
    free_ra: &'static str,
    chipmix: &'static str,
    chiplk1: &'static str,
    chiplk0: &'static str,
    chip_ra: &'static str,
    dpref: &'static str,
    rdphet: &'static str,
    rdpalt: &'static str,
}

/// Adds the records about reads.
///
/// # Errors
///
/// None in practice: every record can be written as JSON.
pub(super) fn add(records: &mut Records, qc: &SampleQc) -> Result<(), Problem> {
    let stats = qc.samtools.as_ref().ok_or("the metric samtools did not run");
    records.put(("SAMTOOLS_STATS_ALL", "SamtoolsStats"), stats.and_then(numbers))?;
    let key = ("SAMTOOLS_STATS_CALCULATIONS_ALL", "SamtoolsStatsCalculations");
    records.put(key, stats.and_then(shares))?;
    let bias = qc.gc_bias.as_ref().ok_or("the metric gc_bias did not run, or has no reference");
    let dropout =
        bias.map(|bias| GelAtGcDrop { at_drop: bias.at_dropout, gc_drop: bias.gc_dropout });
    records.put(("AT_GC_DROP", "GelAtGcDrop"), dropout)?;
    let mut sizes = qc.insert_size.iter().flatten();
    let inward = sizes.find(|own| own.orientation == PairOrientation::Fr);
    let inward = inward.ok_or("the metric insert_size did not run, or no pair faces each other");
    let median = inward.map(|own| InsertSizeGel { median_inward: own.median });
    records.put(("INSERT_SIZE_GEL", "InsertSizeGel"), median)?;
    records.put(VERIFY_BAM_ID, verify_bam_id(&qc.sample, qc.identity.as_ref()))
}

/// The numbers as they are printed, each under its name in capitals.
fn numbers(qc: &SamtoolsQc) -> Result<SamtoolsStats, &'static str> {
    let mut fields = BTreeMap::new();
    for (name, value, _) in samtools::numbers(qc) {
        if WITHOUT_FIELD.contains(&name.as_str()) {
            continue;
        }
        let plain: String = name.chars().filter(|c| !matches!(c, '(' | ')')).collect();
        let field = format!("SAMTOOLS_{}", plain.replace([' ', '-'], "_").to_uppercase());
        let number = value.parse::<f64>().ok().filter(|number| number.is_finite());
        fields.insert(field, number.ok_or("a number is not finite")?);
    }
    Ok(SamtoolsStats { scope: SCOPE, numbers: fields })
}

/// Percent of the reads that are mapped, and of the pairs with both reads mapped those on two contigs: from the same counts
/// as the checks of verdicts.
fn shares(qc: &SamtoolsQc) -> Result<SamtoolsStatsCalculations, &'static str> {
    let mapped = qc.share(qc.mapped()).ok_or("there are no reads")?;
    if qc.mapped_and_paired == 0 {
        return Err("no pair has both reads mapped");
    }
    let different = qc.different_contig_reads as f64 / qc.mapped_and_paired as f64;
    let (different, mapped) = (100.0 * different, 100.0 * mapped);
    Ok(SamtoolsStatsCalculations { scope: SCOPE, different, mapped })
}

/// The contamination of a sample, as its `.selfSM` has it.
pub(super) fn verify_bam_id<'a>(
    sample: &'a str,
    identity: Option<&SampleIdentity>,
) -> Result<VerifyBamId<'a>, &'static str> {
    const NA: &str = "NA";
    let found = identity.and_then(|own| own.contamination.as_ref());
    let found = found.ok_or("contamination takes reads at known sites")?;
    let measured = match &found.estimate {
        Estimate::Measured(measured) => measured,
        Estimate::TooFewSites { .. } => return Err("too few sites for contamination"),
        Estimate::NotAssessed => return Err("the data do not tell contamination"),
    };
    let [at_estimate, at_null] = found.log_likelihood.ok_or("there is no likelihood")?;
    Ok(VerifyBamId {
        seq_id: sample,
        chip_id: NA,
        snps: f64::from(measured.sites),
        reads: measured.reads as f64,
        avg_dp: found.mean_depth,
        freemix: measured.value,
        freelk1: -at_estimate,
        freelk0: -at_null,
        free_rh: NA,
        free_ra: NA,
        chipmix: NA,
        chiplk1: NA,
        chiplk0: NA,
        chip_ra: NA,
        dpref: NA,
        rdphet: NA,
        rdpalt: NA,
    })
}
