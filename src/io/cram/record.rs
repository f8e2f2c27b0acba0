//! A decoded record in BAM's layout, and which parts of it htslib is asked for.

use rust_htslib::bam::Record;
use rust_htslib::bam::record::Aux;
use rust_htslib::htslib;

use crate::model::read::{FIXED_BYTES, Fields};

use super::super::bam_tasks::Buffers;

/// True when the wanted parts are made from the reference: the bases, and among the tags NM and MD, which a CRAM leaves
/// out where they follow from the bases. On 12.3 million simulated records of 2 x 150 bp tags cost 1.2 s of CPU more than
/// what depth needs, bases for them 0.8 s, and NM and MD about 0.5 s; so only who asks for tags pays for them.
pub(super) fn needs_reference(fields: Fields) -> bool {
    fields.contains(Fields::SEQUENCE) || fields.contains(Fields::TAGS)
}

/// The parts in htslib's bits.
pub(super) fn htslib_fields(fields: Fields) -> u32 {
    let table = [
        (
            Fields::CORE,
            htslib::sam_fields_SAM_FLAG
                | htslib::sam_fields_SAM_RNAME
                | htslib::sam_fields_SAM_POS
                | htslib::sam_fields_SAM_MAPQ,
        ),
        (Fields::MATE, htslib::sam_fields_SAM_RNEXT | htslib::sam_fields_SAM_PNEXT),
        (Fields::TEMPLATE_LENGTH, htslib::sam_fields_SAM_TLEN),
        (Fields::CIGAR, htslib::sam_fields_SAM_CIGAR),
        (Fields::NAME, htslib::sam_fields_SAM_QNAME),
        (Fields::SEQUENCE, htslib::sam_fields_SAM_SEQ),
        (Fields::QUALITY, htslib::sam_fields_SAM_QUAL),
        (Fields::READ_GROUP, htslib::sam_fields_SAM_RGAUX),
        (
            Fields::TAGS,
            htslib::sam_fields_SAM_AUX | htslib::sam_fields_SAM_RGAUX | htslib::sam_fields_SAM_SEQ,
        ),
    ];
    table.iter().filter(|(ours, _)| fields.contains(*ours)).fold(0, |all, (_, theirs)| all | theirs)
}

/// Appends a record in BAM's layout; parts that were not asked for are left out.
pub(super) fn encode(record: &Record, fields: Fields, buffers: &mut Buffers) {
    let out = &mut buffers.plain;
    let start = out.len() + 4;
    let name: &[u8] = if fields.contains(Fields::NAME) { record.qname() } else { b"*" };
    let with_bases = fields.contains(Fields::SEQUENCE) || fields.contains(Fields::QUALITY);
    let bases = if with_bases { record.seq_len() } else { 0 };
    let cigar = record.raw_cigar();
    // An operation count beyond 65,535 does not fit; such records keep the placeholder that BAM uses, with the tag.
    let long = cigar.len() > usize::from(u16::MAX);
    let placeholder = [(bases as u32) << 4 | 4, span(cigar) << 4 | 3];
    let ops: &[u32] = if long { &placeholder } else { cigar };
    out.extend([0; 4 + FIXED_BYTES]);
    let core = &record.inner.core;
    let head = &mut out[start..];
    head[0..4].copy_from_slice(&core.tid.to_le_bytes());
    head[4..8].copy_from_slice(&(core.pos as i32).to_le_bytes());
    head[8] = (name.len() + 1).min(255) as u8;
    head[9] = core.qual;
    head[12..14].copy_from_slice(&(ops.len() as u16).to_le_bytes());
    head[14..16].copy_from_slice(&core.flag.to_le_bytes());
    head[16..20].copy_from_slice(&(bases as u32).to_le_bytes());
    head[20..24].copy_from_slice(&core.mtid.to_le_bytes());
    head[24..28].copy_from_slice(&(core.mpos as i32).to_le_bytes());
    head[28..32].copy_from_slice(&(core.isize_ as i32).to_le_bytes());
    out.extend_from_slice(&name[..name.len().min(254)]);
    out.push(0);
    for op in ops {
        out.extend_from_slice(&op.to_le_bytes());
    }
    if with_bases {
        out.extend_from_slice(record.seq().encoded);
        out.extend_from_slice(record.qual());
    }
    if fields.contains(Fields::TAGS) || fields.contains(Fields::READ_GROUP) {
        for (key, value) in record.aux_iter().filter_map(Result::ok) {
            encode_tag(key, &value, out);
        }
    }
    if long {
        out.extend_from_slice(b"CGBI");
        out.extend_from_slice(&(cigar.len() as u32).to_le_bytes());
        out.extend(cigar.iter().flat_map(|op| op.to_le_bytes()));
    }
    let size = (out.len() - start) as u32;
    out[start - 4..start].copy_from_slice(&size.to_le_bytes());
    buffers.starts.push(start as u32);
}

fn span(cigar: &[u32]) -> u32 {
    cigar.iter().filter(|&op| matches!(op & 15, 0 | 2 | 3 | 7 | 8)).map(|op| op >> 4).sum()
}

fn encode_tag(key: &[u8], value: &Aux<'_>, out: &mut Vec<u8>) {
    fn array<const N: usize, T>(
        kind: u8,
        values: impl Iterator<Item = T>,
        bytes: fn(T) -> [u8; N],
        out: &mut Vec<u8>,
    ) {
        out.extend_from_slice(&[b'B', kind]);
        let count_at = out.len();
        out.extend([0; 4]);
        let mut count = 0_u32;
        for value in values {
            out.extend_from_slice(&bytes(value));
            count += 1;
        }
        out[count_at..count_at + 4].copy_from_slice(&count.to_le_bytes());
    }
    out.extend_from_slice(key);
    let mut plain = |kind: u8, bytes: &[u8]| {
        out.push(kind);
        out.extend_from_slice(bytes);
    };
    match value {
        Aux::Char(c) => plain(b'A', &[*c]),
        Aux::I8(v) => plain(b'c', &v.to_le_bytes()),
        Aux::U8(v) => plain(b'C', &[*v]),
        Aux::I16(v) => plain(b's', &v.to_le_bytes()),
        Aux::U16(v) => plain(b'S', &v.to_le_bytes()),
        Aux::I32(v) => plain(b'i', &v.to_le_bytes()),
        Aux::U32(v) => plain(b'I', &v.to_le_bytes()),
        Aux::Float(v) => plain(b'f', &v.to_le_bytes()),
        Aux::Double(v) => plain(b'f', &(*v as f32).to_le_bytes()),
        Aux::String(s) | Aux::HexByteArray(s) => {
            plain(b'Z', s.as_bytes());
            out.push(0);
        }
        Aux::ArrayI8(a) => array(b'c', a.iter(), i8::to_le_bytes, out),
        Aux::ArrayU8(a) => array(b'C', a.iter(), u8::to_le_bytes, out),
        Aux::ArrayI16(a) => array(b's', a.iter(), i16::to_le_bytes, out),
        Aux::ArrayU16(a) => array(b'S', a.iter(), u16::to_le_bytes, out),
        Aux::ArrayI32(a) => array(b'i', a.iter(), i32::to_le_bytes, out),
        Aux::ArrayU32(a) => array(b'I', a.iter(), u32::to_le_bytes, out),
        Aux::ArrayFloat(a) => array(b'f', a.iter(), f32::to_le_bytes, out),
    }
}
