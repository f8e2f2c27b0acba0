use super::acmg::CODES;
use super::biomarkers::BIOMARKERS;
use super::fixtures::{World, call, candidate, family, on, panel, variant};
use super::inheritance::{Fit, Kin, MODELS, ModelContext, Place, Scope, Tri, Unit};
use super::marks::{MARKS, MarkContext, MarkInputs};
use super::rules::RULES;
use super::{explain_variant, explanations, germline, somatic};
use crate::model::candidate::{Annotated, Domain, Penetrance, ReportEvent, Tier, TieringMode};
use crate::model::genotype::Call;
use crate::model::panel::{PanelMode, PanelSet};
use crate::policy::{PRESETS, Policy};

mod models;
mod reads;
mod truth;

const TRIO: &[&str] = &["proband affected male", "father unaffected", "mother unaffected"];

fn events(world: &World, variants: &[Annotated]) -> Vec<Vec<ReportEvent>> {
    let candidates = variants.iter().cloned().map(candidate).collect();
    germline(candidates, &world.context()).tiered.into_iter().map(|t| t.events).collect()
}

/// `tier segregation label` of each event, best first.
fn told(events: &[ReportEvent]) -> Vec<String> {
    events
        .iter()
        .map(|e| {
            let tier = e.tier.map(|tier| format!("{tier:?}")).unwrap_or_default();
            format!("{tier} {} {}", e.segregation, e.label.as_deref().unwrap_or("-"))
        })
        .collect()
}

#[test]
fn tiers_by_panel_mode_and_consequence() {
    use PanelMode::{Biallelic, Both, MonoallelicNotImprinted as Mono, Unknown};
    let cases: &[(&str, PanelMode, &str, &str, &[&str])] = &[
        ("3", Mono, "missense_variant", "0/1 0/0 0/0", &["Tier1 deNovo -"]),
        ("3", Mono, "stop_gained", "0/1 0/0 0/0", &["Tier1 deNovo -"]),
        ("2", Mono, "stop_gained", "0/1 0/0 0/0", &["Tier3 deNovo amber_or_red"]),
        ("1", Mono, "stop_gained", "0/1 0/0 0/0", &["Tier3 deNovo amber_or_red"]),
        ("3", Biallelic, "stop_gained", "0/1 0/0 0/0", &["Tier3 deNovo green_moi_mismatch"]),
        ("3", Biallelic, "stop_gained", "1/1 0/1 0/1", &["Tier1 SimpleRecessive -"]),
        ("4", Both, "missense_variant", "1/1 0/1 0/1", &["Tier2 SimpleRecessive -"]),
        ("3", Unknown, "splice_region_variant", "1/1 0/1 0/1", &["Tier2 SimpleRecessive -"]),
        ("3", Biallelic, "frameshift_variant", "1/1 0/1 0/0", &["Tier1 UniparentalIsodisomy -"]),
        ("3", Biallelic, "synonymous_variant", "1/1 0/1 0/1", &[]),
        ("3", Mono, "stop_gained", "0/1 0/1 0/0", &[]),
    ];
    for (level, mode, term, genotypes, expected) in cases {
        let world = World::new(TRIO, vec![panel("p", &[("G", level, *mode)])]);
        let found = events(&world, &[variant(100, "G", term, genotypes)]);
        assert_eq!(told(&found[0]), *expected, "{level} {mode:?} {term} {genotypes}");
    }
}

#[test]
fn a_crowded_gene_is_named_only_where_a_panel_asks_for_it() {
    let world = World::new(TRIO, vec![panel("p", &[("G", "3", PanelMode::Biallelic)])]);
    let crowd = |gene: &str| {
        let one = |i: u32| {
            let calls = if i.is_multiple_of(2) { "0/1 0/1 0/0" } else { "0/1 0/0 0/1" };
            candidate(variant(100 + i, gene, "missense_variant", calls))
        };
        let notices = germline((0..102).map(one).collect(), &world.context()).notices;
        notices.into_iter().map(|notice| notice.text).collect::<Vec<_>>().join("\n")
    };
    assert!(crowd("G").contains("G has 102 variants; pairs beyond 5000"), "{}", crowd("G"));
    let other = crowd("SECRET");
    assert!(other.contains("a gene that is green on no panel has 102 variants"), "{other}");
    assert!(!other.contains("SECRET"), "{other}");
}

#[test]
fn off_panel_and_non_coding_genes() {
    let world = World::new(TRIO, vec![panel("p", &[("OTHER", "3", PanelMode::Both)])]);
    let mut rna = variant(100, "RNA1", "stop_gained", "0/1 0/0 0/0");
    rna.consequences[0].biotype = Some("lncRNA".into());
    let found = events(&world, &[variant(99, "G", "stop_gained", "0/1 0/0 0/0"), rna]);
    assert_eq!(told(&found[0]), ["Tier3 deNovo not_in_panel"]);
    assert_eq!(found[0][0].panel, None);
    assert!(found[1].is_empty(), "non-coding genes off panel are never Tier 3");
}

#[test]
fn genes_of_rna_count_on_panels_only() {
    let mono = PanelMode::MonoallelicNotImprinted;
    let term = "non_coding_transcript_exon_variant";
    let rna = |genotypes: &str, biotype: &str| {
        let mut one = variant(100, "RNU", term, genotypes);
        one.consequences[0].biotype = Some(biotype.into());
        one
    };
    let told_on = |level: &str, one: Annotated| {
        let world = World::new(TRIO, vec![panel("p", &[("RNU", level, mono)])]);
        told(&events(&world, &[one])[0])
    };
    assert_eq!(told_on("3", rna("0/1 0/0 0/0", "snRNA")), ["Tier1 deNovo -"]);
    assert_eq!(told_on("3", rna("0/1;gq=9 0/0 0/0", "snRNA")), ["Tier2 deNovo -"]);
    assert!(told_on("2", rna("0/1 0/0 0/0", "snRNA")).is_empty(), "never Tier 3");
    assert!(told_on("3", rna("0/1 0/0 0/0", "retained_intron")).is_empty());
    // A transcript without product of a coding gene is not the gene.
    let mut mixed = rna("0/1 0/0 0/0", "lncRNA");
    mixed.consequences.push(super::fixtures::consequence("RNU", "intron_variant"));
    assert!(told_on("3", mixed).is_empty());
    let mut coding = panel("p", &[("RNU", "3", mono)]);
    coding.genes[0].biotype = Some("protein_coding".into());
    let world = World::new(TRIO, vec![coding]);
    assert!(events(&world, &[rna("0/1 0/0 0/0", "lncRNA")])[0].is_empty());
    let world = World::new(TRIO, Vec::new());
    assert!(events(&world, &[rna("0/1 0/0 0/0", "snRNA")])[0].is_empty());
}

#[test]
fn known_variants_give_a_tier_by_their_stars() {
    use crate::model::annotation::ClinVar;
    let known = |term: &str, stars: Option<u8>| {
        let mut one = variant(100, "G", term, "1/1 0/1 0/1");
        let significance = vec!["likely_pathogenic".to_owned()];
        one.clinvar = Some(ClinVar { significance, stars, ..ClinVar::default() });
        one
    };
    let told_in = |mode: PanelMode, one: Annotated| {
        let world = World::new(TRIO, vec![panel("p", &[("G", "3", mode)])]);
        told(&events(&world, &[one])[0])
    };
    let green = |term: &str, stars| told_in(PanelMode::Biallelic, known(term, stars));
    assert_eq!(green("intron_variant", Some(2)), ["Tier1 SimpleRecessive -"]);
    assert_eq!(green("missense_variant", Some(1)), ["Tier1 SimpleRecessive -"]);
    assert_eq!(green("missense_variant", Some(0)), ["Tier2 SimpleRecessive -"]);
    assert_eq!(green("intron_variant", None), ["Tier1 SimpleRecessive -"], "no review status");
    assert!(green("intron_variant", Some(0)).is_empty());
    assert!(green("upstream_gene_variant", Some(2)).is_empty(), "it does not lie in the gene");
    let other = told_in(PanelMode::XLinkedBiallelic, known("intron_variant", Some(2)));
    assert_eq!(other, ["Tier3 SimpleRecessive green_moi_mismatch"]);
    let world = World::new(TRIO, Vec::new());
    let found = events(&world, &[known("synonymous_variant", Some(2))]);
    assert_eq!(told(&found[0]), ["Tier3 SimpleRecessive not_in_panel"]);
    assert!(!found[0][0].terms.is_empty());
    let all = events(&world, &[known("synonymous_variant", Some(2))]).remove(0);
    assert!(all[0].reasons.iter().all(|r| r.is_consistent() && r.holds));
}

#[test]
fn a_gene_not_caused_by_loss_says_so() {
    let mut panel = panel("p", &[("G", "3", PanelMode::Biallelic)]);
    let stated =
        "Loss-of-function variants (as defined in pop up message) DO NOT cause this phenotype";
    panel.genes[0].mode_of_pathogenicity = Some(stated.into());
    let world = World::new(TRIO, vec![panel]);
    let told = |term: &str| {
        let found = events(&world, &[variant(100, "G", term, "1/1 0/1 0/1")]).remove(0);
        found[0].reasons.iter().any(|reason| reason.rule == "mode_of_pathogenicity")
    };
    assert!(told("stop_gained") && !told("missense_variant"));
}

#[test]
fn newborns_are_judged_alone() {
    use PanelMode::{Biallelic, MonoallelicNotImprinted, XLinkedBiallelic, XLinkedMonoallelic};
    let told_of = |sex: &str, mode: PanelMode, genotypes: &[&str], contig: &str| {
        let member = format!("proband {sex}");
        let mut world = World::new(&[&member], vec![panel("p", &[("G", "3", mode)])]);
        world.policy = Policy::preset("newborn").unwrap();
        let one = |(i, genotype): (usize, &&str)| {
            on(contig, variant(50_000_000 + i as u32, "G", "stop_gained", genotype))
        };
        let variants: Vec<Annotated> = genotypes.iter().enumerate().map(one).collect();
        let mut told = told(&events(&world, &variants)[0]);
        told.retain(|event| event.starts_with("Tier1"));
        told
    };
    let dominant = "Tier1 InheritedAutosomalDominant -";
    let pair = "Tier1 CompoundHeterozygous -";
    assert_eq!(told_of("male", MonoallelicNotImprinted, &["0/1"], "1"), [dominant]);
    assert_eq!(told_of("male", Biallelic, &["0/1"], "1"), [""; 0]);
    assert_eq!(told_of("male", Biallelic, &["1/1"], "1"), ["Tier1 SimpleRecessive -"]);
    assert_eq!(told_of("male", Biallelic, &["0/1", "0/1"], "1"), [pair]);
    assert_eq!(told_of("male", Biallelic, &["0|1@7", "0|1@7"], "1"), [""; 0], "one copy");
    let recessive = "Tier1 XLinkedSimpleRecessive -";
    assert_eq!(told_of("male", XLinkedBiallelic, &["1"], "X"), [recessive]);
    assert_eq!(told_of("female", XLinkedBiallelic, &["0/1"], "X"), [""; 0]);
    let pair = "Tier1 XLinkedCompoundHeterozygous -";
    assert_eq!(told_of("female", XLinkedBiallelic, &["0/1", "0/1"], "X"), [pair]);
    assert_eq!(
        told_of("female", XLinkedMonoallelic, &["0/1"], "X"),
        ["Tier1 XLinkedMonoallelic -"]
    );
}

#[test]
fn one_event_for_every_panel() {
    let mode = PanelMode::MonoallelicNotImprinted;
    let panels = vec![panel("a", &[("G", "3", mode)]), panel("b", &[("G", "2", mode)])];
    let world = World::new(TRIO, panels);
    let found = events(&world, &[variant(100, "G", "stop_gained", "0/1 0/0 0/0")]);
    assert_eq!(told(&found[0]), ["Tier1 deNovo -", "Tier3 deNovo amber_or_red"]);
}

#[test]
fn a_possible_de_novo_does_not_lift_moderate_impact() {
    let members = ["proband affected male", "mother unaffected"];
    let world = World::new(&members, vec![panel("p", &[("G", "3", PanelMode::Both)])]);
    let found = events(&world, &[variant(100, "G", "missense_variant", "0/1 0/0")]);
    assert_eq!(told(&found[0]), ["Tier2 InheritedAutosomalDominant -", "Tier2 deNovo -"]);
    assert!(found[0].iter().all(|event| event.possible && !event.missing.is_empty()));
}

#[test]
fn partners_share_a_group_and_every_pair_has_its_own() {
    let world = World::new(TRIO, vec![panel("p", &[("G", "3", PanelMode::Biallelic)])]);
    let variants = [
        variant(100, "G", "stop_gained", "0/1 0/1 0/0"),
        variant(200, "G", "missense_variant", "0/1 0/0 0/1"),
        variant(300, "G", "missense_variant", "0/1 0/0 0/1"),
        variant(400, "H", "missense_variant", "0/1 0/0 0/1"),
    ];
    let found = events(&world, &variants);
    let groups: Vec<Vec<u32>> =
        found.iter().map(|es| es.iter().filter_map(|e| e.group).collect()).collect();
    assert_eq!(groups, [vec![1, 2], vec![1], vec![2], vec![]]);
    assert_eq!(told(&found[0])[0], "Tier1 CompoundHeterozygous -");
    assert_eq!(told(&found[1]), ["Tier2 CompoundHeterozygous -"]);
}

#[test]
fn frequency_limits_follow_the_mode() {
    use crate::model::annotation::FrequencyValue::{NotAssessed, Observed};
    let world = World::new(TRIO, vec![panel("p", &[("G", "3", PanelMode::Both)])]);
    let with = |genotypes: &str, value: f64| {
        let mut variant = variant(100, "G", "stop_gained", genotypes);
        variant.frequencies[4].value = Observed(value);
        events(&world, &[variant])[0].len()
    };
    assert_eq!((with("0/1 0/0 0/0", 0.001), with("0/1 0/0 0/0", 0.0011)), (1, 0));
    assert_eq!((with("1/1 0/1 0/1", 0.01), with("1/1 0/1 0/1", 0.011)), (1, 0));
    let mut silent = variant(100, "G", "stop_gained", "0/1 0/0 0/0");
    for frequency in &mut silent.frequencies {
        frequency.value = NotAssessed;
    }
    let found = events(&world, &[silent]);
    assert!(found[0][0].reasons[0].text.contains("not checked"));
}

#[test]
fn what_no_model_judges_is_told() {
    use crate::model::annotation::ClinVar;
    let imprinted = PanelMode::MonoallelicMaternallyImprinted;
    let mut world = World::new(TRIO, vec![panel("p", &[("I", "3", imprinted)])]);
    assert!(germline(Vec::new(), &world.context()).notices.is_empty(), "every place has a model");
    world.policy.modes.retain(|mode| {
        use TieringMode::{
            Biallelic, MonoallelicNotImprinted, XlinkedBiallelic, XlinkedMonoallelic,
        };
        [Biallelic, MonoallelicNotImprinted, XlinkedBiallelic, XlinkedMonoallelic]
            .contains(&mode.id)
    });
    let mut known = variant(300, "G", "synonymous_variant", "0/1 0/0 0/0");
    let significance = vec!["pathogenic".to_owned()];
    known.clinvar = Some(ClinVar { significance, stars: Some(0), ..ClinVar::default() });
    let all = [
        on("MT", variant(8_993, "M", "missense_variant", "0/1 0/0 0/1")),
        on("Y", variant(9_000_000, "Y", "stop_gained", "1 1 .")),
        variant(200, "I", "stop_gained", "0/1 0/1 0/0"),
        known,
    ];
    let told = |variants: &[Annotated]| -> Vec<(String, u64)> {
        let candidates = variants.iter().cloned().map(candidate).collect();
        let tiering = germline(candidates, &world.context());
        assert!(tiering.tiered.iter().all(|tiered| tiered.events.is_empty()));
        tiering.notices.into_iter().map(|notice| (notice.text, notice.count)).collect()
    };
    let found = told(&all);
    let words = ["mitochondrial", "Y-linked", "imprinted", "ClinVar"];
    assert_eq!(found.len(), words.len(), "{found:?}");
    for ((text, count), word) in found.iter().zip(words) {
        assert!(text.contains(word) && *count == 1, "{text}");
    }
    assert_eq!(told(&[]).iter().map(|(_, n)| *n).collect::<Vec<_>>(), [0, 0, 0]);
}

#[test]
fn what_passes_complete_penetrance_is_reported_so() {
    let panels = || vec![panel("p", &[("G", "3", PanelMode::MonoallelicNotImprinted)])];
    let inherited = variant(100, "G", "stop_gained", "0/1 0/1 0/0");
    // In another gene: in the same one the two might be a pair.
    let new = variant(200, "H", "stop_gained", "0/1 0/0 0/0");
    let mut world = World::new(TRIO, panels());
    assert!(events(&world, std::slice::from_ref(&inherited))[0].is_empty());
    world.penetrance = vec![Penetrance::Complete, Penetrance::Incomplete];
    let found = events(&world, &[inherited, new]);
    assert_eq!(told(&found[0]), ["Tier1 InheritedAutosomalDominant -"]);
    assert_eq!(found[0][0].penetrance, Penetrance::Incomplete);
    assert_eq!(found[1][0].penetrance, Penetrance::Complete);
}

#[test]
fn x_linked_calls_of_boys_satisfy_both_modes() {
    for mode in [PanelMode::XLinkedBiallelic, PanelMode::XLinkedMonoallelic] {
        let world = World::new(&["proband affected male"], vec![panel("p", &[("G", "3", mode)])]);
        for genotype in ["1", "1/1", "0/1"] {
            let one = on("X", variant(50_000_000, "G", "stop_gained", genotype));
            let told = told(&events(&world, &[one])[0]);
            let expected = ["Tier1 XLinkedSimpleRecessive -", "Tier1 XLinkedMonoallelic -"];
            assert_eq!(told, expected, "{mode:?} {genotype}");
        }
        let in_par = on("X", variant(20_000, "G", "stop_gained", "1/1"));
        assert_eq!(events(&world, &[in_par])[0][0].mode, TieringMode::MonoallelicNotImprinted);
    }
}

#[test]
fn de_novo_on_x_carries_the_x_linked_mode() {
    let panels = vec![panel("p", &[("G", "3", PanelMode::XLinkedBiallelic)])];
    let world = World::new(TRIO, panels);
    let new = on("X", variant(50_000_000, "G", "missense_variant", "1 0 0/0"));
    let found = events(&world, &[new]);
    assert_eq!(told(&found[0]), ["Tier1 deNovo -"]);
    assert_eq!(found[0][0].mode, TieringMode::XlinkedMonoallelic);
}

#[test]
fn the_transcript_is_mane_then_canonical_then_first_of_the_worst_class() {
    let world = World::new(TRIO, Vec::new());
    let mut one = variant(100, "G", "missense_variant", "0/1 0/0 0/0");
    let template = one.consequences[0].clone();
    let mut add = |term: &str, canonical, mane_select| {
        let mut consequence = super::fixtures::consequence("G", term);
        consequence.canonical = canonical;
        consequence.mane_select = mane_select;
        one.consequences.push(consequence);
    };
    add("stop_gained", false, false);
    add("stop_gained", true, false);
    add("missense_variant", false, true);
    assert_eq!(events(&world, std::slice::from_ref(&one))[0][0].consequence, 2);
    one.consequences[1].mane_select = true;
    assert_eq!(events(&world, std::slice::from_ref(&one))[0][0].consequence, 1);
    one.consequences = vec![template.clone(), template];
    assert_eq!(events(&world, &[one])[0][0].consequence, 0);
}

#[test]
fn domains_of_a_tumour() {
    let mut world = World::new(&["tumour affected", "normal"], Vec::new());
    world.policy = Policy::preset("gms-cancer").unwrap();
    let list = |id, gene| PanelSet::new(vec![panel(id, &[(gene, "3", PanelMode::Unknown)])]);
    world.lists.domain1 = list("actionable", "A");
    world.lists.domain2 = list("cancer", "B");
    let marks = MarkContext::new(&world.policy, &world.family, MarkInputs::default()).unwrap();
    let cases = [
        ("A", "missense_variant", "0/1 0/0", Some(Domain::Domain1)),
        ("B", "stop_gained", "0/1 0/0", Some(Domain::Domain2)),
        ("C", "stop_gained", "0/1 0/0", Some(Domain::Domain3)),
        ("A", "synonymous_variant", "0/1 0/0", None),
        ("A", "stop_gained", "0/0 0/1", None),
    ];
    for (gene, term, genotypes, domain) in cases {
        let one = candidate(variant(100, gene, term, genotypes));
        let found = somatic(vec![one], &world.context(), &marks);
        assert_eq!(found.tiered[0].domain(), domain, "{gene} {term} {genotypes}");
    }
    let mut canonical = variant(100, "A", "stop_gained", "0/1 0/0");
    canonical.consequences.push(super::fixtures::consequence("A", "synonymous_variant"));
    canonical.consequences[1].canonical = true;
    let found = somatic(vec![candidate(canonical)], &world.context(), &marks);
    assert_eq!(found.tiered[0].domain(), None, "only the canonical transcript counts");
}

#[test]
fn every_verdict_follows_from_its_reasons() {
    let world = World::new(TRIO, vec![panel("p", &[("G", "3", PanelMode::Both)])]);
    let cx = world.context();
    for child in ["0/1", "1/1", "./1", "./."] {
        for parents in ["0/0 0/0", "0/1 0/0", "0/1 0/1", "./. 0/0", "0/0 none"] {
            for term in ["missense_variant", "stop_gained"] {
                let one = variant(100, "G", term, &format!("{child} {parents}"));
                let told = explain_variant(&one, &[], &cx);
                assert!(told.iter().all(crate::model::reason::Reason::is_consistent));
                for event in events(&world, &[one]).remove(0) {
                    assert!(event.reasons.iter().all(|r| r.is_consistent() && r.holds));
                    assert_eq!(event.possible, !event.missing.is_empty());
                    let rule = match event.tier {
                        Some(Tier::Tier1) => "tier1",
                        Some(Tier::Tier2) => "tier2",
                        _ => "tier3",
                    };
                    assert!(event.reasons.iter().any(|reason| reason.rule == rule));
                }
            }
        }
    }
}

#[test]
fn explain_tells_of_partners_and_rules() {
    let world = World::new(TRIO, vec![panel("p", &[("G", "3", PanelMode::Biallelic)])]);
    let a = variant(100, "G", "stop_gained", "0/1 0/1 0/0");
    let b = variant(200, "G", "missense_variant", "0/1 0/0 0/1");
    let text = |partners: &[&Annotated]| {
        let told = explain_variant(&a, partners, &world.context());
        told.into_iter().map(|reason| reason.text).collect::<Vec<_>>().join("\n")
    };
    assert!(text(&[]).contains("No other candidate lies in the same gene."));
    assert!(text(&[&a, &b]).contains("CompoundHeterozygous with the variant at 200 A>G: fits."));
    assert!(text(&[&b]).contains("The panel lists G as green"));
}

#[test]
fn the_slices_hold_every_file_and_the_presets_their_sources() {
    let mut ids: Vec<&str> = explanations().map(|e| e.id).collect();
    let n = ids.len();
    let structural =
        super::structural::explain::ALL.len() + super::tumour_structural::explain::ALL.len();
    let somatic = MARKS.len() + BIOMARKERS.len();
    let tumour = super::pertinent::explanations().count() + 1;
    assert_eq!(n, MODELS.len() + RULES.len() + CODES.len() + structural + somatic + tumour);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), n, "ids are unique");
    let count = |folder: &str, other: &[&str]| {
        // Cargo runs tests in the package's root.
        let folder = format!("src/tier/{folder}");
        let files = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().file_name());
        let names = files.map(|name| name.into_string().unwrap());
        names.filter(|name| *name != "mod.rs" && !other.contains(&name.as_str())).count()
    };
    let shared = ["de_novo_reads.rs", "imprinting.rs", "kin.rs", "lineage.rs", "phase.rs"];
    assert_eq!(count("inheritance", &shared), MODELS.len());
    let rules = count("rules/germline", &[]) + count("rules/somatic", &[]);
    assert_eq!(rules, RULES.len());
    let shared = ["tests.rs"];
    assert_eq!(count("pertinent", &shared), super::pertinent::explanations().count());
    let shared = ["computational.rs", "de_novo.rs", "frequencies.rs", "tests.rs"];
    assert_eq!(count("acmg", &shared), CODES.len());
    let shared = ["fisher.rs", "regions.rs", "tests.rs"];
    assert_eq!(count("marks", &shared), MARKS.len());
    let policies: Vec<Policy> = PRESETS.iter().map(|(id, _)| Policy::preset(id).unwrap()).collect();
    for explanation in explanations() {
        assert!(!explanation.sources.is_empty(), "{}", explanation.id);
        for source in explanation.sources {
            let known = policies.iter().any(|policy| policy.sources.contains_key(*source));
            assert!(known, "{}: {source}", explanation.id);
        }
    }
}
