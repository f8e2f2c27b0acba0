//! Which INFO keys of a sites file hold the numbers of which population.

use super::header::Header;
use crate::model::problem::{Problem, nearest};

/// Genetic ancestry groups as gnomAD v2.1 to v4.1 names them in its INFO keys.
const GROUPS: [&str; 11] =
    ["afr", "ami", "amr", "asj", "eas", "fin", "mid", "nfe", "oth", "remaining", "sas"];

/// INFO keys of one population.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteFields {
    /// Name of the population, upper case; `ALL` for everybody.
    pub population: String,
    /// Keys of alleles seen and alleles called, or the key of the frequency.
    pub value: SiteValue,
    /// Key of homozygotes.
    pub homozygotes: Option<String>,
    /// Key of alternate alleles in people with one X and one Y.
    pub hemizygotes: Option<String>,
}

/// Where the frequency itself stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SiteValue {
    /// Alleles seen and alleles called.
    Counts(String, String),
    /// The frequency.
    Fraction(String),
}

impl SiteFields {
    /// The keys as `AC_nfe/AN_nfe` or `AF_nfe`.
    pub fn shown(&self) -> String {
        match &self.value {
            SiteValue::Counts(count, total) => format!("{count}/{total}"),
            SiteValue::Fraction(key) => key.clone(),
        }
    }

    fn plain(population: &str, value: SiteValue) -> Self {
        let population = population.to_ascii_uppercase();
        Self { population, value, homozygotes: None, hemizygotes: None }
    }
}

/// `KEY` or `COUNT/TOTAL`.
fn value(text: &str) -> SiteValue {
    match text.split_once('/') {
        Some((count, total)) => SiteValue::Counts(count.to_owned(), total.to_owned()),
        None => SiteValue::Fraction(text.to_owned()),
    }
}

/// The fields that the user names: `map` holds `POPULATION=KEY` or `POPULATION=COUNT/TOTAL`, `patterns` keys with `{pop}` in
/// the place of a group of gnomAD (without it: everybody). With neither, gnomAD's own names, as far as the header has them.
///
/// # Errors
///
/// When a word of the user is malformed, a named key is not in the header, or nothing is found.
pub(super) fn site_fields(
    header: &Header,
    patterns: &[String],
    map: &[String],
) -> Result<Vec<SiteFields>, Problem> {
    let mut found: Vec<SiteFields> = Vec::new();
    for word in map {
        let parts = word.split_once('=').filter(|(name, key)| !name.is_empty() && !key.is_empty());
        let Some((name, keys)) = parts else {
            return Err(Problem::usage(format!("--map {word:?}"))
                .help("expected POPULATION=KEY or POPULATION=COUNT/TOTAL, as NFE=AC_nfe/AN_nfe"));
        };
        found.push(SiteFields::plain(name, value(keys)));
    }
    for pattern in patterns {
        let before = found.len();
        if pattern.contains("{pop}") {
            for group in GROUPS {
                let fields = SiteFields::plain(group, value(&pattern.replace("{pop}", group)));
                if missing(header, &fields).is_none() {
                    found.push(fields);
                }
            }
        } else {
            found.push(SiteFields::plain("ALL", value(pattern)));
        }
        if found.len() == before {
            let message = format!("no INFO key of the header fits --fields {pattern:?}");
            return Err(Problem::bad_data(message).help(keys_of(header)));
        }
    }
    if map.is_empty() && patterns.is_empty() {
        found = of_gnomad(header);
    }
    if found.is_empty() {
        return Err(Problem::bad_data(
            "no INFO key has a name of gnomAD's (AC and AN, AF, AC_nfe, ...)",
        )
        .help(format!("name the keys with --map POPULATION=KEY; {}", keys_of(header))));
    }
    for (i, fields) in found.iter().enumerate() {
        if let Some(key) = missing(header, fields) {
            let near = nearest(key, header.infos.iter().map(|info| info.id.as_str()));
            let help = near.map_or_else(|| keys_of(header), |near| format!("did you mean {near}?"));
            return Err(Problem::bad_data(format!("the header has no INFO key {key}")).help(help));
        }
        if found[..i].iter().any(|known| known.population == fields.population) {
            let message = format!("population {} is named twice", fields.population);
            return Err(Problem::usage(message).help("each --map and --fields names others"));
        }
    }
    Ok(found)
}

/// The first key of a population that the header lacks.
fn missing<'a>(header: &Header, fields: &'a SiteFields) -> Option<&'a str> {
    let keys = match &fields.value {
        SiteValue::Counts(count, total) => vec![count, total],
        SiteValue::Fraction(key) => vec![key],
    };
    keys.into_iter().map(String::as_str).find(|key| header.info(key).is_none())
}

fn keys_of(header: &Header) -> String {
    let names: Vec<&str> = header.infos.iter().map(|info| info.id.as_str()).take(20).collect();
    if names.is_empty() {
        "the header describes no INFO key".into()
    } else {
        format!("the header has: {}", names.join(", "))
    }
}

/// The populations of gnomAD that the header has: v2.1, v3.1 and v4 write `AC_nfe`, some releases `AC-nfe`, the joint files
/// `AC_joint_nfe`; the mitochondrial file counts homoplasmic and heteroplasmic people of one total.
fn of_gnomad(header: &Header) -> Vec<SiteFields> {
    let has = |key: &String| header.info(key).is_some();
    if ["AC_hom", "AC_het", "AN"].iter().all(|key| header.info(key).is_some()) {
        let people = |name: &str, key: &str| {
            SiteFields::plain(name, SiteValue::Counts(key.to_owned(), "AN".to_owned()))
        };
        return vec![people("HOM", "AC_hom"), people("HET", "AC_het")];
    }
    let names = |kind: &str, group: &str| match group {
        "" => vec![kind.to_owned(), format!("{kind}_joint")],
        _ => vec![
            format!("{kind}_{group}"),
            format!("{kind}-{group}"),
            format!("{kind}_joint_{group}"),
            format!("{kind}_{group}_joint"),
        ],
    };
    let one = |kind: &str, group: &str| names(kind, group).into_iter().find(has);
    let ends = |group: &str, ends: &[&str]| {
        let keys = names("AC", group).into_iter();
        keys.flat_map(|key| ends.iter().map(move |end| format!("{key}_{end}"))).find(has)
    };
    let mut found = Vec::new();
    for group in std::iter::once("").chain(GROUPS) {
        let value = match (one("AC", group), one("AN", group), one("AF", group)) {
            (Some(count), Some(total), _) => SiteValue::Counts(count, total),
            (_, _, Some(key)) => SiteValue::Fraction(key),
            _ => continue,
        };
        found.push(SiteFields {
            homozygotes: one("nhomalt", group),
            hemizygotes: ends(group, &["XY", "male"]),
            ..SiteFields::plain(if group.is_empty() { "ALL" } else { group }, value)
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(keys: &[&str]) -> Header {
        let line =
            |key: &&str| format!("##INFO=<ID={key},Number=A,Type=Float,Description=\"x\">\n");
        let lines: Vec<String> = keys.iter().map(line).collect();
        let lines = lines.concat();
        let text = format!("{lines}#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n");
        Header::parse(text.as_bytes()).unwrap()
    }

    fn shown(keys: &[&str], patterns: &[&str], map: &[&str]) -> Result<String, String> {
        let own = |list: &[&str]| list.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        let found = site_fields(&header(keys), &own(patterns), &own(map));
        let one = |fields: &SiteFields| {
            let more = [&fields.homozygotes, &fields.hemizygotes];
            let more: Vec<&str> = more.into_iter().flatten().map(String::as_str).collect();
            format!("{}={} {}", fields.population, fields.shown(), more.join(" "))
        };
        let all = found.map_err(|problem| problem.to_string())?;
        Ok(all.iter().map(|fields| one(fields).trim().to_owned()).collect::<Vec<_>>().join("; "))
    }

    #[test]
    fn every_release_of_gnomad_is_understood() {
        for (keys, expected) in [
            (
                &[
                    "AC",
                    "AN",
                    "AF",
                    "AC_nfe",
                    "AN_nfe",
                    "AF_nfe",
                    "nhomalt_nfe",
                    "AC_nfe_male",
                    "AF_popmax",
                ][..],
                "ALL=AC/AN; NFE=AC_nfe/AN_nfe nhomalt_nfe AC_nfe_male",
            ),
            (&["AC_XY", "AC", "AN", "AC-ami", "AN-ami"], "ALL=AC/AN AC_XY; AMI=AC-ami/AN-ami"),
            (
                &[
                    "AC_joint",
                    "AN_joint",
                    "AC_joint_remaining",
                    "AN_joint_remaining",
                    "AC_joint_XY",
                ],
                "ALL=AC_joint/AN_joint AC_joint_XY; REMAINING=AC_joint_remaining/AN_joint_remaining",
            ),
            (&["AF_nfe", "AF_afr"], "AFR=AF_afr; NFE=AF_nfe"),
            (&["AN", "AC_hom", "AC_het", "AF_hom", "AF_het"], "HOM=AC_hom/AN; HET=AC_het/AN"),
        ] {
            assert_eq!(shown(keys, &[], &[]).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn the_user_may_name_keys() {
        let keys = ["X_AF", "K_nfe", "K_afr"];
        assert_eq!(
            shown(&keys, &["K_{pop}"], &["all=X_AF"]).unwrap(),
            "ALL=X_AF; AFR=K_afr; NFE=K_nfe"
        );
        for (patterns, map, part) in [
            (&[][..], &["ALL"][..], "--map"),
            (&[], &["ALL=X_AG"], "did you mean X_AF?"),
            (&["L_{pop}"], &[], "fits --fields"),
            (&[], &[], "--map POPULATION=KEY"),
            (&["X_AF"], &["ALL=X_AF"], "named twice"),
        ] {
            let told = shown(&keys, patterns, map).unwrap_err();
            assert!(told.contains(part), "{told}");
        }
    }
}
