//! Mutations by type, on the reference: SBS96, DBS78 and ID83.

use std::collections::BTreeMap;

use super::sequence::{Stretch, is_known};
use super::substitutions::Unplaced;
use super::{doublets, indels, substitutions};
use crate::io::fasta::FastaReader;
use crate::model::biomarkers::{Matrices, Matrix};
use crate::model::contig::ContigId;
use crate::model::mutation_type::MatrixKind;
use crate::model::problem::Problem;
use crate::model::somatic_call::{SomaticCall, SomaticCalls};

/// One base for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Snv {
    pub(super) contig: ContigId,
    /// 1-based.
    pub(super) position: u32,
    pub(super) reference: u8,
    pub(super) alternate: u8,
}

/// Counts by place in the list of types.
struct Tally {
    kind: MatrixKind,
    counts: Vec<u32>,
    not_assessed: BTreeMap<String, u64>,
}

const NO_CONTIG: &str = "the reference has no such contig";
const COMPLEX: &str = "replacement of several bases, which has no type";

/// The matrices of a tumour.
///
/// # Errors
///
/// A damaged reference.
pub fn matrices(calls: &SomaticCalls, reader: &mut FastaReader) -> Result<Matrices, Problem> {
    let snvs = snvs(calls);
    let (sbs96, dbs78) = of_snvs(&snvs, reader)?;
    let mut id83 = Tally::new(MatrixKind::Id83);
    for call in calls.iter().filter(|call| !call.is_snv()) {
        if call.is_indel() {
            id83.indel(&call, reader)?;
        } else if !is_double(&call) {
            id83.skip(COMPLEX);
        }
    }
    Ok(Matrices { sbs96: sbs96.finish(), dbs78: dbs78.finish(), id83: id83.finish() })
}

/// All substitutions of one base, those of two-base records too, by place.
// METHOD: as SigProfilerMatrixGenerator: a record of two changed bases is two substitutions, and every member of a doublet
// counts among the single-base substitutions as well.
pub(super) fn snvs(calls: &SomaticCalls) -> Vec<Snv> {
    let mut all = Vec::new();
    for call in calls.iter().filter(|call| call.is_snv() || is_double(call)) {
        for (i, (&reference, &alternate)) in call.reference.iter().zip(call.alternate).enumerate() {
            let position = call.position.saturating_add(i as u32);
            all.push(Snv { contig: call.contig, position, reference, alternate });
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

fn is_double(call: &SomaticCall<'_>) -> bool {
    let pairs = call.reference.iter().zip(call.alternate);
    call.reference.len() == 2 && call.alternate.len() == 2 && pairs.into_iter().all(|(r, a)| r != a)
}

fn of_snvs(snvs: &[Snv], reader: &mut FastaReader) -> Result<(Tally, Tally), Problem> {
    let (mut single, mut double) = (Tally::new(MatrixKind::Sbs96), Tally::new(MatrixKind::Dbs78));
    for snvs in snvs.chunk_by(|a, b| a.contig == b.contig) {
        let positions: Vec<u32> = snvs.iter().map(|snv| snv.position).collect();
        let on_reference = reader.has(snvs[0].contig);
        for (i, snv) in snvs.iter().enumerate() {
            if !on_reference {
                single.skip(NO_CONTIG);
                continue;
            }
            // Two bases on each side, and one more for the second base of a doublet.
            let at = i64::from(snv.position) - 1;
            let around = Stretch::fetch(reader, snv.contig, (at - 2, at + 4))?;
            let five = around.get(at - 2, at + 3);
            single.add(substitutions::classify(five, snv.reference, snv.alternate));
            if doublets::is_doublet(&positions, i) {
                double.add(doublet([snv, &snvs[i + 1]], around.get(at - 1, at + 3)));
            }
        }
    }
    Ok((single, double))
}

/// The type of two adjacent substitutions; `around` holds both with one base on each side.
fn doublet([first, second]: [&Snv; 2], around: Option<&[u8]>) -> Result<usize, Unplaced> {
    let &[before, one, two, after] = around.ok_or(Unplaced::AtTheEnd)? else {
        return Err(Unplaced::AtTheEnd);
    };
    if ![before, one, two, after].into_iter().all(is_known) {
        return Err(Unplaced::UnknownBase);
    }
    if [one, two] != [first.reference, second.reference] {
        return Err(Unplaced::ReferenceDiffers);
    }
    let (reference, alternate) =
        ([first.reference, second.reference], [first.alternate, second.alternate]);
    doublets::classify(reference, alternate).ok_or(Unplaced::UnknownBase)
}

/// What an indel deletes or inserts, and whether it deletes.
pub(super) fn changed<'a>(call: &SomaticCall<'a>) -> (&'a [u8], bool) {
    let is_deletion = call.reference.len() > call.alternate.len();
    let longer = if is_deletion { call.reference } else { call.alternate };
    (&longer[1..], is_deletion)
}

impl Tally {
    fn new(kind: MatrixKind) -> Self {
        Self { kind, counts: vec![0; kind.types().len()], not_assessed: BTreeMap::new() }
    }

    fn add(&mut self, found: Result<usize, Unplaced>) {
        match found {
            Ok(place) => self.counts[place] += 1,
            Err(why) => self.skip(why.words()),
        }
    }

    fn skip(&mut self, why: &str) {
        *self.not_assessed.entry(why.to_owned()).or_default() += 1;
    }

    fn indel(&mut self, call: &SomaticCall<'_>, reader: &mut FastaReader) -> Result<(), Problem> {
        if !reader.has(call.contig) {
            self.skip(NO_CONTIG);
            return Ok(());
        }
        let (bases, is_deletion) = changed(call);
        let anchor0 = i64::from(call.position) - 1;
        let reach = indels::reach(bases.len());
        let span = (anchor0 - reach, anchor0 + 1 + reach);
        let around = Stretch::fetch(reader, call.contig, span)?;
        let as_written = around.get(anchor0, anchor0 + call.reference.len() as i64);
        self.add(match as_written {
            None => Err(Unplaced::AtTheEnd),
            Some(found) if found != call.reference => Err(Unplaced::ReferenceDiffers),
            Some(_) if !bases.iter().all(|&base| is_known(base)) => Err(Unplaced::UnknownBase),
            Some(_) => {
                indels::classify(&around, anchor0, bases, is_deletion).ok_or(Unplaced::UnknownBase)
            }
        });
        Ok(())
    }

    fn finish(self) -> Matrix {
        let total = self.counts.iter().map(|&n| u64::from(n)).sum();
        let names = self.kind.types().iter().cloned();
        let counts = names.zip(self.counts).collect();
        Matrix { counts, total, not_assessed: self.not_assessed }
    }
}
