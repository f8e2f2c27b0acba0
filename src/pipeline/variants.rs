//! Variants of a whole case: every file that holds an affected member is filtered, the files become one sorted list, and
//! calls of the other members are looked up. What no file says stays unknown unless callable depth says reference.

use std::collections::{BTreeMap, BTreeSet};

use crate::case::Case;
use crate::case::consent::{self, Analysis};
use crate::exec::filtering::FilterPass;
use crate::exec::stream::collect_calls;
use crate::filter::{Detail, FilterContext, FilterPlan};
use crate::inputs::{CaseVariants, Inputs, mitochondrial_gaps};
use crate::io::variants::Sites;
use crate::model::annotation::GeneRef;
use crate::model::candidate::{Annotated, Candidate, FilterCounts};
use crate::model::coord::Span;
use crate::model::genotype::{Allele, Call, CallOrigin, Genotype};
use crate::model::notice::{Notice, NoticeKind};
use crate::model::problem::Problem;
use crate::model::sample::{Family, MemberId, Role};
use crate::model::somatic_call::SomaticCalls;
use crate::model::variant::Variant;
use crate::policy::{Policy, Purpose};
use crate::tier::biomarkers::Collector;

use super::identity::OwnCalls;

/// Candidates of a case with what was counted on the way.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Kept variants, sorted, each once.
    pub candidates: Vec<Candidate>,
    /// Counts over all files.
    pub counts: FilterCounts,
    /// Somatic variants that passed the caller's filters, each once, when biomarkers were asked for.
    pub somatic: Option<Somatic>,
    /// Genes that the annotation named.
    pub genes: BTreeSet<GeneRef>,
    /// What a reader of results should know.
    pub notices: Vec<Notice>,
}

/// The somatic variants of the whole genome.
#[derive(Debug, Default)]
pub(super) struct Somatic {
    /// The variants, settled.
    pub calls: SomaticCalls,
    /// Records of variants that stood there already.
    pub duplicates: u64,
}

/// The filter beside those of the policy that a case needs: an affected member (the tumour) carries the variant.
pub const CASE_FILTERS: &[&str] = &["carried"];

/// Filters all files of a case and joins them. The genotypes that identity checks want are taken on the way.
///
/// # Errors
///
/// A damaged file or a malformed record.
pub(super) fn find(
    case: &Case,
    policy: &Policy,
    inputs: &Inputs,
    (threads, mut own): (usize, Option<&mut OwnCalls>),
) -> Result<Found, Problem> {
    let plan = FilterPlan::new(policy, CASE_FILTERS, Detail::UntilDropped)?;
    let context = FilterContext::new(policy, &inputs.contigs, Some(&case.family))
        .with_rna_genes(&inputs.panels)
        .with_stores(&inputs.store_names());
    let mut found = Found::default();
    let mut merged: BTreeMap<Variant, Candidate> = BTreeMap::new();
    let mut twice = 0;
    let searched = searched(policy, &case.family, inputs);
    // Without a file of the tumour there is no number of variants, not even zero.
    let collector =
        own.as_ref().filter(|_| !searched.is_empty()).and_then(|_| collector(case, policy));
    let mut somatic = SomaticCalls::default();
    for &index in &searched {
        let variants = &inputs.variants[index];
        let (file, layout) = (&variants.file, &variants.layout);
        let (plan, context, reference) = (&plan, &context, inputs.reference.as_ref());
        let pass = FilterPass { file, layout, plan, context, reference, columns: None, threads };
        let one = match &mut own {
            Some(own) => own.take_along(index, &pass, collector.as_ref())?,
            None => pass.run()?,
        };
        found.counts.merge(&one.filtered.counts);
        found.genes.extend(one.genes);
        somatic.append(&one.somatic);
        let unsorted = one.passed.order.unsorted.as_ref();
        found.notices.extend(of_file(index + 1, one.unfiltered, unsorted));
        for candidate in one.filtered.candidates {
            twice += u64::from(add(&mut merged, candidate));
        }
        log::info!(
            "variant file {} of {}: {} records read, {} variants kept",
            index + 1,
            inputs.variants.len(),
            one.filtered.counts.records,
            one.filtered.counts.kept
        );
    }
    found.candidates = merged.into_values().collect();
    found.somatic = collector.map(|_| {
        let duplicates = somatic.settle();
        Somatic { calls: somatic, duplicates }
    });
    carried_at_all(&found)?;
    if twice > 0 {
        let text = "variants stand more than once in the files; their calls were joined";
        found.notices.push(Notice::many(NoticeKind::Duplicate, twice, text));
    }
    found.notices.extend(passed_over(&found.counts));
    found.notices.extend(super::stores::notices(&found.counts.stores));
    look_up(&mut found.candidates, inputs, &searched, threads)?;
    let told = of_candidates(policy, (inputs, &context), &found.candidates);
    found.notices.extend(told);
    Ok(found)
}

/// What the variant file of that number lacks: values of FILTER, order.
pub(super) fn of_file(number: usize, unfiltered: u64, unsorted: Option<&String>) -> Vec<Notice> {
    let mut notices = Vec::new();
    if unfiltered > 0 {
        let text = format!(
            "variants of variant file {number} have no FILTER value (.) and were dropped by the filter pass; to keep them \
             set call.filters=[\"PASS\", \".\"]"
        );
        notices.push(Notice::many(NoticeKind::NotAssessed, unfiltered, text));
    }
    if let Some(place) = unsorted {
        let text = format!("variant file {number} is not sorted (first at {place})");
        notices.push(Notice::one(NoticeKind::Ignored, text));
    }
    notices
}

/// What the kept variants lack as a whole: frequencies of mitochondrial genomes where there is such a variant, and genotypes.
fn of_candidates(
    policy: &Policy,
    (inputs, context): (&Inputs, &FilterContext<'_>),
    candidates: &[Candidate],
) -> Vec<Notice> {
    let mut all = Vec::new();
    let is_mitochondrial =
        |one: &Candidate| context.mitochondrial.contains(&one.annotated.variant.contig);
    if candidates.iter().any(is_mitochondrial) {
        all.extend(mitochondrial_gaps(policy, &inputs.assessed));
    }
    let bare =
        |one: &&Candidate| one.annotated.calls.iter().all(|call| call.genotype.alleles.is_empty());
    let n = candidates.iter().filter(bare).count() as u64;
    if n > 0 && policy.purpose == Purpose::Germline {
        let text = "kept variants have no genotype (GT) of any member: whatever is told of them is only possible";
        all.push(Notice::many(NoticeKind::NotAssessed, n, text));
    }
    all
}

/// Variants of a caller from which on it is no chance that the tumour carries none of them; ours.
const NONE_CARRIED: u64 = 10;

/// Somatic calls of which the tumour's column shows none are another sample's: a burden of zero would be wrong.
fn carried_at_all(found: &Found) -> Result<(), Problem> {
    let counts = &found.counts;
    let passed = counts.variants - counts.dropped.get("pass").copied().unwrap_or_default();
    let nothing = found.somatic.as_ref().is_some_and(|somatic| {
        // Symbolic alleles are carried too, though nothing is counted of them.
        somatic.calls.is_empty() && somatic.calls.not_taken == 0
    });
    if !nothing || passed < NONE_CARRIED {
        return Ok(());
    }
    let message = format!(
        "the tumour carries none of the {passed} variants that passed the caller's filters: its column shows the reference at all of them"
    );
    let help = "is the column that of the normal sample? name the tumour's as `sample`, or give the file that has it";
    Err(Problem::bad_data(message).help(help))
}

/// What biomarkers take of the tumour's variants; nothing without consent to be analysed.
fn collector(case: &Case, policy: &Policy) -> Option<Collector> {
    let (id, tumour) = case.family.iter().find(|(_, member)| member.role == Role::Tumour)?;
    let allowed = consent::decide(id, tumour).analysis == Analysis::Allowed;
    allowed.then(|| Collector::new(policy, &case.family))?
}

/// What the filters could not understand: it had no chance to count.
pub(super) fn passed_over(counts: &FilterCounts) -> Vec<Notice> {
    let tell = |what: &str, words: &BTreeMap<String, u64>| {
        let n: u64 = words.values().sum();
        let few: Vec<&str> = words.keys().take(10).map(String::as_str).collect();
        let text = format!("{what}: {}", few.join(", "));
        (n > 0).then(|| Notice::many(NoticeKind::NotAssessed, n, text))
    };
    let n = counts.unreadable_frequencies;
    let text = "population frequencies of variants that no other one dropped are no numbers from 0 to 1 and were not assessed";
    let unreadable = (n > 0).then(|| Notice::many(NoticeKind::NotAssessed, n, text));
    let n = counts.unreadable_calls;
    let text = "depths or qualities (DP, AD, GQ) of kept variants' calls are no numbers and were taken for missing";
    let calls = (n > 0).then(|| Notice::many(NoticeKind::NotAssessed, n, text));
    [
        unreadable,
        calls,
        tell("consequence words or pointers in no table count for nothing", &counts.unknown_terms),
        tell(
            "records on contigs that the case does not know were not looked at",
            &counts.unknown_contigs,
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Files to filter: those with a column of an affected member (of the proband when nobody is said to be affected), or of
/// the tumour. Others only tell genotypes.
pub(super) fn searched(policy: &Policy, family: &Family, inputs: &Inputs) -> Vec<usize> {
    let wanted: Vec<MemberId> = match policy.purpose {
        Purpose::Somatic => {
            let tumours = family.iter().filter(|(_, member)| member.role == Role::Tumour);
            tumours.map(|(id, _)| id).collect()
        }
        Purpose::Germline => family.decisive(),
    };
    let holds = |file: &CaseVariants| file.samples.iter().any(|(_, id)| wanted.contains(id));
    (0..inputs.variants.len()).filter(|&i| holds(&inputs.variants[i])).collect()
}

/// The normal sample and the files of its germline calls, which hold it and not the tumour; `None` when the case has no
/// normal sample that may be analysed.
pub(super) fn germline_files<'a>(
    case: &Case,
    inputs: &'a Inputs,
) -> Option<(MemberId, Vec<&'a CaseVariants>)> {
    let (normal, member) = case.family.with_role(Role::Normal)?;
    let allowed = consent::decide(normal, member).analysis == Analysis::Allowed;
    let tumour = case.family.with_role(Role::Tumour).map(|(id, _)| id);
    let files = inputs.variants.iter().filter(|file| {
        let holds = |id: MemberId| file.samples.iter().any(|(_, of)| *of == id);
        holds(normal) && !tumour.is_some_and(holds)
    });
    allowed.then(|| (normal, files.collect()))
}

/// Adds a candidate; true when the variant was there already and only its calls were joined.
pub(super) fn add(merged: &mut BTreeMap<Variant, Candidate>, candidate: Candidate) -> bool {
    match merged.entry(candidate.annotated.variant.clone()) {
        std::collections::btree_map::Entry::Vacant(place) => {
            place.insert(candidate);
            false
        }
        std::collections::btree_map::Entry::Occupied(mut known) => {
            let known = &mut known.get_mut().annotated;
            for (mine, theirs) in known.calls.iter_mut().zip(candidate.annotated.calls) {
                if better(&theirs, mine) {
                    *mine = theirs;
                }
            }
            true
        }
    }
}

/// Whether a call says more than the one known: a record before a reference block before nothing, a called genotype before
/// a missing one.
fn better(new: &Call, known: &Call) -> bool {
    let rank = |call: &Call| {
        let origin = match call.origin {
            CallOrigin::Record => 3,
            CallOrigin::ReferenceBlock => 2,
            CallOrigin::CallableDepth => 1,
            CallOrigin::Absent => 0,
        };
        (call.genotype.dosage().exact().is_some() && origin > 0, origin)
    };
    rank(new) > rank(known)
}

/// Looks up the calls that are still absent in every file that holds their member.
fn look_up(
    candidates: &mut [Candidate],
    inputs: &Inputs,
    searched: &[usize],
    threads: usize,
) -> Result<(), Problem> {
    for (index, variants) in inputs.variants.iter().enumerate() {
        // A searched file gave its own records; it is read again only when another file brought candidates too.
        if searched == [index] && inputs.variants.len() == 1 {
            continue;
        }
        let open: Vec<usize> = (0..candidates.len())
            .filter(|&i| {
                variants.samples.iter().any(|(_, id)| {
                    candidates[i].annotated.calls[usize::from(id.0)].origin == CallOrigin::Absent
                })
            })
            .collect();
        if open.is_empty() {
            continue;
        }
        let sites: Vec<Variant> =
            open.iter().map(|&i| candidates[i].annotated.variant.clone()).collect();
        let calls = collect_calls(
            &variants.file,
            &variants.layout,
            &Sites::new(&sites),
            inputs.reference.as_ref(),
            threads,
        )?;
        for (site, member, call) in calls {
            let known = &mut candidates[open[site]].annotated.calls[usize::from(member.0)];
            if better(&call, known) {
                *known = call;
            }
        }
    }
    Ok(())
}

/// For one member with reads and with calls in some file: the candidates whose call is still absent, and their spans.
pub(super) struct Uncalled {
    /// The member.
    pub member: MemberId,
    /// Indexes of the candidates.
    pub candidates: Vec<usize>,
    /// Contig name as the alignment has it, and bases of REF.
    pub spans: Vec<(String, Span)>,
}

/// Where callable depth can tell reference from unknown for this member: its caller ran (some file has its column) and
/// wrote no record.
pub(super) fn uncalled(
    member: MemberId,
    contigs: &[(String, u32)],
    candidates: &[Candidate],
    inputs: &Inputs,
) -> Uncalled {
    let mut uncalled = Uncalled { member, candidates: Vec::new(), spans: Vec::new() };
    let called =
        inputs.variants.iter().any(|file| file.samples.iter().any(|(_, id)| *id == member));
    if !called {
        return uncalled;
    }
    let names: BTreeMap<_, _> = contigs
        .iter()
        .filter_map(|(name, _)| inputs.contigs.resolve(name).map(|id| (id, name)))
        .collect();
    for (i, Candidate { annotated, .. }) in candidates.iter().enumerate() {
        if annotated.calls[usize::from(member.0)].origin != CallOrigin::Absent {
            continue;
        }
        if let Some(name) = names.get(&annotated.variant.contig) {
            uncalled.candidates.push(i);
            uncalled.spans.push(((*name).clone(), bases(annotated)));
        }
    }
    uncalled
}

fn bases(annotated: &Annotated) -> Span {
    let start = annotated.variant.position.to_pos0().0;
    Span::new(start, start + annotated.variant.reference.len() as u32)
}

/// Marks candidates as reference where the least depth over REF reaches the policy's callable depth. `depths` holds that
/// least depth for each span of `uncalled`.
pub(super) fn call_by_depth(
    candidates: &mut [Candidate],
    uncalled: &Uncalled,
    depths: &[u32],
    policy: &Policy,
) {
    for (&index, &depth) in uncalled.candidates.iter().zip(depths) {
        if f64::from(depth) >= policy.call.callable_depth.value {
            candidates[index].annotated.calls[usize::from(uncalled.member.0)] = Call {
                genotype: Genotype { alleles: vec![Allele::Reference; 2], phased: false },
                depth: Some(depth),
                origin: CallOrigin::CallableDepth,
                ..Call::default()
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(text: &str, origin: CallOrigin) -> Call {
        Call { genotype: Genotype::parse(text, 1).unwrap_or_default(), origin, ..Call::default() }
    }

    #[test]
    fn a_call_that_says_more_wins() {
        let record = call("0/1", CallOrigin::Record);
        let block = call("0/0", CallOrigin::ReferenceBlock);
        let missing = call("./.", CallOrigin::Record);
        let absent = Call::default();
        assert!(better(&record, &block) && !better(&block, &record));
        assert!(better(&block, &missing), "a block tells what a missing genotype does not");
        assert!(better(&missing, &absent) && !better(&absent, &missing));
        assert!(!better(&record, &record), "the first stays");
    }

    #[test]
    fn words_that_nobody_knows_are_told() {
        let mut counts = FilterCounts::default();
        assert_eq!(passed_over(&counts), []);
        counts.unknown_terms = BTreeMap::from([("odd_word".to_owned(), 3)]);
        let told = passed_over(&counts);
        assert_eq!((told.len(), told[0].count), (1, 3));
        assert!(told[0].text.ends_with(": odd_word"), "{}", told[0].text);
        counts.unreadable_frequencies = 7;
        assert_eq!(passed_over(&counts).iter().map(|told| told.count).collect::<Vec<_>>(), [7, 3]);
    }

    #[test]
    fn affected_members_without_a_sample_leave_the_search_to_the_proband() {
        use crate::model::sample::{Affected, Member};
        let member = |role, affected, sample: bool| Member {
            sample: sample.then(|| "s".into()),
            ..Member::of("p", role, affected)
        };
        let family = Family {
            members: vec![
                member(Role::Father, Affected::Yes, false),
                member(Role::Proband, Affected::Uncertain, true),
            ],
        };
        assert_eq!(family.decisive(), [MemberId(1)]);
    }
}
