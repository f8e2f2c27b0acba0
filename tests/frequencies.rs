//! Stores of frequencies and of ClinVar through the program: real gnomAD values out of a real annotation against the
//! annotation itself and against bcftools, cases with a store against cases with the same numbers in INFO, bad inputs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test program stops at what it cannot read"
)]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{gunzip_text, oracle, root, run, scratch, shared_file, stdout_of, tierline};

/// The groups of gnomAD v4.1 that VEP writes, for exomes (`e`) and genomes (`g`).
fn groups(kind: char) -> Vec<&'static str> {
    let mut all = vec!["AFR", "AMR", "ASJ", "EAS", "FIN", "MID", "NFE", "REMAINING", "SAS"];
    if kind == 'g' {
        all.push("AMI");
    }
    all
}

/// Real gnomAD values of 100 sites, as the CSQ of VEP 115 carries them, as a sites file.
fn sites_of_csq(vcf: &str, kind: char) -> String {
    let format = vcf.split("Format: ").nth(1).unwrap().split('"').next().unwrap();
    let fields: Vec<&str> = format.split('|').collect();
    let column = |name: &str| fields.iter().position(|field| *field == name).unwrap();
    let names: Vec<(String, usize)> =
        std::iter::once(("AF".to_owned(), format!("gnomAD{kind}_AF")))
            .chain(groups(kind).into_iter().map(|group| {
                (format!("AF_{}", group.to_lowercase()), format!("gnomAD{kind}_{group}_AF"))
            }))
            .map(|(key, field)| (key, column(&field)))
            .collect();
    let mut text = String::from("##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422>\n");
    for (key, _) in &names {
        let _ = writeln!(text, "##INFO=<ID={key},Number=A,Type=Float,Description=\"x\">");
    }
    text.push_str("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n");
    for line in vcf.lines().filter(|line| !line.starts_with('#')) {
        let cells: Vec<&str> = line.split('\t').collect();
        assert!(!cells[4].contains(','), "one ALT a record");
        let csq = cells[7].split(';').find_map(|item| item.strip_prefix("CSQ=")).unwrap();
        let entry: Vec<&str> = csq.split(',').next().unwrap().split('|').collect();
        let values: Vec<String> = names
            .iter()
            .filter(|(_, column)| !entry[*column].is_empty())
            .map(|(key, column)| format!("{key}={}", entry[*column]))
            .collect();
        if !values.is_empty() {
            let site =
                [cells[0], cells[1], ".", cells[3], cells[4], ".", "PASS", &values.join(";")];
            text.push_str(&site.join("\t"));
            text.push('\n');
        }
    }
    text
}

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

fn build(sites: &Path, dataset: &str) -> PathBuf {
    let store = sites.with_extension("tlf");
    let arguments = ["frequencies", "build", "--dataset", dataset, "-o"];
    run(tierline().args(arguments).arg(&store).arg(sites));
    store
}

/// Sites that `filter` keeps by frequency alone.
fn kept(vcf: &Path, more: &[&str]) -> Vec<String> {
    let out = vcf.with_extension("kept.vcf");
    let arguments = ["filter", "-Ov", "--set", "filters=[\"frequency\"]", "-o"];
    run(tierline().args(arguments).arg(&out).args(more).arg(vcf));
    let text = gunzip_text(&out);
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    rows.map(|line| line.split('\t').take(5).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn real_gnomad_values_filter_alike_from_a_store_from_csq_and_from_info() {
    let Some(golden) = shared_file("variants/vep/golden115/golden.vcf") else { return };
    let folder = scratch();
    let text = fs::read_to_string(golden).unwrap();
    let whole = write(folder.path(), "whole.vcf", &text);
    let sites = ['e', 'g']
        .map(|kind| write(folder.path(), &format!("{kind}.sites.vcf"), &sites_of_csq(&text, kind)));
    let stores = [build(&sites[0], "gnomad_exomes"), build(&sites[1], "gnomad_genomes")];
    let stores: Vec<&str> = stores.iter().map(|store| store.to_str().unwrap()).collect();
    let by_store = ["--frequencies", stores[0], "--frequencies", stores[1]];
    // The same file whose annotation has no frequency that the policy knows.
    let bare = write(folder.path(), "bare.vcf", &text.replace("gnomAD", "otherAD"));
    let expected = kept(&whole, &[]);
    assert!((1..99).contains(&expected.len()), "{} of 100 are rare", expected.len());
    assert_eq!(kept(&bare, &by_store), expected);
    assert_eq!(kept(&whole, &by_store), expected, "store and annotation agree");
    // Without any the filter refuses to guess.
    let output = tierline().args(["filter", "-o", "x.vcf.gz"]).arg(&bare).output().unwrap();
    assert_eq!(output.status.code(), Some(65));

    let Some(bcftools) = oracle("bcftools") else { return };
    let packed = |path: &Path| {
        let packed = path.with_extension("vcf.gz");
        run(Command::new(&bcftools).args(["view", "-Oz", "-o"]).arg(&packed).arg(path));
        run(Command::new(&bcftools).arg("index").arg(&packed));
        packed
    };
    let mut annotated = packed(&bare);
    for (kind, sites) in ["e", "g"].into_iter().zip(&sites) {
        let letter = kind.chars().next().unwrap();
        let columns: Vec<String> = groups(letter)
            .iter()
            .map(|group| group.to_lowercase())
            .map(|group| format!("INFO/gnomAD{kind}_AF_{group}:=INFO/AF_{group}"))
            .collect();
        let next = folder.path().join(format!("{kind}.info.vcf"));
        let mut command = Command::new(&bcftools);
        command.args(["annotate", "-c", &columns.join(","), "-a"]).arg(packed(sites));
        run(command.arg("-o").arg(&next).arg(&annotated));
        annotated = packed(&next);
        // Value by value.
        let format = "%CHROM:%POS:%REF:%ALT\\t%AF\\t%AF_nfe\\n";
        let told = stdout_of(Command::new(&bcftools).args(["query", "-f", format]).arg(sites));
        let rows: Vec<Vec<&str>> = told.lines().map(|line| line.split('\t').collect()).collect();
        let store = if kind == "e" { stores[0] } else { stores[1] };
        let names = rows.iter().map(|row| row[0].to_owned());
        let ours = stdout_of(tierline().args(["frequencies", "query", store]).args(names));
        let heads: Vec<&str> = ours.lines().next().unwrap().split('\t').collect();
        let place = |name: &str| heads.iter().position(|head| *head == name).unwrap();
        assert_eq!(ours.lines().count(), rows.len() + 1);
        for (own, row) in ours.lines().skip(1).zip(&rows) {
            let own: Vec<&str> = own.split('\t').collect();
            assert_eq!((own[0], own[1]), (row[0], "present"));
            for (name, theirs) in [("ALL", row[1]), ("NFE", row[2])] {
                let number = |text: &str| text.parse::<f64>().ok();
                let (a, b) = (number(own[place(name)]), number(theirs));
                let same = match (a, b) {
                    (Some(a), Some(b)) => (a - b).abs() <= 1e-5 * b,
                    (a, b) => a.is_none() && b.is_none(),
                };
                assert!(same, "{own:?} {row:?}");
            }
        }
    }
    assert_eq!(kept(&annotated, &[]), expected, "the same numbers in INFO, by bcftools annotate");
}

const HEAD: &str = "##fileformat=VCFv4.2\n##contig=<ID=chr20,length=64444167>\n##contig=<ID=chrX,length=156040895>\n\
    ##FILTER=<ID=AC0,Description=\"x\">\n\
    ##INFO=<ID=AC,Number=A,Type=Integer,Description=\"x\">\n##INFO=<ID=AN,Number=1,Type=Integer,Description=\"x\">\n\
    ##INFO=<ID=AC_nfe,Number=A,Type=Integer,Description=\"x\">\n##INFO=<ID=AN_nfe,Number=1,Type=Integer,Description=\"x\">\n\
    ##INFO=<ID=AF_x,Number=A,Type=Float,Description=\"x\">\n##INFO=<ID=nhomalt,Number=A,Type=Integer,Description=\"x\">\n\
    #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";

fn sites(records: &[(&str, u32, &str, &str, &str, &str)]) -> String {
    records.iter().fold(
        HEAD.to_owned(),
        |text, (contig, position, reference, alt, filter, info)| {
            format!("{text}{contig}\t{position}\t.\t{reference}\t{alt}\t.\t{filter}\t{info}\n")
        },
    )
}

#[test]
fn alleles_are_split_and_trimmed_and_nothing_is_lost_without_a_count() {
    let folder = scratch();
    let text = sites(&[
        (
            "chr20",
            100,
            "A",
            "C,*,G",
            "PASS",
            "AC=1,2,3;AN=100;AC_nfe=0,0,7;AN_nfe=10;nhomalt=0,0,1",
        ),
        ("chr20", 200, "CAT", "CT,<DEL>", "AC0", "AC=5,1;AN=1000;AC_nfe=.,.;AN_nfe=0"),
        ("chr20", 200, "CATG", "CTG", "PASS", "AC=4;AN=1000;AC_nfe=1;AN_nfe=8"),
    ]);
    let path = write(folder.path(), "gnomad.genomes.v3.1.2.sites.chr20.vcf", &text);
    let store = path.with_extension("tlf");
    run(tierline().args(["frequencies", "build", "-o"]).arg(&store).arg(&path));
    let shown = stdout_of(tierline().args(["frequencies", "show", "--verify"]).arg(&store));
    for line in [
        "dataset\tgnomad_genomes",
        "version\t3.1.2",
        "assembly\tGRCh38",
        "variants\t3",
        "left out\t1 *, 1 symbolic",
        "kept once\t1",
        "failed filters\t0",
        "population\tNFE\tAC_nfe/AN_nfe",
        "population\tALL\tAC/AN, nhomalt",
        "contig\tchr20\t64444167\t3",
    ] {
        assert!(shown.contains(&format!("{line}\n")), "{line} in {shown}");
    }
    let asked = [
        "20:100:A:C",
        "chr20:100:A:G",
        "chr20:200:CAT:CT",
        "chr20:100:A:T",
        "chrX:5:A:C",
        "9:5:A:C",
    ];
    let told = stdout_of(tierline().args(["frequencies", "query"]).arg(&store).args(asked));
    let expected = "#variant\tanswer\tfilter\tALL\tNFE\n\
        20:100:A:C\tpresent\tPASS\t1.000000e-2 (1/100) 0 hom\t0.000000e0 (0/10)\n\
        chr20:100:A:G\tpresent\tPASS\t3.000000e-2 (3/100) 1 hom\t7.000000e-1 (7/10)\n\
        chr20:200:CAT:CT\tpresent\tPASS\t4.000000e-3 (4/1000)\t1.250000e-1 (1/8)\n\
        chr20:100:A:T\tabsent\t.\t.\t.\nchrX:5:A:C\tnot covered\t.\t.\t.\n9:5:A:C\tnot covered\t.\t.\t.\n";
    assert_eq!(told, expected);
}

#[test]
fn the_bytes_do_not_depend_on_threads_and_files_may_be_many() {
    let folder = scratch();
    let mut records = String::new();
    for i in 0..60_000_u32 {
        let info = format!("AC={};AN=152312;AC_nfe={};AN_nfe={}", i % 977, i % 31, 68_000 + i % 40);
        let _ = writeln!(
            records,
            "chr20\t{}\t.\tA\t{}\t.\tPASS\t{info}",
            10_000 + i / 2,
            ["C", "G"][(i % 2) as usize]
        );
    }
    let first = write(folder.path(), "a.vcf", &format!("{HEAD}{records}"));
    let second = sites(&[("chrX", 7, "A", "C", "PASS", "AC=1;AN=2;AC_nfe=1;AN_nfe=2")]);
    let second = write(folder.path(), "b.vcf", &second);
    let mut all = Vec::new();
    for threads in ["1", "2", "5"] {
        let store = folder.path().join(format!("{threads}.tlf"));
        let mut command = tierline();
        command.args(["frequencies", "build", "--dataset", "toy", "-t", threads, "-o"]).arg(&store);
        run(command.arg(&first).arg(&second));
        all.push(fs::read(store).unwrap());
    }
    assert!(all[0] == all[1] && all[1] == all[2]);
    // The records of one contig come in one piece.
    let mut command = tierline();
    command
        .args(["frequencies", "build", "--dataset", "toy", "-o"])
        .arg(folder.path().join("x.tlf"));
    let output = command.arg(&first).arg(&first).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("contig chr20 comes a second time"), "{told}");
}

#[test]
fn indels_are_moved_left_against_a_reference() {
    let folder = scratch();
    let fasta = root().join("test-data/reference/sim.fa.gz");
    let Some(samtools) = oracle("samtools") else { return };
    let bases =
        stdout_of(Command::new(samtools).arg("faidx").arg(&fasta).arg("chr20:10738001-10740000"));
    let bases: String = bases.lines().skip(1).collect::<String>().to_uppercase();
    // The first run of three equal bases: its last base deleted stands at its first.
    let run_at = (1..bases.len() - 3)
        .find(|&i| {
            bases[i..=i + 2].chars().all(|c| c == bases.as_bytes()[i] as char && c != 'N')
                && bases.as_bytes()[i - 1] != bases.as_bytes()[i]
        })
        .expect("a run");
    let base = &bases[run_at..=run_at];
    let record = |reference: &str| {
        sites(&[(
            "chr20",
            10_738_001 + run_at as u32 + 1,
            reference,
            base,
            "PASS",
            "AC=1;AN=2;AC_nfe=0;AN_nfe=2",
        )])
    };
    let path = write(folder.path(), "a.vcf", &record(&base.repeat(2)));
    let store = folder.path().join("a.tlf");
    let build = |path: &Path| {
        let mut command = tierline();
        command
            .args(["frequencies", "build", "--dataset", "toy", "-o"])
            .arg(&store)
            .arg("-f")
            .arg(&fasta)
            .arg(path);
        command.output().unwrap()
    };
    assert!(build(&path).status.success());
    let anchor = &bases[run_at - 1..run_at];
    let left = format!("chr20:{}:{anchor}{base}:{anchor}", 10_738_001 + run_at - 1);
    let told = stdout_of(tierline().args(["frequencies", "query"]).arg(&store).arg(&left));
    assert!(told.contains("\tpresent\t"), "{left}: {told}");
    let wrong = if base == "A" { "CC" } else { "AA" };
    let text = record(&base.repeat(2)).replace(
        &format!("\t{}\t{base}\t", base.repeat(2)),
        &format!("\t{wrong}\t{}\t", &wrong[..1]),
    );
    let output = build(&write(folder.path(), "b.vcf", &text));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("but the reference has"), "{told}");
}

#[test]
#[expect(clippy::too_many_lines, reason = "one line a fault")]
fn bad_sites_are_named_with_record_value_and_fix() {
    let folder = scratch();
    let good = ("chr20", 100, "A", "C", "PASS", "AC=1;AN=2;AF_x=0.5");
    let of =
        |record: (&'static str, u32, &'static str, &'static str, &'static str, &'static str)| {
            sites(&[good, record])
        };
    let cases: Vec<(String, &[&str], &[&str])> = vec![
        (
            of(("chr20", 200, "A", "C", "PASS", "AC=abc;AN=2")),
            &[],
            &["line 13 (chr20:200)", "INFO AC=abc is no count", "whole number"],
        ),
        (of(("chr20", 200, "A", "C", "PASS", "AC=-1;AN=2")), &[], &["INFO AC=-1 is no count"]),
        (
            of(("chr20", 200, "A", "C", "PASS", "AF_x=1.5")),
            &["--map", "ALL=AF_x"],
            &["chr20:200", "INFO AF_x=1.5 is no frequency", "0 to 1"],
        ),
        (
            of(("chr20", 200, "A", "C", "PASS", "AF_x=abc")),
            &["--map", "ALL=AF_x"],
            &["INFO AF_x=abc is no frequency"],
        ),
        (
            of(("chr20", 200, "A", "C", "PASS", "AF_x=nan")),
            &["--map", "ALL=AF_x"],
            &["INFO AF_x=nan is no frequency"],
        ),
        (
            of(("chr20", 200, "A", "C", "PASS", "AC=3;AN=2")),
            &[],
            &["chr20:200", "AC=3", "AN=2", "more than"],
        ),
        (
            of(("chr20", 99, "A", "C", "PASS", "AC=1;AN=2")),
            &[],
            &["chr20:99", "before the one ahead of it, at 100", "bcftools sort"],
        ),
        (of(("chr20", 0, "A", "C", "PASS", "AC=1;AN=2")), &[], &["POS 0"]),
        (of(("chr20", 200, "A", "C7", "PASS", "AC=1;AN=2")), &[], &["ALT \"C7\" is no sequence"]),
        (
            of(("chr20", 200, "A", "C,G", "PASS", "AC=1;AN=2")),
            &[],
            &["INFO AC has 1 values, not 2"],
        ),
        (sites(&[good]), &["--map", "ALL=AF_y"], &["no INFO key AF_y", "did you mean AF_x?"]),
        (sites(&[good]), &["--assembly", "GRCh37"], &["of GRCh38, but the store is of GRCh37"]),
        (sites(&[good]).replace("64444167", "63025520"), &[], &["assembly"]),
        (sites(&[]), &[], &["no variant"]),
    ];
    for (i, (text, more, parts)) in cases.into_iter().enumerate() {
        let path = write(folder.path(), &format!("{i}.vcf"), &text);
        let store = folder.path().join(format!("{i}.tlf"));
        let mut command = tierline();
        command.args(["frequencies", "build", "--dataset", "toy", "-o"]).arg(&store).args(more);
        let output = command.arg(&path).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && !store.exists(), "{i}: {told}");
        for part in parts {
            assert!(told.contains(part), "{part} in {told}");
        }
    }
    let left = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 14, "no half-written store stays");
}

#[test]
fn stores_that_do_not_fit_are_refused_before_work_starts() {
    let folder = scratch();
    let calls = root().join("test-data/trio/trio.vcf.gz");
    let good = sites(&[("chr20", 100, "A", "C", "PASS", "AC=1;AN=2")]);
    let store = build(&write(folder.path(), "good.vcf", &good), "gnomad_exomes");
    let bytes = fs::read(&store).unwrap();
    let changed = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        bytes
    };
    let other = sites(&[("chr20", 100, "A", "C", "PASS", "AC=1;AN=2")])
        .replace("64444167", "63025520")
        .replace("156040895", "155270560");
    let other = build(&write(folder.path(), "37.vcf", &other), "gnomad_exomes");
    let unread = build(&write(folder.path(), "unread.vcf", &good), "gnomad_exome");
    for (name, content, parts) in [
        ("cut.tlf", bytes[..bytes.len() - 9].to_vec(), &["cut.tlf", "is cut"][..]),
        ("index.tlf", changed(bytes.len() - 100), &["index.tlf", "was changed"]),
        ("version.tlf", changed(8), &["layout", "this program reads"]),
        ("text.tlf", good.clone().into_bytes(), &["is no store", "tierline frequencies build"]),
        ("37.tlf", fs::read(other).unwrap(), &["37.tlf", "of GRCh37; the case says GRCh38"]),
        (
            "unread.tlf",
            fs::read(unread).unwrap(),
            &["no store of dataset gnomad_exome", "did you mean gnomad_exomes?"],
        ),
    ] {
        let path = folder.path().join(format!("bad-{name}"));
        fs::write(&path, content).unwrap();
        let out = folder.path().join("out.vcf.gz");
        let mut command = tierline();
        command.args(["filter", "-o"]).arg(&out).arg("--frequencies").arg(&path).arg(&calls);
        let output = command.output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(65), "{name}: {told}");
        assert!(!out.exists());
        for part in parts {
            assert!(told.contains(part), "{part} in {told}");
        }
    }
    let mut command = tierline();
    command.args(["filter", "-o"]).arg(folder.path().join("out.vcf.gz"));
    let twice =
        command.arg("--frequencies").arg(&store).arg("--frequencies").arg(&store).arg(&calls);
    let told = String::from_utf8_lossy(&twice.output().unwrap().stderr).into_owned();
    assert!(told.contains("a second store of gnomad_exomes for contig 20"), "{told}");
}

/// The committed trio's results with more lines in its `[case]` table.
fn trio(folder: &Path, more: &str) -> serde_json::Value {
    let data = root().join("test-data/trio");
    let text = fs::read_to_string(data.join("case.toml")).unwrap();
    let at = |name: &str| format!("\"{}\"", data.join(name).display());
    let text = text
        .replace("\"../reference/sim.fa.gz\"", &at("../reference/sim.fa.gz"))
        .replace("\"panel.json\"", &at("panel.json"))
        .replace("\"trio.vcf.gz\"", &at("trio.vcf.gz"))
        .replace("hpo = ", &format!("{more}\nhpo = "));
    let text: String = text
        .lines()
        .filter(|line| !line.starts_with("alignment"))
        .fold(String::new(), |all, line| all + line + "\n");
    let case = write(folder, "case.toml", &text);
    let out = folder.join("out");
    run(tierline().arg("tier").arg(&case).arg("-o").arg(&out));
    serde_json::from_str(&fs::read_to_string(out.join("results.json")).unwrap()).unwrap()
}

fn variants(results: &serde_json::Value) -> Vec<String> {
    let candidates = results["candidates"].as_array().unwrap();
    let name = |candidate: &serde_json::Value| {
        let variant = &candidate["variant"];
        format!("{}:{}", variant["contig"].as_str().unwrap(), variant["position"])
    };
    candidates.iter().map(name).collect()
}

#[test]
fn a_store_speaks_first_says_so_and_is_on_record() {
    let folder = scratch();
    let before = trio(folder.path(), "");
    let wanted = "chr20:10738026";
    assert!(variants(&before).iter().any(|name| name == wanted));
    // The de novo of the trio as a variant that one in fifty has, and another site that failed.
    let info = "AC=200;AN=10000;AC_nfe=200;AN_nfe=10000";
    let common = sites(&[
        ("chr20", 10_738_026, "A", "G", "PASS", info),
        ("chr20", 10_738_654, "CT", "C", "AC0", info),
    ]);
    let store = build(&write(folder.path(), "common.vcf", &common), "gnomad_genomes");
    let line = format!("frequencies = [\"{}\"]", store.display());
    let after = trio(folder.path(), &line);
    assert!(!variants(&after).iter().any(|name| name == wanted), "dropped by the store");
    assert!(
        variants(&after).iter().any(|name| name == "chr20:10738654"),
        "a failed site drops nothing"
    );
    let notices = after["notices"].to_string();
    assert!(notices.contains("failed a filter of its source"), "{notices}");
    // The store covers chr20 and lists two variants of it: what is common by the annotation is absent there.
    assert!(notices.contains("of them a limit lies between the two"), "{notices}");
    let provenance = &after["provenance"];
    assert_eq!(provenance["databases"]["gnomad_genomes (common.tlf)"], "not stated");
    let shown = stdout_of(tierline().args(["frequencies", "show"]).arg(&store));
    let digest = shown.lines().find_map(|line| line.strip_prefix("digest\t")).unwrap();
    let inputs = provenance["inputs"].as_array().unwrap();
    let own = inputs.iter().find(|input| input["role"] == "frequencies").unwrap();
    assert_eq!((own["sha256"].as_str(), own["file"].as_str()), (Some(digest), Some("common.tlf")));
    let told = after["candidates"].to_string();
    assert!(told.contains("\"store\":\"gnomad_genomes not stated\""), "values name the store");
    let case = folder.path().join("case.toml");
    let told =
        stdout_of(tierline().arg("explain").arg(&case).args(["--variant", "chr20:10738026:A:G"]));
    assert!(told.contains("gnomad_genomes NFE 0.02 (store gnomad_genomes not stated)"), "{told}");
    let interpreted =
        fs::read_to_string(folder.path().join("out/interpreted_genome.json")).unwrap();
    assert!(
        interpreted.contains("gnomad_genomes (common.tlf)"),
        "the report model lists the database"
    );
}

const CLINVAR: &str = "##fileformat=VCFv4.1\n##fileDate=2026-01-04\n##contig=<ID=20,length=64444167>\n\
    ##INFO=<ID=ALLELEID,Number=1,Type=Integer,Description=\"x\">\n##INFO=<ID=CLNSIG,Number=.,Type=String,Description=\"x\">\n\
    ##INFO=<ID=CLNSIGCONF,Number=.,Type=String,Description=\"x\">\n##INFO=<ID=CLNREVSTAT,Number=.,Type=String,Description=\"x\">\n\
    #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";

#[test]
fn a_clinvar_file_or_its_store_replaces_the_annotation() {
    let folder = scratch();
    let single = "CLNREVSTAT=criteria_provided,_single_submitter";
    let records = format!(
        "20\t10738026\t1\tA\tG\t.\t.\tALLELEID=1;CLNSIG=Pathogenic/Likely_pathogenic;{single}\n\
         20\t10738654\t2\tCT\tC\t.\t.\tALLELEID=2;CLNSIG=Conflicting_classifications_of_pathogenicity;\
         CLNSIGCONF=Pathogenic(2)|Benign(1);CLNREVSTAT=criteria_provided,_conflicting_classifications\n"
    );
    let vcf = write(folder.path(), "clinvar.vcf", &format!("{CLINVAR}{records}"));
    let store = folder.path().join("clinvar.tlc");
    run(tierline().args(["clinvar", "build", "-o"]).arg(&store).arg(&vcf));
    let found = |file: &Path, more: &str| {
        let results = trio(folder.path(), &format!("clinvar = \"{}\"\n{more}", file.display()));
        let candidates = results["candidates"].as_array().unwrap();
        let of = |position: u32| {
            let own = candidates.iter().find(|c| c["variant"]["position"] == position).unwrap();
            own["clinvar"].clone()
        };
        assert_eq!(results["provenance"]["databases"].to_string().matches("2026-01-04").count(), 1);
        (of(10_738_026), of(10_738_654))
    };
    let (first, second) = found(&vcf, "");
    assert_eq!(first["significance"], serde_json::json!(["likely_pathogenic", "pathogenic"]));
    assert_eq!((&first["stars"], &second["stars"]), (&1.into(), &1.into()));
    assert_eq!(second["submissions"], serde_json::json!({"benign": 1, "pathogenic": 2}));
    assert!(!second["significance"].to_string().contains("by_submissions"), "gms-rd counts none");
    assert_eq!(found(&store, ""), (first, second), "a store says what its VCF says");
    let told = stdout_of(
        tierline().args(["clinvar", "query"]).arg(&store).args(["20:10738654:CT:C", "20:1:A:C"]),
    );
    assert!(
        told.contains("Pathogenic(2)|Benign(1)") && told.contains("20:1:A:C\tabsent"),
        "{told}"
    );
    let wrong = write(folder.path(), "no.vcf", &CLINVAR.replace("ID=CLNSIG,", "ID=CLNSOG,"));
    let output =
        tierline().args(["clinvar", "build", "-o"]).arg(&store).arg(&wrong).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("no INFO key CLNSIG"), "{told}");
}
