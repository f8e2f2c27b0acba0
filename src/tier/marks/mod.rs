//! Marks of somatic variants: why a call may be none. One file a mark, named as the public pipelines name them; [`MARKS`]
//! lists them. Whether a marked variant is shown or taken from the list is policy.

mod bc_noise;
mod common_germline;
mod common_gnomad;
mod counts_differ;
mod fisher;
mod homopolymer;
mod loss_of_heterozygosity;
mod low_fraction;
mod normals;
mod recurrent;
mod regions;
mod segmental_duplication;
mod simple_repeat;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::model::candidate::Annotated;
use crate::model::coord::Span;
use crate::model::explain::Explanation;
use crate::model::genotype::Call;
use crate::model::notice::{Notice, NoticeKind};
use crate::model::problem::Problem;
use crate::model::reason::Reason;
use crate::model::regions::RegionSet;
use crate::model::sample::{Family, MemberId, Role};
use crate::model::variant::{Variant, VariantKind};
use crate::policy::Policy;
use crate::policy::marks::{MarkAction, MarkPolicy};

use super::unknown;

pub use normals::NormalReads;

/// What a mark says of a variant.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    /// It is not for variants of this sort.
    DoesNotApply,
    /// What it looks at is not there, in words that say what is missing.
    NotAssessed(&'static str),
    /// It looked: the variant has the mark when the reason does not hold.
    Assessed(Reason),
}

/// One mark.
pub trait Mark: Sync {
    /// Its letters in reports, where the public pipelines give some.
    fn letter(&self) -> Option<&'static str> {
        None
    }
    /// The mark in words; its id is that of the policy.
    fn explain(&self) -> &'static Explanation;
    /// Looks at a variant.
    fn see(&self, variant: &Annotated, rule: &MarkPolicy, cx: &MarkContext<'_>) -> Seen;
}

/// All marks.
pub const MARKS: &[&dyn Mark] = &[
    &common_germline::CommonGermline,
    &common_gnomad::CommonGnomad,
    &recurrent::Recurrent,
    &simple_repeat::SimpleRepeat,
    &bc_noise::BcNoise,
    &normals::PanelOfNormals,
    &homopolymer::Homopolymer,
    &segmental_duplication::SegmentalDuplication,
    &loss_of_heterozygosity::LossOfHeterozygosity,
    &low_fraction::LowFraction,
    &counts_differ::CountsDiffer,
];

/// What marks look at besides the variant.
#[derive(Clone, Debug, Default)]
pub struct MarkInputs<'a> {
    /// Simple repeats.
    pub simple_repeats: Option<&'a RegionSet>,
    /// Segmental duplications.
    pub segmental_duplications: Option<&'a RegionSet>,
    /// Copy-neutral losses of heterozygosity; `None` without a file of a copy-number caller.
    pub lost: Option<RegionSet>,
    /// For SNVs that the panel lists, the reads of tumour and normals, `None` where those of the tumour are not known; `None`
    /// without a panel of normals.
    pub normals: Option<BTreeMap<Variant, Option<NormalReads>>>,
}

/// Everything that marks look at, prepared once.
pub struct MarkContext<'a> {
    policy: &'a Policy,
    inputs: MarkInputs<'a>,
    tumour: Option<MemberId>,
    normal: Option<MemberId>,
    plans: Vec<(&'a MarkPolicy, &'static dyn Mark)>,
}

/// What the marks of a policy say of a variant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Marked {
    /// What every mark that could look saw.
    pub reasons: Vec<Reason>,
    /// The marks that the variant has, in words.
    pub flags: Vec<String>,
    /// Ids of those of them that take it from the list.
    pub removed_by: Vec<String>,
    /// Id and cause of the marks that could not look.
    pub not_assessed: Vec<(&'static str, &'static str)>,
}

impl<'a> MarkContext<'a> {
    /// Looks up the marks that the policy names.
    ///
    /// # Errors
    ///
    /// When the policy names a mark that does not exist.
    pub fn new(
        policy: &'a Policy,
        family: &Family,
        inputs: MarkInputs<'a>,
    ) -> Result<Self, Problem> {
        let find = |rule: &'a MarkPolicy| {
            let found = MARKS.iter().find(|mark| mark.explain().id == rule.id);
            let mark = found.ok_or_else(|| {
                unknown("mark", &rule.id, &mut MARKS.iter().map(|mark| mark.explain().id))
            })?;
            Ok((rule, *mark))
        };
        let of = |role| {
            let (id, member) = family.with_role(role)?;
            member.sample.as_ref().map(|_| id)
        };
        Ok(Self {
            policy,
            inputs,
            tumour: of(Role::Tumour),
            normal: of(Role::Normal),
            plans: policy.marks.iter().map(find).collect::<Result<_, Problem>>()?,
        })
    }

    /// Lets every mark of the policy look at a variant.
    pub fn mark(&self, variant: &Annotated) -> Marked {
        let mut marked = Marked::default();
        for (rule, mark) in &self.plans {
            let id = mark.explain().id;
            match mark.see(variant, rule, self) {
                Seen::DoesNotApply => {}
                Seen::NotAssessed(why) => marked.not_assessed.push((id, why)),
                Seen::Assessed(reason) => {
                    if !reason.holds {
                        let letter = mark.letter().map_or(String::new(), |l| format!(" ({l})"));
                        marked.flags.push(format!("{id}{letter}: {}", reason.text));
                        if rule.action.value == MarkAction::Remove {
                            marked.removed_by.push(id.to_owned());
                        }
                    }
                    marked.reasons.push(reason);
                }
            }
        }
        marked
    }

    /// The tumour's call.
    fn tumour<'v>(&self, variant: &'v Annotated) -> Option<&'v Call> {
        variant.calls.get(usize::from(self.tumour?.0))
    }

    /// The normal's call.
    fn normal<'v>(&self, variant: &'v Annotated) -> Option<&'v Call> {
        variant.calls.get(usize::from(self.normal?.0))
    }
}

/// One notice a mark and cause.
pub fn notices<'m>(marked: impl IntoIterator<Item = &'m Marked>) -> Vec<Notice> {
    let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for &(id, why) in marked.into_iter().flat_map(|marked| &marked.not_assessed) {
        *counts.entry((id, why)).or_default() += 1;
    }
    let tell = |((id, why), n): ((&str, &str), u64)| {
        let text = format!("variants were not held against {id}: {why}");
        Notice::many(NoticeKind::NotAssessed, n, text)
    };
    counts.into_iter().map(tell).collect()
}

/// The bases that a variant replaces; of an insertion those on both sides of it.
fn span(variant: &Variant) -> Span {
    let start = variant.position.to_pos0().0;
    let length = variant.reference.len().max(1) as u32;
    // An anchored insertion has one base before it; the one behind it is its other neighbour.
    let behind = u32::from(variant.alternate.len() > variant.reference.len());
    Span::new(start, start.saturating_add(length).saturating_add(behind))
}

/// Bases are put in or taken out.
fn is_indel(variant: &Variant) -> bool {
    use VariantKind::{Deletion, Delins, Insertion};
    matches!(variant.kind(), Deletion | Delins | Insertion)
}
