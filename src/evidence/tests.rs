//! Reads written by hand against variants whose answer is known.

use super::haplotypes::Model;
use super::{Counter, Limits, Site};
use crate::io::fasta::Fasta;
use crate::model::contig::ContigTable;
use crate::model::coord::Pos1;
use crate::model::evidence::{NotRead, ReadMethod, SiteReads};
use crate::model::read::ReadView;
use crate::model::variant::Variant;
use crate::policy::Policy;

/// A read as a test writes it.
#[derive(Clone)]
struct Draft {
    name: &'static str,
    flags: u16,
    mapq: u8,
    /// 0-based.
    position: i32,
    cigar: &'static str,
    bases: String,
    quality: u8,
}

fn draft(position: i32, cigar: &'static str, bases: &str) -> Draft {
    let bases = bases.to_owned();
    Draft { name: "r", flags: 0, mapq: 60, position, cigar, bases, quality: 30 }
}

impl Draft {
    fn bytes(&self) -> Vec<u8> {
        let mut ops = Vec::new();
        let mut length = 0_u32;
        for c in self.cigar.chars() {
            if let Some(digit) = c.to_digit(10) {
                length = length * 10 + digit;
            } else {
                ops.push(length << 4 | "MIDNSHP=X".find(c).unwrap() as u32);
                length = 0;
            }
        }
        let mut bytes = Vec::new();
        bytes.extend(0_i32.to_le_bytes());
        bytes.extend(self.position.to_le_bytes());
        bytes.extend([self.name.len() as u8 + 1, self.mapq, 0, 0]);
        bytes.extend((ops.len() as u16).to_le_bytes());
        bytes.extend(self.flags.to_le_bytes());
        bytes.extend((self.bases.len() as i32).to_le_bytes());
        bytes.extend([-1_i32, -1, 0].iter().flat_map(|n| n.to_le_bytes()));
        bytes.extend(self.name.as_bytes());
        bytes.push(0);
        bytes.extend(ops.iter().flat_map(|op: &u32| op.to_le_bytes()));
        let codes: Vec<u8> = self
            .bases
            .bytes()
            .map(|b| b"=ACMGRSVTWYHKDBN".iter().position(|c| *c == b).unwrap() as u8)
            .collect();
        bytes.extend(codes.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0)));
        bytes.extend(vec![self.quality; self.bases.len()]);
        bytes
    }
}

const REFERENCE: &str =
    "GATTACAGGCTTACCGATCGTTAGCCATGCTAAAAAAAACGTTGCACTGATCCGTATGCAAGTCTGACCGTTAGGACTTCACGGATACCTGA";

fn limits() -> Limits {
    Limits::new(Policy::preset("gms-rd").unwrap().reads.as_ref().unwrap())
}

fn variant(position: u32, reference: &str, alternate: &str) -> (Variant, ContigTable) {
    let mut contigs = ContigTable::new();
    let contig = contigs.add("c", None).unwrap();
    let (reference, alternate) = (reference.to_owned(), alternate.to_owned());
    (Variant { contig, position: Pos1(position), reference, alternate }, contigs)
}

fn site(position: u32, alleles: (&str, &str), with_reference: bool) -> Result<Site, NotRead> {
    let (variant, contigs) = variant(position, alleles.0, alleles.1);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.fa");
    std::fs::write(&path, format!(">c\n{REFERENCE}\n")).unwrap();
    let n = REFERENCE.len();
    std::fs::write(folder.path().join("r.fa.fai"), format!("c\t{n}\t3\t{n}\t{}\n", n + 1)).unwrap();
    let mut reader = Fasta::open(&path).unwrap().with_contigs(&contigs).reader();
    let reader = with_reference.then_some(&mut reader);
    Site::new(&variant, n as u32, reader, &limits()).unwrap()
}

fn count(site: &Site, drafts: &[Draft]) -> SiteReads {
    let limits = limits();
    let mut counter = Counter::new(site, &limits);
    let mut model = Model::new(&limits);
    for draft in drafts {
        let bytes = draft.bytes();
        let read = ReadView::new(&bytes).unwrap();
        read.check(1).unwrap();
        counter.add(read, &mut model);
    }
    counter.finish()
}

fn told(reads: &SiteReads) -> [u32; 4] {
    [reads.reference.count(), reads.alternate.count(), reads.other.count(), reads.ambiguous]
}

#[test]
fn bases_at_the_site_are_counted_by_allele_and_cause() {
    let site = site(10, ("C", "T"), true).unwrap();
    let own = |base: &str| draft(5, "10M", &format!("CAGG{base}TTACC"));
    let with = |change: &dyn Fn(&mut Draft)| {
        let mut read = own("T");
        change(&mut read);
        read
    };
    let reads = count(
        &site,
        &[
            own("C"),
            own("T"),
            with(&|read| read.flags = 0x10),
            own("A"),
            own("N"),
            draft(5, "4M1D5M", "CAGGTTACC"),
            draft(5, "4M1N5M", "CAGGTTACC"),
            draft(0, "9M", "GATTACAGG"),
            with(&|read| read.quality = 12),
            with(&|read| read.mapq = 19),
            with(&|read| read.flags = 0x400),
            with(&|read| read.flags = 0x900),
            with(&|read| read.flags = 0x200),
            with(&|read| read.flags = 0x4),
        ],
    );
    assert_eq!(told(&reads), [1, 2, 2, 0]);
    assert_eq!((reads.alternate.forward, reads.alternate.reverse), (1, 1));
    assert_eq!((reads.alternate.base_quality_sum, reads.alternate.mapping_quality_sum), (60, 120));
    let excluded = reads.excluded;
    assert_eq!((excluded.low_base_quality, excluded.low_mapping_quality), (2, 1));
    assert_eq!((excluded.duplicate, excluded.not_primary, excluded.failed), (1, 1, 1));
    assert_eq!(excluded.total(), 6);
}

#[test]
fn overlapping_mates_count_once() {
    let site = site(10, ("C", "T"), false).unwrap();
    let mate = |base: &str, quality, flags| Draft {
        flags,
        quality,
        ..draft(5, "10M", &format!("CAGG{base}TTACC"))
    };
    // Agreeing qualities are summed, of contradicting ones the better counts with four fifths, equal ones tell nothing.
    for (a, b, expected) in [
        (("T", 8), ("T", 8), [0, 1, 0, 0]),
        (("T", 30), ("C", 10), [0, 1, 0, 0]),
        (("T", 16), ("C", 10), [0, 0, 0, 0]),
        (("T", 30), ("C", 30), [0, 0, 0, 0]),
        (("N", 30), ("C", 30), [1, 0, 0, 0]),
    ] {
        let reads = count(&site, &[mate(a.0, a.1, 0x63), mate(b.0, b.1, 0x93)]);
        assert_eq!(told(&reads), expected, "{a:?} {b:?}");
    }
    let apart = [mate("T", 30, 0), mate("T", 30, 0)];
    assert_eq!(told(&count(&site, &apart)), [0, 2, 0, 0], "reads without mates share names freely");
}

#[test]
fn several_bases_are_one_allele() {
    let site = site(10, ("CT", "AG"), true).unwrap();
    let own = |bases: &str| draft(5, "10M", &format!("CAGG{bases}TACC"));
    let drafts = [own("CT"), own("AG"), own("AT"), draft(5, "5M", "CAGGA")];
    assert_eq!(told(&count(&site, &drafts)), [1, 1, 1, 0]);
}

/// The eight A of the reference begin at 31 (0-based); a deletion of one stands before them.
#[test]
fn an_indel_is_found_where_the_aligner_put_or_clipped_it() {
    let reference = |from: usize, to: usize| REFERENCE[from..to].to_owned();
    let gone = format!("{}{}", reference(10, 31), reference(32, 71));
    let drafts = [
        draft(10, "61M", &reference(10, 71)),
        draft(10, "21M1D39M", &gone),
        draft(10, "28M1D32M", &gone),
        draft(10, "28M32S", &gone),
        // Ends within the repeat: either allele.
        draft(10, "25M", &reference(10, 35)),
    ];
    let by_reads = count(&site(31, ("TA", "T"), true).unwrap(), &drafts);
    assert_eq!(by_reads.method, ReadMethod::Likelihood);
    assert_eq!(told(&by_reads), [1, 3, 0, 1]);
    let by_cigar = count(&site(31, ("TA", "T"), false).unwrap(), &drafts);
    assert_eq!(by_cigar.method, ReadMethod::Cigar);
    assert_eq!(told(&by_cigar)[1], 1, "only the one that is placed so: {by_cigar:?}");
}

#[test]
fn an_insertion_and_a_third_length_are_told_apart() {
    let (left, right) = (&REFERENCE[10..44], &REFERENCE[44..80]);
    let with = |bases: &str| format!("{left}{bases}{right}");
    let drafts = [
        draft(10, "70M", &with("")),
        draft(10, "34M6I36M", &with("GGTCAT")),
        draft(10, "34M42S", &with("GGTCAT")),
        draft(10, "34M3I36M", &with("CCC")),
    ];
    let alternate = format!("{}GGTCAT", &REFERENCE[43..44]);
    let reads = count(&site(44, (&REFERENCE[43..44], &alternate), true).unwrap(), &drafts);
    assert_eq!(told(&reads), [1, 2, 1, 0]);
}

#[test]
fn what_reads_cannot_be_asked_is_named() {
    let long = "A".repeat(200);
    for (position, alleles, with_reference, expected) in [
        (10, ("C", "<DEL>"), true, NotRead::Symbolic),
        (10, ("C", "R"), true, NotRead::Symbolic),
        (0, ("N", "A"), true, NotRead::BeyondContig),
        (REFERENCE.len() as u32 + 1, ("A", "T"), true, NotRead::BeyondContig),
        (10, ("G", "T"), true, NotRead::ReferenceDiffers),
        (10, ("C", long.as_str()), true, NotRead::TooLong),
        (10, ("CT", "GGG"), false, NotRead::NeedsReference),
    ] {
        assert_eq!(
            site(position, alleles, with_reference),
            Err(expected),
            "{position} {alleles:?}"
        );
    }
    assert!(site(10, ("CT", "GGG"), true).is_ok());
}

#[test]
fn what_lies_beyond_the_cap_is_counted() {
    let site = site(10, ("C", "T"), false).unwrap();
    let limits = Limits { max_depth: 3, ..limits() };
    let mut counter = Counter::new(&site, &limits);
    let bytes = draft(5, "10M", "CAGGTTTACC").bytes();
    let mut model = Model::new(&limits);
    for _ in 0..5 {
        counter.add(ReadView::new(&bytes).unwrap(), &mut model);
    }
    let reads = counter.finish();
    assert_eq!((reads.alternate.count(), reads.excluded.beyond_cap), (3, 2));
}
