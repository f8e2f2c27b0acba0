//! The sites of a list by the contigs of one alignment, and what its contigs are for depth.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::io::site_list::bare;
use crate::model::contig::{Assembly, ContigClass};
use crate::model::coord::Span;
use crate::model::sketch::SiteList;

/// One contig of the alignment.
#[derive(Clone, Debug)]
pub(super) struct ContigPlan {
    pub(super) class: ContigClass,
    /// bp.
    pub(super) length: u32,
    /// Pseudo-autosomal regions; empty spans where there are none.
    pub(super) par: [Span; 2],
    /// Its sites.
    pub(super) sites: Range<u32>,
}

/// Sites by contig of the alignment and position.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub(super) list: Arc<SiteList>,
    pub(super) contigs: Vec<ContigPlan>,
    /// 0-based positions.
    pub(super) positions: Vec<u32>,
    /// Reference and alternate base as BAM codes.
    alleles: Vec<[u8; 2]>,
    /// Places in the list.
    pub(super) places: Vec<u32>,
}

/// BAM's code of a base.
fn code(base: u8) -> u8 {
    match base {
        b'A' => 1,
        b'C' => 2,
        b'G' => 4,
        b'T' => 8,
        _ => 0,
    }
}

impl Plan {
    /// Finds the list's sites on the contigs (name and length in bp).
    pub(super) fn new(
        contigs: &[(String, u32)],
        list: Arc<SiteList>,
        assembly: Option<Assembly>,
    ) -> Self {
        let mut by_contig: HashMap<&str, Vec<u32>> = HashMap::new();
        for (i, site) in list.sites.iter().enumerate() {
            by_contig.entry(&site.contig).or_default().push(i as u32);
        }
        let mut plan = Self::default();
        for (name, length) in contigs {
            let class = ContigClass::of_name(name);
            let first = plan.places.len() as u32;
            // A second contig of one name gets nothing: a site is looked at once.
            for place in by_contig.remove(bare(name).as_str()).unwrap_or_default() {
                let site = &list.sites[place as usize];
                if site.position < *length {
                    plan.positions.push(site.position);
                    plan.alleles.push([code(site.reference), code(site.alternate)]);
                    plan.places.push(place);
                }
            }
            let par = assembly.map_or([Span::default(); 2], |assembly| assembly.par(class));
            let sites = first..plan.places.len() as u32;
            plan.contigs.push(ContigPlan { class, length: *length, par, sites });
        }
        plan.list = list;
        plan
    }

    /// True when no site lies on a contig of the alignment.
    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Reference and alternate base of a site, as BAM codes.
    pub(super) fn alleles(&self, site: u32) -> [u8; 2] {
        self.alleles.get(site as usize).copied().unwrap_or_default()
    }

    /// The first site at or behind a position of a contig.
    pub(super) fn site_from(&self, contig: u32, position: u32) -> u32 {
        let Some(contig) = self.contigs.get(contig as usize) else { return 0 };
        let sites = &self.positions[contig.sites.start as usize..contig.sites.end as usize];
        contig.sites.start + sites.partition_point(|&own| own < position) as u32
    }
}
