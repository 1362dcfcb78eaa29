//! OAuth 2.0 for native programs (RFC 8252): one file per step.

mod answer;
mod authorization;
mod client_ids;
mod error;
mod exchange;
mod identity;
mod keeper;
mod listener;
mod loopback_http;
mod metadata;
mod profile;
mod redirect;
mod registration;
mod revocation;
mod tenant;
mod tokens;

#[cfg(test)]
mod scripted;

pub use authorization::{Authorization, AuthorizationCode};
pub use client_ids::{ClientIdSource, ClientIds, Registration};
pub use error::{JsonFault, OAuthError};
pub use exchange::{exchange, refresh};
pub use identity::{Identity, identify, mailbox_names};
pub use keeper::{KeeperError, StoreFailure, TokenGrant, TokenKeeper, TokenStore, TokenTurn};
pub use listener::{LoopbackListener, ResultPages};
pub use metadata::discover_issuer;
pub use profile::{
    BuiltinIssuer, CUSTOM_SCHEME_REDIRECT, IdTokenIssuer, OAuthEndpoints, OAuthProfile, RedirectKind,
    RevocationForm, SecretPolicy, builtin_profile, stands_for_many,
};
pub use redirect::{RedirectFacts, redirect_ways};
pub use registration::register_client;
pub use revocation::{Revocation, has_ended, revoke};
pub use tenant::find_tenant;
pub use tokens::{IdClaims, TokenSet};
