//! Takes what biomarkers need of a variant, as compact integers, while the filters look at it.

use crate::model::annotation::FrequencyValue;
use crate::model::candidate::Annotated;
use crate::model::genotype::Call;
use crate::model::sample::{Family, Role};
use crate::model::so::SoTerm;
use crate::model::somatic_call::{AlleleReads, Marks, SomaticCall, SomaticCalls};
use crate::model::variant::is_symbolic;
use crate::policy::biomarkers::BiomarkerPolicy;
use crate::policy::compiled::Terms;
use crate::policy::{LimitClass, Policy};

/// What to take of a variant.
#[derive(Clone, Debug)]
pub struct Collector {
    /// Transcripts that count, by biotype and canonical mark, of every coding term.
    terms: Terms,
    marks: [Marks; SoTerm::COUNT],
    common: f64,
    /// By population: it is one of people, not a cohort of the laboratory's own calls.
    counted: Vec<bool>,
    tumour: usize,
    normal: Option<usize>,
}

impl Collector {
    /// For the tumour of a case and its normal sample; `None` without a tumour or without biomarkers in the policy.
    pub fn new(policy: &Policy, family: &Family) -> Option<Self> {
        let rules = policy.biomarkers.as_ref()?;
        let of = |role: Role| family.iter().find(|(_, member)| member.role == role);
        let place = |role| of(role).map(|(id, _)| usize::from(id.0));
        // The lists of the burden decide what counts, not those of the report.
        let mut consequence = policy.consequence.clone();
        consequence.moderate.value.clone_from(&rules.burden.silent.value);
        consequence.high.value.clone_from(&rules.burden.non_synonymous.value);
        Some(Self {
            terms: Terms::new(&consequence),
            marks: marks(rules),
            common: rules.leakage.common.value,
            counted: policy
                .frequency
                .populations()
                .iter()
                .map(|own| own.population.limits.contains_key(&LimitClass::Somatic))
                .collect(),
            tumour: place(Role::Tumour)?,
            normal: place(Role::Normal),
        })
    }

    /// Takes a variant that passed the caller's filters and that the tumour may carry; its frequencies, consequences and
    /// calls are loaded.
    pub fn take(&self, variant: &Annotated, calls: &mut SomaticCalls) {
        let alleles = &variant.variant;
        if is_symbolic(&alleles.alternate) {
            calls.not_taken += 1;
            return;
        }
        let reads = |member: usize| variant.calls.get(member).map(reads).unwrap_or_default();
        calls.push(&SomaticCall {
            contig: alleles.contig,
            position: alleles.position.0,
            reference: alleles.reference.as_bytes(),
            alternate: alleles.alternate.as_bytes(),
            tumour: reads(self.tumour),
            normal: self.normal.map(reads).unwrap_or_default(),
            marks: self.marks_of(variant),
        });
    }

    fn marks_of(&self, variant: &Annotated) -> Marks {
        let mut found = Marks::default();
        let all = &variant.consequences;
        found.set(Marks::ANNOTATED, !all.is_empty());
        for (i, consequence) in all.iter().enumerate() {
            if self.terms.class_at(all, i).is_none() {
                continue;
            }
            for term in &consequence.terms {
                for mark in [Marks::NON_SYNONYMOUS, Marks::CODING, Marks::MISSENSE] {
                    found.set(mark, self.marks[term.index()].has(mark));
                }
            }
        }
        let all = variant.frequencies.iter().zip(&self.counted);
        for (frequency, _) in all.filter(|(_, counted)| **counted) {
            let value = frequency.value.assessed();
            found.set(Marks::FREQUENCY_KNOWN, value.is_some());
            found.set(Marks::COMMON, value.is_some_and(|value| value >= self.common));
            let seen = matches!(frequency.value, FrequencyValue::Observed(value) if value > 0.0);
            found.set(Marks::IN_POPULATION, seen);
        }
        found
    }
}

/// What each term says.
fn marks(rules: &BiomarkerPolicy) -> [Marks; SoTerm::COUNT] {
    let mut marks = [Marks::default(); SoTerm::COUNT];
    for term in SoTerm::all() {
        let name = term.name();
        let listed = |list: &[String]| list.iter().any(|one| one == name);
        let changes = listed(&rules.burden.non_synonymous.value);
        let mark = &mut marks[term.index()];
        mark.set(Marks::NON_SYNONYMOUS, changes);
        mark.set(Marks::CODING, changes || listed(&rules.burden.silent.value));
        mark.set(Marks::MISSENSE, name == "missense_variant");
    }
    marks
}

fn reads(call: &Call) -> AlleleReads {
    AlleleReads {
        reference: call.reference_depth,
        alternate: call.alternate_depth,
        fraction: call.alternate_fraction,
    }
}
