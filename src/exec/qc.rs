//! Quality control of one alignment file, from opening it to its values.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::identity::sex;
use crate::io::alignment::{Alignment, OpenOptions};
use crate::io::reference::Reference;
use crate::model::problem::{Problem, Problems};
use crate::model::qc::SampleQc;
use crate::model::read::Fields;
use crate::model::sample::Sex;
use crate::policy::identity::IdentityLimits;
use crate::policy::karyotype;
use crate::qc::{self, Metric, MetricContext, QcSettings};

use super::scan::{needs, scan};

/// How to run quality control over one file.
#[derive(Clone, Debug, Default)]
pub struct QcRun {
    /// What to ask.
    pub settings: QcSettings,
    /// Threads; at least one.
    pub threads: usize,
    /// The reference as FASTA, for CRAM.
    pub reference: Option<PathBuf>,
    /// Compressed bytes of a task; no output depends on it.
    pub task_bytes: Option<u64>,
}

/// An alignment file that was opened and found good, with its sample's name.
#[derive(Debug)]
pub struct Opened {
    alignment: Alignment,
    reference: Option<Arc<Reference>>,
    /// The sample of the read groups, else the stem of the file's name.
    pub sample: String,
}

impl Opened {
    /// Name and length (bp) of each contig.
    pub fn contigs(&self) -> &[(String, u32)] {
        &self.alignment.header.contigs
    }
}

impl QcRun {
    /// Opens a BAM or CRAM file, or the BAM on stdin when the path is `-`.
    ///
    /// # Errors
    ///
    /// Every fault that can be found before work starts.
    pub fn open(&self, path: &Path) -> Result<Opened, Problems> {
        let contigs = Arc::from([]);
        let metrics = self.metrics(&contigs, None, None)?;
        let options = OpenOptions {
            fields: needs(&metrics),
            reference: self.reference.clone(),
            task_bytes: self.task_bytes,
        };
        let alignment = Alignment::open(path, &options)?;
        let contigs = &alignment.header.contigs;
        if let Some(genes) = &self.settings.genes {
            genes.check(contigs)?;
            if let Some(told) = genes.behind(contigs) {
                log::warn!("{}: {told}", genes.model.file);
            }
        }
        self.check_read_groups(&alignment)?;
        let looked_at = options.fields.contains(Fields::REFERENCE);
        let reference = match &self.reference {
            Some(fasta) if looked_at => Some(Reference::open(fasta, contigs)?),
            _ => None,
        };
        let sample = match alignment.header.only_sample() {
            Some(sample) => sample.to_owned(),
            None if path == Path::new("-") => "stdin".to_owned(),
            None => path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        };
        Ok(Opened { alignment, reference, sample })
    }

    /// Read groups that are asked for must be there: depth over none of them would be 0 everywhere. Their names, which are
    /// often those of samples, are not told.
    fn check_read_groups(&self, alignment: &Alignment) -> Result<(), Problem> {
        let known = alignment.header.values("@RG", "ID");
        let asked = &self.settings.depth.read_groups;
        let Some(place) = asked.iter().position(|id| !known.contains(&id.as_str())) else {
            return Ok(());
        };
        let message = format!("number {} of the read groups of -R is not in its header", place + 1);
        Err(Problem::usage(message)
            .in_file(&alignment.name)
            .help("`samtools view -H` shows the read groups (@RG, ID)"))
    }

    fn metrics(
        &self,
        contigs: &Arc<[(String, u32)]>,
        reference: Option<&Arc<Reference>>,
        output: Option<&PathBuf>,
    ) -> Result<Vec<Box<dyn Metric>>, Problem> {
        let context = MetricContext { contigs, settings: &self.settings, reference, output };
        let chosen = qc::chosen(&self.settings, self.reference.is_some())?;
        chosen.into_iter().map(|kind| (kind.make)(&context)).collect()
    }

    /// Runs the metrics over an opened file. Bulk tracks are written beside `output`, a folder and file stem, when given.
    ///
    /// # Errors
    ///
    /// Damage in the file, or an output that cannot be written.
    pub fn run(&self, opened: Opened, output: Option<&PathBuf>) -> Result<SampleQc, Problem> {
        let Opened { alignment, reference, sample } = opened;
        if let Some(note) = &alignment.note {
            log::warn!("{}: {note}", alignment.name);
        }
        let contigs: Arc<[(String, u32)]> = Arc::from(alignment.header.contigs.clone());
        let reference = reference.as_ref();
        let metrics = self.metrics(&contigs, reference, output)?;
        let mut result = SampleQc {
            sample,
            file: without_folders(&alignment.name),
            notes: alignment.note.iter().cloned().collect(),
            ..SampleQc::default()
        };
        result.input.size = alignment.size;
        result.input.header_sha256 = header_digest(&alignment);
        let mut samples = alignment.header.values("@RG", "SM");
        samples.sort_unstable();
        samples.dedup();
        if samples.len() > 1 {
            let note =
                format!("the header names {} samples: figures are those of all", samples.len());
            log::warn!("{}: {note}", alignment.name);
            result.notes.push(note);
        }
        for id in qc::left_out(&self.settings, self.reference.is_some()) {
            result
                .notes
                .push(format!("{id} was left out: it needs the reference (-f/--reference)"));
        }
        scan(&alignment, &metrics, (self.threads, reference), &mut result)?;
        if result.samtools.as_ref().is_some_and(|own| !own.depth_fits) {
            let note = "samtools coverage was left out: it needs depth in the same pass, of all bases, with default filters and not as mosdepth errs";
            result.notes.push(note.to_owned());
        }
        if let (Some(sketch), Some(summary)) = (&result.sketch, &mut result.sketch_summary) {
            let genotypes = &IdentityLimits::preset()?.genotype;
            let check = sex::check(sketch, Sex::Unknown, karyotype::limits()?, genotypes);
            sex::name(&check).clone_into(&mut summary.karyotype);
        }
        Ok(result)
    }
}

fn header_digest(alignment: &Alignment) -> String {
    let mut digest = Sha256::new();
    digest.update(alignment.header.text.as_bytes());
    for (name, length) in &alignment.header.contigs {
        digest.update(format!("{name}\t{length}\n").as_bytes());
    }
    crate::io::digest::hex(&digest.finalize())
}
/// The name of a file alone: folders may tell more than a report should.
fn without_folders(path: &str) -> String {
    let name = Path::new(path).file_name();
    name.map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned())
}
