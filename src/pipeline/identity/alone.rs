//! Identity checks of a case document without filter and tiers: the same answers and files as within a whole run.

use std::path::{Path, PathBuf};

use super::super::acceptance::{self, Accept};
use super::super::part::Part;
use super::super::provenance;
use super::super::rules::Rules;
use super::{Known, OwnCalls, checked, complete, of_files, tell};
use crate::case::Case;
use crate::case::consent::{self, Analysis};
use crate::exec::qc::QcRun;
use crate::identity::sample;
use crate::inputs::{self, CaseAlignment, Inputs};
use crate::io::{sink, sketch_file};
use crate::model::identity::CaseIdentity;
use crate::model::notice::Notice;
use crate::model::problem::{Problem, ProblemKind, Problems};
use crate::model::qc::SampleQc;
use crate::model::results::Tool;
use crate::model::sample::MemberId;
use crate::policy::identity::IdentityLimits;
use crate::policy::layers::Resolved;
use crate::qc::{QcSettings, sketch};
use crate::report::gel_metrics::{self, Checked};
use crate::report::identity::{case_files, self_sm};
use crate::report::redact;

/// How to check a case.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Folder of the results.
    pub output: PathBuf,
    /// List of sites instead of the built-in one.
    pub sites: Option<PathBuf>,
    /// Worker threads, at least one.
    pub threads: usize,
    /// The command line, for the record.
    pub command: Vec<String>,
}

/// Start of the names of the record.
const NAME: &str = "identity";

/// Checks the samples of a case and writes `identity.json`, `gel_metrics.json` and, below `qc/`, the tables of a run. A member with a sketch is
/// looked at by that; of one without, the alignment is read for it.
///
/// # Errors
///
/// All faults of the inputs together, nothing to compare, or the first fault of the work.
pub fn run(case: &Case, policy: &Resolved, options: &Options) -> Result<CaseIdentity, Problems> {
    let case = &case.of_samples();
    let how = inputs::Options {
        allow_unannotated: true,
        sites: options.sites.clone(),
        ..inputs::Options::default()
    };
    let inputs = inputs::open(case, &policy.policy, &how)?;
    let command = (options.command.clone(), options.threads);
    let names = [NAME.to_owned()];
    let part = Part::begin(options.output.clone(), &names, Rules::from(policy), command)?;
    let found = check(case, policy, (&inputs, options), &part);
    part.end(found)
}

/// The work, and its record.
fn check(
    case: &Case,
    policy: &Resolved,
    (inputs, options): (&Inputs, &Options),
    part: &Part,
) -> Result<CaseIdentity, Problems> {
    let (json, folder) = (options.output.join("identity.json"), options.output.join("qc"));
    let mut older = vec![json.clone(), options.output.join(gel_metrics::FILE)];
    older.extend(case_files::FILES.iter().map(|name| folder.join(name)));
    sink::remove(&older, &case.files())?;
    let limits = acceptance::of_case(policy, &Accept::OfPreset)?;
    let mut own = OwnCalls::plan(case, inputs, None)?;
    own.complete(case, inputs, options.threads)?;
    let has_sketch =
        |member: MemberId| inputs.sketches.iter().any(|sketch| sketch.member == member);
    let mut quality = Vec::new();
    for alignment in inputs.alignments.iter().filter(|own| !has_sketch(own.member)) {
        log::info!("{}: no sketch, the alignment is read", case.shown(alignment.member));
        quality.push((alignment.member, of_reads(case, inputs, alignment, options)?));
    }
    let (mut sketched, _) = of_files(case, inputs, &quality)?;
    let in_normal = complete(case, &own, quality.iter_mut().chain(&mut sketched))?;
    let known = Known::new(case, (&quality, &sketched), &limits, in_normal)?;
    let (measured, told) = known.sexes.adopted(case);
    let Some((found, notices)) = checked(&measured, &known, own, &folder)? else {
        let message = "nothing to compare: no member has a sketch, an alignment or calls together with another one";
        let help = "give `sketch`, `alignment` or `variants` of the members; calls of files of their own need --sites";
        let file = case.source.clone().unwrap_or_default();
        return Err(Problem::bad_data(message).in_file(file.display()).help(help).into());
    };
    let mut written = write_samples(case, &known, &folder)?;
    tell(&found);
    let notices: Vec<&Notice> = notices.iter().chain(&told).collect();
    written.extend(write_records(case, &found, &options.output)?);
    write(&found, (&notices, part.rules()), &json)?;
    part.tell_identity(found.outcome, found.suspicions.len())?;
    written.extend(case_files::FILES.iter().map(|name| format!("qc/{name}")));
    written.push("identity.json".into());
    let how = inputs::Options { sites: options.sites.clone(), ..inputs::Options::default() };
    let read = provenance::of(case, inputs, &quality, &how)?;
    part.record(NAME, read.inputs, (written, &[]), &redact::identifiers(case))?;
    Ok(found)
}

/// The sketch of an alignment that is read for it alone.
fn of_reads(
    case: &Case,
    inputs: &Inputs,
    alignment: &CaseAlignment,
    options: &Options,
) -> Result<SampleQc, Problems> {
    let settings = QcSettings {
        only: Some(vec![sketch::ID.to_owned()]),
        sites: inputs.sites.clone(),
        ..QcSettings::default()
    };
    let (threads, reference) = (options.threads, case.reference.clone());
    let pass = QcRun { settings, threads, reference, task_bytes: None };
    let opened = pass.open(&alignment.path)?;
    if let Some(list) = &inputs.sites {
        sketch::check(&alignment.contigs, list)?;
    }
    let mut qc = pass.run(opened, None)?;
    if let Some(name) = &case.family.get(alignment.member).sample {
        qc.sample.clone_from(name);
        if let Some(sketch) = &mut qc.sketch {
            sketch.sample.clone_from(name);
        }
    }
    let limits = IdentityLimits::preset()?;
    qc.identity = qc.sketch.as_ref().map(|sketch| sample::identity(sketch, limits));
    Ok(qc)
}

/// Contamination of each sample as VerifyBamID's file, and the sketches that were made; gives their names below the output
/// folder.
fn write_samples(case: &Case, known: &Known<'_>, folder: &Path) -> Result<Vec<String>, Problem> {
    let mut written = Vec::new();
    for (member, qc) in &known.quality {
        let stem = sink::safe_file_name(&qc.sample);
        sink::make_folder(folder)?;
        if let Some(text) = qc.identity.as_ref().and_then(|own| self_sm::text(&qc.sample, own)) {
            let name = format!("{stem}.selfSM");
            sink::write_whole(folder.join(&name), text.as_bytes())?;
            written.push(format!("qc/{name}"));
        }
        let was_given = case.sketches.iter().any(|file| file.member == Some(*member));
        if let Some(sketch) = qc.sketch.as_ref().filter(|_| !was_given) {
            let name = format!("{stem}{}", sketch_file::END);
            sketch_file::write(&folder.join(&name), sketch)?;
            written.push(format!("qc/{name}"));
        }
    }
    Ok(written)
}

/// Writes the records of Genomics England's metrics model about members who may be looked at. The name of
/// the file, where it was written.
fn write_records(
    case: &Case,
    found: &CaseIdentity,
    folder: &Path,
) -> Result<Option<String>, Problem> {
    let allowed = case
        .family
        .iter()
        .filter(|(id, member)| consent::decide(*id, member).analysis == Analysis::Allowed);
    let names = allowed.filter_map(|(id, own)| Some((id.0 + 1, own.sample.as_deref()?)));
    let checked = Checked::of_case(names.collect(), Some(found), !case.kind.is_cancer());
    let Some(json) = gel_metrics::document(&checked, Some(&case.id))? else {
        return Ok(None);
    };
    sink::write_whole(folder.join(gel_metrics::FILE), &json)?;
    Ok(Some(gel_metrics::FILE.into()))
}

/// Writes what was found, as `identity` of `results.json` has it, with the notices that belong to it.
fn write(
    found: &CaseIdentity,
    (notices, rules): (&[&Notice], &Rules),
    path: &Path,
) -> Result<(), Problem> {
    let internal = |e: serde_json::Error| {
        Problem::new(ProblemKind::Internal, format!("cannot write JSON: {e}"))
    };
    let mut json = serde_json::to_value(found).map_err(internal)?;
    json["tool"] = serde_json::to_value(Tool::this()).map_err(internal)?;
    json["policy"] = serde_json::to_value(&rules.mark).map_err(internal)?;
    json["notices"] = serde_json::to_value(notices).map_err(internal)?;
    let mut text = serde_json::to_string_pretty(&json).map_err(internal)?;
    text.push('\n');
    sink::write_whole(path, text.as_bytes())
}
