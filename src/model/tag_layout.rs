//! Tags of records that are laid out like those of most others in a file: they are found without a look at each of them.

use super::read::{ReadView, TagValue};

/// Bytes among which the ends of all texts are found at once.
pub const TAG_WINDOW: usize = 64;

/// Bytes of a piece of a layout.
const PIECE: usize = size_of::<u128>();

/// Most pieces that a layout has, so that a place in them is a byte; records with more are stepped through.
const MOST_PIECES: usize = 16;

/// Numbers that are asked for.
pub const NUMBERS: usize = 3;

/// A bit for each byte that is 0, the first byte lowest.
pub fn zero_bytes(bytes: &[u8; TAG_WINDOW]) -> u64 {
    bytes.iter().rev().fold(0, |bits, &byte| bits << 1 | u64::from(byte == 0))
}

/// Which tags are asked for.
#[derive(Clone, Copy, Debug)]
pub struct WantedTags {
    /// Keys of numbers.
    pub numbers: [[u8; 2]; NUMBERS],
    /// Keys of tags that few records have, of any kind: records with them have no layout.
    pub others: &'static [[u8; 2]],
}

/// Tags that follow each other at once: keys, kinds and numbers, and perhaps a text behind them.
#[derive(Clone, Copy, Debug, Default)]
struct Piece {
    /// Keys and kinds, the first byte lowest; 0 where values lie, and where bytes before the piece do.
    heads: u128,
    /// The bits of `heads` that count.
    mask: u128,
    /// Bytes from the first tag to the end of the last one, or to the text of it.
    bytes: u32,
    /// All bits when a text follows, else none.
    text: u64,
    /// Bytes before the piece that are looked at with it, since fewer may follow.
    before: u32,
    /// From the first byte that is looked at to that of the next piece, or to the end, but for the bytes of the text; around
    /// the end of numbers.
    step: u32,
}

/// Where a number lies among the bytes of all pieces.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    /// 0 for none.
    kind: u8,
    first: u8,
}

/// How the tags of a record lie that others are like. It is learnt from the records themselves and changes no value, only
/// how soon it is found.
#[derive(Debug, Default)]
pub struct TagLayout {
    pieces: Vec<Piece>,
    places: [Place; NUMBERS],
    /// The bytes of each piece of the last record.
    found: [[u8; PIECE]; MOST_PIECES],
    /// Whether the record before was laid out in another way.
    missed: bool,
}

impl TagLayout {
    /// The numbers that are wanted among a record's tags, which begin at `tags` of what follows its fixed part; `None` for
    /// those that it lacks. `None` instead of all when it is laid out in another way: then it has to be stepped through
    /// and shown to [`Self::learn`]. `zeros` is [`zero_bytes`], or a faster one.
    #[inline(always)]
    #[allow(
        clippy::inline_always,
        reason = "called once a record, with a closure of a few instructions"
    )]
    pub fn numbers(
        &mut self,
        bytes: &[u8],
        tags: usize,
        zeros: impl Fn(&[u8; TAG_WINDOW]) -> u64,
    ) -> Option<[Option<i64>; NUMBERS]> {
        self.follow(bytes, tags, zeros)?;
        self.missed = false;
        let found = self.found.as_flattened();
        let mut numbers = [None; NUMBERS];
        for (number, Place { kind, first }) in numbers.iter_mut().zip(self.places) {
            *number = match kind {
                0 => None,
                // What writers choose for small numbers, which most are.
                b'C' => found.get(usize::from(first)).map(|&byte| i64::from(byte)),
                _ => parse(kind, found.get(usize::from(first)..)?),
            };
        }
        Some(numbers)
    }

    /// Finds the pieces of a record; `None` when it is laid out in another way.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "as `numbers`")]
    fn follow(
        &mut self,
        bytes: &[u8],
        tags: usize,
        zeros: impl Fn(&[u8; TAG_WINDOW]) -> u64,
    ) -> Option<()> {
        let last = bytes.len().checked_sub(TAG_WINDOW)?;
        // The ends of texts from a byte on that are within a window, which lies within the record even where its tags are few.
        let window = |at: usize| {
            let start = at.min(last);
            let window = bytes.get(start..).and_then(<[u8]>::first_chunk);
            window.map_or(0, &zeros).checked_shr((at - start) as u32).unwrap_or(0)
        };
        let mut ends = window(tags);
        let before = self.pieces.first().map_or(0, |piece| piece.before);
        let mut at = (tags as u32).wrapping_sub(before);
        // What is looked at at once lies within the record, and so do all bytes that follow at least.
        for (piece, found) in self.pieces.iter().zip(&mut self.found) {
            let own: &[u8; PIECE] = bytes.get(at as usize..at as usize + PIECE)?.first_chunk()?;
            *found = *own;
            if u128::from_le_bytes(*own) & piece.mask != piece.heads {
                return None;
            }
            ends = ends.wrapping_shr(piece.bytes) & piece.text;
            if ends == 0 && piece.text != 0 {
                ends = window((at + piece.before + piece.bytes) as usize);
                if ends == 0 {
                    return None;
                }
            }
            let text = ends.trailing_zeros() & piece.text as u32;
            ends = ends.wrapping_shr(text) >> 1;
            at = at.wrapping_add(piece.step).wrapping_add(text);
        }
        (at as usize == bytes.len()).then_some(())
    }

    /// Takes over the layout of a record that was laid out in another way, if it is the second in a row.
    pub fn learn(&mut self, read: ReadView<'_>, wanted: &WantedTags) {
        self.missed = !self.missed;
        if !self.missed && self.take_over(read, wanted).is_none() {
            self.clear();
        }
    }

    fn clear(&mut self) {
        self.pieces.clear();
        self.places = <[Place; NUMBERS]>::default();
    }

    /// Takes over a record's layout; `None` when it has tags that no layout has.
    fn take_over(&mut self, read: ReadView<'_>, wanted: &WantedTags) -> Option<()> {
        self.clear();
        let (bytes, at) = read.with_tags();
        let mut rest = bytes.get(at..)?;
        let mut piece = Piece::default();
        // Where in which piece each number lies.
        let mut numbers = [(0, 0); NUMBERS];
        while let [a, b, kind, value @ ..] = rest {
            let (parsed, after) = TagValue::parse(*kind, value)?;
            let size = match parsed {
                TagValue::Text(_) => 0,
                TagValue::Char(_) | TagValue::Integer(_) | TagValue::Float(_) => {
                    value.len() - after.len()
                }
                TagValue::Integers { .. } => return None,
            };
            if piece.bytes as usize + 3 + size > PIECE {
                self.pieces.push(std::mem::take(&mut piece));
            }
            if wanted.others.contains(&[*a, *b]) {
                return None;
            }
            if let Some(i) = wanted.numbers.iter().position(|key| *key == [*a, *b]) {
                let TagValue::Integer(_) = parsed else { return None };
                self.places[i].kind = *kind;
                numbers[i] = (self.pieces.len(), piece.bytes as usize + 3);
            }
            let head = u128::from(*a) | u128::from(*b) << 8 | u128::from(*kind) << 16;
            piece.heads |= head << (8 * piece.bytes);
            piece.mask |= 0xff_ffff << (8 * piece.bytes);
            piece.bytes += 3 + size as u32;
            if size == 0 {
                piece.text = u64::MAX;
                self.pieces.push(std::mem::take(&mut piece));
            }
            rest = after;
        }
        if piece.bytes > 0 {
            self.pieces.push(piece);
        }
        self.place(numbers)
    }

    /// Works out where pieces are looked at, from the last one on, and where in them the numbers lie.
    fn place(&mut self, numbers: [(usize, usize); NUMBERS]) -> Option<()> {
        let (mut least, mut next_before) = (0, 0);
        for piece in self.pieces.iter_mut().rev() {
            let bytes = piece.bytes + u32::from(piece.text != 0);
            // At least so many bytes follow from the piece's first one on.
            least += bytes;
            piece.before = (PIECE as u32).saturating_sub(least);
            piece.heads <<= 8 * piece.before;
            piece.mask <<= 8 * piece.before;
            piece.step = (piece.before + bytes).wrapping_sub(next_before);
            next_before = piece.before;
        }
        for (place, (piece, at)) in self.places.iter_mut().zip(numbers) {
            let before = self.pieces.get(piece).map_or(0, |piece| piece.before as usize);
            place.first = u8::try_from(piece * PIECE + before + at).ok()?;
        }
        (self.pieces.len() <= MOST_PIECES).then_some(())
    }
}

/// The number of this kind that begins with the first byte.
#[inline(never)]
fn parse(kind: u8, value: &[u8]) -> Option<i64> {
    match TagValue::parse(kind, value)?.0 {
        TagValue::Integer(number) => Some(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::read::FIXED_BYTES;

    /// A record without bases but with these tags.
    fn record(tags: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; FIXED_BYTES];
        bytes[8] = 61;
        bytes.extend([b'r'; 60]);
        bytes.push(0);
        bytes.extend(tags);
        bytes
    }

    const WANTED: WantedTags = WantedTags { numbers: [*b"NM", *b"MQ", *b"XN"], others: &[*b"SA"] };

    /// The numbers that are found, and whether they were found by the layout.
    fn found(layout: &mut TagLayout, tags: &[u8]) -> (Vec<i64>, bool) {
        let bytes = record(tags);
        let read = ReadView::new(&bytes).unwrap();
        let (rest, at) = read.with_tags();
        if let Some([distance, ..]) = layout.numbers(rest, at, zero_bytes) {
            return (distance.into_iter().collect(), true);
        }
        layout.learn(read, &WANTED);
        let of = |tag| match tag {
            (key, TagValue::Integer(value)) if key == *b"NM" => Some(value),
            _ => None,
        };
        (read.tags().filter_map(of).collect(), false)
    }

    #[test]
    fn a_layout_is_learnt_from_two_records_in_a_row() {
        let mut layout = TagLayout::default();
        let usual = |distance: u8, text: &str| {
            let text = text.as_bytes();
            [b"MDZ", text, b"\0NMC", &[distance], b"XSs\x07\x08RGZ", text, b"\0"].concat()
        };
        assert_eq!(found(&mut layout, &usual(3, "12A4")), (vec![3], false));
        assert_eq!(found(&mut layout, &usual(0, "12A4")), (vec![0], false));
        assert_eq!(found(&mut layout, &usual(200, &"150".repeat(16))), (vec![200], true));
        assert_eq!(found(&mut layout, &usual(9, "")), (vec![9], true));
        // One that is other changes nothing; two do.
        assert_eq!(found(&mut layout, b"NMi\x05\0\0\0"), (vec![5], false));
        assert_eq!(found(&mut layout, &usual(7, "1")), (vec![7], true));
        for followed in [false, false, true] {
            assert_eq!(found(&mut layout, b"NMi\xff\xff\xff\xff"), (vec![-1], followed));
        }
        // Cut, without an end, and with more behind.
        for tags in [&b"NMi\xff\xff\xff"[..], b"NM", b"NMi\x05\0\0\0X"] {
            assert!(!found(&mut layout, tags).1);
        }
    }
}
