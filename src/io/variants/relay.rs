//! What a stretch of BCF hands to the next one: the beginning of the record that the cut goes through. Where a record begins is
//! known only from the one before it, so that stretches are inflated by different threads at once, but find their records one
//! after the other, which takes next to no time.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// What lies between two stretches.
#[derive(Debug, Default)]
enum State {
    /// The stretch before is still being inflated.
    #[default]
    Waiting,
    /// The bytes that it could not use.
    Given(Vec<u8>),
    /// It was not read, or not to its end.
    Failed,
}

#[derive(Debug, Default)]
struct Slot {
    state: Mutex<State>,
    changed: Condvar,
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, state: State) {
        *self.lock() = state;
        self.changed.notify_all();
    }
}

/// Makes the relays of a file, in the order of its stretches.
#[derive(Debug, Default)]
pub(super) struct Relays {
    last: Option<Arc<Slot>>,
}

impl Relays {
    /// The relay of the next stretch.
    pub(super) fn next(&mut self) -> Relay {
        let after = Arc::new(Slot::default());
        let before = self.last.replace(Arc::clone(&after));
        Relay { before, after: Some(after) }
    }
}

/// Both ends of a stretch. Dropped without [`Relay::give`], it tells the next stretch that this one failed, so that nobody waits
/// for ever.
#[derive(Debug)]
pub(super) struct Relay {
    before: Option<Arc<Slot>>,
    after: Option<Arc<Slot>>,
}

impl Relay {
    /// The bytes that the stretch before left over, which may have to be waited for; `None` when it failed. Stretches are taken in
    /// the order of the file, and each gives before it waits for anything else than the one before it, so that this ends.
    pub(super) fn take(&mut self) -> Option<Vec<u8>> {
        let Some(slot) = self.before.take() else { return Some(Vec::new()) };
        let mut state = slot.lock();
        loop {
            match std::mem::take(&mut *state) {
                State::Given(bytes) => return Some(bytes),
                State::Failed => return None,
                State::Waiting => {
                    state = slot.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }

    /// Hands over what the next stretch begins with.
    pub(super) fn give(&mut self, bytes: &[u8]) {
        if let Some(slot) = self.after.take() {
            slot.set(State::Given(bytes.to_vec()));
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        if let Some(slot) = self.after.take() {
            slot.set(State::Failed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_leaves_the_next_one_gets_and_a_failure_reaches_it() {
        let mut relays = Relays::default();
        let (mut first, mut second, mut third) = (relays.next(), relays.next(), relays.next());
        std::thread::scope(|scope| {
            let waiting = scope.spawn(move || {
                let got = second.take();
                drop(second);
                got
            });
            assert_eq!(first.take(), Some(Vec::new()), "nothing is before the first");
            first.give(b"rest");
            assert_eq!(waiting.join().unwrap(), Some(b"rest".to_vec()));
        });
        assert_eq!(third.take(), None, "the second gave nothing");
    }
}
