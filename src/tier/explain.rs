//! Everything that models and rules see in one variant, kept or not.

use super::genes::is_known;
use super::germline::{Prepared, frequency, model_context, prepare};
use super::inheritance::{Fit, Scope, Unit};
use super::rules::{Award, Finding};
use super::somatic::carried;
use super::{Plan, TierContext, place_of};
use crate::model::candidate::Annotated;
use crate::model::reason::{Comparison, Reason};
use crate::policy::Purpose;

/// What every model of every mode answers, and what every rule sees under each panel. `partners` are the other candidates of the
/// case, for models that judge pairs.
pub fn explain_variant(
    variant: &Annotated,
    partners: &[&Annotated],
    cx: &TierContext<'_>,
) -> Vec<Reason> {
    let prepared = prepare(variant, cx);
    let mut reasons = vec![genes_reason(&prepared)];
    if cx.policy.purpose == Purpose::Somatic {
        reasons.push(carried(variant, cx));
        for hit in &prepared.genes {
            let finding = Finding {
                gene: &hit.gene,
                terms: &hit.names,
                class: hit.class,
                entry: None,
                panel_modes: &[],
                segregation: "",
                certain: true,
                known: false,
            };
            rules(&finding, cx, &mut reasons);
        }
        return reasons;
    }
    let partners: Vec<Prepared<'_>> = partners
        .iter()
        .filter(|partner| partner.variant != variant.variant)
        .map(|partner| prepare(partner, cx))
        .collect();
    for plan in &cx.plans {
        explain_plan(&prepared, &partners, plan, cx, &mut reasons);
    }
    reasons
}

fn genes_reason(variant: &Prepared<'_>) -> Reason {
    let names: Vec<&str> = variant.genes.iter().map(|hit| hit.gene.shown()).collect();
    let text = if names.is_empty() {
        "No gene has a transcript that counts with a reported consequence.".to_owned()
    } else {
        format!("Genes with a reported consequence: {}.", names.join(", "))
    };
    Reason::new("consequence", !names.is_empty(), Comparison::Equals, true, "gel-tiers").text(text)
}

fn explain_plan(
    variant: &Prepared<'_>,
    partners: &[Prepared<'_>],
    plan: &Plan<'_>,
    cx: &TierContext<'_>,
    reasons: &mut Vec<Reason>,
) {
    if place_of(plan.mode.id) != Some(variant.place) {
        return;
    }
    let rare = frequency(variant.annotated, plan.mode.frequency, cx);
    let may_stand = rare.holds;
    reasons.push(rare);
    let units: Vec<Unit<'_>> = match plan.model.scope() {
        Scope::Single => vec![Unit::Single(variant.annotated)],
        Scope::Pair => partners
            .iter()
            .filter(|partner| partner.place == variant.place && shares_gene(variant, partner))
            .map(|partner| Unit::Pair(variant.annotated, partner.annotated))
            .collect(),
    };
    if units.is_empty() {
        let text = "No other candidate lies in the same gene.";
        reasons.push(
            Reason::new(plan.model.id(), "no partner", Comparison::Equals, "partner", "gel-moi")
                .text(text),
        );
    }
    for unit in units {
        for &penetrance in cx.penetrance {
            let fit = plan.model.check(&unit, &model_context(variant.place, penetrance, cx));
            fit_reasons(plan, &unit, &fit, reasons);
            if may_stand && fit.stands() {
                under_panels(variant, plan, &fit, cx, reasons);
                break;
            }
        }
    }
}

fn shares_gene(a: &Prepared<'_>, b: &Prepared<'_>) -> bool {
    a.genes
        .iter()
        .any(|x| b.genes.iter().any(|y| x.gene.key().is_some() && x.gene.key() == y.gene.key()))
}

fn fit_reasons(plan: &Plan<'_>, unit: &Unit<'_>, fit: &Fit, reasons: &mut Vec<Reason>) {
    let partner = match unit {
        Unit::Pair(_, other) => format!(
            " with the variant at {} {}>{}",
            other.variant.position, other.variant.reference, other.variant.alternate
        ),
        Unit::Single(_) => String::new(),
    };
    let mut text = format!("{}{partner}: {}.", plan.model.id(), fit.word());
    if let Fit::Possible { missing, .. } = fit {
        text = format!("{text} Missing: {}.", missing.join("; "));
    }
    let stands = vec!["fits".to_owned(), "possible".to_owned()];
    let source = &plan.mode.source;
    reasons.push(
        Reason::new(plan.model.id(), fit.word(), Comparison::OneOf, stands, source).text(text),
    );
    match fit {
        Fit::Fits(seen) | Fit::Possible { reasons: seen, .. } => {
            reasons.extend(seen.iter().cloned());
        }
        Fit::Refuted(reason) => reasons.push((**reason).clone()),
    }
}

fn under_panels(
    variant: &Prepared<'_>,
    plan: &Plan<'_>,
    fit: &Fit,
    cx: &TierContext<'_>,
    reasons: &mut Vec<Reason>,
) {
    for hit in &variant.genes {
        let mut entries: Vec<_> = hit.panels.iter().map(|&p| Some(cx.panels.gene(p))).collect();
        if entries.is_empty() {
            entries.push(None);
        }
        for entry in entries {
            let finding = Finding {
                gene: &hit.gene,
                terms: &hit.names,
                class: hit.class,
                entry,
                panel_modes: plan.panel_modes,
                segregation: plan.model.id(),
                certain: matches!(fit, Fit::Fits(_)),
                known: is_known(variant.annotated, cx),
            };
            if plan.mode.matching_only && !finding.mode_matches_surely() {
                let text = "Reported only in genes that a panel lists with a matching mode.";
                let word = "matching mode";
                reasons.push(
                    Reason::new(plan.model.id(), "other mode", Comparison::Equals, word, "ours")
                        .text(text),
                );
                continue;
            }
            rules(&finding, cx, reasons);
        }
    }
}

/// Every rule up to the first that applies.
fn rules(finding: &Finding<'_>, cx: &TierContext<'_>, reasons: &mut Vec<Reason>) {
    for rule in &cx.rules {
        let somatic = matches!(rule.award(), Award::Domain(_));
        if somatic != (cx.policy.purpose == Purpose::Somatic) {
            continue;
        }
        let seen = rule.reasons(finding, cx);
        let applies = seen.iter().all(|reason| reason.holds);
        reasons.extend(seen);
        if applies {
            return;
        }
    }
}
