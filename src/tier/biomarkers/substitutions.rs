//! Single-base substitutions between their neighbours (SBS96), and their keys.

use super::sequence::{complement, is_known, number};
use crate::model::mutation_type::SUBSTITUTIONS;

/// Why a substitution has no type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unplaced {
    /// The reference does not hold two bases on each side.
    AtTheEnd,
    /// A base of the variant, or one of two on each side, is not known.
    UnknownBase,
    /// REF differs from the reference.
    ReferenceDiffers,
}

impl Unplaced {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::AtTheEnd => "too near to the end of the reference's contig",
            Self::UnknownBase => "N in the reference beside it",
            Self::ReferenceDiffers => "REF differs from the reference",
        }
    }
}

/// A substitution seen from the pyrimidine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Substitution {
    /// Place in [`SUBSTITUTIONS`].
    pub(super) kind: usize,
    /// The reference's base is a pyrimidine as written.
    pub(super) forward: bool,
}

/// Sees a substitution from the pyrimidine; `None` when it is none.
pub(super) fn substitution(reference: u8, alternate: u8) -> Option<Substitution> {
    let forward = matches!(reference, b'C' | b'T');
    let (from, to) = if forward {
        (reference, alternate)
    } else {
        (complement(reference), complement(alternate))
    };
    let kind = SUBSTITUTIONS.iter().position(|name| name.as_bytes() == [from, b'>', to])?;
    Some(Substitution { kind, forward })
}

/// The type of a substitution, as its place in the list of 96. `around` holds the base with two bases on each side.
// METHOD: as SigProfilerMatrixGenerator, which asks for two known bases on each side even where one is used.
pub(super) fn classify(
    around: Option<&[u8]>,
    reference: u8,
    alternate: u8,
) -> Result<usize, Unplaced> {
    let &[_, before, centre, after, _] = around.ok_or(Unplaced::AtTheEnd)? else {
        return Err(Unplaced::AtTheEnd);
    };
    let seen = substitution(reference, alternate).ok_or(Unplaced::UnknownBase)?;
    if !around.is_some_and(|all| all.iter().all(|&base| is_known(base))) {
        return Err(Unplaced::UnknownBase);
    }
    if centre != reference {
        return Err(Unplaced::ReferenceDiffers);
    }
    let (before, after) =
        if seen.forward { (before, after) } else { (complement(after), complement(before)) };
    let (before, after) = (number(before), number(after));
    match (before, after) {
        (Some(before), Some(after)) => Ok(seen.kind * 16 + before * 4 + after),
        _ => Err(Unplaced::UnknownBase),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::mutation_type::MatrixKind;

    fn name(around: &str, reference: u8, alternate: u8) -> Result<&'static str, Unplaced> {
        let place = classify(Some(around.as_bytes()), reference, alternate)?;
        Ok(MatrixKind::Sbs96.types()[place].as_str())
    }

    #[test]
    fn purines_are_seen_from_the_other_strand() {
        assert_eq!(name("GACTG", b'C', b'T'), Ok("A[C>T]T"));
        // GAGTC is GACTC on the other strand.
        assert_eq!(name("GAGTC", b'G', b'A'), Ok("A[C>T]T"));
        assert_eq!(name("AGACA", b'A', b'C'), Ok("G[T>G]C"));
    }

    #[test]
    fn what_cannot_be_placed_is_told() {
        assert_eq!(name("NACTG", b'C', b'T'), Err(Unplaced::UnknownBase));
        assert_eq!(name("GACTG", b'T', b'C'), Err(Unplaced::ReferenceDiffers));
        assert_eq!(name("GACTG", b'C', b'N'), Err(Unplaced::UnknownBase));
        assert_eq!(classify(None, b'C', b'T'), Err(Unplaced::AtTheEnd));
    }
}
