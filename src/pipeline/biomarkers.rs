//! Biomarkers of a tumour: brings together the somatic variants, the reference, our own depth, the reads at microsatellites
//! and the germline calls of the same person.

use std::collections::BTreeSet;

use crate::case::Case;
use crate::case::consent::{self, Analysis};
use crate::evidence::microsatellites::SpanLimits;
use crate::exec::microsatellites::lengths;
use crate::exec::stream::collect_calls;
use crate::inputs::Inputs;
use crate::io::fasta::Fasta;
use crate::io::read_regions::ReadRegions;
use crate::io::variants::Sites;
use crate::model::biomarkers::Assessed;
use crate::model::biomarkers::instability::ReadInstability;
use crate::model::biomarkers::shape::Purity;
use crate::model::contig::ContigClass;
use crate::model::coord::Pos1;
use crate::model::gene_coverage::LEVELS;
use crate::model::microsatellite::{Lengths, Microsatellite};
use crate::model::problem::Problem;
use crate::model::qc::{SampleQc, TumourContent};
use crate::model::regions::RegionSet;
use crate::model::results::CaseResults;
use crate::model::sample::{MemberId, Role};
use crate::model::somatic_call::SomaticCalls;
use crate::model::variant::Variant;
use crate::policy::biomarkers::{InstabilityReads, SignaturePolicy};
use crate::policy::layers::Resolved;
use crate::tier::biomarkers::refit::{Refit, RefitRules, SignatureSet};
use crate::tier::biomarkers::repeats::{self, Observed};
use crate::tier::biomarkers::{Beside, Callable, Material, measure, purity};
use crate::tier::{TierContext, altered_copies};

use super::Options;
use super::variants::{Found, germline_files};

/// Seed of all resamples of signatures: the same case gives the same intervals.
pub const SEED: u64 = 1;

/// Adds the biomarkers of a tumour to the results of its case. Nothing is added when the policy asks for none, nothing was
/// collected, or identity checks stopped the case.
///
/// # Errors
///
/// A damaged reference, alignment or variant file.
pub(super) fn add(
    results: &mut CaseResults,
    (case, policy): (&Case, &Resolved),
    (inputs, options): (&Inputs, &Options),
    (found, quality, tumour_cells): (&Found, &[(MemberId, SampleQc)], Assessed<Purity>),
) -> Result<(), Problem> {
    let stopped = results.identity.as_ref().is_some_and(|identity| identity.stopped);
    let rules = policy.policy.biomarkers.as_ref().filter(|_| !stopped);
    let (Some(rules), Some(somatic)) = (rules, &found.somatic) else { return Ok(()) };
    let threads = options.threads;
    let mut material = Material {
        calls: &somatic.calls,
        duplicates: somatic.duplicates,
        contigs: &inputs.contigs,
        reader: inputs.reference.as_ref().map(Fasta::reader),
        callable: callable(case, inputs, quality, rules.burden.callable_depth.value),
        targets: inputs.biomarkers.targets.as_ref(),
        germline: germline(case, inputs, &somatic.calls, threads)?,
        refit: inputs.biomarkers.signatures.clone().map(|table| {
            Refit::new(SignatureSet::from(table), refit_rules(&rules.signatures, SEED))
        }),
        purity: tumour_cells,
        reads: if options.read_evidence {
            reads(case, inputs, &rules.instability.reads, threads)?
        } else {
            Assessed::not("reads were not asked for")
        },
        rules,
    };
    let measured = measure(&mut material)?;
    log::info!("biomarkers measured from {} somatic variants", measured.calls.variants);
    results.biomarkers = Some(measured);
    Ok(())
}

/// Share of tumour cells; the tumour's figures get it, with the shares of reads of all somatic variants, for its verdict. Not
/// assessed for inherited disease.
///
/// # Errors
///
/// A damaged reference.
pub(super) fn content(
    case: &Case,
    policy: &Resolved,
    (inputs, found, others): (&Inputs, &Found, &super::structural::Found),
    quality: &mut [(MemberId, SampleQc)],
) -> Result<Assessed<Purity>, Problem> {
    let policy = &policy.policy;
    let (Some(rules), Some(somatic)) = (&policy.biomarkers, &found.somatic) else {
        return Ok(Assessed::not("the case has no somatic calls"));
    };
    let lists = super::domain_lists(inputs);
    let context = TierContext::new(super::tier_case(case, inputs, &lists), policy)?;
    let altered = altered_copies(&others.calls(inputs), &context);
    let mut beside = Beside {
        reader: inputs.reference.as_ref().map(Fasta::reader),
        altered: altered.as_ref(),
        stated: case.biomarkers.purity.map(|share| f64::from(share) / 10_000.0),
    };
    let found = purity(&somatic.calls, &mut beside, &rules.purity)?;
    let mut shares = vec![0; 1_001];
    for share in somatic.calls.iter().filter_map(|call| call.tumour.vaf()) {
        // Shares are ratios of small counts: what differs from a bound by less than this is rounding.
        shares[((share * 1_000.0 + 1e-6) as usize).min(1_000)] += 1;
    }
    let tumour = member(case, Role::Tumour);
    for (_, qc) in quality.iter_mut().filter(|(id, _)| Some(*id) == tumour) {
        let purity = found.measured().map(|found| found.purity);
        qc.tumour = Some(TumourContent { purity, shares: shares.clone() });
    }
    Ok(found)
}

/// The policy's rules of a fit.
pub fn refit_rules(rules: &SignaturePolicy, seed: u64) -> RefitRules {
    RefitRules {
        min_mutations: rules.min_mutations.value as u64,
        min_share: rules.min_share.value,
        bootstraps: rules.bootstraps.value as u32,
        seed,
    }
}

/// The member of a role, when the samples may be analysed.
fn member(case: &Case, role: Role) -> Option<MemberId> {
    let (id, found) = case.family.iter().find(|(_, member)| member.role == role)?;
    (consent::decide(id, found).analysis == Analysis::Allowed).then_some(id)
}

/// Bases that both samples cover.
// METHOD: depth is known by sample, not by base of both: the smaller of the two numbers is an upper bound of the bases that
// both cover, and is told as that.
fn callable(
    case: &Case,
    inputs: &Inputs,
    quality: &[(MemberId, SampleQc)],
    depth: f64,
) -> Callable {
    let of = |role: Role| {
        let id = member(case, role)?;
        quality.iter().find(|(of, _)| *of == id).map(|(_, qc)| qc)
    };
    let samples: Vec<Option<&SampleQc>> = if case.kind == crate::case::CaseKind::TumourNormal {
        vec![of(Role::Tumour), of(Role::Normal)]
    } else {
        vec![of(Role::Tumour)]
    };
    let least = |bases: &dyn Fn(&SampleQc) -> Option<u64>| {
        samples.iter().map(|qc| bases((*qc)?)).collect::<Option<Vec<u64>>>()?.into_iter().min()
    };
    let genome = |qc: &SampleQc| {
        let counted = qc.depth.as_ref()?.contigs.iter().filter(|contig| {
            let class = inputs.contigs.resolve(&contig.name).map(|id| inputs.contigs.class(id));
            class.is_some_and(|class| {
                matches!(class, ContigClass::Autosome(_) | ContigClass::X | ContigClass::Y)
            })
        });
        let covered = counted.flat_map(|contig| contig.histogram.iter());
        Some(covered.filter(|(d, _)| f64::from(*d) >= depth).map(|(_, bases)| bases).sum())
    };
    let genes = |qc: &SampleQc| {
        let level = LEVELS.iter().position(|&level| f64::from(level) >= depth)?;
        Some(qc.genes.as_ref()?.whole.stats.at_least[level])
    };
    let of_genes = samples.iter().flatten().find_map(|qc| qc.genes.as_ref());
    let spans = of_genes
        .into_iter()
        .flat_map(|genes| &genes.genes)
        .filter_map(|gene| inputs.contigs.resolve(&gene.contig).map(|contig| (contig, gene.span)));
    Callable { genome_bp: least(&genome), genes_bp: least(&genes), genes: RegionSet::new(spans) }
}

/// Whether the germline calls of the normal sample have each somatic variant.
fn germline(
    case: &Case,
    inputs: &Inputs,
    calls: &SomaticCalls,
    threads: usize,
) -> Result<Option<Vec<bool>>, Problem> {
    let Some((normal, files)) = germline_files(case, inputs) else { return Ok(None) };
    if files.is_empty() {
        return Ok(None);
    }
    let text = |bases: &[u8]| String::from_utf8_lossy(bases).into_owned();
    let sites: Vec<Variant> = calls
        .iter()
        .map(|call| Variant {
            contig: call.contig,
            position: Pos1(call.position),
            reference: text(call.reference),
            alternate: text(call.alternate),
        })
        .collect();
    let mut found = vec![false; sites.len()];
    for file in files {
        let (reference, known) = (inputs.reference.as_ref(), Sites::new(&sites));
        for (site, id, call) in collect_calls(&file.file, &file.layout, &known, reference, threads)?
        {
            found[site] |= id == normal && call.genotype.dosage().carries();
        }
    }
    Ok(Some(found))
}

/// Microsatellites in the reads of tumour and normal.
fn reads(
    case: &Case,
    inputs: &Inputs,
    rules: &InstabilityReads,
    threads: usize,
) -> Result<Assessed<ReadInstability>, Problem> {
    let alignment = |role: Role| {
        let id = member(case, role)?;
        inputs.alignments.iter().find(|alignment| alignment.member == id)
    };
    let (Some(tumour), Some(normal)) = (alignment(Role::Tumour), alignment(Role::Normal)) else {
        return Ok(Assessed::not("it takes alignments of tumour and normal"));
    };
    let (sites, from) = match sites(inputs, rules)? {
        Ok(found) => found,
        Err(reason) => return Ok(Assessed::not(reason)),
    };
    let limits = SpanLimits {
        flank_bp: rules.flank_bp.value as u32,
        min_mapping_quality: rules.min_mapping_quality.value as u8,
    };
    let of = |path: &std::path::Path| -> Result<Vec<Lengths>, Problem> {
        let regions = ReadRegions::open(path, case.reference.as_deref())?;
        lengths(&regions, &inputs.contigs, &sites, (limits, threads))
    };
    let (tumour, normal) = (of(&tumour.path)?, of(&normal.path)?);
    let observed: Vec<Observed> = sites
        .iter()
        .zip(tumour.into_iter().zip(normal))
        .map(|(site, (tumour, normal))| Observed { site: site.clone(), tumour, normal })
        .collect();
    log::info!("{} microsatellites looked at in the reads of tumour and normal", observed.len());
    Ok(Assessed::Measured(repeats::instability(&observed, from, &inputs.contigs, rules)))
}

/// The sites to look at and where they come from, or why there are none.
type ChosenSites = Result<(Vec<Microsatellite>, String), String>;

fn sites(inputs: &Inputs, rules: &InstabilityReads) -> Result<ChosenSites, Problem> {
    if let Some(listed) = &inputs.biomarkers.microsatellites {
        return Ok(Ok((listed.clone(), "the case's list".to_owned())));
    }
    let Some(reference) = &inputs.reference else {
        return Ok(Err(
            "it takes a list of microsatellites, or a reference with target regions".into()
        ));
    };
    if inputs.biomarkers.regions.is_empty() {
        let reason = "the case gives no list of microsatellites (`microsatellites` in [case]) and no target regions";
        return Ok(Err(reason.into()));
    }
    let mut reader = reference.reader();
    let mut found = BTreeSet::new();
    for &(contig, span) in &inputs.biomarkers.regions {
        found.extend(repeats::find(&mut reader, contig, span, rules)?);
    }
    let most = rules.max_sites.value as usize;
    let every = found.len().div_ceil(most.max(1)).max(1);
    let from = if every == 1 {
        "the reference within the target regions".to_owned()
    } else {
        format!("every {every}th of the reference within the target regions")
    };
    Ok(Ok((found.into_iter().step_by(every).collect(), from)))
}
