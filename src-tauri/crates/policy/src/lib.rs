//! # Room: policy
//!
//! What the organisation decided for its machines.
//!
//! - **Does**: reads one JSON document, says exactly what is wrong with it, and answers questions about it.
//! - **Owns**: the shape of the policy file and the places where each system keeps it.
//! - **Never**: changes a setting by itself, asks the network, or holds a secret: an OAuth client id of a desktop
//!   program is public, its secret comes from the vault.

mod document;
mod source;

pub use document::{Policy, PolicyError, PolicyIspdb, PolicyRedirect, PolicyRegistration, PolicyServers};
pub use source::{load, machine_path, path_in_force};
