//! A tumour with its normal and planted answers: somatic calls, reads of both, gene lists, case and truth table.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use super::calls::{self, Line, likelihoods};
use super::csq::{self, Population};
use super::gene::{Gene, Want, lay};
use super::haplotype::Edit;
use super::pair::Signatures;
use super::rng::Rng;
use super::sample::{LEVEL, Sample, Sequenced, Strand, sequence};
use super::trio::{quoted, relative};
use super::windows::{Genome, Kind, Wanted, choose};
use crate::exec::batches::Workers;
use crate::io::sink::{make_folder, write_whole};
use crate::model::contig::Assembly;
use crate::model::problem::Problem;

/// What to simulate.
#[derive(Clone, Debug)]
pub struct Options {
    /// FASTA on which the genes are laid.
    pub reference: PathBuf,
    /// Folder of the case.
    pub folder: PathBuf,
    /// Mean depth of the tumour.
    pub tumour_depth: f64,
    /// Mean depth of the normal.
    pub normal_depth: f64,
    /// Share of tumour cells in the tumour sample.
    pub frac_purity: f64,
    /// Decides everything that is drawn.
    pub seed: u64,
    /// Length of a window, bp.
    pub window_bp: u32,
    /// Autosomal windows.
    pub autosomal: usize,
    /// Assembly, when its contig lengths do not show it.
    pub assembly: Option<Assembly>,
}

/// In which cells a variant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cells {
    /// Every tumour cell.
    Clonal,
    /// The tumour cells of one subclone.
    Subclonal,
    /// Every cell, the normal's too.
    Germline,
}

/// Share of the tumour cells that belong to the subclone.
const FRAC_SUBCLONE: f64 = 0.5;

/// A planted somatic variant and the gene list that its gene stands on (3: on none).
#[derive(Clone, Copy, Debug)]
struct Row {
    want: Want,
    list: u8,
    cells: Cells,
    frac_population: f64,
    filter: &'static str,
    domain: &'static str,
    note: &'static str,
}

const fn row(want: Want, list: u8, cells: Cells, domain: &'static str, note: &'static str) -> Row {
    Row { want, list, cells, frac_population: 0.0, filter: "PASS", domain, note }
}

use Cells::{Clonal, Germline, Subclonal};

const ROWS: &[Row] = &[
    row(Want::Missense, 1, Clonal, "DOMAIN1", "actionable gene, moderate"),
    row(Want::StopGained, 1, Clonal, "DOMAIN1", "actionable gene, high"),
    row(Want::Frameshift, 1, Subclonal, "DOMAIN1", "actionable gene, in a subclone"),
    row(Want::Missense, 2, Clonal, "DOMAIN2", "cancer gene, moderate"),
    row(Want::SpliceDonor, 2, Clonal, "DOMAIN2", "cancer gene, high"),
    row(Want::InframeDeletion, 2, Subclonal, "DOMAIN2", "cancer gene, in a subclone"),
    row(Want::DonorFifth, 2, Clonal, "DOMAIN2", "counts as splice region"),
    row(Want::Missense, 3, Clonal, "DOMAIN3", "any other gene, moderate"),
    row(Want::StopGained, 3, Clonal, "DOMAIN3", "any other gene, high"),
    row(Want::Frameshift, 3, Subclonal, "DOMAIN3", "any other gene, in a subclone"),
    row(Want::Synonymous, 1, Clonal, "NONE", "decoy: synonymous"),
    Row {
        filter: "germline",
        ..row(Want::Missense, 1, Germline, "NONE", "decoy: germline, in the normal too")
    },
    Row {
        filter: "weak_evidence",
        ..row(Want::Missense, 1, Subclonal, "NONE", "decoy: FILTER is not PASS")
    },
    Row {
        frac_population: 0.05,
        ..row(Want::Missense, 2, Clonal, "NONE", "decoy: common in every population")
    },
];

/// One variant of the case.
struct Planted {
    window: usize,
    edit: Edit,
    gene: usize,
    row: &'static Row,
    /// On the second copy instead of the first.
    second: bool,
}

pub(super) const TUMOUR: &str = "SIMTUMOUR";
pub(super) const NORMAL: &str = "SIMNORMAL";

/// Writes a tumour-normal folder.
///
/// # Errors
///
/// When the reference cannot be used or the folder cannot be written.
pub fn tumour_normal(options: &Options, workers: &Workers) -> Result<(), Problem> {
    let wanted = Wanted {
        window_bp: options.window_bp,
        autosomal: options.autosomal,
        assembly: options.assembly,
    };
    let mut genome = choose(&options.reference, wanted)?;
    let assembly = genome.assembly.ok_or_else(|| {
        Problem::usage("the contig lengths show no assembly")
            .in_file(options.reference.display())
            .help("give --assembly GRCh37 or GRCh38")
    })?;
    genome.windows.retain(|w| w.kind == Kind::Autosome);
    make_folder(&options.folder)?;
    let genes = lay(&genome.windows);
    let planted = plant(&genes, &genome, options.seed);
    let file = |name: &str| options.folder.join(name);
    let tumour = tumour_sample(options, &planted, genome.windows.len());
    let normal = normal_sample(options, &planted, genome.windows.len());
    let seed = (options.seed, workers);
    let reads = [
        sequence(&tumour, &genome, seed, &file("tumour.bam"))?,
        sequence(&normal, &genome, seed, &file("normal.bam"))?,
    ];
    let mut rng = Rng::new(options.seed, &[41]);
    let lines: Vec<Line> =
        planted.iter().map(|p| line(p, (&genes, &genome), &reads, &mut rng)).collect();
    calls::write(&file("somatic.vcf.gz"), &header(&genome), &genome.contigs, &lines)?;
    write_whole(file("truth.tsv"), truth(&planted, (&genes, &genome), options).as_bytes())?;
    for (name, text) in [
        ("domain1.tsv", gene_list(&genes, 1)),
        ("domain2.tsv", gene_list(&genes, 2)),
        ("signatures.tsv", Signatures::new(options.seed).table()),
        ("microsatellites.bed", microsatellites(&genome)),
    ] {
        write_whole(file(name), text.as_bytes())?;
    }
    let reference = relative(&options.folder, &options.reference);
    write_whole(file("case.toml"), case_toml(assembly, &reference).as_bytes())
}

fn plant(genes: &[Gene], genome: &Genome, seed: u64) -> Vec<Planted> {
    let mut rng = Rng::new(seed, &[40]);
    let mut taken: BTreeMap<usize, BTreeSet<u32>> = BTreeMap::new();
    let mut planted = Vec::new();
    for (number, row) in ROWS.iter().enumerate() {
        let Some(gene) = genes.get(number) else {
            log::warn!("no gene for: {}", row.note);
            continue;
        };
        let taken = taken.entry(gene.window).or_default();
        let Some(edit) = gene.find(&genome.windows[gene.window], row.want, taken, &mut rng) else {
            log::warn!("{} has no place for a planted variant", gene.symbol());
            continue;
        };
        taken.extend(edit.start0..edit.end0());
        let second = rng.chance(0.5);
        planted.push(Planted { window: gene.window, edit, gene: number, row, second });
    }
    planted.sort_by(|a, b| (a.window, &a.edit).cmp(&(b.window, &b.edit)));
    planted
}

/// Two copies in which the variants of these cells are.
fn copies(planted: &[Planted], window: usize, cells: &[Cells], frac: f64) -> Vec<Strand> {
    [false, true]
        .into_iter()
        .map(|second| {
            let edits = planted
                .iter()
                .filter(|p| {
                    p.window == window && p.second == second && cells.contains(&p.row.cells)
                })
                .map(|p| p.edit.clone())
                .collect();
            Strand { frac: frac / 2.0, edits: BTreeMap::from([(window, edits)]) }
        })
        .collect()
}

fn tumour_sample(options: &Options, planted: &[Planted], windows: usize) -> Sample {
    let purity = options.frac_purity;
    let strands = (0..windows)
        .map(|window| {
            let mut strands = copies(planted, window, &[Germline], 1.0 - purity);
            let main = purity * (1.0 - FRAC_SUBCLONE);
            strands.extend(copies(planted, window, &[Germline, Clonal], main));
            let all = [Germline, Clonal, Subclonal];
            strands.extend(copies(planted, window, &all, purity * FRAC_SUBCLONE));
            strands
        })
        .collect();
    sample(TUMOUR, strands, (options.tumour_depth, 11))
}

fn normal_sample(options: &Options, planted: &[Planted], windows: usize) -> Sample {
    let strands = (0..windows).map(|w| copies(planted, w, &[Germline], 1.0)).collect();
    sample(NORMAL, strands, (options.normal_depth, 12))
}

fn sample(name: &str, strands: Vec<Vec<Strand>>, (depth, label): (f64, u64)) -> Sample {
    Sample { name: name.into(), strands, depth, label, over: Vec::new(), level: LEVEL }
}

pub(super) fn header(genome: &Genome) -> String {
    format!(
        "{}##FILTER=<ID=germline,Description=\"Evidence says the variant is germline\">\n\
         ##FILTER=<ID=weak_evidence,Description=\"Too little evidence\">\n\
         ##tumor_sample={TUMOUR}\n##normal_sample={NORMAL}\n\
         ##INFO=<ID=DP,Number=1,Type=Integer,Description=\"Depth over both samples\">\n\
         ##INFO=<ID=TLOD,Number=A,Type=Float,Description=\"Log10 odds that the allele is present\">\n{}\n\
         ##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n\
         ##FORMAT=<ID=AD,Number=R,Type=Integer,Description=\"Fragments that show each allele\">\n\
         ##FORMAT=<ID=AF,Number=A,Type=Float,Description=\"Share of fragments with the allele\">\n\
         ##FORMAT=<ID=DP,Number=1,Type=Integer,Description=\"Depth\">\n\
         #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{NORMAL}\t{TUMOUR}\n",
        calls::preamble(&genome.contigs),
        csq::header_line(),
    )
}

fn line(
    planted: &Planted,
    (genes, genome): (&[Gene], &Genome),
    [tumour, normal]: &[Sequenced; 2],
    rng: &mut Rng,
) -> Line {
    let edit = &planted.edit;
    let window = &genome.windows[planted.window];
    let counts = [normal, tumour].map(|reads| reads.count(planted.window, &[edit]));
    let column = |counts: &[u32], genotype: &str| {
        let depth = counts.iter().sum::<u32>();
        let share = f64::from(counts[1]) / f64::from(depth.max(1));
        format!("{genotype}:{},{}:{share:.3}:{depth}", counts[0], counts[1])
    };
    let population = Population { frac_mean: planted.row.frac_population };
    let entries = csq::entries(edit, (Some(&genes[planted.gene]), window), population, rng);
    // Log10 odds of heterozygous against absent, from the same likelihoods as germline calls.
    let odds = f64::from(likelihoods(&counts[1], &[0, 1])[0]) / 10.0;
    let text = format!(
        "{}\t{}\t.\t{}\t{}\t.\t{}\tDP={};TLOD={odds:.2};CSQ={}\tGT:AD:AF:DP\t{}\t{}",
        genome.contigs[window.contig as usize].0,
        edit.start0 + 1,
        String::from_utf8_lossy(&edit.reference),
        String::from_utf8_lossy(&edit.alternate),
        planted.row.filter,
        counts.iter().flatten().sum::<u32>(),
        entries.join(","),
        column(&counts[0], "0/0"),
        column(&counts[1], "0/1"),
    );
    Line { contig: window.contig, start0: edit.start0, end0: edit.end0(), text }
}

fn truth(planted: &[Planted], (genes, genome): (&[Gene], &Genome), options: &Options) -> String {
    let mut text =
        String::from("chrom\tpos\tref\talt\tdomain\tgene\tconsequence\tfrac_vaf\tnote\n");
    for p in planted {
        let window = &genome.windows[p.window];
        let gene = &genes[p.gene];
        let effect = gene.effect(window, &p.edit).unwrap_or_default();
        let frac = match p.row.cells {
            Clonal => options.frac_purity / 2.0,
            Subclonal => options.frac_purity * FRAC_SUBCLONE / 2.0,
            Germline => 0.5,
        };
        let _ = writeln!(
            text,
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{frac:.3}\t{}",
            genome.contigs[window.contig as usize].0,
            p.edit.start0 + 1,
            String::from_utf8_lossy(&p.edit.reference),
            String::from_utf8_lossy(&p.edit.alternate),
            p.row.domain,
            gene.symbol(),
            effect.term,
            p.row.note
        );
    }
    text
}

fn gene_list(genes: &[Gene], list: u8) -> String {
    let mut text = String::from("gene\tensembl_id\thgnc_id\trole\n");
    for (gene, _) in genes.iter().zip(ROWS).filter(|(_, row)| row.list == list) {
        let role = if gene.forward { "oncogene" } else { "tumor_suppressor_gene" };
        let _ = writeln!(text, "{}\t{}\t{}\t{role}", gene.symbol(), gene.ensembl(), gene.hgnc());
    }
    text
}

/// Homopolymers of the windows as BED with the unit; the variants of the case are not drawn from signatures, and none of these is
/// unstable.
fn microsatellites(genome: &Genome) -> String {
    let mut text = String::new();
    for window in &genome.windows {
        let mut at = 0;
        for run in window.bases.chunk_by(|a, b| a == b) {
            let start = window.start0 + at;
            at += run.len() as u32;
            if (8..=50).contains(&run.len()) {
                let name = &genome.contigs[window.contig as usize].0;
                let unit = char::from(run[0]);
                let _ = writeln!(text, "{name}\t{start}\t{}\t{unit}", start + run.len() as u32);
            }
        }
    }
    text
}

fn case_toml(assembly: Assembly, reference: &str) -> String {
    let mut text = format!(
        "# Simulated: the tumour of no person.\n[case]\nid = \"SIM-TUMOUR-1\"\n\
         kind = \"tumour-normal\"\nassembly = \"{assembly}\"\npolicy = \"gms-cancer\"\n\
         reference = {}\nvariants = [\"somatic.vcf.gz\"]\ndomain1 = \"domain1.tsv\"\n\
         domain2 = \"domain2.tsv\"\nsignatures = \"signatures.tsv\"\n\
         microsatellites = \"microsatellites.bed\"\n",
        quoted(reference)
    );
    for (role, sample) in [("tumour", TUMOUR), ("normal", NORMAL)] {
        let _ = write!(
            text,
            "\n[[member]]\nid = \"SIM-PATIENT\"\nsample = \"{sample}\"\nrole = \"{role}\"\n\
             sex = \"female\"\naffected = \"yes\"\nalignment = \"{role}.bam\"\n\
             [member.consent]\nprimary = true\nsecondary = false\ncarrier = false\n"
        );
    }
    text
}
