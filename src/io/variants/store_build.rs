//! Building a store from variant files, one after the other. Batches of rows arrive in the order of the files, whoever reads
//! them, so the bytes are the same for any number of threads.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::header::Header;
use super::lines::ChunkReader;
use super::site_fields::{SiteFields, SiteValue, site_fields};
use super::sites::{SiteBatch, SitePlan, SiteReader, SiteRow};
use super::source::VariantFile;
use crate::io::fasta::Fasta;
use crate::io::sink::{self, AtomicFile};
use crate::io::store::{Kind, Meta, Store, StorePopulation, StoreWriter, Tally};
use crate::model::contig::{Assembly, ContigClass, ContigTable};
use crate::model::problem::Problem;

/// ClinVar's INFO keys that a store keeps, in this order: what it says, what each submission says where they differ, the
/// review, the allele.
const CLINVAR_TEXTS: [&str; 4] = ["CLNSIG", "CLNSIGCONF", "CLNREVSTAT", "ALLELEID"];

/// How a store is built.
#[derive(Clone, Debug)]
pub struct StoreBuild {
    /// What it holds.
    pub kind: Kind,
    /// Name of the dataset; by default what gnomAD's file names and ClinVar's header tell.
    pub dataset: Option<String>,
    /// Version of the dataset; by default likewise.
    pub version: Option<String>,
    /// Assembly; by default what the headers say.
    pub assembly: Option<Assembly>,
    /// INFO keys with `{pop}` in the place of a group of gnomAD; without it a key of everybody.
    pub fields: Vec<String>,
    /// `POPULATION=KEY` or `POPULATION=COUNT/TOTAL`.
    pub map: Vec<String>,
    /// Reference, to move indels left and to check REF.
    pub reference: Option<PathBuf>,
}

/// One file on its way into a store.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The file.
    pub file: &'a VariantFile,
    plan: &'a SitePlan,
    reference: Option<&'a Arc<Fasta>>,
}

impl<'a> Source<'a> {
    /// A reader of its records for one thread.
    pub fn reader(&self) -> SiteReader<'a> {
        SiteReader::new(self.plan, self.reference.map(Fasta::reader))
    }
}

/// Gives the batches of a file to a sink, in the order of the file.
pub(super) type Drive<'d> = dyn Fn(Source<'_>, &mut dyn FnMut(SiteBatch) -> Result<(), Problem>) -> Result<(), Problem>
    + 'd;

/// The batches of a file, read by this thread.
fn alone(
    source: Source<'_>,
    sink: &mut dyn FnMut(SiteBatch) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let chunks = source.file.chunks()?;
    let mut lines = ChunkReader::new(chunks.kind());
    let mut reader = source.reader();
    for chunk in chunks {
        sink(reader.batch(&mut lines.lines(chunk?)?)?)?;
    }
    Ok(())
}

impl StoreBuild {
    /// A store of ClinVar in an assembly.
    pub fn clinvar(assembly: Assembly) -> Self {
        Self {
            kind: Kind::Clinvar,
            dataset: None,
            version: None,
            assembly: Some(assembly),
            fields: Vec::new(),
            map: Vec::new(),
            reference: None,
        }
    }

    /// Reads the files and writes the store; it appears whole or not at all.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, is not sorted, is of another build, lacks a key, or has a value that is none.
    pub fn to_file(
        &self,
        inputs: &[PathBuf],
        output: &Path,
        drive: &Drive<'_>,
    ) -> Result<Meta, Problem> {
        let all = inputs.iter().chain(&self.reference).map(PathBuf::as_path);
        sink::spare_inputs(all, [output.to_owned()])?;
        let name = output.display().to_string();
        let (file, meta) = self.write(inputs, (AtomicFile::create(output)?, &name), drive)?;
        file.finish()?;
        Ok(meta)
    }

    /// Reads one file into a store in memory.
    ///
    /// # Errors
    ///
    /// As [`StoreBuild::to_file`].
    pub fn in_memory(&self, input: &Path) -> Result<Arc<Store>, Problem> {
        let name = input.display().to_string();
        let (bytes, _) = self.write(&[input.to_owned()], (Vec::new(), &name), &alone)?;
        Store::from_bytes(&name, bytes)
    }

    fn write<W: Write>(
        &self,
        inputs: &[PathBuf],
        (out, name): (W, &str),
        drive: &Drive<'_>,
    ) -> Result<(W, Meta), Problem> {
        let files = open_all(inputs)?;
        let assembly = self.assembly(&files)?;
        let contigs = contigs(&files, assembly)?;
        let reference = self.reference.as_deref().map(Fasta::open).transpose()?;
        let reference = reference.map(|reference| reference.with_contigs(&contigs));
        let fields = self.site_fields(&files)?;
        let texts: Vec<String> = match self.kind {
            Kind::Frequencies => Vec::new(),
            Kind::Clinvar => CLINVAR_TEXTS.iter().map(|&key| key.to_owned()).collect(),
        };
        let (dataset, version) = self.names(inputs, &files)?;
        let meta = Meta {
            kind: self.kind,
            dataset,
            version,
            assembly,
            left_aligned: reference.is_some(),
            sources: inputs.iter().map(|path| short_name(path)).collect(),
            populations: fields.iter().map(population).collect(),
            texts: texts.clone(),
            contigs: Vec::new(),
            tally: Tally::default(),
        };
        let mut order = Ordered::new(StoreWriter::new(out, name, meta)?, &contigs);
        for file in &files {
            let plan = SitePlan::new(file.header(), &fields, &texts, &contigs)
                .map_err(|problem| problem.in_file(file.name()))?;
            order.begin_file(file.name());
            let source = Source { file, plan: &plan, reference: reference.as_ref() };
            drive(source, &mut |batch| order.take(batch))?;
            log::info!("{}: read", short_name(Path::new(file.name())));
        }
        let (out, meta) = order.writer.finish()?;
        if meta.tally.variants == 0 {
            let problem = Problem::bad_data("no variant: the store would answer nothing");
            return Err(match inputs {
                [only] => problem.in_file(only.display()),
                _ => problem,
            });
        }
        Ok((out, meta))
    }

    fn assembly(&self, files: &[VariantFile]) -> Result<Assembly, Problem> {
        let mut found: Option<Assembly> = self.assembly;
        for file in files {
            let Some(stated) = file.header().assembly() else { continue };
            if let Some(other) = found.filter(|other| *other != stated) {
                let message = format!("of {stated}, but the store is of {other}");
                return Err(Problem::bad_data(message)
                    .in_file(file.name())
                    .help("a store holds one build; correct --assembly, or build two stores"));
            }
            found = Some(stated);
        }
        found.ok_or_else(|| {
            Problem::usage("no header tells the assembly")
                .help("give --assembly GRCh37 or --assembly GRCh38")
        })
    }

    /// The populations by the first header; all files must have the keys.
    fn site_fields(&self, files: &[VariantFile]) -> Result<Vec<SiteFields>, Problem> {
        let Some(first) = files.first() else {
            return Err(Problem::usage("no input").help("name at least one VCF or BCF"));
        };
        if self.kind == Kind::Clinvar {
            let lacks = |key: &&str| first.header().info(key).is_none();
            return match ["CLNSIG", "CLNREVSTAT"].iter().find(|key| lacks(key)) {
                Some(key) => Err(Problem::bad_data(format!("the header has no INFO key {key}"))
                    .in_file(first.name())
                    .help("expected a VCF of ClinVar (clinvar.vcf.gz)")),
                None => Ok(Vec::new()),
            };
        }
        site_fields(first.header(), &self.fields, &self.map).map_err(|p| p.in_file(first.name()))
    }

    /// Dataset and version: as given, else by gnomAD's file names (`gnomad.exomes.v4.1.sites.chr1.vcf.bgz`) or ClinVar's
    /// header (`##fileDate`).
    fn names(
        &self,
        inputs: &[PathBuf],
        files: &[VariantFile],
    ) -> Result<(String, String), Problem> {
        let first = inputs.first().map(|path| short_name(path)).unwrap_or_default();
        let header = files.first().map(|file| Arc::clone(file.header())).unwrap_or_default();
        let (dataset, version) = match self.kind {
            Kind::Clinvar => {
                let date = header.values("fileDate").next().map(str::to_owned);
                (Some("clinvar".to_owned()), date)
            }
            Kind::Frequencies => (gnomad_dataset(&first, &header), gnomad_version(&first)),
        };
        let dataset = self.dataset.clone().or(dataset).ok_or_else(|| {
            Problem::usage("the file name does not tell which dataset this is")
                .in_file(&first)
                .help("give --dataset NAME, as the policy calls it: gnomad_exomes, gnomad_genomes, internal")
        })?;
        Ok((dataset, self.version.clone().or(version).unwrap_or_else(|| "not stated".into())))
    }
}

fn open_all(inputs: &[PathBuf]) -> Result<Vec<VariantFile>, Problem> {
    inputs
        .iter()
        .map(|path| {
            if path.as_os_str() == "-" {
                return Err(Problem::usage("a store is built from files, not from standard input"));
            }
            VariantFile::open(path)
        })
        .collect()
}

/// The contigs of all headers, which must be those of the assembly.
fn contigs(files: &[VariantFile], assembly: Assembly) -> Result<ContigTable, Problem> {
    let mut table = ContigTable::new();
    for file in files {
        for contig in &file.header().contigs {
            let class = ContigClass::of_name(&contig.name);
            let other = contig.length.and_then(|length| Assembly::of_length(class, length));
            let fault = match other.filter(|other| *other != assembly) {
                Some(other) => {
                    Some(format!("contig {} is of {other}, not {assembly}", contig.name))
                }
                None => table.add(&contig.name, contig.length).err().map(|e| e.to_string()),
            };
            if let Some(fault) = fault {
                return Err(Problem::bad_data(fault)
                    .in_file(file.name())
                    .help("all files of a store must be of one build"));
            }
        }
    }
    Ok(table)
}

fn population(fields: &SiteFields) -> StorePopulation {
    StorePopulation {
        name: fields.population.clone(),
        from: fields.shown(),
        counted: matches!(fields.value, SiteValue::Counts(..)),
        homozygotes: fields.homozygotes.clone(),
        hemizygotes: fields.hemizygotes.clone(),
    }
}

fn short_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn gnomad_dataset(file: &str, header: &Header) -> Option<String> {
    let file = file.to_ascii_lowercase();
    if !file.contains("gnomad") {
        return None;
    }
    if ["AC_hom", "AC_het"].iter().all(|key| header.info(key).is_some()) {
        return Some("gnomad_mitochondria".into());
    }
    let word = ["exomes", "genomes", "joint"].into_iter().find(|word| file.contains(word))?;
    Some(format!("gnomad_{word}"))
}

/// `v4.1` of `gnomad.exomes.v4.1.sites.chr1.vcf.bgz`, `r2.1.1` of older names.
fn gnomad_version(file: &str) -> Option<String> {
    let mut parts = file.split('.').skip_while(|part| {
        let digits = part.strip_prefix(['v', 'r']).unwrap_or_default();
        digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    let first = parts.next()?.trim_start_matches(['v', 'r']);
    let more = parts.take_while(|part| part.len() == 1 && part.bytes().all(|b| b.is_ascii_digit()));
    Some(std::iter::once(first).chain(more).collect::<Vec<_>>().join("."))
}

/// Rows on their way into the store: contigs one after the other, records in order.
struct Ordered<'a, W: Write> {
    writer: StoreWriter<W>,
    contigs: &'a ContigTable,
    file: String,
    /// Contig at hand as the file calls it, and position of its last record.
    at: Option<(String, u32)>,
    /// Contigs met so far.
    seen: ContigTable,
}

impl<'a, W: Write> Ordered<'a, W> {
    fn new(writer: StoreWriter<W>, contigs: &'a ContigTable) -> Self {
        Self { writer, contigs, file: String::new(), at: None, seen: ContigTable::new() }
    }

    fn begin_file(&mut self, name: &str) {
        name.clone_into(&mut self.file);
        self.at = None;
    }

    fn problem(&self, message: String, place: String) -> Problem {
        Problem::bad_data(message).in_file(&self.file).at(place)
    }

    fn take(&mut self, batch: SiteBatch) -> Result<(), Problem> {
        self.writer.tally().add(&batch.tally);
        for (name, rows) in batch.runs {
            if self.at.as_ref().is_none_or(|(known, _)| *known != name) {
                self.begin(&name)?;
            }
            for row in rows {
                self.row(&name, row)?;
            }
            let position = self.at.as_ref().map_or(0, |(_, position)| *position);
            self.writer.pass(position)?;
        }
        Ok(())
    }

    fn begin(&mut self, name: &str) -> Result<(), Problem> {
        if self.seen.resolve(name).is_some() {
            let problem = self
                .problem(format!("contig {name} comes a second time"), format!("contig {name}"));
            return Err(problem.help(
                "each contig must stand in one file, in one piece: use bcftools sort, or bcftools concat -a for several files",
            ));
        }
        let length = self.contigs.resolve(name).and_then(|id| self.contigs.get(id).length);
        if let Err(conflict) = self.seen.add(name, length) {
            return Err(self.problem(conflict.to_string(), format!("contig {name}")));
        }
        self.at = Some((name.to_owned(), 0));
        self.writer.begin(name, length)
    }

    fn row(&mut self, name: &str, SiteRow { written, row }: SiteRow) -> Result<(), Problem> {
        let before = self.at.as_ref().map_or(0, |(_, position)| *position);
        if written < before {
            let message = format!("a record before the one ahead of it, at {before}");
            return Err(self
                .problem(message, format!("{name}:{written}"))
                .help("sort the file: bcftools sort"));
        }
        if written > before {
            self.writer.pass(written)?;
            self.at = Some((name.to_owned(), written));
        }
        self.writer.push(row).map_err(|row| {
            let message =
                format!("normalised, the variant stands at {}, too far to the left", row.position);
            self.problem(message, format!("{name}:{written}"))
                .help("normalise and sort the file: bcftools norm -f, bcftools sort")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_of_gnomad_tell_dataset_and_version() {
        let header = Header::default();
        for (file, dataset, version) in [
            ("gnomad.exomes.v4.1.sites.chr1.vcf.bgz", Some("gnomad_exomes"), Some("4.1")),
            ("gnomad.genomes.r2.1.1.sites.1.vcf.bgz", Some("gnomad_genomes"), Some("2.1.1")),
            ("gnomad.joint.v4.1.sites.chr22.bcf", Some("gnomad_joint"), Some("4.1")),
            ("cohort.vcf.gz", None, None),
        ] {
            assert_eq!(gnomad_dataset(file, &header).as_deref(), dataset);
            assert_eq!(gnomad_version(file).as_deref(), version, "{file}");
        }
    }
}
