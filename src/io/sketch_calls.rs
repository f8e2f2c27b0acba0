//! Sketches from a file of calls: one for each sample column of a VCF or BCF, joint or not, gVCF blocks included.
//!
//! The genotype is that of GT: of one or two alleles, all called and all among the site's two. Counts of bases are those of AD; without AD
//! a homozygous reference call has DP (`MIN_DP` in a block) for the reference. A site without a record, and a call that is missing, partial, of
//! another allele, of less quality (GQ, or RGQ where a caller gives that for the reference) than asked for, of depth 0, or that a
//! filter of record (FILTER) or sample (FT) refuses, are unknown: never reference. Records of one position are put together: one
//! with the site's alternate base says more than one without, and whoever carries a third allele in any of them is unknown.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::site_list::bare;
use super::variants::{ChunkReader, RawRecord, VariantFile};
use crate::model::genotype::{Allele, Genotype};
use crate::model::problem::{Problem, Problems};
use crate::model::sketch::{Site, SiteCounts, SiteGenotype, SiteList, Sketch, SketchSource};

/// Records at the positions of sites below which nothing is concluded from their reference bases.
const FEW_RECORDS: u64 = 20;

/// Reads the sketches of all samples, in the order of their columns; see [`read_columns`].
///
/// # Errors
///
/// As [`read_columns`].
pub fn read(
    path: &Path,
    list: &Arc<SiteList>,
    min_genotype_quality: f64,
) -> Result<Vec<Sketch>, Problems> {
    let count = VariantFile::open(path)?.header().samples.len();
    let all: Vec<usize> = (0..count).collect();
    read_columns(path, list, &all, min_genotype_quality)
}

/// Reads the sketches of these sample columns (from 0, ascending); the others are not looked at. A call of less quality than `min_genotype_quality` (phred) is
/// unknown; one without GQ counts.
///
/// # Errors
///
/// When the file is missing, is no VCF or BCF, has no sample, holds a malformed call, or when the reference bases of more than half of its
/// records are not those of the list, which is of another build then.
pub fn read_columns(
    path: &Path,
    list: &Arc<SiteList>,
    columns: &[usize],
    min_genotype_quality: f64,
) -> Result<Vec<Sketch>, Problems> {
    let file = VariantFile::open(path)?;
    let all = &file.header().samples;
    let samples: Vec<String> = columns.iter().filter_map(|&i| all.get(i).cloned()).collect();
    if samples.is_empty() {
        let problem = Problem::bad_data("has no sample column, so there is nothing to compare");
        return Err(problem.in_file(path.display()).into());
    }
    let unknown = SiteCounts { called: Some(SiteGenotype::Unknown), ..SiteCounts::default() };
    let mut reading = Reading {
        list,
        columns: columns.to_vec(),
        by_contig: by_contig(list),
        counts: vec![vec![unknown; list.sites.len()]; samples.len()],
        told: vec![vec![Told::Nothing; list.sites.len()]; samples.len()],
        met: 0,
        other_reference: 0,
        min_genotype_quality,
    };
    let chunks = file.chunks()?;
    let mut reader = ChunkReader::new(chunks.kind());
    for chunk in chunks {
        let mut lines = reader.lines(chunk?)?;
        while let Some(record) = lines.next() {
            reading.record(&record?)?;
        }
    }
    reading.check_build().map_err(|problem| problem.in_file(path.display()))?;
    let sketch = |(sample, counts)| Sketch {
        sample,
        source: SketchSource::Calls,
        sites: Arc::clone(list),
        counts,
        depth: None,
    };
    Ok(samples.into_iter().zip(reading.counts).map(sketch).collect())
}

/// The sites of each contig: the first and the one behind the last.
fn by_contig(list: &SiteList) -> HashMap<&str, (usize, usize)> {
    let mut found = HashMap::new();
    let mut first = 0;
    for run in list.sites.chunk_by(|a, b| a.contig == b.contig) {
        found.insert(run[0].contig.as_str(), (first, first + run.len()));
        first += run.len();
    }
    found
}

struct Reading<'a> {
    list: &'a SiteList,
    columns: Vec<usize>,
    by_contig: HashMap<&'a str, (usize, usize)>,
    /// By sample and site.
    counts: Vec<Vec<SiteCounts>>,
    /// What the counts rest on, by sample and site.
    told: Vec<Vec<Told>>,
    /// Records of one base at positions of sites, and those with another reference base.
    met: u64,
    other_reference: u64,
    min_genotype_quality: f64,
}

impl Reading<'_> {
    fn record(&mut self, record: &RawRecord<'_>) -> Result<(), Problem> {
        let Some(position) = record.position().checked_sub(1) else { return Ok(()) };
        let is_block = record.alternates().all(is_reference_block);
        let end = if is_block { record.end() } else { position + 1 };
        let contig = bare(&String::from_utf8_lossy(record.contig()));
        let Some(&(first, behind)) = self.by_contig.get(contig.as_str()) else { return Ok(()) };
        let sites = &self.list.sites[first..behind];
        let from = sites.partition_point(|site| site.position < position);
        let to = sites.partition_point(|site| site.position < end);
        for (at, site) in sites.iter().enumerate().take(to).skip(from) {
            let Some(alternate) = self.alternate(record, site, is_block) else { continue };
            self.calls(record, first + at, alternate)?;
        }
        Ok(())
    }

    /// The number of the site's alternate base among those of a record (0 when it has none); `None` when the record says
    /// nothing about the site.
    fn alternate(&mut self, record: &RawRecord<'_>, site: &Site, block: bool) -> Option<usize> {
        if record.position() == site.position + 1 {
            let [reference] = record.reference() else { return block.then_some(0) };
            self.met += 1;
            if reference.to_ascii_uppercase() != site.reference {
                self.other_reference += 1;
                return None;
            }
        }
        let is = |own: &[u8]| own.len() == 1 && own[0].to_ascii_uppercase() == site.alternate;
        // A record of an indel or a symbolic allele alone says nothing about the base.
        let of_bases = |own: &[u8]| own.len() == 1 || matches!(own, b"<NON_REF>" | b"<*>");
        match record.alternates().position(is) {
            Some(i) => Some(i + 1),
            None if block || record.alternates().all(of_bases) => Some(0),
            None => None,
        }
    }

    /// Takes the call of every sample.
    fn calls(
        &mut self,
        record: &RawRecord<'_>,
        site: usize,
        alternate: usize,
    ) -> Result<(), Problem> {
        let (format, columns) = record.format_and_samples();
        let keys = Keys::of(format);
        let passed = matches!(record.filter(), b"." | b"PASS" | b"");
        let mut columns = columns.split(|&byte| byte == b'\t').enumerate();
        let each = self.columns.iter().zip(self.counts.iter_mut().zip(&mut self.told));
        for (&number, (counts, told)) in each {
            let own = columns.find(|(at, _)| *at == number).map(|(_, column)| column);
            let column = String::from_utf8_lossy(own.unwrap_or_default());
            let values: Vec<&str> = column.split(':').collect();
            let value = |place: Option<usize>| place.and_then(|i| values.get(i).copied());
            let mut own = call(&keys, value, alternate)
                .map_err(|what| record.problem(format!("sample column {}: {what}", number + 1)))?;
            let quality = value(keys.quality).and_then(|text| text.parse::<f64>().ok());
            let refused = value(keys.filter).is_some_and(|own| !matches!(own, "" | "." | "PASS"));
            if !passed || refused || quality.is_some_and(|own| own < self.min_genotype_quality) {
                (own.counts.called, own.third) = (Some(SiteGenotype::Unknown), false);
            }
            told[site] = merge(&mut counts[site], told[site], own, alternate > 0);
        }
        Ok(())
    }

    fn check_build(&self) -> Result<(), Problem> {
        if self.met < FEW_RECORDS || 2 * self.other_reference <= self.met {
            return Ok(());
        }
        let (other, met) = (self.other_reference, self.met);
        let list = &self.list.name;
        let message = format!(
            "{other} of {met} records have another reference base than the sites of {list:?}"
        );
        Err(Problem::bad_data(message).help("the calls and the list are of different builds"))
    }
}

/// True for alternates that stand for "anything else", and for none.
fn is_reference_block(alternate: &[u8]) -> bool {
    matches!(alternate, b"<NON_REF>" | b"<*>" | b"<X>")
}

/// Places of the keys that matter among those of FORMAT.
struct Keys {
    genotype: Option<usize>,
    depths: Option<usize>,
    depth: Option<usize>,
    quality: Option<usize>,
    filter: Option<usize>,
}

/// What a sample's counts at a site rest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    Nothing,
    /// A call in a record without the site's alternate base.
    Reference,
    /// A call in a record with it.
    Alternate,
    /// Records that contradict one another, or a third allele: the site stays unknown.
    Never,
}

/// A call, and whether it has an allele that is neither of the site's two.
struct Call {
    counts: SiteCounts,
    third: bool,
}

impl Keys {
    fn of(format: &[u8]) -> Self {
        let place = |key: &[u8]| format.split(|&byte| byte == b':').position(|own| own == key);
        Self {
            genotype: place(b"GT"),
            depths: place(b"AD"),
            depth: place(b"MIN_DP").or_else(|| place(b"DP")),
            quality: place(b"GQ").or_else(|| place(b"RGQ")),
            filter: place(b"FT"),
        }
    }
}

/// One call, seen from a site.
fn call<'v>(
    keys: &Keys,
    value: impl Fn(Option<usize>) -> Option<&'v str>,
    alternate: usize,
) -> Result<Call, String> {
    // The record may lack the site's alternate: then no number of an ALT stands for it.
    let number = if alternate == 0 { usize::MAX } else { alternate };
    let genotype = match value(keys.genotype) {
        None | Some("" | ".") => Genotype::default(),
        Some(text) => {
            Genotype::parse(text, number).ok_or_else(|| format!("{text:?} is no genotype"))?
        }
    };
    let mut called = genotype_of(&genotype);
    let depth = value(keys.depth).and_then(|text| text.parse::<u32>().ok());
    if depth == Some(0) {
        // Some callers write 0/0 where they saw nothing.
        called = SiteGenotype::Unknown;
    }
    let mut counts = SiteCounts { called: Some(called), ..SiteCounts::default() };
    match value(keys.depths).filter(|text| !matches!(*text, "" | ".")) {
        Some(text) => {
            for (i, text) in text.split(',').enumerate() {
                let depth = match text {
                    "." => 0,
                    _ => text.parse::<u32>().map_err(|_| format!("AD {text:?} is no depth"))?,
                };
                let of = match i {
                    0 => &mut counts.reference,
                    _ if i == number => &mut counts.alternate,
                    _ => &mut counts.other,
                };
                *of = of.saturating_add(depth);
            }
            if counts.depth() == 0 && counts.other == 0 {
                counts.called = Some(SiteGenotype::Unknown);
            }
        }
        None if called == SiteGenotype::HomRef => counts.reference = depth.unwrap_or(0),
        None => {}
    }
    Ok(Call { counts, third: genotype.has_other() })
}

fn genotype_of(genotype: &Genotype) -> SiteGenotype {
    let count = |wanted| genotype.alleles.iter().filter(|&&own| own == wanted).count();
    let (reference, alternate) = (count(Allele::Reference), count(Allele::Alternate));
    match (genotype.alleles.len(), reference, alternate) {
        (1, 1, 0) | (2, 2, 0) => SiteGenotype::HomRef,
        (2, 1, 1) => SiteGenotype::Het,
        (1, 0, 1) | (2, 0, 2) => SiteGenotype::HomAlt,
        _ => SiteGenotype::Unknown,
    }
}

/// Puts a call to a site. Says what the site rests on now.
fn merge(site: &mut SiteCounts, told: Told, own: Call, has_alternate: bool) -> Told {
    let unknown = Some(SiteGenotype::Unknown);
    let rank = match own.counts.called {
        _ if own.third => Told::Never,
        called if called == unknown => Told::Nothing,
        _ if has_alternate => Told::Alternate,
        _ => Told::Reference,
    };
    let contradicts = rank == told && site.called != own.counts.called;
    if contradicts || rank.max(told) == Told::Never {
        if site.depth() == 0 {
            *site = own.counts;
        }
        site.called = unknown;
        return Told::Never;
    }
    if rank > told || (told == Told::Nothing && site.depth() == 0) {
        *site = own.counts;
    }
    rank.max(told)
}

#[cfg(test)]
mod tests;
