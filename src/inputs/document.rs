//! Reads a case of any form, with what is laid over it: another document, flags, a list of withdrawn participants. Files are
//! found, panels that a referral orders are chosen, and what the case leaves open is taken from its variant files.

use std::path::{Path, PathBuf};

use crate::case::gel::{Choice, referral, request};
use crate::case::{
    Case, CaseForm, Draft, DraftMember, document, flags, form, ped, phenopacket, withdrawn,
};
use crate::io::text;
use crate::io::variants::VariantFile;
use crate::model::notice::{Notice, NoticeKind};
use crate::model::problem::{Problem, Problems};
use crate::model::sample::ConsentSource;

use super::orders;

/// What is laid over the document of a case.
#[derive(Clone, Debug, Default)]
pub struct Over {
    /// A document of more keys, `--with`.
    pub document: Option<PathBuf>,
    /// What flags say.
    pub flags: Option<Box<Draft>>,
    /// Alignments by sample or id.
    pub alignments: Vec<(String, PathBuf)>,
    /// Folders in which files are looked for by name.
    pub folders: Vec<PathBuf>,
    /// What all members consented to, for documents that say nothing of it.
    pub consent: Vec<String>,
    /// List of withdrawn participants.
    pub withdrawn: Option<PathBuf>,
    /// Run without members who have withdrawn or did not consent.
    pub leave_out: bool,
    /// The one test wanted of a referral.
    pub test: Option<String>,
    /// The one tumour wanted.
    pub tumour: Option<String>,
    /// The family wanted of a pedigree.
    pub family: Option<String>,
    /// The proband of a pedigree.
    pub proband: Option<String>,
}

/// Reads a list of withdrawn participants.
///
/// # Errors
///
/// When it cannot be read as text.
pub fn withdrawn(path: &Path) -> Result<Vec<String>, Problem> {
    let ids = withdrawn::parse(&text::read(path)?.text);
    if ids.is_empty() {
        log::warn!("{NOBODY}");
    }
    Ok(ids)
}

const NOBODY: &str = "the list of withdrawn participants holds no id";

/// Whether a file is a case document of any form, by its first bytes. False too where it cannot be read.
pub fn is_document(path: &Path) -> bool {
    text::head(path).is_some_and(|head| form::is_case(&head))
}

/// Reads a case document of any form.
///
/// # Errors
///
/// A missing file, every fault of the document and of what is laid over it, and those of the case as a whole.
pub fn load(path: &Path, over: &Over) -> Result<Case, Problems> {
    let small = text::read(path)?;
    let form = form::of(&small.text, path)?;
    only_where_used(over, form)?;
    let (draft, mut problems) = match form {
        CaseForm::CaseToml => document::draft(&small.text, path),
        _ => match of_others(&small.text, (path, form), over) {
            Ok(draft) => (Some(draft), Problems::default()),
            Err(problems) => (None, problems),
        },
    };
    let Some(mut draft) = draft else { return Err(problems) };
    if let Err(more) = lay_over(&mut draft, over) {
        problems.0.extend(more.0);
    }
    of_files(&mut draft);
    if let Err(more) = orders::apply(&mut draft) {
        problems.0.extend(more.0);
    }
    match draft.resolve() {
        Ok(case) if problems.0.is_empty() => Ok(case),
        Ok(_) => Err(problems),
        Err(more) => {
            problems.0.extend(more.0);
            Err(problems)
        }
    }
}

/// Refuses choices that a document of this form does not ask for: somebody expects them to be heeded.
fn only_where_used(over: &Over, form: CaseForm) -> Result<(), Problems> {
    use CaseForm::{InterpretationRequest, Pedigree, Referral};
    let mut problems = Problems::default();
    for (flag, is_given, forms) in [
        ("--proband", over.proband.is_some(), &[Pedigree][..]),
        ("--family", over.family.is_some(), &[Pedigree]),
        ("--tumour", over.tumour.is_some(), &[InterpretationRequest, Referral]),
        ("--test", over.test.is_some(), &[Referral]),
    ] {
        if is_given && !forms.contains(&form) {
            let message = format!("{flag} has no meaning for a {}", form.word());
            let words: Vec<&str> = forms.iter().map(|form| form.word()).collect();
            let help = format!("it goes with: {}", words.join(", "));
            problems.0.push(Problem::usage(message).help(help));
        }
    }
    problems.into_result()
}

fn of_others(text: &str, (path, kind): (&Path, CaseForm), over: &Over) -> Result<Draft, Problems> {
    let find = |uri: &str| locate(uri, path.parent().unwrap_or(Path::new("")), &over.folders);
    let tumour = over.tumour.as_deref();
    let choice = Choice { locate: &find, test: over.test.as_deref(), tumour };
    match kind {
        CaseForm::InterpretationRequest => request::read(text, path, &choice),
        CaseForm::Referral => referral::read(text, path, &choice),
        CaseForm::Phenopacket => phenopacket::read(text, path, &find),
        CaseForm::Pedigree | CaseForm::CaseToml | CaseForm::Flags => {
            let (family, proband) = (over.family.as_deref(), over.proband.as_deref());
            ped::draft(text, path, ped::Choice { family, proband })
        }
    }
}

/// The file of a URI: by its name in the folders, else where it says if that is on this machine.
fn locate(uri: &str, base: &Path, folders: &[PathBuf]) -> Option<PathBuf> {
    let (path, is_local) = match uri.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("file") => {
            let rest = rest.strip_prefix("localhost").unwrap_or(rest);
            (decoded(rest)?, true)
        }
        Some((_, rest)) => (rest.to_owned(), false),
        None => (uri.to_owned(), true),
    };
    let name = Path::new(&path).file_name()?;
    let found = folders.iter().map(|folder| folder.join(name)).find(|path| path.exists());
    found.or_else(|| is_local.then(|| base.join(&path)))
}

/// Undoes the percent encoding of a URI; `None` when that gives no text.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, more @ ..] = rest {
        rest = more;
        match (first, more) {
            (b'%', [high, low, after @ ..]) => {
                let hex = std::str::from_utf8(&[*high, *low]).ok().map(str::to_owned)?;
                bytes.push(u8::from_str_radix(&hex, 16).ok()?);
                rest = after;
            }
            _ => bytes.push(*first),
        }
    }
    String::from_utf8(bytes).ok()
}

fn lay_over(draft: &mut Draft, over: &Over) -> Result<(), Problems> {
    let mut problems = Problems::default();
    let mut add = |draft: &mut Draft, more: Result<Draft, Problems>| {
        if let Err(found) = more.and_then(|more| draft.lay_over(more)) {
            problems.0.extend(found.0);
        }
    };
    if let Some(path) = &over.document {
        let more = text::read(path).map_err(Problems::from);
        add(draft, more.and_then(|small| document::overlay(&small.text, path)));
        draft.referred.documents.push(("case overlay", path.clone()));
    }
    if let Some(flags) = &over.flags {
        add(draft, Ok((**flags).clone()));
    }
    let of_flags = over.alignments.iter().map(|(sample, path)| DraftMember {
        place: "--bam".into(),
        id: sample.clone(),
        alignment: Some(path.clone()),
        ..DraftMember::default()
    });
    let members: Vec<DraftMember> = of_flags.collect();
    if !members.is_empty() {
        let more = Draft { members, ..Draft::new(CaseForm::Flags, Path::new("command line")) };
        add(draft, Ok(more));
    }
    consent(draft, &over.consent, &mut problems);
    draft.leave_out |= over.leave_out;
    if let Some(path) = &over.withdrawn {
        if let Some(ids) = problems.collect(withdrawn(path)) {
            if ids.is_empty() {
                draft.referred.notices.push(Notice::one(NoticeKind::Ignored, NOBODY));
            }
            draft.withdrawn.extend(ids);
        }
        draft.referred.documents.push(("withdrawn participants", path.clone()));
    }
    problems.into_result()
}

/// Consent of the command line, for documents whose form has no place for it.
fn consent(draft: &mut Draft, words: &[String], problems: &mut Problems) {
    if words.is_empty() {
        return;
    }
    if draft.form.states_consent() {
        let message = format!("--consent with a {}, which says itself", draft.form.word());
        let help = "leave the flag out: consent is what the record of each person says";
        problems.0.push(Problem::usage(message).help(help));
        return;
    }
    let said = flags::consent(words, problems);
    for member in &mut draft.members {
        if member.consent.source == ConsentSource::Nowhere {
            member.consent = said;
        }
    }
}

/// What pedigrees and phenopackets leave open: who of the family is sequenced (whoever has a column or an own file), and
/// for all forms the assembly, which contig lengths tell.
fn of_files(draft: &mut Draft) {
    let names_all = matches!(draft.form, CaseForm::Pedigree | CaseForm::Phenopacket);
    if draft.assembly.is_some() && !names_all {
        return;
    }
    let stays = draft.members.iter().filter(|member| !draft.is_left_out(member));
    let own = stays.flat_map(|member| member.variants.iter().chain(&member.more_variants));
    let files: Vec<PathBuf> = draft.variants.iter().chain(own).cloned().collect();
    let mut columns: Vec<String> = Vec::new();
    let mut are_all_known = true;
    for path in &files {
        // What is wrong with the file is told when the inputs are opened.
        let Ok(file) = VariantFile::open(path) else {
            are_all_known = false;
            continue;
        };
        draft.assembly = draft.assembly.or_else(|| file.header().assembly());
        columns.extend(file.header().samples.iter().cloned());
    }
    // Who has a column in a file that cannot be read, nobody knows.
    if !names_all || files.is_empty() || !are_all_known {
        return;
    }
    for member in &mut draft.members {
        let has_file = member.alignment.is_some() || member.variants.is_some();
        let has_column = member.sample.as_ref().is_some_and(|sample| columns.contains(sample));
        if !has_file && !has_column {
            member.sample = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_lead_to_files() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("b.bam"), "x").unwrap();
        let folders = vec![folder.path().to_owned()];
        let base = Path::new("cases");
        let none: &[PathBuf] = &[];
        assert_eq!(locate("a/b.bam", base, none), Some("cases/a/b.bam".into()));
        assert_eq!(locate("file:///a%20b/c.bam", base, none), Some("/a b/c.bam".into()));
        assert_eq!(locate("file://localhost/c.bam", base, none), Some("/c.bam".into()));
        assert_eq!(locate("s3://bucket/b.bam", base, none), None);
        assert_eq!(locate("s3://bucket/b.bam", base, &folders), Some(folder.path().join("b.bam")));
        assert_eq!(locate("/else/b.bam", base, &folders), Some(folder.path().join("b.bam")));
        assert_eq!(locate("file:///%ff%fe", base, none), None, "no text");
        assert_eq!(locate("file:///a%2", base, none), Some("/a%2".into()));
    }
}
