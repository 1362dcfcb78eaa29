//! The real window: the desktop application under WebKit's driver, on a desktop without a screen, with a real office.
//!
//! Run with `cargo test -p mailroom-tests --test window`, after `npm run build` in `ui/` and
//! `cargo build -p mailroom-desktop`; `cargo xtask test` does all of it.

#[cfg(all(test, unix))]
mod journey;
#[cfg(all(test, unix))]
mod stage;
