//! Metrics that only count.

use std::sync::Arc;

use crate::model::problem::Problem;
use crate::model::qc::SampleQc;
use crate::model::read::{Fields, ReadBlock, ReadView};

use super::spare::Spare;
use super::{Collector, Job, Joiner, Metric, Parcel, Scratch, Shard, unpack};

/// A metric that only counts: hardly anything of it depends on the order of records.
pub trait Count: Send + Sync + 'static {
    /// What some tasks amount to, in any order.
    type Counts: Default + Send + 'static;
    /// The parts of a record that it looks at.
    fn needs(&self) -> Fields;
    /// Counts the records of a block in, which is where their facts and the reference are. By default it shows them one
    /// by one to [`Count::read`].
    #[inline]
    fn block(&self, counts: &mut Self::Counts, block: &ReadBlock<'_>) {
        for read in block.iter() {
            self.read(counts, read);
        }
    }
    /// Counts one record in: enough for a metric that looks at nothing else.
    fn read(&self, _counts: &mut Self::Counts, _read: ReadView<'_>) {}
    /// The task that was counted last has ended: takes out what has to be merged in the order of tasks.
    fn end_task(_counts: &mut Self::Counts) -> Option<Self::Counts> {
        None
    }
    /// How many pieces of work there are beside the records; workers share them.
    fn pieces(&self) -> usize {
        0
    }
    /// Does piece `i` of that work.
    ///
    /// # Errors
    ///
    /// When an input cannot be read.
    fn piece(&self, _i: usize, _scratch: &mut Scratch) -> Result<Self::Counts, Problem> {
        Ok(Self::Counts::default())
    }
    /// Counts other tasks or a piece in.
    fn merge(whole: &mut Self::Counts, part: Self::Counts);
    /// Puts the values in their place.
    fn finish(&self, counts: Self::Counts, qc: &mut SampleQc);
}

/// A [`Count`] as a [`Metric`].
#[derive(Debug)]
pub struct Counting<C: Count> {
    metric: Arc<C>,
    spare: Arc<Spare<C::Counts>>,
}

impl<C: Count> Counting<C> {
    /// The metric, for one file.
    pub fn new(metric: C) -> Self {
        Self { metric: Arc::new(metric), spare: Arc::default() }
    }
}

impl<C: Count> Metric for Counting<C> {
    fn needs(&self) -> Fields {
        self.metric.needs()
    }

    fn shard(&self) -> Box<dyn Shard> {
        let (metric, spare) = (Arc::clone(&self.metric), Arc::clone(&self.spare));
        Box::new(CountShard { metric, spare, counts: None })
    }

    fn joiner(&self) -> Box<dyn Joiner> {
        let (metric, spare) = (Arc::clone(&self.metric), Arc::clone(&self.spare));
        Box::new(CountJoiner { metric, spare, in_order: C::Counts::default() })
    }

    fn collector(&self) -> Result<Box<dyn Collector>, Problem> {
        let metric = Arc::clone(&self.metric);
        Ok(Box::new(CountCollector { metric, counts: C::Counts::default() }))
    }
}

struct CountShard<C: Count> {
    metric: Arc<C>,
    spare: Arc<Spare<C::Counts>>,
    /// From the first block on.
    counts: Option<C::Counts>,
}

impl<C: Count> Shard for CountShard<C> {
    fn block(&mut self, block: &ReadBlock<'_>) -> Result<(), Problem> {
        self.metric.block(self.counts.get_or_insert_with(|| self.spare.take()), block);
        Ok(())
    }

    fn close(self: Box<Self>) -> Parcel {
        let mut in_order = None;
        if let Some(mut counts) = self.counts {
            in_order = C::end_task(&mut counts);
            self.spare.put(counts);
        }
        Box::new(in_order)
    }
}

struct CountJoiner<C: Count> {
    metric: Arc<C>,
    spare: Arc<Spare<C::Counts>>,
    in_order: C::Counts,
}

impl<C: Count> Joiner for CountJoiner<C> {
    fn push(&mut self, parcel: Parcel, _: &mut Vec<Box<dyn Job>>) -> Result<(), Problem> {
        if let Some(part) = unpack::<Option<C::Counts>>(parcel)? {
            C::merge(&mut self.in_order, part);
        }
        Ok(())
    }

    fn end(&mut self, jobs: &mut Vec<Box<dyn Job>>) -> Result<(), Problem> {
        let parts = std::iter::once(std::mem::take(&mut self.in_order)).chain(self.spare.drain());
        jobs.extend(parts.map(|part| -> Box<dyn Job> { Box::new(Ready::<C>(part)) }));
        let pieces = 0..self.metric.pieces();
        jobs.extend(
            pieces.map(|i| -> Box<dyn Job> {
                Box::new(Piece { metric: Arc::clone(&self.metric), i })
            }),
        );
        Ok(())
    }
}

/// Counts that are already there.
struct Ready<C: Count>(C::Counts);

impl<C: Count> Job for Ready<C> {
    fn run(self: Box<Self>, _: &mut Scratch) -> Parcel {
        Box::new(Ok::<C::Counts, Problem>(self.0))
    }
}

/// A piece of work beside the records.
struct Piece<C: Count> {
    metric: Arc<C>,
    i: usize,
}

impl<C: Count> Job for Piece<C> {
    fn run(self: Box<Self>, scratch: &mut Scratch) -> Parcel {
        Box::new(self.metric.piece(self.i, scratch))
    }
}

struct CountCollector<C: Count> {
    metric: Arc<C>,
    counts: C::Counts,
}

impl<C: Count> Collector for CountCollector<C> {
    fn collect(&mut self, parcel: Parcel) -> Result<(), Problem> {
        C::merge(&mut self.counts, unpack::<Result<C::Counts, Problem>>(parcel)??);
        Ok(())
    }

    fn finish(self: Box<Self>, qc: &mut SampleQc) -> Result<(), Problem> {
        self.metric.finish(self.counts, qc);
        Ok(())
    }
}
