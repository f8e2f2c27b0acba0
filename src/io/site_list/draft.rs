//! A list while its file is read: rows in any order, some of which will not do.

use std::path::Path;

use super::{ReadList, bare, contig_order, digest};
use crate::model::contig::{Assembly, ContigClass};
use crate::model::coord::Pos0;
use crate::model::problem::{Problem, Problems};
use crate::model::sketch::{AncestryModel, Site, SiteList, SiteRegion};

/// Rows so far.
#[derive(Default)]
pub(super) struct Draft {
    /// Sites with the number of their row from 0.
    rows: Vec<(usize, Site)>,
    taken: usize,
    not_single: usize,
    not_diploid: usize,
}

/// A row as a file has it.
pub(super) struct Row<'a> {
    pub(super) contig: &'a str,
    /// 0-based.
    pub(super) position: u32,
    pub(super) reference: &'a str,
    pub(super) alternate: &'a str,
}

impl Row<'_> {
    /// The two bases, when there is one of each.
    fn bases(&self) -> Option<(u8, u8)> {
        let one = |text: &str| match text.as_bytes() {
            [base] => Some(base.to_ascii_uppercase()).filter(|base| b"ACGT".contains(base)),
            _ => None,
        };
        let (reference, alternate) = (one(self.reference)?, one(self.alternate)?);
        (reference != alternate).then_some((reference, alternate))
    }
}

/// A frequency in a column.
pub(super) fn frequency(text: &str) -> Result<f64, String> {
    let number = text.trim().parse::<f64>().ok();
    let fits = number.filter(|frequency| (0.0..=1.0).contains(frequency));
    fits.ok_or_else(|| format!("frequency {text:?} is no number from 0 to 1"))
}

impl Draft {
    /// Whether a row will do; one that will not is counted. Its frequency need not be looked at then.
    pub(super) fn wants(&mut self, row: &Row<'_>) -> bool {
        let class = ContigClass::of_name(row.contig);
        if row.bases().is_none() {
            self.not_single += 1;
        } else if class == ContigClass::Mitochondrial || row.contig.ends_with("_alt") {
            self.not_diploid += 1;
        } else {
            return true;
        }
        self.taken += 1;
        false
    }

    /// Takes a row that [`Draft::wants`] wanted.
    pub(super) fn add(&mut self, row: &Row<'_>, frequency: f64) {
        let (reference, alternate) = row.bases().unwrap_or((b'N', b'N'));
        let (contig, position) = (bare(row.contig), row.position);
        let region = SiteRegion::Autosome;
        let site = Site { contig, position, reference, alternate, frequency, region };
        self.rows.push((self.taken, site));
        self.taken += 1;
    }

    /// Rows met so far.
    pub(super) fn taken(&self) -> usize {
        self.taken
    }

    /// The list: sorted, without positions that occur twice. `ancestry` is by row of the file.
    pub(super) fn finish(
        mut self,
        path: &Path,
        assembly: (Option<Assembly>, Option<Assembly>),
        ancestry: Option<AncestryModel>,
    ) -> Result<ReadList, Problems> {
        let (stated, assumed) = assembly;
        let key = |site: &Site| (ContigClass::of_name(&site.contig), site.position);
        self.rows.sort_by(|(i, a), (j, b)| {
            let order = contig_order(&a.contig).cmp(&contig_order(&b.contig));
            order.then(key(a).cmp(&key(b))).then(i.cmp(j))
        });
        let all = self.rows.len();
        let same = |a: &(usize, Site), b: &(usize, Site)| {
            (a.1.position, &a.1.contig) == (b.1.position, &b.1.contig)
        };
        let alone = self.rows.chunk_by(same).filter(|group| group.len() == 1).flatten();
        let (order, mut sites): (Vec<usize>, Vec<Site>) = alone.cloned().unzip();
        let twice = all - sites.len();
        for site in &mut sites {
            site.region = region(site, stated.or(assumed));
        }
        if sites.is_empty() {
            let message = format!("has no site that can be used among {} rows", self.taken);
            return Err(Problem::bad_data(message)
                .in_file(path.display())
                .help("sites are single bases of two alleles on chromosomes, with a frequency")
                .into());
        }
        let notes = [
            (self.not_single, "are no single bases of two alleles"),
            (self.not_diploid, "lie on alternate contigs or the mitochondrial genome"),
            (twice, "share their position with another"),
        ];
        let notes = notes.iter().filter(|(count, _)| *count > 0);
        let notes = notes.map(|(count, what)| format!("{count} rows of the site list {what}"));
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let build = stated.map(|assembly| assembly.to_string());
        let digest = digest(&sites);
        let ancestry = ancestry.map(|model| pick(&model, &order));
        let notes = notes.map(|note| note + " and are left out").collect();
        Ok(ReadList { list: SiteList { name, build, digest, sites, ancestry }, notes })
    }
}

/// The region of a site, pseudo-autosomal regions seen when the build is known.
fn region(site: &Site, assembly: Option<Assembly>) -> SiteRegion {
    let class = ContigClass::of_name(&site.contig);
    let is_par = assembly.is_some_and(|assembly| {
        assembly.par(class).iter().any(|span| span.contains(Pos0(site.position)))
    });
    match class {
        ContigClass::X if !is_par => SiteRegion::X,
        ContigClass::Y if !is_par => SiteRegion::Y,
        _ => SiteRegion::Autosome,
    }
}

/// The rows `order` of a model.
fn pick(model: &AncestryModel, order: &[usize]) -> AncestryModel {
    let components = model.components;
    let mean = order.iter().filter_map(|&row| model.mean.get(row)).copied().collect();
    let rows = order
        .iter()
        .filter_map(|&row| model.loadings.get(row * components..(row + 1) * components));
    AncestryModel { mean, loadings: rows.flatten().copied().collect(), components }
}
