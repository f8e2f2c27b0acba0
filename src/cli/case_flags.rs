//! A case from one positional argument and flags: a case document, or a variant file with a pedigree.

use std::path::{Path, PathBuf};

use clap::Args;

use super::document_args::DocumentArgs;
use crate::case::flags::{Flags, People, from_flags};
use crate::case::{Case, CaseForm, Draft, PanelChoice, PenetranceRequest, document};
use crate::inputs::{self, Over};
use crate::io::text;
use crate::io::variants::{Header, VariantFile};
use crate::model::contig::Assembly;
use crate::model::problem::{Problem, Problems};

/// Flags that describe a case given as a variant file, or add to what a document says.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Case, when the input is a variant file, or added to a document")]
pub struct CaseFlags {
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are the documented options")]
    pub document: DocumentArgs,
    /// Pedigree (PED, six columns; a seventh may name identical twins, MZ1).
    #[arg(long, value_name = "FILE")]
    pub ped: Option<PathBuf>,
    /// Family of the pedigree, when it holds several.
    #[arg(long, value_name = "ID")]
    pub family: Option<String>,
    /// Proband, when the pedigree does not single one out.
    #[arg(long, value_name = "ID")]
    pub proband: Option<String>,
    /// Tumour sample.
    #[arg(long, value_name = "SAMPLE", conflicts_with = "ped")]
    pub tumour: Option<String>,
    /// Normal sample of the same person.
    #[arg(long, value_name = "SAMPLE", requires = "tumour")]
    pub normal: Option<String>,
    /// Reference assembly, GRCh37 or GRCh38; by default what the contig lengths of the variant file say.
    #[arg(long, value_name = "NAME")]
    pub assembly: Option<String>,
    /// Policy preset or file.
    #[arg(long, value_name = "PRESET|FILE")]
    pub policy: Option<String>,
    /// Penetrance: complete, incomplete or both.
    #[arg(long, value_name = "WORD")]
    pub penetrance: Option<String>,
    /// Reference sequence (FASTA with index).
    #[arg(short = 'f', long, value_name = "FILE")]
    pub reference: Option<PathBuf>,
    /// Gene panel: PanelApp JSON, JSON Lines (FILE#ID for one of them), or a gene list. May be given several times.
    #[arg(long, value_name = "FILE")]
    pub panel: Vec<String>,
    /// Gene model (GFF3, GTF, BED12, exon BED), for depth over the genes of the panels; also for a case document that names
    /// none.
    #[arg(long, value_name = "FILE")]
    pub genes: Option<PathBuf>,
    /// Alignment of a sample. May be given several times.
    #[arg(long, value_name = "SAMPLE=FILE")]
    pub bam: Vec<String>,
    /// Copy-number or structural variants (VCF or BCF) of the samples. May be given several times.
    #[arg(long, value_name = "FILE")]
    pub structural_variants: Vec<PathBuf>,
    /// Short tandem repeats (VCF or BCF of ExpansionHunter) of the samples. May be given several times.
    #[arg(long, value_name = "FILE")]
    pub repeats: Vec<PathBuf>,
    /// Gene list of domain 1.
    #[arg(long, value_name = "FILE")]
    pub domain1: Option<PathBuf>,
    /// Gene list of domain 2.
    #[arg(long, value_name = "FILE")]
    pub domain2: Option<PathBuf>,
    /// Store of population frequencies (tierline frequencies build). May be given several times.
    #[arg(long, value_name = "STORE")]
    pub frequencies: Vec<PathBuf>,
    /// ClinVar: its VCF, or a store of it (tierline clinvar build). It replaces what the annotation says of ClinVar.
    #[arg(long, value_name = "FILE")]
    pub clinvar: Option<PathBuf>,
    /// Phenotype of the proband, HP:0001250; a leading ! says absent. May be given several times.
    #[arg(long, value_name = "TERM")]
    pub hpo: Vec<String>,
    /// What all members consented to: primary, secondary, carrier, pharmacogenomics, germline. Nothing is assumed.
    #[arg(long, value_name = "WORD", value_delimiter = ',')]
    pub consent: Vec<String>,
}

/// The case of an input: a case document of any form, by its content, else a variant file described by flags.
///
/// # Errors
///
/// All faults of the document, or of the flags and the pedigree.
pub fn read(input: &Path, flags: &CaseFlags) -> Result<Case, Problems> {
    let is_toml = input.extension().is_some_and(|end| end.eq_ignore_ascii_case("toml"));
    if is_toml || inputs::is_document(input) {
        let mut case = inputs::load_case(input, &over(flags)?)?;
        case.genes = genes(case.genes.take(), flags.genes.as_deref())?;
        return Ok(case);
    }
    flags.document.only_with_documents()?;
    if input == Path::new("-") {
        return Err(Problem::usage(
            "a case is checked before it is read, so its variants must be a file",
        )
        .into());
    }
    let mut problems = Problems::default();
    let header = problems.collect(VariantFile::open(input)).map(|file| file.header().clone());
    let assembly = problems.collect(assembly(flags, header.as_deref().and_then(Header::assembly)));
    let penetrance = problems.collect(penetrance(flags));
    let samples = header.map(|header| header.samples.clone());
    let people = problems.collect(people(flags, samples.as_deref().unwrap_or_default()));
    let alignments = alignments(&flags.bam, &mut problems);
    let withdrawn = flags.document.withdrawn.as_deref().map(inputs::withdrawn).transpose();
    let withdrawn = problems.collect(withdrawn).flatten();
    let (Some(people), Some(assembly)) = (people, assembly) else { return Err(problems) };
    let is_cancer = matches!(people, People::Tumour { .. });
    let case = from_flags(Flags {
        id: None,
        people,
        // A tumour's column may bear another name than the sample.
        sequenced: samples.filter(|_| !is_cancer),
        assembly,
        policy: flags.policy.clone(),
        penetrance: penetrance.unwrap_or_default(),
        reference: flags.reference.clone(),
        regions: None,
        genes: flags.genes.clone(),
        panels: flags.panel.clone(),
        variants: vec![input.to_owned()],
        structural_variants: flags.structural_variants.clone(),
        repeats: flags.repeats.clone(),
        alignments,
        domain1: flags.domain1.clone(),
        domain2: flags.domain2.clone(),
        frequencies: flags.frequencies.clone(),
        clinvar: flags.clinvar.clone(),
        hpo: flags.hpo.clone(),
        consent: flags.consent.clone(),
        withdrawn: withdrawn.unwrap_or_default(),
        leave_out: flags.document.leave_out,
    });
    match case {
        Ok(case) => problems.into_result().map(|()| case),
        Err(more) => {
            problems.0.extend(more.0);
            Err(problems)
        }
    }
}

/// What the flags add to a document.
fn over(flags: &CaseFlags) -> Result<Over, Problems> {
    let mut problems = Problems::default();
    if flags.ped.is_some() || flags.normal.is_some() {
        let problem = Problem::usage("--ped and --normal describe a variant file, not a document");
        problems.0.push(problem.help("the document says who is who"));
    }
    let alignments = alignments(&flags.bam, &mut problems);
    let stated =
        flags.assembly.is_some().then(|| problems.collect(assembly(flags, None))).flatten();
    let asked = problems.collect(penetrance(flags)).filter(|_| flags.penetrance.is_some());
    problems.into_result()?;
    let draft = Draft {
        assembly: stated,
        policy: flags.policy.as_ref().map(|text| document::policy(text, Path::new(""))),
        penetrance: asked,
        reference: flags.reference.clone(),
        panels: flags.panel.iter().map(|text| PanelChoice::parse(text)).collect(),
        variants: flags.document.variants.clone(),
        structural_variants: flags.structural_variants.clone(),
        repeats: flags.repeats.clone(),
        domain1: flags.domain1.clone(),
        domain2: flags.domain2.clone(),
        frequencies: flags.frequencies.clone(),
        clinvar: flags.clinvar.clone(),
        hpo: flags.hpo.clone(),
        ..Draft::new(CaseForm::Flags, Path::new("command line"))
    };
    Ok(Over {
        flags: Some(Box::new(draft)),
        alignments,
        consent: flags.consent.clone(),
        tumour: flags.tumour.clone(),
        family: flags.family.clone(),
        proband: flags.proband.clone(),
        ..flags.document.over()
    })
}

/// The gene model of a document, or that of the flag; both only where they are one file.
fn genes(named: Option<PathBuf>, flag: Option<&Path>) -> Result<Option<PathBuf>, Problem> {
    let whole = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    match (named, flag) {
        (Some(named), Some(flag)) if whole(&named) != whole(flag) => Err(Problem::usage(format!(
            "--genes {} and the case's own genes = {:?} are two gene models",
            flag.display(),
            named.display().to_string()
        ))
        .help("leave one of them out")),
        (named, flag) => Ok(named.or_else(|| flag.map(Path::to_owned))),
    }
}

fn assembly(flags: &CaseFlags, found: Option<Assembly>) -> Result<Assembly, Problem> {
    let Some(name) = &flags.assembly else {
        return found.ok_or_else(|| {
            Problem::usage("the header does not tell the assembly")
                .help("give --assembly GRCh37 or GRCh38")
        });
    };
    Assembly::parse(name).ok_or_else(|| {
        Problem::usage(format!("--assembly {name:?}")).help("expected GRCh37 or GRCh38")
    })
}

fn penetrance(flags: &CaseFlags) -> Result<PenetranceRequest, Problem> {
    let Some(word) = &flags.penetrance else { return Ok(PenetranceRequest::default()) };
    PenetranceRequest::parse(word).ok_or_else(|| {
        Problem::usage(format!("--penetrance {word:?}"))
            .help("expected complete, incomplete or both")
    })
}

fn people(flags: &CaseFlags, samples: &[String]) -> Result<People, Problem> {
    if let Some(ped) = &flags.ped {
        let small = text::read(ped)?;
        return Ok(People::Pedigree {
            file: ped.display().to_string(),
            text: small.text,
            family: flags.family.clone(),
            proband: flags.proband.clone(),
        });
    }
    if let Some(tumour) = &flags.tumour {
        return Ok(People::Tumour { tumour: tumour.clone(), normal: flags.normal.clone() });
    }
    match samples {
        [only] => Ok(People::Singleton(only.clone())),
        _ => Err(Problem::usage(format!("{} samples and no pedigree", samples.len()))
            .help("give --ped for a family, or --tumour (and --normal)")),
    }
}

fn alignments(arguments: &[String], problems: &mut Problems) -> Vec<(String, PathBuf)> {
    let mut alignments = Vec::new();
    for argument in arguments {
        match argument.split_once('=') {
            Some((sample, file)) if !sample.is_empty() && !file.is_empty() => {
                alignments.push((sample.to_owned(), file.into()));
            }
            _ => problems.0.push(Problem::usage("--bam takes SAMPLE=FILE")),
        }
    }
    alignments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(samples: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let vcf = folder.path().join("x.vcf");
        let header = "##fileformat=VCFv4.2\n##contig=<ID=20,length=63025520>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t";
        std::fs::write(&vcf, format!("{header}{samples}\n")).unwrap();
        std::fs::write(folder.path().join("x.ped"), "F C D M 1 2\nF D 0 0 1 1\nF M 0 0 2 1\n")
            .unwrap();
        (folder, vcf)
    }

    #[test]
    fn a_variant_file_with_a_pedigree_is_a_case() {
        let (folder, vcf) = folder("C\tM");
        let flags = CaseFlags {
            ped: Some(folder.path().join("x.ped")),
            consent: vec!["primary".into()],
            ..CaseFlags::default()
        };
        let case = read(&vcf, &flags).unwrap();
        assert_eq!(case.assembly, Assembly::GRCh37, "by contig length");
        let samples: Vec<_> = case.family.iter().map(|(_, m)| m.sample.is_some()).collect();
        assert_eq!(samples, [true, false, true], "the father has no column");
    }

    #[test]
    fn one_gene_model_is_taken_from_document_or_flag_and_two_are_refused() {
        let (named, flag) = (PathBuf::from("a/genes.bed"), Path::new("genes.gff3"));
        assert_eq!(genes(None, Some(flag)).unwrap().as_deref(), Some(flag));
        assert_eq!(genes(Some(named.clone()), None).unwrap(), Some(named.clone()));
        assert_eq!(genes(Some(named.clone()), Some(&named)).unwrap(), Some(named.clone()));
        assert_eq!(genes(None, None).unwrap(), None);
        let told = genes(Some(named), Some(flag)).unwrap_err().to_string();
        assert!(told.contains("genes.gff3") && told.contains("a/genes.bed"), "{told}");
    }

    #[test]
    fn faults_of_flags_come_together() {
        let (_folder, vcf) = folder("C\tM");
        let flags = CaseFlags {
            assembly: Some("hg17".into()),
            penetrance: Some("full".into()),
            bam: vec!["x.bam".into()],
            ..CaseFlags::default()
        };
        let told = read(&vcf, &flags).unwrap_err().to_string();
        for part in [
            "--assembly \"hg17\"",
            "--penetrance \"full\"",
            "2 samples and no pedigree",
            "SAMPLE=FILE",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
    }

    #[test]
    fn one_sample_is_a_singleton_and_needs_consent() {
        let (_folder, vcf) = folder("C");
        let told = read(&vcf, &CaseFlags::default()).unwrap_err().to_string();
        assert!(told.contains("member 1 (proband): no explicit consent"), "{told}");
    }
}
