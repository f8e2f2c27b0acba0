//! The reads at a candidate, one small picture a member: inline SVG, no script. Letters and marks carry the meaning, colour
//! only helps; the counts stand in the table below for those who cannot see it.

use crate::model::picture::{PicturedRead, ReadPicture};
use crate::model::results::CandidateResult;
use crate::report::text;

use super::page::Page;

/// Width of a column and height of a row, in units of the picture.
const CELL: u32 = 9;
/// Room above the rows for the reference.
const TOP: u32 = 22;

/// Draws the pictures of a candidate; nothing when there are none.
pub(super) fn draw(page: &mut Page, candidate: &CandidateResult) {
    let pictured = candidate.evidence.iter().filter_map(|e| Some((e, e.picture.as_ref()?)));
    let all: Vec<_> = pictured.collect();
    if all.is_empty() {
        return;
    }
    let variant = &candidate.variant;
    page.markup("<div class=\"pileups\">\n");
    for (evidence, picture) in all {
        let who = format!("{} {}", evidence.member, text::role(evidence.role));
        let left = match picture.left_out {
            0 => String::new(),
            n => format!(", {n} more not drawn"),
        };
        let told = format!(
            "{who}: {} reads around {}:{}{left}",
            picture.reads.len(),
            variant.contig,
            variant.position
        );
        page.markup("<figure>\n<figcaption>").text(&told).markup("</figcaption>\n");
        one(page, picture, (variant.position, variant.reference.len() as u32), &told);
        page.markup("</figure>\n");
    }
    page.markup("</div>\n");
    page.markup("<p class=\"legend\">Each row is a read, &gt; on the forward and &lt; on the reverse strand. A letter ");
    page.markup("differs from the first row, a line is deleted, a bar between letters with a number is inserted. ");
    page.markup(
        "The framed columns are the reference allele. Bases of any quality are drawn; the table below counts fragments, without those of low quality.</p>\n",
    );
}

fn one(page: &mut Page, picture: &ReadPicture, (position, length): (u32, u32), told: &str) {
    let width = picture.width();
    let height = TOP + picture.reads.len() as u32 * CELL + 4;
    // One column at each side for the arrows.
    page.markup("<svg role=\"img\" viewBox=\"0 0 ")
        .text(&format!("{} {height}", (width + 2) * CELL));
    page.markup("\" aria-label=\"").text(told);
    page.markup(". The counts stand in the table What the reads show.\">\n");
    let expected = expected(picture, width);
    for (column, base) in expected.iter().enumerate() {
        letter(page, "base", (column as u32, 12), *base as char);
    }
    let from = position.saturating_sub(picture.start).min(width);
    let columns = length.min(width - from);
    page.markup("<path class=\"site\" d=\"");
    page.text(&format!(
        "M{} 2h{}v{}h-{}z",
        (from + 1) * CELL,
        columns * CELL,
        height - 4,
        columns * CELL
    ));
    page.markup("\"/>\n");
    bodies(page, picture);
    for (row, read) in picture.reads.iter().enumerate() {
        differences(page, read, &expected, TOP + row as u32 * CELL);
    }
    page.markup("</svg>\n");
}

/// The reference, or without one the base that most reads have.
fn expected(picture: &ReadPicture, width: u32) -> Vec<u8> {
    if let Some(reference) = &picture.reference {
        return reference.bytes().collect();
    }
    let most = |column: u32| {
        let mut counts = [0_u32; 128];
        for read in &picture.reads {
            let own = column.checked_sub(read.offset);
            let base = own.and_then(|i| read.bases.as_bytes().get(i as usize));
            if let Some(count) = base.and_then(|base| counts.get_mut(usize::from(*base))) {
                *count += 1;
            }
        }
        let best = (0..128_u8).rev().max_by_key(|base| counts[usize::from(*base)]);
        best.filter(u8::is_ascii_alphabetic).unwrap_or(b'N')
    };
    (0..width).map(most).collect()
}

/// All reads of a strand in one path, and their arrows.
fn bodies(page: &mut Page, picture: &ReadPicture) {
    for reverse in [false, true] {
        page.markup(if reverse {
            "<path class=\"read reverse\" d=\""
        } else {
            "<path class=\"read\" d=\""
        });
        let rows = picture.reads.iter().enumerate().filter(|(_, read)| read.reverse == reverse);
        for (row, read) in rows {
            let (x, y) = ((read.offset + 1) * CELL, TOP + row as u32 * CELL + 1);
            let width = read.bases.len() as u32 * CELL;
            page.text(&format!("M{x} {y}h{width}v{}h-{width}z", CELL - 2));
        }
        page.markup("\"/>\n");
    }
    for (row, read) in picture.reads.iter().enumerate() {
        let y = TOP + row as u32 * CELL + CELL - 1;
        let last = read.offset + read.bases.len() as u32;
        if read.reverse {
            text_at(page, "arrow", (read.offset * CELL + 2, y), "<");
        } else {
            text_at(page, "arrow", ((last + 1) * CELL + 2, y), ">");
        }
    }
}

fn differences(page: &mut Page, read: &PicturedRead, expected: &[u8], top: u32) {
    for (i, base) in read.bases.bytes().enumerate() {
        let column = read.offset + i as u32;
        let x = (column + 1) * CELL;
        if base == b'-' || base == b'~' {
            page.markup("<path class=\"gap\" d=\"")
                .text(&format!("M{x} {}h{CELL}", top + CELL / 2));
            page.markup("\"/>\n");
        } else if expected.get(column as usize) != Some(&base) {
            page.markup("<rect class=\"")
                .markup(class(base))
                .markup("\" x=\"")
                .text(&x.to_string());
            page.markup("\" y=\"").text(&top.to_string()).markup("\" width=\"9\" height=\"9\"/>");
            letter(page, "other", (column, top + CELL - 1), base as char);
        }
    }
    for insertion in &read.insertions {
        let x = (insertion.after + 2) * CELL;
        page.markup("<path class=\"inserted\" d=\"")
            .text(&format!("M{x} {top}v{CELL}"))
            .markup("\"/>");
        text_at(page, "other", (x + 1, top + CELL - 1), &insertion.length.to_string());
    }
}

fn class(base: u8) -> &'static str {
    match base {
        b'A' => "base-a",
        b'C' => "base-c",
        b'G' => "base-g",
        b'T' => "base-t",
        _ => "base-n",
    }
}

fn letter(page: &mut Page, class: &'static str, (column, y): (u32, u32), base: char) {
    text_at(page, class, ((column + 1) * CELL + 2, y), base.encode_utf8(&mut [0; 4]));
}

fn text_at(page: &mut Page, class: &'static str, (x, y): (u32, u32), text: &str) {
    page.markup("<text class=\"").markup(class).markup("\" x=\"").text(&x.to_string());
    page.markup("\" y=\"").text(&y.to_string()).markup("\">").text(text).markup("</text>\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::picture::PicturedInsertion;

    fn read(offset: u32, bases: &str, reverse: bool) -> PicturedRead {
        PicturedRead { offset, bases: bases.into(), reverse, insertions: Vec::new() }
    }

    #[test]
    fn only_what_differs_is_lettered() {
        let mut reads =
            vec![read(0, "ACGTA", false), read(1, "CTTA", true), read(0, "AC-TA", false)];
        reads[0].insertions.push(PicturedInsertion { after: 2, length: 12 });
        let picture =
            ReadPicture { start: 101, reference: Some("ACGTA".into()), reads, left_out: 0 };
        let mut page = Page::default();
        one(&mut page, &picture, (103, 1), "told");
        let svg = page.finish();
        assert_eq!(svg.matches("<rect").count(), 1, "the T in place of G");
        assert_eq!(svg.matches("class=\"gap\"").count(), 1);
        assert!(svg.contains(">12</text>") && svg.contains("&lt;</text>"));
        assert!(svg.contains("M27 2h9"), "the third column, behind that of the arrows: {svg}");
    }

    #[test]
    fn without_a_reference_most_reads_are_the_measure() {
        let reads = vec![read(0, "AC", false), read(0, "AC", false), read(0, "AT", true)];
        let picture = ReadPicture { start: 1, reference: None, reads, left_out: 3 };
        assert_eq!(expected(&picture, 2), b"AC");
    }
}
