//! The one pass over an alignment file: tasks times metrics.
//!
//! Workers take work from one place, in this order: a finishing job, else the next task. A task's shards are joined when
//! all tasks before it are, which may make jobs; jobs' results are collected in the order of the jobs. So everything that
//! leaves the pass leaves in file order, whatever the number of threads, and no more than a few tasks a thread are under
//! way, which bounds the memory.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

use crate::io::alignment::Alignment;
use crate::io::bam_tasks::{BlockSum, Buffers};
use crate::io::reference::{Reference, ReferenceWindow};
use crate::model::problem::{Problem, ProblemKind};
use crate::model::qc::SampleQc;
use crate::model::read::Fields;
use crate::qc::{Collector, Job, Joiner, Metric, Parcel, Scratch, Shard};

use super::prepare::Prepare;
use super::progress::Progress;

/// Tasks and jobs under way, a thread: enough that nobody waits for a slow neighbour.
const AHEAD: usize = 4;

/// Runs the metrics over the file and puts their values into `qc`.
///
/// # Errors
///
/// The fault of the earliest task that has one, so that the message does not depend on the number of threads.
pub fn scan(
    alignment: &Alignment,
    metrics: &[Box<dyn Metric>],
    (threads, reference): (usize, Option<&Arc<Reference>>),
    qc: &mut SampleQc,
) -> Result<(), Problem> {
    let collectors = metrics.iter().map(|metric| metric.collector()).collect::<Result<_, _>>()?;
    let mut digest = Sha256::new();
    add_sums(&mut digest, alignment.header_sums());
    let scan = Scan {
        alignment,
        metrics,
        needs: needs(metrics),
        reference,
        ahead: AHEAD * threads.max(1),
        progress: Progress::begin("reading alignments", alignment.tasks()),
        state: Mutex::new(State {
            joiners: metrics.iter().map(|metric| metric.joiner()).collect(),
            digest,
            ..State::default()
        }),
        changed: Condvar::new(),
        results: Mutex::new(Results { collectors, ..Results::default() }),
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads.max(1))
        .thread_name(|i| format!("tierline-{i}"))
        .build()
        .map_err(|e| Problem::new(ProblemKind::Temporary, format!("cannot start threads: {e}")))?;
    pool.scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|_| scan.work());
        }
    });
    scan.progress.end();
    let state = scan.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, problem)) = state.fault {
        return Err(problem);
    }
    let results = scan.results.into_inner().unwrap_or_else(PoisonError::into_inner);
    if !state.ended || results.next != state.jobs_made {
        return Err(Problem::new(ProblemKind::Internal, "the pass ended before its results"));
    }
    if state.any_sums {
        qc.input.blocks_sha256 = Some(crate::io::digest::hex(&state.digest.finalize()));
    }
    results.collectors.into_iter().try_for_each(|collector| collector.finish(qc))
}

/// The parts of a record that some metric looks at.
pub(super) fn needs(metrics: &[Box<dyn Metric>]) -> Fields {
    metrics.iter().fold(Fields::default(), |all, metric| all | metric.needs())
}

fn add_sums(digest: &mut Sha256, sums: &[BlockSum]) {
    for (crc, length) in sums {
        digest.update(crc.to_le_bytes());
        digest.update(length.to_le_bytes());
    }
}

struct Scan<'a> {
    alignment: &'a Alignment,
    metrics: &'a [Box<dyn Metric>],
    needs: Fields,
    reference: Option<&'a Arc<Reference>>,
    ahead: usize,
    progress: Progress,
    state: Mutex<State>,
    changed: Condvar,
    results: Mutex<Results>,
}

/// What is under way. Nothing slow happens under this lock.
#[derive(Default)]
struct State {
    /// The next task to give out.
    next_task: usize,
    /// The number of tasks, once known.
    tasks: Option<usize>,
    /// The next task to join.
    next_join: usize,
    /// Shards of tasks that wait for an earlier task.
    ready: BTreeMap<usize, TaskResult>,
    joiners: Vec<Box<dyn Joiner>>,
    jobs: VecDeque<(usize, usize, Box<dyn Job>)>,
    jobs_made: usize,
    jobs_done: usize,
    ended: bool,
    digest: Sha256,
    any_sums: bool,
    /// The fault of the earliest task so far.
    fault: Option<(usize, Problem)>,
}

struct TaskResult {
    parcels: Vec<Parcel>,
    sums: Vec<BlockSum>,
}

/// Results of jobs that wait for an earlier job.
#[derive(Default)]
struct Results {
    next: usize,
    waiting: BTreeMap<usize, (usize, Parcel)>,
    collectors: Vec<Box<dyn Collector>>,
}

enum Work {
    Job(usize, usize, Box<dyn Job>),
    Task(usize),
    Nothing,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Scan<'_> {
    fn work(&self) {
        // A worker that panics must not leave the others waiting for its task.
        let guard = PanicGuard(self);
        let mut buffers = Buffers::default();
        let reference = ReferenceWindow::new(self.reference);
        let mut scratch = Scratch { reference, ..Scratch::default() };
        let mut prepare = Prepare::new(self.needs, self.reference);
        loop {
            match self.next_work() {
                Work::Nothing => break,
                Work::Task(i) => self.task(i, &mut buffers, &mut prepare),
                Work::Job(serial, metric, job) => {
                    let parcel = job.run(&mut scratch);
                    let collected = self.collect(serial, metric, parcel);
                    let mut state = lock(&self.state);
                    state.jobs_done += 1;
                    if let Err(problem) = collected {
                        state.fail(0, problem);
                    }
                    drop(state);
                    self.changed.notify_all();
                }
            }
        }
        drop(guard);
    }

    fn next_work(&self) -> Work {
        let mut state = lock(&self.state);
        loop {
            if state.fault.is_none()
                && let Some((serial, metric, job)) = state.jobs.pop_front()
            {
                return Work::Job(serial, metric, job);
            }
            let more = state.tasks.is_none_or(|tasks| state.next_task < tasks);
            if state.fault.is_some() || (state.ended && state.jobs.is_empty()) {
                return Work::Nothing;
            }
            let under_way = state.next_task - state.next_join + (state.jobs_made - state.jobs_done);
            if more && under_way < self.ahead {
                state.next_task += 1;
                return Work::Task(state.next_task - 1);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn task(&self, i: usize, buffers: &mut Buffers, prepare: &mut Prepare) {
        let mut shards: Vec<_> = self.metrics.iter().map(|metric| metric.shard()).collect();
        let mut sums = Vec::new();
        let read = self
            .alignment
            .read(i, buffers, &mut sums, &mut |block| prepare.show(block, &mut shards));
        let parcels = shards.into_iter().map(Shard::close).collect();
        let mut state = lock(&self.state);
        match read {
            Ok(true) => {
                state.ready.insert(i, TaskResult { parcels, sums });
                self.progress.step();
            }
            Ok(false) => state.tasks = Some(state.tasks.map_or(i, |tasks| tasks.min(i))),
            Err(problem) => state.fail(i, problem.in_file_if_none(&self.alignment.name)),
        }
        if let Err((task, problem)) = state.join() {
            state.fail(task, problem.in_file_if_none(&self.alignment.name));
        }
        drop(state);
        self.changed.notify_all();
    }

    /// Collects a result, and those that waited for it.
    fn collect(&self, serial: usize, metric: usize, parcel: Parcel) -> Result<(), Problem> {
        let mut results = lock(&self.results);
        let results = &mut *results;
        results.waiting.insert(serial, (metric, parcel));
        while let Some((metric, parcel)) = results.waiting.remove(&results.next) {
            results.next += 1;
            if let Some(collector) = results.collectors.get_mut(metric) {
                collector.collect(parcel)?;
            }
        }
        Ok(())
    }
}

impl State {
    fn fail(&mut self, task: usize, problem: Problem) {
        if self.fault.as_ref().is_none_or(|(earliest, _)| task < *earliest) {
            self.fault = Some((task, problem));
        }
    }

    /// Joins every task whose turn has come.
    fn join(&mut self) -> Result<(), (usize, Problem)> {
        while let Some(result) = self.ready.remove(&self.next_join) {
            let task = self.next_join;
            self.next_join += 1;
            self.any_sums |= !result.sums.is_empty();
            add_sums(&mut self.digest, &result.sums);
            for (metric, parcel) in result.parcels.into_iter().enumerate() {
                let mut made = Vec::new();
                self.joiners[metric].push(parcel, &mut made).map_err(|p| (task, p))?;
                self.queue(metric, made);
            }
        }
        if self.tasks == Some(self.next_join) && !self.ended {
            self.ended = true;
            for metric in 0..self.joiners.len() {
                let mut made = Vec::new();
                self.joiners[metric].end(&mut made).map_err(|p| (self.next_join, p))?;
                self.queue(metric, made);
            }
        }
        Ok(())
    }

    fn queue(&mut self, metric: usize, made: Vec<Box<dyn Job>>) {
        for job in made {
            self.jobs.push_back((self.jobs_made, metric, job));
            self.jobs_made += 1;
        }
    }
}

struct PanicGuard<'a, 'b>(&'a Scan<'b>);

impl Drop for PanicGuard<'_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let fault = Problem::new(ProblemKind::Internal, "a worker stopped unexpectedly");
            lock(&self.0.state).fail(0, fault);
            self.0.changed.notify_all();
        }
    }
}
