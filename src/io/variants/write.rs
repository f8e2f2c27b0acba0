//! Writing variant files: VCF or BCF, plain or in BGZF with its index; whole or not at all.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use noodles::core::Position;
use noodles::csi;
use noodles::csi::binning_index::Indexer;
use noodles::csi::binning_index::index::header::Builder;
use noodles::csi::binning_index::index::reference_sequence::bin::Chunk;
use noodles::csi::binning_index::index::reference_sequence::index::BinnedIndex;
use noodles::tabix;
use noodles_bgzf as bgzf;

use super::bcf_write::Encoder;
use super::header::Header;
use super::lines::Order;
use super::record::RawRecord;
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
    /// `b`: BCF in BGZF, with `.csi`.
    BcfGz,
    /// `u`: BCF, not compressed.
    Bcf,
}

impl OutputForm {
    /// The form of a letter; `None` for other letters.
    pub fn of_letter(letter: char) -> Option<Self> {
        Some(match letter {
            'z' => Self::VcfGz,
            'v' => Self::Vcf,
            'b' => Self::BcfGz,
            'u' => Self::Bcf,
            _ => return None,
        })
    }
}

/// The indexer refuses what a `.tbi` cannot hold: positions from 2^29 on.
const TABIX_END: u32 = 1 << 29;
/// Shift and depth of a `.csi`: 16 kb bins, and enough levels for every 32-bit position.
const CSI_SHAPE: (u8, u8) = (14, 6);

/// A variant file under construction.
pub struct VariantWriter {
    target: PathBuf,
    body: Body,
    /// Of BCF.
    encoder: Option<Box<Encoder>>,
    index: Option<Box<Index>>,
    /// One record, encoded.
    bytes: Vec<u8>,
}

enum Body {
    Plain(AtomicFile),
    Blocks(Box<bgzf::io::Writer<AtomicFile>>),
}

/// The index of what is written, as long as it is sorted.
struct Index {
    indexer: Kind,
    order: Order,
}

enum Kind {
    Tabix(tabix::index::Indexer),
    Csi(Indexer<BinnedIndex>),
}

impl Body {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(file) => file.write_all(bytes),
            Self::Blocks(writer) => writer.write_all(bytes),
        }
    }
}

impl VariantWriter {
    /// Begins a file with this header text ([`super::Header::to_text`]).
    ///
    /// # Errors
    ///
    /// When the file cannot be created.
    pub fn create(target: &Path, form: OutputForm, header: &str) -> Result<Self, Problem> {
        let encoder = match form {
            OutputForm::Bcf | OutputForm::BcfGz => {
                Some(Box::new(Encoder::new(&Header::parse(header.as_bytes())?)))
            }
            OutputForm::Vcf | OutputForm::VcfGz => None,
        };
        let file = AtomicFile::create(target)?;
        let (body, indexer) = match form {
            OutputForm::Vcf | OutputForm::Bcf => (Body::Plain(file), None),
            OutputForm::VcfGz | OutputForm::BcfGz => {
                let body = Body::Blocks(Box::new(bgzf::io::Writer::new(file)));
                let indexer = if encoder.is_some() {
                    Indexer::new(CSI_SHAPE.0, CSI_SHAPE.1).map(Kind::Csi)
                } else {
                    let mut indexer = tabix::index::Indexer::default();
                    indexer.set_header(Builder::vcf().build());
                    Some(Kind::Tabix(indexer))
                };
                (body, indexer)
            }
        };
        let index = indexer.map(|indexer| Box::new(Index { indexer, order: Order::default() }));
        let target = target.to_owned();
        let mut writer = Self { target, body, encoder, index, bytes: Vec::new() };
        let head = writer.encoder.as_ref().map_or(header.as_bytes(), |encoder| encoder.head());
        writer.body.write(head).map_err(|e| Problem::writing(writer.target.display(), &e))?;
        Ok(writer)
    }

    /// Writes one record, given as its line without line end.
    ///
    /// # Errors
    ///
    /// When the line is no record, BCF cannot hold it, or the disk is full.
    pub fn write_line(&mut self, line: &[u8]) -> Result<(), Problem> {
        self.bytes.clear();
        if let Some(encoder) = &self.encoder {
            encoder.record(line, &mut self.bytes).map_err(|problem| {
                let place: Vec<&[u8]> = line.splitn(3, |&b| b == b'\t').take(2).collect();
                let place = String::from_utf8_lossy(&place.join(&b':')).into_owned();
                problem.in_file(self.target.display()).at(place)
            })?;
        } else {
            self.bytes.extend_from_slice(line);
            self.bytes.push(b'\n');
        }
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
        let Body::Blocks(writer) = &mut self.body else { return self.body.write(&self.bytes) };
        let start = writer.virtual_position();
        writer.write_all(&self.bytes)?;
        let chunk = Chunk::new(start, writer.virtual_position());
        if let Some(known) = &mut self.index
            && !known.add(line, self.encoder.as_deref(), chunk)?
        {
            self.index = None;
        }
        Ok(())
    }

    /// Completes the file and gives it its name; a BGZF VCF gets its `.tbi` too, a BGZF BCF its `.csi`, unless records were
    /// not in order.
    ///
    /// # Errors
    ///
    /// When the rest cannot be written.
    pub fn finish(self) -> Result<(), Problem> {
        let target = self.target;
        let writer = match self.body {
            Body::Plain(file) => return file.finish(),
            Body::Blocks(writer) => writer,
        };
        writer.finish().map_err(|e| Problem::writing(target.display(), &e))?.finish()?;
        if let Some(index) = self.index {
            let contigs = self.encoder.map_or(0, |encoder| encoder.contig_count());
            return index.write(&target, contigs);
        }
        log::warn!(
            "{}: no index, since the records are not in order of position or lie beyond what an index holds",
            target.display()
        );
        Ok(())
    }
}

impl Index {
    /// Adds a record; false when the file cannot be indexed any more.
    fn add(&mut self, line: &[u8], encoder: Option<&Encoder>, chunk: Chunk) -> io::Result<bool> {
        let invalid = |e| io::Error::new(io::ErrorKind::InvalidData, e);
        let record = RawRecord::new(line, 0, "").map_err(|problem| invalid(problem.message))?;
        self.order.note(record.contig(), record.position());
        // The telomere (position 0) is indexed with the first base.
        let start = record.position().max(1);
        let end = record.end().max(start);
        if self.order.unsorted.is_some() {
            return Ok(false);
        }
        let position = |value: u32| Position::try_from(value as usize);
        let (Ok(start_at), Ok(end_at)) = (position(start), position(end)) else {
            return Ok(false);
        };
        match &mut self.indexer {
            Kind::Tabix(_) if end >= TABIX_END => return Ok(false),
            Kind::Tabix(indexer) => {
                let name =
                    std::str::from_utf8(record.contig()).map_err(|e| invalid(e.to_string()))?;
                indexer.add_record(name, start_at, end_at, chunk)?;
            }
            Kind::Csi(indexer) => {
                let contig = encoder.and_then(|encoder| encoder.contig(record.contig()));
                let at = contig.map(|contig| (contig, start_at, end_at, true));
                // Contigs in another order than the header's cannot be indexed.
                return Ok(at.is_some() && indexer.add_record(at, chunk).is_ok());
            }
        }
        Ok(true)
    }

    fn write(self, target: &Path, contigs: usize) -> Result<(), Problem> {
        let end = match self.indexer {
            Kind::Tabix(_) => ".tbi",
            Kind::Csi(_) => ".csi",
        };
        let mut path = target.as_os_str().to_owned();
        path.push(end);
        let path = PathBuf::from(path);
        let fault = |e: io::Error| Problem::writing(path.display(), &e);
        let file = AtomicFile::create(&path)?;
        let blocks = match self.indexer {
            Kind::Tabix(indexer) => {
                let mut writer = tabix::io::Writer::new(file);
                writer.write_index(&indexer.build()).map_err(fault)?;
                writer.into_inner()
            }
            Kind::Csi(indexer) => {
                let mut writer = csi::io::Writer::new(file);
                writer.write_index(&indexer.build(contigs)).map_err(fault)?;
                writer.into_inner()
            }
        };
        blocks.finish().map_err(fault)?.finish()
    }
}
