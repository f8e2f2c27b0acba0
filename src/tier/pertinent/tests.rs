//! The truth table of germline findings, `test-data/germline/findings.tsv`.

use std::collections::BTreeMap;

use super::*;
use crate::model::annotation::{ClinVar, Frequency, FrequencyValue, PopulationId};
use crate::model::panel::Confidence;
use crate::model::sample::Family;
use crate::policy::pertinent::Partner;
use crate::tier::fixtures;

const TABLE: &str = include_str!("../../../test-data/germline/findings.tsv");

fn gene(symbol: &str, mode: PanelMode) -> PanelGene {
    PanelGene {
        symbol: symbol.into(),
        confidence: Some(Confidence::Green),
        mode,
        ..PanelGene::default()
    }
}

fn panels(rules: &PertinentPolicy) -> PanelSet {
    use PanelMode::{Biallelic, MonoallelicNotImprinted, XLinkedBiallelic};
    let text =
        "Loss-of-function variants (as defined in pop up message) DO NOT cause this phenotype";
    let by_gain = PanelGene {
        mode_of_pathogenicity: Some(text.into()),
        ..gene("GAIN", MonoallelicNotImprinted)
    };
    let amber =
        PanelGene { confidence: Some(Confidence::Amber), ..gene("AMBER", MonoallelicNotImprinted) };
    let own = vec![
        gene("OWN", MonoallelicNotImprinted),
        gene("OWN2", Biallelic),
        gene("OWNX", XLinkedBiallelic),
        by_gain,
        amber,
    ];
    let wider = vec![
        gene("OWN", MonoallelicNotImprinted),
        gene("WIDE", MonoallelicNotImprinted),
        gene("WIDE2", Biallelic),
    ];
    let panel = |id: &str, genes| Panel { id: id.into(), genes, ..Panel::default() };
    PanelSet::new(vec![panel("own", own), panel("wider", wider), rna_panel(rules)])
}

fn clinvar(text: &str) -> Option<ClinVar> {
    let (word, stars) = text.split_once(':')?;
    Some(ClinVar {
        significance: word.split(',').map(str::to_owned).collect(),
        stars: stars.parse().ok(),
        ..ClinVar::default()
    })
}

/// Findings of one person's rows, by position: tier, certainty, label, number of partners.
fn found(rows: &[Vec<&str>], policy: &Policy) -> BTreeMap<u32, (String, String, String, usize)> {
    let rules = policy.pertinent.as_ref().unwrap();
    let family = Family { members: vec![fixtures::member("N", &format!("normal {}", rows[0][1]))] };
    let populations = policy.frequency.populations();
    let contigs = fixtures::contigs();
    let candidates: Vec<Candidate> = rows
        .iter()
        .enumerate()
        .map(|(i, row)| {
            let mut one = fixtures::variant(100 + i as u32, row[2], row[3], row[6]);
            if row[2] == "OWNX" {
                one = fixtures::on("X", one);
                one.variant.position.0 = 50_000_000;
            }
            one.clinvar = clinvar(row[4]);
            let frequency =
                row[5].parse().map_or(FrequencyValue::NotAssessed, FrequencyValue::Observed);
            let of = |(i, _)| Frequency {
                population: PopulationId(i as u16),
                value: if i == 0 { frequency } else { FrequencyValue::NotAssessed },
                store: None,
            };
            assert_eq!(populations[0].dataset.id, "gnomad_genomes");
            one.frequencies = populations.iter().enumerate().map(of).collect();
            Candidate { annotated: one, reasons: Vec::new() }
        })
        .collect();
    let panels = panels(rules);
    let seeker = PertinentSeeker {
        normal: (MemberId(0), &family.members[0]),
        panels: &panels,
        own: 1,
        contigs: &contigs,
        assembly: Assembly::GRCh38,
        policy,
        rules,
    };
    let (all, _) = findings(&candidates, &seeker);
    all.iter()
        .map(|one| {
            let tier = serde_json::to_value(one.tier).unwrap().as_str().unwrap().to_owned();
            let certainty = if one.possible { "possible" } else { "sure" }.to_owned();
            assert_eq!(one.possible, !one.missing.is_empty());
            assert!(one.reasons.iter().all(Reason::is_consistent));
            let label = one.label.clone().unwrap_or_else(|| "-".into());
            (one.found.variant.position, (tier, certainty, label, one.partners.len()))
        })
        .collect()
}

fn people() -> Vec<Vec<Vec<&'static str>>> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split('\t').collect()).collect();
    rows.chunk_by(|a, b| a[0] == b[0]).map(<[Vec<&str>]>::to_vec).collect()
}

#[test]
fn every_variant_gets_what_the_table_says() {
    for preset in ["gms-cancer", "100k-cancer"] {
        let policy = Policy::preset(preset).unwrap();
        let mut seen = BTreeMap::new();
        for rows in people() {
            let found = found(&rows, &policy);
            for (i, row) in rows.iter().enumerate() {
                assert_eq!(row.len(), 10, "{row:?}");
                let position = if row[2] == "OWNX" { 50_000_000 } else { 100 + i as u32 };
                let none = ("NONE".to_owned(), "-".to_owned(), "-".to_owned(), 0);
                let (tier, certainty, label, _) = found.get(&position).unwrap_or(&none);
                let expected = (row[7], row[8], row[9]);
                assert_eq!(
                    (tier.as_str(), certainty.as_str(), label.as_str()),
                    expected,
                    "{row:?}"
                );
                *seen.entry(row[7]).or_insert(0) += 1;
            }
        }
        assert!(seen["TIER1"] > 15 && seen["TIER3"] > 10 && seen["NONE"] > 10, "{seen:?}");
    }
}

#[test]
fn the_policy_says_what_a_second_variant_must_be() {
    let mut policy = Policy::preset("gms-cancer").unwrap();
    policy.pertinent.as_mut().unwrap().partner.value = Partner::Tier1;
    let rows: Vec<_> = people().into_iter().find(|rows| rows[0][0] == "second-uncertain").unwrap();
    let found = found(&rows, &policy);
    assert_eq!(found[&100].2, "one_variant_of_two");
    let mut policy = Policy::preset("gms-cancer").unwrap();
    policy.pertinent.as_mut().unwrap().tier1_rare.value = true;
    let rows: Vec<_> = people().into_iter().find(|rows| rows[0][0] == "known-common").unwrap();
    assert!(super::tests::found(&rows, &policy).is_empty());
}

#[test]
fn one_variant_is_never_its_own_partner() {
    let policy = Policy::preset("gms-cancer").unwrap();
    let rows: Vec<_> = people().into_iter().find(|rows| rows[0][0] == "two").unwrap();
    let found = found(&rows, &policy);
    assert!(found.values().all(|(.., partners)| *partners == 1), "{found:?}");
}

#[test]
fn doubtful_calls_are_counted() {
    let policy = Policy::preset("gms-cancer").unwrap();
    let rules = policy.pertinent.as_ref().unwrap();
    let family = Family { members: vec![fixtures::member("N", "normal female")] };
    let (panels, contigs) = (panels(rules), fixtures::contigs());
    let seeker = PertinentSeeker {
        normal: (MemberId(0), &family.members[0]),
        panels: &panels,
        own: 1,
        contigs: &contigs,
        assembly: Assembly::GRCh38,
        policy: &policy,
        rules,
    };
    let mut one = fixtures::variant(1, "OWN", "stop_gained", "0/1");
    one.calls[0].sample_filter = Some("LowGQ".into());
    let two = fixtures::variant(2, "OTHER", "stop_gained", "0/1;reads=0");
    let all = [one, two].map(|annotated| Candidate { annotated, reasons: Vec::new() });
    let (found, doubtful) = findings(&all, &seeker);
    assert_eq!(
        (found.len(), doubtful),
        (0, 1),
        "calls outside the panels are no finding of any kind"
    );
}

/// Findings of one woman's variants.
fn of_woman(all: Vec<Annotated>) -> Vec<PertinentFinding> {
    let policy = Policy::preset("gms-cancer").unwrap();
    let rules = policy.pertinent.as_ref().unwrap();
    let family = Family { members: vec![fixtures::member("N", "normal female")] };
    let (panels, contigs) = (panels(rules), fixtures::contigs());
    let seeker = PertinentSeeker {
        normal: (MemberId(0), &family.members[0]),
        panels: &panels,
        own: 1,
        contigs: &contigs,
        assembly: Assembly::GRCh38,
        policy: &policy,
        rules,
    };
    let all: Vec<Candidate> =
        all.into_iter().map(|annotated| Candidate { annotated, reasons: Vec::new() }).collect();
    findings(&all, &seeker).0
}

#[test]
fn one_gene_of_two_ids_is_one_finding() {
    let mut one = fixtures::variant(1, "OWN2", "stop_gained", "0/1");
    let mut other = one.consequences[0].clone();
    one.consequences[0].gene.ensembl = Some("ENSG99000000001".into());
    other.gene.ensembl = Some("672".into());
    one.consequences.push(other);
    let mut second = fixtures::variant(2, "OWN2", "stop_gained", "0/1");
    second.consequences[0].gene.ensembl = Some("672".into());
    let found = of_woman(vec![one, second]);
    let told: Vec<_> = found.iter().map(|one| (one.tier, one.partners.len())).collect();
    assert_eq!(told, [(Tier::Tier1, 1), (Tier::Tier1, 1)], "a pair in whatever id");
}

#[test]
fn one_event_told_twice_is_one_hit() {
    let of = |position: u32, reference: &str, alternate: &str| {
        let mut one = fixtures::variant(position, "OWN2", "stop_gained", "0/1");
        one.variant.reference = reference.into();
        one.variant.alternate = alternate.into();
        one
    };
    let whole = || vec![of(10, "CC", "TT"), of(10, "C", "T"), of(11, "C", "T")];
    let found = of_woman(whole());
    assert!(found.len() == 3 && found.iter().all(|one| one.tier == Tier::Tier3), "{found:?}");
    // Another change of the same base is no part of it.
    let found = of_woman(vec![of(10, "C", "T"), of(10, "C", "A")]);
    assert!(found.iter().all(|one| one.tier == Tier::Tier1 && one.possible), "{found:?}");
}

#[test]
fn what_lies_beside_a_gene_within_another_is_only_possible() {
    let mut one = fixtures::variant(1, "OTHER", "missense_variant", "0/1");
    one.clinvar = clinvar("pathogenic:3");
    let beside = fixtures::variant(1, "OWN", "upstream_gene_variant", "0/1");
    one.consequences.extend(beside.consequences);
    let found = of_woman(vec![one]);
    assert!(found.len() == 1 && found[0].possible && found[0].tier == Tier::Tier1, "{found:?}");
}
