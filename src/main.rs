//! The `tierline` program: parse, log, run, and one map from error to exit code.

use std::process::ExitCode;

use clap::Parser;
use tierline::cli::{self, Cli};
use tierline::io::sink;
use tierline::model::problem::{Problem, Problems};

fn main() -> ExitCode {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info"))
        .format_target(false)
        .init();
    remove_unfinished_on_signal();
    match cli::run(&Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            if is_broken_pipe(&error) {
                return ExitCode::SUCCESS;
            }
            for line in format!("{error:#}").lines() {
                log::error!("{line}");
            }
            ExitCode::from(exit_code(&error))
        }
    }
}

/// The one map from error to exit code.
fn exit_code(error: &anyhow::Error) -> u8 {
    if let Some(problem) = error.downcast_ref::<Problem>() {
        return problem.kind.exit_code();
    }
    if let Some(problems) = error.downcast_ref::<Problems>() {
        return problems.0.first().map_or(1, |problem| problem.kind.exit_code());
    }
    1
}

/// A reader that went away (`tierline ... | head`) is no failure.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
    })
}

/// On SIGINT and SIGTERM removes temporary files and ends with 128 + the signal's number, as shells expect.
fn remove_unfinished_on_signal() {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]) else { return };
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            sink::remove_unfinished();
            signal_hook::low_level::exit(128 + signal);
        }
    });
}
