//! Calls of one variant in one member, after multi-allelic records were split.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evidence::{ReadEvidence, SiteReads};

/// One allele of a genotype, seen from one ALT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Allele {
    /// Not called (`.`).
    Missing,
    /// The reference.
    Reference,
    /// The ALT in question.
    Alternate,
    /// Another ALT of the same record: neither reference nor the ALT in question.
    Other,
}

/// A genotype; empty when the call has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Genotype {
    /// Alleles in the order of the file; its length is the ploidy of the call.
    pub alleles: Vec<Allele>,
    /// True for `|`.
    pub phased: bool,
}

/// How many ALT alleles a member carries, as far as the call tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dosage {
    /// At least so many.
    pub min: u8,
    /// At most so many.
    pub max: u8,
    /// Alleles called or possible.
    pub ploidy: u8,
}

impl Genotype {
    /// A genotype from VCF text as seen from ALT number `alternate` (1-based): `0/1`, `1|2`, `1`, `./.`.
    /// Returns `None` when the text is no genotype, or has more than 255 alleles, which a [`Dosage`] cannot count.
    pub fn parse(text: &str, alternate: usize) -> Option<Self> {
        let phased = text.contains('|');
        // VCF 4.4 allows a leading phase mark.
        let text = text.strip_prefix(['/', '|']).unwrap_or(text);
        let alleles = text
            .split(['/', '|'])
            .map(|allele| match allele {
                "." => Some(Allele::Missing),
                number => match number.parse::<usize>().ok()? {
                    0 => Some(Allele::Reference),
                    n if n == alternate => Some(Allele::Alternate),
                    _ => Some(Allele::Other),
                },
            })
            .collect::<Option<Vec<_>>>()?;
        u8::try_from(alleles.len()).is_ok().then_some(Self { alleles, phased })
    }

    /// Bounds on the number of ALT alleles; an empty genotype may be anything up to two.
    pub fn dosage(&self) -> Dosage {
        if self.alleles.is_empty() {
            return Dosage { min: 0, max: 2, ploidy: 2 };
        }
        let count = |wanted| self.alleles.iter().filter(|&&allele| allele == wanted).count() as u8;
        let min = count(Allele::Alternate);
        Dosage { min, max: min + count(Allele::Missing), ploidy: self.alleles.len() as u8 }
    }

    /// True when any allele is another ALT of the same record.
    pub fn has_other(&self) -> bool {
        self.alleles.contains(&Allele::Other)
    }
}

impl Dosage {
    /// Exactly known number of ALT alleles.
    pub fn exact(self) -> Option<u8> {
        (self.min == self.max).then_some(self.min)
    }

    /// The member surely carries the ALT.
    pub fn carries(self) -> bool {
        self.min > 0
    }

    /// The member surely does not carry the ALT.
    pub fn lacks(self) -> bool {
        self.max == 0
    }
}

/// Where a call comes from. An absent record is unknown, never reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CallOrigin {
    /// A record of the variant has a column for the member.
    Record,
    /// A gVCF block says reference.
    ReferenceBlock,
    /// No record, but the reads cover the site well: reference by callable depth.
    CallableDepth,
    /// No file says anything.
    #[default]
    Absent,
}

/// What one member's data say about one variant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Call {
    /// Genotype seen from the ALT.
    pub genotype: Genotype,
    /// Reads at the site (FORMAT DP), if stated.
    pub depth: Option<u32>,
    /// Reads with the reference.
    pub reference_depth: Option<u32>,
    /// Reads with the ALT.
    pub alternate_depth: Option<u32>,
    /// Genotype quality, phred.
    pub genotype_quality: Option<f32>,
    /// Phase set (PS): calls that are `phased` in the same set are in known phase.
    pub phase_set: Option<String>,
    /// Share of reads with the ALT, by the dialect's own definition, 0 to 1.
    pub alternate_fraction: Option<f32>,
    /// De novo label of the caller (FORMAT DN), e.g. `DeNovo`.
    pub denovo_label: Option<String>,
    /// De novo quality of the caller (FORMAT DQ).
    pub denovo_quality: Option<f32>,
    /// Sample filter (FORMAT FT) when it is not PASS.
    pub sample_filter: Option<String>,
    /// FILTER of the record that the call stands in, when it is neither PASS nor `.`.
    pub record_filter: Option<String>,
    /// Share of base calls around an indel that the caller did not use, 0 to 1 (Strelka's FDP50 / DP50).
    pub unused_share: Option<f32>,
    /// Where the call comes from.
    pub origin: CallOrigin,
    /// What the member's reads show; `None` where nobody looked.
    pub reads: Option<Box<ReadEvidence>>,
}

/// The double that prints as the single does, which is what a file says: 0.02, and not 0.019999999552965164, which lies below
/// a limit of 0.02.
pub fn as_printed(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

impl Call {
    /// Bounds on the number of ALT alleles. Some callers write 0/0 where not one read lies: that says nothing.
    pub fn dosage(&self) -> Dosage {
        let dosage = self.genotype.dosage();
        let is_bare = self.depth == Some(0)
            && self.genotype.alleles.iter().all(|&allele| allele == Allele::Reference);
        if is_bare { Dosage { min: 0, max: dosage.ploidy, ..dosage } } else { dosage }
    }

    /// The member's reads, where they were counted.
    pub fn counted(&self) -> Option<&SiteReads> {
        self.reads.as_ref()?.counted()
    }

    /// Share of reads with the ALT: the caller's own value, else ALT / (reference + ALT); `None` without depths.
    pub fn fraction(&self) -> Option<f32> {
        self.alternate_fraction.or_else(|| {
            let (reference, alternate) = (self.reference_depth?, self.alternate_depth?);
            let total = u64::from(reference) + u64::from(alternate);
            (total > 0).then(|| alternate as f32 / total as f32)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn genotypes_are_seen_from_one_alternate() {
        let cases = [
            ("0/1", 1, (1, 1, 2)),
            ("1/1", 1, (2, 2, 2)),
            ("1|2", 2, (1, 1, 2)),
            ("./.", 1, (0, 2, 2)),
            ("./1", 1, (1, 2, 2)),
            ("1", 1, (1, 1, 1)),
            ("0", 1, (0, 0, 1)),
            (".", 1, (0, 1, 1)),
            ("2/2", 1, (0, 0, 2)),
        ];
        for (text, alternate, (min, max, ploidy)) in cases {
            let genotype = Genotype::parse(text, alternate).unwrap();
            assert_eq!(genotype.dosage(), Dosage { min, max, ploidy }, "{text}");
        }
        assert!(Genotype::parse("1|2", 2).unwrap().has_other());
        assert_eq!(Genotype::parse("a/b", 1), None);
    }

    #[test]
    fn reference_without_a_read_is_unknown() {
        let call = |text: &str, depth| {
            let genotype = Genotype::parse(text, 1).unwrap();
            Call { genotype, depth, ..Call::default() }.dosage()
        };
        assert!(call("0/0", Some(1)).lacks() && call("0/0", None).lacks());
        assert_eq!(call("0/0", Some(0)), Dosage { min: 0, max: 2, ploidy: 2 });
        assert_eq!(call("0", Some(0)), Dosage { min: 0, max: 1, ploidy: 1 });
        assert!(call("0/1", Some(0)).carries());
    }

    #[test]
    fn no_genotype_is_unknown_not_reference() {
        assert!(!Genotype::default().dosage().lacks());
    }
}
