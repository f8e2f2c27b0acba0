//! InheritedAutosomalDominantPaternallyImprinted: one allele, from the mother. Autosomes and pseudoautosomal regions.
//!
//! The paternal copy is silent, the maternal one is expressed.
//!
//! | | from the mother | from the father | origin not known | not called |
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

/// Text for `tierline explain InheritedAutosomalDominantPaternallyImprinted`.
const EXPLANATION: Explanation = Explanation {
    id: "InheritedAutosomalDominantPaternallyImprinted",
    kind: ExplanationKind::Model,
    title: "One allele in every affected member, from the mother",
    what: "The gene's paternal copy is silent: every affected member carries the variant, at least one of them surely from the \
           mother, and none from the father. Under complete penetrance an unaffected carrier has it from the father; where the \
           genotypes do not tell from whom, the model stays possible.",
    sources: &["gel-moi", "ours"],
    fires: "Proband 0/1, affected mother 0/1, unaffected father 0/0.",
    does_not: "Proband 0/1, father 0/1, mother 0/0.",
};

/// The model.
pub(super) struct InheritedAutosomalDominantPaternallyImprinted;

impl Model for InheritedAutosomalDominantPaternallyImprinted {
    fn scope(&self) -> Scope {
        Scope::Single
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn check(&self, unit: &Unit<'_>, cx: &ModelContext<'_>) -> Fit {
        imprinting::check(self.id(), Expressed::Mother, unit, cx)
    }
}
