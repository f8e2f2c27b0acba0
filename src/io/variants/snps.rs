//! Genotypes and depths of plain single-nucleotide variants, column by column, for checks that look at all of them and at
//! nothing else of a record.

use super::lines::{Lines, RawRecord};
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
}

/// One sample at one variant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SnpCall {
    /// Genotype.
    pub genotype: SiteGenotype,
    /// Reads that show the reference; 0 when the file does not tell.
    pub reference: u32,
    /// Reads that show the alternate; 0 when the file does not tell.
    pub alternate: u32,
}

/// The variants of a stretch that lie on one contig.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SnpRun {
    /// Contig as the file names it.
    pub contig: Vec<u8>,
    /// Where each variant lies.
    pub regions: Vec<SiteRegion>,
    /// One call a column, variant after variant.
    pub calls: Vec<SnpCall>,
}

impl SnpColumns {
    /// The variants of a stretch: one base for another, FILTER passed or not set, on an autosome, X or Y.
    ///
    /// # Errors
    ///
    /// When a record lacks its fixed columns, or a sample column.
    pub fn scan(&self, lines: &mut Lines<'_>) -> Result<Vec<SnpRun>, Problem> {
        let mut runs: Vec<SnpRun> = Vec::new();
        let mut class = ContigClass::Other;
        while let Some(record) = lines.next() {
            let record = record?;
            if runs.last().is_none_or(|run| run.contig != record.contig()) {
                class = ContigClass::of_name(&String::from_utf8_lossy(record.contig()));
                runs.push(SnpRun { contig: record.contig().to_vec(), ..SnpRun::default() });
            }
            if let Some(run) = runs.last_mut()
                && let Some(region) = self.region(class, &record)
                && is_plain(&record)
            {
                run.regions.push(region);
                self.calls(&record, &mut run.calls)?;
            }
        }
        Ok(runs)
    }

    fn region(&self, class: ContigClass, record: &RawRecord<'_>) -> Option<SiteRegion> {
        let place = Pos1(record.position().max(1)).to_pos0();
        let is_par =
            |assembly: Assembly| assembly.par(class).iter().any(|span| span.contains(place));
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

    fn calls(&self, record: &RawRecord<'_>, calls: &mut Vec<SnpCall>) -> Result<(), Problem> {
        let (format, samples) = record.format_and_samples();
        let place = |key: &[u8]| format.split(|&b| b == b':').position(|own| own == key);
        let base = |allele: &[u8]| place(&[allele[0].to_ascii_uppercase(), b'U']);
        let places = Places {
            genotype: place(b"GT"),
            quality: place(b"GQ"),
            depths: place(b"AD"),
            // Strelka's somatic calls count every base.
            bases: [base(record.reference()), base(record.alternates_text())],
        };
        let all: Vec<&[u8]> = samples.split(|&b| b == b'\t').collect();
        for &column in &self.columns {
            let text = all.get(column).ok_or_else(|| {
                let message = format!("{} sample columns, wanted number {}", all.len(), column + 1);
                record.problem(message)
            })?;
            calls.push(self.call(text, &places));
        }
        Ok(())
    }

    fn call(&self, text: &[u8], places: &Places) -> SnpCall {
        let values: Vec<&[u8]> = text.split(|&b| b == b':').collect();
        let value = |place: Option<usize>| values.get(place?).copied();
        let quality = value(places.quality).and_then(number);
        let is_good = quality.is_none_or(|quality| quality >= self.min_genotype_quality);
        let genotype =
            value(places.genotype).filter(|_| is_good).map_or_else(SiteGenotype::default, genotype);
        let first =
            |place| value(place).and_then(|list| number(list.split(|&b| b == b',').next()?));
        let depths = match value(places.depths) {
            Some(list) => {
                let mut parts = list.split(|&b| b == b',').map(number);
                [parts.next().flatten(), parts.next().flatten()]
            }
            None => places.bases.map(first),
        };
        let [reference, alternate] = depths.map(|depth| depth.unwrap_or(0.0) as u32);
        SnpCall { genotype, reference, alternate }
    }
}

/// Places of the keys of FORMAT.
struct Places {
    genotype: Option<usize>,
    quality: Option<usize>,
    depths: Option<usize>,
    bases: [Option<usize>; 2],
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
        let call = |genotype, reference, alternate| SnpCall { genotype, reference, alternate };
        let of_1 = [call(HomAlt, 0, 9), call(Het, 3, 4), call(Unknown, 0, 0), call(Unknown, 0, 0)];
        assert_eq!(runs[0].calls, of_1);
        assert_eq!(runs[1].regions, [SiteRegion::Autosome, SiteRegion::X]);
        let of_x =
            [call(HomAlt, 0, 0), call(HomRef, 0, 0), call(Unknown, 5, 0), call(Unknown, 7, 2)];
        assert_eq!(runs[1].calls, of_x);
    }

    #[test]
    fn a_missing_column_is_told_with_its_number_and_no_name() {
        let problem = scanned("1\t5\t.\tA\tC\t.\tPASS\t.\tGT\t0/1\n", &[1]).unwrap_err();
        assert!(problem.to_string().contains("1 sample columns, wanted number 2"), "{problem}");
    }
}
