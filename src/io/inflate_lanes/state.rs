//! Where each lane stands.

use super::tables::{LANES, LITERAL_BITS, MORE_CELLS, MORE_LITERALS};

/// One number for each lane, aligned for vectors.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Each(pub(super) [u64; LANES]);

/// Bytes in front of a slot's plain bytes: one of each value, which literals are copied from.
pub(super) const FRONT: usize = 256;
/// Steps that are done between two checks.
pub(super) const STEPS: usize = 16;
/// Steps whose tokens are kept before they are copied; a multiple of [`STEPS`].
pub(super) const TOKENS: usize = 256;
/// Bytes that must follow those of any lane: what a group of steps takes at most beyond the end (53 bits a step), and the
/// two words that the last one reads.
pub(super) const INPUT_PAD: usize = STEPS * 7 + 16;
const _: () = assert!(INPUT_PAD >= (STEPS * 53).div_ceil(8) + 16, "a group of steps and two words");

/// The state of all lanes. Of a lane's cells its base and mask pick only its own.
pub(super) struct State {
    /// Next bit of the input.
    pub(super) position: Each,
    /// The bit that no lane may pass: within the input, and [`INPUT_PAD`] bytes before its end.
    pub(super) end: Each,
    /// Bytes made so far, and [`FRONT`].
    pub(super) made: Each,
    /// The plain bytes of the block, and [`FRONT`].
    pub(super) plain: Each,
    /// Which cells the next step picks from, and by which bits.
    pub(super) base: Each,
    pub(super) mask: Each,
}

/// What the lanes made in one step.
///
/// A token says which literal comes first, if any (bits 32 to 40, as in a cell), and from where in its slot how many bytes
/// are copied behind it: bits 15 to 31 where, 6 to 14 how many, and 0 to 5 the distance when it is less than a vector's
/// length (else 0), for then the copy reads what it writes.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Tokens(pub(super) [u64; LANES]);

impl State {
    /// All lanes idle.
    pub(super) fn new() -> Self {
        let none = Each([0; LANES]);
        let mut state =
            Self { position: none, end: none, made: none, plain: none, base: none, mask: none };
        (0..LANES).for_each(|lane| state.stop(lane));
        state
    }

    /// Begins with a block that may take the bits before `end` and makes `plain` bytes.
    pub(super) fn start(&mut self, lane: usize, end: usize, plain: usize) {
        self.end.0[lane] = end as u64;
        self.made.0[lane] = FRONT as u64;
        self.plain.0[lane] = (FRONT + plain) as u64;
    }

    /// Goes on behind the head of a part, whose codes are in the tables.
    pub(super) fn go(&mut self, lane: usize, position: usize) {
        self.position.0[lane] = position as u64;
        self.base.0[lane] = (lane << LITERAL_BITS) as u64;
        self.mask.0[lane] = (1 << LITERAL_BITS) - 1;
    }

    /// Idles: the lane stays at its end and takes no bits.
    pub(super) fn stop(&mut self, lane: usize) {
        self.start(lane, 0, 0);
        self.position.0[lane] = 0;
        self.base.0[lane] = (MORE_LITERALS + lane * MORE_CELLS) as u64;
        self.mask.0[lane] = 0;
    }
}
