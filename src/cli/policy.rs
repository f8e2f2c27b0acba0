//! `tierline policy`: the presets, and the rules that layers make of them.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::io::text;
use crate::policy::layers::{Layers, Resolved, resolve};
use crate::policy::{PRESETS, Policy};

/// Lists and prints policies.
#[derive(Debug, Args)]
pub struct PolicyArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: PolicyCommand,
}

/// What to do with policies.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Lists the presets: id, version, title.
    List,
    /// Prints the rules in force, with their digest and the source of every number.
    Show {
        /// A preset, or a policy file laid over one.
        #[arg(value_name = "PRESET|FILE", default_value = "gms-rd")]
        policy: String,
        /// Changes one value: `call.callable_depth=8`. May be given several times; later wins.
        #[arg(long, value_name = "KEY=VALUE")]
        set: Vec<String>,
    },
}

/// Runs the subcommand.
///
/// # Errors
///
/// An unknown preset, a missing file, an unknown key or a wrong value.
pub fn run(args: &PolicyArgs) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    match &args.command {
        PolicyCommand::List => {
            for (id, _) in PRESETS {
                let policy = Policy::preset(id)?;
                writeln!(out, "{id}\t{}\t{}", policy.version, policy.title)?;
            }
        }
        PolicyCommand::Show { policy, set } => {
            let resolved = open(policy, "gms-rd", set)?;
            writeln!(out, "# preset {}", resolved.preset)?;
            writeln!(out, "# digest {}", resolved.digest)?;
            out.write_all(toml::to_string(&resolved.policy)?.as_bytes())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A preset by name, or a file laid over `preset` when the text looks like a path.
///
/// # Errors
///
/// As [`resolve`]; a missing file.
pub fn open(
    choice: &str,
    preset: &str,
    set: &[String],
) -> Result<Resolved, crate::model::problem::Problem> {
    let is_file =
        choice.contains('/') || Path::new(choice).extension().is_some_and(|e| e == "toml");
    if is_file {
        let small = text::read(Path::new(choice))?;
        return resolve(Layers { preset, file: Some((choice, &small.text)), set });
    }
    resolve(Layers { preset: choice, file: None, set })
}
