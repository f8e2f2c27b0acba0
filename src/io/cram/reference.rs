//! The reference that a CRAM was made with: handed to htslib, and compared before work starts with the check sums that
//! slices carry.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use md5::{Digest, Md5};
use rust_htslib::bam;

use crate::model::problem::Problem;

use super::super::bam::Header;
use super::super::digest;
use super::super::fasta::Fasta;
use super::container::Frame;
use super::index::CutPoint;

/// Contigs whose first slice is compared: another assembly differs on the first, another set of decoys on a later one.
const PROBES: usize = 64;

/// Opens a reference; it must have a name that htslib can find its index by.
pub(super) fn open(path: &Path) -> Result<Arc<Fasta>, Problem> {
    if path.extension().is_none_or(|extension| extension.to_str().is_none()) {
        return Err(Problem::usage("a reference for CRAM needs a name that ends as in REF.fa")
            .in_file(path.display())
            .help("make a link to it, and to its .fai, with such a name"));
    }
    Fasta::open(path)
}

/// Lets htslib use the reference.
pub(super) fn give(reader: &mut bam::Reader, path: &Path) -> Result<(), Problem> {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    reader.set_reference(whole).map_err(|e| {
        Problem::bad_data(format!("cannot be used as a reference: {e}"))
            .in_file(path.display())
            .help("make its .fai with `samtools faidx`")
    })
}

/// A CRAM made with a reference that nobody gave can only be read if htslib finds the reference by itself: where the
/// header says (`UR`), or in a local store of sequences.
///
/// # Errors
///
/// When there is nowhere to look.
pub(super) fn check_lost(
    frame: &Frame,
    header: &Header,
    points: &[CutPoint],
) -> Result<(), Problem> {
    let Some(point) = points.iter().find(|point| point.contig >= 0) else { return Ok(()) };
    let container = frame.container(point.offset)?;
    if frame.reference(point.offset, &container)?.is_none() {
        return Ok(());
    }
    let stated = header
        .text
        .lines()
        .filter(|line| line.starts_with("@SQ"))
        .flat_map(|line| line.split('\t'))
        .filter_map(|field| field.strip_prefix("UR:"))
        .any(|place| Path::new(place.strip_prefix("file:").unwrap_or(place)).is_file());
    let stores = ["REF_PATH", "REF_CACHE"].iter().any(|name| std::env::var_os(name).is_some());
    let cache = [("XDG_CACHE_HOME", "hts-ref"), ("HOME", ".cache/hts-ref")]
        .iter()
        .filter_map(|(name, below)| Some(PathBuf::from(std::env::var_os(name)?).join(below)))
        .any(|folder| folder.is_dir());
    if stated || stores || cache {
        return Ok(());
    }
    Err(Problem::missing("needs the reference that it was made with").help(
        "give it with -f/--reference; counts by flag and depth need none: `--only flags,depth`",
    ))
}

/// Compares the reference with what the first slice of each contig was made with. A contig that the reference lacks is a
/// fault when its bases are `needed`.
///
/// # Errors
///
/// A reference of other bases, or one that cannot be read.
pub(super) fn check(
    fasta: &Arc<Fasta>,
    frame: &Frame,
    contigs: &[(String, u32)],
    (points, needed): (&[CutPoint], bool),
) -> Result<(), Problem> {
    let mut reader = fasta.reader();
    let mut seen = BTreeSet::new();
    for point in points.iter().filter(|point| point.contig >= 0) {
        if seen.len() >= PROBES || !seen.insert(point.contig) {
            continue;
        }
        let container = frame.container(point.offset)?;
        let Some(slice) = frame.reference(point.offset, &container)? else { continue };
        let Some((name, _)) = contigs.get(slice.contig as usize) else { continue };
        let known = fasta.sequences().iter().position(|sequence| sequence.name == *name);
        let Some(sequence) = known else {
            if needed {
                let message = format!("has no {name}, on which the CRAM has reads");
                return Err(Problem::bad_data(message).in_file(reader.name()));
            }
            continue;
        };
        let end = slice.start0.saturating_add(slice.span);
        let found = Md5::digest(reader.fetch_sequence(sequence, slice.start0, end)?);
        if found.as_slice() != slice.md5 {
            let message = format!(
                "is not the reference that the CRAM was made with: the MD5 of these bases is {}, that in the CRAM {}",
                digest::hex(&found),
                digest::hex(&slice.md5)
            );
            return Err(Problem::bad_data(message)
                .in_file(reader.name())
                .at(format!("{name}:{}-{end}", slice.start0 + 1))
                .help("give the FASTA that the reads were aligned to; @SQ M5 and UR in the CRAM's header name it"));
        }
    }
    Ok(())
}
