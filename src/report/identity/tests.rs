//! The formats' fixed parts: what their readers look for.

use super::{conpair, self_sm, somalier};
use crate::model::identity::{
    Concordance, Contamination, Estimate, GenotypeCounts, Measured, PairCounts, SampleIdentity,
    TumourIdentity,
};
use crate::model::verdict::Outcome;

fn measured(value: f64) -> Estimate {
    Estimate::Measured(Measured { value, low: 0.0, high: 0.1, sites: 9_000, reads: 270_000 })
}

fn sample(value: f64) -> SampleIdentity {
    SampleIdentity {
        site_list: "list".into(),
        contamination: Some(Contamination {
            as_stated: None,
            estimate: measured(value),
            mean_depth: 30.0,
            log_likelihood: Some([-1000.25, -1200.5]),
            ancestry: Vec::new(),
        }),
        charr: Estimate::NotAssessed,
        tumour_contamination: Some(measured(0.02)),
        tumour_in_normal: None,
        genotypes: GenotypeCounts::default(),
    }
}

#[test]
fn self_sm_has_verifybamid_s_columns() {
    let text = self_sm::text("a\tb", &sample(0.0123)).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows[0].len(), rows[1].len());
    assert_eq!((rows[0][0], rows[0][6], rows[0].len()), ("#SEQ_ID", "FREEMIX", 19));
    assert_eq!(
        (rows[1][0], rows[1][3], rows[1][6], rows[1][7]),
        ("a b", "9000", "0.012300", "1000.25")
    );
    let mut few = sample(0.0);
    few.contamination.as_mut().unwrap().estimate = Estimate::TooFewSites { sites: 1, needed: 2 };
    assert_eq!(self_sm::text("a", &few), None);
}

#[test]
fn tables_of_somalier_have_a_cell_for_every_column() {
    let text = somalier::samples(&[somalier::SampleRow::default()]);
    let widths: Vec<usize> = text.lines().map(|line| line.split('\t').count()).collect();
    assert_eq!(widths, [25, 25]);
    let counts =
        PairCounts { sites: 10, hets_a: 4, hets_b: 4, shared_hets: 4, ..Default::default() };
    let line = somalier::pair("a", "b", &counts, None);
    assert_eq!(line.split('\t').count(), somalier::PAIRS.split('\t').count());
    assert!(line.starts_with("a\tb\t1.0000\t0\t0\t0.0000\t4\t4\t8\t4\t"), "{line}");
    assert!(line.ends_with("\t10\t0\t0\t-1.0000\n"), "{line}");
}

#[test]
fn the_texts_about_a_tumour_hold_the_sentences_that_are_looked_for() {
    let concordance = Concordance { sites: 4000, of_sites: 9000, agreeing: 3996, min_depth: 10 };
    let tumour = TumourIdentity {
        tumour: 1,
        normal: 2,
        concordance,
        homozygous_concordance: concordance,
        outcome: Outcome::Pass,
    };
    let text = conpair::concordance(&tumour).unwrap();
    assert!(text.starts_with("Concordance: 99.90%\nBased on 4000/9000 markers (coverage per marker threshold : 10 reads)\n"));
    let text = conpair::contamination(&sample(0.001), &sample(0.0)).unwrap();
    assert_eq!(
        text,
        "Normal sample contamination level: 0.100%\nTumor sample contamination level: 2.000%\n"
    );
}
