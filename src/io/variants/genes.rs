//! Which genes an annotation ever names: a panel gene that it never names cannot be found, and must not pass for clean.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::layout::Layout;
use super::lines::{Lines, RawRecord};
use crate::io::annotations::Schema;
use crate::model::annotation::GeneRef;
use crate::model::problem::Problem;

/// Genes that are looked for, by each of their names.
#[derive(Debug)]
pub struct GeneSearch<'a> {
    layout: &'a Layout,
    by_name: HashMap<&'a str, Vec<usize>>,
}

/// The search of one worker; `found` grows from stretch to stretch.
#[derive(Debug)]
pub struct GeneHits<'a, 's> {
    search: &'s GeneSearch<'a>,
    /// Indices of genes that the annotation names.
    pub found: BTreeSet<usize>,
    /// Gene fields already looked up.
    seen: HashSet<Vec<u8>>,
    last: Vec<u8>,
}

impl<'a> GeneSearch<'a> {
    /// Looks for these genes, known by any of their names.
    pub fn new(layout: &'a Layout, wanted: &'a [GeneRef]) -> Self {
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
        for (i, gene) in wanted.iter().enumerate() {
            for name in [&gene.ensembl, &gene.hgnc, &gene.symbol].into_iter().flatten() {
                by_name.entry(name).or_default().push(i);
            }
        }
        Self { layout, by_name }
    }

    /// A worker's own search.
    pub fn hits(&self) -> GeneHits<'a, '_> {
        GeneHits { search: self, found: BTreeSet::new(), seen: HashSet::new(), last: Vec::new() }
    }
}

impl GeneHits<'_, '_> {
    /// Notes every wanted gene that the annotations of a stretch name.
    ///
    /// # Errors
    ///
    /// When a record lacks its columns.
    pub fn scan(&mut self, lines: &mut Lines) -> Result<(), Problem> {
        let mut places = Vec::new();
        while let Some(record) = lines.next() {
            self.record(&record?, &mut places);
        }
        Ok(())
    }

    fn record(&mut self, record: &RawRecord, places: &mut Vec<Option<(u32, u32)>>) {
        let layout = self.search.layout;
        layout.keys.find(record.info(), places);
        for (schema, slot) in &layout.schemas {
            let place = places.get(*slot).copied().flatten();
            let Some(value) =
                place.and_then(|(start, end)| record.info().get(start as usize..end as usize))
            else {
                continue;
            };
            for entry in value.split(|&b| b == b',') {
                self.entry(schema, entry);
            }
        }
    }

    fn entry(&mut self, schema: &Schema, entry: &[u8]) {
        let names = schema.gene_bytes(entry);
        let key = names.join(&b'|');
        // Neighbouring entries mostly name one gene.
        if key == self.last {
            return;
        }
        self.last.clone_from(&key);
        if !self.seen.insert(key) {
            return;
        }
        let gene = schema.gene(entry);
        for name in [&gene.ensembl, &gene.hgnc, &gene.symbol].into_iter().flatten() {
            if let Some(indices) = self.search.by_name.get(name.as_str()) {
                self.found.extend(indices);
            }
        }
    }
}
