//! The `mailroom` command.
fn main() {}
