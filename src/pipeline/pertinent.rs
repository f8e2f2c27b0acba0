//! Germline pertinent findings of a tumour's patient: whether they may be looked for, a pass of its own over the germline
//! calls of the normal sample, and nothing at all without consent.

use std::collections::{BTreeMap, BTreeSet};

use crate::case::Case;
use crate::case::consent::{self, Analysis};
use crate::exec::filtering::FilterPass;
use crate::filter::{Detail, FilterContext, FilterPlan, PanelGenes};
use crate::inputs::{CaseVariants, Inputs};
use crate::model::candidate::Candidate;
use crate::model::panel::{Panel, PanelSet};
use crate::model::problem::Problem;
use crate::model::results::pertinent::{PertinentDecision, PertinentResults};
use crate::model::sample::Role;
use crate::model::variant::Variant;
use crate::policy::Policy;
use crate::tier::pertinent::{PertinentSeeker, findings, rna_panel};

use super::genes;
use super::variants::{add, germline_files};

/// The filters of this search.
const FILTERS: &[&str] = &["pass", "panel", "pertinent"];

/// Looks for germline findings. `None` for cases that are no tumours. `stopped`: identity checks stopped the case.
///
/// # Errors
///
/// A damaged file or a malformed record.
pub(super) fn search(
    case: &Case,
    policy: &Policy,
    inputs: &Inputs,
    (stopped, threads): (bool, usize),
) -> Result<Option<PertinentResults>, Problem> {
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
        findings: Vec::new(),
    };
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
        (results.findings, results.doubtful_calls) = findings(&found.0, &seeker);
        results.genes_not_annotated = found.1;
    }
    if asked {
        let word = if results.looked_for == PertinentDecision::Yes { "" } else { "not " };
        log::info!("germline findings of the normal sample: {word}looked for");
    }
    Ok(Some(results))
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

/// Variants of the normal sample that may be findings, and the green genes that no file's annotation names.
fn candidates(
    policy: &Policy,
    inputs: &Inputs,
    (panels, threads): (&PanelSet, usize),
    files: &[&CaseVariants],
) -> Result<(Vec<Candidate>, Vec<String>), Problem> {
    let plan = FilterPlan::of(FILTERS, Detail::UntilDropped)?;
    let context = FilterContext::new(policy, &inputs.contigs, None)
        .with_panels(panels, PanelGenes::Green)
        .with_stores(&inputs.store_names());
    let mut merged: BTreeMap<Variant, Candidate> = BTreeMap::new();
    let mut named = BTreeSet::new();
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
    Ok((merged.into_values().collect(), unseen))
}
