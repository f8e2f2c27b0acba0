//! Limits of identity checks, as data (`presets/identity.toml`) with a source beside every number.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::Sourced;
use crate::model::problem::Problem;

const TEXT: &str = include_str!("presets/identity.toml");

/// All limits of identity checks.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityLimits {
    /// Name.
    pub id: String,
    /// Version, changed whenever an answer can change.
    pub version: String,
    /// One line for people.
    pub title: String,
    /// Source id to citation.
    pub sources: BTreeMap<String, String>,
    /// Genotypes from counts.
    pub genotype: GenotypeLimits,
    /// Contamination from reads.
    pub contamination: ContaminationLimits,
    /// Contamination from homozygous alternate sites.
    pub charr: CharrLimits,
    /// Relations.
    pub relation: RelationLimits,
    /// Sex by X genotypes.
    pub sex: SexLimits,
    /// Mendelian errors.
    pub mendel: MendelLimits,
    /// Tumour against normal.
    pub concordance: ConcordanceLimits,
    /// Tumour cells in the normal sample.
    pub tumour_in_normal: TumourInNormalLimits,
}

/// When counts of bases, or a call, are a genotype.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenotypeLimits {
    /// Least number of bases of the two alleles.
    pub min_depth: Sourced<u32>,
    /// A homozygous site has less than this share of the other allele.
    pub max_homozygous_share: Sourced<f64>,
    /// Least share of alternate bases at a heterozygous site.
    pub min_heterozygous_share: Sourced<f64>,
    /// Greatest share of alternate bases at a heterozygous site.
    pub max_heterozygous_share: Sourced<f64>,
    /// Greatest share of bases of neither allele.
    pub max_other_share: Sourced<f64>,
    /// Least quality of a called genotype, phred.
    pub min_genotype_quality: Sourced<f64>,
}

/// Contamination by likelihood.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContaminationLimits {
    /// Least number of sites with bases.
    pub min_sites: Sourced<u32>,
    /// Least number of sites where the normal sample is homozygous, for a tumour.
    pub min_tumour_sites: Sourced<u32>,
    /// Sites whose depth is farther from the mean than so many standard deviations do not count.
    pub depth_deviations: Sourced<f64>,
    /// Least posterior probability of a homozygous genotype of the normal sample.
    pub min_homozygous_posterior: Sourced<f64>,
}

/// Contamination from homozygous alternate sites.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CharrLimits {
    /// Least number of homozygous alternate sites.
    pub min_sites: Sourced<u32>,
    /// Least depth of a site.
    pub min_depth: Sourced<u32>,
    /// Greatest depth of a site.
    pub max_depth: Sourced<u32>,
    /// Least quality of a base of reads, phred.
    pub min_base_quality: Sourced<u8>,
    /// Least frequency of the reference allele.
    pub min_reference_frequency: Sourced<f64>,
    /// Greatest frequency of the reference allele.
    pub max_reference_frequency: Sourced<f64>,
    /// Greatest probability that a heterozygous site shows so few of the other allele.
    pub max_heterozygous_tail: Sourced<f64>,
}

/// What a relation looks like.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelationLimits {
    /// Least number of sites with a genotype in both.
    pub min_sites: Sourced<u32>,
    /// Least kinship of one person.
    pub same_person: Sourced<f64>,
    /// Least kinship of the first degree.
    pub first_degree: Sourced<f64>,
    /// Least kinship of the second degree.
    pub second_degree: Sourced<f64>,
    /// Least kinship of the third degree.
    pub third_degree: Sourced<f64>,
    /// Standard errors by which kinship of the second and third degree has to exceed none.
    pub min_deviations: Sourced<f64>,
    /// Most opposite homozygotes for each heterozygote between parent and child.
    pub parent_child_ibs0: Sourced<f64>,
    /// Least number of autosomes with sites for telling siblings from parent and child.
    pub min_contigs: Sourced<u32>,
    /// Least relatedness of a pair in the tables of many samples.
    pub listed_relatedness: Sourced<f64>,
}

/// Sex by heterozygous X genotypes for each homozygous alternate one.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SexLimits {
    /// Least number of homozygous alternate X genotypes.
    pub min_hom_alts: Sourced<u32>,
    /// Below this ratio the sample is male.
    pub max_male_ratio: Sourced<f64>,
    /// Above this ratio the sample is female.
    pub min_female_ratio: Sourced<f64>,
}

/// Mendelian errors.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MendelLimits {
    /// Least number of sites.
    pub min_sites: Sourced<u32>,
    /// A greater rate warns.
    pub warn_rate: Sourced<f64>,
    /// A greater rate fails.
    pub fail_rate: Sourced<f64>,
}

/// Tumour against normal.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConcordanceLimits {
    /// Least depth of a site in both.
    pub min_depth: Sourced<u32>,
    /// Least number of sites.
    pub min_sites: Sourced<u32>,
    /// A smaller share of agreeing homozygous sites warns.
    pub warn_share: Sourced<f64>,
    /// A smaller share is another person.
    pub fail_share: Sourced<f64>,
}

/// Tumour cells in the normal sample.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TumourInNormalLimits {
    /// Least number of clonal somatic variants.
    pub min_variants: Sourced<u32>,
    /// Least depth of a variant in both samples.
    pub min_depth: Sourced<u32>,
    /// Share of bases that show a variant by error.
    pub error_share: Sourced<f64>,
    /// Least share of the variants in the clonal cluster.
    pub min_clonal_share: Sourced<f64>,
    /// Greatest share of alternate reads of the clonal cluster.
    pub max_clonal_fraction: Sourced<f64>,
}

impl IdentityLimits {
    /// The limits that ship with the program, read once.
    ///
    /// # Errors
    ///
    /// None in practice: a test reads them.
    pub fn preset() -> Result<&'static Self, Problem> {
        static LIMITS: LazyLock<Result<IdentityLimits, Problem>> = LazyLock::new(|| {
            toml::from_str(TEXT)
                .map_err(|e| Problem::bad_data(e.message().to_owned()).in_file("preset identity"))
        });
        LIMITS.as_ref().map_err(Clone::clone)
    }

    /// Every value of them, as its record in a run.
    ///
    /// # Errors
    ///
    /// As [`IdentityLimits::preset`].
    pub fn values() -> Result<serde_json::Value, Problem> {
        toml::from_str(TEXT)
            .map_err(|e| Problem::bad_data(e.message().to_owned()).in_file("preset identity"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preset_reads_and_every_source_is_listed_and_used() {
        let limits = IdentityLimits::preset().unwrap();
        let mut used: Vec<&str> = TEXT
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split("source = \"").nth(1)?.split('"').next())
            .collect();
        used.sort_unstable();
        used.dedup();
        let listed: Vec<&str> = limits.sources.keys().map(String::as_str).collect();
        assert_eq!(used, listed);
    }

    #[test]
    fn kinship_bounds_fall_from_degree_to_degree() {
        let relation = &IdentityLimits::preset().unwrap().relation;
        let bounds = [
            relation.same_person.value,
            relation.first_degree.value,
            relation.second_degree.value,
            relation.third_degree.value,
        ];
        assert!(bounds.is_sorted_by(|a, b| a > b), "{bounds:?}");
    }
}
