//! Tiering: models of inheritance and rules turn candidates into report events. Pure: the candidates, the family, the panels
//! and the policy go in, events come out.

pub mod acmg;
pub mod additional;
pub mod amp;
pub mod biomarkers;
mod explain;
#[cfg(test)]
pub(crate) mod fixtures;
mod flags;
mod genes;
mod germline;
pub mod inheritance;
pub mod marks;
pub mod pertinent;
pub mod rules;
mod single_allele;
mod somatic;
mod structural;
#[cfg(test)]
mod tests;
mod tumour_structural;

use crate::model::candidate::{Penetrance, Tiered, TieringMode};
use crate::model::contig::{Assembly, ContigId, ContigTable};
use crate::model::coord::Pos1;
use crate::model::explain::Explanation;
use crate::model::notice::Notice;
use crate::model::panel::{DomainLists, PanelMode, PanelSet};
use crate::model::problem::Problem;
use crate::model::sample::{Family, Member, Sex};
use crate::policy::compiled::{Limits, Terms};
use crate::policy::{ModePolicy, Policy};

use inheritance::{Kin, MODELS, Model, Place};
use rules::{RULES, Rule};

pub use explain::explain_variant;
pub use germline::{MAX_PAIRS_PER_GENE, germline};
pub use single_allele::SingleAllele;
pub use somatic::{Removed, somatic};
pub use structural::{Calls, OtherFindings, structural};
pub use tumour_structural::{TwoHit, altered_copies, lost_heterozygosity, tumour_structural};

/// What a case gives to tiering.
#[derive(Clone, Copy, Debug)]
pub struct TierCase<'a> {
    /// Members.
    pub family: &'a Family,
    /// Assembly, for pseudoautosomal regions.
    pub assembly: Assembly,
    /// Contigs.
    pub contigs: &'a ContigTable,
    /// Applied panels.
    pub panels: &'a PanelSet,
    /// Gene lists of the somatic domains; empty for inherited disease.
    pub lists: &'a DomainLists,
    /// Penetrance runs, complete first.
    pub penetrance: &'a [Penetrance],
}

/// A model within a mode of the policy.
struct Plan<'a> {
    mode: &'a ModePolicy,
    model: &'static dyn Model,
    panel_modes: &'a [PanelMode],
}

/// Everything that tiering looks at, prepared once.
pub struct TierContext<'a> {
    /// Members.
    pub family: &'a Family,
    /// Assembly.
    pub assembly: Assembly,
    /// Contigs.
    pub contigs: &'a ContigTable,
    /// Applied panels.
    pub panels: &'a PanelSet,
    /// Gene lists of the somatic domains.
    pub lists: &'a DomainLists,
    /// Rules and thresholds.
    pub policy: &'a Policy,
    /// Penetrance runs, complete first.
    pub penetrance: &'a [Penetrance],
    kin: Kin,
    terms: Terms,
    limits: Limits,
    plans: Vec<Plan<'a>>,
    rules: Vec<&'static dyn Rule>,
}

/// Result of tiering.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tiering {
    /// One entry a candidate, in the order of the candidates.
    pub tiered: Vec<Tiered>,
    /// What marks took from the list, with the events that it would have had; somatic only.
    pub removed: Vec<Removed>,
    /// Tumour suppressors of which both copies may be hit; somatic only.
    pub two_hits: Vec<TwoHit>,
    /// Single alleles in genes of recessive disease; germline only.
    pub single_alleles: Vec<SingleAllele>,
    /// What could not be looked at.
    pub notices: Vec<Notice>,
}

impl<'a> TierContext<'a> {
    /// Looks up the models and rules that the policy names.
    ///
    /// # Errors
    ///
    /// When the policy names a model or a rule that does not exist.
    pub fn new(case: TierCase<'a>, policy: &'a Policy) -> Result<Self, Problem> {
        let mut plans = Vec::new();
        for mode in &policy.modes {
            for listed in &mode.models {
                let Some(&model) = MODELS.iter().find(|model| model.id() == listed.id) else {
                    return Err(unknown(
                        "model of inheritance",
                        &listed.id,
                        &mut MODELS.iter().map(|m| m.id()),
                    ));
                };
                let panel_modes = listed.panel_modes.as_deref().unwrap_or(&mode.panel_modes);
                plans.push(Plan { mode, model, panel_modes });
            }
        }
        let mut rules: Vec<&'static dyn Rule> = Vec::new();
        for id in &policy.rules {
            let Some(&rule) = RULES.iter().find(|rule| rule.id() == id) else {
                return Err(unknown("tiering rule", id, &mut RULES.iter().map(|rule| rule.id())));
            };
            rules.push(rule);
        }
        Ok(Self {
            family: case.family,
            assembly: case.assembly,
            contigs: case.contigs,
            panels: case.panels,
            lists: case.lists,
            policy,
            penetrance: case.penetrance,
            kin: Kin::new(case.family).trusting(&policy.call),
            terms: Terms::new(&policy.consequence).with_non_coding(policy.non_coding.as_ref()),
            limits: Limits::new(&policy.frequency),
            plans,
            rules,
        })
    }

    /// The same with the names of the case's stores.
    #[must_use]
    pub fn with_stores(mut self, stores: &[String]) -> Self {
        self.limits = self.limits.with_stores(stores);
        self
    }
}

fn unknown(what: &str, id: &str, known: &mut dyn Iterator<Item = &'static str>) -> Problem {
    let known: Vec<&str> = known.collect();
    Problem::usage(format!("no {what} is called \"{id}\""))
        .help(format!("known: {}", known.join(", ")))
}

/// Copies that a member should have at a place: one of X and Y where there is one X, none of Y in a female; `None` when the
/// number of X is not known, or on contigs of no fixed number.
pub fn expected_copies(
    (contig, position): (ContigId, Pos1),
    member: &Member,
    contigs: &ContigTable,
    assembly: Assembly,
) -> Option<u8> {
    match (Place::at(contig, position, contigs, assembly), member.sex) {
        (Place::Autosomal, _) => Some(2),
        (Place::X, _) => member.x_copies(),
        (Place::Y, Sex::Male) => Some(1),
        (Place::Y, Sex::Female) => Some(0),
        (Place::Y, Sex::Unknown) | (Place::Mitochondrial, _) => None,
    }
}

/// Where a variant must lie for a mode.
fn place_of(mode: TieringMode) -> Option<Place> {
    match mode {
        TieringMode::Biallelic
        | TieringMode::MonoallelicNotImprinted
        | TieringMode::MonoallelicMaternallyImprinted
        | TieringMode::MonoallelicPaternallyImprinted => Some(Place::Autosomal),
        TieringMode::XlinkedBiallelic | TieringMode::XlinkedMonoallelic => Some(Place::X),
        TieringMode::Mitochondrial => Some(Place::Mitochondrial),
        TieringMode::Ylinked => Some(Place::Y),
        TieringMode::Na => None,
    }
}

/// All explanations of models and rules, in the order of their slices.
pub fn explanations() -> impl Iterator<Item = &'static Explanation> {
    MODELS
        .iter()
        .map(|model| model.explain())
        .chain(RULES.iter().map(|rule| rule.explain()))
        .chain(structural::explain::ALL.iter().copied())
        .chain(tumour_structural::explain::ALL.iter().copied())
        .chain(acmg::CODES.iter().map(|code| code.explain()))
        .chain(marks::MARKS.iter().map(|mark| mark.explain()))
        .chain(pertinent::explanations())
        .chain([&amp::EXPLANATION])
        .chain(biomarkers::BIOMARKERS.iter().map(|biomarker| biomarker.explanation))
}

/// The explanation of a model or rule.
pub fn find(id: &str) -> Option<&'static Explanation> {
    explanations().find(|explanation| explanation.id == id)
}
