//! Which column is the tumour, as the header of a caller says it, held against the case. Callers put them in either order, so
//! the order tells nothing.

use crate::case::Case;
use crate::io::variants::Header;
use crate::model::problem::Problem;
use crate::model::sample::{MemberId, Role};

/// Samples that a header calls tumour and normal: Mutect2's `tumor_sample` and `normal_sample`, MuSE's
/// `TUMOR="Sample=NAME,File=..."`.
fn stated(header: &Header) -> [(Role, Vec<String>); 2] {
    let names = |plain: &str, muse: &str| -> Vec<String> {
        let of_muse = header.values(muse).filter_map(|value| {
            let mut fields = value.trim_matches('"').split(',');
            fields.find_map(|field| field.trim().strip_prefix("Sample="))
        });
        header.values(plain).chain(of_muse).map(|name| name.trim().to_owned()).collect()
    };
    [
        (Role::Tumour, names("tumor_sample", "TUMOR")),
        (Role::Normal, names("normal_sample", "NORMAL")),
    ]
}

/// The header may not call a member's sample the other of the two.
///
/// # Errors
///
/// When it does: the case or the caller has them exchanged, and every somatic variant would be read from the wrong column.
pub(super) fn check(
    case: &Case,
    header: &Header,
    columns: &[(String, MemberId)],
) -> Result<(), Problem> {
    for (role, names) in stated(header) {
        let other = if role == Role::Tumour { Role::Normal } else { Role::Tumour };
        for (column, id) in columns {
            let member = case.family.get(*id);
            let own = [Some(column.as_str()), member.sample.as_deref()];
            let named = |name: &String| own.contains(&Some(name.as_str()));
            if member.role == other && names.iter().any(named) {
                let message = format!(
                    "its header calls the sample of {} the {}",
                    case.shown(*id),
                    role.word()
                );
                let help = "exchange the roles in the case, or give the file of the right pair";
                return Err(Problem::bad_data(message).help(help));
            }
        }
    }
    Ok(())
}
