//! Values that go from task to task.

use std::sync::{Mutex, PoisonError};

/// Pieces of memory of one kind that are kept: more than wait at any time with two threads.
const MOST_KEPT: usize = 32;

/// Values that no task holds: sums, or memory. A task takes one, adds to it and puts it back; so there are about as many as
/// there are workers, and not one a task, which would have to be made and added up. Who has which value, and in which
/// order tasks come, is left to chance.
#[derive(Debug, Default)]
pub(super) struct Spare<T>(Mutex<Vec<T>>);

impl<T: Default> Spare<T> {
    /// One of them, or a new one. Sums must be taken at a task's first block, and no sooner: who holds some but has no
    /// record may still do so when all tasks are joined.
    pub(super) fn take(&self) -> T {
        let value = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        value.unwrap_or_default()
    }

    /// Keeps sums.
    pub(super) fn put(&self, value: T) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(value);
    }

    /// Keeps memory, unless there is enough of it.
    pub(super) fn recycle(&self, value: T) {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if values.len() < MOST_KEPT {
            values.push(value);
        }
    }

    /// All of them.
    pub(super) fn drain(&self) -> Vec<T> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
