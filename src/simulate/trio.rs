//! A trio with planted answers: calls, reads, panel, pedigree, case and truth table.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::calls::{self, Line, Site, genotype_quality, likelihoods};
use super::csq;
use super::family::{Allele, Family, Member, On, row_of};
use super::haplotype::Edit;
use super::panel::{PanelGene, panel};
use super::plan::{ROWS, moi};
use super::rng::Rng;
use super::sample::{Sequenced, sequence};
use super::windows::{Genome, Kind, Wanted, choose};
use crate::exec::batches::Workers;
use crate::io::sink::{make_folder, write_whole};
use crate::model::contig::{Assembly, ContigClass};
use crate::model::problem::{Problem, ProblemKind};

/// What to simulate.
#[derive(Clone, Debug)]
pub struct Options {
    /// FASTA on which the genes are laid.
    pub reference: PathBuf,
    /// Folder of the case.
    pub folder: PathBuf,
    /// Mean depth over two copies.
    pub depth: f64,
    /// Decides everything that is drawn.
    pub seed: u64,
    /// Length of a window, bp.
    pub window_bp: u32,
    /// Autosomal windows.
    pub autosomal: usize,
    /// Assembly, when its contig lengths do not show it.
    pub assembly: Option<Assembly>,
}

/// Writes a trio's folder.
///
/// # Errors
///
/// When the reference cannot be used or the folder cannot be written.
pub fn trio(options: &Options, workers: &Workers) -> Result<(), Problem> {
    let wanted = Wanted {
        window_bp: options.window_bp,
        autosomal: options.autosomal,
        assembly: options.assembly,
    };
    let genome = choose(&options.reference, wanted)?;
    let assembly = genome.assembly.ok_or_else(|| {
        Problem::usage("the contig lengths show no assembly")
            .in_file(options.reference.display())
            .help("give --assembly GRCh37 or GRCh38")
    })?;
    make_folder(&options.folder)?;
    let family = Family::new(&genome, options.seed);
    let mut reads = Vec::new();
    for member in Member::ALL {
        let path = options.folder.join(alignment(member));
        let sample = family.sample(member, &genome, options.depth);
        reads.push(sequence(&sample, &genome, (options.seed, workers), &path)?);
    }
    let mut rng = Rng::new(options.seed, &[20]);
    let lines: Vec<Line> = calls::sites(family.alleles.clone())
        .iter()
        .map(|site| line(site, (&family, &genome), &reads, &mut rng))
        .collect();
    let file = |name: &str| options.folder.join(name);
    calls::write(&file("trio.vcf.gz"), &header(&genome), &genome.contigs, &lines)?;
    write_whole(file("truth.tsv"), truth(&family, &genome).as_bytes())?;
    write_whole(file("family.ped"), pedigree().as_bytes())?;
    let genes = panel_genes(&family, &genome);
    let json = serde_json::to_string_pretty(&panel(9001, "Simulated developmental panel", &genes))
        .map_err(|e| Problem::new(ProblemKind::Internal, format!("panel: {e}")))?;
    write_whole(file("panel.json"), (json + "\n").as_bytes())?;
    let reference = relative(&options.folder, &options.reference);
    write_whole(file("case.toml"), case_toml(assembly, &reference).as_bytes())
}

fn alignment(member: Member) -> &'static str {
    match member {
        Member::Child => "child.bam",
        Member::Mother => "mother.bam",
        Member::Father => "father.bam",
    }
}

/// A path as seen from a folder; the absolute path when the folder's name does not tell the way back.
pub fn relative(folder: &Path, target: &Path) -> String {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (from, to) = (absolute(folder), absolute(target));
    let parent = std::path::Component::ParentDir;
    if from.components().any(|c| c == parent) {
        return to.display().to_string();
    }
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    // Only the root in common: nothing is gained by climbing up to it.
    if shared <= 1 {
        return to.display().to_string();
    }
    let mut path: PathBuf = from.components().skip(shared).map(|_| "..").collect();
    path.extend(to.components().skip(shared));
    path.display().to_string()
}

fn header(genome: &Genome) -> String {
    let samples: Vec<&str> = Member::ALL.iter().map(|m| m.sample()).collect();
    format!(
        "{}##INFO=<ID=AC,Number=A,Type=Integer,Description=\"Allele count in this family\">\n\
         ##INFO=<ID=AF,Number=A,Type=Float,Description=\"Allele frequency in this family\">\n\
         ##INFO=<ID=AN,Number=1,Type=Integer,Description=\"Called alleles in this family\">\n\
         ##INFO=<ID=DP,Number=1,Type=Integer,Description=\"Depth over all samples\">\n{}\n\
         ##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n\
         ##FORMAT=<ID=AD,Number=R,Type=Integer,Description=\"Fragments that show each allele\">\n\
         ##FORMAT=<ID=DP,Number=1,Type=Integer,Description=\"Depth\">\n\
         ##FORMAT=<ID=GQ,Number=1,Type=Integer,Description=\"Genotype quality\">\n\
         ##FORMAT=<ID=PL,Number=G,Type=Integer,Description=\"Phred-scaled genotype likelihoods\">\n\
         ##FORMAT=<ID=PS,Number=1,Type=Integer,Description=\"Phase set\">\n\
         #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{}\n",
        calls::preamble(&genome.contigs),
        csq::header_line(),
        samples.join("\t")
    )
}

fn line(
    site: &Site<Allele>,
    (family, genome): (&Family, &Genome),
    reads: &[Sequenced],
    rng: &mut Rng,
) -> Line {
    let window = &genome.windows[site.window];
    let edits: Vec<&Edit> = site.alleles.iter().map(|(edit, _)| edit).collect();
    let own = &site.alleles[0].1;
    let mut alleles = vec![0_u32; edits.len()];
    let (mut total, mut depth) = (0, 0);
    let mut columns = Vec::new();
    // A pair of variants of one gene in the child has a phase when a phase matters.
    let phased = own.planted.filter(|(row, _)| ROWS[*row].changes.len() > 1).and(own.gene);
    for (member, reads) in Member::ALL.into_iter().zip(reads) {
        let called = genotype(member, window.kind, &site.alleles);
        let counts = reads.count(site.window, &edits);
        total += called.len();
        depth += counts.iter().sum::<u32>();
        for &allele in called.iter().filter(|&&a| a > 0) {
            alleles[allele - 1] += 1;
        }
        let cap = if member == Member::Child { own.max_quality_phred } else { 99 };
        let set = phased.filter(|_| member == Member::Child);
        columns.push(column(&called, &counts, cap, set.map(|gene| family.genes[gene].start0 + 1)));
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let entries: Vec<String> = site
        .alleles
        .iter()
        .flat_map(|(edit, allele)| {
            let gene = allele.gene.map(|g| &family.genes[g]);
            csq::entries(edit, (gene, window), allele.population, rng)
        })
        .collect();
    let joined = |values: Vec<String>| values.join(",");
    let text = format!(
        "{}\t{}\t.\t{}\t{}\t{}\t{}\tAC={};AF={};AN={total};DP={depth};CSQ={}\tGT:AD:DP:GQ:PL{}\t{}",
        genome.contigs[window.contig as usize].0,
        edits[0].start0 + 1,
        text(&edits[0].reference),
        joined(edits.iter().map(|e| text(&e.alternate)).collect()),
        if own.filter == "PASS" { 100 + rng.below(900) } else { 5 + rng.below(20) },
        own.filter,
        joined(alleles.iter().map(u32::to_string).collect()),
        joined(
            alleles.iter().map(|&n| format!("{:.3}", f64::from(n) / total.max(1) as f64)).collect()
        ),
        entries.join(","),
        if phased.is_some() { ":PS" } else { "" },
        columns
            .into_iter()
            .map(|c| if phased.is_some() && !c.1 { c.0 + ":." } else { c.0 })
            .collect::<Vec<_>>()
            .join("\t"),
    );
    let end0 = edits[0].end0();
    Line { contig: window.contig, start0: edits[0].start0, end0, text }
}

/// Allele numbers of a member's copies.
fn genotype(member: Member, kind: Kind, alleles: &[(Edit, Allele)]) -> Vec<usize> {
    member
        .copies(kind)
        .iter()
        .map(|on: &Vec<On>| {
            alleles
                .iter()
                .position(|(_, allele)| on.iter().any(|strand| allele.on.contains(strand)))
                .map_or(0, |i| i + 1)
        })
        .collect()
}

/// The sample column, and whether it holds a phase set.
fn column(called: &[usize], counts: &[u32], cap: u32, set: Option<u32>) -> (String, bool) {
    if called.is_empty() {
        return ("./.:.:.:.:.".into(), false);
    }
    let pl: Vec<u32> = likelihoods(counts, called).into_iter().map(|l| l.min(9_999)).collect();
    let mut sorted = pl.clone();
    sorted.sort_unstable();
    let lowest = sorted.get(1).copied().unwrap_or_default();
    // A caller that distrusts the site lowers all likelihoods alike.
    let scale = if lowest > cap { f64::from(cap) / f64::from(lowest) } else { 1.0 };
    let pl: Vec<u32> = pl.iter().map(|&l| (f64::from(l) * scale) as u32).collect();
    let list = |values: &[u32]| values.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
    let mut copies = called.to_vec();
    if set.is_none() {
        copies.sort_unstable();
    }
    let genotype: Vec<String> = copies.iter().map(usize::to_string).collect();
    let depth: u32 = counts.iter().sum();
    let mut text = format!(
        "{}:{}:{depth}:{}:{}",
        genotype.join(if set.is_some() { "|" } else { "/" }),
        list(counts),
        genotype_quality(&pl),
        list(&pl)
    );
    if let Some(set) = set {
        let _ = write!(text, ":{set}");
    }
    (text, set.is_some())
}

fn truth(family: &Family, genome: &Genome) -> String {
    let mut text = String::from(
        "chrom\tpos\tref\talt\ttier\tgene\tmode_of_inheritance\tsegregation\tpossible\tconsequence\tnote\n",
    );
    for (number, edit, allele) in &family.alleles {
        let (Some((row, change)), Some(gene)) = (&allele.planted, allele.gene) else { continue };
        let (row, gene) = (&ROWS[*row], &family.genes[gene]);
        let window = &genome.windows[*number];
        let effect = gene.effect(window, edit).unwrap_or_default();
        let _ = writeln!(
            text,
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
            genome.contigs[window.contig as usize].0,
            edit.start0 + 1,
            String::from_utf8_lossy(&edit.reference),
            String::from_utf8_lossy(&edit.alternate),
            change.tier,
            gene.symbol(),
            row.answer.0,
            row.answer.1,
            if change.possible() { "yes" } else { "no" },
            effect.term,
            row.note
        );
    }
    text
}

fn panel_genes(family: &Family, genome: &Genome) -> Vec<PanelGene> {
    let mut genes = Vec::new();
    for (number, gene) in family.genes.iter().enumerate() {
        // Genes without a planted variant fill the panel with every colour.
        let (confidence, moi) = match row_of(family, number) {
            Some(row) => (row.confidence, row.moi),
            None => (["3", "2", "1"][number % 3], [moi::BI, moi::MONO][number % 2]),
        };
        if confidence.is_empty() {
            continue;
        }
        let name = &genome.contigs[genome.windows[gene.window].contig as usize].0;
        let bare = ContigClass::of_name(name).bare_name().unwrap_or_else(|| name.clone());
        genes.push(PanelGene {
            symbol: gene.symbol(),
            ensembl: gene.ensembl(),
            hgnc: gene.hgnc(),
            location: format!("{bare}:{}-{}", gene.start0 + 1, gene.end0()),
            confidence,
            moi,
        });
    }
    genes
}

pub(super) fn pedigree() -> String {
    "#family\tindividual\tfather\tmother\tsex\tphenotype\n\
     SIM1\tSIMCHILD\tSIMFATHER\tSIMMOTHER\t1\t2\n\
     SIM1\tSIMMOTHER\t0\t0\t2\t1\n\
     SIM1\tSIMFATHER\t0\t0\t1\t1\n"
        .into()
}

/// A text as a TOML string.
pub fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn case_toml(assembly: Assembly, reference: &str) -> String {
    let mut text = format!(
        "# Simulated: a trio of no persons.\n[case]\nid = \"SIM-TRIO-1\"\nkind = \"family\"\n\
         assembly = \"{assembly}\"\npolicy = \"gms-rd\"\npenetrance = \"complete\"\nreference = {}\n\
         panels = [\"panel.json\"]\nvariants = [\"trio.vcf.gz\"]\nhpo = [\"HP:0001250\"]\n",
        quoted(reference)
    );
    for member in Member::ALL {
        let (role, sex, affected) = match member {
            Member::Child => ("proband", "male", "yes"),
            Member::Mother => ("mother", "female", "no"),
            Member::Father => ("father", "male", "no"),
        };
        let _ = write!(
            text,
            "\n[[member]]\nid = \"{}\"\nsample = \"{}\"\nrole = \"{role}\"\nsex = \"{sex}\"\n\
             affected = \"{affected}\"\n",
            member.id(),
            member.sample()
        );
        if member == Member::Child {
            let (father, mother) = (Member::Father.id(), Member::Mother.id());
            let _ = write!(text, "father = \"{father}\"\nmother = \"{mother}\"\n");
        }
        let _ = write!(
            text,
            "alignment = \"{}\"\n[member.consent]\nprimary = true\nsecondary = false\ncarrier = false\n",
            alignment(member)
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_seen_from_the_folder() {
        let seen = |folder: &str, target: &str| relative(Path::new(folder), Path::new(target));
        assert_eq!(seen("test-data/trio", "test-data/reference/r.fa"), "../reference/r.fa");
        assert_eq!(seen("out", "./r.fa"), "../r.fa");
        assert_eq!(seen("/a/out", "/data/r.fa"), "/data/r.fa");
        assert!(Path::new(&seen("../out", "r.fa")).is_absolute());
    }
}
