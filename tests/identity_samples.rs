//! `identity` on sketches, calls and case documents of simulated people: counts and qualities are drawn directly.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test program stops at what it cannot read"
)]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use common::{run, scratch, shared_file, tierline};
use serde_json::Value;
use tempfile::TempDir;
use tierline::identity::mixture::{Random, child, list, person, reads};
use tierline::io::{site_list, sketch_file};
use tierline::model::sketch::{ChromosomeDepth, Site, SiteList};

const SITES: usize = 4_000;

/// A family at a list of sites.
struct People {
    folder: TempDir,
    list: Arc<SiteList>,
    father: Vec<u8>,
    mother: Vec<u8>,
    son: Vec<u8>,
    stranger: Vec<u8>,
}

fn with_digest(list: SiteList) -> Arc<SiteList> {
    let digest = site_list::digest(&list.sites);
    Arc::new(SiteList { digest, ..list })
}

fn people(seed: u64) -> People {
    let mut list = (*list(SITES, 50)).clone();
    // Behind the first pseudo-autosomal region.
    let on_x = list.sites.iter_mut().filter(|site| site.contig == "X");
    on_x.for_each(|site| site.position += 2_800_000);
    let list = with_digest(list);
    let mut random = Random::new(seed);
    let father = person(&list, true, &mut random);
    let mother = person(&list, false, &mut random);
    let son = child(&list, (&father, &mother), true, &mut random);
    let stranger = person(&list, true, &mut random);
    People { folder: scratch(), list, father, mother, son, stranger }
}

impl People {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    /// Writes a sketch at some of the sites (by place), which other names or builds may have.
    fn sketch(&self, name: &str, genotypes: &[u8], at: impl Fn(usize) -> bool) -> PathBuf {
        self.sketch_of(name, genotypes, (0.0, &[]), (at, |list| list))
    }

    fn sketch_of(
        &self,
        name: &str,
        genotypes: &[u8],
        (share, foreign): (f64, &[u8]),
        (at, change): (impl Fn(usize) -> bool, impl Fn(SiteList) -> SiteList),
    ) -> PathBuf {
        let places: Vec<usize> = (0..self.list.sites.len()).filter(|&i| at(i)).collect();
        let sites: Vec<Site> = places.iter().map(|&i| self.list.sites[i].clone()).collect();
        let own: Vec<u8> = places.iter().map(|&i| genotypes[i]).collect();
        let other: Vec<u8> =
            places.iter().map(|&i| *foreign.get(i).unwrap_or(&genotypes[i])).collect();
        let name_of_list = format!("list of {}", sites.len());
        let list = SiteList { name: name_of_list, sites, ..(*self.list).clone() };
        let list = with_digest(change(list));
        let mut random = Random::new(genotypes.iter().map(|&g| u64::from(g)).sum());
        let mut sketch = reads(&list, (&own, &other), (30.0, share), &mut random);
        sketch.sample = name.into();
        let path = self.path(&format!("{name}.sketch"));
        sketch_file::write(&path, &sketch).unwrap();
        path
    }

    /// Writes calls of samples at all sites.
    fn calls(&self, name: &str, samples: &[(&str, &[u8])]) -> PathBuf {
        let names: Vec<&str> = samples.iter().map(|(name, _)| *name).collect();
        let mut text = format!(
            "##fileformat=VCFv4.2\n##contig=<ID=chr1,length=249250621>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{}\n",
            names.join("\t")
        );
        for (i, site) in self.list.sites.iter().enumerate() {
            let genotypes: Vec<&str> =
                samples.iter().map(|(_, own)| ["0/0", "0/1", "1/1"][usize::from(own[i])]).collect();
            let (contig, position) = (&site.contig, site.position + 1);
            let columns = genotypes.join("\t");
            writeln!(text, "chr{contig}\t{position}\t.\tA\tG\t50\tPASS\t.\tGT\t{columns}").unwrap();
        }
        self.write(name, &text)
    }

    fn pedigree(&self) -> PathBuf {
        self.write("family.ped", "F son dad mum 1 2\nF dad 0 0 1 1\nF mum 0 0 2 1\n")
    }
}

/// Runs `identity`; gives the exit code, the log and `identity.json` when it was written.
fn identity(folder: &Path, arguments: &[&Path], options: &[&str]) -> (i32, String, Value) {
    let out = folder.join("out");
    let _ = fs::remove_dir_all(&out);
    let mut command = tierline();
    command.arg("identity").args(arguments).args(options).arg("-o").arg(&out);
    let output = command.output().unwrap();
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    let json = fs::read(out.join("identity.json")).map_or(Value::Null, |bytes| {
        serde_json::from_slice(&bytes).unwrap_or_else(|e| panic!("{e}: {log}"))
    });
    (output.status.code().unwrap(), log, json)
}

/// Relation and outcome of two samples by number.
fn pair(json: &Value, a: u64, b: u64) -> [String; 2] {
    let pairs = json["pairs"].as_array().unwrap();
    let own = pairs.iter().find(|pair| {
        let members = [&pair["members"][0], &pair["members"][1]].map(|n| n.as_u64().unwrap());
        members == [a, b] || members == [b, a]
    });
    ["relation", "outcome"].map(|key| own.unwrap()[key].as_str().unwrap().to_owned())
}

fn is(relation: &str, outcome: &str) -> [String; 2] {
    [relation.to_owned(), outcome.to_owned()]
}

#[test]
fn reads_and_calls_are_compared_together_and_one_sample_in_both_is_told() {
    let p = people(1);
    let (son, dad) = (p.sketch("son", &p.son, |_| true), p.sketch("dad", &p.father, |_| true));
    let calls = p.calls("calls.vcf", &[("son", &p.son), ("mum", &p.mother)]);
    let ped = p.pedigree();
    let vcf = Path::new("--vcf");
    let arguments = [son.as_path(), &dad, vcf, &calls, Path::new("--ped"), &ped];
    let (code, log, json) = identity(p.folder.path(), &arguments, &["--fail-on-identity"]);
    assert_eq!((code, &json["outcome"]), (0, &Value::from("PASS")), "{log}");
    assert!(log.contains("sample 1 and sample 3 have one name: its reads and its calls"), "{log}");
    assert_eq!(pair(&json, 1, 3), is("same-person", "PASS"));
    assert_eq!(pair(&json, 1, 2), is("parent-child", "PASS"));
    assert_eq!(pair(&json, 3, 2), is("parent-child", "PASS"));
    assert_eq!(pair(&json, 1, 4), is("parent-child", "PASS"));
    assert_eq!(pair(&json, 2, 4), is("unrelated", "PASS"));
    assert_eq!(json["samples"][2]["source"], "calls");
    let table = fs::read_to_string(p.path("out/identity.samples.tsv")).unwrap();
    let rows: Vec<&str> = table.lines().skip(1).filter_map(|row| row.split('\t').nth(1)).collect();
    assert_eq!(rows, ["son", "dad", "son.calls", "mum"]);
    // The calls are of somebody else; without a pedigree that is a failure too.
    let calls = p.calls("calls.vcf", &[("son", &p.stranger), ("mum", &p.mother)]);
    for ped in [&[][..], &[Path::new("--ped"), &ped]] {
        let arguments = [&[son.as_path(), &dad, vcf, &calls], ped].concat();
        let (code, log, json) = identity(p.folder.path(), &arguments, &["--fail-on-identity"]);
        assert_eq!((code, &json["outcome"]), (3, &Value::from("FAIL")), "{log}");
        assert!(
            log.contains("sample 1 and sample 3 should be one person and are unrelated"),
            "{log}"
        );
    }
}

#[test]
fn another_list_of_sites_is_told_and_nothing_is_claimed_from_a_few_sites() {
    let p = people(2);
    let son = p.sketch("son", &p.son, |_| true);
    let dad = p.sketch("dad", &p.father, |i| i % 2 == 0);
    let digest = sketch_file::read(&dad).unwrap().sites.digest.clone();
    let (code, log, json) = identity(p.folder.path(), &[&son, &dad], &[]);
    assert_eq!((code, pair(&json, 1, 2)), (0, is("parent-child", "REPORTED")), "{log}");
    let note = json["notes"][0].as_str().unwrap();
    for part in
        ["sample 2 was taken at other sites than sample 1", "2000 sites are in both", &digest]
    {
        assert!(note.contains(part) && log.contains(part), "{part}: {note}");
    }
    assert_eq!(json["pairs"][0]["counts"]["sites"].as_u64().map(|n| n < 1_900), Some(true));
    // Two lists that share 400 sites: fewer than a relation takes.
    let few = p.sketch("dad", &p.father, |i| i % 10 == 0);
    let (code, _, json) = identity(p.folder.path(), &[&son, &few], &["--fail-on-identity"]);
    assert_eq!((code, pair(&json, 1, 2)), (0, is("too-few-sites", "NOT_ASSESSED")));
    // None in common, and another build: refused, and nothing is written.
    let odd = p.sketch("son", &p.son, |i| i % 2 == 1);
    let even = p.sketch("dad", &p.father, |i| i % 2 == 0);
    let (code, log, json) = identity(p.folder.path(), &[&odd, &even], &[]);
    assert_eq!((code, json), (65, Value::Null));
    assert!(log.contains("dad.sketch") && log.contains("of which sample 1 has none"), "{log}");
    let of_build = |name: &str, genotypes: &[u8], build: &str| {
        let change = |list: SiteList| SiteList { build: Some(build.into()), ..list };
        p.sketch_of(name, genotypes, (0.0, &[]), (|i| build == "GRCh37" || i % 2 == 0, change))
    };
    let old = of_build("son", &p.son, "GRCh37");
    let new = of_build("dad", &p.father, "GRCh38");
    let (code, log, _) = identity(p.folder.path(), &[&old, &new], &[]);
    assert!(code == 65 && log.contains("taken at sites of GRCh38, sample 1 at sites of GRCh37"));
}

#[test]
fn calls_are_taken_at_a_list_and_lists_that_do_not_fit_are_named() {
    let p = people(3);
    let calls = p.calls("calls.vcf", &[("son", &p.son), ("dad", &p.father)]);
    let bed = |shift: u32, contig: &str| -> String {
        let row = |site: &Site| {
            let start = site.position + shift;
            format!("{contig}{}\t{start}\t{}\tA\tG\t{}\n", site.contig, start + 1, site.frequency)
        };
        p.list.sites.iter().step_by(2).map(row).collect()
    };
    let sites = p.write("sites.bed", &bed(0, ""));
    let [vcf, with] = ["--vcf", "--sites"].map(Path::new);
    let ped = p.pedigree();
    let arguments = [vcf, &calls, with, &sites, Path::new("--ped"), &ped];
    let (code, log, json) = identity(p.folder.path(), &arguments, &[]);
    assert_eq!((code, pair(&json, 1, 2)), (0, is("parent-child", "PASS")), "{log}");
    assert_eq!(json["pairs"][0]["counts"]["sites"].as_u64(), Some(1_800));
    assert_eq!(json["sites"], "sites.bed");
    assert!(log.contains("1 individuals of the pedigree have no sample here"), "{log}");
    let head = "##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";
    for (name, text, told) in [
        ("other.bed", bed(1, ""), "holds no genotype at the 2000 sites of \"other.bed\""),
        ("no.bed", "9\t1\t2\tA\tG\t0.5\n".to_owned(), "holds no genotype at the 1 sites"),
        (
            "new.vcf",
            format!("{head}chr1\t1\t.\tA\tG\t.\t.\tAF=0.5\n"),
            "is of GRCh37, the list of sites \"new.vcf\" is of GRCh38",
        ),
        ("bad.bed", "1\t5\t6\tA\n".to_owned(), "bad.bed: line 1: has no alternate base"),
        ("empty.bed", String::new(), "empty"),
    ] {
        let sites = p.write(name, &text);
        let (code, log, json) = identity(p.folder.path(), &[vcf, &calls, with, &sites], &[]);
        assert!(matches!(code, 65 | 66) && log.contains(told), "{told}: {code} {log}");
        assert_eq!(json, Value::Null, "nothing is written");
    }
    let son = p.sketch("son", &p.son, |_| true);
    let (code, log, _) = identity(p.folder.path(), &[&son, with, &sites], &[]);
    assert!(code == 2 && log.contains("--sites says where the calls of --vcf are taken"), "{log}");
}

#[test]
fn hostile_sets_of_files_are_named() {
    let p = people(4);
    let son = p.sketch("son", &p.son, |_| true);
    let again = p.path("again.sketch");
    fs::copy(&son, &again).unwrap();
    for second in [&son, &again] {
        let (code, log, json) = identity(p.folder.path(), &[&son, second], &[]);
        assert!(code == 65 && log.contains("is of the same sample as sketch 1"), "{log}");
        assert_eq!(json, Value::Null);
    }
    // Every bad file is named at once, the good ones are not.
    let bytes = fs::read(&son).unwrap();
    let cut = p.path("cut.sketch");
    fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let mut newer = bytes.clone();
    newer[8] = 9;
    let new = p.path("new.sketch");
    fs::write(&new, newer).unwrap();
    let (code, log, _) = identity(p.folder.path(), &[&son, &cut, &new], &[]);
    assert!(code == 65 && log.contains("cut.sketch: is cut"), "{log}");
    assert!(log.contains("new.sketch: is a sketch of layout 9; this program reads 1"), "{log}");
    // A pedigree of some of the people, and one with a name in two families.
    let dad = p.sketch("dad", &p.father, |_| true);
    let some = p.write("some.ped", "F son X 0 1 2\nF X 0 0 1 1\n");
    let with = Path::new("--ped");
    let (code, log, json) = identity(p.folder.path(), &[&son, &dad, with, &some], &[]);
    let told = "1 of 2 samples are not in the pedigree and have no expected relation: 2";
    assert!(code == 0 && log.contains(told), "{log}");
    assert!(json["suspicions"][0]["text"].as_str().unwrap().contains("parent and child"), "{json}");
    let two = p.write("two.ped", "F son 0 0 1 2\nG son 0 0 1 2\n");
    let (code, log, _) = identity(p.folder.path(), &[&son, &dad, with, &two], &[]);
    assert!(code == 65 && log.contains("one name stands in two families"), "{log}");
    // Names that become one file name do not overwrite each other.
    let [a, b] = ["x/1", "x 1"].map(|name| {
        let safe = p.sketch_of(
            "tmp",
            if name == "x/1" { &p.son } else { &p.father },
            (0.0, &[]),
            (|_| true, |l| l),
        );
        let mut sketch = sketch_file::read(&safe).unwrap();
        sketch.sample = name.into();
        let path = p.path(&format!("{}.sketch", name.len() + usize::from(name == "x 1") * 10));
        sketch_file::write(&path, &sketch).unwrap();
        path
    });
    let (code, log, _) = identity(p.folder.path(), &[&a, &b], &[]);
    assert_eq!(code, 0, "{log}");
    let written = fs::read_dir(p.path("out")).unwrap();
    let written = written
        .filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|e| e == "selfSM"));
    assert_eq!(written.count(), 2);
}

/// The sex that depths of X and Y show is held against the pedigree, as that of X sites is.
#[test]
fn depths_of_a_sketch_tell_the_sex_of_a_sample() {
    let p = people(5);
    let no_x = |i: usize| i < SITES * 9 / 10;
    let (son, mum) = (p.sketch("son", &p.son, no_x), p.sketch("mum", &p.mother, no_x));
    for (path, x, y) in [(&son, 30.0, 0.0), (&mum, 30.0, 0.0)] {
        let mut sketch = sketch_file::read(path).unwrap();
        sketch.depth = Some(ChromosomeDepth { autosomes: 30.0, x, y, mitochondrial: 3e3 });
        sketch_file::write(path, &sketch).unwrap();
    }
    let ped = p.write("f.ped", "F son 0 mum 1 2\nF mum 0 0 2 1\n");
    let (code, log, json) =
        identity(p.folder.path(), &[&son, &mum, Path::new("--ped"), &ped], &["--fail-on-identity"]);
    assert_eq!(code, 3, "{log}");
    assert!(log.contains("the sample of sample 1 looks female"), "{log}");
    assert_eq!(json["samples"][0]["chromosomes"]["karyotype"]["name"], "XX");
    assert_eq!(json["samples"][1]["sex"], "female");
}

/// A case document of the family, each member with these keys.
fn document(kind: &str, members: &[(&str, &str, &str, String)]) -> String {
    let mut text = format!("[case]\nid = \"C\"\nkind = \"{kind}\"\nassembly = \"GRCh37\"\n");
    for (sample, role, sex, keys) in members {
        let affected = if *role == "proband" { "affected = \"yes\"\n" } else { "" };
        writeln!(
            text,
            "[[member]]\nid = \"{sample}\"\nsample = \"{sample}\"\nrole = \"{role}\"\nsex = \"{sex}\"\n{affected}{keys}\n\
             [member.consent]\nprimary = true"
        )
        .unwrap();
    }
    text
}

fn named(key: &str, path: &Path) -> String {
    format!("{key} = {:?}", path.file_name().unwrap().to_str().unwrap())
}

fn trio<'a>(son: String, dad: String, mum: String) -> Vec<(&'a str, &'a str, &'a str, String)> {
    vec![
        ("son", "proband", "male", son),
        ("dad", "father", "male", dad),
        ("mum", "mother", "female", mum),
    ]
}

#[test]
fn a_case_document_is_checked_without_tiers_as_within_a_run() {
    let p = people(26);
    let calls = p.calls("son.vcf", &[("son", &p.son)]);
    let sketches = |mum: &[u8]| {
        [("son", &p.son[..]), ("dad", &p.father), ("mum", mum)]
            .map(|(name, own)| named("sketch", &p.sketch(name, own, |_| true)))
    };
    let case = |[son, dad, mum]: [String; 3]| {
        let son = format!("{son}\n{}", named("variants", &calls));
        p.write("case.toml", &document("family", &trio(son, dad, mum)))
    };
    for (mother, outcome) in [(&p.mother, "PASS"), (&p.stranger, "FAIL")] {
        let path = case(sketches(mother));
        let (code, log, json) =
            identity(p.folder.path(), &[Path::new("--case"), &path], &["--fail-on-identity"]);
        assert_eq!(
            (code, &json["outcome"]),
            (if outcome == "PASS" { 0 } else { 3 }, &outcome.into()),
            "{log}"
        );
        assert!(!log.contains("son.sketch"), "{log}");
        let tiered = p.path("tiered");
        let mut tier = tierline();
        tier.arg("tier").arg(&path).arg("--allow-unannotated").arg("-o").arg(&tiered);
        let output = tier.output().unwrap();
        let results = fs::read(tiered.join("results.json"));
        let results =
            results.unwrap_or_else(|e| panic!("{e} {}", String::from_utf8_lossy(&output.stderr)));
        let results: Value = serde_json::from_slice(&results).unwrap();
        let (mut alone, mut within) = (json, results["identity"].clone());
        assert_eq!(within["stopped"], outcome == "FAIL");
        for own in [&mut alone, &mut within] {
            let own = own.as_object_mut().unwrap();
            for key in ["stopped", "notices", "policy", "tool"] {
                own.remove(key);
            }
        }
        assert_eq!(alone, within);
        for name in ["identity.samples.tsv", "identity.pairs.tsv", "identity.groups.tsv"] {
            let [alone, within] =
                ["out/qc", "tiered/qc"].map(|own| fs::read(p.path(own).join(name)).unwrap());
            assert_eq!(alone, within, "{name}");
        }
        let [records, within] =
            ["out", "tiered"].map(|own| fs::read(p.path(own).join("gel_metrics.json")).unwrap());
        assert_eq!(records, within, "gel_metrics.json");
        let records = String::from_utf8(records).unwrap();
        assert_eq!(records.contains("familyFailsACheck"), outcome == "FAIL", "{records}");
        assert!(p.path("out/qc/son.selfSM").exists());
        assert!(!p.path("out/results.json").exists() && !p.path("out/tiers.tsv").exists());
    }
    let told = fs::read_to_string(p.path("out/identity.json")).unwrap();
    assert!(told.contains("proband is unrelated to its mother"), "{told}");
    assert!(told.contains("the sample of mother looks male"), "{told}");
}

#[test]
fn a_sketch_of_other_sites_in_a_case_is_told_in_the_results() {
    let p = people(7);
    let calls = p.calls("son.vcf", &[("son", &p.son)]);
    let son = format!(
        "{}\n{}",
        named("sketch", &p.sketch("son", &p.son, |_| true)),
        named("variants", &calls)
    );
    let dad = named("sketch", &p.sketch("dad", &p.father, |i| i % 10 == 0));
    let mum = named("sketch", &p.sketch("mum", &p.mother, |_| true));
    let path = p.write("case.toml", &document("family", &trio(son, dad, mum)));
    let out = p.path("out");
    run(tierline().arg("tier").arg(&path).arg("--allow-unannotated").arg("-o").arg(&out));
    let results: Value =
        serde_json::from_slice(&fs::read(out.join("results.json")).unwrap()).unwrap();
    let notices = results["notices"].to_string();
    assert!(
        notices.contains("member 2 (father) was taken at other sites than member 1 (proband)"),
        "{notices}"
    );
    assert!(notices.contains("400 sites are in both"), "{notices}");
    assert_eq!(pair(&results["identity"], 1, 2), is("too-few-sites", "NOT_ASSESSED"));
    assert_eq!(pair(&results["identity"], 1, 3), is("parent-child", "PASS"));
}

#[test]
fn calls_of_files_of_their_own_are_compared_at_a_list() {
    let p = people(8);
    let own = |name: &str, genotypes: &[u8]| {
        named("variants", &p.calls(&format!("{name}.vcf"), &[(name, genotypes)]))
    };
    let members = |father: &[u8]| {
        let all = [own("son", &p.son), own("dad", father), own("mum", &p.mother)];
        let [son, dad, mum] = all;
        p.write("case.toml", &document("family", &trio(son, dad, mum)))
    };
    let rows = p.list.sites.iter().map(|site| {
        format!("{}\t{}\t{}\tA\tG\t0.5\n", site.contig, site.position, site.position + 1)
    });
    let sites = p.write("sites.bed", &rows.collect::<String>());
    let tier = |path: &Path, sites: Option<&Path>| {
        let out = p.path("tiered");
        let mut command = tierline();
        command.arg("tier").arg(path).arg("--allow-unannotated").arg("-o").arg(&out);
        command.args(sites.into_iter().flat_map(|path| [Path::new("--sites"), path]));
        let output = command.output().unwrap();
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code().unwrap(), log, fs::read(out.join("results.json")).ok())
    };
    let path = members(&p.father);
    let (code, log, json) = tier(&path, Some(&sites));
    let json: Value = serde_json::from_slice(&json.unwrap()).unwrap();
    assert_eq!((code, &json["identity"]["outcome"]), (0, &Value::from("PASS")), "{log}");
    assert_eq!(json["identity"]["sites"], "the case's own calls at the sites of \"sites.bed\"");
    assert_eq!(json["identity"]["families"][0]["outcome"], "PASS");
    assert!(json["provenance"]["inputs"].to_string().contains("sites.bed"));
    let (code, log, json) = tier(&path, None);
    let json: Value = serde_json::from_slice(&json.unwrap()).unwrap();
    assert_eq!((code, &json["identity"]), (0, &Value::Null), "{log}");
    let (code, log, _) = tier(&members(&p.stranger), Some(&sites));
    assert!(code == 4 && log.contains("proband is unrelated to its father"), "{log}");
    let head = "##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";
    let new = p.write("new.vcf", &format!("{head}chr1\t1\t.\tA\tG\t.\t.\tAF=0.5\n"));
    let (code, log, _) = tier(&path, Some(&new));
    assert!(code == 65 && log.contains("new.vcf: sites of GRCh38; the case says GRCh37"), "{log}");
    let elsewhere = p.write("else.bed", "Un_7\t1\t2\tA\tG\t0.5\n");
    let (code, log, _) = tier(&path, Some(&elsewhere));
    assert!(code == 65 && log.contains("no site lies on a contig of the case"), "{log}");
}

#[test]
fn sketches_of_a_case_that_do_not_fit_are_named_by_member() {
    let p = people(9);
    let son = p.sketch("son", &p.son, |_| true);
    let change = |list: SiteList| SiteList { build: Some("GRCh38".into()), ..list };
    let dad = p.sketch_of("dad", &p.father, (0.0, &[]), (|_| true, change));
    let keys =
        trio(named("sketch", &dad), named("sketch", &p.path("no.sketch")), named("sketch", &son));
    let path = p.write("case.toml", &document("family", &keys));
    let (code, log, json) = identity(p.folder.path(), &[Path::new("--case"), &path], &[]);
    assert!(matches!(code, 65 | 66) && json == Value::Null, "{code} {log}");
    assert!(
        log.contains("dad.sketch: is of another sample than the `sample` of member 1 (proband)"),
        "{log}"
    );
    assert!(log.contains("no.sketch"), "{log}");
    let keys = trio(named("sketch", &son), named("sketch", &dad), String::new());
    let path = p.write("case.toml", &document("family", &keys));
    let (code, log, _) = identity(p.folder.path(), &[Path::new("--case"), &path], &[]);
    assert!(
        code == 65 && log.contains("dad.sketch: sites of GRCh38; the case says GRCh37"),
        "{log}"
    );
    let keys = trio(String::new(), String::new(), String::new());
    let path = p.write("case.toml", &document("family", &keys));
    let (code, log, _) = identity(p.folder.path(), &[Path::new("--case"), &path], &[]);
    assert!(code == 65 && log.contains("nothing to compare"), "{log}");
}

#[test]
fn a_tumour_and_another_person_s_normal_sample_do_not_pass() {
    let p = people(10);
    let lost: Vec<u8> = p.son.iter().map(|&g| if g == 1 { 2 } else { g }).collect();
    for (normal, share, outcome) in
        [(&p.son, 0.0, "PASS"), (&p.stranger, 0.0, "FAIL"), (&p.son, 0.2, "FAIL")]
    {
        // The normal sample was taken at a part of the tumour's sites.
        let tumour = p.sketch_of("T", &lost, (share, &p.stranger), (|_| true, |list| list));
        let normal = p.sketch("N", normal, |i| i % 3 != 0);
        let members = [
            ("T", "tumour", "male", named("sketch", &tumour)),
            ("N", "normal", "male", named("sketch", &normal)),
        ];
        let path = p.write("case.toml", &document("tumour-normal", &members));
        let (code, log, json) = identity(p.folder.path(), &[Path::new("--case"), &path], &[]);
        assert_eq!((code, &json["outcome"]), (0, &Value::from(outcome)), "{log}");
        assert!(log.contains("member 2 (normal) was taken at other sites"), "{log}");
        assert_eq!(json["tumour"]["concordance"]["of_sites"], 2_400);
        let found = &json["samples"][0]["identity"]["tumour_contamination"]["value"];
        if outcome == "PASS" || share > 0.0 {
            assert!((found.as_f64().unwrap() - share).abs() < 0.02, "{found}");
        }
    }
}

#[test]
fn sites_for_the_calls_of_a_tumour_are_refused_rather_than_passed_over() {
    let p = people(11);
    let calls = p.calls("t.vcf", &[("T", &p.son)]);
    let members = [("T", "tumour", "male", named("variants", &calls))];
    let path = p.write("case.toml", &document("tumour-only", &members));
    let sites = p.write("sites.bed", "1\t1\t2\tA\tG\t0.5\n");
    let mut tier = tierline();
    tier.arg("tier").arg(path).arg("--sites").arg(sites).arg("-o").arg(p.path("out"));
    let output = tier.output().unwrap();
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(2) && log.contains("only reads are looked at"), "{log}");
}

/// Two real windows: no site of the lists lies in both, so nothing is claimed.
#[test]
fn parents_without_a_row_contamination_and_calls_without_reference_are_judged() {
    let people = people(11);
    let (folder, ped) = (people.folder.path(), people.write("one.ped", "F son dad mum 1 2\n"));
    let son = people.sketch("son", &people.son, |_| true);
    let dad = people.sketch("dad", &people.stranger, |_| true);
    let options = ["--ped", ped.to_str().unwrap(), "--fail-on-identity"];
    let (code, log, json) = identity(folder, &[&son, &dad], &options);
    assert_eq!((code, pair(&json, 1, 2)), (3, is("unrelated", "FAIL")), "{log}");
    let mixed = (0.1, people.stranger.as_slice());
    let mixed = people.sketch_of("mixed", &people.son, mixed, (|_| true, |list| list));
    let (code, log, json) = identity(folder, &[&mixed], &["--fail-on-identity"]);
    assert!(code == 3 && log.contains("come from another person"), "{code} {log} {json}");
    let calls = people.calls("calls.vcf", &[("son", &people.son), ("dad", &people.stranger)]);
    let text = fs::read_to_string(&calls).unwrap().replace("0/0", "./.");
    let calls = people.write("blind.vcf", &text);
    let options = ["--vcf", calls.to_str().unwrap(), "--ped", ped.to_str().unwrap()];
    let (_, log, json) = identity(folder, &[], &options);
    assert_eq!(pair(&json, 1, 2), is("too-few-sites", "NOT_ASSESSED"), "{log}");
}

#[test]
fn real_windows_have_too_few_sites_for_any_relation() {
    let folder = scratch();
    let mut keys = Vec::new();
    for (name, role, file) in [
        ("T", "tumour", "reads/manta/G15512.HCC1954.1.COST16011_region.bam"),
        ("N", "normal", "reads/manta/HCC1954.NORMAL.30x.compare.COST16011_region.bam"),
    ] {
        let Some(bam) = shared_file(file) else { return };
        let out = folder.path().join(name);
        let mut qc = tierline();
        qc.arg("qc").arg(&bam).args(["--only", "sketch", "--prefix", name, "-o"]).arg(&out);
        run(&mut qc);
        let path = out.join(format!("{name}.sketch"));
        let mut sketch = sketch_file::read(&path).unwrap();
        sketch.sample = name.into();
        sketch_file::write(&path, &sketch).unwrap();
        keys.push((name, role, "unknown", format!("sketch = \"{name}/{name}.sketch\"")));
    }
    let path = folder.path().join("case.toml");
    fs::write(&path, document("tumour-normal", &keys)).unwrap();
    let (code, log, json) =
        identity(folder.path(), &[Path::new("--case"), &path], &["--fail-on-identity"]);
    assert_eq!((code, &json["outcome"]), (0, &Value::from("NOT_ASSESSED")), "{log}");
    assert!(json["suspicions"].as_array().unwrap().is_empty());
    let [a, b] = ["T/T.sketch", "N/N.sketch"].map(|name| folder.path().join(name));
    let (code, log, json) = identity(folder.path(), &[&a, &b], &["--fail-on-identity"]);
    assert_eq!((code, pair(&json, 1, 2)), (0, is("too-few-sites", "NOT_ASSESSED")), "{log}");
}
