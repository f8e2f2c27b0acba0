//! `uniparentalDisomies` and `karyotypes` of an `InterpretedGenome`: what is asserted, never what is only possible.

use serde_json::{Value, json};

use crate::model::results::CaseResults;
use crate::model::results::chromosomes::{
    ChromosomeResult, DisomyKind, Inheritance, MemberChromosomes, ParentSegment,
};

use super::{chromosomes, shown};

/// Sex chromosomes for which the model has a word.
const SEX_CHROMOSOMES: &[&str] = &["XX", "XY", "XO", "XXY", "XXX", "XXYY", "XXXY", "XXXX", "XYY"];

/// Adds the lists that are not empty.
pub(super) fn add(genome: &mut Value, results: &CaseResults) {
    let members = || {
        shown::chromosomes(results)
            .filter_map(|own| Some((own, results.member(own.member)?.id.as_deref()?)))
    };
    let asserted = members().flat_map(|(member, id)| {
        let own = member.chromosomes.iter().filter(|own| own.inheritance.is_asserted());
        own.map(move |own| disomy(results, own, id))
    });
    let asserted: Vec<Value> = asserted.collect();
    let karyotypes = members().filter_map(|(member, id)| karyotype(results, member, id));
    let karyotypes: Vec<Value> = karyotypes.collect();
    for (key, list) in [("uniparentalDisomies", asserted), ("karyotypes", karyotypes)] {
        if !list.is_empty() {
            genome[key] = json!(list);
        }
    }
}

fn disomy(results: &CaseResults, own: &ChromosomeResult, id: &str) -> Value {
    let assembly = results.case.assembly;
    let fragment = |segment: &ParentSegment| {
        // The model has no word for a kind that the sites do not tell.
        let kind = (segment.kind != DisomyKind::Unknown).then(|| segment.kind.word())?;
        Some(json!({
            "coordinates": {
                "assembly": assembly,
                "chromosome": own.chromosome,
                "start": segment.start,
                "end": segment.end,
            },
            "uniparentalDisomyType": kind,
        }))
    };
    let fragments: Vec<Value> = own.segments.iter().filter_map(fragment).collect();
    let mut origins: Vec<&str> = own.segments.iter().map(|one| one.origin.word()).collect();
    origins.dedup();
    let mut disomy = json!({
        "assembly": assembly,
        "chromosome": own.chromosome,
        "complete": own.inheritance == Inheritance::Complete,
        "origin": if let [origin] = origins[..] { origin } else { "unknown" },
        "participantId": id,
    });
    if !fragments.is_empty() {
        disomy["uniparentalDisomyFragments"] = json!(fragments);
    }
    disomy
}

/// The model wants the number of all chromosomes: nothing is written where one was not counted.
fn karyotype(results: &CaseResults, member: &MemberChromosomes, id: &str) -> Option<Value> {
    let number = member.number_of_chromosomes?;
    let sex = member.sex_chromosomes.as_deref()?;
    let known = SEX_CHROMOSOMES.contains(&sex);
    let aneuploidies: Vec<Value> = chromosomes::aneuploid(member)
        .map(|(own, copies)| {
            json!({
                "assembly": results.case.assembly,
                "chromosome": own.chromosome,
                "complete": true,
                "numberOfCopies": copies,
            })
        })
        .collect();
    let mut karyotype = json!({
        "participantId": id,
        "numberOfChromosomes": number,
        "personKaryotipicSex": if known { sex } else { "OTHER" },
        "description": "By median depth of whole chromosomes; balanced changes, parts of chromosomes and mosaicism are not seen.",
    });
    if !aneuploidies.is_empty() {
        karyotype["aneuploidies"] = json!(aneuploidies);
    }
    Some(karyotype)
}
