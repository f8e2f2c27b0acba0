//! Whole chromosomes: findings in sentences, the counts in a table that opens.

use crate::model::results::CaseResults;
use crate::model::results::chromosomes::{ChromosomeResult, MemberChromosomes, Stretch};
use crate::report::{chromosomes, shown, text};

use super::page::{Cell, Page};
use super::quality::grouped;

/// The section, where chromosomes were assessed.
pub(super) fn section(page: &mut Page, results: &CaseResults) {
    let mut members = shown::chromosomes(results).peekable();
    if members.peek().is_none() {
        return;
    }
    page.markup("<section aria-labelledby=\"h-chromosomes\">\n");
    page.markup("<h2 id=\"h-chromosomes\">Whole chromosomes</h2>\n");
    members.for_each(|member| one(page, results, member));
    page.markup("</section>\n");
}

/// `Whole chromosomes: 1 finding, in a section of their own.`
pub(super) fn count_line(results: &CaseResults) -> Option<String> {
    let n: usize = shown::chromosomes(results).map(|own| chromosomes::findings(own).len()).sum();
    (n > 0).then(|| format!("Whole chromosomes: {n}, in a section of their own."))
}

fn one(page: &mut Page, results: &CaseResults, member: &MemberChromosomes) {
    let role = |number: u16| {
        let role = results.member(number).map_or("Member", |own| text::role(own.role));
        format!("{number} {role}")
    };
    let parents: Vec<String> = member.father.into_iter().chain(member.mother).map(role).collect();
    let compared = if parents.is_empty() { "nobody".into() } else { parents.join(", ") };
    page.markup("<dl class=\"facts\">\n");
    page.pair("Member", &role(member.member)).pair("Compared with", &compared);
    let not = || "not assessed".to_owned();
    let number = member.number_of_chromosomes.map_or_else(not, |n| n.to_string());
    page.pair("Chromosomes by depth", &number);
    page.pair("Sex chromosomes by depth", &member.sex_chromosomes.clone().unwrap_or_else(not));
    page.pair("Autosomes with runs of homozygosity", &member.chromosomes_with_runs.to_string());
    page.markup("</dl>\n");
    let findings = chromosomes::findings(member);
    if findings.is_empty() {
        page.element("p", "No finding on the chromosomes that were assessed.");
    }
    findings.iter().chain(&member.notes).for_each(|told| {
        page.element("p", told);
    });
    let head = [
        "Chromosome",
        "Inheritance",
        "Both parents",
        "Mother only",
        "Father only",
        "Runs, Mb",
        "Depth ratio",
        "Copies",
        "Why",
    ];
    let caption = format!("Chromosomes of member {}", role(member.member));
    let rows = member.chromosomes.iter().map(row).collect();
    page.markup("<details>\n").element("summary", &caption);
    page.table(&caption, &head, rows).markup("</details>\n");
}

fn row(own: &ChromosomeResult) -> Vec<Cell> {
    let sites = &own.sites;
    let mb = own.runs.iter().map(|run: &Stretch| f64::from(run.len()) / 1e6).sum::<f64>();
    let none = || "-".to_owned();
    vec![
        Cell::text(own.chromosome.clone()),
        Cell::text(own.inheritance.words()),
        Cell::figure(grouped(sites.biparental.into())),
        Cell::figure(grouped((sites.isodisomy_maternal + sites.uniparental_maternal).into())),
        Cell::figure(grouped((sites.isodisomy_paternal + sites.uniparental_paternal).into())),
        Cell::figure(format!("{mb:.1}")),
        Cell::figure(own.depth_ratio.map_or_else(none, |ratio| format!("{ratio:.2}"))),
        Cell::figure(own.copies.map_or_else(none, |copies| copies.to_string())),
        Cell::text(own.why.clone()),
    ]
}
