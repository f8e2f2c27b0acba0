//! Metrics in the text formats of Picard 2.27.5, so that whatever reads Picard's files reads these.

use std::fmt::Write;

use crate::io::sink;
use crate::model::made_by::{self, PROGRAM};
use crate::model::qc::SampleQc;

pub mod alignment;
pub mod gc_bias;
pub mod insert_size;
pub mod number;
pub mod quality_yield;

/// A table of metrics, and a histogram when there is one.
#[derive(Debug)]
pub struct MetricsFile {
    text: String,
}

impl MetricsFile {
    /// Begins a file: the Picard program whose numbers these are, the Java class of its rows, and the sample, under whose
    /// name as in file names MultiQC shows it.
    pub fn new(program: &str, class: &str, qc: &SampleQc) -> Self {
        let header = "## htsjdk.samtools.metrics.StringHeader";
        let tool = made_by::line(PROGRAM, qc.policy.as_ref());
        let sample = sink::safe_file_name(&qc.sample);
        let text = format!(
            "{header}\n# {program} INPUT={sample}\n{header}\n# Made by {tool}\n\n\
             ## METRICS CLASS\t{class}\n"
        );
        Self { text }
    }

    /// Adds a line of fields.
    pub fn row<T: AsRef<str>>(&mut self, fields: impl IntoIterator<Item = T>) {
        let start = self.text.len();
        for field in fields {
            if self.text.len() > start {
                self.text.push('\t');
            }
            self.text.push_str(field.as_ref());
        }
        self.text.push('\n');
    }

    /// Adds counts by value under their names; every value that has a count in any column makes a row.
    pub fn histogram(&mut self, value: &str, columns: &[(&str, &[(u32, u64)])]) {
        let columns: Vec<_> = columns.iter().filter(|(_, bins)| !bins.is_empty()).collect();
        if columns.is_empty() {
            return;
        }
        self.text.push_str("\n## HISTOGRAM\tjava.lang.Integer\n");
        let names = columns.iter().map(|(name, _)| *name);
        self.row(std::iter::once(value).chain(names));
        let mut values: Vec<u32> =
            columns.iter().flat_map(|(_, bins)| bins.iter().map(|bin| bin.0)).collect();
        values.sort_unstable();
        values.dedup();
        for value in values {
            let _ = write!(self.text, "{value}");
            for (_, bins) in &columns {
                let at = bins.binary_search_by_key(&value, |bin| bin.0);
                let _ = write!(self.text, "\t{}", at.map_or(0, |at| bins[at].1));
            }
            self.text.push('\n');
        }
    }

    /// The whole text.
    pub fn finish(mut self) -> String {
        let ends = if self.text.contains("\n## HISTOGRAM\t") { 1 } else { 2 };
        self.text.push_str(&"\n".repeat(ends));
        self.text
    }
}
