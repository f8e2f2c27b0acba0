//! Files: the only room that imports `std::fs` and the format libraries. One format a file.

pub mod alignment;
pub mod alignment_head;
pub mod annotations;
pub mod bam;
pub mod bam_index;
pub mod bam_stream;
pub mod bam_tasks;
pub mod bed;
pub mod bgzf;
pub(crate) mod bgzf_block;
pub mod bgzf_writer;
#[cfg(feature = "cram")]
pub mod cram;
pub mod digest;
pub mod fasta;
pub mod gene_list;
pub mod panelapp;
pub mod panels;
pub mod sink;
pub mod stream_fasta;
pub mod text;
pub mod track;
pub mod variants;
pub mod write_bam;
pub mod write_index;
pub mod write_vcf;
