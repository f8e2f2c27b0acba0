//! Values that tasks fill one after the other.

use std::sync::{Mutex, PoisonError};

/// Values that no task holds. A task takes one, adds to it and puts it back; so there are as many as there are workers,
/// and not one a task, which would have to be made and added up. Who has which value, and in which order tasks come, is
/// left to chance: only sums may be kept so, and memory.
#[derive(Debug, Default)]
pub(super) struct Spare<T>(Mutex<Vec<T>>);

impl<T: Default> Spare<T> {
    /// One of them, or a new one. To be called at a task's first block, and no sooner: who holds a value but has no record
    /// may still do so when all tasks are joined.
    pub(super) fn take(&self) -> T {
        let value = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        value.unwrap_or_default()
    }

    pub(super) fn put(&self, value: T) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(value);
    }

    /// As [`Spare::put`], but for a value that can be done without: dropped when as many as `most` are there.
    pub(super) fn put_few(&self, value: T, most: usize) {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if values.len() < most {
            values.push(value);
        }
    }

    /// All of them.
    pub(super) fn drain(&self) -> Vec<T> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
