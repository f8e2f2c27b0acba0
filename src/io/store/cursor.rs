//! Asking a store, one variant after the other; sorted questions are answered from the chunk at hand.

use std::sync::Arc;

use super::Store;
use super::chunk::Chunk;
use crate::model::problem::Problem;

/// Whether a store knows a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// The store says nothing about the contig.
    NotCovered,
    /// The store covers the contig and does not list the variant.
    Absent,
    /// It lists the variant, in this row of the chunk at hand.
    Row(usize),
}

/// What a store says about one population at one variant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stored {
    /// The contig is not in the store.
    NotCovered,
    /// The variant is not there: frequency 0.
    Absent,
    /// The variant is there, without a number: nobody of the population was called.
    NoNumber,
    /// Frequency, 0 to 1.
    Observed(f64),
}

/// All numbers of one population at one variant.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Numbers {
    /// Alternate alleles seen.
    pub count: Option<u32>,
    /// Alleles called.
    pub total: Option<u32>,
    /// Frequency, 0 to 1.
    pub frequency: Option<f64>,
    /// Homozygous people.
    pub homozygotes: Option<u32>,
    /// Alternate alleles in people with one X and one Y.
    pub hemizygotes: Option<u32>,
}

/// One variant of a store.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// 1-based.
    pub position: u32,
    /// Reference allele.
    pub reference: String,
    /// Alternate allele.
    pub alternate: String,
    /// `PASS`, or the filters that the site failed.
    pub filter: String,
    /// By population, in the order of the store.
    pub populations: Vec<Numbers>,
    /// The store's texts.
    pub texts: Vec<String>,
}

/// A reader of a store for one thread.
#[derive(Debug)]
pub struct Cursor {
    store: Arc<Store>,
    /// Number and content of the chunk at hand.
    chunk: Option<(usize, Chunk)>,
    /// Row and position of the last question within it.
    at: (usize, u32),
}

impl Cursor {
    pub(super) fn new(store: Arc<Store>) -> Self {
        Self { store, chunk: None, at: (0, 0) }
    }

    /// The store.
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// Looks a variant up: number of the store's contig ([`Store::contigs`]), 1-based position, upper-case alleles,
    /// trimmed (and left-aligned, where the source was).
    ///
    /// # Errors
    ///
    /// When the store cannot be read or was changed.
    pub fn find(
        &mut self,
        contig: Option<usize>,
        position: u32,
        reference: &[u8],
        alternate: &[u8],
    ) -> Result<Found, Problem> {
        let Some(contig) = contig else { return Ok(Found::NotCovered) };
        if !self.bring(contig, position)? {
            return Ok(Found::Absent);
        }
        let Some((_, chunk)) = &self.chunk else { return Ok(Found::Absent) };
        let is_wanted = |alleles: &[u8]| {
            alleles.len() == reference.len() + 1 + alternate.len()
                && alleles.get(reference.len()) == Some(&b'>')
                && alleles.starts_with(reference)
                && alleles.ends_with(alternate)
        };
        let from = if self.at.1 <= position { self.at.0 } else { 0 };
        let mut row = chunk.lower_bound(from, position);
        let at = (row, position);
        let mut found = Found::Absent;
        while row < chunk.len() && chunk.position(row) == position {
            if is_wanted(chunk.alleles(row)) {
                found = Found::Row(row);
                break;
            }
            row += 1;
        }
        self.at = at;
        Ok(found)
    }

    /// Brings the chunk that may hold a position to hand; false when there is none.
    fn bring(&mut self, contig: usize, position: u32) -> Result<bool, Problem> {
        let held = self.chunk.as_ref().is_some_and(|(number, _)| {
            let entry = &self.store.entries[*number];
            entry.contig as usize == contig && (entry.first..=entry.last).contains(&position)
        });
        if !held {
            let Some(number) = self.store.chunk_at(contig, position) else { return Ok(false) };
            if self.chunk.as_ref().is_none_or(|(known, _)| *known != number) {
                self.chunk = Some((number, self.store.read(number)?));
                self.at = (0, 0);
            }
        }
        Ok(true)
    }

    /// True when the site passed the source's filters, or had none. Only what was found last may be asked for.
    pub fn passed(&self, found: Found) -> bool {
        match (found, &self.chunk) {
            (Found::Row(row), Some((_, chunk))) => chunk.text(0, row) == b"PASS",
            _ => true,
        }
    }

    /// What the store says about a population of what was found last.
    pub fn population(&self, found: Found, population: usize) -> Stored {
        match found {
            Found::NotCovered => Stored::NotCovered,
            Found::Absent => Stored::Absent,
            Found::Row(row) => {
                self.frequency(row, population).map_or(Stored::NoNumber, Stored::Observed)
            }
        }
    }

    fn frequency(&self, row: usize, population: usize) -> Option<f64> {
        let (_, chunk) = self.chunk.as_ref()?;
        let columns = self.store.columns.populations.get(population)?;
        if let Some((count, total)) = columns.counts {
            let (count, total) = (chunk.number(count, row)?, chunk.number(total, row)?);
            return (total > 0).then(|| f64::from(count) / f64::from(total));
        }
        chunk.fraction(columns.fraction?, row)
    }

    /// A text of what was found last, by its number among the store's texts; empty when there is none.
    pub fn text(&self, found: Found, text: usize) -> &[u8] {
        match (found, &self.chunk) {
            (Found::Row(row), Some((_, chunk))) => chunk.text(text + 1, row),
            _ => &[],
        }
    }

    /// Everything about what was found last; `None` when it was not there.
    pub fn record(&self, found: Found) -> Option<Record> {
        let Found::Row(row) = found else { return None };
        let (_, chunk) = self.chunk.as_ref()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let alleles = text(chunk.alleles(row));
        let (reference, alternate) = alleles.split_once('>')?;
        let columns = &self.store.columns;
        let populations = columns.populations.iter().enumerate().map(|(i, own)| Numbers {
            count: own.counts.and_then(|(count, _)| chunk.number(count, row)),
            total: own.counts.and_then(|(_, total)| chunk.number(total, row)),
            frequency: self.frequency(row, i),
            homozygotes: own.homozygotes.and_then(|column| chunk.number(column, row)),
            hemizygotes: own.hemizygotes.and_then(|column| chunk.number(column, row)),
        });
        Some(Record {
            position: chunk.position(row),
            reference: reference.to_owned(),
            alternate: alternate.to_owned(),
            filter: text(chunk.text(0, row)),
            populations: populations.collect(),
            texts: (1..columns.texts).map(|column| text(chunk.text(column, row))).collect(),
        })
    }
}
