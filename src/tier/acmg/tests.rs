//! Each code fires and stays silent on small results.

use super::*;
use crate::model::annotation::{AnnotationSource, ClinVar, GeneRef};
use crate::model::candidate::{PanelRef, Penetrance, RecordRef, Tier};
use crate::model::contig::Assembly;
use crate::model::reason::Comparison;
use crate::model::results::{
    CaseSummary, ConsequenceResult, FrequencyResult, FrequencyStatus, PolicySummary, Provenance,
    SCHEMA_VERSION, ScoreResult, TermResult, Tool, VariantResult,
};
use crate::model::so::Impact;
use crate::model::variant::{Normalisation, VariantKind};
use crate::policy::Policy;

fn candidate(position: u32, term: &str, event: EventResult) -> CandidateResult {
    CandidateResult {
        variant: VariantResult {
            contig: "chr1".into(),
            position,
            reference: "C".into(),
            alternate: "T".into(),
        },
        kind: VariantKind::Snv,
        vrs: None,
        hgvs_g: None,
        normalisation: Normalisation::LeftAligned,
        record: RecordRef::default(),
        ids: Vec::new(),
        quality: None,
        filters: Vec::new(),
        tier: None,
        domain: None,
        events: vec![event],
        reasons: Vec::new(),
        calls: Vec::new(),
        consequences: vec![ConsequenceResult {
            terms: vec![TermResult { id: String::new(), name: term.into() }],
            impact: Impact::High,
            gene: GeneRef::default(),
            transcript: None,
            biotype: None,
            hgvs_c: None,
            hgvs_p: None,
            exon: Some("2/9".into()),
            canonical: true,
            mane_select: true,
            source: AnnotationSource::Csq,
            scores: Vec::new(),
        }],
        other_consequences: 0,
        frequencies: Vec::new(),
        clinvar: None,
        flags: Vec::new(),
        evidence: Vec::new(),
    }
}

fn event(mode: TieringMode, segregation: &str) -> EventResult {
    EventResult {
        id: "1.1".into(),
        gene: GeneRef::default(),
        consequence: 0,
        transcript: None,
        terms: Vec::new(),
        panel: None::<PanelRef>,
        mode_of_inheritance: mode,
        segregation: segregation.into(),
        possible: false,
        missing: Vec::new(),
        penetrance: Penetrance::Complete,
        tier: Some(Tier::Tier1),
        domain: None,
        label: None,
        group: None,
        reasons: Vec::new(),
        evidence: Vec::new(),
    }
}

fn case(candidates: Vec<CandidateResult>) -> CaseResults {
    CaseResults {
        schema_version: SCHEMA_VERSION.into(),
        tool: Tool::this(),
        case: CaseSummary {
            id: "c".into(),
            kind: "family".into(),
            assembly: Assembly::GRCh38,
            penetrance: None,
            members: Vec::new(),
        },
        policy: PolicySummary {
            id: String::new(),
            version: String::new(),
            preset: String::new(),
            title: String::new(),
            digest: String::new(),
            changes: Vec::new(),
            sources: std::collections::BTreeMap::new(),
            values: None,
        },
        panels: Vec::new(),
        contigs: Vec::new(),
        removed: Vec::new(),
        two_hits: Vec::new(),
        qc: Vec::new(),
        identity: None,
        consent: Vec::new(),
        notices: Vec::new(),
        genes_not_annotated: Vec::new(),
        filter_counts: crate::model::candidate::FilterCounts::default(),
        candidates,
        biomarkers: None,
        additional: None,
        pertinent: None,
        amp: None,
        second_alleles: Vec::new(),
        structural: Vec::new(),
        repeats: Vec::new(),
        looked_for: None,
        chromosomes: None,
        provenance: Provenance::default(),
    }
}

fn codes(mut results: CaseResults) -> Vec<Vec<String>> {
    let policy = Policy::preset("gms-rd").unwrap();
    annotate(&mut results, policy.acmg.as_ref());
    let of = |candidate: &CandidateResult| {
        candidate.events[0].evidence.iter().map(AcmgEvidence::shown).collect()
    };
    for evidence in results.candidates.iter().flat_map(|c| &c.events[0].evidence) {
        assert!(!evidence.inputs.is_empty());
        assert!(evidence.inputs.iter().all(|i| i.is_consistent() && i.holds), "{evidence:?}");
    }
    results.candidates.iter().map(of).collect()
}

fn frequency(population: &str, value: Option<f64>) -> FrequencyResult {
    let status = match value {
        None => FrequencyStatus::NotAssessed,
        Some(0.0) => FrequencyStatus::AbsentFromSource,
        Some(_) => FrequencyStatus::Observed,
    };
    FrequencyResult {
        dataset: "g".into(),
        title: "g".into(),
        population: population.into(),
        status,
        value,
        store: None,
    }
}

#[test]
fn population_codes_go_by_the_largest_known_frequency() {
    use TieringMode::{Biallelic, MonoallelicNotImprinted};
    for (mode, values, expected) in [
        (MonoallelicNotImprinted, vec![("NFE", Some(0.0))], "PM2_supporting"),
        (MonoallelicNotImprinted, vec![("NFE", None)], ""),
        (MonoallelicNotImprinted, Vec::new(), ""),
        (MonoallelicNotImprinted, vec![("NFE", Some(0.0)), ("AFR", Some(0.06))], "BA1_stand_alone"),
        (MonoallelicNotImprinted, vec![("NFE", Some(0.0)), ("AMI", Some(0.06))], ""),
        (Biallelic, vec![("NFE", Some(0.02))], "BS1_strong"),
        (Biallelic, vec![("NFE", Some(0.003))], ""),
    ] {
        let mut one = candidate(1, "missense_variant", event(mode, "SimpleRecessive"));
        one.frequencies = values.iter().map(|(name, value)| frequency(name, *value)).collect();
        assert_eq!(codes(case(vec![one]))[0].join(","), expected, "{mode:?} {values:?}");
    }
}

#[test]
fn de_novo_without_identity_is_assumed_and_null_variants_list_their_inputs() {
    let mode = TieringMode::MonoallelicNotImprinted;
    let one = candidate(1, "stop_gained", event(mode, "deNovo"));
    assert_eq!(codes(case(vec![one.clone()]))[0], ["PVS1_inputs", "PM6_moderate"]);
    let mut unsure = one;
    unsure.events[0].possible = true;
    assert_eq!(codes(case(vec![unsure]))[0], ["PVS1_inputs"]);
}

#[test]
fn a_pair_s_partner_must_be_known_and_the_pair_certain() {
    let pair = |possible: bool, word: &str| {
        let of = |position| {
            let mut event = event(TieringMode::Biallelic, "CompoundHeterozygous");
            (event.group, event.possible) = (Some(1), possible);
            candidate(position, "missense_variant", event)
        };
        let (one, mut other) = (of(1), of(2));
        other.clinvar = Some(ClinVar {
            significance: vec![word.into()],
            stars: Some(2),
            submissions: std::collections::BTreeMap::new(),
        });
        codes(case(vec![one, other]))
    };
    assert_eq!(pair(false, "pathogenic"), [vec!["PM3_moderate".to_owned()], Vec::new()]);
    assert_eq!(pair(true, "pathogenic"), [Vec::<String>::new(), Vec::new()]);
    assert_eq!(pair(false, "benign"), [Vec::<String>::new(), Vec::new()]);
}

#[test]
fn one_score_decides_and_the_others_are_shown() {
    let of = |terms: &[&str], scores: &[(&str, Option<f64>)]| {
        let mode = TieringMode::MonoallelicNotImprinted;
        let mut one = candidate(1, terms[0], event(mode, "InheritedAutosomalDominant"));
        let consequence = &mut one.consequences[0];
        consequence.terms =
            terms.iter().map(|&name| TermResult { id: String::new(), name: name.into() }).collect();
        let scores = scores.iter().map(|&(id, value)| ScoreResult {
            id: id.into(),
            title: id.into(),
            value,
        });
        consequence.scores = scores.collect();
        codes(case(vec![one]))[0].join(",")
    };
    let missense = &["missense_variant"][..];
    let both = &["missense_variant", "splice_region_variant"][..];
    let donor = &["splice_donor_variant", "splice_region_variant"][..];
    for (terms, scores, expected) in [
        (missense, &[("revel", Some(0.8)), ("cadd", Some(10.0))][..], "PP3_moderate"),
        (missense, &[("revel", Some(0.2)), ("cadd", Some(33.0))], "BP4_supporting"),
        (missense, &[("revel", Some(0.5)), ("cadd", Some(33.0))], ""),
        (missense, &[("cadd", Some(33.0)), ("spliceai", Some(0.9))], ""),
        (missense, &[("revel", None), ("cadd", Some(33.0))], ""),
        // A splice predictor speaks where the protein predictor says nothing, and only for damage.
        (missense, &[("revel", Some(0.5)), ("spliceai", Some(0.6))], "PP3_supporting"),
        (missense, &[("revel", Some(0.5)), ("spliceai", Some(0.05))], ""),
        (missense, &[("revel", Some(0.2)), ("spliceai", Some(0.9))], ""),
        (missense, &[("revel", Some(0.7)), ("spliceai", Some(0.9))], "PP3_supporting"),
        (missense, &[], ""),
        (both, &[("revel", Some(0.001)), ("spliceai", Some(0.9))], ""),
        (both, &[("revel", Some(0.001)), ("spliceai", Some(0.05))], "BP4_very_strong"),
        (both, &[("spliceai", Some(0.9))], "PP3_supporting"),
        (&["splice_region_variant"], &[("spliceai", Some(0.05))], "BP4_supporting"),
        (&["splice_region_variant"], &[("spliceai", Some(0.15))], ""),
        (donor, &[("spliceai", Some(0.99))], "PVS1_inputs"),
        (&["inframe_deletion"], &[("cadd", Some(33.0))], ""),
    ] {
        assert_eq!(of(terms, scores), expected, "{terms:?} {scores:?}");
    }
}

#[test]
fn a_score_is_listed_with_its_limit_and_strength() {
    let mode = TieringMode::MonoallelicNotImprinted;
    let mut one = candidate(1, "missense_variant", event(mode, "InheritedAutosomalDominant"));
    let score =
        |id: &str, value| ScoreResult { id: id.into(), title: id.into(), value: Some(value) };
    one.consequences[0].scores = vec![score("revel", 0.95), score("cadd", 24.0)];
    let mut results = case(vec![one]);
    annotate(&mut results, Policy::preset("gms-rd").unwrap().acmg.as_ref());
    let evidence = &results.candidates[0].events[0].evidence[0];
    assert_eq!(evidence.shown(), "PP3_strong");
    let inputs = &evidence.inputs;
    assert_eq!((&inputs[0].observed, &inputs[0].limit), (&0.95.into(), &0.932.into()));
    assert_eq!((inputs[0].comparison, &*inputs[0].source), (Comparison::AtLeast, "pejaver-2022"));
    assert_eq!(inputs[0].text, "REVEL 0.95 decides: strong.");
    assert_eq!(inputs[1].text, "CADD (phred) 24 is shown only: would not be PP3.");
    assert_eq!(inputs.len(), 2);
}

#[test]
fn codes_are_named_once_and_explained() {
    for (i, code) in CODES.iter().enumerate() {
        assert_eq!(code.kind().code, code.explain().id);
        assert!(CODES[i + 1..].iter().all(|other| other.kind().code != code.kind().code));
        assert!(code.kind().code.ends_with(&code.kind().modifier.to_string()));
    }
}
