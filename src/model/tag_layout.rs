//! Tags of records that are laid out like those of most others in a file: they are found without a look at each of them.

use super::read::{ReadView, TagValue};

/// Bytes among which the ends of all texts are found at once.
pub const TAG_WINDOW: usize = 64;

/// Bytes of a piece of a layout.
const PIECE: usize = size_of::<u64>();

/// Most pieces that a layout has; records with more are stepped through.
const MOST_PIECES: usize = 16;

/// A bit for each byte that is 0, the first byte lowest.
pub fn zero_bytes(bytes: &[u8; TAG_WINDOW]) -> u64 {
    bytes.iter().rev().fold(0, |bits, &byte| bits << 1 | u64::from(byte == 0))
}

/// Tags that follow each other at once: keys, kinds and numbers, and perhaps a text behind them.
#[derive(Clone, Copy, Debug, Default)]
struct Piece {
    /// Keys and kinds, the first byte lowest; 0 where values lie.
    heads: u64,
    /// The bits of `heads` that count.
    mask: u64,
    bytes: usize,
    /// All bits when a text follows, else none.
    text: u64,
}

/// Where a wanted number lies.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    key: [u8; 2],
    kind: u8,
    piece: usize,
    /// Bits of the piece before the value.
    before: u32,
}

/// How the tags of a record lie that others are like. It is learnt from the records themselves and changes no value, only
/// how soon it is found.
#[derive(Debug, Default)]
pub struct TagLayout {
    pieces: Vec<Piece>,
    wanted: Vec<Wanted>,
    /// Whether the record before was laid out in another way.
    missed: bool,
}

impl TagLayout {
    /// Calls `each` with a record's tags up to the first damaged one: with those that are `wanted`, in order, and perhaps
    /// with others. `zeros` is [`zero_bytes`], or a faster one.
    #[inline(always)]
    #[allow(
        clippy::inline_always,
        reason = "called once a record, with closures of a few instructions"
    )]
    pub fn each<'a>(
        &mut self,
        read: ReadView<'a>,
        wanted: fn([u8; 2]) -> bool,
        zeros: impl Fn(&[u8; TAG_WINDOW]) -> u64,
        mut each: impl FnMut([u8; 2], TagValue<'a>),
    ) {
        let mut words = [0; MOST_PIECES];
        if !self.follow(read, zeros, &mut words) {
            return self.step_through(read, wanted, each);
        }
        self.missed = false;
        for Wanted { key, kind, piece, before } in &self.wanted {
            let value = words[piece % MOST_PIECES] >> before;
            // What writers choose for small numbers, which most are.
            let value =
                if *kind == b'C' { Some(i64::from(value as u8)) } else { number(*kind, value) };
            if let Some(value) = value {
                each(*key, TagValue::Integer(value));
            }
        }
    }

    /// Whether the record's tags are laid out in this way; their pieces are put into `words`.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "as `each`")]
    fn follow(
        &self,
        read: ReadView<'_>,
        zeros: impl Fn(&[u8; TAG_WINDOW]) -> u64,
        words: &mut [u64; MOST_PIECES],
    ) -> bool {
        let (bytes, mut at) = read.with_tags();
        let Some(last) = bytes.len().checked_sub(TAG_WINDOW) else { return false };
        // Both lie within the record even where its tags are few. Behind its end a word is of bytes before: that no tags end
        // there is told at last.
        let window = |at: usize| {
            let start = at.min(last);
            let window = bytes.get(start..).and_then(<[u8]>::first_chunk);
            (start, window.map_or(0, &zeros))
        };
        let word = |at: usize| {
            let start = at.min(last + TAG_WINDOW - PIECE);
            let word = bytes.get(start..).and_then(<[u8]>::first_chunk).copied();
            u64::from_le_bytes(word.unwrap_or_default()) >> (8 * (at - start) % 64)
        };
        let (mut start, mut ends) = window(at);
        for (piece, own) in self.pieces.iter().zip(words) {
            *own = word(at);
            if *own & piece.mask != piece.heads {
                return false;
            }
            at += piece.bytes;
            let mut left = ends.checked_shr((at - start) as u32).unwrap_or(0);
            if left | !piece.text == 0 {
                (start, ends) = window(at);
                left = ends.checked_shr((at - start) as u32).unwrap_or(0);
                if left == 0 {
                    return false;
                }
            }
            at += (left.trailing_zeros() as usize + 1) & piece.text as usize;
        }
        at == bytes.len()
    }

    /// Looks at one tag after the other. The layout of the second such record in a row is taken over.
    #[inline(never)]
    fn step_through<'a>(
        &mut self,
        read: ReadView<'a>,
        wanted: fn([u8; 2]) -> bool,
        mut each: impl FnMut([u8; 2], TagValue<'a>),
    ) {
        for (key, value) in read.tags() {
            each(key, value);
        }
        self.missed = !self.missed;
        if !self.missed && self.learn(read, wanted).is_none() {
            self.pieces.clear();
            self.wanted.clear();
        }
    }

    /// Takes over a record's layout; `None` when it has tags that no layout has.
    fn learn(&mut self, read: ReadView<'_>, wanted: fn([u8; 2]) -> bool) -> Option<()> {
        self.pieces.clear();
        self.wanted.clear();
        let (bytes, at) = read.with_tags();
        let mut rest = bytes.get(at..)?;
        let mut piece = Piece::default();
        while let [a, b, kind, value @ ..] = rest {
            let (parsed, after) = TagValue::parse(*kind, value)?;
            let size = match parsed {
                TagValue::Text(_) => 0,
                TagValue::Char(_) | TagValue::Integer(_) | TagValue::Float(_) => {
                    value.len() - after.len()
                }
                TagValue::Integers { .. } => return None,
            };
            if piece.bytes + 3 + size > PIECE {
                self.pieces.push(std::mem::take(&mut piece));
            }
            if wanted([*a, *b]) {
                let TagValue::Integer(_) = parsed else { return None };
                let before = 8 * (piece.bytes as u32 + 3);
                let piece = self.pieces.len();
                self.wanted.push(Wanted { key: [*a, *b], kind: *kind, piece, before });
            }
            let head = u64::from_le_bytes([*a, *b, *kind, 0, 0, 0, 0, 0]);
            piece.heads |= head << (8 * piece.bytes);
            piece.mask |= 0xff_ffff << (8 * piece.bytes);
            piece.bytes += 3 + size;
            if size == 0 {
                piece.text = u64::MAX;
                self.pieces.push(std::mem::take(&mut piece));
            }
            rest = after;
        }
        if piece.bytes > 0 {
            self.pieces.push(piece);
        }
        (self.pieces.len() <= MOST_PIECES).then_some(())
    }
}

/// The number of this kind that begins with the lowest byte.
#[inline(never)]
fn number(kind: u8, value: u64) -> Option<i64> {
    match TagValue::parse(kind, &value.to_le_bytes())?.0 {
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

    /// The numbers that are found, and whether they were found by the layout.
    fn found(layout: &mut TagLayout, tags: &[u8]) -> (Vec<i64>, bool) {
        let bytes = record(tags);
        let read = ReadView::new(&bytes).unwrap();
        let followed = layout.follow(read, zero_bytes, &mut [0; MOST_PIECES]);
        let mut numbers = Vec::new();
        layout.each(
            read,
            |key| key == *b"NM",
            zero_bytes,
            |key, value| {
                if let (b"NM", TagValue::Integer(value)) = (&key, value) {
                    numbers.push(value);
                }
            },
        );
        (numbers, followed)
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
