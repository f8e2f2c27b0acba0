//! What is fuzzed: one body a format that people write by hand or receive from elsewhere. A body reads arbitrary bytes
//! and checks what must hold whatever they are: nothing panics, a refusal says why and points at a line that exists,
//! and what is accepted keeps its promises. The same bodies run with fixed seeds in `tests/fuzz_bodies.rs`.

use std::path::Path;

use tierline::case::{document, ped};
use tierline::io::{gene_list, panelapp};
use tierline::model::contig::{ContigClass, ContigTable};
use tierline::model::genotype::Genotype;
use tierline::model::problem::{Problem, Problems};
use tierline::policy::Policy;

/// One body with the inputs that mutation starts from.
pub(crate) struct Body {
    /// Name of the fuzz target.
    pub(crate) name: &'static str,
    /// Reads the bytes; panics when a promise is broken.
    pub(crate) run: fn(&[u8]),
    /// Accepted and refused examples.
    #[allow(dead_code, reason = "libFuzzer brings its own corpus")]
    pub(crate) seeds: &'static [&'static str],
}

/// All bodies.
pub(crate) const BODIES: &[Body] = &[
    Body { name: "case_toml", run: case_toml, seeds: CASES },
    Body { name: "ped", run: pedigree, seeds: PEDS },
    Body { name: "policy_toml", run: policy_toml, seeds: POLICIES },
    Body { name: "panel_json", run: panel_json, seeds: PANELS },
    Body { name: "gene_list", run: gene_lists, seeds: GENE_LISTS },
    Body { name: "genotype", run: genotype, seeds: GENOTYPES },
    Body { name: "contig_names", run: contig_names, seeds: CONTIGS },
];

/// The body of this name.
#[allow(dead_code, reason = "the fuzz targets call it, the fixed-seed test walks the list")]
pub(crate) fn body(name: &str, bytes: &[u8]) {
    let found = BODIES.iter().find(|body| body.name == name);
    (found.unwrap_or_else(|| panic!("no body {name}")).run)(bytes);
}

/// A refusal has a message, and a line that it names lies inside the text (or just after its end).
fn check_problem(problem: &Problem, text: &str) {
    assert!(!problem.message.trim().is_empty(), "a problem without a message");
    let line = problem.place.as_deref().and_then(|place| place.strip_prefix("line "));
    if let Some(number) = line.and_then(|line| line.split([' ', ',']).next()) {
        let number: usize = number.parse().unwrap_or_else(|_| panic!("line {number:?}"));
        let lines = text.lines().count().max(1) + 1;
        assert!((1..=lines).contains(&number), "line {number} of {lines}");
    }
}

fn check_problems(problems: &Problems, text: &str) {
    assert!(!problems.0.is_empty(), "refused without a problem");
    for problem in &problems.0 {
        check_problem(problem, text);
    }
}

const CASES: &[&str] = &[
    "[case]\nid = \"T\"\nkind = \"family\"\nassembly = \"GRCh38\"\npanels = [\"p.json#5\"]\n\
     hpo = [\"HP:0001250\", \"!HP:0001263\"]\n\
     [[member]]\nid = \"C\"\nsample = \"S\"\nrole = \"proband\"\nsex = \"male\"\naffected = \"yes\"\n\
     father = \"F\"\nvariants = \"a.vcf\"\nx_copies = 1\n[member.consent]\nprimary = true\n\
     [[member]]\nid = \"F\"\nrole = \"father\"\nsex = \"male\"\naffected = \"uncertain\"\n",
    "[case]\nid = \"N\"\nkind = \"tumour-normal\"\nassembly = \"GRCh37\"\ndomain1 = \"d\"\n\
     [[member]]\nid = \"T\"\nsample = \"T\"\nrole = \"tumour\"\nalignment = \"t.bam\"\n\
     [[member]]\nid = \"N\"\nsample = \"N\"\nrole = \"normal\"\n",
    "\u{feff}[case]\nkinds = \"x\"\n[member]\n",
];

/// `case.toml`.
fn case_toml(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match document::parse(&text, Path::new("cases/case.toml")) {
        Ok(case) => {
            let members = case.family.members.len();
            assert!(members > 0, "a case without members");
            assert!(!case.id.is_empty(), "a case without an id");
            for member in &case.family.members {
                let parents = [member.father, member.mother];
                let inside = parents.iter().flatten().all(|id| usize::from(id.0) < members);
                assert!(inside, "a parent outside the family");
            }
        }
        Err(problems) => check_problems(&problems, &text),
    }
}

const PEDS: &[&str] = &[
    "#family\tid\tfather\tmother\tsex\tphenotype\nF\tC\tP\tM\t1\t2\nF\tP\t0\t0\t1\t1\nF\tM\t0\t0\t2\t-9\n",
    "F C 0 0 2 2\r\n\r\nF C 0 0 2 2 extra\r\n",
];

/// A pedigree file of six columns.
fn pedigree(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match ped::parse(&text, "family.ped") {
        Ok(rows) => {
            assert!(!rows.is_empty(), "a pedigree without individuals");
            for row in rows {
                assert!(!row.id.is_empty() && row.id != "0", "individual {:?}", row.id);
                assert!((1..=text.lines().count()).contains(&row.line), "line {}", row.line);
            }
        }
        Err(problems) => check_problems(&problems, &text),
    }
}

const POLICIES: &[&str] = &[
    include_str!("../src/policy/presets/gms-rd.toml"),
    include_str!("../src/policy/presets/gms-cancer.toml"),
];

/// A policy file.
fn policy_toml(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match Policy::parse(&text) {
        Ok(policy) => assert!(policy.check().is_ok(), "an accepted policy passes its own check"),
        Err(problem) => check_problem(&problem, &text),
    }
}

const PANELS: &[&str] = &[
    r#"{"id": 402, "hash_id": null, "name": "Epilepsy", "version": "8.2", "disease_group": "N",
        "relevant_disorders": ["R59"], "types": [{"slug": "gms-signed-off", "name": "GMS signed-off"}],
        "genes": [{"entity_name": "KCNQ2", "entity_type": "gene", "confidence_level": "3",
            "penetrance": "Complete", "mode_of_pathogenicity": "", "phenotypes": ["a"], "tags": ["x"],
            "mode_of_inheritance": "MONOALLELIC, autosomal or pseudoautosomal, NOT imprinted",
            "gene_data": {"alias": ["EBN"], "hgnc_id": "HGNC:6296", "gene_symbol": "KCNQ2",
                "hgnc_symbol": "KCNQ2", "ensembl_genes": {"GRch38": {"90": {"ensembl_id":
                "ENSG00000075043", "location": "20:63400210-63472677"}}}}}],
        "regions": [{"entity_name": "R", "gene_data": null, "confidence_level": "1",
            "grch38_coordinates": [1, 2], "chromosome": "1", "verbose_name": "v",
            "mode_of_inheritance": "Unknown"}],
        "strs": [{"entity_name": "HTT_CAG", "confidence_level": 3, "normal_repeats": 36,
            "pathogenic_repeats": 40, "repeated_sequence": "CAG", "gene_data": {}}]}"#,
    "{\"id\": 1, \"name\": \"a\", \"version\": \"1.0\", \"genes\": []}\n{\"id\": 2}\n[]",
    "{\"count\": 1, \"next\": null, \"results\": []}",
    "<html>Bad gateway</html>",
];

/// Panels of PanelApp.
fn panel_json(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match panelapp::parse(&text, "panel.json", "0") {
        Ok(panels) => assert!(!panels.is_empty(), "accepted without a panel"),
        Err(problems) => check_problems(&problems, &text),
    }
}

const GENE_LISTS: &[&str] = &[
    "#symbol\tensembl\thgnc\tmode\tconfidence\nKCNQ2\tENSG00000075043\tHGNC:6296\tmonoallelic\tgreen\n",
    "# a comment\nBRCA1\n\nENSG00000012048\r\nHGNC:1100\n",
    "gene,mode\nTP53,biallelic\n",
];

/// A gene list.
fn gene_lists(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match gene_list::parse(&text, "genes.tsv", "genes", "0") {
        Ok(panel) => assert!(!panel.genes.is_empty(), "a panel without genes"),
        Err(problems) => check_problems(&problems, &text),
    }
}

const GENOTYPES: &[&str] = &["0/1", "1|2", "./.", ".", "1", "/0/1", "0/1/1/2", "|1|0", "10/1"];

/// A genotype of VCF text.
fn genotype(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for alternate in 1..=3 {
        if let Some(genotype) = Genotype::parse(&text, alternate) {
            let dosage = genotype.dosage();
            let ordered = dosage.min <= dosage.max && dosage.max <= dosage.ploidy;
            assert!(ordered, "{text:?}: {dosage:?}");
        }
    }
}

const CONTIGS: &[&str] = &["chr20\n20\nNC_000020.11\nchrM\nMT\n", "HLA-A*01:01\nchrUn_x\n\n023\n"];

/// Contig names: whatever is added is found again under its own name.
fn contig_names(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut table = ContigTable::new();
    for (i, name) in text.lines().enumerate() {
        let length = (i % 3 != 0).then_some(1 + i as u32 % 2);
        match table.add(name, length) {
            Ok(id) => assert_eq!(table.resolve(name), Some(id), "{name:?}"),
            Err(conflict) => assert_ne!(conflict.found, conflict.known, "{name:?}"),
        }
        if let Some(bare) = ContigClass::of_name(name).bare_name() {
            let again = ContigClass::of_name(&bare);
            assert_eq!(again, ContigClass::of_name(name), "{name:?} and {bare:?}");
        }
    }
}
