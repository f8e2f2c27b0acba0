//! Files: the only room that imports `std::fs` and the format libraries. One format a file.

pub mod alignment;
pub mod alignment_head;
pub mod annotations;
pub mod bam;
pub mod bam_index;
pub mod bam_stream;
pub mod bam_tasks;
pub mod bed;
mod bed_deflate;
pub mod bed_piece;
pub mod bgzf;
pub mod bgzf_writer;
mod bytes;
#[cfg(feature = "cram")]
pub mod cram;
pub mod digest;
pub mod fasta;
pub mod gene_list;
pub mod gene_model;
mod huffman;
pub mod panelapp;
pub mod panels;
pub mod read_regions;
pub mod reference;
pub mod sink;
pub mod site_list;
pub mod sketch_calls;
pub mod sketch_file;
pub mod store;
pub mod stream_fasta;
pub mod text;
pub mod track;
pub mod variants;
pub mod write_bam;
pub mod write_index;
pub mod write_vcf;
