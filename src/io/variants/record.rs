//! One record of a variant file, column by column, whatever the file is written in.

use memchr::{memchr, memchr_iter};

use super::bcf_row::BcfRow;
use crate::model::problem::Problem;

/// One record, with the fixed columns found and nothing else read.
#[derive(Clone, Copy, Debug)]
pub struct RawRecord<'a> {
    body: Body<'a>,
    position: u32,
    serial: u64,
    file: &'a str,
}

#[derive(Clone, Copy, Debug)]
enum Body<'a> {
    /// A line with the ends of the columns CHROM to INFO.
    Line(&'a [u8], [u32; 8]),
    /// A BCF record, whose columns become text when they are asked for.
    Row(&'a BcfRow<'a>),
}

impl<'a> RawRecord<'a> {
    /// Finds the columns of a line (without line end).
    ///
    /// # Errors
    ///
    /// When there are fewer than eight columns or POS is no number.
    pub fn new(line: &'a [u8], serial: u64, file: &'a str) -> Result<Self, Problem> {
        let mut ends = [line.len() as u32; 8];
        let mut found = 0;
        for (slot, tab) in ends.iter_mut().zip(memchr_iter(b'\t', line)) {
            *slot = tab as u32;
            found += 1;
        }
        let mut record = Self { body: Body::Line(line, ends), position: 0, serial, file };
        if found < 7 || line[0] == b'#' {
            return Err(record.not_a_record(line, found + 1));
        }
        record.position = record.checked_position(parse_u32(record.column(1)).map(i64::from))?;
        Ok(record)
    }

    /// A record of BCF.
    ///
    /// # Errors
    ///
    /// When POS is before the telomere.
    pub(super) fn of_row(row: &'a BcfRow<'a>, serial: u64, file: &'a str) -> Result<Self, Problem> {
        let mut record = Self { body: Body::Row(row), position: 0, serial, file };
        record.position = record.checked_position(Some(row.position()))?;
        Ok(record)
    }

    /// The format allows no position beyond 2^31 - 1.
    fn checked_position(&self, position: Option<i64>) -> Result<u32, Problem> {
        let position = position.and_then(|position| u32::try_from(position).ok());
        position.filter(|&position| i32::try_from(position).is_ok()).ok_or_else(|| {
            let text = String::from_utf8_lossy(self.column(1));
            self.problem(format!("POS {text:?} is no position"))
                .help("expected a whole number from 0 to 2147483647")
        })
    }

    fn not_a_record(&self, line: &[u8], columns: usize) -> Problem {
        if line.starts_with(b"#") {
            return self
                .problem("a header line among the records")
                .help("files cannot be joined with cat; use bcftools concat");
        }
        let start = String::from_utf8_lossy(&line[..line.len().min(60)]).into_owned();
        self.problem(format!("{columns} columns where a VCF record has at least 8: {start:?}"))
            .help("columns are separated by tabs; is the line cut off?")
    }

    /// A fault of this record, placed at its contig and position.
    pub fn problem(&self, message: impl Into<String>) -> Problem {
        let problem = Problem::bad_data(message).in_file(self.file);
        let placed = match self.body {
            Body::Line(_, ends) => ends[1] > ends[0],
            Body::Row(_) => true,
        };
        let text = |i| String::from_utf8_lossy(self.column(i)).into_owned();
        if placed { problem.at(format!("{}:{}", text(0), text(1))) } else { problem }
    }

    /// A number that no other record of the file has; it grows from record to record.
    pub fn serial(&self) -> u64 {
        self.serial
    }

    #[inline]
    fn column(&self, i: usize) -> &'a [u8] {
        match self.body {
            Body::Line(line, ends) => {
                let start = if i == 0 { 0 } else { ends[i - 1] as usize + 1 };
                line.get(start..ends[i] as usize).unwrap_or_default()
            }
            Body::Row(row) => row.column(i),
        }
    }

    /// INFO of a BCF record as typed items; `None` for a line.
    pub(super) fn typed_info(&self) -> Option<&'a [u8]> {
        match self.body {
            Body::Line(..) => None,
            Body::Row(row) => Some(row.info()),
        }
    }

    /// CHROM.
    pub fn contig(&self) -> &'a [u8] {
        self.column(0)
    }

    /// POS, 1-based; 0 is the telomere.
    pub fn position(&self) -> u32 {
        self.position
    }

    /// ID.
    pub fn id(&self) -> &'a [u8] {
        self.column(2)
    }

    /// REF.
    pub fn reference(&self) -> &'a [u8] {
        self.column(3)
    }

    /// ALT as written.
    pub fn alternates_text(&self) -> &'a [u8] {
        self.column(4)
    }

    /// The ALTs, in order; none for `.`.
    pub fn alternates(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let text = self.column(4);
        text.split(|&b| b == b',').filter(|&alternate| alternate != b".")
    }

    /// QUAL as written.
    pub fn quality(&self) -> &'a [u8] {
        self.column(5)
    }

    /// FILTER as written.
    pub fn filter(&self) -> &'a [u8] {
        self.column(6)
    }

    /// INFO as written.
    pub fn info(&self) -> &'a [u8] {
        self.column(7)
    }

    /// Last base of the record, 1-based: INFO END, or the end of REF when that is later or alone.
    pub fn end(&self) -> u32 {
        let stated = self
            .info()
            .split(|&b| b == b';')
            .find_map(|item| parse_u32(item.strip_prefix(b"END=")?))
            .unwrap_or(0);
        let length = self.reference().len().max(1) as u32;
        stated.max(self.position.saturating_add(length - 1))
    }

    /// FORMAT, and the sample columns behind it with the tabs between them; both empty without samples.
    pub fn format_and_samples(&self) -> (&'a [u8], &'a [u8]) {
        let rest = match self.body {
            Body::Line(line, ends) => line.get(ends[7] as usize + 1..).unwrap_or_default(),
            Body::Row(row) => row.calls(),
        };
        match memchr(b'\t', rest) {
            Some(tab) => (&rest[..tab], &rest[tab + 1..]),
            None => (rest, &[]),
        }
    }
}

/// A whole number of decimal digits; `None` for anything else or beyond `u32`.
pub(super) fn parse_u32(text: &[u8]) -> Option<u32> {
    if text.is_empty() || text.len() > 10 {
        return None;
    }
    let mut value = 0_u64;
    for &byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    u32::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_and_faults_are_placed() {
        let line = b"20\t14370\trs1;rs2\tG\tA,C\t29\tPASS\tNS=3\tGT:DP\t0/1:3\t1|2:5";
        let record = RawRecord::new(line, 1, "x.vcf").unwrap();
        assert_eq!((record.contig(), record.position()), (&b"20"[..], 14370));
        assert_eq!(record.alternates().collect::<Vec<_>>(), [b"A", b"C"]);
        assert_eq!(record.info(), b"NS=3");
        assert_eq!(record.format_and_samples(), (&b"GT:DP"[..], &b"0/1:3\t1|2:5"[..]));
        assert_eq!(record.problem("x").to_string(), "x.vcf: 20:14370: x");
        let problem = RawRecord::new(b"20\t1x\t.\tA\tC\t.\t.\t.", 1, "x.vcf").unwrap_err();
        assert!(problem.to_string().contains("\"1x\""), "{problem}");
        assert!(RawRecord::new(b"20\t1\t.\tA", 1, "x.vcf").is_err());
        let sites_only = RawRecord::new(b"20\t1\t.\tA\tC\t.\t.\tDP=1", 1, "x").unwrap();
        assert_eq!(sites_only.format_and_samples(), (&b""[..], &b""[..]));
    }
}
