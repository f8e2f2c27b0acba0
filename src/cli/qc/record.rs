//! What `qc` leaves of itself beside its results: settings, inputs, command.

use std::collections::BTreeMap;
use std::path::Path;

use clap::ValueEnum;
use serde_json::{Value, json};

use super::{DepthArgs, LABEL_VARIABLE, PRECISION_VARIABLE, QcArgs};
use crate::io::{digest, sink, site_list};
use crate::model::problem::Problem;
use crate::model::qc::SampleQc;
use crate::model::results::InputDigest;
use crate::pipeline::part::{self, Part};
use crate::pipeline::rules::Rules;
use crate::report::qc_files;

impl QcArgs {
    /// Begins the record of the results of these names.
    pub(super) fn begin(&self, names: &[String]) -> Result<Part, Problem> {
        let rules = Rules::of_reads(self.accept.as_deref(), &self.settings_in_force())?;
        let command = (std::env::args().collect(), usize::from(self.threads));
        Part::begin(self.output.clone(), names, rules, command)
    }

    /// Whatever the numbers depend on beside the inputs; threads and folders are no part of it.
    fn settings_in_force(&self) -> Value {
        json!({
            "metrics": self.only,
            "saliva": self.saliva,
            "excluded": self.excluded,
            "depth": self.depth.in_force(),
            "genes": self.genes.in_force(),
        })
    }

    /// Ends the record of one alignment.
    pub(super) fn record(
        &self,
        part: &Part,
        (path, name): (&Path, &str),
        qc: &SampleQc,
    ) -> Result<(), Problem> {
        let files = qc_files::all(Path::new(name)).into_iter();
        let outputs = files.map(|file| file.to_string_lossy().into_owned()).collect();
        let of_sample = [Some(qc.sample.as_str()), self.prefix.as_deref(), Some(name)];
        // Read groups are often called after samples.
        let read_groups = self.depth.read_groups.iter().map(String::as_str);
        let mut identifiers: Vec<&str> =
            of_sample.into_iter().flatten().chain(read_groups).collect();
        identifiers.retain(|identifier| !identifier.is_empty());
        // No identifier hides within another.
        identifiers.sort_by_key(|identifier| std::cmp::Reverse(identifier.len()));
        part.record(name, self.inputs(path, qc)?, (outputs, &qc.tracks), &identifiers)
    }

    fn inputs(&self, path: &Path, qc: &SampleQc) -> Result<Vec<InputDigest>, Problem> {
        let mut all = vec![InputDigest {
            role: "alignment".into(),
            file: path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
            bytes: qc.input.size.unwrap_or_default(),
            sha256: qc.input.blocks_sha256.clone(),
            ..InputDigest::default()
        }];
        if let Some(reference) = &self.reference {
            let mut index = reference.clone().into_os_string();
            index.push(".fai");
            all.push(part::input("reference index", Path::new(&index))?);
        }
        for file in self.sites.iter().flat_map(|path| site_list::files(path)) {
            all.push(part::input("sites", &file)?);
        }
        let by = self.depth.by.as_deref().map(Path::new).filter(|by| by.is_file());
        let genes = self.genes.files();
        let first = usize::from(!genes.is_empty());
        let (model, panels) = genes.split_at(first);
        for (role, files) in [("gene model", model), ("panel", panels)] {
            for file in files {
                all.push(part::input(role, file)?);
            }
        }
        all.extend(by.map(|by| part::input("regions", by)).transpose()?);
        Ok(all)
    }
}

impl DepthArgs {
    fn in_force(&self) -> Value {
        json!({
            "windows_or_regions": self.by.is_some(),
            "window": self.by.as_ref().and_then(|by| by.parse::<u32>().ok()),
            "per_base": !self.no_per_base,
            "fast_mode": self.mode.fast_mode,
            "fragment_mode": self.mode.fragment_mode,
            "min_frag_len": self.min_frag_len,
            "max_frag_len": self.max_frag_len,
            "mapq": self.mapq,
            "flag": self.flag,
            "include_flag": self.include_flag,
            "read_groups": digest_of(&self.read_groups),
            "thresholds": self.thresholds,
            "quantize": self.quantize,
            "use_median": self.use_median,
            "compat": self.compat.and_then(|peer| peer.to_possible_value().map(|own| own.get_name().to_owned())),
            "environment": of_environment(),
        })
    }
}

/// Which read groups count, without their names, which may hold those of samples: SHA-256 of the sorted names, null for all.
fn digest_of(read_groups: &[String]) -> Value {
    if read_groups.is_empty() {
        return Value::Null;
    }
    let mut sorted: Vec<&String> = read_groups.iter().collect();
    sorted.sort_unstable();
    sorted.dedup();
    json!(digest::sha256_hex(json!(sorted).to_string().as_bytes()))
}

/// Those variables of mosdepth that are set.
fn of_environment() -> Value {
    let ours = |name: &str| {
        let label = name.strip_prefix(LABEL_VARIABLE);
        let is_label = label.is_some_and(|bin| bin.bytes().all(|byte| byte.is_ascii_digit()));
        name == PRECISION_VARIABLE || is_label
    };
    let set = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let found: BTreeMap<String, String> =
        set.filter(|(name, value)| ours(name) && !value.is_empty()).collect();
    json!(found)
}

/// Name of the results of a job.
pub(super) fn name_of(stem: &Path) -> String {
    let name = stem.file_name().unwrap_or(stem.as_os_str());
    sink::safe_file_name(&name.to_string_lossy())
}
