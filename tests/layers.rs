//! The house rules that a compiler does not know: who may import whom, who owns which third-party crate, how long a
//! file may be, and which words have no place in the project.
//!
//! A room imports only from rooms of an earlier row of [`LAYERS`]; rooms of one row do not import one another. The
//! room order holds in unit tests too; the owners of third-party crates do not bind `#[cfg(test)]` modules.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test program stops at what it cannot read"
)]

mod common;
#[path = "layers/scan.rs"]
mod scan;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use scan::{Named, Scanned, scan};

/// The layer table: rooms from the ground up.
const LAYERS: &[&[&str]] = &[
    &["model"],
    &["policy"],
    &["case", "io"],
    &["inputs"],
    &["qc", "identity", "filter", "evidence", "tier"],
    &["exec"],
    &["report"],
    &["simulate", "pipeline"],
    &["cli"],
    &["main"],
];

/// Third-party names (`*` ends a prefix) and the rooms that alone may name them.
const OWNERS: &[(&str, &[&str])] = &[
    ("rust_htslib", &["io"]),
    ("noodles*", &["io"]),
    ("flate2", &["io"]),
    ("libdeflater", &["io"]),
    ("csv", &["io"]),
    ("bio", &["evidence"]),
    ("std::fs", &["io"]),
    ("rayon*", &["exec"]),
    ("indicatif", &["exec"]),
    // main has one thread that waits for signals.
    ("std::thread", &["exec", "main"]),
    ("clap*", &["cli", "main"]),
    ("anyhow", &["cli", "pipeline", "main"]),
];

/// Longest source file, in lines.
const MAX_LINES: usize = 600;

/// Texts that mark unfinished work. Split, so that this file does not hold them.
const UNFINISHED: &[&[&str]] =
    &[&["to", "do!("], &["unimpl", "emented!("], &["TO", "DO"], &["FIX", "ME"]];

/// Texts that would tie the project to one machine; a leading slash must begin a path.
const FOREIGN: &[&[&str]] = &[
    &["/wo", "rk/"],
    &["/ro", "ot/"],
    &["/t", "mp/"],
    &["/ho", "me/"],
    &[".lib", "rary"],
    &["work", "place"],
];

/// One source file of the package.
struct Source {
    /// Path below the root, with `/`.
    path: String,
    text: String,
}

impl Source {
    /// `src/qc/depth/mod.rs` and `src/qc/depth.rs` are `[qc, depth]`; `src/lib.rs` is the crate's root, `[]`.
    fn module(&self) -> Vec<String> {
        let below = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        let below = below.strip_suffix("/mod").unwrap_or(below);
        if below == "lib" { Vec::new() } else { below.split('/').map(str::to_owned).collect() }
    }
}

fn level(room: &str) -> Option<usize> {
    LAYERS.iter().position(|row| row.contains(&room))
}

/// Every breach of the room order and the owners, as `file:line: rule`.
fn breaches(sources: &[Source]) -> Vec<String> {
    let scanned: Vec<Scanned> = sources.iter().map(|s| scan(&s.text, &s.module())).collect();
    let test_files: BTreeSet<&Vec<String>> = scanned.iter().flat_map(|s| &s.test_files).collect();
    let mut macros: BTreeMap<&str, String> = BTreeMap::new();
    for (source, found) in sources.iter().zip(&scanned) {
        for name in &found.macros {
            macros.insert(name, source.module().first().cloned().unwrap_or_default());
        }
    }
    let mut all = Vec::new();
    for (source, found) in sources.iter().zip(&scanned) {
        let module = source.module();
        let Some(room) = module.first() else { continue };
        if level(room).is_none() {
            all.push(format!("{}:1: `{room}` is no room of the layer table", source.path));
            continue;
        }
        let is_test_file = (1..=module.len()).any(|n| test_files.contains(&module[..n].to_vec()));
        for named in &found.named {
            let rule = if named.path[0] == "crate" {
                room_breach(room, named, &macros)
            } else if named.in_test || is_test_file {
                None
            } else {
                owner_breach(room, named)
            };
            if let Some(rule) = rule {
                all.push(format!("{}:{}: {rule}", source.path, named.line));
            }
        }
    }
    all
}

fn room_breach(room: &str, named: &Named, macros: &BTreeMap<&str, String>) -> Option<String> {
    let first = named.path.get(1)?;
    let target = macros.get(first.as_str()).filter(|_| named.path.len() == 2).unwrap_or(first);
    if target == room || target == "*" {
        return (target == "*").then(|| "a glob of the crate's root hides the rooms".to_owned());
    }
    let Some(theirs) = level(target) else {
        return Some(format!("`{}` names no room of the layer table", named.path.join("::")));
    };
    let ours = level(room)?;
    (theirs >= ours).then(|| {
        let why = if theirs == ours { "stands beside it" } else { "stands above it" };
        format!("room {room} imports {}, but {target} {why}", named.path.join("::"))
    })
}

fn owner_breach(room: &str, named: &Named) -> Option<String> {
    OWNERS.iter().find_map(|(name, rooms)| {
        let fits = match name.strip_suffix('*') {
            Some(prefix) => named.path[0].starts_with(prefix),
            None => name.split("::").eq(named.path.iter().map(String::as_str).take(depth(name))),
        };
        (fits && !rooms.contains(&room)).then(|| {
            format!("room {room} names {}; only {} may", named.path.join("::"), rooms.join(", "))
        })
    })
}

fn depth(name: &str) -> usize {
    name.split("::").count()
}

/// All Rust sources below `src/`.
fn package_sources() -> Vec<Source> {
    let root = common::root();
    let mut sources = Vec::new();
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                sources.push(Source { path: below(&root, &path), text });
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

fn below(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/")
}

/// The text files that git tracks, or would track; without git, the Rust sources.
fn tracked_texts() -> Vec<Source> {
    let root = common::root();
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(&root)
        .output()
        .ok()
        .filter(|output| output.status.success());
    let Some(listed) = listed else { return package_sources() };
    let mut texts = Vec::new();
    for name in String::from_utf8_lossy(&listed.stdout).split('\0').filter(|n| !n.is_empty()) {
        let path: PathBuf = root.join(name);
        let Ok(bytes) = fs::read(&path) else { continue };
        if let Ok(text) = String::from_utf8(bytes)
            && !text.contains('\0')
            && name != "Cargo.lock"
        {
            texts.push(Source { path: name.to_owned(), text });
        }
    }
    texts
}

/// Every line that holds a text with no place in the project, as `file:line: text`.
fn unwanted(texts: &[Source]) -> Vec<String> {
    let mut all = Vec::new();
    for source in texts {
        for (i, line) in source.text.lines().enumerate() {
            let found = UNFINISHED
                .iter()
                .map(|parts| (parts.concat(), "unfinished work"))
                .chain(FOREIGN.iter().map(|parts| (parts.concat(), "speaks of one machine")))
                .find(|(text, _)| holds(line, text));
            if let Some((text, why)) = found {
                all.push(format!("{}:{}: `{text}` ({why})", source.path, i + 1));
            }
        }
    }
    all
}

/// True when `line` holds `text` as its own word; a leading slash must not continue a longer path.
fn holds(line: &str, text: &str) -> bool {
    line.match_indices(text).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        match text.chars().next() {
            Some('/') => !before.is_some_and(|c| c.is_alphanumeric() || "._~-}".contains(c)),
            Some('.') => true,
            _ => !before.is_some_and(char::is_alphanumeric),
        }
    })
}

fn assert_none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{} {what}:\n{}", found.len(), found.join("\n"));
}

#[test]
fn rooms_import_only_from_below_and_third_parties_have_one_owner() {
    let sources = package_sources();
    assert!(sources.len() > 5, "found only {} sources", sources.len());
    assert_none("breaches of the layer table", &breaches(&sources));
}

#[test]
fn files_are_short() {
    let long: Vec<String> = tracked_texts()
        .iter()
        .filter(|s| Path::new(&s.path).extension().is_some_and(|e| e == "rs"))
        .map(|s| (s.text.lines().count(), &s.path))
        .filter(|(lines, _)| *lines > MAX_LINES)
        .map(|(lines, path)| format!("{path}:{lines}: more than {MAX_LINES} lines"))
        .collect();
    assert_none("files are too long", &long);
}

#[test]
fn no_unfinished_work_and_no_word_of_one_machine() {
    assert_none("lines with texts that have no place here", &unwanted(&tracked_texts()));
}

#[test]
fn the_crate_document_names_every_room_that_exists() {
    let document = fs::read_to_string(common::root().join("src/lib.rs")).unwrap();
    let rooms: BTreeSet<String> =
        package_sources().iter().filter_map(|s| s.module().first().cloned()).collect();
    let unnamed: Vec<String> = rooms
        .into_iter()
        .filter(|room| room != "main" && !document.contains(&format!("{room}`")))
        .collect();
    assert_none("rooms that src/lib.rs does not name", &unnamed);
}

/// What the rules say of one made-up file.
fn verdict(path: &str, text: &str) -> Vec<String> {
    breaches(&[Source { path: path.to_owned(), text: text.to_owned() }])
}

#[test]
fn upward_and_sideways_imports_are_caught() {
    for (path, text, expected) in [
        (
            "src/model/a.rs",
            "use std::fmt;\nuse crate::io::sink;\n",
            "src/model/a.rs:2: room model imports crate::io::sink, but io stands above it",
        ),
        (
            "src/qc/depth.rs",
            "use crate::{model::coord, tier::{rules, Rule as R}};",
            "src/qc/depth.rs:1: room qc imports crate::tier::rules, but tier stands beside it",
        ),
        (
            "src/qc/depth.rs",
            "fn f() { super::super::report::write(); }",
            "src/qc/depth.rs:1: room qc imports crate::report::write, but report stands above it",
        ),
        (
            "src/io/mod.rs",
            "#[cfg(test)]\nmod tests {\n    use super::super::exec::pool;\n}\n",
            "src/io/mod.rs:3: room io imports crate::exec::pool, but exec stands above it",
        ),
        (
            "src/case/mod.rs",
            "let x: Vec<crate::io::Bed> = v;",
            "src/case/mod.rs:1: room case imports crate::io::Bed, but io stands beside it",
        ),
        (
            "src/model/a.rs",
            "use crate::attic::x;",
            "src/model/a.rs:1: `crate::attic::x` names no room of the layer table",
        ),
        ("src/attic.rs", "", "src/attic.rs:1: `attic` is no room of the layer table"),
        (
            "src/policy/a.rs",
            "use crate::*;",
            "src/policy/a.rs:1: a glob of the crate's root hides the rooms",
        ),
    ] {
        let found = verdict(path, text);
        assert_eq!(found.first().map(String::as_str), Some(expected), "{text}");
    }
}

#[test]
fn third_party_names_outside_their_owner_are_caught() {
    for (path, text, expected) in [
        ("src/qc/a.rs", "use noodles_bgzf as bgzf;", "room qc names noodles_bgzf; only io may"),
        ("src/report/a.rs", "use std::{fmt, fs::File};", "names std::fs::File; only io may"),
        ("src/tier/a.rs", "std::thread::spawn(f);", "names std::thread::spawn; only exec, main"),
        ("src/io/a.rs", "use rayon::prelude::*;", "names rayon::prelude::*; only exec may"),
        ("src/exec/a.rs", "fn f() -> anyhow::Result<()> {}", "names anyhow::Result; only cli"),
        ("src/policy/a.rs", "#[derive(Debug, clap::Args)]", "names clap::Args; only cli, main"),
        ("src/model/a.rs", "#[cfg(not(test))] mod m { use flate2::Crc; }", "names flate2::Crc"),
    ] {
        let found = verdict(path, text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].contains(expected), "{found:?} lacks {expected}");
    }
}

#[test]
fn allowed_sources_pass() {
    for (path, text) in [
        ("src/tier/a.rs", "use crate::{model::x, policy::Policy}; use super::Rule;"),
        ("src/io/a.rs", "use std::fs; use noodles::bam; use crate::model::coord;"),
        ("src/main.rs", "use tierline::cli::{self, Cli}; fn f() { std::thread::spawn(g); }"),
        ("src/qc/a.rs", "// crate::cli is above\n/* use rayon; /* */ std::fs */ \"crate::cli\""),
        (
            "src/qc/a.rs",
            "let s = r#\"use crate::cli\"#; let c = '\"'; let d = '\\''; // crate::cli",
        ),
        ("src/qc/a.rs", "fn f<'a>(x: &'a str) {}\n#[cfg(test)]\nmod tests { use std::fs; }"),
        ("src/qc/a.rs", "pub(crate) fn f() {} mod inner { use super::super::Metric; }"),
        ("src/lib.rs", "pub mod cli; pub mod model;"),
    ] {
        assert_eq!(verdict(path, text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn test_files_and_macros_belong_to_the_room_that_declares_them() {
    let source = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
    let with_declaration = [
        source("src/qc/depth.rs", "#[cfg(test)]\nmod tests;"),
        source("src/qc/depth/tests.rs", "use std::fs;"),
    ];
    assert_eq!(breaches(&with_declaration), Vec::<String>::new());
    let without =
        [source("src/qc/depth.rs", "mod tests;"), source("src/qc/depth/tests.rs", "use std::fs;")];
    assert_eq!(breaches(&without).len(), 1);
    let of_macros = [
        source("src/tier/rows.rs", "macro_rules! rows { () => {} }"),
        source("src/report/a.rs", "crate::rows!();"),
        source("src/qc/a.rs", "use crate::rows;"),
    ];
    assert_eq!(
        breaches(&of_macros),
        ["src/qc/a.rs:1: room qc imports crate::rows, but tier stands beside it"]
    );
}

#[test]
fn unwanted_texts_are_caught_with_their_line() {
    let text = format!("fine\nlet x = {}; // {}\ncp {}x\n", "1", ["TO", "DO"].concat(), "/t\x6dp/");
    let found = unwanted(&[Source { path: "a.sh".into(), text }]);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("a.sh:2: ") && found[1].starts_with("a.sh:3: "), "{found:?}");
    let fine = "std::env::temp_dir(); $HOME/t\x6dp/ snakemake/wo\x72k/ /var/t\x6dp/x autoTODOs";
    assert_eq!(
        unwanted(&[Source { path: "a.rs".into(), text: fine.into() }]),
        Vec::<String>::new()
    );
}
