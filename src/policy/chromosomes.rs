//! Uniparental disomy, runs of homozygosity and numbers of chromosomes.

use serde::{Deserialize, Serialize};

use super::Sourced;
use crate::model::problem::Problem;

/// What counts, and who is told of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChromosomePolicy {
    /// Of whom findings are reported.
    pub members: Sourced<Reported>,
    /// Least quality of a genotype that counts, phred; a genotype without the value counts, a homozygous reference one only where
    /// its depth is told or FORMAT has neither.
    pub min_genotype_quality: Sourced<f64>,
    /// Least depth of a genotype that counts; a genotype without the value counts.
    pub min_depth: Sourced<f64>,
    /// Length of the windows in which sites are counted, bp.
    pub window_bp: Sourced<f64>,
    /// Share of informative sites that are wrong by chance, at the least.
    pub error_rate: Sourced<f64>,
    /// A median chromosome with a greater share of contradicting sites leaves everything unassessed.
    pub max_error_rate: Sourced<f64>,
    /// Most that one window says for or against, natural logarithm of the likelihood ratio.
    pub window_evidence: Sourced<f64>,
    /// What a change between inheritance from both and from one parent costs, natural logarithm.
    pub change_evidence: Sourced<f64>,
    /// Least evidence of a segment, natural logarithm of the likelihood ratio.
    pub min_evidence: Sourced<f64>,
    /// Least number of sites of a segment that contradict one parent.
    pub min_segment_sites: Sourced<f64>,
    /// Least length of a segment, bp.
    pub min_segment_bp: Sourced<f64>,
    /// Least number of informative sites of a chromosome.
    pub min_sites: Sourced<f64>,
    /// Least share of a chromosome's stretches that hold sites.
    pub min_covered: Sourced<f64>,
    /// Segments of at least this share of the chromosome's informative windows are the whole chromosome.
    pub complete_share: Sourced<f64>,
    /// More chromosomes with segments put the relation in doubt, not the chromosomes.
    pub max_chromosomes: Sourced<f64>,
    /// Share of a segment that losses of a copy-number caller have to cover to explain it.
    pub loss_overlap: Sourced<f64>,
    /// Chromosomes on which the parent of origin matters, `1` to `22`.
    pub imprinted: Sourced<Vec<u8>>,
    /// Least length of a run of homozygosity, bp.
    pub min_run_bp: Sourced<f64>,
    /// A run of at least this length on a single chromosome is told as a hint, bp.
    pub hint_run_bp: Sourced<f64>,
    /// Distance of twice the relative depth from a whole number within which a number of copies is told.
    pub copies_tolerance: Sourced<f64>,
    /// Least share of a contig's bases with reads.
    pub min_depth_covered: Sourced<f64>,
}

/// Of whom findings are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reported {
    /// The proband alone.
    Proband,
    /// Everybody who is affected, and the proband.
    Affected,
    /// Every member.
    All,
}

impl ChromosomePolicy {
    /// Numbers by name with their bounds.
    fn numbers(&self) -> [(&'static str, &Sourced<f64>, [f64; 2]); 19] {
        const BP: [f64; 2] = [1.0, 1e9];
        const LOG: [f64; 2] = [0.1, 1e6];
        const SHARE: [f64; 2] = [0.0, 1.0];
        const COUNT: [f64; 2] = [1.0, 1e9];
        [
            ("min_genotype_quality", &self.min_genotype_quality, [0.0, 1e4]),
            ("min_depth", &self.min_depth, [0.0, 1e6]),
            ("window_bp", &self.window_bp, [1e5, 1e8]),
            ("error_rate", &self.error_rate, [1e-6, 0.2]),
            ("max_error_rate", &self.max_error_rate, [1e-6, 0.2]),
            ("window_evidence", &self.window_evidence, LOG),
            ("change_evidence", &self.change_evidence, LOG),
            ("min_evidence", &self.min_evidence, LOG),
            ("min_segment_sites", &self.min_segment_sites, COUNT),
            ("min_segment_bp", &self.min_segment_bp, BP),
            ("min_sites", &self.min_sites, COUNT),
            ("min_covered", &self.min_covered, SHARE),
            ("complete_share", &self.complete_share, SHARE),
            ("max_chromosomes", &self.max_chromosomes, [1.0, 22.0]),
            ("loss_overlap", &self.loss_overlap, SHARE),
            ("min_run_bp", &self.min_run_bp, BP),
            ("hint_run_bp", &self.hint_run_bp, BP),
            ("copies_tolerance", &self.copies_tolerance, [0.0, 0.5]),
            ("min_depth_covered", &self.min_depth_covered, SHARE),
        ]
    }

    /// Numbers lie where they can, and imprinted chromosomes are autosomes.
    ///
    /// # Errors
    ///
    /// The first fault.
    pub(super) fn check(&self) -> Result<(), Problem> {
        for (key, number, [least, most]) in self.numbers() {
            let value = number.value;
            if !(least..=most).contains(&value) {
                return Err(Problem::bad_data(format!(
                    "`chromosomes.{key}` is {value}, but must be between {least} and {most}"
                )));
            }
        }
        match self.imprinted.value.iter().find(|number| !(1..=22).contains(*number)) {
            Some(number) => Err(Problem::bad_data(format!(
                "`chromosomes.imprinted` names {number}, but autosomes are 1 to 22"
            ))),
            None => Ok(()),
        }
    }

    /// Source ids.
    pub(super) fn sources(&self) -> Vec<&str> {
        let numbers = self.numbers();
        let numbers = numbers.iter().map(|(_, number, _)| number.source.as_str());
        let others = [self.members.source.as_str(), self.imprinted.source.as_str()];
        numbers.chain(others).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::layers::{Layers, resolve};
    use super::super::{PRESETS, Policy};

    #[test]
    fn numbers_out_of_range_and_other_chromosomes_are_refused() {
        let resolved = |set: &str| {
            let set = [set.to_owned()];
            resolve(Layers { preset: "gms-rd", file: None, set: &set })
        };
        for (set, told) in [
            ("chromosomes.min_covered=1.5", "`chromosomes.min_covered` is 1.5"),
            ("chromosomes.window_bp=10", "`chromosomes.window_bp` is 10"),
            ("chromosomes.imprinted=[23]", "`chromosomes.imprinted` names 23"),
            ("chromosomes.members=\"mother\"", "mother"),
        ] {
            let problem = resolved(set).unwrap_err();
            assert!(problem.to_string().contains(told), "{problem}");
        }
        assert!(resolved("chromosomes.members=\"affected\"").is_ok());
    }

    #[test]
    fn only_germline_policies_ask() {
        for (id, _) in PRESETS {
            let asks = Policy::preset(id).unwrap().chromosomes.is_some();
            assert_eq!(asks, matches!(*id, "gms-rd" | "100k-rd"), "{id}");
        }
    }
}
