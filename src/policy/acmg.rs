//! Limits and strengths of ACMG/AMP evidence that is computed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Sourced;
use super::fields::in_range;
use crate::model::problem::Problem;
use crate::model::results::acmg::Strength;
use crate::model::so::SoTerm;

/// ACMG/AMP evidence; listed with its inputs and never added up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcmgPolicy {
    /// PM2: largest frequency in any assessed population, dominant modes.
    pub pm2_dominant: Sourced<f64>,
    /// PM2: the same, recessive modes.
    pub pm2_recessive: Sourced<f64>,
    /// PM2: strength.
    pub pm2_strength: Sourced<Strength>,
    /// BA1: a frequency above this in any population of `benign_populations` stands alone.
    pub ba1: Sourced<f64>,
    /// BS1: a frequency above this is more than the disorder allows, dominant modes.
    pub bs1_dominant: Sourced<f64>,
    /// BS1: the same, recessive modes.
    pub bs1_recessive: Sourced<f64>,
    /// Populations too small for BA1 and BS1, by name.
    pub small_populations: Sourced<Vec<String>>,
    /// PS2: strength of a de novo change with parentage confirmed by identity checks.
    pub ps2_strength: Sourced<Strength>,
    /// PM6: strength of an assumed one.
    pub pm6_strength: Sourced<Strength>,
    /// PM3: strength of a recessive partner in trans that is known to cause disease.
    pub pm3_strength: Sourced<Strength>,
    /// PVS1: terms of a null variant, by Sequence Ontology name.
    pub null_terms: Sourced<Vec<String>>,
    /// PP3 and BP4: scores of predictors. The first that decides about a term of the consequence and has a value decides;
    /// the others are shown.
    #[serde(default, rename = "score", skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<ScorePolicy>,
}

/// A score with its calibrated intervals. A value between the weakest of both sides is no evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScorePolicy {
    /// Id, `revel`.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// Where it may stand: `CSQ/NAME`, `INFO/NAME`, or `INFO/NAME/FIELD` for lists between bars. The first that the file has
    /// counts. `{PART}` becomes each of `parts`.
    pub fields: Vec<String>,
    /// Fields of which the greatest is the score.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<String>,
    /// Terms, by Sequence Ontology name, of the consequences that it decides about; without any it is only shown.
    pub decides: Sourced<Vec<String>>,
    /// Terms of consequences about which it speaks beside the score that decides, since it predicts another mechanism: where that
    /// one lies between its intervals, this one gives PP3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<Sourced<Vec<String>>>,
    /// Least value for PP3, by strength.
    pub pp3: BTreeMap<Strength, f64>,
    /// Largest value for BP4, by strength.
    pub bp4: BTreeMap<Strength, f64>,
    /// Source id of the intervals.
    pub source: String,
}

impl ScorePolicy {
    /// Every place where it may stand, as the fields that make it up.
    pub fn places(&self) -> Vec<Vec<String>> {
        let of = |field: &String| match self.parts.as_slice() {
            [] => vec![field.clone()],
            parts => parts.iter().map(|part| field.replace("{PART}", part)).collect(),
        };
        self.fields.iter().map(of).collect()
    }

    /// The strongest interval for PP3 that the value reaches, with its limit.
    pub fn pathogenic(&self, value: f64) -> Option<(Strength, f64)> {
        let reached = self.pp3.iter().filter(|(_, limit)| value >= **limit);
        reached.map(|(strength, limit)| (*strength, *limit)).max_by_key(|found| found.0)
    }

    /// The strongest interval for BP4 that the value reaches, with its limit.
    pub fn benign(&self, value: f64) -> Option<(Strength, f64)> {
        let reached = self.bp4.iter().filter(|(_, limit)| value <= **limit);
        reached.map(|(strength, limit)| (*strength, *limit)).max_by_key(|found| found.0)
    }

    /// Intervals grow with their strength, and those of both sides do not meet.
    fn check(&self) -> Result<(), Problem> {
        let fault =
            |what: String| Err(Problem::bad_data(format!("`acmg.score.{}`{what}", self.id)));
        let (pp3, bp4): (Vec<f64>, Vec<f64>) =
            (self.pp3.values().copied().collect(), self.bp4.values().copied().collect());
        if pp3.iter().chain(&bp4).any(|limit| !limit.is_finite()) {
            return fault(" has a limit that is no number".into());
        }
        if !pp3.is_sorted_by(|weak, strong| weak < strong) {
            return fault(".pp3: a stronger interval must begin at a larger value".into());
        }
        if !bp4.is_sorted_by(|weak, strong| weak > strong) {
            return fault(".bp4: a stronger interval must end at a smaller value".into());
        }
        if let (Some(least), Some(most)) = (pp3.first(), bp4.first())
            && most >= least
        {
            return fault(format!(": bp4 reaches up to {most}, into pp3, which begins at {least}"));
        }
        if self.pp3.contains_key(&Strength::StandAlone) {
            return fault(".pp3: only benign evidence can stand alone".into());
        }
        if self.fields.is_empty() {
            return fault(".fields is empty: it could not be read".into());
        }
        for field in &self.fields {
            let well_formed = match field.split_once('/') {
                Some(("CSQ", name)) => !name.is_empty() && !name.contains('/'),
                Some(("INFO", name)) => name.split('/').all(|n| !n.is_empty()),
                _ => false,
            };
            if !well_formed || field.split('/').count() > 3 {
                let message = format!(
                    ".fields: \"{field}\" is neither CSQ/NAME nor INFO/NAME nor INFO/NAME/FIELD"
                );
                return fault(message);
            }
            if field.contains("{PART}") == self.parts.is_empty() {
                return fault(format!(".fields: \"{field}\" and `parts` do not go together"));
            }
        }
        if let Some(beside) = &self.beside {
            beside.value.iter().try_for_each(|term| term_is_known("acmg.score.beside", term))?;
            if let Some(term) = beside.value.iter().find(|t| self.decides.value.contains(t)) {
                return fault(format!(": \"{term}\" stands in `decides` and in `beside`"));
            }
        }
        self.decides.value.iter().try_for_each(|term| term_is_known("acmg.score.decides", term))
    }
}

impl AcmgPolicy {
    /// Frequencies lie between 0 and 1 and in their order, terms are known, scores have proper intervals.
    ///
    /// # Errors
    ///
    /// The first fault.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let shares = [
            ("acmg.pm2_dominant", self.pm2_dominant.value),
            ("acmg.pm2_recessive", self.pm2_recessive.value),
            ("acmg.ba1", self.ba1.value),
            ("acmg.bs1_dominant", self.bs1_dominant.value),
            ("acmg.bs1_recessive", self.bs1_recessive.value),
        ];
        shares.iter().try_for_each(|(key, value)| in_range(key, *value, 0.0, 1.0))?;
        let below = |(low, rare): (&str, f64), (high, common): (&str, f64)| {
            let message = format!("`{low}` is {rare}, but must be below `{high}`, {common}");
            if rare < common { Ok(()) } else { Err(Problem::bad_data(message)) }
        };
        let [pm2_dominant, pm2_recessive, ba1, bs1_dominant, bs1_recessive] = shares;
        below(pm2_dominant, bs1_dominant)?;
        below(pm2_recessive, bs1_recessive)?;
        below(bs1_dominant, ba1)?;
        below(bs1_recessive, ba1)?;
        let strengths = [
            ("acmg.pm2_strength", &self.pm2_strength),
            ("acmg.ps2_strength", &self.ps2_strength),
            ("acmg.pm6_strength", &self.pm6_strength),
            ("acmg.pm3_strength", &self.pm3_strength),
        ];
        if let Some((key, _)) = strengths.iter().find(|(_, s)| s.value == Strength::StandAlone) {
            let message = format!("`{key}` is stand_alone: only benign evidence can stand alone");
            return Err(Problem::bad_data(message));
        }
        self.null_terms.value.iter().try_for_each(|term| term_is_known("acmg.null_terms", term))?;
        for (i, score) in self.scores.iter().enumerate() {
            if self.scores[..i].iter().any(|other| other.id == score.id) {
                let message = format!("`acmg.score.{}` is there twice", score.id);
                return Err(Problem::bad_data(message));
            }
            score.check()?;
        }
        Ok(())
    }

    /// Source ids.
    pub(super) fn sources(&self) -> Vec<&str> {
        let scores = self.scores.iter().flat_map(|s| [s.source.as_str(), &s.decides.source]);
        let mut sources: Vec<&str> = scores.collect();
        let beside = self.scores.iter().filter_map(|score| score.beside.as_ref());
        sources.extend(beside.map(|beside| beside.source.as_str()));
        sources.extend([
            self.pm2_dominant.source.as_str(),
            &self.pm2_recessive.source,
            &self.pm2_strength.source,
            &self.ba1.source,
            &self.bs1_dominant.source,
            &self.bs1_recessive.source,
            &self.small_populations.source,
            &self.ps2_strength.source,
            &self.pm6_strength.source,
            &self.pm3_strength.source,
            &self.null_terms.source,
        ]);
        sources
    }
}

/// A term of a list must be one of the ontology, spelt as it is there.
pub(super) fn term_is_known(key: &str, term: &str) -> Result<(), Problem> {
    if SoTerm::parse(term).is_some_and(|known| known.name() == term) {
        return Ok(());
    }
    Err(Problem::bad_data(format!("`{key}`: \"{term}\" is no Sequence Ontology consequence")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    #[test]
    fn intervals_are_those_of_the_calibrations() {
        use Strength::{Moderate, Strong, Supporting, VeryStrong};
        let acmg = Policy::preset("gms-rd").unwrap().acmg.unwrap();
        let strength = |id: &str, value: f64| {
            let score = acmg.scores.iter().find(|score| score.id == id).unwrap();
            let short = |found: Option<(Strength, f64)>| found.map(|found| found.0);
            (short(score.pathogenic(value)), short(score.benign(value)))
        };
        for (id, value, pathogenic, benign) in [
            ("revel", 0.003, None, Some(VeryStrong)),
            ("revel", 0.016, None, Some(Strong)),
            ("revel", 0.183, None, Some(Moderate)),
            ("revel", 0.290, None, Some(Supporting)),
            ("revel", 0.291, None, None),
            ("revel", 0.643, None, None),
            ("revel", 0.644, Some(Supporting), None),
            ("revel", 0.773, Some(Moderate), None),
            ("revel", 0.932, Some(Strong), None),
            ("bayesdel", -0.36, None, Some(Moderate)),
            ("bayesdel", -0.18, None, Some(Supporting)),
            ("bayesdel", 0.0, None, None),
            ("bayesdel", 0.13, Some(Supporting), None),
            ("bayesdel", 0.27, Some(Moderate), None),
            ("bayesdel", 0.5, Some(Strong), None),
            ("cadd", 0.15, None, Some(Strong)),
            ("cadd", 17.3, None, Some(Moderate)),
            ("cadd", 20.0, None, Some(Supporting)),
            ("cadd", 25.3, Some(Supporting), None),
            ("cadd", 28.1, Some(Moderate), None),
            ("spliceai", 0.1, None, Some(Supporting)),
            ("spliceai", 0.15, None, None),
            ("spliceai", 0.2, Some(Supporting), None),
            ("spliceai", 1.0, Some(Supporting), None),
        ] {
            assert_eq!(strength(id, value), (pathogenic, benign), "{id} {value}");
        }
    }

    #[test]
    fn every_preset_with_scores_has_the_same() {
        let of = |id| Policy::preset(id).unwrap().acmg.unwrap().scores;
        assert_eq!(of("gms-rd"), of("100k-rd"));
    }

    #[test]
    fn the_parts_of_a_score_are_its_fields() {
        let acmg = Policy::preset("gms-rd").unwrap().acmg.unwrap();
        let score = acmg.scores.iter().find(|score| score.id == "spliceai").unwrap();
        let expected = ["DS_AG", "DS_AL", "DS_DG", "DS_DL"].map(|p| format!("INFO/SpliceAI/{p}"));
        assert!(score.places().contains(&expected.to_vec()), "{:?}", score.places());
    }
}
