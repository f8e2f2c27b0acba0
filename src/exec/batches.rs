//! Independent pieces of work on all threads, results taken in order: for producers whose pieces are about equal.

use rayon::prelude::*;

use crate::model::problem::{Problem, ProblemKind};

/// Pieces in flight for every thread: enough to even out their cost, few enough to bound memory.
const PIECES_A_THREAD: usize = 4;

/// A set of threads of its own.
#[derive(Debug)]
pub struct Workers {
    pool: rayon::ThreadPool,
}

impl Workers {
    /// So many threads; 0 for one a core.
    ///
    /// # Errors
    ///
    /// When the system refuses to start them.
    pub fn new(threads: usize) -> Result<Self, Problem> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.map_err(|e| {
            Problem::new(ProblemKind::Temporary, format!("cannot start {threads} threads: {e}"))
                .help("choose fewer with -t")
        })?;
        Ok(Self { pool })
    }

    /// How many pieces are worked on before the next batch.
    pub fn batch(&self) -> usize {
        self.pool.current_num_threads() * PIECES_A_THREAD
    }

    /// Maps all items at once; the results are in the order of the items.
    pub fn map<I: Send, T: Send>(
        &self,
        items: Vec<I>,
        make: impl Fn(I) -> T + Sync + Send,
    ) -> Vec<T> {
        self.pool.install(|| items.into_par_iter().map(make).collect())
    }

    /// Makes the pieces `0 .. count` in batches on all threads, and takes them in order on this one.
    ///
    /// # Errors
    ///
    /// The first one of `make` or `take`, in the order of the pieces.
    pub fn in_order<T: Send>(
        &self,
        count: usize,
        make: impl Fn(usize) -> Result<T, Problem> + Sync,
        mut take: impl FnMut(T) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let mut next = 0;
        while next < count {
            let end = (next + self.batch()).min(count);
            for piece in self.map((next..end).collect(), &make) {
                take(piece?)?;
            }
            next = end;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_arrive_in_order_whatever_the_threads() {
        for threads in [1, 2, 5] {
            let mut seen = Vec::new();
            let workers = Workers::new(threads).unwrap();
            workers
                .in_order(
                    53,
                    |i| Ok(i * i),
                    |x| {
                        seen.push(x);
                        Ok(())
                    },
                )
                .unwrap();
            assert_eq!(seen, (0..53).map(|i| i * i).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_first_fault_in_order_wins() {
        let workers = Workers::new(2).unwrap();
        let make = |i| if i > 3 { Err(Problem::usage(format!("piece {i}"))) } else { Ok(i) };
        assert_eq!(workers.in_order(9, make, |_| Ok(())).unwrap_err().message, "piece 4");
    }
}
