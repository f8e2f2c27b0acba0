//! Counts by flag, with the definitions of `samtools flagstat`.
//!
//! The loop only fills a histogram over the 4,096 flag values; everything else follows from it, except whether two mapped
//! mates lie on different contigs.

use crate::model::problem::Problem;
use crate::model::qc::{FlagCounts, SampleQc};
use crate::model::read::{Fields, ReadBlock, ReadView, flag};

use super::{Count, Counting, Metric, MetricContext};

/// The metric's name.
pub const ID: &str = "flags";
/// What it is, in one line.
pub const ABOUT: &str = "records by flag, as samtools flagstat";
/// Least mapping quality of the stricter different-contig count.
const SURE_MAPQ: u8 = 5;

/// Makes the metric.
///
/// # Errors
///
/// None.
pub fn make(_: &MetricContext<'_>) -> Result<Box<dyn Metric>, Problem> {
    Ok(Box::new(Counting::new(Flags)))
}

/// The metric.
#[derive(Debug)]
pub struct Flags;

/// What is counted.
#[derive(Debug)]
pub struct Counts {
    by_flag: Vec<u64>,
    different_contig: [u64; 2],
    different_contig_sure: [u64; 2],
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            by_flag: vec![0; flag::VALUES],
            different_contig: [0; 2],
            different_contig_sure: [0; 2],
        }
    }
}

impl Count for Flags {
    type Counts = Counts;

    fn needs(&self) -> Fields {
        Fields::CORE | Fields::MATE
    }

    fn block(&self, counts: &mut Counts, block: &ReadBlock<'_>) {
        // The mates of plain records are said to lie on the same contig.
        for group in block.groups() {
            counts.by_flag[usize::from(group.flags) % flag::VALUES] += group.reads;
        }
        for read in block.ungrouped() {
            self.read(counts, read);
        }
    }

    #[inline]
    fn read(&self, counts: &mut Counts, read: ReadView<'_>) {
        let flags = read.flags();
        counts.by_flag[usize::from(flags) % flag::VALUES] += 1;
        let single_end =
            flag::UNMAPPED | flag::MATE_UNMAPPED | flag::SECONDARY | flag::SUPPLEMENTARY;
        if flags & (single_end | flag::PAIRED) == flag::PAIRED
            && read.contig() != read.mate_contig()
        {
            let failed = usize::from(flags & flag::QC_FAIL != 0);
            counts.different_contig[failed] += 1;
            counts.different_contig_sure[failed] += u64::from(read.mapq() >= SURE_MAPQ);
        }
    }

    fn merge(whole: &mut Counts, part: Counts) {
        for (sum, more) in whole.by_flag.iter_mut().zip(part.by_flag) {
            *sum += more;
        }
        for i in 0..2 {
            whole.different_contig[i] += part.different_contig[i];
            whole.different_contig_sure[i] += part.different_contig_sure[i];
        }
    }

    fn finish(&self, counts: Counts, qc: &mut SampleQc) {
        qc.flags = Some(summarise(&counts));
    }
}

fn summarise(counts: &Counts) -> FlagCounts {
    let sum = |set: u16, clear: u16| {
        let mut sums = [0; 2];
        for (flags, count) in counts.by_flag.iter().enumerate() {
            let flags = flags as u16;
            if flags & set == set && flags & clear == 0 {
                sums[usize::from(flags & flag::QC_FAIL != 0)] += count;
            }
        }
        sums
    };
    let extra = flag::SECONDARY | flag::SUPPLEMENTARY;
    let paired = flag::PAIRED;
    FlagCounts {
        total: sum(0, 0),
        primary: sum(0, extra),
        secondary: sum(flag::SECONDARY, 0),
        supplementary: sum(flag::SUPPLEMENTARY, flag::SECONDARY),
        duplicates: sum(flag::DUPLICATE, 0),
        primary_duplicates: sum(flag::DUPLICATE, extra),
        mapped: sum(0, flag::UNMAPPED),
        primary_mapped: sum(0, extra | flag::UNMAPPED),
        paired: sum(paired, extra),
        read1: sum(paired | flag::FIRST, extra),
        read2: sum(paired | flag::SECOND, extra),
        properly_paired: sum(paired | flag::PROPER_PAIR, extra | flag::UNMAPPED),
        both_mapped: sum(paired, extra | flag::UNMAPPED | flag::MATE_UNMAPPED),
        singletons: sum(paired | flag::MATE_UNMAPPED, extra | flag::UNMAPPED),
        different_contig: counts.different_contig,
        different_contig_mapq5: counts.different_contig_sure,
    }
}
