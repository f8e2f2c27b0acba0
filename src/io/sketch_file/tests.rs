use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::io::site_list;
use crate::model::sketch::{
    AncestryModel, ChromosomeDepth, QualityCount, Site, SiteAllele, SiteCounts, SiteGenotype,
    SiteList, SiteRegion, SketchSource,
};

fn sketch(ancestry: bool) -> Sketch {
    let contigs = ["1", "1", "X", "contig_7"];
    let sites: Vec<Site> = (0_u32..4)
        .map(|i| Site {
            contig: contigs[i as usize].into(),
            position: 10 * i * i,
            reference: b"ACGT"[i as usize],
            alternate: b"GTAC"[i as usize],
            frequency: 0.1 * f64::from(i),
            region: if i == 2 { SiteRegion::X } else { SiteRegion::Autosome },
        })
        .collect();
    let ancestry = ancestry.then(|| AncestryModel {
        mean: vec![0.25, 1.0 / 3.0, 2.0, 0.0],
        loadings: (0..8).map(|i| f64::from(i) / 8.0 - 0.5).collect(),
        components: 2,
    });
    let digest = site_list::digest(&sites);
    let build = Some("GRCh38".into());
    let sites = SiteList { name: "four".into(), build, digest, sites, ancestry };
    let kind = |allele, quality, count| QualityCount { allele, quality, count };
    let counts = vec![
        SiteCounts {
            reference: 300,
            alternate: 2,
            other: 1,
            qualities: vec![
                kind(SiteAllele::Reference, 20, 1),
                kind(SiteAllele::Reference, 37, 299),
                kind(SiteAllele::Alternate, 37, 2),
                kind(SiteAllele::Other, 12, 1),
            ],
            called: None,
        },
        SiteCounts { called: Some(SiteGenotype::Het), ..SiteCounts::default() },
        SiteCounts {
            called: Some(SiteGenotype::Unknown),
            reference: 7,
            qualities: vec![kind(SiteAllele::Reference, 30, 7)],
            ..SiteCounts::default()
        },
        SiteCounts::default(),
    ];
    Sketch {
        sample: "HCC1954 BL/é".into(),
        source: SketchSource::Reads { min_base_quality: 20, min_mapping_quality: 10 },
        sites: Arc::new(sites),
        counts,
        depth: Some(ChromosomeDepth { autosomes: 31.25, x: 15.5, y: 14.75, mitochondrial: 4e3 }),
    }
}

#[test]
fn a_sketch_comes_back_as_it_went() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sketch");
    let calls = Sketch { source: SketchSource::Calls, depth: None, ..sketch(false) };
    for sketch in [sketch(false), sketch(true), calls] {
        write(&path, &sketch).unwrap();
        assert_eq!(read(&path).unwrap(), sketch);
        assert!(is_sketch(&path));
    }
}

#[test]
fn sketches_of_a_cohort_share_their_list() {
    let folder = tempfile::tempdir().unwrap();
    let lists = Lists::default();
    let with = |name: &str, sketch: &Sketch| {
        let path = folder.path().join(name);
        write(&path, sketch).unwrap();
        read_with(&path, &lists).unwrap()
    };
    let (first, second) = (with("a", &sketch(true)), with("b", &sketch(true)));
    assert!(Arc::ptr_eq(&first.sites, &second.sites));
    assert_eq!(first, second);
    let other = with("c", &sketch(false));
    assert_eq!(other, sketch(false), "the list without ancestry is another one");
}

#[test]
fn every_damage_is_named() {
    let good = encode(&sketch(true)).unwrap();
    let with = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        bytes
    };
    let longer = [&good[..], b"\n"].concat();
    for (bytes, expected) in [
        (Vec::new(), "is empty"),
        (b"##fileformat=VCFv4.2".to_vec(), "is no sketch"),
        (good[..10].to_vec(), "is cut: 10 bytes of 60"),
        (good[..30].to_vec(), "is cut: 30 bytes of 60"),
        (good[..good.len() - 1].to_vec(), "is cut: "),
        (longer, "has bytes behind its end"),
        (with(8, 2), "is a sketch of layout 2; this program reads 1"),
        (with(19, 200), "its head is damaged"),
        (with(30, good[30] ^ 1), "its check sum is another"),
        (with(12, good[12] ^ 1), "its check sum is another"),
        (with(good.len() - 3, good[good.len() - 3] ^ 8), "its check sum is another"),
    ] {
        let message = decode(&bytes).unwrap_err().to_string();
        assert!(message.contains(expected), "{expected}: {message}");
    }
    let missing = read(Path::new("no/such.sketch")).unwrap_err();
    assert_eq!((missing.kind.exit_code(), is_sketch(Path::new("no/such.sketch"))), (66, false));
}

#[test]
fn a_body_that_contradicts_itself_is_refused() {
    let damage = |change: &dyn Fn(&mut Sketch)| {
        let mut sketch = sketch(true);
        change(&mut sketch);
        body::decode(&body::encode(&sketch), &Lists::default()).unwrap_err()
    };
    let list = |change: fn(&mut SiteList)| {
        damage(&|sketch| change(Arc::get_mut(&mut sketch.sites).unwrap()))
    };
    for (message, expected) in [
        (damage(&|s| s.counts[0].reference += 1), "do not add up"),
        (damage(&|s| s.counts[0].qualities.swap(0, 1)), "do not add up"),
        (damage(&|s| s.counts[0].qualities.clear()), "do not add up"),
        (damage(&|s| (s.counts[3].reference, s.counts[3].other) = (u32::MAX, 1)), "too many bases"),
        (damage(&|s| s.depth.as_mut().unwrap().x = f64::NAN), "is no depth"),
        (list(|l| l.sites[0].frequency = 1.5), "is no frequency"),
        (list(|l| l.sites[0].alternate = b'C'), "not those of its list's digest"),
        (list(|l| l.sites.swap(2, 3)), "out of order"),
        (list(|l| l.sites[1].position = 0), "do not ascend"),
        (list(|l| l.ancestry.as_mut().unwrap().mean[0] = f64::NAN), "no number"),
        (list(|l| l.ancestry.as_mut().unwrap().components = 0), "components"),
    ] {
        assert!(message.contains(expected), "{expected}: {message}");
    }
    let mut sketch = sketch(false);
    sketch.counts.pop();
    assert_eq!(encode(&sketch).unwrap_err().kind, ProblemKind::Internal);
}

proptest! {
    #[test]
    fn no_bytes_bring_the_reader_down(at in 0_usize..400, byte: u8, cut in 0_usize..400) {
        let mut bytes = body::encode(&sketch(true));
        let at = at % bytes.len();
        bytes[at] = byte;
        bytes.truncate(bytes.len().max(cut + 1) - cut);
        // Without the check sum in front: whatever comes is read or refused.
        let _ = body::decode(&bytes, &Lists::default());
    }
}
