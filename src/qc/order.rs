//! Whether placed records come in order: within a task, and from one task to the next.

use crate::model::problem::Problem;

use super::unsorted;

/// The first and the last place of a task, or of all tasks so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    first: Option<(u32, u32)>,
    /// Contig in the upper half, start in the lower one: that of the last record, 0 before the first.
    last: u64,
}

impl Places {
    /// Notes the place of the next record: contig and 0-based start.
    ///
    /// # Errors
    ///
    /// When it lies before the last one; `metric` is who needs the order.
    #[inline]
    pub(super) fn note(
        &mut self,
        metric: &str,
        (contig, start): (u32, u32),
    ) -> Result<(), Problem> {
        let here = u64::from(contig) << 32 | u64::from(start);
        if here < self.last {
            return Err(unsorted(metric));
        }
        self.last = here;
        if self.first.is_none() {
            self.first = Some((contig, start));
        }
        Ok(())
    }

    /// Notes the places of the next task.
    ///
    /// # Errors
    ///
    /// As [`Places::note`].
    pub(super) fn follow(&mut self, metric: &str, next: Self) -> Result<(), Problem> {
        let Some(first) = next.first else { return Ok(()) };
        self.note(metric, first)?;
        self.last = next.last;
        Ok(())
    }

    /// Contig and start of the first record; `None` before it.
    #[inline]
    pub(super) fn first(&self) -> Option<(u32, u32)> {
        self.first
    }

    /// Contig and start of the last record; zeros before the first.
    pub(super) fn last(&self) -> (u32, u32) {
        ((self.last >> 32) as u32, self.last as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_and_tasks_may_stand_still_but_not_go_back() {
        let task = |places: &[(u32, u32)]| {
            let mut task = Places::default();
            places.iter().try_for_each(|&place| task.note("depth", place)).map(|()| task)
        };
        let mut all = Places::default();
        let first = task(&[(0, 7), (0, 7), (1, 2)]).unwrap();
        assert_eq!((first.first(), first.last()), (Some((0, 7)), (1, 2)));
        all.follow("depth", first).unwrap();
        all.follow("depth", Places::default()).unwrap();
        all.follow("depth", task(&[(1, 2), (1, 3)]).unwrap()).unwrap();
        assert_eq!((all.first(), all.last()), (Some((0, 7)), (1, 3)));
        let told = all.follow("depth", task(&[(1, 2)]).unwrap()).unwrap_err().to_string();
        assert!(told.contains("not sorted by position, which depth needs"), "{told}");
        assert!(task(&[(1, 0), (0, 9)]).is_err());
    }
}
