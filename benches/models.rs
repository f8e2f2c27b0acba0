//! Throughput of the models of inheritance: every model over single variants and over pairs of a trio. The data are made here.
#![allow(missing_docs, reason = "criterion's macro makes a public function")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tierline::model::candidate::{Annotated, CallerNotes, Penetrance, RecordRef};
use tierline::model::contig::ContigId;
use tierline::model::coord::Pos1;
use tierline::model::genotype::{Call, CallOrigin, Genotype};
use tierline::model::problem::Problem;
use tierline::model::sample::{Affected, Consent, Family, Member, MemberId, Role, Sex};
use tierline::model::variant::{Normalisation, Variant};
use tierline::policy::Policy;
use tierline::tier::inheritance::{Kin, MODELS, ModelContext, Place, Scope, Unit};

/// Genotypes of child, father and mother, over and over.
const GENOTYPES: [[&str; 3]; 6] = [
    ["0/1", "0/0", "0/0"],
    ["0/1", "0/1", "0/0"],
    ["0/1", "0/0", "0/1"],
    ["1/1", "0/1", "0/1"],
    ["0/1", "./.", "0/0"],
    ["0/0", "0/1", "0/0"],
];

/// Variants, and pairs of neighbours.
const VARIANTS: u32 = 600;

fn member(role: Role, sex: Sex) -> Member {
    let is_child = role == Role::Proband;
    Member {
        id: role.word().into(),
        sample: Some(role.word().into()),
        role,
        sex,
        affected: if is_child { Affected::Yes } else { Affected::No },
        father: is_child.then_some(MemberId(1)),
        mother: is_child.then_some(MemberId(2)),
        alignment: None,
        variants: None,
        hpo: Vec::new(),
        consent: Consent::default(),
        x_copies: None,
        adult: None,
        identical_twins: None,
    }
}

fn call(text: &str) -> Call {
    let genotype = Genotype::parse(text, 1).unwrap_or_default();
    let alternate = genotype.dosage().min;
    Call {
        genotype,
        depth: Some(30),
        reference_depth: Some(30 - 15 * u32::from(alternate)),
        alternate_depth: Some(15 * u32::from(alternate)),
        genotype_quality: Some(99.0),
        origin: CallOrigin::Record,
        ..Call::default()
    }
}

fn variant(i: u32) -> Annotated {
    Annotated {
        variant: Variant {
            contig: ContigId(0),
            position: Pos1(1_000 + i),
            reference: "A".into(),
            alternate: "G".into(),
        },
        normalisation: Normalisation::LeftAligned,
        record: RecordRef::default(),
        ids: Vec::new(),
        quality: Some(50.0),
        filters: vec!["PASS".into()],
        frequencies: Vec::new(),
        clinvar: None,
        consequences: Vec::new(),
        calls: GENOTYPES[i as usize % GENOTYPES.len()].map(call).into(),
        notes: CallerNotes::default(),
    }
}

/// Answers that are not refutations.
fn judge(policy: &Policy, kin: &Kin, variants: &[Annotated]) -> usize {
    let cx = ModelContext {
        kin,
        place: Place::Autosomal,
        penetrance: Penetrance::Complete,
        de_novo: policy.de_novo.as_ref(),
        reads: policy.reads.as_ref(),
    };
    let mut standing = 0;
    for pair in variants.windows(2) {
        for model in MODELS {
            let unit = match model.scope() {
                Scope::Single => Unit::Single(&pair[0]),
                Scope::Pair => Unit::Pair(&pair[0], &pair[1]),
            };
            standing += usize::from(model.check(black_box(&unit), &cx).stands());
        }
    }
    standing
}

fn bench(criterion: &mut Criterion) {
    let trio = [(Role::Proband, Sex::Male), (Role::Father, Sex::Male), (Role::Mother, Sex::Female)];
    let family = Family { members: trio.map(|(role, sex)| member(role, sex)).into() };
    let kin = Kin::new(&family);
    let variants: Vec<Annotated> = (0..=VARIANTS).map(variant).collect();
    let policy: Result<Policy, Problem> = Policy::preset("gms-rd");
    let mut group = criterion.benchmark_group("models");
    group.throughput(Throughput::Elements(u64::from(VARIANTS)));
    group.bench_function("every model on a variant and a pair of a trio", |bencher| {
        bencher.iter(|| policy.as_ref().map(|policy| judge(policy, &kin, &variants)));
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
