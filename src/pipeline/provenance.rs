//! Where results come from: digests of the inputs, versions that the inputs state, and the record of the run.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::case::Case;
use crate::inputs::{self, Inputs};
use crate::io::digest;
use crate::io::site_list;
use crate::io::store::Store;
use crate::io::variants::Header;
use crate::model::problem::Problem;
use crate::model::qc::SampleQc;
use crate::model::results::{
    CaseResults, InputDigest, Provenance, RunRecord, SCHEMA_VERSION, Tool,
};
use crate::model::sample::MemberId;
use crate::model::written::WrittenFile;
use crate::policy::layers::Resolved;
use crate::report::{manifest, redact};

use super::Options;

/// Digests every input once: small files and variant files whole, alignments by what the quality pass collected (size,
/// header, blocks), the reference by its index, which fixes names and lengths.
///
/// # Errors
///
/// When an input cannot be read any more.
pub(super) fn of(
    case: &Case,
    inputs: &Inputs,
    quality: &[(MemberId, SampleQc)],
    options: &inputs::Options,
) -> Result<Provenance, Problem> {
    let mut digests: Vec<InputDigest> = Vec::new();
    for small in &inputs.digests {
        digests.push(whole(&small.what, Path::new(&small.file), None)?);
    }
    if let Some(reference) = &case.reference {
        let index = reference.with_file_name(format!("{}.fai", name(reference)));
        digests.push(whole("reference index", &index, None)?);
    }
    for variants in &inputs.variants {
        let member = match variants.samples.as_slice() {
            [(_, member)] => Some(member.0 + 1),
            _ => None,
        };
        digests.push(whole("variants", &variants.path, member)?);
    }
    for (role, files) in [("structural variants", &inputs.structural), ("repeats", &inputs.repeats)]
    {
        for file in files {
            let member = match file.columns.as_slice() {
                [(_, member)] => Some(member.0 + 1),
                _ => None,
            };
            digests.push(whole(role, &file.path, member)?);
        }
    }
    for sketch in &inputs.sketches {
        digests.push(whole("sketch", &sketch.path, Some(sketch.member.0 + 1))?);
    }
    for file in options.sites.iter().flat_map(|path| site_list::files(path)) {
        digests.push(whole("sites", &file, None)?);
    }
    for (alignment, (_, qc)) in inputs.alignments.iter().zip(quality) {
        digests.push(InputDigest {
            role: "alignment".into(),
            file: name(&alignment.path),
            member: Some(alignment.member.0 + 1),
            bytes: qc.input.size.unwrap_or_default(),
            sha256: qc.input.blocks_sha256.clone(),
            md5: None,
        });
    }
    digests.extend(store_digests(case, inputs)?);
    let (software, databases) = versions(inputs);
    Ok(Provenance { inputs: digests, software, databases })
}

/// Digests of the stores, with their roles.
fn store_digests(case: &Case, inputs: &Inputs) -> Result<Vec<InputDigest>, Problem> {
    let mut digests = Vec::new();
    for (role, store) in stores(inputs) {
        // A store's own digest covers all of it; a ClinVar VCF was read as a whole.
        digests.push(
            match case.clinvar.as_deref().filter(|path| role == "clinvar" && !Store::is_store(path))
            {
                Some(vcf) => whole(role, vcf, None)?,
                None => InputDigest {
                    role: role.into(),
                    file: name(Path::new(store.name())),
                    member: None,
                    bytes: store.bytes(),
                    sha256: Some(store.digest().to_owned()),
                    md5: None,
                },
            },
        );
    }
    Ok(digests)
}

/// What the inputs say of the programs and databases behind them.
fn versions(inputs: &Inputs) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let (mut software, mut databases) = (BTreeMap::new(), BTreeMap::new());
    for variants in &inputs.variants {
        stated_versions(variants.file.header(), &mut software, &mut databases);
    }
    for (_, store) in stores(inputs) {
        let meta = store.meta();
        databases.insert(
            format!("{} ({})", meta.dataset, name(Path::new(store.name()))),
            meta.version.clone(),
        );
    }
    for calls in inputs.structural.iter().chain(&inputs.repeats) {
        stated_versions(calls.file.header(), &mut software, &mut databases);
    }
    let beside = inputs.additional.iter().chain(&inputs.carrier);
    for panel in inputs.panels.panels().iter().chain(beside).chain(inputs.germline.iter().flatten())
    {
        databases
            .insert(format!("{} {} {}", panel.source, panel.id, panel.name), panel.version.clone());
    }
    for list in [&inputs.domain1, &inputs.domain2].into_iter().flatten() {
        databases.insert(format!("{} {}", list.source, list.name), list.version.clone());
    }
    (software, databases)
}

/// The stores of the case with their roles.
fn stores(inputs: &Inputs) -> impl Iterator<Item = (&'static str, &Store)> {
    let frequencies = inputs.sources.stores.iter().map(|store| ("frequencies", &**store));
    frequencies.chain(inputs.sources.clinvar.iter().map(|store| ("clinvar", &**store)))
}

pub(super) fn whole(role: &str, path: &Path, member: Option<u16>) -> Result<InputDigest, Problem> {
    let (bytes, sha256) = if path.as_os_str() == "-" {
        (0, None)
    } else {
        let digest = digest::of_file(path)?;
        (digest.bytes, Some(digest.sha256))
    };
    Ok(InputDigest { role: role.into(), file: name(path), member, bytes, sha256, md5: None })
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Versions that a VCF header states: `##source`, `##VEP="v111" ... gnomADg="v3.1.2"`, `##SnpEffVersion`,
/// `##bcftools_csqVersion`.
fn stated_versions(
    header: &Header,
    software: &mut BTreeMap<String, String>,
    databases: &mut BTreeMap<String, String>,
) {
    for (key, program) in [
        ("SnpEffVersion", "SnpEff"),
        ("bcftools_csqVersion", "bcftools csq"),
        ("source_version", "caller"),
    ] {
        if let Some(version) = header.values(key).next() {
            software.insert(program.into(), version.trim_matches('"').into());
        }
    }
    for source in header.values("source") {
        let (program, version) = source.trim_matches('"').split_once(' ').unwrap_or((source, "-"));
        software.insert(program.into(), version.into());
    }
    for line in header.values("VEP") {
        let (version, rest) = quoted(line).unwrap_or((line, ""));
        software.insert("VEP".into(), version.into());
        let mut rest = rest.trim();
        while let Some((key, after)) = rest.split_once('=') {
            let (value, next) = quoted(after).unwrap_or_else(|| {
                let end = after.find(' ').unwrap_or(after.len());
                after.split_at(end)
            });
            let key = key.trim();
            // Times and folders of the machine that annotated say nothing about databases.
            if !matches!(key, "time" | "cache" | "fasta") {
                databases.insert(key.into(), value.into());
            }
            rest = next.trim();
        }
    }
}

/// The text within the leading quotes and what follows them.
fn quoted(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix('"')?.split_once('"')
}

/// The record of a run that ends now.
pub(super) fn run_record(
    (results, tracks): (&CaseResults, &[WrittenFile]),
    (case, policy): (&Case, &Resolved),
    options: &Options,
    (run, started): (&str, SystemTime),
) -> Result<RunRecord, Problem> {
    let identifiers = redact::identifiers(case);
    let ended = now();
    Ok(RunRecord {
        schema_version: SCHEMA_VERSION.into(),
        run: run.to_owned(),
        tool: Tool::this(),
        started: utc(started),
        ended: utc(ended),
        threads: options.threads as u16,
        command: redact::command(&options.command, &identifiers),
        policy: serde_json::to_value(&policy.policy).unwrap_or_default(),
        policy_digest: policy.digest.clone(),
        inputs: results.provenance.inputs.clone(),
        outputs: manifest::present(&options.output, tracks)?,
    })
}

/// The time now.
pub(super) fn now() -> SystemTime {
    SystemTime::now()
}

/// An id that no other run of this machine has: start in nanoseconds and process number.
pub(super) fn run_id(started: SystemTime) -> String {
    let nanoseconds = started.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos());
    format!("{nanoseconds:x}-{:x}", std::process::id())
}

/// As [`utc`], with milliseconds.
pub(super) fn utc_milliseconds(time: SystemTime) -> String {
    let part = time.duration_since(UNIX_EPOCH).map_or(0, |d| d.subsec_millis());
    format!("{}.{part:03}Z", utc(time).trim_end_matches('Z'))
}

/// RFC 3339 in UTC, whole seconds. Civil date from days since 1970-01-01 (proleptic Gregorian calendar, 400-year cycles
/// of 146,097 days).
pub fn utc(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Years that begin in March, so that the leap day is the last of its year.
    let shifted = days + 719_468;
    let (cycle, day_of_cycle) = (shifted / 146_097, shifted % 146_097);
    let year_of_cycle = (day_of_cycle - day_of_cycle / 1_460 + day_of_cycle / 36_524
        - day_of_cycle / 146_096)
        / 365;
    let day_of_year =
        day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_cycle + cycle * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_are_rfc_3339() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_210_096, "2024-02-29T12:34:56Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(utc(UNIX_EPOCH + Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn versions_are_those_that_the_header_states() {
        let text = "##fileformat=VCFv4.2\n##source=HaplotypeCaller 4.5\n\
            ##VEP=\"v111\" time=\"2024-01-01\" gnomADg=\"v3.1.2\" sift=6.2.1 ClinVar=\"202306\"\n\
            #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";
        let header = Header::parse(text.as_bytes()).unwrap();
        let (mut software, mut databases) = (BTreeMap::new(), BTreeMap::new());
        stated_versions(&header, &mut software, &mut databases);
        let list = |map: &BTreeMap<String, String>| {
            map.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(list(&software), "HaplotypeCaller=4.5 VEP=v111");
        assert_eq!(list(&databases), "ClinVar=202306 gnomADg=v3.1.2 sift=6.2.1");
    }
}
