//! Pictures of the reads of one alignment at a few places, the places spread over the threads.

use std::sync::Arc;

use super::batches::Workers;
use crate::evidence::Limits;
use crate::evidence::picture::Painter;
use crate::io::fasta::Fasta;
use crate::io::read_regions::ReadRegions;
use crate::model::contig::{ContigId, ContigTable};
use crate::model::coord::Span;
use crate::model::picture::ReadPicture;
use crate::model::problem::Problem;

/// One look at one alignment.
#[derive(Clone, Copy, Debug)]
pub struct PicturePass<'a> {
    /// The alignment.
    pub regions: &'a Arc<ReadRegions>,
    /// Contigs of the case.
    pub contigs: &'a ContigTable,
    /// Reference, when there is one.
    pub reference: Option<&'a Arc<Fasta>>,
    /// Which reads count.
    pub limits: &'a Limits,
    /// Worker threads, at least one.
    pub threads: usize,
}

impl PicturePass<'_> {
    /// One picture a window (0-based half-open), in their order; `None` on contigs that the alignment lacks.
    ///
    /// # Errors
    ///
    /// A damaged alignment or reference.
    pub fn run(&self, windows: &[(ContigId, Span)]) -> Result<Vec<Option<ReadPicture>>, Problem> {
        let workers = Workers::new(self.threads.max(1))?;
        let piece = windows.len().div_ceil(self.threads.max(1)).max(1);
        let pieces = workers.map(windows.chunks(piece).collect(), |piece| self.piece(piece));
        let mut all = Vec::new();
        for piece in pieces {
            all.extend(piece?);
        }
        Ok(all)
    }

    fn piece(&self, windows: &[(ContigId, Span)]) -> Result<Vec<Option<ReadPicture>>, Problem> {
        let mut reader = self.regions.reader()?;
        let mut reference = self.reference.map(Fasta::reader);
        let mut all = Vec::new();
        for &(contig, window) in windows {
            let own = |(name, _): &(String, u32)| self.contigs.resolve(name) == Some(contig);
            let Some(number) = self.regions.contigs().iter().position(own) else {
                all.push(None);
                continue;
            };
            let mut painter = Painter::new(window, self.limits);
            reader.fetch(number, window, &mut |read| {
                painter.add(read);
                Ok(())
            })?;
            let bases = match reference.as_mut().filter(|reader| reader.has(contig)) {
                None => None,
                Some(reader) => {
                    let bases = reader.fetch(contig, window.start, window.end)?;
                    Some(String::from_utf8_lossy(bases).into_owned())
                }
            };
            all.push(Some(painter.finish(bases)));
        }
        Ok(all)
    }
}
