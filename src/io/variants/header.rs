//! The header of a variant file: samples, contigs, field definitions, and what the callers say about themselves.

use std::collections::BTreeSet;

use crate::model::contig::{Assembly, ContigClass};
use crate::model::problem::Problem;

/// How many values a field has (`Number=`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// One per ALT.
    PerAlternate,
    /// One per allele, the reference first.
    PerAllele,
    /// One per possible genotype.
    PerGenotype,
    /// So many.
    Fixed(u32),
    /// Not stated (`.`), or a word of a later format version.
    Unknown,
}

/// Definition of an INFO or FORMAT field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name.
    pub id: String,
    /// Number of values.
    pub number: Number,
    /// `Integer`, `Float`, `Flag`, `Character` or `String`.
    pub kind: String,
    /// Description, without quotes.
    pub description: String,
}

/// A contig line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderContig {
    /// Name.
    pub name: String,
    /// Length in bp.
    pub length: Option<u32>,
    /// `assembly=` as written.
    pub assembly: Option<String>,
    /// `md5=` as written.
    pub md5: Option<String>,
    /// `IDX=` of a BCF header.
    pub index: Option<usize>,
}

/// Everything above the records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The `##` lines in order, without line ends.
    pub lines: Vec<String>,
    /// Sample names in column order.
    pub samples: Vec<String>,
    /// Contigs in order.
    pub contigs: Vec<HeaderContig>,
    /// INFO definitions.
    pub infos: Vec<Field>,
    /// FORMAT definitions.
    pub formats: Vec<Field>,
    /// FILTER names.
    pub filters: Vec<String>,
    /// String dictionary of BCF: name by index.
    pub dictionary: Vec<String>,
}

impl Header {
    /// Reads header text: all lines down to `#CHROM`. Line ends may be CRLF; a byte order mark is dropped.
    ///
    /// # Errors
    ///
    /// When the `#CHROM` line is missing or lacks its eight fixed columns, or a sample occurs twice.
    pub fn parse(text: &[u8]) -> Result<Self, Problem> {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let text = String::from_utf8_lossy(text);
        let mut header = Self { dictionary: vec!["PASS".into()], ..Self::default() };
        let mut number = 0;
        for line in text.split('\n') {
            number += 1;
            let line = line.strip_suffix('\r').unwrap_or(line);
            if line.starts_with("##") {
                header.add(line);
            } else if line.starts_with("#CHROM") {
                header.columns(line).map_err(|p| p.at(format!("line {number}")))?;
                return Ok(header);
            } else if !line.is_empty() {
                break;
            }
        }
        Err(Problem::bad_data("the header has no #CHROM line")
            .at(format!("line {number}"))
            .help("the file must begin with ## lines and one #CHROM line; is it a VCF, and whole?"))
    }

    fn columns(&mut self, line: &str) -> Result<(), Problem> {
        const FIXED: [&str; 8] = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"];
        let columns: Vec<&str> = line.split('\t').collect();
        if columns.len() < 8 || columns[..8] != FIXED {
            return Err(Problem::bad_data(format!(
                "the #CHROM line does not begin with the eight fixed columns: {:?}",
                line.chars().take(80).collect::<String>()
            ))
            .help("columns are separated by tabs, not by spaces"));
        }
        self.samples = columns.iter().skip(9).map(|&name| name.to_owned()).collect();
        let mut seen = BTreeSet::new();
        for name in &self.samples {
            if !seen.insert(name) {
                return Err(Problem::bad_data(format!("sample {name:?} has two columns"))
                    .help("rename one of them: bcftools reheader -s"));
            }
        }
        Ok(())
    }

    fn add(&mut self, line: &str) {
        self.lines.push(line.to_owned());
        let Some((key, body)) = line[2..].split_once('=') else { return };
        let Some(body) = body.strip_prefix('<') else { return };
        let attributes = attributes(body);
        let get = |name: &str| {
            attributes.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone())
        };
        let Some(id) = get("ID") else { return };
        let index = get("IDX").and_then(|text| text.parse::<usize>().ok());
        match key {
            "contig" => {
                self.contigs.push(HeaderContig {
                    name: id,
                    length: get("length").and_then(|text| text.parse().ok()),
                    assembly: get("assembly"),
                    md5: get("md5").or_else(|| get("M5")),
                    index,
                });
                return;
            }
            "FILTER" => self.filters.push(id.clone()),
            "INFO" | "FORMAT" => {
                let field = Field {
                    id: id.clone(),
                    number: number(get("Number").as_deref().unwrap_or(".")),
                    kind: get("Type").unwrap_or_default(),
                    description: get("Description").unwrap_or_default(),
                };
                let list = if key == "INFO" { &mut self.infos } else { &mut self.formats };
                // The first definition counts, as in htslib.
                if !list.iter().any(|known| known.id == field.id) {
                    list.push(field);
                }
            }
            _ => return,
        }
        self.enter(id, index);
    }

    /// Gives a FILTER, INFO or FORMAT name its number in the BCF dictionary.
    fn enter(&mut self, id: String, index: Option<usize>) {
        // An index beyond any real header would only make the table huge.
        const MOST: usize = 1 << 20;
        match index {
            Some(i) if i < MOST => {
                if self.dictionary.len() <= i {
                    self.dictionary.resize(i + 1, String::new());
                }
                self.dictionary[i] = id;
            }
            _ if self.dictionary.contains(&id) => {}
            _ => self.dictionary.push(id),
        }
    }

    /// Contig names by their number in BCF records.
    pub fn contig_dictionary(&self) -> Vec<String> {
        let mut names = Vec::new();
        for (i, contig) in self.contigs.iter().enumerate() {
            let i = contig.index.unwrap_or(i);
            if i > self.contigs.len() + (1 << 20) {
                continue;
            }
            if names.len() <= i {
                names.resize(i + 1, String::new());
            }
            names[i].clone_from(&contig.name);
        }
        names
    }

    /// Definition of an INFO field.
    pub fn info(&self, id: &str) -> Option<&Field> {
        self.infos.iter().find(|field| field.id == id)
    }

    /// Definition of a FORMAT field.
    pub fn format(&self, id: &str) -> Option<&Field> {
        self.formats.iter().find(|field| field.id == id)
    }

    /// Values of all plain `##key=value` lines of that key.
    pub fn values<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.lines.iter().filter_map(move |line| {
            line.get(2..)?.strip_prefix(key)?.strip_prefix('=').filter(|v| !v.starts_with('<'))
        })
    }

    /// Column of a sample among the samples, from 0.
    pub fn column(&self, sample: &str) -> Option<usize> {
        self.samples.iter().position(|name| name == sample)
    }

    /// The assembly by the lengths of the primary contigs, else by `assembly=` and `##reference`; `None` when they are
    /// silent or disagree.
    pub fn assembly(&self) -> Option<Assembly> {
        let agreed = |found: Vec<Assembly>| {
            let first = *found.first()?;
            found.iter().all(|&other| other == first).then_some(first)
        };
        let by_length = self.contigs.iter().filter_map(|contig| {
            Assembly::of_length(ContigClass::of_name(&contig.name), contig.length?)
        });
        let by_length: Vec<Assembly> = by_length.collect();
        if !by_length.is_empty() {
            return agreed(by_length);
        }
        let words = self.contigs.iter().filter_map(|contig| contig.assembly.as_deref());
        let named: Vec<Assembly> = words
            .chain(self.values("reference"))
            .filter_map(|text| {
                text.split(|c: char| !c.is_ascii_alphanumeric()).find_map(Assembly::parse)
            })
            .collect();
        agreed(named)
    }

    /// Header text as written out: the `##` lines, `more` lines (without line ends), then `#CHROM` with these samples.
    pub fn to_text(&self, more: &[String], samples: &[String]) -> String {
        let mut text = String::new();
        for line in self.lines.iter().chain(more) {
            text.push_str(line);
            text.push('\n');
        }
        text.push_str("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO");
        if !samples.is_empty() {
            text.push_str("\tFORMAT");
        }
        for sample in samples {
            text.push('\t');
            text.push_str(sample);
        }
        text.push('\n');
        text
    }
}

fn number(text: &str) -> Number {
    match text {
        "A" => Number::PerAlternate,
        "R" => Number::PerAllele,
        "G" => Number::PerGenotype,
        _ => text.parse().map_or(Number::Unknown, Number::Fixed),
    }
}

/// Splits `ID=x,Description="a, b">` into pairs; quotes and backslashes inside quotes are undone.
fn attributes(body: &str) -> Vec<(&str, String)> {
    let mut pairs = Vec::new();
    let mut rest = body;
    while let Some((key, after)) = rest.split_once('=') {
        let (value, next) = if let Some(quoted) = after.strip_prefix('"') {
            unquote(quoted)
        } else {
            let end = after.find([',', '>']).unwrap_or(after.len());
            (after[..end].to_owned(), &after[end..])
        };
        pairs.push((key, value));
        let Some(more) = next.strip_prefix(',') else { break };
        rest = more;
    }
    pairs
}

fn unquote(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((i, c)) = chars.next() {
        match c {
            '"' => return (value, &text[i + 1..]),
            '\\' => match chars.next() {
                Some((_, escaped @ ('"' | '\\'))) => value.push(escaped),
                Some((_, other)) => value.extend(['\\', other]),
                None => break,
            },
            _ => value.push(c),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "##fileformat=VCFv4.2\r\n##contig=<ID=chr20,length=64444167,assembly=GRCh38>\r\n\
        ##INFO=<ID=CSQ,Number=.,Type=String,Description=\"Say \\\"x\\\", Format: Allele|Consequence\">\r\n\
        ##FORMAT=<ID=AD,Number=R,Type=Integer,Description=\"d\">\r\n##tumor_sample=T\r\n\
        #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tN\tT\r\n";

    #[test]
    fn windows_line_ends_and_a_byte_order_mark_are_no_obstacle() {
        let header = Header::parse(format!("\u{feff}{TEXT}").as_bytes()).unwrap();
        assert_eq!(header.samples, ["N", "T"]);
        assert_eq!(header.values("tumor_sample").collect::<Vec<_>>(), ["T"]);
        assert_eq!(header.format("AD").unwrap().number, Number::PerAllele);
        assert_eq!(
            header.info("CSQ").unwrap().description,
            "Say \"x\", Format: Allele|Consequence"
        );
        assert_eq!(header.assembly(), Some(Assembly::GRCh38));
        assert_eq!(header.dictionary, ["PASS", "CSQ", "AD"]);
    }

    #[test]
    fn a_file_without_column_line_is_refused() {
        for text in ["", "##fileformat=VCFv4.2\n", "##x=y\n1\t2\t.\tA\tC\n"] {
            let problem = Header::parse(text.as_bytes()).unwrap_err();
            assert!(problem.message.contains("#CHROM"), "{problem}");
        }
    }

    #[test]
    fn a_sample_named_twice_is_refused() {
        let text = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\tA\n";
        assert!(Header::parse(text.as_bytes()).unwrap_err().message.contains("\"A\""));
    }
}
