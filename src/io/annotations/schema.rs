//! Which field of an annotation stands where, learnt from the header, and which entries speak of which ALT.

use std::collections::BTreeMap;

use super::{bcsq, snpeff, vep};
use crate::model::annotation::{AnnotationSource, Consequence, GeneRef};
use crate::model::so::SoTerm;

/// Position of one field in an entry; `usize::MAX` when the annotation lacks it.
pub(super) const ABSENT: usize = usize::MAX;

/// Layout of one annotation field of INFO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// INFO key, usually `CSQ`, `ANN` or `BCSQ`.
    pub key: String,
    /// Whose layout it is.
    pub source: AnnotationSource,
    /// Field names in order.
    pub fields: Vec<String>,
    pub(super) columns: Columns,
}

/// Where the fields that the program reads stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) allele: usize,
    pub(super) allele_number: usize,
    pub(super) terms: usize,
    pub(super) symbol: usize,
    pub(super) gene: usize,
    pub(super) hgnc: usize,
    pub(super) feature_type: usize,
    pub(super) transcript: usize,
    pub(super) biotype: usize,
    pub(super) exon: usize,
    pub(super) hgvs_c: usize,
    pub(super) hgvs_p: usize,
    pub(super) canonical: usize,
    pub(super) mane: usize,
    pub(super) mane_select: usize,
}

/// The alleles of a record as written, to tell whose an entry is.
#[derive(Clone, Copy, Debug)]
pub struct AlleleContext<'a> {
    /// REF.
    pub reference: &'a [u8],
    /// ALT column.
    pub alternates: &'a [u8],
    /// Number of the ALT in question, from 1.
    pub number: usize,
}

impl<'a> AlleleContext<'a> {
    /// All ALTs in order.
    pub(super) fn all(&self) -> impl Iterator<Item = &'a [u8]> + Clone + use<'a> {
        self.alternates.split(|&b| b == b',')
    }
}

impl Schema {
    /// The layout that the description of an INFO field tells; `None` when it tells none.
    pub fn from_description(key: &str, description: &str) -> Option<Self> {
        let names = |list: &str| -> Vec<String> {
            list.split('|').map(|name| name.trim_matches([' ', '\'', '"']).to_owned()).collect()
        };
        let (source, fields) =
            if let Some((_, list)) = description.split_once("Functional annotations:") {
                (AnnotationSource::Ann, names(list))
            } else if description.contains("[*]consequence|") || key == "BCSQ" {
                (AnnotationSource::Bcsq, bcsq::FIELDS.map(str::to_owned).to_vec())
            } else {
                let (_, list) = description.split_once("Format: ")?;
                let list = list.split_whitespace().next().unwrap_or_default();
                (AnnotationSource::Csq, names(list))
            };
        let columns = Columns::new(source, &fields);
        // Other fields also describe a pipe list (LOF, NMD): an annotation names terms and a transcript or gene.
        (columns.terms != ABSENT && columns.symbol.min(columns.gene) != ABSENT).then(|| Self {
            key: key.to_owned(),
            source,
            fields,
            columns,
        })
    }

    /// Position of a field by name.
    pub fn position(&self, field: &str) -> Option<usize> {
        self.fields.iter().position(|name| name == field)
    }

    /// The entries of a value that speak of the ALT in question.
    ///
    /// An entry belongs to the ALT whose form it spells; entries that spell no ALT of the record (structural words, an
    /// allele of a record that was split) belong to every ALT that has no entry of its own, so nothing is lost.
    pub fn entries<'v>(&self, value: &'v [u8], alleles: AlleleContext) -> Vec<&'v [u8]> {
        let all = value.split(|&b| b == b',').filter(|entry| !entry.is_empty());
        if self.source == AnnotationSource::Bcsq {
            return all.collect();
        }
        let speller = vep::Speller::new(alleles);
        let (mut own, mut strangers) = (Vec::new(), Vec::new());
        for entry in all {
            let number = speller.by_number(field(entry, self.columns.allele_number));
            let number = number.or_else(|| {
                let allele = field(entry, self.columns.allele);
                if self.source == AnnotationSource::Ann {
                    snpeff::alternate_of(allele, alleles)
                } else {
                    speller.alternate_of(allele)
                }
            });
            match number {
                Some(number) if number == alleles.number => own.push(entry),
                Some(_) => {}
                None => strangers.push(entry),
            }
        }
        if own.is_empty() { strangers } else { own }
    }

    /// Reads entries into consequences. Words that are in no table are counted in `unknown`.
    pub fn consequences(
        &self,
        entries: &[&[u8]],
        unknown: &mut BTreeMap<String, u64>,
        out: &mut Vec<Consequence>,
    ) {
        let mut fields = Vec::with_capacity(self.fields.len());
        for entry in entries {
            fields.clear();
            split(entry, &mut fields);
            let found = match self.source {
                AnnotationSource::Csq => Some(vep::read(&self.columns, &fields)),
                AnnotationSource::Ann => Some(snpeff::read(&self.columns, &fields)),
                AnnotationSource::Bcsq => bcsq::read(&fields),
            };
            if let Some((terms, mut consequence)) = found {
                consequence.terms = so_terms(terms, unknown);
                out.push(consequence);
            }
        }
    }

    /// The gene of an entry, and nothing else; for passes that look only for genes.
    pub fn gene(&self, entry: &[u8]) -> GeneRef {
        let mut fields = Vec::new();
        split(entry, &mut fields);
        match self.source {
            AnnotationSource::Csq => vep::gene(&self.columns, &fields),
            AnnotationSource::Ann => snpeff::gene(&self.columns, &fields),
            AnnotationSource::Bcsq => bcsq::gene(&fields),
        }
    }

    /// The bytes of an entry that name its gene: equal bytes, equal gene.
    pub fn gene_bytes<'v>(&self, entry: &'v [u8]) -> [&'v [u8]; 3] {
        let columns = &self.columns;
        [columns.symbol, columns.gene, columns.hgnc].map(|i| field(entry, i))
    }
}

/// Terms of a word list, the most severe first; `sequence_variant`, the root of the ontology, when no word is known.
fn so_terms(words: &[u8], unknown: &mut BTreeMap<String, u64>) -> Vec<SoTerm> {
    let mut terms = Vec::new();
    for word in words.split(|&b| b == b'&').filter(|word| !word.is_empty()) {
        let word = String::from_utf8_lossy(word);
        match SoTerm::parse(&word) {
            Some(term) if terms.contains(&term) => {}
            Some(term) => terms.push(term),
            None => *unknown.entry(word.into_owned()).or_default() += 1,
        }
    }
    if terms.is_empty() {
        terms.extend(SoTerm::parse("sequence_variant"));
    }
    terms.sort_unstable();
    terms
}

fn split<'v>(entry: &'v [u8], fields: &mut Vec<&'v [u8]>) {
    let mut start = 0;
    for end in memchr::memchr_iter(b'|', entry) {
        fields.push(&entry[start..end]);
        start = end + 1;
    }
    fields.push(&entry[start..]);
}

/// Field `i` of a split entry; empty when it is not there.
pub(super) fn at<'v>(fields: &[&'v [u8]], i: usize) -> &'v [u8] {
    fields.get(i).copied().unwrap_or_default()
}

impl Columns {
    fn new(source: AnnotationSource, fields: &[String]) -> Self {
        let find = |name: &str| fields.iter().position(|field| field == name).unwrap_or(ABSENT);
        match source {
            AnnotationSource::Csq => vep::columns(find),
            AnnotationSource::Ann => snpeff::columns(find),
            AnnotationSource::Bcsq => bcsq::columns(find),
        }
    }
}

/// Field `i` of an entry that is not split yet.
fn field(entry: &[u8], i: usize) -> &[u8] {
    if i == ABSENT {
        return &[];
    }
    entry.split(|&b| b == b'|').nth(i).unwrap_or_default()
}
