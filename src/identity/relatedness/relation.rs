//! The relation that counts say.

use crate::model::identity::{PairCounts, Relation};
use crate::policy::identity::RelationLimits;

/// The relation of two samples, from their counts and the number of autosomes on which both have genotypes.
///
/// METHOD: degrees by KING-robust kinship (Manichaikul et al. 2010). Parent and child have no opposite homozygotes;
/// siblings do, but share whole stretches, so on few chromosomes the two are not told apart. Where a child has two like
/// haplotypes in a small region, kinship with its parent is near 0 there: without opposite homozygotes nothing is told.
pub fn classify(counts: &PairCounts, contigs: u32, limits: &RelationLimits) -> Relation {
    let (Some(kinship), Some(opposite)) = (counts.kinship(), counts.ibs0_by_het()) else {
        return Relation::TooFewSites;
    };
    let refs = |hets: u32, alts: u32| counts.sites.saturating_sub(hets + alts);
    let blind = is_blind([refs(counts.hets_a, counts.hom_alts_a), counts.hom_alts_a])
        || is_blind([refs(counts.hets_b, counts.hom_alts_b), counts.hom_alts_b]);
    if counts.sites < limits.min_sites.value || blind {
        Relation::TooFewSites
    } else if kinship >= limits.same_person.value {
        Relation::SamePerson
    } else if kinship >= limits.first_degree.value {
        if opposite > limits.parent_child_ibs0.value {
            Relation::FullSiblings
        } else if contigs >= limits.min_contigs.value {
            Relation::ParentChild
        } else {
            Relation::FirstDegree
        }
    } else if contigs < limits.min_contigs.value && opposite <= limits.parent_child_ibs0.value {
        Relation::TooFewSites
    } else if kinship < limits.min_deviations.value * standard_error(counts) {
        Relation::Unrelated
    } else if kinship >= limits.second_degree.value {
        Relation::SecondDegree
    } else if kinship >= limits.third_degree.value {
        Relation::ThirdDegree
    } else {
        Relation::Unrelated
    }
}

/// Of homozygous genotypes (reference, alternate) nearly none is of the reference.
///
/// METHOD: calls that do not say where they are reference know of no opposite homozygotes, and strangers look like parent and
/// child. At sites of any frequency a person has a tenth as many homozygous reference genotypes as alternate ones, and more.
pub fn is_blind([reference, alternate]: [u32; 2]) -> bool {
    10 * u64::from(reference) < u64::from(alternate)
}

/// Standard error of the kinship of two strangers: counts of sites are taken as Poisson, which linked sites make too small.
fn standard_error(counts: &PairCounts) -> f64 {
    let hets = f64::from(counts.hets_a) + f64::from(counts.hets_b);
    (f64::from(counts.shared_hets) + 4.0 * f64::from(counts.ibs0)).sqrt() / hets.max(1.0)
}

/// Groups of more samples are not resolved: the search looks at every three of them.
const MOST: usize = 60;

/// Settles pairs of the first degree by the company they keep. `relations[a][b]` for every two of a group.
///
/// METHOD: whoever is of the first degree to two people who are unrelated is their child: a sibling of one of them would
/// make the other a relative too. Two children of the same two people are full siblings.
pub fn resolve(relations: &mut [Vec<Relation>]) {
    let n = relations.len();
    if n > MOST {
        return;
    }
    let first = |relation| matches!(relation, Relation::FirstDegree | Relation::ParentChild);
    let mut parents: Vec<Option<(usize, usize)>> = vec![None; n];
    for (child, found) in parents.iter_mut().enumerate() {
        for a in 0..n {
            for b in a + 1..n {
                let fits = relations[a][b] == Relation::Unrelated
                    && first(relations[child][a])
                    && first(relations[child][b]);
                if fits && child != a && child != b {
                    *found = Some((a, b));
                }
            }
        }
    }
    for child in 0..n {
        let Some((a, b)) = parents[child] else { continue };
        for parent in [a, b] {
            set(relations, (child, parent), Relation::ParentChild);
        }
        for other in 0..child {
            if parents[other] == Some((a, b)) && first(relations[child][other]) {
                set(relations, (child, other), Relation::FullSiblings);
            }
        }
    }
}

fn set(relations: &mut [Vec<Relation>], (a, b): (usize, usize), relation: Relation) {
    relations[a][b] = relation;
    relations[b][a] = relation;
}

#[cfg(test)]
mod unit {
    use super::*;
    use Relation::{FirstDegree, FullSiblings, ParentChild, SamePerson, Unrelated};

    #[test]
    fn company_settles_parents_and_siblings() {
        // Father, mother, two children; on few chromosomes all first-degree pairs look alike.
        let mut relations = vec![vec![FirstDegree; 4]; 4];
        for (i, row) in relations.iter_mut().enumerate() {
            row[i] = SamePerson;
        }
        set(&mut relations, (0, 1), Unrelated);
        resolve(&mut relations);
        assert_eq!(relations[2][0], ParentChild);
        assert_eq!(relations[1][3], ParentChild);
        assert_eq!(relations[2][3], FullSiblings);
        assert_eq!(relations[0][1], Unrelated);
    }

    #[test]
    fn in_a_small_region_a_child_with_like_haplotypes_is_no_stranger() {
        let limits = &crate::policy::identity::IdentityLimits::preset().unwrap().relation;
        // The child is homozygous throughout, its parent heterozygous: no opposite homozygotes.
        let counts = PairCounts { sites: 2_000, hets_b: 700, ..PairCounts::default() };
        assert_eq!(classify(&counts, 1, limits), Relation::TooFewSites);
        let stranger = PairCounts { ibs0: 100, hets_a: 300, ..counts };
        assert_eq!(classify(&stranger, 1, limits), Unrelated);
        assert_eq!(classify(&counts, 20, limits), Unrelated);
    }

    #[test]
    fn distant_relatives_are_told_when_the_sites_suffice() {
        let limits = &crate::policy::identity::IdentityLimits::preset().unwrap().relation;
        // Kinship 0.06 at a few sites and at ten times as many.
        let few = PairCounts {
            sites: 1_000,
            hets_a: 320,
            hets_b: 320,
            shared_hets: 158,
            ibs0: 60,
            ..PairCounts::default()
        };
        let mut many = PairCounts::default();
        (0..10).for_each(|_| many.add(&few));
        assert!((few.kinship().unwrap() - 0.059).abs() < 0.001);
        assert_eq!(classify(&few, 20, limits), Unrelated, "strangers look so too");
        assert_eq!(classify(&many, 20, limits), Relation::ThirdDegree);
        let second = PairCounts { shared_hets: 190, ..few };
        assert_eq!(classify(&second, 20, limits), Relation::SecondDegree, "0.11");
    }

    #[test]
    fn without_an_unrelated_pair_nothing_is_settled() {
        let mut relations = vec![vec![SamePerson, FirstDegree], vec![FirstDegree, SamePerson]];
        resolve(&mut relations);
        assert_eq!(relations[0][1], FirstDegree);
    }
}
