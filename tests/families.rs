//! Families whose members have a variant file each, and cases of one or two: what a joint file says must not be lost, and
//! what no file says must stay unknown.
#![allow(
    clippy::unwrap_used,
    clippy::unnecessary_debug_formatting,
    clippy::format_collect,
    reason = "a test program stops at what it cannot read; quoted paths are TOML"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{gunzip_text, oracle, root, run, scratch, shared_file, tierline};
use serde_json::Value;
use tierline::exec::stream::collect_calls;
use tierline::io::fasta::Fasta;
use tierline::io::variants::{ChunkReader, Layout, Loader, Sites, VariantFile, Wanted, alternates};
use tierline::model::candidate::Part;
use tierline::model::contig::ContigTable;
use tierline::model::genotype::{Allele, Call, CallOrigin};
use tierline::model::sample::MemberId;
use tierline::model::variant::Variant;

/// A member of a case under test.
#[derive(Clone)]
struct Person {
    sample: &'static str,
    role: &'static str,
    sex: &'static str,
    affected: &'static str,
    parents: Vec<(&'static str, &'static str)>,
    alignment: Option<PathBuf>,
    variants: Option<PathBuf>,
}

fn person(sample: &'static str, role: &'static str) -> Person {
    Person {
        sample,
        role,
        sex: if role == "mother" { "female" } else { "male" },
        affected: if matches!(role, "mother" | "father") { "no" } else { "yes" },
        parents: Vec::new(),
        alignment: None,
        variants: None,
    }
}

/// The case as a document; `head` holds further lines of `[case]`.
fn document(kind: &str, head: &str, people: &[Person]) -> String {
    let mut text =
        format!("[case]\nid = \"C\"\nkind = \"{kind}\"\nassembly = \"GRCh38\"\n{head}\n");
    for one in people {
        let Person { sample, role, sex, affected, .. } = one;
        writeln!(
            text,
            "[[member]]\nid = \"{sample}\"\nsample = \"{sample}\"\nrole = \"{role}\"\nsex = \"{sex}\"\n\
             affected = \"{affected}\""
        )
        .unwrap();
        for (who, sample) in &one.parents {
            writeln!(text, "{who} = \"{sample}\"").unwrap();
        }
        for (key, path) in [("alignment", &one.alignment), ("variants", &one.variants)] {
            if let Some(path) = path {
                writeln!(text, "{key} = {path:?}").unwrap();
            }
        }
        text.push_str("[member.consent]\nprimary = true\n");
    }
    text
}

/// One row of tiers.tsv by column name.
type Row = BTreeMap<String, String>;

/// What a command wrote.
struct Outcome {
    rows: Vec<Row>,
    results: Value,
}

impl Outcome {
    fn of(command: &str, folder: &Path, case: &str, more: &[&str]) -> Self {
        let (document, out) = (folder.join("case.toml"), folder.join("out"));
        std::fs::write(&document, case).unwrap();
        run(tierline().arg(command).arg(&document).arg("-o").arg(&out).args(more));
        let table = std::fs::read_to_string(out.join("tiers.tsv")).unwrap();
        let mut lines = table.lines().map(|line| line.split('\t').map(str::to_owned));
        let columns: Vec<String> = lines.next().unwrap().collect();
        let rows = lines.map(|values| columns.iter().cloned().zip(values).collect()).collect();
        let results = std::fs::read_to_string(out.join("results.json")).unwrap();
        Self { rows, results: serde_json::from_str(&results).unwrap() }
    }

    /// Position and alleles of the reported variants.
    fn variants(&self) -> BTreeSet<String> {
        self.rows.iter().map(variant).collect()
    }

    /// The calls of a reported variant, one for each member.
    fn calls(&self, wanted: &str) -> &[Value] {
        let found = self.results["candidates"].as_array().unwrap().iter().find(|candidate| {
            let v = &candidate["variant"];
            let text = |key: &str| v[key].as_str().unwrap().to_owned();
            wanted
                == format!(
                    "{}:{}:{}:{}",
                    text("contig"),
                    v["position"],
                    text("reference"),
                    text("alternate")
                )
        });
        found.unwrap()["calls"].as_array().unwrap()
    }

    fn has_notice(&self, part: &str) -> bool {
        let all = self.results["notices"].as_array().unwrap();
        all.iter().any(|notice| notice["text"].as_str().unwrap().contains(part))
    }
}

fn variant(row: &Row) -> String {
    format!("{}:{}:{}:{}", row["chrom"], row["pos"], row["ref"], row["alt"])
}

fn simulated(name: &str) -> PathBuf {
    root().join("test-data").join(name)
}

fn trio_head() -> String {
    let (reference, panel) = (simulated("reference/sim.fa.gz"), simulated("trio/panel.json"));
    format!("reference = {reference:?}\npanels = [{panel:?}]")
}

fn joint_head() -> String {
    format!("{}\nvariants = [{:?}]", trio_head(), simulated("trio/trio.vcf.gz"))
}

fn trio() -> [Person; 3] {
    let mut all = [
        ("SIMCHILD", "proband", "child"),
        ("SIMMOTHER", "mother", "mother"),
        ("SIMFATHER", "father", "father"),
    ]
    .map(|(sample, role, stem)| Person {
        alignment: Some(simulated(&format!("trio/{stem}.bam"))),
        ..person(sample, role)
    });
    all[0].parents = vec![("father", "SIMFATHER"), ("mother", "SIMMOTHER")];
    all
}

/// Every member's own records only: what a caller writes that looks at one sample.
fn split(bcftools: &Path, people: &mut [Person], folder: &Path) {
    for one in people {
        let path = folder.join(format!("{}.vcf.gz", one.sample));
        let mut command = Command::new(bcftools);
        command.args(["view", "-c1", "-Oz", "-s", one.sample, "-o"]).arg(&path);
        run(command.arg(simulated("trio/trio.vcf.gz")));
        one.variants = Some(path);
    }
}

/// Pairs of rows of one variant: in the joint run, in the other. Each variant has one row in both.
fn pairs<'a>(joint: &'a Outcome, other: &'a Outcome) -> Vec<(&'a Row, &'a Row)> {
    assert_eq!(joint.variants(), other.variants(), "no variant is lost or made up");
    let find = |name: &str| other.rows.iter().find(|row| variant(row) == name).unwrap();
    joint.rows.iter().map(|row| (row, find(&variant(row)))).collect()
}

#[test]
fn depth_tells_reference_where_a_file_of_one_member_is_silent() {
    let Some(bcftools) = oracle("bcftools") else { return };
    let folder = scratch();
    let joint = Outcome::of("run", folder.path(), &document("family", &joint_head(), &trio()), &[]);
    let mut people = trio();
    split(&bcftools, &mut people, folder.path());
    let case = document("family", &trio_head(), &people);
    for counted in [true, false] {
        let more = if counted { &[][..] } else { &["--no-read-evidence"] };
        let own = Outcome::of("run", folder.path(), &case, more);
        told_by_depth(&joint, &own, counted);
    }
}

/// `counted`: the reads of the parents were looked at again.
fn told_by_depth(joint: &Outcome, own: &Outcome, counted: bool) {
    let mut de_novo = 0;
    for (expected, found) in pairs(joint, own) {
        let name = variant(found);
        let origins: Vec<&str> =
            own.calls(&name).iter().map(|call| call["origin"].as_str().unwrap()).collect();
        assert!(!origins.contains(&"absent"), "{name}: {origins:?}");
        if found["segregation"] == "deNovo" {
            de_novo += 1;
            assert_eq!(origins, ["record", "callable-depth", "callable-depth"], "{name}");
            if counted {
                // The parents' own reads stand in for their counts and genotype qualities.
                assert_eq!(found["possible"], expected["possible"], "{name}: {}", found["missing"]);
            } else {
                // Nobody counted the parents' ALT reads or rated their genotypes: likely, not certain.
                assert_eq!(found["possible"], "yes", "{name}");
                assert!(found["missing"].contains("ALT reads not counted"), "{name}");
            }
        } else {
            for column in ["tier", "segregation", "possible", "missing", "group", "label"] {
                // Depth has no genotype quality to complain of, so that there the reads are named.
                let same = if counted && column == "missing" {
                    expected[column].is_empty() == found[column].is_empty()
                } else {
                    expected[column] == found[column]
                };
                assert!(same, "{name}: {column} {} {}", expected[column], found[column]);
            }
        }
        if expected["possible"] == "no" {
            assert_eq!(expected["segregation"], found["segregation"], "{name}");
        }
    }
    assert!(de_novo >= 7, "{de_novo} new mutations");
}

#[test]
fn without_reads_a_silent_file_leaves_the_genotype_unknown_and_loses_nothing() {
    let Some(bcftools) = oracle("bcftools") else { return };
    let folder = scratch();
    let case = document("family", &joint_head(), &trio());
    let joint = Outcome::of("tier", folder.path(), &case, &[]);
    let mut people = trio();
    split(&bcftools, &mut people, folder.path());
    let own = Outcome::of("tier", folder.path(), &document("family", &trio_head(), &people), &[]);
    for (expected, found) in pairs(&joint, &own) {
        let name = variant(found);
        let silent = own.calls(&name).iter().any(|call| call["origin"] == "absent");
        if silent {
            assert_eq!(found["possible"], "yes", "{name}");
            assert!(found["missing"].contains("no record"), "{name}: {}", found["missing"]);
        } else {
            assert_eq!(expected["tier"], found["tier"], "{name}");
            assert_eq!(expected["segregation"], found["segregation"], "{name}");
        }
        if expected["segregation"] == "deNovo" {
            assert!(silent, "{name}: no parent's file holds it");
        }
    }
}

#[test]
fn a_file_without_records_makes_its_member_unknown() {
    let Some(bcftools) = oracle("bcftools") else { return };
    let folder = scratch();
    let case = document("family", &joint_head(), &trio());
    let joint = Outcome::of("tier", folder.path(), &case, &[]);
    let mut people = trio();
    split(&bcftools, &mut people, folder.path());
    let empty = folder.path().join("empty.vcf.gz");
    let mut command = Command::new(&bcftools);
    command.args(["view", "-h", "-Oz", "-s", "SIMMOTHER", "-o"]).arg(&empty);
    run(command.arg(simulated("trio/trio.vcf.gz")));
    people[1].variants = Some(empty);
    let own = Outcome::of("tier", folder.path(), &document("family", &trio_head(), &people), &[]);
    let lost: Vec<String> = joint.variants().difference(&own.variants()).cloned().collect();
    assert!(lost.is_empty(), "{lost:?}");
    for name in own.variants() {
        assert_eq!(own.calls(&name)[1]["origin"], "absent", "{name}");
    }
}

#[test]
fn children_alone_and_duos_run_on_a_file_with_more_samples() {
    let folder = scratch();
    let trio = trio();
    let case = document("family", &joint_head(), &trio);
    let whole = Outcome::of("tier", folder.path(), &case, &[]);
    let mut child = trio[0].clone();
    child.parents.clear();
    let alone = document("singleton", &joint_head(), &[child]);
    let mut with_mother = trio[0].clone();
    with_mother.parents = vec![("mother", "SIMMOTHER")];
    let duo = document("family", &joint_head(), &[with_mother, trio[1].clone()]);
    for (who, case, others) in [("alone", alone, 2), ("duo", duo, 1)] {
        let found = Outcome::of("tier", folder.path(), &case, &[]);
        let lost: Vec<String> = whole.variants().difference(&found.variants()).cloned().collect();
        assert!(lost.is_empty(), "{who}: {lost:?}");
        let notices = found.results["notices"].as_array().unwrap();
        let extra =
            notices.iter().find(|n| n["text"].as_str().unwrap().contains("outside the case"));
        assert_eq!(extra.unwrap()["count"], others, "{who}");
        // Without both parents nothing is certainly new.
        let certain = |row: &&Row| row["segregation"] == "deNovo" && row["possible"] == "no";
        assert!(!found.rows.iter().any(|row| certain(&row)), "{who}");
    }
}

#[test]
fn a_tumour_without_its_normal_keeps_every_domain() {
    let folder = scratch();
    let [variants, one, two] = ["somatic.vcf.gz", "domain1.tsv", "domain2.tsv"]
        .map(|name| simulated("tumour-normal").join(name));
    let head = format!("variants = [{variants:?}]\ndomain1 = {one:?}\ndomain2 = {two:?}");
    let people = [person("SIMTUMOUR", "tumour"), person("SIMNORMAL", "normal")];
    let pair = document("tumour-normal", &head, &people);
    let only = document("tumour-only", &head, &people[..1]);
    let pair = Outcome::of("tier", folder.path(), &pair, &[]);
    let only = Outcome::of("tier", folder.path(), &only, &[]);
    assert!(!pair.rows.is_empty());
    for (expected, found) in pairs(&pair, &only) {
        assert_eq!(expected["domain"], found["domain"], "{}", variant(found));
    }
}

const ASHKENAZIM: [(&str, &str); 3] =
    [("NA24385", "proband"), ("NA24149", "father"), ("NA24143", "mother")];
const ASHKENAZIM_FOLDER: &str = "variants/ashk-trio-grch38";

/// A copy of a real file in which every variant is a missense variant of a gene named after its stretch of 10 kb.
fn annotated(source: &Path, target: &Path) {
    let mut text = String::new();
    for line in gunzip_text(source).lines() {
        if line.starts_with("#CHROM") {
            text.push_str(
                "##INFO=<ID=CSQ,Number=.,Type=String,Description=\"Format: \
                 Allele|Consequence|SYMBOL|Gene|Feature_type|Feature|BIOTYPE\">\n",
            );
        }
        let mut columns: Vec<String> = line.split('\t').map(str::to_owned).collect();
        if !line.starts_with('#') {
            let gene = columns[1].parse::<u32>().unwrap() / 10_000;
            let entries: Vec<String> = columns[4]
                .split(',')
                .filter(|alternate| !matches!(*alternate, "<NON_REF>" | "*"))
                .map(|a| {
                    let id = format!("ENSG{gene:011}|Transcript|ENST{gene:011}");
                    format!("{a}|missense_variant|GENE{gene}|{id}|protein_coding")
                })
                .collect();
            if !entries.is_empty() {
                columns[7] = format!("{};CSQ={}", columns[7], entries.join(","));
            }
        }
        text.push_str(&columns.join("\t"));
        text.push('\n');
    }
    std::fs::write(target, text).unwrap();
}

/// A genotype without the order of its alleles.
fn unphased(call: &Value) -> Vec<String> {
    let text = call["genotype"].as_str().unwrap_or(".");
    let mut alleles: Vec<String> = text.split(['/', '|']).map(str::to_owned).collect();
    alleles.sort_unstable();
    alleles
}

#[test]
fn real_gvcfs_of_members_agree_with_their_joint_file() {
    let Some(source) = shared_file(ASHKENAZIM_FOLDER) else { return };
    let folder = scratch();
    let mut people = ASHKENAZIM.map(|(sample, role)| {
        let path = folder.path().join(format!("{sample}.g.vcf"));
        annotated(&source.join(format!("{sample}.g.vcf.gz")), &path);
        Person { variants: Some(path), ..person(sample, role) }
    });
    people[0].parents = vec![("father", "NA24149"), ("mother", "NA24143")];
    let genes: String = (0..=100).map(|gene| format!("GENE{gene}\n")).collect();
    let (panel, joint) = (folder.path().join("genes.txt"), folder.path().join("joint.vcf"));
    std::fs::write(&panel, genes).unwrap();
    annotated(&source.join("Ashkenazim.vcf.gz"), &joint);
    let head = format!("panels = [{panel:?}]");
    let own = document("family", &head, &people);
    // The caller of these files wrote no FILTER: nothing passes, and the results say why.
    let unknown = Outcome::of("tier", folder.path(), &own, &["--allow-unannotated"]);
    assert!(unknown.rows.is_empty() && unknown.has_notice("no FILTER value"));
    let more = ["--allow-unannotated", "--set", "call.filters=[\"PASS\", \".\"]"];
    let own = Outcome::of("tier", folder.path(), &own, &more);
    assert!(!own.has_notice("no FILTER value"));
    for one in &mut people {
        one.variants = None;
    }
    let head = format!("{head}\nvariants = [{joint:?}]");
    let joint = Outcome::of("tier", folder.path(), &document("family", &head, &people), &more);
    let mut origins = BTreeSet::new();
    for name in own.variants() {
        assert!(joint.variants().contains(&name), "{name}");
        for (mine, theirs) in own.calls(&name).iter().zip(joint.calls(&name)) {
            origins.insert(mine["origin"].as_str().unwrap().to_owned());
            assert_eq!(unphased(mine), unphased(theirs), "{name}");
        }
    }
    let expected = ["record", "reference-block"].map(str::to_owned);
    assert_eq!(origins, BTreeSet::from(expected));
}

/// An opened file whose columns are the members of that order.
fn opened(
    path: &Path,
    contigs: &ContigTable,
    samples: &[(String, MemberId)],
) -> (VariantFile, Layout) {
    let file = VariantFile::open(path).unwrap();
    let wanted =
        Wanted { contigs, members: 3, samples, populations: &[], annotations: &[], file: 0 };
    let layout = Layout::new(file.name(), file.header(), &wanted).unwrap();
    (file, layout)
}

/// All variants of a file with their calls, left-aligned, sorted, each once.
fn all_calls(
    (file, layout): &(VariantFile, Layout),
    fasta: &std::sync::Arc<Fasta>,
) -> BTreeMap<Variant, Vec<Call>> {
    let mut loader = Loader::new(layout, Some(fasta.reader()));
    let mut found = BTreeMap::new();
    let chunks = file.chunks().unwrap();
    let mut reader = ChunkReader::new(chunks.kind());
    for chunk in chunks {
        let mut lines = reader.lines(chunk.unwrap()).unwrap();
        while let Some(record) = lines.next() {
            let record = record.unwrap();
            let mut one = loader.annotated();
            for number in alternates(&record) {
                loader.load(&record, Part::Site, number, &mut one).unwrap();
                loader.load(&record, Part::Calls, number, &mut one).unwrap();
                found.insert(one.variant.clone(), one.calls.clone());
            }
        }
    }
    found
}

/// Number of ALTs in a whole genotype; `None` when an allele is missing or another ALT.
fn dosage(call: &Call) -> Option<usize> {
    let alleles = &call.genotype.alleles;
    let known = |allele: &Allele| matches!(allele, Allele::Reference | Allele::Alternate);
    (!alleles.is_empty() && alleles.iter().all(known))
        .then(|| alleles.iter().filter(|&&allele| allele == Allele::Alternate).count())
}

#[test]
fn look_ups_in_real_gvcfs_are_the_joint_genotypes() {
    let Some(source) = shared_file(ASHKENAZIM_FOLDER) else { return };
    let mut contigs = ContigTable::new();
    contigs.add("chr21", Some(1_000_001)).unwrap();
    let fasta = Fasta::open(&source.join("hg38_chr21_22000000_23000000.fasta")).unwrap();
    let fasta = fasta.with_contigs(&contigs);
    let samples: Vec<(String, MemberId)> = ASHKENAZIM
        .iter()
        .enumerate()
        .map(|(i, (sample, _))| ((*sample).to_owned(), MemberId(i as u16)))
        .collect();
    let joint = all_calls(&opened(&source.join("Ashkenazim.vcf.gz"), &contigs, &samples), &fasta);
    let sites: Vec<Variant> = joint.keys().cloned().collect();
    let mut compared = BTreeMap::new();
    let mut differ = 0;
    for one in &samples {
        let path = source.join(format!("{}.g.vcf.gz", one.0));
        let (file, layout) = opened(&path, &contigs, std::slice::from_ref(one));
        let calls = collect_calls(&file, &layout, &Sites::new(&sites), Some(&fasta), 2).unwrap();
        for (site, member, call) in calls {
            let theirs = &joint[&sites[site]][usize::from(member.0)];
            let (Some(mine), Some(theirs)) = (dosage(&call), dosage(theirs)) else { continue };
            assert_ne!(call.origin, CallOrigin::Absent);
            *compared.entry(format!("{:?}", call.origin)).or_insert(0) += 1;
            differ += usize::from(mine != theirs);
        }
    }
    assert!(compared["Record"] > 1000 && compared["ReferenceBlock"] > 5, "{compared:?}");
    assert_eq!(differ, 0, "of {compared:?}");
}
