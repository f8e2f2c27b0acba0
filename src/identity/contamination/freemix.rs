//! Contamination of one sample by likelihood (`FREEMIX`).

use super::frequencies::Frequencies;
use super::likelihood;
use super::profile::{Peak, search};
use super::reads::Reads;
use crate::model::identity::{Contamination, Estimate, Measured};
use crate::model::sketch::Sketch;
use crate::policy::identity::ContaminationLimits;

/// Share of the reads of a sample that come from another person; `None` for sketches of calls, which hold no qualities.
///
/// METHOD: Zhang et al. 2020 (VerifyBamID2), see `likelihood` and `frequencies`. Share and ancestry are maximised
/// together; of two people in equal measure either may be the sample, so shares go up to one half. The interval is that
/// of the profile likelihood, the ancestry fitted anew at every share.
pub fn freemix(sketch: &Sketch, limits: &ContaminationLimits) -> Option<Contamination> {
    let reads = Reads::of(sketch, limits.depth_deviations.value, |_| true)?;
    let sites = reads.sites.len() as u32;
    let mut found = Contamination {
        estimate: Estimate::TooFewSites { sites, needed: limits.min_sites.value },
        as_stated: None,
        mean_depth: reads.mean_depth(),
        log_likelihood: None,
        ancestry: Vec::new(),
    };
    if sites < limits.min_sites.value {
        return Some(found);
    }
    let frequencies = Frequencies::of(&sketch.sites, &reads.sites);
    let (peak, components) = estimate(&reads, &frequencies);
    let measured = |peak: &Peak| {
        Estimate::Measured(Measured {
            value: peak.share,
            low: peak.interval.0,
            high: peak.interval.1,
            sites,
            reads: reads.bases,
        })
    };
    found.as_stated = reads.as_stated().map(|stated| measured(&estimate(&stated, &frequencies).0));
    let at_peak = likelihood::sites(&reads, peak.share);
    (_, found.ancestry) = frequencies.fit(&at_peak, &components);
    found.log_likelihood = Some([peak.value, peak.null]);
    found.estimate = measured(&peak);
    Some(found)
}

/// The likeliest share, and the ancestry beside it.
fn estimate(reads: &Reads, frequencies: &Frequencies) -> (Peak, Vec<f64>) {
    let mut components = vec![0.0; frequencies.components()];
    let peak = search(0.5, |share| {
        let (value, fitted) = frequencies.fit(&likelihood::sites(reads, share), &components);
        components = fitted;
        value
    });
    (peak, components)
}
