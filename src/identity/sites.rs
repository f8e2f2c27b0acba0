//! Samples that were taken at different lists of sites: which sites they share.
//!
//! Sites are the same when contig, position and both alleles are. Nothing is compared at a site that one of two samples was
//! not taken at; how many are left is told ([`differences`]), since fewer sites are weaker evidence.

use std::borrow::Cow;
use std::sync::Arc;

use crate::io::site_list::contig_order;
use crate::model::contig::ContigClass;
use crate::model::sketch::{Site, SiteCounts, SiteList, Sketch};

type Key<'a> = ((ContigClass, &'a str), u32, u8, u8);

fn key(site: &Site) -> Key<'_> {
    (contig_order(&site.contig), site.position, site.reference, site.alternate)
}

/// Several lists as one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Together {
    /// The sites of all lists, each once, in order.
    pub sites: Vec<Site>,
    /// For each list the places of its sites among them.
    pub places: Vec<Vec<u32>>,
}

/// Puts lists together. A site of X or Y that one of them knows to be pseudo-autosomal is so.
pub fn together(lists: &[Arc<SiteList>]) -> Together {
    let own = |(number, list): (usize, &Arc<SiteList>)| {
        (0..list.sites.len()).map(move |place| (number, place)).collect::<Vec<_>>()
    };
    let mut all: Vec<(usize, usize)> = lists.iter().enumerate().flat_map(own).collect();
    let site = |&(number, place): &(usize, usize)| &lists[number].sites[place];
    all.sort_by(|a, b| key(site(a)).cmp(&key(site(b))));
    let mut found = Together {
        sites: Vec::new(),
        places: lists.iter().map(|list| vec![0; list.sites.len()]).collect(),
    };
    for same in all.chunk_by(|a, b| key(site(a)) == key(site(b))) {
        let region = same.iter().map(|one| site(one).region).min().unwrap_or_default();
        for &(number, place) in same {
            found.places[number][place] = found.sites.len() as u32;
        }
        found.sites.push(Site { region, ..site(&same[0]).clone() });
    }
    found
}

/// Number of sites that two lists share.
pub fn in_common(one: &SiteList, other: &SiteList) -> usize {
    if one.digest == other.digest {
        return one.sites.len();
    }
    let known: std::collections::BTreeSet<Key<'_>> = one.sites.iter().map(key).collect();
    other.sites.iter().filter(|site| known.contains(&key(site))).count()
}

/// A sketch at the sites of another list: sites that it was not taken at have no bases.
pub fn at<'a>(sketch: &'a Sketch, list: &Arc<SiteList>) -> Cow<'a, Sketch> {
    if sketch.sites.digest == list.digest {
        return Cow::Borrowed(sketch);
    }
    let own: std::collections::BTreeMap<Key<'_>, &SiteCounts> =
        sketch.sites.sites.iter().map(key).zip(&sketch.counts).collect();
    let counts = list.sites.iter().map(|site| own.get(&key(site)).copied().cloned());
    Cow::Owned(Sketch {
        sample: sketch.sample.clone(),
        source: sketch.source,
        sites: Arc::clone(list),
        counts: counts.map(Option::unwrap_or_default).collect(),
        depth: sketch.depth,
    })
}

/// Lists by digest, in the order met.
pub fn distinct<'a>(lists: impl Iterator<Item = &'a Arc<SiteList>>) -> Vec<Arc<SiteList>> {
    let mut found: Vec<Arc<SiteList>> = Vec::new();
    for list in lists {
        if found.iter().all(|known| known.digest != list.digest) {
            found.push(Arc::clone(list));
        }
    }
    found
}

/// A sentence for every sample whose list is not that of the first one: whose, which lists, how many sites they share.
pub fn differences(samples: &[(String, Arc<SiteList>)]) -> Vec<String> {
    let Some(((first, list), others)) = samples.split_first() else { return Vec::new() };
    let shown = |list: &SiteList| {
        format!("{} of {:?} (digest {})", list.sites.len(), list.name, list.digest)
    };
    let told = |(label, own): &(String, Arc<SiteList>)| {
        (own.digest != list.digest).then(|| {
            let common = in_common(list, own);
            let (own, known) = (shown(own), shown(list));
            format!(
                "{label} was taken at other sites than {first}: {own}, against {known}; {common} sites are in both \
                 and only these are compared"
            )
        })
    };
    others.iter().filter_map(told).collect()
}

/// The names of lists, for people.
pub fn names(lists: &[Arc<SiteList>]) -> String {
    let names: Vec<&str> = lists.iter().map(|list| list.name.as_str()).collect();
    names.join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::mixture::{Random, list, person, reads};
    use crate::io::site_list::digest;
    use crate::model::sketch::SiteRegion;

    /// Every `step`th site of a list, from this one on.
    fn part(list: &SiteList, from: usize, step: usize) -> Arc<SiteList> {
        let sites: Vec<Site> = list.sites.iter().skip(from).step_by(step).cloned().collect();
        Arc::new(SiteList {
            name: format!("part{from}"),
            digest: digest(&sites),
            sites,
            ..list.clone()
        })
    }

    #[test]
    fn lists_are_put_together_site_by_site() {
        let all = list(1_200, 70);
        let (even, third) = (part(&all, 0, 2), part(&all, 0, 3));
        let found = together(&[Arc::clone(&even), Arc::clone(&third)]);
        assert_eq!(found.sites.len(), 600 + 400 - 200);
        assert_eq!(in_common(&even, &third), 200);
        for (list, places) in [&even, &third].iter().zip(&found.places) {
            for (site, &place) in list.sites.iter().zip(places) {
                assert_eq!(key(site), key(&found.sites[place as usize]));
            }
        }
        assert!(found.sites.is_sorted_by(|a, b| key(a) < key(b)));
        // Other alleles at one position are another site; a region that one list knows better counts.
        let mut other = (*even).clone();
        other.sites[0].alternate = b'C';
        let last = other.sites.len() - 1;
        other.sites[last].region = SiteRegion::Autosome;
        other.digest = digest(&other.sites);
        let found = together(&[Arc::clone(&even), Arc::new(other)]);
        assert_eq!((found.sites.len(), found.places[0][0] == found.places[1][0]), (601, false));
        assert_eq!(found.sites.last().map(|site| site.region), Some(SiteRegion::Autosome));
    }

    #[test]
    fn a_sketch_at_another_list_has_its_own_bases_and_no_others() {
        let all = list(1_200, 71);
        let mut random = Random::new(72);
        let own = person(&all, false, &mut random);
        let sketch = reads(&all, (&own, &own), (20.0, 0.0), &mut random);
        let third = part(&all, 0, 3);
        let less = at(&sketch, &third);
        assert_eq!(less.counts.len(), 400);
        assert!(less.counts.iter().zip(sketch.counts.iter().step_by(3)).all(|(a, b)| a == b));
        let back = at(&less, &all);
        assert!(
            back.counts.iter().enumerate().all(|(i, c)| i % 3 == 0 || *c == SiteCounts::default())
        );
        assert!(matches!(at(&sketch, &all), Cow::Borrowed(_)));
    }

    #[test]
    fn a_sample_of_another_list_is_told_with_both_digests_and_the_sites_in_common() {
        let all = list(1_200, 73);
        let third = part(&all, 0, 3);
        let named = |label: &str, list: &Arc<SiteList>| (label.to_owned(), Arc::clone(list));
        let told =
            differences(&[named("father", &all), named("child", &third), named("mother", &all)]);
        assert_eq!(told.len(), 1);
        for part in ["child", "father", &all.digest, &third.digest, "400 sites are in both"] {
            assert!(told[0].contains(part), "{part}: {told:?}");
        }
    }
}
