//! What a store says about itself: where its values come from and which contigs it speaks of.

use serde::{Deserialize, Serialize};

use crate::model::contig::Assembly;

/// What a store holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Allele frequencies in populations.
    Frequencies,
    /// ClinVar's classifications.
    Clinvar,
}

impl Kind {
    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Frequencies => "frequencies",
            Self::Clinvar => "ClinVar",
        }
    }
}

/// A contig with variants in the store; on every other contig the store says nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreContig {
    /// Name as the source has it.
    pub name: String,
    /// Length in bp, when the source or the reference states it.
    pub length: Option<u32>,
    /// Variants of it.
    pub variants: u64,
}

/// A population of the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorePopulation {
    /// Name, upper case; `ALL` for everybody.
    pub name: String,
    /// INFO keys of the source: `AC_nfe/AN_nfe` or `AF_nfe`.
    pub from: String,
    /// Alleles are counted (AC and AN); otherwise the frequency is as the source writes it.
    pub counted: bool,
    /// INFO key of homozygotes, when the source counts them.
    pub homozygotes: Option<String>,
    /// INFO key of alleles in people with one X and one Y, when the source counts them: outside the pseudoautosomal
    /// regions of X and Y the number of hemizygotes.
    pub hemizygotes: Option<String>,
}

/// What was met while a store was built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// Records read.
    pub records: u64,
    /// Variants kept.
    pub variants: u64,
    /// Variants whose site did not pass the source's filters; they are kept with the names of the filters.
    pub failed: u64,
    /// ALTs that are no variants (`*`), left out.
    pub spanning: u64,
    /// Symbolic ALTs and breakends, left out.
    pub symbolic: u64,
    /// Variants that came more than once and were kept once.
    pub duplicates: u64,
}

impl Tally {
    /// Adds another stretch.
    pub fn add(&mut self, other: &Self) {
        self.records += other.records;
        self.variants += other.variants;
        self.failed += other.failed;
        self.spanning += other.spanning;
        self.symbolic += other.symbolic;
        self.duplicates += other.duplicates;
    }
}

/// Everything about a store but its variants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meta {
    /// What it holds.
    pub kind: Kind,
    /// Name of the dataset, as policies call it: `gnomad_exomes`.
    pub dataset: String,
    /// Version of the dataset.
    pub version: String,
    /// Assembly of the positions.
    pub assembly: Assembly,
    /// True when indels were moved left against a reference; otherwise they stand as far left as the source put them.
    pub left_aligned: bool,
    /// Names of the source files, in the order read.
    pub sources: Vec<String>,
    /// Populations; none for ClinVar.
    pub populations: Vec<StorePopulation>,
    /// INFO keys kept as text, for ClinVar.
    pub texts: Vec<String>,
    /// Contigs that it speaks of.
    pub contigs: Vec<StoreContig>,
    /// What was met.
    pub tally: Tally,
}

/// Columns of numbers of one population.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PopulationColumns {
    /// Columns of AC and AN among the whole numbers.
    pub(crate) counts: Option<(usize, usize)>,
    /// Column among the fractions.
    pub(crate) fraction: Option<usize>,
    pub(crate) homozygotes: Option<usize>,
    pub(crate) hemizygotes: Option<usize>,
}

/// Which columns a store has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Columns {
    /// Columns of each population.
    pub(crate) populations: Vec<PopulationColumns>,
    /// Columns of whole numbers.
    pub(crate) numbers: usize,
    /// Columns of fractions.
    pub(crate) fractions: usize,
    /// Columns of texts, FILTER included.
    pub(crate) texts: usize,
}

impl Columns {
    pub(crate) fn of(populations: &[StorePopulation], texts: &[String]) -> Self {
        let (mut numbers, mut fractions) = (0, 0);
        let next = |n: &mut usize| {
            *n += 1;
            *n - 1
        };
        let populations = populations
            .iter()
            .map(|population| PopulationColumns {
                counts: population.counted.then(|| (next(&mut numbers), next(&mut numbers))),
                fraction: (!population.counted).then(|| next(&mut fractions)),
                homozygotes: population.homozygotes.is_some().then(|| next(&mut numbers)),
                hemizygotes: population.hemizygotes.is_some().then(|| next(&mut numbers)),
            })
            .collect();
        Self { populations, numbers, fractions, texts: texts.len() + 1 }
    }
}
