//! Filling an [`Annotated`] from a record, part by part, each only when asked for.

use std::collections::BTreeMap;

use super::alleles::{Alleles, compatible, is_placeholder, is_sequence};
use super::calls::Format;
use super::entry_places::EntryPlaces;
use super::frequency;
use super::header::Number;
use super::joint::{Joint, followed};
use super::layout::{Layout, Place};
use super::places::Places;
use super::record::RawRecord;
use super::scores::{ScorePlace, Scored};
use super::stored::StoredReader;
use crate::io::annotations::{AlleleContext, Reading, Schema};
use crate::io::fasta::FastaReader;
use crate::model::annotation::{ClinVar, Frequency, FrequencyValue, PopulationId};
use crate::model::candidate::{Annotated, CallerNotes, Part, StoreCounts};
use crate::model::contig::ContigId;
use crate::model::coord::Pos1;
use crate::model::genotype::{Call, CallOrigin};
use crate::model::problem::Problem;
use crate::model::variant::{Normalisation, is_symbolic};
use crate::policy::compiled::Ceilings;

/// Every how many records REF is compared with the reference, beside all records that a step keeps or moves: a wrong
/// reference shows within a few records, and more checks would read the whole genome.
const CHECK_EVERY: u64 = 64;

/// Reads records of one file for one worker.
pub struct Loader<'a> {
    layout: &'a Layout,
    reference: Option<FastaReader>,
    alleles: Alleles,
    /// INFO values of the record with this serial number.
    info: Places,
    info_of: u64,
    contig: (Vec<u8>, Option<ContigId>),
    format: Format,
    entries: EntryPlaces,
    reading: Reading,
    joint: Option<&'a Joint>,
    stored: Option<StoredReader<'a>>,
    /// See [`Loader::with_ceilings`].
    ceilings: Option<&'a Ceilings>,
    /// Consequence words that are in no table, with their counts.
    pub unknown_terms: BTreeMap<String, u64>,
    /// Records on contigs that the case does not know.
    pub unknown_contigs: BTreeMap<String, u64>,
    /// Population frequencies that are no number from 0 to 1.
    pub unreadable_frequencies: u64,
}

impl<'a> Loader<'a> {
    /// A loader; with a reference, variants are left-aligned and REF is checked.
    pub fn new(layout: &'a Layout, reference: Option<FastaReader>) -> Self {
        Self {
            layout,
            reference,
            alleles: Alleles::default(),
            info: Places::default(),
            info_of: u64::MAX,
            contig: (Vec::new(), None),
            format: Format::default(),
            entries: EntryPlaces::default(),
            reading: Reading::default(),
            joint: None,
            stored: layout.stored.as_ref().map(StoredReader::new),
            ceilings: None,
            unknown_terms: BTreeMap::new(),
            unknown_contigs: BTreeMap::new(),
            unreadable_frequencies: 0,
        }
    }

    /// The same loader, which follows pointers of `BCSQ` to these joint consequences. Without them pointers are counted
    /// in `unknown_terms`.
    #[must_use]
    pub fn with_joint(mut self, joint: Option<&'a Joint>) -> Self {
        self.joint = joint;
        self
    }

    /// The same loader, which reads the frequencies of a variant only up to the first one that is above its ceiling. Only
    /// for passes that then drop the variant and tell nothing about it.
    #[must_use]
    pub fn with_ceilings(mut self, ceilings: Option<&'a Ceilings>) -> Self {
        self.ceilings = ceilings;
        self
    }

    /// An empty value to load into.
    pub fn annotated(&self) -> Annotated {
        Annotated {
            variant: crate::model::variant::Variant {
                contig: ContigId(0),
                position: Pos1(0),
                reference: String::new(),
                alternate: String::new(),
            },
            normalisation: Normalisation::default(),
            record: crate::model::candidate::RecordRef::default(),
            ids: Vec::new(),
            quality: None,
            filters: Vec::new(),
            frequencies: Vec::new(),
            clinvar: None,
            consequences: Vec::new(),
            calls: Vec::new(),
            notes: CallerNotes::default(),
        }
    }

    /// The layout that this loader reads by.
    pub fn layout(&self) -> &'a Layout {
        self.layout
    }

    /// The contig of a record; `None`, counted, when the case has no such contig.
    pub fn contig(&mut self, record: &RawRecord) -> Option<ContigId> {
        if self.contig.0 != record.contig() {
            let name = String::from_utf8_lossy(record.contig());
            self.contig = (record.contig().to_vec(), self.layout.contigs.resolve(&name));
        }
        if self.contig.1.is_none() {
            let name = String::from_utf8_lossy(record.contig()).into_owned();
            *self.unknown_contigs.entry(name).or_default() += 1;
        }
        self.contig.1
    }

    /// Fills one part for ALT number `alternate` (from 1, as [`alternates`] gives it). `Part::Site` comes first and
    /// empties the others.
    ///
    /// # Errors
    ///
    /// When the part of the record is malformed, its contig unknown, or REF differs from the reference.
    pub fn load(
        &mut self,
        record: &RawRecord,
        part: Part,
        alternate: usize,
        out: &mut Annotated,
    ) -> Result<(), Problem> {
        match part {
            Part::Site => self.site(record, alternate, out),
            Part::Frequencies => self.frequencies(record, alternate, out),
            Part::Consequences => {
                self.consequences(record, alternate, out);
                Ok(())
            }
            Part::Calls => {
                // Whoever asks for calls keeps the variant: it is worth a look at the reference.
                self.check_reference(record, out)?;
                self.format.read(record, self.layout, alternate, &mut out.calls)
            }
            Part::Names => {
                self.names(record, alternate, out);
                self.as_written(record, alternate, out)
            }
        }
    }

    /// What a somatic caller says beside counts; a value that is no number is as good as absent.
    fn notes(&mut self, record: &RawRecord) -> CallerNotes {
        let layout = self.layout;
        let mut text = |slot: Option<usize>| {
            let value = self.info(record, slot?)?;
            std::str::from_utf8(value).ok()
        };
        CallerNotes {
            homopolymer: text(layout.notes.homopolymer).and_then(|text| text.parse().ok()),
            fisher_phred: text(layout.notes.fisher_phred).and_then(|text| text.parse().ok()),
        }
    }

    /// What the record says of itself, as written.
    fn as_written(
        &mut self,
        record: &RawRecord,
        number: usize,
        out: &mut Annotated,
    ) -> Result<(), Problem> {
        set(&mut out.record.reference, record.reference());
        set(&mut out.record.alternates, record.alternates_text());
        out.record.file = self.layout.file;
        out.record.position = record.position();
        out.record.alternate_number = number as u16;
        set_list(&mut out.ids, record.id());
        out.quality = quality(record)?;
        out.notes = self.notes(record);
        Ok(())
    }

    fn site(
        &mut self,
        record: &RawRecord,
        number: usize,
        out: &mut Annotated,
    ) -> Result<(), Problem> {
        let Some(contig) = self.contig(record) else {
            let name = String::from_utf8_lossy(record.contig()).into_owned();
            return Err(record.problem(format!("contig {name:?} is not one of the case's")));
        };
        out.variant.contig = contig;
        self.alleles_of(record, number, out)?;
        set_list(&mut out.filters, record.filter());
        out.frequencies.clear();
        out.clinvar = None;
        self.reading.give_back(&mut out.consequences);
        out.calls.clear();
        Ok(())
    }

    fn alleles_of(
        &mut self,
        record: &RawRecord,
        number: usize,
        out: &mut Annotated,
    ) -> Result<(), Problem> {
        let reference = record.reference();
        if !is_sequence(reference) {
            let text = String::from_utf8_lossy(reference).into_owned();
            return Err(record
                .problem(format!("REF {text:?} is not a sequence of bases"))
                .help("expected one or more of A, C, G, T, N"));
        }
        let alternate = record.alternates().nth(number - 1).unwrap_or_default();
        self.alleles.set(record.position(), reference, alternate);
        if is_sequence(alternate) {
            self.alleles.trim();
            out.normalisation = self.left_align(record, out.variant.contig)?;
            set(&mut out.variant.alternate, &self.alleles.alternate);
        } else {
            let text = String::from_utf8_lossy(alternate).into_owned();
            if !is_symbolic(&text) {
                return Err(record
                    .problem(format!("ALT {text:?} is neither bases nor a symbolic allele"))
                    .help("expected bases, <DEL>-like names or breakends"));
            }
            out.normalisation = Normalisation::AsWritten;
            out.variant.alternate = text;
        }
        set(&mut out.variant.reference, &self.alleles.reference);
        out.variant.position = Pos1(self.alleles.position);
        if self.reference.is_some() && record.serial() % CHECK_EVERY == 1 {
            self.check_reference(record, out)?;
        }
        Ok(())
    }

    fn left_align(
        &mut self,
        record: &RawRecord,
        contig: ContigId,
    ) -> Result<Normalisation, Problem> {
        let Some(reader) = &mut self.reference else { return Ok(Normalisation::TrimmedOnly) };
        if !reader.has(contig) {
            return Ok(Normalisation::TrimmedOnly);
        }
        if self.alleles.may_shift() {
            check(reader, record, contig)?;
            self.alleles
                .left_align(&mut |start, end| Ok(reader.fetch(contig, start, end)?.to_vec()))?;
        }
        Ok(Normalisation::LeftAligned)
    }

    fn check_reference(&mut self, record: &RawRecord, out: &Annotated) -> Result<(), Problem> {
        match &mut self.reference {
            Some(reader) if reader.has(out.variant.contig) => {
                check(reader, record, out.variant.contig)
            }
            _ => Ok(()),
        }
    }

    /// Calls `each` with every entry of the record's annotations and its schema.
    pub(super) fn entries(&mut self, record: &RawRecord, mut each: impl FnMut(&Schema, &[u8])) {
        for (schema, slot) in &self.layout.schemas {
            let Some(value) = self.info(record, *slot) else { continue };
            let mut start = 0;
            for end in memchr::memchr_iter(b',', value).chain(std::iter::once(value.len())) {
                each(schema, &value[start..end]);
                start = end + 1;
            }
        }
    }

    /// The value of an INFO key of the layout.
    fn info<'r>(&mut self, record: &RawRecord<'r>, slot: usize) -> Option<&'r [u8]> {
        let layout = self.layout;
        self.places(record).text(&layout.keys, record, slot)
    }

    /// Where INFO values of the record stand.
    fn places(&mut self, record: &RawRecord<'_>) -> &mut Places {
        if self.info_of != record.serial() {
            self.info.begin(&self.layout.keys);
            self.info_of = record.serial();
        }
        &mut self.info
    }

    /// The frequency in an INFO key; of ALT number `number` among `alternates`.
    fn info_frequency(
        &mut self,
        record: &RawRecord<'_>,
        (slot, count): (usize, Number),
        (number, alternates): (usize, usize),
    ) -> FrequencyValue {
        let layout = self.layout;
        if alternates == 1
            && count != Number::PerAllele
            && let Some(value) = self.places(record).number(&layout.keys, record, slot)
            && (0.0..=1.0).contains(&value)
        {
            return FrequencyValue::Observed(value);
        }
        frequency::of_info(self.info(record, slot), count, number, alternates)
    }

    /// Calls of a record as a statement about sites that it covers: every ALT of its own is another allele, and the
    /// depth is the lowest of the block.
    pub(super) fn block_calls(
        &mut self,
        record: &RawRecord,
        calls: &mut Vec<Call>,
    ) -> Result<(), Problem> {
        self.format.read(record, self.layout, Format::NO_ALTERNATE, calls)?;
        for call in calls.iter_mut().filter(|call| call.origin == CallOrigin::Record) {
            call.origin = CallOrigin::ReferenceBlock;
            (call.reference_depth, call.alternate_depth) = (None, None);
            call.alternate_fraction = None;
        }
        Ok(())
    }

    /// Values of depth and quality in genotype columns that are no numbers, since this was asked last.
    pub fn take_unreadable_calls(&mut self) -> u64 {
        std::mem::take(&mut self.format.unreadable)
    }

    /// What stores told since this was asked last.
    pub fn take_store_counts(&mut self) -> StoreCounts {
        self.stored.as_mut().map_or_else(StoreCounts::default, |s| std::mem::take(&mut s.counts))
    }

    fn frequencies(
        &mut self,
        record: &RawRecord,
        number: usize,
        out: &mut Annotated,
    ) -> Result<(), Problem> {
        out.frequencies.clear();
        if let Some(stored) = &mut self.stored {
            stored.look_up(&out.variant)?;
        }
        let (alternates, layout) = (record.alternates().count(), self.layout);
        if let Some((i, value)) = self.too_common(record, (alternates, out.variant.contig)) {
            let unread = |i| (i, FrequencyValue::NotAssessed);
            let read = (0..i).map(unread).chain([(i, FrequencyValue::Observed(value))]);
            out.frequencies.extend(read.map(|(i, value)| Frequency {
                population: PopulationId(i as u16),
                value,
                store: None,
            }));
            return Ok(());
        }
        // Of variants that a frequency drops, how much was read depends on who asked.
        let mut unreadable = 0;
        for (i, place) in layout.populations.iter().enumerate() {
            let value = match *place {
                Place::Nowhere => FrequencyValue::NotAssessed,
                Place::Info { slot, number: count } => {
                    self.info_frequency(record, (slot, count), (number, alternates))
                }
                Place::Entry { schema, field } => {
                    self.select(record, schema, number);
                    self.entries.frequency(Places::base(record), field)
                }
            };
            let is_there = match place {
                Place::Nowhere => false,
                Place::Info { .. } => true,
                Place::Entry { .. } => !self.entries.places.is_empty(),
            };
            if is_there && value == FrequencyValue::NotAssessed {
                unreadable += 1;
            }
            let (value, store) = match &mut self.stored {
                Some(stored) => stored.decide(i, (*place != Place::Nowhere).then_some(value)),
                None => (value, None),
            };
            out.frequencies.push(Frequency { population: PopulationId(i as u16), value, store });
            if let (Some(ceilings), FrequencyValue::Observed(value)) = (self.ceilings, value)
                && self.stored.is_none()
                && ceilings.drops(out.variant.contig, i, value)
            {
                return Ok(());
            }
        }
        self.unreadable_frequencies += unreadable;
        let annotated = self.clinvar(record, number);
        out.clinvar = match &mut self.stored {
            Some(stored) => stored.clinvar(&out.variant, annotated)?,
            None => annotated,
        };
        if let Some(stored) = &mut self.stored {
            stored.count();
        }
        Ok(())
    }

    /// A population (by number) whose frequency drops the variant by itself, in the order of INFO: mostly the first that comes, so
    /// that what stands behind it is never looked at.
    fn too_common(
        &mut self,
        record: &RawRecord,
        (alternates, contig): (usize, ContigId),
    ) -> Option<(usize, f64)> {
        let ceilings = self.ceilings.filter(|_| alternates == 1 && self.stored.is_none())?;
        let layout = self.layout;
        self.places(record).first(&layout.keys, record, |slot, value| {
            let population = layout.population_of.get(slot).copied().flatten()?;
            ceilings.drops(contig, population, value).then_some((population, value))
        })
    }

    /// Finds the entries of an annotation that speak of an ALT, unless they are found already.
    fn select(&mut self, record: &RawRecord, schema: usize, number: usize) {
        let of = (record.serial(), schema, number);
        if self.entries.of == Some(of) {
            return;
        }
        let keys = &self.layout.keys;
        let (layout, slot) = &self.layout.schemas[schema];
        let span = self.places(record).span(keys, record, *slot);
        let (offset, end) = span.unwrap_or_default();
        let info = Places::base(record);
        let value = &info[offset as usize..end as usize];
        layout.entry_ranges(value, context(record, number), &mut self.entries.places);
        self.entries.set(of, offset, info, layout.allele_field());
    }

    fn clinvar(&mut self, record: &RawRecord, number: usize) -> Option<ClinVar> {
        let places = self.layout.clinvar;
        let mut text = |place| match place {
            Place::Info { slot, .. } => self.info(record, slot),
            Place::Entry { schema, field } => {
                self.select(record, schema, number);
                self.entries.first_value(Places::base(record), field).map(|(value, _)| value)
            }
            Place::Nowhere => None,
        };
        let significance = text(places.significance?)?;
        let review = places.review.and_then(text);
        frequency::clinvar(significance, review)
    }

    fn consequences(&mut self, record: &RawRecord, number: usize, out: &mut Annotated) {
        self.reading.give_back(&mut out.consequences);
        let layout = self.layout;
        for (i, (schema, _)) in layout.schemas.iter().enumerate() {
            self.select(record, i, number);
            let entries = self.entries.all(Places::base(record));
            let (entries, lost) = followed(entries, schema, (record, number), self.joint);
            if lost > 0 {
                *self.unknown_terms.entry(POINTER.into()).or_default() += lost;
            }
            for entry in entries {
                let effect = self.reading.effect(schema, entry, &mut self.unknown_terms);
                out.consequences.extend(effect);
            }
            if !out.consequences.is_empty() {
                return;
            }
        }
    }

    /// The names behind the consequences that are loaded, in the same order, and their scores.
    fn names(&mut self, record: &RawRecord, number: usize, out: &mut Annotated) {
        let layout = self.layout;
        let places = &layout.scores;
        let slots = |place: &Option<ScorePlace>| place.as_ref().map(ScorePlace::slots);
        let values = places.iter().map(|place| {
            slots(place).into_iter().flatten().map(|slot| self.info(record, slot)).collect()
        });
        let scored = Scored { places, values: values.collect(), record, number };
        for (i, (schema, _)) in layout.schemas.iter().enumerate() {
            self.select(record, i, number);
            let entries = self.entries.all(Places::base(record));
            let (entries, _) = followed(entries, schema, (record, number), self.joint);
            for (consequence, entry) in out.consequences.iter_mut().zip(&entries) {
                schema.name(entry, consequence);
                scored.add(i, entry, consequence);
            }
            if !entries.is_empty() {
                return;
            }
        }
    }
}

/// How pointers to other records that lead nowhere are counted among the consequence words that are in no table.
const POINTER: &str = "@position";

/// Numbers (from 1) of the ALTs of a record that are variants; `*`, `<NON_REF>`, `<*>` and `.` are not.
pub fn alternates(record: &RawRecord) -> impl Iterator<Item = usize> {
    record.alternates().enumerate().filter(|(_, a)| !is_placeholder(a)).map(|(i, _)| i + 1)
}

/// Number of ALTs of a record that are no variants.
pub fn placeholders(record: &RawRecord) -> u64 {
    record.alternates().filter(|alternate| is_placeholder(alternate)).count() as u64
}

fn context<'r>(record: &RawRecord<'r>, number: usize) -> AlleleContext<'r> {
    AlleleContext { reference: record.reference(), alternates: record.alternates_text(), number }
}

/// REF against the reference.
pub(super) fn check(
    reader: &mut FastaReader,
    record: &RawRecord,
    contig: ContigId,
) -> Result<(), Problem> {
    let written = record.reference();
    let start = record.position().saturating_sub(1);
    if record.position() == 0 {
        return Ok(());
    }
    let end = start.saturating_add(written.len() as u32);
    let bases = reader.fetch(contig, start, end)?;
    if bases.len() == written.len() && bases.iter().zip(written).all(|(&a, &b)| compatible(a, b)) {
        return Ok(());
    }
    let show = |bytes: &[u8]| -> String {
        let text = String::from_utf8_lossy(bytes);
        let short: String = text.chars().take(20).collect();
        if short.len() < text.len() { format!("{short}...") } else { short }
    };
    let (written, found) = (show(written), show(bases));
    let message = if found.is_empty() {
        format!("REF {written:?} lies beyond the end of the contig in the reference")
    } else {
        format!("REF is {written:?}, but the reference has {found:?} there")
    };
    Err(record
        .problem(message)
        .help(format!("is {} the reference that the variants were called on?", reader.name())))
}

fn quality(record: &RawRecord) -> Result<Option<f32>, Problem> {
    let text = record.quality();
    if text == b"." || text.is_empty() {
        return Ok(None);
    }
    let value = std::str::from_utf8(text).ok().and_then(|text| text.parse::<f32>().ok());
    if value.is_none() {
        let text = String::from_utf8_lossy(text).into_owned();
        return Err(record.problem(format!("QUAL {text:?} is no number")));
    }
    Ok(value)
}

fn set(out: &mut String, bytes: &[u8]) {
    out.clear();
    // Alleles of one base are by far the most.
    if let [byte @ 0..=127] = bytes {
        out.push(char::from(*byte));
        return;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => out.push_str(text),
        Err(_) => out.push_str(&String::from_utf8_lossy(bytes)),
    }
}

/// Splits at `;` into reused strings; empty for `.`.
fn set_list(out: &mut Vec<String>, bytes: &[u8]) {
    if bytes == b"." || bytes.is_empty() {
        out.clear();
        return;
    }
    // Neighbouring records mostly say the same.
    if matches!(out.as_slice(), [only] if only.as_bytes() == bytes) {
        return;
    }
    let mut used = 0;
    for item in bytes.split(|&b| b == b';') {
        if used == out.len() {
            out.push(String::new());
        }
        set(&mut out[used], item);
        used += 1;
    }
    out.truncate(used);
}
