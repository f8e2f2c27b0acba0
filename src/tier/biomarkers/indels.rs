//! Insertions and deletions by size, repeat units and microhomology (ID83).

use super::sequence::Stretch;
use crate::model::mutation_type::MatrixKind;

/// Most units, or bases of microhomology, that are told apart.
const MOST: usize = 5;

/// How far around an indel of a length the reference is needed, bp on each side: as many units as are told apart and one
/// more.
pub(super) fn reach(length: usize) -> i64 {
    ((MOST + 2) * length) as i64
}

/// The type of an indel, as its place in the list of 83. `anchor0` is the 0-based place of the base that REF and ALT share,
/// `changed` what is deleted or inserted behind it; `around` holds the reference.
// METHOD: the classification of SigProfilerMatrixGenerator with its 83 types: copies of the changed bases are counted on
// both sides; without any, a deletion of two or more bases is searched for microhomology, an insertion is a repeat of 0.
pub(super) fn classify(
    around: &Stretch,
    anchor0: i64,
    changed: &[u8],
    is_deletion: bool,
) -> Option<usize> {
    let size = changed.len();
    let (kind, behind) =
        if is_deletion { ("Del", anchor0 + 1 + size as i64) } else { ("Ins", anchor0 + 1) };
    let units = (copies_before(around, anchor0 + 1, changed)
        + copies_after(around, behind, changed))
    .min(MOST);
    let name = if size == 1 {
        let base = if matches!(changed, b"C" | b"G") { 'C' } else { 'T' };
        format!("1:{kind}:{base}:{units}")
    } else {
        let class = size.min(MOST);
        let homology = if is_deletion && units == 0 {
            microhomology(around, anchor0, changed).min(MOST)
        } else {
            0
        };
        if homology > 0 {
            format!("{class}:{kind}:M:{homology}")
        } else {
            format!("{class}:{kind}:R:{units}")
        }
    };
    MatrixKind::Id83.place(&name)
}

/// Copies of the bases that end at `end0`, one after the other, at most [`MOST`].
fn copies_before(around: &Stretch, end0: i64, unit: &[u8]) -> usize {
    let size = unit.len() as i64;
    (1..=MOST as i64)
        .take_while(|n| around.get(end0 - n * size, end0 - (n - 1) * size) == Some(unit))
        .count()
}

/// Copies of the bases that begin at `start0`, one after the other, at most [`MOST`].
pub(super) fn copies_after(around: &Stretch, start0: i64, unit: &[u8]) -> usize {
    let size = unit.len() as i64;
    (0..MOST as i64)
        .take_while(|n| around.get(start0 + n * size, start0 + (n + 1) * size) == Some(unit))
        .count()
}

/// Bases that the deleted ones share with what follows them, or with what stands before them, whichever is longer.
fn microhomology(around: &Stretch, anchor0: i64, deleted: &[u8]) -> usize {
    let size = deleted.len();
    let (first, behind) = (anchor0 + 1, anchor0 + 1 + size as i64);
    let follows = (1..size)
        .rev()
        .find(|&n| around.get(behind, behind + n as i64) == Some(&deleted[..n]))
        .unwrap_or(0);
    let precedes = (1..size)
        .rev()
        .find(|&n| around.get(first - n as i64, first) == Some(&deleted[size - n..]))
        .unwrap_or(0);
    follows.max(precedes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(around: &str, anchor0: i64, changed: &str, is_deletion: bool) -> &'static str {
        let around = Stretch::of(0, around);
        let place = classify(&around, anchor0, changed.as_bytes(), is_deletion).unwrap();
        MatrixKind::Id83.types()[place].as_str()
    }

    #[test]
    fn single_bases_count_by_the_length_of_their_run() {
        // One of three A is deleted: two stay.
        assert_eq!(name("GGCAAATCG", 2, "A", true), "1:Del:T:2");
        assert_eq!(name("GGCATTCG", 2, "A", true), "1:Del:T:0");
        assert_eq!(name("GGCAAATCG", 2, "A", false), "1:Ins:T:3");
        assert_eq!(name("TTAGGGGGGGGAT", 2, "G", true), "1:Del:C:5");
    }

    #[test]
    fn repeats_come_before_microhomology() {
        assert_eq!(name("TTGACACACTT", 2, "AC", true), "2:Del:R:2");
        assert_eq!(name("TTGACACACTT", 2, "AC", false), "2:Ins:R:3");
        assert_eq!(name("TTGACATTTTT", 2, "AC", true), "2:Del:M:1");
        // The last base of the deleted three stands before them, too.
        assert_eq!(name("TTGACGTTTTT", 2, "ACG", true), "3:Del:M:1");
        assert_eq!(name("TTGACATTTTT", 2, "CATTTTT", false), "5:Ins:R:0");
        assert_eq!(name("TTTTCAGGATCAGGTTTT", 3, "CAGGAT", true), "5:Del:M:4");
    }
}
