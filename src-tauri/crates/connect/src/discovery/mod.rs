//! From an address to servers that may belong to it.

mod autoconfig;
mod autodiscover;
mod candidate;
mod candidates;
mod detection;
mod detector;
mod dns;
mod error;
mod found;
mod guess;
mod ladder;
mod pacc;
mod srv;
mod web;

#[cfg(test)]
mod tests;

pub use candidate::auth_offers;
pub use candidates::candidates;
pub use detection::{
    AuthOffer, Candidate, Detection, Evidence, MxEvidence, Note, NoteCode, OrganisationServers, Outcome,
    ProviderSummary, Source, Step, Unavailable,
};
pub use detector::{DetectOptions, Detector, PUBLIC_ISPDB};
pub use dns::{DnsError, HickoryResolver, MxRecord, Resolver, SrvRecord};
pub use error::ConnectError;
pub use found::{Answer, FoundOAuth, FoundServers};
pub use guess::{Offered, Purpose, ServerProbe};
pub use web::{Web, WebAnswer};
