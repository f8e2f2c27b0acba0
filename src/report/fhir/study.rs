//! The genomic study and its analyses: one an alignment, with its depth and the genes that have gaps; one a kind of variant
//! that was looked for, with what went in, what came out, and which genes were studied.

use super::builder::Builder;
use super::codes::{
    GERMLINE, SOMATIC, coding, concept, extension, laboratory, loinc, note, part, profile,
    pseudonym, quantity, text, to,
};
use super::people::People;
use super::types::{
    Attachment, CodeableConcept, Content, Device, DeviceName, DeviceVersion, DocumentReference,
    Extension, Identifier, Procedure, Reference, Resource,
};
use super::{index, stopped};
use crate::model::annotation::GeneRef;
use crate::model::contig::Assembly;
use crate::model::problem::Problem;
use crate::model::results::quality::QualityResult;
use crate::model::results::{CaseResults, InputDigest};
use crate::report::limits;

/// Codes of the guide's code systems.
const METHOD: &str =
    "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/genomic-study-method-type-cs";
const CHANGE: &str =
    "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/genomic-study-change-type-cs";
const FORMAT: &str =
    "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/genomic-study-data-format-cs";

/// A kind of variant that was looked for.
struct Kind {
    title: &'static str,
    /// Code of what changes.
    change: &'static str,
    /// Role of the input files.
    role: &'static str,
    /// What is written about them.
    output: &'static str,
    /// True when genes of the panels are what was studied.
    genes: bool,
}

const SMALL: Kind = Kind {
    title: "Small variants by rule",
    change: "DNA",
    role: "variants",
    output: "candidates.vcf.gz",
    genes: true,
};
const COPIES: Kind = Kind {
    title: "Copy-number variants by rule",
    change: "CNV",
    role: "structural variants",
    output: "candidates.sv.vcf.gz",
    genes: true,
};
const BREAKS: Kind = Kind { title: "Structural variants by rule", change: "CHR", ..COPIES };
const REPEATS: Kind = Kind {
    title: "Short tandem repeats by rule",
    change: "DNA",
    role: "repeats",
    output: "candidates.sv.vcf.gz",
    genes: false,
};

/// Adds the study and returns its address.
pub(super) fn add(
    builder: &mut Builder,
    results: &CaseResults,
    people: &People,
) -> Result<String, Problem> {
    let devices = devices(builder, results)?;
    let files = files(builder, results, people)?;
    let mut analyses = Vec::new();
    for quality in &results.qc {
        let measured = of_alignment(results, quality, people, &files);
        analyses.push(builder.add(Resource::Procedure(measured))?);
    }
    // What did not happen is no analysis: the profile knows completed ones alone.
    for kind in kinds(results).into_iter().filter(|_| !stopped(results)) {
        let output = output(builder, kind.output)?;
        let looked_for = of_kind(results, &kind, (people, &files, &devices), &output);
        analyses.push(builder.add(Resource::Procedure(looked_for))?);
    }
    let subject = index(results).and_then(|one| people.patient(one.number)).cloned();
    let refer = |address: &String| Extension {
        value_reference: Some(to(address)),
        ..extension("genomic-study-analysis-ext")
    };
    builder.add(Resource::Procedure(Procedure {
        meta: Some(profile("genomic-study")),
        extension: analyses.iter().map(refer).collect(),
        identifier: vec![pseudonym(&results.case.id)],
        status: Some(status(results).into()),
        category: Some(laboratory()),
        code: Some(text(format!("Whole-genome analysis, {}", results.case.kind))),
        subject,
        note: limits::not_assessed(results)
            .into_iter()
            .map(|gap| note(format!("Not assessed: {gap}")))
            .collect(),
        ..Procedure::default()
    }))
}

fn status(results: &CaseResults) -> &'static str {
    if stopped(results) { "stopped" } else { "completed" }
}

/// What was looked for.
fn kinds(results: &CaseResults) -> Vec<Kind> {
    let looked = results.looked_for.as_ref();
    let mut kinds = vec![SMALL];
    if looked.is_some_and(|looked| looked.copy_number) {
        kinds.push(COPIES);
    }
    if looked.is_some_and(|looked| looked.breakpoints) {
        kinds.push(BREAKS);
    }
    if looked.is_some_and(|looked| looked.repeats) {
        kinds.push(REPEATS);
    }
    kinds
}

fn coded(name: &str, value: CodeableConcept) -> Extension {
    Extension { value_codeable_concept: Some(value), ..extension(name) }
}

fn refers(name: &str, value: &Reference) -> Extension {
    // Within the bundle the address says all.
    let value = Reference { reference: value.reference.clone(), ..Reference::default() };
    Extension { value_reference: Some(value), ..extension(name) }
}

fn inner(name: &str, value: Reference) -> Extension {
    Extension { value_reference: Some(value), ..part(name) }
}

/// What both sorts of analyses have.
fn common(results: &CaseResults, title: &str) -> Vec<Extension> {
    let build = match results.case.assembly {
        Assembly::GRCh37 => ("LA14029-5", "GRCh37"),
        Assembly::GRCh38 => ("LA26806-2", "GRCh38"),
    };
    let class = if limits::is_tumour(results) { SOMATIC } else { GERMLINE };
    vec![
        coded("genomic-study-analysis-method-type", concept(coding(METHOD, "ngs-mps"))),
        coded("genomic-study-analysis-genome-build", loinc(build)),
        coded("genomic-study-analysis-genomic-source-class", loinc(class)),
        Extension { value_string: Some(title.into()), ..extension("genomic-study-analysis-title") },
    ]
}

fn procedure(results: &CaseResults, people: &People, extension: Vec<Extension>) -> Procedure {
    Procedure {
        meta: Some(profile("genomic-study-analysis")),
        extension,
        status: Some("completed".into()),
        category: Some(laboratory()),
        subject: index(results).and_then(|one| people.patient(one.number)).cloned(),
        ..Procedure::default()
    }
}

/// Depth of one alignment, and the genes of the panels that it does not wholly cover.
fn of_alignment(
    results: &CaseResults,
    quality: &QualityResult,
    people: &People,
    files: &[(&InputDigest, Reference)],
) -> Procedure {
    let mut all = common(results, "Depth of coverage");
    all.extend(
        people.patient(quality.member).map(|who| refers("genomic-study-analysis-focus", who)),
    );
    all.extend(
        people.specimen(quality.member).map(|what| refers("genomic-study-analysis-specimen", what)),
    );
    all.extend(metrics(quality));
    all.extend(gaps(quality));
    let own =
        |input: &InputDigest| input.role == "alignment" && input.member == Some(quality.member);
    all.extend(inputs(files, own));
    procedure(results, people, all)
}

fn metrics(quality: &QualityResult) -> Option<Extension> {
    let depth = quality.depth.as_ref()?;
    let shares: Vec<String> = depth
        .total
        .reached
        .iter()
        .map(|reached| format!("{}x {:.4}", reached.depth, reached.share))
        .collect();
    let mean = Extension {
        value_quantity: Some(quantity(depth.total.mean, "reads per base pair", "1")),
        ..part("read-depth")
    };
    let covered = depth.total.share(15).map(|share| Extension {
        value_quantity: Some(quantity((share * 1e4).round() / 1e2, "%", "%")),
        ..part("sequencing-coverage")
    });
    let description = Extension {
        value_string: Some(format!(
            "mean depth over all contigs with records; sequencing-coverage is the percent of bases of 15x and more; share \
             of bases by depth: {}",
            shares.join(", ")
        )),
        ..part("metrics-description")
    };
    Some(Extension {
        extension: std::iter::once(mean).chain(covered).chain([description]).collect(),
        ..extension("genomic-study-analysis-metrics")
    })
}

/// Genes with bases that were not deep enough or could not be assessed.
fn gaps(quality: &QualityResult) -> Option<Extension> {
    let mut studied: Vec<&str> = Vec::new();
    let mut uncalled: Vec<String> = Vec::new();
    let mut below = 0;
    for panel in &quality.panels {
        below = panel.gap_below;
        for gene in &panel.genes {
            if studied.contains(&gene.symbol.as_str()) {
                continue;
            }
            studied.push(&gene.symbol);
            let figures = &gene.figures;
            if figures.gap_bases + figures.not_assessed_bases > 0 || gene.not_assessed.is_some() {
                let why =
                    gene.not_assessed.as_ref().map_or_else(String::new, |why| format!("; {why}"));
                uncalled.push(format!(
                    "{} ({} of {} bases below {below}x, {} not assessed{why})",
                    gene.symbol, figures.gap_bases, figures.bases, figures.not_assessed_bases
                ));
            }
        }
    }
    if studied.is_empty() {
        return None;
    }
    let described = Extension {
        value_string: Some(format!(
            "exons of the panels' genes; bases of mapping quality 11 and more below {below}x are gaps"
        )),
        ..part("description")
    };
    let listed = |name: &str, gene: String| Extension {
        value_codeable_concept: Some(text(gene)),
        ..part(name)
    };
    let studied = studied.iter().map(|gene| listed("studied", (*gene).to_owned()));
    let uncalled = uncalled.into_iter().map(|gene| listed("uncalled", gene));
    Some(Extension {
        extension: std::iter::once(described).chain(studied).chain(uncalled).collect(),
        ..extension("genomic-study-analysis-regions")
    })
}

/// One kind of variant.
fn of_kind(
    results: &CaseResults,
    kind: &Kind,
    (people, files, devices): (&People, &[(&InputDigest, Reference)], &[Extension]),
    output: &Extension,
) -> Procedure {
    let mut all = common(results, kind.title);
    all.insert(
        1,
        coded("genomic-study-analysis-change-type", concept(coding(CHANGE, kind.change))),
    );
    for (number, who) in people.all() {
        all.push(refers("genomic-study-analysis-focus", who));
        all.extend(
            people.specimen(number).map(|what| refers("genomic-study-analysis-specimen", what)),
        );
    }
    all.extend(if kind.genes { genes(results) } else { None });
    all.extend(devices.iter().cloned());
    all.extend(inputs(files, |input| input.role == kind.role));
    all.push(output.clone());
    let policy = &results.policy;
    let rules =
        format!("Policy {} {} ({}): {}", policy.id, policy.version, policy.digest, policy.title);
    Procedure { note: vec![note(rules)], ..procedure(results, people, all) }
}

/// Green genes of the panels as studied; those that the annotation never names as not called.
fn genes(results: &CaseResults) -> Option<Extension> {
    let names: Vec<String> = results
        .panels
        .iter()
        .map(|panel| format!("{} {} ({} green genes)", panel.name, panel.version, panel.green))
        .collect();
    if names.is_empty() {
        return None;
    }
    let mut listed: Vec<Extension> = vec![Extension {
        value_string: Some(format!("whole genome; panels: {}", names.join("; "))),
        ..part("description")
    }];
    let unseen = |symbol: &str| {
        results
            .genes_not_annotated
            .iter()
            .any(|panel| panel.genes.iter().any(|gene| gene == symbol))
    };
    let mut known: Vec<&str> = Vec::new();
    for panel in &results.panels {
        for gene in panel.genes.iter().flatten() {
            let model = crate::model::panel::PanelGene::from(gene);
            if !model.is_green() || known.contains(&gene.symbol.as_str()) {
                continue;
            }
            known.push(&gene.symbol);
            let name = if unseen(&gene.symbol) { "uncalled" } else { "studied" };
            let reference = GeneRef {
                hgnc: gene.hgnc.clone(),
                symbol: Some(gene.symbol.clone()),
                ensembl: gene.ensembl.first().cloned(),
            };
            listed.push(Extension {
                value_codeable_concept: Some(super::codes::gene(&reference)),
                ..part(name)
            });
        }
    }
    Some(Extension { extension: listed, ..extension("genomic-study-analysis-regions") })
}

/// This program and those that made the inputs.
fn devices(builder: &mut Builder, results: &CaseResults) -> Result<Vec<Extension>, Problem> {
    let tool = (&results.tool.name, &results.tool.version);
    let others = results.provenance.software.iter();
    let mut all = Vec::new();
    for (name, version) in std::iter::once(tool).chain(others) {
        let device = Device {
            status: Some("active".into()),
            device_name: vec![DeviceName {
                name: Some(name.clone()),
                r#type: Some("user-friendly-name".into()),
            }],
            version: vec![DeviceVersion { value: Some(version.clone()) }],
            ..Device::default()
        };
        let address = builder.add(Resource::Device(device))?;
        all.push(Extension {
            extension: vec![inner("device", to(&address))],
            ..extension("genomic-study-analysis-device")
        });
    }
    Ok(all)
}

/// Input files: those of the whole case, and those of members whose ids may be shown.
fn files<'a>(
    builder: &mut Builder,
    results: &'a CaseResults,
    people: &People,
) -> Result<Vec<(&'a InputDigest, Reference)>, Problem> {
    let mut all = Vec::new();
    for input in &results.provenance.inputs {
        if input.member.is_some_and(|member| people.specimen(member).is_none()) {
            continue;
        }
        let digest = input.sha256.as_ref().map(|digest| Identifier {
            r#type: Some(text("SHA-256")),
            system: None,
            value: Some(digest.clone()),
            assigner: None,
        });
        let subject = input.member.and_then(|member| people.patient(member)).cloned();
        let file = DocumentReference {
            meta: Some(profile("genomic-data-file")),
            identifier: digest.into_iter().collect(),
            status: Some("current".into()),
            subject,
            description: Some(input.role.clone()),
            content: vec![Content {
                attachment: Some(Attachment {
                    // FHIR R4 counts bytes in 31 bits.
                    size: Some(input.bytes).filter(|bytes| *bytes < 1 << 31),
                    title: Some(input.file.clone()),
                    ..Attachment::default()
                }),
            }],
            ..DocumentReference::default()
        };
        all.push((input, to(&builder.add(Resource::DocumentReference(file))?)));
    }
    Ok(all)
}

/// Code of a file's format, by its name.
fn format_of(file: &str) -> Option<CodeableConcept> {
    let known =
        [(".bam", "bam"), (".cram", "cram"), (".vcf", "vcf"), (".vcf.gz", "vcf"), (".bed", "bed")];
    let lower = file.to_ascii_lowercase();
    let (_, code) = known.iter().find(|(ending, _)| lower.ends_with(ending))?;
    Some(concept(coding(FORMAT, code)))
}

fn file_parts(reference: &Reference, name: &str) -> Vec<Extension> {
    let kind = format_of(name)
        .map(|format| Extension { value_codeable_concept: Some(format), ..part("type") });
    std::iter::once(inner("file", reference.clone())).chain(kind).collect()
}

fn inputs(
    files: &[(&InputDigest, Reference)],
    wanted: impl Fn(&InputDigest) -> bool,
) -> Vec<Extension> {
    let own = files.iter().filter(|(input, _)| wanted(input));
    own.map(|(input, reference)| Extension {
        extension: file_parts(reference, &input.file),
        ..extension("genomic-study-analysis-input")
    })
    .collect()
}

/// A file that this run writes.
fn output(builder: &mut Builder, name: &str) -> Result<Extension, Problem> {
    let file = DocumentReference {
        meta: Some(profile("genomic-data-file")),
        status: Some("current".into()),
        description: Some("what was reported".into()),
        content: vec![Content {
            attachment: Some(Attachment { title: Some(name.into()), ..Attachment::default() }),
        }],
        ..DocumentReference::default()
    };
    let reference = to(&builder.add(Resource::DocumentReference(file))?);
    Ok(Extension {
        extension: file_parts(&reference, name),
        ..extension("genomic-study-analysis-output")
    })
}
