//! A reference with the true names and lengths of an assembly's contigs, N everywhere but in a few windows.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

use super::rng::Rng;
use super::sequence::sequence;
use crate::exec::batches::Workers;
use crate::io::bgzf_writer::{Joined, Piece, PieceBuilder};
use crate::io::sink::{AtomicFile, write_whole};
use crate::model::contig::{Assembly, ContigClass};
use crate::model::coord::Span;
use crate::model::problem::Problem;

/// Bases of a line.
const LINE_BP: u32 = 100;
/// Compression level: the file is small and read often.
const LEVEL: u8 = 9;
/// Uncompressed bytes made by one piece of work; any number would give a valid file, this one fixes its bytes.
const PIECE_LINES: u32 = 40_000;

/// What a reference holds.
#[derive(Clone, Debug)]
pub struct Options {
    /// Assembly whose names and lengths are used.
    pub assembly: Assembly,
    /// Contigs.
    pub contigs: Vec<ContigClass>,
    /// Windows with sequence on each autosome.
    pub windows: u32,
    /// Length of a window on an autosome or X, bp; half of it in the pseudoautosomal part and on Y.
    pub window_bp: u32,
    /// Decides the sequence.
    pub seed: u64,
}

struct Contig {
    name: String,
    bp: u32,
    windows: Vec<(u32, Vec<u8>)>,
}

/// Writes `path` (BGZF), `path.fai` and `path.gzi`.
///
/// # Errors
///
/// When a contig is too short for its windows or a file cannot be written.
pub fn reference(options: &Options, workers: &Workers, path: &Path) -> Result<(), Problem> {
    let contigs: Vec<Contig> = options
        .contigs
        .iter()
        .map(|&class| contig(options, class))
        .collect::<Result<_, Problem>>()?;
    let fault = |e: &io::Error| Problem::writing(path.display(), e);
    let mut joined = Joined::new(AtomicFile::create(path)?);
    let mut index = String::new();
    let mut offset = 0_u64;
    for contig in &contigs {
        let head = format!(">{} simulated\n", contig.name);
        offset += head.len() as u64;
        let _ =
            writeln!(index, "{}\t{}\t{offset}\t{LINE_BP}\t{}", contig.name, contig.bp, LINE_BP + 1);
        offset += u64::from(contig.bp) + u64::from(contig.bp.div_ceil(LINE_BP));
        let pieces = contig.bp.div_ceil(LINE_BP * PIECE_LINES) as usize;
        workers.in_order(
            pieces,
            |i| piece(contig, &head, i as u32).map_err(|e| fault(&e)),
            |made| joined.append(&made).map(drop).map_err(|e| fault(&e)),
        )?;
    }
    let (file, gzi) = joined.finish().map_err(|e| fault(&e))?;
    file.finish()?;
    let beside = |end: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        name
    };
    write_whole(beside(".fai"), index.as_bytes())?;
    write_whole(beside(".gzi"), &gzi)
}

fn contig(options: &Options, class: ContigClass) -> Result<Contig, Problem> {
    let unknown = || Problem::usage(format!("{class:?} is no chromosome of {}", options.assembly));
    let bp = options.assembly.length(class).ok_or_else(unknown)?;
    let bare = class.bare_name().ok_or_else(unknown)?;
    let name = match (options.assembly, class) {
        (Assembly::GRCh37, _) => bare,
        (Assembly::GRCh38, ContigClass::Mitochondrial) => "chrM".into(),
        (Assembly::GRCh38, _) => format!("chr{bare}"),
    };
    let mut rng = Rng::new(options.seed, &[30, u64::from(bp)]);
    let windows: Vec<(u32, Vec<u8>)> = spans(options, class, bp)
        .into_iter()
        .map(|span| (span.start, sequence(span.len() as usize, &mut rng)))
        .collect();
    if windows.windows(2).any(|w| w[0].0 + w[0].1.len() as u32 + 1 > w[1].0) {
        return Err(Problem::usage(format!("the windows do not fit on {name}"))
            .help("choose fewer --windows or a shorter --window"));
    }
    Ok(Contig { name, bp, windows })
}

/// Where sequence stands: evenly over an autosome; in the first pseudoautosomal region and the rest of X; on Y; all of
/// the mitochondrial genome.
fn spans(options: &Options, class: ContigClass, bp: u32) -> Vec<Span> {
    let around = |centre: u32, length: u32| {
        let start = (centre - (length / 2).min(centre)) / 1_000 * 1_000;
        Span::new(start, (start + length).min(bp))
    };
    let half = options.window_bp / 2;
    match class {
        ContigClass::Autosome(_) => (1..=options.windows)
            .map(|i| around(bp / (options.windows + 1) * i, options.window_bp))
            .collect(),
        ContigClass::X => {
            let par = options.assembly.par(class)[0];
            vec![around(par.start + par.len() / 2, half), around(bp / 2, options.window_bp)]
        }
        ContigClass::Y => vec![around(bp / 3, half)],
        _ => vec![Span::new(0, bp)],
    }
}

fn piece(contig: &Contig, head: &str, number: u32) -> io::Result<Piece> {
    let start = number * PIECE_LINES * LINE_BP;
    let end = (start + PIECE_LINES * LINE_BP).min(contig.bp);
    let mut bases = vec![b'N'; (end - start) as usize];
    for (from, window) in &contig.windows {
        let covered = Span::new(*from, from + window.len() as u32);
        let (first, last) = (covered.start.max(start), covered.end.min(end));
        if first < last {
            let source = &window[(first - from) as usize..(last - from) as usize];
            bases[(first - start) as usize..(last - start) as usize].copy_from_slice(source);
        }
    }
    let mut builder = PieceBuilder::new(LEVEL);
    let mut text = Vec::with_capacity(bases.len() + bases.len() / 90);
    if number == 0 {
        text.write_all(head.as_bytes())?;
    }
    for line in bases.chunks(LINE_BP as usize) {
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    builder.push(&text)?;
    builder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::stream_fasta::for_each_contig;

    #[test]
    fn contigs_have_the_assembly_s_lengths_and_the_bytes_ignore_threads() {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            assembly: Assembly::GRCh38,
            contigs: vec![ContigClass::Autosome(21), ContigClass::Mitochondrial],
            windows: 2,
            window_bp: 3_000,
            seed: 1,
        };
        let mut files = Vec::new();
        for threads in [1, 3] {
            let path = folder.path().join(format!("{threads}.fa.gz"));
            reference(&options, &Workers::new(threads).unwrap(), &path).unwrap();
            files.push(std::fs::read(&path).unwrap());
        }
        assert!(files[0] == files[1], "the bytes depend on threads");
        // 203 392 bytes were measured: 716 blocks, all but a few of N and line ends only.
        assert!(files[0].len() < 250_000, "{} bytes", files[0].len());
        let mut seen = Vec::new();
        for_each_contig(&folder.path().join("1.fa.gz"), |name, bases| {
            seen.push((name.to_owned(), bases.len(), bases.iter().filter(|b| **b != b'N').count()));
            Ok(())
        })
        .unwrap();
        assert_eq!(
            seen,
            [("chr21".to_owned(), 46_709_983, 6_000), ("chrM".to_owned(), 16_569, 16_569)]
        );
    }
}
