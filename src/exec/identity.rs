//! Identity checks that need threads or a whole file: all pairs of many samples, and the genotypes of a joint file.

use std::collections::BTreeMap;

use super::batches::Workers;
use super::stream::for_each_stretch;
use crate::identity::chromosomes::ChildCounts;
use crate::identity::contamination::tumour_in_normal::SomaticReads;
use crate::identity::relatedness::bits::GenotypeBits;
use crate::identity::relatedness::tiles::{self, Pair};
use crate::io::variants::{Lines, SnpColumns, SnpRun, VariantFile};
use crate::model::contig::ContigClass;
use crate::model::problem::Problem;
use crate::model::sketch::{SiteGenotype, SiteRegion};

/// Counts every pair of samples on all threads and gives them to `take` in order of both samples. With `least` only
/// pairs of at least this kinship. Memory is that of the samples and of a few rows of pairs.
///
/// # Errors
///
/// When threads cannot be started, or what `take` returns.
pub fn pairs(
    samples: &[GenotypeBits],
    threads: usize,
    least: Option<f64>,
    mut take: impl FnMut(Pair) -> Result<(), Problem>,
) -> Result<(), Problem> {
    Workers::new(threads)?.in_order(
        tiles::pieces(samples.len()),
        |piece| Ok(tiles::piece(samples, piece, least)),
        |found| found.into_iter().try_for_each(&mut take),
    )
}

/// What is taken of several samples at plain variants, of one file or of several with the same samples.
#[derive(Clone, Debug, Default)]
pub struct SnpTable {
    /// Genotypes by sample.
    pub bits: Vec<GenotypeBits>,
    /// Reads of the first two samples, when depths were taken: tumour and normal.
    pub reads: Vec<SomaticReads>,
    /// Children whose chromosomes are looked at.
    pub children: Vec<ChildTable>,
    /// Sorted positions by contig of the files before; kept while more files may come.
    known: BTreeMap<ContigClass, Vec<u32>>,
    /// Positions of this file.
    fresh: BTreeMap<ContigClass, Vec<u32>>,
    more_files: bool,
}

/// A child and its parents among the samples of a table, with their genotypes by window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildTable {
    /// Places of father, mother and child; `None` for a parent whom the table does not hold.
    pub family: ([Option<usize>; 2], usize),
    /// What was counted.
    pub counts: ChildCounts,
}

impl ChildTable {
    fn add(&mut self, autosome: u8, run: &SnpRun, row: usize) {
        let width = run.genotypes.len() / run.positions.len().max(1);
        let of = |place: usize| {
            let at = row * width + place;
            if run.sure.get(at) == Some(&true) { run.genotypes[at] } else { SiteGenotype::Unknown }
        };
        let ([father, mother], child) = self.family;
        let parent = |place: Option<usize>| place.map_or(SiteGenotype::Unknown, of);
        self.counts.add(autosome, run.positions[row], [parent(father), parent(mother), of(child)]);
    }
}

impl SnpTable {
    /// Of so many samples; `files` says from how many files.
    pub fn new(samples: usize, files: usize) -> Self {
        let bits = vec![GenotypeBits::default(); samples];
        Self { bits, more_files: files > 1, ..Self::default() }
    }

    /// Adds the variants of a stretch. A position that an earlier file had does not count again: two callers saw it.
    pub fn add(&mut self, runs: Vec<SnpRun>) {
        let width = self.bits.len().max(1);
        for run in runs {
            self.bits.iter_mut().for_each(|bits| bits.begin_contig(run.class));
            let known = self.known.get(&run.class);
            let is_new =
                |position: &u32| known.is_none_or(|known| known.binary_search(position).is_err());
            let rows =
                run.positions.iter().zip(&run.regions).zip(run.genotypes.chunks_exact(width));
            for ((position, &region), genotypes) in rows {
                if is_new(position) {
                    for (bits, &genotype) in self.bits.iter_mut().zip(genotypes) {
                        bits.push(region, *position, genotype);
                    }
                }
            }
            if let ContigClass::Autosome(number) = run.class {
                for (row, position) in run.positions.iter().enumerate() {
                    if run.regions[row] == SiteRegion::Autosome && is_new(position) {
                        self.children.iter_mut().for_each(|child| child.add(number, &run, row));
                    }
                }
            }
            for (position, depths) in run.positions.iter().zip(run.depths.chunks_exact(width)) {
                if let (true, [tumour, normal, ..]) = (is_new(position), depths) {
                    self.reads.push(somatic(*tumour, *normal));
                }
            }
            if self.more_files {
                self.fresh.entry(run.class).or_default().extend(run.positions);
            }
        }
    }

    /// Says that a file has ended.
    pub fn end_file(&mut self) {
        for (class, fresh) in std::mem::take(&mut self.fresh) {
            let known = self.known.entry(class).or_default();
            known.extend(fresh);
            known.sort_unstable();
            known.dedup();
        }
    }
}

fn somatic([reference, alternate]: [u32; 2], of_normal: [u32; 2]) -> SomaticReads {
    SomaticReads {
        tumour_alternate: alternate,
        tumour_depth: reference.saturating_add(alternate),
        normal_alternate: of_normal[1],
        normal_depth: of_normal[0].saturating_add(of_normal[1]),
    }
}

/// Adds the chosen columns at every plain variant of a file: the sites are the file's own.
///
/// # Errors
///
/// When the file cannot be read or a record is malformed.
pub fn read_snps(
    file: &VariantFile,
    columns: &SnpColumns,
    threads: usize,
    table: &mut SnpTable,
) -> Result<(), Problem> {
    let worker = || |lines: &mut Lines<'_>| columns.scan(lines);
    for_each_stretch(file, threads, worker, |runs| {
        table.add(runs);
        Ok(())
    })?;
    table.end_file();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(class: ContigClass, positions: &[u32]) -> SnpRun {
        SnpRun {
            class,
            positions: positions.to_vec(),
            regions: vec![SiteRegion::Autosome; positions.len()],
            genotypes: vec![SiteGenotype::Het; 2 * positions.len()],
            depths: vec![[3, 2]; 2 * positions.len()],
            sure: vec![true; 2 * positions.len()],
        }
    }

    #[test]
    fn files_are_put_together_and_no_position_counts_twice() {
        let (one, two) = (ContigClass::Autosome(1), ContigClass::Autosome(2));
        let mut table = SnpTable::new(2, 3);
        for runs in [
            vec![run(one, &[5, 5, 9]), run(two, &[5])],
            vec![run(two, &[5, 6])],
            vec![run(one, &[6, 9])],
        ] {
            table.add(runs);
            table.end_file();
        }
        // 5 stands twice in one file: two alleles. 5 of contig 2 and 9 of contig 1 stand in two files.
        assert_eq!(table.bits[1].autosomal(), [0, 6, 0]);
        assert_eq!(table.reads.len(), 6);
        let expected = SomaticReads {
            tumour_alternate: 2,
            tumour_depth: 5,
            normal_alternate: 2,
            normal_depth: 5,
        };
        assert_eq!(table.reads[0], expected);
    }
}
