//! Evidence items of CIViC as its site offers them (`ClinicalEvidenceSummaries.tsv`): the layout with the columns `gene` and
//! `variant` and coordinates, and the later one with `molecular_profile`, which has none. Which it is the header tells.

use std::collections::BTreeMap;
use std::path::Path;

use super::text;
use crate::model::civic::{CivicChange, CivicItem, CivicPlace, CivicTable, EvidenceCategory};
use crate::model::contig::Assembly;
use crate::model::problem::{Problem, Problems, nearest};

/// Columns that both layouts need.
const NEEDED: [&str; 7] = [
    "disease",
    "doid",
    "evidence_type",
    "evidence_direction",
    "evidence_level",
    "evidence_status",
    "evidence_id",
];

/// Reads the file.
///
/// # Errors
///
/// A file that cannot be read, a header that is none of the two, no row, and every row without a number or level.
pub fn read(path: &Path) -> Result<CivicTable, Problems> {
    let small = text::read(path)?;
    let mut table = parse(&small.text, &path.display().to_string())?;
    table.sha256 = small.sha256;
    Ok(table)
}

/// The columns by name.
struct Columns<'h>(BTreeMap<&'h str, usize>);

impl Columns<'_> {
    /// The first of these columns that is there, `""` for none and for `N/A`.
    fn get<'r>(&self, cells: &[&'r str], names: &[&str]) -> &'r str {
        let place = names.iter().find_map(|name| self.0.get(name));
        let cell = place.and_then(|&i| cells.get(i)).map_or("", |cell| cell.trim());
        if matches!(cell, "N/A" | "NA" | ".") { "" } else { cell }
    }
}

fn parse(text: &str, file: &str) -> Result<CivicTable, Problems> {
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let header = lines.next().unwrap_or_default();
    let names: Vec<&str> = header.split('\t').map(str::trim).collect();
    let columns = Columns(names.iter().enumerate().map(|(i, name)| (*name, i)).collect());
    let has_variant = columns.0.contains_key("molecular_profile")
        || (columns.0.contains_key("gene") && columns.0.contains_key("variant"));
    let missing = NEEDED.iter().find(|name| !columns.0.contains_key(*name));
    let missing = missing.copied().or((!has_variant).then_some("molecular_profile"));
    if let Some(missing) = missing {
        let message = if text.trim().is_empty() {
            "is empty".to_owned()
        } else {
            format!("has no column {missing}")
        };
        let near = nearest(missing, names.iter().copied());
        let help = match near {
            Some(near) => {
                format!("is {near} meant? expected is CIViC's ClinicalEvidenceSummaries.tsv")
            }
            None => "expected is CIViC's ClinicalEvidenceSummaries.tsv, tab-separated".into(),
        };
        return Err(Problem::bad_data(message).in_file(file).at("line 1").help(help).into());
    }
    let (mut table, mut problems) = (CivicTable::default(), Problems::default());
    for (i, line) in lines.enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        table.rows += 1;
        let cells: Vec<&str> = line.split('\t').collect();
        match item(&cells, &columns) {
            Ok(Ok(item)) => table.items.push(item),
            Ok(Err(why)) => *table.passed_over.entry(why.to_owned()).or_default() += 1,
            Err(problem) => problems.0.push(problem.in_file(file).at(format!("line {}", i + 2))),
        }
    }
    if table.rows == 0 {
        problems.0.push(Problem::bad_data("holds no evidence item").in_file(file));
    }
    problems.into_result()?;
    Ok(table)
}

/// A row as an item, or why it cannot apply to any variant.
fn item(cells: &[&str], columns: &Columns<'_>) -> Result<Result<CivicItem, &'static str>, Problem> {
    let get = |names: &[&str]| columns.get(cells, names);
    let id = get(&["evidence_id"]);
    let id = id.trim_start_matches("EID").parse().map_err(|_| {
        Problem::bad_data(format!("evidence_id {id:?} is no number")).help("is the line cut off?")
    })?;
    let level = get(&["evidence_level"]);
    let mut letters = level.chars();
    let (Some(level @ 'A'..='E'), None) = (letters.next(), letters.next()) else {
        return Err(Problem::bad_data(format!("evidence_level {level:?} is none of A to E")));
    };
    let category = match get(&["evidence_type"]).to_ascii_lowercase().as_str() {
        "predictive" => EvidenceCategory::Therapeutic,
        "diagnostic" => EvidenceCategory::Diagnosis,
        "prognostic" => EvidenceCategory::Prognosis,
        _ => return Ok(Err("another type than predictive, diagnostic, prognostic")),
    };
    if !get(&["evidence_status"]).eq_ignore_ascii_case("accepted") {
        return Ok(Err("not accepted"));
    }
    if !get(&["evidence_direction"]).eq_ignore_ascii_case("supports") {
        return Ok(Err("does not support what it says"));
    }
    if get(&["variant_origin"]).to_ascii_lowercase().contains("germline") {
        return Ok(Err("of germline variants"));
    }
    let profile = get(&["molecular_profile"]);
    let (gene, variant) = match profile.split_once(' ') {
        Some((gene, variant)) => (gene, variant),
        None if profile.is_empty() => (get(&["gene"]), get(&["variant"])),
        None => (profile, ""),
    };
    if [" AND ", " OR ", "NOT "].iter().any(|word| profile.contains(word)) {
        return Ok(Err("several variants together"));
    }
    let Some((gene, change)) = change(gene, variant) else {
        return Ok(Err("a kind of variant that is not compared"));
    };
    let doid = get(&["doid"]).trim_start_matches("DOID:");
    Ok(Ok(CivicItem {
        id,
        gene,
        change,
        variant: if profile.is_empty() {
            format!("{} {variant}", get(&["gene"]))
        } else {
            profile.into()
        },
        place: place(&get),
        disease: get(&["disease"]).into(),
        doid: (!doid.is_empty()).then(|| format!("DOID:{doid}")),
        category,
        level,
        significance: get(&["significance", "clinical_significance"]).into(),
        therapies: get(&["therapies", "drugs"]).into(),
    }))
}

/// Coordinates of one exact variant.
fn place<'r>(get: &dyn Fn(&[&str]) -> &'r str) -> Option<CivicPlace> {
    let bases = |text: &str| {
        let text = text.to_ascii_uppercase();
        (!text.is_empty() && text.bytes().all(|b| b"ACGT".contains(&b))).then_some(text)
    };
    let build = get(&["reference_build"]).to_ascii_uppercase();
    let assembly = match build.as_str() {
        "GRCH37" => Assembly::GRCh37,
        "GRCH38" => Assembly::GRCh38,
        _ => return None,
    };
    Some(CivicPlace {
        assembly,
        contig: get(&["chromosome"]).trim_start_matches("chr").to_owned(),
        position: get(&["start"]).parse().ok()?,
        reference: bases(get(&["reference_bases"]))?,
        alternate: bases(get(&["variant_bases"]))?,
    })
}

/// The gene and what must be there; `None` for what this program does not compare.
fn change(gene: &str, variant: &str) -> Option<(String, CivicChange)> {
    let upper = variant.to_ascii_uppercase();
    // Coding changes in brackets stand behind the protein's.
    let text = upper.split(" (").next().unwrap_or_default().trim();
    if let Some((five, three)) = gene.split_once("::") {
        // `v` stands for any partner.
        let named = |name: &str| name.len() > 1;
        let (own, partner) = if named(three) { (three, five) } else { (five, three) };
        let partner = named(partner).then(|| partner.to_owned());
        return text.contains("FUSION").then(|| (own.to_owned(), CivicChange::Fusion(partner)));
    }
    let change = match text {
        "MUTATION" | "MUTATIONS" => CivicChange::Mutation,
        "TRUNCATING MUTATION" | "TRUNCATING" => CivicChange::Truncating,
        "LOSS-OF-FUNCTION" | "LOSS OF FUNCTION" => CivicChange::LossOfFunction,
        "AMPLIFICATION" => CivicChange::Amplification,
        "LOSS" | "DELETION" | "HOMOZYGOUS DELETION" => CivicChange::Loss,
        "FUSION" | "FUSIONS" => CivicChange::Fusion(None),
        _ => protein(text).or_else(|| partner(gene, text))?,
    };
    (!gene.is_empty()).then(|| (gene.to_owned(), change))
}

/// `EML4-ALK` of the gene ALK.
fn partner(gene: &str, text: &str) -> Option<CivicChange> {
    let (five, three) = text.split_once('-')?;
    let is_name = |name: &str| name.len() > 1 && name.bytes().all(|b| b.is_ascii_alphanumeric());
    let other = match (five.eq_ignore_ascii_case(gene), three.eq_ignore_ascii_case(gene)) {
        (true, false) => three,
        (false, true) => five,
        _ => return None,
    };
    is_name(other).then(|| CivicChange::Fusion(Some(other.to_owned())))
}

/// `V600E`, `V600E/K`, `V600`, `E746_A750DEL`.
fn protein(text: &str) -> Option<CivicChange> {
    const RESIDUES: &[u8] = b"ACDEFGHIKLMNPQRSTVWY*";
    let bytes = text.as_bytes();
    if !RESIDUES.contains(bytes.first()?) {
        return None;
    }
    let digits = bytes[1..].iter().take_while(|b| b.is_ascii_digit()).count();
    let (place, rest) = text.split_at(1 + digits);
    if digits == 0 {
        return None;
    }
    // An older way to write a stop.
    let rest = if rest == "X" { "*" } else { rest };
    let is_residue = |one: &str| one.len() == 1 && RESIDUES.contains(&one.as_bytes()[0]);
    if rest.is_empty() {
        return Some(CivicChange::Residue(place.to_owned()));
    }
    if rest.split('/').all(is_residue) {
        return Some(CivicChange::Protein(
            rest.split('/').map(|one| format!("{place}{one}")).collect(),
        ));
    }
    let is_hgvs = ["DEL", "INS", "DUP", "FS"].iter().any(|word| rest.contains(word))
        && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"_*".contains(&b));
    is_hgvs.then(|| CivicChange::Protein(vec![format!("{place}{rest}")]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use CivicChange::{Amplification, Fusion, Loss, LossOfFunction, Mutation, Protein, Residue};

    #[test]
    fn variants_are_read_as_what_they_ask_for() {
        let protein = |all: &[&str]| Some(Protein(all.iter().map(|&one| one.to_owned()).collect()));
        let partner = |name: &str| Some(Fusion(Some(name.to_owned())));
        for (gene, text, expected) in [
            ("BRAF", "V600E", protein(&["V600E"])),
            ("BRAF", "V600E/K", protein(&["V600E", "V600K"])),
            ("BRAF", "V600", Some(Residue("V600".into()))),
            ("TP53", "R213X", protein(&["R213*"])),
            ("EGFR", "E746_A750del (c.2236_2250del15)", protein(&["E746_A750DEL"])),
            ("VHL", "Q61fs (c.181del)", protein(&["Q61FS"])),
            ("KRAS", "MUTATION", Some(Mutation)),
            ("ERBB2", "Amplification", Some(Amplification)),
            ("PTEN", "LOSS", Some(Loss)),
            ("PTEN", "Loss-of-function", Some(LossOfFunction)),
            ("ALK", "EML4-ALK", partner("EML4")),
            ("ALK", "FUSION", Some(Fusion(None))),
            ("EML4::ALK", "Fusion", partner("EML4")),
            ("v::ALK", "Fusion", Some(Fusion(None))),
            ("EGFR", "EXON 19 DELETION", None),
            ("ALK", "EML4-ALK E20;A20", None),
            ("MGMT", "PROMOTER METHYLATION", None),
            ("ERCC1", "EXPRESSION", None),
        ] {
            assert_eq!(change(gene, text).map(|found| found.1), expected, "{gene} {text}");
        }
    }

    const OLD: &str = "gene\tvariant\tdisease\tdoid\tdrugs\tevidence_type\tevidence_direction\tevidence_level\t\
        clinical_significance\tevidence_status\tevidence_id\tchromosome\tstart\tstop\treference_bases\tvariant_bases\t\
        reference_build\tvariant_origin\n";
    const NEW: &str = "molecular_profile\tdisease\tdoid\ttherapies\tevidence_type\tevidence_direction\tevidence_level\t\
        significance\tevidence_status\tevidence_id\tvariant_origin\n";

    #[test]
    fn both_layouts_are_read() {
        let old = format!(
            "{OLD}GENE1\tV10E\tSimulated disease\t1\tDrug\tPredictive\tSupports\tB\tSensitivity\taccepted\t7\t7\t100\t100\tA\tT\tGRCh37\tSomatic\n"
        );
        let table = parse(&old, "x.tsv").unwrap();
        let place = table.items[0].place.as_ref().unwrap();
        assert_eq!((table.items[0].id, place.position, place.assembly), (7, 100, Assembly::GRCh37));
        assert_eq!(table.items[0].doid.as_deref(), Some("DOID:1"));
        let row = |profile: &str, rest: &str| {
            format!("{profile}\tSimulated disease\t1\t\t{rest}\t9\tSomatic\n")
        };
        let new = [
            row("GENE1 V10E", "Prognostic\tSupports\tC\tPoor Outcome\taccepted"),
            row("GENE1 V10E AND GENE2 Mutation", "Prognostic\tSupports\tC\tPoor Outcome\taccepted"),
            row("GENE1 V10E", "Functional\tSupports\tC\t\taccepted"),
            row("GENE1 V10E", "Diagnostic\tDoes Not Support\tC\t\taccepted"),
            row("GENE1 V10E", "Diagnostic\tSupports\tC\t\tsubmitted"),
            row("GENE1 Exon 2 Mutation", "Diagnostic\tSupports\tC\t\taccepted"),
        ];
        let table = parse(&format!("{NEW}{}", new.concat()), "x.tsv").unwrap();
        assert_eq!((table.rows, table.items.len()), (6, 1));
        assert_eq!(table.passed_over.values().sum::<u64>(), 5);
        assert_eq!(table.passed_over.len(), 5, "{:?}", table.passed_over);
        assert_eq!(table.items[0].category, EvidenceCategory::Prognosis);
    }

    #[test]
    fn what_is_no_such_file_is_refused() {
        let message = |text: &str| parse(text, "x.tsv").unwrap_err().0[0].to_string();
        assert!(message("").contains("is empty"));
        assert!(message(NEW).contains("holds no evidence item"));
        assert!(
            message(&NEW.replace("evidence_level", "evidence_levels")).contains("evidence_levels")
        );
        assert!(message("a\tb\n1\t2\n").contains("has no column"));
        let bad = format!("{NEW}GENE1 V1E\tx\t1\t\tPredictive\tSupports\tF\t\taccepted\t1\t\n");
        assert!(message(&bad).contains("evidence_level \"F\""));
        let bad = format!("{NEW}GENE1 V1E\tx\t1\n");
        assert!(message(&bad).contains("evidence_id"), "{}", message(&bad));
    }
}
