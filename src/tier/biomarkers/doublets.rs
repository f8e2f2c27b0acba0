//! Doublets of adjacent substitutions (DBS78).

use super::sequence::reverse_complement;
use crate::model::mutation_type::{DOUBLETS, MatrixKind};

/// Substitutions no farther apart than this belong to one event, bp: three and more of them are no doublet.
// METHOD: as SigProfilerMatrixGenerator, where a run of three or more substitutions with gaps of up to five is a
// multi-base substitution and counts in no doublet.
pub(super) const NEAR_BP: u32 = 5;

/// Whether substitutions `i` and `i + 1` of a contig (positions ascending) are a doublet.
pub(super) fn is_doublet(positions: &[u32], i: usize) -> bool {
    let gap = |i: usize| positions.get(i + 1).map(|next| next - positions[i]);
    let near = |gap: Option<u32>| gap.is_some_and(|bp| (1..=NEAR_BP).contains(&bp));
    gap(i) == Some(1) && !near(gap(i + 1)) && !(i > 0 && near(gap(i - 1)))
}

/// The type of a doublet, as its place in the list of 78; `None` for bases that are not A, C, G or T.
pub(super) fn classify(reference: [u8; 2], alternate: [u8; 2]) -> Option<usize> {
    let listed = |reference: &[u8], alternate: &[u8]| {
        let (_, alternates) = DOUBLETS.iter().find(|(name, _)| name.as_bytes() == reference)?;
        let (r, a) = (std::str::from_utf8(reference).ok()?, std::str::from_utf8(alternate).ok()?);
        alternates.contains(&a).then(|| MatrixKind::Dbs78.place(&format!("{r}>{a}")))?
    };
    listed(&reference, &alternate)
        .or_else(|| listed(&reverse_complement(&reference), &reverse_complement(&alternate)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(reference: &str, alternate: &str) -> Option<&'static str> {
        let two = |text: &str| [text.as_bytes()[0], text.as_bytes()[1]];
        let place = classify(two(reference), two(alternate))?;
        Some(MatrixKind::Dbs78.types()[place].as_str())
    }

    #[test]
    fn every_doublet_has_one_type() {
        let bases = ["A", "C", "G", "T"];
        let pairs: Vec<String> =
            bases.iter().flat_map(|a| bases.map(|b| format!("{a}{b}"))).collect();
        let mut seen = std::collections::BTreeSet::new();
        for reference in &pairs {
            for alternate in &pairs {
                let differ = reference.bytes().zip(alternate.bytes()).all(|(r, a)| r != a);
                assert_eq!(name(reference, alternate).is_some(), differ, "{reference}>{alternate}");
                seen.extend(name(reference, alternate));
            }
        }
        assert_eq!(seen.len(), 78);
        assert_eq!(name("GG", "AA"), Some("CC>TT"));
        assert_eq!(name("AT", "GG"), Some("AT>CC"));
    }

    #[test]
    fn three_in_a_row_are_no_doublet() {
        let doublets = |positions: &[u32]| -> Vec<usize> {
            (0..positions.len()).filter(|&i| is_doublet(positions, i)).collect()
        };
        assert_eq!(doublets(&[10, 11]), [0]);
        assert_eq!(doublets(&[10, 11, 12]), [0; 0]);
        assert_eq!(doublets(&[10, 11, 16]), [0; 0]);
        assert_eq!(doublets(&[10, 11, 17, 18]), [0, 2]);
        assert_eq!(doublets(&[5, 10, 11]), [0; 0]);
    }
}
