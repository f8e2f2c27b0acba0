//! BGZF at the level of blocks: find them, check them, inflate them.

use libdeflater::{Decompressor, crc32};

use crate::model::problem::Problem;

/// The empty block that ends every whole BGZF file.
const END_OF_FILE: [u8; 28] = [
    0x1f, 0x8b, 0x08, 0x04, 0, 0, 0, 0, 0, 0xff, 0x06, 0, 0x42, 0x43, 0x02, 0, 0x1b, 0, 0x03, 0, 0,
    0, 0, 0, 0, 0, 0, 0,
];

/// Bytes before the extra subfields of a gzip member with FEXTRA.
const FIXED_HEADER: usize = 12;

/// Largest inflated size of a block.
const MAX_INFLATED: usize = 1 << 16;

/// True for the first bytes of a gzip member of any sort.
pub(crate) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// Size of the header and of the whole block that begins here; `None` when the bytes are no BGZF block header
/// (or too few to tell).
pub(crate) fn block_size(bytes: &[u8]) -> Option<(usize, usize)> {
    let fixed = bytes.get(..FIXED_HEADER)?;
    if fixed[..4] != [0x1f, 0x8b, 8, 4] {
        return None;
    }
    let extra_bytes = usize::from(u16::from_le_bytes([fixed[10], fixed[11]]));
    let mut extra = bytes.get(FIXED_HEADER..FIXED_HEADER + extra_bytes)?;
    while let [a, b, low, high, rest @ ..] = extra {
        let length = usize::from(u16::from_le_bytes([*low, *high]));
        if (*a, *b, length) == (b'B', b'C', 2) {
            let size = usize::from(u16::from_le_bytes([*rest.first()?, *rest.get(1)?])) + 1;
            let header = FIXED_HEADER + extra_bytes;
            return (size >= header + 8).then_some((header, size));
        }
        extra = rest.get(length..)?;
    }
    None
}

/// Appends the inflated block that begins at `bytes[0]` to `out`; returns the block's compressed size.
/// `offset` is where the block stands in the file, for messages.
pub(crate) fn inflate(
    inflater: &mut Decompressor,
    bytes: &[u8],
    offset: u64,
    out: &mut Vec<u8>,
) -> Result<usize, Problem> {
    let place = || format!("BGZF block at byte {offset}");
    let broken = |what: &str| {
        Problem::bad_data(format!("{what}: the file is damaged"))
            .at(place())
            .help("copy the file again and compare its checksum with the source")
    };
    let (header_bytes, size) = block_size(bytes).ok_or_else(|| broken("no BGZF block header"))?;
    let Some(block) = bytes.get(..size) else { return Err(truncated(offset)) };
    let word = |at: usize| -> u32 {
        block[at..].iter().take(4).rev().fold(0, |value, &byte| value << 8 | u32::from(byte))
    };
    let expected = word(size - 4) as usize;
    if expected > MAX_INFLATED {
        return Err(broken("a block claims more than 64 KiB"));
    }
    let start = out.len();
    out.resize(start + expected, 0);
    let wrote = inflater
        .deflate_decompress(&block[header_bytes..size - 8], &mut out[start..])
        .map_err(|e| broken(&format!("a block cannot be inflated ({e})")))?;
    if wrote != expected {
        return Err(broken("a block is shorter than it says"));
    }
    if crc32(&out[start..]) != word(size - 8) {
        return Err(broken("a block does not match its checksum"));
    }
    Ok(size)
}

/// True when these bytes are the end-of-file block.
pub(crate) fn is_end_of_file(block: &[u8]) -> bool {
    block == END_OF_FILE
}

/// The fault of a file that ends too early.
pub(crate) fn truncated(offset: u64) -> Problem {
    Problem::bad_data("the file ends without the BGZF end-of-file block: it is truncated")
        .at(format!("byte {offset}"))
        .help("copy or write the file again; compare its size with the source")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One BGZF block of this content.
    fn block(content: &[u8]) -> Vec<u8> {
        let mut deflater = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
        let mut body = vec![0; deflater.deflate_compress_bound(content.len())];
        let n = deflater.deflate_compress(content, &mut body).unwrap();
        let size = (n + 25) as u16;
        let mut out = vec![0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, b'B', b'C', 2, 0];
        out.extend(size.to_le_bytes());
        out.extend(&body[..n]);
        out.extend(crc32(content).to_le_bytes());
        out.extend((content.len() as u32).to_le_bytes());
        out
    }

    #[test]
    fn a_block_comes_back_and_damage_is_seen() {
        let whole = block(b"hello hello hello");
        let mut inflater = Decompressor::new();
        let mut out = Vec::new();
        assert_eq!(inflate(&mut inflater, &whole, 0, &mut out).unwrap(), whole.len());
        assert_eq!(out, b"hello hello hello");
        for i in 18..whole.len() {
            let mut damaged = whole.clone();
            damaged[i] ^= 0xff;
            let result = inflate(&mut inflater, &damaged, 7, &mut Vec::new());
            assert!(result.is_err(), "byte {i}");
        }
        let cut = inflate(&mut inflater, &whole[..whole.len() - 1], 7, &mut Vec::new());
        assert!(cut.unwrap_err().message.contains("truncated"));
    }

    #[test]
    fn the_end_block_is_an_empty_block() {
        let mut out = Vec::new();
        let size = inflate(&mut Decompressor::new(), &END_OF_FILE, 0, &mut out).unwrap();
        assert!(size == 28 && out.is_empty() && is_end_of_file(&END_OF_FILE));
    }
}
