//! Identity checks of a case: from the sketches of its reads, or from the calls of a file that holds several members.

use crate::case::Case;
use crate::identity::case::{self, CaseData, Judged, MemberData};
use crate::identity::contamination::tumour_in_normal::tumour_in_normal;
use crate::identity::relatedness::bits::GenotypeBits;
use crate::io::sink;
use crate::model::identity::{CaseIdentity, Estimate};
use crate::model::notice::{Notice, NoticeKind};
use crate::model::problem::Problem;
use crate::model::qc::SampleQc;
use crate::model::sample::{MemberId, Role, Sex};
use crate::model::verdict::Outcome;
use crate::policy::identity::IdentityLimits;
use crate::report::identity::case_files;
use crate::tier::Tiering;

mod calls;

pub(super) use calls::OwnCalls;

use super::Options;
use super::acceptance::Limits;
use super::sex::Sexes;

/// What was found out before.
pub(super) struct Known<'a> {
    /// The figures of every alignment, completed.
    pub(super) quality: &'a [(MemberId, SampleQc)],
    /// Sex chromosomes of the reads.
    pub(super) sexes: &'a Sexes,
    /// Sets of acceptance limits.
    pub(super) limits: &'a Limits,
    /// Tumour cells in the normal sample.
    pub(super) in_normal: Option<Estimate>,
}

/// What checks found, and the notice of a failure.
#[derive(Debug)]
pub(super) struct Checked {
    /// For the results.
    pub(super) found: CaseIdentity,
    notice: Notice,
}

impl Checked {
    /// The tiers of a case that was stopped: none, and the reason.
    pub(super) fn stop(&self) -> Option<Tiering> {
        let notices = vec![self.notice.clone()];
        self.found.stopped.then(|| Tiering { notices, ..Tiering::default() })
    }
}

/// Adds to the figures of tumour and normal what takes both of them: the tumour's contamination, and tumour cells in the
/// normal sample, which is also given back, since it needs calls and no reads.
///
/// # Errors
///
/// When the limits do not read, which a test rules out.
pub(super) fn complete(
    case: &Case,
    own: &OwnCalls,
    quality: &mut [(MemberId, SampleQc)],
) -> Result<Option<Estimate>, Problem> {
    if !case.kind.is_cancer() {
        return Ok(None);
    }
    let limits = IdentityLimits::preset()?;
    let place = |role| quality.iter().position(|(id, _)| case.family.get(*id).role == role);
    let (tumour, normal) = (place(Role::Tumour), place(Role::Normal));
    let sketch = |place: Option<usize>| quality[place?].1.sketch.as_ref();
    let of_normal = normal.and_then(|normal| quality[normal].1.identity.as_ref());
    let foreign = sketch(tumour)
        .zip(sketch(normal).zip(of_normal))
        .map(|(tumour, normal)| case::tumour_contamination(tumour, normal, limits));
    let in_normal = own.somatic().map(|reads| tumour_in_normal(reads, &limits.tumour_in_normal));
    if let Some(identity) = tumour.and_then(|tumour| quality[tumour].1.identity.as_mut()) {
        identity.tumour_contamination = foreign;
    }
    if let Some(identity) = normal.and_then(|normal| quality[normal].1.identity.as_mut()) {
        identity.tumour_in_normal = in_normal;
    }
    Ok(in_normal)
}

/// Checks the case and writes the tables below `qc/`; `None` when there is nothing to compare.
pub(super) fn check(
    case: &Case,
    known: &Known<'_>,
    own: OwnCalls,
    options: &Options,
) -> Result<Option<Checked>, Problem> {
    let limits = IdentityLimits::preset()?;
    let mut compared = compared(case, known, own, limits);
    compared.tumour_in_normal =
        known.in_normal.map(|found| (found, known.limits.tumour_in_normal(&found)));
    if compared.members.is_empty() && compared.tumour_in_normal.is_none() {
        return Ok(None);
    }
    let mut found = case::check(case, &compared, limits);
    found.override_reason =
        options.override_identity.clone().filter(|_| found.outcome == Outcome::Fail);
    found.stopped = found.outcome == Outcome::Fail && found.override_reason.is_none();
    tell(&found);
    let folder = options.output.join("qc");
    let related = limits.relation.listed_relatedness.value;
    for (name, text) in case_files::texts(&found, &case.family, &compared.members, related) {
        sink::make_folder(&folder)?;
        sink::write_whole(folder.join(name), text.as_bytes())?;
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
    Ok(Some(Checked { found, notice: Notice::one(NoticeKind::Identity, text) }))
}

fn tell(found: &CaseIdentity) {
    for suspicion in &found.suspicions {
        match suspicion.outcome {
            Outcome::Fail => log::error!("identity: {}", suspicion.text),
            _ => log::warn!("identity: {}", suspicion.text),
        }
    }
    if found.override_reason.is_some() {
        log::warn!("identity checks failed; going on, the reason stands in the results");
    } else if found.stopped {
        log::error!("identity checks failed: nothing is tiered");
    } else {
        log::info!("identity: {} ({})", found.outcome.word(), found.sites);
    }
}

/// The sketches of the reads, or the case's own calls when these know more sites of every member.
fn compared<'a>(
    case: &Case,
    known: &Known<'a>,
    own: OwnCalls,
    limits: &IdentityLimits,
) -> CaseData<'a> {
    let by_reads = by_reads(case, known, limits);
    if case.kind.is_cancer() {
        return by_reads;
    }
    let worth = |compared: &CaseData<'_>| {
        let of = compared.members.iter().map(|member| member.bits.autosomal().iter().sum());
        let least: u32 = of.min().unwrap_or(0);
        // Everybody in the table beats more sites of some.
        (
            compared.members.len() > 1,
            least >= limits.relation.min_sites.value,
            compared.members.len(),
            least,
        )
    };
    let mut best = by_reads.clone();
    for (members, table) in own.genotypes() {
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
                },
            }
        };
        let called = CaseData {
            members: members.into_iter().zip(table.bits).map(member).collect(),
            sites: "the single-nucleotide variants of the case's own calls".to_owned(),
            tumour_in_normal: None,
        };
        if worth(&called) > worth(&best) {
            best = called;
        }
    }
    best
}

fn by_reads<'a>(case: &Case, known: &Known<'a>, limits: &IdentityLimits) -> CaseData<'a> {
    let mut compared = CaseData::default();
    let mut digest: Option<&str> = None;
    for (id, qc) in known.quality {
        let Some(sketch) = &qc.sketch else { continue };
        if digest.is_some_and(|digest| digest != sketch.sites.digest) {
            continue;
        }
        digest = Some(&sketch.sites.digest);
        compared.sites.clone_from(&sketch.sites.name);
        let identity = qc.identity.as_ref();
        let role = case.family.get(*id).role;
        let judged = identity.map(|identity| known.limits.contamination(role, identity));
        compared.members.push(MemberData {
            member: *id,
            sketch: Some(sketch),
            identity,
            judged: judged.unwrap_or_default(),
            bits: GenotypeBits::of_sketch(sketch, &limits.genotype),
            shown: known.sexes.shown(*id),
        });
    }
    compared
}
