//! Sketches of members, and the list of sites that identity checks are asked to use.

use std::sync::Arc;

use super::{CaseSketch, Options, shown};
use crate::case::Case;
use crate::io::{site_list, sketch_file};
use crate::model::contig::{Assembly, ContigTable};
use crate::model::notice::{Notice, NoticeKind};
use crate::model::problem::{Problem, Problems};
use crate::model::sample::MemberId;
use crate::model::sketch::SiteList;

/// Reads every sketch of the case and checks whose it is and of what build.
pub(super) fn open(case: &Case, problems: &mut Problems) -> Vec<CaseSketch> {
    let lists = sketch_file::Lists::default();
    let mut opened = Vec::new();
    for file in &case.sketches {
        let (path, member) = (&file.path, file.member.unwrap_or(MemberId(0)));
        let Some(sketch) = problems.collect(sketch_file::read_with(path, &lists)) else { continue };
        let who = case.shown(member);
        if Some(&sketch.sample) != case.family.get(member).sample.as_ref() {
            let problem =
                Problem::bad_data(format!("is of another sample than the `sample` of {who}"));
            let help = "is it another member's file? Sketches bear the name in @RG SM, or that of the file they were made of";
            problems.0.push(problem.in_file(shown(path)).help(help));
            continue;
        }
        let fits = same_build(&sketch.sites, case.assembly, "take a sketch of reads of that build");
        if problems.collect(fits.map_err(|problem| problem.in_file(shown(path)))).is_some() {
            opened.push(CaseSketch { member, path: path.clone(), sketch });
        }
    }
    opened
}

/// Reads the list that was asked for.
pub(super) fn sites(
    case: &Case,
    options: &Options,
    contigs: &ContigTable,
    notices: &mut Vec<Notice>,
    problems: &mut Problems,
) -> Option<Arc<SiteList>> {
    let path = options.sites.as_ref()?;
    let read = match site_list::read(path, Some(case.assembly)) {
        Ok(read) => read,
        Err(more) => {
            problems.0.extend(more.0);
            return None;
        }
    };
    notices.extend(read.notes.iter().map(|note| Notice::one(NoticeKind::Ignored, note)));
    let list = Arc::new(read.list);
    let fits = same_build(&list, case.assembly, "give the list of that build").and_then(|()| {
        let mut places = list.sites.chunk_by(|a, b| a.contig == b.contig).map(|run| &run[0].contig);
        if places.any(|contig| contigs.resolve(contig).is_some()) {
            return Ok(());
        }
        let example = list.sites.first().map_or("", |site| site.contig.as_str());
        let message = format!("no site lies on a contig of the case (the first is on {example:?})");
        Err(Problem::bad_data(message)
            .help("the list belongs to another assembly or naming of contigs"))
    });
    problems.collect(fits.map_err(|problem| problem.in_file(shown(path))))?;
    Some(list)
}

/// Refuses a list that states another build than the case.
fn same_build(list: &SiteList, assembly: Assembly, help: &str) -> Result<(), Problem> {
    match list.build.as_deref().and_then(Assembly::parse) {
        Some(own) if own != assembly => {
            let message = format!("sites of {own}; the case says {assembly}");
            Err(Problem::bad_data(message).help(help))
        }
        _ => Ok(()),
    }
}
