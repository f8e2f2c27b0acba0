//! Prefix codes for DEFLATE (RFC 1951, section 3.2): lengths from counts, codes from lengths, and the description of both
//! codes at the head of a block.

/// Longest code that is made, bits: short enough that four codes fit one 64-bit word beside its rest.
pub(super) const MAX_BITS: usize = 12;

/// Symbols of literals, the end of the block and lengths.
pub(super) const LITERALS: usize = 286;
/// Symbols of distances.
pub(super) const DISTANCES: usize = 30;

/// A code: its bits, first bit lowest, and their number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Code {
    pub(super) bits: u32,
    pub(super) count: u32,
}

impl Code {
    /// This code followed by `count` plain bits.
    #[inline]
    pub(super) fn then(self, bits: u32, count: u32) -> Self {
        Self { bits: self.bits | bits << self.count, count: self.count + count }
    }
}

/// Code lengths in bits, at most `limit`, for symbols that occur so often: 0 for those that do not. The code is always
/// complete: where fewer than two symbols occur, unused ones share it.
pub(super) fn lengths(counts: &[u32], limit: usize) -> Vec<u8> {
    let mut lengths = vec![0; counts.len()];
    let mut used: Vec<(u32, usize)> =
        counts.iter().enumerate().filter(|(_, n)| **n > 0).map(|(i, n)| (*n, i)).collect();
    let unused = counts.iter().enumerate().filter(|(_, n)| **n == 0).map(|(i, _)| (1, i));
    used.extend(unused.take(2_usize.saturating_sub(used.len())));
    used.sort_unstable();
    let mut of_length = leaves_by_depth(&used, limit);
    // Leaves that lay too deep were counted at the limit: lengthen shorter codes until the code fits again.
    let mut sum: usize = (1..=limit).map(|bits| of_length[bits] << (limit - bits)).sum();
    while sum > 1 << limit {
        of_length[limit] -= 1;
        if let Some(bits) = (1..limit).rev().find(|&bits| of_length[bits] > 0) {
            of_length[bits] -= 1;
            of_length[bits + 1] += 2;
        }
        sum -= 1;
    }
    let mut rarest = used.iter();
    for bits in (1..=limit).rev() {
        for &(_, symbol) in rarest.by_ref().take(of_length[bits]) {
            lengths[symbol] = bits as u8;
        }
    }
    lengths
}

/// Huffman's tree over leaves in ascending order of count: how many leaves lie at each depth; deeper ones count at `limit`.
fn leaves_by_depth(leaves: &[(u32, usize)], limit: usize) -> Vec<usize> {
    let total = 2 * leaves.len() - 1;
    let mut weights: Vec<u64> = leaves.iter().map(|&(count, _)| u64::from(count)).collect();
    let mut parents = vec![0; total];
    // Leaves and inner nodes are two queues, both in ascending order of weight.
    let (mut leaf, mut inner) = (0, leaves.len());
    for node in leaves.len()..total {
        let mut weight = 0;
        for _ in 0..2 {
            let takes_leaf =
                leaf < leaves.len() && (inner >= node || weights[leaf] <= weights[inner]);
            let child = if takes_leaf { &mut leaf } else { &mut inner };
            weight += weights[*child];
            parents[*child] = node;
            *child += 1;
        }
        weights.push(weight);
    }
    let mut depths = vec![0_usize; total];
    let mut of_depth = vec![0; limit + 1];
    for node in (0..total - 1).rev() {
        depths[node] = depths[parents[node]] + 1;
        if node < leaves.len() {
            of_depth[depths[node].min(limit)] += 1;
        }
    }
    of_depth
}

/// A code of so many bits, 1 to 32, as it stands in the stream: its last bit highest.
pub(super) const fn reversed(code: u32, bits: u32) -> u32 {
    code.reverse_bits() >> (32 - bits)
}

/// The canonical code of these lengths.
pub(super) fn codes(lengths: &[u8]) -> Vec<Code> {
    let mut next = [0_u32; 17];
    for &bits in lengths {
        if bits > 0 {
            next[usize::from(bits) + 1] += 1;
        }
    }
    let mut first = 0;
    for shorter in &mut next[1..] {
        first = (first + *shorter) << 1;
        *shorter = first;
    }
    let code = |&bits: &u8| {
        if bits == 0 {
            return Code::default();
        }
        let value = next[usize::from(bits)];
        next[usize::from(bits)] += 1;
        let bits = u32::from(bits);
        Code { bits: reversed(value, bits), count: bits }
    };
    lengths.iter().map(code).collect()
}

/// The order in which the lengths of the code for lengths are written.
pub(super) const ORDER: [usize; 19] =
    [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// Describes the only, final block of a stream with these code lengths: calls `put` with what to write.
pub(super) fn describe(literals: &[u8], distances: &[u8], mut put: impl FnMut(Code)) {
    let trimmed = |lengths: &[u8], least: usize| {
        lengths.iter().rposition(|&bits| bits > 0).map_or(least, |last| (last + 1).max(least))
    };
    let (literal_count, distance_count) = (trimmed(literals, 257), trimmed(distances, 1));
    let all: Vec<u8> = [&literals[..literal_count], &distances[..distance_count]].concat();
    let runs = zero_runs(&all);
    let mut counts = [0; 19];
    for &(symbol, ..) in &runs {
        counts[symbol] += 1;
    }
    let own_lengths = lengths(&counts, 7);
    let own = codes(&own_lengths);
    let own_count = ORDER.iter().rposition(|&i| own_lengths[i] > 0).map_or(4, |i| (i + 1).max(4));
    let plain = |bits: usize, count| Code { bits: bits as u32, count };
    put(plain(0b101, 3));
    put(plain(literal_count - 257, 5));
    put(plain(distance_count - 1, 5));
    put(plain(own_count - 4, 4));
    for &symbol in &ORDER[..own_count] {
        put(plain(usize::from(own_lengths[symbol]), 3));
    }
    for (symbol, extra, extra_bits) in runs {
        put(own[symbol].then(extra, extra_bits));
    }
}

/// Lengths as symbols of the code for lengths, with extra bits: only runs of zeros are shortened.
fn zero_runs(lengths: &[u8]) -> Vec<(usize, u32, u32)> {
    let mut symbols = Vec::new();
    for run in lengths.chunk_by(|a, b| *a == 0 && *b == 0) {
        let mut left = run.len();
        while run[0] == 0 && left >= 3 {
            let taken = left.min(138);
            symbols.push(match taken {
                11.. => (18, taken as u32 - 11, 7),
                _ => (17, taken as u32 - 3, 3),
            });
            left -= taken;
        }
        symbols.extend(std::iter::repeat_n((usize::from(run[0]), 0, 0), left));
    }
    symbols
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kraft(lengths: &[u8]) -> f64 {
        lengths.iter().filter(|bits| **bits > 0).map(|bits| 0.5_f64.powi(i32::from(*bits))).sum()
    }

    #[test]
    fn codes_are_complete_and_within_the_limit() {
        let fibonacci: Vec<u32> = (0..30)
            .scan((1_u32, 1_u32), |state, _| {
                *state = (state.1, state.0 + state.1);
                Some(state.0)
            })
            .collect();
        for counts in [vec![0, 0, 0], vec![0, 5, 0], vec![7, 0, 0], vec![1; 286], fibonacci] {
            let lengths = lengths(&counts, MAX_BITS);
            assert!((kraft(&lengths) - 1.0).abs() < 1e-12, "{counts:?}: {lengths:?}");
            assert!(lengths.iter().all(|&bits| usize::from(bits) <= MAX_BITS));
            assert!(counts.iter().zip(&lengths).all(|(n, bits)| *n == 0 || *bits > 0));
        }
        assert_eq!(lengths(&[8, 4, 2, 1, 1], 15), [1, 2, 3, 4, 4]);
    }

    #[test]
    fn codes_are_those_of_the_specification() {
        // The example of RFC 1951, section 3.2.2; codes are written highest bit first there.
        let codes = codes(&[3, 3, 3, 3, 3, 2, 4, 4]);
        let shown: Vec<String> = codes
            .iter()
            .map(|code| {
                let width = code.count as usize;
                format!("{:0width$b}", code.bits.reverse_bits() >> (32 - code.count))
            })
            .collect();
        assert_eq!(shown, ["010", "011", "100", "101", "110", "00", "1110", "1111"]);
    }
}
