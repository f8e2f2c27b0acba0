//! One ALT of a record in its simplest form: trimmed, and left-aligned where a reference allows it.
//!
//! Method after Tan, Abecasis, Kang (Bioinformatics 2015): cut shared last bases, extend to the left when an allele
//! becomes empty, then cut shared first bases.

use crate::model::problem::Problem;

/// Gives reference bases: (0-based start, end) to upper-case bases; `None` beyond the contig.
pub(super) type Bases<'a> = dyn FnMut(u32, u32) -> Result<Vec<u8>, Problem> + 'a;

/// Reference bases fetched at once while an indel moves left.
const STEP: u32 = 128;

/// Alleles with their position; reused from variant to variant.
#[derive(Debug, Default)]
pub(super) struct Alleles {
    /// 1-based.
    pub(super) position: u32,
    pub(super) reference: Vec<u8>,
    pub(super) alternate: Vec<u8>,
}

impl Alleles {
    /// Takes alleles as written, in upper case.
    pub(super) fn set(&mut self, position: u32, reference: &[u8], alternate: &[u8]) {
        self.position = position;
        for (mine, theirs) in [(&mut self.reference, reference), (&mut self.alternate, alternate)] {
            mine.clear();
            mine.extend(theirs.iter().map(u8::to_ascii_uppercase));
        }
    }

    /// Cuts what both alleles share, the end first, leaving at least one base of each.
    pub(super) fn trim(&mut self) {
        self.trim_end(1);
        self.trim_start();
    }

    fn trim_end(&mut self, keep: usize) {
        while self.reference.len().min(self.alternate.len()) > keep
            && self.reference.last() == self.alternate.last()
        {
            self.reference.pop();
            self.alternate.pop();
        }
    }

    fn trim_start(&mut self) {
        let most = self.reference.len().min(self.alternate.len()).saturating_sub(1);
        if most == 0 {
            return;
        }
        let pairs = self.reference.iter().zip(&self.alternate);
        let shared = pairs.take(most).take_while(|(a, b)| a == b).count();
        self.reference.drain(..shared);
        self.alternate.drain(..shared);
        self.position += shared as u32;
    }

    /// True for trimmed alleles that could stand further left: an indel whose last base is its anchor's.
    pub(super) fn may_shift(&self) -> bool {
        self.reference.len() != self.alternate.len()
            && self.reference.last() == self.alternate.last()
            && self.position > 1
    }

    /// Moves trimmed alleles as far left as the reference allows.
    pub(super) fn left_align(&mut self, bases: &mut Bases) -> Result<(), Problem> {
        while self.may_shift() {
            // Bases before the first one of the alleles, as many as one fetch gives.
            let end = self.position - 1;
            let before = bases(end.saturating_sub(STEP), end)?;
            if before.is_empty() {
                break;
            }
            for &base in before.iter().rev() {
                if !self.may_shift() {
                    break;
                }
                self.reference.pop();
                self.alternate.pop();
                // Only now can an allele be empty: the base before fills it.
                self.reference.insert(0, base);
                self.alternate.insert(0, base);
                self.position -= 1;
            }
        }
        self.trim();
        Ok(())
    }
}

/// True when two bases can be the same: equal, or one an ambiguity code that covers the other.
pub(super) fn compatible(a: u8, b: u8) -> bool {
    let (a, b) = (a.to_ascii_uppercase(), b.to_ascii_uppercase());
    a == b || bits(a) & bits(b) != 0
}

/// Bases that an IUPAC code stands for, as bits; 0 for other characters.
fn bits(base: u8) -> u8 {
    match base {
        b'A' => 1,
        b'C' => 2,
        b'G' => 4,
        b'T' | b'U' => 8,
        b'M' => 3,
        b'R' => 5,
        b'W' => 9,
        b'S' => 6,
        b'Y' => 10,
        b'K' => 12,
        b'V' => 7,
        b'H' => 11,
        b'D' => 13,
        b'B' => 14,
        b'N' => 15,
        _ => 0,
    }
}

/// True for alleles that are bases only.
pub(super) fn is_sequence(allele: &[u8]) -> bool {
    !allele.is_empty() && allele.iter().all(|&base| bits(base.to_ascii_uppercase()) != 0)
}

/// True for ALTs that are no variant at all: the spanning deletion and "any other allele".
pub(super) fn is_placeholder(alternate: &[u8]) -> bool {
    matches!(alternate, b"*" | b"<NON_REF>" | b"<*>" | b"<X>" | b"<*:DEL>" | b".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normalised(position: u32, reference: &str, alternate: &str, sequence: &str) -> String {
        let mut alleles = Alleles::default();
        alleles.set(position, reference.as_bytes(), alternate.as_bytes());
        alleles.trim();
        let mut bases =
            |start: u32, end: u32| Ok(sequence.as_bytes()[start as usize..end as usize].to_vec());
        alleles.left_align(&mut bases).unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        format!("{} {} {}", alleles.position, text(&alleles.reference), text(&alleles.alternate))
    }

    #[test]
    fn alleles_reach_their_leftmost_form() {
        let sequence = "GGGCACACACAGGG";
        for (position, reference, alternate, expected) in [
            (8, "CAC", "C", "3 GCA G"),
            (6, "CA", "CACA", "3 G GCA"),
            (10, "CA", "C", "10 CA C"),
            (3, "GCACA", "GCA", "3 GCA G"),
            (4, "cA", "gA", "4 C G"),
            (1, "GG", "G", "1 GG G"),
            (2, "GG", "G", "1 GG G"),
            (4, "CACA", "TACT", "4 CACA TACT"),
            (4, "CAC", "CTC", "5 A T"),
        ] {
            assert_eq!(normalised(position, reference, alternate, sequence), expected);
        }
    }

    #[test]
    fn ambiguity_codes_match_what_they_cover() {
        assert!(compatible(b'N', b'a') && compatible(b'R', b'G') && compatible(b'm', b'M'));
        assert!(!compatible(b'R', b'C') && !compatible(b'A', b'C'));
        assert!(is_sequence(b"acgtN") && !is_sequence(b"<DEL>") && !is_sequence(b""));
    }
}
