//! Synthetic signatures, and how much of a tumour's substitutions the planted ones explain.

use std::fmt::Write as _;

use crate::model::mutation_type::MatrixKind;
use crate::simulate::rng::Rng;

/// Signatures of the table.
const SIGNATURES: usize = 8;
/// Column (from 0) and share of the planted ones.
pub(super) const PLANTED: [(usize, f64); 3] = [(1, 0.5), (4, 0.3), (6, 0.2)];

/// Signatures over the 96 types, row by row.
pub(in crate::simulate) struct Signatures(Vec<f64>);

impl Signatures {
    /// Draws them; most of the weight of each is on few types.
    pub(in crate::simulate) fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed, &[90]);
        let types = MatrixKind::Sbs96.types().len();
        let mut values = vec![0.0; types * SIGNATURES];
        for column in 0..SIGNATURES {
            let weights: Vec<f64> = (0..types).map(|_| rng.unit().powi(6)).collect();
            let sum: f64 = weights.iter().sum();
            for (row, weight) in weights.iter().enumerate() {
                values[row * SIGNATURES + column] = weight / sum;
            }
        }
        Self(values)
    }

    /// What each type weighs in the tumour.
    pub(super) fn weights(&self) -> Vec<f64> {
        let row = |row: &[f64]| PLANTED.iter().map(|&(i, share)| row[i] * share).sum();
        self.0.chunks(SIGNATURES).map(row).collect()
    }

    /// The table as SigProfiler writes it.
    pub(in crate::simulate) fn table(&self) -> String {
        let names: Vec<String> = (0..SIGNATURES).map(name).collect();
        let mut text = format!("Type\t{}\n", names.join("\t"));
        for (name, row) in MatrixKind::Sbs96.types().iter().zip(self.0.chunks(SIGNATURES)) {
            let cells: Vec<String> = row.iter().map(|value| format!("{value:.12}")).collect();
            let _ = writeln!(text, "{name}\t{}", cells.join("\t"));
        }
        text
    }
}

/// Name of a column.
pub(super) fn name(column: usize) -> String {
    format!("SIM{}", column + 1)
}
