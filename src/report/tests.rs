//! Every writer on the same results.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::model::picture::{PicturedRead, ReadPicture};
use crate::model::results::{AnalysisDecision, CaseResults, EvidenceResult, Zygosity};
use crate::model::sample::{ConsentAnswer, Role};

use super::{LAST, WRITERS, Wanted, Writer, fixture, read, render, schema, vcf, write_all};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report").join(name)
}

fn file(results: &CaseResults, name: &str) -> String {
    let rendered = render(results, Some(&fixture::run()), &Wanted::default()).unwrap();
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

/// The first file of a writer as text. Of the record of a run, which digests all other files, without their digests.
fn shown(writer: &dyn Writer, results: &CaseResults) -> String {
    match writer.id() {
        "vcf" => {
            let (header, lines) = vcf::document(results);
            let lines: Vec<String> = lines.into_iter().map(|line| line.text).collect();
            header + &lines.join("\n") + "\n"
        }
        "run" => {
            let mut record: serde_json::Value =
                serde_json::from_str(&file(results, "run.json")).unwrap();
            for output in record["outputs"].as_array_mut().unwrap() {
                assert!(output["bytes"].as_u64().unwrap() > 0);
                assert_eq!(output["sha256"].as_str().unwrap().len(), 64);
                output["bytes"] = "BYTES".into();
                output["sha256"] = "SHA256".into();
            }
            serde_json::to_string_pretty(&record).unwrap()
        }
        _ => file(results, writer.files()[0].name),
    }
}

/// Writers whose snapshot of the tumour shows something that the trio's does not.
const TUMOUR_SNAPSHOTS: [&str; 4] = ["tsv", "gel", "vcf", "html"];

/// Render nothing for cases without files of copy numbers, breakpoints or repeats, and for cases of inherited disease;
/// `tests/structural.rs`, `tests/biomarkers.rs`, `tests/germline.rs`, `tests/chromosomes.rs`, `tests/amp.rs` and `tests/tumour.rs`
/// have some. The
/// envelope is written when asked for.
const NOT_GIVEN: [&str; 7] =
    ["structural-vcf", "biomarkers", "germline", "chromosomes", "amp", "maf", "gel-envelope"];

/// Bundles beside the writer's own.
const FHIR_SNAPSHOTS: [&str; 2] = ["fhir-findings", "fhir-tumour"];

fn given() -> impl Iterator<Item = &'static &'static dyn Writer> {
    WRITERS.iter().filter(|writer| !NOT_GIVEN.contains(&writer.id()))
}

#[test]
fn every_writer_matches_its_snapshot() {
    for writer in given() {
        snapshot(writer.id(), &shown(*writer, &fixture::trio()));
        if TUMOUR_SNAPSHOTS.contains(&writer.id()) {
            let id = format!("{}-tumour", writer.id());
            snapshot(&id, &shown(*writer, &fixture::tumour()));
        }
    }
}

/// Read by validators that others wrote.
#[test]
fn bundles_of_every_kind_of_finding_match_their_snapshots() {
    use super::finding_tests::{trio_of_all_kinds, tumour_of_all_kinds};
    for (id, results) in FHIR_SNAPSHOTS.iter().zip([trio_of_all_kinds(), tumour_of_all_kinds()]) {
        snapshot(id, &file(&results, "fhir.json"));
    }
}

#[test]
fn every_snapshot_belongs_to_a_writer() {
    let stored: BTreeSet<String> = std::fs::read_dir(folder("snapshots"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let tumour = TUMOUR_SNAPSHOTS.iter().map(|id| format!("{id}-tumour.snap"));
    let wanted: BTreeSet<String> = given()
        .map(|writer| writer.id())
        .chain(FHIR_SNAPSHOTS)
        .map(|id| format!("{id}.snap"))
        .chain(tumour)
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
    let rendered = render(&fixture::trio(), Some(&fixture::run()), &Wanted::default()).unwrap();
    let names: Vec<&str> =
        given().flat_map(|writer| writer.files()).map(|file| file.name).collect();
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
        for (a, b) in render(&results, None, &Wanted::default())
            .unwrap()
            .iter()
            .zip(render(&again, None, &Wanted::default()).unwrap())
        {
            assert!(*a == b, "{} differs when rendered from results.json", a.name);
        }
    }
}

#[test]
fn a_picture_beyond_its_window_is_refused() {
    let mut results = fixture::trio();
    let picture = ReadPicture {
        start: 1,
        reads: vec![PicturedRead { offset: 40, bases: "A".into(), ..PicturedRead::default() }],
        ..ReadPicture::default()
    };
    results.candidates[0].evidence.push(EvidenceResult {
        member: 1,
        role: Role::Proband,
        counts: None,
        not_read: None,
        conflict: None,
        picture: Some(picture),
    });
    let text = file(&results, LAST);
    let page = file(&read(&text).unwrap(), "report.html");
    assert!(page.contains("class=\"pileups\"") && page.contains("1 Proband: 1 reads around"));
    let changed = text.replace("\"offset\": 40", "\"offset\": 4000000000");
    assert!(changed != text);
    assert!(read(&changed).unwrap_err().message.contains("does not fit its window"));
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

/// The bytes of every report, variants before they are packed.
fn all_bytes(results: &CaseResults) -> Vec<(&'static str, Vec<u8>)> {
    let rendered = render(results, Some(&fixture::run()), &Wanted::default()).unwrap();
    let variants = WRITERS.iter().find(|writer| writer.id() == "vcf").unwrap();
    rendered
        .into_iter()
        .map(|file| match file.name {
            "candidates.vcf.gz" => (file.name, shown(*variants, results).into_bytes()),
            name => (name, file.bytes),
        })
        .collect()
}

#[test]
fn a_refused_member_leaves_no_trace_in_any_byte() {
    let holds = |bytes: &[u8], trace: &str| {
        bytes.windows(trace.len()).any(|window| window == trace.as_bytes())
    };
    // With consent every trace is somewhere, so that their absence below means something.
    let shown = all_bytes(&fixture::trio());
    for trace in fixture::OF_MOTHER {
        assert!(shown.iter().any(|(_, bytes)| holds(bytes, trace)), "{trace}");
    }
    for answer in [ConsentAnswer::No, ConsentAnswer::NotStated] {
        let refused = fixture::trio_with(|family| family.members[1].consent.primary = answer);
        assert_eq!(refused.consent[1].analysis, AnalysisDecision::Refused);
        for (name, bytes) in all_bytes(&refused) {
            for trace in fixture::OF_MOTHER {
                assert!(!holds(&bytes, trace), "{trace} in {name}");
            }
        }
        assert!(refused.candidates.iter().all(|c| c.calls.iter().all(|call| call.member != 2)));
        assert_eq!(refused.qc.iter().map(|qc| qc.member).collect::<Vec<_>>(), [1, 3]);
        assert_eq!((&refused.case.members[1].id, &refused.case.members[1].sample), (&None, &None));
        let (header, lines) = vcf::document(&refused);
        assert!(header.trim_end().ends_with("FORMAT\ttrio-child\ttrio-father"));
        assert!(lines.iter().all(|line| line.text.split('\t').count() == 9 + 2));
        assert!(!file(&refused, "tiers.tsv").contains("2:mother"));
        let page = file(&refused, "report.html");
        assert!(page.contains("Analysis refused, data not used: 2 Mother"));
    }
}

#[test]
fn members_without_a_sample_have_no_calls() {
    let results = fixture::trio();
    assert_eq!(results.consent[3].analysis, AnalysisDecision::NoSample);
    assert_eq!((&results.case.members[3].id, &results.case.members[3].sample), (&None, &None));
    assert!(results.candidates.iter().all(|c| c.calls.iter().all(|call| call.member != 4)));
}

#[test]
fn what_was_not_assessed_stands_in_every_report() {
    // The table speaks of variants: of the tumour's, everything could be told.
    let table = file(&fixture::trio(), "tiers.tsv");
    assert!(table.contains("frequency in internal cohort not assessed"));
    for results in [fixture::trio(), fixture::tumour()] {
        for name in ["interpreted_genome.json", "report.html"] {
            let text = file(&results, name).to_lowercase();
            assert!(text.contains("not assessed"), "{name}");
        }
        let (header, _) = vcf::document(&results);
        assert!(header.contains("##tierline_not_assessed=\"Copy-number variants"));
    }
}

#[test]
fn possible_events_are_marked_in_every_report() {
    let results = fixture::trio();
    let possible = &results.candidates[3];
    assert!(possible.events[0].possible);
    let page = file(&results, "report.html");
    assert!(
        page.contains("<strong class=\"flag\">possible, not certain: mother: no call</strong>")
    );
    assert!(page.contains("<strong class=\"flag\">1 only possible"));
    assert_eq!(page.matches("<strong class=\"flag\">possible</strong>").count(), 1);
    let genome = file(&results, "interpreted_genome.json");
    assert_eq!(genome.matches("possible, not certain: mother: no call").count(), 1);
    let (_, lines) = vcf::document(&results);
    assert_eq!(lines.iter().filter(|line| line.text.contains("POSSIBLE=yes")).count(), 1);
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

/// Names of all elements, with how often they are opened or closed.
fn tags(page: &str) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for part in page.split('<').skip(1) {
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && !"/!".contains(c));
        *counts.entry(&part[..end.unwrap_or(part.len())]).or_default() += 1;
    }
    // Long texts may break differently, but nothing else may change.
    counts.remove("br");
    counts
}

#[test]
fn hostile_text_stays_text() {
    let results = fixture::hostile();
    let page = file(&results, "report.html");
    assert!(page.contains("&lt;script&gt;") && !page.contains('\u{202e}'));
    assert!(page.chars().all(|c| c == '\n' || !c.is_control()));
    assert_eq!(
        tags(&page),
        tags(&file(&fixture::trio(), "report.html")),
        "no element more or less"
    );
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
    let names =
        write_all(&fixture::trio(), Some(&fixture::run()), &Wanted::default(), &target).unwrap();
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
    let wanted = Wanted { only: vec!["tsv".into()], ..Wanted::default() };
    let rendered = render(&fixture::trio(), Some(&fixture::run()), &wanted).unwrap();
    assert_eq!(rendered.iter().map(|file| file.name).collect::<Vec<_>>(), ["tiers.tsv"]);
}
