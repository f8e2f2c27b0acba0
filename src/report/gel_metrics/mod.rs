//! Figures in the records of Genomics England's metrics model (`org.gel.models.metrics.avro` 1.2.2).
//!
//! | file | about | records |
//! |---|---|---|
//! | `NAME.gel_metrics.json` | one alignment, from the pass over it | reads, depth, contamination |
//! | `gel_metrics.json` | a case or a group of samples | reported against genetic, states, contamination |
//!
//! Records of samples lie below `stats` by the keys under which programs read them from a catalogue of files
//! (`stats.WHOLE_GENOME_COVERAGE`), those of a family below `records` by the name of their class. Where the program has no
//! number for a field that a record demands, the record is not written, and `notWritten` says why; a field that may be null
//! is null then. `VerifyBamId` alone demands texts for what was not estimated: there stands `NA`, as in VerifyBamID's file.

mod checks;
mod coverage;
mod reads;
mod state;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::model::identity::{
    CaseIdentity, MendelIdentity, PairIdentity, SampleIdentity, SexIdentity,
};
use crate::model::problem::{Problem, ProblemKind};
use crate::model::qc::SampleQc;
use crate::model::results::{CaseResults, Tool};
use crate::model::verdict::Verdict;

use super::{OutputFile, Rendered, Source, Writer, limits, pretty, shown};

/// The model and its version.
const MODEL: &str = "org.gel.models.metrics.avro";
const VERSION: &str = "1.2.2";

/// The name of the file of a case or a group of samples.
pub const FILE: &str = "gel_metrics.json";

/// Writes `gel_metrics.json`; nothing where no sample was looked at.
#[derive(Debug)]
pub(super) struct GelMetrics;

const FILES: &[OutputFile] = &[OutputFile {
    name: FILE,
    deterministic: true,
    doc: "reported against genetic checks, states and contamination of samples in the records of GEL's metrics model",
}];

impl Writer for GelMetrics {
    fn id(&self) -> &'static str {
        "gel-metrics"
    }

    fn files(&self) -> &'static [OutputFile] {
        FILES
    }

    fn render(&self, source: &Source<'_>) -> Result<Vec<Rendered>, Problem> {
        let results = source.results;
        let checked = of_results(results);
        let found = document(&checked, Some(&results.case.id))?;
        let rendered = |bytes| Rendered { name: FILE, bytes };
        Ok(found.map(rendered).into_iter().collect())
    }
}

/// What identity checks and verdicts say of a group of samples. Numbers without a name are not shown.
#[derive(Clone, Debug, Default)]
pub struct Checked<'a> {
    /// Names of the samples that may be shown, by number.
    pub names: BTreeMap<u16, &'a str>,
    /// Numbers of the samples of each family that has a pedigree.
    pub families: Vec<Vec<u16>>,
    /// Whether they are samples of relatives; else of one person's tumour.
    pub of_relatives: bool,
    /// What the samples say about themselves.
    pub samples: BTreeMap<u16, &'a SampleIdentity>,
    /// Their sex.
    pub sexes: &'a [SexIdentity],
    /// Pairs of them.
    pub pairs: &'a [PairIdentity],
    /// Children with their parents.
    pub children: &'a [MendelIdentity],
    /// Verdicts on alignments.
    pub verdicts: Vec<(u16, &'a Verdict)>,
    /// The checks of a case.
    pub case: Option<&'a CaseIdentity>,
}

impl<'a> Checked<'a> {
    /// Of the checks of a case, without verdicts.
    pub fn of_case(
        names: BTreeMap<u16, &'a str>,
        found: Option<&'a CaseIdentity>,
        of_relatives: bool,
    ) -> Self {
        let samples = found.map_or(&[][..], |found| &found.samples);
        Self {
            families: vec![names.keys().copied().collect()],
            names,
            of_relatives,
            samples: samples.iter().map(|own| (own.member, &own.identity)).collect(),
            sexes: found.map_or(&[], |found| &found.sexes),
            pairs: found.map_or(&[], |found| &found.pairs),
            children: found.map_or(&[], |found| &found.families),
            verdicts: Vec::new(),
            case: found,
        }
    }
}

fn of_results(results: &CaseResults) -> Checked<'_> {
    let names = shown::samples(results);
    let of_relatives = !limits::is_tumour(results);
    let verdicts = results.qc.iter().filter_map(|own| Some((own.member, own.verdict.as_ref()?)));
    let verdicts = verdicts.collect();
    Checked { verdicts, ..Checked::of_case(names, results.identity.as_ref(), of_relatives) }
}

/// Records by key, and why others are not there.
#[derive(Debug, Default)]
struct Records {
    written: BTreeMap<&'static str, Value>,
    missing: BTreeMap<&'static str, String>,
}

impl Records {
    /// Keeps a record, or the reason of its class.
    fn put<T: Serialize>(
        &mut self,
        (key, class): (&'static str, &'static str),
        record: Result<T, &str>,
    ) -> Result<(), Problem> {
        match record {
            Ok(record) => {
                let value = serde_json::to_value(record).map_err(|e| {
                    Problem::new(ProblemKind::Internal, format!("cannot write {class}: {e}"))
                })?;
                self.written.insert(key, value);
            }
            Err(reason) => {
                self.missing.insert(class, reason.to_owned());
            }
        }
        Ok(())
    }

    /// Classes that are never written.
    fn never(&mut self, classes: &[(&'static str, &str)]) {
        self.missing.extend(classes.iter().map(|(class, why)| (*class, (*why).to_owned())));
    }
}

/// Records of an alignment that are never written.
const NEVER_OF_SAMPLE: [(&str, &str); 5] = [
    (
        "GelMetrics",
        "BaseDir, InputDir, DirectoryType, FileRelativePath and md5checksum are those of a delivery; \
         perc_bases_ge_15x_mapQ_ge11 and the yield of GbQ30NoDupsNoClip are in qc.json",
    ),
    ("TumorChecks", "well_id and the estimate of ContEst are not known"),
    ("VariantsCoverage", "no list of variant sites is counted"),
    ("VariantsCoverageCalculations", "no list of variant sites is counted"),
    ("ArrayConcordance", "no array is compared"),
];

/// Records of a case that are never written.
const NEVER_OF_CASE: [(&str, &str); 7] = [
    (
        "ReportedVsGeneticSummary",
        "pathToDirectory and deliveryId are those of a delivery, and no other program counts errors",
    ),
    ("LocusMendelSummary", "errors are not counted by the codes of PLINK"),
    ("IndividualTests", "PLINK's tests of sex and inbreeding are not run"),
    ("InbreedingCoefficient", "it is not computed"),
    ("InbreedingCoefficientEstimates", "it is not computed"),
    ("PlinkSexCheck", "PLINK's test of sex is not run"),
    ("PlinkROH", "runs of homozygosity are not looked for"),
];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SampleDocument<'a> {
    model: &'static str,
    version: &'static str,
    tool: Tool,
    sample: &'a str,
    stats: BTreeMap<&'static str, Value>,
    not_written: BTreeMap<&'static str, String>,
}

/// The records of one alignment; `None` when none can be written.
pub(super) fn text(qc: &SampleQc) -> Option<String> {
    let mut records = Records::default();
    records.never(&NEVER_OF_SAMPLE);
    reads::add(&mut records, qc).ok()?;
    coverage::add(&mut records, qc).ok()?;
    if records.written.is_empty() {
        return None;
    }
    let document = SampleDocument {
        model: MODEL,
        version: VERSION,
        tool: Tool::this(),
        sample: &qc.sample,
        stats: records.written,
        not_written: records.missing,
    };
    String::from_utf8(pretty(&document).ok()?).ok()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CaseDocument<'a> {
    model: &'static str,
    version: &'static str,
    tool: Tool,
    case: Option<&'a str>,
    records: CaseRecords<'a>,
    samples: Vec<SampleRecords<'a>>,
    not_written: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct CaseRecords<'a> {
    #[serde(rename = "ReportedVsGeneticChecks")]
    checks: Vec<checks::ReportedVsGeneticChecks<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SampleRecords<'a> {
    sample: &'a str,
    stats: BTreeMap<&'static str, Value>,
    not_written: BTreeMap<&'static str, String>,
}

/// The records of a group of samples as JSON; `None` when there are none.
///
/// # Errors
///
/// None in practice: every record can be written as JSON.
pub fn document(checked: &Checked<'_>, case: Option<&str>) -> Result<Option<Vec<u8>>, Problem> {
    let mut samples = Vec::new();
    for (&number, &sample) in &checked.names {
        let mut records = Records::default();
        let identity = checked.samples.get(&number).copied();
        records.put(reads::VERIFY_BAM_ID, reads::verify_bam_id(sample, identity))?;
        records.put(("SAMPLE_STATE", "SampleState"), state::of(number, checked))?;
        let (stats, not_written) = (records.written, records.missing);
        samples.push(SampleRecords { sample, stats, not_written });
    }
    let families = checked.families.iter();
    let checks: Vec<_> = families.filter_map(|family| checks::of(family, checked)).collect();
    if checks.is_empty() && samples.iter().all(|own| own.stats.is_empty()) {
        return Ok(None);
    }
    let mut missing = Records::default();
    missing.never(&NEVER_OF_CASE);
    if checks.is_empty() {
        let why = "no pedigree, or nothing of its samples was compared";
        missing.never(&[("ReportedVsGeneticChecks", why)]);
    }
    let document = CaseDocument {
        model: MODEL,
        version: VERSION,
        tool: Tool::this(),
        case,
        records: CaseRecords { checks },
        samples,
        not_written: missing.missing,
    };
    pretty(&document).map(Some)
}
