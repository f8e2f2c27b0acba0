//! A tumour against its normal sample as the texts that MultiQC's module `conpair` reads. The sentences are those that the
//! module looks for; the numbers and the sites are ours.

use crate::model::identity::{Estimate, SampleIdentity, TumourIdentity};

/// Agreement of genotypes; `None` when no site is deep enough.
pub fn concordance(tumour: &TumourIdentity) -> Option<String> {
    let found = &tumour.homozygous_concordance;
    let share = 100.0 * found.share()?;
    Some(format!(
        "Concordance: {share:.2}%\nBased on {}/{} markers (coverage per marker threshold : {} reads)\n\
         Only markers where the normal sample is homozygous\n",
        found.sites, found.of_sites, found.min_depth
    ))
}

/// Contamination of both; `None` unless both were measured.
pub fn contamination(normal: &SampleIdentity, tumour: &SampleIdentity) -> Option<String> {
    let percent = |estimate: &Estimate| estimate.measured().map(|found| 100.0 * found.value);
    let of_normal = percent(&normal.contamination.as_ref()?.estimate)?;
    let of_tumour = percent(tumour.tumour_contamination.as_ref()?)?;
    Some(format!(
        "Normal sample contamination level: {of_normal:.3}%\nTumor sample contamination level: {of_tumour:.3}%\n"
    ))
}
