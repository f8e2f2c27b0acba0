//! Builds HTML so that nothing from a file can become markup: only literals of this program go in as markup, everything
//! else goes through [`Page::text`], which escapes it.

/// A page under construction.
#[derive(Debug, Default)]
pub(super) struct Page(String);

/// Around a table that may be wider than the page: who has no mouse can reach it and scroll.
pub(super) const SCROLL: &str = "<div class=\"scroll\" role=\"group\" tabindex=\"0\" aria-label=\"";

/// A cell of a table.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    lines: Vec<String>,
    class: &'static str,
    flag: Option<String>,
}

impl Cell {
    /// One line of text.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self { lines: vec![text.into()], class: "", flag: None }
    }

    /// Several lines of text.
    pub(super) fn lines(lines: Vec<String>) -> Self {
        Self { lines, class: "", flag: None }
    }

    /// Text that lines up to the right, in figures of one width.
    pub(super) fn figure(text: impl Into<String>) -> Self {
        Self { lines: vec![text.into()], class: "figure", flag: None }
    }

    /// The same with a last line that nobody should overlook.
    pub(super) fn flag(mut self, flag: Option<String>) -> Self {
        self.flag = flag;
        self
    }

    fn is_figure(&self) -> bool {
        self.class == "figure"
    }

    /// The same with a style class.
    pub(super) fn class(mut self, class: &'static str) -> Self {
        self.class = class;
        self
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl Page {
    /// Markup of the program's own.
    pub(super) fn markup(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// A style sheet: the program's own, with texts in strings of CSS. No `<` can end its element.
    pub(super) fn style(&mut self, style: &str) -> &mut Self {
        self.0.push_str(&style.replace('<', "\\00003c"));
        self
    }

    /// Any text, escaped for element content and quoted attributes.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        escape(&mut self.0, text);
        self
    }

    /// An element with text in it.
    pub(super) fn element(&mut self, name: &'static str, text: &str) -> &mut Self {
        self.markup("<").markup(name).markup(">").text(text);
        self.markup("</").markup(name).markup(">\n")
    }

    /// A term and its description, within `<dl>`.
    pub(super) fn pair(&mut self, term: &str, description: &str) -> &mut Self {
        self.markup("<div>").element("dt", term).element("dd", description).markup("</div>\n")
    }

    /// A term and its descriptions, one a line, within `<dl>`.
    pub(super) fn pairs(&mut self, term: &str, descriptions: &[String]) -> &mut Self {
        self.markup("<div>").element("dt", term);
        for description in descriptions {
            self.element("dd", description);
        }
        self.markup("</div>\n")
    }

    /// A table with a caption and column headers; the first cell of each row is its header.
    pub(super) fn table(
        &mut self,
        caption: &str,
        head: &[&str],
        rows: Vec<Vec<Cell>>,
    ) -> &mut Self {
        self.markup(SCROLL).text(caption).markup("\"><table>").element("caption", caption);
        self.markup("<thead><tr>");
        for (i, title) in head.iter().enumerate() {
            // A column of figures has its title above the figures.
            let is_figure = rows.first().and_then(|row| row.get(i)).is_some_and(Cell::is_figure);
            self.markup(if is_figure {
                "<th scope=\"col\" class=\"figure\">"
            } else {
                "<th scope=\"col\">"
            });
            self.text(title).markup("</th>");
        }
        self.markup("</tr></thead>\n<tbody>\n");
        for row in rows {
            self.markup("<tr>");
            for (i, cell) in row.iter().enumerate() {
                let (open, close) =
                    if i == 0 { ("<th scope=\"row\"", "</th>") } else { ("<td", "</td>") };
                self.markup(open);
                if !cell.class.is_empty() {
                    self.markup(" class=\"").markup(cell.class).markup("\"");
                }
                self.markup(">");
                for (n, line) in cell.lines.iter().enumerate() {
                    if n > 0 {
                        self.markup("<br>");
                    }
                    self.text(line);
                }
                if let Some(flag) = &cell.flag {
                    if !cell.lines.is_empty() {
                        self.markup("<br>");
                    }
                    self.markup("<strong class=\"flag\">").text(flag).markup("</strong>");
                }
                self.markup(close);
            }
            self.markup("</tr>\n");
        }
        self.markup("</tbody></table></div>\n")
    }

    /// The page.
    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// Escapes what has a meaning in HTML. Control characters, which HTML forbids, and marks that turn the direction of text
/// around, which could disguise what is written, become visible code points.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                out.extend(c.escape_unicode());
            }
            c if c.is_control() => out.extend(c.escape_default()),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_never_becomes_markup() {
        let mut page = Page::default();
        page.text("<script>\"'&\u{0}\u{202e}");
        assert_eq!(page.finish(), "&lt;script&gt;&quot;&#39;&amp;\\u{0}\\u{202e}");
    }

    #[test]
    fn the_first_cell_heads_its_row() {
        let mut page = Page::default();
        page.table("c", &["a", "b"], vec![vec!["1".into(), Cell::figure("<2>")]]);
        let page = page.finish();
        assert!(page.contains("<th scope=\"row\">1</th><td class=\"figure\">&lt;2&gt;</td>"));
    }
}
