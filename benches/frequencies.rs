//! Annotation from a store: questions per second when they come sorted, every variant of the store and one in a hundred, as a
//! genome asks. The store is simulated.
#![allow(missing_docs, reason = "criterion's macro makes a public function")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tierline::io::store::{
    Kind, Meta, PackedNumbers, Row, Store, StorePopulation, StoreWriter, Stored, Tally,
};
use tierline::model::contig::Assembly;
use tierline::model::problem::Problem;

const POPULATIONS: usize = 10;

/// Variants: several million where it is measured, few where the bench only has to run.
fn variants() -> u32 {
    if std::env::args().any(|argument| argument == "--test") { 20_000 } else { 4_000_000 }
}

fn random(state: &mut u64) -> u32 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as u32
}

/// Alleles seen of `total`: mostly none, as in gnomAD.
fn seen(total: u32, state: &mut u64) -> u32 {
    match random(state) % 100 {
        0..80 => 0,
        80..96 => 1 + random(state) % 3,
        96..99 => random(state) % 200,
        _ => random(state) % total,
    }
}

/// A store of so many variants, one in four bases, in ten populations with counts.
fn store(variants: u32) -> Result<Arc<Store>, Problem> {
    let populations = (0..POPULATIONS).map(|i| StorePopulation {
        name: format!("P{i}"),
        from: "simulated".into(),
        counted: true,
        homozygotes: None,
        hemizygotes: None,
    });
    let meta = Meta {
        kind: Kind::Frequencies,
        dataset: "simulated".into(),
        version: "1".into(),
        assembly: Assembly::GRCh38,
        left_aligned: false,
        sources: Vec::new(),
        populations: populations.collect(),
        texts: Vec::new(),
        contigs: Vec::new(),
        tally: Tally::default(),
    };
    let mut writer = StoreWriter::new(Vec::new(), "simulated", meta)?;
    writer.begin("chr1", None)?;
    let mut state = 7;
    for i in 0..variants {
        let position = 10_000 + 4 * i;
        let alleles = ["A>C", "G>T", "C>T", "AT>A", "G>GCA"][(random(&mut state) % 5) as usize];
        let mut numbers = Vec::with_capacity(2 * POPULATIONS);
        for population in 0..POPULATIONS as u32 {
            let total = 2 * (4_000 + 3_000 * population) - 2 * (random(&mut state) % 200);
            numbers.extend([seen(total, &mut state) + 1, total + 1]);
        }
        let row = Row {
            position,
            alleles: alleles.as_bytes().into(),
            texts: Box::new(["PASS".into()]),
            numbers: PackedNumbers::new(&numbers),
            fractions: Box::default(),
        };
        writer.pass(position)?;
        if writer.push(row).is_err() {
            return Err(Problem::bad_data("rows are sorted"));
        }
    }
    Store::from_bytes("simulated", writer.finish()?.0)
}

/// Asks for one in `step` positions and reads every population of what is there.
fn ask(store: &Arc<Store>, variants: u32, step: usize) -> Result<f64, Problem> {
    let mut cursor = store.cursor();
    let mut sum = 0.0;
    for i in (0..variants).step_by(step) {
        let found = cursor.find(Some(0), 10_000 + 4 * i, b"C", b"T")?;
        for population in 0..POPULATIONS {
            if let Stored::Observed(value) = cursor.population(found, population) {
                sum += value;
            }
        }
    }
    Ok(sum)
}

fn bench(c: &mut Criterion) {
    let variants = variants();
    let store = match store(variants) {
        Ok(store) => store,
        Err(problem) => return assert!(variants == 0, "{problem}"),
    };
    let mut group = c.benchmark_group("frequencies");
    group.sample_size(10);
    for (name, step) in [("every variant", 1), ("one in 10", 10), ("one in 100", 100)] {
        group.throughput(Throughput::Elements(u64::from(variants).div_ceil(step as u64)));
        group.bench_function(name, |b| b.iter(|| black_box(ask(&store, variants, step))));
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
