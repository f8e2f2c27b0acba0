//! Opens every input of a case and checks them against each other before work starts. All faults are told together.
//!
//! In order: the small inputs (panels, gene lists), the reference, the alignments, the variant files. Contigs of all of
//! them become one table. A fault of one input never hides those of another.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::case::Case;
use crate::io::fasta::Fasta;
use crate::io::store::Store;
use crate::io::variants::{Layout, Sources, VariantFile};
use crate::model::annotation::AnnotationSource;
use crate::model::contig::{Assembly, ContigTable};
use crate::model::gene_model::GeneModel;
use crate::model::notice::{Notice, NoticeKind};
use crate::model::panel::{Panel, PanelSet};
use crate::model::problem::{Problem, Problems};
use crate::model::sample::MemberId;
use crate::model::sketch::{SiteList, Sketch};
use crate::policy::Policy;

mod alignments;
mod biomarkers;
mod contigs;
mod document;
mod load;
mod orders;
mod sketches;
mod stores;
mod structural;
pub mod tumour;
mod tumour_columns;
mod variants;

pub use biomarkers::BiomarkerFiles;
pub use document::{Over, is_document, load as load_case, withdrawn};
pub use load::{Digest, policy as load_policy};
pub use variants::mitochondrial_gaps;

/// How strict the checks are.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Variant files without consequences or without the policy's required frequencies pass, with a notice.
    pub allow_unannotated: bool,
    /// The sequence of every contig of the reference is compared with the sums (M5) that files state. Without it only
    /// contigs up to [`M5_BP`] are, which still tells most wrong references.
    pub verify_m5: bool,
    /// Annotations in order of preference.
    pub annotations: Vec<AnnotationSource>,
    /// List of sites for identity checks, instead of the built-in one.
    pub sites: Option<PathBuf>,
    /// Sums that a referral states of files are not compared.
    pub skip_checksums: bool,
}

/// Longest contig whose sum is computed without `--verify-m5`, bp. It takes in the mitochondrial genome, in which hg19 and
/// b37 differ, and the small contigs, at next to no cost; all of a genome takes seconds.
pub const M5_BP: u32 = 1 << 20;

/// A variant file of the case.
#[derive(Debug)]
pub struct CaseVariants {
    /// Where it is.
    pub path: PathBuf,
    /// The opened file.
    pub file: VariantFile,
    /// Names of the columns with the members whose calls they hold.
    pub samples: Vec<(String, MemberId)>,
    /// Where its fields stand.
    pub layout: Layout,
}

/// A file of copy-number or structural variants, or of short tandem repeats.
#[derive(Debug)]
pub struct CaseCalls {
    /// Where it is.
    pub path: PathBuf,
    /// The opened file.
    pub file: VariantFile,
    /// Sample columns (from 0) with their members, the index member first.
    pub columns: Vec<(usize, MemberId)>,
}

/// An alignment file of the case.
#[derive(Clone, Debug)]
pub struct CaseAlignment {
    /// Whose reads.
    pub member: MemberId,
    /// Where it is.
    pub path: PathBuf,
    /// Sample of its read groups (`@RG SM`); `None` when it has none.
    pub sample: Option<String>,
    /// Name and length (bp) of its contigs, in its order.
    pub contigs: Vec<(String, u32)>,
}

/// A sketch that was made of a member before.
#[derive(Clone, Debug)]
pub struct CaseSketch {
    /// Whose.
    pub member: MemberId,
    /// Where it is.
    pub path: PathBuf,
    /// What it holds.
    pub sketch: Sketch,
}

/// The opened inputs of a case.
#[derive(Debug)]
pub struct Inputs {
    /// Assembly.
    pub assembly: Assembly,
    /// Contigs of all files.
    pub contigs: ContigTable,
    /// Reference sequence.
    pub reference: Option<Arc<Fasta>>,
    /// Target regions, a file that exists.
    pub regions: Option<PathBuf>,
    /// Gene model, when the case has one and any alignment or structural variants.
    pub genes: Option<Arc<GeneModel>>,
    /// Panels.
    pub panels: PanelSet,
    /// Domain 1 genes.
    pub domain1: Option<Panel>,
    /// Domain 2 genes.
    pub domain2: Option<Panel>,
    /// Panel of additional findings.
    pub additional: Option<Panel>,
    /// Panel of recessive genes for carrier status.
    pub carrier: Option<Panel>,
    /// Panels of germline findings of a tumour's patient: of this disease, and the wider ones.
    pub germline: [Vec<Panel>; 2],
    /// Alignments, in the order of members.
    pub alignments: Vec<CaseAlignment>,
    /// Variant files: the joint ones in the order of the case, then those of members.
    pub variants: Vec<CaseVariants>,
    /// Copy-number and structural variants, the joint files first.
    pub structural: Vec<CaseCalls>,
    /// Short tandem repeats, the joint files first.
    pub repeats: Vec<CaseCalls>,
    /// Sketches, in the order of members.
    pub sketches: Vec<CaseSketch>,
    /// Sites for identity checks; `None` for the built-in list of the build.
    pub sites: Option<Arc<SiteList>>,
    /// For each population of the policy whether any variant file can tell its frequency.
    pub assessed: Vec<bool>,
    /// Stores of frequencies and ClinVar.
    pub sources: Sources,
    /// What a tumour's variants are held against.
    pub tumour: tumour::TumourInputs,
    /// For the biomarkers of a tumour.
    pub biomarkers: BiomarkerFiles,
    /// What the reader of results should know.
    pub notices: Vec<Notice>,
    /// Digests of the small inputs.
    pub digests: Vec<Digest>,
}

impl Inputs {
    /// Names of the stores of frequencies, by their number: `gnomad_exomes 4.1`.
    pub fn store_names(&self) -> Vec<String> {
        let name = |store: &Arc<Store>| {
            let meta = store.meta();
            format!("{} {}", meta.dataset, meta.version)
        };
        self.sources.stores.iter().map(name).collect()
    }
}

/// Opens and checks everything.
///
/// # Errors
///
/// All faults of all inputs.
pub fn open(case: &Case, policy: &Policy, options: &Options) -> Result<Inputs, Problems> {
    let mut problems = Problems::default();
    let small = load::small(case, &mut problems);
    let mut contigs = contigs::Contigs::new(case.assembly);
    let reference = reference(case, &mut contigs, &mut problems);
    let (mut notices, mut digests) = (small.notices, small.digests);
    checksums(case, options, &mut notices, &mut problems);
    problems.collect(rules_for_findings(case, policy));
    problems.collect(case.regions.as_deref().map_or(Ok(()), crate::io::text::check_file));
    let alignments = alignments::open(case, &mut contigs, &mut notices, &mut problems);
    let opened = variants::open(case, &mut contigs, &mut notices, &mut problems);
    let (sv, str) = ("copy-number and structural variants", "short tandem repeats");
    let found = (case, case.structural_variants.as_slice());
    let structural = structural::open(found, sv, &mut contigs, &mut notices, &mut problems);
    let found = (case, case.repeats.as_slice());
    let repeats = structural::open(found, str, &mut contigs, &mut notices, &mut problems);
    check_repeats(&repeats, &mut problems);
    let sketches = sketches::open(case, &mut problems);
    let sites = sketches::sites(case, options, &contigs.table, &mut notices, &mut problems);
    notices.extend(contigs.notices());
    let reference = reference.map(|reference| reference.with_contigs(&contigs.table));
    if let Some(reference) = &reference {
        verify_sums(reference, &contigs, options.verify_m5, &mut problems);
    }
    let sources = stores::open(case, policy, &mut problems);
    let tumour = tumour::open(case, &contigs.table, &mut notices, &mut problems);
    let wanted =
        variants::Wanted { case, policy, options, contigs: &contigs.table, sources: &sources };
    let variants = variants::lay_out(opened, &wanted, &mut notices, &mut problems);
    let (assessed, more) = variants::assessed(&variants, policy, options, &mut problems);
    notices.extend(more);
    notices.extend(variants::not_scored(&variants, policy));
    notices.extend(unsequenced(case));
    let biomarkers = biomarkers::open(case, &contigs.table, &mut digests, &mut problems);
    problems.into_result()?;
    Ok(Inputs {
        assembly: case.assembly,
        contigs: contigs.table,
        reference,
        regions: case.regions.clone(),
        genes: small.genes,
        panels: small.panels,
        domain1: small.domain1,
        domain2: small.domain2,
        additional: small.additional,
        carrier: small.carrier,
        germline: small.germline,
        alignments,
        variants,
        structural,
        repeats,
        sketches,
        sites,
        assessed,
        sources,
        tumour,
        biomarkers,
        notices,
        digests,
    })
}

/// What was passed over in the referral is told, and the MD5 sums that it states are compared with the files, each
/// of which is read whole.
fn checksums(case: &Case, options: &Options, notices: &mut Vec<Notice>, problems: &mut Problems) {
    notices.extend(case.referred.notices.iter().cloned());
    let files = case.files();
    // Not those of members who were left out: nothing of them is read.
    let is_read = |(path, _): &&(PathBuf, String)| files.contains(&path.as_path());
    let stated: Vec<&(PathBuf, String)> = case.referred.checksums.iter().filter(is_read).collect();
    if options.skip_checksums && !stated.is_empty() {
        let text = "MD5 sums that the referral states were not compared with the files";
        notices.push(Notice::many(NoticeKind::NotAssessed, stated.len() as u64, text));
        return;
    }
    for (path, sum) in stated {
        let Some(found) = problems.collect(crate::io::digest::md5_of_file(path)) else { continue };
        if found != *sum {
            let problem = Problem::bad_data("the MD5 sum is not the one that the referral states");
            let help = "was the file exchanged or cut off on its way? Fetch it again, or have the referral corrected";
            problems.0.push(problem.in_file(shown(path)).help(help));
        }
    }
}

fn unsequenced(case: &Case) -> Option<Notice> {
    let n = case.family.iter().filter(|(_, member)| member.sample.is_none()).count() as u64;
    let text = "members without a sample stand in the pedigree with their disease status only";
    (n > 0).then(|| Notice::many(NoticeKind::NotSequenced, n, text))
}

/// Refuses calls of repeats that nobody here can read.
fn check_repeats(repeats: &[CaseCalls], problems: &mut Problems) {
    for calls in repeats {
        let known = crate::io::repeats::check(calls.file.header());
        problems.collect(known.map_err(|problem| problem.in_file(shown(&calls.path))));
    }
}

/// A case that asks for findings beside its question needs a policy that has rules for them.
fn rules_for_findings(case: &Case, policy: &Policy) -> Result<(), Problem> {
    let asked = case.additional_findings.is_some() || case.carrier.is_some();
    if asked && policy.additional.is_none() {
        let message =
            format!("policy {} has no rules for additional findings and carrier status", policy.id);
        let help = "leave `additional_findings` and `carrier` out, or base the policy on gms-rd or 100k-rd";
        return Err(Problem::usage(message).help(help));
    }
    Ok(())
}

fn reference(
    case: &Case,
    contigs: &mut contigs::Contigs,
    problems: &mut Problems,
) -> Option<Arc<Fasta>> {
    let path = case.reference.as_deref()?;
    let fasta = problems.collect(Fasta::open(path))?;
    let stated: Vec<contigs::Stated<'_>> = fasta
        .sequences()
        .iter()
        .map(|s| contigs::Stated { name: &s.name, length: Some(s.length), md5: None })
        .collect();
    contigs.add(&path.display().to_string(), &stated, problems);
    Some(fasta)
}

/// Compares the sums that files state with the reference's sequence. METHOD: M5 is the MD5 of the upper-case sequence
/// without line ends (SAM specification v1.6, section 1.3.2).
fn verify_sums(
    reference: &Arc<Fasta>,
    contigs: &contigs::Contigs,
    all: bool,
    problems: &mut Problems,
) {
    use md5::{Digest as _, Md5};
    let mut reader = reference.reader();
    for (id, stated, file) in contigs.sums() {
        let Some(length) = reader.length(id).filter(|length| all || *length <= M5_BP) else {
            continue;
        };
        let mut sum = Md5::new();
        for start in (0..length).step_by(M5_BP as usize) {
            match reader.fetch(id, start, length.min(start + M5_BP)) {
                Ok(bases) => sum.update(bases),
                Err(problem) => return problems.0.push(problem),
            }
        }
        let found = crate::io::digest::hex(&sum.finalize());
        if found != stated {
            let name = contigs.table.name(id);
            let message =
                format!("contig {name}: M5 {stated}, but the reference's sequence has {found}");
            let help = "give the reference that the file was made with";
            problems.0.push(Problem::bad_data(message).in_file(file).help(help));
        }
    }
}

/// A file for messages.
fn shown(path: &Path) -> String {
    path.display().to_string()
}
