//! Encoding BAM: the header and single records as bytes (SAM specification section 4.2), for pieces of a BGZF file.

use super::write_index::bin_of;

/// Operation of a CIGAR, by its BAM code.
pub mod cigar_op {
    /// Alignment match or mismatch.
    pub const MATCH: u8 = 0;
    /// Insertion to the reference.
    pub const INSERTION: u8 = 1;
    /// Deletion from the reference.
    pub const DELETION: u8 = 2;
    /// Soft clip.
    pub const SOFT_CLIP: u8 = 4;
}

/// One alignment to be encoded. Borrowed parts can be reused from record to record.
#[derive(Clone, Copy, Debug)]
pub struct Alignment<'a> {
    /// Read name.
    pub name: &'a [u8],
    /// SAM flag.
    pub flag: u16,
    /// Contig in the header; -1 for none.
    pub contig: i32,
    /// First base, 0-based; -1 for none.
    pub start0: i32,
    /// Mapping quality, phred-scaled.
    pub mapq: u8,
    /// Length and operation code of every CIGAR element.
    pub cigar: &'a [(u32, u8)],
    /// Contig of the mate; -1 for none.
    pub mate_contig: i32,
    /// First base of the mate, 0-based; -1 for none.
    pub mate_start0: i32,
    /// Template length, bp, signed.
    pub template_bp: i32,
    /// Bases as letters.
    pub bases: &'a [u8],
    /// Base qualities, phred-scaled, not shifted.
    pub qualities: &'a [u8],
    /// Encoded tags ([`tag_text`], [`tag_number`]).
    pub tags: &'a [u8],
}

/// Reference bases that a CIGAR covers.
pub fn covered_bp(cigar: &[(u32, u8)]) -> u32 {
    use cigar_op::{DELETION, MATCH};
    cigar.iter().filter(|(_, op)| matches!(*op, MATCH | DELETION)).map(|(n, _)| n).sum()
}

/// Appends the BAM header of this SAM text and these contigs (name, length in bp).
pub fn header(text: &str, contigs: &[(&str, u32)], out: &mut Vec<u8>) {
    out.extend(b"BAM\x01");
    out.extend((text.len() as u32).to_le_bytes());
    out.extend(text.as_bytes());
    out.extend((contigs.len() as u32).to_le_bytes());
    for (name, length) in contigs {
        out.extend((name.len() as u32 + 1).to_le_bytes());
        out.extend(name.as_bytes());
        out.push(0);
        out.extend(length.to_le_bytes());
    }
}

/// Appends one record with its length before it.
pub fn record(read: &Alignment<'_>, out: &mut Vec<u8>) {
    let at = out.len();
    out.extend([0; 4]);
    out.extend(read.contig.to_le_bytes());
    out.extend(read.start0.to_le_bytes());
    out.push(read.name.len() as u8 + 1);
    out.push(read.mapq);
    let bin = match u32::try_from(read.start0) {
        Ok(start) => bin_of(start, start + covered_bp(read.cigar).max(1)),
        // The bin of position -1, as the specification asks for reads without a place.
        Err(_) => 4680,
    };
    out.extend((bin as u16).to_le_bytes());
    out.extend((read.cigar.len() as u16).to_le_bytes());
    out.extend(read.flag.to_le_bytes());
    out.extend((read.bases.len() as u32).to_le_bytes());
    out.extend(read.mate_contig.to_le_bytes());
    out.extend(read.mate_start0.to_le_bytes());
    out.extend(read.template_bp.to_le_bytes());
    out.extend(read.name);
    out.push(0);
    for &(length, op) in read.cigar {
        out.extend((length << 4 | u32::from(op)).to_le_bytes());
    }
    out.extend(
        read.bases
            .chunks(2)
            .map(|pair| code(pair[0]) << 4 | pair.get(1).map_or(0, |&second| code(second))),
    );
    out.extend(read.qualities);
    out.extend(read.tags);
    let bytes = (out.len() - at - 4) as u32;
    out[at..at + 4].copy_from_slice(&bytes.to_le_bytes());
}

/// The 4-bit code of a base; everything but `A C G T` is `N`.
fn code(base: u8) -> u8 {
    match base {
        b'A' => 1,
        b'C' => 2,
        b'G' => 4,
        b'T' => 8,
        _ => 15,
    }
}

/// Appends a text tag.
pub fn tag_text(tags: &mut Vec<u8>, key: [u8; 2], value: &[u8]) {
    tags.extend(key);
    tags.push(b'Z');
    tags.extend(value);
    tags.push(0);
}

/// Appends a number tag in the smallest unsigned type that holds it, as bwa and samtools do.
pub fn tag_number(tags: &mut Vec<u8>, key: [u8; 2], value: u32) {
    tags.extend(key);
    if let Ok(small) = u8::try_from(value) {
        tags.push(b'C');
        tags.push(small);
    } else if let Ok(middle) = u16::try_from(value) {
        tags.push(b'S');
        tags.extend(middle.to_le_bytes());
    } else {
        tags.push(b'I');
        tags.extend(value.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_back() {
        let mut bytes = Vec::new();
        header(
            "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:chr1\tLN:1000\n",
            &[("chr1", 1000)],
            &mut bytes,
        );
        let mut tags = Vec::new();
        tag_number(&mut tags, *b"NM", 300);
        tag_text(&mut tags, *b"RG", b"A");
        let read = Alignment {
            name: b"r1",
            flag: 99,
            contig: 0,
            start0: 9,
            mapq: 60,
            cigar: &[(2, cigar_op::SOFT_CLIP), (3, cigar_op::MATCH)],
            mate_contig: 0,
            mate_start0: 49,
            template_bp: 60,
            bases: b"ACGTN",
            qualities: &[37, 2, 12, 23, 40],
            tags: &tags,
        };
        record(&read, &mut bytes);
        let compressed = crate::io::bgzf_writer::compress_all(&bytes, 1).unwrap();
        let mut reader = noodles::bam::io::Reader::new(compressed.as_slice());
        let head = reader.read_header().unwrap();
        let back = reader.record_bufs(&head).next().unwrap().unwrap();
        assert_eq!(back.name().unwrap().to_vec(), b"r1");
        assert_eq!(usize::from(back.alignment_start().unwrap()), 10);
        assert_eq!(back.sequence().as_ref(), b"ACGTN");
        assert_eq!(back.quality_scores().as_ref(), [37, 2, 12, 23, 40]);
        assert_eq!(back.template_length(), 60);
        assert_eq!(back.data().len(), 2);
    }
}
