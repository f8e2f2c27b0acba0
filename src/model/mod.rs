//! Plain data that passes between rooms: no I/O, no threads, no third-party genomics types.

pub mod annotation;
pub mod candidate;
pub mod cigar;
pub mod contig;
pub mod contract;
pub mod coord;
pub mod explain;
pub mod gene_coverage;
pub mod gene_model;
pub mod genotype;
pub mod identity;
pub mod notice;
pub mod panel;
pub mod panel_change;
pub mod problem;
pub mod qc;
pub mod read;
pub mod read_block;
pub mod reason;
pub mod results;
pub mod sample;
pub mod samtools;
pub mod sketch;
pub mod so;
pub mod variant;
pub mod verdict;
