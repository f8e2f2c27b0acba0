//! Truth tables of the models: genotypes in the order of the family's members.

use super::*;

const CHILD_F: &str = "proband affected female";
const MUM: &str = "mother unaffected";

fn judge(
    model: &str,
    members: &[&str],
    place: Place,
    penetrance: Penetrance,
    unit: &Unit<'_>,
) -> Fit {
    let policy = Policy::preset("gms-rd").unwrap();
    let kin = Kin::new(&family(members));
    let cx = ModelContext {
        kin: &kin,
        place,
        penetrance,
        de_novo: policy.de_novo.as_ref(),
        reads: policy.reads.as_ref(),
    };
    let model = MODELS.iter().find(|known| known.id() == model).unwrap();
    model.check(unit, &cx)
}

/// What is tried, the change of a good call, and the answer.
type Evidence<'a> = (&'a str, fn(&mut Annotated), &'a str);

#[test]
fn de_novo_evidence() {
    let cases: [Evidence<'_>; 12] = [
        ("all good", |_| {}, "fits"),
        ("child GQ", |v| v.calls[0].genotype_quality = Some(19.0), "possible"),
        ("mother depth", |v| v.calls[2].depth = Some(9), "possible"),
        ("no depth", |v| v.calls[1].depth = None, "possible"),
        ("low share", |v| v.calls[0].alternate_fraction = Some(0.19), "possible"),
        ("high share", |v| v.calls[0].alternate_fraction = Some(0.81), "possible"),
        ("one parental read", |v| v.calls[1].alternate_depth = Some(1), "fits"),
        (
            "parental reads",
            |v| v.calls.iter_mut().skip(1).for_each(|c| c.alternate_depth = Some(1)),
            "refuted",
        ),
        (
            "label",
            |v| {
                v.calls[0].denovo_label = Some("DeNovo".into());
                v.calls[0].genotype_quality = Some(1.0);
            },
            "fits",
        ),
        ("other label", |v| v.calls[0].denovo_label = Some("Inherited".into()), "refuted"),
        ("overlapping label", |v| v.calls[0].denovo_label = Some("DeNovoCNV".into()), "fits"),
        ("unknown label", |v| v.calls[0].denovo_label = Some("New".into()), "possible"),
    ];
    for (what, change, expected) in cases {
        let mut one = variant(100, "G", "stop_gained", "0/1 0/0 0/0");
        change(&mut one);
        let fit =
            judge("deNovo", TRIO, Place::Autosomal, Penetrance::Complete, &Unit::Single(&one));
        assert_eq!(fit.word(), expected, "{what}: {fit:?}");
    }
    let mut low = variant(100, "G", "stop_gained", "0/1 0/0 0/0");
    low.calls[0].denovo_label = Some("LowDQ".into());
    let fit = judge("deNovo", TRIO, Place::Autosomal, Penetrance::Complete, &Unit::Single(&low));
    assert_eq!(fit.word(), "possible");
}

#[test]
fn reads_in_a_parent_keep_a_dominant_variant_possible() {
    let mut one = variant(100, "G", "stop_gained", "0/1 0/0 0/0");
    one.calls[2].alternate_depth = Some(5);
    let unit = Unit::Single(&one);
    let model = "InheritedAutosomalDominant";
    let fit = judge(model, TRIO, Place::Autosomal, Penetrance::Complete, &unit);
    assert_eq!(fit.word(), "possible", "{fit:?}");
}

#[test]
fn reads_in_the_mother_keep_a_variant_on_her_son_s_x_possible() {
    let mut one = variant(100, "G", "stop_gained", "1 0 0/0");
    one.calls[2].alternate_depth = Some(4);
    let fit = judge("deNovo", TRIO, Place::X, Penetrance::Complete, &Unit::Single(&one));
    assert_eq!(fit.word(), "possible", "no other model of X keeps it: {fit:?}");
}

#[test]
fn the_one_x_of_a_girl_may_be_her_father_s() {
    let mut members = family(&[CHILD_F, "father affected", MUM]);
    members.members[0].x_copies = Some(1);
    let kin = Kin::new(&members);
    let cx = ModelContext {
        kin: &kin,
        place: Place::X,
        penetrance: Penetrance::Complete,
        de_novo: None,
        reads: None,
    };
    for (genotypes, expected) in [
        ("1 1 0/0", ["fits", "fits", "refuted"]),
        ("1 1 0/1", ["fits", "refuted", "refuted"]),
        ("1 . 0/0", ["possible", "possible", "possible"]),
    ] {
        let one = variant(100, "G", "stop_gained", genotypes);
        for (model, word) in
            ["XLinkedSimpleRecessive", "XLinkedMonoallelic", "deNovo"].iter().zip(expected)
        {
            let model = MODELS.iter().find(|known| known.id() == *model).unwrap();
            let fit = model.check(&Unit::Single(&one), &cx);
            assert_eq!(fit.word(), word, "{} {genotypes}: {fit:?}", model.id());
        }
    }
}

#[test]
fn measured_number_of_x_overrides_the_stated_sex() {
    let mut members = family(&[CHILD_F]);
    members.members[0].x_copies = Some(1);
    let kin = Kin::new(&members);
    let cx = ModelContext {
        kin: &kin,
        place: Place::X,
        penetrance: Penetrance::Complete,
        de_novo: None,
        reads: None,
    };
    let one = variant(100, "G", "stop_gained", "0/1");
    let model = MODELS.iter().find(|m| m.id() == "XLinkedSimpleRecessive").unwrap();
    assert_eq!(model.check(&Unit::Single(&one), &cx).word(), "fits");
}

#[test]
fn two_alternates_of_one_record_are_in_trans() {
    let mut a = variant(100, "G", "stop_gained", "1/2");
    let mut b = variant(100, "G", "stop_gained", "1/2");
    b.calls[0] = call("2/1");
    for (variant, number) in [(&mut a, 1), (&mut b, 2)] {
        variant.record.alternates = "G,T".into();
        variant.record.alternate_number = number;
    }
    let unit = Unit::Pair(&a, &b);
    let fit =
        judge("CompoundHeterozygous", &[CHILD_F], Place::Autosomal, Penetrance::Complete, &unit);
    assert_eq!(fit.word(), "fits", "{fit:?}");
}

#[test]
fn models_refuse_units_of_the_other_scope() {
    let a = variant(100, "G", "stop_gained", "0/1 0/0 0/0");
    for model in MODELS {
        let unit = match model.scope() {
            Scope::Single => Unit::Pair(&a, &a),
            Scope::Pair => Unit::Single(&a),
        };
        let fit = judge(model.id(), TRIO, Place::Autosomal, Penetrance::Complete, &unit);
        assert_eq!(fit.word(), "refuted", "{}", model.id());
    }
}

#[test]
fn a_doubtful_genotype_of_a_relative_leaves_it_open() {
    let world = World::new(TRIO, vec![panel("p", &[("G", "3", PanelMode::Both)])]);
    let doubts: [fn(&mut Call); 3] = [
        |call| call.record_filter = Some("LowQual".into()),
        |call| call.sample_filter = Some("LowGQ".into()),
        |call| call.genotype_quality = Some(9.0),
    ];
    for (genotypes, doubtful, sure) in [
        // The father's 0/0 refutes SimpleRecessive, his 1/1 refutes it too; the mother's 0/1 refutes deNovo.
        ("1/1 0/0 0/1", 1, "UniparentalIsodisomy"),
        ("1/1 1/1 0/1", 1, ""),
        ("0/1 0/0 0/1", 2, ""),
    ] {
        let one = variant(100, "G", "stop_gained", genotypes);
        let names = |one: &Annotated| -> Vec<(String, bool)> {
            let found = events(&world, std::slice::from_ref(one)).remove(0);
            found.into_iter().map(|event| (event.segregation, event.possible)).collect()
        };
        let certain: Vec<String> = names(&one).into_iter().map(|(name, _)| name).collect();
        assert_eq!(certain.join(" "), sure, "{genotypes}");
        for doubt in doubts {
            let mut one = one.clone();
            doubt(&mut one.calls[doubtful]);
            let found = names(&one);
            assert!(!found.is_empty() && found.iter().all(|(_, possible)| *possible), "{found:?}");
        }
    }
    // The filter is one that the policy accepts, or the caller gave none.
    let mut one = variant(100, "G", "stop_gained", "1/1 1/1 0/1");
    one.calls[1].record_filter = Some("PASS".into());
    assert!(events(&world, &[one])[0].is_empty());
}

#[test]
fn doubtful_parents_of_a_new_variant_do_not_refute_it() {
    let world = World::new(TRIO, vec![panel("p", &[("G", "3", PanelMode::Both)])]);
    let mut one = variant(100, "G", "stop_gained", "0/1 0/0 0/0");
    for call in &mut one.calls[1..] {
        call.genotype_quality = Some(6.0);
    }
    let found = events(&world, &[one]).remove(0);
    assert!(found.iter().any(|event| event.segregation == "deNovo" && event.possible), "{found:?}");
}

#[test]
fn a_twin_whose_call_a_filter_refused_contradicts_nothing() {
    let policy = Policy::preset("gms-rd").unwrap();
    let mut family =
        family(&["proband male affected", "sibling male", "father male", "mother female"]);
    for member in &mut family.members[..2] {
        member.identical_twins = Some("A".into());
    }
    let kin = Kin::new(&family).trusting(&policy.call);
    let proband = &kin.all[0];
    for (twin, carries) in [
        ("0/1", Tri::Yes),
        ("0/0", Tri::Unknown),
        ("0/0;ft=LowGQ", Tri::Yes),
        ("0/0;gq=9", Tri::Yes),
        ("none", Tri::Yes),
    ] {
        let mut one = variant(100, "G", "stop_gained", "0/1 0/0 0/0 0/0");
        one.calls[1] = call(twin);
        assert_eq!(proband.seen(&one, Place::Autosomal).carries(), carries, "{twin}");
        assert_eq!(proband.word(&one, Place::Autosomal).contains("twin"), carries == Tri::Unknown);
    }
}
