//! The sequence that a pair stands on, what is taken of it, and places for substitutions, clusters and indels.

use std::collections::BTreeSet;
use std::path::Path;

use super::signatures::Signatures;
use crate::io::stream_fasta::for_each_contig;
use crate::model::contig::{Assembly, ContigClass};
use crate::model::mutation_type::MatrixKind;
use crate::model::problem::Problem;
use crate::simulate::gene::complement;
use crate::simulate::haplotype::Edit;
use crate::simulate::rng::Rng;
use crate::simulate::windows::{Genome, Kind, Window, stretches};
use crate::tier::biomarkers::draw::multinomial;

/// Shortest stretch without N that is used, bp.
const STRETCH_BP: u32 = 200_000;
/// Clusters of substitutions and their sizes.
const CLUSTERS: usize = 3;
const CLUSTER_SNVS: usize = 12;
/// Planted variants keep this distance, bp.
const APART_BP: u32 = 50;
/// Ends of a stretch that stay empty, bp.
const END_BP: u32 = 3_000;

/// A change of one stretch.
#[derive(Clone, Debug)]
pub(super) struct Change {
    /// Index of the stretch.
    pub stretch: usize,
    /// What changes.
    pub edit: Edit,
}

/// The sequence and what is taken of it.
pub(super) struct Ground {
    /// Contigs, and the stretches without N as windows.
    pub genome: Genome,
    taken: Vec<BTreeSet<u32>>,
    lengths: Vec<u64>,
}

impl Ground {
    /// The autosomal stretches of a reference.
    pub(super) fn read(path: &Path, assembly: Option<Assembly>) -> Result<Self, Problem> {
        let mut genome = Genome { assembly, ..Genome::default() };
        for_each_contig(path, |name, bases| {
            let contig = genome.contigs.len() as u32;
            let class = ContigClass::of_name(name);
            genome.contigs.push((name.to_owned(), bases.len() as u32));
            genome.assembly = genome.assembly.or(Assembly::of_length(class, bases.len() as u32));
            if matches!(class, ContigClass::Autosome(_)) {
                let long = stretches(bases).filter(|span| span.len() >= STRETCH_BP);
                genome.windows.extend(long.map(|span| Window {
                    contig,
                    kind: Kind::Autosome,
                    start0: span.start,
                    bases: bases[span.start as usize..span.end as usize].to_vec(),
                }));
            }
            Ok(())
        })?;
        if genome.windows.is_empty() {
            let message = format!("no stretch of {STRETCH_BP} bp without N on chromosomes 1 to 22");
            return Err(Problem::bad_data(message).in_file(path.display()));
        }
        let lengths = genome.windows.iter().map(|w| w.bases.len() as u64).collect();
        let taken = vec![BTreeSet::new(); genome.windows.len()];
        Ok(Self { genome, taken, lengths })
    }

    /// A place anywhere.
    fn anywhere(&self, rng: &mut Rng) -> (usize, u32) {
        let mut at = rng.below(self.lengths.iter().sum());
        for (stretch, length) in self.lengths.iter().enumerate() {
            if at < *length {
                return (stretch, self.genome.windows[stretch].start0 + at as u32);
            }
            at -= length;
        }
        (0, self.genome.windows[0].start0)
    }

    /// True when nothing planted is within so many bases and the end of the stretch is far.
    pub(super) fn is_free(&self, (stretch, place0): (usize, u32), bp: u32) -> bool {
        let span = self.genome.windows[stretch].span();
        place0 >= span.start + END_BP
            && place0 + END_BP < span.end
            && self.taken[stretch].range(place0.saturating_sub(bp)..=place0 + bp).next().is_none()
    }

    /// Takes the places of an edit.
    pub(super) fn take(&mut self, change: &Change) {
        self.taken[change.stretch].extend(change.edit.start0..change.edit.end0());
    }

    /// Bases that are taken in a stretch.
    pub(super) fn taken(&self, stretch: usize) -> &BTreeSet<u32> {
        &self.taken[stretch]
    }

    /// The row of a substitution's type in the matrix; `None` where a base around is not known.
    fn row(&self, (stretch, place0): (usize, u32), alternate: u8) -> Option<usize> {
        let window = &self.genome.windows[stretch];
        let [before, reference, after] =
            [place0.checked_sub(1)?, place0, place0 + 1].map(|p| window.base(p));
        if [before, reference, after].contains(&b'N') || reference == alternate {
            return None;
        }
        let seen = if matches!(reference, b'C' | b'T') {
            [before, reference, alternate, after]
        } else {
            [after, reference, alternate, before].map(complement)
        };
        let [before, reference, alternate, after] = seen.map(char::from);
        MatrixKind::Sbs96.place(&format!("{before}[{reference}>{alternate}]{after}"))
    }

    fn plant(&mut self, (stretch, start0): (usize, u32), bases: [&[u8]; 2]) -> Change {
        let [reference, alternate] = bases.map(<[u8]>::to_vec);
        let change = Change { stretch, edit: Edit { start0, reference, alternate } };
        self.take(&change);
        change
    }

    /// Substitutions drawn from the signatures, where `fits` says yes.
    pub(super) fn substitutions(
        &mut self,
        (signatures, count, seed): (&Signatures, u32, u64),
        fits: impl Fn(usize, u32) -> bool,
    ) -> Result<Vec<Change>, Problem> {
        let weights = signatures.weights();
        let mut left = vec![0; weights.len()];
        multinomial(&mut Rng::new(seed, &[91]), count.into(), &weights, &mut left);
        let mut rng = Rng::new(seed, &[92]);
        let mut made = Vec::new();
        for _ in 0..u64::from(count) * 20_000 + 1_000_000 {
            if made.len() == count as usize {
                return Ok(made);
            }
            let place = self.anywhere(&mut rng);
            let alternate = rng.base();
            let Some(row) = self.row(place, alternate).filter(|&row| left[row] > 0) else {
                continue;
            };
            if self.is_free(place, APART_BP) && fits(place.0, place.1) {
                left[row] -= 1;
                let reference = self.genome.windows[place.0].base(place.1);
                made.push(self.plant(place, [&[reference], &[alternate]]));
            }
        }
        Err(no_room(count, "substitutions"))
    }

    /// Clusters of C>T behind a T, where `fits` says yes.
    pub(super) fn clusters(
        &mut self,
        seed: u64,
        fits: impl Fn(usize, u32) -> bool,
    ) -> Result<Vec<Vec<Change>>, Problem> {
        let mut rng = Rng::new(seed, &[93]);
        let mut found = Vec::new();
        for _ in 0..10_000 {
            if found.len() == CLUSTERS {
                return Ok(found);
            }
            let (stretch, from) = self.anywhere(&mut rng);
            if !self.is_free((stretch, from), 50_000) || !fits(stretch, from) {
                continue;
            }
            let (mut places, mut at) = (Vec::new(), from);
            while places.len() < CLUSTER_SNVS && at < from + 4_000 {
                let window = &self.genome.windows[stretch];
                if window.base(at) == b'C' && window.base(at - 1) == b'T' {
                    places.push(at);
                    at += 100;
                }
                at += 1;
            }
            let known = places.iter().all(|&place| self.row((stretch, place), b'T').is_some());
            if places.len() == CLUSTER_SNVS && known {
                let planted = places.into_iter();
                found.push(planted.map(|at| self.plant((stretch, at), [b"C", b"T"])).collect());
            }
        }
        Err(no_room(CLUSTERS as u32, "clusters"))
    }

    /// Runs of one base of so many bases, each at a place that `fits`; the place is that of the base before.
    pub(super) fn runs(
        &self,
        (count, least, most): (u32, usize, usize),
        rng: &mut Rng,
        mut fits: impl FnMut(&Self, usize, u32) -> bool,
    ) -> Result<Vec<Run>, Problem> {
        let mut found: Vec<Run> = Vec::new();
        for _ in 0..u64::from(count) * 60_000 {
            if found.len() == count as usize {
                return Ok(found);
            }
            let (stretch, place0) = self.anywhere(rng);
            let window = &self.genome.windows[stretch];
            let base = window.base(place0 + 1);
            if window.base(place0) == base || window.base(place0) == b'N' || base == b'N' {
                continue;
            }
            let bp = (1..=most as u32 + 1).take_while(|&i| window.base(place0 + i) == base).count();
            if !(least..=most).contains(&bp) || !self.is_free((stretch, place0), APART_BP) {
                continue;
            }
            if fits(self, stretch, place0) {
                let before = window.base(place0);
                found.push(Run { stretch, place0, before, base, bp: bp as u32 });
            }
        }
        if found.len() == count as usize { Ok(found) } else { Err(no_room(count, "homopolymers")) }
    }

    /// Single bases more or fewer in runs of at least five, where `fits` says yes.
    pub(super) fn indels(
        &mut self,
        (count, seed): (u32, u64),
        fits: impl Fn(usize, u32) -> bool,
    ) -> Result<Vec<Change>, Problem> {
        let mut rng = Rng::new(seed, &[94]);
        let mut near: BTreeSet<(usize, u32)> = BTreeSet::new();
        let runs = self.runs((count, 5, 7), &mut rng, |_, stretch, place0| {
            let from = (stretch, place0.saturating_sub(APART_BP));
            let alone = near.range(from..=(stretch, place0 + APART_BP)).next().is_none();
            let taken = alone && fits(stretch, place0);
            if taken {
                near.insert((stretch, place0));
            }
            taken
        })?;
        let mut made = Vec::new();
        for run in runs {
            let edit = run.changed(if rng.chance(0.5) { 1 } else { -1 });
            let change = Change { stretch: run.stretch, edit };
            self.take(&change);
            made.push(change);
        }
        Ok(made)
    }
}

/// A run of one base.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    /// Index of the stretch.
    pub stretch: usize,
    /// The base before the run, 0-based.
    pub place0: u32,
    /// That base.
    pub before: u8,
    /// The base of the run.
    pub base: u8,
    /// Its length, bp.
    pub bp: u32,
}

impl Run {
    /// So many bases more or fewer.
    pub(super) fn changed(&self, bp: i64) -> Edit {
        let with = |more: usize| {
            let mut bases = vec![self.before];
            bases.extend(std::iter::repeat_n(self.base, more));
            bases
        };
        let (shorter, longer) = ((-bp).max(0) as usize, bp.max(0) as usize);
        Edit { start0: self.place0, reference: with(shorter), alternate: with(longer) }
    }
}

fn no_room(count: u32, what: &str) -> Problem {
    Problem::usage(format!("the reference has no room for {count} {what}"))
        .help("give more sequence (simulate reference --window), or ask for fewer")
}
