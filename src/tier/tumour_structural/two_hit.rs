//! Tumour suppressors of which both copies are hit.

use std::collections::BTreeMap;

use super::breaks::{BREAK, FUSION};
use super::copies::{GAIN_OF_ONE, HOMOZYGOUS, LOSS, NEUTRAL};
use super::listed;
use crate::model::annotation::GeneRef;
use crate::model::candidate::Tiered;
use crate::model::grade::StructuralFinding;
use crate::model::panel::CancerRole;
use crate::model::structural::{Evidence, StructuralKind};
use crate::policy::compiled::TermClass;
use crate::tier::TierContext;

/// A gene whose copies may both be lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwoHit {
    /// The gene.
    pub gene: GeneRef,
    /// What hits it, in words.
    pub hits: Vec<String>,
    /// False where the hits may be on one copy, or one event.
    pub certain: bool,
}

#[derive(Default)]
struct Hits {
    /// Both copies are gone at once.
    both: Vec<String>,
    /// The other copy is gone.
    lost: Vec<String>,
    /// One copy has a truncating variant.
    truncated: Vec<String>,
    /// One copy may be broken.
    broken: Vec<String>,
}

/// METHOD: a homozygous deletion takes both copies. A loss, or a loss of heterozygosity, together with a truncating variant
/// leaves none. A breakpoint may be the end of that very loss, or lie in an intron, and two truncating variants may lie on one
/// copy: possible only. A deletion that two callers saw is one.
pub(super) fn find(
    structural: &[StructuralFinding],
    small: &[Tiered],
    cx: &TierContext<'_>,
) -> Vec<TwoHit> {
    let mut all: BTreeMap<GeneRef, Hits> = BTreeMap::new();
    for finding in structural {
        let variant = &finding.variant;
        let place =
            format!("{}:{}-{}", cx.contigs.name(variant.contig), variant.start.0, variant.end.0);
        for event in &finding.events {
            let (Some(gene), Some(label)) = (&event.gene, event.label.as_deref()) else { continue };
            let hits = all.entry(gene.clone()).or_default();
            match label {
                HOMOZYGOUS => hits.both.push(format!("homozygous deletion {place}")),
                LOSS => hits.lost.push(format!("loss of one copy {place}")),
                NEUTRAL | GAIN_OF_ONE => hits.lost.push(format!("loss of heterozygosity {place}")),
                // The other caller's view of a loss, which that one tells with its copies.
                BREAK if variant.kind == StructuralKind::Loss && is_lost(structural, finding) => {}
                BREAK | FUSION => {
                    hits.broken.push(format!("breakpoint of {} {place}", variant.kind.word()));
                }
                _ => {}
            }
        }
    }
    for tiered in small {
        let variant = &tiered.candidate.annotated.variant;
        for event in &tiered.events {
            let truncates =
                event.terms.iter().any(|&term| cx.terms.class(term) == Some(TermClass::High));
            if truncates {
                let text = format!(
                    "{} {}:{} {}>{}",
                    event.terms[0].name(),
                    cx.contigs.name(variant.contig),
                    variant.position,
                    variant.reference,
                    variant.alternate
                );
                let known = all.keys().find(|known| same(known, &event.gene)).cloned();
                all.entry(known.unwrap_or_else(|| event.gene.clone()))
                    .or_default()
                    .truncated
                    .push(text);
            }
        }
    }
    let suppressor = |gene: &GeneRef| listed(gene, cx).role.is_some_and(CancerRole::is_suppressor);
    all.into_iter()
        .filter(|(gene, _)| suppressor(gene))
        .filter_map(|(gene, hits)| judge(gene, hits))
        .collect()
}

/// A copy-number caller saw a loss that overlaps this one.
fn is_lost(all: &[StructuralFinding], finding: &StructuralFinding) -> bool {
    let own = &finding.variant;
    all.iter().map(|other| &other.variant).any(|other| {
        other.evidence == Evidence::Depth
            && other.kind == StructuralKind::Loss
            && other.contig == own.contig
            && other.span().overlaps(own.span())
    })
}

/// The same gene by any id that both have.
fn same(a: &GeneRef, b: &GeneRef) -> bool {
    let equal = |x: &Option<String>, y: &Option<String>| x.is_some() && x == y;
    equal(&a.ensembl, &b.ensembl) || equal(&a.hgnc, &b.hgnc) || equal(&a.symbol, &b.symbol)
}

fn judge(gene: GeneRef, mut hits: Hits) -> Option<TwoHit> {
    for list in [&mut hits.truncated, &mut hits.broken] {
        list.sort();
        list.dedup();
    }
    let certain = !hits.both.is_empty() || (!hits.lost.is_empty() && !hits.truncated.is_empty());
    let kinds = usize::from(!hits.lost.is_empty()) + hits.truncated.len() + hits.broken.len();
    if !certain && kinds < 2 {
        return None;
    }
    let hits = [hits.both, hits.lost, hits.truncated, hits.broken].concat();
    Some(TwoHit { gene, hits, certain })
}
