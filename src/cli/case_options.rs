//! Options that every command on a case shares.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::inputs;
use crate::model::annotation::AnnotationSource;
use crate::model::results::CaseResults;

/// How inputs are taken and which rules apply.
#[derive(Clone, Debug, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each flag of the command line is one")]
pub struct CaseOptions {
    /// Go on when variant files lack consequences or population frequencies that the policy requires; every output then
    /// says what was not assessed.
    #[arg(long)]
    pub allow_unannotated: bool,
    /// The annotation to prefer when a file has several.
    #[arg(long, value_name = "KEY", value_parser = ["CSQ", "ANN", "BCSQ"])]
    pub annotation: Option<String>,
    /// Compare every contig of the reference with the sums (M5) that alignments state, not only the small ones.
    #[arg(long)]
    pub verify_m5: bool,
    /// Go on when identity checks fail (a sample swapped, contaminated, of another person); the reason, who knows what, stands
    /// in the results. Without it nothing is tiered then, and the exit code is 4.
    #[arg(long, value_name = "REASON", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub override_identity: Option<String>,
    /// Do not compare files with the MD5 sums that a referral states of them; the results say so.
    #[arg(long)]
    pub skip_checksums: bool,
    /// Do not compute VRS identifiers of the reported alleles, for which every contig with one is read.
    #[arg(long)]
    pub no_vrs: bool,
    /// Change a value of the policy, `de_novo.min_depth=15`; may be given several times.
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

/// Where identity checks look.
#[derive(Clone, Debug, Default, Args)]
pub struct SiteArgs {
    /// Sites for identity checks instead of the built-in list: VCF or BCF with AF, BED with alleles and frequency, or a resource
    /// of VerifyBamID2. Reads and the case's calls are looked at there, calls of files of single members too.
    #[arg(long, value_name = "FILE")]
    pub sites: Option<PathBuf>,
}

impl CaseOptions {
    /// How strict the checks of inputs are.
    pub fn inputs(&self) -> inputs::Options {
        let annotation = self.annotation.as_deref().and_then(|key| match key {
            "CSQ" => Some(AnnotationSource::Csq),
            "ANN" => Some(AnnotationSource::Ann),
            "BCSQ" => Some(AnnotationSource::Bcsq),
            _ => None,
        });
        inputs::Options {
            allow_unannotated: self.allow_unannotated,
            verify_m5: self.verify_m5,
            skip_checksums: self.skip_checksums,
            annotations: annotation.into_iter().collect(),
            ..inputs::Options::default()
        }
    }
}

/// Exit code when identity checks failed and nothing was tiered.
const IDENTITY_FAILED: u8 = 4;

/// The exit code of a case that was run.
pub(super) fn exit_code(results: &CaseResults) -> ExitCode {
    match &results.identity {
        Some(identity) if identity.stopped => IDENTITY_FAILED.into(),
        _ => ExitCode::SUCCESS,
    }
}

/// The threads asked for; by default all that the process may use (affinity and cgroup limits count).
pub(super) fn threads(asked: Option<usize>) -> usize {
    asked.unwrap_or_else(crate::exec::allowed_threads).max(1)
}
