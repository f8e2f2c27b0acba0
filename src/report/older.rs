//! Results of an earlier run in the folder of this one: removed after the inputs were checked and before work starts, so
//! that what lies there after a failure is never taken for this run's. Only files that this program writes are touched.

use std::path::{Path, PathBuf};

use super::identity::case_files;
use super::{LAST, WRITERS, qc_files};
use crate::io::sink;
use crate::model::problem::Problem;

/// Removes every report of an earlier run from `folder`, `results.json` first, and from `folder/qc` the files of every
/// sample that this program left there (those with a `NAME.qc.json`) or that is in `samples` (names as in files). What is
/// one of the `inputs` stays.
///
/// # Errors
///
/// When a file cannot be removed.
pub fn clear(folder: &Path, samples: &[String], inputs: &[&Path]) -> Result<(), Problem> {
    let mut names: Vec<&str> =
        WRITERS.iter().flat_map(|writer| writer.files()).map(|file| file.name).collect();
    names.sort_by_key(|name| *name != LAST);
    // What a killed run left unfinished.
    let is_unfinished =
        |found: &String| sink::abandoned(found).is_some_and(|hidden| names.contains(&hidden));
    let unfinished: Vec<String> =
        sink::names_in(folder).into_iter().filter(is_unfinished).collect();
    let mut paths: Vec<PathBuf> = names.into_iter().map(|name| folder.join(name)).collect();
    paths.extend(unfinished.into_iter().map(|name| folder.join(name)));
    let quality = folder.join("qc");
    paths.extend(case_files::FILES.iter().map(|name| quality.join(name)));
    let mut stems: Vec<String> = sink::names_in(&quality)
        .iter()
        .filter_map(|name| name.strip_suffix(qc_files::MARK))
        .map(str::to_owned)
        .collect();
    stems.extend_from_slice(samples);
    for stem in stems {
        paths.extend(qc_files::all(&quality.join(stem)));
    }
    sink::remove(&paths, inputs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_run_left_unfinished_goes_too() {
        let folder = tempfile::tempdir().unwrap();
        // No process has so great a number (Linux: at most 2^22).
        let mine = [".tiers.tsv.99999999-0.tmp", "tiers.tsv"];
        let living = format!(".tiers.tsv.{}-0.tmp", std::process::id());
        let others = [".notes.99999999-0.tmp", ".tiers.tsv", "tiers.tsv.tmp", &living];
        for name in mine.iter().chain(&others) {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        clear(folder.path(), &[], &[]).unwrap();
        let mut others = others.map(str::to_owned);
        others.sort();
        assert_eq!(sink::names_in(folder.path()), others);
    }
}
