//! The parts of the page that speak of the whole case.

use crate::model::results::{AnalysisDecision, CandidateResult, CaseResults, MemberSummary};
use crate::report::text;

use super::page::{Cell, Page};

/// Alleles longer than this many bases are shortened in tables; the candidate's own section writes them in full.
const LONG_ALLELE: usize = 16;

pub(super) fn banner(page: &mut Page, results: &CaseResults) {
    page.markup("<header>\n<p class=\"kicker\">Whole-genome variant report</p>\n<h1>Case ");
    page.text(&results.case.id).markup("</h1>\n<dl class=\"facts\">\n");
    page.pair("Case", &kind(&results.case.kind));
    page.pair("Assembly", &results.case.assembly.to_string());
    page.pair("Policy", &format!("{} {}", results.policy.id, results.policy.version));
    if let Some(penetrance) = &results.case.penetrance {
        page.pair("Penetrance", penetrance);
    }
    page.pair("Panels", &panel_line(results));
    page.pair("Program", &format!("{} {}", results.tool.name, results.tool.version));
    page.markup("</dl>\n<p class=\"limits\"><strong>Decision support.</strong> ");
    page.markup("This page lists variants by rule; it makes no diagnosis. Every finding needs ");
    page.markup("review by a qualified clinical scientist, and confirmation where local practice ");
    page.markup(
        "asks for it. A gene without a finding here is not a gene without a variant.</p>\n",
    );
    page.markup("</header>\n");
}

fn kind(word: &str) -> String {
    match word {
        "family" => "Family".into(),
        "singleton" => "Singleton".into(),
        "tumour-normal" => "Tumour with matched normal".into(),
        "tumour-only" => "Tumour without normal".into(),
        other => other.into(),
    }
}

fn panel_line(results: &CaseResults) -> String {
    if results.panels.is_empty() {
        return "none".into();
    }
    let panels = results.panels.iter().map(|panel| format!("{} v{}", panel.name, panel.version));
    panels.collect::<Vec<_>>().join("; ")
}

pub(super) fn findings(page: &mut Page, results: &CaseResults) {
    page.markup("<section id=\"findings\" aria-labelledby=\"h-findings\">\n");
    page.markup("<h2 id=\"h-findings\">Findings</h2>\n<p class=\"lead\">");
    page.text(&count_line(results)).markup("</p>\n");
    if results.candidates.is_empty() {
        page.element(
            "p",
            "No variant met the rules of the policy in the genes and data that were \
            assessed. What was not assessed is listed below; it is not evidence of absence.",
        );
    } else {
        let rows = results.candidates.iter().enumerate().map(|(i, c)| finding_row(results, i, c));
        let head =
            ["Grade", "No.", "Variant", "Gene", "Consequence", "Segregation", "Calls", "Frequency"];
        page.table("Tiered variants, best first", &head, rows.collect());
    }
    page.markup("</section>\n");
}

/// `2 Tier 1, 1 Tier 3`.
fn count_line(results: &CaseResults) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for candidate in &results.candidates {
        let grade = text::grade(candidate.tier, candidate.domain);
        match counts.iter_mut().find(|(known, _)| *known == grade) {
            Some((_, n)) => *n += 1,
            None => counts.push((grade, 1)),
        }
    }
    if counts.is_empty() {
        return "No tiered variant.".into();
    }
    let total = results.candidates.len();
    let plural = if total == 1 { "variant" } else { "variants" };
    let parts: Vec<String> = counts.iter().map(|(grade, n)| format!("{n} in {grade}")).collect();
    format!("{total} tiered {plural}: {}.", parts.join(", "))
}

fn finding_row(results: &CaseResults, index: usize, candidate: &CandidateResult) -> Vec<Cell> {
    let event = candidate.events.first();
    let consequence = event.and_then(|e| candidate.consequences.get(e.consequence as usize));
    let mut effect: Vec<String> = event.iter().map(|event| words(&text::terms(event))).collect();
    effect.extend(consequence.iter().flat_map(|c| [&c.hgvs_c, &c.hgvs_p]).flatten().cloned());
    let segregation = event.map(|event| {
        let mut lines = vec![segregation(&event.segregation)];
        if event.possible {
            lines.push(format!("possible; {}", event.missing.join("; ")));
        }
        lines.extend(event.group.map(|group| format!("pair {group}")));
        lines
    });
    let calls = candidate.calls.iter().map(|call| {
        let role = results.member(call.member).map_or("Member", |member| text::role(member.role));
        format!("{role} {}", call.genotype)
    });
    let frequency = text::largest_frequency(candidate).map_or_else(
        || vec!["not assessed".into()],
        |(f, value)| match value {
            value if value > 0.0 => {
                vec![text::number(value), format!("{} {}", f.title, f.population)]
            }
            _ => vec!["0".into(), "not listed".into()],
        },
    );
    vec![
        Cell::text(text::grade(candidate.tier, candidate.domain)).class(grade_class(candidate)),
        Cell::figure((index + 1).to_string()),
        Cell::lines(vec![short_variant(candidate)]).class("allele"),
        Cell::text(event.map_or("-", |event| event.gene.shown())).class("gene"),
        Cell::lines(effect),
        Cell::lines(segregation.unwrap_or_default()),
        Cell::lines(calls.collect()).class("keep"),
        Cell::lines(frequency),
    ]
}

pub(super) fn grade_class(candidate: &CandidateResult) -> &'static str {
    match text::grade(candidate.tier, candidate.domain) {
        "Tier 1" | "Domain 1" => "grade grade1",
        "Tier 2" | "Domain 2" => "grade grade2",
        _ => "grade grade3",
    }
}

/// The variant with long alleles shortened to their first bases and their length.
pub(super) fn short_variant(candidate: &CandidateResult) -> String {
    let short = |allele: &str| {
        if allele.chars().count() <= LONG_ALLELE {
            return allele.to_owned();
        }
        let first: String = allele.chars().take(6).collect();
        format!("{first}… ({} bases)", allele.chars().count())
    };
    let variant = &candidate.variant;
    format!(
        "{}:{} {}>{}",
        variant.contig,
        variant.position,
        short(&variant.reference),
        short(&variant.alternate)
    )
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
        vec![
            Cell::figure(member.number.to_string()),
            Cell::text(text::role(member.role)),
            Cell::text(member.id.as_deref().unwrap_or("not shown")),
            Cell::text(member.sample.as_deref().unwrap_or("none")),
            Cell::text(text::word(member.sex)),
            Cell::text(text::word(member.affected)),
            Cell::text(hpo(member)),
        ]
    });
    let head = ["No.", "Role", "Participant", "Sample", "Sex", "Affected", "Phenotypes"];
    page.table("Members of the case", &head, rows.collect());
    let yes = |allowed: bool| if allowed { "allowed" } else { "not allowed" };
    let rows = results.consent.iter().map(|record| {
        let analysis = match record.analysis {
            AnalysisDecision::Allowed => "allowed",
            AnalysisDecision::Refused => "refused: sample not read",
            AnalysisDecision::NoSample => "not sequenced",
        };
        vec![
            Cell::figure(record.member.to_string()),
            Cell::text(text::role(record.role)),
            analysis.into(),
            yes(record.secondary).into(),
            yes(record.carrier).into(),
            yes(record.pharmacogenomics).into(),
        ]
    });
    let head = [
        "No.",
        "Role",
        "Primary analysis",
        "Additional findings",
        "Carrier status",
        "Pharmacogenomics",
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
    page.markup("<section aria-labelledby=\"h-panels\">\n<h2 id=\"h-panels\">Gene panels</h2>\n");
    if results.panels.is_empty() {
        page.element("p", "No panel was given: nothing can be tier 1 or 2.");
    }
    let rows: Vec<Vec<Cell>> = results
        .panels
        .iter()
        .map(|panel| {
            vec![
                Cell::text(&*panel.name),
                Cell::text(&*panel.id),
                Cell::text(&*panel.version),
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

pub(super) fn not_assessed(page: &mut Page, results: &CaseResults) {
    page.markup("<section class=\"notice\" aria-labelledby=\"h-not\">\n");
    page.markup("<h2 id=\"h-not\">Not assessed, and notices</h2>\n");
    page.element(
        "p",
        "What is listed here was not looked at, or not fully. Not assessed does not mean absent.",
    );
    page.markup("<ul>\n");
    page.element(
        "li",
        "Copy-number variants, structural variants, short tandem repeats and \
        uniparental disomy are not part of these results.",
    );
    for panel in results.panels.iter().filter(|panel| panel.regions + panel.strs > 0) {
        let (regions, strs) = (panel.regions, panel.strs);
        page.element(
            "li",
            &format!(
                "Panel {} lists {regions} regions and {strs} short tandem repeats, which were not assessed.",
                panel.name
            ),
        );
    }
    for unseen in &results.genes_not_annotated {
        let (n, panel) = (unseen.genes.len(), &unseen.panel);
        let genes = unseen.genes.join(", ");
        let text =
            format!("{n} green genes of panel {panel} are never named by the annotation: {genes}.");
        page.element("li", &text);
    }
    for notice in &results.notices {
        page.element("li", &notice.text);
    }
    page.markup("</ul>\n</section>\n");
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
        vec!["Records read".into(), Cell::figure(counts.records.to_string())],
        vec!["Variants, one per ALT".into(), Cell::figure(counts.variants.to_string())],
    ];
    rows.extend(counts.dropped.iter().map(|(filter, n)| {
        vec![Cell::text(format!("Dropped first by {filter}")), Cell::figure(n.to_string())]
    }));
    rows.push(vec!["Kept by all filters".into(), Cell::figure(counts.kept.to_string())]);
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
                Cell::figure(input.bytes.to_string()),
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
    page.markup("<footer>\n<p>Case ").text(&results.case.id).markup(" · ");
    page.text(&results.case.assembly.to_string()).markup(" · ").text(&panel_line(results));
    page.markup(" · ").text(&format!("{} {}", results.tool.name, results.tool.version));
    page.markup("</p>\n</footer>\n");
}
