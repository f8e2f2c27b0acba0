//! Joins the stretches of neighbouring tasks in file order, so that no output depends on where the cuts are: changes that
//! reach over a cut, mates on both sides of it, the depth at it and the run that is open there.

use crate::model::problem::Problem;

use super::super::order::Places;
use super::super::{Job, Joiner, Parcel, unpack};
use super::deltas::Deltas;
use super::finish::{Chunk, Shared};
use super::listed::Listed;
use super::mate_list::MateList;
use super::shard::{Stretch, TaskDepth, take_back};
use super::{CELL, Compat, FRAGMENT_REACH, Mode};

/// Longest chunk when values by region are wanted, bp: bounds the memory of the regions' values. Whole cells.
const MAX_CHUNK: u32 = 128 * CELL;

/// The joiner.
#[derive(Debug)]
pub(super) struct DepthJoiner {
    shared: Shared,
    open: Option<Open>,
    /// The first contig of which nothing was handed out yet.
    next_contig: u32,
    places: Places,
}

/// A stretch whose end is not known yet.
#[derive(Debug)]
struct Open {
    stretch: Stretch,
    /// Where its chunk starts.
    start: u32,
    /// Depth before `start`, and that which the second track lacks.
    carry: i64,
    low_carry: i64,
    /// Where the run of equal depth that reaches `start` begins.
    run_start: u32,
}

impl DepthJoiner {
    pub(super) fn new(shared: Shared) -> Self {
        Self { shared, open: None, next_contig: 0, places: Places::default() }
    }

    fn add(&mut self, mut stretch: Stretch, jobs: &mut Vec<Box<dyn Job>>) {
        match self.open.take() {
            Some(mut open) if open.stretch.contig == stretch.contig => {
                self.pair(&mut open.stretch.waiting, &mut stretch);
                if stretch.reads.is_none() {
                    self.shared.recycle(stretch.deltas);
                } else if open.stretch.reads.is_none() {
                    let unused = std::mem::replace(&mut open.stretch, stretch);
                    self.shared.recycle(unused.deltas);
                } else {
                    open = self.join(open, stretch, jobs);
                }
                self.open = Some(open);
            }
            open => {
                self.end_contig(open, jobs);
                self.skip_to(stretch.contig, jobs);
                self.pair(&mut MateList::default(), &mut stretch);
                self.open = Some(Open { stretch, start: 0, carry: 0, low_carry: 0, run_start: 0 });
            }
        }
    }

    /// Hands out the earlier stretch up to the cell of the first place that the later one can change.
    fn join(&self, mut open: Open, mut next: Stretch, jobs: &mut Vec<Box<dyn Job>>) -> Open {
        let (first, last) = next.reads.unwrap_or_default();
        let back = if self.shared.settings.mode == Mode::Fragments { FRAGMENT_REACH } else { 0 };
        // A read may begin behind the contig's end.
        let first = first.min(self.shared.length(next.contig));
        let cut = (first.saturating_sub(back) / CELL * CELL).max(open.start);
        let mut reaching = std::mem::take(&mut open.stretch.waiting);
        reaching.retain(|mate| mate.end > last);
        next.waiting = reaching.merged(std::mem::take(&mut next.waiting), self.by_name());
        let spilled = spill(&mut open.stretch.deltas, cut, &mut next.deltas);
        next.total += spilled;
        next.low.absorb(open.stretch.low.split_off(cut));
        let low_carry = open.low_carry + open.stretch.low.total();
        let run_start = open.stretch.deltas.last().unwrap_or(open.run_start);
        let carry = open.carry + open.stretch.total - spilled;
        let chunk = Chunk {
            contig: next.contig,
            start: open.start,
            end: cut,
            carry: open.carry,
            low_carry: open.low_carry,
            run_start: open.run_start,
            last: false,
            has_records: true,
            deltas: open.stretch.deltas,
            low: open.stretch.low,
        };
        self.hand_out(chunk, jobs);
        Open { stretch: next, start: cut, carry, low_carry, run_start }
    }

    fn by_name(&self) -> bool {
        self.shared.settings.compat == Compat::Mosdepth
    }

    /// Pairs reads of a stretch with mates that wait in the one before.
    fn pair(&self, waiting: &mut MateList, next: &mut Stretch) {
        let by_name = self.by_name();
        let orphans = std::mem::take(&mut next.orphans);
        if orphans.is_empty() {
            return;
        }
        waiting.pair(&orphans, &mut next.waiting, by_name, |mate, orphan| {
            let here = (orphan.start, orphan.one_op, orphan.blocks);
            let low = mate.low || orphan.low;
            take_back(mate, here, by_name, |position, by| {
                next.deltas.add_late(position, by);
                if low {
                    next.low.add(position, by);
                }
            });
        });
        next.deltas.settle();
        next.low.settle();
    }

    fn end_contig(&mut self, open: Option<Open>, jobs: &mut Vec<Box<dyn Job>>) {
        let Some(open) = open else { return };
        let contig = open.stretch.contig;
        let chunk = Chunk {
            contig,
            start: open.start,
            end: self.shared.length(contig),
            carry: open.carry,
            low_carry: open.low_carry,
            run_start: open.run_start,
            last: true,
            has_records: true,
            deltas: open.stretch.deltas,
            low: open.stretch.low,
        };
        self.hand_out(chunk, jobs);
        self.next_contig = contig + 1;
    }

    /// Hands out the contigs without records before `contig`.
    fn skip_to(&mut self, contig: u32, jobs: &mut Vec<Box<dyn Job>>) {
        for empty in self.next_contig..contig {
            let chunk = Chunk {
                contig: empty,
                start: 0,
                end: self.shared.length(empty),
                carry: 0,
                low_carry: 0,
                run_start: 0,
                last: true,
                has_records: false,
                deltas: Deltas::default(),
                low: Listed::default(),
            };
            self.hand_out(chunk, jobs);
        }
        self.next_contig = contig;
    }

    fn hand_out(&self, mut chunk: Chunk, jobs: &mut Vec<Box<dyn Job>>) {
        let long = if self.shared.sets.is_empty() { u32::MAX } else { MAX_CHUNK };
        while chunk.end.saturating_sub(chunk.start) > long {
            let cut = chunk.start + long;
            let (mut right, low) = (Deltas::default(), chunk.low.split_off(cut));
            spill(&mut chunk.deltas, cut, &mut right);
            let carry = chunk.carry + chunk.deltas.total();
            let low_carry = chunk.low_carry + chunk.low.total();
            let run_start = chunk.deltas.last().unwrap_or(chunk.run_start);
            let left = Chunk {
                end: cut,
                last: false,
                deltas: std::mem::replace(&mut chunk.deltas, right),
                low: std::mem::replace(&mut chunk.low, low),
                ..chunk
            };
            jobs.push(self.shared.job(left));
            chunk = Chunk { start: cut, carry, low_carry, run_start, ..chunk };
        }
        if chunk.last || chunk.end > chunk.start {
            jobs.push(self.shared.job(chunk));
        } else {
            self.shared.recycle(chunk.deltas);
        }
    }
}

/// Moves the changes at or behind a cut to the next stretch; returns their sum.
fn spill(from: &mut Deltas, cut: u32, to: &mut Deltas) -> i64 {
    let mut sum = 0;
    for (position, change) in from.split_off(cut) {
        sum += i64::from(change);
        to.add_late(position, change);
    }
    to.settle();
    sum
}

impl Joiner for DepthJoiner {
    fn push(&mut self, parcel: Parcel, jobs: &mut Vec<Box<dyn Job>>) -> Result<(), Problem> {
        let task = unpack::<TaskDepth>(parcel)?;
        self.places.follow(super::ID, task.places)?;
        for stretch in task.stretches {
            self.add(stretch, jobs);
        }
        Ok(())
    }

    fn end(&mut self, jobs: &mut Vec<Box<dyn Job>>) -> Result<(), Problem> {
        let open = self.open.take();
        self.end_contig(open, jobs);
        self.skip_to(self.shared.contigs.len() as u32, jobs);
        Ok(())
    }
}
