//! Who may be looked at for what: every answer of every generation of consent records in every role, as data.

use std::fmt::Write as _;
use std::path::Path;

use super::*;
use crate::case::document;
use crate::model::candidate::TieringMode;
use crate::model::grade::{CallEvent, Entity};
use crate::model::panel::Confidence;
use crate::model::results::additional::LookedFor;

const TABLE: &str = include_str!("../../../test-data/consent/findings.tsv");

const ROLES: [&str; 5] = ["proband", "mother", "father", "sibling", "relative"];

/// Names of a generation's answers: primary, additional findings, carrier status.
fn keys(generation: &str) -> [&'static str; 3] {
    match generation {
        "100k" => ["primaryFindingConsent", "secondaryFindingConsent", "carrierStatusConsent"],
        "gms" => ["primaryFindingConsent", "healthRelatedFindingConsent", "carrierStatusConsent"],
        _ => ["primary", "secondary", "carrier"],
    }
}

fn answer(key: &str, word: &str) -> String {
    match word {
        "-" => String::new(),
        "true" | "false" => format!("{key} = {word}\n"),
        word => format!("{key} = \"{word}\"\n"),
    }
}

/// A family of every role; the one in question gives the answers of the row, its partner that of `partner`, all others yes.
/// `None` where the case is refused as a whole: a sample without primary consent.
fn case_of(row: &[&str]) -> Option<crate::case::Case> {
    let [generation, role, sequenced, primary, wanted, partner, ..] = row else {
        panic!("{row:?}")
    };
    let keys = keys(generation);
    let mut text =
        "[case]\nid = \"X\"\nkind = \"family\"\nassembly = \"GRCh38\"\nvariants = [\"x.vcf\"]\n"
            .to_owned();
    for name in ROLES {
        let own = name == *role;
        let _ = write!(text, "[[member]]\nid = \"{name}\"\nrole = \"{name}\"\n");
        if !(own && *sequenced == "no") {
            let _ = writeln!(text, "sample = \"S-{name}\"");
        }
        text.push_str("[member.consent]\n");
        let is_partner = matches!((*role, name), ("mother", "father") | ("father", "mother"));
        let words = match (own, is_partner) {
            (true, _) => [*primary, *wanted, *wanted],
            (false, true) => ["yes", "yes", *partner],
            _ => ["yes", "yes", "yes"],
        };
        for (key, word) in keys.iter().zip(words) {
            let word = if own || *generation != "100k" {
                word
            } else if word == "yes" {
                "true"
            } else {
                "false"
            };
            text.push_str(&answer(key, word));
        }
    }
    let refused = *sequenced == "yes" && !matches!(*primary, "yes" | "true");
    match document::parse(&text, Path::new("case.toml")) {
        Err(problems) if refused => {
            assert!(problems.0[0].message.contains("no explicit consent"), "{text}");
            None
        }
        parsed => Some(parsed.unwrap_or_else(|e| panic!("{text}\n{e}"))),
    }
}

#[test]
fn every_answer_in_every_role_opens_what_the_table_says() {
    let mut rows = 0;
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let row: Vec<&str> = line.split('\t').collect();
        assert_eq!(row.len(), 9, "{line}");
        rows += 1;
        let Some(case) = case_of(&row) else {
            assert!(row[6..].iter().all(|open| *open != "yes"), "{line}");
            continue;
        };
        let asked = Asked { additional: true, carrier: true, stopped: false };
        let all = decisions(&case.family, asked);
        let index = ROLES.iter().position(|role| *role == row[1]).unwrap();
        for (kind, expected) in FindingKind::ALL.into_iter().zip(&row[6..]) {
            let own = all.iter().find(|d| usize::from(d.member) == index + 1 && d.kind == kind);
            let found = serde_json::to_value(own.unwrap().looked_for).unwrap();
            assert_eq!(found, **expected, "{line}: {kind:?}");
            let open = decide::is_open(&all, MemberId(index as u16), kind);
            assert_eq!(open, *expected == "yes", "{line}: {kind:?}");
        }
        // Nothing is open without its panel, nor when identity checks stopped the case.
        for asked in [Asked::default(), Asked { stopped: true, ..asked }] {
            let all = decisions(&case.family, asked);
            assert!(all.iter().all(|decision| decision.looked_for != LookedFor::Yes), "{line}");
        }
    }
    assert!(rows > 500, "{rows} rows");
}

#[test]
fn two_generations_together_count_as_the_stricter() {
    let consent = |lines: &str| {
        let text = format!(
            "[case]\nid = \"X\"\nkind = \"singleton\"\nassembly = \"GRCh38\"\nvariants = [\"x.vcf\"]\n[[member]]\nid = \"P\"\n\
             sample = \"S\"\nrole = \"proband\"\n[member.consent]\n{lines}"
        );
        let Ok(case) = document::parse(&text, Path::new("case.toml")) else {
            return (false, false);
        };
        let decision = crate::case::consent::decide(MemberId(0), case.family.get(MemberId(0)));
        (decision.analysis == crate::case::consent::Analysis::Allowed, decision.secondary)
    };
    let both = |a: &str, b: &str| {
        consent(&format!(
            "primary = true\nsecondaryFindingConsent = {a}\nhealthRelatedFindingConsent = \"{b}\"\n"
        ))
    };
    assert_eq!(both("true", "yes"), (true, true));
    for (a, b) in
        [("true", "no"), ("true", "undefined"), ("false", "yes"), ("true", "not_applicable")]
    {
        assert_eq!(both(a, b), (true, false), "{a} {b}");
    }
    assert_eq!(
        consent("programmeConsent = true\nprimary = true\nsecondary = true\n"),
        (true, true)
    );
    assert_eq!(
        consent("programmeConsent = false\nprimary = true\nsecondary = true\n"),
        (false, false)
    );
    assert_eq!(consent("programmeConsent = \"undefined\"\nprimary = true\n"), (false, false));
    assert_eq!(consent("researchConsent = \"yes\"\n"), (false, false));
}

#[test]
fn other_variants_over_closed_genes_are_withheld() {
    let answer = |secondary: bool, applied: &[&str], entity: Entity| {
        let text = format!(
            "[case]\nid = \"X\"\nkind = \"singleton\"\nassembly = \"GRCh38\"\nvariants = [\"x.vcf\"]\n[[member]]\nid = \"P\"\n\
             sample = \"S\"\nrole = \"proband\"\nadult = true\n[member.consent]\nprimary = true\nsecondary = {secondary}\n"
        );
        let case = document::parse(&text, Path::new("case.toml")).unwrap();
        let asked = Asked { additional: true, ..Asked::default() };
        let panel_of = |symbols: &[&str]| {
            let genes = symbols.iter().map(|symbol| PanelGene {
                symbol: (*symbol).to_owned(),
                confidence: Some(Confidence::Green),
                ..PanelGene::default()
            });
            PanelSet::new(vec![Panel { genes: genes.collect(), ..Panel::default() }])
        };
        let (panels, policy) = (panel_of(&["BRCA1"]), Policy::preset("gms-rd").unwrap());
        let seeker = Seeker {
            family: &case.family,
            decisions: &decisions(&case.family, asked),
            panels: &panels,
            additional: Some(0),
            carrier: None,
            contigs: &ContigTable::new(),
            assembly: Assembly::GRCh38,
            policy: &policy,
            rules: policy.additional.as_ref().unwrap(),
        };
        let event = CallEvent {
            id: String::new(),
            domain: None,
            tier: None,
            entity,
            gene: None,
            panel: None,
            mode_of_inheritance: TieringMode::Na,
            segregation: String::new(),
            possible: false,
            missing: Vec::new(),
            label: None,
            group: None,
            members: vec![1],
            repeat_limits: None,
            reasons: Vec::new(),
        };
        withhold::stays(&event, &panel_of(applied), &seeker)
    };
    let many = || Entity::Genes(vec!["OTHER".into(), "BRCA1".into()]);
    assert!(!answer(false, &[], many()));
    assert!(!answer(false, &[], Entity::Gene("BRCA1".into())));
    assert!(answer(false, &[], Entity::Gene("OTHER".into())));
    assert!(answer(false, &["BRCA1"], Entity::Gene("BRCA1".into())));
    assert!(answer(true, &[], many()));
}
