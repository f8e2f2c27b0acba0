//! Calls of a small case as a VCF: genotypes with depths counted from the reads, likelihoods, CSQ, and an index.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use super::haplotype::Edit;
use crate::io::bgzf_writer::{Joined, PieceBuilder};
use crate::io::sink::write_whole;
use crate::io::write_index::{BinIndex, Entry};
use crate::model::problem::Problem;

/// One line of a VCF.
#[derive(Clone, Debug)]
pub struct Line {
    /// Index of the contig in the header.
    pub contig: u32,
    /// First base of REF, 0-based.
    pub start0: u32,
    /// One past the last base of REF, 0-based.
    pub end0: u32,
    /// The line without its end.
    pub text: String,
}

/// Writes sorted lines under a header as `path` and `path.tbi`.
///
/// # Errors
///
/// When the files cannot be written.
pub fn write(
    path: &Path,
    header: &str,
    contigs: &[(String, u32)],
    lines: &[Line],
) -> Result<(), Problem> {
    let (bytes, tbi) =
        encode(header, contigs, lines).map_err(|e| Problem::writing(path.display(), &e))?;
    write_whole(path, &bytes)?;
    let mut index_path = path.as_os_str().to_owned();
    index_path.push(".tbi");
    write_whole(index_path, &tbi)
}

fn encode(
    header: &str,
    contigs: &[(String, u32)],
    lines: &[Line],
) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let mut builder = PieceBuilder::new(super::sample::LEVEL);
    builder.push(header.as_bytes())?;
    let mut index = BinIndex::default();
    for line in lines {
        let from = builder.position();
        builder.push(line.text.as_bytes())?;
        builder.push(b"\n")?;
        let to = builder.position();
        let (contig, start, end) = (line.contig, line.start0, line.end0);
        index.add(Entry { contig, start, end, mapped: true, from, to });
    }
    let mut joined = Joined::new(Vec::new());
    joined.append(&builder.finish()?)?;
    let names: Vec<&str> = contigs.iter().map(|(name, _)| name.as_str()).collect();
    Ok((joined.finish()?.0, index.to_tbi(&names)?))
}

/// First lines of every simulated VCF: version, source, contigs, filters.
pub fn preamble(contigs: &[(String, u32)]) -> String {
    let mut text = String::from(
        "##fileformat=VCFv4.2\n##source=tierline-simulate\n##simulated=calls of no person\n\
         ##FILTER=<ID=PASS,Description=\"All filters passed\">\n\
         ##FILTER=<ID=LowQual,Description=\"Low quality\">\n",
    );
    for (name, length) in contigs {
        let _ = writeln!(text, "##contig=<ID={name},length={length}>");
    }
    text
}

/// Edits that share a place and can stand in one record, with all ALT texts.
#[derive(Clone, Debug)]
pub struct Site<T> {
    /// Index of the window.
    pub window: usize,
    /// The edits and what belongs to each.
    pub alleles: Alleles<T>,
}

/// Edits of one place with what belongs to each.
pub type Alleles<T> = Vec<(Edit, T)>;

/// Groups edits by window, place and REF, in order.
pub fn sites<T>(edits: Vec<(usize, Edit, T)>) -> Vec<Site<T>> {
    let mut grouped: BTreeMap<(usize, u32, Vec<u8>), Alleles<T>> = BTreeMap::new();
    for (window, edit, of) in edits {
        let key = (window, edit.start0, edit.reference.clone());
        grouped.entry(key).or_default().push((edit, of));
    }
    grouped.into_iter().map(|((window, _, _), alleles)| Site { window, alleles }).collect()
}

/// Genotype likelihoods as phred differences, in VCF's order of genotypes, with the called genotype at 0.
///
/// # METHOD: a read shows a wrong allele with probability 0.002; the called genotype is the true one, so a sample whose
/// reads happen to speak against it gets likelihoods of 0 twice rather than a call that contradicts the truth table.
pub fn likelihoods(counts: &[u32], called: &[usize]) -> Vec<u32> {
    let alleles = counts.len();
    let genotypes: Vec<Vec<usize>> = if called.len() == 1 {
        (0..alleles).map(|a| vec![a]).collect()
    } else {
        (0..alleles).flat_map(|b| (0..=b).map(move |a| vec![a, b])).collect()
    };
    let score = |genotype: &[usize]| -> f64 {
        counts
            .iter()
            .enumerate()
            .map(|(allele, &n)| {
                let copies = genotype.iter().filter(|&&g| g == allele).count() as f64;
                let share = (copies / genotype.len() as f64).clamp(0.002, 0.998);
                -10.0 * f64::from(n) * share.log10()
            })
            .sum()
    };
    let mut sorted = called.to_vec();
    sorted.sort_unstable();
    let own = score(&sorted);
    genotypes.iter().map(|g| (score(g) - own).max(0.0).round() as u32).collect()
}

/// Genotype quality: the second smallest likelihood, at most 99.
pub fn genotype_quality(likelihoods: &[u32]) -> u32 {
    let mut sorted = likelihoods.to_vec();
    sorted.sort_unstable();
    sorted.get(1).map_or(0, |&second| second.min(99))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likelihoods_favour_the_called_genotype() {
        let het = likelihoods(&[15, 15], &[0, 1]);
        assert_eq!(het[1], 0);
        assert!(het[0] > 200 && het[2] > 200, "{het:?}");
        assert_eq!(genotype_quality(&het), 99);
        let haploid = likelihoods(&[0, 12], &[1]);
        assert_eq!((haploid.len(), haploid[1]), (2, 0));
        assert_eq!(likelihoods(&[5, 5, 5], &[1, 2]).len(), 6);
        assert!(genotype_quality(&likelihoods(&[3, 0], &[0, 0])) < 20, "few reads, little trust");
    }

    #[test]
    fn edits_of_one_place_and_ref_share_a_record() {
        let edit = |at, reference: &str, alternate: &str| Edit {
            start0: at,
            reference: reference.into(),
            alternate: alternate.into(),
        };
        let made = sites(vec![
            (0, edit(9, "A", "C"), 1),
            (0, edit(5, "A", "C"), 2),
            (0, edit(9, "A", "G"), 3),
        ]);
        let counts: Vec<_> = made.iter().map(|s| s.alleles.len()).collect();
        assert_eq!(counts, [1, 2]);
    }
}
