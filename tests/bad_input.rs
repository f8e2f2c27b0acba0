//! Bad input through the whole program: one clear error, the right exit code, nothing half-written.
//!
//! Each test copies a committed simulated case, spoils one thing, and runs the built binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test program stops at what it cannot set up"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::{gunzip, results_left, root, scratch, tierline};
use tierline::io::bam::Header;
use tierline::io::bgzf::{Deflater, EOF_BLOCK, WRITE_BLOCK_BYTES};
use tierline::io::read_regions::ReadRegions;
use tierline::io::write_index::{BinIndex, Entry};
use tierline::model::coord::Span;

/// A copy of a case of test-data in a scratch folder, with its reference.
struct Spoilt {
    scratch: tempfile::TempDir,
}

impl Spoilt {
    fn copy_of(case: &str) -> Self {
        let scratch = scratch();
        for folder in ["reference", case] {
            let to = scratch.path().join(folder);
            fs::create_dir(&to).unwrap();
            for entry in fs::read_dir(root().join("test-data").join(folder)).unwrap() {
                let entry = entry.unwrap();
                fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
            }
        }
        fs::rename(scratch.path().join(case), scratch.path().join("case")).unwrap();
        Self { scratch }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join("case").join(name)
    }

    fn out(&self) -> PathBuf {
        self.scratch.path().join("out")
    }

    fn edit(&self, name: &str, change: impl FnOnce(String) -> String) {
        let path = self.path(name);
        let text = fs::read_to_string(&path).unwrap();
        let changed = change(text.clone());
        assert_ne!(text, changed, "the edit of {name} changes nothing");
        fs::write(path, changed).unwrap();
    }

    /// Edits a bgzipped VCF as text and writes it back as plain text under the same name (kinds go by magic bytes).
    fn edit_vcf(&self, name: &str, change: impl FnOnce(String) -> String) {
        let path = self.path(name);
        let text = common::gunzip_text(&path);
        let changed = change(text.clone());
        assert_ne!(text, changed, "the edit of {name} changes nothing");
        fs::write(&path, changed).unwrap();
        let _ = fs::remove_file(path.with_extension("gz.tbi"));
    }

    fn run(&self) -> Output {
        self.run_with(&[])
    }

    fn run_with(&self, arguments: &[&str]) -> Output {
        let mut command = tierline();
        command.arg("run").arg(self.path("case.toml")).arg("-o").arg(self.out()).args(arguments);
        command.output().unwrap()
    }

    /// Runs and expects this exit code, these words on stderr, and no result under a final name.
    fn refused(&self, code: i32, words: &[&str]) {
        let output = self.run();
        assert_refused(&output, code, words);
        assert_no_results(&self.out());
    }
}

fn assert_refused(output: &Output, code: i32, words: &[&str]) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    for word in words {
        assert!(stderr.contains(word), "no \"{word}\" in:\n{stderr}");
    }
    assert!(!stderr.contains("panicked"), "{stderr}");
}

fn assert_no_results(out: &Path) {
    for name in
        ["results.json", "tiers.tsv", "candidates.vcf.gz", "report.html", "interpreted_genome.json"]
    {
        assert!(!out.join(name).exists(), "{name} was written");
    }
    if let Ok(entries) = fs::read_dir(out) {
        for entry in entries {
            let name = entry.unwrap().file_name();
            assert!(!is_temporary(&name.to_string_lossy()), "{} stays", name.display());
        }
    }
}

fn is_temporary(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "tmp")
}

fn alignment_of(case: &Spoilt) -> String {
    fs::read_dir(case.path(""))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .find(|name| name.ends_with("child.bam"))
        .expect("the trio has child.bam")
}

#[test]
fn the_untouched_copy_runs() {
    let case = Spoilt::copy_of("trio");
    let output = case.run();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(case.out().join("results.json").exists());
}

#[test]
fn a_truncated_bam() {
    let case = Spoilt::copy_of("trio");
    let path = case.path(&alignment_of(&case));
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() * 2 / 3]).unwrap();
    case.refused(65, &["child.bam", "cut off"]);
}

#[test]
fn a_corrupt_bam_block() {
    let case = Spoilt::copy_of("trio");
    let path = case.path(&alignment_of(&case));
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    for byte in &mut bytes[middle..middle + 64] {
        *byte ^= 0x5a;
    }
    fs::write(&path, bytes).unwrap();
    case.refused(65, &["child.bam"]);
}

/// Writes these bytes as BGZF.
fn bgzf(file: &Path, plain: &[u8]) {
    let mut bytes = Vec::new();
    for part in plain.chunks(WRITE_BLOCK_BYTES) {
        Deflater::default().block(part, &mut bytes);
    }
    bytes.extend(EOF_BLOCK);
    fs::write(file, bytes).unwrap();
}

/// Quality control of a file that must be refused: its log, which holds these words, and no result.
fn qc_refused(case: &Spoilt, file: &Path, words: &[&str]) -> String {
    let out = case.out();
    let output = tierline().arg("qc").arg(file).arg("-o").arg(&out).output().unwrap();
    assert_refused(&output, 65, words);
    assert_eq!(results_left(&out), 0);
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A record as htslib refuses it: its blocks are whole, but its CIGAR covers one base more than it has. Its fault is not
/// that of an index.
#[test]
fn a_cigar_of_another_length() {
    let case = Spoilt::copy_of("trio");
    let whole = case.path(&alignment_of(&case));
    let mut plain = gunzip(&whole);
    let (header, first) = Header::parse(&plain).unwrap().unwrap();
    let name = usize::from(plain[first + 12]);
    // The length of the first operation lies above its code of four bits.
    plain[first + 36 + name] += 1 << 4;
    let file = case.path("odd.bam");
    bgzf(&file, &plain);
    let words = ["odd.bam", "CIGAR over", "on contig 1 of the header", "it was written so"];
    qc_refused(&case, &file, &words);
    let (start, end, mapped) = (0, header.contigs[0].1, true);
    let to = fs::metadata(&file).unwrap().len() << 16;
    let mut index = BinIndex::default();
    index.add(Entry { contig: 0, start, end, mapped, from: first as u64, to });
    let index = index.to_bai(header.contigs.len() as u32);
    fs::write(case.path("odd.bam.bai"), index).unwrap();
    let log = qc_refused(&case, &file, &words);
    assert!(!log.contains("index"), "{log}");
    let mut reader = ReadRegions::open(&file, None).unwrap().reader().unwrap();
    let told = reader.fetch(0, Span::new(0, u32::MAX), &mut |_| Ok(())).unwrap_err().to_string();
    assert!(words.iter().all(|word| told.contains(word)), "{told}");
}

/// htslib reads such a file by its binary list of contigs, without a word.
#[test]
fn a_header_that_contradicts_itself() {
    let case = Spoilt::copy_of("trio");
    let mut plain = gunzip(&case.path(&alignment_of(&case)));
    let at = plain.windows(8).position(|bytes| bytes == b"64444167").unwrap();
    plain[at..at + 8].copy_from_slice(b"63025520");
    let file = case.path("odd.bam");
    bgzf(&file, &plain);
    let words = [
        "odd.bam: its header lists contig chr20 with 64444167 bp, where its @SQ line says \"63025520\"",
        "samtools reheader",
    ];
    qc_refused(&case, &file, &words);
}

#[test]
fn what_is_no_bam_on_standard_input() {
    let case = Spoilt::copy_of("trio");
    for (bytes, words) in [
        (&b"@HD\tVN:1.6\n"[..], ["standard input: SAM text", "`samtools view -u - |"]),
        (b"CRAM\x03\x00", ["standard input: CRAM, which is read from files only", "view -u -T"]),
        (b"\x1f\x8b\x08\x00aaaaaaaaaaaaaaaaaa", ["compressed with gzip, not BGZF", "view -u - |"]),
        (b"read/1\t99\tchr20\t100\t60", ["standard input: text, not BAM", "without its header"]),
        (b"", ["standard input: no byte came", "may have failed"]),
    ] {
        let given = case.path("given");
        fs::write(&given, bytes).unwrap();
        let mut command = tierline();
        command.args(["qc", "-", "-o"]).arg(case.out()).stdin(fs::File::open(given).unwrap());
        assert_refused(&command.output().unwrap(), 65, &words);
        assert_eq!(results_left(&case.out()), 0);
    }
}

#[test]
fn regions_that_are_no_bed() {
    let case = Spoilt::copy_of("trio");
    let bam = case.path(&alignment_of(&case));
    let mut command = tierline();
    command.arg("qc").arg(&bam).arg("-o").arg(case.out()).arg("--by").arg(&bam);
    assert_refused(&command.output().unwrap(), 65, &["child.bam: is a BAM file, no BED"]);
}

/// Quality control of the child's reads, which must succeed, with these arguments: the log.
fn qc_of_child(case: &Spoilt, arguments: &[&str]) -> String {
    let mut command = tierline();
    command.arg("qc").arg(case.path(&alignment_of(case))).arg("-o").arg(case.out());
    let output = command.args(["--prefix", "x"]).args(arguments).output().unwrap();
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{log}");
    log
}

/// chr20 of hg19 ends at 63,025,520, that of these reads at 64,444,167.
#[test]
fn genes_behind_the_end_of_a_contig() {
    let case = Spoilt::copy_of("trio");
    let model = case.path("exons.bed");
    let qc = |lines: &str| {
        fs::write(&model, lines).unwrap();
        qc_of_child(&case, &["--only", "genes", "--genes", model.to_str().unwrap()])
    };
    let inside = "chr20\t5\t9\tIN|T0|exon1\nchr20\t100\t64444167\tEND|T1|exon1\n";
    assert!(!qc(inside).contains("behind the end"));
    let log = qc(&format!(
        "{inside}chr20\t64444160\t64444168\tOVER|T2|exon1\nchrM\t20000\t20009\tFAR|T3|exon1\n"
    ));
    for told in [
        "exons.bed: 2 genes have exons behind the end of their contig",
        "the first is OVER: it ends at 64444168 on chr20 of 64444167 bp",
        "is the model of another assembly?",
    ] {
        assert!(log.contains(told), "no \"{told}\" in:\n{log}");
    }
}

#[test]
fn regions_behind_the_end_of_a_contig() {
    let case = Spoilt::copy_of("trio");
    let bed = case.path("targets.bed");
    let qc = |lines: &str| {
        fs::write(&bed, lines).unwrap();
        qc_of_child(&case, &["--only", "depth", "-n", "--by", bed.to_str().unwrap()])
    };
    let inside = "#a comment\n20\t100\t64444167\n";
    assert!(!qc(inside).contains("behind"));
    let log = qc(&format!("{inside}20\t64444160\t64444168\nchrM\t20000\t20009\n"));
    for told in [
        "targets.bed: line 3: 20 has 64444167 bp, the region is 64444160 to 64444168",
        "where nothing is counted: 2, wholly: 1; is the BED of another assembly?",
    ] {
        assert!(log.contains(told), "no \"{told}\" in:\n{log}");
    }
    let regions = common::gunzip_text(&case.out().join("x.regions.bed.gz"));
    assert!(regions.ends_with("chrM\t20000\t20009\t0.00\n"), "{regions}");
}

#[test]
fn a_wrong_reference() {
    let case = Spoilt::copy_of("trio");
    let reference = case.scratch.path().join("reference");
    for entry in fs::read_dir(&reference).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "fai") {
            let text = fs::read_to_string(&path).unwrap();
            let (first, rest) = text.split_once('\n').unwrap();
            let mut fields: Vec<String> = first.split('\t').map(str::to_owned).collect();
            fields[1] = "1234567".into();
            fs::write(path, format!("{}\n{rest}", fields.join("\t"))).unwrap();
        }
    }
    case.refused(65, &["1234567"]);
}

#[test]
fn a_vcf_without_the_sample() {
    let case = Spoilt::copy_of("trio");
    case.edit_vcf("trio.vcf.gz", |text| text.replacen("SIMCHILD", "SIMCHILE", 1));
    case.refused(65, &["trio.vcf.gz", "member", "proband", "has nearly that name"]);
}

#[test]
fn a_malformed_record() {
    let case = Spoilt::copy_of("trio");
    case.edit_vcf("trio.vcf.gz", |text| {
        let body = text.find("\nchr").expect("a record") + 1;
        let tab = body + text[body..].find('\t').expect("a tab") + 1;
        format!("{}not-a-number{}", &text[..tab], &text[tab + 1..])
    });
    case.refused(65, &["trio.vcf.gz", "not-a-number"]);
}

#[test]
fn a_panel_that_is_not_json() {
    let case = Spoilt::copy_of("trio");
    case.edit("panel.json", |_| "<html><body>502 Bad Gateway</body></html>".into());
    case.refused(65, &["panel.json"]);
}

#[test]
fn two_builds_mixed() {
    let case = Spoilt::copy_of("trio");
    case.edit("case.toml", |text| text.replace("GRCh38", "GRCh37"));
    case.refused(65, &["GRCh37", "GRCh38"]);
}

#[test]
fn no_consequences() {
    let case = Spoilt::copy_of("trio");
    case.edit_vcf("trio.vcf.gz", |text| text.replace("CSQ", "XSQ").replace("Format: ", "Layout: "));
    case.refused(65, &["trio.vcf.gz", "allow-unannotated"]);
}

#[test]
fn no_frequencies() {
    let case = Spoilt::copy_of("trio");
    case.edit_vcf("trio.vcf.gz", |text| {
        text.replace("gnomADe_", "other_").replace("gnomADg_", "another_")
    });
    case.refused(65, &["gnomad", "allow-unannotated"]);
    let allowed = case.run_with(&["--allow-unannotated"]);
    assert!(allowed.status.success(), "{}", String::from_utf8_lossy(&allowed.stderr));
    let html = fs::read_to_string(case.out().join("report.html")).unwrap();
    assert!(html.contains("not assessed") || html.contains("Not assessed"), "the report says so");
    let tsv = fs::read_to_string(case.out().join("tiers.tsv")).unwrap();
    assert!(tsv.to_lowercase().contains("not assessed"), "the table says so");
}

#[test]
fn all_problems_at_once() {
    let case = Spoilt::copy_of("trio");
    case.edit("panel.json", |_| "[]".into());
    case.edit_vcf("trio.vcf.gz", |text| text.replacen("SIMCHILD", "SIMCHILE", 1));
    fs::remove_file(case.path(&alignment_of(&case))).unwrap();
    let output = case.run();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    for word in ["panel.json", "has nearly that name", "child.bam"] {
        assert!(stderr.contains(word), "no \"{word}\" in:\n{stderr}");
    }
}

#[test]
fn no_consent() {
    let case = Spoilt::copy_of("trio");
    case.edit("case.toml", |text| text.replacen("primary = true", "primary = false", 1));
    case.refused(65, &["consent"]);
}

#[test]
fn an_unknown_key() {
    let case = Spoilt::copy_of("trio");
    case.edit("case.toml", |text| text.replacen("penetrance =", "penetrence =", 1));
    case.refused(65, &["penetrence", "penetrance"]);
}

#[test]
fn a_wrong_ped() {
    let case = Spoilt::copy_of("trio");
    let ped = case.path("family.ped");
    fs::write(&ped, "FAM\tSIMCHILD\tNOBODY\t0\t1\t2\nFAM\tSIMCHILD\t0\t0\n").unwrap();
    let output = tierline()
        .arg("tier")
        .arg(case.path("trio.vcf.gz"))
        .arg("--ped")
        .arg(&ped)
        .args(["--assembly", "GRCh38", "--consent", "primary"])
        .arg("--panel")
        .arg(case.path("panel.json"))
        .arg("-o")
        .arg(case.out())
        .output()
        .unwrap();
    assert_refused(&output, 65, &["family.ped", "line 2"]);
    assert_no_results(&case.out());
}

#[test]
fn an_output_that_is_a_file() {
    let case = Spoilt::copy_of("trio");
    fs::write(case.out(), "in the way").unwrap();
    assert_refused(&case.run(), 73, &["out"]);
    assert_eq!(fs::read_to_string(case.out()).unwrap(), "in the way");
}

/// Needs root for a small file system of its own; skipped otherwise.
#[test]
fn a_full_disk() {
    let case = Spoilt::copy_of("trio");
    fs::create_dir(case.out()).unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=16k", "tmpfs"])
        .arg(case.out())
        .output()
        .is_ok_and(|o| o.status.success());
    if !mounted {
        eprintln!("skipped: cannot mount a small file system");
        return;
    }
    let output = case.run();
    let left: Vec<String> = fs::read_dir(case.out())
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|name| name == "results.json" || is_temporary(name))
        .collect();
    Command::new("umount").arg(case.out()).output().unwrap();
    assert_refused(&output, 74, &["cannot write"]);
    assert!(left.is_empty(), "{left:?}");
}

/// Wherever the signal meets the run: no temporary file stays, and `results.json`, written last, is there only whole and
/// with all other reports.
#[test]
fn sigterm_in_the_middle() {
    let case = Spoilt::copy_of("trio");
    for pause_ms in [1, 3, 6, 9, 12, 15, 18, 25] {
        let _ = fs::remove_dir_all(case.out());
        let mut child = tierline()
            .arg("run")
            .arg(case.path("case.toml"))
            .arg("-o")
            .arg(case.out())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(pause_ms));
        Command::new("kill").args(["-TERM", &child.id().to_string()]).output().unwrap();
        let status = child.wait().unwrap();
        // Before the handler stands, the signal itself ends the process: then there is no code.
        assert!(matches!(status.code(), Some(0 | 143) | None), "{status}");
        if let Ok(text) = fs::read_to_string(case.out().join("results.json")) {
            serde_json::from_str::<serde_json::Value>(&text).expect("a whole document");
            for name in ["tiers.tsv", "candidates.vcf.gz", "report.html", "run.json"] {
                assert!(case.out().join(name).exists(), "{name} is missing");
            }
        }
        if let Ok(entries) = fs::read_dir(case.out()) {
            for entry in entries {
                let name = entry.unwrap().file_name();
                assert!(!is_temporary(&name.to_string_lossy()), "{} stays", name.display());
            }
        }
    }
}
