//! Records of a sites file (gnomAD, ClinVar) as rows of a store: ALTs split, trimmed, left-aligned where a reference is
//! given, with the numbers and texts that the store keeps.

use std::borrow::Cow;
use std::sync::Arc;

use super::alleles::{Alleles, is_placeholder, is_sequence};
use super::header::{Header, Number};
use super::lines::Lines;
use super::load::check;
use super::places::{Keys, Places};
use super::record::RawRecord;
use super::site_fields::{SiteFields, SiteValue};
use crate::io::fasta::FastaReader;
use crate::io::store::{PackedNumbers, Row, Tally};
use crate::model::contig::ContigTable;
use crate::model::problem::Problem;
use crate::model::variant::is_symbolic;

/// Where a value stands: slot of its key, and how many values the key has.
#[derive(Clone, Copy, Debug)]
struct Place {
    slot: usize,
    number: Number,
}

/// What is read of every record of a file.
#[derive(Debug)]
pub struct SitePlan {
    keys: Keys,
    /// Places and names of whole numbers, in the order of the store's columns.
    numbers: Vec<(Place, String)>,
    /// Those numbers that are alleles seen; the next one is alleles called.
    counts: Vec<usize>,
    fractions: Vec<(Place, String)>,
    texts: Vec<Option<Place>>,
    /// Contigs, for the reference.
    contigs: ContigTable,
}

impl SitePlan {
    /// Finds the keys in a header. A text that the header lacks stays empty; `ID` is the column of that name.
    ///
    /// # Errors
    ///
    /// When a key of a population is not in the header.
    pub fn new(
        header: &Arc<Header>,
        fields: &[SiteFields],
        texts: &[String],
        contigs: &ContigTable,
    ) -> Result<Self, Problem> {
        let mut keys = Keys::default();
        let mut place = |key: &str| {
            let number = header.info(key)?.number;
            Some(Place { slot: keys.slot(key), number })
        };
        let (mut numbers, mut fractions, mut counts) = (Vec::new(), Vec::new(), Vec::new());
        let lacks = |key: &str| {
            Problem::bad_data(format!("the header has no INFO key {key}"))
                .help("all files of a store must have the same keys")
        };
        for population in fields {
            let mut add = |list: &mut Vec<(Place, String)>, key: &String| {
                let place = place(key).ok_or_else(|| lacks(key))?;
                list.push((place, key.clone()));
                Ok::<_, Problem>(())
            };
            match &population.value {
                SiteValue::Counts(count, total) => {
                    counts.push(numbers.len());
                    add(&mut numbers, count)?;
                    add(&mut numbers, total)?;
                }
                SiteValue::Fraction(key) => add(&mut fractions, key)?,
            }
            for key in [&population.homozygotes, &population.hemizygotes].into_iter().flatten() {
                add(&mut numbers, key)?;
            }
        }
        let texts = texts.iter().map(|key| place(key)).collect();
        keys.finish(&header.dictionary);
        Ok(Self { keys, numbers, counts, fractions, texts, contigs: contigs.clone() })
    }
}

/// The rows of one stretch.
#[derive(Debug, Default)]
pub struct SiteBatch {
    /// Rows with the position of their record as written, by contig, in the order of the file.
    pub runs: Vec<(String, Vec<SiteRow>)>,
    /// What was met.
    pub tally: Tally,
}

/// A row and where its record stands. PackedNumbers of a batch wait in memory, so they are as small as a store's.
#[derive(Debug)]
pub struct SiteRow {
    /// POS of the record.
    pub written: u32,
    /// The row.
    pub row: Row,
}

/// Reads records for one worker.
pub struct SiteReader<'a> {
    plan: &'a SitePlan,
    reference: Option<FastaReader>,
    alleles: Alleles,
    info: Places,
    numbers: Vec<u32>,
}

impl<'a> SiteReader<'a> {
    /// A reader; with a reference, REF is checked and indels are moved left.
    pub fn new(plan: &'a SitePlan, reference: Option<FastaReader>) -> Self {
        Self {
            plan,
            reference,
            alleles: Alleles::default(),
            info: Places::default(),
            numbers: Vec::new(),
        }
    }

    /// All rows of a stretch.
    ///
    /// # Errors
    ///
    /// A malformed record, or a value that is none.
    pub fn batch(&mut self, lines: &mut Lines<'_>) -> Result<SiteBatch, Problem> {
        let mut batch = SiteBatch::default();
        while let Some(record) = lines.next() {
            let record = record?;
            batch.tally.records += 1;
            let known =
                batch.runs.last().is_some_and(|(name, _)| name.as_bytes() == record.contig());
            if !known {
                let name = String::from_utf8_lossy(record.contig()).into_owned();
                batch.runs.push((name, Vec::new()));
            }
            self.info.find(&self.plan.keys, record.info());
            for number in 1..=record.alternates().count() {
                if let Some(row) = self.row(&record, number, &mut batch.tally)?
                    && let Some((_, rows)) = batch.runs.last_mut()
                {
                    rows.push(SiteRow { written: record.position(), row });
                }
            }
        }
        Ok(batch)
    }

    fn row(
        &mut self,
        record: &RawRecord<'_>,
        number: usize,
        tally: &mut Tally,
    ) -> Result<Option<Row>, Problem> {
        let alternate = record.alternates().nth(number - 1).unwrap_or_default();
        if alternate == b"." {
            return Ok(None);
        }
        if is_placeholder(alternate) {
            tally.spanning += 1;
            return Ok(None);
        }
        if is_symbolic(&String::from_utf8_lossy(alternate)) {
            tally.symbolic += 1;
            return Ok(None);
        }
        let alleles = self.alleles_of(record, alternate)?;
        let alternates = record.alternates().count();
        let position = self.alleles.position;
        let mut numbers = std::mem::take(&mut self.numbers);
        numbers.clear();
        for field in &self.plan.numbers {
            let value = self.value(record, field, (number, alternates))?;
            numbers.push(whole(value).ok_or_else(|| {
                let value = show(value.unwrap_or_default());
                let message = format!("INFO {}={value} is no count", field.1);
                record
                    .problem(message)
                    .help("expected a whole number from 0 on, or . where it is not known")
            })?);
        }
        self.check_counts(record, &numbers)?;
        let mut fractions = Vec::with_capacity(self.plan.fractions.len());
        for field in &self.plan.fractions {
            let value = self.value(record, field, (number, alternates))?;
            fractions.push(fraction(value).map_err(|()| {
                let value = show(value.unwrap_or_default());
                let message = format!("INFO {}={value} is no frequency", field.1);
                record
                    .problem(message)
                    .help("expected a number from 0 to 1, or . where it is not known")
            })?);
        }
        let owned = |text: &[u8]| Cow::Owned(String::from_utf8_lossy(text).into_owned());
        let mut texts = Vec::with_capacity(1 + self.plan.texts.len());
        texts.push(match record.filter() {
            b"." | b"" | b"PASS" => Cow::Borrowed("PASS"),
            other => owned(other),
        });
        for place in &self.plan.texts {
            let value = place.and_then(|place| self.whole_value(record, place));
            texts.push(value.map_or(Cow::Borrowed(""), owned));
        }
        let (texts, fractions) = (texts.into_boxed_slice(), fractions.into_boxed_slice());
        let row =
            Row { position, alleles, texts, numbers: PackedNumbers::new(&numbers), fractions };
        self.numbers = numbers;
        Ok(Some(row))
    }

    /// REF and ALT in their simplest form, joined by `>`.
    fn alleles_of(
        &mut self,
        record: &RawRecord<'_>,
        alternate: &[u8],
    ) -> Result<Box<[u8]>, Problem> {
        for (what, allele) in [("REF", record.reference()), ("ALT", alternate)] {
            if !is_sequence(allele) {
                let message = format!("{what} {:?} is no sequence of bases", show(allele));
                return Err(record.problem(message).help("expected one or more of A, C, G, T, N"));
            }
        }
        if record.position() == 0 {
            return Err(record.problem("POS 0 is before the contig").help("positions begin at 1"));
        }
        self.alleles.set(record.position(), record.reference(), alternate);
        self.alleles.trim();
        self.left_align(record)?;
        let mut alleles =
            Vec::with_capacity(self.alleles.reference.len() + 1 + self.alleles.alternate.len());
        alleles.extend(&self.alleles.reference);
        alleles.push(b'>');
        alleles.extend(&self.alleles.alternate);
        Ok(alleles.into_boxed_slice())
    }

    /// No more alleles can be seen than were called.
    fn check_counts(&self, record: &RawRecord<'_>, numbers: &[u32]) -> Result<(), Problem> {
        let plain = |i: usize| numbers.get(i).and_then(|number| number.checked_sub(1));
        for &i in &self.plan.counts {
            if let (Some(count), Some(total)) = (plain(i), plain(i + 1))
                && count > total
            {
                let (own, all) = (&self.plan.numbers[i].1, &self.plan.numbers[i + 1].1);
                let message = format!("INFO {own}={count} is more than {all}={total}");
                return Err(record
                    .problem(message)
                    .help("alleles seen are some of the alleles called"));
            }
        }
        Ok(())
    }

    fn left_align(&mut self, record: &RawRecord<'_>) -> Result<(), Problem> {
        let Some(reader) = &mut self.reference else { return Ok(()) };
        let name = String::from_utf8_lossy(record.contig());
        let Some(contig) = self.plan.contigs.resolve(&name).filter(|id| reader.has(*id)) else {
            return Ok(());
        };
        check(reader, record, contig)?;
        self.alleles.left_align(&mut |start, end| Ok(reader.fetch(contig, start, end)?.to_vec()))
    }

    fn whole_value<'r>(&self, record: &RawRecord<'r>, place: Place) -> Option<&'r [u8]> {
        let (start, end) = self.info.found(place.slot)?;
        record.info().get(start as usize..end as usize)
    }

    /// The value of an ALT; `None` when it is not there.
    fn value<'r>(
        &self,
        record: &RawRecord<'r>,
        (place, key): &(Place, String),
        (number, alternates): (usize, usize),
    ) -> Result<Option<&'r [u8]>, Problem> {
        let Some(value) = self.whole_value(record, *place) else { return Ok(None) };
        let count = || 1 + memchr::memchr_iter(b',', value).count();
        let (wanted, item) = match place.number {
            Number::PerAllele => (alternates + 1, number),
            Number::PerAlternate => (alternates, number - 1),
            _ if alternates > 1 && count() == alternates => (alternates, number - 1),
            _ => return Ok(Some(value)),
        };
        if value == b"." {
            return Ok(None);
        }
        if count() != wanted {
            let message = format!("INFO {key} has {} values, not {wanted}", count());
            return Err(record
                .problem(message)
                .help("the header promises one an allele; write the file again"));
        }
        Ok(value.split(|&byte| byte == b',').nth(item))
    }
}

/// The beginning of a value for messages.
fn show(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned()
}

/// A count plus one, 0 for a missing one; `None` for what is no count.
fn whole(value: Option<&[u8]>) -> Option<u32> {
    let Some(value) = value.filter(|value| !matches!(*value, b"" | b".")) else { return Some(0) };
    std::str::from_utf8(value).ok()?.parse::<u32>().ok()?.checked_add(1)
}

/// A frequency, `Ok(None)` for a missing one; an error for what is none.
fn fraction(value: Option<&[u8]>) -> Result<Option<f64>, ()> {
    let Some(value) = value.filter(|value| !matches!(*value, b"" | b".")) else {
        return Ok(None);
    };
    let number = std::str::from_utf8(value).ok().and_then(|text| text.parse::<f64>().ok());
    // Minus zero would have other bits than zero.
    let number = number.filter(|number| (0.0..=1.0).contains(number)).ok_or(())?;
    Ok(Some(number + 0.0))
}
