//! Blocks cut into pieces where any block begins or ends, and who uses each piece.

use crate::model::coord::Span;

use super::contigs::Contigs;
use super::plan::Place;

/// Disjoint pieces and the values that each adds to. Values are numbered as `GenesQc::slots` gives them.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    /// What to ask: contig name and bases, by contig and start.
    pub(super) asked: Vec<(String, Span)>,
    /// The contig of each piece.
    pub(super) contigs: Vec<u32>,
    /// Values of piece `i`: `users[offsets[i]..offsets[i + 1]]`.
    users: Vec<u32>,
    offsets: Vec<u32>,
    /// How many pieces each value has.
    pub(super) count: Vec<u32>,
    /// How many bases each value has, assessed or not.
    pub(super) listed: Vec<u64>,
}

/// Sorted stretches that neither overlap nor touch.
pub(super) fn union(mut places: Vec<Place>) -> Vec<Place> {
    places.retain(|(_, span)| !span.is_empty());
    places.sort_unstable();
    let mut merged: Vec<Place> = Vec::with_capacity(places.len());
    for (contig, span) in places {
        match merged.last_mut() {
            Some((same, last)) if *same == contig && span.start <= last.end => {
                last.end = last.end.max(span.end);
            }
            _ => merged.push((contig, span)),
        }
    }
    merged
}

impl Pieces {
    /// Cuts the blocks. `members` has for every value its stretches, which are unions of blocks without overlaps.
    pub(super) fn new(blocks: &[Place], members: &[Vec<Place>], table: &Contigs<'_>) -> Self {
        let within = |&(contig, span): &Place| (contig, table.within(contig, span));
        let blocks: Vec<Place> = blocks.iter().map(within).collect();
        let mut cuts: Vec<(u32, u32)> =
            blocks.iter().flat_map(|(c, span)| [(*c, span.start), (*c, span.end)]).collect();
        cuts.sort_unstable();
        cuts.dedup();
        let mut places: Vec<Place> = Vec::new();
        for (contig, whole) in union(blocks) {
            let first = cuts.partition_point(|&cut| cut < (contig, whole.start));
            for pair in cuts[first..].windows(2) {
                let (from, to) = (pair[0].1, pair[1].1);
                if pair[1].0 != contig || to > whole.end {
                    break;
                }
                places.push((contig, Span::new(from, to)));
            }
        }
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        for (value, own) in members.iter().enumerate() {
            for (contig, span) in own.iter().map(within) {
                let before =
                    |at: u32| places.partition_point(|(c, piece)| (*c, piece.start) < (contig, at));
                let (from, to) = (before(span.start), before(span.end));
                pairs.extend((from..to).map(|piece| (piece as u32, value as u32)));
            }
        }
        pairs.sort_unstable();
        let mut count = vec![0; members.len()];
        let mut offsets = vec![0; places.len() + 1];
        for &(piece, value) in &pairs {
            count[value as usize] += 1;
            offsets[piece as usize + 1] += 1;
        }
        for i in 1..offsets.len() {
            offsets[i] += offsets[i - 1];
        }
        let name = |contig: u32| table.get(contig).map_or("", |(name, _)| name).to_owned();
        Self {
            asked: places.iter().map(|&(contig, span)| (name(contig), span)).collect(),
            contigs: places.iter().map(|(contig, _)| *contig).collect(),
            users: pairs.into_iter().map(|(_, value)| value).collect(),
            offsets,
            count,
            listed: members
                .iter()
                .map(|own| own.iter().map(|(_, span)| u64::from(span.len())).sum())
                .collect(),
        }
    }

    /// The values that a piece adds to.
    pub(super) fn users(&self, piece: usize) -> &[u32] {
        match self.offsets.get(piece..piece + 2) {
            Some(&[from, to]) => &self.users[from as usize..to as usize],
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_its_bases_once() {
        let contigs = [("a".to_owned(), 100), ("b".to_owned(), 50)];
        let table = Contigs::new(&contigs);
        let place = |contig, start, end| (contig, Span::new(start, end));
        let blocks = [place(0, 10, 30), place(0, 20, 40), place(0, 40, 45), place(1, 40, 60)];
        let mut members: Vec<Vec<Place>> = blocks.iter().map(|&block| vec![block]).collect();
        members.push(union(blocks.to_vec()));
        assert_eq!(members[4], [place(0, 10, 45), place(1, 40, 60)]);
        let pieces = Pieces::new(&blocks, &members, &table);
        let spans: Vec<_> = pieces.asked.iter().map(|(_, span)| (span.start, span.end)).collect();
        assert_eq!(spans, [(10, 20), (20, 30), (30, 40), (40, 45), (40, 50)]);
        assert_eq!(pieces.contigs, [0, 0, 0, 0, 1]);
        assert_eq!(
            (&pieces.listed[..], &pieces.count[..]),
            (&[20, 20, 5, 20, 55][..], &[2, 2, 1, 1, 5][..])
        );
        assert_eq!(pieces.users(1), [0, 1, 4]);
        assert_eq!(pieces.users(9), [] as [u32; 0]);
    }
}
