//! Brings the contig names of all files together and finds files of the wrong build.

use std::collections::BTreeMap;

use crate::model::contig::{Assembly, ContigClass, ContigId, ContigTable, HG19_CHRM_BP};
use crate::model::notice::{Notice, NoticeKind};
use crate::model::problem::{Problem, Problems};

/// One contig as a file states it.
#[derive(Clone, Debug)]
pub(super) struct Stated<'a> {
    pub(super) name: &'a str,
    /// bp.
    pub(super) length: Option<u32>,
    /// MD5 of the upper-case sequence.
    pub(super) md5: Option<&'a str>,
}

/// The growing table, and who said what first.
pub(super) struct Contigs {
    pub(super) table: ContigTable,
    assembly: Assembly,
    /// The file that brought each contig's MD5, and the sum.
    sums: BTreeMap<ContigId, (String, String)>,
    /// How files name their primary contigs: with `chr` or without.
    habits: [u64; 2],
}

impl Contigs {
    pub(super) fn new(assembly: Assembly) -> Self {
        Self { table: ContigTable::new(), assembly, sums: BTreeMap::new(), habits: [0; 2] }
    }

    /// Adds a file's contigs. One fault a file for a wrong build; else every length or sum that differs.
    pub(super) fn add(&mut self, file: &str, contigs: &[Stated<'_>], problems: &mut Problems) {
        if let Some(problem) = self.wrong_build(contigs) {
            problems.0.push(problem.in_file(file));
            return;
        }
        let primary =
            |stated: &&Stated<'_>| ContigClass::of_name(stated.name) != ContigClass::Other;
        if let Some(first) = contigs.iter().find(primary) {
            self.habits[usize::from(first.name.to_ascii_lowercase().starts_with("chr"))] += 1;
        }
        let mut faults = Vec::new();
        for stated in contigs {
            match self.table.add(stated.name, stated.length) {
                Ok(id) => faults.extend(self.sum(id, file, stated)),
                Err(conflict) => faults.push(format!(
                    "contig {}: {} bp, but {} is {} bp in another file of the case",
                    conflict.name, conflict.found, conflict.first, conflict.known
                )),
            }
        }
        // A foreign reference differs in thousands of contigs: three are enough to see it.
        let count = faults.len();
        for fault in faults.into_iter().take(3) {
            let help = if count > 3 {
                format!("{count} contigs differ; all files of a case must be of one reference")
            } else {
                "all files of a case must be of one reference".into()
            };
            problems.0.push(Problem::bad_data(fault).in_file(file).help(help));
        }
    }

    fn sum(&mut self, id: ContigId, file: &str, stated: &Stated<'_>) -> Option<String> {
        let sum = stated.md5?.to_ascii_lowercase();
        if let Some((known, from)) = self.sums.get(&id) {
            return (*known != sum)
                .then(|| format!("contig {}: M5 {sum}, but {known} in {from}", stated.name));
        }
        self.sums.insert(id, (sum, file.to_owned()));
        None
    }

    /// The build by length: the first primary contig that is of another build than the case's.
    fn wrong_build(&self, contigs: &[Stated<'_>]) -> Option<Problem> {
        contigs.iter().find_map(|stated| {
            let class = ContigClass::of_name(stated.name);
            let length = stated.length?;
            let found = Assembly::of_length(class, length).filter(|found| *found != self.assembly)?;
            let message = format!(
                "of {found}: contig {} is {length} bp; the case says {}",
                stated.name, self.assembly
            );
            let expected = self.assembly.length(class).unwrap_or_default();
            let help = format!(
                "in {} this contig is {expected} bp; correct `assembly`, or give the file of that build",
                self.assembly
            );
            Some(Problem::bad_data(message).help(help))
        })
    }

    /// The sums that files state, by contig.
    pub(super) fn sums(&self) -> impl Iterator<Item = (ContigId, &str, &str)> {
        self.sums.iter().map(|(id, (sum, file))| (*id, sum.as_str(), file.as_str()))
    }

    /// Notices when files name their contigs differently, or have another mitochondrial sequence.
    pub(super) fn notices(&self) -> Vec<Notice> {
        let hg19 = self.table.iter().any(|(_, contig)| {
            contig.length == Some(HG19_CHRM_BP) && contig.class == ContigClass::Other
        });
        let apart = hg19.then(|| {
            let text = "a file has the mitochondrial sequence of UCSC's hg19 (16571 bp), which is not the rCRS: it is kept \
                        apart from MT, and its variants are not read as mitochondrial";
            Notice::one(NoticeKind::NotAssessed, text)
        });
        self.names().into_iter().chain(apart).collect()
    }

    fn names(&self) -> Option<Notice> {
        let [bare, chr] = self.habits;
        (bare > 0 && chr > 0).then(|| {
            let text = format!(
                "{chr} files name contigs with chr and {bare} without; they were brought together, and outputs use the \
                 names of the first file"
            );
            Notice::many(NoticeKind::ContigNames, bare + chr, text)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stated(name: &str, length: u32) -> Stated<'_> {
        Stated { name, length: Some(length), md5: None }
    }

    fn add(contigs: &mut Contigs, file: &str, stated: &[Stated<'_>]) -> Vec<String> {
        let mut problems = Problems::default();
        contigs.add(file, stated, &mut problems);
        problems.0.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn names_meet_and_the_habit_is_told() {
        let mut contigs = Contigs::new(Assembly::GRCh37);
        assert_eq!(add(&mut contigs, "a.bam", &[stated("20", 63_025_520)]), [""; 0]);
        assert!(contigs.notices().is_empty());
        assert_eq!(add(&mut contigs, "b.vcf", &[stated("chr20", 63_025_520)]), [""; 0]);
        assert_eq!((contigs.table.len(), contigs.notices()[0].count), (1, 2));
    }

    #[test]
    fn a_wrong_build_is_one_fault() {
        let mut contigs = Contigs::new(Assembly::GRCh38);
        let told =
            add(&mut contigs, "a.bam", &[stated("20", 63_025_520), stated("21", 48_129_895)]);
        assert_eq!(told.len(), 1);
        assert!(
            told[0].starts_with("a.bam: of GRCh37: contig 20 is 63025520 bp; the case says GRCh38")
        );
        assert!(contigs.table.is_empty());
    }

    #[test]
    fn lengths_and_sums_of_two_files_must_agree() {
        let mut contigs = Contigs::new(Assembly::GRCh38);
        let with = |md5| [Stated { name: "toy", length: Some(7), md5: Some(md5) }];
        assert_eq!(add(&mut contigs, "a.bam", &with("AA")), [""; 0]);
        assert_eq!(add(&mut contigs, "b.bam", &with("aa")), [""; 0], "case does not count");
        assert!(
            add(&mut contigs, "c.bam", &with("bb"))[0]
                .contains("contig toy: M5 bb, but aa in a.bam")
        );
        assert!(
            add(&mut contigs, "d.vcf", &[stated("toy", 8)])[0].contains("8 bp, but toy is 7 bp")
        );
    }
}
