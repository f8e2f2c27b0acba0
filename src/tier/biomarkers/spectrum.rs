//! Histograms: shares of ALT reads, lengths of insertions and deletions.

use crate::model::biomarkers::SomaticCounts;
use crate::model::biomarkers::shape::{SHARE_BINS, Spectrum};
use crate::model::somatic_call::{Marks, SomaticCalls};

/// The bin of a share: bins are open below and closed above, `(0.005,0.015]`.
pub(super) fn bin(share: f64) -> usize {
    // Shares are ratios of small counts: what differs from a bound by less than this is rounding.
    const ROUNDING: f64 = 1e-9;
    let place = (share * 100.0 - 0.5 - ROUNDING).ceil();
    (place.max(0.0) as usize).min(SHARE_BINS - 1)
}

/// The histograms of a tumour.
pub(super) fn spectrum(calls: &SomaticCalls) -> Spectrum {
    let mut found = Spectrum {
        snv_shares: vec![0; SHARE_BINS],
        indel_shares: vec![0; SHARE_BINS],
        indel_lengths: std::collections::BTreeMap::new(),
    };
    for call in calls.iter() {
        let shares = if call.is_snv() {
            &mut found.snv_shares
        } else if call.is_indel() {
            *found.indel_lengths.entry(call.length_change()).or_default() += 1;
            &mut found.indel_shares
        } else {
            continue;
        };
        if let Some(share) = call.tumour.vaf() {
            shares[bin(share)] += 1;
        }
    }
    found
}

/// Counts by kind.
pub(super) fn counts(calls: &SomaticCalls, duplicates: u64) -> SomaticCounts {
    let mut counts =
        SomaticCounts { duplicates, not_taken: calls.not_taken, ..SomaticCounts::default() };
    for call in calls.iter() {
        counts.variants += 1;
        let kind = match call.length_change() {
            _ if call.is_snv() => &mut counts.snvs,
            0 => &mut counts.mnvs,
            change if call.is_indel() && change > 0 => &mut counts.insertions,
            _ if call.is_indel() => &mut counts.deletions,
            _ => &mut counts.delins,
        };
        *kind += 1;
        counts.without_reads += u64::from(call.tumour.vaf().is_none());
        counts.without_consequence += u64::from(!call.marks.has(Marks::ANNOTATED));
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::bin;

    #[test]
    fn bins_are_closed_above() {
        let bins = [0.0, 0.005, 0.0051, 0.015, 0.0151, 0.5, 0.555, 0.9951, 1.0].map(bin);
        assert_eq!(bins, [0, 0, 1, 1, 2, 50, 55, 100, 100]);
    }
}
