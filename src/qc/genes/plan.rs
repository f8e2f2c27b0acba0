//! From genes to what is asked: the chosen transcripts with their exons as blocks, and the values to fill.

use std::collections::HashMap;

use crate::model::coord::Span;
use crate::model::gene_coverage::{
    Block, Coverage, ExonCoverage, GeneCoverage, GenesQc, LEVELS, NotAssessed, PanelCoverage,
    TranscriptCoverage,
};
use crate::model::gene_model::Gene;

use super::GeneSettings;
use super::choice::{self, Chosen};
use super::contigs::Contigs;
use super::pieces::{Pieces, union};

/// A stretch of a contig, by the contig's number.
pub(super) type Place = (u32, Span);

/// What to count for whom.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// What the pass has to tell.
    pub(super) pieces: Pieces,
    /// The results, still without depths.
    pub(super) results: GenesQc,
}

/// The blocks, each place once.
#[derive(Default)]
struct Blocks {
    by_place: HashMap<Place, u32>,
    places: Vec<Place>,
}

impl Blocks {
    fn at(&mut self, place: Place) -> u32 {
        let places = &mut self.places;
        *self.by_place.entry(place).or_insert_with(|| {
            places.push(place);
            places.len() as u32 - 1
        })
    }
}

impl Plan {
    pub(super) fn new(settings: &GeneSettings, contigs: &[(String, u32)]) -> Self {
        let mut table = Contigs::new(contigs);
        let chosen = choice::genes(settings);
        let mut blocks = Blocks::default();
        let mut genes: Vec<(u32, GeneCoverage)> = Vec::new();
        for (&i, panels) in &chosen.genes {
            let gene = &settings.model.genes[i];
            let contig = table.number(&gene.contig);
            let mut coverage = lay_out(gene, settings, (contig, &table), &mut blocks);
            coverage.panels.clone_from(panels);
            genes.push((contig, coverage));
        }
        genes.sort_by(|(a, own), (b, other)| {
            (a, own.span, &own.id).cmp(&(b, other.span, &other.id))
        });
        let mut results = skeleton(settings, &chosen, &table);
        let mut numbers: Vec<u32> = genes.iter().map(|(contig, _)| *contig).collect();
        numbers.dedup();
        let there = numbers.iter().filter_map(|&n| Some((n, table.get(n)?.0.clone())));
        let there: Vec<(u32, String)> = there.collect();
        results.contigs =
            there.iter().map(|(_, name)| (name.clone(), Coverage::default())).collect();
        let block = |&(_, span): &Place| Block { span, ..Block::default() };
        results.blocks = blocks.places.iter().map(block).collect();
        let members = members(&results, &genes, &there, &blocks.places);
        let pieces = Pieces::new(&blocks.places, &members, &table);
        results.genes = genes.into_iter().map(|(_, gene)| gene).collect();
        Self { pieces, results }
    }
}

/// The stretches of every value, in the order of [`GenesQc::slots`].
fn members(
    results: &GenesQc,
    genes: &[(u32, GeneCoverage)],
    contigs: &[(u32, String)],
    places: &[Place],
) -> Vec<Vec<Place>> {
    let of = |gene: &GeneCoverage| -> Vec<Place> {
        gene.blocks.iter().map(|&block| places[block as usize]).collect()
    };
    let mut all = Vec::new();
    for panel in 0..results.panels.len() as u32 {
        let asked = genes.iter().filter(|(_, gene)| gene.panels.contains(&panel));
        all.push(union(asked.flat_map(|(_, gene)| of(gene)).collect()));
    }
    let whole = union(genes.iter().flat_map(|(_, gene)| of(gene)).collect());
    all.push(whole.clone());
    for (number, _) in contigs {
        all.push(whole.iter().copied().filter(|(contig, _)| contig == number).collect());
    }
    for (_, gene) in genes {
        all.push(of(gene));
        for transcript in &gene.transcripts {
            let exons = transcript.exons.iter().map(|exon| places[exon.block as usize]);
            all.push(union(exons.collect()));
        }
    }
    all.extend(places.iter().map(|&place| vec![place]));
    all
}

/// One gene with its chosen transcripts; its exons and their union become blocks.
fn lay_out(
    gene: &Gene,
    settings: &GeneSettings,
    (contig, table): (u32, &Contigs<'_>),
    blocks: &mut Blocks,
) -> GeneCoverage {
    // Padding ends where the contig does; an exon that lies behind it stays listed.
    let length = table.get(contig).map_or(u32::MAX, |(_, length)| *length);
    let padded = |span: Span| {
        let end = span.end.saturating_add(settings.padding).min(length).max(span.end);
        Span::new(span.start.saturating_sub(settings.padding), end)
    };
    let chosen = choice::transcripts(gene, settings.all_transcripts);
    let transcripts: Vec<TranscriptCoverage> = chosen
        .iter()
        .map(|transcript| TranscriptCoverage {
            id: transcript.id.clone(),
            mark: transcript.mark,
            exons: transcript
                .exons
                .iter()
                .map(|exon| ExonCoverage {
                    number: exon.number,
                    span: exon.span,
                    block: blocks.at((contig, padded(exon.span))),
                })
                .collect(),
            whole: Coverage::default(),
        })
        .collect();
    let exons = chosen.iter().flat_map(|transcript| &transcript.exons);
    let joined = union(exons.clone().map(|exon| (contig, padded(exon.span))).collect());
    let start = exons.clone().map(|exon| exon.span.start).min().unwrap_or(0);
    let end = exons.map(|exon| exon.span.end).max().unwrap_or(0);
    GeneCoverage {
        symbol: gene.symbol.clone(),
        id: gene.id.clone(),
        contig: table.get(contig).map_or(&gene.contig, |(name, _)| name).clone(),
        has_contig: table.get(contig).is_some(),
        strand: gene.strand,
        span: Span::new(start, end),
        panels: Vec::new(),
        transcripts,
        blocks: joined.into_iter().map(|place| blocks.at(place)).collect(),
        whole: Coverage::default(),
    }
}

/// The results with panels, and why genes of theirs cannot be assessed.
fn skeleton(settings: &GeneSettings, chosen: &Chosen, table: &Contigs<'_>) -> GenesQc {
    let model = &settings.model;
    let panels = settings.panels.panels().iter().zip(&chosen.panels).map(|(panel, listed)| {
        let missed = listed.iter().filter_map(|(symbol, meant)| {
            let reason = why_not(settings, meant, table)?;
            Some(NotAssessed { symbol: symbol.clone(), reason })
        });
        PanelCoverage {
            id: panel.id.clone(),
            name: panel.name.clone(),
            version: panel.version.clone(),
            genes: listed.len() as u32,
            not_assessed: missed.collect(),
            whole: Coverage::default(),
        }
    });
    GenesQc {
        model: model.file.clone(),
        format: model.format,
        sha256: model.sha256.clone(),
        padding: settings.padding,
        gap_below: settings.gap_below,
        gap_min: settings.gap_min,
        transcripts: if settings.all_transcripts { "all" } else { "best" },
        levels: LEVELS,
        panels: panels.collect(),
        ..GenesQc::default()
    }
}

/// What to tell of the genes that count and have exons behind the end of their contig. It is no fault: hg19 and the revised
/// Cambridge Reference Sequence, for one, have mitochondrial contigs of different lengths.
pub(super) fn behind(settings: &GeneSettings, contigs: &[(String, u32)]) -> Option<String> {
    let mut table = Contigs::new(contigs);
    let (mut count, mut first) = (0_usize, None);
    for &i in choice::genes(settings).genes.keys() {
        let gene = &settings.model.genes[i];
        let number = table.number(&gene.contig);
        let Some((name, length)) = table.get(number) else { continue };
        let chosen = choice::transcripts(gene, settings.all_transcripts);
        let end = chosen.iter().flat_map(|t| &t.exons).map(|exon| exon.span.end).max();
        let Some(end) = end.filter(|end| end > length) else { continue };
        count += 1;
        first.get_or_insert((gene.symbol.as_str(), name, end, length));
    }
    let (symbol, name, end, length) = first?;
    let genes = if count == 1 { "1 gene has" } else { &format!("{count} genes have") };
    Some(format!(
        "{genes} exons behind the end of their contig (the first is {symbol}: it ends at {end} on {name} of {length} bp); \
         bases behind it are not assessed: is the model of another assembly?"
    ))
}

/// Why none of these genes of the model has a base in the alignment; `None` when one has.
fn why_not(settings: &GeneSettings, meant: &[usize], table: &Contigs<'_>) -> Option<String> {
    let Some(&first) = meant.first() else { return Some("not in the gene model".into()) };
    let genes = || meant.iter().map(|&i| &settings.model.genes[i]);
    let mut reason =
        format!("contig {} is not in the alignment", settings.model.genes[first].contig);
    for gene in genes() {
        let Some(number) = table.known(&gene.contig) else { continue };
        let Some((name, length)) = table.get(number) else { continue };
        let chosen = choice::transcripts(gene, settings.all_transcripts);
        if chosen.iter().flat_map(|t| &t.exons).any(|exon| exon.span.start < *length) {
            return None;
        }
        reason = format!("behind the end of contig {name}");
    }
    Some(reason)
}
