//! Reads a Rust source as far as the layer rules need it: which paths it names, on which line, and whether inside
//! `#[cfg(test)]`. Comments and literals are skipped, use trees are spread out, `super` and `self` are resolved.

/// One token with the 1-based line it stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

/// One path that a source names, spread out of its use tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    /// Segments; the first is `crate` for paths into this package.
    pub(crate) path: Vec<String>,
    /// 1-based line.
    pub(crate) line: usize,
    /// True inside a `#[cfg(test)]` module.
    pub(crate) in_test: bool,
}

/// What one source says.
#[derive(Debug, Default)]
pub(crate) struct Scanned {
    pub(crate) named: Vec<Named>,
    /// Modules declared as `#[cfg(test)] mod NAME;`, as full module paths.
    pub(crate) test_files: Vec<Vec<String>>,
    /// Names of `macro_rules!` that the source defines.
    pub(crate) macros: Vec<String>,
}

/// Splits a source into identifiers, `::` and single other characters; comments and literals leave nothing behind.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let mut found = Vec::new();
    let (mut i, mut line) = (0, 1);
    while i < chars.len() {
        let end = token_end(&chars, i);
        let text: String = chars[i..end].iter().collect();
        let first = chars[i];
        let kept = if is_word(first) {
            !is_literal_prefix(&text)
        } else {
            !first.is_whitespace() && first != '"' && first != '\'' && !text.starts_with('/')
        };
        if kept {
            found.push(Token { text: text.clone(), line });
        }
        line += text.matches('\n').count();
        i = end;
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// True for the text of a whole literal that began with a letter (`r"..."`, `b'x'`, `c"..."`).
fn is_literal_prefix(text: &str) -> bool {
    text.ends_with(['"', '\'', '#']) && text.len() > 1
}

fn starts(chars: &[char], at: usize, text: &str) -> bool {
    text.chars().enumerate().all(|(k, c)| chars.get(at + k) == Some(&c))
}

/// One past the last character of the token, comment or literal that begins at `i`.
fn token_end(chars: &[char], i: usize) -> usize {
    if starts(chars, i, "//") {
        return (i..chars.len()).find(|&k| chars[k] == '\n').unwrap_or(chars.len());
    }
    if starts(chars, i, "/*") {
        return block_comment_end(chars, i);
    }
    if starts(chars, i, "::") {
        return i + 2;
    }
    match chars[i] {
        '"' => quoted_end(chars, i),
        '\'' => char_or_lifetime_end(chars, i),
        c if is_word(c) => word_or_literal_end(chars, i),
        _ => i + 1,
    }
}

fn block_comment_end(chars: &[char], start: usize) -> usize {
    let (mut i, mut depth) = (start, 0);
    while i < chars.len() {
        if starts(chars, i, "/*") {
            depth += 1;
            i += 2;
        } else if starts(chars, i, "*/") {
            depth -= 1;
            i += 2;
            if depth == 0 {
                return i;
            }
        } else {
            i += 1;
        }
    }
    i
}

fn quoted_end(chars: &[char], open: usize) -> usize {
    let mut i = open + 1;
    while i < chars.len() && chars[i] != chars[open] {
        i += if chars[i] == '\\' { 2 } else { 1 };
    }
    (i + 1).min(chars.len())
}

fn char_or_lifetime_end(chars: &[char], i: usize) -> usize {
    let is_char = chars.get(i + 1) == Some(&'\\') || chars.get(i + 2) == Some(&'\'');
    if is_char {
        return quoted_end(chars, i);
    }
    let mut k = i + 1;
    while k < chars.len() && is_word(chars[k]) {
        k += 1;
    }
    k
}

fn word_or_literal_end(chars: &[char], i: usize) -> usize {
    let mut end = i;
    while end < chars.len() && is_word(chars[end]) {
        end += 1;
    }
    let word: String = chars[i..end].iter().collect();
    let next = chars.get(end);
    match word.as_str() {
        "r" | "br" | "cr" if next == Some(&'"') || starts_raw(chars, end) => raw_end(chars, end),
        "b" | "c" if next == Some(&'"') => quoted_end(chars, end),
        "b" if next == Some(&'\'') => quoted_end(chars, end),
        _ => end,
    }
}

fn starts_raw(chars: &[char], at: usize) -> bool {
    chars[at..].iter().find(|&&c| c != '#') == Some(&'"') && chars.get(at) == Some(&'#')
}

fn raw_end(chars: &[char], at: usize) -> usize {
    let hashes = chars[at..].iter().take_while(|&&c| c == '#').count();
    let close: String = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let body = at + hashes + 1;
    (body..chars.len())
        .find(|&k| starts(chars, k, &close))
        .map_or(chars.len(), |k| k + close.chars().count())
}

/// Reads one source that stands for the module `module` (`["qc", "depth"]` for `src/qc/depth.rs`).
pub(crate) fn scan(source: &str, module: &[String]) -> Scanned {
    let tokens = tokens(source);
    let mut scanned = Scanned::default();
    // Inline modules around the current token: name, brace depth inside, test.
    let mut open: Vec<(String, usize, bool)> = Vec::new();
    let (mut i, mut depth, mut test_attribute) = (0, 0_usize, false);
    while i < tokens.len() {
        let text = |k: usize| tokens.get(k).map_or("", |t| t.text.as_str());
        match text(i) {
            "#" if text(i + 1) == "[" => {
                let end = closing(&tokens, i + 1);
                test_attribute |= is_cfg_test(&tokens[i + 2..end]);
                i += 2; // The attribute's own paths are read like any other.
                continue;
            }
            "mod" if text(i + 2) == "{" => {
                open.push((text(i + 1).to_owned(), depth + 1, test_attribute));
                test_attribute = false;
                i += 2;
                continue;
            }
            "mod" if text(i + 2) == ";" && test_attribute => {
                let inline = open.iter().map(|o| o.0.clone());
                let name = std::iter::once(text(i + 1).to_owned());
                scanned.test_files.push(module.iter().cloned().chain(inline).chain(name).collect());
                test_attribute = false;
            }
            "macro_rules" if text(i + 1) == "!" => scanned.macros.push(text(i + 2).to_owned()),
            "fn" | "use" | "struct" | "enum" | "impl" | "const" | "static" | "trait" => {
                test_attribute = false;
            }
            "{" => depth += 1,
            "}" => {
                if open.last().is_some_and(|o| o.1 == depth) {
                    open.pop();
                }
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        if begins_path(&tokens, i) {
            let here: Vec<String> =
                module.iter().cloned().chain(open.iter().map(|o| o.0.clone())).collect();
            let in_test = open.iter().any(|o| o.2);
            let mut leaves = Vec::new();
            i = spread(&tokens, i, &Vec::new(), &mut leaves);
            scanned.named.extend(leaves.into_iter().map(|(path, line)| Named {
                path: resolve(path, &here),
                line,
                in_test,
            }));
        } else {
            i += 1;
        }
    }
    scanned
}

/// Index of the bracket that closes the one at `at`.
fn closing(tokens: &[Token], at: usize) -> usize {
    let mut depth = 0_usize;
    for (k, token) in tokens.iter().enumerate().skip(at) {
        match token.text.as_str() {
            "[" | "(" | "{" => depth += 1,
            "]" | ")" | "}" => {
                depth -= 1;
                if depth == 0 {
                    return k;
                }
            }
            _ => {}
        }
    }
    tokens.len()
}

fn is_cfg_test(attribute: &[Token]) -> bool {
    let has = |word: &str| attribute.iter().any(|t| t.text == word);
    attribute.first().is_some_and(|t| t.text == "cfg") && has("test") && !has("not")
}

/// True where a path or a use tree begins.
fn begins_path(tokens: &[Token], i: usize) -> bool {
    let text = |k: Option<usize>| k.and_then(|k| tokens.get(k)).map_or("", |t| t.text.as_str());
    let word = text(Some(i));
    let before = text(i.checked_sub(1));
    let is_identifier = word.starts_with(|c: char| c.is_alphabetic() || c == '_');
    is_identifier
        && before != "::"
        && before != "."
        && word != "use"
        && (text(Some(i + 1)) == "::" || before == "use" || (before == "crate" && word != "crate"))
}

/// Spreads a path or use tree from `i` into its leaves; returns the index after it.
fn spread(
    tokens: &[Token],
    mut i: usize,
    prefix: &[String],
    leaves: &mut Vec<(Vec<String>, usize)>,
) -> usize {
    let text = |k: usize| tokens.get(k).map_or("", |t| t.text.as_str());
    let mut path = prefix.to_vec();
    let line = tokens[i].line;
    loop {
        if text(i) == "{" {
            let end = closing(tokens, i);
            i += 1;
            while i < end {
                let before = i;
                i = spread(tokens, i, &path, leaves);
                // Skip `as NAME` and the comma.
                while i < end && text(i) != "," {
                    i += 1;
                }
                i = (i + 1).max(before + 1);
            }
            return end + 1;
        }
        path.push(text(i).to_owned());
        i += 1;
        let goes_on = text(i) == "::"
            && (text(i + 1) == "{"
                || text(i + 1) == "*"
                || text(i + 1).starts_with(|c: char| c.is_alphabetic() || c == '_'));
        if !goes_on {
            leaves.push((path, line));
            return i;
        }
        i += 1;
    }
}

/// Turns `self` and `super` into a path from `crate`, as seen from the module `here`.
fn resolve(path: Vec<String>, here: &[String]) -> Vec<String> {
    if !matches!(path[0].as_str(), "self" | "super" | "crate" | "tierline") {
        return path;
    }
    let mut absolute =
        if matches!(path[0].as_str(), "self" | "super") { here.to_vec() } else { Vec::new() };
    for segment in path {
        match segment.as_str() {
            "self" | "crate" | "tierline" => {}
            "super" => {
                absolute.pop();
            }
            _ => absolute.push(segment),
        }
    }
    absolute.insert(0, "crate".to_owned());
    absolute
}
