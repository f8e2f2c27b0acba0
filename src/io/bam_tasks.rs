//! An indexed BAM cut into tasks: stretches of a few MiB between places where the index says that a record starts, and
//! where it says so too seldom between blocks that begin with a record. Together they cover the file from the first record
//! to the last, the unmapped tail too, each record once.
//!
//! A task ends exactly where the next one begins; a walk that does not land there proves that the index belongs to
//! another file.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::model::problem::Problem;
use crate::model::read::{ReadBlock, ReadView, views};

use super::bam::{self, BadRecord, Header};
use super::bam_cuts::{BlockSearch, Place};
use super::bam_index::{self, CutPoint};
use super::bgzf::{self, BlockFault, Inflater, MAX_BLOCK_BYTES};
use super::blocks::{Blocks, Left, Next, Stretch, Trouble};

/// Least and most compressed bytes of a task: large enough that the shared block at each edge (decompressed twice) and what
/// a task costs beside its records are 1 or 2% of the work, small enough that 2 threads keep their buffers below 64 MB.
const TASK_BYTES: (u64, u64) = (1 << 20, 4 << 20);
/// The part of what is left of the file that is one task: towards the end tasks become small, so that threads end together.
const TASKS_LEFT: u64 = 16;
/// Places that are looked for at most between two that the index knows.
const MOST_SOUGHT: u64 = 1024;
/// Places in a row without a block of whole records after which no more are looked for.
const MOST_MISSES: u32 = 8;
/// How far apart tasks begin at least where the index does not say so, bp: what lies over both sides of a cut is met again
/// by one thread alone, and of an amplicon all reads may lie there.
const LEAST_APART: i64 = 4096;
/// Genomic span after which a task is cut early, so that thinly covered files do not need long arrays, bp.
const TASK_SPAN: u32 = 1 << 20;
/// Compressed bytes below which a long span alone does not cut: a few thousand reads fit any array.
const SPARSE_TASK_BYTES: u64 = 256 << 10;

/// A block's checksum and plain length, the raw material of the file's digest.
pub type BlockSum = (u32, u32);

#[derive(Clone, Copy, Debug)]
struct Task {
    start: u64,
    end: u64,
}

/// An open, indexed BAM.
#[derive(Debug)]
pub struct BamTasks {
    path: PathBuf,
    index: PathBuf,
    file: File,
    size: u64,
    contigs: usize,
    tasks: Vec<Task>,
    header_sums: Vec<BlockSum>,
}

/// The buffers of one worker.
#[derive(Debug, Default)]
pub struct Buffers {
    pub(super) blocks: Blocks,
    pub(super) left: Left,
    pub(super) compressed: Vec<u8>,
    pub(super) plain: Vec<u8>,
    pub(super) starts: Vec<u32>,
}

/// Opens a BAM and reads its header: the header, the virtual offset of the first record and the sums of the blocks before
/// that record's block.
///
/// # Errors
///
/// A file that cannot be read, is no BAM or is cut off (its last block is not the end marker).
pub fn open(path: &Path) -> Result<(File, Header, u64, Vec<BlockSum>), Problem> {
    let failed = |e: &std::io::Error| Problem::reading(path.display(), e);
    let file = File::open(path).map_err(|e| failed(&e))?;
    let size = file.metadata().map_err(|e| failed(&e))?.len();
    check_end(&file, size).map_err(|p| p.in_file(path.display()))?;
    let (mut inflater, mut block) = (Inflater::default(), vec![0; MAX_BLOCK_BYTES]);
    let (mut plain, mut compressed, mut sums) = (Vec::new(), Vec::new(), Vec::new());
    let mut at = 0;
    loop {
        let wanted = (size - at).min(MAX_BLOCK_BYTES as u64) as usize;
        compressed.resize(wanted, 0);
        file.read_exact_at(&mut compressed, at).map_err(|e| failed(&e))?;
        let found = inflater
            .block(&compressed, &mut block)
            .map_err(|fault| fault.at(at).in_file(path.display()))?;
        let before = plain.len();
        plain.extend_from_slice(&block[..found.plain]);
        if let Some((header, used)) =
            Header::parse(&plain).map_err(|p| p.in_file(path.display()))?
        {
            if used < plain.len() {
                return Ok((file, header, at << 16 | (used - before) as u64, sums));
            }
            sums.push((found.crc, found.plain as u32));
            return Ok((file, header, (at + found.compressed as u64) << 16, sums));
        }
        sums.push((found.crc, found.plain as u32));
        at += found.compressed as u64;
        if at >= size {
            return Err(Problem::bad_data("ends inside its header").in_file(path.display()));
        }
    }
}

/// A file without the end marker was cut off while it was written or copied.
fn check_end(file: &File, size: u64) -> Result<(), Problem> {
    let mut tail = [0; bgzf::EOF_BLOCK.len()];
    let start = size.checked_sub(tail.len() as u64);
    let read = start.is_some_and(|start| file.read_exact_at(&mut tail, start).is_ok());
    let whole = read && tail == bgzf::EOF_BLOCK;
    if whole { Ok(()) } else { Err(cut_off(size)) }
}

/// The fault of a file of `size` bytes without its end.
pub(super) fn cut_off(size: u64) -> Problem {
    Problem::bad_data(format!("cut off: no end marker at its end, byte {size}"))
        .help("copy or write the file again; `samtools quickcheck` finds such files")
}

impl BamTasks {
    /// Cuts an open BAM by its index into tasks of about `task_bytes` compressed bytes; `None` leaves it to the file.
    ///
    /// # Errors
    ///
    /// An index that cannot be read or points to where no block is.
    pub fn new(
        path: &Path,
        index: PathBuf,
        opened: (File, &Header, u64, Vec<BlockSum>),
        task_bytes: Option<u64>,
    ) -> Result<Self, Problem> {
        let (file, header, first, header_sums) = opened;
        let size = file.metadata().map_err(|e| Problem::reading(path.display(), &e))?.len();
        let points = bam_index::read(&index, header.contigs.len())?;
        let mut source = Self {
            path: path.to_owned(),
            index,
            file,
            size,
            contigs: header.contigs.len(),
            tasks: Vec::new(),
            header_sums,
        };
        let goal = |from: u64| {
            let usual = (size.saturating_sub(from) / TASKS_LEFT).clamp(TASK_BYTES.0, TASK_BYTES.1);
            task_bytes.unwrap_or(usual)
        };
        source.plan(first, &points, goal)?;
        source.cut_long(goal).map_err(|e| Problem::reading(source.path.display(), &e))?;
        Ok(source)
    }

    /// Cuts where the index says that a record starts. `goal` tells the bytes of a task that begins at this byte.
    fn plan(
        &mut self,
        first: u64,
        points: &[CutPoint],
        goal: impl Fn(u64) -> u64,
    ) -> Result<(), Problem> {
        let mut start = CutPoint { offset: first, contig: 0, position: 0 };
        for &point in points {
            if point.offset >> 16 >= self.size {
                let message = format!(
                    "points to byte {}, but {} has only {}",
                    point.offset >> 16,
                    self.path.display(),
                    self.size
                );
                return Err(self.misfit(message));
            }
            if point.offset <= start.offset {
                continue;
            }
            let bytes = (point.offset >> 16) - (start.offset >> 16);
            let long = point.contig != start.contig
                || point.position.saturating_sub(start.position) >= TASK_SPAN;
            let goal = goal(start.offset >> 16);
            if bytes >= goal || (long && bytes >= SPARSE_TASK_BYTES.min(goal)) {
                let mut magic = [0; 4];
                let there = self.file.read_exact_at(&mut magic, point.offset >> 16).is_ok();
                if !there || magic != bgzf::MAGIC {
                    let byte = point.offset >> 16;
                    return Err(self.misfit(format!("says that a block starts at byte {byte}")));
                }
                self.tasks.push(Task { start: start.offset, end: point.offset });
                start = point;
            }
        }
        self.tasks.push(Task { start: start.offset, end: self.size << 16 });
        Ok(())
    }

    /// Cuts tasks that are far too long, at blocks that begin with a record.
    fn cut_long(&mut self, goal: impl Fn(u64) -> u64) -> std::io::Result<()> {
        let mut search = BlockSearch::new(&self.file, self.contigs);
        let mut cut = Vec::with_capacity(self.tasks.len());
        for &Task { mut start, end } in &self.tasks {
            let least = ((end - start) >> 16) / MOST_SOUGHT;
            let part = |from: u64| goal(from).max(least).max(MAX_BLOCK_BYTES as u64);
            let (mut from, mut misses, mut here) = (start >> 16, 0, None);
            while from + 2 * part(from) <= end >> 16 && misses < MOST_MISSES {
                if here.is_none() {
                    here = search.place(start, end >> 16)?;
                }
                from += part(from);
                match (search.records_from(from, end >> 16)?, here) {
                    (Some((block, place)), Some(before)) => {
                        if are_apart(before, place) {
                            cut.push(Task { start, end: block << 16 });
                            (start, here) = (block << 16, Some(place));
                        }
                        (from, misses) = (block, 0);
                    }
                    _ => misses += 1,
                }
            }
            cut.push(Task { start, end });
        }
        self.tasks = cut;
        Ok(())
    }

    fn misfit(&self, message: impl std::fmt::Display) -> Problem {
        Problem::bad_data(format!("does not fit {}: {message}", self.path.display()))
            .in_file(self.index.display())
            .help("make the index again with `samtools index`")
    }

    /// Number of tasks, at least one.
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// True when there is no task: never, once planned.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// The sums of the blocks before the first task's first block.
    pub fn header_sums(&self) -> &[BlockSum] {
        &self.header_sums
    }

    /// Reads task `i`, handing its records over block by block, and notes the sums of the blocks that start in it.
    ///
    /// # Errors
    ///
    /// A damaged block or record, an index that does not fit, or what `each` returns.
    pub fn read(
        &self,
        i: usize,
        buffers: &mut Buffers,
        sums: &mut Vec<BlockSum>,
        each: &mut dyn FnMut(&ReadBlock<'_>) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let Some(&task) = self.tasks.get(i) else { return Ok(()) };
        let (first, end) = (task.start >> 16, task.end >> 16);
        let tail = (task.end & 0xffff) as usize;
        let edge = if tail > 0 { MAX_BLOCK_BYTES as u64 } else { 0 };
        let wanted = ((end + edge).min(self.size) - first) as usize;
        let mut compressed = std::mem::take(&mut buffers.compressed);
        compressed.clear();
        let mut input = Input { file: &self.file, first, wanted, begun: 0, bytes: &mut compressed };
        let walk = Walk {
            source: self,
            task,
            skip: (task.start & 0xffff) as usize,
            inner: (end - first) as usize,
            tail,
        };
        let result = walk.run(&mut input, buffers, sums, each);
        buffers.compressed = compressed;
        result
    }
}

/// Whether reads of two places may begin tasks that the index does not know of.
fn are_apart(before: Place, place: Place) -> bool {
    place.0 < 0
        || place.1 < 0
        || place.0 != before.0
        || i64::from(place.1) - i64::from(before.1) >= LEAST_APART
}

/// The compressed bytes of a task, of which a part is held: as many as stay in a core's second-level cache.
struct Input<'a> {
    file: &'a File,
    /// Where the task's bytes begin in the file, and how many there are.
    first: u64,
    wanted: usize,
    /// Which of them are held.
    begun: usize,
    bytes: &'a mut Vec<u8>,
}

impl Input<'_> {
    /// Bytes read at once.
    const PART: usize = 256 << 10;
}

impl Stretch for Input<'_> {
    fn from(&mut self, at: usize) -> std::io::Result<&[u8]> {
        let end = self.begun + self.bytes.len();
        if at + MAX_BLOCK_BYTES > end && end < self.wanted {
            let kept = end - at;
            self.bytes.copy_within(at - self.begun.., 0);
            self.bytes.resize(kept + Self::PART.min(self.wanted - end), 0);
            self.file.read_exact_at(&mut self.bytes[kept..], self.first + end as u64)?;
            self.begun = at;
        }
        Ok(&self.bytes[at - self.begun..])
    }
}

/// One task under way.
struct Walk<'a> {
    source: &'a BamTasks,
    task: Task,
    /// Plain bytes of the first block that belong to the task before.
    skip: usize,
    /// Compressed bytes of the blocks that start in the task.
    inner: usize,
    /// Plain bytes of the block at `inner` that still belong to the task.
    tail: usize,
}

/// What is handed every block of records.
type Each<'a> = dyn FnMut(&ReadBlock<'_>) -> Result<(), Problem> + 'a;

/// Records that are shown together: those of several blocks, since for each block that is shown something is to be done.
struct Together<'a> {
    starts: &'a mut Vec<u32>,
    blocks: usize,
    each: &'a mut Each<'a>,
}

impl Together<'_> {
    /// Shows the records so far, and lets go of the blocks that hold them.
    fn show(&mut self, blocks: &mut Blocks) -> Result<(), Problem> {
        if !self.starts.is_empty() {
            (self.each)(&ReadBlock::new(&views(blocks.bytes(), self.starts)))?;
        }
        self.starts.clear();
        self.blocks = 0;
        blocks.release();
        Ok(())
    }

    /// Adds the records among these bytes of held blocks from byte `from` of them on; returns how many bytes they end at.
    fn add(
        &mut self,
        blocks: &Blocks,
        range: Range<usize>,
        (from, contigs): (usize, usize),
    ) -> Result<usize, BadRecord> {
        let (before, first) = (self.starts.len(), range.start);
        let add = |start, _: ReadView<'_>| self.starts.push((first + start) as u32);
        let walked = bam::walk_each(&blocks.bytes()[range], from, contigs, add);
        if walked.is_err() {
            self.starts.truncate(before);
        }
        self.blocks += 1;
        walked
    }
}

impl Walk<'_> {
    fn run(
        &self,
        input: &mut Input<'_>,
        buffers: &mut Buffers,
        sums: &mut Vec<BlockSum>,
        each: &mut Each<'_>,
    ) -> Result<(), Problem> {
        let Buffers { blocks, left, starts, .. } = buffers;
        let mut skip = self.skip;
        left.clear();
        starts.clear();
        blocks.begin(self.inner + usize::from(self.tail > 0));
        let mut together = Together { starts, blocks: 0, each: &mut |block| each(block) };
        loop {
            let Next { at, block, bytes } = match blocks.next(input, left) {
                Ok(Some(next)) => next,
                Ok(None) => break,
                Err(trouble) => {
                    together.show(blocks)?;
                    return Err(self.trouble(trouble));
                }
            };
            let last = at == self.inner;
            let held = if last { self.tail } else { block.plain };
            if !last {
                sums.push((block.crc, block.plain as u32));
            }
            if held > block.plain || skip > block.plain {
                together.show(blocks)?;
                return Err(self.source.misfit("a virtual offset lies past the end of its block"));
            }
            let from = (std::mem::take(&mut skip), self.source.contigs);
            // Behind the bytes of the block that belong to the task, and those before it.
            let behind = block.plain - held;
            let place = (self.task.start >> 16) + at as u64;
            let Some(range) = bytes else {
                together.show(blocks)?;
                self.show_left((left, behind), (from, place), together.each)?;
                continue;
            };
            let range = range.start..range.end - behind;
            match together.add(blocks, range.clone(), from) {
                Ok(walked) => left.set(&blocks.bytes()[range.start + walked..range.end]),
                Err(bad) => {
                    together.show(blocks)?;
                    return Err(self.bad_record(bad, place));
                }
            }
            if together.blocks == Blocks::HELD {
                together.show(blocks)?;
            }
        }
        together.show(blocks)?;
        if left.is_empty() { Ok(()) } else { Err(self.straddle()) }
    }

    /// Shows the records among what is left, but for so many bytes at its end, and keeps what follows them.
    fn show_left(
        &self,
        (left, behind): (&mut Left, usize),
        ((from, contigs), place): ((usize, usize), u64),
        each: &mut Each<'_>,
    ) -> Result<(), Problem> {
        let end = left.len() - behind;
        let mut reads = Vec::new();
        let walked =
            bam::walk_each(&left.bytes()[..end], from, contigs, |_, read| reads.push(read))
                .map_err(|bad| self.bad_record(bad, place))?;
        if !reads.is_empty() {
            each(&ReadBlock::new(&reads))?;
        }
        left.keep(walked..end);
        Ok(())
    }

    fn trouble(&self, trouble: Trouble) -> Problem {
        let (at, fault) = match trouble {
            Trouble::Read(e) => return Problem::reading(self.source.path.display(), &e),
            Trouble::Block(at, fault) => (at, fault),
        };
        let place = (self.task.start >> 16) + at as u64;
        if at == 0 && fault == BlockFault::NotBgzf {
            return self.source.misfit(format!("says that a block starts at byte {place}"));
        }
        fault.at(place).in_file(self.source.path.display())
    }

    fn bad_record(&self, bad: BadRecord, place: u64) -> Problem {
        Problem::bad_data(bad.to_string())
            .in_file(self.source.path.display())
            .at(format!("block at byte {place}"))
            .help(bad.help_with_index())
    }

    fn straddle(&self) -> Problem {
        let end = self.task.end >> 16;
        if end >= self.source.size {
            return Problem::bad_data("ends inside a record").in_file(self.source.path.display());
        }
        self.source.misfit(format!("no record starts where it says, in the block at byte {end}"))
    }
}
