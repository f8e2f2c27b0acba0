//! The strands of mother, father and child: planted variants, harmless ones around them, and who has which.

use std::collections::{BTreeMap, BTreeSet};

use super::csq::Population;
use super::gene::{Gene, lay};
use super::haplotype::Edit;
use super::plan::{Carriers, Change, ROWS, Row};
use super::rng::Rng;
use super::sample::{LEVEL, Sample, Strand};
use super::windows::{Genome, Kind, Window};

/// A share of the mother's first strand that carries an allele which her genotype does not show.
const FRAC_MOSAIC: f64 = 0.2;

/// Strands that an allele can be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum On {
    /// The mother's strand that she passed on.
    MotherPassed,
    /// Her other strand.
    MotherKept,
    /// The father's strand that he passed on (of X and Y: the one he has).
    FatherPassed,
    /// His other strand.
    FatherKept,
    /// The child's strand from the mother, newly arisen.
    Child,
    /// Part of the mother's cells.
    MotherMosaic,
}

/// One allele of the family.
#[derive(Clone, Debug)]
pub struct Allele {
    /// Strands that carry it.
    pub on: BTreeSet<On>,
    /// Population frequency.
    pub population: Population,
    /// FILTER.
    pub filter: &'static str,
    /// Highest genotype quality of the child, phred-scaled.
    pub max_quality_phred: u32,
    /// Index of the gene it lies in.
    pub gene: Option<usize>,
    /// Index of the row of the plan, and its change.
    pub planted: Option<(usize, Change)>,
}

/// The family's genes and alleles.
#[derive(Clone, Debug)]
pub struct Family {
    /// All genes.
    pub genes: Vec<Gene>,
    /// The row of the plan that each gene got.
    pub rows: Vec<Option<usize>>,
    /// Window, edit and allele, sorted.
    pub alleles: Vec<(usize, Edit, Allele)>,
}

/// The members in the order of the VCF's columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// The affected son.
    Child,
    /// His unaffected mother.
    Mother,
    /// His unaffected father.
    Father,
}

impl Member {
    /// All, in the order of the VCF's columns.
    pub const ALL: [Self; 3] = [Self::Child, Self::Mother, Self::Father];

    /// Name in the VCF and in `@RG SM`.
    pub fn sample(self) -> &'static str {
        match self {
            Self::Child => "SIMCHILD",
            Self::Mother => "SIMMOTHER",
            Self::Father => "SIMFATHER",
        }
    }

    /// Participant id.
    pub fn id(self) -> &'static str {
        match self {
            Self::Child => "SIM-CHILD",
            Self::Mother => "SIM-MOTHER",
            Self::Father => "SIM-FATHER",
        }
    }

    /// For each called copy of a window, the strands whose alleles it shows.
    pub fn copies(self, kind: Kind) -> Vec<Vec<On>> {
        let [mother, father] = [vec![On::MotherPassed, On::Child], vec![On::FatherPassed]];
        match (self, kind) {
            (Self::Child, Kind::Autosome | Kind::Pseudoautosomal) => vec![mother, father],
            (Self::Child, Kind::X) => vec![mother],
            (Self::Child | Self::Father, Kind::Y) | (Self::Father, Kind::X) => vec![father],
            (Self::Mother, Kind::Y) => Vec::new(),
            (Self::Mother, _) => vec![vec![On::MotherPassed], vec![On::MotherKept]],
            (Self::Father, _) => vec![father, vec![On::FatherKept]],
        }
    }
}

impl Family {
    /// Plants the rows of the plan in the genes of the windows and harmless variants between them.
    pub fn new(genome: &Genome, seed: u64) -> Self {
        let genes = lay(&genome.windows);
        let rows = assign(&genes, &genome.windows);
        let mut rng = Rng::new(seed, &[10]);
        let mut taken: BTreeMap<usize, BTreeSet<u32>> = BTreeMap::new();
        let mut alleles = Vec::new();
        for (number, gene) in genes.iter().enumerate() {
            let Some(row) = rows[number] else { continue };
            for change in ROWS[row].changes {
                let taken = taken.entry(gene.window).or_default();
                let window = &genome.windows[gene.window];
                let Some(edit) = gene.find(window, change.want, taken, &mut rng) else {
                    log::warn!("{} has no place for a planted variant", gene.symbol());
                    continue;
                };
                taken.extend(edit.start0..edit.end0());
                let allele = Allele {
                    on: strands(change.carriers),
                    population: Population { frac_mean: change.frac_population },
                    filter: change.filter,
                    max_quality_phred: change.max_quality_phred,
                    gene: Some(number),
                    planted: Some((row, *change)),
                };
                alleles.push((gene.window, edit, allele));
            }
        }
        for (number, window) in genome.windows.iter().enumerate() {
            let taken = taken.entry(number).or_default();
            harmless((number, window), &genes, taken, &mut rng, &mut alleles);
        }
        alleles.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        Self { genes, rows, alleles }
    }

    /// The member as a sample to be sequenced at this depth.
    pub fn sample(&self, member: Member, genome: &Genome, depth: f64) -> Sample {
        let strands = genome
            .windows
            .iter()
            .enumerate()
            .map(|(number, window)| self.strands(member, number, window.kind))
            .collect();
        let label = member as u64 + 1;
        let (over, level) = (Vec::new(), LEVEL);
        Sample { name: member.sample().into(), strands, depth, label, over, level }
    }

    fn strands(&self, member: Member, window: usize, kind: Kind) -> Vec<Strand> {
        let carried = |wanted: &[On]| -> BTreeMap<usize, Vec<Edit>> {
            let edits = self
                .alleles
                .iter()
                .filter(|(w, _, a)| *w == window && wanted.iter().any(|on| a.on.contains(on)));
            BTreeMap::from([(window, edits.map(|(_, edit, _)| edit.clone()).collect())])
        };
        let mut strands: Vec<Strand> =
            member.copies(kind).iter().map(|on| Strand { frac: 0.5, edits: carried(on) }).collect();
        let mosaic = [On::MotherPassed, On::MotherMosaic];
        if member == Member::Mother && carried(&mosaic) != carried(&mosaic[..1]) {
            strands[0].frac -= 0.5 * FRAC_MOSAIC;
            strands.push(Strand { frac: 0.5 * FRAC_MOSAIC, edits: carried(&mosaic) });
        }
        strands
    }
}

/// Gives every row of the plan the next gene of its kind; rows without one are left out.
fn assign(genes: &[Gene], windows: &[Window]) -> Vec<Option<usize>> {
    let mut rows = vec![None; genes.len()];
    for (number, row) in ROWS.iter().enumerate() {
        let next = genes.iter().position(|g| {
            windows[g.window].kind == row.kind && rows[g.number as usize - 1].is_none()
        });
        match next {
            Some(gene) => rows[gene] = Some(number),
            None => log::warn!("no gene for: {}", row.note),
        }
    }
    rows
}

fn strands(carriers: Carriers) -> BTreeSet<On> {
    BTreeSet::from_iter(match carriers {
        Carriers::DeNovo => vec![On::Child],
        Carriers::DeNovoMosaicMother => vec![On::Child, On::MotherMosaic],
        Carriers::Homozygous => vec![On::MotherPassed, On::FatherPassed],
        Carriers::Mother => vec![On::MotherPassed],
        Carriers::Father => vec![On::FatherPassed],
    })
}

/// Mean distance of harmless variants, bp.
const HARMLESS_STEP_BP: f64 = 350.0;

/// Common variants anywhere and rare ones outside exons, on strands drawn by their frequency. One in eight sites has a
/// second allele.
fn harmless(
    (number, window): (usize, &Window),
    genes: &[Gene],
    taken: &mut BTreeSet<u32>,
    rng: &mut Rng,
    alleles: &mut Vec<(usize, Edit, Allele)>,
) {
    let mut place = f64::from(window.start0 + 200);
    loop {
        place += 30.0 + rng.exponential() * HARMLESS_STEP_BP;
        let start0 = place as u32;
        if start0 + 200 > window.span().end {
            return;
        }
        if taken.range(start0.saturating_sub(30)..start0 + 40).next().is_some() {
            continue;
        }
        let first = change_at(window, start0, rng);
        let Some(edit) = first else { continue };
        let gene =
            genes.iter().position(|g| g.window == number && g.effect(window, &edit).is_some());
        let term = gene.and_then(|g| genes[g].effect(window, &edit)).map_or("", |e| e.term);
        let common = !matches!(term, "" | "intron_variant") || rng.chance(0.8);
        let frac_mean = if common { 0.05 + 0.45 * rng.unit() } else { 0.0 };
        let allele = Allele {
            on: drawn(window.kind, frac_mean, rng),
            population: Population { frac_mean },
            filter: if rng.chance(0.06) { "LowQual" } else { "PASS" },
            max_quality_phred: 99,
            gene,
            planted: None,
        };
        taken.extend(edit.start0..edit.end0());
        let all: BTreeSet<On> = BTreeSet::from_iter(present(window.kind));
        let rest: BTreeSet<On> = all.difference(&allele.on).copied().collect();
        if common && !edit.is_indel() && !rest.is_empty() && rng.chance(0.125) {
            let alternate =
                b"ACGT".iter().find(|b| **b != edit.reference[0] && **b != edit.alternate[0]);
            let second =
                Edit { alternate: alternate.into_iter().copied().collect(), ..edit.clone() };
            let on = rest.into_iter().take(1).collect();
            alleles.push((number, second, Allele { on, ..allele.clone() }));
        }
        alleles.push((number, edit, allele));
    }
}

/// A substitution, or one time in eight a short indel that cannot be written at another place.
fn change_at(window: &Window, start0: u32, rng: &mut Rng) -> Option<Edit> {
    let reference = window.base(start0);
    if rng.chance(0.875) {
        let alternate = vec![rng.other_base(reference)];
        return Some(Edit { start0, reference: vec![reference], alternate });
    }
    let length = 1 + rng.below(4) as u32;
    let long: Vec<u8> = if rng.chance(0.5) {
        (start0..=start0 + length).map(|p| window.base(p)).collect()
    } else {
        std::iter::once(reference).chain((0..length).map(|_| rng.base())).collect()
    };
    let deletion = (start0..=start0 + length).map(|p| window.base(p)).eq(long.iter().copied());
    let next = window.base(start0 + 1 + if deletion { length } else { 0 });
    if long[0] == long[long.len() - 1] || long[1] == next {
        return None;
    }
    let short = vec![reference];
    let (reference, alternate) = if deletion { (long, short) } else { (short, long) };
    Some(Edit { start0, reference, alternate })
}

/// Strands that exist for a kind of window.
fn present(kind: Kind) -> Vec<On> {
    match kind {
        Kind::Autosome | Kind::Pseudoautosomal => {
            vec![On::MotherPassed, On::MotherKept, On::FatherPassed, On::FatherKept]
        }
        Kind::X => vec![On::MotherPassed, On::MotherKept, On::FatherPassed],
        Kind::Y => vec![On::FatherPassed],
    }
}

/// Each strand with the frequency's probability, at least one.
fn drawn(kind: Kind, frac: f64, rng: &mut Rng) -> BTreeSet<On> {
    let strands = present(kind);
    let mut on: BTreeSet<On> = strands.iter().copied().filter(|_| rng.chance(frac)).collect();
    if on.is_empty() {
        on.extend(rng.pick(&strands));
    }
    on
}

/// The row of the plan that a gene got.
pub fn row_of(family: &Family, gene: usize) -> Option<&'static Row> {
    family.rows.get(gene).copied().flatten().map(|row| &ROWS[row])
}
