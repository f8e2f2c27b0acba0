//! Genes under construction: lines of any format arrive in any order.

use std::collections::HashMap;

use crate::model::coord::Span;
use crate::model::gene_model::{Exon, Gene, Mark, Strand, Transcript};

/// Index of a transcript in its [`Draft`].
pub(super) type TranscriptAt = usize;

/// The genes so far.
#[derive(Debug, Default)]
pub(super) struct Draft {
    genes: Vec<Gene>,
    by_gene: HashMap<(String, String), usize>,
    transcripts: Vec<DraftTranscript>,
    by_transcript: HashMap<(usize, String), TranscriptAt>,
    lengths: Vec<(String, u32)>,
}

#[derive(Debug)]
struct DraftTranscript {
    gene: usize,
    /// Line of its first exon.
    line: usize,
    numbered: bool,
    transcript: Transcript,
}

/// What a line says about its gene.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct GeneLine<'a> {
    pub(super) contig: &'a str,
    pub(super) id: &'a str,
    pub(super) symbol: Option<&'a str>,
    pub(super) hgnc: Option<&'a str>,
    pub(super) biotype: Option<&'a str>,
    pub(super) strand: Option<Strand>,
}

impl Draft {
    pub(super) fn length(&mut self, contig: &str, length: u32) {
        self.lengths.push((contig.to_owned(), length));
    }

    /// The gene of that id on that contig; what is not known of it yet is filled in.
    pub(super) fn gene(&mut self, line: GeneLine<'_>) -> usize {
        let key = (line.contig.to_owned(), line.id.to_owned());
        let genes = &mut self.genes;
        let at = *self.by_gene.entry(key).or_insert_with(|| {
            let (id, contig) = (line.id.to_owned(), line.contig.to_owned());
            genes.push(Gene { symbol: id.clone(), id, contig, ..Gene::default() });
            genes.len() - 1
        });
        let gene = &mut self.genes[at];
        if let Some(symbol) = line.symbol.filter(|symbol| !symbol.is_empty()) {
            symbol.clone_into(&mut gene.symbol);
        }
        if let Some(hgnc) = line.hgnc {
            gene.hgnc = Some(hgnc.to_owned());
        }
        if gene.biotype.is_none() {
            gene.biotype = line.biotype.filter(|name| !name.is_empty()).map(str::to_owned);
        }
        gene.strand = gene.strand.or(line.strand);
        at
    }

    /// The transcript of that id of a gene; the better mark stays.
    pub(super) fn transcript(&mut self, gene: usize, id: &str, mark: Mark) -> TranscriptAt {
        let transcripts = &mut self.transcripts;
        let at = *self.by_transcript.entry((gene, id.to_owned())).or_insert_with(|| {
            let transcript = Transcript { id: id.to_owned(), ..Transcript::default() };
            transcripts.push(DraftTranscript { gene, line: 0, numbered: false, transcript });
            transcripts.len() - 1
        });
        let own = &mut self.transcripts[at].transcript.mark;
        *own = mark.min(*own);
        at
    }

    /// Adds an exon; without a number it gets its place along the transcript.
    pub(super) fn exon(&mut self, at: TranscriptAt, span: Span, number: Option<u32>, line: usize) {
        let draft = &mut self.transcripts[at];
        if draft.line == 0 {
            draft.line = line;
        }
        draft.numbered |= number.is_some();
        draft.transcript.exons.push(Exon { span, number: number.unwrap_or(0) });
    }

    /// Adds a coding part.
    pub(super) fn coding(&mut self, at: TranscriptAt, span: Span) {
        let cds = &mut self.transcripts[at].transcript.cds;
        let whole = cds.unwrap_or(span);
        *cds = Some(Span::new(whole.start.min(span.start), whole.end.max(span.end)));
    }

    /// Sorts the exons; transcripts whose exons overlap or whose numbers repeat are faults.
    pub(super) fn faults(&mut self) -> Vec<(usize, String)> {
        let mut faults = Vec::new();
        for draft in &mut self.transcripts {
            let id = &draft.transcript.id;
            let exons = &mut draft.transcript.exons;
            exons.sort_by_key(|exon| exon.span);
            if let Some(pair) = exons.windows(2).find(|pair| pair[0].span.overlaps(pair[1].span)) {
                let (start, end) = (pair[1].span.start + 1, pair[0].span.end);
                let message = format!("exons of transcript {id:?} overlap at {start}-{end}");
                faults.push((draft.line, message));
            }
            let count = exons.len();
            let reverse = self.genes[draft.gene].strand == Some(Strand::Reverse);
            for (i, exon) in exons.iter_mut().enumerate().filter(|_| !draft.numbered) {
                exon.number = if reverse { count - i } else { i + 1 } as u32;
            }
            let mut numbers: Vec<u32> = exons.iter().map(|exon| exon.number).collect();
            numbers.sort_unstable();
            if let Some([number, _]) = numbers.array_windows::<2>().find(|[a, b]| a == b) {
                let message = format!("transcript {id:?} has two exons of number {number}");
                faults.push((draft.line, message));
            }
        }
        faults
    }

    /// The genes with at least one exon, and the lengths of contigs.
    pub(super) fn finish(self) -> (Vec<Gene>, Vec<(String, u32)>) {
        let mut genes = self.genes;
        for draft in self.transcripts {
            let mut transcript = draft.transcript;
            if !transcript.exons.is_empty() {
                transcript.exons.shrink_to_fit();
                genes[draft.gene].transcripts.push(transcript);
            }
        }
        genes.retain(|gene| !gene.transcripts.is_empty());
        (genes, self.lengths)
    }
}
