//! Copy-number and structural variants and short tandem repeats of the results. Positions are 1-based inclusive.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::annotation::GeneRef;
use crate::model::grade::{CallEvent, Grade};
use crate::model::repeat::RepeatAllele;
use crate::model::sample::Role;
use crate::model::structural::{Evidence, KeyValue, StructuralKind};

/// The other end of a breakend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MateResult {
    /// Its contig.
    pub contig: String,
    /// Its position, 1-based.
    pub position: u32,
    /// True when the joined sequence runs on to the right of the mate's position.
    pub runs_right: bool,
    /// True when the joined sequence is put behind the base at this breakend.
    pub joined_after: bool,
    /// True when the mate's record was in the file as well.
    pub recorded: bool,
}

/// One copy-number or structural variant that is reported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StructuralResult {
    /// Contig as the case names it.
    pub contig: String,
    /// First base that changed; of an insertion or breakend the base before it.
    pub start: u32,
    /// Last base that changed.
    pub end: u32,
    /// What changed.
    pub kind: StructuralKind,
    /// How it was seen: by depth (a copy-number variant) or by breakpoints (a structural variant).
    pub evidence: Evidence,
    /// Length of what changed or was put in, bp; absent when not known.
    pub length: Option<u32>,
    /// How far `start` may be off, bp to the left (0 or less) and to the right.
    pub start_interval: Option<[i32; 2]>,
    /// The same for `end`.
    pub end_interval: Option<[i32; 2]>,
    /// The other end of a breakend.
    pub mate: Option<MateResult>,
    /// Id of the dialect that read it: `dragen-cnv`, `manta`.
    pub caller: String,
    /// ID of the record.
    pub id: String,
    /// Number of the structural file in the case, 1-based.
    pub file: u16,
    /// POS of the record.
    pub position: u32,
    /// First base of REF.
    pub reference: String,
    /// ALT as written.
    pub alternate: String,
    /// FILTER of the record; empty for `.`.
    pub filters: Vec<String>,
    /// QUAL of the record.
    pub quality: Option<f64>,
    /// INFO keys that the policy names, with their values.
    pub values: Vec<KeyValue>,
    /// Ids of structural variants that confirm a copy-number variant.
    pub confirmed_by: Vec<String>,
    /// Best tier of the events; absent when none has one.
    pub tier: Option<Grade>,
    /// Why it is reported, best first; never empty.
    pub events: Vec<CallEvent>,
    /// What each analysed member's data say.
    pub calls: Vec<StructuralCallResult>,
}

/// A tumour suppressor of which both copies may be hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TwoHitResult {
    /// The gene.
    pub gene: GeneRef,
    /// What hits it, in words.
    pub hits: Vec<String>,
    /// False where two hits may lie on the same copy.
    pub certain: bool,
}

/// What one member's column of a structural file says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StructuralCallResult {
    /// Number of the member, 1-based.
    pub member: u16,
    /// What the member is to the case.
    pub role: Role,
    /// Genotype: 0 reference, 1 this ALT, 2 another ALT; `.` when the caller gives none.
    pub genotype: String,
    /// Copies that the member should have there; absent when not known.
    pub expected_copies: Option<u8>,
    /// Number of copies.
    pub copy_number: Option<f64>,
    /// Quality, phred.
    pub quality: Option<f64>,
    /// Sample filter, when it is not PASS.
    pub sample_filter: Option<String>,
    /// Read pairs that show the reference and the ALT.
    pub pairs: Option<[u32; 2]>,
    /// Split reads that show the reference and the ALT.
    pub splits: Option<[u32; 2]>,
}

/// One short tandem repeat that is reported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RepeatResult {
    /// Contig as the case names it.
    pub contig: String,
    /// First base of the repeat in the reference.
    pub start: u32,
    /// Last base of the repeat in the reference.
    pub end: u32,
    /// Unit in the direction of the reference.
    pub unit: String,
    /// Name in the caller's catalogue.
    pub id: String,
    /// Units in the reference, when stated.
    pub reference_units: Option<u32>,
    /// First base of REF, the base before the repeat.
    pub reference: String,
    /// Id of the dialect that read it.
    pub caller: String,
    /// Number of the repeat file in the case, 1-based.
    pub file: u16,
    /// Best tier of the events; absent when none has one.
    pub tier: Option<Grade>,
    /// Why it is reported, best first; never empty.
    pub events: Vec<CallEvent>,
    /// What each analysed member's data say.
    pub calls: Vec<RepeatCallResult>,
}

/// What one member's column of a repeat file says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RepeatCallResult {
    /// Number of the member, 1-based.
    pub member: u16,
    /// What the member is to the case.
    pub role: Role,
    /// One entry an allele; empty when records disagree.
    pub alleles: Vec<RepeatAllele>,
    /// FILTER of the record.
    pub filters: Vec<String>,
    /// Depth of the locus.
    pub coverage: Option<f64>,
}
