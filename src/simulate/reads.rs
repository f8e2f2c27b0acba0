//! From haplotypes to alignments: fragments, mates, duplicates, clips, sequencing errors, and the tags that bwa writes.
//!
//! Shares of odd reads follow a real 30x NovaSeq genome: 7.6 % duplicates, 2.4 % soft clips, 0.4 % pairs with one mate
//! unmapped, 0.3 % supplementary or secondary, a tenth of the reads with a low mapping quality.

use std::ops::Range;

use super::haplotype::Haplotype;
use super::quality::{self, Levels};
use super::rng::Rng;
use super::segment::{Segment, align, decimal, describe, stray_indel};
use crate::io::write_bam::{self, Alignment, cigar_op, covered_bp, tag_number, tag_text};

/// Bases of a read.
pub const READ_BP: usize = 150;
/// Fragments that reach further than this from their start do not exist, bp.
pub const REACH_BP: u32 = 2_200;
/// Longest fragment, bp.
const MAX_INSERT: f64 = 1_000.0;
/// Shortest fragment, bp: never shorter than a read, so no adapter is read.
const MIN_INSERT: f64 = 152.0;

/// How reads are made.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Base qualities.
    pub levels: Levels,
    /// Share of fragments with a duplicate.
    pub duplicates: f64,
    /// Share of read errors that look like an indel, besides those of the haplotype.
    pub stray_indels: f64,
}

/// One haplotype and what share of the depth comes from it.
#[derive(Clone, Debug)]
pub struct Share {
    /// The sequence.
    pub haplotype: Haplotype,
    /// Depth from it, reads over a base.
    pub depth: f64,
}

/// A stretch of one contig from which fragments start.
#[derive(Clone, Debug)]
pub struct Stretch {
    /// Index of the contig in the header.
    pub contig: u32,
    /// Fragments start here, 0-based half-open.
    pub starts: Range<u32>,
    /// First base of `reference`, 0-based.
    pub reference_start0: u32,
    /// Number of the stretch, which makes read names unique and seeds its random numbers.
    pub number: u64,
    /// Only fragments of which a read covers this place (0-based) are made; `None` for all.
    pub over: Option<u32>,
}

/// A usable read over part of a haplotype, for counting what a caller would count.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// Index of the haplotype among the shares.
    pub share: usize,
    /// Fragment, so that overlapping mates count once.
    pub fragment: u64,
    /// First aligned base, 0-based.
    pub start0: u32,
    /// One past the last aligned base, 0-based.
    pub end0: u32,
}

/// Place of one encoded record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// First base, 0-based.
    pub start0: u32,
    /// Orders records of one position.
    pub serial: u64,
    /// Where the record's bytes begin.
    pub from: usize,
    /// Length of its bytes.
    pub bytes: u32,
    /// One past the last covered base, 0-based; at least `start0 + 1`.
    pub end0: u32,
    /// False for a read placed at its mate.
    pub mapped: bool,
}

/// Encoded records in any order.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// Their bytes.
    pub arena: Vec<u8>,
    /// Their places.
    pub keys: Vec<Key>,
    /// What a caller would count.
    pub seen: Vec<Seen>,
}

impl Records {
    /// The bytes of one record.
    pub fn bytes(&self, key: &Key) -> &[u8] {
        &self.arena[key.from..key.from + key.bytes as usize]
    }

    /// Takes over a record of another set.
    pub fn adopt(&mut self, other: &Self, key: &Key) {
        let from = self.arena.len();
        self.arena.extend_from_slice(other.bytes(key));
        self.keys.push(Key { from, ..*key });
    }

    /// Sorts by position.
    pub fn sort(&mut self) {
        self.keys.sort_unstable();
    }
}

/// Makes the reads of stretches; owned by one worker.
#[derive(Debug)]
pub struct Maker {
    style: Style,
    error: Vec<f64>,
    segments: [Segment; 2],
    tags: Vec<u8>,
    name: Vec<u8>,
}

/// What the two records of a pair share.
#[derive(Clone, Copy)]
struct Pair {
    contig: i32,
    /// Index of its haplotype among the shares.
    share: usize,
    serial: u64,
    lane: u8,
    mapq: u8,
    duplicate: bool,
    proper: bool,
    /// The left read is the first of the pair.
    left_first: bool,
}

const PAIRED: u16 = 1;
const PROPER: u16 = 2;
const UNMAPPED: u16 = 4;
const MATE_UNMAPPED: u16 = 8;
const REVERSE: u16 = 16;
const MATE_REVERSE: u16 = 32;
const FIRST: u16 = 64;
const SECOND: u16 = 128;
const SECONDARY: u16 = 256;
const DUPLICATE: u16 = 1024;
const SUPPLEMENTARY: u16 = 2048;

impl Maker {
    /// A maker of reads in this style.
    pub fn new(style: Style) -> Self {
        Self {
            style,
            error: (0..=u8::MAX).map(quality::error_rate).collect(),
            segments: Default::default(),
            tags: Vec::new(),
            name: Vec::new(),
        }
    }

    /// Adds the reads of all fragments that start in the stretch. `reference` begins at `stretch.reference_start0` and
    /// should reach [`REACH_BP`] beyond the stretch; fragments that would leave it are not made.
    pub fn stretch(
        &mut self,
        stretch: &Stretch,
        (reference, shares): (&[u8], &[Share]),
        rng: &mut Rng,
        out: &mut Records,
    ) {
        let mut fragment = 0_u64;
        for (number, share) in shares.iter().enumerate() {
            let haplotype = &share.haplotype;
            let from = haplotype.index_of(stretch.starts.start);
            let to = haplotype.index_of(stretch.starts.end);
            let over = stretch.over.map(|place| haplotype.index_of(place));
            // Kept fragments per base: two reads each, some of them doubled, some lost to the bias by GC content.
            let doubled = 1.0 + self.style.duplicates * 1.1;
            let step = 2.0 * READ_BP as f64 * doubled * KEPT_BY_GC / share.depth.max(1e-9);
            let mut place = from as f64;
            loop {
                place += rng.exponential() * step;
                let at = place as usize;
                if at >= to {
                    break;
                }
                let insert = (400.0 + 100.0 * rng.normal()).round().clamp(MIN_INSERT, MAX_INSERT);
                let end = at + insert as usize;
                if over.is_some_and(|over| !is_read(at..end, over)) {
                    continue;
                }
                if end + 2 > haplotype.bases.len() || !kept(&haplotype.bases[at..end], rng) {
                    continue;
                }
                let copies = 1 + u64::from(rng.chance(self.style.duplicates))
                    * (1 + u64::from(rng.chance(0.1)));
                for copy in 0..copies {
                    let pair = Pair {
                        contig: stretch.contig as i32,
                        share: number,
                        serial: stretch.number << 20 | fragment,
                        lane: rng.below(4) as u8 + 1,
                        mapq: mapq(rng),
                        duplicate: copy > 0,
                        proper: !rng.chance(0.012),
                        left_first: rng.chance(0.5),
                    };
                    fragment += 1;
                    self.fragment((stretch, reference, haplotype), at..end, pair, rng);
                    self.emit((stretch, haplotype), pair, rng, out);
                }
            }
        }
    }

    fn fragment(
        &mut self,
        (stretch, reference, haplotype): (&Stretch, &[u8], &Haplotype),
        range: Range<usize>,
        pair: Pair,
        rng: &mut Rng,
    ) {
        let style = self.style;
        for (side, segment) in self.segments.iter_mut().enumerate() {
            let from = if side == 0 { range.start } else { range.end - READ_BP };
            let second = (side == 0) != pair.left_first;
            segment.qualities.resize(READ_BP, 0);
            quality::draw(style.levels, second, rng, &mut segment.qualities);
            if side == 1 {
                segment.qualities.reverse();
            }
            segment.bases.clear();
            segment.bases.extend_from_slice(&haplotype.bases[from..from + READ_BP]);
            for (base, &q) in segment.bases.iter_mut().zip(&segment.qualities) {
                if q == 2 && rng.chance(0.3) {
                    *base = b'N';
                } else if rng.unit() < self.error[usize::from(q)] {
                    *base = rng.other_base(*base);
                }
            }
            let clip = rng.unit();
            let clipped = if clip < 0.024 { 5 + rng.below(55) as usize } else { 0 };
            let (left, right) = if clip < 0.012 { (clipped, 0) } else { (0, clipped) };
            align(segment, haplotype, from, (left, right));
            for i in (0..left).chain(READ_BP - right..READ_BP) {
                segment.bases[i] = rng.base();
            }
            if style.stray_indels > 0.0 && rng.chance(style.stray_indels) {
                stray_indel(segment, rng);
            }
            describe(segment, stretch.reference_start0, reference);
        }
    }

    fn emit(
        &mut self,
        (stretch, haplotype): (&Stretch, &Haplotype),
        pair: Pair,
        rng: &mut Rng,
        out: &mut Records,
    ) {
        self.name.clear();
        read_name(pair.serial, pair.lane, &mut self.name);
        if rng.chance(0.004) {
            self.half_mapped(pair, out);
            return;
        }
        let [left, right] = &self.segments;
        let template = (right.end0() as i32 - left.start0 as i32).max(1);
        for (side, (own, mate)) in [(left, right), (right, left)].into_iter().enumerate() {
            self.tags.clear();
            mapped_tags(&mut self.tags, (own, mate), pair, rng);
            let first = (side == 0) == pair.left_first;
            let flag = PAIRED
                | if pair.proper { PROPER } else { 0 }
                | if side == 0 { MATE_REVERSE } else { REVERSE }
                | if first { FIRST } else { SECOND }
                | if pair.duplicate { DUPLICATE } else { 0 };
            let read = Alignment {
                mate_start0: mate.start0 as i32,
                template_bp: if side == 0 { template } else { -template },
                mapq: pair.mapq,
                ..plain(&self.name, flag, pair.contig, own, &self.tags)
            };
            push(out, &read, pair.serial << 2 | side as u64, true);
            if pair.mapq >= 20 && !pair.duplicate {
                let (start0, end0) = (own.start0, own.end0());
                out.seen.push(Seen { share: pair.share, fragment: pair.serial, start0, end0 });
            }
        }
        if rng.chance(0.006) {
            self.elsewhere((stretch, haplotype), pair, rng, out);
        }
    }

    /// A second alignment of the left read's end, some hundred bases ahead.
    fn elsewhere(
        &mut self,
        (stretch, haplotype): (&Stretch, &Haplotype),
        pair: Pair,
        rng: &mut Rng,
        out: &mut Records,
    ) {
        let [left, right] = &self.segments;
        let start0 = left.start0 + 500 + rng.below(600) as u32;
        let clipped = 60 + rng.below(50) as usize;
        let kept = READ_BP - clipped;
        let at = haplotype.index_of(start0);
        if at + kept >= haplotype.bases.len()
            || !haplotype.is_plain(at, at + kept)
            || haplotype.bases[at..at + kept].contains(&b'N')
        {
            return;
        }
        let kind = if rng.chance(0.25) { SECONDARY } else { SUPPLEMENTARY };
        let mut bases = haplotype.bases[at..at + kept].to_vec();
        bases.extend_from_slice(&left.bases[kept..]);
        self.tags.clear();
        tag_text(&mut self.tags, *b"MC", &right.cigar_text);
        tag_number(&mut self.tags, *b"MQ", u32::from(pair.mapq));
        tag_text(&mut self.tags, *b"RG", &[b'L', b'0' + pair.lane]);
        let first = if pair.left_first { FIRST } else { SECOND };
        let read = Alignment {
            name: &self.name,
            flag: PAIRED | MATE_REVERSE | first | kind | if pair.duplicate { DUPLICATE } else { 0 },
            contig: stretch.contig as i32,
            start0: haplotype.places[at] as i32,
            mapq: 60,
            cigar: &[(kept as u32, cigar_op::MATCH), (clipped as u32, cigar_op::SOFT_CLIP)],
            mate_contig: stretch.contig as i32,
            mate_start0: right.start0 as i32,
            template_bp: 0,
            bases: &bases,
            qualities: &left.qualities,
            tags: &self.tags,
        };
        push(out, &read, pair.serial << 2 | 2, true);
    }

    /// The left read mapped, its mate not: both stand at the left read's place.
    fn half_mapped(&mut self, pair: Pair, out: &mut Records) {
        let [left, right] = &self.segments;
        let duplicate = if pair.duplicate { DUPLICATE } else { 0 };
        let (own, other) = if pair.left_first { (FIRST, SECOND) } else { (SECOND, FIRST) };
        let lane = [b'L', b'0' + pair.lane];
        self.tags.clear();
        tag_number(&mut self.tags, *b"NM", left.mismatches);
        tag_text(&mut self.tags, *b"MD", &left.md);
        tag_text(&mut self.tags, *b"RG", &lane);
        let read = Alignment {
            mate_start0: left.start0 as i32,
            mapq: pair.mapq,
            ..plain(
                &self.name,
                PAIRED | MATE_UNMAPPED | own | duplicate,
                pair.contig,
                left,
                &self.tags,
            )
        };
        push(out, &read, pair.serial << 2, true);
        self.tags.clear();
        tag_text(&mut self.tags, *b"MC", &left.cigar_text);
        tag_number(&mut self.tags, *b"MQ", u32::from(pair.mapq));
        tag_text(&mut self.tags, *b"RG", &lane);
        let read = Alignment {
            start0: left.start0 as i32,
            mate_start0: left.start0 as i32,
            cigar: &[],
            ..plain(
                &self.name,
                PAIRED | UNMAPPED | other | duplicate,
                pair.contig,
                right,
                &self.tags,
            )
        };
        push(out, &read, pair.serial << 2 | 1, false);
    }

    /// Adds pairs of which neither read is mapped, numbered from `numbers.start`.
    pub fn unmapped(&mut self, numbers: Range<u64>, rng: &mut Rng, out: &mut Records) {
        for serial in numbers {
            let lane = rng.below(4) as u8 + 1;
            self.name.clear();
            read_name(serial, lane, &mut self.name);
            self.tags.clear();
            tag_text(&mut self.tags, *b"RG", &[b'L', b'0' + lane]);
            for (side, flag) in [FIRST, SECOND].into_iter().enumerate() {
                let bases: Vec<u8> = (0..READ_BP).map(|_| rng.base()).collect();
                let mut qualities = vec![0; READ_BP];
                quality::draw(self.style.levels, side == 1, rng, &mut qualities);
                let read = Alignment {
                    name: &self.name,
                    flag: PAIRED | UNMAPPED | MATE_UNMAPPED | flag,
                    contig: -1,
                    start0: -1,
                    mapq: 0,
                    cigar: &[],
                    mate_contig: -1,
                    mate_start0: -1,
                    template_bp: 0,
                    bases: &bases,
                    qualities: &qualities,
                    tags: &self.tags,
                };
                push(out, &read, serial << 2 | side as u64, false);
            }
        }
    }
}

/// Share of fragments that [`kept`] keeps on a genome of about 41 % GC; measured over the synthetic reference.
const KEPT_BY_GC: f64 = 0.965;

/// Whether one of a fragment's two reads covers a place.
fn is_read(fragment: Range<usize>, place: usize) -> bool {
    fragment.contains(&place)
        && (place < fragment.start + READ_BP || place + READ_BP >= fragment.end)
}

/// Amplification loses fragments of extreme composition; fragments that touch a gap do not exist.
fn kept(bases: &[u8], rng: &mut Rng) -> bool {
    let gc = bases.iter().filter(|b| matches!(b, b'G' | b'C')).count() as f64 / bases.len() as f64;
    let share = (1.0 - 3.5 * (gc - 0.42).powi(2)).max(0.1);
    rng.unit() < share && bases[0] != b'N' && bases[bases.len() - 1] != b'N'
}

fn mapq(rng: &mut Rng) -> u8 {
    let u = rng.unit();
    if u < 0.035 {
        0
    } else if u < 0.08 {
        rng.below(60) as u8
    } else {
        60
    }
}

/// Name in the manner of Illumina: lane, tile, x and y are a one-to-one scramble of 38 bits of the serial number.
fn read_name(serial: u64, lane: u8, out: &mut Vec<u8>) {
    const BITS: u64 = 38;
    let mixed = (serial.wrapping_mul(0x2545_F491_4F6C_DD1D) ^ 0x15_3A7B_91C5) & ((1 << BITS) - 1);
    let (x, y, tile) = (mixed & 0x7fff, mixed >> 15 & 0x7fff, mixed >> 30);
    out.extend_from_slice(b"SIM0001:1:TIERLINE:");
    out.push(b'0' + lane);
    for number in [1_101 + 100 * (tile >> 6) + (tile & 63), 1_000 + x, 1_000 + y] {
        out.push(b':');
        decimal(number, out);
    }
}

fn mapped_tags(tags: &mut Vec<u8>, (own, mate): (&Segment, &Segment), pair: Pair, rng: &mut Rng) {
    tag_number(tags, *b"NM", own.mismatches);
    tag_text(tags, *b"MD", &own.md);
    tag_text(tags, *b"MC", &mate.cigar_text);
    tag_number(tags, *b"MQ", u32::from(pair.mapq));
    tag_number(tags, *b"AS", (READ_BP as u32).saturating_sub(5 * own.mismatches));
    let second_best = if pair.mapq < 60 { 100 + rng.below(48) } else { rng.below(60) };
    tag_number(tags, *b"XS", second_best as u32);
    tag_text(tags, *b"RG", &[b'L', b'0' + pair.lane]);
    if pair.mapq == 0 && rng.chance(0.7) {
        let mut others = Vec::new();
        for _ in 0..=rng.below(4) {
            others.extend_from_slice(b"chr");
            decimal(1 + rng.below(22), &mut others);
            others.extend_from_slice(if rng.chance(0.5) { b",+" } else { b",-" });
            decimal(1 + rng.below(40_000_000), &mut others);
            others.extend_from_slice(b",150M,");
            decimal(rng.below(8), &mut others);
            others.push(b';');
        }
        tag_text(tags, *b"XA", &others);
    }
}

fn plain<'a>(
    name: &'a [u8],
    flag: u16,
    contig: i32,
    segment: &'a Segment,
    tags: &'a [u8],
) -> Alignment<'a> {
    Alignment {
        name,
        flag,
        contig,
        start0: segment.start0 as i32,
        mapq: 0,
        cigar: &segment.cigar,
        mate_contig: contig,
        mate_start0: -1,
        template_bp: 0,
        bases: &segment.bases,
        qualities: &segment.qualities,
        tags,
    }
}

fn push(out: &mut Records, read: &Alignment<'_>, serial: u64, mapped: bool) {
    let from = out.arena.len();
    write_bam::record(read, &mut out.arena);
    let start0 = read.start0.max(0) as u32;
    let end0 = start0 + covered_bp(read.cigar).max(1);
    let bytes = (out.arena.len() - from) as u32;
    out.keys.push(Key { start0, serial, from, bytes, end0, mapped });
}
