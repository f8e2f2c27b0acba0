//! Copy-number and structural variants and short tandem repeats of a whole case: every file is read, the records become one
//! sorted list of each sort.

use crate::case::Case;
use crate::identity::chromosomes::Loss;
use crate::inputs::{CaseCalls, Inputs};
use crate::io::structural::dialect;
use crate::io::{repeats, structural};
use crate::model::contig::{ContigClass, ContigId};
use crate::model::coord::{Pos1, Span};
use crate::model::grade::CallEvent;
use crate::model::notice::Notice;
use crate::model::problem::Problem;
use crate::model::repeat::RepeatLocus;
use crate::model::sample::MemberId;
use crate::model::structural::{Evidence, StructuralCall, StructuralKind, StructuralVariant};
use crate::policy::Policy;
use crate::policy::structural::StructuralPolicy;
use crate::tier::{self, OtherFindings};

/// What the files hold.
#[derive(Debug, Default)]
pub(super) struct Found {
    structural: Vec<StructuralVariant>,
    repeats: Vec<RepeatLocus>,
    has_copy_number: bool,
    has_breakpoints: bool,
    ploidy: Option<f64>,
    /// What was passed over.
    pub(super) notices: Vec<Notice>,
}

/// Reads all files.
///
/// # Errors
///
/// A damaged file or a malformed record.
pub(super) fn find(case: &Case, policy: &Policy, inputs: &Inputs) -> Result<Found, Problem> {
    let mut found = Found::default();
    let keys = policy.structural.as_ref().map(StructuralPolicy::keys).unwrap_or_default();
    let expected = |member: MemberId, contig: ContigId, position: Pos1| {
        let member = case.family.get(member);
        tier::expected_copies((contig, position), member, &inputs.contigs, case.assembly)
    };
    for (i, file) in inputs.structural.iter().enumerate() {
        let wanted = structural::Wanted {
            contigs: &inputs.contigs,
            members: case.family.members.len(),
            columns: &file.columns,
            keys: &keys,
            expected: &expected,
            file: i as u16,
        };
        let read = structural::read(&file.file, &wanted)?;
        let of = |evidence| read.variants.iter().any(|variant| variant.evidence == evidence);
        let stated = dialect::of(file.file.header()).evidence;
        let stated_ploidy = file.file.header().values("OverallPloidy").next();
        found.ploidy = found.ploidy.or(stated_ploidy.and_then(|text| text.trim().parse().ok()));
        found.has_copy_number |= stated == Some(Evidence::Depth) || of(Evidence::Depth);
        found.has_breakpoints |= stated == Some(Evidence::Breakpoints) || of(Evidence::Breakpoints);
        let (n, kept) = (read.records, read.variants.len());
        log::info!("structural file {}: {n} records read, {kept} variants", i + 1);
        found.structural.extend(read.variants);
        found.notices.extend(read.notices);
    }
    found.structural.sort_by(|a, b| a.order().cmp(&b.order()));
    for (i, file) in inputs.repeats.iter().enumerate() {
        let wanted = repeats::Wanted {
            contigs: &inputs.contigs,
            members: case.family.members.len(),
            columns: &file.columns,
            file: i as u16,
        };
        let read = repeats::read(&file.file, &wanted)?;
        let (n, kept) = (read.records, read.loci.len());
        log::info!("repeat file {}: {n} records read, {kept} loci", i + 1);
        join(&mut found.repeats, read.loci);
        found.notices.extend(read.notices);
    }
    found.repeats.sort_by(|a, b| a.order().cmp(&b.order()));
    Ok(found)
}

/// Adds the loci of a further file: members of one locus come together, whatever file each is in. The first call counts.
fn join(all: &mut Vec<RepeatLocus>, more: Vec<RepeatLocus>) {
    for locus in more {
        let same = |known: &&mut RepeatLocus| {
            (known.contig, known.span(), &known.unit, &known.id)
                == (locus.contig, locus.span(), &locus.unit, &locus.id)
        };
        match all.iter_mut().find(same) {
            Some(known) => {
                for (known, new) in known.calls.iter_mut().zip(locus.calls) {
                    if known.is_none() {
                        *known = new;
                    }
                }
            }
            None => all.push(locus),
        }
    }
}

/// One call.
pub(super) enum One<'a> {
    /// A copy-number or structural variant.
    Structural(&'a StructuralVariant),
    /// A short tandem repeat.
    Repeat(&'a RepeatLocus),
}

impl One<'_> {
    /// Where the call lies.
    pub(super) fn place(&self) -> (ContigId, Span) {
        match self {
            Self::Structural(one) => (one.contig, one.span()),
            Self::Repeat(one) => (one.contig, one.span()),
        }
    }

    /// The events of the call among what was found.
    pub(super) fn events(&self, found: &OtherFindings) -> Vec<CallEvent> {
        let events = match self {
            Self::Structural(one) => {
                let own = found.structural.iter().find(|finding| finding.variant == **one);
                own.map(|finding| &finding.events)
            }
            Self::Repeat(one) => {
                found.repeats.iter().find(|finding| finding.locus == **one).map(|own| &own.events)
            }
        };
        events.cloned().unwrap_or_default()
    }

    /// A case's calls that are this one only.
    pub(super) fn alone(&self) -> Found {
        match self {
            Self::Structural(one) => Found {
                structural: vec![(*one).clone()],
                has_copy_number: one.evidence == Evidence::Depth,
                has_breakpoints: one.evidence == Evidence::Breakpoints,
                ..Found::default()
            },
            Self::Repeat(one) => Found { repeats: vec![(*one).clone()], ..Found::default() },
        }
    }
}

impl Found {
    /// Every call, in the order of results.
    pub(super) fn all(&self) -> impl Iterator<Item = One<'_>> {
        let structural = self.structural.iter().map(One::Structural);
        structural.chain(self.repeats.iter().map(One::Repeat))
    }

    /// Losses of autosomes that copy-number callers wrote of a member, filtered ones too: each is a reason to doubt; `None` when
    /// no such file has a column of the member.
    pub(super) fn losses(&self, member: MemberId, inputs: &Inputs) -> Option<Vec<Loss>> {
        let of_depth = |file: &&CaseCalls| {
            let stated = dialect::of(file.file.header()).evidence;
            stated == Some(Evidence::Depth) && file.columns.iter().any(|(_, id)| *id == member)
        };
        inputs.structural.iter().find(of_depth)?;
        let carried = |call: &StructuralCall| {
            let fewer = call.copy_number.is_none_or(|copies| copies < 2.0);
            fewer && call.genotype.dosage().exact() != Some(0)
        };
        let lost = |one: &&StructuralVariant| {
            let call = one.calls.get(usize::from(member.0)).and_then(Option::as_ref);
            one.kind == StructuralKind::Loss && call.is_some_and(carried)
        };
        let place = |one: &StructuralVariant| match inputs.contigs.class(one.contig) {
            ContigClass::Autosome(number) => Some((number, one.start.0, one.end.0)),
            _ => None,
        };
        Some(self.structural.iter().filter(lost).filter_map(place).collect())
    }

    /// As tiering takes them.
    pub(super) fn calls<'a>(&'a self, inputs: &'a Inputs) -> tier::Calls<'a> {
        tier::Calls {
            structural: &self.structural,
            repeats: &self.repeats,
            genes: inputs.genes.as_deref(),
            has_copy_number: self.has_copy_number,
            has_breakpoints: self.has_breakpoints,
            has_repeats: !inputs.repeats.is_empty(),
            ploidy: self.ploidy,
        }
    }
}
