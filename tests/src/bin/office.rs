//! Office.
fn main() {}
