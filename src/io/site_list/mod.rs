//! Lists of common variants at which samples are compared.

use sha2::{Digest, Sha256};

use std::sync::Arc;

use crate::model::contig::ContigClass;
use crate::model::sketch::{Site, SiteList};

/// A contig's place in the order of lists: chromosomes by number, then X, Y and the mitochondrial genome, then the others
/// by name.
pub fn contig_order(contig: &str) -> (ContigClass, &str) {
    (ContigClass::of_name(contig), contig)
}

/// What [`crate::model::sketch::SiteList::digest`] holds: SHA-256, lower-case hex, over one line a site in order, of contig,
/// 1-based position, reference and alternate base, separated by tabs. Frequencies do not count: lists that differ in them
/// alone are lists of the same sites.
pub fn digest(sites: &[Site]) -> String {
    let mut digest = Sha256::new();
    for site in sites {
        let (reference, alternate) = (char::from(site.reference), char::from(site.alternate));
        let position = u64::from(site.position) + 1;
        digest.update(format!("{}\t{position}\t{reference}\t{alternate}\n", site.contig));
    }
    super::digest::hex(&digest.finalize())
}

/// The built-in list of this digest.
pub fn built_in_of_digest(_digest: &str) -> Option<Arc<SiteList>> {
    None
}
