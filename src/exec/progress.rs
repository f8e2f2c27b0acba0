//! Progress: a bar on a terminal, otherwise one log line at each tenth of the way.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// The progress of one pass.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    label: String,
    total: Option<usize>,
    done: AtomicUsize,
}

impl Progress {
    /// Begins a pass of `total` steps, when their number is known.
    pub fn begin(label: &str, total: Option<usize>) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = match total {
                Some(total) => ProgressBar::new(total as u64).with_style(
                    ProgressStyle::with_template("{msg} [{bar:30}] {percent}% {eta}")
                        .unwrap_or_else(|_| ProgressStyle::default_bar()),
                ),
                None => ProgressBar::new_spinner(),
            };
            bar.set_message(label.to_owned());
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Self { bar, label: label.to_owned(), total, done: AtomicUsize::new(0) }
    }

    /// One more step is done.
    pub fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(bar) = &self.bar {
            bar.inc(1);
        } else if let Some(total) = self.total
            && total >= 100
        {
            let tenth = |steps: usize| steps * 10 / total;
            if tenth(done) != tenth(done - 1) {
                log::info!("{}: {}%", self.label, tenth(done) * 10);
            }
        }
    }

    /// The pass is over.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
