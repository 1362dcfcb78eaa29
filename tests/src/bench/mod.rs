//! What benchmarks share: measuring whole programs, and printing figures beside a peer's from the same run.

mod drain;
mod figure;
mod host;
mod idle;
mod machine;
mod measure;
mod processes;
mod spread;
mod table;

pub use drain::{DrainError, drain};
pub use figure::{Figure, markdown};
pub use host::Host;
pub use idle::{Announcements, announcements};
pub use machine::surroundings;
pub use measure::{Run, measure, measure_marks, now};
pub use processes::{pss_bytes, started_at_ms};
pub use spread::Spread;
pub use table::Table;
