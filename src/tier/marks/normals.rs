//! `PONnoise50SNV`. What it says, its source and examples stand in [`EXPLANATION`].

use super::{Mark, MarkContext, Seen, fisher};
use crate::model::candidate::Annotated;
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::{Comparison, Reason};
use crate::model::variant::VariantKind;
use crate::policy::marks::MarkPolicy;

/// Text for `tierline explain PONnoise50SNV`.
const EXPLANATION: Explanation = Explanation {
    id: "PONnoise50SNV",
    kind: ExplanationKind::Mark,
    title: "No more ALT reads than normals have",
    what: "Compares the tumour's ALT reads and depth at an SNV with those of a panel of normals, by Fisher's exact test, one-sided: is the share in the tumour larger? The phred-scaled p must reach the limit. Reads of the tumour are counted in its alignment at the quality limits of the policy, else the caller's counts stand in. A base that no normal shows has no ALT read and the largest depth of the site's other bases. A value that the file holds already (SomaticFisherPhred) is taken as it is where the case gives no panel.",
    sources: &["gel-pon", "ours"],
    fires: "Tumour 4 of 60, normals 900 of 14,000: phred 1, marked, the limit is 50.",
    does_not: "Tumour 20 of 60, normals 12 of 200,000: phred 10,000 at most.",
};

/// The mark.
pub(super) struct PanelOfNormals;

impl Mark for PanelOfNormals {
    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn see(&self, variant: &Annotated, rule: &MarkPolicy, cx: &MarkContext<'_>) -> Seen {
        if variant.variant.kind() != VariantKind::Snv {
            return Seen::DoesNotApply;
        }
        let Some(limit) = &rule.limit else {
            return Seen::NotAssessed("the policy gives no limit");
        };
        let (phred, text) = match (&cx.inputs.normals, variant.notes.fisher_phred) {
            (Some(all), _) => {
                let reads = match all.get(&variant.variant) {
                    None => {
                        return Seen::NotAssessed("the panel of normals does not list the site");
                    }
                    Some(None) => {
                        return Seen::NotAssessed(
                            "neither alignment nor caller tells the tumour's reads",
                        );
                    }
                    Some(Some(reads)) => reads,
                };
                (reads.phred(), reads.words())
            }
            (None, Some(phred)) => (f64::from(phred), format!("annotated as {phred}")),
            (None, None) => return Seen::NotAssessed("the case gives no panel of normals"),
        };
        let reason =
            Reason::new(EXPLANATION.id, phred, Comparison::AtLeast, limit.value, &limit.source);
        Seen::Assessed(reason.text(text))
    }
}

/// Reads of the tumour and of a panel of normals at an SNV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NormalReads {
    /// The tumour's reads with the ALT, and all of them.
    pub tumour: (u32, u32),
    /// Likewise of the normals.
    pub normals: (u32, u32),
    /// True when the tumour's reads are the caller's counts: there was no alignment to look at.
    pub by_caller: bool,
}

impl NormalReads {
    /// Fisher's exact test, phred-scaled and rounded, at most 10,000.
    pub fn phred(&self) -> f64 {
        let rest = |(alternate, depth): (u32, u32)| [alternate, depth.saturating_sub(alternate)];
        // METHOD: minus ten times log10 p, rounded; what a double cannot hold any more becomes 10,000.
        let ln_p = fisher::ln_greater(rest(self.tumour), rest(self.normals));
        (-10.0 * ln_p / std::f64::consts::LN_10).round().clamp(0.0, MOST_PHRED)
    }

    fn words(&self) -> String {
        let by = if self.by_caller { " by the caller" } else { "" };
        format!(
            "tumour {} of {} reads{by}, normals {} of {}: phred {}",
            self.tumour.0,
            self.tumour.1,
            self.normals.0,
            self.normals.1,
            self.phred()
        )
    }
}

/// What stands for a p of 0.
const MOST_PHRED: f64 = 10_000.0;
