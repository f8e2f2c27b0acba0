//! A tumour with its normal sample in which everything is planted: purity, contamination, copy numbers, signatures, burden,
//! clusters, microsatellites, amplification, deletions, loss of heterozygosity, a fusion, and variants of listed genes.
//!
//! Zones are read from end to end, and single places (coding substitutions, microsatellites) by the reads over them. There depth
//! follows copy number and purity, and the calls' counts are those of the reads. Elsewhere a variant has a call and no reads:
//! its counts are drawn from the share that is expected. The junction of the fusion has calls only.

mod calls;
mod copies;
mod ground;
mod people;
mod plan;
mod signatures;
mod truth;
mod tubes;

use std::path::PathBuf;

pub(super) use self::signatures::Signatures;

use self::calls::Reads;
use self::copies::Mix;
use self::plan::Plan;
use super::calls as vcf;
use super::sample::sequence;
use super::trio::{quoted, relative};
use super::tumour::header;
use crate::exec::batches::Workers;
use crate::io::sink::{make_folder, write_whole};
use crate::model::contig::Assembly;
use crate::model::problem::Problem;

/// What to simulate.
#[derive(Clone, Debug)]
pub struct Options {
    /// FASTA with stretches of at least 200 kb without N on autosomes.
    pub reference: PathBuf,
    /// Folder of the case.
    pub folder: PathBuf,
    /// Mean depth of tumour and normal where there are two copies.
    pub depths: [f64; 2],
    /// Share of tumour cells among the patient's cells in the tumour sample.
    pub frac_purity: f64,
    /// Share of another person's genomes in tumour and normal sample.
    pub frac_foreign: [f64; 2],
    /// Substitutions drawn from the signatures.
    pub snvs: u32,
    /// Of them, how many are missense and have reads.
    pub coding: u32,
    /// Insertions and deletions of single bases in homopolymers.
    pub indels: u32,
    /// Microsatellites with reads.
    pub sites: u32,
    /// Share of these that are unstable.
    pub frac_unstable: f64,
    /// Zones that are read from end to end; at least 10.
    pub zones: usize,
    /// Length of a zone, bp; at least 40,000.
    pub zone_bp: u32,
    /// Assembly, when its contig lengths do not show it.
    pub assembly: Option<Assembly>,
    /// Decides everything that is drawn.
    pub seed: u64,
}

/// Fewest zones: each state of copies, both genes of the fusion and the variants of the lists have their own.
pub const LEAST_ZONES: usize = plan::LEAST_ZONES;

/// Writes the case; `case.toml` names the files, `truth.tsv` says what is in them.
///
/// # Errors
///
/// When the reference cannot be used or holds too little sequence, or the folder cannot be written.
pub fn pair(options: &Options, workers: &Workers) -> Result<(), Problem> {
    let plan = Plan::new(options)?;
    let common = people::draw(&plan, options.seed);
    make_folder(&options.folder)?;
    let file = |name: &str| options.folder.join(name);
    let [tumour, normal] = options.frac_foreign;
    let tubes = [
        (options.depths[0], Mix { frac_purity: options.frac_purity, frac_foreign: tumour }),
        (options.depths[1], Mix { frac_purity: 0.0, frac_foreign: normal }),
    ];
    let (genome, order) = tubes::genome(&plan);
    let mut windows = vec![0; order.len()];
    for (window, &zone) in order.iter().enumerate() {
        windows[zone] = window;
    }
    let sequenced = |name: &str, label: u64, tube, path: &str| {
        let sample = tubes::sample((name, label), tube, (&plan, &common), &order);
        sequence(&sample, &genome, (options.seed, workers), &file(path))
    };
    let of = [
        sequenced(tubes::TUMOUR, 16, tubes[0], "tumour.bam")?,
        sequenced(tubes::NORMAL, 32, tubes[1], "normal.bam")?,
    ];
    let reads = Reads { of: [&of[0], &of[1]], windows: &windows, tubes };
    let contigs = &genome.contigs;
    let lines = calls::somatic(&plan, &reads, options.seed);
    vcf::write(&file("somatic.vcf.gz"), &header(&genome), contigs, &lines)?;
    let (head, lines) = calls::copy_numbers(&plan);
    vcf::write(&file("somatic.cnv.vcf.gz"), &head, contigs, &lines)?;
    let (head, lines) = calls::junctions(&plan, &reads, options.seed);
    vcf::write(&file("somatic.sv.vcf.gz"), &head, contigs, &lines)?;
    let reference = relative(&options.folder, &options.reference);
    for (name, text) in [
        ("signatures.tsv", plan.signatures.table()),
        ("microsatellites.bed", truth::microsatellites(&plan)),
        ("sites.bed", people::site_list(&plan, &common)),
        ("genes.bed", calls::gene_model(&plan)),
        ("domain1.tsv", calls::gene_list(&plan, 1)),
        ("domain2.tsv", calls::gene_list(&plan, 2)),
        ("truth.tsv", truth::table(&plan, options)),
        ("case.toml", truth::case_toml(&plan, &quoted(&reference))?),
    ] {
        write_whole(file(name), text.as_bytes())?;
    }
    Ok(())
}
