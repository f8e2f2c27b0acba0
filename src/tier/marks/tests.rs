//! Every mark with and without, and what it says where it cannot look.

use super::*;
use crate::model::annotation::FrequencyValue;
use crate::model::evidence::{ReadEvidence, ReadMethod, SiteReads};
use crate::policy::marks::MarkAction;
use crate::tier::fixtures::{family, variant};

fn policy() -> Policy {
    Policy::preset("100k-cancer").unwrap()
}

/// An SNV of the tumour, at position 100 of contig 1, 30 of 100 reads.
fn snv() -> Annotated {
    let mut one = variant(100, "G", "missense_variant", "0/1 0/0");
    let policy = policy();
    one.frequencies = (0..policy.frequency.populations().len())
        .map(|i| crate::model::annotation::Frequency {
            population: crate::model::annotation::PopulationId(i as u16),
            value: FrequencyValue::AbsentFromSource,
            store: None,
        })
        .collect();
    let call = &mut one.calls[0];
    (call.depth, call.reference_depth, call.alternate_depth) = (Some(100), Some(70), Some(30));
    one
}

fn deletion() -> Annotated {
    let mut one = snv();
    (one.variant.reference, one.variant.alternate) = ("AT".into(), "A".into());
    one
}

fn marked(one: &Annotated, inputs: MarkInputs<'_>, policy: &Policy) -> Marked {
    let family = family(&["tumour affected", "normal"]);
    let marked = MarkContext::new(policy, &family, inputs).unwrap().mark(one);
    assert!(marked.reasons.iter().all(Reason::is_consistent));
    marked
}

/// Ids of the marks that a variant has, and of those that could not look.
fn of(one: &Annotated, inputs: MarkInputs<'_>) -> (Vec<String>, Vec<&'static str>) {
    let marked = marked(one, inputs, &policy());
    let first = |flag: &String| flag.split([' ', ':']).next().unwrap().to_owned();
    let missing = marked.not_assessed.iter().map(|(id, _)| *id).collect();
    (marked.flags.iter().map(first).collect(), missing)
}

fn with_frequency(population: &str, value: FrequencyValue) -> Annotated {
    let mut one = snv();
    let policy = policy();
    let all = policy.frequency.populations();
    let named = |own: &crate::policy::Population<'_>| {
        format!("{} {}", own.dataset.id, own.population.name) == population
    };
    let place = all.iter().position(named).unwrap();
    one.frequencies[place].value = value;
    one
}

#[test]
fn a_clean_snv_has_no_mark_and_says_what_nobody_looked_at() {
    let (marks, missing) = of(&snv(), MarkInputs::default());
    assert_eq!(marks, Vec::<String>::new());
    assert_eq!(
        missing,
        [
            "SimpleRepeat",
            "PONnoise50SNV",
            "SegmentalDuplication",
            "LossOfHeterozygosity",
            "CountsDiffer"
        ]
    );
    let (_, missing) = of(&deletion(), MarkInputs::default());
    assert!(missing.contains(&"BCNoise10Indel") && missing.contains(&"HomopolimerIndel"));
    assert!(!missing.contains(&"PONnoise50SNV"), "the panel of normals is for SNVs");
}

#[test]
fn frequencies_mark_at_their_limit() {
    use FrequencyValue::{NotAssessed, Observed};
    for (population, value, mark) in [
        ("germline_cohort ALL", 0.01, Some("CommonGermlineVariant")),
        ("germline_cohort ALL", 0.0099, None),
        ("gnomad_genomes ALL", 0.01, Some("CommonGnomADVariant")),
        ("somatic_cohort FFPE", 0.05, Some("RecurrentSomaticVariant")),
        ("somatic_cohort FF_NANO", 0.049, None),
    ] {
        let (marks, _) = of(&with_frequency(population, Observed(value)), MarkInputs::default());
        let expected: Vec<&str> = mark.into_iter().collect();
        assert_eq!(marks, expected, "{population} {value}");
    }
    let (marks, missing) =
        of(&with_frequency("germline_cohort ALL", NotAssessed), MarkInputs::default());
    assert!(marks.is_empty() && missing.contains(&"CommonGermlineVariant"));
}

#[test]
fn regions_touch_what_is_replaced_and_both_neighbours_of_an_insertion() {
    let contig = snv().variant.contig;
    let at = |start, end| RegionSet::new([(contig, Span::new(start, end))]);
    let mut insertion = snv();
    insertion.variant.alternate = "AT".into();
    for (one, start, end, hit) in [
        (&snv(), 99, 100, true),
        (&snv(), 100, 200, false),
        (&snv(), 0, 99, false),
        (&deletion(), 100, 101, true),
        (&deletion(), 101, 200, false),
        (&insertion, 100, 120, true),
        (&insertion, 101, 120, false),
    ] {
        let set = at(start, end);
        let inputs = MarkInputs { simple_repeats: Some(&set), ..MarkInputs::default() };
        let (marks, _) = of(one, inputs);
        assert_eq!(marks.contains(&"SimpleRepeat".to_owned()), hit, "{start}-{end}");
        let inputs = MarkInputs { segmental_duplications: Some(&set), ..MarkInputs::default() };
        assert_eq!(of(one, inputs).0.contains(&"SegmentalDuplication".to_owned()), hit);
    }
}

#[test]
fn what_the_caller_says_of_indels() {
    let mut one = deletion();
    one.notes.homopolymer = Some(8);
    (one.calls[0].unused_share, one.calls[1].unused_share) = (Some(0.02), Some(0.1));
    let (marks, _) = of(&one, MarkInputs::default());
    assert_eq!(marks, ["BCNoise10Indel", "HomopolimerIndel"], "the normal is noisy");
    one.notes.homopolymer = Some(7);
    one.calls[1].unused_share = Some(0.0999);
    assert_eq!(of(&one, MarkInputs::default()).0, Vec::<String>::new());
}

#[test]
fn a_tenth_of_the_reads_is_no_low_fraction() {
    let mut one = snv();
    for (alternate, low) in [(10, false), (9, true)] {
        let call = &mut one.calls[0];
        (call.reference_depth, call.alternate_depth) = (Some(100 - alternate), Some(alternate));
        assert_eq!(!of(&one, MarkInputs::default()).0.is_empty(), low, "{alternate} of 100");
    }
    one.calls[0].alternate_fraction = Some(0.1);
    assert!(of(&one, MarkInputs::default()).0.is_empty(), "0.1 as written is 0.1");
}

#[test]
fn a_panel_of_normals_marks_what_normals_show_too() {
    let reads = |tumour, normals| {
        let one = NormalReads { tumour, normals, by_caller: false };
        let normals = Some(BTreeMap::from([(snv().variant, Some(one))]));
        (one.phred(), of(&snv(), MarkInputs { normals, ..MarkInputs::default() }).0)
    };
    let (phred, marks) = reads((4, 60), (900, 14_000));
    assert!(phred < 50.0 && marks == ["PONnoise50SNV"], "{phred}");
    let (phred, marks) = reads((20, 60), (12, 200_000));
    assert!(phred >= 50.0 && marks.is_empty(), "{phred}");
    let (phred, _) = reads((900, 1000), (0, 2_000_000));
    assert!(phred > 9_999.0, "{phred}");
    assert_eq!(reads((5, 60), (0, 0)), (0.0, vec!["PONnoise50SNV".to_owned()]), "no normal reads");
    let mut annotated = snv();
    annotated.notes.fisher_phred = Some(49.0);
    assert_eq!(of(&annotated, MarkInputs::default()).0, ["PONnoise50SNV"]);
    let unknown = Some(BTreeMap::from([(snv().variant, None)]));
    let unknown =
        marked(&snv(), MarkInputs { normals: unknown, ..MarkInputs::default() }, &policy());
    assert!(unknown.not_assessed.iter().any(|(_, why)| why.contains("the tumour's reads")));
    let elsewhere = MarkInputs { normals: Some(BTreeMap::new()), ..MarkInputs::default() };
    assert!(of(&annotated, elsewhere).1.contains(&"PONnoise50SNV"), "an absent site says nothing");
}

#[test]
fn reads_that_contradict_the_caller_are_told() {
    let with = |reference, alternate| {
        let mut one = snv();
        let mut reads = SiteReads::new(ReadMethod::Bases);
        (reads.reference.forward, reads.alternate.forward) = (reference, alternate);
        one.calls[0].reads = Some(Box::new(ReadEvidence::Counted(reads)));
        of(&one, MarkInputs::default()).0
    };
    assert!(with(69, 27).is_empty());
    assert_eq!(with(95, 3), ["CountsDiffer"]);
}

#[test]
fn policy_decides_between_showing_and_removing() {
    let mut policy = policy();
    let one = with_frequency("gnomad_genomes ALL", FrequencyValue::Observed(0.2));
    let shown = marked(&one, MarkInputs::default(), &policy);
    assert!(shown.removed_by.is_empty() && shown.flags[0].starts_with("CommonGnomADVariant: 0.2"));
    policy.marks[0].action.value = MarkAction::Remove;
    assert_eq!(policy.marks[0].id, "CommonGnomADVariant");
    let removed = marked(&one, MarkInputs::default(), &policy);
    assert_eq!(removed.removed_by, ["CommonGnomADVariant"]);
    assert_eq!(removed.flags, shown.flags, "shown either way");
}

#[test]
fn every_mark_of_every_preset_exists_and_unknown_ones_are_named() {
    for id in ["gms-cancer", "100k-cancer"] {
        let policy = Policy::preset(id).unwrap();
        let family = family(&["tumour affected"]);
        assert!(MarkContext::new(&policy, &family, MarkInputs::default()).is_ok(), "{id}");
        assert!(!policy.marks.is_empty());
    }
    let mut policy = policy();
    policy.marks[0].id = "SimplyRepeat".into();
    let family = family(&["tumour affected"]);
    let told = MarkContext::new(&policy, &family, MarkInputs::default()).err().unwrap();
    assert!(told.to_string().contains("SimplyRepeat"), "{told}");
}
