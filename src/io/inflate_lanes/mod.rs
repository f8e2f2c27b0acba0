//! DEFLATE of many blocks at once: each lane of a vector decodes a block of its own.
//!
//! Decoding one stream is a chain: where a code begins is known when the one before was looked up. Blocks of BGZF do not
//! depend on one another, so sixteen of them are decoded side by side: in a step each lane looks up a literal and what
//! follows it, or a match, with hardly a branch, and makes a token of it; every few hundred steps each lane's tokens are copied
//! out. That took 0.66 (qualities of four levels) and 0.60 (forty) of libdeflate's time for the same blocks of simulated reads
//! on Intel Sapphire Rapids.
//!
//! What lanes do not decode (blocks with stored bytes, and all that is damaged) is left to libdeflate, so that there is one
//! judge of what is valid.

mod header;
#[cfg(not(target_arch = "x86_64"))]
mod none;
mod state;
mod tables;
#[cfg(test)]
mod tests;
#[cfg(target_arch = "x86_64")]
mod x86;

use std::ops::Range;

use super::bgzf::MAX_BLOCK_BYTES;
use state::{FRONT, INPUT_PAD, State, TOKENS, Tokens};
use tables::{LANES, Tables};

#[cfg(not(target_arch = "x86_64"))]
use none::Machine;
#[cfg(target_arch = "x86_64")]
use x86::Machine;

/// Blocks that are held at once: those in the lanes, those that wait for one that is free before the oldest is done, and those
/// that were given back and are looked at.
const SLOTS: usize = 28;
/// Bytes from slot to slot. Odd multiples of a cache line: the same places of all slots fall into different sets.
const INPUT_STRIDE: usize = MAX_BLOCK_BYTES + 320;
const OUTPUT_STRIDE: usize = ROOM + FRONT + MAX_BLOCK_BYTES + 64;
/// Bytes in front of a slot, for what a caller puts before a block's bytes: a read that began in the block before.
const ROOM: usize = 2048;
/// Bytes behind a slot's begin that a token may read: from anywhere that 17 bits tell, and as many as 9 bits, in vectors.
const OUTPUT_PAD: usize = (1 << 17) + 512 + 64;

const _: () = assert!(INPUT_STRIDE >= MAX_BLOCK_BYTES + INPUT_PAD, "lanes stay in their slots");

/// What stands in front of a block's bytes while it is decoded: literals are copied from there.
static VALUES: [u8; FRONT] = {
    let mut values = [0; FRONT];
    let mut value = 0;
    while value < FRONT {
        values[value] = value as u8;
        value += 1;
    }
    values
};

/// Why the lanes stopped, a bit for each: they came to the end of a block's part, or failed.
#[derive(Clone, Copy)]
struct Stop {
    ended: u16,
    failed: u16,
    /// Tokens that each lane has.
    filled: usize,
}

/// How a block came out.
#[derive(Debug)]
pub(super) struct Decoded<'a> {
    /// Its stream.
    pub(super) stream: &'a [u8],
    /// What it holds, as many bytes as were announced, with free bytes before it; `None` when the lanes do not decode it.
    pub(super) plain: Option<Roomy<'a>>,
}

/// A block's bytes with room before them.
#[derive(Debug)]
pub(super) struct Roomy<'a> {
    bytes: &'a mut [u8],
    /// Where they begin among all that the lanes hold.
    start: usize,
}

impl Roomy<'_> {
    /// How many bytes may be put before them.
    pub(super) const MOST_BEFORE: usize = ROOM + FRONT;

    /// The block's bytes alone.
    pub(super) fn plain(&self) -> &[u8] {
        &self.bytes[Self::MOST_BEFORE..]
    }

    /// Puts these, for which there is room, before the block's bytes; where they lie then, see [`Lanes::bytes`].
    pub(super) fn put_behind(self, before: &[u8]) -> Range<usize> {
        let start = Self::MOST_BEFORE - before.len();
        self.bytes[start..Self::MOST_BEFORE].copy_from_slice(before);
        self.start + start..self.start + self.bytes.len()
    }
}

/// Where a block is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waits,
    Done,
    Left,
}

#[derive(Clone, Copy)]
struct Slot {
    /// Bytes of the stream, and of what it holds.
    stream: usize,
    plain: usize,
    stage: Stage,
}

/// What a lane is at.
#[derive(Clone, Copy)]
struct Work {
    slot: usize,
    /// No part follows the one that is decoded.
    last: bool,
    /// Tokens before this one belong to another block, or were copied.
    from: usize,
    /// Where in its slot the next byte goes.
    at: usize,
}

/// Blocks under way, first in, first out.
pub(super) struct Lanes {
    machine: Machine,
    tables: Tables,
    input: Vec<u8>,
    output: Vec<u8>,
    slots: [Slot; SLOTS],
    /// The oldest slot, how many are held, and how many of these were begun.
    oldest: usize,
    held: usize,
    begun: usize,
    /// Slots before the oldest whose blocks were given back and may still be looked at.
    given: usize,
    work: [Option<Work>; LANES],
    state: State,
    tokens: Box<[Tokens]>,
    filled: usize,
}

impl Lanes {
    /// Lanes, when this machine decodes faster with them.
    pub(super) fn of_this_machine() -> Option<Self> {
        Machine::gathers_quickly().then(Self::able).flatten()
    }

    /// Lanes, when this machine has the instructions.
    pub(super) fn able() -> Option<Self> {
        let machine = Machine::able()?;
        Some(Self {
            machine,
            tables: Tables::new(),
            input: vec![0; SLOTS * INPUT_STRIDE],
            output: vec![0; (SLOTS - 1) * OUTPUT_STRIDE + ROOM + OUTPUT_PAD],
            slots: [Slot { stream: 0, plain: 0, stage: Stage::Left }; SLOTS],
            oldest: 0,
            held: 0,
            begun: 0,
            given: 0,
            work: [None; LANES],
            state: State::new(),
            tokens: vec![Tokens([0; LANES]); TOKENS].into_boxed_slice(),
            filled: 0,
        })
    }

    /// True while another block can be taken.
    pub(super) fn has_room(&self) -> bool {
        self.held + self.given < SLOTS
    }

    /// Takes a block's stream, which says to hold `plain` bytes.
    ///
    /// # Panics
    ///
    /// When there is no room, or one of both is longer than [`MAX_BLOCK_BYTES`].
    pub(super) fn push(&mut self, stream: &[u8], plain: usize) {
        assert!(self.has_room() && stream.len().max(plain) <= MAX_BLOCK_BYTES, "room for a block");
        let slot = (self.oldest + self.held) % SLOTS;
        let place = &mut self.input[slot * INPUT_STRIDE..][..INPUT_STRIDE];
        place[..stream.len()].copy_from_slice(stream);
        let front = &mut self.output[slot * OUTPUT_STRIDE + ROOM..][..FRONT];
        front.copy_from_slice(&VALUES);
        self.slots[slot] = Slot { stream: stream.len(), plain, stage: Stage::Waits };
        self.held += 1;
    }

    /// Gives the oldest block back, which is held on to until [`Self::release`]; `None` when there is none.
    ///
    /// # Panics
    ///
    /// When too many are held on to.
    pub(super) fn pop(&mut self) -> Option<Decoded<'_>> {
        if self.held == 0 {
            return None;
        }
        let oldest = self.oldest;
        while self.slots[oldest].stage == Stage::Waits {
            self.advance();
        }
        assert!(self.given < SLOTS - LANES, "blocks that were given back are let go of");
        self.oldest = (oldest + 1) % SLOTS;
        self.held -= 1;
        self.begun -= 1;
        self.given += 1;
        let Slot { stream, plain, stage } = self.slots[oldest];
        let start = oldest * OUTPUT_STRIDE;
        let made = &mut self.output[start..];
        Some(Decoded {
            stream: &self.input[oldest * INPUT_STRIDE..][..stream],
            plain: (stage == Stage::Done)
                .then(|| Roomy { bytes: &mut made[..Roomy::MOST_BEFORE + plain], start }),
        })
    }

    /// All bytes, among which those lie of blocks that were given back.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.output
    }

    /// Lets go of the blocks that were given back.
    pub(super) fn release(&mut self) {
        self.given = 0;
    }

    /// Forgets all blocks.
    pub(super) fn clear(&mut self) {
        (0..LANES).for_each(|lane| self.leave(lane));
        (self.oldest, self.held, self.begun, self.given, self.filled) = (0, 0, 0, 0, 0);
    }

    /// Decodes until a lane comes to an end or has no room for tokens.
    #[allow(unsafe_code, reason = "instructions that not every machine has")]
    fn advance(&mut self) {
        self.begin();
        let active = (0..LANES).filter(|&lane| self.work[lane].is_some());
        let active = active.fold(0, |all, lane| all | 1 << lane);
        if active == 0 {
            return;
        }
        let tokens = (&mut *self.tokens, self.filled);
        let given = (&self.tables, &self.input[..]);
        // SAFETY: lanes without work were stopped. Those that stopped here are stopped or sent on below, before the next steps.
        let stop = unsafe { self.machine.advance(given, &mut self.state, tokens, active) };
        self.filled = stop.filled;
        for lane in 0..LANES {
            if stop.failed >> lane & 1 == 1 {
                self.fail(lane);
            } else if stop.ended >> lane & 1 == 1 {
                self.part_ended(lane);
            }
        }
        if self.filled == TOKENS {
            (0..LANES).for_each(|lane| self.copy(lane));
            self.filled = 0;
            self.work.iter_mut().flatten().for_each(|work| work.from = 0);
        }
    }

    /// Gives waiting blocks to idle lanes.
    fn begin(&mut self) {
        for lane in 0..LANES {
            while self.work[lane].is_none() && self.begun < self.held {
                let slot = (self.oldest + self.begun) % SLOTS;
                self.begun += 1;
                let Slot { stream, plain, .. } = self.slots[slot];
                let start = slot * INPUT_STRIDE;
                self.work[lane] = Some(Work { slot, last: false, from: self.filled, at: FRONT });
                self.state.start(lane, 8 * (start + stream), plain);
                self.part(lane, 8 * start);
            }
        }
    }

    /// Begins with the part at bit `position` of the input.
    fn part(&mut self, lane: usize, position: usize) {
        let Some(Work { slot, .. }) = self.work[lane] else { return };
        let start = slot * INPUT_STRIDE;
        let stream = self.slots[slot].stream;
        let place = &self.input[start..][..stream + INPUT_PAD];
        let head = header::read(&mut self.tables, lane, place, position - 8 * start);
        match (head.filter(|head| head.position <= 8 * stream), &mut self.work[lane]) {
            (Some(head), Some(work)) => {
                work.last = head.last;
                self.state.go(lane, 8 * start + head.position);
            }
            _ => self.fail(lane),
        }
    }

    fn part_ended(&mut self, lane: usize) {
        let Some(Work { slot, last, .. }) = self.work[lane] else { return };
        if !last {
            self.part(lane, self.state.position.0[lane] as usize);
        } else if self.state.made.0[lane] == self.state.plain.0[lane] {
            self.copy(lane);
            self.slots[slot].stage = Stage::Done;
            self.leave(lane);
        } else {
            self.fail(lane);
        }
    }

    fn fail(&mut self, lane: usize) {
        if let Some(Work { slot, .. }) = self.work[lane] {
            self.slots[slot].stage = Stage::Left;
        }
        self.leave(lane);
    }

    fn leave(&mut self, lane: usize) {
        self.work[lane] = None;
        self.state.stop(lane);
    }

    /// Copies out what the lane's tokens make.
    #[allow(unsafe_code, reason = "instructions that not every machine has")]
    fn copy(&mut self, lane: usize) {
        let Some(work) = &mut self.work[lane] else { return };
        let tokens = &self.tokens[work.from..self.filled];
        let end = FRONT + self.slots[work.slot].plain;
        let place = (work.slot * OUTPUT_STRIDE + ROOM, work.at, end);
        // SAFETY: a lane that failed has no work. The others made no more than `plain` bytes, which `advance` has checked.
        work.at = unsafe { self.machine.copy((tokens, lane), &mut self.output, place) };
    }
}
