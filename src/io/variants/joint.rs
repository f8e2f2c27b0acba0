//! Joint consequences of `bcftools csq`: variants that change a codon together have one consequence, which stands at one
//! of their records; the others point to it (`@position`), forwards or backwards in the file.

use std::collections::HashMap;

use super::layout::Layout;
use super::lines::Lines;
use super::places::Places;
use super::record::RawRecord;
use crate::io::annotations::Schema;
use crate::model::annotation::AnnotationSource;
use crate::model::problem::Problem;

/// A joint consequence found at a record: contig, position (1-based), the entry.
pub type JointEntry = (Vec<u8>, u32, Vec<u8>);

/// Contig and entry.
type Placed = (Vec<u8>, Vec<u8>);

/// All joint consequences of a file, by position.
#[derive(Debug, Default)]
pub struct Joint {
    entries: HashMap<u32, Vec<Placed>>,
}

impl Joint {
    /// True when the annotations of the file may hold pointers.
    pub fn may_point(layout: &Layout) -> bool {
        layout.annotations().any(|schema| schema.source == AnnotationSource::Bcsq)
    }

    /// The joint consequences of a stretch.
    ///
    /// # Errors
    ///
    /// When a record lacks its columns.
    pub fn scan(lines: &mut Lines, layout: &Layout) -> Result<Vec<JointEntry>, Problem> {
        let mut found = Vec::new();
        let mut places = Places::default();
        while let Some(record) = lines.next() {
            let record = record?;
            places.begin(&layout.keys);
            let bcsq = layout.schemas.iter().filter(|(s, _)| s.source == AnnotationSource::Bcsq);
            for (_, slot) in bcsq {
                let Some(value) = places.text(&layout.keys, &record, *slot) else { continue };
                for entry in value.split(|&b| b == b',').filter(|entry| is_joint(entry)) {
                    found.push((record.contig().to_vec(), record.position(), entry.to_vec()));
                }
            }
        }
        Ok(found)
    }

    /// Adds what a stretch gave.
    pub fn add(&mut self, found: Vec<JointEntry>) {
        for (contig, position, entry) in found {
            self.entries.entry(position).or_default().push((contig, entry));
        }
    }

    /// The consequences to which the pointer `target` of a record leads, of this ALT; `None` when it leads nowhere.
    fn follow(&self, record: &RawRecord, number: usize, target: u32) -> Option<Vec<&[u8]>> {
        let position = record.position().to_string().into_bytes();
        let alternate = record.alternates().nth(number.wrapping_sub(1)).unwrap_or_default();
        let change = [position.as_slice(), record.reference(), b">", alternate].concat();
        let here = |change: &[u8]| {
            let rest = change.strip_prefix(position.as_slice());
            rest.is_some_and(|rest| rest.first().is_some_and(|byte| !byte.is_ascii_digit()))
        };
        let of_record: Vec<&[u8]> = self
            .entries
            .get(&target)?
            .iter()
            .filter(|(contig, entry)| contig == record.contig() && changes(entry).any(here))
            .map(|(_, entry)| entry.as_slice())
            .collect();
        if of_record.is_empty() {
            return None;
        }
        let own = |entry: &&[u8]| changes(entry).any(|one| one.eq_ignore_ascii_case(&change));
        // With one ALT the position alone tells; with several, the pointer may be another's.
        let only = record.alternates().count() == 1 && !of_record.iter().any(own);
        Some(of_record.into_iter().filter(|entry| only || own(entry)).collect())
    }
}

/// Entries of a record with pointers followed, and the number of those that lead nowhere.
pub(super) fn followed<'r>(
    entries: impl Iterator<Item = &'r [u8]>,
    schema: &Schema,
    (record, number): (&RawRecord, usize),
    joint: Option<&'r Joint>,
) -> (Vec<&'r [u8]>, u64) {
    let mut all: Vec<&[u8]> = Vec::new();
    let mut lost = 0;
    for entry in entries {
        let Some(target) = schema.pointer(entry) else {
            all.push(entry);
            continue;
        };
        let target = super::record::parse_u32(target);
        match target.and_then(|target| joint?.follow(record, number, target)) {
            Some(found) => {
                for entry in found {
                    if !all.contains(&entry) {
                        all.push(entry);
                    }
                }
            }
            None => lost += 1,
        }
    }
    (all, lost)
}

/// The changes that an entry unites (`5A>G+7C>T`).
fn changes(entry: &[u8]) -> impl Iterator<Item = &[u8]> {
    let field = entry.split(|&b| b == b'|').nth(6).unwrap_or_default();
    field.split(|&b| b == b'+').filter(|change| !change.is_empty())
}

fn is_joint(entry: &[u8]) -> bool {
    changes(entry).count() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joint(entries: &[(&str, u32, &str)]) -> Joint {
        let mut joint = Joint::default();
        let owned = |&(contig, position, entry): &(&str, u32, &str)| -> JointEntry {
            (contig.into(), position, entry.into())
        };
        joint.add(entries.iter().map(owned).collect());
        joint
    }

    #[test]
    fn pointers_lead_to_the_entry_that_names_the_change() {
        let both = "missense|G|T|protein_coding|+|1K>1V|10A>G+11A>T";
        let other = "missense|G|T|protein_coding|+|1K>1P|10A>C+12A>T";
        let joint = joint(&[("1", 10, both), ("1", 10, other), ("2", 10, both)]);
        let follow = |line: &str, number, target| {
            let record = RawRecord::new(line.as_bytes(), 1, "x").unwrap();
            let found = joint.follow(&record, number, target)?;
            Some(found.iter().map(|e| String::from_utf8_lossy(e).into_owned()).collect::<Vec<_>>())
        };
        let line = "1\t11\t.\tA\tT\t.\t.\t.";
        assert_eq!(follow(line, 1, 10), Some(vec![both.to_owned()]));
        assert_eq!(follow(line, 1, 12), None, "nothing stands there");
        assert_eq!(follow("3\t11\t.\tA\tT\t.\t.\t.", 1, 10), None, "another contig");
        assert_eq!(follow("1\t1\t.\tA\tT\t.\t.\t.", 1, 10), None, "1 is not 10");
        let two = "1\t11\t.\tA\tC,T\t.\t.\t.";
        assert_eq!(follow(two, 1, 10), Some(Vec::new()), "the pointer is the other ALT's");
        assert_eq!(follow(two, 2, 10), Some(vec![both.to_owned()]));
    }
}
