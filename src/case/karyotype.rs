//! The words of sex chromosomes that records of several models share.

use crate::model::sample::Sex;

/// Copies of X, and the sex that a Y, or its absence, shows.
const KARYOTYPES: [(&str, Option<(u8, Sex)>); 9] = [
    ("XX", Some((2, Sex::Female))),
    ("XY", Some((1, Sex::Male))),
    ("XO", Some((1, Sex::Female))),
    ("XXY", Some((2, Sex::Male))),
    ("XXX", Some((3, Sex::Female))),
    ("XXYY", Some((2, Sex::Male))),
    ("XXXY", Some((3, Sex::Male))),
    ("XXXX", Some((4, Sex::Female))),
    ("XYY", Some((1, Sex::Male))),
];

/// All words, after a model's own two for a karyotype that is not known and one that is none of these.
pub(super) fn words(unknown: [&'static str; 2]) -> Vec<(&'static str, Option<(u8, Sex)>)> {
    unknown.map(|word| (word, None)).into_iter().chain(KARYOTYPES).collect()
}

/// The word of these copies of X with this sex: the first of the table, which has the fewest Y. `None` where it has none.
pub(super) fn word(copies: u8, sex: Sex) -> Option<&'static str> {
    KARYOTYPES.iter().find(|(_, own)| *own == Some((copies, sex))).map(|(word, _)| *word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_read_back_as_it_was_written() {
        for (_, own) in KARYOTYPES {
            let (copies, sex) = own.unwrap();
            let word = word(copies, sex).unwrap();
            assert!(KARYOTYPES.contains(&(word, own)), "{word}");
        }
        assert_eq!(word(1, Sex::Male), Some("XY"), "one Y, where the number of Y is not known");
        assert_eq!(word(2, Sex::Male), Some("XXY"));
        assert_eq!(word(5, Sex::Female), None);
        assert_eq!(word(1, Sex::Unknown), None);
    }
}
