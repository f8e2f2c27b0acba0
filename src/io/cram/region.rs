//! Reads over a stretch of a CRAM, by htslib's own use of the `.crai`.

use std::path::Path;

use rust_htslib::bam::{self, Read, Record};
use rust_htslib::htslib;

use crate::model::coord::Span;
use crate::model::problem::Problem;
use crate::model::read::{Fields, ReadView, views};

use super::super::bam_tasks::Buffers;
use super::super::read_regions::FIELDS;
use super::{record, unreadable};

/// htslib's indexed reader, with what it reads into.
pub(crate) struct CramRegions {
    reader: bam::IndexedReader,
    record: Record,
    fields: Fields,
    buffers: Buffers,
}

impl CramRegions {
    /// Opens a CRAM with the reference that it was made with.
    ///
    /// # Errors
    ///
    /// What htslib cannot open.
    pub(crate) fn open(path: &Path, reference: Option<&Path>) -> Result<Self, Problem> {
        let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let failed = |e| unreadable(path, &e);
        let mut reader = bam::IndexedReader::from_path(whole(path)).map_err(failed)?;
        if let Some(reference) = reference {
            reader.set_reference(whole(reference)).map_err(failed)?;
        }
        let fields = FIELDS.into_iter().fold(Fields::default(), |all, field| all | field);
        reader
            .set_cram_options(
                htslib::hts_fmt_option_CRAM_OPT_REQUIRED_FIELDS,
                record::htslib_fields(fields),
            )
            .and_then(|()| reader.set_cram_options(htslib::hts_fmt_option_CRAM_OPT_DECODE_MD, 0))
            .map_err(failed)?;
        Ok(Self { reader, record: Record::new(), fields, buffers: Buffers::default() })
    }

    /// Hands over the reads that touch `span` of a contig, in file order.
    ///
    /// # Errors
    ///
    /// Damage in the file, or what `each` returns.
    pub(crate) fn fetch(
        &mut self,
        contig: usize,
        span: Span,
        each: &mut dyn FnMut(ReadView<'_>) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let damaged = |e: rust_htslib::errors::Error| {
            Problem::bad_data(format!("cannot be decoded: {e}"))
                .help("the file is damaged, or the reference is another one")
        };
        let place = (contig as u32, i64::from(span.start), i64::from(span.end));
        self.reader.fetch(place).map_err(damaged)?;
        while let Some(read) = self.reader.read(&mut self.record) {
            read.map_err(damaged)?;
            self.buffers.plain.clear();
            self.buffers.starts.clear();
            record::encode(&self.record, self.fields, &mut self.buffers);
            let seen = views(&self.buffers.plain, &self.buffers.starts);
            seen.into_iter()
                .filter(|read| read.end() > span.start as i32)
                .try_for_each(&mut *each)?;
        }
        Ok(())
    }
}
