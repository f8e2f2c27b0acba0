//! The fuzz bodies with fixed seeds: every run reads the same mutated inputs.
#![allow(clippy::unwrap_used, clippy::panic, reason = "the bodies stop where a promise is broken")]

mod common;

#[path = "../fuzz/bodies.rs"]
mod bodies;

use std::fs;
use std::panic;

use bodies::{BODIES, Body};

/// Mutated inputs for each body; all of them together take about a second a body at most.
const INPUTS: u64 = 20_000;

/// Longest input in bytes.
const MAX_LENGTH: usize = 4_096;

/// Pieces that formats of this kind trip over.
const PIECES: &[&str] = &[
    "",
    "\n",
    "\r\n",
    "\t",
    " ",
    "\"",
    "'",
    "[",
    "]",
    "{",
    "}",
    "=",
    ",",
    ";",
    "|",
    "/",
    "#",
    "&",
    ":",
    "-",
    "0",
    "-1",
    "1",
    "256",
    "4294967295",
    "4294967296",
    "18446744073709551616",
    "1e999",
    "NaN",
    ".",
    "\0",
    "\u{feff}",
    "é",
    "\u{1F9EC}",
    "\u{fffd}",
    "true",
    "null",
    "chr",
    "HP:0001250",
    "SO:0001583",
];

/// SplitMix64: tiny, seeded, the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 when `end` is 0.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % (end.max(1) as u64)) as usize
    }
}

/// One seed, changed in one to eight places.
fn mutated(body: &Body, random: &mut Random) -> Vec<u8> {
    let seed = |random: &mut Random| body.seeds[random.below(body.seeds.len())].as_bytes();
    let mut bytes = seed(random).to_vec();
    for _ in 0..=random.below(8) {
        let at = random.below(bytes.len() + 1);
        let end = (at + random.below(24)).min(bytes.len());
        match random.below(7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            1 if at < bytes.len() => bytes[at] = random.next() as u8,
            2 => drop(bytes.drain(at..end)),
            3 => {
                let piece = PIECES[random.below(PIECES.len())];
                bytes.splice(at..at, piece.bytes());
            }
            4 => {
                let copy = bytes[at..end].to_vec();
                let times = 1 + random.below(20);
                bytes.splice(at..at, copy.repeat(times));
            }
            5 => {
                let other = seed(random);
                let from = random.below(other.len());
                bytes.splice(at.., other[from..].iter().copied());
            }
            _ => bytes.truncate(at.max(bytes.len() / 2)),
        }
    }
    bytes.truncate(MAX_LENGTH.max(body.seeds.iter().map(|s| s.len()).max().unwrap_or(0)));
    bytes
}

#[test]
fn every_body_keeps_its_promises_on_fixed_seeds() {
    for body in BODIES {
        for (i, seed) in body.seeds.iter().enumerate() {
            let accepted = run(body, seed.as_bytes(), &format!("seed {i}"));
            assert!(accepted || i > 0, "{} refuses its first seed", body.name);
        }
        let mut random = Random(0x7469_6572);
        for i in 0..INPUTS {
            let bytes = mutated(body, &mut random);
            run(body, &bytes, &format!("input {i}"));
        }
    }
}

/// Runs a body; a broken promise is told with the input that broke it.
fn run(body: &Body, bytes: &[u8], which: &str) -> bool {
    let outcome = panic::catch_unwind(|| (body.run)(bytes));
    let shown = String::from_utf8_lossy(bytes);
    assert!(outcome.is_ok(), "{} on {which}:\n{}", body.name, shown.escape_debug());
    outcome.unwrap_or(false)
}

#[test]
fn every_body_has_a_fuzz_target_and_every_target_a_body() {
    let fuzz = common::root().join("fuzz");
    let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
    let mut files: Vec<String> = fs::read_dir(fuzz.join("targets"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    files.sort();
    let mut names: Vec<&str> = BODIES.iter().map(|body| body.name).collect();
    names.sort_unstable();
    assert_eq!(files, names);
    for name in names {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "no [[bin]] {name}");
        let target = fs::read_to_string(fuzz.join(format!("targets/{name}.rs"))).unwrap();
        assert!(target.contains(&format!("body(\"{name}\"")), "{name} runs another body");
    }
}

#[test]
fn a_broken_promise_is_told_with_its_input() {
    fn short(bytes: &[u8]) -> bool {
        assert!(bytes.len() < 3);
        true
    }
    let body = Body { name: "strict", run: short, seeds: &["ab"] };
    assert!(run(&body, b"ab", "seed 0"));
    let error = panic::catch_unwind(|| run(&body, b"abc", "input 7")).unwrap_err();
    let message = error.downcast_ref::<String>().unwrap();
    assert_eq!(message, "strict on input 7:\nabc");
}
