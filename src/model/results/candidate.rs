//! One tiered variant of the results: its events, what every member's data say, and all that was held against it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evidence::EvidenceResult;
use crate::model::annotation::{AnnotationSource, ClinVar, GeneRef};
use crate::model::candidate::{Domain, PanelRef, Penetrance, RecordRef, Tier, TieringMode};
use crate::model::contig::ContigTable;
use crate::model::genotype::{Allele, CallOrigin, Genotype};
use crate::model::reason::Reason;
use crate::model::results::acmg::AcmgEvidence;
use crate::model::sample::Role;
use crate::model::so::{Impact, SoTerm};
use crate::model::variant::{Normalisation, Variant, VariantKind};
use crate::model::vrs::VrsAllele;

/// A variant as VCF writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VariantResult {
    /// Contig as the case names it.
    pub contig: String,
    /// Position of the first reference base, 1-based.
    pub position: u32,
    /// Reference allele.
    pub reference: String,
    /// Alternate allele.
    pub alternate: String,
}

impl VariantResult {
    /// A variant on a contig of this table.
    pub fn new(variant: &Variant, contigs: &ContigTable) -> Self {
        Self {
            contig: contigs.name(variant.contig).into(),
            position: variant.position.0,
            reference: variant.reference.clone(),
            alternate: variant.alternate.clone(),
        }
    }
}

/// One tiered variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CandidateResult {
    /// The variant.
    pub variant: VariantResult,
    /// Kind by alleles.
    pub kind: VariantKind,
    /// The allele as GA4GH VRS 2.0 names it; absent without a reference, and in files before layout 1.5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vrs: Option<VrsAllele>,
    /// HGVS on the chromosome, placed as far 3' as it goes; absent without a reference, for contigs without an accession, and
    /// in files before layout 1.6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hgvs_g: Option<String>,
    /// How far it was normalised.
    pub normalisation: Normalisation,
    /// Where it stands in its file, as written there.
    pub record: RecordRef,
    /// Ids of the record.
    pub ids: Vec<String>,
    /// QUAL of the record.
    pub quality: Option<f64>,
    /// FILTER of the record; empty for `.`.
    pub filters: Vec<String>,
    /// Best tier of the events; `None` for somatic variants.
    pub tier: Option<Tier>,
    /// Best domain of the events; `None` for germline variants.
    pub domain: Option<Domain>,
    /// Why it is reported, best first; never empty.
    pub events: Vec<EventResult>,
    /// What a reader must know before the variant is believed. Absent in older files.
    #[serde(default)]
    pub flags: Vec<String>,
    /// What each filter saw.
    pub reasons: Vec<Reason>,
    /// What each analysed member's data say.
    pub calls: Vec<CallResult>,
    /// What a second look at the reads of each analysed member with an alignment showed. Absent in older files.
    #[serde(default)]
    pub evidence: Vec<EvidenceResult>,
    /// The consequences that events stand on, in the order of the annotation.
    pub consequences: Vec<ConsequenceResult>,
    /// Number of further consequences in the annotation (other transcripts), not repeated here.
    pub other_consequences: u32,
    /// Population frequencies in the order of the policy.
    pub frequencies: Vec<FrequencyResult>,
    /// ClinVar: of the case's own ClinVar where it has one, else as annotated.
    pub clinvar: Option<ClinVar>,
}

/// A somatic variant that a mark took from the list of domains.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RemovedResult {
    /// The variant.
    pub variant: VariantResult,
    /// Best domain that it would have.
    pub domain: Option<Domain>,
    /// Genes of its events, by the names for people.
    pub genes: Vec<String>,
    /// Ids of the marks that took it (`tierline explain ID`).
    pub removed_by: Vec<String>,
    /// All its marks, in words.
    pub flags: Vec<String>,
}

/// A Sequence Ontology term.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TermResult {
    /// Accession, `SO:0001587`.
    pub id: String,
    /// Name, `stop_gained`.
    pub name: String,
}

impl From<SoTerm> for TermResult {
    fn from(term: SoTerm) -> Self {
        Self { id: term.accession().into(), name: term.name().into() }
    }
}

/// One reason to report the variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EventResult {
    /// Id of the event within the case: number of the candidate and of its event, 1-based, `3.1`.
    pub id: String,
    /// Gene.
    pub gene: GeneRef,
    /// Index (from 0) of the transcript's consequence in the candidate's `consequences`.
    pub consequence: u32,
    /// Transcript the event stands on, with version when given.
    pub transcript: Option<String>,
    /// Terms that qualify.
    pub terms: Vec<TermResult>,
    /// Panel, for genes on one.
    pub panel: Option<PanelRef>,
    /// Mode of inheritance.
    pub mode_of_inheritance: TieringMode,
    /// Pattern of segregation (a name of the GEL report models); empty for somatic events.
    pub segregation: String,
    /// True when genotypes needed to be sure are missing.
    pub possible: bool,
    /// What is missing.
    pub missing: Vec<String>,
    /// Penetrance of the run that found it.
    pub penetrance: Penetrance,
    /// Tier; `None` for somatic events.
    pub tier: Option<Tier>,
    /// Domain; `None` for germline events.
    pub domain: Option<Domain>,
    /// Extra label: `green_moi_mismatch`, `amber_or_red`, `not_in_panel`.
    pub label: Option<String>,
    /// Same number on both partners of a compound heterozygote.
    pub group: Option<u32>,
    /// What the model and the rule saw.
    pub reasons: Vec<Reason>,
    /// ACMG/AMP evidence that the data hold, with its inputs; no classification. Absent in files before layout 1.3.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<AcmgEvidence>,
}

/// How many copies of the ALT a member carries, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Zygosity {
    /// No copy.
    ReferenceHomozygous,
    /// One of two copies.
    Heterozygous,
    /// All of two or more copies.
    AlternateHomozygous,
    /// One copy of the contig, and it has no ALT.
    ReferenceHemizygous,
    /// One copy of the contig, and it has the ALT.
    AlternateHemizygous,
    /// One allele is reference, the other not called.
    HalfMissingReference,
    /// One allele is the ALT, the other not called.
    HalfMissingAlternate,
    /// No copy of this ALT, but one of another ALT of the same record.
    OtherAlternate,
    /// Not called.
    Missing,
}

impl Zygosity {
    /// From a genotype; `single_copy` says that the member has one copy of this stretch, so that two equal alleles, as
    /// diploid callers write on a male's X, count as one. An empty genotype with reference evidence is reference.
    pub fn of(genotype: &Genotype, origin: CallOrigin, single_copy: bool) -> Self {
        let count = |wanted| genotype.alleles.iter().filter(|&&allele| allele == wanted).count();
        let alternate = count(Allele::Alternate);
        let (reference, missing) = (count(Allele::Reference), count(Allele::Missing));
        let ploidy = genotype.alleles.len();
        if ploidy == 0 {
            return match (origin, single_copy) {
                (CallOrigin::ReferenceBlock | CallOrigin::CallableDepth, true) => {
                    Self::ReferenceHemizygous
                }
                (CallOrigin::ReferenceBlock | CallOrigin::CallableDepth, false) => {
                    Self::ReferenceHomozygous
                }
                (CallOrigin::Record | CallOrigin::Absent, _) => Self::Missing,
            };
        }
        let one = ploidy == 1 || single_copy;
        match (alternate, reference, missing) {
            (_, _, n) if n == ploidy => Self::Missing,
            (n, _, _) if n == ploidy && one => Self::AlternateHemizygous,
            (n, _, _) if n == ploidy => Self::AlternateHomozygous,
            (_, n, _) if n == ploidy && one => Self::ReferenceHemizygous,
            (_, n, _) if n == ploidy => Self::ReferenceHomozygous,
            (1.., _, 1..) => Self::HalfMissingAlternate,
            (1.., _, 0) => Self::Heterozygous,
            (0, 1.., 1..) => Self::HalfMissingReference,
            (0, 0, 1..) => Self::Missing,
            (0, _, 0) => Self::OtherAlternate,
        }
    }

    /// The name as JSON writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReferenceHomozygous => "reference_homozygous",
            Self::Heterozygous => "heterozygous",
            Self::AlternateHomozygous => "alternate_homozygous",
            Self::ReferenceHemizygous => "reference_hemizygous",
            Self::AlternateHemizygous => "alternate_hemizygous",
            Self::HalfMissingReference => "half_missing_reference",
            Self::HalfMissingAlternate => "half_missing_alternate",
            Self::OtherAlternate => "other_alternate",
            Self::Missing => "missing",
        }
    }
}

/// A genotype as text, seen from one ALT: 0 the reference, 1 the ALT, 2 any other ALT of the record, `.` not called. An
/// empty genotype is `.`.
pub fn genotype_text(genotype: &Genotype) -> String {
    if genotype.alleles.is_empty() {
        return ".".into();
    }
    let alleles: Vec<&str> = genotype
        .alleles
        .iter()
        .map(|allele| match allele {
            Allele::Missing => ".",
            Allele::Reference => "0",
            Allele::Alternate => "1",
            Allele::Other => "2",
        })
        .collect();
    alleles.join(if genotype.phased { "|" } else { "/" })
}

/// What one member's data say about the variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CallResult {
    /// Number of the member, 1-based.
    pub member: u16,
    /// What the member is to the case.
    pub role: Role,
    /// Genotype seen from this ALT: 0 the reference, 1 the ALT, 2 any other ALT of the record, `.` not called.
    pub genotype: String,
    /// The same in words.
    pub zygosity: Zygosity,
    /// Reads at the site.
    pub depth: Option<u32>,
    /// Reads with the reference.
    pub reference_depth: Option<u32>,
    /// Reads with the ALT.
    pub alternate_depth: Option<u32>,
    /// Share of reads with the ALT, 0 to 1, four decimals.
    pub fraction: Option<f64>,
    /// Genotype quality, phred.
    pub genotype_quality: Option<f64>,
    /// Phase set of the caller.
    pub phase_set: Option<String>,
    /// De novo label of the caller.
    pub denovo_label: Option<String>,
    /// De novo quality of the caller.
    pub denovo_quality: Option<f64>,
    /// Sample filter of the caller, when it is not PASS.
    pub sample_filter: Option<String>,
    /// Where the call comes from. An absent call is unknown, not reference.
    pub origin: CallOrigin,
}

/// What a predictor says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScoreResult {
    /// Id of the score in the policy, `revel`.
    pub id: String,
    /// Its name.
    pub title: String,
    /// In the predictor's own unit; null when the file's text is no number.
    pub value: Option<f64>,
}

/// The effect on one transcript.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ConsequenceResult {
    /// All terms of the annotation, the most severe first.
    pub terms: Vec<TermResult>,
    /// Ensembl impact of the most severe term.
    pub impact: Impact,
    /// The gene.
    pub gene: GeneRef,
    /// Transcript, with version when given.
    pub transcript: Option<String>,
    /// Biotype of the transcript.
    pub biotype: Option<String>,
    /// HGVS on the transcript.
    pub hgvs_c: Option<String>,
    /// HGVS on the protein.
    pub hgvs_p: Option<String>,
    /// Exon number, `3/12`.
    pub exon: Option<String>,
    /// Marked canonical by the annotator.
    pub canonical: bool,
    /// MANE Select.
    pub mane_select: bool,
    /// Which annotation it was read from.
    pub source: AnnotationSource,
    /// Scores of predictors; those that the file has not are not assessed. Absent in older files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<ScoreResult>,
}

/// Whether a population frequency is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FrequencyStatus {
    /// The source lists the variant.
    Observed,
    /// The source is there and does not list the variant, which counts as 0.
    AbsentFromSource,
    /// The input has no such source: nothing is known.
    NotAssessed,
}

/// The frequency in one population of the policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FrequencyResult {
    /// Id of the dataset, `gnomad_genomes`.
    pub dataset: String,
    /// Name of the dataset for people.
    pub title: String,
    /// Population, `NFE`; `ALL` for the whole dataset.
    pub population: String,
    /// Whether it is known.
    pub status: FrequencyStatus,
    /// Allele frequency, 0 to 1: as observed, 0 when absent from the source, `None` when not assessed.
    pub value: Option<f64>,
    /// The store that said it, dataset and version; absent for the annotation of the variant file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, single_copy: bool) -> Zygosity {
        Zygosity::of(&Genotype::parse(text, 1).unwrap(), CallOrigin::Record, single_copy)
    }

    #[test]
    fn zygosity_follows_the_genotype_and_the_copies() {
        use Zygosity::*;
        for (text, single_copy, expected) in [
            ("0/0", false, ReferenceHomozygous),
            ("0|1", false, Heterozygous),
            ("1/2", false, Heterozygous),
            ("1/1", false, AlternateHomozygous),
            ("1/1", true, AlternateHemizygous),
            ("0/0", true, ReferenceHemizygous),
            ("0/1", true, Heterozygous),
            ("1", false, AlternateHemizygous),
            ("0", false, ReferenceHemizygous),
            ("./1", false, HalfMissingAlternate),
            ("0/.", false, HalfMissingReference),
            ("./2", false, Missing),
            ("./.", true, Missing),
            ("0/2", false, OtherAlternate),
            ("2", false, OtherAlternate),
            ("1/1/1", false, AlternateHomozygous),
        ] {
            assert_eq!(of(text, single_copy), expected, "{text}");
        }
    }

    #[test]
    fn an_absent_call_is_missing_and_callable_depth_is_reference() {
        let empty = Genotype::default();
        assert_eq!(Zygosity::of(&empty, CallOrigin::Absent, false), Zygosity::Missing);
        assert_eq!(
            Zygosity::of(&empty, CallOrigin::CallableDepth, false),
            Zygosity::ReferenceHomozygous
        );
        assert_eq!(
            Zygosity::of(&empty, CallOrigin::ReferenceBlock, true),
            Zygosity::ReferenceHemizygous
        );
    }

    #[test]
    fn names_are_those_of_json() {
        use Zygosity::*;
        for zygosity in [
            ReferenceHomozygous,
            Heterozygous,
            AlternateHomozygous,
            ReferenceHemizygous,
            AlternateHemizygous,
            HalfMissingReference,
            HalfMissingAlternate,
            OtherAlternate,
            Missing,
        ] {
            assert_eq!(serde_json::to_value(zygosity).unwrap(), zygosity.name());
        }
    }

    #[test]
    fn genotypes_are_written_from_one_alternate() {
        for (text, alternate, written) in
            [("0/1", 1, "0/1"), ("1|2", 2, "2|1"), (".", 1, "."), ("./3", 3, "./1")]
        {
            assert_eq!(genotype_text(&Genotype::parse(text, alternate).unwrap()), written);
        }
        assert_eq!(genotype_text(&Genotype::default()), ".");
    }
}
