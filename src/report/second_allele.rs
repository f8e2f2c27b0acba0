//! Single alleles in recessive genes, joined with the depth over the exons of the gene in the affected member.

use crate::model::annotation::GeneRef;
use crate::model::gene_coverage::{GeneCoverage, GenesQc};
use crate::model::results::second_allele::{ExonGap, SecondAllele, SecondAlleleMember};
use crate::model::results::{CandidateResult, CaseResults, VariantResult};
use crate::model::sample::MemberId;
use crate::tier::SingleAllele;

use super::assemble::{Material, may_show, number};
use super::text;

/// Exons of one gene that are named in a text; the results hold all.
const NAMED_EXONS: usize = 8;

/// Joins them. Without a gene model nothing is known of exons, and there is none.
pub(super) fn join(material: &Material<'_>, single: &[SingleAllele]) -> Vec<SecondAllele> {
    let joined = single.iter().filter_map(|allele| {
        let members = allele.members.iter().filter_map(|id| member(material, *id, &allele.gene));
        let members: Vec<SecondAlleleMember> = members.collect();
        let variant = &material.tiered.get(allele.candidate)?.candidate.annotated.variant;
        (!members.is_empty()).then(|| SecondAllele {
            variant: VariantResult::new(variant, material.contigs),
            gene: allele.gene.clone(),
            panel: allele.panel.clone(),
            members,
        })
    });
    joined.collect()
}

fn member(material: &Material<'_>, id: MemberId, gene: &GeneRef) -> Option<SecondAlleleMember> {
    let (_, qc) = material.qc.iter().find(|(own, _)| *own == id)?;
    let genes = qc.genes.as_ref()?;
    let own = material.family.get(id);
    if !may_show(id, own) {
        return None;
    }
    let found = genes.genes.iter().find(|covered| is_same(covered, gene) && covered.has_contig);
    Some(SecondAlleleMember {
        member: number(id),
        role: own.role,
        assessed: found.is_some(),
        gap_below: genes.gap_below,
        exons: found.map_or_else(Vec::new, |gene| exons(genes, gene)),
    })
}

fn is_same(covered: &GeneCoverage, gene: &GeneRef) -> bool {
    let bare = covered.id.split('.').next().unwrap_or_default();
    gene.ensembl.as_deref().is_some_and(|id| id == bare)
        || gene.symbol.as_deref().is_some_and(|symbol| symbol == covered.symbol)
}

fn exons(genes: &GenesQc, gene: &GeneCoverage) -> Vec<ExonGap> {
    let mut gaps = Vec::new();
    for transcript in &gene.transcripts {
        for exon in &transcript.exons {
            let Some(block) = genes.blocks.get(exon.block as usize) else { continue };
            if block.whole.gaps > 0 || block.whole.not_assessed() > 0 {
                gaps.push(ExonGap {
                    transcript: transcript.id.clone(),
                    exon: exon.number,
                    min_depth: block.whole.stats.min,
                    gap_bases: block.whole.gap_bases + block.whole.not_assessed(),
                });
            }
        }
    }
    gaps
}

/// In a sentence for one member, without the gene.
pub(super) fn words(member: &SecondAlleleMember) -> String {
    let who = format!("{} {}", member.member, text::word(member.role));
    if !member.assessed {
        return format!("second allele possible: the gene's depth was not assessed ({who})");
    }
    if member.exons.is_empty() {
        return format!("every exon at {}x or more ({who})", member.gap_below);
    }
    let named = member.exons.iter().take(NAMED_EXONS);
    let mut named: Vec<String> =
        named.map(|gap| format!("exon {} at {}x", gap.exon, gap.min_depth)).collect();
    if member.exons.len() > NAMED_EXONS {
        named.push(format!("{} more", member.exons.len() - NAMED_EXONS));
    }
    format!("second allele possible: {} ({who})", named.join(", "))
}

/// What is known of second alleles of one candidate, a sentence a gene and member.
pub(super) fn of(results: &CaseResults, candidate: &CandidateResult) -> Vec<String> {
    let own = results.second_alleles.iter().filter(|one| one.variant == candidate.variant);
    own.flat_map(|one| {
        one.members.iter().map(|member| format!("{}: {}", one.gene.shown(), words(member)))
    })
    .collect()
}
