//! A tumour with its normal beyond domains: marks, what they are held against, the callers' columns, bad inputs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test program stops at what it cannot set up"
)]

mod common;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use common::{gunzip_text, root, run, scratch, shared_file, tierline};

/// The committed case in a folder of its own, its document ended with `more` and changed by `change`.
fn case(folder: &Path, more: &str, change: impl Fn(String) -> String) -> PathBuf {
    let from = root().join("test-data/tumour-normal");
    let text = fs::read_to_string(from.join("case.toml")).unwrap();
    let mut text =
        text.replace("../reference", &root().join("test-data/reference").display().to_string());
    for name in [
        "domain1.tsv",
        "domain2.tsv",
        "signatures.tsv",
        "microsatellites.bed",
        "somatic.vcf.gz",
        "tumour.bam",
        "normal.bam",
    ] {
        text = text.replace(&format!("\"{name}\""), &format!("\"{}\"", from.join(name).display()));
    }
    write!(text, "\n{more}").unwrap();
    let path = folder.join("case.toml");
    fs::write(&path, change(text)).unwrap();
    path
}

fn tier(case: &Path, out: &Path, more: &[&str]) -> Value {
    run(tierline().arg("tier").arg(case).arg("-o").arg(out).args(more));
    serde_json::from_slice(&fs::read(out.join("results.json")).unwrap()).unwrap()
}

fn refused(case: &Path, out: &Path, more: &[&str]) -> String {
    let output = tierline().arg("tier").arg(case).arg("-o").arg(out).args(more).output().unwrap();
    assert!(!output.status.success());
    assert!(!out.join("results.json").exists());
    String::from_utf8(output.stderr).unwrap()
}

/// Gene of the first event and flags of each candidate.
fn flags(results: &Value) -> Vec<(String, String)> {
    let words = |value: &Value| {
        let all = value.as_array().unwrap().iter();
        all.map(|word| word.as_str().unwrap().to_owned()).collect::<Vec<_>>().join("; ")
    };
    results["candidates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let gene = one["events"][0]["gene"]["symbol"].as_str().unwrap().to_owned();
            (gene, words(&one["flags"]))
        })
        .collect()
}

/// A store of reads of normals: at SIMG01 many show the ALT, at SIMG02 next to none, at SIMG04 another base.
fn normals(folder: &Path, assembly: &str, dataset: &str) -> PathBuf {
    let vcf = folder.join("normals.vcf");
    let lines = [
        ("10738044", "C", "A", 3000, 9000),
        ("10738839", "A", "T", 1, 200_000),
        ("10740031", "A", "C", 2, 150_000),
    ];
    let length = if assembly == "GRCh37" { 63_025_520 } else { 64_444_167 };
    let mut text = format!("##fileformat=VCFv4.3\n##contig=<ID=chr20,length={length}>\n");
    text.push_str("##INFO=<ID=ALT_READS,Number=A,Type=Integer,Description=\"x\">\n");
    text.push_str("##INFO=<ID=READS,Number=1,Type=Integer,Description=\"x\">\n");
    text.push_str("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n");
    for (position, reference, alternate, count, total) in lines {
        writeln!(
            text,
            "chr20\t{position}\t.\t{reference}\t{alternate}\t.\t.\tALT_READS={count};READS={total}"
        )
        .unwrap();
    }
    fs::write(&vcf, text).unwrap();
    let store = folder.join("normals.tlf");
    run(tierline()
        .args(["frequencies", "build"])
        .arg(&vcf)
        .args(["--dataset", dataset, "--dataset-version", "1", "--assembly", assembly])
        .args(["--map", "ALL=ALT_READS/READS", "-o"])
        .arg(&store));
    store
}

#[test]
fn marks_are_shown_or_remove_and_are_told_either_way() {
    let folder = scratch();
    let bed = folder.path().join("repeats.bed");
    // The base of SIMG08, and one beside SIMG09.
    fs::write(&bed, "chr20\t32220916\t32220917\nchr20\t32221362\t32221400\nchr21\t0\t9\n").unwrap();
    normals(folder.path(), "GRCh38", "panel_of_normals");
    let more = "[tumour]\nsimple_repeats = \"repeats.bed\"\npanel_of_normals = \"normals.tlf\"\n";
    let case = case(folder.path(), more, |text| text);
    let shown = tier(&case, &folder.path().join("shown"), &[]);
    let of = |gene: &str| {
        let all = flags(&shown);
        all.into_iter().find(|(symbol, _)| symbol == gene).expect(gene).1
    };
    assert!(of("SIMG08").contains("SimpleRepeat (SR): overlaps a simple repeat of 1 bp"));
    assert!(!of("SIMG09").contains("SimpleRepeat"));
    assert!(of("SIMG01").contains("PONnoise50SNV: tumour "), "{}", of("SIMG01"));
    assert!(of("SIMG01").contains("normals 3000 of 9000"), "{}", of("SIMG01"));
    assert!(!of("SIMG02").contains("PONnoise"), "{}", of("SIMG02"));
    assert!(!of("SIMG04").contains("PONnoise"), "no normal shows the base: {}", of("SIMG04"));
    assert!(shown.get("removed").is_none());
    let told = |results: &Value, words: &str| {
        let all = results["notices"].as_array().unwrap().iter();
        all.filter(|one| one["text"].as_str().unwrap().contains(words)).count()
    };
    assert_eq!(told(&shown, "PONnoise50SNV: the panel of normals does not list the site"), 1);
    assert_eq!(told(&shown, "SegmentalDuplication: the case gives no list"), 1);

    let set = ["--set", "mark.SimpleRepeat.action=remove"];
    let removed = tier(&case, &folder.path().join("removed"), &set);
    let genes =
        |results: &Value| flags(results).into_iter().map(|(gene, _)| gene).collect::<Vec<_>>();
    assert_eq!(genes(&removed).len() + 1, genes(&shown).len());
    assert!(!genes(&removed).contains(&"SIMG08".to_owned()));
    let one = &removed["removed"][0];
    assert_eq!(
        (one["genes"][0].as_str(), one["domain"].as_str()),
        (Some("SIMG08"), Some("DOMAIN3"))
    );
    assert_eq!(one["removed_by"][0], "SimpleRepeat");
    let page = fs::read_to_string(folder.path().join("removed/report.html")).unwrap();
    assert!(page.contains("Variants removed by a mark") && page.contains("32220917"));

    let set = ["--set", "panel_of_normals.absent_site=no_reads"];
    let absent = tier(&case, &folder.path().join("absent"), &set);
    let marked = flags(&absent).iter().filter(|(_, flags)| flags.contains("PONnoise")).count();
    assert!(marked > 3, "sites without normal reads are marked then: {marked}");
}

#[test]
fn the_same_marks_for_any_number_of_threads() {
    let folder = scratch();
    normals(folder.path(), "GRCh38", "panel_of_normals");
    let case = case(folder.path(), "[tumour]\npanel_of_normals = \"normals.tlf\"\n", |text| text);
    let all: Vec<_> = ["1", "2", "5"]
        .iter()
        .map(|n| {
            let out = folder.path().join(n);
            let _ = tier(&case, &out, &["-t", n]);
            fs::read(out.join("tiers.tsv")).unwrap()
        })
        .collect();
    assert!(all[0] == all[1] && all[1] == all[2]);
}

#[test]
fn what_a_tumour_is_held_against_is_checked() {
    let folder = scratch();
    let path = folder.path();
    fs::write(path.join("other.bed"), "1\t5\t9\nchrUn\t5\t9\n").unwrap();
    fs::write(path.join("empty.bed"), "# nothing\n").unwrap();
    fs::write(path.join("bad.bed"), "chr20\t9\t5\n").unwrap();
    normals(path, "GRCh37", "panel_of_normals");
    let faults = [
        ("simple_repeats = \"other.bed\"", "none of its 2 lines is on a contig of the case"),
        ("simple_repeats = \"empty.bed\"", "holds no stretch"),
        ("segmental_duplications = \"bad.bed\"", "starts at 9, behind its end 5"),
        ("simple_repeats = \"none.bed\"", "none.bed"),
        ("panel_of_normals = \"normals.tlf\"", "of GRCh37; the case says GRCh38"),
        ("panel_of_normals = \"empty.bed\"", "is no store"),
        ("simple_repeat = \"other.bed\"", "simple_repeats"),
    ];
    for (line, words) in faults {
        let case = case(path, &format!("[tumour]\n{line}\n"), |text| text);
        let told = refused(&case, &path.join("out"), &[]);
        assert!(told.contains(words), "{line}: {told}");
    }
    let family = case(path, "[tumour]\nsimple_repeats = \"other.bed\"\n", |text| {
        let text = text.replace("kind = \"tumour-normal\"", "kind = \"singleton\"");
        text.replace("role = \"tumour\"", "role = \"proband\"")
    });
    let told = refused(&family, &path.join("out"), &[]);
    assert!(told.contains("[tumour] in a case of kind singleton"), "{told}");
    let case = case(path, "", |text| text);
    for set in ["mark.SimpleRepeat.action=drop", "mark.LowFraction.limit=-1"] {
        let told = refused(&case, &path.join("out"), &["--set", set]);
        assert!(told.contains("mark") || told.contains("drop"), "{told}");
    }
}

#[test]
fn columns_that_the_caller_names_the_other_way_round_are_refused() {
    let folder = scratch();
    let from = root().join("test-data/tumour-normal/somatic.vcf.gz");
    let text = gunzip_text(&from);
    for line in [
        "##tumor_sample=SIMNORMAL\n",
        "##normal_sample=SIMTUMOUR\n",
        "##TUMOR=\"Sample=SIMNORMAL,File=normal.bam\"\n",
    ] {
        let named = |line: &&str| {
            ["##tumor_sample", "##normal_sample"].iter().any(|key| line.starts_with(key))
        };
        let without: Vec<&str> = text.lines().filter(|line| !named(line)).collect();
        let without = without.join("\n") + "\n";
        let vcf = folder.path().join("exchanged.vcf");
        fs::write(&vcf, without.replacen("#CHROM", &format!("{line}#CHROM"), 1)).unwrap();
        let case = case(folder.path(), "", |text| {
            text.replace(&from.display().to_string(), &vcf.display().to_string())
        });
        let told = refused(&case, &folder.path().join("out"), &[]);
        assert!(told.contains("its header calls the sample of member"), "{line}: {told}");
        assert!(!told.contains("SIMNORMAL") && !told.contains("SIMTUMOUR"), "{told}");
    }
}

/// Genes of the simulated reference, each a single exon: name, contig, start and end (1-based), strand, role.
const GENES: [(&str, &str, u32, u32, char, &str); 6] = [
    ("ONC", "chr20", 1_000_000, 1_010_000, '+', "oncogene"),
    ("TSG1", "chr20", 2_000_000, 2_010_000, '-', "tumor_suppressor_gene"),
    ("TSG2", "chr20", 3_000_000, 3_010_000, '+', "tumor_suppressor_gene"),
    ("FUS5", "chr20", 4_000_000, 4_010_000, '+', "oncogene, fusion"),
    ("FUS3", "chr20", 5_000_000, 5_010_000, '+', "unknown"),
    ("OTHER", "chr20", 6_000_000, 6_010_000, '+', "."),
];

fn structural_case(folder: &Path, files: &[(&str, &str)]) -> PathBuf {
    let mut bed = String::new();
    let mut list = String::from("gene\trole\n");
    for (name, contig, start, end, strand, role) in GENES {
        let (first, length) = (start - 1, end - start + 1);
        writeln!(
            bed,
            "{contig}\t{first}\t{end}\t{name}\t0\t{strand}\t{first}\t{end}\t0\t1\t{length},\t0,"
        )
        .unwrap();
        if name != "OTHER" {
            writeln!(list, "{name}\t{role}").unwrap();
        }
    }
    fs::write(folder.join("genes.bed"), bed).unwrap();
    fs::write(folder.join("list.tsv"), list).unwrap();
    let mut names = Vec::new();
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
        names.push(format!("\"{name}\""));
    }
    case(folder, "", |text| {
        let old = text.lines().find(|line| line.starts_with("domain1")).unwrap().to_owned();
        text.replace(
            &old,
            &format!(
                "domain1 = \"list.tsv\"\ngenes = \"genes.bed\"\nstructural_variants = [{}]",
                names.join(", ")
            ),
        )
    })
}

const COPIES: &str = "##fileformat=VCFv4.2\n##source=Canvas 1.40\n##OverallPloidy=2.1\n\
##contig=<ID=chr20,length=64444167>\n##FORMAT=<ID=CN,Number=1,Type=Integer,Description=\"x\">\n\
##FORMAT=<ID=MCC,Number=1,Type=Integer,Description=\"x\">\n\
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tSIMNORMAL\tSIMTUMOUR\n\
chr20\t900000\tCanvas:GAIN:1\tN\t<CNV>\t60\tPASS\tSVTYPE=CNV;END=1100000\tCN:MCC\t.:.\t12:11\n\
chr20\t1990000\tCanvas:LOSS:2\tN\t<CNV>\t60\tPASS\tSVTYPE=CNV;END=2050000\tCN:MCC\t.:.\t0:0\n\
chr20\t2990000\tCanvas:LOSS:3\tN\t<CNV>\t60\tPASS\tSVTYPE=CNV;END=3050000\tCN:MCC\t.:.\t1:1\n\
chr20\t4005000\tCanvas:GAIN:4\tN\t<CNV>\t60\tPASS\tSVTYPE=CNV;END=4100000\tCN:MCC\t.:.\t3:2\n\
chr20\t5500000\tCanvas:GAIN:5\tN\t<CNV>\t60\tPASS\tSVTYPE=CNV;END=6100000\tCN:MCC\t.:.\t4:2\n\
chr20\t7500000\tCanvas:GAIN:6\tN\t<CNV>\t9\tq10\tSVTYPE=CNV;END=7600000\tCN:MCC\t.:.\t4:2\n\
chr20\t10700000\tCanvas:REF:7\tN\t<CNV>\t60\tPASS\tSVTYPE=LOH;END=10738500\tCN:MCC\t.:.\t2:2\n";

const BREAKS: &str = "##fileformat=VCFv4.1\n##source=GenerateSVCandidates 1.6.0\n\
##contig=<ID=chr20,length=64444167>\n##FORMAT=<ID=PR,Number=.,Type=Integer,Description=\"x\">\n\
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tNORMAL\tTUMOR\n\
chr20\t3005000\tMantaBND:9:0\tA\tA]chr20:9000000]\t.\tPASS\tSVTYPE=BND;SOMATIC\tPR:SR\t30,0:20,0\t20,9:18,7\n\
chr20\t4004000\tMantaDEL:1\tA\t<DEL>\t.\tPASS\tSVTYPE=DEL;END=5004000;SVLEN=-1000000;SOMATIC\tPR:SR\t30,0:20,0\t20,9:18,7\n\
chr20\t6001000\tMantaINV:2\tA\t<INV>\t.\tPASS\tSVTYPE=INV;END=6002000;SOMATIC\tPR\t30,0\t20,5\n\
chr20\t6003000\tMantaDEL:3\tA\t<DEL>\t.\tPASS\tSVTYPE=DEL;END=6004000;SOMATIC\tPR\t30,0\t20,0\n";

#[test]
fn copies_breakpoints_fusions_and_second_hits() {
    let folder = scratch();
    let case = structural_case(folder.path(), &[("cnv.vcf", COPIES), ("sv.vcf", BREAKS)]);
    let results = tier(&case, &folder.path().join("out"), &[]);
    let mut found: Vec<String> = Vec::new();
    for variant in results["structural"].as_array().unwrap() {
        for event in variant["events"].as_array().unwrap() {
            let word = |key: &str| event[key].as_str().unwrap_or("-").to_owned();
            let gene = event["gene"]["symbol"].as_str().unwrap();
            found.push(format!("{} {gene} {} {}", variant["id"], word("domain"), word("label")));
        }
    }
    found.sort();
    assert_eq!(
        found,
        [
            "\"Canvas:GAIN:1\" ONC DOMAIN1 amplification",
            "\"Canvas:GAIN:4\" FUS5 DOMAIN1 gain",
            "\"Canvas:LOSS:2\" TSG1 DOMAIN1 homozygous_deletion",
            "\"Canvas:LOSS:3\" TSG2 DOMAIN1 loss",
            "\"MantaBND:9:0\" TSG2 DOMAIN1 breakpoint",
            "\"MantaDEL:1\" FUS3 DOMAIN1 fusion_candidate",
            "\"MantaDEL:1\" FUS5 DOMAIN1 fusion_candidate",
            "\"MantaINV:2\" OTHER DOMAIN3 breakpoint",
        ],
        "{found:#?}"
    );
    let text = results["structural"].to_string();
    assert!(text.contains("Joins FUS5 (5\u{2032}) to FUS3 (3\u{2032}) in the direction of both"));
    let hits: Vec<(&str, bool)> = results["two_hits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| (hit["gene"]["symbol"].as_str().unwrap(), hit["certain"].as_bool().unwrap()))
        .collect();
    assert_eq!(hits, [("TSG1", true), ("TSG2", false)], "a breakpoint may be the end of the loss");
    // SIMG01 lies in the copy-neutral loss, SIMG02 behind it.
    let marks = flags(&results);
    let lost = |gene: &str| {
        let (_, flags) = marks.iter().find(|(name, _)| name == gene).unwrap();
        flags.contains("LossOfHeterozygosity (LOH)")
    };
    assert!(lost("SIMG01") && !lost("SIMG02"));
    let notices = results["notices"].to_string();
    for words in ["are not the tumour's", "failed their FILTER", "genes of neither list alone"] {
        assert!(notices.contains(words), "{words}: {notices}");
    }
    let rows = fs::read_to_string(folder.path().join("out/tiers.tsv")).unwrap();
    assert!(rows.lines().any(|row| row.contains("DOMAIN1\tTSG1")), "{rows}");
    let page = fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    assert!(page.contains("Tumour suppressors with two hits"));
    let vcf = gunzip_text(&folder.path().join("out/candidates.sv.vcf.gz"));
    assert!(vcf.contains(";DOMAIN=DOMAIN1") && vcf.contains("LABEL=amplification"));
    let maf = fs::read_to_string(folder.path().join("out/candidates.maf")).unwrap();
    let row = maf.lines().find(|row| row.starts_with("SIMG03\t")).unwrap();
    assert!(row.contains("\tFrame_Shift_Del\tDEL\tC\tC\t-\t"), "{row}");
    assert!(row.contains("\tSIMTUMOUR\tSIMNORMAL\t"), "{row}");
}

#[test]
fn a_second_run_with_other_limits_says_other_things() {
    let folder = scratch();
    let case = structural_case(folder.path(), &[("cnv.vcf", COPIES)]);
    let set = [
        "--set",
        "tumour_structural.amplification_copies=20",
        "--set",
        "tumour_structural.amplification_ploidies=9",
        "--set",
        "tumour_structural.copy_number_domain3=true",
    ];
    let results = tier(&case, &folder.path().join("out"), &set);
    let text = results["structural"].to_string();
    assert!(!text.contains("\"amplification\",\"group\"") && text.contains("OTHER"), "{text}");
}

#[test]
fn structural_files_of_tumours_that_say_too_little_are_refused_or_told() {
    let folder = scratch();
    let without = COPIES.replace("CN:MCC", "XX:YY").replace("Canvas:GAIN:1", "Canvas:X:1");
    let case = structural_case(folder.path(), &[("cnv.vcf", &without)]);
    let told = refused(&case, &folder.path().join("out"), &[]);
    assert!(told.contains("without copy number"), "{told}");
    let exchanged = COPIES.replace("SIMNORMAL\tSIMTUMOUR", "A\tB");
    let case = structural_case(folder.path(), &[("cnv.vcf", &exchanged)]);
    let told = refused(&case, &folder.path().join("out"), &[]);
    assert!(told.contains("none of the 2 columns"), "{told}");
    let case = structural_case(folder.path(), &[("cnv.vcf", COPIES)]);
    let text = fs::read_to_string(&case).unwrap().replace("genes = \"genes.bed\"\n", "");
    fs::write(&case, text).unwrap();
    let results = tier(&case, &folder.path().join("none"), &[]);
    assert!(results["notices"].to_string().contains("the case gives no gene model"));
    fs::write(folder.path().join("list.tsv"), "gene\trole\nONC\tdriverish\n").unwrap();
    let told = refused(&case, &folder.path().join("out"), &[]);
    assert!(told.contains("is no role of a gene in cancer"), "{told}");
}

/// A pair of one tumour with the calls of two programs, whose columns stand in either order.
#[test]
fn real_calls_of_two_programs_are_read_with_their_marks() {
    let folder = "somatic/callers-grch38/tumor_5_vs_normal_5";
    let (Some(muse), Some(strelka)) = (
        shared_file(&format!("{folder}.muse_VEP.ann.vcf.gz")),
        shared_file(&format!("{folder}.strelka.somatic_indels_VEP.ann.vcf.gz")),
    ) else {
        return;
    };
    let scratch = scratch();
    let text = format!(
        "[case]\nid = \"PAIR\"\nkind = \"tumour-normal\"\nassembly = \"GRCh38\"\npolicy = \"100k-cancer\"\n\
         variants = [\"{}\", \"{}\"]\n[[member]]\nid = \"P\"\nsample = \"T\"\nrole = \"tumour\"\n\
         [member.consent]\nprimary = true\n[[member]]\nid = \"P\"\nsample = \"N\"\nrole = \"normal\"\n\
         [member.consent]\nprimary = true\n",
        muse.display(),
        strelka.display()
    );
    let case = scratch.path().join("case.toml");
    fs::write(&case, text).unwrap();
    let results = tier(&case, &scratch.path().join("out"), &["--allow-unannotated"]);
    let mut checked = 0;
    for (file, is_indel) in [(&muse, false), (&strelka, true)] {
        let raw = gunzip_text(file);
        for one in results["candidates"].as_array().unwrap() {
            let written = &one["record"];
            let is_here = |line: &&str| {
                let fields: Vec<&str> = line.split('\t').collect();
                fields.len() == 11
                    && fields[0] == one["variant"]["contig"]
                    && fields[1].parse::<u64>().ok() == written["position"].as_u64()
                    && fields[3] == written["reference"]
            };
            let Some(line) = raw.lines().find(is_here) else { continue };
            let flags = one["flags"].as_array().unwrap().iter().map(|f| f.as_str().unwrap());
            let has = |id: &str| flags.clone().any(|flag| flag.starts_with(id));
            let (ihp, unused, share) = as_written(line, is_indel);
            assert_eq!(has("HomopolimerIndel"), ihp.is_some_and(|n| n >= 8.0), "{line}");
            assert_eq!(has("BCNoise10Indel"), unused.is_some_and(|share| share >= 0.1), "{line}");
            assert_eq!(has("LowFraction"), share < 0.1, "{line}");
            checked += 1;
        }
    }
    assert_eq!(checked, results["candidates"].as_array().unwrap().len());
    assert!(checked > 10, "{checked}");
}

/// IHP, the larger share of unused base calls and the tumour's share of ALT reads, read off a record of Strelka (NORMAL, TUMOR) or
/// MuSE (TUMOR, NORMAL).
fn as_written(line: &str, is_indel: bool) -> (Option<f32>, Option<f32>, f32) {
    let fields: Vec<&str> = line.split('\t').collect();
    let number = |text: &str| text.split(',').next().unwrap().parse::<f32>().unwrap();
    let sample = |column: usize, key: &str| {
        let place = fields[8].split(':').position(|known| known == key)?;
        fields[column].split(':').nth(place)
    };
    if !is_indel {
        let counts: Vec<f32> =
            sample(9, "AD").unwrap().split(',').map(|n| n.parse().unwrap()).collect();
        return (None, None, counts[1] / (counts[0] + counts[1]));
    }
    let ihp = fields[7].split(';').find_map(|item| item.strip_prefix("IHP=")).map(number);
    let unused = |column| {
        let [unused, all] = ["FDP50", "DP50"].map(|key| number(sample(column, key).unwrap()));
        unused / all
    };
    let [alternate, reference] = ["TIR", "TAR"].map(|key| number(sample(10, key).unwrap()));
    (ihp, Some(unused(9).max(unused(10))), alternate / (alternate + reference))
}

#[test]
fn the_normal_s_column_as_the_tumour_s_is_refused() {
    let folder = scratch();
    let text = gunzip_text(&root().join("test-data/tumour-normal/somatic.vcf.gz"));
    // The columns change places, and the header does not say whose they are.
    let lines = text.lines().filter(|line| !line.contains("_sample="));
    let text = lines.map(|line| line.replace("SIMNORMAL\tSIMTUMOUR", "SIMTUMOUR\tSIMNORMAL"));
    let vcf = folder.path().join("swapped.vcf");
    fs::write(&vcf, text.collect::<Vec<_>>().join("\n") + "\n").unwrap();
    let somatic = root().join("test-data/tumour-normal/somatic.vcf.gz");
    let change =
        |text: String| text.replace(&somatic.display().to_string(), &vcf.display().to_string());
    let case = case(folder.path(), "", change);
    let told = refused(&case, &folder.path().join("out"), &[]);
    assert!(told.contains("the tumour carries none of the 12 variants"), "{told}");
}
