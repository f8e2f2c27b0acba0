//! Events of runs, the manifest and the crate of an output folder.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test program stops at what it cannot read"
)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{root, run, scratch, tierline};
use serde_json::Value;

fn tier(out: &Path) -> Command {
    let mut command = tierline();
    command.arg("tier").arg(root().join("test-data/trio/case.toml")).arg("-o").arg(out);
    command
}

fn events(out: &Path) -> Vec<Value> {
    let text = fs::read_to_string(out.join("status.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).expect("a whole event")).collect()
}

fn states(out: &Path) -> Vec<String> {
    let word = |event: &Value, key: &str| event[key].as_str().unwrap().to_owned();
    events(out).iter().map(|e| format!("{} {}", word(e, "step"), word(e, "state"))).collect()
}

#[test]
fn a_run_tells_its_steps_and_its_end() {
    let folder = scratch();
    let out = folder.path().join("out");
    run(&mut tier(&out));
    assert_eq!(
        states(&out),
        [
            "inputs accepted",
            "variants completed",
            "identity completed",
            "tiers completed",
            "reports completed",
            "case completed"
        ]
    );
    let record: Value =
        serde_json::from_str(&fs::read_to_string(out.join("run.json")).unwrap()).unwrap();
    for event in events(&out) {
        assert_eq!(event["run"], record["run"]);
        assert_eq!(event["policyDigest"], record["policy_digest"]);
        let time = event["time"].as_str().unwrap();
        assert!(time.ends_with('Z') && time.len() == 24, "{time}");
    }
    let ask = |more: &[&str]| {
        let output = run(tierline().arg("status").arg(&out).args(more));
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(ask(&[]).contains("  completed  case"), "{}", ask(&[]));
    assert_eq!(ask(&["--follow"]).lines().count(), 6);
    let json: Value = serde_json::from_str(&ask(&["--format", "json"])).unwrap();
    assert_eq!(json[0]["now"]["state"], "completed");
    let order = format!("{}=ServiceRequest/7", out.display());
    let bundle: Value =
        serde_json::from_str(&ask(&["--format", "fhir-task", "--order", &order])).unwrap();
    let task = &bundle["entry"][0]["resource"];
    assert_eq!(
        (&task["status"], &task["focus"]["reference"]),
        (&"completed".into(), &"ServiceRequest/7".into())
    );
    // A second run is added to the history.
    run(&mut tier(&out));
    assert_eq!(events(&out).len(), 12);
    assert_eq!(ask(&["--follow"]).lines().count(), 12);
}

#[test]
fn a_case_that_is_refused_leaves_an_event_and_nothing_else() {
    let folder = scratch();
    let out = folder.path().join("out");
    let case = folder.path().join("case.toml");
    let text = fs::read_to_string(root().join("test-data/trio/case.toml")).unwrap();
    fs::write(&case, text.replacen("primary = true", "primary = false", 1)).unwrap();
    let output = tierline().arg("tier").arg(&case).arg("-o").arg(&out).output().unwrap();
    assert_eq!(output.status.code(), Some(65));
    assert_eq!(states(&out), ["case rejected"]);
    assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
    // A wrong command is no event of the case.
    let other = folder.path().join("other");
    let output =
        tierline().arg("tier").arg(&case).args(["--assembly", "hg17", "-o"]).arg(&other).output();
    assert_eq!(output.unwrap().status.code(), Some(2));
    assert!(!other.exists());
}

#[test]
fn quality_and_identity_have_reasons_in_the_words_of_the_models() {
    let folder = scratch();
    let out = folder.path().join("out");
    // One alignment is enough to see, and the quickest.
    let trio = root().join("test-data/trio");
    let mut text = fs::read_to_string(trio.join("case.toml")).unwrap();
    for who in ["mother", "father"] {
        text = text.replace(&format!("alignment = \"{who}.bam\"\n"), "");
    }
    for name in ["../reference/sim.fa.gz", "panel.json", "trio.vcf.gz", "child.bam"] {
        text = text.replace(&format!("\"{name}\""), &format!("\"{}\"", trio.join(name).display()));
    }
    let case = folder.path().join("case.toml");
    fs::write(&case, text).unwrap();
    run(tierline().arg("run").arg(&case).args(["-n", "--no-read-evidence", "-o"]).arg(&out));
    let of_members: Vec<Value> =
        events(&out).into_iter().filter(|event| event.get("member").is_some()).collect();
    assert_eq!(of_members.len(), 1);
    for event in &of_members {
        assert_eq!((&event["step"], &event["state"]), (&"reads".into(), &"failed".into()));
        assert_eq!(event["reason"], "perc_bases_ge_15x", "the simulated reads cover little");
    }
    check_folder(&out);
}

/// Many processes at once, each many lines: whole lines only, none lost.
#[test]
fn lines_of_many_processes_never_mix() {
    let folder = scratch();
    let out = folder.path().join("out");
    let runs: Vec<_> = (0..12)
        .map(|_| {
            let mut command = tier(&out);
            command.args(["-t", "1"]).stdout(std::process::Stdio::null());
            command.stderr(std::process::Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for child in runs {
        // Runs into one folder replace each other's files, and none fails of it.
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let all = events(&out);
    let runs: BTreeSet<&str> = all.iter().map(|event| event["run"].as_str().unwrap()).collect();
    assert_eq!(runs.len(), 12);
    for run in runs {
        let own: Vec<&Value> = all.iter().filter(|event| event["run"] == run).collect();
        assert_eq!(own[0]["state"], "accepted");
        let last = own.last().unwrap();
        assert_eq!((&last["step"], &last["state"]), (&"case".into(), &"completed".into()));
    }
}

fn verify(out: &Path) -> (Option<i32>, String) {
    let output = tierline().arg("verify").arg(out).output().unwrap();
    let all = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(all).unwrap())
}

/// The manifest lists every file, sha256sum agrees, and the crate names the same files.
fn check_folder(out: &Path) {
    let (code, told) = verify(out);
    assert_eq!(code, Some(0), "{told}");
    let manifest = fs::read_to_string(out.join("manifest.sha256")).unwrap();
    let mut listed: Vec<&str> = manifest
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once("  ").unwrap().1)
        .collect();
    listed.sort_unstable();
    assert!(listed.contains(&"run.json") && listed.contains(&"results.json"));
    if let Some(sums) = common::oracle("sha256sum") {
        run(Command::new(sums).args(["--quiet", "-c", "manifest.sha256"]).current_dir(out));
    }
    let text = fs::read_to_string(out.join("ro-crate-metadata.json")).unwrap();
    let metadata: Value = serde_json::from_str(&text).unwrap();
    let graph = metadata["@graph"].as_array().unwrap();
    let ids: BTreeSet<&str> = graph.iter().map(|entity| entity["@id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), graph.len(), "every id stands once");
    let root = graph.iter().find(|entity| entity["@id"] == "./").unwrap();
    let mut parts: Vec<&str> = root["hasPart"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["@id"].as_str().unwrap())
        .collect();
    parts.push("ro-crate-metadata.json");
    parts.sort_unstable();
    // The folder stands for its files, whose names hold those of samples.
    let folded = |name| if str::starts_with(name, "qc/") { "qc/" } else { name };
    listed = listed.into_iter().map(folded).collect();
    listed.dedup();
    assert_eq!(parts, listed);
    for part in parts {
        assert!(ids.contains(part), "{part} is described");
    }
}

#[test]
fn a_folder_that_was_touched_is_told() {
    let folder = scratch();
    let out = folder.path().join("out");
    run(&mut tier(&out));
    check_folder(&out);
    let spoil = |what: &dyn Fn(&PathBuf), name: &str, words: &str| {
        run(&mut tier(&out));
        what(&out.join(name));
        let (code, told) = verify(&out);
        assert_eq!(code, Some(65), "{told}");
        assert!(told.contains(&format!("{name}: {words}")), "{told}");
        let _ = fs::remove_file(out.join(name));
    };
    spoil(&|path| fs::write(path, "x").unwrap(), "tiers.tsv", "changed since it was written");
    spoil(&|path| fs::remove_file(path).unwrap(), "report.html", "missing");
    spoil(&|path| fs::write(path, "x").unwrap(), "notes.txt", "not of this run");
    let (code, told) = verify(folder.path());
    assert_eq!(code, Some(66), "{told}");
}

fn qc(out: &Path, names: &[&str]) -> Command {
    let mut command = tierline();
    let files = names.iter().map(|name| root().join(format!("test-data/trio/{name}.bam")));
    command.arg("qc").args(files).args(["--only", "flags,sketch,depth", "-n", "-o"]).arg(out);
    command
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Commands without a case into one folder: each name has its record, none takes another's.
#[test]
fn commands_into_one_folder_keep_each_others_records() {
    let folder = scratch();
    let out = folder.path().join("qc");
    run(qc(&out, &["child"]).args(["--accept", "gel-germline"]));
    let first = fs::read(out.join("SIMCHILD.run.json")).unwrap();
    // Two at once.
    let both = ["mother", "father"].map(|who| qc(&out, &[who]).spawn().unwrap());
    for mut child in both {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(fs::read(out.join("SIMCHILD.run.json")).unwrap(), first);
    let (code, told) = verify(&out);
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(told.matches("run\t").count(), 3, "{told}");
    if let Some(sums) = common::oracle("sha256sum") {
        for who in ["CHILD", "MOTHER", "FATHER"] {
            let name = format!("SIM{who}.manifest.sha256");
            run(Command::new(&sums).args(["--quiet", "-c", &name]).current_dir(&out));
        }
    }
    let record = json(&out.join("SIMCHILD.run.json"));
    let own = json(&out.join("SIMCHILD.qc.json"));
    assert_eq!(record["policy_digest"], own["policy"]["digest"]);
    assert_eq!(own["policy"]["id"], "gel-germline");
    assert_eq!(record["policy"]["acceptance"]["id"], "gel-germline");
    assert_eq!(record["inputs"][0]["role"], "alignment");
    assert_eq!(record["inputs"][0]["sha256"], own["input"]["blocksSha256"]);
    let mother = json(&out.join("SIMMOTHER.run.json"));
    assert_ne!(mother["policy_digest"], record["policy_digest"], "other limits");
    // The comparison of the sketches has its own beside them.
    let sketches = ["CHILD", "MOTHER", "FATHER"].map(|who| out.join(format!("SIM{who}.sketch")));
    run(tierline().arg("identity").args(&sketches).arg("-o").arg(&out));
    let (code, told) = verify(&out);
    assert_eq!(code, Some(0), "{told}");
    let compared = json(&out.join("identity.run.json"));
    assert_eq!(compared["inputs"].as_array().unwrap().len(), 3);
    assert_eq!(json(&out.join("identity.json"))["policy"]["digest"], compared["policy_digest"]);
    assert!(states(&out).ends_with(&["identity completed".into(), "case completed".into()]));
    let shown = run(tierline().arg("status").arg(&out));
    assert!(String::from_utf8(shown.stdout).unwrap().contains("completed  case"));
    // Whatever is touched is told, of whichever name it is.
    fs::write(out.join("SIMFATHER.flagstat.txt"), "x").unwrap();
    let (code, told) = verify(&out);
    assert_eq!(code, Some(65), "{told}");
    assert!(told.contains("SIMFATHER.flagstat.txt: changed"), "{told}");
    run(&mut qc(&out, &["father"]));
    assert_eq!(verify(&out).0, Some(0));
}

/// Damage in the middle of a file: the event says so, and nothing passes for complete.
#[test]
fn a_reading_that_fails_leaves_an_event_and_no_manifest() {
    let folder = scratch();
    let bytes = fs::read(root().join("test-data/trio/child.bam")).unwrap();
    let mut bytes = bytes;
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64].fill(0);
    let bam = folder.path().join("damaged.bam");
    fs::write(&bam, bytes).unwrap();
    let out = folder.path().join("out");
    let output = tierline().arg("qc").arg(&bam).arg("-o").arg(&out).output().unwrap();
    assert_eq!(output.status.code(), Some(65));
    assert_eq!(states(&out), ["inputs accepted", "case failed"]);
    assert_eq!(verify(&out).0, Some(66));
}

fn depth(out: &Path) -> Command {
    let mut command = tierline();
    let child = root().join("test-data/trio/child.bam");
    command.arg("qc").arg(child).args(["--only", "depth", "-o"]).arg(out);
    command
}

/// Tracks are hashed while they are written: what is told of them is what others find in the files.
#[test]
fn digests_of_tracks_are_those_of_the_files() {
    let folder = scratch();
    let wanted: [(&[&str], &[&str]); 3] = [
        (&[], &["per-base"]),
        (&["-n", "--quantize", "0:1:5:"], &["quantized"]),
        (
            &["--by", "500", "--thresholds", "1,5,30", "--quantize", "0:1:5:"],
            &["per-base", "quantized", "regions", "thresholds"],
        ),
    ];
    for (i, (options, tracks)) in wanted.into_iter().enumerate() {
        let out = folder.path().join(i.to_string());
        run(depth(&out).args(["-t", "3"]).args(options));
        let record = json(&out.join("SIMCHILD.run.json"));
        let told: BTreeSet<(String, u64)> = record["outputs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|output| (output["file"].as_str().unwrap(), output["bytes"].as_u64().unwrap()))
            .filter(|(file, _)| file.ends_with(".bed.gz"))
            .map(|(file, bytes)| (file.to_owned(), bytes))
            .collect();
        let there = tracks.iter().map(|track| {
            let file = format!("SIMCHILD.{track}.bed.gz");
            let bytes = fs::metadata(out.join(&file)).unwrap().len();
            (file, bytes)
        });
        assert_eq!(told, there.collect(), "{options:?}");
        let (code, shown) = verify(&out);
        assert_eq!(code, Some(0), "{shown}");
        if let Some(sums) = common::oracle("sha256sum") {
            let manifest = "SIMCHILD.manifest.sha256";
            run(Command::new(sums).args(["--quiet", "-c", manifest]).current_dir(&out));
        }
    }
}

/// A track whose name is taken by a folder: nothing is told of it, nor of any other file.
#[test]
fn a_track_that_cannot_be_written_leaves_no_record() {
    let folder = scratch();
    let out = folder.path().join("out");
    fs::create_dir_all(out.join("SIMCHILD.per-base.bed.gz")).unwrap();
    let output = depth(&out).output().unwrap();
    assert_eq!(output.status.code(), Some(73), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(states(&out), ["inputs accepted", "case failed"]);
    assert_eq!(verify(&out).0, Some(66));
    let names: Vec<String> = fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert!(!names.iter().any(|name| name.contains("SIMCHILD.run")), "{names:?}");
    assert!(!names.iter().any(|name| name.contains(".tmp")), "{names:?}");
}

/// Waits for a process that is about to end, and gives what it printed.
fn ended(mut child: std::process::Child) -> (Option<i32>, String) {
    for _ in 0..300 {
        if child.try_wait().unwrap().is_some() {
            let output = child.wait_with_output().unwrap();
            return (output.status.code(), String::from_utf8(output.stdout).unwrap());
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    child.kill().unwrap();
    panic!("it does not end");
}

fn follow(out: &Path) -> std::process::Child {
    let mut command = tierline();
    command.arg("status").arg(out).arg("--follow").stdout(std::process::Stdio::piped());
    command.spawn().unwrap()
}

#[test]
fn following_waits_for_a_run_and_sees_a_file_that_was_put_aside() {
    let folder = scratch();
    // Nothing there yet: neither the folder nor its file.
    let out = folder.path().join("out");
    let child = follow(&out);
    run(&mut tier(&out));
    let (code, told) = ended(child);
    assert_eq!((code, told.lines().count()), (Some(0), 6), "{told}");
    // A run that goes on, its file put aside, a shorter one in its place.
    let file = out.join("status.jsonl");
    let text = fs::read_to_string(&file).unwrap();
    let (all, last) = text.trim_end().rsplit_once('\n').unwrap();
    fs::write(&file, format!("{all}\n")).unwrap();
    let child = follow(&out);
    std::thread::sleep(std::time::Duration::from_secs(2));
    fs::rename(&file, out.join("status.jsonl.1")).unwrap();
    std::thread::sleep(std::time::Duration::from_secs(1));
    fs::write(&file, format!("{last}\n")).unwrap();
    let (code, told) = ended(child);
    assert_eq!((code, told.lines().count()), (Some(0), 6), "{told}");
    // No folder at all is no run that may begin.
    let (code, _) = ended(follow(&file));
    assert_eq!(code, Some(66));
}
