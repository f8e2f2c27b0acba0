//! From depth to histograms, from the reference to the known bases, and everything to the values.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::io::reference::{CODE_N, ReferenceWindow};
use crate::model::contig::ContigClass;
use crate::model::problem::Problem;
use crate::model::qc::SampleQc;
use crate::model::qc::wgs::WgsContig;

use super::super::vectors::planes::{BATCH, BitPlanes, NUMBERS, numbers};
use super::super::{Collector, Job, Parcel, Scratch, unpack};
use super::het_snp::{Accepted, Wheel, phred};
use super::levels::Counts;
use super::reach::FarBases;
use super::segments::Segments;
use super::stretch::Sums;
use super::summary::{autosomes, summarise};
use super::{COVERAGE_CAP, Pool};

/// Rows of a histogram of capped depth.
const ROWS: usize = COVERAGE_CAP as usize + 1;
/// Batches of depths from which on it pays to count by bits: what was counted is looked up at the end.
const MANY_BATCHES: usize = 8;
/// Bases whose reference is looked at in one job, bp.
const TERRITORY_BP: u32 = 8 << 20;
/// Contigs that a note names; of more it gives the number.
const NAMED_CONTIGS: usize = 5;

/// What jobs and collector share.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    pub(super) contigs: Arc<[(String, u32)]>,
    /// For each contig whether the reference has it.
    pub(super) assessed: Arc<[bool]>,
    pub(super) pool: Arc<Pool>,
}

/// A stretch of a contig of which all depth is known, but for bases far behind their reads' starts.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) contig: u32,
    pub(super) segments: Segments,
    pub(super) far: FarBases,
}

/// How many bases have each depth; depth 0 is what remains of the known bases.
#[derive(Debug)]
struct Histograms {
    passing: Vec<u64>,
    unfiltered: Vec<u64>,
}

impl Default for Histograms {
    fn default() -> Self {
        Self { passing: vec![0; ROWS], unfiltered: vec![0; ROWS] }
    }
}

/// The result of a job.
enum Done {
    Chunk { contig: u32, histograms: Histograms, aligned: u64, capped: i64 },
    Territory { contig: u32, known: u64 },
    Tries(Accepted),
}

struct ChunkJob(Chunk, Arc<Pool>);

struct TerritoryJob {
    contig: u32,
    start: u32,
    end: u32,
}

struct TriesJob(Arc<Wheel>, u32);

/// The sums of the whole file and the wheel for its base qualities.
struct Whole {
    sums: Sums,
    wheel: Option<Arc<Wheel>>,
}

impl Shared {
    pub(super) fn chunk(&self, chunk: Chunk) -> Box<dyn Job> {
        Box::new(ChunkJob(chunk, Arc::clone(&self.pool)))
    }

    /// The jobs that need to know the whole file, or nothing of it. The last one takes the sums to the collector.
    pub(super) fn end(
        &self,
        (sums, mut qualities): (Sums, Box<Counts>),
        jobs: &mut Vec<Box<dyn Job>>,
    ) {
        for (contig, (_, length)) in self.contigs.iter().enumerate() {
            if self.assessed.get(contig).copied().unwrap_or(false) {
                for start in (0..*length).step_by(TERRITORY_BP as usize) {
                    let end = length.min(&start.saturating_add(TERRITORY_BP)).to_owned();
                    jobs.push(Box::new(TerritoryJob { contig: contig as u32, start, end }));
                }
            }
        }
        let unfiltered = usize::from(super::UNFILTERED_ABOVE as u8) + 1;
        qualities[..unfiltered].fill(0);
        let wheel = Wheel::new(&qualities[..], usize::from(COVERAGE_CAP));
        if let Some(wheel) = &wheel {
            for piece in 0..Wheel::pieces() {
                jobs.push(Box::new(TriesJob(Arc::clone(wheel), piece)));
            }
        }
        jobs.push(Box::new(WholeJob(Whole { sums, wheel })));
    }
}

/// The sums over the file on their way to the collector.
struct WholeJob(Whole);

/// What the sums of the whole file are, and what became of the base qualities, in words that can be compared.
#[cfg(test)]
pub(in crate::qc) fn told(parcel: Parcel) -> Option<String> {
    let Whole { sums, wheel } = unpack::<Whole>(parcel).ok()?;
    Some(format!("{sums:?} {wheel:?}"))
}

impl Job for WholeJob {
    fn run(self: Box<Self>, _: &mut Scratch) -> Parcel {
        Box::new(self.0)
    }
}

impl Job for ChunkJob {
    fn run(self: Box<Self>, scratch: &mut Scratch) -> Parcel {
        let Self(mut chunk, pool) = *self;
        let done = chunk.finish(&mut scratch.reference);
        if let Some(room) = chunk.segments.into_room() {
            pool.rooms.recycle(room);
        }
        Box::new(done)
    }
}

impl Job for TerritoryJob {
    fn run(self: Box<Self>, scratch: &mut Scratch) -> Parcel {
        let Self { contig, start, end } = *self;
        let known = scratch.reference.known_bases(contig as i32, start, end);
        Box::new(known.map(|known| Done::Territory { contig, known: known.unwrap_or(0) }))
    }
}

impl Job for TriesJob {
    fn run(self: Box<Self>, _: &mut Scratch) -> Parcel {
        Box::new(Ok::<_, Problem>(Done::Tries(self.0.search(self.1))))
    }
}

impl Chunk {
    fn finish(&mut self, reference: &mut ReferenceWindow) -> Result<Done, Problem> {
        let mut histograms = Histograms::default();
        for segment in &self.segments.0 {
            let bases = (segment.end - segment.start) as usize;
            count(&segment.passing[..bases], &mut histograms.passing);
            count(&segment.seen[..bases], &mut histograms.unfiltered);
        }
        let (aligned, capped) = self.add_far(&mut histograms, reference)?;
        histograms.passing[0] = 0;
        histograms.unfiltered[0] = 0;
        Ok(Done::Chunk { contig: self.contig, histograms, aligned, capped })
    }

    /// Adds bases far behind their reads' starts; returns how many lie over known bases, and the depth above the cap.
    fn add_far(
        &mut self,
        histograms: &mut Histograms,
        reference: &mut ReferenceWindow,
    ) -> Result<(u64, i64), Problem> {
        let mut by_position: BTreeMap<u32, [u64; 3]> = BTreeMap::new();
        for (position, bits) in std::mem::take(&mut self.far) {
            let counts = by_position.entry(position).or_default();
            counts[0] += 1;
            counts[1] += u64::from(bits & 1);
            counts[2] += u64::from(bits >> 1 & 1);
        }
        let (mut aligned, mut capped) = (0, 0);
        for (position, [bases, passing, seen]) in by_position {
            let span = reference.cover(self.contig as i32, position, position + 1)?;
            let code = span.and_then(|span| span.slice(position, position + 1)?.first().copied());
            if code.is_none_or(|code| code == CODE_N) {
                continue;
            }
            aligned += bases;
            let held = self.segments.at(position);
            let held = held.map_or([0; 2], |(s, i)| [s.passing[i], s.seen[i]]);
            let tables = [&mut histograms.passing, &mut histograms.unfiltered];
            for ((table, held), more) in tables.into_iter().zip(held).zip([passing, seen]) {
                let held = usize::from(held);
                table[held] = table[held].saturating_sub(1);
                table[(held + more as usize).min(ROWS - 1)] += 1;
            }
            capped += (usize::from(held[0]) + passing as usize).saturating_sub(ROWS - 1) as i64;
        }
        Ok((aligned, capped))
    }
}

/// Several tables, since equal neighbours would wait for each other in one.
type Tables = [[u32; 256]; 4];

/// Counts depths: by their bits where the machine does so and they are small, as nearly everywhere.
fn count(depths: &[u8], histogram: &mut [u64]) {
    let mut tables: Tables = [[0; 256]; 4];
    let (batches, rest) = depths.as_chunks::<BATCH>();
    match BitPlanes::of_this_machine().filter(|_| batches.len() >= MANY_BATCHES) {
        None => tabulate(depths, &mut tables),
        Some(planes) => {
            let mut sets = [[0; _]; NUMBERS];
            for batch in batches {
                if !planes.count(batch, &mut sets) {
                    tabulate(batch, &mut tables);
                }
            }
            tabulate(rest, &mut tables);
            for (sum, count) in histogram.iter_mut().zip(numbers(&sets)) {
                *sum += count;
            }
        }
    }
    for table in tables {
        for (sum, count) in histogram.iter_mut().zip(table) {
            *sum += u64::from(count);
        }
    }
}

fn tabulate(bytes: &[u8], tables: &mut Tables) {
    let (all, rest) = bytes.as_chunks::<4>();
    for four in all {
        for (table, &byte) in tables.iter_mut().zip(four) {
            table[usize::from(byte)] += 1;
        }
    }
    for &byte in rest {
        tables[0][usize::from(byte)] += 1;
    }
}

/// The collector.
#[derive(Debug)]
pub(super) struct WgsCollector {
    shared: Shared,
    contigs: Vec<(Histograms, u64)>,
    aligned: u64,
    capped: i64,
    sums: Sums,
    wheel: Option<Arc<Wheel>>,
    tries: Vec<Accepted>,
}

impl WgsCollector {
    pub(super) fn new(shared: Shared) -> Self {
        let contigs = shared.contigs.iter().map(|_| (Histograms::default(), 0)).collect();
        Self {
            shared,
            contigs,
            aligned: 0,
            capped: 0,
            sums: Sums::default(),
            wheel: None,
            tries: Vec::new(),
        }
    }

    /// What a reader has to know about contigs that the reference lacks.
    fn note(&self) -> Option<String> {
        let contigs = self.shared.contigs.iter().zip(&*self.shared.assessed);
        let lacking: Vec<&str> =
            contigs.filter(|(_, has)| !**has).map(|((name, _), _)| name.as_str()).collect();
        let named = lacking[..lacking.len().min(NAMED_CONTIGS)].join(", ");
        let more = lacking.len().saturating_sub(NAMED_CONTIGS);
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        let autosomes = if self.lacks_autosomes() { "; nor the autosomes together" } else { "" };
        (!lacking.is_empty()).then(|| {
            format!(
                "wgs does not assess contigs that the reference lacks: {named}{rest}{autosomes}"
            )
        })
    }

    /// Whether the reference lacks an autosome: what the others have together says nothing of the sample's.
    fn lacks_autosomes(&self) -> bool {
        let mut contigs = self.shared.contigs.iter().zip(&*self.shared.assessed);
        contigs.any(|((name, _), has)| {
            !has && matches!(ContigClass::of_name(name), ContigClass::Autosome(_))
        })
    }
}

impl Collector for WgsCollector {
    fn collect(&mut self, parcel: Parcel) -> Result<(), Problem> {
        let parcel = match parcel.downcast::<Whole>() {
            Ok(whole) => {
                let Whole { sums, wheel } = *whole;
                (self.sums, self.wheel) = (sums, wheel);
                return Ok(());
            }
            Err(parcel) => parcel,
        };
        match unpack::<Result<Done, Problem>>(parcel)?? {
            Done::Chunk { contig, histograms, aligned, capped } => {
                self.aligned += aligned;
                self.capped += capped;
                if let Some((own, _)) = self.contigs.get_mut(contig as usize) {
                    add(&mut own.passing, &histograms.passing);
                    add(&mut own.unfiltered, &histograms.unfiltered);
                }
            }
            Done::Territory { contig, known } => {
                if let Some((_, own)) = self.contigs.get_mut(contig as usize) {
                    *own += known;
                }
            }
            Done::Tries(tries) => self.tries.push(tries),
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, qc: &mut SampleQc) -> Result<(), Problem> {
        qc.notes.extend(self.note());
        self.sums.aligned += self.aligned;
        self.sums.capped += self.capped;
        let mut total = Histograms::default();
        let mut contigs = Vec::new();
        for (i, (mut own, known)) in std::mem::take(&mut self.contigs).into_iter().enumerate() {
            if !self.shared.assessed[i] {
                continue;
            }
            for histogram in [&mut own.passing, &mut own.unfiltered] {
                let covered: u64 = histogram.iter().sum();
                histogram[0] = known.saturating_sub(covered);
            }
            add(&mut total.passing, &own.passing);
            add(&mut total.unfiltered, &own.unfiltered);
            let name = self.shared.contigs[i].0.clone();
            contigs.push(WgsContig { name, histogram: own.passing });
        }
        let mut wgs = summarise(&total.passing, &self.sums);
        let tries = std::mem::take(&mut self.tries);
        wgs.het_snp_sensitivity =
            self.wheel.as_ref().map_or(0.0, |wheel| wheel.sensitivity(&tries, &total.unfiltered));
        wgs.het_snp_q = phred(1.0 - wgs.het_snp_sensitivity);
        wgs.autosomes = if self.lacks_autosomes() { None } else { autosomes(&contigs) };
        wgs.contigs = contigs;
        qc.wgs = Some(wgs);
        Ok(())
    }
}

fn add(sums: &mut [u64], more: &[u64]) {
    for (sum, more) in sums.iter_mut().zip(more) {
        *sum += more;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn depths_are_counted_one_by_one(
            bytes in prop::sample::select(vec![0_usize, 5, 1023, 9 * 1024, 20 * 1024 + 77]),
            deep in prop::collection::vec((0_usize..20 * 1024, 0_u8..=250), 0..4),
            seed in any::<u64>(),
        ) {
            let mut word = seed | 1;
            let mut depths: Vec<u8> = (0..bytes)
                .map(|_| {
                    word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    (word >> 40) as u8 % 50
                })
                .collect();
            for (place, depth) in deep {
                if let Some(own) = depths.get_mut(place) {
                    *own = depth;
                }
            }
            let (mut histogram, mut expected) = (vec![3; ROWS], vec![3; ROWS]);
            count(&depths, &mut histogram);
            for depth in depths {
                expected[usize::from(depth)] += 1;
            }
            prop_assert_eq!(histogram, expected);
        }
    }
}
