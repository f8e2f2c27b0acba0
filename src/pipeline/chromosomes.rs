//! Whole chromosomes of a case: who is asked about, and what the stages before say of them.

use crate::case::Case;
use crate::case::consent::{self, Analysis};
use crate::identity::chromosomes::{Person, assess};
use crate::inputs::Inputs;
use crate::model::contig::ContigClass;
use crate::model::identity::Suspicion;
use crate::model::qc::SampleQc;
use crate::model::results::CaseResults;
use crate::model::results::chromosomes::{ChromosomeResults, MemberChromosomes};
use crate::model::sample::{Affected, MemberId, Role};
use crate::model::verdict::Outcome;
use crate::policy::Policy;
use crate::policy::chromosomes::{ChromosomePolicy, Reported};

use super::identity::OfChild;
use super::sex::Sexes;
use super::structural;

/// What is asked, and of whom; no limits where nothing is.
#[derive(Clone, Debug)]
pub(super) struct Asked<'a> {
    limits: Option<&'a ChromosomePolicy>,
    members: Vec<MemberId>,
}

impl<'a> Asked<'a> {
    /// Members whom the policy names, who are sequenced and agreed to be analysed; nobody of a tumour's case, whose chromosomes
    /// come and go.
    pub(super) fn of(case: &Case, policy: &'a Policy) -> Self {
        let limits = policy.chromosomes.as_ref().filter(|_| !case.kind.is_cancer());
        let members = case.family.iter().filter(|(id, member)| {
            let told = limits.is_some_and(|limits| match limits.members.value {
                Reported::All => true,
                Reported::Affected => member.affected == Affected::Yes,
                Reported::Proband => false,
            });
            let allowed = consent::decide(*id, member).analysis == Analysis::Allowed;
            allowed && (told || member.role == Role::Proband)
        });
        Self { limits, members: members.map(|(id, _)| id).collect() }
    }

    /// For the plan of what is taken from variant files.
    pub(super) fn wanted(&self) -> Option<(&'a ChromosomePolicy, &[MemberId])> {
        self.limits.map(|limits| (limits, self.members.as_slice()))
    }

    /// Adds what is found of everybody; nothing of a case whose identity checks failed.
    pub(super) fn add(
        &self,
        results: &mut CaseResults,
        counted: &[OfChild],
        (inputs, others): (&Inputs, &structural::Found),
        (quality, sexes): (&[(MemberId, SampleQc)], &Sexes),
    ) {
        let Some(limits) = self.limits else { return };
        let mut found = ChromosomeResults::default();
        let length = |class: ContigClass| {
            let known = inputs.contigs.iter().find(|(_, contig)| contig.class == class);
            known.and_then(|(_, contig)| contig.length).or_else(|| inputs.assembly.length(class))
        };
        if results.identity.as_ref().is_some_and(|identity| identity.stopped) {
            found.why_not = Some("identity checks stopped the case".to_owned());
        } else if results.identity.as_ref().is_some_and(|own| own.outcome == Outcome::Fail) {
            // Of swapped parents the origin would be the wrong one, whatever was accepted.
            let why = "identity checks failed, and going on does not tell whose calls are whose";
            found.why_not = Some(why.to_owned());
        } else if self.members.is_empty() {
            let why = "no member of whom findings are reported may be analysed";
            found.why_not = Some(why.to_owned());
        } else {
            found.members = self
                .members
                .iter()
                .map(|&member| {
                    let losses = others.losses(member, inputs);
                    let own = counted.iter().find(|(id, ..)| *id == member);
                    let [father, mother] = own.map_or([None; 2], |(_, parents, _)| *parents);
                    let read = quality.iter().find(|(id, _)| *id == member);
                    let person = Person {
                        member,
                        father,
                        mother,
                        counts: own.map(|(_, _, counts)| counts),
                        losses: losses.as_deref(),
                        depth: read.and_then(|(_, qc)| qc.depth.as_ref()),
                        sex: sexes.karyotype(member),
                    };
                    let mut own = assess(&person, &length, limits);
                    let doubts = results.identity.iter().flat_map(|found| &found.suspicions);
                    own.notes.extend(relation_in_doubt(&own, doubts));
                    own
                })
                .collect();
        }
        results.chromosomes = Some(found);
    }
}

/// Copies that a parent did not pass on make the two look less related: a warning about them may have no other cause.
fn relation_in_doubt<'a>(
    own: &MemberChromosomes,
    mut doubts: impl Iterator<Item = &'a Suspicion>,
) -> Option<String> {
    own.chromosomes.iter().find(|one| one.inheritance.is_finding())?;
    let warned = doubts.any(|told| {
        let parents = [own.father, own.mother];
        told.members.contains(&own.member)
            && parents.iter().flatten().any(|parent| told.members.contains(parent))
    });
    warned.then(|| {
        "Identity checks warn about the relation to a parent: copies that this parent did not pass on may be the cause."
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::results::chromosomes::{ChromosomeResult, Inheritance};

    #[test]
    fn a_disomy_is_named_beside_a_warning_about_that_parent() {
        let one = ChromosomeResult { inheritance: Inheritance::Complete, ..Default::default() };
        let mut own = MemberChromosomes {
            member: 1,
            father: Some(3),
            mother: Some(2),
            chromosomes: vec![one],
            ..Default::default()
        };
        let warning = |members: &[u16]| {
            [Suspicion { outcome: Outcome::Warn, members: members.to_vec(), text: String::new() }]
        };
        assert!(relation_in_doubt(&own, warning(&[1, 3]).iter()).is_some());
        assert!(relation_in_doubt(&own, warning(&[2, 3]).iter()).is_none());
        assert!(relation_in_doubt(&own, [].iter()).is_none());
        own.chromosomes[0].inheritance = Inheritance::Biparental;
        assert!(relation_in_doubt(&own, warning(&[1, 3]).iter()).is_none());
    }
}
