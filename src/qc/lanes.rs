//! Loops over bases in whole vectors: the vector that holds what is left behind the last whole one.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched closure is compiled for the machine's vectors"
)]

/// Bytes a step: whole vectors on every machine that has them.
pub(super) const LANES: usize = 32;

static RAMP: [u8; 2 * LANES] = {
    let mut ramp = [0; 2 * LANES];
    let mut i = LANES;
    while i < 2 * LANES {
        ramp[i] = u8::MAX;
        i += 1;
    }
    ramp
};

/// Ones from lane `first` on, zeros before; `None` when there are not so many lanes.
#[inline(always)]
pub(super) fn ones_from(first: usize) -> Option<&'static [u8; LANES]> {
    RAMP.get(LANES.checked_sub(first)?..)?.first_chunk()
}

/// A vector that ends with the last byte, and a mask of ones over the bytes behind the last whole vector; `None` when
/// there are none. Fewer bytes than a vector stand at its beginning, zeros behind them.
#[inline(always)]
pub(super) fn last(bytes: &[u8]) -> Option<([u8; LANES], [u8; LANES])> {
    let left = bytes.len() % LANES;
    if left == 0 {
        return None;
    }
    // Loading a whole vector and masking what was seen is cheaper than copying a few bytes.
    if let (Some(last), Some(mask)) = (bytes.last_chunk::<LANES>(), ones_from(LANES - left)) {
        return Some((*last, *mask));
    }
    let (mut short, mut mask) = ([0; LANES], [0; LANES]);
    short[..left].copy_from_slice(bytes);
    mask[..left].fill(u8::MAX);
    Some((short, mask))
}

/// The bytes behind the last whole vector, with zeros in the other lanes; `None` when there are none.
#[inline(always)]
pub(super) fn rest(bytes: &[u8]) -> Option<[u8; LANES]> {
    let (mut rest, mask) = last(bytes)?;
    for lane in 0..LANES {
        rest[lane] &= mask[lane];
    }
    Some(rest)
}

/// Whether some lane is not 0.
#[inline(always)]
pub(super) fn some(lanes: &[u8; LANES]) -> bool {
    let (words, _) = lanes.as_chunks::<8>();
    words.iter().fold(0, |any, word| any | u64::from_le_bytes(*word)) != 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rests_hold_what_is_left(bytes in prop::collection::vec(0_u8..8, 0..100)) {
            let left = &bytes[bytes.len() / LANES * LANES..];
            let found = rest(&bytes);
            prop_assert_eq!(found.is_none(), left.is_empty());
            let found = found.unwrap_or_default();
            prop_assert_eq!(some(&found), left.iter().any(|&byte| byte > 0));
        }
    }
}
