//! Written variant files as `bcftools` reads them, and damaged ones as nobody should: with a fault, never a panic.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test program stops at what it cannot read"
)]

mod common;

use std::io::Cursor;
use std::path::Path;
use std::process::Command;

use common::{oracle, scratch, shared_file, stdout_of};
use tierline::io::variants::{
    ChunkReader, Layout, Loader, OutputForm, VariantFile, VariantWriter, Wanted, alternates,
    one_alternate,
};
use tierline::model::candidate::Part;
use tierline::model::contig::ContigTable;
use tierline::model::problem::Problem;
use tierline::model::sample::MemberId;

fn bcftools(arguments: &[&str], file: &Path) -> Option<String> {
    let program = oracle("bcftools")?;
    Some(stdout_of(Command::new(program).args(arguments).arg(file)))
}

/// Reads everything of every variant; `each` gets the record split to one ALT.
fn read_all(file: &VariantFile, mut each: impl FnMut(&[u8])) -> Result<u64, Problem> {
    let header = file.header();
    let mut contigs = ContigTable::new();
    for name in header.contigs.iter().map(|contig| contig.name.as_str()).chain(["1", "20"]) {
        // Lengths of damaged headers may disagree; names are enough here.
        let _ = contigs.add(name, None);
    }
    let samples: Vec<(String, MemberId)> = header
        .samples
        .iter()
        .enumerate()
        .map(|(i, name)| (name.clone(), MemberId(i as u16)))
        .collect();
    let populations = [vec!["CSQ/gnomADe_AFR_AF".to_owned(), "INFO/EXACAF".to_owned()]];
    let wanted = Wanted {
        contigs: &contigs,
        members: samples.len(),
        samples: &samples,
        populations: &populations,
        annotations: &[],
        file: 0,
    };
    let layout = Layout::new("x", header, &wanted)?;
    let mut loader = Loader::new(&layout, None);
    let mut out = loader.annotated();
    let chunks = file.chunks()?;
    let mut reader = ChunkReader::new(chunks.kind());
    let mut records = 0;
    for chunk in chunks {
        let mut lines = reader.lines(chunk?)?;
        while let Some(record) = lines.next() {
            let record = record?;
            records += 1;
            if loader.contig(&record).is_none() {
                continue;
            }
            for number in alternates(&record) {
                for part in Part::ALL {
                    loader.load(&record, part, number, &mut out)?;
                }
                each(&one_alternate(&record, number, &out.variant, (header, None)));
            }
        }
    }
    Ok(records)
}

#[test]
fn written_files_read_back_in_every_form() {
    for name in [
        "variants/ashk-trio-grch38/Ashkenazim.vcf.gz",
        "variants/clinic-trio-b37/643594.clinical.vcf.gz",
        "variants/vep/na18566.chr21.vep111.vcf.gz",
    ] {
        let Some(path) = shared_file(name) else { return };
        let folder = scratch();
        let split = folder.path().join("split.vcf");
        if bcftools(&["norm", "-m-any", "-o", split.to_str().unwrap()], &path).is_none() {
            return;
        }
        // Without a reference nothing moves left; alleles are compared trimmed elsewhere.
        let format =
            "%CHROM\t%ID\t%QUAL\t%FILTER\t%INFO/AC\t%INFO/AF\t%INFO/DP[\t%AD;%DP;%GQ;%PL]\n";
        let keep = |text: String, column: &str| -> Vec<String> {
            let stars: Vec<&str> = column.lines().collect();
            let rows = text.lines().zip(stars).filter(|(_, alt)| *alt != "*");
            let mut rows: Vec<String> = rows.map(|(row, _)| row.to_owned()).collect();
            rows.sort_unstable();
            rows
        };
        let alts = bcftools(&["query", "-f", "%ALT\n"], &split).unwrap();
        let expected = keep(bcftools(&["query", "-f", format], &split).unwrap(), &alts);
        for (letter, ending) in [('z', "vcf.gz"), ('v', "vcf")] {
            let target = folder.path().join(format!("out.{ending}"));
            let file = VariantFile::open(&path).unwrap();
            let header = file.header();
            let text = header.to_text(&["##ours=yes".to_owned()], &header.samples);
            let form = OutputForm::of_letter(letter).unwrap();
            let mut writer = VariantWriter::create(&target, form, &text).unwrap();
            read_all(&file, |line| writer.write_line(line).unwrap()).unwrap();
            writer.finish().unwrap();
            let alts = bcftools(&["query", "-f", "%ALT\n"], &target).unwrap();
            let found = keep(bcftools(&["query", "-f", format], &target).unwrap(), &alts);
            assert!(found == expected, "{name} as {letter}");
            let head = bcftools(&["view", "-h"], &target).unwrap();
            assert!(head.contains("##ours=yes"));
        }
    }
}

#[test]
fn the_index_finds_records() {
    let Some(path) = shared_file("variants/platinum-quad-b37/quad.20.1-20000000.vcf.gz") else {
        return;
    };
    let folder = scratch();
    let target = folder.path().join("out.vcf.gz");
    let file = VariantFile::open(&path).unwrap();
    let text = file.header().to_text(&[], &file.header().samples);
    let mut writer = VariantWriter::create(&target, OutputForm::VcfGz, &text).unwrap();
    let mut lines = Vec::new();
    read_all(&file, |line| lines.push(line.to_vec())).unwrap();
    // Trimming may change positions.
    let position = |line: &[u8]| -> u32 {
        let column = line.split(|&b| b == b'\t').nth(1).unwrap();
        std::str::from_utf8(column).unwrap().parse().unwrap()
    };
    lines.sort_by_key(|line| position(line));
    for line in &lines {
        writer.write_line(line).unwrap();
    }
    writer.finish().unwrap();
    for (first, last) in [(61_000, 62_000), (10_000_000, 10_005_000), (19_900_000, 20_000_000)] {
        let region = format!("20:{first}-{last}");
        let query = ["query", "-r", &region, "-f", "%POS\n"];
        let Some(found) = bcftools(&query, &target) else { return };
        let expected = lines.iter().filter(|line| {
            let reference = line.split(|&b| b == b'\t').nth(3).unwrap().len() as u32;
            position(line) <= last && position(line) + reference > first
        });
        assert_eq!(found.lines().count(), expected.count(), "{region}");
    }
}

/// Small numbers in an endless fixed order.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n
    }
}

const SMALL: &str = "##fileformat=VCFv4.2\n##contig=<ID=20,length=63025520>\n\
    ##INFO=<ID=END,Number=1,Type=Integer,Description=\"e\">\n\
    ##INFO=<ID=EXACAF,Number=A,Type=Float,Description=\"e\">\n\
    ##INFO=<ID=CLNSIG,Number=.,Type=String,Description=\"e\">\n\
    ##INFO=<ID=CSQ,Number=.,Type=String,Description=\"Format: Allele|Consequence|SYMBOL|Gene|HGVSp|gnomADe_AFR_AF|ALLELE_NUM\">\n\
    ##INFO=<ID=ANN,Number=.,Type=String,Description=\"Functional annotations: 'Allele | Annotation | Impact | Gene_Name | Gene_ID'\">\n\
    ##INFO=<ID=BCSQ,Number=.,Type=String,Description=\"Format: '[*]consequence|gene|transcript|biotype'\">\n\
    ##FILTER=<ID=q10,Description=\"f\">\n\
    ##FILTER=<ID=s50,Description=\"f\">\n\
    ##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">\n\
    ##FORMAT=<ID=AD,Number=R,Type=Integer,Description=\"a\">\n\
    ##FORMAT=<ID=PL,Number=G,Type=Integer,Description=\"p\">\n\
    #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\tB\n\
    20\t100\trs1;rs2\tTAA\tT,TA,<NON_REF>\t30.5\tPASS\tEND=102;EXACAF=0.1,.;CLNSIG=5|2;CSQ=-|missense_variant&x|G|ENSG1.2|p.%3D|0.1|1,A|stop_gained|G||||2\tGT:AD:PL\t0/1:1,2,3,4:0,1,2\t1|2:.:.\n\
    20\t200\t.\tA\t<DEL>\t.\tq10;s50\tANN=<DEL>|stop_lost|H|X|ENSG2;BCSQ=*missense|G|T|b,@100\tGT\t.\t./.\n";

#[test]
fn damaged_text_is_a_fault_and_no_panic() {
    let mut dice = Dice(7);
    let (mut read, mut refused) = (0, 0);
    for _ in 0..20_000 {
        let mut bytes = SMALL.as_bytes().to_vec();
        for _ in 0..=dice.below(4) {
            if bytes.is_empty() {
                break;
            }
            let at = dice.below(bytes.len());
            match dice.below(4) {
                0 => bytes[at] = dice.below(256) as u8,
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, b"\t\n|,;:=/<>*.-@&%"[dice.below(16)]),
                _ => bytes.truncate(at.max(1)),
            }
        }
        let file = VariantFile::from_reader("x", Box::new(Cursor::new(bytes)));
        match file.and_then(|file| read_all(&file, |_| ())) {
            Ok(_) => read += 1,
            Err(problem) => {
                assert!(!problem.to_string().is_empty());
                refused += 1;
            }
        }
    }
    assert!(read > 1000 && refused > 1000, "{read} read, {refused} refused");
}

#[test]
fn damaged_containers_are_faults_and_no_panic() {
    let folder = scratch();
    let plain = folder.path().join("x.vcf");
    std::fs::write(&plain, SMALL.replace("<NON_REF>", "C")).unwrap();
    let mut dice = Dice(11);
    for kind in ["z", "b", "u"] {
        let copy = folder.path().join(kind);
        if bcftools(&["view", "-O", kind, "-o", copy.to_str().unwrap()], &plain).is_none() {
            return;
        }
        let whole = std::fs::read(&copy).unwrap();
        for _ in 0..3_000 {
            let mut bytes = whole.clone();
            let at = dice.below(bytes.len());
            bytes[at] ^= 1 << dice.below(8);
            let file = VariantFile::from_reader("x", Box::new(Cursor::new(bytes)));
            let _ = file.and_then(|file| read_all(&file, |_| ()));
        }
        for cut in 0..whole.len() {
            let bytes = whole[..cut].to_vec();
            let file = VariantFile::from_reader("x", Box::new(Cursor::new(bytes)));
            let result = file.and_then(|file| read_all(&file, |_| ()));
            // Plain BCF has no mark at its end: cut between records it is a shorter file.
            assert!(result.is_err() || kind == "u", "{kind} cut at {cut}");
        }
    }
}
