//! What marks of regions share.

use super::{MarkContext, Seen, span};
use crate::model::candidate::Annotated;
use crate::model::reason::{Comparison, Reason};
use crate::model::regions::RegionSet;
use crate::policy::marks::MarkPolicy;

/// The variant overlaps none of the stretches.
pub(super) fn outside(
    (id, what): (&str, &str),
    variant: &Annotated,
    rule: &MarkPolicy,
    regions: Option<&RegionSet>,
) -> Seen {
    let Some(regions) = regions else { return Seen::NotAssessed("the case gives no list") };
    let found = regions.overlapping(variant.variant.contig, span(&variant.variant));
    let text = match found {
        Some(found) => format!("overlaps {what} of {} bp", found.len()),
        None => format!("overlaps no {}", what.trim_start_matches("a ")),
    };
    let source = &rule.action.source;
    Seen::Assessed(Reason::new(id, found.is_some(), Comparison::Equals, false, source).text(text))
}

/// Frequencies in the datasets of the mark are below its limit.
pub(super) fn rare(id: &str, variant: &Annotated, rule: &MarkPolicy, cx: &MarkContext<'_>) -> Seen {
    let Some(limit) = &rule.limit else { return Seen::NotAssessed("the policy gives no limit") };
    let populations = cx.policy.frequency.populations();
    let own = populations.iter().filter(|own| rule.datasets.contains(&own.dataset.id));
    let known = own.filter_map(|own| {
        let frequency = variant.frequencies.get(usize::from(own.id.0))?;
        Some((frequency.value.assessed()?, own))
    });
    let highest = known.reduce(|best, next| if next.0 > best.0 { next } else { best });
    let Some((value, own)) = highest else {
        return Seen::NotAssessed("neither a store nor the file tells its frequencies");
    };
    let text = format!("{value} in {} {}", own.dataset.title, own.population.name);
    let reason = Reason::new(id, value, Comparison::Below, limit.value, &limit.source);
    Seen::Assessed(reason.text(text))
}
