//! What can be known of an alignment file without reading its records: kind, header, wholeness, and whether its index fits.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use noodles::bam::bai;
use noodles::csi::{self, binning_index::index::reference_sequence};

use super::bam::Header;
use super::bgzf::BlockFault;
use super::{bam_tasks, bgzf};
use crate::model::problem::Problem;

/// Kinds of alignment files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlignmentKind {
    /// BAM.
    Bam,
    /// CRAM.
    Cram,
}

/// An index beside an alignment file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexFile {
    /// Where.
    pub path: PathBuf,
    /// True when the alignment file was changed after it.
    pub is_older: bool,
}

/// The head of an alignment file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlignmentHead {
    /// Kind, by the first bytes.
    pub kind: AlignmentKind,
    /// Its header.
    pub header: Header,
    /// Index, which was checked against the file; `None` when there is none, a fault when it is of another file.
    pub index: Result<Option<IndexFile>, Problem>,
}

/// First bytes that tell the kind: those of a BGZF block's header.
pub(super) const KIND_BYTES: u64 = 18;
/// `samtools view` without `-b`, `-u` or `-h` writes such lines.
const HEADLESS: &str =
    "if it is SAM without its header, write it again as BAM: `samtools view -b`, in a pipe `-u`";
/// Starts of an index that are looked up in the file: enough to meet an index of another file, few enough to cost nothing.
const PROBES: usize = 64;

/// The header and the index, checked.
type Parts = (Header, Result<Option<PathBuf>, Problem>);

impl AlignmentHead {
    /// Looks at a file.
    ///
    /// # Errors
    ///
    /// A file that is missing, neither BAM nor CRAM (what it is instead is named), cut off, or damaged in its header.
    pub fn open(path: &Path) -> Result<Self, Problem> {
        super::text::check_file(path)?;
        let shown = path.display().to_string();
        let failed = |e: io::Error| Problem::reading(&shown, &e);
        let mut file = File::open(path).map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len();
        let mut first = Vec::new();
        file.by_ref().take(KIND_BYTES).read_to_end(&mut first).map_err(failed)?;
        let kind = kind(&first).map_err(|p| p.in_file(&shown))?;
        let parts = match kind {
            AlignmentKind::Bam => bam_parts(path, &mut file, size),
            AlignmentKind::Cram => cram_parts(path),
        };
        let (header, index) = parts.map_err(|p| p.in_file_if_none(&shown))?;
        let index = index.map(|found| {
            found.map(|found| IndexFile { is_older: is_older(&found, path), path: found })
        });
        Ok(Self { kind, header, index })
    }
}

/// The kind of a file that begins so; 18 bytes tell all that is told.
///
/// # Errors
///
/// What it is instead.
pub(super) fn kind(first: &[u8]) -> Result<AlignmentKind, Problem> {
    sniff(first).map_err(|instead| {
        Problem::bad_data(instead.text()).help(match instead {
            Instead::Sam | Instead::Gzip => {
                "convert with `samtools view -b` and index with `samtools index`"
            }
            Instead::Text => HEADLESS,
            _ => "give a BAM or CRAM file",
        })
    })
}

/// Checks that a stream that begins so is BAM.
///
/// # Errors
///
/// What it is instead, and how to convert it on its way.
pub(super) fn check_stream(first: &[u8]) -> Result<(), Problem> {
    let (message, help) = match sniff(first) {
        Ok(AlignmentKind::Bam) => return Ok(()),
        Ok(AlignmentKind::Cram) => (
            "CRAM, which is read from files only",
            "give the file by its name, or convert on the way: `samtools view -u -T REF.fa - | tierline qc -`",
        ),
        Err(Instead::Nothing) => {
            ("no byte came", "the program that should write into the pipe may have failed")
        }
        Err(instead @ (Instead::Sam | Instead::Gzip)) => {
            (instead.text(), "convert SAM on the way: `samtools view -u - | tierline qc -`")
        }
        Err(Instead::Text) => (Instead::Text.text(), HEADLESS),
        Err(instead) => (instead.text(), "give BAM"),
    };
    Err(Problem::bad_data(message).help(help))
}

/// What comes in place of an alignment file.
#[derive(Clone, Copy)]
enum Instead {
    Nothing,
    Gzip,
    Sam,
    Vcf,
    Fasta,
    Text,
    Other,
}

impl Instead {
    fn text(self) -> &'static str {
        match self {
            Self::Nothing => "the file is empty",
            Self::Gzip => "compressed with gzip, not BGZF: no BAM",
            Self::Sam => "SAM text, not BAM or CRAM",
            Self::Vcf => "VCF text, not BAM or CRAM",
            Self::Fasta => "FASTA text, not BAM or CRAM",
            Self::Text => "text, not BAM or CRAM",
            Self::Other => "neither BAM nor CRAM",
        }
    }
}

fn sniff(first: &[u8]) -> Result<AlignmentKind, Instead> {
    match first {
        [] => Err(Instead::Nothing),
        [b'C', b'R', b'A', b'M', ..] => Ok(AlignmentKind::Cram),
        // Fields of others may stand before that of BGZF, and a file may be cut off here: its own fault, told later.
        _ if first.starts_with(&bgzf::MAGIC)
            && bgzf::block_size(first) != Err(BlockFault::NotBgzf) =>
        {
            Ok(AlignmentKind::Bam)
        }
        [0x1f, 0x8b, ..] => Err(Instead::Gzip),
        [b'@', ..] => Err(Instead::Sam),
        [b'#', b'#', ..] => Err(Instead::Vcf),
        [b'>', ..] => Err(Instead::Fasta),
        _ if is_text(first) => Err(Instead::Text),
        _ => Err(Instead::Other),
    }
}

/// Whether these bytes may begin a line of a table.
fn is_text(first: &[u8]) -> bool {
    let start = &first[..first.len().min(KIND_BYTES as usize)];
    start.iter().all(|byte| byte.is_ascii_graphic() || b" \t\r\n".contains(byte))
}

fn bam_parts(path: &Path, file: &mut File, size: u64) -> Result<Parts, Problem> {
    let (_, header, ..) = bam_tasks::open(path)?;
    let index = match index_path(path, AlignmentKind::Bam) {
        Some(index) => check_index(&index, file, size, header.contigs.len())
            .map_err(|p| p.in_file(index.display()).help("make it again: samtools index"))
            .map(|()| Some(index)),
        None => Ok(None),
    };
    Ok((header, index))
}

#[cfg(feature = "cram")]
fn cram_parts(path: &Path) -> Result<Parts, Problem> {
    use super::cram;
    let frame = cram::container::Frame::open(path)?;
    let header = cram::read_header(path)?;
    let index = match index_path(path, AlignmentKind::Cram) {
        Some(index) => cram::index::read(&index, &frame, header.contigs.len()).map(|_| Some(index)),
        None => Ok(None),
    };
    Ok((header, index))
}

#[cfg(not(feature = "cram"))]
fn cram_parts(_: &Path) -> Result<Parts, Problem> {
    Err(Problem::usage("is CRAM, which this build cannot read")
        .help("build with `--features cram`, or convert with `samtools view -b`"))
}

/// `x.bam.bai`, `x.bam.csi`, `x.bai` or `x.csi`; for CRAM `x.cram.crai` or `x.crai`.
pub(super) fn index_path(path: &Path, kind: AlignmentKind) -> Option<PathBuf> {
    let endings: &[&str] = match kind {
        AlignmentKind::Bam => &["bai", "csi"],
        AlignmentKind::Cram => &["crai"],
    };
    let appended = endings.iter().map(|ending| {
        let mut name = path.as_os_str().to_owned();
        name.push(".");
        name.push(ending);
        PathBuf::from(name)
    });
    let replaced = endings.iter().map(|ending| path.with_extension(ending));
    appended.chain(replaced).find(|path| path.is_file())
}

/// Whether the file was changed after its index.
pub(super) fn is_older(index: &Path, file: &Path) -> bool {
    let modified = |path: &Path| fs::metadata(path).and_then(|data| data.modified());
    matches!((modified(index), modified(file)), (Ok(index), Ok(file)) if index < file)
}

/// An index fits when it has as many contigs as the header, points nowhere beyond the end, and to starts of blocks.
fn check_index(index: &Path, file: &mut File, size: u64, contigs: usize) -> Result<(), Problem> {
    let mut magic = [0; 4];
    let read = File::open(index).and_then(|mut file| file.read_exact(&mut magic));
    read.map_err(|e| Problem::bad_data(format!("the index cannot be read ({e})")))?;
    let damaged = |e: io::Error| Problem::bad_data(format!("the index is damaged ({e})"));
    let (count, mut offsets) = if magic == *b"BAI\x01" {
        offsets(&bai::fs::read(index).map_err(damaged)?)
    } else if magic.starts_with(&[0x1f, 0x8b]) {
        offsets(&csi::fs::read(index).map_err(damaged)?)
    } else {
        return Err(Problem::bad_data("neither a BAI nor a CSI index"));
    };
    if count > contigs || (count < contigs && magic == *b"BAI\x01") {
        let message = format!("an index of {count} contigs for a file of {contigs}");
        return Err(Problem::bad_data(message));
    }
    offsets.sort_unstable();
    offsets.dedup();
    if let Some(beyond) = offsets.last().filter(|offset| **offset >= size) {
        let message = format!("the index points to byte {beyond}, but the file has {size}");
        return Err(Problem::bad_data(message));
    }
    let step = offsets.len().div_ceil(PROBES).max(1);
    for offset in offsets.iter().step_by(step) {
        let mut block = [0; 18];
        let read = file.seek(SeekFrom::Start(*offset)).and_then(|_| file.read_exact(&mut block));
        if read.is_err() || bgzf::block_size(&block).is_err() {
            let message = format!("the index points to byte {offset}, where no block begins");
            return Err(Problem::bad_data(message));
        }
    }
    Ok(())
}

/// Number of contigs, and the compressed offsets at which chunks begin.
fn offsets<I: reference_sequence::Index>(
    index: &csi::binning_index::Index<I>,
) -> (usize, Vec<u64>) {
    let contigs = index.reference_sequences();
    let bins = contigs.iter().flat_map(|contig| contig.bins().values());
    let starts =
        bins.flat_map(reference_sequence::Bin::chunks).map(|chunk| chunk.start().compressed());
    (contigs.len(), starts.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_alignment_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.bam");
        for (bytes, expected) in [
            (&b""[..], "the file is empty"),
            (b"@HD\tVN:1.6\n", "SAM text"),
            (b"##fileformat=VCFv4.2\n", "VCF text"),
            (b"\x1f\x8b\x08\x00aaaaaaaaaaaaaaaaaaaaaaaaaa", "gzip, not BGZF"),
            #[cfg(feature = "cram")]
            (b"CRAM\x03\x00 and no end", "cut off: no end marker"),
            #[cfg(feature = "cram")]
            (b"CRAM\x02\x01 and no end", "CRAM 2.1 is not read"),
            (b"hello", "text, not BAM or CRAM"),
            (b"\x00hello", "neither BAM nor CRAM"),
        ] {
            fs::write(&path, bytes).unwrap();
            let problem = AlignmentHead::open(&path).unwrap_err();
            assert!(problem.to_string().contains(expected), "{problem}");
            assert_eq!(problem.kind.exit_code(), 65);
        }
    }

    #[test]
    fn what_is_no_bam_on_a_stream_is_named() {
        assert!(check_stream(&bgzf::EOF_BLOCK[..18]).is_ok());
        for (bytes, words) in [
            (&b""[..], ["no byte came", "may have failed"]),
            (b"CRAM\x03\x00", ["CRAM, which is read from files only", "samtools view -u -T"]),
            (b"@HD\tVN:1.6\n", ["SAM text", "`samtools view -u - | tierline qc -`"]),
            (b"\x1f\x8b\x08\x00aaaaaaaaaaaaaaaaaa", ["gzip, not BGZF", "samtools view -u -"]),
            (b"##fileformat=VCFv4.2\n", ["VCF text", "give BAM"]),
            (b"read/1\t99\tchr20\t100\t60", ["text, not BAM or CRAM", "without its header"]),
            (b"BAM\x01\x00\x00\x00\x00", ["neither BAM nor CRAM", "give BAM"]),
        ] {
            let told = check_stream(bytes).unwrap_err().to_string();
            assert!(words.iter().all(|word| told.contains(word)), "{told}");
        }
    }
}
