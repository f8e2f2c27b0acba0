//! Searching text that is mostly short.

/// Words of eight bytes that are looked at before a search for long texts is called.
const WORDS: usize = 4;

/// Where a byte first is. For an end that is mostly near, as that of a tag or of an INFO value, looking at eight bytes at a
/// time is faster than calling a search that is made for long texts.
#[inline(always)]
#[allow(clippy::inline_always, reason = "called for every tag of every record")]
pub fn find_near(wanted: u8, bytes: &[u8]) -> Option<usize> {
    const LOW: u64 = 0x0101_0101_0101_0101;
    for (i, word) in bytes.as_chunks::<8>().0.iter().take(WORDS).enumerate() {
        let differing = u64::from_le_bytes(*word) ^ (LOW * u64::from(wanted));
        // The lowest byte that is marked is one that is equal; only those above it may be marked wrongly.
        let equal = differing.wrapping_sub(LOW) & !differing & (LOW << 7);
        if equal != 0 {
            return Some(8 * i + equal.trailing_zeros() as usize / 8);
        }
    }
    let from = (bytes.len() / 8).min(WORDS) * 8;
    memchr::memchr(wanted, &bytes[from..]).map(|i| from + i)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_first_one_is_found(bytes in prop::collection::vec(0_u8..4, 0..80), other in any::<u8>()) {
            for wanted in [0, 1, 3, other] {
                let expected = bytes.iter().position(|&byte| byte == wanted);
                prop_assert_eq!(find_near(wanted, &bytes), expected);
            }
            let mut late = vec![other | 1; bytes.len()];
            late.push(0);
            prop_assert_eq!(find_near(0, &late), Some(bytes.len()));
        }
    }
}
