//! The truth tables of `test-data/models`: every model, under both penetrances, in families of every shape; and the same
//! answers for every order of members and variants.

use std::collections::BTreeMap;

use super::super::fixtures::{call, family_of, on, variant};
use super::*;
use crate::model::sample::{Affected, Family, Member, MemberId, Role, Sex};

const FAMILIES: &str = include_str!("../../../test-data/models/families.tsv");

/// Model id and its table.
const TABLES: &[(&str, &str)] = &[
    (
        "InheritedAutosomalDominant",
        include_str!("../../../test-data/models/InheritedAutosomalDominant.tsv"),
    ),
    (
        "InheritedAutosomalDominantPaternallyImprinted",
        include_str!("../../../test-data/models/InheritedAutosomalDominantPaternallyImprinted.tsv"),
    ),
    (
        "InheritedAutosomalDominantMaternallyImprinted",
        include_str!("../../../test-data/models/InheritedAutosomalDominantMaternallyImprinted.tsv"),
    ),
    ("SimpleRecessive", include_str!("../../../test-data/models/SimpleRecessive.tsv")),
    ("deNovo", include_str!("../../../test-data/models/deNovo.tsv")),
    ("CompoundHeterozygous", include_str!("../../../test-data/models/CompoundHeterozygous.tsv")),
    ("UniparentalIsodisomy", include_str!("../../../test-data/models/UniparentalIsodisomy.tsv")),
    (
        "XLinkedSimpleRecessive",
        include_str!("../../../test-data/models/XLinkedSimpleRecessive.tsv"),
    ),
    (
        "XLinkedCompoundHeterozygous",
        include_str!("../../../test-data/models/XLinkedCompoundHeterozygous.tsv"),
    ),
    ("XLinkedMonoallelic", include_str!("../../../test-data/models/XLinkedMonoallelic.tsv")),
    ("YLinked", include_str!("../../../test-data/models/YLinked.tsv")),
    ("MitochondrialGenome", include_str!("../../../test-data/models/MitochondrialGenome.tsv")),
];

/// One row: genotypes are those of the family's members in their order.
struct Row {
    family: &'static str,
    place: Place,
    genotypes: &'static str,
    partner: Option<&'static str>,
    complete: &'static str,
    incomplete: &'static str,
}

fn lines(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let rows = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    rows.skip(1).map(|line| line.split('\t').collect())
}

fn rows(text: &'static str) -> Vec<Row> {
    lines(text)
        .map(|cells| {
            let [family, place, genotypes, partner, complete, incomplete, _note] = cells[..] else {
                panic!("seven columns: {cells:?}")
            };
            let place = match place {
                "autosome" => Place::Autosomal,
                "X" => Place::X,
                "Y" => Place::Y,
                "MT" => Place::Mitochondrial,
                other => panic!("place {other}"),
            };
            let partner = (partner != ".").then_some(partner);
            Row { family, place, genotypes, partner, complete, incomplete }
        })
        .collect()
}

fn families() -> BTreeMap<&'static str, Family> {
    let mut members: BTreeMap<&str, Vec<Vec<&str>>> = BTreeMap::new();
    for cells in lines(FAMILIES) {
        members.entry(cells[0]).or_default().push(cells);
    }
    let of = |(name, rows): (&'static str, Vec<Vec<&'static str>>)| (name, family_of(&rows));
    members.into_iter().map(of).collect()
}

/// The same family with its members in another order, and their genotypes with them.
fn reordered(family: &Family, genotypes: &str, order: &[usize]) -> (Family, String) {
    let place = |old: MemberId| {
        let new = order.iter().position(|&i| i == usize::from(old.0)).unwrap();
        MemberId(new as u16)
    };
    let members = order
        .iter()
        .map(|&i| {
            let member = family.members[i].clone();
            let (father, mother) = (member.father.map(place), member.mother.map(place));
            Member { father, mother, ..member }
        })
        .collect();
    let words: Vec<&str> = genotypes.split(' ').collect();
    let genotypes: Vec<&str> = order.iter().map(|&i| words[i]).collect();
    (Family { members }, genotypes.join(" "))
}

fn answer(
    model: &str,
    family: &Family,
    (genotypes, partner): (&str, Option<&str>),
    (place, penetrance): (Place, Penetrance),
) -> Fit {
    let policy = Policy::preset("gms-rd").unwrap();
    let kin = Kin::new(family);
    let cx = ModelContext {
        kin: &kin,
        place,
        penetrance,
        de_novo: policy.de_novo.as_ref(),
        reads: policy.reads.as_ref(),
    };
    let model = MODELS.iter().find(|known| known.id() == model).unwrap();
    let a = variant(100, "G", "stop_gained", genotypes);
    match partner {
        None => model.check(&Unit::Single(&a), &cx),
        Some(partner) => {
            let b = variant(200, "G", "stop_gained", partner);
            let (fit, turned) =
                (model.check(&Unit::Pair(&a, &b), &cx), model.check(&Unit::Pair(&b, &a), &cx));
            assert_eq!(fit.word(), turned.word(), "the order of the pair: {fit:?} {turned:?}");
            fit
        }
    }
}

#[test]
fn every_model_has_a_table_that_it_follows() {
    let known: Vec<&str> = MODELS.iter().map(|model| model.id()).collect();
    let tabled: Vec<&str> = TABLES.iter().map(|(model, _)| *model).collect();
    assert_eq!(known, tabled);
    let families = families();
    let mut wrong = Vec::new();
    for (model, text) in TABLES {
        let rows = rows(text);
        for word in ["fits", "possible", "refuted"] {
            let told = rows.iter().any(|row| row.complete == word);
            assert!(told, "the table of {model} has no row that is {word}");
        }
        for row in rows {
            let runs =
                [(Penetrance::Complete, row.complete), (Penetrance::Incomplete, row.incomplete)];
            let (calls, family) = ((row.genotypes, row.partner), &families[row.family]);
            for (penetrance, expected) in runs {
                let fit = answer(model, family, calls, (row.place, penetrance));
                if fit.word() != expected {
                    let Row { family, genotypes, partner, .. } = &row;
                    wrong.push(format!(
                        "{model} {family} {genotypes} {partner:?} {penetrance:?}: {expected} in the table, {fit:?}"
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// All orders of `n` things, at most 120 of them.
fn orders(n: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for i in 0..n {
        all = all
            .into_iter()
            .flat_map(|order: Vec<usize>| {
                (0..=order.len()).map(move |at| {
                    let mut order = order.clone();
                    order.insert(at, i);
                    order
                })
            })
            .collect();
    }
    all
}

#[test]
fn the_order_of_members_changes_nothing() {
    let families = families();
    for (model, text) in TABLES {
        for row in rows(text) {
            let family = &families[row.family];
            let run = (row.place, Penetrance::Complete);
            let known = answer(model, family, (row.genotypes, row.partner), run);
            for order in orders(family.members.len()) {
                let (other, genotypes) = reordered(family, row.genotypes, &order);
                let partner = row.partner.map(|partner| reordered(family, partner, &order).1);
                let fit = answer(model, &other, (&genotypes, partner.as_deref()), run);
                assert_eq!(fit, known, "{model} {} {} {order:?}", row.family, row.genotypes);
            }
        }
    }
}

#[test]
fn the_order_of_variants_changes_no_event() {
    let panel = || vec![panel("p", &[("G", "3", PanelMode::Both), ("H", "2", PanelMode::Both)])];
    let mut world = World::new(&["proband affected male"], panel());
    world.penetrance = vec![Penetrance::Complete, Penetrance::Incomplete];
    world.family = families()["sibs"].clone();
    let variants = [
        variant(100, "G", "stop_gained", "0/1 0/1 0/0 0/1 0/0"),
        variant(200, "G", "missense_variant", "0/1 0/1 0/1 0/0 0/1"),
        variant(300, "G", "missense_variant", "0/1 0/1 0/0 0/0 0/0"),
        variant(400, "H", "missense_variant", "1/1 1/1 0/1 0/1 0/1"),
        on("X", variant(50_000_000, "X", "missense_variant", "1 1/1 0 1 0/1")),
    ];
    let told = |order: &[usize]| {
        let shuffled: Vec<Annotated> = order.iter().map(|&i| variants[i].clone()).collect();
        let mut by_variant: BTreeMap<usize, Vec<ReportEvent>> = BTreeMap::new();
        for (&i, found) in order.iter().zip(events(&world, &shuffled)) {
            by_variant.insert(i, found);
        }
        by_variant
    };
    let known = told(&[0, 1, 2, 3, 4]);
    assert!(known.values().all(|events| !events.is_empty()), "{known:?}");
    for order in orders(variants.len()) {
        assert_eq!(told(&order), known, "{order:?}");
    }
}

#[test]
fn families_are_read_as_written() {
    let families = families();
    let known = &families["paternal_grandparents"];
    assert_eq!(known.members.len(), 5);
    assert_eq!(known.get(MemberId(1)).father, Some(MemberId(3)));
    assert_eq!(known.get(MemberId(0)).role, Role::Proband);
    assert_eq!(families["turner_girl"].members[0].x_copies(), Some(1));
    assert_eq!(families["single_sex_unknown"].members[0].sex, Sex::Unknown);
    assert_eq!(families["trio_mother_unclear"].members[2].affected, Affected::Uncertain);
    assert!(families["parents_no_samples"].members[1].sample.is_none());
    let changed = call("0/1;gq=9;dp=8;reads=5;share=0.1;dq=0.5;label=DeNovo");
    assert_eq!((changed.genotype_quality, changed.depth), (Some(9.0), Some(8)));
    assert_eq!((changed.alternate_depth, changed.alternate_fraction), (Some(5), Some(0.1)));
    assert_eq!(changed.denovo_quality, Some(0.5));
    assert_eq!(changed.denovo_label.as_deref(), Some("DeNovo"));
}

/// Which panel modes each model of each tiering mode matches.
const PANEL_MODES: &str = include_str!("../../../test-data/models/panel_modes.tsv");

#[test]
fn every_model_matches_the_panel_modes_of_its_row() {
    let text = PANEL_MODES.lines().filter(|line| !line.starts_with('#'));
    let mut rows = text.map(|line| line.split('\t').collect::<Vec<_>>());
    let head = rows.next().unwrap();
    let columns: Vec<PanelMode> = head[2..]
        .iter()
        .map(|word| serde_json::from_value(serde_json::json!(word)).unwrap())
        .collect();
    let mut table = BTreeMap::new();
    for row in rows {
        let marks = row[2..].iter().map(|&mark| mark == "+");
        let listed: Vec<PanelMode> =
            columns.iter().copied().zip(marks).filter(|(_, mark)| *mark).map(|(m, _)| m).collect();
        table.insert((row[0].to_owned(), row[1].to_owned()), listed);
    }
    let policy = Policy::preset("gms-rd").unwrap();
    let mut n = 0;
    for mode in &policy.modes {
        let word = serde_json::to_value(mode.id).unwrap().as_str().unwrap().to_owned();
        for model in &mode.models {
            let row = &table[&(word.clone(), model.id.clone())];
            let listed = model.panel_modes.as_ref().unwrap_or(&mode.panel_modes);
            let same = columns.iter().all(|mode| listed.contains(mode) == row.contains(mode));
            assert!(same, "{word} {}: {listed:?} in the preset, {row:?} in the table", model.id);
            n += 1;
        }
    }
    assert_eq!(n, table.len());
}

/// Whatever the heteroplasmy of a healthy carrier of the maternal line, and of the proband: it never refutes, and both are told.
#[test]
fn a_carrier_of_the_maternal_line_never_refutes_whatever_the_heteroplasmy() {
    let families = families();
    for (family, carriers) in
        [("trio", &[2][..]), ("maternal_grandparents", &[2, 4]), ("sibs", &[2])]
    {
        let family = &families[family];
        for share in ["0.001", "0.01", "0.1", "0.5", "0.9", "0.999", "1"] {
            for own in ["0/1;share=0.02", "0/1;share=0.6", "1;share=1"] {
                let genotype = |i: usize| match i {
                    0 => own.to_owned(),
                    _ if carriers.contains(&i) => format!("0/1;share={share}"),
                    _ if family.members[i].affected == Affected::Yes => "1".to_owned(),
                    _ => "0".to_owned(),
                };
                let genotypes: Vec<String> = (0..family.members.len()).map(genotype).collect();
                let genotypes = genotypes.join(" ");
                for penetrance in [Penetrance::Complete, Penetrance::Incomplete] {
                    let run = (Place::Mitochondrial, penetrance);
                    let fit = answer("MitochondrialGenome", family, (&genotypes, None), run);
                    let Fit::Possible { missing, .. } = fit else {
                        assert_eq!((fit.word(), penetrance), ("fits", Penetrance::Incomplete));
                        continue;
                    };
                    assert_eq!(missing.len(), carriers.len(), "{missing:?}");
                    let shares = missing.iter().map(|text| text.matches("heteroplasmy").count());
                    assert!(
                        shares.sum::<usize>() == 2 * carriers.len(),
                        "both are told: {missing:?}"
                    );
                }
            }
        }
    }
}
