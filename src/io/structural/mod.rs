//! Files of copy-number and structural variants: one record becomes one [`StructuralVariant`] an ALT, mates of a breakend one.

mod breakend;
pub mod dialect;
mod record;

use std::collections::HashMap;

use crate::io::variants::{ChunkReader, Header, Lines, VariantFile};
use crate::model::contig::{ContigId, ContigTable};
use crate::model::coord::Pos1;
use crate::model::notice::{Notice, NoticeKind};
use crate::model::problem::Problem;
use crate::model::sample::MemberId;
use crate::model::structural::{Evidence, StructuralVariant};

use dialect::Dialect;
pub(in crate::io) use record::filters;

/// What is wanted of a file.
pub struct Wanted<'a> {
    /// Contigs of the case.
    pub contigs: &'a ContigTable,
    /// Number of members of the case.
    pub members: usize,
    /// Sample columns (from 0) with their members; the index member first, since a `<CNV>` is a loss or a gain by the first
    /// column that differs from what is expected.
    pub columns: &'a [(usize, MemberId)],
    /// INFO keys to keep, without `INFO/`.
    pub keys: &'a [String],
    /// Copies that a member should have at a place; `None` when not known.
    pub expected: &'a dyn Fn(MemberId, ContigId, Pos1) -> Option<u8>,
    /// Number of the file in the case.
    pub file: u16,
}

/// What a file holds.
#[derive(Debug, Default)]
pub struct Read {
    /// The variants in the order of results, whatever the order of the file.
    pub variants: Vec<StructuralVariant>,
    /// Records read.
    pub records: u64,
    /// What was passed over, or is missing.
    pub notices: Vec<Notice>,
}

/// What is counted on the way.
#[derive(Debug, Default)]
struct Counts {
    unchanged: u64,
    small: u64,
    unknown_contig: u64,
    unreadable: u64,
    without_copy_number: u64,
    lone_mates: u64,
}

/// Reads a whole file.
///
/// # Errors
///
/// A damaged file; a record without end, with an end before its start, a `<CNV>` that does not say whether it is a loss or a
/// gain, a breakend that cannot be read, a value that is no number. Each names file, line and record.
pub fn read(file: &VariantFile, wanted: &Wanted<'_>) -> Result<Read, Problem> {
    let dialect = dialect::of(file.header());
    let mut read = Read::default();
    let mut counts = Counts::default();
    for_each_record(file, |lines, before| {
        while let Some(record) = lines.next() {
            let place = |problem: Problem, lines: &Lines<'_>| {
                on_line(problem, file, before + lines.number())
            };
            let record = record.map_err(|problem| place(problem, lines))?;
            read.records += 1;
            let found = record::variants(&record, dialect, wanted, &mut counts);
            read.variants.extend(found.map_err(|problem| place(problem, lines))?);
        }
        Ok(())
    })?;
    counts.lone_mates = breakend::join(&mut read.variants);
    read.variants.sort_by(|a, b| a.order().cmp(&b.order()));
    read.notices = notices(&counts, wanted.file, dialect);
    Ok(read)
}

/// Gives every stretch of a file to `take`, with the number of lines before it.
pub(in crate::io) fn for_each_record(
    file: &VariantFile,
    mut take: impl FnMut(&mut Lines<'_>, u64) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let chunks = file.chunks()?;
    let mut reader = ChunkReader::new(chunks.kind());
    let mut before = 0;
    for chunk in chunks {
        let mut lines = reader.lines(chunk?)?;
        take(&mut lines, before)?;
        before += lines.number();
    }
    Ok(())
}

/// Adds the line to a fault of a record.
pub(in crate::io) fn on_line(problem: Problem, file: &VariantFile, number: u64) -> Problem {
    let number = number + file.header_lines();
    let word = if file.format().is_bcf() { "record" } else { "line" };
    match problem.place.clone() {
        Some(place) => problem.at(format!("{word} {number} ({place})")),
        None => problem.at(format!("{word} {number}")),
    }
}

fn notices(counts: &Counts, file: u16, dialect: &Dialect) -> Vec<Notice> {
    let of = format!("structural file {} ({})", file + 1, dialect.id);
    let tell = |n: u64, kind: NoticeKind, text: &str| {
        (n > 0).then(|| Notice::many(kind, n, format!("{of}: {text}")))
    };
    [
        tell(counts.small, NoticeKind::Ignored, "records without SVTYPE and symbolic ALT are small variants and were passed over"),
        tell(counts.unchanged, NoticeKind::Ignored, "records say that nothing changed and were passed over"),
        tell(counts.unknown_contig, NoticeKind::NotAssessed, "records on contigs that the case does not know were not looked at"),
        tell(counts.unreadable, NoticeKind::NotAssessed, "frequencies are no numbers from 0 to 1 and were not assessed"),
        tell(
            counts.without_copy_number,
            NoticeKind::NotAssessed,
            "copy-number variants have no copy number (CN): whether one copy or both are lost is not known",
        ),
        tell(
            counts.lone_mates,
            NoticeKind::Ignored,
            "breakends name a mate whose record is not in the file; the place in ALT was taken",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// How a file's calls are seen, for what the case says it looked for; `None` when each record has to tell.
pub fn evidence_of(header: &Header) -> Option<Evidence> {
    dialect::of(header).evidence
}

/// Values of INFO by key; a flag has an empty value. The first of a key counts.
struct Info<'a> {
    values: HashMap<&'a str, &'a str>,
}

impl<'a> Info<'a> {
    fn new(text: &'a str) -> Self {
        let mut values = HashMap::new();
        for item in text.split(';') {
            let (key, value) = item.split_once('=').unwrap_or((item, ""));
            values.entry(key).or_insert(value);
        }
        Self { values }
    }

    /// A value that is there and is not `.`.
    fn get(&self, key: &str) -> Option<&'a str> {
        self.values.get(key).copied().filter(|value| !matches!(*value, "" | "."))
    }
}
