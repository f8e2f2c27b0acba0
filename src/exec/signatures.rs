//! Signatures of many samples: each worker fits a run of samples with buffers of its own.

use super::batches::Workers;
use crate::model::biomarkers::signatures::SignatureFit;
use crate::model::problem::Problem;
use crate::tier::biomarkers::refit::Refit;

/// Samples a piece of work.
const SAMPLES_A_PIECE: usize = 16;

/// Fits samples (mutations by type in the order of the kind) and gives the fits to `take` in their order. A sample's
/// resamples depend on its number and the seed, not on threads.
///
/// # Errors
///
/// When threads cannot be started, or what `take` returns.
pub fn fit_all(
    refit: &Refit,
    samples: usize,
    counts: &(dyn Fn(usize) -> Vec<u32> + Sync),
    (threads, take): (usize, &mut dyn FnMut(usize, SignatureFit) -> Result<(), Problem>),
) -> Result<(), Problem> {
    let workers = Workers::new(threads)?;
    let piece = |piece: usize| {
        let mut buffers = refit.buffers();
        let end = ((piece + 1) * SAMPLES_A_PIECE).min(samples);
        let of = |sample: usize| (sample, refit.fit(&counts(sample), sample as u64, &mut buffers));
        Ok((piece * SAMPLES_A_PIECE..end).map(of).collect::<Vec<_>>())
    };
    workers.in_order(samples.div_ceil(SAMPLES_A_PIECE), piece, |fits| {
        fits.into_iter().try_for_each(|(sample, fit)| take(sample, fit))
    })
}
