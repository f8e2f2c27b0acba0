//! Cutting a variant file into stretches of whole records that different threads can read.
//!
//! One thread at a time takes the next stretch from [`Chunks`]; for BGZF text it gets compressed bytes and inflates
//! them itself, so that only reading is serial. Where a line crosses the cut, the feeder inflates the one block that
//! holds its end, hands the end to the stretch before and tells the next one how many bytes to skip. Cuts depend on the
//! file alone, never on the number of threads.

use std::io::Read;
use std::sync::Arc;

use memchr::{memchr, memrchr};

use super::bcf::whole_records;
use super::header::Header;
use super::lines::Kind;
use super::relay::{Relay, Relays};
use super::source::{READ_BYTES, read_more};
use crate::io::bgzf::{self, Inflater};
use crate::model::problem::Problem;

/// Compressed bytes of a stretch: about 10 ms of work, large against the one block inflated twice at each cut.
const SEGMENT_BYTES: usize = 1 << 20;

/// Inflated bytes of a stretch where inflating is serial.
const TEXT_BYTES: usize = 4 << 20;

/// A line (one record) may not be longer; a file without line ends must not fill the memory.
const MAX_LINE: usize = 1 << 28;

/// One stretch of a file, not yet parsed.
pub struct Chunk {
    /// Number of the stretch from 0.
    pub ordinal: u64,
    pub(super) payload: Payload,
}

pub(super) enum Payload {
    /// Whole BGZF blocks, of whose inflated bytes the first `skip` belong to others; `tail` completes the last line.
    Blocks { bytes: Vec<u8>, offset: u64, skip: usize, tail: Vec<u8> },
    /// Whole lines.
    Text(Vec<u8>),
    /// Whole BCF records.
    Bcf(Vec<u8>),
    /// Whole BGZF blocks of BCF, of whose inflated bytes the first `skip` are no records. The first record may begin in the stretch before,
    /// and the last one end in the next, unless this stretch is `last`.
    BcfBlocks { bytes: Vec<u8>, offset: u64, skip: usize, relay: Relay, last: bool },
}

/// The stretches of a file, in order.
pub struct Chunks {
    feed: Feed,
    name: String,
    header: Arc<Header>,
    next: u64,
    done: bool,
}

impl Chunks {
    pub(super) fn new(feed: Feed, name: &str, header: &Arc<Header>) -> Self {
        Self { feed, name: name.to_owned(), header: Arc::clone(header), next: 0, done: false }
    }

    /// What readers of these stretches need to know.
    pub fn kind(&self) -> Kind {
        Kind::new(&self.name, &self.header)
    }
}

impl Iterator for Chunks {
    type Item = Result<Chunk, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        match self.feed.next_payload() {
            Ok(Some(payload)) => {
                let ordinal = self.next;
                self.next += 1;
                Some(Ok(Chunk { ordinal, payload }))
            }
            Ok(None) => {
                self.done = true;
                None
            }
            Err(problem) => {
                self.done = true;
                Some(Err(problem.in_file(&self.name)))
            }
        }
    }
}

type Source = Box<dyn Read + Send>;

/// The stream behind the header.
pub(super) enum Feed {
    Bgzf(BgzfFeed),
    Text { reader: Source, pending: Vec<u8>, ended: bool },
    Bcf { reader: Source, pending: Vec<u8>, ended: bool },
    BcfBgzf { feed: BgzfFeed, relays: Relays },
}

/// Compressed blocks behind the header.
pub(super) struct BgzfFeed {
    reader: Source,
    inflater: Inflater,
    /// Compressed bytes, from the start of a block.
    pending: Vec<u8>,
    /// Offset of `pending` in the file.
    offset: u64,
    /// Inflated bytes of the first pending block that are used already.
    skip: usize,
    ended: bool,
    /// The last block seen was the end-of-file block.
    closed: bool,
}

impl Feed {
    pub(super) fn bgzf(reader: Source, pending: Vec<u8>, offset: u64, skip: usize) -> Self {
        Self::Bgzf(BgzfFeed::new(reader, pending, offset, skip))
    }

    /// BCF in blocks: stretches are inflated by those who read them, and hand each other the records that are cut.
    pub(super) fn bcf_bgzf(reader: Source, pending: Vec<u8>, offset: u64, skip: usize) -> Self {
        let feed = BgzfFeed::new(reader, pending, offset, skip);
        Self::BcfBgzf { feed, relays: Relays::default() }
    }

    pub(super) fn bcf_plain(reader: Source, pending: Vec<u8>) -> Self {
        Self::Bcf { reader, pending, ended: false }
    }

    pub(super) fn text(reader: Source, pending: Vec<u8>) -> Self {
        Self::Text { reader, pending, ended: false }
    }

    fn next_payload(&mut self) -> Result<Option<Payload>, Problem> {
        match self {
            Self::Bgzf(feed) => feed.next_blocks(),
            Self::Text { reader, pending, ended } => next_text(reader, pending, ended),
            Self::Bcf { reader, pending, ended } => next_bcf(reader, pending, ended),
            Self::BcfBgzf { feed, relays } => feed.next_bcf_blocks(relays),
        }
    }
}

fn next_text(
    reader: &mut Source,
    pending: &mut Vec<u8>,
    ended: &mut bool,
) -> Result<Option<Payload>, Problem> {
    let mut target = TEXT_BYTES;
    loop {
        *ended = *ended || read_more(reader, pending, target)?;
        if *ended {
            let all = std::mem::take(pending);
            return Ok((!all.is_empty()).then_some(Payload::Text(all)));
        }
        if let Some(end) = memrchr(b'\n', pending) {
            let rest = pending.split_off(end + 1);
            return Ok(Some(Payload::Text(std::mem::replace(pending, rest))));
        }
        target += TEXT_BYTES;
        check_line(pending.len())?;
    }
}

fn next_bcf(
    reader: &mut Source,
    pending: &mut Vec<u8>,
    ended: &mut bool,
) -> Result<Option<Payload>, Problem> {
    let mut target = TEXT_BYTES;
    loop {
        *ended = *ended || read_more(reader, pending, target)?;
        let end = whole_records(pending)?;
        if end > 0 {
            let rest = pending.split_off(end);
            return Ok(Some(Payload::Bcf(std::mem::replace(pending, rest))));
        }
        if *ended {
            if pending.is_empty() {
                return Ok(None);
            }
            return Err(cut_record());
        }
        target += TEXT_BYTES;
        check_line(pending.len())?;
    }
}

/// The end of a file within a record.
pub(super) fn cut_record() -> Problem {
    Problem::bad_data("the file ends inside a BCF record: it is truncated")
        .help("copy or write the file again")
}

fn check_line(bytes: usize) -> Result<(), Problem> {
    if bytes > MAX_LINE {
        return Err(Problem::bad_data(format!("a record is longer than {} MiB", MAX_LINE >> 20))
            .help("is the file a VCF with its line ends?"));
    }
    Ok(())
}

impl BgzfFeed {
    fn new(reader: Source, pending: Vec<u8>, offset: u64, skip: usize) -> Self {
        let inflater = Inflater::default();
        Self { reader, inflater, pending, offset, skip, ended: false, closed: false }
    }

    /// Makes sure that a whole block stands at `at`; `None` at the end of the file.
    fn block_at(&mut self, at: usize) -> Result<Option<usize>, Problem> {
        if !self.ended && self.pending.len() < at + (1 << 16) {
            self.ended = read_more(&mut self.reader, &mut self.pending, at + READ_BYTES)?;
        }
        let offset = self.offset + at as u64;
        if self.pending.len() == at {
            return if self.closed { Ok(None) } else { Err(bgzf::truncated(offset)) };
        }
        match bgzf::block_size(&self.pending[at..]) {
            Ok(size) if at + size <= self.pending.len() => {
                self.closed = self.pending[at..at + size] == bgzf::EOF_BLOCK;
                Ok(Some(size))
            }
            Ok(_) => Err(bgzf::truncated(offset)),
            Err(_) if self.pending.len() - at < 28 => Err(bgzf::truncated(offset)),
            Err(_) => Err(Problem::bad_data("no BGZF block where one should begin")
                .at(format!("byte {offset}"))
                .help("the file is damaged or was joined from parts of other kinds")),
        }
    }

    /// Whole blocks for one stretch: where they end among the pending bytes.
    fn gather(&mut self) -> Result<usize, Problem> {
        let mut end = 0;
        while end < SEGMENT_BYTES {
            let Some(size) = self.block_at(end)? else { break };
            end += size;
        }
        Ok(end)
    }

    fn next_bcf_blocks(&mut self, relays: &mut Relays) -> Result<Option<Payload>, Problem> {
        let end = self.gather()?;
        if end == 0 {
            return Ok(None);
        }
        let last = self.block_at(end)?.is_none();
        let rest = self.pending.split_off(end);
        let bytes = std::mem::replace(&mut self.pending, rest);
        let (offset, skip) = (self.offset, std::mem::take(&mut self.skip));
        self.offset += end as u64;
        Ok(Some(Payload::BcfBlocks { bytes, offset, skip, relay: relays.next(), last }))
    }

    fn next_blocks(&mut self) -> Result<Option<Payload>, Problem> {
        let end = self.gather()?;
        if end == 0 {
            return Ok(None);
        }
        let (tail, next, next_skip) = self.complete_line(end)?;
        let rest = self.pending.split_off(next);
        let mut bytes = std::mem::replace(&mut self.pending, rest);
        bytes.truncate(end);
        let payload = Payload::Blocks { bytes, offset: self.offset, skip: self.skip, tail };
        self.offset += next as u64;
        self.skip = next_skip;
        Ok(Some(payload))
    }

    /// Inflates blocks from `at` on until a line ends: the text up to there, the block where the next stretch begins
    /// and how much of that block is used.
    fn complete_line(&mut self, at: usize) -> Result<(Vec<u8>, usize, usize), Problem> {
        let (mut tail, mut next) = (Vec::new(), at);
        while let Some(size) = self.block_at(next)? {
            let start = tail.len();
            let offset = self.offset + next as u64;
            let block = &self.pending[next..next + size];
            self.inflater.append(block, offset, &mut tail)?;
            if let Some(i) = memchr(b'\n', &tail[start..]) {
                tail.truncate(start + i + 1);
                return Ok((tail, next, i + 1));
            }
            next += size;
            check_line(tail.len())?;
        }
        Ok((tail, next, 0))
    }
}
