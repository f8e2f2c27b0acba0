//! Limits that decide whether a sample's quality is good enough: named, versioned sets as data (`presets/qc-*.toml`), a
//! source beside every limit.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::problem::{Problem, nearest};
use crate::model::verdict::Bound;

/// The sets that ship with the program: id and text.
pub const SETS: &[(&str, &str)] = &[
    ("gel-germline", include_str!("presets/qc-gel-germline.toml")),
    ("gel-newborn", include_str!("presets/qc-gel-newborn.toml")),
    ("gel-normal", include_str!("presets/qc-gel-normal.toml")),
    ("gel-tumour", include_str!("presets/qc-gel-tumour.toml")),
    ("ga4gh-wgs", include_str!("presets/qc-ga4gh-wgs.toml")),
];

/// Every value of a set, as its record in a run.
///
/// # Errors
///
/// As [`set`].
pub fn values(name: &str) -> Result<serde_json::Value, Problem> {
    let text = SETS.iter().find(|(id, _)| *id == name).map_or("", |(_, text)| text);
    set(name)?;
    toml::from_str(text).map_err(|e| Problem::bad_data(format!("set {name}: {}", e.message())))
}

/// A set of limits.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptanceSet {
    /// Name, `gel-germline`.
    pub id: String,
    /// Version, changed whenever a verdict can change.
    pub version: String,
    /// One line for people.
    pub title: String,
    /// Policy presets whose cases are compared with it unless the caller names another set.
    #[serde(default)]
    pub presets: Vec<String>,
    /// Which of a case's samples these are; without it no case takes the set by itself.
    #[serde(default)]
    pub samples: Option<Samples>,
    /// Source id to citation.
    pub sources: BTreeMap<String, AcceptanceSource>,
    /// What is looked at, in the order of reports.
    #[serde(rename = "check")]
    pub checks: Vec<AcceptanceCheck>,
}

/// Where a limit comes from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptanceSource {
    /// Citation.
    pub text: String,
    /// Host of the page that says it.
    #[serde(default)]
    pub host: Option<String>,
}

/// One thing to look at. With neither limit it is only reported.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptanceCheck {
    /// Name within the set.
    pub id: String,
    /// The value.
    pub metric: AcceptanceMetric,
    /// The depth of the metrics that need one.
    #[serde(default)]
    pub depth: Option<u32>,
    /// The share of ALT reads of the metric that needs one, 0 to 1.
    #[serde(default)]
    pub below_share: Option<f64>,
    /// What the value must be; otherwise the sample fails.
    #[serde(default)]
    pub limit: Option<Bound>,
    /// What the value should be; otherwise the sample gets a warning.
    #[serde(default)]
    pub warn: Option<Bound>,
    /// What saliva is spared.
    #[serde(default)]
    pub saliva: Option<Saliva>,
    /// Whether a sample can only be accepted when the value is known.
    #[serde(default)]
    pub required: bool,
    /// Source id of the limits.
    pub source: String,
    /// What a reader should know.
    #[serde(default)]
    pub note: Option<String>,
}

/// Samples of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Samples {
    /// Everything but tumours and their normal samples.
    Germline,
    /// Normal samples of tumours.
    Normal,
    /// Tumours.
    Tumour,
}

/// What a sample of saliva is spared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Saliva {
    /// Missing the limit warns and does not fail.
    Exempt,
}

/// A value that can be compared with a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AcceptanceMetric {
    /// Percentage of the reference (chromosomes 1 to 22, X, Y; without N) of at least `depth`, mapping quality above 10.
    ReferenceAtDepth,
    /// The same of the autosomes.
    AutosomesAtDepth,
    /// Mean depth of the reference, mapping quality above 10.
    MeanDepth,
    /// Gigabases of quality 30 and more, without duplicates, overlaps and clips.
    #[serde(rename = "q30_unique_gigabases")]
    Q30UniqueGigabases,
    /// Bases of quality 30 and more of all reads.
    #[serde(rename = "q30_bases")]
    Q30Bases,
    /// Percentage of the reads that are mapped.
    ReadsMapped,
    /// Percentage of the reads that are properly paired.
    ReadsProperlyPaired,
    /// Percentage of the mapped pairs whose reads lie on different contigs.
    PairsOnDifferentContigs,
    /// Mean insert size, bp.
    MeanInsertSize,
    /// Standard deviation of the insert size, bp.
    InsertSizeDeviation,
    /// Mean depth of the autosomes by Picard's filters: mapping and base quality 20, no duplicates, overlaps once.
    PicardAutosomeMean,
    /// Median absolute deviation of that depth.
    PicardAutosomeMad,
    /// Percentage of the autosomes' bases of at least `depth` by those filters.
    PicardAutosomesAtDepth,
    /// Fold of more sequencing that would lift 80 % of the bases to the mean, by those filters.
    #[serde(rename = "fold_80_base_penalty")]
    Fold80BasePenalty,
    /// Percent points of windows of up to 50 % GC that reads lack.
    AtDropout,
    /// The same over windows of more GC.
    GcDropout,
    /// Unevenness: median over windows of 100 kb of the depth's standard deviation, mapping quality above 10.
    LocalRmsd,
    /// Contamination by another person, percent; of a tumour the estimate given its normal sample.
    Contamination,
    /// Contamination of a tumour by another person, percent, given its normal sample.
    TumourContamination,
    /// Percentage of a normal sample's reads that show the tumour's clonal variants.
    TumourInNormal,
    /// Percentage of the tumour sample's cells that are tumour, as the somatic calls tell.
    TumourContent,
    /// Percentage of the somatic variants with a smaller share of ALT reads than `below_share`.
    LowShareVariants,
    /// Percentage of the bases of the listed genes of at least `depth`, mapping quality above 10.
    ListedGenesAtDepth,
    /// Listed genes without any base that could be assessed.
    ListedGenesNotAssessed,
}

/// The set that a case under this preset is compared with by default.
///
/// # Errors
///
/// None for the sets that ship with the program.
pub fn of_preset(preset: &str, samples: Samples) -> Result<Option<AcceptanceSet>, Problem> {
    for (id, _) in SETS {
        let set = set(id)?;
        if set.samples == Some(samples) && set.presets.iter().any(|own| own == preset) {
            return Ok(Some(set));
        }
    }
    Ok(None)
}

/// The set of this name.
///
/// # Errors
///
/// An unknown name, with the nearest known one.
pub fn set(name: &str) -> Result<AcceptanceSet, Problem> {
    let Some((_, text)) = SETS.iter().find(|(id, _)| *id == name) else {
        let known = SETS.iter().map(|(id, _)| *id);
        let help = match nearest(name, known.clone()) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("sets: {}", known.collect::<Vec<_>>().join(", ")),
        };
        return Err(
            Problem::usage(format!("no set of acceptance limits is called {name:?}")).help(help)
        );
    };
    let set: AcceptanceSet = toml::from_str(text)
        .map_err(|e| Problem::bad_data(format!("set {name}: {}", e.message())))?;
    for check in &set.checks {
        if !set.sources.contains_key(&check.source) {
            return Err(Problem::bad_data(format!(
                "set {name}: check {} has the source {:?}, which is not among the sources",
                check.id, check.source
            )));
        }
    }
    Ok(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_reads_and_bears_its_name() {
        for (id, _) in SETS {
            let set = set(id).unwrap();
            assert_eq!(set.id, *id);
            let with_depth = [
                AcceptanceMetric::ReferenceAtDepth,
                AcceptanceMetric::AutosomesAtDepth,
                AcceptanceMetric::PicardAutosomesAtDepth,
                AcceptanceMetric::ListedGenesAtDepth,
            ];
            for check in &set.checks {
                let with_share = check.metric == AcceptanceMetric::LowShareVariants;
                assert_eq!(check.below_share.is_some(), with_share, "{id}");
                assert_eq!(check.depth.is_some(), with_depth.contains(&check.metric), "{id}");
            }
        }
        let default = |preset, samples| of_preset(preset, samples).unwrap().map(|set| set.id);
        assert_eq!(default("gms-rd", Samples::Germline).as_deref(), Some("gel-germline"));
        assert_eq!(default("newborn", Samples::Germline).as_deref(), Some("gel-newborn"));
        assert_eq!(default("gms-cancer", Samples::Tumour).as_deref(), Some("gel-tumour"));
        assert_eq!(default("gms-cancer", Samples::Normal).as_deref(), Some("gel-normal"));
        assert_eq!(default("gms-cancer", Samples::Germline), None);
        assert_eq!(default("gms-rd", Samples::Tumour), None);
        let error = set("gel-germlin").unwrap_err().to_string();
        assert!(error.contains("did you mean gel-germline?"), "{error}");
    }
}
