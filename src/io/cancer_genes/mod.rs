//! The built-in list of cancer genes; its source, licence and derivation stand in `README.md` beside it.

use super::{digest, gene_list};
use crate::model::panel::Panel;
use crate::model::problem::Problems;

const DRIVERS: &str = include_str!("drivers.tsv");

/// Driver genes of IntOGen with their roles, as the list of domain 2 where a case names none.
///
/// # Errors
///
/// Never, as long as the list is what it was when its test passed.
pub fn drivers() -> Result<Panel, Problems> {
    let sha256 = digest::sha256_hex(DRIVERS.as_bytes());
    let list = gene_list::parse(DRIVERS, "built-in list", "intogen-drivers", &sha256)?;
    Ok(Panel {
        name: "IntOGen drivers (default list)".into(),
        version: "2023-05-31".into(),
        source: "built-in list".into(),
        ..list
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::panel::CancerRole;

    #[test]
    fn the_list_is_read_as_its_ledger_says() {
        let list = drivers().unwrap();
        let with = |role| list.genes.iter().filter(|gene| gene.role == role).count();
        assert_eq!(list.genes.len(), 619);
        assert_eq!(with(Some(CancerRole::Oncogene)), 221);
        assert_eq!(with(Some(CancerRole::TumourSuppressor)), 236);
        assert_eq!((with(Some(CancerRole::Both)), with(None)), (154, 8));
        let role = |symbol: &str| list.genes.iter().find(|g| g.symbol == symbol).unwrap().role;
        assert_eq!(role("TP53"), Some(CancerRole::TumourSuppressor));
        assert_eq!(role("BRAF"), Some(CancerRole::Oncogene));
    }
}
