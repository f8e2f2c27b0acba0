//! Bulk BED tracks: BGZF text with a CSI index beside it, written in order. The heavy part, formatting and compressing a
//! long stretch, can be done ahead by any thread as a [`Piece`]; the track then only appends it.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::model::problem::Problem;

use super::bgzf::{Deflater, EOF_BLOCK, WRITE_BLOCK_BYTES};
use super::sink::AtomicFile;

/// Longest line that [`PieceWriter::room`] promises to hold, bytes.
pub const MAX_LINE_BYTES: usize = 4096;
/// Bases of the smallest index window, as a power of two.
const MIN_SHIFT: u32 = 14;

/// A stretch of one contig's lines, compressed, with what the index needs to know.
#[derive(Clone, Debug, Default)]
pub struct Piece {
    bytes: Vec<u8>,
    /// Where each block starts in `bytes`.
    blocks: Vec<u32>,
    marks: Vec<Mark>,
}

/// Neighbouring lines that fall into one index bin: their span in bp, 0-based half-open, and in plain bytes of the piece.
#[derive(Clone, Copy, Debug)]
struct Mark {
    start: u32,
    end: u32,
    from: u64,
    to: u64,
}

/// Formats and compresses one piece. Reused from piece to piece.
#[derive(Debug)]
pub struct PieceWriter {
    text: Vec<u8>,
    used: usize,
    /// Plain bytes already compressed.
    flushed: u64,
    deflater: Deflater,
    piece: Piece,
}

impl Default for PieceWriter {
    fn default() -> Self {
        Self {
            text: vec![0; WRITE_BLOCK_BYTES + MAX_LINE_BYTES],
            used: 0,
            flushed: 0,
            deflater: Deflater::default(),
            piece: Piece::default(),
        }
    }
}

impl PieceWriter {
    /// Where the next line goes: at least [`MAX_LINE_BYTES`] bytes.
    #[inline]
    pub fn room(&mut self) -> &mut [u8] {
        &mut self.text[self.used..]
    }

    /// Accepts the first `length` bytes of the room as a line about `start..end` (bp, 0-based half-open).
    #[inline]
    pub fn commit(&mut self, length: usize, start: u32, end: u32) {
        let from = self.flushed + self.used as u64;
        self.used += length;
        let to = from + length as u64;
        let window = start >> MIN_SHIFT;
        match self.piece.marks.last_mut() {
            Some(mark)
                if mark.start >> MIN_SHIFT == window
                    && end.saturating_sub(1) >> MIN_SHIFT == window
                    && mark.end.saturating_sub(1) >> MIN_SHIFT == window =>
            {
                mark.end = mark.end.max(end);
                mark.to = to;
            }
            _ => self.piece.marks.push(Mark { start, end, from, to }),
        }
        if self.used >= WRITE_BLOCK_BYTES {
            self.flush(WRITE_BLOCK_BYTES);
        }
    }

    /// Adds a line of any length below [`MAX_LINE_BYTES`]; a longer one is cut there.
    pub fn line(&mut self, text: &[u8], start: u32, end: u32) {
        let length = text.len().min(MAX_LINE_BYTES);
        self.room()[..length].copy_from_slice(&text[..length]);
        self.commit(length, start, end);
    }

    fn flush(&mut self, length: usize) {
        self.piece.blocks.push(self.piece.bytes.len() as u32);
        self.deflater.block(&self.text[..length], &mut self.piece.bytes);
        self.text.copy_within(length..self.used, 0);
        self.used -= length;
        self.flushed += length as u64;
    }

    /// The finished piece; the writer is empty again.
    pub fn finish(&mut self) -> Piece {
        if self.used > 0 {
            self.flush(self.used);
        }
        self.flushed = 0;
        std::mem::take(&mut self.piece)
    }
}

/// A track under construction.
#[derive(Debug)]
pub struct Track {
    file: AtomicFile,
    path: PathBuf,
    written: u64,
    own: PieceWriter,
    own_contig: u32,
    index: Index,
}

impl Track {
    /// Begins `path` and its index `path.csi`; `contigs` are the names and lengths (bp) of the alignment's header.
    ///
    /// # Errors
    ///
    /// When the file cannot be created.
    pub fn create(path: &Path, contigs: &[(String, u32)]) -> Result<Self, Problem> {
        Ok(Self {
            file: AtomicFile::create(path)?,
            path: path.to_owned(),
            written: 0,
            own: PieceWriter::default(),
            own_contig: 0,
            index: Index::new(contigs),
        })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        self.file.write_all(bytes).map_err(|e| Problem::writing(self.path.display(), &e))?;
        self.written += bytes.len() as u64;
        Ok(())
    }

    /// Writes a line that is no region (it begins with `#`).
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn header(&mut self, text: &str) -> Result<(), Problem> {
        self.own.line(text.as_bytes(), 0, 0);
        let piece = self.own.finish();
        self.write(&piece.bytes)
    }

    /// Appends a piece of this contig (index in the header).
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn append(&mut self, contig: u32, piece: &Piece) -> Result<(), Problem> {
        let place = |plain: u64| -> u64 {
            let block = (plain / WRITE_BLOCK_BYTES as u64) as usize;
            match piece.blocks.get(block) {
                Some(&at) => {
                    ((self.written + u64::from(at)) << 16) | (plain % WRITE_BLOCK_BYTES as u64)
                }
                None => (self.written + piece.bytes.len() as u64) << 16,
            }
        };
        for mark in &piece.marks {
            self.index.add(contig, (mark.start, mark.end), (place(mark.from), place(mark.to)));
        }
        self.write(&piece.bytes)
    }

    /// Adds one line (with its line end) about `start..end` of a contig.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn line(&mut self, contig: u32, span: (u32, u32), text: &[u8]) -> Result<(), Problem> {
        if contig != self.own_contig {
            self.flush()?;
            self.own_contig = contig;
        }
        self.own.line(text, span.0, span.1);
        if self.own.piece.bytes.len() > 1 << 20 {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Problem> {
        let piece = self.own.finish();
        self.append(self.own_contig, &piece)
    }

    /// Ends the track and writes its index.
    ///
    /// # Errors
    ///
    /// When either cannot be written.
    pub fn finish(mut self) -> Result<(), Problem> {
        self.flush()?;
        self.write(&EOF_BLOCK)?;
        let mut name = self.path.into_os_string();
        name.push(".csi");
        let index = self.index.encode();
        self.file.finish()?;
        super::sink::write_whole(PathBuf::from(name), &index)
    }
}

/// A CSI index under construction.
#[derive(Debug)]
struct Index {
    depth: u32,
    names: Vec<u8>,
    contigs: Vec<ContigIndex>,
}

#[derive(Clone, Debug, Default)]
struct ContigIndex {
    bins: BTreeMap<u32, Vec<(u64, u64)>>,
    /// Virtual offset of the first line that overlaps each smallest window; 0 for none.
    windows: Vec<u64>,
}

impl Index {
    fn new(contigs: &[(String, u32)]) -> Self {
        let longest = contigs.iter().map(|(_, length)| u64::from(*length)).max().unwrap_or(0);
        let mut depth = 5;
        while 1_u64 << (MIN_SHIFT + 3 * depth) < longest {
            depth += 1;
        }
        let names = contigs.iter().flat_map(|(name, _)| name.bytes().chain([0])).collect();
        Self { depth, names, contigs: vec![ContigIndex::default(); contigs.len()] }
    }

    fn add(&mut self, contig: u32, span: (u32, u32), offsets: (u64, u64)) {
        let (start, last) = (span.0, span.1.max(span.0 + 1) - 1);
        let bin = bin_of(start, last, self.depth);
        let Some(contig) = self.contigs.get_mut(contig as usize) else { return };
        let chunks = contig.bins.entry(bin).or_default();
        match chunks.last_mut() {
            Some(chunk) if chunk.1 >> 16 == offsets.0 >> 16 => chunk.1 = offsets.1,
            _ => chunks.push(offsets),
        }
        let (first, last) = ((start >> MIN_SHIFT) as usize, (last >> MIN_SHIFT) as usize);
        if contig.windows.len() <= last {
            contig.windows.resize(last + 1, 0);
        }
        for window in contig.windows[first..=last].iter_mut().rev() {
            if *window != 0 {
                break;
            }
            *window = offsets.0;
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut plain = b"CSI\x01".to_vec();
        let word = |value: u32, plain: &mut Vec<u8>| plain.extend(value.to_le_bytes());
        word(MIN_SHIFT, &mut plain);
        word(self.depth, &mut plain);
        word(28 + self.names.len() as u32, &mut plain);
        // Generic format with 0-based half-open starts; columns 1 to 3; comments begin with `#`.
        for value in [0x1_0000, 1, 2, 3, u32::from(b'#'), 0, self.names.len() as u32] {
            word(value, &mut plain);
        }
        plain.extend_from_slice(&self.names);
        word(self.contigs.len() as u32, &mut plain);
        for contig in &self.contigs {
            word(contig.bins.len() as u32, &mut plain);
            for (&bin, chunks) in &contig.bins {
                word(bin, &mut plain);
                plain.extend(contig.first_offset(bin, self.depth).to_le_bytes());
                word(chunks.len() as u32, &mut plain);
                for (from, to) in chunks {
                    plain.extend(from.to_le_bytes());
                    plain.extend(to.to_le_bytes());
                }
            }
        }
        let (mut bytes, mut deflater) = (Vec::new(), Deflater::default());
        for block in plain.chunks(WRITE_BLOCK_BYTES) {
            deflater.block(block, &mut bytes);
        }
        bytes.extend_from_slice(&EOF_BLOCK);
        bytes
    }
}

impl ContigIndex {
    /// Virtual offset of the first line that overlaps the bin's first window.
    fn first_offset(&self, bin: u32, depth: u32) -> u64 {
        let mut level = 0;
        while level < depth && bin >= level_start(level + 1) {
            level += 1;
        }
        let window = ((bin - level_start(level)) as usize) << (3 * (depth - level));
        let known = self.windows.get(window..).unwrap_or_default();
        known.iter().copied().find(|&offset| offset != 0).unwrap_or(0)
    }
}

fn level_start(level: u32) -> u32 {
    ((1 << (3 * level)) - 1) / 7
}

/// The smallest bin that holds both bases.
fn bin_of(first: u32, last: u32, depth: u32) -> u32 {
    for level in (0..=depth).rev() {
        let shift = MIN_SHIFT + 3 * (depth - level);
        if first.checked_shr(shift) == last.checked_shr(shift) {
            return level_start(level) + first.checked_shr(shift).unwrap_or(0);
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_those_of_the_specification() {
        assert_eq!(bin_of(0, 0, 5), 4681);
        assert_eq!(bin_of(16_383, 16_384, 5), 585);
        assert_eq!(bin_of(0, (1 << 29) - 1, 5), 0);
        assert_eq!(level_start(5), 4681);
    }

    #[test]
    fn a_track_appears_with_its_index_and_only_when_finished() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.bed.gz");
        let contigs = [("a".to_owned(), 100_000), ("b".to_owned(), 5)];
        let mut track = Track::create(&path, &contigs).unwrap();
        track.header("#h\n").unwrap();
        for i in 0..40_000_u32 {
            track
                .line(0, (i * 2, i * 2 + 2), format!("a\t{}\t{}\t1\n", i * 2, i * 2 + 2).as_bytes())
                .unwrap();
        }
        track.line(1, (0, 5), b"b\t0\t5\t0\n").unwrap();
        assert!(!path.exists());
        track.finish().unwrap();
        assert!(path.exists() && folder.path().join("x.bed.gz.csi").exists());
    }
}
