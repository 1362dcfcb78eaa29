//! From an address to servers that may belong to it.

mod candidates;
mod detection;
mod detector;
mod dns;
mod error;

pub use candidates::candidates;
pub use detection::{
    AuthOffer, Candidate, Detection, Evidence, MxEvidence, Note, NoteCode, OrganisationServers, Outcome,
    ProviderSummary, Source, Step, Unavailable,
};
pub use detector::{DetectOptions, Detector};
pub use dns::{DnsError, HickoryResolver, MxRecord, MxResolver};
pub use error::ConnectError;
