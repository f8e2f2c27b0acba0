//! Policy lists in the shape that loops over millions of variants need: no text is compared and nothing is allocated.

use std::ops::Range;

use super::germline::NonCodingPolicy;
use super::{ConsequencePolicy, FrequencyPolicy, LimitClass, Policy, Purpose};
use crate::model::annotation::{Consequence, Frequency};
use crate::model::contig::ContigId;
use crate::model::reason::Comparison;
use crate::model::so::SoTerm;

/// Class of a consequence term. Ordered most severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TermClass {
    /// In the policy's high list.
    High,
    /// In the policy's moderate list.
    Moderate,
    /// In a gene whose product is RNA.
    NonCoding,
    /// In no list, but known to cause disease.
    Known,
}

/// Every consequence term with its class.
#[derive(Clone, Debug)]
pub struct Terms {
    classes: [Option<TermClass>; SoTerm::COUNT],
    biotypes: Vec<String>,
    canonical_only: bool,
    rna: [bool; SoTerm::COUNT],
    rna_biotypes: Vec<String>,
}

/// The variant lies within the transcript, and not only beside it.
pub fn is_inside(one: &Consequence) -> bool {
    let beside = ["upstream_gene_variant", "downstream_gene_variant", "intergenic_variant"];
    one.terms.iter().any(|term| !beside.contains(&term.name()))
}

impl Terms {
    /// Looks every term up once.
    pub fn new(policy: &ConsequencePolicy) -> Self {
        let mut classes = [None; SoTerm::COUNT];
        for term in SoTerm::all() {
            classes[term.index()] = if policy.is_high(term) {
                Some(TermClass::High)
            } else {
                policy.is_moderate(term).then_some(TermClass::Moderate)
            };
        }
        Self {
            classes,
            biotypes: policy.biotypes.value.clone(),
            canonical_only: policy.canonical_only.value,
            rna: [false; SoTerm::COUNT],
            rna_biotypes: Vec::new(),
        }
    }

    /// The same with genes whose product is RNA.
    #[must_use]
    pub fn with_non_coding(mut self, policy: Option<&NonCodingPolicy>) -> Self {
        let Some(policy) = policy else { return self };
        for term in SoTerm::all() {
            self.rna[term.index()] = policy.terms.value.iter().any(|name| name == term.name());
        }
        self.rna_biotypes.clone_from(&policy.biotypes.value);
        self
    }

    /// Consequence `i` of the list counts as one in a gene whose product is RNA: the transcript and no other one of its
    /// gene is coding.
    pub fn is_non_coding_at(&self, all: &[Consequence], i: usize) -> bool {
        let one = &all[i];
        let within = |list: &[String], one: &Consequence| {
            one.biotype.as_ref().is_some_and(|biotype| list.contains(biotype))
        };
        within(&self.rna_biotypes, one)
            && one.terms.iter().any(|term| self.rna[term.index()])
            && !all.iter().any(|x| x.gene.key() == one.gene.key() && within(&self.biotypes, x))
    }

    /// Consequence `i` lies within a transcript that counts at all, coding or RNA.
    pub fn is_within_at(&self, all: &[Consequence], i: usize) -> bool {
        let one = &all[i];
        let biotype = one.biotype.as_deref();
        let listed = |list: &[String]| biotype.is_none_or(|b| list.iter().any(|known| known == b));
        is_inside(one)
            && (listed(&self.biotypes) || listed(&self.rna_biotypes))
            && self.is_chosen(all, one)
    }

    /// Class of a term; `None` for terms that do not count.
    pub fn class(&self, term: SoTerm) -> Option<TermClass> {
        self.classes[term.index()]
    }

    /// Class of consequence `i` of the list, with biotype and canonical transcript taken into account.
    pub fn class_at(&self, all: &[Consequence], i: usize) -> Option<TermClass> {
        let one = &all[i];
        let class = one.terms.iter().filter_map(|&term| self.class(term)).min()?;
        let biotype = one.biotype.as_deref();
        let counts = biotype.is_none_or(|b| self.biotypes.iter().any(|listed| listed == b));
        (counts && self.is_chosen(all, one)).then_some(class)
    }

    /// Where only canonical transcripts count: MANE Select of the gene, else canonical, else (none marked) any.
    fn is_chosen(&self, all: &[Consequence], one: &Consequence) -> bool {
        if !self.canonical_only || one.mane_select {
            return true;
        }
        let mut gene = all.iter().filter(|other| other.gene.key() == one.gene.key());
        if gene.clone().any(|other| other.mane_select) {
            return false;
        }
        one.canonical || !gene.any(|other| other.canonical)
    }
}

/// One population with its limits.
#[derive(Clone, Debug)]
struct Row {
    dataset: usize,
    name: String,
    limits: [Option<f64>; CLASSES],
    source: String,
}

const CLASSES: usize = 4;

fn slot(class: LimitClass) -> usize {
    match class {
        LimitClass::Dominant => 0,
        LimitClass::Recessive => 1,
        LimitClass::Mitochondrial => 2,
        LimitClass::Somatic => 3,
    }
}

/// A frequency held against its limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compared<'a> {
    /// Dataset and population, `gnomad_genomes NFE`.
    pub population: &'a str,
    /// Frequency, 0 to 1; a site that a present source does not list is 0.
    pub value: f64,
    /// Limit of the class.
    pub limit: f64,
    /// Source id of the limit.
    pub source: &'a str,
    /// How both are compared.
    pub comparison: Comparison,
    /// The store that the value is from; `None` when it is of the file's annotation.
    pub store: Option<&'a str>,
}

impl Compared<'_> {
    /// Where the value is from, as the end of a clause; empty for the file's annotation.
    pub fn from(&self) -> String {
        self.store.map_or_else(String::new, |name| format!(" (store {name})"))
    }

    /// True when the variant is too common.
    pub fn exceeds(self) -> bool {
        // METHOD: somatic sources drop at the limit (>=), germline ones above it.
        if self.comparison == Comparison::Below {
            self.value >= self.limit
        } else {
            self.value > self.limit
        }
    }
}

/// Frequency limits of all populations.
#[derive(Clone, Debug)]
pub struct Limits {
    rows: Vec<Row>,
    /// Rows of the dataset that a dataset stands in for.
    stands_for: Vec<Option<Range<usize>>>,
    /// Names of the case's stores.
    stores: Vec<String>,
}

impl Limits {
    /// Flattens the policy's datasets in their order.
    pub fn new(policy: &FrequencyPolicy) -> Self {
        let mut rows = Vec::new();
        let mut spans = Vec::new();
        for (dataset, data) in policy.datasets.iter().enumerate() {
            let first = rows.len();
            for population in &data.populations {
                let mut limits = [None; CLASSES];
                for (&class, &limit) in &population.limits {
                    limits[slot(class)] = Some(limit);
                }
                let name = format!("{} {}", data.id, population.name);
                rows.push(Row { dataset, name, limits, source: population.source.clone() });
            }
            spans.push(first..rows.len());
        }
        let place = |id: &str| policy.datasets.iter().position(|data| data.id == id);
        let stands_for = policy
            .datasets
            .iter()
            .map(|data| data.fallback_for.as_deref().and_then(place).map(|i| spans[i].clone()))
            .collect();
        Self { rows, stands_for, stores: Vec::new() }
    }

    /// The same, with the names of the stores that values may be from.
    #[must_use]
    pub fn with_stores(mut self, stores: &[String]) -> Self {
        self.stores = stores.to_vec();
        self
    }

    /// Every population that counts for the class and has a value, in the policy's order. A dataset that stands in for
    /// another counts only when that other one has no value at all.
    pub fn compared<'a>(
        &'a self,
        found: &'a [Frequency],
        class: LimitClass,
    ) -> impl Iterator<Item = Compared<'a>> {
        let comparison =
            if class == LimitClass::Somatic { Comparison::Below } else { Comparison::AtMost };
        self.rows.iter().zip(found).filter_map(move |(row, frequency)| {
            let value = frequency.value.assessed()?;
            let limit = row.limits[slot(class)]?;
            let replaced = self.stands_for[row.dataset].clone().is_some_and(|range| {
                found
                    .get(range)
                    .is_some_and(|others| others.iter().any(|f| f.value.assessed().is_some()))
            });
            (!replaced).then_some(Compared {
                population: &row.name,
                value,
                limit,
                source: &row.source,
                comparison,
                store: frequency.store.and_then(|i| self.stores.get(usize::from(i))).map(|s| &**s),
            })
        })
    }

    /// True when any population is above the limit of the class.
    pub fn exceeds(&self, found: &[Frequency], class: LimitClass) -> bool {
        self.compared(found, class).any(Compared::exceeds)
    }

    /// The population nearest to its limit, or farthest above it; `None` when none has a value.
    pub fn tightest<'a>(
        &'a self,
        found: &'a [Frequency],
        class: LimitClass,
    ) -> Option<Compared<'a>> {
        self.compared(found, class).reduce(|best, next| {
            let room = |c: &Compared<'_>| (c.exceeds(), c.value - c.limit);
            let (a, b) = (room(&best), room(&next));
            if (b.0, b.1) > (a.0, a.1) { next } else { best }
        })
    }
}

/// For each population the frequency above which no mode keeps a variant, whatever the other populations say.
#[derive(Clone, Debug)]
pub struct Ceilings {
    values: Vec<f64>,
    /// Contigs with limits of their own, where nothing is dropped early.
    except: Vec<ContigId>,
}

impl Ceilings {
    /// The ceilings under these classes of limits; `except` are the contigs of the mitochondrial genome.
    ///
    /// A population without a limit in one of the classes has none, nor has one that only stands in for others.
    pub fn new(limits: &Limits, classes: &[LimitClass], except: &[ContigId]) -> Self {
        let classes = || classes.iter().filter(|&&class| class != LimitClass::Mitochondrial);
        let ceiling = |row: &Row| {
            let limit = |&class: &LimitClass| row.limits[slot(class)].unwrap_or(f64::INFINITY);
            let own = limits.stands_for[row.dataset].is_none();
            if own { classes().map(limit).reduce(f64::max) } else { None }.unwrap_or(f64::INFINITY)
        };
        Self { values: limits.rows.iter().map(ceiling).collect(), except: except.to_vec() }
    }

    /// Whether this frequency of a population (by index) is enough to drop a variant of the contig.
    #[inline]
    pub fn drops(&self, contig: ContigId, population: usize, value: f64) -> bool {
        self.values.get(population).is_some_and(|&ceiling| value > ceiling)
            && !self.except.contains(&contig)
    }
}

/// The classes of limits that the policy's modes use, recessive before dominant: what exceeds a limit in each of them
/// cannot be reported under any mode. Which class is the loosest may differ from population to population.
pub fn classes(policy: &Policy) -> Vec<LimitClass> {
    if policy.purpose == Purpose::Somatic {
        return vec![LimitClass::Somatic];
    }
    let used = |class| policy.modes.iter().any(|mode| mode.frequency == class);
    let order = [LimitClass::Recessive, LimitClass::Dominant, LimitClass::Mitochondrial];
    let classes: Vec<LimitClass> = order.into_iter().filter(|&class| used(class)).collect();
    if classes.is_empty() { vec![LimitClass::Recessive] } else { classes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::annotation::{FrequencyValue, PopulationId};

    fn found(policy: &Policy, values: &[(&str, FrequencyValue)]) -> Vec<Frequency> {
        let populations = policy.frequency.populations();
        let value_of = |name: &str| {
            values.iter().find(|(n, _)| *n == name).map_or(FrequencyValue::NotAssessed, |v| v.1)
        };
        populations
            .iter()
            .map(|p| Frequency {
                population: PopulationId(p.id.0),
                value: value_of(&format!("{} {}", p.dataset.id, p.population.name)),
                store: None,
            })
            .collect()
    }

    #[test]
    fn stand_ins_count_only_where_the_populations_are_silent() {
        use FrequencyValue::{AbsentFromSource, Observed};
        let policy = Policy::preset("gms-rd").unwrap();
        let limits = Limits::new(&policy.frequency);
        let names = |values: &[(&str, FrequencyValue)]| {
            let found = found(&policy, values);
            limits
                .compared(&found, LimitClass::Recessive)
                .map(|c| c.population.to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(&[("exac ALL", Observed(0.5))]), ["exac ALL"]);
        let both = [("exac ALL", Observed(0.5)), ("gnomad_exomes NFE", AbsentFromSource)];
        assert_eq!(names(&both), ["gnomad_exomes NFE"]);
        assert!(!limits.exceeds(&found(&policy, &both), LimitClass::Recessive));
    }

    #[test]
    fn germline_limits_are_inclusive_and_somatic_ones_exclusive() {
        use FrequencyValue::Observed;
        let germline = Policy::preset("gms-rd").unwrap();
        let limits = Limits::new(&germline.frequency);
        for (value, class, exceeds) in [
            (0.001, LimitClass::Dominant, false),
            (0.0011, LimitClass::Dominant, true),
            (0.01, LimitClass::Recessive, false),
            (0.0101, LimitClass::Recessive, true),
        ] {
            let found = found(&germline, &[("gnomad_exomes NFE", Observed(value))]);
            assert_eq!(limits.exceeds(&found, class), exceeds, "{value} {class:?}");
        }
        let somatic = Policy::preset("gms-cancer").unwrap();
        let limits = Limits::new(&somatic.frequency);
        for (value, exceeds) in [(0.0099, false), (0.01, true)] {
            let found = found(&somatic, &[("gnomad_genomes ALL", Observed(value))]);
            assert_eq!(limits.exceeds(&found, LimitClass::Somatic), exceeds, "{value}");
        }
    }
}
