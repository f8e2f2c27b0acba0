//! Which field of an annotation stands where, learnt from the header, and which entries speak of which ALT.

use std::collections::{BTreeMap, HashMap};

use memchr::memchr_iter;

use super::{bcsq, ids, snpeff, vep};
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

/// Takes an entry with its start and end.
type Keep<'k> = dyn FnMut(&[u8], (u32, u32)) + 'k;

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

    /// What the header leaves open, in words: a field that stands twice, and fields without which entries say less.
    pub fn gaps(&self) -> Vec<String> {
        let mut all = Vec::new();
        let twice = |i: usize| self.fields[..i].contains(&self.fields[i]);
        let columns = &self.columns;
        let read =
            [columns.allele, columns.terms, columns.symbol, columns.gene, columns.transcript];
        for i in read.into_iter().filter(|&i| i != ABSENT) {
            let name = &self.fields[i];
            if (0..self.fields.len()).any(|j| self.fields[j] == *name && twice(j)) {
                all.push(format!(
                    "the field {name} stands twice in the header; the first one is read"
                ));
            }
        }
        if self.source != AnnotationSource::Bcsq
            && columns.allele.min(columns.allele_number) == ABSENT
        {
            let text = "no field says which ALT an entry speaks of: of a record with several ALTs every entry counts for each";
            all.push(text.to_owned());
        }
        if columns.biotype == ABSENT {
            all.push("no field says the biotype: transcripts of every biotype count".to_owned());
        }
        all
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
        let mut ranges = Vec::new();
        self.entry_ranges(value, alleles, &mut ranges);
        ranges.iter().map(|&(start, end)| &value[start as usize..end as usize]).collect()
    }

    /// As [`Schema::entries`]: start and end of each entry in `value`, into a list that is emptied first.
    pub fn entry_ranges(&self, value: &[u8], alleles: AlleleContext, ranges: &mut Vec<(u32, u32)>) {
        ranges.clear();
        let all = |keep: &mut Keep| {
            let mut start = 0;
            for end in memchr_iter(b',', value).chain([value.len()]) {
                if end > start {
                    keep(&value[start..end], (start as u32, end as u32));
                }
                start = end + 1;
            }
        };
        if self.source == AnnotationSource::Bcsq {
            return all(&mut |_, range| ranges.push(range));
        }
        let speller = vep::Speller::new(alleles);
        let mut strangers = false;
        let mut last: (&[u8], Option<usize>) = (&[], None);
        let numbered = |entry: &[u8]| {
            let number = speller.by_number(|| field(entry, self.columns.allele_number));
            number.map(Some)
        };
        all(&mut |entry, range| {
            let number = numbered(entry).unwrap_or_else(|| {
                // Entries of one ALT stand together.
                let (start, end) = (range.0 as usize, range.1 as usize);
                let allele = field(&value[start..end], self.columns.allele);
                if last.0 != allele || allele.is_empty() {
                    last = (allele, self.alternate_of(allele, &speller, alleles));
                }
                last.1
            });
            strangers |= number.is_none();
            if number == Some(alleles.number) {
                ranges.push(range);
            }
        });
        if ranges.is_empty() && strangers {
            all(&mut |entry, range| {
                let allele = field(entry, self.columns.allele);
                let is_stranger = numbered(entry).is_none()
                    && self.alternate_of(allele, &speller, alleles).is_none();
                if is_stranger {
                    ranges.push(range);
                }
            });
        }
    }

    fn alternate_of(
        &self,
        allele: &[u8],
        speller: &vep::Speller,
        alleles: AlleleContext,
    ) -> Option<usize> {
        if self.source == AnnotationSource::Ann {
            snpeff::alternate_of(allele, alleles)
        } else {
            speller.alternate_of(allele)
        }
    }

    /// The position of the record to which an entry points; `None` for an entry that holds a consequence itself.
    pub fn pointer<'v>(&self, entry: &'v [u8]) -> Option<&'v [u8]> {
        (self.source == AnnotationSource::Bcsq).then(|| bcsq::pointer(entry)).flatten()
    }

    /// Field in which an entry names its allele.
    pub fn allele_field(&self) -> Option<usize> {
        (self.columns.allele != ABSENT).then_some(self.columns.allele)
    }

    /// Reads entries into consequences, whole. Words that are in no table are counted in `unknown`.
    pub fn consequences(
        &self,
        entries: &[&[u8]],
        unknown: &mut BTreeMap<String, u64>,
        out: &mut Vec<Consequence>,
    ) {
        let mut reading = Reading::default();
        for entry in entries {
            if let Some(mut consequence) = reading.effect(self, entry, unknown) {
                self.name(entry, &mut consequence);
                out.push(consequence);
            }
        }
    }

    /// Fills what [`Reading::effect`] left out: transcript, HGVS and exon.
    pub fn name(&self, entry: &[u8], consequence: &mut Consequence) {
        let mut fields = Vec::with_capacity(self.fields.len());
        split(entry, &mut fields);
        match self.source {
            AnnotationSource::Csq => vep::name(&self.columns, &fields, consequence),
            AnnotationSource::Ann => snpeff::name(&self.columns, &fields, consequence),
            AnnotationSource::Bcsq => bcsq::name(&fields, consequence),
        }
    }

    /// The gene of an entry, and nothing else; for passes that look only for genes.
    pub fn gene(&self, entry: &[u8]) -> GeneRef {
        let mut fields = Vec::new();
        split(entry, &mut fields);
        let mut gene = GeneRef::default();
        self.set_gene(&fields, &mut gene);
        gene
    }

    fn set_gene(&self, fields: &[&[u8]], gene: &mut GeneRef) {
        match self.source {
            AnnotationSource::Csq => vep::gene(&self.columns, fields, gene),
            AnnotationSource::Ann => snpeff::gene(&self.columns, fields, gene),
            AnnotationSource::Bcsq => bcsq::gene(fields, gene),
        }
    }

    /// The bytes of an entry from the first to the last field that names its gene: equal bytes, equal gene.
    pub fn gene_span<'v>(&self, entry: &'v [u8]) -> &'v [u8] {
        let columns = &self.columns;
        let there =
            [columns.symbol, columns.gene, columns.hgnc].into_iter().filter(|&i| i != ABSENT);
        let (Some(first), Some(last)) = (there.clone().min(), there.max()) else { return &[] };
        let mut bars = memchr::memchr_iter(b'|', entry);
        let start = match first.checked_sub(1) {
            Some(before) => bars.nth(before).map_or(entry.len(), |bar| bar + 1),
            None => 0,
        };
        &entry[start..bars.nth(last - first).unwrap_or(entry.len())]
    }

    /// The bytes of an entry that name its gene: equal bytes, equal gene.
    pub fn gene_bytes<'v>(&self, entry: &'v [u8]) -> [&'v [u8]; 3] {
        let columns = &self.columns;
        [columns.symbol, columns.gene, columns.hgnc].map(|i| field(entry, i))
    }
}

/// Reads the effects of entries; keeps the buffers of consequences that are done with, and the words already looked up.
#[derive(Debug, Default)]
pub struct Reading {
    spare: Vec<Consequence>,
    words: HashMap<Vec<u8>, Vec<SoTerm>>,
}

impl Reading {
    /// Takes consequences back; their buffers are used again.
    pub fn give_back(&mut self, consequences: &mut Vec<Consequence>) {
        self.spare.append(consequences);
    }

    /// Terms, gene, biotype and marks of one entry, which is all that filters look at; [`Schema::name`] fills the rest.
    /// `None` for a pointer to another record.
    pub fn effect(
        &mut self,
        schema: &Schema,
        entry: &[u8],
        unknown: &mut BTreeMap<String, u64>,
    ) -> Option<Consequence> {
        if schema.pointer(entry).is_some() {
            return None;
        }
        let mut buffer = [&[][..]; 64];
        let mut count = 0;
        let mut start = 0;
        let mut many = Vec::new();
        for end in memchr_iter(b'|', entry).chain([entry.len()]) {
            let field = &entry[start..end];
            match buffer.get_mut(count) {
                Some(place) => *place = field,
                None => many.push(field),
            }
            count += 1;
            start = end + 1;
        }
        if !many.is_empty() {
            many.splice(0..0, buffer);
        }
        let fields = if many.is_empty() { &buffer[..count] } else { &many };
        // `BCSQ` leaves out what it does not know; the others promise every field.
        let promised = schema.fields.len();
        if count != promised && schema.source != AnnotationSource::Bcsq {
            let what = format!("entry of {count} fields where the header names {promised}");
            *unknown.entry(what).or_default() += 1;
        }
        let columns = &schema.columns;
        let mut one = self.spare.pop().unwrap_or_else(|| Consequence {
            terms: Vec::new(),
            gene: GeneRef::default(),
            transcript: None,
            biotype: None,
            hgvs_c: None,
            hgvs_p: None,
            exon: None,
            canonical: false,
            mane_select: false,
            source: schema.source,
            scores: Vec::new(),
        });
        one.scores.clear();
        (one.transcript, one.hgvs_c, one.hgvs_p, one.exon) = (None, None, None, None);
        one.source = schema.source;
        schema.set_gene(fields, &mut one.gene);
        ids::set_optional(&mut one.biotype, snpeff::biotype(at(fields, columns.biotype)));
        one.canonical = at(fields, columns.canonical) == b"YES";
        // MANE_SELECT holds the matching RefSeq id; MANE alone names the class.
        one.mane_select = !at(fields, columns.mane_select).is_empty()
            || at(fields, columns.mane).eq_ignore_ascii_case(b"MANE_Select");
        let words = at(fields, columns.terms);
        let words = if schema.source == AnnotationSource::Bcsq {
            words.strip_prefix(b"*").unwrap_or(words)
        } else {
            words
        };
        one.terms.clear();
        self.terms(words, &mut one.terms, unknown);
        Some(one)
    }

    /// Adds the terms of a word list, remembered from earlier records where all its words are known.
    fn terms(&mut self, words: &[u8], out: &mut Vec<SoTerm>, unknown: &mut BTreeMap<String, u64>) {
        if let Some(terms) = self.words.get(words) {
            out.extend_from_slice(terms);
            return;
        }
        let (terms, known) = so_terms(words, unknown);
        out.extend_from_slice(&terms);
        // Unknown words are counted each time, so they are looked up each time.
        if known && self.words.len() < MOST_WORDS {
            self.words.insert(words.to_vec(), terms);
        }
    }
}

/// Word lists that are remembered: all annotators together use some hundreds of combinations.
const MOST_WORDS: usize = 4096;

/// Terms of a word list, the most severe first, and whether all words are known; `sequence_variant`, the root of the
/// ontology, when no word is.
fn so_terms(words: &[u8], unknown: &mut BTreeMap<String, u64>) -> (Vec<SoTerm>, bool) {
    let mut terms = Vec::new();
    let mut known = true;
    for word in words.split(|&b| b == b'&').filter(|word| !word.is_empty()) {
        let word = String::from_utf8_lossy(word);
        match SoTerm::parse(&word) {
            Some(term) if terms.contains(&term) => {}
            Some(term) => terms.push(term),
            None => {
                known = false;
                *unknown.entry(word.into_owned()).or_default() += 1;
            }
        }
    }
    if terms.is_empty() {
        terms.extend(SoTerm::parse("sequence_variant"));
    }
    terms.sort_unstable();
    (terms, known)
}

fn split<'v>(entry: &'v [u8], fields: &mut Vec<&'v [u8]>) {
    let mut start = 0;
    for end in memchr_iter(b'|', entry) {
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
