//! Contigs of the alignment and of the model under one numbering, and whether both are of one assembly.

use std::collections::HashMap;

use crate::model::contig::{Assembly, ContigClass, ContigTable};
use crate::model::coord::Span;
use crate::model::gene_model::GeneModel;
use crate::model::problem::Problem;

/// Contigs of an alignment by any of their names; those that it lacks have the numbers behind.
pub(super) struct Contigs<'a> {
    header: &'a [(String, u32)],
    by_name: HashMap<String, u32>,
    table: ContigTable,
    absent: u32,
}

impl<'a> Contigs<'a> {
    pub(super) fn new(contigs: &'a [(String, u32)]) -> Self {
        let mut table = ContigTable::new();
        let mut by_name = HashMap::new();
        for (i, (name, length)) in contigs.iter().enumerate() {
            // A second contig of the same class (an alternative name in one header) stays findable by its own name.
            let _ = table.add(name, Some(*length));
            by_name.insert(name.clone(), i as u32);
        }
        Self { header: contigs, by_name, table, absent: contigs.len() as u32 }
    }

    /// The number of a contig; one that the alignment lacks gets a number of its own.
    pub(super) fn number(&mut self, name: &str) -> u32 {
        if let Some(&known) = self.by_name.get(name) {
            return known;
        }
        let resolved = self.table.resolve(name).map(|id| self.table.name(id));
        let number = resolved.and_then(|own| self.by_name.get(own).copied()).unwrap_or_else(|| {
            self.absent += 1;
            self.absent - 1
        });
        self.by_name.insert(name.to_owned(), number);
        number
    }

    /// The number of a contig that was asked for before.
    pub(super) fn known(&self, name: &str) -> Option<u32> {
        self.by_name.get(name).copied()
    }

    /// Name and length (bp) in the alignment; `None` for a contig that it lacks.
    pub(super) fn get(&self, number: u32) -> Option<&'a (String, u32)> {
        self.header.get(number as usize)
    }

    /// The part of a stretch that the alignment's contig has.
    pub(super) fn within(&self, number: u32, span: Span) -> Span {
        let length = self.get(number).map_or(0, |(_, length)| *length);
        Span::new(span.start.min(length), span.end.min(length))
    }
}

/// Checks that a model fits the contigs of an alignment.
pub(super) fn check(model: &GeneModel, contigs: &[(String, u32)]) -> Result<(), Problem> {
    let mut table = Contigs::new(contigs);
    let wrong = |message: String| {
        Problem::bad_data(message)
            .in_file(&model.file)
            .help("give the gene model of the assembly that the reads were aligned to")
    };
    for (name, length) in &model.lengths {
        let number = table.number(name);
        if let Some((own, found)) = table.get(number)
            && found != length
        {
            let message =
                format!("contig {name}: length {length} here, {found} ({own}) in the alignment");
            return Err(wrong(message));
        }
    }
    let mut any = false;
    for gene in &model.genes {
        let number = table.number(&gene.contig);
        let Some((own, length)) = table.get(number) else { continue };
        any = true;
        let here = Assembly::of_accession(&gene.contig);
        let there = Assembly::of_length(ContigClass::of_name(own), *length);
        if let (Some(here), Some(there)) = (here, there)
            && here != there
        {
            let name = &gene.contig;
            return Err(wrong(format!(
                "contig {name} is of {here}, {own} of the alignment of {there}"
            )));
        }
    }
    if any {
        return Ok(());
    }
    let first = model.genes.first().map_or("", |gene| &gene.contig);
    Err(wrong(format!("no gene lies on a contig of the alignment (the first is on {first:?})")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::gene_model::Gene;

    #[test]
    fn models_of_another_assembly_are_refused() {
        let b37 = [("20".to_owned(), 63_025_520)];
        let model = |contig: &str, lengths: &[(&str, u32)]| GeneModel {
            genes: vec![Gene { contig: contig.into(), ..Gene::default() }],
            lengths: lengths.iter().map(|(name, length)| ((*name).into(), *length)).collect(),
            ..GeneModel::default()
        };
        let told = |model: &GeneModel| check(model, &b37).unwrap_err().to_string();
        assert!(check(&model("chr20", &[("20", 63_025_520)]), &b37).is_ok());
        assert!(check(&model("NC_000020.10", &[]), &b37).is_ok());
        assert!(
            told(&model("NC_000020.11", &[]))
                .contains("is of GRCh38, 20 of the alignment of GRCh37")
        );
        assert!(
            told(&model("20", &[("20", 64_444_167)])).contains("length 64444167 here, 63025520")
        );
        assert!(told(&model("21", &[])).contains("the first is on \"21\""));
    }
}
