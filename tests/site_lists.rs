//! Lists of sites against real data: reference bases, the frequencies of another list of the same people, and files as their
//! makers publish them.

#![allow(clippy::expect_used, reason = "a test that cannot be set up should stop")]

mod common;

use std::collections::BTreeMap;

use common::{gunzip_text, shared_file};
use tierline::io::site_list::{built_in, read};
use tierline::model::contig::Assembly;
use tierline::model::sketch::SiteList;

/// The bases of one sequence of a FASTA file.
fn sequence(fasta: &str, name: &str) -> Vec<u8> {
    let own = fasta.split('>').find(|part| part.split_whitespace().next() == Some(name));
    let (_, bases) = own.and_then(|part| part.split_once('\n')).expect("the sequence");
    bases.bytes().filter(|base| !base.is_ascii_whitespace()).collect()
}

/// Sites on a contig whose reference base is known, and how many of them are as the list says.
fn agreeing(list: &SiteList, contig: &str, bases: &[u8]) -> (usize, usize) {
    let sites = list.sites.iter().filter(|site| site.contig == contig);
    let known = sites.filter_map(|site| {
        let base = bases.get(site.position as usize)?.to_ascii_uppercase();
        (base != b'N').then_some(base == site.reference)
    });
    let known: Vec<bool> = known.collect();
    (known.len(), known.iter().filter(|&&same| same).count())
}

/// Contig 20 of GRCh37 is the one of which the data folder has the whole sequence; sites of GRCh38 are compared with those
/// of another list below.
#[test]
fn reference_bases_are_those_of_the_build() {
    let Some(path) = shared_file("reference/b37.20_Xtrunc_Y.fa.gz") else { return };
    let fasta = gunzip_text(&path);
    let (known, same) = agreeing(&built_in(Assembly::GRCh37), "20", &sequence(&fasta, "20"));
    assert!(known > 200, "{known} sites");
    assert_eq!(same, known);
}

#[test]
fn the_files_of_verifybamid_are_read_as_they_are() {
    for (build, assembly) in [("b37", Assembly::GRCh37), ("b38", Assembly::GRCh38)] {
        let name = format!("sites/1000g.phase3.10k.{build}.vcf.gz.dat");
        let Some(bed) = shared_file(&format!("{name}.bed")) else { return };
        let read = read(&bed, Some(assembly)).expect("the list");
        let model = read.list.ancestry.as_ref().expect("ancestry");
        let sites = read.list.sites.len();
        assert!((9_900..=10_000).contains(&sites), "{sites} {:?}", read.notes);
        assert_eq!(
            (model.components, model.mean.len(), model.loadings.len()),
            (4, sites, 4 * sites)
        );
        assert!(
            read.list
                .sites
                .iter()
                .zip(&model.mean)
                .all(|(s, mean)| (s.frequency - mean / 2.0).abs() < 1e-12)
        );
        // Another choice among the variants of the same people: where both lists have a site, its frequency is the same
        // but for the people that were left out on either side.
        let own = built_in(assembly);
        let ours: BTreeMap<_, _> =
            own.sites.iter().map(|s| ((&s.contig, s.position, s.alternate), s.frequency)).collect();
        let pairs: Vec<(f64, f64)> = read
            .list
            .sites
            .iter()
            .filter_map(|site| {
                let key = (&site.contig, site.position, site.alternate);
                Some((*ours.get(&key)?, site.frequency))
            })
            .collect();
        let furthest = pairs.iter().map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(pairs.len() > 20, "{build}: {} sites in both", pairs.len());
        assert!(furthest < 0.02, "{build}: {furthest} among {}", pairs.len());
    }
}

#[test]
fn the_sites_of_somalier_are_read_as_they_are() {
    let Some(path) = shared_file("sites/GRCh37.somalier.sites.vcf.gz") else { return };
    let read = read(&path, Some(Assembly::GRCh37)).expect("the list");
    assert!(read.list.sites.len() > 17_000, "{} {:?}", read.list.sites.len(), read.notes);
    let Some(fasta) = shared_file("reference/b37.20_Xtrunc_Y.fa.gz") else { return };
    let (known, same) = agreeing(&read.list, "20", &sequence(&gunzip_text(&fasta), "20"));
    assert_eq!((known, same), (487, 487));
}
