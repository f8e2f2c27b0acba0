use super::{
    Decision, Detail, FILTERS, FilterContext, FilterPlan, PanelGenes, evaluate, explain_variant,
};
use crate::model::annotation::{
    AnnotationSource, ClinVar, Consequence, Frequency, FrequencyValue, GeneRef, PopulationId,
};
use crate::model::candidate::{Annotated, CallerNotes, Part, RecordRef};
use crate::model::contig::{ContigId, ContigTable};
use crate::model::coord::Pos1;
use crate::model::genotype::{Call, Genotype};
use crate::model::panel::{Confidence, Panel, PanelGene, PanelSet};
use crate::model::reason::Reason;
use crate::model::sample::{Affected, Family, Member, Role};
use crate::model::so::SoTerm;
use crate::model::variant::{Normalisation, Variant};
use crate::policy::{PRESETS, Policy};

/// What is tried, the change of a good variant, and the filter that drops it.
type Case<'a> = (&'a str, fn(&mut Annotated), Option<&'a str>);

fn member(role: Role, affected: Affected) -> Member {
    let name = format!("{role:?}");
    Member { sample: Some(name.clone()), ..Member::of(&name, role, affected) }
}

fn duo() -> Family {
    let members = vec![member(Role::Proband, Affected::Yes), member(Role::Mother, Affected::No)];
    Family { members }
}

fn calls(text: &str) -> Vec<Call> {
    text.split_whitespace()
        .map(|genotype| Call {
            genotype: Genotype::parse(genotype, 1).unwrap_or_default(),
            ..Call::default()
        })
        .collect()
}

fn consequence(gene: &str, term: &str) -> Consequence {
    Consequence {
        terms: vec![SoTerm::parse(term).unwrap()],
        gene: GeneRef { symbol: Some(gene.into()), ..GeneRef::default() },
        transcript: None,
        biotype: Some("protein_coding".into()),
        hgvs_c: None,
        hgvs_p: None,
        exon: None,
        canonical: false,
        mane_select: false,
        source: AnnotationSource::Csq,
        scores: Vec::new(),
    }
}

fn variant(policy: &Policy) -> Annotated {
    let populations = policy.frequency.populations();
    Annotated {
        variant: Variant {
            contig: ContigId(0),
            position: Pos1(100),
            reference: "A".into(),
            alternate: "G".into(),
        },
        normalisation: Normalisation::LeftAligned,
        record: RecordRef::default(),
        ids: Vec::new(),
        quality: None,
        filters: vec!["PASS".into()],
        frequencies: (0..populations.len())
            .map(|i| Frequency {
                population: PopulationId(i as u16),
                value: FrequencyValue::AbsentFromSource,
                store: None,
            })
            .collect(),
        clinvar: None,
        consequences: vec![consequence("G", "missense_variant")],
        calls: calls("0/1 0/0"),
        notes: CallerNotes::default(),
    }
}

/// The first filter that drops the variant; also checks that reasons tell the same as decisions.
fn dropped_by(one: &Annotated, extra: &[&str], cx: &FilterContext<'_>) -> Option<&'static str> {
    let mut one = one.clone();
    for filter in FILTERS {
        let reasons = filter.reasons(&one, cx);
        assert!(!reasons.is_empty() && reasons.iter().all(Reason::is_consistent));
        let keep = reasons.iter().all(|reason| reason.holds);
        assert_eq!(filter.check(&one, cx) == Decision::Keep, keep, "{}", filter.id());
    }
    let plan = FilterPlan::new(cx.policy, extra, Detail::UntilDropped).unwrap();
    evaluate(&mut one, &mut |_, _| Ok(()), &plan, cx).unwrap().dropped_by
}

#[test]
fn germline_filters_drop_what_they_say() {
    use FrequencyValue::{NotAssessed, Observed};
    let (policy, contigs, family) = (Policy::preset("gms-rd").unwrap(), ContigTable::new(), duo());
    let cx = FilterContext::new(&policy, &contigs, Some(&family));
    let cases: [Case<'_>; 16] = [
        ("good", |_| {}, None),
        ("not passed", |v| v.filters = vec!["LowQual".into()], Some("pass")),
        ("passed and not", |v| v.filters.push("LowQual".into()), Some("pass")),
        ("not filtered", |v| v.filters.clear(), Some("pass")),
        ("common", |v| v.frequencies[4].value = Observed(0.0101), Some("frequency")),
        ("at the recessive limit", |v| v.frequencies[4].value = Observed(0.01), None),
        ("a tiny population", |v| v.frequencies[13].value = Observed(0.05), None),
        ("unknown", |v| v.frequencies.iter_mut().for_each(|f| f.value = NotAssessed), None),
        ("no frequencies", |v| v.frequencies.clear(), None),
        (
            "silent",
            |v| v.consequences = vec![consequence("G", "synonymous_variant")],
            Some("consequence"),
        ),
        ("lncRNA", |v| v.consequences[0].biotype = Some("lncRNA".into()), Some("consequence")),
        ("not annotated", |v| v.consequences.clear(), Some("consequence")),
        (
            "known",
            |v| {
                v.consequences.clear();
                let significance = vec!["likely_pathogenic".into()];
                v.clinvar = Some(ClinVar { significance, stars: None, ..ClinVar::default() });
            },
            None,
        ),
        ("only the mother", |v| v.calls = calls("0/0 0/1"), Some("carried")),
        ("child not called", |v| v.calls = calls("./. 0/1"), None),
        ("no columns", |v| v.calls.clear(), None),
    ];
    for (what, change, expected) in cases {
        let mut one = variant(&policy);
        change(&mut one);
        assert_eq!(dropped_by(&one, &[], &cx), expected, "{what}");
    }
}

#[test]
fn tumour_reads_and_somatic_limits_decide() {
    use FrequencyValue::Observed;
    let policy = Policy::preset("gms-cancer").unwrap();
    let contigs = ContigTable::new();
    let members =
        vec![member(Role::Tumour, Affected::Yes), member(Role::Normal, Affected::Uncertain)];
    let family = Family { members };
    let cx = FilterContext::new(&policy, &contigs, Some(&family));
    let cases: [Case<'_>; 6] = [
        ("genotype", |_| {}, None),
        ("at the limit", |v| v.frequencies[0].value = Observed(0.01), Some("frequency")),
        ("below it", |v| v.frequencies[0].value = Observed(0.0099), None),
        ("normal only", |v| v.calls = calls("0/0 0/1"), Some("carried")),
        (
            "no genotype, reads",
            |v| {
                v.calls = calls("- -");
                v.calls[0].alternate_depth = Some(4);
            },
            None,
        ),
        (
            "no genotype, no reads",
            |v| {
                v.calls = calls("- -");
                v.calls[0].alternate_depth = Some(0);
            },
            Some("carried"),
        ),
    ];
    for (what, change, expected) in cases {
        let mut one = variant(&policy);
        change(&mut one);
        assert_eq!(dropped_by(&one, &[], &cx), expected, "{what}");
    }
    let mut other = variant(&policy);
    other.consequences.push(consequence("G", "synonymous_variant"));
    other.consequences[1].canonical = true;
    assert_eq!(dropped_by(&other, &[], &cx), Some("consequence"), "canonical only");
    other.consequences[0].mane_select = true;
    assert_eq!(dropped_by(&other, &[], &cx), None, "MANE Select before canonical");
}

#[test]
fn the_panel_filter_asks_for_green_genes() {
    let policy = Policy::preset("gms-rd").unwrap();
    let contigs = ContigTable::new();
    let set = |level: Option<Confidence>| {
        let gene = PanelGene { symbol: "G".into(), confidence: level, ..PanelGene::default() };
        PanelSet::new(vec![Panel { genes: vec![gene], ..Panel::default() }])
    };
    for (level, genes, expected) in [
        (Some(Confidence::Green), PanelGenes::Green, None),
        (None, PanelGenes::Green, None),
        (Some(Confidence::Amber), PanelGenes::Green, Some("panel")),
        (Some(Confidence::Amber), PanelGenes::Any, None),
    ] {
        let panels = set(level);
        let cx = FilterContext::new(&policy, &contigs, None).with_panels(&panels, genes);
        assert_eq!(dropped_by(&variant(&policy), &["panel"], &cx), expected, "{level:?} {genes:?}");
        let mut other = variant(&policy);
        other.consequences[0].gene.symbol = Some("H".into());
        assert_eq!(dropped_by(&other, &["panel"], &cx), Some("panel"));
    }
}

#[test]
fn parts_are_loaded_only_as_far_as_needed() {
    let (policy, contigs, family) = (Policy::preset("gms-rd").unwrap(), ContigTable::new(), duo());
    let cx = FilterContext::new(&policy, &contigs, Some(&family));
    let loaded = |change: fn(&mut Annotated), detail| {
        let mut one = variant(&policy);
        change(&mut one);
        let mut parts = Vec::new();
        let plan = FilterPlan::new(&policy, &[], detail).unwrap();
        let mut load = |part, _: &mut Annotated| {
            parts.push(part);
            Ok(())
        };
        let verdict = evaluate(&mut one, &mut load, &plan, &cx).unwrap();
        (parts, verdict)
    };
    let fail: fn(&mut Annotated) = |v| v.filters = vec!["LowQual".into()];
    let (parts, verdict) = loaded(fail, Detail::UntilDropped);
    assert_eq!(
        (parts, verdict.dropped_by, verdict.reasons.len()),
        (vec![Part::Site], Some("pass"), 0)
    );
    let (parts, verdict) = loaded(fail, Detail::All);
    assert_eq!((parts.as_slice(), verdict.dropped_by), (&Part::ALL[..], Some("pass")));
    assert!(verdict.reasons.iter().any(|r| r.rule == "carried" && r.holds));
    let (parts, verdict) = loaded(|_| {}, Detail::UntilDropped);
    assert_eq!((parts.as_slice(), verdict.dropped_by), (&Part::ALL[..], None));
    let plan = FilterPlan::new(&policy, &[], Detail::All).unwrap();
    assert_eq!(explain_variant(&variant(&policy), &plan, &cx), verdict.reasons);
}

#[test]
fn unknown_filters_are_refused_and_cheap_ones_come_first() {
    let mut policy = Policy::preset("gms-rd").unwrap();
    policy.filters = ["carried", "consequence", "pass"].map(Into::into).to_vec();
    let plan = FilterPlan::new(&policy, &["panel", "pass"], Detail::All).unwrap();
    assert_eq!(plan.ids().collect::<Vec<_>>(), ["pass", "consequence", "panel", "carried"]);
    policy.filters.push("rare".into());
    let problem = FilterPlan::new(&policy, &[], Detail::All).err().unwrap();
    assert!(problem.message.contains("\"rare\"") && problem.help.unwrap().contains("frequency"));
}

#[test]
fn the_slice_holds_every_file_and_presets_their_sources() {
    // Cargo runs tests in the package's root.
    let files = std::fs::read_dir("src/filter").unwrap().map(|f| f.unwrap().file_name());
    let names = files.map(|name| name.into_string().unwrap());
    let other = ["mod.rs", "evaluate.rs", "tests.rs"];
    assert_eq!(names.filter(|name| !other.contains(&name.as_str())).count(), FILTERS.len());
    let policies: Vec<Policy> = PRESETS.iter().map(|(id, _)| Policy::preset(id).unwrap()).collect();
    for filter in FILTERS {
        let explanation = filter.explain();
        assert_eq!(explanation.id, filter.id());
        assert_eq!(FILTERS.iter().filter(|other| other.id() == filter.id()).count(), 1);
        assert!(!explanation.sources.is_empty());
        for source in explanation.sources {
            assert!(policies.iter().any(|policy| policy.sources.contains_key(*source)), "{source}");
        }
    }
}

#[test]
fn a_dominant_limit_that_is_looser_than_the_recessive_one_counts() {
    let mut policy = Policy::preset("gms-rd").unwrap();
    let dataset = policy.frequency.datasets.iter_mut().find(|d| d.id == "gnomad_exomes").unwrap();
    let nfe = dataset.populations.iter_mut().find(|p| p.name == "NFE").unwrap();
    nfe.limits.insert(crate::policy::LimitClass::Dominant, 0.05);
    let populations = policy.frequency.populations();
    let i = populations
        .iter()
        .position(|p| p.dataset.id == "gnomad_exomes" && p.population.name == "NFE")
        .unwrap();
    let contigs = ContigTable::new();
    let context = FilterContext::new(&policy, &contigs, None);
    let filter = FILTERS.iter().find(|filter| filter.id() == "frequency").unwrap();
    for (value, kept) in [(0.005, true), (0.03, true), (0.06, false)] {
        let mut one = variant(&policy);
        one.frequencies[i].value = FrequencyValue::Observed(value);
        assert_eq!(filter.check(&one, &context) == Decision::Keep, kept, "{value}");
        let reasons = filter.reasons(&one, &context);
        assert_eq!(reasons.iter().all(|reason| reason.holds), kept, "{reasons:?}");
    }
}

#[test]
fn exons_of_rna_genes_are_kept_on_panels() {
    let policy = Policy::preset("gms-rd").unwrap();
    let contigs = ContigTable::new();
    let gene = PanelGene { symbol: "RNU".into(), ..PanelGene::default() };
    let panels = PanelSet::new(vec![Panel { genes: vec![gene], ..Panel::default() }]);
    let mut one = variant(&policy);
    one.consequences = vec![consequence("RNU", "non_coding_transcript_exon_variant")];
    one.consequences[0].biotype = Some("snRNA".into());
    let cx = FilterContext::new(&policy, &contigs, None);
    assert_eq!(dropped_by(&one, &[], &cx), Some("consequence"));
    let cx = cx.with_rna_genes(&panels);
    assert_eq!(dropped_by(&one, &[], &cx), None);
    one.consequences[0].gene.symbol = Some("OTHER".into());
    assert_eq!(dropped_by(&one, &[], &cx), Some("consequence"));
}

#[test]
fn mitochondrial_limits_count_on_the_mitochondrial_genome_only() {
    let policy = Policy::preset("gms-rd").unwrap();
    let mut contigs = ContigTable::new();
    for name in ["1", "MT"] {
        contigs.add(name, None).unwrap();
    }
    let cx = FilterContext::new(&policy, &contigs, None);
    let populations = policy.frequency.populations();
    let at = |name: &str| {
        let found = populations.iter().position(|p| p.dataset.id == name);
        found.unwrap()
    };
    let mut common = variant(&policy);
    common.frequencies[at("gnomad_genomes")].value = FrequencyValue::Observed(0.5);
    assert_eq!(dropped_by(&common, &[], &cx), Some("frequency"), "nuclear limits hold on 1");
    common.variant.contig = contigs.resolve("MT").unwrap();
    assert_eq!(dropped_by(&common, &[], &cx), None, "they say nothing about MT");
    common.frequencies[at("internal")].value = FrequencyValue::Observed(0.002);
    assert_eq!(dropped_by(&common, &[], &cx), Some("frequency"));
}
