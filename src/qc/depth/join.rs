//! Joins the stretches of neighbouring tasks in file order, so that no output depends on where the cuts are: changes that
//! reach over a cut, mates on both sides of it, the depth at it and the run that is open there.

use crate::model::problem::Problem;

use super::super::{Job, Joiner, Parcel, unpack};
use super::deltas::Deltas;
use super::finish::{Chunk, Shared};
use super::mates::Mate;
use super::shard::{Stretch, TaskDepth, take_back, unsorted};
use super::{Compat, FRAGMENT_REACH, Mode};

/// Longest chunk when values by region are wanted, bp: bounds the memory of the regions' values.
const MAX_CHUNK: u32 = 4 << 20;

/// The joiner.
#[derive(Debug)]
pub(super) struct DepthJoiner {
    shared: Shared,
    open: Option<Open>,
    /// The first contig of which nothing was handed out yet.
    next_contig: u32,
    last: (u32, u32),
}

/// A stretch whose end is not known yet.
#[derive(Debug)]
struct Open {
    stretch: Stretch,
    /// Where its chunk starts.
    start: u32,
    /// Depth before `start`.
    carry: i64,
    /// Where the run of equal depth that reaches `start` begins.
    run_start: u32,
}

impl DepthJoiner {
    pub(super) fn new(shared: Shared) -> Self {
        Self { shared, open: None, next_contig: 0, last: (0, 0) }
    }

    fn add(&mut self, stretch: Stretch, jobs: &mut Vec<Box<dyn Job>>) {
        match self.open.take() {
            Some(mut open) if open.stretch.contig == stretch.contig => {
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
                self.open = Some(Open { stretch, start: 0, carry: 0, run_start: 0 });
            }
        }
    }

    /// Hands out the earlier stretch up to the first place that the later one can change.
    fn join(&self, mut open: Open, mut next: Stretch, jobs: &mut Vec<Box<dyn Job>>) -> Open {
        let (first, last) = next.reads.unwrap_or_default();
        let back = if self.shared.settings.mode == Mode::Fragments { FRAGMENT_REACH } else { 0 };
        let cut = first.saturating_sub(back).max(open.start);
        self.pair(&mut open.stretch.waiting, &mut next);
        for mate in open.stretch.waiting {
            if mate.end > last
                && let Err(place) = next.waiting.binary_search_by(|own| own.name.cmp(&mate.name))
            {
                next.waiting.insert(place, mate);
            }
        }
        let mut spilled = 0;
        for (position, change) in open.stretch.deltas.split_off(cut) {
            spilled += i64::from(change);
            next.deltas.add_late(position, change);
        }
        next.deltas.settle();
        next.total += spilled;
        let run_start = open.stretch.deltas.last().unwrap_or(open.run_start);
        let carry = open.carry + open.stretch.total - spilled;
        let chunk = Chunk {
            contig: next.contig,
            start: open.start,
            end: cut,
            carry: open.carry,
            run_start: open.run_start,
            last: false,
            has_records: true,
            deltas: open.stretch.deltas,
        };
        self.hand_out(chunk, jobs);
        Open { stretch: next, start: cut, carry, run_start }
    }

    /// Pairs reads of the later stretch with mates that wait in the earlier one.
    fn pair(&self, waiting: &mut Vec<Mate>, next: &mut Stretch) {
        let by_name = self.shared.settings.compat == Compat::Mosdepth;
        for orphan in std::mem::take(&mut next.orphans) {
            let Ok(i) = waiting.binary_search_by(|mate| mate.name.cmp(&orphan.name)) else {
                continue;
            };
            let fits = waiting[i].end > orphan.start
                && (by_name || waiting[i].start == orphan.partner_start);
            if !fits {
                continue;
            }
            let mate = waiting.remove(i);
            let here = (orphan.start, orphan.one_op, &orphan.blocks[..]);
            take_back(&mate, here, by_name, |position, by| next.deltas.add_late(position, by));
            next.waiting.retain(|own| own.name != orphan.name || own.start != orphan.start);
        }
    }

    fn end_contig(&mut self, open: Option<Open>, jobs: &mut Vec<Box<dyn Job>>) {
        let Some(open) = open else { return };
        let contig = open.stretch.contig;
        let chunk = Chunk {
            contig,
            start: open.start,
            end: self.shared.length(contig),
            carry: open.carry,
            run_start: open.run_start,
            last: true,
            has_records: true,
            deltas: open.stretch.deltas,
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
                run_start: 0,
                last: true,
                has_records: false,
                deltas: Deltas::default(),
            };
            self.hand_out(chunk, jobs);
        }
        self.next_contig = contig;
    }

    fn hand_out(&self, mut chunk: Chunk, jobs: &mut Vec<Box<dyn Job>>) {
        let long = if self.shared.sets.is_empty() { u32::MAX } else { MAX_CHUNK };
        while chunk.end.saturating_sub(chunk.start) > long {
            let cut = chunk.start + long;
            let mut right = Deltas::default();
            for (position, change) in chunk.deltas.split_off(cut) {
                right.add_late(position, change);
            }
            right.settle();
            let carry = chunk.carry + chunk.deltas.total();
            let run_start = chunk.deltas.last().unwrap_or(chunk.run_start);
            let left = Chunk {
                end: cut,
                last: false,
                deltas: std::mem::replace(&mut chunk.deltas, right),
                ..chunk
            };
            jobs.push(self.shared.job(left));
            chunk = Chunk { start: cut, carry, run_start, ..chunk };
        }
        if chunk.last || chunk.end > chunk.start {
            jobs.push(self.shared.job(chunk));
        } else {
            self.shared.recycle(chunk.deltas);
        }
    }
}

impl Joiner for DepthJoiner {
    fn push(&mut self, parcel: Parcel, jobs: &mut Vec<Box<dyn Job>>) -> Result<(), Problem> {
        let task = unpack::<TaskDepth>(parcel)?;
        if let Some([first, last]) = task.ends {
            if first < self.last {
                return Err(unsorted());
            }
            self.last = last;
        }
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
