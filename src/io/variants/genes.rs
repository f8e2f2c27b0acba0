//! Which genes an annotation ever names: a panel gene that it never names cannot be found, and must not pass for clean.

use std::collections::{BTreeSet, HashSet};

use super::load::Loader;
use super::record::RawRecord;
use crate::model::annotation::GeneRef;

/// What one worker has seen of the genes that annotations name, in records that filters drop too.
#[derive(Debug, Default)]
pub struct GeneNames {
    /// Gene fields already looked up.
    seen: HashSet<Vec<u8>>,
    /// The gene fields of the last entry, with what stands between them.
    last: Vec<u8>,
    key: Vec<u8>,
}

impl GeneNames {
    /// Adds the genes that a record names and none before it did.
    pub fn record(
        &mut self,
        loader: &mut Loader<'_>,
        record: &RawRecord<'_>,
        genes: &mut BTreeSet<GeneRef>,
    ) {
        loader.entries(record, |schema, entry| {
            // Neighbouring entries mostly name one gene.
            let span = schema.gene_span(entry);
            if span == self.last {
                return;
            }
            self.last.clear();
            self.last.extend_from_slice(span);
            self.key.clear();
            for name in schema.gene_bytes(entry) {
                self.key.extend_from_slice(name);
                self.key.push(b'|');
            }
            if !self.seen.contains(&self.key) {
                self.seen.insert(self.key.clone());
                let gene = schema.gene(entry);
                if gene != GeneRef::default() {
                    genes.insert(gene);
                }
            }
        });
    }
}
