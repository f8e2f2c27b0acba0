//! Types of mutations as matrices of mutational signatures count them: 96 single-base substitutions, 78 doublets and 83
//! insertions and deletions, named as SigProfiler and COSMIC name them.

use std::collections::HashMap;
use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A set of mutation types.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum MatrixKind {
    /// `A[C>A]A`: a substitution between its neighbours, seen from the pyrimidine.
    #[serde(rename = "SBS96")]
    Sbs96,
    /// `AC>CA`: two adjacent substitutions.
    #[serde(rename = "DBS78")]
    Dbs78,
    /// `1:Del:C:0`: size, kind, base or repeat or microhomology, repeat units or bases.
    #[serde(rename = "ID83")]
    Id83,
}

/// Bases in the order of every list.
const BASES: [char; 4] = ['A', 'C', 'G', 'T'];

/// Substitutions seen from the pyrimidine.
pub const SUBSTITUTIONS: [&str; 6] = ["C>A", "C>G", "C>T", "T>A", "T>C", "T>G"];

/// Doublets by reference, with their alternates. A doublet that equals its own reverse complement (AT, CG, GC, TA) has six.
pub const DOUBLETS: [(&str, &[&str]); 10] = [
    ("AC", &["CA", "CG", "CT", "GA", "GG", "GT", "TA", "TG", "TT"]),
    ("AT", &["CA", "CC", "CG", "GA", "GC", "TA"]),
    ("CC", &["AA", "AG", "AT", "GA", "GG", "GT", "TA", "TG", "TT"]),
    ("CG", &["AT", "GC", "GT", "TA", "TC", "TT"]),
    ("CT", &["AA", "AC", "AG", "GA", "GC", "GG", "TA", "TC", "TG"]),
    ("GC", &["AA", "AG", "AT", "CA", "CG", "TA"]),
    ("TA", &["AT", "CG", "CT", "GC", "GG", "GT"]),
    ("TC", &["AA", "AG", "AT", "CA", "CG", "CT", "GA", "GG", "GT"]),
    ("TG", &["AA", "AC", "AT", "CA", "CC", "CT", "GA", "GC", "GT"]),
    ("TT", &["AA", "AC", "AG", "CA", "CC", "CG", "GA", "GC", "GG"]),
];

struct Types {
    names: Vec<String>,
    places: HashMap<String, usize>,
}

impl Types {
    fn new(names: Vec<String>) -> Self {
        let places = names.iter().enumerate().map(|(i, name)| (name.clone(), i)).collect();
        Self { names, places }
    }
}

impl MatrixKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Sbs96, Self::Dbs78, Self::Id83];

    /// `SBS96`, `DBS78` or `ID83`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sbs96 => "SBS96",
            Self::Dbs78 => "DBS78",
            Self::Id83 => "ID83",
        }
    }

    /// Names of the types, in COSMIC's order.
    pub fn types(self) -> &'static [String] {
        &self.all().names
    }

    /// The place of a type in [`MatrixKind::types`].
    pub fn place(self, name: &str) -> Option<usize> {
        self.all().places.get(name).copied()
    }

    fn all(self) -> &'static Types {
        static ALL: [OnceLock<Types>; 3] = [const { OnceLock::new() }; 3];
        ALL[self as usize].get_or_init(|| {
            Types::new(match self {
                Self::Sbs96 => substitutions(),
                Self::Dbs78 => doublets(),
                Self::Id83 => indels(),
            })
        })
    }
}

fn substitutions() -> Vec<String> {
    let mut names = Vec::new();
    for substitution in SUBSTITUTIONS {
        for before in BASES {
            names.extend(BASES.map(|after| format!("{before}[{substitution}]{after}")));
        }
    }
    names
}

fn doublets() -> Vec<String> {
    let of = |(reference, alternates): (&str, &[&str])| -> Vec<String> {
        alternates.iter().map(|alternate| format!("{reference}>{alternate}")).collect()
    };
    DOUBLETS.into_iter().flat_map(of).collect()
}

fn indels() -> Vec<String> {
    let mut names = Vec::new();
    for (kind, base) in [("Del", 'C'), ("Del", 'T'), ("Ins", 'C'), ("Ins", 'T')] {
        names.extend((0..6).map(|units| format!("1:{kind}:{base}:{units}")));
    }
    for kind in ["Del", "Ins"] {
        for size in 2..=5 {
            names.extend((0..6).map(|units| format!("{size}:{kind}:R:{units}")));
        }
    }
    for (size, most) in [(2, 1), (3, 2), (4, 3), (5, 5)] {
        names.extend((1..=most).map(|bases| format!("{size}:Del:M:{bases}")));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_types_as_the_names_say() {
        for (kind, count) in MatrixKind::ALL.into_iter().zip([96, 78, 83]) {
            assert_eq!(kind.types().len(), count);
            for (i, name) in kind.types().iter().enumerate() {
                assert_eq!(kind.place(name), Some(i), "{name}");
            }
        }
        assert_eq!(MatrixKind::Sbs96.types()[16], "A[C>G]A");
        assert_eq!(MatrixKind::Id83.types()[82], "5:Del:M:5");
    }
}
