//! One variant as reads are asked about it, and the count of the answers.

use super::fragments::{Allele, Fragments, Shown};
use super::haplotypes::{Haplotypes, Model};
use super::limits::Limits;
use super::place::{self, Over};
use crate::io::fasta::FastaReader;
use crate::model::coord::Span;
use crate::model::evidence::{NotRead, ReadMethod, SiteReads};
use crate::model::problem::Problem;
use crate::model::read::{OpKind, ReadView, flag};
use crate::model::variant::{Variant, VariantKind};

/// Farthest that an indel is moved within a repeat, bp: no short read spans more.
const MOVED_AT_MOST_BP: u32 = 500;
/// Haplotype beyond the part of a read that is compared, bp: reads may hold other small indels.
const SPARE_BP: u32 = 10;

/// A variant that reads can be asked about.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// Where reads are fetched (0-based half-open, bp).
    pub span: Span,
    /// What a read must touch to be counted at all (0-based half-open, bp).
    core: Span,
    question: Question,
}

#[derive(Clone, Debug, PartialEq)]
enum Question {
    Bases { reference: Vec<u8>, alternate: Vec<u8> },
    Cigar { anchor: u32, change: Change },
    Haplotypes { haplotypes: Box<Haplotypes>, outer: Span, inner: Span, net: i64 },
}

#[derive(Clone, Debug, PartialEq)]
enum Change {
    Inserted(Vec<u8>),
    Deleted(u32),
}

impl Site {
    /// Prepares a variant on a contig of `length` bp; with the reference, indels are read by likelihood.
    ///
    /// # Errors
    ///
    /// A reference that cannot be read. Inside: why reads cannot be asked about this variant.
    pub fn new(
        variant: &Variant,
        length: u32,
        reference: Option<&mut FastaReader>,
        limits: &Limits,
    ) -> Result<Result<Self, NotRead>, Problem> {
        let (allele, other) = (variant.reference.as_bytes(), variant.alternate.as_bytes());
        let is_base = |base: &u8| matches!(base, b'A' | b'C' | b'G' | b'T' | b'N');
        let plain =
            !allele.is_empty() && !other.is_empty() && allele.iter().chain(other).all(is_base);
        if variant.kind() == VariantKind::Symbolic || !plain {
            return Ok(Err(NotRead::Symbolic));
        }
        let start = variant.position.to_pos0().0;
        let end = u64::from(start) + allele.len() as u64;
        if variant.position.0 == 0 || end > u64::from(length) {
            return Ok(Err(NotRead::BeyondContig));
        }
        if allele.len().max(other.len()) > limits.max_allele_bp {
            return Ok(Err(NotRead::TooLong));
        }
        let span = Span::new(start, end as u32);
        let reference = reference.filter(|reader| reader.has(variant.contig));
        if let Some(reader) = reference {
            if reader.fetch(variant.contig, span.start, span.end)? != allele {
                return Ok(Err(NotRead::ReferenceDiffers));
            }
            if allele.len() != other.len() {
                return Self::by_likelihood(variant, span, reader, limits).map(Ok);
            }
        }
        Ok(Self::as_placed(variant, span))
    }

    fn as_placed(variant: &Variant, span: Span) -> Result<Self, NotRead> {
        let (allele, other) = (variant.reference.as_bytes(), variant.alternate.as_bytes());
        let change = match variant.kind() {
            VariantKind::Snv | VariantKind::Mnv => {
                let question =
                    Question::Bases { reference: allele.to_vec(), alternate: other.to_vec() };
                return Ok(Self { span, core: span, question });
            }
            VariantKind::Insertion => Change::Inserted(other[1..].to_vec()),
            VariantKind::Deletion => Change::Deleted(allele.len() as u32 - 1),
            VariantKind::Delins | VariantKind::Symbolic => return Err(NotRead::NeedsReference),
        };
        let question = Question::Cigar { anchor: span.start, change };
        Ok(Self { span, core: span, question })
    }

    fn by_likelihood(
        variant: &Variant,
        span: Span,
        reader: &mut FastaReader,
        limits: &Limits,
    ) -> Result<Self, Problem> {
        let (allele, other) = (variant.reference.as_bytes(), variant.alternate.as_bytes());
        // Bases that both alleles begin with stay what they are.
        let shared = allele.iter().zip(other).take_while(|(a, b)| a == b).count();
        let (gone, came) = (&allele[shared..], &other[shared..]);
        let changed = Span::new(span.start + shared as u32, span.end);
        let inner = widened(variant, changed, (gone, came), reader)?;
        let spare = SPARE_BP + gone.len().max(came.len()) as u32;
        let outer =
            Span::new(inner.start.saturating_sub(limits.flank_bp), inner.end + limits.flank_bp);
        let window = Span::new(outer.start.saturating_sub(spare), outer.end + spare);
        let bases = reader.fetch(variant.contig, window.start, window.end)?.to_vec();
        let before = (changed.start - window.start) as usize;
        let after = (changed.end - window.start) as usize;
        let alternate = [&bases[..before], came, &bases[after..]].concat();
        let net = came.len() as i64 - gone.len() as i64;
        let haplotypes = Box::new(Haplotypes { reference: bases, alternate });
        // A read that is clipped before the indel is still fetched by its aligned part.
        let core = Span::new(inner.start.saturating_sub(1), inner.end + 1);
        let question = Question::Haplotypes { haplotypes, outer, inner, net };
        Ok(Self { span: outer, core, question })
    }

    fn method(&self) -> ReadMethod {
        match self.question {
            Question::Bases { .. } => ReadMethod::Bases,
            Question::Cigar { .. } => ReadMethod::Cigar,
            Question::Haplotypes { .. } => ReadMethod::Likelihood,
        }
    }

    /// What a read shows; `None` when it does not reach the variant.
    fn ask(&self, read: ReadView<'_>, limits: &Limits, model: &mut Model) -> Option<Shown> {
        match &self.question {
            Question::Bases { reference, alternate } => {
                let first = match place::over(read, self.span) {
                    Over::Not => return None,
                    Over::Indel => return Some(Shown::Allele(Allele::Other)),
                    Over::Bases(first) => first,
                };
                Some(by_bases(read, first, reference, alternate))
            }
            Question::Cigar { anchor, change } => {
                by_cigar(read, *anchor, change).map(Shown::Allele)
            }
            Question::Haplotypes { haplotypes, outer, inner, net } => {
                let spare = net.unsigned_abs() as u32;
                let part = place::part(read, *outer, *inner, spare)?;
                let likelihoods = model.of_read(haplotypes, read, part);
                // METHOD: a read that the aligner gave an indel of a third length shows neither allele, provided that both
                // haplotypes cost it a gap.
                let gap = 0.75 * limits.gap_open / 10.0 * std::f64::consts::LN_10;
                let third = part.net != 0 && part.net != *net && likelihoods.loss() > gap;
                Some(if third {
                    Shown::Allele(Allele::Other)
                } else {
                    Shown::Ratio(likelihoods.ratio())
                })
            }
        }
    }
}

/// Where the change could as well stand: moved left and right through a repeat.
fn widened(
    variant: &Variant,
    changed: Span,
    (gone, came): (&[u8], &[u8]),
    reader: &mut FastaReader,
) -> Result<Span, Problem> {
    let unit = match (gone, came) {
        (unit, []) | ([], unit) if !unit.is_empty() => unit,
        _ => return Ok(changed),
    };
    let right = reader.fetch(variant.contig, changed.end, changed.end + MOVED_AT_MOST_BP)?;
    let right = right.iter().zip(unit.iter().cycle()).take_while(|(a, b)| a == b).count() as u32;
    let from = changed.start.saturating_sub(MOVED_AT_MOST_BP);
    let left = reader.fetch(variant.contig, from, changed.start)?;
    let moved = left.iter().rev().zip(unit.iter().rev().cycle());
    let left = moved.take_while(|(a, b)| a == b).count() as u32;
    Ok(Span::new(changed.start - left, changed.end + right))
}

fn by_bases(read: ReadView<'_>, first: usize, reference: &[u8], alternate: &[u8]) -> Shown {
    let is = |allele: &[u8]| {
        allele.iter().enumerate().all(|(i, &base)| place::base(read, first + i) == base)
    };
    let bases = first..first + reference.len();
    let quality = bases.clone().filter_map(|i| read.qualities().get(i)).min();
    // Qualities that are not known are those of a read whose maker gave none: they pass.
    let quality = u16::from(quality.copied().unwrap_or(0));
    let unread = bases.clone().any(|i| place::base(read, i) == b'N');
    let allele = match () {
        () if unread => Allele::None,
        () if is(reference) => Allele::Reference,
        () if is(alternate) => Allele::Alternate,
        () => Allele::Other,
    };
    Shown::Bases(allele, quality)
}

/// The operation right after the anchor, and whether the read is aligned over all that the change touches.
fn by_cigar(read: ReadView<'_>, anchor: u32, change: &Change) -> Option<Allele> {
    let deleted = match change {
        Change::Inserted(_) => 0,
        Change::Deleted(length) => *length,
    };
    let last = anchor + deleted + 1;
    let (mut at, mut query) = (read.position().max(0) as u32, 0_usize);
    if at > anchor || read.end() <= last as i32 {
        return None;
    }
    let mut found = Allele::Reference;
    for op in read.cigar().iter() {
        let touches = at > anchor && at <= last;
        let same = match (op.kind, change) {
            (OpKind::Skip, _) if at <= last && at + op.length > anchor => return None,
            (OpKind::Insertion, Change::Inserted(bases)) if at == anchor + 1 => {
                let own = (query..query + op.length as usize).map(|i| place::base(read, i));
                Some(own.eq(bases.iter().copied()))
            }
            (OpKind::Deletion, Change::Deleted(length)) if at == anchor + 1 => {
                Some(op.length == *length)
            }
            (OpKind::Insertion, _) if touches => Some(false),
            (OpKind::Deletion, _) if at <= last && at + op.length > anchor => Some(false),
            _ => None,
        };
        match same {
            Some(true) if found == Allele::Reference => found = Allele::Alternate,
            Some(_) => found = Allele::Other,
            None => {}
        }
        at += if op.consumes_reference() { op.length } else { 0 };
        query += if op.consumes_read() { op.length as usize } else { 0 };
    }
    Some(found)
}

/// Counts the reads of one site, in the order of the file.
#[derive(Debug)]
pub struct Counter<'a> {
    site: &'a Site,
    limits: &'a Limits,
    reads: SiteReads,
    fragments: Fragments,
    seen: u32,
}

impl<'a> Counter<'a> {
    /// Nothing seen yet.
    pub fn new(site: &'a Site, limits: &'a Limits) -> Self {
        let (reads, fragments) = (SiteReads::new(site.method()), Fragments::default());
        Self { site, limits, reads, fragments, seen: 0 }
    }

    /// Adds a read that may touch the site.
    pub fn add(&mut self, read: ReadView<'_>, model: &mut Model) {
        let (span, core) = (self.site.span, self.site.core);
        let flags = read.flags();
        let touches =
            |span: Span| read.position() < span.end as i32 && read.end() > span.start as i32;
        if flags & flag::UNMAPPED != 0 || !touches(span) {
            return;
        }
        let excluded = &mut self.reads.excluded;
        let cause = match () {
            () if flags & flag::DUPLICATE != 0 => Some(&mut excluded.duplicate),
            () if flags & (flag::SECONDARY | flag::SUPPLEMENTARY) != 0 => {
                Some(&mut excluded.not_primary)
            }
            () if flags & flag::QC_FAIL != 0 => Some(&mut excluded.failed),
            () if read.mapq() < self.limits.min_mapping_quality => {
                Some(&mut excluded.low_mapping_quality)
            }
            () if self.seen >= self.limits.max_depth => Some(&mut excluded.beyond_cap),
            () => None,
        };
        if let Some(cause) = cause {
            *cause += u32::from(touches(core));
            return;
        }
        if let Some(shown) = self.site.ask(read, self.limits, model) {
            self.seen += 1;
            self.fragments.add(read, shown);
        }
    }

    /// The counts.
    pub fn finish(mut self) -> SiteReads {
        self.fragments.count(self.limits, &mut self.reads);
        self.reads
    }
}
