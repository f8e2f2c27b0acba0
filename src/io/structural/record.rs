//! One record of a structural file.

use super::dialect::Dialect;
use super::{Counts, Info, Wanted, breakend};
use crate::io::variants::RawRecord;
use crate::model::contig::ContigId;
use crate::model::coord::Pos1;
use crate::model::genotype::Genotype;
use crate::model::problem::Problem;
use crate::model::structural::{
    Evidence, InvertedEnds, KeyValue, StructuralCall, StructuralKind, StructuralVariant,
};

/// FORMAT keys of reads over breakpoints.
const READS: [&str; 8] = ["PR", "SR", "PE", "DV", "RV", "SU", "VF", "AS"];

/// The texts of a record.
struct Text<'a> {
    id: String,
    filter: String,
    quality: Option<f32>,
    reference: String,
    info: Info<'a>,
    format: Vec<&'a str>,
    samples: Vec<&'a str>,
}

/// A record with its place.
struct Site<'a> {
    record: &'a RawRecord<'a>,
    text: &'a Text<'a>,
    contig: ContigId,
    dialect: &'a Dialect,
}

/// Start, end (1-based inclusive) and length put in.
struct Stretch {
    start: u32,
    end: u32,
    inserted: Option<u32>,
}

/// The variants of a record, one an ALT.
pub(super) fn variants(
    record: &RawRecord<'_>,
    dialect: &Dialect,
    wanted: &Wanted<'_>,
    counts: &mut Counts,
) -> Result<Vec<StructuralVariant>, Problem> {
    let name = String::from_utf8_lossy(record.contig());
    let Some(contig) = wanted.contigs.resolve(&name) else {
        counts.unknown_contig += 1;
        return Ok(Vec::new());
    };
    let owned = Owned::new(record);
    let text = owned.text();
    let site = Site { record, text: &text, contig, dialect };
    let alternates: Vec<String> =
        record.alternates().map(|one| String::from_utf8_lossy(one).into_owned()).collect();
    let calls = |alternate| calls(&site, alternate, wanted);
    let evidence = evidence(&site);
    let first = calls(1)?;
    if is_neutral(&site, &alternates, &first) {
        let kind = (StructuralKind::NeutralLoss, evidence);
        return Ok(vec![variant(&site, kind, &alternates.join(","), first, (counts, wanted))?]);
    }
    let mut found = Vec::new();
    if alternates.is_empty() {
        counts.unchanged += 1;
    }
    for (i, alternate) in alternates.iter().enumerate() {
        let calls = calls(i + 1)?;
        match kind(&site, alternate, &calls, wanted)? {
            Seen::Changed(kind) => {
                found.push(variant(&site, (kind, evidence), alternate, calls, (counts, wanted))?);
            }
            Seen::Unchanged => counts.unchanged += 1,
            Seen::Small => counts.small += 1,
        }
    }
    Ok(found)
}

/// What an ALT is.
enum Seen {
    Changed(StructuralKind),
    Unchanged,
    Small,
}

/// The record's own bytes as text.
struct Owned {
    info: String,
    format: String,
    samples: String,
    id: String,
    filter: String,
    quality: Option<f32>,
    reference: String,
}

impl Owned {
    fn new(record: &RawRecord<'_>) -> Self {
        let read = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (format, samples) = record.format_and_samples();
        Self {
            info: read(record.info()),
            format: read(format),
            samples: read(samples),
            id: read(record.id()),
            filter: read(record.filter()),
            quality: read(record.quality()).parse().ok().filter(|q: &f32| q.is_finite()),
            reference: read(record.reference()),
        }
    }

    fn text(&self) -> Text<'_> {
        Text {
            id: if self.id == "." { String::new() } else { self.id.clone() },
            filter: self.filter.clone(),
            quality: self.quality,
            reference: self.reference.clone(),
            info: Info::new(&self.info),
            format: self.format.split(':').filter(|key| !key.is_empty()).collect(),
            samples: self.samples.split('\t').collect(),
        }
    }
}

/// By the dialect, else by the id of programs that share a file, else by what the record gives.
fn evidence(site: &Site<'_>) -> Evidence {
    let id = &site.text.id;
    if id.starts_with("Canvas:") {
        return Evidence::Depth;
    }
    if id.starts_with("Manta") {
        return Evidence::Breakpoints;
    }
    site.dialect.evidence.unwrap_or_else(|| {
        let has = |key: &str| site.text.format.contains(&key);
        let reads = READS.iter().any(|key| has(key));
        let is_cnv = site.text.info.get("SVTYPE") == Some("CNV");
        if (has("CN") || is_cnv) && !reads { Evidence::Depth } else { Evidence::Breakpoints }
    })
}

/// `<DEL>,<DUP>` called as 1/2, or an id that says so: two copies of one parent instead of one of each.
fn is_neutral(site: &Site<'_>, alternates: &[String], calls: &[Option<StructuralCall>]) -> bool {
    let says = |word: &str| site.text.id.split(':').nth(1) == Some(word);
    let both = matches!(alternates, [a, b] if a == "<DEL>" && b == "<DUP>");
    let called =
        |call: &StructuralCall| call.genotype.has_other() && call.genotype.dosage().carries();
    let lost =
        |call: &StructuralCall| call.minor_copies == Some(0.0) && call.copy_number == Some(2.0);
    let lost = calls.iter().flatten().any(lost);
    says("CNLOH")
        || site.text.info.get("SVTYPE") == Some("LOH")
        || (both && calls.iter().flatten().any(called))
        || (lost && alternates.first().is_none_or(|one| one == "<CNV>"))
}

fn kind(
    site: &Site<'_>,
    alternate: &str,
    calls: &[Option<StructuralCall>],
    wanted: &Wanted<'_>,
) -> Result<Seen, Problem> {
    use StructuralKind::{Breakend, Gain, Insertion, Inversion, Loss};
    let stated = site.text.info.get("SVTYPE");
    if breakend::is_breakend(alternate) {
        return Ok(Seen::Changed(Breakend));
    }
    let symbol = alternate.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    let word = symbol.or(stated).unwrap_or_default().to_ascii_uppercase();
    let word = word.split(':').next().unwrap_or_default();
    Ok(match word {
        "DEL" => Seen::Changed(Loss),
        "DUP" => Seen::Changed(Gain),
        "INS" | "MEI" => Seen::Changed(Insertion),
        "INV" => Seen::Changed(Inversion),
        "BND" | "TRA" | "CTX" => {
            return Err(site
                .record
                .problem(format!("ALT {alternate:?} of a breakend does not say where its mate is"))
                .help("write breakends as in VCF 4.2 and later: G]11:71948040]"));
        }
        "CNV" => by_copy_number(site, calls, wanted)?,
        _ if word.starts_with("CN") && word[2..].parse::<u8>().is_ok() => {
            by_copy_number(site, calls, wanted)?
        }
        "" => Seen::Small,
        _ if alternate == "*" || alternate == "<NON_REF>" || alternate == "<*>" => Seen::Unchanged,
        other => {
            return Err(site
                .record
                .problem(format!("{other:?} is no kind of structural variant that is known"))
                .help("known: DEL, DUP, INS, INV, CNV, BND"));
        }
    })
}

/// Loss or gain by the first column whose copy number differs from what is expected, else by the id.
fn by_copy_number(
    site: &Site<'_>,
    calls: &[Option<StructuralCall>],
    wanted: &Wanted<'_>,
) -> Result<Seen, Problem> {
    let mut known = false;
    for (_, member) in wanted.columns {
        let number = calls[usize::from(member.0)].as_ref().and_then(|call| call.copy_number);
        let expected = (wanted.expected)(*member, site.contig, Pos1(site.record.position()));
        let (Some(number), Some(expected)) = (number, expected) else { continue };
        known = true;
        let difference = number - f32::from(expected);
        if difference.abs() >= 0.5 {
            let kind = if difference < 0.0 { StructuralKind::Loss } else { StructuralKind::Gain };
            return Ok(Seen::Changed(kind));
        }
    }
    match site.text.id.split(':').nth(1) {
        _ if known => Ok(Seen::Unchanged),
        Some("LOSS") => Ok(Seen::Changed(StructuralKind::Loss)),
        Some("GAIN") => Ok(Seen::Changed(StructuralKind::Gain)),
        Some("REF") => Ok(Seen::Unchanged),
        _ => Err(site
            .record
            .problem("a <CNV> record without copy number (FORMAT CN): loss or gain cannot be told")
            .help("give the caller's own file, or one with <DEL> and <DUP>; a CNV on X needs the member's sex")),
    }
}

fn variant(
    site: &Site<'_>,
    (kind, evidence): (StructuralKind, Evidence),
    alternate: &str,
    calls: Vec<Option<StructuralCall>>,
    (counts, wanted): (&mut Counts, &Wanted<'_>),
) -> Result<StructuralVariant, Problem> {
    let info = &site.text.info;
    let stretch = stretch(site, kind, alternate)?;
    let mate = match kind {
        StructuralKind::Breakend => breakend::mate(alternate, wanted.contigs)
            .map_err(|message| site.record.problem(message))?,
        _ => None,
    };
    let mut values = Vec::new();
    for key in wanted.keys {
        let Some(text) = info.get(key) else { continue };
        // One value an ALT, or one for all: the largest is the careful one.
        let numbers: Option<Vec<f64>> = text.split(',').map(|one| one.parse().ok()).collect();
        match numbers.and_then(|all| all.into_iter().reduce(f64::max)) {
            Some(value) if (0.0..=1.0).contains(&value) => {
                values.push(KeyValue { key: key.clone(), value });
            }
            _ => counts.unreadable += 1,
        }
    }
    let called = |call: &StructuralCall| call.copy_number.is_some();
    if evidence == Evidence::Depth && !calls.iter().flatten().any(called) {
        counts.without_copy_number += 1;
    }
    let id = match kind {
        StructuralKind::Breakend => {
            let mate = info.get("MATEID").and_then(|ids| ids.split(',').next()).unwrap_or_default();
            format!("{}\u{1f}{mate}", site.text.id)
        }
        _ => site.text.id.clone(),
    };
    let interval = |key: &str| -> Option<[i32; 2]> {
        let (left, right) = info.get(key)?.split_once(',')?;
        Some([left.parse().ok()?, right.parse().ok()?])
    };
    Ok(StructuralVariant {
        contig: site.contig,
        start: Pos1(stretch.start),
        end: Pos1(stretch.end),
        kind,
        evidence,
        inserted: stretch.inserted,
        start_interval: interval("CIPOS"),
        end_interval: interval("CIEND"),
        mate,
        inverted: inverted(kind, info),
        caller: site.dialect.id.to_owned(),
        id,
        filters: filters(&site.text.filter),
        quality: site.text.quality,
        values,
        file: wanted.file,
        position: Pos1(site.record.position()),
        reference: site.text.reference.chars().take(1).collect::<String>().to_ascii_uppercase(),
        alternate: alternate.to_owned(),
        calls,
    })
}

/// METHOD: Manta before 1.5 writes an inversion as two records: INV3 for its left junction, INV5 for its right one.
fn inverted(kind: StructuralKind, info: &Info<'_>) -> Option<InvertedEnds> {
    let has = |key: &str| info.values.contains_key(key);
    match (kind == StructuralKind::Inversion, has("INV3"), has("INV5")) {
        (true, true, false) => Some(InvertedEnds::Left),
        (true, false, true) => Some(InvertedEnds::Right),
        _ => None,
    }
}

/// FILTER as words; `.` is none.
pub(in crate::io) fn filters(text: &str) -> Vec<String> {
    text.split(';').filter(|word| !matches!(*word, "" | ".")).map(str::to_owned).collect()
}

/// METHOD: POS of a symbolic ALT is the base before the event (VCF 4.3, section 1.6.1); of a sequence-resolved one the first
/// base of REF, which it shares with ALT.
fn stretch(site: &Site<'_>, kind: StructuralKind, alternate: &str) -> Result<Stretch, Problem> {
    let position = site.record.position();
    let info = &site.text.info;
    let fault = |message: String, help: &str| Err(site.record.problem(message).help(help));
    let length = length(site)?;
    let symbolic = alternate.starts_with('<');
    match kind {
        StructuralKind::Breakend => {
            return Ok(Stretch { start: position, end: position, inserted: None });
        }
        StructuralKind::Insertion => {
            let resolved = (!symbolic)
                .then(|| alternate.len().saturating_sub(site.text.reference.len()) as u32);
            let inserted = length.filter(|n| *n > 0).or(resolved.filter(|n| *n > 0));
            return Ok(Stretch { start: position, end: position, inserted });
        }
        _ => {}
    }
    let stated = match info.get("END") {
        Some(text) => match text.parse::<u32>() {
            Ok(end) => Some(end),
            Err(_) => {
                return fault(format!("END {text:?} is no position"), "END is a whole number");
            }
        },
        None => None,
    };
    let by_reference = (!symbolic).then(|| position + site.text.reference.len().max(1) as u32 - 1);
    let by_length = length.filter(|n| *n > 0).map(|n| position.saturating_add(n));
    let Some(end) = stated.or(by_reference.filter(|end| *end > position)).or(by_length) else {
        let message =
            format!("a {} without END and SVLEN: where it ends is not known", kind.word());
        return fault(message, "give END, or SVLEN, as VCF asks of symbolic ALTs");
    };
    if end < position {
        let message = format!("END {end} lies before POS {position}");
        return fault(message, "END is the last base of the event, on the same contig");
    }
    // An event that ends at the base before it has no base of its own; the one base stands for it.
    Ok(Stretch { start: (position + 1).min(end).max(1), end: end.max(1), inserted: None })
}

/// |SVLEN|, or SVINSLEN of an insertion.
fn length(site: &Site<'_>) -> Result<Option<u32>, Problem> {
    let info = &site.text.info;
    let Some(text) = info.get("SVLEN").or_else(|| info.get("SVINSLEN")) else { return Ok(None) };
    let first = text.split(',').next().unwrap_or_default();
    match first.parse::<i64>().ok().and_then(|n| u32::try_from(n.unsigned_abs()).ok()) {
        Some(length) => Ok(Some(length)),
        None => Err(site.record.problem(format!("SVLEN {text:?} is no length"))),
    }
}

/// The columns of the members.
fn calls(
    site: &Site<'_>,
    alternate: usize,
    wanted: &Wanted<'_>,
) -> Result<Vec<Option<StructuralCall>>, Problem> {
    let mut calls = vec![None; wanted.members];
    for (column, member) in wanted.columns {
        let Some(text) = site.text.samples.get(*column).filter(|text| !text.is_empty()) else {
            let n = site.text.samples.len();
            let message = format!("{n} sample columns, wanted number {}", column + 1);
            return Err(site.record.problem(message));
        };
        calls[usize::from(member.0)] = Some(call(site, text, alternate, *column)?);
    }
    Ok(calls)
}

/// Copies of the rarer allele: as DRAGEN and PURPLE write them, or from Canvas's count of the commoner one.
fn minor(copies: Option<f32>, (minor, major): (Option<f32>, Option<f32>)) -> Option<f32> {
    minor.or_else(|| Some(copies? - major?)).filter(|minor| *minor >= 0.0)
}

fn call(
    site: &Site<'_>,
    text: &str,
    alternate: usize,
    column: usize,
) -> Result<StructuralCall, Problem> {
    let values: Vec<&str> = text.split(':').collect();
    let value = |key: &str| {
        let place = site.text.format.iter().position(|own| *own == key)?;
        values.get(place).copied().filter(|value| !matches!(*value, "" | "."))
    };
    let fault = |what: &str| site.record.problem(format!("sample column {}: {what}", column + 1));
    let genotype = match value("GT") {
        None => Genotype::default(),
        Some(text) => Genotype::parse(text, alternate).ok_or_else(|| fault("GT is no genotype"))?,
    };
    let number = |key: &str| match value(key).map(str::parse::<f32>) {
        None => Ok(None),
        Some(Ok(number)) if number.is_finite() && number >= 0.0 => Ok(Some(number)),
        Some(_) => Err(fault(&format!("{key} is no number of 0 or more"))),
    };
    let reads = |key: &str| {
        let mut parts = value(key)?.split(',').map(str::parse::<u32>);
        Some([parts.next()?.ok()?, parts.next()?.ok()?])
    };
    let copies = number("CN")?;
    let copies = match (copies, site.text.samples.len(), site.text.info.get("CN")) {
        (None, 1, Some(text)) => text.parse().ok(),
        (copies, _, _) => copies,
    };
    let keys = site.dialect.quality;
    let quality = keys.iter().find_map(|key| value(key)?.parse().ok());
    Ok(StructuralCall {
        genotype,
        copy_number: copies,
        minor_copies: minor(copies, (number("MCN")?, number("MCC")?)),
        quality: quality.filter(|quality: &f32| quality.is_finite()),
        sample_filter: value("FT").filter(|filter| *filter != "PASS").map(str::to_owned),
        pairs: reads("PR"),
        splits: reads("SR"),
    })
}
