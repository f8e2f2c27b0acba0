//! The built-in lists: 9,645 common variants of the autosomes for GRCh37 and GRCh38, with ancestry. The folder of the same name
//! says where they come from and how they were derived; sites of X and Y are not among them, since the source has none.

use std::sync::{Arc, OnceLock};

use super::digest;
use crate::model::contig::Assembly;
use crate::model::sketch::{AncestryModel, Site, SiteList, SiteRegion};

/// Sites, frequencies and loadings; `built_in/README.md` has the layout.
const BYTES: &[u8] = include_bytes!("built_in/common-autosomes.bin");
/// Alleles that were counted for each frequency: two of each of 2,504 people.
const ALLELES: f64 = 5008.0;
const BASES: &[u8; 4] = b"ACGT";

/// The list for a build.
pub fn built_in(assembly: Assembly) -> Arc<SiteList> {
    static LISTS: [OnceLock<Arc<SiteList>>; 2] = [OnceLock::new(), OnceLock::new()];
    let cell = &LISTS[usize::from(assembly == Assembly::GRCh38)];
    // The bytes are part of the program: a test reads them whole, and were they damaged the list would be empty.
    Arc::clone(cell.get_or_init(|| Arc::new(unpack(assembly).unwrap_or_default())))
}

/// The built-in list of this digest.
pub fn built_in_of_digest(digest: &str) -> Option<Arc<SiteList>> {
    let lists = [Assembly::GRCh37, Assembly::GRCh38].map(built_in);
    lists.into_iter().find(|list| list.digest == digest)
}

/// The next `count` numbers of the bytes.
fn numbers<const N: usize, T>(
    bytes: &mut &[u8],
    count: usize,
    of: fn([u8; N]) -> T,
) -> Option<Vec<T>> {
    let (own, rest) = bytes.split_at_checked(count.checked_mul(N)?)?;
    *bytes = rest;
    Some(own.as_chunks::<N>().0.iter().map(|&bytes| of(bytes)).collect())
}

fn unpack(assembly: Assembly) -> Option<SiteList> {
    let mut bytes = BYTES;
    let head = numbers(&mut bytes, 2, u32::from_le_bytes)?;
    let (count, components) = (head[0] as usize, head[1] as usize);
    let scales = numbers(&mut bytes, components, f32::from_le_bytes)?;
    let contigs = numbers(&mut bytes, count, u8::from_le_bytes)?;
    let old = numbers(&mut bytes, count, u32::from_le_bytes)?;
    let new = numbers(&mut bytes, count, u32::from_le_bytes)?;
    let positions = if assembly == Assembly::GRCh37 { old } else { new };
    let alleles = numbers(&mut bytes, count, u8::from_le_bytes)?;
    let counts = numbers(&mut bytes, count, u16::from_le_bytes)?;
    let steps = numbers(&mut bytes, count * components, i16::from_le_bytes)?;
    let mut order: Vec<usize> = (0..count).collect();
    // Some stretches are turned around between the builds.
    order.sort_by_key(|&i| (contigs[i], positions[i]));
    let site = |&i: &usize| Site {
        contig: contigs[i].to_string(),
        position: positions[i],
        reference: BASES[usize::from(alleles[i] >> 2 & 3)],
        alternate: BASES[usize::from(alleles[i] & 3)],
        frequency: f64::from(counts[i]) / ALLELES,
        region: SiteRegion::Autosome,
    };
    let sites: Vec<Site> = order.iter().map(site).collect();
    let mean = order.iter().map(|&i| 2.0 * f64::from(counts[i]) / ALLELES).collect();
    let loading = |i: usize, k: usize| f64::from(f32::from(steps[i * components + k]) * scales[k]);
    let loadings =
        order.iter().flat_map(|&i| (0..components).map(move |k| loading(i, k))).collect();
    Some(SiteList {
        name: format!("common-autosomes-{assembly}"),
        build: Some(assembly.to_string()),
        digest: digest(&sites),
        sites,
        ancestry: Some(AncestryModel { mean, loadings, components }),
    })
}
