//! De novo labels that GATK writes into INFO instead of a FORMAT field: `hiConfDeNovo` and `loConfDeNovo` list the samples
//! whose call is new (annotation PossibleDeNovo).

use super::header::Header;
use super::record::RawRecord;
use crate::model::genotype::Call;
use crate::model::sample::MemberId;

/// INFO keys, the surer first; the key itself becomes the label of the call.
const KEYS: [&str; 2] = ["hiConfDeNovo", "loConfDeNovo"];

/// Gives each listed sample's call the key as its label. Where FORMAT DN labels it already, that label stays; one that says less
/// or more than the key gets it added (`Inherited, but hiConfDeNovo`), which no policy takes for a word that is certain. `columns` pairs
/// sample columns with members.
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
            let Some(call) = call else { continue };
            match &mut call.denovo_label {
                none @ None => *none = Some(key.to_owned()),
                Some(label) if KEYS.iter().any(|known| label.ends_with(known)) => {}
                Some(label) if label.starts_with("DeNovo") && key == KEYS[0] => {}
                Some(label) => *label = format!("{label}, but {key}"),
            }
        }
    }
}
