//! What is planted where: zones that are read from end to end, their copies and genes, somatic variants, microsatellites.

use std::ops::Range;

use super::Options;
use super::copies::{Carriers, STATES, State, USUAL};
use super::ground::{Change, Ground, Run};
use super::signatures::Signatures;
use crate::model::problem::Problem;
use crate::simulate::gene::{Gene, Want};
use crate::simulate::rng::Rng;
use crate::simulate::windows::Window;

/// From one gene of a zone to the next, bp.
const GENE_STRIDE_BP: u32 = 6_000;
/// Reads thin out towards the ends of a zone: nothing is planted there, bp.
pub(super) const EDGE_BP: u32 = 1_500;
/// Bases before and behind a place whose reads are made alone.
const SPOT_BP: Range<u32> = 1_000..2_200;
/// Units of a microsatellite's homopolymer.
const MICROSATELLITE_BP: Range<usize> = 8..21;

/// A stretch that is read.
#[derive(Clone, Debug)]
pub(super) struct Zone {
    /// Index of the stretch of sequence.
    pub stretch: usize,
    /// First base, 0-based.
    pub start0: u32,
    /// One past the last base.
    pub end0: u32,
    /// Only reads over this place are made; `None` for all.
    pub over: Option<u32>,
    /// Homopolymer at the place.
    pub run: Option<Run>,
}

/// A gene list of the case: 1 and 2, or none.
#[derive(Clone, Debug)]
pub(super) struct PlacedGene {
    /// The gene; its window is the index of its zone.
    pub gene: Gene,
    /// List that it stands on: 1, 2, or 3 for none.
    pub list: u8,
    /// Its role on the list.
    pub role: &'static str,
}

/// A planted somatic variant.
#[derive(Clone, Debug)]
pub(super) struct Somatic {
    /// Where and what.
    pub change: Change,
    /// Which copies have it.
    pub carriers: Carriers,
    /// Index of its gene.
    pub gene: Option<usize>,
    /// FILTER.
    pub filter: &'static str,
    /// Mean allele frequency in populations.
    pub frac_population: f64,
    /// Domain that it must get; empty for none.
    pub domain: &'static str,
}

/// Everything that is planted.
pub(super) struct Plan {
    /// The sequence.
    pub ground: Ground,
    /// Zones, then spots.
    pub zones: Vec<Zone>,
    /// Number of zones that are read from end to end.
    pub whole: usize,
    /// Genes.
    pub genes: Vec<PlacedGene>,
    /// Variants in the order of the reference.
    pub somatic: Vec<Somatic>,
    /// First and last variants of the clusters.
    pub clusters: Vec<(Change, Change)>,
    /// The synthetic signatures.
    pub signatures: Signatures,
}

/// What is wanted in a gene of a zone: zone, gene of the zone, list, role, and the variant.
struct Row(usize, usize, u8, &'static str, Option<(Want, &'static str, &'static str, f64)>);

const ONCOGENE: &str = "oncogene";
const SUPPRESSOR: &str = "tumor_suppressor_gene";
const PASS: &str = "PASS";

/// Genes of the lists. The first five zones are those of [`STATES`]; the fusion joins zones 5 and 6.
const ROWS: [Row; 16] = [
    Row(0, 4, 1, ONCOGENE, None),
    Row(1, 4, 1, SUPPRESSOR, None),
    Row(2, 4, 1, SUPPRESSOR, Some((Want::StopGained, "DOMAIN1", PASS, 0.0))),
    Row(3, 4, 2, SUPPRESSOR, Some((Want::Missense, "DOMAIN2", PASS, 0.0))),
    Row(4, 4, 2, ONCOGENE, None),
    Row(5, 4, 1, "oncogene, fusion", None),
    Row(6, 4, 2, "unknown", None),
    Row(7, 2, 1, ONCOGENE, Some((Want::Missense, "DOMAIN1", PASS, 0.0))),
    Row(7, 4, 1, SUPPRESSOR, Some((Want::Frameshift, "DOMAIN1", PASS, 0.0))),
    Row(7, 6, 2, SUPPRESSOR, Some((Want::SpliceDonor, "DOMAIN2", PASS, 0.0))),
    Row(8, 2, 2, ONCOGENE, Some((Want::InframeDeletion, "DOMAIN2", PASS, 0.0))),
    Row(8, 4, 2, SUPPRESSOR, Some((Want::DonorFifth, "DOMAIN2", PASS, 0.0))),
    Row(8, 6, 3, "", Some((Want::StopGained, "DOMAIN3", PASS, 0.0))),
    Row(9, 2, 1, ONCOGENE, Some((Want::Synonymous, "", PASS, 0.0))),
    Row(9, 4, 1, ONCOGENE, Some((Want::Missense, "", "weak_evidence", 0.0))),
    Row(9, 6, 2, SUPPRESSOR, Some((Want::Missense, "", PASS, 0.05))),
];
/// Zones that the rows need.
pub(super) const LEAST_ZONES: usize = 10;
/// Zones of the two genes that are joined, the first one giving the beginning.
pub(super) const JOINED: [usize; 2] = [5, 6];

impl Plan {
    /// Plants everything.
    pub(super) fn new(options: &Options) -> Result<Self, Problem> {
        let ground = Ground::read(&options.reference, options.assembly)?;
        let zones = zones(&ground, options)?;
        let whole = zones.len();
        let mut plan = Self {
            ground,
            zones,
            whole,
            genes: Vec::new(),
            somatic: Vec::new(),
            clusters: Vec::new(),
            signatures: Signatures::new(options.seed),
        };
        plan.lay_genes();
        plan.rows(options.seed);
        plan.unstable_sites(options)?;
        plan.others(options)?;
        let order = |one: &Somatic| (one.change.stretch, one.change.edit.clone());
        plan.somatic.sort_by_key(order);
        Ok(plan)
    }

    /// Copies of a place.
    pub(super) fn state(&self, stretch: usize, place0: u32) -> State {
        let of = |(zone, state): (&Zone, &State)| {
            let (from, to) =
                (zone.start0.saturating_sub(state.reach_bp), zone.end0 + state.reach_bp);
            (zone.stretch == stretch && (from..to).contains(&place0)).then_some(*state)
        };
        self.zones.iter().zip(&STATES).find_map(of).unwrap_or(USUAL)
    }

    /// The sequence of a zone.
    pub(super) fn window(&self, zone: &Zone) -> Window {
        let stretch = &self.ground.genome.windows[zone.stretch];
        let range = (zone.start0 - stretch.start0) as usize..(zone.end0 - stretch.start0) as usize;
        let (contig, kind) = (stretch.contig, stretch.kind);
        Window { contig, kind, start0: zone.start0, bases: stretch.bases[range].to_vec() }
    }

    /// Index of a stretch's contig.
    pub(super) fn contig(&self, stretch: usize) -> u32 {
        self.ground.genome.windows[stretch].contig
    }

    /// Name of a stretch's contig.
    pub(super) fn contig_name(&self, stretch: usize) -> &str {
        &self.ground.genome.contigs[self.contig(stretch) as usize].0
    }

    /// A window of a stretch without bases.
    pub(super) fn empty_window(&self, stretch: usize) -> Window {
        let of = &self.ground.genome.windows[stretch];
        Window { contig: of.contig, kind: of.kind, start0: of.start0, bases: Vec::new() }
    }

    /// Zone whose reads tell of a place.
    pub(super) fn zone_of(&self, change: &Change) -> Option<usize> {
        let place0 = change.edit.start0;
        let tells = |zone: &Zone| {
            zone.stretch == change.stretch
                && match zone.over {
                    None => (zone.start0 + EDGE_BP..zone.end0 - EDGE_BP).contains(&place0),
                    Some(over) => over == place0,
                }
        };
        self.zones.iter().position(tells)
    }

    /// Genes of the whole zones, on alternating strands; the fusion's on the forward one.
    fn lay_genes(&mut self) {
        for (window, zone) in self.zones[..self.whole].iter().enumerate() {
            let mut start0 = zone.start0 + EDGE_BP;
            let mut place = 0;
            while start0 + GENE_STRIDE_BP < zone.end0 - EDGE_BP {
                let number = self.genes.len() as u32 + 1;
                let forward = number % 2 == 1 || JOINED.contains(&window);
                let row = ROWS.iter().find(|row| row.0 == window && row.1 == place);
                let (list, role) = row.map_or((3, ""), |row| (row.2, row.3));
                let gene = Gene { number, window, start0, forward };
                self.genes.push(PlacedGene { gene, list, role });
                start0 += GENE_STRIDE_BP;
                place += 1;
            }
        }
    }

    /// Index of a gene by its zone and its number there.
    pub(super) fn gene_at(&self, zone: usize, place: usize) -> Option<usize> {
        let all = self.genes.iter().enumerate().filter(|(_, placed)| placed.gene.window == zone);
        all.map(|(i, _)| i).nth(place)
    }

    /// Variants of the listed genes.
    fn rows(&mut self, seed: u64) {
        let mut rng = Rng::new(seed, &[98]);
        for Row(zone, place, _, _, variant) in &ROWS {
            let Some((want, domain, filter, frac_population)) = *variant else { continue };
            let Some(gene) = self.gene_at(*zone, *place) else { continue };
            let (stretch, window) = (self.zones[*zone].stretch, self.window(&self.zones[*zone]));
            let found = &self.genes[gene].gene;
            let Some(edit) = found.find(&window, want, self.ground.taken(stretch), &mut rng) else {
                log::warn!("{} has no place for a planted variant", found.symbol());
                continue;
            };
            let change = Change { stretch, edit };
            self.ground.take(&change);
            let (carriers, gene) = (Carriers::clonal(), Some(gene));
            self.somatic.push(Somatic { change, carriers, gene, filter, frac_population, domain });
        }
    }

    /// Whether a place is far from all zones and spots.
    fn is_apart(zones: &[Zone], stretch: usize, place0: u32) -> bool {
        let near = |zone: &Zone| {
            zone.stretch == stretch
                && place0 + SPOT_BP.end + SPOT_BP.start > zone.start0
                && place0 < zone.end0 + SPOT_BP.start + SPOT_BP.end
        };
        !zones.iter().any(near)
    }

    fn spot(stretch: usize, place0: u32, run: Option<Run>) -> Zone {
        let (start0, end0) = (place0 - SPOT_BP.start, place0 + SPOT_BP.end);
        Zone { stretch, start0, end0, over: Some(place0), run }
    }

    /// Microsatellites, each with its reads; unstable ones are shorter on both copies of every tumour cell.
    fn unstable_sites(&mut self, options: &Options) -> Result<(), Problem> {
        let mut rng = Rng::new(options.seed, &[96]);
        let wanted = (options.sites, MICROSATELLITE_BP.start, MICROSATELLITE_BP.end - 1);
        let mut zones = self.zones.clone();
        let of_copies = |stretch, place0| self.state(stretch, place0) == USUAL;
        let runs = self.ground.runs(wanted, &mut rng, |_, stretch, place0| {
            let fits = Self::is_apart(&zones, stretch, place0) && of_copies(stretch, place0);
            if fits {
                zones.push(Self::spot(stretch, place0, None));
            }
            fits
        })?;
        for run in runs {
            self.zones.push(Self::spot(run.stretch, run.place0, Some(run)));
            if !rng.chance(options.frac_unstable) {
                continue;
            }
            // Both copies are shorter, by different numbers of bases: two calls.
            let shorter = 2 + rng.below(2) as i64;
            for (copy, bp) in [(0, shorter), (1, shorter - 1)] {
                let change = Change { stretch: run.stretch, edit: run.changed(-bp) };
                self.ground.take(&change);
                let carriers = Carriers { copies: vec![copy], is_subclonal: false };
                self.somatic.push(Somatic {
                    change,
                    carriers,
                    gene: None,
                    filter: PASS,
                    frac_population: 0.0,
                    domain: "",
                });
            }
        }
        Ok(())
    }

    /// Substitutions of the signatures, clusters and indels; the first substitutions get a gene around them.
    fn others(&mut self, options: &Options) -> Result<(), Problem> {
        let zones = self.zones.clone();
        let lost: Vec<(usize, Range<u32>)> = zones
            .iter()
            .zip(&STATES)
            .filter(|(_, state)| state.total == 0)
            .map(|(z, s)| (z.stretch, z.start0 - s.reach_bp..z.end0 + s.reach_bp))
            .collect();
        let exists = |stretch: usize, place0: u32| {
            !lost.iter().any(|(of, range)| *of == stretch && range.contains(&place0))
        };
        let apart = |stretch: usize, place0: u32| {
            exists(stretch, place0) && Self::is_apart(&zones, stretch, place0)
        };
        let clusters = self.ground.clusters(options.seed, apart)?;
        let (whole, genes) = (self.whole, &self.genes);
        let holds = |zone: &Zone, stretch: usize, place0: u32| {
            zone.stretch == stretch && (zone.start0..zone.end0).contains(&place0)
        };
        let draw = (&self.signatures, options.snvs, options.seed);
        let snvs = self.ground.substitutions(draw, |stretch, place0| {
            // Within a spot another variant would be read in part only; genes of the zones have their own variants.
            let in_spot = zones[whole..].iter().any(|zone| holds(zone, stretch, place0));
            let in_gene = genes.iter().map(|placed| &placed.gene).any(|gene| {
                zones[gene.window].stretch == stretch
                    && (gene.start0..gene.end0()).contains(&place0)
            });
            exists(stretch, place0) && !in_spot && !in_gene
        })?;
        let indels = self.ground.indels((options.indels, options.seed), apart)?;
        let mut rng = Rng::new(options.seed, &[99]);
        let mut open = options.coding;
        for change in snvs {
            let gene = if open > 0 { self.gene_around(&change) } else { None };
            open -= u32::from(gene.is_some());
            self.add(change, gene, &mut rng);
        }
        if open > 0 {
            log::warn!("{open} coding substitutions found no place");
        }
        for cluster in clusters {
            if let (Some(first), Some(last)) = (cluster.first(), cluster.last()) {
                self.clusters.push((first.clone(), last.clone()));
            }
            for change in cluster {
                self.add(change, None, &mut rng);
            }
        }
        for change in indels {
            self.add(change, None, &mut rng);
        }
        Ok(())
    }

    fn add(&mut self, change: Change, gene: Option<usize>, rng: &mut Rng) {
        let carriers = Carriers::draw(self.state(change.stretch, change.edit.start0), rng);
        let domain = if gene.is_some() { "DOMAIN3" } else { "" };
        let (filter, frac_population) = (PASS, 0.0);
        self.somatic.push(Somatic { change, carriers, gene, filter, frac_population, domain });
    }

    /// Lays a gene in which a substitution is missense, with reads over the place.
    fn gene_around(&mut self, change: &Change) -> Option<usize> {
        let (stretch, place0) = (change.stretch, change.edit.start0);
        if !Self::is_apart(&self.zones, stretch, place0) {
            return None;
        }
        let zone = Self::spot(stretch, place0, None);
        let window = self.window(&zone);
        let number = self.genes.len() as u32 + 1;
        let fits = |offset: u32| {
            let (start0, forward) = (place0 - offset, number % 2 == 1);
            let gene = Gene { number, window: self.zones.len(), start0, forward };
            let effect = gene.effect(&window, &change.edit)?;
            (effect.term == "missense_variant").then_some(gene)
        };
        let gene = (280..390).find_map(fits)?;
        self.zones.push(zone);
        self.genes.push(PlacedGene { gene, list: 3, role: "" });
        Some(self.genes.len() - 1)
    }
}

/// Zones in turn over the stretches, evenly spread in each.
fn zones(ground: &Ground, options: &Options) -> Result<Vec<Zone>, Problem> {
    let windows = &ground.genome.windows;
    let each = options.zones.div_ceil(windows.len()) as u32;
    let mut made = Vec::new();
    for number in 0..options.zones {
        let (stretch, turn) = (number % windows.len(), (number / windows.len()) as u32);
        let length = windows[stretch].bases.len() as u32;
        let step = length / (each + 1);
        let reach = STATES.iter().map(|state| state.reach_bp).max().unwrap_or_default();
        if step < options.zone_bp + 2 * reach {
            let message = format!(
                "{} zones of {} bp with room between them do not fit on the reference",
                options.zones, options.zone_bp
            );
            return Err(Problem::usage(message).help("give more sequence, or fewer --zones"));
        }
        let start0 = windows[stretch].start0 + step * (turn + 1) - options.zone_bp / 2;
        let end0 = start0 + options.zone_bp;
        made.push(Zone { stretch, start0, end0, over: None, run: None });
    }
    Ok(made)
}
