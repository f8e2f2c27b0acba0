//! Segments of a chromosome that come from one parent, and runs of homozygosity: the most likely way through its windows.
//!
//! METHOD: a hidden Markov model over windows, after the idea of UPDhmm and of `bcftools roh`. Only sites count that contradict a
//! copy of one parent, or prove it: opposite homozygous parents, and alleles that one parent alone has. Sites that a shared
//! ancestor makes homozygous say nothing then, so that related parents do not look like one. What one window may say is limited:
//! its sites are inherited together, and errors come in heaps (repeats, small deletions).

use super::counts::{CELLS, Cells, Says, Window, single};
use crate::model::results::chromosomes::{DisomyKind, Origin, ParentSegment, Stretch};
use crate::policy::chromosomes::ChromosomePolicy;

/// States of a trio's chromosome; 0 is a copy of both parents.
const MATERNAL_ISO: usize = 1;
const MATERNAL_HETERO: usize = 2;
const PATERNAL_ISO: usize = 3;
const PATERNAL_HETERO: usize = 4;

/// Share of the sites at which a heterozygous parent alone would leave a child homozygous for what the other lacks: half of them in
/// isodisomy and none in heterodisomy.
const ISODISOMIC_SHARE: f64 = 0.25;
/// Share of the sites at which a child that has nothing of a homozygous parent is the opposite homozygote; common variants give
/// more, rare ones less.
const OPPOSITE_SHARE: f64 = 0.1;
/// Share of heterozygous ones among the variants that a child carries, and the same within a run of homozygosity.
const HETEROZYGOUS_SHARE: [f64; 2] = [0.6, 0.02];
/// Fewest sites of a heterozygous parent that tell isodisomy from heterodisomy.
const KIND_SITES: u32 = 10;

/// The most likely states; `cost` of a change is paid on the way. The first of equal ones counts.
fn best_path<const N: usize>(
    scores: &[[f64; N]],
    cost: impl Fn(usize, usize) -> f64,
) -> Vec<usize> {
    let mut sums = [0.0; N];
    let mut back: Vec<[usize; N]> = Vec::with_capacity(scores.len());
    for own in scores {
        let from: [usize; N] = std::array::from_fn(|to| {
            let worth = |state: usize| sums[state] - cost(state, to);
            (1..N).fold(0, |best, state| if worth(state) > worth(best) { state } else { best })
        });
        sums = std::array::from_fn(|to| sums[from[to]] - cost(from[to], to) + own[to]);
        back.push(from);
    }
    let mut state = (0..N).fold(0, |best, one| if sums[one] > sums[best] { one } else { best });
    let mut path = vec![0; scores.len()];
    for (place, from) in path.iter_mut().zip(&back).rev() {
        *place = state;
        state = from[state];
    }
    path
}

/// What a window says for maternal and for paternal inheritance alone, against both parents.
fn for_parents(cells: &Cells, error: f64, most: f64) -> [f64; 2] {
    let of = |says: Says| {
        let own = cells.iter().zip(CELLS).filter(|(_, said)| *said == says);
        f64::from(own.map(|(n, _)| n).sum::<u32>())
    };
    let wrong = error / 2.0;
    let homozygous = ((1.0 - error) / wrong).ln();
    let isodisomic = (ISODISOMIC_SHARE / wrong).ln();
    let passed = (0.5 / wrong).ln();
    let both = of(Says::Biparental) * homozygous;
    let maternal = of(Says::UniparentalMaternal) * homozygous
        + of(Says::IsodisomyMaternal) * isodisomic
        - of(Says::OfFather) * passed
        - both;
    let paternal = of(Says::UniparentalPaternal) * homozygous
        + of(Says::IsodisomyPaternal) * isodisomic
        - of(Says::OfMother) * passed
        - both;
    [maternal, paternal].map(|score| score.clamp(-most, most))
}

/// Sites at which the mother, and those at which the father is heterozygous: child homozygous and heterozygous.
fn kinds(cells: &Cells) -> [[u32; 2]; 2] {
    let mut counts = [[0; 2]; 2];
    for (cell, &n) in cells.iter().enumerate() {
        let (father, mother, child) = (cell / 16, cell / 4 % 4, cell % 4);
        let known = father > 0 && mother > 0 && child > 0;
        for (parent, genotype) in [mother, father].into_iter().enumerate() {
            if known && genotype == 2 {
                counts[parent][usize::from(child == 2)] += n;
            }
        }
    }
    counts
}

/// What speaks against isodisomy and against heterodisomy; the likelier one loses nothing.
fn against_kinds([homozygous, heterozygous]: [u32; 2], error: f64, most: f64) -> [f64; 2] {
    let weight = -error.ln();
    let lost = |more: u32, less: u32| (f64::from(more.saturating_sub(less)) * weight).min(most);
    [lost(heterozygous, homozygous), lost(homozygous, heterozygous)]
}

fn change_cost(limit: f64) -> impl Fn(usize, usize) -> f64 {
    let parent = |state: usize| state.div_ceil(2);
    move |a, b| match (a == b, parent(a) == parent(b)) {
        (true, _) => 0.0,
        // A crossover makes one sort of disomy the other: no rare thing.
        (false, true) => limit / 2.0,
        (false, false) => limit,
    }
}

/// Segments of which one parent of a trio passed on nothing.
pub(super) fn of_trio(
    windows: &[Window],
    error: f64,
    limits: &ChromosomePolicy,
) -> Vec<ParentSegment> {
    let most = limits.window_evidence.value;
    let mut scores: Vec<[f64; 5]> = Vec::with_capacity(windows.len());
    for window in windows {
        let [maternal, paternal] = for_parents(&window.cells, error, most);
        let [of_mother, of_father] =
            kinds(&window.cells).map(|counts| against_kinds(counts, error, most));
        let mut own = [0.0; 5];
        (own[MATERNAL_ISO], own[MATERNAL_HETERO]) =
            (maternal - of_mother[0], maternal - of_mother[1]);
        (own[PATERNAL_ISO], own[PATERNAL_HETERO]) =
            (paternal - of_father[0], paternal - of_father[1]);
        scores.push(own);
    }
    let path = best_path(&scores, change_cost(limits.change_evidence.value));
    let parent = |state: usize| state.div_ceil(2);
    let mut all = Vec::new();
    for (at, origin) in [(1, Origin::Maternal), (2, Origin::Paternal)] {
        for range in ranges(&path, |state| parent(state) == at) {
            let own = &windows[range.clone()];
            let evidence: f64 =
                own.iter().map(|window| for_parents(&window.cells, error, most)[at - 1]).sum();
            let iso = path[range.clone()].iter().any(|state| state % 2 == 1);
            let hetero = path[range].iter().any(|state| state % 2 == 0);
            let told: u32 = own.iter().flat_map(|window| kinds(&window.cells)[at - 1]).sum();
            let kind = match (iso, hetero) {
                _ if told < KIND_SITES => DisomyKind::Unknown,
                (true, true) => DisomyKind::Both,
                (true, false) => DisomyKind::Isodisomy,
                _ => DisomyKind::Heterodisomy,
            };
            all.extend(segment(own, (origin, kind), evidence, limits));
        }
    }
    all.sort_by_key(|segment| segment.start);
    all
}

/// Segments of which the one parent who was compared passed on nothing: all comes from the other one.
pub(super) fn of_duo(
    windows: &[Window],
    (origin, error): (Origin, f64),
    limits: &ChromosomePolicy,
) -> Vec<ParentSegment> {
    let most = limits.window_evidence.value;
    let score = |window: &Window| {
        let (opposite, comparable) = of_single(&window.cells);
        let others = f64::from(comparable - opposite);
        let score = f64::from(opposite) * (OPPOSITE_SHARE / error).ln()
            + others * ((1.0 - OPPOSITE_SHARE) / (1.0 - error)).ln();
        score.clamp(-most, most)
    };
    let found = spans(windows, score, limits).into_iter();
    let kind = (origin, DisomyKind::Unknown);
    found.filter_map(|(own, evidence)| segment(own, kind, evidence, limits)).collect()
}

/// Opposite homozygotes of a single parent, and sites that could have shown one.
fn of_single(cells: &Cells) -> (u32, u32) {
    let (mut opposite, mut comparable) = (0, 0);
    for (cell, &n) in cells.iter().enumerate() {
        let (is_opposite, counts) = single((cell / 16).max(cell / 4 % 4), cell % 4);
        opposite += if is_opposite { n } else { 0 };
        comparable += if counts { n } else { 0 };
    }
    (opposite, comparable)
}

/// A segment, when it is long and sure enough.
fn segment(
    windows: &[Window],
    (origin, kind): (Origin, DisomyKind),
    evidence: f64,
    limits: &ChromosomePolicy,
) -> Option<ParentSegment> {
    let bounds = windows
        .iter()
        .map(|window| match origin {
            Origin::Maternal => window.not_father,
            Origin::Paternal => window.not_mother,
        })
        .reduce(super::counts::Bounds::join)?;
    let (mut sites, mut against) = (0, 0);
    for (window, (cell, said)) in
        windows.iter().flat_map(|window| CELLS.iter().enumerate().map(move |cell| (window, cell)))
    {
        use Says::{
            Biparental, IsodisomyMaternal, IsodisomyPaternal, OfFather, OfMother, Unexplained,
            UniparentalMaternal, UniparentalPaternal,
        };
        let n = window.cells[cell];
        match (origin, said) {
            (Origin::Maternal, UniparentalMaternal | IsodisomyMaternal)
            | (Origin::Paternal, UniparentalPaternal | IsodisomyPaternal) => sites += n,
            (_, Biparental | Unexplained)
            | (Origin::Maternal, OfFather)
            | (Origin::Paternal, OfMother) => against += n,
            _ => {}
        }
        // Of a single parent: the other one's copies.
        let (father, mother) = (cell / 16, cell / 4 % 4);
        let (seen, other) = match origin {
            Origin::Maternal => (father, mother),
            Origin::Paternal => (mother, father),
        };
        if other == 0 && single(seen, cell % 4).0 {
            sites += n;
        }
    }
    let enough = evidence >= limits.min_evidence.value
        && f64::from(sites) >= limits.min_segment_sites.value
        && f64::from(bounds.last.saturating_sub(bounds.first)) >= limits.min_segment_bp.value;
    enough.then(|| ParentSegment {
        start: bounds.first,
        end: bounds.last,
        origin,
        kind,
        sites,
        against,
        evidence: (evidence * 10.0).round() / 10.0,
        frac_lost: None,
    })
}

/// Runs of homozygosity of the child.
pub(super) fn runs(windows: &[Window], limits: &ChromosomePolicy) -> Vec<Stretch> {
    let most = limits.window_evidence.value;
    let [usual, within] = HETEROZYGOUS_SHARE;
    let score = |window: &Window| {
        let (mut heterozygous, mut homozygous) = (0, 0);
        for (cell, &n) in window.cells.iter().enumerate() {
            heterozygous += if cell % 4 == 2 { n } else { 0 };
            homozygous += if cell % 4 == 3 { n } else { 0 };
        }
        let score = f64::from(heterozygous) * (within / usual).ln()
            + f64::from(homozygous) * ((1.0 - within) / (1.0 - usual)).ln();
        score.clamp(-most, most)
    };
    let mut all = Vec::new();
    for (own, evidence) in spans(windows, score, limits) {
        let bounds = own.iter().map(|window| window.bounds).reduce(super::counts::Bounds::join);
        let Some(bounds) = bounds.filter(|bounds| bounds.first <= bounds.last) else { continue };
        let run = Stretch { start: bounds.first, end: bounds.last };
        if evidence >= limits.min_evidence.value && f64::from(run.len()) >= limits.min_run_bp.value
        {
            all.push(run);
        }
    }
    all
}

/// Stretches of windows that a score for each, against 0 elsewhere, tells apart, each with its sum.
fn spans<'a>(
    windows: &'a [Window],
    score: impl Fn(&Window) -> f64,
    limits: &ChromosomePolicy,
) -> Vec<(&'a [Window], f64)> {
    let scores: Vec<[f64; 2]> = windows.iter().map(|window| [0.0, score(window)]).collect();
    let path = best_path(&scores, change_cost(limits.change_evidence.value));
    let found = ranges(&path, |state| state == 1).into_iter();
    found
        .map(|range| (&windows[range.clone()], scores[range].iter().map(|[_, own]| own).sum()))
        .collect()
}

/// Stretches of windows in a state that is wanted.
fn ranges(path: &[usize], wanted: impl Fn(usize) -> bool) -> Vec<std::ops::Range<usize>> {
    let mut all: Vec<std::ops::Range<usize>> = Vec::new();
    for (place, _) in path.iter().enumerate().filter(|(_, state)| wanted(**state)) {
        match all.last_mut() {
            Some(last) if last.end == place => last.end += 1,
            _ => all.push(place..place + 1),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_path_is_that_of_trying_all() {
        let cost = change_cost(4.0);
        let mut state = 7_u64;
        let mut draw = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 40) as f64 / f64::from(1 << 21) - 4.0
        };
        for _ in 0..40 {
            let scores: Vec<[f64; 3]> = (0..6).map(|_| [draw(), draw(), draw()]).collect();
            let worth = |path: &[usize]| {
                let own: f64 = path.iter().zip(&scores).map(|(&state, own)| own[state]).sum();
                own - path.windows(2).map(|pair| cost(pair[0], pair[1])).sum::<f64>()
            };
            let found = worth(&best_path(&scores, &cost));
            let all = (0..3_usize.pow(6)).map(|code| {
                let path: Vec<usize> = (0..6).map(|i| code / 3_usize.pow(i) % 3).collect();
                worth(&path)
            });
            let best = all.fold(f64::MIN, f64::max);
            assert!((found - best).abs() < 1e-9, "{found} {best}");
        }
    }

    #[test]
    fn ranges_are_cut_where_the_state_changes() {
        assert_eq!(ranges(&[0, 1, 1, 0, 2, 1], |state| state == 1), [1..3, 5..6]);
        assert!(ranges(&[], |_| true).is_empty());
    }
}
