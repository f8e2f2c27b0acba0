//! `decipher_sequence.tsv` and `decipher_copy_number.tsv`: rows for DECIPHER's bulk upload, of the proband alone and of the
//! best tiers alone. What a person must decide stays empty: pathogenicity, contribution, who may see it. Open access is
//! always `No`: the case does not say that anybody consented to it.

use crate::model::candidate::Tier;
use crate::model::contig::{Assembly, ContigClass};
use crate::model::grade::Grade;
use crate::model::problem::Problem;
use crate::model::results::structural::{StructuralCallResult, StructuralResult};
use crate::model::results::{CandidateResult, CaseResults, MemberSummary, Zygosity};
use crate::model::sample::{Role, Sex};
use crate::model::structural::StructuralKind;

use super::{OutputFile, Rendered, Source, Writer, limits, text};

/// Writes the tables.
#[derive(Debug)]
pub(super) struct Decipher;

const FILES: &[OutputFile] = &[
    OutputFile {
        name: "decipher_sequence.tsv",
        deterministic: true,
        doc: "DECIPHER bulk upload, sequence variants of the proband in Tier 1 and 2, nothing classified",
    },
    OutputFile {
        name: "decipher_copy_number.tsv",
        deterministic: true,
        doc: "DECIPHER bulk upload, losses and gains of the proband in Tier A",
    },
];

/// Columns of the template for sequence variants.
const SEQUENCE: [&str; 21] = [
    "Internal reference number or ID",
    "Chromosome",
    "Start",
    "Genome assembly",
    "Reference allele",
    "Alternate allele",
    "Transcript",
    "Gene name",
    "Intergenic",
    "Chromosomal sex",
    "Other rearrangements/aneuploidy",
    "Open-access consent",
    "Age at last clinical assessment",
    "Prenatal age in weeks",
    "Note",
    "Inheritance",
    "Pathogenicity",
    "Phenotypes",
    "HGVS code",
    "Genotype",
    "Responsible contact",
];

/// Columns of the template for copy-number variants.
const COPY_NUMBER: [&str; 17] = [
    "Patient internal reference number or ID",
    "Variant class",
    "Shared",
    "Assembly",
    "Chromosome",
    "Genomic start",
    "Genomic end",
    "Mean ratio",
    "Genotype",
    "Inheritance",
    "Heteroplasmy/Mosaicism by tissue",
    "Pathogenicity",
    "Pathogenicity evidence",
    "Evidence framework",
    "Pathogenicity note",
    "Contribution",
    "Genotype groups",
];

impl Writer for Decipher {
    fn id(&self) -> &'static str {
        "decipher"
    }

    fn files(&self) -> &'static [OutputFile] {
        FILES
    }

    fn render(&self, source: &Source<'_>) -> Result<Vec<Rendered>, Problem> {
        let results = source.results;
        let proband = results.case.members.iter().find(|member| member.role == Role::Proband);
        let Some(proband) = proband.filter(|_| !limits::is_tumour(results)) else {
            return Ok(Vec::new());
        };
        let tables = [
            table(
                &SEQUENCE,
                results.candidates.iter().filter_map(|c| sequence(results, proband, c)),
            ),
            table(
                &COPY_NUMBER,
                results.structural.iter().filter_map(|one| copy_number(results, proband, one)),
            ),
        ];
        Ok(FILES
            .iter()
            .zip(tables)
            .map(|(file, table)| Rendered { name: file.name, bytes: table.into_bytes() })
            .collect())
    }
}

fn table<const N: usize>(head: &[&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut lines = vec![head.join("\t")];
    lines.extend(rows.map(|row| row.map(|cell| super::tsv::escape(&cell)).join("\t")));
    lines.join("\n") + "\n"
}

fn assembly(results: &CaseResults) -> &'static str {
    match results.case.assembly {
        Assembly::GRCh37 => "GRCh37/hg19",
        Assembly::GRCh38 => "GRCh38",
    }
}

fn sequence(
    results: &CaseResults,
    proband: &MemberSummary,
    candidate: &CandidateResult,
) -> Option<[String; 21]> {
    let best = matches!(candidate.tier, Some(Tier::Tier1 | Tier::Tier2));
    let event = candidate.events.first().filter(|_| best)?;
    let id = proband.id.clone()?;
    let class = ContigClass::of_name(&candidate.variant.contig);
    let zygosity = candidate.calls.iter().find(|call| call.member == proband.number)?.zygosity;
    let genotype = genotype(zygosity, class)?;
    let consequence = candidate.consequences.get(event.consequence as usize);
    let hgvs = consequence
        .and_then(|one| text::with_sequence(one.transcript.as_deref(), one.hgvs_c.as_deref()?));
    let doubt = if event.possible { ", possible, not certain" } else { "" };
    let note = format!(
        "{} {}: {}{doubt}",
        results.tool.name,
        results.tool.version,
        text::grade(event.tier, event.domain)
    );
    Some([
        id,
        class.bare_name()?,
        candidate.variant.position.to_string(),
        assembly(results).into(),
        candidate.variant.reference.clone(),
        candidate.variant.alternate.clone(),
        event.transcript.clone().unwrap_or_default(),
        event.gene.symbol.clone().unwrap_or_default(),
        "No".into(),
        chromosomal_sex(proband).into(),
        String::new(),
        "No".into(),
        String::new(),
        String::new(),
        note,
        inheritance(candidate, zygosity).into(),
        String::new(),
        proband.hpo_present.join("|"),
        hgvs.or_else(|| candidate.hgvs_g.clone()).unwrap_or_default(),
        genotype.into(),
        String::new(),
    ])
}

/// The stated sex. A measured number of sex chromosomes is nobody's question here.
fn chromosomal_sex(member: &MemberSummary) -> &'static str {
    match member.sex {
        Sex::Female => "46XX",
        Sex::Male => "46XY",
        Sex::Unknown => "unknown",
    }
}

fn genotype(zygosity: Zygosity, class: ContigClass) -> Option<&'static str> {
    let mitochondrial = class == ContigClass::Mitochondrial;
    Some(match zygosity {
        Zygosity::Heterozygous if mitochondrial => "Mitochondrial Heteroplasmy",
        Zygosity::AlternateHomozygous | Zygosity::AlternateHemizygous if mitochondrial => {
            "Mitochondrial Homoplasmy"
        }
        Zygosity::Heterozygous => "Heterozygous",
        Zygosity::AlternateHomozygous => "Homozygous",
        Zygosity::AlternateHemizygous => "Hemizygous",
        _ => return None,
    })
}

/// What the parents' own calls tell; `Unknown` wherever one of them is missing. Parents without the variant do not make it de
/// novo: that takes a model of inheritance that holds for certain. Two carriers pass it on both only to who has two copies, and
/// what is of mitochondria only a mother passes on.
fn inheritance(candidate: &CandidateResult, zygosity: Zygosity) -> &'static str {
    let carries = |role| {
        let call = candidate.calls.iter().find(|call| call.role == role)?;
        match call.zygosity {
            Zygosity::Heterozygous
            | Zygosity::AlternateHomozygous
            | Zygosity::AlternateHemizygous => Some(true),
            Zygosity::ReferenceHomozygous | Zygosity::ReferenceHemizygous => Some(false),
            _ => None,
        }
    };
    let de_novo = candidate.events.iter().any(|e| e.segregation == "deNovo" && !e.possible);
    let class = ContigClass::of_name(&candidate.variant.contig);
    let mitochondrial = class == ContigClass::Mitochondrial;
    match [Role::Mother, Role::Father].map(carries) {
        [Some(false), Some(false)] if de_novo => "De novo constitutive",
        [Some(true), _] if mitochondrial => "Maternally inherited, constitutive in mother",
        _ if mitochondrial => "Unknown",
        [Some(true), Some(false)] => "Maternally inherited, constitutive in mother",
        [Some(false), Some(true)] => "Paternally inherited, constitutive in father",
        [Some(true), Some(true)] if zygosity == Zygosity::AlternateHomozygous => "Biparental",
        _ => "Unknown",
    }
}

fn copy_number(
    results: &CaseResults,
    proband: &MemberSummary,
    variant: &StructuralResult,
) -> Option<[String; 17]> {
    let class = match variant.kind {
        StructuralKind::Loss => "Deletion",
        StructuralKind::Gain => "Duplication",
        _ => return None,
    };
    let id = proband.id.clone().filter(|_| variant.tier == Some(Grade::TierA))?;
    let call = variant.calls.iter().find(|call| call.member == proband.number)?;
    let mut row: [String; 17] = std::array::from_fn(|_| String::new());
    let known = [
        id,
        class.into(),
        String::new(),
        assembly(results).into(),
        ContigClass::of_name(&variant.contig).bare_name()?,
        variant.start.to_string(),
        variant.end.to_string(),
        String::new(),
        state(call).into(),
        "Unknown".into(),
    ];
    for (cell, value) in row.iter_mut().zip(known) {
        *cell = value;
    }
    Some(row)
}

fn state(call: &StructuralCallResult) -> &'static str {
    let alleles: Vec<char> = call.genotype.chars().filter(|c| !matches!(c, '/' | '|')).collect();
    let carried = alleles.iter().filter(|allele| **allele == '1').count();
    match (carried, alleles.len(), call.expected_copies) {
        (n, all, Some(1)) if n == all && n > 0 => "Hemizygous",
        (n, all, _) if n == all && n > 1 => "Homozygous",
        (n, all, _) if n > 0 && n < all => "Heterozygous",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn tables(results: &CaseResults) -> Vec<String> {
        let source = Source::of(results);
        let files = Decipher.render(&source).unwrap();
        files.into_iter().map(|file| String::from_utf8(file.bytes).unwrap()).collect()
    }

    #[test]
    fn rows_are_of_the_proband_and_decide_nothing() {
        let tables = tables(&fixture::trio());
        let rows: Vec<Vec<&str>> =
            tables[0].lines().map(|line| line.split('\t').collect()).collect();
        assert_eq!(rows.len(), 1 + 3, "the possible Tier 3 is not among them");
        let value = |row: usize, name: &str| {
            rows[row][SEQUENCE.iter().position(|column| *column == name).unwrap()]
        };
        for (name, wanted) in [
            ("Internal reference number or ID", "P-trio-child"),
            ("Chromosome", "2"),
            ("Genotype", "Heterozygous"),
            ("Inheritance", "De novo constitutive"),
            ("Open-access consent", "No"),
            ("Pathogenicity", ""),
            ("Phenotypes", "HP:0001249"),
            ("HGVS code", "ENST00000001.5:c.946C>T"),
        ] {
            assert_eq!(value(1, name), wanted, "{name}");
        }
        assert_eq!(value(2, "Inheritance"), "Paternally inherited, constitutive in father");
        assert_eq!(tables[1].lines().count(), 1);
        assert!(self::tables(&fixture::tumour()).is_empty());
    }

    #[test]
    fn an_unknown_parent_leaves_the_origin_open() {
        let results = fixture::trio_with(|family| {
            family.members[1].consent.primary = crate::model::sample::ConsentAnswer::No;
        });
        assert!(
            results
                .candidates
                .iter()
                .all(|candidate| { inheritance(candidate, Zygosity::Heterozygous) == "Unknown" })
        );
    }

    #[test]
    fn parents_without_it_do_not_make_it_de_novo() {
        let mut results = fixture::trio();
        let candidate = &mut results.candidates[0];
        let told = |candidate: &CandidateResult| inheritance(candidate, Zygosity::Heterozygous);
        assert_eq!(told(candidate), "De novo constitutive");
        candidate.events[0].possible = true;
        assert_eq!(told(candidate), "Unknown");
        candidate.events[0].possible = false;
        candidate.events[0].segregation = "SimpleRecessive".into();
        assert_eq!(told(candidate), "Unknown");
        for call in &mut candidate.calls {
            call.zygosity = Zygosity::Heterozygous;
        }
        assert_eq!(told(candidate), "Unknown", "from one of two carriers");
        assert_eq!(inheritance(candidate, Zygosity::AlternateHomozygous), "Biparental");
        assert_eq!(inheritance(candidate, Zygosity::AlternateHemizygous), "Unknown");
        candidate.variant.contig = "chrM".into();
        assert!(told(candidate).starts_with("Maternally inherited"));
    }
}
