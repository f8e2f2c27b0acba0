//! Records against the values that they come from. `.ci/oracles/gel_metrics.sh` holds them against the model itself.

use serde_json::{Value, json};

use super::{Checked, FILE, GelMetrics, document, text};
use crate::model::contract::{ContractDepth, ContractQc};
use crate::model::gene_coverage::{Coverage, DepthStats, GenesQc, PanelCoverage};
use crate::model::identity::{
    CaseIdentity, Contamination, Estimate, GenotypeCounts, Measured, SampleIdentity, SexCoverage,
    SexIdentity,
};
use crate::model::qc::gc_bias::GcBias;
use crate::model::qc::{ContigDepth, DepthHistogram, SampleQc};
use crate::model::results::{AnalysisDecision, CaseResults};
use crate::model::sample::Sex;
use crate::model::samtools::SamtoolsQc;
use crate::model::verdict::{CheckResult, Outcome, Verdict};
use crate::report::{Source, Writer, fixture, fixture_identity};

fn written(results: &CaseResults) -> Option<Value> {
    let files = GelMetrics.render(&Source::of(results)).unwrap();
    let file = files.first()?;
    assert_eq!(file.name, FILE);
    Some(serde_json::from_slice(&file.bytes).unwrap())
}

fn of_sample(qc: &SampleQc) -> Value {
    serde_json::from_str(&text(qc).unwrap()).unwrap()
}

fn contig(name: &str, depths: &[(u32, u64)]) -> ContigDepth {
    let mut histogram = DepthHistogram::default();
    for &(depth, bases) in depths {
        histogram.add(depth, bases);
    }
    ContigDepth { name: name.into(), histogram, ..ContigDepth::default() }
}

fn contract(n_left_out: bool) -> ContractQc {
    let contigs = vec![
        contig("chr1", &[(10, 1), (30, 3)]),
        contig("chrX", &[(15, 4)]),
        contig("decoy", &[(9, 9)]),
    ];
    let of = |names: &[usize]| {
        let mut histogram = DepthHistogram::default();
        for &i in names {
            histogram.merge(&contigs[i].histogram);
        }
        ContractDepth::of(histogram)
    };
    ContractQc {
        n_left_out,
        local_rmsd: Some(3.5),
        reference: of(&[0, 1]),
        autosomes: Some(of(&[0])),
        autosomes_rmsd: Some(2.5),
        contigs_rmsd: vec![Some(2.5), Some(4.5), None],
        contigs,
        ..ContractQc::default()
    }
}

fn contaminated(estimate: Estimate) -> SampleIdentity {
    SampleIdentity {
        site_list: "list".into(),
        contamination: Some(Contamination {
            as_stated: None,
            estimate,
            mean_depth: 31.5,
            log_likelihood: Some([-1000.25, -1200.5]),
            ancestry: Vec::new(),
        }),
        charr: Estimate::NotAssessed,
        tumour_contamination: None,
        tumour_in_normal: None,
        genotypes: GenotypeCounts::default(),
    }
}

#[test]
fn depth_has_its_scopes_and_needs_the_reference() {
    let mut qc = SampleQc { contract: Some(contract(true)), ..SampleQc::default() };
    let found = of_sample(&qc);
    let rows = found["stats"]["WHOLE_GENOME_COVERAGE"]["coverageSummary"].as_array().unwrap();
    let scopes: Vec<&str> = rows.iter().map(|row| row["scope"].as_str().unwrap()).collect();
    assert_eq!(scopes, ["allchrs", "autosomes", "chr1", "chrX"]);
    let expected = json!({
        "avg": 25.0, "med": 30.0, "bases": 4.0, "pct25": 25.0, "pct75": 30.0, "lt15x": 0.25, "gte15x": 0.75,
        "gte30x": 0.75, "gte50x": 0.0, "sd": 75_f64.sqrt(), "localRMSD": 2.5, "scope": "autosomes"
    });
    assert_eq!(rows[1], expected);
    assert_eq!([&rows[0]["localRMSD"], &rows[3]["localRMSD"]], [&json!(3.5), &json!(4.5)]);
    let below = &found["stats"]["COVERAGE_SUMMARY_CALCULATIONS"];
    assert_eq!(below[0], json!({ "lt30x_percent": 62.5, "scope": "allchrs" }));
    assert!(found["notWritten"]["GelMetrics"].is_string());
    qc.contract = Some(contract(false));
    assert_eq!(text(&qc), None, "bases that are N would count");
}

#[test]
fn an_exome_is_all_genes_of_a_model() {
    let whole = Coverage {
        stats: DepthStats::of(&contig("x", &[(20, 4)]).histogram),
        ..Default::default()
    };
    let contigs = vec![("chr1".to_owned(), whole)];
    let genes = GenesQc { whole, contigs, ..GenesQc::default() };
    let has = |genes: GenesQc| text(&SampleQc { genes: Some(genes), ..SampleQc::default() });
    let found = has(genes.clone()).unwrap();
    let found: Value = serde_json::from_str(&found).unwrap();
    let rows = &found["stats"]["EXOME_COVERAGE"]["coverageSummary"];
    assert_eq!((&rows[0]["scope"], &rows[1]["scope"]), (&json!("allchrs"), &json!("chr1")));
    assert_eq!((&rows[0]["avg"], &rows[0]["localRMSD"]), (&json!(20.0), &Value::Null));
    assert_eq!(has(GenesQc { padding: 15, ..genes.clone() }), None);
    assert_eq!(has(GenesQc { panels: vec![PanelCoverage::default()], ..genes }), None);
}

#[test]
fn numbers_of_samtools_are_those_that_it_prints() {
    let samtools = SamtoolsQc {
        sequences: 200,
        mapped_and_paired: 150,
        mapped_single: 10,
        different_contig_reads: 3,
        bases_mapped_cigar: 3,
        mismatches: 1,
        ..SamtoolsQc::default()
    };
    let bias = GcBias { at_dropout: 1.25, gc_dropout: 0.5, ..GcBias::default() };
    let mut qc = SampleQc { samtools: Some(samtools), gc_bias: Some(bias), ..SampleQc::default() };
    let stats = &of_sample(&qc)["stats"];
    let all = &stats["SAMTOOLS_STATS_ALL"];
    // 31 fields of the model.
    assert_eq!(all.as_object().unwrap().len(), 31 + 1);
    assert_eq!(all["samtoolsScope"], "all");
    assert_eq!(all["SAMTOOLS_READS_MAPPED"], 160.0);
    assert_eq!(all["SAMTOOLS_ERROR_RATE"], 0.333_333_3);
    assert_eq!(all["SAMTOOLS_PAIRS_ON_DIFFERENT_CHROMOSOMES"], 1.0);
    let shares = json!({
        "samtoolsScope": "all",
        "SAMTOOLS_READS_MAPPED_PERCENT": 80.0,
        "SAMTOOLS_PAIRS_ON_DIFFERENT_CHROMOSOMES_PERCENT": 2.0
    });
    assert_eq!(stats["SAMTOOLS_STATS_CALCULATIONS_ALL"], shares);
    assert_eq!(stats["AT_GC_DROP"], json!({ "at_drop": 1.25, "gc_drop": 0.5 }));
    if let Some(samtools) = &mut qc.samtools {
        samtools.mapped_and_paired = 0;
    }
    let single = of_sample(&qc);
    assert_eq!(single["stats"]["SAMTOOLS_STATS_CALCULATIONS_ALL"], Value::Null);
    let why = &single["notWritten"]["SamtoolsStatsCalculations"];
    assert_eq!(why, "no pair has both reads mapped");
}

#[test]
fn contamination_that_was_not_measured_is_not_zero() {
    let measured = Measured { value: 0.0123, low: 0.0, high: 0.1, sites: 9_000, reads: 270_000 };
    let mut qc = SampleQc {
        sample: "S 1".into(),
        identity: Some(contaminated(Estimate::Measured(measured))),
        ..SampleQc::default()
    };
    let found = of_sample(&qc);
    let record = &found["stats"]["VERIFY_BAM_ID"];
    assert_eq!([&record["SEQ_ID"], &record["CHIPMIX"]], [&json!("S 1"), &json!("NA")]);
    assert_eq!([&record["FREEMIX"], &record["FREELK1"]], [&json!(0.0123), &json!(1000.25)]);
    assert_eq!([&record["SNPS"], &record["AVG_DP"]], [&json!(9000.0), &json!(31.5)]);
    for estimate in [Estimate::NotAssessed, Estimate::TooFewSites { sites: 1, needed: 2 }] {
        qc.identity = Some(contaminated(estimate));
        assert_eq!(text(&qc), None);
    }
}

#[test]
fn a_family_that_does_not_fit_fails() {
    let found = written(&fixture::trio()).unwrap();
    let checks = &found["records"]["ReportedVsGeneticChecks"][0];
    assert_eq!(checks["reportedVsGeneticSummary"], Value::Null);
    let sex = json!({
        "sampleId": "trio-child", "inferredKaryotype": "XX", "ratioChrX": 1.0, "ratioChrY": 0.015_625,
        "avgCnvChrX": 2.0, "avgCnvChrY": 0.0, "reviewedKaryotype": null
    });
    assert_eq!(checks["coverageBasedSex"], json!([sex]));
    let mendel = &checks["mendelianInconsistencies"];
    let couple = json!({
        "fatherId": "trio-father", "motherId": "trio-mother", "numberOfOffspring": 1.0,
        "numberOfMendelErrors": 813.0
    });
    assert_eq!(mendel["perFamilyMendelErrors"], json!([couple]));
    let total = &mendel["totalNumberOfMendelErrors"];
    assert_eq!(total["familyMendelErrors"], 813.0);
    let of_mother = &total["individualMendelErrors"][1];
    let unknown = json!({ "sampleId": "trio-mother", "totalnumberOfMendelErrors": null });
    assert_eq!(of_mother, &unknown);
    let pairs = &checks["familyRelatedness"]["relatedness"];
    assert_eq!([&pairs[0]["piHat"], &pairs[1]["piHat"]], [&json!(0.498), &json!(0.0)]);
    assert_eq!(pairs[0]["ibd0"], Value::Null);
    let evaluation = &checks["evaluation"];
    assert_eq!(evaluation["reportedVsGeneticSummary"], "familyFailsACheck");
    let queries = |list: &str, key: &str| -> Vec<String> {
        let list = evaluation[list].as_array().unwrap();
        list.iter().map(|own| own[key].as_str().unwrap().to_owned()).collect()
    };
    let sexes = queries("coverageBasedSexCheck", "sexQuery");
    assert_eq!(sexes, ["no", "notTested", "notTested"]);
    assert_eq!(queries("familyRelatednessCheck", "withinFamilyIBDQuery"), ["no", "yes"]);
    let errors = queries("mendelianInconsistenciesCheck", "mendelianInconsistenciesQuery");
    assert_eq!(errors, ["yes", "notTested", "notTested"]);
    let relations = &evaluation["familyRelatednessCheck"];
    assert_eq!(relations[0]["relationshipFromPedigree"], "Daughter");
    assert_eq!(relations[1]["possibleRelationship"], "unrelated");
}

/// The whole evaluation of a case, once its checks are changed.
fn summary(change: impl Fn(&mut CaseIdentity)) -> Value {
    let mut results = fixture::trio();
    let mut identity = fixture_identity::trio();
    change(&mut identity);
    results.identity = Some(identity);
    let found = written(&results).unwrap();
    found["records"]["ReportedVsGeneticChecks"][0]["evaluation"]["reportedVsGeneticSummary"].clone()
}

#[test]
fn a_family_passes_only_with_every_check_assessed() {
    let good = |identity: &mut CaseIdentity| {
        let coverage = Some(SexCoverage { copies: Some([2, 0]), ..SexCoverage::default() });
        identity.sexes = vec![SexIdentity::of(1, [Sex::Female, Sex::Female], coverage)];
        identity.pairs.truncate(1);
        identity.families[0].outcome = Outcome::Pass;
    };
    assert_eq!(summary(good), "familyPassesGvsRChecks");
    let with = |change: &dyn Fn(&mut CaseIdentity)| {
        summary(|identity| {
            good(identity);
            change(identity);
        })
    };
    let few = |identity: &mut CaseIdentity| identity.families[0].outcome = Outcome::NotAssessed;
    assert_eq!(with(&few), "familyMissingACheck");
    let warned = |identity: &mut CaseIdentity| identity.pairs[0].outcome = Outcome::Warn;
    assert_eq!(with(&warned), "familyFailsACheck");
    // Three sex chromosomes are to be looked at, whatever the outcome of the sex alone.
    let odd = |identity: &mut CaseIdentity| {
        let coverage = Some(SexCoverage { copies: Some([3, 0]), ..SexCoverage::default() });
        identity.sexes[0].coverage = coverage;
    };
    assert_eq!(with(&odd), "familyFailsACheck");
    let open = |identity: &mut CaseIdentity| identity.pairs[0].outcome = Outcome::Reported;
    assert_eq!(with(&open), "familyPassesGvsRChecks", "nothing was reported of the pair");
}

fn verdict(outcome: Outcome, checks: &[(&str, Outcome)]) -> Verdict {
    let check = |&(id, outcome): &(&str, Outcome)| CheckResult {
        id: id.into(),
        measured: String::new(),
        observed: None,
        unit: String::new(),
        limit: None,
        warn: None,
        required: true,
        outcome,
        message: format!("message of {id}"),
        source: String::new(),
        source_host: None,
    };
    Verdict {
        set: "set".into(),
        version: "1".into(),
        saliva: false,
        outcome,
        not_assessed: 0,
        checks: checks.iter().map(check).collect(),
    }
}

/// The state of a sample with this verdict, and with these checks of its case.
fn state(verdict: &Verdict, case: Option<&CaseIdentity>) -> Value {
    let names = [(1, "S1"), (2, "S2"), (3, "S3")].into_iter().collect();
    let checked = Checked { verdicts: vec![(1, verdict)], ..Checked::of_case(names, case, true) };
    let bytes = document(&checked, None).unwrap();
    let found: Value = bytes.map_or(Value::Null, |bytes| serde_json::from_slice(&bytes).unwrap());
    found["samples"][0]["stats"]["SAMPLE_STATE"].clone()
}

#[test]
fn a_sample_is_ready_only_by_a_verdict_that_passes() {
    use Outcome::{Fail, NotAssessed, Pass, Reported, Warn};
    let pass = verdict(Pass, &[("coverage", Pass)]);
    let ready = json!({ "state": "ready", "reason": ["pass_qc"], "otherReasons": null, "issueIdentifier": null });
    assert_eq!(state(&pass, None), ready);
    let failed = state(&verdict(Fail, &[("coverage", Fail), ("q30_yield", Warn)]), None);
    assert_eq!(failed["state"], "failed");
    assert_eq!(failed["reason"], json!(["perc_bases_ge_15x", "gb_q30"]));
    assert_eq!(failed["otherReasons"][0], "message of coverage");
    let open = state(&verdict(NotAssessed, &[("coverage", NotAssessed)]), None);
    assert_eq!((&open["state"], &open["reason"]), (&Value::Null, &json!(["other"])));
    assert_eq!(open["otherReasons"], json!(["not assessed by set: coverage"]));
    assert_eq!(state(&verdict(Reported, &[]), None), Value::Null);
    let mut case = fixture_identity::trio();
    case.override_reason = None;
    let blocked = state(&pass, Some(&case));
    assert_eq!(blocked["state"], "blocked");
    assert_eq!(blocked["reason"], json!(["pedigree_ibd_sharing", "pedigree_mendelian_errors"]));
    assert_eq!(blocked["otherReasons"], json!(["proband is unrelated to its father"]));
    case.override_reason = Some("adopted".into());
    assert_eq!(state(&pass, Some(&case))["state"], "warning");
}

#[test]
fn people_who_did_not_consent_are_not_there() {
    let mut results = fixture::trio();
    let record = results.consent.iter_mut().find(|record| record.member == 3).unwrap();
    record.analysis = AnalysisDecision::Refused;
    let found = written(&results).unwrap();
    assert!(!found.to_string().contains("trio-father"), "{found}");
    assert!(!found.to_string().contains("unrelated"), "{found}");
    let checks = &found["records"]["ReportedVsGeneticChecks"][0];
    assert_eq!(checks["mendelianInconsistencies"], Value::Null, "errors are counted with him");
    assert_eq!(checks["familyRelatedness"]["relatedness"].as_array().unwrap().len(), 1);
    results.consent.clear();
    assert_eq!(written(&results), None);
}

#[test]
fn a_tumour_is_no_family() {
    let mut results = fixture::tumour();
    let sexes = vec![SexIdentity::of(2, [Sex::Female, Sex::Female], None)];
    if let Some(identity) = &mut results.identity {
        identity.sexes = sexes;
    }
    let found = written(&results).unwrap();
    let evaluation = &found["records"]["ReportedVsGeneticChecks"][0]["evaluation"];
    assert_eq!(evaluation["coverageBasedSexCheck"][0]["sexQuery"], "notTested");
    assert_eq!(evaluation["reportedVsGeneticSummary"], Value::Null);
    assert_eq!(evaluation["mendelianInconsistenciesCheck"], Value::Null);
}
