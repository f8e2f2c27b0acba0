//! `tierline case`: checks a case before any work is done, or shows what was understood of it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};

use super::case_flags::{self, CaseFlags};
use crate::case::{Case, consent, convert, role_word};
use crate::inputs::{self, Inputs, Options};
use crate::io::sink;
use crate::model::problem::{Problem, Problems};
use crate::pipeline::provenance;

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
    Check(Box<CheckArgs>),
    /// Prints the case as it was understood: members by role, consent decisions, files.
    Show(Box<ShowArgs>),
    /// Writes the case in another form.
    Convert(Box<ConvertArgs>),
}

/// The case of the subcommands.
#[derive(Debug, Args)]
pub struct OfCase {
    /// A case document of any form (case.toml, GEL request, GMS referral, Phenopacket, PED), or a variant file described by
    /// flags.
    #[arg(value_name = "CASE")]
    pub case: PathBuf,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are the documented options")]
    pub flags: CaseFlags,
}

/// Check a case.
#[derive(Debug, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are the documented options")]
    pub of: OfCase,
    /// Changes one value of the policy, `key=value`. May be given several times.
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Lets variant files without consequences or population frequencies pass.
    #[arg(long)]
    pub allow_unannotated: bool,
    /// Compares the whole reference sequence with the sums (M5) that files state.
    #[arg(long)]
    pub verify_m5: bool,
    /// Does not compare files with the MD5 sums that a referral states of them.
    #[arg(long)]
    pub skip_checksums: bool,
}

/// Show a case.
#[derive(Debug, Args)]
pub struct ShowArgs {
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are the documented options")]
    pub of: OfCase,
    /// For programs, as JSON; with the identifiers, which the table leaves out.
    #[arg(long)]
    pub json: bool,
}

/// Write a case in another form.
#[derive(Debug, Args)]
pub struct ConvertArgs {
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are the documented options")]
    pub of: OfCase,
    /// The form. `exomiser` is a job with its pedigree, `PREFIX.exomiser.yml` and `PREFIX.ped`, and needs -o PREFIX.
    #[arg(long, value_name = "FORM")]
    pub to: Form,
    /// File to write (of exomiser the start of the names); by default standard output.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// A form that cases are written in.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Form {
    /// case.toml: all of the case.
    Toml,
    /// PED, without files, phenotypes and consent.
    Ped,
    /// Family of Phenopackets v2, without consent.
    Phenopacket,
    /// Job of Exomiser.
    Exomiser,
}

/// Runs the subcommand.
///
/// # Errors
///
/// All problems of the case.
pub fn run(args: &CaseArgs) -> anyhow::Result<ExitCode> {
    let text = match &args.command {
        CaseCommand::Check(args) => check(args)?,
        CaseCommand::Show(args) => {
            let case = case_flags::read(&args.of.case, &args.of.flags)?;
            if args.json { format!("{:#}\n", convert::json(&case)) } else { show(&case) }
        }
        CaseCommand::Convert(args) => convert(args)?,
    };
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn check(args: &CheckArgs) -> anyhow::Result<String> {
    let case = case_flags::read(&args.of.case, &args.of.flags)?;
    let options = Options {
        allow_unannotated: args.allow_unannotated,
        verify_m5: args.verify_m5,
        skip_checksums: args.skip_checksums,
        ..Options::default()
    };
    let policy = inputs::load_policy(&case, &args.set).map_err(Problems::from)?;
    let opened = inputs::open(&case, &policy.policy, &options)?;
    let preset = format!("policy\t{}\t{}\n", policy.policy.id, policy.digest);
    Ok(checked(&case, &opened) + &preset + &notices(&opened))
}

/// Writes the case and gives what goes to standard output.
fn convert(args: &ConvertArgs) -> anyhow::Result<String> {
    let case = case_flags::read(&args.of.case, &args.of.flags)?;
    let text = match args.to {
        Form::Toml => convert::case_toml(&case),
        Form::Ped => convert::pedigree(&case)?,
        Form::Phenopacket => {
            let created = provenance::utc(std::time::SystemTime::now());
            format!("{:#}\n", convert::phenopacket(&case, &created)?)
        }
        Form::Exomiser => {
            let Some(prefix) = &args.output else {
                let problem = Problem::usage("--to exomiser writes two files");
                return Err(problem.help("give -o PREFIX").into());
            };
            let ended = |end: &str| {
                let mut name = prefix.clone().into_os_string();
                name.push(end);
                PathBuf::from(name)
            };
            let ped = ended(".ped");
            let job = convert::exomiser_job(&case, &ped)?;
            sink::write_whole(&ped, convert::pedigree(&case)?.as_bytes())?;
            sink::write_whole(ended(".exomiser.yml"), format!("{job:#}\n").as_bytes())?;
            return Ok(String::new());
        }
    };
    let Some(output) = &args.output else { return Ok(text) };
    sink::write_whole(output, text.as_bytes())?;
    Ok(String::new())
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
    for notice in &case.referred.notices {
        let _ = writeln!(text, "notice\t{}\t{}", notice.count, notice.text);
    }
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
