//! Rules: which tier or domain an observation earns. One file a rule; a rule applies exactly when all its reasons hold.

mod germline;
mod somatic;

use crate::model::annotation::GeneRef;
use crate::model::candidate::{Domain, Tier};
use crate::model::explain::Explanation;
use crate::model::panel::{PanelGene, PanelMode};
use crate::model::reason::Reason;
use crate::policy::compiled::TermClass;

use super::TierContext;

/// What a rule gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Award {
    /// Germline tier.
    Tier(Tier),
    /// Somatic domain.
    Domain(Domain),
}

/// What a rule judges: one gene of one variant, under one panel and one model.
#[derive(Clone, Copy, Debug)]
pub struct Finding<'a> {
    /// The gene.
    pub gene: &'a GeneRef,
    /// Terms of the chosen transcript that count, as the policy names them.
    pub terms: &'a [String],
    /// Class of the most severe of them.
    pub class: TermClass,
    /// Entry of the panel or gene list; `None` off panel.
    pub entry: Option<&'a PanelGene>,
    /// Modes of panel genes that the model matches.
    pub panel_modes: &'a [PanelMode],
    /// Model id; empty for somatic findings.
    pub segregation: &'a str,
    /// True when the model fits without missing genotypes.
    pub certain: bool,
    /// True when the variant is known to cause disease, by the policy.
    pub known: bool,
}

impl Finding<'_> {
    /// The panel lists the gene, at any rating, with a mode that the model matches.
    pub(crate) fn mode_matches(&self) -> bool {
        self.entry.is_some_and(|entry| self.panel_modes.contains(&entry.mode))
    }

    /// The same for a mode that counts only where it matches: in a gene whose panel mode is open (Other, Unknown, empty, or
    /// a plain list) the model must fit without missing genotypes besides.
    pub(crate) fn mode_matches_surely(&self) -> bool {
        let open = self.entry.is_some_and(|entry| entry.mode == PanelMode::Unknown);
        self.mode_matches() && (self.certain || !open)
    }
}

/// One tiering rule.
pub trait Rule: Send + Sync {
    /// Id, as policies and reasons name it.
    fn id(&self) -> &'static str {
        self.explain().id
    }
    /// The rule in words.
    fn explain(&self) -> &'static Explanation;
    /// What it gives.
    fn award(&self) -> Award;
    /// What it looks at; it applies exactly when all of these hold.
    fn reasons(&self, finding: &Finding<'_>, cx: &TierContext<'_>) -> Vec<Reason>;
}

/// All rules.
pub const RULES: &[&dyn Rule] = &[
    &germline::tier1::Tier1,
    &germline::tier2::Tier2,
    &germline::tier3::Tier3,
    &somatic::domain1::Domain1,
    &somatic::domain2::Domain2,
    &somatic::domain3::Domain3,
];

/// How a finding stands to its panel: `green_match`, or the label of Tier 3.
pub(crate) fn standing(finding: &Finding<'_>) -> &'static str {
    match finding.entry {
        None => "not_in_panel",
        Some(entry) if !entry.is_green() => "amber_or_red",
        Some(_) if !finding.mode_matches() => "green_moi_mismatch",
        Some(_) => "green_match",
    }
}
