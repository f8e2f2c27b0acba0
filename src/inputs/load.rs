//! Reads the small inputs of a case: the document itself, the policy, panels and gene lists.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::case::{Case, PanelChoice, PolicyChoice};
use crate::io::{cancer_genes, gene_model, panels, text};
use crate::model::gene_model::GeneModel;
use crate::model::notice::{Notice, NoticeKind};
use crate::model::panel::{Panel, PanelSet};
use crate::model::problem::{Problem, Problems};
use crate::policy::Purpose;
use crate::policy::layers::{Layers, Resolved, resolve};

/// Digest of a small input.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Digest {
    /// What it is to the case: `case`, `policy`, `panel`, `genes`, `domain1`, `domain2`.
    pub what: String,
    /// The file as the case names it.
    pub file: String,
    /// SHA-256 of its bytes, lower-case hex.
    pub sha256: String,
}

/// The policy a case asks for, with `--set` on top.
///
/// # Errors
///
/// An unknown preset, a missing file, an unknown key or a wrong value, or a policy for another sort of case.
pub fn policy(case: &Case, set: &[String]) -> Result<Resolved, Problem> {
    let default = case.kind.default_preset();
    let resolved = match &case.policy {
        None => resolve(Layers { preset: default, file: None, set }),
        Some(PolicyChoice::Preset(preset)) => resolve(Layers { preset, file: None, set }),
        Some(PolicyChoice::File(path)) => {
            let small = text::read(path)?;
            let name = path.display().to_string();
            resolve(Layers { preset: default, file: Some((&name, &small.text)), set })
        }
    }?;
    // A policy of the other sort looks for members that the case does not have, and would report nothing.
    let wanted = if case.kind.is_cancer() { Purpose::Somatic } else { Purpose::Germline };
    if resolved.policy.purpose != wanted {
        let word = if wanted == Purpose::Somatic { "inherited disease" } else { "tumours" };
        let message = format!(
            "policy {} is for {word}, the case is a {}",
            resolved.policy.id,
            case.kind.word()
        );
        return Err(
            Problem::usage(message).help(format!("leave `policy` out, or base it on {default}"))
        );
    }
    Ok(resolved)
}

/// The small inputs, read.
#[derive(Debug, Default)]
pub(super) struct Small {
    pub(super) genes: Option<Arc<GeneModel>>,
    pub(super) panels: PanelSet,
    pub(super) domain1: Option<Panel>,
    pub(super) domain2: Option<Panel>,
    pub(super) additional: Option<Panel>,
    pub(super) carrier: Option<Panel>,
    pub(super) germline: [Vec<Panel>; 2],
    pub(super) digests: Vec<Digest>,
    pub(super) notices: Vec<Notice>,
}

impl Small {
    fn digest(&mut self, what: &str, path: &Path, sha256: &str) {
        let (what, sha256) = (what.to_owned(), sha256.to_owned());
        self.digests.push(Digest { what, file: path.display().to_string(), sha256 });
    }

    /// A file that was read before, or will be read by its own reader: only its digest is wanted here.
    fn sum(&mut self, what: &str, path: &Path, problems: &mut Problems) {
        if let Some(text) = problems.collect(text::read(path)) {
            self.digest(what, path, &text.sha256);
        }
    }

    /// All panels that are named, and how many were given before.
    fn panels(
        &mut self,
        what: &str,
        choices: &[PanelChoice],
        problems: &mut Problems,
    ) -> (Vec<Panel>, u64) {
        let mut known = BTreeSet::new();
        let (mut all, mut twice) = (Vec::new(), 0);
        let mut files: Vec<panels::Choice> = Vec::new();
        for choice in choices {
            match panels::expand(&choice.path, choice.only.as_deref()) {
                Ok(found) => {
                    if found.iter().any(|(path, _)| *path != choice.path) {
                        self.sum("map of R-codes", &choice.path, problems);
                    }
                    files.extend(found);
                }
                Err(more) => problems.0.extend(more.0),
            }
        }
        for (path, only) in &files {
            let found = match panels::read(path, only.as_deref()) {
                Ok(found) => found,
                Err(more) => {
                    problems.0.extend(more.0);
                    continue;
                }
            };
            if let Some(first) = found.first() {
                self.digest(what, path, &first.sha256);
            }
            for panel in found {
                if known.insert((panel.id.clone(), panel.version.clone(), panel.sha256.clone())) {
                    all.push(panel);
                } else {
                    twice += 1;
                }
            }
        }
        (all, twice)
    }

    /// The gene model; only reads and structural variants are looked at through it.
    fn gene_model(&mut self, case: &Case, problems: &mut Problems) -> Option<Arc<GeneModel>> {
        let path = case.genes.as_ref()?;
        let unread = case.family.iter().all(|(_, member)| member.alignment.is_none());
        if unread && case.structural_variants.is_empty() {
            problems.collect(text::check_file(path));
            return None;
        }
        match gene_model::read(path) {
            Ok(model) => {
                self.digest("genes", path, &model.sha256);
                Some(Arc::new(model))
            }
            Err(more) => {
                problems.0.extend(more.0);
                None
            }
        }
    }

    fn gene_list(
        &mut self,
        what: &str,
        path: Option<&Path>,
        problems: &mut Problems,
    ) -> Option<Panel> {
        self.one_panel(what, path?, None, problems)
    }

    /// The built-in list of cancer genes as that of domain 2.
    fn default_domain2(&mut self, problems: &mut Problems) -> Option<Notice> {
        match cancer_genes::drivers() {
            Ok(list) => {
                let text = format!(
                    "domain 2: {}, release {}, since the case names no list (domain2 = \"none\" leaves it out)",
                    list.name, list.version
                );
                self.domain2 = Some(list);
                Some(Notice::one(NoticeKind::Panel, text))
            }
            Err(more) => {
                problems.0.extend(more.0);
                None
            }
        }
    }

    /// The one panel of a file, or the one that is named of several.
    fn one_panel(
        &mut self,
        what: &str,
        path: &Path,
        only: Option<&str>,
        problems: &mut Problems,
    ) -> Option<Panel> {
        match panels::read(path, only) {
            Ok(mut found) if found.len() == 1 => {
                let panel = found.pop()?;
                self.digest(what, path, &panel.sha256);
                Some(panel)
            }
            Ok(_) => {
                let problem = Problem::bad_data(format!("{what} takes one panel or gene list"));
                problems.0.push(problem.in_file(path.display()));
                None
            }
            Err(more) => {
                problems.0.extend(more.0);
                None
            }
        }
    }
}

/// Reads panels and gene lists. The same panel given twice is read once.
pub(super) fn small(case: &Case, problems: &mut Problems) -> Small {
    let mut small = Small::default();
    if let Some(path) = &case.source {
        small.sum("case", path, problems);
    }
    for (what, path) in &case.referred.documents {
        small.sum(what, path, problems);
    }
    if let Some(PolicyChoice::File(path)) = &case.policy {
        small.sum("policy", path, problems);
    }
    small.genes = small.gene_model(case, problems);
    let (panels, mut twice) = small.panels("panel", &case.panels, problems);
    small.domain1 = small.gene_list("domain1", case.domain1.as_deref(), problems);
    small.domain2 = small.gene_list("domain2", case.domain2.as_deref(), problems);
    let default_list = case.domain2.is_none() && !case.tumour.no_default_list;
    let default_notice =
        (case.kind.is_cancer() && default_list).then(|| small.default_domain2(problems)).flatten();
    let choice = |choice: &Option<PanelChoice>| choice.clone();
    if let Some(PanelChoice { path, only }) = choice(&case.additional_findings) {
        small.additional = small.one_panel("additional findings", &path, only.as_deref(), problems);
    }
    if let Some(PanelChoice { path, only }) = choice(&case.carrier) {
        small.carrier = small.one_panel("carrier", &path, only.as_deref(), problems);
    }
    let tumour = &case.tumour;
    let named = [
        ("germline panel", &tumour.germline_panels),
        ("wider germline panel", &tumour.germline_panels_wider),
    ];
    small.germline = named.map(|(what, choices)| {
        let (found, more) = small.panels(what, choices, problems);
        twice += more;
        found
    });
    let told: Vec<Panel> = panels.iter().chain(small.germline.iter().flatten()).cloned().collect();
    small.notices = notices(case, &told, twice);
    small.notices.extend(default_notice);
    small.panels = PanelSet::new(panels);
    small
}

fn notices(case: &Case, panels: &[Panel], twice: u64) -> Vec<Notice> {
    let mut notices = Vec::new();
    if twice > 0 {
        let text = "panels were given more than once and read once";
        notices.push(Notice::many(NoticeKind::Duplicate, twice, text));
    }
    if case.panels.is_empty() && !case.kind.is_cancer() {
        let text = "the case has no panel: nothing can be tier 1 or 2";
        notices.push(Notice::one(NoticeKind::NoPanel, text));
    }
    for panel in panels {
        let whole = format!("panel {} {} version {}", panel.id, panel.name, panel.version);
        let green = panel.genes.iter().filter(|gene| gene.is_green()).count();
        if green == 0 {
            notices.push(Notice::one(NoticeKind::Panel, format!("{whole} has no green gene")));
        }
        if panel.source == "PanelApp" && !panel.signed_off {
            let text = format!("{whole} is not marked as signed off for the GMS");
            notices.push(Notice::one(NoticeKind::Panel, text));
        }
        let strange = panel.genes.iter().filter(|g| g.is_green() && g.has_strange_mode()).count();
        if strange > 0 {
            let text = format!(
                "{whole}: green genes have a mode of inheritance that is none of PanelApp's: as for an unknown one, every mode fits them"
            );
            notices.push(Notice::many(NoticeKind::Panel, strange as u64, text));
        }
        let without = panel.genes.iter().filter(|g| g.is_green() && g.ensembl.is_empty()).count();
        if panel.source == "PanelApp" && without > 0 {
            let text = format!(
                "{whole}: green genes without an Ensembl id are matched by HGNC id or symbol"
            );
            notices.push(Notice::many(NoticeKind::Panel, without as u64, text));
        }
    }
    notices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_for_the_other_sort_of_case_is_refused() {
        let assembly = crate::model::contig::Assembly::GRCh38;
        let mut case = Case::of_file(assembly, Path::new("a.vcf"), &[], None);
        assert!(policy(&case, &[]).is_ok());
        case.policy = Some(PolicyChoice::Preset("gms-cancer".into()));
        let problem = policy(&case, &[]).unwrap_err();
        assert_eq!(problem.kind.exit_code(), 2);
        assert!(problem.message.contains("gms-cancer is for tumours"), "{problem}");
    }
}
