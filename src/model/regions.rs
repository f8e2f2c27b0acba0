//! Stretches of a genome by contig: repeats, duplications, lost alleles.

use std::collections::BTreeMap;

use super::contig::ContigId;
use super::coord::Span;

/// A set of stretches that answers whether another one touches it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegionSet {
    /// By contig, sorted, none of them touching another.
    spans: BTreeMap<ContigId, Vec<Span>>,
}

impl RegionSet {
    /// Takes stretches in any order; empty ones hold no base and are left out, touching ones become one.
    pub fn new(stretches: impl IntoIterator<Item = (ContigId, Span)>) -> Self {
        let mut spans: BTreeMap<ContigId, Vec<Span>> = BTreeMap::new();
        for (contig, span) in stretches.into_iter().filter(|(_, span)| !span.is_empty()) {
            spans.entry(contig).or_default().push(span);
        }
        for of_contig in spans.values_mut() {
            of_contig.sort_unstable();
            of_contig.dedup_by(|next, known| {
                let touches = next.start <= known.end;
                if touches {
                    known.end = known.end.max(next.end);
                }
                touches
            });
        }
        Self { spans }
    }

    /// The stretch that shares a base with `span` (0-based half-open), if any; the first of several.
    pub fn overlapping(&self, contig: ContigId, span: Span) -> Option<Span> {
        let spans = self.spans.get(&contig)?;
        let at = spans.partition_point(|known| known.end <= span.start);
        spans.get(at).copied().filter(|known| known.overlaps(span))
    }

    /// Bases, each once.
    pub fn bases(&self) -> u64 {
        self.spans.values().flatten().map(|span| u64::from(span.len())).sum()
    }

    /// Number of stretches after joining.
    pub fn len(&self) -> usize {
        self.spans.values().map(Vec::len).sum()
    }

    /// True without any base.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_are_joined_and_found() {
        let (a, b) = (ContigId(0), ContigId(1));
        let span = Span::new;
        let set = RegionSet::new([
            (a, span(30, 40)),
            (a, span(5, 10)),
            (a, span(10, 12)),
            (a, span(7, 7)),
            (b, span(0, 1)),
        ]);
        assert_eq!((set.len(), set.bases()), (3, 18));
        assert_eq!(set.overlapping(a, span(11, 31)), Some(span(5, 12)));
        assert_eq!(set.overlapping(a, span(12, 30)), None);
        assert_eq!(set.overlapping(a, span(39, 50)), Some(span(30, 40)));
        assert_eq!(set.overlapping(b, span(1, 2)), None);
        assert_eq!(set.overlapping(ContigId(2), span(0, 9)), None);
    }

    #[test]
    fn the_answer_is_that_of_looking_at_every_stretch() {
        let stretches: Vec<Span> =
            (0..40_u32).map(|i| Span::new(i * 37 % 211, i * 37 % 211 + i % 9)).collect();
        let set = RegionSet::new(stretches.iter().map(|&span| (ContigId(0), span)));
        for start in 0..230 {
            for length in [1, 4] {
                let asked = Span::new(start, start + length);
                let any = stretches.iter().any(|s| !s.is_empty() && s.overlaps(asked));
                assert_eq!(set.overlapping(ContigId(0), asked).is_some(), any, "{asked:?}");
            }
        }
    }
}
