//! The BGZF blocks of a stretch of a file, decompressed in order: many at once where the machine decodes them so.

use std::collections::VecDeque;
use std::io;
use std::ops::Range;

use super::bgzf::{BlockFault, Inflated, Inflater, Parts};
use super::inflate_lanes::{Decoded, Lanes, Roomy};

/// Compressed bytes below which blocks are decompressed one by one: too few to fill the lanes.
const LEAST_BYTES: usize = 256 << 10;

/// A stretch of compressed bytes.
pub trait Stretch {
    /// The bytes from `at` on: at least those of a whole block, unless the stretch ends. `at` never decreases.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    fn from(&mut self, at: usize) -> io::Result<&[u8]>;
}

/// Bytes that are all there.
impl Stretch for &[u8] {
    fn from(&mut self, at: usize) -> io::Result<&[u8]> {
        Ok(self.get(at..).unwrap_or_default())
    }
}

/// Why there is no next block.
#[derive(Debug)]
pub enum Trouble {
    /// The bytes cannot be read.
    Read(io::Error),
    /// The block at this byte of the stretch is none.
    Block(usize, BlockFault),
}

/// Bytes that the blocks before left over, and those that were put behind them. What was once written is not cleared, so
/// that room costs nothing.
#[derive(Debug, Default)]
pub struct Left {
    bytes: Vec<u8>,
    length: usize,
}

impl Left {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.length
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Forgets all bytes.
    pub fn clear(&mut self) {
        self.length = 0;
    }

    /// Holds these bytes alone.
    pub fn set(&mut self, bytes: &[u8]) {
        self.clear();
        self.room(bytes.len()).copy_from_slice(bytes);
        self.length = bytes.len();
    }

    /// Holds only these of its bytes.
    pub fn keep(&mut self, range: Range<usize>) {
        self.length = range.len();
        self.bytes.copy_within(range, 0);
    }

    /// Gives its bytes away, and takes the vector for others.
    pub(super) fn swap(&mut self, other: &mut Vec<u8>) {
        self.bytes.truncate(self.length);
        std::mem::swap(&mut self.bytes, other);
        self.length = 0;
    }

    /// So many bytes behind those that are held, of any value.
    fn room(&mut self, bytes: usize) -> &mut [u8] {
        let end = self.length + bytes;
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        &mut self.bytes[self.length..end]
    }
}

/// A block that was taken ahead.
struct Ahead {
    at: usize,
    /// Its sizes and checksum; its stream is in the lanes.
    block: Result<Inflated, Trouble>,
}

/// A block that was decompressed.
#[derive(Debug)]
pub struct Next {
    /// Where in the stretch it starts.
    pub at: usize,
    /// Its sizes and checksum.
    pub block: Inflated,
    /// Where among [`Blocks::bytes`] the bytes lie that were left over and behind them its plain bytes, until
    /// [`Blocks::release`]; `None` when these were put behind those that are left over.
    pub bytes: Option<Range<usize>>,
}

/// How blocks are decompressed.
#[derive(Default)]
enum Way {
    /// One by one, until a long stretch comes.
    #[default]
    Open,
    OneByOne,
    AtOnce(Box<Lanes>),
}

/// Decompresses the blocks of one stretch after another.
#[derive(Default)]
pub struct Blocks {
    inflater: Inflater,
    way: Way,
    ahead: VecDeque<Ahead>,
    /// Where the next block to take starts, and where blocks of the stretch no longer do.
    at: usize,
    end: usize,
}

impl std::fmt::Debug for Blocks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Blocks")
            .field("at", &self.at)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}

impl Blocks {
    /// Decompresses one block after another, as on machines that gain nothing from more.
    pub fn one_by_one() -> Self {
        Self { way: Way::OneByOne, ..Self::default() }
    }

    /// Decompresses the blocks of long stretches many at once even where that is no gain; `None` where the machine cannot.
    pub fn at_once() -> Option<Self> {
        let way = Way::AtOnce(Box::new(Lanes::able()?));
        Some(Self { way, ..Self::default() })
    }

    /// Begins with a stretch whose blocks start before byte `end` of it, the first one at byte 0. What is left of the one before
    /// is forgotten.
    pub fn begin(&mut self, end: usize) {
        (self.at, self.end) = (0, end);
        self.ahead.clear();
        match &mut self.way {
            Way::Open if end >= LEAST_BYTES => {
                let lanes = Lanes::of_this_machine().map(Box::new);
                self.way = lanes.map_or(Way::OneByOne, Way::AtOnce);
            }
            Way::AtOnce(lanes) => lanes.clear(),
            _ => {}
        }
    }

    /// How many blocks may be held on to without keeping others from being decompressed.
    pub const HELD: usize = 4;

    /// All bytes, among which those lie of blocks that are held on to.
    pub fn bytes(&self) -> &[u8] {
        match &self.way {
            Way::AtOnce(lanes) => lanes.bytes(),
            Way::Open | Way::OneByOne => &[],
        }
    }

    /// Lets go of the blocks so far.
    pub fn release(&mut self) {
        if let Way::AtOnce(lanes) = &mut self.way {
            lanes.release();
        }
    }

    /// The next block, its bytes behind those that are `left`. `None` at the end. It is held on to, of which there is an end:
    /// [`Self::release`] has to be called at least once every [`Self::HELD`] blocks.
    ///
    /// # Errors
    ///
    /// Bytes that cannot be read; a block that is cut, damaged or none at all. The stretch ends with it.
    pub fn next(
        &mut self,
        stretch: &mut impl Stretch,
        left: &mut Left,
    ) -> Result<Option<Next>, Trouble> {
        let Self { inflater, way, ahead, at, end } = self;
        let lanes = match way {
            Way::AtOnce(lanes) if *end >= LEAST_BYTES => lanes,
            _ if *at >= *end => return Ok(None),
            _ => {
                let start = std::mem::replace(at, *end);
                let bytes = stretch.from(start).map_err(Trouble::Read)?;
                let fault = |fault| Trouble::Block(start, fault);
                let Parts { size, body, crc, plain } = Parts::of(bytes).map_err(fault)?;
                inflater.body(body, crc, left.room(plain)).map_err(fault)?;
                left.length += plain;
                *at = start + size;
                let block = Inflated { compressed: size, plain, crc };
                return Ok(Some(Next { at: start, block, bytes: None }));
            }
        };
        while lanes.has_room() && *at < *end {
            let start = std::mem::replace(at, *end);
            let block = stretch.from(start).map_err(Trouble::Read).and_then(|bytes| {
                let parts = Parts::of(bytes).map_err(|fault| Trouble::Block(start, fault));
                parts.map(|Parts { size, body, crc, plain }| {
                    lanes.push(body, plain);
                    *at = start + size;
                    Inflated { compressed: size, plain, crc }
                })
            });
            ahead.push_back(Ahead { at: start, block });
        }
        let Some(Ahead { at: start, block }) = ahead.pop_front() else { return Ok(None) };
        let block = block?;
        match popped(lanes, inflater, block, left) {
            Ok(bytes) => Ok(Some(Next { at: start, block, bytes })),
            Err(fault) => {
                ahead.clear();
                *at = *end;
                Err(Trouble::Block(start, fault))
            }
        }
    }
}

/// The block that the lanes took first: behind what is left over, in the lanes where that has room there.
fn popped(
    lanes: &mut Lanes,
    inflater: &mut Inflater,
    block: Inflated,
    left: &mut Left,
) -> Result<Option<Range<usize>>, BlockFault> {
    let Some(Decoded { stream, plain }) = lanes.pop() else { return Err(BlockFault::Damaged) };
    match plain.filter(|found| libdeflater::crc32(found.plain()) == block.crc) {
        Some(found) if left.len() <= Roomy::MOST_BEFORE => {
            return Ok(Some(found.put_behind(left.bytes())));
        }
        Some(found) => left.room(block.plain).copy_from_slice(found.plain()),
        // What is wrong with a block one decoder says, however it was met.
        None => inflater.body(stream, block.crc, left.room(block.plain))?,
    }
    left.length += block.plain;
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::super::bgzf::{Deflater, WRITE_BLOCK_BYTES, block_size};
    use super::*;

    /// Blocks of text, and what they hold.
    fn file(blocks: usize) -> (Vec<u8>, Vec<Vec<u8>>) {
        let (mut bytes, mut word) = (Vec::new(), 7_u64);
        let plain: Vec<Vec<u8>> = (0..blocks)
            .map(|i| {
                let length = if i % 7 == 3 { 100 * i } else { WRITE_BLOCK_BYTES };
                (0..length)
                    .map(|_| {
                        word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                        (word >> 40) as u8 & (word >> 52) as u8 & 63
                    })
                    .collect()
            })
            .collect();
        for plain in &plain {
            Deflater::new(6).block(plain, &mut bytes);
        }
        (bytes, plain)
    }

    fn ways() -> impl Iterator<Item = Blocks> {
        if Blocks::at_once().is_none() {
            eprintln!("skipped: this machine decodes one block at a time");
        }
        [Some(Blocks::one_by_one()), Blocks::at_once(), Some(Blocks::default())]
            .into_iter()
            .flatten()
    }

    /// What blocks hold, each read behind some bytes and the last tenth of the block before.
    fn all(blocks: &mut Blocks, mut bytes: &[u8]) -> Result<Vec<(usize, Vec<u8>)>, Trouble> {
        let (mut found, mut left) = (Vec::new(), Left::default());
        blocks.begin(bytes.len());
        for i in 0.. {
            // Before some blocks there is more than the lanes have room for.
            let before = [left.bytes(), &vec![7; i % 100 * 50]].concat();
            left.set(&before);
            let Some(Next { at, block, bytes }) = blocks.next(&mut bytes, &mut left)? else {
                break;
            };
            let bytes = bytes.map_or_else(|| left.bytes(), |range| &blocks.bytes()[range]);
            assert_eq!(
                (bytes.len(), &bytes[..before.len()]),
                (before.len() + block.plain, &before[..])
            );
            found.push((at, bytes[before.len()..].to_vec()));
            let end = bytes.len();
            let start = end - block.plain / 10;
            if bytes.len() == left.len() && i % 2 == 0 {
                left.keep(start..end);
            } else {
                let kept = bytes[start..].to_vec();
                left.set(&kept);
            }
            if i % 3 == 0 {
                blocks.release();
            }
        }
        Ok(found)
    }

    #[test]
    fn blocks_come_in_order_from_long_and_short_stretches() {
        for mut blocks in ways() {
            for count in [60, 3, 0, 41] {
                let (bytes, plain) = file(count);
                assert_eq!(bytes.len() >= LEAST_BYTES, count > 3, "{}", bytes.len());
                let (starts, found): (Vec<_>, Vec<_>) =
                    all(&mut blocks, &bytes).unwrap().into_iter().unzip();
                assert!(found == plain);
                assert_eq!(starts, self::starts(&bytes));
            }
        }
    }

    fn starts(bytes: &[u8]) -> Vec<usize> {
        let (mut starts, mut at) = (Vec::new(), 0);
        while at < bytes.len() {
            starts.push(at);
            at += block_size(&bytes[at..]).unwrap();
        }
        starts
    }

    /// The blocks up to a fault, and the fault.
    fn fault(blocks: &mut Blocks, mut stretch: impl Stretch, end: usize) -> (usize, Trouble) {
        blocks.begin(end);
        for count in 0.. {
            match blocks.next(&mut stretch, &mut Left::default()) {
                Ok(Some(_)) => blocks.release(),
                Err(trouble) => {
                    assert!(matches!(blocks.next(&mut stretch, &mut Left::default()), Ok(None)));
                    return (count, trouble);
                }
                Ok(None) => break,
            }
        }
        panic!("no fault");
    }

    #[test]
    fn a_fault_is_told_where_it_is_after_the_blocks_before_it() {
        let (bytes, _) = file(60);
        let starts = starts(&bytes);
        for mut blocks in ways() {
            for (place, expected) in [
                (starts[40], BlockFault::NotBgzf),
                (starts[41] - 8, BlockFault::Checksum),
                // How much it holds: more or less, more than a block may, and gigabytes.
                (starts[41] - 4, BlockFault::Damaged),
                (starts[41] - 3, BlockFault::Damaged),
                (starts[41] - 2, BlockFault::Damaged),
                (starts[41] - 1, BlockFault::Damaged),
                (starts[40] + 18, BlockFault::Damaged),
            ] {
                let mut damaged = bytes.clone();
                damaged[place] ^= 0xff;
                let (count, trouble) = fault(&mut blocks, &damaged[..], damaged.len());
                assert_eq!(count, 40, "{trouble:?}");
                assert!(
                    matches!(trouble, Trouble::Block(at, fault) if at == starts[40] && fault == expected),
                    "{trouble:?}"
                );
            }
            // Cut in the last block.
            let cut = &bytes[..bytes.len() - 1];
            let (count, trouble) = fault(&mut blocks, cut, cut.len());
            assert_eq!(count, 59);
            assert!(
                matches!(trouble, Trouble::Block(at, BlockFault::Truncated) if at == starts[59])
            );
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_after_the_blocks_before_it() {
        struct Breaks<'a>(&'a [u8], usize);
        impl Stretch for Breaks<'_> {
            fn from(&mut self, at: usize) -> io::Result<&[u8]> {
                if at < self.1 { Ok(&self.0[at..]) } else { Err(io::Error::other("gone")) }
            }
        }
        let (bytes, _) = file(60);
        let starts = starts(&bytes);
        for mut blocks in ways() {
            let (count, trouble) = fault(&mut blocks, Breaks(&bytes, starts[50]), bytes.len());
            assert!(count == 50 && matches!(trouble, Trouble::Read(_)), "{count} {trouble:?}");
        }
    }
}
