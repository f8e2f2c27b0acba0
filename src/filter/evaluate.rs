//! Running the filters of a policy over one variant, part by part.

use super::frequency::FrequencyFilter;
use super::{Decision, FILTERS, Filter, FilterContext};
use crate::model::candidate::{Annotated, Part};
use crate::model::problem::Problem;
use crate::model::reason::Reason;
use crate::policy::Policy;
use crate::policy::compiled::Ceilings;

/// Whether to stop at the first drop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Stop at the first drop, without reasons for it.
    #[default]
    UntilDropped,
    /// Go through all filters and tell what each saw.
    All,
}

/// The filters of a run in the order in which they are tried.
#[derive(Clone)]
pub struct FilterPlan {
    filters: Vec<&'static dyn Filter>,
    detail: Detail,
}

impl FilterPlan {
    /// The policy's filters and those of `extra`, by cost and, within one cost, in the order named.
    ///
    /// # Errors
    ///
    /// When an id names no filter.
    pub fn new(policy: &Policy, extra: &[&str], detail: Detail) -> Result<Self, Problem> {
        let own = policy.filters.iter().map(String::as_str);
        Self::of_ids(own.chain(extra.iter().copied()), detail)
    }

    /// These filters and no others.
    ///
    /// # Errors
    ///
    /// When an id names no filter.
    pub fn of(ids: &[&str], detail: Detail) -> Result<Self, Problem> {
        Self::of_ids(ids.iter().copied(), detail)
    }

    fn of_ids<'i>(ids: impl Iterator<Item = &'i str>, detail: Detail) -> Result<Self, Problem> {
        let mut filters: Vec<&'static dyn Filter> = Vec::new();
        for id in ids {
            let Some(&filter) = FILTERS.iter().find(|filter| filter.id() == id) else {
                let known: Vec<&str> = FILTERS.iter().map(|filter| filter.id()).collect();
                return Err(Problem::usage(format!("no filter is called \"{id}\""))
                    .help(format!("filters: {}", known.join(", "))));
            };
            if !filters.iter().any(|known| known.id() == id) {
                filters.push(filter);
            }
        }
        filters.sort_by_key(|filter| filter.needs());
        Ok(Self { filters, detail })
    }

    /// The frequencies that drop a variant by themselves, where the plan stops at the first drop and tells nothing of
    /// what it drops.
    pub fn ceilings(&self, cx: &FilterContext<'_>) -> Option<Ceilings> {
        let asked = self.detail == Detail::UntilDropped
            && self.filters.iter().any(|filter| filter.id() == FrequencyFilter.id());
        asked.then(|| Ceilings::new(&cx.limits, &cx.classes, &cx.mitochondrial))
    }

    /// Ids in the order in which the filters are tried.
    pub fn ids(&self) -> impl Iterator<Item = &'static str> {
        self.filters.iter().map(|filter| filter.id())
    }
}

/// What the filters say about a variant.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Id of the first filter that dropped it; `None` when it is kept.
    pub dropped_by: Option<&'static str>,
    /// What the filters saw: of a kept variant, and of any under [`Detail::All`].
    pub reasons: Vec<Reason>,
}

/// Loads the parts of a variant in order, only as far as a filter asks, and filters it. A kept variant has all its parts.
///
/// # Errors
///
/// What `load` reports.
pub fn evaluate(
    variant: &mut Annotated,
    load: &mut dyn FnMut(Part, &mut Annotated) -> Result<(), Problem>,
    plan: &FilterPlan,
    cx: &FilterContext<'_>,
) -> Result<Verdict, Problem> {
    let mut parts = Part::ALL.into_iter().peekable();
    let mut dropped_by = None;
    for filter in &plan.filters {
        while let Some(part) = parts.next_if(|&part| part <= filter.needs()) {
            load(part, variant)?;
        }
        if filter.check(variant, cx) == Decision::Drop {
            dropped_by = dropped_by.or(Some(filter.id()));
            if plan.detail == Detail::UntilDropped {
                return Ok(Verdict { dropped_by, reasons: Vec::new() });
            }
        }
    }
    for part in parts {
        load(part, variant)?;
    }
    Ok(Verdict { dropped_by, reasons: explain_variant(variant, plan, cx) })
}

/// What every filter of the plan sees in a variant whose parts are all loaded.
pub fn explain_variant(
    variant: &Annotated,
    plan: &FilterPlan,
    cx: &FilterContext<'_>,
) -> Vec<Reason> {
    plan.filters.iter().flat_map(|filter| filter.reasons(variant, cx)).collect()
}
