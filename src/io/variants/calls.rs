//! Genotype columns of one record, as calls of the members.

use super::dialect::{DIALECTS, Dialect, SampleView};
use super::header::Header;
use super::layout::Layout;
use super::lofreq;
use super::possible_de_novo;
use super::record::RawRecord;
use crate::model::genotype::{Allele, Call, CallOrigin, Genotype};
use crate::model::problem::Problem;

/// What is known of a FORMAT; records repeat the same one for long stretches.
#[derive(Default)]
pub(super) struct Format {
    text: Vec<u8>,
    keys: Vec<Vec<u8>>,
    dialect: Option<&'static dyn Dialect>,
    /// Values of DP, AD and GQ so far that are no numbers.
    pub(super) unreadable: u64,
}

impl Format {
    /// Stands for no ALT at all: every ALT of the record is then another allele.
    pub(super) const NO_ALTERNATE: usize = u32::MAX as usize;

    fn set(&mut self, text: &[u8], header: &Header) {
        if self.text == text && !self.keys.is_empty() {
            return;
        }
        self.text = text.to_vec();
        self.keys = text.split(|&b| b == b':').map(<[u8]>::to_vec).collect();
        self.dialect = DIALECTS.iter().copied().find(|d| d.speaks(header, &self.keys));
    }

    /// The calls of all members with a column, seen from ALT number `number` or [`Format::NO_ALTERNATE`].
    pub(super) fn read(
        &mut self,
        record: &RawRecord,
        layout: &Layout,
        number: usize,
        calls: &mut Vec<Call>,
    ) -> Result<(), Problem> {
        calls.clear();
        calls.resize_with(layout.members, Call::default);
        if let Some(member) = layout.only_member {
            if let Some(call) = calls.get_mut(usize::from(member.0)) {
                *call = lofreq::call(record, number);
            }
            return Ok(());
        }
        if layout.columns.is_empty() {
            return Ok(());
        }
        let (format, samples) = record.format_and_samples();
        let columns: Vec<&[u8]> = samples.split(|&b| b == b'\t').collect();
        let expected = layout.header.samples.len();
        if format.is_empty() || columns.len() != expected {
            let found = if samples.is_empty() { 0 } else { columns.len() };
            return Err(record
                .problem(format!(
                    "{found} sample columns where the header names {expected} samples"
                ))
                .help("is the line cut off, or a tab lost?"));
        }
        self.set(format, &layout.header);
        let alternate = record.alternates_text().split(|&b| b == b',').nth(number.wrapping_sub(1));
        for &(column, member) in &layout.columns {
            let values: Vec<&[u8]> = columns[column].split(|&b| b == b':').collect();
            let view = SampleView {
                keys: &self.keys,
                values: &values,
                reference: record.reference(),
                alternate: alternate.unwrap_or_default(),
                number,
            };
            let unreadable = ["DP", "AD", "GQ"].iter().filter(|key| is_unreadable(&view, key));
            self.unreadable += unreadable.count() as u64;
            if let Some(call) = calls.get_mut(usize::from(member.0)) {
                *call = self.call(&view, record)?;
            }
        }
        possible_de_novo::label(record, &layout.header, &layout.columns, calls);
        Ok(())
    }

    fn call(&self, view: &SampleView, record: &RawRecord) -> Result<Call, Problem> {
        let text = |key: &str| view.get(key).map(|v| String::from_utf8_lossy(v).into_owned());
        let number = |key: &str| text(key).and_then(|t| t.parse::<f32>().ok());
        let genotype = match text("GT") {
            None => Genotype::default(),
            Some(gt) => {
                known_alleles(&gt, record)?;
                Genotype::parse(&gt, view.number).ok_or_else(|| {
                    record.problem(format!("GT {gt:?} is no genotype")).help("expected 0/1 or 0|1")
                })?
            }
        };
        let counts = self.dialect.map(|dialect| dialect.counts(view)).unwrap_or_default();
        let mut call = Call {
            genotype,
            depth: view.count("MIN_DP", 0).or(counts.depth).or_else(|| view.count("DP", 0)),
            reference_depth: counts.reference,
            alternate_depth: counts.alternate,
            genotype_quality: number("GQ"),
            phase_set: text("PS"),
            alternate_fraction: counts.fraction,
            denovo_label: text("DN"),
            denovo_quality: number("DQ"),
            sample_filter: text("FT").filter(|filter| filter != "PASS"),
            record_filter: failed(record.filter()),
            unused_share: self.dialect.and_then(|dialect| dialect.unused_share(view)),
            origin: CallOrigin::Record,
            reads: None,
        };
        if call.phase_set.is_none() {
            physical_phase(&mut call, view, record);
        }
        Ok(call)
    }
}

/// A genotype names no allele beyond the record's own.
fn known_alleles(genotype: &str, record: &RawRecord) -> Result<(), Problem> {
    let count = record.alternates().count();
    let beyond = |allele: &str| allele.parse::<usize>().is_ok_and(|allele| allele > count);
    if !genotype.split(['/', '|']).any(beyond) {
        return Ok(());
    }
    let message = format!(
        "GT {genotype:?} names an allele that the record does not have: it has {count} ALT"
    );
    Err(record
        .problem(message)
        .help("split records with `bcftools norm -m -any`, which cuts genotypes too"))
}

/// The values of a key are there, and one of them is neither a number nor missing.
fn is_unreadable(view: &SampleView, key: &str) -> bool {
    let is_number = |text: &[u8]| {
        text == b"." || std::str::from_utf8(text).is_ok_and(|text| text.parse::<f32>().is_ok())
    };
    view.get(key).is_some_and(|value| !value.split(|&b| b == b',').all(is_number))
}

/// The FILTER of a record that failed it.
pub(super) fn failed(filter: &[u8]) -> Option<String> {
    let fine = matches!(filter, b"PASS" | b"." | b"");
    (!fine).then(|| String::from_utf8_lossy(filter).into_owned())
}

/// Takes the phase that GATK states beside an unphased genotype (`PGT`, `PID`): only for a heterozygote of a record with
/// one real ALT, since PGT knows no other alleles.
fn physical_phase(call: &mut Call, view: &SampleView, record: &RawRecord) {
    let alternates = record.alternates().filter(|a| !super::alleles::is_placeholder(a)).count();
    let het = [Allele::Reference, Allele::Alternate];
    if alternates != 1 || call.genotype.phased || call.genotype.alleles != het {
        return;
    }
    let (Some(phased), Some(set)) = (view.get("PGT"), view.get("PID")) else { return };
    let alleles = match phased {
        b"0|1" => het,
        b"1|0" => [Allele::Alternate, Allele::Reference],
        _ => return,
    };
    call.genotype = Genotype { alleles: alleles.to_vec(), phased: true };
    call.phase_set = Some(String::from_utf8_lossy(set).into_owned());
}
