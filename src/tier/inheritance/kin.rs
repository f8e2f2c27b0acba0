//! The family as models see it: who is affected, who has data, and what each genotype says in three values.

use super::{Judge, Tri};
use crate::model::candidate::Annotated;
use crate::model::contig::{Assembly, ContigClass, ContigId, ContigTable};
use crate::model::coord::{Pos1, Span};
use crate::model::genotype::{Call, CallOrigin, Dosage, as_printed};
use crate::model::sample::{Affected, Family, Sex};
use crate::model::variant::Variant;
use crate::policy::CallPolicy;

/// Where a variant lies, as far as inheritance is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Two copies in everybody: autosomes, pseudoautosomal regions, contigs of no class.
    Autosomal,
    /// X outside the pseudoautosomal regions.
    X,
    /// Y outside the pseudoautosomal regions.
    Y,
    /// Mitochondrial genome.
    Mitochondrial,
}

impl Place {
    /// Where the variant lies: its first base decides.
    pub fn of(variant: &Variant, contigs: &ContigTable, assembly: Assembly) -> Self {
        Self::at(variant.contig, variant.position, contigs, assembly)
    }

    /// Where a base lies.
    pub fn at(contig: ContigId, position: Pos1, contigs: &ContigTable, assembly: Assembly) -> Self {
        let class = contigs.class(contig);
        let base = position.to_pos0();
        let in_par = assembly
            .par(class)
            .iter()
            .any(|par| par.overlaps(Span::new(base.0, base.0.saturating_add(1))));
        match class {
            ContigClass::X if !in_par => Self::X,
            ContigClass::Y if !in_par => Self::Y,
            ContigClass::Mitochondrial => Self::Mitochondrial,
            _ => Self::Autosomal,
        }
    }

    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Autosomal => "autosomal or pseudoautosomal",
            Self::X => "X-linked",
            Self::Y => "Y-linked",
            Self::Mitochondrial => "mitochondrial",
        }
    }
}

/// A member as models see it.
#[derive(Clone, Debug)]
pub(crate) struct Relative {
    /// Index into the calls of a variant.
    pub(crate) index: usize,
    /// Role in words, numbered where several share it; never an identifier.
    pub(crate) label: String,
    /// Whether the member has a sample.
    pub(crate) sequenced: bool,
    pub(crate) affected: Affected,
    pub(crate) x_copies: Option<u8>,
    /// One X in a male: the mother's. A female with one X may have either parent's.
    pub(crate) x_from_mother: bool,
    /// Whether the member has a Y, by the stated sex; the measured number of X says nothing about it.
    pub(crate) has_y: Tri,
    pub(crate) father: Option<usize>,
    pub(crate) mother: Option<usize>,
    /// Which calls say nothing for certain.
    trust: Trust,
    /// Identical twins with a sample: their index into the calls of a variant, and what they are called.
    twins: Vec<(usize, String)>,
    /// Which calls of a twin can contradict.
    twin_trust: Trust,
}

/// When a call is to be believed.
#[derive(Clone, Debug, Default)]
struct Trust {
    /// FILTER values that pass; `None` where nobody asks.
    filters: Option<Vec<String>>,
    /// Least genotype quality, phred-scaled; relatives only.
    quality: Option<f64>,
}

impl Trust {
    /// Why a call is doubtful.
    fn doubt(&self, call: &Call) -> Option<String> {
        let listed = |filter: &str| {
            let known = self.filters.as_deref().unwrap_or_default();
            filter.split(';').all(|word| known.iter().any(|listed| listed == word))
        };
        if self.filters.is_some() {
            if let Some(filter) = call.record_filter.as_ref().filter(|filter| !listed(filter)) {
                return Some(format!("FILTER {filter}"));
            }
            if let (Some(filter), true) = (&call.sample_filter, self.quality.is_some()) {
                return Some(format!("sample filter {filter}"));
            }
        }
        let (quality, least) = (as_printed(call.genotype_quality?), self.quality?);
        (quality < least).then(|| format!("genotype quality {quality} below {least}"))
    }
}

/// The family, prepared once.
#[derive(Clone, Debug)]
pub struct Kin {
    pub(crate) all: Vec<Relative>,
    /// Index of the proband; `None` when the family has none.
    pub(crate) proband: Option<usize>,
    /// Members in an order that does not depend on how the document lists them.
    order: Vec<usize>,
}

impl Kin {
    /// Prepares a family. Labels number members of one role by their participant ids, so that they do not depend on the
    /// order of the case document.
    pub fn new(family: &Family) -> Self {
        let mut all: Vec<Relative> = family
            .iter()
            .map(|(id, member)| Relative {
                index: usize::from(id.0),
                label: member.role.word().to_owned(),
                sequenced: member.sample.is_some(),
                affected: member.affected,
                x_copies: member.x_copies().filter(|&n| n > 0),
                x_from_mother: member.sex == Sex::Male && member.x_copies() == Some(1),
                has_y: match member.sex {
                    Sex::Male => Tri::Yes,
                    Sex::Female => Tri::No,
                    Sex::Unknown => Tri::Unknown,
                },
                father: member.father.map(|id| usize::from(id.0)),
                mother: member.mother.map(|id| usize::from(id.0)),
                trust: Trust::default(),
                twins: Vec::new(),
                twin_trust: Trust::default(),
            })
            .collect();
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.sort_by_key(|&i| (family.members[i].role as u8, &family.members[i].id));
        for (i, member) in family.members.iter().enumerate() {
            let same: Vec<usize> =
                order.iter().copied().filter(|&j| family.members[j].role == member.role).collect();
            if same.len() > 1 {
                let number = same.iter().position(|&j| j == i).unwrap_or_default() + 1;
                all[i].label = format!("{} {number}", all[i].label);
            }
        }
        for (id, _) in family.iter() {
            let others = family.twins_of(id).map(|other| usize::from(other.0));
            let mut twins: Vec<(usize, String)> = others
                .filter(|&other| all[other].sequenced)
                .map(|other| (other, all[other].label.clone()))
                .collect();
            twins.sort_by(|a, b| a.1.cmp(&b.1));
            all[usize::from(id.0)].twins = twins;
        }
        let proband = family.index_member().map(|(id, _)| usize::from(id.0));
        let anybody = all.iter().any(|member| member.sequenced && member.affected == Affected::Yes);
        // The person whose disease is looked into has it, unless the case says so of somebody else with a sample.
        if let (false, Some(i)) = (anybody, proband) {
            all[i].affected = Affected::Yes;
        }
        Self { all, proband, order }
    }

    /// The same family, in which a call of a record that failed its FILTER says nothing for certain, and neither does a
    /// relative's call that failed its sample filter or has a low genotype quality.
    #[must_use]
    pub fn trusting(mut self, policy: &CallPolicy) -> Self {
        for (i, member) in self.all.iter_mut().enumerate() {
            let quality = policy.relative_genotype_quality.as_ref().map(|least| least.value);
            let filters = Some(policy.filters.value.clone());
            // The proband's twin is a relative, whoever of the two the member is.
            member.twin_trust = Trust { filters: filters.clone(), quality };
            member.trust = Trust { filters, quality: quality.filter(|_| Some(i) != self.proband) };
        }
        self
    }

    /// Members with a sample and this status.
    pub(crate) fn with(&self, affected: Affected) -> impl Iterator<Item = &Relative> {
        self.order
            .iter()
            .map(|&i| &self.all[i])
            .filter(move |member| member.sequenced && member.affected == affected)
    }

    pub(crate) fn affected(&self) -> impl Iterator<Item = &Relative> {
        self.with(Affected::Yes)
    }

    pub(crate) fn unaffected(&self) -> impl Iterator<Item = &Relative> {
        self.with(Affected::No)
    }

    /// Father and mother, where the case has them.
    pub(crate) fn parents(&self, child: &Relative) -> [(&'static str, Option<&Relative>); 2] {
        let of = |id: Option<usize>| id.and_then(|i| self.all.get(i));
        [("father", of(child.father)), ("mother", of(child.mother))]
    }
}

/// What a member's call says about how many copies carry the ALT.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) dosage: Dosage,
    /// Copies that the member has at this place; `None` when the number of X is not known.
    copies: Option<u8>,
    known: bool,
}

impl Relative {
    /// The call, when the member has a sample and the variant a column for it.
    pub(crate) fn call<'a>(&self, variant: &'a Annotated) -> Option<&'a Call> {
        variant.calls.get(self.index).filter(|_| self.sequenced)
    }

    /// What the call says at a place; a doubtful call leaves everything open.
    pub(crate) fn seen(&self, variant: &Annotated, place: Place) -> Seen {
        let seen = self.written(variant, place);
        if self.doubt(variant).is_none() && self.other_twin(variant, place).is_none() {
            return seen;
        }
        let ploidy = seen.dosage.ploidy;
        Seen { dosage: Dosage { min: 0, max: ploidy.max(1), ploidy }, ..seen }
    }

    /// Why the call is doubtful.
    fn doubt(&self, variant: &Annotated) -> Option<String> {
        self.trust.doubt(self.call(variant)?)
    }

    /// METHOD: identical twins have one genome. Where their calls say different things one of them is wrong, or the change came after
    /// they parted: neither call proves or refutes descent, and the disagreement is told. A twin without a certain call (none, of low
    /// quality, or refused by a filter of record or sample) says nothing.
    fn other_twin(&self, variant: &Annotated, place: Place) -> Option<String> {
        let own = self.call(variant)?;
        let says = |call: &Call| {
            let seen = self.written_of(Some(call), place);
            (seen.carries(), seen.all_copies())
        };
        let mine = says(own);
        let differs =
            |a: Tri, b: Tri| !matches!((a, b), (Tri::Unknown, _) | (_, Tri::Unknown)) && a != b;
        self.twins.iter().find_map(|(index, label)| {
            let call = variant.calls.get(*index)?;
            if self.twin_trust.doubt(call).is_some() {
                return None;
            }
            let other = says(call);
            let word = self.written_of(Some(call), place).word();
            (differs(mine.0, other.0) || differs(mine.1, other.1))
                .then(|| format!("its identical twin, {label}, is {word}"))
        })
    }

    /// The call is written as lacking the ALT, doubtful or not.
    pub(crate) fn written_absent(&self, variant: &Annotated, place: Place) -> bool {
        self.written(variant, place).carries() == Tri::No
    }

    /// What the call says as it is written.
    fn written(&self, variant: &Annotated, place: Place) -> Seen {
        self.written_of(self.call(variant), place)
    }

    /// What such a call of the member's genome says.
    fn written_of(&self, call: Option<&Call>, place: Place) -> Seen {
        let copies = match place {
            Place::X => self.x_copies,
            Place::Y => Some(1),
            Place::Autosomal | Place::Mitochondrial => Some(2),
        };
        match call {
            Some(call) => {
                let known = !call.genotype.alleles.is_empty();
                let reference =
                    matches!(call.origin, CallOrigin::ReferenceBlock | CallOrigin::CallableDepth);
                let dosage = if reference && !known {
                    Dosage { min: 0, max: 0, ploidy: 2 }
                } else {
                    call.dosage()
                };
                Seen { dosage, copies, known }
            }
            None => Seen { dosage: Dosage { min: 0, max: 2, ploidy: 2 }, copies, known: false },
        }
    }

    /// What the call looks like, in words.
    pub(crate) fn word(&self, variant: &Annotated, place: Place) -> String {
        if !self.sequenced {
            return "not sequenced".into();
        }
        match self.call(variant) {
            None => "no record".into(),
            Some(call) if call.origin == CallOrigin::Absent && call.genotype.alleles.is_empty() => {
                "no record".into()
            }
            Some(_) => {
                let word = self.written(variant, place).word();
                let why = self.doubt(variant).or_else(|| self.other_twin(variant, place));
                why.map_or_else(|| word.into(), |why| format!("{word}, but {why}"))
            }
        }
    }
}

impl Seen {
    /// Does the member carry the ALT at all?
    pub(crate) fn carries(self) -> Tri {
        if self.dosage.carries() {
            Tri::Yes
        } else if self.dosage.lacks() {
            Tri::No
        } else {
            Tri::Unknown
        }
    }

    /// Is every copy the ALT? With one copy, carrying is enough: callers write hemizygous calls as 0/1, 1/1 or 1.
    pub(crate) fn all_copies(self) -> Tri {
        if self.dosage.lacks() {
            return Tri::No;
        }
        match self.copies {
            Some(1) => self.carries(),
            Some(_) => self.both(),
            // One or two copies: only what holds in both cases is known.
            None if self.both() == Tri::Yes => Tri::Yes,
            None => Tri::Unknown,
        }
    }

    /// Are both of two copies the ALT? A haploid call where two copies are expected says nothing about the other copy.
    fn both(self) -> Tri {
        let d = self.dosage;
        if d.ploidy < 2 {
            return if d.lacks() { Tri::No } else { Tri::Unknown };
        }
        if d.min >= d.ploidy {
            Tri::Yes
        } else if d.max < d.ploidy {
            Tri::No
        } else {
            Tri::Unknown
        }
    }

    /// One copy the ALT and the other not.
    pub(crate) fn one_copy(self) -> Tri {
        match (self.carries(), self.all_copies()) {
            (Tri::No, _) | (_, Tri::Yes) => Tri::No,
            (Tri::Yes, Tri::No) => Tri::Yes,
            _ => Tri::Unknown,
        }
    }

    /// In words: `absent`, `heterozygous`, `homozygous`, `hemizygous`, `present, other copy not known`, `no call`.
    pub(crate) fn word(self) -> &'static str {
        match (self.carries(), self.all_copies()) {
            (Tri::No, _) => "absent",
            (Tri::Yes, Tri::Yes) if self.copies == Some(1) => "hemizygous",
            (Tri::Yes, Tri::Yes) => "homozygous",
            (Tri::Yes, Tri::No) => "heterozygous",
            (Tri::Yes, Tri::Unknown) if self.copies.is_none() => "present, number of X not known",
            (Tri::Yes, Tri::Unknown) => "present, other copy not known",
            (Tri::Unknown, Tri::No) if self.known => "partly called, not homozygous",
            (Tri::Unknown, _) if self.known => "partly called",
            (Tri::Unknown, _) => "no call",
        }
    }
}

/// What every model asks first: each affected member must satisfy `wanted`.
pub(crate) fn affected_must(
    judge: &mut Judge,
    kin: &Kin,
    (variant, place): (&Annotated, Place),
    (wanted, allowed): (fn(Seen) -> Tri, &[&str]),
) {
    let mut n = 0;
    for member in kin.affected() {
        n += 1;
        let verdict = wanted(member.seen(variant, place));
        judge.member(&member.label, &member.word(variant, place), allowed, verdict);
    }
    if n == 0 {
        judge.missing("no affected member has a sample");
    }
}

/// Under complete penetrance each unaffected member must satisfy `wanted`.
pub(crate) fn unaffected_must(
    judge: &mut Judge,
    kin: &Kin,
    (variant, place): (&Annotated, Place),
    (wanted, allowed): (fn(Seen) -> Tri, &[&str]),
) {
    // A call on Y of somebody without one counts for nothing.
    for member in kin.unaffected().filter(|one| place != Place::Y || one.has_y != Tri::No) {
        let verdict = wanted(member.seen(variant, place));
        let who = format!("unaffected {}", member.label);
        judge.member(&who, &member.word(variant, place), allowed, verdict);
    }
}

/// The opposite.
pub(crate) fn not(tri: Tri) -> Tri {
    match tri {
        Tri::Yes => Tri::No,
        Tri::No => Tri::Yes,
        Tri::Unknown => Tri::Unknown,
    }
}

/// The ALT is not there.
pub(crate) fn lacks(seen: Seen) -> Tri {
    not(seen.carries())
}

/// Not every copy is the ALT.
pub(crate) fn not_all_copies(seen: Seen) -> Tri {
    not(seen.all_copies())
}

/// Words that `lacks` allows.
pub(crate) const ABSENT: &[&str] = &["absent"];
/// Words that [`Seen::carries`] allows.
pub(crate) const PRESENT: &[&str] = &[
    "heterozygous",
    "homozygous",
    "hemizygous",
    "present, other copy not known",
    "present, number of X not known",
];
/// Words that [`Seen::all_copies`] allows.
pub(crate) const ALL_COPIES: &[&str] = &["homozygous", "hemizygous"];
/// Words that [`not_all_copies`] allows.
pub(crate) const NOT_ALL: &[&str] = &["absent", "heterozygous", "partly called, not homozygous"];
