//! HGVS of changes on a chromosome (HGVS nomenclature 21.0, DNA recommendations): what is deleted, duplicated, inserted or
//! replaced, each as far towards the 3' end as the reference allows.
//!
//! Positions of names are 1-based. Copies of more than one unit at once are `dup` only where the whole inserted sequence stands
//! before its place already, else `ins`.

use super::contig::ContigClass;
use super::vrs::{self, Change};

/// The letter before the dot.
pub fn prefix(class: ContigClass) -> char {
    if class == ContigClass::Mitochondrial { 'm' } else { 'g' }
}

/// Names a change, without the sequence: `g.`'s right side, as `12_14del`. `fetch` gives the bases from one place up to another
/// (0-based half-open), cut at the sequence's ends. `None` where nothing changes, where an allele is no sequence of bases,
/// where the sequence has other bases than the change says, and for insertions beyond its ends, which HGVS cannot name.
///
/// # Errors
///
/// Those of `fetch`.
pub fn name<E>(
    change: Change<'_>,
    mut fetch: impl FnMut(u32, u32) -> Result<Vec<u8>, E>,
) -> Result<Option<String>, E> {
    let Some(least) = vrs::least(change, &mut fetch)? else { return Ok(None) };
    let (start, gone, came) = (least.start, least.reference, least.alternate);
    let known = |allele: &[u8]| allele.iter().all(|base| b"ACGT".contains(base));
    if !known(gone) || !known(came) {
        return Ok(None);
    }
    let end = start + gone.len() as u32;
    match (gone.is_empty(), came.is_empty()) {
        (false, false) => Ok(Some(replaced(start, gone, came))),
        (false, true) => {
            let by = vrs::moved_right(end, gone, &mut fetch)?.len() as u32;
            Ok(Some(format!("{}del", span(start + by, end + by))))
        }
        _ => inserted(start, came, &mut fetch),
    }
}

/// From first to last base, 1-based.
fn span(start: u32, end: u32) -> String {
    if start + 1 == end { end.to_string() } else { format!("{}_{end}", start + 1) }
}

fn text(bases: &[u8]) -> String {
    String::from_utf8_lossy(bases).into_owned()
}

fn replaced(start: u32, gone: &[u8], came: &[u8]) -> String {
    if let ([old], [new]) = (gone, came) {
        return format!("{}{}>{}", start + 1, *old as char, *new as char);
    }
    let place = span(start, start + gone.len() as u32);
    let inverted = gone.iter().rev().map(|base| match base {
        b'A' => b'T',
        b'C' => b'G',
        b'G' => b'C',
        _ => b'A',
    });
    if inverted.eq(came.iter().copied()) {
        format!("{place}inv")
    } else {
        format!("{place}delins{}", text(came))
    }
}

fn inserted<E>(
    start: u32,
    came: &[u8],
    fetch: &mut impl FnMut(u32, u32) -> Result<Vec<u8>, E>,
) -> Result<Option<String>, E> {
    let by = vrs::moved_right(start, came, fetch)?.len();
    let mut unit = came.to_vec();
    unit.rotate_left(by % came.len());
    let place = start + by as u32;
    if let Some(before) = place.checked_sub(unit.len() as u32)
        && fetch(before, place)? == unit
    {
        return Ok(Some(format!("{}dup", span(before, place))));
    }
    if place == 0 || fetch(place, place + 1)?.is_empty() {
        return Ok(None);
    }
    Ok(Some(format!("{place}_{}ins{}", place + 1, text(&unit))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::rng::Rng;

    fn named(sequence: &[u8], start: u32, reference: &str, alternate: &str) -> Option<String> {
        let (reference, alternate) = (reference.as_bytes(), alternate.as_bytes());
        let change = Change { sequence: "", start, reference, alternate };
        let last = sequence.len();
        let fetch = |from: u32, to: u32| {
            Ok::<_, ()>(sequence[(from as usize).min(last)..(to as usize).min(last)].to_vec())
        };
        name(change, fetch).unwrap()
    }

    #[test]
    fn every_kind_is_named_at_its_3_prime_end() {
        //               1234567890123
        let sequence = b"TTCAGCAGCAGTT";
        for (start, reference, alternate, wanted) in [
            (0, "T", "A", "1T>A"),
            (1, "TCAG", "T", "9_11del"),
            (0, "TT", "T", "2del"),
            (1, "T", "TCAG", "9_11dup"),
            (1, "T", "TCAGCAG", "6_11dup"),
            (1, "T", "TCAGCAGCAGCAG", "11_12insCAGCAGCAGCAG"),
            (10, "G", "GT", "13dup"),
            (2, "C", "CGG", "3_4insGG"),
            (2, "CAG", "TGA", "3_5delinsTGA"),
            (2, "CAG", "CTG", "4A>T"),
            (2, "CAG", "CTGG", "4delinsTG"),
            (2, "CAG", "CTTT", "4_5delinsTTT"),
            // CTG is CAG read from the other strand; what stays is no part of it.
            (3, "AG", "CT", "4_5inv"),
            (2, "CAGC", "GCTG", "3_6inv"),
        ] {
            let found = named(sequence, start, reference, alternate);
            assert_eq!(found.as_deref(), Some(wanted), "{start} {reference}>{alternate}");
        }
    }

    #[test]
    fn what_has_no_name_gets_none() {
        let sequence = b"ACGTN";
        for (start, reference, alternate) in [
            (0, "A", "A"),
            (0, "C", "T"),
            (0, "A", "<DEL>"),
            (0, "A", "*"),
            (0, "A", "AR"),
            (4, "N", "A"),
            // Beyond either end.
            (0, "A", "TA"),
            (4, "N", "NG"),
        ] {
            assert_eq!(
                named(sequence, start, reference, alternate),
                None,
                "{reference}>{alternate}"
            );
        }
    }

    /// What a name says, done to the sequence.
    fn apply(sequence: &[u8], name: &str) -> Vec<u8> {
        let digits = |c: char| c.is_ascii_digit() || c == '_';
        let (place, kind) = name.split_at(name.find(|c| !digits(c)).unwrap());
        let (first, last) = place.split_once('_').unwrap_or((place, place));
        let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
        let (before, old, after) =
            (&sequence[..first - 1], &sequence[first - 1..last], &sequence[last..]);
        let new: Vec<u8> = if let Some(bases) = kind.strip_prefix("delins") {
            bases.into()
        } else if let Some(bases) = kind.strip_prefix("ins") {
            assert_eq!(last, first + 1);
            [&old[..1], bases.as_bytes(), &old[1..]].concat()
        } else if kind == "del" {
            Vec::new()
        } else if kind == "dup" {
            old.repeat(2)
        } else if kind == "inv" {
            let other = |base: &u8| b"TGCA"[b"ACGT".iter().position(|b| b == base).unwrap()];
            old.iter().rev().map(other).collect()
        } else {
            let (from, to) = kind.split_once('>').unwrap();
            assert_eq!(from.as_bytes(), old);
            to.into()
        };
        [before, &new, after].concat()
    }

    #[test]
    fn a_name_done_to_the_reference_gives_the_haplotype_of_the_alleles() {
        let mut rng = Rng::new(11, &[]);
        let mut below = |n: usize| rng.below(n as u64) as usize;
        let mut seen = std::collections::BTreeSet::new();
        for round in 0..4_000 {
            // Two letters make repeats that reach the ends of a short sequence.
            let letters: &[u8] = if round % 2 == 0 { b"AC" } else { b"ACGT" };
            let bases = |n: usize, below: &mut dyn FnMut(usize) -> usize| -> Vec<u8> {
                (0..n).map(|_| letters[below(letters.len())]).collect()
            };
            let length = 1 + below(30);
            let sequence = bases(length, &mut below);
            let start = below(length);
            let end = (start + 1 + below(6)).min(length);
            let reference = &sequence[start..end];
            let count = 1 + below(6);
            let mut alternate = bases(count, &mut below);
            if round % 3 == 0 {
                alternate = [&reference[..1], &alternate].concat();
            }
            let text = |bases: &[u8]| String::from_utf8(bases.to_vec()).unwrap();
            let found = named(&sequence, start as u32, &text(reference), &text(&alternate));
            let haplotype = [&sequence[..start], &alternate, &sequence[end..]].concat();
            let Some(name) = found else {
                let at_an_end = haplotype.ends_with(&sequence) || haplotype.starts_with(&sequence);
                assert!(haplotype == sequence || at_an_end, "{}", text(&sequence));
                continue;
            };
            assert_eq!(apply(&sequence, &name), haplotype, "{} {name}", text(&sequence));
            seen.insert(
                ["delins", "del", "dup", "inv", "ins", ">"].into_iter().find(|k| name.contains(k)),
            );
            // No later place of the same deletion or insertion makes the same haplotype.
            if name.ends_with("del") || name.ends_with("dup") {
                let digits = |c: char| c.is_ascii_digit() || c == '_';
                let (place, kind) = name.split_at(name.find(|c| !digits(c)).unwrap());
                let (first, last) = place.split_once('_').unwrap_or((place, place));
                let next = |n: &str| n.parse::<usize>().unwrap() + 1;
                if next(last) <= length {
                    let later = format!("{}_{}{kind}", next(first), next(last));
                    assert_ne!(apply(&sequence, &later), haplotype, "{} {name}", text(&sequence));
                }
            }
        }
        assert_eq!(seen.len(), 6, "{seen:?}");
    }
}
