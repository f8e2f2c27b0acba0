//! `manifest.sha256`: every file of an output folder with its SHA-256, in the form of sha256sum, so that a folder can be
//! checked with or without this program. Its first line, a comment, has version and policy, also of the tables in the forms
//! of other programs, which have no place for them. `status.jsonl` and the manifest itself are not listed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use crate::io::{digest, sink, text};
use crate::model::problem::Problem;
use crate::model::results::{OutputDigest, RunRecord};
use crate::model::written::WrittenFile;

use super::identity::case_files;
use super::{OutputFile, Rendered, Source, Writer, part, qc_files, status};

/// Name of the file.
pub const FILE: &str = "manifest.sha256";

/// Writes the manifest of a run; nothing when reports are rendered again later.
#[derive(Debug)]
pub(super) struct Manifest;

const FILES: &[OutputFile] = &[OutputFile {
    name: FILE,
    deterministic: false,
    doc: "SHA-256 of every file of the folder, as sha256sum -c reads them",
}];

impl Writer for Manifest {
    fn id(&self) -> &'static str {
        "manifest"
    }

    fn files(&self) -> &'static [OutputFile] {
        FILES
    }

    fn render(&self, source: &Source<'_>) -> Result<Vec<Rendered>, Problem> {
        let Some(run) = source.run else { return Ok(Vec::new()) };
        let text = text(run, run.outputs.iter().chain(source.outputs));
        Ok(vec![Rendered { name: FILE, bytes: text.into_bytes() }])
    }
}

/// The manifest of a run with these files.
pub(super) fn text<'a>(
    run: &RunRecord,
    outputs: impl IntoIterator<Item = &'a OutputDigest>,
) -> String {
    let (name, version) = (&run.tool.name, &run.tool.version);
    let mut text = format!("# {name} {version}, policy {}, run {}\n", run.policy_digest, run.run);
    for output in outputs {
        let _ = writeln!(text, "{}  {}", output.sha256, output.file);
    }
    text
}

/// Digests of the files below `folder/qc` that this program wrote there in this run (older ones were removed before it
/// began), sorted by name. Those of `written` are not read again.
///
/// # Errors
///
/// When one cannot be read.
pub fn present(folder: &Path, written: &[WrittenFile]) -> Result<Vec<OutputDigest>, Problem> {
    let quality = folder.join("qc");
    let names = sink::names_in(&quality);
    let mut own: BTreeSet<String> = BTreeSet::new();
    for stem in names.iter().filter_map(|name| name.strip_suffix(qc_files::MARK)) {
        let files = qc_files::all(Path::new(stem));
        own.extend(files.iter().map(|path| path.to_string_lossy().into_owned()));
    }
    own.extend(case_files::FILES.iter().map(|name| (*name).to_owned()));
    let mut outputs = Vec::new();
    for name in names.iter().filter(|name| own.contains(*name)) {
        let path = quality.join(name);
        let found = match digest::of_output(&path, written) {
            // Another run into this folder took it away since.
            Err(_) if !path.exists() => continue,
            found => found?,
        };
        let file = format!("qc/{name}");
        outputs.push(OutputDigest { file, bytes: found.bytes, sha256: found.sha256 });
    }
    Ok(outputs)
}

/// What differs between a folder and its manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Files listed and there, unchanged.
    pub intact: usize,
    /// Listed, and not there.
    pub missing: Vec<String>,
    /// Listed, with other content.
    pub changed: Vec<String>,
    /// There, and not listed.
    pub extra: Vec<String>,
}

impl Differences {
    /// True when the folder is as it was written.
    pub fn is_none(&self) -> bool {
        self.missing.is_empty() && self.changed.is_empty() && self.extra.is_empty()
    }
}

/// Names of the manifests of a folder: that of a case, and those of commands without one.
pub fn names(folder: &Path) -> Vec<String> {
    let all = sink::names_in(folder).into_iter();
    all.filter(|name| name == FILE || part::is_manifest(name)).collect()
}

/// Compares a folder with its manifests, by their names. A file that several of them list was written again by the later
/// command: it is intact when it is as one of them says.
///
/// # Errors
///
/// A manifest that is none, or a file that cannot be read.
pub fn compare(folder: &Path, manifests: &[String]) -> Result<Differences, Problem> {
    let mut listed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for name in manifests {
        let path = folder.join(name);
        let found = parse(&text::read(&path)?.text).map_err(|p| p.in_file(path.display()))?;
        for (file, sum) in found {
            listed.entry(file).or_default().insert(sum);
        }
    }
    let there: BTreeSet<String> = sink::files_below(folder)?.into_iter().collect();
    let mut found = Differences::default();
    for (name, sums) in &listed {
        if !there.contains(name) {
            found.missing.push(name.clone());
        } else if sums.contains(&digest::of_file(&folder.join(name))?.sha256) {
            found.intact += 1;
        } else {
            found.changed.push(name.clone());
        }
    }
    let is_own = |name: &String| name == status::FILE || manifests.contains(name);
    let extra = there.into_iter().filter(|name| !listed.contains_key(name));
    found.extra = extra.filter(|name| !is_own(name)).collect();
    Ok(found)
}

/// The manifest of a folder with the sums of files that are about to be replaced or added; `None` for a folder without one.
///
/// # Errors
///
/// A manifest that is none.
pub(super) fn renewed(folder: &Path, files: &[Rendered]) -> Result<Option<String>, Problem> {
    let path = folder.join(FILE);
    if !path.is_file() {
        return Ok(None);
    }
    let old = text::read(&path)?.text;
    let mut listed = parse(&old).map_err(|problem| problem.in_file(path.display()))?;
    for file in files {
        listed.insert(file.name.into(), digest::sha256_hex(&file.bytes));
    }
    let mut new: String =
        old.lines().filter(|line| line.starts_with('#')).fold(String::new(), |mut head, line| {
            let _ = writeln!(head, "{line}");
            head
        });
    for (name, sha256) in &listed {
        let _ = writeln!(new, "{sha256}  {name}");
    }
    Ok(Some(new))
}

/// Names with their sums.
fn parse(text: &str) -> Result<BTreeMap<String, String>, Problem> {
    let mut listed = BTreeMap::new();
    let lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#'));
    for (i, line) in lines {
        let (sum, name) = line.split_once("  ").unwrap_or((line, ""));
        let is_sum = sum.len() == 64 && sum.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_below =
            !name.is_empty() && !name.starts_with('/') && name.split('/').all(|p| p != "..");
        if !is_sum || !is_below {
            let problem = Problem::bad_data("not a line of a manifest: SHA-256, two blanks, name");
            return Err(problem.at(format!("line {}", i + 1)));
        }
        listed.insert(name.to_owned(), sum.to_ascii_lowercase());
    }
    if listed.is_empty() {
        return Err(Problem::bad_data("the manifest lists no file"));
    }
    Ok(listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_changed_and_extra_files_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("qc")).unwrap();
        for name in ["a", "b", "qc/c"] {
            std::fs::write(path(name), name).unwrap();
        }
        let line = |name: &str| format!("{}  {name}\n", digest::sha256_hex(name.as_bytes()));
        let manifest = "# made\n".to_owned() + &line("a") + &line("b") + &line("qc/c");
        std::fs::write(path(FILE), &manifest).unwrap();
        std::fs::write(path(status::FILE), "").unwrap();
        let own = names(folder.path());
        assert_eq!(own, [FILE]);
        assert!(compare(folder.path(), &own).unwrap().is_none());
        std::fs::remove_file(path("a")).unwrap();
        std::fs::write(path("b"), "changed").unwrap();
        std::fs::write(path("qc/d"), "new").unwrap();
        let found = compare(folder.path(), &own).unwrap();
        let list = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        assert_eq!(found.missing, list(&["a"]));
        assert_eq!(found.changed, list(&["b"]));
        assert_eq!(found.extra, list(&["qc/d"]));
        assert_eq!(found.intact, 1);
        for bad in ["", "abc  a\n", &line("../x"), &line("/x")] {
            std::fs::write(path(FILE), bad).unwrap();
            assert!(compare(folder.path(), &own).is_err(), "{bad}");
        }
    }

    #[test]
    fn commands_into_one_folder_keep_their_manifests() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        let line =
            |name: &str, text: &str| format!("{}  {name}\n", digest::sha256_hex(text.as_bytes()));
        for name in ["a.txt", "b.txt", "both.txt"] {
            write(name, name);
        }
        write("a.manifest.sha256", &(line("a.txt", "a.txt") + &line("both.txt", "older")));
        write("b.manifest.sha256", &(line("b.txt", "b.txt") + &line("both.txt", "both.txt")));
        let found = compare(folder.path(), &names(folder.path())).unwrap();
        assert!(found.is_none() && found.intact == 3, "{found:?}");
        write("both.txt", "neither");
        let found = compare(folder.path(), &names(folder.path())).unwrap();
        assert_eq!(found.changed, ["both.txt"]);
    }
}
