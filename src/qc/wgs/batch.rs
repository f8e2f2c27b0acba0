//! Qualities of many levels, counted by their bits as soon as they are enough, where the machine does so.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched closure is compiled for the machine's vectors"
)]

use super::super::lanes::LANES;
use super::super::vectors::Vectors;
use super::super::vectors::planes::{BATCH, BitPlanes, NUMBERS, Sets, numbers};
use super::bases::{Bases, vectors_from};
use super::levels::{Counts, qualities};

/// Less than a batch that waits, and behind it a read of a batch at most in whole vectors.
const ROOM: usize = 2 * BATCH;
const _: () = assert!(BATCH.is_multiple_of(LANES));

/// Qualities that wait and that were counted.
#[derive(Debug)]
pub(super) struct Batch {
    planes: BitPlanes,
    waiting: Box<[u8; ROOM]>,
    /// How many wait: fewer than a batch.
    many: usize,
    sets: Box<Sets>,
    /// Those of batches with qualities that cannot be counted by their bits.
    others: Box<Counts>,
}

impl Batch {
    /// `None` on machines that do not count so.
    pub(super) fn of_this_machine() -> Option<Self> {
        Some(Self {
            planes: BitPlanes::of_this_machine()?,
            waiting: Box::new([0; ROOM]),
            many: 0,
            sets: Box::new([[0; _]; NUMBERS]),
            others: Box::new([0; 256]),
        })
    }

    /// Counts the qualities of bases, or those in their codes.
    #[inline(always)]
    pub(super) fn add<V: Vectors, const CODES: bool>(&mut self, vectors: V, bases: Bases<'_>) {
        if bases.len() > BATCH {
            for part in bases.own().chunks(BATCH) {
                if let Some(part) = Bases::first_of(part, part.len()) {
                    self.add_part::<V, CODES>(vectors, part);
                }
            }
            return;
        }
        self.add_part::<V, CODES>(vectors, bases);
    }

    #[inline(always)]
    fn add_part<V: Vectors, const CODES: bool>(&mut self, vectors: V, bases: Bases<'_>) {
        let Some((wholes, last)) = bases.vectors() else { return };
        let room = vectors_from(&mut *self.waiting, self.many, wholes.len());
        let Some((rooms, last_room)) = room else { return };
        for (room, bases) in rooms.iter_mut().zip(wholes) {
            *room = vectors.store(qualities::<V, CODES>(vectors, vectors.load(bases)));
        }
        // What follows the last base is written over by the next read.
        *last_room = vectors.store(qualities::<V, CODES>(vectors, last.load(vectors).0));
        self.many += bases.len();
        if self.many >= BATCH {
            self.count();
        }
    }

    #[inline(never)]
    fn count(&mut self) {
        let Some(batch) = self.waiting.first_chunk() else { return };
        if !self.planes.count(batch, &mut self.sets) {
            tabulate(batch, &mut self.others);
        }
        self.waiting.copy_within(BATCH..self.many, 0);
        self.many -= BATCH;
    }

    /// Adds what was counted to sums, and begins anew.
    pub(super) fn empty(&mut self, totals: &mut Counts) {
        tabulate(&self.waiting[..self.many], totals);
        for (sum, count) in totals.iter_mut().zip(numbers(&self.sets)) {
            *sum += count;
        }
        for (sum, count) in totals.iter_mut().zip(self.others.iter_mut()) {
            *sum += std::mem::take(count);
        }
        *self.sets = [[0; _]; NUMBERS];
        self.many = 0;
    }
}

fn tabulate(qualities: &[u8], counts: &mut Counts) {
    for &quality in qualities {
        counts[usize::from(quality)] += 1;
    }
}
