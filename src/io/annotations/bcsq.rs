//! bcftools csq `BCSQ`: no allele and no gene id; `*` marks what lies behind a stop, `@position` points to the record that
//! holds the joint consequence of several variants.

use super::ids;
use super::schema::{ABSENT, Columns, at};
use crate::model::annotation::{Consequence, GeneRef};

/// The fields, which the header describes in words only.
pub(super) const FIELDS: [&str; 7] =
    ["Consequence", "gene", "transcript", "biotype", "strand", "amino_acid_change", "dna_change"];

pub(super) fn columns(find: impl Fn(&str) -> usize) -> Columns {
    Columns {
        allele: ABSENT,
        allele_number: ABSENT,
        terms: find("Consequence"),
        symbol: find("gene"),
        gene: ABSENT,
        hgnc: ABSENT,
        feature_type: ABSENT,
        transcript: find("transcript"),
        biotype: find("biotype"),
        exon: ABSENT,
        hgvs_c: ABSENT,
        hgvs_p: ABSENT,
        canonical: ABSENT,
        mane: ABSENT,
        mane_select: ABSENT,
    }
}

pub(super) fn gene(fields: &[&[u8]], gene: &mut GeneRef) {
    ids::set_gene(gene, at(fields, 1), &[]);
}

/// Names of the transcript and of the change.
pub(super) fn name(fields: &[&[u8]], out: &mut Consequence) {
    out.transcript = ids::optional(at(fields, 2));
    // The change of amino acids in bcftools' own notation (12R>12W), the nearest that it gives.
    out.hgvs_p = ids::optional(at(fields, 5));
    (out.hgvs_c, out.exon) = (None, None);
}

/// The position of the record that an entry points to; `None` for an entry that is no pointer.
pub(super) fn pointer(entry: &[u8]) -> Option<&[u8]> {
    entry.strip_prefix(b"@")
}

#[cfg(test)]
mod tests {
    use super::super::schema::{AlleleContext, Schema};
    use std::collections::BTreeMap;

    #[test]
    fn stars_are_taken_off_and_pointers_are_no_consequences() {
        let description = "Local consequence annotation from BCFtools/csq. Format: '[*]consequence|gene|transcript|biotype[|strand|amino_acid_change|dna_change]' or a pointer";
        let schema = Schema::from_description("BCSQ", description).unwrap();
        let value =
            b"*missense|PRKCZ|ENST1|protein_coding|+|1R>1W|5A>G,@1234,non_coding|FAM87B||lincRNA";
        let alleles = AlleleContext { reference: b"A", alternates: b"G", number: 1 };
        let (mut unknown, mut out) = (BTreeMap::new(), Vec::new());
        schema.consequences(&schema.entries(value, alleles), &mut unknown, &mut out);
        assert_eq!(out.len(), 2);
        assert_eq!(out[0].terms[0].name(), "missense_variant");
        assert_eq!(out[1].transcript, None);
        assert!(unknown.is_empty());
    }
}
