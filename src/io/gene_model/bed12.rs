//! BED12 (UCSC): one transcript a line with its blocks. The columns of bigGenePred behind the twelfth, which the MANE files
//! have, name gene, symbol and standing; without them the name is `GENE|TRANSCRIPT`, or the transcript stands for its gene.

use crate::model::coord::Span;
use crate::model::gene_model::Mark;

use super::LineReader;
use super::draft::{Draft, GeneLine};
use super::lines::{position, strand};

/// The reader.
#[derive(Debug, Default)]
pub(super) struct Bed12;

/// Columns of bigGenePred (0-based): gene, symbol.
const GENE: usize = 17;
const SYMBOL: usize = 18;

/// A list of numbers with commas between, and perhaps one at the end.
fn list(text: &str, what: &str) -> Result<Vec<u32>, String> {
    text.trim().trim_end_matches(',').split(',').map(|number| position(number, what)).collect()
}

impl LineReader for Bed12 {
    fn line(&mut self, text: &str, number: usize, draft: &mut Draft) -> Result<(), String> {
        let columns: Vec<&str> = text.split('\t').collect();
        let [
            contig,
            start,
            end,
            name,
            _,
            strand_column,
            thick_start,
            thick_end,
            _,
            count,
            sizes,
            starts,
            ..,
        ] = columns[..]
        else {
            return Err(format!("has {} columns, a line of BED12 has twelve", columns.len()));
        };
        let (start, end) = (position(start, "start")?, position(end, "end")?);
        let coding =
            Span::new(position(thick_start, "thickStart")?, position(thick_end, "thickEnd")?);
        let (sizes, starts) = (list(sizes, "block size")?, list(starts, "block start")?);
        let count = position(count, "block count")? as usize;
        if sizes.len() != count || starts.len() != count {
            let found = (starts.len(), sizes.len());
            return Err(format!("states {count} blocks, but has {found:?} starts and sizes"));
        }
        let mut spans = Vec::with_capacity(count);
        for (offset, size) in starts.iter().zip(&sizes) {
            let first = start.checked_add(*offset);
            let last = first.and_then(|first| first.checked_add(*size));
            match (first, last) {
                (Some(first), Some(last)) if *size > 0 && last <= end => {
                    spans.push(Span::new(first, last));
                }
                _ => return Err(format!("block at {offset} of {size} bp lies outside the line")),
            }
        }
        let (from_name, id) = name.split_once('|').unwrap_or((name, name));
        let column = |i: usize| columns.get(i).copied().filter(|text| !text.is_empty());
        let tags = columns.get(12..).unwrap_or_default().iter();
        let mark = tags.map(|tag| Mark::of_tag(tag)).min().unwrap_or_default();
        let gene = draft.gene(GeneLine {
            contig,
            id: column(GENE).unwrap_or(from_name),
            symbol: column(SYMBOL).or(Some(from_name)),
            hgnc: None,
            biotype: None,
            strand: strand(strand_column)?,
        });
        let transcript = draft.transcript(gene, id, mark);
        for span in spans {
            draft.exon(transcript, span, None, number);
        }
        if !coding.is_empty() {
            draft.coding(transcript, coding);
        }
        Ok(())
    }

    fn end(&mut self, _: &mut Draft) -> Vec<(usize, String)> {
        Vec::new()
    }
}
