//! Sex chromosomes of a sample, from the depths of X and Y and from heterozygosity of X, beside the sex that the case states.
//!
//! Depths name the karyotype. Sites of X, when the list has them, can contradict it (many heterozygous sites with one X, none
//! with two); then nothing is certain and the karyotype is undetermined. A sketch from calls has no depths: a lack of
//! heterozygous sites shows one X, their presence two or more without saying how many.
//!
//! The number of X goes on to tiering ([`adopt`]) when it is certain and does not contradict the stated sex. A contradiction
//! is a failed check and changes nothing: it may be a swapped sample.

use super::genotype::of_counts;
use crate::model::karyotype::{Karyotype, SexCheck};
use crate::model::sample::{Member, Sex};
use crate::model::sketch::{ChromosomeDepth, SiteGenotype, SiteRegion, Sketch};
use crate::model::verdict::Outcome;
use crate::policy::identity::GenotypeLimits;
use crate::policy::karyotype::KaryotypeLimits;

/// The word for sex chromosomes that cannot be told.
pub const UNDETERMINED: &str = "undetermined";

/// Genotypes at sites of X outside the pseudo-autosomal regions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct XSites {
    genotyped: u32,
    heterozygous: u32,
    homozygous_alternate: u32,
}

/// What heterozygosity of X says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum XCount {
    One,
    Several,
}

/// Checks the sex chromosomes of a sample against the stated sex.
pub fn check(
    sketch: &Sketch,
    stated: Sex,
    limits: &KaryotypeLimits,
    genotypes: &GenotypeLimits,
) -> SexCheck {
    let depth = sketch.depth.filter(|d| d.autosomes >= limits.depth.min_autosomes.value);
    let ratio = |of: fn(&ChromosomeDepth) -> f64| depth.map(|d| of(&d) / d.autosomes);
    let (x_ratio, y_ratio) = (ratio(|d| d.x), ratio(|d| d.y));
    let sites = x_sites(sketch, genotypes);
    let x_heterozygosity = heterozygosity(sites, limits);
    let count = x_heterozygosity.and_then(|share| x_count(share, limits));
    let by_depth = x_ratio.zip(y_ratio).and_then(|(x, y)| by_depth(x, y, limits));
    let karyotype = by_depth.clone().filter(|found| agrees(found, count));
    let x_copies = match (&karyotype, &depth, count) {
        (Some(karyotype), _, _) => Some(karyotype.x_copies),
        (None, None, Some(XCount::One)) => Some(1),
        _ => None,
    };
    let (outcome, message) = if karyotype.is_none() && by_depth.is_some() {
        let name = by_depth.map(|found| found.name).unwrap_or_default();
        let message = format!("depths say {name}, which heterozygosity of X contradicts");
        (Outcome::Warn, message)
    } else {
        assess(karyotype.as_ref(), count.filter(|_| depth.is_none()), stated)
    };
    SexCheck {
        karyotype,
        x_copies,
        x_ratio,
        y_ratio,
        x_heterozygosity,
        x_sites: sites.genotyped,
        stated,
        outcome,
        message,
    }
}

/// The name of the karyotype, or [`UNDETERMINED`].
pub fn name(check: &SexCheck) -> &str {
    check.karyotype.as_ref().map_or(UNDETERMINED, |karyotype| &karyotype.name)
}

/// Gives a member the measured number of X. A number that the case states, one that is not certain, and one that contradicts the
/// stated sex change nothing. Returns whether it was taken over.
pub fn adopt(member: &mut Member, check: &SexCheck) -> bool {
    let certain = matches!(check.outcome, Outcome::Pass | Outcome::Warn | Outcome::Reported);
    if member.x_copies.is_some() || check.x_copies.is_none() || !certain {
        return false;
    }
    member.x_copies = check.x_copies;
    true
}

fn x_sites(sketch: &Sketch, limits: &GenotypeLimits) -> XSites {
    let mut found = XSites::default();
    for (site, counts) in sketch.sites.sites.iter().zip(&sketch.counts) {
        if site.region != SiteRegion::X {
            continue;
        }
        let genotype = of_counts(counts, limits);
        found.genotyped += u32::from(genotype != SiteGenotype::Unknown);
        found.heterozygous += u32::from(genotype == SiteGenotype::Het);
        found.homozygous_alternate += u32::from(genotype == SiteGenotype::HomAlt);
    }
    found
}

/// Heterozygous sites for each homozygous alternate one.
fn heterozygosity(sites: XSites, limits: &KaryotypeLimits) -> Option<f64> {
    let enough = sites.genotyped >= limits.heterozygosity.min_sites.value;
    (enough && sites.homozygous_alternate > 0)
        .then(|| f64::from(sites.heterozygous) / f64::from(sites.homozygous_alternate))
}

fn x_count(share: f64, limits: &KaryotypeLimits) -> Option<XCount> {
    let limits = &limits.heterozygosity;
    if share < limits.one_x_below.value {
        Some(XCount::One)
    } else {
        (share > limits.two_x_above.value).then_some(XCount::Several)
    }
}

/// The karyotype whose ranges hold both ratios.
fn by_depth(x: f64, y: f64, limits: &KaryotypeLimits) -> Option<Karyotype> {
    let holds = |range: [f64; 2], value: f64| (range[0]..range[1]).contains(&value);
    let range = limits.karyotypes.iter().find(|own| holds(own.x, x) && holds(own.y, y))?;
    Some(Karyotype { name: range.name.clone(), x_copies: range.x_copies, y_copies: range.y_copies })
}

/// False when heterozygosity says another number of X.
fn agrees(found: &Karyotype, count: Option<XCount>) -> bool {
    count.is_none_or(|count| (found.x_copies == 1) == (count == XCount::One))
}

/// Both beside the stated sex.
// METHOD: a Y stands for male. X0 in a man is told and not failed: losing Y with age looks the same.
fn assess(karyotype: Option<&Karyotype>, count: Option<XCount>, stated: Sex) -> (Outcome, String) {
    let Some(karyotype) = karyotype else {
        return by_count(count, stated);
    };
    let name = &karyotype.name;
    let usual = name == "XX" || name == "XY";
    let contradicts = match stated {
        Sex::Unknown => return (Outcome::Reported, format!("{name}; no sex is stated")),
        Sex::Female => karyotype.y_copies > 0,
        Sex::Male => karyotype.y_copies == 0 && karyotype.x_copies > 1,
    };
    let word = word(stated);
    match (contradicts, usual) {
        (true, _) => (Outcome::Fail, format!("{name}, but the stated sex is {word}")),
        (false, true) => (Outcome::Pass, format!("{name}, as the stated sex ({word})")),
        (false, false) if stated == Sex::Male && karyotype.y_copies == 0 => {
            (Outcome::Warn, format!("{name} where the stated sex is {word}: Y may have been lost"))
        }
        (false, false) => (Outcome::Warn, format!("{name} where the stated sex is {word}")),
    }
}

/// What calls alone say.
fn by_count(count: Option<XCount>, stated: Sex) -> (Outcome, String) {
    let (what, contradicts) = match count {
        None => return (Outcome::NotAssessed, "the data do not tell the sex chromosomes".into()),
        Some(XCount::One) => ("sites of X show one X", stated == Sex::Female),
        Some(XCount::Several) => ("sites of X show two X or more", stated == Sex::Male),
    };
    match (stated, contradicts) {
        (Sex::Unknown, _) => (Outcome::Reported, format!("{what}; no sex is stated")),
        (_, true) => (Outcome::Fail, format!("{what}, but the stated sex is {}", word(stated))),
        (_, false) => (Outcome::Pass, format!("{what}, as the stated sex ({})", word(stated))),
    }
}

fn word(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "male",
        Sex::Female => "female",
        Sex::Unknown => "not stated",
    }
}

#[cfg(test)]
mod tests;
