//! Files: the only room that imports `std::fs` and the format libraries. One format a file.

pub mod sink;
