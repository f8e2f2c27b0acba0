//! Which program under which rules made an output: what every output carries in the way its format allows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The rules in force, by name and content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyMark {
    /// Name, `gms-rd`; of `qc` without a case the set of limits, or `qc`.
    pub id: String,
    /// Version.
    pub version: String,
    /// SHA-256 of the resolved rules, lower-case hex.
    pub digest: String,
}

/// Name and version of this program, `tierline 0.1.0`.
pub const PROGRAM: &str = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));

impl PolicyMark {
    /// `gms-rd 0.4.0 sha256:...`.
    pub fn shown(&self) -> String {
        format!("{} {} sha256:{}", self.id, self.version, self.digest)
    }
}

/// `tierline 0.1.0; gms-rd 0.4.0 sha256:...`: the program alone where no policy is known.
pub fn line(program: &str, policy: Option<&PolicyMark>) -> String {
    policy.map_or_else(|| program.to_owned(), |policy| format!("{program}; {}", policy.shown()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_program_and_rules() {
        let policy = PolicyMark { id: "p".into(), version: "1".into(), digest: "ab".into() };
        assert_eq!(line("t 0", Some(&policy)), "t 0; p 1 sha256:ab");
        assert_eq!(line("t 0", None), "t 0");
    }
}
