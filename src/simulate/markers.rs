//! A tumour with planted biomarkers: somatic calls drawn from synthetic signatures at a purity, coding variants, clusters of
//! substitutions, and reads at stable and unstable microsatellites. Every file says that it is simulated.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use super::calls::{self, Line};
use super::marker_reads;
use super::rng::Rng;
use super::trio::{quoted, relative};
use crate::io::fasta::Fasta;
use crate::io::sink::{make_folder, write_whole};
use crate::model::contig::Assembly;
use crate::model::mutation_type::MatrixKind;
use crate::model::problem::Problem;
use crate::tier::biomarkers::draw::{binomial, multinomial};

/// What to simulate.
#[derive(Clone, Debug)]
pub struct Options {
    /// FASTA with an index; its first sequence is used.
    pub reference: PathBuf,
    /// Folder of the case.
    pub folder: PathBuf,
    /// Substitutions drawn from the signatures.
    pub snvs: u32,
    /// Insertions and deletions of single bases in homopolymers.
    pub indels: u32,
    /// Of the substitutions, how many are missense.
    pub missense: u32,
    /// Share of tumour cells in the tumour sample.
    pub frac_purity: f64,
    /// Mean depth of the tumour.
    pub tumour_depth: f64,
    /// Microsatellites with reads.
    pub sites: u32,
    /// Share of these that are unstable.
    pub frac_unstable: f64,
    /// Assembly that the case names.
    pub assembly: Assembly,
    /// Decides everything that is drawn.
    pub seed: u64,
}

/// Synthetic signatures, and how much the planted ones contribute.
const SIGNATURES: usize = 8;
const PLANTED: [(usize, f64); 3] = [(1, 0.5), (4, 0.3), (6, 0.2)];
/// Clusters of substitutions and their sizes.
const CLUSTERS: usize = 3;
const CLUSTER_SNVS: usize = 12;
/// Share of the somatic variants that only a subclone has, and that subclone's share of the tumour cells.
const FRAC_SUBCLONAL: f64 = 0.2;
const FRAC_SUBCLONE: f64 = 0.4;
const NORMAL_DEPTH: f64 = 35.0;
const TUMOUR: &str = "SIMTUMOUR";
const NORMAL: &str = "SIMNORMAL";

/// One planted variant.
struct Planted {
    reference: Vec<u8>,
    alternate: Vec<u8>,
    term: &'static str,
}

/// The contig under work.
struct Ground {
    contigs: Vec<(String, u32)>,
    bases: Vec<u8>,
    taken: BTreeSet<u32>,
    planted: BTreeMap<u32, Planted>,
}

/// Writes the case: `case.toml`, `somatic.vcf.gz`, `signatures.tsv`, `sites.bed`, `tumour.bam`, `normal.bam`, `truth.tsv`.
///
/// # Errors
///
/// When the reference cannot be used or holds too little sequence, or the folder cannot be written.
pub fn markers(options: &Options) -> Result<(), Problem> {
    let fasta = Fasta::open(&options.reference)?;
    let contigs: Vec<(String, u32)> =
        fasta.sequences().iter().map(|one| (one.name.clone(), one.length)).collect();
    let length = contigs.first().map_or(0, |(_, length)| *length);
    let bases = fasta.reader().fetch_sequence(0, 0, length)?.to_vec();
    let mut ground = Ground { contigs, bases, taken: BTreeSet::new(), planted: BTreeMap::new() };
    make_folder(&options.folder)?;
    let file = |name: &str| options.folder.join(name);
    let signatures = signatures(options.seed);
    let clusters = ground.clusters(options)?;
    ground.substitutions(&signatures, options)?;
    ground.indels(options)?;
    let lines = ground.lines(options);
    calls::write(&file("somatic.vcf.gz"), &header(&ground.contigs), &ground.contigs, &lines)?;
    write_whole(file("signatures.tsv"), signature_table(&signatures).as_bytes())?;
    let unstable = marker_reads::write(
        (&ground.contigs, &ground.bases),
        (options.sites, options.frac_unstable, options.seed),
        &options.folder,
    )?;
    write_whole(file("truth.tsv"), truth(options, &clusters, &unstable).as_bytes())?;
    let reference = relative(&options.folder, &options.reference);
    write_whole(file("case.toml"), case_toml(options.assembly, &reference).as_bytes())
}

/// Signatures over the 96 types, row by row; most of the weight of each is on few types.
fn signatures(seed: u64) -> Vec<f64> {
    let mut rng = Rng::new(seed, &[90]);
    let types = MatrixKind::Sbs96.types().len();
    let mut values = vec![0.0; types * SIGNATURES];
    for column in 0..SIGNATURES {
        let weights: Vec<f64> = (0..types).map(|_| rng.unit().powi(6)).collect();
        let sum: f64 = weights.iter().sum();
        for (row, weight) in weights.iter().enumerate() {
            values[row * SIGNATURES + column] = weight / sum;
        }
    }
    values
}

fn signature_table(values: &[f64]) -> String {
    let names: Vec<String> = (1..=SIGNATURES).map(|i| format!("SIM{i}")).collect();
    let mut text = format!("Type\t{}\n", names.join("\t"));
    for (name, row) in MatrixKind::Sbs96.types().iter().zip(values.chunks(SIGNATURES)) {
        let cells: Vec<String> = row.iter().map(|value| format!("{value:.12}")).collect();
        let _ = writeln!(text, "{name}\t{}", cells.join("\t"));
    }
    text
}

fn complement(base: u8) -> u8 {
    match base {
        b'A' => b'T',
        b'C' => b'G',
        b'G' => b'C',
        _ => b'A',
    }
}

impl Ground {
    /// The name of a substitution's type; `None` where a base around is not known.
    fn kind(&self, at: usize, alternate: u8) -> Option<String> {
        let around = self.bases.get(at.checked_sub(2)?..at + 3)?;
        if !around.iter().all(|base| b"ACGT".contains(base)) || around[2] == alternate {
            return None;
        }
        let [before, reference, after] = [around[1], around[2], around[3]];
        let seen = if matches!(reference, b'C' | b'T') {
            [before, reference, alternate, after]
        } else {
            [after, reference, alternate, before].map(complement)
        };
        let [before, reference, alternate, after] = seen.map(char::from);
        Some(format!("{before}[{reference}>{alternate}]{after}"))
    }

    /// True when no planted variant is within so many bases.
    fn is_free(&self, at: u32, bp: u32) -> bool {
        self.taken.range(at.saturating_sub(bp)..=at + bp).next().is_none()
    }

    fn plant(&mut self, at: u32, reference: Vec<u8>, alternate: Vec<u8>) {
        self.taken.insert(at);
        let term = "intergenic_variant";
        self.planted.insert(at, Planted { reference, alternate, term });
    }

    fn substitutions(&mut self, signatures: &[f64], options: &Options) -> Result<(), Problem> {
        let weights: Vec<f64> = signatures
            .chunks(SIGNATURES)
            .map(|row| PLANTED.iter().map(|&(i, share)| row[i] * share).sum())
            .collect();
        let mut left = vec![0; weights.len()];
        multinomial(&mut Rng::new(options.seed, &[91]), options.snvs.into(), &weights, &mut left);
        let mut rng = Rng::new(options.seed, &[92]);
        let (mut open, mut missense) = (options.snvs, options.missense);
        let tries = u64::from(options.snvs) * 20_000 + 1_000_000;
        for _ in 0..tries {
            if open == 0 {
                return Ok(());
            }
            let at = rng.below(self.bases.len() as u64) as usize;
            let alternate = rng.base();
            let place = self.kind(at, alternate).and_then(|name| MatrixKind::Sbs96.place(&name));
            let Some(place) = place.filter(|&place| left[place] > 0) else { continue };
            if !self.is_free(at as u32, 50) {
                continue;
            }
            left[place] -= 1;
            open -= 1;
            self.plant(at as u32, vec![self.bases[at]], vec![alternate]);
            if missense > 0 {
                missense -= 1;
                if let Some(planted) = self.planted.get_mut(&(at as u32)) {
                    planted.term = "missense_variant";
                }
            }
        }
        Err(Problem::usage(format!(
            "the first sequence has no room for {} substitutions",
            options.snvs
        ))
        .in_file(options.reference.display())
        .help("give a longer one, or fewer --snvs"))
    }

    /// Clusters of C>T behind a T; their first and last positions, 1-based.
    fn clusters(&mut self, options: &Options) -> Result<Vec<(u32, u32)>, Problem> {
        let mut rng = Rng::new(options.seed, &[93]);
        let mut found = Vec::new();
        for _ in 0..10_000 {
            if found.len() == CLUSTERS {
                return Ok(found);
            }
            let from = rng.below(self.bases.len() as u64) as usize;
            if !self.is_free(from as u32, 100_000) {
                continue;
            }
            let mut places = Vec::new();
            let mut at = from;
            while places.len() < CLUSTER_SNVS && at < from + 4_000 {
                if self.kind(at, b'T').is_some_and(|name| name.starts_with("T[C>T]"))
                    && self.bases[at] == b'C'
                {
                    places.push(at);
                    at += 100;
                }
                at += 1;
            }
            if places.len() == CLUSTER_SNVS {
                found.push((places[0] as u32 + 1, places[CLUSTER_SNVS - 1] as u32 + 1));
                for at in places {
                    self.plant(at as u32, vec![b'C'], vec![b'T']);
                }
            }
        }
        Err(Problem::usage("the first sequence has no room for clusters")
            .in_file(options.reference.display()))
    }

    /// Single bases more or fewer in runs of at least five.
    fn indels(&mut self, options: &Options) -> Result<(), Problem> {
        let mut rng = Rng::new(options.seed, &[94]);
        let mut open = options.indels;
        for _ in 0..u64::from(options.indels) * 20_000 {
            if open == 0 {
                return Ok(());
            }
            let at = rng.below(self.bases.len() as u64).max(1) as usize;
            let Some(run) = self.bases.get(at..at + 5) else { continue };
            let (base, before) = (run[0], self.bases[at - 1]);
            let is_run = run.iter().all(|&b| b == base) && before != base;
            let known = b"ACGT".contains(&base) && b"ACGT".contains(&before);
            if !is_run || !known || !self.is_free(at as u32 - 1, 50) {
                continue;
            }
            open -= 1;
            let (short, long) = (vec![before], vec![before, base]);
            let (reference, alternate) =
                if rng.chance(0.5) { (long, short) } else { (short, long) };
            self.plant(at as u32 - 1, reference, alternate);
        }
        if open == 0 {
            return Ok(());
        }
        Err(Problem::usage(format!("the first sequence has no room for {} indels", options.indels))
            .in_file(options.reference.display()))
    }

    fn lines(&self, options: &Options) -> Vec<Line> {
        let mut rng = Rng::new(options.seed, &[95]);
        let text = |bases: &[u8]| String::from_utf8_lossy(bases).into_owned();
        let mut lines = Vec::new();
        for (&at, planted) in &self.planted {
            let cells = if rng.chance(FRAC_SUBCLONAL) { FRAC_SUBCLONE } else { 1.0 };
            let depth = binomial(&mut rng, (options.tumour_depth * 2.0) as u64, 0.5);
            let alternate = binomial(&mut rng, depth, options.frac_purity * cells / 2.0).max(3);
            let normal = binomial(&mut rng, (NORMAL_DEPTH * 2.0) as u64, 0.5);
            let (reference, changed) = (text(&planted.reference), text(&planted.alternate));
            let line = format!(
                "{}\t{}\t.\t{reference}\t{changed}\t.\tPASS\tCSQ={changed}|{}|SIMGENE|SIMG00001|SIMT00001|protein_coding|YES|\
                 \tGT:AD:DP\t0/0:{normal},0:{normal}\t0/1:{},{alternate}:{depth}",
                self.contigs[0].0,
                at + 1,
                planted.term,
                depth.saturating_sub(alternate),
            );
            let end0 = at + planted.reference.len() as u32;
            lines.push(Line { contig: 0, start0: at, end0, text: line });
        }
        lines
    }
}

fn header(contigs: &[(String, u32)]) -> String {
    format!(
        "{}##tumor_sample={TUMOUR}\n##normal_sample={NORMAL}\n\
         ##INFO=<ID=CSQ,Number=.,Type=String,Description=\"Consequence annotations from Ensembl VEP. Format: \
         Allele|Consequence|SYMBOL|Gene|Feature|BIOTYPE|CANONICAL|gnomADg_AF\">\n\
         ##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n\
         ##FORMAT=<ID=AD,Number=R,Type=Integer,Description=\"Fragments that show each allele\">\n\
         ##FORMAT=<ID=DP,Number=1,Type=Integer,Description=\"Depth\">\n\
         #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{NORMAL}\t{TUMOUR}\n",
        calls::preamble(contigs)
    )
}

fn truth(options: &Options, clusters: &[(u32, u32)], unstable: &[(u32, bool)]) -> String {
    let mut text = String::from("what\tid\tvalue\n");
    let _ = writeln!(text, "purity\t.\t{}", options.frac_purity);
    let _ = writeln!(text, "missense\t.\t{}", options.missense);
    let _ = writeln!(text, "indels\t.\t{}", options.indels);
    for (signature, share) in PLANTED {
        let _ = writeln!(text, "signature\tSIM{}\t{share}", signature + 1);
    }
    for (first, last) in clusters {
        let _ = writeln!(text, "cluster\t{first}\t{last}");
    }
    for (position, is_unstable) in unstable {
        let _ = writeln!(text, "microsatellite\t{position}\t{}", u8::from(*is_unstable));
    }
    text
}

fn case_toml(assembly: Assembly, reference: &str) -> String {
    let mut text = format!(
        "# Simulated: the tumour of no person.\n[case]\nid = \"SIM-MARKERS-1\"\nkind = \"tumour-normal\"\n\
         assembly = \"{assembly:?}\"\npolicy = \"gms-cancer\"\nreference = {}\nvariants = [\"somatic.vcf.gz\"]\n\
         signatures = \"signatures.tsv\"\nmicrosatellites = \"sites.bed\"\n",
        quoted(reference)
    );
    for (sample, role, file) in [(TUMOUR, "tumour", "tumour.bam"), (NORMAL, "normal", "normal.bam")]
    {
        let _ = write!(
            text,
            "\n[[member]]\nid = \"SIM-PATIENT\"\nsample = \"{sample}\"\nrole = \"{role}\"\nsex = \"female\"\n\
             affected = \"yes\"\nalignment = \"{file}\"\n[member.consent]\nprimary = true\nsecondary = false\ncarrier = false\n"
        );
    }
    text
}
