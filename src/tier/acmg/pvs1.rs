//! PVS1: inputs of its decision tree. What it says stands in [`EXPLANATION`].

use super::{Applies, Code, Kind, Looked};
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::{Comparison, Reason, Value};
use crate::model::results::acmg::{EvidenceType, Strength};

/// Text for `tierline explain PVS1`.
const EXPLANATION: Explanation = Explanation {
    id: "PVS1",
    kind: ExplanationKind::Evidence,
    title: "Null variant: what the decision tree asks for",
    what: "Lists, for a null variant (acmg.null_terms), what the PVS1 decision tree asks for: the consequence, whether the \
           transcript is expected to be removed by nonsense-mediated decay (an exon before the last but one is; the last is \
           not; the last but one depends on the 50 bases before its end, which the annotation does not tell; splice variants are \
           not judged), whether it is the MANE Select transcript, and what the panel says of mode and of loss of function. \
           Whether loss of function causes the disease, and so the strength, is decided by a person.",
    sources: &["acmg-2015", "ours"],
    fires: "A stop in exon 3 of 12 of the MANE Select transcript.",
    does_not: "A missense variant.",
};

/// The code.
pub(super) struct Pvs1;

impl Code for Pvs1 {
    fn kind(&self) -> Kind {
        Kind {
            code: EXPLANATION.id,
            kind: EvidenceType::Pathogenic,
            category: "computational_and_predictive_data",
            weight: Strength::VeryStrong,
            modifier: 1,
        }
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn look(&self, looked: &Looked<'_>) -> Option<Applies> {
        let consequence = looked.candidate.consequences.get(looked.event.consequence as usize)?;
        let null = &looked.rules.null_terms;
        let terms: Vec<String> = consequence.terms.iter().map(|term| term.name.clone()).collect();
        let seen =
            Reason::new("PVS1", terms.clone(), Comparison::OneOf, null.value.clone(), &null.source)
                .text("A null variant.");
        if !seen.holds {
            return None;
        }
        let told = |value: Value, text: String| {
            Reason::new("PVS1", value.clone(), Comparison::Equals, value, "ours").text(text)
        };
        let decay = decay(&terms, consequence.exon.as_deref());
        let mane = consequence.mane_select;
        let mut inputs = vec![
            seen,
            told(decay.into(), format!("Nonsense-mediated decay: {decay}.")),
            told(
                mane.into(),
                format!("MANE Select transcript: {}.", if mane { "yes" } else { "no" }),
            ),
        ];
        inputs.extend(panel(looked).map(|text| told(text.clone().into(), text)));
        Some(Applies { strength: None, inputs })
    }
}

/// Whether the transcript is expected to be removed, by the exon's number.
fn decay(terms: &[String], exon: Option<&str>) -> &'static str {
    let stops = ["stop_gained", "frameshift_variant"];
    if !terms.iter().any(|term| stops.contains(&term.as_str())) {
        return "not judged for this consequence";
    }
    let numbers = exon.and_then(|exon| {
        let (from, of) = exon.split_once('/')?;
        // A range of exons (3-4/12) begins at the first.
        let first = from.split('-').next()?;
        Some((first.parse::<u32>().ok()?, of.parse::<u32>().ok()?))
    });
    match numbers {
        None => "not known, since the annotation gives no exon number",
        Some((_, 1)) => "not expected, the only exon",
        Some((exon, of)) if exon >= of => "not expected, last exon",
        Some((exon, of)) if exon + 1 == of => {
            "not known, last but one exon: expected unless within 50 bases of its end"
        }
        Some(_) => "expected",
    }
}

/// What the panel says of the gene.
fn panel(looked: &Looked<'_>) -> Option<String> {
    let id = &looked.event.panel.as_ref()?.id;
    let mut panels = looked.results.panels.iter().filter(|panel| panel.id == *id);
    let genes = panels.next()?.genes.as_ref()?;
    let own = &looked.event.gene;
    let gene = genes.iter().find(|gene| {
        own.ensembl.as_ref().is_some_and(|id| gene.ensembl.contains(id))
            || (own.hgnc.is_some() && own.hgnc == gene.hgnc)
            || own.symbol.as_ref() == Some(&gene.symbol)
    })?;
    let mode = if gene.mode.is_empty() { "not stated" } else { &gene.mode };
    let loss = gene.mode_of_pathogenicity.as_deref().unwrap_or("nothing stated");
    Some(format!("The panel's mode: {mode}; its mode of pathogenicity: {loss}."))
}

#[cfg(test)]
mod tests {
    use super::decay;

    #[test]
    fn decay_goes_by_the_exon() {
        let of = |term: &str, exon| decay(&[term.to_owned()], exon);
        assert_eq!(of("stop_gained", Some("3/12")), "expected");
        assert_eq!(of("frameshift_variant", Some("10/12")), "expected");
        assert!(of("stop_gained", Some("11/12")).starts_with("not known, last but one"));
        assert_eq!(of("stop_gained", Some("12/12")), "not expected, last exon");
        assert_eq!(of("stop_gained", Some("1/1")), "not expected, the only exon");
        assert_eq!(of("frameshift_variant", Some("3-4/12")), "expected");
        for odd in [None, Some(""), Some("x/y"), Some("3")] {
            assert!(of("stop_gained", odd).starts_with("not known, since"), "{odd:?}");
        }
        assert!(of("splice_donor_variant", Some("3/12")).starts_with("not judged"));
    }
}
