//! What can be wrong with the bytes of an alignment record.

/// Why a record cannot be one, as the end of a sentence that begins with "a record". Contigs are kept as they are stored, by
/// their 0-based place in the header, and told 1-based.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordFault {
    /// Its size, bytes.
    #[error("states an impossible size of {0} bytes")]
    Size(usize),
    /// Its size, bytes.
    #[error("of {0} bytes is too short to be one")]
    Short(usize),
    /// A name has one character at least.
    #[error("has no read name")]
    Unnamed,
    /// The number of bases that it states.
    #[error("states {0} bases")]
    Bases(i32),
    /// Name, CIGAR, bases and qualities take more bytes than there are.
    #[error("is shorter than its own lengths say ({needs} bytes needed, {has} there)")]
    Lengths {
        /// Bytes behind the fixed part that its lengths add up to.
        needs: usize,
        /// Bytes behind the fixed part.
        has: usize,
    },
    /// htslib does not read such a record either (1.16, `bam_read1`).
    #[error("has a CIGAR over {cigar} bases, and {bases} bases")]
    Cigar {
        /// Bases that the CIGAR covers.
        cigar: u64,
        /// Bases that are there.
        bases: usize,
    },
    /// A contig that the header does not have.
    #[error("lies on contig {} of a header with {contigs}", i64::from(*contig) + 1)]
    Contig {
        /// What it states.
        contig: i32,
        /// Contigs in the header.
        contigs: usize,
    },
    /// A mate's contig that the header does not have.
    #[error("has its mate on contig {} of a header with {contigs}", i64::from(*contig) + 1)]
    Mate {
        /// What it states.
        contig: i32,
        /// Contigs in the header.
        contigs: usize,
    },
    /// A position before "none", which is -1.
    #[error("lies at position {0}, counted from 0")]
    Position(i32),
}
