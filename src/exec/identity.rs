//! Identity checks that need threads or a whole file: all pairs of many samples, and the genotypes of a joint file.

use super::batches::Workers;
use super::stream::for_each_stretch;
use crate::identity::contamination::tumour_in_normal::SomaticReads;
use crate::identity::relatedness::bits::GenotypeBits;
use crate::identity::relatedness::tiles::{self, Pair};
use crate::io::variants::{SnpColumns, VariantFile};
use crate::model::problem::Problem;

/// Counts every pair of samples on all threads and gives them to `take` in order of both samples. With `least` only
/// pairs of at least this kinship. Memory is that of the samples and of a few rows of pairs.
///
/// # Errors
///
/// When threads cannot be started, or what `take` returns.
pub fn pairs(
    samples: &[GenotypeBits],
    threads: usize,
    least: Option<f64>,
    mut take: impl FnMut(Pair) -> Result<(), Problem>,
) -> Result<(), Problem> {
    Workers::new(threads)?.in_order(
        tiles::pieces(samples.len()),
        |piece| Ok(tiles::piece(samples, piece, least)),
        |found| found.into_iter().try_for_each(&mut take),
    )
}

/// Genotypes of the chosen columns at every plain variant of a file: the sites are the file's own.
///
/// # Errors
///
/// When the file cannot be read or a record is malformed.
pub fn joint_genotypes(
    file: &VariantFile,
    columns: &SnpColumns,
    threads: usize,
) -> Result<Vec<GenotypeBits>, Problem> {
    let count = columns.columns.len();
    let mut all = vec![GenotypeBits::default(); count];
    let mut last: Option<Vec<u8>> = None;
    for_each_stretch(
        file,
        threads,
        || |lines: &mut _| columns.scan(lines),
        |runs| {
            for run in runs {
                if last.as_ref().is_some_and(|contig| *contig != run.contig) {
                    all.iter_mut().for_each(GenotypeBits::end_contig);
                }
                for (&region, calls) in run.regions.iter().zip(run.calls.chunks_exact(count.max(1)))
                {
                    for (bits, call) in all.iter_mut().zip(calls) {
                        bits.push(region, call.genotype);
                    }
                }
                last = Some(run.contig);
            }
            Ok(())
        },
    )?;
    all.iter_mut().for_each(GenotypeBits::end_contig);
    Ok(all)
}

/// Reads of tumour and normal at every plain somatic variant; `columns` are those of tumour and normal, in this order.
///
/// # Errors
///
/// When the file cannot be read or a record is malformed.
pub fn somatic_reads(
    file: &VariantFile,
    columns: &SnpColumns,
    threads: usize,
) -> Result<Vec<SomaticReads>, Problem> {
    let mut all = Vec::new();
    for_each_stretch(
        file,
        threads,
        || |lines: &mut _| columns.scan(lines),
        |runs| {
            for calls in runs.iter().flat_map(|run| run.calls.chunks_exact(2)) {
                let [tumour, normal] = [calls[0], calls[1]];
                all.push(SomaticReads {
                    tumour_alternate: tumour.alternate,
                    tumour_depth: tumour.reference.saturating_add(tumour.alternate),
                    normal_alternate: normal.alternate,
                    normal_depth: normal.reference.saturating_add(normal.alternate),
                });
            }
            Ok(())
        },
    )?;
    Ok(all)
}
