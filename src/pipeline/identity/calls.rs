//! What identity checks want of the case's own variant files, taken while these are filtered: no file is read twice.

use crate::case::Case;
use crate::case::consent::{self, Analysis};
use crate::exec::filtering::{FilterPass, FilteredFile};
use crate::exec::identity::{SnpTable, read_snps};
use crate::identity::contamination::tumour_in_normal::SomaticReads;
use crate::inputs::{CaseVariants, Inputs};
use crate::io::variants::SnpColumns;
use crate::model::contig::Assembly;
use crate::model::problem::Problem;
use crate::model::sample::{MemberId, Role};
use crate::policy::identity::IdentityLimits;

/// Genotypes of members who share files or, of a tumour and its normal sample, reads at somatic variants.
#[derive(Debug)]
pub(in crate::pipeline) struct OwnCalls {
    groups: Vec<Group>,
    assembly: Assembly,
    min_genotype_quality: f64,
    is_cancer: bool,
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
    /// What to take. Members without consent to be analysed are not looked at.
    ///
    /// # Errors
    ///
    /// When the limits do not read, which a test rules out.
    pub(in crate::pipeline) fn plan(case: &Case, inputs: &Inputs) -> Result<Self, Problem> {
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
            if held.len() < 2 {
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
        }
        let min_genotype_quality =
            if is_cancer { 0.0 } else { limits.genotype.min_genotype_quality.value };
        Ok(Self { groups, assembly: inputs.assembly, min_genotype_quality, is_cancer })
    }

    /// What to take of a file; `None` for nothing.
    fn wanted(&self, file: usize) -> Option<SnpColumns> {
        let mut files = self.groups.iter().flat_map(|group| &group.files);
        let (_, columns) = files.find(|(index, _)| *index == file)?;
        Some(SnpColumns {
            columns: columns.clone(),
            assembly: Some(self.assembly),
            min_genotype_quality: self.min_genotype_quality,
            depths: self.is_cancer,
        })
    }

    /// Runs a filter pass and takes what is wanted of the file on the way.
    ///
    /// # Errors
    ///
    /// What the pass returns.
    pub(in crate::pipeline) fn take_along(
        &mut self,
        file: usize,
        pass: &FilterPass<'_>,
    ) -> Result<FilteredFile, Problem> {
        let wanted = self.wanted(file);
        let Some(group) = self.group(file) else { return pass.run() };
        let found = pass.run_with(wanted.as_ref(), |runs| group.table.add(runs))?;
        group.table.end_file();
        group.done.push(file);
        Ok(found)
    }

    fn group(&mut self, file: usize) -> Option<&mut Group> {
        let holds = |group: &&mut Group| group.files.iter().any(|(index, _)| *index == file);
        self.groups.iter_mut().find(holds)
    }

    /// Reads the files that nobody filtered.
    ///
    /// # Errors
    ///
    /// When a file cannot be read or a record is malformed.
    pub(in crate::pipeline) fn complete(
        &mut self,
        inputs: &Inputs,
        threads: usize,
    ) -> Result<(), Problem> {
        for (file, variants) in inputs.variants.iter().enumerate() {
            let Some(wanted) = self.wanted(file) else { continue };
            if let Some(group) = self.group(file).filter(|group| !group.done.contains(&file)) {
                read_snps(&variants.file, &wanted, threads, &mut group.table)?;
                group.done.push(file);
            }
        }
        Ok(())
    }

    /// Reads of tumour and normal at somatic variants; `None` without calls of both.
    pub(super) fn somatic(&self) -> Option<&[SomaticReads]> {
        let group = self.groups.first().filter(|_| self.is_cancer)?;
        Some(&group.table.reads)
    }

    /// Members and their genotypes, group by group; nothing of a tumour.
    pub(super) fn genotypes(self) -> Vec<(Vec<MemberId>, SnpTable)> {
        if self.is_cancer {
            return Vec::new();
        }
        self.groups.into_iter().map(|group| (group.members, group.table)).collect()
    }
}

/// Members with a column of this file who may be looked at.
fn columns(case: &Case, file: &CaseVariants) -> Vec<(MemberId, usize)> {
    let allowed =
        |id: MemberId| consent::decide(id, case.family.get(id)).analysis == Analysis::Allowed;
    let header = file.file.header();
    let held = file.samples.iter().filter(|(_, id)| allowed(*id));
    held.filter_map(|(name, id)| Some((*id, header.column(name)?))).collect()
}
