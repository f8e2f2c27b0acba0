//! Whole chromosomes of a case: who is asked about, and what the stages before say of them.

use crate::case::Case;
use crate::case::consent::{self, Analysis};
use crate::identity::chromosomes::{Loss, Person, assess};
use crate::inputs::Inputs;
use crate::model::contig::ContigClass;
use crate::model::qc::SampleQc;
use crate::model::results::chromosomes::ChromosomeResults;
use crate::model::sample::{Affected, MemberId, Role};
use crate::policy::Policy;
use crate::policy::chromosomes::{ChromosomePolicy, Reported};

use super::identity::OfChild;
use super::sex::Sexes;
use super::structural;

/// What is asked, and of whom; `None` where nothing is.
#[derive(Clone, Debug)]
pub(super) struct Asked<'a> {
    limits: &'a ChromosomePolicy,
    members: Vec<MemberId>,
}

impl<'a> Asked<'a> {
    /// Members whom the policy names, who are sequenced and agreed to be analysed; nobody of a tumour's case, whose chromosomes
    /// come and go.
    pub(super) fn of(case: &Case, policy: &'a Policy) -> Option<Self> {
        let limits = policy.chromosomes.as_ref().filter(|_| !case.kind.is_cancer())?;
        let members = case.family.iter().filter(|(id, member)| {
            let told = match limits.members.value {
                Reported::All => true,
                Reported::Affected => member.affected == Affected::Yes,
                Reported::Proband => false,
            };
            let allowed = consent::decide(*id, member).analysis == Analysis::Allowed;
            allowed && (told || member.role == Role::Proband)
        });
        Some(Self { limits, members: members.map(|(id, _)| id).collect() })
    }

    /// For the plan of what is taken from variant files.
    pub(super) fn wanted(&self) -> (&'a ChromosomePolicy, &[MemberId]) {
        (self.limits, &self.members)
    }

    /// Assesses everybody; nothing of a case that identity checks stopped.
    pub(super) fn results(
        &self,
        counted: &[OfChild],
        (inputs, others): (&Inputs, &structural::Found),
        (quality, sexes): (&[(MemberId, SampleQc)], &Sexes),
        stopped: bool,
    ) -> ChromosomeResults {
        if stopped {
            let why_not = Some("identity checks stopped the case".to_owned());
            return ChromosomeResults { why_not, ..ChromosomeResults::default() };
        }
        let length = |class: ContigClass| {
            let known = inputs.contigs.iter().find(|(_, contig)| contig.class == class);
            known.and_then(|(_, contig)| contig.length).or_else(|| inputs.assembly.length(class))
        };
        let one = |&member: &MemberId| {
            let own = counted.iter().find(|(id, ..)| *id == member);
            let [father, mother] = own.map_or([None; 2], |(_, parents, _)| *parents);
            let losses: Option<Vec<Loss>> = others.losses(member, inputs);
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
            assess(&person, &length, self.limits)
        };
        let members: Vec<_> = self.members.iter().map(one).collect();
        let nobody = "no member of whom findings are reported may be analysed".to_owned();
        let why_not = members.is_empty().then_some(nobody);
        ChromosomeResults { members, why_not }
    }
}
