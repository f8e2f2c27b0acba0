//! Joint calls of a trio with millions of records, made on all threads: files to measure on, with a panel that fits.
//!
//! A contig's records are cut into chunks of equal number, each with its own share of the contig and its own random
//! numbers, so the bytes do not depend on the threads.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use super::bulk_genes::{self, BLOCK_BP, BulkGene};
use super::bulk_records::{Bases, CHUNK_RECORDS, Contig, Maker, Part, Summary};
use super::bulk_trio::Disomy;
use super::calls::preamble;
use super::csq::{EXOMES, GENOMES};
use super::family::Member;
use super::panel::{PanelGene, panel};
use super::trio::pedigree;
use crate::exec::batches::Workers;
use crate::io::bgzf_writer::{Joined, PieceBuilder};
use crate::io::sink::{AtomicFile, write_whole};
use crate::io::stream_fasta::for_each_contig;
use crate::io::text;
use crate::io::write_index::BinIndex;
use crate::model::contig::{Assembly, ContigClass};
use crate::model::coord::Span;
use crate::model::problem::{Problem, ProblemKind};

/// Fewest bases a record, so that records of one contig find places of their own.
const MIN_BP_A_RECORD: u64 = 16;
/// Where a `.tbi` ends, bp.
const TABIX_BP: u32 = 1 << 29;

/// What to simulate.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Records in all.
    pub records: u64,
    /// Compression level.
    pub level: u8,
    /// Decides everything that is drawn.
    pub seed: u64,
    /// Where the child has both copies of one parent.
    pub disomy: Option<Disomy>,
}

/// What the calls lie on.
#[derive(Clone, Debug)]
pub enum Genome {
    /// Names and lengths in bp; REF bases are drawn.
    Lengths(Vec<(String, u32)>),
    /// A FASTA, whose bases are REF.
    Fasta(PathBuf),
}

/// Writes `path` (BGZF), `path.tbi` and, beside them, the panel and the pedigree ([`beside`]).
///
/// # Errors
///
/// When the reference cannot be read or is too short for so many records, or a file cannot be written.
pub fn calls(
    genome: &Genome,
    options: Options,
    workers: &Workers,
    path: &Path,
) -> Result<Summary, Problem> {
    let contigs = survey(genome, options.records)?;
    let lengths: Vec<(String, u32)> =
        contigs.iter().map(|c| (c.name.clone(), c.length_bp)).collect();
    let assembly = assembly(&lengths);
    let fault = |e: &io::Error| Problem::writing(path.display(), e);
    let mut output = Output {
        joined: Joined::new(AtomicFile::create(path)?),
        index: BinIndex::default(),
        summary: Summary::default(),
    };
    let mut builder = PieceBuilder::new(options.level);
    let head = builder.push(header(&lengths).as_bytes()).and_then(|()| builder.finish());
    head.and_then(|head| output.joined.append(&head)).map_err(|e| fault(&e))?;
    let mut write = |number: usize, bases: Bases<'_>| {
        let contig = &contigs[number];
        let maker = Maker { contig, number: number as u32, bases, assembly, options };
        workers.in_order(
            contig.records.div_ceil(CHUNK_RECORDS) as usize,
            |chunk| maker.chunk(chunk as u64).map_err(|e| fault(&e)),
            |part| output.append(&part).map_err(|e| fault(&e)),
        )
    };
    match genome {
        Genome::Lengths(_) => {
            for number in 0..contigs.len() {
                write(number, Bases::Drawn { seed: options.seed, contig: number as u64 })?;
            }
        }
        Genome::Fasta(file) => {
            let mut number = 0;
            for_each_contig(file, |_, bases| {
                number += 1;
                write(number - 1, Bases::Read(bases))
            })?;
        }
    }
    let names: Vec<&str> = lengths.iter().map(|(name, _)| name.as_str()).collect();
    let tbi = output.index.to_tbi(&names).map_err(|e| fault(&e))?;
    let (file, _) = output.joined.finish().map_err(|e| fault(&e))?;
    file.finish()?;
    write_whole(format!("{}.tbi", path.display()), &tbi)?;
    write_whole(beside(path, "panel.json"), panel_text(&contigs, options.seed)?.as_bytes())?;
    write_whole(beside(path, "ped"), pedigree().as_bytes())?;
    Ok(output.summary)
}

/// Names and lengths of a `.fai` or any table that begins with them.
///
/// # Errors
///
/// When a line has no name and length, or there is none.
pub fn lengths_of(path: &Path) -> Result<Vec<(String, u32)>, Problem> {
    let mut contigs = Vec::new();
    let text = text::read(path)?.text;
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let mut cells = line.split('\t');
        let contig = cells.next().zip(cells.next().and_then(|length| length.trim().parse().ok()));
        let Some((name, length)) = contig.filter(|(name, _)| !name.is_empty()) else {
            return Err(Problem::bad_data("expected a contig's name, a tab and its length in bp")
                .in_file(path.display())
                .at(format!("line {}", number + 1)));
        };
        contigs.push((name.to_owned(), length));
    }
    if contigs.is_empty() {
        return Err(Problem::bad_data("names no contig").in_file(path.display()));
    }
    Ok(contigs)
}

/// These contigs of an assembly with its lengths; chr1 to chr22, chrX and chrY when none is named.
pub fn lengths_in(assembly: Assembly, classes: &[ContigClass]) -> Vec<(String, u32)> {
    let usual: Vec<ContigClass> =
        (1..=22).map(ContigClass::Autosome).chain([ContigClass::X, ContigClass::Y]).collect();
    let classes = if classes.is_empty() { &usual } else { classes };
    let named = classes.iter().filter_map(|&class| {
        let bare = class.bare_name()?;
        let bare = if bare == "MT" { "M" } else { &bare };
        Some((format!("chr{bare}"), assembly.length(class)?))
    });
    named.collect()
}

/// The name of a file beside the calls: `trio.vcf.gz` gives `trio.panel.json`.
pub fn beside(path: &Path, end: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.strip_suffix(".gz").unwrap_or(&name);
    let stem = stem.strip_suffix(".vcf").unwrap_or(stem);
    path.with_file_name(format!("{stem}.{end}"))
}

/// The file under construction.
struct Output {
    joined: Joined<AtomicFile>,
    index: BinIndex,
    summary: Summary,
}

impl Output {
    fn append(&mut self, (piece, index, part): &Part) -> io::Result<()> {
        let start = self.joined.append(piece)?;
        self.index.append(index, start);
        let sum = &mut self.summary;
        sum.records += part.records;
        sum.single_bases += part.single_bases;
        sum.passed += part.passed;
        sum.entries += part.entries;
        sum.new += part.new;
        Ok(())
    }
}

/// Finds the contigs and gives each its share of the records, by known bases.
fn survey(genome: &Genome, records: u64) -> Result<Vec<Contig>, Problem> {
    let mut contigs = Vec::new();
    let mut genes = 1;
    let mut add = |name: &str, length_bp: u32, known: Vec<Span>| {
        let known_bp = known.iter().map(|span| u64::from(span.len())).sum();
        let (name, first_gene) = (name.to_owned(), genes);
        genes += length_bp / BLOCK_BP;
        contigs.push(Contig { name, length_bp, known, known_bp, records: 0, first_gene });
    };
    match genome {
        Genome::Lengths(lengths) => {
            for (name, length) in lengths {
                add(name, *length, vec![Span::new(0, *length)]);
            }
        }
        Genome::Fasta(file) => for_each_contig(file, |name, bases| {
            add(name, bases.len() as u32, super::windows::stretches(bases).collect());
            Ok(())
        })?,
    }
    let total: u64 = contigs.iter().map(|c| c.known_bp).sum();
    if records * MIN_BP_A_RECORD > total {
        return Err(Problem::usage(format!(
            "{records} records need {} bp of known bases, but there are {total}",
            records * MIN_BP_A_RECORD
        ))
        .help(format!("give a longer reference, or at most {} records", total / MIN_BP_A_RECORD)));
    }
    if let Some(long) = contigs.iter().find(|c| c.length_bp >= TABIX_BP) {
        return Err(Problem::usage(format!(
            "contig {} is {} bp long: a .tbi holds positions below {TABIX_BP}",
            long.name, long.length_bp
        )));
    }
    let share = |bp: u64| (u128::from(records) * u128::from(bp) / u128::from(total.max(1))) as u64;
    let mut before = 0;
    for contig in &mut contigs {
        contig.records = share(before + contig.known_bp) - share(before);
        before += contig.known_bp;
    }
    Ok(contigs)
}

fn assembly(contigs: &[(String, u32)]) -> Option<Assembly> {
    let of =
        |(name, length): &(String, u32)| Assembly::of_length(ContigClass::of_name(name), *length);
    contigs.iter().find_map(of)
}

fn header(contigs: &[(String, u32)]) -> String {
    let mut text = preamble(contigs);
    for (id, number, kind, what) in [
        ("AC", "A", "Integer", "Allele count in this family"),
        ("AF", "A", "Float", "Allele frequency in this family"),
        ("AN", "1", "Integer", "Called alleles in this family"),
        ("DP", "1", "Integer", "Depth over all samples"),
        ("FS", "1", "Float", "Strand bias, phred-scaled"),
        ("MQ", "1", "Float", "Mapping quality"),
        ("QD", "1", "Float", "Quality by depth"),
        ("SOR", "1", "Float", "Strand odds ratio"),
        ("gnomADg_nhomalt", "A", "Integer", "Homozygotes (simulated)"),
        ("gnomADg_AF", "A", "Float", "Frequency in genomes (simulated)"),
    ] {
        let _ =
            writeln!(text, "##INFO=<ID={id},Number={number},Type={kind},Description=\"{what}\">");
    }
    for (set, populations) in [("gnomADe", &EXOMES[..]), ("gnomADg", &GENOMES[..])] {
        for name in populations {
            let _ = writeln!(
                text,
                "##INFO=<ID={set}_AF_{},Number=A,Type=Float,Description=\"Frequency in {name} (simulated)\">",
                name.to_ascii_lowercase()
            );
        }
    }
    let _ = writeln!(
        text,
        "##INFO=<ID=CSQ,Number=.,Type=String,Description=\"Consequence annotations from Ensembl VEP. \
         Format: {}\">",
        bulk_genes::FIELDS
    );
    text.push_str(
        "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n\
         ##FORMAT=<ID=AD,Number=R,Type=Integer,Description=\"Reads that show each allele\">\n\
         ##FORMAT=<ID=DP,Number=1,Type=Integer,Description=\"Depth\">\n\
         ##FORMAT=<ID=GQ,Number=1,Type=Integer,Description=\"Genotype quality\">\n\
         ##FORMAT=<ID=PL,Number=G,Type=Integer,Description=\"Phred-scaled genotype likelihoods\">\n\
         #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT",
    );
    for member in Member::ALL {
        let _ = write!(text, "\t{}", member.sample());
    }
    text.push('\n');
    text
}

fn panel_text(contigs: &[Contig], seed: u64) -> Result<String, Problem> {
    let mut genes: Vec<PanelGene> = Vec::new();
    for (number, contig) in contigs.iter().enumerate() {
        let blocks = 0..contig.length_bp / BLOCK_BP;
        genes.extend(blocks.filter_map(|block| {
            let gene = BulkGene::new(seed, (number as u32, block), contig.first_gene + block);
            gene.on_panel(&contig.name)
        }));
    }
    let json = serde_json::to_string_pretty(&panel(9003, "Simulated broad panel", &genes))
        .map_err(|e| Problem::new(ProblemKind::Internal, format!("panel: {e}")))?;
    Ok(json + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths() -> Genome {
        let contigs = [("chr21", 4_600_000), ("chrX", 1_600_000), ("chrM", 16_569)];
        Genome::Lengths(contigs.map(|(name, bp)| (name.to_owned(), bp)).to_vec())
    }

    #[test]
    fn the_bytes_ignore_threads_and_records_are_as_many_as_asked() {
        let folder = tempfile::tempdir().unwrap();
        let options = Options { records: 9_001, level: 1, seed: 4, disomy: None };
        let mut made = Vec::new();
        for threads in [1, 2, 5] {
            let path = folder.path().join(format!("{threads}.vcf.gz"));
            let workers = Workers::new(threads).unwrap();
            let summary = calls(&lengths(), options, &workers, &path).unwrap();
            let files = [path.clone(), folder.path().join(format!("{threads}.vcf.gz.tbi"))];
            made.push((summary, files.map(|path| std::fs::read(path).unwrap())));
        }
        assert!(made.iter().all(|one| *one == made[0]), "files differ");
        let summary = made[0].0;
        assert_eq!(summary.records, 9_001);
        let mean = summary.entries as f64 / 9_001.0;
        assert!((4.0..6.0).contains(&mean), "{mean} transcripts a record");
        let passed = summary.passed as f64 / 9_001.0;
        assert!((0.93..0.97).contains(&passed), "{passed} passed");
    }

    #[test]
    fn too_many_records_are_refused() {
        let problem = survey(&lengths(), 1_000_000).err().unwrap();
        assert!(problem.to_string().contains("at most"), "{problem}");
    }

    #[test]
    fn names_of_the_files_beside() {
        for (name, expected) in [("a/t.vcf.gz", "a/t.ped"), ("t", "t.ped"), ("t.x.gz", "t.x.ped")] {
            assert_eq!(beside(Path::new(name), "ped"), Path::new(expected));
        }
    }
}
