//! The second look at the reads of every alignment of a case, at the kept variants only.

use std::collections::BTreeMap;

use crate::case::Case;
use crate::evidence::Limits;
use crate::exec::evidence::EvidencePass;
use crate::inputs::{CaseAlignment, Inputs};
use crate::io::read_regions::ReadRegions;
use crate::model::candidate::Annotated;
use crate::model::evidence::{NotRead, ReadEvidence, ReadMethod};
use crate::model::notice::{Notice, NoticeKind};
use crate::model::problem::Problem;
use crate::model::sample::Family;
use crate::model::variant::Variant;
use crate::policy::Policy;

use super::Options;
use super::variants::Found;

/// Looks at the candidates of a case, when it is asked to.
///
/// # Errors
///
/// As [`look`].
pub(super) fn of_case(
    case: &Case,
    policy: &Policy,
    (inputs, options): (&Inputs, &Options),
    found: &mut Found,
) -> Result<(), Problem> {
    if options.read_evidence {
        let mut variants: Vec<_> = found.candidates.iter_mut().map(|c| &mut c.annotated).collect();
        let notices = look(case, policy, (inputs, options.threads), &mut variants)?;
        found.notices.extend(notices);
    }
    Ok(())
}

/// Looks at the variants in the reads of every member with an alignment, and keeps in the calls what they show. Nothing
/// happens when the policy asks for no reads.
///
/// # Errors
///
/// A damaged alignment or reference.
pub(super) fn look(
    case: &Case,
    policy: &Policy,
    (inputs, threads): (&Inputs, usize),
    variants: &mut [&mut Annotated],
) -> Result<Vec<Notice>, Problem> {
    let Some(limits) = policy.reads.as_ref().map(Limits::new) else { return Ok(Vec::new()) };
    let (mut unread, mut placed) = (BTreeMap::<&str, u64>::new(), 0);
    for (number, alignment) in inputs.alignments.iter().enumerate() {
        let asked: Vec<&Variant> = variants.iter().map(|one| &one.variant).collect();
        let answers = read(case, (inputs, threads), (alignment, &limits), &asked)?;
        for (variant, answer) in variants.iter_mut().zip(answers) {
            match answer {
                ReadEvidence::NotRead(why) => *unread.entry(why.words()).or_default() += 1,
                ReadEvidence::Counted(reads) => {
                    placed += u64::from(reads.method == ReadMethod::Cigar);
                }
            }
            if let Some(call) = variant.calls.get_mut(usize::from(alignment.member.0)) {
                call.reads = Some(Box::new(answer));
            }
        }
        log::info!(
            "alignment {} of {}: reads at {} variants looked at",
            number + 1,
            inputs.alignments.len(),
            variants.len()
        );
    }
    Ok(notices(&unread, placed))
}

/// What the reads of one alignment show of each variant, in their order.
///
/// # Errors
///
/// A damaged alignment or reference.
pub(super) fn read(
    case: &Case,
    (inputs, threads): (&Inputs, usize),
    (alignment, limits): (&CaseAlignment, &Limits),
    variants: &[&Variant],
) -> Result<Vec<ReadEvidence>, Problem> {
    let regions = ReadRegions::open(&alignment.path, case.reference.as_deref())?;
    let pass = EvidencePass {
        regions: &regions,
        contigs: &inputs.contigs,
        reference: inputs.reference.as_ref(),
        limits,
        threads,
    };
    pass.run(variants)
}

/// What each member's reads show, in words by number and role.
pub(super) fn words(family: &Family, variant: &Annotated) -> Vec<String> {
    let members = family.iter().zip(&variant.calls);
    members
        .filter_map(|((id, member), call)| {
            let who = format!("member {} ({})", id.0 + 1, member.role.word());
            Some(match call.reads.as_deref()? {
                ReadEvidence::NotRead(why) => format!("{who}: not read: {}", why.words()),
                ReadEvidence::Counted(reads) => format!(
                    "{who}: {} reference, {} ALT, {} other, {} ambiguous, {} not counted ({})",
                    reads.reference.count(),
                    reads.alternate.count(),
                    reads.other.count(),
                    reads.ambiguous,
                    reads.excluded.total(),
                    reads.method.word()
                ),
            })
        })
        .collect()
}

fn notices(unread: &BTreeMap<&str, u64>, placed: u64) -> Vec<Notice> {
    let mut notices: Vec<Notice> = unread
        .iter()
        .map(|(why, n)| {
            let text = format!("reads of a member were not asked about a variant: {why}");
            Notice::many(NoticeKind::NotAssessed, *n, text)
        })
        .collect();
    if placed > 0 {
        let text = "reads were asked about indels by their CIGAR alone, which misses reads that the aligner clipped or \
                    placed elsewhere: give the reference (`reference` in [case], or -f)";
        notices.push(Notice::many(NoticeKind::NotAssessed, placed, text));
    }
    let differs = NotRead::ReferenceDiffers.words();
    if unread.contains_key(differs) {
        log::warn!("variants whose REF differs from the reference: their reads were not looked at");
    }
    notices
}
