//! The resource files of VerifyBamID2, read as they are: `X.bed` (contig, start, end, alleles), `X.mu` (marker and mean
//! number of alternate alleles) and `X.UD` (loadings), with their rows in one order. The frequency of all populations
//! together is half the mean. `X.V` holds the people that the model was made from and is not needed.

use std::path::{Path, PathBuf};

use super::draft::Draft;
use super::{ReadList, bed, each_line};
use crate::model::contig::Assembly;
use crate::model::problem::{Problem, Problems};
use crate::model::sketch::AncestryModel;

/// Ends of the names of the files that are read.
const ENDS: [&str; 3] = [".bed", ".mu", ".UD"];

/// The name that the files share, whichever of them was given, or it itself.
fn stem(path: &Path) -> Option<String> {
    let name = path.to_str()?;
    let ends = ENDS.iter().chain(&[".V"]);
    Some(ends.clone().find_map(|end| name.strip_suffix(end)).unwrap_or(name).to_owned())
}

/// True when the path is one of such a set of files.
pub(super) fn fits(path: &Path) -> bool {
    let there = |end: &str| stem(path).is_some_and(|stem| Path::new(&(stem + end)).is_file());
    there(".mu") || there(".UD")
}

/// The files of a set: sites, means, loadings.
pub(super) fn files(path: &Path) -> [PathBuf; 3] {
    let stem = stem(path).unwrap_or_default();
    ENDS.map(|end| PathBuf::from(stem.clone() + end))
}

pub(super) fn read(path: &Path, assembly: Option<Assembly>) -> Result<ReadList, Problems> {
    let stem = stem(path).unwrap_or_default();
    let [sites, means, loadings] = files(path);
    let means_of = mean_column(&means)?;
    let mut draft = Draft::default();
    each_line(&sites, |line, text| {
        if bed::is_comment(text) {
            return Ok(());
        }
        let (row, _) = bed::row(text)?;
        let Some((marker, mean)) = means_of.get(draft.taken()) else {
            return Err(format!("row {} has none in {}", draft.taken() + 1, means.display()));
        };
        let place = format!("{}:{}_", row.contig, u64::from(row.position) + 1);
        if !marker.starts_with(&place) {
            let file = means.display();
            return Err(format!("lies at {place:?}, but line {line} of {file} at {marker:?}"));
        }
        if draft.wants(&row) {
            draft.add(&row, (mean / 2.0).clamp(0.0, 1.0));
        }
        Ok(())
    })?;
    let rows = draft.taken();
    same_rows(&means, means_of.len(), rows)?;
    let (components, loadings_of) = loading_rows(&loadings)?;
    same_rows(&loadings, loadings_of.len() / components.max(1), rows)?;
    let mean = means_of.into_iter().map(|(_, mean)| mean).collect();
    let model = AncestryModel { mean, loadings: loadings_of, components };
    draft.finish(Path::new(&stem), (None, assembly), Some(model))
}

fn same_rows(path: &Path, found: usize, expected: usize) -> Result<(), Problem> {
    if found == expected {
        return Ok(());
    }
    let message = format!("has {found} rows where the .bed file has {expected}");
    Err(Problem::bad_data(message)
        .in_file(path.display())
        .help("the files of one list belong together; was one of them cut?"))
}

/// Markers with their mean numbers of alternate alleles.
fn mean_column(path: &Path) -> Result<Vec<(String, f64)>, Problems> {
    let mut means = Vec::new();
    each_line(path, |_, text| {
        let mut columns = text.split_ascii_whitespace();
        let Some(marker) = columns.next() else { return Ok(()) };
        let mean = columns.next().unwrap_or_default();
        let number = mean.parse::<f64>().ok().filter(|mean| (0.0..=2.0).contains(mean));
        let number = number.ok_or_else(|| format!("mean {mean:?} is no number from 0 to 2"))?;
        means.push((marker.to_owned(), number));
        Ok(())
    })?;
    Ok(means)
}

/// Number of components and the loadings, row after row, to seven digits.
fn loading_rows(path: &Path) -> Result<(usize, Vec<f64>), Problems> {
    let (mut components, mut loadings) = (0, Vec::new());
    each_line(path, |_, text| {
        let before = loadings.len();
        for column in text.split_ascii_whitespace() {
            let number = column.parse::<f32>().ok().filter(|number| number.is_finite());
            let number = number.ok_or_else(|| format!("loading {column:?} is no number"))?;
            loadings.push(f64::from(number));
        }
        let own = loadings.len() - before;
        components = if before == 0 { own } else { components };
        if own == components || own == 0 {
            return Ok(());
        }
        Err(format!("has {own} loadings where the first row has {components}"))
    })?;
    Ok((components, loadings))
}
