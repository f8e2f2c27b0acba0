use std::io::Write;

use flate2::write::DeflateEncoder;
use flate2::{Compress, Compression, FlushCompress, Status};
use libdeflater::{CompressionLvl, Compressor, Decompressor};
use proptest::prelude::*;

use super::*;

/// Lanes, or a word that they are not tested.
fn lanes() -> Option<Lanes> {
    let lanes = Lanes::able();
    if lanes.is_none() {
        eprintln!("skipped: this machine decodes one block at a time");
    }
    lanes
}

/// Numbers that look like chance.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// Bytes of many sorts: what repeats at short and long distances, rare and frequent letters, noise.
fn text(sort: usize, length: usize, seed: u64) -> Vec<u8> {
    let mut chance = Chance(seed);
    let mut bytes: Vec<u8> = Vec::with_capacity(length + 300);
    while bytes.len() < length {
        match sort {
            0 => bytes.push(chance.below(256) as u8),
            1 => bytes.push(b"ACGT"[chance.below(4)]),
            // Letters twice as rare each, so that codes become long.
            2 => bytes.push((0..40).find(|_| chance.below(2) == 0).unwrap_or(40)),
            // Repeats of 1 to 300 bytes, of any distance there is.
            _ => {
                let far = if chance.below(2) == 0 { 80 } else { 1 << 16 };
                let back = 1 + chance.below(far);
                if bytes.len() < back || chance.below(4) == 0 {
                    bytes.push(chance.below(64) as u8);
                } else {
                    for _ in 0..3 + chance.below(300) {
                        bytes.push(bytes[bytes.len() - back]);
                    }
                }
            }
        }
    }
    bytes.truncate(length);
    bytes
}

/// A stream by libdeflate (levels 1 to 12) or zlib (13 to 21: levels 1 to 9).
fn deflated(plain: &[u8], level: usize) -> Vec<u8> {
    if level > 12 {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(level as u32 - 12));
        encoder.write_all(plain).unwrap();
        return encoder.finish().unwrap();
    }
    let mut compressor = Compressor::new(CompressionLvl::new(level as i32).unwrap());
    let mut stream = vec![0; compressor.deflate_compress_bound(plain.len())];
    let length = compressor.deflate_compress(plain, &mut stream).unwrap();
    stream.truncate(length);
    stream
}

/// A stream of many short parts.
fn in_parts(plain: &[u8], part: usize) -> Vec<u8> {
    let mut compress = Compress::new(Compression::new(6), false);
    let mut stream = Vec::with_capacity(2 * plain.len() + 1000);
    for bytes in plain.chunks(part) {
        compress.compress_vec(bytes, &mut stream, FlushCompress::Partial).unwrap();
    }
    let status = compress.compress_vec(&[], &mut stream, FlushCompress::Finish).unwrap();
    assert_eq!(status, Status::StreamEnd);
    stream
}

/// Decodes streams with what they are said to hold: what came out of each.
fn decoded(lanes: &mut Lanes, blocks: &[(Vec<u8>, usize)]) -> Vec<Option<Vec<u8>>> {
    let (mut taken, mut found) = (0, Vec::new());
    lanes.clear();
    while found.len() < blocks.len() {
        while lanes.has_room() && taken < blocks.len() {
            lanes.push(&blocks[taken].0, blocks[taken].1);
            taken += 1;
        }
        let Decoded { stream, plain } = lanes.pop().unwrap();
        assert_eq!(stream, blocks[found.len()].0);
        found.push(plain.map(|plain| plain.plain().to_vec()));
        lanes.release();
    }
    assert!(lanes.pop().is_none());
    found
}

/// What the lanes decode is what libdeflate decodes; returns how many blocks they did.
fn compare(lanes: &mut Lanes, blocks: &[(Vec<u8>, usize)]) -> usize {
    let mut one = Decompressor::new();
    let found = decoded(lanes, blocks);
    for ((stream, length), found) in blocks.iter().zip(&found) {
        if let Some(found) = found {
            let mut plain = vec![0; *length];
            assert_eq!(one.deflate_decompress(stream, &mut plain).ok(), Some(*length));
            assert!(*found == plain, "another {length} bytes");
        }
    }
    found.iter().flatten().count()
}

#[test]
fn lanes_decode_what_other_programs_compress() {
    let Some(mut lanes) = lanes() else { return };
    let mut blocks = Vec::new();
    for sort in 0..4 {
        for level in 1..=21 {
            let length = [MAX_BLOCK_BYTES - 2, 65_280, 30_000, 5_000][(sort + level) % 4];
            let plain = text(sort, length, (sort * 100 + level) as u64);
            blocks.push((deflated(&plain, level), length));
        }
    }
    blocks.retain(|(stream, _)| stream.len() <= MAX_BLOCK_BYTES);
    // Noise is stored, which is left to libdeflate.
    let compressed = blocks.iter().filter(|(stream, length)| stream.len() < *length).count();
    assert!(compressed > 60, "{compressed} of {}", blocks.len());
    assert_eq!(compare(&mut lanes, &blocks), compressed);
}

#[test]
fn lanes_decode_blocks_of_many_parts() {
    let Some(mut lanes) = lanes() else { return };
    let blocks: Vec<_> = (0..60)
        .map(|i| {
            let plain = text(1 + i % 3, 40_000, i as u64);
            (in_parts(&plain, 2_000 + 500 * i), plain.len())
        })
        .collect();
    assert_eq!(compare(&mut lanes, &blocks), 60);
    // A part of level 1 that ends within the block is followed by one of another table.
    let long: Vec<_> = (0..40)
        .map(|i| {
            let mut plain = text(1, 33_000, i);
            plain.extend(text(2, 32_000, i + 100));
            (deflated(&plain, 6 + i as usize % 7), plain.len())
        })
        .collect();
    assert_eq!(compare(&mut lanes, &long), 40);
}

#[test]
fn a_repeat_of_any_distance_and_length_is_copied() {
    let Some(mut lanes) = lanes() else { return };
    let mut blocks = Vec::new();
    for distance in (1..200).chain([255, 256, 257, 4095, 4096, 32_767, 32_768]) {
        let mut plain = text(0, distance, distance as u64);
        for length in [3, 4, 63, 64, 65, 127, 128, 129, 258] {
            for _ in 0..length {
                plain.push(plain[plain.len() - distance]);
            }
            // Not the byte that would follow.
            plain.push(plain[plain.len() - distance] ^ 0x55);
        }
        plain.extend(text(1, 20_000, 1));
        blocks.push((deflated(&plain, 9), plain.len()));
    }
    assert!(compare(&mut lanes, &blocks) * 10 > blocks.len() * 9);
}

#[test]
fn a_wrong_length_is_not_decoded() {
    let Some(mut lanes) = lanes() else { return };
    let plain = text(3, 20_000, 5);
    let stream = deflated(&plain, 6);
    let lengths = [20_000, 19_999, 20_001, 0, MAX_BLOCK_BYTES];
    let blocks: Vec<_> = lengths.iter().map(|&length| (stream.clone(), length)).collect();
    let found: Vec<_> =
        decoded(&mut lanes, &blocks).into_iter().map(|found| found.is_some()).collect();
    assert_eq!(found, [true, false, false, false, false]);
    let cut: Vec<_> = (0..40).map(|i| (stream[..stream.len() - 1 - i].to_vec(), 20_000)).collect();
    assert_eq!(compare(&mut lanes, &cut), 0);
    assert!(decoded(&mut lanes, &[(Vec::new(), 0)])[0].is_none());
}

#[test]
fn blocks_that_are_forgotten_do_not_come_back() {
    let Some(mut lanes) = lanes() else { return };
    let of = |seed: u64| {
        let plain = text(3, 30_000, seed);
        (deflated(&plain, 6), plain)
    };
    let (old, new) = (of(1), of(2));
    for popped in [0, 1, 5] {
        while lanes.has_room() {
            lanes.push(&old.0, old.1.len());
        }
        (0..popped).for_each(|_| assert!(lanes.pop().is_some()));
        let blocks = vec![(new.0.clone(), new.1.len()); 30];
        assert!(decoded(&mut lanes, &blocks).iter().all(|found| found.as_ref() == Some(&new.1)));
    }
}

#[test]
fn bytes_before_a_block_do_not_change_the_next_one() {
    let Some(mut lanes) = lanes() else { return };
    let plain = text(3, 50_000, 9);
    let stream = deflated(&plain, 6);
    for length in (0..=Roomy::MOST_BEFORE).step_by(23).chain([Roomy::MOST_BEFORE]) {
        lanes.push(&stream, plain.len());
        let before = vec![length as u8; length];
        let range = lanes.pop().unwrap().plain.unwrap().put_behind(&before);
        let bytes = &lanes.bytes()[range];
        assert!(bytes.starts_with(&before) && bytes[before.len()..] == plain);
        lanes.release();
    }
}

#[test]
fn blocks_that_are_held_on_to_stay_as_they_are() {
    let Some(mut lanes) = lanes() else { return };
    let plain: Vec<_> = (0..60).map(|i| text(3, 30_000 + i, i as u64)).collect();
    let (mut taken, mut held) = (0, Vec::new());
    for i in 0..plain.len() {
        while lanes.has_room() && taken < plain.len() {
            lanes.push(&deflated(&plain[taken], 6), plain[taken].len());
            taken += 1;
        }
        held.push((i, lanes.pop().unwrap().plain.unwrap().put_behind(b"before")));
        for (i, range) in &held {
            let bytes = &lanes.bytes()[range.clone()];
            assert!(bytes.starts_with(b"before") && bytes[6..] == plain[*i]);
        }
        if held.len() > i % 9 {
            held.clear();
            lanes.release();
        }
    }
}

/// A stream that is written by hand, lowest bit first.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn number(&mut self, value: usize, bits: usize) -> &mut Self {
        self.0.extend((0..bits).map(|bit| value >> bit & 1 == 1));
        self
    }

    /// A code: highest bit first.
    fn code(&mut self, code: usize, bits: usize) -> &mut Self {
        self.0.extend((0..bits).rev().map(|bit| code >> bit & 1 == 1));
        self
    }

    /// A symbol of the codes that all know.
    fn fixed(&mut self, symbol: usize) -> &mut Self {
        match symbol {
            0..144 => self.code(0x30 + symbol, 8),
            144..256 => self.code(0x190 + symbol - 144, 9),
            256..280 => self.code(symbol - 256, 7),
            _ => self.code(0xc0 + symbol - 280, 8),
        }
    }

    /// The head of a part with codes of its own, up to the lengths; the codes of these are their values in five bits, but
    /// that 0 to 12 have four.
    fn own(&mut self, literals: usize, distances: usize) -> &mut Self {
        self.number(0b101, 3).number(literals - 257, 5).number(distances - 1, 5).number(15, 4);
        for symbol in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] {
            self.number(if symbol < 13 { 4 } else { 5 }, 3);
        }
        self
    }

    fn length(&mut self, symbol: usize) -> &mut Self {
        if symbol < 13 { self.code(symbol, 4) } else { self.code(13 + symbol, 5) }
    }

    fn lengths(&mut self, lengths: &[usize]) -> &mut Self {
        for &length in lengths {
            self.length(length);
        }
        self
    }

    fn stream(&self) -> Vec<u8> {
        let byte =
            |bits: &[bool]| bits.iter().rev().fold(0, |byte, &bit| byte << 1 | u8::from(bit));
        self.0.chunks(8).map(byte).collect()
    }
}

#[test]
fn what_the_known_codes_hold_at_their_edges() {
    let Some(mut lanes) = lanes() else { return };
    let begun = |plain: usize| {
        let mut bits = Bits::default();
        bits.number(0b011, 3);
        for i in 0..plain {
            bits.fixed(i % 256);
        }
        bits
    };
    // A distance to the first byte, and to the one before it.
    for (symbol, decoded) in [(2, 1), (3, 0)] {
        let mut bits = begun(3);
        bits.fixed(257).code(symbol, 5).fixed(256);
        assert_eq!(compare(&mut lanes, &[(bits.stream(), 6)]), decoded);
    }
    // Symbols that stand for nothing, as libdeflate takes them.
    for (symbol, distance) in [(286, 0), (287, 0), (285, 30), (285, 31)] {
        let mut bits = begun(30_000);
        bits.fixed(symbol)
            .code(distance, 5)
            .number(0, if distance > 1 { 13 } else { 0 })
            .fixed(256);
        assert_eq!(compare(&mut lanes, &[(bits.stream(), 30_258)]), 1, "{symbol} {distance}");
    }
}

#[test]
fn codes_that_cannot_be_are_left() {
    let Some(mut lanes) = lanes() else { return };
    // Literals 0 and 1 and the end: one bit, two bits, two bits.
    let mut literals = [0; 258];
    (literals[0], literals[1], literals[256]) = (1, 2, 2);
    let ended = |bits: &mut Bits| (bits.code(0, 1).code(0b10, 2).code(0b11, 2).stream(), 2);
    let of = |lengths: &[usize], distances: &[usize]| {
        ended(
            Bits::default().own(lengths.len(), distances.len()).lengths(lengths).lengths(distances),
        )
    };
    assert_eq!(compare(&mut lanes, &[of(&literals[..257], &[1])]), 1);
    assert_eq!(compare(&mut lanes, &[of(&literals[..257], &[1, 2, 2])]), 1);
    // No length of a code is told by repeating what is not there, and none behind the last one.
    let mut first = Bits::default();
    first.own(257, 1).length(16).number(0, 2).lengths(&literals[3..257]).length(1);
    let mut over = Bits::default();
    over.own(257, 1).lengths(&literals[..257]).length(17).number(0, 3);
    // Repeats go on from literals to distances.
    let mut across = Bits::default();
    across.own(257, 3).lengths(&literals[..256]).length(2).length(16).number(0, 2);
    let (mut more, mut fewer) = (literals, literals);
    (more[2], fewer[1]) = (2, 0);
    let left = [
        ended(&mut first),
        ended(&mut over),
        ended(&mut across),
        of(&more[..257], &[1]),
        of(&fewer[..257], &[1]),
        of(&literals[..257], &[1, 1, 1]),
        of(&literals[..257], &[2, 2]),
        of(&literals[..257], &[2]),
        of(&literals[..257], &[0]),
    ];
    assert_eq!(compare(&mut lanes, &left), 0);
    // A code for lengths that is not complete: that of 15 is missing, which nobody uses.
    let mut bits = Bits::default();
    bits.own(257, 1);
    let end = bits.0.len();
    bits.0[end - 3..].fill(false);
    assert_eq!(compare(&mut lanes, &[ended(bits.lengths(&literals[..257]).length(1))]), 0);
    // A single distance is one bit, whichever.
    for bit in 0..2 {
        let mut literals = [0; 258];
        (literals[0], literals[256], literals[257]) = (1, 2, 2);
        let mut bits = Bits::default();
        bits.own(258, 1).lengths(&literals).length(1).code(0, 1).code(0b11, 2).number(bit, 1);
        assert_eq!(compare(&mut lanes, &[(bits.code(0b10, 2).stream(), 4)]), 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn damaged_streams_are_decoded_as_by_libdeflate_or_not_at_all(
        sort in 0..4_usize,
        level in 1..=21_usize,
        seed: u64,
        early: bool,
    ) {
        let Some(mut lanes) = lanes() else { return Ok(()) };
        let plain = text(sort, 3_000 + seed as usize % 20_000, seed);
        let stream = deflated(&plain, level);
        let mut chance = Chance(seed);
        let blocks: Vec<_> = (0..48)
            .map(|i| {
                let mut damaged = stream.clone();
                // The head decides what the tables are.
                let within = if early { stream.len().min(90) } else { stream.len() };
                for _ in 0..i % 4 {
                    damaged[chance.below(within)] ^= 1 << chance.below(8);
                }
                if i % 4 == 3 {
                    damaged.truncate(1 + chance.below(stream.len()));
                }
                (damaged, plain.len())
            })
            .collect();
        compare(&mut lanes, &blocks);
    }
}
