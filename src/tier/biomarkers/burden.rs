//! Tumour mutational burden by every definition of the policy, side by side.

use super::poisson;
use crate::model::biomarkers::{Assessed, Burden, BurdenValue};
use crate::model::regions::RegionSet;
use crate::model::somatic_call::{Marks, SomaticCall, SomaticCalls};
use crate::policy::biomarkers::{
    BurdenCounts, BurdenDefinition, BurdenLabel, BurdenPolicy, Denominator,
};

/// Bases that our own depth says were looked at well enough in tumour and normal.
#[derive(Clone, Debug, Default)]
pub struct Callable {
    /// Of the genome; `None` where depth was not measured.
    pub genome_bp: Option<u64>,
    /// Of the genes whose depth was taken; `None` without any.
    pub genes_bp: Option<u64>,
    /// These genes, from their first to their last base: variants elsewhere do not count over them.
    pub genes: RegionSet,
}

/// What our own depth covers, and the target regions of a case that has such.
pub(super) type Size<'a> = (&'a Callable, Option<&'a RegionSet>);

/// The burden by every definition.
pub(super) fn burden(calls: &SomaticCalls, size: Size<'_>, rules: &BurdenPolicy) -> Vec<Burden> {
    let annotated = calls.is_empty() || calls.iter().any(|call| call.marks.has(Marks::ANNOTATED));
    let told = calls.is_empty() || calls.iter().any(|call| call.tumour.vaf().is_some());
    let one = |definition: &BurdenDefinition| Burden {
        id: definition.id.clone(),
        title: definition.title.clone(),
        source: definition.source.clone(),
        value: if definition.counts.needs_consequences() && !annotated {
            Assessed::not("no variant has a consequence: the variant file is not annotated")
        } else if definition.min_share > 0.0 && !told {
            Assessed::not("the caller tells of no variant how many reads have it")
        } else {
            value(calls, size, (rules, definition))
        },
    };
    rules.definitions.iter().map(one).collect()
}

fn value(
    calls: &SomaticCalls,
    (callable, targets): Size<'_>,
    (rules, definition): (&BurdenPolicy, &BurdenDefinition),
) -> Assessed<BurdenValue> {
    let depth = rules.callable_depth.value;
    let measured = |bases: Option<u64>, what: &str, missing: &str| {
        let bases = bases.ok_or_else(|| missing.to_owned())?;
        let text =
            format!("{what} with at least {depth} reads in the sample that has fewer such bases");
        Ok((bases as f64 / 1e6, text))
    };
    let denominator: Result<(f64, String), String> = match definition.denominator {
        // METHOD: what was not sequenced has no mutations; a fixed size of the genome would dilute those of the targets.
        Denominator::Megabases(size) => match targets {
            None => Ok((size, "stated by the definition".into())),
            Some(targets) => Err(format!(
                "the definition divides by {size} Mb, but the case has target regions of {:.3} Mb",
                targets.bases() as f64 / 1e6
            )),
        },
        Denominator::Targets => match targets {
            None => Err("the case has no target regions (`regions` in [case])".into()),
            Some(targets) => Ok((
                targets.bases() as f64 / 1e6,
                "bases of the target regions, whatever was covered; variants within them".into(),
            )),
        },
        Denominator::CallableGenome => measured(
            callable.genome_bp,
            "bases of the primary contigs",
            "depth was not measured: no alignment was read",
        ),
        Denominator::CallableGenes => measured(
            callable.genes_bp,
            "bases of the genes whose depth was taken",
            "depth over genes was not measured: it takes a gene model and alignments",
        ),
    };
    let (megabases, denominator) = match denominator {
        Ok((size, _)) if size <= 0.0 => return Assessed::not("no base is covered well enough"),
        Ok(found) => found,
        Err(reason) => return Assessed::not(reason),
    };
    // METHOD: where only covered bases divide, a variant at a base without cover may not count; the caller tells the depth.
    let covered =
        |call: &SomaticCall<'_>| call.tumour.depth().is_none_or(|reads| f64::from(reads) >= depth);
    let inside = |call: &SomaticCall<'_>| match (definition.denominator, targets) {
        (Denominator::Targets, Some(targets)) => call.lies_in(targets),
        (Denominator::CallableGenome, _) => covered(call),
        (Denominator::CallableGenes, _) => covered(call) && call.lies_in(&callable.genes),
        _ => true,
    };
    let counted = calls.iter().filter(|call| counts(call, (rules, definition)) && inside(call));
    let mutations = counted.count() as u64;
    let (low, high) = poisson::interval(mutations);
    let per_megabase = mutations as f64 / megabases;
    Assessed::Measured(BurdenValue {
        mutations,
        megabases,
        denominator,
        per_megabase,
        low: low / megabases,
        high: high / megabases,
        label: label(&definition.labels, per_megabase),
    })
}

fn counts(call: &SomaticCall<'_>, (rules, definition): (&BurdenPolicy, &BurdenDefinition)) -> bool {
    let marked = match definition.counts {
        BurdenCounts::NonSynonymous => call.marks.has(Marks::NON_SYNONYMOUS),
        BurdenCounts::Coding => call.marks.has(Marks::CODING),
        BurdenCounts::Missense => call.marks.has(Marks::MISSENSE),
        BurdenCounts::All => true,
    };
    let short = (call.length_change().unsigned_abs() as f64) < rules.max_indel_bp.value;
    let share = call.tumour.vaf();
    marked
        && short
        && (definition.min_share <= 0.0 || share.is_some_and(|share| share >= definition.min_share))
}

fn label(labels: &[BurdenLabel], burden: f64) -> Option<String> {
    let holds =
        |label: &&BurdenLabel| burden > label.limit || (label.inclusive && burden >= label.limit);
    labels.iter().rfind(holds).map(|label| label.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::contig::ContigId;
    use crate::model::coord::Span;
    use crate::model::somatic_call::AlleleReads;
    use crate::policy::Policy;

    fn rules() -> BurdenPolicy {
        Policy::preset("gms-cancer").unwrap().biomarkers.unwrap().burden
    }

    fn calls(count: u32, mark: Marks, alternate: &[u8]) -> SomaticCalls {
        let mut calls = SomaticCalls::default();
        let mut marks = mark;
        marks.set(Marks::ANNOTATED, mark != Marks::default());
        for position in 1..=count {
            let tumour = AlleleReads { reference: Some(96), alternate: Some(4), fraction: None };
            let (contig, normal) = (ContigId(0), AlleleReads::default());
            let reference = b"A";
            calls.push(&SomaticCall {
                contig,
                position,
                reference,
                alternate,
                tumour,
                normal,
                marks,
            });
        }
        calls
    }

    fn value(all: &[Burden], id: &str) -> Assessed<BurdenValue> {
        all.iter().find(|one| one.id == id).unwrap().value.clone()
    }

    #[test]
    fn definitions_stand_side_by_side() {
        let none = Callable::default();
        let all = burden(&calls(400, Marks::NON_SYNONYMOUS, b"C"), (&none, None), &rules());
        let gel = value(&all, "gel");
        let gel = gel.measured().unwrap();
        assert!((gel.per_megabase - 12.2661).abs() < 1e-3 && gel.low < 12.26 && gel.high > 12.27);
        assert_eq!(gel.label.as_deref(), Some("hypermutator"));
        let genome = value(&all, "genome");
        assert_eq!(genome.measured().unwrap().mutations, 0, "4 % of reads are below its limit");
        assert!(value(&all, "callable-genome").reason().unwrap().contains("no alignment was read"));
    }

    #[test]
    fn long_indels_do_not_count_and_missing_consequences_are_no_zero() {
        let long = calls(3, Marks::NON_SYNONYMOUS, &[b'A'; 51]);
        let known = Callable { genome_bp: Some(2_000_000), ..Callable::default() };
        let all = burden(&long, (&known, None), &rules());
        assert_eq!(value(&all, "gel").measured().unwrap().mutations, 0);
        let callable = value(&all, "callable-genome");
        assert!((callable.measured().unwrap().megabases - 2.0).abs() < 1e-12);
        let none = Callable::default();
        let plain = burden(&calls(3, Marks::default(), b"C"), (&none, None), &rules());
        assert!(value(&plain, "gel").reason().unwrap().contains("not annotated"));
        assert!(value(&plain, "genome").measured().is_some());
    }

    #[test]
    fn target_regions_replace_the_genome() {
        // 50 of the 400 variants lie within the targets, whose bases count once.
        let targets = RegionSet::new([
            (ContigId(0), Span::new(0, 40)),
            (ContigId(0), Span::new(30, 50)),
            (ContigId(1), Span::new(0, 999_950)),
        ]);
        let variants = calls(400, Marks::NON_SYNONYMOUS, b"C");
        let none = Callable::default();
        let all = burden(&variants, (&none, Some(&targets)), &rules());
        for id in ["gel", "coding", "missense", "genome"] {
            let found = value(&all, id);
            assert!(found.reason().unwrap().contains("target regions of 1.000 Mb"), "{id}");
        }
        let found = value(&all, "targets-non-synonymous");
        let found = found.measured().unwrap();
        assert_eq!((found.mutations, found.label.as_deref()), (50, None));
        assert!((found.per_megabase - 50.0).abs() < 1e-9, "{}", found.per_megabase);
        let whole = burden(&variants, (&none, None), &rules());
        assert!(value(&whole, "targets").reason().unwrap().contains("no target regions"));
    }

    #[test]
    fn over_the_genes_only_their_own_variants_count() {
        let genes = RegionSet::new([(ContigId(0), Span::from_one_based(11, 30))]);
        let known = Callable { genome_bp: None, genes_bp: Some(20), genes };
        let all = burden(&calls(100, Marks::NON_SYNONYMOUS, b"C"), (&known, None), &rules());
        assert_eq!(value(&all, "callable-genes").measured().unwrap().mutations, 20);
    }

    #[test]
    fn over_covered_bases_only_covered_variants_count() {
        let mut all = calls(20, Marks::NON_SYNONYMOUS, b"C");
        let few = calls(30, Marks::NON_SYNONYMOUS, b"C");
        let untold = calls(5, Marks::NON_SYNONYMOUS, b"C");
        let shallow = AlleleReads { reference: Some(12), alternate: Some(2), fraction: None };
        for call in few.iter() {
            all.push(&SomaticCall { position: call.position + 100, tumour: shallow, ..call });
        }
        for call in untold.iter() {
            let tumour = AlleleReads { fraction: Some(0.3), ..AlleleReads::default() };
            all.push(&SomaticCall { position: call.position + 200, tumour, ..call });
        }
        let genes = RegionSet::new([(ContigId(0), Span::new(0, 1_000))]);
        let known = Callable { genome_bp: Some(2_000_000), genes_bp: Some(1_000), genes };
        let all = burden(&all, (&known, None), &rules());
        let of = |id: &str| value(&all, id).measured().unwrap().mutations;
        assert_eq!((of("gel"), of("callable-genes"), of("callable-genome")), (55, 25, 25));
    }

    #[test]
    fn no_variant_is_a_burden_of_zero_with_its_interval() {
        let none = Callable::default();
        let all = burden(&SomaticCalls::default(), (&none, None), &rules());
        let gel = value(&all, "gel");
        let gel = gel.measured().unwrap();
        assert!(gel.mutations == 0 && gel.low == 0.0 && (gel.high - 3.6889 / 32.61).abs() < 1e-4);
    }
}
