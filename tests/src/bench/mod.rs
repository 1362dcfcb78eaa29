//! What benchmarks share: measuring whole programs, and printing figures beside a peer's from the same run.

mod drain;
mod measure;
mod table;

pub use drain::{DrainError, drain};
pub use measure::{Run, measure, now};
pub use table::Table;
