//! The program's outermost edge: version, usage errors, exit codes.

mod common;

use common::{stdout_of, tierline};

#[test]
fn the_version_line_is_name_and_number() {
    let line = stdout_of(tierline().arg("--version"));
    assert_eq!(line, format!("tierline {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn an_unknown_subcommand_is_a_usage_error_on_stderr() {
    let output = tierline().arg("no-such-thing").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty(), "nothing on stdout");
    assert!(String::from_utf8_lossy(&output.stderr).contains("no-such-thing"));
}
