//! What is laid over a case that a referral states: files, panels, policy, what a laboratory adds. It never replaces what
//! the referral says; where both speak and differ, that is a fault.

use super::{BiomarkerInputs, Draft, DraftMember, TumourFiles, shown};
use crate::model::problem::{Problem, Problems, nearest};
use crate::model::sample::{ConsentSource, Role, Sex};

impl Draft {
    /// Adds what `more` says. Lists are joined; single values must not differ; members are found by their id, and consent
    /// is what both allow.
    ///
    /// # Errors
    ///
    /// Every value that differs, and every member of `more` that is none of the case.
    #[expect(clippy::too_many_lines, reason = "one line a field of the draft, twice")]
    pub fn lay_over(&mut self, more: Draft) -> Result<(), Problems> {
        // Named one by one, so that no key of a later day is passed over in silence.
        let Draft {
            source: _,
            form: _,
            origin,
            id: _,
            kind: _,
            assembly,
            policy,
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
            additional_findings,
            carrier,
            frequencies,
            clinvar,
            tumour,
            biomarkers,
            hpo,
            members,
            withdrawn,
            leave_out,
            referred: _,
        } = more;
        let mut problems = Problems::default();
        let mut told = |key: &str, is_taken: bool| {
            if !is_taken {
                let message = format!("`{key}` is stated twice, with different values");
                let problem = Problem::usage(message).in_file(&origin);
                problems.0.push(problem.help("leave it out here, or in the case"));
            }
        };
        told("assembly", one(&mut self.assembly, assembly));
        told("policy", one(&mut self.policy, policy));
        told("penetrance", one(&mut self.penetrance, penetrance));
        told("reference", one(&mut self.reference, reference));
        told("regions", one(&mut self.regions, regions));
        told("genes", one(&mut self.genes, genes));
        told("domain1", one(&mut self.domain1, domain1));
        told("domain2", one(&mut self.domain2, domain2));
        told("clinvar", one(&mut self.clinvar, clinvar));
        told("additional_findings", one(&mut self.additional_findings, additional_findings));
        told("carrier", one(&mut self.carrier, carrier));
        tumour_over(&mut self.tumour, tumour, &mut told);
        biomarkers_over(&mut self.biomarkers, biomarkers, &mut told);
        self.panels.extend(panels);
        self.variants.extend(variants);
        self.structural_variants.extend(structural_variants);
        self.repeats.extend(repeats);
        self.frequencies.extend(frequencies);
        self.hpo.extend(hpo);
        self.withdrawn.extend(withdrawn);
        self.leave_out |= leave_out;
        for over in members {
            if let Err(found) = self.member_over(over, &origin) {
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

fn tumour_over(own: &mut TumourFiles, over: TumourFiles, told: &mut impl FnMut(&str, bool)) {
    let TumourFiles {
        simple_repeats,
        segmental_duplications,
        panel_of_normals,
        germline_panels,
        germline_panels_wider,
        civic,
        // Told by the word that stands as `domain2`.
        no_default_list: _,
        disease,
    } = over;
    told("simple_repeats", one(&mut own.simple_repeats, simple_repeats));
    told("segmental_duplications", one(&mut own.segmental_duplications, segmental_duplications));
    told("panel_of_normals", one(&mut own.panel_of_normals, panel_of_normals));
    told("civic", one(&mut own.civic, civic));
    own.germline_panels.extend(germline_panels);
    own.germline_panels_wider.extend(germline_panels_wider);
    own.disease.extend(disease);
}

fn biomarkers_over(
    own: &mut BiomarkerInputs,
    over: BiomarkerInputs,
    told: &mut impl FnMut(&str, bool),
) {
    let BiomarkerInputs { signatures, microsatellites, purity } = over;
    told("signatures", one(&mut own.signatures, signatures));
    told("microsatellites", one(&mut own.microsatellites, microsatellites));
    told("purity", one(&mut own.purity, purity));
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
#[expect(clippy::too_many_lines, reason = "one line a field of the member, twice")]
fn merge(own: &mut DraftMember, over: DraftMember, states_consent: bool) -> Vec<&'static str> {
    let DraftMember {
        place: _,
        id: _,
        sample,
        aliases,
        undecided: _,
        faults,
        role,
        sex,
        karyotype_sex: _,
        affected,
        father,
        mother,
        alignment,
        variants,
        more_variants,
        structural_variants,
        repeats,
        sketch,
        hpo,
        consent,
        x_copies,
        adult,
        identical_twins,
    } = over;
    let mut differ = Vec::new();
    let mut told = |key, is_taken: bool| {
        if !is_taken {
            differ.push(key);
        }
    };
    if sample.is_some() && own.undecided.take().is_some() {
        own.sample = None;
    }
    told("sample", one(&mut own.sample, sample));
    told("role", one(&mut own.role, role));
    told("affected", one(&mut own.affected, affected));
    told("father", one(&mut own.father, father));
    told("mother", one(&mut own.mother, mother));
    told("alignment", one(&mut own.alignment, alignment));
    told("variants", one(&mut own.variants, variants));
    told("sketch", one(&mut own.sketch, sketch));
    told("adult", one(&mut own.adult, adult));
    told("identical_twins", one(&mut own.identical_twins, identical_twins));
    match (own.sex, sex) {
        (_, Sex::Unknown) => {}
        (Sex::Unknown, stated) => own.sex = stated,
        (known, stated) => told("sex", known == stated),
    }
    let contradicts = own.karyotype_sex.is_some_and(|shown| {
        let (sex, role) = (own.sex, own.role);
        let is_other = |stated: Sex| stated != Sex::Unknown && stated != shown;
        is_other(sex) || (sex == Sex::Unknown && role.is_some_and(|r| is_other(sex_of_role(r))))
    });
    if contradicts && x_copies.is_some() {
        // Said by somebody who saw both the sex and the karyotype.
        (own.x_copies, own.karyotype_sex) = (x_copies, None);
    } else {
        told("x_copies", one(&mut own.x_copies, x_copies));
    }
    own.aliases.extend(aliases);
    own.faults.extend(faults);
    own.more_variants.extend(more_variants);
    own.structural_variants.extend(structural_variants);
    own.repeats.extend(repeats);
    own.hpo.extend(hpo);
    own.consent = match (own.consent.source, consent.source) {
        (_, ConsentSource::Nowhere) => own.consent,
        (ConsentSource::Nowhere, _) if !states_consent => consent,
        _ => super::consent::both(own.consent, consent),
    };
    differ
}

/// The sex of parents, as their role tells.
fn sex_of_role(role: Role) -> Sex {
    match role {
        Role::Mother => Sex::Female,
        Role::Father => Sex::Male,
        _ => Sex::Unknown,
    }
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
    fn what_a_tumour_is_held_against_is_added() {
        let mut draft = case();
        let more = "[tumour]\ncivic = \"c.tsv\"\ngermline_panels = [\"g.json\"]\ngermline_panels_wider = [\"w.json\"]\ndisease = [\"DOID:1\"]\n";
        draft.lay_over(over(more)).unwrap();
        let known = &draft.tumour;
        assert_eq!(known.civic.as_deref(), Some(Path::new("lab/c.tsv")));
        assert_eq!((known.germline_panels.len(), known.germline_panels_wider.len()), (1, 1));
        assert_eq!(known.disease, ["DOID:1"]);
        let told = draft.lay_over(over("[tumour]\ncivic = \"d.tsv\"\n")).unwrap_err();
        assert!(told.to_string().contains("`civic` is stated twice"), "{told}");
    }

    #[test]
    fn copies_of_x_are_replaced_only_where_sex_and_karyotype_differ() {
        let more = "[[member]]\nid = \"C\"\nx_copies = 2\n";
        for (shown, differs) in [(Sex::Male, true), (Sex::Female, false)] {
            let mut draft = case();
            (draft.members[0].x_copies, draft.members[0].karyotype_sex) = (Some(1), Some(shown));
            assert_eq!(draft.lay_over(over(more)).is_err(), differs);
            assert_eq!(draft.members[0].x_copies, Some(if differs { 1 } else { 2 }));
        }
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
