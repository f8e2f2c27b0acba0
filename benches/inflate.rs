//! Decompression alone, the floor under every pass over a BAM.
//!
//! `cargo bench --bench inflate -- FILE...` decompresses whole files on one thread, checks every block, and prints
//! CPU seconds: `tierline qc` spends the rest of its own on everything else. Without files criterion times one block.
#![allow(missing_docs, reason = "criterion's macro makes a public function")]
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot be set up should stop, and says what it measured"
)]

use std::fs::File;
use std::hint::black_box;
use std::os::unix::fs::FileExt;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group};
use tierline::io::bgzf::{Deflater, Inflater, MAX_BLOCK_BYTES, WRITE_BLOCK_BYTES, block_size};

/// Compressed bytes read at once, as in the pass.
const PART: usize = 2 << 20;

fn block(criterion: &mut Criterion) {
    let text = b"machine:7:flowcell\x02\x01\x25\x25\x25\x2a\x10ACGTTGCAnoisy".repeat(2000);
    let plain = &text[..WRITE_BLOCK_BYTES];
    let mut bytes = Vec::new();
    Deflater::default().block(plain, &mut bytes);
    let (mut inflater, mut out) = (Inflater::default(), vec![0; MAX_BLOCK_BYTES]);
    let mut group = criterion.benchmark_group("inflate");
    group.throughput(Throughput::Bytes(plain.len() as u64));
    group.bench_function("block", |b| {
        b.iter(|| black_box(inflater.block(&bytes, &mut out).expect("a block")));
    });
    group.finish();
}

/// CPU seconds of this thread, where the system tells them.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1e9
}

/// Decompresses a file: compressed and plain bytes.
fn whole(path: &Path) -> (u64, u64) {
    let file = File::open(path).expect("the file");
    let size = file.metadata().expect("its size").len();
    let (mut inflater, mut out) = (Inflater::default(), vec![0; MAX_BLOCK_BYTES]);
    let (mut part, mut start, mut plain) = (Vec::new(), 0, 0);
    while start < size {
        part.resize((size - start).min(PART as u64) as usize, 0);
        file.read_exact_at(&mut part, start).expect("its bytes");
        let mut at = 0;
        while block_size(&part[at..]).is_ok_and(|block| at + block <= part.len()) {
            let found = inflater.block(&part[at..], &mut out).expect("a block");
            at += found.compressed;
            plain += found.plain as u64;
        }
        assert!(at > 0, "a block starts at byte {start}");
        start += at as u64;
    }
    (size, plain)
}

criterion_group!(benches, block);

fn main() {
    let files: Vec<String> =
        std::env::args().skip(1).filter(|argument| Path::new(argument).is_file()).collect();
    if files.is_empty() {
        benches();
        return;
    }
    for file in files {
        let before = cpu_seconds();
        let (size, plain) = whole(Path::new(&file));
        let seconds = cpu_seconds() - before;
        let name = Path::new(&file).file_name().unwrap_or_default().to_string_lossy();
        println!("{name} {size} {plain} bytes, {seconds:.2} s CPU");
    }
}
