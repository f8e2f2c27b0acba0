//! Reads that wait for an overlapping mate, by name.
//!
//! Buckets of eight bytes of hashes (one word) point to the waiting reads. A hit is confirmed by comparing names, and the
//! table grows when a bucket is full of reads that still wait, so depth has no limit.

/// Aligned blocks of a read: start and end, 0-based half-open, ascending.
pub(in crate::qc) type Blocks = Vec<(u32, u32)>;

/// A read that waits for its mate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::qc) struct Mate {
    pub(in crate::qc) name: Vec<u8>,
    /// 0-based start.
    pub(in crate::qc) start: u32,
    /// 0-based end, exclusive.
    pub(in crate::qc) end: u32,
    /// Where its mate is said to start.
    pub(in crate::qc) partner_start: u32,
    /// Whether the CIGAR has one operation only.
    pub(in crate::qc) one_op: bool,
    /// Whether its mapping quality is below that of the second track of depth.
    pub(in crate::qc) low: bool,
    pub(in crate::qc) blocks: Blocks,
}

/// Reads a bucket: one byte each of a word.
const WAYS: usize = 8;
/// The lowest bit of every byte.
const ONES: u64 = 0x0101_0101_0101_0101;
/// Buckets at first: 128 reads, some times more than wait at once at 30x, in memory that stays in a core's first-level cache.
const FIRST_BUCKETS: usize = 16;

/// Buckets at most: eight million reads waiting over one base. Only names made to collide can ask for more.
const MAX_BUCKETS: usize = 1 << 20;

/// The waiting reads of one stretch.
#[derive(Debug)]
pub(in crate::qc) struct MateTable {
    /// For each slot a byte of the hash that is never 0; 0 for a free one.
    buckets: Vec<[u8; WAYS]>,
    mates: Vec<Mate>,
    /// The longest stretch from a waiting read's start to its end so far, bp.
    longest: u32,
    /// The farthest end of any waiting read so far.
    farthest: u32,
}

impl Default for MateTable {
    fn default() -> Self {
        Self::with_buckets(FIRST_BUCKETS)
    }
}

impl MateTable {
    fn with_buckets(buckets: usize) -> Self {
        Self {
            buckets: vec![[0; WAYS]; buckets],
            mates: vec![Mate::default(); buckets * WAYS],
            longest: 0,
            farthest: 0,
        }
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

    fn find(&self, hash: u64, name: &[u8], now: u32) -> Option<usize> {
        let bucket = self.bucket(hash);
        let mut hits =
            zeros(u64::from_le_bytes(self.buckets[bucket]) ^ (u64::from(tag(hash)) * ONES));
        while hits != 0 {
            let slot = bucket * WAYS + way(hits);
            let mate = &self.mates[slot];
            if mate.end > now && mate.name == name {
                return Some(slot);
            }
            hits &= hits - 1;
        }
        None
    }

    fn bucket(&self, hash: u64) -> usize {
        hash as usize & (self.buckets.len() - 1)
    }

    /// Sets the byte of a slot.
    fn set(&mut self, slot: usize, tag: u8) {
        self.buckets[slot / WAYS][slot % WAYS] = tag;
    }

    /// The slot of the waiting read of this name, if its end lies behind `now`.
    #[inline]
    pub(in crate::qc) fn lookup(&self, name: &[u8], now: u32) -> Option<usize> {
        self.find(hash(name), name, now)
    }

    /// The read in a slot.
    pub(in crate::qc) fn get(&self, slot: usize) -> &Mate {
        &self.mates[slot]
    }

    /// Ends the waiting of a slot. Its memory is used again.
    pub(in crate::qc) fn release(&mut self, slot: usize) {
        self.set(slot, 0);
    }

    /// A slot for a read of this name that starts at `now`, taking the place of one of the same name; the caller fills it.
    /// Reads that end at or before `now` make room.
    pub(in crate::qc) fn insert(&mut self, name: &[u8], now: u32, end: u32) -> &mut Mate {
        self.longest = self.longest.max(end - now);
        self.farthest = self.farthest.max(end);
        let hash = hash(name);
        let slot = self.find(hash, name, now).or_else(|| self.free(hash, now));
        let slot = slot.unwrap_or_else(|| {
            while self.buckets.len() < MAX_BUCKETS {
                self.grow(now);
                if let Some(slot) = self.free(hash, now) {
                    return slot;
                }
            }
            self.bucket(hash) * WAYS
        });
        self.set(slot, tag(hash));
        let mate = &mut self.mates[slot];
        mate.name.clear();
        mate.name.extend_from_slice(name);
        (mate.start, mate.end) = (now, end);
        mate.blocks.clear();
        mate
    }

    fn free(&self, hash: u64, now: u32) -> Option<usize> {
        let bucket = self.bucket(hash);
        let free = zeros(u64::from_le_bytes(self.buckets[bucket]));
        if free != 0 {
            return Some(bucket * WAYS + way(free));
        }
        (bucket * WAYS..(bucket + 1) * WAYS).find(|&slot| self.mates[slot].end <= now)
    }

    #[cold]
    fn grow(&mut self, now: u32) {
        let mut larger = Self::with_buckets(self.buckets.len() * 2);
        (larger.longest, larger.farthest) = (self.longest, self.farthest);
        for slot in 0..self.mates.len() {
            if self.buckets[slot / WAYS][slot % WAYS] == 0 || self.mates[slot].end <= now {
                continue;
            }
            let hash = hash(&self.mates[slot].name);
            // Every read of a bucket goes to one of two buckets of the same size, so there is room.
            if let Some(free) = larger.free(hash, now) {
                larger.set(free, tag(hash));
                larger.mates[free] = std::mem::take(&mut self.mates[slot]);
            }
        }
        *self = larger;
    }

    /// Takes out all reads that end behind `now`, sorted by name, and forgets the others.
    pub(in crate::qc) fn drain(&mut self, now: u32) -> Vec<Mate> {
        let mut waiting = Vec::new();
        for (bucket, mates) in self.buckets.iter_mut().zip(self.mates.chunks_mut(WAYS)) {
            let tags = std::mem::take(bucket);
            for (tag, mate) in tags.into_iter().zip(mates) {
                if tag != 0 && mate.end > now {
                    waiting.push(std::mem::take(mate));
                }
            }
        }
        (self.longest, self.farthest) = (0, 0);
        waiting.sort_unstable_by(|a, b| (&a.name, a.start).cmp(&(&b.name, b.start)));
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

/// A hash of a name, whose highest bit is set: eight bytes a step, the last step over the last eight bytes, so that no step is
/// shorter.
#[inline]
pub(in crate::qc) fn hash(name: &[u8]) -> u64 {
    let mix = |hash: u64, word: [u8; 8]| {
        (hash.rotate_left(23) ^ u64::from_le_bytes(word)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    };
    let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ name.len() as u64;
    if let Some(last) = name.last_chunk::<8>() {
        for word in name.as_chunks::<8>().0 {
            hash = mix(hash, *word);
        }
        hash = mix(hash, *last);
    } else {
        let mut word = [0; 8];
        word[..name.len()].copy_from_slice(name);
        hash = mix(hash, word);
    }
    // The low bits choose the bucket: a product's low bits know nothing of the name's last bytes, so mix once more.
    hash = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (hash ^ (hash >> 32)) | 1 << 63
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

    #[test]
    fn the_table_grows_and_forgets() {
        let mut table = MateTable::default();
        for i in 0..5000_u32 {
            table.insert(format!("read{i}").as_bytes(), 10, 100 + i % 2);
        }
        assert!(table.buckets.len() > FIRST_BUCKETS);
        for i in 0..5000_u32 {
            let slot = table.lookup(format!("read{i}").as_bytes(), 50).unwrap();
            assert_eq!(table.get(slot).end, 100 + i % 2);
        }
        assert_eq!(table.lookup(b"read0", 100), None, "its end is reached");
        let slot = table.lookup(b"read1", 100).unwrap();
        table.release(slot);
        assert_eq!(table.lookup(b"read1", 100), None);
        assert_eq!(table.drain(100).len(), 2499);
        assert!(table.drain(0).is_empty());
    }

    #[test]
    fn a_second_read_of_a_name_takes_the_place_of_the_first() {
        let mut table = MateTable::default();
        table.insert(b"r", 1, 50);
        table.insert(b"r", 2, 60);
        assert_eq!(table.drain(0).len(), 1);
    }

    #[test]
    fn overlaps_are_those_of_the_aligned_blocks() {
        let mut found = Vec::new();
        intersect(&[(0, 10), (12, 30)], &[(5, 14), (20, 25), (29, 40)], |a, b| found.push((a, b)));
        assert_eq!(found, [(5, 10), (12, 14), (20, 25), (29, 30)]);
    }
}
