//! The truth table of copy-number and structural variants and repeats (`test-data/structural`) as a case, in both builds.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use super::common::{root, tierline};

pub(crate) type Row = BTreeMap<String, String>;

/// Rows of a table whose header line begins with `#`.
pub(crate) fn table(text: &str) -> Vec<Row> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("# ")).collect();
    let header: Vec<&str> = lines[0].trim_start_matches('#').split('\t').collect();
    let row = |line: &&str| {
        header
            .iter()
            .map(|&name| name.to_owned())
            .zip(line.split('\t').map(str::to_owned))
            .collect()
    };
    lines[1..].iter().map(row).collect()
}

pub(crate) fn truth(name: &str) -> Vec<Row> {
    table(&fs::read_to_string(root().join("test-data/structural").join(name)).unwrap())
}

/// GRCh37 places lie this much further on in the simulated table, bp.
pub(crate) const SHIFT: u32 = 1_000_000;

pub(crate) struct Build {
    pub(crate) name: &'static str,
    contigs: [(&'static str, u32); 5],
    shift: u32,
}

pub(crate) const BUILDS: [Build; 2] = [
    Build {
        name: "GRCh38",
        contigs: [
            ("1", 248_956_422),
            ("2", 242_193_529),
            ("3", 198_295_559),
            ("4", 190_214_555),
            ("X", 156_040_895),
        ],
        shift: 0,
    },
    Build {
        name: "GRCh37",
        contigs: [
            ("1", 249_250_621),
            ("2", 243_199_373),
            ("3", 198_022_430),
            ("4", 191_154_276),
            ("X", 155_270_560),
        ],
        shift: SHIFT,
    },
];

pub(crate) fn number(row: &Row, key: &str) -> u32 {
    row[key].parse().unwrap()
}

impl Build {
    fn header(&self, lines: &str) -> String {
        let mut text =
            format!("##fileformat=VCFv4.2\n{lines}##FILTER=<ID=PASS,Description=\"d\">\n");
        for (name, length) in self.contigs {
            let _ = writeln!(text, "##contig=<ID={name},length={length}>");
        }
        text + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
    }

    fn calls(&self, sort: &str, lines: &str, format: &str) -> String {
        let mut text = self.header(lines);
        for row in truth("calls.tsv").iter().filter(|row| row["sort"] == sort) {
            let (start, end) = (number(row, "start") + self.shift, number(row, "end") + self.shift);
            let position = if row["kind"] == "INS" { start } else { start - 1 };
            let more = if row["info"] == "." { String::new() } else { format!(";{}", row["info"]) };
            let sample = if format == "GT:CN" {
                format!("{}:{}", row["genotype"], row["copies"])
            } else {
                row["genotype"].clone()
            };
            let _ = writeln!(
                text,
                "{}\t{position}\t{}\tN\t<{}>\t50\t{}\tSVTYPE={};END={end}{more}\t{format}\t{sample}",
                row["contig"], row["name"], row["kind"], row["filter"], row["kind"]
            );
        }
        text
    }

    fn repeats(&self) -> String {
        let keys = ["REPCN", "REPCI", "SO", "ADSP"];
        let mut lines = "##INFO=<ID=RU,Number=1,Type=String,Description=\"d\">\n".to_owned();
        for key in keys {
            let _ = writeln!(lines, "##FORMAT=<ID={key},Number=1,Type=String,Description=\"d\">");
        }
        let mut text = self.header(&lines);
        for row in truth("repeats.tsv").iter().filter(|row| row["unit_in_file"] != "-") {
            let shift = self.shift + number(row, "shift");
            let (start, end) = (number(row, "start") + shift, number(row, "end") + shift);
            let _ = writeln!(
                text,
                "{}\t{}\t.\tA\t<STR1>\t.\t{}\tEND={end};RU={};REPID={}\tREPCN:REPCI\t{}:{}",
                row["contig"],
                start - 1,
                row["filter"],
                row["unit_in_file"],
                row["name"],
                row["sizes"],
                row["intervals"]
            );
        }
        text
    }

    fn small(&self) -> String {
        let csq = "##INFO=<ID=CSQ,Number=.,Type=String,Description=\"Format: Allele|Consequence|SYMBOL|BIOTYPE\">\n";
        let mut text = self.header(csq);
        for row in truth("small.tsv") {
            let position = number(&row, "position") + self.shift;
            let _ = writeln!(
                text,
                "{}\t{position}\t{}\tC\tT\t50\tPASS\tCSQ=T|{}|{}|protein_coding\tGT:DP:GQ:AD\t{}:30:99:10,20",
                row["contig"], row["name"], row["consequence"], row["gene"], row["genotype"]
            );
        }
        text
    }

    fn panel(&self) -> String {
        let other = BUILDS.iter().find(|build| build.shift != self.shift).unwrap();
        let pair = |row: &Row, build: &Build| {
            serde_json::json!([
                number(row, "start") + build.shift,
                number(row, "end") + build.shift
            ])
        };
        let both = |row: &Row| {
            let places = [(self.name, pair(row, self)), (other.name, pair(row, other))];
            places.into_iter().collect::<BTreeMap<_, _>>()
        };
        let genes: Vec<_> = truth("genes.tsv").iter().map(|row| {
            let location = |shift: u32| format!("{}:{}-{}", row["contig"], number(row, "start") + shift, number(row, "end") + shift);
            serde_json::json!({
                "entity_name": row["symbol"], "confidence_level": row["rating"], "mode_of_inheritance": row["mode"],
                "gene_data": { "gene_symbol": row["symbol"], "ensembl_genes": {
                    "GRch37": { "82": { "location": location(SHIFT) } }, "GRch38": { "90": { "location": location(0) } } } },
            })
        }).collect();
        let regions: Vec<_> = truth("regions.tsv").iter().map(|row| {
            let places = both(row);
            serde_json::json!({
                "entity_name": row["name"], "confidence_level": row["rating"], "type_of_variants": row["type"],
                "required_overlap_percentage": number(row, "percent"), "chromosome": row["contig"],
                "grch37_coordinates": places["GRCh37"], "grch38_coordinates": places["GRCh38"], "gene_data": null,
            })
        }).collect();
        let strs: Vec<_> = truth("repeats.tsv").iter().map(|row| {
            let places = both(row);
            serde_json::json!({
                "entity_name": row["name"], "confidence_level": row["rating"], "mode_of_inheritance": row["mode"],
                "repeated_sequence": row["unit"], "normal_repeats": number(row, "normal"),
                "pathogenic_repeats": number(row, "pathogenic"), "chromosome": row["contig"],
                "grch37_coordinates": places["GRCh37"], "grch38_coordinates": places["GRCh38"],
                "gene_data": { "gene_symbol": row["gene"] },
            })
        }).collect();
        serde_json::json!({ "id": 1, "name": "Simulated", "version": "1.0", "genes": genes, "regions": regions, "strs": strs })
            .to_string()
    }

    /// Writes the case into a folder; `turn` changes each file's records.
    pub(crate) fn case(&self, folder: &Path, turn: fn(&str) -> String) -> PathBuf {
        let cn = "##source=DRAGEN_CNV\n##FORMAT=<ID=CN,Number=1,Type=Float,Description=\"d\">\n";
        let write = |name: &str, text: String| fs::write(folder.join(name), turn(&text)).unwrap();
        write("cnv.vcf", self.calls("cnv", cn, "GT:CN"));
        write("sv.vcf", self.calls("sv", "##source=GenerateSVCandidates 1.6\n", "GT"));
        write("str.vcf", self.repeats());
        fs::write(folder.join("small.vcf"), self.small()).unwrap();
        fs::write(folder.join("panel.json"), self.panel()).unwrap();
        let text = format!(
            "[case]\nid = \"S\"\nkind = \"singleton\"\nassembly = \"{}\"\npanels = [\"panel.json\"]\nvariants = [\"small.vcf\"]\n\
             structural_variants = [\"cnv.vcf\", \"sv.vcf\"]\nrepeats = [\"str.vcf\"]\n[[member]]\nid = \"P\"\nsample = \"S1\"\n\
             role = \"proband\"\nsex = \"male\"\n[member.consent]\nprimary = true\n",
            self.name
        );
        fs::write(folder.join("case.toml"), text).unwrap();
        folder.join("case.toml")
    }
}

pub(crate) fn tier(case: &Path, out: &Path, arguments: &[&str]) -> Output {
    let mut command = tierline();
    command.arg("tier").arg(case).arg("-o").arg(out).arg("--allow-unannotated").args(arguments);
    command.output().unwrap()
}

pub(crate) fn tiers(case: &Path, arguments: &[&str]) -> (Vec<Row>, PathBuf) {
    let out = case.with_file_name("out");
    let output = tier(case, &out, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    (table(&fs::read_to_string(out.join("tiers.tsv")).unwrap()), out)
}
