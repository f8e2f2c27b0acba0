//! A small VCF as BGZF with its tabix index, both in memory: the variants of one case's report, not bulk tracks.

use std::io::{self, Write};

use noodles::bgzf;
use noodles::core::Position;
use noodles::csi::binning_index::index::Header;
use noodles::csi::binning_index::index::header::Builder;
use noodles::csi::binning_index::index::reference_sequence::bin::Chunk;
use noodles::tabix;

use crate::model::problem::{Problem, ProblemKind};

/// One line of a VCF body with the stretch it covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VcfLine {
    /// Contig.
    pub contig: String,
    /// First base covered, 1-based; 0 (telomere) is indexed as 1.
    pub start: u32,
    /// Last base covered, 1-based inclusive.
    pub end: u32,
    /// The line without its newline.
    pub text: String,
}

/// A compressed VCF and its index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexedVcf {
    /// The VCF as BGZF.
    pub vcf: Vec<u8>,
    /// The tabix index.
    pub tbi: Vec<u8>,
}

/// Compresses and indexes. `header` is the whole header with its newlines; lines are in the order of contigs and
/// positions, each contig in one stretch.
///
/// # Errors
///
/// When the lines are out of order, or a position is beyond what tabix can index (2^29 - 1).
pub fn bgzf_with_tabix(header: &str, lines: &[VcfLine]) -> Result<IndexedVcf, Problem> {
    write(header, lines)
        .map_err(|e| Problem::new(ProblemKind::Internal, format!("cannot index the VCF: {e}")))
}

fn write(header: &str, lines: &[VcfLine]) -> io::Result<IndexedVcf> {
    let mut writer = bgzf::io::Writer::new(Vec::new());
    let mut indexer = tabix::index::Indexer::default();
    indexer.set_header(vcf_header());
    writer.write_all(header.as_bytes())?;
    for line in lines {
        let start = writer.virtual_position();
        writer.write_all(line.text.as_bytes())?;
        writer.write_all(b"\n")?;
        let chunk = Chunk::new(start, writer.virtual_position());
        let first = position(line.start.max(1))?;
        let last = position(line.end.max(line.start).max(1))?;
        indexer.add_record(&line.contig, first, last, chunk)?;
    }
    let vcf = writer.finish()?;
    let mut tbi = tabix::io::Writer::new(Vec::new());
    tbi.write_index(&indexer.build())?;
    Ok(IndexedVcf { vcf, tbi: tbi.into_inner().finish()? })
}

fn vcf_header() -> Header {
    Builder::vcf().build()
}

fn position(one_based: u32) -> io::Result<Position> {
    Position::try_from(one_based as usize).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use noodles::csi::BinningIndex;

    use super::*;

    fn line(contig: &str, start: u32) -> VcfLine {
        VcfLine {
            contig: contig.into(),
            start,
            end: start,
            text: format!("{contig}\t{start}\t.\tA\tC\t.\t.\t."),
        }
    }

    #[test]
    fn an_empty_vcf_still_has_an_index() {
        let written = bgzf_with_tabix("##fileformat=VCFv4.3\n", &[]).unwrap();
        assert!(written.vcf.starts_with(&[0x1f, 0x8b]) && written.tbi.starts_with(&[0x1f, 0x8b]));
    }

    #[test]
    fn a_region_is_found_through_the_index() {
        let lines = [line("2", 0), line("2", 500), line("10", 7)];
        let written = bgzf_with_tabix("##fileformat=VCFv4.3\n#CHROM\tPOS\n", &lines).unwrap();
        let index = tabix::io::Reader::new(written.tbi.as_slice()).read_index().unwrap();
        let names = index.header().unwrap().reference_sequence_names();
        assert_eq!(names.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2", "10"]);
        let seven = Position::try_from(7).unwrap();
        let chunks = index.query(1, (seven..=seven).into()).unwrap();
        let mut reader = bgzf::io::Reader::new(io::Cursor::new(written.vcf));
        reader.seek(chunks[0].start()).unwrap();
        let mut text = String::new();
        io::BufRead::read_line(&mut reader, &mut text).unwrap();
        assert_eq!(text.trim_end(), lines[2].text);
    }

    #[test]
    fn lines_out_of_order_are_refused() {
        assert!(bgzf_with_tabix("", &[line("2", 500), line("2", 4)]).is_err());
        assert!(bgzf_with_tabix("", &[line("2", 1), line("3", 1), line("2", 4)]).is_err());
        assert!(bgzf_with_tabix("", &[line("2", u32::MAX)]).is_err());
    }
}
