//! Reads of one site, mates brought together.

use std::collections::HashMap;

use super::limits::Limits;
use crate::model::evidence::{AlleleReads, SiteReads};
use crate::model::read::{ReadView, flag};

/// What one read, or one fragment, shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shown {
    /// An allele by its bases, with the quality.
    Bases(Allele, u16),
    /// An allele whose quality is not asked.
    Allele(Allele),
    /// Logarithm (natural) of the likelihood of the ALT over that of the reference.
    Ratio(f64),
}

/// An allele.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Allele {
    Reference,
    Alternate,
    Other,
    /// No base was read (N).
    None,
}

#[derive(Clone, Copy, Debug)]
struct Fragment {
    shown: Shown,
    mapping_quality: u8,
    reverse: bool,
}

/// Fragments over one site.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    all: Vec<Fragment>,
    by_name: HashMap<Box<[u8]>, usize>,
}

/// METHOD: overlapping mates as in htslib's pileup: where they agree their qualities are summed, to at most 200; where they
/// do not, the better one counts with four fifths of its quality.
const MOST_QUALITY: u16 = 200;

impl Fragments {
    /// Adds what a read shows.
    pub(super) fn add(&mut self, read: ReadView<'_>, shown: Shown) {
        let (mapping_quality, reverse) = (read.mapq(), read.flags() & flag::REVERSE != 0);
        let new = Fragment { shown, mapping_quality, reverse };
        let single = read.flags() & (flag::PAIRED | flag::MATE_UNMAPPED) != flag::PAIRED;
        if single {
            self.all.push(new);
        } else if let Some(known) = self.by_name.remove(read.name()) {
            if let Some(mate) = self.all.get_mut(known) {
                *mate = together(*mate, new);
            }
        } else {
            self.by_name.insert(read.name().into(), self.all.len());
            self.all.push(new);
        }
    }

    /// Adds all fragments to the counts.
    pub(super) fn count(&self, limits: &Limits, reads: &mut SiteReads) {
        for fragment in &self.all {
            let (allele, quality) = match fragment.shown {
                Shown::Bases(allele, quality) => {
                    if allele == Allele::None || quality < limits.min_base_quality {
                        reads.excluded.low_base_quality += 1;
                        continue;
                    }
                    (allele, quality)
                }
                Shown::Allele(allele) => (allele, 0),
                Shown::Ratio(ratio) if ratio >= limits.min_ln_ratio => (Allele::Alternate, 0),
                Shown::Ratio(ratio) if ratio <= -limits.min_ln_ratio => (Allele::Reference, 0),
                Shown::Ratio(_) => {
                    reads.ambiguous += 1;
                    continue;
                }
            };
            let place = match allele {
                Allele::Reference => &mut reads.reference,
                Allele::Alternate => &mut reads.alternate,
                Allele::Other | Allele::None => &mut reads.other,
            };
            add(place, fragment, quality);
        }
    }
}

fn add(place: &mut AlleleReads, fragment: &Fragment, quality: u16) {
    if fragment.reverse {
        place.reverse += 1;
    } else {
        place.forward += 1;
    }
    place.base_quality_sum += u64::from(quality);
    place.mapping_quality_sum += u64::from(fragment.mapping_quality);
}

/// Two mates as one fragment.
fn together(first: Fragment, second: Fragment) -> Fragment {
    let mapping_quality = first.mapping_quality.max(second.mapping_quality);
    let kept = |fragment: Fragment, shown| Fragment { shown, mapping_quality, ..fragment };
    match (first.shown, second.shown) {
        (Shown::Bases(one, quality), Shown::Bases(other, its)) => {
            bases((first, one, quality), (second, other, its), kept)
        }
        (Shown::Ratio(one), Shown::Ratio(other)) => kept(first, Shown::Ratio(one + other)),
        // A third allele, or deleted bases, in one mate: what the other shows is kept, unless it shows nothing.
        (Shown::Ratio(ratio), Shown::Allele(_)) if ratio.abs() < f64::EPSILON => second,
        (Shown::Allele(_), Shown::Ratio(ratio)) if ratio.abs() < f64::EPSILON => first,
        (Shown::Allele(Allele::Other), _) => kept(second, second.shown),
        _ => kept(first, first.shown),
    }
}

/// The bases of two mates.
fn bases(
    (first, one, quality): (Fragment, Allele, u16),
    (second, other, its): (Fragment, Allele, u16),
    kept: impl Fn(Fragment, Shown) -> Fragment,
) -> Fragment {
    match (one, other) {
        _ if one == other => {
            kept(first, Shown::Bases(one, quality.saturating_add(its).min(MOST_QUALITY)))
        }
        (Allele::None, _) => kept(second, second.shown),
        (_, Allele::None) => kept(first, first.shown),
        // METHOD: equal qualities that contradict each other tell nothing; htslib lets the read's name decide.
        _ if quality == its => kept(first, Shown::Bases(Allele::None, 0)),
        _ if quality > its => kept(first, Shown::Bases(one, quality * 4 / 5)),
        _ => kept(second, Shown::Bases(other, its * 4 / 5)),
    }
}
