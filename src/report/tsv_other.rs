//! Rows of `tiers.tsv` for copy-number and structural variants and for repeats.

use crate::model::candidate::Penetrance;
use crate::model::grade::CallEvent;
use crate::model::repeat::RepeatAllele;
use crate::model::results::CaseResults;
use crate::model::results::structural::{RepeatResult, StructuralResult};
use crate::model::sample::Role;
use crate::model::structural::Evidence;

use super::{amp, text};

/// A cell: name of the column and its value. Columns that are not named are empty.
pub(super) type Cell = (&'static str, String);

/// A row with its rank among the others.
pub(super) struct OtherRow {
    pub(super) rank: u8,
    pub(super) cells: Vec<Cell>,
}

/// All rows, in the order of the results.
pub(super) fn rows(results: &CaseResults) -> Vec<OtherRow> {
    let structural = results.structural.iter().flat_map(|variant| {
        variant.events.iter().map(move |event| (event, of_structural(variant, event)))
    });
    let structural = structural.map(|(event, mut row)| {
        row.cells.extend(amp::of(results, &event.id).map(|tier| ("amp", tier)));
        row
    });
    let repeats = results
        .repeats
        .iter()
        .flat_map(|locus| locus.events.iter().map(move |event| of_repeat(locus, event)));
    structural.chain(repeats).collect()
}

fn row(event: &CallEvent, mut cells: Vec<Cell>) -> OtherRow {
    let mut add = |name, value: Option<String>| cells.extend(value.map(|value| (name, value)));
    let panel = event.panel.as_ref();
    add("tier", event.tier.map(text::word));
    add("domain", event.domain.map(text::word));
    add(
        "gene",
        Some(event.gene.as_ref().map_or_else(|| event.entity.shown(), |g| g.shown().into())),
    );
    add("mode_of_inheritance", Some(text::word(event.mode_of_inheritance)));
    add("segregation", Some(event.segregation.clone()));
    // Carriers of a repeat may be healthy, and relatives are not asked.
    let asked = (!event.members.is_empty()).then(|| text::word(Penetrance::Incomplete));
    add("penetrance", asked);
    add("panel", panel.map(|panel| panel.name.clone()));
    add("panel_version", panel.map(|panel| panel.version.clone()));
    add("panel_id", panel.map(|panel| panel.id.clone()));
    add("event", Some(event.id.clone()));
    add("group", event.group.map(|group| group.to_string()));
    add("label", event.label.clone());
    add("possible", Some(if event.possible { "yes" } else { "no" }.into()));
    add("missing", Some(event.missing.join(",")));
    add("gene_ensembl", event.gene.as_ref().and_then(|gene| gene.ensembl.clone()));
    add("gene_hgnc", event.gene.as_ref().and_then(|gene| gene.hgnc.clone()));
    add("entity", Some(event.entity.shown()));
    OtherRow { rank: text::call_rank(event), cells }
}

fn of_structural(variant: &StructuralResult, event: &CallEvent) -> OtherRow {
    let call = variant.calls.iter().find(|call| matches!(call.role, Role::Proband | Role::Tumour));
    let kind = match variant.evidence {
        Evidence::Depth => "cnv",
        Evidence::Breakpoints => "sv",
    };
    let mut cells = vec![
        ("chrom", variant.contig.clone()),
        ("pos", variant.position.to_string()),
        ("ref", variant.reference.clone()),
        ("alt", variant.alternate.clone()),
        ("consequence", text::word(variant.kind)),
        ("ids", variant.id.clone()),
        ("filters", variant.filters.join(",")),
        ("kind", kind.to_owned()),
        ("end", variant.end.to_string()),
        (
            "calls",
            variant
                .calls
                .iter()
                .map(|c| format!("{}:{}={}", c.member, text::word(c.role), c.genotype))
                .collect::<Vec<_>>()
                .join(","),
        ),
    ];
    if variant.values.is_empty() {
        cells.push(("not_assessed", "frequency of the copy number not assessed".into()));
    }
    cells.extend(variant.quality.map(|quality| ("quality", text::number(quality))));
    cells.extend(variant.length.map(|length| ("size_bp", length.to_string())));
    if let Some(call) = call {
        cells.push(("genotype", call.genotype.clone()));
        cells.extend(call.copy_number.map(|copies| ("copy_number", text::number(copies))));
        cells.extend(call.quality.map(|quality| ("genotype_quality", text::number(quality))));
    }
    row(event, cells)
}

/// `17/41(36-44)`: units of each allele, with the interval where it is wider than the size.
pub(super) fn sizes(alleles: &[RepeatAllele]) -> String {
    let one = |allele: &RepeatAllele| match allele.interval {
        Some([low, high]) if low != high => format!("{}({low}-{high})", allele.units),
        _ => allele.units.to_string(),
    };
    alleles.iter().map(one).collect::<Vec<_>>().join("/")
}

/// `<STR41>` of the longest allele of the proband, else of the first member.
pub(super) fn symbol(locus: &RepeatResult) -> String {
    let call = locus.calls.iter().find(|call| call.role == Role::Proband).or(locus.calls.first());
    let longest = call.and_then(|call| call.alleles.iter().map(|allele| allele.units).max());
    format!("<STR{}>", longest.unwrap_or(0))
}

fn of_repeat(locus: &RepeatResult, event: &CallEvent) -> OtherRow {
    let call = locus.calls.iter().find(|call| call.role == Role::Proband);
    let all: Vec<String> = locus
        .calls
        .iter()
        .map(|c| format!("{}:{}={}", c.member, text::word(c.role), sizes(&c.alleles)))
        .collect();
    let mut cells = vec![
        ("chrom", locus.contig.clone()),
        ("pos", locus.start.saturating_sub(1).to_string()),
        ("ref", locus.reference.clone()),
        ("alt", symbol(locus)),
        ("consequence", "short_tandem_repeat_expansion".into()),
        ("ids", locus.id.clone()),
        ("kind", "str".into()),
        ("end", locus.end.to_string()),
        ("calls", all.join(",")),
    ];
    if let Some(call) = call {
        cells.push(("repeat_units", sizes(&call.alleles)));
        cells.push(("filters", call.filters.join(",")));
    }
    row(event, cells)
}
