//! The parts of the page that speak of the whole case.

use crate::model::candidate::Domain;
use crate::model::results::{AnalysisDecision, CandidateResult, CaseResults, MemberSummary};
use crate::report::{limits, text};

use super::overview::panel_line;
use super::page::{Cell, Page};
use super::quality::grouped;

/// Alleles longer than this many bases are shortened in tables; the candidate's own section writes them in full.
const LONG_ALLELE: usize = 16;

pub(super) fn findings(page: &mut Page, results: &CaseResults) {
    page.markup("<section id=\"findings\" aria-labelledby=\"h-findings\">\n");
    page.markup("<h2 id=\"h-findings\">Findings</h2>\n");
    if results.candidates.is_empty() {
        page.element(
            "p",
            "No variant met the rules of the policy in the genes and data that were \
            assessed. What was not assessed is listed above; it is not evidence of absence.",
        );
    } else {
        let tumour = limits::is_tumour(results);
        let mut head = vec!["Grade", "No.", "Variant", "Gene", "Consequence"];
        head.extend((!tumour).then_some("Segregation"));
        head.extend(["Calls", "Highest frequency"]);
        head.extend(tumour.then_some("Marks"));
        let rows = |domain3: bool| -> Vec<Vec<Cell>> {
            let all = results.candidates.iter().enumerate();
            let own = all.filter(|(_, c)| (c.domain == Some(Domain::Domain3)) == domain3);
            own.map(|(i, c)| finding_row(results, i, c)).collect()
        };
        let (listed, others) = (rows(false), rows(true));
        if !listed.is_empty() {
            page.table("Variants, best first", &head, listed);
        }
        if !others.is_empty() {
            // There may be thousands, and none is in a gene that the case asks for.
            let caption =
                format!("Domain 3: {} in genes of neither list", grouped(others.len() as u64));
            page.markup("<details>\n").element("summary", &caption);
            page.table(&caption, &head, others).markup("</details>\n");
        }
    }
    page.markup("</section>\n");
}

fn finding_row(results: &CaseResults, index: usize, candidate: &CandidateResult) -> Vec<Cell> {
    let event = candidate.events.first();
    let consequence = event.and_then(|e| candidate.consequences.get(e.consequence as usize));
    let mut effect: Vec<String> = event.iter().map(|event| words(&text::terms(event))).collect();
    let names = consequence.iter().flat_map(|c| [&c.hgvs_c, &c.hgvs_p]).flatten();
    effect.extend(names.map(|name| without_accession(name).to_owned()));
    let mut lines: Vec<String> =
        event.iter().map(|event| segregation(&event.segregation)).collect();
    lines.extend(event.and_then(|event| event.group).map(|group| format!("pair {group}")));
    let more = candidate.events.len().saturating_sub(1);
    lines.extend((more > 0).then(|| format!("and {more} more, see the evidence")));
    let doubt = event.filter(|event| event.possible);
    let tumour = limits::is_tumour(results);
    let calls = candidate.calls.iter().map(|call| {
        let role = results.member(call.member).map_or("Member", |member| text::role(member.role));
        match call.fraction.filter(|_| tumour) {
            Some(share) => format!("{role} {}, ALT {:.0} %", call.genotype, share * 100.0),
            None => format!("{role} {}", call.genotype),
        }
    });
    let variant = &candidate.variant;
    let place = format!("{}:{}", variant.contig, variant.position);
    let mut row = vec![
        Cell::text(text::grade(candidate.tier, candidate.domain))
            .class(grade_class(candidate))
            .flag(doubt.map(|_| "possible".into())),
        Cell::figure((index + 1).to_string()),
        Cell::lines(vec![place, short_alleles(candidate)]).class("allele"),
        Cell::text(event.map_or("-", |event| event.gene.shown())).class("gene"),
        Cell::lines(effect),
    ];
    if !tumour {
        let doubt =
            doubt.map(|event| format!("possible, not certain: {}", event.missing.join("; ")));
        row.push(Cell::lines(lines).flag(doubt));
    }
    row.push(Cell::lines(calls.collect()).class("keep"));
    row.push(highest_frequency(candidate));
    if tumour {
        // The evidence of the variant says what each mark rests on.
        let ids = candidate.flags.iter().map(|flag| flag.split(':').next().unwrap_or(flag));
        row.push(Cell::lines(ids.map(str::to_owned).collect()));
    }
    row
}

fn highest_frequency(candidate: &CandidateResult) -> Cell {
    match text::largest_frequency(candidate) {
        None => Cell::default().flag(Some("not assessed".into())),
        Some((f, value)) if value > 0.0 => {
            Cell::lines(vec![text::number(value), format!("{} {}", f.title, f.population)])
        }
        Some(_) => Cell::text("not listed"),
    }
}

/// `ENST00000001.5:c.946C>T` as `c.946C>T`; the candidate's own section writes it in full.
fn without_accession(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, change)| change)
}

pub(super) fn grade_class(candidate: &CandidateResult) -> &'static str {
    match text::grade(candidate.tier, candidate.domain) {
        "Tier 1" | "Domain 1" => "grade grade1",
        "Tier 2" | "Domain 2" => "grade grade2",
        _ => "grade grade3",
    }
}

/// The variant with long alleles shortened.
pub(super) fn short_variant(candidate: &CandidateResult) -> String {
    let variant = &candidate.variant;
    format!("{}:{} {}", variant.contig, variant.position, short_alleles(candidate))
}

/// Alleles, long ones as their first bases and their length.
fn short_alleles(candidate: &CandidateResult) -> String {
    let short = |allele: &str| {
        if allele.chars().count() <= LONG_ALLELE {
            return allele.to_owned();
        }
        let first: String = allele.chars().take(6).collect();
        format!("{first}… ({} bases)", allele.chars().count())
    };
    format!("{}>{}", short(&candidate.variant.reference), short(&candidate.variant.alternate))
}

/// `stop_gained&splice_region_variant` as `stop gained, splice region variant`.
pub(super) fn words(terms: &str) -> String {
    terms.replace('_', " ").replace('&', ", ")
}

/// Name of a segregation pattern for people.
pub(super) fn segregation(id: &str) -> String {
    match id {
        "SimpleRecessive" => "Simple recessive",
        "CompoundHeterozygous" => "Compound heterozygous",
        "deNovo" => "De novo",
        "InheritedAutosomalDominant" => "Inherited autosomal dominant",
        "InheritedAutosomalDominantMaternallyImprinted" => {
            "Autosomal dominant, maternally imprinted"
        }
        "InheritedAutosomalDominantPaternallyImprinted" => {
            "Autosomal dominant, paternally imprinted"
        }
        "XLinkedCompoundHeterozygous" => "X-linked compound heterozygous",
        "XLinkedSimpleRecessive" => "X-linked simple recessive",
        "XLinkedMonoallelic" => "X-linked monoallelic",
        "MitochondrialGenome" => "Mitochondrial genome",
        "UniparentalIsodisomy" => "Uniparental isodisomy",
        "" => "not applicable",
        other => other,
    }
    .into()
}

pub(super) fn case(page: &mut Page, results: &CaseResults) {
    page.markup(
        "<section aria-labelledby=\"h-case\">\n<h2 id=\"h-case\">Members and consent</h2>\n",
    );
    let rows = results.case.members.iter().map(|member| {
        let consent = results.consent.iter().find(|record| record.member == member.number);
        let hidden = match consent.map(|record| record.analysis) {
            Some(AnalysisDecision::NoSample) => "not sequenced",
            _ => "not shown",
        };
        vec![
            Cell::figure(member.number.to_string()),
            Cell::text(text::role(member.role)),
            Cell::text(member.id.as_deref().unwrap_or("not shown")),
            Cell::text(member.sample.as_deref().unwrap_or(hidden)),
            Cell::text(text::word(member.sex)),
            Cell::text(text::word(member.affected)),
            Cell::text(hpo(member)),
        ]
    });
    let head = ["No.", "Role", "Participant", "Sample", "Sex", "Affected", "Phenotypes"];
    page.table("Members of the case", &head, rows.collect());
    let yes = |allowed: bool| if allowed { "allowed" } else { "not allowed" };
    let rows = results.consent.iter().map(|record| {
        let analysis: &str = match record.analysis {
            AnalysisDecision::Allowed => "allowed",
            AnalysisDecision::Refused => "REFUSED: data not used",
            AnalysisDecision::Withdrawn => "WITHDRAWN: data not used",
            AnalysisDecision::NoSample => "not sequenced",
        };
        vec![
            Cell::figure(record.member.to_string()),
            Cell::text(text::role(record.role)),
            analysis.into(),
            yes(record.secondary).into(),
            yes(record.carrier).into(),
            yes(record.pharmacogenomics).into(),
            yes(record.germline).into(),
        ]
    });
    let head = [
        "No.",
        "Role",
        "Primary analysis",
        "Additional findings",
        "Carrier status",
        "Pharmacogenomics",
        "Germline findings of a tumour",
    ];
    page.table("What consent allows; only an explicit yes allows", &head, rows.collect());
    page.markup("</section>\n");
}

fn hpo(member: &MemberSummary) -> String {
    let mut parts = Vec::new();
    if !member.hpo_present.is_empty() {
        parts.push(member.hpo_present.join(", "));
    }
    if !member.hpo_absent.is_empty() {
        parts.push(format!("absent: {}", member.hpo_absent.join(", ")));
    }
    if parts.is_empty() { "none given".into() } else { parts.join("; ") }
}

pub(super) fn panels(page: &mut Page, results: &CaseResults) {
    let tumour = limits::is_tumour(results);
    page.markup("<section aria-labelledby=\"h-panels\">\n<h2 id=\"h-panels\">");
    page.markup(if tumour { "Gene lists" } else { "Gene panels" }).markup("</h2>\n");
    if results.panels.is_empty() {
        let none = if tumour {
            "No gene list was given: nothing can be domain 1 or 2."
        } else {
            "No panel was given: nothing can be tier 1 or 2."
        };
        page.element("p", none);
    }
    let rows: Vec<Vec<Cell>> = results
        .panels
        .iter()
        .map(|panel| {
            vec![
                Cell::text(&*panel.name),
                Cell::text(&*panel.id),
                Cell::text(match panel.version.as_str() {
                    "-" => "none stated",
                    version => version,
                }),
                Cell::text(if panel.signed_off { "GMS signed off" } else { "not signed off" }),
                Cell::figure(panel.green.to_string()),
                Cell::figure(panel.amber.to_string()),
                Cell::figure(panel.red.to_string()),
            ]
        })
        .collect();
    if !rows.is_empty() {
        let head = ["Panel", "Id", "Version", "Status", "Green", "Amber", "Red"];
        page.table("Panels and their genes by rating", &head, rows);
    }
    page.markup("</section>\n");
}

pub(super) fn method(page: &mut Page, results: &CaseResults) {
    page.markup(
        "<section aria-labelledby=\"h-method\">\n<h2 id=\"h-method\">Method and provenance</h2>\n",
    );
    let policy = &results.policy;
    page.markup("<dl class=\"facts\">\n");
    page.pair("Policy", &format!("{} {}: {}", policy.id, policy.version, policy.title));
    page.pair("Policy SHA-256", &policy.digest);
    page.pair(
        "Changes to the preset",
        &if policy.changes.is_empty() { "none".into() } else { policy.changes.join("; ") },
    );
    page.markup("</dl>\n");
    let counts = &results.filter_counts;
    let mut rows = vec![
        vec!["Records read".into(), Cell::figure(grouped(counts.records))],
        vec!["Variants, one per ALT".into(), Cell::figure(grouped(counts.variants))],
    ];
    rows.extend(counts.dropped.iter().map(|(filter, n)| {
        vec![Cell::text(format!("Dropped first by {filter}")), Cell::figure(grouped(*n))]
    }));
    rows.push(vec!["Kept by all filters".into(), Cell::figure(grouped(counts.kept))]);
    rows.push(vec!["Tiered".into(), Cell::figure(results.candidates.len().to_string())]);
    page.table("What the filters counted", &["Step", "Count"], rows);
    let rows: Vec<Vec<Cell>> = results
        .provenance
        .inputs
        .iter()
        .map(|input| {
            vec![
                Cell::text(&*input.role),
                Cell::text(&*input.file),
                Cell::text(input.member.map_or("case".into(), |n| format!("member {n}"))),
                Cell::figure(grouped(input.bytes)),
                Cell::text(input.sha256.as_deref().unwrap_or("not read whole")).class("hash"),
            ]
        })
        .collect();
    if !rows.is_empty() {
        page.table("Inputs", &["Input", "File", "Belongs to", "Bytes", "SHA-256"], rows);
    }
    let versions = results.provenance.software.iter().chain(&results.provenance.databases);
    let rows: Vec<Vec<Cell>> =
        versions.map(|(name, version)| vec![Cell::text(&**name), Cell::text(&**version)]).collect();
    if !rows.is_empty() {
        page.table("Programs and databases that the inputs name", &["Name", "Version"], rows);
    }
    let rows: Vec<Vec<Cell>> = policy
        .sources
        .iter()
        .map(|(id, source)| vec![Cell::text(&**id), Cell::text(&**source)])
        .collect();
    page.table("Sources of the rules", &["Id", "Source"], rows);
    page.markup("</section>\n");
}

pub(super) fn footer(page: &mut Page, results: &CaseResults) {
    let panels = results.panels.iter().map(panel_line).collect::<Vec<_>>().join("; ");
    page.markup("<footer>\n<p>Case ").text(&results.case.id).markup(" · ");
    page.text(&results.case.assembly.to_string()).markup(" · ").text(&panels);
    page.markup(" · ").text(&results.made_by());
    page.markup("</p>\n</footer>\n");
}
