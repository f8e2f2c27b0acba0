//! InheritedAutosomalDominantMaternallyImprinted: one allele, from the father. Autosomes and pseudoautosomal regions.
//!
//! The maternal copy is silent, the paternal one is expressed.
//!
//! | | from the father | from the mother | origin not known | not called |
//! |---|---|---|---|---|
//! | affected, 0/1 | fits | refuted | possible | possible |
//! | unaffected, 0/1, complete | refuted | fits | possible | possible |
//! | unaffected, 1/1, complete | refuted | refuted | refuted | possible |
//! | unaffected, incomplete | fits | fits | fits | fits |
//!
//! A variant that both parents lack is judged by deNovo, a homozygous child of one carrier by UniparentalIsodisomy too.

use super::imprinting::{self, Expressed};
use super::{Fit, Model, ModelContext, Scope, Unit};
use crate::model::explain::{Explanation, ExplanationKind};

/// Text for `tierline explain InheritedAutosomalDominantMaternallyImprinted`.
const EXPLANATION: Explanation = Explanation {
    id: "InheritedAutosomalDominantMaternallyImprinted",
    kind: ExplanationKind::Model,
    title: "One allele in every affected member, from the father",
    what: "The gene's maternal copy is silent: every affected member carries the variant, at least one of them surely from the \
           father, and none from the mother. Under complete penetrance an unaffected carrier has it from the mother; where the \
           genotypes do not tell from whom, the model stays possible.",
    sources: &["gel-moi", "ours"],
    fires: "Proband 0/1, affected father 0/1, unaffected mother 0/0.",
    does_not: "Proband 0/1, mother 0/1, father 0/0.",
};

/// The model.
pub(super) struct InheritedAutosomalDominantMaternallyImprinted;

impl Model for InheritedAutosomalDominantMaternallyImprinted {
    fn scope(&self) -> Scope {
        Scope::Single
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn check(&self, unit: &Unit<'_>, cx: &ModelContext<'_>) -> Fit {
        imprinting::check(self.id(), Expressed::Father, unit, cx)
    }
}
