//! Genotypes of a trio in bulk: inherited by Mendel's rules, a few new in the child, with depths and likelihoods.

use std::io::Write as _;

use super::rng::Rng;
use crate::model::contig::{Assembly, ContigClass};
use crate::model::coord::Pos0;

/// Mean depth of two copies, reads.
const DEPTH: f64 = 30.0;
/// Share of records whose allele is new in the child: new mutations and errors of callers that look like them.
pub const NEW: f64 = 0.0005;
/// Share of genotypes that no caller gives.
const NO_CALL: f64 = 0.002;

/// Which copies child, mother and father have: [from the father, from the mother].
pub type Copies = [[bool; 2]; 3];

/// The copies that a boy and his parents have at a place.
pub fn copies(class: ContigClass, assembly: Option<Assembly>, place0: u32) -> Copies {
    let both = [true, true];
    let par = assembly.is_some_and(|a| a.par(class).iter().any(|p| p.contains(Pos0(place0))));
    match class {
        ContigClass::X if !par => [[false, true], both, [false, true]],
        ContigClass::Y if !par => [[true, false], [false, false], [true, false]],
        ContigClass::Mitochondrial => [[false, true]; 3],
        _ => [both; 3],
    }
}

/// What each copy of child, mother and father carries: `Some(true)` for ALT, `None` where there is no copy.
pub type Alleles = [[Option<bool>; 2]; 3];

/// Draws the alleles of a site. Parents carry the ALT with its population frequency, one of them for certain, unless it
/// is new: then one copy of the child alone carries it.
///
/// # METHOD: one parental copy, drawn evenly, is made ALT and the others are drawn: a trio's file lists the sites at which
/// somebody differs. That favours singletons a little less than true conditioning would.
pub fn inherit(copies: &Copies, frac: f64, is_new: bool, rng: &mut Rng) -> Alleles {
    let mut alleles: Alleles = [[None; 2]; 3];
    let parental: Vec<(usize, usize)> = [1, 2]
        .iter()
        .flat_map(|&who| [(who, 0), (who, 1)])
        .filter(|&(w, i)| copies[w][i])
        .collect();
    let sure = rng.pick(&parental).copied();
    for &(who, i) in &parental {
        let drawn = rng.chance(frac);
        alleles[who][i] = Some(!is_new && (drawn || sure == Some((who, i))));
    }
    for (slot, parent) in [(0, 2), (1, 1)] {
        if !copies[0][slot] {
            continue;
        }
        let given: Vec<bool> = alleles[parent].iter().flatten().copied().collect();
        alleles[0][slot] = Some(rng.pick(&given).copied().unwrap_or_default());
    }
    if is_new {
        let own: Vec<usize> = (0..2).filter(|&i| copies[0][i]).collect();
        if let Some(&slot) = rng.pick(&own) {
            alleles[0][slot] = Some(true);
        }
    }
    alleles
}

/// A disomy to plant in the child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disomy {
    /// The autosome.
    pub class: ContigClass,
    /// First and last place, 0-based half-open.
    pub places0: [u32; 2],
    /// Whether the copies are the mother's, else the father's.
    pub maternal: bool,
    /// Whether they are one copy twice, else both.
    pub isodisomy: bool,
}

impl Disomy {
    /// Gives the child two copies of one parent where the disomy lies; an allele that is new in the child goes with them.
    pub fn plant(&self, (class, place0): (ContigClass, u32), alleles: &mut Alleles) {
        let [start, end] = self.places0;
        if class == self.class && (start..end).contains(&place0) {
            let [first, second] = alleles[if self.maternal { 1 } else { 2 }];
            alleles[0] = [first, if self.isodisomy { first } else { second }];
        }
    }
}

/// Counts over the columns of a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Called {
    /// ALT alleles.
    pub alternates: u32,
    /// Called alleles.
    pub total: u32,
    /// Reads.
    pub depth: u32,
}

/// Appends the three columns `GT:AD:DP:GQ:PL`, each with a tab before it.
pub fn columns(alleles: &Alleles, rng: &mut Rng, out: &mut Vec<u8>) -> Called {
    let mut called = Called::default();
    for member in alleles {
        out.push(b'\t');
        let copies = member.iter().flatten().count() as u32;
        let alternates = member.iter().flatten().filter(|&&alt| alt).count() as u32;
        let depth = (DEPTH / 2.0 * f64::from(copies) + 5.0 * rng.rough_normal()).max(0.0) as u32;
        if copies == 0 || depth == 0 || rng.chance(NO_CALL) {
            out.extend_from_slice(b"./.:.:.:.:.");
            continue;
        }
        let shown = shown_reads(depth, (alternates, copies), rng);
        called.alternates += alternates;
        called.total += copies;
        called.depth += depth;
        let reads = [depth - shown, shown].map(f64::from);
        out.extend_from_slice(match (alternates, copies) {
            (0, 2) => b"0/0",
            (1, 2) => b"0/1",
            (2, _) => b"1/1",
            (0, _) => b"0",
            _ => b"1",
        });
        let _ = write!(out, ":{},{shown}:{depth}:", depth - shown);
        likelihoods(reads, (alternates, copies), out);
    }
    called
}

/// ALT reads: a binomial of the copies that carry it, and now and then a read in error.
fn shown_reads(depth: u32, (alternates, copies): (u32, u32), rng: &mut Rng) -> u32 {
    let stray = u32::from(rng.chance(0.03)).min(depth - 1);
    match alternates {
        0 => stray,
        n if n == copies => depth - stray,
        _ => {
            let half = f64::from(depth) / 2.0;
            let drawn = half + f64::from(depth).sqrt() / 2.0 * rng.rough_normal();
            (drawn.round().max(1.0) as u32).min(depth)
        }
    }
}

/// Appends `GQ:PL`.
///
/// # METHOD: as in the small cases, a read shows a wrong allele with probability 0.002, and the called genotype is the
/// true one with likelihood 0.
fn likelihoods([reference, alternate]: [f64; 2], (called, copies): (u32, u32), out: &mut Vec<u8>) {
    // -10 log10 of 0.998, 0.5 and 0.002.
    const RIGHT: f64 = 0.008_69;
    const HALF: f64 = 3.010_3;
    const WRONG: f64 = 26.989_7;
    let pure = |own: f64, other: f64| RIGHT * own + WRONG * other;
    let all =
        [pure(reference, alternate), HALF * (reference + alternate), pure(alternate, reference)];
    let listed = if copies == 2 { &all[..] } else { &[all[0], all[2]] };
    let own = listed[called as usize];
    let mut pl = [0; 3];
    for (pl, score) in pl.iter_mut().zip(listed) {
        *pl = (score - own).max(0.0).round() as u32;
    }
    let pl = &pl[..listed.len()];
    let others = pl.iter().enumerate().filter(|(i, _)| *i != called as usize);
    let quality = others.map(|(_, &value)| value).min().unwrap_or_default().min(99);
    let _ = write!(out, "{quality}");
    for (i, value) in pl.iter().enumerate() {
        let _ = write!(out, "{}{value}", if i == 0 { ':' } else { ',' });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_child_takes_one_copy_from_each_parent() {
        let mut rng = Rng::new(3, &[]);
        let autosomal = copies(ContigClass::Autosome(1), None, 5);
        let mut carried = 0;
        for _ in 0..2_000 {
            let alleles = inherit(&autosomal, 0.3, false, &mut rng);
            let [child, mother, father] = alleles;
            assert!(mother.contains(&Some(true)) || father.contains(&Some(true)));
            assert!(father.contains(&child[0]) && mother.contains(&child[1]));
            carried += u32::from(child.contains(&Some(true)));
        }
        assert!((1_000..1_900).contains(&carried), "{carried}");
        let new = inherit(&autosomal, 0.3, true, &mut rng);
        assert_eq!(new.iter().flatten().filter(|a| **a == Some(true)).count(), 1);
        assert!(new[0].contains(&Some(true)));
    }

    #[test]
    fn a_planted_child_has_copies_of_one_parent() {
        let class = ContigClass::Autosome(15);
        let drawn = [[Some(true), Some(false)], [Some(false), Some(true)], [Some(true); 2]];
        let planted = |maternal, isodisomy, at| {
            let mut alleles = drawn;
            Disomy { class, places0: [10, 20], maternal, isodisomy }.plant(at, &mut alleles);
            alleles[0]
        };
        assert_eq!(planted(true, true, (class, 10)), [Some(false); 2]);
        assert_eq!(planted(true, false, (class, 19)), drawn[1]);
        assert_eq!(planted(false, true, (class, 19)), [Some(true); 2]);
        assert_eq!(planted(true, true, (class, 20)), drawn[0]);
        assert_eq!(planted(true, true, (ContigClass::X, 10)), drawn[0]);
    }

    #[test]
    fn one_copy_of_x_and_y_in_males() {
        let assembly = Some(Assembly::GRCh38);
        let shape = |class, place0| {
            copies(class, assembly, place0).map(|c| c.iter().filter(|has| **has).count())
        };
        assert_eq!(shape(ContigClass::X, 50_000_000), [1, 2, 1]);
        assert_eq!(shape(ContigClass::X, 20_000), [2, 2, 2]);
        assert_eq!(shape(ContigClass::Y, 9_000_000), [1, 0, 1]);
        assert_eq!(shape(ContigClass::Mitochondrial, 5), [1, 1, 1]);
        let mut rng = Rng::new(3, &[]);
        let on_x = copies(ContigClass::X, assembly, 50_000_000);
        for _ in 0..200 {
            let [child, mother, father] = inherit(&on_x, 0.2, false, &mut rng);
            assert!(mother.contains(&child[1]) && child[0].is_none() && father[0].is_none());
        }
    }

    #[test]
    fn columns_tell_the_genotypes_and_add_up() {
        let mut rng = Rng::new(9, &[]);
        let alleles = [[Some(false), Some(true)], [Some(true), Some(true)], [None, Some(false)]];
        let mut out = Vec::new();
        let called = columns(&alleles, &mut rng, &mut out);
        let text = String::from_utf8(out).unwrap();
        let cells: Vec<Vec<&str>> =
            text.trim_start().split('\t').map(|c| c.split(':').collect()).collect();
        assert_eq!(cells.iter().map(|c| c[0]).collect::<Vec<_>>(), ["0/1", "1/1", "0"]);
        assert_eq!((called.alternates, called.total), (3, 5));
        let depth: u32 = cells.iter().map(|c| c[2].parse::<u32>().unwrap()).sum();
        assert_eq!(depth, called.depth);
        assert_eq!(cells.iter().map(|c| c[4].split(',').count()).collect::<Vec<_>>(), [3, 3, 2]);
    }
}
