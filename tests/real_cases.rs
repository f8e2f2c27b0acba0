//! Real families through the whole program: Genome in a Bottle trio, a clinic's demo trio, the Platinum quad.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test program stops at what it cannot set up"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

use common::{run, scratch, shared_file, stdout_of, tierline};

/// Rows of a TSV with a header, as maps.
fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines().filter(|line| !line.starts_with("##"));
    let header: Vec<&str> = lines.next().unwrap().trim_start_matches('#').split('\t').collect();
    lines
        .map(|line| {
            header.iter().map(|&h| h.to_owned()).zip(line.split('\t').map(str::to_owned)).collect()
        })
        .collect()
}

/// A consented trio as case.toml: ids, samples, sexes in the order child, father, mother.
struct Trio<'a> {
    assembly: &'a str,
    panel: &'a str,
    variants: &'a str,
    samples: [&'a str; 3],
    child_sex: &'a str,
}

impl Trio<'_> {
    fn case_toml(&self) -> String {
        let [child, father, mother] = self.samples;
        let mut text = format!(
            "[case]\nid = \"real\"\nkind = \"family\"\nassembly = \"{}\"\npanels = [\"{}\"]\nvariants = [\"{}\"]\n",
            self.assembly, self.panel, self.variants
        );
        for (sample, role, sex, affected, parents) in [
            (
                child,
                "proband",
                self.child_sex,
                "yes",
                format!("father = \"{father}\"\nmother = \"{mother}\"\n"),
            ),
            (father, "father", "male", "no", String::new()),
            (mother, "mother", "female", "no", String::new()),
        ] {
            let _ = write!(
                text,
                "\n[[member]]\nid = \"{sample}\"\nsample = \"{sample}\"\nrole = \"{role}\"\nsex = \"{sex}\"\naffected = \"{affected}\"\n\
                 {parents}[member.consent]\nprimary = true\n"
            );
        }
        text
    }
}

fn run_case(folder: &Path, toml: &str, arguments: &[&str]) -> std::path::PathBuf {
    let case = folder.join("case.toml");
    fs::write(&case, toml).unwrap();
    let name = arguments.iter().rfind(|a| !a.contains('=') && !a.starts_with('-'));
    let out = folder.join(name.unwrap_or(&"out"));
    run(tierline().arg("run").arg(&case).arg("-o").arg(&out).args(arguments));
    out
}

/// De novo events that evidence upholds: 13 biallelic PASS sites where the child is 0/1 and both parents 0/0; 3 of
/// them keep GQ >= 20 and DP >= 10 in all three, ALT fraction 0.2 to 0.8 and at most one parental ALT read.
#[test]
fn giab_trio_de_novos_before_and_after_evidence() {
    let (Some(vcf), Some(panel)) = (
        shared_file("variants/ashk-trio-b37/ashk-trio.vcf.gz"),
        shared_file("panels/panel_402.json"),
    ) else {
        return;
    };
    let scratch = scratch();
    let toml = Trio {
        assembly: "GRCh37",
        panel: panel.to_str().unwrap(),
        variants: vcf.to_str().unwrap(),
        samples: ["HG002", "HG003", "HG004"],
        child_sex: "male",
    }
    .case_toml();
    fs::write(scratch.path().join("case.toml"), toml).unwrap();
    let upheld = BTreeSet::from(["1:15752321:TCTGA:T", "1:155036260:C:T", "1:200080462:A:AT"]);
    let refuted = [
        "1:16388875:GCCC:G",
        "1:16974454:T:TGGGC",
        "1:63044645:C:CA",
        "1:120612037:TCCTCCGCCG:T",
        "1:173961807:AACAC:A",
        "1:200080464:C:A",
        "1:237655254:A:C",
        "1:244993308:C:CT",
        "2:20867122:G:GGGCGGCGGCGGCGGCGGC",
        "2:23907211:T:TA",
    ];
    for (sites, fits) in
        [(upheld.iter().copied().collect::<Vec<_>>(), true), (refuted.to_vec(), false)]
    {
        for site in sites {
            let told =
                stdout_of(tierline().arg("explain").arg(scratch.path().join("case.toml")).args([
                    "--allow-unannotated",
                    "--variant",
                    site,
                ]));
            let verdict = told.lines().find(|line| line.contains("deNovo: deNovo: "));
            let verdict = verdict.unwrap_or_else(|| panic!("{site}:\n{told}"));
            assert_eq!(verdict.contains("deNovo: deNovo: fits"), fits, "{site}: {verdict}");
        }
    }
}

/// Where CSQ and ANN agree on a variant's worst qualifying consequence in a gene, they lead to the same tier.
#[test]
fn clinic_trio_annotators_agree_on_tiers_where_they_agree_on_terms() {
    let (Some(vcf), Some(panel)) = (
        shared_file("variants/clinic-trio-b37/643594.clinical.vcf.gz"),
        shared_file("panels/panel_112.json"),
    ) else {
        return;
    };
    let scratch = scratch();
    let toml = Trio {
        assembly: "GRCh37",
        panel: panel.to_str().unwrap(),
        variants: vcf.to_str().unwrap(),
        samples: ["ADM1059A2", "ADM1059A1", "ADM1059A3"],
        child_sex: "male",
    }
    .case_toml();
    let key = |row: &BTreeMap<String, String>| {
        ["chrom", "pos", "ref", "alt", "gene", "consequence", "segregation", "panel"]
            .map(|c| row[c].clone())
    };
    // Limits wide open, so that the annotators and not the filters decide.
    let open = [
        "call.filters.value=[\"PASS\",\"LowQual\",\"IndelGap\",\"LOW_VQSLOD\",\"SnpGap\"]",
        "frequency.dataset.exac.population.ALL.limits.dominant=1",
        "frequency.dataset.exac.population.ALL.limits.recessive=1",
        "frequency.dataset.thousand_genomes.population.ALL.limits.dominant=1",
        "frequency.dataset.thousand_genomes.population.ALL.limits.recessive=1",
    ];
    let [csq, ann] = ["CSQ", "ANN"].map(|annotation| {
        let mut arguments = vec!["--allow-unannotated", "--annotation", annotation];
        arguments.extend(open.iter().flat_map(|set| ["--set", *set]));
        let out = run_case(scratch.path(), &toml, &arguments);
        rows(&out.join("tiers.tsv"))
            .iter()
            .map(|row| (key(row), row["tier"].clone()))
            .collect::<BTreeMap<_, _>>()
    });
    let mut compared = 0;
    for (key, tier) in &csq {
        if let Some(other) = ann.get(key) {
            assert_eq!(tier, other, "{key:?}");
            compared += 1;
        }
    }
    // Nine events at the time of writing; five leave room for changes of the lists, none for an empty comparison.
    assert!(compared >= 5, "only {compared} events are in both");
}

/// A joint VCF that says `20`, a BAM that says `chr20` (and hg19's own chrM), a reference that says `20`: one case. The
/// mother's depth is that of her reads, and nothing is tiered, since the calls carry no annotation.
#[test]
fn platinum_quad_with_reads_calls_and_reference_of_different_naming() {
    let (Some(vcf), Some(bam), Some(panel), Some(reference), Some(samtools)) = (
        shared_file("variants/platinum-quad-b37/quad.20.1-20000000.vcf.gz"),
        shared_file("reads/na12878_chr20_10.0-10.1Mb_hg19.bam"),
        shared_file("panels/panel_402.json"),
        shared_file("reference/b37.20_Xtrunc_Y.fa.gz"),
        common::oracle("samtools"),
    ) else {
        return;
    };
    let scratch = scratch();
    // The shared folder is read-only and its X is cut off: the case takes contig 20 alone.
    let whole = scratch.path().join("whole.fa.gz");
    fs::copy(reference, &whole).unwrap();
    let contig = scratch.path().join("20.fa");
    let samtools = |arguments: &[&str]| {
        run(std::process::Command::new(&samtools).arg("faidx").args(arguments));
    };
    samtools(&[whole.to_str().unwrap(), "20", "-o", contig.to_str().unwrap()]);
    samtools(&[contig.to_str().unwrap()]);
    let mut toml = format!(
        "[case]\nid = \"quad\"\nkind = \"family\"\nassembly = \"GRCh37\"\npanels = [{panel:?}]\n\
         variants = [{vcf:?}]\nreference = {contig:?}\n"
    );
    for (sample, role, sex, affected, more) in [
        (
            "NA12882",
            "proband",
            "male",
            "yes",
            "father = \"NA12877\"\nmother = \"NA12878\"\n".to_owned(),
        ),
        (
            "NA12881",
            "sibling",
            "male",
            "no",
            "father = \"NA12877\"\nmother = \"NA12878\"\n".to_owned(),
        ),
        ("NA12877", "father", "male", "no", String::new()),
        ("NA12878", "mother", "female", "no", format!("alignment = {bam:?}\n")),
    ] {
        let _ = write!(
            toml,
            "[[member]]\nid = \"{sample}\"\nsample = \"{sample}\"\nrole = \"{role}\"\nsex = \"{sex}\"\n\
             affected = \"{affected}\"\n{more}[member.consent]\nprimary = true\n"
        );
    }
    let out = run_case(scratch.path(), &toml, &["--allow-unannotated"]);
    let results = fs::read_to_string(out.join("results.json")).unwrap();
    assert!(results.contains("files name contigs with chr"), "the naming is told");
    assert!(results.contains("no consequences"), "the missing annotation is told");
    assert!(results.contains("\"records\": 46779"), "every record was read");
    assert_eq!(rows(&out.join("tiers.tsv")).len(), 0);
    let summary = fs::read_to_string(out.join("qc/NA12878.mosdepth.summary.txt")).unwrap();
    let row = summary.lines().find(|line| line.starts_with("chr20\t")).expect("a row of chr20");
    let bases: u64 = row.split('\t').nth(2).unwrap().parse().unwrap();
    assert!(bases > 5_000_000, "about 52x over 100 kb: {row}");
}
