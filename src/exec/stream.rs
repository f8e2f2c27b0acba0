//! Passes over variant files: stretches are read by several threads, and what they give arrives in the order of the
//! file, so that results do not depend on the number of threads. Memory is bounded by a window of stretches.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::io::fasta::Fasta;
use crate::io::variants::{
    ChunkReader, Joint, Layout, Lines, Loader, Order, Seen, SiteEvidence, Sites, VariantFile,
};
use crate::model::genotype::Call;
use crate::model::problem::Problem;
use crate::model::sample::MemberId;

/// Finished results that may wait for an earlier one, for each thread.
const WINDOW: u64 = 4;

/// What a pass saw of the file as a whole.
#[derive(Clone, Debug, Default)]
pub struct Passed {
    /// Records (lines) read.
    pub records: u64,
    /// Whether the file is sorted.
    pub order: Order,
}

/// One stretch, worked on.
struct Stretch<T> {
    /// What the worker returned, part by part.
    values: Vec<T>,
    /// The fault behind them.
    result: Result<(), Problem>,
    seen: Seen,
}

/// Gives every stretch of the file to a worker, in parts, and what workers return to `sink`, in the order of the file.
///
/// `worker` is called once in each thread and makes the thread's own worker, which keeps its buffers from stretch to
/// stretch. The first fault in the order of the file ends the pass; a fault of a record is told with its line.
///
/// # Errors
///
/// Whatever reading, a worker or the sink returns.
pub fn for_each_stretch<W, T>(
    file: &VariantFile,
    threads: usize,
    worker: impl Fn() -> W + Sync,
    mut sink: impl FnMut(T) -> Result<(), Problem>,
) -> Result<Passed, Problem>
where
    W: FnMut(&mut Lines<'_>) -> Result<T, Problem>,
    T: Send,
{
    let chunks = file.chunks()?;
    let kind = chunks.kind();
    let make = || {
        let mut reader = ChunkReader::new(kind.clone());
        let mut work = worker();
        move |chunk| {
            let mut values = Vec::new();
            let (seen, result) = reader.parts(chunk, |lines| {
                values.push(work(lines)?);
                Ok(())
            });
            Stretch { values, result, seen }
        }
    };
    let mut passed = Passed::default();
    ordered(chunks, threads, make, |stretch: Stretch<T>| {
        passed.records += stretch.seen.lines;
        passed.order.join(&stretch.seen.order);
        stretch.values.into_iter().try_for_each(&mut sink)?;
        stretch.result.map_err(|problem| on_line(problem, file, passed.records))
    })?;
    Ok(passed)
}

/// Adds the number of the line (of the record, for BCF) to a fault of a record.
fn on_line(problem: Problem, file: &VariantFile, number: u64) -> Problem {
    let own = problem.file.as_deref() == Some(file.name());
    match &problem.place {
        Some(place) if own && !place.starts_with("BGZF") => {
            let word = if file.format().is_bcf() { "record" } else { "line" };
            let place = format!("{word} {} ({place})", number + file.header_lines());
            problem.at(place)
        }
        None if own => {
            let number = number + file.header_lines();
            problem.at(format!("line {number}"))
        }
        _ => problem,
    }
}

/// What another file of the family says about known variants: for each site (by index) and member the file speaks of,
/// in that order. `sites` must be sorted as `Variant` compares.
///
/// # Errors
///
/// When the file cannot be read or a record is malformed.
pub fn collect_calls(
    file: &VariantFile,
    layout: &Layout,
    sites: &Sites,
    reference: Option<&std::sync::Arc<Fasta>>,
    threads: usize,
) -> Result<Vec<(usize, MemberId, Call)>, Problem> {
    let mut evidence: Vec<SiteEvidence> = Vec::new();
    let worker = || {
        let mut loader = Loader::new(layout, reference.map(Fasta::reader));
        move |lines: &mut Lines<'_>| sites.scan(lines, &mut loader)
    };
    for_each_stretch(file, threads, worker, |found| {
        evidence.extend(found);
        Ok(())
    })?;
    Ok(sites.merge(evidence))
}

/// The joint consequences to which pointers of the file may lead; `None` for a file without such annotations, or one that
/// cannot be read twice.
///
/// # Errors
///
/// When the file cannot be read.
pub fn joint_consequences(
    file: &VariantFile,
    layout: &Layout,
    threads: usize,
) -> Result<Option<Joint>, Problem> {
    if !Joint::may_point(layout) || !file.can_be_read_again() {
        return Ok(None);
    }
    let mut joint = Joint::default();
    let worker = || |lines: &mut Lines<'_>| Joint::scan(lines, layout);
    for_each_stretch(file, threads, worker, |found| {
        joint.add(found);
        Ok(())
    })?;
    Ok(Some(joint))
}

/// State shared by the threads of one pass.
struct Shared<O> {
    done: BTreeMap<u64, O>,
    /// Number of the result that the sink takes next.
    next: u64,
    /// Threads still at work.
    working: usize,
    /// The sink wants no more.
    stop: bool,
}

struct Pass<I, O> {
    source: Mutex<(I, u64, bool)>,
    shared: Mutex<Shared<O>>,
    /// A result was added, or a thread ended.
    added: Condvar,
    /// A result was taken.
    taken: Condvar,
    window: u64,
}

/// Maps items on several threads and gives the results to `sink` in the order of the items.
fn ordered<I, W, O>(
    items: impl Iterator<Item = Result<I, Problem>> + Send,
    threads: usize,
    make: impl Fn() -> W + Sync,
    mut sink: impl FnMut(O) -> Result<(), Problem>,
) -> Result<(), Problem>
where
    W: FnMut(I) -> O,
    O: Send,
{
    if threads <= 1 {
        let mut work = make();
        for item in items {
            sink(work(item?))?;
        }
        return Ok(());
    }
    let pass = Pass {
        source: Mutex::new((items, 0, false)),
        shared: Mutex::new(Shared {
            done: BTreeMap::new(),
            next: 0,
            working: threads,
            stop: false,
        }),
        added: Condvar::new(),
        taken: Condvar::new(),
        window: WINDOW * threads as u64,
    };
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let _leaving = Leaving(&pass);
                let mut work = make();
                while let Some((number, item)) = pass.take() {
                    pass.put(number, item.map(&mut work));
                }
            });
        }
        let result = pass.drain(&mut sink);
        lock(&pass.shared).stop = true;
        pass.taken.notify_all();
        result
    })
}

/// Tells the sink that a thread is gone, even by a panic, so that nobody waits for it.
struct Leaving<'p, I, O>(&'p Pass<I, Result<O, Problem>>);

impl<I, O> Drop for Leaving<'_, I, O> {
    fn drop(&mut self) {
        let mut shared = lock(&self.0.shared);
        shared.working -= 1;
        if thread::panicking() {
            shared.stop = true;
            self.0.taken.notify_all();
        }
        self.0.added.notify_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<S, I, O> Pass<S, Result<O, Problem>>
where
    S: Iterator<Item = Result<I, Problem>>,
{
    /// The next item with its number; `None` when there is no more or the sink wants none.
    fn take(&self) -> Option<(u64, Result<I, Problem>)> {
        if lock(&self.shared).stop {
            return None;
        }
        let mut source = lock(&self.source);
        let (items, number, ended) = &mut *source;
        if *ended {
            return None;
        }
        let Some(item) = items.next() else {
            *ended = true;
            return None;
        };
        *number += 1;
        Some((*number - 1, item))
    }

    fn put(&self, number: u64, result: Result<O, Problem>) {
        let mut shared = lock(&self.shared);
        while !shared.stop && number >= shared.next + self.window {
            shared = self.taken.wait(shared).unwrap_or_else(PoisonError::into_inner);
        }
        shared.done.insert(number, result);
        drop(shared);
        self.added.notify_all();
    }

    fn drain(&self, sink: &mut impl FnMut(O) -> Result<(), Problem>) -> Result<(), Problem> {
        let mut shared = lock(&self.shared);
        loop {
            let next = shared.next;
            if let Some(result) = shared.done.remove(&next) {
                shared.next += 1;
                drop(shared);
                self.taken.notify_all();
                sink(result?)?;
                shared = lock(&self.shared);
            } else if shared.working == 0 || shared.stop {
                return Ok(());
            } else {
                shared = self.added.wait(shared).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squares(threads: usize, limit: u64) -> (Vec<u64>, Result<(), Problem>) {
        let mut seen = Vec::new();
        let items = (0..500_u64)
            .map(|i| if i == limit { Err(Problem::bad_data(format!("item {i}"))) } else { Ok(i) });
        let make = || {
            |i: u64| {
                // Uneven work brings results out of order.
                let spin = (i * 7919) % 257;
                (0..spin * 50).fold(i * i, |value, step| std::hint::black_box(value ^ step ^ step))
            }
        };
        let result = ordered(items, threads, make, |value| {
            seen.push(value);
            Ok(())
        });
        (seen, result)
    }

    #[test]
    fn results_arrive_in_order_for_any_number_of_threads() {
        let expected: Vec<u64> = (0..500).map(|i| i * i).collect();
        for threads in [1, 2, 5] {
            let (seen, result) = squares(threads, u64::MAX);
            assert_eq!((seen, result), (expected.clone(), Ok(())), "{threads} threads");
        }
    }

    #[test]
    fn the_first_fault_in_order_ends_the_pass() {
        for threads in [1, 3] {
            let (seen, result) = squares(threads, 123);
            assert_eq!(seen.len(), 123);
            assert_eq!(result.unwrap_err().message, "item 123");
        }
    }

    #[test]
    fn a_sink_that_stops_stops_the_threads() {
        let mut count = 0;
        let items = (0..u64::MAX).map(Ok);
        let result = ordered(
            items,
            4,
            || |i| i,
            |_| {
                count += 1;
                if count == 10 { Err(Problem::usage("enough")) } else { Ok(()) }
            },
        );
        assert_eq!(result.unwrap_err().message, "enough");
        assert_eq!(count, 10);
    }

    #[test]
    fn faults_name_the_line() {
        let text = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n\
            1\t5\t.\tA\tC\t.\t.\t.\n1\t6\t.\tA\n";
        let file = VariantFile::from_reader("x.vcf", Box::new(text.as_bytes())).unwrap();
        let count = || {
            |lines: &mut Lines<'_>| {
                let mut n = 0;
                while let Some(record) = lines.next() {
                    record?;
                    n += 1;
                }
                Ok(n)
            }
        };
        let problem = for_each_stretch(&file, 2, count, |_| Ok(())).unwrap_err();
        assert!(problem.to_string().starts_with("x.vcf: line 4 (1:6): 4 columns"), "{problem}");
    }
}
