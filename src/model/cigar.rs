//! The CIGAR of an alignment record: how read and reference run along each other (SAM specification v1.6, section 1.4.6).

/// What a CIGAR operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpKind {
    /// `M`: aligned, matching or not.
    Match,
    /// `I`: bases that the reference does not have.
    Insertion,
    /// `D`: reference bases that the read does not have.
    Deletion,
    /// `N`: skipped reference (an intron).
    Skip,
    /// `S`: bases present but not aligned.
    SoftClip,
    /// `H`: bases not present.
    HardClip,
    /// `P`: silent deletion from a padded reference.
    Pad,
    /// `=`: aligned and equal.
    Equal,
    /// `X`: aligned and different.
    Different,
    /// A code that the specification does not define.
    Unknown,
}

/// One CIGAR operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Op {
    /// What it does.
    pub kind: OpKind,
    /// Over how many bases.
    pub length: u32,
}

impl Op {
    #[inline]
    fn decode(code: u32) -> Self {
        const KINDS: [OpKind; 16] = {
            use OpKind as K;
            [
                K::Match,
                K::Insertion,
                K::Deletion,
                K::Skip,
                K::SoftClip,
                K::HardClip,
                K::Pad,
                K::Equal,
                K::Different,
                K::Unknown,
                K::Unknown,
                K::Unknown,
                K::Unknown,
                K::Unknown,
                K::Unknown,
                K::Unknown,
            ]
        };
        Self { kind: KINDS[(code & 15) as usize], length: code >> 4 }
    }

    /// True for `M`, `=` and `X`: read and reference advance together.
    #[inline]
    pub fn is_aligned(self) -> bool {
        matches!(self.kind, OpKind::Match | OpKind::Equal | OpKind::Different)
    }

    /// True when the reference advances.
    #[inline]
    pub fn consumes_reference(self) -> bool {
        self.is_aligned() || matches!(self.kind, OpKind::Deletion | OpKind::Skip)
    }

    /// True when the read advances.
    #[inline]
    pub fn consumes_read(self) -> bool {
        self.is_aligned() || matches!(self.kind, OpKind::Insertion | OpKind::SoftClip)
    }
}

/// The operations of one record, in BAM's coding.
#[derive(Clone, Copy, Debug)]
pub struct Cigar<'a>(pub(super) &'a [u8]);

impl<'a> Cigar<'a> {
    /// Number of operations.
    #[inline]
    pub fn len(self) -> usize {
        self.0.len() / 4
    }

    /// True for `*`.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The operations.
    #[inline]
    pub fn iter(self) -> impl Iterator<Item = Op> + use<'a> {
        let (ops, _) = self.0.as_chunks::<4>();
        ops.iter().map(|&op| Op::decode(u32::from_le_bytes(op)))
    }

    /// The length of a CIGAR that is one `M` and nothing else.
    #[inline]
    pub fn single_match(self) -> Option<u32> {
        let op = Op::decode(u32::from_le_bytes(self.0.try_into().ok()?));
        (op.kind == OpKind::Match).then_some(op.length)
    }

    /// Bases of the read that the operations cover, clipped ones that it still has among them.
    #[inline]
    pub fn read_bases(self) -> u64 {
        self.iter().filter(|op| op.consumes_read()).map(|op| u64::from(op.length)).sum()
    }

    /// Reference bases from the first to the last aligned one.
    #[inline]
    pub fn span(self) -> u32 {
        match self.single_match() {
            Some(length) => length,
            None => self
                .iter()
                .filter(|op| op.consumes_reference())
                .fold(0, |sum: u32, op| sum.saturating_add(op.length)),
        }
    }
}
