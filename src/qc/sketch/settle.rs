//! From the bases over a site to its counts.

use crate::model::sketch::{QualityCount, SiteAllele, SiteCounts};

use super::shard::Base;

/// The counts of one site from all bases over it, in order of the file: one of each pair, and at most `max_depth`.
pub(super) fn counts(bases: &[Base], max_depth: u16) -> SiteCounts {
    let mut order: Vec<(usize, &Base)> = bases.iter().enumerate().collect();
    order.sort_by_key(|(i, base)| (base.name, *i));
    let mates =
        |a: &(usize, &Base), b: &(usize, &Base)| a.1.paired && b.1.paired && a.1.name == b.1.name;
    let mut kept: Vec<(usize, &Base)> = order
        .chunk_by(mates)
        .filter_map(|group| {
            let best = group.iter().map(|(_, base)| *base).reduce(better)?;
            Some((group[0].0, best))
        })
        .collect();
    if kept.len() > usize::from(max_depth) {
        kept.sort_by_key(|(i, _)| *i);
        kept.truncate(usize::from(max_depth));
    }
    tally(kept.iter().map(|(_, base)| *base))
}

/// The base that counts of two reads of one name.
// METHOD: of equal qualities the hash of the name decides, so that neither allele nor either read is favoured.
fn better<'a>(a: &'a Base, b: &'a Base) -> &'a Base {
    let wanted = |base: &Base| base.first == (base.name & 1 == 0);
    let key = |base: &Base| (base.quality, wanted(base));
    if key(b) > key(a) { b } else { a }
}

fn tally<'a>(bases: impl Iterator<Item = &'a Base>) -> SiteCounts {
    let mut kinds: Vec<(SiteAllele, u8)> = bases.map(|base| (base.allele, base.quality)).collect();
    kinds.sort_unstable();
    let mut counts = SiteCounts::default();
    for group in kinds.chunk_by(|a, b| a == b) {
        let ((allele, quality), count) = (group[0], group.len() as u16);
        let of = match allele {
            SiteAllele::Reference => &mut counts.reference,
            SiteAllele::Alternate => &mut counts.alternate,
            SiteAllele::Other => &mut counts.other,
        };
        *of += u32::from(count);
        counts.qualities.push(QualityCount { allele, quality, count });
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(name: u64, allele: SiteAllele, quality: u8, first: bool) -> Base {
        Base { site: 0, name, allele, quality, paired: true, first }
    }

    fn shown(bases: &[Base], max: u16) -> [u32; 3] {
        let counts = counts(bases, max);
        let sum: u32 = counts.qualities.iter().map(|kind| u32::from(kind.count)).sum();
        assert_eq!(sum, counts.depth() + counts.other);
        [counts.reference, counts.alternate, counts.other]
    }

    #[test]
    fn of_a_pair_the_better_base_counts() {
        use SiteAllele::{Alternate as A, Other as O, Reference as R};
        let pair = [base(4, R, 20, true), base(7, O, 40, true), base(4, A, 30, false)];
        assert_eq!(shown(&pair, 9), [0, 1, 1]);
        // Of equal ones the name decides, whichever comes first.
        for (name, expected) in [(4, [1, 0, 0]), (5, [0, 1, 0])] {
            let (first, second) = (base(name, R, 30, true), base(name, A, 30, false));
            assert_eq!(shown(&[first, second], 9), expected);
            assert_eq!(shown(&[second, first], 9), expected);
        }
        // Reads without mates may share a name.
        let alone = Base { paired: false, ..base(4, R, 20, false) };
        assert_eq!(shown(&[alone, alone, alone], 9), [3, 0, 0]);
    }

    #[test]
    fn the_first_of_too_many_count() {
        use SiteAllele::{Alternate, Reference};
        let bases: Vec<Base> = (0..10_u64)
            .map(|i| base(99 - i, if i < 4 { Reference } else { Alternate }, 30, true))
            .collect();
        assert_eq!(shown(&bases, 6), [4, 2, 0]);
        assert_eq!(shown(&bases, 3), [3, 0, 0]);
        assert_eq!(shown(&[], 3), [0, 0, 0]);
    }
}
