//! Alleles of the GA4GH Variation Representation Specification 2.0 (VRS): fully justified, with computed identifiers. The
//! same variant has the same identifier wherever it is computed, however a caller placed it.
//!
//! Positions are between residues: 0 before the first base. An identifier is `ga4gh:VA.` and 24 bytes of a SHA-512 over the
//! allele's canonical JSON, in URL-safe base64 (VRS calls it sha512t24u). Version 1.3 has another JSON and states every allele
//! by its bases; its identifiers stand beside.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha512};

/// A sequence by its refget identifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename = "SequenceReference", rename_all = "camelCase")]
pub struct SequenceReference {
    /// `SQ.` and the digest of the upper-case sequence.
    pub refget_accession: String,
}

/// A stretch of a sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename = "SequenceLocation", rename_all = "camelCase")]
pub struct SequenceLocation {
    /// The sequence.
    pub sequence_reference: SequenceReference,
    /// Bases before the stretch.
    pub start: u32,
    /// Bases up to the end of the stretch.
    pub end: u32,
}

/// What stands there instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type")]
pub enum State {
    /// These bases.
    LiteralSequenceExpression {
        /// The bases.
        sequence: String,
    },
    /// The stretch's own repeat, to another length.
    ReferenceLengthExpression {
        /// Length, bp.
        length: u32,
        /// Length of the repeated unit, bp.
        #[serde(rename = "repeatSubunitLength")]
        repeat_subunit_length: u32,
    },
}

/// A variant as VRS names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename = "Allele")]
pub struct VrsAllele {
    /// `ga4gh:VA.` and the digest.
    pub id: String,
    /// The same of VRS 1.3, for those who still read it; empty in files before layout 1.6.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id_1_3: String,
    /// Where.
    pub location: SequenceLocation,
    /// What.
    pub state: State,
}

/// Bytes of a digest that identifiers keep.
const KEPT: usize = 24;

/// The first 24 bytes of a SHA-512, in URL-safe base64.
fn shortened(digest: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(KEPT / 3 * 4);
    for group in digest[..KEPT].chunks_exact(3) {
        let bits = group.iter().fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte));
        for shift in [18, 12, 6, 0] {
            text.push(ALPHABET[(bits >> shift & 63) as usize] as char);
        }
    }
    text
}

/// sha512t24u of bytes.
fn sha512t24u(bytes: &[u8]) -> String {
    shortened(&Sha512::digest(bytes))
}

/// Makes the refget identifier of a sequence from its bases, given piece by piece in upper case.
#[derive(Clone, Debug, Default)]
pub struct Refget(Sha512);

impl Refget {
    /// Adds the next bases.
    pub fn add(&mut self, bases: &[u8]) {
        self.0.update(bases);
    }

    /// `SQ.` and the digest.
    pub fn finish(self) -> String {
        format!("SQ.{}", shortened(&self.0.finalize()))
    }
}

impl VrsAllele {
    /// `bases` are those that the state stands for.
    fn new(location: SequenceLocation, state: State, bases: &[u8]) -> Self {
        // Canonical JSON (RFC 8785): keys by the alphabet, no spaces. None of the texts needs escapes.
        let own = digest_of(&location);
        let state_json = match &state {
            State::LiteralSequenceExpression { sequence } => {
                format!(r#"{{"sequence":"{sequence}","type":"LiteralSequenceExpression"}}"#)
            }
            State::ReferenceLengthExpression { length, repeat_subunit_length } => format!(
                r#"{{"length":{length},"repeatSubunitLength":{repeat_subunit_length},"type":"ReferenceLengthExpression"}}"#
            ),
        };
        let json = format!(r#"{{"location":"{own}","state":{state_json},"type":"Allele"}}"#);
        let id = format!("ga4gh:VA.{}", sha512t24u(json.as_bytes()));
        Self { id, id_1_3: id_1_3(&location, bases), location, state }
    }
}

/// By the serialisation of VRS 1.3: the location has an interval of two numbers, and its sequence no `SQ.` before the digest.
fn id_1_3(location: &SequenceLocation, bases: &[u8]) -> String {
    let SequenceLocation { sequence_reference, start, end } = location;
    let accession = &sequence_reference.refget_accession;
    let sequence = accession.strip_prefix("SQ.").unwrap_or(accession);
    let number = |n: &u32| format!(r#"{{"type":"Number","value":{n}}}"#);
    let place = format!(
        r#"{{"interval":{{"end":{},"start":{},"type":"SequenceInterval"}},"sequence_id":"{sequence}","type":"SequenceLocation"}}"#,
        number(end),
        number(start)
    );
    let json = format!(
        r#"{{"location":"{}","state":{{"sequence":"{}","type":"LiteralSequenceExpression"}},"type":"Allele"}}"#,
        sha512t24u(place.as_bytes()),
        String::from_utf8_lossy(bases)
    );
    format!("ga4gh:VA.{}", sha512t24u(json.as_bytes()))
}

fn digest_of(location: &SequenceLocation) -> String {
    let SequenceLocation { sequence_reference, start, end } = location;
    let json = format!(
        r#"{{"end":{end},"sequenceReference":{{"refgetAccession":"{}","type":"SequenceReference"}},"start":{start},"type":"SequenceLocation"}}"#,
        sequence_reference.refget_accession
    );
    sha512t24u(json.as_bytes())
}

/// A variant on a sequence: bases before it, the bases that go, the bases that come.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// Identifier of the sequence: of VRS that of refget, of HGVS an accession.
    pub sequence: &'a str,
    /// Bases before the change.
    pub start: u32,
    /// Bases that go, upper case.
    pub reference: &'a [u8],
    /// Bases that come, upper case.
    pub alternate: &'a [u8],
}

/// Bases fetched at once while a change is moved, bp.
const STEP: u32 = 256;

/// Names a change. `fetch` gives the bases from one place up to another, cut at the sequence's ends. `None` where nothing
/// changes, where an allele is no sequence of bases, or where the sequence has other bases than the change says.
///
/// # Errors
///
/// Those of `fetch`.
pub fn name<E>(
    change: Change<'_>,
    mut fetch: impl FnMut(u32, u32) -> Result<Vec<u8>, E>,
) -> Result<Option<VrsAllele>, E> {
    let Some(Change { sequence, start, reference: gone, alternate: came }) =
        least(change, &mut fetch)?
    else {
        return Ok(None);
    };
    let at = |start: u32, end: u32| SequenceLocation {
        sequence_reference: SequenceReference { refget_accession: sequence.into() },
        start,
        end,
    };
    let end = start + gone.len() as u32;
    let text = |bases: &[u8]| String::from_utf8_lossy(bases).into_owned();
    if !gone.is_empty() && !came.is_empty() {
        let state = State::LiteralSequenceExpression { sequence: text(came) };
        return Ok(Some(VrsAllele::new(at(start, end), state, came)));
    }
    // An insertion or deletion: over the whole stretch in which it could as well stand.
    let unit = if gone.is_empty() { came } else { gone };
    let left = moved_left(start, unit, &mut fetch)?;
    let right = moved_right(end, unit, &mut fetch)?;
    let old = [left.as_slice(), gone, &right].concat();
    let new = [left.as_slice(), came, &right].concat();
    let place = at(start - left.len() as u32, end + right.len() as u32);
    Ok(Some(VrsAllele::new(place, state(&old, &new, unit.len()), &new)))
}

/// The change without the bases that both alleles begin or end with: one of them may then be empty. `None` as of [`name`].
///
/// # Errors
///
/// Those of `fetch`.
pub(super) fn least<'a, E>(
    change: Change<'a>,
    fetch: &mut impl FnMut(u32, u32) -> Result<Vec<u8>, E>,
) -> Result<Option<Change<'a>>, E> {
    let Change { sequence, start, reference, alternate } = change;
    let bases = |allele: &[u8]| !allele.is_empty() && allele.iter().all(u8::is_ascii_uppercase);
    if !bases(reference) || !bases(alternate) || reference == alternate {
        return Ok(None);
    }
    if fetch(start, start + reference.len() as u32)? != reference {
        return Ok(None);
    }
    let shared =
        |pairs: &mut dyn Iterator<Item = (&u8, &u8)>| pairs.take_while(|(a, b)| a == b).count();
    let front = shared(&mut reference.iter().zip(alternate));
    let (gone, came) = (&reference[front..], &alternate[front..]);
    let back = shared(&mut gone.iter().rev().zip(came.iter().rev()));
    let (gone, came) = (&gone[..gone.len() - back], &came[..came.len() - back]);
    Ok(Some(Change { sequence, start: start + front as u32, reference: gone, alternate: came }))
}

/// Bases before a place that repeat the unit backwards.
fn moved_left<E>(
    start: u32,
    unit: &[u8],
    fetch: &mut impl FnMut(u32, u32) -> Result<Vec<u8>, E>,
) -> Result<Vec<u8>, E> {
    let mut found: Vec<u8> = Vec::new();
    let mut end = start;
    loop {
        let from = end.saturating_sub(STEP);
        let bases = fetch(from, end)?;
        let mut wanted = unit.iter().rev().cycle().skip(found.len() % unit.len());
        let fits = bases.iter().rev().take_while(|base| Some(*base) == wanted.next()).count();
        found.extend(bases.iter().rev().take(fits));
        if fits < bases.len() || from == 0 || bases.is_empty() {
            found.reverse();
            return Ok(found);
        }
        end = from;
    }
}

/// Bases behind a place that repeat the unit.
///
/// # Errors
///
/// Those of `fetch`.
pub(super) fn moved_right<E>(
    end: u32,
    unit: &[u8],
    fetch: &mut impl FnMut(u32, u32) -> Result<Vec<u8>, E>,
) -> Result<Vec<u8>, E> {
    let mut found: Vec<u8> = Vec::new();
    let mut start = end;
    loop {
        let bases = fetch(start, start.saturating_add(STEP))?;
        let mut wanted = unit.iter().cycle().skip(found.len() % unit.len());
        let fits = bases.iter().take_while(|base| Some(*base) == wanted.next()).count();
        found.extend(&bases[..fits]);
        if fits < bases.len() || (bases.len() as u32) < STEP {
            return Ok(found);
        }
        start += STEP;
    }
}

/// METHOD: VRS 2.0, normalisation, step 5. What the reference itself can make is told by its length; an insertion is made by
/// the reference when what comes goes on with a unit that the stretch ends with, of the inserted length or a part of it that
/// divides it.
fn state(old: &[u8], new: &[u8], seed: usize) -> State {
    let by_length = |unit: usize| State::ReferenceLengthExpression {
        length: new.len() as u32,
        repeat_subunit_length: unit as u32,
    };
    if new.len() < old.len() {
        return by_length(seed);
    }
    let fits = |unit: &usize| {
        let cycle = old[old.len() - unit..].iter().cycle();
        new[old.len()..].iter().zip(cycle).all(|(a, b)| a == b)
    };
    let units = (1..=seed.min(old.len())).rev().filter(|unit| seed.is_multiple_of(*unit));
    units.into_iter().find(fits).map_or_else(
        || State::LiteralSequenceExpression { sequence: String::from_utf8_lossy(new).into_owned() },
        by_length,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(sequence: &[u8], start: u32, reference: &str, alternate: &str) -> Option<VrsAllele> {
        let change = Change {
            sequence: "SQ.F-LrLMe1SRpfUZHkQmvkVKFEGaoDeHul",
            start,
            reference: reference.as_bytes(),
            alternate: alternate.as_bytes(),
        };
        let fetch = |from: u32, to: u32| {
            let last = sequence.len();
            Ok::<_, ()>(sequence[(from as usize).min(last)..(to as usize).min(last)].to_vec())
        };
        name(change, fetch).unwrap()
    }

    #[test]
    fn a_known_substitution_has_its_known_identifier() {
        // BRAF V600E of the VRS documentation: GRCh38 chr7:140753336 A>T, 0-based 140753335.
        let location = SequenceLocation {
            sequence_reference: SequenceReference {
                refget_accession: "SQ.F-LrLMe1SRpfUZHkQmvkVKFEGaoDeHul".into(),
            },
            start: 140_753_335,
            end: 140_753_336,
        };
        assert_eq!(digest_of(&location), "nhul5x5P_fKjGEpY9PEkMIekJfZaKom2");
        let literal = State::LiteralSequenceExpression { sequence: "T".into() };
        let known = VrsAllele::new(location.clone(), literal, b"T");
        assert_eq!(known.id, "ga4gh:VA.Otc5ovrw906Ack087o1fhegB4jDRqCAe");
        assert_eq!(known.id_1_3, "ga4gh:VA.fZiBjQEolbkL0AxjoTZf4SOkFy9J0ebU");
        let by_length = State::ReferenceLengthExpression { length: 3, repeat_subunit_length: 2 };
        assert_eq!(
            VrsAllele::new(location, by_length, b"TTT").id,
            "ga4gh:VA.wUJtUYM0oba6x_La7QxCBsarFRGc41MR"
        );
    }

    #[test]
    fn the_digest_of_a_sequence_is_that_of_refget() {
        // The example of the refget specification 2.0.
        let mut refget = Refget::default();
        refget.add(b"AC");
        refget.add(b"GT");
        assert_eq!(refget.finish(), "SQ.aKF498dAxcJAqme6QYQ7EZ07-fiw8Kw2");
    }

    #[test]
    fn one_deletion_has_one_name_wherever_it_is_placed() {
        //               0123456789
        let sequence = b"TTCAGCAGCAGTT";
        let first = named(sequence, 1, "TCAG", "T").unwrap();
        assert_eq!(named(sequence, 4, "GCAG", "G").unwrap(), first);
        assert_eq!((first.location.start, first.location.end), (2, 11));
        assert_eq!(
            first.state,
            State::ReferenceLengthExpression { length: 6, repeat_subunit_length: 3 }
        );
    }

    #[test]
    fn insertions_of_the_references_own_repeat_are_told_by_length() {
        let sequence = b"TTCAGCAGCAGTT";
        let own = named(sequence, 1, "T", "TCAG").unwrap();
        assert_eq!(
            own.state,
            State::ReferenceLengthExpression { length: 12, repeat_subunit_length: 3 }
        );
        let new = named(sequence, 1, "T", "TGGG").unwrap();
        assert_eq!(new.state, State::LiteralSequenceExpression { sequence: "GGG".into() });
        assert_eq!((new.location.start, new.location.end), (2, 2));
        // Two units at once repeat one unit.
        let two = named(b"GCAT", 1, "C", "CAA").unwrap();
        assert_eq!(
            two.state,
            State::ReferenceLengthExpression { length: 3, repeat_subunit_length: 1 }
        );
    }

    #[test]
    fn long_repeats_are_followed_to_their_ends() {
        let sequence = [b"G".as_slice(), &b"A".repeat(1_000), b"C"].concat();
        let deletion = named(&sequence, 500, "AA", "A").unwrap();
        assert_eq!((deletion.location.start, deletion.location.end), (1, 1_001));
        let at_the_end = named(&b"A".repeat(700), 350, "AA", "A").unwrap();
        assert_eq!((at_the_end.location.start, at_the_end.location.end), (0, 700));
    }

    #[test]
    fn what_is_no_change_or_not_of_this_sequence_has_no_name() {
        let sequence = b"ACGT";
        for (start, reference, alternate) in [
            (0, "A", "A"),
            (0, "C", "T"),
            (0, "A", "<DEL>"),
            (0, "A", "*"),
            (3, "TA", "T"),
            (0, "", "A"),
        ] {
            assert_eq!(
                named(sequence, start, reference, alternate),
                None,
                "{reference}>{alternate}"
            );
        }
        let both = named(sequence, 0, "ACG", "ATTG").unwrap();
        assert_eq!((both.location.start, both.location.end), (1, 2));
    }
}
