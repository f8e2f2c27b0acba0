//! Compares what was measured with a set of acceptance limits.
//!
//! A value that is not known never passes and never fails: its check is not assessed, and the verdict says how many are. A
//! sample is not accepted while a required value is not known: the verdict is then "not assessed", unless a check failed.

use crate::model::contract::ContractDepth;
use crate::model::identity::{Estimate, SampleIdentity};
use crate::model::qc::SampleQc;
use crate::model::verdict::{Bound, CheckResult, Outcome, Verdict};
use crate::policy::acceptance::{AcceptanceCheck, AcceptanceMetric, AcceptanceSet, Saliva};

const NO_GC: &str = "the metric gc_bias did not run (it needs the reference, -f), or no reads";
const NO_RMSD: &str = "the metric contract did not run, or not with the reference (-f)";

/// What is known of a value.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Observed {
    /// The value.
    Value(f64),
    /// The value is this or more.
    AtLeast(f64),
    /// Why there is none.
    Missing(&'static str),
}

/// The verdict on a sample; `saliva` when that is what was sequenced.
pub fn assess(set: &AcceptanceSet, qc: &SampleQc, saliva: bool) -> Verdict {
    let checks: Vec<CheckResult> =
        set.checks.iter().map(|check| one(set, check, qc, saliva)).collect();
    let count = |outcome| checks.iter().filter(|check| check.outcome == outcome).count() as u32;
    Verdict {
        set: set.id.clone(),
        version: set.version.clone(),
        saliva,
        outcome: overall(&checks),
        not_assessed: count(Outcome::NotAssessed),
        checks,
    }
}

/// What [`assess`] says of a sample's contamination by another person; `None` when the set has no limit of it.
pub fn contamination_outcome(set: &AcceptanceSet, identity: &SampleIdentity) -> Option<Outcome> {
    use AcceptanceMetric::{Contamination, TumourContamination};
    outcome_of(set, &[Contamination, TumourContamination], |metric| estimate_of(metric, identity))
}

/// What [`assess`] says of tumour cells in a normal sample; `None` when the set has no limit of them.
pub fn tumour_in_normal_outcome(set: &AcceptanceSet, found: &Estimate) -> Option<Outcome> {
    outcome_of(set, &[AcceptanceMetric::TumourInNormal], |_| Some(found))
}

fn outcome_of<'e>(
    set: &AcceptanceSet,
    metrics: &[AcceptanceMetric],
    estimate: impl Fn(AcceptanceMetric) -> Option<&'e Estimate>,
) -> Option<Outcome> {
    let has_limit = |check: &&AcceptanceCheck| {
        metrics.contains(&check.metric) && (check.limit.is_some() || check.warn.is_some())
    };
    let judged =
        |check: &AcceptanceCheck| judge(check, share_of(estimate(check.metric), ""), false).0;
    set.checks.iter().filter(has_limit).map(judged).max()
}

/// What a check of a sample's identity looks at.
fn estimate_of(metric: AcceptanceMetric, identity: &SampleIdentity) -> Option<&Estimate> {
    match metric {
        AcceptanceMetric::TumourContamination => identity.tumour_contamination.as_ref(),
        AcceptanceMetric::TumourInNormal => identity.tumour_in_normal.as_ref(),
        _ => identity.decisive(),
    }
}

/// Why there is no estimate.
fn absent(metric: AcceptanceMetric) -> &'static str {
    match metric {
        AcceptanceMetric::TumourContamination => {
            "not estimated without the reads of the normal sample"
        }
        AcceptanceMetric::TumourInNormal => {
            "not estimated without somatic calls of tumour and normal"
        }
        _ => "the metric sketch did not run",
    }
}

/// All checks together.
fn overall(checks: &[CheckResult]) -> Outcome {
    let worst = checks.iter().map(|check| check.outcome).max().unwrap_or(Outcome::NotAssessed);
    let mut missing = checks.iter().filter(|check| check.outcome == Outcome::NotAssessed);
    if worst != Outcome::Fail && missing.any(|check| check.required) {
        return Outcome::NotAssessed;
    }
    worst
}

fn one(set: &AcceptanceSet, check: &AcceptanceCheck, qc: &SampleQc, saliva: bool) -> CheckResult {
    let observed = observe(check, qc);
    let (name, unit, digits) = words(check.metric);
    let measured = match (check.depth, check.below_share) {
        (Some(depth), _) => format!("{name} at {depth}x or more"),
        (None, Some(share)) => format!("{name} (below {share})"),
        (None, None) => name.to_owned(),
    };
    let (outcome, why) = judge(check, observed, saliva);
    let shown = |value: f64| format!("{value:.digits$} {unit}").trim_end().to_owned();
    let value = match observed {
        Observed::Value(value) | Observed::AtLeast(value) => Some(value),
        Observed::Missing(_) => None,
    };
    let found = match observed {
        Observed::Value(value) => shown(value),
        Observed::AtLeast(value) => format!("at least {}", shown(value)),
        Observed::Missing(reason) => reason.to_owned(),
    };
    let bound = check.limit.or(check.warn).map_or_else(String::new, |bound| {
        let (sign, limit) = bound.parts();
        format!("; wanted {sign} {limit} {unit}").trim_end().to_owned()
    });
    let source = set.sources.get(&check.source);
    CheckResult {
        id: check.id.clone(),
        message: format!("{measured}: {found}{bound}{why}"),
        measured,
        observed: value,
        unit: unit.to_owned(),
        limit: check.limit,
        warn: check.warn,
        required: check.required,
        outcome,
        source: source.map_or_else(String::new, |source| source.text.clone()),
        source_host: source.and_then(|source| source.host.clone()),
    }
}

/// The outcome, and what to add to its message.
fn judge(check: &AcceptanceCheck, observed: Observed, saliva: bool) -> (Outcome, &'static str) {
    const LOWER_BOUND: &str =
        "; N of the reference count as depth 0: give the reference (-f) with all chromosomes";
    let holds = |bound: Option<Bound>| match (bound, observed) {
        (None, _) => Some(true),
        (Some(bound), Observed::Value(value)) => Some(bound.holds(value)),
        // More than a sufficient value suffices; more than an insufficient one may.
        (Some(bound), Observed::AtLeast(value)) => {
            (bound.is_least() == bound.holds(value)).then_some(bound.is_least())
        }
        (Some(_), Observed::Missing(_)) => None,
    };
    if check.limit.is_none() && check.warn.is_none() {
        return match observed {
            Observed::Missing(_) => (Outcome::NotAssessed, ""),
            _ => (Outcome::Reported, ""),
        };
    }
    let unknown = match observed {
        Observed::AtLeast(_) => LOWER_BOUND,
        _ => "",
    };
    match (holds(check.limit), holds(check.warn)) {
        (Some(false), _) if saliva && check.saliva == Some(Saliva::Exempt) => {
            (Outcome::Warn, "; saliva is exempt from this limit")
        }
        (Some(false), _) => (Outcome::Fail, ""),
        (None, _) | (_, None) => (Outcome::NotAssessed, unknown),
        (_, Some(false)) => (Outcome::Warn, ""),
        (Some(true), Some(true)) => (Outcome::Pass, ""),
    }
}

/// Name, unit and digits behind the point.
fn words(metric: AcceptanceMetric) -> (&'static str, &'static str, usize) {
    use AcceptanceMetric as M;
    match metric {
        M::ReferenceAtDepth => ("share of the reference", "%", 3),
        M::AutosomesAtDepth => ("share of the autosomes", "%", 3),
        M::MeanDepth => ("mean depth", "x", 2),
        M::Q30UniqueGigabases => {
            ("bases of quality 30 or more without duplicates, overlaps and clips", "Gb", 3)
        }
        M::Q30Bases => ("bases of quality 30 or more", "bp", 0),
        M::ReadsMapped => ("mapped reads", "%", 3),
        M::ReadsProperlyPaired => ("properly paired reads", "%", 3),
        M::PairsOnDifferentContigs => ("pairs on different contigs", "%", 3),
        M::MeanInsertSize => ("mean insert size", "bp", 1),
        M::InsertSizeDeviation => ("standard deviation of the insert size", "bp", 1),
        M::PicardAutosomeMean => ("mean depth of the autosomes, Picard's filters", "x", 2),
        M::PicardAutosomeMad => ("median absolute deviation of that depth", "x", 0),
        M::PicardAutosomesAtDepth => ("share of the autosomes, Picard's filters,", "%", 3),
        M::Fold80BasePenalty => ("FOLD_80 base penalty", "", 2),
        M::AtDropout => ("AT dropout", "%", 3),
        M::GcDropout => ("GC dropout", "%", 3),
        M::LocalRmsd => ("unevenness of depth within 100 kb (RMSD)", "x", 2),
        M::Contamination => ("contamination by another person", "%", 3),
        M::TumourContamination => ("contamination of the tumour by another person", "%", 3),
        M::TumourInNormal => ("reads of the normal sample from the tumour", "%", 3),
        M::TumourContent => ("tumour content", "%", 1),
        M::LowShareVariants => ("somatic variants in a small share of the reads", "%", 2),
        M::ListedGenesAtDepth => ("share of the listed genes", "%", 2),
        M::ListedGenesNotAssessed => ("listed genes that could not be assessed", "", 0),
    }
}

fn observe(check: &AcceptanceCheck, qc: &SampleQc) -> Observed {
    use AcceptanceMetric as M;
    let contract = qc.contract.as_ref();
    let share = |depth: Option<&ContractDepth>| {
        let known = depth.zip(contract).and_then(|(values, contract)| {
            Some((values.percent_at_least(check.depth?)?, contract.n_left_out))
        });
        match known {
            Some((share, true)) => Observed::Value(share),
            Some((share, false)) => Observed::AtLeast(share),
            None => {
                Observed::Missing("the metric contract did not run, or there are no such bases")
            }
        }
    };
    let counts = qc.samtools.as_ref();
    let value =
        |value: Option<f64>, reason| value.map_or(Observed::Missing(reason), Observed::Value);
    let of_reads = |part: &dyn Fn(&crate::model::samtools::SamtoolsQc) -> u64| {
        let share = counts.and_then(|counts| counts.share(part(counts)));
        value(share.map(|share| 100.0 * share), "the metric samtools did not run, or no reads")
    };
    let no_counts = "the metric samtools did not run";
    match check.metric {
        M::ReferenceAtDepth => share(contract.map(|contract| &contract.reference)),
        M::AutosomesAtDepth => share(contract.and_then(|contract| contract.autosomes.as_ref())),
        M::MeanDepth => match contract {
            Some(contract) if contract.n_left_out => Observed::Value(contract.reference.mean),
            Some(contract) => Observed::AtLeast(contract.reference.mean),
            None => Observed::Missing("the metric contract did not run"),
        },
        M::Q30UniqueGigabases => {
            value(qc.q30.map(|q30| q30.unique_gigabases()), "the metric q30 did not run")
        }
        M::Q30Bases => value(qc.q30.map(|q30| q30.all as f64), "the metric q30 did not run"),
        M::ReadsMapped => of_reads(&|counts| counts.mapped()),
        M::ReadsProperlyPaired => of_reads(&|counts| counts.properly_paired),
        M::PairsOnDifferentContigs => {
            let pairs = counts.filter(|counts| counts.mapped_and_paired > 0);
            let share = pairs.map(|counts| {
                100.0 * counts.different_contig_reads as f64 / counts.mapped_and_paired as f64
            });
            value(share, "the metric samtools did not run, or no pairs are mapped")
        }
        M::MeanInsertSize => value(counts.map(|c| c.inserts.average), no_counts),
        M::InsertSizeDeviation => value(counts.map(|c| c.inserts.standard_deviation), no_counts),
        M::PicardAutosomeMean
        | M::PicardAutosomeMad
        | M::PicardAutosomesAtDepth
        | M::Fold80BasePenalty => of_wgs(check, qc),
        M::AtDropout => value(qc.gc_bias.as_ref().map(|bias| bias.at_dropout), NO_GC),
        M::GcDropout => value(qc.gc_bias.as_ref().map(|bias| bias.gc_dropout), NO_GC),
        M::LocalRmsd => value(contract.and_then(|own| own.local_rmsd), NO_RMSD),
        M::Contamination | M::TumourContamination | M::TumourInNormal => {
            let found = qc.identity.as_ref().and_then(|found| estimate_of(check.metric, found));
            share_of(found, absent(check.metric))
        }
        M::TumourContent | M::LowShareVariants => of_calls(check, qc),
        M::ListedGenesAtDepth | M::ListedGenesNotAssessed => of_genes(check, qc),
    }
}

/// Values of the somatic calls.
fn of_calls(check: &AcceptanceCheck, qc: &SampleQc) -> Observed {
    let Some(tumour) = &qc.tumour else {
        return Observed::Missing("not estimated without somatic calls");
    };
    let (share, reason) = match check.metric {
        AcceptanceMetric::TumourContent => {
            (tumour.purity, "the somatic calls do not tell the share of tumour cells")
        }
        _ => (
            check.below_share.and_then(|below| tumour.share_below(below)),
            "no somatic variant tells its reads",
        ),
    };
    share.map_or(Observed::Missing(reason), |share| Observed::Value(100.0 * share))
}

/// Values of the listed genes.
fn of_genes(check: &AcceptanceCheck, qc: &SampleQc) -> Observed {
    let Some(genes) = qc.genes.as_ref().filter(|genes| !genes.panels.is_empty()) else {
        return Observed::Missing("it takes a gene model and a list of genes");
    };
    if check.metric == AcceptanceMetric::ListedGenesNotAssessed {
        let names = genes.panels.iter().flat_map(|panel| &panel.not_assessed);
        let names: std::collections::BTreeSet<&str> =
            names.map(|gene| gene.symbol.as_str()).collect();
        return Observed::Value(names.len() as f64);
    }
    let share = check.depth.and_then(|depth| genes.whole.stats.share(depth));
    let none = Observed::Missing("no base of the listed genes could be assessed");
    share.map_or(none, |share| Observed::Value(100.0 * share))
}

/// A share in percent, or why there is none; `absent` says so of no estimate at all.
fn share_of(estimate: Option<&Estimate>, absent: &'static str) -> Observed {
    match estimate {
        None => Observed::Missing(absent),
        Some(Estimate::Measured(found)) => Observed::Value(100.0 * found.value),
        Some(Estimate::TooFewSites { .. }) => Observed::Missing("too few sites"),
        Some(Estimate::NotAssessed) => Observed::Missing("the data do not tell"),
    }
}

/// Values of the coverage by Picard's filters.
fn of_wgs(check: &AcceptanceCheck, qc: &SampleQc) -> Observed {
    use AcceptanceMetric as M;
    let Some(wgs) = &qc.wgs else {
        return Observed::Missing("the metric wgs did not run; it needs the reference (-f)");
    };
    let autosomes = wgs.autosomes.as_ref();
    let found = match check.metric {
        M::PicardAutosomeMean => autosomes.map(|own| own.mean),
        M::PicardAutosomeMad => autosomes.map(|own| own.mad),
        M::PicardAutosomesAtDepth => {
            let depth = check.depth.unwrap_or(0);
            autosomes.map(|own| 100.0 * own.share(depth))
        }
        _ => wgs.fold_penalty[0],
    };
    found.map_or(Observed::Missing("there are no such bases"), Observed::Value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::contract::{ContractQc, Q30Yield};
    use crate::model::identity::{Contamination, Measured};
    use crate::model::qc::DepthHistogram;
    use crate::policy::acceptance::set;

    /// A sample with this percentage of its bases at 20x, and this many good bases.
    fn sample(percent: u64, q30: u64, n_left_out: bool) -> SampleQc {
        let mut histogram = DepthHistogram::default();
        histogram.add(20, percent);
        histogram.add(3, 100 - percent);
        let reference = ContractDepth::of(histogram);
        let autosomes = Some(reference.clone());
        SampleQc {
            contract: Some(ContractQc { n_left_out, reference, autosomes, ..Default::default() }),
            q30: Some(Q30Yield { all: q30, unique: q30 }),
            ..SampleQc::default()
        }
    }

    fn outcomes(verdict: &Verdict) -> Vec<Outcome> {
        verdict.checks.iter().map(|check| check.outcome).collect()
    }

    #[test]
    fn low_purity_small_shares_and_uncovered_genes_are_warnings_of_tumours() {
        use crate::model::gene_coverage::{Coverage, GenesQc, NotAssessed, PanelCoverage};
        use crate::model::qc::TumourContent;
        use Outcome::{NotAssessed as Unknown, Pass, Warn};
        let tumour = set("gel-tumour").unwrap();
        let outcome = |qc: &SampleQc, id: &str| {
            let verdict = assess(&tumour, qc, false);
            verdict.checks.iter().find(|check| check.id == id).unwrap().outcome
        };
        let mut qc = SampleQc::default();
        let ids = ["tumour_content", "low_shares", "listed_genes_30x", "listed_genes_missing"];
        assert!(ids.iter().all(|id| outcome(&qc, id) == Unknown));
        let mut shares = vec![0; 1_001];
        // Four in ten below 0.06, the limit itself excluded.
        (shares[59], shares[60]) = (40, 60);
        qc.tumour = Some(TumourContent { purity: Some(0.3), shares });
        assert_eq!([outcome(&qc, "tumour_content"), outcome(&qc, "low_shares")], [Pass, Pass]);
        if let Some(tumour) = &mut qc.tumour {
            tumour.purity = Some(0.29);
            tumour.shares[59] = 41;
        }
        assert_eq!([outcome(&qc, "tumour_content"), outcome(&qc, "low_shares")], [Warn, Warn]);
        let mut whole = Coverage { listed: 100, ..Coverage::default() };
        whole.stats.bases = 100;
        whole.stats.at_least = [100, 100, 99, 94, 0];
        let missing = NotAssessed { symbol: "G".into(), reason: "not in the gene model".into() };
        let panel = PanelCoverage { not_assessed: vec![missing], ..PanelCoverage::default() };
        qc.genes = Some(GenesQc { whole, panels: vec![panel], ..GenesQc::default() });
        assert_eq!([outcome(&qc, ids[2]), outcome(&qc, ids[3])], [Warn, Warn]);
        if let Some(genes) = &mut qc.genes {
            genes.whole.stats.at_least[3] = 95;
            genes.panels[0].not_assessed.clear();
        }
        assert_eq!([outcome(&qc, ids[2]), outcome(&qc, ids[3])], [Pass, Pass]);
    }

    #[test]
    fn limits_decide() {
        use Outcome::{Fail, NotAssessed, Pass, Warn};
        let germline = set("gel-germline").unwrap();
        let good = assess(&germline, &sample(95, 85_000_000_001, true), false);
        assert_eq!(outcomes(&good), [Pass, Pass, NotAssessed]);
        assert_eq!(good.line(), "NOT ASSESSED by gel-germline 0.2.0 (1 check not assessed)");
        let poor = assess(&germline, &sample(94, 85_000_000_000, true), false);
        assert_eq!(outcomes(&poor), [Fail, Fail, NotAssessed]);
        assert_eq!(poor.outcome, Fail);
        let message = "share of the reference at 15x or more: 94.000 %; wanted >= 95 %";
        assert_eq!(poor.checks[0].message, message);
        let saliva = assess(&germline, &sample(94, 90_000_000_000, true), true);
        assert_eq!((outcomes(&saliva)[0], saliva.outcome), (Warn, NotAssessed));
        // Without what is not known it would pass, and warn.
        let mut known = germline;
        known.checks.pop();
        assert_eq!(assess(&known, &sample(95, 85_000_000_001, true), false).outcome, Pass);
        assert_eq!(assess(&known, &sample(94, 90_000_000_000, true), true).outcome, Warn);
    }

    #[test]
    fn without_the_reference_a_share_is_a_lower_bound() {
        let newborn = set("gel-newborn").unwrap();
        let enough = assess(&newborn, &sample(96, 90_000_000_000, false), false);
        assert_eq!(enough.checks[0].outcome, Outcome::Pass);
        let unknown = assess(&newborn, &sample(90, 90_000_000_000, false), false);
        assert_eq!(unknown.checks[0].outcome, Outcome::NotAssessed);
        assert!(unknown.checks[0].message.contains("give the reference (-f) with all chromosomes"));
    }

    #[test]
    fn what_is_not_known_neither_passes_nor_fails() {
        for (name, _) in crate::policy::acceptance::SETS {
            let verdict = assess(&set(name).unwrap(), &SampleQc::default(), false);
            assert_eq!(verdict.outcome, Outcome::NotAssessed, "{name}");
            assert_eq!(verdict.not_assessed as usize, verdict.checks.len());
        }
    }

    fn with_contamination(share: f64, in_tumour: Option<f64>) -> SampleIdentity {
        let measured = |value| {
            Estimate::Measured(Measured { value, low: 0.0, high: 0.5, sites: 9_000, reads: 1 })
        };
        SampleIdentity {
            site_list: String::new(),
            contamination: Some(Contamination {
                as_stated: None,
                estimate: measured(share),
                mean_depth: 30.0,
                log_likelihood: None,
                ancestry: Vec::new(),
            }),
            charr: Estimate::NotAssessed,
            tumour_contamination: in_tumour.map(measured),
            tumour_in_normal: None,
            genotypes: crate::model::identity::GenotypeCounts::default(),
        }
    }

    #[test]
    fn contamination_is_judged_alone_as_in_the_whole_verdict() {
        use Outcome::{Fail, NotAssessed, Pass, Warn};
        let cases = [
            ("gel-germline", 0.02, None, Pass),
            ("gel-newborn", 0.02, None, Fail),
            ("gel-germline", 0.031, None, Fail),
            ("gel-normal", 0.031, None, Fail),
            ("gel-tumour", 0.2, None, NotAssessed),
            ("gel-tumour", 0.2, Some(0.005), Pass),
            ("gel-tumour", 0.0, Some(0.018), Warn),
            ("gel-tumour", 0.0, Some(0.026), Fail),
            // Of a tumour with its normal sample copy numbers do not count, whatever the set.
            ("gel-germline", 0.2, Some(0.005), Pass),
        ];
        for (name, share, in_tumour, wanted) in cases {
            let (set, identity) = (set(name).unwrap(), with_contamination(share, in_tumour));
            assert_eq!(contamination_outcome(&set, &identity), Some(wanted), "{name} {share}");
            let qc = SampleQc { identity: Some(identity), ..SampleQc::default() };
            let verdict = assess(&set, &qc, false);
            let of_set =
                verdict.checks.iter().filter(|check| check.id.starts_with("contamination"));
            assert_eq!(of_set.map(|check| check.outcome).max(), Some(wanted), "{name} {share}");
        }
        let identity = with_contamination(0.2, None);
        assert_eq!(contamination_outcome(&set("ga4gh-wgs").unwrap(), &identity), None);
    }

    #[test]
    fn tumour_cells_in_a_normal_sample_warn_and_fail() {
        let normal = set("gel-normal").unwrap();
        let of = |value| {
            let found = Measured { value, low: 0.0, high: 0.5, sites: 100, reads: 1 };
            tumour_in_normal_outcome(&normal, &Estimate::Measured(found))
        };
        assert_eq!(of(0.002), Some(Outcome::Pass));
        assert_eq!(of(0.05), Some(Outcome::Warn));
        assert_eq!(of(0.13), Some(Outcome::Fail));
        let germline = set("gel-germline").unwrap();
        assert_eq!(tumour_in_normal_outcome(&germline, &Estimate::NotAssessed), None);
    }
}
