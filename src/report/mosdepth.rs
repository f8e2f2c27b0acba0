//! Depth in the text formats of mosdepth: summary and distributions.

use std::fmt::Write;

use crate::model::qc::{DepthHistogram, DepthQc, DepthSummary};

/// Cumulative shares below this are left out of distributions.
const LEAST_SHARE: f64 = 8e-5;
/// Depths above this are left out of distributions when no base has them.
const ALL_DEPTHS_TO: u32 = 300;

/// `mosdepth.summary.txt`: chrom, length, bases, mean, min, max.
pub fn summary(depth: &DepthQc) -> String {
    let mut text = String::from("chrom\tlength\tbases\tmean\tmin\tmax\n");
    let mut row = |name: &str, suffix: &str, values: &DepthSummary| {
        let (bases, sum, mean) = (values.bases, values.sum, values.mean());
        let (min, max) = (values.min.unwrap_or(0), values.max);
        let digits = depth.precision;
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name}{suffix}\t{bases}\t{sum}\t{mean:.digits$}\t{min}\t{max}");
    };
    for contig in depth.contigs.iter().filter(|contig| contig.listed) {
        row(&contig.name, "", &contig.whole);
        if let Some(regions) = &contig.regions {
            row(&contig.name, "_region", regions);
        }
    }
    row("total", "", &depth.total);
    if let Some(regions) = &depth.total_regions {
        row("total", "_region", regions);
    }
    text
}

/// `mosdepth.global.dist.txt`: for each contig and the total the share of bases with at least each depth.
pub fn global_distribution(depth: &DepthQc) -> String {
    distribution(depth, |contig| &contig.histogram)
}

/// `mosdepth.region.dist.txt`: the same over regions; `None` without regions.
pub fn region_distribution(depth: &DepthQc) -> Option<String> {
    depth.total_regions.map(|_| distribution(depth, |contig| &contig.region_histogram))
}

fn distribution(
    depth: &DepthQc,
    histogram: impl Fn(&crate::model::qc::ContigDepth) -> &DepthHistogram,
) -> String {
    let mut text = String::new();
    let mut total = DepthHistogram::default();
    for contig in depth.contigs.iter().filter(|contig| contig.listed) {
        let own = histogram(contig);
        shares(&contig.name, own, depth, &mut text);
        total.merge(own);
    }
    shares("total", &total, depth, &mut text);
    text
}

fn shares(name: &str, histogram: &DepthHistogram, depth: &DepthQc, text: &mut String) {
    let all = histogram.total();
    if all == 0 {
        return;
    }
    let high = histogram.iter().rev().take_while(|&(depth, _)| depth > ALL_DEPTHS_TO);
    let low = (0..=ALL_DEPTHS_TO).rev().map(|depth| (depth, histogram.count(depth)));
    let (mut bases, mut share) = (0, 0.0);
    for (value, count) in high.chain(low) {
        bases += count;
        // mosdepth adds shares up; one division of whole numbers is exact.
        share = match depth.compat {
            Some(_) => share + count as f64 / all as f64,
            None => bases as f64 / all as f64,
        };
        if share >= LEAST_SHARE {
            let _ = writeln!(text, "{name}\t{value}\t{share:.*}", depth.precision);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::qc::ContigDepth;

    #[test]
    fn distributions_fall_from_the_deepest_base_to_one() {
        let mut histogram = DepthHistogram::default();
        for (depth, bases) in [(0, 1), (2, 2), (500, 1)] {
            histogram.add(depth, bases);
        }
        let contig = ContigDepth {
            name: "a".into(),
            listed: true,
            whole: histogram.summary(),
            histogram,
            ..ContigDepth::default()
        };
        let depth = DepthQc { contigs: vec![contig], precision: 2, ..DepthQc::default() };
        let text = global_distribution(&depth);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!((lines[0], lines[1]), ("a\t500\t0.25", "a\t300\t0.25"));
        assert_eq!(
            &lines[299..303],
            ["a\t2\t0.75", "a\t1\t0.75", "a\t0\t1.00", "total\t500\t0.25"]
        );
        assert!(summary(&depth).contains("a\t4\t504\t126.00\t0\t500\n"));
        assert_eq!(region_distribution(&depth), None);
    }
}
