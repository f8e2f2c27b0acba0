//! `<sample>.sketch`: one sample at a list of sites, small enough to keep for every sample ever seen.
//!
//! A file is self-contained: it holds the sites with their frequencies beside the counts, so that a cohort can be compared
//! years later without the list that it was counted at. An ancestry model is embedded too, unless it is that of a built-in
//! list, which is found again by the list's digest; when a later version of the program no longer has that list, the
//! sketch still reads, without ancestry.
//!
//! Layout, little-endian: the eight bytes of [`MAGIC`]; `u32` [`VERSION`]; `u64` bytes of the body; `u64` bytes of the
//! compressed body; SHA-256 of the body (32 bytes); the body as a raw DEFLATE stream (RFC 1951). `body` has the rest.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use libdeflater::{CompressionLvl, Compressor, Decompressor};
use sha2::{Digest, Sha256};

use crate::io::bytes::Bytes;
use crate::model::problem::{Problem, ProblemKind};
use crate::model::sketch::{SiteList, Sketch};

mod body;

/// First bytes of a sketch. The first is no text, and the line ends tell when a transfer has changed them.
pub const MAGIC: [u8; 8] = *b"\x93tlsk\r\n\x1a";
/// Version of the layout.
pub const VERSION: u32 = 1;
/// End of a sketch's file name.
pub const END: &str = ".sketch";
/// Bytes before the compressed body.
const HEAD_BYTES: usize = 8 + 4 + 8 + 8 + 32;
/// Longest body that is read, bytes: twenty times that of 100,000 sites at 100x, so that a damaged length fills no memory.
const MAX_BODY_BYTES: u64 = 1 << 28;
/// Level of compression: a file is written once and kept for long.
const LEVEL: i32 = 9;

/// Writes a sketch; it appears whole or not at all.
///
/// # Errors
///
/// When the file cannot be written.
pub fn write(path: &Path, sketch: &Sketch) -> Result<(), Problem> {
    super::sink::write_whole(path, &encode(sketch)?)
}

/// Lists of sites that were met while sketches were read: the sketches of a cohort share one in memory, and it is read and
/// checked once. Several threads may use it.
#[derive(Debug, Default)]
pub struct Lists(Mutex<Vec<Known>>);

/// A list and the bytes that it was read from.
#[derive(Clone, Debug)]
struct Known {
    bytes: Arc<[u8]>,
    list: Arc<SiteList>,
}

/// Lists that are kept; a cohort has one or two.
const MOST_LISTS: usize = 16;

impl Lists {
    /// The known list whose bytes these begin with, and how many bytes it takes.
    fn begins(&self, bytes: &[u8]) -> Option<(usize, Arc<SiteList>)> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let found = known.into_iter().find(|known| bytes.starts_with(&known.bytes))?;
        Some((found.bytes.len(), found.list))
    }

    fn add(&self, bytes: &[u8], list: &Arc<SiteList>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() < MOST_LISTS {
            known.push(Known { bytes: Arc::from(bytes), list: Arc::clone(list) });
        }
    }
}

/// Reads a sketch.
///
/// # Errors
///
/// When the file is missing, is no sketch, is cut, was changed, or has another version of the layout.
pub fn read(path: &Path) -> Result<Sketch, Problem> {
    read_with(path, &Lists::default())
}

/// As [`read`], of a cohort.
///
/// # Errors
///
/// As [`read`].
pub fn read_with(path: &Path, lists: &Lists) -> Result<Sketch, Problem> {
    let reading = |e: std::io::Error| Problem::reading(path.display(), &e);
    let mut bytes = Vec::new();
    let most = MAX_BODY_BYTES + HEAD_BYTES as u64 + 1;
    File::open(path).map_err(reading)?.take(most).read_to_end(&mut bytes).map_err(reading)?;
    unpack(&bytes, lists).map_err(|problem| problem.in_file(path.display()))
}

/// True when the file begins as a sketch does.
pub fn is_sketch(path: &Path) -> bool {
    let mut start = [0; MAGIC.len()];
    File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start == MAGIC
}

/// A sketch as the bytes of a file.
///
/// # Errors
///
/// When the sketch does not hold one entry a site, which only a fault of the program can bring about.
pub fn encode(sketch: &Sketch) -> Result<Vec<u8>, Problem> {
    let internal = |what: String| Problem::new(ProblemKind::Internal, what);
    if sketch.counts.len() != sketch.sites.sites.len() {
        let (counts, sites) = (sketch.counts.len(), sketch.sites.sites.len());
        return Err(internal(format!("a sketch of {counts} entries over {sites} sites")));
    }
    let body = body::encode(sketch);
    let level = CompressionLvl::new(LEVEL).map_err(|e| internal(format!("compression: {e:?}")))?;
    let mut compressor = Compressor::new(level);
    let mut packed = vec![0; compressor.deflate_compress_bound(body.len())];
    let length = compressor
        .deflate_compress(&body, &mut packed)
        .map_err(|e| internal(format!("compression: {e:?}")))?;
    packed.truncate(length);
    let mut out = Vec::with_capacity(HEAD_BYTES + length);
    out.extend(MAGIC);
    out.extend(VERSION.to_le_bytes());
    out.extend((body.len() as u64).to_le_bytes());
    out.extend((length as u64).to_le_bytes());
    out.extend(Sha256::digest(&body));
    out.extend(packed);
    Ok(out)
}

/// The sketch in the bytes of a file.
///
/// # Errors
///
/// As [`read`]; the problem does not name the file.
pub fn decode(bytes: &[u8]) -> Result<Sketch, Problem> {
    unpack(bytes, &Lists::default())
}

fn unpack(bytes: &[u8], lists: &Lists) -> Result<Sketch, Problem> {
    let again = "make the sketch again (tierline qc), or copy the file again";
    if !bytes.starts_with(&MAGIC) {
        let what = if bytes.is_empty() { "is empty" } else { "is no sketch" };
        return Err(Problem::bad_data(what).help("a sketch is written by `tierline qc`"));
    }
    let cut = |found: usize, of: u64| {
        Problem::bad_data(format!("is cut: {found} bytes of {of}")).help(again)
    };
    let mut rest = Bytes(&bytes[MAGIC.len()..]);
    let version = rest.u32().map_err(|_| cut(bytes.len(), HEAD_BYTES as u64))?;
    if version != VERSION {
        let message = format!("is a sketch of layout {version}; this program reads {VERSION}");
        return Err(Problem::bad_data(message)
            .help("make the sketch again, or use the version of tierline that wrote it"));
    }
    let mut head = || Ok::<_, String>((rest.u64()?, rest.u64()?, rest.take(32)?));
    let (length, packed, sum) = head().map_err(|_| cut(bytes.len(), HEAD_BYTES as u64))?;
    if length > MAX_BODY_BYTES || packed > MAX_BODY_BYTES {
        let message = format!("says that it holds {length} bytes: its head is damaged");
        return Err(Problem::bad_data(message).help(again));
    }
    let expected = HEAD_BYTES as u64 + packed;
    match (bytes.len() as u64).cmp(&expected) {
        std::cmp::Ordering::Less => return Err(cut(bytes.len(), expected)),
        std::cmp::Ordering::Greater => {
            let message = format!("has bytes behind its end: {} of {expected}", bytes.len());
            return Err(Problem::bad_data(message).help(again));
        }
        std::cmp::Ordering::Equal => {}
    }
    let changed = || Problem::bad_data("was changed: its check sum is another").help(again);
    let mut body = vec![0; length as usize];
    let unpacked = Decompressor::new().deflate_decompress(rest.0, &mut body);
    if unpacked.ok() != Some(body.len()) || Sha256::digest(&body)[..] != *sum {
        return Err(changed());
    }
    body::decode(&body, lists).map_err(|what| Problem::bad_data(format!("is no sketch: {what}")))
}

#[cfg(test)]
mod tests;
