//! The second look at the reads of one alignment: candidates sorted by position, neighbours read together, each worker with
//! a reader of its own.

use std::sync::Arc;

use super::batches::Workers;
use crate::evidence::haplotypes::Model;
use crate::evidence::{Counter, Limits, Site};
use crate::io::fasta::Fasta;
use crate::io::read_regions::{ReadRegions, RegionReader};
use crate::model::contig::ContigTable;
use crate::model::coord::Span;
use crate::model::evidence::{NotRead, ReadEvidence, SiteReads};
use crate::model::problem::Problem;
use crate::model::variant::Variant;

/// Sites closer than this are read together, bp: a seek costs about as much as reading so far.
const NEAR_BP: u32 = 2_000;
/// Most sites that are read together, which bounds the memory.
const MOST_TOGETHER: usize = 64;
/// Pieces of work a thread, to even out deep and shallow places.
const PIECES_A_THREAD: usize = 8;

/// One look at one alignment.
#[derive(Clone, Copy, Debug)]
pub struct EvidencePass<'a> {
    /// The alignment.
    pub regions: &'a Arc<ReadRegions>,
    /// Contigs of the case, which the variants count by.
    pub contigs: &'a ContigTable,
    /// Reference; without it indels are read off the CIGAR.
    pub reference: Option<&'a Arc<Fasta>>,
    /// What counts.
    pub limits: &'a Limits,
    /// Worker threads, at least one.
    pub threads: usize,
}

/// A site with its place in the alignment and its number among the variants.
struct Placed {
    contig: usize,
    site: Site,
    number: usize,
}

impl EvidencePass<'_> {
    /// Looks at every variant; the answers are in their order.
    ///
    /// # Errors
    ///
    /// A damaged alignment or reference.
    pub fn run(&self, variants: &[&Variant]) -> Result<Vec<ReadEvidence>, Problem> {
        let (placed, mut answers) = self.place(variants)?;
        let groups = groups(&placed);
        let workers = Workers::new(self.threads.max(1))?;
        let piece = groups.len().div_ceil(self.threads.max(1) * PIECES_A_THREAD).max(1);
        for counted in workers.map(groups.chunks(piece).collect(), |groups| self.piece(groups)) {
            for (number, reads) in counted? {
                answers[number] = ReadEvidence::Counted(reads);
            }
        }
        Ok(answers)
    }

    /// Sites by place, and an answer for each variant that is none.
    fn place(&self, variants: &[&Variant]) -> Result<(Vec<Placed>, Vec<ReadEvidence>), Problem> {
        let by_id: std::collections::BTreeMap<_, _> = self
            .regions
            .contigs()
            .iter()
            .enumerate()
            .filter_map(|(i, (name, length))| Some((self.contigs.resolve(name)?, (i, *length))))
            .collect();
        let mut reader = self.reference.map(Fasta::reader);
        let mut placed = Vec::new();
        let mut answers = vec![ReadEvidence::NotRead(NotRead::NoContig); variants.len()];
        let mut order: Vec<usize> = (0..variants.len()).collect();
        order.sort_by_key(|&i| variants[i]);
        for number in order {
            let variant = variants[number];
            let Some(&(contig, length)) = by_id.get(&variant.contig) else { continue };
            match Site::new(variant, length, reader.as_mut(), self.limits)? {
                Ok(site) => placed.push(Placed { contig, site, number }),
                Err(why) => answers[number] = ReadEvidence::NotRead(why),
            }
        }
        placed.sort_by_key(|placed| (placed.contig, placed.site.span.start, placed.number));
        Ok((placed, answers))
    }

    fn piece(&self, groups: &[&[Placed]]) -> Result<Vec<(usize, SiteReads)>, Problem> {
        let mut reader = self.regions.reader()?;
        let mut model = Model::new(self.limits);
        let mut counted = Vec::new();
        for group in groups {
            self.group(group, (&mut reader, &mut model), &mut counted)?;
        }
        Ok(counted)
    }

    fn group(
        &self,
        group: &[Placed],
        (reader, model): (&mut RegionReader, &mut Model),
        counted: &mut Vec<(usize, SiteReads)>,
    ) -> Result<(), Problem> {
        let Some(first) = group.first() else { return Ok(()) };
        let end = group.iter().map(|placed| placed.site.span.end).max().unwrap_or_default();
        let span = Span::new(first.site.span.start, end);
        let mut counters: Vec<Counter<'_>> =
            group.iter().map(|placed| Counter::new(&placed.site, self.limits)).collect();
        reader.fetch(first.contig, span, &mut |read| {
            for counter in &mut counters {
                counter.add(read, model);
            }
            Ok(())
        })?;
        let numbers = group.iter().map(|placed| placed.number);
        counted.extend(numbers.zip(counters.into_iter().map(Counter::finish)));
        Ok(())
    }
}

/// Runs of neighbours.
fn groups(placed: &[Placed]) -> Vec<&[Placed]> {
    let mut groups = Vec::new();
    let (mut from, mut end) = (0, 0);
    for (i, one) in placed.iter().enumerate() {
        let far = i > from
            && (one.contig != placed[from].contig
                || one.site.span.start > end + NEAR_BP
                || i - from >= MOST_TOGETHER);
        if far {
            groups.push(&placed[from..i]);
            from = i;
        }
        end = if i == from { one.site.span.end } else { end.max(one.site.span.end) };
    }
    if from < placed.len() {
        groups.push(&placed[from..]);
    }
    groups
}
