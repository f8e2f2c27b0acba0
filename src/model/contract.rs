//! What contracts for whole genomes ask of an alignment file: how much of the reference is covered by well-mapped reads,
//! and how many good bases there are.

use schemars::JsonSchema;
use serde::Serialize;

use super::contig::ContigClass;
use super::qc::{ContigDepth, DepthHistogram};

/// Depth from reads of mapping quality 11 and more, without duplicates, overlapping mates counted once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContractQc {
    /// Least mapping quality of a counted read, phred.
    pub min_mapq: u32,
    /// Whether the bases that are N in the reference were left out; without the reference they count as depth 0.
    pub n_left_out: bool,
    /// Unevenness of depth: the median over windows of 100 kb of the standard deviation of the depth within the window,
    /// by chromosome, and the mean of these weighted by their bases. `None` without the reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_rmsd: Option<f64>,
    /// Chromosomes 1 to 22, X and Y; all contigs where the file has none of these.
    pub reference: ContractDepth,
    /// Chromosomes 1 to 22; `None` where the file has none of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub autosomes: Option<ContractDepth>,
    /// Every contig.
    #[serde(skip)]
    pub contigs: Vec<ContigDepth>,
    /// The unevenness of the autosomes alone.
    #[serde(skip)]
    pub autosomes_rmsd: Option<f64>,
    /// The unevenness of each of `contigs`.
    #[serde(skip)]
    pub contigs_rmsd: Vec<Option<f64>>,
}

impl ContractQc {
    /// Mean depth of X and of Y, pseudo-autosomal regions included, by that of the autosomes; `None` where the bases that
    /// are N count, which are half of Y, or where there is no such contig or no depth.
    pub fn sex_ratios(&self) -> [Option<f64>; 2] {
        let autosomes = self.autosomes.as_ref().map(|own| own.mean).filter(|mean| *mean > 0.0);
        let Some(autosomes) = autosomes.filter(|_| self.n_left_out) else { return [None; 2] };
        [ContigClass::X, ContigClass::Y].map(|class| {
            let own = |contig: &&ContigDepth| ContigClass::of_name(&contig.name) == class;
            let depth = self.contigs.iter().find(own)?.histogram.summary();
            (depth.bases > 0).then(|| depth.mean() / autosomes)
        })
    }
}

/// Depth over the bases of some contigs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContractDepth {
    /// Number of bases.
    pub bases: u64,
    /// Mean depth; 0 without bases.
    pub mean: f64,
    /// Least depth that at least half of the bases do not exceed; 0 without bases.
    pub median: u32,
    /// Bases of depth 15 and more, percent (`perc_bases_ge_15x_mapQ_ge11` of the Genomics England metrics model 1.2.2);
    /// 0 without bases.
    #[serde(rename = "perc_bases_ge_15x_mapQ_ge11")]
    pub percent_at_15: f64,
    /// How many bases have each depth.
    #[serde(skip)]
    pub histogram: DepthHistogram,
}

impl ContractDepth {
    /// The values of a histogram.
    pub fn of(histogram: DepthHistogram) -> Self {
        let summary = histogram.summary();
        let mut below = 0;
        let median = histogram.iter().find(|&(_, bases)| {
            below += bases;
            2 * below >= summary.bases
        });
        let median = median.map_or(0, |(depth, _)| depth);
        let mut values = Self {
            bases: summary.bases,
            mean: summary.mean(),
            median,
            percent_at_15: 0.0,
            histogram,
        };
        values.percent_at_15 = values.percent_at_least(15).unwrap_or(0.0);
        values
    }

    /// Percentage of the bases of at least this depth; `None` without bases.
    pub fn percent_at_least(&self, depth: u32) -> Option<f64> {
        let reached: u64 =
            self.histogram.iter().filter(|&(own, _)| own >= depth).map(|(_, bases)| bases).sum();
        (self.bases > 0).then(|| 100.0 * reached as f64 / self.bases as f64)
    }
}

/// Bases of quality 30 and more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Q30Yield {
    /// Of all reads that passed the platform's checks: duplicates, clipped bases and unmapped reads count, secondary and
    /// supplementary records do not (`yield_bp_q30` of GA4GH).
    pub all: u64,
    /// Of mapped reads without duplicates, only bases aligned to the reference (`M`, `=`, `X`), those under overlapping
    /// mates once.
    pub unique: u64,
}

impl Q30Yield {
    /// Gigabases of the unique yield (`GbQ30NoDupsNoClip` of the Genomics England metrics model 1.2.2).
    pub fn unique_gigabases(&self) -> f64 {
        self.unique as f64 / 1e9
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_median_are_exact() {
        let mut histogram = DepthHistogram::default();
        for (depth, bases) in [(0, 1), (14, 2), (15, 3), (40, 2)] {
            histogram.add(depth, bases);
        }
        let depth = ContractDepth::of(histogram);
        assert_eq!((depth.bases, depth.median), (8, 15));
        assert!((depth.percent_at_15 - 62.5).abs() < 1e-12);
        assert_eq!(depth.percent_at_least(41), Some(0.0));
        let none = ContractDepth::of(DepthHistogram::default());
        assert_eq!((none.median, none.percent_at_least(1)), (0, None));
    }

    #[test]
    fn ratios_of_x_and_y_need_the_reference() {
        let contig = |name: &str, depth| {
            let mut histogram = DepthHistogram::default();
            histogram.add(depth, 10);
            ContigDepth { name: name.into(), histogram, ..ContigDepth::default() }
        };
        let contigs = vec![contig("chr1", 30), contig("chrX", 15)];
        let autosomes = Some(ContractDepth::of(contigs[0].histogram.clone()));
        let mut qc = ContractQc { n_left_out: true, autosomes, contigs, ..ContractQc::default() };
        assert_eq!(qc.sex_ratios(), [Some(0.5), None]);
        qc.n_left_out = false;
        assert_eq!(qc.sex_ratios(), [None, None]);
    }
}
