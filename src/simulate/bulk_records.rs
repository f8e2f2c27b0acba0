//! The records of bulk calls: where they lie, what they change, how common that is, and their lines.

use std::io::{self, Write as _};

use super::bulk_calls::Options;
use super::bulk_genes::{self, BLOCK_BP, BulkGene, Change, Impact};
use super::bulk_trio::{self, NEW};
use super::csq::{EXOMES, GENOMES, shown};
use super::haplotype::Edit;
use super::rng::Rng;
use crate::io::bgzf_writer::{Piece, PieceBuilder};
use crate::io::write_index::{BinIndex, Entry};
use crate::model::contig::{Assembly, ContigClass};
use crate::model::coord::Span;

/// Records of a chunk: about 2 MB of text.
pub(super) const CHUNK_RECORDS: u64 = 2_048;
/// Longest indel, bp.
const LONGEST_INDEL: u64 = 12;
/// Below this frequency no database lists an allele.
const UNLISTED: f64 = 5e-6;

/// What a file holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Records.
    pub records: u64,
    /// Records that exchange one base.
    pub single_bases: u64,
    /// Records with FILTER PASS.
    pub passed: u64,
    /// Entries of the annotation.
    pub entries: u64,
    /// Records whose allele is new in the child.
    pub new: u64,
}

/// One contig and where calls may lie on it.
pub(super) struct Contig {
    pub(super) name: String,
    pub(super) length_bp: u32,
    /// Stretches of A, C, G and T.
    pub(super) known: Vec<Span>,
    pub(super) known_bp: u64,
    pub(super) records: u64,
    /// Number of the gene of its first block, from 1.
    pub(super) first_gene: u32,
}

/// The bases of one contig.
#[derive(Clone, Copy)]
pub(super) enum Bases<'a> {
    Drawn { seed: u64, contig: u64 },
    Read(&'a [u8]),
}

impl Bases<'_> {
    fn at(self, place0: u32) -> u8 {
        match self {
            Self::Read(bases) => bases.get(place0 as usize).copied().unwrap_or(b'N'),
            Self::Drawn { seed, contig } => {
                let bits = Rng::new(seed, &[61, contig, u64::from(place0 / 32)]).bits();
                b"ACGT"[(bits >> (place0 % 32 * 2) & 3) as usize]
            }
        }
    }
}

/// A compressed part of the file.
pub(super) type Part = (Piece, BinIndex, Summary);

/// Makes the records of one contig.
pub(super) struct Maker<'a> {
    pub(super) contig: &'a Contig,
    pub(super) number: u32,
    pub(super) bases: Bases<'a>,
    pub(super) assembly: Option<Assembly>,
    pub(super) options: Options,
}

impl Maker<'_> {
    pub(super) fn chunk(&self, chunk: u64) -> io::Result<Part> {
        let mut rng = Rng::new(self.options.seed, &[60, u64::from(self.number), chunk]);
        let mut builder = PieceBuilder::new(self.options.level);
        let mut index = BinIndex::default();
        let mut summary = Summary::default();
        let mut gene: Option<(u32, Option<BulkGene>)> = None;
        let mut line = Vec::with_capacity(4_096);
        for place0 in self.places(chunk, &mut rng) {
            let block = place0 / BLOCK_BP;
            if gene.as_ref().is_none_or(|(known, _)| *known != block) {
                gene = Some((block, self.gene(block)));
            }
            let near = gene.as_ref().and_then(|(_, gene)| gene.as_ref());
            line.clear();
            let end = self.record(place0, near, &mut rng, (&mut line, &mut summary));
            let from = builder.position();
            builder.push(&line)?;
            let to = builder.position();
            index.add(Entry { contig: self.number, start: place0, end, mapped: true, from, to });
        }
        Ok((builder.finish()?, index, summary))
    }

    fn gene(&self, block: u32) -> Option<BulkGene> {
        let whole = (block + 1) * BLOCK_BP <= self.contig.length_bp;
        whole.then(|| {
            BulkGene::new(self.options.seed, (self.number, block), self.contig.first_gene + block)
        })
    }

    /// Places of a chunk's records, ascending: gaps are exponential, scaled so that they fill the chunk's stretch.
    fn places(&self, chunk: u64, rng: &mut Rng) -> Vec<u32> {
        let first = chunk * CHUNK_RECORDS;
        let count = CHUNK_RECORDS.min(self.contig.records - first);
        let bound = |record: u64| {
            let known = u128::from(self.contig.known_bp);
            (known * u128::from(record) / u128::from(self.contig.records)) as u64
        };
        let (start, end) = (bound(first), bound(first + count));
        // Each record takes a base of its own; the gaps share the rest.
        let free = (end - start - count) as f64;
        let gaps: Vec<f64> = (0..=count).map(|_| rng.exponential()).collect();
        let total: f64 = gaps.iter().sum();
        let mut sum = 0.0;
        let mut spans = self.contig.known.iter().copied();
        let (mut span, mut before) = (spans.next().unwrap_or_default(), 0);
        (0..count)
            .zip(gaps)
            .map(|(i, gap)| {
                sum += gap;
                let known = start + i + (sum / total * free) as u64;
                while known >= before + u64::from(span.len()) {
                    before += u64::from(span.len());
                    let Some(next) = spans.next() else { break };
                    span = next;
                }
                span.start + (known - before) as u32
            })
            .collect()
    }

    /// Appends one line; returns the end of REF, 0-based exclusive.
    fn record(
        &self,
        place0: u32,
        near: Option<&BulkGene>,
        rng: &mut Rng,
        (line, summary): (&mut Vec<u8>, &mut Summary),
    ) -> u32 {
        let coding = near.is_some_and(|gene| gene.is_coding(place0 + 1));
        let edit = self.edit(place0, if coding { 0.02 } else { 0.13 }, rng);
        let changed0 = place0 + u32::from(edit.is_indel());
        let near = near.filter(|gene| gene.reaches(changed0));
        let change = Change::draw(&edit, rng);
        let impact = near.map_or(Impact::Modifier, |gene| gene.impact(changed0, &change));
        let is_new = rng.chance(NEW);
        let frac = if is_new { 0.0 } else { frequency(impact, rng) };
        let passed = rng.chance(0.95);
        self.fixed_columns(&edit, frac >= UNLISTED, line);
        let (quality, filter) = if passed {
            (100.0 + 2_000.0 * rng.unit(), "PASS")
        } else {
            (3.0 + 27.0 * rng.unit(), "LowQual")
        };
        let _ = write!(line, "\t{quality:.2}\t{filter}\t");
        let class = ContigClass::of_name(&self.contig.name);
        let copies = bulk_trio::copies(class, self.assembly, place0);
        let mut alleles = bulk_trio::inherit(&copies, frac, is_new, rng);
        if let Some(disomy) = &self.options.disomy {
            disomy.plant((class, place0), &mut alleles);
        }
        let mut columns = Vec::with_capacity(128);
        let called = bulk_trio::columns(&alleles, rng, &mut columns);
        let share = f64::from(called.alternates) / f64::from(called.total.max(1));
        let _ = write!(
            line,
            "AC={};AF={share:.3};AN={};DP={};FS={:.3};MQ={:.2};QD={:.2};SOR={:.3}",
            called.alternates,
            called.total,
            called.depth,
            rng.unit() * 10.0,
            50.0 + 10.0 * rng.unit(),
            if passed { 5.0 + 25.0 * rng.unit() } else { 2.0 * rng.unit() },
            rng.unit() * 3.0,
        );
        populations(frac, impact > Impact::Modifier || coding, rng, line);
        line.extend_from_slice(b";CSQ=");
        let entries = if let Some(gene) = near {
            gene.entries(&edit, changed0, &change, line)
        } else {
            bulk_genes::intergenic(&edit, line)
        };
        line.extend_from_slice(b"\tGT:AD:DP:GQ:PL");
        line.extend_from_slice(&columns);
        line.push(b'\n');
        summary.records += 1;
        summary.single_bases += u64::from(!edit.is_indel());
        summary.passed += u64::from(passed);
        summary.entries += entries;
        summary.new += u64::from(is_new);
        edit.end0()
    }

    /// Appends the columns up to ALT.
    fn fixed_columns(&self, edit: &Edit, is_listed: bool, line: &mut Vec<u8>) {
        let _ = write!(line, "{}\t{}\t", self.contig.name, edit.start0 + 1);
        if is_listed {
            let _ = write!(line, "rs99{:02}{:09}", self.number % 100, edit.start0);
        } else {
            line.push(b'.');
        }
        for bases in [&edit.reference, &edit.alternate] {
            line.push(b'\t');
            line.extend_from_slice(bases);
        }
    }

    /// A change at a place, in its leftmost form: an indel whose last base is its anchor's could move left.
    fn edit(&self, start0: u32, indels: f64, rng: &mut Rng) -> Edit {
        let anchor = self.bases.at(start0);
        let u = rng.unit();
        let length = 1 + (rng.exponential() * 2.0) as u64;
        let length = length.min(LONGEST_INDEL) as u32;
        if u < indels / 2.0 {
            let mut alternate = vec![anchor];
            alternate.extend((1..length).map(|_| rng.base()));
            alternate.push(rng.other_base(anchor));
            return Edit { start0, reference: vec![anchor], alternate };
        }
        let end = start0 + 1 + length;
        if u < indels && end <= self.contig.length_bp {
            let reference: Vec<u8> = (start0..end).map(|place0| self.bases.at(place0)).collect();
            if reference.last() != Some(&anchor)
                && reference.iter().all(|base| matches!(base, b'A' | b'C' | b'G' | b'T'))
            {
                return Edit { start0, reference, alternate: vec![anchor] };
            }
        }
        Edit { start0, reference: vec![anchor], alternate: vec![rng.other_base(anchor)] }
    }
}

/// The population frequency of an allele seen in a family: mostly common, the rarer the more it harms.
fn frequency(impact: Impact, rng: &mut Rng) -> f64 {
    let power = match impact {
        Impact::Modifier => 1.5,
        Impact::Low => 2.0,
        Impact::Moderate => 3.0,
        Impact::High => 6.0,
    };
    rng.unit().powf(power)
}

/// Appends the frequencies that databases would list: exomes only where they were sequenced.
fn populations(frac: f64, in_exome: bool, rng: &mut Rng, line: &mut Vec<u8>) {
    if frac < UNLISTED {
        return;
    }
    let _ = write!(line, ";gnomADg_AF={}", shown(frac));
    let _ = write!(line, ";gnomADg_nhomalt={}", (frac * frac * 70_000.0) as u32);
    for (set, names) in [("gnomADe", &EXOMES[..]), ("gnomADg", &GENOMES[..])] {
        if set == "gnomADe" && !in_exome {
            continue;
        }
        for name in names {
            let value = (frac * (0.75 + 0.5 * rng.unit())).min(1.0);
            line.extend_from_slice(b";");
            line.extend_from_slice(set.as_bytes());
            line.extend_from_slice(b"_AF_");
            line.extend(name.bytes().map(|byte| byte.to_ascii_lowercase()));
            let _ = write!(line, "={}", shown(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_ascend_within_known_bases() {
        let known = vec![Span::new(10, 40), Span::new(100, 170)];
        let contig = Contig {
            name: "chr1".into(),
            length_bp: 200,
            known,
            known_bp: 100,
            records: 60,
            first_gene: 1,
        };
        let options = Options { records: 60, level: 1, seed: 1, disomy: None };
        let bases = Bases::Drawn { seed: 1, contig: 0 };
        let maker = Maker { contig: &contig, number: 0, bases, assembly: None, options };
        let places = maker.places(0, &mut Rng::new(2, &[]));
        assert_eq!(places.len(), 60);
        assert!(places.windows(2).all(|pair| pair[0] < pair[1]), "{places:?}");
        assert!(places.iter().all(|p| (10..40).contains(p) || (100..170).contains(p)));
    }
}
