//! The two tubes: which copies of each zone give what share of the reads.

use std::collections::BTreeMap;

use super::copies::{FRAC_SUBCLONE, Mix};
use super::people::Common;
use super::plan::Plan;
use crate::simulate::haplotype::Edit;
use crate::simulate::sample::{Sample, Strand};
use crate::simulate::windows::Genome;

pub(super) use crate::simulate::tumour::{NORMAL, TUMOUR};

/// Share of reads over a homopolymer that are one base longer, and that are one base shorter, by the polymerase's doing.
const FRAC_STUTTER: f64 = 0.02;
/// Compression level: the files are large, and read once.
const LEVEL: u8 = 1;

/// The zones as a genome of windows, in the order of the reference, with the zone of each.
pub(super) fn genome(plan: &Plan) -> (Genome, Vec<usize>) {
    let mut order: Vec<usize> = (0..plan.zones.len()).collect();
    let key = |zone: usize| (plan.contig(plan.zones[zone].stretch), plan.zones[zone].start0);
    order.sort_by_key(|&zone| key(zone));
    let windows = order.iter().map(|&zone| plan.window(&plan.zones[zone])).collect();
    let all = &plan.ground.genome;
    (Genome { contigs: all.contigs.clone(), windows, assembly: all.assembly }, order)
}

/// One of the two samples, its windows in the given order.
pub(super) fn sample(
    (name, label): (&str, u64),
    (depth, mix): (f64, Mix),
    (plan, common): (&Plan, &[Common]),
    order: &[usize],
) -> Sample {
    let strands = |(window, zone): (usize, &usize)| strands(plan, common, mix, (*zone, window));
    Sample {
        name: name.into(),
        strands: order.iter().enumerate().map(strands).collect(),
        depth,
        label,
        over: order.iter().map(|&zone| plan.zones[zone].over).collect(),
        level: LEVEL,
    }
}

/// Copies of a zone; `window` is its place among the windows.
fn strands(
    plan: &Plan,
    common: &[Common],
    mix: Mix,
    (zone, window): (usize, usize),
) -> Vec<Strand> {
    let own = &plan.zones[zone];
    let state = plan.state(own.stretch, own.over.unwrap_or(own.start0));
    let germline = |person: usize, copy: usize| -> Vec<Edit> {
        let here = common.iter().filter(|one| one.zone == zone && one.carried[person][copy]);
        here.map(|one| one.edit.clone()).collect()
    };
    let somatic = |copy: u8, in_subclone: bool| {
        plan.somatic
            .iter()
            .filter(move |one| {
                let place0 = one.change.edit.start0;
                one.change.stretch == own.stretch
                    && (own.start0..own.end0).contains(&place0)
                    && one.carriers.copies.contains(&copy)
                    && (in_subclone || !one.carriers.is_subclonal)
            })
            .map(|one| one.change.edit.clone())
    };
    let [usual, tumour, foreign] = mix.parts();
    let mut made: Vec<(f64, Vec<Edit>)> = Vec::new();
    for copy in 0..2 {
        made.push((usual / 2.0, germline(0, copy)));
        made.push((foreign / 2.0, germline(1, copy)));
    }
    for copy in 0..state.total {
        let parent = usize::from(copy >= state.major());
        for (frac, in_subclone) in [(1.0 - FRAC_SUBCLONE, false), (FRAC_SUBCLONE, true)] {
            let mut edits = germline(0, parent);
            edits.extend(somatic(copy, in_subclone));
            edits.sort();
            made.push((tumour * frac / 2.0, edits));
        }
    }
    made.retain(|(frac, _)| *frac > 0.0);
    let made = made.into_iter().flat_map(|one| stutter(plan, zone, one));
    made.map(|(frac, edits)| Strand { frac, edits: BTreeMap::from([(window, edits)]) }).collect()
}

/// A copy as its reads show it: over a homopolymer some are longer or shorter.
fn stutter(plan: &Plan, zone: usize, (frac, edits): (f64, Vec<Edit>)) -> Vec<(f64, Vec<Edit>)> {
    let Some(run) = plan.zones[zone].run else { return vec![(frac, edits)] };
    let is_run = |edit: &Edit| edit.start0 == run.place0 && edit.is_indel();
    let own = edits
        .iter()
        .find(|edit| is_run(edit))
        .map_or(0, |edit| edit.alternate.len() as i64 - edit.reference.len() as i64);
    let shifts = [(0, 1.0 - 2.0 * FRAC_STUTTER), (1, FRAC_STUTTER), (-1, FRAC_STUTTER)];
    let shifted = |(shift, share): (i64, f64)| {
        let mut edits: Vec<Edit> = edits.iter().filter(|edit| !is_run(edit)).cloned().collect();
        if own + shift != 0 {
            edits.push(run.changed(own + shift));
        }
        edits.sort();
        (frac * share, edits)
    };
    shifts.into_iter().map(shifted).collect()
}
