//! Variant files: contigs, sample columns, annotation, frequencies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::contigs::{Contigs, Stated};
use super::{CaseVariants, Options, shown, tumour_columns};
use crate::case::Case;
use crate::io::annotations::Schema;
use crate::io::variants::{
    Header, Layout, ONLY_SAMPLE, Sources, VariantFile, Wanted as LayoutWanted, is_lofreq,
};
use crate::model::contig::ContigTable;
use crate::model::notice::{Notice, NoticeKind};
use crate::model::problem::{Problem, Problems, nearest};
use crate::model::sample::{MemberId, Role};
use crate::policy::acmg::ScorePolicy;
use crate::policy::{Dataset, Policy};

/// A file whose columns are known.
pub(super) struct Opened {
    path: PathBuf,
    file: VariantFile,
    samples: Vec<(String, MemberId)>,
}

/// What the layouts are made for.
pub(super) struct Wanted<'a> {
    pub(super) case: &'a Case,
    pub(super) policy: &'a Policy,
    pub(super) options: &'a Options,
    pub(super) contigs: &'a ContigTable,
    pub(super) sources: &'a Sources,
}

/// Opens the joint files, then those of members.
pub(super) fn open(
    case: &Case,
    contigs: &mut Contigs,
    notices: &mut Vec<Notice>,
    problems: &mut Problems,
) -> Vec<Opened> {
    let mut opened = Vec::new();
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut is_whole = true;
    for path in &case.variants {
        if !seen.insert(path) {
            let text = "a joint variant file was given twice and is read once";
            notices.push(Notice::one(NoticeKind::Duplicate, text));
            continue;
        }
        let Some(file) = open_file(path, contigs, problems) else {
            is_whole = false;
            continue;
        };
        let samples = columns(case, file.header(), notices);
        if samples.is_empty() && !case.family.members.is_empty() {
            problems.0.push(no_member(case, file.header(), path));
            is_whole = false;
        }
        let exchanged = tumour_columns::check(case, file.header(), &samples);
        problems.collect(exchanged.map_err(|problem| problem.in_file(shown(path))));
        found.extend(samples.iter().map(|(_, id)| *id));
        opened.push(Opened { path: path.clone(), file, samples });
    }
    for (id, member) in case.family.iter() {
        let Some(sample) = &member.sample else { continue };
        if let Some(path) = &member.variants {
            let Some(file) = open_file(path, contigs, problems) else { continue };
            match column(case, id, file.header()) {
                Some(name) => {
                    let samples = vec![(name, id)];
                    let exchanged = tumour_columns::check(case, file.header(), &samples);
                    problems.collect(exchanged.map_err(|problem| problem.in_file(shown(path))));
                    opened.push(Opened { path: path.clone(), file, samples });
                }
                None => {
                    problems
                        .0
                        .push(no_column(case, id, sample, file.header()).in_file(shown(path)));
                }
            }
        } else if is_whole && !case.variants.is_empty() && !found.contains(&id) {
            // LoFreq writes the tumour alone: the normal has no calls then, which is no fault.
            if opened.iter().all(|file| is_lofreq(file.file.header())) {
                continue;
            }
            // Told of the last joint file; the member is in none.
            if let Some(last) = opened.iter().rfind(|file| case.variants.contains(&file.path)) {
                let problem = no_column(case, id, sample, last.file.header());
                problems.0.push(problem.in_file(shown(&last.path)));
            }
        }
    }
    opened
}

pub(super) fn open_file(
    path: &Path,
    contigs: &mut Contigs,
    problems: &mut Problems,
) -> Option<VariantFile> {
    let file = problems.collect(VariantFile::open(path))?;
    let stated: Vec<Stated<'_>> = file
        .header()
        .contigs
        .iter()
        .map(|c| Stated { name: &c.name, length: c.length, md5: c.md5.as_deref() })
        .collect();
    contigs.add(&shown(path), &stated, problems);
    Some(file)
}

/// The column of a member: of its sample's name, else of the tumour or normal that the caller names.
pub(super) fn column(case: &Case, id: MemberId, header: &Header) -> Option<String> {
    let member = case.family.get(id);
    let sample = member.sample.as_deref()?;
    if let Some((name, _)) = of_lofreq(case, header).filter(|(_, tumour)| *tumour == id) {
        return Some(name);
    }
    let has = |name: &str| header.column(name).is_some().then(|| name.to_owned());
    if let Some(name) = has(sample) {
        return Some(name);
    }
    // Strelka, MuSE and others write the words instead of the names.
    match member.role {
        Role::Tumour => has("TUMOR").or_else(|| has("TUMOUR")),
        Role::Normal => has("NORMAL"),
        _ => None,
    }
}

/// The tumour, for a file of LoFreq: it has no sample columns, and is of one sample.
fn of_lofreq(case: &Case, header: &Header) -> Option<(String, MemberId)> {
    let (tumour, member) = case.family.with_role(Role::Tumour)?;
    let is_one = is_lofreq(header) && member.sample.is_some();
    is_one.then(|| (ONLY_SAMPLE.to_owned(), tumour))
}

fn columns(case: &Case, header: &Header, notices: &mut Vec<Notice>) -> Vec<(String, MemberId)> {
    let mut samples = Vec::new();
    if let Some(only) = of_lofreq(case, header) {
        let text = format!(
            "a variant file of LoFreq has no sample columns: its reads are taken as those of {}",
            case.shown(only.1)
        );
        notices.push(Notice::one(NoticeKind::NotAssessed, text));
        return vec![only];
    }
    for (id, member) in case.family.iter().filter(|(_, member)| member.variants.is_none()) {
        let Some(name) = column(case, id, header) else { continue };
        if member.sample.as_deref() != Some(name.as_str()) {
            let number = header.column(&name).map_or(0, |column| column + 1);
            let text =
                format!("sample column {number} of a variant file is taken as {}", case.shown(id));
            notices.push(Notice::one(NoticeKind::NotAssessed, text));
        }
        samples.push((name, id));
    }
    let others = header.samples.len().saturating_sub(samples.len());
    if others > 0 && !samples.is_empty() {
        let text = "columns of samples outside the case were passed over";
        notices.push(Notice::many(NoticeKind::Ignored, others as u64, text));
    }
    samples
}

pub(super) fn no_member(case: &Case, header: &Header, path: &Path) -> Problem {
    let sequenced = case.family.iter().filter(|(_, member)| member.sample.is_some()).count();
    let message = format!(
        "none of the {} columns is a sample of the case's {sequenced} sequenced members",
        header.samples.len()
    );
    let near = case.family.iter().find_map(|(id, member)| {
        let near = nearest(member.sample.as_deref()?, header.samples.iter().map(String::as_str))?;
        header.column(near).map(|column| (id, column))
    });
    let help = match near {
        _ if header.samples.is_empty() => {
            "of callers without sample columns only LoFreq is read, as a tumour's calls (its header says ##source=lofreq)".into()
        }
        Some((id, column)) => {
            format!("column {} is nearly the `sample` of {}", column + 1, case.shown(id))
        }
        None => "`bcftools query -l` lists the columns".into(),
    };
    Problem::bad_data(message).in_file(shown(path)).help(help)
}

/// Names of samples stay out of the message, which reaches logs: columns are told by number.
pub(super) fn no_column(case: &Case, id: MemberId, sample: &str, header: &Header) -> Problem {
    let message = format!("{}: no column of the name of its `sample`", case.shown(id));
    // A column that is another member's is no misspelling of this one's.
    let is_taken = |name: &str| case.family.iter().any(|(_, m)| m.sample.as_deref() == Some(name));
    let free = header.samples.iter().map(String::as_str).filter(|name| !is_taken(name));
    let near = nearest(sample, free);
    let help = match near.and_then(|near| header.column(near)) {
        Some(column) => format!("sample column {} has nearly that name", column + 1),
        None => {
            "`bcftools query -l` lists the columns; a member without calls has no `sample`".into()
        }
    };
    Problem::bad_data(message).help(help)
}

/// Finds where each file keeps what the case needs.
pub(super) fn lay_out(
    opened: Vec<Opened>,
    wanted: &Wanted<'_>,
    notices: &mut Vec<Notice>,
    problems: &mut Problems,
) -> Vec<CaseVariants> {
    let populations: Vec<Vec<String>> =
        wanted.policy.frequency.populations().into_iter().map(|p| p.fields).collect();
    let scores: Vec<Vec<Vec<String>>> =
        wanted.policy.acmg.iter().flat_map(|acmg| &acmg.scores).map(ScorePolicy::places).collect();
    let mut files = Vec::new();
    for (i, opened) in opened.into_iter().enumerate() {
        let layout = Layout::new(
            opened.file.name(),
            opened.file.header(),
            &LayoutWanted {
                contigs: wanted.contigs,
                members: wanted.case.family.members.len(),
                samples: &opened.samples,
                populations: &populations,
                annotations: &wanted.options.annotations,
                file: i as u16,
            },
        );
        let layout = layout.and_then(|layout| layout.with_stores(wanted.sources, &populations));
        let Some(layout) = problems.collect(layout) else { continue };
        let layout = layout.with_scores(&scores);
        if layout.annotations().next().is_none() {
            if wanted.options.allow_unannotated {
                let text = "a variant file has no consequences (CSQ, ANN, BCSQ): its variants have no genes";
                notices.push(Notice::one(NoticeKind::NotAssessed, text));
            } else {
                let message = "no consequence annotation: the header describes no CSQ, ANN or BCSQ";
                let help =
                    "annotate with VEP, SnpEff or `bcftools csq`; or pass --allow-unannotated";
                problems.0.push(Problem::bad_data(message).in_file(shown(&opened.path)).help(help));
            }
        }
        for gap in layout.annotations().next().map(Schema::gaps).unwrap_or_default() {
            let text = format!("annotation of variant file {}: {gap}", i + 1);
            notices.push(Notice::one(NoticeKind::NotAssessed, text));
        }
        let Opened { path, file, samples } = opened;
        files.push(CaseVariants { path, file, samples, layout });
    }
    files
}

/// For each population whether a file can tell it; a required dataset that none can tell is a fault unless allowed, and
/// every gap is a notice: not assessed is not rare. What only the mitochondrial genome lacks is told where it matters
/// ([`mitochondrial_gaps`]).
pub(super) fn assessed(
    files: &[CaseVariants],
    policy: &Policy,
    options: &Options,
    problems: &mut Problems,
) -> (Vec<bool>, Vec<Notice>) {
    let populations = policy.frequency.populations();
    let mut any = vec![false; populations.len()];
    for file in files {
        any.iter_mut().zip(file.layout.assessed()).for_each(|(any, file)| *any |= file);
    }
    let mut notices = Vec::new();
    if files.is_empty() {
        return (any, notices);
    }
    let mut by_dataset: BTreeMap<&str, Vec<(bool, &str)>> = BTreeMap::new();
    for (population, assessed) in populations.iter().zip(&any) {
        let names = by_dataset.entry(&population.dataset.id).or_default();
        names.push((*assessed, &population.population.name));
    }
    let has = |id: &str| by_dataset.get(id).is_some_and(|list| list.iter().any(|(a, _)| *a));
    for dataset in &policy.frequency.datasets {
        if dataset.fallback_for.as_deref().is_some_and(has) {
            continue;
        }
        let list = &by_dataset[dataset.id.as_str()];
        if dataset.required && list.iter().any(|(a, _)| !a) && !options.allow_unannotated {
            problems.0.push(missing(dataset, list, files));
        } else if !dataset.is_mitochondrial() {
            notices.extend(gaps(dataset, list));
        }
    }
    (any, notices)
}

/// Datasets of the mitochondrial genome that no file and no store holds; `assessed` says of each population whether one does.
pub fn mitochondrial_gaps(policy: &Policy, assessed: &[bool]) -> Vec<Notice> {
    let populations = policy.frequency.populations();
    let of = |dataset: &Dataset| {
        let all = populations.iter().zip(assessed).filter(|(p, _)| p.dataset.id == dataset.id);
        let names: Vec<(bool, &str)> =
            all.map(|(p, assessed)| (*assessed, p.population.name.as_str())).collect();
        gaps(dataset, &names)
    };
    policy.frequency.datasets.iter().filter(|d| d.is_mitochondrial()).filter_map(of).collect()
}

/// Scores that decide about evidence and that no file has: PP3 and BP4 are not assessed by them.
pub(super) fn not_scored(files: &[CaseVariants], policy: &Policy) -> Option<Notice> {
    let scores = policy.acmg.iter().flat_map(|acmg| &acmg.scores);
    let missing = scores.enumerate().filter(|(i, score)| {
        let is_there = files.iter().any(|file| file.layout.scored().nth(*i) == Some(true));
        !score.decides.value.is_empty() && !is_there
    });
    let names: Vec<&str> = missing.map(|(_, score)| score.title.as_str()).collect();
    (!files.is_empty() && !names.is_empty()).then(|| {
        let text = format!(
            "PP3 and BP4 not assessed by {}: no field in any variant file",
            names.join(", ")
        );
        Notice::many(NoticeKind::NotAssessed, names.len() as u64, text)
    })
}

/// Names of the populations that no file can tell.
fn absent<'a>(populations: &[(bool, &'a str)]) -> Vec<&'a str> {
    populations.iter().filter(|(a, _)| !a).map(|(_, name)| *name).collect()
}

fn gaps(dataset: &Dataset, populations: &[(bool, &str)]) -> Option<Notice> {
    let absent = absent(populations);
    (!absent.is_empty()).then(|| {
        let text = format!("{} not assessed: no field for {}", dataset.title, absent.join(", "));
        Notice::many(NoticeKind::NotAssessed, absent.len() as u64, text)
    })
}

fn missing(dataset: &Dataset, populations: &[(bool, &str)], files: &[CaseVariants]) -> Problem {
    let message = format!(
        "no population frequencies of {} for {}, which the policy requires",
        dataset.title,
        absent(populations).join(", ")
    );
    let expected = dataset.fields.join(", ");
    let help = format!(
        "annotate with one of {expected} (STORE/... is a store, which `frequencies` of the case or --frequencies names); or pass \
         --allow-unannotated, and these frequencies are not assessed"
    );
    let problem = Problem::bad_data(message).help(help);
    match files {
        [only] => problem.in_file(shown(&only.path)),
        _ => problem,
    }
}
