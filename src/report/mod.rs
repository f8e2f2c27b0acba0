//! Reports: every output is a view of [`CaseResults`], one format a file. A new format is one file here and one line in
//! [`WRITERS`].
//!
//! All reports are rendered before the first is written, and `results.json` gets its name last: a folder that holds it
//! holds the others too.

use std::path::Path;

use crate::io::{digest, sink};
use crate::model::problem::{Problem, ProblemKind};
use crate::model::results::{CaseResults, MemberSummary, OutputDigest, RunRecord};
use crate::model::sample::Role;

pub mod additional;
mod amp;
pub mod assemble;
mod assemble_structural;
mod biomarkers;
mod chromosomes;
pub mod compare;
mod crate_metadata;
mod decipher;
mod evidence;
mod excluded;
mod fhir;
pub mod flagstat;
mod ga4gh;
mod gel;
mod gel_chromosomes;
mod gel_envelope;
mod gel_germline;
pub mod gel_metrics;
mod gel_structural;
pub mod genes;
mod germline;
mod html;
pub mod identity;
mod json;
mod limits;
mod maf;
pub mod manifest;
pub mod mosdepth;
pub mod older;
pub mod part;
mod phenopacket;
pub mod picard;
pub mod picard_wgs;
pub mod qc_files;
pub mod qc_json;
mod quality;
pub mod redact;
pub mod run;
pub mod samtools;
mod second_allele;
mod shown;
pub mod status;
mod structural_vcf;
mod text;
pub mod tsv;
mod tsv_other;
mod vcf;
mod verdicts;

#[cfg(test)]
mod finding_tests;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod fixture_identity;
#[cfg(test)]
mod tests;

pub use fhir::FhirOrder;
pub use gel::{GelOptions, GelVersion};
pub use json::{read, schema};

/// What a writer renders from, when nothing was chosen.
#[cfg(test)]
impl<'a> Source<'a> {
    fn of(results: &'a CaseResults) -> Self {
        const GEL: &GelOptions =
            &GelOptions { version: GelVersion::V620, service: None, envelope: None };
        Self { results, run: None, created: None, outputs: &[], gel: GEL, fhir: None }
    }
}

/// What a writer renders from.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The results.
    pub results: &'a CaseResults,
    /// The record of the run; `None` when reports are rendered again later.
    pub run: Option<&'a RunRecord>,
    /// When the results were made, UTC, RFC 3339; `None` when nothing tells.
    pub created: Option<&'a str>,
    /// The files that the writers before this one rendered.
    pub outputs: &'a [OutputDigest],
    /// How `interpreted_genome.json` is written.
    pub gel: &'a GelOptions,
    /// The order by which `fhir.json` is of the North West GMSA's draft; none for Genomics Reporting alone.
    pub fhir: Option<&'a FhirOrder>,
}

/// What to render, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Ids of formats; empty for all.
    pub only: Vec<String>,
    /// How `interpreted_genome.json` is written.
    pub gel: GelOptions,
    /// The order by which `fhir.json` is of the North West GMSA's draft; none for Genomics Reporting alone.
    pub fhir: Option<FhirOrder>,
    /// When the results were made, UTC, RFC 3339, for results without the record of their run.
    pub created: Option<String>,
}

/// One file that a writer makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// Name below the output folder.
    pub name: &'static str,
    /// True when the same case, policy and inputs always give the same bytes.
    pub deterministic: bool,
    /// What it is, one line.
    pub doc: &'static str,
}

/// One file, rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// Name below the output folder.
    pub name: &'static str,
    /// Content.
    pub bytes: Vec<u8>,
}

/// An output format.
pub trait Writer: Sync {
    /// Short name, for `--only`.
    fn id(&self) -> &'static str;

    /// The files it makes.
    fn files(&self) -> &'static [OutputFile];

    /// Renders the files, or none when the source lacks what they need.
    ///
    /// # Errors
    ///
    /// When the results cannot be written in this format.
    fn render(&self, source: &Source<'_>) -> Result<Vec<Rendered>, Problem>;
}

/// Every output format, in the order of rendering: the record of the run digests all before it.
pub const WRITERS: &[&dyn Writer] = &[
    &tsv::Tsv,
    &additional::Additional,
    &germline::Germline,
    &chromosomes::Chromosomes,
    &amp::Amp,
    &biomarkers::Biomarkers,
    &vcf::Vcf,
    &structural_vcf::StructuralVcf,
    &maf::Maf,
    &html::Html,
    &gel::Gel,
    &gel_envelope::Envelope,
    &gel_metrics::GelMetrics,
    &fhir::Fhir,
    &phenopacket::Phenopacket,
    &decipher::Decipher,
    &json::Json,
    &run::Run,
    &crate_metadata::CrateMetadata,
    &manifest::Manifest,
];

/// The file whose presence tells that the folder is complete; it is written last.
const LAST: &str = "results.json";

/// Ids of all writers.
pub fn ids() -> Vec<&'static str> {
    WRITERS.iter().map(|writer| writer.id()).collect()
}

/// Renders the chosen formats.
///
/// # Errors
///
/// As [`Writer::render`].
pub fn render(
    results: &CaseResults,
    run: Option<&RunRecord>,
    wanted: &Wanted,
) -> Result<Vec<Rendered>, Problem> {
    let mut rendered: Vec<Rendered> = Vec::new();
    let mut outputs: Vec<OutputDigest> = Vec::new();
    for writer in WRITERS {
        if !wanted.only.is_empty() && !wanted.only.iter().any(|id| id == writer.id()) {
            continue;
        }
        let created = run.map(|run| run.ended.as_str()).or(wanted.created.as_deref());
        let (gel, fhir) = (&wanted.gel, wanted.fhir.as_ref());
        let source = Source { results, run, created, outputs: &outputs, gel, fhir };
        let more = writer.render(&source)?;
        outputs.extend(outputs_of(&more));
        rendered.extend(more);
    }
    Ok(rendered)
}

/// Renders and writes the chosen formats into a folder, which is made when missing. Where they replace files of the
/// run that made the results, its manifest gets their new sums. Returns the names written, in the order written.
///
/// # Errors
///
/// As [`Writer::render`], or when the folder cannot be written.
pub fn write_all(
    results: &CaseResults,
    run: Option<&RunRecord>,
    wanted: &Wanted,
    folder: &Path,
) -> Result<Vec<&'static str>, Problem> {
    let mut rendered = render(results, run, wanted)?;
    rendered.sort_by_key(|file| file.name == LAST);
    sink::make_folder(folder)?;
    let again = run.is_none() && run::beside(folder, results).is_some();
    let renewed = if again { manifest::renewed(folder, &rendered)? } else { None };
    for file in &rendered {
        sink::write_whole(folder.join(file.name), &file.bytes)?;
    }
    if let Some(text) = &renewed {
        sink::write_whole(folder.join(manifest::FILE), text.as_bytes())?;
    }
    let names = rendered.iter().map(|file| file.name);
    Ok(names.chain(renewed.is_some().then_some(manifest::FILE)).collect())
}

/// One page over many cases: the folder of each, seen from the page's, with its results.
pub fn index_page(cases: &[(String, CaseResults)]) -> String {
    html::index::render(cases)
}

/// How a folder is reached from another one, with `/` between names.
pub fn relative(folder: &Path, from: &Path) -> String {
    use std::path::{Component, absolute};
    let (Ok(folder), Ok(from)) = (absolute(folder), absolute(from)) else {
        return folder.to_string_lossy().into_owned();
    };
    let parts = |path: &Path| -> Vec<String> {
        let normal = path.components().filter(|part| !matches!(part, Component::CurDir));
        normal.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect()
    };
    let (folder, from) = (parts(&folder), parts(&from));
    let shared = folder.iter().zip(&from).take_while(|(a, b)| a == b).count();
    let up = from[shared..].iter().map(|_| "..".to_owned());
    up.chain(folder[shared..].iter().cloned()).collect::<Vec<_>>().join("/")
}

/// The member whose question the case is, when there is one.
fn index_member(results: &CaseResults) -> Option<&MemberSummary> {
    let mut members = results.case.members.iter();
    members.find(|member| matches!(member.role, Role::Proband | Role::Tumour))
}

fn outputs_of(rendered: &[Rendered]) -> Vec<OutputDigest> {
    rendered
        .iter()
        .map(|file| OutputDigest {
            file: file.name.into(),
            bytes: file.bytes.len() as u64,
            sha256: digest::sha256_hex(&file.bytes),
        })
        .collect()
}

/// JSON for people and programs: two spaces, a newline at the end.
fn pretty(value: &impl serde::Serialize) -> Result<Vec<u8>, Problem> {
    let mut bytes = serde_json::to_vec_pretty(value)
        .map_err(|e| Problem::new(ProblemKind::Internal, format!("cannot write JSON: {e}")))?;
    bytes.push(b'\n');
    Ok(bytes)
}
