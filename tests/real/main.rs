//! Tests with real servers.
#![cfg(unix)]

#[cfg(test)]
mod office;
