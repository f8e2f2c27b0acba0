//! Identity checks of a case: from the sketches of its reads, or from the calls of a file that holds several members.

use crate::case::Case;
use crate::case::consent::{self, Analysis};
use crate::exec;
use crate::identity::case::{self, MemberData};
use crate::identity::contamination::tumour_in_normal::tumour_in_normal;
use crate::identity::relatedness::bits::GenotypeBits;
use crate::identity::sex;
use crate::inputs::{CaseVariants, Inputs};
use crate::io::sink;
use crate::io::variants::SnpColumns;
use crate::model::identity::{CaseIdentity, Estimate};
use crate::model::notice::{Notice, NoticeKind};
use crate::model::problem::Problem;
use crate::model::qc::SampleQc;
use crate::model::sample::{Member, MemberId, Role, Sex};
use crate::model::sketch::Sketch;
use crate::model::verdict::Outcome;
use crate::policy::identity::IdentityLimits;
use crate::policy::karyotype;
use crate::report::identity::case_files;
use crate::tier::Tiering;

use super::Options;

/// Members with their genotypes, and what was compared.
struct Compared<'a> {
    members: Vec<MemberData<'a>>,
    sites: String,
}

/// What checks found, and the notice of a failure.
#[derive(Debug)]
pub(super) struct Checked {
    /// For the results.
    pub(super) found: CaseIdentity,
    notice: Notice,
}

impl Checked {
    /// The tiers of a case that was stopped: none, and the reason.
    pub(super) fn stop(&self) -> Option<Tiering> {
        let notices = vec![self.notice.clone()];
        self.found.stopped.then(|| Tiering { notices, ..Tiering::default() })
    }
}

/// Checks the case and writes the tables below `qc/`; `None` when there is nothing to compare.
pub(super) fn check(
    case: &Case,
    inputs: &Inputs,
    quality: &[(MemberId, SampleQc)],
    options: &Options,
) -> Result<Option<Checked>, Problem> {
    let limits = IdentityLimits::preset()?;
    let somatic = somatic(case, inputs, &limits, options.threads)?;
    let Some(compared) = compared(case, inputs, quality, (&limits, options.threads))? else {
        return Ok(None);
    };
    if compared.members.is_empty() && somatic.is_none() {
        return Ok(None);
    }
    let mut found = case::check(case, &compared.members, &compared.sites, &limits)?;
    found.tumour_in_normal = somatic;
    found.override_reason =
        options.override_identity.clone().filter(|_| found.outcome == Outcome::Fail);
    found.stopped = found.outcome == Outcome::Fail && found.override_reason.is_none();
    tell(&found);
    let folder = options.output.join("qc");
    let related = limits.relation.listed_relatedness.value;
    for (name, text) in case_files::texts(&found, &case.family, &compared.members, related) {
        sink::make_folder(&folder)?;
        sink::write_whole(folder.join(name), text.as_bytes())?;
    }
    let failed: Vec<&str> = found
        .suspicions
        .iter()
        .filter(|suspicion| suspicion.outcome == Outcome::Fail)
        .map(|suspicion| suspicion.text.as_str())
        .collect();
    let text = format!(
        "identity checks failed and nothing was tiered: {}. Go on with --override-identity and a reason",
        failed.join("; ")
    );
    Ok(Some(Checked { found, notice: Notice::one(NoticeKind::Identity, text) }))
}

fn tell(found: &CaseIdentity) {
    for suspicion in &found.suspicions {
        match suspicion.outcome {
            Outcome::Fail => log::error!("identity: {}", suspicion.text),
            _ => log::warn!("identity: {}", suspicion.text),
        }
    }
    if found.override_reason.is_some() {
        log::warn!("identity checks failed; going on, the reason stands in the results");
    } else if found.stopped {
        log::error!("identity checks failed: nothing is tiered");
    } else {
        log::info!("identity: {} ({})", found.outcome.word(), found.sites);
    }
}

/// The sketches of the reads, or the calls of a joint file when that knows more sites of every member.
fn compared<'a>(
    case: &Case,
    inputs: &Inputs,
    quality: &'a [(MemberId, SampleQc)],
    (limits, threads): (&IdentityLimits, usize),
) -> Result<Option<Compared<'a>>, Problem> {
    let by_reads = by_reads(case, quality, limits)?;
    if case.kind.is_cancer() {
        return Ok(Some(by_reads));
    }
    let known = |compared: &Compared<'_>| {
        let of = compared.members.iter().map(|member| member.bits.autosomal().iter().sum());
        let least: u32 = of.min().unwrap_or(0);
        // Everybody in the table beats more sites of some.
        (
            compared.members.len() > 1,
            least >= limits.relation.min_sites.value,
            compared.members.len(),
            least,
        )
    };
    let mut best = by_reads;
    let sketched: Vec<(MemberId, &Sketch)> =
        best.members.iter().filter_map(|data| Some((data.member, data.sketch?))).collect();
    for file in &inputs.variants {
        let Some(mut called) = by_calls(case, inputs, file, (limits, threads))? else { continue };
        if known(&called) > known(&best) {
            // Contamination stays with the reads.
            for data in &mut called.members {
                let own = sketched.iter().find(|(member, _)| *member == data.member);
                data.sketch = own.map(|(_, sketch)| *sketch);
            }
            best = called;
        }
    }
    Ok(Some(best))
}

fn by_reads<'a>(
    case: &Case,
    quality: &'a [(MemberId, SampleQc)],
    limits: &IdentityLimits,
) -> Result<Compared<'a>, Problem> {
    let karyotypes = karyotype::limits()?;
    let mut compared = Compared { members: Vec::new(), sites: String::new() };
    let mut digest: Option<&str> = None;
    for (id, qc) in quality {
        let Some(sketch) = &qc.sketch else { continue };
        if digest.is_some_and(|digest| digest != sketch.sites.digest) {
            continue;
        }
        digest = Some(&sketch.sites.digest);
        compared.sites.clone_from(&sketch.sites.name);
        let found = sex::check(sketch, case.family.get(*id).sex, &karyotypes, &limits.genotype);
        let shown = match found.karyotype {
            Some(karyotype) if karyotype.y_copies > 0 => Sex::Male,
            Some(karyotype) if karyotype.x_copies > 1 => Sex::Female,
            _ => Sex::Unknown,
        };
        let bits = GenotypeBits::of_sketch(sketch, &limits.genotype);
        compared.members.push(MemberData { member: *id, sketch: Some(sketch), bits, shown });
    }
    Ok(compared)
}

/// Members with a column in this file who may be looked at; `None` unless there are two.
fn by_calls<'a>(
    case: &Case,
    inputs: &Inputs,
    file: &CaseVariants,
    (limits, threads): (&IdentityLimits, usize),
) -> Result<Option<Compared<'a>>, Problem> {
    let allowed =
        |id: MemberId, member: &Member| consent::decide(id, member).analysis == Analysis::Allowed;
    let header = file.file.header();
    let columns: Vec<(MemberId, usize)> = file
        .samples
        .iter()
        .filter(|(_, id)| allowed(*id, case.family.get(*id)))
        .filter_map(|(name, id)| Some((*id, header.column(name)?)))
        .collect();
    if columns.len() < 2 {
        return Ok(None);
    }
    let wanted = SnpColumns {
        columns: columns.iter().map(|(_, column)| *column).collect(),
        assembly: Some(inputs.assembly),
        min_genotype_quality: limits.genotype.min_genotype_quality.value,
    };
    let bits = exec::identity::joint_genotypes(&file.file, &wanted, threads)?;
    let members = columns.iter().zip(bits).map(|(&(member, _), bits)| MemberData {
        member,
        sketch: None,
        bits,
        shown: Sex::Unknown,
    });
    let sites = "the single-nucleotide variants of the case's own calls".to_owned();
    Ok(Some(Compared { members: members.collect(), sites }))
}

/// Tumour cells in the normal sample, from the first file with a column of both.
fn somatic(
    case: &Case,
    inputs: &Inputs,
    limits: &IdentityLimits,
    threads: usize,
) -> Result<Option<Estimate>, Problem> {
    if !case.kind.is_cancer() {
        return Ok(None);
    }
    for file in &inputs.variants {
        let column = |role: Role| {
            let of = file.samples.iter().find(|(_, id)| {
                let member = case.family.get(*id);
                member.role == role && consent::decide(*id, member).analysis == Analysis::Allowed
            });
            file.file.header().column(&of?.0)
        };
        let (Some(tumour), Some(normal)) = (column(Role::Tumour), column(Role::Normal)) else {
            continue;
        };
        let columns = SnpColumns {
            columns: vec![tumour, normal],
            assembly: Some(inputs.assembly),
            min_genotype_quality: 0.0,
        };
        let reads = exec::identity::somatic_reads(&file.file, &columns, threads)?;
        return Ok(Some(tumour_in_normal(&reads, &limits.tumour_in_normal)));
    }
    Ok(None)
}
