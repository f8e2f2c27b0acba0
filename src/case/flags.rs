//! A case from command-line flags: a pedigree file or two sample names, and everything else by flag.

use std::path::{Path, PathBuf};

use super::{
    BiomarkerInputs, Case, CaseForm, CaseKind, Draft, DraftMember, PanelChoice, PenetranceRequest,
    Referred, TumourFiles, document, ped,
};
use crate::model::contig::Assembly;
use crate::model::problem::{Problem, Problems};
use crate::model::sample::{Consent, ConsentAnswer, ConsentSource, Role};

/// Who the case is about, by flags.
#[derive(Clone, Debug)]
pub enum People {
    /// A pedigree file: its name and its text.
    Pedigree {
        /// Name, for problems.
        file: String,
        /// Content.
        text: String,
        /// `--family`.
        family: Option<String>,
        /// `--proband`.
        proband: Option<String>,
    },
    /// One sample alone.
    Singleton(String),
    /// `--tumour` and, if there is one, `--normal`.
    Tumour {
        /// Tumour sample.
        tumour: String,
        /// Normal sample.
        normal: Option<String>,
    },
}

/// A case as flags give it.
#[derive(Clone, Debug)]
pub struct Flags {
    /// `--id`; by default `case`.
    pub id: Option<String>,
    /// Who.
    pub people: People,
    /// Samples that have data, when known (those of the VCF header); pedigree members outside are not sequenced.
    pub sequenced: Option<Vec<String>>,
    /// `--assembly`.
    pub assembly: Assembly,
    /// `--policy`: a preset or a file.
    pub policy: Option<String>,
    /// `--penetrance`.
    pub penetrance: PenetranceRequest,
    /// `--reference`.
    pub reference: Option<PathBuf>,
    /// `--by`: target regions.
    pub regions: Option<PathBuf>,
    /// `--genes`: gene model.
    pub genes: Option<PathBuf>,
    /// `--panel`, each `FILE` or `FILE#ID`.
    pub panels: Vec<String>,
    /// Joint variant files.
    pub variants: Vec<PathBuf>,
    /// Joint files of copy-number and structural variants.
    pub structural_variants: Vec<PathBuf>,
    /// Joint files of short tandem repeats.
    pub repeats: Vec<PathBuf>,
    /// `--bam SAMPLE=FILE`.
    pub alignments: Vec<(String, PathBuf)>,
    /// `--domain1`.
    pub domain1: Option<PathBuf>,
    /// `--domain2`.
    pub domain2: Option<PathBuf>,
    /// `--frequencies`: stores.
    pub frequencies: Vec<PathBuf>,
    /// `--clinvar`.
    pub clinvar: Option<PathBuf>,
    /// `--hpo`.
    pub hpo: Vec<String>,
    /// `--consent WORD`, for all members: primary, secondary, carrier, pharmacogenomics, germline.
    pub consent: Vec<String>,
    /// Ids of participants who have withdrawn.
    pub withdrawn: Vec<String>,
    /// `--leave-out`.
    pub leave_out: bool,
}

/// Makes the case.
///
/// # Errors
///
/// All faults of the pedigree, the flags and the case as a whole.
#[expect(clippy::too_many_lines, reason = "one line a field of the draft")]
pub fn from_flags(flags: Flags) -> Result<Case, Problems> {
    let mut problems = Problems::default();
    let consent = consent(&flags.consent, &mut problems);
    let (origin, kind, mut members) = match people(&flags.people) {
        Ok(found) => found,
        Err(more) => {
            problems.0.extend(more.0);
            return Err(problems);
        }
    };
    for member in &mut members {
        member.consent = consent;
        if let Some(sequenced) = &flags.sequenced
            && member.sample.as_ref().is_some_and(|sample| !sequenced.contains(sample))
        {
            member.sample = None;
        }
    }
    for (sample, path) in flags.alignments {
        match members.iter_mut().find(|m| {
            m.sample.as_ref().is_none_or(|s| *s == sample) && (m.sample.is_some() || m.id == sample)
        }) {
            Some(member) if member.alignment.is_none() => {
                member.sample = Some(sample);
                member.alignment = Some(path);
            }
            Some(_) => problems.0.push(
                Problem::usage("a second alignment file for one member").in_file(path.display()),
            ),
            None => problems.0.push(
                Problem::usage("the alignment's sample is no member of the case")
                    .in_file(path.display())
                    .help("--bam takes SAMPLE=FILE with a sample of the pedigree"),
            ),
        }
    }
    let draft = Draft {
        source: None,
        form: CaseForm::Flags,
        origin,
        id: flags.id.unwrap_or_else(|| "case".into()),
        kind,
        assembly: Some(flags.assembly),
        policy: flags.policy.map(|text| document::policy(&text, Path::new(""))),
        penetrance: Some(flags.penetrance),
        reference: flags.reference,
        regions: flags.regions,
        genes: flags.genes,
        panels: flags.panels.iter().map(|text| PanelChoice::parse(text)).collect(),
        variants: flags.variants,
        structural_variants: flags.structural_variants,
        repeats: flags.repeats,
        domain1: flags.domain1,
        domain2: flags.domain2,
        additional_findings: None,
        carrier: None,
        frequencies: flags.frequencies,
        clinvar: flags.clinvar,
        tumour: TumourFiles::default(),
        biomarkers: BiomarkerInputs::default(),
        hpo: flags.hpo,
        members,
        withdrawn: flags.withdrawn,
        leave_out: flags.leave_out,
        referred: Referred::default(),
    };
    match draft.resolve() {
        Ok(case) if problems.0.is_empty() => Ok(case),
        Ok(_) => Err(problems),
        Err(more) => {
            problems.0.extend(more.0);
            Err(problems)
        }
    }
}

fn people(people: &People) -> Result<(String, CaseKind, Vec<DraftMember>), Problems> {
    let one = |sample: &str, role: Role| DraftMember {
        place: format!("--{}", super::role_word(role)),
        id: sample.to_owned(),
        sample: Some(sample.to_owned()),
        role: Some(role),
        ..DraftMember::default()
    };
    let flags = || "command line".to_owned();
    Ok(match people {
        People::Pedigree { file, text, family, proband } => {
            let rows = ped::parse(text, file)?;
            let choice = ped::Choice { family: family.as_deref(), proband: proband.as_deref() };
            let members = ped::members(&rows, choice, file)?;
            let kind = if members.len() == 1 { CaseKind::Singleton } else { CaseKind::Family };
            (file.clone(), kind, members)
        }
        People::Singleton(sample) => {
            (flags(), CaseKind::Singleton, vec![one(sample, Role::Proband)])
        }
        People::Tumour { tumour, normal: None } => {
            (flags(), CaseKind::TumourOnly, vec![one(tumour, Role::Tumour)])
        }
        People::Tumour { tumour, normal: Some(normal) } => {
            let members = vec![one(tumour, Role::Tumour), one(normal, Role::Normal)];
            (flags(), CaseKind::TumourNormal, members)
        }
    })
}

/// What `--consent` says of all members.
pub fn consent(words: &[String], problems: &mut Problems) -> Consent {
    let source = if words.is_empty() { ConsentSource::Nowhere } else { ConsentSource::CommandLine };
    let mut consent = Consent { source, ..Consent::default() };
    for word in words.iter().flat_map(|word| word.split(',')) {
        let answer = match word.trim() {
            "primary" => &mut consent.primary,
            "secondary" => &mut consent.secondary,
            "carrier" => &mut consent.carrier,
            "pharmacogenomics" => &mut consent.pharmacogenomics,
            "germline" => &mut consent.germline,
            other => {
                let help = "primary, secondary, carrier, pharmacogenomics, germline";
                problems.0.push(Problem::usage(format!("--consent {other:?}")).help(help));
                continue;
            }
        };
        *answer = ConsentAnswer::Yes;
    }
    consent
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(people: People) -> Flags {
        Flags {
            id: None,
            people,
            sequenced: None,
            assembly: Assembly::GRCh37,
            policy: None,
            penetrance: PenetranceRequest::Complete,
            reference: None,
            regions: None,
            genes: None,
            panels: vec!["p.jsonl#522".into()],
            variants: Vec::new(),
            structural_variants: Vec::new(),
            repeats: Vec::new(),
            alignments: Vec::new(),
            domain1: None,
            domain2: None,
            frequencies: Vec::new(),
            clinvar: None,
            hpo: Vec::new(),
            consent: vec!["primary".into()],
            withdrawn: Vec::new(),
            leave_out: false,
        }
    }

    fn trio() -> People {
        let text = "F C D M 1 2\nF D 0 0 1 1\nF M 0 0 2 1\n";
        People::Pedigree { file: "x.ped".into(), text: text.into(), family: None, proband: None }
    }

    #[test]
    fn a_pedigree_and_flags_make_a_family() {
        let case = from_flags(flags(trio())).unwrap();
        assert_eq!(case.kind, CaseKind::Family);
        let (_, proband) = case.index_member().unwrap();
        assert_eq!(case.family.get(proband.mother.unwrap()).role, Role::Mother);
        assert!(case.family.iter().all(|(_, member)| member.consent.primary.allows()));
        assert!(case.family.iter().all(|(_, member)| !member.consent.secondary.allows()));
        assert_eq!(case.panels[0].only.as_deref(), Some("522"));
    }

    #[test]
    fn consent_is_never_assumed() {
        let error = from_flags(Flags { consent: Vec::new(), ..flags(trio()) }).unwrap_err();
        assert_eq!(error.0.len(), 3);
        assert!(error.to_string().contains("member 1 (proband): no explicit consent"));
        assert!(error.to_string().contains("--consent primary"));
    }

    #[test]
    fn members_outside_the_calls_are_not_sequenced() {
        let case = Flags { sequenced: Some(vec!["C".into(), "M".into()]), ..flags(trio()) };
        let case = from_flags(case).unwrap();
        let samples: Vec<_> = case.family.iter().map(|(_, m)| m.sample.as_deref()).collect();
        assert_eq!(samples, [Some("C"), None, Some("M")]);
    }

    #[test]
    fn a_tumour_with_its_normal() {
        let people = People::Tumour { tumour: "T".into(), normal: Some("N".into()) };
        let bam = vec![("N".to_owned(), PathBuf::from("n.bam"))];
        let case = from_flags(Flags { alignments: bam, ..flags(people) }).unwrap();
        assert_eq!(case.kind, CaseKind::TumourNormal);
        let (_, normal) = case.family.with_role(Role::Normal).unwrap();
        assert_eq!(normal.alignment.as_deref(), Some(Path::new("n.bam")));
    }

    #[test]
    fn an_alignment_of_a_stranger_is_refused() {
        let bam = vec![("Z".to_owned(), PathBuf::from("z.bam"))];
        let error = from_flags(Flags { alignments: bam, ..flags(trio()) }).unwrap_err();
        assert!(error.to_string().starts_with("z.bam: the alignment's sample is no member"));
    }
}
