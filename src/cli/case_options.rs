//! Options that every command on a case shares.

use clap::Args;

use crate::inputs;
use crate::model::annotation::AnnotationSource;

/// How inputs are taken and which rules apply.
#[derive(Clone, Debug, Default, Args)]
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
    /// Change a value of the policy, `de_novo.min_depth=15`; may be given several times.
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
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
            annotations: annotation.into_iter().collect(),
        }
    }
}

/// The threads asked for; by default all that the process may use (affinity and cgroup limits count).
pub(super) fn threads(asked: Option<usize>) -> usize {
    asked.unwrap_or_else(crate::exec::allowed_threads).max(1)
}
