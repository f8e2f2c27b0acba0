//! Identity of the made-up cases: what was told, what was not, and something that does not fit.

use crate::model::identity::{
    CaseIdentity, Concordance, Contamination, Estimate, GenotypeCounts, LimitsUsed, Measured,
    MemberIdentity, MendelCounts, MendelIdentity, PairCounts, PairIdentity, Relation,
    SampleIdentity, SexCoverage, SexIdentity, Suspicion, TumourIdentity,
};
use crate::model::sample::Sex;
use crate::model::verdict::Outcome;

fn used(id: &str) -> LimitsUsed {
    LimitsUsed { id: id.into(), version: "0.1.0".into() }
}

fn measured(value: f64) -> Estimate {
    let (low, high) = ((value - 0.001).max(0.0), value + 0.001);
    Estimate::Measured(Measured { value, low, high, sites: 9_412, reads: 301_220 })
}

fn sample(member: u16, estimate: Estimate, outcome: Outcome) -> MemberIdentity {
    let identity = SampleIdentity {
        site_list: "built-in GRCh38".into(),
        contamination: Some(Contamination {
            as_stated: None,
            estimate,
            mean_depth: 32.0,
            log_likelihood: Some([-20_451.5, -20_460.25]),
            ancestry: Vec::new(),
        }),
        charr: Estimate::NotAssessed,
        tumour_contamination: None,
        tumour_in_normal: None,
        genotypes: GenotypeCounts::default(),
    };
    MemberIdentity { member, identity, limits: Some(used("gel-germline")), outcome }
}

fn pair(members: [u16; 2], relation: Relation, kinship: f64) -> PairIdentity {
    PairIdentity {
        members,
        counts: PairCounts { sites: 9_300, ..PairCounts::default() },
        kinship: Some(kinship),
        relation,
        expected_kinship: Some(0.25),
        expected: Some(Relation::ParentChild),
        outcome: if relation == Relation::ParentChild { Outcome::Pass } else { Outcome::Fail },
    }
}

fn bare() -> CaseIdentity {
    CaseIdentity {
        limits: used("identity"),
        sites: "built-in GRCh38".into(),
        outcome: Outcome::Fail,
        override_reason: Some("Adopted; <the laboratory> knows".into()),
        stopped: false,
        samples: Vec::new(),
        sexes: Vec::new(),
        pairs: Vec::new(),
        families: Vec::new(),
        tumour: None,
        tumour_in_normal: None,
        suspicions: Vec::new(),
    }
}

/// A proband and mother who fit, and a father who is none.
pub(super) fn trio() -> CaseIdentity {
    let few = Estimate::TooFewSites { sites: 12, needed: 1_000 };
    let sex = |member, stated, shown| SexIdentity::of(member, [stated, shown], None);
    let (x_ratio, y_ratio) = (Some(1.0), Some(0.015_625));
    let coverage = Some(SexCoverage { copies: Some([2, 0]), x_ratio, y_ratio });
    CaseIdentity {
        samples: vec![
            sample(1, measured(0.002), Outcome::Pass),
            sample(2, measured(0.0), Outcome::Pass),
            sample(3, few, Outcome::NotAssessed),
        ],
        sexes: vec![
            SexIdentity { coverage, ..sex(1, Sex::Female, Sex::Female) },
            sex(2, Sex::Female, Sex::Female),
            sex(3, Sex::Male, Sex::Unknown),
        ],
        pairs: vec![
            pair([1, 2], Relation::ParentChild, 0.249),
            pair([1, 3], Relation::Unrelated, -0.004),
        ],
        families: vec![MendelIdentity {
            child: 1,
            father: Some(3),
            mother: Some(2),
            counts: MendelCounts { sites: 9_200, errors: 812, x_sites: 300, x_errors: 1 },
            rate: Some(0.0883),
            outcome: Outcome::Fail,
        }],
        suspicions: vec![Suspicion {
            outcome: Outcome::Fail,
            members: vec![1, 3],
            text: "proband is unrelated to its father".into(),
        }],
        ..bare()
    }
}

/// A tumour that agrees with its normal sample.
pub(super) fn tumour() -> CaseIdentity {
    let of = |agreeing| Concordance { sites: 5_000, of_sites: 9_412, agreeing, min_depth: 10 };
    let mut own = sample(1, measured(0.2), Outcome::Pass);
    own.identity.tumour_contamination = Some(measured(0.004));
    CaseIdentity {
        outcome: Outcome::Pass,
        override_reason: None,
        samples: vec![own],
        tumour: Some(TumourIdentity {
            tumour: 1,
            normal: 2,
            concordance: of(4_400),
            homozygous_concordance: of(4_990),
            outcome: Outcome::Pass,
        }),
        tumour_in_normal: Some(measured(0.003)),
        ..bare()
    }
}
