//! One aligned read: its CIGAR from the haplotype it was read from, its MD and NM from the reference.

use super::haplotype::{Haplotype, INSERTED};
use super::reads::READ_BP;
use super::rng::Rng;
use crate::io::write_bam::{cigar_op, covered_bp};

/// One aligned read, reused from fragment to fragment.
#[derive(Debug, Default)]
pub(super) struct Segment {
    pub start0: u32,
    pub cigar: Vec<(u32, u8)>,
    pub cigar_text: Vec<u8>,
    pub bases: Vec<u8>,
    pub qualities: Vec<u8>,
    pub md: Vec<u8>,
    pub mismatches: u32,
}

impl Segment {
    pub(super) fn end0(&self) -> u32 {
        self.start0 + covered_bp(&self.cigar).max(1)
    }
}

/// Start and CIGAR of the bases `from ..` of a haplotype, with so many bases clipped at each end.
pub(super) fn align(
    segment: &mut Segment,
    haplotype: &Haplotype,
    from: usize,
    (left, right): (usize, usize),
) {
    let (mut first, mut last) = (from + left, from + READ_BP - right);
    segment.cigar.clear();
    let cigar = &mut segment.cigar;
    if !haplotype.is_plain(first, last) {
        // An aligner clips an indel that has too few bases behind it.
        (first, last) = settle(haplotype, first, last);
    }
    segment.start0 = haplotype.places[first];
    if first > from {
        cigar.push(((first - from) as u32, cigar_op::SOFT_CLIP));
    }
    if haplotype.is_plain(first, last) {
        cigar.push(((last - first) as u32, cigar_op::MATCH));
    } else {
        let mut expected = haplotype.places[first];
        for &place in &haplotype.places[first..last] {
            if place == INSERTED {
                extend(cigar, 1, cigar_op::INSERTION);
                continue;
            }
            if place > expected {
                extend(cigar, place - expected, cigar_op::DELETION);
            }
            extend(cigar, 1, cigar_op::MATCH);
            expected = place + 1;
        }
    }
    let end = from + READ_BP;
    if last < end {
        cigar.push(((end - last) as u32, cigar_op::SOFT_CLIP));
    }
}

fn extend(cigar: &mut Vec<(u32, u8)>, length: u32, op: u8) {
    match cigar.last_mut() {
        Some(element) if element.1 == op => element.0 += length,
        _ => cigar.push((length, op)),
    }
}

/// Bases that must follow an indel for it to be aligned rather than clipped.
const ANCHOR_BP: usize = 6;

fn settle(haplotype: &Haplotype, from: usize, to: usize) -> (usize, usize) {
    let (mut first, mut last) = (from, to);
    for at in from..(from + ANCHOR_BP).min(to) {
        if haplotype.places[at] == INSERTED || !haplotype.is_plain(at, at + 2) {
            first = at + 1;
        }
    }
    while haplotype.places[first] == INSERTED {
        first += 1;
    }
    for at in (to.saturating_sub(ANCHOR_BP).max(first + 1)..to).rev() {
        if haplotype.places[at] == INSERTED || !haplotype.is_plain(at - 1, at + 1) {
            last = at;
        }
    }
    while haplotype.places[last - 1] == INSERTED {
        last -= 1;
    }
    (first, last)
}

/// Turns a plain alignment into one with an indel that no haplotype has, as errors of chemistry and alignment do.
pub(super) fn stray_indel(segment: &mut Segment, rng: &mut Rng) {
    let [(whole, cigar_op::MATCH)] = segment.cigar[..] else { return };
    let at = 20 + rng.below(u64::from(whole) - 40) as u32;
    let length = 1 + (rng.unit().powi(3) * 12.0) as u32;
    let rest = whole - at;
    segment.cigar = if rng.chance(0.5) && length + 10 < rest {
        for i in at..at + length {
            segment.bases[i as usize] = rng.base();
        }
        vec![(at, cigar_op::MATCH), (length, cigar_op::INSERTION), (rest - length, cigar_op::MATCH)]
    } else {
        vec![(at, cigar_op::MATCH), (length, cigar_op::DELETION), (rest, cigar_op::MATCH)]
    };
}

/// Fills MD, NM and the text of the CIGAR from the aligned bases.
pub(super) fn describe(segment: &mut Segment, reference_start0: u32, reference: &[u8]) {
    segment.md.clear();
    segment.cigar_text.clear();
    segment.mismatches = 0;
    let mut place = (segment.start0 - reference_start0) as usize;
    let mut read = 0;
    let mut run = 0;
    for &(length, op) in &segment.cigar {
        decimal(u64::from(length), &mut segment.cigar_text);
        segment.cigar_text.push(b"MIDNSHP=X"[usize::from(op)]);
        let length = length as usize;
        match op {
            cigar_op::MATCH => {
                // The stray deletion may reach behind the known bases; there N is compared.
                let known = reference.get(place..place + length).unwrap_or_default();
                for (i, &base) in segment.bases[read..read + length].iter().enumerate() {
                    let expected = known.get(i).copied().unwrap_or(b'N');
                    if base == expected {
                        run += 1;
                    } else {
                        decimal(run, &mut segment.md);
                        segment.md.push(expected);
                        segment.mismatches += 1;
                        run = 0;
                    }
                }
                place += length;
                read += length;
            }
            cigar_op::DELETION => {
                decimal(run, &mut segment.md);
                run = 0;
                segment.md.push(b'^');
                for i in place..place + length {
                    segment.md.push(reference.get(i).copied().unwrap_or(b'N'));
                }
                segment.mismatches += length as u32;
                place += length;
            }
            cigar_op::INSERTION => {
                segment.mismatches += length as u32;
                read += length;
            }
            _ => read += length,
        }
    }
    decimal(run, &mut segment.md);
}

/// Appends a number in decimal.
pub(super) fn decimal(mut number: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}
