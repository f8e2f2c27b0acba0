//! CSQ as VEP 111 writes it: the field list, the trimmed allele, one entry for each transcript, population frequencies.

use super::gene::{Effect, Gene};
use super::haplotype::Edit;
use super::rng::Rng;
use super::windows::Window;
use std::fmt::Write as _;

/// Populations of gnomAD exomes, in VEP's order.
pub(super) const EXOMES: [&str; 8] = ["AFR", "AMR", "ASJ", "EAS", "FIN", "NFE", "OTH", "SAS"];
/// Populations of gnomAD genomes.
pub(super) const GENOMES: [&str; 10] =
    ["AFR", "AMI", "AMR", "ASJ", "EAS", "FIN", "MID", "NFE", "OTH", "SAS"];

/// Fields before the frequencies.
const FIELDS: &str = "Allele|Consequence|IMPACT|SYMBOL|Gene|Feature_type|Feature|BIOTYPE|EXON|INTRON|HGVSc|HGVSp|\
    cDNA_position|CDS_position|Protein_position|Amino_acids|Codons|Existing_variation|DISTANCE|STRAND|FLAGS|\
    VARIANT_CLASS|SYMBOL_SOURCE|HGNC_ID|CANONICAL|MANE_SELECT|ENSP";

/// The INFO header line.
pub fn header_line() -> String {
    let mut fields = FIELDS.to_owned();
    for (set, populations) in [("gnomADe", &EXOMES[..]), ("gnomADg", &GENOMES[..])] {
        let _ = write!(fields, "|{set}_AF");
        for population in populations {
            let _ = write!(fields, "|{set}_{population}_AF");
        }
    }
    fields.push_str("|MAX_AF|CLIN_SIG");
    format!(
        "##INFO=<ID=CSQ,Number=.,Type=String,Description=\"Consequence annotations from Ensembl VEP. \
         Format: {fields}\">"
    )
}

/// How common an allele is in every population.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Population {
    /// Mean allele frequency, a share of one; 0 when no database lists the allele.
    pub frac_mean: f64,
}

/// The values `gnomADe_AF` to `MAX_AF`, joined by bars. Populations differ by up to a quarter from the mean.
fn frequencies(population: Population, rng: &mut Rng) -> String {
    let mut fields = Vec::new();
    let mut highest = 0.0_f64;
    for populations in [EXOMES.len(), GENOMES.len()] {
        for i in 0..=populations {
            let factor = if i == 0 { 1.0 } else { 0.75 + 0.5 * rng.unit() };
            let value = (population.frac_mean * factor).min(1.0);
            highest = highest.max(value);
            fields.push(if value > 0.0 { shown(value) } else { String::new() });
        }
    }
    fields.push(if highest > 0.0 { shown(highest) } else { String::new() });
    fields.join("|")
}

/// Four significant digits, in the notation that VEP copies from gnomAD.
pub(super) fn shown(value: f64) -> String {
    if value >= 0.001 { format!("{value:.4}") } else { format!("{value:.3e}") }
}

/// The allele as VEP names it: without the base that all alleles share.
fn allele(edit: &Edit) -> String {
    let trimmed = if edit.is_indel() { &edit.alternate[1..] } else { &edit.alternate[..] };
    if trimmed.is_empty() { "-".into() } else { String::from_utf8_lossy(trimmed).into_owned() }
}

/// VEP's class of the change.
fn class(edit: &Edit) -> &'static str {
    match edit.alternate.len().cmp(&edit.reference.len()) {
        std::cmp::Ordering::Less => "deletion",
        std::cmp::Ordering::Equal => "SNV",
        std::cmp::Ordering::Greater => "insertion",
    }
}

/// All entries of one allele: the gene's coding transcript, a second without coding sequence, or an intergenic one.
pub fn entries(
    edit: &Edit,
    (gene, window): (Option<&Gene>, &Window),
    population: Population,
    rng: &mut Rng,
) -> Vec<String> {
    let frequencies = frequencies(population, rng);
    let known = if population.frac_mean > 0.0 {
        format!("rs99{:07}", edit.start0 % 10_000_000)
    } else {
        String::new()
    };
    let effect = gene.and_then(|g| Some((g, g.effect(window, edit)?)));
    let Some((gene, effect)) = effect else {
        return vec![format!(
            "{}|intergenic_variant|MODIFIER|||||||||||||||{known}||||{}||||||{frequencies}|",
            allele(edit),
            class(edit)
        )];
    };
    let tail = |canonical: bool| {
        let strand = if gene.forward { "1" } else { "-1" };
        let mane = if canonical {
            format!("YES|NM_99{:07}.1|ENSP99{:09}", gene.number, gene.number)
        } else {
            "||".to_owned()
        };
        format!("{known}||{strand}||{}|HGNC|{}|{mane}|{frequencies}|", class(edit), gene.hgnc())
    };
    vec![coding(edit, gene, &effect) + &tail(true), retained(edit, gene, &effect) + &tail(false)]
}

fn coding(edit: &Edit, gene: &Gene, effect: &Effect) -> String {
    let transcript = gene.transcript();
    let named = |what: &str, of: &str| {
        if what.is_empty() { String::new() } else { format!("{of}.1:{what}") }
    };
    let number = |value: Option<u32>| value.map(|v| v.to_string()).unwrap_or_default();
    format!(
        "{}|{}|{}|{}|{}|Transcript|{transcript}|protein_coding|{}|{}|{}|{}|{}|{}|{}|{}|{}|",
        allele(edit),
        effect.term,
        effect.impact,
        gene.symbol(),
        gene.ensembl(),
        effect.exon,
        effect.intron,
        named(&effect.hgvsc, &transcript),
        // VEP writes the equals sign of a silent change as %3D.
        named(&effect.hgvsp.replace('=', "%3D"), &format!("ENSP99{:09}", gene.number)),
        number(effect.cds),
        number(effect.cds),
        number(effect.cds.map(|c| (c - 1) / 3 + 1)),
        effect.amino_acids,
        effect.codons,
    )
}

fn retained(edit: &Edit, gene: &Gene, effect: &Effect) -> String {
    let term = if effect.exon.is_empty() {
        "intron_variant&non_coding_transcript_variant"
    } else {
        "non_coding_transcript_exon_variant"
    };
    format!(
        "{}|{term}|MODIFIER|{}|{}|Transcript|ENST98{:09}|retained_intron|{}|{}||||||||",
        allele(edit),
        gene.symbol(),
        gene.ensembl(),
        gene.number,
        effect.exon,
        effect.intron,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::windows::Kind;

    #[test]
    fn every_entry_has_the_fields_of_the_header() {
        let line = header_line();
        let fields = line.split("Format: ").nth(1).unwrap().matches('|').count();
        let mut rng = Rng::new(2, &[]);
        let bases: Vec<u8> = (0..3_000).map(|_| rng.base()).collect();
        let window = Window { contig: 0, kind: Kind::Autosome, start0: 0, bases };
        let gene = Gene { number: 7, window: 0, start0: 500, forward: true };
        for (place, removed) in [(520, 0), (530, 2), (700, 0), (5, 0)] {
            let reference: Vec<u8> = (place..=place + removed).map(|p| window.base(p)).collect();
            let alternate =
                if removed == 0 { vec![rng.other_base(reference[0])] } else { vec![reference[0]] };
            let edit = Edit { start0: place, reference, alternate };
            for frac_mean in [0.0, 0.02] {
                let made =
                    entries(&edit, (Some(&gene), &window), Population { frac_mean }, &mut rng);
                for entry in &made {
                    assert_eq!(entry.matches('|').count(), fields, "{entry}");
                    assert!(!entry.contains([',', ';', ' ', '=']), "{entry}");
                }
                assert_eq!(made.len(), if place == 5 { 1 } else { 2 });
            }
        }
    }
}
