//! One ALT of a record as a record of its own, normalised, with every field kept: those with a value per allele or
//! genotype are cut to REF and the ALT.

use super::header::{Header, Number};
use super::record::RawRecord;
use crate::model::variant::Variant;

/// The line (without line end) of ALT number `number` (from 1), with position and alleles of the variant, and the sample
/// columns `columns` (0-based, in this order; all of the file for `None`).
///
/// In genotypes other ALTs become `.`: the record says nothing about them any more, least of all reference.
pub fn one_alternate(
    record: &RawRecord,
    number: usize,
    variant: &Variant,
    (header, columns): (&Header, Option<&[usize]>),
) -> Vec<u8> {
    let alternates = record.alternates().count();
    let (format, samples) = record.format_and_samples();
    let most = record.info().len() + format.len() + samples.len();
    let mut out = Vec::with_capacity(most + 256);
    out.extend_from_slice(record.contig());
    for column in [
        variant.position.to_string().as_bytes(),
        record.id(),
        variant.reference.as_bytes(),
        variant.alternate.as_bytes(),
        record.quality(),
        record.filter(),
    ] {
        out.push(b'\t');
        out.extend_from_slice(column);
    }
    let pick = Pick { number, alleles: alternates + 1 };
    out.push(b'\t');
    pick.info(record.info(), header, &mut out);
    if format.is_empty() || columns.is_some_and(<[usize]>::is_empty) {
        return out;
    }
    out.push(b'\t');
    out.extend_from_slice(format);
    if samples.is_empty() {
        return out;
    }
    let keys: Vec<&[u8]> = format.split(|&b| b == b':').collect();
    let numbers: Vec<Option<Number>> = keys
        .iter()
        .map(|key| std::str::from_utf8(key).ok().and_then(|key| Some(header.format(key)?.number)))
        .collect();
    let all: Vec<&[u8]> = samples.split(|&b| b == b'\t').collect();
    let every: Vec<usize> = (0..all.len()).collect();
    for sample in columns.unwrap_or(&every).iter().filter_map(|&column| all.get(column)) {
        out.push(b'\t');
        for (i, value) in sample.split(|&b| b == b':').enumerate() {
            if i > 0 {
                out.push(b':');
            }
            if keys.get(i) == Some(&&b"GT"[..]) {
                pick.genotype(value, &mut out);
            } else {
                pick.values(value, numbers.get(i).copied().flatten(), &mut out);
            }
        }
    }
    out
}

/// Which values of a field belong to one ALT.
struct Pick {
    number: usize,
    /// Alleles of the record, REF included.
    alleles: usize,
}

impl Pick {
    fn info(&self, info: &[u8], header: &Header, out: &mut Vec<u8>) {
        for (i, item) in info.split(|&b| b == b';').enumerate() {
            if i > 0 {
                out.push(b';');
            }
            let Some(equals) = memchr::memchr(b'=', item) else {
                out.extend_from_slice(item);
                continue;
            };
            let (key, value) = (&item[..equals], &item[equals + 1..]);
            out.extend_from_slice(&item[..=equals]);
            let number =
                std::str::from_utf8(key).ok().and_then(|key| Some(header.info(key)?.number));
            self.values(value, number, out);
        }
    }

    /// Writes the values that stay. A field with another number of values than it should have is left as it is.
    fn values(&self, value: &[u8], number: Option<Number>, out: &mut Vec<u8>) {
        if self.alleles <= 2 {
            out.extend_from_slice(value);
            return;
        }
        let items: Vec<&[u8]> = value.split(|&b| b == b',').collect();
        let n = self.number;
        let genotypes = self.alleles * (self.alleles + 1) / 2;
        let chosen: &[usize] = match number {
            Some(Number::PerAlternate) if items.len() == self.alleles - 1 => &[n - 1],
            // Genotypes of a haploid call are its alleles.
            Some(Number::PerAllele | Number::PerGenotype) if items.len() == self.alleles => &[0, n],
            Some(Number::PerGenotype) if items.len() == genotypes => {
                // Order of genotypes j/k with j <= k: k (k + 1) / 2 + j.
                let het = n * (n + 1) / 2;
                &[0, het, het + n]
            }
            _ => {
                out.extend_from_slice(value);
                return;
            }
        };
        for (i, &index) in chosen.iter().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            out.extend_from_slice(items[index]);
        }
    }

    fn genotype(&self, value: &[u8], out: &mut Vec<u8>) {
        if self.alleles <= 2 {
            out.extend_from_slice(value);
            return;
        }
        let own = self.number.to_string();
        let mut start = 0;
        let marks = value.iter().enumerate().filter(|(_, b)| matches!(b, b'/' | b'|'));
        for end in marks.map(|(i, _)| i).chain([value.len()]) {
            let allele = &value[start..end];
            out.extend_from_slice(match allele {
                b"" | b"0" => allele,
                _ if allele == own.as_bytes() => b"1",
                _ => b".",
            });
            out.extend(value.get(end));
            start = end + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::contig::ContigId;
    use crate::model::coord::Pos1;

    #[test]
    fn fields_are_cut_by_allele_and_genotype() {
        let header = Header::parse(
            b"##INFO=<ID=AF,Number=A,Type=Float,Description=\"x\">\n\
            ##INFO=<ID=AD,Number=R,Type=Integer,Description=\"x\">\n\
            ##FORMAT=<ID=AD,Number=R,Type=Integer,Description=\"x\">\n\
            ##FORMAT=<ID=PL,Number=G,Type=Integer,Description=\"x\">\n\
            #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\tB\n",
        )
        .unwrap();
        let line = b"20\t5\trs1\tCA\tC,CAA\t9\tPASS\tAF=0.1,0.2;DB;AD=7,8,9;CSQ=x,y\tGT:AD:PL\t1|2:1,2,3:0,1,2,3,4,5\t2:1,2:0,1,2";
        let record = RawRecord::new(line, 1, "x").unwrap();
        let variant = Variant {
            contig: ContigId(0),
            position: Pos1(5),
            reference: "C".into(),
            alternate: "CA".into(),
        };
        let text = String::from_utf8(one_alternate(&record, 2, &variant, (&header, None))).unwrap();
        assert_eq!(
            text,
            "20\t5\trs1\tC\tCA\t9\tPASS\tAF=0.2;DB;AD=7,9;CSQ=x,y\tGT:AD:PL\t.|1:1,3:0,3,5\t1:1,2:0,2"
        );
        for (columns, expected) in [(&[1][..], "\tGT:AD:PL\t1:1,2:0,2"), (&[], "CSQ=x,y")] {
            let line = one_alternate(&record, 2, &variant, (&header, Some(columns)));
            let line = String::from_utf8(line).unwrap();
            assert!(line.ends_with(expected) && !line.contains(".|1"), "{line}");
        }
    }
}
