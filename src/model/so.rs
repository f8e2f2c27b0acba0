//! Sequence Ontology consequence terms: accession, name, Ensembl impact, severity order, and the spellings of VEP,
//! SnpEff and bcftools.
//!
//! Sources: Sequence Ontology accessions; Ensembl's table of calculated variant consequences (VEP 110 and later) for
//! impact and order; SnpEff and `bcftools csq` manuals for their own words.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Ensembl impact class.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Impact {
    /// Assumed disruptive.
    High,
    /// Non-disruptive change of protein.
    Moderate,
    /// Mostly harmless.
    Low,
    /// Non-coding or unknown.
    Modifier,
}

/// One term of the table; compared by severity, the most severe first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SoTerm(u8);

struct Row {
    name: &'static str,
    accession: &'static str,
    impact: Impact,
}

macro_rules! rows {
    ($($impact:ident { $($name:literal $accession:literal)+ })+) => {
        &[$($(Row { name: $name, accession: $accession, impact: Impact::$impact },)+)+]
    };
}

/// Most severe first. Terms outside Ensembl's list stand beside their nearest relative.
#[rustfmt::skip]
const ROWS: &[Row] = rows! {
    High {
        "transcript_ablation" "SO:0001893"
        "exon_loss_variant" "SO:0001572"
        "splice_acceptor_variant" "SO:0001574"
        "splice_donor_variant" "SO:0001575"
        "stop_gained" "SO:0001587"
        "frameshift_variant" "SO:0001589"
        "stop_lost" "SO:0001578"
        "start_lost" "SO:0002012"
        "initiator_codon_variant" "SO:0001582"
        "transcript_amplification" "SO:0001889"
        "feature_elongation" "SO:0001907"
        "feature_truncation" "SO:0001906"
    }
    Moderate {
        "inframe_insertion" "SO:0001821"
        "inframe_deletion" "SO:0001822"
        "inframe_variant" "SO:0001650"
        "missense_variant" "SO:0001583"
        "protein_altering_variant" "SO:0001818"
    }
    Low {
        "splice_donor_5th_base_variant" "SO:0001787"
        "splice_region_variant" "SO:0001630"
        "splice_donor_region_variant" "SO:0002170"
        "splice_polypyrimidine_tract_variant" "SO:0002169"
        "incomplete_terminal_codon_variant" "SO:0001626"
        "start_retained_variant" "SO:0002019"
        "stop_retained_variant" "SO:0001567"
        "synonymous_variant" "SO:0001819"
        "5_prime_UTR_premature_start_codon_gain_variant" "SO:0001983"
    }
    Modifier {
        "coding_sequence_variant" "SO:0001580"
        "mature_miRNA_variant" "SO:0001620"
        "5_prime_UTR_variant" "SO:0001623"
        "3_prime_UTR_variant" "SO:0001624"
        "non_coding_transcript_exon_variant" "SO:0001792"
        "intron_variant" "SO:0001627"
        "NMD_transcript_variant" "SO:0001621"
        "non_coding_transcript_variant" "SO:0001619"
        "coding_transcript_variant" "SO:0001968"
        "upstream_gene_variant" "SO:0001631"
        "downstream_gene_variant" "SO:0001632"
        "TFBS_ablation" "SO:0001895"
        "TFBS_amplification" "SO:0001892"
        "TF_binding_site_variant" "SO:0001782"
        "regulatory_region_ablation" "SO:0001894"
        "regulatory_region_amplification" "SO:0001891"
        "regulatory_region_variant" "SO:0001566"
        "intergenic_variant" "SO:0001628"
        "intragenic_variant" "SO:0002011"
        "gene_variant" "SO:0001564"
        "sequence_feature" "SO:0000110"
        "sequence_variant" "SO:0001060"
    }
};

/// Words of other annotators for terms of the table.
const SYNONYMS: &[(&str, &str)] = &[
    // SnpEff.
    ("disruptive_inframe_insertion", "inframe_insertion"),
    ("conservative_inframe_insertion", "inframe_insertion"),
    ("disruptive_inframe_deletion", "inframe_deletion"),
    ("conservative_inframe_deletion", "inframe_deletion"),
    ("non_canonical_start_codon", "start_retained_variant"),
    ("non_coding_exon_variant", "non_coding_transcript_exon_variant"),
    ("conserved_intron_variant", "intron_variant"),
    ("intergenic_region", "intergenic_variant"),
    ("conserved_intergenic_variant", "intergenic_variant"),
    ("regulatory_region", "regulatory_region_variant"),
    ("miRNA", "mature_miRNA_variant"),
    ("transcript_variant", "coding_transcript_variant"),
    ("exon_region", "coding_transcript_variant"),
    // A selenocysteine or pyrrolysine gained or lost: the protein changes.
    ("rare_amino_acid", "protein_altering_variant"),
    // Children of the term in the Sequence Ontology, which Jannovar writes.
    ("frameshift_elongation", "frameshift_variant"),
    ("frameshift_truncation", "frameshift_variant"),
    // bcftools csq, after "_variant" is taken off by lookup.
    ("inframe_altering", "protein_altering_variant"),
    ("non_coding", "non_coding_transcript_variant"),
    ("3_prime_utr", "3_prime_UTR_variant"),
    ("5_prime_utr", "5_prime_UTR_variant"),
    ("coding_sequence", "coding_sequence_variant"),
    ("intergenic", "intergenic_variant"),
];

impl SoTerm {
    /// The term of a word as any annotator spells it; `None` when unknown (the caller counts those).
    pub fn parse(word: &str) -> Option<Self> {
        Self::find(word).or_else(|| {
            let bare = word.strip_suffix("_variant").unwrap_or(word);
            SYNONYMS
                .iter()
                .find(|(synonym, _)| *synonym == word || *synonym == bare)
                .and_then(|(_, name)| Self::find(name))
        })
    }

    fn find(word: &str) -> Option<Self> {
        let i = ROWS.iter().position(|row| {
            row.name == word || row.name.strip_suffix("_variant").is_some_and(|bare| bare == word)
        })?;
        Some(Self(i as u8))
    }

    fn row(self) -> &'static Row {
        &ROWS[usize::from(self.0)]
    }

    /// Name in the Sequence Ontology, as VEP writes it.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Accession, `SO:0001587`.
    pub fn accession(self) -> &'static str {
        self.row().accession
    }

    /// Ensembl impact.
    pub fn impact(self) -> Impact {
        self.row().impact
    }

    /// Place in the table, 0 for the most severe; below [`SoTerm::COUNT`].
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// Number of terms in the table.
    pub const COUNT: usize = ROWS.len();

    /// All terms, the most severe first.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..ROWS.len() as u8).map(Self)
    }
}

impl fmt::Debug for SoTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for SoTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_accessions_are_unique() {
        for (i, a) in ROWS.iter().enumerate() {
            for b in &ROWS[i + 1..] {
                assert!(a.name != b.name && a.accession != b.accession, "{} {}", a.name, b.name);
            }
        }
    }

    #[test]
    fn dialects_meet_in_one_term() {
        for (word, name) in [
            ("missense", "missense_variant"),
            ("missense_variant", "missense_variant"),
            ("disruptive_inframe_deletion", "inframe_deletion"),
            ("inframe_altering", "protein_altering_variant"),
            ("non_coding", "non_coding_transcript_variant"),
            ("5_prime_utr", "5_prime_UTR_variant"),
            ("stop_gained", "stop_gained"),
            ("frameshift_truncation", "frameshift_variant"),
            ("rare_amino_acid_variant", "protein_altering_variant"),
        ] {
            assert_eq!(SoTerm::parse(word).map(SoTerm::name), Some(name), "{word}");
        }
        assert_eq!(SoTerm::parse("made_up"), None);
        for (_, name) in SYNONYMS {
            assert!(SoTerm::find(name).is_some(), "{name}");
        }
    }

    #[test]
    fn severity_orders_terms() {
        let term = |name| SoTerm::parse(name).unwrap();
        assert!(term("stop_gained") < term("missense_variant"));
        assert!(term("missense_variant") < term("splice_region_variant"));
        assert!(term("splice_region_variant") < term("intron_variant"));
    }
}
