//! What passes between filter and tier: annotated variants, candidates, report events.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::annotation::{ClinVar, Consequence, Frequency};
use super::genotype::Call;
use super::reason::Reason;
use super::so::SoTerm;
use super::variant::{Normalisation, Variant};

/// Which parts of an [`Annotated`] a step needs; parts are read from the file in this order, each only when asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Alleles and FILTER.
    Site,
    /// Population frequencies and ClinVar.
    Frequencies,
    /// Consequences: terms, gene, biotype and marks of each transcript.
    Consequences,
    /// Genotype columns.
    Calls,
    /// What no filter looks at: names of transcripts and their changes, QUAL, ids, the record as written.
    Names,
}

impl Part {
    /// All parts, the cheapest first.
    pub const ALL: [Self; 5] =
        [Self::Site, Self::Frequencies, Self::Consequences, Self::Calls, Self::Names];
}

/// Where a variant stands in its file, before splitting and normalisation.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct RecordRef {
    /// Index of the variant file in the case.
    pub file: u16,
    /// Position as written, 1-based.
    pub position: u32,
    /// REF as written.
    pub reference: String,
    /// All ALTs as written, comma-separated.
    pub alternates: String,
    /// Which of the ALTs, 1-based.
    pub alternate_number: u16,
}

/// What a somatic caller, or an annotator before us, says of a variant beside counts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CallerNotes {
    /// Length of the longest homopolymer, interrupted or not, that an indel touches (Strelka's INFO `IHP`), bp.
    pub homopolymer: Option<u32>,
    /// Fisher's exact test of the tumour's reads against a panel of normals, phred-scaled (INFO `SomaticFisherPhred`).
    pub fisher_phred: Option<f32>,
}

/// One variant with what the file says about it. Built part by part ([`Part`]); reused from record to record.
#[derive(Clone, Debug, PartialEq)]
pub struct Annotated {
    /// The variant.
    pub variant: Variant,
    /// How far it was normalised.
    pub normalisation: Normalisation,
    /// Where it stands in the file.
    pub record: RecordRef,
    /// ID column, split at `;`; empty for `.`.
    pub ids: Vec<String>,
    /// QUAL; `None` for `.`.
    pub quality: Option<f32>,
    /// FILTER, split at `;`; empty for `.` (not filtered), `["PASS"]` when passed.
    pub filters: Vec<String>,
    /// One frequency for each population of the policy, in the policy's order.
    pub frequencies: Vec<Frequency>,
    /// ClinVar as annotated.
    pub clinvar: Option<ClinVar>,
    /// Every transcript's consequence, in the order of the annotation.
    pub consequences: Vec<Consequence>,
    /// One call for each member of the case, by `MemberId`; members without data have origin `Absent`.
    pub calls: Vec<Call>,
    /// What the caller says beside counts.
    pub notes: CallerNotes,
}

/// A variant that passed the filters.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The variant.
    pub annotated: Annotated,
    /// What each filter saw.
    pub reasons: Vec<Reason>,
}

/// What filtering a whole case gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filtered {
    /// Kept variants in the order of the contig table and position.
    pub candidates: Vec<Candidate>,
    /// What was counted.
    pub counts: FilterCounts,
}

/// Counts of a filter pass.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilterCounts {
    /// Records read.
    pub records: u64,
    /// Variants after splitting multi-allelic records.
    pub variants: u64,
    /// Variants kept.
    pub kept: u64,
    /// Variants dropped, by the id of the first filter that dropped them.
    pub dropped: BTreeMap<String, u64>,
    /// ALTs without a sequence of their own (`*`, `<NON_REF>`), which are no variants.
    pub symbolic: u64,
    /// Consequence words that are in no table, with their counts.
    pub unknown_terms: BTreeMap<String, u64>,
    /// Records on contigs that the case does not know, by contig name.
    pub unknown_contigs: BTreeMap<String, u64>,
    /// Population frequencies that are no number from 0 to 1; the results tell them as a notice.
    #[serde(skip)]
    pub unreadable_frequencies: u64,
    /// Depths and qualities of kept variants' calls that are no numbers; the results tell it as a notice.
    #[serde(skip)]
    pub unreadable_calls: u64,
    /// What was met in stores; the results tell it as notices.
    #[serde(skip)]
    pub stores: StoreCounts,
}

/// Variants at which a store had something to tell beside its value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreCounts {
    /// Store and annotation differ.
    pub differ: u64,
    /// They differ, and a limit of the policy lies between them.
    pub matter: u64,
    /// The site failed a filter of the store's source and was not assessed.
    pub failed: u64,
    /// No store covers the contig and the file has no field: not assessed.
    pub uncovered: u64,
    /// The case's ClinVar and the annotation differ in whether the variant is pathogenic.
    pub clinvar: u64,
}

impl StoreCounts {
    /// Adds other counts.
    pub fn add(&mut self, other: &Self) {
        self.differ += other.differ;
        self.matter += other.matter;
        self.failed += other.failed;
        self.uncovered += other.uncovered;
        self.clinvar += other.clinvar;
    }
}

impl FilterCounts {
    /// Adds the counts of another stretch of the file.
    pub fn merge(&mut self, other: &Self) {
        self.records += other.records;
        self.variants += other.variants;
        self.kept += other.kept;
        self.symbolic += other.symbolic;
        self.unreadable_frequencies += other.unreadable_frequencies;
        self.unreadable_calls += other.unreadable_calls;
        self.stores.add(&other.stores);
        for (mine, theirs) in [
            (&mut self.dropped, &other.dropped),
            (&mut self.unknown_terms, &other.unknown_terms),
            (&mut self.unknown_contigs, &other.unknown_contigs),
        ] {
            for (key, n) in theirs {
                *mine.entry(key.clone()).or_default() += n;
            }
        }
    }
}

/// Germline tier of an event or a variant. Ordered best first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Tier {
    /// Tier 1.
    Tier1,
    /// Tier 2.
    Tier2,
    /// Tier 3.
    Tier3,
}

/// Somatic domain of an event or a variant. Ordered best first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Domain {
    /// Potentially actionable gene.
    Domain1,
    /// Other cancer gene.
    Domain2,
    /// Any other gene.
    Domain3,
}

/// Mode of inheritance under which a variant segregates; names of the GEL report model.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum TieringMode {
    /// Autosomal or pseudoautosomal, both alleles.
    Biallelic,
    /// Autosomal or pseudoautosomal, one allele.
    MonoallelicNotImprinted,
    /// One allele, from the father.
    MonoallelicMaternallyImprinted,
    /// One allele, from the mother.
    MonoallelicPaternallyImprinted,
    /// X, hemizygous males and biallelic females.
    XlinkedBiallelic,
    /// X, hemizygous males and heterozygous females.
    XlinkedMonoallelic,
    /// Mitochondrial genome.
    Mitochondrial,
    /// Y outside the pseudoautosomal regions; ours, the GEL report model has no word for it.
    Ylinked,
    /// Does not apply (somatic).
    Na,
}

/// Penetrance under which an event was found.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Penetrance {
    /// Every carrier is affected.
    #[default]
    Complete,
    /// Carriers may be unaffected.
    Incomplete,
}

/// The panel under which an event was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct PanelRef {
    /// PanelApp id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
}

/// One reason to report a variant: one per variant, gene and transcript, panel, mode and penetrance.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportEvent {
    /// Gene.
    pub gene: super::annotation::GeneRef,
    /// Index into the variant's consequences of the transcript that the event stands on (MANE, then canonical, then first
    /// among the most severe qualifying ones).
    pub consequence: usize,
    /// The terms that qualify.
    pub terms: Vec<SoTerm>,
    /// Panel, for genes on one.
    pub panel: Option<PanelRef>,
    /// Mode of inheritance.
    pub mode: TieringMode,
    /// Id of the model (GEL segregation filter name); empty for somatic events.
    pub segregation: String,
    /// True when genotypes needed to be sure are missing ([`ReportEvent::missing`] lists them).
    pub possible: bool,
    /// What is missing, in words without identifiers (`father: no call`).
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
}

/// A candidate with its events, best first; a variant without events is untiered and not reported.
#[derive(Clone, Debug, PartialEq)]
pub struct Tiered {
    /// The variant.
    pub candidate: Candidate,
    /// Events, best tier or domain first, then by gene, panel, mode.
    pub events: Vec<ReportEvent>,
    /// What a reader must know before the variant is believed, in words without identifiers.
    pub flags: Vec<String>,
}

impl Tiered {
    /// Best germline tier.
    pub fn tier(&self) -> Option<Tier> {
        self.events.iter().filter_map(|event| event.tier).min()
    }

    /// Best somatic domain.
    pub fn domain(&self) -> Option<Domain> {
        self.events.iter().filter_map(|event| event.domain).min()
    }
}
