//! Writing BGZF: an encoder that a worker can own, pieces that are compressed apart and joined in order, and a plain
//! writer. The bytes depend on the data, the level and where pieces begin, never on threads.
//!
//! Format: SAM specification, section 4.1 (gzip members with a `BC` extra field and at most 64 KiB each).

use std::io::{self, Write};

pub use super::bgzf::EOF_BLOCK;
use super::bgzf::{Deflater, WRITE_BLOCK_BYTES as BLOCK_BYTES};

/// Whole blocks that were compressed apart from the rest of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// Compressed bytes.
    pub bytes: Vec<u8>,
    /// Start of every block: (compressed, uncompressed) bytes from the piece's start.
    pub blocks: Vec<(u64, u64)>,
    /// Uncompressed length, bytes.
    pub plain_bytes: u64,
}

/// Builds a [`Piece`] in memory.
#[derive(Debug)]
pub struct PieceBuilder {
    deflater: Deflater,
    pending: Vec<u8>,
    piece: Piece,
}

impl PieceBuilder {
    /// An empty piece of this compression level (see [`Deflater::new`]).
    pub fn new(level: u8) -> Self {
        Self {
            deflater: Deflater::new(level),
            pending: Vec::with_capacity(BLOCK_BYTES),
            piece: Piece::default(),
        }
    }

    /// Virtual offset of the next byte from the piece's start: compressed offset of its block << 16 | place in it.
    pub fn position(&self) -> u64 {
        (self.piece.bytes.len() as u64) << 16 | self.pending.len() as u64
    }

    /// Starts a new block if so many bytes would not fit into this one, so that small records do not straddle blocks.
    ///
    /// # Errors
    ///
    /// None yet: the bytes stay in memory.
    pub fn reserve(&mut self, bytes: usize) -> io::Result<()> {
        if bytes <= BLOCK_BYTES && self.pending.len() + bytes > BLOCK_BYTES {
            self.flush_block();
        }
        Ok(())
    }

    /// Appends bytes.
    ///
    /// # Errors
    ///
    /// None yet: the bytes stay in memory.
    pub fn push(&mut self, mut data: &[u8]) -> io::Result<()> {
        while !data.is_empty() {
            let taken = data.len().min(BLOCK_BYTES - self.pending.len());
            self.pending.extend_from_slice(&data[..taken]);
            data = &data[taken..];
            // A full block goes out at once, so that a position never points behind the last byte of a block.
            if self.pending.len() == BLOCK_BYTES {
                self.flush_block();
            }
        }
        Ok(())
    }

    fn flush_block(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        self.piece.blocks.push((self.piece.bytes.len() as u64, self.piece.plain_bytes));
        self.deflater.block(&self.pending, &mut self.piece.bytes);
        self.piece.plain_bytes += self.pending.len() as u64;
        self.pending.clear();
    }

    /// Ends the last block and hands the piece out; the builder is empty again.
    ///
    /// # Errors
    ///
    /// None yet: the bytes stay in memory.
    pub fn finish(&mut self) -> io::Result<Piece> {
        self.flush_block();
        Ok(std::mem::take(&mut self.piece))
    }
}

/// Joins pieces in order into one BGZF file and keeps the place of every block.
#[derive(Debug)]
pub struct Joined<W: Write> {
    inner: W,
    written: u64,
    plain: u64,
    blocks: Vec<(u64, u64)>,
}

impl<W: Write> Joined<W> {
    /// A file without blocks yet.
    pub fn new(inner: W) -> Self {
        Self { inner, written: 0, plain: 0, blocks: Vec::new() }
    }

    /// Appends a piece; returns the compressed offset at which it starts, to be added to its virtual offsets.
    ///
    /// # Errors
    ///
    /// When the bytes cannot be written.
    pub fn append(&mut self, piece: &Piece) -> io::Result<u64> {
        let start = self.written;
        self.inner.write_all(&piece.bytes)?;
        self.blocks.extend(piece.blocks.iter().map(|&(c, u)| (start + c, self.plain + u)));
        self.written += piece.bytes.len() as u64;
        self.plain += piece.plain_bytes;
        Ok(start)
    }

    /// Ends the file with the empty block; returns what it was written to and the `.gzi` index of its blocks
    /// (a count, then compressed and uncompressed start of every block but the first, all 64-bit little-endian).
    ///
    /// # Errors
    ///
    /// When the bytes cannot be written.
    pub fn finish(mut self) -> io::Result<(W, Vec<u8>)> {
        self.inner.write_all(&EOF_BLOCK)?;
        let entries = self.blocks.get(1..).unwrap_or_default();
        let mut gzi = (entries.len() as u64).to_le_bytes().to_vec();
        for &(compressed, plain) in entries {
            gzi.extend(compressed.to_le_bytes());
            gzi.extend(plain.to_le_bytes());
        }
        Ok((self.inner, gzi))
    }
}

/// The whole BGZF file of some bytes, with the ending block.
///
/// # Errors
///
/// None yet: the bytes stay in memory.
pub fn compress_all(data: &[u8], level: u8) -> io::Result<Vec<u8>> {
    let mut builder = PieceBuilder::new(level);
    builder.push(data)?;
    let mut joined = Joined::new(Vec::new());
    joined.append(&builder.finish()?)?;
    Ok(joined.finish()?.0)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn inflate(bytes: &[u8]) -> Vec<u8> {
        let mut plain = Vec::new();
        flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
        plain
    }

    /// Bytes that do not compress.
    fn noise(n: usize) -> Vec<u8> {
        let mut x = 1_u64;
        (0..n)
            .map(|_| {
                x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (x >> 56) as u8
            })
            .collect()
    }

    #[test]
    fn every_level_round_trips_noise_and_runs() {
        for level in [0, 1, 6, 12, 99] {
            for data in [noise(200_000), vec![b'N'; 200_000], Vec::new(), b"x".to_vec()] {
                let bytes = compress_all(&data, level).unwrap();
                assert_eq!(inflate(&bytes), data, "level {level}");
                assert!(bytes.ends_with(&EOF_BLOCK));
            }
        }
    }

    #[test]
    fn positions_point_at_the_byte_that_comes_next() {
        let mut builder = PieceBuilder::new(1);
        let data = noise(3 * BLOCK_BYTES + 17);
        let mut places = Vec::new();
        for record in data.chunks(1000) {
            builder.reserve(record.len()).unwrap();
            places.push(builder.position());
            builder.push(record).unwrap();
        }
        let piece = builder.finish().unwrap();
        for (record, place) in data.chunks(1000).zip(places) {
            let block = inflate(&piece.bytes[(place >> 16) as usize..]);
            assert!(block[(place & 0xffff) as usize..].starts_with(record));
        }
    }

    #[test]
    fn joined_pieces_are_one_file_with_an_index() {
        let mut joined = Joined::new(Vec::new());
        let mut whole = Vec::new();
        for i in 0..3 {
            let data = noise(70_000 + i);
            let mut builder = PieceBuilder::new(6);
            builder.push(&data).unwrap();
            joined.append(&builder.finish().unwrap()).unwrap();
            whole.extend(data);
        }
        let (bytes, gzi) = joined.finish().unwrap();
        assert_eq!(inflate(&bytes), whole);
        assert_eq!(gzi[..8], 5_u64.to_le_bytes(), "six blocks, the first is not listed");
        let at = |i: usize| u64::from_le_bytes(gzi[i..i + 8].try_into().unwrap()) as usize;
        assert!(whole[at(16)..].starts_with(&inflate(&bytes[at(8)..])[..100]));
    }
}
