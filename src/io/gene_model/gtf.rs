//! GTF 2.2 (Ensembl, GENCODE, RefSeq): `exon`, `CDS` and `stop_codon` lines carry gene and transcript themselves.

use crate::model::gene_model::Mark;

use super::LineReader;
use super::draft::{Draft, GeneLine};
use super::lines::{feature, hgnc};

/// The reader.
#[derive(Debug, Default)]
pub(super) struct Gtf;

/// The attributes that matter.
#[derive(Debug, Default)]
struct Attributes<'a> {
    gene: Option<&'a str>,
    symbol: Option<&'a str>,
    transcript: Option<&'a str>,
    hgnc: Option<String>,
    biotype: Option<&'a str>,
    mark: Mark,
}

impl<'a> Attributes<'a> {
    /// Keys come as `key "value";`; `tag` and `db_xref` may repeat.
    fn parse(text: &'a str) -> Self {
        let mut found = Self::default();
        let mut rest = text.trim();
        while let Some((key, after)) = rest.split_once(' ') {
            let after = after.trim_start();
            let (value, after) = match after.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
                None => after.split_at(after.find(';').unwrap_or(after.len())),
            };
            found.set(key.trim(), value.trim());
            rest = after.trim_start_matches([';', ' ']);
        }
        found
    }

    fn set(&mut self, key: &str, value: &'a str) {
        match key {
            "gene_id" => self.gene = Some(value),
            // RefSeq calls the symbol `gene`.
            "gene_name" | "gene" => self.symbol = Some(value),
            "transcript_id" => self.transcript = Some(value).filter(|id| !id.is_empty()),
            "hgnc_id" => self.hgnc = hgnc(value).or_else(|| hgnc(&format!("HGNC:{value}"))),
            "gene_biotype" | "gene_type" => self.biotype = Some(value),
            "db_xref" if value.starts_with("HGNC:") => self.hgnc = hgnc(value),
            "tag" => self.mark = self.mark.min(Mark::of_tag(value)),
            _ => {}
        }
    }
}

impl LineReader for Gtf {
    fn line(&mut self, text: &str, number: usize, draft: &mut Draft) -> Result<(), String> {
        let feature = feature(text)?;
        if !matches!(feature.kind, "gene" | "transcript" | "exon" | "CDS" | "stop_codon") {
            return Ok(());
        }
        let attributes = Attributes::parse(feature.attributes);
        let id = attributes.gene.filter(|id| !id.is_empty()).ok_or("has no gene_id")?;
        let gene = draft.gene(GeneLine {
            contig: feature.contig,
            id,
            symbol: attributes.symbol,
            hgnc: attributes.hgnc.as_deref(),
            biotype: attributes.biotype,
            strand: feature.strand,
        });
        if feature.kind == "gene" {
            return Ok(());
        }
        let Some(transcript) = attributes.transcript else {
            return Err(format!("this {} has no transcript_id", feature.kind));
        };
        let transcript = draft.transcript(gene, transcript, attributes.mark);
        match feature.kind {
            "exon" => draft.exon(transcript, feature.span, None, number),
            // GTF does not count the stop codon to the CDS, GFF3 does.
            "CDS" | "stop_codon" => draft.coding(transcript, feature.span),
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, _: &mut Draft) -> Vec<(usize, String)> {
        Vec::new()
    }
}
