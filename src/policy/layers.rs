//! A policy in layers: a preset, changed by a file, changed by `--set key=value`. Later wins; nothing unknown passes.
//!
//! Keys are dotted. An element of a list of tables is named by its `id` or `name`:
//! `frequency.dataset.gnomad_exomes.population.NFE.limits.dominant=0.002`. A value with a source
//! (`{ value = ..., source = ... }`) may be set without its source; it then carries the source `user`.

use sha2::{Digest, Sha256};
use toml::{Table, Value};

use super::{PRESETS, Policy};
use crate::model::made_by::PolicyMark;
use crate::model::problem::{Problem, nearest};

/// Source id of values that neither a preset nor a cited source gave.
pub const USER_SOURCE: &str = "user";

/// A policy with how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// The rules in force.
    pub policy: Policy,
    /// Preset at the bottom.
    pub preset: String,
    /// SHA-256 of the canonical form (compact JSON of all values in the order of the types), lower-case hex. The same
    /// rules have the same digest, however they were layered.
    pub digest: String,
}

impl Resolved {
    /// Name, version and digest.
    pub fn mark(&self) -> PolicyMark {
        let Policy { id, version, .. } = &self.policy;
        PolicyMark { id: id.clone(), version: version.clone(), digest: self.digest.clone() }
    }
}

/// What lies above a preset.
#[derive(Clone, Copy, Debug, Default)]
pub struct Layers<'a> {
    /// Preset at the bottom, unless the file names another with `extends`.
    pub preset: &'a str,
    /// A policy file: its name and its text.
    pub file: Option<(&'a str, &'a str)>,
    /// `--set` arguments, in order.
    pub set: &'a [String],
}

/// Brings the layers together and checks the whole.
///
/// # Errors
///
/// An unknown preset, key or word with the nearest known one; a value of the wrong type; whatever [`Policy::check`] finds.
pub fn resolve(layers: Layers<'_>) -> Result<Resolved, Problem> {
    let overlay = layers.file.map(|(name, text)| read_file(name, text)).transpose()?;
    let mut preset = layers.preset.to_owned();
    let mut overlay = overlay.unwrap_or_default();
    if let Some(extends) = overlay.remove("extends") {
        let named = extends.as_str().ok_or_else(|| {
            in_layer(Problem::bad_data("`extends` must be the name of a preset"), layers.file)
        })?;
        named.clone_into(&mut preset);
    }
    let mut table = preset_table(&preset)?;
    let is_changed = !overlay.is_empty() || !layers.set.is_empty();
    if is_changed {
        let sources = table.entry("sources").or_insert_with(|| Value::Table(Table::new()));
        if let Value::Table(sources) = sources {
            sources.insert(USER_SOURCE.into(), "Set by the user".into());
        }
    }
    merge(&mut table, overlay);
    // The file is read on its own first, so that a fault is told of the layer that brought it.
    if layers.file.is_some() {
        read_policy(&table).map_err(|problem| in_layer(problem, layers.file))?;
    }
    for argument in layers.set {
        set(&mut table, argument).map_err(|p| p.at(format!("--set {argument}")))?;
        read_policy(&table).map_err(|problem| Problem {
            kind: crate::model::problem::ProblemKind::Usage,
            ..problem.at(format!("--set {argument}"))
        })?;
    }
    let policy = read_policy(&table)?;
    let canonical = serde_json::to_vec(&policy)
        .map_err(|e| Problem::bad_data(format!("the policy has no JSON form: {e}")))?;
    let digest = format!("{:x}", Sha256::digest(&canonical));
    Ok(Resolved { policy, preset, digest })
}

fn preset_table(name: &str) -> Result<Table, Problem> {
    let Some((_, text)) = PRESETS.iter().find(|(id, _)| *id == name) else {
        let known = PRESETS.iter().map(|(id, _)| *id);
        let help = match nearest(name, known.clone()) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("presets: {}", known.collect::<Vec<_>>().join(", ")),
        };
        return Err(Problem::usage(format!("no policy preset is called {name:?}")).help(help));
    };
    text.parse().map_err(|e: toml::de::Error| Problem::bad_data(e.message().to_owned()))
}

fn line_of(text: &str, at: usize) -> String {
    format!("line {}", 1 + text.bytes().take(at).filter(|&b| b == b'\n').count())
}

fn read_file(name: &str, text: &str) -> Result<Table, Problem> {
    text.strip_prefix('\u{feff}').unwrap_or(text).parse().map_err(|e: toml::de::Error| {
        let place = line_of(text, e.span().map_or(0, |span| span.start));
        Problem::bad_data(format!("not TOML: {}", e.message())).in_file(name).at(place)
    })
}

/// Places a fault in the policy file, at the line that holds the word in question when one does.
fn in_layer(problem: Problem, file: Option<(&str, &str)>) -> Problem {
    let Some((name, text)) = file else { return problem };
    let word = problem.message.split('`').nth(1).map(str::to_owned);
    let at = word.and_then(|word| {
        let mut from = 0;
        text.split_inclusive('\n').find_map(|line| {
            let start = from;
            from += line.len();
            let code = line.split('#').next().unwrap_or(line);
            code.split(|c: char| !c.is_alphanumeric() && c != '_')
                .any(|w| w == word)
                .then_some(start)
        })
    });
    let problem = problem.in_file(name);
    match at {
        Some(at) => problem.at(line_of(text, at)),
        None => problem,
    }
}

/// Reads a whole table; serde's list of expected words becomes a suggestion.
fn read_policy(table: &Table) -> Result<Policy, Problem> {
    let policy: Policy = Value::Table(table.clone()).try_into().map_err(|e: toml::de::Error| {
        let message = e.message().to_owned();
        let words: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
        let problem = Problem::bad_data(message.clone());
        match words.split_first() {
            Some((word, known)) if message.starts_with("unknown") => {
                match nearest(word, known.iter().copied()) {
                    Some(near) => problem.help(format!("did you mean `{near}`?")),
                    None => problem,
                }
            }
            _ => problem,
        }
    })?;
    policy.check()?;
    Ok(policy)
}

/// The name of an element of a list of tables.
fn element_name(value: &Value) -> Option<&str> {
    let table = value.as_table()?;
    ["id", "name"].iter().find_map(|key| table.get(*key)).and_then(Value::as_str)
}

/// True for `{ value = ..., source = ... }`.
fn is_sourced(value: &Value) -> bool {
    value
        .as_table()
        .is_some_and(|table| table.contains_key("value") && table.contains_key("source"))
}

fn merge(below: &mut Table, above: Table) {
    for (key, new) in above {
        match below.get_mut(&key) {
            Some(old) => merge_value(old, new),
            None => {
                below.insert(key, new);
            }
        }
    }
}

/// Tables merge key by key; lists of named tables element by element; everything else is replaced. A value for one with
/// a source takes its place and the source `user`.
fn merge_value(old: &mut Value, new: Value) {
    let sourced = is_sourced(old);
    match (old, new) {
        (Value::Table(old), Value::Table(new)) => {
            if sourced && new.contains_key("value") && !new.contains_key("source") {
                old.insert("source".into(), USER_SOURCE.into());
            }
            merge(old, new);
        }
        (Value::Table(old), new) if sourced => {
            old.insert("value".into(), new);
            old.insert("source".into(), USER_SOURCE.into());
        }
        (Value::Array(old), Value::Array(new))
            if !new.is_empty() && new.iter().all(|item| element_name(item).is_some()) =>
        {
            for item in new {
                match old.iter_mut().find(|known| element_name(known) == element_name(&item)) {
                    Some(known) => merge_value(known, item),
                    None => old.push(item),
                }
            }
        }
        (old, new) => *old = new,
    }
}

/// Applies `key=value`.
fn set(table: &mut Table, argument: &str) -> Result<(), Problem> {
    let Some((path, text)) = argument.split_once('=') else {
        return Err(Problem::usage("no `=`").help("write --set key=value"));
    };
    // A word without quotes is a text.
    let new = format!("v = {}", text.trim())
        .parse::<Table>()
        .ok()
        .and_then(|mut table| table.remove("v"))
        .unwrap_or_else(|| Value::String(text.trim().to_owned()));
    let keys: Vec<&str> = path.trim().split('.').collect();
    let (last, parents) = keys.split_last().unwrap_or((&"", &[]));
    let mut root = Value::Table(std::mem::take(table));
    let result = set_below(&mut root, parents, last, new);
    if let Value::Table(changed) = root {
        *table = changed;
    }
    result
}

fn set_below(root: &mut Value, parents: &[&str], last: &str, new: Value) -> Result<(), Problem> {
    let mut at = root;
    for key in parents {
        at = child(at, key)?;
    }
    if let Value::Table(inner) = at
        && !inner.contains_key(last)
        && is_open(parents)
    {
        inner.insert(last.to_owned(), new);
        return Ok(());
    }
    merge_value(child(at, last)?, new);
    Ok(())
}

/// Maps whose keys are the user's choice, or that leave keys out.
fn is_open(parents: &[&str]) -> bool {
    matches!(parents.last(), Some(&"limits" | &"sources" | &"pp3" | &"bp4"))
        || parents.contains(&"same_as")
}

fn child<'v>(value: &'v mut Value, key: &str) -> Result<&'v mut Value, Problem> {
    let known: Vec<String> = match &*value {
        Value::Table(table) => table.keys().cloned().collect(),
        Value::Array(list) => list.iter().filter_map(element_name).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    let found = match value {
        Value::Table(table) => table.get_mut(key),
        Value::Array(list) => list.iter_mut().find(|item| element_name(item) == Some(key)),
        _ => None,
    };
    found.ok_or_else(|| {
        let help = match nearest(key, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known here: {}", known.join(", ")),
        };
        Problem::usage(format!("unknown key `{key}`")).help(help)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(file: Option<&str>, set: &[&str]) -> Result<Resolved, String> {
        let set: Vec<String> = set.iter().map(|&s| s.into()).collect();
        let file = file.map(|text| ("p.toml", text));
        resolve(Layers { preset: "gms-rd", file, set: &set }).map_err(|problem| problem.to_string())
    }

    #[test]
    fn without_layers_the_preset_stands() {
        let resolved = with(None, &[]).unwrap();
        assert_eq!(resolved.policy, Policy::preset("gms-rd").unwrap());
        assert_eq!(resolved.digest.len(), 64);
    }

    #[test]
    fn set_wins_over_file_and_file_over_preset() {
        let file = "[call]\ncallable_depth = { value = 5 }\n";
        let from_file = with(Some(file), &[]).unwrap().policy.call.callable_depth;
        assert_eq!((from_file.value, from_file.source.as_str()), (5.0, USER_SOURCE));
        let set = with(Some(file), &["call.callable_depth=7"]).unwrap();
        assert!((set.policy.call.callable_depth.value - 7.0).abs() < f64::EPSILON);
        let words = with(None, &["call.filters=[\"PASS\", \".\"]"]).unwrap();
        assert_eq!(words.policy.call.filters.value, ["PASS", "."]);
    }

    #[test]
    fn elements_of_lists_are_named() {
        let key = "frequency.dataset.gnomad_exomes.population.NFE.limits.dominant";
        let resolved = with(None, &[&format!("{key}=0.5")]).unwrap();
        let dataset = resolved.policy.frequency.datasets.iter().find(|d| d.id == "gnomad_exomes");
        let nfe = dataset.unwrap().populations.iter().find(|p| p.name == "NFE").unwrap();
        assert!((nfe.limits[&crate::policy::LimitClass::Dominant] - 0.5).abs() < f64::EPSILON);
        let file = "[[frequency.dataset]]\nid = \"gnomad_exomes\"\nrequired = false\n";
        let datasets = with(Some(file), &[]).unwrap().policy.frequency.datasets;
        let exomes = datasets.iter().find(|d| d.id == "gnomad_exomes").unwrap();
        assert!(!exomes.required && !exomes.populations.is_empty(), "merged by name");
    }

    #[test]
    fn the_same_rules_have_the_same_digest() {
        let file = with(Some("[call]\ncallable_depth = 8\n"), &[]).unwrap();
        let set = with(None, &["call.callable_depth=8"]).unwrap();
        assert_eq!(file.digest, set.digest);
        assert_ne!(file.digest, with(None, &[]).unwrap().digest);
    }

    #[test]
    fn unknown_keys_are_refused_with_the_nearest() {
        for (file, set, expected) in [
            (
                Some("\n[call]\ncalable_depth = 5\n"),
                None,
                "p.toml: line 3: unknown field `calable_depth`",
            ),
            (Some("[call]\ncalable_depth = 5\n"), None, "did you mean `callable_depth`?"),
            (Some("[call\n"), None, "p.toml: line 1: not TOML"),
            (Some("extends = \"gms-rb\"\n"), None, "did you mean gms-rd?"),
            (
                None,
                Some("call.calable_depth=5"),
                "--set call.calable_depth=5: unknown key `calable_depth`",
            ),
            (None, Some("cal.callable_depth=5"), "did you mean `call`?"),
            (
                None,
                Some("call.callable_depth=many"),
                "--set call.callable_depth=many: invalid type",
            ),
            (None, Some("call"), "no `=`"),
            (
                None,
                Some("consequence.high=[\"stop_gaind\"]"),
                "is no Sequence Ontology consequence",
            ),
            (
                None,
                Some("frequency.dataset.gnomad_exomes.population.NFE.limits.dominant=2"),
                "not between 0 and 1",
            ),
            (
                None,
                Some("frequency.dataset.gnomad_exomes.population.NFE.limits.dominent=0.1"),
                "unknown variant `dominent`",
            ),
            (None, Some("call.callable_depth.x=1"), "unknown key `x`"),
            (None, Some("rules=[]"), "`rules` is empty"),
            (None, Some("mode=[]"), "`mode` is empty"),
            (None, Some("call.filters=[]"), "`call.filters` is empty"),
            (None, Some("de_novo.min_depth=nan"), "must be 0 or more"),
            (None, Some("de_novo.max_alternate_fraction=9"), "between 0 and 1"),
        ] {
            let set: Vec<&str> = set.into_iter().collect();
            let error = with(file, &set).unwrap_err();
            assert!(error.contains(expected), "{expected}\n---\n{error}");
        }
    }

    #[test]
    fn evidence_and_findings_have_ranges() {
        for (set, expected) in [
            ("acmg.ba1=5", "`acmg.ba1` is 5, but must be between 0 and 1"),
            ("acmg.bs1_dominant=nan", "`acmg.bs1_dominant` is NaN"),
            ("acmg.bs1_recessive=0.05", "must be below `acmg.ba1`, 0.05"),
            ("acmg.pm2_dominant=0.001", "must be below `acmg.bs1_dominant`, 0.001"),
            ("acmg.pm3_strength=\"stand_alone\"", "only benign evidence can stand alone"),
            ("acmg.pm3_strength=\"mild\"", "unknown variant `mild`"),
            ("acmg.null_terms=[\"stop\"]", "`acmg.null_terms`: \"stop\" is no Sequence"),
            ("acmg.score.revel.pp3.strong=0.7", "a stronger interval must begin"),
            ("acmg.score.revel.bp4.strong=0.2", "a stronger interval must end"),
            ("acmg.score.revel.bp4.supporting=0.7", "0.7, into pp3, which begins at 0.644"),
            ("acmg.score.revel.pp3.strong=inf", "has a limit that is no number"),
            ("acmg.score.revel.pp3.stand_alone=2", "only benign evidence"),
            ("acmg.score.rebel.pp3.strong=1", "did you mean `revel`?"),
            ("acmg.score.revel.fields=[]", "fields is empty"),
            ("acmg.score.revel.fields=[\"REVEL\"]", "is neither CSQ/NAME nor INFO/NAME"),
            ("acmg.score.spliceai.fields=[\"CSQ/DS\"]", "do not go together"),
            ("acmg.score.revel.decides=[\"missense\"]", "is no Sequence Ontology"),
            ("additional.min_stars=5", "`additional.min_stars` is 5, but must be between 0 and 4"),
            ("additional.min_stars=-1", "`additional.min_stars` is -1"),
            ("additional.loss_terms=[\"stop\"]", "`additional.loss_terms`: \"stop\" is no"),
            ("additional.adult_tags=[\"\"]", "holds an empty tag"),
        ] {
            let error = with(None, &[set]).unwrap_err();
            assert!(error.contains(expected), "{expected}\n---\n{error}");
        }
    }
}
