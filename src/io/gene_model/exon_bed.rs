//! BED with one exon a line: the fourth column is `GENE|TRANSCRIPT|exonN`, or a header line names the columns `gene_name`,
//! `transcript_id` and `exon_number`.

use crate::model::coord::Span;
use crate::model::gene_model::Mark;

use super::LineReader;
use super::draft::{Draft, GeneLine};
use super::lines::{position, strand};

/// The reader.
#[derive(Debug)]
pub(super) struct ExonBed {
    columns: Columns,
}

#[derive(Debug)]
enum Columns {
    /// All in the name; the strand in the sixth column, if any.
    Name,
    /// Columns of gene, transcript and exon number, 0-based.
    Header([usize; 3]),
}

impl ExonBed {
    /// The reader for a file with this last header line and these columns in its first line; `None` when it is no such file.
    pub(super) fn of(header: &str, columns: &[&str]) -> Option<Self> {
        let named: Vec<&str> = header.trim_start_matches('#').split('\t').collect();
        let find = |names: &[&str]| named.iter().position(|column| names.contains(column));
        let by_header = (
            find(&["gene_name", "gene", "symbol"]),
            find(&["transcript_id", "transcript"]),
            find(&["exon_number", "exon"]),
        );
        if let (Some(gene), Some(transcript), Some(exon)) = by_header {
            return Some(Self { columns: Columns::Header([gene, transcript, exon]) });
        }
        let parts = columns.get(3)?.split('|').count();
        (parts == 3).then_some(Self { columns: Columns::Name })
    }
}

fn number(text: &str) -> Result<u32, String> {
    let digits = text.trim().trim_start_matches(|c: char| !c.is_ascii_digit());
    let number = digits.parse().ok().filter(|&number| number > 0);
    number.ok_or_else(|| format!("{text:?} is no number of an exon"))
}

impl LineReader for ExonBed {
    fn line(&mut self, text: &str, line: usize, draft: &mut Draft) -> Result<(), String> {
        let columns: Vec<&str> = text.split('\t').collect();
        let column = |i: usize, what: &str| {
            let found = columns.get(i).map(|text| text.trim()).filter(|text| !text.is_empty());
            found.ok_or_else(|| format!("has no {what} in column {}", i + 1))
        };
        let start = position(column(1, "start")?, "start")?;
        let end = position(column(2, "end")?, "end")?;
        if start >= end {
            return Err(format!("starts at {start}, not before its end {end}"));
        }
        let mut direction = None;
        let (gene, transcript, exon) = match self.columns {
            Columns::Header([gene, transcript, exon]) => {
                (column(gene, "gene")?, column(transcript, "transcript")?, column(exon, "exon")?)
            }
            Columns::Name => {
                let name = column(3, "name")?;
                direction = columns.get(5).map_or(Ok(None), |text| strand(text))?;
                let parts: Vec<&str> = name.split('|').collect();
                let [gene, transcript, exon] = parts[..] else {
                    return Err(format!("name {name:?} is not GENE|TRANSCRIPT|exonN"));
                };
                (gene, transcript, exon)
            }
        };
        if gene.is_empty() || transcript.is_empty() {
            return Err("names no gene or no transcript".into());
        }
        let contig = column(0, "contig")?;
        let line_of = GeneLine { contig, id: gene, strand: direction, ..GeneLine::default() };
        let gene = draft.gene(line_of);
        let transcript = draft.transcript(gene, transcript, Mark::None);
        draft.exon(transcript, Span::new(start, end), Some(number(exon)?), line);
        Ok(())
    }

    fn end(&mut self, _: &mut Draft) -> Vec<(usize, String)> {
        Vec::new()
    }
}
