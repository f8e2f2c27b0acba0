//! HGVS of proteins in one-letter code.

/// Three-letter residues and their letters.
const RESIDUES: [(&str, &str); 22] = [
    ("Ala", "A"),
    ("Arg", "R"),
    ("Asn", "N"),
    ("Asp", "D"),
    ("Cys", "C"),
    ("Gln", "Q"),
    ("Glu", "E"),
    ("Gly", "G"),
    ("His", "H"),
    ("Ile", "I"),
    ("Leu", "L"),
    ("Lys", "K"),
    ("Met", "M"),
    ("Phe", "F"),
    ("Pro", "P"),
    ("Sec", "U"),
    ("Ser", "S"),
    ("Ter", "*"),
    ("Thr", "T"),
    ("Trp", "W"),
    ("Tyr", "Y"),
    ("Val", "V"),
];

/// The change without the name of its sequence, which stands before the colon; `%3D` is `=`.
pub fn change(hgvs: &str) -> String {
    let text = hgvs.split_once(':').map_or(hgvs, |(_, change)| change);
    text.replace("%3D", "=")
}

/// `p.Arg16Leu` as `p.R16L`.
pub fn short(change: &str) -> String {
    RESIDUES.iter().fold(change.to_owned(), |text, (long, letter)| text.replace(long, letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn residues_get_one_letter() {
        assert_eq!(short("p.Arg16Leu"), "p.R16L");
        assert_eq!(short("p.Tyr79ThrfsTer5"), "p.Y79Tfs*5");
        assert_eq!(change("ENST1.2:p.Lys105%3D"), "p.Lys105=");
        assert_eq!(change("p.Lys105="), "p.Lys105=");
    }
}
