//! Any other program: symbolic ALTs with END or SVLEN, sequence-resolved records with SVTYPE, breakends. A record that gives a
//! copy number (CN) and no reads over breakpoints was seen by depth.

use super::Dialect;

pub(super) const DIALECT: Dialect =
    Dialect { id: "generic", recognises: |_| true, evidence: None, quality: &["GQ", "CNQ", "QS"] };
