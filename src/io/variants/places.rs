//! INFO keys that are looked for, and where their values stand in a record.

use super::bcf::{Cursor, word};
use super::bcf_numbers::read_back;
use super::frequency::decimal;
use super::record::RawRecord;
use crate::model::bytes::find_near;

/// INFO keys that are looked for, found in one pass over the column.
#[derive(Debug, Default)]
pub(super) struct Keys {
    names: Vec<Vec<u8>>,
    /// For each first byte, the slots of keys that begin with it.
    by_first: Vec<Vec<usize>>,
    /// For each number of a BCF dictionary the slot of its key.
    by_number: Vec<Option<usize>>,
}

impl Keys {
    /// The slot of a key, new or known.
    pub(super) fn slot(&mut self, name: &str) -> usize {
        let known = self.names.iter().position(|known| known == name.as_bytes());
        known.unwrap_or_else(|| {
            self.names.push(name.as_bytes().to_vec());
            self.names.len() - 1
        })
    }

    /// Prepares for looking up; `dictionary` is the one of the file's header.
    pub(super) fn finish(&mut self, dictionary: &[String]) {
        self.by_first = vec![Vec::new(); 256];
        for (slot, name) in self.names.iter().enumerate() {
            if let Some(&first) = name.first() {
                self.by_first[usize::from(first)].push(slot);
            }
        }
        self.by_number = dictionary.iter().map(|name| self.known(name.as_bytes())).collect();
    }

    /// The slot of a key; `None` for keys that nobody looks at.
    fn known(&self, key: &[u8]) -> Option<usize> {
        let slots = self.by_first.get(usize::from(*key.first()?))?;
        slots.iter().copied().find(|&slot| self.names[slot] == key)
    }
}

/// Keys remembered at most: more than annotators write.
const REMEMBERED: usize = 256;

/// Bytes of a key and its `=` that are compared at once.
const AT_ONCE: usize = 16;

/// Where the values of a record are. Records of one file mostly have the same keys in the same order, which is
/// remembered: then a key is compared once instead of looked up.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// The value of each slot; a flag has an empty value, an absent key `None`.
    values: Vec<Option<Found>>,
    /// Where the next item begins; beyond the column when all of it was looked at.
    next: usize,
    /// Where in `order` the next key is expected.
    at: usize,
    /// Keys in the order in which they came.
    order: Vec<Remembered>,
}

/// Where a value stands.
#[derive(Clone, Copy, Debug)]
struct Found {
    /// Start and end, in the column of a line or the typed items of a BCF record.
    span: (u32, u32),
    /// Type of a BCF value; text of a line is [`TEXT`] too.
    kind: u8,
}

impl Found {
    fn of<'r>(&self, base: &'r [u8]) -> &'r [u8] {
        base.get(self.span.0 as usize..self.span.1 as usize).unwrap_or_default()
    }
}

fn is_frequency(value: f64) -> bool {
    (0.0..=1.0).contains(&value)
}

/// A single-precision number times this is less than what its text says.
const ALMOST: f64 = 1.0 - 1e-6;

/// Type of characters in BCF.
const TEXT: u8 = 7;
/// Type of a single-precision number in BCF.
const FLOAT: u8 = 5;

/// A key that came before.
#[derive(Debug)]
struct Remembered {
    /// The first bytes of the key with its `=`, and a mask over them.
    head: [u128; 2],
    key: Vec<u8>,
    slot: Option<usize>,
}

impl Remembered {
    fn new(key: &[u8], slot: Option<usize>) -> Self {
        let mut head = [[0; AT_ONCE]; 2];
        for (i, &byte) in key.iter().chain(b"=").take(AT_ONCE).enumerate() {
            (head[0][i], head[1][i]) = (byte, u8::MAX);
        }
        Self { head: head.map(u128::from_le_bytes), key: key.to_vec(), slot }
    }

    /// Whether this is the key of the item that `rest` begins with.
    #[inline]
    fn begins(&self, rest: &[u8]) -> bool {
        let length = self.key.len();
        match rest.first_chunk::<AT_ONCE>() {
            Some(head) if length < AT_ONCE => {
                let head = u128::from_le_bytes(*head);
                head & self.head[1] == self.head[0] || self.is_flag(rest)
            }
            _ => {
                self.is_flag(rest)
                    || (rest.starts_with(&self.key) && rest.get(length) == Some(&b'='))
            }
        }
    }

    #[inline]
    fn is_flag(&self, rest: &[u8]) -> bool {
        matches!(rest.get(self.key.len()), None | Some(b';')) && rest.starts_with(&self.key)
    }
}

impl Places {
    /// Begins a record: nothing is found yet.
    pub(super) fn begin(&mut self, keys: &Keys) {
        self.values.clear();
        self.values.resize(keys.names.len(), None);
        (self.next, self.at) = (0, 0);
    }

    /// Finds the values of a column at once, for [`Places::found`].
    pub(super) fn find(&mut self, keys: &Keys, info: &[u8]) {
        self.begin(keys);
        while self.next <= info.len() {
            self.step(keys, info);
        }
    }

    /// Start and end of the value of a slot in what was looked at so far.
    pub(super) fn found(&self, slot: usize) -> Option<(u32, u32)> {
        self.values.get(slot).copied().flatten().map(|found| found.span)
    }

    /// The value of a slot. The column is read on only until the key comes: what stands behind the last key that anybody
    /// asks for is never looked at.
    fn value(&mut self, keys: &Keys, record: &RawRecord<'_>, slot: usize) -> Option<Found> {
        if let Some(items) = record.typed_info() {
            while self.next < items.len() && self.values[slot].is_none() {
                self.typed_step(keys, items);
            }
        } else {
            let info = record.info();
            while self.next <= info.len() && self.values[slot].is_none() {
                self.step(keys, info);
            }
        }
        self.values[slot]
    }

    /// Gives every frequency (a number from 0 to 1) that comes next to `take`, with its slot, until that returns something. Of a BCF record it gets a little
    /// less than the number, so that what is above a limit is so by its text too; what is no single short number it does not get.
    pub(super) fn first<T>(
        &mut self,
        keys: &Keys,
        record: &RawRecord<'_>,
        mut take: impl FnMut(usize, f64) -> Option<T>,
    ) -> Option<T> {
        if let Some(items) = record.typed_info() {
            while self.next < items.len() {
                let Some((slot, found)) = self.typed_step(keys, items) else { continue };
                let value = found.of(items);
                if found.kind == FLOAT && value.len() == 4 {
                    let value = f64::from(f32::from_bits(word(value)));
                    let taken = is_frequency(value).then(|| take(slot, value * ALMOST));
                    if let Some(taken) = taken.flatten() {
                        return Some(taken);
                    }
                }
            }
            return None;
        }
        let info = record.info();
        while self.next <= info.len() {
            let Some((slot, found)) = self.step(keys, info) else { continue };
            let value = decimal(found.of(info)).filter(|value| is_frequency(*value));
            if let Some(taken) = value.and_then(|value| take(slot, value)) {
                return Some(taken);
            }
        }
        None
    }

    /// Bytes of INFO in which places are counted: the column of a line, the typed items of a BCF record.
    pub(super) fn base<'r>(record: &RawRecord<'r>) -> &'r [u8] {
        record.typed_info().unwrap_or_else(|| record.info())
    }

    /// Start and end of the value of a slot in [`Places::base`]; `None` for numbers of a BCF record too.
    pub(super) fn span(
        &mut self,
        keys: &Keys,
        record: &RawRecord<'_>,
        slot: usize,
    ) -> Option<(u32, u32)> {
        self.value(keys, record, slot).filter(|found| found.kind == TEXT).map(|found| found.span)
    }

    /// The value of a slot as text. Numbers of a BCF record are written for it, with the whole column.
    pub(super) fn text<'r>(
        &mut self,
        keys: &Keys,
        record: &RawRecord<'r>,
        slot: usize,
    ) -> Option<&'r [u8]> {
        let found = self.value(keys, record, slot)?;
        if found.kind == TEXT {
            return Some(found.of(Self::base(record)));
        }
        let name = keys.names.get(slot)?.as_slice();
        record
            .info()
            .split(|&b| b == b';')
            .find_map(|item| item.strip_prefix(name)?.strip_prefix(b"="))
    }

    /// The one number of a BCF value, as its text reads; `None` for all else, which must be read as text.
    pub(super) fn number(
        &mut self,
        keys: &Keys,
        record: &RawRecord<'_>,
        slot: usize,
    ) -> Option<f64> {
        let items = record.typed_info()?;
        let found = self.value(keys, record, slot)?;
        let bytes = found.of(items);
        if found.kind == FLOAT && bytes.len() == 4 { read_back(word(bytes)) } else { None }
    }

    /// Takes the next item of a BCF record; slot and value where somebody asks for its key and it did not come before.
    #[inline]
    fn typed_step(&mut self, keys: &Keys, items: &[u8]) -> Option<(usize, Found)> {
        let mut cursor = Cursor(items.get(self.next..)?);
        let read = cursor.key().zip(cursor.values());
        // What cannot be read was refused when the record was found.
        self.next = if read.is_some() { items.len() - cursor.0.len() } else { items.len() };
        let (key, values) = read?;
        let slot = keys.by_number.get(key).copied().flatten()?;
        let start = self.next - values.bytes.len();
        let (length, kind) = match values.kind {
            // A flag has an empty value.
            0 => (0, TEXT),
            // No text at all is written as a dot.
            TEXT if values.text().is_empty() => (0, 0),
            TEXT => (values.text().len(), TEXT),
            kind => (values.bytes.len(), kind),
        };
        self.note(slot, Found { span: (start as u32, (start + length) as u32), kind })
    }

    /// The first of two equal keys counts, as in htslib.
    #[inline]
    fn note(&mut self, slot: usize, found: Found) -> Option<(usize, Found)> {
        if self.values[slot].is_some() {
            return None;
        }
        self.values[slot] = Some(found);
        Some((slot, found))
    }

    /// Takes the next item of a column; as [`Places::typed_step`].
    #[inline]
    fn step(&mut self, keys: &Keys, info: &[u8]) -> Option<(usize, Found)> {
        let start = self.next;
        let rest = &info[start..];
        let (length, slot) = self.key(keys, rest);
        let value = &rest[length..];
        let end = start + length + find_near(b';', value).unwrap_or(value.len());
        self.next = end + 1;
        let value = (start + length + 1).min(end);
        self.note(slot?, Found { span: (value as u32, end as u32), kind: TEXT })
    }

    /// Length and slot of the key that `rest` begins with, which is expected at place `at` of the order or behind it.
    #[inline]
    fn key(&mut self, keys: &Keys, rest: &[u8]) -> (usize, Option<usize>) {
        if let Some(expected) = self.order.get(self.at)
            && expected.begins(rest)
        {
            self.at += 1;
            return (expected.key.len(), expected.slot);
        }
        self.look_up(keys, rest)
    }

    /// The same for a key that is not the expected one.
    #[cold]
    fn look_up(&mut self, keys: &Keys, rest: &[u8]) -> (usize, Option<usize>) {
        let (before, behind) = self.order.split_at(self.at);
        let places = (self.at..).zip(behind).chain((0..).zip(before));
        for (i, remembered) in places {
            if remembered.begins(rest) {
                self.at = i + 1;
                return (remembered.key.len(), remembered.slot);
            }
        }
        let length = memchr::memchr2(b'=', b';', rest).unwrap_or(rest.len());
        let slot = keys.known(&rest[..length]);
        if self.order.len() < REMEMBERED {
            self.order.insert(self.at, Remembered::new(&rest[..length], slot));
            self.at += 1;
        }
        (length, slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_whole() {
        let mut keys = Keys::default();
        for name in ["AF", "END", "DB", "A"] {
            keys.slot(name);
        }
        keys.finish(&[]);
        let mut places = Places::default();
        let mut find = |info: &'static str| -> Vec<Option<&str>> {
            let all = |slots: &mut dyn Iterator<Item = usize>, places: &mut Places| {
                places.begin(&keys);
                let mut found = vec![None; 4];
                for slot in slots {
                    let line = format!("1\t5\t.\tA\tC\t.\t.\t{info}");
                    let record = RawRecord::new(line.as_bytes(), 1, "x").unwrap();
                    let place = places.span(&keys, &record, slot);
                    found[slot] = place.map(|(start, end)| &info[start as usize..end as usize]);
                }
                found
            };
            let found = all(&mut (0..4), &mut places);
            assert_eq!(found, all(&mut (0..4).rev(), &mut places));
            found
        };
        let info = "AFX=1;XAF=2;AF=0.5,0.1;DB;END=;AF=9";
        assert_eq!(find(info), [Some("0.5,0.1"), Some(""), Some(""), None]);
        // Other orders, keys that are left out, new ones between them.
        assert_eq!(find("DB;AF=1"), [Some("1"), None, Some(""), None]);
        assert_eq!(find("A=2;NEW=4;AFX=3;;END=7"), [None, Some("7"), None, Some("2")]);
        assert_eq!(find(info), [Some("0.5,0.1"), Some(""), Some(""), None]);
        assert_eq!(find("END"), [None, Some(""), None, None]);
        assert_eq!(find(""), [None; 4]);
    }
}
