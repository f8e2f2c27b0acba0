//! BGZF blocks (SAM specification v1.6, section 4.1): independent gzip members of at most 64 KiB that state their own size.

use libdeflater::{CompressionLvl, Compressor, Decompressor};

use crate::model::problem::Problem;

/// Bytes of a block's header when it has only the BGZF extra field.
const HEADER_BYTES: usize = 18;
/// CRC-32 and length after the compressed bytes.
const FOOTER_BYTES: usize = 8;
/// Largest block, compressed or not.
pub const MAX_BLOCK_BYTES: usize = 1 << 16;
/// Plain bytes a block that we write: as htslib, so that a block that does not compress still fits.
pub const WRITE_BLOCK_BYTES: usize = 65_280;
/// The first bytes of every block.
pub(super) const MAGIC: [u8; 4] = [31, 139, 8, 4];
/// The empty block that ends a file.
pub const EOF_BLOCK: [u8; 28] =
    [31, 139, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, 66, 67, 2, 0, 27, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// What is wrong with a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockFault {
    /// The bytes do not begin with a BGZF header.
    #[error("no BGZF block starts here")]
    NotBgzf,
    /// The bytes end inside a block.
    #[error("the file ends inside a block")]
    Truncated,
    /// The compressed bytes cannot be decoded.
    #[error("the block is damaged (cannot be decompressed)")]
    Damaged,
    /// The plain bytes differ from their checksum.
    #[error("the block is damaged (its checksum differs)")]
    Checksum,
}

impl BlockFault {
    /// The fault of the block that starts at byte `offset` of its file.
    pub(crate) fn at(self, offset: u64) -> Problem {
        match self {
            Self::Truncated => truncated(offset),
            _ => Problem::bad_data(self.to_string())
                .at(format!("byte {offset}"))
                .help("copy the file again and compare its checksum with the source"),
        }
    }
}

/// The fault of a file that ends too early.
pub(crate) fn truncated(offset: u64) -> Problem {
    Problem::bad_data("the file ends without the BGZF end-of-file block: it is truncated")
        .at(format!("byte {offset}"))
        .help("copy or write the file again; compare its size with the source")
}

/// True for the first bytes of a gzip member of any sort.
pub(crate) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[31, 139])
}

/// The size in bytes of the whole block that begins here, from its header.
///
/// # Errors
///
/// When the bytes are no BGZF header or too few to tell.
pub fn block_size(bytes: &[u8]) -> Result<usize, BlockFault> {
    let Some(header) = bytes.first_chunk::<HEADER_BYTES>() else {
        return Err(BlockFault::Truncated);
    };
    if header[..4] != MAGIC {
        return Err(BlockFault::NotBgzf);
    }
    let extra = usize::from(u16::from_le_bytes([header[10], header[11]]));
    let mut fields = bytes.get(12..12 + extra).ok_or(BlockFault::Truncated)?;
    while let [a, b, low, high, rest @ ..] = fields {
        let length = usize::from(u16::from_le_bytes([*low, *high]));
        if [*a, *b] == *b"BC" && length == 2 && rest.len() >= 2 {
            let size = usize::from(u16::from_le_bytes([rest[0], rest[1]])) + 1;
            return if size >= 12 + extra + FOOTER_BYTES {
                Ok(size)
            } else {
                Err(BlockFault::NotBgzf)
            };
        }
        fields = rest.get(length..).ok_or(BlockFault::NotBgzf)?;
    }
    Err(BlockFault::NotBgzf)
}

/// One decompressed block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inflated {
    /// Bytes of the block in the file.
    pub compressed: usize,
    /// Bytes that it holds.
    pub plain: usize,
    /// CRC-32 of what it holds.
    pub crc: u32,
}

/// Decompresses single blocks. libdeflate, because it is 1.2 to 2.4 times as fast as zlib-ng, zlib-rs and isa-l on BAM blocks;
/// the checksum is always compared, which costs less than 1%.
pub struct Inflater(Decompressor);

impl std::fmt::Debug for Inflater {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Inflater")
    }
}

impl Default for Inflater {
    fn default() -> Self {
        Self(Decompressor::new())
    }
}

/// The parts of a block.
pub(super) struct Parts<'a> {
    /// Bytes of the whole block.
    pub(super) size: usize,
    /// Its DEFLATE stream.
    pub(super) body: &'a [u8],
    pub(super) crc: u32,
    /// Bytes that it says to hold.
    pub(super) plain: usize,
}

impl<'a> Parts<'a> {
    /// The parts of the block at the start of `bytes`. One that says to hold more than a block may is damaged.
    pub(super) fn of(bytes: &'a [u8]) -> Result<Self, BlockFault> {
        let size = block_size(bytes)?;
        let block = bytes.get(..size).ok_or(BlockFault::Truncated)?;
        let extra = usize::from(u16::from_le_bytes([block[10], block[11]]));
        let (body, footer) = block[12 + extra..].split_at(size - 12 - extra - FOOTER_BYTES);
        let word =
            |i: usize| u32::from_le_bytes([footer[i], footer[i + 1], footer[i + 2], footer[i + 3]]);
        let (crc, plain) = (word(0), word(4) as usize);
        if plain > MAX_BLOCK_BYTES {
            return Err(BlockFault::Damaged);
        }
        Ok(Self { size, body, crc, plain })
    }
}

impl Inflater {
    /// Decompresses the block at the start of `bytes` to the start of `out`, which must have [`MAX_BLOCK_BYTES`].
    ///
    /// # Errors
    ///
    /// A block that is cut, damaged or none at all.
    pub fn block(&mut self, bytes: &[u8], out: &mut [u8]) -> Result<Inflated, BlockFault> {
        let Parts { size, body, crc, plain } = Parts::of(bytes)?;
        let out = out.get_mut(..plain).ok_or(BlockFault::Damaged)?;
        self.body(body, crc, out)?;
        Ok(Inflated { compressed: size, plain, crc })
    }

    /// Decompresses the stream of a block, which fills `out`.
    pub(super) fn body(&mut self, body: &[u8], crc: u32, out: &mut [u8]) -> Result<(), BlockFault> {
        let written = self.0.deflate_decompress(body, out).map_err(|_| BlockFault::Damaged)?;
        if written != out.len() {
            return Err(BlockFault::Damaged);
        }
        if libdeflater::crc32(out) != crc {
            return Err(BlockFault::Checksum);
        }
        Ok(())
    }

    /// Appends what the block at the start of `bytes` holds to `out`; returns the block's size. `offset` is where the block
    /// stands in its file, for messages.
    pub(crate) fn append(
        &mut self,
        bytes: &[u8],
        offset: u64,
        out: &mut Vec<u8>,
    ) -> Result<usize, Problem> {
        let before = out.len();
        let Parts { size, body, crc, plain } =
            Parts::of(bytes).map_err(|fault| fault.at(offset))?;
        out.resize(before + plain, 0);
        self.body(body, crc, &mut out[before..]).map_err(|fault| fault.at(offset))?;
        Ok(size)
    }
}

/// Compresses blocks.
pub struct Deflater(Compressor);

impl std::fmt::Debug for Deflater {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Deflater")
    }
}

impl Default for Deflater {
    /// Level 1: level 6 takes five to six times the time on depth tracks.
    fn default() -> Self {
        Self::new(1)
    }
}

impl Deflater {
    /// A compressor of this level: 0 (stored) to 12 (smallest); higher numbers count as 12.
    pub fn new(level: u8) -> Self {
        let level = CompressionLvl::new(i32::from(level)).unwrap_or(CompressionLvl::best());
        Self(Compressor::new(level))
    }

    /// Appends one block that holds `plain`, at most [`WRITE_BLOCK_BYTES`].
    pub fn block(&mut self, plain: &[u8], out: &mut Vec<u8>) {
        let (start, body) = begin_block(out);
        out.resize(body + MAX_BODY_BYTES, 0);
        // What does not compress is stored, which always fits.
        let written = match self.0.deflate_compress(plain, &mut out[body..]) {
            Ok(written) => written,
            Err(_) => store(plain, &mut out[body..]),
        };
        out.truncate(body + written);
        end_block(start, plain, out);
    }
}

/// Bytes that a compressed stream may have in one block.
const MAX_BODY_BYTES: usize = MAX_BLOCK_BYTES - HEADER_BYTES - FOOTER_BYTES;

/// Appends one block with `body`, the DEFLATE stream of `plain`; false, and nothing appended, when it does not fit.
pub(super) fn put_block(plain: &[u8], body: &[u8], out: &mut Vec<u8>) -> bool {
    if body.len() > MAX_BODY_BYTES {
        return false;
    }
    let (start, _) = begin_block(out);
    out.extend_from_slice(body);
    end_block(start, plain, out);
    true
}

/// Appends a header; returns where it and the stream behind it start.
fn begin_block(out: &mut Vec<u8>) -> (usize, usize) {
    let start = out.len();
    out.extend_from_slice(&EOF_BLOCK[..HEADER_BYTES]);
    (start, out.len())
}

/// Completes the block from `start` to the end of its stream.
fn end_block(start: usize, plain: &[u8], out: &mut Vec<u8>) {
    let size = out.len() - start + FOOTER_BYTES;
    out[start + 16..start + 18].copy_from_slice(&((size - 1) as u16).to_le_bytes());
    out.extend_from_slice(&libdeflater::crc32(plain).to_le_bytes());
    out.extend_from_slice(&(plain.len() as u32).to_le_bytes());
}

/// One stored (uncompressed) DEFLATE block.
fn store(plain: &[u8], out: &mut [u8]) -> usize {
    let length = plain.len() as u16;
    out[0] = 1;
    out[1..3].copy_from_slice(&length.to_le_bytes());
    out[3..5].copy_from_slice(&(!length).to_le_bytes());
    out[5..5 + plain.len()].copy_from_slice(plain);
    5 + plain.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_survive_the_way_there_and_back() {
        let noise: Vec<u8> = (0..WRITE_BLOCK_BYTES as u64)
            .map(|i| (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 37) as u8)
            .collect();
        let mut out = vec![0; MAX_BLOCK_BYTES];
        for plain in [&b"abc"[..], b"", &noise, &vec![7; WRITE_BLOCK_BYTES]] {
            let mut bytes = Vec::new();
            Deflater::default().block(plain, &mut bytes);
            let found = Inflater::default().block(&bytes, &mut out).unwrap();
            assert_eq!((found.compressed, &out[..found.plain]), (bytes.len(), plain));
        }
    }

    #[test]
    fn every_damage_has_its_name() {
        let mut bytes = Vec::new();
        Deflater::default().block(&[b'x'; 1000], &mut bytes);
        let mut out = vec![0; MAX_BLOCK_BYTES];
        let mut fault = |bytes: &[u8]| Inflater::default().block(bytes, &mut out).unwrap_err();
        assert_eq!(fault(&bytes[..bytes.len() - 1]), BlockFault::Truncated);
        assert_eq!(fault(b"BAM\x01 and so on, not compressed"), BlockFault::NotBgzf);
        let crc = bytes.len() - 6;
        bytes[crc] ^= 1;
        assert_eq!(fault(&bytes), BlockFault::Checksum);
        bytes[crc] ^= 1;
        // No block is empty because it says so.
        let mut empty = bytes.clone();
        empty[crc + 2..].fill(0);
        assert_eq!(fault(&empty), BlockFault::Damaged);
        empty[18..].fill(0);
        assert_eq!(fault(&empty), BlockFault::Damaged);
        bytes[20] ^= 0xff;
        assert!(matches!(fault(&bytes), BlockFault::Damaged | BlockFault::Checksum));
    }

    #[test]
    fn level_1_compresses_and_level_0_does_not() {
        let text = b"chr1\t100\t101\t30\n".repeat(1000);
        let size = |mut deflater: Deflater| {
            let mut bytes = Vec::new();
            deflater.block(&text, &mut bytes);
            bytes.len()
        };
        assert!(size(Deflater::default()) < text.len() / 10);
        assert!(size(Deflater::new(0)) > text.len());
        assert!(size(Deflater::new(99)) < text.len() / 10);
    }

    #[test]
    fn a_block_is_appended_and_every_damage_is_seen() {
        let mut whole = Vec::new();
        Deflater::default().block(b"hello hello hello", &mut whole);
        let (mut inflater, mut out) = (Inflater::default(), b"> ".to_vec());
        assert_eq!(inflater.append(&whole, 0, &mut out).unwrap(), whole.len());
        assert_eq!(out, b"> hello hello hello");
        for i in 18..whole.len() {
            let mut damaged = whole.clone();
            damaged[i] ^= 0xff;
            assert!(inflater.append(&damaged, 7, &mut Vec::new()).is_err(), "byte {i}");
        }
        let cut = inflater.append(&whole[..whole.len() - 1], 7, &mut Vec::new());
        assert!(cut.unwrap_err().message.contains("truncated"));
    }

    #[test]
    fn the_end_marker_is_an_empty_block() {
        let mut out = vec![0; MAX_BLOCK_BYTES];
        let found = Inflater::default().block(&EOF_BLOCK, &mut out).unwrap();
        assert_eq!(found, Inflated { compressed: 28, plain: 0, crc: 0 });
    }
}
