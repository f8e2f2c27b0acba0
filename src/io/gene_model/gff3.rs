//! GFF3 (Ensembl, GENCODE, RefSeq): exons point to transcripts and these to genes by `Parent`, in any order.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::model::coord::Span;
use crate::model::gene_model::{Mark, Strand};

use super::LineReader;
use super::draft::{Draft, GeneLine};
use super::lines::{feature, hgnc};

/// The reader: features wait until all parents are known.
#[derive(Debug, Default)]
pub(super) struct Gff3 {
    /// Contigs, to name each once.
    contigs: Vec<String>,
    features: HashMap<String, Node>,
    parts: Vec<Part>,
}

/// A gene or a transcript.
#[derive(Debug, Default)]
struct Node {
    parent: Option<String>,
    /// The id without its kind: `gene_id` or `transcript_id`, else from `ID`.
    id: String,
    symbol: Option<String>,
    hgnc: Option<String>,
    biotype: Option<String>,
    mark: Mark,
}

/// An exon or a coding part.
#[derive(Debug)]
struct Part {
    parent: String,
    contig: usize,
    span: Span,
    strand: Option<Strand>,
    coding: bool,
    line: usize,
}

/// Undoes percent encoding.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let (mut plain, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let code = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if bytes[at] == b'%' => {
                plain.push(byte);
                at += 3;
            }
            _ => {
                plain.push(bytes[at]);
                at += 1;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&plain).into_owned())
}

fn attributes(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split(';').filter_map(|pair| pair.split_once('=')).map(|(key, value)| (key.trim(), value))
}

impl Gff3 {
    fn contig(&mut self, name: &str) -> usize {
        // Files are sorted by contig: the last one is nearly always meant.
        let known = self.contigs.iter().rposition(|known| known == name);
        known.unwrap_or_else(|| {
            self.contigs.push(name.to_owned());
            self.contigs.len() - 1
        })
    }

    fn node(&mut self, text: &str) {
        let (mut node, mut id, mut own, mut name) = (Node::default(), None, None, None);
        for (key, value) in attributes(text) {
            let value = decoded(value);
            match key {
                "ID" => id = Some(value.into_owned()),
                "Parent" => node.parent = value.split(',').next().map(str::to_owned),
                "gene_id" if own.is_none() => own = Some(value.into_owned()),
                "transcript_id" => own = Some(value.into_owned()),
                "gene_name" | "gene" => node.symbol = Some(value.into_owned()),
                "Name" => name = Some(value.into_owned()),
                "hgnc_id" => node.hgnc = hgnc(&value),
                // Ensembl, GENCODE, RefSeq.
                "biotype" | "gene_type" | "gene_biotype" => node.biotype = Some(value.into_owned()),
                "Dbxref" | "description" => node.hgnc = node.hgnc.or_else(|| hgnc(&value)),
                "tag" => {
                    let marks = value.split(',').map(Mark::of_tag);
                    node.mark = marks.fold(node.mark, Mark::min);
                }
                _ => {}
            }
        }
        let Some(id) = id else { return };
        let bare = |id: &str| {
            let kinds = ["gene:", "transcript:", "gene-", "rna-"];
            kinds.iter().find_map(|kind| id.strip_prefix(kind)).unwrap_or(id).to_owned()
        };
        node.id = own.unwrap_or_else(|| bare(&id));
        if node.parent.is_none() {
            node.symbol = node.symbol.or(name);
        }
        self.features.insert(id, node);
    }

    /// Brings one exon or coding part to its transcript.
    fn place(&self, part: &Part, draft: &mut Draft) -> Result<(), String> {
        let unknown = |parent: &str| format!("its parent {parent:?} is not in this file");
        let parent = self.features.get(&part.parent).ok_or_else(|| unknown(&part.parent))?;
        // An exon right below its gene stands for a transcript of the gene's name.
        let gene = match &parent.parent {
            Some(gene) => self.features.get(gene).ok_or_else(|| unknown(gene))?,
            None => parent,
        };
        let at = draft.gene(GeneLine {
            contig: &self.contigs[part.contig],
            id: &gene.id,
            symbol: gene.symbol.as_deref(),
            hgnc: gene.hgnc.as_deref(),
            biotype: gene.biotype.as_deref(),
            strand: part.strand,
        });
        let transcript = draft.transcript(at, &parent.id, parent.mark);
        if part.coding {
            draft.coding(transcript, part.span);
        } else {
            draft.exon(transcript, part.span, None, part.line);
        }
        Ok(())
    }
}

impl LineReader for Gff3 {
    fn line(&mut self, text: &str, number: usize, _: &mut Draft) -> Result<(), String> {
        let feature = feature(text)?;
        let coding = feature.kind == "CDS";
        if !coding && feature.kind != "exon" {
            if !feature.kind.ends_with("_UTR") && !feature.kind.ends_with("_codon") {
                self.node(feature.attributes);
            }
            return Ok(());
        }
        let parents = attributes(feature.attributes).find(|(key, _)| *key == "Parent");
        let Some((_, parents)) = parents else {
            return Err(format!("this {} has no Parent", feature.kind));
        };
        let contig = self.contig(feature.contig);
        for parent in parents.split(',') {
            self.parts.push(Part {
                parent: decoded(parent).into_owned(),
                contig,
                span: feature.span,
                strand: feature.strand,
                coding,
                line: number,
            });
        }
        Ok(())
    }

    fn end(&mut self, draft: &mut Draft) -> Vec<(usize, String)> {
        let parts = std::mem::take(&mut self.parts);
        let faults =
            parts.iter().filter_map(|part| Some((part.line, self.place(part, draft).err()?)));
        faults.take(super::MAX_FAULTS).collect()
    }
}
