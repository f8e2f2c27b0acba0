//! What a tumour case gives for its biomarkers: signatures, microsatellites, target regions.

use std::path::Path;

use super::{Digest, shown};
use crate::case::Case;
use crate::io::mutation_table::{Columns, MutationTable};
use crate::io::{bed, text};
use crate::model::contig::{ContigId, ContigTable};
use crate::model::coord::Span;
use crate::model::microsatellite::Microsatellite;
use crate::model::problem::{Problem, Problems};
use crate::model::regions::RegionSet;

/// The inputs of biomarkers, read.
#[derive(Debug, Default)]
pub struct BiomarkerFiles {
    /// Signatures; their columns sum to 1.
    pub signatures: Option<MutationTable>,
    /// The case's own list of microsatellites, in order.
    pub microsatellites: Option<Vec<Microsatellite>>,
    /// Target regions, in order. Microsatellites of the reference are looked for there without a list.
    pub regions: Vec<(ContigId, Span)>,
    /// The same with each base once; `None` for a case without target regions.
    pub targets: Option<RegionSet>,
}

/// Reads what the case names.
pub(super) fn open(
    case: &Case,
    contigs: &ContigTable,
    digests: &mut Vec<Digest>,
    problems: &mut Problems,
) -> BiomarkerFiles {
    let mut files = BiomarkerFiles::default();
    let named = &case.biomarkers;
    if !case.kind.is_cancer() {
        for (key, is_named) in [
            ("signatures", named.signatures.is_some()),
            ("microsatellites", named.microsatellites.is_some()),
            ("purity", named.purity.is_some()),
        ] {
            if is_named {
                let message =
                    format!("`{key}` is of tumours, but the case is a {}", case.kind.word());
                problems.0.push(Problem::usage(message).help("leave it out"));
            }
        }
        return files;
    }
    if let Some(path) = &named.signatures {
        match MutationTable::read(path, Columns::Signatures) {
            Ok(table) => {
                digests.push(digest("signatures", path, &table.sha256));
                files.signatures = Some(table);
            }
            Err(more) => problems.0.extend(more.0),
        }
    }
    if let Some(path) = &named.microsatellites {
        if let Some(small) = problems.collect(text::read(path)) {
            digests.push(digest("microsatellites", path, &small.sha256));
        }
        match microsatellites(path, contigs) {
            Ok(sites) => files.microsatellites = Some(sites),
            Err(more) => problems.0.extend(more.0),
        }
    }
    if let Some(path) = &case.regions {
        match bed::read(path) {
            Ok(lines) => {
                let place = |line: &bed::BedLine| Some((contigs.resolve(&line.contig)?, line.span));
                files.regions = lines.iter().filter_map(place).collect();
                files.regions.sort_unstable();
                files.regions.dedup();
                let targets = RegionSet::new(files.regions.iter().copied());
                if targets.is_empty() {
                    let message =
                        format!("none of its {} lines is on a contig of the case", lines.len());
                    let problem = Problem::bad_data(message).in_file(shown(path));
                    problems
                        .0
                        .push(problem.help("give the target regions of the case's build, as BED"));
                }
                files.targets = Some(targets);
            }
            Err(more) => problems.0.extend(more.0),
        }
    }
    files
}

fn digest(what: &str, path: &Path, sha256: &str) -> Digest {
    Digest { what: what.to_owned(), file: shown(path), sha256: sha256.to_owned() }
}

/// Longest unit of a microsatellite, bp.
const MAX_UNIT_BP: usize = 6;

/// A list of microsatellites: BED with the unit in the fourth column.
fn microsatellites(path: &Path, contigs: &ContigTable) -> Result<Vec<Microsatellite>, Problems> {
    let (mut sites, mut problems) = (Vec::new(), Problems::default());
    for line in bed::read(path)? {
        let place = format!("line {}", line.line);
        let fault = |message: String, help: &str| {
            Problem::bad_data(message).in_file(shown(path)).at(&place).help(help)
        };
        let unit = line.name.as_deref().unwrap_or_default().to_ascii_uppercase();
        let bases = unit.bytes().all(|base| matches!(base, b'A' | b'C' | b'G' | b'T'));
        if unit.is_empty() || unit.len() > MAX_UNIT_BP || !bases {
            let message = format!("{unit:?} is no unit of a microsatellite");
            problems.0.push(fault(message, "the fourth column holds 1 to 6 bases, for example AC"));
            continue;
        }
        let length = line.span.len();
        if length == 0 || !length.is_multiple_of(unit.len() as u32) {
            let message = format!("{length} bp are no whole number of units {unit}");
            problems.0.push(fault(message, "the interval holds the repeat and nothing else"));
            continue;
        }
        // Sites on contigs of another set of names or of no reads are passed over with the others that nobody covers.
        let Some(contig) = contigs.resolve(&line.contig) else { continue };
        let units = length / unit.len() as u32;
        sites.push(Microsatellite { contig, start0: line.span.start, unit, units });
    }
    problems.into_result()?;
    sites.sort_unstable();
    sites.dedup();
    Ok(sites)
}
