//! Genes of bulk calls: one a block of the genome, each with several transcripts, and what an edit does to all of them.
//!
//! Which amino acid changes is drawn, not read off the sequence: these calls are there to be counted and filtered, not to
//! be predicted again.

use super::haplotype::Edit;
use super::panel::PanelGene;
use super::plan::moi;
use super::rng::Rng;
use crate::model::contig::ContigClass;
use std::io::Write as _;

/// One gene lies in each whole block of a contig, bp: about as dense as the 20,000 coding genes of the human genome.
pub const BLOCK_BP: u32 = 150_000;
/// Annotated before and after a gene, bp, as VEP does.
const FLANK_BP: u32 = 5_000;
/// Untranslated bases at both ends of a transcript.
const UNTRANSLATED_BP: u32 = 40;
/// Every so many genes one is on the panel.
const PANEL_STEP: u32 = 10;

/// The fields of the annotation.
pub const FIELDS: &str =
    "Allele|Consequence|IMPACT|SYMBOL|Gene|Feature_type|Feature|BIOTYPE|EXON|HGVSc|HGVSp|CANONICAL";

const AMINO_ACIDS: [&str; 20] = [
    "Ala", "Arg", "Asn", "Asp", "Cys", "Gln", "Glu", "Gly", "His", "Ile", "Leu", "Lys", "Met",
    "Phe", "Pro", "Ser", "Thr", "Trp", "Tyr", "Val",
];

/// How strongly selection keeps an allele rare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Impact {
    /// Outside of coding sequence and splice sites.
    Modifier,
    /// Synonymous, near a splice site.
    Low,
    /// Missense, in frame.
    Moderate,
    /// Truncating.
    High,
}

impl Impact {
    /// VEP's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Modifier => "MODIFIER",
            Self::Low => "LOW",
            Self::Moderate => "MODERATE",
            Self::High => "HIGH",
        }
    }
}

/// A gene that does not exist.
#[derive(Clone, Debug)]
pub struct BulkGene {
    /// Number from 1 over the whole genome.
    pub number: u32,
    /// First base, 0-based.
    pub start0: u32,
    /// Exons, 0-based half-open, sorted; the last one ends the gene.
    exons: Vec<(u32, u32)>,
    forward: bool,
    coding: bool,
    transcripts: Vec<Transcript>,
}

#[derive(Clone, Copy, Debug)]
struct Transcript {
    biotype: &'static str,
    /// An exon that this transcript leaves out.
    skipped: Option<usize>,
}

/// Where an edit lies in a transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Before,
    After,
    Untranslated {
        exon: usize,
        first: bool,
    },
    Coding {
        exon: usize,
    },
    /// Distances to the exons on the left and on the right, bp from 1.
    Intron {
        left: u32,
        right: u32,
    },
}

/// What one record does to coding sequence: the same in every transcript.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    term: &'static str,
    impact: Impact,
    amino_acids: [&'static str; 2],
    residue: u32,
}

impl Change {
    /// Draws what an edit would do in coding sequence.
    pub fn draw(edit: &Edit, rng: &mut Rng) -> Self {
        let pick = |rng: &mut Rng| AMINO_ACIDS[rng.below(20) as usize];
        let amino_acids = [pick(rng), pick(rng)];
        let residue = 1 + rng.below(900) as u32;
        let (added, removed) = (edit.alternate.len(), edit.reference.len());
        let u = rng.unit();
        let (term, impact) = match added.cmp(&removed) {
            _ if !added.abs_diff(removed).is_multiple_of(3) => ("frameshift_variant", Impact::High),
            std::cmp::Ordering::Greater => ("inframe_insertion", Impact::Moderate),
            std::cmp::Ordering::Less => ("inframe_deletion", Impact::Moderate),
            // Shares of random single-base changes under the standard genetic code.
            _ if u < 0.24 => ("synonymous_variant", Impact::Low),
            _ if u < 0.95 => ("missense_variant", Impact::Moderate),
            std::cmp::Ordering::Equal => ("stop_gained", Impact::High),
        };
        Self { term, impact, amino_acids, residue }
    }
}

impl BulkGene {
    /// The gene of a block of a contig.
    pub fn new(seed: u64, (contig, block): (u32, u32), number: u32) -> Self {
        let mut rng = Rng::new(seed, &[62, u64::from(contig), u64::from(block)]);
        let long = 40_000 + rng.below(90_000) as u32;
        let start0 = block * BLOCK_BP + FLANK_BP + rng.below(u64::from(140_000 - long)) as u32;
        let count = 2 + rng.below(17) as u32;
        let slot = long / count;
        let exons: Vec<(u32, u32)> = (0..count)
            .map(|i| {
                let shift = if i == 0 { 0 } else { rng.below(u64::from(slot - 400)) as u32 };
                let start = start0 + i * slot + shift;
                (start, start + 100 + rng.below(150) as u32)
            })
            .collect();
        let forward = rng.chance(0.5);
        let coding = number % PANEL_STEP == 1 || rng.chance(0.85);
        let transcripts = (0..2 + rng.below(12) as usize)
            .map(|i| {
                let biotype = match rng.unit() {
                    _ if !coding => "lncRNA",
                    u if i == 0 || u < 0.6 => "protein_coding",
                    u if u < 0.8 => "retained_intron",
                    u if u < 0.9 => "nonsense_mediated_decay",
                    _ => "protein_coding_CDS_not_defined",
                };
                let skipped = rng.below(u64::from(count)) as usize;
                Transcript { biotype, skipped: (i > 0 && skipped > 0).then_some(skipped) }
            })
            .collect();
        Self { number, start0, exons, forward, coding, transcripts }
    }

    /// One past the last base, 0-based.
    pub fn end0(&self) -> u32 {
        self.exons.last().map_or(self.start0, |exon| exon.1)
    }

    /// True when annotations of this place name the gene.
    pub fn reaches(&self, place0: u32) -> bool {
        (self.start0 - FLANK_BP..self.end0() + FLANK_BP).contains(&place0)
    }

    /// True in coding sequence of the first transcript.
    pub fn is_coding(&self, place0: u32) -> bool {
        self.coding && matches!(self.part(place0, None), Part::Coding { .. })
    }

    fn part(&self, place0: u32, skipped: Option<usize>) -> Part {
        if place0 < self.start0 {
            return Part::Before;
        }
        let end0 = self.end0();
        if place0 >= end0 {
            return Part::After;
        }
        let mut left = self.start0;
        for (exon, &(start, end)) in self.exons.iter().enumerate() {
            if Some(exon) == skipped {
                continue;
            }
            if place0 < start {
                return Part::Intron { left: place0 - left + 1, right: start - place0 };
            }
            if place0 < end {
                let first = place0 < self.start0 + UNTRANSLATED_BP;
                return if first || place0 + UNTRANSLATED_BP >= end0 {
                    Part::Untranslated { exon, first }
                } else {
                    Part::Coding { exon }
                };
            }
            left = end;
        }
        Part::After
    }

    /// Terms, impact and exon (index) of one transcript.
    fn effect(
        &self,
        transcript: Transcript,
        place0: u32,
        change: &Change,
    ) -> (&'static str, Impact, Option<usize>) {
        let part = self.part(place0, transcript.skipped);
        let codes = matches!(transcript.biotype, "protein_coding" | "nonsense_mediated_decay");
        match part {
            Part::Before | Part::After if (part == Part::Before) == self.forward => {
                ("upstream_gene_variant", Impact::Modifier, None)
            }
            Part::Before | Part::After => ("downstream_gene_variant", Impact::Modifier, None),
            Part::Coding { exon } | Part::Untranslated { exon, .. } if !codes => {
                ("non_coding_transcript_exon_variant", Impact::Modifier, Some(exon))
            }
            Part::Coding { exon } => (change.term, change.impact, Some(exon)),
            Part::Untranslated { exon, first } if first == self.forward => {
                ("5_prime_UTR_variant", Impact::Modifier, Some(exon))
            }
            Part::Untranslated { exon, .. } => {
                ("3_prime_UTR_variant", Impact::Modifier, Some(exon))
            }
            Part::Intron { .. } if !codes => {
                ("intron_variant&non_coding_transcript_variant", Impact::Modifier, None)
            }
            Part::Intron { left, right } => {
                let (donor, acceptor) = if self.forward { (left, right) } else { (right, left) };
                let (term, impact) = match (donor, acceptor) {
                    (1 | 2, _) => ("splice_donor_variant", Impact::High),
                    (_, 1 | 2) => ("splice_acceptor_variant", Impact::High),
                    (5, _) => ("splice_donor_5th_base_variant&intron_variant", Impact::Low),
                    (3..=6, _) => ("splice_donor_region_variant&intron_variant", Impact::Low),
                    (7 | 8, _) | (_, 3..=8) => {
                        ("splice_region_variant&intron_variant", Impact::Low)
                    }
                    _ => ("intron_variant", Impact::Modifier),
                };
                (term, impact, None)
            }
        }
    }

    /// The impact on the first transcript.
    pub fn impact(&self, place0: u32, change: &Change) -> Impact {
        let first = self.transcripts.first();
        first.map_or(Impact::Modifier, |&first| self.effect(first, place0, change).1)
    }

    /// Appends the entries of all transcripts, comma-separated; returns how many.
    pub fn entries(&self, edit: &Edit, place0: u32, change: &Change, out: &mut Vec<u8>) -> u64 {
        let gene = self.number;
        for (i, &transcript) in self.transcripts.iter().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            let (terms, impact, exon) = self.effect(transcript, place0, change);
            allele(edit, out);
            let decay =
                transcript.biotype == "nonsense_mediated_decay" && impact == Impact::Modifier;
            let _ = write!(
                out,
                "|{terms}{}|{}|SIMB{gene:05}|ENSG97{gene:09}|Transcript|ENST97{gene:07}{i:02}|{}|",
                if decay { "&NMD_transcript_variant" } else { "" },
                impact.word(),
                transcript.biotype,
            );
            if let Some(exon) = exon {
                let count = self.exons.len();
                let number = if self.forward { exon + 1 } else { count - exon };
                let _ = write!(out, "{number}/{count}");
            }
            out.push(b'|');
            if self.reaches_inside(place0) {
                let _ = write!(out, "ENST97{gene:07}{i:02}.1:g.");
                hgvs(edit, out);
            }
            out.push(b'|');
            if impact >= Impact::Moderate && exon.is_some() {
                let [old, new] = change.amino_acids;
                let residue = change.residue;
                let _ = write!(out, "ENSP97{gene:07}{i:02}.1:p.{old}{residue}{new}");
            }
            out.extend_from_slice(if i == 0 { b"|YES" } else { b"|" });
        }
        self.transcripts.len() as u64
    }

    fn reaches_inside(&self, place0: u32) -> bool {
        (self.start0..self.end0()).contains(&place0)
    }

    /// Its row of the panel; `None` for the genes that are not on it.
    pub fn on_panel(&self, contig: &str) -> Option<PanelGene> {
        if self.number % PANEL_STEP != 1 {
            return None;
        }
        let class = ContigClass::of_name(contig);
        let mut rng = Rng::new(63, &[u64::from(self.number)]);
        let confidence = match rng.unit() {
            u if u < 0.7 => "3",
            u if u < 0.85 => "2",
            _ => "1",
        };
        let moi = match (class, rng.unit()) {
            (ContigClass::X, _) => moi::XL_BI,
            (_, u) if u < 0.5 => moi::BI,
            (_, u) if u < 0.8 => moi::MONO,
            (_, u) if u < 0.9 => moi::MONO_UNKNOWN,
            _ => moi::BOTH,
        };
        let bare = class.bare_name().unwrap_or_else(|| contig.to_owned());
        Some(PanelGene {
            symbol: format!("SIMB{:05}", self.number),
            ensembl: format!("ENSG97{:09}", self.number),
            hgnc: format!("HGNC:97{:05}", self.number),
            location: format!("{bare}:{}-{}", self.start0 + 1, self.end0()),
            confidence,
            moi,
        })
    }
}

/// The allele as VEP names it: without the base that all alleles share.
fn allele(edit: &Edit, out: &mut Vec<u8>) {
    match &edit.alternate[usize::from(edit.is_indel())..] {
        b"" => out.push(b'-'),
        trimmed => out.extend_from_slice(trimmed),
    }
}

/// The change in genomic words, which need no coding sequence.
fn hgvs(edit: &Edit, out: &mut Vec<u8>) {
    let (from, to) = (edit.start0 + 2, edit.end0());
    match (edit.reference.len(), edit.alternate.len()) {
        (1, 1) => {
            let [old, new] = [&edit.reference, &edit.alternate].map(|bases| bases[0] as char);
            let _ = write!(out, "{}{old}>{new}", edit.start0 + 1);
        }
        (1, _) => {
            let _ = write!(out, "{}_{from}ins", from - 1);
            out.extend_from_slice(&edit.alternate[1..]);
        }
        (2, _) => {
            let _ = write!(out, "{from}del");
        }
        _ => {
            let _ = write!(out, "{from}_{to}del");
        }
    }
}

/// Appends the one entry of an allele outside of every gene; returns how many.
pub fn intergenic(edit: &Edit, out: &mut Vec<u8>) -> u64 {
    allele(edit, out);
    out.extend_from_slice(b"|intergenic_variant|MODIFIER|||||||||");
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snv(place0: u32) -> Edit {
        Edit { start0: place0, reference: b"A".to_vec(), alternate: b"C".to_vec() }
    }

    #[test]
    fn genes_stay_in_their_blocks_and_entries_have_all_fields() {
        let mut rng = Rng::new(1, &[]);
        let bars = FIELDS.matches('|').count();
        for block in 0..300 {
            let gene = BulkGene::new(5, (2, block), block + 1);
            let bounds = block * BLOCK_BP..(block + 1) * BLOCK_BP;
            assert!(bounds.contains(&(gene.start0 - FLANK_BP)));
            assert!(bounds.contains(&(gene.end0() + FLANK_BP - 1)));
            assert!(gene.exons.windows(2).all(|pair| pair[0].1 < pair[1].0), "{:?}", gene.exons);
            for place0 in [gene.start0 - 3, gene.start0 + 60, gene.exons[0].1, gene.end0()] {
                let mut out = Vec::new();
                let edit = snv(place0);
                let change = Change::draw(&edit, &mut rng);
                let n = gene.entries(&edit, place0, &change, &mut out);
                let text = String::from_utf8(out).unwrap();
                assert_eq!(text.split(',').count() as u64, n);
                assert!(text.split(',').all(|e| e.matches('|').count() == bars), "{text}");
            }
        }
        let mut out = Vec::new();
        intergenic(&snv(5), &mut out);
        assert_eq!(String::from_utf8(out).unwrap().matches('|').count(), bars);
    }

    #[test]
    fn the_ends_of_introns_are_splice_sites_on_both_strands() {
        let gene = BulkGene::new(5, (0, 0), 1);
        let change = Change::draw(&snv(9), &mut Rng::new(1, &[]));
        let first = gene.transcripts[0];
        assert_eq!((first.biotype, first.skipped), ("protein_coding", None));
        let (donor, acceptor) = (gene.exons[0].1, gene.exons[1].0 - 1);
        let terms = [donor, acceptor].map(|place0| gene.effect(first, place0, &change).0);
        let mut expected = ["splice_donor_variant", "splice_acceptor_variant"];
        if !gene.forward {
            expected.reverse();
        }
        assert_eq!(terms, expected);
        assert!(gene.is_coding(gene.start0 + UNTRANSLATED_BP));
        assert!(!gene.is_coding(gene.start0 + UNTRANSLATED_BP - 1));
    }
}
