//! The calls of a pair: small variants in the manner of Mutect2, copy numbers of Canvas, junctions of Manta.

use std::fmt::Write as _;

use super::copies::{Mix, STATES};
use super::plan::{JOINED, Plan, Somatic};
use super::tubes::{NORMAL, TUMOUR};
use crate::simulate::calls::{self, Line, likelihoods};
use crate::simulate::csq::{self, Population};
use crate::simulate::rng::Rng;
use crate::simulate::sample::Sequenced;
use crate::tier::biomarkers::draw::binomial;

/// Reads of both samples, with the window of each zone.
pub(super) struct Reads<'a> {
    /// Tumour and normal.
    pub of: [&'a Sequenced; 2],
    /// Window of each zone.
    pub windows: &'a [usize],
    /// Mean depth and mixture of tumour and normal.
    pub tubes: [(f64, Mix); 2],
}

/// The somatic calls. Where a variant has reads its counts are theirs; elsewhere they are drawn from what is expected.
pub(super) fn somatic(plan: &Plan, reads: &Reads<'_>, seed: u64) -> Vec<Line> {
    let mut rng = Rng::new(seed, &[95]);
    let mut lines: Vec<Line> =
        plan.somatic.iter().map(|one| line(one, plan, reads, &mut rng)).collect();
    lines.sort_by_key(|line| (line.contig, line.start0));
    lines
}

/// Reads of REF and ALT in both samples.
fn counts(one: &Somatic, plan: &Plan, reads: &Reads<'_>, rng: &mut Rng) -> [[u32; 2]; 2] {
    let edit = &one.change.edit;
    if let Some(zone) = plan.zone_of(&one.change) {
        return reads.of.map(|sample| {
            let counted = sample.count(reads.windows[zone], &[edit]);
            [counted[0], counted[1]]
        });
    }
    let state = plan.state(one.change.stretch, edit.start0);
    let share = |mix: Mix| mix.frac_alternate(state, &one.carriers);
    reads.tubes.map(|(depth, mix)| {
        let expected = depth * mix.relative_depth(state);
        let depth = binomial(rng, (expected * 2.0).round() as u64, 0.5);
        let alternate = binomial(rng, depth, share(mix).min(1.0));
        [(depth - alternate) as u32, alternate as u32]
    })
}

fn line(one: &Somatic, plan: &Plan, reads: &Reads<'_>, rng: &mut Rng) -> Line {
    let edit = &one.change.edit;
    let [tumour, normal] = counts(one, plan, reads, rng);
    let column = |genotype: &str, [reference, alternate]: [u32; 2]| {
        let depth = reference + alternate;
        let share = f64::from(alternate) / f64::from(depth.max(1));
        format!("{genotype}:{reference},{alternate}:{share:.3}:{depth}")
    };
    let gene = one.gene.map(|gene| &plan.genes[gene].gene);
    let window = match gene {
        Some(gene) => plan.window(&plan.zones[gene.window]),
        None => plan.empty_window(one.change.stretch),
    };
    let population = Population { frac_mean: one.frac_population };
    let entries = csq::entries(edit, (gene, &window), population, rng);
    let odds = f64::from(likelihoods(&tumour, &[0, 1])[0]) / 10.0;
    let contig = plan.contig(one.change.stretch);
    let text = format!(
        "{}\t{}\t.\t{}\t{}\t.\t{}\tDP={};TLOD={odds:.2};CSQ={}\tGT:AD:AF:DP\t{}\t{}",
        plan.ground.genome.contigs[contig as usize].0,
        edit.start0 + 1,
        String::from_utf8_lossy(&edit.reference),
        String::from_utf8_lossy(&edit.alternate),
        one.filter,
        tumour.iter().chain(&normal).sum::<u32>(),
        entries.join(","),
        column("0/0", normal),
        column("0/1", tumour),
    );
    Line { contig, start0: edit.start0, end0: edit.end0(), text }
}

/// Copy numbers as Canvas writes them.
pub(super) fn copy_numbers(plan: &Plan) -> (String, Vec<Line>) {
    let header = format!(
        "{}##simulated_manner=Canvas\n##OverallPloidy=2.0\n##ALT=<ID=CNV,Description=\"Copy number variable region\">\n\
         ##INFO=<ID=SVTYPE,Number=1,Type=String,Description=\"Type of the variant\">\n\
         ##INFO=<ID=END,Number=1,Type=Integer,Description=\"Last base\">\n\
         ##FORMAT=<ID=CN,Number=1,Type=Integer,Description=\"Copies\">\n\
         ##FORMAT=<ID=MCC,Number=1,Type=Integer,Description=\"Copies of the more frequent parent's\">\n\
         #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{NORMAL}\t{TUMOUR}\n",
        preamble(plan, "Canvas 1.40 (simulated)"),
    );
    let mut lines = Vec::new();
    for (zone, state) in plan.zones.iter().zip(&STATES) {
        let contig = plan.contig(zone.stretch);
        let (start0, end0) = (zone.start0 - state.reach_bp, zone.end0 + state.reach_bp);
        let (word, kind) = match (state.total, state.minor) {
            (2, 0) => ("REF", "LOH"),
            (0 | 1, _) => ("LOSS", "CNV"),
            _ => ("GAIN", "CNV"),
        };
        let name = &plan.ground.genome.contigs[contig as usize].0;
        let text = format!(
            "{name}\t{}\tCanvas:{word}:{name}:{}-{end0}\tN\t<CNV>\t60\tPASS\tSVTYPE={kind};END={end0}\tCN:MCC\t.:.\t{}:{}",
            start0 + 1,
            start0 + 1,
            state.total,
            state.major(),
        );
        lines.push(Line { contig, start0, end0, text });
    }
    lines.sort_by_key(|line| (line.contig, line.start0));
    (header, lines)
}

/// The junction of two genes as Manta writes it: two breakends, each the mate of the other.
pub(super) fn junctions(plan: &Plan, reads: &Reads<'_>, seed: u64) -> (String, Vec<Line>) {
    let header = format!(
        "{}##INFO=<ID=SVTYPE,Number=1,Type=String,Description=\"Type of the variant\">\n\
         ##INFO=<ID=MATEID,Number=.,Type=String,Description=\"Id of the mate\">\n\
         ##INFO=<ID=SOMATIC,Number=0,Type=Flag,Description=\"Somatic\">\n\
         ##FORMAT=<ID=PR,Number=.,Type=Integer,Description=\"Spanning pairs of REF and ALT\">\n\
         ##FORMAT=<ID=SR,Number=.,Type=Integer,Description=\"Split reads of REF and ALT\">\n\
         #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{NORMAL}\t{TUMOUR}\n",
        preamble(plan, "Manta 1.6.0 (simulated)"),
    );
    let mut rng = Rng::new(seed, &[87]);
    let [(depth, mix), (normal_depth, _)] = reads.tubes;
    let mut reads_of = |depth: f64, share: f64| {
        let all = binomial(&mut rng, depth as u64, 0.7);
        let alternate = binomial(&mut rng, all, share);
        format!("{},{alternate}", all - alternate)
    };
    let share = mix.parts()[1] / 2.0;
    let columns = [(normal_depth, 0.0), (depth, share)]
        .map(|(depth, share)| format!("{}:{}", reads_of(depth, share), reads_of(depth, share)));
    let ends: Vec<(u32, u32, u8)> = JOINED
        .iter()
        .filter_map(|&zone| {
            let gene = &plan.genes[plan.gene_at(zone, 4)?].gene;
            // The middle of the first intron.
            let place0 = gene.start0 + 200;
            let stretch = plan.zones[zone].stretch;
            let base = plan.ground.genome.windows[stretch].base(place0);
            Some((plan.contig(stretch), place0, base))
        })
        .collect();
    let [first, second] = ends[..] else { return (header, Vec::new()) };
    let name = |contig: u32| &plan.ground.genome.contigs[contig as usize].0;
    let record = |own: (u32, u32, u8), id: u8, alternate: &str| {
        let text = format!(
            "{}\t{}\tMantaBND:0:{id}\t{}\t{alternate}\t.\tPASS\tSVTYPE=BND;MATEID=MantaBND:0:{};SOMATIC\tPR:SR\t{}\t{}",
            name(own.0),
            own.1 + 1,
            char::from(own.2),
            1 - id,
            columns[0],
            columns[1],
        );
        Line { contig: own.0, start0: own.1, end0: own.1 + 1, text }
    };
    // What is left of the first place goes on with what is right of the second one.
    let after = format!("{}[{}:{}[", char::from(first.2), name(second.0), second.1 + 1);
    let before = format!("]{}:{}]{}", name(first.0), first.1 + 1, char::from(second.2));
    let mut lines = vec![record(first, 0, &after), record(second, 1, &before)];
    lines.sort_by_key(|line| (line.contig, line.start0));
    (header, lines)
}

fn preamble(plan: &Plan, source: &str) -> String {
    let all = calls::preamble(&plan.ground.genome.contigs);
    all.replacen("##source=tierline-simulate\n", &format!("##source={source}\n"), 1)
}

/// Gene lists as tables.
pub(super) fn gene_list(plan: &Plan, list: u8) -> String {
    let mut text = String::from("gene\tensembl_id\thgnc_id\trole\n");
    for placed in plan.genes.iter().filter(|placed| placed.list == list) {
        let gene = &placed.gene;
        let ids = [gene.symbol(), gene.ensembl(), gene.hgnc()].join("\t");
        let _ = writeln!(text, "{ids}\t{}", placed.role);
    }
    text
}

/// The gene model as BED12.
pub(super) fn gene_model(plan: &Plan) -> String {
    let mut rows: Vec<(u32, u32, String)> = Vec::new();
    for placed in &plan.genes {
        let gene = &placed.gene;
        let contig = plan.contig(plan.zones[gene.window].stretch);
        let name = &plan.ground.genome.contigs[contig as usize].0;
        let (start, end) = (gene.start0, gene.end0());
        let strand = if gene.forward { '+' } else { '-' };
        let exons = gene.exons();
        let join = |of: &dyn Fn(&(u32, u32)) -> u32| {
            exons.iter().fold(String::new(), |mut all, exon| {
                let _ = write!(all, "{},", of(exon));
                all
            })
        };
        let text = format!(
            "{name}\t{start}\t{end}\t{}\t0\t{strand}\t{start}\t{end}\t0\t{}\t{}\t{}\n",
            gene.symbol(),
            exons.len(),
            join(&|(from, to)| to - from),
            join(&|(from, _)| from - start),
        );
        rows.push((contig, start, text));
    }
    rows.sort();
    rows.into_iter().map(|(_, _, text)| text).collect()
}
