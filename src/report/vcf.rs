//! `candidates.vcf.gz` with its tabix index: the tiered variants in VCF 4.3, in the order of contigs and positions, with
//! INFO keys of our own that the header documents.

use std::fmt::Write as _;

use crate::io::write_vcf::{VcfLine, bgzf_with_tabix};
use crate::model::problem::Problem;
use crate::model::results::{CallResult, CandidateResult, CaseResults, EventResult, MemberSummary};

use super::{OutputFile, Rendered, Source, Writer, evidence, limits, text};

/// Writes `candidates.vcf.gz` and `candidates.vcf.gz.tbi`.
#[derive(Debug)]
pub(super) struct Vcf;

const FILES: &[OutputFile] = &[
    OutputFile {
        name: "candidates.vcf.gz",
        deterministic: true,
        doc: "the tiered variants in the order of contigs and positions",
    },
    OutputFile { name: "candidates.vcf.gz.tbi", deterministic: true, doc: "its tabix index" },
];

/// An INFO key with one value an event, in the order of the events, best first.
struct EventKey {
    name: &'static str,
    doc: &'static str,
    value: fn(&EventResult) -> Option<String>,
}

const EVENT_KEYS: &[EventKey] = &[
    EventKey {
        name: "EVENT",
        doc: "Id of the event in results.json",
        value: |e| Some(e.id.clone()),
    },
    EventKey {
        name: "EVENT_TIER",
        doc: "Tier of the event; domain for somatic events",
        value: |e| e.tier.map(text::word).or_else(|| e.domain.map(text::word)),
    },
    EventKey {
        name: "GENE",
        doc: "Gene symbol, else its id",
        value: |e| Some(e.gene.shown().into()),
    },
    EventKey {
        name: "TRANSCRIPT",
        doc: "Transcript that the event stands on",
        value: |e| e.transcript.clone(),
    },
    EventKey {
        name: "CONSEQUENCE",
        doc: "Sequence Ontology terms that qualify, joined by &",
        value: |e| Some(text::terms(e)),
    },
    EventKey {
        name: "MOI",
        doc: "Mode of inheritance under which the variant segregates",
        value: |e| Some(text::word(e.mode_of_inheritance)),
    },
    EventKey { name: "SEG", doc: "Pattern of segregation", value: |e| Some(e.segregation.clone()) },
    EventKey {
        name: "PENETRANCE",
        doc: "Penetrance of the run that found the event",
        value: |e| Some(text::word(e.penetrance)),
    },
    EventKey {
        name: "PANEL",
        doc: "Id of the panel",
        value: |e| e.panel.as_ref().map(|panel| panel.id.clone()),
    },
    EventKey {
        name: "PANEL_VERSION",
        doc: "Version of the panel",
        value: |e| e.panel.as_ref().map(|panel| panel.version.clone()),
    },
    EventKey {
        name: "GROUP",
        doc: "The same number on both partners of a compound heterozygote",
        value: |e| e.group.map(|n| n.to_string()),
    },
    EventKey {
        name: "POSSIBLE",
        doc: "yes when genotypes needed to be sure are missing",
        value: |e| Some(if e.possible { "yes" } else { "no" }.into()),
    },
    EventKey { name: "LABEL", doc: "Label of the event", value: |e| e.label.clone() },
];

impl Writer for Vcf {
    fn id(&self) -> &'static str {
        "vcf"
    }

    fn files(&self) -> &'static [OutputFile] {
        FILES
    }

    fn render(&self, source: &Source<'_>) -> Result<Vec<Rendered>, Problem> {
        let (header, lines) = document(source.results);
        let written = bgzf_with_tabix(&header, &lines)?;
        Ok(vec![
            Rendered { name: FILES[0].name, bytes: written.vcf },
            Rendered { name: FILES[1].name, bytes: written.tbi },
        ])
    }
}

/// Header and lines before compression.
pub(super) fn document(results: &CaseResults) -> (String, Vec<VcfLine>) {
    let samples: Vec<&MemberSummary> =
        results.case.members.iter().filter(|member| member.sample.is_some()).collect();
    let place = |candidate: &CandidateResult| {
        let variant = &candidate.variant;
        results.contigs.iter().position(|contig| contig.name == variant.contig)
    };
    let mut order: Vec<&CandidateResult> = results.candidates.iter().collect();
    order.sort_by_key(|candidate| (place(candidate), candidate.variant.position));
    let lines = order.iter().map(|candidate| line(candidate, &samples)).collect();
    (header(results, &samples), lines)
}

/// Doc of the INFO key READS.
const READS: &str = "Second look at the reads, one value a member with an alignment: \
                     number:role:reference/ALT/other/ambiguous fragments, - where they could not be asked";

/// Header lines that every VCF of ours has: source, rules, panels, what was not assessed, filters, contigs.
pub(super) fn head(results: &CaseResults, filters: &[String]) -> String {
    let mut text = String::from("##fileformat=VCFv4.3\n");
    let mut add = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    let policy = &results.policy;
    add(format!("##source={} {}", one_line(&results.tool.name), one_line(&results.tool.version)));
    add(format!("##reference={}", results.case.assembly));
    add(format!(
        "##tierline_policy=<ID={},Version=\"{}\",Sha256={}>",
        word(&policy.id),
        quoted(&policy.version),
        word(&policy.digest)
    ));
    for panel in &results.panels {
        add(format!(
            "##tierline_panel=<ID={},Name=\"{}\",Version=\"{}\",Sha256={}>",
            word(&panel.id),
            quoted(&panel.name),
            quoted(&panel.version),
            word(&panel.sha256)
        ));
    }
    for gap in limits::not_assessed(results) {
        add(format!("##tierline_not_assessed=\"{}\"", quoted(&gap)));
    }
    add("##FILTER=<ID=PASS,Description=\"All filters passed\">".into());
    for filter in other_filters(filters) {
        add(format!("##FILTER=<ID={filter},Description=\"As in the input\">"));
    }
    for contig in &results.contigs {
        let length = contig.length.map_or(String::new(), |n| format!(",length={n}"));
        let assembly = results.case.assembly;
        add(format!("##contig=<ID={}{length},assembly={assembly}>", word(&contig.name)));
    }
    text
}

fn header(results: &CaseResults, samples: &[&MemberSummary]) -> String {
    let filters = results.candidates.iter().flat_map(|candidate| candidate.filters.clone());
    let mut text = head(results, &filters.collect::<Vec<_>>());
    let mut add = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    add("##INFO=<ID=TIER,Number=1,Type=String,Description=\"Best tier of the events\">".into());
    add("##INFO=<ID=DOMAIN,Number=1,Type=String,Description=\"Best domain of the events\">".into());
    for key in EVENT_KEYS {
        add(format!(
            "##INFO=<ID={},Number=.,Type=String,Description=\"{}; one value an event, best first\">",
            key.name, key.doc
        ));
    }
    add(format!("##INFO=<ID=READS,Number=.,Type=String,Description=\"{READS}\">"));
    add("##INFO=<ID=READS_METHOD,Number=1,Type=String,Description=\"How reads were told apart: bases, likelihood, cigar\">".into());
    add("##INFO=<ID=VRS_ALLELE_ID,Number=1,Type=String,Description=\"The ALT as GA4GH VRS 2.0 names it\">".into());
    add("##INFO=<ID=VRS_1_3_ALLELE_ID,Number=1,Type=String,Description=\"The ALT as GA4GH VRS 1.3 names it\">".into());
    add("##INFO=<ID=FLAGS,Number=.,Type=String,Description=\"What to know before the variant is believed\">".into());
    for (id, number, kind, doc) in [
        ("GT", "1", "String", "Genotype seen from this ALT; other ALTs are ."),
        ("AD", "R", "Integer", "Reads with the reference and with the ALT"),
        ("DP", "1", "Integer", "Reads at the site"),
        ("GQ", "1", "Integer", "Genotype quality, phred"),
        ("VAF", "A", "Float", "Share of reads with the ALT"),
    ] {
        add(format!("##FORMAT=<ID={id},Number={number},Type={kind},Description=\"{doc}\">"));
    }
    add(column_line(samples));
    text
}

pub(super) fn column_line(samples: &[&MemberSummary]) -> String {
    let mut columns = String::from("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO");
    if !samples.is_empty() {
        columns.push_str("\tFORMAT");
    }
    for member in samples {
        columns.push('\t');
        columns.push_str(&one_line(member.sample.as_deref().unwrap_or_default()));
    }
    columns
}

fn other_filters(all: &[String]) -> Vec<String> {
    let mut filters: Vec<String> =
        all.iter().filter(|filter| *filter != "PASS").map(|filter| word(filter)).collect();
    filters.sort_unstable();
    filters.dedup();
    filters
}

fn line(candidate: &CandidateResult, samples: &[&MemberSummary]) -> VcfLine {
    let variant = &candidate.variant;
    let or_dot = |text: String| if text.is_empty() { ".".to_owned() } else { text };
    let joined =
        |words: &[String]| or_dot(words.iter().map(|w| word(w)).collect::<Vec<_>>().join(";"));
    let mut text = format!(
        "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
        variant.contig,
        variant.position,
        joined(&candidate.ids),
        variant.reference,
        variant.alternate,
        candidate.quality.map_or_else(|| ".".to_owned(), text::number),
        joined(&candidate.filters),
        or_dot(info(candidate)),
    );
    if !samples.is_empty() {
        text.push_str("\tGT:AD:DP:GQ:VAF");
    }
    for member in samples {
        let call = candidate.calls.iter().find(|call| call.member == member.number);
        text.push('\t');
        text.push_str(&call.map_or_else(|| "./.".to_owned(), sample));
    }
    VcfLine {
        contig: variant.contig.clone(),
        start: variant.position,
        end: variant.position.saturating_add(variant.reference.len() as u32).saturating_sub(1),
        text,
    }
}

fn info(candidate: &CandidateResult) -> String {
    let mut fields: Vec<String> = Vec::new();
    if let Some(tier) = candidate.tier {
        fields.push(format!("TIER={}", text::word(tier)));
    }
    if let Some(domain) = candidate.domain {
        fields.push(format!("DOMAIN={}", text::word(domain)));
    }
    if let Some(allele) = &candidate.vrs {
        fields.push(format!("VRS_ALLELE_ID={}", word(&allele.id)));
        if !allele.id_1_3.is_empty() {
            fields.push(format!("VRS_1_3_ALLELE_ID={}", word(&allele.id_1_3)));
        }
    }
    for key in EVENT_KEYS {
        let values: Vec<Option<String>> =
            candidate.events.iter().map(|e| (key.value)(e).filter(|v| !v.is_empty())).collect();
        if values.iter().any(Option::is_some) {
            let values: Vec<String> = values
                .iter()
                .map(|value| value.as_deref().map_or_else(|| ".".to_owned(), percent))
                .collect();
            fields.push(format!("{}={}", key.name, values.join(",")));
        }
    }
    let encoded =
        |words: Vec<String>| words.iter().map(|w| percent(w)).collect::<Vec<_>>().join(",");
    if !candidate.evidence.is_empty() {
        let words = candidate.evidence.iter();
        let words: Vec<String> = words
            .map(|e| format!("{}:{}:{}", e.member, text::word(e.role), evidence::counts(e)))
            .collect();
        fields.push(format!("READS={}", words.join(",")));
    }
    fields.extend(evidence::method(candidate).map(|method| format!("READS_METHOD={method}")));
    if !candidate.flags.is_empty() {
        fields.push(format!("FLAGS={}", encoded(candidate.flags.clone())));
    }
    fields.join(";")
}

fn sample(call: &CallResult) -> String {
    let or_dot = |value: Option<String>| value.unwrap_or_else(|| ".".into());
    let depths = match (call.reference_depth, call.alternate_depth) {
        (None, None) => None,
        (reference, alternate) => {
            let [r, a] = [reference, alternate].map(|n| or_dot(n.map(|n| n.to_string())));
            Some(format!("{r},{a}"))
        }
    };
    // A genotype column holds one ALT; the results' 2 (another ALT) has no index here.
    let mut text = percent(&call.genotype.replace('2', "."));
    let quality = call.genotype_quality.map(|quality| format!("{quality:.0}"));
    let _ = write!(
        text,
        ":{}:{}:{}:{}",
        or_dot(depths),
        or_dot(call.depth.map(|n| n.to_string())),
        or_dot(quality),
        or_dot(call.fraction.map(text::number))
    );
    text
}

/// Percent-encodes what VCF gives a meaning within INFO, and control characters.
fn percent(text: &str) -> String {
    encode(text, |c| matches!(c, ':' | ';' | '=' | '%' | ',' | ' ') || c.is_control())
}

/// A word of the header or of an ID or FILTER column.
pub(super) fn word(text: &str) -> String {
    encode(text, |c| matches!(c, ';' | '=' | '%' | ',' | ' ' | '<' | '>' | '"') || c.is_control())
}

/// The inside of a quoted header value.
fn quoted(text: &str) -> String {
    one_line(text).replace('\\', "\\\\").replace('"', "\\\"")
}

/// Text that cannot end its line or its column.
fn one_line(text: &str) -> String {
    encode(text, char::is_control)
}

fn encode(text: &str, must: impl Fn(char) -> bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for c in text.chars() {
        if must(c) {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                let _ = write!(encoded, "%{byte:02X}");
            }
        } else {
            encoded.push(c);
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out_of_a_field() {
        assert_eq!(percent("a;b=c,d e:f%\t\n"), "a%3Bb%3Dc%2Cd%20e%3Af%25%09%0A");
        assert_eq!(word("x\">\ny"), "x%22%3E%0Ay");
        assert_eq!(quoted("a\"b\\\n"), "a\\\"b\\\\%0A");
        assert_eq!(one_line("na\tme"), "na%09me");
    }
}
