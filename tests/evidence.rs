//! The second look at the reads: against samtools' pileup on real reads, on BAM and CRAM, and in the outputs of a whole case.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test program stops at what it cannot read"
)]

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use common::{
    gunzip_text, oracle, root, run, scratch, shared_file, sorted_bam, stdout_of, tierline,
};
use tierline::evidence::Limits;
use tierline::exec::evidence::EvidencePass;
use tierline::io::fasta::Fasta;
use tierline::io::read_regions::ReadRegions;
use tierline::model::contig::ContigTable;
use tierline::model::coord::Pos1;
use tierline::model::evidence::{NotRead, ReadEvidence};
use tierline::model::variant::Variant;
use tierline::policy::Policy;

fn limits() -> Limits {
    Limits::new(Policy::preset("gms-rd").unwrap().reads.as_ref().unwrap())
}

/// Variants of a VCF with one ALT, and the text of its sample columns.
fn variants(path: &Path, contigs: &mut ContigTable) -> Vec<(Variant, Vec<String>)> {
    let text = gunzip_text(path);
    let mut all = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let parts: Vec<&str> = line.split('\t').collect();
        let Some(contig) = contigs.resolve(parts[0]) else { continue };
        if parts[4].contains(',') {
            continue;
        }
        let variant = Variant {
            contig,
            position: Pos1(parts[1].parse().unwrap()),
            reference: parts[3].to_owned(),
            alternate: parts[4].to_owned(),
        };
        all.push((variant, parts[9..].iter().map(|&part| part.to_owned()).collect()));
    }
    all
}

fn table(regions: &ReadRegions) -> ContigTable {
    let mut contigs = ContigTable::new();
    for (name, length) in regions.contigs() {
        contigs.add(name, Some(*length)).unwrap();
    }
    contigs
}

fn look(
    regions: &Arc<ReadRegions>,
    (contigs, reference): (&ContigTable, Option<&Arc<Fasta>>),
    variants: &[&Variant],
    threads: usize,
) -> Vec<ReadEvidence> {
    let limits = limits();
    let pass = EvidencePass { regions, contigs, reference, limits: &limits, threads };
    pass.run(variants).unwrap()
}

/// Bases of one line of samtools' pileup without a reference, upper case.
fn pileup(column: &str) -> BTreeMap<char, u32> {
    let mut counts = BTreeMap::new();
    let mut chars = column.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '^' => _ = chars.next(),
            '+' | '-' => {
                let mut n = 0;
                while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
                    n = n * 10 + digit;
                    chars.next();
                }
                (0..n).for_each(|_| _ = chars.next());
            }
            c if c.is_ascii_alphabetic() => *counts.entry(c.to_ascii_uppercase()).or_default() += 1,
            _ => {}
        }
    }
    counts
}

/// Reads of a file whose every read stands there once and in a proper pair: elsewhere htslib counts a read that stands twice
/// twice (here once, by its name), and both of two overlapping mates that are no proper pair (here one). What is left are
/// mates of equal quality that contradict each other: htslib lets the name decide, here neither counts.
fn clean(samtools: &Path, bam: &Path, folder: &Path) -> std::path::PathBuf {
    let mut seen = std::collections::BTreeSet::new();
    let text = stdout_of(Command::new(samtools).args(["view", "-h"]).arg(bam));
    let kept = text.lines().filter(|line| {
        let parts: Vec<&str> = line.splitn(3, '\t').collect();
        let proper = || parts[1].parse::<u16>().unwrap() & 2 != 0;
        line.starts_with('@')
            || (proper() && seen.insert((parts[0].to_owned(), parts[1].to_owned())))
    });
    let sam: Vec<&str> = kept.collect();
    sorted_bam(samtools, folder, "clean", &(sam.join("\n") + "\n"))
}

#[test]
fn single_bases_are_counted_as_samtools_does() {
    let Some(samtools) = oracle("samtools") else { return };
    let Some(bam) = shared_file("reads/na12878_chr20_10.0-10.1Mb_hg19.bam") else { return };
    let vcf = shared_file("variants/platinum-quad-b37/quad.20.1-20000000.vcf.gz").unwrap();
    let folder = scratch();
    let clean = clean(&samtools, &bam, folder.path());
    for (bam, most_differ, far) in [(&clean, 0.01, 2), (&bam, 0.2, 2)] {
        let (sites, differences) = against_samtools(&samtools, (bam, &vcf), folder.path(), far);
        assert!(f64::from(differences) <= most_differ * sites as f64, "{differences} of {sites}");
    }
}

/// Compares every SNV of the calls in the file's 100 kb; the number of sites, and of those that differ, each by at most
/// `far` reads. The reads must bear out the heterozygous calls.
fn against_samtools(
    samtools: &Path,
    (bam, vcf): (&Path, &Path),
    folder: &Path,
    far: u32,
) -> (usize, u32) {
    let regions = ReadRegions::open(bam, None).unwrap();
    let mut contigs = table(&regions);
    let header = gunzip_text(vcf);
    let columns = header.lines().find(|line| line.starts_with("#CHROM")).unwrap();
    let column = columns.split('\t').skip(9).position(|name| name == "NA12878").unwrap();
    let mut all = variants(vcf, &mut contigs);
    all.retain(|(variant, _)| {
        (10_000_000..10_100_000).contains(&variant.position.0)
            && variant.reference.len() == 1
            && variant.alternate.len() == 1
    });
    assert!(all.len() > 50, "{}", all.len());
    let asked: Vec<&Variant> = all.iter().map(|(variant, _)| variant).collect();
    let answers = look(&regions, (&contigs, None), &asked, 2);
    let theirs = pileups(samtools, bam, folder, &asked);
    let (mut differences, mut hets, mut odd) = (0, 0, 0);
    for ((variant, columns), answer) in all.iter().zip(&answers) {
        let reads = answer.counted().unwrap();
        let known = theirs.get(&variant.position.0);
        let count = |allele: &str| {
            known.and_then(|known| known.get(&allele.chars().next()?)).copied().unwrap_or(0)
        };
        let expected = (count(&variant.reference), count(&variant.alternate));
        let found = (reads.reference.count(), reads.alternate.count());
        if expected != found {
            differences += 1;
            let apart = expected.0.abs_diff(found.0) + expected.1.abs_diff(found.1);
            assert!(apart <= far, "{variant:?}: samtools {expected:?}, here {found:?}");
        }
        let genotype = columns[column].split(':').next().unwrap();
        if matches!(genotype, "0/1" | "0|1" | "1|0") {
            hets += 1;
            odd += u32::from(!reads.fraction().is_some_and(|share| (0.2..=0.8).contains(&share)));
        }
    }
    eprintln!(
        "{} sites, {differences} differ; {hets} het calls, {odd} beyond 0.2 to 0.8",
        all.len()
    );
    assert!(hets > 20 && odd * 20 <= hets, "{odd} of {hets}");
    (all.len(), differences)
}

/// Bases that samtools counts at each position, with our limits.
fn pileups(
    samtools: &Path,
    bam: &Path,
    folder: &Path,
    asked: &[&Variant],
) -> BTreeMap<u32, BTreeMap<char, u32>> {
    let places = folder.join("places");
    let lines: Vec<String> = asked.iter().map(|v| format!("chr20\t{}", v.position.0)).collect();
    std::fs::write(&places, lines.join("\n") + "\n").unwrap();
    let text = stdout_of(
        Command::new(samtools)
            .args(["mpileup", "-q", "20", "-Q", "13", "-B", "-A", "-d", "100000", "--ff"])
            .args(["UNMAP,SECONDARY,QCFAIL,DUP,SUPPLEMENTARY", "-l"])
            .args([&*places, bam]),
    );
    let parse = |line: &str| {
        let parts: Vec<&str> = line.split('\t').collect();
        (parts[1].parse().unwrap(), pileup(parts[4]))
    };
    text.lines().map(parse).collect()
}

#[test]
fn bam_and_cram_say_the_same_with_any_number_of_threads() {
    let Some(samtools) = oracle("samtools") else { return };
    let folder = scratch();
    let data = root().join("test-data");
    let (bam, fasta) = (data.join("trio/child.bam"), data.join("reference/sim.fa.gz"));
    let cram = folder.path().join("child.cram");
    run(Command::new(&samtools)
        .args(["view", "-C", "-T"])
        .arg(&fasta)
        .arg("-o")
        .args([&cram, &bam]));
    run(Command::new(&samtools).arg("index").arg(&cram));
    let regions = ReadRegions::open(&bam, None).unwrap();
    let mut contigs = table(&regions);
    let mut all: Vec<Variant> = variants(&data.join("trio/trio.vcf.gz"), &mut contigs)
        .into_iter()
        .map(|(v, _)| v)
        .collect();
    let odd = |position, reference: &str| Variant {
        position: Pos1(position),
        reference: reference.into(),
        alternate: "ACGT".into(),
        ..all[0].clone()
    };
    let beyond = odd(u32::MAX - 9, "A");
    let differs = odd(all[0].position.0, if all[0].reference == "A" { "C" } else { "A" });
    all.extend([beyond, differs]);
    let asked: Vec<&Variant> = all.iter().collect();
    let reference = Fasta::open(&fasta).unwrap().with_contigs(&contigs);
    let first = look(&regions, (&contigs, Some(&reference)), &asked, 1);
    assert_eq!(first[all.len() - 2], ReadEvidence::NotRead(NotRead::BeyondContig));
    assert_eq!(first[all.len() - 1], ReadEvidence::NotRead(NotRead::ReferenceDiffers));
    assert!(
        first.iter().filter_map(ReadEvidence::counted).any(|reads| reads.alternate.count() > 5)
    );
    let by_cram = ReadRegions::open(&cram, Some(&fasta)).unwrap();
    for threads in [1, 2, 5] {
        assert_eq!(look(&regions, (&contigs, Some(&reference)), &asked, threads), first);
        assert_eq!(look(&by_cram, (&contigs, Some(&reference)), &asked, threads), first, "CRAM");
    }
    let problem = ReadRegions::open(&cram, None).unwrap_err().to_string();
    assert!(problem.contains("needs the reference"), "{problem}");
    std::fs::copy(&bam, folder.path().join("bare.bam")).unwrap();
    let problem = ReadRegions::open(&folder.path().join("bare.bam"), None).unwrap_err().to_string();
    assert!(problem.contains("samtools index"), "{problem}");
}

#[test]
fn every_output_of_a_case_shows_the_reads() {
    let folder = scratch();
    let case = root().join("test-data/trio/case.toml");
    let out = |name: &str| folder.path().join(name);
    let go = |name: &str, more: &[&str]| {
        run(tierline().arg("run").arg(&case).arg("-n").args(more).arg("-o").arg(out(name)))
    };
    go("one", &["-t", "1"]);
    for threads in ["2", "5"] {
        go(threads, &["-t", threads]);
        for file in ["results.json", "tiers.tsv", "candidates.vcf.gz", "report.html"] {
            let read = |name: &str| std::fs::read(out(name).join(file)).unwrap();
            assert_eq!(read("one"), read(threads), "{file} with {threads} threads");
        }
    }
    let text = std::fs::read_to_string(out("one").join("results.json")).unwrap();
    let results: serde_json::Value = serde_json::from_str(&text).unwrap();
    let candidates = results["candidates"].as_array().unwrap();
    let mut de_novo = 0;
    for candidate in candidates {
        let evidence = candidate["evidence"].as_array().unwrap();
        assert_eq!(evidence.len(), 3, "{}", candidate["variant"]);
        let events = candidate["events"].as_array().unwrap();
        let certain = events.iter().any(|e| e["segregation"] == "deNovo" && e["possible"] == false);
        if certain {
            de_novo += 1;
            let alternate = |role: &str| {
                let own = evidence.iter().find(|one| one["role"] == role).unwrap();
                own["counts"]["alternate"]["reads"].as_u64().unwrap()
            };
            assert!(alternate("proband") > 5, "{candidate}");
            assert!(alternate("mother") + alternate("father") <= 1, "{candidate}");
        }
    }
    assert!(de_novo > 0, "a certain de novo");
    tables_and_page(&out("one"));
    go("without", &["--no-read-evidence"]);
    let bare = std::fs::read_to_string(out("without").join("results.json")).unwrap();
    let bare: serde_json::Value = serde_json::from_str(&bare).unwrap();
    assert!(
        bare["candidates"]
            .as_array()
            .unwrap()
            .iter()
            .all(|c| c["evidence"] == serde_json::json!([]))
    );
    let variant = &candidates[0]["variant"];
    let name = format!(
        "{}:{}:{}:{}",
        variant["contig"].as_str().unwrap(),
        variant["position"],
        variant["reference"].as_str().unwrap(),
        variant["alternate"].as_str().unwrap()
    );
    let told = stdout_of(tierline().arg("explain").arg(&case).args(["--variant", &name]));
    assert!(told.contains("reads:\n  member 1 (proband): "), "{told}");
}

/// Tables, variant file and page of a run show counts.
fn tables_and_page(out: &Path) {
    let table = std::fs::read_to_string(out.join("tiers.tsv")).unwrap();
    let header: Vec<&str> = table.lines().next().unwrap().split('\t').collect();
    let reads = header.iter().position(|name| *name == "reads").unwrap();
    assert!(table.lines().skip(1).all(|line| {
        let cell = line.split('\t').nth(reads).unwrap();
        cell.contains("1:proband=") && cell.contains(":father=") && cell.contains(":mother=")
    }));
    let vcf = gunzip_text(&out.join("candidates.vcf.gz"));
    assert!(vcf.contains("##INFO=<ID=READS,") && vcf.contains(";READS=1:proband:"));
    let page = std::fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("What the reads show"));
}

/// The case of the trio with the reads of child and mother exchanged, and the names of both.
fn swapped(samtools: &Path, data: &Path, folder: &Path) -> (String, [String; 2]) {
    let case = std::fs::read_to_string(data.join("trio/case.toml")).unwrap();
    let sample = |file: &str| {
        let text = stdout_of(
            Command::new(samtools).args(["view", "-H"]).arg(data.join("trio").join(file)),
        );
        let mut field = text.lines().filter(|l| l.starts_with("@RG")).flat_map(|l| l.split('\t'));
        field.find_map(|f| f.strip_prefix("SM:")).unwrap().to_owned()
    };
    let (child, mother) = (sample("child.bam"), sample("mother.bam"));
    for (from, to, name) in
        [("child.bam", &mother, "as_mother.bam"), ("mother.bam", &child, "as_child.bam")]
    {
        let path = folder.join(name);
        let rg = format!("@RG\tID:x\tSM:{to}");
        run(Command::new(samtools)
            .args(["addreplacerg", "-m", "overwrite_all", "-r", &rg, "-o"])
            .arg(&path)
            .arg(data.join("trio").join(from)));
        run(Command::new(samtools).arg("index").arg(&path));
    }
    let absolute = |file: &str| data.join("trio").join(file).display().to_string();
    let mut text = case;
    for (old, new) in [
        ("\"child.bam\"", folder.join("as_child.bam").display().to_string()),
        ("\"mother.bam\"", folder.join("as_mother.bam").display().to_string()),
        ("\"father.bam\"", absolute("father.bam")),
        ("\"trio.vcf.gz\"", absolute("trio.vcf.gz")),
        ("\"panel.json\"", absolute("panel.json")),
        ("\"../reference/sim.fa.gz\"", data.join("reference/sim.fa.gz").display().to_string()),
    ] {
        text = text.replace(old, &format!("\"{new}\""));
    }
    (text, [child, mother])
}

/// A parent whose reads carry the child's variant refutes it, and a call without a single read is flagged.
#[test]
fn reads_decide_where_calls_are_wrong() {
    let folder = scratch();
    let data = root().join("test-data");
    // The mother's alignment holds the child's reads, and the child's hers.
    let Some(samtools) = oracle("samtools") else { return };
    let (text, names) = swapped(&samtools, &data, folder.path());
    let document = folder.path().join("case.toml");
    std::fs::write(&document, text).unwrap();
    let out = folder.path().join("out");
    let output = tierline()
        .arg("run")
        .arg(&document)
        .args(["-n", "--accept", "none", "--override-identity", "test"])
        .arg("-o")
        .arg(&out)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}");
    assert!(!names.iter().any(|name| told.contains(name)), "no sample names in logs: {told}");
    let text = std::fs::read_to_string(out.join("results.json")).unwrap();
    let results: serde_json::Value = serde_json::from_str(&text).unwrap();
    let candidates = results["candidates"].as_array().unwrap();
    let events = candidates.iter().flat_map(|c| c["events"].as_array().unwrap());
    let certain = events.filter(|e| e["segregation"] == "deNovo" && e["possible"] == false);
    assert_eq!(certain.count(), 0, "her reads carry what is new in the child");
    let flags: Vec<&str> = candidates
        .iter()
        .flat_map(|c| c["flags"].as_array().unwrap())
        .filter_map(serde_json::Value::as_str)
        .collect();
    assert!(
        flags.iter().any(|flag| flag.starts_with("proband: called with the ALT, but none of")),
        "{flags:?}"
    );
    assert!(
        flags.iter().any(|flag| flag.starts_with("mother: called without the ALT, but")),
        "{flags:?}"
    );
}
