//! Consequences of SnpEff `ANN` and bcftools `BCSQ` against independent readings of the same files.
#![allow(clippy::unwrap_used, reason = "a test program stops at what it cannot read")]

mod common;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use common::{gunzip_text, oracle, run, scratch, shared_file, stdout_of};
use tierline::exec::stream::joint_consequences;
use tierline::io::variants::{
    ChunkReader, Layout, Loader, RawRecord, VariantFile, Wanted, alternates,
};
use tierline::model::annotation::AnnotationSource;
use tierline::model::candidate::{Annotated, Part};
use tierline::model::contig::ContigTable;
use tierline::model::so::SoTerm;

/// Calls `each` for every ALT of every record, its consequences read from annotations of `source`; returns what was not
/// understood.
fn variants(
    path: &Path,
    source: AnnotationSource,
    mut each: impl FnMut(&RawRecord, &Annotated),
) -> Vec<String> {
    let file = VariantFile::open(path).unwrap();
    let mut contigs = ContigTable::new();
    for contig in &file.header().contigs {
        contigs.add(&contig.name, contig.length).unwrap();
    }
    for name in (1..=22).map(|n| n.to_string()).chain(["X", "Y", "MT"].map(str::to_owned)) {
        contigs.add(&name, None).unwrap();
    }
    let wanted = Wanted {
        contigs: &contigs,
        members: 0,
        samples: &[],
        populations: &[],
        annotations: &[source],
        file: 0,
    };
    let layout = Layout::new(file.name(), file.header(), &wanted).unwrap();
    let joint = joint_consequences(&file, &layout, 1).unwrap();
    let mut loader = Loader::new(&layout, None).with_joint(joint.as_ref());
    let mut out = loader.annotated();
    let chunks = file.chunks().unwrap();
    let mut reader = ChunkReader::new(chunks.kind());
    for chunk in chunks {
        let mut lines = reader.lines(chunk.unwrap()).unwrap();
        while let Some(record) = lines.next() {
            let record = record.unwrap();
            for number in alternates(&record) {
                for part in [Part::Site, Part::Consequences, Part::Names] {
                    loader.load(&record, part, number, &mut out).unwrap();
                }
                each(&record, &out);
            }
        }
    }
    loader.unknown_terms.into_keys().collect()
}

/// Terms of a word list as this program names them, sorted; the root of the ontology when no word is known.
fn terms(words: &str) -> String {
    let mut terms: Vec<&str> =
        words.split('&').filter_map(SoTerm::parse).map(SoTerm::name).collect();
    terms.sort_unstable();
    terms.dedup();
    if terms.is_empty() { "sequence_variant".into() } else { terms.join("&") }
}

/// One line for each consequence: position, terms, gene, transcript, biotype, change.
fn lines(path: &Path, source: AnnotationSource) -> (Vec<String>, Vec<String>) {
    let mut found = Vec::new();
    let unknown = variants(path, source, |record, out| {
        for one in out.consequences.iter().filter(|one| one.source == source) {
            let or_dot = |text: &Option<String>| text.clone().unwrap_or_else(|| ".".into());
            let mut terms: Vec<&str> = one.terms.iter().map(|term| term.name()).collect();
            terms.sort_unstable();
            let change = if source == AnnotationSource::Ann { &one.hgvs_c } else { &one.hgvs_p };
            let words = [&one.gene.symbol, &one.transcript, &one.biotype, change].map(or_dot);
            found.push(format!("{}\t{}\t{}", record.position(), terms.join("&"), words.join("\t")));
        }
    });
    (found, unknown)
}

fn dotted(text: &str) -> &str {
    if text.is_empty() || text == "-" { "." } else { text }
}

#[test]
fn snpeff_annotations_are_what_plain_splitting_gives() {
    let Some(path) = shared_file("variants/clinic-trio-b37/643594.clinical.vcf.gz") else { return };
    let mut expected = Vec::new();
    for line in gunzip_text(&path).lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split('\t').collect();
        let info = columns[7].split(';').find_map(|item| item.strip_prefix("ANN="));
        for alternate in columns[4].split(',') {
            for entry in info.unwrap_or_default().split(',') {
                let fields: Vec<&str> = entry.split('|').collect();
                if fields[0] != alternate {
                    continue;
                }
                let gene = if fields[1].contains("intergenic") { "." } else { dotted(fields[3]) };
                let names = [gene, dotted(fields[6]), dotted(fields[7]), dotted(fields[9])];
                expected.push(format!(
                    "{}\t{}\t{}",
                    columns[1],
                    terms(fields[1]),
                    names.join("\t")
                ));
            }
        }
    }
    let (found, unknown) = lines(&path, AnnotationSource::Ann);
    assert!(expected.len() > 1000, "{} entries", expected.len());
    assert!(found == expected, "{} of {} entries", found.len(), expected.len());
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn bcsq_annotations_are_those_of_split_vep() {
    let Some(path) = shared_file("variants/ashk-trio-b37/ashk-trio.vcf.gz") else { return };
    let Some(bcftools) = oracle("bcftools") else { return };
    // The plugin reads only headers in the manner of VEP.
    let folder = scratch();
    let copy = folder.path().join("copy.vcf");
    let text = gunzip_text(&path);
    let fields = "Consequence|gene|transcript|biotype|strand|amino_acid_change|dna_change";
    let lines_of_copy = text.lines().map(|line| {
        if line.starts_with("##INFO=<ID=BCSQ,") {
            format!("##INFO=<ID=BCSQ,Number=.,Type=String,Description=\"Format: {fields}\">\n")
        } else {
            format!("{line}\n")
        }
    });
    std::fs::write(&copy, lines_of_copy.collect::<String>()).unwrap();
    let format = "%POS\t%Consequence\t%gene\t%transcript\t%biotype\t%amino_acid_change\n";
    let mut command = Command::new(bcftools);
    command.args(["+split-vep", "-i", "N_ALT==1", "-a", "BCSQ", "-d", "-f", format]);
    let query = stdout_of(command.arg(&copy));
    let expected: Vec<String> = query
        .lines()
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            let words = terms(fields[1].trim_start_matches('*'));
            let names: Vec<&str> = fields[2..].iter().map(|field| dotted(field)).collect();
            format!("{}\t{words}\t{}", fields[0], names.join("\t"))
        })
        .collect();
    let mut single = std::collections::BTreeSet::new();
    variants(&path, AnnotationSource::Bcsq, |record, _| {
        if record.alternates().count() == 1 {
            single.insert(record.position().to_string());
        }
    });
    let (found, unknown) = lines(&path, AnnotationSource::Bcsq);
    let found: Vec<&String> =
        found.iter().filter(|line| single.contains(line.split('\t').next().unwrap())).collect();
    assert!(expected.len() > 1000, "{} entries", expected.len());
    assert!(found.iter().copied().eq(&expected), "{} of {}", found.len(), expected.len());
    assert!(unknown.is_empty(), "{unknown:?}");
}

/// A gene of 30 codons on the given strand, from base 101 of contig 1: reference, gene model, variants.
fn gene(folder: &Path, forward: bool) {
    let (coding, changes, strand) = if forward {
        (format!("ATG{}TAA", "AAA".repeat(28)), [(104, 'A', 'G'), (105, 'A', 'T')], '+')
    } else {
        // Read backwards: ATG, AAA ..., TAA.
        (format!("TTA{}CAT", "TTT".repeat(28)), [(185, 'T', 'A'), (187, 'T', 'C')], '-')
    };
    let sequence = format!("{}{coding}{}", "C".repeat(100), "C".repeat(110));
    std::fs::write(folder.join("r.fa"), format!(">1\n{sequence}\n")).unwrap();
    std::fs::write(folder.join("r.fa.fai"), "1\t300\t3\t300\t301\n").unwrap();
    let mut model = String::from("##gff-version 3\n");
    for (kind, phase, attributes) in [
        ("gene", '.', "ID=gene:ENSG1;biotype=protein_coding;Name=G1"),
        ("mRNA", '.', "ID=transcript:ENST1;Parent=gene:ENSG1;biotype=protein_coding"),
        ("exon", '.', "Parent=transcript:ENST1"),
        ("CDS", '0', "Parent=transcript:ENST1"),
    ] {
        writeln!(model, "1\ttest\t{kind}\t101\t190\t.\t{strand}\t{phase}\t{attributes}").unwrap();
    }
    std::fs::write(folder.join("g.gff"), model).unwrap();
    let mut calls = String::from(
        "##fileformat=VCFv4.2\n##contig=<ID=1,length=300>\n\
         ##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n\
         #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n",
    );
    for (position, reference, alternate) in changes {
        writeln!(calls, "1\t{position}\t.\t{reference}\t{alternate}\t50\tPASS\t.\tGT\t0|1")
            .unwrap();
    }
    std::fs::write(folder.join("v.vcf"), calls).unwrap();
}

#[test]
fn pointers_of_bcftools_csq_are_followed_both_ways() {
    let Some(bcftools) = oracle("bcftools") else { return };
    for forward in [true, false] {
        let folder = scratch();
        gene(folder.path(), forward);
        let annotated = folder.path().join("csq.vcf");
        let mut command = Command::new(&bcftools);
        command
            .current_dir(folder.path())
            .args(["csq", "-f", "r.fa", "-g", "g.gff", "v.vcf", "-o"]);
        run(command.arg(&annotated));
        let text = std::fs::read_to_string(&annotated).unwrap();
        assert_eq!(text.matches("BCSQ=@").count(), 1, "{text}");
        let (found, unknown) = lines(&annotated, AnnotationSource::Bcsq);
        let rest: Vec<&str> = found.iter().map(|line| line.split_once('\t').unwrap().1).collect();
        assert_eq!(rest.len(), 2, "{text}");
        assert_eq!(rest[0], rest[1], "both records have the joint consequence");
        assert!(rest[0].starts_with("missense_variant\tG1\tENST1\tprotein_coding\t2K>2"), "{text}");
        assert!(unknown.is_empty());
        // Without the record that holds it the pointer leads nowhere, and is counted.
        let cut: String = text
            .lines()
            .filter(|line| !line.contains("BCSQ=missense"))
            .fold(String::new(), |text, line| text + line + "\n");
        let path = folder.path().join("cut.vcf");
        std::fs::write(&path, cut).unwrap();
        let (found, unknown) = lines(&path, AnnotationSource::Bcsq);
        assert!(found.is_empty());
        assert_eq!(unknown, ["@position"]);
    }
}
