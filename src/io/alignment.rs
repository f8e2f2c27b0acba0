//! Alignment files of every kind behind one face: opened once, then read in numbered tasks by any number of workers.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::model::problem::Problem;
use crate::model::read::{Fields, ReadBlock};

use super::alignment_head::{self, AlignmentKind, KIND_BYTES, is_older};
use super::bam::Header;
use super::bam_index;
use super::bam_stream::BamStream;
use super::bam_tasks::{self, BamTasks, BlockSum, Buffers};
#[cfg(feature = "cram")]
use super::cram::CramTasks;

/// The note on an index that may be out of date.
const STALE: &str = "the index is older than the file";

/// How to open an alignment file.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// Parts of a record that will be looked at; a CRAM decoder leaves out the others.
    pub fields: Fields,
    /// The reference as FASTA, for CRAM.
    pub reference: Option<PathBuf>,
    /// Compressed bytes of a task; the bytes of every output are the same for any value.
    pub task_bytes: Option<u64>,
}

/// An opened alignment file.
#[derive(Debug)]
pub struct Alignment {
    /// The file as the user named it.
    pub name: String,
    /// Its header.
    pub header: Header,
    /// Size in bytes, when it is a file.
    pub size: Option<u64>,
    /// Something the user should know about the way the file is read.
    pub note: Option<String>,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Tasks(BamTasks),
    Stream(BamStream),
    #[cfg(feature = "cram")]
    Cram(CramTasks),
}

impl Alignment {
    /// Opens a BAM or CRAM file, or the BAM on stdin when the path is `-`. A BAM without an index is read as a stream.
    ///
    /// # Errors
    ///
    /// Whatever can be found before work starts: a missing or foreign file, a cut-off one, an index that does not fit,
    /// a CRAM without its reference.
    pub fn open(path: &Path, options: &OpenOptions) -> Result<Self, Problem> {
        let name = path.display().to_string();
        if path == Path::new("-") {
            return Self::stream("standard input".into(), Box::new(io::stdin()), options);
        }
        let failed = |e: &io::Error| Problem::reading(&name, e);
        let file = File::open(path).map_err(|e| failed(&e))?;
        let metadata = file.metadata().map_err(|e| failed(&e))?;
        if !metadata.is_file() && !metadata.is_dir() {
            return Self::stream(name, Box::new(file), options);
        }
        let mut magic = Vec::new();
        file.take(KIND_BYTES).read_to_end(&mut magic).map_err(|e| failed(&e))?;
        let mut opened = match alignment_head::kind(&magic).map_err(|p| p.in_file(&name))? {
            AlignmentKind::Cram => Self::cram(path, name, options)?,
            AlignmentKind::Bam => Self::bam(path, name, options)?,
        };
        opened.size = Some(metadata.len());
        Ok(opened)
    }

    fn bam(path: &Path, name: String, options: &OpenOptions) -> Result<Self, Problem> {
        let (file, header, first, sums) = bam_tasks::open(path)?;
        let Some(index) = bam_index::find(path) else {
            let file = File::open(path).map_err(|e| Problem::reading(&name, &e))?;
            let mut opened = Self::stream(name, Box::new(file), options)?;
            opened.note = Some("no index beside the file: reading it front to back".into());
            return Ok(opened);
        };
        let stale = is_older(&index, path);
        let opened = (file, &header, first, sums);
        let tasks = BamTasks::new(path, index, opened, options.task_bytes)?;
        let note = stale.then(|| STALE.to_owned());
        Ok(Self { name, header, size: None, note, source: Source::Tasks(tasks) })
    }

    fn stream(
        name: String,
        reader: Box<dyn Read + Send>,
        options: &OpenOptions,
    ) -> Result<Self, Problem> {
        let bytes = options.task_bytes.map(|bytes| bytes as usize);
        let (stream, header) = BamStream::open(&name, reader, bytes)?;
        Ok(Self { name, header, size: None, note: None, source: Source::Stream(stream) })
    }

    #[cfg(feature = "cram")]
    fn cram(path: &Path, name: String, options: &OpenOptions) -> Result<Self, Problem> {
        let (tasks, header) = CramTasks::open(path, options)?;
        let stale = tasks.index().is_some_and(|index| is_older(index, path));
        let note = stale.then(|| STALE.to_owned());
        Ok(Self { name, header, size: None, note, source: Source::Cram(tasks) })
    }

    #[cfg(not(feature = "cram"))]
    fn cram(_: &Path, name: String, _: &OpenOptions) -> Result<Self, Problem> {
        Err(Problem::usage("is CRAM, which this build cannot read")
            .in_file(name)
            .help("build with `--features cram`, or convert with `samtools view -b`"))
    }

    /// Number of tasks; `None` when only the end of the file will tell.
    pub fn tasks(&self) -> Option<usize> {
        match &self.source {
            Source::Tasks(tasks) => Some(tasks.len()),
            Source::Stream(_) => None,
            #[cfg(feature = "cram")]
            Source::Cram(tasks) => Some(tasks.len()),
        }
    }

    /// Sums of the blocks that no task meets.
    pub fn header_sums(&self) -> &[BlockSum] {
        match &self.source {
            Source::Tasks(tasks) => tasks.header_sums(),
            Source::Stream(_) => &[],
            #[cfg(feature = "cram")]
            Source::Cram(tasks) => tasks.header_sums(),
        }
    }

    /// Reads task `i`: hands over its records in file order, block by block, and notes the sums of its compressed blocks.
    /// `Ok(false)` past the last task. Task numbers are given out in order, each once.
    ///
    /// # Errors
    ///
    /// Damage in the file, or what `each` returns.
    pub fn read(
        &self,
        i: usize,
        buffers: &mut Buffers,
        sums: &mut Vec<BlockSum>,
        each: &mut dyn FnMut(&ReadBlock<'_>) -> Result<(), Problem>,
    ) -> Result<bool, Problem> {
        match &self.source {
            Source::Tasks(tasks) => {
                tasks.read(i, buffers, sums, each)?;
                Ok(i < tasks.len())
            }
            Source::Stream(stream) => stream.read(i, buffers, sums, each),
            #[cfg(feature = "cram")]
            Source::Cram(tasks) => {
                tasks.read(i, buffers, sums, each)?;
                Ok(i < tasks.len())
            }
        }
    }
}
