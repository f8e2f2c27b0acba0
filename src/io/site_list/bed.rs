//! BED with alleles: contig, start, end (0-based half-open, one base), reference base, alternate base, frequency of the
//! alternate base from 0 to 1; more columns are not looked at. Plain or gzip.

use std::path::Path;

use super::draft::{Draft, Row, frequency};
use super::{ReadList, each_line};
use crate::model::contig::Assembly;
use crate::model::problem::Problems;

/// True for lines of BED that hold no region.
pub(super) fn is_comment(text: &str) -> bool {
    text.trim().is_empty()
        || ["#", "track ", "browser "].iter().any(|prefix| text.starts_with(prefix))
}

/// The first five columns and the rest.
pub(super) fn row(text: &str) -> Result<(Row<'_>, impl Iterator<Item = &str>), String> {
    let mut columns = text.split('\t').map(str::trim);
    let mut next = |what: &str| {
        columns.next().ok_or_else(|| {
            format!("has no {what} (contig, start, end, reference, alternate, frequency; tabs)")
        })
    };
    let (contig, start, end) = (next("contig")?, next("start")?, next("end")?);
    let (reference, alternate) = (next("reference base")?, next("alternate base")?);
    let number = |text: &str, what: &str| {
        text.parse::<u32>().map_err(|_| format!("{what} {text:?} is no position"))
    };
    let (position, end) = (number(start, "start")?, number(end, "end")?);
    // Rows of longer alleles may span them: they are left out later for their alleles.
    if end <= position || (reference.len() == 1 && end - position != 1) {
        return Err(format!("{position} to {end} is not one base"));
    }
    Ok((Row { contig, position, reference, alternate }, columns))
}

pub(super) fn read(path: &Path, assembly: Option<Assembly>) -> Result<ReadList, Problems> {
    let mut draft = Draft::default();
    each_line(path, |_, text| {
        if is_comment(text) {
            return Ok(());
        }
        let (row, mut rest) = row(text)?;
        let stated = rest.next().ok_or("has no sixth column with the frequency")?;
        if draft.wants(&row) {
            draft.add(&row, frequency(stated)?);
        }
        Ok(())
    })?;
    draft.finish(path, (None, assembly), None)
}
