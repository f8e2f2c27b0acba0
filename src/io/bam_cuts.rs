//! Places where a record starts that no index knows: inside the unmapped tail, and where thousands of reads lie over one
//! window of the index.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use super::bam;
use super::bgzf::{Inflater, MAGIC, MAX_BLOCK_BYTES};

/// Records of which a block must consist at least, so that they are not taken for records by chance.
const LEAST_RECORDS: usize = 2;

/// Contig and 0-based position of a record; -1 for none.
pub(super) type Place = (i32, i32);

/// Records in a row.
struct Records {
    first: Option<Place>,
    many: usize,
    /// Bytes of those that are whole; `None` when one cannot be.
    walked: Option<usize>,
}

/// Looks for blocks.
pub(super) struct BlockSearch<'a> {
    file: &'a File,
    contigs: usize,
    inflater: Inflater,
    bytes: Vec<u8>,
    plain: Vec<u8>,
}

impl<'a> BlockSearch<'a> {
    /// For a BAM of so many contigs.
    pub(super) fn new(file: &'a File, contigs: usize) -> Self {
        let plain = vec![0; MAX_BLOCK_BYTES];
        Self { file, contigs, inflater: Inflater::default(), bytes: Vec::new(), plain }
    }

    /// The first block at or behind byte `from` of the file that ends before byte `end` and is made of whole records: where it
    /// starts, and where its first record lies. `None` when none is near. Who writes with htslib lets no record go over the
    /// end of a block.
    ///
    /// Nobody can be sure that the block before ends with a whole record too: whoever reads up to here will see.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub(super) fn records_from(&mut self, from: u64, end: u64) -> io::Result<Option<(u64, Place)>> {
        // A block starts less than a block's length behind, and is no longer than that.
        self.read(from, end.saturating_sub(from).min(2 * MAX_BLOCK_BYTES as u64))?;
        for at in memchr::memchr_iter(MAGIC[0], &self.bytes) {
            // Its checksum tells a block that holds anything from bytes that look like one.
            let Ok(block) = self.inflater.block(&self.bytes[at..], &mut self.plain) else {
                continue;
            };
            let Records { first, many, walked } = self.records(0..block.plain);
            if walked == Some(block.plain) && many >= LEAST_RECORDS {
                return Ok(first.map(|place| (from + at as u64, place)));
            }
        }
        Ok(None)
    }

    /// Where the record at a virtual offset lies; `None` when it does not end in its block.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub(super) fn place(&mut self, offset: u64, end: u64) -> io::Result<Option<Place>> {
        let from = offset >> 16;
        self.read(from, end.saturating_sub(from).min(MAX_BLOCK_BYTES as u64))?;
        let Ok(block) = self.inflater.block(&self.bytes, &mut self.plain) else { return Ok(None) };
        // A damaged record is told when it is read.
        Ok(self.records((offset & 0xffff) as usize..block.plain).first)
    }

    /// The records in these plain bytes.
    fn records(&self, bytes: Range<usize>) -> Records {
        let plain = self.plain.get(bytes).unwrap_or_default();
        let (mut first, mut many) = (None, 0);
        let walked = bam::walk_each(plain, 0, self.contigs, |_, read| {
            first = first.or(Some((read.contig(), read.position())));
            many += 1;
        });
        Records { first, many, walked: walked.ok() }
    }

    fn read(&mut self, from: u64, bytes: u64) -> io::Result<()> {
        self.bytes.resize(bytes as usize, 0);
        self.file.read_exact_at(&mut self.bytes, from)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::bgzf::{Deflater, EOF_BLOCK};
    use super::*;

    /// An unmapped record of this name.
    fn record(name: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        for word in [-1_i32, -1, name.len() as i32 + 1, 4 << 16, 4, -1, -1, 0] {
            bytes.extend(word.to_le_bytes());
        }
        bytes.extend(name.bytes().chain([0, 0x12, 0x48, 30, 31, 32, 33]));
        let mut whole = (bytes.len() as u32).to_le_bytes().to_vec();
        whole.extend(bytes);
        whole
    }

    #[test]
    fn only_blocks_of_whole_records_are_places_to_cut() {
        let records: Vec<_> = (0..6).map(|i| record(&format!("read{i}"))).collect();
        let mut file = tempfile::tempfile().unwrap();
        let mut starts = Vec::new();
        let mut bytes = Vec::new();
        let broken = [&records[2][..], &records[3][..20]].concat();
        for plain in
            [records[..2].concat(), broken, records[3][20..].to_vec(), records[4..].concat()]
        {
            starts.push(bytes.len() as u64);
            Deflater::default().block(&plain, &mut bytes);
        }
        let end = bytes.len() as u64;
        bytes.extend(EOF_BLOCK);
        file.write_all(&bytes).unwrap();
        let mut search = BlockSearch::new(&file, 1);
        assert_eq!(search.place(0, end).unwrap(), Some((-1, -1)));
        let second = records[0].len() as u64;
        assert_eq!(search.place(second, end).unwrap(), Some((-1, -1)));
        assert_eq!(search.place(starts[2] << 16, end).unwrap(), None);
        let mut from = |from: u64| search.records_from(from, end).unwrap().map(|found| found.0);
        assert_eq!(from(0), Some(0));
        // The second and the third hold parts of a record.
        assert_eq!((from(1), from(starts[1] + 1)), (Some(starts[3]), Some(starts[3])));
        assert_eq!((from(starts[2] + 1), from(starts[3])), (Some(starts[3]), Some(starts[3])));
        assert_eq!((from(starts[3] + 1), from(end)), (None, None));
        assert_eq!(search.records_from(starts[3] + 1, end + EOF_BLOCK.len() as u64).unwrap(), None);
    }
}
