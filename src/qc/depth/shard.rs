//! Depth within one task: what each read adds, and what overlapping mates take back.

use std::sync::Arc;

use crate::model::problem::Problem;
use crate::model::read::{Cigar, ReadBlock, ReadFacts, ReadView, TagValue, flag};

use super::super::order::Places;
use super::super::spare::Spare;
use super::super::vectors::dispatch;
use super::super::{Parcel, Shard};
use super::deltas::Deltas;
use super::listed::Listed;
use super::mate_list::{Blocks, Mate, MateList};
use super::mates::{MateTable, intersect};
use super::plain::{AddPlain, Low};
use super::{Compat, DepthSettings, FRAGMENT_REACH, Mode};

/// Positions after a stretch's first read within which the mate of a read may wait in the stretch before although the
/// mate fields say otherwise, bp.
const COMPAT_ORPHAN_REACH: u32 = 1000;

/// Memory of finished stretches and tasks, to be used again.
#[derive(Debug, Default)]
pub(super) struct Pool {
    arenas: Spare<Vec<i32>>,
    tables: Spare<MateTable>,
}

impl Pool {
    /// Keeps the memory of finished changes.
    pub(super) fn keep(&self, deltas: Deltas) {
        let arena = deltas.into_arena();
        if arena.capacity() > 0 {
            self.arenas.recycle(arena);
        }
    }

    /// Keeps an emptied table, unless a place of extreme depth made it large.
    fn keep_table(&self, table: MateTable) {
        if table.is_small() {
            self.tables.recycle(table);
        }
    }
}

/// The depth changes of one contig's reads within one task.
#[derive(Debug)]
pub(super) struct Stretch {
    pub(super) contig: u32,
    /// Start of the first and of the last counted read; `None` when no read counts.
    pub(super) reads: Option<(u32, u32)>,
    pub(super) deltas: Deltas,
    /// The sum of all changes.
    pub(super) total: i64,
    /// The changes that the second track lacks: those of reads of low mapping quality. Empty without a second track.
    pub(super) low: Listed,
    /// Reads whose overlapping mate may follow in a later task.
    pub(super) waiting: MateList,
    /// Reads whose overlapping mate may wait in an earlier task, in order of the file.
    pub(super) orphans: MateList,
}

/// What a task amounts to.
#[derive(Debug, Default)]
pub(super) struct TaskDepth {
    pub(super) stretches: Vec<Stretch>,
    /// Where its placed records lie, counted or not.
    pub(super) places: Places,
}

/// The contig before the first placed record.
const NO_CONTIG: i32 = i32::MIN;

/// The shard of one task.
pub(super) struct DepthShard {
    settings: Arc<DepthSettings>,
    /// What most runs ask of a read, and whether there is more to ask.
    least_mapq: u32,
    exclude_flags: u16,
    asks_more: bool,
    /// Whether reads count over more than their aligned bases.
    whole: bool,
    /// Whether mates find each other by name alone.
    by_name: bool,
    /// Least mapping quality of the second track; 0 without one.
    second: u32,
    pool: Arc<Pool>,
    done: TaskDepth,
    /// Contig and start of the last placed record.
    contig: i32,
    last: i32,
    deltas: Deltas,
    low: Listed,
    mates: MateTable,
    orphans: MateList,
    blocks: Blocks,
    /// By the number of a group of plain records, how often each of them counts.
    by_group: Vec<i32>,
}

/// A read that counts, and where it lies.
#[derive(Clone, Copy)]
struct Counted<'a> {
    read: ReadView<'a>,
    start: u32,
    end: u32,
    /// Whether all of that is one aligned block.
    plain: bool,
}

impl<'a> Counted<'a> {
    /// Its aligned blocks.
    fn blocks(self, blocks: &mut Blocks) {
        if self.plain {
            blocks.clear();
            blocks.push((self.start, self.end));
        } else {
            aligned_blocks(self.read.cigar(), self.start, blocks);
        }
    }

    fn has_one_op(self) -> bool {
        self.plain || self.read.cigar().len() == 1
    }

    /// As a mate of these blocks, which are made here.
    fn as_mate(self, partner_start: u32, low: bool, blocks: &'a mut Blocks) -> Mate<'a> {
        self.blocks(blocks);
        let Self { read, start, end, .. } = self;
        let (name, one_op) = (read.name(), self.has_one_op());
        Mate { name, start, end, partner_start, one_op, low, blocks }
    }
}

impl DepthShard {
    pub(super) fn new(settings: Arc<DepthSettings>, second: u32, pool: Arc<Pool>) -> Self {
        Self {
            mates: pool.tables.take().by_name(settings.compat == Compat::Mosdepth),
            least_mapq: settings.min_mapq,
            exclude_flags: settings.exclude_flags,
            asks_more: settings.lengths != (0..=u32::MAX)
                || settings.include_flags != 0
                || !settings.read_groups.is_empty(),
            whole: settings.mode != Mode::Bases,
            by_name: settings.compat == Compat::Mosdepth,
            settings,
            second,
            pool,
            done: TaskDepth::default(),
            contig: NO_CONTIG,
            last: 0,
            deltas: Deltas::default(),
            low: Listed::default(),
            orphans: MateList::default(),
            blocks: Blocks::new(),
            by_group: Vec::new(),
        }
    }

    fn end_contig(&mut self) {
        if self.contig == NO_CONTIG {
            return;
        }
        let mut deltas = std::mem::take(&mut self.deltas);
        let reads = deltas.starts();
        deltas.settle();
        let mut low = std::mem::take(&mut self.low);
        low.settle();
        self.done.stretches.push(Stretch {
            contig: self.contig as u32,
            reads,
            // Each read adds as often as it takes back, at its ends.
            total: 0,
            deltas,
            low,
            waiting: self.mates.drain(self.last as u32),
            orphans: std::mem::take(&mut self.orphans),
        });
        self.contig = NO_CONTIG;
    }

    fn begin_contig(&mut self, contig: i32) {
        self.end_contig();
        self.contig = contig;
        self.deltas = Deltas::with_arena(self.pool.arenas.take());
    }

    /// Notes the place of the last record; placed records must be sorted.
    fn note_last(&mut self) -> Result<(), Problem> {
        match self.contig {
            NO_CONTIG => Ok(()),
            contig => self.done.places.note(super::ID, (contig as u32, self.last as u32)),
        }
    }

    /// Whether a record is placed, which is then the last one.
    #[inline]
    fn place(&mut self, read: ReadView<'_>) -> Result<bool, Problem> {
        let (contig, start) = (read.contig(), read.position());
        if (contig != self.contig || start < self.last) && !self.turn_to(contig, start)? {
            return Ok(false);
        }
        self.last = start;
        Ok(true)
    }

    /// Whether a record that does not follow the last one on its contig is placed; it must be the first of its contig.
    #[cold]
    fn turn_to(&mut self, contig: i32, start: i32) -> Result<bool, Problem> {
        if contig < 0 || start < 0 {
            return Ok(false);
        }
        self.note_last()?;
        self.done.places.note(super::ID, (contig as u32, start as u32))?;
        self.begin_contig(contig);
        Ok(true)
    }

    #[inline]
    fn accepts(&self, read: ReadView<'_>) -> bool {
        u32::from(read.mapq()) >= self.least_mapq
            && read.flags() & self.exclude_flags == 0
            && (!self.asks_more || self.accepts_all(read))
    }

    #[inline(never)]
    fn accepts_all(&self, read: ReadView<'_>) -> bool {
        let settings = &*self.settings;
        settings.lengths.contains(&read.template_length().unsigned_abs())
            && (settings.include_flags == 0 || read.flags() & settings.include_flags != 0)
            && (settings.read_groups.is_empty() || self.has_read_group(read))
    }

    fn has_read_group(&self, read: ReadView<'_>) -> bool {
        let Some(TagValue::Text(group)) = read.tag(*b"RG") else { return false };
        self.settings.read_groups.iter().any(|wanted| wanted.as_bytes() == group)
    }

    /// Counts the aligned bases of a read; returns its end.
    #[inline]
    fn bases(&mut self, read: ReadView<'_>, start: u32, facts: Option<&ReadFacts>) -> u32 {
        let low = u32::from(read.mapq()) < self.second;
        let end = match facts.filter(|facts| facts.group > 0) {
            Some(facts) => facts.end,
            None => match read.cigar().single_match() {
                Some(length) if length > 0 => start.saturating_add(length),
                _ => return self.add_blocks(read.cigar(), start, low),
            },
        };
        self.deltas.add_read(start, end);
        if low {
            self.low.add_read(start, end);
        }
        end
    }

    /// Counts the aligned blocks of a read; returns its end.
    #[inline(never)]
    fn add_blocks(&mut self, cigar: Cigar<'_>, start: u32, low: bool) -> u32 {
        let end = aligned_blocks(cigar, start, &mut self.blocks).max(start.saturating_add(1));
        add_blocks(&mut self.deltas, (start, end), &self.blocks);
        if low {
            self.low.add_blocks(&self.blocks);
        }
        end
    }

    /// Counts the aligned bases of a block of reads in order that lie close together, the plain ones without a look at each;
    /// false for any other, of which nothing is counted.
    fn together(&mut self, block: &ReadBlock<'_>) -> Result<bool, Problem> {
        let ends = (block.get(0), block.iter().next_back());
        let ((Some(first), Some(last)), groups) = (ends, block.groups()) else { return Ok(false) };
        let in_order = block.is_known_sorted() && first.position() >= 0;
        // Groups tell no more than flags, and of these not the reserved ones.
        let by_flags = !self.asks_more
            && self.least_mapq == 0
            && usize::from(self.exclude_flags) < flag::VALUES;
        if !by_flags || groups.is_empty() || !in_order || !self.place(first)? {
            return Ok(false);
        }
        let counts = |read: &ReadView<'_>| self.accepts(*read);
        if let (Some(from), Some(to)) = (block.iter().find(counts), block.iter().rfind(counts)) {
            let (from, to) = (from.position() as u32, to.position() as u32);
            let farthest = groups.iter().map(|group| group.farthest).max().unwrap_or(0);
            let excluded = self.exclude_flags;
            self.by_group.clear();
            self.by_group.push(0);
            self.by_group.extend(groups.iter().map(|group| i32::from(group.flags & excluded == 0)));
            let Some(changes) = self.deltas.begin_reads(from, to, farthest) else {
                return Ok(false);
            };
            let low = Low {
                track: &mut self.low,
                blocks: &mut self.blocks,
                below: self.second,
                excluded,
            };
            let changes = (changes, from);
            dispatch(AddPlain { changes, block, by_group: &self.by_group, low });
            for (read, _) in block.others().filter(|(read, _)| read.flags() & excluded == 0) {
                aligned_blocks(read.cigar(), read.position() as u32, &mut self.blocks);
                change_blocks(&mut self.deltas, &self.blocks);
            }
        }
        self.last = last.position();
        Ok(true)
    }

    /// Counts a read in the modes that do not look at its aligned bases.
    #[inline(never)]
    fn whole(&mut self, read: ReadView<'_>, start: u32) -> Result<(), Problem> {
        if self.settings.mode == Mode::Fragments {
            return self.fragment(read, start);
        }
        self.deltas.add_read(start, start.saturating_add(read.cigar().span().max(1)));
        Ok(())
    }

    /// Counts the whole stretch that a pair comes from, at its first read.
    // METHOD: as mosdepth 0.3.11 -a: first reads of proper pairs, not supplementary; from the leftmost start over the
    // template length.
    fn fragment(&mut self, read: ReadView<'_>, start: u32) -> Result<(), Problem> {
        const LOOKED_AT: u16 = flag::PROPER_PAIR | flag::SUPPLEMENTARY | flag::SECOND;
        if read.flags() & LOOKED_AT != flag::PROPER_PAIR {
            return Ok(());
        }
        let from = start.min(read.mate_position().max(0) as u32);
        if start - from > FRAGMENT_REACH {
            let message = format!(
                "a proper pair is said to reach back {} bp from position {}, more than {FRAGMENT_REACH}",
                start - from,
                u64::from(start) + 1
            );
            return Err(Problem::bad_data(message).help(format!(
                "leave out such pairs with -u {FRAGMENT_REACH}, or correct them with `samtools fixmate`"
            )));
        }
        let to = from.saturating_add(read.template_length().unsigned_abs());
        self.deltas.begin_read(start, to.max(start));
        self.deltas.add(from, 1);
        self.deltas.add(to, -1);
        Ok(())
    }

    /// Looks for the mates of a block's reads, all of which are counted.
    fn pair_all(&mut self, block: &ReadBlock<'_>) {
        for (read, facts) in block.near_mates(self.deltas.first_start()) {
            let Ok(start) = u32::try_from(read.position()) else { continue };
            if read.contig() == self.contig && self.accepts(read) {
                let plain = facts.group > 0;
                let end = if plain {
                    facts.end
                } else {
                    start.saturating_add(read.cigar().span().max(1))
                };
                if self.may_pair(read, start, end) {
                    self.pair(Counted { read, start, end, plain });
                }
            }
        }
        for [(first, earlier), (second, later)] in block.couples(self.deltas.first_start()) {
            if [first, second].iter().all(|read| is_proper(*read) && self.accepts(*read)) {
                let low = [first, second].iter().any(|read| u32::from(read.mapq()) < self.second);
                let (from, to) = (second.position() as u32, earlier.end.min(later.end));
                self.take_back_between(from, to, low);
            }
        }
    }

    /// Takes back once what two mates share.
    fn take_back_between(&mut self, from: u32, to: u32, low: bool) {
        for (position, by) in [(from, -1), (to, 1)] {
            self.deltas.add(position, by);
            if low {
                self.low.add(position, by);
            }
        }
    }

    /// Whether the read may share bases with its mate or belong to one of an earlier task: cheap, and false for most.
    #[inline]
    fn may_pair(&self, read: ReadView<'_>, start: u32, end: u32) -> bool {
        if !is_proper(read) {
            return false;
        }
        let (mate, start) = (i64::from(read.mate_position()), i64::from(start));
        let ahead = mate >= i64::from(end);
        let behind = start - mate > i64::from(self.mates.longest())
            && mate > i64::from(self.deltas.first_start());
        self.by_name || !(ahead || behind)
    }

    /// Takes back the depth that the read shares with its mate, or lets it wait for the mate.
    #[inline]
    fn pair(&mut self, here: Counted<'_>) {
        let Counted { read, start, end, .. } = here;
        let same_contig = read.contig() == read.mate_contig();
        let mate_start = read.mate_position().max(0) as u32;
        let overlaps = same_contig && i64::from(end) > i64::from(read.mate_position());
        if overlaps && start < mate_start {
            self.wait(here, mate_start);
        } else {
            self.take_back_or_wait(here, overlaps, mate_start);
        }
    }

    /// As [`DepthShard::pair`], of a read whose mate does not start behind it under its end.
    #[inline(never)]
    fn take_back_or_wait(&mut self, here: Counted<'_>, overlaps: bool, mate_start: u32) {
        let Counted { read, start, .. } = here;
        // METHOD: mates find each other by name; the default also wants their mate fields to agree, see `MateTable`.
        let (by_name, first) = (self.by_name, self.deltas.first_start());
        if !by_name && !overlaps {
            return;
        }
        // Reads that start where their mates do meet two by two: only what lies before the cut tells which.
        let at_cut = !by_name && start == mate_start && start == first;
        let possible = if by_name {
            start < self.mates.farthest()
        } else {
            !at_cut && self.mates.may_hold(start, mate_start)
        };
        let name = read.name();
        let found = if possible { self.mates.lookup(name, start, mate_start) } else { None };
        if let Some(slot) = found {
            here.blocks(&mut self.blocks);
            let mate = self.mates.get(slot);
            let here = (start, here.has_one_op(), &self.blocks[..]);
            // What the two share counts once; nothing of it counts twice in a track that lacks one of them.
            let low = mate.low || u32::from(read.mapq()) < self.second;
            take_back(mate, here, by_name, |p, by| {
                self.deltas.add(p, by);
                if low {
                    self.low.add(p, by);
                }
            });
            self.mates.release(slot);
            return;
        }
        let earlier = mate_start <= first || (by_name && start < first + COMPAT_ORPHAN_REACH);
        if earlier && (by_name || read.contig() == read.mate_contig()) {
            let low = u32::from(read.mapq()) < self.second;
            self.orphans.push(here.as_mate(mate_start, low, &mut self.blocks));
        }
        if overlaps && start == mate_start && !at_cut {
            self.wait(here, mate_start);
        }
    }

    fn wait(&mut self, here: Counted<'_>, mate_start: u32) {
        let low = u32::from(here.read.mapq()) < self.second;
        self.mates.insert(here.as_mate(mate_start, low, &mut self.blocks));
    }
}

impl Shard for DepthShard {
    fn block(&mut self, block: &ReadBlock<'_>) -> Result<(), Problem> {
        if self.whole {
            for read in block.iter() {
                if self.place(read)? && self.accepts(read) {
                    self.whole(read, self.last as u32)?;
                }
            }
            return self.note_last();
        }
        // Mates that find each other by name alone may lie anywhere.
        let knows_mates = block.knows_mates() && !self.by_name;
        if !(knows_mates && self.together(block)?) {
            for (i, read) in block.iter().enumerate() {
                if self.place(read)? && self.accepts(read) {
                    let start = self.last as u32;
                    let end = self.bases(read, start, block.facts(i));
                    if !knows_mates && self.may_pair(read, start, end) {
                        self.pair(Counted { read, start, end, plain: false });
                    }
                }
            }
        }
        if knows_mates {
            self.pair_all(block);
        }
        self.note_last()
    }

    fn close(mut self: Box<Self>) -> Parcel {
        self.end_contig();
        self.pool.keep_table(std::mem::take(&mut self.mates));
        Box::new(std::mem::take(&mut self.done))
    }
}

/// Whether a read may count together with its mate.
// METHOD: only mates that the aligner calls a proper pair are counted once, as mosdepth does.
#[inline]
fn is_proper(read: ReadView<'_>) -> bool {
    read.flags() & (flag::PROPER_PAIR | flag::SUPPLEMENTARY) == flag::PROPER_PAIR
}

/// Begins a read and adds its blocks.
fn add_blocks(deltas: &mut Deltas, (start, end): (u32, u32), blocks: &[(u32, u32)]) {
    deltas.begin_read(start, end);
    change_blocks(deltas, blocks);
}

/// Adds the blocks of a read that was begun.
fn change_blocks(deltas: &mut Deltas, blocks: &[(u32, u32)]) {
    for &(from, to) in blocks {
        deltas.add(from, 1);
        deltas.add(to, -1);
    }
}

/// The stretches that a read aligns to: `M`, `=` and `X` in a row are one block, an insertion does not end it, a deletion
/// or skip does. Returns the end of its span.
pub(super) fn aligned_blocks(cigar: Cigar<'_>, start: u32, blocks: &mut Blocks) -> u32 {
    blocks.clear();
    let mut at = start;
    for op in cigar.iter() {
        if op.is_aligned() {
            let end = at.saturating_add(op.length);
            match blocks.last_mut() {
                Some(block) if block.1 == at => block.1 = end,
                _ => blocks.push((at, end)),
            }
            at = end;
        } else if op.consumes_reference() {
            at = at.saturating_add(op.length);
        }
    }
    at
}

/// Takes the depth that two mates share back once. The later read is given as start, whether its CIGAR has one operation,
/// and blocks.
pub(super) fn take_back(
    mate: Mate<'_>,
    (start, one_op, blocks): (u32, bool, &[(u32, u32)]),
    mosdepth: bool,
    mut change: impl FnMut(u32, i32),
) {
    if mosdepth && mate.one_op && one_op {
        // mosdepth takes back up to the first mate's end even when the second mate ends before.
        change(start, -1);
        change(mate.end, 1);
        return;
    }
    intersect(mate.blocks, blocks, |from, to| {
        change(from, -1);
        change(to, 1);
    });
}
