//! Reads over a stretch of a contig, found by the index of a BAM or CRAM: for a second look at few places. Opened once;
//! every worker has a reader of its own.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use noodles::bam::bai;
use noodles::core::{Position, region::Interval};
use noodles::csi::{self, BinningIndex, binning_index::index::reference_sequence::bin::Chunk};

use crate::model::coord::Span;
use crate::model::problem::Problem;
use crate::model::read::{Fields, ReadView, views};

use super::alignment_head::{AlignmentHead, AlignmentKind};
use super::bam;
use super::bgzf::{Inflater, MAX_BLOCK_BYTES};
#[cfg(feature = "cram")]
use super::cram::region::CramRegions;

/// What every reader provides: all but the tags.
pub(super) const FIELDS: [Fields; 6] =
    [Fields::CORE, Fields::MATE, Fields::CIGAR, Fields::NAME, Fields::SEQUENCE, Fields::QUALITY];

/// An indexed alignment file, opened for reading by place.
pub struct ReadRegions {
    path: PathBuf,
    contigs: Vec<(String, u32)>,
    source: Source,
}

enum Source {
    Bam { file: File, size: u64, index: Box<dyn BinningIndex + Send + Sync> },
    Cram { reference: Option<PathBuf> },
}

impl std::fmt::Debug for ReadRegions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReadRegions").field("path", &self.path).finish_non_exhaustive()
    }
}

impl ReadRegions {
    /// Opens a BAM or CRAM with its index. A CRAM needs the `reference` that it was made with.
    ///
    /// # Errors
    ///
    /// A file or index that is missing, damaged or does not fit; a CRAM without a reference.
    pub fn open(path: &Path, reference: Option<&Path>) -> Result<Arc<Self>, Problem> {
        let head = AlignmentHead::open(path)?;
        let shown = path.display().to_string();
        let Some(index) = head.index? else {
            return Err(Problem::missing("no index beside it")
                .in_file(&shown)
                .help(format!("make one: samtools index {shown}")));
        };
        let source = match head.kind {
            AlignmentKind::Cram if reference.is_none() => {
                return Err(Problem::missing("a CRAM needs the reference it was made with")
                    .in_file(shown)
                    .help("give `reference` in [case], or -f"));
            }
            AlignmentKind::Cram => Source::Cram { reference: reference.map(Path::to_owned) },
            AlignmentKind::Bam => {
                let file = File::open(path).map_err(|e| Problem::reading(&shown, &e))?;
                let size = file.metadata().map_err(|e| Problem::reading(&shown, &e))?;
                Source::Bam { size: size.len(), file, index: read_index(&index.path)? }
            }
        };
        Ok(Arc::new(Self { path: path.to_owned(), contigs: head.header.contigs, source }))
    }

    /// Name and length (bp) of each contig, in the file's order.
    pub fn contigs(&self) -> &[(String, u32)] {
        &self.contigs
    }

    /// A reader for one thread.
    ///
    /// # Errors
    ///
    /// A CRAM that htslib cannot open.
    pub fn reader(self: &Arc<Self>) -> Result<RegionReader, Problem> {
        let decoder = match &self.source {
            Source::Bam { .. } => Decoder::Bam(Box::default()),
            #[cfg(feature = "cram")]
            Source::Cram { reference } => {
                Decoder::Cram(Box::new(CramRegions::open(&self.path, reference.as_deref())?))
            }
            #[cfg(not(feature = "cram"))]
            Source::Cram { .. } => {
                return Err(Problem::usage("is CRAM, which this build cannot read")
                    .in_file(self.path.display()));
            }
        };
        Ok(RegionReader { regions: Arc::clone(self), decoder })
    }
}

fn read_index(path: &Path) -> Result<Box<dyn BinningIndex + Send + Sync>, Problem> {
    let damaged = |e: std::io::Error| {
        Problem::bad_data(format!("the index is damaged ({e})"))
            .in_file(path.display())
            .help("make it again: samtools index")
    };
    // The first bytes tell BAI from CSI, whatever the name.
    let mut magic = [0; 4];
    let file = File::open(path).and_then(|file| file.read_exact_at(&mut magic, 0));
    file.map_err(damaged)?;
    if magic == *b"BAI\x01" {
        Ok(Box::new(bai::fs::read(path).map_err(damaged)?))
    } else {
        Ok(Box::new(csi::fs::read(path).map_err(damaged)?))
    }
}

/// A reader of one thread.
pub struct RegionReader {
    regions: Arc<ReadRegions>,
    decoder: Decoder,
}

enum Decoder {
    Bam(Box<BamBuffers>),
    #[cfg(feature = "cram")]
    Cram(Box<CramRegions>),
}

#[derive(Default)]
struct BamBuffers {
    inflater: Inflater,
    compressed: Vec<u8>,
    plain: Vec<u8>,
    starts: Vec<u32>,
}

impl RegionReader {
    /// Hands over every read whose aligned bases touch `span` of a contig (by its number in the file), in file order, in
    /// BAM's layout.
    ///
    /// # Errors
    ///
    /// Damage in the file, or what `each` returns.
    pub fn fetch(
        &mut self,
        contig: usize,
        span: Span,
        each: &mut dyn FnMut(ReadView<'_>) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let regions = &*self.regions;
        let length = regions.contigs.get(contig).map_or(0, |(_, length)| *length);
        let span = Span::new(span.start.min(length), span.end.min(length));
        if span.start >= span.end {
            return Ok(());
        }
        let fetched = match (&mut self.decoder, &regions.source) {
            (Decoder::Bam(buffers), Source::Bam { file, size, index }) => {
                let walk =
                    BamWalk { file, size: *size, contigs: regions.contigs.len(), contig, span };
                walk.chunks(&**index, buffers, each)
            }
            #[cfg(feature = "cram")]
            (Decoder::Cram(reader), _) => reader.fetch(contig, span, each),
            _ => Ok(()),
        };
        fetched.map_err(|problem| problem.in_file_if_none(regions.path.display().to_string()))
    }
}

/// One fetch from a BAM.
struct BamWalk<'a> {
    file: &'a File,
    size: u64,
    contigs: usize,
    contig: usize,
    span: Span,
}

impl BamWalk<'_> {
    fn chunks(
        &self,
        index: &(dyn BinningIndex + Send + Sync),
        buffers: &mut BamBuffers,
        each: &mut dyn FnMut(ReadView<'_>) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        // A CSI may hold fewer contigs than the header: the last ones have no reads.
        if self.contig >= index.reference_sequences().count() {
            return Ok(());
        }
        let place = |base: u32| Position::try_from(base as usize).unwrap_or(Position::MIN);
        let interval = Interval::from(place(self.span.start + 1)..=place(self.span.end));
        let chunks = index
            .query(self.contig, interval)
            .map_err(|e| Problem::bad_data(format!("the index cannot be asked ({e})")))?;
        for chunk in chunks {
            if !self.chunk(chunk, buffers, each)? {
                break;
            }
        }
        Ok(())
    }

    /// Reads one chunk; false when the reads have passed the stretch.
    fn chunk(
        &self,
        chunk: Chunk,
        buffers: &mut BamBuffers,
        each: &mut dyn FnMut(ReadView<'_>) -> Result<(), Problem>,
    ) -> Result<bool, Problem> {
        let BamBuffers { inflater, compressed, plain, starts } = buffers;
        let (last, tail) = (chunk.end().compressed(), usize::from(chunk.end().uncompressed()));
        let mut at = chunk.start().compressed();
        let (mut skip, mut carried) = (usize::from(chunk.start().uncompressed()), 0);
        while at < self.size && (at < last || (at == last && tail > 0)) {
            compressed.resize((self.size - at).min(MAX_BLOCK_BYTES as u64) as usize, 0);
            self.file
                .read_exact_at(compressed, at)
                .map_err(|e| Problem::bad_data(format!("cannot be read at byte {at} ({e})")))?;
            plain.resize((carried + MAX_BLOCK_BYTES).max(plain.len()), 0);
            let found =
                inflater.block(compressed, &mut plain[carried..]).map_err(|fault| fault.at(at))?;
            let held = if at == last { tail.min(found.plain) } else { found.plain };
            let end = carried + held;
            starts.clear();
            let walked =
                bam::walk(&plain[..end], skip.min(end), self.contigs, starts).map_err(|bad| {
                    Problem::bad_data(bad.to_string())
                        .at(format!("block at byte {at}"))
                        .help(bad.help_with_index())
                })?;
            skip = 0;
            for read in views(plain, starts) {
                if read.contig() != self.contig as i32 || read.position() >= self.span.end as i32 {
                    return Ok(false);
                }
                if read.end() > self.span.start as i32 {
                    each(read)?;
                }
            }
            plain.copy_within(walked..end, 0);
            carried = end - walked;
            if at == last {
                break;
            }
            at += found.compressed as u64;
        }
        Ok(true)
    }
}
