//! tierline takes a whole-genome case (a trio, any family, a singleton, or a tumour with its normal) from alignments
//! and variant calls to quality verdicts, panel-filtered variants and tiered candidates.
//!
//! # The way data takes
//!
//! ```text
//! argv --cli--> Case + Policy --inputs--> Inputs --> qc --> (verdicts, depth) -------------+
//!                                                --> filter --> evidence --> tier --> CaseResults --> report --> files
//! ```
//!
//! A stage takes the case, the policy and the opened inputs (immutable, `Sync`) and the value of the stage before it,
//! and returns a value; nothing flows back. Bulk tracks (per-base BED, annotated VCF) are the one exception: they
//! stream, in order, through [`io::sink`] while they are computed.
//!
//! # Rooms
//!
//! A room imports only from rooms above it in this table; `tests/layers.rs` enforces the table and the owners of
//! third-party crates.
//!
//! | room | holds |
//! |---|---|
//! | [`model`] | plain data, no I/O, no threads |
//! | [`policy`] | typed thresholds; presets with a source for every number |
//! | [`mod@case`], [`io`] | the case and its consent; one file format a file |
//! | [`inputs`] | opens and cross-checks everything, reports all problems at once |
//! | [`qc`], [`identity`], [`filter`], [`evidence`], [`tier`] | metrics, sample identity, filters, reads at candidates, inheritance and tiering rules |
//! | [`exec`] | threads, task scan, ordered streams, progress |
//! | [`report`] | one output format a file |
//! | `simulate`, [`pipeline`] | cases with known answers; all stages in order |
//! | [`cli`] | one file a subcommand |
//!
//! # Units
//!
//! `start0`/`Span` are 0-based half-open; `position` is 1-based as in VCF; `_bp` bases; `frac_` a share of one;
//! `_phred` a phred-scaled value; depth is a count of reads over one base.

pub mod case;
pub mod cli;
pub mod evidence;

pub mod exec;
pub mod filter;
pub mod identity;
pub mod inputs;
pub mod io;
pub mod model;
pub mod pipeline;
pub mod policy;
pub mod qc;
pub mod report;
#[cfg(feature = "simulate")]
pub mod simulate;
pub mod tier;
