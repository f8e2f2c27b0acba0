//! Variant files: VCF (plain, gzip, BGZF) and BCF, told apart by their bytes.
//!
//! A file is opened once ([`VariantFile`]), cut into stretches ([`Chunks`]) that any thread turns into records
//! ([`ChunkReader`], [`RawRecord`]), and read part by part into the model's types ([`Loader`]) by a [`Layout`] that was
//! found once from the header.

mod alleles;
mod bcf;
mod bcf_numbers;
mod bcf_row;
mod bcf_write;
mod calls;
mod chunks;
pub mod dialect;
mod entry_places;
mod frequency;
mod genes;
mod gvcf;
pub mod header;
mod joint;
mod layout;
mod lines;
mod load;
mod lofreq;
mod places;
mod possible_de_novo;
mod record;
mod relay;
mod scores;
mod site_fields;
mod sites;
mod snps;
mod source;
mod split;
mod store_build;
mod stored;
mod write;

pub use chunks::{Chunk, Chunks};
pub use genes::GeneNames;
pub use gvcf::{SiteEvidence, Sites};
pub use header::Header;
pub use joint::{Joint, JointEntry};
pub use layout::{ClinVarKnown, Layout, Wanted};
pub use lines::{ChunkReader, Kind, Lines, Order, Seen};
pub use load::{Loader, alternates, placeholders};
pub use lofreq::{ONLY_SAMPLE, is_lofreq};
pub use record::RawRecord;
pub use sites::{SiteBatch, SiteReader};
pub use snps::{SnpColumns, SnpRun, SnpScan, Strict};
pub use source::{Format, VariantFile};
pub use split::one_alternate;
pub use store_build::{Source, StoreBuild};
pub use stored::{Sources, StoreRules};
pub use write::{OutputForm, VariantWriter};
