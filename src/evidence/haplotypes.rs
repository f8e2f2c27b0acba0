//! A pair hidden Markov model of reads against two haplotypes: the reference around an indel, and the same with the indel.
//!
//! METHOD: an aligner places gaps read by read, and clips ends rather than open a gap near them; the likelihood of a read
//! under each haplotype, summed over all alignments, does not depend on where it did. Emissions are those of the base
//! qualities; gaps cost what GATK's model takes.

use bio::stats::pairhmm::{
    EmissionParameters, GapParameters, PairHMM, StartEndGapParameters, XYEmission,
};
use bio::stats::{LogProb, Prob};

use super::limits::Limits;
use super::place::{self, Part};
use crate::model::read::ReadView;

/// Edits beyond which a read is said to fit a haplotype not at all; keeps the model to a band. A read of 150 bases at the
/// highest error rates that are of use has fewer.
const MOST_EDITS: usize = 20;
/// Quality of bases whose quality is not known, phred.
const UNKNOWN_QUALITY: u8 = 20;
/// Largest base quality that is believed, phred: beyond it library errors outweigh those of reading.
const MOST_QUALITY: u8 = 40;
/// Smallest one, so that no base counts for nothing.
const LEAST_QUALITY: u8 = 2;

/// The two haplotypes around an indel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Haplotypes {
    /// Without the indel.
    pub reference: Vec<u8>,
    /// With it.
    pub alternate: Vec<u8>,
}

/// The likelihoods of one read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likelihoods {
    /// Natural logarithm of that under the reference.
    pub reference: f64,
    /// Natural logarithm of that under the ALT.
    pub alternate: f64,
    /// Natural logarithm of that of a read without any error.
    pub perfect: f64,
}

impl Likelihoods {
    /// ALT over reference, as a natural logarithm; 0 when the read fits neither.
    pub fn ratio(&self) -> f64 {
        match (self.reference.is_finite(), self.alternate.is_finite()) {
            (false, false) => 0.0,
            // One of them lies outside the band: beyond any limit, and finite, so that mates can be added.
            (false, true) => BEYOND,
            (true, false) => -BEYOND,
            (true, true) => self.alternate - self.reference,
        }
    }

    /// What the better haplotype is worse than a perfect read, as a natural logarithm.
    pub fn loss(&self) -> f64 {
        self.perfect - self.reference.max(self.alternate)
    }
}

/// A logarithm of a ratio that stands for certainty.
const BEYOND: f64 = 500.0;

/// The model with its memory; one a thread.
#[derive(Debug)]
pub struct Model {
    hmm: PairHMM,
    emissions: Vec<(LogProb, LogProb)>,
    bases: Vec<u8>,
    qualities: Vec<u8>,
}

struct Gaps {
    open: LogProb,
    extend: LogProb,
}

impl GapParameters for Gaps {
    fn prob_gap_x(&self) -> LogProb {
        self.open
    }
    fn prob_gap_y(&self) -> LogProb {
        self.open
    }
    fn prob_gap_x_extend(&self) -> LogProb {
        self.extend
    }
    fn prob_gap_y_extend(&self) -> LogProb {
        self.extend
    }
}

/// A read (y) may lie anywhere in a haplotype (x).
struct Within;

impl StartEndGapParameters for Within {
    fn free_start_gap_x(&self) -> bool {
        true
    }
    fn free_end_gap_x(&self) -> bool {
        true
    }
}

struct Pair<'a> {
    haplotype: &'a [u8],
    read: &'a [u8],
    qualities: &'a [u8],
    emissions: &'a [(LogProb, LogProb)],
}

impl EmissionParameters for Pair<'_> {
    fn prob_emit_xy(&self, i: usize, j: usize) -> XYEmission {
        let (x, y) = (self.haplotype[i], self.read[j]);
        let (same, different) = self.emissions[usize::from(self.qualities[j])];
        // A base that was not read, or that the reference does not know, speaks for no haplotype.
        if x == y || x == b'N' || y == b'N' {
            XYEmission::Match(same)
        } else {
            XYEmission::Mismatch(different)
        }
    }
    fn prob_emit_x(&self, _: usize) -> LogProb {
        LogProb::ln_one()
    }
    fn prob_emit_y(&self, _: usize) -> LogProb {
        LogProb::ln_one()
    }
    fn len_x(&self) -> usize {
        self.haplotype.len()
    }
    fn len_y(&self) -> usize {
        self.read.len()
    }
}

fn phred(quality: f64) -> LogProb {
    LogProb::from(Prob(10_f64.powf(-quality / 10.0)))
}

impl Model {
    /// A model with the gap costs of the limits.
    pub fn new(limits: &Limits) -> Self {
        let gaps = Gaps { open: phred(limits.gap_open), extend: phred(limits.gap_extend) };
        let emission = |quality: u8| {
            let error = 10_f64.powf(-f64::from(quality) / 10.0);
            (LogProb::from(Prob(1.0 - error)), LogProb::from(Prob(error / 3.0)))
        };
        Self {
            hmm: PairHMM::new(&gaps),
            emissions: (0..=MOST_QUALITY)
                .map(|quality| emission(quality.max(LEAST_QUALITY)))
                .collect(),
            bases: Vec::new(),
            qualities: Vec::new(),
        }
    }

    /// The likelihoods of a part of a read.
    pub(super) fn of_read(
        &mut self,
        haplotypes: &Haplotypes,
        read: ReadView<'_>,
        part: Part,
    ) -> Likelihoods {
        let mut bases = std::mem::take(&mut self.bases);
        let mut qualities = std::mem::take(&mut self.qualities);
        bases.clear();
        qualities.clear();
        bases.extend((part.from..part.to).map(|i| place::base(read, i)));
        let known = read.qualities().get(part.from..part.to).unwrap_or_default();
        qualities.extend_from_slice(known);
        let likelihoods = self.likelihoods(haplotypes, &bases, &mut qualities);
        (self.bases, self.qualities) = (bases, qualities);
        likelihoods
    }

    /// The likelihoods of these bases (upper-case letters) with their qualities (phred, 255 for not known); missing
    /// qualities count as not known, and all are brought into the range that is believed.
    pub fn likelihoods(
        &mut self,
        haplotypes: &Haplotypes,
        bases: &[u8],
        qualities: &mut Vec<u8>,
    ) -> Likelihoods {
        qualities.resize(bases.len(), 255);
        for quality in qualities.iter_mut() {
            let known = if *quality == 255 { UNKNOWN_QUALITY } else { *quality };
            *quality = known.clamp(LEAST_QUALITY, MOST_QUALITY);
        }
        let mut of = |haplotype: &[u8]| {
            let emissions = &self.emissions;
            let pair = Pair { haplotype, read: bases, qualities, emissions };
            *self.hmm.prob_related(&pair, &Within, Some(MOST_EDITS))
        };
        let (reference, alternate) = (of(&haplotypes.reference), of(&haplotypes.alternate));
        let perfect =
            qualities.iter().map(|&quality| *self.emissions[usize::from(quality)].0).sum();
        Likelihoods { reference, alternate, perfect }
    }
}
