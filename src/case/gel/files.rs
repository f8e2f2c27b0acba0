//! The files of an interpretation request. What a file is, its content decides later; its type here only says to whom it
//! belongs (the models have no word for CRAM).

use std::path::PathBuf;

use super::super::Draft;
use super::super::json::{Node, Reader};
use super::Locate;
use crate::model::problem::Problem;

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    Alignment,
    Blocks,
    Small,
    Structural,
    Nothing,
}

const TYPES: &[(&str, Use)] = &[
    ("BAM", Use::Alignment),
    ("gVCF", Use::Blocks),
    ("VCF_small", Use::Small),
    ("VCF_somatic_small", Use::Small),
    ("VCF_CNV", Use::Structural),
    ("VCF_somatic_CNV", Use::Structural),
    ("VCF_SV", Use::Structural),
    ("VCF_somatic_SV", Use::Structural),
    ("VCF_SV_CNV", Use::Structural),
    ("SVG", Use::Nothing),
    ("ANN", Use::Nothing),
    ("BigWig", Use::Nothing),
    ("MD5Sum", Use::Nothing),
    ("ROH", Use::Nothing),
    ("OTHER", Use::Nothing),
    ("PARTITION", Use::Nothing),
    ("VARIANT_FREQUENCIES", Use::Nothing),
    ("COVERAGE", Use::Nothing),
];

/// One file of a request.
pub(super) struct Named {
    what: Use,
    path: PathBuf,
    /// Samples that it is said to hold.
    samples: Vec<String>,
    place: String,
    /// The fault that it is nowhere, unless it is of somebody who is left out.
    missing: Option<Problem>,
}

/// The files of the lists `bams` and `vcfs`, with those of other types passed over.
pub(super) fn read(
    reader: &mut Reader<'_>,
    request: &Node<'_>,
    locate: Locate<'_>,
    sums: &mut Vec<(PathBuf, String)>,
) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    for list in ["bams", "vcfs"] {
        for item in reader.list(request, list) {
            let Some(named) = file(reader, &item, list, (locate, sums)) else { continue };
            if found.iter().any(|known| known.path == named.path) {
                reader.note("a file was named twice and is taken once");
            } else {
                found.push(named);
            }
        }
    }
    for key in ["bigWigs", "pedigreeDiagram", "annotationFile", "otherFiles"] {
        if request.get(key).is_some() {
            reader.note("files of the request that are neither reads nor calls were passed over");
        }
    }
    found
}

fn file(
    reader: &mut Reader<'_>,
    item: &Node<'_>,
    list: &str,
    (locate, sums): (Locate<'_>, &mut Vec<(PathBuf, String)>),
) -> Option<Named> {
    if !reader.object(item, "File", &["sampleId", "uriFile", "fileType", "md5Sum"]) {
        return None;
    }
    reader.required(item, "File", &["uriFile", "fileType"]);
    let samples = reader.texts(item, "sampleId");
    let what = reader.word(item, "fileType", TYPES)?;
    // A CRAM has no type of its own: among the reads, OTHER is one.
    let is_other = reader.text(item, "fileType").as_deref() == Some("OTHER");
    let what = if list == "bams" && is_other { Use::Alignment } else { what };
    let uri = reader.text(item, "uriFile")?;
    if what == Use::Nothing {
        reader.note("files of the request that are neither reads nor calls were passed over");
        return None;
    }
    let found = locate(&uri);
    let missing = found.is_none().then(|| {
        let help = "give the folder that holds the files: --files DIR";
        reader.problem(item, "`uriFile` is not on this machine", help)
    });
    let path = found.unwrap_or_else(|| uri.into());
    if let Some(sum) = reader.text(item, "md5Sum") {
        let is_md5 = sum.len() == 32 && sum.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_md5 && missing.is_some() {
            // Nothing to be summed.
        } else if is_md5 {
            sums.push((path.clone(), sum.to_ascii_lowercase()));
        } else {
            reader.fault(item, "`md5Sum` is no MD5 sum (32 hexadecimal digits)", "");
        }
    }
    Some(Named { what, path, samples, place: item.path.clone(), missing })
}

/// The samples that any file names.
pub(super) fn samples(files: &[Named]) -> Vec<&str> {
    files.iter().flat_map(|file| &file.samples).map(String::as_str).collect()
}

/// Hands the files to the members and the case. A joint file of small variants stands before files of reference blocks of
/// single members, which are taken where there is none.
pub(super) fn assign(
    reader: &mut Reader<'_>,
    request: &Node<'_>,
    files: Vec<Named>,
    draft: &mut Draft,
) {
    let has_joint = files.iter().any(|file| file.what == Use::Small && file.samples.len() != 1);
    let sequenced = draft.members.iter().filter(|member| member.sample.is_some()).count();
    for file in files {
        let at = Node { value: request.value, path: file.place };
        let own = match file.samples.as_slice() {
            [sample] => draft.members.iter().position(|m| m.sample.as_deref() == Some(sample)),
            _ => None,
        };
        if let Some(problem) = file.missing {
            match own {
                Some(index) => draft.members[index].faults.push(problem),
                None => reader.problems.0.push(problem),
            }
            continue;
        }
        match (file.what, own) {
            (Use::Alignment, Some(index)) if draft.members[index].alignment.is_none() => {
                draft.members[index].alignment = Some(file.path);
            }
            (Use::Alignment, Some(_)) => {
                reader.fault(&at, "a second file of reads of one sample", "leave one of them out");
            }
            (Use::Alignment, None) if sequenced == 1 && file.samples.is_empty() => {
                let only = draft.members.iter_mut().find(|member| member.sample.is_some());
                if let Some(member) = only {
                    member.alignment = Some(file.path);
                }
            }
            (Use::Alignment, None) if file.samples.len() == 1 => {
                reader.note("reads of samples that are not looked at were passed over");
            }
            (Use::Alignment, None) => {
                reader.fault(&at, "a file of reads must name its one sample in `sampleId`", "");
            }
            (Use::Blocks, _) if has_joint => {
                reader.note("files of reference blocks were passed over: a joint file was given");
            }
            (Use::Blocks | Use::Small, Some(index))
                if draft.members[index].variants.is_none()
                    && !has_joint
                    && !draft.kind.is_cancer() =>
            {
                draft.members[index].variants = Some(file.path);
            }
            (Use::Blocks | Use::Small | Use::Structural, None) if file.samples.len() == 1 => {
                reader.note("calls of samples that are not looked at were passed over");
            }
            (Use::Blocks | Use::Small, Some(index)) => {
                draft.members[index].more_variants.push(file.path);
            }
            (Use::Blocks | Use::Small, None) => draft.variants.push(file.path),
            (Use::Structural, Some(index)) => {
                draft.members[index].structural_variants.push(file.path);
            }
            (Use::Structural, None) => draft.structural_variants.push(file.path),
            (Use::Nothing, _) => {}
        }
    }
}
