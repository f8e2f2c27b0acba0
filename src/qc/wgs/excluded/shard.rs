//! Keeps the reads of a task that lie over regions, and joins tasks: a job gets every read over its bases.

use std::sync::Arc;

use crate::model::problem::Problem;
use crate::model::read::{ReadBlock, ReadFacts, ReadView};

use super::super::super::order::Places;
use super::super::super::{Job, Joiner, Parcel, Shard, unpack};
use super::super::filter::{Verdict, judge};
use super::super::kept::Link;
use super::super::log::Log;
use super::Shared;
use super::bases::ExcludedJob;

/// Bases without reads that one job looks at, bp.
const EMPTY_BP: u32 = 8 << 20;

/// An aligned block of a read that does not count: 0-based start, end (exclusive), and the reason.
pub(super) type Lost = (u32, u32, u8);

/// The reads of one contig over regions.
#[derive(Debug, Default)]
pub(super) struct Stretch {
    pub(super) contig: u32,
    /// Start of the first record, over a region or not.
    first: u32,
    /// The farthest end of a read.
    pub(super) end: u32,
    pub(super) lost: Vec<Lost>,
    pub(super) counted: Log,
}

/// What a task amounts to.
#[derive(Debug, Default)]
struct TaskReads {
    stretches: Vec<Stretch>,
    /// Where its placed records lie.
    places: Places,
}

/// The shard of one task.
pub(super) struct ExcludedShard {
    shared: Arc<Shared>,
    done: TaskReads,
    open: Option<Stretch>,
}

impl ExcludedShard {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, done: TaskReads::default(), open: None }
    }

    fn read(&mut self, view: ReadView<'_>, facts: &ReadFacts) -> Result<(), Problem> {
        let (Ok(contig), Ok(start)) =
            (u32::try_from(view.contig()), u32::try_from(view.position()))
        else {
            return Ok(());
        };
        self.done.places.note(super::super::ID, (contig, start))?;
        if self.open.as_ref().is_none_or(|open| open.contig != contig) {
            self.done.stretches.extend(self.open.take());
            self.open = Some(Stretch { contig, first: start, end: start, ..Stretch::default() });
        }
        let assessed = self.shared.assessed.get(contig as usize).copied().unwrap_or(false);
        let verdict = judge(view);
        let Some(open) = &mut self.open else { return Ok(()) };
        if !assessed || verdict == Verdict::Silent || facts.end <= start {
            return Ok(());
        }
        if self.shared.regions.over(contig, start, facts.end).next().is_none() {
            return Ok(());
        }
        open.end = open.end.max(facts.end);
        if let Verdict::Excluded(reason) = verdict {
            let mut at = start;
            for op in view.cigar().iter() {
                let end = at.saturating_add(op.length);
                if op.is_aligned() {
                    open.lost.push((at, end, reason as u8));
                }
                at = if op.consumes_reference() { end } else { at };
            }
        } else {
            open.counted.push(view, Link::of(view, facts));
        }
        Ok(())
    }
}

impl Shard for ExcludedShard {
    fn block(&mut self, block: &ReadBlock<'_>) -> Result<(), Problem> {
        for (view, facts) in block.with_facts() {
            self.read(view, facts)?;
        }
        Ok(())
    }

    fn close(mut self: Box<Self>) -> Parcel {
        self.done.stretches.extend(self.open.take());
        Box::new(std::mem::take(&mut self.done))
    }
}

/// The joiner.
pub(super) struct ExcludedJoiner {
    shared: Arc<Shared>,
    /// The stretch that later reads may reach, and from where on its bases were not handed out.
    open: Option<(Stretch, u32)>,
    next_contig: u32,
    places: Places,
}

impl ExcludedJoiner {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, open: None, next_contig: 0, places: Places::default() }
    }

    fn add(&mut self, mut stretch: Stretch, jobs: &mut Vec<Box<dyn Job>>) {
        let mut from = 0;
        match self.open.take() {
            Some((open, start)) if open.contig == stretch.contig => {
                from = stretch.first.max(start);
                carry(&open, &mut stretch, from);
                self.hand_out(open, (start, from), jobs);
            }
            open => self.end_contigs(open, stretch.contig, jobs),
        }
        self.open = Some((stretch, from));
    }

    /// Hands the open contig out to its end, and those without records up to the next.
    fn end_contigs(
        &mut self,
        open: Option<(Stretch, u32)>,
        next: u32,
        jobs: &mut Vec<Box<dyn Job>>,
    ) {
        if let Some((open, start)) = open {
            let end = self.length(open.contig);
            self.next_contig = open.contig + 1;
            self.hand_out(open, (start, end), jobs);
        }
        for contig in self.next_contig..next {
            let end = self.length(contig);
            self.hand_out(Stretch { contig, ..Stretch::default() }, (0, end), jobs);
        }
        self.next_contig = self.next_contig.max(next);
    }

    fn length(&self, contig: u32) -> u32 {
        self.shared.contigs.get(contig as usize).map_or(0, |(_, length)| *length)
    }

    fn hand_out(&self, stretch: Stretch, (start, end): (u32, u32), jobs: &mut Vec<Box<dyn Job>>) {
        let contig = stretch.contig;
        if !self.shared.assessed.get(contig as usize).copied().unwrap_or(false) {
            return;
        }
        let reads_end = stretch.end.clamp(start, end.max(start));
        let shared = || Arc::clone(&self.shared);
        if reads_end > start {
            jobs.push(Box::new(ExcludedJob::new(shared(), stretch, (start, reads_end))));
        }
        let mut at = reads_end;
        while at < end {
            let to = at.saturating_add(EMPTY_BP).min(end);
            let empty = Stretch { contig, ..Stretch::default() };
            jobs.push(Box::new(ExcludedJob::new(shared(), empty, (at, to))));
            at = to;
        }
    }
}

/// Puts the reads that reach behind a place before those of the next stretch.
fn carry(open: &Stretch, next: &mut Stretch, from: u32) {
    let lost = open.lost.iter().filter(|(_, end, _)| *end > from);
    let own = std::mem::take(&mut next.lost);
    next.lost = lost.copied().chain(own).collect();
    let mut counted = Log::default();
    for (link, read) in open.counted.iter() {
        let end = link.start.saturating_add(read.cigar().span());
        if end > from {
            next.end = next.end.max(end);
            counted.push(read, *link);
        }
    }
    for (link, read) in next.counted.iter() {
        counted.push(read, *link);
    }
    for (_, end, _) in &next.lost {
        next.end = next.end.max(*end);
    }
    next.counted = counted;
}

impl Joiner for ExcludedJoiner {
    fn push(&mut self, parcel: Parcel, jobs: &mut Vec<Box<dyn Job>>) -> Result<(), Problem> {
        let task = unpack::<TaskReads>(parcel)?;
        self.places.follow(super::super::ID, task.places)?;
        for stretch in task.stretches {
            self.add(stretch, jobs);
        }
        Ok(())
    }

    fn end(&mut self, jobs: &mut Vec<Box<dyn Job>>) -> Result<(), Problem> {
        let open = self.open.take();
        self.end_contigs(open, self.shared.contigs.len() as u32, jobs);
        Ok(())
    }
}
