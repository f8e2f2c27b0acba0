//! Options that go with a case document of any form.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::case::{CaseForm, Draft};
use crate::inputs::Over;
use crate::model::problem::{Problem, Problems};

/// What is laid over a case document, and how its files are found.
#[derive(Clone, Debug, Default, Args)]
#[command(
    next_help_heading = "Case documents (case.toml, GEL requests, GMS referrals, Phenopackets, PED)"
)]
pub struct DocumentArgs {
    /// More of the case in the keys of case.toml: files, panels, policy, `[[member]]` by id. It adds, and replaces nothing.
    #[arg(long = "with", value_name = "FILE")]
    pub with: Option<PathBuf>,
    /// Folder in which the files of a referral are looked for by name. May be given several times.
    #[arg(long, value_name = "DIR")]
    pub files: Vec<PathBuf>,
    /// Variant file (VCF or BCF) of the case. May be given several times.
    #[arg(long, value_name = "FILE")]
    pub variants: Vec<PathBuf>,
    /// The test of a referral that has several, by id or code (R27.3).
    #[arg(long, value_name = "ID|CODE")]
    pub test: Option<String>,
    /// List of withdrawn participants, one id a line: a case with one of them is refused.
    #[arg(long, value_name = "FILE")]
    pub withdrawn: Option<PathBuf>,
    /// Run without relatives who have withdrawn or did not consent, instead of refusing the case. Nothing of theirs is read.
    #[arg(long)]
    pub leave_out: bool,
}

impl DocumentArgs {
    /// What they lay over a document.
    pub fn over(&self) -> Over {
        let flags = (!self.variants.is_empty()).then(|| {
            let draft = Draft::new(CaseForm::Flags, Path::new("command line"));
            Box::new(Draft { variants: self.variants.clone(), ..draft })
        });
        Over {
            flags,
            document: self.with.clone(),
            folders: self.files.clone(),
            withdrawn: self.withdrawn.clone(),
            leave_out: self.leave_out,
            test: self.test.clone(),
            ..Over::default()
        }
    }

    /// Refuses what has no meaning for a variant file described by flags.
    ///
    /// # Errors
    ///
    /// Every such option that was given.
    pub fn only_with_documents(&self) -> Result<(), Problems> {
        let mut problems = Problems::default();
        for (flag, is_given) in [
            ("--with", self.with.is_some()),
            ("--files", !self.files.is_empty()),
            ("--variants", !self.variants.is_empty()),
            ("--test", self.test.is_some()),
        ] {
            if is_given {
                let problem = Problem::usage(format!("{flag} goes with a case document"));
                problems.0.push(problem.help("the input is taken for a variant file"));
            }
        }
        problems.into_result()
    }
}
