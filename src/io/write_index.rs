//! Building the binning index of a sorted file (BAI of SAM specification section 5, TBI of the tabix format), in parts
//! that are made apart and joined in order.

use std::collections::BTreeMap;
use std::io;

use super::bgzf_writer::compress_all;

/// The bin that holds the counts of a contig, by htslib's convention.
const COUNTS_BIN: u32 = 37_450;
/// log2 of the width of a linear window, bp.
const WINDOW_SHIFT: u32 = 14;

/// Where one record stands.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Index of the contig in the header.
    pub contig: u32,
    /// First base, 0-based.
    pub start: u32,
    /// One past the last base, 0-based; at least `start + 1`.
    pub end: u32,
    /// False for an unmapped read placed at its mate.
    pub mapped: bool,
    /// Virtual offset of the record.
    pub from: u64,
    /// Virtual offset of the byte after it.
    pub to: u64,
}

#[derive(Clone, Debug, Default)]
struct ContigIndex {
    bins: BTreeMap<u32, Vec<(u64, u64)>>,
    /// Lowest offset of a record over each 16 kb window; `u64::MAX` where there is none.
    windows: Vec<u64>,
    first: u64,
    last: u64,
    mapped: u64,
    unmapped: u64,
}

/// A binning index under construction. Offsets are from the start of the part until [`BinIndex::append`] shifts them.
#[derive(Clone, Debug, Default)]
pub struct BinIndex {
    contigs: BTreeMap<u32, ContigIndex>,
    /// Records without a place.
    pub unplaced: u64,
}

/// The smallest bin that holds `start .. end` (0-based half-open), SAM specification section 5.3.
pub fn bin_of(start: u32, end: u32) -> u32 {
    let last = end.saturating_sub(1).max(start);
    for (shift, offset) in [(14, 4681), (17, 585), (20, 73), (23, 9), (26, 1)] {
        if start >> shift == last >> shift {
            return offset + (start >> shift);
        }
    }
    0
}

impl BinIndex {
    /// Notes a record; records come in the order of the file.
    pub fn add(&mut self, entry: Entry) {
        let contig = self.contigs.entry(entry.contig).or_default();
        let chunks = contig.bins.entry(bin_of(entry.start, entry.end)).or_default();
        match chunks.last_mut() {
            Some(chunk) if chunk.1 == entry.from => chunk.1 = entry.to,
            _ => chunks.push((entry.from, entry.to)),
        }
        let windows =
            entry.start >> WINDOW_SHIFT..=(entry.end.max(entry.start + 1) - 1) >> WINDOW_SHIFT;
        for window in windows {
            lower(&mut contig.windows, window as usize, entry.from);
        }
        if contig.mapped + contig.unmapped == 0 {
            contig.first = entry.from;
        }
        contig.last = entry.to;
        if entry.mapped {
            contig.mapped += 1;
        } else {
            contig.unmapped += 1;
        }
    }

    /// Joins the index of the next part, which starts `shift` compressed bytes into the file.
    pub fn append(&mut self, next: &Self, shift: u64) {
        let shift = shift << 16;
        self.unplaced += next.unplaced;
        for (&id, theirs) in &next.contigs {
            let ours = self.contigs.entry(id).or_default();
            for (&bin, chunks) in &theirs.bins {
                let known = ours.bins.entry(bin).or_default();
                for &(from, to) in chunks {
                    match known.last_mut() {
                        Some(chunk) if chunk.1 == from + shift => chunk.1 = to + shift,
                        _ => known.push((from + shift, to + shift)),
                    }
                }
            }
            for (window, &from) in theirs.windows.iter().enumerate().filter(|w| *w.1 != u64::MAX) {
                lower(&mut ours.windows, window, from + shift);
            }
            if ours.mapped + ours.unmapped == 0 {
                ours.first = theirs.first + shift;
            }
            ours.last = theirs.last + shift;
            ours.mapped += theirs.mapped;
            ours.unmapped += theirs.unmapped;
        }
    }

    /// The bytes of a `.bai` file for this many contigs.
    pub fn to_bai(&self, contigs: u32) -> Vec<u8> {
        let mut out = b"BAI\x01".to_vec();
        self.body(contigs, &mut out);
        out
    }

    /// The bytes of a `.tbi` file (compressed) of a VCF with these contigs.
    ///
    /// # Errors
    ///
    /// When compression fails.
    pub fn to_tbi(&self, names: &[&str]) -> io::Result<Vec<u8>> {
        let mut out = b"TBI\x01".to_vec();
        let listed: usize = names.iter().map(|name| name.len() + 1).sum();
        // Contigs; format VCF (2); columns of name, start, end; comment character; lines to skip; bytes of names.
        for number in [names.len() as i32, 2, 1, 2, 0, i32::from(b'#'), 0, listed as i32] {
            out.extend(number.to_le_bytes());
        }
        for name in names {
            out.extend(name.as_bytes());
            out.push(0);
        }
        let mut body = Vec::new();
        self.body(names.len() as u32, &mut body);
        // The count of contigs stands in the head of a .tbi, not before the bins.
        out.extend(&body[4..]);
        compress_all(&out, 6)
    }

    fn body(&self, contigs: u32, out: &mut Vec<u8>) {
        out.extend(contigs.to_le_bytes());
        for id in 0..contigs {
            match self.contigs.get(&id) {
                Some(contig) => contig.write(out),
                None => out.extend([0; 8]),
            }
        }
        out.extend(self.unplaced.to_le_bytes());
    }
}

impl ContigIndex {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend((self.bins.len() as u32 + 1).to_le_bytes());
        for (bin, chunks) in &self.bins {
            out.extend(bin.to_le_bytes());
            out.extend((chunks.len() as u32).to_le_bytes());
            for (from, to) in chunks {
                out.extend(from.to_le_bytes());
                out.extend(to.to_le_bytes());
            }
        }
        out.extend(COUNTS_BIN.to_le_bytes());
        out.extend(2_u32.to_le_bytes());
        for number in [self.first, self.last, self.mapped, self.unmapped] {
            out.extend(number.to_le_bytes());
        }
        out.extend((self.windows.len() as u32).to_le_bytes());
        // A window without records points where the one before it does, 0 before the first record.
        let mut known = 0;
        for &from in &self.windows {
            if from != u64::MAX {
                known = from;
            }
            out.extend(known.to_le_bytes());
        }
    }
}

fn lower(windows: &mut Vec<u64>, window: usize, from: u64) {
    if windows.len() <= window {
        windows.resize(window + 1, u64::MAX);
    }
    windows[window] = windows[window].min(from);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(start: u32, from: u64) -> Entry {
        Entry { contig: 0, start, end: start + 150, mapped: true, from, to: from + 100 }
    }

    #[test]
    fn bins_are_those_of_the_specification() {
        assert_eq!(bin_of(0, 1), 4681);
        assert_eq!(bin_of(16_383, 16_384), 4681);
        assert_eq!(bin_of(16_383, 16_385), 585);
        assert_eq!(bin_of(0, 1 << 29), 0);
        assert_eq!(bin_of(5, 5), 4681, "an empty stretch counts as one base");
    }

    #[test]
    fn joined_parts_equal_one_pass() {
        let places: Vec<u32> = (0..200).map(|i| i * 1_000).collect();
        let mut whole = BinIndex::default();
        for (i, &start) in places.iter().enumerate() {
            whole.add(entry(start, i as u64 * 100));
        }
        let mut parts = [BinIndex::default(), BinIndex::default()];
        for (i, &start) in places.iter().enumerate() {
            // The second part is its own block at compressed offset 1; offsets in the first block are up to 9900.
            let part = usize::from(i >= 100);
            parts[part].add(entry(start, (i % 100) as u64 * 100));
        }
        let mut joined = parts[0].clone();
        joined.append(&parts[1], 1);
        let counts = |index: &BinIndex| {
            let contig = &index.contigs[&0];
            (contig.mapped, contig.windows.len(), contig.bins.keys().copied().collect::<Vec<_>>())
        };
        assert_eq!(counts(&joined), counts(&whole));
        assert_eq!(joined.contigs[&0].last, (1 << 16) + 9_900 + 100);
        assert_eq!(joined.to_bai(2).len(), joined.to_bai(1).len() + 8, "an empty contig is listed");
    }
}
