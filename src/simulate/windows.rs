//! Stretches of a reference that hold sequence, on which fictitious genes are laid.

use std::path::Path;

use crate::io::stream_fasta::for_each_contig;
use crate::model::contig::{Assembly, ContigClass};
use crate::model::coord::{Pos0, Span};
use crate::model::problem::Problem;

/// What the reference is like.
#[derive(Clone, Debug, Default)]
pub struct Genome {
    /// Name and length in bp of every contig, in the order of the file.
    pub contigs: Vec<(String, u32)>,
    /// Chosen windows in the order of the file.
    pub windows: Vec<Window>,
    /// The assembly that the lengths of primary contigs show, when they show one.
    pub assembly: Option<Assembly>,
}

/// A stretch without N.
#[derive(Clone, Debug)]
pub struct Window {
    /// Index of the contig in the reference.
    pub contig: u32,
    /// What copies people have of it.
    pub kind: Kind,
    /// First base, 0-based.
    pub start0: u32,
    /// Upper-case bases.
    pub bases: Vec<u8>,
}

/// Which members have how many copies of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Two copies each.
    Autosome,
    /// X inside the pseudoautosomal regions: two copies each.
    Pseudoautosomal,
    /// The rest of X: males have one copy.
    X,
    /// The rest of Y: males have one copy, females none.
    Y,
}

/// How many windows to look for, and how long.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Length of a window on an autosome or the rest of X, bp; half of it for the others.
    pub window_bp: u32,
    /// Windows on autosomes.
    pub autosomal: usize,
    /// The assembly, when the user says it; otherwise it is read off the lengths of primary contigs.
    pub assembly: Option<Assembly>,
}

impl Window {
    /// The stretch it covers.
    pub fn span(&self) -> Span {
        Span::new(self.start0, self.start0 + self.bases.len() as u32)
    }

    /// The base at a 0-based position; `N` outside.
    pub fn base(&self, place0: u32) -> u8 {
        place0
            .checked_sub(self.start0)
            .and_then(|i| self.bases.get(i as usize))
            .copied()
            .unwrap_or(b'N')
    }
}

/// Chooses windows: autosomal ones spread over all contigs that have sequence, and one each on X, its pseudoautosomal
/// part and Y, where there is sequence.
///
/// # Errors
///
/// When the FASTA cannot be read or has too little sequence on autosomes.
pub fn choose(path: &Path, wanted: Wanted) -> Result<Genome, Problem> {
    let mut genome = Genome { assembly: wanted.assembly, ..Genome::default() };
    let mut by_contig: Vec<Vec<Window>> = Vec::new();
    for_each_contig(path, |name, bases| {
        let contig = genome.contigs.len() as u32;
        let class = ContigClass::of_name(name);
        genome.contigs.push((name.to_owned(), bases.len() as u32));
        let assembly = genome.assembly.or(Assembly::of_length(class, bases.len() as u32));
        genome.assembly = assembly;
        let par = assembly.map_or([Span::default(); 2], |a| a.par(class));
        let (inside, outside): (Vec<Span>, Vec<Span>) =
            stretches(bases).partition(|span| par.iter().any(|p| p.overlaps(*span)));
        let mut take = |spans: &[Span], kind, count| {
            let bp = match kind {
                Kind::Autosome | Kind::X => wanted.window_bp,
                Kind::Pseudoautosomal | Kind::Y => wanted.window_bp / 2,
            };
            let starts = spread(spans, bp, count);
            by_contig.push(
                starts
                    .into_iter()
                    .map(|start0| {
                        let range = start0 as usize..(start0 + bp) as usize;
                        Window { contig, kind, start0, bases: bases[range].to_vec() }
                    })
                    .collect(),
            );
        };
        match class {
            ContigClass::Autosome(_) => take(&outside, Kind::Autosome, wanted.autosomal),
            ContigClass::X => {
                let whole: Vec<Span> = inside.into_iter().filter(|s| within(*s, par)).collect();
                take(&whole, Kind::Pseudoautosomal, 1);
                take(&outside, Kind::X, 1);
            }
            ContigClass::Y => take(&outside, Kind::Y, 1),
            _ => {}
        }
        Ok(())
    })?;
    genome.windows = pick(by_contig, wanted.autosomal);
    let found = genome.windows.iter().filter(|w| w.kind == Kind::Autosome).count();
    if found < wanted.autosomal {
        return Err(Problem::bad_data(format!(
            "{found} stretches of {} bp without N on chromosomes 1 to 22, but {} are needed",
            wanted.window_bp, wanted.autosomal
        ))
        .in_file(path.display())
        .help("give a reference with more sequence, or a shorter --window"));
    }
    Ok(genome)
}

fn within(span: Span, par: [Span; 2]) -> bool {
    par.iter().any(|p| p.contains(Pos0(span.start)) && span.end <= p.end)
}

/// Runs of A, C, G and T.
pub(super) fn stretches(bases: &[u8]) -> impl Iterator<Item = Span> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let known = |b: &u8| matches!(b, b'A' | b'C' | b'G' | b'T');
        let start = at + bases[at..].iter().position(known)?;
        let end = bases[start..].iter().position(|b| !known(b)).map_or(bases.len(), |n| start + n);
        at = end;
        Some(Span::new(start as u32, end as u32))
    })
}

/// Starts of up to `count` windows, evenly spread over all places where one fits.
fn spread(spans: &[Span], bp: u32, count: usize) -> Vec<u32> {
    let slots: Vec<u32> = spans
        .iter()
        .flat_map(|span| {
            let fits = span.len() / bp;
            let margin = (span.len() - fits * bp) / 2;
            (0..fits).map(move |i| span.start + margin + i * bp)
        })
        .collect();
    if slots.len() <= count {
        return slots;
    }
    (0..count).map(|i| slots[(2 * i + 1) * slots.len() / (2 * count)]).collect()
}

/// Takes autosomal windows from the contigs in turn, and all others.
fn pick(by_contig: Vec<Vec<Window>>, autosomal: usize) -> Vec<Window> {
    let (mut own, mut rest): (Vec<_>, Vec<_>) = by_contig
        .into_iter()
        .partition(|windows| windows.first().is_some_and(|w| w.kind == Kind::Autosome));
    let mut chosen: Vec<Window> = rest.drain(..).flatten().collect();
    let mut left = autosomal;
    while left > 0 && own.iter().any(|w| !w.is_empty()) {
        for windows in &mut own {
            if left > 0 && !windows.is_empty() {
                chosen.push(windows.remove(0));
                left -= 1;
            }
        }
    }
    chosen.sort_by_key(|w| (w.contig, w.start0));
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_hold_no_n_and_are_spread() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.fa");
        let mut text = String::from(">20\nNNNN");
        text.push_str(&"ACGT".repeat(500));
        text.push_str("\n>21\n");
        text.push_str(&"acgt".repeat(300));
        std::fs::write(&path, text).unwrap();
        let wanted = Wanted { window_bp: 500, autosomal: 3, assembly: None };
        let genome = choose(&path, wanted).unwrap();
        let places: Vec<_> = genome.windows.iter().map(|w| (w.contig, w.start0)).collect();
        assert_eq!(places.len(), 3);
        assert_eq!(places.iter().filter(|p| p.0 == 0).count(), 2, "contigs take turns");
        assert!(genome.windows.iter().all(|w| !w.bases.contains(&b'N') && w.bases.len() == 500));
        let problem = choose(&path, Wanted { autosomal: 9, ..wanted }).unwrap_err();
        assert!(problem.message.starts_with("6 stretches of 500 bp"), "{problem}");
    }
}
