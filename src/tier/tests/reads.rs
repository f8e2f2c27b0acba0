//! A new mutation held against the reads of child and parents.

use super::*;
use crate::model::evidence::{ReadEvidence, ReadMethod, SiteReads};

/// Reference and ALT reads of one member.
fn counted(variant: &mut Annotated, member: usize, (reference, alternate): (u32, u32)) {
    let mut reads = SiteReads::new(ReadMethod::Bases);
    (reads.reference.forward, reads.alternate.forward) = (reference, alternate);
    variant.calls[member].reads = Some(Box::new(ReadEvidence::Counted(reads)));
}

fn judge(one: &Annotated) -> Fit {
    let policy = Policy::preset("gms-rd").unwrap();
    let kin = Kin::new(&family(TRIO)).trusting(&policy.call);
    let cx = ModelContext {
        kin: &kin,
        place: Place::Autosomal,
        penetrance: Penetrance::Complete,
        de_novo: policy.de_novo.as_ref(),
        reads: policy.reads.as_ref(),
    };
    let model = MODELS.iter().find(|model| model.id() == "deNovo").unwrap();
    model.check(&Unit::Single(one), &cx)
}

/// A trio whose calls say de novo; the parents' values may be missing, as of members called by depth.
fn trio(bare_parents: bool) -> Annotated {
    let mut one = variant(100, "G", "missense_variant", "0/1 0/0 0/0");
    for (i, call) in one.calls.iter_mut().enumerate() {
        let known = i == 0 || !bare_parents;
        call.genotype_quality = known.then_some(99.0);
        call.depth = known.then_some(30);
        let alternate = if i == 0 { 14 } else { 0 };
        call.alternate_depth = known.then_some(alternate);
        call.reference_depth = known.then_some(30 - alternate);
    }
    one
}

#[test]
fn reads_speak_for_and_against_a_new_mutation() {
    for (child, father, mother, expected) in [
        ((15, 15), (30, 0), (31, 0), "fits"),
        ((15, 15), (30, 0), (30, 1), "fits"),
        ((15, 15), (29, 1), (30, 1), "possible"),
        ((15, 15), (30, 0), (27, 3), "possible"),
        ((15, 15), (30, 0), (20, 10), "refuted"),
        ((30, 0), (30, 0), (30, 0), "refuted"),
        ((10, 0), (30, 0), (30, 0), "possible"),
        ((28, 3), (30, 0), (30, 0), "possible"),
        ((15, 15), (0, 0), (30, 0), "possible"),
    ] {
        let mut one = trio(false);
        for (member, reads) in [child, father, mother].into_iter().enumerate() {
            counted(&mut one, member, reads);
        }
        let fit = judge(&one);
        assert_eq!(fit.word(), expected, "{child:?} {father:?} {mother:?}: {fit:?}");
    }
}

#[test]
fn reads_stand_in_for_values_that_the_calls_lack() {
    let mut one = trio(true);
    assert_eq!(judge(&one).word(), "possible", "nothing is known of the parents");
    for (member, reads) in [(15, 15), (30, 0), (28, 0)].into_iter().enumerate() {
        counted(&mut one, member, reads);
    }
    let fit = judge(&one);
    assert_eq!(fit.word(), "fits", "{fit:?}");
    counted(&mut one, 2, (5, 0));
    assert_eq!(judge(&one).word(), "possible", "five reads are too few");
}

#[test]
fn conflicts_with_the_caller_are_named() {
    let told = |label: &str, mother| {
        let mut one = trio(false);
        one.calls[0].denovo_label = Some(label.into());
        for (member, reads) in [(15, 15), (30, 0), mother].into_iter().enumerate() {
            counted(&mut one, member, reads);
        }
        judge(&one)
    };
    assert_eq!(told("DeNovo", (30, 0)).word(), "fits");
    for (label, mother) in
        [("DeNovo", (18, 12)), ("hiConfDeNovo", (18, 12)), ("Inherited", (30, 0))]
    {
        let Fit::Possible { missing, .. } = told(label, mother) else { panic!("{label}") };
        let conflict = missing.iter().find(|text| text.starts_with("conflict: ")).unwrap();
        assert!(conflict.contains(label), "{conflict}");
    }
    assert_eq!(told("Inherited", (18, 12)).word(), "refuted");
    assert_eq!(told("loConfDeNovo", (30, 0)).word(), "possible");
    let mut low = trio(false);
    low.calls[0].denovo_label = Some("DeNovo".into());
    low.calls[0].denovo_quality = Some(0.01);
    let Fit::Possible { missing, .. } = judge(&low) else { panic!("below the policy's quality") };
    assert!(missing.iter().any(|text| text.ends_with("0.01 is below 0.02")), "{missing:?}");
    low.calls[0].denovo_quality = Some(0.02);
    assert_eq!(judge(&low).word(), "fits", "the limit itself is enough");
    let mut one = trio(false);
    one.calls[2].alternate_depth = Some(5);
    for (member, reads) in [(15, 15), (30, 0), (30, 0)].into_iter().enumerate() {
        counted(&mut one, member, reads);
    }
    let Fit::Possible { missing, .. } = judge(&one) else { panic!("not refuted") };
    assert!(
        missing.iter().any(|text| text.starts_with("conflict: parents: 5 ALT reads")),
        "{missing:?}"
    );
}
