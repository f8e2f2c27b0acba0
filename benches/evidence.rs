//! The kernel of the second look at indels: the likelihoods of one read under two haplotypes.
#![allow(missing_docs, clippy::unwrap_used, reason = "a bench stops at what it cannot read")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tierline::evidence::Limits;
use tierline::evidence::haplotypes::{Haplotypes, Model};
use tierline::policy::Policy;

fn kernel(c: &mut Criterion) {
    let limits = Limits::new(Policy::preset("gms-rd").unwrap().reads.as_ref().unwrap());
    let mut state = 1_u32;
    let reference: Vec<u8> = (0..120)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b"ACGT"[(state >> 30) as usize]
        })
        .collect();
    let alternate = [&reference[..58], &reference[62..]].concat();
    let haplotypes = Haplotypes { reference: reference.clone(), alternate };
    let mut model = Model::new(&limits);
    let read = &reference[20..90];
    c.bench_function("a read of 70 bases, haplotypes of 120", |b| {
        b.iter(|| {
            let mut qualities = vec![35; read.len()];
            black_box(model.likelihoods(&haplotypes, black_box(read), &mut qualities))
        });
    });
}

criterion_group!(benches, kernel);
criterion_main!(benches);
