//! The body of a sketch, column after column, since like compresses best beside like.
//!
//! In order: the sample's name; source (0 calls, or 1 with least base and mapping quality); whether depths follow, and
//! those of autosomes, X, Y and the mitochondrial genome (`f64`); name of the list, whether a build follows and the build,
//! digest; number of sites; runs of sites by contig (number of runs, then name and number of sites of each); distances of
//! positions from the one before on the contig; alleles (two bits each, reference high) and region (two bits above them);
//! frequencies (`f64`); ancestry (0 none, 1 that of the built-in list of this digest, 2 embedded: number of components, means
//! as `f64`, loadings as `f32`); then per site the counts of reference, alternate and other bases, the called genotype
//! (0 for no calls), and the bases by quality (how many kinds; of each allele, quality and count).

use std::sync::Arc;

use super::Lists;
use crate::io::bytes::{Bytes, put_number, put_text};
use crate::io::site_list::{self, contig_order};
use crate::model::sketch::{
    AncestryModel, ChromosomeDepth, QualityCount, Site, SiteAllele, SiteCounts, SiteGenotype,
    SiteList, SiteRegion, Sketch, SketchSource,
};

const BASES: [u8; 4] = *b"ACGT";
const REGIONS: [SiteRegion; 3] = [SiteRegion::Autosome, SiteRegion::X, SiteRegion::Y];
const ALLELES: [SiteAllele; 3] = [SiteAllele::Reference, SiteAllele::Alternate, SiteAllele::Other];
/// Called genotypes; their code is one more than their place.
const GENOTYPES: [SiteGenotype; 4] =
    [SiteGenotype::Unknown, SiteGenotype::HomRef, SiteGenotype::Het, SiteGenotype::HomAlt];
/// Most principal components of an ancestry model: ten times those that are in use.
const MAX_COMPONENTS: usize = 100;

/// Place of a value in its table; 0 when it is not there.
fn code<T: PartialEq>(table: &[T], value: &T) -> u8 {
    table.iter().position(|own| own == value).unwrap_or(0) as u8
}

/// The value of a code.
fn decoded<T: Copy>(table: &[T], code: u8) -> Result<T, String> {
    table.get(usize::from(code)).copied().ok_or_else(|| format!("code {code} means nothing"))
}

pub(super) fn encode(sketch: &Sketch) -> Vec<u8> {
    let mut out = Vec::new();
    put_text(&mut out, &sketch.sample);
    match sketch.source {
        SketchSource::Calls => out.push(0),
        SketchSource::Reads { min_base_quality, min_mapping_quality } => {
            out.extend([1, min_base_quality, min_mapping_quality]);
        }
    }
    out.push(u8::from(sketch.depth.is_some()));
    if let Some(depth) = sketch.depth {
        for depth in [depth.autosomes, depth.x, depth.y, depth.mitochondrial] {
            out.extend(depth.to_le_bytes());
        }
    }
    put_list(&mut out, &sketch.sites);
    put_counts(&mut out, &sketch.counts);
    out
}

fn put_list(out: &mut Vec<u8>, list: &SiteList) {
    put_text(out, &list.name);
    out.push(u8::from(list.build.is_some()));
    if let Some(build) = &list.build {
        put_text(out, build);
    }
    put_text(out, &list.digest);
    put_number(out, list.sites.len() as u64);
    let runs: Vec<&[Site]> = list.sites.chunk_by(|a, b| a.contig == b.contig).collect();
    put_number(out, runs.len() as u64);
    for run in &runs {
        put_text(out, &run[0].contig);
        put_number(out, run.len() as u64);
    }
    for run in &runs {
        let mut before = 0;
        for site in *run {
            put_number(out, u64::from(site.position.saturating_sub(before)));
            before = site.position;
        }
    }
    for site in &list.sites {
        let alleles = code(&BASES, &site.reference) << 2 | code(&BASES, &site.alternate);
        out.push(code(&REGIONS, &site.region) << 4 | alleles);
    }
    for site in &list.sites {
        out.extend(site.frequency.to_le_bytes());
    }
    match &list.ancestry {
        None => out.push(0),
        Some(_) if site_list::built_in_of_digest(&list.digest).is_some() => out.push(1),
        Some(ancestry) => {
            out.push(2);
            put_number(out, ancestry.components as u64);
            ancestry.mean.iter().for_each(|mean| out.extend(mean.to_le_bytes()));
            ancestry.loadings.iter().for_each(|own| out.extend((*own as f32).to_le_bytes()));
        }
    }
}

fn put_counts(out: &mut Vec<u8>, counts: &[SiteCounts]) {
    for counts in counts {
        put_number(out, u64::from(counts.reference));
    }
    for counts in counts {
        put_number(out, u64::from(counts.alternate));
    }
    for counts in counts {
        put_number(out, u64::from(counts.other));
    }
    let called = counts.iter().map(|c| c.called.map_or(0, |called| code(&GENOTYPES, &called) + 1));
    out.extend(called);
    for counts in counts {
        put_number(out, counts.qualities.len() as u64);
    }
    let kinds = || counts.iter().flat_map(|counts| &counts.qualities);
    out.extend(kinds().map(|kind| code(&ALLELES, &kind.allele)));
    out.extend(kinds().map(|kind| kind.quality));
    kinds().for_each(|kind| put_number(out, u64::from(kind.count)));
}

pub(super) fn decode(bytes: &[u8], lists: &Lists) -> Result<Sketch, String> {
    let mut bytes = Bytes(bytes);
    let sample = bytes.text()?;
    let source = match bytes.u8()? {
        0 => SketchSource::Calls,
        1 => {
            SketchSource::Reads { min_base_quality: bytes.u8()?, min_mapping_quality: bytes.u8()? }
        }
        other => return Err(format!("source {other} means nothing")),
    };
    let depth = match bytes.u8()? {
        0 => None,
        _ => Some(ChromosomeDepth {
            autosomes: depth(&mut bytes)?,
            x: depth(&mut bytes)?,
            y: depth(&mut bytes)?,
            mitochondrial: depth(&mut bytes)?,
        }),
    };
    let sites = shared_list(&mut bytes, lists)?;
    let counts = counts(&mut bytes, sites.sites.len())?;
    let of_reads = source != SketchSource::Calls;
    counts.iter().try_for_each(|counts| check(counts, of_reads))?;
    if !bytes.0.is_empty() {
        return Err("there is more behind its last count".into());
    }
    Ok(Sketch { sample, source, sites, counts, depth })
}

fn depth(bytes: &mut Bytes<'_>) -> Result<f64, String> {
    let depth = bytes.f64()?;
    let fits = depth.is_finite() && depth >= 0.0;
    if fits { Ok(depth) } else { Err(format!("{depth} is no depth")) }
}

/// The list, taken from those that were met before where the bytes are the same.
fn shared_list(bytes: &mut Bytes<'_>, lists: &Lists) -> Result<Arc<SiteList>, String> {
    let whole = bytes.0;
    if let Some((length, list)) = lists.begins(whole) {
        bytes.take(length)?;
        return Ok(list);
    }
    let list = list(bytes)?;
    lists.add(&whole[..whole.len() - bytes.0.len()], &list);
    Ok(list)
}

fn list(bytes: &mut Bytes<'_>) -> Result<Arc<SiteList>, String> {
    let name = bytes.text()?;
    let build = if bytes.u8()? == 0 { None } else { Some(bytes.text()?) };
    let digest = bytes.text()?;
    let sites = sites(bytes)?;
    if site_list::digest(&sites) != digest {
        return Err("its sites are not those of its list's digest".into());
    }
    let kind = bytes.u8()?;
    let built_in = site_list::built_in_of_digest(&digest).filter(|_| kind == 1);
    let ancestry = match kind {
        0 => None,
        1 => built_in.as_ref().and_then(|list| list.ancestry.clone()),
        2 => Some(ancestry(bytes, sites.len())?),
        other => return Err(format!("ancestry {other} means nothing")),
    };
    let list = SiteList { name, build, digest, sites, ancestry };
    // One list in memory for a whole cohort.
    Ok(built_in.filter(|built_in| **built_in == list).unwrap_or_else(|| Arc::new(list)))
}

fn sites(bytes: &mut Bytes<'_>) -> Result<Vec<Site>, String> {
    let count = bytes.count()?;
    let mut sites: Vec<Site> = Vec::with_capacity(count);
    let runs: Vec<(String, usize)> = (0..bytes.count()?)
        .map(|_| Ok((bytes.text()?, bytes.count()?)))
        .collect::<Result<_, String>>()?;
    let ordered = runs.windows(2).all(|two| contig_order(&two[0].0) < contig_order(&two[1].0));
    let total = runs.iter().try_fold(0_usize, |sum, run| sum.checked_add(run.1));
    if !ordered || total != Some(count) {
        return Err("its contigs are out of order or do not hold its sites".into());
    }
    for (contig, count) in &runs {
        let mut before: Option<u32> = None;
        for _ in 0..*count {
            let step = bytes.small::<u32>()?;
            let position = before.map_or(Some(step), |p| p.checked_add(step).filter(|_| step > 0));
            let position = position.ok_or("its positions do not ascend")?;
            before = Some(position);
            sites.push(Site {
                contig: contig.clone(),
                position,
                reference: b'N',
                alternate: b'N',
                frequency: 0.0,
                region: SiteRegion::Autosome,
            });
        }
    }
    for site in &mut sites {
        let packed = bytes.u8()?;
        site.region = decoded(&REGIONS, packed >> 4)?;
        site.reference = decoded(&BASES, packed >> 2 & 3)?;
        site.alternate = decoded(&BASES, packed & 3)?;
    }
    for site in &mut sites {
        site.frequency = bytes.f64()?;
        if !(0.0..=1.0).contains(&site.frequency) {
            return Err(format!("{} is no frequency", site.frequency));
        }
    }
    Ok(sites)
}

fn ancestry(bytes: &mut Bytes<'_>, sites: usize) -> Result<AncestryModel, String> {
    let components = bytes.count()?;
    if !(1..=MAX_COMPONENTS).contains(&components) {
        return Err(format!("{components} principal components"));
    }
    let mean: Vec<f64> = (0..sites).map(|_| bytes.f64()).collect::<Result<_, _>>()?;
    let loadings: Vec<f64> =
        (0..sites * components).map(|_| bytes.f32().map(f64::from)).collect::<Result<_, _>>()?;
    if mean.iter().chain(&loadings).any(|number| !number.is_finite()) {
        return Err("its ancestry holds what is no number".into());
    }
    Ok(AncestryModel { mean, loadings, components })
}

fn counts(bytes: &mut Bytes<'_>, sites: usize) -> Result<Vec<SiteCounts>, String> {
    let mut counts = vec![SiteCounts::default(); sites];
    for counts in &mut counts {
        counts.reference = bytes.small()?;
    }
    for counts in &mut counts {
        counts.alternate = bytes.small()?;
    }
    for counts in &mut counts {
        counts.other = bytes.small()?;
    }
    for counts in &mut counts {
        counts.called = match bytes.u8()? {
            0 => None,
            called => Some(decoded(&GENOTYPES, called - 1)?),
        };
    }
    let mut kinds = 0_usize;
    let empty = QualityCount { allele: SiteAllele::Other, quality: 0, count: 0 };
    for counts in &mut counts {
        let own = bytes.count()?;
        kinds += own;
        if kinds > bytes.0.len() {
            return Err(format!("{kinds} kinds of bases do not fit"));
        }
        counts.qualities = vec![empty; own];
    }
    for kind in counts.iter_mut().flat_map(|counts| &mut counts.qualities) {
        kind.allele = decoded(&ALLELES, bytes.u8()?)?;
    }
    for kind in counts.iter_mut().flat_map(|counts| &mut counts.qualities) {
        kind.quality = bytes.u8()?;
    }
    for kind in counts.iter_mut().flat_map(|counts| &mut counts.qualities) {
        kind.count = bytes.small()?;
    }
    Ok(counts)
}

/// Bases by quality have to add up to the bases by allele, and come in order; calls may have none of them.
fn check(counts: &SiteCounts, of_reads: bool) -> Result<(), String> {
    let total = [counts.reference, counts.alternate, counts.other];
    if total[0].checked_add(total[1]).and_then(|sum| sum.checked_add(total[2])).is_none() {
        return Err("a site has too many bases".into());
    }
    let kinds = &counts.qualities;
    if kinds.is_empty() && !of_reads {
        return Ok(());
    }
    let sum = |allele: SiteAllele| -> u64 {
        let own = kinds.iter().filter(|kind| kind.allele == allele);
        own.map(|kind| u64::from(kind.count)).sum()
    };
    let adds_up = ALLELES.iter().zip(total).all(|(&allele, total)| sum(allele) == u64::from(total));
    let key = |kind: &QualityCount| (kind.allele, kind.quality);
    let ordered = kinds.windows(2).all(|two| key(&two[0]) < key(&two[1]));
    if adds_up && ordered { Ok(()) } else { Err("a site's bases do not add up".into()) }
}
