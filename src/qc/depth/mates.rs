//! Reads that wait for an overlapping mate, by name and start.
//!
//! Buckets of eight bytes of hashes (one word) point to the waiting reads, which lie close together in a list. A hit is
//! confirmed by comparing names, and the table grows when a bucket is full of reads that still wait, so depth has no limit.

use std::collections::BTreeMap;

use crate::model::read_name::hash;

use super::mate_list::{Mate, MateList, Meeting};

/// Reads a bucket: one byte each of a word.
const WAYS: usize = 8;
/// The lowest bit of every byte.
const ONES: u64 = 0x0101_0101_0101_0101;
/// Buckets at first: 128 reads, some times more than wait at once at 30x, in memory that stays in a core's first-level cache.
const FIRST_BUCKETS: usize = 16;

/// Buckets at most: about five million reads waiting over one base. Only names made to collide can ask for more.
const MAX_BUCKETS: usize = 1 << 20;
/// From so many buckets on a read may lie in either of two, which lets two thirds of the table fill up before it grows.
/// A small table grows sooner instead, and looks in one.
const TWO_EACH: usize = 1 << 12;

/// The waiting reads of one stretch.
///
/// The rule: a read meets the last one of its name that waits, starts where the mate of this one is said to start, and reaches
/// over its start; both then wait no more. Of reads that wait at one start it first meets those whose mates are said to start
/// elsewhere, then those that are said to start where their mates do; a read of the latter kind meets only its kind. So records pair as brackets do, and a file with any
/// names and mate fields may be cut anywhere: what the two sides of a cut leave over pairs as it would have without the cut.
/// Only of reads that start where their mates do it takes all before the cut to tell which wait: those of a task's first
/// position are paired when tasks are joined.
///
/// By name alone, as in mosdepth, a read takes the place of one of its name instead.
#[derive(Debug)]
pub(in crate::qc) struct MateTable {
    /// For each slot a byte of the hash that is never 0; 0 for a free one.
    buckets: Vec<[u8; WAYS]>,
    /// For each slot that is not free the number of its read in the list.
    numbers: Vec<[u32; WAYS]>,
    list: MateList,
    /// Numbers in the list that no slot has, the last of which is used first: it is still in the first-level cache.
    unused: Vec<u32>,
    /// The longest stretch from a waiting read's start to its end so far, bp.
    longest: u32,
    /// The farthest end of any waiting read so far.
    farthest: u32,
    by_name: bool,
    /// The numbers of reads that wait where a later one does too, the last one last: never in a file whose names are in order.
    covered: BTreeMap<(Vec<u8>, u32, bool), Vec<u32>>,
    /// The farthest end of any of these.
    covered_until: u32,
}

impl Default for MateTable {
    fn default() -> Self {
        Self {
            buckets: vec![[0; WAYS]; FIRST_BUCKETS],
            numbers: vec![[0; WAYS]; FIRST_BUCKETS],
            list: MateList::default(),
            unused: Vec::new(),
            longest: 0,
            farthest: 0,
            by_name: false,
            covered: BTreeMap::new(),
            covered_until: 0,
        }
    }
}

impl MateTable {
    /// The table, for reads that meet by name alone or by the whole rule.
    pub(in crate::qc) fn by_name(self, by_name: bool) -> Self {
        Self { by_name, ..self }
    }

    /// Whether the table has not grown.
    pub(in crate::qc) fn is_small(&self) -> bool {
        self.buckets.len() == FIRST_BUCKETS
    }

    /// Whether a read of `mate_start` could wait here although `start` is reached.
    #[inline]
    pub(in crate::qc) fn may_hold(&self, start: u32, mate_start: u32) -> bool {
        start < self.farthest && start - mate_start.min(start) < self.longest
    }

    /// The longest stretch from a waiting read's start to its end so far, bp.
    #[inline]
    pub(in crate::qc) fn longest(&self) -> u32 {
        self.longest
    }

    /// The farthest end of any waiting read so far.
    #[inline]
    pub(in crate::qc) fn farthest(&self) -> u32 {
        self.farthest
    }

    /// The hash of a name and of the start of the read that waits: many reads of one name may wait.
    #[inline]
    fn hash(&self, name: &[u8], at: u32) -> u64 {
        hash(name) ^ u64::from(if self.by_name { 0 } else { at })
    }

    #[inline]
    fn find(&self, hash: u64, meeting: Meeting<'_>, now: u32) -> Option<usize> {
        let found = self.find_in(self.bucket(hash), hash, meeting, now);
        found.or_else(|| self.find_in(self.second(hash)?, hash, meeting, now))
    }

    #[inline]
    fn find_in(
        &self,
        bucket: usize,
        hash: u64,
        (name, at, both): Meeting<'_>,
        now: u32,
    ) -> Option<usize> {
        let mut hits =
            zeros(u64::from_le_bytes(self.buckets[bucket]) ^ (u64::from(tag(hash)) * ONES));
        while hits != 0 {
            let slot = bucket * WAYS + way(hits);
            let number = self.number(slot);
            let fits = self.by_name || self.list.place(number) == (at, both);
            if fits && self.list.end(number) > now && self.list.name(number) == name {
                return Some(slot);
            }
            hits &= hits - 1;
        }
        None
    }

    fn bucket(&self, hash: u64) -> usize {
        hash as usize & (self.buckets.len() - 1)
    }

    /// The other bucket of a hash in a large table.
    fn second(&self, hash: u64) -> Option<usize> {
        let size = self.buckets.len();
        (size >= TWO_EACH).then_some((hash >> 32) as usize & (size - 1))
    }

    fn number(&self, slot: usize) -> usize {
        self.numbers[slot / WAYS][slot % WAYS] as usize
    }

    /// Sets the byte of a slot.
    fn set(&mut self, slot: usize, tag: u8) {
        self.buckets[slot / WAYS][slot % WAYS] = tag;
    }

    /// The slot of the waiting read that one of this name meets which starts at `now`.
    #[inline]
    pub(in crate::qc) fn lookup(&mut self, name: &[u8], now: u32, mate: u32) -> Option<usize> {
        let found = self.meet((name, mate, now == mate), now);
        if found.is_some() || self.by_name || now == mate {
            return found;
        }
        self.meet((name, mate, true), now)
    }

    #[inline]
    fn meet(&mut self, meeting: Meeting<'_>, now: u32) -> Option<usize> {
        let found = self.find(self.hash(meeting.0, meeting.1), meeting, now);
        if found.is_none() && now < self.covered_until {
            return self.uncover(meeting, now);
        }
        found
    }

    /// Lets a slot go whose read waits on without one.
    #[cold]
    fn cover(&mut self, slot: usize) {
        let number = self.number(slot);
        let mate = self.list.get(number);
        let (name, at, both) = mate.waits_at();
        if self.covered_until <= mate.start {
            self.unused.extend(std::mem::take(&mut self.covered).into_values().flatten());
        }
        self.covered_until = self.covered_until.max(mate.end);
        self.covered.entry((name.to_vec(), at, both)).or_default().push(number as u32);
        self.set(slot, 0);
    }

    /// Gives the last read a slot that waits without one and that such a read meets.
    #[cold]
    fn uncover(&mut self, (name, at, both): Meeting<'_>, now: u32) -> Option<usize> {
        let numbers = self.covered.get_mut(&(name.to_vec(), at, both))?;
        while let Some(number) = numbers.pop() {
            if self.list.end(number as usize) > now {
                let hash = self.hash(name, at);
                let slot = self.room(hash, now);
                self.take(slot, hash, number);
                return Some(slot);
            }
            self.unused.push(number);
        }
        None
    }

    /// The read in a slot.
    #[inline]
    pub(in crate::qc) fn get(&self, slot: usize) -> Mate<'_> {
        self.list.get(self.number(slot))
    }

    /// Ends the waiting of a slot. Its memory is used again.
    #[inline]
    pub(in crate::qc) fn release(&mut self, slot: usize) {
        self.unused.push(self.number(slot) as u32);
        self.set(slot, 0);
    }

    /// Lets a read wait. Reads that end at or before its start make room.
    pub(in crate::qc) fn insert(&mut self, mate: Mate<'_>) {
        let now = mate.start;
        self.longest = self.longest.max(mate.end - now);
        self.farthest = self.farthest.max(mate.end);
        let hash = self.hash(mate.name, now);
        let same = self.find(hash, mate.waits_at(), now);
        if let Some(slot) = same.filter(|_| !self.by_name) {
            self.cover(slot);
        }
        let slot = same.unwrap_or_else(|| self.room(hash, now));
        let (bucket, way) = (slot / WAYS, slot % WAYS);
        // A read that makes room leaves its number too.
        if self.buckets[bucket][way] == 0 {
            let number = self.unused.pop().unwrap_or_else(|| self.list.add());
            self.numbers[bucket][way] = number;
        }
        self.buckets[bucket][way] = tag(hash);
        self.list.set(self.numbers[bucket][way] as usize, mate);
    }

    fn room(&mut self, hash: u64, now: u32) -> usize {
        self.free(hash, now).unwrap_or_else(|| self.make_room(hash, now))
    }

    fn free(&self, hash: u64, now: u32) -> Option<usize> {
        let first = self.bucket(hash);
        let Some(second) = self.second(hash) else { return self.free_in(first, now) };
        // Buckets of which always the emptier one is taken fill up evenly.
        let slots_free =
            |bucket: usize| zeros(u64::from_le_bytes(self.buckets[bucket])).count_ones();
        let second_first = slots_free(second) > slots_free(first);
        let (emptier, other) = if second_first { (second, first) } else { (first, second) };
        self.free_in(emptier, now).or_else(|| self.free_in(other, now))
    }

    fn free_in(&self, bucket: usize, now: u32) -> Option<usize> {
        let free = zeros(u64::from_le_bytes(self.buckets[bucket]));
        if free != 0 {
            return Some(bucket * WAYS + way(free));
        }
        (bucket * WAYS..(bucket + 1) * WAYS).find(|&slot| self.list.end(self.number(slot)) <= now)
    }

    /// A slot where there was none.
    #[cold]
    fn make_room(&mut self, hash: u64, now: u32) -> usize {
        while self.buckets.len() < MAX_BUCKETS {
            self.grow(now);
            if let Some(slot) = self.free(hash, now) {
                return slot;
            }
        }
        self.bucket(hash) * WAYS
    }

    fn grow(&mut self, now: u32) {
        let tags = self.buckets.as_flattened().iter().zip(self.numbers.as_flattened());
        let all = tags.filter(|&(&tag, _)| tag != 0).map(|(_, &number)| number);
        let (waiting, ended): (Vec<u32>, _) =
            all.partition(|&number| self.list.end(number as usize) > now);
        self.unused.extend(ended);
        let mut size = self.buckets.len();
        // Hardly ever twice: the reads of a bucket go to two as large, and in a large table to four.
        loop {
            size *= 2;
            (self.buckets, self.numbers) = (vec![[0; WAYS]; size], vec![[0; WAYS]; size]);
            let left: Vec<u32> =
                waiting.iter().copied().filter(|&number| !self.put(number, now)).collect();
            if left.is_empty() || size >= MAX_BUCKETS {
                self.unused.extend(left);
                break;
            }
        }
    }

    /// Gives a read that waits a slot; says whether there was one.
    fn put(&mut self, number: u32, now: u32) -> bool {
        let mate = self.list.get(number as usize);
        let hash = self.hash(mate.name, mate.start);
        let Some(slot) = self.free(hash, now) else { return false };
        self.take(slot, hash, number);
        true
    }

    fn take(&mut self, slot: usize, hash: u64, number: u32) {
        let (bucket, way) = (slot / WAYS, slot % WAYS);
        if self.buckets[bucket][way] != 0 {
            self.unused.push(self.numbers[bucket][way]);
        }
        self.set(slot, tag(hash));
        self.numbers[bucket][way] = number;
    }

    /// Takes out all reads that end behind `now`, sorted by name and start, and forgets the others.
    pub(in crate::qc) fn drain(&mut self, now: u32) -> MateList {
        let mut waiting = MateList::default();
        for number in std::mem::take(&mut self.covered).into_values().flatten() {
            let mate = self.list.get(number as usize);
            if mate.end > now {
                waiting.push(mate);
            }
        }
        for (bucket, numbers) in self.buckets.iter_mut().zip(&self.numbers) {
            let tags = std::mem::take(bucket);
            for (_, &number) in tags.iter().zip(numbers).filter(|&(&tag, _)| tag != 0) {
                let mate = self.list.get(number as usize);
                if mate.end > now {
                    waiting.push(mate);
                }
            }
        }
        self.list.clear();
        self.unused.clear();
        (self.longest, self.farthest, self.covered_until) = (0, 0, 0);
        waiting.sort();
        waiting
    }
}

/// The byte of a hash that stands for it in a bucket: not of the bits that choose the bucket, and never 0.
fn tag(hash: u64) -> u8 {
    (hash >> 56) as u8
}

/// The highest bit of every byte that is 0. A byte above one of these may be told too.
fn zeros(bytes: u64) -> u64 {
    bytes.wrapping_sub(ONES) & !bytes & (ONES << 7)
}

/// The first byte of those told.
fn way(told: u64) -> usize {
    told.trailing_zeros() as usize / 8
}

/// Calls `overlap(start, end)` for every stretch that both reads align to.
pub(in crate::qc) fn intersect(
    a: &[(u32, u32)],
    b: &[(u32, u32)],
    mut overlap: impl FnMut(u32, u32),
) {
    let (mut i, mut j) = (0, 0);
    while let (Some(&(a0, a1)), Some(&(b0, b1))) = (a.get(i), b.get(j)) {
        let (start, end) = (a0.max(b0), a1.min(b1));
        if start < end {
            overlap(start, end);
        }
        if a1 <= b1 {
            i += 1;
        } else {
            j += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn wait(table: &mut MateTable, name: &[u8], start: u32, end: u32) {
        table.insert(Mate { name, start, end, partner_start: start + 1, ..Mate::default() });
    }

    #[test]
    fn the_table_grows_and_forgets() {
        let mut table = MateTable::default();
        for i in 0..5000_u32 {
            wait(&mut table, format!("read{i}").as_bytes(), 10, 100 + i % 2);
        }
        assert!(table.buckets.len() > FIRST_BUCKETS);
        for i in 0..5000_u32 {
            let slot = table.lookup(format!("read{i}").as_bytes(), 50, 10).unwrap();
            assert_eq!(table.get(slot).end, 100 + i % 2);
        }
        assert_eq!(table.lookup(b"read0", 100, 10), None, "its end is reached");
        let slot = table.lookup(b"read1", 100, 10).unwrap();
        table.release(slot);
        assert_eq!(table.lookup(b"read1", 100, 10), None);
        assert_eq!(table.drain(100).len(), 2499);
        assert!(table.drain(0).is_empty());
    }

    #[test]
    fn by_name_alone_a_second_read_takes_the_place_of_the_first() {
        let mut table = MateTable::default().by_name(true);
        wait(&mut table, b"r", 1, 50);
        wait(&mut table, b"r", 2, 60);
        assert_eq!(table.drain(0).len(), 1);
    }

    #[test]
    fn a_large_table_fills_up_before_it_grows_and_loses_none() {
        let mut table = MateTable::default();
        for i in 0..200_000_u32 {
            wait(&mut table, format!("read{i}").as_bytes(), 10, 100);
            let slots = table.buckets.len() * WAYS;
            assert!(i < 20_000 || slots < 4 * i as usize, "{slots} slots for {i} reads");
        }
        for i in 0..200_000_u32 {
            let slot = table.lookup(format!("read{i}").as_bytes(), 11, 10).unwrap();
            assert_eq!(table.get(slot).name, format!("read{i}").as_bytes());
            table.release(slot);
            assert_eq!(table.lookup(format!("read{i}").as_bytes(), 11, 10), None);
        }
        assert!(table.drain(10).is_empty());
    }

    #[test]
    fn memory_is_used_again() {
        let mut table = MateTable::default();
        for start in 0..10_000_u32 {
            // One of three is never looked for.
            for kind in 0..3 {
                wait(&mut table, format!("read{start}/{kind}").as_bytes(), start, start + 5);
            }
            for kind in 1..3 {
                let name = format!("read{start}/{kind}");
                let slot = table.lookup(name.as_bytes(), start + 1, start).unwrap();
                table.release(slot);
            }
        }
        assert!(table.is_small());
        assert!(table.list.len() <= FIRST_BUCKETS * WAYS, "{}", table.list.len());
        wait(&mut table, b"first", 10_000, 10_100);
        wait(&mut table, b"second", 10_000, 10_100);
        let slot = table.lookup(b"first", 10_001, 10_000).unwrap();
        let number = table.number(slot);
        table.release(slot);
        wait(&mut table, b"third", 10_000, 10_100);
        let slot = table.lookup(b"third", 10_001, 10_000).unwrap();
        assert_eq!(table.number(slot), number, "what was used last is used first");
    }

    proptest! {
        #[test]
        fn the_table_is_a_map_of_reads_that_expire(
            steps in prop::collection::vec((0_u32..3, 0_u32..700, 0_u32..200, 0_usize..4), 1..3000),
            few in any::<bool>(),
        ) {
            let mut table = MateTable::default();
            let mut map: BTreeMap<_, Vec<_>> = BTreeMap::new();
            let mut now = 0;
            for (step, name, length, blocks) in steps {
                let name = format!("{:0>1$}", name % if few { 20 } else { 700 }, blocks * 9);
                now += u32::from(length.is_multiple_of(3));
                for waiting in map.values_mut() { waiting.retain(|&(end, _)| end > now); }
                // Where the one that waits starts, or its mate.
                let other = if few { now.saturating_sub(length / 50) } else { now };
                let waits = |both| map.get(&(name.clone(), other, both)).is_some_and(|all| !all.is_empty());
                let both = other == now || !waits(false);
                let waiting = map.get_mut(&(name.clone(), other, both));
                let slot = table.lookup(name.as_bytes(), now, other);
                let mate = slot.map(|slot| table.get(slot));
                let found = mate.map(|mate| (mate.end, mate.blocks.to_vec()));
                prop_assert_eq!(found.as_ref(), waiting.as_ref().and_then(|waiting| waiting.last()));
                if let (2, Some(slot), Some(waiting)) = (step, slot, waiting) {
                    table.release(slot);
                    waiting.pop();
                } else if step < 2 {
                    let partner_start = now + length / 100;
                    let own: Vec<_> = (0..blocks as u32).map(|i| (now + i, now + length)).collect();
                    let (end, blocks) = (now + length.max(1), &own[..]);
                    let name = name.as_bytes();
                    let mate = Mate { name, start: now, end, partner_start, blocks, ..Mate::default() };
                    table.insert(mate);
                    let name = String::from_utf8_lossy(name).into_owned();
                    map.entry((name, now, now == partner_start)).or_default().push((end, own));
                }
            }
            let mut left: BTreeMap<_, Vec<_>> = BTreeMap::new();
            for mate in table.drain(now).iter() {
                let name = String::from_utf8_lossy(mate.name).into_owned();
                let waiting = left.entry((name, mate.start, mate.start == mate.partner_start));
                waiting.or_default().push((mate.end, mate.blocks.to_vec()));
            }
            for waiting in map.values_mut() { waiting.retain(|&(end, _)| end > now); }
            map.retain(|_, waiting| !waiting.is_empty());
            prop_assert_eq!(left, map);
            prop_assert!(table.drain(0).is_empty());
        }
    }

    #[test]
    fn overlaps_are_those_of_the_aligned_blocks() {
        let mut found = Vec::new();
        intersect(&[(0, 10), (12, 30)], &[(5, 14), (20, 25), (29, 40)], |a, b| found.push((a, b)));
        assert_eq!(found, [(5, 10), (12, 14), (20, 25), (29, 30)]);
    }
}
