//! Writing variant files: VCF as text, or as BGZF with its index; whole or not at all.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use noodles::core::Position;
use noodles::csi::binning_index::index::header::Builder;
use noodles::csi::binning_index::index::reference_sequence::bin::Chunk;
use noodles::tabix;
use noodles_bgzf as bgzf;

use super::lines::{Order, RawRecord};
use crate::io::sink::AtomicFile;
use crate::model::problem::Problem;

/// Form of the output, by the letters of `-O`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutputForm {
    /// `z`: VCF in BGZF, with `.tbi`.
    #[default]
    VcfGz,
    /// `v`: VCF text.
    Vcf,
}

impl OutputForm {
    /// The form of a letter; `None` for other letters.
    pub fn of_letter(letter: char) -> Option<Self> {
        Some(match letter {
            'z' => Self::VcfGz,
            'v' => Self::Vcf,
            _ => return None,
        })
    }
}

/// The indexer refuses what a `.tbi` cannot hold: positions from 2^29 on.
const TABIX_END: u32 = 1 << 29;

/// A variant file under construction.
pub struct VariantWriter {
    target: PathBuf,
    form: Form,
}

enum Form {
    Text(AtomicFile),
    Blocks { writer: Box<bgzf::io::Writer<AtomicFile>>, index: Option<Box<Index>> },
}

/// The index of what is written, as long as it is sorted.
#[derive(Default)]
struct Index {
    indexer: tabix::index::Indexer,
    order: Order,
}

impl VariantWriter {
    /// Begins a file with this header text ([`super::Header::to_text`]).
    ///
    /// # Errors
    ///
    /// When the file cannot be created.
    pub fn create(target: &Path, form: OutputForm, header: &str) -> Result<Self, Problem> {
        let file = AtomicFile::create(target)?;
        let form = match form {
            OutputForm::Vcf => Form::Text(file),
            OutputForm::VcfGz => {
                let mut index = Box::<Index>::default();
                index.indexer.set_header(Builder::vcf().build());
                let writer = Box::new(bgzf::io::Writer::new(file));
                Form::Blocks { writer, index: Some(index) }
            }
        };
        let mut writer = Self { target: target.to_owned(), form };
        writer.write_header(header).map_err(|e| Problem::writing(target.display(), &e))?;
        Ok(writer)
    }

    fn write_header(&mut self, text: &str) -> io::Result<()> {
        match &mut self.form {
            Form::Text(file) => file.write_all(text.as_bytes()),
            Form::Blocks { writer, .. } => writer.write_all(text.as_bytes()),
        }
    }

    /// Writes one record, given as its line without line end.
    ///
    /// # Errors
    ///
    /// When the line is no record, or the disk is full.
    pub fn write_line(&mut self, line: &[u8]) -> Result<(), Problem> {
        let target = self.target.display().to_string();
        self.put(line).map_err(|e| match e.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                let start = String::from_utf8_lossy(&line[..line.len().min(40)]).into_owned();
                Problem::bad_data(format!("a record cannot be written ({e}): {start:?}"))
                    .in_file(&target)
            }
            _ => Problem::writing(&target, &e),
        })
    }

    fn put(&mut self, line: &[u8]) -> io::Result<()> {
        match &mut self.form {
            Form::Text(file) => {
                file.write_all(line)?;
                file.write_all(b"\n")
            }
            Form::Blocks { writer, index } => {
                let start = writer.virtual_position();
                writer.write_all(line)?;
                writer.write_all(b"\n")?;
                let chunk = Chunk::new(start, writer.virtual_position());
                if let Some(known) = index
                    && !known.add(line, chunk)?
                {
                    *index = None;
                }
                Ok(())
            }
        }
    }

    /// Completes the file and gives it its name; a BGZF VCF gets its `.tbi` too, unless records were not in order.
    ///
    /// # Errors
    ///
    /// When the rest cannot be written.
    pub fn finish(self) -> Result<(), Problem> {
        let target = self.target;
        let fault = |e: io::Error| Problem::writing(target.display(), &e);
        match self.form {
            Form::Text(file) => file.finish(),
            Form::Blocks { writer, index } => {
                writer.finish().map_err(fault)?.finish()?;
                if let Some(index) = index {
                    return index.write(&target);
                }
                log::warn!(
                    "{}: no index, since the records are not in order of position or lie beyond 512 Mb",
                    target.display()
                );
                Ok(())
            }
        }
    }
}

impl Index {
    /// Adds a record; false when the file cannot be indexed any more.
    fn add(&mut self, line: &[u8], chunk: Chunk) -> io::Result<bool> {
        let invalid = |e| io::Error::new(io::ErrorKind::InvalidData, e);
        let record = RawRecord::new(line, 0, "")
            .map_err(|problem| io::Error::new(io::ErrorKind::InvalidData, problem.message))?;
        self.order.note(record.contig(), record.position());
        // The telomere (position 0) is indexed with the first base.
        let start = record.position().max(1);
        let end = record.end().max(start);
        if self.order.unsorted.is_some() || end >= TABIX_END {
            return Ok(false);
        }
        let position = |value: u32| Position::try_from(value as usize);
        let (Ok(start), Ok(end)) = (position(start), position(end)) else { return Ok(false) };
        let name = std::str::from_utf8(record.contig()).map_err(|e| invalid(e.to_string()))?;
        self.indexer.add_record(name, start, end, chunk)?;
        Ok(true)
    }

    fn write(self, target: &Path) -> Result<(), Problem> {
        let mut path = target.as_os_str().to_owned();
        path.push(".tbi");
        let path = PathBuf::from(path);
        let fault = |e: io::Error| Problem::writing(path.display(), &e);
        let mut writer = tabix::io::Writer::new(AtomicFile::create(&path)?);
        writer.write_index(&self.indexer.build()).map_err(fault)?;
        writer.into_inner().finish().map_err(fault)?.finish()
    }
}
