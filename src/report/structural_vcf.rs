//! `candidates.sv.vcf.gz` with its tabix index: reported copy-number and structural variants and repeats in VCF 4.3.

use std::fmt::Write as _;

use crate::io::write_vcf::{VcfLine, bgzf_with_tabix};
use crate::model::grade::CallEvent;
use crate::model::problem::Problem;
use crate::model::results::structural::{RepeatResult, StructuralResult};
use crate::model::results::{CaseResults, MemberSummary};

use super::vcf::{column_line, head, word};
use super::{OutputFile, Rendered, Source, Writer, text, tsv_other};

/// Writes `candidates.sv.vcf.gz` and `candidates.sv.vcf.gz.tbi`.
#[derive(Debug)]
pub(super) struct StructuralVcf;

const FILES: &[OutputFile] = &[
    OutputFile {
        name: "candidates.sv.vcf.gz",
        deterministic: true,
        doc: "reported copy-number and structural variants and short tandem repeats, when any was looked for",
    },
    OutputFile { name: "candidates.sv.vcf.gz.tbi", deterministic: true, doc: "its tabix index" },
];

const LINES: &[&str] = &[
    "##ALT=<ID=DEL,Description=\"Loss\">",
    "##ALT=<ID=DUP,Description=\"Gain\">",
    "##ALT=<ID=INS,Description=\"Insertion\">",
    "##ALT=<ID=INV,Description=\"Inversion\">",
    "##ALT=<ID=CNV,Description=\"Other number of copies\">",
    "##INFO=<ID=END,Number=1,Type=Integer,Description=\"Last base\">",
    "##INFO=<ID=SVTYPE,Number=1,Type=String,Description=\"DEL, DUP, INS, INV, CNV, BND or STR\">",
    "##INFO=<ID=SVLEN,Number=1,Type=Integer,Description=\"Length in bp, below 0 for a loss\">",
    "##INFO=<ID=SEEN_BY,Number=1,Type=String,Description=\"depth (a copy-number variant) or breakpoints (a structural variant)\">",
    "##INFO=<ID=RU,Number=1,Type=String,Description=\"Unit of the repeat in the direction of the reference\">",
    "##INFO=<ID=REPID,Number=1,Type=String,Description=\"Name of the repeat in the caller's catalogue\">",
    "##INFO=<ID=TIER,Number=1,Type=String,Description=\"Best tier of the events: TIER1, TIERA, TIER2, TIERB, TIERNULL\">",
    "##INFO=<ID=DOMAIN,Number=1,Type=String,Description=\"Best domain of the events\">",
    "##INFO=<ID=EVENT,Number=.,Type=String,Description=\"Id of the event in results.json; one value an event, best first\">",
    "##INFO=<ID=EVENT_TIER,Number=.,Type=String,Description=\"Tier of the event, domain for tumours; one value an event\">",
    "##INFO=<ID=ENTITY,Number=.,Type=String,Description=\"Gene, region or repeat of the event, several joined by &; one value an event\">",
    "##INFO=<ID=PANEL,Number=.,Type=String,Description=\"Id of the panel; one value an event\">",
    "##INFO=<ID=PANEL_VERSION,Number=.,Type=String,Description=\"Version of the panel; one value an event\">",
    "##INFO=<ID=SEG,Number=.,Type=String,Description=\"Pattern of segregation; one value an event\">",
    "##INFO=<ID=GROUP,Number=.,Type=String,Description=\"The same number on both partners of a compound heterozygote, those in candidates.vcf.gz included; one value an event\">",
    "##INFO=<ID=POSSIBLE,Number=.,Type=String,Description=\"yes when something needed to be sure is missing; one value an event\">",
    "##INFO=<ID=LABEL,Number=.,Type=String,Description=\"Label of the event; one value an event\">",
    "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype seen from this ALT; other ALTs are .\">",
    "##FORMAT=<ID=CN,Number=1,Type=Float,Description=\"Number of copies\">",
    "##FORMAT=<ID=REPCN,Number=1,Type=String,Description=\"Units of each allele\">",
    "##FORMAT=<ID=REPCI,Number=1,Type=String,Description=\"Confidence interval of each allele\">",
];

impl Writer for StructuralVcf {
    fn id(&self) -> &'static str {
        "structural-vcf"
    }

    fn files(&self) -> &'static [OutputFile] {
        FILES
    }

    fn render(&self, source: &Source<'_>) -> Result<Vec<Rendered>, Problem> {
        let results = source.results;
        let looked = results.looked_for.as_ref();
        if !looked.is_some_and(|all| all.copy_number || all.breakpoints || all.repeats) {
            return Ok(Vec::new());
        }
        let (header, lines) = document(results);
        let written = bgzf_with_tabix(&header, &lines)?;
        Ok(vec![
            Rendered { name: FILES[0].name, bytes: written.vcf },
            Rendered { name: FILES[1].name, bytes: written.tbi },
        ])
    }
}

/// Header and lines before compression.
fn document(results: &CaseResults) -> (String, Vec<VcfLine>) {
    let samples: Vec<&MemberSummary> =
        results.case.members.iter().filter(|member| member.sample.is_some()).collect();
    let of_structural = |s: &StructuralResult| s.filters.clone();
    let of_repeat =
        |r: &RepeatResult| r.calls.iter().flat_map(|c| c.filters.clone()).collect::<Vec<_>>();
    let filters: Vec<String> = results
        .structural
        .iter()
        .flat_map(of_structural)
        .chain(results.repeats.iter().flat_map(of_repeat))
        .collect();
    let mut header = head(results, &filters);
    for line in LINES {
        header.push_str(line);
        header.push('\n');
    }
    header.push_str(&column_line(&samples));
    header.push('\n');
    let mut lines: Vec<VcfLine> =
        results.structural.iter().map(|v| structural(v, &samples)).collect();
    lines.extend(results.repeats.iter().map(|locus| repeat(locus, &samples)));
    let place =
        |line: &VcfLine| results.contigs.iter().position(|contig| contig.name == line.contig);
    lines.sort_by_key(|line| (place(line), line.start));
    (header, lines)
}

/// Keys that every event fills.
fn events(info: &mut String, events: &[CallEvent]) {
    type Value = fn(&CallEvent) -> Option<String>;
    let keys: [(&str, Value); 9] = [
        ("EVENT", |e| Some(e.id.clone())),
        ("EVENT_TIER", |e| e.tier.map(text::word).or_else(|| e.domain.map(text::word))),
        ("ENTITY", |e| Some(e.entity.shown().replace(',', "&"))),
        ("PANEL", |e| e.panel.as_ref().map(|panel| panel.id.clone())),
        ("PANEL_VERSION", |e| e.panel.as_ref().map(|panel| panel.version.clone())),
        ("SEG", |e| Some(e.segregation.clone())),
        ("GROUP", |e| e.group.map(|group| group.to_string())),
        ("POSSIBLE", |e| Some(if e.possible { "yes" } else { "no" }.into())),
        ("LABEL", |e| e.label.clone()),
    ];
    if let Some(best) = crate::model::grade::best(events) {
        let _ = write!(info, ";TIER={}", text::word(best));
    }
    if let Some(best) = crate::model::grade::best_domain(events) {
        let _ = write!(info, ";DOMAIN={}", text::word(best));
    }
    for (key, value) in keys {
        let values: Vec<String> = events
            .iter()
            .map(|event| {
                value(event).filter(|v| !v.is_empty()).map_or_else(|| ".".into(), |v| word(&v))
            })
            .collect();
        let _ = write!(info, ";{key}={}", values.join(","));
    }
}

fn structural(variant: &StructuralResult, samples: &[&MemberSummary]) -> VcfLine {
    let kind = variant.kind.symbol().trim_matches(['<', '>']);
    let mut info = format!("SVTYPE={kind}");
    if variant.mate.is_none() {
        let _ = write!(info, ";END={}", variant.end);
    }
    if let Some(length) = variant.length {
        let _ = write!(info, ";SVLEN={}{length}", if kind == "DEL" { "-" } else { "" });
    }
    let _ = write!(info, ";SEEN_BY={}", text::word(variant.evidence));
    events(&mut info, &variant.events);
    let mut line = format!(
        "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{info}",
        variant.contig,
        variant.position,
        or_dot(&word(&variant.id)),
        or_dot(&variant.reference),
        // Long sequences stand in the input; here the kind is enough.
        if variant.mate.is_some() {
            variant.alternate.clone()
        } else {
            variant.kind.symbol().to_owned()
        },
        variant.quality.map_or_else(|| ".".into(), text::number),
        filter(&variant.filters),
    );
    if !samples.is_empty() {
        line.push_str("\tGT:CN");
    }
    for member in samples {
        let call = variant.calls.iter().find(|call| call.member == member.number);
        let genotype = call.map_or(".", |call| call.genotype.as_str()).replace('2', ".");
        let copies =
            call.and_then(|call| call.copy_number).map_or_else(|| ".".into(), text::number);
        let _ = write!(line, "\t{genotype}:{copies}");
    }
    let (start, end) = (variant.position, variant.end.max(variant.position));
    VcfLine { contig: variant.contig.clone(), start, end, text: line }
}

fn repeat(locus: &RepeatResult, samples: &[&MemberSummary]) -> VcfLine {
    let mut info = format!("SVTYPE=STR;END={};RU={}", locus.end, word(&locus.unit));
    let _ = write!(info, ";REPID={}", or_dot(&word(&locus.id)));
    events(&mut info, &locus.events);
    let position = locus.start.saturating_sub(1);
    let filters = locus.calls.first().map(|call| call.filters.clone()).unwrap_or_default();
    let mut line = format!(
        "{}\t{position}\t.\t{}\t{}\t.\t{}\t{info}",
        locus.contig,
        or_dot(&locus.reference),
        tsv_other::symbol(locus),
        filter(&filters),
    );
    if !samples.is_empty() {
        line.push_str("\tREPCN:REPCI");
    }
    for member in samples {
        let call = locus.calls.iter().find(|call| call.member == member.number);
        let alleles = call.map(|call| call.alleles.as_slice()).unwrap_or_default();
        let join =
            |parts: Vec<String>| if parts.is_empty() { ".".to_owned() } else { parts.join("/") };
        let sizes = join(alleles.iter().map(|allele| allele.units.to_string()).collect());
        let interval = |allele: &crate::model::repeat::RepeatAllele| {
            allele.interval.map_or_else(|| ".".to_owned(), |[low, high]| format!("{low}-{high}"))
        };
        let _ = write!(line, "\t{sizes}:{}", join(alleles.iter().map(interval).collect()));
    }
    VcfLine { contig: locus.contig.clone(), start: position, end: locus.end, text: line }
}

fn or_dot(text: &str) -> String {
    if text.is_empty() { ".".into() } else { text.into() }
}

fn filter(filters: &[String]) -> String {
    or_dot(&filters.iter().map(|filter| word(filter)).collect::<Vec<_>>().join(";"))
}
