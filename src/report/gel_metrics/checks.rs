//! `ReportedVsGeneticChecks`: what a pedigree reports against what the samples show.
//!
//! | field | is |
//! |---|---|
//! | `ratioChrX`, `ratioChrY` | mean depth by that of the autosomes, over known bases; null without the reference |
//! | `inferredKaryotype`, `avgCnvChrX`, `avgCnvChrY` | numbers of X and Y by the depths of windows |
//! | `piHat` | twice the KING-robust kinship, 0 where that is negative; `ibd0` to `ibd2` are not estimated |
//! | `relationshipFromPedigree` | what `sampleId1` is to `sampleId2`; null where one word does not say it |
//! | errors | impossible genotypes of a child given its parents' samples, of autosomes and X; null for people without parents |
//! | queries | `yes` where a check fails or warns, `notTested` where the data do not suffice, `unknown` where nothing is reported |
//!
//! A family fails with any query of `yes`. One is missing a check where any that applies was not assessed.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Checked;
use crate::model::identity::{MendelIdentity, PairIdentity, Relation, SexIdentity};
use crate::model::sample::Sex;
use crate::model::verdict::Outcome;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReportedVsGeneticChecks<'a> {
    /// Demands what only a delivery has.
    reported_vs_genetic_summary: Option<()>,
    coverage_based_sex: Option<Vec<CoverageBasedSex<'a>>>,
    mendelian_inconsistencies: Option<MendelianInconsistencies<'a>>,
    family_relatedness: Option<FamilyRelatedness<'a>>,
    evaluation: Option<Evaluation<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CoverageBasedSex<'a> {
    sample_id: &'a str,
    inferred_karyotype: Option<&'static str>,
    ratio_chr_x: Option<f64>,
    ratio_chr_y: Option<f64>,
    avg_cnv_chr_x: Option<f64>,
    avg_cnv_chr_y: Option<f64>,
    /// For people.
    reviewed_karyotype: Option<()>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MendelianInconsistencies<'a> {
    per_family_mendel_errors: Vec<PerFamilyMendelErrors<'a>>,
    individual_mendel_errors: Vec<IndividualMendelErrors<'a>>,
    total_number_of_mendel_errors: TotalNumberOfMendelErrors<'a>,
    locus_mendel_summary: Option<()>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PerFamilyMendelErrors<'a> {
    father_id: Option<&'a str>,
    mother_id: Option<&'a str>,
    number_of_offspring: f64,
    number_of_mendel_errors: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct IndividualMendelErrors<'a> {
    sample_id: &'a str,
    number_of_mendel_errors: f64,
    rate_of_mendel_errors: Option<f64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TotalNumberOfMendelErrors<'a> {
    family_mendel_errors: f64,
    individual_mendel_errors: Vec<AggregatedIndividualMendelErrors<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AggregatedIndividualMendelErrors<'a> {
    sample_id: &'a str,
    #[serde(rename = "totalnumberOfMendelErrors")]
    errors: Option<f64>,
}

#[derive(Serialize)]
struct FamilyRelatedness<'a> {
    relatedness: Vec<RelatednessPair<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RelatednessPair<'a> {
    sample_id1: &'a str,
    sample_id2: &'a str,
    ibd0: Option<()>,
    ibd1: Option<()>,
    ibd2: Option<()>,
    pi_hat: Option<f64>,
}

/// Whether people should look at it.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Query {
    Yes,
    No,
    Unknown,
    NotTested,
}

impl Query {
    fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Fail | Outcome::Warn => Self::Yes,
            Outcome::Pass => Self::No,
            Outcome::Reported => Self::Unknown,
            Outcome::NotAssessed => Self::NotTested,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CoverageBasedSexCheck<'a> {
    sample_id: &'a str,
    reported_phenotypic_sex: &'static str,
    /// What a referral says of it is not among the results.
    reported_karyotypic_sex: Option<()>,
    inferred_sex_karyotype: Option<&'static str>,
    sex_query: Query,
    comments: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MendelianInconsistenciesCheck<'a> {
    sample_id: &'a str,
    mendelian_inconsistencies_query: Query,
    comments: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FamilyRelatednessCheck<'a> {
    sample_id1: &'a str,
    sample_id2: &'a str,
    relationship_from_pedigree: Option<&'static str>,
    possible_relationship: Option<&'static str>,
    #[serde(rename = "withinFamilyIBDQuery")]
    query: Query,
    comments: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Evaluation<'a> {
    coverage_based_sex_check: Option<Vec<CoverageBasedSexCheck<'a>>>,
    mendelian_inconsistencies_check: Option<Vec<MendelianInconsistenciesCheck<'a>>>,
    family_relatedness_check: Option<Vec<FamilyRelatednessCheck<'a>>>,
    reported_vs_genetic_summary: Option<&'static str>,
}

/// The checks of one family; of people whose samples are not shown nothing is there.
struct Family<'a> {
    names: BTreeMap<u16, &'a str>,
    sexes: Vec<(&'a SexIdentity, &'a str)>,
    pairs: Vec<(&'a PairIdentity, [&'a str; 2])>,
    children: Vec<(&'a MendelIdentity, &'a str)>,
    of_relatives: bool,
}

/// The record of one family; `None` where nothing of it was compared.
pub(super) fn of<'a>(family: &[u16], checked: &Checked<'a>) -> Option<ReportedVsGeneticChecks<'a>> {
    let name =
        |number: &u16| checked.names.get(number).copied().filter(|_| family.contains(number));
    let names = family.iter().filter_map(|number| Some((*number, name(number)?))).collect();
    let sexes = checked.sexes.iter().filter_map(|sex| Some((sex, name(&sex.member)?)));
    let pairs = checked.pairs.iter().filter_map(|pair| {
        let [a, b] = pair.members;
        Some((pair, [name(&a)?, name(&b)?]))
    });
    let children = checked.children.iter().filter_map(|own| {
        let parents = [own.father, own.mother].into_iter().flatten();
        let shown = parents.map(|parent| name(&parent)).all(|parent| parent.is_some());
        Some((own, name(&own.child).filter(|_| shown)?))
    });
    let own = Family {
        names,
        sexes: sexes.collect(),
        pairs: pairs.collect(),
        children: children.collect(),
        of_relatives: checked.of_relatives,
    };
    if own.sexes.is_empty() && own.pairs.is_empty() && own.children.is_empty() {
        return None;
    }
    Some(ReportedVsGeneticChecks {
        reported_vs_genetic_summary: None,
        coverage_based_sex: given(own.sexes()),
        mendelian_inconsistencies: own.errors(),
        family_relatedness: given(own.relatedness())
            .map(|relatedness| FamilyRelatedness { relatedness }),
        evaluation: Some(own.evaluation()),
    })
}

fn given<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

/// The model's word for numbers of X and Y.
fn karyotype(sex: &SexIdentity) -> Option<&'static str> {
    Some(match sex.coverage?.copies? {
        [2, 0] => "XX",
        [1, 1] => "XY",
        [1, 0] => "XO",
        [2, 1] => "XXY",
        [3, 0] => "XXX",
        [2, 2] => "XXYY",
        [3, 1] => "XXXY",
        [4, 0] => "XXXX",
        [1, 2] => "XYY",
        _ => "OTHER",
    })
}

fn sex_query(sex: &SexIdentity) -> (Query, Option<&'static str>) {
    let by_calls = "no depth of X and Y tells; genotypes of X do";
    match (sex.stated, karyotype(sex)) {
        (_, None) if sex.outcome == Outcome::Fail => (Query::Yes, Some(by_calls)),
        _ if sex.outcome == Outcome::Fail => (Query::Yes, None),
        (_, None) if sex.coverage.is_some() => {
            (Query::Unknown, Some("depths of X and Y do not tell"))
        }
        (_, None) => (Query::NotTested, Some("depths of X and Y are not known, or too low")),
        (Sex::Unknown, _) => (Query::Unknown, Some("no sex is reported")),
        (Sex::Female, Some("XX")) | (Sex::Male, Some("XY")) => (Query::No, None),
        _ => (Query::Yes, Some("neither XX nor XY as reported")),
    }
}

fn errors(own: &MendelIdentity) -> f64 {
    f64::from(own.counts.errors) + f64::from(own.counts.x_errors)
}

impl<'a> Family<'a> {
    fn sexes(&self) -> Vec<CoverageBasedSex<'a>> {
        let told = self.sexes.iter().filter_map(|(sex, name)| {
            let (name, coverage) = (*name, sex.coverage?);
            let copies = |place: usize| coverage.copies.map(|own| f64::from(own[place]));
            Some(CoverageBasedSex {
                sample_id: name,
                inferred_karyotype: karyotype(sex),
                ratio_chr_x: coverage.x_ratio,
                ratio_chr_y: coverage.y_ratio,
                avg_cnv_chr_x: copies(0),
                avg_cnv_chr_y: copies(1),
                reviewed_karyotype: None,
            })
        });
        told.collect()
    }

    /// Errors by couple of parents, by child, and by person.
    fn errors(&self) -> Option<MendelianInconsistencies<'a>> {
        if self.children.is_empty() {
            return None;
        }
        let mut couples: BTreeMap<[Option<u16>; 2], [f64; 2]> = BTreeMap::new();
        let mut by_child: BTreeMap<u16, f64> = BTreeMap::new();
        for (own, _) in &self.children {
            let [offspring, of_couple] = couples.entry([own.father, own.mother]).or_default();
            *offspring += 1.0;
            *of_couple += errors(own);
            *by_child.entry(own.child).or_default() += errors(own);
        }
        let name = |number: Option<u16>| number.and_then(|number| self.names.get(&number).copied());
        let per_family =
            couples.iter().map(|(&[father, mother], &[offspring, errors])| PerFamilyMendelErrors {
                father_id: name(father),
                mother_id: name(mother),
                number_of_offspring: offspring,
                number_of_mendel_errors: errors,
            });
        let individual = self.children.iter().map(|(own, name)| {
            let sites = f64::from(own.counts.sites) + f64::from(own.counts.x_sites);
            // A rate over few sites says nothing.
            let rate = own.rate.filter(|_| sites > 0.0).map(|_| errors(own) / sites);
            IndividualMendelErrors {
                sample_id: name,
                number_of_mendel_errors: errors(own),
                rate_of_mendel_errors: rate,
            }
        });
        let total = self.names.iter().map(|(number, name)| {
            let errors = by_child.get(number).copied();
            AggregatedIndividualMendelErrors { sample_id: name, errors }
        });
        Some(MendelianInconsistencies {
            per_family_mendel_errors: per_family.collect(),
            individual_mendel_errors: individual.collect(),
            total_number_of_mendel_errors: TotalNumberOfMendelErrors {
                family_mendel_errors: self.children.iter().map(|(own, _)| errors(own)).sum(),
                individual_mendel_errors: total.collect(),
            },
            locus_mendel_summary: None,
        })
    }

    fn relatedness(&self) -> Vec<RelatednessPair<'a>> {
        let pair = |(pair, [a, b]): &(&'a PairIdentity, [&'a str; 2])| {
            let kinship = pair.kinship.filter(|_| pair.relation != Relation::TooFewSites);
            RelatednessPair {
                sample_id1: a,
                sample_id2: b,
                ibd0: None,
                ibd1: None,
                ibd2: None,
                pi_hat: kinship.map(|kinship| (2.0 * kinship).clamp(0.0, 1.0)),
            }
        };
        self.pairs.iter().map(pair).collect()
    }

    /// What the first of a pair is to the second.
    fn relationship(&self, pair: &PairIdentity, names: [&str; 2]) -> Option<&'static str> {
        let [a, b] = pair.members;
        let parent = |child: u16, parent: u16| {
            let own = self.children.iter().find(|(own, _)| own.child == child);
            let (own, _) = own?;
            let is = |of: Option<u16>| of == Some(parent);
            if is(own.father) { Some("Father") } else { is(own.mother).then_some("Mother") }
        };
        match pair.expected? {
            Relation::ParentChild => parent(b, a).or_else(|| {
                parent(a, b)?;
                let child = self.sexes.iter().find(|(sex, _)| sex.member == a);
                Some(match child.map(|(sex, _)| sex.stated) {
                    Some(Sex::Male) => "Son",
                    Some(Sex::Female) => "Daughter",
                    _ => "ChildOfUnknownSex",
                })
            }),
            Relation::FullSiblings => Some("FullSibling"),
            // One sample may be there twice.
            Relation::SamePerson => (names[0] != names[1]).then_some("TwinsMonozygous"),
            Relation::Unrelated => Some("Unrelated"),
            _ => None,
        }
    }

    fn related(&self) -> Vec<FamilyRelatednessCheck<'a>> {
        let check = |&(pair, names): &(&'a PairIdentity, [&'a str; 2])| {
            let few = pair.relation == Relation::TooFewSites;
            let comments = match pair.outcome {
                Outcome::NotAssessed if few => Some("too few sites are known in both"),
                Outcome::NotAssessed => Some("too few autosomes to tell"),
                Outcome::Reported => Some("the pedigree leaves the relation open"),
                _ => None,
            };
            FamilyRelatednessCheck {
                sample_id1: names[0],
                sample_id2: names[1],
                relationship_from_pedigree: self.relationship(pair, names),
                possible_relationship: (!few).then(|| pair.relation.words()),
                query: Query::of(pair.outcome),
                comments,
            }
        };
        self.pairs.iter().map(check).collect()
    }

    fn evaluation(&self) -> Evaluation<'a> {
        let sexes = self.sexes.iter().map(|(sex, name)| {
            let (sex_query, comments) = sex_query(sex);
            CoverageBasedSexCheck {
                sample_id: name,
                reported_phenotypic_sex: match sex.stated {
                    Sex::Male => "MALE",
                    Sex::Female => "FEMALE",
                    Sex::Unknown => "UNKNOWN",
                },
                reported_karyotypic_sex: None,
                inferred_sex_karyotype: karyotype(sex),
                sex_query,
                comments,
            }
        });
        let mendel = self.names.iter().map(|(number, name)| {
            let own = self.children.iter().find(|(own, _)| own.child == *number);
            let query = own.map_or(Query::NotTested, |(own, _)| Query::of(own.outcome));
            let why = if own.is_some() {
                "too few sites are known in all"
            } else {
                "no sample of a parent to compare with"
            };
            MendelianInconsistenciesCheck {
                sample_id: name,
                mendelian_inconsistencies_query: query,
                comments: (query == Query::NotTested).then_some(why),
            }
        });
        let (sexes, mendel): (Vec<_>, Vec<_>) = (sexes.collect(), mendel.collect());
        Evaluation {
            reported_vs_genetic_summary: self.summary(),
            coverage_based_sex_check: given(sexes),
            mendelian_inconsistencies_check: given(mendel).filter(|_| self.of_relatives),
            family_relatedness_check: given(self.related()),
        }
    }

    /// Whether the family passes; `None` where no check applies, and for samples of one person.
    fn summary(&self) -> Option<&'static str> {
        let sexes = self.sexes.iter().map(|(sex, _)| sex_query(sex).0);
        let children = self.children.iter().map(|(own, _)| Query::of(own.outcome));
        let reported = self.pairs.iter().filter(|(pair, _)| pair.outcome != Outcome::Reported);
        let pairs = reported.map(|(pair, _)| Query::of(pair.outcome));
        let all: Vec<Query> = sexes.chain(children).chain(pairs).collect();
        if all.is_empty() || !self.of_relatives {
            None
        } else if all.contains(&Query::Yes) {
            Some("familyFailsACheck")
        } else if all.iter().any(|query| *query != Query::No) {
            Some("familyMissingACheck")
        } else {
            Some("familyPassesGvsRChecks")
        }
    }
}
