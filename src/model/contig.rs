//! Contigs: one table per case reconciles the names of all files (`chr20`, `20`, `NC_000020.11`) and knows the
//! pseudoautosomal regions. Nothing else in the program compares contig names as text.
//!
//! Sources: sequence lengths and RefSeq accessions from the GRC assembly reports GCA_000001405.1 (GRCh37) and
//! GCA_000001405.15 (GRCh38); PAR bounds from the same releases (1-based inclusive there).

use std::collections::HashMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::coord::{Pos0, Span};

/// Index of a contig in the case's [`ContigTable`].
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct ContigId(pub u32);

/// Reference assembly of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Assembly {
    /// GRCh37, b37, hg19.
    GRCh37,
    /// GRCh38, hg38.
    GRCh38,
}

impl fmt::Display for Assembly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GRCh37 => "GRCh37",
            Self::GRCh38 => "GRCh38",
        })
    }
}

impl Assembly {
    /// Reads an assembly name, with the habitual synonyms; `None` when unknown.
    pub fn parse(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "grch37" | "b37" | "hg19" | "hs37d5" => Some(Self::GRCh37),
            "grch38" | "b38" | "hg38" => Some(Self::GRCh38),
            _ => None,
        }
    }

    /// Pseudoautosomal regions of X or Y; empty for every other class.
    pub fn par(self, class: ContigClass) -> [Span; 2] {
        match (self, class) {
            (Self::GRCh38, ContigClass::X) => [
                Span::from_one_based(10_001, 2_781_479),
                Span::from_one_based(155_701_383, 156_030_895),
            ],
            (Self::GRCh38, ContigClass::Y) => [
                Span::from_one_based(10_001, 2_781_479),
                Span::from_one_based(56_887_903, 57_217_415),
            ],
            (Self::GRCh37, ContigClass::X) => [
                Span::from_one_based(60_001, 2_699_520),
                Span::from_one_based(154_931_044, 155_260_560),
            ],
            (Self::GRCh37, ContigClass::Y) => [
                Span::from_one_based(10_001, 2_649_520),
                Span::from_one_based(59_034_050, 59_363_566),
            ],
            _ => [Span::default(), Span::default()],
        }
    }

    /// The length that this assembly gives to a primary contig; `None` for other contigs.
    pub fn length(self, class: ContigClass) -> Option<u32> {
        let i = primary_index(class)?;
        Some(match self {
            Self::GRCh37 => GRCH37_LENGTHS[i],
            Self::GRCh38 => GRCH38_LENGTHS[i],
        })
    }

    /// The RefSeq accession of a primary contig; `None` for other contigs.
    pub fn accession(self, class: ContigClass) -> Option<&'static str> {
        let i = primary_index(class)?;
        Some(match self {
            Self::GRCh37 => REFSEQ_GRCH37[i],
            Self::GRCh38 => REFSEQ_GRCH38[i],
        })
    }

    /// The assembly of a RefSeq accession of a primary contig; `None` for other names, and for one of both assemblies.
    pub fn of_accession(name: &str) -> Option<Self> {
        match [REFSEQ_GRCH37, REFSEQ_GRCH38].map(|table| table.contains(&name)) {
            [true, false] => Some(Self::GRCh37),
            [false, true] => Some(Self::GRCh38),
            _ => None,
        }
    }

    /// The assembly in which a primary contig has this length; `None` when neither or both do.
    pub fn of_length(class: ContigClass, length: u32) -> Option<Self> {
        let [a, b] = [Self::GRCh37, Self::GRCh38].map(|x| x.length(class) == Some(length));
        match (a, b) {
            (true, false) => Some(Self::GRCh37),
            (false, true) => Some(Self::GRCh38),
            _ => None,
        }
    }
}

/// What kind of molecule a contig is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub enum ContigClass {
    /// Autosome 1 to 22.
    Autosome(u8),
    /// X.
    X,
    /// Y.
    Y,
    /// The mitochondrial genome.
    Mitochondrial,
    /// Anything else: alts, decoys, unplaced.
    Other,
}

impl ContigClass {
    /// The class that a name stands for: `20`, `chr20`, `NC_000020.10`, `M`, `chrMT`. Alts and decoys are `Other`.
    pub fn of_name(name: &str) -> Self {
        if let Some(i) = [REFSEQ_GRCH37, REFSEQ_GRCH38]
            .iter()
            .find_map(|table| table.iter().position(|&accession| accession == name))
        {
            return class_of_index(i);
        }
        let bare = match name.get(..3) {
            Some(prefix) if prefix.eq_ignore_ascii_case("chr") => &name[3..],
            _ => name,
        };
        match bare {
            "X" | "x" => Self::X,
            "Y" | "y" => Self::Y,
            "M" | "MT" | "m" | "mt" => Self::Mitochondrial,
            _ if bare.starts_with('0') || bare.starts_with('+') => Self::Other,
            _ => match bare.parse::<u8>() {
                Ok(n @ 1..=22) => Self::Autosome(n),
                _ => Self::Other,
            },
        }
    }

    /// The bare name (`20`, `X`, `MT`) that the GEL models and Ensembl use; `None` for other contigs.
    pub fn bare_name(self) -> Option<String> {
        match self {
            Self::Autosome(n) => Some(n.to_string()),
            Self::X => Some("X".into()),
            Self::Y => Some("Y".into()),
            Self::Mitochondrial => Some("MT".into()),
            Self::Other => None,
        }
    }
}

/// The class of a contig of this length. The chrM of UCSC's hg19 (NC_001807, 16,571 bp) is another sequence than the rCRS
/// that everybody else calls M or MT: its positions must not meet those of the rCRS.
fn class_of(name: &str, length: Option<u32>) -> ContigClass {
    match ContigClass::of_name(name) {
        ContigClass::Mitochondrial if length == Some(HG19_CHRM_BP) => ContigClass::Other,
        class => class,
    }
}

/// Length of the chrM of UCSC's hg19, bp.
pub const HG19_CHRM_BP: u32 = 16_571;

fn primary_index(class: ContigClass) -> Option<usize> {
    match class {
        ContigClass::Autosome(n @ 1..=22) => Some(usize::from(n) - 1),
        ContigClass::X => Some(22),
        ContigClass::Y => Some(23),
        ContigClass::Mitochondrial => Some(24),
        _ => None,
    }
}

fn class_of_index(i: usize) -> ContigClass {
    match i {
        22 => ContigClass::X,
        23 => ContigClass::Y,
        24 => ContigClass::Mitochondrial,
        n => ContigClass::Autosome(n as u8 + 1),
    }
}

/// One contig of the case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contig {
    /// The name as outputs print it: that of the file that brought the contig first.
    pub name: String,
    /// Length in bp, when a file states it.
    pub length: Option<u32>,
    /// What it is.
    pub class: ContigClass,
    /// MD5 of the upper-case sequence (`M5` of SAM), when a file states it.
    pub md5: Option<String>,
}

/// Two files disagree about one contig.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("contig {name}: length {found} here, {known} in {first}")]
pub struct LengthConflict {
    /// Name in the file read last.
    pub name: String,
    /// Length in the file read last, bp.
    pub found: u32,
    /// Length known so far, bp.
    pub known: u32,
    /// Contig name under which the length was learnt.
    pub first: String,
}

/// All contigs of a case in the order of the first file, with every alias.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContigTable {
    contigs: Vec<Contig>,
    by_name: HashMap<String, ContigId>,
    by_class: HashMap<ContigClass, ContigId>,
}

impl ContigTable {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a contig, or finds the one of the same name or primary class, filling in a length not known before.
    ///
    /// # Errors
    ///
    /// [`LengthConflict`] when both lengths are known and differ.
    pub fn add(&mut self, name: &str, length: Option<u32>) -> Result<ContigId, LengthConflict> {
        let class = class_of(name, length);
        let known = match class {
            // Known under this very name or not at all: the class says nothing about it.
            ContigClass::Other => self.by_name.get(name).copied(),
            _ => self.resolve(name),
        };
        if let Some(id) = known {
            let contig = &mut self.contigs[id.0 as usize];
            match (contig.length, length) {
                (Some(known), Some(found)) if known != found => {
                    return Err(LengthConflict {
                        name: name.into(),
                        found,
                        known,
                        first: contig.name.clone(),
                    });
                }
                (None, Some(_)) => contig.length = length,
                _ => {}
            }
            self.by_name.insert(name.into(), id);
            return Ok(id);
        }
        let id = ContigId(self.contigs.len() as u32);
        self.contigs.push(Contig { name: name.into(), length, class, md5: None });
        self.by_name.insert(name.into(), id);
        if class != ContigClass::Other {
            self.by_class.insert(class, id);
        }
        Ok(id)
    }

    /// The contig that a file calls by this name, whatever its habit of naming; `None` when the case has no such contig.
    pub fn resolve(&self, name: &str) -> Option<ContigId> {
        self.by_name.get(name).or_else(|| self.by_class.get(&ContigClass::of_name(name))).copied()
    }

    /// The contig of an id that this table gave out.
    pub fn get(&self, id: ContigId) -> &Contig {
        &self.contigs[id.0 as usize]
    }

    /// The name for outputs.
    pub fn name(&self, id: ContigId) -> &str {
        &self.get(id).name
    }

    /// The class of a contig.
    pub fn class(&self, id: ContigId) -> ContigClass {
        self.get(id).class
    }

    /// All contigs with their ids, in order.
    pub fn iter(&self) -> impl Iterator<Item = (ContigId, &Contig)> {
        self.contigs.iter().enumerate().map(|(i, contig)| (ContigId(i as u32), contig))
    }

    /// Number of contigs.
    pub fn len(&self) -> usize {
        self.contigs.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.contigs.is_empty()
    }

    /// True when the base lies in a pseudoautosomal region of X or Y.
    pub fn is_par(&self, assembly: Assembly, id: ContigId, position: Pos0) -> bool {
        assembly.par(self.class(id)).iter().any(|span| span.contains(position))
    }
}

/// Lengths in bp of 1..22, X, Y, MT (rCRS; the UCSC hg19 chrM of 16,571 bp is another sequence).
#[rustfmt::skip]
const GRCH37_LENGTHS: [u32; 25] = [
    249_250_621, 243_199_373, 198_022_430, 191_154_276, 180_915_260, 171_115_067, 159_138_663, 146_364_022, 141_213_431,
    135_534_747, 135_006_516, 133_851_895, 115_169_878, 107_349_540, 102_531_392, 90_354_753, 81_195_210, 78_077_248,
    59_128_983, 63_025_520, 48_129_895, 51_304_566, 155_270_560, 59_373_566, 16_569,
];

/// Lengths in bp of 1..22, X, Y, MT.
#[rustfmt::skip]
const GRCH38_LENGTHS: [u32; 25] = [
    248_956_422, 242_193_529, 198_295_559, 190_214_555, 181_538_259, 170_805_979, 159_345_973, 145_138_636, 138_394_717,
    133_797_422, 135_086_622, 133_275_309, 114_364_328, 107_043_718, 101_991_189, 90_338_345, 83_257_441, 80_373_285,
    58_617_616, 64_444_167, 46_709_983, 50_818_468, 156_040_895, 57_227_415, 16_569,
];

/// RefSeq accessions of 1..22, X, Y, MT in GRCh37.
#[rustfmt::skip]
const REFSEQ_GRCH37: [&str; 25] = [
    "NC_000001.10", "NC_000002.11", "NC_000003.11", "NC_000004.11", "NC_000005.9", "NC_000006.11", "NC_000007.13",
    "NC_000008.10", "NC_000009.11", "NC_000010.10", "NC_000011.9", "NC_000012.11", "NC_000013.10", "NC_000014.8",
    "NC_000015.9", "NC_000016.9", "NC_000017.10", "NC_000018.9", "NC_000019.9", "NC_000020.10", "NC_000021.8",
    "NC_000022.10", "NC_000023.10", "NC_000024.9", "NC_012920.1",
];

/// RefSeq accessions of 1..22, X, Y, MT in GRCh38.
#[rustfmt::skip]
const REFSEQ_GRCH38: [&str; 25] = [
    "NC_000001.11", "NC_000002.12", "NC_000003.12", "NC_000004.12", "NC_000005.10", "NC_000006.12", "NC_000007.14",
    "NC_000008.11", "NC_000009.12", "NC_000010.11", "NC_000011.10", "NC_000012.12", "NC_000013.11", "NC_000014.9",
    "NC_000015.10", "NC_000016.10", "NC_000017.11", "NC_000018.10", "NC_000019.10", "NC_000020.11", "NC_000021.9",
    "NC_000022.11", "NC_000023.11", "NC_000024.10", "NC_012920.1",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn naming_habits_meet_in_one_contig() {
        let mut table = ContigTable::new();
        let id = table.add("20", Some(63_025_520)).unwrap();
        for alias in ["chr20", "20", "NC_000020.10", "Chr20"] {
            assert_eq!(table.resolve(alias), Some(id), "{alias}");
        }
        assert_eq!(table.resolve("chr20_KI270869v1_alt"), None);
        assert_eq!(table.resolve("chr2"), None);
        assert_eq!(table.name(id), "20");
    }

    #[test]
    fn a_length_conflict_names_both() {
        let mut table = ContigTable::new();
        table.add("20", Some(63_025_520)).unwrap();
        let error = table.add("chr20", Some(64_444_167)).unwrap_err();
        assert_eq!(error.to_string(), "contig chr20: length 64444167 here, 63025520 in 20");
    }

    #[test]
    fn the_chr_m_of_hg19_stays_apart_from_the_rcrs() {
        let mut table = ContigTable::new();
        let hg19 = table.add("chrM", Some(16_571)).unwrap();
        let rcrs = table.add("MT", Some(16_569)).unwrap();
        assert_ne!(hg19, rcrs);
        assert_eq!((table.resolve("chrM"), table.resolve("MT")), (Some(hg19), Some(rcrs)));
        assert_eq!(table.class(hg19), ContigClass::Other);
        assert_eq!(table.class(rcrs), ContigClass::Mitochondrial);
    }

    #[test]
    fn names_that_only_look_like_chromosomes_are_other() {
        for name in ["chr", "chr0", "023", "+7", "chrUn", "HLA-A*01:01", "é20", ""] {
            assert_eq!(ContigClass::of_name(name), ContigClass::Other, "{name}");
        }
    }

    #[test]
    fn builds_are_told_apart_by_length() {
        assert_eq!(Assembly::of_length(ContigClass::X, 156_040_895), Some(Assembly::GRCh38));
        assert_eq!(Assembly::of_length(ContigClass::Mitochondrial, 16_569), None);
        assert_eq!(Assembly::of_length(ContigClass::Autosome(1), 1_000), None);
    }

    #[test]
    fn par_bounds_are_inclusive_in_the_source() {
        let mut table = ContigTable::new();
        let x = table.add("chrX", Some(156_040_895)).unwrap();
        assert!(table.is_par(Assembly::GRCh38, x, Pos0(2_781_478)));
        assert!(!table.is_par(Assembly::GRCh38, x, Pos0(2_781_479)));
    }
}
