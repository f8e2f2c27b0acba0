//! `candidates.maf`: the small variants of a tumour in the Mutation Annotation Format as the Genomic Data Commons documents it (a
//! cut of its columns, in its order), with our own columns at the end. Depths are the caller's own, read by its dialect.

use std::fmt::Write as _;

use crate::model::hgvs;
use crate::model::problem::Problem;
use crate::model::results::{
    CallResult, CandidateResult, CaseResults, ConsequenceResult, EventResult, MemberSummary,
};
use crate::model::sample::Role;

use super::tsv::MADE_BY;
use super::{OutputFile, Rendered, Source, Writer, amp, limits, text};

/// Writes `candidates.maf`.
#[derive(Debug)]
pub(super) struct Maf;

const FILES: &[OutputFile] = &[OutputFile {
    name: "candidates.maf",
    deterministic: true,
    doc: "small variants of a tumour in the Mutation Annotation Format, one row a variant",
}];

impl Writer for Maf {
    fn id(&self) -> &'static str {
        "maf"
    }

    fn files(&self) -> &'static [OutputFile] {
        FILES
    }

    fn render(&self, source: &Source<'_>) -> Result<Vec<Rendered>, Problem> {
        if !limits::is_tumour(source.results) {
            return Ok(Vec::new());
        }
        Ok(vec![Rendered { name: FILES[0].name, bytes: document(source.results).into_bytes() }])
    }
}

/// A variant with its best event, and who is tumour and normal.
struct Row<'a> {
    results: &'a CaseResults,
    candidate: &'a CandidateResult,
    event: &'a EventResult,
    consequence: Option<&'a ConsequenceResult>,
    change: Change,
}

/// A column: its name and its value.
struct Column {
    name: &'static str,
    value: fn(&Row<'_>) -> String,
}

const COLUMNS: &[Column] = &[
    Column { name: "Hugo_Symbol", value: |r| or(r.event.gene.symbol.clone(), "Unknown") },
    Column { name: "Entrez_Gene_Id", value: |_| "0".into() },
    Column { name: "Center", value: |_| ".".into() },
    Column { name: "NCBI_Build", value: |r| r.results.case.assembly.to_string() },
    Column { name: "Chromosome", value: |r| r.candidate.variant.contig.clone() },
    Column { name: "Start_Position", value: |r| r.change.start.to_string() },
    Column { name: "End_Position", value: |r| r.change.end.to_string() },
    Column { name: "Strand", value: |_| "+".into() },
    Column { name: "Variant_Classification", value: |r| classification(r).into() },
    Column { name: "Variant_Type", value: |r| r.change.kind().into() },
    Column { name: "Reference_Allele", value: |r| bases(&r.change.reference) },
    Column { name: "Tumor_Seq_Allele1", value: |r| bases(&r.change.reference) },
    Column { name: "Tumor_Seq_Allele2", value: |r| bases(&r.change.alternate) },
    Column { name: "dbSNP_RS", value: |r| rs(&r.candidate.ids) },
    Column { name: "Tumor_Sample_Barcode", value: |r| sample(r, Role::Tumour) },
    Column { name: "Matched_Norm_Sample_Barcode", value: |r| sample(r, Role::Normal) },
    Column { name: "HGVSc", value: |r| change_of(r.consequence.and_then(|c| c.hgvs_c.as_deref())) },
    Column { name: "HGVSp", value: |r| change_of(r.consequence.and_then(|c| c.hgvs_p.as_deref())) },
    Column {
        name: "HGVSp_Short",
        value: |r| hgvs::short(&change_of(r.consequence.and_then(|c| c.hgvs_p.as_deref()))),
    },
    Column { name: "Transcript_ID", value: |r| or(r.event.transcript.clone(), "") },
    Column { name: "Exon_Number", value: |r| or(r.consequence.and_then(|c| c.exon.clone()), "") },
    Column { name: "t_depth", value: |r| depth(r, Role::Tumour) },
    Column { name: "t_ref_count", value: |r| count(r, Role::Tumour, |c| c.reference_depth) },
    Column { name: "t_alt_count", value: |r| count(r, Role::Tumour, |c| c.alternate_depth) },
    Column { name: "n_depth", value: |r| depth(r, Role::Normal) },
    Column { name: "n_ref_count", value: |r| count(r, Role::Normal, |c| c.reference_depth) },
    Column { name: "n_alt_count", value: |r| count(r, Role::Normal, |c| c.alternate_depth) },
    Column { name: "Gene", value: |r| or(r.event.gene.ensembl.clone(), "") },
    Column { name: "HGNC_ID", value: |r| or(r.event.gene.hgnc.clone(), "") },
    Column { name: "FILTER", value: |r| or_dot(r.candidate.filters.join(";")) },
    Column { name: "vcf_pos", value: |r| r.candidate.variant.position.to_string() },
    Column { name: "vcf_ref", value: |r| r.candidate.variant.reference.clone() },
    Column { name: "vcf_alt", value: |r| r.candidate.variant.alternate.clone() },
    Column {
        name: "t_vaf",
        value: |r| or(call(r, Role::Tumour).and_then(|c| c.fraction).map(text::number), ""),
    },
    Column { name: "GEL_Domain", value: |r| or(r.candidate.domain.map(text::word), "") },
    Column { name: "AMP_Tier", value: |r| or(amp::of(r.results, &r.event.id), "") },
    Column { name: "Flags", value: |r| r.candidate.flags.join("; ") },
    Column { name: MADE_BY.0, value: |r| r.results.made_by() },
];

fn document(results: &CaseResults) -> String {
    let names: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
    let mut out = format!("#version 2.4\n{}\n", names.join("\t"));
    for candidate in &results.candidates {
        let Some(event) = candidate.events.first() else { continue };
        let consequence = candidate.consequences.get(event.consequence as usize);
        let change = Change::new(candidate);
        let row = Row { results, candidate, event, consequence, change };
        let cells: Vec<String> = COLUMNS
            .iter()
            .map(|column| (column.value)(&row).replace(['\t', '\n', '\r'], " "))
            .collect();
        let _ = writeln!(out, "{}", cells.join("\t"));
    }
    out
}

fn or(text: Option<String>, none: &str) -> String {
    text.unwrap_or_else(|| none.to_owned())
}

fn or_dot(text: String) -> String {
    if text.is_empty() { ".".into() } else { text }
}

fn bases(text: &str) -> String {
    if text.is_empty() { "-".into() } else { text.into() }
}

fn rs(ids: &[String]) -> String {
    let rs: Vec<&str> = ids.iter().map(String::as_str).filter(|id| id.starts_with("rs")).collect();
    rs.join(";")
}

fn sample(row: &Row<'_>, role: Role) -> String {
    let is_it = |member: &&MemberSummary| member.role == role;
    let member = row.results.case.members.iter().find(is_it);
    or(
        member.and_then(|member| member.sample.clone()),
        if role == Role::Normal { "" } else { "TUMOR" },
    )
}

fn call<'a>(row: &Row<'a>, role: Role) -> Option<&'a CallResult> {
    row.candidate.calls.iter().find(|call| call.role == role)
}

fn count(row: &Row<'_>, role: Role, of: fn(&CallResult) -> Option<u32>) -> String {
    or(call(row, role).and_then(of).map(|n| n.to_string()), "")
}

/// The caller's depth, else the sum of both alleles.
fn depth(row: &Row<'_>, role: Role) -> String {
    count(row, role, |call| {
        call.depth.or_else(|| Some(call.reference_depth? + call.alternate_depth?))
    })
}

/// The change without its transcript, which belongs to another column.
fn change_of(change: Option<&str>) -> String {
    change.map(hgvs::change).unwrap_or_default()
}

/// The bases that change, without those that both alleles share. 1-based inclusive; an insertion lies between both positions.
struct Change {
    start: u32,
    end: u32,
    reference: String,
    alternate: String,
}

impl Change {
    fn new(candidate: &CandidateResult) -> Self {
        let variant = &candidate.variant;
        let (mut reference, mut alternate) =
            (variant.reference.as_str(), variant.alternate.as_str());
        let mut start = variant.position;
        let is_bases = |text: &str| text.bytes().all(|base| base.is_ascii_alphabetic());
        if is_bases(reference) && is_bases(alternate) {
            while let (Some(a), Some(b)) = (reference.chars().next(), alternate.chars().next())
                && a == b
                && (reference.len() > 1 || alternate.len() > 1)
            {
                (reference, alternate) = (&reference[1..], &alternate[1..]);
                start += 1;
            }
        }
        let length = reference.len() as u32;
        let (start, end) =
            if length == 0 { (start - 1, start) } else { (start, start + length - 1) };
        Self { start, end, reference: reference.into(), alternate: alternate.into() }
    }

    fn kind(&self) -> &'static str {
        match (self.reference.len(), self.alternate.len()) {
            (1, 1) => "SNP",
            (2, 2) => "DNP",
            (3, 3) => "TNP",
            (a, b) if a == b => "ONP",
            (a, b) if a < b => "INS",
            _ => "DEL",
        }
    }
}

/// METHOD: the words that the format has for the most severe term of the transcript, as its documentation pairs them.
fn classification(row: &Row<'_>) -> &'static str {
    let kind = row.change.kind();
    let by_length = |insertion: &'static str, deletion: &'static str| match kind {
        "INS" => insertion,
        "DEL" => deletion,
        _ => "Missense_Mutation",
    };
    let term = row.event.terms.first().map_or("", |term| term.name.as_str());
    match term {
        "transcript_ablation"
        | "exon_loss_variant"
        | "splice_acceptor_variant"
        | "splice_donor_variant" => "Splice_Site",
        "stop_gained" => "Nonsense_Mutation",
        "frameshift_variant" => by_length("Frame_Shift_Ins", "Frame_Shift_Del"),
        "stop_lost" => "Nonstop_Mutation",
        "start_lost" | "initiator_codon_variant" => "Translation_Start_Site",
        "inframe_insertion" => "In_Frame_Ins",
        "inframe_deletion" => "In_Frame_Del",
        "inframe_variant" | "protein_altering_variant" => by_length("In_Frame_Ins", "In_Frame_Del"),
        "missense_variant" => "Missense_Mutation",
        "splice_region_variant"
        | "splice_donor_5th_base_variant"
        | "splice_donor_region_variant"
        | "splice_polypyrimidine_tract_variant" => "Splice_Region",
        "synonymous_variant" | "stop_retained_variant" | "incomplete_terminal_codon_variant" => {
            "Silent"
        }
        "transcript_amplification" | "intron_variant" => "Intron",
        _ => "Unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn alleles_lose_what_they_share() {
        let shown = |reference: &str, alternate: &str| {
            let mut one = fixture::tumour().candidates[0].clone();
            one.variant.position = 100;
            (one.variant.reference, one.variant.alternate) = (reference.into(), alternate.into());
            let change = Change::new(&one);
            format!(
                "{}-{} {}>{} {}",
                change.start,
                change.end,
                bases(&change.reference),
                bases(&change.alternate),
                change.kind()
            )
        };
        assert_eq!(shown("A", "T"), "100-100 A>T SNP");
        assert_eq!(shown("AC", "GT"), "100-101 AC>GT DNP");
        assert_eq!(shown("ATT", "A"), "101-102 TT>- DEL");
        assert_eq!(shown("A", "ATT"), "100-101 ->TT INS");
        assert_eq!(shown("ATT", "AG"), "101-102 TT>G DEL");
    }

    #[test]
    fn columns_stand_in_the_order_of_the_format() {
        // Of the format of the Genomic Data Commons (1.0.0) as far as they are written here, then our own.
        let order = "Hugo_Symbol Entrez_Gene_Id Center NCBI_Build Chromosome Start_Position End_Position Strand \
            Variant_Classification Variant_Type Reference_Allele Tumor_Seq_Allele1 Tumor_Seq_Allele2 dbSNP_RS \
            Tumor_Sample_Barcode Matched_Norm_Sample_Barcode HGVSc HGVSp HGVSp_Short Transcript_ID Exon_Number t_depth \
            t_ref_count t_alt_count n_depth n_ref_count n_alt_count Gene HGNC_ID FILTER vcf_pos vcf_ref vcf_alt t_vaf \
            GEL_Domain AMP_Tier Flags made_by";
        let names: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
        assert_eq!(names, order.split_whitespace().collect::<Vec<_>>());
    }

    #[test]
    fn every_row_has_every_column() {
        let results = fixture::tumour();
        let text = document(&results);
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("#version 2.4"));
        assert_eq!(lines.next().unwrap().split('\t').count(), COLUMNS.len());
        let rows: Vec<&str> = lines.collect();
        assert_eq!(rows.len(), results.candidates.len());
        for row in rows {
            assert_eq!(row.split('\t').count(), COLUMNS.len(), "{row}");
        }
    }
}
