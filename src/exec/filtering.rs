//! Filtering a variant file: records are read part by part, only as far as the filters ask, by several threads.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::stream::{Passed, for_each_stretch, joint_consequences};
use crate::filter::{self, FilterContext, FilterPlan, Verdict};
use crate::io::fasta::Fasta;
use crate::io::variants::{
    GeneNames, Joint, Layout, Lines, Loader, RawRecord, SnpColumns, SnpRun, SnpScan, VariantFile,
    alternates, one_alternate, placeholders,
};
use crate::model::annotation::GeneRef;
use crate::model::candidate::{Annotated, Candidate, FilterCounts, Filtered, Part};
use crate::model::problem::Problem;
use crate::model::reason::Reason;
use crate::model::somatic_call::SomaticCalls;
use crate::model::variant::Variant;
use crate::policy::compiled::Ceilings;
use crate::tier::biomarkers::Collector;

/// One pass of the filters over one file.
#[derive(Clone, Copy)]
pub struct FilterPass<'a> {
    /// The file.
    pub file: &'a VariantFile,
    /// Where its fields stand.
    pub layout: &'a Layout,
    /// Filters in order.
    pub plan: &'a FilterPlan,
    /// What they look at besides the variant.
    pub context: &'a FilterContext<'a>,
    /// Reference for left-alignment; without one variants are only trimmed.
    pub reference: Option<&'a Arc<Fasta>>,
    /// Sample columns (0-based) that lines keep, in this order; all for `None`.
    pub columns: Option<&'a [usize]>,
    /// Worker threads, at least one.
    pub threads: usize,
}

/// What a pass gave.
#[derive(Clone, Debug, Default)]
pub struct FilteredFile {
    /// Kept variants, in the order of the file, and counts.
    pub filtered: Filtered,
    /// Genes that the annotations of any record name.
    pub genes: BTreeSet<GeneRef>,
    /// Variants dropped because their FILTER is `.`: no filter ever judged them, as in a raw gVCF.
    pub unfiltered: u64,
    /// Every variant that passed the caller's filters, whatever the others say, when somebody collects them.
    pub somatic: SomaticCalls,
    /// The file as a whole.
    pub passed: Passed,
}

/// What others want of a file's records, so that nobody has to read it again.
#[derive(Clone, Copy, Debug, Default)]
pub struct AlsoWanted<'a> {
    /// Plain variants of these columns.
    pub snps: Option<&'a SnpColumns>,
    /// Every somatic variant that passed the caller's filters.
    pub somatic: Option<&'a Collector>,
}

/// How far left-alignment is expected to move a record, bp: longer than the repeats that callers place indels in.
const MOVED_AT_MOST_BP: u32 = 5_000;

/// Whether an ALT of a record (number from 1) is asked about; what it needs of it is loaded into the last argument.
type Asked<'a> = dyn Fn((&RawRecord<'_>, usize), &mut Loader<'_>, &mut Annotated) -> Result<bool, Problem>
    + Sync
    + 'a;

/// What is kept of a variant that passes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    Candidates,
    Lines,
}

/// What all workers of a pass look at.
struct Shared {
    joint: Option<Joint>,
    ceilings: Option<Ceilings>,
}

/// What one stretch gave.
#[derive(Default)]
struct Stretch {
    candidates: Vec<Candidate>,
    /// Records of one ALT each, without line end, when lines are kept.
    lines: Vec<Vec<u8>>,
    counts: FilterCounts,
    /// Variants dropped, by the first filter that did; few, so that a list is faster than a map.
    dropped: Vec<(&'static str, u64)>,
    genes: BTreeSet<GeneRef>,
    unfiltered: u64,
    /// Plain variants of the columns that somebody else wants.
    snps: Vec<SnpRun>,
    /// Somatic variants that passed the caller's filters.
    somatic: SomaticCalls,
}

impl FilterPass<'_> {
    /// Runs the pass.
    ///
    /// # Errors
    ///
    /// A damaged file or a malformed record.
    pub fn run(&self) -> Result<FilteredFile, Problem> {
        self.run_with(AlsoWanted::default(), |_| {})
    }

    /// Runs the pass and gives what `wanted` takes of the file's plain variants to `snps`, in the order of the file.
    ///
    /// # Errors
    ///
    /// A damaged file or a malformed record.
    pub fn run_with(
        &self,
        wanted: AlsoWanted<'_>,
        mut snps: impl FnMut(Vec<SnpRun>),
    ) -> Result<FilteredFile, Problem> {
        let mut whole = FilteredFile::default();
        let mut shared = self.shared()?;
        if wanted.somatic.is_some() {
            // Frequencies are told of every variant then.
            shared.ceilings = None;
        }
        let passed = for_each_stretch(
            self.file,
            self.threads,
            || self.worker((Keep::Candidates, wanted), &shared),
            |stretch| {
                snps(stretch.snps);
                whole.filtered.candidates.extend(stretch.candidates);
                whole.filtered.counts.merge(&stretch.counts);
                whole.genes.extend(stretch.genes);
                whole.unfiltered += stretch.unfiltered;
                whole.somatic.append(&stretch.somatic);
                Ok(())
            },
        )?;
        whole.passed = passed;
        Ok(whole)
    }

    /// Runs the pass and gives kept variants to `sink` in the order of the file, each a VCF record of one ALT, normalised,
    /// without line end, every field kept.
    ///
    /// # Errors
    ///
    /// A damaged file, a malformed record, or what `sink` returns.
    pub fn run_lines(
        &self,
        mut sink: impl FnMut(&[u8]) -> Result<(), Problem>,
    ) -> Result<FilterCounts, Problem> {
        let mut counts = FilterCounts::default();
        let shared = self.shared()?;
        for_each_stretch(
            self.file,
            self.threads,
            || self.worker((Keep::Lines, AlsoWanted::default()), &shared),
            |stretch| {
                counts.merge(&stretch.counts);
                stretch.lines.iter().try_for_each(|line| sink(line))
            },
        )?;
        Ok(counts)
    }

    /// Every record of the file that holds this variant, as written or as normalised, with what all filters say. The plan
    /// should be one of [`crate::filter::Detail::All`].
    ///
    /// # Errors
    ///
    /// A damaged file or a malformed record.
    pub fn look_at(&self, wanted: &Variant) -> Result<Vec<(Annotated, Verdict)>, Problem> {
        self.look(&|(record, alternate), loader, out| {
            let near = record.position().abs_diff(wanted.position.0) <= MOVED_AT_MOST_BP;
            if !near || loader.contig(record) != Some(wanted.contig) {
                return Ok(false);
            }
            loader.load(record, Part::Site, alternate, out)?;
            let written = record.position() == wanted.position.0
                && record.reference() == wanted.reference.as_bytes()
                && record.alternates().nth(alternate - 1) == Some(wanted.alternate.as_bytes());
            Ok(out.variant == *wanted || written)
        })
    }

    /// Every variant of the file for which `wanted` holds, asked with its site and its consequences, with what all filters
    /// say. The plan should be one of [`crate::filter::Detail::All`].
    ///
    /// # Errors
    ///
    /// A damaged file or a malformed record.
    pub fn look_for(
        &self,
        wanted: &(dyn Fn(&Annotated) -> bool + Sync),
    ) -> Result<Vec<(Annotated, Verdict)>, Problem> {
        self.look(&|(record, alternate), loader, out| {
            loader.load(record, Part::Site, alternate, out)?;
            loader.load(record, Part::Consequences, alternate, out)?;
            Ok(wanted(out))
        })
    }

    /// Every ALT of a known contig that `asked` takes, with what all filters say; `asked` loads what it looks at.
    fn look(&self, asked: &Asked<'_>) -> Result<Vec<(Annotated, Verdict)>, Problem> {
        let mut all = Vec::new();
        let shared = self.shared()?;
        let worker = || {
            let mut loader = self.loader(&shared);
            let mut scratch = loader.annotated();
            move |lines: &mut Lines<'_>| {
                let mut found = Vec::new();
                while let Some(record) = lines.next() {
                    let record = record?;
                    if loader.contig(&record).is_none() {
                        continue;
                    }
                    for alternate in alternates(&record) {
                        if !asked((&record, alternate), &mut loader, &mut scratch)? {
                            continue;
                        }
                        let mut load =
                            |part, out: &mut Annotated| loader.load(&record, part, alternate, out);
                        let verdict =
                            filter::evaluate(&mut scratch, &mut load, self.plan, self.context)?;
                        found.push((scratch.clone(), verdict));
                    }
                }
                Ok(found)
            }
        };
        for_each_stretch(self.file, self.threads, worker, |found| {
            all.extend(found);
            Ok(())
        })?;
        Ok(all)
    }

    fn shared(&self) -> Result<Shared, Problem> {
        Ok(Shared {
            joint: joint_consequences(self.file, self.layout, self.threads)?,
            ceilings: self.plan.ceilings(self.context),
        })
    }

    fn loader<'l>(&'l self, shared: &'l Shared) -> Loader<'l> {
        Loader::new(self.layout, self.reference.map(Fasta::reader))
            .with_joint(shared.joint.as_ref())
            .with_ceilings(shared.ceilings.as_ref())
    }

    fn worker<'l>(
        &'l self,
        (keep, wanted): (Keep, AlsoWanted<'l>),
        shared: &'l Shared,
    ) -> impl FnMut(&mut Lines<'_>) -> Result<Stretch, Problem> {
        let mut loader = self.loader(shared);
        let mut scratch = loader.annotated();
        let mut names = GeneNames::default();
        let mut snps = wanted.snps.map(SnpScan::new);
        move |lines| {
            let mut stretch = Stretch::default();
            while let Some(record) = lines.next() {
                let record = record?;
                stretch.counts.records += 1;
                if let Some(snps) = &mut snps {
                    snps.record(&record)?;
                }
                if keep == Keep::Candidates {
                    names.record(&mut loader, &record, &mut stretch.genes);
                }
                if loader.contig(&record).is_none() {
                    continue;
                }
                stretch.counts.symbolic += placeholders(&record);
                for alternate in alternates(&record) {
                    let reasons = self.variant(
                        (&record, alternate),
                        (&mut loader, wanted.somatic),
                        &mut scratch,
                        &mut stretch,
                    )?;
                    let Some(reasons) = reasons else { continue };
                    if keep == Keep::Lines {
                        let (variant, columns) = (&scratch.variant, self.columns);
                        let header = (&**self.file.header(), columns);
                        stretch.lines.push(one_alternate(&record, alternate, variant, header));
                    } else {
                        let annotated = scratch.clone();
                        stretch.candidates.push(Candidate { annotated, reasons });
                    }
                }
            }
            let dropped = stretch.dropped.iter().map(|(id, count)| ((*id).to_owned(), *count));
            stretch.counts.dropped = dropped.collect();
            stretch.snps = snps.as_mut().map(SnpScan::take).unwrap_or_default();
            stretch.counts.unknown_terms = std::mem::take(&mut loader.unknown_terms);
            stretch.counts.unknown_contigs = std::mem::take(&mut loader.unknown_contigs);
            stretch.counts.unreadable_frequencies =
                std::mem::take(&mut loader.unreadable_frequencies);
            stretch.counts.unreadable_calls = loader.take_unreadable_calls();
            stretch.counts.stores = loader.take_store_counts();
            Ok(stretch)
        }
    }

    /// Filters one ALT; the reasons when it is kept.
    fn variant(
        &self,
        (record, alternate): (&RawRecord<'_>, usize),
        (loader, collector): (&mut Loader<'_>, Option<&Collector>),
        scratch: &mut Annotated,
        stretch: &mut Stretch,
    ) -> Result<Option<Vec<Reason>>, Problem> {
        stretch.counts.variants += 1;
        let mut last = None;
        let mut load = |part: Part, out: &mut Annotated| {
            last = Some(part);
            loader.load(record, part, alternate, out)
        };
        let verdict = filter::evaluate(scratch, &mut load, self.plan, self.context)?;
        if let Some(collector) = collector.filter(|_| verdict.dropped_by != Some("pass")) {
            let open = Part::ALL.into_iter().filter(|&part| Some(part) > last);
            for part in open.take_while(|&part| part <= Part::Calls) {
                loader.load(record, part, alternate, scratch)?;
            }
            if filter::may_be_carried(scratch, self.context) {
                collector.take(scratch, &mut stretch.somatic);
            }
        }
        let Some(id) = verdict.dropped_by else {
            stretch.counts.kept += 1;
            return Ok(Some(verdict.reasons));
        };
        stretch.unfiltered += u64::from(id == "pass" && scratch.filters.is_empty());
        match stretch.dropped.iter_mut().find(|(known, _)| *known == id) {
            Some((_, count)) => *count += 1,
            None => stretch.dropped.push((id, 1)),
        }
        Ok(None)
    }
}
