//! Depth of coverage: reads of mapping quality 11 and more, without duplicates, overlapping mates once, over the bases that are
//! known in the reference, or over the exons of a gene model. Shares are 0 to 1, quartiles interpolate between two depths.

use serde::Serialize;

use super::Records;
use crate::model::contig::ContigClass;
use crate::model::contract::ContractQc;
use crate::model::gene_coverage::{DepthStats, GenesQc, LEVELS};
use crate::model::problem::Problem;
use crate::model::qc::SampleQc;

/// All contigs that count, and the autosomes, as programs look for them.
const ALL: &str = "allchrs";
const AUTOSOMES: &str = "autosomes";

#[derive(Serialize)]
struct CoverageSummary<'a> {
    avg: f64,
    med: f64,
    bases: f64,
    pct25: Option<f64>,
    pct75: Option<f64>,
    lt15x: Option<f64>,
    gte15x: Option<f64>,
    gte30x: Option<f64>,
    gte50x: Option<f64>,
    sd: Option<f64>,
    #[serde(rename = "localRMSD")]
    local_rmsd: Option<f64>,
    scope: &'a str,
    /// For [`CoverageSummaryCalculations`].
    #[serde(skip)]
    lt30x: Option<f64>,
}

impl<'a> CoverageSummary<'a> {
    /// `None` without bases.
    fn of(scope: &'a str, stats: &DepthStats, local_rmsd: Option<f64>) -> Option<Self> {
        let reached = |depth: u32| {
            let level = LEVELS.iter().position(|level| *level == depth)?;
            Some(stats.at_least[level] as f64 / stats.bases as f64)
        };
        let below = |depth: u32| {
            let level = LEVELS.iter().position(|level| *level == depth)?;
            Some((stats.bases - stats.at_least[level]) as f64 / stats.bases as f64)
        };
        Some(Self {
            avg: stats.mean()?,
            med: stats.quartile(2)?,
            bases: stats.bases as f64,
            pct25: stats.quartile(1),
            pct75: stats.quartile(3),
            lt15x: below(15),
            gte15x: reached(15),
            gte30x: reached(30),
            gte50x: reached(50),
            sd: stats.sd(),
            local_rmsd,
            scope,
            lt30x: below(30),
        })
    }
}

/// `WholeGenomeCoverage` and `ExomeCoverage` have this one field.
#[derive(Serialize)]
struct Coverage<'a> {
    #[serde(rename = "coverageSummary")]
    summaries: Vec<CoverageSummary<'a>>,
}

#[derive(Serialize)]
struct CoverageSummaryCalculations<'a> {
    lt30x_percent: f64,
    scope: &'a str,
}

/// Adds the records about depth.
///
/// # Errors
///
/// None in practice: every record can be written as JSON.
pub(super) fn add(records: &mut Records, qc: &SampleQc) -> Result<(), Problem> {
    let whole = qc.contract.as_ref().ok_or("the metric contract did not run");
    let whole = whole.and_then(whole_genome);
    let shallow = whole.as_ref().map_err(|reason| *reason).map(below_30);
    records.put(("COVERAGE_SUMMARY_CALCULATIONS", "CoverageSummaryCalculations"), shallow)?;
    records.put(("WHOLE_GENOME_COVERAGE", "WholeGenomeCoverage"), whole)?;
    let exome = qc.genes.as_ref().ok_or("no gene model was given").and_then(exome);
    records.put(("EXOME_COVERAGE", "ExomeCoverage"), exome)
}

/// All chromosomes, the autosomes, and each chromosome.
fn whole_genome(qc: &ContractQc) -> Result<Coverage<'_>, &'static str> {
    if !qc.n_left_out {
        return Err(
            "without the reference of all chromosomes, its unknown bases would count as depth 0",
        );
    }
    let whole = DepthStats::of(&qc.reference.histogram);
    let whole = CoverageSummary::of(ALL, &whole, qc.local_rmsd).ok_or("there are no bases")?;
    let autosomes = qc.autosomes.as_ref().and_then(|own| {
        let stats = DepthStats::of(&own.histogram);
        CoverageSummary::of(AUTOSOMES, &stats, qc.autosomes_rmsd)
    });
    let rmsds = qc.contigs_rmsd.iter().copied().chain(std::iter::repeat(None));
    let each = qc.contigs.iter().zip(rmsds).filter_map(|(contig, rmsd)| {
        let class = ContigClass::of_name(&contig.name);
        let counts = !matches!(class, ContigClass::Other | ContigClass::Mitochondrial);
        let stats = DepthStats::of(&contig.histogram);
        counts.then(|| CoverageSummary::of(&contig.name, &stats, rmsd)).flatten()
    });
    Ok(Coverage { summaries: [whole].into_iter().chain(autosomes).chain(each).collect() })
}

/// Percent of the bases below 30x, for each row of the depth.
fn below_30<'a>(coverage: &Coverage<'a>) -> Vec<CoverageSummaryCalculations<'a>> {
    let row = |own: &CoverageSummary<'a>| {
        let lt30x_percent = 100.0 * own.lt30x?;
        Some(CoverageSummaryCalculations { lt30x_percent, scope: own.scope })
    };
    coverage.summaries.iter().filter_map(row).collect()
}

/// The exons of all genes of the model, and those of each contig.
fn exome(genes: &GenesQc) -> Result<Coverage<'_>, &'static str> {
    if !genes.panels.is_empty() {
        return Err("only the genes of panels were counted");
    }
    if genes.padding > 0 {
        return Err("the exons were widened");
    }
    let whole = CoverageSummary::of(ALL, &genes.whole.stats, None);
    let whole = whole.ok_or("no base of the gene model was assessed")?;
    let each = genes.contigs.iter();
    let each = each.filter_map(|(name, own)| CoverageSummary::of(name, &own.stats, None));
    Ok(Coverage { summaries: [whole].into_iter().chain(each).collect() })
}
