//! Biomarkers of a tumour: one a file, pure functions over the somatic variants of the whole genome, the reference and the
//! policy. [`BIOMARKERS`] lists them in the order in which they are measured.
#![expect(clippy::unnecessary_wraps, reason = "all biomarkers are measured through one signature")]

mod burden;
mod collect;
mod doublets;
pub mod draw;
mod explain;
mod indels;
mod instability;
mod kataegis;
mod leakage;
mod matrices;
pub mod poisson;
mod purity;
pub mod refit;
pub mod repeats;
mod sequence;
mod spectrum;
mod substitutions;

use crate::io::fasta::FastaReader;
use crate::model::biomarkers::instability::ReadInstability;
use crate::model::biomarkers::shape::Purity;
use crate::model::biomarkers::{Assessed, BiomarkerResults};
use crate::model::contig::ContigTable;
use crate::model::explain::Explanation;
use crate::model::mutation_type::MatrixKind;
use crate::model::problem::Problem;
use crate::model::regions::RegionSet;
use crate::model::somatic_call::SomaticCalls;
use crate::policy::biomarkers::BiomarkerPolicy;

pub use burden::Callable;
pub use collect::Collector;
use matrices::Snv;
pub use matrices::matrices;
pub use purity::{Beside, purity};
use refit::Refit;

/// What biomarkers are measured from.
pub struct Material<'a> {
    /// Somatic variants, settled.
    pub calls: &'a SomaticCalls,
    /// Records that stood there already.
    pub duplicates: u64,
    /// Contigs of the case.
    pub contigs: &'a ContigTable,
    /// Reference; without one what needs it is not assessed.
    pub reader: Option<FastaReader>,
    /// Bases that our own depth covers.
    pub callable: Callable,
    /// Target regions; `None` for a whole genome.
    pub targets: Option<&'a RegionSet>,
    /// Whether the germline calls of the normal sample have each variant, in order; `None` without such calls.
    pub germline: Option<Vec<bool>>,
    /// Signatures; `None` when the case gives none.
    pub refit: Option<Refit>,
    /// Share of tumour cells, by [`purity()`].
    pub purity: Assessed<Purity>,
    /// What the reads show at microsatellites.
    pub reads: Assessed<ReadInstability>,
    /// Definitions and thresholds.
    pub rules: &'a BiomarkerPolicy,
}

/// One biomarker.
pub struct Biomarker {
    /// It in words; its id.
    pub explanation: &'static Explanation,
    measure: fn(&mut Work<'_, '_>, &mut BiomarkerResults) -> Result<(), Problem>,
}

/// The material with what several biomarkers share.
struct Work<'m, 'a> {
    material: &'m mut Material<'a>,
    snvs: Vec<Snv>,
}

const NO_REFERENCE: &str = "no reference was given (`reference` in [case], or -f)";

/// All biomarkers.
pub const BIOMARKERS: &[Biomarker] = &[
    Biomarker { explanation: &explain::MATRICES, measure: measure_matrices },
    Biomarker { explanation: &explain::BURDEN, measure: measure_burden },
    Biomarker { explanation: &explain::SIGNATURES, measure: measure_signatures },
    Biomarker { explanation: &explain::SPECTRUM, measure: measure_spectrum },
    Biomarker { explanation: &explain::PURITY, measure: measure_purity },
    Biomarker { explanation: &explain::KATAEGIS, measure: measure_kataegis },
    Biomarker { explanation: &explain::INSTABILITY_OF_INDELS, measure: measure_indels },
    Biomarker { explanation: &explain::INSTABILITY_OF_READS, measure: measure_reads },
    Biomarker { explanation: &explain::LEAKAGE, measure: measure_leakage },
];

/// Measures all biomarkers.
///
/// # Errors
///
/// A damaged reference.
pub fn measure(material: &mut Material<'_>) -> Result<BiomarkerResults, Problem> {
    let mut results = BiomarkerResults {
        calls: spectrum::counts(material.calls, material.duplicates),
        ..BiomarkerResults::default()
    };
    let snvs = matrices::snvs(material.calls);
    let mut work = Work { material, snvs };
    for biomarker in BIOMARKERS {
        (biomarker.measure)(&mut work, &mut results)?;
    }
    Ok(results)
}

fn measure_matrices(work: &mut Work<'_, '_>, out: &mut BiomarkerResults) -> Result<(), Problem> {
    out.matrices = match &mut work.material.reader {
        None => Assessed::not(NO_REFERENCE),
        Some(reader) => Assessed::Measured(matrices(work.material.calls, reader)?),
    };
    Ok(())
}

fn measure_burden(work: &mut Work<'_, '_>, out: &mut BiomarkerResults) -> Result<(), Problem> {
    let material = &work.material;
    let size = (&material.callable, material.targets);
    out.burden = burden::burden(material.calls, size, &material.rules.burden);
    Ok(())
}

fn measure_signatures(work: &mut Work<'_, '_>, out: &mut BiomarkerResults) -> Result<(), Problem> {
    out.signatures = match (&work.material.refit, &out.matrices) {
        (None, _) => Assessed::not("the case gives no signatures (`signatures` in [case])"),
        (_, Assessed::NotAssessed { reason }) => Assessed::not(reason.clone()),
        (Some(refit), Assessed::Measured(found)) => {
            let kind = refit.set().kind;
            let matrix = match kind {
                MatrixKind::Sbs96 => &found.sbs96,
                MatrixKind::Dbs78 => &found.dbs78,
                MatrixKind::Id83 => &found.id83,
            };
            let count = |name: &String| matrix.counts.get(name).copied().unwrap_or_default();
            let counts: Vec<u32> = kind.types().iter().map(count).collect();
            if matrix.total == 0 {
                Assessed::not("the matrix holds no mutation")
            } else {
                Assessed::Measured(refit.fit(&counts, 0, &mut refit.buffers()))
            }
        }
    };
    Ok(())
}

fn measure_spectrum(work: &mut Work<'_, '_>, out: &mut BiomarkerResults) -> Result<(), Problem> {
    out.spectrum = spectrum::spectrum(work.material.calls);
    Ok(())
}

fn measure_purity(work: &mut Work<'_, '_>, out: &mut BiomarkerResults) -> Result<(), Problem> {
    out.purity = std::mem::take(&mut work.material.purity);
    Ok(())
}

fn measure_kataegis(work: &mut Work<'_, '_>, out: &mut BiomarkerResults) -> Result<(), Problem> {
    let Material { contigs, reader, rules, .. } = &mut *work.material;
    out.kataegis = kataegis::kataegis(&work.snvs, contigs, reader.as_mut(), &rules.kataegis)?;
    Ok(())
}

fn measure_indels(work: &mut Work<'_, '_>, out: &mut BiomarkerResults) -> Result<(), Problem> {
    let Material { calls, reader, rules, targets, .. } = &mut *work.material;
    out.instability_of_indels = match (reader, targets) {
        (None, _) => Assessed::not(NO_REFERENCE),
        (Some(reader), None) => instability::instability(calls, reader, &rules.instability)?,
        (Some(reader), Some(targets)) => {
            instability::within(calls, reader, targets, &rules.instability)?
        }
    };
    Ok(())
}

fn measure_reads(work: &mut Work<'_, '_>, out: &mut BiomarkerResults) -> Result<(), Problem> {
    out.instability_of_reads = std::mem::take(&mut work.material.reads);
    Ok(())
}

fn measure_leakage(work: &mut Work<'_, '_>, out: &mut BiomarkerResults) -> Result<(), Problem> {
    let Material { calls, germline, rules, .. } = &*work.material;
    out.leakage = leakage::leakage(calls, &work.snvs, germline.as_deref(), &rules.leakage);
    Ok(())
}
