//! Panels as PanelApp's API v1 writes them: one JSON object, several (JSON Lines), or an array of them.
//!
//! Facts of the live data that a reader must bear: the builds are called `GRch37` and `GRch38`; a gene may have no
//! `ensembl_genes`, or several releases; `confidence_level` is a text; `mode_of_inheritance` has many spellings, one of
//! them misspelt; `gene_data` of a region is null.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use crate::model::annotation::GeneRef;
use crate::model::contig::Assembly;
use crate::model::panel::{
    Confidence, EntityDetail, EntityKind, Panel, PanelEntity, PanelGene, PanelMode, PanelPlace,
    RegionChange,
};
use crate::model::problem::{Problem, Problems};

/// Slug of the type that marks panels released for the NHS Genomic Medicine Service.
const SIGNED_OFF: &str = "gms-signed-off";

#[derive(Deserialize)]
struct Entity {
    gene_data: Option<GeneData>,
    #[serde(rename = "entity_name")]
    name: Option<String>,
    confidence_level: Option<Value>,
    penetrance: Option<String>,
    mode_of_pathogenicity: Option<String>,
    mode_of_inheritance: Option<String>,
    #[serde(default)]
    phenotypes: Option<Vec<String>>,
    #[serde(default)]
    tags: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
struct GeneData {
    #[serde(default)]
    alias: Option<Vec<String>>,
    hgnc_id: Option<String>,
    gene_symbol: Option<String>,
    hgnc_symbol: Option<String>,
    ensembl_genes: Option<Value>,
    biotype: Option<String>,
}

/// Reads every panel of a text. `file` names it in problems; `sha256` goes into each panel.
///
/// # Errors
///
/// Text that is no JSON (an HTML page is named as such), JSON that is no panel (a page of the panel list is named as such),
/// and every entity that cannot be understood, with its place.
pub fn parse(text: &str, file: &str, sha256: &str) -> Result<Vec<Panel>, Problems> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut problems = Problems::default();
    let mut panels = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        match value {
            Ok(Value::Array(list)) => {
                for value in &list {
                    read_panel(value, sha256, &mut panels, &mut problems);
                }
            }
            Ok(value) => read_panel(&value, sha256, &mut panels, &mut problems),
            Err(error) => {
                problems.0.push(not_json(text, &error));
                break;
            }
        }
    }
    if panels.is_empty() && problems.0.is_empty() {
        problems.0.push(Problem::bad_data("no panel in this file"));
    }
    for problem in &mut problems.0 {
        problem.file = Some(file.to_owned());
    }
    problems.into_result().map(|()| panels)
}

fn not_json(text: &str, error: &serde_json::Error) -> Problem {
    if text.trim_start().starts_with('<') {
        return Problem::bad_data(
            "an HTML page, not a panel: the download answered with an error page",
        )
        .help("fetch the panel again and look at the answer's status");
    }
    let place = format!("line {}, column {}", error.line(), error.column());
    let end = if error.is_eof() { "; the file ends too early" } else { "" };
    Problem::bad_data(format!("not JSON{end}")).at(place)
}

fn read_panel(value: &Value, sha256: &str, panels: &mut Vec<Panel>, problems: &mut Problems) {
    let Some(genes) = value.get("genes").and_then(Value::as_array) else {
        problems.0.push(no_panel(value));
        return;
    };
    let text = |key: &str| match value.get(key) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let (Some(id), Some(name), Some(version)) = (text("id"), text("name"), text("version")) else {
        problems.0.push(
            Problem::bad_data("a panel without id, name or version")
                .help("save the answer of PanelApp's /api/v1/panels/ID/ as it is"),
        );
        return;
    };
    let types = value.get("types").and_then(Value::as_array).into_iter().flatten();
    let mut panel = Panel {
        signed_off: types
            .into_iter()
            .any(|t| t.get("slug").and_then(Value::as_str) == Some(SIGNED_OFF)),
        source: "PanelApp".into(),
        sha256: sha256.to_owned(),
        entities: Vec::new(),
        genes: Vec::with_capacity(genes.len()),
        id,
        name,
        version,
    };
    for (i, gene) in genes.iter().enumerate() {
        match read_gene(gene) {
            Ok(gene) => panel.genes.push(gene),
            Err(problem) => {
                let symbol = gene.get("entity_name").and_then(Value::as_str).unwrap_or("?");
                let place = format!("panel {}, genes[{i}] ({symbol})", panel.id);
                problems.0.push(problem.at(place));
            }
        }
    }
    for (key, kind) in [("regions", EntityKind::Region), ("strs", EntityKind::Str)] {
        let list = value.get(key).and_then(Value::as_array).into_iter().flatten();
        for (i, entity) in list.enumerate() {
            match read_entity(entity, kind) {
                Ok(entity) => panel.entities.push(entity),
                Err(problem) => {
                    let place = format!("panel {}, {key}[{i}]", panel.id);
                    problems.0.push(problem.at(place));
                }
            }
        }
    }
    panels.push(panel);
}

fn read_entity(value: &Value, kind: EntityKind) -> Result<PanelEntity, Problem> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().trim();
    let name = text("entity_name");
    if name.is_empty() {
        return Err(Problem::bad_data(format!("a {} without entity_name", kind.word())));
    }
    let confidence = Confidence::parse(text("confidence_level"));
    let mode_text = text("mode_of_inheritance").to_owned();
    let detail = match kind {
        EntityKind::Region => region(value),
        EntityKind::Str => repeat(value)?,
    };
    let places =
        [("grch37_coordinates", Assembly::GRCh37), ("grch38_coordinates", Assembly::GRCh38)]
            .into_iter()
            .filter_map(|(key, assembly)| {
                let pair = value.get(key)?.as_array()?;
                let [start, end] = [number(pair.first()?)?, number(pair.get(1)?)?];
                let contig = text("chromosome");
                let is_place = !contig.is_empty() && 0 < start && start <= end && pair.len() == 2;
                is_place.then(|| PanelPlace { assembly, contig: contig.to_owned(), start, end })
            });
    let places = places.collect();
    Ok(PanelEntity { kind, name: name.to_owned(), confidence, mode_text, places, detail })
}

/// A whole number, written as such or as text.
fn number(value: &Value) -> Option<u32> {
    match value {
        Value::Number(number) => u32::try_from(number.as_u64()?).ok(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn region(value: &Value) -> EntityDetail {
    let change = match value.get("type_of_variants").and_then(Value::as_str) {
        Some("cnv_loss") => RegionChange::Loss,
        Some("cnv_gain") => RegionChange::Gain,
        _ => RegionChange::Other,
    };
    let required_overlap = value.get("required_overlap_percentage").and_then(number);
    EntityDetail::Region { change, required_overlap: required_overlap.filter(|n| *n <= 100) }
}

/// Thresholds in the wrong order would turn every tier round: they are refused. Missing ones leave nothing to compare.
fn repeat(value: &Value) -> Result<EntityDetail, Problem> {
    let unit = value.get("repeated_sequence").and_then(Value::as_str).unwrap_or_default().trim();
    let limit = |key: &str| value.get(key).and_then(number);
    let (Some(normal), Some(pathogenic)) = (limit("normal_repeats"), limit("pathogenic_repeats"))
    else {
        return Ok(EntityDetail::None);
    };
    if normal > pathogenic {
        let message = format!("normal_repeats {normal} is above pathogenic_repeats {pathogenic}");
        return Err(Problem::bad_data(message).help("fetch the panel again, or tell PanelApp"));
    }
    let data = value.get("gene_data");
    let name = |key: &str| {
        let text = data?.get(key)?.as_str()?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let gene = GeneRef {
        ensembl: ensembl_ids(data.and_then(|data| data.get("ensembl_genes"))).pop(),
        hgnc: name("hgnc_id"),
        symbol: name("gene_symbol"),
    };
    let unit = unit.to_ascii_uppercase();
    Ok(EntityDetail::Repeat { unit, normal, pathogenic, gene })
}

/// What a JSON value is that is no panel.
fn no_panel(value: &Value) -> Problem {
    let has = |key: &str| value.get(key).is_some();
    if has("results") && has("count") {
        return Problem::bad_data(
            "a page of PanelApp's panel list, not a panel: it holds no genes",
        )
        .help("fetch each panel by its id: /api/v1/panels/ID/");
    }
    if let Some(detail) = value.get("detail").and_then(Value::as_str) {
        return Problem::bad_data(format!("an error answer of PanelApp, not a panel: {detail:?}"))
            .help("fetch the panel again; is its id right?");
    }
    Problem::bad_data("JSON, but no PanelApp panel: it has no list `genes`")
        .help("save the answer of PanelApp's /api/v1/panels/ID/ as it is")
}

fn read_gene(value: &Value) -> Result<PanelGene, Problem> {
    let entity = Entity::deserialize(value).map_err(|e| Problem::bad_data(e.to_string()))?;
    let data = entity.gene_data.unwrap_or_default();
    let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let symbol = filled(entity.name)
        .or(filled(data.gene_symbol))
        .ok_or_else(|| Problem::bad_data("a gene without name"))?;
    let level = match &entity.confidence_level {
        Some(Value::String(level)) => level.clone(),
        Some(Value::Number(level)) => level.to_string(),
        _ => return Err(Problem::bad_data("no confidence_level")),
    };
    let confidence = Confidence::parse(&level).ok_or_else(|| {
        Problem::bad_data(format!("confidence_level is {level:?}"))
            .help("PanelApp rates from \"0\" to \"4\"; 3 and 4 are green")
    })?;
    let mut aliases: BTreeSet<String> = data.alias.unwrap_or_default().into_iter().collect();
    aliases.extend(filled(data.hgnc_symbol));
    aliases.remove(&symbol);
    let mode_text = entity.mode_of_inheritance.unwrap_or_default();
    Ok(PanelGene {
        mode: PanelMode::parse(&mode_text),
        mode_text,
        hgnc: filled(data.hgnc_id),
        ensembl: ensembl_ids(data.ensembl_genes.as_ref()),
        aliases: aliases.into_iter().filter(|alias| !alias.is_empty()).collect(),
        confidence: Some(confidence),
        penetrance: filled(entity.penetrance),
        mode_of_pathogenicity: filled(entity.mode_of_pathogenicity),
        phenotypes: entity.phenotypes.unwrap_or_default(),
        tags: entity.tags.unwrap_or_default(),
        biotype: filled(data.biotype),
        places: places(data.ensembl_genes.as_ref()),
        role: None,
        symbol,
    })
}

/// The ids of `{"GRch38": {"90": {"ensembl_id": ...}}}`, of every build and release, sorted, without version.
fn ensembl_ids(genes: Option<&Value>) -> Vec<String> {
    let builds = genes.and_then(Value::as_object).into_iter().flat_map(|builds| builds.values());
    let releases = builds.filter_map(Value::as_object).flat_map(|build| build.values());
    let ids: BTreeSet<String> = releases
        .filter_map(|release| release.get("ensembl_id").and_then(Value::as_str))
        .map(|id| id.split('.').next().unwrap_or(id).to_owned())
        .filter(|id| !id.is_empty())
        .collect();
    ids.into_iter().collect()
}

/// `"location": "12:7033626-7051484"` of every build, of the newest release that has one.
fn places(genes: Option<&Value>) -> Vec<PanelPlace> {
    let builds = genes.and_then(Value::as_object).into_iter().flatten();
    let places = builds.filter_map(|(build, releases)| {
        let assembly = Assembly::parse(build)?;
        let newest = |(release, _): &(&String, &Value)| release.parse::<u32>().unwrap_or(0);
        let (_, release) = releases.as_object()?.iter().max_by_key(newest)?;
        let (contig, span) = release.get("location")?.as_str()?.split_once(':')?;
        let (start, end) = span.split_once('-')?;
        let (start, end) = (start.parse().ok()?, end.parse().ok()?);
        (0 < start && start <= end).then(|| PanelPlace {
            assembly,
            contig: contig.trim().to_owned(),
            start,
            end,
        })
    });
    places.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel(gene: &str) -> String {
        format!("{{\"id\":1,\"name\":\"N\",\"version\":\"2.0\",\"genes\":[{gene}]}}")
    }

    const GENE: &str = r#"{"gene_data":{"alias":["A1"],"hgnc_id":"HGNC:5","gene_symbol":"AAA","hgnc_symbol":"AAA",
        "ensembl_genes":{"GRch37":{"82":{"ensembl_id":"ENSG2"}},"GRch38":{"90":{"ensembl_id":"ENSG1.4"},"107":{"ensembl_id":"ENSG1"}}}},
        "entity_name":"AAA","confidence_level":"3","mode_of_inheritance":"Other - please specifiy in evaluation comments"}"#;

    #[test]
    fn a_gene_has_the_ids_of_all_builds_and_releases() {
        let panels = parse(&panel(GENE), "x", "d").unwrap();
        let gene = &panels[0].genes[0];
        assert_eq!(gene.ensembl, ["ENSG1", "ENSG2"]);
        assert_eq!((gene.mode, gene.confidence), (PanelMode::Unknown, Some(Confidence::Green)));
        assert_eq!((panels[0].id.as_str(), panels[0].signed_off), ("1", false));
        assert_eq!(gene.aliases, ["A1"]);
    }

    #[test]
    fn a_gene_may_lack_everything_but_name_and_rating() {
        let bare = r#"{"gene_data":{"ensembl_genes":null,"alias":null},"entity_name":"RNU4-2","confidence_level":"2"}"#;
        let panels = parse(&panel(bare), "x", "d").unwrap();
        assert_eq!(panels[0].genes[0].symbol, "RNU4-2");
        assert!(panels[0].genes[0].ensembl.is_empty() && !panels[0].genes[0].is_green());
    }

    #[test]
    fn lines_and_arrays_hold_several() {
        let one = panel(GENE).replace('\n', "");
        assert_eq!(parse(&format!("{one}\n{one}\n"), "x", "d").unwrap().len(), 2);
        assert_eq!(parse(&format!("[{one},{one},{one}]"), "x", "d").unwrap().len(), 3);
    }

    #[test]
    fn what_is_no_panel_is_named() {
        for (text, expected) in [
            ("", "x: no panel in this file"),
            ("<!DOCTYPE html><html>", "x: an HTML page"),
            ("{\"id\": 1,", "not JSON; the file ends too early"),
            ("{\"id\": 1,}", "x: line 1, column 10: not JSON"),
            ("{\"count\":1,\"results\":[]}", "a page of PanelApp's panel list"),
            (
                "{\"detail\":\"Not found.\"}",
                "an error answer of PanelApp, not a panel: \"Not found.\"",
            ),
            ("{\"a\":1}", "JSON, but no PanelApp panel"),
            ("3", "JSON, but no PanelApp panel"),
            ("{\"genes\":[]}", "a panel without id, name or version"),
        ] {
            let error = parse(text, "x", "d").unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
        for (from, to, expected) in [
            ("\"3\"", "\"5\"", "x: panel 1, genes[0] (AAA): confidence_level is \"5\""),
            ("\"confidence_level\":\"3\",", "", "genes[0] (AAA): no confidence_level"),
            ("[\"A1\"]", "7", "genes[0] (AAA): invalid type"),
        ] {
            let error = parse(&panel(&GENE.replace(from, to)), "x", "d").unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
