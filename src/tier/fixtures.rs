//! Small families and variants for tests.

use super::{TierCase, TierContext};
use crate::model::annotation::{
    AnnotationSource, Consequence, Frequency, FrequencyValue, GeneRef, PopulationId,
};
use crate::model::candidate::{Annotated, CallerNotes, Candidate, Penetrance, RecordRef};
use crate::model::contig::{Assembly, ContigTable};
use crate::model::coord::Pos1;
use crate::model::genotype::{Call, CallOrigin, Genotype};
use crate::model::panel::{DomainLists, Panel, PanelGene, PanelMode, PanelSet};
use crate::model::sample::{Affected, Family, Member, MemberId, Role, Sex};
use crate::model::so::SoTerm;
use crate::model::variant::{Normalisation, Variant};
use crate::policy::Policy;

/// A member from words: role, sex, status; `-` after the status stands for no sample.
pub(crate) fn member(id: &str, words: &str) -> Member {
    let has = |word: &str| words.split(' ').any(|w| w == word);
    let role = [
        ("proband", Role::Proband),
        ("mother", Role::Mother),
        ("father", Role::Father),
        ("sibling", Role::Sibling),
        ("tumour", Role::Tumour),
        ("normal", Role::Normal),
    ];
    let role = role.iter().find(|(word, _)| has(word)).map_or(Role::Relative, |(_, role)| *role);
    let sex = match role {
        Role::Mother => Sex::Female,
        Role::Father => Sex::Male,
        _ if has("female") => Sex::Female,
        _ if has("male") => Sex::Male,
        _ => Sex::Unknown,
    };
    let affected = if has("affected") {
        Affected::Yes
    } else if has("unaffected") {
        Affected::No
    } else {
        Affected::Uncertain
    };
    let sample = (!has("-")).then(|| id.into());
    Member { sample, sex, ..Member::of(id, role, affected) }
}

/// A family from one line a member; proband and siblings are children of the father and mother, if there are any.
pub(crate) fn family(lines: &[&str]) -> Family {
    let mut family = Family {
        members: lines
            .iter()
            .enumerate()
            .map(|(i, words)| member(&format!("m{i}"), words))
            .collect(),
    };
    let of = |family: &Family, role| family.with_role(role).map(|(id, _)| id);
    let parents: [Option<MemberId>; 2] = [of(&family, Role::Father), of(&family, Role::Mother)];
    for member in &mut family.members {
        if matches!(member.role, Role::Proband | Role::Sibling) {
            [member.father, member.mother] = parents;
        }
    }
    family
}

/// A family from rows of `test-data/models/families.tsv`: family, member, role, sex, affected, sample, father, mother,
/// number of X, group of identical twins.
pub(crate) fn family_of(rows: &[Vec<&str>]) -> Family {
    let stated = |text: &str| (text != ".").then(|| text.to_owned());
    let mut family = Family {
        members: rows
            .iter()
            .map(|row| {
                let [_, id, role, sex, affected, sample, _, _, x_copies, twins] = row[..] else {
                    panic!("ten columns: {row:?}")
                };
                let affected = match affected {
                    "yes" => "affected",
                    "no" => "unaffected",
                    _ => "",
                };
                let sample = if sample == "no" { "-" } else { "" };
                let mut member = member(id, &format!("{role} {sex} {affected} {sample}"));
                member.x_copies = stated(x_copies).map(|n| n.parse().unwrap());
                member.identical_twins = stated(twins);
                member
            })
            .collect(),
    };
    for (i, row) in rows.iter().enumerate() {
        let [father, mother] =
            [row[6], row[7]].map(|id| stated(id).map(|id| family.by_id(&id).unwrap()));
        (family.members[i].father, family.members[i].mother) = (father, mother);
    }
    family
}

/// A call as [`good_call`] with changes after semicolons: `0/1;gq=9;dp=8;reads=5;share=0.1;dq=0.5;ft=LowGQ;label=DeNovo`.
pub(crate) fn call(text: &str) -> Call {
    let mut parts = text.split(';');
    let mut call = good_call(parts.next().unwrap());
    for part in parts {
        let (key, value) = part.split_once('=').unwrap();
        let number = || value.parse::<f32>().unwrap();
        match key {
            "gq" => call.genotype_quality = Some(number()),
            "dp" => call.depth = Some(number() as u32),
            "reads" => call.alternate_depth = Some(number() as u32),
            "share" => call.alternate_fraction = Some(number()),
            "ft" => call.sample_filter = Some(value.into()),
            "dq" => call.denovo_quality = Some(number()),
            "label" => call.denovo_label = Some(value.into()),
            other => panic!("no change is called {other}"),
        }
    }
    call
}

/// A good call of this genotype: depth 30, quality 99; `none` is a member without a record.
fn good_call(genotype: &str) -> Call {
    if genotype == "none" {
        return Call::default();
    }
    let (genotype, phase_set) = match genotype.split_once('@') {
        Some((genotype, set)) => (genotype, Some(set.to_owned())),
        None => (genotype, None),
    };
    let genotype = Genotype::parse(genotype, 1).unwrap();
    let dosage = genotype.dosage();
    if dosage.min == 0 && dosage.max == dosage.ploidy {
        return Call { genotype, phase_set, origin: CallOrigin::Record, ..Call::default() };
    }
    let alternate = 30 * u32::from(dosage.min) / u32::from(dosage.ploidy);
    Call {
        genotype,
        depth: Some(30),
        reference_depth: Some(30 - alternate),
        alternate_depth: Some(alternate),
        genotype_quality: Some(99.0),
        phase_set,
        origin: CallOrigin::Record,
        ..Call::default()
    }
}

/// A variant with calls from text, one a member; on contig 1 unless changed, with `term` in `gene`.
pub(crate) fn variant(position: u32, gene: &str, term: &str, genotypes: &str) -> Annotated {
    let policy = Policy::preset("gms-rd").unwrap();
    Annotated {
        variant: Variant {
            contig: contigs().resolve("1").unwrap(),
            position: Pos1(position),
            reference: "A".into(),
            alternate: "G".into(),
        },
        normalisation: Normalisation::LeftAligned,
        record: RecordRef::default(),
        ids: Vec::new(),
        quality: Some(50.0),
        filters: vec!["PASS".into()],
        frequencies: (0..policy.frequency.populations().len())
            .map(|i| Frequency {
                population: PopulationId(i as u16),
                value: FrequencyValue::AbsentFromSource,
                store: None,
            })
            .collect(),
        clinvar: None,
        consequences: vec![consequence(gene, term)],
        calls: genotypes.split_whitespace().map(call).collect(),
        notes: CallerNotes::default(),
    }
}

/// The same on another contig.
pub(crate) fn on(contig: &str, mut variant: Annotated) -> Annotated {
    variant.variant.contig = contigs().resolve(contig).unwrap();
    variant
}

/// A protein-coding consequence.
pub(crate) fn consequence(gene: &str, term: &str) -> Consequence {
    Consequence {
        terms: vec![SoTerm::parse(term).unwrap()],
        gene: GeneRef { symbol: Some(gene.into()), ..GeneRef::default() },
        transcript: Some(format!("{gene}-201")),
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

/// Contigs 1, X, Y and MT.
pub(crate) fn contigs() -> ContigTable {
    let mut table = ContigTable::new();
    for name in ["1", "X", "Y", "MT"] {
        table.add(name, None).unwrap();
    }
    table
}

/// A panel of genes with PanelApp levels and modes.
pub(crate) fn panel(id: &str, genes: &[(&str, &str, PanelMode)]) -> Panel {
    let genes = genes
        .iter()
        .map(|(symbol, level, mode)| PanelGene {
            symbol: (*symbol).into(),
            confidence: crate::model::panel::Confidence::parse(level),
            mode: *mode,
            mode_text: format!("{mode:?}"),
            ..PanelGene::default()
        })
        .collect();
    Panel { id: id.into(), name: id.into(), version: "1.0".into(), genes, ..Panel::default() }
}

/// Everything a context borrows.
pub(crate) struct World {
    pub(crate) family: Family,
    pub(crate) contigs: ContigTable,
    pub(crate) panels: PanelSet,
    pub(crate) lists: DomainLists,
    pub(crate) policy: Policy,
    pub(crate) penetrance: Vec<Penetrance>,
}

impl World {
    pub(crate) fn new(members: &[&str], panels: Vec<Panel>) -> Self {
        Self {
            family: family(members),
            contigs: contigs(),
            panels: PanelSet::new(panels),
            lists: DomainLists::default(),
            policy: Policy::preset("gms-rd").unwrap(),
            penetrance: vec![Penetrance::Complete],
        }
    }

    pub(crate) fn context(&self) -> TierContext<'_> {
        let case = TierCase {
            family: &self.family,
            assembly: Assembly::GRCh38,
            contigs: &self.contigs,
            panels: &self.panels,
            lists: &self.lists,
            penetrance: &self.penetrance,
        };
        TierContext::new(case, &self.policy).unwrap()
    }
}

/// A candidate without filter reasons.
pub(crate) fn candidate(annotated: Annotated) -> Candidate {
    Candidate { annotated, reasons: Vec::new() }
}
