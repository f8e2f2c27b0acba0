//! `report.html`: one self-contained page for the clinical scientist who signs the case. No script, no outside resource;
//! a content security policy forbids both, so that nothing from a file can run or load.

use sha2::{Digest, Sha256};

use crate::model::problem::Problem;
use crate::model::results::CaseResults;

use super::{OutputFile, Rendered, Source, Writer};

mod acceptance;
mod additional;
mod amp;
mod biomarkers;
mod chromosomes;
mod context;
mod detail;
mod germline;
mod identity;
pub(super) mod index;
mod overview;
mod page;
mod pileup;
mod plot;
mod print;
pub(super) mod qc_page;
mod quality;
mod reads;
mod structural;
mod summary;

use page::Page;

/// Writes `report.html`.
#[derive(Debug)]
pub(super) struct Html;

const FILES: &[OutputFile] = &[OutputFile {
    name: "report.html",
    deterministic: true,
    doc: "the case on one page for people: tiers with their evidence, quality, what was not assessed",
}];

const STYLE: &str = include_str!("style.css");
/// Style of the plots, on top of that of every page.
const PLOT_STYLE: &str = include_str!("plot.css");
/// Style of the pictures of reads, likewise.
const PILEUP_STYLE: &str = include_str!("pileup.css");

impl Writer for Html {
    fn id(&self) -> &'static str {
        "html"
    }

    fn files(&self) -> &'static [OutputFile] {
        FILES
    }

    fn render(&self, source: &Source<'_>) -> Result<Vec<Rendered>, Problem> {
        let page = render(source.results);
        Ok(vec![Rendered { name: FILES[0].name, bytes: page.into_bytes() }])
    }
}

fn render(results: &CaseResults) -> String {
    let title = format!("Case {}: variant report", results.case.id);
    let skip_to = Some(("findings", "Skip to findings"));
    let pictured = results.candidates.iter().flat_map(|one| &one.evidence);
    let pictured = pictured.into_iter().any(|evidence| evidence.picture.is_some());
    let mut styles = vec![STYLE];
    styles.extend(results.biomarkers.is_some().then_some(PLOT_STYLE));
    styles.extend(pictured.then_some(PILEUP_STYLE));
    let foot = overview::foot(results);
    shell(&Shell { title: &title, skip_to, styles: &styles, foot: &foot }, |page| {
        overview::banner(page, results);
        page.markup("<main>\n");
        overview::summary(page, results);
        summary::findings(page, results);
        structural::sections(page, results);
        chromosomes::section(page, results);
        amp::section(page, results);
        biomarkers::section(page, results);
        identity::section(page, results);
        quality::section(page, results);
        summary::case(page, results);
        summary::panels(page, results);
        additional::section(page, results);
        germline::section(page, results);
        detail::candidates(page, results);
        detail::removed(page, results);
        reads::second_alleles(page, results);
        summary::method(page, results);
        page.markup("</main>\n");
        summary::footer(page, results);
    })
}

/// What surrounds the content of a page.
struct Shell<'a> {
    title: &'a str,
    /// Id and text of the link that skips to the content.
    skip_to: Option<(&'static str, &'static str)>,
    styles: &'a [&'static str],
    /// What stands at the foot of every printed page, beside its number.
    foot: &'a str,
}

/// A whole page around its content.
fn shell(shell: &Shell<'_>, content: impl FnOnce(&mut Page)) -> String {
    let mut page = Page::default();
    page.markup("<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.markup("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ");
    page.markup("base-uri 'none'; form-action 'none'; style-src 'sha256-");
    let style = shell.styles.concat() + &print::foot(shell.foot);
    let digest = Sha256::digest(&style);
    page.text(&base64(&digest)).markup("'\">\n");
    page.markup(
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
    );
    page.text(shell.title).markup("</title>\n<style>");
    page.style(&style);
    page.markup("</style>\n</head>\n<body>\n");
    if let Some((id, text)) = shell.skip_to {
        page.markup("<a class=\"skip\" href=\"#").markup(id).markup("\">");
        page.markup(text).markup("</a>\n");
    }
    content(&mut page);
    page.markup("</body>\n</html>\n");
    page.finish()
}

/// Base64 with padding (RFC 4648), as hashes in a content security policy are written.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |group, &byte| group << 8 | u32::from(byte))
            << (8 * (3 - chunk.len()));
        for i in 0..4 {
            let sextet = (group >> (18 - 6 * i)) & 63;
            text.push(if i <= chunk.len() { ALPHABET[sextet as usize] as char } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        // RFC 4648 section 10.
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn the_style_cannot_end_its_element() {
        for style in [STYLE, PLOT_STYLE, PILEUP_STYLE] {
            assert!(!style.contains('<') && !style.contains("url("));
        }
    }
}
