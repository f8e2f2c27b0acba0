//! BAI and CSI indices (SAM specification v1.6, section 5.2; CSI v1), read for one purpose: places in the file where a
//! record starts, so that the file can be cut there.

use std::fs;
use std::path::{Path, PathBuf};

use crate::model::problem::Problem;

use super::bgzf::{Inflater, MAX_BLOCK_BYTES};

/// A place where a record starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CutPoint {
    /// BGZF virtual offset: compressed offset of the block shifted left by 16, or'ed with the offset in the plain bytes.
    pub offset: u64,
    /// Contig of the record or of one that overlaps the same window.
    pub contig: u32,
    /// 0-based start of the index window, bp.
    pub position: u32,
}

/// The index file of an alignment file: `x.bam.bai`, `x.bam.csi`, `x.bai` or `x.csi`, whichever is there first.
pub fn find(alignment: &Path) -> Option<PathBuf> {
    super::alignment_head::index_path(alignment, super::alignment_head::AlignmentKind::Bam)
}

/// All cut points of an index, in file order, without repeats.
///
/// # Errors
///
/// When the file cannot be read or is no index of a file with `contigs` contigs.
pub fn read(path: &Path, contigs: usize) -> Result<Vec<CutPoint>, Problem> {
    let bytes = fs::read(path).map_err(|e| Problem::reading(path.display(), &e))?;
    let bytes = if bytes.starts_with(&[31, 139]) { inflate(&bytes) } else { Some(bytes) };
    let points = bytes.and_then(|bytes| match bytes.get(..4) {
        Some(b"BAI\x01") => bai(&bytes, contigs),
        Some(b"CSI\x01") => csi(&bytes, contigs),
        _ => None,
    });
    let mut points = points.ok_or_else(|| {
        Problem::bad_data("is no whole BAI or CSI index of this alignment file")
            .in_file(path.display())
            .help("make it again with `samtools index`")
    })?;
    points.sort_unstable();
    points.dedup_by_key(|point| point.offset);
    Ok(points)
}

fn inflate(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let (mut inflater, mut block) = (Inflater::default(), vec![0; MAX_BLOCK_BYTES]);
    let mut plain = Vec::new();
    while !bytes.is_empty() {
        let found = inflater.block(bytes, &mut block).ok()?;
        plain.extend_from_slice(&block[..found.plain]);
        bytes = &bytes[found.compressed..];
    }
    Some(plain)
}

/// A cursor over little-endian numbers; every read is `None` past the end.
struct Numbers<'a>(&'a [u8]);

impl Numbers<'_> {
    fn u32(&mut self) -> Option<u32> {
        let (word, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*word))
    }

    fn u64(&mut self) -> Option<u64> {
        let (word, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*word))
    }

    fn skip(&mut self, bytes: usize) -> Option<()> {
        self.0 = self.0.get(bytes..)?;
        Some(())
    }
}

/// The linear index: the first record that overlaps each window of 16,384 bp.
fn bai(bytes: &[u8], contigs: usize) -> Option<Vec<CutPoint>> {
    let mut numbers = Numbers(bytes.get(4..)?);
    if numbers.u32()? as usize != contigs {
        return None;
    }
    let mut points = Vec::new();
    for contig in 0..contigs as u32 {
        for _ in 0..numbers.u32()? {
            numbers.u32()?;
            let chunks = numbers.u32()? as usize;
            numbers.skip(chunks.checked_mul(16)?)?;
        }
        for window in 0..numbers.u32()? {
            let offset = numbers.u64()?;
            if offset > 0 {
                points.push(CutPoint { offset, contig, position: window << 14 });
            }
        }
    }
    Some(points)
}

/// The beginnings of all chunks: each is the first record of a bin.
fn csi(bytes: &[u8], contigs: usize) -> Option<Vec<CutPoint>> {
    let mut numbers = Numbers(bytes.get(4..)?);
    let (shift, depth) = (numbers.u32()?, numbers.u32()?);
    let auxiliary = numbers.u32()? as usize;
    numbers.skip(auxiliary)?;
    if numbers.u32()? as usize != contigs || shift > 30 || depth > 9 {
        return None;
    }
    let leaf_start = ((1_u64 << (3 * depth)) - 1) / 7;
    let metadata_bin = ((1_u64 << (3 * (depth + 1))) - 1) / 7 + 1;
    let mut points = Vec::new();
    for contig in 0..contigs as u32 {
        for _ in 0..numbers.u32()? {
            let bin = u64::from(numbers.u32()?);
            numbers.u64()?;
            for _ in 0..numbers.u32()? {
                let offset = numbers.u64()?;
                numbers.u64()?;
                if bin >= leaf_start && bin < metadata_bin {
                    let position = ((bin - leaf_start) << shift).min(u64::from(u32::MAX)) as u32;
                    points.push(CutPoint { offset, contig, position });
                }
            }
        }
    }
    Some(points)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_linear_index_gives_the_cut_points() {
        let mut bytes = b"BAI\x01".to_vec();
        for number in [1_u32, 1, 4681, 1] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend([0; 16]);
        bytes.extend(3_u32.to_le_bytes());
        for offset in [0_u64, 70_000 << 16, 70_000 << 16] {
            bytes.extend(offset.to_le_bytes());
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.bai");
        fs::write(&path, &bytes).unwrap();
        let points = read(&path, 1).unwrap();
        assert_eq!(points, [CutPoint { offset: 70_000 << 16, contig: 0, position: 16_384 }]);
        assert!(read(&path, 2).unwrap_err().to_string().contains("samtools index"));
        fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        assert!(read(&path, 1).is_err());
        fs::write(&path, b"").unwrap();
        assert!(read(&path, 1).is_err());
    }
}
