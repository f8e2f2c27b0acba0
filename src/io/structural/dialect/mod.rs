//! The programs that call copy-number and structural variants, one file each, told apart by the header.

mod canvas;
mod dragen_cnv;
mod dragen_sv;
mod generic;
mod manta;

use crate::io::variants::Header;
use crate::model::structural::Evidence;

/// What is special about one program's files.
#[derive(Debug)]
pub struct Dialect {
    /// Id, as results name it.
    pub id: &'static str,
    /// Whether a file is one of its own.
    pub recognises: fn(&Header) -> bool,
    /// How its calls were seen; `None` when each record has to tell.
    pub evidence: Option<Evidence>,
    /// FORMAT keys of the quality of a call, first found wins.
    pub quality: &'static [&'static str],
}

/// All dialects; the first that recognises a header reads the file, and the last recognises every one.
pub const DIALECTS: &[&Dialect] = &[
    &canvas::DIALECT,
    &dragen_cnv::DIALECT,
    &dragen_sv::DIALECT,
    &manta::DIALECT,
    &generic::DIALECT,
];

/// The dialect of a file.
pub fn of(header: &Header) -> &'static Dialect {
    DIALECTS
        .iter()
        .find(|dialect| (dialect.recognises)(header))
        .copied()
        .unwrap_or(&generic::DIALECT)
}

/// One of the header's `##source` lines speaks of the program.
fn source_says(header: &Header, word: &str) -> bool {
    header.values("source").any(|source| source.to_ascii_lowercase().contains(word))
}

/// DRAGEN wrote the file, by whatever line says so.
fn is_dragen(header: &Header) -> bool {
    let says = |line: &String| {
        let line = line.to_ascii_lowercase();
        line.starts_with("##dragen") || line.starts_with("##source=dragen")
    };
    header.lines.iter().any(says)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(lines: &str) -> Header {
        let text = format!("{lines}#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n");
        Header::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn programs_are_told_apart_by_the_header() {
        let cn = "##FORMAT=<ID=CN,Number=1,Type=Integer,Description=\"d\">\n";
        let pr = "##FORMAT=<ID=PR,Number=.,Type=Integer,Description=\"d\">\n";
        for (lines, id) in [
            (format!("##source=Canvas 1.40.0\n{cn}"), "canvas"),
            (format!("##source=DRAGEN_CNV\n{cn}"), "dragen-cnv"),
            (format!("##DRAGENVersion=<ID=dragen,Version=\"4.0\">\n{cn}"), "dragen-cnv"),
            (format!("##source=DRAGEN 4.0.3\n{pr}"), "dragen-sv"),
            ("##source=GenerateSVCandidates 1.6.0\n".to_owned(), "manta"),
            ("##source=delly\n".to_owned(), "generic"),
            (String::new(), "generic"),
        ] {
            assert_eq!(of(&header(&lines)).id, id, "{lines}");
        }
    }
}
