//! The values of one alignment file, beside its tracks. A new format is one file in this room and one line in [`TEXTS`].

use std::path::{Path, PathBuf};

use super::html::qc_page;
use super::identity::self_sm;
use super::{
    excluded, flagstat, ga4gh, gel_metrics, genes, mosdepth, part, picard, picard_wgs, qc_json,
    samtools, verdicts,
};
use crate::io::{sink, sketch_file};
use crate::model::problem::{Problem, ProblemKind};
use crate::model::qc::SampleQc;

/// The end of the file that is written last and tells whose the others are.
pub const MARK: &str = ".qc.json";

/// A text that is made of the values of one alignment file.
pub struct QcText {
    /// What its name adds to the sample's.
    pub end: &'static str,
    /// The whole text; `None` when the metrics that it shows did not run.
    pub text: fn(&SampleQc) -> Option<String>,
}

/// Every text but [`MARK`]'s.
pub const TEXTS: &[QcText] = &[
    QcText { end: ".mosdepth.summary.txt", text: |qc| qc.depth.as_ref().map(mosdepth::summary) },
    QcText {
        end: ".mosdepth.global.dist.txt",
        text: |qc| qc.depth.as_ref().map(mosdepth::global_distribution),
    },
    QcText {
        end: ".mosdepth.region.dist.txt",
        text: |qc| qc.depth.as_ref().and_then(mosdepth::region_distribution),
    },
    QcText { end: ".flagstat.txt", text: |qc| qc.flags.as_ref().map(flagstat::text) },
    QcText { end: ".insert_size_metrics.txt", text: picard::insert_size::text },
    QcText { end: ".quality_yield_metrics.txt", text: picard::quality_yield::text },
    QcText { end: ".alignment_summary_metrics.txt", text: picard::alignment::text },
    QcText { end: ".gc_bias.detail_metrics.txt", text: picard::gc_bias::detail },
    QcText { end: ".gc_bias.summary_metrics.txt", text: picard::gc_bias::summary },
    QcText {
        end: ".wgs_metrics.txt",
        text: |qc| qc.wgs.as_ref().map(|wgs| picard_wgs::text(wgs, qc)),
    },
    QcText { end: ".excluded.bed", text: |qc| qc.excluded.as_deref().map(excluded::text) },
    QcText {
        end: ".samtools.stats.txt",
        text: |qc| samtools::stats(qc.samtools.as_ref()?, qc.policy.as_ref()).into(),
    },
    // MultiQC cuts a sample's name at ".sam", so that these rows bear the name alone.
    QcText {
        end: ".samtools.idxstats.txt",
        text: |qc| qc.samtools.as_ref().map(samtools::idxstats),
    },
    QcText {
        end: ".samtools.coverage.txt",
        text: |qc| samtools::coverage(qc.samtools.as_ref()?, qc.depth.as_ref()),
    },
    QcText { end: ".ga4gh.json", text: ga4gh::text },
    QcText {
        end: ".verdicts_mqc.tsv",
        text: |qc| qc.verdict.as_ref().map(|verdict| verdicts::multiqc(qc, verdict)),
    },
    QcText { end: ".selfSM", text: |qc| self_sm::text(&qc.sample, qc.identity.as_ref()?) },
    QcText { end: ".gel_metrics.json", text: gel_metrics::text },
    QcText { end: ".qc.html", text: |qc| Some(qc_page::render(qc)) },
];

/// Ends of the tracks, which are written during the pass.
const TRACKS: &[&str] = &[
    ".per-base.bed.gz",
    ".per-base.bed.gz.csi",
    ".regions.bed.gz",
    ".regions.bed.gz.csi",
    ".thresholds.bed.gz",
    ".thresholds.bed.gz.csi",
    ".quantized.bed.gz",
    ".quantized.bed.gz.csi",
];

/// Ends that files had before they were renamed; they are removed with the others.
const FORMER: &[&str] = &[".idxstats.txt", ".coverage.txt"];

/// Every file that can be written for a sample, by folder and stem.
pub fn all(stem: &Path) -> Vec<PathBuf> {
    let texts = TEXTS.iter().map(|file| file.end);
    let tracks = TRACKS.iter().chain(FORMER).copied();
    let ends = [MARK, sketch_file::END].into_iter().chain(texts).chain(tracks).chain(genes::ends());
    let ends = ends.chain(part::ENDS);
    ends.map(|end| ended(stem, end)).collect()
}

fn ended(stem: &Path, end: &str) -> PathBuf {
    let mut name = stem.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// Writes the [`TEXTS`] of the metrics that ran, the tables of [`genes`], the sketch, then [`MARK`].
///
/// # Errors
///
/// When a file cannot be written.
pub fn write(result: &SampleQc, stem: &Path) -> Result<(), Problem> {
    for file in TEXTS {
        if let Some(text) = (file.text)(result) {
            sink::write_whole(ended(stem, file.end), text.as_bytes())?;
        }
    }
    if let Some(found) = &result.genes {
        genes::write(found, &result.sample, stem)?;
    }
    if let Some(sketch) = &result.sketch {
        sketch_file::write(&ended(stem, sketch_file::END), sketch)?;
    }
    let json = qc_json::text(result)
        .map_err(|e| Problem::new(ProblemKind::Internal, format!("cannot write qc.json: {e}")))?;
    sink::write_whole(ended(stem, MARK), json.as_bytes())
}
