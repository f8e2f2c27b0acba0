//! Why a variant of a case got its tier, or why it is not there: every filter, model and rule tells what it saw.

pub mod calls;
pub mod gene;

use crate::case::Case;
use crate::exec::filtering::FilterPass;
use crate::filter::{Detail, FilterContext, FilterPlan, Verdict};
use crate::inputs::{self, Inputs};
use crate::model::candidate::{Annotated, Candidate, Tiered};
use crate::model::coord::Pos1;
use crate::model::notice::Notice;
use crate::model::panel::PanelSet;
use crate::model::problem::{Problem, Problems};
use crate::model::reason::Reason;
use crate::model::variant::Variant;
use crate::policy::Purpose;
use crate::policy::layers::Resolved;
use crate::tier::additional::{Seeker, has_closed, may_tell};
use crate::tier::{self, TierContext, Tiering};

use super::additional::Beside;
use super::evidence;
use super::variants::{self, CASE_FILTERS};
use super::{domain_lists, tier_case, tiers};

/// What one record of the variant went through.
#[derive(Clone, Debug)]
pub struct Told {
    /// The variant as normalised.
    pub variant: Variant,
    /// Name of its contig.
    pub contig: String,
    /// The file that holds it, as the user named it.
    pub file: String,
    /// Id of the first filter that drops it.
    pub dropped_by: Option<&'static str>,
    /// What the filters saw.
    pub filters: Vec<Reason>,
    /// What models and rules saw.
    pub tiering: Vec<Reason>,
    /// What the reads of each member with an alignment show, by role.
    pub reads: Vec<String>,
    /// The variant with its events, when it was kept.
    pub tiered: Option<Tiered>,
    /// Ids of the marks that took it from the list.
    pub removed_by: Vec<String>,
}

/// The story of a variant.
#[derive(Clone, Debug)]
pub struct Story {
    /// One entry a record; empty when no file holds the variant, or nothing may be told of it.
    pub told: Vec<Told>,
    /// True when there are genes of which nothing may be told for want of consent: then it must not show whether a file holds
    /// the variant.
    pub closed: bool,
    /// What the inputs cannot answer.
    pub notices: Vec<Notice>,
}

/// Tells the story of `text`, `contig:position:ref:alt`. Alignments are read at the kept variants only, so that calls by
/// callable depth are not made.
///
/// # Errors
///
/// Faults of the inputs, a text that names no variant, or an unknown contig.
pub fn variant(
    case: &Case,
    policy: &Resolved,
    (options, threads): (&inputs::Options, usize),
    text: &str,
) -> Result<Story, Problems> {
    let inputs = inputs::open(case, &policy.policy, options)?;
    let wanted = parse(text, &inputs)?;
    let candidates = variants::find(case, &policy.policy, &inputs, (threads, None))?.candidates;
    let beside = Beside::new(case, &inputs, &policy.policy, false);
    let seeker = beside.seeker();
    let (told, mut notices) =
        told((case, policy), (&inputs, threads), candidates, &|pass: &FilterPass<'_>| {
            let mut all = pass.look_at(&wanted)?;
            all.retain(|(variant, _)| is_open(variant, &inputs.panels, seeker.as_ref()));
            Ok(all)
        })?;
    let closed = seeker.is_some_and(|seeker| has_closed(&inputs.panels, &seeker));
    notices.splice(0..0, inputs.notices);
    Ok(Story { told, closed, notices })
}

/// Records that are asked about, with what all filters say.
type Asked = Vec<(Annotated, Verdict)>;

/// What the records that `ask` finds in each file went through, and what the reads could not answer about `candidates`, the
/// variants that the filters keep.
fn told(
    (case, policy): (&Case, &Resolved),
    (inputs, threads): (&Inputs, usize),
    mut candidates: Vec<Candidate>,
    ask: &dyn Fn(&FilterPass<'_>) -> Result<Asked, Problem>,
) -> Result<(Vec<Told>, Vec<Notice>), Problems> {
    let mut seen: Vec<_> = candidates.iter_mut().map(|kept| &mut kept.annotated).collect();
    let notices = evidence::look(case, &policy.policy, (inputs, threads), &mut seen)?;
    let partners: Vec<Annotated> = candidates.iter().map(|c| c.annotated.clone()).collect();
    let partners: Vec<&Annotated> = partners.iter().collect();
    let others = super::structural::find(case, &policy.policy, inputs)?;
    let (tiering, _) = tiers(case, policy, (inputs, threads), (candidates, &others))?;
    let plan = FilterPlan::new(&policy.policy, CASE_FILTERS, Detail::All)?;
    let filters = FilterContext::new(&policy.policy, &inputs.contigs, Some(&case.family))
        .with_rna_genes(&inputs.panels)
        .with_stores(&inputs.store_names());
    let lists = domain_lists(inputs);
    let context = TierContext::new(tier_case(case, inputs, &lists), &policy.policy)?
        .with_stores(&inputs.store_names());
    let mut told = Vec::new();
    // Germline calls of a tumour's normal are no somatic variants, and are told as germline findings or not at all.
    let somatic = policy.policy.purpose == Purpose::Somatic;
    let tumour = variants::searched(&policy.policy, &case.family, inputs);
    let files = inputs.variants.iter().enumerate();
    let files = files.filter(|(i, _)| !somatic || tumour.contains(i)).map(|(_, file)| file);
    for file in files {
        let mut asked = ask(&FilterPass {
            columns: None,
            file: &file.file,
            layout: &file.layout,
            plan: &plan,
            context: &filters,
            reference: inputs.reference.as_ref(),
            threads,
        })?;
        // Of kept variants the reads are known: only those that a filter dropped are asked about, all at once.
        let mut dropped: Vec<&mut Annotated> = asked
            .iter_mut()
            .map(|(annotated, _)| annotated)
            .filter(|annotated| of_variant(&tiering, &annotated.variant).is_none())
            .collect();
        if !dropped.is_empty() {
            evidence::look(case, &policy.policy, (inputs, threads), &mut dropped)?;
        }
        for (annotated, verdict) in asked {
            let tiered = of_variant(&tiering, &annotated.variant);
            let seen = tiered.map_or(&annotated, |t| &t.candidate.annotated);
            told.push(Told {
                contig: inputs.contigs.name(annotated.variant.contig).to_owned(),
                file: file.file.name().to_owned(),
                dropped_by: verdict.dropped_by,
                filters: verdict.reasons,
                tiering: tier::explain_variant(seen, &partners, &context),
                reads: evidence::words(&case.family, seen),
                tiered: tiered.cloned(),
                removed_by: removed_by(&tiering, &annotated.variant),
                variant: annotated.variant,
            });
        }
    }
    Ok((told, notices))
}

/// What tiering says of a variant, marks that removed it included.
fn of_variant<'t>(tiering: &'t Tiering, variant: &Variant) -> Option<&'t Tiered> {
    let removed = tiering.removed.iter().map(|removed| &removed.tiered);
    let mut all = tiering.tiered.iter().chain(removed);
    all.find(|t| t.candidate.annotated.variant == *variant)
}

/// Ids of the marks that removed a variant.
fn removed_by(tiering: &Tiering, variant: &Variant) -> Vec<String> {
    let mut removed = tiering.removed.iter();
    let own = removed.find(|one| one.tiered.candidate.annotated.variant == *variant);
    own.map_or_else(Vec::new, |removed| removed.by.clone())
}

/// False in genes of additional findings for which not every member consented to them: nothing may be told there.
fn is_open(variant: &Annotated, applied: &PanelSet, seeker: Option<&Seeker<'_>>) -> bool {
    let mut genes = variant.consequences.iter().map(|consequence| &consequence.gene);
    seeker.is_none_or(|seeker| genes.all(|gene| may_tell(gene, applied, seeker)))
}

fn parse(text: &str, inputs: &Inputs) -> Result<Variant, Problem> {
    let fault = || {
        Problem::usage(format!("\"{text}\" names no variant"))
            .help("write CONTIG:POSITION:REF:ALT, as 20:1234:A:T; positions count from 1")
    };
    // Contig names may hold colons (HLA-A*01:01), alleles never.
    let mut parts = text.rsplitn(4, [':', '-', '>']);
    let (Some(alternate), Some(reference), Some(position), Some(contig)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(fault());
    };
    let position = position.parse().map_err(|_| fault())?;
    let Some(contig) = inputs.contigs.resolve(contig) else {
        return Err(Problem::usage(format!("contig \"{contig}\" is in none of the case's files")));
    };
    Ok(Variant {
        contig,
        position: Pos1(position),
        reference: reference.to_ascii_uppercase(),
        alternate: alternate.to_ascii_uppercase(),
    })
}
