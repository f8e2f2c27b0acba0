//! The entries of an annotation that speak of one ALT, found once.

use super::frequency;
use crate::model::annotation::FrequencyValue;

/// The entries of one annotation that speak of the ALT in question, as places in INFO. Entries of one ALT repeat
/// frequencies and ClinVar, so the first is split, and the others are looked at only where its field is blank.
#[derive(Default)]
pub(super) struct EntryPlaces {
    /// Serial number of the record, annotation, ALT.
    pub(super) of: Option<(u64, usize, usize)>,
    pub(super) places: Vec<(u32, u32)>,
    first: Vec<(u32, u32)>,
    allele: Option<usize>,
}

impl EntryPlaces {
    /// `places` holds the entries from `offset` on.
    pub(super) fn set(
        &mut self,
        of: (u64, usize, usize),
        offset: u32,
        info: &[u8],
        allele: Option<usize>,
    ) {
        self.of = Some(of);
        self.allele = allele;
        for (start, end) in &mut self.places {
            *start += offset;
            *end += offset;
        }
        self.first.clear();
        if let Some(&(start, end)) = self.places.first() {
            let mut from = start;
            let bars = memchr::memchr_iter(b'|', &info[start as usize..end as usize]);
            for bar in bars.map(|bar| start + bar as u32).chain([end]) {
                self.first.push((from, bar));
                from = bar + 1;
            }
        }
    }

    pub(super) fn all<'r>(&self, info: &'r [u8]) -> impl Iterator<Item = &'r [u8]> {
        self.places.iter().map(|&(start, end)| &info[start as usize..end as usize])
    }

    /// The first value of a field that is not blank, with its entry.
    pub(super) fn first_value<'r>(
        &self,
        info: &'r [u8],
        field: usize,
    ) -> Option<(&'r [u8], &'r [u8])> {
        let filled = |value: &&[u8]| !value.is_empty();
        if let Some(&(start, end)) = self.first.get(field).filter(|(start, end)| start < end) {
            return Some((&info[start as usize..end as usize], self.all(info).next()?));
        }
        self.all(info).skip(1).find_map(|entry| {
            let value = entry.split(|&b| b == b'|').nth(field).filter(filled)?;
            Some((value, entry))
        })
    }

    /// A record that the annotator passed over says nothing; a blank field says that the source lacks the site.
    pub(super) fn frequency(&self, info: &[u8], field: usize) -> FrequencyValue {
        if self.places.is_empty() {
            return FrequencyValue::NotAssessed;
        }
        let Some((value, entry)) = self.first_value(info, field) else {
            return FrequencyValue::AbsentFromSource;
        };
        let allele = self.allele.and_then(|i| entry.split(|&b| b == b'|').nth(i));
        frequency::of_entry(value, allele.unwrap_or_default())
    }
}
