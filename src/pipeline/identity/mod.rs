//! Identity checks of a case: from the sketches of its reads, or from the calls of a file that holds several members.

use std::path::Path;
use std::sync::Arc;

use crate::case::Case;
use crate::identity::case::{self, CaseData, Judged, MemberData};
use crate::identity::contamination::tumour_in_normal::tumour_in_normal;
use crate::identity::relatedness::bits::GenotypeBits;
use crate::identity::{genotype, sample, sites};
use crate::inputs::Inputs;
use crate::io::sink;
use crate::model::identity::{CaseIdentity, Estimate};
use crate::model::notice::{Notice, NoticeKind};
use crate::model::problem::Problem;
use crate::model::qc::SampleQc;
use crate::model::sample::{MemberId, Role, Sex};
use crate::model::sketch::Sketch;
use crate::model::verdict::Outcome;
use crate::policy::identity::IdentityLimits;
use crate::report::identity::case_files;
use crate::tier::Tiering;

pub mod alone;
mod calls;

pub(super) use calls::{OfChild, OwnCalls};

use super::Options;
use super::acceptance::Limits;
use super::sex::Sexes;

/// The figures of a member's alignment, or what its sketch says.
type Figures = (MemberId, SampleQc);

/// What was found out before.
pub(super) struct Known<'a> {
    /// The figures of every alignment, and of every sketch that stands for one, completed.
    pub(super) quality: Vec<&'a Figures>,
    /// Sex chromosomes of the reads.
    pub(super) sexes: Sexes,
    /// Sets of acceptance limits.
    pub(super) limits: &'a Limits,
    /// Tumour cells in the normal sample.
    pub(super) in_normal: Option<Estimate>,
}

impl<'a> Known<'a> {
    /// Of the figures of alignments and of files, in the order of members.
    ///
    /// # Errors
    ///
    /// When the limits do not read, which a test rules out.
    pub(super) fn new(
        case: &Case,
        (quality, sketched): (&'a [Figures], &'a [Figures]),
        limits: &'a Limits,
        in_normal: Option<Estimate>,
    ) -> Result<Self, Problem> {
        let sexes = Sexes::of(case, quality.iter().chain(sketched))?;
        let mut quality: Vec<_> = quality.iter().chain(sketched).collect();
        quality.sort_by_key(|(member, _)| *member);
        Ok(Self { quality, sexes, limits, in_normal })
    }
}

/// What checks found, and the notice of a failure.
#[derive(Debug)]
pub(super) struct Checked {
    /// For the results.
    pub(super) found: CaseIdentity,
    /// Members whose sketch is of other sites than the others'.
    pub(super) notices: Vec<Notice>,
    notice: Notice,
}

impl Checked {
    /// The tiers of a case that was stopped: none, and the reason.
    pub(super) fn stop(&self) -> Option<Tiering> {
        let notices = vec![self.notice.clone()];
        self.found.stopped.then(|| Tiering { notices, ..Tiering::default() })
    }
}

/// All that is to be told about the samples: karyotypes, sketches that were not looked at, other sites.
pub(super) fn notices(
    sexes: Vec<Notice>,
    unread: Vec<Notice>,
    checked: Option<&Checked>,
) -> Vec<Notice> {
    let other_sites = checked.map_or_else(Vec::new, |checked| checked.notices.clone());
    [sexes, unread, other_sites].concat()
}

/// What the sketches of files say, of members whose alignment is not read.
///
/// # Errors
///
/// When the limits do not read, which a test rules out.
pub(super) fn of_files(
    case: &Case,
    inputs: &Inputs,
    quality: &[Figures],
) -> Result<(Vec<Figures>, Vec<Notice>), Problem> {
    let limits = IdentityLimits::preset()?;
    let (mut taken, mut notices) = (Vec::new(), Vec::new());
    for file in &inputs.sketches {
        if quality.iter().any(|(member, _)| *member == file.member) {
            let text = format!(
                "sketch of {}: not looked at, since the alignment was read",
                case.shown(file.member)
            );
            notices.push(Notice::one(NoticeKind::Ignored, text));
            continue;
        }
        let qc = SampleQc {
            sample: file.sketch.sample.clone(),
            identity: Some(sample::identity(&file.sketch, limits)),
            sketch: Some(file.sketch.clone()),
            ..SampleQc::default()
        };
        taken.push((file.member, qc));
    }
    Ok((taken, notices))
}

/// Adds to the figures of tumour and normal what takes both of them: the tumour's contamination, and tumour cells in the
/// normal sample, which is also given back, since it needs calls and no reads.
///
/// # Errors
///
/// When the limits do not read, which a test rules out.
pub(super) fn complete<'a>(
    case: &Case,
    own: &OwnCalls,
    quality: impl Iterator<Item = &'a mut Figures>,
) -> Result<Option<Estimate>, Problem> {
    if !case.kind.is_cancer() {
        return Ok(None);
    }
    let limits = IdentityLimits::preset()?;
    let (mut tumour, mut normal) = (None, None);
    for (id, qc) in quality {
        match case.family.get(*id).role {
            Role::Tumour => tumour = Some(qc),
            Role::Normal => normal = Some(qc),
            _ => {}
        }
    }
    if let (Some(tumour), Some(normal)) = (&mut tumour, &normal) {
        let sketches = tumour.sketch.as_ref().zip(normal.sketch.as_ref());
        let foreign =
            sketches.zip(normal.identity.as_ref()).map(|((tumour, normal), of_normal)| {
                case::tumour_contamination(tumour, (normal, of_normal), limits)
            });
        if let Some(identity) = &mut tumour.identity {
            identity.tumour_contamination = foreign;
        }
    }
    let in_normal = own.somatic().map(|reads| tumour_in_normal(reads, &limits.tumour_in_normal));
    if let Some(identity) = normal.and_then(|normal| normal.identity.as_mut()) {
        identity.tumour_in_normal = in_normal;
    }
    Ok(in_normal)
}

/// Checks the case; `None` when there is nothing to compare.
fn checked(
    case: &Case,
    known: &Known<'_>,
    own: OwnCalls,
    folder: &Path,
) -> Result<Option<(CaseIdentity, Vec<Notice>)>, Problem> {
    let limits = IdentityLimits::preset()?;
    let (mut compared, notices) = compared(case, known, own, limits);
    compared.tumour_in_normal =
        known.in_normal.map(|found| (found, known.limits.tumour_in_normal(&found)));
    if compared.members.is_empty() && compared.tumour_in_normal.is_none() {
        return Ok(None);
    }
    let found = case::check(case, &compared, limits);
    let related = limits.relation.listed_relatedness.value;
    for (name, text) in case_files::texts(&found, &case.family, &compared.members, related) {
        sink::make_folder(folder)?;
        sink::write_whole(folder.join(name), text.as_bytes())?;
    }
    Ok(Some((found, notices)))
}

/// Checks the case before it is tiered and writes the tables below `qc/`; `None` when there is nothing to compare.
pub(super) fn check(
    case: &Case,
    known: &Known<'_>,
    own: OwnCalls,
    options: &Options,
) -> Result<Option<Checked>, Problem> {
    let folder = options.output.join("qc");
    let Some((mut found, notices)) = checked(case, known, own, &folder)? else { return Ok(None) };
    found.override_reason =
        options.override_identity.clone().filter(|_| found.outcome == Outcome::Fail);
    found.stopped = found.outcome == Outcome::Fail && found.override_reason.is_none();
    tell(&found);
    if found.override_reason.is_some() {
        log::warn!("identity checks failed; going on, the reason stands in the results");
    } else if found.stopped {
        log::error!("identity checks failed: nothing is tiered");
    }
    let failed: Vec<&str> = found
        .suspicions
        .iter()
        .filter(|suspicion| suspicion.outcome == Outcome::Fail)
        .map(|suspicion| suspicion.text.as_str())
        .collect();
    let text = format!(
        "identity checks failed and nothing was tiered: {}. Go on with --override-identity and a reason",
        failed.join("; ")
    );
    Ok(Some(Checked { found, notices, notice: Notice::one(NoticeKind::Identity, text) }))
}

fn tell(found: &CaseIdentity) {
    for suspicion in &found.suspicions {
        match suspicion.outcome {
            Outcome::Fail => log::error!("identity: {}", suspicion.text),
            _ => log::warn!("identity: {}", suspicion.text),
        }
    }
    match found.sites.as_str() {
        "" => log::info!("identity: {}", found.outcome.word()),
        sites => log::info!("identity: {} ({sites})", found.outcome.word()),
    }
}

/// The sketches of the reads, or the case's own calls when these know more sites of every member.
fn compared<'a>(
    case: &Case,
    known: &Known<'a>,
    own: OwnCalls,
    limits: &IdentityLimits,
) -> (CaseData<'a>, Vec<Notice>) {
    let (by_reads, notices) = by_reads(case, known, limits);
    if case.kind.is_cancer() {
        return (by_reads, notices);
    }
    let worth = |compared: &CaseData<'_>| {
        let of = compared.members.iter().map(|member| member.bits.autosomal().iter().sum());
        // Members without a genotype here were not compared.
        let known: Vec<u32> = of.filter(|sites| *sites > 0).collect();
        let least = known.iter().copied().min().unwrap_or(0);
        // Everybody in the table beats more sites of some.
        (known.len() > 1, least >= limits.relation.min_sites.value, known.len(), least)
    };
    let mut best = by_reads.clone();
    for called in own.genotypes() {
        let member = |(member, bits): (MemberId, GenotypeBits)| {
            // What reads say of one sample alone stays with the reads.
            let by_reads = by_reads.members.iter().find(|own| own.member == member);
            match by_reads {
                Some(own) => MemberData { bits, ..own.clone() },
                None => MemberData {
                    member,
                    sketch: None,
                    identity: None,
                    judged: Judged::default(),
                    bits,
                    shown: Sex::Unknown,
                    sex_in_doubt: false,
                    coverage: None,
                },
            }
        };
        let mut members: Vec<MemberData<'_>> =
            called.members.into_iter().zip(called.bits).map(member).collect();
        // Whoever the file does not hold keeps what the own reads say; there is nobody to compare with.
        for own in &by_reads.members {
            if members.iter().all(|known| known.member != own.member) {
                members.push(MemberData { bits: GenotypeBits::default(), ..own.clone() });
            }
        }
        members.sort_by_key(|data| data.member);
        let called = CaseData { members, sites: called.sites, tumour_in_normal: None };
        if worth(&called) > worth(&best) {
            best = called;
        }
    }
    (best, notices)
}

/// What the reads show, at the sites of all sketches; members whose sketch is of other sites than that of the first are told.
fn by_reads<'a>(
    case: &Case,
    known: &Known<'a>,
    limits: &IdentityLimits,
) -> (CaseData<'a>, Vec<Notice>) {
    let sketch = |(id, qc): &'a Figures| Some((*id, qc, qc.sketch.as_ref()?));
    let taken: Vec<_> = known.quality.iter().filter_map(|own| sketch(own)).collect();
    let lists = sites::distinct(taken.iter().map(|(_, _, sketch)| &sketch.sites));
    let together = sites::together(&lists);
    let mut compared = CaseData { sites: sites::names(&lists), ..CaseData::default() };
    for (id, qc, sketch) in &taken {
        let identity = qc.identity.as_ref();
        let role = case.family.get(*id).role;
        let judged = identity.map(|identity| known.limits.contamination(role, identity));
        let genotypes = genotype::of_sketch(sketch, &limits.genotype);
        let number = lists.iter().position(|list| list.digest == sketch.sites.digest);
        let places = number.map_or(&[][..], |number| &together.places[number]);
        compared.members.push(MemberData {
            member: *id,
            sketch: Some(sketch),
            identity,
            judged: judged.unwrap_or_default(),
            bits: GenotypeBits::of_places(&together.sites, places, &genotypes),
            shown: known.sexes.shown(*id),
            sex_in_doubt: known.sexes.is_in_doubt(*id),
            coverage: known.sexes.coverage(*id, qc),
        });
    }
    let label = |(id, _, sketch): &(MemberId, &SampleQc, &Sketch)| {
        (case.shown(*id), Arc::clone(&sketch.sites))
    };
    let told = sites::differences(&taken.iter().map(label).collect::<Vec<_>>());
    let notice = |text: String| {
        log::warn!("identity: {text}");
        Notice::one(NoticeKind::Identity, text)
    };
    (compared, told.into_iter().map(notice).collect())
}
