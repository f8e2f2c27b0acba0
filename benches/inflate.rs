//! Decompression alone, the floor under every pass over a BAM.
//!
//! `cargo bench --bench inflate -- FILE...` decompresses whole files on one thread, checks every block, and prints
//! CPU seconds: `tierline qc` spends the rest of its own on everything else. Each file is read one block by one, as
//! `qc` chooses on this machine, and with many blocks at once where the machine can. Without files criterion times blocks.
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
use tierline::io::blocks::{Blocks, Left, Next};

/// Compressed bytes read at once, as in the pass.
const PART: usize = 4 << 20;
/// Blocks that are decompressed together.
const BLOCKS: usize = 64;

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
    // Noise, so that there are enough bytes to fill the lanes.
    let mut word = 1_u64;
    let noisy = |_| {
        word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (word >> 40) as u8 & 63
    };
    let plain: Vec<u8> = (0..WRITE_BLOCK_BYTES).map(noisy).collect();
    let mut bytes = Vec::new();
    (0..BLOCKS).for_each(|_| Deflater::default().block(&plain, &mut bytes));
    group.throughput(Throughput::Bytes((BLOCKS * plain.len()) as u64));
    for (name, blocks) in ways() {
        let Some(mut blocks) = blocks else { continue };
        group.bench_function(format!("blocks/{name}"), |b| {
            b.iter(|| black_box(stretch(&mut blocks, &bytes)));
        });
    }
    group.finish();
}

/// CPU seconds of this thread, where the system tells them.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1e9
}

/// The ways that there are.
fn ways() -> [(&'static str, Option<Blocks>); 3] {
    [
        ("one by one", Some(Blocks::one_by_one())),
        ("as qc", Some(Blocks::default())),
        ("many at once", Blocks::at_once()),
    ]
}

/// Decompresses whole blocks: plain bytes.
fn stretch(blocks: &mut Blocks, mut bytes: &[u8]) -> u64 {
    let mut plain = 0;
    blocks.begin(bytes.len());
    let mut left = Left::default();
    while let Some(Next { block, .. }) = blocks.next(&mut bytes, &mut left).expect("a block") {
        plain += block.plain as u64;
        left.clear();
        blocks.release();
    }
    plain
}

/// Decompresses a file: compressed and plain bytes.
fn whole(path: &Path, blocks: &mut Blocks) -> (u64, u64) {
    let file = File::open(path).expect("the file");
    let size = file.metadata().expect("its size").len();
    let (mut part, mut start, mut plain) = (Vec::new(), 0, 0);
    while start < size {
        part.resize((size - start).min(PART as u64) as usize, 0);
        file.read_exact_at(&mut part, start).expect("its bytes");
        let mut end = 0;
        while let Some(size) = block_size(&part[end..]).ok().filter(|n| end + n <= part.len()) {
            end += size;
        }
        assert!(end > 0, "a block starts at byte {start}");
        plain += stretch(blocks, &part[..end]);
        start += end as u64;
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
        let name = Path::new(&file).file_name().unwrap_or_default().to_string_lossy();
        for (way, blocks) in ways() {
            let Some(mut blocks) = blocks else { continue };
            let before = cpu_seconds();
            let (size, plain) = whole(Path::new(&file), &mut blocks);
            let seconds = cpu_seconds() - before;
            println!("{name} {size} {plain} bytes, {way}: {seconds:.2} s CPU");
        }
    }
}
