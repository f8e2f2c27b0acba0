//! Panels: every real panel file is read with the counts it states itself, and damaged ones never panic.

mod common;

use std::fs;

use common::{scratch, shared_file, stdout_of, tierline};
use tierline::io::{panelapp, panels};
use tierline::model::panel::{Confidence, EntityKind, Panel, PanelMode};

const FILES: [&str; 7] = [
    "panels/panel_112.json",
    "panels/panel_245.json",
    "panels/panel_265.json",
    "panels/panel_38.json",
    "panels/panel_402.json",
    "panels/panel_568.json",
    "panels/panels_522_1141_399.jsonl",
];

#[test]
fn every_real_panel_is_read_with_its_own_counts() {
    for name in FILES {
        let Some(path) = shared_file(name) else { return };
        let text = fs::read_to_string(&path).unwrap();
        let read = panels::read(&path, None).unwrap();
        let stated: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(read.len(), stated.len(), "{name}");
        for (panel, stated) in read.iter().zip(&stated) {
            let stats = &stated["stats"];
            assert_eq!(Some(panel.genes.len() as u64), stats["number_of_genes"].as_u64(), "{name}");
            assert_eq!(
                Some(u64::from(panel.count(EntityKind::Region))),
                stats["number_of_regions"].as_u64()
            );
            assert_eq!(
                Some(u64::from(panel.count(EntityKind::Str))),
                stats["number_of_strs"].as_u64()
            );
            let slug = stated["types"].to_string().contains("gms-signed-off");
            assert_eq!(panel.signed_off, slug, "{name}");
            for (gene, raw) in panel.genes.iter().zip(stated["genes"].as_array().unwrap()) {
                let raw = raw.to_string();
                assert!(!gene.ensembl.is_empty(), "{name}: {}", gene.symbol);
                assert!(gene.ensembl.iter().all(|id| raw.contains(id)));
                let green = raw.contains("\"confidence_level\":\"3\"")
                    || raw.contains("\"confidence_level\":\"4\"");
                assert_eq!(gene.confidence == Some(Confidence::Green), green, "{}", gene.symbol);
            }
        }
    }
}

#[test]
fn imprinted_genes_keep_their_parent() {
    let Some(path) = shared_file("panels/panel_38.json") else { return };
    let panels = panels::read(&path, None).unwrap();
    let count = |mode| panels[0].genes.iter().filter(|gene| gene.mode == mode).count();
    assert_eq!(count(PanelMode::MonoallelicPaternallyImprinted), 3);
    assert_eq!(count(PanelMode::MonoallelicMaternallyImprinted), 1);
    assert_eq!(count(PanelMode::MonoallelicNotImprinted), 8);
    assert_eq!(count(PanelMode::Unknown), 2);
}

#[test]
fn one_panel_of_several_is_chosen_by_id() {
    let Some(path) = shared_file("panels/panels_522_1141_399.jsonl") else { return };
    let ids = |panels: &[Panel]| panels.iter().map(|panel| panel.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&panels::read(&path, None).unwrap()), ["522", "1141", "399"]);
    assert_eq!(ids(&panels::read(&path, Some("1141")).unwrap()), ["1141"]);
    let error = panels::read(&path, Some("7")).unwrap_err().to_string();
    assert!(error.contains("no panel \"7\"") && error.contains("522, 1141, 399"), "{error}");
}

#[test]
fn a_page_of_the_panel_list_is_no_panel() {
    let Some(path) = shared_file("panels/ge_panels_page_1.json") else { return };
    let error = panels::read(&path, None).unwrap_err().to_string();
    assert!(error.contains("a page of PanelApp's panel list"), "{error}");
}

#[test]
fn show_prints_counts_and_refuses_what_is_no_panel() {
    let folder = scratch();
    let list = folder.path().join("genes.txt");
    fs::write(&list, "BRCA1\nBRCA2\n").unwrap();
    let text = stdout_of(tierline().args(["panel", "show"]).arg(&list));
    for line in ["id\tgenes", "version\t-", "green\t2", "unknown\t2\t0\t0"] {
        assert!(text.lines().any(|l| l == line), "{line}:\n{text}");
    }
    let page = folder.path().join("p.json");
    fs::write(&page, "<html>504</html>").unwrap();
    let output = tierline().args(["panel", "show"]).arg(&page).arg(&list).output().unwrap();
    assert_eq!(output.status.code(), Some(65));
    assert!(String::from_utf8_lossy(&output.stderr).contains("p.json: an HTML page"));
}

#[test]
fn damaged_panels_never_panic() {
    let seed = r#"{"id":1,"name":"N","version":"2.0","types":[{"slug":"gms-signed-off"}],"regions":[],"strs":[],"genes":[
        {"gene_data":{"alias":["A1"],"hgnc_id":"HGNC:5","ensembl_genes":{"GRch38":{"90":{"ensembl_id":"ENSG1"}}}},
        "entity_name":"AAA","confidence_level":"3","mode_of_inheritance":"BIALLELIC","phenotypes":[],"tags":[]}]}"#;
    assert!(panelapp::parse(seed, "x", "").is_ok());
    let mut state: u64 = 11;
    let mut next = |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut refused = 0;
    for _ in 0..3_000 {
        let mut bytes = seed.as_bytes().to_vec();
        for _ in 0..=next(3) {
            let at = next(bytes.len());
            match next(3) {
                0 => bytes[at] = b"\"[]{}:,0n\\"[next(10)],
                1 => bytes.truncate(at.max(1)),
                _ => {
                    let end = (at + next(40)).min(bytes.len());
                    bytes.drain(at..end).for_each(drop);
                    bytes.push(b' ');
                }
            }
        }
        refused += usize::from(panelapp::parse(&String::from_utf8_lossy(&bytes), "x", "").is_err());
    }
    assert!(refused > 1_000, "{refused}");
}

/// A panel in the shape of PanelApp with genes `(symbol, HGNC number, rating, mode)` and one repeat.
fn written(version: &str, genes: &[(&str, u32, &str, &str)]) -> String {
    let genes: Vec<String> = genes
        .iter()
        .map(|(symbol, hgnc, level, mode)| {
            format!(
                "{{\"gene_data\":{{\"hgnc_id\":\"HGNC:{hgnc}\"}},\"entity_name\":\"{symbol}\",\
                 \"confidence_level\":\"{level}\",\"mode_of_inheritance\":\"{mode}\"}}"
            )
        })
        .collect();
    format!(
        "{{\"id\":7,\"name\":\"N\",\"version\":\"{version}\",\"genes\":[{}],\"strs\":[{{\"entity_name\":\
         \"A_CAG\",\"confidence_level\":\"3\",\"mode_of_inheritance\":\"BIALLELIC\"}}]}}",
        genes.join(",")
    )
}

#[test]
fn diff_tells_exactly_what_moved() {
    let folder = scratch();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let old = file(
        "old.json",
        written("1.0", &[("AAA", 1, "3", "BIALLELIC"), ("OLD", 2, "3", ""), ("CCC", 3, "1", "")]),
    );
    let new = file(
        "new.json",
        written(
            "1.1",
            &[("AAA", 1, "2", "BIALLELIC"), ("NEW", 2, "3", "BIALLELIC"), ("DDD", 4, "3", "")],
        ),
    );
    let told = stdout_of(tierline().args(["panel", "diff"]).arg(&old).arg(&new));
    let expected = "#change\tentity\tname\told\tnew\n\
        panel\tversion\t-\t1.0\t1.1\n\
        added\tgene\tDDD\t-\tgreen; no mode\n\
        removed\tgene\tCCC\tred; no mode\t-\n\
        rating\tgene\tAAA\tgreen\tamber\n\
        mode\tgene\tNEW\t-\tBIALLELIC\n\
        symbol\tgene\tNEW\tOLD\tNEW\n";
    assert_eq!(told, expected);
    let same = stdout_of(tierline().args(["panel", "diff"]).arg(&old).arg(&old));
    assert_eq!(same.lines().count(), 1);
    let shown = stdout_of(tierline().args(["panel", "show"]).arg(&old));
    assert!(shown.contains("str\tA_CAG\tgreen\tBIALLELIC"), "{shown}");
}

#[test]
fn a_map_leads_from_r_codes_to_panels() {
    let folder = scratch();
    fs::write(folder.path().join("seven.json"), written("1.0", &[("AAA", 1, "3", "")])).unwrap();
    let map = folder.path().join("codes.tsv");
    fs::write(&map, "#r_code\tpanel\tnote\nR59\tseven.json#7\tx\nR61\tabsent.json\n").unwrap();
    let of = |code: &str| {
        tierline()
            .args(["panel", "show"])
            .arg(format!("{}#{code}", map.display()))
            .output()
            .unwrap()
    };
    let found = of("R59");
    assert!(String::from_utf8_lossy(&found.stdout).contains("version\t1.0"), "{found:?}");
    let unknown = of("R60");
    let told = String::from_utf8_lossy(&unknown.stderr);
    assert!(!unknown.status.success() && told.contains("no R-code \"R60\""), "{told}");
    assert!(told.contains("did you mean"), "{told}");
    let whole = tierline().args(["panel", "show"]).arg(&map).output().unwrap();
    let told = String::from_utf8_lossy(&whole.stderr);
    assert!(told.contains("write FILE#CODE; it holds R59, R61"), "{told}");
    let absent = of("R61");
    assert_eq!(absent.status.code(), Some(66), "the panel file is missing: {absent:?}");
    fs::write(&map, "r_code\tpanel\nR59\n").unwrap();
    let told = String::from_utf8_lossy(&of("R59").stderr).into_owned();
    assert!(told.contains("line 2: no panel file beside the R-code"), "{told}");
}
