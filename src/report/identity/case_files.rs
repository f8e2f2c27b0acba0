//! The tables of one case below `qc/`.

use super::{conpair, somalier};
use crate::identity::case::{MemberData, of_member};
use crate::model::identity::{CaseIdentity, GenotypeCounts};
use crate::model::sample::{Family, MemberId};

/// Every file that [`texts`] can give.
pub const FILES: [&str; 5] = [
    "identity.samples.tsv",
    "identity.pairs.tsv",
    "identity.groups.tsv",
    "identity.concordance.txt",
    "identity.contamination.txt",
];

/// The files of a case by name: samples and pairs of a family, groups of more than this relatedness, concordance and
/// contamination of a tumour.
pub fn texts(
    found: &CaseIdentity,
    family: &Family,
    members: &[MemberData<'_>],
    related: f64,
) -> Vec<(&'static str, String)> {
    let mut files = Vec::new();
    if !members.is_empty() {
        files.push((FILES[0], samples(found, family, members)));
    }
    if !found.pairs.is_empty() {
        let name = |number: u16| sample(family, MemberId(number.saturating_sub(1)));
        let mut pairs = somalier::PAIRS.to_owned();
        let mut groups = String::new();
        for pair in &found.pairs {
            let [a, b] = pair.members.map(name);
            let expected = pair.expected_kinship.map(|kinship| 2.0 * kinship);
            pairs += &somalier::pair(&a, &b, &pair.counts, expected);
            if let Some(relatedness) = pair.counts.relatedness().filter(|value| *value > related) {
                groups += &somalier::group(&a, &b, relatedness);
            }
        }
        files.extend([(FILES[1], pairs), (FILES[2], groups)]);
    }
    if let Some(tumour) = &found.tumour {
        files.extend(conpair::concordance(tumour).map(|text| (FILES[3], text)));
        let of = |number: u16| of_member(found, MemberId(number.saturating_sub(1)));
        let both = of(tumour.normal).zip(of(tumour.tumour));
        let text = both.and_then(|(normal, tumour)| conpair::contamination(normal, tumour));
        files.extend(text.map(|text| (FILES[4], text)));
    }
    files
}

fn sample(family: &Family, id: MemberId) -> String {
    family.get(id).sample.clone().unwrap_or_default()
}

fn samples(found: &CaseIdentity, family: &Family, members: &[MemberData<'_>]) -> String {
    let row = |data: &MemberData<'_>| {
        let member = family.get(data.member);
        let [hom_ref, het, hom_alt] = data.bits.autosomal();
        let x = data.bits.on_x();
        let bare = GenotypeCounts { hom_ref, het, hom_alt, x, ..GenotypeCounts::default() };
        let parent = |id: Option<MemberId>| family.get(id?).sample.clone();
        somalier::SampleRow {
            family: "case".into(),
            sample: sample(family, data.member),
            father: parent(member.father),
            mother: parent(member.mother),
            sex: data.shown,
            stated: member.sex,
            affected: member.affected,
            genotypes: of_member(found, data.member).map_or(bare, |own| own.genotypes),
        }
    };
    let rows: Vec<somalier::SampleRow> = members.iter().map(row).collect();
    somalier::samples(&rows)
}
