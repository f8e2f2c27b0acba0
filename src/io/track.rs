//! Bulk BED tracks: BGZF text with a CSI index beside it, written in order. The heavy part, formatting and compressing a
//! long stretch, is done ahead by any thread as a [`Piece`]; the track appends it, and compresses lines that are few.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::model::problem::Problem;
use crate::model::written::{FileState, WrittenFile};

use super::bed_piece::{Blocks, MIN_SHIFT, Piece, PiecePart, PieceWriter, Place};
use super::bgzf::{Deflater, EOF_BLOCK, WRITE_BLOCK_BYTES};
use super::digest;
use super::sink::AtomicFile;

/// A track under construction.
#[derive(Debug)]
pub struct Track {
    file: AtomicFile,
    path: PathBuf,
    written: u64,
    /// Of the bytes written so far.
    sha256: Sha256,
    /// Single lines about `own_contig`, not yet written.
    own: PieceWriter,
    own_contig: Option<u32>,
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
            sha256: Sha256::new(),
            own: PieceWriter::default(),
            own_contig: None,
            index: Index::new(contigs),
        })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        self.file.write_all(bytes).map_err(|e| Problem::writing(self.path.display(), &e))?;
        self.written += bytes.len() as u64;
        self.sha256.update(bytes);
        Ok(())
    }

    /// Writes a line that is no region (it begins with `#`).
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn header(&mut self, text: &str) -> Result<(), Problem> {
        let mut bytes = Vec::new();
        for block in text.as_bytes().chunks(WRITE_BLOCK_BYTES) {
            Deflater::default().block(block, &mut bytes);
        }
        self.write(&bytes)
    }

    /// Appends a piece about a contig, given by its index in the header and its name.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn append(&mut self, contig: (u32, &str), piece: &Piece) -> Result<(), Problem> {
        for part in piece.parts() {
            match part {
                PiecePart::Blocks(blocks) => {
                    self.flush()?;
                    self.put(contig.0, piece, blocks)?;
                }
                PiecePart::Lines(few) => {
                    few.iter().try_for_each(|(span, rest)| self.line(contig, span, rest))?;
                }
            }
        }
        Ok(())
    }

    /// Adds the line `contig start end rest` about `start..end` (bp, 0-based half-open) of a contig, given by its index in
    /// the header and its name.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn line(
        &mut self,
        contig: (u32, &str),
        (start, end): (u32, u32),
        rest: &[u8],
    ) -> Result<(), Problem> {
        if self.own_contig != Some(contig.0) {
            self.flush()?;
            self.own.begin(contig.1);
            self.own_contig = Some(contig.0);
        }
        self.own.line(start, end, rest);
        if self.own.compressed() > 1 << 20 { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Problem> {
        match self.own_contig.take() {
            Some(contig) => {
                let piece = self.own.finish();
                piece.parts().try_for_each(|part| match part {
                    PiecePart::Blocks(blocks) => self.put(contig, &piece, blocks),
                    // No cell ended, so all lines are in blocks.
                    PiecePart::Lines(_) => Ok(()),
                })
            }
            None => Ok(()),
        }
    }

    /// Writes these blocks of a piece.
    fn put(&mut self, contig: u32, piece: &Piece, blocks: Blocks<'_>) -> Result<(), Problem> {
        let Blocks { at: first, bytes, marks } = blocks;
        let offset = |place: Place| -> u64 {
            let (at, within) = piece.locate(place);
            ((self.written + at - first as u64) << 16) | within
        };
        for mark in marks {
            self.index.add(contig, (mark.start, mark.end), (offset(mark.from), offset(mark.to)));
        }
        self.write(bytes)
    }

    /// Ends the track and writes its index; the track's digest is at hand then.
    ///
    /// # Errors
    ///
    /// When either cannot be written.
    pub fn finish(mut self) -> Result<WrittenFile, Problem> {
        self.flush()?;
        self.write(&EOF_BLOCK)?;
        let mut name = self.path.clone().into_os_string();
        name.push(".csi");
        let index = self.index.encode();
        // The size is that of the bytes hashed: a file system that kept others is not believed, but read.
        let state = FileState { bytes: self.written, ..self.file.finish_known()? };
        super::sink::write_whole(PathBuf::from(name), &index)?;
        Ok(WrittenFile { path: self.path, sha256: digest::hex(&self.sha256.finalize()), state })
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
    use std::fmt::Write as _;

    use super::*;

    #[test]
    fn bins_are_those_of_the_specification() {
        assert_eq!(bin_of(0, 0, 5), 4681);
        assert_eq!(bin_of(16_383, 16_384, 5), 585);
        assert_eq!(bin_of(0, (1 << 29) - 1, 5), 0);
        assert_eq!(level_start(5), 4681);
    }

    #[test]
    fn cells_of_one_piece_or_of_many_are_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let contigs = [("a".to_owned(), 3_000_000), ("b".to_owned(), 3_000_000)];
        let cells = [3, 300, 0, 10, 9000, 2, 127, 128, 1];
        let mut expected = String::new();
        // The number of cells in a piece.
        let track_of = |group: usize| {
            let path = folder.path().join(format!("{group}.bed.gz"));
            let mut track = Track::create(&path, &contigs).unwrap();
            let mut writer = PieceWriter::default();
            for (contig, (name, _)) in contigs.iter().enumerate() {
                let mut start = 0;
                for cells in cells.chunks(group) {
                    writer.begin(name);
                    for &lines in cells {
                        for i in 0..lines {
                            writer.value(start, start + 17, i % 900);
                            start += 17;
                        }
                        writer.end_cell();
                    }
                    track.append((contig as u32, name), &writer.finish_cells()).unwrap();
                }
                track.line((contig as u32, name), (start, start + 1), b"0.5\tname").unwrap();
            }
            track.finish().unwrap();
            let index = std::fs::read(folder.path().join(format!("{group}.bed.gz.csi"))).unwrap();
            (std::fs::read(path).unwrap(), index)
        };
        let (bytes, index) = track_of(1);
        for group in [2, 3, 9] {
            assert!(track_of(group) == (bytes.clone(), index.clone()), "{group}");
        }
        for (name, _) in &contigs {
            let mut start = 0;
            for lines in cells {
                for i in 0..lines {
                    let _ = writeln!(expected, "{name}\t{start}\t{}\t{}", start + 17, i % 900);
                    start += 17;
                }
            }
            let _ = writeln!(expected, "{name}\t{start}\t{}\t0.5\tname", start + 1);
        }
        let mut text = String::new();
        std::io::Read::read_to_string(&mut flate2::read::MultiGzDecoder::new(&*bytes), &mut text)
            .unwrap();
        assert!(text == expected);
    }

    #[test]
    fn a_track_appears_with_its_index_and_only_when_finished() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.bed.gz");
        let contigs = [("a".to_owned(), 100_000), ("b".to_owned(), 5)];
        let mut track = Track::create(&path, &contigs).unwrap();
        track.header("#h\n").unwrap();
        let mut writer = PieceWriter::default();
        writer.begin("a");
        for i in 0..40_000_u32 {
            writer.value(i * 2, i * 2 + 2, 1);
        }
        track.append((0, "a"), &writer.finish()).unwrap();
        track.line((1, "b"), (0, 5), b"0").unwrap();
        assert!(!path.exists());
        let written = track.finish().unwrap();
        assert!(path.exists() && folder.path().join("x.bed.gz.csi").exists());
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(written.sha256, digest::sha256_hex(&bytes));
        assert_eq!(written.state.bytes, bytes.len() as u64);
        let known = WrittenFile { sha256: "as written".into(), ..written };
        assert_eq!(digest::of_output(&path, &[known]).unwrap().sha256, "as written");
    }

    #[test]
    fn a_track_that_cannot_be_finished_has_no_digest() {
        for taken in ["x.bed.gz", "x.bed.gz.csi"] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::create_dir(folder.path().join(taken)).unwrap();
            let track = Track::create(&folder.path().join("x.bed.gz"), &[]).unwrap();
            assert_eq!(track.finish().unwrap_err().kind.exit_code(), 73, "{taken}");
        }
    }
}
