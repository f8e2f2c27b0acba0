//! One trio and one tumour, small and whole, on which every writer is tested.

use crate::model::annotation::{
    AnnotationSource, ClinVar, Consequence, Frequency, FrequencyValue, GeneRef,
};
use crate::model::candidate::{
    Annotated, CallerNotes, Candidate, Domain, FilterCounts, PanelRef, Penetrance, RecordRef,
    ReportEvent, Tier, Tiered, TieringMode,
};
use crate::model::contig::{Assembly, ContigTable};
use crate::model::coord::Pos1;
use crate::model::genotype::{Call, CallOrigin, Genotype};
use crate::model::notice::{Notice, NoticeKind};
use crate::model::panel::{
    Confidence, EntityDetail, EntityKind, Panel, PanelEntity, PanelGene, PanelSet,
};
use crate::model::reason::{Comparison, Reason, Value};
use crate::model::results::{
    CaseResults, GenesNotAnnotated, InputDigest, Provenance, RunRecord, Tool,
};
use crate::model::sample::{
    Affected, Consent, ConsentAnswer, Family, HpoTerm, Member, MemberId, Role, Sex,
};
use crate::model::so::SoTerm;
use crate::model::variant::{Normalisation, Variant};
use crate::policy::Policy;
use crate::policy::layers::{Layers, Resolved, resolve};

use super::assemble::{Material, assemble};
use super::fixture_identity;
use crate::model::qc::{
    ContigDepth, DepthHistogram, DepthQc, FlagCounts, InputDigest as ReadDigest, SampleQc,
};

/// What makes one variant of the fixture.
struct Draft<'a> {
    contig: &'a str,
    position: u32,
    alleles: (&'a str, &'a str),
    gene: (&'a str, &'a str, &'a str),
    term: &'a str,
    hgvs: (&'a str, &'a str),
    calls: Vec<Call>,
    frequency: FrequencyValue,
}

fn member(role: Role, sex: Sex, affected: Affected, name: Option<&str>) -> Member {
    let consent = Consent { primary: ConsentAnswer::Yes, ..Consent::default() };
    let id = format!("P-{}", name.unwrap_or("none"));
    Member { sample: name.map(Into::into), sex, consent, ..Member::of(&id, role, affected) }
}

fn call(genotype: &str, depths: (u32, u32), quality: f32) -> Call {
    Call {
        genotype: Genotype::parse(genotype, 1).unwrap(),
        depth: Some(depths.0 + depths.1),
        reference_depth: Some(depths.0),
        alternate_depth: Some(depths.1),
        genotype_quality: Some(quality),
        origin: CallOrigin::Record,
        ..Call::default()
    }
}

fn gene(names: (&str, &str, &str)) -> GeneRef {
    GeneRef {
        ensembl: Some(names.1.into()),
        hgnc: Some(names.2.into()),
        symbol: Some(names.0.into()),
    }
}

fn term(name: &str) -> SoTerm {
    SoTerm::parse(name).unwrap()
}

fn annotated(contigs: &ContigTable, policy: &Policy, draft: &Draft<'_>) -> Annotated {
    let consequence = |transcript: &str, mane_select: bool| Consequence {
        terms: vec![term(draft.term)],
        gene: gene(draft.gene),
        transcript: Some(transcript.into()),
        biotype: Some("protein_coding".into()),
        hgvs_c: Some(format!("{transcript}:{}", draft.hgvs.0)),
        hgvs_p: (!draft.hgvs.1.is_empty()).then(|| draft.hgvs.1.into()),
        exon: Some("4/11".into()),
        canonical: mane_select,
        mane_select,
        source: AnnotationSource::Csq,
        scores: Vec::new(),
    };
    let populations = policy.frequency.populations();
    let frequencies = populations.iter().map(|population| Frequency {
        population: population.id,
        store: None,
        value: match population.dataset.id.as_str() {
            "gnomad_genomes" if population.population.name == "NFE" => draft.frequency,
            "gnomad_exomes" | "gnomad_genomes" => FrequencyValue::AbsentFromSource,
            _ => FrequencyValue::NotAssessed,
        },
    });
    Annotated {
        variant: Variant {
            contig: contigs.resolve(draft.contig).unwrap(),
            position: Pos1(draft.position),
            reference: draft.alleles.0.into(),
            alternate: draft.alleles.1.into(),
        },
        normalisation: Normalisation::LeftAligned,
        record: RecordRef {
            file: 0,
            position: draft.position,
            reference: draft.alleles.0.into(),
            alternates: draft.alleles.1.into(),
            alternate_number: 1,
        },
        ids: vec![format!("rs{}", draft.position)],
        quality: Some(612.3),
        filters: vec!["PASS".into()],
        frequencies: frequencies.collect(),
        clinvar: (draft.term == "stop_gained").then(|| ClinVar {
            submissions: std::collections::BTreeMap::new(),
            significance: vec!["likely_pathogenic".into(), "pathogenic".into()],
            stars: Some(2),
        }),
        consequences: vec![
            consequence("ENST00000009.2", false),
            consequence("ENST00000001.5", true),
        ],
        calls: draft.calls.clone(),
        notes: CallerNotes::default(),
    }
}

fn event(draft: &Draft<'_>, segregation: &str, mode: TieringMode, tier: Tier) -> ReportEvent {
    let terms = Value::Texts(vec![draft.term.into()]);
    ReportEvent {
        gene: gene(draft.gene),
        consequence: 1,
        terms: vec![term(draft.term)],
        panel: (tier != Tier::Tier3).then(|| PanelRef {
            id: "285".into(),
            name: "Intellectual disability".into(),
            version: "7.12".into(),
        }),
        mode,
        segregation: segregation.into(),
        possible: false,
        missing: Vec::new(),
        penetrance: Penetrance::Complete,
        tier: Some(tier),
        domain: None,
        label: (tier == Tier::Tier3).then(|| "not_in_panel".into()),
        group: None,
        reasons: vec![
            Reason::new(segregation, true, Comparison::Equals, true, "gel-moi")
                .text("the genotypes of the family fit the pattern"),
            Reason::new(
                "tier1",
                terms,
                Comparison::OneOf,
                vec!["stop_gained".to_owned(), "frameshift_variant".to_owned()],
                "gel-tiers",
            )
            .text("high impact in a green gene"),
        ],
    }
}

fn tiered(
    contigs: &ContigTable,
    policy: &Policy,
    draft: &Draft<'_>,
    events: Vec<ReportEvent>,
) -> Tiered {
    let frequency = draft.frequency.assessed().unwrap_or_default();
    let reasons = vec![
        Reason::new("pass", "PASS", Comparison::OneOf, vec!["PASS".to_owned()], "gel-quality"),
        Reason::new("frequency", frequency, Comparison::AtMost, 0.001, "gel-af")
            .text("gnomAD genomes NFE"),
    ];
    let candidate = Candidate { annotated: annotated(contigs, policy, draft), reasons };
    Tiered { candidate, events, flags: Vec::new() }
}

fn contigs() -> ContigTable {
    let mut table = ContigTable::new();
    for (name, length) in [
        ("chr2", 242_193_529),
        ("chr17", 83_257_441),
        ("chrX", 156_040_895),
        ("chrUn_KI270302v1", 2_274),
    ] {
        table.add(name, Some(length)).unwrap();
    }
    table
}

fn panels() -> PanelSet {
    let rated = |symbol: &str, confidence| PanelGene {
        symbol: symbol.into(),
        confidence: Some(confidence),
        ..PanelGene::default()
    };
    PanelSet::new(vec![Panel {
        id: "285".into(),
        name: "Intellectual disability".into(),
        version: "7.12".into(),
        signed_off: true,
        source: "PanelApp".into(),
        sha256: "5d41402abc4b2a76b9719d911017c5925d41402abc4b2a76b9719d911017c592".into(),
        genes: vec![
            rated("KIF1A", Confidence::Green),
            rated("ASXL3", Confidence::Green),
            rated("ZNF41", Confidence::Red),
        ],
        entities: [
            (EntityKind::Region, "ISCA-1-Loss"),
            (EntityKind::Region, "ISCA-1-Gain"),
            (EntityKind::Region, "ISCA-2-Loss"),
            (EntityKind::Str, "GENE_CAG"),
            (EntityKind::Str, "GENE_GAA"),
        ]
        .map(|(kind, name)| PanelEntity {
            kind,
            name: name.into(),
            confidence: Some(Confidence::Green),
            mode_text: String::new(),
            places: Vec::new(),
            detail: EntityDetail::None,
        })
        .to_vec(),
    }])
}

/// A de novo stop, the two partners of a compound heterozygote, an insertion on X.
fn trio_drafts() -> (Draft<'static>, [Draft<'static>; 2], Draft<'static>) {
    let kif1a = ("KIF1A", "ENSG00000130294", "HGNC:888");
    let mito = ("MFSD8", "ENSG00000164073", "HGNC:28486");
    let parents = |father: &str, mother: &str| {
        let depths = |gt: &str| if gt.contains('1') { (16, 14) } else { (31, 0) };
        [call(father, depths(father), 90.0), call(mother, depths(mother), 72.0)]
    };
    let with = |proband: Call, parents: [Call; 2]| {
        let [father, mother] = parents;
        vec![proband, mother, father, Call::default()]
    };
    let de_novo = Draft {
        contig: "chr2",
        position: 240_775_991,
        alleles: ("G", "A"),
        gene: kif1a,
        term: "stop_gained",
        hgvs: ("c.946C>T", "ENSP00000001.3:p.Arg316Ter"),
        calls: with(
            Call {
                denovo_label: Some("DeNovo".into()),
                denovo_quality: Some(41.5),
                ..call("0/1", (17, 15), 99.0)
            },
            parents("0/0", "0/0"),
        ),
        frequency: FrequencyValue::AbsentFromSource,
    };
    let partner = |position, alleles, term, hgvs, father, mother| Draft {
        contig: "chr17",
        position,
        alleles,
        gene: mito,
        term,
        hgvs,
        calls: with(call("0/1", (19, 17), 99.0), parents(father, mother)),
        frequency: FrequencyValue::Observed(0.000_012),
    };
    let pair = [
        partner(5_120_400, ("TAC", "T"), "frameshift_variant", ("c.75_76del", ""), "0/1", "0/0"),
        partner(5_133_017, ("C", "G"), "missense_variant", ("c.1006G>C", ""), "0/0", "0/1"),
    ];
    let on_x = Draft {
        contig: "chrX",
        position: 47_574_318,
        alleles: ("A", "ACCTGCCTGCCTGCCTGCCTGG"),
        gene: ("ZNF41", "ENSG00000147124", "HGNC:13107"),
        term: "inframe_insertion",
        hgvs: ("c.120_121ins21", ""),
        calls: with(
            call("1/1", (0, 15), 45.0),
            [call("0", (14, 0), 40.0), call("./.", (3, 1), 0.0)],
        ),
        frequency: FrequencyValue::Observed(0.000_3),
    };
    (de_novo, pair, on_x)
}

fn trio_variants(contigs: &ContigTable, policy: &Policy) -> Vec<Tiered> {
    use TieringMode::{Biallelic, MonoallelicNotImprinted, XlinkedBiallelic};
    let (de_novo, pair, on_x) = trio_drafts();
    let grouped = |draft: &Draft<'_>, tier| ReportEvent {
        group: Some(1),
        ..event(draft, "CompoundHeterozygous", Biallelic, tier)
    };
    let possible = ReportEvent {
        possible: true,
        missing: vec!["mother: no call".into()],
        penetrance: Penetrance::Incomplete,
        ..event(&on_x, "XLinkedSimpleRecessive", XlinkedBiallelic, Tier::Tier3)
    };
    let inherited = event(&de_novo, "deNovo", MonoallelicNotImprinted, Tier::Tier1);
    vec![
        tiered(contigs, policy, &on_x, vec![possible]),
        tiered(contigs, policy, &pair[1], vec![grouped(&pair[1], Tier::Tier2)]),
        tiered(contigs, policy, &pair[0], vec![grouped(&pair[0], Tier::Tier1)]),
        tiered(contigs, policy, &de_novo, vec![inherited]),
        tiered(contigs, policy, &de_novo, Vec::new()),
    ]
}

fn resolved(preset: &str) -> Resolved {
    resolve(Layers { preset, file: None, set: &[] }).unwrap()
}

fn provenance(kind: &str) -> Provenance {
    let input = |role: &str, file: &str, bytes, sha256: Option<&str>| InputDigest {
        role: role.into(),
        file: file.into(),
        member: None,
        bytes,
        sha256: sha256.map(Into::into),
        md5: None,
    };
    Provenance {
        inputs: vec![
            input("case", "case.toml", 812, Some("0a1b2c")),
            input("variants", &format!("{kind}.vcf.gz"), 9_120_334_112, None),
        ],
        software: [("VEP".to_owned(), "112".to_owned())].into(),
        databases: [("gnomAD genomes".to_owned(), "4.1".to_owned())].into(),
    }
}

/// What the pass over one alignment found: two contigs that count and one without reads.
fn quality(sample: &str, depth: u32) -> SampleQc {
    let contig = |name: &str, depths: &[(u32, u64)]| {
        let mut histogram = DepthHistogram::default();
        for &(depth, bases) in depths {
            histogram.add(depth, bases);
        }
        let whole = histogram.summary();
        let (length, listed) = (whole.bases as u32, whole.max > 0);
        ContigDepth { name: name.into(), length, listed, whole, histogram, ..Default::default() }
    };
    let contigs = vec![
        contig("chr2", &[(0, 120), (12, 380), (depth, 9_500)]),
        contig("chrX", &[(depth / 2, 5_000)]),
        contig("chrUn_KI270302v1", &[(0, 2_274)]),
    ];
    let mut total = contigs[0].whole;
    total.merge(&contigs[1].whole);
    SampleQc {
        sample: sample.into(),
        file: format!("/data/{sample}.bam"),
        input: ReadDigest {
            size: Some(81_220_913),
            header_sha256: "aa11".into(),
            blocks_sha256: Some("bb22".into()),
        },
        flags: Some(FlagCounts {
            total: [1_020, 4],
            primary: [1_000, 4],
            supplementary: [20, 0],
            primary_duplicates: [83, 1],
            primary_mapped: [990, 3],
            ..FlagCounts::default()
        }),
        depth: Some(DepthQc { contigs, total, ..DepthQc::default() }),
        notes: Vec::new(),
        ..SampleQc::default()
    }
}

/// A trio with an unsequenced sibling: a de novo, a compound heterozygote, an X-linked event that lacks a genotype.
pub(super) fn trio() -> CaseResults {
    trio_with(|_| ())
}

/// Traces of the trio's mother, as her data and the case's documents hold them.
pub(super) const OF_MOTHER: [&str; 3] = ["trio-mother", "HP:0000365", "26.5373"];

/// The trio, with its family changed before anything is made of it.
pub(super) fn trio_with(change: impl Fn(&mut Family)) -> CaseResults {
    let policy = resolved("gms-rd");
    let contigs = contigs();
    let mut family = Family {
        members: vec![
            member(Role::Proband, Sex::Male, Affected::Yes, Some("trio-child")),
            member(Role::Mother, Sex::Female, Affected::No, Some("trio-mother")),
            member(Role::Father, Sex::Male, Affected::No, Some("trio-father")),
            member(Role::Sibling, Sex::Female, Affected::Uncertain, None),
        ],
    };
    family.members[0].consent.secondary = ConsentAnswer::Yes;
    family.members[0].hpo = vec![
        HpoTerm { id: "HP:0001249".into(), present: true },
        HpoTerm { id: "HP:0001250".into(), present: false },
    ];
    family.members[1].hpo = vec![HpoTerm { id: "HP:0000365".into(), present: true }];
    change(&mut family);
    let quality =
        [("trio-child", 34), ("trio-mother", 33), ("trio-father", 31)].map(|(name, n)| {
            let id = family.iter().find(|(_, m)| m.sample.as_deref() == Some(name)).unwrap().0;
            (id, quality(name, n))
        });
    let tiered = trio_variants(&contigs, &policy.policy);
    assemble(&Material {
        case_id: "R-0001",
        kind: "family",
        assembly: Assembly::GRCh38,
        penetrance: Some("both"),
        family: &family,
        policy: &policy,
        policy_changes: &["frequency limit of internal ALL: 0.001 to 0.002".into()],
        panels: &panels(),
        contigs: &contigs,
        stores: &[],
        qc: &quality,
        identity: Some(&fixture_identity::trio()),
        counts: &trio_counts(),
        tiered: &tiered,
        removed: &[],
        two_hits: &[],
        single_alleles: &[],
        others: None,
        notices: &[Notice::one(
            NoticeKind::NotAssessed,
            "Frequency in the internal cohort was not assessed: no input names it.",
        )],
        genes_not_annotated: &[GenesNotAnnotated {
            panel: "285".into(),
            genes: vec!["ASXL3".into()],
        }],
        additional: None,
        provenance: &provenance("family"),
    })
}

fn trio_counts() -> FilterCounts {
    FilterCounts {
        records: 4_820_113,
        variants: 4_901_772,
        kept: 412,
        dropped: [("pass", 301_222), ("frequency", 4_511_023), ("consequence", 89_115)]
            .map(|(filter, n)| (filter.to_owned(), n))
            .into(),
        ..FilterCounts::default()
    }
}

/// A tumour with its normal and one somatic variant.
pub(super) fn tumour() -> CaseResults {
    let policy = resolved("gms-cancer");
    let contigs = contigs();
    let family = Family {
        members: vec![
            member(Role::Tumour, Sex::Female, Affected::Yes, Some("tumour")),
            member(Role::Normal, Sex::Female, Affected::Yes, Some("normal")),
        ],
    };
    let draft = Draft {
        contig: "chr17",
        position: 7_675_088,
        alleles: ("C", "T"),
        gene: ("TP53", "ENSG00000141510", "HGNC:11998"),
        term: "missense_variant",
        hgvs: ("c.524G>A", ""),
        calls: vec![call("0/1", (41, 38), 99.0), call("0/0", (35, 0), 99.0)],
        frequency: FrequencyValue::NotAssessed,
    };
    let somatic = ReportEvent {
        tier: None,
        domain: Some(Domain::Domain1),
        panel: None,
        label: None,
        ..event(&draft, "", TieringMode::Na, Tier::Tier1)
    };
    assemble(&Material {
        case_id: "C-0001",
        kind: "tumour-normal",
        assembly: Assembly::GRCh38,
        penetrance: None,
        family: &family,
        policy: &policy,
        policy_changes: &[],
        panels: &PanelSet::new(Vec::new()),
        contigs: &contigs,
        stores: &[],
        qc: &[(MemberId(0), quality("tumour", 92)), (MemberId(1), quality("normal", 36))],
        identity: Some(&fixture_identity::tumour()),
        counts: &FilterCounts::default(),
        removed: &[],
        two_hits: &[],
        single_alleles: &[],
        tiered: &[tiered(&contigs, &policy.policy, &draft, vec![somatic])],
        others: None,
        notices: &[],
        genes_not_annotated: &[],
        additional: None,
        provenance: &provenance("tumour"),
    })
}

/// The trio with markup, separators and control characters wherever a file could have brought them.
pub(super) fn hostile() -> CaseResults {
    const EVIL: &str = "<script>alert(1)</script>\t\n\"';=,%&\u{202e}x";
    let mut results = trio();
    results.case.id = EVIL.into();
    results.panels[0].name = EVIL.into();
    results.notices[0].text = EVIL.into();
    for qc in &mut results.qc {
        qc.sample = EVIL.into();
        qc.input.header_sha256 = EVIL.into();
    }
    results.genes_not_annotated[0].genes = vec![EVIL.into()];
    results.policy.changes = vec![EVIL.into()];
    results.provenance.inputs[0].file = EVIL.into();
    for member in &mut results.case.members {
        member.id = Some(EVIL.into());
        member.sample = member.sample.is_some().then(|| format!("{EVIL}{}", member.number));
        member.hpo_present = vec![EVIL.into()];
    }
    for candidate in &mut results.candidates {
        candidate.ids = vec![EVIL.into()];
        candidate.filters = vec![EVIL.into()];
        candidate.reasons[0].observed = EVIL.into();
        for call in &mut candidate.calls {
            call.sample_filter = Some(EVIL.into());
        }
        for consequence in &mut candidate.consequences {
            consequence.hgvs_c = Some(EVIL.into());
        }
        for event in &mut candidate.events {
            event.gene.symbol = Some(EVIL.into());
            event.transcript = Some(EVIL.into());
            event.segregation = EVIL.into();
            event.label = Some(EVIL.into());
        }
    }
    results
}

/// A run of the trio, with fixed times.
pub(super) fn run() -> RunRecord {
    RunRecord {
        schema_version: "1.0".into(),
        run: "trio-20260102T030405Z".into(),
        tool: Tool { name: "tierline".into(), version: "0.0.0".into() },
        started: "2026-01-02T03:04:05Z".into(),
        ended: "2026-01-02T03:09:59Z".into(),
        threads: 8,
        command: ["tierline", "run", "case.toml"].map(Into::into).into(),
        policy: serde_json::json!({ "id": "gms-rd" }),
        policy_digest: "00ff".into(),
        inputs: provenance("family").inputs,
        outputs: Vec::new(),
    }
}
