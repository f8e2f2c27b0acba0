//! CRAM 3.0 and 3.1: the file is cut into runs of whole containers, and each worker decodes its own runs with an htslib
//! reader of its own. Where containers begin is known from the `.crai`, or without one from their headers, each of which
//! says how long its container is and how many records it holds; so every record is read once, in the order of the file.
//!
//! htslib's decoder takes 2.3 times less CPU than the alternatives and knows version 3.1 whole; it is asked only for the
//! parts of a record that the metrics declare. It is built without network code, so a reference comes from the file given,
//! from the CRAM itself, or from a local `REF_PATH`. Records are handed on in BAM's layout, so that every metric sees one
//! format.

pub(crate) mod container;
mod edits;
pub(crate) mod index;
mod numbers;
mod record;
mod reference;
pub(crate) mod region;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rust_htslib::bam::{self, Read, Record};
use rust_htslib::htslib;

use crate::model::problem::Problem;
use crate::model::read::{Fields, ReadBlock, views};

use super::alignment::OpenOptions;
use super::alignment_head::{AlignmentKind, index_path};
use super::bam::Header;
use super::bam_tasks::{BlockSum, Buffers};
use super::fasta::Fasta;
use container::Frame;
use edits::Edits;
use index::CutPoint;

/// Bytes of CRAM that hold about as many records as 2 MiB of BAM, a usual task: four containers of 10,000 reads of 2 x 150 bp. Fewer
/// bytes make more tasks than pay; with more, two threads no longer end together on a small file.
const TASK_BYTES: u64 = 512 << 10;
/// Bytes of BAM to one of CRAM, for the size of a task that a user asks for.
const BAM_TO_CRAM: u64 = 4;
/// Genomic span after which a task is cut early, so that thinly covered files do not need long arrays, bp.
const TASK_SPAN: i32 = 1 << 20;
/// Bytes below which a long span alone does not cut.
const SPARSE_TASK_BYTES: u64 = TASK_BYTES / 8;
/// Bytes of records in BAM's layout that are handed over at once: they stay in a core's own cache.
const BLOCK_BYTES: usize = 128 << 10;

/// A run of whole containers.
#[derive(Clone, Copy, Debug)]
struct Task {
    start: u64,
    end: u64,
}

/// An open CRAM, cut into tasks.
pub struct CramTasks {
    path: PathBuf,
    frame: Frame,
    fields: Fields,
    reference: Option<PathBuf>,
    /// The same, for what htslib cannot make of it.
    fasta: Option<Arc<Fasta>>,
    contigs: Vec<(String, u32)>,
    index: Option<PathBuf>,
    tasks: Vec<Task>,
    header_sums: Vec<BlockSum>,
    /// Readers that no worker uses just now.
    idle: Mutex<Vec<Decoder>>,
}

impl std::fmt::Debug for CramTasks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CramTasks").field("path", &self.path).finish_non_exhaustive()
    }
}

/// htslib's reader, with a record to read into.
struct Decoder {
    reader: bam::Reader,
    record: Record,
    /// Makes NM where htslib does not.
    edits: Option<Edits>,
}

/// Where a decoder stopped in a container: records before, and why.
struct Stop {
    done: u32,
    error: String,
}

impl CramTasks {
    /// Opens a CRAM file with the parts, reference and size of tasks of `options`.
    ///
    /// # Errors
    ///
    /// A file, index or reference that cannot be read, that is cut off, or that does not belong to the others.
    pub fn open(path: &Path, options: &OpenOptions) -> Result<(Self, Header), Problem> {
        let frame = Frame::open(path)?;
        let mut header_sums = Vec::new();
        frame.check_header(&mut header_sums)?;
        let mut cram = Self {
            path: path.to_owned(),
            frame,
            fields: options.fields,
            reference: options.reference.clone(),
            // A reference that cannot be read is a fault of its own, before htslib meets it.
            fasta: options.reference.as_deref().map(reference::open).transpose()?,
            contigs: Vec::new(),
            index: index_path(path, AlignmentKind::Cram),
            tasks: Vec::new(),
            header_sums,
            idle: Mutex::default(),
        };
        let decoder = cram.decoder()?;
        let header = header(path, &decoder.reader)?;
        cram.contigs.clone_from(&header.contigs);
        let points = match &cram.index {
            Some(index) => index::read(index, &cram.frame, header.contigs.len())?,
            None => cram.scan()?,
        };
        let needed = record::needs_reference(cram.fields);
        match &cram.fasta {
            Some(fasta) => {
                reference::check(fasta, &cram.frame, &header.contigs, (&points, needed))?;
            }
            None if needed => reference::check_lost(&cram.frame, &header, &points)
                .map_err(|problem| problem.in_file(path.display()))?,
            None => {}
        }
        cram.plan(&points, options.task_bytes.map_or(TASK_BYTES, |bytes| bytes / BAM_TO_CRAM));
        cram.give_back(decoder);
        Ok((cram, header))
    }

    /// The index beside the file, if any.
    pub fn index(&self) -> Option<&Path> {
        self.index.as_deref()
    }

    /// Finds the containers by their headers.
    fn scan(&self) -> Result<Vec<CutPoint>, Problem> {
        let (mut at, mut points) = (self.frame.first, Vec::new());
        while at < self.frame.size {
            let found = self.frame.container(at)?;
            points.push(CutPoint { offset: at, contig: found.contig, start: found.start });
            at += found.size();
        }
        Ok(points)
    }

    fn plan(&mut self, points: &[CutPoint], task_bytes: u64) {
        let mut start = CutPoint { offset: self.frame.first, contig: 0, start: 0 };
        for &point in points {
            if point.offset <= start.offset {
                start = if point.offset == start.offset { point } else { start };
                continue;
            }
            let bytes = point.offset - start.offset;
            let long = point.contig != start.contig
                || point.start.saturating_sub(start.start) >= TASK_SPAN;
            if bytes >= task_bytes || (long && bytes >= SPARSE_TASK_BYTES.min(task_bytes)) {
                self.tasks.push(Task { start: start.offset, end: point.offset });
                start = point;
            }
        }
        self.tasks.push(Task { start: start.offset, end: self.frame.size });
    }

    /// Number of tasks, at least one.
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// True when there is no task: never, once open.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// The sums of the blocks of the file's header.
    pub fn header_sums(&self) -> &[BlockSum] {
        &self.header_sums
    }

    /// Reads task `i`, handing its records over block by block, and notes the sums of its compressed blocks.
    ///
    /// # Errors
    ///
    /// A damaged file, an index that does not fit, a missing reference, or what `each` returns.
    pub fn read(
        &self,
        i: usize,
        buffers: &mut Buffers,
        sums: &mut Vec<BlockSum>,
        each: &mut dyn FnMut(&ReadBlock<'_>) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let Some(&task) = self.tasks.get(i) else { return Ok(()) };
        let run = self.walk(task, &mut buffers.compressed, sums)?;
        if run.records.is_empty() {
            return Ok(());
        }
        let mut decoder = self.decoder()?;
        self.seek(&mut decoder, task.start)?;
        for (i, &(at, records)) in run.records.iter().enumerate() {
            buffers.plain.clear();
            buffers.starts.clear();
            if let Err(stop) = self.decode(&mut decoder, 0..records, buffers, each)? {
                self.decode_without_edits((at, records), &stop, buffers, each)?;
                decoder = self.decoder()?;
                let next = run.records.get(i + 1).map_or(self.frame.first, |next| next.0);
                self.seek(&mut decoder, next)?;
            }
            if !buffers.starts.is_empty() {
                each(&ReadBlock::new(&views(&buffers.plain, &buffers.starts)))?;
            }
        }
        // A container of several slices may end with an empty one, which htslib would expect wherever it goes next.
        if !run.ends_in_many_slices {
            self.give_back(decoder);
        }
        Ok(())
    }

    /// Follows and checks the containers of a task from its start, which must lead to its end.
    fn walk(
        &self,
        task: Task,
        buffer: &mut Vec<u8>,
        sums: &mut Vec<BlockSum>,
    ) -> Result<Run, Problem> {
        let (mut at, mut run) = (task.start, Run::default());
        while at < task.end {
            let found = match (&self.index, self.frame.probe(at)?) {
                (Some(index), Err(_)) if at == task.start => {
                    return Err(index::misfit(index, format!("no container begins at byte {at}")));
                }
                _ => self.frame.container(at)?,
            };
            self.frame.check((at, &found), buffer, sums)?;
            if found.records > 0 {
                run.records.push((at, found.records));
                run.ends_in_many_slices = found.slices.len() != 1;
            }
            at += found.size();
        }
        match &self.index {
            Some(index) if at != task.end => {
                let message = format!("no container begins at byte {}", task.end);
                Err(index::misfit(index, message))
            }
            _ => Ok(run),
        }
    }

    /// Reads these records of a container, from the place where the decoder is; what remains in the buffers is not handed
    /// over yet.
    fn decode(
        &self,
        decoder: &mut Decoder,
        records: std::ops::Range<u32>,
        buffers: &mut Buffers,
        each: &mut dyn FnMut(&ReadBlock<'_>) -> Result<(), Problem>,
    ) -> Result<Result<(), Stop>, Problem> {
        let Decoder { reader, record, edits } = decoder;
        for done in records {
            match reader.read(record) {
                Some(Ok(())) => {}
                Some(Err(error)) => return Ok(Err(Stop { done, error: error.to_string() })),
                None => return Ok(Err(Stop { done, error: "it ends early".into() })),
            }
            if let Some(edits) = edits {
                edits.add(record)?;
            }
            record::encode(record, self.fields, buffers);
            if buffers.plain.len() >= BLOCK_BYTES {
                each(&ReadBlock::new(&views(&buffers.plain, &buffers.starts)))?;
                buffers.plain.clear();
                buffers.starts.clear();
            }
        }
        Ok(Ok(()))
    }

    /// Reads the rest of a container, of which htslib stopped to make the tags NM and MD (see [`Edits`]).
    ///
    /// # Errors
    ///
    /// When the reason was another one.
    #[cold]
    fn decode_without_edits(
        &self,
        (at, records): (u64, u32),
        stop: &Stop,
        buffers: &mut Buffers,
        each: &mut dyn FnMut(&ReadBlock<'_>) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let with_edits = self.fields.contains(Fields::TAGS);
        let (true, Some(fasta)) = (with_edits, &self.fasta) else {
            return Err(self.undecoded(at, &stop.error));
        };
        let mut decoder = self.new_decoder(false)?;
        self.seek(&mut decoder, at)?;
        for _ in 0..stop.done {
            if !matches!(decoder.reader.read(&mut decoder.record), Some(Ok(()))) {
                return Err(self.undecoded(at, &stop.error));
            }
        }
        decoder.edits = Some(Edits::new(fasta, &self.contigs));
        let rest = self.decode(&mut decoder, stop.done..records, buffers, each)?;
        rest.map_err(|stop| self.undecoded(at, &stop.error))
    }

    fn seek(&self, decoder: &mut Decoder, at: u64) -> Result<(), Problem> {
        let at = i64::try_from(at).unwrap_or(i64::MAX);
        decoder.reader.seek(at).map_err(|e| unreadable(&self.path, &e))
    }

    /// The fault of a container that htslib does not decode. Its blocks agree with their checksums, so without a reference
    /// that is what it lacks.
    #[cold]
    fn undecoded(&self, at: u64, error: &str) -> Problem {
        let problem = if self.reference.is_none() && self.may_need_reference(at) {
            Problem::missing(format!(
                "cannot be decoded without the reference that it was made with ({error})"
            ))
            .help("give it with -f/--reference")
        } else {
            Problem::bad_data(format!("cannot be decoded: {error}"))
                .help("the file is damaged: copy it again and compare its checksum with the source")
        };
        problem.in_file(self.path.display()).at(format!("container at byte {at}"))
    }

    /// Whether the container at this byte was made with a reference from elsewhere; of one with reads of many contigs its
    /// slices do not say.
    fn may_need_reference(&self, at: u64) -> bool {
        self.frame.container(at).is_ok_and(|found| {
            found.contig < -1 || matches!(self.frame.reference(at, &found), Ok(Some(_)))
        })
    }

    /// A reader: an idle one, else a new one.
    fn decoder(&self) -> Result<Decoder, Problem> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(decoder) = idle {
            return Ok(decoder);
        }
        self.new_decoder(self.fields.contains(Fields::TAGS))
    }

    /// A new reader, which makes NM and MD from the reference or does not.
    fn new_decoder(&self, edits: bool) -> Result<Decoder, Problem> {
        let mut reader = reader(&self.path)?;
        if let Some(given) = &self.reference {
            reference::give(&mut reader, given)?;
        }
        reader
            .set_cram_options(
                htslib::hts_fmt_option_CRAM_OPT_REQUIRED_FIELDS,
                record::htslib_fields(self.fields),
            )
            .and_then(|()| {
                reader.set_cram_options(htslib::hts_fmt_option_CRAM_OPT_DECODE_MD, edits.into())
            })
            .map_err(|e| unreadable(&self.path, &e))?;
        Ok(Decoder { reader, record: Record::new(), edits: None })
    }

    fn give_back(&self, decoder: Decoder) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(decoder);
    }
}

/// The containers of a task that hold records.
#[derive(Debug, Default)]
struct Run {
    /// First byte of the container and number of its records.
    records: Vec<(u64, u32)>,
    /// True when the last of them does not have exactly one slice.
    ends_in_many_slices: bool,
}

/// Reads only the header of a file.
///
/// # Errors
///
/// A file that htslib cannot open, or contigs that cannot be.
pub(crate) fn read_header(path: &Path) -> Result<Header, Problem> {
    header(path, &reader(path)?)
}

fn reader(path: &Path) -> Result<bam::Reader, Problem> {
    // htslib takes `a:b` for a URL, but not below a folder.
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    bam::Reader::from_path(whole).map_err(|e| unreadable(path, &e))
}

fn unreadable(path: &Path, error: &rust_htslib::errors::Error) -> Problem {
    Problem::bad_data(format!("cannot be read as CRAM: {error}")).in_file(path.display())
}

fn header(path: &Path, reader: &bam::Reader) -> Result<Header, Problem> {
    let view = reader.header();
    let text = String::from_utf8_lossy(view.as_bytes()).into_owned();
    let contigs = (0..view.target_count())
        .map(|tid| {
            let name = String::from_utf8_lossy(view.tid2name(tid)).into_owned();
            (name, view.target_len(tid).unwrap_or(0).min(u64::from(u32::MAX)) as u32)
        })
        .collect();
    let header = Header { text, contigs };
    header.check_contigs().map_err(|p| p.in_file(path.display()))?;
    Ok(header)
}
