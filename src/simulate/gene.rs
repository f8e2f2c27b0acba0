//! Fictitious genes on real or synthetic sequence: three coding exons, and the consequence that a change has in them.
//!
//! The reading frame is declared, not found, so other stop codons may stand in it; the codon that a planted variant
//! changes is always that of the sequence.

use std::collections::BTreeSet;

use super::haplotype::Edit;
use super::rng::Rng;
use super::windows::{Kind, Window};

/// Length of an exon, bp: 47 codons.
const EXON_BP: u32 = 141;
/// Length of an intron, bp.
const INTRON_BP: u32 = 120;
/// Exons of a gene.
const EXONS: u32 = 3;
/// From one gene's start to the next, bp.
pub const STRIDE_BP: u32 = 800;
/// Sequence before the first gene and after the last, bp: coverage falls towards the ends of a window.
pub const MARGIN_BP: u32 = 500;

/// A gene that does not exist.
#[derive(Clone, Debug)]
pub struct Gene {
    /// Number from 1, in names and identifiers.
    pub number: u32,
    /// Index of its window.
    pub window: usize,
    /// First base of the first exon on the forward strand, 0-based.
    pub start0: u32,
    /// True on the forward strand.
    pub forward: bool,
}

/// What change of the sequence is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Another amino acid.
    Missense,
    /// The same amino acid.
    Synonymous,
    /// A stop codon.
    StopGained,
    /// A deletion of one base in an exon.
    Frameshift,
    /// A deletion of one codon.
    InframeDeletion,
    /// The first base of an intron.
    SpliceDonor,
    /// The fifth base of an intron, which VEP has its own term for since release 105.
    DonorFifth,
}

/// What a change does to a gene's transcript.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// Sequence Ontology term.
    pub term: &'static str,
    /// VEP's impact class.
    pub impact: &'static str,
    /// `1/3` when the change is in an exon.
    pub exon: String,
    /// `1/2` when it is in an intron.
    pub intron: String,
    /// HGVS of the transcript, without its name.
    pub hgvsc: String,
    /// HGVS of the protein, without its name.
    pub hgvsp: String,
    /// 1-based place in the coding sequence.
    pub cds: Option<u32>,
    /// Amino acids, `R/Q`.
    pub amino_acids: String,
    /// Codons, the changed base in upper case.
    pub codons: String,
}

const CODONS: &[u8; 64] = b"KNKNTTTTRSRSIIMIQHQHPPPPRRRRLLLLEDEDAAAAGGGGVVVV*Y*YSSSS*CWCLFLF";
const NAMES: [(u8, &str); 21] = [
    (b'A', "Ala"),
    (b'R', "Arg"),
    (b'N', "Asn"),
    (b'D', "Asp"),
    (b'C', "Cys"),
    (b'Q', "Gln"),
    (b'E', "Glu"),
    (b'G', "Gly"),
    (b'H', "His"),
    (b'I', "Ile"),
    (b'L', "Leu"),
    (b'K', "Lys"),
    (b'M', "Met"),
    (b'F', "Phe"),
    (b'P', "Pro"),
    (b'S', "Ser"),
    (b'T', "Thr"),
    (b'W', "Trp"),
    (b'Y', "Tyr"),
    (b'V', "Val"),
    (b'*', "Ter"),
];

fn amino_acid(codon: [u8; 3]) -> u8 {
    let index = codon
        .iter()
        .fold(0, |sum, base| sum * 4 + b"ACGT".iter().position(|b| b == base).unwrap_or(0));
    CODONS[index]
}

fn long_name(amino_acid: u8) -> &'static str {
    NAMES.iter().find(|(letter, _)| *letter == amino_acid).map_or("Xaa", |(_, name)| name)
}

/// The base that pairs with this one.
pub fn complement(base: u8) -> u8 {
    match base {
        b'A' => b'T',
        b'C' => b'G',
        b'G' => b'C',
        b'T' => b'A',
        other => other,
    }
}

/// Lays as many genes as fit on the windows; none on Y. Strands alternate.
pub fn lay(windows: &[Window]) -> Vec<Gene> {
    let mut genes = Vec::new();
    for (window, stretch) in windows.iter().enumerate().filter(|(_, w)| w.kind != Kind::Y) {
        let mut start0 = stretch.start0 + MARGIN_BP;
        while start0 + STRIDE_BP + MARGIN_BP <= stretch.span().end {
            let number = genes.len() as u32 + 1;
            genes.push(Gene { number, window, start0, forward: number % 2 == 1 });
            start0 += STRIDE_BP;
        }
    }
    genes
}

impl Gene {
    /// Fictitious symbol.
    pub fn symbol(&self) -> String {
        format!("SIMG{:02}", self.number)
    }

    /// Identifier in Ensembl's form, from a range that Ensembl does not use.
    pub fn ensembl(&self) -> String {
        format!("ENSG99{:09}", self.number)
    }

    /// Transcript identifier.
    pub fn transcript(&self) -> String {
        format!("ENST99{:09}", self.number)
    }

    /// Identifier in HGNC's form, from a range that HGNC does not use.
    pub fn hgnc(&self) -> String {
        format!("HGNC:{}", 99_000 + self.number)
    }

    /// One past the last base of the last exon, 0-based.
    pub fn end0(&self) -> u32 {
        self.start0 + EXONS * EXON_BP + (EXONS - 1) * INTRON_BP
    }

    /// First and one past the last base of every exon, 0-based, in the order of the reference.
    pub fn exons(&self) -> Vec<(u32, u32)> {
        let starts = (0..EXONS).map(|exon| self.start0 + exon * (EXON_BP + INTRON_BP));
        starts.map(|start| (start, start + EXON_BP)).collect()
    }

    /// Exon of a place on the forward strand (from 0) and the distance from its start; `None` in introns and outside.
    fn exon_at(&self, place0: u32) -> Option<(u32, u32)> {
        let offset = place0.checked_sub(self.start0)?;
        let (exon, inside) = (offset / (EXON_BP + INTRON_BP), offset % (EXON_BP + INTRON_BP));
        (exon < EXONS && inside < EXON_BP).then_some((exon, inside))
    }

    /// Place in the coding sequence (from 0) of a forward place.
    fn coding(&self, place0: u32) -> Option<u32> {
        let (exon, inside) = self.exon_at(place0)?;
        let index = exon * EXON_BP + inside;
        Some(if self.forward { index } else { EXONS * EXON_BP - 1 - index })
    }

    /// Forward place of a place in the coding sequence.
    fn place_of(&self, coding: u32) -> u32 {
        let index = if self.forward { coding } else { EXONS * EXON_BP - 1 - coding };
        self.start0 + index / EXON_BP * (EXON_BP + INTRON_BP) + index % EXON_BP
    }

    fn on_strand(&self, base: u8) -> u8 {
        if self.forward { base } else { complement(base) }
    }

    fn codon(&self, window: &Window, first: u32) -> [u8; 3] {
        [0, 1, 2].map(|i| self.on_strand(window.base(self.place_of(first + i))))
    }

    fn exon_label(&self, exon: u32) -> String {
        format!("{}/{EXONS}", if self.forward { exon + 1 } else { EXONS - exon })
    }

    /// What an edit does to the gene; `None` when it lies outside.
    pub fn effect(&self, window: &Window, edit: &Edit) -> Option<Effect> {
        let changed0 = edit.start0 + u32::from(edit.is_indel());
        if changed0 < self.start0 || changed0 >= self.end0() {
            return None;
        }
        let Some((exon, _)) = self.exon_at(changed0) else { return Some(self.in_intron(edit)) };
        let coding = self.coding(changed0)?;
        let exon = self.exon_label(exon);
        if edit.is_indel() {
            return Some(self.indel(window, edit, exon));
        }
        let first = coding / 3 * 3;
        let before = self.codon(window, first);
        let mut after = before;
        after[(coding - first) as usize] = self.on_strand(edit.alternate[0]);
        let [old, new] = [before, after].map(amino_acid);
        let (term, impact) = match (old, new) {
            (a, b) if a == b => ("synonymous_variant", "LOW"),
            (_, b'*') => ("stop_gained", "HIGH"),
            (b'*', _) => ("stop_lost", "HIGH"),
            _ => ("missense_variant", "MODERATE"),
        };
        let residue = coding / 3 + 1;
        let hgvsp = if old == new {
            format!("p.{}{residue}=", long_name(old))
        } else {
            format!("p.{}{residue}{}", long_name(old), long_name(new))
        };
        Some(Effect {
            term,
            impact,
            exon,
            hgvsc: format!(
                "c.{}{}>{}",
                coding + 1,
                self.on_strand(edit.reference[0]) as char,
                self.on_strand(edit.alternate[0]) as char
            ),
            hgvsp,
            cds: Some(coding + 1),
            amino_acids: if old == new {
                char::from(old).to_string()
            } else {
                format!("{}/{}", char::from(old), char::from(new))
            },
            codons: format!("{}/{}", show(before, coding - first), show(after, coding - first)),
            ..Effect::default()
        })
    }

    fn indel(&self, window: &Window, edit: &Edit, exon: String) -> Effect {
        let removed = edit.reference.len() as u32 - 1;
        let added = edit.alternate.len() as u32 - 1;
        let ends = [edit.start0 + 1, edit.start0 + removed.max(1)];
        let mut places = ends.map(|p| self.coding(p).unwrap_or_default() + 1);
        places.sort_unstable();
        let [from, to] = places;
        let residue = (from - 1) / 3 + 1;
        let old = long_name(amino_acid(self.codon(window, (from - 1) / 3 * 3)));
        let shifts = !removed.abs_diff(added).is_multiple_of(3);
        let (term, impact, hgvsp) = if shifts {
            ("frameshift_variant", "HIGH", format!("p.{old}{residue}fs"))
        } else if added > removed {
            ("inframe_insertion", "MODERATE", format!("p.{old}{residue}_ins"))
        } else {
            ("inframe_deletion", "MODERATE", format!("p.{old}{residue}del"))
        };
        let what = if added == 0 { "del" } else { "ins" };
        let range = if from == to { from.to_string() } else { format!("{from}_{to}") };
        Effect {
            term,
            impact,
            exon,
            hgvsc: format!("c.{range}{what}"),
            hgvsp,
            cds: Some(from),
            ..Effect::default()
        }
    }

    fn in_intron(&self, edit: &Edit) -> Effect {
        let changed0 = edit.start0 + u32::from(edit.is_indel());
        let offset = changed0 - self.start0;
        let before = offset / (EXON_BP + INTRON_BP);
        let from_left = offset % (EXON_BP + INTRON_BP) - EXON_BP + 1;
        let from_right = INTRON_BP + 1 - from_left;
        let (donor, acceptor) =
            if self.forward { (from_left, from_right) } else { (from_right, from_left) };
        let (term, impact) = match (donor, acceptor) {
            (1 | 2, _) => ("splice_donor_variant", "HIGH"),
            (_, 1 | 2) => ("splice_acceptor_variant", "HIGH"),
            (5, _) => ("splice_donor_5th_base_variant&intron_variant", "LOW"),
            (3..=6, _) => ("splice_donor_region_variant&intron_variant", "LOW"),
            (7 | 8, _) | (_, 3..=8) => ("splice_region_variant&intron_variant", "LOW"),
            _ => ("intron_variant", "MODIFIER"),
        };
        let number = if self.forward { before + 1 } else { EXONS - 1 - before };
        let (place, sign, distance) = if donor <= acceptor {
            (number * EXON_BP, '+', donor)
        } else {
            (number * EXON_BP + 1, '-', acceptor)
        };
        let what = if edit.is_indel() {
            if edit.alternate.len() > edit.reference.len() { "ins" } else { "del" }.to_owned()
        } else {
            format!(
                "{}>{}",
                self.on_strand(edit.reference[0]) as char,
                self.on_strand(edit.alternate[0]) as char
            )
        };
        Effect {
            term,
            impact,
            intron: format!("{number}/{}", EXONS - 1),
            hgvsc: format!("c.{place}{sign}{distance}{what}"),
            ..Effect::default()
        }
    }

    /// A change of the wanted kind away from all taken places; `None` when the gene offers none.
    pub fn find(
        &self,
        window: &Window,
        want: Want,
        taken: &BTreeSet<u32>,
        rng: &mut Rng,
    ) -> Option<Edit> {
        let length = self.end0() - self.start0;
        (0..4_000).find_map(|_| {
            let place0 = self.start0 + rng.below(u64::from(length)) as u32;
            let edit = propose(window, want, place0, rng)?;
            let near = place0.saturating_sub(SPACING_BP)..place0 + SPACING_BP;
            let known = (place0 - 1..edit.end0() + 2).all(|p| window.base(p) != b'N');
            if taken.range(near).next().is_some() || !known {
                return None;
            }
            (self.effect(window, &edit)?.term == want.term() && self.is_whole(&edit))
                .then_some(edit)
        })
    }

    /// A deletion of a codon takes one codon, not parts of two; other edits are whole anyway.
    fn is_whole(&self, edit: &Edit) -> bool {
        let removed = edit.reference.len() as u32 - 1;
        let first = if self.forward { edit.start0 + 1 } else { edit.start0 + removed };
        let last = if self.forward { edit.start0 + removed } else { edit.start0 + 1 };
        !edit.is_indel()
            || !removed.is_multiple_of(3)
            || matches!((self.coding(first), self.coding(last)), (Some(a), Some(b)) if a % 3 == 0 && b == a + removed - 1)
    }
}

/// Planted variants of one window keep this distance, bp, so that one never disturbs the reads of another.
const SPACING_BP: u32 = 25;

impl Want {
    fn term(self) -> &'static str {
        match self {
            Self::Missense => "missense_variant",
            Self::Synonymous => "synonymous_variant",
            Self::StopGained => "stop_gained",
            Self::Frameshift => "frameshift_variant",
            Self::InframeDeletion => "inframe_deletion",
            Self::SpliceDonor => "splice_donor_variant",
            Self::DonorFifth => "splice_donor_5th_base_variant&intron_variant",
        }
    }
}

/// A random change at a place; deletions only where they cannot be written at another place.
fn propose(window: &Window, want: Want, place0: u32, rng: &mut Rng) -> Option<Edit> {
    let removed = match want {
        Want::Frameshift => 1,
        Want::InframeDeletion => 3,
        _ => {
            let reference = window.base(place0);
            let alternate = vec![rng.other_base(reference)];
            return Some(Edit { start0: place0, reference: vec![reference], alternate });
        }
    };
    let reference: Vec<u8> = (place0..=place0 + removed).map(|p| window.base(p)).collect();
    let after = window.base(place0 + removed + 1);
    (reference[0] != reference[removed as usize] && reference[1] != after).then(|| Edit {
        start0: place0,
        alternate: vec![reference[0]],
        reference,
    })
}

fn show(codon: [u8; 3], changed: u32) -> String {
    codon
        .iter()
        .enumerate()
        .map(|(i, b)| {
            let base = char::from(*b);
            if i as u32 == changed { base } else { base.to_ascii_lowercase() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window() -> Window {
        let mut rng = Rng::new(5, &[]);
        let bases = (0..3_000).map(|_| rng.base()).collect();
        Window { contig: 0, kind: Kind::Autosome, start0: 10_000, bases }
    }

    #[test]
    fn the_genetic_code_is_the_standard_one() {
        for (codon, letter) in
            [(b"ATG", b'M'), (b"TAA", b'*'), (b"TGG", b'W'), (b"CGA", b'R'), (b"AAA", b'K')]
        {
            assert_eq!(amino_acid(*codon), letter);
        }
        let codons_of = |letter: u8| CODONS.iter().map(|&c| u32::from(c == letter)).sum::<u32>();
        assert_eq!((codons_of(b'*'), codons_of(b'L')), (3, 6));
    }

    #[test]
    fn every_wanted_change_is_found_on_both_strands() {
        let window = window();
        let genes = lay(std::slice::from_ref(&window));
        assert_eq!(genes.len(), 2);
        assert!(genes[0].forward && !genes[1].forward);
        let mut rng = Rng::new(1, &[]);
        for gene in &genes {
            for want in [
                Want::Missense,
                Want::Synonymous,
                Want::StopGained,
                Want::Frameshift,
                Want::InframeDeletion,
                Want::SpliceDonor,
                Want::DonorFifth,
            ] {
                let edit = gene.find(&window, want, &BTreeSet::new(), &mut rng).unwrap();
                let effect = gene.effect(&window, &edit).unwrap();
                assert_eq!(effect.term, want.term());
                assert_eq!(edit.reference[0], window.base(edit.start0));
            }
        }
    }

    #[test]
    fn places_and_coding_places_are_inverse() {
        for forward in [true, false] {
            let gene = Gene { number: 1, window: 0, start0: 500, forward };
            for coding in 0..EXONS * EXON_BP {
                assert_eq!(gene.coding(gene.place_of(coding)), Some(coding));
            }
            assert_eq!(gene.coding(500 + EXON_BP), None);
        }
    }
}
