//! Models of inheritance: does a variant, or a pair in one gene, segregate with the disease? One file a model. Answers
//! are three-valued: a genotype that is not known neither excludes nor includes.

mod compound_heterozygous;
mod de_novo;
mod de_novo_reads;
mod imprinting;
mod inherited_autosomal_dominant;
mod inherited_autosomal_dominant_maternally_imprinted;
mod inherited_autosomal_dominant_paternally_imprinted;
pub(crate) mod kin;
mod lineage;
mod mitochondrial_genome;
mod phase;
mod simple_recessive;
mod uniparental_isodisomy;
mod x_linked_compound_heterozygous;
mod x_linked_monoallelic;
mod x_linked_simple_recessive;
mod y_linked;

use crate::model::candidate::{Annotated, Penetrance};
use crate::model::explain::Explanation;
use crate::model::reason::{Comparison, Reason};
use crate::policy::DeNovoPolicy;
use crate::policy::reads::ReadPolicy;

pub use kin::{Kin, Place};

/// How many variants a model judges at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One variant.
    Single,
    /// Two variants of one gene.
    Pair,
}

/// What a model judges.
#[derive(Clone, Copy, Debug)]
pub enum Unit<'a> {
    /// One variant.
    Single(&'a Annotated),
    /// Two variants of one gene.
    Pair(&'a Annotated, &'a Annotated),
}

/// What a model looks at besides the variants.
#[derive(Clone, Copy, Debug)]
pub struct ModelContext<'a> {
    /// The family.
    pub kin: &'a Kin,
    /// Autosomal, X or elsewhere.
    pub place: Place,
    /// Penetrance of this run.
    pub penetrance: Penetrance,
    /// De novo evidence; without it the genotypes alone decide.
    pub de_novo: Option<&'a DeNovoPolicy>,
    /// What reads may refute; without it they say nothing.
    pub reads: Option<&'a ReadPolicy>,
}

/// What a model answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Fit {
    /// Every genotype needed is known and fits.
    Fits(Vec<Reason>),
    /// Nothing contradicts, but something is not known.
    Possible {
        /// What is missing, in words without identifiers.
        missing: Vec<String>,
        /// What is known.
        reasons: Vec<Reason>,
    },
    /// Contradicted.
    Refuted(Box<Reason>),
}

impl Fit {
    /// `fits`, `possible` or `refuted`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Fits(_) => "fits",
            Self::Possible { .. } => "possible",
            Self::Refuted(_) => "refuted",
        }
    }

    /// True unless refuted.
    pub fn stands(&self) -> bool {
        !matches!(self, Self::Refuted(_))
    }
}

/// One model of inheritance.
pub trait Model: Send + Sync {
    /// GEL segregation filter name.
    fn id(&self) -> &'static str {
        self.explain().id
    }
    /// Single variants or pairs.
    fn scope(&self) -> Scope;
    /// The model in words.
    fn explain(&self) -> &'static Explanation;
    /// Judges; a unit of the other scope is refuted.
    fn check(&self, unit: &Unit<'_>, cx: &ModelContext<'_>) -> Fit;
}

/// All models.
pub const MODELS: &[&dyn Model] = &[
    &inherited_autosomal_dominant::InheritedAutosomalDominant,
    &inherited_autosomal_dominant_paternally_imprinted::InheritedAutosomalDominantPaternallyImprinted,
    &inherited_autosomal_dominant_maternally_imprinted::InheritedAutosomalDominantMaternallyImprinted,
    &simple_recessive::SimpleRecessive,
    &de_novo::DeNovo,
    &compound_heterozygous::CompoundHeterozygous,
    &uniparental_isodisomy::UniparentalIsodisomy,
    &x_linked_simple_recessive::XLinkedSimpleRecessive,
    &x_linked_compound_heterozygous::XLinkedCompoundHeterozygous,
    &x_linked_monoallelic::XLinkedMonoallelic,
    &y_linked::YLinked,
    &mitochondrial_genome::MitochondrialGenome,
];

/// Three-valued truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tri {
    Yes,
    No,
    Unknown,
}

/// Gathers what members show until a model can answer.
pub(crate) struct Judge {
    model: &'static str,
    refuted: Option<Reason>,
    missing: Vec<String>,
    reasons: Vec<Reason>,
}

impl Judge {
    pub(crate) fn new(model: &'static str) -> Self {
        Self { model, refuted: None, missing: Vec::new(), reasons: Vec::new() }
    }

    /// `who` shows `observed`; the model allows `allowed`.
    pub(crate) fn member(&mut self, who: &str, observed: &str, allowed: &[&str], verdict: Tri) {
        if self.refuted.is_some() {
            return;
        }
        match verdict {
            Tri::Unknown => self.missing(format!("{who}: {observed}")),
            Tri::Yes | Tri::No => {
                let words: Vec<String> = allowed.iter().map(|&word| word.to_owned()).collect();
                let text = format!("{who}: {observed}; allowed: {}.", words.join(", "));
                self.reason(
                    Reason::new(self.model, observed, Comparison::OneOf, words, "gel-moi")
                        .text(text),
                );
            }
        }
    }

    /// A reason that refutes unless it holds.
    pub(crate) fn reason(&mut self, reason: Reason) {
        if reason.holds {
            self.reasons.push(reason);
        } else if self.refuted.is_none() {
            self.refuted = Some(reason);
        }
    }

    pub(crate) fn missing(&mut self, what: impl Into<String>) {
        let what = what.into();
        if !self.missing.contains(&what) {
            self.missing.push(what);
        }
    }

    pub(crate) fn finish(self) -> Fit {
        if let Some(reason) = self.refuted {
            Fit::Refuted(Box::new(reason))
        } else if self.missing.is_empty() {
            Fit::Fits(self.reasons)
        } else {
            Fit::Possible { missing: self.missing, reasons: self.reasons }
        }
    }
}

/// A model says no for a reason that is no single genotype.
pub(crate) fn refute(model: &str, observed: &str, wanted: &str, text: impl Into<String>) -> Fit {
    let reason = Reason::new(model, observed, Comparison::Equals, wanted, "gel-moi");
    Fit::Refuted(Box::new(reason.text(text)))
}

/// The one variant of a single model in the right place, else the refutation.
pub(crate) fn single<'a>(
    model: &str,
    unit: &Unit<'a>,
    cx: &ModelContext<'_>,
    places: &[Place],
) -> Result<&'a Annotated, Fit> {
    let Unit::Single(variant) = unit else {
        return Err(refute(model, "pair", "single", "The model judges one variant at a time."));
    };
    if places.contains(&cx.place) {
        return Ok(variant);
    }
    let wanted: Vec<String> = places.iter().map(|place| place.word().to_owned()).collect();
    let text = format!("The variant is {}; the model applies to {}.", cx.place.word(), wanted[0]);
    let reason = Reason::new(model, cx.place.word(), Comparison::OneOf, wanted, "gel-moi");
    Err(Fit::Refuted(Box::new(reason.text(text))))
}
