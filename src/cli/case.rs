//! `tierline case`: checks a case before any work is done, or shows what was understood of it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::case::{Case, consent, role_word};
use crate::inputs::{self, Inputs, Options};
use crate::model::problem::Problems;

/// Checks and shows cases.
#[derive(Debug, Args)]
pub struct CaseArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: CaseCommand,
}

/// What to do with a case.
#[derive(Debug, Subcommand)]
pub enum CaseCommand {
    /// Opens every input and checks them against each other; prints every problem, or `ok` with a summary.
    Check {
        /// The case document.
        #[arg(value_name = "CASE")]
        case: PathBuf,
        /// Changes one value of the policy, `key=value`. May be given several times.
        #[arg(long, value_name = "KEY=VALUE")]
        set: Vec<String>,
        /// Lets variant files without consequences or population frequencies pass.
        #[arg(long)]
        allow_unannotated: bool,
        /// Compares the whole reference sequence with the sums (M5) that files state.
        #[arg(long)]
        verify_m5: bool,
    },
    /// Prints the case as it was understood: members by role, consent decisions, files. Opens no file but the document.
    Show {
        /// The case document.
        #[arg(value_name = "CASE")]
        case: PathBuf,
    },
}

/// Runs the subcommand.
///
/// # Errors
///
/// All problems of the case.
pub fn run(args: &CaseArgs) -> anyhow::Result<ExitCode> {
    let text = match &args.command {
        CaseCommand::Check { case, set, allow_unannotated, verify_m5 } => {
            let case = inputs::load_case(case)?;
            let options = Options {
                allow_unannotated: *allow_unannotated,
                verify_m5: *verify_m5,
                ..Options::default()
            };
            let policy = inputs::load_policy(&case, set).map_err(Problems::from)?;
            let opened = inputs::open(&case, &policy.policy, &options)?;
            let preset = format!("policy\t{}\t{}\n", policy.policy.id, policy.digest);
            checked(&case, &opened) + &preset + &notices(&opened)
        }
        CaseCommand::Show { case } => show(&inputs::load_case(case)?),
    };
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// The summary of a good case: kinds, roles and counts, without identifiers.
fn checked(case: &Case, inputs: &Inputs) -> String {
    let mut text = String::from("ok\n");
    let _ = writeln!(text, "kind\t{}", case.kind.word());
    let _ = writeln!(text, "assembly\t{}", case.assembly);
    for (id, member) in case.family.iter() {
        let alignment = inputs.alignments.iter().any(|alignment| alignment.member == id);
        let calls = inputs
            .variants
            .iter()
            .filter(|file| file.samples.iter().any(|(_, member)| *member == id))
            .count();
        let alignment = if alignment { "alignment" } else { "no alignment" };
        let _ = writeln!(
            text,
            "member {}\t{}\t{alignment}\tcalls in {calls} files",
            id.0 + 1,
            role_word(member.role)
        );
    }
    let _ = writeln!(text, "contigs\t{}", inputs.contigs.len());
    for panel in inputs.panels.panels() {
        let green = panel.genes.iter().filter(|gene| gene.is_green()).count();
        let _ =
            writeln!(text, "panel\t{}\t{}\t{}\t{green} green", panel.id, panel.name, panel.version);
    }
    for (i, file) in inputs.variants.iter().enumerate() {
        let keys: Vec<&str> = file.layout.annotations().map(|schema| schema.key.as_str()).collect();
        let keys = if keys.is_empty() { "none".to_owned() } else { keys.join(", ") };
        let kind = file.file.format();
        let _ = writeln!(text, "variants {}\t{kind:?}\tconsequences: {keys}", i + 1);
    }
    text
}

fn notices(inputs: &Inputs) -> String {
    let line = |notice: &crate::model::notice::Notice| {
        let kind = serde_json::to_value(notice.kind).ok();
        let kind = kind.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
        format!("notice\t{kind}\t{}\t{}\n", notice.count, notice.text)
    };
    inputs.notices.iter().map(line).collect()
}

/// The case as understood. Members go by number and role; files by their kind.
fn show(case: &Case) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "kind\t{}", case.kind.word());
    let _ = writeln!(text, "assembly\t{}", case.assembly);
    let policy =
        case.policy.as_ref().map_or(case.kind.default_preset().to_owned(), |choice| match choice {
            crate::case::PolicyChoice::Preset(name) => name.clone(),
            crate::case::PolicyChoice::File(path) => path.display().to_string(),
        });
    let _ = writeln!(text, "policy\t{policy}");
    let _ = writeln!(text, "penetrance\t{:?}", case.penetrance);
    let _ = writeln!(text, "panels\t{}", case.panels.len());
    let _ = writeln!(text, "variant_files\t{}", case.variants.len());
    let _ = writeln!(
        text,
        "#member\trole\tsex\taffected\tfather\tmother\tx_copies\thpo\tanalysis\tsecondary\tcarrier\tpharmacogenomics\tgermline"
    );
    let number = |id: Option<crate::model::sample::MemberId>| {
        id.map_or("-".to_owned(), |id| (id.0 + 1).to_string())
    };
    let decisions = consent::decisions(&case.family);
    for ((id, member), decision) in case.family.iter().zip(decisions) {
        let yes = |flag: bool| if flag { "yes" } else { "no" };
        let copies = member.x_copies().map_or("-".to_owned(), |copies| copies.to_string());
        let _ = writeln!(
            text,
            "{}\t{}\t{:?}\t{:?}\t{}\t{}\t{copies}\t{}\t{:?}\t{}\t{}\t{}\t{}",
            id.0 + 1,
            role_word(member.role),
            member.sex,
            member.affected,
            number(member.father),
            number(member.mother),
            member.hpo.len(),
            decision.analysis,
            yes(decision.secondary),
            yes(decision.carrier),
            yes(decision.pharmacogenomics),
            yes(decision.germline),
        );
    }
    text
}
