//! Every writer on the same results.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::model::results::{AnalysisDecision, CaseResults, Zygosity};

use super::{LAST, WRITERS, fixture, read, render, schema, vcf, write_all};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report").join(name)
}

fn file(results: &CaseResults, name: &str) -> String {
    let rendered = render(results, Some(&fixture::run()), &[]).unwrap();
    let file = rendered.into_iter().find(|file| file.name == name).unwrap();
    String::from_utf8(file.bytes).unwrap()
}

/// Snapshots without the version of the program, which changes with every release.
fn snapshot(id: &str, text: &str) {
    let version = env!("CARGO_PKG_VERSION");
    let text = text
        .replace(&format!("tierline {version}"), "tierline VERSION")
        .replace(&format!("\"tierline\": \"{version}\""), "\"tierline\": \"VERSION\"")
        .replace(
            &format!("\"name\": \"tierline\",\n    \"version\": \"{version}\""),
            "\"name\": \"tierline\",\n    \"version\": \"VERSION\"",
        );
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(id, text));
}

#[test]
fn every_writer_matches_its_snapshot() {
    let results = fixture::trio();
    for writer in WRITERS {
        let text = if writer.id() == "vcf" {
            let (header, lines) = vcf::document(&results);
            lines.iter().fold(header, |text, line| text + &line.text + "\n")
        } else {
            file(&results, writer.files()[0].name)
        };
        // run.json holds digests of all other files, which change with the program's version.
        if writer.id() != "run" {
            snapshot(writer.id(), &text);
        }
    }
}

#[test]
fn every_snapshot_belongs_to_a_writer() {
    let stored: BTreeSet<String> = std::fs::read_dir(folder("snapshots"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let wanted: BTreeSet<String> = WRITERS
        .iter()
        .filter(|writer| writer.id() != "run")
        .map(|writer| format!("{}.snap", writer.id()))
        .collect();
    assert_eq!(stored, wanted);
}

#[test]
fn writers_and_files_have_names_of_their_own() {
    let ids: BTreeSet<&str> = WRITERS.iter().map(|writer| writer.id()).collect();
    assert_eq!(ids.len(), WRITERS.len());
    let names: Vec<&str> =
        WRITERS.iter().flat_map(|writer| writer.files()).map(|file| file.name).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    assert!(names.contains(&LAST));
    let rendered = render(&fixture::trio(), Some(&fixture::run()), &[]).unwrap();
    assert_eq!(rendered.iter().map(|file| file.name).collect::<Vec<_>>(), names);
}

/// Set `TIERLINE_UPDATE_SCHEMA=1` to write the file anew.
#[test]
fn the_published_schema_is_that_of_the_types() {
    let path = folder("results.schema.json");
    let generated = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    if std::env::var_os("TIERLINE_UPDATE_SCHEMA").is_some_and(|v| v == "1") {
        std::fs::write(&path, &generated).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap();
    assert!(published == generated, "results.schema.json is out of date");
}

#[test]
fn results_survive_their_file() {
    for results in [fixture::trio(), fixture::tumour()] {
        let text = file(&results, LAST);
        let again = read(&text).unwrap();
        assert_eq!(again, results);
        for (a, b) in
            render(&results, None, &[]).unwrap().iter().zip(render(&again, None, &[]).unwrap())
        {
            assert!(*a == b, "{} differs when rendered from results.json", a.name);
        }
    }
}

#[test]
fn results_hold_no_time_and_no_path() {
    let text = file(&fixture::trio(), LAST);
    for word in ["2026", "started", "threads", "case.toml\": \"/"] {
        assert!(!text.contains(word), "{word}");
    }
}

#[test]
fn a_wrong_file_is_told_apart() {
    let newer =
        file(&fixture::trio(), LAST).replace("\"schemaVersion\": \"1.", "\"schemaVersion\": \"9.");
    assert!(read(&newer).unwrap_err().message.contains("schemaVersion 9."));
    assert!(read("{}").unwrap_err().message.contains("schemaVersion"));
    for (from, to, message) in [
        ("\"contig\": \"chr2\"", "\"contig\": \"chr3\"", "is not listed"),
        ("\"alternate\": \"A\"", "\"alternate\": \"A\\tB\"", "is no VCF text"),
        ("\"consequence\": 0", "\"consequence\": 7", "names no consequence"),
        (
            "\"member\": 3,\n          \"role\": \"father\",\n          \"genotype\"",
            "\"member\": 9,\n          \"role\": \"father\",\n          \"genotype\"",
            "who is not there",
        ),
    ] {
        let text = file(&fixture::trio(), LAST);
        let changed = text.replace(from, to);
        assert!(changed != text, "{from}");
        let problem = read(&changed).unwrap_err();
        assert!(problem.message.contains(message), "{problem}");
        assert!(problem.place.is_some());
    }
}

#[test]
fn members_without_consent_leave_no_trace() {
    let shown = fixture::trio();
    let mut refused = shown.clone();
    // What assemble does, seen from the other side: the sibling has no sample, so neither id nor call.
    assert_eq!(refused.consent[3].analysis, AnalysisDecision::NoSample);
    assert_eq!((&refused.case.members[3].id, &refused.case.members[3].sample), (&None, &None));
    assert!(refused.candidates.iter().all(|c| c.calls.iter().all(|call| call.member != 4)));
    refused.case.members[1].id = None;
    refused.case.members[1].sample = None;
    let genome = file(&refused, "interpreted_genome.json");
    assert!(!genome.contains("trio-mother") && genome.contains("trio-father"));
    assert!(!vcf::document(&refused).0.contains("trio-mother"));
}

#[test]
fn candidates_stand_best_first_and_numbered() {
    let results = fixture::trio();
    let order: Vec<(u32, &str)> =
        results.candidates.iter().map(|c| (c.variant.position, c.events[0].id.as_str())).collect();
    assert_eq!(
        order,
        [(240_775_991, "1.1"), (5_120_400, "2.1"), (5_133_017, "3.1"), (47_574_318, "4.1")]
    );
    let on_x = &results.candidates[3].calls;
    assert_eq!(on_x[0].zygosity, Zygosity::AlternateHemizygous, "1/1 on a male's X");
    assert_eq!(on_x[1].zygosity, Zygosity::Missing);
    assert_eq!(results.candidates[0].other_consequences, 1);
}

#[test]
fn hostile_text_stays_text() {
    let results = fixture::hostile();
    let page = file(&results, "report.html");
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
    assert!(!page.contains('\u{202e}'));
    let table = file(&results, "tiers.tsv");
    let columns = super::tsv::COLUMNS.len();
    assert_eq!(table.lines().count(), 1 + 4);
    assert!(table.lines().all(|line| line.split('\t').count() == columns));
    let (header, lines) = vcf::document(&results);
    assert!(header.lines().all(|line| line.starts_with('#')));
    for line in lines {
        let fields: Vec<&str> = line.text.split('\t').collect();
        assert_eq!(fields.len(), 9 + 3, "{}", line.text);
        assert!(!line.text.contains(['\n', '<', ' ']) || !fields[7].contains(['\n', ' ']));
        let keys: Vec<&str> = fields[7].split(';').map(|f| f.split('=').next().unwrap()).collect();
        assert!(
            keys.iter().all(|k| k.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')),
            "{keys:?}"
        );
        assert!(fields[7].split(';').all(|field| field.matches('=').count() == 1));
    }
    serde_json::from_str::<serde_json::Value>(&file(&results, "interpreted_genome.json")).unwrap();
}

#[test]
fn the_page_is_closed_to_scripts_and_networks() {
    let page = file(&fixture::trio(), "report.html");
    assert!(page.contains("default-src 'none'"));
    for forbidden in ["<script", "http://", "https://", "style=\"", "onload", "<img", "<link"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn results_are_the_last_file_to_appear() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("new/folder");
    let names = write_all(&fixture::trio(), Some(&fixture::run()), &[], &target).unwrap();
    assert_eq!(names.last(), Some(&LAST));
    let on_disk: BTreeSet<String> = std::fs::read_dir(&target)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(on_disk, names.iter().map(|&name| name.to_owned()).collect());
    let run: crate::model::results::RunRecord =
        serde_json::from_slice(&std::fs::read(target.join("run.json")).unwrap()).unwrap();
    for output in run.outputs {
        let bytes = std::fs::read(target.join(&output.file)).unwrap();
        assert_eq!(output.sha256, crate::io::digest::sha256_hex(&bytes), "{}", output.file);
    }
}

#[test]
fn only_the_formats_asked_for_are_written() {
    let rendered = render(&fixture::trio(), Some(&fixture::run()), &["tsv".into()]).unwrap();
    assert_eq!(rendered.iter().map(|file| file.name).collect::<Vec<_>>(), ["tiers.tsv"]);
}
