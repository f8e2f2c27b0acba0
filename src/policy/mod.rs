//! Rules and thresholds as data: typed, with a source for every number. A policy is a preset (`presets/*.toml`), changed by
//! a file and by `--set`.

pub mod acceptance;
pub mod acmg;
pub mod additional;
pub mod amp;
pub mod biomarkers;
pub mod chromosomes;
pub mod compiled;
pub mod fields;
pub mod germline;
pub mod identity;
pub mod karyotype;
pub mod layers;
pub mod marks;
pub mod pertinent;
pub mod reads;
pub mod sketch;
pub mod structural;
pub mod tumour_structural;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tumour_structural::TumourStructuralPolicy as TumourPolicy;

use crate::model::annotation::PopulationId;
use crate::model::candidate::TieringMode;
use crate::model::panel::PanelMode;
use crate::model::problem::Problem;
use crate::model::so::SoTerm;

/// The presets that ship with the program: id and text.
pub const PRESETS: &[(&str, &str)] = &[
    ("gms-rd", include_str!("presets/gms-rd.toml")),
    ("100k-rd", include_str!("presets/100k-rd.toml")),
    ("newborn", include_str!("presets/newborn.toml")),
    ("gms-cancer", include_str!("presets/gms-cancer.toml")),
    ("100k-cancer", include_str!("presets/100k-cancer.toml")),
];

/// A value with where it comes from: a key of [`Policy::sources`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Source id.
    pub source: String,
}

/// What the policy is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Inherited disease: families and singletons.
    Germline,
    /// Tumours.
    Somatic,
}

/// All rules and thresholds of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Name, `gms-rd`.
    pub id: String,
    /// Version of the preset, changed whenever a result can change.
    pub version: String,
    /// One line for people.
    pub title: String,
    /// What it is for.
    pub purpose: Purpose,
    /// Source id to citation; `ours` marks a default of this program.
    pub sources: BTreeMap<String, String>,
    /// Ids of the filters to apply, in order within the same cost.
    pub filters: Vec<String>,
    /// Ids of the tiering rules, in the order in which they are tried.
    pub rules: Vec<String>,
    /// Call quality.
    pub call: CallPolicy,
    /// Consequence terms.
    pub consequence: ConsequencePolicy,
    /// Population frequencies.
    pub frequency: FrequencyPolicy,
    /// De novo evidence; germline only.
    pub de_novo: Option<DeNovoPolicy>,
    /// The second look at the reads of candidates; without it reads are left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reads: Option<reads::ReadPolicy>,
    /// Gene lists behind the somatic domains; somatic only.
    pub domains: Option<DomainPolicy>,
    /// Marks of doubtful calls, in the order in which they are told; somatic only.
    #[serde(default, rename = "mark", skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<marks::MarkPolicy>,
    /// How a panel of normals is compared; somatic only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub panel_of_normals: Option<marks::NormalsPolicy>,
    /// Biomarkers of a tumour; without it none is told. Somatic only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub biomarkers: Option<biomarkers::BiomarkerPolicy>,
    /// Genes whose product is RNA; germline only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub non_coding: Option<germline::NonCodingPolicy>,
    /// Variants known to cause disease; germline only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<germline::KnownPolicy>,
    /// Findings beside the question of the case; germline only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional: Option<additional::AdditionalPolicy>,
    /// Germline findings in the normal sample of a tumour; somatic only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pertinent: Option<pertinent::PertinentPolicy>,
    /// Evidence tiers of a tumour's variants; somatic only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amp: Option<amp::AmpPolicy>,
    /// Copy-number and structural variants; germline only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub structural: Option<structural::StructuralPolicy>,
    /// Copy-number and structural variants of tumours; somatic only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tumour_structural: Option<tumour_structural::TumourStructuralPolicy>,
    /// Short tandem repeats; germline only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<structural::RepeatPolicy>,
    /// Uniparental disomy and numbers of chromosomes; without it neither is assessed. Germline only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chromosomes: Option<chromosomes::ChromosomePolicy>,
    /// ACMG/AMP evidence; germline only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acmg: Option<acmg::AcmgPolicy>,
    /// Modes of inheritance and their models; germline only.
    #[serde(default, rename = "mode")]
    pub modes: Vec<ModePolicy>,
}

/// Which calls count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallPolicy {
    /// FILTER values that pass. A record without FILTER (`.`) passes only when `.` is listed.
    pub filters: Sourced<Vec<String>>,
    /// Where calls come one file a member and a member's file has no record of a variant, reads of at least this depth
    /// over the site say reference; below it the call stays unknown.
    pub callable_depth: Sourced<f64>,
    /// Least genotype quality (phred-scaled) at which a relative's genotype is certain; below it nothing is refuted by
    /// it, and nothing proven. Without a value every genotype is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relative_genotype_quality: Option<Sourced<f64>>,
}

/// Which consequences count, by Sequence Ontology name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsequencePolicy {
    /// High impact.
    pub high: Sourced<Vec<String>>,
    /// Moderate impact.
    pub moderate: Sourced<Vec<String>>,
    /// Terms that count as another one: `splice_donor_region_variant` as `splice_region_variant`.
    pub same_as: Sourced<BTreeMap<String, String>>,
    /// Transcript biotypes that count; a consequence without a biotype counts.
    pub biotypes: Sourced<Vec<String>>,
    /// Only the canonical transcript (MANE Select, else canonical) counts, where the annotation marks one.
    pub canonical_only: Sourced<bool>,
}

impl ConsequencePolicy {
    /// The term as the lists name it.
    pub fn resolve(&self, term: SoTerm) -> &str {
        let name = term.name();
        self.same_as.value.get(name).map_or(name, String::as_str)
    }

    /// True when the term counts as high impact.
    pub fn is_high(&self, term: SoTerm) -> bool {
        let name = self.resolve(term);
        self.high.value.iter().any(|high| high == name)
    }

    /// True when the term counts as moderate impact.
    pub fn is_moderate(&self, term: SoTerm) -> bool {
        let name = self.resolve(term);
        self.moderate.value.iter().any(|moderate| moderate == name)
    }

    /// True when transcripts of this biotype count.
    pub fn counts_biotype(&self, biotype: Option<&str>) -> bool {
        biotype.is_none_or(|biotype| self.biotypes.value.iter().any(|listed| listed == biotype))
    }
}

/// Which limit of a population applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LimitClass {
    /// One allele suffices.
    Dominant,
    /// Both alleles, or hemizygous in recessive X disease.
    Recessive,
    /// Mitochondrial genome.
    Mitochondrial,
    /// Somatic variants.
    Somatic,
}

/// Population frequencies. Only fields named here are population frequencies; INFO `AF`, `AC`, `AN`, `MLEAF` and the like
/// are values of the case's own call set and never count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrequencyPolicy {
    /// Sites of a store that failed a filter of its source.
    pub failed_sites: Sourced<FailedSites>,
    /// Share of the larger of two values by which a store and the annotation may differ without a notice.
    pub agreement: Sourced<f64>,
    /// Datasets in order.
    #[serde(rename = "dataset")]
    pub datasets: Vec<Dataset>,
}

/// What a site of a store says that failed a filter of its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailedSites {
    /// Nothing: its frequency is not known.
    NotAssessed,
    /// As much as any other.
    Use,
}

/// A source of population frequencies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dataset {
    /// Id, `gnomad_genomes`.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// A required dataset that the annotation lacks is an error unless unannotated input is allowed.
    pub required: bool,
    /// Compared only when none of the populations of this other dataset is in the file.
    #[serde(default)]
    pub fallback_for: Option<String>,
    /// Where the values stand: `CSQ/NAME` or `INFO/NAME` of the variant file, or `STORE/DATASET/POPULATION` of a store that
    /// the case names. The first that is there wins; a store that does not cover a contig leaves the word to the variant
    /// file. `{POP}` and `{pop}` become the population's name in
    /// upper and lower case.
    pub fields: Vec<String>,
    /// Populations with their limits.
    #[serde(rename = "population")]
    pub populations: Vec<DatasetPopulation>,
}

impl Dataset {
    /// Whether its limits are for the mitochondrial genome only: of nuclear variants it can tell nothing.
    pub fn is_mitochondrial(&self) -> bool {
        let mut limits = self.populations.iter().flat_map(|population| population.limits.keys());
        let any = self.populations.iter().any(|population| !population.limits.is_empty());
        any && limits.all(|class| *class == LimitClass::Mitochondrial)
    }
}

/// Limits for one population: a variant fails a class when its frequency exceeds (somatic: reaches) the limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetPopulation {
    /// Name, `NFE`; `ALL` for the whole dataset.
    pub name: String,
    /// Largest frequency allowed, by class; a class without a limit is not compared.
    pub limits: BTreeMap<LimitClass, f64>,
    /// Source id of the limits.
    pub source: String,
}

/// One population of the flattened list that [`PopulationId`] indexes.
#[derive(Clone, Debug, PartialEq)]
pub struct Population<'a> {
    /// Index.
    pub id: PopulationId,
    /// Its dataset.
    pub dataset: &'a Dataset,
    /// Name and limits.
    pub population: &'a DatasetPopulation,
    /// Where to find it: `CSQ/gnomADg_NFE_AF`.
    pub fields: Vec<String>,
}

impl FrequencyPolicy {
    /// All populations in order; the position is the [`PopulationId`].
    pub fn populations(&self) -> Vec<Population<'_>> {
        let pairs = self.datasets.iter().flat_map(|dataset| {
            dataset.populations.iter().map(move |population| (dataset, population))
        });
        pairs
            .enumerate()
            .map(|(i, (dataset, population))| Population {
                id: PopulationId(i as u16),
                dataset,
                population,
                fields: dataset
                    .fields
                    .iter()
                    .map(|field| {
                        field
                            .replace("{POP}", &population.name.to_ascii_uppercase())
                            .replace("{pop}", &population.name.to_ascii_lowercase())
                    })
                    .collect(),
            })
            .collect()
    }
}

/// When a call that neither parent carries is believed to be de novo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeNovoPolicy {
    /// Least genotype quality of child and parents, phred.
    pub min_genotype_quality: Sourced<f64>,
    /// Least depth of child and parents.
    pub min_depth: Sourced<f64>,
    /// Least share of ALT reads in a heterozygous child.
    pub min_alternate_fraction: Sourced<f64>,
    /// Largest share of ALT reads in a heterozygous child.
    pub max_alternate_fraction: Sourced<f64>,
    /// Most ALT reads in both parents together.
    pub max_parental_alternate_reads: Sourced<f64>,
    /// Words of FORMAT DN, or of GATK's INFO keys, that say de novo; given by the caller, they replace the values of the
    /// calls above. What the reads show is held against them.
    pub caller_labels: Sourced<Vec<String>>,
    /// Least FORMAT DQ (phred-scaled) of a call that has DQ, labelled or not: below it the model is only possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_caller_quality: Option<Sourced<f64>>,
}

/// What the gene lists of the somatic domains hold. The lists themselves come with the case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DomainPolicy {
    /// Title of the list of domain 1.
    pub domain1: Sourced<String>,
    /// Title of the list of domain 2.
    pub domain2: Sourced<String>,
}

/// A mode of inheritance under which variants are reported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModePolicy {
    /// The mode.
    pub id: TieringMode,
    /// Modes of panel genes that it matches.
    pub panel_modes: Vec<PanelMode>,
    /// Frequency limit that applies.
    pub frequency: LimitClass,
    /// Reported only where a panel lists the gene with a mode that matches: no Tier 3 for any other gene.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub matching_only: bool,
    /// Models that are tried.
    #[serde(rename = "model")]
    pub models: Vec<ModeModel>,
    /// Source id.
    pub source: String,
}

/// A model within a mode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModeModel {
    /// Id of the model (GEL segregation filter name).
    pub id: String,
    /// Modes of panel genes that it matches, where they differ from the mode's.
    #[serde(default)]
    pub panel_modes: Option<Vec<PanelMode>>,
}

impl Policy {
    /// A preset by name.
    ///
    /// # Errors
    ///
    /// When there is no such preset.
    pub fn preset(name: &str) -> Result<Self, Problem> {
        let known: Vec<&str> = PRESETS.iter().map(|(id, _)| *id).collect();
        let Some((_, text)) = PRESETS.iter().find(|(id, _)| *id == name) else {
            return Err(Problem::usage(format!("no policy preset is called \"{name}\""))
                .help(format!("presets: {}", known.join(", "))));
        };
        Self::parse(text).map_err(|problem| problem.in_file(format!("preset {name}")))
    }

    /// Reads a whole policy from TOML and checks it.
    ///
    /// # Errors
    ///
    /// When a key is unknown or missing, a number is out of range, or a source is not listed.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let policy: Self =
            toml::from_str(text).map_err(|e| Problem::bad_data(e.message().to_owned()))?;
        policy.check()?;
        Ok(policy)
    }

    /// Checks what types cannot: sources exist, terms are known, limits lie between 0 and 1.
    ///
    /// # Errors
    ///
    /// The first fault.
    pub fn check(&self) -> Result<(), Problem> {
        for source in self.used_sources() {
            if !self.sources.contains_key(source) {
                return Err(Problem::bad_data(format!(
                    "source \"{source}\" is not listed under [sources]"
                )));
            }
        }
        self.check_whole()?;
        self.reads.iter().try_for_each(reads::ReadPolicy::check)?;
        let datasets: Vec<&str> = self.frequency.datasets.iter().map(|own| &*own.id).collect();
        self.marks.iter().try_for_each(|mark| mark.check(&datasets))?;
        self.amp.iter().try_for_each(|rules| rules.check(&datasets))?;
        self.pertinent.iter().try_for_each(|rules| rules.check(&datasets))?;
        self.panel_of_normals.iter().try_for_each(marks::NormalsPolicy::check)?;
        self.biomarkers.iter().try_for_each(biomarkers::BiomarkerPolicy::check)?;
        self.structural.as_ref().map_or(Ok(()), structural::StructuralPolicy::check)?;
        self.repeat.as_ref().map_or(Ok(()), structural::RepeatPolicy::check)?;
        self.tumour_structural.iter().try_for_each(TumourPolicy::check)?;
        self.acmg.iter().try_for_each(acmg::AcmgPolicy::check)?;
        self.chromosomes.iter().try_for_each(chromosomes::ChromosomePolicy::check)?;
        self.additional.iter().try_for_each(additional::AdditionalPolicy::check)?;
        let rna = self.non_coding.as_ref().map(|policy| &policy.terms.value);
        let coding = [&self.consequence.high.value, &self.consequence.moderate.value];
        let lists = coding.into_iter().chain(rna);
        for term in lists.flatten() {
            if SoTerm::parse(term).is_none_or(|known| known.name() != term) {
                return Err(Problem::bad_data(format!(
                    "\"{term}\" is no Sequence Ontology consequence"
                )));
            }
        }
        for population in self.frequency.populations() {
            let name = format!("{} {}", population.dataset.id, population.population.name);
            for (class, limit) in &population.population.limits {
                if !(0.0..=1.0).contains(limit) {
                    return Err(Problem::bad_data(format!(
                        "frequency limit {limit} of {name} ({class:?}) is not between 0 and 1"
                    )));
                }
            }
            for field in &population.fields {
                fields::check(field).map_err(|problem| problem.at(&name))?;
            }
        }
        Ok(())
    }

    /// An empty list, or a number that compares with nothing, would report nothing without a word.
    fn check_whole(&self) -> Result<(), Problem> {
        let germline = self.purpose == Purpose::Germline;
        let empty = [
            ("rules", self.rules.is_empty()),
            ("mode", germline && self.modes.iter().all(|mode| mode.models.is_empty())),
            ("call.filters", self.call.filters.value.is_empty()),
            ("consequence.high", self.consequence.high.value.is_empty()),
            ("consequence.biotypes", self.consequence.biotypes.value.is_empty()),
        ];
        if let Some((key, _)) = empty.iter().find(|(_, empty)| *empty) {
            return Err(Problem::bad_data(format!("`{key}` is empty: nothing could be reported")));
        }
        let mut numbers = vec![
            ("call.callable_depth", self.call.callable_depth.value, f64::MAX),
            ("frequency.agreement", self.frequency.agreement.value, 1.0),
        ];
        if let Some(policy) = &self.known {
            numbers.push(("known.min_stars", policy.min_stars.value, 4.0));
            if let Some(rule) = &policy.conflict {
                let most = f64::from(u32::MAX);
                numbers.push(("known.conflict.min_pathogenic", rule.min_pathogenic.value, most));
                numbers.push(("known.conflict.max_benign", rule.max_benign.value, most));
            }
        }
        if let Some(policy) = &self.de_novo {
            numbers.extend([
                ("de_novo.min_genotype_quality", policy.min_genotype_quality.value, f64::MAX),
                ("de_novo.min_depth", policy.min_depth.value, f64::MAX),
                ("de_novo.min_alternate_fraction", policy.min_alternate_fraction.value, 1.0),
                ("de_novo.max_alternate_fraction", policy.max_alternate_fraction.value, 1.0),
                (
                    "de_novo.max_parental_alternate_reads",
                    policy.max_parental_alternate_reads.value,
                    f64::MAX,
                ),
            ]);
        }
        match numbers.iter().find(|(_, value, most)| !(0.0..=*most).contains(value)) {
            Some((key, value, most)) => {
                let most = if *most >= f64::MAX {
                    "0 or more".to_owned()
                } else {
                    format!("between 0 and {most}")
                };
                Err(Problem::bad_data(format!("`{key}` is {value}, but must be {most}")))
            }
            None => Ok(()),
        }
    }

    fn used_sources(&self) -> Vec<&str> {
        let consequence = &self.consequence;
        let mut used: Vec<&str> = vec![
            &self.call.filters.source,
            &self.call.callable_depth.source,
            &consequence.high.source,
            &consequence.moderate.source,
            &consequence.same_as.source,
            &consequence.biotypes.source,
            &consequence.canonical_only.source,
            &self.frequency.failed_sites.source,
            &self.frequency.agreement.source,
        ];
        used.extend(self.frequency.populations().iter().map(|p| p.population.source.as_str()));
        used.extend(self.modes.iter().map(|mode| mode.source.as_str()));
        let rna = self.non_coding.iter();
        used.extend(rna.flat_map(|own| [own.terms.source.as_str(), &own.biotypes.source]));
        used.extend(self.structural.iter().flat_map(|policy| policy.sources()));
        used.extend(self.repeat.iter().flat_map(|policy| policy.sources()));
        used.extend(self.tumour_structural.iter().flat_map(TumourPolicy::sources));
        used.extend(self.chromosomes.iter().flat_map(chromosomes::ChromosomePolicy::sources));
        used.extend(self.known.iter().map(|policy| policy.min_stars.source.as_str()));
        used.extend(self.acmg.iter().flat_map(acmg::AcmgPolicy::sources));
        used.extend(self.additional.iter().flat_map(additional::AdditionalPolicy::sources));
        for rule in self.known.iter().filter_map(|policy| policy.conflict.as_ref()) {
            used.extend([rule.min_pathogenic.source.as_str(), &rule.max_benign.source]);
        }
        used.extend(self.reads.iter().flat_map(reads::ReadPolicy::sources));
        used.extend(self.amp.iter().flat_map(amp::AmpPolicy::sources));
        used.extend(self.pertinent.iter().flat_map(pertinent::PertinentPolicy::sources));
        used.extend(self.marks.iter().flat_map(marks::MarkPolicy::sources));
        used.extend(self.panel_of_normals.iter().flat_map(marks::NormalsPolicy::sources));
        used.extend(self.biomarkers.iter().flat_map(biomarkers::BiomarkerPolicy::sources));
        let lists = self.domains.iter();
        used.extend(lists.flat_map(|own| [own.domain1.source.as_str(), &own.domain2.source]));
        if let Some(de_novo) = &self.de_novo {
            used.extend([
                de_novo.min_genotype_quality.source.as_str(),
                &de_novo.min_depth.source,
                &de_novo.min_alternate_fraction.source,
                &de_novo.max_alternate_fraction.source,
                &de_novo.max_parental_alternate_reads.source,
                &de_novo.caller_labels.source,
            ]);
            used.extend(de_novo.min_caller_quality.iter().map(|least| least.source.as_str()));
        }
        used
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_whole_and_named_as_its_file() {
        for (id, text) in PRESETS {
            let policy = Policy::parse(text).unwrap_or_else(|e| panic!("{id}: {e}"));
            assert_eq!(&policy.id, id);
        }
    }

    #[test]
    fn every_source_is_used() {
        for (id, _) in PRESETS {
            let policy = Policy::preset(id).unwrap();
            let used = policy.used_sources();
            for source in policy.sources.keys() {
                assert!(used.contains(&source.as_str()), "{id}: source {source} is not used");
            }
        }
    }

    #[test]
    fn later_vep_splice_words_count_as_splice_region() {
        let policy = Policy::preset("gms-rd").unwrap();
        for word in [
            "splice_region_variant",
            "splice_donor_5th_base_variant",
            "splice_donor_region_variant",
        ] {
            assert!(policy.consequence.is_moderate(SoTerm::parse(word).unwrap()), "{word}");
        }
        for (id, _) in PRESETS {
            let policy = Policy::preset(id).unwrap().consequence;
            assert!(policy.is_high(SoTerm::parse("exon_loss_variant").unwrap()), "{id}");
            assert!(policy.is_moderate(SoTerm::parse("inframe_variant").unwrap()), "{id}");
        }
        let word = "splice_polypyrimidine_tract_variant";
        assert!(!policy.consequence.is_moderate(SoTerm::parse(word).unwrap()));
    }
}
