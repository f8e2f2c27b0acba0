//! What the second look at the reads says of a new mutation.
//!
//! | reads | |
//! |---|---|
//! | of the child, deep enough, none with the ALT | refuted |
//! | of a parent, with the ALT in the share of a carrier | refuted |
//! | of a parent, with more ALT than errors make, but in a smaller share | possible: a mosaic parent, or errors |
//! | of both parents, deep enough, without it | speaks for it |
//!
//! Against the caller's label none of them refutes: the conflict is told, and the variant stays possible. So it does on X.

use super::Judge;
use super::kin::{Place, Relative};
use crate::model::candidate::Annotated;
use crate::model::evidence::SiteReads;
use crate::model::reason::{Comparison, Reason};
use crate::policy::reads::ReadPolicy;
use crate::policy::{DeNovoPolicy, Sourced};

/// Reads of one member, by role.
struct Counted<'a> {
    who: &'a str,
    reads: &'a SiteReads,
}

/// Reads of child and parents, where they were counted.
pub(super) struct Seen<'a> {
    policy: Option<&'a ReadPolicy>,
    child: Option<Counted<'a>>,
    parents: Vec<Counted<'a>>,
    /// Parents who could have given the variant.
    wanted: usize,
}

impl<'a> Seen<'a> {
    pub(super) fn of(
        (child, parents): (&'a Relative, &[&'a Relative]),
        variant: &'a Annotated,
        policy: Option<&'a ReadPolicy>,
    ) -> Self {
        let counted = |member: &'a Relative| {
            let reads = member.call(variant)?.counted()?;
            Some(Counted { who: &member.label, reads })
        };
        Self {
            policy,
            child: counted(child),
            parents: parents.iter().filter_map(|parent| counted(parent)).collect(),
            wanted: parents.len(),
        }
    }

    /// True when the reads of every parent who matters were counted.
    pub(super) fn has_parents(&self) -> bool {
        self.policy.is_some() && self.wanted > 0 && self.parents.len() == self.wanted
    }

    /// ALT reads of the parents together.
    pub(super) fn parental_alternate(&self) -> u32 {
        self.parents.iter().map(|parent| parent.reads.alternate.count()).sum()
    }

    /// The parents' counts in words.
    pub(super) fn parents(&self) -> String {
        let counts: Vec<String> = self.parents.iter().map(Counted::words).collect();
        counts.join(", ")
    }

    /// The parents' counts, when every parent's reads surely lack the variant.
    pub(super) fn parents_lack(&self) -> Option<String> {
        let least = &self.policy?.min_contradicting_depth;
        let all = self.parents.iter().all(|parent| parent.lacks(least));
        (self.has_parents() && all).then(|| self.parents())
    }

    /// Holds the reads against a new mutation.
    pub(super) fn judge(
        &self,
        judge: &mut Judge,
        (label, place): (Option<&str>, Place),
        de_novo: &DeNovoPolicy,
    ) {
        let Some(policy) = self.policy else { return };
        let for_it =
            label.filter(|label| de_novo.caller_labels.value.iter().any(|own| own == label));
        if let Some(child) = &self.child {
            self.child(judge, child, for_it, de_novo);
        }
        for parent in &self.parents {
            parent_reads(judge, parent, (for_it, place), policy);
        }
        let errors = policy.max_error_reads.value;
        let counts = || self.parents.iter().map(|parent| parent.reads.alternate.count());
        if f64::from(self.parental_alternate()) > errors && counts().all(|n| f64::from(n) <= errors)
        {
            judge.missing(format!("parents together: {}: mosaic, or errors", self.parents()));
        }
    }

    fn child(
        &self,
        judge: &mut Judge,
        child: &Counted<'_>,
        label: Option<&str>,
        de_novo: &DeNovoPolicy,
    ) {
        let Some(policy) = self.policy else { return };
        let least = &policy.min_contradicting_depth;
        let Some(share) = child.reads.fraction() else {
            judge.missing(format!("{}: no read tells ALT from reference", child.who));
            return;
        };
        if child.lacks(least) {
            disagree(judge, child, label, (Comparison::AtLeast, 1.0, &least.source));
        } else if share < de_novo.min_alternate_fraction.value {
            let limit = de_novo.min_alternate_fraction.value;
            judge.missing(format!("{}: a share below {limit}", child.words()));
        } else {
            let limit = &de_novo.min_alternate_fraction;
            let reason = Reason::new(
                super::de_novo::EXPLANATION.id,
                share,
                Comparison::AtLeast,
                limit.value,
                &limit.source,
            );
            judge.reason(reason.text(format!("{}.", child.words())));
        }
    }
}

impl Counted<'_> {
    fn words(&self) -> String {
        let (alternate, depth) = (self.reads.alternate.count(), self.reads.depth());
        format!("{}: {alternate} of {depth} reads have the ALT", self.who)
    }

    fn lacks(&self, least: &Sourced<f64>) -> bool {
        self.reads.alternate.count() == 0 && f64::from(self.reads.depth()) >= least.value
    }
}

fn parent_reads(
    judge: &mut Judge,
    parent: &Counted<'_>,
    (label, place): (Option<&str>, Place),
    policy: &ReadPolicy,
) {
    let id = super::de_novo::EXPLANATION.id;
    let (errors, carrier) = (&policy.max_error_reads, &policy.carrier_fraction);
    let n = parent.reads.alternate.count();
    let share = parent.reads.fraction().unwrap_or(0.0);
    if parent.reads.depth() == 0 {
        judge.missing(format!("{}: no read tells ALT from reference", parent.who));
    } else if f64::from(n) <= errors.value {
        let reason = Reason::new(id, n, Comparison::AtMost, errors.value, &errors.source);
        judge.reason(reason.text(format!("{}.", parent.words())));
    } else if share < carrier.value {
        judge.missing(format!("{}: a mosaic parent, or errors", parent.words()));
    } else if place == Place::X {
        judge.missing(parent.words());
    } else {
        disagree(judge, parent, label, (Comparison::Below, carrier.value, &carrier.source));
    }
}

/// Reads that contradict: they refute, unless the caller's label says the opposite.
fn disagree(
    judge: &mut Judge,
    member: &Counted<'_>,
    label: Option<&str>,
    (comparison, limit, source): (Comparison, f64, &str),
) {
    if let Some(label) = label {
        judge.missing(format!(
            "conflict: the caller labels the child's call {label}, but {}",
            member.words()
        ));
        return;
    }
    let seen = match comparison {
        Comparison::AtLeast => f64::from(member.reads.alternate.count()),
        _ => member.reads.fraction().unwrap_or(0.0),
    };
    let reason = Reason::new(super::de_novo::EXPLANATION.id, seen, comparison, limit, source);
    judge.reason(reason.text(format!("{}.", member.words())));
}
