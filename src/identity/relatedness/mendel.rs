//! Genotypes of a child that its parents cannot have passed on.

use super::bits::GenotypeBits;
use crate::model::identity::MendelCounts;
use crate::model::sample::Sex;

/// A child and the parents whose genotypes are known.
#[derive(Clone, Copy, Debug)]
pub struct Trio<'a> {
    /// The child.
    pub child: &'a GenotypeBits,
    /// Its sex, which decides what is possible on X.
    pub sex: Sex,
    /// Its father.
    pub father: Option<&'a GenotypeBits>,
    /// Its mother.
    pub mother: Option<&'a GenotypeBits>,
}

/// Impossible genotypes of the child. With one parent only opposite homozygotes are impossible. On X a son has his
/// mother's allele alone, and heterozygous genotypes of males say nothing; of a child of unknown sex X is left out.
pub fn count(trio: &Trio<'_>) -> MendelCounts {
    let mut counts = MendelCounts::default();
    if trio.father.is_some() || trio.mother.is_some() {
        let parents = words_of(trio.father).zip(words_of(trio.mother));
        for (child, (father, mother)) in trio.child.autosomes.words().zip(parents) {
            let (sites, errors) = word(child, father, mother);
            counts.sites += sites.count_ones();
            counts.errors += errors.count_ones();
        }
    }
    on_x(trio, &mut counts);
    counts
}

/// The words of a parent; of one who is not there any genotype is possible everywhere.
fn words_of(parent: Option<&GenotypeBits>) -> impl Iterator<Item = [u64; 3]> {
    let known = parent.into_iter().flat_map(|bits| bits.autosomes.words());
    known.chain(std::iter::repeat([u64::MAX; 3]))
}

/// Sites of a word at which all are known, and impossible ones among them. A parent with all bits set is one of whom
/// nothing is known.
fn word(child: [u64; 3], father: [u64; 3], mother: [u64; 3]) -> (u64, u64) {
    let known = |word: [u64; 3]| word[0] | word[1] | word[2];
    // A parent can pass on the reference allele unless homozygous alternate, and the other way round.
    let passes = |word: [u64; 3]| [word[0] | word[1], word[1] | word[2]];
    let ([ref_f, alt_f], [ref_m, alt_m]) = (passes(father), passes(mother));
    let possible = child[0] & ref_f & ref_m
        | child[2] & alt_f & alt_m
        | child[1] & (ref_f & alt_m | alt_f & ref_m);
    let sites = known(child) & known(father) & known(mother);
    (sites, sites & !possible)
}

fn on_x(trio: &Trio<'_>, counts: &mut MendelCounts) {
    let homozygous = |[hom_ref, _, hom_alt]: [u64; 3]| [hom_ref, 0, hom_alt];
    let add = |(sites, errors): (u64, u64), counts: &mut MendelCounts| {
        counts.x_sites += sites.count_ones();
        counts.x_errors += errors.count_ones();
    };
    match (trio.sex, trio.father, trio.mother) {
        (Sex::Male, _, Some(mother)) => {
            for (child, mother) in trio.child.x.zip(&mother.x) {
                add(word(homozygous(child), [u64::MAX; 3], mother), counts);
            }
        }
        (Sex::Female, Some(father), Some(mother)) => {
            for ((child, father), mother) in trio.child.x.zip(&father.x).zip(mother.x.words()) {
                add(word(child, homozygous(father), mother), counts);
            }
        }
        (Sex::Female, Some(father), None) => {
            for (child, father) in trio.child.x.zip(&father.x) {
                add(word(child, homozygous(father), [u64::MAX; 3]), counts);
            }
        }
        (Sex::Female, None, Some(mother)) => {
            for (child, mother) in trio.child.x.zip(&mother.x) {
                add(word(child, [u64::MAX; 3], mother), counts);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    /// One bit a genotype: 0, 1, 2 alternate alleles.
    fn bit(genotype: usize) -> [u64; 3] {
        let mut word = [0; 3];
        word[genotype] = 1;
        word
    }

    #[test]
    fn every_trio_of_genotypes_is_judged_as_by_hand() {
        for child in 0..3 {
            for father in 0..3 {
                for mother in 0..3 {
                    let alleles = |g: usize| if g == 1 { vec![0, 1] } else { vec![g / 2] };
                    let possible = alleles(father)
                        .iter()
                        .any(|f| alleles(mother).iter().any(|m| f + m == child));
                    let (sites, errors) = word(bit(child), bit(father), bit(mother));
                    let shown = format!("{child} from {father} and {mother}");
                    assert_eq!((sites, errors == 0), (1, possible), "{shown}");
                }
            }
        }
    }

    #[test]
    fn one_parent_refutes_opposite_homozygotes_only() {
        for child in 0..3 {
            for parent in 0..3 {
                let (_, errors) = word(bit(child), bit(parent), [u64::MAX; 3]);
                let is_opposite = child + parent == 2 && child != 1;
                assert_eq!(errors == 1, is_opposite, "{child} {parent}");
            }
        }
        assert_eq!(word([0; 3], bit(0), bit(0)), (0, 0), "an unknown child says nothing");
    }
}
