//! A BAM without an index or from a pipe: read in order, decompressed in parallel.
//!
//! A ticket takes the next few compressed blocks under a lock, decompresses them on its own, waits for the head of a
//! record that the ticket before left over, and walks its records. Only reading and the hand-over are in sequence.

use std::io::Read;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::model::problem::Problem;
use crate::model::read::{ReadBlock, views};

use super::alignment_head;
use super::bam::{self, Header};
use super::bam_tasks::{BlockSum, Buffers, cut_off};
use super::bgzf::{self, BlockFault, Inflater, MAX_BLOCK_BYTES};
use super::blocks::{Next, Trouble};

/// Compressed bytes of a ticket: they are decompressed whole, so fewer than in a task with an index.
const TICKET_BYTES: usize = 512 << 10;

/// A BAM that is read once, front to back.
pub struct BamStream {
    name: String,
    contigs: usize,
    ticket_bytes: usize,
    input: Mutex<Input>,
    taken: Condvar,
    chain: Mutex<Chain>,
    moved: Condvar,
}

impl std::fmt::Debug for BamStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BamStream").field("name", &self.name).finish_non_exhaustive()
    }
}

struct Input {
    reader: Box<dyn Read + Send>,
    /// Compressed bytes that were read but not yet given out.
    pending: Vec<u8>,
    next: usize,
    /// Bytes given out so far.
    given: u64,
    ended: bool,
}

struct Chain {
    /// The ticket whose turn it is.
    turn: usize,
    /// Plain bytes left over by the ticket before.
    left: Vec<u8>,
    /// Plain bytes before the first record that were not met yet.
    header: usize,
    broken: bool,
}

/// One ticket's compressed bytes.
struct Batch {
    bytes: Vec<u8>,
    at: u64,
    last: bool,
}

impl BamStream {
    /// Reads the header; `name` is for messages.
    ///
    /// # Errors
    ///
    /// When the stream cannot be read or is no BAM.
    pub fn open(
        name: &str,
        reader: Box<dyn Read + Send>,
        ticket_bytes: Option<usize>,
    ) -> Result<(Self, Header), Problem> {
        let mut input = Input { reader, pending: Vec::new(), next: 0, given: 0, ended: false };
        input.fill(MAX_BLOCK_BYTES).map_err(|e| Problem::reading(name, &e))?;
        alignment_head::check_stream(&input.pending).map_err(|p| p.in_file(name))?;
        let mut plain = Vec::new();
        let (mut inflater, mut block) = (Inflater::default(), vec![0; MAX_BLOCK_BYTES]);
        let mut at = 0;
        // The header's blocks stay in `pending`: ticket 0 meets them again, so that their sums are noted in one place.
        let header = loop {
            input.fill(at + MAX_BLOCK_BYTES).map_err(|e| Problem::reading(name, &e))?;
            let found = inflater
                .block(&input.pending[at..], &mut block)
                .map_err(|fault| fault.at(at as u64).in_file(name))?;
            plain.extend_from_slice(&block[..found.plain]);
            at += found.compressed;
            if let Some(parsed) = Header::parse(&plain).map_err(|p| p.in_file(name))? {
                break parsed;
            }
        };
        let (header, used) = header;
        let stream = Self {
            name: name.to_owned(),
            contigs: header.contigs.len(),
            ticket_bytes: ticket_bytes.unwrap_or(TICKET_BYTES).max(MAX_BLOCK_BYTES),
            input: Mutex::new(input),
            taken: Condvar::new(),
            chain: Mutex::new(Chain { turn: 0, left: Vec::new(), header: used, broken: false }),
            moved: Condvar::new(),
        };
        Ok((stream, header))
    }

    /// Reads ticket `i`: hands over its records and notes the sums of its blocks. `Ok(false)` past the end of the file.
    /// Tickets must be read in the order of their numbers, each by one thread.
    ///
    /// # Errors
    ///
    /// A stream that breaks off, a damaged block or record, or what `each` returns.
    pub fn read(
        &self,
        i: usize,
        buffers: &mut Buffers,
        sums: &mut Vec<BlockSum>,
        each: &mut dyn FnMut(&ReadBlock<'_>) -> Result<(), Problem>,
    ) -> Result<bool, Problem> {
        let inflated = match self.batch(i) {
            Ok(None) => return Ok(false),
            Ok(Some(batch)) => self.inflate(&batch, buffers, sums).map(|()| batch),
            Err(problem) => Err(problem),
        };
        let mut chain = lock(&self.chain);
        while chain.turn != i && !chain.broken {
            chain = self.moved.wait(chain).unwrap_or_else(PoisonError::into_inner);
        }
        if chain.broken {
            return Ok(false);
        }
        let walked = inflated.and_then(|batch| self.join(&batch, &mut chain, buffers));
        chain.turn += 1;
        chain.broken |= walked.is_err();
        drop(chain);
        self.moved.notify_all();
        walked?;
        if !buffers.starts.is_empty() {
            each(&ReadBlock::new(&views(&buffers.plain, &buffers.starts)))?;
        }
        Ok(true)
    }

    /// The compressed blocks of a ticket; `None` past the end.
    fn batch(&self, i: usize) -> Result<Option<Batch>, Problem> {
        let mut input = lock(&self.input);
        while input.next != i && !input.ended {
            input = self.taken.wait(input).unwrap_or_else(PoisonError::into_inner);
        }
        if input.ended {
            return Ok(None);
        }
        input.next += 1;
        let batch = input.take(self.ticket_bytes).map_err(|p| p.in_file(&self.name));
        input.ended |= batch.as_ref().map_or(true, |batch| batch.last);
        drop(input);
        self.taken.notify_all();
        batch.map(Some)
    }

    fn inflate(
        &self,
        batch: &Batch,
        buffers: &mut Buffers,
        sums: &mut Vec<BlockSum>,
    ) -> Result<(), Problem> {
        let Buffers { blocks, left, plain, .. } = buffers;
        let mut bytes = &batch.bytes[..];
        left.clear();
        blocks.begin(bytes.len());
        loop {
            let next = blocks.next(&mut bytes, left).map_err(|trouble| match trouble {
                Trouble::Read(e) => Problem::reading(&self.name, &e),
                Trouble::Block(at, fault) => fault.at(batch.at + at as u64).in_file(&self.name),
            });
            let Some(Next { block, bytes: in_lanes, .. }) = next? else { break };
            sums.push((block.crc, block.plain as u32));
            if let Some(whole) = in_lanes {
                left.set(&blocks.bytes()[whole]);
            }
            blocks.release();
        }
        left.swap(plain);
        Ok(())
    }

    /// Puts what the ticket before left over in front, walks, and leaves over what is not whole.
    fn join(&self, batch: &Batch, chain: &mut Chain, buffers: &mut Buffers) -> Result<(), Problem> {
        buffers.plain.splice(0..0, chain.left.drain(..));
        let from = chain.header.min(buffers.plain.len());
        chain.header -= from;
        buffers.starts.clear();
        let walked =
            bam::walk(&buffers.plain, from, self.contigs, &mut buffers.starts).map_err(|bad| {
                Problem::bad_data(bad.to_string())
                    .in_file(&self.name)
                    .at(format!("near byte {}", batch.at))
                    .help(bad.help())
            })?;
        chain.left.extend_from_slice(&buffers.plain[walked..]);
        if batch.last && !chain.left.is_empty() {
            return Err(Problem::bad_data("ends inside a record").in_file(&self.name));
        }
        Ok(())
    }
}

impl Input {
    /// Reads until `wanted` bytes are pending or the stream ends.
    fn fill(&mut self, wanted: usize) -> std::io::Result<()> {
        let missing = wanted.saturating_sub(self.pending.len()) as u64;
        (&mut self.reader).take(missing).read_to_end(&mut self.pending).map(drop)
    }

    /// Whole blocks of at least `wanted` bytes together, or all that are left.
    fn take(&mut self, wanted: usize) -> Result<Batch, Problem> {
        let at = self.given;
        self.fill(wanted + MAX_BLOCK_BYTES).map_err(|e| Problem::reading("input", &e))?;
        let mut size = 0;
        while size < wanted && size < self.pending.len() {
            size += match bgzf::block_size(&self.pending[size..]) {
                Ok(block) if size + block <= self.pending.len() => block,
                Ok(_) | Err(BlockFault::Truncated) => {
                    return Err(cut_off(at + self.pending.len() as u64));
                }
                Err(fault) => return Err(fault.at(at + size as u64)),
            };
        }
        let rest = self.pending.split_off(size);
        let bytes = std::mem::replace(&mut self.pending, rest);
        self.given += size as u64;
        if self.pending.is_empty() {
            self.fill(1).map_err(|e| Problem::reading("input", &e))?;
        }
        let last = self.pending.is_empty();
        if last && !bytes.ends_with(&bgzf::EOF_BLOCK) {
            return Err(cut_off(self.given));
        }
        Ok(Batch { bytes, at, last })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
