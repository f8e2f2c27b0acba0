//! Plain gene lists: one name a line, or a table with a header.
//!
//! Without a header each line is a symbol, an HGNC id or an Ensembl id. A table is tab-separated (or comma-separated) and
//! has at least one of the columns `symbol`, `ensembl`, `hgnc`; `moi`, `confidence` and `role` (in cancer) are read when
//! present, other columns are passed over.

use crate::model::panel::{CancerRole, Confidence, Panel, PanelGene, PanelMode};
use crate::model::problem::{Problem, Problems, nearest};

/// Column names that mean the same, by what they hold.
const COLUMNS: [(Column, &[&str]); 6] = [
    (Column::Symbol, &["symbol", "gene", "gene_symbol", "hgnc_symbol", "gene_name"]),
    (Column::Ensembl, &["ensembl", "ensembl_id", "ensembl_gene_id", "gene_id"]),
    (Column::Hgnc, &["hgnc", "hgnc_id"]),
    (Column::Mode, &["moi", "mode_of_inheritance"]),
    (Column::Confidence, &["confidence", "confidence_level", "rating"]),
    (Column::Role, &["role", "role_in_cancer", "cancer_role"]),
];

/// Modes by the short words of a list; PanelApp's own texts pass too.
const MODES: [(&str, PanelMode); 12] = [
    ("monoallelic", PanelMode::Monoallelic),
    ("monoallelic_not_imprinted", PanelMode::MonoallelicNotImprinted),
    ("monoallelic_maternally_imprinted", PanelMode::MonoallelicMaternallyImprinted),
    ("monoallelic_paternally_imprinted", PanelMode::MonoallelicPaternallyImprinted),
    ("biallelic", PanelMode::Biallelic),
    ("both", PanelMode::Both),
    ("both_more_severe_biallelic", PanelMode::BothMoreSevereBiallelic),
    ("x_linked_biallelic", PanelMode::XLinkedBiallelic),
    ("x_linked_monoallelic", PanelMode::XLinkedMonoallelic),
    ("mitochondrial", PanelMode::Mitochondrial),
    ("unknown", PanelMode::Unknown),
    ("other", PanelMode::Unknown),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Symbol,
    Ensembl,
    Hgnc,
    Mode,
    Confidence,
    Role,
}

/// Reads a gene list as a panel whose id and name are `stem` and whose version is `-`.
///
/// # Errors
///
/// Every line that names no gene, an unknown mode or rating, and a list without genes.
pub fn parse(text: &str, file: &str, stem: &str, sha256: &str) -> Result<Panel, Problems> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut problems = Problems::default();
    let mut header: Option<(Vec<Option<Column>>, char)> = None;
    let mut genes: Vec<PanelGene> = Vec::new();
    let lines = text.lines().enumerate().map(|(i, line)| (i + 1, line.trim_end_matches('\r')));
    for (number, line) in lines {
        // A header may begin with `#`, as in many exported tables.
        if header.is_none() && genes.is_empty() {
            header = read_header(line);
            if header.is_some() {
                continue;
            }
        }
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let gene = match &header {
            Some((columns, separator)) => row(line, columns, *separator),
            None => bare(line.trim()),
        };
        match gene {
            Ok(gene) => match genes.iter().find(|known| same(known, &gene)) {
                None => genes.push(gene),
                Some(known) if known.mode == gene.mode && known.confidence == gene.confidence => {}
                // Which of the two is meant decides the tier: nobody but the list's author can tell.
                Some(_) => problems.0.push(
                    Problem::bad_data("the gene is listed before with another mode or rating")
                        .in_file(file)
                        .at(format!("line {number}"))
                        .help("keep one line; \"both\" stands for monoallelic and biallelic"),
                ),
            },
            Err(problem) => problems.0.push(problem.in_file(file).at(format!("line {number}"))),
        }
    }
    if genes.is_empty() && problems.0.is_empty() {
        problems.0.push(Problem::bad_data("no gene in this list").in_file(file));
    }
    problems.into_result()?;
    Ok(Panel {
        id: stem.to_owned(),
        name: stem.to_owned(),
        version: "-".into(),
        source: "gene list".into(),
        sha256: sha256.to_owned(),
        genes,
        ..Panel::default()
    })
}

fn same(a: &PanelGene, b: &PanelGene) -> bool {
    a.symbol == b.symbol && a.hgnc == b.hgnc && a.ensembl == b.ensembl
}

fn read_header(line: &str) -> Option<(Vec<Option<Column>>, char)> {
    let line = line.trim_start_matches('#').trim();
    let separator = if line.contains('\t') || !line.contains(',') { '\t' } else { ',' };
    let columns: Vec<Option<Column>> = line
        .split(separator)
        .map(|name| {
            let name = name.trim().trim_matches('"').to_ascii_lowercase().replace([' ', '-'], "_");
            COLUMNS.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(c, _)| *c)
        })
        .collect();
    let names_genes = |column: &Option<Column>| {
        matches!(column, Some(Column::Symbol | Column::Ensembl | Column::Hgnc))
    };
    columns.iter().any(names_genes).then_some((columns, separator))
}

fn row(line: &str, columns: &[Option<Column>], separator: char) -> Result<PanelGene, Problem> {
    let mut gene = PanelGene::default();
    let cells = line.split(separator).map(|cell| cell.trim().trim_matches('"'));
    for (cell, column) in cells.zip(columns) {
        if cell.is_empty() || cell == "." || cell == "NA" {
            continue;
        }
        match column {
            Some(Column::Symbol) => gene.symbol = symbol(cell)?,
            Some(Column::Ensembl) => gene.ensembl = vec![ensembl(cell)?],
            Some(Column::Hgnc) => gene.hgnc = Some(hgnc(cell)?),
            Some(Column::Mode) => {
                gene.mode = mode(cell)?;
                cell.clone_into(&mut gene.mode_text);
            }
            Some(Column::Confidence) => gene.confidence = Some(confidence(cell)?),
            Some(Column::Role) => gene.role = role(cell)?,
            None => {}
        }
    }
    named(gene)
}

/// The part of a gene in cancer; words of several lists, joined by `,`, `;`, `/` or `|`. Fusion partners are no part of their own.
fn role(cell: &str) -> Result<Option<CancerRole>, Problem> {
    let (mut gain, mut loss, mut fusion) = (false, false, false);
    for word in cell.split([',', ';', '/', '|']) {
        match word.trim().to_ascii_lowercase().replace([' ', '-'], "_").as_str() {
            "oncogene" | "onco" | "act" | "gof" => gain = true,
            "tumor_suppressor_gene"
            | "tumour_suppressor_gene"
            | "tumor_suppressor"
            | "tumour_suppressor"
            | "tsg"
            | "lof" => loss = true,
            "both" | "ambiguous" => (gain, loss) = (true, true),
            "fusion" => fusion = true,
            "unknown" | "other" | "none" => {}
            _ => {
                let problem = Problem::bad_data(format!("{cell:?} is no role of a gene in cancer"));
                return Err(problem.help("expected oncogene, tumor_suppressor_gene or both"));
            }
        }
    }
    Ok(match (gain, loss) {
        (true, true) => Some(CancerRole::Both),
        (false, true) => Some(CancerRole::TumourSuppressor),
        (true, false) => Some(CancerRole::Oncogene),
        // A gene that is known for its fusions alone is driven by them.
        (false, false) => fusion.then_some(CancerRole::Oncogene),
    })
}

/// A gene shows its id where it has no symbol.
fn named(mut gene: PanelGene) -> Result<PanelGene, Problem> {
    if gene.symbol.is_empty() {
        let id = gene.hgnc.as_ref().or(gene.ensembl.first());
        gene.symbol = id.cloned().ok_or_else(|| Problem::bad_data("no gene on this line"))?;
    }
    Ok(gene)
}

/// A line of a list without header.
fn bare(line: &str) -> Result<PanelGene, Problem> {
    let mut gene = PanelGene::default();
    if line.starts_with("HGNC:") {
        gene.hgnc = Some(hgnc(line)?);
    } else if line.starts_with("ENSG") && line.len() >= 15 {
        gene.ensembl = vec![ensembl(line)?];
    } else {
        gene.symbol = symbol(line)?;
    }
    named(gene)
}

fn symbol(text: &str) -> Result<String, Problem> {
    let fits = text.len() <= 40
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.@/".contains(&b));
    if fits {
        return Ok(text.to_owned());
    }
    Err(Problem::bad_data(format!("{text:?} is no gene symbol"))
        .help("one gene a line, or a tab-separated table with a header: symbol, ensembl, hgnc, moi, confidence"))
}

fn ensembl(text: &str) -> Result<String, Problem> {
    let id = text.split('.').next().unwrap_or(text);
    match id.strip_prefix("ENSG") {
        Some(digits) if digits.len() == 11 && digits.bytes().all(|b| b.is_ascii_digit()) => {
            Ok(id.to_owned())
        }
        _ => Err(Problem::bad_data(format!("{text:?} is no Ensembl gene id"))
            .help("they look like ENSG00000012048")),
    }
}

fn hgnc(text: &str) -> Result<String, Problem> {
    let digits = text.strip_prefix("HGNC:").unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(
            Problem::bad_data(format!("{text:?} is no HGNC id")).help("they look like HGNC:1100")
        );
    }
    Ok(format!("HGNC:{digits}"))
}

fn mode(text: &str) -> Result<PanelMode, Problem> {
    let word = text.to_ascii_lowercase().replace([' ', '-'], "_");
    if let Some((_, mode)) = MODES.iter().find(|(known, _)| *known == word) {
        return Ok(*mode);
    }
    match PanelMode::parse(text) {
        PanelMode::Unknown if !word.starts_with("other") => {
            let words = MODES.map(|(word, _)| word);
            let help = match nearest(&word, words) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("expected one of {}", words.join(", ")),
            };
            Err(Problem::bad_data(format!("unknown mode {text:?}")).help(help))
        }
        known => Ok(known),
    }
}

fn confidence(text: &str) -> Result<Confidence, Problem> {
    let word = text.to_ascii_lowercase();
    match word.as_str() {
        "green" => Some(Confidence::Green),
        "amber" => Some(Confidence::Amber),
        "red" => Some(Confidence::Red),
        level => Confidence::parse(level),
    }
    .ok_or_else(|| {
        Problem::bad_data(format!("unknown confidence {text:?}"))
            .help("green, amber, red, or PanelApp's 0 to 4")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Result<Panel, String> {
        parse(text, "x.txt", "x", "d").map_err(|problems| problems.to_string())
    }

    #[test]
    fn one_name_a_line_of_any_sort() {
        let panel = list("# genes\nBRCA1\r\nHGNC:1101\nENSG00000012048.23\nBRCA1\n\n").unwrap();
        let genes: Vec<_> = panel
            .genes
            .iter()
            .map(|g| (g.symbol.as_str(), g.hgnc.is_some(), g.ensembl.len()))
            .collect();
        assert_eq!(
            genes,
            [("BRCA1", false, 0), ("HGNC:1101", true, 0), ("ENSG00000012048", false, 1)]
        );
        assert!(panel.genes.iter().all(PanelGene::is_green), "a plain list counts as green");
        assert_eq!((panel.id.as_str(), panel.version.as_str()), ("x", "-"));
    }

    #[test]
    fn a_table_with_modes_and_ratings() {
        let text = "#Symbol\tnote\tHGNC\tMOI\tconfidence\nAAA\tany\t5\tbiallelic\tgreen\nBBB\t\t\tBOTH monoallelic and biallelic\t1\n";
        let panel = list(text).unwrap();
        assert_eq!(panel.genes[0].hgnc.as_deref(), Some("HGNC:5"));
        assert_eq!(
            (panel.genes[0].mode, panel.genes[1].mode),
            (PanelMode::Biallelic, PanelMode::Both)
        );
        assert_eq!(panel.genes[1].confidence, Some(Confidence::Red));
        assert_eq!(
            list("gene,moi\nA,x-linked monoallelic\n").unwrap().genes[0].mode,
            PanelMode::XLinkedMonoallelic
        );
    }

    #[test]
    fn wrong_lists_say_where_and_what() {
        for (text, expected) in [
            ("", "x.txt: no gene in this list"),
            ("# only\n", "x.txt: no gene"),
            ("A\nB C\n", "x.txt: line 2: \"B C\" is no gene symbol"),
            ("A\nHGNC:x\n", "x.txt: line 2: \"HGNC:x\" is no HGNC id"),
            (
                "symbol\tmoi\nA\tXLR\n",
                "x.txt: line 2: unknown mode \"XLR\"\n  help: expected one of",
            ),
            ("symbol\tmoi\nA\tbialellic\n", "did you mean biallelic?"),
            ("symbol\tconfidence\nA\tblue\n", "unknown confidence \"blue\""),
            ("ensembl\nENST00000012048\n", "is no Ensembl gene id"),
            ("symbol\thgnc\n\t\n.\t.\n", "line 3: no gene on this line"),
        ] {
            let error = list(text).unwrap_err();
            assert!(error.contains(expected), "{text:?}: {error}");
        }
    }

    #[test]
    fn a_gene_listed_with_two_modes_is_a_fault() {
        let read = |second: &str| {
            let text = format!("symbol\tmoi\nG\tbiallelic\nG\t{second}\n");
            parse(&text, "list.tsv", "list", "").map(|panel| panel.genes.len())
        };
        assert_eq!(read("biallelic").unwrap(), 1);
        let told = read("monoallelic").unwrap_err().0[0].to_string();
        assert!(told.starts_with("list.tsv: line 3: the gene is listed before"), "{told}");
    }
}
