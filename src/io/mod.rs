//! Files: the only room that imports `std::fs` and the format libraries. One format a file.

pub mod gene_list;
pub mod panelapp;
pub mod panels;
pub mod sink;
pub mod text;
