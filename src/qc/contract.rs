//! Depth as contracts for whole genomes ask for it: the depth metric a second time in the same pass, with reads of mapping
//! quality above 10 only, and without the bases that are N in the reference.
//!
//! Source: Genomics England, rare-disease pipeline help, release Mira, quality control: at least 95 % of the reference at
//! 15x or more, from reads of mapping quality above 10, without duplicates, mates' overlap counted once. Reads with any of
//! the flag bits 1796 do not count. That help also leaves out adapters and bases trimmed for quality: an aligner clips
//! these, and clipped bases never count here.

use crate::model::contig::ContigClass;
use crate::model::contract::{ContractDepth, ContractQc};
use crate::model::problem::Problem;
use crate::model::qc::{ContigDepth, DepthHistogram, SampleQc};
use crate::model::read::{Fields, ReadBlock};

use super::depth::unevenness::{Windows, local_rmsd};
use super::depth::{self, DepthSettings, Purpose, WithoutN};
use super::{Count, Counting, Metric, MetricContext};

/// The metric's name.
pub const ID: &str = "contract";
/// What it is, in one line.
pub const ABOUT: &str = "share of the reference at 15x from reads of mapping quality above 10";
/// Least mapping quality: above 10, as the help says.
pub(super) const MIN_MAPQ: u32 = 11;

/// Makes the metric.
///
/// # Errors
///
/// None.
pub fn make(context: &MetricContext<'_>) -> Result<Box<dyn Metric>, Problem> {
    if beside_depth(context) {
        return Ok(Box::new(Counting::new(Nothing)));
    }
    let settings =
        DepthSettings { min_mapq: MIN_MAPQ, per_base: false, ..DepthSettings::default() };
    let purpose = Purpose::Contract { without_n: without_n(context) };
    Ok(depth::metric(settings, context, purpose))
}

/// Where bases that are N can be left out: the contigs that count are the chromosomes, or all where there is none.
pub(super) fn without_n(context: &MetricContext<'_>) -> WithoutN {
    let Some(reference) = context.reference else { return WithoutN::Nowhere };
    let chromosome = |name: &str| is_chromosome(ContigClass::of_name(name));
    let any = context.contigs.iter().any(|(name, _)| chromosome(name));
    let mut counting =
        context.contigs.iter().enumerate().filter(|(_, (name, _))| !any || chromosome(name));
    if counting.all(|(i, _)| reference.has(i)) { WithoutN::Everywhere } else { WithoutN::Partly }
}

/// Autosomes, X and Y.
fn is_chromosome(class: ContigClass) -> bool {
    !matches!(class, ContigClass::Other | ContigClass::Mitochondrial)
}

/// Whether the depth metric of the same pass gives these values: it runs, and counts all reads that count here, in the same
/// way.
pub(super) fn beside_depth(context: &MetricContext<'_>) -> bool {
    let chosen = |id: &str| {
        let only = context.settings.only.as_deref();
        only.is_none_or(|ids| ids.iter().any(|own| own == id))
    };
    let (depth, own) = (&context.settings.depth, DepthSettings::default());
    chosen(ID)
        && chosen(depth::ID)
        && depth.mode == own.mode
        && depth.lengths == own.lengths
        && depth.min_mapq <= MIN_MAPQ
        && depth.exclude_flags == own.exclude_flags
        && depth.include_flags == own.include_flags
        && depth.read_groups.is_empty()
        && depth.compat == own.compat
}

/// The metric where depth does its work.
#[derive(Debug)]
struct Nothing;

impl Count for Nothing {
    type Counts = ();

    fn needs(&self) -> Fields {
        Fields::default()
    }

    fn block(&self, (): &mut (), _: &ReadBlock<'_>) {}

    fn merge((): &mut (), (): ()) {}

    fn finish(&self, (): (), _: &mut SampleQc) {}
}

/// Sums contigs up; `windows` are those of each contig where the bases that are N were left out everywhere.
pub(super) fn summarise(contigs: Vec<ContigDepth>, windows: Option<&[Windows]>) -> ContractQc {
    let of = |wanted: &dyn Fn(ContigClass) -> bool| {
        let mut histogram = DepthHistogram::default();
        for contig in contigs.iter().filter(|c| wanted(ContigClass::of_name(&c.name))) {
            histogram.merge(&contig.histogram);
        }
        ContractDepth::of(histogram)
    };
    let autosomes = of(&|class| matches!(class, ContigClass::Autosome(_)));
    let chromosomes = of(&is_chromosome);
    let rmsd_of = |wanted: &dyn Fn(ContigClass) -> bool| {
        let own =
            contigs.iter().zip(windows?).filter(|(c, _)| wanted(ContigClass::of_name(&c.name)));
        local_rmsd(own.map(|(_, w)| w))
    };
    let nuclear_rmsd = rmsd_of(&is_chromosome).or_else(|| rmsd_of(&|_| true));
    let autosomes_rmsd = rmsd_of(&|class| matches!(class, ContigClass::Autosome(_)));
    let each = windows.into_iter().flatten();
    let contigs_rmsd = each.map(|own| local_rmsd(std::iter::once(own))).collect();
    let reference = if chromosomes.bases > 0 { chromosomes } else { of(&|_| true) };
    ContractQc {
        min_mapq: MIN_MAPQ,
        n_left_out: windows.is_some(),
        local_rmsd: nuclear_rmsd,
        reference,
        autosomes: (autosomes.bases > 0).then_some(autosomes),
        contigs,
        autosomes_rmsd,
        contigs_rmsd,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contig(name: &str, depths: &[(u32, u64)]) -> ContigDepth {
        let mut histogram = DepthHistogram::default();
        for &(depth, bases) in depths {
            histogram.add(depth, bases);
        }
        ContigDepth { name: name.into(), histogram, ..ContigDepth::default() }
    }

    #[test]
    fn chromosomes_are_the_reference_and_decoys_are_not() {
        let all = vec![
            contig("chr1", &[(15, 9), (3, 1)]),
            contig("chrX", &[(7, 10)]),
            contig("chrM", &[(5000, 10)]),
            contig("chrUn_1", &[(0, 100)]),
        ];
        let qc = summarise(all, Some(&[]));
        assert_eq!((qc.reference.bases, qc.autosomes.as_ref().unwrap().bases), (20, 10));
        assert!((qc.reference.percent_at_15 - 45.0).abs() < 1e-12);
        assert!((qc.autosomes.unwrap().percent_at_15 - 90.0).abs() < 1e-12);
        let odd = summarise(vec![contig("sim", &[(20, 4)])], None);
        assert_eq!((odd.reference.bases, odd.autosomes), (4, None));
    }
}
