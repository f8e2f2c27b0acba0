//! Filters: which variants go on to tiering. One file a filter; pure, cheapest first, and nothing is allocated for a
//! variant that is dropped.

mod carried;
mod consequence;
mod evaluate;
mod finding;
mod frequency;
mod panel;
mod pass;
mod pertinent;
#[cfg(test)]
mod tests;

use crate::model::candidate::{Annotated, Part};
use crate::model::contig::{ContigClass, ContigId, ContigTable};
use crate::model::explain::Explanation;
use crate::model::panel::PanelSet;
use crate::model::reason::Reason;
use crate::model::sample::{Family, Role};
use crate::policy::compiled::{Limits, Terms, classes};
use crate::policy::{LimitClass, Policy, Purpose};

pub use carried::may_be_carried;
pub use evaluate::{Detail, FilterPlan, Verdict, evaluate, explain_variant};

/// What a filter decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The variant goes on.
    Keep,
    /// The variant is dropped.
    Drop,
}

impl Decision {
    fn keep_if(keep: bool) -> Self {
        if keep { Self::Keep } else { Self::Drop }
    }
}

/// One filter.
pub trait Filter: Send + Sync {
    /// Id, as policies, counts and reasons name it.
    fn id(&self) -> &'static str {
        self.explain().id
    }
    /// The last part of an [`Annotated`] that it reads; filters run in the order of parts.
    fn needs(&self) -> Part;
    /// The filter in words.
    fn explain(&self) -> &'static Explanation;
    /// Decides; allocates nothing.
    fn check(&self, variant: &Annotated, cx: &FilterContext<'_>) -> Decision;
    /// What it saw: the variant is kept exactly when all of these hold.
    fn reasons(&self, variant: &Annotated, cx: &FilterContext<'_>) -> Vec<Reason>;
}

/// All filters.
pub const FILTERS: &[&dyn Filter] = &[
    &pass::Pass,
    &frequency::FrequencyFilter,
    &consequence::ConsequenceFilter,
    &panel::InPanel,
    &finding::Finding,
    &pertinent::Pertinent,
    &carried::Carried,
];

/// Which panel genes the panel filter accepts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PanelGenes {
    /// Green genes, and all genes of plain lists.
    #[default]
    Green,
    /// Genes of any rating.
    Any,
}

/// What filters look at besides the variant.
#[derive(Clone, Debug)]
pub struct FilterContext<'a> {
    /// Rules.
    pub policy: &'a Policy,
    /// Members of the case; `None` when a file is filtered without a case.
    pub family: Option<&'a Family>,
    /// Contigs.
    pub contigs: &'a ContigTable,
    /// Panels, for the panel filter.
    pub panels: Option<&'a PanelSet>,
    /// Which panel genes count.
    pub panel_genes: PanelGenes,
    /// Panels whose genes count also when their product is RNA.
    pub rna_genes: Option<&'a PanelSet>,
    pub(crate) terms: Terms,
    pub(crate) limits: Limits,
    /// Classes of limits of the policy's modes.
    pub(crate) classes: Vec<LimitClass>,
    /// Members whose calls decide whether the variant is carried.
    pub(crate) carriers: Vec<usize>,
    /// Contigs of the mitochondrial genome.
    pub(crate) mitochondrial: Vec<ContigId>,
}

impl<'a> FilterContext<'a> {
    /// Prepares the policy's lists; panels are added by [`FilterContext::with_panels`].
    pub fn new(policy: &'a Policy, contigs: &'a ContigTable, family: Option<&'a Family>) -> Self {
        Self {
            policy,
            family,
            contigs,
            panels: None,
            panel_genes: PanelGenes::Green,
            rna_genes: None,
            terms: Terms::new(&policy.consequence).with_non_coding(policy.non_coding.as_ref()),
            limits: Limits::new(&policy.frequency),
            classes: classes(policy),
            carriers: family.map_or_else(Vec::new, |family| carriers(policy.purpose, family)),
            mitochondrial: contigs
                .iter()
                .filter(|(_, contig)| contig.class == ContigClass::Mitochondrial)
                .map(|(id, _)| id)
                .collect(),
        }
    }

    /// Whether a VCF line lies on the mitochondrial genome.
    pub fn is_mitochondrial(&self, line: &[u8]) -> bool {
        let name = line.split(|&byte| byte == b'\t').next().unwrap_or_default();
        let contig = self.contigs.resolve(&String::from_utf8_lossy(name));
        contig.is_some_and(|contig| self.mitochondrial.contains(&contig))
    }

    /// The same with the names of the case's stores.
    #[must_use]
    pub fn with_stores(mut self, stores: &[String]) -> Self {
        self.limits = self.limits.with_stores(stores);
        self
    }

    /// The same with panels for the panel filter.
    #[must_use]
    pub fn with_panels(mut self, panels: &'a PanelSet, genes: PanelGenes) -> Self {
        self.panels = Some(panels);
        self.panel_genes = genes;
        self.with_rna_genes(panels)
    }

    /// The same with panels whose genes count also when their product is RNA.
    #[must_use]
    pub fn with_rna_genes(mut self, panels: &'a PanelSet) -> Self {
        self.rna_genes = Some(panels);
        self
    }
}

/// Affected members with a sample (the proband when nobody is said to be affected), or the tumour.
fn carriers(purpose: Purpose, family: &Family) -> Vec<usize> {
    match purpose {
        Purpose::Somatic => family
            .iter()
            .filter(|(_, member)| member.sample.is_some() && member.role == Role::Tumour)
            .map(|(id, _)| usize::from(id.0))
            .collect(),
        Purpose::Germline => family.decisive().iter().map(|id| usize::from(id.0)).collect(),
    }
}

/// The explanation of a filter.
pub fn find(id: &str) -> Option<&'static Explanation> {
    FILTERS.iter().map(|filter| filter.explain()).find(|explanation| explanation.id == id)
}
