use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;

use super::*;
use crate::model::sketch::SiteRegion;

const VCF: &str = "##fileformat=VCFv4.2\n##contig=<ID=chrX,length=156040895>\n\
    #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";

fn file(name: &str, text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn fault(name: &str, text: &str) -> String {
    let (_folder, path) = file(name, text);
    read(&path, None).unwrap_err().to_string()
}

#[test]
fn vcf_rows_are_sorted_and_those_that_will_not_do_counted() {
    let rows = [
        "chrX\t2781480\t.\tG\tA\t.\tPASS\tAF=0.25",
        "chrX\t2781479\t.\tG\tA\t.\tPASS\tDB;AF=0.5",
        "10\t7\t.\tA\tT\t.\t.\tAC=3;AN=12",
        "2\t9\t.\ta\tt\t.\t.\tAF=1e-2",
        "2\t8\t.\tA\tT,C\t.\t.\tAF=0.1,0.2",
        "2\t8\t.\tAT\tA\t.\t.\tAF=0.1",
        "2\t5\t.\tA\tT\t.\t.\tAF=0.1",
        "2\t5\t.\tA\tG\t.\t.\tAF=0.1",
        "2\t4\t.\tA\tG\t.\tlowqual\tAF=0.1",
        "chrM\t4\t.\tA\tG\t.\t.\tAF=0.1",
        "chr15_KI270905v1_alt\t4\t.\tA\tG\t.\t.\tAF=0.1",
        "chrUn_7\t4\t.\tA\tG\t.\t.\tAF=0.1",
    ];
    let (_folder, path) = file("sites.vcf", &(VCF.to_owned() + &rows.join("\n") + "\n"));
    let ReadList { list, notes } = read(&path, None).unwrap();
    let shown: Vec<_> =
        list.sites.iter().map(|s| (&*s.contig, s.position, s.frequency, s.region)).collect();
    let (autosome, x) = (SiteRegion::Autosome, SiteRegion::X);
    assert_eq!(
        shown,
        [
            ("2", 8, 0.01, autosome),
            ("10", 6, 0.25, autosome),
            ("X", 2_781_478, 0.5, autosome),
            ("X", 2_781_479, 0.25, x),
            ("Un_7", 3, 0.1, autosome),
        ]
    );
    assert_eq!((list.build.as_deref(), &*list.name), (Some("GRCh38"), "sites.vcf"));
    assert_eq!(list.digest, digest(&list.sites));
    assert_eq!(
        notes,
        [
            "2 rows of the site list are no single bases of two alleles and are left out",
            "2 rows of the site list lie on alternate contigs or the mitochondrial genome and are left out",
            "2 rows of the site list share their position with another and are left out",
            "1 rows of the site list did not pass a filter and are left out",
        ]
    );
}

#[test]
fn faults_of_vcf_name_their_lines() {
    let row =
        |info: &str| format!("{VCF}2\t9\t.\tA\tT\t.\t.\tAF=0.5\n2\t10\t.\tA\tT\t.\t.\t{info}\n");
    for (info, expected) in [
        ("DB", "line 5: has no frequency: INFO holds neither AF nor AC and AN"),
        ("AF=1.5", "line 5: frequency \"1.5\" is no number from 0 to 1"),
        ("AF=nan", "line 5: frequency \"nan\""),
        ("AC=9;AN=3", "line 5: has no frequency"),
    ] {
        let message = fault("a.vcf", &row(info));
        assert!(message.contains(expected), "{expected}: {message}");
    }
    let many = format!("{VCF}{}", "2\t9\t.\tA\tT\t.\t.\tDB\n".repeat(50));
    assert_eq!(fault("a.vcf", &many).lines().count(), 20);
    assert!(fault("a.vcf", VCF).contains("has no site that can be used among 0 rows"));
    assert!(fault("a.txt", "no list\n").contains("a.txt"));
    assert!(fault("a.vcf", "").contains("empty"));
    assert_eq!(read(Path::new("no/such"), None).unwrap_err().0[0].kind.exit_code(), 66);
}

#[test]
fn bed_with_alleles_and_frequency() {
    let text = "# sites\nchr1\t9\t10\tC\tT\t0.25\tmore\n1\t3\t4\tG\tA\t0\r\n1\t20\t22\tGG\tA\t0\n";
    let (_folder, path) = file("a.bed", text);
    let ReadList { list, notes } = read(&path, Some(Assembly::GRCh37)).unwrap();
    let shown: Vec<_> = list.sites.iter().map(|s| (s.position, s.reference, s.frequency)).collect();
    assert_eq!(shown, [(3, b'G', 0.0), (9, b'C', 0.25)]);
    assert_eq!((list.build, list.ancestry, notes.len()), (None, None, 1));
    for (line, expected) in [
        ("1\t3\t4\tG\tA", "line 2: has no sixth column"),
        ("1\t3\t4\tG", "line 2: has no alternate base"),
        ("1\tx\t4\tG\tA\t0", "line 2: start \"x\" is no position"),
        ("1\t4\t4\tG\tA\t0", "line 2: 4 to 4 is not one base"),
        ("1\t3\t5\tG\tA\t0", "line 2: 3 to 5 is not one base"),
        ("1\t3\t4\tG\tA\t-1", "line 2: frequency \"-1\""),
    ] {
        let message = fault("a.bed", &format!("1\t1\t2\tA\tC\t0.5\n{line}\n"));
        assert!(message.contains(expected), "{expected}: {message}");
    }
}

/// A set of VerifyBamID2's files.
fn resource(bed: &str, mu: &str, ud: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (end, text) in [("bed", bed), ("mu", mu), ("UD", ud)] {
        fs::write(folder.path().join(format!("list.dat.{end}")), text).unwrap();
    }
    folder
}

#[test]
fn ancestry_follows_its_sites() {
    let bed = "chr2\t9\t10\tC\tT\nchr1_KI270766v1_alt\t3\t4\tG\tA\nchr1\t3\t4\tG\tA\n";
    let mu = "chr2:10_C/T_rs1\t1.5\nchr1_KI270766v1_alt:4_G/A\t0.1\nchr1:4_G/A_rs2\t0.25\n";
    let folder = resource(bed, mu, "1.5\t-2\n7\t7\n0.1 4e-3\n");
    for given in ["list.dat", "list.dat.bed", "list.dat.mu", "list.dat.UD"] {
        let list = read(&folder.path().join(given), None).unwrap().list;
        let frequencies: Vec<f64> = list.sites.iter().map(|site| site.frequency).collect();
        assert_eq!((&*list.name, frequencies), ("list.dat", vec![0.125, 0.75]));
        let model = list.ancestry.unwrap();
        assert_eq!((model.components, model.mean), (2, vec![0.25, 1.5]));
        assert_eq!(model.loadings, [f64::from(0.1_f32), f64::from(4e-3_f32), 1.5, -2.0]);
    }
}

#[test]
fn files_of_different_lists_are_refused() {
    let bed = "chr2\t9\t10\tC\tT\nchr2\t19\t20\tC\tT\n";
    let mu = "chr2:10_C/T\t1.5\nchr2:20_C/T\t0.5\n";
    for (bed, mu, ud, expected) in [
        (bed, "chr2:10_C/T\t1.5\n", "1\n2\n", "list.dat.bed: line 2: row 2 has none in"),
        (bed, "chr2:10_C/T\t1\nchr2:9_C/T\t1\n", "1\n2\n", "line 2: lies at \"chr2:20_\""),
        (bed, "chr2:10_C/T\t2.5\n", "1\n2\n", "list.dat.mu: line 1: mean \"2.5\""),
        (bed, mu, "1 2\n2\n", "list.dat.UD: line 2: has 1 loadings where the first row has 2"),
        (bed, mu, "1 2\n", "list.dat.UD: has 1 rows where the .bed file has 2"),
        (bed, mu, "1\ninf\n", "list.dat.UD: line 2: loading \"inf\""),
        ("chr2\t9\t10\tC\tT\n", mu, "1\n2\n", "list.dat.mu: has 2 rows where the .bed file has 1"),
    ] {
        let folder = resource(bed, mu, ud);
        let message = read(&folder.path().join("list.dat"), None).unwrap_err().to_string();
        assert!(message.contains(expected), "{expected}: {message}");
    }
}

#[test]
fn the_built_in_lists_are_whole() {
    for assembly in [Assembly::GRCh37, Assembly::GRCh38] {
        let list = built_in(assembly);
        let model = list.ancestry.as_ref().unwrap();
        let (sites, means) = (list.sites.len(), model.mean.len());
        assert_eq!((sites, means, model.components, model.loadings.len()), (9645, 9645, 4, 38_580));
        let key = |site: &Site| (ContigClass::of_name(&site.contig), site.position);
        assert!(list.sites.windows(2).all(|two| key(&two[0]) < key(&two[1])));
        let fits = |site: &Site| {
            let length = assembly.length(ContigClass::of_name(&site.contig));
            site.reference != site.alternate && length.is_some_and(|bp| site.position < bp)
        };
        assert!(list.sites.iter().all(fits));
        assert!(list.sites.iter().all(|site| (0.05..=0.95).contains(&site.frequency)));
        assert_eq!(built_in_of_digest(&list.digest), Some(Arc::clone(&list)));
    }
    // Every byte is used: the layout that is read is the one that was written.
    assert_eq!(BYTES_OF_LAYOUT, include_bytes!("built_in/common-autosomes.bin").len());
    assert_eq!(built_in_of_digest(""), None);
}

/// Head, steps, and 20 bytes a site.
const BYTES_OF_LAYOUT: usize = 8 + 4 * 4 + 9645 * (1 + 4 + 4 + 1 + 2 + 8);
