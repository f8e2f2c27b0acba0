//! One task: its reads along the sites.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched closure is compiled for the machine's vectors"
)]

use std::sync::Arc;

use super::super::order::Places;
use super::super::vectors::{Task, Vectors, dispatch};
use super::super::{Parcel, Shard, unsorted};
use super::windows::{WindowSum, window, window_end};
use super::{Asked, Plan};
use crate::model::problem::Problem;
use crate::model::read::{ReadBlock, ReadFacts, ReadView, flag};
use crate::model::read_columns::mapq;
use crate::model::sketch::SiteAllele;

/// A base over a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Base {
    /// Place in the plan.
    pub(super) site: u32,
    /// Hash of the read's name.
    pub(super) name: u64,
    pub(super) allele: SiteAllele,
    pub(super) quality: u8,
    /// Whether the read has a mate, and whether it is the first of the two.
    pub(super) paired: bool,
    pub(super) first: bool,
}

/// What a task amounts to.
#[derive(Debug, Default)]
pub(super) struct TaskBases {
    /// Where its placed records lie, counted or not.
    pub(super) places: Places,
    /// By site; at one site in order of the file.
    pub(super) bases: Vec<Base>,
    pub(super) windows: Vec<WindowSum>,
}

/// The shard of one task.
pub(super) struct SketchShard {
    asked: Arc<Asked>,
    done: TaskBases,
    contig: i32,
    /// The first site that the next read may cover, and the end of the contig's.
    cursor: u32,
    end: u32,
    open: WindowSum,
}

/// Looking at a block without a look at each of its reads.
struct Look<'a> {
    block: &'a ReadBlock<'a>,
    /// Reads with any of these flags, or a lower mapping quality than this, do not count.
    exclude: u16,
    least: u8,
}

/// Aligned bases of the plain reads that count, and the last position that any read may reach, -1 for none.
struct Extent {
    plain: u64,
    last: i32,
}

impl Task for Look<'_> {
    type Output = Extent;

    #[inline(always)]
    fn run<V: Vectors>(self, _: V) -> Extent {
        let Self { block, exclude, least } = self;
        let (mut reads, mut last) = (0_u64, -1);
        for (_, step) in block.steps() {
            let mut here = 0;
            for (i, &mark) in step.marks.iter().enumerate() {
                let counts = u32::from(mark & u32::from(exclude) == 0)
                    & u32::from(mapq(mark) >= least.into());
                here += counts & u32::from(step.groups[i] > 0);
                last = last.max(step.lasts[i]);
            }
            reads += u64::from(here);
        }
        Extent { plain: reads * u64::from(block.plain_bases()), last }
    }
}

/// 64 bits of a name: FNV-1a, with its bits mixed once more so that each of them depends on all letters.
fn hash(name: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for &byte in name {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0xd6e8_feb8_6659_fd93);
    hash ^ hash >> 32
}

impl SketchShard {
    pub(super) fn new(asked: Arc<Asked>) -> Self {
        let open = WindowSum::default();
        Self { asked, done: TaskBases::default(), contig: -1, cursor: 0, end: 0, open }
    }

    /// Notes the place of a record; placed records must be sorted.
    fn place(&mut self, contig: i32, start: u32) -> Result<(), Problem> {
        self.done.places.note(super::ID, (contig as u32, start))?;
        if contig != self.contig {
            self.contig = contig;
            let sites = self.asked.plan.contigs.get(contig as usize).map(|own| own.sites.clone());
            (self.cursor, self.end) = sites.map_or((0, 0), |sites| (sites.start, sites.end));
        }
        Ok(())
    }

    /// The next site's position; behind all positions when there is none.
    fn next_site(&self, plan: &Plan) -> u32 {
        let position = plan.positions.get(self.cursor as usize).copied();
        position.filter(|_| self.cursor < self.end).unwrap_or(u32::MAX)
    }

    /// Goes on to the first site that a read may cover, and takes its bases when it does.
    #[inline(never)]
    fn look(&mut self, plan: &Plan, read: ReadView<'_>, facts: &ReadFacts) {
        let start = read.position().max(0) as u32;
        while self.cursor < self.end && plan.positions[self.cursor as usize] < start {
            self.cursor += 1;
        }
        if self.cursor < self.end && plan.positions[self.cursor as usize] < facts.end {
            self.cover(plan, read);
        }
    }

    /// Sums up the reads of a block in order that lies in the open window and over no site, as most do; false for any other,
    /// of which nothing is taken.
    fn together(&mut self, asked: &Asked, block: &ReadBlock<'_>) -> Result<bool, Problem> {
        let last_read = block.iter().next_back();
        let Some(until) = last_read.map(|read| read.position().max(0) as u32) else {
            return Ok(false);
        };
        let (contig, number) = self.open.at;
        if !block.is_known_sorted() || contig != self.contig as u32 || until >= window_end(number) {
            return Ok(false);
        }
        let limits = &asked.limits.reads;
        let (exclude, least) = (limits.exclude_flags.value, limits.min_mapping_quality.value);
        let Extent { plain, last } = dispatch(Look { block, exclude, least });
        if last >= 0 && last as u32 >= self.next_site(&asked.plan) {
            return Ok(false);
        }
        let others =
            block.others().filter(|(read, _)| read.flags() & exclude == 0 && read.mapq() >= least);
        self.open.sum += plain + others.map(|(_, facts)| u64::from(facts.aligned)).sum::<u64>();
        self.place(self.contig, until)?;
        Ok(true)
    }

    /// Sums up the reads of a block of one contig and looks at those that lie over sites.
    fn reads(
        &mut self,
        asked: &Asked,
        block: &ReadBlock<'_>,
        mut before: u32,
    ) -> Result<(), Problem> {
        let limits = &asked.limits.reads;
        let (exclude, least) = (limits.exclude_flags.value, limits.min_mapping_quality.value);
        let contig = self.contig as u32;
        let mut site = self.next_site(&asked.plan);
        let mut end = if self.open.at.0 == contig { window_end(self.open.at.1) } else { 0 };
        let mut sum = 0;
        for (read, facts) in block.with_facts() {
            let start = read.position().max(0) as u32;
            if start < before {
                return Err(unsorted(super::ID));
            }
            before = start;
            if read.flags() & exclude != 0 || read.mapq() < least {
                continue;
            }
            if start >= end {
                self.open.sum += std::mem::take(&mut sum);
                self.close_window();
                self.open.at = (contig, window(start));
                end = window_end(self.open.at.1);
            }
            sum += u64::from(facts.aligned);
            if facts.end > site {
                self.look(&asked.plan, read, facts);
                site = self.next_site(&asked.plan);
            }
        }
        self.open.sum += sum;
        self.place(self.contig, before)
    }

    /// Takes the bases of a read over sites.
    fn cover(&mut self, plan: &Plan, read: ReadView<'_>) {
        let qualities = read.qualities();
        let least = self.asked.limits.bases.min_base_quality.value;
        let (flags, sequence) = (read.flags(), read.packed_sequence());
        let (mut at, mut next, mut site) = (read.position().max(0) as u32, 0_usize, self.cursor);
        if qualities.first() == Some(&u8::MAX) {
            return;
        }
        for op in read.cigar().iter() {
            let end = if op.consumes_reference() { at.saturating_add(op.length) } else { at };
            while site < self.end && plan.positions[site as usize] < end {
                let i = next + (plan.positions[site as usize] - at) as usize;
                let quality = qualities.get(i).copied().unwrap_or(0);
                let code = sequence.get(i / 2).map_or(0, |two| two >> (4 * (1 - i % 2)) & 15);
                if op.is_aligned()
                    && quality >= least
                    && let Some(allele) = shown(plan.alleles(site), code)
                {
                    self.done.bases.push(Base {
                        site,
                        name: hash(read.name()),
                        allele,
                        quality,
                        paired: flags & flag::PAIRED != 0,
                        first: flags & flag::FIRST != 0,
                    });
                }
                site += 1;
            }
            at = end;
            next += if op.consumes_read() { op.length as usize } else { 0 };
        }
    }

    fn close_window(&mut self) {
        let done = std::mem::take(&mut self.open);
        if done.sum > 0 {
            self.done.windows.push(done);
        }
    }
}

/// What a base shows; `None` for N and other codes of more than one base.
fn shown([reference, alternate]: [u8; 2], code: u8) -> Option<SiteAllele> {
    match code {
        _ if code == reference => Some(SiteAllele::Reference),
        _ if code == alternate => Some(SiteAllele::Alternate),
        1 | 2 | 4 | 8 => Some(SiteAllele::Other),
        _ => None,
    }
}

impl Shard for SketchShard {
    fn block(&mut self, block: &ReadBlock<'_>) -> Result<(), Problem> {
        let asked = Arc::clone(&self.asked);
        let Some(first) = block.get(0).filter(|first| first.contig() >= 0) else { return Ok(()) };
        if asked.without.is_some() {
            return Ok(());
        }
        let start = first.position().max(0) as u32;
        self.place(first.contig(), start)?;
        if self.together(&asked, block)? {
            return Ok(());
        }
        self.reads(&asked, block, start)
    }

    fn close(mut self: Box<Self>) -> Parcel {
        self.close_window();
        self.done.bases.sort_by_key(|base| base.site);
        Box::new(self.done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::read::{FIXED_BYTES, Fields, Known};
    use crate::model::sketch::{Site, SiteList, SiteRegion};
    use crate::policy::sketch::limits;
    use crate::qc::facts::{self, Found};
    use crate::qc::unpack;
    use proptest::prelude::*;

    fn record(start: u32, (_, flags, mapq, clip): (u32, u16, u8, u32)) -> Vec<u8> {
        let mut bytes = vec![0; FIXED_BYTES];
        bytes[4..8].copy_from_slice(&start.to_le_bytes());
        (bytes[8], bytes[9], bytes[16]) = (2, mapq, 40);
        (bytes[12], bytes[14]) = (1 + u8::from(clip > 0), flags as u8);
        bytes[15] = (flags >> 8) as u8;
        bytes.extend(b"r\0");
        let ops = [clip << 4 | 4, (40 - clip) << 4];
        bytes.extend(ops[usize::from(clip == 0)..].iter().flat_map(|op| op.to_le_bytes()));
        bytes.extend([0x12; 20]);
        bytes.extend([30; 40]);
        bytes
    }

    /// Windows and their sums.
    type Sums = Vec<((u32, u32), u64)>;

    /// What a task of these blocks amounts to, where it is known that they are sorted or not.
    fn task(blocks: &[Vec<Vec<u8>>], known: bool) -> Option<(Places, Vec<Base>, Sums)> {
        let site = |position| Site {
            contig: "1".into(),
            position,
            reference: b'A',
            alternate: b'C',
            frequency: 0.5,
            region: SiteRegion::default(),
        };
        let sites = [1010, 1011, 16_370, 16_400, 30_000].map(site).into();
        let list = SiteList { sites, ..SiteList::default() };
        let plan = Plan::new(&[("chr1".into(), 1_000_000)], Arc::new(list), None);
        let asked = Asked { limits: limits().unwrap(), plan, without: None };
        let mut shard = Box::new(SketchShard::new(Arc::new(asked)));
        let mut found = Found::default();
        for block in blocks {
            let views: Vec<_> = block.iter().map(|bytes| ReadView::new(bytes).unwrap()).collect();
            let all = ReadBlock::new(&views);
            facts::prepare(Fields::GROUPS, &all, None, &mut found);
            let (columns, groups) = (Some(&found.columns), Some(&found.groups));
            let known = if known {
                Known { facts: &found.facts, columns, groups, ..Known::default() }
            } else {
                Known { facts: &found.facts, ..Known::default() }
            };
            shard.block(&all.prepared(0..views.len(), known)).ok()?;
        }
        let TaskBases { places, bases, windows } = unpack::<TaskBases>(shard.close()).unwrap();
        Some((places, bases, windows.iter().map(|window| (window.at, window.sum)).collect()))
    }

    proptest! {
        #[test]
        fn a_block_at_once_counts_as_its_reads_one_by_one(
            blocks in prop::collection::vec(
                prop::collection::vec(
                    (
                        prop_oneof![9 => 0_u32..60, 1 => 0_u32..9000],
                        prop::sample::select(vec![99_u16, 147, 1123, 77]),
                        0_u8..20,
                        prop::sample::select(vec![0_u32, 0, 7]),
                    ),
                    1..50,
                ),
                1..8,
            ),
            first in prop::sample::select(vec![0_u32, 900, 16_200, 29_000]),
            backwards in 0_u32..20,
        ) {
            let mut start = first;
            let mut made = Vec::new();
            for block in &blocks {
                let place = |fields: &(u32, u16, u8, u32)| {
                    start += fields.0;
                    record(start, *fields)
                };
                made.push(block.iter().map(place).collect::<Vec<_>>());
            }
            if backwards == 0 && let Some(last) = made.last_mut() {
                last.reverse();
            }
            prop_assert_eq!(task(&made, true), task(&made, false));
        }
    }
}
