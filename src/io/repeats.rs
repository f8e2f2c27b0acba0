//! Short tandem repeats as ExpansionHunter (versions 3 to 5, alone or in DRAGEN) writes them. Records that were cut by ALT, or
//! merged from single samples, are brought together by locus again. What other programs add (STR_STATUS and the like of
//! stranger) is not believed: limits come from panels.

use std::collections::BTreeMap;

use super::structural::{for_each_record, on_line};
use super::variants::{Header, RawRecord, VariantFile};
use crate::model::contig::{ContigId, ContigTable};
use crate::model::coord::Pos1;
use crate::model::notice::{Notice, NoticeKind};
use crate::model::problem::Problem;
use crate::model::repeat::{RepeatAllele, RepeatCall, RepeatEvidence, RepeatLocus};
use crate::model::sample::MemberId;

/// Id of the one dialect that is known.
const DIALECT: &str = "expansion-hunter";

/// What is wanted of a file.
pub struct Wanted<'a> {
    /// Contigs of the case.
    pub contigs: &'a ContigTable,
    /// Number of members of the case.
    pub members: usize,
    /// Sample columns (from 0) with their members.
    pub columns: &'a [(usize, MemberId)],
    /// Number of the file in the case.
    pub file: u16,
}

/// What a file holds.
#[derive(Debug, Default)]
pub struct Read {
    /// Loci in the order of results, whatever the order of the file.
    pub loci: Vec<RepeatLocus>,
    /// Records read.
    pub records: u64,
    /// What was passed over, or does not agree.
    pub notices: Vec<Notice>,
}

/// Where a locus lies and what it repeats: what makes two records one locus.
type Key = (ContigId, u32, u32, String, String);

/// Checks that a header is of a program that is known.
///
/// # Errors
///
/// When FORMAT REPCN or INFO RU is not defined.
pub fn check(header: &Header) -> Result<(), Problem> {
    let missing = match (header.format("REPCN"), header.info("RU")) {
        (None, _) => "FORMAT REPCN",
        (_, None) => "INFO RU",
        _ => return Ok(()),
    };
    Err(Problem::bad_data(format!(
        "no {missing}: not a file of short tandem repeats that is known"
    ))
    .help("give the VCF of ExpansionHunter (version 3 or later) or DRAGEN's repeats.vcf.gz"))
}

/// Reads a whole file.
///
/// # Errors
///
/// A damaged file; a record without END or unit; sizes or intervals that cannot be read or do not fit one another. Each names
/// file, line and record, and members by their column number.
pub fn read(file: &VariantFile, wanted: &Wanted<'_>) -> Result<Read, Problem> {
    check(file.header()).map_err(|problem| problem.in_file(file.name()))?;
    let mut loci: BTreeMap<Key, RepeatLocus> = BTreeMap::new();
    let (mut records, mut unknown, mut apart) = (0, 0, 0);
    for_each_record(file, |lines, before| {
        while let Some(record) = lines.next() {
            let number = before + lines.number();
            let place = |problem: Problem| on_line(problem, file, number);
            let record = record.map_err(place)?;
            records += 1;
            match locus(&record, wanted).map_err(place)? {
                Some((key, locus)) => apart += add(&mut loci, key, locus),
                None => unknown += 1,
            }
        }
        Ok(())
    })?;
    let mut loci: Vec<RepeatLocus> = loci.into_values().collect();
    loci.sort_by(|a, b| a.order().cmp(&b.order()));
    let of = format!("repeat file {}", wanted.file + 1);
    let tell = |n: u64, kind: NoticeKind, text: &str| {
        (n > 0).then(|| Notice::many(kind, n, format!("{of}: {text}")))
    };
    let stranger = ["STR_STATUS", "STR_NORMAL_MAX", "STR_PATHOLOGIC_MIN"];
    let annotated = stranger.iter().filter(|key| file.header().info(key).is_some()).count();
    let notices = [
        tell(
            unknown,
            NoticeKind::NotAssessed,
            "records on contigs that the case does not know were not looked at",
        ),
        tell(
            apart,
            NoticeKind::NotAssessed,
            "calls stand in several records with different sizes and were not believed",
        ),
        tell(
            annotated as u64,
            NoticeKind::Ignored,
            "keys of stranger (STR_STATUS and the like) are not used: limits come from the panels",
        ),
    ];
    Ok(Read { loci, records, notices: notices.into_iter().flatten().collect() })
}

/// Adds a record to its locus; returns how many calls do not agree with what was read before. Those are taken away.
fn add(loci: &mut BTreeMap<Key, RepeatLocus>, key: Key, locus: RepeatLocus) -> u64 {
    let Some(known) = loci.get_mut(&key) else {
        loci.insert(key, locus);
        return 0;
    };
    let mut apart = 0;
    for (known, new) in known.calls.iter_mut().zip(locus.calls) {
        match (known.as_mut(), new) {
            (_, None) => {}
            (None, new) => *known = new,
            (Some(old), Some(new)) => {
                // An emptied call stays empty.
                let emptied = old.alleles.is_empty();
                if !emptied && sorted(&old.alleles) != sorted(&new.alleles) {
                    apart += 1;
                    old.alleles.clear();
                }
                for filter in new.filters {
                    if !old.filters.contains(&filter) {
                        old.filters.push(filter);
                    }
                }
            }
        }
    }
    apart
}

fn sorted(alleles: &[RepeatAllele]) -> Vec<RepeatAllele> {
    let mut alleles = alleles.to_vec();
    alleles.sort_unstable();
    alleles
}

fn info<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let value = text.split(';').find_map(|item| item.strip_prefix(key)?.strip_prefix('='))?;
    (!matches!(value, "" | ".")).then_some(value)
}

fn locus(
    record: &RawRecord<'_>,
    wanted: &Wanted<'_>,
) -> Result<Option<(Key, RepeatLocus)>, Problem> {
    let Some(contig) = wanted.contigs.resolve(&String::from_utf8_lossy(record.contig())) else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(record.info());
    let Some(unit) = info(&text, "RU") else {
        return Err(record.problem("no repeat unit (INFO RU)"));
    };
    let Some(end) = info(&text, "END") else {
        return Err(record.problem("no END: how far the repeat reaches is not known"));
    };
    let end: u32 =
        end.parse().map_err(|_| record.problem(format!("END {end:?} is no position")))?;
    let position = record.position();
    if end <= position {
        let message = format!("END {end} does not lie behind POS {position}");
        return Err(record
            .problem(message)
            .help("POS is the base before the repeat, END its last base"));
    }
    let id = info(&text, "REPID").or_else(|| info(&text, "VARID")).unwrap_or_default().to_owned();
    let unit = unit.to_ascii_uppercase();
    let filter = String::from_utf8_lossy(record.filter());
    let filters = super::structural::filters(&filter);
    let locus = RepeatLocus {
        contig,
        start: Pos1(position + 1),
        end: Pos1(end),
        reference_units: info(&text, "REF").and_then(|text| text.parse().ok()),
        reference: String::from_utf8_lossy(record.reference()).chars().take(1).collect::<String>(),
        caller: DIALECT.into(),
        file: wanted.file,
        calls: calls(record, wanted, &filters)?,
        unit: unit.clone(),
        id: id.clone(),
    };
    Ok(Some(((contig, position, end, unit, id), locus)))
}

fn calls(
    record: &RawRecord<'_>,
    wanted: &Wanted<'_>,
    filters: &[String],
) -> Result<Vec<Option<RepeatCall>>, Problem> {
    let (format, samples) = record.format_and_samples();
    let (format, samples) = (String::from_utf8_lossy(format), String::from_utf8_lossy(samples));
    let keys: Vec<&str> = format.split(':').collect();
    let columns: Vec<&str> = samples.split('\t').collect();
    let mut calls = vec![None; wanted.members];
    for (column, member) in wanted.columns {
        let Some(text) = columns.get(*column).filter(|text| !text.is_empty()) else {
            let message = format!("{} sample columns, wanted number {}", columns.len(), column + 1);
            return Err(record.problem(message));
        };
        let values: Vec<&str> = text.split(':').collect();
        let value = |key: &str| -> Option<&str> {
            let value = *values.get(keys.iter().position(|own| *own == key)?)?;
            let empty = value.split(['/', ',']).all(|part| matches!(part, "" | "."));
            (!empty).then_some(value)
        };
        let fault = |what: String| {
            record
                .problem(format!("sample column {}: {what}", column + 1))
                .help("expected REPCN as 11/16 and REPCI as 11-11/14-18, one entry an allele")
        };
        let alleles = alleles(&value).map_err(fault)?;
        if !alleles.is_empty() {
            let coverage = value("LC").and_then(|text| text.parse().ok());
            let coverage = coverage.filter(|depth: &f32| depth.is_finite());
            let call = RepeatCall { alleles, filters: filters.to_vec(), coverage };
            calls[usize::from(member.0)] = Some(call);
        }
    }
    Ok(calls)
}

/// The alleles of a column; none when nothing was called.
fn alleles<'a>(value: &dyn Fn(&str) -> Option<&'a str>) -> Result<Vec<RepeatAllele>, String> {
    let Some(sizes) = value("REPCN") else { return Ok(Vec::new()) };
    let sizes: Vec<&str> = sizes.split('/').collect();
    let list = |key: &str| -> Result<Vec<Option<&'a str>>, String> {
        let Some(text) = value(key) else { return Ok(vec![None; sizes.len()]) };
        let parts: Vec<Option<&str>> =
            text.split('/').map(|part| (part != ".").then_some(part)).collect();
        if parts.len() == sizes.len() {
            return Ok(parts);
        }
        Err(format!("{key} has {} entries, REPCN has {}", parts.len(), sizes.len()))
    };
    let (intervals, evidence) = (list("REPCI")?, list("SO")?);
    let (spanning, flanking, in_repeat) = (list("ADSP")?, list("ADFL")?, list("ADIR")?);
    let count = |text: Option<&str>| text.and_then(|text| text.parse().ok());
    let mut alleles = Vec::new();
    for (i, size) in sizes.iter().enumerate() {
        let units = size.parse().map_err(|_| format!("REPCN {size:?} is no number of units"))?;
        alleles.push(RepeatAllele {
            units,
            interval: intervals[i].map(|text| interval(text, units)).transpose()?,
            evidence: match evidence[i] {
                Some("SPANNING") => Some(RepeatEvidence::Spanning),
                Some("FLANKING") => Some(RepeatEvidence::Flanking),
                Some("INREPEAT") => Some(RepeatEvidence::InRepeat),
                _ => None,
            },
            spanning: count(spanning[i]),
            flanking: count(flanking[i]),
            in_repeat: count(in_repeat[i]),
        });
    }
    Ok(alleles)
}

fn interval(text: &str, units: u32) -> Result<[u32; 2], String> {
    let bounds =
        text.split_once('-').and_then(|(low, high)| Some([low.parse().ok()?, high.parse().ok()?]));
    let Some([low, high]) = bounds else { return Err(format!("REPCI {text:?} is no interval")) };
    if low > high {
        return Err(format!("REPCI {text} ends before it begins"));
    }
    if !(low..=high).contains(&units) {
        return Err(format!("REPCI {text} does not hold REPCN {units}"));
    }
    Ok([low, high])
}
