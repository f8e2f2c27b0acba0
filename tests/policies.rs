//! Policies on the command line: the presets, layers over them, refusals.

mod common;

use std::fs;

use common::{root, scratch, stdout_of, tierline};

#[test]
fn every_listed_preset_can_be_shown_and_read_again() {
    let folder = scratch();
    let list = stdout_of(tierline().args(["policy", "list"]));
    assert!(list.starts_with("gms-rd\t"), "{list}");
    for id in list.lines().filter_map(|line| line.split('\t').next()) {
        let shown = stdout_of(tierline().args(["policy", "show", id]));
        let file = folder.path().join("again.toml");
        fs::write(&file, format!("extends = \"{id}\"\n{shown}")).unwrap();
        let digest = |text: &str| text.lines().nth(1).map(str::to_owned);
        assert!(digest(&shown).is_some_and(|line| line.starts_with("# digest ")), "{shown}");
        let again = stdout_of(tierline().args(["policy", "show"]).arg(&file));
        let rules = |text: &str| text.lines().filter(|l| !l.contains("user = ")).skip(2).count();
        assert_eq!(rules(&again), rules(&shown), "a shown policy is a policy file");
    }
}

#[test]
fn a_changed_value_shows_its_source() {
    let shown = stdout_of(tierline().args(["policy", "show", "--set", "call.callable_depth=4"]));
    assert!(shown.contains("value = 4.0\nsource = \"user\""), "{shown}");
}

#[test]
fn refusals_name_the_fix() {
    for (arguments, expected) in [
        (vec!["show", "gms-rb"], "did you mean gms-rd?"),
        (vec!["show", "--set", "call.calable_depth=4"], "did you mean `callable_depth`?"),
        (vec!["show", "no/such.toml"], "no/such.toml: cannot read"),
    ] {
        let output = tierline().arg("policy").args(&arguments).output().unwrap();
        assert!(matches!(output.status.code(), Some(2 | 66)), "{:?}", output.status);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(told.contains(expected), "{told}");
    }
}

/// Two results under one version of a policy must come from the same rules.
#[test]
fn a_changed_preset_has_a_new_version() {
    let text = fs::read_to_string(root().join("src/policy/presets/versions.tsv")).unwrap();
    let listed: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').collect())
        .collect();
    let mut named: Vec<_> = listed.iter().map(|row| (row[0], row[1])).collect();
    named.sort_unstable();
    named.dedup();
    assert_eq!(named.len(), listed.len(), "a version is listed once");
    for line in stdout_of(tierline().args(["policy", "list"])).lines() {
        let id = line.split('\t').next().unwrap();
        let shown = stdout_of(tierline().args(["policy", "show", id]));
        let value = |start: &str| {
            let line = shown.lines().find(|line| line.starts_with(start)).unwrap();
            line[start.len()..].trim_matches(['"', ' ', '=']).to_owned()
        };
        let (version, digest) = (value("version"), value("# digest"));
        let row = listed.iter().find(|row| row[0] == id && row[1] == version);
        let known = row.map(|row| row[2].to_owned());
        assert_eq!(
            known,
            Some(digest),
            "preset {id} changed: raise its version and add a line to versions.tsv"
        );
    }
}
