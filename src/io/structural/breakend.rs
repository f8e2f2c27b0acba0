//! Breakends: `G]11:71948040]` and its three sisters (VCF 4.3, section 5.4), and the joining of mates.

use std::collections::HashMap;

use crate::model::contig::ContigTable;
use crate::model::coord::Pos1;
use crate::model::structural::{Mate, StructuralKind, StructuralVariant};

/// True for an ALT in breakend notation, single ones (`G.`, `.G`) included.
pub(super) fn is_breakend(alternate: &str) -> bool {
    let single = alternate.len() > 1 && (alternate.starts_with('.') || alternate.ends_with('.'));
    single || alternate.contains(['[', ']'])
}

/// Reads the mate of an ALT; `None` for a single breakend. `Err` when the text cannot be read or names a contig that the case
/// does not know.
pub(super) fn mate(alternate: &str, contigs: &ContigTable) -> Result<Option<Mate>, String> {
    let Some(mark) = alternate.find(['[', ']']) else { return Ok(None) };
    let open = &alternate[mark..=mark];
    let rest = &alternate[mark + 1..];
    let fault = || format!("breakend {alternate:?} cannot be read");
    let (place, after) = rest.split_once(open).ok_or_else(fault)?;
    let joined_after = mark > 0;
    // Sequence stands on exactly one side.
    if joined_after != after.is_empty() {
        return Err(fault());
    }
    let (contig, position) = place.rsplit_once(':').ok_or_else(fault)?;
    let position = position.parse().map_err(|_| fault())?;
    let contig = contig.trim_matches(['<', '>']);
    let contig = contigs.resolve(contig).ok_or_else(|| {
        format!("the mate of breakend {alternate:?} lies on a contig that the case does not know")
    })?;
    Ok(Some(Mate {
        contig,
        position: Pos1(position),
        runs_right: open == "[",
        joined_after,
        recorded: false,
    }))
}

/// Makes one variant of two mates that name each other: the one that comes first stays. Returns how many breakends have a mate
/// whose record is missing. The id of a breakend ends in `\u{1f}MATEID` until here.
pub(super) fn join(variants: &mut Vec<StructuralVariant>) -> u64 {
    let mut by_id: HashMap<String, usize> = HashMap::new();
    let mut mates: Vec<Option<String>> = Vec::with_capacity(variants.len());
    for (i, variant) in variants.iter_mut().enumerate() {
        let (id, mate) = match variant.id.split_once('\u{1f}') {
            Some((id, mate)) => (id.to_owned(), (!mate.is_empty()).then(|| mate.to_owned())),
            None => (variant.id.clone(), None),
        };
        variant.id = id;
        if variant.kind == StructuralKind::Breakend && !variant.id.is_empty() {
            by_id.insert(variant.id.clone(), i);
        }
        mates.push(mate);
    }
    let mut drop = vec![false; variants.len()];
    let mut lone = 0;
    for i in 0..variants.len() {
        if variants[i].kind != StructuralKind::Breakend || variants[i].mate.is_none() {
            continue;
        }
        let other = mates[i].as_ref().and_then(|id| by_id.get(id)).copied();
        match other.filter(|&j| j != i && mates[j].as_deref() == Some(variants[i].id.as_str())) {
            Some(j) => {
                let later = variants[j].order() < variants[i].order();
                drop[i] = later;
                if let Some(mate) = &mut variants[i].mate {
                    mate.recorded = true;
                }
            }
            None => lone += 1,
        }
    }
    let mut keep = drop.iter().map(|drop| !drop);
    variants.retain(|_| keep.next().unwrap_or(true));
    lone
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_forms_of_a_breakend() {
        let mut contigs = ContigTable::new();
        contigs.add("11", None).unwrap();
        for (text, runs_right, joined_after) in [
            ("G[11:71948040[", true, true),
            ("G]11:71948040]", false, true),
            ("]11:71948040]G", false, false),
            ("[11:71948040[G", true, false),
        ] {
            let mate = mate(text, &contigs).unwrap().unwrap();
            assert_eq!(
                (mate.position, mate.runs_right, mate.joined_after),
                (Pos1(71_948_040), runs_right, joined_after)
            );
        }
        assert_eq!(mate("G.", &contigs), Ok(None));
        for bad in ["G[11:71948040", "G[11[", "G[11:x[", "[11:5[", "G]99:5]"] {
            assert!(mate(bad, &contigs).is_err(), "{bad}");
        }
    }
}
