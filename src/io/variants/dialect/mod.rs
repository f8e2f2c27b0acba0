//! Callers count reads in their own ways. One file a dialect; [`DIALECTS`] lists them, the most particular first.
//! A FORMAT that no dialect knows has no depths: unknown, never zero.

mod deepvariant;
mod dragen;
mod freebayes;
mod gatk;
mod muse;
mod mutect1;
mod mutect2;
mod platypus;
mod somatic_sniper;
mod strelka_germline;
mod strelka_indel;
mod strelka_snv;
mod vardict;
mod varscan;

use super::header::Header;
use super::record::parse_u32;

/// What a dialect sees of one record and one sample.
pub struct SampleView<'a> {
    /// Keys of FORMAT, in order.
    pub(super) keys: &'a [Vec<u8>],
    /// The sample's values, in the order of the keys; trailing ones may be missing.
    pub(super) values: &'a [&'a [u8]],
    /// REF as written.
    pub(super) reference: &'a [u8],
    /// The ALT in question as written.
    pub(super) alternate: &'a [u8],
    /// Number of the ALT, from 1.
    pub(super) number: usize,
}

/// Reads by allele, as far as the caller tells.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counts {
    /// Reads at the site.
    pub depth: Option<u32>,
    /// Reads with the reference.
    pub reference: Option<u32>,
    /// Reads with the ALT.
    pub alternate: Option<u32>,
    /// The caller's own share of reads with the ALT.
    pub fraction: Option<f32>,
}

/// One way of counting reads.
pub trait Dialect: Sync {
    /// Name for logs and documents.
    fn id(&self) -> &'static str;

    /// True when records with these FORMAT keys, under this header, are written so.
    fn speaks(&self, header: &Header, keys: &[Vec<u8>]) -> bool;

    /// The counts of one sample.
    fn counts(&self, sample: &SampleView) -> Counts;

    /// Share of base calls around an indel that the caller did not use, 0 to 1, where it tells.
    fn unused_share(&self, _sample: &SampleView) -> Option<f32> {
        None
    }
}

/// All dialects; the first that speaks a FORMAT reads it.
pub static DIALECTS: &[&dyn Dialect] = &[
    &strelka_snv::StrelkaSnv,
    &strelka_indel::StrelkaIndel,
    &strelka_germline::StrelkaGermline,
    &varscan::VarScan,
    &platypus::Platypus,
    &vardict::VarDict,
    &freebayes::FreeBayes,
    &somatic_sniper::SomaticSniper,
    &muse::Muse,
    &mutect1::Mutect1,
    &mutect2::Mutect2,
    &dragen::Dragen,
    &deepvariant::DeepVariant,
    &gatk::Gatk,
];

impl<'a> SampleView<'a> {
    /// The value of a key; `None` when absent or `.`.
    pub(super) fn get(&self, key: &str) -> Option<&'a [u8]> {
        let i = self.keys.iter().position(|known| known == key.as_bytes())?;
        let value = *self.values.get(i)?;
        (!value.is_empty() && value != b".").then_some(value)
    }

    /// Number `index` (from 0) of the comma-separated values of a key.
    pub(super) fn item(&self, key: &str, index: usize) -> Option<&'a [u8]> {
        self.get(key)?.split(|&b| b == b',').nth(index)
    }

    /// As [`SampleView::item`], as a count.
    pub(super) fn count(&self, key: &str, index: usize) -> Option<u32> {
        parse_u32(self.item(key, index)?)
    }

    /// As [`SampleView::item`], as a share from 0 to 1; a percent sign is understood.
    pub(super) fn share(&self, key: &str, index: usize) -> Option<f32> {
        let text = std::str::from_utf8(self.item(key, index)?).ok()?;
        let value: f32 = match text.strip_suffix('%') {
            Some(percent) => percent.parse::<f32>().ok()? / 100.0,
            None => text.parse().ok()?,
        };
        (0.0..=1.0).contains(&value).then_some(value)
    }

    /// Counts of the common form: DP, and AD with one value for each allele, the reference first.
    pub(super) fn by_allele(&self) -> Counts {
        Counts {
            depth: self.count("DP", 0),
            reference: self.count("AD", 0),
            alternate: self.count("AD", self.number),
            fraction: None,
        }
    }
}

/// True when all keys are there.
pub(super) fn has(keys: &[Vec<u8>], wanted: &[&str]) -> bool {
    wanted.iter().all(|wanted| keys.iter().any(|key| key == wanted.as_bytes()))
}

/// True when a `##source` line holds the word, whatever its case.
pub(super) fn source_says(header: &Header, word: &str) -> bool {
    header
        .values("source")
        .chain(header.values("content"))
        .any(|source| source.to_ascii_lowercase().contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        header: &str,
        format: &str,
        sample: &str,
        alleles: (&str, &str),
        number: usize,
    ) -> (&'static str, Counts) {
        let text = format!("{header}#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n");
        let header = Header::parse(text.as_bytes()).unwrap();
        let keys: Vec<Vec<u8>> = format.split(':').map(|key| key.as_bytes().to_vec()).collect();
        let values: Vec<&[u8]> = sample.split(':').map(str::as_bytes).collect();
        let (reference, alternate) = (alleles.0.as_bytes(), alleles.1.as_bytes());
        let view = SampleView { keys: &keys, values: &values, reference, alternate, number };
        match DIALECTS.iter().find(|dialect| dialect.speaks(&header, &keys)) {
            Some(dialect) => (dialect.id(), dialect.counts(&view)),
            None => ("", Counts::default()),
        }
    }

    fn counts(depth: u32, reference: u32, alternate: u32) -> Counts {
        Counts {
            depth: Some(depth),
            reference: Some(reference),
            alternate: Some(alternate),
            fraction: None,
        }
    }

    #[expect(clippy::too_many_lines, reason = "one table, a line or two for each dialect")]
    #[test]
    fn every_dialect_counts_in_its_own_way() {
        let snv = ("A", "T");
        let cases: &[(&str, &str, &str, &str, Counts)] = &[
            ("", "GT:AD:DP:GQ:PL", "0/1:13,10:23:99:344,0,408", "gatk", counts(23, 13, 10)),
            (
                "##source=strelka\n",
                "GT:GQ:GQX:DP:DPF:AD",
                "0/1:9:9:30:2:20,10",
                "strelka2-germline",
                counts(30, 20, 10),
            ),
            (
                "##source=strelka\n",
                "GT:GQ:GQX:DPI:AD",
                "0/1:9:9:31:20,10",
                "strelka2-germline",
                counts(31, 20, 10),
            ),
            (
                "",
                "DP:FDP:SDP:SUBDP:AU:CU:GU:TU",
                "95:1:0:0:80,82:0,0:1,1:13,15",
                "strelka2-somatic-snv",
                counts(95, 80, 13),
            ),
            (
                "",
                "DP:DP2:TAR:TIR:TOR:DP50:FDP50:SUBDP50:BCN50",
                "342:342:313,320:6,7:30,30:342.67:2.02:0.00:0.01",
                "strelka2-somatic-indel",
                counts(342, 313, 6),
            ),
            ("", "GT:DP:AD:BQ:SS", "0/1:280:263,17:33,34:2", "muse", counts(280, 263, 17)),
            (
                "",
                "GT:AD:DP:DP4:FREQ:RD",
                "0/1:29:136:87,18,19,10:21.64%:105",
                "varscan",
                Counts { fraction: Some(0.2164), ..counts(136, 105, 29) },
            ),
            ("", "GT:GL:GOF:GQ:NR:NV", "0/1:-1,0,-9:3:99:40:18", "platypus", counts(40, 22, 18)),
            ("", "GT:DP:RO:QR:AO:QA", "0/1:40:25:9:15:9", "freebayes", counts(40, 25, 15)),
            (
                "##source=Mutect2\n",
                "GT:AD:AF:DP",
                "0/1:90,10:0.104:100",
                "mutect2",
                Counts { fraction: Some(0.104), ..counts(100, 90, 10) },
            ),
            (
                "##source=DRAGEN_SNP\n",
                "GT:AD:AF:DP:GQ",
                "0/1:20,20:0.500:40:48",
                "dragen",
                counts(40, 20, 20),
            ),
            (
                "",
                "GT:IGT:DP:DP4:BCOUNT:GQ:JGQ:VAQ:BQ:MQ:AMQ:SS:SSC",
                "0/1:0/1:38:12,13,6,7:25,0,0,13:60:.:60:35,36:60:60,59:2:58",
                "somatic-sniper",
                counts(38, 25, 13),
            ),
            (
                "",
                "GT:AD:BQ:DP:FA",
                "0/1:30,10:31:40:0.250",
                "mutect1",
                Counts { fraction: Some(0.25), ..counts(40, 30, 10) },
            ),
            (
                "##DeepVariant_version=1.8.0\n",
                "GT:GQ:DP:AD:VAF:PL",
                "0/1:44:50:40,9:0.18:44,0,60",
                "deepvariant",
                Counts { fraction: Some(0.18), ..counts(50, 40, 9) },
            ),
            (
                "",
                "GT:DP:VD:AF",
                "0/1:30852:2168:0.070",
                "vardict",
                Counts {
                    depth: Some(30852),
                    reference: None,
                    alternate: Some(2168),
                    fraction: Some(0.070),
                },
            ),
        ];
        for (header, format, sample, id, expected) in cases {
            let (found, counts) = read(header, format, sample, snv, 1);
            assert_eq!((found, counts), (*id, *expected), "{format}");
        }
    }

    #[test]
    fn what_is_not_said_is_unknown() {
        assert_eq!(read("", "GT:PR:SR", "0/1:3,4:1,0", ("A", "T"), 1).1, Counts::default());
        let (_, short) = read("", "GT:AD:DP", "0/1:.,4:.", ("A", "T,C"), 2);
        assert_eq!(short, Counts::default());
        let (_, cut) = read("", "GT:AD:DP", "./.", ("A", "T"), 1);
        assert_eq!(cut, Counts::default());
    }

    #[test]
    fn ids_are_unique() {
        for (i, dialect) in DIALECTS.iter().enumerate() {
            assert!(DIALECTS[i + 1..].iter().all(|other| other.id() != dialect.id()));
        }
    }
}
