//! SnpEff `ANN`, which mehari writes too: the allele is the whole ALT.

use super::ids;
use super::schema::{ABSENT, AlleleContext, Columns, at};
use crate::model::annotation::{Consequence, GeneRef};

pub(super) fn columns(find: impl Fn(&str) -> usize) -> Columns {
    Columns {
        allele: find("Allele"),
        allele_number: ABSENT,
        terms: find("Annotation"),
        symbol: find("Gene_Name"),
        gene: find("Gene_ID"),
        hgnc: ABSENT,
        feature_type: find("Feature_Type"),
        transcript: find("Feature_ID"),
        biotype: find("Transcript_BioType"),
        exon: find("Rank"),
        hgvs_c: find("HGVS.c"),
        hgvs_p: find("HGVS.p"),
        canonical: ABSENT,
        mane: ABSENT,
        mane_select: ABSENT,
    }
}

/// Number of the ALT that an entry names. Cancer forms (`G-C`: from a germline G) name the allele before the dash.
pub(super) fn alternate_of(allele: &[u8], alleles: AlleleContext) -> Option<usize> {
    let find = |wanted: &[u8]| alleles.all().position(|a| a.eq_ignore_ascii_case(wanted));
    let before_dash = || allele.split(|&b| b == b'-').next().filter(|part| !part.is_empty());
    find(allele).or_else(|| find(before_dash()?)).map(|i| i + 1)
}

pub(super) fn gene(columns: &Columns, fields: &[&[u8]], gene: &mut GeneRef) {
    let terms = at(fields, columns.terms);
    // Between genes SnpEff names both neighbours, joined by a dash: neither is affected.
    if terms.starts_with(b"intergenic") || terms.starts_with(b"conserved_intergenic") {
        *gene = GeneRef::default();
    } else {
        ids::set_gene(gene, at(fields, columns.symbol), at(fields, columns.gene));
    }
}

/// The ANN format lets a writer say no more than `Coding` or `Noncoding` (mehari does): the former means protein coding.
pub(super) fn biotype(field: &[u8]) -> &[u8] {
    if field.eq_ignore_ascii_case(b"Coding") { b"protein_coding" } else { field }
}

/// Names of the transcript and of the change.
pub(super) fn name(columns: &Columns, fields: &[&[u8]], out: &mut Consequence) {
    let field = |i| at(fields, i);
    out.transcript = ids::optional(field(columns.transcript));
    out.hgvs_c = ids::decoded(field(columns.hgvs_c));
    out.hgvs_p = ids::decoded(field(columns.hgvs_p));
    out.exon = ids::optional(field(columns.exon));
}

#[cfg(test)]
mod tests {
    use super::super::schema::Schema;
    use super::*;
    use crate::model::annotation::AnnotationSource;
    use std::collections::BTreeMap;

    const DESCRIPTION: &str = "Functional annotations: 'Allele | Annotation | Annotation_Impact | Gene_Name | Gene_ID | \
        Feature_Type | Feature_ID | Transcript_BioType | Rank | HGVS.c | HGVS.p | cDNA.pos / cDNA.length | \
        CDS.pos / CDS.length | AA.pos / AA.length | Distance | ERRORS / WARNINGS / INFO'";

    #[test]
    fn padded_field_names_and_whole_alleles() {
        let schema = Schema::from_description("ANN", DESCRIPTION).unwrap();
        assert_eq!(schema.source, AnnotationSource::Ann);
        let value = b"TC|disruptive_inframe_deletion|MODERATE|PER3|ENSG00000049246.1|transcript|ENST1|protein_coding|3/21|c.390del|p.Glu5del|||||,\
            T|intergenic_region|MODIFIER|A-B|ENSG1-ENSG2|intergenic_region|ENSG1-ENSG2|||n.1C>T||||||";
        let alleles = |number| AlleleContext { reference: b"T", alternates: b"TC,*", number };
        let (mut unknown, mut out) = (BTreeMap::new(), Vec::new());
        schema.consequences(&schema.entries(value, alleles(1)), &mut unknown, &mut out);
        assert_eq!(out.len(), 1);
        assert_eq!(out[0].terms[0].name(), "inframe_deletion");
        assert_eq!(out[0].gene.ensembl.as_deref(), Some("ENSG00000049246"));
        assert_eq!(out[0].exon.as_deref(), Some("3/21"));
        out.clear();
        schema.consequences(&schema.entries(value, alleles(2)), &mut unknown, &mut out);
        assert_eq!(out[0].gene, GeneRef::default());
        assert!(unknown.is_empty());
    }

    #[test]
    fn mehari_gives_hgnc_ids() {
        let schema = Schema::from_description("ANN", DESCRIPTION).unwrap();
        let entry = b"A|missense_variant|MODERATE|BRCA1|HGNC:1100|transcript|NM_007294.4|Coding";
        assert_eq!(schema.gene(entry).hgnc.as_deref(), Some("HGNC:1100"));
    }

    #[test]
    fn coding_without_a_biotype_is_protein_coding() {
        let schema = Schema::from_description("ANN", DESCRIPTION).unwrap();
        let biotype = |word: &str| {
            let entry = format!("A|missense_variant|MODERATE|G|HGNC:1|transcript|NM_1|{word}");
            let (mut unknown, mut out) = (BTreeMap::new(), Vec::new());
            schema.consequences(&[entry.as_bytes()], &mut unknown, &mut out);
            out.remove(0).biotype
        };
        assert_eq!(biotype("Coding").as_deref(), Some("protein_coding"));
        assert_eq!(biotype("Noncoding").as_deref(), Some("Noncoding"));
        assert_eq!(biotype(""), None);
    }
}
