//! Junctions and who runs into whom; whole files are read in the integration tests.

use super::breaks::{End, junctions, runs_into};
use crate::model::contig::ContigId;
use crate::model::coord::Pos1;
use crate::model::gene_model::Strand::{self, Forward, Reverse};
use crate::model::structural::{Evidence, InvertedEnds, Mate, StructuralKind, StructuralVariant};

fn variant(kind: StructuralKind, mate: Option<Mate>) -> StructuralVariant {
    StructuralVariant {
        contig: ContigId(0),
        start: Pos1(101),
        end: Pos1(200),
        kind,
        evidence: Evidence::Breakpoints,
        inserted: None,
        start_interval: None,
        end_interval: None,
        mate,
        inverted: None,
        caller: "manta".into(),
        id: "x".into(),
        filters: vec!["PASS".into()],
        quality: None,
        values: Vec::new(),
        file: 0,
        position: Pos1(100),
        reference: "A".into(),
        alternate: String::new(),
        calls: Vec::new(),
    }
}

/// Position and side of both ends: `100< >201` keeps what is left of 100 and right of 201.
fn shown(kind: StructuralKind, mate: Option<Mate>) -> Vec<String> {
    let end = |end: End| {
        if end.runs_right { format!(">{}", end.position) } else { format!("{}<", end.position) }
    };
    let all = junctions(&variant(kind, mate));
    all.into_iter().map(|[a, b]| format!("{} {}", end(a), end(b))).collect()
}

#[test]
fn junctions_keep_the_right_sides() {
    use StructuralKind::{Breakend, Gain, Insertion, Inversion, Loss};
    assert_eq!(shown(Loss, None), ["100< >201"]);
    assert_eq!(shown(Gain, None), ["200< >101"]);
    assert_eq!(shown(Inversion, None), ["101< 200<", ">101 >200"]);
    let mut left = variant(Inversion, None);
    left.inverted = Some(InvertedEnds::Left);
    assert_eq!(junctions(&left).len(), 1, "Manta's INV3");
    assert!(junctions(&left)[0].iter().all(|end| !end.runs_right));
    assert_eq!(shown(Insertion, None), Vec::<String>::new());
    let mate = |joined_after, runs_right| {
        let (contig, position) = (ContigId(1), Pos1(7));
        Some(Mate { contig, position, runs_right, joined_after, recorded: false })
    };
    // The four forms of VCF 4.3, section 5.4: t[p[, t]p], ]p]t, [p[t.
    assert_eq!(shown(Breakend, mate(true, true)), ["101< >7"]);
    assert_eq!(shown(Breakend, mate(true, false)), ["101< 7<"]);
    assert_eq!(shown(Breakend, mate(false, false)), [">101 7<"]);
    assert_eq!(shown(Breakend, mate(false, true)), [">101 >7"]);
}

#[test]
fn transcription_runs_over_a_junction_in_one_direction() {
    let end = |runs_right| End { contig: ContigId(0), position: 1, runs_right };
    let left = end(false);
    let right = end(true);
    let runs = |a: Strand, from, b: Strand, into| runs_into((Some(a), from), (Some(b), into));
    // Left of the junction a gene as the reference is written, right of it another: its 5' part runs into the other's 3' part.
    assert!(runs(Forward, left, Forward, right));
    assert!(!runs(Forward, right, Forward, left), "the beginning of a forward gene is on its left");
    assert!(runs(Reverse, right, Reverse, left));
    assert!(runs(Forward, left, Reverse, left), "as an inversion joins them");
    assert!(!runs(Forward, left, Reverse, right));
    assert!(!runs_into((None, left), (Some(Forward), right)));
}
