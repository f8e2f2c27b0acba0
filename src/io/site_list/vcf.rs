//! VCF or BCF with the frequency of the alternate allele in INFO as `AF`, else as `AC` and `AN`. Records that a filter refuses
//! are left out.

use std::path::Path;

use super::draft::{Draft, Row, frequency};
use super::{MOST_PROBLEMS, ReadList};
use crate::io::variants::{ChunkReader, RawRecord, VariantFile};
use crate::model::contig::Assembly;
use crate::model::problem::Problems;

pub(super) fn read(path: &Path, assembly: Option<Assembly>) -> Result<ReadList, Problems> {
    let file = VariantFile::open(path)?;
    let chunks = file.chunks()?;
    let mut reader = ChunkReader::new(chunks.kind());
    let (mut draft, mut refused) = (Draft::default(), 0_u64);
    let mut problems = Problems::default();
    let mut line = file.header_lines();
    for chunk in chunks {
        let mut lines = reader.lines(chunk?)?;
        while let Some(record) = lines.next() {
            let record = record?;
            if !matches!(record.filter(), b"." | b"PASS" | b"") {
                refused += 1;
            } else if let Err(message) = take(&record, &mut draft) {
                let at = format!("line {}", line + lines.number());
                let at = if file.format().is_bcf() { at.replace("line", "record") } else { at };
                problems.0.push(record.problem(message).at(at));
                if problems.0.len() == MOST_PROBLEMS {
                    return Err(problems);
                }
            }
        }
        line += lines.number();
    }
    problems.into_result()?;
    let mut found = draft.finish(path, (file.header().assembly(), assembly), None)?;
    if refused > 0 {
        let note =
            format!("{refused} rows of the site list did not pass a filter and are left out");
        found.notes.push(note);
    }
    Ok(found)
}

fn take(record: &RawRecord<'_>, draft: &mut Draft) -> Result<(), String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let contig = text(record.contig());
    let (reference, alternate) = (text(record.reference()), text(record.alternates_text()));
    let Some(position) = record.position().checked_sub(1) else {
        return Err("position 0 is no base".into());
    };
    let row = Row { contig: &contig, position, reference: &reference, alternate: &alternate };
    if draft.wants(&row) {
        let frequency = allele_frequency(record)?;
        draft.add(&row, frequency);
    }
    Ok(())
}

fn allele_frequency(record: &RawRecord<'_>) -> Result<f64, String> {
    let info = String::from_utf8_lossy(record.info());
    let value = |key: &str| {
        let mut items = info.split(';').filter_map(|item| item.split_once('='));
        items.find_map(|(own, value)| (own == key).then_some(value))
    };
    if let Some(text) = value("AF") {
        return frequency(text);
    }
    let count = |key| value(key).and_then(|text| text.parse::<u64>().ok());
    match (count("AC"), count("AN")) {
        (Some(some), Some(all)) if some <= all && all > 0 => Ok(some as f64 / all as f64),
        _ => Err("has no frequency: INFO holds neither AF nor AC and AN".into()),
    }
}
