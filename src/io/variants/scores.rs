//! Scores of predictors as a file annotates them: on the entry of a transcript, or on the record.

use super::header::Number;
use super::layout::{Layout, Place};
use super::record::RawRecord;
use crate::model::annotation::{Consequence, Score};

/// Where a score stands; with several fields the greatest of their values counts, and all must be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ScorePlace {
    /// Fields of the entries of one annotation.
    Entry { schema: usize, fields: Vec<usize> },
    /// INFO keys.
    Info(Vec<(usize, Number)>),
    /// Fields of one INFO key whose values are lists between bars, one list for each ALT and gene.
    Bars { slot: usize, fields: Vec<usize>, allele: Option<usize>, gene: Option<usize> },
}

impl ScorePlace {
    /// The place that `fields` name, when the file has all of them.
    pub(super) fn find(layout: &mut Layout, fields: &[String]) -> Option<Self> {
        let (kind, name) = fields.first()?.split_once('/')?;
        let names: Vec<&str> =
            fields.iter().filter_map(|f| f.strip_prefix(kind)?.strip_prefix('/')).collect();
        if kind == "CSQ" {
            let mut found = names.iter().map(|name| match layout.entry_place(name) {
                Some(Place::Entry { schema, field }) => Some((schema, field)),
                _ => None,
            });
            let (schema, first) = found.next()??;
            let others: Option<Vec<(usize, usize)>> = found.collect();
            let others = others?.into_iter().filter(|other| other.0 == schema).map(|other| other.1);
            let fields: Vec<usize> = std::iter::once(first).chain(others).collect();
            return (fields.len() == names.len()).then_some(Self::Entry { schema, fields });
        }
        match name.split_once('/') {
            None => {
                let slots = names.iter().map(|name| match layout.info_place(name) {
                    Some(Place::Info { slot, number }) => Some((slot, number)),
                    _ => None,
                });
                slots.collect::<Option<_>>().map(Self::Info)
            }
            Some((key, _)) => {
                let parts: Vec<&str> =
                    names.iter().filter_map(|name| name.split_once('/')).map(|two| two.1).collect();
                Self::bars(layout, key, &parts)
            }
        }
    }

    /// The header tells the order: `Format: ALLELE|SYMBOL|DS_AG|...`.
    fn bars(layout: &mut Layout, key: &str, parts: &[&str]) -> Option<Self> {
        let description = &layout.header().info(key)?.description;
        let (_, list) = description.split_once("Format:")?;
        let names: Vec<String> =
            list.split('|').map(|name| name.trim_matches([' ', '\'', '"']).to_owned()).collect();
        let find = |wanted: &str| names.iter().position(|name| name == wanted);
        let fields = parts.iter().map(|part| find(part)).collect::<Option<Vec<usize>>>()?;
        let (allele, gene) = (find("ALLELE"), find("SYMBOL"));
        match layout.info_place(key)? {
            Place::Info { slot, .. } => Some(Self::Bars { slot, fields, allele, gene }),
            _ => None,
        }
    }

    /// INFO slots that hold it.
    pub(super) fn slots(&self) -> Vec<usize> {
        match self {
            Self::Entry { .. } => Vec::new(),
            Self::Info(slots) => slots.iter().map(|slot| slot.0).collect(),
            Self::Bars { slot, .. } => vec![*slot],
        }
    }
}

/// A variant of a record with what stands in INFO for each score.
pub(super) struct Scored<'a, 'r> {
    pub(super) places: &'a [Option<ScorePlace>],
    /// By score, the values of its slots.
    pub(super) values: Vec<Vec<Option<&'r [u8]>>>,
    pub(super) record: &'a RawRecord<'r>,
    /// Number of the ALT, from 1.
    pub(super) number: usize,
}

impl Scored<'_, '_> {
    /// Adds the scores of a consequence, which was read from this entry of annotation number `schema`.
    pub(super) fn add(&self, schema: usize, entry: &[u8], out: &mut Consequence) {
        out.scores.clear();
        for (i, place) in self.places.iter().enumerate() {
            let told = match place {
                // Entries of another annotation speak of other transcripts.
                Some(ScorePlace::Entry { schema: own, fields }) if *own == schema => {
                    let field = |i: usize| entry.split(|&b| b == b'|').nth(i).unwrap_or_default();
                    whole(fields.iter().map(|&i| greatest(field(i))))
                }
                Some(ScorePlace::Info(slots)) => {
                    whole(slots.iter().zip(&self.values[i]).map(|(slot, value)| {
                        value.map_or(Told::Nothing, |value| self.of_alternate(value, slot.1))
                    }))
                }
                Some(bars @ ScorePlace::Bars { .. }) => match self.values[i].first() {
                    Some(Some(value)) => self.of_bars(bars, value, out.gene.symbol.as_deref()),
                    _ => Told::Nothing,
                },
                _ => Told::Nothing,
            };
            let value = match told {
                Told::Nothing => continue,
                Told::NoNumber => None,
                Told::Number(value) => Some(value),
            };
            out.scores.push(Score { score: i as u16, value });
        }
    }

    /// The item of the own ALT where there is one for each, else the greatest.
    fn of_alternate(&self, value: &[u8], number: Number) -> Told {
        let items = || value.split(|&b| b == b',');
        let alternates = self.record.alternates().count();
        let by_alternate = items().count() == alternates && alternates > 1;
        if by_alternate || (number == Number::PerAlternate && alternates > 1) {
            return greatest(items().nth(self.number - 1).unwrap_or_default());
        }
        greatest(value)
    }

    /// METHOD: a list names a gene by the symbol of the predictor's own gene set. The lists of the consequence's gene count; where none
    /// is called so, the greatest of all genes does, since symbols change.
    fn of_bars(&self, place: &ScorePlace, value: &[u8], symbol: Option<&str>) -> Told {
        let ScorePlace::Bars { fields, allele, gene, .. } = place else { return Told::Nothing };
        let alternate = self.record.alternates().nth(self.number - 1).unwrap_or_default();
        let lists = value
            .split(|&b| b == b',')
            .map(|list| -> Vec<&[u8]> { list.split(|&b| b == b'|').collect() });
        let own: Vec<Vec<&[u8]>> = lists
            .filter(|list| allele.is_none_or(|i| list.get(i).is_some_and(|a| *a == alternate)))
            .collect();
        let is_named = |list: &&Vec<&[u8]>| {
            let name = gene.and_then(|i| list.get(i));
            name.is_some_and(|name| Some(*name) == symbol.map(str::as_bytes))
        };
        let named: Vec<&Vec<&[u8]>> = own.iter().filter(is_named).collect();
        let lists = if named.is_empty() { own.iter().collect() } else { named };
        let each = lists.iter().map(|list| {
            whole(fields.iter().map(|&i| greatest(list.get(i).copied().unwrap_or_default())))
        });
        each.fold(Told::Nothing, Told::or_greater)
    }
}

/// What a text says.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Told {
    Nothing,
    NoNumber,
    Number(f64),
}

impl Told {
    fn or_greater(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, one) | (one, Self::Nothing) => one,
            (Self::NoNumber, _) | (_, Self::NoNumber) => Self::NoNumber,
            (Self::Number(a), Self::Number(b)) => Self::Number(a.max(b)),
        }
    }
}

/// METHOD: several values of one field are those of several transcripts or overlapping changes; the greatest counts, the most
/// damaging in every score that is listed.
fn greatest(text: &[u8]) -> Told {
    let values = text.split(|b| matches!(b, b'&' | b',' | b'|' | b';'));
    values.map(single).fold(Told::Nothing, Told::or_greater)
}

fn single(text: &[u8]) -> Told {
    if matches!(text, b"" | b"." | b"-") {
        return Told::Nothing;
    }
    let value = std::str::from_utf8(text).ok().and_then(|text| text.trim().parse::<f64>().ok());
    value.filter(|value| value.is_finite()).map_or(Told::NoNumber, Told::Number)
}

/// The greatest of all parts; nothing when one says nothing.
fn whole(parts: impl Iterator<Item = Told>) -> Told {
    let parts: Vec<Told> = parts.collect();
    if parts.contains(&Told::Nothing) {
        return Told::Nothing;
    }
    parts.into_iter().fold(Told::Nothing, Told::or_greater)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_number_counts_and_what_is_no_number_is_told() {
        assert_eq!(greatest(b"0.5&.&0.75"), Told::Number(0.75));
        assert_eq!(greatest(b"-0.31"), Told::Number(-0.31));
        for nothing in [&b""[..], b".", b".&."] {
            assert_eq!(greatest(nothing), Told::Nothing);
        }
        for odd in [&b"high"[..], b"nan", b"0.1&inf"] {
            assert_eq!(greatest(odd), Told::NoNumber);
        }
        let parts = |list: &[&'static [u8]]| whole(list.iter().map(|text| greatest(text)));
        assert_eq!(parts(&[b"0.1", b"0.4", b"0"]), Told::Number(0.4));
        assert_eq!(parts(&[b"0.1", b""]), Told::Nothing, "a part is missing");
        assert_eq!(parts(&[]), Told::Nothing);
    }
}
