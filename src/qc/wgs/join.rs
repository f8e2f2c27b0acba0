//! Joins the stretches of neighbouring tasks, so that nothing depends on where the cuts are: depth that reaches over a cut,
//! reads of one name on both sides of it, and the order of bases where depth passes the cap.

use std::collections::HashMap;

use crate::model::problem::Problem;

use super::super::order::Places;
use super::super::{Job, Joiner, Parcel, unpack};
use super::COVERAGE_CAP;
use super::UNFILTERED_ABOVE;
use super::finish::{Chunk, Shared};
use super::firsts::Firsts;
use super::kept::{Link, encode};
use super::levels::Counts;
use super::reach::FarBases;
use super::segments::{PASSES, Segments};
use super::stretch::{Stretch, Sums, TaskWgs};

/// The joiner.
#[derive(Debug)]
pub(super) struct WgsJoiner {
    shared: Shared,
    open: Option<Stretch>,
    sums: Sums,
    places: Places,
    /// Qualities that tasks count too often, since they do not know of the depth that others add.
    taken_back: Box<Counts>,
}

/// A kept read, decoded.
struct Decoded {
    link: Link,
    /// Whether it belongs to the earlier stretch.
    before: bool,
    codes: Vec<u8>,
}

impl WgsJoiner {
    pub(super) fn new(shared: Shared) -> Self {
        Self {
            shared,
            open: None,
            sums: Sums::default(),
            places: Places::default(),
            taken_back: Box::new([0; 256]),
        }
    }

    fn add(&mut self, mut stretch: Stretch, jobs: &mut Vec<Box<dyn Job>>) {
        match self.open.take() {
            Some(open) if open.contig == stretch.contig => {
                self.join(open, &mut stretch, jobs);
            }
            open => self.hand_out(open, jobs),
        }
        // Nothing is joined to the begin of a stretch again.
        stretch.firsts = Firsts::default();
        if let Some(head) = std::mem::take(&mut stretch.head).emptied() {
            self.shared.pool.heads.recycle(head);
        }
        self.open = Some(stretch);
    }

    /// Hands out the earlier stretch up to the later one's first read.
    fn join(&mut self, mut open: Stretch, next: &mut Stretch, jobs: &mut Vec<Box<dyn Job>>) {
        let cut = next.reads.0;
        let mut over = open.segments.split_off(cut);
        self.uncount_qualities(&mut over, next);
        self.pair(&open, next);
        self.sums.capped += next.segments.absorb(over) as i64;
        let later = std::mem::take(&mut next.tail);
        next.tail = std::mem::take(&mut open.tail).reaching(later, next.reads.1);
        let (far, later): (FarBases, FarBases) =
            std::mem::take(&mut open.far).into_iter().partition(|&(at, _)| at < cut);
        next.far.extend(later);
        open.far = far;
        self.hand_out(Some(open), jobs);
    }

    /// Takes qualities back that the later stretch counted although, with the earlier one's bases before them, depth is
    /// above the cap.
    fn uncount_qualities(&mut self, over: &mut Segments, next: &mut Stretch) {
        let Some(end) = over.0.last().map(|segment| segment.end) else { return };
        let cap = u16::from(COVERAGE_CAP);
        let start = next.reads.0;
        // For each position the depth that is reached, where the two together pass the cap.
        let mut reached = vec![None; (end - start) as usize];
        let mut any = false;
        for (position, reached) in (start..).zip(&mut reached) {
            let before = over.at(position).map_or(0, |(s, i)| u16::from(s.seen[i]));
            let here = next.segments.at(position).map_or(0, |(s, i)| u16::from(s.seen[i]));
            if before > 0 && before + here > cap {
                *reached = Some((before, 0));
                any = true;
            }
        }
        if !any {
            return;
        }
        let mut take_back = |quality: u8, (before, rank): &mut (u16, u16)| {
            if *rank < cap {
                if *before + *rank >= cap {
                    self.taken_back[usize::from(quality)] += 1;
                }
                *rank += 1;
            }
        };
        for (qualities, reached) in next.firsts.iter().zip(&mut reached) {
            let Some(reached) = reached else { continue };
            for &quality in qualities {
                take_back(quality, reached);
            }
        }
        let mut codes = Vec::new();
        for (link, read) in next.head.records().iter().take_while(|(link, _)| link.start < end) {
            encode(read, link, None, &mut codes);
            let reached = reached.iter_mut().skip((link.start - start) as usize);
            for (&code, reached) in codes.iter().zip(reached) {
                let (quality, Some(reached)) = (code & !PASSES, reached) else { continue };
                if quality as i8 > UNFILTERED_ABOVE {
                    take_back(quality, reached);
                }
            }
        }
    }

    /// Takes bases back that the later stretch counted although a read of the same name in the earlier one counts there.
    fn pair(&mut self, open: &Stretch, next: &mut Stretch) {
        let Some(end) = open.tail.end() else { return };
        // Many may reach over the cut; few are needed.
        let near = || next.head.iter().take_while(|read| read.link.start < end);
        let mut by_name: HashMap<u64, Vec<Decoded>> =
            near().map(|read| (read.hash(), Vec::new())).collect();
        for read in open.tail.iter() {
            let Some(named) = by_name.get_mut(&read.hash()) else { continue };
            let mut codes = Vec::new();
            read.codes(&mut codes);
            named.push(Decoded { link: read.link, before: true, codes });
        }
        let (mut codes, mut removals) = (Vec::new(), Vec::new());
        for read in near() {
            let earlier = by_name.get_mut(&read.hash()).filter(|reads| !reads.is_empty());
            let Some(earlier) = earlier else { continue };
            let link = &read.link;
            read.codes(&mut codes);
            for position in link.start..link.end.min(end) {
                let passes = |link: &Link, codes: &[u8]| {
                    let i = position.checked_sub(link.start);
                    i.and_then(|i| codes.get(i as usize)).is_some_and(|code| code & PASSES != 0)
                };
                let taken = |before: bool| {
                    earlier.iter().any(|other| {
                        other.before == before
                            && link.follows(&other.link)
                            && passes(&other.link, &other.codes)
                    })
                };
                if passes(link, &codes) && taken(true) && !taken(false) {
                    removals.push(position);
                }
            }
            earlier.push(Decoded { link: *link, before: false, codes: codes.clone() });
        }
        for position in removals {
            let Some((segment, i)) = next.segments.at(position) else { continue };
            // Nothing was counted over N. At the cap, what is taken back is one of those above it: the earlier read is
            // one more.
            match segment.passing[i] {
                0 => continue,
                COVERAGE_CAP => self.sums.capped -= 1,
                _ => segment.passing[i] -= 1,
            }
            self.sums.overlap += 1;
        }
    }

    fn hand_out(&self, stretch: Option<Stretch>, jobs: &mut Vec<Box<dyn Job>>) {
        if let Some(Stretch { contig, segments, far, .. }) = stretch {
            jobs.push(self.shared.chunk(Chunk { contig, segments, far }));
        }
    }
}

impl Joiner for WgsJoiner {
    fn push(&mut self, parcel: Parcel, jobs: &mut Vec<Box<dyn Job>>) -> Result<(), Problem> {
        let task = unpack::<TaskWgs>(parcel)?;
        self.places.follow(super::ID, task.places)?;
        self.sums.merge(&task.sums);
        for stretch in task.stretches {
            self.add(stretch, jobs);
        }
        Ok(())
    }

    fn end(&mut self, jobs: &mut Vec<Box<dyn Job>>) -> Result<(), Problem> {
        let open = self.open.take();
        self.hand_out(open, jobs);
        let mut qualities = Box::new([0_u64; 256]);
        for levels in self.shared.pool.levels.drain() {
            for (sum, more) in qualities.iter_mut().zip(*levels.finish()) {
                *sum += more;
            }
        }
        for (sum, less) in qualities.iter_mut().zip(*self.taken_back) {
            debug_assert!(less <= *sum, "qualities that were never counted");
            *sum = sum.saturating_sub(less);
        }
        self.shared.end((std::mem::take(&mut self.sums), qualities), jobs);
        Ok(())
    }
}
