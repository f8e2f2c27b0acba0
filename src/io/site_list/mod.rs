//! Lists of common variants at which samples are compared: files of several kinds, and one built-in list a build.
//!
//! [`read`] tells the kinds apart: VCF or BCF with the frequency in INFO (`vcf`); the resource files of VerifyBamID2,
//! which have ancestry too (`verifybamid`); BED with columns for alleles and frequency (`bed`). A new kind is one file here
//! and one arm there.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::model::contig::{Assembly, ContigClass};
use crate::model::problem::{Problem, Problems};
use crate::model::sketch::{Site, SiteList};

mod bed;
mod built_in;
mod draft;
mod vcf;
mod verifybamid;

pub use built_in::{built_in, built_in_of_digest};

/// Faults that are told of one file; the rest are of the same sort more often than not.
const MOST_PROBLEMS: usize = 20;

/// A list as a file has it.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadList {
    /// The list.
    pub list: SiteList,
    /// Remarks about what was left out.
    pub notes: Vec<String>,
}

/// Reads a list of sites. `assembly` says where X and Y are pseudo-autosomal when the file itself does not tell its build;
/// without either all of X and Y counts as not pseudo-autosomal. Sites that are no single bases of two alleles, lie on alternate
/// contigs or the mitochondrial genome, or share their position with another are left out, with a remark.
///
/// # Errors
///
/// When a file is missing or is none of the kinds, all bad lines together (the first twenty), or when no site is left.
pub fn read(path: &Path, assembly: Option<Assembly>) -> Result<ReadList, Problems> {
    if verifybamid::fits(path) {
        return verifybamid::read(path, assembly);
    }
    if looks_like_bed(path)? { bed::read(path, assembly) } else { vcf::read(path, assembly) }
}

/// The files that [`read`] reads.
pub fn files(path: &Path) -> Vec<PathBuf> {
    if verifybamid::fits(path) { verifybamid::files(path).to_vec() } else { vec![path.to_owned()] }
}

/// True when the first line that is no comment begins as one of BED does: a name, then two numbers.
fn looks_like_bed(path: &Path) -> Result<bool, Problem> {
    let mut lines = lines(path)?;
    let mut line = Vec::new();
    loop {
        line.clear();
        match lines.read_until(b'\n', &mut line) {
            // What cannot be read as text may be BCF; its reader names what is wrong with it.
            Err(_) | Ok(0) => return Ok(false),
            Ok(_) if line.starts_with(b"##fileformat") || line.starts_with(b"BCF") => {
                return Ok(false);
            }
            Ok(_) if bed::is_comment(&String::from_utf8_lossy(&line)) => {}
            Ok(_) => {
                let text = String::from_utf8_lossy(&line);
                let mut columns = text.split('\t').skip(1).take(2);
                return Ok(columns.all(|column| column.trim().parse::<u32>().is_ok()));
            }
        }
    }
}

/// The lines of a text file, plain or gzip.
fn lines(path: &Path) -> Result<Box<dyn BufRead>, Problem> {
    let reading = |e: std::io::Error| Problem::reading(path.display(), &e);
    let mut file = BufReader::new(File::open(path).map_err(reading)?);
    let gzip = file.fill_buf().map_err(reading)?.starts_with(&[31, 139]);
    Ok(if gzip {
        Box::new(BufReader::new(flate2::bufread::MultiGzDecoder::new(file)))
    } else {
        Box::new(file)
    })
}

/// Reads every line of a text file; `take` is given its number (from 1) and its text. Bad lines are told together.
fn each_line(
    path: &Path,
    mut take: impl FnMut(usize, &str) -> Result<(), String>,
) -> Result<(), Problems> {
    let mut problems = Problems::default();
    for (i, line) in lines(path)?.split(b'\n').enumerate() {
        let line = line.map_err(|e| Problem::reading(path.display(), &e))?;
        let text = String::from_utf8_lossy(&line);
        if let Err(message) = take(i + 1, text.trim_end_matches('\r')) {
            let place = format!("line {}", i + 1);
            problems.0.push(Problem::bad_data(message).in_file(path.display()).at(place));
            if problems.0.len() == MOST_PROBLEMS {
                break;
            }
        }
    }
    problems.into_result()
}

/// A contig's name in lists: that of Ensembl for chromosomes, without `chr` for all others.
pub fn bare(contig: &str) -> String {
    let bare = ContigClass::of_name(contig).bare_name();
    bare.unwrap_or_else(|| contig.strip_prefix("chr").unwrap_or(contig).to_owned())
}

/// A contig's place in the order of lists: chromosomes by number, then X and Y, then the others by name.
pub fn contig_order(contig: &str) -> (ContigClass, &str) {
    (ContigClass::of_name(contig), contig)
}

/// What [`SiteList::digest`] holds: SHA-256, lower-case hex, over one line a site in order, of contig, 1-based position,
/// reference and alternate base, separated by tabs. Frequencies do not count: lists that differ in them alone are lists of
/// the same sites.
pub fn digest(sites: &[Site]) -> String {
    let mut digest = Sha256::new();
    for site in sites {
        let (reference, alternate) = (char::from(site.reference), char::from(site.alternate));
        let position = u64::from(site.position) + 1;
        digest.update(format!("{}\t{position}\t{reference}\t{alternate}\n", site.contig));
    }
    super::digest::hex(&digest.finalize())
}

#[cfg(test)]
mod tests;
