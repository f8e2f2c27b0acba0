//! Contamination from reads of two people: BAM, sketch and estimate by the program, on the sequence of the real contig 20.
//! `benches/mixtures.rs` is the whole campaign.
#![allow(clippy::unwrap_used, reason = "a test program stops at what it cannot read")]

mod common;

use common::{run, scratch, shared_file, tierline};
use serde_json::Value;
use tierline::identity::mixture::{Random, person};
use tierline::io::site_list;
use tierline::io::stream_fasta::for_each_contig;
use tierline::model::contig::Assembly;
use tierline::model::sketch::SiteList;
use tierline::simulate::mixture::{Background, Options, Tube, apart, write};
use tierline::simulate::quality::Levels;

#[test]
fn mixtures_of_reads_are_estimated_and_judged() {
    let Some(reference) = shared_file("reference/b37.20_Xtrunc_Y.fa.gz") else { return };
    let mut bases = Vec::new();
    let keep = |name: &str, own: &[u8]| {
        if name == "20" {
            bases = own.to_vec();
        }
        Ok(())
    };
    for_each_contig(&reference, keep).unwrap();
    let list = site_list::built_in(Assembly::GRCh37);
    // All frequencies are those of one person's ancestry, the mean of all populations.
    let population = SiteList { ancestry: None, ..(*list).clone() };
    let places = apart(&list, "20", 7);
    assert!((1_300..2_500).contains(&places.len()), "{}", places.len());
    let folder = scratch();
    for (number, (share, verdict)) in
        [(0.0, "PASS"), (0.02, "PASS"), (0.05, "FAIL")].into_iter().enumerate()
    {
        let mut random = Random::new(900 + number as u64);
        let people =
            [person(&population, false, &mut random), person(&population, true, &mut random)];
        let tube = Tube {
            list: &list,
            places: &places,
            people: [&people[0], &people[1]],
            frac_foreign: share,
        };
        let options = Options {
            assembly: Assembly::GRCh37,
            depth: 30.0,
            levels: Levels::Four,
            seed: number as u64,
        };
        let bam = folder.path().join(format!("{number}.bam"));
        let records = write(&tube, Background { contig: "20", bases: &bases }, options, &bam);
        assert!(records.unwrap() > 30 * places.len() as u64 * 9 / 10);
        let mut qc = tierline();
        qc.arg("qc").arg(&bam).args([
            "--only",
            "sketch",
            "--accept",
            "gel-germline",
            "--prefix",
            "m",
        ]);
        run(qc.arg("-o").arg(folder.path()));
        let json = std::fs::read(folder.path().join("m.qc.json")).unwrap();
        let json: Value = serde_json::from_slice(&json).unwrap();
        let found = &json["identity"]["contamination"]["estimate"];
        let value = found["value"].as_f64().unwrap();
        assert_eq!(found["sites"].as_u64().map(|n| n as usize > places.len() * 9 / 10), Some(true));
        let allowed = (0.25_f64 * share).max(0.004);
        assert!((value - share).abs() < allowed, "{share}: {found}");
        let checks = json["verdict"]["checks"].as_array().unwrap();
        let own =
            checks.iter().find(|check| check["id"].as_str().unwrap().contains("contamination"));
        assert_eq!(own.unwrap()["outcome"], verdict, "{share}: {own:?}");
    }
}
