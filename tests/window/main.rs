//! The real window: the application as people start it, on a screen that nobody sees, before a real mail office.
//! Needs the desktop application to be built: `cargo xtask test` does that.

mod start;
