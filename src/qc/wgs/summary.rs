//! From counts to the values of the table.

use crate::model::contig::ContigClass;
use crate::model::qc::wgs::{
    WGS_DEPTHS, WgsBases, WgsContig, WgsDepth, WgsExcluded, WgsQc, WgsShare,
};

use super::stretch::Sums;

/// All values but those of HET SNP sensitivity, from the histogram of capped depth and what was excluded.
pub(super) fn summarise(histogram: &[u64], sums: &Sums) -> WgsQc {
    let territory: u64 = histogram.iter().sum();
    let depths = || histogram.iter().enumerate().map(|(depth, &n)| (depth as f64, n as f64));
    let share = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
    let total = depths().map(|(depth, bases)| depth * bases).sum::<f64>();
    let mean = share(total, territory as f64);
    let squares = mean.map(|mean| depths().map(|(d, n)| n * (d - mean).powi(2)).sum::<f64>());
    let sd = squares.and_then(|squares| share(squares, territory as f64 - 1.0)).map(f64::sqrt);
    let bins: Vec<(f64, u64)> =
        histogram.iter().enumerate().map(|(depth, &n)| (depth as f64, n)).collect();
    let middle = median(&bins);
    let mut deviations: Vec<(f64, u64)> =
        bins.iter().map(|&(depth, n)| ((depth - middle).abs(), n)).collect();
    deviations.sort_by(|a, b| a.0.total_cmp(&b.0));
    let reached = |depth: u32| histogram.iter().skip(depth as usize).sum::<u64>() as f64;
    let fold = |percentile: f64| {
        let depth = percentile_of(histogram, percentile)?;
        mean.and_then(|mean| share(mean, depth as f64))
    };
    let bases = bases(total as u64, sums);
    WgsQc {
        territory,
        mean,
        sd,
        median: middle,
        mad: median(&deviations),
        excluded: excluded(&bases),
        bases,
        at_least: WGS_DEPTHS
            .iter()
            .map(|&depth| WgsShare { depth, share: share(reached(depth), territory as f64) })
            .collect(),
        fold_penalty: [fold(0.2), fold(0.1), fold(0.05)],
        histogram: histogram.to_vec(),
        ..WgsQc::default()
    }
}

/// The autosomes' depth; `None` where none of the contigs is one, or they have no known base.
pub(super) fn autosomes(contigs: &[WgsContig]) -> Option<WgsDepth> {
    let own = contigs
        .iter()
        .filter(|contig| matches!(ContigClass::of_name(&contig.name), ContigClass::Autosome(_)));
    let mut histogram: Vec<u64> = Vec::new();
    for contig in own {
        histogram.resize(histogram.len().max(contig.histogram.len()), 0);
        for (sum, bases) in histogram.iter_mut().zip(&contig.histogram) {
            *sum += bases;
        }
    }
    let WgsQc { territory, mean, median, mad, histogram, .. } =
        summarise(&histogram, &Sums::default());
    mean.map(|mean| WgsDepth { territory, mean, median, mad, histogram })
}

/// Aligned bases by what became of them; `counted` is the sum of the capped depths.
fn bases(counted: u64, sums: &Sums) -> WgsBases {
    let capped = sums.capped.max(0) as u64;
    // What is aligned and neither counts nor is an overlap has a low quality, or is N.
    let passing = counted + capped + sums.overlap;
    let [adapter, mapq, duplicate, unpaired] = sums.excluded;
    let (base_quality, overlap) = (sums.aligned.saturating_sub(passing), sums.overlap);
    WgsBases { counted, adapter, mapq, duplicate, unpaired, base_quality, overlap, capped }
}

/// The shares of bases by reason.
fn excluded(bases: &WgsBases) -> WgsExcluded {
    let whole = (bases.counted + bases.excluded()) as f64;
    let share = |part: u64| if whole == 0.0 { 0.0 } else { part as f64 / whole };
    WgsExcluded {
        adapter: share(bases.adapter),
        mapq: share(bases.mapq),
        duplicate: share(bases.duplicate),
        unpaired: share(bases.unpaired),
        base_quality: share(bases.base_quality),
        overlap: share(bases.overlap),
        capped: share(bases.capped),
        total: share(bases.excluded()),
    }
}

/// The middle value, or the mean of the two in the middle, of values in ascending order with their counts.
fn median(bins: &[(f64, u64)]) -> f64 {
    let count: u64 = bins.iter().map(|(_, n)| n).sum();
    let value = |rank: u64| {
        let mut below = 0;
        let found = bins.iter().find(|(_, n)| {
            below += n;
            below >= rank
        });
        found.map_or(0.0, |(value, _)| *value)
    };
    if count == 0 {
        return 0.0;
    }
    let low = count.div_ceil(2);
    f64::midpoint(value(low), value(if count.is_multiple_of(2) { low + 1 } else { low }))
}

/// The first depth at which at least this share of the bases is reached.
fn percentile_of(histogram: &[u64], percentile: f64) -> Option<usize> {
    let total = histogram.iter().sum::<u64>() as f64;
    let mut below = 0;
    histogram.iter().position(|n| {
        below += n;
        below as f64 / total >= percentile
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_a_small_histogram() {
        let mut histogram = vec![0; 251];
        (histogram[0], histogram[10], histogram[20], histogram[250]) = (1, 4, 4, 1);
        let sums = Sums { aligned: 450, capped: 30, overlap: 20, ..Sums::default() };
        let wgs = summarise(&histogram, &sums);
        assert_eq!((wgs.territory, wgs.mean, wgs.median, wgs.mad), (10, Some(37.0), 15.0, 5.0));
        assert_eq!(wgs.fold_penalty, [Some(3.7), None, None]);
        assert_eq!(wgs.at_least[2].share, Some(0.9));
        assert!((wgs.excluded.base_quality * 450.0 - 30.0).abs() < 1e-9);
        assert!((wgs.excluded.total * 450.0 - 80.0).abs() < 1e-9);
        let contig = |name: &str, bases| {
            let mut histogram = vec![0; 251];
            (histogram[10], histogram[20]) = (bases, 1);
            WgsContig { name: name.into(), histogram }
        };
        let own = autosomes(&[contig("chr1", 3), contig("chrX", 9), contig("2", 4)]).unwrap();
        assert_eq!((own.territory, own.median, own.mad), (9, 10.0, 0.0));
        assert_eq!((own.mean, own.share(15)), (110.0 / 9.0, 2.0 / 9.0));
        assert_eq!(autosomes(&[contig("chrX", 9)]), None);
        let none = summarise(&[0; 251], &Sums::default());
        assert_eq!((none.mean, none.sd, none.at_least[0].share), (None, None, None));
    }
}
