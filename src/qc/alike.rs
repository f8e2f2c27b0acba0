//! Every metric tells the same of records whether these are plain, grouped, side by side and known to be sorted, or come one
//! by one.

use std::path::Path;
use std::slice::from_ref;
use std::sync::Arc;

use proptest::prelude::*;

use super::facts::{self, Found};
use super::wgs::stretch::TaskWgs;
use super::{
    METRICS, Metric, MetricContext, Parcel, QcSettings, Scratch, compare, genes, sketch, unpack,
    wgs,
};
use crate::io::reference::{Reference, ReferenceWindow};
use crate::model::qc::SampleQc;
use crate::model::read::{FIXED_BYTES, Fields, Known, ReadBlock, ReadView, ReferenceSpan};

const BASES: usize = 70;
const CONTIG_BP: u32 = 1500;

/// What makes a record: gap to the start before, mate's start from there, flags, mapping quality, CIGAR, name; places of other
/// bases, qualities, tags, template length; by how many records its mate follows, if by less than eight.
type Draft = ((u32, i32, u16, u8, u8, u8), (Vec<(usize, u8)>, u8, u8, i32), usize);

fn drafts() -> impl Strategy<Value = Vec<Draft>> {
    let flags =
        vec![99_u16, 147, 83, 163, 99, 147, 65, 129, 1123, 355, 2147, 0, 16, 77, 73, 69, 611, 97];
    let fields = (
        prop_oneof![8 => 0_u32..12, 1 => 0_u32..120],
        prop_oneof![6 => -90_i32..90, 1 => prop::sample::select(vec![i32::MIN, -1, 100_000, i32::MAX])],
        prop::sample::select(flags),
        prop::sample::select(vec![60_u8, 60, 60, 20, 19, 5, 0]),
        prop_oneof![12 => Just(0_u8), 5 => 1_u8..9],
        0_u8..9,
    );
    let odd = (
        prop_oneof![
            2 => Just(Vec::new()),
            1 => prop::collection::vec((0..BASES, 1_u8..16), 0..5),
        ],
        0_u8..6,
        0_u8..9,
        prop_oneof![6 => -300_i32..300, 1 => prop::sample::select(vec![9_000, -200_000, i32::MIN])],
    );
    prop::collection::vec((fields, odd, 1_usize..16), 1..110)
}

/// Lets records be pairs, each with a name of its own or with one of a few.
fn pair(drafts: &mut [Draft], starts: &[i32]) {
    for (first, behind) in
        drafts.iter().map(|draft| draft.2).collect::<Vec<_>>().into_iter().enumerate()
    {
        let second = first + behind;
        if behind < 8 && second < drafts.len() {
            let name = if first % 5 > 0 { 9 + first as u8 } else { drafts[first].0.5 };
            (drafts[first].0.5, drafts[second].0.5) = (name, name);
            drafts[first].0.1 = starts[second] - starts[first];
            drafts[second].0.1 = starts[first] - starts[second];
        }
    }
}

/// A record that starts here.
fn record(start: i32, draft: &Draft, codes: &[u8]) -> Vec<u8> {
    let ((_, mate, flags, mapq, cigar, name), (changes, quality, tags, length), _) = draft;
    let ops: &[u32] = match cigar {
        1 => &[10 << 4 | 4, 60 << 4],
        2 => &[30 << 4, 5 << 4 | 2, 40 << 4],
        3 => &[30 << 4, 4 << 4 | 1, 36 << 4],
        4 => &[70 << 4 | 4],
        5 => &[35 << 4 | 7, 35 << 4 | 8],
        6 => &[20 << 4, 400 << 4 | 3, 45 << 4, 5 << 4 | 4, 9 << 4 | 5],
        _ => &[70 << 4],
    };
    let bases = if *cigar == 7 { 0 } else { BASES };
    let ops = if *cigar == 7 { &[] } else { ops };
    let mut bytes = vec![0; FIXED_BYTES];
    bytes[4..8].copy_from_slice(&start.to_le_bytes());
    (bytes[8], bytes[9], bytes[12], bytes[16]) = (3, *mapq, ops.len() as u8, bases as u8);
    bytes[14..16].copy_from_slice(&flags.to_le_bytes());
    bytes[20..24].copy_from_slice(&i32::from(*cigar == 8).to_le_bytes());
    let mate = if mate.unsigned_abs() < 1000 { start + mate } else { *mate };
    bytes[24..28].copy_from_slice(&mate.to_le_bytes());
    bytes[28..].copy_from_slice(&length.to_le_bytes());
    bytes.extend([b'r', b'0' + name, 0]);
    bytes.extend(ops.iter().flat_map(|op| op.to_le_bytes()));
    let mut own =
        codes.iter().copied().cycle().skip(start as usize).take(bases).collect::<Vec<_>>();
    for &(place, code) in changes {
        if let Some(base) = own.get_mut(place) {
            *base = code;
        }
    }
    bytes.extend(pack(&own));
    let levels = [2_u8, 12, 23, 37];
    bytes.extend((0..bases).map(|i| match quality {
        0 => 255,
        1 => (i * 7 % 60) as u8,
        _ => levels[i * usize::from(*quality) / 9 % 4],
    }));
    bytes.extend([b'N', b'M', b'C', changes.len() as u8]);
    match tags {
        0 => bytes.extend([b'M', b'Q', b'C', 7]),
        1 => {}
        2 => bytes.extend(b"SAZchr1,5,+,10M,3,0;\0"),
        3 => bytes.extend([b'X', b'N', b'C', 1]),
        _ => bytes.extend([b'M', b'Q', b'C', 60]),
    }
    bytes
}

fn pack(codes: &[u8]) -> Vec<u8> {
    codes.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0)).collect()
}

/// The reference of these codes, as a file.
fn reference_file(folder: &Path, codes: &[u8], contigs: &[(String, u32)]) -> Arc<Reference> {
    let path = folder.join("genome.fa");
    let letters: String =
        codes.iter().map(|code| char::from(b"=ACMGRSVTWYHKDBN"[usize::from(*code)])).collect();
    std::fs::write(&path, format!(">chr1\n{letters}\n")).unwrap();
    let bases = letters.len();
    std::fs::write(
        folder.join("genome.fa.fai"),
        format!("chr1\t{bases}\t6\t{bases}\t{}\n", bases + 1),
    )
    .unwrap();
    Reference::open(&path, contigs).unwrap()
}

/// What a task of these blocks amounts to.
fn task_told(
    metric: &dyn Metric,
    blocks: &[&[ReadView<'_>]],
    reference: ReferenceSpan<'_>,
    whole: bool,
) -> Option<Parcel> {
    let facts_one_by_one =
        Fields::SPAN_FACTS | Fields::QUALITY_FACTS | Fields::TAG_FACTS | Fields::MISMATCH_FACTS;
    let needs = if whole { facts_one_by_one | Fields::PAIR_FACTS } else { facts_one_by_one };
    let mut found = Found::default();
    let mut shard = metric.shard();
    for reads in blocks {
        let block = ReadBlock::new(reads);
        facts::prepare(needs, &block, whole.then_some(reference), &mut found);
        compare::prepare(&block, reference, &mut found);
        let Found { facts, groups, columns, pairs, looked_at, .. } = &found;
        let known = Known {
            facts,
            groups: whole.then_some(groups),
            columns: Some(columns),
            looked_at: looked_at.places(),
            pairs: whole.then_some(pairs),
            reference: Some(reference),
        };
        shard.block(&block.prepared(0..reads.len(), known)).ok()?;
    }
    Some(shard.close())
}

/// What metrics tell of the blocks of tasks, shown with all that is known or one by one.
fn told(
    (id, metric, file): (&str, &dyn Metric, &Arc<Reference>),
    tasks: &[Vec<&[ReadView<'_>]>],
    reference: ReferenceSpan<'_>,
    whole: bool,
) -> Option<String> {
    let (mut joiner, mut jobs, mut parcels) = (metric.joiner(), Vec::new(), Vec::new());
    for blocks in tasks {
        parcels.push(task_told(metric, blocks, reference, whole)?);
    }
    let mut scratch = Scratch { reference: ReferenceWindow::new(Some(file)), ..Scratch::default() };
    if id == wgs::ID {
        // Its end takes long, and is the same whatever came before: only the job that knows the base qualities runs.
        let task = unpack::<TaskWgs>(parcels.pop()?).ok()?.told(CONTIG_BP + 900);
        joiner.end(&mut jobs).ok()?;
        let whole = wgs::finish::told(jobs.pop()?.run(&mut scratch))?;
        return Some(task + &whole);
    }
    let mut collector = metric.collector().unwrap();
    for parcel in parcels {
        joiner.push(parcel, &mut jobs).ok()?;
    }
    joiner.end(&mut jobs).ok()?;
    let mut qc = SampleQc::default();
    for job in jobs {
        collector.collect(job.run(&mut scratch)).ok()?;
    }
    collector.finish(&mut qc).ok()?;
    Some(format!("{qc:?}"))
}

/// What a metric made anew tells of the blocks of tasks, see [`told`].
type Told<'a> = dyn Fn(&[Vec<&[ReadView<'_>]>], bool) -> Option<String> + 'a;

/// Calls `each` for all metrics but these, over a contig of these codes.
fn each_metric(
    codes: &[u8],
    but: &[&str],
    each: impl Fn(&str, &Told<'_>) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    let packed = [pack(codes), pack(&codes[1..])];
    let reference = ReferenceSpan { contig: 0, start: 0, codes, packed: [&packed[0], &packed[1]] };
    let contigs: Arc<[(String, u32)]> =
        Arc::from([("chr1".to_owned(), CONTIG_BP), ("chr2".to_owned(), 5000)]);
    let settings = QcSettings::default();
    let folder = tempfile::tempdir().unwrap();
    let file = reference_file(folder.path(), codes, &contigs);
    let context = MetricContext {
        contigs: &contigs,
        settings: &settings,
        reference: Some(&file),
        output: None,
    };
    METRICS.iter().filter(|kind| !but.contains(&kind.id)).try_for_each(|kind| {
        each(kind.id, &|tasks, whole| {
            let metric = (kind.make)(&context).unwrap();
            told((kind.id, metric.as_ref(), &file), tasks, reference, whole)
        })
    })
}

/// The codes of the contig.
fn genome() -> Vec<u8> {
    let mut codes: Vec<u8> =
        (0..CONTIG_BP).map(|i| 1 << (i.wrapping_mul(0x9e37_79b9) >> 30)).collect();
    codes[700..703].fill(15);
    codes
}

/// All, in parts of these sizes in turn.
fn parts<'a, T>(all: &'a [T], sizes: &[usize]) -> Vec<&'a [T]> {
    let (mut parts, mut left) = (Vec::new(), all);
    for size in sizes.iter().cycle() {
        let (part, rest) = left.split_at(left.len().min(*size));
        parts.push(part);
        left = rest;
        if left.is_empty() {
            break;
        }
    }
    parts
}

/// Lets few names be used by up to four records each that lie close together, whose mates are said to start where one of these
/// does, or nearly.
fn misname(drafts: &mut [Draft], starts: &[i32]) {
    for (i, draft) in drafts.iter_mut().enumerate() {
        let family = i / 8 * 8;
        draft.0.5 = (i / 8 * 2 + draft.2 % 2) as u8;
        let other = (family + draft.1.1 as usize + draft.2 % 4).min(starts.len() - 1);
        let near = i32::from(draft.1.2 == 0);
        draft.0.1 = starts[other] - starts[i] + near;
    }
}

proptest! {
    #[test]
    fn records_count_the_same_wherever_they_are_cut(
        drafts in drafts(),
        blocks in prop::collection::vec(1_usize..40, 1..6),
        cuts in prop::collection::vec(1_usize..30, 1..6),
    ) {
        let codes = genome();
        let mut drafts = drafts;
        let (mut start, mut starts) = (0, Vec::new());
        for draft in &drafts {
            // Many start at one position.
            start = (start + draft.0.0.saturating_sub(6) * 2).min(CONTIG_BP - 60);
            starts.push(start as i32);
        }
        misname(&mut drafts, &starts);
        let records: Vec<_> =
            starts.iter().zip(&drafts).map(|(&start, draft)| record(start, draft, &codes)).collect();
        let views: Vec<_> = records.iter().map(|bytes| ReadView::new(bytes).unwrap()).collect();
        let whole = [parts(&views, &blocks)];
        let tasks: Vec<_> = parts(&views, &cuts).into_iter().map(|task| parts(task, &blocks)).collect();
        each_metric(&codes, &[genes::ID, sketch::ID, wgs::ID, wgs::excluded::ID], |id, told| {
            prop_assert_eq!(told(&tasks, true), told(&whole, true), "{}", id);
            Ok(())
        })?;
    }

    #[test]
    fn plain_records_count_as_they_do_one_by_one(
        drafts in drafts(),
        cuts in prop::collection::vec(1_usize..70, 1..6),
        unsorted in prop::bool::weighted(0.1),
    ) {
        let codes = genome();
        let mut start = 0;
        let mut drafts = drafts;
        let mut starts = Vec::new();
        for draft in &drafts {
            start = (start + draft.0.0).min(CONTIG_BP - 60);
            starts.push(start as i32);
        }
        pair(&mut drafts, &starts);
        let mut records: Vec<_> =
            starts.iter().zip(&drafts).map(|(&start, draft)| record(start, draft, &codes)).collect();
        if unsorted {
            records.reverse();
        }
        let views: Vec<_> = records.iter().map(|bytes| ReadView::new(bytes).unwrap()).collect();
        let blocks = parts(&views, &cuts);
        let single: Vec<_> = views.chunks(1).collect();
        each_metric(&codes, &[genes::ID, sketch::ID, wgs::excluded::ID], |id, told| {
            let (known, one_by_one) = (told(from_ref(&blocks), true), told(from_ref(&single), false));
            prop_assert_eq!(known, one_by_one, "{}", id);
            Ok(())
        })?;
    }
}
