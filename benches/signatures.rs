//! Refit of mutational signatures: one sample with 100 resamples, 80 signatures of 96 types. Synthetic signatures.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark stops at what it cannot make")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tierline::model::mutation_type::MatrixKind;
use tierline::model::rng::Rng;
use tierline::tier::biomarkers::draw::multinomial;
use tierline::tier::biomarkers::refit::{Refit, RefitRules, SignatureSet};

const SIGNATURES: usize = 80;

/// Signatures with most of their weight on few types, as those of tumours.
fn signatures() -> SignatureSet {
    let mut rng = Rng::new(1, &[]);
    let mut values = vec![0.0; 96 * SIGNATURES];
    for column in 0..SIGNATURES {
        let weights: Vec<f64> = (0..96).map(|_| rng.unit().powi(5)).collect();
        let sum: f64 = weights.iter().sum();
        for (row, weight) in weights.iter().enumerate() {
            values[row * SIGNATURES + column] = weight / sum;
        }
    }
    let names = (1..=SIGNATURES).map(|i| format!("SIM{i}")).collect();
    SignatureSet { kind: MatrixKind::Sbs96, names, values, sha256: String::new() }
}

fn refit(c: &mut Criterion) {
    let set = signatures();
    let weights: Vec<f64> = set
        .values
        .chunks(SIGNATURES)
        .map(|row| row[3] * 0.5 + row[20] * 0.3 + row[60] * 0.2)
        .collect();
    let mut group = c.benchmark_group("signatures");
    for mutations in [500_u64, 5_000, 100_000] {
        let mut drawn = vec![0; 96];
        multinomial(&mut Rng::new(2, &[]), mutations, &weights, &mut drawn);
        let counts: Vec<u32> = drawn.iter().map(|&n| n as u32).collect();
        for bootstraps in [0, 100] {
            let rules = RefitRules { min_mutations: 200, min_share: 0.01, bootstraps, seed: 1 };
            let refit = Refit::new(set.clone(), rules);
            let mut buffers = refit.buffers();
            group.bench_function(format!("{mutations} mutations, {bootstraps} resamples"), |b| {
                b.iter(|| refit.fit(black_box(&counts), 0, &mut buffers));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, refit);
criterion_main!(benches);
