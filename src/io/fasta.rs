//! Slices of an indexed reference: plain FASTA or BGZF, with `.fai` (and `.gzi`), as `samtools faidx` writes them.

use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::bgzf::{self, Inflater};
use crate::model::contig::{ContigId, ContigTable};
use crate::model::problem::Problem;

/// Bases read at once: a page or two, since most callers want a few bases here and there.
const WINDOW: u32 = 4096;

/// Bases before the wanted ones that are read along, for alleles that move left.
const BEFORE: u32 = 512;

/// Largest BGZF block, compressed.
const MAX_BLOCK: usize = 1 << 16;

/// One sequence of the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// Name as in the file.
    pub name: String,
    /// Length in bp.
    pub length: u32,
    offset: u64,
    line_bases: u64,
    line_bytes: u64,
}

/// An opened reference, shared by all threads.
#[derive(Debug)]
pub struct Fasta {
    path: PathBuf,
    file: File,
    sequences: Vec<Sequence>,
    by_contig: HashMap<ContigId, usize>,
    /// For BGZF: starts of blocks as (compressed, inflated) offsets, ascending.
    blocks: Option<Vec<(u64, u64)>>,
}

impl Fasta {
    /// Opens a reference with its index.
    ///
    /// # Errors
    ///
    /// When the file or its index is missing or malformed.
    pub fn open(path: &Path) -> Result<Arc<Self>, Problem> {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|e| Problem::reading(&name, &e))?;
        let mut first = vec![0; MAX_BLOCK];
        let n = file.read_at(&mut first, 0).map_err(|e| Problem::reading(&name, &e))?;
        first.truncate(n);
        let compressed = bgzf::block_size(&first).is_ok();
        if !compressed && first.first() != Some(&b'>') {
            let help = if first.starts_with(&[0x1f, 0x8b]) {
                "compress it with bgzip instead of gzip"
            } else {
                "a FASTA file begins with >"
            };
            return Err(Problem::bad_data("not a FASTA file that can be read by position")
                .in_file(name)
                .help(help));
        }
        let sequences = read_fai(&beside(path, "fai"))?;
        let blocks = if compressed { Some(read_gzi(&beside(path, "gzi"))?) } else { None };
        let path = path.to_owned();
        Ok(Arc::new(Self { path, file, sequences, by_contig: HashMap::new(), blocks }))
    }

    /// The same reference, with its sequences matched to the contigs of the case.
    pub fn with_contigs(self: Arc<Self>, contigs: &ContigTable) -> Arc<Self> {
        let by_contig = self
            .sequences
            .iter()
            .enumerate()
            .filter_map(|(i, sequence)| Some((contigs.resolve(&sequence.name)?, i)))
            .collect();
        match Arc::try_unwrap(self) {
            Ok(fasta) => Arc::new(Self { by_contig, ..fasta }),
            Err(shared) => match shared.file.try_clone() {
                Ok(file) => Arc::new(Self {
                    path: shared.path.clone(),
                    file,
                    sequences: shared.sequences.clone(),
                    by_contig,
                    blocks: shared.blocks.clone(),
                }),
                Err(_) => shared,
            },
        }
    }

    /// Sequences in the order of the index.
    pub fn sequences(&self) -> &[Sequence] {
        &self.sequences
    }

    /// A reader of its own for one thread.
    pub fn reader(self: &Arc<Self>) -> FastaReader {
        FastaReader {
            fasta: Arc::clone(self),
            inflater: Inflater::default(),
            raw: Vec::new(),
            block: (u64::MAX, Vec::new()),
            bases: Vec::new(),
            window: (usize::MAX, 0, 0),
        }
    }
}

/// Reads slices for one thread; the last window stays in memory.
pub struct FastaReader {
    fasta: Arc<Fasta>,
    inflater: Inflater,
    raw: Vec<u8>,
    /// The last inflated block, by its compressed offset.
    block: (u64, Vec<u8>),
    bases: Vec<u8>,
    /// Sequence, start, end (0-based half-open) of `bases`.
    window: (usize, u32, u32),
}

impl FastaReader {
    /// The file as the user named it.
    pub fn name(&self) -> String {
        self.fasta.path.display().to_string()
    }

    /// True when the reference holds this contig.
    pub fn has(&self, contig: ContigId) -> bool {
        self.fasta.by_contig.contains_key(&contig)
    }

    /// Length of a contig in bp; `None` when the reference lacks it.
    pub fn length(&self, contig: ContigId) -> Option<u32> {
        Some(self.fasta.sequences[*self.fasta.by_contig.get(&contig)?].length)
    }

    /// Bases `start .. end` (0-based half-open) of a contig in upper case, cut at the contig's end; none for a contig that
    /// the reference lacks.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or does not fit its index.
    pub fn fetch(&mut self, contig: ContigId, start: u32, end: u32) -> Result<&[u8], Problem> {
        match self.fasta.by_contig.get(&contig) {
            Some(&sequence) => self.fetch_sequence(sequence, start, end),
            None => Ok(&[]),
        }
    }

    /// As [`FastaReader::fetch`], by number of the sequence in the file.
    ///
    /// # Errors
    ///
    /// As [`FastaReader::fetch`].
    pub fn fetch_sequence(
        &mut self,
        sequence: usize,
        start: u32,
        end: u32,
    ) -> Result<&[u8], Problem> {
        let Some(length) = self.fasta.sequences.get(sequence).map(|s| s.length) else {
            return Ok(&[]);
        };
        let (start, end) = (start.min(length), end.min(length));
        if start >= end {
            return Ok(&[]);
        }
        let (known, first, last) = self.window;
        if known != sequence || start < first || end > last {
            let first = start.saturating_sub(BEFORE);
            let last = end.max(first.saturating_add(WINDOW)).min(length);
            self.window.0 = usize::MAX;
            self.read(sequence, first, last)?;
            self.window = (sequence, first, last);
        }
        let first = self.window.1;
        Ok(&self.bases[(start - first) as usize..(end - first) as usize])
    }

    fn read(&mut self, sequence: usize, start: u32, end: u32) -> Result<(), Problem> {
        let fasta = Arc::clone(&self.fasta);
        let sequence = &fasta.sequences[sequence];
        let place = |base: u64| {
            sequence.offset
                + base / sequence.line_bases * sequence.line_bytes
                + base % sequence.line_bases
        };
        let (from, to) = (place(u64::from(start)), place(u64::from(end) - 1) + 1);
        match &fasta.blocks {
            None => {
                // What was there before is written over.
                self.raw.resize((to - from) as usize, 0);
                fasta.file.read_exact_at(&mut self.raw, from).map_err(|e| self.unfit(&e))?;
            }
            Some(blocks) => {
                self.raw.clear();
                self.read_blocks(blocks, from, to)?;
            }
        }
        self.bases.clear();
        if join_lines(&self.raw, sequence, start, &mut self.bases)
            && self.bases.len() == (end - start) as usize
            && pulp::Arch::new().dispatch(UpperCase(&mut self.bases))
        {
            return Ok(());
        }
        Err(Problem::bad_data("the index does not fit the file")
            .in_file(self.name())
            .at(format!("sequence {} from base {}", sequence.name, start + 1))
            .help("make the index again: samtools faidx"))
    }

    fn unfit(&self, error: &std::io::Error) -> Problem {
        Problem::reading(self.name(), error)
            .help("does the index fit the file? make it again: samtools faidx")
    }

    /// Appends inflated bytes `from .. to` to `raw`.
    fn read_blocks(&mut self, index: &[(u64, u64)], from: u64, to: u64) -> Result<(), Problem> {
        let mut at = from;
        let mut i = index.partition_point(|&(_, inflated)| inflated <= from).saturating_sub(1);
        while at < to {
            let Some(&(compressed, inflated)) = index.get(i) else { break };
            if self.block.0 != compressed {
                self.inflate(compressed)?;
            }
            let block = &self.block.1;
            let skip = ((at - inflated) as usize).min(block.len());
            let take = ((to - at) as usize).min(block.len() - skip);
            self.raw.extend_from_slice(&block[skip..skip + take]);
            if take == 0 && block.is_empty() {
                break;
            }
            at += take as u64;
            i += 1;
        }
        Ok(())
    }

    fn inflate(&mut self, offset: u64) -> Result<(), Problem> {
        let mut bytes = vec![0; MAX_BLOCK];
        let mut n = 0;
        loop {
            match self.fasta.file.read_at(&mut bytes[n..], offset + n as u64) {
                Ok(0) => break,
                Ok(read) => n += read,
                Err(e) => return Err(self.unfit(&e)),
            }
        }
        self.block.0 = u64::MAX;
        self.block.1.clear();
        let name = self.name();
        self.inflater
            .append(&bytes[..n], offset, &mut self.block.1)
            .map_err(|problem| problem.in_file(name))?;
        self.block.0 = offset;
        Ok(())
    }
}

/// Appends the bases of raw text whose first one is base `start` (0-based) of the sequence; false where lines do not end as
/// the index says.
fn join_lines(raw: &[u8], sequence: &Sequence, start: u32, bases: &mut Vec<u8>) -> bool {
    let (width, end) = (sequence.line_bases, sequence.line_bytes - sequence.line_bases);
    let mut column = u64::from(start) % width;
    let mut rest = raw;
    while !rest.is_empty() {
        let (line, after) = rest.split_at(((width - column) as usize).min(rest.len()));
        bases.extend_from_slice(line);
        let (gap, after) = after.split_at((end as usize).min(after.len()));
        if !gap.iter().all(u8::is_ascii_whitespace) {
            return false;
        }
        (rest, column) = (after, 0);
    }
    true
}

/// Turns bases to upper case; false when a byte is none. A type and not a closure: `dispatch` puts the whole of `call` into
/// code for the machine's vectors.
struct UpperCase<'a>(&'a mut [u8]);

impl pulp::NullaryFnOnce for UpperCase<'_> {
    type Output = bool;

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "what is not inlined is compiled for no vectors")]
    fn call(self) -> bool {
        // Lines hold no line ends, spaces or starts of sequences.
        let is_base = |byte: u8| byte > b' ' && byte != b'>';
        let all = self.0.iter().fold(true, |all, &byte| all & is_base(byte));
        self.0.make_ascii_uppercase();
        all
    }
}

/// The path with one more ending: `x.fa` becomes `x.fa.fai`.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

fn missing_index(path: &Path, error: &std::io::Error) -> Problem {
    Problem::reading(path.display(), error).help("make it: samtools faidx REFERENCE")
}

fn read_fai(path: &Path) -> Result<Vec<Sequence>, Problem> {
    let text = std::fs::read_to_string(path).map_err(|e| missing_index(path, &e))?;
    let mut sequences = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let fields: Vec<&str> = line.split('\t').collect();
        let number = |i: usize| fields.get(i).and_then(|text| text.parse::<u64>().ok());
        let sequence = (|| {
            Some(Sequence {
                name: (*fields.first()?).to_owned(),
                length: u32::try_from(number(1)?).ok()?,
                offset: number(2)?,
                line_bases: number(3)?,
                line_bytes: number(4)?,
            })
        })();
        match sequence {
            Some(s) if s.length == 0 || (s.line_bases > 0 && s.line_bytes >= s.line_bases) => {
                sequences.push(s);
            }
            _ => {
                return Err(Problem::bad_data("not a line of a FASTA index")
                    .in_file(path.display())
                    .at(format!("line {}", i + 1))
                    .help("make the index again: samtools faidx"));
            }
        }
    }
    Ok(sequences)
}

fn read_gzi(path: &Path) -> Result<Vec<(u64, u64)>, Problem> {
    let bytes = std::fs::read(path).map_err(|e| missing_index(path, &e))?;
    let words: Vec<u64> = bytes
        .chunks_exact(8)
        .map(|word| word.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte)))
        .collect();
    let mut index = vec![(0, 0)];
    index.extend(words.get(1..).unwrap_or_default().chunks_exact(2).map(|p| (p[0], p[1])));
    let whole = bytes.len() % 8 == 0 && words.first() == Some(&(index.len() as u64 - 1));
    if whole && index.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1) {
        return Ok(index);
    }
    Err(Problem::bad_data("not an index of BGZF blocks")
        .in_file(path.display())
        .help("make it again: samtools faidx"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn reader(fasta: &[u8], fai: &str, gzi: Option<&[u8]>) -> FastaReader {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.fa");
        fs::write(&path, fasta).unwrap();
        fs::write(beside(&path, "fai"), fai).unwrap();
        if let Some(gzi) = gzi {
            fs::write(beside(&path, "gzi"), gzi).unwrap();
        }
        let mut contigs = ContigTable::new();
        contigs.add("chr20", Some(10)).unwrap();
        Fasta::open(&path).unwrap().with_contigs(&contigs).reader()
    }

    #[test]
    fn slices_cross_lines_and_stop_at_the_end() {
        let mut reader = reader(b">20 x\nacgt\nNNGG\nTA\n", "20\t10\t6\t4\t5\n", None);
        let contig = ContigId(0);
        assert!(reader.has(contig));
        assert_eq!(reader.fetch(contig, 0, 10).unwrap(), b"ACGTNNGGTA");
        assert_eq!(reader.fetch(contig, 3, 5).unwrap(), b"TN");
        assert_eq!(reader.fetch(contig, 8, 99).unwrap(), b"TA");
        assert_eq!(reader.fetch(contig, 10, 12).unwrap(), b"");
        assert_eq!(reader.fetch(ContigId(7), 0, 2).unwrap(), b"");
    }

    #[test]
    fn an_index_of_another_file_is_seen() {
        let mut reader = reader(b">20 x\nacgt\n", "20\t10\t6\t4\t5\n", None);
        assert!(reader.fetch(ContigId(0), 0, 10).is_err());
    }

    #[test]
    fn a_missing_index_says_how_to_make_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.fa");
        fs::write(&path, b">1\nA\n").unwrap();
        let problem = Fasta::open(&path).unwrap_err();
        assert!(problem.to_string().contains("samtools faidx"), "{problem}");
    }
}
