//! What stores had to tell beside their values, as notices.

use crate::model::candidate::StoreCounts;
use crate::model::notice::{Notice, NoticeKind};

/// One notice for each thing that was met.
pub fn notices(counts: &StoreCounts) -> Vec<Notice> {
    let differ = format!(
        "variants have other frequencies in a store than in the file's annotation; the policy's order of fields decides which \
         counts; at {} of them a limit lies between the two",
        counts.matter
    );
    [
        (counts.differ, NoticeKind::Ignored, differ),
        (
            counts.failed,
            NoticeKind::NotAssessed,
            "variants stand in a store at a site that failed a filter of its source: their frequencies there are not assessed \
             (policy frequency.failed_sites)"
                .into(),
        ),
        (
            counts.uncovered,
            NoticeKind::NotAssessed,
            "variants lie on contigs that no store covers, and the file has no frequency for them: not assessed".into(),
        ),
        (
            counts.clinvar,
            NoticeKind::Ignored,
            "variants are pathogenic by the annotation and not by the case's ClinVar, or the other way; the case's ClinVar counts"
                .into(),
        ),
    ]
    .into_iter()
    .filter(|(count, _, _)| *count > 0)
    .map(|(count, kind, text)| Notice::many(kind, count, text))
    .collect()
}
