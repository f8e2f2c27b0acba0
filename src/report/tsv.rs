//! `tiers.tsv`: one row an event, best tier first. Columns are declared once, in [`COLUMNS`], with their documentation.

use crate::model::annotation::ClinVar;
use crate::model::problem::Problem;
use crate::model::results::{
    CallResult, CandidateResult, CaseResults, ConsequenceResult, EventResult, VariantInGene,
};

use super::{
    OutputFile, Rendered, Source, Writer, amp, evidence, limits, second_allele, text, tsv_other,
};

/// Writes `tiers.tsv`.
#[derive(Debug)]
pub(super) struct Tsv;

const FILES: &[OutputFile] = &[OutputFile {
    name: "tiers.tsv",
    deterministic: true,
    doc: "one row an event, best tier first",
}];

/// What a row shows.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The variant.
    pub candidate: &'a CandidateResult,
    /// The event.
    pub event: &'a EventResult,
    /// All results.
    pub results: &'a CaseResults,
    /// The transcript's consequence that the event stands on, when the results hold it.
    consequence: Option<&'a ConsequenceResult>,
}

impl<'a> Row<'a> {
    fn index_call(&self) -> Option<&'a CallResult> {
        use crate::model::sample::Role;
        let calls = &self.candidate.calls;
        calls.iter().find(|call| matches!(call.role, Role::Proband | Role::Tumour))
    }

    fn transcript(&self) -> Option<&'a ConsequenceResult> {
        self.consequence
    }
}

/// One column: its name, unit, documentation and how it is filled. `None` is written as `.`.
pub struct Column {
    /// Name in the header line.
    pub name: &'static str,
    /// Unit or kind of value; empty for words.
    pub unit: &'static str,
    /// One line of documentation.
    pub doc: &'static str,
    /// The value.
    pub value: fn(&Row<'_>) -> Option<String>,
}

macro_rules! columns {
    ($($name:ident ($unit:literal) $doc:literal = $value:expr;)+) => {
        &[$(Column { name: stringify!($name), unit: $unit, doc: $doc, value: $value }),+]
    };
}

fn list(words: &[String]) -> Option<String> {
    list_of(words, ",")
}

fn list_of(words: &[String], between: &str) -> Option<String> {
    (!words.is_empty()).then(|| words.join(between))
}

/// The last column of every table of a case, with its documentation: a line of its own before the header would mislead readers
/// that take the first line for it.
pub(super) const MADE_BY: (&str, &str) =
    ("made_by", "program with its version; policy with its version and the SHA-256 of its rules");

/// The columns of `tiers.tsv`, in order.
pub const COLUMNS: &[Column] = columns! {
    chrom("") "contig as the case's first file names it" = |r| Some(r.candidate.variant.contig.clone());
    pos("1-based") "position of the first reference base" = |r| Some(r.candidate.variant.position.to_string());
    r#ref("") "reference allele" = |r| Some(r.candidate.variant.reference.clone());
    alt("") "alternate allele" = |r| Some(r.candidate.variant.alternate.clone());
    tier("") "tier of the event: TIER1, TIER2, TIER3; of copy-number variants TIERA, TIERB, TIERNULL" = |r| r.event.tier.map(text::word);
    domain("") "domain of a somatic event: DOMAIN1, DOMAIN2, DOMAIN3" = |r| r.event.domain.map(text::word);
    gene("") "gene symbol, else its id" = |r| Some(r.event.gene.shown().into());
    transcript("") "transcript that the event stands on" = |r| r.event.transcript.clone();
    consequence("") "Sequence Ontology terms that qualify, joined by &" = |r| Some(text::terms(r.event));
    mode_of_inheritance("") "mode under which the variant segregates" = |r| Some(text::word(r.event.mode_of_inheritance));
    segregation("") "pattern of segregation, a name of the GEL report models" = |r| Some(r.event.segregation.clone());
    penetrance("") "penetrance of the run that found the event" = |r| Some(text::word(r.event.penetrance));
    panel("") "name of the panel" = |r| r.event.panel.as_ref().map(|panel| panel.name.clone());
    panel_version("") "version of the panel" = |r| r.event.panel.as_ref().map(|panel| panel.version.clone());
    panel_id("") "PanelApp id of the panel" = |r| r.event.panel.as_ref().map(|panel| panel.id.clone());
    event("") "id of the event: number of the candidate in results.json and of its event" = |r| Some(r.event.id.clone());
    group("") "the same number on both partners of a compound heterozygote" = |r| r.event.group.map(|n| n.to_string());
    label("") "green_moi_mismatch, amber_or_red or not_in_panel" = |r| r.event.label.clone();
    possible("") "yes when genotypes needed to be sure are missing, else no" = |r| Some(if r.event.possible { "yes" } else { "no" }.into());
    missing("") "what is missing, comma-separated" = |r| list(&r.event.missing);
    not_assessed("") "what could not be told about the variant, semicolon-separated; not assessed is not absent" = |r| list_of(&limits::not_assessed_of(r.candidate), "; ");
    gene_ensembl("") "Ensembl gene id" = |r| r.event.gene.ensembl.clone();
    gene_hgnc("") "HGNC id" = |r| r.event.gene.hgnc.clone();
    hgvs_c("") "HGVS on the transcript" = |r| r.transcript().and_then(|c| c.hgvs_c.clone());
    hgvs_p("") "HGVS on the protein" = |r| r.transcript().and_then(|c| c.hgvs_p.clone());
    exon("") "exon number, n/total" = |r| r.transcript().and_then(|c| c.exon.clone());
    mane_select("") "yes when the transcript is MANE Select, else no" = |r| r.transcript().map(|c| if c.mane_select { "yes" } else { "no" }.into());
    acmg("") "ACMG/AMP evidence that the data hold, code_strength, comma-separated; code_inputs where a person decides; no classification" = |r| list(&r.event.evidence.iter().map(crate::model::results::acmg::AcmgEvidence::shown).collect::<Vec<_>>());
    ids("") "ids of the record, comma-separated" = |r| list(&r.candidate.ids);
    filters("") "FILTER of the record, comma-separated" = |r| list(&r.candidate.filters);
    quality("phred") "QUAL of the record" = |r| r.candidate.quality.map(text::number);
    genotype("") "genotype of the proband or tumour: 0 reference, 1 this ALT, 2 another ALT" = |r| r.index_call().map(|c| c.genotype.clone());
    zygosity("") "the same in words" = |r| r.index_call().map(|c| c.zygosity.name().into());
    depth("reads") "depth of the proband or tumour" = |r| r.index_call().and_then(|c| c.depth).map(|n| n.to_string());
    frac_alt("0 to 1") "share of reads of the proband or tumour with the ALT" = |r| r.index_call().and_then(|c| c.fraction).map(text::number);
    genotype_quality("phred") "genotype quality of the proband or tumour" = |r| r.index_call().and_then(|c| c.genotype_quality).map(text::number);
    calls("") "every analysed member, number:role=genotype, comma-separated" = |r| list(&r.candidate.calls.iter().map(|c| format!("{}:{}={}", c.member, text::word(c.role), c.genotype)).collect::<Vec<_>>());
    max_frequency("0 to 1") "largest population frequency that is known" = |r| text::largest_frequency(r.candidate).map(|(_, value)| text::number(value));
    max_frequency_in("") "dataset and population of that frequency" = |r| text::largest_frequency(r.candidate).map(|(f, _)| format!("{}:{}", f.dataset, f.population));
    clinvar("") "ClinVar significance: of the case's ClinVar where it has one, else as annotated; comma-separated" = |r| r.candidate.clinvar.as_ref().and_then(|c| list(&c.significance));
    clinvar_stars("0 to 4") "ClinVar review stars" = |r| r.candidate.clinvar.as_ref().and_then(|c| c.stars).map(|n| n.to_string());
    reads("fragments") "second look at the reads of every member with an alignment, number:role=reference/ALT/other/ambiguous, comma-separated; - where they could not be asked" = |r| list(&evidence::all(r.candidate));
    reads_method("") "how reads were told apart: bases, likelihood, or cigar (an indel without a reference)" = |r| evidence::method(r.candidate);
    second_allele("") "of a single heterozygous variant in a green gene of recessive disease: exons of the gene in which a second allele could not have been seen, semicolon-separated" = |r| list_of(&second_allele::of(r.results, r.candidate), "; ");
    flags("") "what to know before the variant is believed, semicolon-separated: reads that contradict a call, a homozygous child of one carrier" = |r| list_of(&r.candidate.flags, "; ");
    kind("") "small, cnv (seen by depth), sv (seen by breakpoints) or str (short tandem repeat)" = |_| Some("small".into());
    end("1-based") "last base of a copy-number or structural variant or repeat" = |_| None;
    size_bp("bp") "length of what changed or was put in" = |_| None;
    copy_number("copies") "number of copies in the proband" = |_| None;
    repeat_units("units") "units of each allele of the proband, with the confidence interval in brackets where it is wider" = |_| None;
    entity("") "gene, region or repeat of the panel that the event speaks of; several genes comma-separated" = |_| None;
    scores("") "scores of predictors for the transcript, id=value, comma-separated; those that are not there are not assessed" = |r| r.transcript().and_then(|c| list(&c.scores.iter().map(text::score).collect::<Vec<_>>()));
    hgvs_g("") "HGVS on the chromosome, as far 3' as it goes; without a reference none" = |r| r.candidate.hgvs_g.clone();
    amp("") "evidence tier of the event (AMP/ASCO/CAP: I to IV) by the case's evidence items; a different question than the domain" = |r| amp::of(r.results, &r.event.id);
    made_by("") "program with its version; policy with its version and the SHA-256 of its rules" = |r| Some(r.results.made_by());
};

impl std::fmt::Debug for Column {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Column").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Column {
    /// The name without the mark that lets `ref` be an identifier.
    pub fn title(&self) -> &'static str {
        self.name.strip_prefix("r#").unwrap_or(self.name)
    }
}

impl Writer for Tsv {
    fn id(&self) -> &'static str {
        "tsv"
    }

    fn files(&self) -> &'static [OutputFile] {
        FILES
    }

    fn render(&self, source: &Source<'_>) -> Result<Vec<Rendered>, Problem> {
        let header: Vec<&str> = COLUMNS.iter().map(Column::title).collect();
        let mut table = header.join("\t");
        table.push('\n');
        let small = rows(source.results).into_iter().map(|row| {
            let cells = COLUMNS.iter().map(|column| cell((column.value)(&row)));
            (text::rank_of(row.event.tier, row.event.domain), cells.collect::<Vec<_>>())
        });
        let others = tsv_other::rows(source.results).into_iter().map(|row| {
            let value = |column: &Column| {
                if column.name == MADE_BY.0 {
                    return Some(source.results.made_by());
                }
                let own = row.cells.iter().find(|(name, _)| *name == column.title());
                own.map(|(_, value)| value.clone())
            };
            (row.rank, COLUMNS.iter().map(|column| cell(value(column))).collect())
        });
        let mut lines: Vec<(u8, Vec<String>)> = small.chain(others).collect();
        lines.sort_by_key(|(rank, _)| *rank);
        for (_, cells) in lines {
            table.push_str(&cells.join("\t"));
            table.push('\n');
        }
        Ok(vec![Rendered { name: FILES[0].name, bytes: table.into_bytes() }])
    }
}

/// All events, best first; events of one grade stay in the order of the candidates.
fn rows(results: &CaseResults) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = results
        .candidates
        .iter()
        .flat_map(|candidate| {
            candidate.events.iter().map(move |event| Row {
                candidate,
                event,
                results,
                consequence: candidate.consequences.get(event.consequence as usize),
            })
        })
        .collect();
    rows.sort_by_key(|row| text::rank(row.event.tier, row.event.domain));
    rows
}

/// A table of a case: the names of its columns, the last of them [`MADE_BY`], then the rows, each without that cell.
pub(super) fn table<R: IntoIterator<Item = Option<String>>>(
    columns: &[(&str, &str)],
    results: &CaseResults,
    rows: impl IntoIterator<Item = R>,
) -> Vec<u8> {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let made_by = results.made_by();
    let mut table = names.join("\t");
    table.push('\n');
    for row in rows {
        let cells: Vec<String> = row.into_iter().chain([Some(made_by.clone())]).map(cell).collect();
        table.push_str(&cells.join("\t"));
        table.push('\n');
    }
    table.into_bytes()
}

/// The cells chrom, pos, ref, alt, gene, transcript, consequence, `hgvs_c` and `hgvs_p` of a finding.
pub(super) fn of_gene(found: &VariantInGene) -> [Option<String>; 9] {
    let variant = &found.variant;
    let terms: Vec<&str> = found.terms.iter().map(|term| term.name.as_str()).collect();
    [
        Some(variant.contig.clone()),
        Some(variant.position.to_string()),
        Some(variant.reference.clone()),
        Some(variant.alternate.clone()),
        Some(found.gene.shown().into()),
        found.transcript.clone(),
        Some(terms.join("&")),
        found.hgvs_c.clone(),
        found.hgvs_p.clone(),
    ]
}

/// The cells clinvar and `clinvar_stars` of a finding.
pub(super) fn of_clinvar(clinvar: Option<&ClinVar>) -> [Option<String>; 2] {
    [
        clinvar.map(|clinvar| clinvar.significance.join(",")),
        clinvar.and_then(|clinvar| clinvar.stars).map(|n| n.to_string()),
    ]
}

/// A cell: no value is `.`; a backslash, tab, line feed, carriage return or other control character is escaped, so that
/// no content can end a cell or a row.
pub(super) fn cell(value: Option<String>) -> String {
    match value {
        Some(value) if !value.is_empty() => escape(&value),
        _ => ".".into(),
    }
}

pub(super) fn escape(text: &str) -> String {
    text.chars()
        .flat_map(|c| -> Vec<char> {
            match c {
                '\\' => vec!['\\', '\\'],
                c if c.is_control() => c.escape_default().collect(),
                c => vec![c],
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_columns_are_fixed() {
        let names: Vec<&str> = COLUMNS.iter().take(14).map(Column::title).collect();
        assert_eq!(
            names.join(" "),
            "chrom pos ref alt tier domain gene transcript consequence mode_of_inheritance \
             segregation penetrance panel panel_version"
        );
    }

    #[test]
    fn names_differ_and_every_column_is_documented() {
        for (i, column) in COLUMNS.iter().enumerate() {
            assert!(!column.doc.is_empty(), "{column:?}");
            assert!(COLUMNS[i + 1..].iter().all(|other| other.name != column.name), "{column:?}");
        }
    }

    #[test]
    fn no_content_ends_a_cell() {
        assert_eq!(cell(Some("a\tb\nc\r\\d\u{85}".into())), "a\\tb\\nc\\r\\\\d\\u{85}");
        assert_eq!(cell(Some(String::new())), ".");
        assert_eq!(cell(None), ".");
    }
}
