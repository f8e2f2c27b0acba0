//! Findings beside the question of a case: who may be looked at, a pass of its own over the files of those who may, and
//! nothing at all of anybody else.

use std::collections::BTreeMap;

use crate::case::Case;
use crate::exec::filtering::FilterPass;
use crate::filter::{Detail, FilterContext, FilterPlan, PanelGenes};
use crate::inputs::Inputs;
use crate::model::candidate::{Candidate, PanelRef, Tiered};
use crate::model::genotype::Call;
use crate::model::panel::{Panel, PanelSet};
use crate::model::problem::Problem;
use crate::model::results::additional::{AdditionalResults, FindingDecision, LookedFor};
use crate::model::sample::MemberId;
use crate::model::variant::Variant;
use crate::policy::Policy;
use crate::tier::OtherFindings;
use crate::tier::additional::{Asked, Seeker, decisions, findings, withhold, withhold_others};

use super::variants::add;

/// The filters of this search, which looks at everybody who may be looked at, affected or not.
const FILTERS: &[&str] = &["pass", "panel", "finding"];

/// What a case asks for beside its question.
pub(super) struct Beside<'a> {
    case: &'a Case,
    inputs: &'a Inputs,
    policy: &'a Policy,
    panels: PanelSet,
    decisions: Vec<FindingDecision>,
}

impl<'a> Beside<'a> {
    /// Decides who may be looked at. `stopped`: identity checks stopped the case.
    pub(super) fn new(
        case: &'a Case,
        inputs: &'a Inputs,
        policy: &'a Policy,
        stopped: bool,
    ) -> Self {
        let all = [&inputs.additional, &inputs.carrier].into_iter().flatten().cloned().collect();
        let (additional, carrier) = (inputs.additional.is_some(), inputs.carrier.is_some());
        let decisions = decisions(&case.family, Asked { additional, carrier, stopped });
        Self { case, inputs, policy, panels: PanelSet::new(all), decisions }
    }

    /// What findings are sought with; `None` where the case asks for nothing.
    pub(super) fn seeker(&self) -> Option<Seeker<'_>> {
        let additional = self.inputs.additional.as_ref().map(|_| 0);
        let carrier = self.inputs.carrier.as_ref().map(|_| usize::from(additional.is_some()));
        (additional.is_some() || carrier.is_some()).then_some(())?;
        Some(Seeker {
            family: &self.case.family,
            decisions: &self.decisions,
            panels: &self.panels,
            additional,
            carrier,
            contigs: &self.inputs.contigs,
            assembly: self.case.assembly,
            policy: self.policy,
            rules: self.policy.additional.as_ref()?,
        })
    }

    /// Looks for findings in the files of members who may be looked at, and takes off the tiers what must not stand there.
    ///
    /// # Errors
    ///
    /// A damaged file or a malformed record.
    pub(super) fn search(
        self,
        (tiered, others): (&mut [Tiered], Option<&mut OtherFindings>),
        threads: usize,
    ) -> Result<AdditionalResults, Problem> {
        let reference = |panel: &Option<Panel>| {
            panel.as_ref().map(|Panel { id, name, version, .. }| PanelRef {
                id: id.clone(),
                name: name.clone(),
                version: version.clone(),
            })
        };
        let mut results = AdditionalResults {
            additional_panel: reference(&self.inputs.additional),
            carrier_panel: reference(&self.inputs.carrier),
            decisions: self.decisions.clone(),
            findings: Vec::new(),
        };
        let open: Vec<MemberId> = self.open();
        let asked = results.additional_panel.is_some() || results.carrier_panel.is_some();
        if let Some(seeker) = self.seeker() {
            withhold(tiered, &seeker);
            if let Some(others) = others {
                withhold_others(others, &self.inputs.panels, &seeker);
            }
            if !open.is_empty() {
                results.findings = findings(&self.candidates(&open, threads)?, &seeker);
            }
        }
        if asked {
            let count = self.case.family.members.len();
            log::info!(
                "findings beside the question: looked for in {} of {count} members",
                open.len()
            );
        }
        Ok(results)
    }

    /// Members in whom anything may be looked for.
    fn open(&self) -> Vec<MemberId> {
        let ids = self.case.family.iter().map(|(id, _)| id);
        ids.filter(|id| {
            let mut own = self.decisions.iter().filter(|decision| decision.member == id.0 + 1);
            own.any(|decision| decision.looked_for == LookedFor::Yes)
        })
        .collect()
    }

    /// Variants that may be findings, with the calls of the members in `open` only.
    fn candidates(&self, open: &[MemberId], threads: usize) -> Result<Vec<Candidate>, Problem> {
        let plan = FilterPlan::of(FILTERS, Detail::UntilDropped)?;
        let context = FilterContext::new(self.policy, &self.inputs.contigs, None)
            .with_panels(&self.panels, PanelGenes::Green);
        let mut merged: BTreeMap<Variant, Candidate> = BTreeMap::new();
        for variants in &self.inputs.variants {
            if !variants.samples.iter().any(|(_, id)| open.contains(id)) {
                continue;
            }
            let pass = FilterPass {
                file: &variants.file,
                layout: &variants.layout,
                plan: &plan,
                context: &context,
                reference: self.inputs.reference.as_ref(),
                columns: None,
                threads,
            };
            for mut candidate in pass.run()?.filtered.candidates {
                for (i, call) in candidate.annotated.calls.iter_mut().enumerate() {
                    if !open.contains(&MemberId(i as u16)) {
                        *call = Call::default();
                    }
                }
                add(&mut merged, candidate);
            }
        }
        Ok(merged.into_values().collect())
    }
}
