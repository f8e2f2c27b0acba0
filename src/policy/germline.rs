//! What counts in inherited disease beside the consequence lists: genes whose product is RNA, and variants known to cause
//! disease.

use serde::{Deserialize, Serialize};

use super::Sourced;
use crate::model::annotation::ClinVar;

/// Genes whose product is RNA. They count on a panel only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NonCodingPolicy {
    /// Terms that count, by Sequence Ontology name.
    pub terms: Sourced<Vec<String>>,
    /// Biotypes of their transcripts. A gene with a transcript of a coding biotype in the same annotation is none of them.
    pub biotypes: Sourced<Vec<String>>,
}

/// Variants that ClinVar calls pathogenic or likely pathogenic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownPolicy {
    /// Least review stars, 0 to 4; an annotation without review status counts.
    pub min_stars: Sourced<f64>,
    /// Which variants count whose submissions conflict, by the case's own ClinVar; without it none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict: Option<ConflictPolicy>,
}

/// Submissions (of `CLNSIGCONF`) that a variant needs to count as pathogenic though they conflict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConflictPolicy {
    /// Least submissions that say pathogenic or likely pathogenic.
    pub min_pathogenic: Sourced<f64>,
    /// Most submissions that say benign or likely benign.
    pub max_benign: Sourced<f64>,
}

impl KnownPolicy {
    /// True when what ClinVar says counts.
    pub fn counts(&self, clinvar: Option<&ClinVar>) -> bool {
        clinvar.is_some_and(|clinvar| {
            let enough = clinvar.stars.is_none_or(|n| f64::from(n) >= self.min_stars.value);
            clinvar.is_pathogenic() && enough
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_are_asked_for_where_they_are_stated() {
        let min_stars = Sourced { value: 1.0, source: "ours".into() };
        let policy = KnownPolicy { min_stars, conflict: None };
        let clinvar = |word: &str, stars| ClinVar {
            significance: vec![word.into()],
            stars,
            ..ClinVar::default()
        };
        assert!(policy.counts(Some(&clinvar("pathogenic", Some(1)))));
        assert!(policy.counts(Some(&clinvar("likely_pathogenic", None))));
        assert!(!policy.counts(Some(&clinvar("pathogenic", Some(0)))));
        assert!(!policy.counts(Some(&clinvar("uncertain_significance", Some(3)))));
        assert!(!policy.counts(None));
    }
}
