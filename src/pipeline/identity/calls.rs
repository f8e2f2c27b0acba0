//! What identity checks want of the case's own variant files, taken while these are filtered: no file is read twice.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::case::Case;
use crate::case::consent::{self, Analysis};
use crate::exec::filtering::{AlsoWanted, FilterPass, FilteredFile};
use crate::exec::identity::{ChildTable, SnpTable, read_snps};
use crate::identity::chromosomes::ChildCounts;
use crate::identity::contamination::tumour_in_normal::SomaticReads;
use crate::identity::relatedness::bits::GenotypeBits;
use crate::inputs::{CaseVariants, Inputs};
use crate::io::sketch_calls;
use crate::io::variants::{SnpColumns, Strict};
use crate::model::contig::Assembly;
use crate::model::problem::{Problem, Problems};
use crate::model::sample::{MemberId, Role};
use crate::model::sketch::{SiteGenotype, SiteList};
use crate::policy::chromosomes::ChromosomePolicy;
use crate::policy::identity::IdentityLimits;
use crate::tier::biomarkers::Collector;

/// Genotypes of members who share files or, of a tumour and its normal sample, reads at somatic variants.
#[derive(Debug)]
pub(in crate::pipeline) struct OwnCalls {
    groups: Vec<Group>,
    assembly: Assembly,
    min_genotype_quality: f64,
    is_cancer: bool,
    /// Sites at which calls are taken instead of at their own variants.
    sites: Option<Arc<SiteList>>,
    /// Genotypes at these sites.
    at_sites: BTreeMap<MemberId, Vec<SiteGenotype>>,
    /// Limits of genotypes that chromosomes are looked at by; `None` when nobody looks.
    strict: Option<Strict>,
}

/// The counts of a child, with the father and the mother whose calls stand beside the child's.
pub(in crate::pipeline) type OfChild = (MemberId, [Option<MemberId>; 2], ChildCounts);

/// Members whose genotypes may be compared.
#[derive(Debug)]
pub(super) struct Called {
    /// Who, in order.
    pub(super) members: Vec<MemberId>,
    /// Their genotypes.
    pub(super) bits: Vec<GenotypeBits>,
    /// What was compared, for people.
    pub(super) sites: String,
}

/// Files that hold the same members: of a case cut by chromosome, of several callers.
#[derive(Debug)]
struct Group {
    /// Who, in order.
    members: Vec<MemberId>,
    /// Files by index with the column of every member.
    files: Vec<(usize, Vec<usize>)>,
    /// Files that were read.
    done: Vec<usize>,
    table: SnpTable,
}

impl OwnCalls {
    /// What to take. Members without consent to be analysed are not looked at. `chromosomes` names the members whose whole
    /// chromosomes are asked about.
    ///
    /// # Errors
    ///
    /// When the limits do not read, which a test rules out.
    pub(in crate::pipeline) fn plan(
        case: &Case,
        inputs: &Inputs,
        chromosomes: Option<(&ChromosomePolicy, &[MemberId])>,
    ) -> Result<Self, Problem> {
        let limits = IdentityLimits::preset()?;
        let is_cancer = case.kind.is_cancer();
        let mut groups: Vec<Group> = Vec::new();
        for (index, file) in inputs.variants.iter().enumerate() {
            let mut held = columns(case, file);
            if is_cancer {
                let of = |role| held.iter().find(|(id, _)| case.family.get(*id).role == role);
                held = of(Role::Tumour).into_iter().chain(of(Role::Normal)).copied().collect();
            } else {
                held.sort_unstable();
            }
            let asked = |(_, own): (_, &[MemberId])| held.iter().any(|(id, _)| own.contains(id));
            let compared = held.len() > 1 && (is_cancer || inputs.sites.is_none());
            if held.is_empty() || !compared && !chromosomes.is_some_and(asked) {
                continue;
            }
            let (members, columns): (Vec<MemberId>, Vec<usize>) = held.into_iter().unzip();
            if let Some(group) = groups.iter_mut().find(|group| group.members == members) {
                group.files.push((index, columns));
            } else {
                let (files, done) = (vec![(index, columns)], Vec::new());
                groups.push(Group { members, files, done, table: SnpTable::default() });
            }
        }
        for group in &mut groups {
            group.table = SnpTable::new(group.members.len(), group.files.len());
            if let Some((limits, asked)) = chromosomes {
                group.table.children = children(case, &group.members, (limits, asked));
            }
        }
        let strict = chromosomes.map(|(limits, _)| Strict {
            min_quality: limits.min_genotype_quality.value,
            min_depth: limits.min_depth.value,
        });
        let min_genotype_quality =
            if is_cancer { 0.0 } else { limits.genotype.min_genotype_quality.value };
        let sites = inputs.sites.clone().filter(|_| !is_cancer);
        let (assembly, at_sites) = (inputs.assembly, BTreeMap::new());
        Ok(Self { groups, assembly, min_genotype_quality, is_cancer, sites, at_sites, strict })
    }

    /// What to take of a file; `None` for nothing.
    fn wanted(&self, file: usize) -> Option<SnpColumns> {
        let mut groups = self.groups.iter();
        let (group, columns) = groups.find_map(|group| {
            let own = group.files.iter().find(|(index, _)| *index == file)?;
            Some((group, &own.1))
        })?;
        Some(SnpColumns {
            columns: columns.clone(),
            assembly: Some(self.assembly),
            min_genotype_quality: self.min_genotype_quality,
            depths: self.is_cancer,
            strict: self.strict.filter(|_| !group.table.children.is_empty()),
        })
    }

    /// Runs a filter pass and takes what is wanted of the file on the way, and what biomarkers ask for.
    ///
    /// # Errors
    ///
    /// What the pass returns.
    pub(in crate::pipeline) fn take_along(
        &mut self,
        file: usize,
        pass: &FilterPass<'_>,
        somatic: Option<&Collector>,
    ) -> Result<FilteredFile, Problem> {
        let snps = self.wanted(file);
        let wanted = AlsoWanted { snps: snps.as_ref(), somatic };
        let Some(group) = self.group(file) else { return pass.run_with(wanted, |_| {}) };
        let found = pass.run_with(wanted, |runs| group.table.add(runs))?;
        group.table.end_file();
        group.done.push(file);
        Ok(found)
    }

    fn group(&mut self, file: usize) -> Option<&mut Group> {
        let holds = |group: &&mut Group| group.files.iter().any(|(index, _)| *index == file);
        self.groups.iter_mut().find(holds)
    }

    /// Reads the files that nobody filtered, and all of them where sites were asked for. Gives what was counted of children.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, a record is malformed, or a file is of another build than the sites.
    pub(in crate::pipeline) fn complete(
        &mut self,
        case: &Case,
        inputs: &Inputs,
        threads: usize,
    ) -> Result<Vec<OfChild>, Problems> {
        if let Some(sites) = self.sites.clone() {
            for variants in &inputs.variants {
                self.take_at(case, variants, &sites)?;
            }
        }
        let at_sites = self.sites.is_some();
        for (file, variants) in inputs.variants.iter().enumerate() {
            let Some(wanted) = self.wanted(file) else { continue };
            // What nobody compares is not worth reading a file for.
            let compared = |group: &&mut Group| group.members.len() > 1 && !at_sites;
            let group = self.group(file).filter(compared);
            if let Some(group) = group.filter(|group| !group.done.contains(&file)) {
                read_snps(&variants.file, &wanted, threads, &mut group.table)?;
                group.done.push(file);
            }
        }
        Ok(self.take_children())
    }

    /// Takes a file's calls at the sites. What several files say of a member is put together; where they contradict each
    /// other the genotype is unknown.
    fn take_at(
        &mut self,
        case: &Case,
        variants: &CaseVariants,
        sites: &Arc<SiteList>,
    ) -> Result<(), Problems> {
        let mut held = columns(case, variants);
        held.sort_by_key(|(_, column)| *column);
        let (members, columns): (Vec<MemberId>, Vec<usize>) = held.into_iter().unzip();
        if columns.is_empty() {
            return Ok(());
        }
        let found =
            sketch_calls::read_columns(&variants.path, sites, &columns, self.min_genotype_quality)?;
        for (member, sketch) in members.into_iter().zip(found) {
            let called = sketch.counts.iter().map(|counts| counts.called.unwrap_or_default());
            let Some(known) = self.at_sites.get_mut(&member) else {
                self.at_sites.insert(member, called.collect());
                continue;
            };
            for (known, own) in known.iter_mut().zip(called) {
                *known = match (*known, own) {
                    (SiteGenotype::Unknown, own) => own,
                    (known, own) if own == known || own == SiteGenotype::Unknown => known,
                    _ => SiteGenotype::Unknown,
                };
            }
        }
        Ok(())
    }

    /// Takes out what was counted of each child, in the file that holds most of its parents.
    fn take_children(&mut self) -> Vec<OfChild> {
        let mut all: Vec<OfChild> = Vec::new();
        for group in &mut self.groups {
            for ChildTable { family: (parents, child), counts } in
                std::mem::take(&mut group.table.children)
            {
                let id = group.members[child];
                let parents = parents.map(|place| place.map(|place| group.members[place]));
                match all.iter_mut().find(|own| own.0 == id) {
                    Some(known)
                        if known.1.iter().flatten().count() < parents.iter().flatten().count() =>
                    {
                        *known = (id, parents, counts);
                    }
                    Some(_) => {}
                    None => all.push((id, parents, counts)),
                }
            }
        }
        all
    }

    /// Reads of tumour and normal at somatic variants; `None` without calls of both.
    pub(super) fn somatic(&self) -> Option<&[SomaticReads]> {
        let group = self.groups.first().filter(|_| self.is_cancer)?;
        Some(&group.table.reads)
    }

    /// Members and their genotypes, group by group; nothing of a tumour.
    pub(super) fn genotypes(self) -> Vec<Called> {
        if self.is_cancer {
            return Vec::new();
        }
        if let Some(list) = &self.sites {
            let (members, genotypes): (Vec<MemberId>, Vec<_>) = self.at_sites.into_iter().unzip();
            let bits =
                |own: Vec<SiteGenotype>| GenotypeBits::of_sites(&list.sites, own.into_iter());
            let bits = genotypes.into_iter().map(bits).collect();
            let sites = format!("the case's own calls at the sites of {:?}", list.name);
            return vec![Called { members, bits, sites }];
        }
        let called = |group: Group| Called {
            members: group.members,
            bits: group.table.bits,
            sites: "the single-nucleotide variants of the case's own calls".to_owned(),
        };
        let compared = self.groups.into_iter().filter(|group| group.members.len() > 1);
        compared.map(called).collect()
    }
}

/// Places of the members who are asked about and of their parents in a group.
fn children(
    case: &Case,
    members: &[MemberId],
    (limits, asked): (&ChromosomePolicy, &[MemberId]),
) -> Vec<ChildTable> {
    let place = |id: MemberId| members.iter().position(|own| *own == id);
    let child = |id: &MemberId| {
        let member = case.family.get(*id);
        let parents = [member.father, member.mother].map(|parent| parent.and_then(place));
        let counts = ChildCounts::new(limits.window_bp.value as u32);
        Some(ChildTable { family: (parents, place(*id)?), counts })
    };
    asked.iter().filter_map(child).collect()
}

/// Members with a column of this file who may be looked at.
fn columns(case: &Case, file: &CaseVariants) -> Vec<(MemberId, usize)> {
    let allowed =
        |id: MemberId| consent::decide(id, case.family.get(id)).analysis == Analysis::Allowed;
    let header = file.file.header();
    let held = file.samples.iter().filter(|(_, id)| allowed(*id));
    held.filter_map(|(name, id)| Some((*id, header.column(name)?))).collect()
}
