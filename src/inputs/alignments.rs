//! Alignment files: kind, wholeness, index, contigs, and whose reads they hold.

use std::collections::BTreeSet;
use std::path::Path;

use super::contigs::{Contigs, Stated};
use super::{CaseAlignment, shown};
use crate::case::Case;
use crate::io::alignment_head::{AlignmentHead, AlignmentKind};
use crate::io::bam::Header;
use crate::model::notice::{Notice, NoticeKind};
use crate::model::problem::{Problem, Problems};
use crate::model::sample::Member;

/// Opens every alignment of the case and checks it.
pub(super) fn open(
    case: &Case,
    contigs: &mut Contigs,
    notices: &mut Vec<Notice>,
    problems: &mut Problems,
) -> Vec<CaseAlignment> {
    let mut opened = Vec::new();
    for (id, member) in case.family.iter() {
        let Some(path) = member.alignment.as_deref() else { continue };
        let who = case.shown(id);
        let Some(head) = problems.collect(AlignmentHead::open(path)) else { continue };
        if head.kind == AlignmentKind::Cram && case.reference.is_none() {
            let problem = Problem::missing("a CRAM needs the reference it was made with");
            problems.0.push(problem.in_file(shown(path)).help("give `reference` in [case], or -f"));
        }
        match &head.index {
            Err(problem) => problems.0.push(problem.clone()),
            Ok(None) => problems.0.push(
                Problem::missing("no index beside it")
                    .in_file(shown(path))
                    .help(format!("make one: samtools index {}", shown(path))),
            ),
            Ok(Some(index)) if index.is_older => {
                let text = format!("alignment of {who}: the index is older than the file");
                notices.push(Notice::one(NoticeKind::OlderIndex, text));
            }
            Ok(Some(_)) => {}
        }
        add_contigs(path, &head.header, contigs, problems);
        let sample =
            whose(&head.header, member, &who).map_err(|problem| problem.in_file(shown(path)));
        if let Some(sample) = problems.collect(sample) {
            if sample.is_none() {
                let text = format!("alignment of {who}: no @RG SM names a sample; taken as stated");
                notices.push(Notice::one(NoticeKind::NotAssessed, text));
            }
            let (member, path) = (id, path.to_owned());
            opened.push(CaseAlignment { member, path, sample, contigs: head.header.contigs });
        }
    }
    opened
}

fn add_contigs(path: &Path, header: &Header, contigs: &mut Contigs, problems: &mut Problems) {
    let sums = header.text.lines().filter(|line| line.starts_with("@SQ\t")).map(|line| {
        let field = |tag: &str| line.split('\t').find_map(|field| field.strip_prefix(tag));
        (field("SN:"), field("M5:"))
    });
    let sums: std::collections::BTreeMap<&str, &str> =
        sums.filter_map(|(name, sum)| name.zip(sum)).collect();
    let stated: Vec<Stated<'_>> = header
        .contigs
        .iter()
        .map(|(name, length)| Stated {
            name,
            length: Some(*length),
            md5: sums.get(name.as_str()).copied(),
        })
        .collect();
    contigs.add(&shown(path), &stated, problems);
}

/// The sample of the read groups, which must be the member's. Names stay out of the message: it reaches logs.
fn whose(header: &Header, member: &Member, who: &str) -> Result<Option<String>, Problem> {
    let samples: BTreeSet<&str> = header.values("@RG", "SM").into_iter().collect();
    let mut samples = samples.into_iter();
    match (samples.next(), samples.next()) {
        (None, _) => Ok(None),
        (Some(_), Some(_)) => {
            let count = 2 + samples.count();
            Err(Problem::bad_data(format!("reads of {count} samples (@RG SM) in one file"))
                .help("split it: samtools split"))
        }
        (Some(sample), None) if Some(sample) == member.sample.as_deref() => {
            Ok(Some(sample.to_owned()))
        }
        (Some(_), None) => {
            Err(Problem::bad_data(format!("@RG SM is not the `sample` of {who}"))
                .help("is it another member's file? Else correct `sample`, or the header: samtools addreplacerg"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::{Affected, Role};

    fn member() -> Member {
        Member { sample: Some("S1".into()), ..Member::of("P", Role::Proband, Affected::Yes) }
    }

    #[test]
    fn the_sample_of_the_read_groups_must_be_the_member_s() {
        let whose = |text: &str| {
            let header = Header { text: text.to_owned(), contigs: Vec::new() };
            whose(&header, &member(), "member 1 (proband)").map_err(|problem| problem.to_string())
        };
        assert_eq!(whose("@HD\tVN:1.6\n"), Ok(None));
        assert_eq!(whose("@RG\tID:a\tSM:S1\n@RG\tID:b\tSM:S1\n"), Ok(Some("S1".into())));
        assert!(
            whose("@RG\tID:a\tSM:S2\n").unwrap_err().contains("is not the `sample` of member 1")
        );
        let two = whose("@RG\tID:a\tSM:S1\n@RG\tID:b\tSM:S2\n").unwrap_err();
        assert!(two.starts_with("reads of 2 samples"), "{two}");
    }
}
