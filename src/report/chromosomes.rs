//! `chromosomes.tsv`: one row a member and chromosome. There is no file where nothing was assessed or may be shown.

use crate::model::problem::Problem;
use crate::model::results::CaseResults;
use crate::model::results::chromosomes::{
    ChromosomeResult, Inheritance, MemberChromosomes, ParentSegment, Stretch,
};

use super::{OutputFile, Rendered, Source, Writer, shown, text, tsv};

/// Writes `chromosomes.tsv`.
#[derive(Debug)]
pub(super) struct Chromosomes;

const FILES: &[OutputFile] = &[OutputFile {
    name: "chromosomes.tsv",
    deterministic: true,
    doc: "whole chromosomes: from which parent, runs of homozygosity, number of copies, one row a member and chromosome",
}];

/// The columns with what each holds.
const COLUMNS: &[(&str, &str)] = &[
    ("member", "number of the member, 1-based"),
    ("role", "what the member is to the case"),
    ("chromosome", "1 to 22, X, Y"),
    ("length", "bp"),
    ("inheritance", "not-assessed, biparental, complete, segmental, possible-deletion or possible"),
    ("segments", "segments of one parent: start-end:origin:kind, 1-based, comma-separated"),
    ("imprinted", "yes where the parent of origin matters, else no"),
    ("sites", "sites at which all who were compared have a genotype that counts"),
    ("bpi", "sites that show both parents (BPI)"),
    ("ui_m", "sites of maternal isodisomy: nothing of the father, mother heterozygous (UI_M)"),
    ("ui_p", "sites of paternal isodisomy: nothing of the mother, father heterozygous (UI_P)"),
    ("ua_m", "sites with nothing of the father, mother homozygous (UA_M)"),
    ("ua_p", "sites with nothing of the mother, father homozygous (UA_P)"),
    ("share_one_parent", "share of ui and ua among bpi, ui and ua"),
    ("unexplained", "sites that neither parent explains"),
    ("opposite", "of a single parent: sites with the other homozygote"),
    ("comparable", "of a single parent: sites that could have shown it"),
    ("heterozygous", "heterozygous sites of the member"),
    ("homozygous_alternate", "homozygous alternate sites of the member"),
    ("covered", "share of the chromosome's stretches that hold sites"),
    ("runs", "runs of homozygosity: start-end, 1-based, comma-separated"),
    ("runs_bp", "bp in them"),
    ("depth_ratio", "median depth as a share of that of autosomes"),
    ("copies", "number of copies"),
    ("why", "the decision in words"),
    tsv::MADE_BY,
];

impl Writer for Chromosomes {
    fn id(&self) -> &'static str {
        "chromosomes"
    }

    fn files(&self) -> &'static [OutputFile] {
        FILES
    }

    fn render(&self, source: &Source<'_>) -> Result<Vec<Rendered>, Problem> {
        let mut members = shown::chromosomes(source.results).peekable();
        if members.peek().is_none() {
            return Ok(Vec::new());
        }
        let rows = members.flat_map(|member| {
            let all = member.chromosomes.iter();
            all.map(move |own| row(source.results, (member, own)).map(Some))
        });
        let bytes = tsv::table(COLUMNS, source.results, rows);
        Ok(vec![Rendered { name: FILES[0].name, bytes }])
    }
}

fn row(
    results: &CaseResults,
    (member, own): (&MemberChromosomes, &ChromosomeResult),
) -> [String; 25] {
    let sites = &own.sites;
    let told = sites.biparental + sites.one_parent();
    let share = f64::from(sites.one_parent()) / f64::from(told.max(1));
    let segment = |one: &ParentSegment| {
        format!("{}-{}:{}:{}", one.start, one.end, one.origin.word(), one.kind.word())
    };
    let run = |one: &Stretch| format!("{}-{}", one.start, one.end);
    let joined = |all: Vec<String>| all.join(",");
    let role = results.member(member.member).map_or_else(String::new, |own| text::word(own.role));
    [
        member.member.to_string(),
        role,
        own.chromosome.clone(),
        own.length.map(|length| length.to_string()).unwrap_or_default(),
        text::word(own.inheritance),
        joined(own.segments.iter().map(segment).collect()),
        if own.imprinted { "yes" } else { "no" }.into(),
        sites.sites.to_string(),
        sites.biparental.to_string(),
        sites.isodisomy_maternal.to_string(),
        sites.isodisomy_paternal.to_string(),
        sites.uniparental_maternal.to_string(),
        sites.uniparental_paternal.to_string(),
        if told > 0 { format!("{share:.4}") } else { String::new() },
        sites.unexplained.to_string(),
        sites.opposite.to_string(),
        sites.comparable.to_string(),
        sites.heterozygous.to_string(),
        sites.homozygous_alternate.to_string(),
        text::number(own.frac_covered),
        joined(own.runs.iter().map(run).collect()),
        own.runs.iter().map(|run| u64::from(run.len())).sum::<u64>().to_string(),
        own.depth_ratio.map(text::number).unwrap_or_default(),
        own.copies.map(|copies| copies.to_string()).unwrap_or_default(),
        own.why.clone(),
    ]
}

/// Autosomes with another number of copies than two.
pub(super) fn aneuploid(
    member: &MemberChromosomes,
) -> impl Iterator<Item = (&ChromosomeResult, u8)> {
    let autosomes = member.chromosomes.iter().filter(|own| own.depth_ratio.is_some());
    autosomes.filter_map(|own| Some((own, own.copies.filter(|copies| *copies != 2)?)))
}

/// Every finding in one sentence.
pub(super) fn findings(member: &MemberChromosomes) -> Vec<String> {
    let mut all = Vec::new();
    for own in member.chromosomes.iter().filter(|own| own.inheritance.is_finding()) {
        let one = |segment: &ParentSegment| {
            let mb = f64::from(segment.end - segment.start + 1) / 1e6;
            let kind = match segment.kind.word() {
                "unknown" => String::new(),
                "both" => ", isodisomy and heterodisomy".into(),
                kind => format!(", {kind}"),
            };
            let (start, end) = (segment.start, segment.end);
            format!("{start}-{end} ({mb:.1} Mb) {}{kind}", segment.origin.word())
        };
        let segments: Vec<String> = own.segments.iter().map(one).collect();
        let doubt = match own.inheritance {
            Inheritance::Possible | Inheritance::PossibleDeletion => {
                format!(" Doubt: {}.", own.why)
            }
            _ => String::new(),
        };
        let imprinted =
            if own.imprinted { " The parent of origin matters on this chromosome." } else { "" };
        all.push(format!(
            "Chromosome {}: {}, {}.{doubt}{imprinted}",
            own.chromosome,
            own.inheritance.words(),
            segments.join("; ")
        ));
    }
    let copies = |(own, copies): (&ChromosomeResult, u8)| {
        format!("Chromosome {}: {copies} copies by depth.", own.chromosome)
    };
    all.extend(aneuploid(member).map(copies));
    let usual = |name: &str| matches!(name, "XX" | "XY");
    let sex = member.sex_chromosomes.iter().filter(|name| !usual(name));
    all.extend(sex.map(|name| format!("Sex chromosomes: {name} by depth.")));
    all
}

/// What was not assessed of whole chromosomes, one sentence each.
pub(super) fn not_assessed(results: &CaseResults) -> Vec<String> {
    let never = "Uniparental disomy of X and mosaicism were not assessed.";
    let Some(found) = &results.chromosomes else {
        let all = "Uniparental disomy, numbers of chromosomes and mosaicism were not assessed.";
        return vec![all.into()];
    };
    if let Some(why) = &found.why_not {
        let told = "Uniparental disomy and numbers of chromosomes were not assessed";
        return vec![format!("{told}: {why}."), never.into()];
    }
    let mut all = Vec::new();
    for member in shown::chromosomes(results) {
        let role = results.member(member.member).map_or("", |own| text::role(own.role));
        let name = format!("member {} ({role})", member.member);
        let open = member.chromosomes.iter().filter(|own| {
            own.inheritance == Inheritance::NotAssessed && !matches!(&*own.chromosome, "X" | "Y")
        });
        let open: Vec<&str> = open.map(|own| own.chromosome.as_str()).collect();
        let autosomes =
            member.chromosomes.iter().filter(|own| !matches!(&*own.chromosome, "X" | "Y"));
        let parents = member.father.is_some() || member.mother.is_some();
        if !parents {
            all.push(format!(
                "Uniparental disomy of {name} was not assessed, since no calls of a parent stand in one file with those of the \
                 child: runs of homozygosity are only a hint."
            ));
        } else if open.len() == autosomes.count() {
            let why = member.chromosomes.first().map_or("", |own| own.why.as_str());
            all.push(format!("Uniparental disomy of {name} was not assessed ({why})."));
        } else if !open.is_empty() {
            let list = open.join(", ");
            all.push(format!(
                "Uniparental disomy of {name} was not assessed on chromosomes {list}."
            ));
        }
        if parents && (member.father.is_none() || member.mother.is_none()) {
            let who = if member.father.is_none() { "mother" } else { "father" };
            all.push(format!(
                "Uniparental disomy of {name} was compared with the {who} alone: copies that come from the {who} only cannot be \
                 seen so."
            ));
        }
        if member.number_of_chromosomes.is_none() {
            let why = match (
                &member.sex_chromosomes,
                member.chromosomes.iter().any(|own| own.depth_ratio.is_some()),
            ) {
                (_, false) => "no alignment that covers the genome was read",
                (None, true) => "the sex chromosomes could not be counted",
                _ => "an autosome could not be counted",
            };
            all.push(format!("The number of chromosomes of {name} was not assessed: {why}."));
        }
    }
    all.push(never.into());
    all
}
