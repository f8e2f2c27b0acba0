//! Many samples in the records of Genomics England's metrics model.

use std::collections::BTreeMap;

use super::groups::{Group, stated};
use super::{SampleFiles, SamplesIdentity};
use crate::io::sink;
use crate::model::identity::SexIdentity;
use crate::model::karyotype::SexCheck;
use crate::model::problem::Problem;
use crate::report::gel_metrics::{self, Checked};

/// Writes `gel_metrics.json`: the checks of every family of the pedigree, and the contamination of every sample. Nothing is
/// written where there is neither. The name of the file, where it was written.
pub(super) fn write(
    found: &SamplesIdentity,
    groups: &[Group],
    files: &SampleFiles,
) -> Result<Option<String>, Problem> {
    let numbered = || (1..).zip(&found.samples);
    let sexes: Vec<SexIdentity> = numbered()
        .map(|(number, own)| {
            let coverage = own.chromosomes.as_ref().and_then(SexCheck::coverage);
            let stated = stated(&own.sample, &files.pedigree);
            SexIdentity::of(number, [stated, own.sex], coverage)
        })
        .collect();
    // Without a pedigree nothing is reported that the samples could be held against.
    let in_pedigree = |group: &&Group| {
        !files.pedigree.is_empty() && group.people.iter().any(|own| !own.family.is_empty())
    };
    let numbers = |group: &Group| group.samples.iter().map(|&i| i as u16 + 1).collect();
    let names: BTreeMap<u16, &str> =
        numbered().map(|(number, own)| (number, own.sample.as_str())).collect();
    let samples = numbered().filter_map(|(number, own)| Some((number, own.identity.as_ref()?)));
    let checked = Checked {
        names,
        families: groups.iter().filter(in_pedigree).map(numbers).collect(),
        of_relatives: true,
        samples: samples.collect(),
        sexes: &sexes,
        pairs: &found.pairs,
        children: &found.families,
        ..Checked::default()
    };
    let Some(json) = gel_metrics::document(&checked, None)? else {
        return Ok(None);
    };
    sink::write_whole(files.output.join(gel_metrics::FILE), &json)?;
    Ok(Some(gel_metrics::FILE.into()))
}
