//! Genes, their transcripts and exons, whatever file they came from. Positions are 0-based half-open.

use super::annotation::GeneRef;
use super::coord::Span;

/// The gene models of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GeneModel {
    /// The file as the user named it.
    pub file: String,
    /// `GFF3`, `GTF`, `BED12` or `exon BED`.
    pub format: &'static str,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
    /// Genes in the order in which the file names them first.
    pub genes: Vec<Gene>,
    /// Contigs whose length the file states (bp), with the names of the file.
    pub lengths: Vec<(String, u32)>,
}

/// One gene at one place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gene {
    /// Id as the file has it, without its kind (`ENSG00000186092.7`); the symbol when the file has none.
    pub id: String,
    /// Symbol; the id when the file has none.
    pub symbol: String,
    /// HGNC id with prefix, when stated.
    pub hgnc: Option<String>,
    /// Biotype of the gene, `protein_coding`, when stated.
    pub biotype: Option<String>,
    /// Contig as the file names it.
    pub contig: String,
    /// Strand, when stated.
    pub strand: Option<Strand>,
    /// Transcripts with at least one exon, in the order of the file.
    pub transcripts: Vec<Transcript>,
}

impl Gene {
    /// The names by which panels may know the gene.
    pub fn names(&self) -> GeneRef {
        let bare = self.id.split('.').next().unwrap_or_default();
        // GENCODE marks the copies in the pseudoautosomal region of Y so.
        let bare = bare.strip_suffix("_PAR_Y").unwrap_or(bare);
        GeneRef {
            ensembl: bare.starts_with("ENSG").then(|| bare.to_owned()),
            hgnc: self.hgnc.clone(),
            symbol: Some(self.symbol.clone()),
        }
    }
}

/// Direction of a gene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strand {
    /// As the reference is written.
    Forward,
    /// The other one.
    Reverse,
}

/// What a file says about the standing of a transcript; earlier is preferred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// MANE Select.
    ManeSelect,
    /// MANE Plus Clinical.
    ManePlusClinical,
    /// The one transcript that Ensembl or RefSeq choose for the gene (`Ensembl_canonical`, `RefSeq Select`).
    Canonical,
    /// Of GENCODE's and Ensembl's basic set.
    Basic,
    /// Nothing.
    #[default]
    None,
}

impl Mark {
    /// The word for tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::ManeSelect => "mane_select",
            Self::ManePlusClinical => "mane_plus_clinical",
            Self::Canonical => "canonical",
            Self::Basic => "basic",
            Self::None => ".",
        }
    }

    /// Reads one tag; `MANE Select`, `MANE_Select` and `mane_select` are the same.
    pub fn of_tag(tag: &str) -> Self {
        match tag.trim().to_ascii_lowercase().replace([' ', '-'], "_").as_str() {
            "mane_select" => Self::ManeSelect,
            "mane_plus_clinical" => Self::ManePlusClinical,
            "ensembl_canonical" | "refseq_select" | "canonical" => Self::Canonical,
            "basic" | "gencode_basic" => Self::Basic,
            _ => Self::None,
        }
    }
}

/// One transcript.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    /// Id as the file has it, without its kind (`ENST00000641515.2`).
    pub id: String,
    /// Its standing.
    pub mark: Mark,
    /// From the first to the last base that codes for protein; `None` when nothing does or the file does not say.
    pub cds: Option<Span>,
    /// Exons by ascending start.
    pub exons: Vec<Exon>,
}

/// One exon of a transcript.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exon {
    /// Its bases.
    pub span: Span,
    /// Its place in the transcript, 1-based, in the direction of the gene.
    pub number: u32,
}
