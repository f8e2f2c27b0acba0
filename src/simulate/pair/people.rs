//! The patient and another person at common variants of the zones, and the list of these sites.

use std::fmt::Write as _;

use super::plan::{EDGE_BP, Plan};
use crate::simulate::haplotype::Edit;
use crate::simulate::rng::Rng;

/// Mean distance of common variants, bp.
const STEP_BP: u32 = 290;
/// Distance of a common variant from planted ones, bp.
const APART_BP: u32 = 25;

/// A common variant.
pub(super) struct Common {
    /// Index of its zone.
    pub zone: usize,
    /// The change.
    pub edit: Edit,
    /// Frequency of the alternate allele, 0 to 1.
    frac: f64,
    /// Which copies of the patient and of the other person have it.
    pub carried: [[bool; 2]; 2],
}

/// Draws the variants with the genotypes of both.
pub(super) fn draw(plan: &Plan, seed: u64) -> Vec<Common> {
    let mut rng = Rng::new(seed, &[88]);
    let mut made = Vec::new();
    for (number, zone) in plan.zones[..plan.whole].iter().enumerate() {
        let window = plan.window(zone);
        let mut start0 = zone.start0 + EDGE_BP;
        while start0 < zone.end0 - EDGE_BP {
            let reference = window.base(start0);
            let alternate = rng.other_base(reference);
            let frac = 0.1 + 0.8 * rng.unit();
            let mut copy = || rng.chance(frac);
            let carried = [[copy(), copy()], [copy(), copy()]];
            if plan.ground.is_free((zone.stretch, start0), APART_BP) {
                let [reference, alternate] = [vec![reference], vec![alternate]];
                let edit = Edit { start0, reference, alternate };
                made.push(Common { zone: number, edit, frac, carried });
            }
            start0 += STEP_BP - 30 + rng.below(60) as u32;
        }
    }
    made
}

/// The sites as BED with alleles and frequency.
pub(super) fn site_list(plan: &Plan, common: &[Common]) -> String {
    let mut text = String::from("# Simulated: common variants of nobody.\n");
    let mut rows: Vec<(u32, &Common)> =
        common.iter().map(|one| (plan.contig(plan.zones[one.zone].stretch), one)).collect();
    rows.sort_by_key(|(contig, one)| (*contig, one.edit.start0));
    for (contig, one) in rows {
        let _ = writeln!(
            text,
            "{}\t{}\t{}\t{}\t{}\t{:.4}",
            plan.ground.genome.contigs[contig as usize].0,
            one.edit.start0,
            one.edit.end0(),
            String::from_utf8_lossy(&one.edit.reference),
            String::from_utf8_lossy(&one.edit.alternate),
            one.frac
        );
    }
    text
}
