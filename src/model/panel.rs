//! Gene panels as PanelApp defines them, and the lookup of a gene in them.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::annotation::GeneRef;
use super::candidate::PanelRef;
use super::contig::Assembly;

/// Evidence rating of a panel entity.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// PanelApp confidence 3 or 4: diagnostic grade.
    Green,
    /// PanelApp confidence 2.
    Amber,
    /// PanelApp confidence 0 or 1.
    Red,
}

impl Confidence {
    /// From PanelApp's `confidence_level`, a string `"0"` to `"4"`.
    pub fn parse(level: &str) -> Option<Self> {
        match level {
            "3" | "4" => Some(Self::Green),
            "2" => Some(Self::Amber),
            "0" | "1" => Some(Self::Red),
            _ => None,
        }
    }
}

/// Mode of inheritance as PanelApp states it for a gene.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PanelMode {
    /// MONOALLELIC, NOT imprinted.
    MonoallelicNotImprinted,
    /// MONOALLELIC, maternally imprinted (paternal allele expressed).
    MonoallelicMaternallyImprinted,
    /// MONOALLELIC, paternally imprinted (maternal allele expressed).
    MonoallelicPaternallyImprinted,
    /// MONOALLELIC, imprinted status unknown.
    Monoallelic,
    /// BIALLELIC.
    Biallelic,
    /// BOTH monoallelic and biallelic.
    Both,
    /// BOTH, the biallelic form being more severe.
    BothMoreSevereBiallelic,
    /// X-LINKED: hemizygous in males, biallelic in females.
    XLinkedBiallelic,
    /// X-LINKED: hemizygous in males, monoallelic in females may cause disease.
    XLinkedMonoallelic,
    /// MITOCHONDRIAL.
    Mitochondrial,
    /// Other, Unknown or empty: passes every mode.
    #[default]
    Unknown,
}

impl PanelMode {
    /// True when only one parent's allele is expressed.
    pub fn is_imprinted(self) -> bool {
        matches!(self, Self::MonoallelicMaternallyImprinted | Self::MonoallelicPaternallyImprinted)
    }

    /// Reads PanelApp's text by its normalised beginning; the live data hold several spellings of each.
    /// Texts that are none of the known modes become [`PanelMode::Unknown`], which never excludes.
    pub fn parse(text: &str) -> Self {
        let text = text.trim().to_ascii_uppercase();
        let has = |word: &str| text.contains(word);
        if text.starts_with("MONOALLELIC") {
            if has("MATERNALLY IMPRINTED") {
                Self::MonoallelicMaternallyImprinted
            } else if has("PATERNALLY IMPRINTED") {
                Self::MonoallelicPaternallyImprinted
            } else if has("NOT IMPRINTED") {
                Self::MonoallelicNotImprinted
            } else {
                Self::Monoallelic
            }
        } else if text.starts_with("BIALLELIC") {
            Self::Biallelic
        } else if text.starts_with("BOTH") {
            if has("SEVERE") { Self::BothMoreSevereBiallelic } else { Self::Both }
        } else if text.starts_with("X-LINKED") {
            if has("MONOALLELIC MUTATIONS IN FEMALES") {
                Self::XLinkedMonoallelic
            } else {
                Self::XLinkedBiallelic
            }
        } else if text.starts_with("MITOCHONDRIAL") {
            Self::Mitochondrial
        } else {
            Self::Unknown
        }
    }
}

/// A gene of a panel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PanelGene {
    /// Symbol as the panel gives it.
    pub symbol: String,
    /// HGNC id with prefix.
    pub hgnc: Option<String>,
    /// Ensembl ids (of every build and release that the panel lists), without version.
    pub ensembl: Vec<String>,
    /// Former and other symbols.
    pub aliases: Vec<String>,
    /// Rating; `None` when the panel has none (plain gene lists count as green).
    pub confidence: Option<Confidence>,
    /// Mode of inheritance.
    pub mode: PanelMode,
    /// The mode as the panel writes it.
    pub mode_text: String,
    /// Penetrance as the panel writes it.
    pub penetrance: Option<String>,
    /// Mode of pathogenicity as the panel writes it.
    pub mode_of_pathogenicity: Option<String>,
    /// Conditions as the panel lists them.
    pub phenotypes: Vec<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Biotype of the gene as the panel writes it.
    pub biotype: Option<String>,
    /// Where the gene lies, one entry an assembly.
    pub places: Vec<PanelPlace>,
    /// Its part in cancer, where a list of cancer genes says it.
    pub role: Option<CancerRole>,
}

/// What a gene does in cancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancerRole {
    /// Drives by a gain of function.
    Oncogene,
    /// Drives by its loss.
    TumourSuppressor,
    /// Either, by the tumour.
    Both,
}

impl CancerRole {
    /// Its loss drives.
    pub fn is_suppressor(self) -> bool {
        matches!(self, Self::TumourSuppressor | Self::Both)
    }

    /// Its gain drives.
    pub fn is_oncogene(self) -> bool {
        matches!(self, Self::Oncogene | Self::Both)
    }
}

/// Where a gene, region or repeat of a panel lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanelPlace {
    /// Assembly.
    pub assembly: Assembly,
    /// Contig as the panel names it.
    pub contig: String,
    /// First base, 1-based.
    pub start: u32,
    /// Last base, 1-based inclusive.
    pub end: u32,
}

impl PanelGene {
    /// The mode as written is none that PanelApp has, and neither empty, `Unknown` nor `Other`.
    pub fn has_strange_mode(&self) -> bool {
        let text = self.mode_text.trim().to_ascii_uppercase();
        let open = ["UNKNOWN", "OTHER", "NOT PROVIDED", "-"];
        self.mode == PanelMode::Unknown
            && !text.is_empty()
            && !open.iter().any(|word| text.starts_with(word))
    }

    /// Where the gene lies in an assembly.
    pub fn place(&self, assembly: Assembly) -> Option<&PanelPlace> {
        self.places.iter().find(|place| place.assembly == assembly)
    }

    /// Green, or of a plain list.
    pub fn is_green(&self) -> bool {
        self.confidence.is_none_or(|confidence| confidence == Confidence::Green)
    }
}

/// What a panel entity is that is no gene.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum EntityKind {
    /// A region, for copy-number changes.
    Region,
    /// A short tandem repeat.
    Str,
}

impl EntityKind {
    /// In one word, as PanelApp has it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Region => "region",
            Self::Str => "str",
        }
    }
}

/// Which change of copy number a region speaks of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RegionChange {
    /// `cnv_loss`.
    Loss,
    /// `cnv_gain`.
    Gain,
    /// Anything else (`small`), or nothing.
    #[default]
    Other,
}

/// What a panel says of a region, or of a repeat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum EntityDetail {
    /// Nothing that can be compared with a call.
    #[default]
    None,
    /// A region.
    Region {
        /// Which change.
        change: RegionChange,
        /// Least share of the region that a variant must cover, percent, when stated.
        required_overlap: Option<u32>,
    },
    /// A short tandem repeat.
    Repeat {
        /// Unit as the panel writes it.
        unit: String,
        /// Sizes below this number of units are normal.
        normal: u32,
        /// Sizes from this number of units on are pathogenic.
        pathogenic: u32,
        /// Its gene.
        gene: GeneRef,
    },
}

/// A region or short tandem repeat of a panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanelEntity {
    /// Region or repeat.
    pub kind: EntityKind,
    /// Name, `ISCA-37404-Loss` or `ATN1_CAG`.
    pub name: String,
    /// Rating.
    pub confidence: Option<Confidence>,
    /// Mode of inheritance as the panel writes it.
    pub mode_text: String,
    /// Where it lies, one entry an assembly.
    pub places: Vec<PanelPlace>,
    /// What it speaks of.
    pub detail: EntityDetail,
}

impl PanelEntity {
    /// Green.
    pub fn is_green(&self) -> bool {
        self.confidence == Some(Confidence::Green)
    }

    /// Where it lies in an assembly.
    pub fn place(&self, assembly: Assembly) -> Option<&PanelPlace> {
        self.places.iter().find(|place| place.assembly == assembly)
    }
}

/// One gene panel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Panel {
    /// PanelApp id, or the file's stem for a plain list.
    pub id: String,
    /// Name.
    pub name: String,
    /// Version; `-` for a plain list.
    pub version: String,
    /// True when the panel is a GMS signed-off version.
    pub signed_off: bool,
    /// `PanelApp` or `gene list`.
    pub source: String,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
    /// Genes in the order of the file.
    pub genes: Vec<PanelGene>,
    /// Regions and short tandem repeats in the order of the file.
    pub entities: Vec<PanelEntity>,
}

impl Panel {
    /// How outputs name the panel.
    pub fn reference(&self) -> PanelRef {
        PanelRef { id: self.id.clone(), name: self.name.clone(), version: self.version.clone() }
    }

    /// How many entities of one kind the panel lists.
    pub fn count(&self, kind: EntityKind) -> u32 {
        self.entities.iter().filter(|entity| entity.kind == kind).count() as u32
    }
}

/// By which name a gene was found in a panel; earlier is surer.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum MatchedBy {
    /// Ensembl gene id.
    EnsemblId,
    /// HGNC id.
    HgncId,
    /// Current symbol.
    Symbol,
    /// Former or other symbol.
    Alias,
}

/// A gene of a panel that an annotation names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PanelHit {
    /// Index of the panel in its [`PanelSet`].
    pub panel: usize,
    /// Index of the gene in its panel.
    pub gene: usize,
    /// How it was found.
    pub by: MatchedBy,
}

/// All panels of a case with their lookup: Ensembl id, then HGNC id, then symbol, then alias.
#[derive(Clone, Debug, Default)]
pub struct PanelSet {
    panels: Vec<Panel>,
    by_name: HashMap<(MatchedBy, String), Vec<(usize, usize)>>,
}

impl PanelSet {
    /// Indexes the panels.
    pub fn new(panels: Vec<Panel>) -> Self {
        let mut by_name: HashMap<(MatchedBy, String), Vec<(usize, usize)>> = HashMap::new();
        for (p, panel) in panels.iter().enumerate() {
            for (g, gene) in panel.genes.iter().enumerate() {
                let mut add = |by, name: &str| {
                    let entry = by_name.entry((by, name.to_ascii_uppercase())).or_default();
                    if !entry.contains(&(p, g)) {
                        entry.push((p, g));
                    }
                };
                for id in &gene.ensembl {
                    add(MatchedBy::EnsemblId, id);
                }
                if let Some(id) = &gene.hgnc {
                    add(MatchedBy::HgncId, id);
                }
                add(MatchedBy::Symbol, &gene.symbol);
                for alias in &gene.aliases {
                    add(MatchedBy::Alias, alias);
                }
            }
        }
        Self { panels, by_name }
    }

    /// The panels in the order given.
    pub fn panels(&self) -> &[Panel] {
        &self.panels
    }

    /// The gene of a hit that this set gave out.
    pub fn gene(&self, hit: PanelHit) -> &PanelGene {
        &self.panels[hit.panel].genes[hit.gene]
    }

    /// Every panel entry that the gene names, at most one a panel, found by the surest name. An entry found by alias
    /// only counts when the annotation gives no id that contradicts it.
    pub fn find(&self, gene: &GeneRef) -> Vec<PanelHit> {
        let names = [
            (MatchedBy::EnsemblId, gene.ensembl.as_deref()),
            (MatchedBy::HgncId, gene.hgnc.as_deref()),
            (MatchedBy::Symbol, gene.symbol.as_deref()),
            (MatchedBy::Alias, gene.symbol.as_deref()),
        ];
        let mut hits: Vec<PanelHit> = Vec::new();
        for (by, name) in names {
            let Some(name) = name else { continue };
            let Some(places) = self.by_name.get(&(by, name.to_ascii_uppercase())) else { continue };
            for &(panel, index) in places {
                let known = hits.iter().any(|hit| hit.panel == panel);
                let refused = by == MatchedBy::Alias && self.contradicts(panel, index, gene);
                if !known && !refused {
                    hits.push(PanelHit { panel, gene: index, by });
                }
            }
        }
        hits.sort_unstable();
        hits
    }

    /// A panel lists the gene, and not as a coding one: its product may be RNA.
    pub fn lists_rna_gene(&self, gene: &GeneRef) -> bool {
        let coding = |hit: &PanelHit| self.gene(*hit).biotype.as_deref() == Some("protein_coding");
        let hits = self.find(gene);
        !hits.is_empty() && !hits.iter().any(coding)
    }

    /// An alias of one gene is often the symbol of another: ids that both sides give and that differ refuse it.
    fn contradicts(&self, panel: usize, index: usize, gene: &GeneRef) -> bool {
        let entry = &self.panels[panel].genes[index];
        let ensembl = gene
            .ensembl
            .as_ref()
            .is_some_and(|id| !entry.ensembl.is_empty() && !entry.ensembl.contains(id));
        let hgnc = matches!((&gene.hgnc, &entry.hgnc), (Some(a), Some(b)) if a != b);
        ensembl || hgnc
    }
}

/// The gene lists of somatic domains, looked up as panels are.
#[derive(Clone, Debug, Default)]
pub struct DomainLists {
    /// Potentially actionable genes (domain 1).
    pub domain1: PanelSet,
    /// Other cancer genes (domain 2).
    pub domain2: PanelSet,
}

impl DomainLists {
    /// Either list names the gene.
    pub fn hold(&self, gene: &GeneRef) -> bool {
        [&self.domain1, &self.domain2].into_iter().any(|list| !list.find(gene).is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Symbol, HGNC id, Ensembl ids, aliases.
    type Row<'a> = (&'a str, Option<&'a str>, &'a [&'a str], &'a [&'a str]);

    fn panel(genes: &[Row<'_>]) -> Panel {
        let genes = genes
            .iter()
            .map(|(symbol, hgnc, ensembl, aliases)| PanelGene {
                symbol: (*symbol).into(),
                hgnc: hgnc.map(Into::into),
                ensembl: ensembl.iter().map(|&s| s.into()).collect(),
                aliases: aliases.iter().map(|&s| s.into()).collect(),
                ..PanelGene::default()
            })
            .collect();
        Panel { id: "1".into(), genes, ..Panel::default() }
    }

    fn gene(ensembl: Option<&str>, symbol: &str) -> GeneRef {
        GeneRef { ensembl: ensembl.map(Into::into), hgnc: None, symbol: Some(symbol.into()) }
    }

    #[test]
    fn ids_come_before_symbols_and_aliases() {
        let set = PanelSet::new(vec![panel(&[
            ("NEW1", Some("HGNC:1"), &["ENSG1"], &["OLD1"]),
            ("OLD1", Some("HGNC:2"), &["ENSG2"], &[]),
        ])]);
        let found =
            |g: &GeneRef| set.find(g).into_iter().map(|hit| (hit.gene, hit.by)).collect::<Vec<_>>();
        assert_eq!(found(&gene(Some("ENSG1"), "OLD1")), [(0, MatchedBy::EnsemblId)]);
        assert_eq!(found(&gene(None, "OLD1")), [(1, MatchedBy::Symbol)]);
        assert_eq!(found(&gene(None, "NEW1")), [(0, MatchedBy::Symbol)]);
    }

    #[test]
    fn an_alias_is_refused_when_ids_differ() {
        let set = PanelSet::new(vec![panel(&[("NEW1", None, &["ENSG1"], &["OLD1"])])]);
        assert_eq!(set.find(&gene(Some("ENSG9"), "OLD1")), []);
        assert_eq!(set.find(&gene(None, "OLD1"))[0].by, MatchedBy::Alias);
    }

    #[test]
    fn panelapp_spellings_of_modes() {
        let cases = [
            (
                "MONOALLELIC, autosomal or pseudoautosomal, NOT imprinted",
                PanelMode::MonoallelicNotImprinted,
            ),
            (
                "MONOALLELIC, autosomal or pseudoautosomal, maternally imprinted (paternal allele expressed)",
                PanelMode::MonoallelicMaternallyImprinted,
            ),
            (
                "MONOALLELIC, autosomal or pseudoautosomal, imprinted status unknown",
                PanelMode::Monoallelic,
            ),
            ("BIALLELIC, autosomal or pseudoautosomal", PanelMode::Biallelic),
            ("BOTH monoallelic and biallelic, autosomal or pseudoautosomal", PanelMode::Both),
            (
                "BOTH monoallelic and biallelic (but BIALLELIC mutations cause a more SEVERE disease form), \
                 autosomal or pseudoautosomal",
                PanelMode::BothMoreSevereBiallelic,
            ),
            (
                "X-LINKED: hemizygous mutation in males, biallelic mutations in females",
                PanelMode::XLinkedBiallelic,
            ),
            (
                "X-LINKED: hemizygous mutation in males, monoallelic mutations in females may cause disease \
                 (may be less severe, later onset than males)",
                PanelMode::XLinkedMonoallelic,
            ),
            ("Other - please specifiy in evaluation comments", PanelMode::Unknown),
            ("", PanelMode::Unknown),
        ];
        for (text, mode) in cases {
            assert_eq!(PanelMode::parse(text), mode, "{text}");
        }
    }
}
