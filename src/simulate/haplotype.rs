//! One copy of a stretch of the genome with its variants applied, and the way back to reference positions.

/// A change of the reference, written as in VCF: indels keep the base before them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// First base of `reference`, 0-based.
    pub start0: u32,
    /// Reference bases.
    pub reference: Vec<u8>,
    /// Bases instead.
    pub alternate: Vec<u8>,
}

impl Edit {
    /// One past the last reference base, 0-based.
    pub fn end0(&self) -> u32 {
        self.start0 + self.reference.len() as u32
    }

    /// True when the lengths differ.
    pub fn is_indel(&self) -> bool {
        self.reference.len() != self.alternate.len()
    }
}

/// Marks an inserted base, which has no reference position.
pub const INSERTED: u32 = u32::MAX;

/// A haplotype of a stretch of one contig.
#[derive(Clone, Debug)]
pub struct Haplotype {
    /// Bases.
    pub bases: Vec<u8>,
    /// Reference position (0-based) of every base, or [`INSERTED`].
    pub places: Vec<u32>,
    /// Indices of the bases at or just before which the alignment is broken by an indel, ascending.
    breaks: Vec<u32>,
}

impl Haplotype {
    /// Applies edits (sorted by position; one that overlaps the one before is left out) to the bases that begin at
    /// reference position `start0`.
    pub fn new(start0: u32, reference: &[u8], edits: &[Edit]) -> Self {
        let end0 = start0 + reference.len() as u32;
        let mut made = Self {
            bases: Vec::with_capacity(reference.len() + 64),
            places: Vec::with_capacity(reference.len() + 64),
            breaks: Vec::new(),
        };
        let mut next = start0;
        for edit in edits {
            if edit.start0 < next || edit.end0() > end0 {
                continue;
            }
            made.copy(start0, reference, next..edit.start0);
            let paired = edit.reference.len().min(edit.alternate.len());
            for (i, &base) in edit.alternate.iter().enumerate() {
                made.bases.push(base);
                made.places.push(if i < paired { edit.start0 + i as u32 } else { INSERTED });
            }
            if edit.is_indel() {
                let first = made.bases.len() - (edit.alternate.len() - paired);
                made.breaks.push(first as u32);
            }
            next = edit.end0();
        }
        made.copy(start0, reference, next..end0);
        made
    }

    fn copy(&mut self, start0: u32, reference: &[u8], range: std::ops::Range<u32>) {
        let [from, to] = [range.start, range.end].map(|x| (x - start0) as usize);
        self.bases.extend_from_slice(&reference[from..to]);
        self.places.extend(range);
    }

    /// True when no indel breaks the alignment of the bases `from .. to`.
    pub fn is_plain(&self, from: usize, to: usize) -> bool {
        let at = self.breaks.partition_point(|&b| (b as usize) <= from);
        self.places[from] != INSERTED
            && self.places[to - 1] != INSERTED
            && self.breaks.get(at).is_none_or(|&b| b as usize >= to)
            && (self.places[to - 1] - self.places[from]) as usize == to - from - 1
    }

    /// Index of the first base at or after a reference position; the length when there is none.
    pub fn index_of(&self, place0: u32) -> usize {
        // Inserted bases stand in the way of a plain binary search, so step back to the base before them.
        let mut low = 0;
        let mut high = self.places.len();
        while low < high {
            let middle = usize::midpoint(low, high);
            let mut known = middle;
            while known > low && self.places[known] == INSERTED {
                known -= 1;
            }
            let place = self.places[known];
            if place == INSERTED || place < place0 {
                low = middle + 1;
            } else {
                high = known;
            }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(start0: u32, reference: &str, alternate: &str) -> Edit {
        Edit { start0, reference: reference.into(), alternate: alternate.into() }
    }

    #[test]
    fn edits_change_bases_and_keep_places() {
        let hap = Haplotype::new(
            100,
            b"ACGTACGTAC",
            &[edit(101, "C", "T"), edit(103, "TA", "T"), edit(106, "G", "GTT")],
        );
        assert_eq!(hap.bases, b"ATGTCGTTTAC");
        assert_eq!(hap.places, [100, 101, 102, 103, 105, 106, INSERTED, INSERTED, 107, 108, 109]);
        assert!(hap.is_plain(0, 4) && !hap.is_plain(0, 5) && !hap.is_plain(5, 9));
        assert!(hap.is_plain(8, 11));
        assert_eq!(hap.index_of(105), 4);
        assert_eq!(hap.index_of(104), 4, "a deleted base leads to the next one");
        assert_eq!(hap.index_of(107), 8);
        assert_eq!(hap.index_of(200), 11);
    }

    #[test]
    fn overlapping_edits_are_left_out() {
        let hap = Haplotype::new(0, b"ACGT", &[edit(0, "ACG", "A"), edit(1, "C", "T")]);
        assert_eq!(hap.bases, b"AT");
    }
}
