//! Genotypes and depths of plain single-nucleotide variants, column by column, for checks that look at all of them and at
//! nothing else of a record.

use memchr::memchr;

use super::lines::Lines;
use super::record::{RawRecord, parse_u32};
use crate::model::contig::{Assembly, ContigClass};
use crate::model::coord::Pos1;
use crate::model::problem::Problem;
use crate::model::sketch::{SiteGenotype, SiteRegion};

/// What is taken from a file.
#[derive(Clone, Debug)]
pub struct SnpColumns {
    /// Sample columns (0-based), in the order of results.
    pub columns: Vec<usize>,
    /// Assembly, for the pseudo-autosomal regions.
    pub assembly: Option<Assembly>,
    /// Calls of less genotype quality are unknown; calls without the value count.
    pub min_genotype_quality: f64,
    /// Whether depths are taken too.
    pub depths: bool,
    /// When it is told of every genotype whether it reaches these limits.
    pub strict: Option<Strict>,
}

/// Stricter limits; a call without a value reaches that limit. A homozygous reference call of which FORMAT has quality or depths,
/// but the call none, never does: merging writes these where a sample has no record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strict {
    /// Least genotype quality, phred.
    pub min_quality: f64,
    /// Least depth.
    pub min_depth: f64,
}

/// The variants of a stretch that lie on one contig.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnpRun {
    /// What the contig is.
    pub class: ContigClass,
    /// Where each variant lies, 1-based.
    pub positions: Vec<u32>,
    /// How many copies there are.
    pub regions: Vec<SiteRegion>,
    /// One genotype a column, variant after variant.
    pub genotypes: Vec<SiteGenotype>,
    /// Reads that show the reference and the alternate, one pair a column, variant after variant; 0 when the file does not
    /// tell, empty unless depths were asked for.
    pub depths: Vec<[u32; 2]>,
    /// Whether each genotype reaches the stricter limits; empty unless they were asked for.
    pub sure: Vec<bool>,
}

/// Takes variants from the records of a stretch, which may be read for something else as well.
#[derive(Debug)]
pub struct SnpScan<'c> {
    wanted: &'c SnpColumns,
    /// Places of the wanted columns, in the order of the file.
    order: Vec<usize>,
    contig: Vec<u8>,
    runs: Vec<SnpRun>,
    /// FORMAT of the record before, and the places in it: most records have the same.
    format: Vec<u8>,
    places: Places,
}

/// Places of the keys of FORMAT.
#[derive(Clone, Copy, Debug, Default)]
struct Places {
    genotype: Option<usize>,
    quality: Option<usize>,
    depth: Option<usize>,
    depths: Option<usize>,
    filter: Option<usize>,
}

impl SnpColumns {
    /// The variants of a stretch: one base for another, FILTER passed or not set, on an autosome, X or Y.
    ///
    /// # Errors
    ///
    /// When a record lacks its fixed columns, or a sample column.
    pub fn scan(&self, lines: &mut Lines<'_>) -> Result<Vec<SnpRun>, Problem> {
        let mut scan = SnpScan::new(self);
        while let Some(record) = lines.next() {
            scan.record(&record?)?;
        }
        Ok(scan.take())
    }

    fn region(&self, class: ContigClass, record: &RawRecord<'_>) -> Option<SiteRegion> {
        let place = || Pos1(record.position().max(1)).to_pos0();
        let is_par =
            |assembly: Assembly| assembly.par(class).iter().any(|span| span.contains(place()));
        match class {
            ContigClass::Autosome(_) => Some(SiteRegion::Autosome),
            ContigClass::X | ContigClass::Y if self.assembly.is_some_and(is_par) => {
                Some(SiteRegion::Autosome)
            }
            ContigClass::X => Some(SiteRegion::X),
            ContigClass::Y => Some(SiteRegion::Y),
            _ => None,
        }
    }
}

impl<'c> SnpScan<'c> {
    /// For these columns.
    pub fn new(wanted: &'c SnpColumns) -> Self {
        let mut order: Vec<usize> = (0..wanted.columns.len()).collect();
        order.sort_by_key(|&place| wanted.columns[place]);
        Self {
            wanted,
            order,
            contig: Vec::new(),
            runs: Vec::new(),
            format: Vec::new(),
            places: Places::default(),
        }
    }

    /// What was taken since the last call.
    pub fn take(&mut self) -> Vec<SnpRun> {
        self.contig.clear();
        std::mem::take(&mut self.runs)
    }

    /// Takes a record if it is a plain variant.
    ///
    /// # Errors
    ///
    /// When it lacks a sample column.
    pub fn record(&mut self, record: &RawRecord<'_>) -> Result<(), Problem> {
        if !is_plain(record) {
            return Ok(());
        }
        if self.contig != record.contig() {
            self.contig.clear();
            self.contig.extend_from_slice(record.contig());
            let class = ContigClass::of_name(&String::from_utf8_lossy(record.contig()));
            self.runs.push(SnpRun {
                class,
                positions: Vec::new(),
                regions: Vec::new(),
                genotypes: Vec::new(),
                depths: Vec::new(),
                sure: Vec::new(),
            });
        }
        let Some(run) = self.runs.last_mut() else { return Ok(()) };
        let Some(region) = self.wanted.region(run.class, record) else { return Ok(()) };
        run.positions.push(record.position());
        run.regions.push(region);
        self.calls(record)
    }

    fn calls(&mut self, record: &RawRecord<'_>) -> Result<(), Problem> {
        let (format, mut rest) = record.format_and_samples();
        if self.format != format {
            self.format.clear();
            self.format.extend_from_slice(format);
            self.places = Places::of(format);
        }
        let Some(run) = self.runs.last_mut() else { return Ok(()) };
        let first = run.genotypes.len();
        let count = self.order.len();
        run.genotypes.resize(first + count, SiteGenotype::Unknown);
        let bases = match (self.wanted.depths, self.places.depths) {
            (true, None) => Some(bases(format, record)),
            _ => None,
        };
        if self.wanted.depths {
            run.depths.resize(first + count, [0; 2]);
        }
        if self.wanted.strict.is_some() {
            run.sure.resize(first + count, false);
        }
        let mut behind = 0;
        let mut ended = false;
        for &place in &self.order {
            let column = self.wanted.columns[place];
            let mut text: &[u8] = &[];
            while behind <= column {
                if ended {
                    let message = format!("{behind} sample columns, wanted number {}", column + 1);
                    return Err(record.problem(message));
                }
                let end = memchr(b'\t', rest);
                text = &rest[..end.unwrap_or(rest.len())];
                match end {
                    Some(end) => rest = &rest[end + 1..],
                    None => ended = true,
                }
                behind += 1;
            }
            let (genotype, sure) = self.places.genotype(text, self.wanted);
            run.genotypes[first + place] = genotype;
            if let Some(own) = run.sure.get_mut(first + place) {
                *own = sure;
            }
            if self.wanted.depths {
                run.depths[first + place] = self.places.depths(text, bases);
            }
        }
        Ok(())
    }
}

impl Places {
    fn of(format: &[u8]) -> Self {
        let place = |key: &[u8]| format.split(|&b| b == b':').position(|own| own == key);
        Self {
            genotype: place(b"GT"),
            quality: place(b"GQ"),
            depth: place(b"DP"),
            depths: place(b"AD"),
            filter: place(b"FT"),
        }
    }

    /// The genotype, and whether it reaches the stricter limits.
    fn genotype(&self, text: &[u8], wanted: &SnpColumns) -> (SiteGenotype, bool) {
        const UNKNOWN: (SiteGenotype, bool) = (SiteGenotype::Unknown, false);
        let found = value(text, self.genotype).map_or(SiteGenotype::Unknown, genotype);
        if found == SiteGenotype::Unknown {
            return UNKNOWN;
        }
        let [depth, filter, quality] = values(text, [self.depth, self.filter, self.quality]);
        // Some callers write 0/0 where they saw nothing.
        let unseen = found == SiteGenotype::HomRef && depth == Some(b"0");
        if unseen || !matches!(filter, None | Some(b"" | b"." | b"PASS")) {
            return UNKNOWN;
        }
        let whole = |text: &[u8]| match parse_u32(text) {
            Some(value) => Some(f64::from(value)),
            None => number(text),
        };
        let quality = quality.and_then(whole);
        if quality.is_some_and(|quality| quality < wanted.min_genotype_quality) {
            return UNKNOWN;
        }
        let sure = wanted.strict.is_some_and(|least| {
            let deep = depth.and_then(whole);
            let filled = found == SiteGenotype::HomRef
                && quality.is_none()
                && deep.is_none()
                && self.bare_of_reads(text);
            !filled
                && deep.is_none_or(|depth| depth >= least.min_depth)
                && quality.is_none_or(|quality| quality >= least.min_quality)
        });
        (found, sure)
    }

    /// True where FORMAT has quality or depths and no read of the call is told by allele.
    fn bare_of_reads(&self, text: &[u8]) -> bool {
        let told = |list: &[u8]| list.iter().any(|byte| (b'1'..=b'9').contains(byte));
        let asked = self.quality.or(self.depth).or(self.depths).is_some();
        asked && !value(text, self.depths).is_some_and(told)
    }

    fn depths(&self, text: &[u8], bases: Option<[Option<usize>; 2]>) -> [u32; 2] {
        let first = |place| number(value(text, place)?.split(|&b| b == b',').next()?);
        let depths = if let Some(places) = bases {
            places.map(first)
        } else {
            let list = value(text, self.depths).unwrap_or_default();
            let mut parts = list.split(|&b| b == b',').map(number);
            [parts.next().flatten(), parts.next().flatten()]
        };
        depths.map(|depth| depth.unwrap_or(0.0) as u32)
    }
}

/// Places of the counts of both alleles' bases: Strelka's somatic calls count every base.
fn bases(format: &[u8], record: &RawRecord<'_>) -> [Option<usize>; 2] {
    let place = |allele: &[u8]| {
        let key = [allele.first()?.to_ascii_uppercase(), b'U'];
        format.split(|&b| b == b':').position(|own| own == key)
    };
    [place(record.reference()), place(record.alternates_text())]
}

fn value(text: &[u8], place: Option<usize>) -> Option<&[u8]> {
    text.split(|&b| b == b':').nth(place?)
}

/// Several values in one walk, which every genotype of every record takes.
fn values<const N: usize>(text: &[u8], places: [Option<usize>; N]) -> [Option<&[u8]>; N] {
    let mut found = [None; N];
    let count = places.iter().flatten().max().map_or(0, |last| last + 1);
    for (place, own) in text.split(|&b| b == b':').take(count).enumerate() {
        for (slot, wanted) in found.iter_mut().zip(places) {
            if wanted == Some(place) {
                *slot = Some(own);
            }
        }
    }
    found
}

fn number(text: &[u8]) -> Option<f64> {
    std::str::from_utf8(text).ok()?.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// One base for another, and no filter that refuses it.
fn is_plain(record: &RawRecord<'_>) -> bool {
    let is_base = |allele: &[u8]| matches!(allele, [base] if matches!(base.to_ascii_uppercase(), b'A' | b'C' | b'G' | b'T'));
    matches!(record.filter(), b"PASS" | b"." | b"")
        && is_base(record.reference())
        && is_base(record.alternates_text())
}

/// A haploid call counts as homozygous.
fn genotype(text: &[u8]) -> SiteGenotype {
    match text {
        b"0/0" | b"0|0" | b"0" => SiteGenotype::HomRef,
        b"0/1" | b"1/0" | b"0|1" | b"1|0" => SiteGenotype::Het,
        b"1/1" | b"1|1" | b"1" => SiteGenotype::HomAlt,
        _ => SiteGenotype::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::variants::{ChunkReader, VariantFile};
    use SiteGenotype::{Het, HomAlt, HomRef, Unknown};

    fn scanned(records: &str, columns: &[usize]) -> Result<Vec<SnpRun>, Problem> {
        let header =
            "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\tB\n";
        let text = format!("{header}{records}");
        let reader = std::io::Cursor::new(text.into_bytes());
        let file = VariantFile::from_reader("x.vcf", Box::new(reader)).unwrap();
        let chunks = file.chunks().unwrap();
        let mut reader = ChunkReader::new(chunks.kind());
        let wanted = SnpColumns {
            columns: columns.to_vec(),
            assembly: Some(Assembly::GRCh38),
            min_genotype_quality: 20.0,
            depths: true,
            strict: Some(Strict { min_quality: 25.0, min_depth: 8.0 }),
        };
        let mut all = Vec::new();
        for chunk in chunks {
            all.extend(wanted.scan(&mut reader.lines(chunk.unwrap()).unwrap())?);
        }
        Ok(all)
    }

    #[test]
    fn plain_variants_give_genotypes_and_depths() {
        let records = "chr1\t5\t.\tA\tC\t.\tPASS\t.\tGT:AD:GQ\t0/1:3,4:99\t1|1:0,9:30\n\
                       chr1\t6\t.\tA\tC,G\t.\tPASS\t.\tGT\t0/1\t1/1\n\
                       chr1\t7\t.\tA\tC\t.\tq10\t.\tGT\t0/1\t1/1\n\
                       chr1\t8\t.\tA\tC\t.\t.\t.\tGT:GQ\t0/1:19\t./.:50\n\
                       chrX\t20000\t.\tA\tC\t.\t.\t.\tGT\t0/0\t1\n\
                       chrX\t3000000\t.\tA\tC\t.\t.\tAC=1\tAU:CU\t7,8:2,3\t5,5:0,1\n";
        let runs = scanned(records, &[1, 0]).unwrap();
        assert_eq!(runs.len(), 2);
        assert_eq!(runs[0].positions, [5, 8]);
        assert_eq!(runs[0].genotypes, [HomAlt, Het, Unknown, Unknown]);
        assert_eq!(runs[0].depths, [[0, 9], [3, 4], [0, 0], [0, 0]]);
        assert_eq!(runs[1].regions, [SiteRegion::Autosome, SiteRegion::X]);
        assert_eq!(runs[1].genotypes, [HomAlt, HomRef, Unknown, Unknown]);
        assert_eq!(runs[1].depths, [[0, 0], [0, 0], [5, 0], [7, 2]]);
    }

    #[test]
    fn a_call_that_a_sample_filter_refuses_or_that_saw_nothing_is_unknown() {
        let records = "1\t5\t.\tA\tC\t.\tPASS\t.\tGT:FT:DP\t0/1:LowGQ:30\t0/1:PASS:30\n\
                       1\t6\t.\tA\tC\t.\tPASS\t.\tGT:DP\t0/0:0\t1/1\n";
        let runs = scanned(records, &[0, 1]).unwrap();
        assert_eq!(runs[0].genotypes, [Unknown, Het, Unknown, HomAlt]);
    }

    #[test]
    fn stricter_limits_are_told_beside_the_genotype() {
        let records = "1\t5\t.\tA\tC\t.\tPASS\t.\tGT:DP:GQ\t0/1:8:25\t1/1:7:90\n\
                       1\t6\t.\tA\tC\t.\tPASS\t.\tGT:DP:GQ\t0/0:30:24\t./.:30:90\n\
                       1\t7\t.\tA\tC\t.\tPASS\t.\tGT:DP:GQ\t0/0:.:.\t0/1:30:19\n\
                       1\t8\t.\tA\tC\t.\tPASS\t.\tGT\t0/0\t0/1\n\
                       1\t9\t.\tA\tC\t.\tPASS\t.\tGT:AD:DP:GQ\t0/0:0,0:.:.\t1/1:.:.:.\n\
                       1\t10\t.\tA\tC\t.\tPASS\t.\tGT:AD\t0/0:9,0\t0/0\n";
        let runs = scanned(records, &[0, 1]).unwrap();
        let expected = [
            [true, false],
            [false, false],
            // What merging fills in: nobody saw the reference there.
            [false, false],
            [true, true],
            [false, true],
            [true, false],
        ];
        assert_eq!(runs[0].sure, expected.concat());
        assert_eq!(runs[0].genotypes[2], HomRef, "still a genotype");
    }

    #[test]
    fn a_missing_column_is_told_with_its_number_and_no_name() {
        let problem = scanned("1\t5\t.\tA\tC\t.\tPASS\t.\tGT\t0/1\n", &[1]).unwrap_err();
        assert!(problem.to_string().contains("1 sample columns, wanted number 2"), "{problem}");
    }
}
