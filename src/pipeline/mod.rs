//! All stages in order: inputs, variants, reads, tiers, reports. The only room that names them all.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::case::Case;
use crate::exec::qc::QcRun;
use crate::identity::sample;
use crate::inputs::{self, CaseAlignment, Inputs};
use crate::io::sink;
use crate::model::biomarkers::Assessed;
use crate::model::biomarkers::shape::Purity;
use crate::model::candidate::Candidate;
use crate::model::panel::{DomainLists, Panel, PanelSet};
use crate::model::problem::{Problem, Problems};
use crate::model::qc::SampleQc;
use crate::model::results::CaseResults;
use crate::model::sample::MemberId;
use crate::model::status::{Step, TaskState};
use crate::policy::Purpose;
use crate::policy::identity::IdentityLimits;
use crate::policy::layers::Resolved;
use crate::qc::QcSettings;
use crate::qc::depth::AskedSpans;
use crate::qc::genes::GeneSettings;
use crate::report::assemble::{Material, assemble};
use crate::report::{self, qc_files};
use crate::tier::amp::AmpInputs;
use crate::tier::marks::MarkContext;
use crate::tier::{self, OtherFindings, TierCase, TierContext, Tiering};

pub mod acceptance;
mod additional;
pub mod biomarkers;
mod chromosomes;
mod evidence;
pub mod explain;
mod genes;
mod hgvs;
pub mod identity;
mod marks;
pub mod part;
mod pertinent;
mod pictures;
pub mod provenance;
pub mod rules;
pub mod samples;
mod sex;
pub mod status;
pub mod stores;
mod structural;
mod variants;
mod vrs;

use acceptance::{Accept, Limits};
use additional::Beside;
use status::Status;
pub use variants::CASE_FILTERS;

/// How to run a case.
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder of all results.
    pub output: PathBuf,
    /// Worker threads, at least one.
    pub threads: usize,
    /// How strict input checks are.
    pub inputs: inputs::Options,
    /// What to ask of alignments; `None` leaves them unread.
    pub qc: Option<QcSettings>,
    /// Look a second time at the reads of kept variants, where there are alignments.
    pub read_evidence: bool,
    /// Name the reported alleles by VRS, where there is a reference.
    pub vrs: bool,
    /// Which limits alignments are compared with.
    pub accept: Accept,
    /// The command line, for `run.json`.
    pub command: Vec<String>,
    /// `--set` changes of the policy.
    pub changes: Vec<String>,
    /// Why to go on when identity checks fail: who knows what, in words.
    pub override_identity: Option<String>,
}

/// What is done with every alignment.
struct Asked<'a> {
    settings: &'a QcSettings,
    options: &'a Options,
}

/// The figures of every alignment with its member, and folder and stem of their files.
type ReadAll = (Vec<(MemberId, SampleQc)>, Vec<PathBuf>);

/// Runs a case and writes its results.
///
/// # Errors
///
/// All faults of the inputs together, or the first fault of the work. No report is written then.
pub fn run(case: &Case, policy: &Resolved, options: &Options) -> Result<CaseResults, Problems> {
    let started = provenance::now();
    let status = Status::new(&options.output, Some(&policy.digest), started);
    let inputs = inputs::open(case, &policy.policy, &options.inputs)
        .inspect_err(|problems| status::rejected(&options.output, problems))?;
    let results = work(case, policy, (inputs, options), (&status, started));
    match &results {
        Ok(results) => status.end(results)?,
        Err(problems) => status.fail(TaskState::Failed, problems),
    }
    results
}

/// All stages, once the inputs are open.
fn work(
    case: &Case,
    policy: &Resolved,
    (inputs, options): (Inputs, &Options),
    (status, started): (&Status, SystemTime),
) -> Result<CaseResults, Problems> {
    let settings = options.qc.as_ref().map(|qc| of_inputs(qc, case, &inputs)).transpose()?;
    make_room(case, &inputs, (&options.output, status))?;
    let limits = acceptance::of_case(policy, &options.accept)?;
    let whole = chromosomes::Asked::of(case, &policy.policy);
    let mut own = identity::OwnCalls::plan(case, &inputs, whole.wanted())?;
    let pass = (options.threads, Some(&mut own));
    let mut found = variants::find(case, &policy.policy, &inputs, pass)?;
    status.tell_kept(found.candidates.len())?;
    let counted = own.complete(case, &inputs, options.threads)?;
    let others = structural::find(case, &policy.policy, &inputs)?;
    let asked = settings.as_ref().map(|settings| Asked { settings, options });
    let (mut quality, stems) = read_all(case, policy, &inputs, asked.as_ref(), &mut found)?;
    let (mut sketched, unread) = identity::of_files(case, &inputs, &quality)?;
    let in_normal = identity::complete(case, &own, quality.iter_mut().chain(&mut sketched))?;
    let purity = biomarkers::content(case, policy, (&inputs, &found, &others), &mut quality)?;
    accept(case, &limits, &mut quality, &stems)?;
    let known = identity::Known::new(case, (&quality, &sketched), &limits, in_normal)?;
    let (measured, told) = known.sexes.adopted(case);
    let identity = identity::check(&measured, &known, own, options)?;
    let stopped = identity.as_ref().and_then(identity::Checked::stop);
    let beside = Beside::new(&measured, &inputs, &policy.policy, stopped.is_some());
    let (mut tiering, mut others_found) = match stopped {
        Some(stopped) => (stopped, None),
        None => tier_kept((case, &measured), policy, (&inputs, options), (&mut found, &others))?,
    };
    let additional =
        beside.search((&mut tiering.tiered, others_found.as_mut()), options.threads)?;
    tell_reported(&tiering);
    found.notices.extend(others.notices.iter().cloned());
    let told = identity::notices(told, unread, identity.as_ref());
    let notices = [inputs.notices.clone(), found.notices.clone(), tiering.notices, told].concat();
    let mut results = assemble(&Material {
        case_id: &case.id,
        kind: case.kind.word(),
        assembly: case.assembly,
        penetrance: (!case.kind.is_cancer()).then_some(case.penetrance.word()),
        family: &measured.family,
        policy,
        policy_changes: &options.changes,
        panels: &reported_panels(case, &inputs),
        contigs: &inputs.contigs,
        stores: &inputs.store_names(),
        qc: &quality,
        identity: identity.as_ref().map(|checked| &checked.found),
        counts: &found.counts,
        tiered: &tiering.tiered,
        removed: &tiering.removed,
        two_hits: &tiering.two_hits,
        single_alleles: &tiering.single_alleles,
        others: others_found.as_ref(),
        notices: &notices,
        genes_not_annotated: &genes::not_annotated(&inputs.panels, &found.genes),
        additional: Some(&additional),
        provenance: &provenance::of(case, &inputs, &quality, &options.inputs)?,
    });
    whole.add(&mut results, &counted, (&inputs, &others), (&quality, &known.sexes));
    let material = (&found, quality.as_slice(), purity);
    of_tumour(&mut results, (&measured, policy), (&inputs, options), material)?;
    describe(&mut results, (case, policy), &inputs, options)?;
    write((results, &quality), (case, policy), options, (status, started))
}

/// Looks at the reads of the variants that the filters kept, and tiers them.
fn tier_kept(
    (case, measured): (&Case, &Case),
    policy: &Resolved,
    (inputs, options): (&Inputs, &Options),
    (found, others): (&mut variants::Found, &structural::Found),
) -> Result<(Tiering, Option<OtherFindings>), Problem> {
    evidence::of_case(case, &policy.policy, (inputs, options), found)?;
    let candidates = std::mem::take(&mut found.candidates);
    tiers(measured, policy, (inputs, options.threads), (candidates, others))
}

/// Adds names of the alleles and pictures of their reads, as asked.
fn describe(
    results: &mut CaseResults,
    (case, policy): (&Case, &Resolved),
    inputs: &Inputs,
    options: &Options,
) -> Result<(), Problem> {
    hgvs::add(results, inputs)?;
    if options.vrs {
        vrs::add(results, inputs, options.threads)?;
    }
    if options.read_evidence {
        pictures::add(results, (case, &policy.policy), inputs, options.threads)?;
    }
    Ok(())
}

/// What only tumours have: biomarkers, germline findings of the normal sample, tiers by the case's evidence items.
fn of_tumour(
    results: &mut CaseResults,
    (case, policy): (&Case, &Resolved),
    (inputs, options): (&Inputs, &Options),
    (found, quality, purity): (&variants::Found, &[(MemberId, SampleQc)], Assessed<Purity>),
) -> Result<(), Problem> {
    biomarkers::add(results, (case, policy), (inputs, options), (found, quality, purity))?;
    let stopped = results.identity.as_ref().is_some_and(|identity| identity.stopped);
    let searched = pertinent::search(case, &policy.policy, inputs, (stopped, options.threads))?;
    if let Some((pertinent, notices)) = searched {
        results.pertinent = Some(pertinent);
        results.notices.extend(notices);
    }
    if let (Some(table), Some(rules)) = (&inputs.tumour.civic, &policy.policy.amp) {
        let (lists, diseases) = (domain_lists(inputs), case.tumour.disease.as_slice());
        tier::amp::annotate(results, &AmpInputs { table, diseases, lists: &lists, rules });
    }
    Ok(())
}

fn tell_inputs(inputs: &Inputs) {
    log::info!(
        "inputs checked: {} variant files, {} alignments",
        inputs.variants.len(),
        inputs.alignments.len()
    );
}

fn write(
    (mut results, quality): (CaseResults, &[(MemberId, SampleQc)]),
    (case, policy): (&Case, &Resolved),
    options: &Options,
    (status, started): (&Status, SystemTime),
) -> Result<CaseResults, Problems> {
    tier::acmg::annotate(&mut results, policy.policy.acmg.as_ref());
    status.tell_checks(&results)?;
    let stopped = results.identity.as_ref().is_some_and(|identity| identity.stopped);
    if !stopped {
        let reported = [("reported", results.candidates.len() as u64)];
        status.tell(Step::Tiers, TaskState::Completed, &reported)?;
    }
    let tracks: Vec<_> = quality.iter().flat_map(|(_, qc)| qc.tracks.iter().cloned()).collect();
    let made = (&results, tracks.as_slice());
    let run = provenance::run_record(made, (case, policy), options, (&status.run, started))?;
    report::write_all(&results, Some(&run), &report::Wanted::default(), &options.output)?;
    status.tell(Step::Reports, TaskState::Completed, &[])?;
    log::info!("results written");
    Ok(results)
}

fn tell_reported(tiering: &Tiering) {
    let reported = tiering.tiered.iter().filter(|tiered| !tiered.events.is_empty()).count();
    log::info!("{reported} variants reported");
}

/// Makes the output folder, and takes older results away that this run would replace: work begins, and is told.
fn make_room(
    case: &Case,
    inputs: &Inputs,
    (output, status): (&Path, &Status),
) -> Result<(), Problem> {
    let written = report::WRITERS.iter().flat_map(|writer| writer.files());
    sink::spare_inputs(case.files(), written.map(|file| output.join(file.name)))?;
    sink::make_folder(output)?;
    let samples: Vec<String> = inputs
        .alignments
        .iter()
        .filter_map(|alignment| case.family.get(alignment.member).sample.as_deref())
        .map(sink::safe_file_name)
        .collect();
    report::older::clear(output, &samples, &case.files())?;
    tell_inputs(inputs);
    status.tell_inputs(inputs.variants.len(), inputs.alignments.len())
}

/// The settings with the case's list of sites, and with its gene model and panels, when it has these; both have to fit every
/// alignment.
fn of_inputs(settings: &QcSettings, case: &Case, inputs: &Inputs) -> Result<QcSettings, Problems> {
    let mut settings = settings.clone();
    settings.sites.clone_from(&inputs.sites);
    if let Some(list) = &inputs.sites {
        for alignment in &inputs.alignments {
            crate::qc::sketch::check(&alignment.contigs, list)?;
        }
    }
    if let Some(model) = &inputs.genes {
        let genes = GeneSettings::new(Arc::clone(model), reported_panels(case, inputs));
        let mut problems = Problems::default();
        for alignment in &inputs.alignments {
            problems.collect(genes.check(&alignment.contigs));
        }
        problems.into_result()?;
        settings.genes = Some(genes);
    }
    Ok(settings)
}

/// Reads every alignment once: its figures and tracks, and the depth where a member's call is missing.
fn read_all(
    case: &Case,
    policy: &Resolved,
    inputs: &Inputs,
    asked: Option<&Asked<'_>>,
    found: &mut variants::Found,
) -> Result<ReadAll, Problems> {
    let Some(&Asked { settings, options }) = asked else { return Ok(ReadAll::default()) };
    let folder = options.output.join("qc");
    if !inputs.alignments.is_empty() {
        sink::make_folder(&folder)?;
    }
    let (mut all, mut stems) = (Vec::new(), Vec::new());
    for (number, alignment) in inputs.alignments.iter().enumerate() {
        let uncalled =
            variants::uncalled(alignment.member, &alignment.contigs, &found.candidates, inputs);
        let mut settings = settings.clone();
        let asked = settings.depth.asked.len();
        settings
            .depth
            .asked
            .push(AskedSpans { spans: uncalled.spans.clone(), ..AskedSpans::default() });
        let pass = QcRun {
            settings,
            threads: options.threads,
            reference: case.reference.clone(),
            task_bytes: None,
        };
        let (mut qc, stem) = one_alignment(&pass, alignment, case, &folder)?;
        qc.policy = Some(policy.mark());
        log::info!("alignment {} of {} read", number + 1, inputs.alignments.len());
        if let Some(regions) = qc.depth.as_ref().and_then(|depth| depth.asked.get(asked)) {
            let least: Vec<u32> =
                regions.iter().map(|region| region.summary.min.unwrap_or(0)).collect();
            variants::call_by_depth(&mut found.candidates, &uncalled, &least, &policy.policy);
        }
        all.push((alignment.member, qc));
        stems.push(stem);
    }
    Ok((all, stems))
}

/// Gives every alignment its verdict and writes its files.
fn accept(
    case: &Case,
    limits: &Limits,
    quality: &mut [(MemberId, SampleQc)],
    stems: &[PathBuf],
) -> Result<(), Problem> {
    for (number, ((member, qc), stem)) in quality.iter_mut().zip(stems).enumerate() {
        limits.judge(number + 1, case.family.get(*member).role, qc);
        qc_files::write(qc, stem)?;
    }
    Ok(())
}

fn one_alignment(
    pass: &QcRun,
    alignment: &CaseAlignment,
    case: &Case,
    folder: &Path,
) -> Result<(SampleQc, PathBuf), Problems> {
    let opened = pass.open(&alignment.path)?;
    let member = case.family.get(alignment.member);
    let name = member.sample.as_deref().unwrap_or(&opened.sample);
    let stem = folder.join(sink::safe_file_name(name));
    let mut qc = pass.run(opened, Some(&stem))?;
    let limits = IdentityLimits::preset()?;
    qc.identity = qc.sketch.as_ref().map(|sketch| sample::identity(sketch, limits));
    Ok((qc, stem))
}

/// Models and rules over all candidates, and over what else was called.
fn tiers(
    case: &Case,
    policy: &Resolved,
    (inputs, threads): (&Inputs, usize),
    (candidates, others): (Vec<Candidate>, &structural::Found),
) -> Result<(Tiering, Option<OtherFindings>), Problem> {
    let lists = domain_lists(inputs);
    let context = TierContext::new(tier_case(case, inputs, &lists), &policy.policy)?
        .with_stores(&inputs.store_names());
    Ok(match policy.policy.purpose {
        Purpose::Germline => {
            let mut tiering = tier::germline(candidates, &context);
            let found = tier::structural(&others.calls(inputs), &mut tiering, &context);
            (tiering, Some(found))
        }
        Purpose::Somatic => {
            let calls = others.calls(inputs);
            let mut seen = marks::inputs(case, &policy.policy, (inputs, threads), &candidates)?;
            seen.lost = tier::lost_heterozygosity(&calls, &context);
            let marks = MarkContext::new(&policy.policy, &case.family, seen)?;
            let mut tiering = tier::somatic(candidates, &context, &marks);
            let found = tier::tumour_structural(&calls, &mut tiering, &context);
            (tiering, found)
        }
    })
}

fn tier_case<'a>(case: &'a Case, inputs: &'a Inputs, lists: &'a DomainLists) -> TierCase<'a> {
    TierCase {
        family: &case.family,
        assembly: case.assembly,
        contigs: &inputs.contigs,
        panels: &inputs.panels,
        lists,
        penetrance: case.penetrance.runs(),
    }
}

fn domain_lists(inputs: &Inputs) -> DomainLists {
    let list = |panel: &Option<Panel>| PanelSet::new(panel.iter().cloned().collect());
    DomainLists { domain1: list(&inputs.domain1), domain2: list(&inputs.domain2) }
}

fn reported_panels(case: &Case, inputs: &Inputs) -> PanelSet {
    if case.kind.is_cancer() {
        let lists = [&inputs.domain1, &inputs.domain2].into_iter().flatten().cloned().collect();
        PanelSet::new(lists)
    } else {
        inputs.panels.clone()
    }
}
