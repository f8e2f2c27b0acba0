//! Which reads count in the second look at candidates, and what they may refute.

use serde::{Deserialize, Serialize};

use super::Sourced;
use super::fields::in_range;
use crate::model::evidence::SiteReads;
use crate::model::genotype::Call;
use crate::model::problem::Problem;

/// Limits of the second look at the reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadPolicy {
    /// Least mapping quality of a read, phred.
    pub min_mapping_quality: Sourced<f64>,
    /// Least base quality at the site, phred; for agreeing overlapping mates their sum.
    pub min_base_quality: Sourced<f64>,
    /// Most reads that are looked at over one variant, in the order of the file; the others are counted as beyond the cap.
    pub max_depth: Sourced<f64>,
    /// Bases of a read that are compared with the haplotypes on each side of an indel.
    pub flank_bp: Sourced<f64>,
    /// Longest REF or ALT that reads are asked about, bp.
    pub max_allele_bp: Sourced<f64>,
    /// How much likelier one haplotype must be for a read to count for it, as a power of ten; below it the read is ambiguous.
    pub min_log10_ratio: Sourced<f64>,
    /// Cost of opening a gap in a read, phred.
    pub gap_open: Sourced<f64>,
    /// Cost of each further base of a gap, phred.
    pub gap_extend: Sourced<f64>,
    /// Least depth at which reads without a single ALT contradict a call that has it.
    pub min_contradicting_depth: Sourced<f64>,
    /// Share of ALT reads from which on a member carries the variant, whatever the call says; with more ALT reads than
    /// `max_error_reads`.
    pub carrier_fraction: Sourced<f64>,
    /// ALT reads that may be errors in a member who lacks the variant.
    pub max_error_reads: Sourced<f64>,
}

impl ReadPolicy {
    /// Keys with values and the most that they may be.
    fn numbers(&self) -> [(&'static str, &Sourced<f64>, f64); 11] {
        [
            ("reads.min_mapping_quality", &self.min_mapping_quality, 254.0),
            ("reads.min_base_quality", &self.min_base_quality, 93.0),
            ("reads.max_depth", &self.max_depth, 1e6),
            ("reads.flank_bp", &self.flank_bp, 1000.0),
            ("reads.max_allele_bp", &self.max_allele_bp, 1000.0),
            ("reads.min_log10_ratio", &self.min_log10_ratio, 100.0),
            ("reads.gap_open", &self.gap_open, 100.0),
            ("reads.gap_extend", &self.gap_extend, 100.0),
            ("reads.min_contradicting_depth", &self.min_contradicting_depth, 1e6),
            ("reads.carrier_fraction", &self.carrier_fraction, 1.0),
            ("reads.max_error_reads", &self.max_error_reads, 1e6),
        ]
    }

    /// What the reads say against the call, in words without identifiers. The call stays as it is.
    pub fn conflict(&self, call: &Call) -> Option<String> {
        let reads = call.counted()?;
        let (dosage, depth) = (call.dosage(), reads.depth());
        if dosage.carries() && self.lacks(reads) {
            return Some(format!("called with the ALT, but none of {depth} reads has it"));
        }
        let n = reads.alternate.count();
        if dosage.lacks() && self.is_carried(n, depth) {
            return Some(format!("called without the ALT, but {n} of {depth} reads have it"));
        }
        let homozygous = dosage.ploidy >= 2 && dosage.min == dosage.ploidy;
        let n = reads.reference.count();
        (homozygous && self.is_carried(n, depth))
            .then(|| format!("called homozygous, but {n} of {depth} reads have the reference"))
    }

    /// So many reads without the variant that a carrier would have shown it.
    pub fn lacks(&self, reads: &SiteReads) -> bool {
        reads.alternate.count() == 0
            && f64::from(reads.depth()) >= self.min_contradicting_depth.value
    }

    /// So many of `depth` reads show an allele that they are no errors.
    fn is_carried(&self, reads: u32, depth: u32) -> bool {
        let share = f64::from(reads) / f64::from(depth.max(1));
        f64::from(reads) > self.max_error_reads.value && share >= self.carrier_fraction.value
    }

    /// Source ids of all values.
    pub(super) fn sources(&self) -> impl Iterator<Item = &str> {
        self.numbers().into_iter().map(|(_, value, _)| value.source.as_str())
    }

    /// Numbers that compare with nothing, or that would make the haplotypes' model none.
    ///
    /// # Errors
    ///
    /// The first one.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let positive = |key: &str| matches!(key, "reads.gap_open" | "reads.gap_extend");
        self.numbers().into_iter().try_for_each(|(key, number, most)| {
            let least = if positive(key) { 4.0 } else { 0.0 };
            in_range(key, number.value, least, most)
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::model::evidence::{ReadEvidence, ReadMethod, SiteReads};
    use crate::model::genotype::{Call, Genotype};
    use crate::policy::Policy;

    #[test]
    fn reads_contradict_calls_only_beyond_errors() {
        let policy = Policy::preset("gms-rd").unwrap().reads.unwrap();
        let told = |genotype: &str, reference, alternate| {
            let mut reads = SiteReads::new(ReadMethod::Bases);
            (reads.reference.forward, reads.alternate.reverse) = (reference, alternate);
            let genotype = Genotype::parse(genotype, 1).unwrap();
            let reads = Some(Box::new(ReadEvidence::Counted(reads)));
            policy.conflict(&Call { genotype, reads, ..Call::default() })
        };
        let with = "called with the ALT, but none of 30 reads has it";
        assert_eq!(told("0/1", 30, 0).as_deref(), Some(with));
        assert_eq!(told("0/1", 19, 0), None, "too shallow to contradict");
        assert_eq!(told("0/1", 29, 1), None);
        let without = "called without the ALT, but 6 of 30 reads have it";
        assert_eq!(told("0/0", 24, 6).as_deref(), Some(without));
        assert_eq!(told("0/0", 25, 5), None, "a share that errors or a mosaic may have");
        assert_eq!(told("0/0", 1, 1), None);
        assert_eq!(told("./.", 0, 30), None, "nothing was called");
        let homozygous = "called homozygous, but 12 of 30 reads have the reference";
        assert_eq!(told("1/1", 12, 18).as_deref(), Some(homozygous));
        assert_eq!(told("1/1", 1, 29), None);
        assert_eq!(told("1", 12, 18), None, "one copy: the other is another matter");
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        for id in ["gms-rd", "100k-rd", "newborn"] {
            let mut policy = Policy::preset(id).unwrap();
            assert_eq!(policy.check(), Ok(()), "{id}");
            let reads = policy.reads.as_mut().unwrap();
            reads.gap_open.value = 0.0;
            let message = policy.check().unwrap_err().to_string();
            assert!(message.contains("`reads.gap_open` is 0"), "{message}");
        }
    }
}
