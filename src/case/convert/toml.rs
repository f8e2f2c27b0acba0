//! A case as `case.toml`: everything that the document can say, so that reading it gives the case again.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::super::{CallFile, Case, PanelChoice, PolicyChoice, role_word};
use super::{absolute, id_of};
use crate::model::sample::{Affected, ConsentAnswer, ConsentSource, Member, MemberId, Sex};

/// The document.
pub fn document(case: &Case) -> String {
    let mut text = String::from("[case]\n");
    pair(&mut text, "id", &case.id);
    pair(&mut text, "kind", case.kind.word());
    pair(&mut text, "assembly", &case.assembly.to_string());
    if let Some(policy) = &case.policy {
        let word = match policy {
            PolicyChoice::Preset(name) => name.clone(),
            PolicyChoice::File(path) => absolute(path),
        };
        pair(&mut text, "policy", &word);
    }
    if !case.kind.is_cancer() {
        pair(&mut text, "penetrance", case.penetrance.word());
    }
    let inputs = &case.biomarkers;
    for (key, path) in [
        ("reference", &case.reference),
        ("regions", &case.regions),
        ("genes", &case.genes),
        ("domain1", &case.domain1),
        ("domain2", &case.domain2),
        ("clinvar", &case.clinvar),
        ("signatures", &inputs.signatures),
        ("microsatellites", &inputs.microsatellites),
    ] {
        file(&mut text, key, path.as_deref());
    }
    if case.tumour.no_default_list {
        pair(&mut text, "domain2", "none");
    }
    if let Some(share) = inputs.purity {
        let _ = writeln!(text, "purity = {:?}", f64::from(share) / 10_000.0);
    }
    for (key, choice) in
        [("additional_findings", &case.additional_findings), ("carrier", &case.carrier)]
    {
        if let Some(choice) = choice {
            pair(&mut text, key, &panel(choice));
        }
    }
    list(&mut text, "panels", case.panels.iter().map(panel));
    list(&mut text, "variants", paths(&case.variants));
    list(&mut text, "frequencies", paths(&case.frequencies));
    list(&mut text, "structural_variants", calls(&case.structural_variants, None));
    list(&mut text, "repeats", calls(&case.repeats, None));
    tumour(&mut text, case);
    for (id, member) in case.family.iter() {
        self::member(&mut text, case, (id, member));
    }
    text
}

fn tumour(text: &mut String, case: &Case) {
    let files = &case.tumour;
    if files.files().next().is_none() && files.disease.is_empty() {
        return;
    }
    text.push_str("\n[tumour]\n");
    for (key, path) in [
        ("simple_repeats", &files.simple_repeats),
        ("segmental_duplications", &files.segmental_duplications),
        ("panel_of_normals", &files.panel_of_normals),
        ("civic", &files.civic),
    ] {
        file(text, key, path.as_deref());
    }
    list(text, "germline_panels", files.germline_panels.iter().map(panel));
    list(text, "germline_panels_wider", files.germline_panels_wider.iter().map(panel));
    list(text, "disease", files.disease.iter().cloned());
}

fn member(text: &mut String, case: &Case, (id, member): (MemberId, &Member)) {
    text.push_str("\n[[member]]\n");
    pair(text, "id", &id_of(case, id));
    if let Some(sample) = &member.sample {
        pair(text, "sample", sample);
    }
    pair(text, "role", role_word(member.role));
    let sex = match member.sex {
        Sex::Male => "male",
        Sex::Female => "female",
        Sex::Unknown => "unknown",
    };
    pair(text, "sex", sex);
    let affected = match member.affected {
        Affected::Yes => "yes",
        Affected::No => "no",
        Affected::Uncertain => "uncertain",
    };
    pair(text, "affected", affected);
    for (key, parent) in [("father", member.father), ("mother", member.mother)] {
        if let Some(parent) = parent {
            pair(text, key, &id_of(case, parent));
        }
    }
    file(text, "alignment", member.alignment.as_deref());
    file(text, "variants", member.variants.as_deref());
    list(text, "structural_variants", calls(&case.structural_variants, Some(id)));
    list(text, "repeats", calls(&case.repeats, Some(id)));
    let sketch = case.sketches.iter().find(|file| file.member == Some(id));
    file(text, "sketch", sketch.map(|file| file.path.as_path()));
    let terms = member.hpo.iter();
    list(text, "hpo", terms.map(|t| format!("{}{}", if t.present { "" } else { "!" }, t.id)));
    if let Some(copies) = member.x_copies {
        let _ = writeln!(text, "x_copies = {copies}");
    }
    if let Some(adult) = member.adult {
        let _ = writeln!(text, "adult = {adult}");
    }
    if let Some(group) = &member.identical_twins {
        pair(text, "identical_twins", group);
    }
    consent(text, member);
}

fn consent(text: &mut String, member: &Member) {
    let answers = &member.consent;
    if answers.source == ConsentSource::Nowhere {
        return;
    }
    text.push_str("[member.consent]\n");
    for (key, answer) in [
        ("primary", answers.primary),
        ("secondary", answers.secondary),
        ("carrier", answers.carrier),
        ("pharmacogenomics", answers.pharmacogenomics),
        ("germline", answers.germline),
    ] {
        match answer {
            ConsentAnswer::Yes => {
                let _ = writeln!(text, "{key} = true");
            }
            ConsentAnswer::No => {
                let _ = writeln!(text, "{key} = false");
            }
            ConsentAnswer::NotStated => {}
        }
    }
}

fn quoted(value: &str) -> String {
    ::toml::Value::String(value.to_owned()).to_string()
}

fn pair(text: &mut String, key: &str, value: &str) {
    let _ = writeln!(text, "{key} = {}", quoted(value));
}

fn file(text: &mut String, key: &str, path: Option<&Path>) {
    if let Some(path) = path {
        pair(text, key, &absolute(path));
    }
}

fn list(text: &mut String, key: &str, values: impl Iterator<Item = String>) {
    let values: Vec<String> = values.map(|value| quoted(&value)).collect();
    if !values.is_empty() {
        let _ = writeln!(text, "{key} = [{}]", values.join(", "));
    }
}

fn paths(paths: &[PathBuf]) -> impl Iterator<Item = String> + '_ {
    paths.iter().map(|path| absolute(path))
}

fn panel(choice: &PanelChoice) -> String {
    match &choice.only {
        Some(id) => format!("{}#{id}", absolute(&choice.path)),
        None => absolute(&choice.path),
    }
}

/// The files of one member, or the joint ones.
fn calls(files: &[CallFile], member: Option<MemberId>) -> impl Iterator<Item = String> + '_ {
    files.iter().filter(move |file| file.member == member).map(|file| absolute(&file.path))
}

#[cfg(test)]
mod tests {
    use super::super::super::document as toml_document;
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let trio = "[case]\nid = \"T \\\"1\\\"\"\nkind = \"family\"\nassembly = \"GRCh37\"\npolicy = \"/p/mine.toml\"\npenetrance = \"both\"\n\
            reference = \"/r.fa\"\npanels = [\"/p.json\", \"/q.jsonl#522\"]\nvariants = [\"/t.vcf.gz\"]\nfrequencies = [\"/f.tlf\"]\n\
            structural_variants = [\"/j.vcf\"]\nclinvar = \"/c.vcf\"\nhpo = [\"HP:0001250\"]\nadditional_findings = \"/a.json#399\"\n\
            [[member]]\nid = \"C\"\nsample = \"S 1\"\nrole = \"proband\"\nsex = \"male\"\naffected = \"yes\"\nalignment = \"/c.bam\"\n\
            repeats = [\"/c.str.vcf\"]\nsketch = \"/c.sketch\"\nhpo = [\"!HP:0001263\"]\nx_copies = 1\nadult = true\nidentical_twins = \"A\"\n\
            father = \"F\"\nmother = \"M\"\n\
            [member.consent]\nprimary = true\nsecondary = false\n\
            [[member]]\nid = \"B\"\nrole = \"sibling\"\nsex = \"male\"\nfather = \"F\"\nmother = \"M\"\nidentical_twins = \"A\"\n\
            [[member]]\nid = \"F\"\nrole = \"father\"\naffected = \"no\"\n[[member]]\nid = \"M\"\nrole = \"mother\"\n";
        let tumour = "[case]\nid = \"N\"\nkind = \"tumour-normal\"\nassembly = \"GRCh38\"\npurity = 0.7\ndomain1 = \"/d1\"\ndomain2 = \"none\"\nsignatures = \"/s\"\n\
            [tumour]\nsimple_repeats = \"/b.bed\"\ncivic = \"/v.tsv\"\ngermline_panels = [\"/g.json\"]\ngermline_panels_wider = [\"/w.jsonl#1\"]\ndisease = [\"DOID:1909\"]\n\
            [[member]]\nid = \"P\"\nsample = \"T\"\nrole = \"tumour\"\n[member.consent]\nprimary = true\ngermline = true\n\
            [[member]]\nid = \"P\"\nsample = \"N\"\nrole = \"normal\"\nvariants = \"/n.vcf\"\n[member.consent]\nprimary = true\n";
        for text in [trio, tumour] {
            let path = Path::new("case.toml");
            let case = toml_document::parse(text, path).unwrap();
            let again = document(&case);
            assert_eq!(toml_document::parse(&again, path).unwrap(), case, "{again}");
        }
    }
}
