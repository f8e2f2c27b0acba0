//! What is laid over a case that a referral states: files, panels, policy, what a laboratory adds. It never replaces what
//! the referral says; where both speak and differ, that is a fault.

use super::{Draft, DraftMember, consent, shown};
use crate::model::problem::{Problem, Problems, nearest};
use crate::model::sample::{ConsentSource, Sex};

impl Draft {
    /// Adds what `more` says. Lists are joined; single values must not differ; members are found by their id, and consent
    /// is what both allow.
    ///
    /// # Errors
    ///
    /// Every value that differs, and every member of `more` that is none of the case.
    pub fn lay_over(&mut self, more: Draft) -> Result<(), Problems> {
        let mut problems = Problems::default();
        let mut told = |key: &str, is_taken: bool| {
            if !is_taken {
                let message = format!("`{key}` is stated twice, with different values");
                let problem = Problem::usage(message).in_file(&more.origin);
                problems.0.push(problem.help("leave it out here, or in the case"));
            }
        };
        told("assembly", one(&mut self.assembly, more.assembly));
        told("policy", one(&mut self.policy, more.policy));
        told("penetrance", one(&mut self.penetrance, more.penetrance));
        told("reference", one(&mut self.reference, more.reference));
        told("regions", one(&mut self.regions, more.regions));
        told("genes", one(&mut self.genes, more.genes));
        told("domain1", one(&mut self.domain1, more.domain1));
        told("domain2", one(&mut self.domain2, more.domain2));
        told("clinvar", one(&mut self.clinvar, more.clinvar));
        told("additional_findings", one(&mut self.additional_findings, more.additional_findings));
        told("carrier", one(&mut self.carrier, more.carrier));
        let (tumour, over) = (&mut self.tumour, more.tumour);
        told("simple_repeats", one(&mut tumour.simple_repeats, over.simple_repeats));
        told(
            "segmental_duplications",
            one(&mut tumour.segmental_duplications, over.segmental_duplications),
        );
        told("panel_of_normals", one(&mut tumour.panel_of_normals, over.panel_of_normals));
        let (biomarkers, over) = (&mut self.biomarkers, more.biomarkers);
        told("signatures", one(&mut biomarkers.signatures, over.signatures));
        told("microsatellites", one(&mut biomarkers.microsatellites, over.microsatellites));
        told("purity", one(&mut biomarkers.purity, over.purity));
        self.panels.extend(more.panels);
        self.variants.extend(more.variants);
        self.structural_variants.extend(more.structural_variants);
        self.repeats.extend(more.repeats);
        self.frequencies.extend(more.frequencies);
        self.hpo.extend(more.hpo);
        self.withdrawn.extend(more.withdrawn);
        self.leave_out |= more.leave_out;
        for over in more.members {
            if let Err(found) = self.member_over(over, &more.origin) {
                problems.0.extend(found.0);
            }
        }
        problems.into_result()
    }

    fn member_over(&mut self, over: DraftMember, origin: &str) -> Result<(), Problems> {
        let place = over.place.clone();
        let problem =
            |message: String| Problem::bad_data(message).in_file(origin).at(place.clone());
        let mut found = self.members.iter().enumerate().filter(|(_, own)| {
            own.id == over.id || (over.role.is_none() && own.sample.as_ref() == Some(&over.id))
        });
        let index = match (found.next(), found.next(), over.role) {
            (Some((index, _)), None, _) => index,
            // Tumour and normal share the person's id: the role tells them apart.
            (Some(_), Some(_), Some(role)) => {
                let same = |own: &DraftMember| own.id == over.id && own.role == Some(role);
                self.members.iter().position(same).unwrap_or_default()
            }
            (Some(_), Some(_), None) => {
                let message = "names two members of the case".to_owned();
                return Err(problem(message).help("give its `role`, or its sample as `id`").into());
            }
            (None, _, _) => {
                let ids = self.members.iter().map(|own| own.id.as_str());
                let near = nearest(&over.id, ids)
                    .and_then(|near| self.members.iter().position(|own| own.id == near));
                let help = match near {
                    Some(i) => {
                        format!("the nearest id is that of {}", shown(i, self.members[i].role))
                    }
                    None => "`id` is that of a member of the case".to_owned(),
                };
                let message = "is no member of the case".to_owned();
                return Err(problem(message).help(help).into());
            }
        };
        let states_consent = self.form.states_consent();
        let who = shown(index, self.members[index].role);
        let differ = merge(&mut self.members[index], over, states_consent);
        let told = differ.into_iter().map(|key| {
            problem(format!("{who}: `{key}` differs from what the case says"))
                .help("leave it out here, or correct the case")
        });
        let problems = Problems(told.collect());
        problems.into_result()
    }
}

/// Takes the value where there is none; false when there is another.
fn one<T: PartialEq>(slot: &mut Option<T>, value: Option<T>) -> bool {
    match (&slot, value) {
        (_, None) => true,
        (None, value) => {
            *slot = value;
            true
        }
        (Some(known), Some(value)) => *known == value,
    }
}

/// The keys that differ.
fn merge(own: &mut DraftMember, over: DraftMember, states_consent: bool) -> Vec<&'static str> {
    let mut differ = Vec::new();
    let mut told = |key, is_taken: bool| {
        if !is_taken {
            differ.push(key);
        }
    };
    if over.sample.is_some() && own.undecided.take().is_some() {
        own.sample = None;
    }
    told("sample", one(&mut own.sample, over.sample));
    told("role", one(&mut own.role, over.role));
    told("affected", one(&mut own.affected, over.affected));
    told("father", one(&mut own.father, over.father));
    told("mother", one(&mut own.mother, over.mother));
    told("alignment", one(&mut own.alignment, over.alignment));
    told("variants", one(&mut own.variants, over.variants));
    told("sketch", one(&mut own.sketch, over.sketch));
    told("adult", one(&mut own.adult, over.adult));
    told("identical_twins", one(&mut own.identical_twins, over.identical_twins));
    if over.x_copies.is_some() {
        // Said by somebody who saw both the sex and the karyotype.
        (own.x_copies, own.karyotype_sex) = (over.x_copies, None);
    }
    match (own.sex, over.sex) {
        (_, Sex::Unknown) => {}
        (Sex::Unknown, stated) => own.sex = stated,
        (known, stated) => told("sex", known == stated),
    }
    own.structural_variants.extend(over.structural_variants);
    own.repeats.extend(over.repeats);
    own.hpo.extend(over.hpo);
    own.consent = match (own.consent.source, over.consent.source) {
        (_, ConsentSource::Nowhere) => own.consent,
        (ConsentSource::Nowhere, _) if !states_consent => over.consent,
        _ => consent::both(own.consent, over.consent),
    };
    differ
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::document;
    use super::*;
    use crate::model::sample::ConsentAnswer;

    fn over(text: &str) -> Draft {
        document::overlay(text, Path::new("lab/more.toml")).unwrap()
    }

    fn case() -> Draft {
        let text = "[case]\nid = \"T\"\nkind = \"singleton\"\nassembly = \"GRCh38\"\n[[member]]\nid = \"C\"\nsample = \"S\"\nrole = \"proband\"\nsex = \"male\"\n[member.consent]\nprimary = true\n";
        document::draft(text, Path::new("case.toml")).0.unwrap()
    }

    #[test]
    fn files_and_panels_are_added() {
        let mut draft = case();
        let more = "[case]\nreference = \"r.fa\"\npanels = [\"p.json\"]\n[[member]]\nid = \"C\"\nalignment = \"c.bam\"\nadult = true\n";
        draft.lay_over(over(more)).unwrap();
        let case = draft.resolve().unwrap();
        assert_eq!(case.reference.as_deref(), Some(Path::new("lab/r.fa")));
        assert_eq!(case.panels.len(), 1);
        let (_, child) = case.index_member().unwrap();
        assert_eq!(child.alignment.as_deref(), Some(Path::new("lab/c.bam")));
        assert_eq!(child.adult, Some(true));
    }

    #[test]
    fn what_differs_is_told() {
        let more = "[case]\nassembly = \"GRCh37\"\n[[member]]\nid = \"C\"\nsex = \"female\"\n[[member]]\nid = \"D\"\n";
        let told = case().lay_over(over(more)).unwrap_err().to_string();
        for part in ["`assembly` is stated twice", "member 1 (proband): `sex` differs", "line 6"] {
            assert!(told.contains(part), "{part}: {told}");
        }
        assert!(document::overlay("[case]\nid = \"X\"\n", Path::new("x")).is_err());
    }

    #[test]
    fn consent_can_only_be_narrowed() {
        let mut draft = case();
        let more = "[[member]]\nid = \"C\"\n[member.consent]\nprimary = true\nsecondary = true\n";
        draft.lay_over(over(more)).unwrap();
        assert_eq!(draft.members[0].consent.secondary, ConsentAnswer::NotStated);
        let more = "[[member]]\nid = \"C\"\n[member.consent]\nprimary = false\n";
        draft.lay_over(over(more)).unwrap();
        assert_eq!(draft.members[0].consent.primary, ConsentAnswer::No);
    }
}
