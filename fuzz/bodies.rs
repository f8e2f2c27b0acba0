//! What is fuzzed: one body a format that people write by hand or receive from elsewhere. A body reads arbitrary bytes
//! and checks what must hold whatever they are: nothing panics, a refusal says why and points at a line that exists,
//! and what is accepted keeps its promises. The same bodies run with fixed seeds in `tests/fuzz_bodies.rs`.

use std::io::Cursor;
use std::path::Path;

use tierline::case::gel::{Choice, referral, request};
use tierline::case::{CaseForm, Draft, document, form, ped, phenopacket};
use tierline::io::mutation_table::{Columns, MutationTable};
use tierline::io::store::{
    Kind, Meta, PackedNumbers, Row, Store, StorePopulation, StoreWriter, Tally,
};
use tierline::io::variants::{ChunkReader, Layout, Loader, VariantFile, Wanted, alternates};
use tierline::io::{gene_list, panelapp, site_list, sketch_file as sketches};
use tierline::model::candidate::Part;
use tierline::model::contig::{Assembly, ContigClass, ContigTable};
use tierline::model::genotype::Genotype;
use tierline::model::mutation_type::MatrixKind;
use tierline::model::problem::{Problem, Problems};
use tierline::model::sample::MemberId;
use tierline::model::sketch::{Site, SiteCounts, SiteList, SiteRegion, Sketch, SketchSource};
use tierline::policy::Policy;

/// One body with the inputs that mutation starts from.
pub(crate) struct Body {
    /// Name of the fuzz target.
    pub(crate) name: &'static str,
    /// Reads the bytes and tells whether they were accepted; panics when a promise is broken.
    pub(crate) run: fn(&[u8]) -> bool,
    /// Examples: the first is accepted, others may be refused.
    #[allow(dead_code, reason = "libFuzzer brings its own corpus")]
    pub(crate) seeds: &'static [&'static str],
}

/// All bodies.
pub(crate) const BODIES: &[Body] = &[
    Body { name: "case_toml", run: case_toml, seeds: CASES },
    Body { name: "ped", run: pedigree, seeds: PEDS },
    Body { name: "referral_json", run: referral_json, seeds: REFERRALS },
    Body { name: "policy_toml", run: policy_toml, seeds: POLICIES },
    Body { name: "panel_json", run: panel_json, seeds: PANELS },
    Body { name: "gene_list", run: gene_lists, seeds: GENE_LISTS },
    Body { name: "mutation_table", run: mutation_table, seeds: MUTATION_TABLES },
    Body { name: "genotype", run: genotype, seeds: GENOTYPES },
    Body { name: "contig_names", run: contig_names, seeds: CONTIGS },
    Body { name: "vcf_header", run: vcf_header, seeds: HEADERS },
    Body { name: "vcf_lines", run: vcf_lines, seeds: VCF_LINES },
    Body { name: "bcf_records", run: bcf_records, seeds: BCF_RECORDS },
    Body { name: "sketch_file", run: sketch_file, seeds: SKETCH_DAMAGE },
    Body { name: "store", run: store, seeds: STORES },
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

/// Whether something was accepted; a refusal is checked.
fn accepted<T>(read: Result<T, Problems>, text: &str, check: impl FnOnce(T)) -> bool {
    match read {
        Ok(value) => {
            check(value);
            true
        }
        Err(problems) => {
            check_problems(&problems, text);
            false
        }
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
fn case_toml(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    accepted(document::parse(&text, Path::new("cases/case.toml")), &text, |case| {
        let members = case.family.members.len();
        assert!(members > 0, "a case without members");
        assert!(!case.id.is_empty(), "a case without an id");
        for member in &case.family.members {
            let parents = [member.father, member.mother];
            let inside = parents.iter().flatten().all(|id| usize::from(id.0) < members);
            assert!(inside, "a parent outside the family");
        }
    })
}

const REFERRALS: &[&str] = &[
    include_str!("../test-data/referrals/request-rd-6.2.json"),
    include_str!("../test-data/referrals/request-cancer-6.0.json"),
    include_str!("../test-data/referrals/referral-rare.json"),
    include_str!("../test-data/referrals/family-phenopacket.json"),
];

/// Interpretation requests, referrals and Phenopackets.
fn referral_json(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let path = Path::new("cases/referral.json");
    let find = |uri: &str| Some(Path::new("files").join(uri));
    let choice = Choice { locate: &find, test: None, tumour: None };
    let read = form::of(&text, path).and_then(|form| match form {
        CaseForm::InterpretationRequest => request::read(&text, path, &choice),
        CaseForm::Referral => referral::read(&text, path, &choice),
        CaseForm::Phenopacket => phenopacket::read(&text, path, &find),
        CaseForm::CaseToml | CaseForm::Flags | CaseForm::Pedigree => {
            Err(Problem::bad_data("no JSON").into())
        }
    });
    accepted(read.and_then(Draft::resolve), &text, |case| {
        let allowed = |member: &tierline::model::sample::Member| {
            member.sample.is_none() || member.consent.primary.allows()
        };
        assert!(case.family.members.iter().all(allowed), "a sample without consent");
        assert!(case.index_member().is_some(), "a case about nobody");
    })
}

const PEDS: &[&str] = &[
    "#family\tid\tfather\tmother\tsex\tphenotype\nF\tC\tP\tM\t1\t2\nF\tP\t0\t0\t1\t1\nF\tM\t0\t0\t2\t-9\n",
    "F C 0 0 2 2\r\n\r\nF C 0 0 2 2 extra\r\n",
];

/// A pedigree file of six columns.
fn pedigree(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    accepted(ped::parse(&text, "family.ped"), &text, |rows| {
        assert!(!rows.is_empty(), "a pedigree without individuals");
        for row in rows {
            assert!(!row.id.is_empty() && row.id != "0", "individual {:?}", row.id);
            assert!((1..=text.lines().count()).contains(&row.line), "line {}", row.line);
        }
    })
}

const POLICIES: &[&str] = &[
    include_str!("../src/policy/presets/gms-rd.toml"),
    include_str!("../src/policy/presets/gms-cancer.toml"),
];

/// A policy file.
fn policy_toml(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    accepted(Policy::parse(&text).map_err(Problems::from), &text, |policy| {
        assert!(policy.check().is_ok(), "an accepted policy passes its own check");
    })
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
fn panel_json(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    accepted(panelapp::parse(&text, "panel.json", "0"), &text, |panels| {
        assert!(!panels.is_empty(), "accepted without a panel");
    })
}

const GENE_LISTS: &[&str] = &[
    "#symbol\tensembl\thgnc\tmode\tconfidence\nKCNQ2\tENSG00000075043\tHGNC:6296\tmonoallelic\tgreen\n",
    "# a comment\nBRCA1\n\nENSG00000012048\r\nHGNC:1100\n",
    "gene,mode\nTP53,biallelic\n",
];

/// A gene list.
fn gene_lists(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    accepted(gene_list::parse(&text, "genes.tsv", "genes", "0"), &text, |panel| {
        assert!(!panel.genes.is_empty(), "a panel without genes");
    })
}

const MUTATION_TABLES: &[&str] =
    &["", "40=1e999\n90=-1", "0=\u{feff}Type\n7=A", "20=AC>CA\t1", "12=\t"];

/// A table of signatures or counts: the input says what to write over a good table (`OFFSET=TEXT` a line), and is read as a table
/// itself.
fn mutation_table(bytes: &[u8]) -> bool {
    let input = String::from_utf8_lossy(bytes);
    let types = MatrixKind::Dbs78.types();
    let mut good = String::from("Type\tS1\tS2\n").into_bytes();
    for name in types {
        good.extend_from_slice(format!("{name}\t1\t3\n").as_bytes());
    }
    for line in input.lines() {
        let Some((offset, text)) = line.split_once('=') else { continue };
        let at = offset.trim().parse::<usize>().unwrap_or(0) % good.len();
        let end = (at + text.len()).min(good.len());
        good.splice(at..end, text.bytes());
    }
    let changed = String::from_utf8_lossy(&good);
    let check = |table: MutationTable| {
        let wanted = table.columns.len() * table.kind.types().len();
        assert!(!table.columns.is_empty(), "a table without columns");
        assert_eq!(table.values.len(), wanted, "a value for each type and column");
        let fits = |value: &f64| value.is_finite() && *value >= 0.0;
        assert!(table.values.iter().all(fits), "{:?}", table.values);
    };
    for columns in [Columns::Signatures, Columns::Samples] {
        accepted(MutationTable::parse(&input, columns), &input, check);
    }
    accepted(MutationTable::parse(&changed, Columns::Samples), &changed, check)
}

const GENOTYPES: &[&str] = &["0/1", "1|2", "./.", ".", "1", "/0/1", "0/1/1/2", "|1|0", "10/1"];

/// A genotype of VCF text.
fn genotype(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    (1..=3).fold(false, |_, alternate| {
        let parsed = Genotype::parse(&text, alternate);
        if let Some(genotype) = &parsed {
            let dosage = genotype.dosage();
            let ordered = dosage.min <= dosage.max && dosage.max <= dosage.ploidy;
            assert!(ordered, "{text:?}: {dosage:?}");
        }
        parsed.is_some()
    })
}

const CONTIGS: &[&str] = &["chr20\n20\nNC_000020.11\nchrM\nMT\n", "HLA-A*01:01\nchrUn_x\n\n023\n"];

/// Contig names: whatever is added is found again under its own name.
fn contig_names(bytes: &[u8]) -> bool {
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
    !table.is_empty()
}

/// One header for VCF and BCF: three annotations, population frequencies, calls of two samples.
const HEADER: &str = "##fileformat=VCFv4.2\n##FILTER=<ID=q10,Description=\"low\">\n\
##INFO=<ID=DP,Number=1,Type=Integer,Description=\"d\">\n\
##INFO=<ID=END,Number=1,Type=Integer,Description=\"e\">\n\
##INFO=<ID=gnomad_AF,Number=A,Type=Float,Description=\"f\">\n\
##INFO=<ID=CSQ,Number=.,Type=String,Description=\"from Ensembl VEP. Format: Allele|Consequence|IMPACT|SYMBOL|Gene|Feature|HGNC_ID|HGVSc|HGVSp|gnomADg_AF|CLIN_SIG|ALLELE_NUM\">\n\
##INFO=<ID=ANN,Number=.,Type=String,Description=\"Functional annotations: 'Allele | Annotation | Annotation_Impact | Gene_Name | Gene_ID | Feature_Type | Feature_ID | Transcript_BioType | Rank | HGVS.c | HGVS.p'\">\n\
##INFO=<ID=BCSQ,Number=.,Type=String,Description=\"Format: [*]consequence|gene|transcript|biotype[|strand][|amino_acid_change][|dna_change]\">\n\
##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">\n\
##FORMAT=<ID=AD,Number=R,Type=Integer,Description=\"a\">\n\
##FORMAT=<ID=DP,Number=1,Type=Integer,Description=\"d\">\n\
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description=\"q\">\n\
##FORMAT=<ID=PL,Number=G,Type=Integer,Description=\"p\">\n\
##contig=<ID=chr20,length=64444167>\n\
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\tS2\n";

const VCF_LINES: &[&str] = &[
    "chr20\t100\trs1\tA\tG,AT\t50\tPASS\tDP=30;gnomad_AF=0.1,1e-5;\
CSQ=G|missense_variant&splice_region_variant|MODERATE|KCNQ2|ENSG00000075043|ENST00000359125.6|HGNC:6296|ENST1:c.1A>G|ENSP1:p.Met1%3D|0.01&0.02|pathogenic&benign|1,\
T|frameshift_variant|HIGH|KCNQ2|ENSG00000075043|ENST00000359125.6||||||2\tGT:AD:DP:GQ:PL\t0/1:10,9,1:20:50:0,1,2,3,4,5\t1|2:0,5,5:10:.:.\n",
    "20\t200\t.\tCAT\tC,*,<DEL>\t.\tq10\tANN=C|frameshift_variant|HIGH|G|ENSG1|transcript|ENST2.1|protein_coding|1/2|c.5_6del|p.Ala2fs;END=210\tGT:DP\t./.:.\t0:3\r\n",
    "chr20\t300\t.\tG\t<NON_REF>\t.\t.\tEND=400\tGT:DP:GQ\t0/0:20:60\t0/0:1:3\n\
chr20\t350\t.\tT\tC\t1e3\tPASS\tBCSQ=*missense|G|ENST1|protein_coding|+|5A>5V|350T>C,@300\tGT\t1/1\t.\n",
    "chr20\t0\t.\tN\t]chr20:5]N\t.\t.\t.\tGT:AD\t1\t0/1:4,\n",
];

/// Records of a VCF behind a fixed header.
fn vcf_lines(bytes: &[u8]) -> bool {
    variant_file([HEADER.as_bytes(), bytes].concat())
}

/// One record: chr20:10 A>G, quality 32, PASS, DP=5, GT 0/1 and 1/1.
const BCF_RECORDS: &[&str] = &["\x23\0\0\0\x07\0\0\0\0\0\0\0\x09\0\0\0\x01\0\0\0\0\0\0\x42\
\x01\0\x02\0\x02\0\0\x01\x07\x17A\x17G\x11\0\x11\x02\x11\x05\x11\x08\x21\x02\x04\x04\x04"];

/// Records of a BCF behind the same header.
fn bcf_records(bytes: &[u8]) -> bool {
    let text = [HEADER.as_bytes(), b"\0"].concat();
    let length = (text.len() as u32).to_le_bytes();
    variant_file([b"BCF\x02\x02", length.as_slice(), &text, bytes].concat())
}

const HEADERS: &[&str] =
    &[HEADER, "##fileformat=VCFv4.3\n##INFO=<ID=CSQ,Description=\"Format: \">\n#CHROM\tPOS\n"];

/// A VCF header.
fn vcf_header(bytes: &[u8]) -> bool {
    variant_file(bytes.to_vec())
}

/// Reads a whole variant file and loads every part of every ALT.
fn variant_file(bytes: Vec<u8>) -> bool {
    match load_all(bytes) {
        Ok(()) => true,
        Err(problem) => {
            assert!(!problem.message.trim().is_empty(), "a problem without a message");
            false
        }
    }
}

fn load_all(bytes: Vec<u8>) -> Result<(), Problem> {
    let file = VariantFile::from_reader("fuzzed", Box::new(Cursor::new(bytes)))?;
    let header = file.header();
    let mut contigs = ContigTable::new();
    for name in ["chr20", "chrX"] {
        let _ = contigs.add(name, None);
    }
    let samples: Vec<(String, MemberId)> =
        header.samples.iter().enumerate().map(|(i, s)| (s.clone(), MemberId(i as u16))).collect();
    let wanted = Wanted {
        contigs: &contigs,
        members: samples.len(),
        samples: &samples,
        populations: &[vec!["CSQ/gnomADg_AF".into()], vec!["INFO/gnomad_AF".into()]],
        annotations: &[],
        file: 0,
    };
    let layout = Layout::new("fuzzed", header, &wanted)?;
    let mut loader = Loader::new(&layout, None);
    let mut out = loader.annotated();
    let chunks = file.chunks()?;
    let mut reader = ChunkReader::new(chunks.kind());
    for chunk in chunks {
        let mut lines = reader.lines(chunk?)?;
        while let Some(record) = lines.next() {
            let record = record?;
            for number in alternates(&record) {
                for part in Part::ALL {
                    loader.load(&record, part, number, &mut out)?;
                }
                assert_eq!(out.calls.len(), samples.len(), "a call for every member");
            }
        }
    }
    Ok(())
}

const STORES: &[&str] = &[
    "",
    "ab",
    "ab\u{1}",
    "zz\0\0\0\u{7f}",
    "cut",
    "the whole of it and then some more of the same",
];

/// A small store of two populations.
fn whole_store() -> Result<Vec<u8>, Problem> {
    let population = |name: &str, counted: bool| StorePopulation {
        name: name.into(),
        from: "fuzz".into(),
        counted,
        homozygotes: None,
        hemizygotes: None,
    };
    let meta = Meta {
        kind: Kind::Frequencies,
        dataset: "fuzz".into(),
        version: "1".into(),
        assembly: Assembly::GRCh38,
        left_aligned: false,
        sources: Vec::new(),
        populations: vec![population("ALL", true), population("NFE", false)],
        texts: Vec::new(),
        contigs: Vec::new(),
        tally: Tally::default(),
    };
    let mut writer = StoreWriter::new(Vec::new(), "fuzz", meta)?;
    writer.begin("chr1", Some(1000))?;
    for position in 1..40 {
        let row = Row {
            position,
            alleles: Box::new(*b"A>C"),
            texts: Box::new(["PASS".into()]),
            numbers: PackedNumbers::new(&[position, 1000]),
            fractions: Box::new([Some(f64::from(position) / 100.0)]),
        };
        assert!(writer.push(row).is_ok(), "rows are sorted");
    }
    Ok(writer.finish()?.0)
}

/// The bytes change a whole store: two bytes say where, the others are laid over it. A store that was changed is refused,
/// or it never gives a wrong answer.
fn store(bytes: &[u8]) -> bool {
    let Ok(mut whole) = whole_store() else { panic!("a store that cannot be written") };
    // As they are, bytes that nobody wrote are no store.
    assert!(Store::from_bytes("fuzz", bytes.to_vec()).is_err(), "no store was refused");
    if let [a, b, rest @ ..] = bytes {
        let at = usize::from(u16::from_le_bytes([*a, *b]));
        if rest == b"t" {
            whole.truncate(at % whole.len());
        }
        let length = whole.len().max(1);
        for (i, byte) in rest.iter().enumerate().take(whole.len()) {
            whole[(at + i) % length] ^= byte;
        }
    }
    let asked = Store::from_bytes("fuzz", whole).and_then(|store| {
        let mut cursor = store.cursor();
        for position in 1..40 {
            let found = cursor.find(Some(0), position, b"A", b"C")?;
            let record = cursor.record(found);
            let count = record.and_then(|record| record.populations[0].count);
            assert_eq!(count, Some(position - 1), "a wrong answer");
        }
        store.verify()
    });
    match asked {
        Ok(()) => true,
        Err(problem) => {
            check_problem(&problem, "");
            false
        }
    }
}

/// Damage to a good sketch: nothing, and triples of place (two bytes) and change.
const SKETCH_DAMAGE: &[&str] = &["", "\0\x08\x01", "\0\x0c\x01", "\0\x3d\x20\0\x3e\x01", "cut"];

/// A sketch file, damaged; a rest of one or two bytes cuts it. What is accepted is the whole sketch.
fn sketch_file(bytes: &[u8]) -> bool {
    let site = |position: u32| Site {
        contig: "1".into(),
        position,
        reference: b'A',
        alternate: b'G',
        frequency: 0.25,
        region: SiteRegion::Autosome,
    };
    let sites: Vec<Site> = [5, 9, 4_000].map(site).to_vec();
    let digest = site_list::digest(&sites);
    let list = SiteList { name: "three".into(), build: None, digest, sites, ancestry: None };
    let sketch = Sketch {
        sample: "S".into(),
        source: SketchSource::Calls,
        sites: std::sync::Arc::new(list),
        counts: vec![SiteCounts::default(); 3],
        depth: None,
    };
    let Ok(mut file) = sketches::encode(&sketch) else { panic!("a good sketch is written") };
    let (triples, rest) = bytes.as_chunks::<3>();
    for [high, low, change] in triples {
        let at = usize::from(u16::from_be_bytes([*high, *low])) % file.len();
        file[at] ^= change;
    }
    if let Some(cut) = rest.first() {
        file.truncate(usize::from(*cut).min(file.len()));
    }
    match sketches::decode(&file) {
        Ok(read) => {
            assert_eq!(read, sketch, "what is accepted is what was written");
            true
        }
        Err(problem) => {
            assert!(!problem.message.trim().is_empty(), "a problem without a message");
            false
        }
    }
}
