//! What is planted, as a table, and the case document.

use std::fmt::Write as _;

use super::Options;
use super::copies::STATES;
use super::plan::{JOINED, Plan, Somatic, Zone};
use super::signatures::{self, PLANTED};
use super::tubes::{NORMAL, TUMOUR};
use crate::model::problem::Problem;

/// Consequences that count in the burden of non-synonymous variants.
const NON_SYNONYMOUS: [&str; 5] = [
    "missense_variant",
    "stop_gained",
    "frameshift_variant",
    "inframe_deletion",
    "splice_donor_variant",
];

/// Homopolymers with reads: contig, start, end (0-based half-open), unit.
pub(super) fn microsatellites(plan: &Plan) -> String {
    let mut rows: Vec<(u32, u32, String)> = Vec::new();
    for run in plan.zones.iter().filter_map(|zone| zone.run) {
        let contig = plan.contig(run.stretch);
        let (start, unit) = (run.place0 + 1, char::from(run.base));
        let name = &plan.ground.genome.contigs[contig as usize].0;
        rows.push((contig, start, format!("{name}\t{start}\t{}\t{unit}\n", start + run.bp)));
    }
    rows.sort();
    rows.into_iter().map(|(_, _, text)| text).collect()
}

/// `what`, `id` and `value` of everything that is planted.
pub(super) fn table(plan: &Plan, options: &Options) -> String {
    let mut text = String::from("what\tid\tvalue\n");
    let mut row = |what: &str, id: &str, value: &str| {
        let _ = writeln!(text, "{what}\t{id}\t{value}");
    };
    row("purity", ".", &options.frac_purity.to_string());
    row("contamination", "tumour", &options.frac_foreign[0].to_string());
    row("contamination", "normal", &options.frac_foreign[1].to_string());
    let passed = || plan.somatic.iter().filter(|one| one.filter == "PASS");
    let counted = passed().filter(|one| {
        effect(plan, one).is_some_and(|term| NON_SYNONYMOUS.contains(&term.as_str()))
    });
    row("non_synonymous", ".", &counted.count().to_string());
    row("indels", ".", &passed().filter(|one| one.change.edit.is_indel()).count().to_string());
    for (signature, share) in PLANTED {
        row("signature", &signatures::name(signature), &share.to_string());
    }
    for (first, last) in &plan.clusters {
        let contig = plan.contig_name(first.stretch);
        let ends = [first, last].map(|one| one.edit.start0 + 1);
        row("cluster", contig, &format!("{}-{}", ends[0], ends[1]));
    }
    for zone in &plan.zones {
        let Some(run) = zone.run else { continue };
        let is_unstable = plan
            .somatic
            .iter()
            .any(|one| one.change.stretch == run.stretch && one.change.edit.start0 == run.place0);
        let place = format!("{}:{}", plan.contig_name(run.stretch), run.place0 + 2);
        row("microsatellite", &place, if is_unstable { "unstable" } else { "stable" });
    }
    for (zone, state) in STATES.iter().enumerate() {
        for placed in plan.genes.iter().filter(|placed| placed.gene.window == zone) {
            if placed.list < 3 {
                row("copies", &placed.gene.symbol(), state.label);
            }
        }
    }
    let joined = JOINED.map(|zone| {
        plan.gene_at(zone, 4).map_or_else(String::new, |gene| plan.genes[gene].gene.symbol())
    });
    row("fusion", &joined[0], &joined[1]);
    for one in plan.somatic.iter().filter(|one| !one.domain.is_empty()) {
        let edit = &one.change.edit;
        let id = format!(
            "{}:{}:{}:{}",
            plan.contig_name(one.change.stretch),
            edit.start0 + 1,
            String::from_utf8_lossy(&edit.reference),
            String::from_utf8_lossy(&edit.alternate)
        );
        row("domain", &id, one.domain);
    }
    text
}

fn effect(plan: &Plan, one: &Somatic) -> Option<String> {
    let gene = &plan.genes[one.gene?].gene;
    let zone: &Zone = &plan.zones[gene.window];
    Some(gene.effect(&plan.window(zone), &one.change.edit)?.term.to_owned())
}

/// The document that names all files. `reference` stands as it is to be written.
pub(super) fn case_toml(plan: &Plan, reference: &str) -> Result<String, Problem> {
    let assembly = plan.ground.genome.assembly.ok_or_else(|| {
        Problem::usage("the contig lengths show no assembly")
            .help("give --assembly GRCh37 or GRCh38")
    })?;
    let mut text = format!(
        "# Simulated: the tumour of no person.\n[case]\nid = \"SIM-PAIR-1\"\nkind = \"tumour-normal\"\n\
         assembly = \"{assembly}\"\npolicy = \"gms-cancer\"\nreference = {reference}\ngenes = \"genes.bed\"\n\
         variants = [\"somatic.vcf.gz\"]\nstructural_variants = [\"somatic.cnv.vcf.gz\", \"somatic.sv.vcf.gz\"]\n\
         domain1 = \"domain1.tsv\"\ndomain2 = \"domain2.tsv\"\nsignatures = \"signatures.tsv\"\n\
         microsatellites = \"microsatellites.bed\"\n"
    );
    for (sample, role) in [(TUMOUR, "tumour"), (NORMAL, "normal")] {
        let _ = write!(
            text,
            "\n[[member]]\nid = \"SIM-PATIENT\"\nsample = \"{sample}\"\nrole = \"{role}\"\nsex = \"female\"\n\
             affected = \"yes\"\nalignment = \"{role}.bam\"\n[member.consent]\nprimary = true\nsecondary = false\ncarrier = false\n"
        );
    }
    Ok(text)
}
