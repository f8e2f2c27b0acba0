//! Policies on the command line: the presets, layers over them, refusals.

mod common;

use std::fs;

use common::{scratch, stdout_of, tierline};

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
