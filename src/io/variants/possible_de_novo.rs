//! De novo labels that GATK writes into INFO instead of a FORMAT field: `hiConfDeNovo` and `loConfDeNovo` list the samples
//! whose call is new (annotation PossibleDeNovo).

use super::header::Header;
use super::lines::RawRecord;
use crate::model::genotype::Call;
use crate::model::sample::MemberId;

/// INFO keys, the surer first; the key itself becomes the label of the call.
const KEYS: [&str; 2] = ["hiConfDeNovo", "loConfDeNovo"];

/// Gives each listed sample's call the key as its label, unless FORMAT DN already labels it. `columns` pairs sample columns
/// with members.
pub(super) fn label(
    record: &RawRecord,
    header: &Header,
    columns: &[(usize, MemberId)],
    calls: &mut [Call],
) {
    for key in KEYS {
        if header.info(key).is_none() {
            continue;
        }
        let value = record.info().split(|&b| b == b';').find_map(|item| {
            item.strip_prefix(key.as_bytes()).and_then(|rest| rest.strip_prefix(b"="))
        });
        let Some(value) = value else { continue };
        for sample in value.split(|&b| b == b',') {
            let of_sample = columns.iter().find(|(column, _)| {
                header.samples.get(*column).is_some_and(|name| name.as_bytes() == sample)
            });
            let call = of_sample.and_then(|(_, member)| calls.get_mut(usize::from(member.0)));
            if let Some(call) = call.filter(|call| call.denovo_label.is_none()) {
                call.denovo_label = Some(key.to_owned());
            }
        }
    }
}
