//! Definitions and thresholds of tumour biomarkers. A label is never printed without the numbers behind it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Sourced;
use crate::model::problem::Problem;
use crate::model::so::SoTerm;

/// All biomarkers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BiomarkerPolicy {
    /// Tumour mutational burden.
    pub burden: BurdenPolicy,
    /// Fit of mutational signatures.
    pub signatures: SignaturePolicy,
    /// Purity from shares of ALT reads.
    pub purity: PurityPolicy,
    /// Clusters of substitutions.
    pub kataegis: KataegisPolicy,
    /// Microsatellite instability.
    pub instability: InstabilityPolicy,
    /// Signs of germline variants.
    pub leakage: LeakagePolicy,
}

/// Tumour mutational burden.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BurdenPolicy {
    /// Terms that change the protein or a splice site, by Sequence Ontology name.
    pub non_synonymous: Sourced<Vec<String>>,
    /// Further terms within coding sequence.
    pub silent: Sourced<Vec<String>>,
    /// Insertions and deletions count below this length, bp.
    pub max_indel_bp: Sourced<f64>,
    /// Least depth of a base that was looked at well enough, where the denominator is measured.
    pub callable_depth: Sourced<f64>,
    /// The definitions, told side by side.
    #[serde(rename = "definition")]
    pub definitions: Vec<BurdenDefinition>,
}

/// One definition of the burden.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BurdenDefinition {
    /// Id.
    pub id: String,
    /// In words.
    pub title: String,
    /// Which variants count.
    pub counts: BurdenCounts,
    /// Least share of ALT reads of a variant that counts; variants whose reads are unknown count only at 0.
    #[serde(default)]
    pub min_share: f64,
    /// What the count is divided by.
    pub denominator: Denominator,
    /// Labels, the lowest first.
    #[serde(default, rename = "label")]
    pub labels: Vec<BurdenLabel>,
    /// Source id.
    pub source: String,
}

/// Which variants count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BurdenCounts {
    /// Those that change a protein or a splice site.
    NonSynonymous,
    /// All within coding sequence.
    Coding,
    /// Missense only.
    Missense,
    /// All of the genome.
    All,
}

impl BurdenCounts {
    /// True when it takes consequences to tell.
    pub fn needs_consequences(self) -> bool {
        self != Self::All
    }
}

/// What a burden is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Denominator {
    /// So many megabases, whatever was covered.
    Megabases(f64),
    /// Bases of the genome that both samples cover, by our own depth.
    CallableGenome,
    /// Bases of the gene model that both samples cover, by our own depth.
    CallableGenes,
    /// Bases of the case's target regions, whatever was covered; only variants within them count.
    Targets,
}

/// A label from a burden on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BurdenLabel {
    /// The label.
    pub name: String,
    /// Mutations a megabase.
    pub limit: f64,
    /// Whether the limit itself has the label.
    #[serde(default)]
    pub inclusive: bool,
}

/// Fit of mutational signatures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignaturePolicy {
    /// Fewer mutations make a fit unsure.
    pub min_mutations: Sourced<f64>,
    /// Contributions below this share are dropped and the others fitted again, 0 to 1.
    pub min_share: Sourced<f64>,
    /// Resamples behind an interval.
    pub bootstraps: Sourced<f64>,
}

/// Purity from shares of ALT reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PurityPolicy {
    /// Depth of a substitution that counts, as multiples of the mean depth of all: least and most.
    pub depth_range: Sourced<[f64; 2]>,
    /// Most units of a repeat at a substitution that counts.
    pub max_repeat_units: Sourced<f64>,
    /// Standard deviation of the kernel, share of reads.
    pub bandwidth: Sourced<f64>,
    /// Substitutions that a peak must have more of.
    pub min_peak_snvs: Sourced<f64>,
    /// Share of the substitutions that a peak must have more of, 0 to 1.
    pub min_peak_share: Sourced<f64>,
    /// Substitutions without which there is no estimate.
    pub min_snvs: Sourced<f64>,
    /// Below this share of tumour cells the sample is called low.
    pub low: Sourced<f64>,
    /// Resamples behind the range.
    pub bootstraps: Sourced<f64>,
}

/// Clusters of substitutions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KataegisPolicy {
    /// Id of the definition whose clusters go to results systems as regions of hypermutation.
    pub reported: Sourced<String>,
    /// Most points of the rainfall plot.
    pub max_points: Sourced<f64>,
    /// The definitions.
    #[serde(rename = "definition")]
    pub definitions: Vec<KataegisDefinition>,
}

/// One definition of a cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KataegisDefinition {
    /// Id.
    pub id: String,
    /// In words.
    pub title: String,
    /// Least substitutions.
    pub min_snvs: u32,
    /// Largest mean distance of neighbours, bp.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_mean_bp: Option<f64>,
    /// Largest distance of any neighbours, bp.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_gap_bp: Option<f64>,
    /// Only C>T and C>G behind a T count, on one strand within a cluster.
    #[serde(default)]
    pub tpc_only: bool,
    /// Source id.
    pub source: String,
}

/// Microsatellite instability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstabilityPolicy {
    /// Least share of ALT reads of an indel that counts.
    pub min_share: Sourced<f64>,
    /// REF and ALT of an indel that counts are shorter than this, bp.
    pub max_allele_bp: Sourced<f64>,
    /// Least units of a microsatellite around an indel, by length of the unit: 1, 2, 3 and 4 bp.
    pub min_units: Sourced<[f64; 4]>,
    /// Size of the genome, megabases.
    pub megabases: Sourced<f64>,
    /// Indels a megabase from which on a tumour is unstable.
    pub max_stable: Sourced<f64>,
    /// Microsatellites in reads.
    pub reads: InstabilityReads,
}

/// Microsatellites in reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstabilityReads {
    /// Least and most units of a homopolymer.
    pub homopolymer_units: Sourced<[f64; 2]>,
    /// Least units of a repeat of 2 to 5 bp.
    pub min_units: Sourced<f64>,
    /// Bases of a read on each side of the repeat, bp.
    pub flank_bp: Sourced<f64>,
    /// Least mapping quality, phred.
    pub min_mapping_quality: Sourced<f64>,
    /// Least reads of either sample.
    pub min_reads: Sourced<f64>,
    /// Largest false discovery rate of an unstable site, 0 to 1.
    pub max_fdr: Sourced<f64>,
    /// Percent of unstable sites from which on a tumour is unstable.
    pub max_stable_percent: Sourced<f64>,
    /// Fewer assessed sites give a score but no call.
    pub min_sites: Sourced<f64>,
    /// Most sites that the finder takes from the target regions.
    pub max_sites: Sourced<f64>,
}

/// Signs of germline variants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeakagePolicy {
    /// Frequency from which on a variant is common, 0 to 1.
    pub common: Sourced<f64>,
    /// Share of common variants above which the report warns.
    pub max_common_share: Sourced<f64>,
    /// Share of variants that the germline calls have above which the report warns.
    pub max_germline_share: Sourced<f64>,
    /// Shares of ALT reads of a heterozygous germline variant: least and most.
    pub half: Sourced<[f64; 2]>,
}

impl BiomarkerPolicy {
    /// Every number with its key and the most that it may be.
    fn numbers(&self) -> Vec<(&'static str, &Sourced<f64>, f64)> {
        let (purity, reads) = (&self.purity, &self.instability.reads);
        let (signatures, leakage) = (&self.signatures, &self.leakage);
        let huge = 1e9;
        vec![
            ("burden.max_indel_bp", &self.burden.max_indel_bp, huge),
            ("burden.callable_depth", &self.burden.callable_depth, huge),
            ("signatures.min_mutations", &signatures.min_mutations, huge),
            ("signatures.min_share", &signatures.min_share, 1.0),
            ("signatures.bootstraps", &signatures.bootstraps, 100_000.0),
            ("purity.max_repeat_units", &purity.max_repeat_units, huge),
            ("purity.bandwidth", &purity.bandwidth, 1.0),
            ("purity.min_peak_snvs", &purity.min_peak_snvs, huge),
            ("purity.min_peak_share", &purity.min_peak_share, 1.0),
            ("purity.min_snvs", &purity.min_snvs, huge),
            ("purity.low", &purity.low, 1.0),
            ("purity.bootstraps", &purity.bootstraps, 100_000.0),
            ("kataegis.max_points", &self.kataegis.max_points, 1e6),
            ("instability.min_share", &self.instability.min_share, 1.0),
            ("instability.max_allele_bp", &self.instability.max_allele_bp, huge),
            ("instability.megabases", &self.instability.megabases, huge),
            ("instability.max_stable", &self.instability.max_stable, huge),
            ("instability.reads.min_units", &reads.min_units, 1000.0),
            ("instability.reads.flank_bp", &reads.flank_bp, 1000.0),
            ("instability.reads.min_mapping_quality", &reads.min_mapping_quality, 254.0),
            ("instability.reads.min_reads", &reads.min_reads, 1e6),
            ("instability.reads.max_fdr", &reads.max_fdr, 1.0),
            ("instability.reads.max_stable_percent", &reads.max_stable_percent, 100.0),
            ("instability.reads.min_sites", &reads.min_sites, huge),
            ("instability.reads.max_sites", &reads.max_sites, huge),
            ("leakage.common", &leakage.common, 1.0),
            ("leakage.max_common_share", &leakage.max_common_share, 1.0),
            ("leakage.max_germline_share", &leakage.max_germline_share, 1.0),
        ]
    }

    /// Source ids.
    pub(super) fn sources(&self) -> Vec<&str> {
        let mut used: Vec<&str> =
            self.numbers().into_iter().map(|(_, number, _)| number.source.as_str()).collect();
        used.extend([
            self.burden.non_synonymous.source.as_str(),
            &self.burden.silent.source,
            &self.purity.depth_range.source,
            &self.kataegis.reported.source,
            &self.instability.min_units.source,
            &self.instability.reads.homopolymer_units.source,
            &self.leakage.half.source,
        ]);
        used.extend(self.burden.definitions.iter().map(|one| one.source.as_str()));
        used.extend(self.kataegis.definitions.iter().map(|one| one.source.as_str()));
        used
    }

    /// Numbers that compare with something, terms that exist, denominators above zero, ids that are there.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let wrong =
            |key: &str, what: String| Err(Problem::bad_data(format!("`biomarkers.{key}` {what}")));
        for (key, number, most) in self.numbers() {
            if !(0.0..=most).contains(&number.value) {
                return wrong(
                    key,
                    format!("is {}, but must be between 0 and {most}", number.value),
                );
            }
        }
        let positive = [
            ("purity.bandwidth", self.purity.bandwidth.value),
            ("instability.megabases", self.instability.megabases.value),
        ];
        for (key, value) in positive {
            if value <= 0.0 {
                return wrong(key, format!("is {value}, but must be above 0"));
            }
        }
        for term in self.burden.non_synonymous.value.iter().chain(&self.burden.silent.value) {
            if SoTerm::parse(term).is_none_or(|known| known.name() != term) {
                return wrong(
                    "burden",
                    format!("holds \"{term}\", no Sequence Ontology consequence"),
                );
            }
        }
        self.check_definitions()
    }

    fn check_definitions(&self) -> Result<(), Problem> {
        let mut ids = BTreeSet::new();
        for one in &self.burden.definitions {
            let bad = |what: &str| {
                let message = format!("`biomarkers.burden.definition` {} {what}", one.id);
                Err(Problem::bad_data(message))
            };
            if !ids.insert(one.id.as_str()) {
                return bad("stands twice");
            }
            if matches!(one.denominator, Denominator::Megabases(n) if !(n > 0.0 && n < 1e6)) {
                return bad("divides by no number of megabases above 0");
            }
            if !(0.0..=1.0).contains(&one.min_share) {
                return bad("has a `min_share` that is not between 0 and 1");
            }
        }
        let reported = &self.kataegis.reported.value;
        if !self.kataegis.definitions.iter().any(|one| one.id == *reported) {
            let known: Vec<&str> =
                self.kataegis.definitions.iter().map(|one| one.id.as_str()).collect();
            let message =
                format!("`biomarkers.kataegis.reported` is \"{reported}\", no definition");
            return Err(Problem::bad_data(message).help(format!("one of {}", known.join(", "))));
        }
        for one in &self.kataegis.definitions {
            if one.min_snvs < 2 || (one.max_mean_bp.is_none() && one.max_gap_bp.is_none()) {
                let message = format!(
                    "`biomarkers.kataegis.definition` {} needs at least 2 `min_snvs` and a `max_mean_bp` or `max_gap_bp`",
                    one.id
                );
                return Err(Problem::bad_data(message));
            }
        }
        Ok(())
    }
}
