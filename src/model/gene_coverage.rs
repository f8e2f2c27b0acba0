//! Depth over exons, transcripts, genes and panels. Whole numbers only; the shares and roots that people read are worked out
//! from them at the end.

use schemars::JsonSchema;
use serde::Serialize;
use serde::ser::SerializeStruct;

use super::coord::Span;
use super::gene_model::{Mark, Strand};
use super::qc::DepthHistogram;

/// Depths that bases are counted at. 10, 15, 20 and 30 are the columns that laboratories report by exon; Genomics England's
/// coverage model (`org.gel.models.coverage` 0.1.0) has 15, 30 and 50.
pub const LEVELS: [u32; 5] = [10, 15, 20, 30, 50];

/// Depths of a set of bases, each base once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DepthStats {
    /// Number of bases.
    pub bases: u64,
    /// Sum of their depths.
    pub sum: u64,
    /// Sum of the squares of their depths.
    pub squares: u128,
    /// Least depth; 0 without bases.
    pub min: u32,
    /// Lower quartile, median and upper quartile, in quarters of a read.
    pub quartiles: [u64; 3],
    /// Bases that reach each of [`LEVELS`].
    pub at_least: [u64; LEVELS.len()],
}

impl DepthStats {
    /// The values of a histogram.
    // METHOD: quartiles interpolate linearly between the two depths around place k*(n-1)/4 of all sorted depths (type 7 of
    // Hyndman and Fan 1996, the default of R and numpy), so they are whole quarters of a read.
    pub fn of(histogram: &DepthHistogram) -> Self {
        let mut stats = Self::default();
        let mut first = None;
        for (depth, bases) in histogram.iter() {
            first = first.or(Some(depth));
            stats.bases += bases;
            stats.sum += u64::from(depth) * bases;
            stats.squares += u128::from(depth) * u128::from(depth) * u128::from(bases);
            for (count, level) in stats.at_least.iter_mut().zip(LEVELS) {
                *count += if depth >= level { bases } else { 0 };
            }
        }
        stats.min = first.unwrap_or(0);
        if stats.bases > 0 {
            stats.quartiles = [1, 2, 3].map(|k| quartile(histogram, stats.bases, k));
        }
        stats
    }

    /// Mean depth; `None` without bases.
    pub fn mean(&self) -> Option<f64> {
        (self.bases > 0).then(|| self.sum as f64 / self.bases as f64)
    }

    /// Standard deviation of the depths (of the bases as a population); `None` without bases.
    pub fn sd(&self) -> Option<f64> {
        let (bases, sum) = (u128::from(self.bases), u128::from(self.sum));
        let spread = (bases * self.squares).saturating_sub(sum * sum);
        (bases > 0).then(|| (spread as f64).sqrt() / bases as f64)
    }

    /// Quartile 1, 2 (the median) or 3; `None` without bases.
    pub fn quartile(&self, k: usize) -> Option<f64> {
        let quarters = *self.quartiles.get(k.checked_sub(1)?)?;
        (self.bases > 0).then(|| quarters as f64 / 4.0)
    }

    /// The share of bases that reach a depth of [`LEVELS`], in steps of 1/10000 and cut, so that 1 means every base;
    /// `None` without bases or for another depth.
    pub fn share(&self, level: u32) -> Option<f64> {
        let i = LEVELS.iter().position(|&known| known == level)?;
        let steps = (u128::from(self.at_least[i]) * 10_000).checked_div(u128::from(self.bases))?;
        Some(steps as f64 / 10_000.0)
    }
}

/// Place `k * (bases - 1) / 4` of the sorted depths, in quarters.
fn quartile(histogram: &DepthHistogram, bases: u64, k: u64) -> u64 {
    let place = u128::from(k) * u128::from(bases - 1);
    let (low, rest) = ((place / 4) as u64, (place % 4) as u64);
    let (mut before, mut found) = (0, None);
    for (depth, count) in histogram.iter() {
        before += count;
        if found.is_none() && before > low {
            found = Some(u64::from(depth));
        }
        if let Some(own) = found
            && before > low + u64::from(rest > 0)
        {
            return own * (4 - rest) + u64::from(depth) * rest;
        }
    }
    0
}

/// Depth over one exon, transcript, gene or panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Bases that the model names, with padding; each base once.
    pub listed: u64,
    /// Depths of those that the alignment's contigs have.
    pub stats: DepthStats,
    /// Runs below the gap threshold that are long enough.
    pub gaps: u64,
    /// Bases in them.
    pub gap_bases: u64,
}

impl Coverage {
    /// Bases on contigs that the alignment lacks, or behind the end of a contig.
    pub fn not_assessed(&self) -> u64 {
        self.listed.saturating_sub(self.stats.bases)
    }
}

impl Serialize for Coverage {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Coverage", 10)?;
        fields.serialize_field("bases", &self.stats.bases)?;
        fields.serialize_field("notAssessed", &self.not_assessed())?;
        fields.serialize_field("mean", &self.stats.mean())?;
        fields.serialize_field("lowerQuartile", &self.stats.quartile(1))?;
        fields.serialize_field("median", &self.stats.quartile(2))?;
        fields.serialize_field("upperQuartile", &self.stats.quartile(3))?;
        fields.serialize_field("sd", &self.stats.sd())?;
        fields.serialize_field("atLeast", &self.stats.at_least)?;
        fields.serialize_field("gaps", &self.gaps)?;
        fields.serialize_field("gapBases", &self.gap_bases)?;
        fields.end()
    }
}

impl JsonSchema for Coverage {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Coverage".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "object" })
    }
}

/// Depth over the genes of one alignment file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GenesQc {
    /// The gene model's file.
    pub model: String,
    /// Its kind.
    pub format: &'static str,
    /// Its SHA-256, lower-case hex.
    pub sha256: String,
    /// Bases added to both ends of every exon.
    pub padding: u32,
    /// Bases of a lesser depth are gaps.
    pub gap_below: u32,
    /// Least length of a gap, bp.
    pub gap_min: u32,
    /// Which transcripts of a gene count: `best` or `all`.
    pub transcripts: &'static str,
    /// The depths of `atLeast`.
    pub levels: [u32; LEVELS.len()],
    /// The panels, in the order given.
    pub panels: Vec<PanelCoverage>,
    /// All genes together, each base once.
    pub whole: Coverage,
    /// The same by contig, for contigs with a gene, in the order of the alignment.
    #[serde(skip)]
    pub contigs: Vec<(String, Coverage)>,
    /// Genes in the order of the alignment's contigs and of their starts; those on absent contigs last.
    #[serde(skip)]
    pub genes: Vec<GeneCoverage>,
    /// Every stretch that is an exon with its padding, or a part of a gene's union of exons.
    #[serde(skip)]
    pub blocks: Vec<Block>,
}

impl GenesQc {
    /// Every place of a value, in one fixed order.
    pub fn slots(&mut self) -> impl Iterator<Item = &mut Coverage> {
        let panels = self.panels.iter_mut().map(|panel| &mut panel.whole);
        let contigs = self.contigs.iter_mut().map(|(_, coverage)| coverage);
        let genes = self.genes.iter_mut().flat_map(|gene| {
            let transcripts = gene.transcripts.iter_mut().map(|transcript| &mut transcript.whole);
            std::iter::once(&mut gene.whole).chain(transcripts)
        });
        let blocks = self.blocks.iter_mut().map(|block| &mut block.whole);
        panels.chain(std::iter::once(&mut self.whole)).chain(contigs).chain(genes).chain(blocks)
    }
}

/// A stretch of a contig.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// The bases, padding included.
    pub span: Span,
    /// Their depth.
    pub whole: Coverage,
    /// The gaps in it, ascending.
    pub gaps: Vec<Span>,
}

/// Depth over one gene: the union of the exons of its chosen transcripts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GeneCoverage {
    /// Symbol.
    pub symbol: String,
    /// Id as the model has it.
    pub id: String,
    /// Contig as the alignment names it, or as the model does when the alignment lacks it.
    pub contig: String,
    /// Whether the alignment has the contig.
    pub has_contig: bool,
    /// Direction.
    pub strand: Option<Strand>,
    /// From the first to the last base of its exons.
    pub span: Span,
    /// Panels that ask for it, by their place in [`GenesQc::panels`].
    pub panels: Vec<u32>,
    /// The chosen transcripts.
    pub transcripts: Vec<TranscriptCoverage>,
    /// Its union of exons, by place in [`GenesQc::blocks`].
    pub blocks: Vec<u32>,
    /// The values.
    pub whole: Coverage,
}

/// Depth over one transcript.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TranscriptCoverage {
    /// Id as the model has it.
    pub id: String,
    /// Its standing.
    pub mark: Mark,
    /// Its exons by ascending start.
    pub exons: Vec<ExonCoverage>,
    /// The values over all exons.
    pub whole: Coverage,
}

/// One exon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExonCoverage {
    /// Number in the direction of the gene, 1-based.
    pub number: u32,
    /// Its bases, without padding.
    pub span: Span,
    /// Place of its values in [`GenesQc::blocks`].
    pub block: u32,
}

/// Depth over the genes of one panel, each base once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PanelCoverage {
    /// PanelApp id, or the file's stem.
    pub id: String,
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// Genes of the panel that were asked for (green ones unless told otherwise).
    pub genes: u32,
    /// Those of which no base was assessed.
    pub not_assessed: Vec<NotAssessed>,
    /// The values.
    pub whole: Coverage,
}

/// A gene of a panel of which no base was assessed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NotAssessed {
    /// Symbol as the panel has it.
    pub symbol: String,
    /// Why.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats(depths: &[u32]) -> DepthStats {
        let mut histogram = DepthHistogram::default();
        for &depth in depths {
            histogram.add(depth, 1);
        }
        DepthStats::of(&histogram)
    }

    #[test]
    fn quartiles_are_those_of_numpy() {
        // numpy.percentile([0, 1, 5, 9, 20], [25, 50, 75]) and of its first four, two and one values.
        for (depths, expected) in [
            (&[20, 0, 9, 5, 1][..], [1.0, 5.0, 9.0]),
            (&[0, 1, 5, 9], [0.75, 3.0, 6.0]),
            (&[0, 1], [0.25, 0.5, 0.75]),
            (&[7], [7.0, 7.0, 7.0]),
        ] {
            let stats = stats(depths);
            assert_eq!(stats.quartiles, expected.map(|q: f64| (q * 4.0) as u64), "{depths:?}");
        }
        assert_eq!(stats(&[]).quartile(2), None);
    }

    #[test]
    fn the_spread_is_that_of_the_population() {
        // numpy.std([2, 4, 4, 4, 5, 5, 7, 9]) is 2.
        assert_eq!(stats(&[2, 4, 4, 4, 5, 5, 7, 9]).sd(), Some(2.0));
    }

    #[test]
    fn a_share_of_one_means_every_base() {
        let mut histogram = DepthHistogram::default();
        histogram.add(30, 999_999);
        histogram.add(14, 1);
        let stats = DepthStats::of(&histogram);
        assert_eq!((stats.share(15), stats.share(10)), (Some(0.9999), Some(1.0)));
        assert_eq!((stats.share(16), stats.min), (None, 14));
    }
}
