//! Two policies, value by value.

use std::collections::BTreeMap;

use serde_json::Value;

/// Every value of a policy under a name such as `frequency.dataset[internal].population[ALL].limits.dominant`. Sources,
/// titles and versions are left out: they move nothing.
fn flat(value: &Value) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    walk("", value, &mut all);
    all.retain(|key, _| {
        let head = key.split('.').next().unwrap_or(key);
        !matches!(head, "sources" | "id" | "version" | "title") && !key.ends_with(".source")
    });
    all
}

fn walk(name: &str, value: &Value, all: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let below = match (name, key.as_str()) {
                    // The value of a sourced entry carries the name of the entry.
                    (name, "value") if map.contains_key("source") => name.to_owned(),
                    ("", key) => key.to_owned(),
                    (name, key) => format!("{name}.{key}"),
                };
                walk(&below, inner, all);
            }
        }
        Value::Array(list) if list.iter().any(Value::is_object) => {
            for (i, item) in list.iter().enumerate() {
                let id = ["id", "name"].iter().find_map(|key| item.get(key)?.as_str());
                let id = id.map_or_else(|| i.to_string(), str::to_owned);
                walk(&format!("{name}[{id}]"), item, all);
            }
        }
        Value::Array(list) => {
            let words: Vec<String> = list.iter().map(plain).collect();
            all.insert(name.into(), words.join(", "));
        }
        Value::Null => {}
        scalar => {
            all.insert(name.into(), plain(scalar));
        }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// One value that differs; empty where a side has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Differs {
    pub(super) key: String,
    pub(super) old: String,
    pub(super) new: String,
}

/// Every value that differs, by key.
pub(super) fn differences(old: &Value, new: &Value) -> Vec<Differs> {
    let (old, new) = (flat(old), flat(new));
    let mut keys: Vec<&String> = old.keys().chain(new.keys()).collect();
    keys.sort();
    keys.dedup();
    keys.into_iter()
        .filter(|key| old.get(*key) != new.get(*key))
        .map(|key| {
            let text = |map: &BTreeMap<String, String>| map.get(key).cloned().unwrap_or_default();
            Differs { key: key.clone(), old: text(&old), new: text(&new) }
        })
        .collect()
}

impl Differs {
    /// Dataset and population of a frequency limit, with both limits; `None` for other keys and for limits that only one
    /// side has.
    pub(super) fn limit(&self) -> Option<(&str, &str, f64, f64)> {
        let rest = self.key.strip_prefix("frequency.dataset[")?;
        let (dataset, rest) = rest.split_once("].population[")?;
        let (population, rest) = rest.split_once(']')?;
        rest.strip_prefix(".limits.")?;
        Some((dataset, population, self.old.parse().ok()?, self.new.parse().ok()?))
    }

    /// The mode of inheritance that the key belongs to.
    pub(super) fn mode(&self) -> Option<&str> {
        let (mode, _) = self.key.strip_prefix("mode[")?.split_once(']')?;
        Some(mode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_named_and_sources_are_not_compared() {
        let policy = |limit: f64, source: &str| {
            json!({
                "id": "p", "sources": { source: "x" },
                "call": { "callable_depth": { "value": 10.0, "source": source } },
                "frequency": { "dataset": [{ "id": "d", "population": [
                    { "name": "NFE", "limits": { "dominant": limit }, "source": source }
                ]}]},
                "mode": [{ "id": "biallelic", "model": [{ "id": "SimpleRecessive" }] }],
            })
        };
        assert_eq!(differences(&policy(0.001, "a"), &policy(0.001, "b")), []);
        let found = differences(&policy(0.001, "a"), &policy(0.002, "a"));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].limit(), Some(("d", "NFE", 0.001, 0.002)));
        let mut other = policy(0.001, "a");
        other["mode"][0]["model"][0]["id"] = "deNovo".into();
        other["call"]["callable_depth"]["value"] = 12.0.into();
        let found = differences(&policy(0.001, "a"), &other);
        let keys: Vec<&str> = found.iter().map(|d| d.key.as_str()).collect();
        assert_eq!(
            keys,
            [
                "call.callable_depth",
                "mode[biallelic].model[SimpleRecessive].id",
                "mode[biallelic].model[deNovo].id"
            ]
        );
        assert_eq!(found[1].mode(), Some("biallelic"));
        assert_eq!((found[0].old.as_str(), found[0].new.as_str()), ("10.0", "12.0"));
    }
}
