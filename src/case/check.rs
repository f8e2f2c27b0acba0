//! Checks a draft as a whole: roles, names, kinship, sexes, phenotypes, consent. Faults name members by number and role,
//! never by id, because they reach logs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{CallFile, Case, CaseForm, CaseKind, Draft, DraftMember, TumourFiles, shown};
use crate::model::contig::Assembly;
use crate::model::problem::{Problem, Problems, nearest};
use crate::model::sample::{Affected, Family, HpoTerm, Member, MemberId, Role, Sex};

/// Members of one case; far beyond any family, and what keeps the cycle search cheap.
const MAX_MEMBERS: usize = 1_000;

impl Draft {
    /// Checks everything and makes the case.
    ///
    /// # Errors
    ///
    /// All faults together.
    pub fn resolve(mut self) -> Result<Case, Problems> {
        for member in &mut self.members {
            if member.sex == Sex::Unknown {
                member.sex = match member.role {
                    Some(Role::Mother) => Sex::Female,
                    Some(Role::Father) => Sex::Male,
                    _ => Sex::Unknown,
                };
            }
        }
        let mut problems = self.take_out();
        for path in self.members.iter_mut().flat_map(|m| std::mem::take(&mut m.more_variants)) {
            if !self.variants.contains(&path) {
                self.variants.push(path);
            }
        }
        problems.0.extend(self.members.iter_mut().flat_map(|m| std::mem::take(&mut m.faults)));
        let mut check = Check::new(&self);
        check.assembly();
        check.roles();
        check.names();
        check.samples();
        check.parents();
        check.phenotypes();
        check.consent();
        check.tumour();
        let Check { problems: found, fathers, mothers, .. } = check;
        problems.0.extend(found.0);
        problems.into_result()?;
        Ok(self.into_case(&fathers, &mothers))
    }

    /// Only called for a draft without faults.
    fn into_case(self, fathers: &[Option<usize>], mothers: &[Option<usize>]) -> Case {
        let id = |index: Option<usize>| index.map(|index| MemberId(index as u16));
        // The word stands where a path does; a list cannot be called so.
        let no_list =
            self.domain2.as_deref().and_then(Path::file_name).is_some_and(|n| n == "none");
        let case_hpo = self.hpo;
        let own = |pick, joint| call_files(&self.members, pick, joint);
        let structural_variants = own(|m| &m.structural_variants, self.structural_variants);
        let repeats = own(|m| &m.repeats, self.repeats);
        let sketches = sketches(&self.members);
        let members = self.members.into_iter().enumerate().map(|(i, draft)| {
            let role = draft.role.unwrap_or(Role::Relative);
            let is_index = matches!(role, Role::Proband | Role::Tumour);
            let of_case = if is_index { terms(&case_hpo) } else { Vec::new() };
            let mut hpo = [terms(&draft.hpo), of_case].concat();
            hpo.sort();
            hpo.dedup();
            // The proband is the person whose disease is looked into: affected unless the record says otherwise.
            let default = if is_index { Affected::Yes } else { Affected::Uncertain };
            Member {
                id: draft.id,
                sample: draft.sample,
                role,
                sex: draft.sex,
                affected: draft.affected.unwrap_or(default),
                father: id(fathers[i]),
                mother: id(mothers[i]),
                alignment: draft.alignment,
                variants: draft.variants,
                hpo,
                consent: draft.consent,
                x_copies: draft.x_copies,
                adult: draft.adult,
                identical_twins: draft.identical_twins,
            }
        });
        Case {
            family: Family { members: members.collect() },
            source: self.source,
            id: self.id,
            kind: self.kind,
            // A draft without an assembly has a fault.
            assembly: self.assembly.unwrap_or(Assembly::GRCh38),
            policy: self.policy,
            penetrance: self.penetrance.unwrap_or_default(),
            reference: self.reference,
            regions: self.regions,
            genes: self.genes,
            panels: self.panels,
            variants: self.variants,
            structural_variants,
            repeats,
            sketches,
            domain1: self.domain1,
            domain2: self.domain2.filter(|_| !no_list),
            additional_findings: self.additional_findings,
            carrier: self.carrier,
            frequencies: self.frequencies,
            clinvar: self.clinvar,
            tumour: TumourFiles { no_default_list: no_list, ..self.tumour },
            biomarkers: self.biomarkers,
            referred: self.referred,
        }
    }
}

/// Joint files, then those of members.
fn call_files(
    members: &[DraftMember],
    pick: fn(&DraftMember) -> &Vec<PathBuf>,
    joint: Vec<PathBuf>,
) -> Vec<CallFile> {
    let joint = joint.into_iter().map(|path| CallFile { path, member: None });
    let own = members.iter().enumerate().flat_map(|(i, member)| {
        let member_id = Some(MemberId(i as u16));
        pick(member).iter().map(move |path| CallFile { path: path.clone(), member: member_id })
    });
    joint.chain(own).collect()
}

fn sketches(members: &[DraftMember]) -> Vec<CallFile> {
    let sketch = |(i, member): (usize, &DraftMember)| {
        let path = member.sketch.clone()?;
        Some(CallFile { path, member: Some(MemberId(i as u16)) })
    };
    members.iter().enumerate().filter_map(sketch).collect()
}

/// A term and whether it is present; `None` when it is no HPO id.
fn term(text: &str) -> Option<HpoTerm> {
    let (id, present) = match text.strip_prefix('!') {
        Some(id) => (id, false),
        None => (text, true),
    };
    let digits = id.strip_prefix("HP:")?;
    (digits.len() == 7 && digits.bytes().all(|b| b.is_ascii_digit()))
        .then(|| HpoTerm { id: id.to_owned(), present })
}

fn terms(texts: &[String]) -> Vec<HpoTerm> {
    texts.iter().filter_map(|text| term(text)).collect()
}

struct Check<'d> {
    draft: &'d Draft,
    problems: Problems,
    fathers: Vec<Option<usize>>,
    mothers: Vec<Option<usize>>,
}

impl<'d> Check<'d> {
    fn new(draft: &'d Draft) -> Self {
        let none = vec![None; draft.members.len()];
        Self { draft, problems: Problems::default(), fathers: none.clone(), mothers: none }
    }

    fn case_fault(&mut self, message: impl Into<String>, help: &str) {
        self.push(Problem::bad_data(message).in_file(&self.draft.origin), help);
    }

    /// A fault of the member with this index.
    fn fault(&mut self, index: usize, message: &str, help: &str) {
        let member = &self.draft.members[index];
        let who = shown(index, member.role);
        let problem = Problem::bad_data(format!("{who}: {message}"))
            .in_file(&self.draft.origin)
            .at(&member.place);
        self.push(problem, help);
    }

    fn push(&mut self, problem: Problem, help: &str) {
        let problem = if help.is_empty() { problem } else { problem.help(help) };
        self.problems.0.push(problem);
    }

    fn members(&self) -> impl Iterator<Item = (usize, &'d DraftMember)> + use<'d> {
        self.draft.members.iter().enumerate()
    }

    fn with_role(&self, role: Role) -> Vec<usize> {
        self.members().filter(|(_, m)| m.role == Some(role)).map(|(i, _)| i).collect()
    }

    /// Exactly one member of a role that every case of this kind has.
    fn exactly_one(&mut self, role: Role, help: &str) {
        let word = super::role_word(role);
        match self.with_role(role).as_slice() {
            [] => self.case_fault(format!("no member has the role {word}"), help),
            [index] if self.draft.members[*index].sample.is_none() => {
                self.fault(*index, "has no `sample`: this member must be sequenced", "");
            }
            [_] => {}
            [_, second, ..] => {
                let message = format!("a second {word}: a case has exactly one");
                self.fault(*second, &message, help);
            }
        }
    }

    /// What is held against a tumour's variants belongs to a tumour.
    fn tumour(&mut self) {
        if !self.draft.kind.is_cancer() && self.draft.tumour.files().next().is_some() {
            let message = format!("[tumour] in a case of kind {}", self.draft.kind.word());
            let problem = Problem::bad_data(message).in_file(&self.draft.origin);
            self.problems.0.push(problem.help("leave the table out, or correct `kind`"));
        }
        let files = &self.draft.tumour;
        if files.germline_panels.is_empty() && !files.germline_panels_wider.is_empty() {
            let help = "name the panels of Tier 1 as `germline_panels`; where none is of the disease, the same ones";
            self.case_fault("`germline_panels_wider` without `germline_panels`", help);
        }
    }

    /// A case.toml tells of its own missing key.
    fn assembly(&mut self) {
        if self.draft.assembly.is_none() && self.draft.form != CaseForm::CaseToml {
            let help = "give --assembly GRCh37 or GRCh38";
            self.case_fault("the reference assembly is not stated", help);
        }
    }

    fn roles(&mut self) {
        let kind = self.draft.kind;
        if self.draft.members.is_empty() {
            let help = "add one [[member]] for each person or sample";
            return self.case_fault("the case has no members", help);
        }
        if self.draft.members.len() > MAX_MEMBERS {
            let message = format!("{} members: at most {MAX_MEMBERS}", self.draft.members.len());
            self.case_fault(message, "");
        }
        for (index, member) in self.members() {
            match member.role {
                None => self.fault(index, "has no role", ""),
                Some(role) if matches!(role, Role::Tumour | Role::Normal) != kind.is_cancer() => {
                    let message = format!("the role does not belong in a {} case", kind.word());
                    self.fault(index, &message, "see `kind` in [case]");
                }
                Some(_) => {}
            }
        }
        match kind {
            CaseKind::Family | CaseKind::Singleton => {
                self.exactly_one(Role::Proband, "exactly one member has role = \"proband\"");
                for role in [Role::Mother, Role::Father] {
                    if let [_, second, ..] = self.with_role(role).as_slice() {
                        let help = "the roles are those towards the proband";
                        self.fault(*second, "a second member with this role", help);
                    }
                }
            }
            CaseKind::TumourNormal => {
                self.exactly_one(Role::Tumour, "a tumour-normal case has one tumour");
                let help = "add the normal sample, or use kind = \"tumour-only\"";
                self.exactly_one(Role::Normal, help);
            }
            CaseKind::TumourOnly => {
                self.exactly_one(Role::Tumour, "a tumour-only case has one tumour");
                if let Some(&index) = self.with_role(Role::Normal).first() {
                    let help = "use kind = \"tumour-normal\"";
                    self.fault(index, "a tumour-only case has no normal sample", help);
                }
            }
        }
        let sequenced = self.members().filter(|(_, member)| member.sample.is_some()).count();
        if kind == CaseKind::Singleton && sequenced > 1 {
            let message = format!("a singleton case with {sequenced} sequenced members");
            self.case_fault(message, "use kind = \"family\"");
        }
    }

    /// Ids, sample names and files stand for one member each. A tumour and its normal may share the person's id.
    fn names(&mut self) {
        if !self.draft.kind.is_cancer() {
            self.distinct("id", |member| Some(member.id.as_str()));
        }
        self.distinct("sample", |member| member.sample.as_deref());
        self.distinct("alignment", |member| member.alignment.as_deref().and_then(Path::to_str));
        self.distinct("sketch", |member| member.sketch.as_deref().and_then(Path::to_str));
    }

    fn distinct(&mut self, key: &str, name: impl Fn(&'d DraftMember) -> Option<&'d str>) {
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        for (index, member) in self.members() {
            let Some(name) = name(member) else { continue };
            match first.get(name) {
                Some(&known) => {
                    let who = shown(known, self.draft.members[known].role);
                    self.fault(index, &format!("the same `{key}` as {who}"), "");
                }
                None => {
                    first.insert(name, index);
                }
            }
        }
    }

    fn samples(&mut self) {
        for (index, member) in self.members() {
            let has_calls = !(member.structural_variants.is_empty() && member.repeats.is_empty());
            let single = [&member.alignment, &member.variants, &member.sketch];
            let has_files = single.into_iter().any(Option::is_some) || has_calls;
            if member.sample.is_none() && has_files {
                let help = "add sample = \"...\", the name in @RG SM and in the VCF header";
                self.fault(index, "has files but no `sample`", help);
            }
            if member.x_copies.is_some_and(|copies| !(1..=4).contains(&copies)) {
                self.fault(index, "`x_copies` must be 1 to 4", "");
            }
            if let Some(message) = &member.undecided {
                let help = "leave one, or name it: `sample` of this member in --with FILE";
                self.fault(index, message, help);
            }
            let (sex, shown) = (member.sex, member.karyotype_sex);
            if sex != Sex::Unknown && shown.is_some_and(|shown| shown != sex) {
                let word = |sex| if sex == Sex::Male { "male" } else { "female" };
                let y = if shown == Some(Sex::Male) { "with" } else { "without" };
                let message = format!("stated as {}, with a karyotype {y} Y", word(sex));
                let help = "correct one of them; where both are true, state `x_copies` of this member in --with FILE";
                self.fault(index, &message, help);
            }
        }
    }

    fn parents(&mut self) {
        let is_cancer = self.draft.kind.is_cancer();
        for (index, member) in self.members() {
            if is_cancer && (member.father.is_some() || member.mother.is_some()) {
                self.fault(index, "a sample of a tumour case has no father or mother", "");
                continue;
            }
            self.fathers[index] = self.parent(index, "father", member.father.as_deref());
            self.mothers[index] = self.parent(index, "mother", member.mother.as_deref());
            if self.fathers[index].is_some() && self.fathers[index] == self.mothers[index] {
                self.fault(index, "father and mother are the same member", "");
            }
        }
        self.parents_by_role();
        for index in 0..self.draft.members.len().min(MAX_MEMBERS) {
            self.parent_sex(index, self.fathers[index], Sex::Female, "father");
            self.parent_sex(index, self.mothers[index], Sex::Male, "mother");
        }
        self.cycles();
        self.twins();
    }

    /// Identical twins are several, of one sex and of the same parents.
    fn twins(&mut self) {
        let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, member) in self.members() {
            if let Some(group) = member.identical_twins.as_deref() {
                groups.entry(group).or_default().push(index);
            }
        }
        let help = "identical (monozygotic) twins have the same word; leave it out for other twins";
        for indexes in groups.into_values() {
            if let [only] = indexes[..] {
                self.fault(only, "is an identical twin, but of nobody in the case", help);
            }
            for &index in indexes.iter().skip(1) {
                let (first, other) = (indexes[0], index);
                let sexes = [first, other].map(|i| self.draft.members[i].sex);
                if !sexes.contains(&Sex::Unknown) && sexes[0] != sexes[1] {
                    self.fault(other, "has an identical twin of the other sex", help);
                }
                let differ = |parents: &[Option<usize>]| parents[first] != parents[other];
                if differ(&self.fathers) || differ(&self.mothers) {
                    self.fault(other, "has an identical twin with other parents", help);
                }
            }
        }
    }

    /// The member that a parent's id names.
    fn parent(&mut self, index: usize, what: &str, id: Option<&str>) -> Option<usize> {
        let id = id?;
        let found = self.members().find(|(_, member)| member.id == id).map(|(i, _)| i);
        match found {
            Some(parent) if parent == index => {
                self.fault(index, &format!("is named as the own {what}"), "");
                None
            }
            Some(parent) => Some(parent),
            None => {
                let ids = self.members().map(|(_, member)| member.id.as_str());
                let near = nearest(id, ids)
                    .and_then(|near| self.members().find(|(_, member)| member.id == near));
                let help = match near {
                    Some((near, member)) if near != index => {
                        format!("the nearest id is that of {}", shown(near, member.role))
                    }
                    _ => format!("add the {what} as a member (without a sample), or leave it out"),
                };
                self.fault(index, &format!("the {what} is no member of the case"), &help);
                None
            }
        }
    }

    /// Roles are those towards the proband: they give the proband's parents, or must agree with them.
    fn parents_by_role(&mut self) {
        let [proband] = self.with_role(Role::Proband)[..] else { return };
        for (role, word) in [(Role::Father, "father"), (Role::Mother, "mother")] {
            let Some(&parent) = self.with_role(role).first() else { continue };
            let slot = if role == Role::Father { &mut self.fathers } else { &mut self.mothers };
            let member = &self.draft.members[proband];
            let named = if role == Role::Father { &member.father } else { &member.mother };
            if named.is_none() {
                slot[proband] = Some(parent);
            } else if slot[proband].is_some_and(|known| known != parent) {
                let message = format!("has this role, but the proband names another {word}");
                self.fault(parent, &message, "");
            }
        }
    }

    fn parent_sex(&mut self, index: usize, parent: Option<usize>, wrong: Sex, word: &str) {
        let Some(parent) = parent else { return };
        if self.draft.members[parent].sex == wrong {
            let child = shown(index, self.draft.members[index].role);
            let stated = if wrong == Sex::Male { "male" } else { "female" };
            self.fault(parent, &format!("is the {word} of {child} but stated as {stated}"), "");
        }
    }

    /// Nobody descends from themselves. One fault a circle.
    fn cycles(&mut self) {
        let count = self.draft.members.len().min(MAX_MEMBERS);
        let mut told = vec![false; self.draft.members.len()];
        for start in 0..count {
            let mut seen = vec![false; self.draft.members.len()];
            let mut open = vec![start];
            while let Some(index) = open.pop() {
                let parents = [self.fathers[index], self.mothers[index]];
                for parent in parents.into_iter().flatten() {
                    if !seen[parent] {
                        seen[parent] = true;
                        open.push(parent);
                    }
                }
            }
            if seen[start] && !told[start] {
                told.iter_mut().zip(&seen).for_each(|(told, seen)| *told |= seen);
                self.fault(start, "descends from themselves: father and mother form a circle", "");
            }
        }
    }

    fn phenotypes(&mut self) {
        let draft = self.draft;
        for text in &draft.hpo {
            if term(text).is_none() {
                let help = "HPO ids look like HP:0001250; a leading ! says absent";
                self.case_fault(format!("`hpo` holds {text:?}"), help);
            }
        }
        for (index, member) in self.members() {
            for text in &member.hpo {
                if term(text).is_none() {
                    let help = "HPO ids look like HP:0001250; a leading ! says absent";
                    self.fault(index, &format!("`hpo` holds {text:?}"), help);
                }
            }
            let is_index = matches!(member.role, Some(Role::Proband | Role::Tumour));
            let mut all = terms(&member.hpo);
            if is_index {
                all.extend(terms(&draft.hpo));
            }
            all.sort();
            all.dedup();
            for pair in all.windows(2).filter(|pair| pair[0].id == pair[1].id) {
                let message = format!("{} is stated both present and absent", pair[0].id);
                self.fault(index, &message, "");
            }
            if member.role == Some(Role::Proband) && member.affected == Some(Affected::No) {
                let help = "the proband is the person whose disease is looked into";
                self.fault(index, "the proband is stated as unaffected", help);
            }
        }
    }

    /// Without an explicit yes the sample is refused; the member may stay in the tree without it.
    fn consent(&mut self) {
        let help = match self.draft.form {
            CaseForm::CaseToml => {
                "if the consent record says yes: [member.consent] primary = true; else remove `sample` and files, or give --leave-out"
            }
            CaseForm::InterpretationRequest | CaseForm::Referral => {
                "`consentStatus` or `testConsentStatus` has to say yes to programme and primary finding; --leave-out runs the case without relatives who do not"
            }
            CaseForm::Flags | CaseForm::Phenopacket | CaseForm::Pedigree => {
                "if the consent records of all members say yes: --consent primary"
            }
        };
        for (index, member) in self.members() {
            if member.sample.is_some() && !member.consent.primary.allows() {
                let message = "no explicit consent to the primary analysis: the sample is refused";
                self.fault(index, message, help);
            }
        }
    }
}
