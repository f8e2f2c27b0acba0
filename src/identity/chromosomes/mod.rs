//! Whole chromosomes of a child: uniparental disomy by the calls of its parents, runs of homozygosity, numbers of chromosomes.
//!
//! The ideas are those of UPDio (King et al. 2014: sites by what they say), UPDhmm and `bcftools roh` (a hidden Markov model) and
//! DRAGEN's ploidy estimator (medians of depth). X, Y and the mitochondrial genome have other rules of inheritance and are never
//! called uniparental.

use std::collections::BTreeMap;

use crate::model::contig::ContigClass;
use crate::model::karyotype::Karyotype;
use crate::model::qc::DepthQc;
use crate::model::results::chromosomes::{
    ChromosomeResult, Inheritance, MemberChromosomes, Origin, ParentSegment, Stretch,
};
use crate::model::sample::MemberId;
use crate::policy::chromosomes::ChromosomePolicy;

mod copies;
mod counts;
mod explain;
mod segments;
#[cfg(test)]
mod tests;

pub use counts::{AUTOSOMES, ChildCounts};
pub use explain::EXPLANATIONS;

use counts::Window;

/// Windows that make one stretch when it is asked how much of a chromosome holds sites.
const STRETCH_WINDOWS: usize = 5;
/// Greatest share of a segment's telling sites that may contradict it, ours. A disomy leaves hardly any; where a parent's calls are
/// missing and read as the reference, the child's alleles of that parent stay and contradict.
const MAX_AGAINST: f64 = 0.1;
/// Fewest opposite homozygous parents (or sites of a single parent) of a chromosome whose error rate counts.
const RATE_SITES: u32 = 20;

/// A loss of copies that a caller wrote: autosome, first and last base, 1-based.
pub type Loss = (u8, u32, u32);

/// What is known of one member.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a> {
    /// Who.
    pub member: MemberId,
    /// The father whose calls were counted.
    pub father: Option<MemberId>,
    /// The mother whose calls were counted.
    pub mother: Option<MemberId>,
    /// Sites by window; `None` when no file with calls of the member was read.
    pub counts: Option<&'a ChildCounts>,
    /// Losses of the member; `None` when no copy-number caller's file has a column of the member.
    pub losses: Option<&'a [Loss]>,
    /// Depth of the member's alignment.
    pub depth: Option<&'a DepthQc>,
    /// Sex chromosomes by depth.
    pub sex: Option<&'a Karyotype>,
}

/// Assesses one member. `length` gives the length of a chromosome, bp.
pub fn assess(
    person: &Person<'_>,
    length: &dyn Fn(ContigClass) -> Option<u32>,
    limits: &ChromosomePolicy,
) -> MemberChromosomes {
    let ratios = person.depth.map(|depth| copies::ratios(depth, limits)).unwrap_or_default();
    let error = person.counts.and_then(|counts| error_rate(person, counts));
    let mut found = MemberChromosomes {
        member: person.member.0 + 1,
        father: person.father.map(|id| id.0 + 1),
        mother: person.mother.map(|id| id.0 + 1),
        error_rate: error.map(rounded),
        ..MemberChromosomes::default()
    };
    for number in 1..=AUTOSOMES as u8 {
        let class = ContigClass::Autosome(number);
        let mut own = ChromosomeResult {
            chromosome: number.to_string(),
            length: length(class),
            imprinted: limits.imprinted.value.contains(&number),
            ..ChromosomeResult::default()
        };
        if let Some(ratio) = ratios.get(&class) {
            own.depth_ratio = Some(rounded(*ratio));
            own.copies = copies::copies(*ratio, limits);
        }
        match person.counts {
            Some(counts) => by_calls(&mut own, (person, counts), error, limits),
            None => own.why = "no calls of this member were read".into(),
        }
        found.chromosomes.push(own);
    }
    in_doubt(&mut found, limits);
    number(&mut found, person.sex);
    runs(&mut found, limits);
    notes(&mut found, person);
    found
}

fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

/// Share of contradicting sites on the median chromosome: what errors and wrong genotypes make, whatever one chromosome holds.
fn error_rate(person: &Person<'_>, counts: &ChildCounts) -> Option<f64> {
    let trio = person.father.is_some() && person.mother.is_some();
    if person.father.is_none() && person.mother.is_none() {
        return None;
    }
    let mut rates: Vec<f64> = (1..=AUTOSOMES as u8)
        .filter_map(|number| {
            let sums = counts::sums(counts.windows(number), trio);
            let [wrong, all] = if trio {
                let wrong = sums.uniparental_maternal + sums.uniparental_paternal;
                [wrong, wrong + sums.biparental]
            } else {
                [sums.opposite, sums.comparable]
            };
            (all >= RATE_SITES).then(|| f64::from(wrong) / f64::from(all))
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied()
}

/// What calls say of one chromosome.
fn by_calls(
    own: &mut ChromosomeResult,
    (person, counts): (&Person<'_>, &ChildCounts),
    error: Option<f64>,
    limits: &ChromosomePolicy,
) {
    let number = own.chromosome.parse().unwrap_or_default();
    let windows = counts.windows(number);
    let trio = person.father.is_some() && person.mother.is_some();
    own.sites = counts::sums(windows, trio);
    own.frac_covered = rounded(covered(windows, (own.length, counts.window_bp()), trio));
    own.runs = segments::runs(windows, limits);
    let origin = match (person.father, person.mother) {
        (None, None) => {
            own.why = "no calls of a parent stand in the file with those of this member".into();
            return;
        }
        (Some(_), Some(_)) => None,
        // What is missing of the one who was compared is of the other.
        (Some(_), None) => Some(Origin::Maternal),
        (None, Some(_)) => Some(Origin::Paternal),
    };
    let error = error.unwrap_or_default();
    if error > limits.max_error_rate.value {
        own.why = format!(
            "{:.1} % of the informative sites of the median chromosome contradict a parent, more than {:.1} %",
            100.0 * error,
            100.0 * limits.max_error_rate.value
        );
        return;
    }
    // Twice the median: chromosomes differ.
    let error = (2.0 * error).max(limits.error_rate.value);
    own.segments = match origin {
        None => segments::of_trio(windows, error, limits),
        Some(origin) => segments::of_duo(windows, (origin, error), limits),
    };
    let doubtful = own.segments.iter().find(|one| {
        f64::from(one.against) > MAX_AGAINST * (f64::from(one.sites) + f64::from(one.against))
    });
    if let Some(one) = doubtful {
        own.why = format!(
            "{} sites contradict a parent and {} both: calls of a parent look incomplete",
            one.sites, one.against
        );
        own.segments.clear();
        return;
    }
    for segment in &mut own.segments {
        segment.frac_lost = person.losses.map(|losses| rounded(lost(number, segment, losses)));
    }
    decide(own, (windows, origin.is_some()), limits);
}

/// Share of a chromosome's stretches that hold a site.
fn covered(windows: &[Window], (length, window_bp): (Option<u32>, u32), trio: bool) -> f64 {
    let known = |cell: usize| !trio || (cell / 16 > 0 && !(cell / 4).is_multiple_of(4));
    let holds =
        |window: &Window| window.cells.iter().enumerate().any(|(cell, n)| *n > 0 && known(cell));
    let Some(length) = length else { return 0.0 };
    let all = (length.div_ceil(window_bp) as usize).div_ceil(STRETCH_WINDOWS).max(1);
    let held = windows.chunks(STRETCH_WINDOWS).filter(|stretch| stretch.iter().any(holds)).count();
    (held as f64 / all as f64).min(1.0)
}

/// Share of a segment that losses cover.
fn lost(autosome: u8, segment: &ParentSegment, losses: &[Loss]) -> f64 {
    let mut own: Vec<(u32, u32)> = losses
        .iter()
        .filter(|(on, start, end)| {
            *on == autosome && *start <= segment.end && *end >= segment.start
        })
        .map(|&(_, start, end)| (start.max(segment.start), end.min(segment.end)))
        .collect();
    own.sort_unstable();
    let (mut bases, mut reached) = (0_u64, 0);
    for (start, end) in own {
        let start = start.max(reached + 1);
        bases += u64::from((end + 1).saturating_sub(start));
        reached = reached.max(end);
    }
    bases as f64 / f64::from(segment.end - segment.start + 1)
}

/// The decision of one chromosome, with its reason.
fn decide(
    own: &mut ChromosomeResult,
    (windows, duo): (&[Window], bool),
    limits: &ChromosomePolicy,
) {
    let informative = own.sites.informative();
    if own.segments.is_empty() {
        let (sites, share) = (limits.min_sites.value, limits.min_covered.value);
        if f64::from(informative) < sites {
            own.why = format!("{informative} informative sites, {sites} needed");
        } else if own.frac_covered < share {
            own.why = format!(
                "sites lie on {:.0} % of the chromosome, {:.0} % needed",
                100.0 * own.frac_covered,
                100.0 * share
            );
        } else {
            own.inheritance = Inheritance::Biparental;
            own.why = format!("{informative} informative sites, no segment of one parent");
        }
        return;
    }
    let is_lost = |segment: &ParentSegment| {
        segment.frac_lost.is_some_and(|share| share >= limits.loss_overlap.value)
    };
    if own.segments.iter().all(is_lost) || own.copies == Some(1) {
        own.inheritance = Inheritance::PossibleDeletion;
        own.why = "a loss of copies was seen where the copy of one parent is missing".into();
        return;
    }
    // A segment that a loss explains is no part of a disomy.
    own.segments.retain(|segment| !is_lost(segment));
    let complete = is_complete(own, windows, limits);
    let hemizygous = |segment: &ParentSegment| {
        use crate::model::results::chromosomes::DisomyKind::{Both, Heterodisomy};
        !matches!(segment.kind, Both | Heterodisomy) && segment.frac_lost.is_none()
    };
    if duo {
        own.inheritance = Inheritance::Possible;
        own.why = "seen against one parent alone: the calls of the other one would tell".into();
    } else if !complete && own.copies != Some(2) && own.segments.iter().any(hemizygous) {
        own.inheritance = Inheritance::Possible;
        own.why = "a deletion looks the same, and no copy-number caller's file was given".into();
    } else if complete {
        own.inheritance = Inheritance::Complete;
        own.why = "no informative part shows the copy of the other parent".into();
    } else {
        own.inheritance = Inheritance::Segmental;
        own.why = "the rest of the chromosome is from both parents or does not tell".into();
    }
}

/// True where segments of one origin hold nearly all windows that tell, over enough of the chromosome.
fn is_complete(own: &ChromosomeResult, windows: &[Window], limits: &ChromosomePolicy) -> bool {
    let origin = own.segments[0].origin;
    if own.frac_covered < limits.min_covered.value
        || own.segments.iter().any(|segment| segment.origin != origin)
    {
        return false;
    }
    let tells = |window: &&Window| {
        let sums = counts::sums(std::slice::from_ref(*window), true);
        sums.informative() > 0
    };
    let within = |window: &&Window| {
        own.segments.iter().any(|segment| {
            window.bounds.first <= segment.end && window.bounds.last >= segment.start
        })
    };
    let all = windows.iter().filter(tells).count();
    let held = windows.iter().filter(tells).filter(within).count();
    held as f64 >= limits.complete_share.value * all as f64
}

/// One parent missing on many chromosomes is another parent, or another matter than a chromosome.
fn in_doubt(found: &mut MemberChromosomes, limits: &ChromosomePolicy) {
    let with = found.chromosomes.iter().filter(|own| own.inheritance.is_finding()).count();
    if with as f64 <= limits.max_chromosomes.value {
        return;
    }
    for own in &mut found.chromosomes {
        own.inheritance = Inheritance::NotAssessed;
        own.segments.clear();
        own.why = format!("{with} chromosomes look uniparental: the relation is in doubt");
    }
    found.notes.push(format!(
        "{with} chromosomes lack the copy of a parent: that is a wrong parent or sample, or a matter of the whole genome, and no \
         chromosome was called uniparental."
    ));
}

/// The sex chromosomes, and the number of all where each was measured.
fn number(found: &mut MemberChromosomes, sex: Option<&Karyotype>) {
    let Some(sex) = sex else { return };
    found.sex_chromosomes = Some(sex.name.replace('0', "O"));
    let autosomes: Option<u16> =
        found.chromosomes.iter().map(|own| own.copies.map(u16::from)).sum();
    found.number_of_chromosomes =
        autosomes.map(|sum| sum + u16::from(sex.x_copies) + u16::from(sex.y_copies));
    for (name, copies) in [("X", sex.x_copies), ("Y", sex.y_copies)] {
        found.chromosomes.push(ChromosomeResult {
            chromosome: name.into(),
            copies: Some(copies),
            why: "the rules of autosomes do not hold".into(),
            ..ChromosomeResult::default()
        });
    }
}

/// Counts runs of homozygosity; one long one on a single chromosome is a hint.
fn runs(found: &mut MemberChromosomes, limits: &ChromosomePolicy) {
    let mut longest: BTreeMap<usize, u32> = BTreeMap::new();
    for (place, own) in found.chromosomes.iter().enumerate() {
        if let Some(most) = own.runs.iter().map(Stretch::len).max() {
            longest.insert(place, most);
        }
    }
    found.chromosomes_with_runs = longest.len() as u32;
    let hint = limits.hint_run_bp.value;
    let long: Vec<_> = longest.iter().filter(|(_, most)| f64::from(**most) >= hint / 2.0).collect();
    match long[..] {
        [(&place, &most)] if f64::from(most) >= hint => {
            let own = &found.chromosomes[place];
            let open = own.inheritance == Inheritance::NotAssessed;
            found.notes.extend(open.then(|| {
                format!(
                    "Chromosome {} holds a run of homozygosity of {:.1} Mb and no other chromosome one of half {:.0} Mb: isodisomy \
                     is possible, but nothing asserts it without the calls of both parents.",
                    own.chromosome,
                    f64::from(most) / 1e6,
                    hint / 1e6
                )
            }));
        }
        [_, _, ..] => found.notes.push(format!(
            "Long runs of homozygosity lie on {} chromosomes: ancestors that the parents share explain them, and they are not \
             taken for uniparental disomy.",
            long.len()
        )),
        _ => {}
    }
}

/// What a reader should know of imprinting, and of what was not looked at.
fn notes(found: &mut MemberChromosomes, person: &Person<'_>) {
    let mut notes = Vec::new();
    for own in found.chromosomes.iter().filter(|own| own.inheritance.is_finding()) {
        if own.imprinted {
            notes.push(format!(
                "The parent of origin matters on chromosome {}: see imprinting disorders.",
                own.chromosome
            ));
        }
    }
    let between: Vec<&str> = found
        .chromosomes
        .iter()
        .filter(|own| own.depth_ratio.is_some() && own.copies.is_none())
        .map(|own| own.chromosome.as_str())
        .collect();
    if !between.is_empty() {
        notes.push(format!(
            "The depth of chromosomes {} lies between two numbers of copies: mosaic or noise, no number is told.",
            between.join(", ")
        ));
    }
    if person.depth.is_some() && found.chromosomes.iter().all(|own| own.depth_ratio.is_none()) {
        notes.push(
            "The alignment covers too little of the autosomes to count chromosomes.".to_owned(),
        );
    }
    found.notes.extend(notes);
}
