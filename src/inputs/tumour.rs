//! What the variants of a tumour are held against: repeats and duplications (BED), a panel of normals (a store of reads).

use std::path::Path;
use std::sync::Arc;

use super::shown;
use crate::case::Case;
use crate::io::store::{Kind, Store};
use crate::io::{bed, civic};
use crate::model::civic::CivicTable;
use crate::model::contig::ContigTable;
use crate::model::notice::{Notice, NoticeKind};
use crate::model::problem::{Problem, Problems};
use crate::model::regions::RegionSet;

/// The opened files; `None` where the case names none.
#[derive(Debug, Default)]
pub struct TumourInputs {
    /// Simple repeats.
    pub simple_repeats: Option<RegionSet>,
    /// Segmental duplications.
    pub segmental_duplications: Option<RegionSet>,
    /// Reads of many normals.
    pub panel_of_normals: Option<Arc<Store>>,
    /// Evidence items of CIViC.
    pub civic: Option<CivicTable>,
}

/// Opens what the case names.
pub(super) fn open(
    case: &Case,
    contigs: &ContigTable,
    notices: &mut Vec<Notice>,
    problems: &mut Problems,
) -> TumourInputs {
    let mut read = |path: &Option<_>| {
        let path: &Path = path.as_deref()?;
        match regions(path, contigs) {
            Ok((set, more)) => {
                notices.extend(more);
                Some(set)
            }
            Err(more) => {
                problems.0.extend(more.0);
                None
            }
        }
    };
    let files = &case.tumour;
    let (simple_repeats, segmental_duplications) =
        (read(&files.simple_repeats), read(&files.segmental_duplications));
    let normals = files.panel_of_normals.as_deref();
    let panel_of_normals = normals.and_then(|path| problems.collect(panel_of_normals(path, case)));
    let civic = files.civic.as_deref().and_then(|path| match civic::read(path) {
        Ok(table) => Some(table),
        Err(more) => {
            problems.0.extend(more.0);
            None
        }
    });
    if civic.is_some() && files.disease.is_empty() {
        let text = "evidence tiers: the case states no disease ([tumour] disease), so that no evidence is of its own";
        notices.push(Notice::one(NoticeKind::NotAssessed, text));
    }
    if let Some(table) = &civic {
        let unmatched = |name: &&String| !table.items.iter().any(|item| item.is_of_disease(name));
        notices.extend(files.disease.iter().filter(unmatched).map(|name| {
            let text = format!(
                "evidence tiers: no item is of the stated disease {name:?} ([tumour] disease): no evidence is of its own by it"
            );
            Notice::one(NoticeKind::NotAssessed, text)
        }));
    }
    TumourInputs { simple_repeats, segmental_duplications, panel_of_normals, civic }
}

/// A list of stretches by the case's contigs. A list that names none of them is of another build or naming.
fn regions(path: &Path, contigs: &ContigTable) -> Result<(RegionSet, Option<Notice>), Problems> {
    let lines = bed::read(path)?;
    let (mut known, mut unknown) = (Vec::new(), 0);
    for line in &lines {
        match contigs.resolve(&line.contig) {
            Some(contig) => known.push((contig, line.span)),
            None => unknown += 1,
        }
    }
    let set = RegionSet::new(known);
    if set.is_empty() {
        let message = if lines.is_empty() {
            "holds no stretch".to_owned()
        } else {
            format!("none of its {} lines is on a contig of the case", lines.len())
        };
        let problem = Problem::bad_data(message).in_file(shown(path));
        return Err(problem.help("give the list of the case's build, as BED").into());
    }
    let text = "stretches of a list for tumours are on contigs that the case does not know";
    let notice = (unknown > 0).then(|| Notice::many(NoticeKind::Ignored, unknown, text));
    Ok((set, notice))
}

fn panel_of_normals(path: &Path, case: &Case) -> Result<Arc<Store>, Problem> {
    let store = Store::open(path)?;
    let meta = store.meta();
    let fault = if meta.kind != Kind::Frequencies {
        Some(format!("holds {}, not reads of normals", meta.kind.word()))
    } else if meta.assembly != case.assembly {
        Some(format!("of {}; the case says {}", meta.assembly, case.assembly))
    } else if store.population(READS).is_none() {
        Some(format!("has no population {READS} with the reads of the normals"))
    } else {
        None
    };
    match fault {
        None => Ok(store),
        Some(message) => Err(Problem::bad_data(message).in_file(shown(path)).help(format!(
            "build it with: tierline frequencies build SITES.vcf.gz --dataset panel_of_normals --map {READS}=..."
        ))),
    }
}

/// The population of a panel of normals: its count is the ALT reads of all normals, its total their reads at the site.
pub const READS: &str = "ALL";
