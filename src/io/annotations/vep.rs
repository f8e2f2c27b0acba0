//! VEP: `CSQ` and every field of the same layout.

use super::ids;
use super::schema::{ABSENT, AlleleContext, Columns, at};
use crate::model::annotation::{Consequence, GeneRef};

pub(super) fn columns(find: impl Fn(&str) -> usize) -> Columns {
    let any = |names: &[&str]| names.iter().map(|name| find(name)).min().unwrap_or(ABSENT);
    Columns {
        allele: find("Allele"),
        allele_number: find("ALLELE_NUM"),
        terms: find("Consequence"),
        symbol: any(&["SYMBOL", "HGNC"]),
        gene: find("Gene"),
        hgnc: find("HGNC_ID"),
        feature_type: find("Feature_type"),
        transcript: find("Feature"),
        biotype: find("BIOTYPE"),
        exon: find("EXON"),
        hgvs_c: find("HGVSc"),
        hgvs_p: find("HGVSp"),
        canonical: find("CANONICAL"),
        mane: find("MANE"),
        mane_select: find("MANE_SELECT"),
    }
}

pub(super) fn gene(columns: &Columns, fields: &[&[u8]], gene: &mut GeneRef) {
    ids::set_gene(gene, at(fields, columns.symbol), at(fields, columns.gene));
    ids::add_hgnc(gene, at(fields, columns.hgnc));
}

/// Names of the transcript and of the change.
pub(super) fn name(columns: &Columns, fields: &[&[u8]], out: &mut Consequence) {
    let field = |i| at(fields, i);
    let is_transcript =
        field(columns.feature_type) == b"Transcript" || columns.feature_type == ABSENT;
    out.transcript = is_transcript.then(|| ids::optional(field(columns.transcript))).flatten();
    out.hgvs_c = ids::decoded(field(columns.hgvs_c));
    out.hgvs_p = ids::decoded(field(columns.hgvs_p));
    out.exon = ids::optional(field(columns.exon));
}

/// Spells the ALTs of a record as VEP does.
///
/// VEP takes the first base off every allele when one ALT differs from REF in length and all alleles (`*` apart) share
/// that base; what is left empty becomes `-`. Records without indels keep their alleles.
pub(super) struct Speller<'a> {
    alleles: AlleleContext<'a>,
    cut: bool,
    count: usize,
}

impl<'a> Speller<'a> {
    pub(super) fn new(alleles: AlleleContext<'a>) -> Self {
        let own = || alleles.all().filter(|alternate| !alternate.starts_with(b"*"));
        let indel = own().any(|alternate| alternate.len() != alleles.reference.len());
        let first = alleles.reference.first().map(u8::to_ascii_uppercase);
        let shared = own().all(|a| a.first().map(u8::to_ascii_uppercase) == first);
        Self { alleles, cut: indel && shared, count: alleles.all().count() }
    }

    /// The ALT of an `ALLELE_NUM`; only where several ALTs stand, since splitting a record leaves the old numbers.
    pub(super) fn by_number<'f>(&self, field: impl FnOnce() -> &'f [u8]) -> Option<usize> {
        if self.count < 2 {
            return None;
        }
        let number = std::str::from_utf8(field()).ok()?.parse::<usize>().ok()?;
        (1..=self.count).contains(&number).then_some(number)
    }

    /// Number of the ALT that the entry's allele spells: in VEP's form, in full, or cut to what differs.
    pub(super) fn alternate_of(&self, allele: &[u8]) -> Option<usize> {
        let find = |test: &dyn Fn(&[u8]) -> bool| self.alleles.all().position(test);
        find(&|alternate| same(self.spelt(alternate), allele))
            .or_else(|| find(&|alternate| alternate.eq_ignore_ascii_case(allele)))
            .or_else(|| find(&|alternate| same(minimal(self.alleles.reference, alternate), allele)))
            .map(|i| i + 1)
    }

    fn spelt<'b>(&self, alternate: &'b [u8]) -> &'b [u8] {
        if self.cut && !alternate.starts_with(b"*") { &alternate[1..] } else { alternate }
    }
}

/// Compares with an allele of an entry, where `-` is the empty one.
fn same(alternate: &[u8], allele: &[u8]) -> bool {
    if alternate.is_empty() { allele == b"-" } else { alternate.eq_ignore_ascii_case(allele) }
}

/// The ALT without what it shares with REF at either end.
fn minimal<'b>(reference: &[u8], alternate: &'b [u8]) -> &'b [u8] {
    let most = reference.len().min(alternate.len());
    let head =
        reference.iter().zip(alternate).take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count();
    let tail = reference.iter().rev().zip(alternate.iter().rev());
    let tail = tail.take(most - head).take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count();
    &alternate[head..alternate.len() - tail]
}

#[cfg(test)]
mod tests {
    use super::super::schema::Schema;
    use super::*;
    use std::collections::BTreeMap;

    fn numbers(reference: &str, alternates: &str, spelt: &[&str]) -> Vec<Option<usize>> {
        let speller = Speller::new(AlleleContext {
            reference: reference.as_bytes(),
            alternates: alternates.as_bytes(),
            number: 1,
        });
        spelt.iter().map(|allele| speller.alternate_of(allele.as_bytes())).collect()
    }

    #[test]
    fn alleles_are_spelt_as_vep_does() {
        assert_eq!(numbers("TAA", "T,TA", &["-", "A", "TA"]), [Some(1), Some(2), Some(2)]);
        assert_eq!(numbers("C", "A,G", &["A", "G", "T"]), [Some(1), Some(2), None]);
        assert_eq!(numbers("C", "CTT,G", &["CTT", "G"]), [Some(1), Some(2)]);
        assert_eq!(numbers("CA", "C,*", &["-", "*"]), [Some(1), Some(2)]);
        assert_eq!(numbers("AT", "AG", &["AG", "G"]), [Some(1), Some(1)]);
        assert_eq!(numbers("A", "<DEL>", &["deletion"]), [None]);
        assert_eq!(numbers("A", "", &["-"]), [Some(1)]);
    }

    #[test]
    fn an_entry_is_read_by_field_name() {
        let schema = Schema::from_description(
            "CSQ",
            "From VEP. Format: HGVSp|Allele|Consequence|SYMBOL|Gene|Feature_type|Feature|BIOTYPE|EXON|HGNC_ID|CANONICAL|MANE_SELECT",
        )
        .unwrap();
        let value = b"ENSP1:p.Gly5%3D|T|missense_variant&made_up|BRCA1|ENSG00000012048.2|Transcript|ENST1.3|protein_coding|3/9|1100|YES|NM_1,\
            |G|stop_gained|||||||||";
        let alleles = AlleleContext { reference: b"A", alternates: b"G,T", number: 2 };
        let entries = schema.entries(value, alleles);
        let (mut unknown, mut out) = (BTreeMap::new(), Vec::new());
        schema.consequences(&entries, &mut unknown, &mut out);
        assert_eq!(out.len(), 1);
        let found = &out[0];
        assert_eq!(found.terms[0].name(), "missense_variant");
        assert_eq!(found.gene.ensembl.as_deref(), Some("ENSG00000012048"));
        assert_eq!(found.gene.hgnc.as_deref(), Some("HGNC:1100"));
        assert_eq!(found.hgvs_p.as_deref(), Some("ENSP1:p.Gly5="));
        assert_eq!(found.transcript.as_deref(), Some("ENST1.3"));
        assert!(found.canonical && found.mane_select);
        assert_eq!(unknown["made_up"], 1);
    }

    #[test]
    fn entries_that_spell_no_alternate_are_kept() {
        let schema =
            Schema::from_description("CSQ", "Format: Allele|Consequence|Gene|ALLELE_NUM").unwrap();
        let one = AlleleContext { reference: b"A", alternates: b"<DEL>", number: 1 };
        assert_eq!(schema.entries(b"deletion|x|y|1", one).len(), 1);
        let two = |number| AlleleContext { reference: b"AT", alternates: b"CG,CGG", number };
        let value = b"q|x|g1|2,CG|x|g2|";
        assert_eq!(schema.entries(value, two(2)), [&b"q|x|g1|2"[..]]);
        assert_eq!(schema.entries(value, two(1)), [&b"CG|x|g2|"[..]]);
    }
}
