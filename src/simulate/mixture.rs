//! Reads of two people in one tube at known sites: files on which estimates of contamination are measured.
//!
//! Only reads over a site are made, so that a file of thousands of sites stays small; reads have mates that overlap,
//! duplicates, clips, errors and a bias by composition as everywhere in this room. The sequence around a site is real where
//! the background is that contig; around the sites of other contigs it is a stretch of the background whose middle is the
//! site's reference base.

use std::io;
use std::path::Path;

use super::haplotype::{Edit, Haplotype};
use super::quality::Levels;
use super::reads::{Maker, REACH_BP, READ_BP, Records, Share, Stretch, Style};
use super::rng::Rng;
use super::sample::{add, header_text};
use crate::io::bgzf_writer::{Joined, PieceBuilder};
use crate::io::sink::{AtomicFile, write_whole};
use crate::io::write_bam;
use crate::io::write_index::BinIndex;
use crate::model::contig::{Assembly, ContigClass};
use crate::model::problem::{Problem, ProblemKind};
use crate::model::sketch::{Site, SiteList, SiteRegion};

/// Bases before a site from which fragments start that may have a read over it: the longest fragment.
const BEFORE_BP: u32 = 1_000;
/// Sites of one piece of the file.
const PIECE_SITES: usize = 256;

/// Real sequence.
#[derive(Clone, Copy, Debug)]
pub struct Background<'a> {
    /// Name of its contig without a leading `chr`.
    pub contig: &'a str,
    /// The whole contig.
    pub bases: &'a [u8],
}

/// What is in the tube.
#[derive(Clone, Copy, Debug)]
pub struct Tube<'a> {
    /// The sites, of GRCh37 or GRCh38.
    pub list: &'a SiteList,
    /// Sites over which reads are made, by place in the list, ascending ([`apart`]).
    pub places: &'a [usize],
    /// Alternate alleles of the sample and of the other person by place in the list.
    pub people: [&'a [u8]; 2],
    /// Share of the reads that come from the other person.
    pub frac_foreign: f64,
}

/// How it is sequenced.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Assembly of the sites.
    pub assembly: Assembly,
    /// Mean depth.
    pub depth: f64,
    /// Distinct base qualities.
    pub levels: Levels,
    /// Decides everything that is drawn.
    pub seed: u64,
}

/// Autosomal sites that no read reaches from another site: those of one contig, and of the others every `step`th.
pub fn apart(list: &SiteList, whole: &str, step: usize) -> Vec<usize> {
    let far = |a: &Site, b: &Site| {
        a.contig != b.contig || a.position.abs_diff(b.position) > 2 * READ_BP as u32
    };
    let neighbours = |i: usize| [i.checked_sub(1), Some(i + 1)].into_iter().flatten();
    let is_alone = |&i: &usize| {
        let own = &list.sites[i];
        own.region == SiteRegion::Autosome
            && neighbours(i).filter_map(|j| list.sites.get(j)).all(|other| far(own, other))
    };
    let is_wanted =
        |&(n, i): &(usize, usize)| n % step.max(1) == 0 || list.sites[i].contig == whole;
    let alone = (0..list.sites.len()).filter(is_alone).enumerate();
    alone.filter(is_wanted).map(|(_, i)| i).collect()
}

/// Writes `path` and `path.bai`; returns the number of records.
///
/// # Errors
///
/// When the background does not fit the sites, or a file cannot be written.
pub fn write(
    tube: &Tube<'_>,
    background: Background<'_>,
    options: Options,
    path: &Path,
) -> Result<u64, Problem> {
    let fault = |e: &io::Error| Problem::writing(path.display(), e);
    let lengths: Vec<(String, u32)> = (1..=22)
        .map(ContigClass::Autosome)
        .chain([ContigClass::X, ContigClass::Y])
        .filter_map(|class| Some((class.bare_name()?, options.assembly.length(class)?)))
        .collect();
    let mut head = Vec::new();
    let named: Vec<(&str, u32)> = lengths.iter().map(|(name, bp)| (name.as_str(), *bp)).collect();
    write_bam::header(&header_text("MIXTURE", &lengths), &named, &mut head);
    let mut joined = Joined::new(AtomicFile::create(path)?);
    let (mut index, mut count) = (BinIndex::default(), 0);
    let mut builder = PieceBuilder::new(1);
    builder.push(&head).map_err(|e| fault(&e))?;
    joined.append(&builder.finish().map_err(|e| fault(&e))?).map_err(|e| fault(&e))?;
    for places in tube.places.chunks(PIECE_SITES) {
        let (mut builder, mut own) = (PieceBuilder::new(1), BinIndex::default());
        for &place in places {
            let contig =
                lengths.iter().position(|(name, _)| *name == tube.list.sites[place].contig);
            let contig = contig.unwrap_or_default() as u32;
            let records = over_site(tube, (place, contig), background, options)?;
            add(&mut builder, &mut own, contig, &records).map_err(|e| fault(&e))?;
            count += records.keys.len() as u64;
        }
        let piece = builder.finish().map_err(|e| fault(&e))?;
        let start = joined.append(&piece).map_err(|e| fault(&e))?;
        index.append(&own, start);
    }
    let bai = index.to_bai(lengths.len() as u32);
    joined.finish().map_err(|e| fault(&e))?.0.finish()?;
    write_whole(format!("{}.bai", path.display()), &bai)?;
    Ok(count)
}

/// The sorted reads over one site.
fn over_site(
    tube: &Tube<'_>,
    (place, contig): (usize, u32),
    background: Background<'_>,
    options: Options,
) -> Result<Records, Problem> {
    let site = &tube.list.sites[place];
    let mut rng = Rng::new(options.seed, &[60, place as u64]);
    let (start0, reference) = around(site, background, &mut rng)?;
    let edit = Edit {
        start0: site.position,
        reference: vec![site.reference],
        alternate: vec![site.alternate],
    };
    let depths = [1.0 - tube.frac_foreign, tube.frac_foreign];
    let mut shares = Vec::new();
    for (genotypes, share) in tube.people.iter().zip(depths) {
        let alternates = genotypes.get(place).copied().unwrap_or_default();
        for copy in 0..2 {
            let edits = if copy < alternates { std::slice::from_ref(&edit) } else { &[] };
            let haplotype = Haplotype::new(start0, reference, edits);
            shares.push(Share { haplotype, depth: options.depth * share / 2.0 });
        }
    }
    let stretch = Stretch {
        contig,
        starts: start0..site.position + 1,
        reference_start0: start0,
        number: place as u64,
        over: Some(site.position),
    };
    let style = Style { levels: options.levels, duplicates: 0.075, stray_indels: 0.002 };
    let mut records = Records::default();
    Maker::new(style).stretch(&stretch, (reference, &shares), &mut rng, &mut records);
    records.keys.retain(|key| key.start0 <= site.position && site.position < key.end0);
    records.sort();
    Ok(records)
}

/// The first position and the bases around a site.
fn around<'a>(
    site: &Site,
    background: Background<'a>,
    rng: &mut Rng,
) -> Result<(u32, &'a [u8]), Problem> {
    let start0 = site.position.saturating_sub(BEFORE_BP);
    let before = (site.position - start0) as usize;
    let stretch = |middle: usize| {
        let from = middle.checked_sub(before)?;
        let bases = background.bases.get(from..middle + REACH_BP as usize)?;
        (bases[before] == site.reference && !bases.contains(&b'N')).then_some(bases)
    };
    let found = if site.contig == background.contig {
        stretch(site.position as usize)
    } else {
        let from = rng.below(background.bases.len() as u64) as usize;
        let all = background.bases.len();
        (0..all).find_map(|step| stretch((from + step) % all))
    };
    found.map(|bases| (start0, bases)).ok_or_else(|| {
        let message =
            format!("the sequence of contig {} does not fit the sites", background.contig);
        Problem::new(ProblemKind::BadData, message).help("is it of another build, or N?")
    })
}
