//! Files: the only room that imports `std::fs` and the format libraries. One format a file.

pub mod alignment_head;
pub mod annotations;
pub(crate) mod bgzf_block;
pub mod digest;
pub mod fasta;
pub mod gene_list;
pub mod panelapp;
pub mod panels;
pub mod sink;
pub mod text;
pub mod variants;
pub mod write_vcf;
