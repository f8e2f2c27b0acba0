//! The whole story of one gene of a case: the panels, every variant in it, what keeps each from a tier, how well it was read.

use std::path::Path;

use crate::case::Case;
use crate::exec::filtering::FilterPass;
use crate::inputs::{self, Inputs};
use crate::model::annotation::GeneRef;
use crate::model::candidate::Annotated;
use crate::model::contig::ContigId;
use crate::model::coord::Span;
use crate::model::grade::{CallEvent, Entity};
use crate::model::panel::{EntityDetail, Panel, PanelEntity, PanelGene};
use crate::model::panel_change::rating;
use crate::model::problem::{Problem, Problems, nearest};
use crate::model::results::CaseResults;
use crate::policy::layers::Resolved;
use crate::tier::additional::may_tell;

use super::super::additional::Beside;
use super::super::structural::One;
use super::super::variants;
use super::calls::{self, CallTold};
use super::{Told, told};

/// The story of a gene.
#[derive(Clone, Debug)]
pub struct GeneStory {
    /// Symbol asked for.
    pub symbol: String,
    /// One line a panel of the case.
    pub panels: Vec<String>,
    /// False when no consequence of any file names the gene: nothing can be found in it then.
    pub annotated: bool,
    /// Every record of a file with a consequence in the gene, in the order of the files; empty where nothing may be told.
    pub told: Vec<Told>,
    /// Every copy-number or structural variant or repeat over the gene, in the order of results; empty where nothing may be told.
    pub calls: Vec<CallTold>,
    /// True when nothing of its variants may be told, for want of consent.
    pub closed: bool,
    /// What would change, in sentences.
    pub changes: Vec<String>,
    /// How well it was read, from results that were given.
    pub coverage: Vec<String>,
}

/// Tells the story of a gene by symbol, HGNC id or Ensembl id. `results`: those of a run of the case, for the depth.
///
/// # Errors
///
/// Faults of the inputs, or a gene that neither the panels nor the annotation name.
pub fn gene(
    case: &Case,
    policy: &Resolved,
    (options, threads): (&inputs::Options, usize),
    (name, results): (&str, Option<&CaseResults>),
) -> Result<GeneStory, Problems> {
    let inputs = inputs::open(case, &policy.policy, options)?;
    let found = variants::find(case, &policy.policy, &inputs, (threads, None))?;
    let entries = entries(&inputs, name);
    let wanted = Names::new(name, &entries);
    let beside = Beside::new(case, &inputs, &policy.policy, false);
    let seeker = beside.seeker();
    let may = |gene: &GeneRef| seeker.as_ref().is_none_or(|s| may_tell(gene, &inputs.panels, s));
    let closed = !wanted.0.iter().all(may);
    // Of a closed gene not even that the files name it is told.
    let annotated = closed || found.genes.iter().any(|gene| wanted.is(gene));
    let repeats = inputs.panels.panels().iter().flat_map(|panel| &panel.entities);
    let is_its = |entity: &PanelEntity| matches!(&entity.detail, EntityDetail::Repeat { gene, .. } if wanted.is(gene));
    let listed = repeats.clone().any(is_its);
    let named = entries.iter().any(|(_, entry)| entry.is_some()) || listed;
    if !annotated && !named {
        return Err(unknown(name, &inputs, found.genes.iter()).into());
    }
    let mut story = GeneStory {
        symbol: name.to_owned(),
        panels: entries.iter().map(|(panel, entry)| on_panel(panel, *entry, &is_its)).collect(),
        annotated,
        told: Vec::new(),
        calls: Vec::new(),
        closed,
        changes: Vec::new(),
        coverage: results.map(|results| coverage(results, &wanted)).unwrap_or_default(),
    };
    if !closed {
        let places = places(case, &inputs, (&wanted, &entries));
        let over = |one: &One<'_>, events: &[CallEvent]| {
            let (contig, span) = one.place();
            let lies = places.iter().any(|(at, gene)| *at == contig && gene.overlaps(span));
            lies || events.iter().any(|event| wanted.are_of(event))
        };
        let (looked, candidates) = ((&inputs, threads), found.candidates.clone());
        story.calls = calls::look(case, policy, looked, (candidates, &over))?.told;
        let of_gene = |variant: &Annotated| {
            let all = &variant.consequences;
            all.iter().any(|c| wanted.is(&c.gene)) && all.iter().all(|c| may(&c.gene))
        };
        let ask = |pass: &FilterPass<'_>| pass.look_for(&of_gene);
        (story.told, _) = told((case, policy), (&inputs, threads), found.candidates, &ask)?;
    }
    story.changes = changes(&story, &entries, listed);
    Ok(story)
}

/// Where the gene lies by the case's gene model, else by its panels.
fn places(
    case: &Case,
    inputs: &Inputs,
    (wanted, entries): (&Names, &[(&Panel, Option<&PanelGene>)]),
) -> Vec<(ContigId, Span)> {
    let model = inputs.genes.iter().flat_map(|model| &model.genes);
    let of_model = model.filter(|gene| wanted.is(&gene.names()));
    let mut all: Vec<(ContigId, Span)> = of_model
        .filter_map(|gene| {
            let exons = || gene.transcripts.iter().flat_map(|transcript| &transcript.exons);
            let start = exons().map(|exon| exon.span.start).min()?;
            let end = exons().map(|exon| exon.span.end).max()?;
            Some((inputs.contigs.resolve(&gene.contig)?, Span::new(start, end)))
        })
        .collect();
    if all.is_empty() {
        let listed = entries.iter().filter_map(|(_, entry)| (*entry)?.place(case.assembly));
        all.extend(listed.filter_map(|place| {
            let span = Span::from_one_based(place.start, place.end);
            Some((inputs.contigs.resolve(&place.contig)?, span))
        }));
    }
    let entities = inputs.panels.panels().iter().flat_map(|panel| &panel.entities);
    all.extend(entities.filter_map(|entity| {
        let EntityDetail::Repeat { gene, .. } = &entity.detail else { return None };
        let place = entity.place(case.assembly).filter(|_| wanted.is(gene))?;
        let span = Span::from_one_based(place.start, place.end);
        Some((inputs.contigs.resolve(&place.contig)?, span))
    }));
    all
}

/// The names under which annotations may call the gene.
struct Names(Vec<GeneRef>);

impl Names {
    fn new(name: &str, entries: &[(&Panel, Option<&PanelGene>)]) -> Self {
        let mut all = vec![GeneRef {
            ensembl: name.starts_with("ENSG").then(|| name.to_owned()),
            hgnc: name.starts_with("HGNC:").then(|| name.to_owned()),
            symbol: Some(name.to_owned()),
        }];
        for entry in entries.iter().filter_map(|(_, entry)| *entry) {
            let one = |ensembl| GeneRef {
                ensembl,
                hgnc: entry.hgnc.clone(),
                symbol: Some(entry.symbol.clone()),
            };
            all.push(one(None));
            all.extend(entry.ensembl.iter().cloned().map(Some).map(one));
        }
        Self(all)
    }

    /// The event of a copy-number or structural variant or a repeat speaks of the gene.
    fn are_of(&self, event: &CallEvent) -> bool {
        let has =
            |name: &String| self.is(&GeneRef { symbol: Some(name.clone()), ..GeneRef::default() });
        let listed = match &event.entity {
            Entity::Gene(name) => has(name),
            Entity::Genes(names) => names.iter().any(has),
            Entity::Region(_) | Entity::Repeat(_) => false,
        };
        listed || event.gene.as_ref().is_some_and(|gene| self.is(gene))
    }

    fn is(&self, gene: &GeneRef) -> bool {
        let same = |a: &Option<String>, b: &Option<String>| matches!((a, b), (Some(a), Some(b)) if a.eq_ignore_ascii_case(b));
        self.0.iter().any(|own| {
            if own.ensembl.is_some() && gene.ensembl.is_some() {
                return same(&own.ensembl, &gene.ensembl);
            }
            same(&own.hgnc, &gene.hgnc) || same(&own.symbol, &gene.symbol)
        })
    }
}

/// Each panel of the case with its entry of the gene.
fn entries<'i>(inputs: &'i Inputs, name: &str) -> Vec<(&'i Panel, Option<&'i PanelGene>)> {
    let asked = GeneRef {
        ensembl: Some(name.to_owned()).filter(|name| name.starts_with("ENSG")),
        hgnc: Some(name.to_owned()).filter(|name| name.starts_with("HGNC:")),
        symbol: Some(name.to_owned()),
    };
    let hits = inputs.panels.find(&asked);
    let entry = |i: usize| {
        let hit = hits.iter().find(|hit| hit.panel == i);
        hit.map(|&hit| inputs.panels.gene(hit))
    };
    inputs.panels.panels().iter().enumerate().map(|(i, panel)| (panel, entry(i))).collect()
}

fn on_panel(
    panel: &Panel,
    entry: Option<&PanelGene>,
    is_its: &dyn Fn(&PanelEntity) -> bool,
) -> String {
    let at = format!("{} {}", panel.name, panel.version);
    let Some(gene) = entry else {
        let mut repeats = panel.entities.iter().filter(|entity| is_its(entity));
        return match repeats.next() {
            Some(repeat) => format!("{at}: only as the repeat {}", repeat.name),
            None => format!("{at}: not on it"),
        };
    };
    let mode = if gene.mode_text.is_empty() { "no mode stated" } else { &gene.mode_text };
    let mut text = format!("{at}: {}, {mode}", rating(gene.confidence));
    if let Some(penetrance) = &gene.penetrance {
        text = format!("{text}, penetrance {penetrance}");
    }
    if let Some(pathogenicity) = &gene.mode_of_pathogenicity {
        text = format!("{text}; {pathogenicity}");
    }
    text
}

fn unknown<'g>(
    name: &str,
    inputs: &'g Inputs,
    named: impl Iterator<Item = &'g GeneRef>,
) -> Problem {
    let panels = inputs.panels.panels().iter().flat_map(|panel| &panel.genes);
    let symbols: Vec<&str> =
        panels.map(|gene| gene.symbol.as_str()).chain(named.map(GeneRef::shown)).collect();
    let problem =
        Problem::usage(format!("neither the panels nor the annotation name a gene \"{name}\""));
    match nearest(name, symbols) {
        Some(near) => problem.help(format!("did you mean \"{near}\"?")),
        None => problem.help("give a symbol, an HGNC id or an Ensembl id"),
    }
}

/// What another rating, mode or genotype would change. `listed` is a gene of which a panel lists a repeat.
fn changes(
    story: &GeneStory,
    entries: &[(&Panel, Option<&PanelGene>)],
    listed: bool,
) -> Vec<String> {
    let mut all = Vec::new();
    if !story.annotated {
        let what = if listed || !story.calls.is_empty() {
            "no small variant can be found in it"
        } else {
            "nothing can be found in it, whatever was called"
        };
        all.push(format!("The annotation never names the gene: {what}."));
    }
    if story.closed {
        return all;
    }
    let on: Vec<_> = entries.iter().filter_map(|(panel, gene)| Some((panel, (*gene)?))).collect();
    if on.is_empty() && !entries.is_empty() && !listed {
        all.push("The gene is on none of the case's panels: at best Tier 3.".into());
    }
    for (panel, gene) in on {
        if !gene.is_green() {
            let word = rating(gene.confidence);
            all.push(format!("{} rates it {word}: at best Tier 3 until it is green.", panel.name));
        }
    }
    let events = story.told.iter().flat_map(|told| &told.tiered).flat_map(|tiered| &tiered.events);
    let possible = story.calls.iter().flat_map(|call| &call.events).filter(|event| event.possible);
    for event in possible {
        let (entity, missing) = (event.entity.shown(), event.missing.join(", "));
        let what = match event.segregation.as_str() {
            "" => entity.clone(),
            segregation => format!("{segregation} of {entity}"),
        };
        all.push(format!("{what} is only possible; missing: {missing}."));
    }
    for event in events {
        if event.label.as_deref() == Some("green_moi_mismatch") {
            all.push(format!(
                "A variant fits {}, which is not the mode that the panel states: with a matching mode it would be Tier 1 or 2.",
                event.segregation
            ));
        }
        if event.possible {
            all.push(format!(
                "{} is only possible; missing: {}.",
                event.segregation,
                event.missing.join(", ")
            ));
        }
    }
    all.sort();
    all.dedup();
    all
}

/// Depth over the gene in the results' quality entries.
fn coverage(results: &CaseResults, wanted: &Names) -> Vec<String> {
    let mut all = Vec::new();
    for qc in &results.qc {
        for panel in &qc.panels {
            let mut genes = panel.genes.iter();
            let Some(gene) = genes.find(|gene| {
                wanted.is(&GeneRef { symbol: Some(gene.symbol.clone()), ..GeneRef::default() })
            }) else {
                continue;
            };
            let f = &gene.figures;
            let mean = f.mean.map_or_else(|| "unknown".to_owned(), |mean| format!("{mean:.1}"));
            let mut text = format!(
                "member {} ({}): mean depth {mean} over {} bases, {} of them in {} gaps below {}",
                qc.member,
                crate::case::role_word(qc.role),
                f.bases,
                f.gap_bases,
                f.gaps,
                panel.gap_below
            );
            if let Some(why) = &gene.not_assessed {
                text = format!("{text}; {} bases not assessed: {why}", f.not_assessed_bases);
            }
            if !all.contains(&text) {
                all.push(text);
            }
        }
    }
    if all.is_empty() {
        all.push(
            "The results hold no depth over the gene (a case with `genes` and alignments does)."
                .into(),
        );
    }
    all
}

/// Reads results to take depth from, and checks that they are of this case.
///
/// # Errors
///
/// When they are no results, or of another case.
pub fn results_of(path: &Path, case: &Case) -> Result<CaseResults, Problem> {
    let file = if path.is_dir() { path.join("results.json") } else { path.to_owned() };
    let text = crate::io::text::read(&file)?;
    let results = crate::report::read(&text.text).map_err(|p| p.in_file(file.display()))?;
    if results.case.id != case.id {
        let problem = Problem::bad_data("the results are of another case");
        return Err(problem.in_file(file.display()));
    }
    Ok(results)
}
