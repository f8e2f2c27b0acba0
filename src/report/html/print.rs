//! What stands at the foot of every printed page: whose page it is and its number, so that a loose sheet is told from those of
//! another case.

use std::fmt::Write as _;

const FONT: &str = "font: 7.5pt system-ui, Arial, sans-serif; color: #4d5b68;";

/// A style for it. The text goes into a string of CSS, in which every character but letters, digits and blanks of ASCII is
/// written by its number, so that nothing can end the string or the style.
pub(super) fn foot(text: &str) -> String {
    let mut safe = String::new();
    for c in text.chars() {
        match c {
            c if c.is_ascii_alphanumeric() || c == ' ' => safe.push(c),
            c if c.is_control() => safe.push(' '),
            // The blank behind the number belongs to it.
            c => {
                let _ = write!(safe, "\\{:06x} ", u32::from(c));
            }
        }
    }
    format!(
        "@page {{ @bottom-left {{ content: \"{safe}\"; {FONT} }} \
         @bottom-right {{ content: \"Page \" counter(page) \" of \" counter(pages); {FONT} }} }}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::foot;

    #[test]
    fn no_name_ends_the_string() {
        let style = foot("A-1 \"; } </style>\n\u{202e}");
        let string = r#"content: "A\00002d 1 \000022 \00003b  \00007d  \00003c \00002f style\00003e  \00202e ";"#;
        assert!(style.contains(string), "{style}");
        assert!(!style.contains('<'));
    }
}
