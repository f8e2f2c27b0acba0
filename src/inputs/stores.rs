//! The case's stores of frequencies and of ClinVar: they are of the case's build, and the policy reads them.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::shown;
use crate::case::Case;
use crate::io::store::{Kind, Store};
use crate::io::variants::{Sources, StoreBuild, StoreRules};
use crate::model::problem::{Problem, Problems, nearest};
use crate::policy::{FailedSites, Policy};

/// How fields of the policy begin that stores answer.
const PREFIX: &str = "STORE/";

/// Opens the stores that the case names.
pub(super) fn open(case: &Case, policy: &Policy, problems: &mut Problems) -> Sources {
    let mut sources = Sources { rules: rules(policy), ..Sources::default() };
    let named = datasets(policy);
    for path in &case.frequencies {
        let opened = Store::open(path).map_err(|problem| not_a_store(problem, path));
        let Some(store) = problems.collect(opened) else { continue };
        let fault = wrong_kind(&store, Kind::Frequencies)
            .or_else(|| wrong_build(&store, case))
            .or_else(|| not_read(&store, &named))
            .or_else(|| twice(&store, &sources.stores));
        match fault {
            Some(problem) => problems.0.push(problem.in_file(shown(path))),
            None => sources.stores.push(store),
        }
    }
    if let Some(path) = &case.clinvar {
        let opened = if Store::is_store(path) {
            Store::open(path)
        } else {
            StoreBuild::clinvar(case.assembly).in_memory(path)
        };
        if let Some(store) = problems.collect(opened) {
            match wrong_kind(&store, Kind::Clinvar).or_else(|| wrong_build(&store, case)) {
                Some(problem) => problems.0.push(problem.in_file(shown(path))),
                None => sources.clinvar = Some(store),
            }
        }
    }
    sources
}

fn rules(policy: &Policy) -> StoreRules {
    let populations = policy.frequency.populations();
    StoreRules {
        use_failed: policy.frequency.failed_sites.value == FailedSites::Use,
        agreement: policy.frequency.agreement.value,
        limits: populations
            .iter()
            .map(|own| own.population.limits.values().copied().collect())
            .collect(),
        conflict: policy.known.as_ref().and_then(|known| {
            let rule = known.conflict.as_ref()?;
            Some((rule.min_pathogenic.value as u32, rule.max_benign.value as u32))
        }),
    }
}

/// Datasets that the policy reads from stores.
fn datasets(policy: &Policy) -> BTreeSet<String> {
    let populations = policy.frequency.populations();
    let fields = populations.iter().flat_map(|population| &population.fields);
    fields
        .filter_map(|field| Some(field.strip_prefix(PREFIX)?.split_once('/')?.0.to_owned()))
        .collect()
}

fn not_a_store(problem: Problem, path: &Path) -> Problem {
    if problem.message == "is no store" {
        let help = format!(
            "a VCF becomes a store once: tierline frequencies build {} -o NAME.tlf",
            path.display()
        );
        return problem.help(help);
    }
    problem
}

fn wrong_kind(store: &Store, wanted: Kind) -> Option<Problem> {
    let found = store.meta().kind;
    (found != wanted).then(|| {
        Problem::bad_data(format!("holds {}, not {}", found.word(), wanted.word()))
            .help("`frequencies` takes stores of frequencies, `clinvar` ClinVar's VCF or its store")
    })
}

fn wrong_build(store: &Store, case: &Case) -> Option<Problem> {
    let found = store.meta().assembly;
    (found != case.assembly).then(|| {
        Problem::bad_data(format!("of {found}; the case says {}", case.assembly))
            .help("give the store of the case's build, or correct `assembly`")
    })
}

fn not_read(store: &Store, named: &BTreeSet<String>) -> Option<Problem> {
    let dataset = &store.meta().dataset;
    (!named.contains(dataset)).then(|| {
        let known: Vec<&str> = named.iter().map(String::as_str).collect();
        let help = match nearest(dataset, known.iter().copied()) {
            Some(near) => format!("did you mean {near}? Build it with --dataset {near}"),
            None => format!(
                "the policy reads {}; build with --dataset, or name STORE/{dataset}/POPULATION in a dataset's fields",
                known.join(", ")
            ),
        };
        Problem::bad_data(format!("the policy reads no store of dataset {dataset}")).help(help)
    })
}

/// Two stores of one dataset may share it by contigs only.
fn twice(store: &Store, known: &[Arc<Store>]) -> Option<Problem> {
    let contigs = |store: &Store| -> BTreeSet<String> {
        let bare = |name: &str| name.strip_prefix("chr").unwrap_or(name).to_owned();
        store.meta().contigs.iter().map(|contig| bare(&contig.name)).collect()
    };
    let own = contigs(store);
    let same = known.iter().filter(|other| other.meta().dataset == store.meta().dataset);
    let shared = same.flat_map(|other| contigs(other)).find(|name| own.contains(name))?;
    let message = format!("a second store of {} for contig {shared}", store.meta().dataset);
    Some(Problem::bad_data(message).help("give each dataset once, or in parts by contig"))
}
