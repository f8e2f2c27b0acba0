use super::*;
use crate::model::coord::Span;
use crate::model::gene_model::{Gene, Mark, Strand};

fn parsed(text: &str) -> Result<GeneModel, String> {
    parse(&mut text.as_bytes(), "x").map_err(|problems| problems.to_string())
}

fn spans(gene: &Gene, transcript: usize) -> Vec<(u32, u32, u32)> {
    let exons = gene.transcripts[transcript].exons.iter();
    exons.map(|exon| (exon.span.start, exon.span.end, exon.number)).collect()
}

const ENSEMBL_GFF3: &str = "\
##gff-version 3
##sequence-region 2 1 243199373
2\tGRCh37\tchromosome\t1\t243199373\t.\t.\t.\tID=chromosome:2
2\te\texon\t21\t30\t.\t-\t.\tParent=transcript:ENST1;Name=ENSE1
2\te\tgene\t11\t50\t.\t-\t.\tID=gene:ENSG1;Name=AAA;description=a %5BSource:HGNC Symbol%3BAcc:33340%5D;gene_id=ENSG1
2\te\ttranscript\t11\t50\t.\t-\t.\tID=transcript:ENST1;Parent=gene:ENSG1;tag=basic,MANE_Select;transcript_id=ENST1
2\te\texon\t41\t50\t.\t-\t.\tParent=transcript:ENST1;Name=ENSE2
2\te\tCDS\t45\t48\t.\t-\t0\tID=CDS:P1;Parent=transcript:ENST1
2\te\tCDS\t25\t30\t.\t-\t0\tID=CDS:P1;Parent=transcript:ENST1
2\te\tthree_prime_UTR\t21\t24\t.\t-\t.\tParent=transcript:ENST1
";

#[test]
fn gff3_of_ensembl_with_children_before_parents() {
    let model = parsed(ENSEMBL_GFF3).unwrap();
    assert_eq!((model.format, &model.lengths[..]), ("GFF3", &[("2".to_owned(), 243_199_373)][..]));
    let gene = &model.genes[0];
    assert_eq!(
        (gene.id.as_str(), gene.symbol.as_str(), gene.strand),
        ("ENSG1", "AAA", Some(Strand::Reverse))
    );
    assert_eq!(gene.hgnc.as_deref(), Some("HGNC:33340"));
    assert_eq!(spans(gene, 0), [(20, 30, 2), (40, 50, 1)]);
    let transcript = &gene.transcripts[0];
    assert_eq!((transcript.mark, transcript.cds), (Mark::ManeSelect, Some(Span::new(24, 48))));
}

#[test]
fn gff3_of_refseq_and_gencode() {
    let refseq = "\
NC_000020.11\tB\tgene\t11\t50\t.\t+\t.\tID=gene-KCNQ2;Dbxref=GeneID:3785,HGNC:HGNC:6296;Name=KCNQ2;gene=KCNQ2
NC_000020.11\tB\tmRNA\t11\t50\t.\t+\t.\tID=rna-NM_1.2;Parent=gene-KCNQ2;tag=MANE Select;transcript_id=NM_1.2;gene=KCNQ2
NC_000020.11\tB\texon\t11\t50\t.\t+\t.\tID=exon-NM_1.2-1;Parent=rna-NM_1.2;transcript_id=NM_1.2
";
    let gene = &parsed(refseq).unwrap().genes[0];
    assert_eq!((gene.symbol.as_str(), gene.hgnc.as_deref()), ("KCNQ2", Some("HGNC:6296")));
    assert_eq!(
        (gene.transcripts[0].id.as_str(), gene.transcripts[0].mark),
        ("NM_1.2", Mark::ManeSelect)
    );
    let gencode = "\
chrX\tH\tgene\t11\t50\t.\t+\t.\tID=ENSG2.3_PAR_Y;gene_id=ENSG2.3_PAR_Y;gene_name=PPP;hgnc_id=HGNC:7
chrX\tH\ttranscript\t11\t50\t.\t+\t.\tID=ENST2.1;Parent=ENSG2.3_PAR_Y;gene_id=ENSG2.3_PAR_Y;transcript_id=ENST2.1;tag=basic,Ensembl_canonical
chrX\tH\texon\t11\t50\t.\t+\t.\tID=exon:ENST2.1:1;Parent=ENST2.1;gene_id=ENSG2.3_PAR_Y;transcript_id=ENST2.1
";
    let gene = &parsed(gencode).unwrap().genes[0];
    assert_eq!(gene.names().ensembl.as_deref(), Some("ENSG2"));
    assert_eq!(gene.transcripts[0].mark, Mark::Canonical);
}

#[test]
fn the_biotype_is_that_of_the_gene() {
    let gff3 = "\
2\th\tgene\t11\t50\t.\t+\t.\tID=gene:ENSG1;Name=AAA;biotype=lncRNA
2\th\tmRNA\t11\t50\t.\t+\t.\tID=transcript:ENST1;Parent=gene:ENSG1;biotype=retained_intron
2\th\texon\t11\t50\t.\t+\t.\tParent=transcript:ENST1
";
    let gtf = "2\th\texon\t11\t50\t.\t+\t.\tgene_id \"ENSG1\"; transcript_id \"ENST1\"; gene_type \"lncRNA\"; transcript_type \"retained_intron\";\n";
    for text in [gff3.to_owned(), gtf.to_owned()] {
        let model = parsed(&text).unwrap();
        assert_eq!(model.genes[0].biotype.as_deref(), Some("lncRNA"), "{text}");
        let bare = parsed(
            &text
                .replace("=lncRNA", "=")
                .replace("biotype=;", "")
                .replace("; gene_type \"lncRNA\"", ""),
        );
        assert!(bare.unwrap().genes[0].biotype.as_deref().unwrap_or_default().is_empty());
    }
}

#[test]
fn gtf_counts_the_stop_codon_to_the_coding_part() {
    let text = "\
chr1\tH\texon\t101\t200\t.\t-\t.\tgene_id \"ENSG1.1\"; transcript_id \"ENST1.1\"; gene_name \"A;B\"; tag \"basic\"; tag \"MANE_Select\"; hgnc_id \"HGNC:5\";
chr1\tH\texon\t301\t400\t.\t-\t.\tgene_id \"ENSG1.1\"; transcript_id \"ENST1.1\"; gene_name \"A;B\"; exon_number 1;
chr1\tH\tCDS\t150\t200\t.\t-\t.\tgene_id \"ENSG1.1\"; transcript_id \"ENST1.1\";
chr1\tH\tstop_codon\t147\t149\t.\t-\t.\tgene_id \"ENSG1.1\"; transcript_id \"ENST1.1\";
";
    let model = parsed(text).unwrap();
    let gene = &model.genes[0];
    assert_eq!(
        (model.format, gene.symbol.as_str(), gene.hgnc.as_deref()),
        ("GTF", "A;B", Some("HGNC:5"))
    );
    assert_eq!(spans(gene, 0), [(100, 200, 2), (300, 400, 1)]);
    assert_eq!(gene.transcripts[0].cds, Some(Span::new(146, 200)));
    assert_eq!(gene.transcripts[0].mark, Mark::ManeSelect);
}

#[test]
fn bed12_with_and_without_the_columns_behind() {
    let plain = "chr1\t100\t400\tG|T\t0\t-\t120\t390\t0\t2\t100,50,\t0,250,\n";
    let model = parsed(plain).unwrap();
    assert_eq!(
        (model.format, spans(&model.genes[0], 0)),
        ("BED12", vec![(100, 200, 2), (350, 400, 1)])
    );
    assert_eq!(
        (model.genes[0].symbol.as_str(), model.genes[0].transcripts[0].id.as_str()),
        ("G", "T")
    );
    let wide = plain.trim_end().to_owned()
        + "\tT\tcmpl\tcmpl\t0,0,\tmRNA\tENSG9.1\tSYM\tprotein_coding\tP\tN\tGeneID:1\tNP\tMANE Plus Clinical\n";
    let gene = &parsed(&wide).unwrap().genes[0];
    assert_eq!((gene.id.as_str(), gene.symbol.as_str()), ("ENSG9.1", "SYM"));
    assert_eq!(gene.transcripts[0].mark, Mark::ManePlusClinical);
}

#[test]
fn exon_bed_by_name_and_by_header() {
    let model = parsed("1\t10\t20\tG|T|exon2\t0\t-\n1\t30\t40\tG|T|exon1\t0\t-\n").unwrap();
    assert_eq!(
        (model.format, spans(&model.genes[0], 0)),
        ("exon BED", vec![(10, 20, 2), (30, 40, 1)])
    );
    let header = "#contig\tstart\tend\texon_id\tgene_name\texon_number\ttranscript_id\n1\t10\t20\tE\tG\t1\tT\n";
    assert_eq!(spans(&parsed(header).unwrap().genes[0], 0), [(10, 20, 1)]);
}

#[test]
fn one_gene_on_two_contigs_is_two_genes() {
    let model = parsed("X\t10\t20\tG|T|exon1\nY\t10\t20\tG|T|exon1\n").unwrap();
    assert_eq!(model.genes.iter().map(|gene| gene.contig.as_str()).collect::<Vec<_>>(), ["X", "Y"]);
}

#[test]
fn bad_lines_are_named_with_the_value() {
    for (text, expected) in [
        ("", "x: holds no gene model"),
        ("hello\n", "line 1: \"hello\" is no line of a known gene model"),
        ("1\t2\t3\tname\n", "is no line of a known gene model"),
        (
            "1\t10\t20\tG|T|exon1\n1\t30\t25\tG|T|exon2\n",
            "line 2: starts at 30, not before its end 25",
        ),
        (
            "1\t10\t20\tG|T|exon1\n1\t30\t35\tG|T\n",
            "line 2: name \"G|T\" is not GENE|TRANSCRIPT|exonN",
        ),
        (
            "1\t10\t20\tG|T|exon1\n1\t30\t35\tG|T|exon1\n",
            "line 1: transcript \"T\" has two exons of number 1",
        ),
        (
            "1\t10\t20\tG|T|exon1\n1\t15\t35\tG|T|exon2\n",
            "exons of transcript \"T\" overlap at 16-20",
        ),
        ("1\t10\t20\tG|T|first\n", "\"first\" is no number of an exon"),
        ("1\t5\t9\tn\t0\t+\t5\t5\t0\t2\t1,\t0,\n", "states 2 blocks"),
        ("1\t5\t9\tn\t0\t+\t5\t5\t0\t1\t8,\t0,\n", "block at 0 of 8 bp lies outside"),
        (
            "1\t.\texon\t5\t9\t.\t+\t.\tParent=gone\n",
            "line 1: its parent \"gone\" is not in this file",
        ),
        ("1\t.\texon\t5\t9\t.\t+\t.\tID=e\n", "this exon has no Parent"),
        ("1\t.\texon\t5\t9\t.\t*\t.\tID=e\n", "strand \"*\" is none of"),
        (
            "1\t.\tgene\t5\t9\t.\t+\t.\tID=g\n1\t.\texon\t9\t5\t.\t+\t.\tParent=g\n",
            "starts at 9, behind its end 5",
        ),
        ("1\t.\tgene\t5\t9\t.\t+\t.\tID=g\n", "x: holds no exon"),
        ("1\t.\texon\t5\t9\t.\t+\t.\ttranscript_id \"t\";\n", "line 1: has no gene_id"),
        ("1\t.\texon\t5\t9\t.\t+\t.\tgene_id \"g\";\n", "this exon has no transcript_id"),
        (
            "1\t.\texon\t5\t9\t.\t+\t.\tParent=g\n1\t.\texon\n",
            "line 2: has fewer than nine columns",
        ),
    ] {
        let error = parsed(text).unwrap_err();
        assert!(error.contains(expected), "{text:?}: {error}");
    }
}

#[test]
fn gzip_and_plain_files_read_alike() {
    use std::io::Write as _;
    let folder = tempfile::tempdir().unwrap();
    let (plain, packed) = (folder.path().join("a.gff3"), folder.path().join("a.gff3.gz"));
    std::fs::write(&plain, ENSEMBL_GFF3).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(ENSEMBL_GFF3.as_bytes()).unwrap();
    std::fs::write(&packed, gzip.finish().unwrap()).unwrap();
    let (a, b) = (read(&plain).unwrap(), read(&packed).unwrap());
    assert_eq!(a.genes, b.genes);
    assert_eq!(a.sha256, crate::io::text::read(&plain).unwrap().sha256);
    assert_ne!(a.sha256, b.sha256);
    assert_eq!(read(&folder.path().join("none")).unwrap_err().0[0].kind.exit_code(), 66);
}
