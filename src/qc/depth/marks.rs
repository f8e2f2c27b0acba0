//! Which entries of an array are not 0: a bit for each, so that one step passes over many that are.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function is compiled for the machine's vectors"
)]

/// Entries of one number of marks.
pub(super) const GROUP: usize = 64;
/// Entries that are looked at together.
pub(super) const BLOCK: usize = GROUP * GROUPS;
const GROUPS: usize = 32;
/// Entries of a vector.
const LANES: usize = 8;

/// Marks those of up to [`BLOCK`] entries that are not 0, the first of each group in the lowest bit.
pub(super) fn marks(entries: &[i32]) -> [u64; GROUPS] {
    #[cfg(target_arch = "x86_64")]
    if let Some(v3) = pulp::x86::V3::try_new() {
        return v3.vectorize(OnV3 { v3, entries });
    }
    of_block(entries, of_lanes)
}

#[inline(always)]
fn of_block(entries: &[i32], of_lanes: impl Fn(&[i32; LANES]) -> u8) -> [u64; GROUPS] {
    let (groups, rest) = entries.as_chunks();
    let mut all = [0; GROUPS];
    let mut marks = all.iter_mut();
    for (group, marks) in groups.iter().zip(&mut marks) {
        *marks = of_group(group, &of_lanes);
    }
    if let Some(marks) = marks.next() {
        let mut group = [0; GROUP];
        group[..rest.len()].copy_from_slice(rest);
        *marks = of_group(&group, &of_lanes);
    }
    all
}

#[inline(always)]
fn of_group(group: &[i32; GROUP], of_lanes: &impl Fn(&[i32; LANES]) -> u8) -> u64 {
    let (lanes, _) = group.as_chunks();
    lanes.iter().rev().fold(
        0,
        #[inline(always)]
        |marks, lanes| marks << LANES | u64::from(of_lanes(lanes)),
    )
}

/// On any machine.
fn of_lanes(lanes: &[i32; LANES]) -> u8 {
    lanes.iter().rev().fold(0, |marks, &entry| marks << 1 | u8::from(entry != 0))
}

#[cfg(target_arch = "x86_64")]
struct OnV3<'a> {
    v3: pulp::x86::V3,
    entries: &'a [i32],
}

#[cfg(target_arch = "x86_64")]
impl pulp::NullaryFnOnce for OnV3<'_> {
    type Output = [u64; GROUPS];

    #[inline(always)]
    fn call(self) -> [u64; GROUPS] {
        let (avx, avx2) = (self.v3.avx, self.v3.avx2);
        of_block(
            self.entries,
            #[inline(always)]
            |lanes| {
                let zeros = avx2._mm256_cmpeq_epi32(pulp::cast(*lanes), avx._mm256_setzero_si256());
                !avx._mm256_movemask_ps(pulp::cast(zeros)) as u8
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn marks_are_where_entries_are_not_zero(
            length in 0..=BLOCK,
            places in prop::collection::vec((0..BLOCK, any::<i32>()), 0..300),
        ) {
            let mut entries = vec![0; length];
            for (place, entry) in places {
                if let Some(own) = entries.get_mut(place) {
                    *own = entry;
                }
            }
            prop_assert_eq!(of_block(&entries, of_lanes), marks(&entries));
            let marks = marks(&entries);
            for place in 0..BLOCK {
                let expected = entries.get(place).is_some_and(|&entry| entry != 0);
                prop_assert_eq!(marks[place / GROUP] >> (place % GROUP) & 1 == 1, expected);
            }
        }
    }
}
