//! What moved between two versions of a gene panel.

use super::panel::{Confidence, MatchedBy, Panel, PanelGene};

/// What sort of thing changed. Ordered as a reader looks: what can add or take away findings first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// A property of the panel itself.
    Panel,
    /// In the new version only.
    Added,
    /// In the old version only.
    Removed,
    /// Other rating.
    Rating,
    /// Other mode of inheritance, as written.
    Mode,
    /// Other penetrance, as written.
    Penetrance,
    /// Other mode of pathogenicity, as written.
    ModeOfPathogenicity,
    /// Other symbol of the same gene.
    Symbol,
    /// Other Ensembl ids.
    Ensembl,
}

impl ChangeKind {
    /// In one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Panel => "panel",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Rating => "rating",
            Self::Mode => "mode",
            Self::Penetrance => "penetrance",
            Self::ModeOfPathogenicity => "mode_of_pathogenicity",
            Self::Symbol => "symbol",
            Self::Ensembl => "ensembl",
        }
    }
}

/// One change. A text is `-` where there is nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PanelChange {
    /// What sort.
    pub kind: ChangeKind,
    /// `gene`, `region`, `str`, or a key of the panel.
    pub entity: &'static str,
    /// Name of the gene, region or repeat (the new one where it changed); `-` for the panel.
    pub name: String,
    /// As it was.
    pub old: String,
    /// As it is.
    pub new: String,
}

/// Rating in PanelApp's colours; `unrated` genes of plain lists.
pub fn rating(confidence: Option<Confidence>) -> &'static str {
    match confidence {
        Some(Confidence::Green) => "green",
        Some(Confidence::Amber) => "amber",
        Some(Confidence::Red) => "red",
        None => "unrated",
    }
}

/// Everything that differs, sorted by kind and name. A gene is the same when its HGNC id is, else when it shares an Ensembl
/// id, else when its symbol is, so that a renamed gene is not told as removed and added.
pub fn changes(old: &Panel, new: &Panel) -> Vec<PanelChange> {
    let mut all = Vec::new();
    for (key, was, is) in [
        ("id", &old.id, &new.id),
        ("name", &old.name, &new.name),
        ("version", &old.version, &new.version),
    ] {
        note(&mut all, ChangeKind::Panel, (key, "-"), (was, is));
    }
    let word = |signed_off: bool| if signed_off { "yes" } else { "no" };
    let signed = (word(old.signed_off), word(new.signed_off));
    note(&mut all, ChangeKind::Panel, ("signed_off", "-"), signed);
    genes(old, new, &mut all);
    entities(old, new, &mut all);
    all.sort();
    all
}

fn note(
    all: &mut Vec<PanelChange>,
    kind: ChangeKind,
    (entity, name): (&'static str, &str),
    (old, new): (&str, &str),
) {
    if old != new {
        let shown = |text: &str| if text.is_empty() { "-" } else { text }.to_owned();
        all.push(PanelChange { kind, entity, name: name.into(), old: shown(old), new: shown(new) });
    }
}

fn genes(old: &Panel, new: &Panel, all: &mut Vec<PanelChange>) {
    let mut partner: Vec<Option<usize>> = vec![None; new.genes.len()];
    let mut left: Vec<usize> = (0..old.genes.len()).collect();
    for by in [MatchedBy::HgncId, MatchedBy::EnsemblId, MatchedBy::Symbol] {
        left.retain(|&i| {
            let found = (0..new.genes.len())
                .find(|&j| partner[j].is_none() && same(&old.genes[i], &new.genes[j], by));
            if let Some(j) = found {
                partner[j] = Some(i);
            }
            found.is_none()
        });
    }
    for i in left {
        let gene = &old.genes[i];
        note(all, ChangeKind::Removed, ("gene", &gene.symbol), (&summary(gene), ""));
    }
    for (gene, partner) in new.genes.iter().zip(partner) {
        match partner {
            None => note(all, ChangeKind::Added, ("gene", &gene.symbol), ("", &summary(gene))),
            Some(i) => compare(&old.genes[i], gene, all),
        }
    }
}

fn same(a: &PanelGene, b: &PanelGene, by: MatchedBy) -> bool {
    match by {
        MatchedBy::HgncId => a.hgnc.is_some() && a.hgnc == b.hgnc,
        MatchedBy::EnsemblId => a.ensembl.iter().any(|id| b.ensembl.contains(id)),
        MatchedBy::Symbol | MatchedBy::Alias => a.symbol == b.symbol,
    }
}

fn summary(gene: &PanelGene) -> String {
    let mode = if gene.mode_text.is_empty() { "no mode" } else { &gene.mode_text };
    format!("{}; {mode}", rating(gene.confidence))
}

fn compare(old: &PanelGene, new: &PanelGene, all: &mut Vec<PanelChange>) {
    let at = ("gene", new.symbol.as_str());
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    note(all, ChangeKind::Rating, at, (rating(old.confidence), rating(new.confidence)));
    note(all, ChangeKind::Mode, at, (&old.mode_text, &new.mode_text));
    note(all, ChangeKind::Penetrance, at, (&text(&old.penetrance), &text(&new.penetrance)));
    let pathogenicity = (&*text(&old.mode_of_pathogenicity), &*text(&new.mode_of_pathogenicity));
    note(all, ChangeKind::ModeOfPathogenicity, at, pathogenicity);
    note(all, ChangeKind::Symbol, at, (&old.symbol, &new.symbol));
    note(all, ChangeKind::Ensembl, at, (&old.ensembl.join(","), &new.ensembl.join(",")));
}

fn entities(old: &Panel, new: &Panel, all: &mut Vec<PanelChange>) {
    let same = |a: &super::panel::PanelEntity, b: &super::panel::PanelEntity| {
        (a.kind, &a.name) == (b.kind, &b.name)
    };
    for entity in &old.entities {
        let at = (entity.kind.word(), entity.name.as_str());
        match new.entities.iter().find(|other| same(entity, other)) {
            None => {
                let was = format!("{}; {}", rating(entity.confidence), entity.mode_text);
                note(all, ChangeKind::Removed, at, (&was, ""));
            }
            Some(is) => {
                let ratings = (rating(entity.confidence), rating(is.confidence));
                note(all, ChangeKind::Rating, at, ratings);
                note(all, ChangeKind::Mode, at, (&entity.mode_text, &is.mode_text));
            }
        }
    }
    for entity in &new.entities {
        if !old.entities.iter().any(|other| same(entity, other)) {
            let at = (entity.kind.word(), entity.name.as_str());
            let is = format!("{}; {}", rating(entity.confidence), entity.mode_text);
            note(all, ChangeKind::Added, at, ("", &is));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::panel::{EntityDetail, EntityKind, PanelEntity};

    fn gene(symbol: &str, hgnc: Option<&str>, confidence: Confidence) -> PanelGene {
        PanelGene {
            symbol: symbol.into(),
            hgnc: hgnc.map(Into::into),
            confidence: Some(confidence),
            mode_text: "BIALLELIC".into(),
            ..PanelGene::default()
        }
    }

    fn panel(version: &str, genes: Vec<PanelGene>) -> Panel {
        Panel { id: "1".into(), version: version.into(), genes, ..Panel::default() }
    }

    fn told(old: &Panel, new: &Panel) -> Vec<String> {
        changes(old, new)
            .into_iter()
            .map(|c| format!("{} {} {} {} > {}", c.kind.word(), c.entity, c.name, c.old, c.new))
            .collect()
    }

    #[test]
    fn every_move_is_told_once() {
        use Confidence::{Amber, Green, Red};
        let old = panel(
            "1.0",
            vec![
                gene("KEPT", None, Green),
                gene("DOWN", None, Green),
                gene("OLDNAME", Some("HGNC:1"), Green),
                gene("GONE", None, Red),
            ],
        );
        let mut new = panel(
            "2.0",
            vec![
                gene("NEWNAME", Some("HGNC:1"), Green),
                gene("CAME", None, Green),
                gene("DOWN", None, Amber),
                gene("KEPT", None, Green),
            ],
        );
        new.genes[3].mode_text = "BOTH".into();
        let name = "ISCA-1-Loss".to_owned();
        new.entities = vec![PanelEntity {
            kind: EntityKind::Region,
            name,
            confidence: Some(Green),
            mode_text: "MONOALLELIC".into(),
            places: Vec::new(),
            detail: EntityDetail::None,
        }];
        assert_eq!(
            told(&old, &new),
            [
                "panel version - 1.0 > 2.0",
                "added gene CAME - > green; BIALLELIC",
                "added region ISCA-1-Loss - > green; MONOALLELIC",
                "removed gene GONE red; BIALLELIC > -",
                "rating gene DOWN green > amber",
                "mode gene KEPT BIALLELIC > BOTH",
                "symbol gene NEWNAME OLDNAME > NEWNAME",
            ]
        );
        assert_eq!(told(&old, &old), [""; 0]);
        let back = changes(&new, &old).len();
        assert_eq!(back, changes(&old, &new).len(), "as many the other way");
    }
}
