//! What the line formats share: columns, positions, pragmas.

use crate::model::coord::Span;
use crate::model::gene_model::Strand;

use super::draft::Draft;

/// The nine columns of GFF3 and GTF that matter.
pub(super) struct Feature<'a> {
    pub(super) contig: &'a str,
    pub(super) kind: &'a str,
    pub(super) span: Span,
    pub(super) strand: Option<Strand>,
    pub(super) attributes: &'a str,
}

/// Splits a line of GFF3 or GTF.
pub(super) fn feature(text: &str) -> Result<Feature<'_>, String> {
    let mut columns = text.split('\t');
    let mut next = || columns.next();
    let found = (next(), next(), next(), next(), next(), next(), next(), next(), next());
    let (
        Some(contig),
        Some(_),
        Some(kind),
        Some(start),
        Some(end),
        Some(_),
        Some(strand),
        Some(_),
        Some(attributes),
    ) = found
    else {
        return Err("has fewer than nine columns".into());
    };
    let first = position(start, "start")?;
    let last = position(end, "end")?;
    if first == 0 {
        return Err("starts at 0, but positions begin at 1".into());
    }
    if first > last {
        return Err(format!("starts at {first}, behind its end {last}"));
    }
    let span = Span::from_one_based(first, last);
    Ok(Feature { contig, kind, span, strand: self::strand(strand)?, attributes })
}

/// A position in a column.
pub(super) fn position(text: &str, what: &str) -> Result<u32, String> {
    text.trim().parse().map_err(|_| format!("{what} {text:?} is no position"))
}

/// A strand column; `.` and `?` say nothing.
pub(super) fn strand(text: &str) -> Result<Option<Strand>, String> {
    match text.trim() {
        "+" => Ok(Some(Strand::Forward)),
        "-" => Ok(Some(Strand::Reverse)),
        "." | "?" | "" => Ok(None),
        other => Err(format!("strand {other:?} is none of + - .")),
    }
}

/// Notes the length of a contig that `##sequence-region NAME 1 LENGTH` states.
pub(super) fn pragma(text: &str, draft: &mut Draft) {
    let Some(rest) = text.strip_prefix("##sequence-region") else { return };
    let mut words = rest.split_ascii_whitespace();
    if let (Some(name), Some("1"), Some(Ok(length))) =
        (words.next(), words.next(), words.next().map(str::parse))
    {
        draft.length(name, length);
    }
}

/// The HGNC id (with prefix) in texts such as `HGNC:1234`, `HGNC:HGNC:1234` and Ensembl's
/// `[Source:HGNC Symbol;Acc:HGNC:1234]`, where old releases leave the second `HGNC:` out.
pub(super) fn hgnc(text: &str) -> Option<String> {
    let place = text.find("Acc:").filter(|_| text.contains("HGNC Symbol"));
    let rest = match place {
        Some(at) => &text[at + 4..],
        None => &text[text.find("HGNC:")?..],
    };
    let rest = rest.trim_start_matches("HGNC:");
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    (digits > 0).then(|| format!("HGNC:{}", &rest[..digits]))
}
