//! One page over many cases: what was found in each, whether its samples passed, and a link to its report.

use crate::model::made_by::PROGRAM;
use crate::model::results::{AnalysisDecision, CaseResults};
use crate::model::verdict::Outcome;
use crate::report::{limits, text};

use super::page::{Page, SCROLL};
use super::{STYLE, Shell, shell};

/// A link to the report of each case (the folder, seen from that of the page), and its results.
pub(in crate::report) fn render(cases: &[(String, CaseResults)]) -> String {
    let shell_of = Shell {
        title: "Cases: index of variant reports",
        skip_to: Some(("cases", "Skip to the cases")),
        styles: &[STYLE],
        foot: "Cases: index of variant reports",
    };
    shell(&shell_of, |page| {
        page.markup("<header>\n<p class=\"kicker\">Whole-genome variant reports</p>\n<h1>Cases</h1>\n</header>\n");
        page.markup(
            "<main>\n<section id=\"cases\" aria-labelledby=\"h-cases\">\n<h2 id=\"h-cases\">",
        );
        page.text(&format!("{} cases", cases.len())).markup("</h2>\n");
        page.markup("<p class=\"limits\"><strong>Decision support.</strong> Variants are listed by rule, none is ");
        page.markup("classified. Not assessed does not mean absent: each report says what was not looked at.</p>\n");
        head(page);
        for (link, results) in cases {
            row(page, link, results, cases);
        }
        page.markup("</tbody></table></div>\n</section>\n</main>\n");
        page.markup(
            "<footer><p>Every row is one folder of results. Nothing is summed over cases. ",
        );
        page.text(PROGRAM).markup("</p></footer>\n");
    })
}

fn head(page: &mut Page) {
    page.markup(SCROLL).markup(
        "Cases\"><table><caption>One row a case, in the order given</caption>\n<thead><tr>",
    );
    for title in
        ["Case", "Kind", "Found", "Identity", "Quality", "Consent", "Not assessed", "Rules"]
    {
        let wide = title == "Found";
        page.markup(if wide { "<th scope=\"col\" class=\"wide\">" } else { "<th scope=\"col\">" })
            .text(title)
            .markup("</th>");
    }
    page.markup("</tr></thead>\n<tbody>\n");
}

fn row(page: &mut Page, link: &str, results: &CaseResults, all: &[(String, CaseResults)]) {
    page.markup("<tr><th scope=\"row\"><a href=\"").text(&address(link)).markup("\">");
    page.text(&results.case.id).markup("</a>");
    if all.iter().filter(|(_, other)| other.case.id == results.case.id).count() > 1 {
        page.markup("<br><strong class=\"flag\">id in several rows</strong>");
    }
    page.markup("</th><td>").text(&results.case.kind).markup("<br>");
    page.text(&results.case.assembly.to_string()).markup("</td><td>");
    found(page, results);
    page.markup("</td>");
    let identity = match &results.identity {
        None => ("not assessed".to_owned(), false),
        Some(identity) if identity.stopped => ("failed: nothing was tiered".to_owned(), true),
        Some(identity) => (text::word(identity.outcome), identity.outcome == Outcome::Fail),
    };
    flagged(page, &identity.0, identity.1);
    let verdicts: Vec<Outcome> =
        results.qc.iter().filter_map(|qc| qc.verdict.as_ref()).map(|own| own.outcome).collect();
    let quality = match (results.qc.len(), verdicts.len()) {
        (0, _) => "no alignment read".to_owned(),
        (_, 0) => "no limits compared".to_owned(),
        _ => counted(&verdicts),
    };
    flagged(page, &quality, verdicts.contains(&Outcome::Fail));
    flagged(page, &consent(results), false);
    let gaps = limits::not_assessed(results).len();
    page.markup("<td>").text(&format!("{gaps} points")).markup("</td><td>");
    page.text(&format!("{} {}", results.policy.id, results.policy.version)).markup("<br>");
    page.text(&format!("{} {}", results.tool.name, results.tool.version));
    page.markup("<br><span class=\"hash\">")
        .text(&results.policy.digest)
        .markup("</span></td></tr>\n");
}

fn flagged(page: &mut Page, told: &str, flag: bool) {
    page.markup(if flag { "<td><strong class=\"flag\">" } else { "<td>" }).text(told);
    page.markup(if flag { "</strong></td>" } else { "</td>" });
}

/// `1 refused, 1 withdrawn, data not used`.
fn consent(results: &CaseResults) -> String {
    let of = |decision| results.consent.iter().filter(|own| own.analysis == decision).count();
    let counts = [
        (of(AnalysisDecision::Refused), "refused"),
        (of(AnalysisDecision::Withdrawn), "withdrawn"),
    ];
    let told = counts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}"));
    let told: Vec<String> = told.collect();
    if told.is_empty() {
        "no sample refused".to_owned()
    } else {
        format!("{}, data not used", told.join(", "))
    }
}

/// `2 pass, 1 fail`.
fn counted(outcomes: &[Outcome]) -> String {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for outcome in outcomes {
        let word = text::word(outcome);
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, n)) => *n += 1,
            None => counts.push((word, 1)),
        }
    }
    counts.iter().map(|(word, n)| format!("{n} {word}")).collect::<Vec<_>>().join(", ")
}

fn found(page: &mut Page, results: &CaseResults) {
    page.text(&super::overview::count_line(results));
    for line in super::overview::other_count_lines(results) {
        page.markup("<br>").text(&line);
    }
    if let Some(line) = super::overview::possible_line(results) {
        page.markup("<br><strong class=\"flag\">").text(&line).markup("</strong>");
    }
}

/// The report below a folder, as a relative address: bytes that mean something in an address are written by number, so that
/// no folder's name can become a scheme or leave the path.
fn address(folder: &str) -> String {
    let mut address = String::from("./");
    for byte in folder.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                address.push(byte as char);
            }
            other => {
                let digits = b"0123456789ABCDEF";
                address.push('%');
                for nibble in [other >> 4, other & 15] {
                    address.push(char::from(digits[usize::from(nibble)]));
                }
            }
        }
    }
    if !address.ends_with('/') {
        address.push('/');
    }
    address + "report.html"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn addresses_stay_paths() {
        assert_eq!(address("a b/ü"), "./a%20b/%C3%BC/report.html");
        assert_eq!(address("javascript:x"), "./javascript%3Ax/report.html");
        assert_eq!(address(""), "./report.html");
        assert_eq!(address("../x"), "./../x/report.html");
    }

    #[test]
    fn every_case_has_a_row_and_markup_stays_text() {
        let mut stopped = fixture::trio();
        stopped.identity.as_mut().unwrap().stopped = true;
        stopped.candidates.clear();
        let cases = [
            ("one".to_owned(), fixture::trio()),
            ("two".to_owned(), stopped),
            ("three".to_owned(), fixture::hostile()),
            ("four".to_owned(), fixture::tumour()),
        ];
        let page = render(&cases);
        assert_eq!(page.matches("<th scope=\"row\">").count(), 4);
        assert_eq!(page.matches("id in several rows").count(), 2);
        assert!(page.contains("failed: nothing was tiered"));
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
        assert!(
            page.contains("href=\"./four/report.html\"") && page.contains("default-src 'none'")
        );
    }
}
