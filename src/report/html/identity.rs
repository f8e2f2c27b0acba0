//! Whether the samples are those of the case: what does not fit, relations, sex, contamination, Mendelian errors.

use crate::model::identity::{
    CaseIdentity, Concordance, Estimate, Measured, MemberIdentity, MendelIdentity, PairIdentity,
    Relation, SexIdentity, Suspicion, TumourIdentity,
};
use crate::model::results::CaseResults;
use crate::model::sample::Sex;
use crate::model::verdict::Outcome;
use crate::report::{limits, text};

use super::acceptance::outcome;
use super::page::{Cell, Page};
use super::quality::grouped;

pub(super) fn section(page: &mut Page, results: &CaseResults) {
    page.markup("<section id=\"identity\" aria-labelledby=\"h-identity\">\n");
    page.markup("<h2 id=\"h-identity\">Identity of the samples</h2>\n");
    if let Some(found) = &results.identity {
        verdict(page, found);
        tables(page, results, found);
    }
    for gap in limits::identity(results) {
        page.element("p", &gap);
    }
    page.markup("</section>\n");
}

/// What was compared, how it came out, and what does not fit.
fn verdict(page: &mut Page, found: &CaseIdentity) {
    let what = if found.sites.is_empty() { "somatic calls" } else { &found.sites };
    let limits = format!("{} {}", found.limits.id, found.limits.version);
    page.markup("<dl class=\"facts\">\n");
    page.pair("Outcome", found.outcome.word());
    page.pair("Compared", &format!("{what}; limits {limits}"));
    if found.stopped {
        page.pair("Consequence", "nothing was tiered");
    }
    if let Some(reason) = &found.override_reason {
        page.pair("Tiered in spite of the failure, because", reason);
    }
    page.markup("</dl>\n");
    if found.suspicions.is_empty() {
        let told = match found.outcome {
            Outcome::NotAssessed => "Nothing was compared: an empty list says nothing.",
            _ => "Nothing was found that does not fit the case.",
        };
        page.element("p", told);
        return;
    }
    let row = |own: &Suspicion| vec![outcome(own.outcome), Cell::text(limits::sentence(&own.text))];
    let rows = found.suspicions.iter().map(row).collect();
    page.table("What does not fit", &["Outcome", "Finding"], rows);
}

/// One table each; those without rows are left out.
fn tables(page: &mut Page, results: &CaseResults, found: &CaseIdentity) {
    let mut table = |caption: &str, head: &[&str], rows: Vec<Vec<Cell>>| {
        if !rows.is_empty() {
            page.table(caption, head, rows);
        }
    };
    let head = ["Members", "Expected", "Found", "Kinship", "Expected kinship", "Sites", "Outcome"];
    table("Relations", &head, found.pairs.iter().map(|own| pair(results, own)).collect());
    let head = ["Member", "Stated", "Shown", "Outcome"];
    table("Sex", &head, found.sexes.iter().map(|own| sex(results, *own)).collect());
    let head = [
        "Member",
        "Share of foreign reads",
        "95 % interval",
        "Sites",
        "Bases",
        "Limits",
        "Outcome",
    ];
    let rows = found.samples.iter().map(|own| contamination(results, own)).collect();
    table("Contamination by another person", &head, rows);
    let head = ["Child", "Parents", "Sites", "Errors", "Share", "Errors on X", "Outcome"];
    let rows = found.families.iter().map(|own| family(results, own)).collect();
    table("Genotypes that the parents cannot have passed on", &head, rows);
    let head = ["Compared at", "Agreeing", "Sites", "Share", "Outcome"];
    let rows = found.tumour.iter().flat_map(concordance).collect();
    table("Tumour against normal sample", &head, rows);
    let head = ["Share of reads", "95 % interval", "Variants", "Reads"];
    let rows = found.tumour_in_normal.iter().map(|own| estimate(Some(own))).collect();
    table("Reads of the normal sample that show the tumour's variants", &head, rows);
}

fn name(results: &CaseResults, number: u16) -> String {
    let role = results.member(number).map_or("Member", |member| text::role(member.role));
    format!("{number} {role}")
}

fn names(results: &CaseResults, numbers: impl IntoIterator<Item = u16>) -> Cell {
    let all: Vec<String> = numbers.into_iter().map(|number| name(results, number)).collect();
    Cell::text(all.join(", "))
}

fn pair(results: &CaseResults, own: &PairIdentity) -> Vec<Cell> {
    let number = |value: Option<f64>| {
        value.map_or_else(|| Cell::figure("not known"), |value| Cell::figure(format!("{value:.3}")))
    };
    vec![
        names(results, own.members),
        Cell::text(own.expected.map_or("left open by the pedigree", Relation::words)),
        Cell::text(own.relation.words()),
        number(own.kinship),
        number(own.expected_kinship),
        Cell::figure(grouped(own.counts.sites.into())),
        outcome(own.outcome),
    ]
}

fn sex(results: &CaseResults, own: SexIdentity) -> Vec<Cell> {
    let shown = |sex: Sex, unknown: &str| match sex {
        Sex::Unknown => unknown.to_owned(),
        sex => text::word(sex),
    };
    vec![
        names(results, [own.member]),
        Cell::text(shown(own.stated, "not stated")),
        Cell::text(shown(own.shown, "not told by the data")),
        outcome(own.outcome),
    ]
}

fn contamination(results: &CaseResults, own: &MemberIdentity) -> Vec<Cell> {
    let mut row = vec![names(results, [own.member])];
    row.extend(estimate(own.identity.decisive()));
    let limits = own.limits.as_ref().map(|limits| format!("{} {}", limits.id, limits.version));
    row.extend([Cell::text(limits.unwrap_or_else(|| "none".into())), outcome(own.outcome)]);
    row
}

/// Share, interval, sites and reads.
fn estimate(found: Option<&Estimate>) -> Vec<Cell> {
    let why = match found {
        Some(Estimate::Measured(found)) => return measured(found),
        Some(Estimate::TooFewSites { sites, needed }) => {
            format!(
                "too few sites: {}, needed {}",
                grouped((*sites).into()),
                grouped((*needed).into())
            )
        }
        Some(Estimate::NotAssessed) | None => "not assessed".to_owned(),
    };
    let none = || Cell::figure("-");
    vec![Cell::text(why), none(), none(), none()]
}

fn measured(found: &Measured) -> Vec<Cell> {
    let percent = |share: f64| format!("{:.2}", 100.0 * share);
    vec![
        Cell::figure(format!("{} %", percent(found.value))),
        Cell::figure(format!("{} to {} %", percent(found.low), percent(found.high))),
        Cell::figure(grouped(found.sites.into())),
        Cell::figure(grouped(found.reads)),
    ]
}

fn family(results: &CaseResults, own: &MendelIdentity) -> Vec<Cell> {
    let rate = own.rate.map_or_else(
        || Cell::text("too few sites"),
        |rate| Cell::figure(format!("{:.2} %", 100.0 * rate)),
    );
    let counts = &own.counts;
    vec![
        names(results, [own.child]),
        names(results, own.father.into_iter().chain(own.mother)),
        Cell::figure(grouped(counts.sites.into())),
        Cell::figure(grouped(counts.errors.into())),
        rate,
        Cell::figure(format!(
            "{} of {}",
            grouped(counts.x_errors.into()),
            grouped(counts.x_sites.into())
        )),
        outcome(own.outcome),
    ]
}

fn concordance(own: &TumourIdentity) -> [Vec<Cell>; 2] {
    let row = |what: &str, found: &Concordance, last: Cell| {
        let share = found.share().map_or_else(
            || "no site deep enough".to_owned(),
            |share| format!("{:.2} %", 100.0 * share),
        );
        vec![
            Cell::text(what),
            Cell::figure(grouped(found.agreeing.into())),
            Cell::figure(grouped(found.sites.into())),
            Cell::figure(share),
            last,
        ]
    };
    [
        row(
            "sites where the normal sample is homozygous",
            &own.homozygous_concordance,
            outcome(own.outcome),
        ),
        row("all sites", &own.concordance, outcome(Outcome::Reported)),
    ]
}
