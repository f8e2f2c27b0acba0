//! Germline pertinent findings of a tumour's patient: whether they may be looked for, a pass of its own over the germline
//! calls of the normal sample, and nothing at all without consent.

use std::collections::{BTreeMap, BTreeSet};

use crate::case::Case;
use crate::case::consent::{self, Analysis};
use crate::exec::filtering::FilterPass;
use crate::filter::{Detail, FilterContext, FilterPlan, PanelGenes};
use crate::inputs::{CaseVariants, Inputs};
use crate::io::variants::{ClinVarKnown, Layout};
use crate::model::candidate::{Candidate, FilterCounts};
use crate::model::notice::{Notice, NoticeKind};
use crate::model::panel::{Panel, PanelSet};
use crate::model::problem::Problem;
use crate::model::results::pertinent::{PertinentDecision, PertinentResults};
use crate::model::sample::Role;
use crate::model::variant::Variant;
use crate::policy::Policy;
use crate::tier::pertinent::{PertinentSeeker, findings, rna_panel};

use super::genes;
use super::variants::{add, germline_files, of_file, passed_over};

/// The filters of this search.
const FILTERS: &[&str] = &["pass", "panel", "pertinent"];

/// What the germline calls hold.
#[derive(Default)]
struct Calls {
    /// Variants of the normal sample that may be findings.
    candidates: Vec<Candidate>,
    /// Green genes that no file's annotation names.
    unseen: Vec<String>,
    /// Variants without a value of FILTER that were dropped.
    unfiltered: u64,
    /// What a reader of results should know.
    notices: Vec<Notice>,
}

/// Looks for germline findings, with what a reader of them should know. `None` for cases that are no tumours. `stopped`: identity checks stopped the case.
///
/// # Errors
///
/// A damaged file or a malformed record.
pub(super) fn search(
    case: &Case,
    policy: &Policy,
    inputs: &Inputs,
    (stopped, threads): (bool, usize),
) -> Result<Option<(PertinentResults, Vec<Notice>)>, Problem> {
    if !case.kind.is_cancer() {
        return Ok(None);
    }
    let [own, wider] = &inputs.germline;
    let mut results = PertinentResults {
        looked_for: decide(case, policy, inputs, stopped),
        panels: own.iter().map(Panel::reference).collect(),
        wider_panels: wider.iter().map(Panel::reference).collect(),
        genes_not_annotated: Vec::new(),
        doubtful_calls: 0,
        unfiltered: 0,
        findings: Vec::new(),
    };
    let mut notices = Vec::new();
    let asked = results.looked_for != PertinentDecision::NoPanel;
    if let (PertinentDecision::Yes, Some((normal, files)), Some(rules)) =
        (results.looked_for, germline_files(case, inputs), policy.pertinent.as_ref())
    {
        let all = own.iter().chain(wider).cloned().chain([rna_panel(rules)]).collect();
        let panels = PanelSet::new(all);
        let seeker = PertinentSeeker {
            normal: (normal, case.family.get(normal)),
            panels: &panels,
            own: own.len(),
            contigs: &inputs.contigs,
            assembly: case.assembly,
            policy,
            rules,
        };
        let found = candidates(policy, inputs, (&panels, threads), &files)?;
        (results.findings, results.doubtful_calls) = findings(&found.candidates, &seeker);
        results.genes_not_annotated = found.unseen;
        results.unfiltered = found.unfiltered;
        notices = found.notices;
    }
    if asked {
        let word = if results.looked_for == PertinentDecision::Yes { "" } else { "not " };
        log::info!("germline findings of the normal sample: {word}looked for");
    }
    Ok(Some((results, notices)))
}

/// Everything that is not an explicit yes, by every sample of the patient, is a no.
fn decide(case: &Case, policy: &Policy, inputs: &Inputs, stopped: bool) -> PertinentDecision {
    if inputs.germline[0].is_empty() {
        return PertinentDecision::NoPanel;
    }
    if policy.pertinent.is_none() {
        return PertinentDecision::NoRules;
    }
    let normal = case.family.with_role(Role::Normal);
    let Some((_, _)) = normal.filter(|(_, member)| member.sample.is_some()) else {
        return PertinentDecision::NoNormal;
    };
    let mut samples = case.family.iter().map(|(id, member)| consent::decide(id, member));
    if !samples.all(|own| own.analysis == Analysis::Allowed && own.germline) {
        return PertinentDecision::NoConsent;
    }
    if germline_files(case, inputs).is_none_or(|(_, files)| files.is_empty()) {
        return PertinentDecision::NoCalls;
    }
    if stopped { PertinentDecision::IdentityFailed } else { PertinentDecision::Yes }
}

/// Filters the germline calls.
fn candidates(
    policy: &Policy,
    inputs: &Inputs,
    (panels, threads): (&PanelSet, usize),
    files: &[&CaseVariants],
) -> Result<Calls, Problem> {
    let plan = FilterPlan::of(FILTERS, Detail::UntilDropped)?;
    let context = FilterContext::new(policy, &inputs.contigs, None)
        .with_panels(panels, PanelGenes::Green)
        .with_stores(&inputs.store_names());
    let mut merged: BTreeMap<Variant, Candidate> = BTreeMap::new();
    let mut named = BTreeSet::new();
    let mut calls = Calls::default();
    let mut counts = FilterCounts::default();
    for variants in files {
        let pass = FilterPass {
            file: &variants.file,
            layout: &variants.layout,
            plan: &plan,
            context: &context,
            reference: inputs.reference.as_ref(),
            columns: None,
            threads,
        };
        let one = pass.run()?;
        named.extend(one.genes);
        counts.merge(&one.filtered.counts);
        calls.unfiltered += one.unfiltered;
        let at = inputs.variants.iter().position(|file| std::ptr::eq(file, *variants));
        let number = at.map_or(0, |at| at + 1);
        let unsorted = one.passed.order.unsorted.as_ref();
        calls.notices.extend(of_file(number, one.unfiltered, unsorted));
        calls.notices.extend(clinvar_gap(&variants.layout, number));
        for candidate in one.filtered.candidates {
            add(&mut merged, candidate);
        }
    }
    let mut unseen: Vec<String> = genes::not_annotated(panels, &named)
        .into_iter()
        .filter(|list| list.panel != "rna")
        .flat_map(|list| list.genes)
        .collect();
    unseen.sort_unstable();
    unseen.dedup();
    calls.notices.extend(passed_over(&counts));
    calls.notices.extend(super::stores::notices(&counts.stores));
    Ok(Calls { candidates: merged.into_values().collect(), unseen, ..calls })
}

/// What the variant file of that number lacks of ClinVar, by which what is known to cause disease is found.
fn clinvar_gap(layout: &Layout, number: usize) -> Option<Notice> {
    let text = match layout.clinvar_known() {
        ClinVarKnown::Reviewed => return None,
        ClinVarKnown::Nothing => format!(
            "germline findings: no ClinVar in variant file {number}; what is known to cause disease was not told"
        ),
        ClinVarKnown::Unreviewed => format!(
            "germline findings: no review status of ClinVar in variant file {number}; what is known to cause disease is only possible"
        ),
    };
    Some(Notice::one(NoticeKind::NotAssessed, text))
}
