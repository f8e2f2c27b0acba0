//! A verdict as a table that stock MultiQC shows (custom content).

use std::fmt::Write;

use crate::model::made_by::{self, PROGRAM};
use crate::model::qc::SampleQc;
use crate::model::verdict::{Outcome, Verdict};

/// One sample's row with the table's description. MultiQC joins the rows of all files of this id.
pub(super) fn multiqc(qc: &SampleQc, verdict: &Verdict) -> String {
    let mut text = format!(
        "# id: 'tierline_verdicts'\n\
         # section_name: 'Quality verdicts'\n\
         # description: 'Quality of each sample against a named set of acceptance limits; the sources of the limits are in qc.json. {}'\n\
         # plot_type: 'table'\n\
         # pconfig:\n\
         #     id: 'tierline_verdicts_table'\n\
         #     title: 'Quality verdicts'\n\
         Sample\tVerdict\tLimits\tFailed\tWarned\tNot assessed\n",
        // A quote would end the text of the description.
        clean(&made_by::line(PROGRAM, qc.policy.as_ref())).replace('\'', ""),
    );
    let of = |outcome: Outcome| {
        let found = verdict.checks.iter().filter(|check| check.outcome == outcome);
        let told: Vec<String> = found
            .map(|check| match outcome {
                Outcome::NotAssessed => clean(&check.id),
                _ => clean(&check.message),
            })
            .collect();
        if told.is_empty() { "none".to_owned() } else { told.join("; ") }
    };
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{}\t{}\t{} {}\t{}\t{}\t{}",
        clean(&qc.sample),
        verdict.outcome.word(),
        verdict.set,
        verdict.version,
        of(Outcome::Fail),
        of(Outcome::Warn),
        of(Outcome::NotAssessed),
    );
    text
}

/// A cell without tabs and line ends.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_one_row() {
        let verdict = Verdict {
            set: "gel-germline".into(),
            version: "0.1.0".into(),
            saliva: false,
            outcome: Outcome::Pass,
            not_assessed: 0,
            checks: Vec::new(),
        };
        let qc = SampleQc { sample: "a\tb".into(), ..SampleQc::default() };
        let text = multiqc(&qc, &verdict);
        let rows: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[1], "a b\tPASS\tgel-germline 0.1.0\tnone\tnone\tnone");
        assert_eq!(rows[0].matches('\t').count(), rows[1].matches('\t').count());
    }
}
