//! `case.toml`: the case as a document. Paths in it are relative to its folder.
//!
//! ```toml
//! [case]
//! id = "TRIO-1"
//! kind = "family"              # family, singleton, tumour-normal, tumour-only
//! assembly = "GRCh38"
//! policy = "gms-rd"            # a preset, or the path of a policy file; by default the preset of the kind
//! penetrance = "complete"      # complete, incomplete, both
//! reference = "ref.fa.gz"
//! panels = ["panel.json", "panels.jsonl#522"]
//! variants = ["trio.vcf.gz"]   # files that hold several members
//! structural_variants = ["trio.cnv.vcf.gz", "trio.sv.vcf.gz"]   # copy-number and structural variants
//! repeats = ["trio.str.vcf.gz"]   # short tandem repeats
//! domain1 = "domain1.tsv"      # cancer gene lists
//! domain2 = "domain2.tsv"      # "none": no list; left out: the built-in one
//! frequencies = ["gnomad_exomes.tlf", "gnomad_genomes.tlf"]   # stores
//! clinvar = "clinvar.vcf.gz"                                  # or a store
//! hpo = ["HP:0001250", "!HP:0001263"]   # of the proband; `!` says absent
//! regions = "targets.bed"
//! genes = "genes.gff3.gz"      # depth over genes and panels
//! signatures = "signatures.tsv"  # of a tumour: mutational signatures to fit
//! microsatellites = "sites.bed"  # of a tumour: repeats to look at in reads, their unit in the fourth column
//! purity = 0.7                 # of a tumour: known share of tumour cells
//! additional_findings = "panels.jsonl#399"   # looked for in members who consent to them, never among the tiers
//! carrier = "recessive.json"   # carrier status of parents who consent to it
//! withdrawn = ["P9"]           # ids of participants who have withdrawn: a case with one of them is refused
//! leave_out = false            # true: it is run without them, and without members who did not consent
//!
//! [tumour]                     # what the variants of a tumour are held against
//! simple_repeats = "simple_repeats.bed.gz"
//! segmental_duplications = "duplications.bed.gz"
//! panel_of_normals = "normals.tlf"          # a store of reads
//! germline_panels = ["panel.json"]          # cancer susceptibility of this disease: germline findings of Tier 1
//! germline_panels_wider = ["panels.jsonl"]  # of any disease: Tier 3
//! civic = "ClinicalEvidenceSummaries.tsv"   # CIViC's evidence items, for evidence tiers
//! disease = ["DOID:1909", "Melanoma"]       # of the tumour, ids or names as the evidence items have them
//!
//! [[member]]
//! id = "P1"
//! sample = "S1"                # absent: not sequenced
//! role = "proband"             # proband, mother, father, sibling, relative, tumour, normal
//! sex = "female"               # male, female, unknown
//! affected = "yes"             # yes, no, uncertain
//! father = "P2"
//! mother = "P3"
//! alignment = "S1.bam"
//! variants = "S1.vcf.gz"       # calls of this member alone
//! structural_variants = ["S1.cnv.vcf.gz"]
//! repeats = ["S1.str.vcf.gz"]
//! sketch = "S1.sketch"         # of an earlier qc; looked at where the alignment is not read
//! hpo = ["HP:0001249"]
//! x_copies = 2
//! adult = true                 # diseases of adults are additional findings in adults only; not stated: a child
//! identical_twins = "A"        # the same word in each of them; only for monozygotic twins
//! [member.consent]
//! primary = true               # true, false, or the words yes, no, undefined, not_applicable
//! secondary = true             # or as either generation of consent records has it: `secondaryFindingConsent`,
//! carrier = false              # `healthRelatedFindingConsent`, `carrierStatusConsent`, `primaryFindingConsent`, ...
//! germline = true              # germline findings of a tumour's patient; asked of tumour and normal
//! ```

use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::consent::Answers;
use super::keys::Reader;
use super::{
    BiomarkerInputs, Case, CaseForm, CaseKind, Draft, DraftMember, PanelChoice, PenetranceRequest,
    PolicyChoice, TumourFiles,
};
use crate::model::contig::Assembly;
use crate::model::problem::{Problem, Problems};
use crate::model::sample::{Affected, Consent, ConsentAnswer, ConsentSource, Role, Sex};

const CASE_KEYS: &[&str] = &[
    "id",
    "kind",
    "assembly",
    "policy",
    "penetrance",
    "reference",
    "panels",
    "variants",
    "structural_variants",
    "repeats",
    "domain1",
    "domain2",
    "frequencies",
    "clinvar",
    "hpo",
    "regions",
    "genes",
    "additional_findings",
    "carrier",
    "signatures",
    "microsatellites",
    "purity",
    "withdrawn",
    "leave_out",
];
const TUMOUR_KEYS: &[&str] = &[
    "simple_repeats",
    "segmental_duplications",
    "panel_of_normals",
    "germline_panels",
    "germline_panels_wider",
    "civic",
    "disease",
];
const MEMBER_KEYS: &[&str] = &[
    "id",
    "sample",
    "role",
    "sex",
    "affected",
    "father",
    "mother",
    "alignment",
    "variants",
    "structural_variants",
    "repeats",
    "sketch",
    "hpo",
    "x_copies",
    "adult",
    "identical_twins",
    "consent",
];
const CONSENT_KEYS: &[&str] = &[
    "primary",
    "secondary",
    "carrier",
    "pharmacogenomics",
    "germline",
    "programmeConsent",
    "primaryFindingConsent",
    "secondaryFindingConsent",
    "healthRelatedFindingConsent",
    "carrierStatusConsent",
    "pharmacogenomicsFindingConsent",
    "researchConsent",
];
const ROLE_WORDS: &[&str] =
    &["proband", "mother", "father", "sibling", "relative", "tumour", "normal"];

/// Reads a case document. `path` names it in problems and its folder is the base of relative paths.
///
/// # Errors
///
/// Every fault of syntax, key, value and pedigree, each with its line.
pub fn parse(text: &str, path: &Path) -> Result<Case, Problems> {
    let (draft, mut problems) = draft(text, path);
    match draft.map(Draft::resolve) {
        Some(Ok(case)) if problems.0.is_empty() => return Ok(case),
        Some(Err(more)) => problems.0.extend(more.0),
        _ => {}
    }
    Err(problems)
}

/// Reads a case document as far as it can be read, with every fault of syntax, key and value; no draft where too little
/// of it can be read for the pedigree to be judged.
pub fn draft(text: &str, path: &Path) -> (Option<Draft>, Problems) {
    of_text(text, path, true)
}

/// Reads what is laid over a case that another document states: the same keys, none required but `id` of a member. No
/// `id` and `kind` of the case; `role` of a member is not needed.
///
/// # Errors
///
/// Every fault of syntax, key and value, each with its line.
pub fn overlay(text: &str, path: &Path) -> Result<Draft, Problems> {
    let (draft, problems) = of_text(text, path, false);
    problems.into_result()?;
    draft.ok_or_else(|| Problem::bad_data("cannot be read").in_file(path.display()).into())
}

fn of_text(text: &str, path: &Path, whole: bool) -> (Option<Draft>, Problems) {
    let file = path.display().to_string();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::new(&file, text);
    let draft = reader.document().and_then(|table| read(&mut reader, table.get_ref(), path, whole));
    (draft, reader.problems)
}

/// The document as a draft; `None` when too little of it can be read for the pedigree to be judged. `is_whole` is false of
/// an overlay.
#[expect(clippy::too_many_lines, reason = "one line a field of the draft")]
fn read<'a>(
    reader: &mut Reader<'a>,
    table: &DeTable<'a>,
    path: &Path,
    is_whole: bool,
) -> Option<Draft> {
    reader.only(table, "a case document", &["case", "tumour", "member"]);
    let base = path.parent().unwrap_or(Path::new(""));
    let (members, whole) = read_members(reader, table, base, is_whole);
    let empty = DeTable::new();
    let (case, at) = if is_whole || table.contains_key("case") {
        case_table(reader, table, path)?
    } else {
        (&empty, 0)
    };
    reader.only(case, "[case]", if is_whole { CASE_KEYS } else { &CASE_KEYS[2..] });
    let id = reader.text(case, "id").map(Spanned::into_inner);
    let kind = reader.word(case, "kind", CaseKind::parse, &CaseKind::WORDS);
    let assembly = reader.word(case, "assembly", Assembly::parse, &["GRCh37", "GRCh38"]);
    for key in ["id", "kind", "assembly"].into_iter().filter(|key| !case.contains_key(*key)) {
        if is_whole {
            reader.fault(at, format!("[case] has no `{key}`"));
        }
    }
    let words = ["complete", "incomplete", "both"];
    let penetrance = reader.word(case, "penetrance", PenetranceRequest::parse, &words);
    let file = |key: &str| reader.text(case, key).map(|text| base.join(text.get_ref()));
    let [reference, regions, genes, clinvar, domain1, domain2] =
        ["reference", "regions", "genes", "clinvar", "domain1", "domain2"].map(file);
    let files = |key: &str| -> Vec<PathBuf> {
        let texts = reader.texts(case, key).into_iter();
        texts.map(|text| base.join(text.get_ref())).collect()
    };
    let [variants, structural_variants, repeats, frequencies] =
        ["variants", "structural_variants", "repeats", "frequencies"].map(files);
    let panels = reader.texts(case, "panels").into_iter();
    let panels = panels.map(|text| panel(text.get_ref(), base)).collect();
    let of_tumour = read_tumour(reader, table, base);
    let kind = if is_whole { kind } else { Some(CaseKind::Family) };
    let texts = |reader: &mut Reader<'a>, key| -> Vec<String> {
        reader.texts(case, key).into_iter().map(Spanned::into_inner).collect()
    };
    let draft = Draft {
        id: id.unwrap_or_default(),
        kind: kind?,
        assembly,
        policy: reader.text(case, "policy").map(|text| policy(text.get_ref(), base)),
        penetrance,
        reference,
        regions,
        genes,
        panels,
        variants,
        structural_variants,
        repeats,
        domain1,
        domain2,
        additional_findings: one_panel(reader, case, "additional_findings", base),
        carrier: one_panel(reader, case, "carrier", base),
        frequencies,
        clinvar,
        biomarkers: biomarker_inputs(reader, case, base),
        hpo: texts(reader, "hpo"),
        tumour: of_tumour,
        members,
        withdrawn: texts(reader, "withdrawn"),
        leave_out: reader.flag(case, "leave_out").unwrap_or(false),
        ..Draft::new(CaseForm::CaseToml, path)
    };
    whole.then_some(draft)
}

/// The table [case] and where it begins; a fault is noted where there is none.
fn case_table<'t, 'a>(
    reader: &mut Reader<'a>,
    document: &'t DeTable<'a>,
    path: &Path,
) -> Option<(&'t DeTable<'a>, usize)> {
    let Some(case) = document.get("case") else {
        reader.problems.0.push(Problem::bad_data("no [case] table").in_file(path.display()).help(
            "a case document begins with [case] and has one [[member]] for each person or sample",
        ));
        return None;
    };
    let at = case.span().start;
    let table = case.get_ref().as_table();
    if table.is_none() {
        reader.fault(at, "`case` must be a table, [case]");
    }
    Some((table?, at))
}

/// The files that a tumour's variants are held against.
fn read_tumour<'a>(reader: &mut Reader<'a>, document: &DeTable<'a>, base: &Path) -> TumourFiles {
    let Some(value) = document.get("tumour") else { return TumourFiles::default() };
    let Some(table) = value.get_ref().as_table() else {
        reader.fault(value.span().start, "`tumour` must be a table, [tumour]");
        return TumourFiles::default();
    };
    reader.only(table, "[tumour]", TUMOUR_KEYS);
    let panels = |reader: &mut Reader<'a>, key: &str| -> Vec<PanelChoice> {
        let texts = reader.texts(table, key).into_iter();
        texts.map(|text| panel(text.get_ref(), base)).collect()
    };
    let germline_panels = panels(reader, "germline_panels");
    let germline_panels_wider = panels(reader, "germline_panels_wider");
    let disease = reader.texts(table, "disease").into_iter().map(Spanned::into_inner).collect();
    let mut file = |key: &str| reader.text(table, key).map(|text| base.join(text.get_ref()));
    TumourFiles {
        simple_repeats: file("simple_repeats"),
        segmental_duplications: file("segmental_duplications"),
        panel_of_normals: file("panel_of_normals"),
        germline_panels,
        germline_panels_wider,
        civic: file("civic"),
        no_default_list: false,
        disease,
    }
}

/// A preset's name, or a file when the text looks like a path.
pub fn policy(text: &str, base: &Path) -> PolicyChoice {
    let is_file = text.contains('/')
        || Path::new(text).extension().is_some_and(|e| e.eq_ignore_ascii_case("toml"));
    if is_file {
        PolicyChoice::File(base.join(text))
    } else {
        PolicyChoice::Preset(text.to_owned())
    }
}

/// What a tumour case gives for its biomarkers.
fn biomarker_inputs<'a>(
    reader: &mut Reader<'a>,
    case: &DeTable<'a>,
    base: &Path,
) -> BiomarkerInputs {
    let mut file = |key: &str| reader.text(case, key).map(|text| base.join(text.get_ref()));
    let (signatures, microsatellites) = (file("signatures"), file("microsatellites"));
    BiomarkerInputs { signatures, microsatellites, purity: reader.share(case, "purity") }
}

/// The panel of a key that names one.
fn one_panel<'a>(
    reader: &mut Reader<'a>,
    case: &DeTable<'a>,
    key: &str,
    base: &Path,
) -> Option<PanelChoice> {
    reader.text(case, key).map(|text| panel(text.get_ref(), base))
}

fn panel(text: &str, base: &Path) -> PanelChoice {
    let choice = PanelChoice::parse(text);
    PanelChoice { path: base.join(choice.path), only: choice.only }
}

/// The members, and whether each has an id and a role, without which the pedigree cannot be judged.
fn read_members<'a>(
    reader: &mut Reader<'a>,
    table: &DeTable<'a>,
    base: &Path,
    is_whole: bool,
) -> (Vec<DraftMember>, bool) {
    let Some(list) = table.get("member") else { return (Vec::new(), true) };
    let Some(list) = list.get_ref().as_array() else {
        reader.fault(list.span().start, "`member` must be a list of tables, [[member]]");
        return (Vec::new(), false);
    };
    let mut members = Vec::new();
    let mut whole = true;
    for item in list {
        let at = item.span().start;
        let Some(table) = item.get_ref().as_table() else {
            reader.fault(at, "a member must be a table, [[member]]");
            whole = false;
            continue;
        };
        let member = read_member(reader, table, (at, is_whole), base);
        whole &= (member.role.is_some() || !is_whole) && !member.id.is_empty();
        members.push(member);
    }
    (members, whole)
}

fn read_member<'a>(
    reader: &mut Reader<'a>,
    table: &DeTable<'a>,
    (at, is_whole): (usize, bool),
    base: &Path,
) -> DraftMember {
    reader.only(table, "[[member]]", MEMBER_KEYS);
    for key in ["id", "role"] {
        if !table.contains_key(key) && (is_whole || key == "id") {
            reader.fault(at, format!("[[member]] has no `{key}`"));
        }
    }
    let mut text = |key: &str| reader.text(table, key).map(Spanned::into_inner);
    let (id, sample) = (text("id"), text("sample"));
    let (father, mother) = (text("father"), text("mother"));
    let (alignment, variants) = (text("alignment"), text("variants"));
    let sketch = text("sketch");
    let identical_twins = text("identical_twins");
    let mut files = |key: &str| -> Vec<PathBuf> {
        let texts = reader.texts(table, key).into_iter();
        texts.map(|text| base.join(text.get_ref())).collect()
    };
    let (structural_variants, repeats) = (files("structural_variants"), files("repeats"));
    let sexes = ["male", "female", "unknown"];
    let answers = ["yes", "no", "uncertain"];
    DraftMember {
        place: reader.place(at),
        id: id.unwrap_or_default(),
        sample,
        role: reader.word(table, "role", parse_role, ROLE_WORDS),
        sex: reader.word(table, "sex", parse_sex, &sexes).unwrap_or_default(),
        affected: reader.word(table, "affected", parse_affected, &answers),
        father,
        mother,
        alignment: alignment.map(|path| base.join(path)),
        variants: variants.map(|path| base.join(path)),
        structural_variants,
        repeats,
        sketch: sketch.map(|path| base.join(path)),
        hpo: reader.texts(table, "hpo").into_iter().map(Spanned::into_inner).collect(),
        consent: read_consent(reader, table),
        x_copies: reader.small(table, "x_copies"),
        adult: reader.flag(table, "adult"),
        identical_twins,
        ..DraftMember::default()
    }
}

fn parse_role(word: &str) -> Option<Role> {
    Some(match word.to_ascii_lowercase().as_str() {
        "proband" => Role::Proband,
        "mother" => Role::Mother,
        "father" => Role::Father,
        "sibling" => Role::Sibling,
        "relative" => Role::Relative,
        "tumour" | "tumor" => Role::Tumour,
        "normal" => Role::Normal,
        _ => return None,
    })
}

fn parse_sex(word: &str) -> Option<Sex> {
    Some(match word.to_ascii_lowercase().as_str() {
        "male" => Sex::Male,
        "female" => Sex::Female,
        "unknown" => Sex::Unknown,
        _ => return None,
    })
}

fn parse_affected(word: &str) -> Option<Affected> {
    Some(match word.to_ascii_lowercase().as_str() {
        "yes" => Affected::Yes,
        "no" => Affected::No,
        "uncertain" => Affected::Uncertain,
        _ => return None,
    })
}

/// The words of the two generations of consent records; anything but an explicit yes forbids.
pub(super) fn parse_answer(word: &str) -> Option<ConsentAnswer> {
    Some(match word.to_ascii_lowercase().as_str() {
        "yes" => ConsentAnswer::Yes,
        "no" => ConsentAnswer::No,
        "undefined" | "not_applicable" | "not-stated" => ConsentAnswer::NotStated,
        _ => return None,
    })
}

fn read_consent<'a>(reader: &mut Reader<'a>, member: &DeTable<'a>) -> Consent {
    let Some(value) = member.get("consent") else { return Consent::default() };
    let Some(table) = value.get_ref().as_table() else {
        reader.fault(value.span().start, "`consent` must be a table, [member.consent]");
        return Consent::default();
    };
    reader.only(table, "[member.consent]", CONSENT_KEYS);
    let mut answer = |key: &str| match table.get(key).map(Spanned::get_ref) {
        None => None,
        Some(DeValue::Boolean(true)) => Some(ConsentAnswer::Yes),
        Some(DeValue::Boolean(false)) => Some(ConsentAnswer::No),
        Some(_) => {
            let words = ["yes", "no", "undefined", "not_applicable"];
            Some(reader.word(table, key, parse_answer, &words).unwrap_or_default())
        }
    };
    // Both generations of consent records may be there: the most restrictive of all that is said counts.
    let mut said = |keys: &[&str]| keys.iter().filter_map(|key| answer(key)).collect::<Vec<_>>();
    let _ = said(&["researchConsent"]);
    let answers = Answers {
        programme: said(&["programmeConsent"]),
        primary: said(&["primary", "primaryFindingConsent"]),
        secondary: said(&["secondary", "secondaryFindingConsent", "healthRelatedFindingConsent"]),
        carrier: said(&["carrier", "carrierStatusConsent"]),
        pharmacogenomics: said(&["pharmacogenomics", "pharmacogenomicsFindingConsent"]),
        germline: said(&["germline"]),
    };
    answers.consent(ConsentSource::CaseDocument)
}
