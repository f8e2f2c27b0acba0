//! The values of one alignment file, beside its tracks: mosdepth's summary and distributions, samtools' flagstat, a
//! page for people, and all of it as `qc.json`.

use std::path::{Path, PathBuf};

use super::html::qc_page;
use super::{flagstat, mosdepth, qc_json};
use crate::io::sink;
use crate::model::problem::{Problem, ProblemKind};
use crate::model::qc::SampleQc;

/// The end of the file that is written last and tells whose the others are.
pub const MARK: &str = ".qc.json";

/// Ends of all files of one sample, tracks included.
const ENDS: [&str; 13] = [
    MARK,
    ".mosdepth.summary.txt",
    ".mosdepth.global.dist.txt",
    ".mosdepth.region.dist.txt",
    ".flagstat.txt",
    ".per-base.bed.gz",
    ".per-base.bed.gz.csi",
    ".regions.bed.gz",
    ".regions.bed.gz.csi",
    ".thresholds.bed.gz",
    ".thresholds.bed.gz.csi",
    ".quantized.bed.gz",
    ".quantized.bed.gz.csi",
];

/// Every file that can be written for a sample, by folder and stem.
pub fn all(stem: &Path) -> Vec<PathBuf> {
    ENDS.iter().map(|end| ended(stem, end)).collect()
}

fn ended(stem: &Path, end: &str) -> PathBuf {
    let mut name = stem.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// Writes `STEM.mosdepth.summary.txt`, `STEM.mosdepth.global.dist.txt`, `STEM.mosdepth.region.dist.txt`,
/// `STEM.flagstat.txt`, `STEM.qc.html` and `STEM.qc.json`, as far as the metrics ran.
///
/// # Errors
///
/// When a file cannot be written.
pub fn write(result: &SampleQc, stem: &Path) -> Result<(), Problem> {
    let file = |end: &str| ended(stem, end);
    if let Some(depth) = &result.depth {
        sink::write_whole(file(".mosdepth.summary.txt"), mosdepth::summary(depth).as_bytes())?;
        let global = mosdepth::global_distribution(depth);
        sink::write_whole(file(".mosdepth.global.dist.txt"), global.as_bytes())?;
        if let Some(regions) = mosdepth::region_distribution(depth) {
            sink::write_whole(file(".mosdepth.region.dist.txt"), regions.as_bytes())?;
        }
    }
    if let Some(flags) = &result.flags {
        sink::write_whole(file(".flagstat.txt"), flagstat::text(flags).as_bytes())?;
    }
    sink::write_whole(file(".qc.html"), qc_page::render(result).as_bytes())?;
    let json = qc_json::text(result)
        .map_err(|e| Problem::new(ProblemKind::Internal, format!("cannot write qc.json: {e}")))?;
    sink::write_whole(file(MARK), json.as_bytes())
}
