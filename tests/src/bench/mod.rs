//! What benchmarks share: measuring whole programs, and printing figures beside a peer's from the same run.

mod drain;
mod host;
mod idle;
mod measure;
mod processes;
mod table;

pub use drain::{DrainError, drain};
pub use host::Host;
pub use idle::{Announcements, announcements};
pub use measure::{Run, measure, measure_marks, now};
pub use processes::{pss_bytes, started_at_ms};
pub use table::Table;
