//! Where a file keeps what a case needs, found once from its header: contigs, sample columns, INFO keys, the fields of
//! each population, annotations.

use std::sync::Arc;

use super::header::{Header, Number};
use super::lofreq;
use super::places::Keys;
use super::scores::ScorePlace;
use super::stored::{Sources, StoredPlan};
use crate::io::annotations::Schema;
use crate::model::annotation::AnnotationSource;
use crate::model::contig::ContigTable;
use crate::model::problem::{Problem, nearest};
use crate::model::sample::MemberId;

/// What the case wants from a file.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Contigs of the case.
    pub contigs: &'a ContigTable,
    /// Number of members of the case.
    pub members: usize,
    /// Names of samples in this file with the members whose calls they hold.
    pub samples: &'a [(String, MemberId)],
    /// For each population of the policy, by `PopulationId`, the places where its frequency may stand: `CSQ/NAME`,
    /// `INFO/NAME`, or `NAME` for both; the first found wins.
    pub populations: &'a [Vec<String>],
    /// Annotations in order of preference; those not named come last in the order CSQ, ANN, BCSQ.
    pub annotations: &'a [AnnotationSource],
    /// Index of the file in the case.
    pub file: u16,
}

/// Fields of a call set that count the case's own members. They are never population frequencies.
const OWN_COUNTS: [&str; 8] = ["AF", "AC", "AN", "MLEAF", "MLEAC", "MAF", "AF1", "AC1"];

/// Where the frequency of a population stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Nowhere in this file.
    Nowhere,
    /// An INFO key.
    Info { slot: usize, number: Number },
    /// A field of the annotation entries.
    Entry { schema: usize, field: usize },
}

/// Where ClinVar's word stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ClinVarPlaces {
    pub(super) significance: Option<Place>,
    pub(super) review: Option<Place>,
}

/// Slots of what a somatic caller says beside counts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct NotePlaces {
    pub(super) homopolymer: Option<usize>,
    pub(super) fisher_phred: Option<usize>,
}

/// What can be told of ClinVar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClinVarKnown {
    /// Nothing.
    Nothing,
    /// Its words, without their review status.
    Unreviewed,
    /// Its words with their review status.
    Reviewed,
}

/// A file's layout. Shared by all workers.
#[derive(Debug)]
pub struct Layout {
    pub(super) file: u16,
    pub(super) header: Arc<Header>,
    pub(super) contigs: ContigTable,
    pub(super) members: usize,
    /// Column and member, by column.
    pub(super) columns: Vec<(usize, MemberId)>,
    /// Whose calls stand in INFO, in a file of LoFreq without sample columns.
    pub(super) only_member: Option<MemberId>,
    pub(super) keys: Keys,
    /// Annotations with the slots of their INFO keys, the preferred first.
    pub(super) schemas: Vec<(Schema, usize)>,
    pub(super) populations: Vec<Place>,
    /// The population whose frequency a slot of INFO holds, if any.
    pub(super) population_of: Vec<Option<usize>>,
    pub(super) clinvar: ClinVarPlaces,
    pub(super) notes: NotePlaces,
    /// Of each population the number of the field that the file has.
    annotated: Vec<Option<usize>>,
    pub(super) stored: Option<StoredPlan>,
    /// Where the scores of the policy stand, by their number.
    pub(super) scores: Vec<Option<ScorePlace>>,
}

impl Layout {
    /// Finds everything in the header.
    ///
    /// # Errors
    ///
    /// When a sample has no column, or the policy names the case's own `INFO/AF` (or its kin) as a population.
    pub fn new(name: &str, header: &Arc<Header>, wanted: &Wanted) -> Result<Self, Problem> {
        let mut keys = Keys::default();
        let mut layout = Self {
            file: wanted.file,
            header: Arc::clone(header),
            contigs: wanted.contigs.clone(),
            members: wanted.members,
            columns: columns(header, wanted).map_err(|p| p.in_file(name))?,
            only_member: wanted
                .samples
                .first()
                .filter(|_| lofreq::is_lofreq(header))
                .map(|(_, member)| *member),
            schemas: schemas(header, wanted.annotations, &mut keys),
            keys,
            populations: Vec::new(),
            population_of: Vec::new(),
            clinvar: ClinVarPlaces::default(),
            notes: NotePlaces::default(),
            annotated: Vec::new(),
            stored: None,
            scores: Vec::new(),
        };
        for fields in wanted.populations {
            let (number, place) = layout.population(fields)?.unzip();
            layout.populations.push(place.unwrap_or(Place::Nowhere));
            layout.annotated.push(number);
        }
        for (i, place) in layout.populations.iter().enumerate() {
            // A value for each allele has another place for the ALT.
            if let Place::Info { slot, number } = *place
                && number != Number::PerAllele
            {
                let most = layout.population_of.len().max(slot + 1);
                layout.population_of.resize(most, None);
                layout.population_of[slot].get_or_insert(i);
            }
        }
        layout.clinvar = layout.clinvar_places();
        layout.notes = layout.note_places();
        layout.keys.finish(&layout.header.dictionary);
        Ok(layout)
    }

    /// The same layout with stores beside the annotation; `populations` as in [`Wanted`].
    ///
    /// # Errors
    ///
    /// When a store's contigs are of another build.
    pub fn with_stores(
        mut self,
        sources: &Sources,
        populations: &[Vec<String>],
    ) -> Result<Self, Problem> {
        if !sources.is_empty() {
            let plan = StoredPlan::new(sources, &self.contigs, populations, &self.annotated)?;
            self.stored = Some(plan);
        }
        Ok(self)
    }

    /// The same layout with places for scores: for each score of the policy the places where it may stand, each as fields
    /// (`CSQ/NAME`, `INFO/NAME`, or `INFO/NAME/FIELD` of a list between bars) of which the greatest counts. The first
    /// place that the file has counts.
    #[must_use]
    pub fn with_scores(mut self, scores: &[Vec<Vec<String>>]) -> Self {
        for places in scores {
            let found = places.iter().find_map(|fields| ScorePlace::find(&mut self, fields));
            self.scores.push(found);
        }
        self.keys.finish(&self.header.dictionary);
        self
    }

    /// For each score of the policy, whether this file has a field for it.
    pub fn scored(&self) -> impl Iterator<Item = bool> {
        self.scores.iter().map(Option::is_some)
    }

    /// The first field that the file has, with its number.
    fn population(&mut self, fields: &[String]) -> Result<Option<(usize, Place)>, Problem> {
        for (number, field) in fields.iter().enumerate() {
            let (kind, name) = field.split_once('/').unwrap_or(("", field));
            let in_info = kind.is_empty() || kind == "INFO";
            if kind != "INFO"
                && kind != "STORE"
                && let Some(place) = self.entry_place(name)
            {
                return Ok(Some((number, place)));
            }
            if !in_info {
                continue;
            }
            if OWN_COUNTS.contains(&name) {
                return Err(Problem::usage(format!(
                    "the policy names INFO/{name} as a population frequency"
                ))
                .help("INFO AF, AC, AN and MLEAF describe the samples of the file itself; name the field of a reference population"));
            }
            if let Some(place) = self.info_place(name) {
                return Ok(Some((number, place)));
            }
        }
        Ok(None)
    }

    /// A field of the first VEP-like annotation that has it.
    pub(super) fn entry_place(&self, field: &str) -> Option<Place> {
        self.schemas.iter().enumerate().find_map(|(schema, (layout, _))| {
            (layout.source == AnnotationSource::Csq)
                .then(|| layout.position(field))
                .flatten()
                .map(|field| Place::Entry { schema, field })
        })
    }

    pub(super) fn info_place(&mut self, name: &str) -> Option<Place> {
        let number = self.header.info(name)?.number;
        Some(Place::Info { slot: self.keys.slot(name), number })
    }

    fn note_places(&mut self) -> NotePlaces {
        let mut slot = |name: &str| self.header.info(name).map(|_| self.keys.slot(name));
        NotePlaces { homopolymer: slot("IHP"), fisher_phred: slot("SomaticFisherPhred") }
    }

    fn clinvar_places(&mut self) -> ClinVarPlaces {
        if let Some(significance) = self.info_place("CLNSIG") {
            return ClinVarPlaces {
                significance: Some(significance),
                review: self.info_place("CLNREVSTAT"),
            };
        }
        for prefix in ["CLINVAR_", "ClinVar_", "clinvar_", ""] {
            if let Some(significance) = self.entry_place(&format!("{prefix}CLNSIG")) {
                let review = self.entry_place(&format!("{prefix}CLNREVSTAT"));
                return ClinVarPlaces { significance: Some(significance), review };
            }
        }
        ClinVarPlaces { significance: self.entry_place("CLIN_SIG"), review: None }
    }

    /// What this file or the case's ClinVar can tell.
    pub fn clinvar_known(&self) -> ClinVarKnown {
        let stored = self.stored.as_ref().is_some_and(StoredPlan::knows_clinvar);
        match (stored, self.clinvar.significance.is_some(), self.clinvar.review.is_some()) {
            (true, ..) | (_, true, true) => ClinVarKnown::Reviewed,
            (_, true, false) => ClinVarKnown::Unreviewed,
            _ => ClinVarKnown::Nothing,
        }
    }

    /// For each population of the policy, whether this file or a store can tell its frequency.
    pub fn assessed(&self) -> Vec<bool> {
        let mut all: Vec<bool> =
            self.populations.iter().map(|place| *place != Place::Nowhere).collect();
        if let Some(stored) = &self.stored {
            all.iter_mut().zip(stored.assessed()).for_each(|(any, stored)| *any |= stored);
        }
        all
    }

    /// The annotations of the file, the preferred first.
    pub fn annotations(&self) -> impl Iterator<Item = &Schema> {
        self.schemas.iter().map(|(schema, _)| schema)
    }

    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The contigs of the case.
    pub fn contigs(&self) -> &ContigTable {
        &self.contigs
    }

    /// Number of members of the case.
    pub fn members(&self) -> usize {
        self.members
    }
}

fn columns(header: &Header, wanted: &Wanted) -> Result<Vec<(usize, MemberId)>, Problem> {
    let mut columns = Vec::new();
    if lofreq::is_lofreq(header) {
        return Ok(columns);
    }
    for (sample, member) in wanted.samples {
        let Some(column) = header.column(sample) else {
            let problem = Problem::bad_data(format!("no column for sample {sample:?}"));
            let names = header.samples.iter().map(String::as_str);
            let help = match nearest(sample, names) {
                Some(name) => format!("did you mean {name:?}?"),
                None => format!("the file has: {}", header.samples.join(", ")),
            };
            return Err(problem.help(help));
        };
        columns.push((column, *member));
    }
    columns.sort_unstable();
    Ok(columns)
}

fn schemas(
    header: &Header,
    preferred: &[AnnotationSource],
    keys: &mut Keys,
) -> Vec<(Schema, usize)> {
    let rank = |source: AnnotationSource| {
        let place = preferred.iter().position(|&wanted| wanted == source);
        (place.unwrap_or(preferred.len()), source)
    };
    let mut found: Vec<Schema> = header
        .infos
        .iter()
        .filter_map(|field| Schema::from_description(&field.id, &field.description))
        .collect();
    found.sort_by_key(|schema| rank(schema.source));
    found
        .into_iter()
        .map(|schema| {
            let slot = keys.slot(&schema.key);
            (schema, slot)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(infos: &str, populations: &[Vec<String>]) -> Result<Layout, Problem> {
        let text =
            format!("{infos}#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tMUM\tKID\n");
        let header = Arc::new(Header::parse(text.as_bytes()).unwrap());
        let wanted = Wanted {
            contigs: &ContigTable::new(),
            members: 2,
            samples: &[("KID".into(), MemberId(0)), ("MUM".into(), MemberId(1))],
            populations,
            annotations: &[],
            file: 0,
        };
        Layout::new("x.vcf", &header, &wanted)
    }

    const INFOS: &str = "##INFO=<ID=AF,Number=A,Type=Float,Description=\"own\">\n\
        ##INFO=<ID=gnomad,Number=A,Type=Float,Description=\"x\">\n\
        ##INFO=<ID=CSQ,Number=.,Type=String,Description=\"Format: Allele|Consequence|Gene|AF|gnomADe_AFR_AF\">\n";

    #[test]
    fn populations_are_found_where_the_policy_says() {
        let places = |fields: &[&str]| {
            let fields = fields.iter().map(|&field| field.to_owned()).collect();
            layout(INFOS, &[fields]).map(|layout| layout.populations[0])
        };
        assert_eq!(places(&["CSQ/gnomADe_AFR_AF"]).unwrap(), Place::Entry { schema: 0, field: 4 });
        assert!(matches!(places(&["CSQ/none", "INFO/gnomad"]).unwrap(), Place::Info { .. }));
        assert_eq!(places(&["AF"]).unwrap(), Place::Entry { schema: 0, field: 3 });
        assert_eq!(places(&["INFO/none"]).unwrap(), Place::Nowhere);
        assert!(places(&["INFO/AF"]).unwrap_err().message.contains("INFO/AF"));
        assert!(places(&["INFO/MLEAF"]).is_err());
    }

    #[test]
    fn columns_go_to_members_whatever_their_order() {
        let layout = layout(INFOS, &[]).unwrap();
        assert_eq!(layout.columns, [(0, MemberId(1)), (1, MemberId(0))]);
    }
}
