//! What stores say about a variant beside the file's own annotation, and which of the two counts.

use std::sync::Arc;

use super::frequency;
use crate::io::store::{Cursor, Found, Store, Stored};
use crate::model::annotation::{ClinVar, FrequencyValue};
use crate::model::candidate::StoreCounts;
use crate::model::contig::ContigTable;
use crate::model::problem::Problem;
use crate::model::variant::{Variant, is_symbolic};

/// How the policy reads stores.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoreRules {
    /// Sites that failed a filter of their source count as the others do; otherwise they are not assessed.
    pub use_failed: bool,
    /// Share of the larger of two values by which store and annotation may differ without being told.
    pub agreement: f64,
    /// For each population all its limits.
    pub limits: Vec<Vec<f64>>,
    /// Where submissions to ClinVar conflict: least pathogenic and most benign ones of a variant that counts.
    pub conflict: Option<(u32, u32)>,
}

/// The stores of a case.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Stores of frequencies.
    pub stores: Vec<Arc<Store>>,
    /// ClinVar.
    pub clinvar: Option<Arc<Store>>,
    /// How they are read.
    pub rules: StoreRules,
}

impl Sources {
    /// True when there is no store at all.
    pub fn is_empty(&self) -> bool {
        self.stores.is_empty() && self.clinvar.is_none()
    }
}

/// How a field of the policy begins that is a store's: `STORE/gnomad_exomes/NFE`.
const PREFIX: &str = "STORE/";

/// A population's place in the stores.
#[derive(Clone, Debug, Default)]
struct Place {
    /// Store and its population; of several stores of a dataset each covers other contigs.
    columns: Vec<(usize, usize)>,
    /// The policy names the store before any field that the file has.
    first: bool,
}

/// Which store answers for which population, found once a file.
#[derive(Debug)]
pub(super) struct StoredPlan {
    sources: Sources,
    /// By store and contig of the case.
    contigs: Vec<Vec<Option<usize>>>,
    clinvar: Vec<Option<usize>>,
    places: Vec<Place>,
}

impl StoredPlan {
    /// `populations` are the fields of each population of the policy; `annotated` is the number of the field among them
    /// that the file has.
    pub(super) fn new(
        sources: &Sources,
        table: &ContigTable,
        populations: &[Vec<String>],
        annotated: &[Option<usize>],
    ) -> Result<Self, Problem> {
        let contigs = sources.stores.iter().map(|store| store.contigs(table));
        let clinvar = sources.clinvar.iter().map(|store| store.contigs(table)).next();
        let mut places = Vec::new();
        for (fields, annotated) in populations.iter().zip(annotated) {
            let found = fields.iter().enumerate().find_map(|(i, field)| {
                let columns = columns(&sources.stores, field);
                (!columns.is_empty()).then_some((i, columns))
            });
            places.push(found.map_or_else(Place::default, |(i, columns)| Place {
                columns,
                first: annotated.is_none_or(|annotated| i < annotated),
            }));
        }
        Ok(Self {
            sources: sources.clone(),
            contigs: contigs.collect::<Result<_, _>>()?,
            clinvar: clinvar.transpose()?.unwrap_or_default(),
            places,
        })
    }

    /// The case has a ClinVar of its own.
    pub(super) fn knows_clinvar(&self) -> bool {
        self.sources.clinvar.is_some()
    }

    /// For each population whether a store can tell it.
    pub(super) fn assessed(&self) -> impl Iterator<Item = bool> {
        self.places.iter().map(|place| !place.columns.is_empty())
    }
}

/// Stores that answer a field of the policy, with their populations.
fn columns(stores: &[Arc<Store>], field: &str) -> Vec<(usize, usize)> {
    let Some((dataset, population)) =
        field.strip_prefix(PREFIX).and_then(|rest| rest.split_once('/'))
    else {
        return Vec::new();
    };
    let own = |(i, store): (usize, &Arc<Store>)| {
        let fits = store.meta().dataset == dataset;
        fits.then(|| store.population(population)).flatten().map(|column| (i, column))
    };
    stores.iter().enumerate().filter_map(own).collect()
}

/// Asks the stores for one worker.
pub(super) struct StoredReader<'a> {
    plan: &'a StoredPlan,
    cursors: Vec<Cursor>,
    found: Vec<Found>,
    /// The variant at hand has no sequence of its own.
    symbolic: bool,
    clinvar: Option<Cursor>,
    /// What was met, until somebody takes it.
    pub(super) counts: StoreCounts,
    /// What was met at the variant at hand.
    met: StoreCounts,
}

impl<'a> StoredReader<'a> {
    pub(super) fn new(plan: &'a StoredPlan) -> Self {
        Self {
            plan,
            cursors: plan.sources.stores.iter().map(Store::cursor).collect(),
            found: Vec::new(),
            symbolic: false,
            clinvar: plan.sources.clinvar.as_ref().map(Store::cursor),
            counts: StoreCounts::default(),
            met: StoreCounts::default(),
        }
    }

    /// Looks a variant up in every store. Symbolic alleles are in none: nothing is said about them.
    pub(super) fn look_up(&mut self, variant: &Variant) -> Result<(), Problem> {
        self.found.clear();
        self.symbolic = is_symbolic(&variant.alternate);
        for (cursor, contigs) in self.cursors.iter_mut().zip(&self.plan.contigs) {
            self.found.push(find(cursor, contigs, variant)?);
        }
        Ok(())
    }

    /// The value of a population and the store that it came from, given what the file's annotation says (`None` when it has
    /// no field for it).
    pub(super) fn decide(
        &mut self,
        population: usize,
        annotated: Option<FrequencyValue>,
    ) -> (FrequencyValue, Option<u8>) {
        let silent = (annotated.unwrap_or(FrequencyValue::NotAssessed), None);
        let place = &self.plan.places[population];
        let mut answers = place.columns.iter().map(|&(store, column)| {
            (store, self.cursors[store].population(self.found[store], column))
        });
        let answer = answers.find(|(_, answer)| *answer != Stored::NotCovered);
        let Some((store, answer)) = answer else {
            // Another dataset's store may cover the contig: a mitochondrial one leaves the others alone.
            let silent_stores = self.found.iter().all(|found| *found == Found::NotCovered);
            let asked = !place.columns.is_empty() && annotated.is_none() && !self.symbolic;
            self.met.uncovered |= u64::from(asked && silent_stores);
            return silent;
        };
        let failed =
            !self.plan.sources.rules.use_failed && !self.cursors[store].passed(self.found[store]);
        let stored = match answer {
            _ if failed => FrequencyValue::NotAssessed,
            Stored::Observed(value) => FrequencyValue::Observed(value),
            Stored::Absent => FrequencyValue::AbsentFromSource,
            Stored::NoNumber | Stored::NotCovered => FrequencyValue::NotAssessed,
        };
        if let (Some(a), Some(b)) =
            (annotated.and_then(FrequencyValue::assessed), stored.assessed())
        {
            self.compare(population, a, b);
        }
        if !place.first && annotated.is_some_and(|value| value.assessed().is_some()) {
            return silent;
        }
        self.met.failed |= u64::from(failed);
        (stored, Some(store as u8))
    }

    fn compare(&mut self, population: usize, a: f64, b: f64) {
        let rules = &self.plan.sources.rules;
        if (a - b).abs() > rules.agreement * a.max(b) {
            self.met.differ = 1;
            let limits = rules.limits.get(population).map_or(&[][..], Vec::as_slice);
            let apart = limits.iter().any(|&limit| (a > limit) != (b > limit));
            self.met.matter |= u64::from(apart);
        }
    }

    /// Counts what the variant at hand met: each thing once a variant.
    pub(super) fn count(&mut self) {
        let met = std::mem::take(&mut self.met);
        self.counts.add(&met);
    }

    /// What the case's ClinVar says about a variant, if the case has one; then the annotation is not asked.
    pub(super) fn clinvar(
        &mut self,
        variant: &Variant,
        annotated: Option<ClinVar>,
    ) -> Result<Option<ClinVar>, Problem> {
        let Some(cursor) = &mut self.clinvar else { return Ok(annotated) };
        let found = find(cursor, &self.plan.clinvar, variant)?;
        let [significance, submissions, review] = [0, 1, 2].map(|text| cursor.text(found, text));
        let own = frequency::clinvar(significance, Some(review)).map(|own| {
            frequency::with_submissions(own, submissions, self.plan.sources.rules.conflict)
        });
        let pathogenic =
            |clinvar: &Option<ClinVar>| clinvar.as_ref().is_some_and(ClinVar::is_pathogenic);
        self.met.clinvar |=
            u64::from(annotated.is_some() && pathogenic(&annotated) != pathogenic(&own));
        Ok(own)
    }
}

fn find(
    cursor: &mut Cursor,
    contigs: &[Option<usize>],
    variant: &Variant,
) -> Result<Found, Problem> {
    if is_symbolic(&variant.alternate) {
        return Ok(Found::NotCovered);
    }
    let contig = contigs.get(variant.contig.0 as usize).copied().flatten();
    let (reference, alternate) = (variant.reference.as_bytes(), variant.alternate.as_bytes());
    cursor.find(contig, variant.position.0, reference, alternate)
}
