//! # Room: connect
//!
//! From an address to servers that may belong to it, and from a browser sign-in to tokens that open them.
//!
//! - **Does**: looks an address up in the built-in provider table, in DNS and in the configurations that domains publish
//!   ([`Detector`], over the pure [`candidates`]); runs OAuth 2.0 for native programs (RFC 8252): authorisation address with PKCE, the loopback
//!   listener that catches the answer, exchange, refresh ahead of expiry, revocation, discovery of issuers
//!   (RFC 8414) and dynamic registration (RFC 7591).
//! - **Owns**: `data/providers.json` (the reviewed facts about providers), the built-in OAuth profiles, the HTTP client and
//!   the resolver.
//! - **Never**: opens an IMAP or SMTP connection (a [`ServerProbe`] of the caller's does), sends a password anywhere, tells
//!   anybody whose address is looked for (only its domain), believes what came over plain `http` unless the person wants
//!   it, keeps a token (a
//!   [`TokenStore`] does), opens a browser, or follows a redirect on a person's behalf.
//!
//! ## Shape
//! `provider` holds the table and its matching rules; `discovery` decides on evidence and collects it; `http` is the only
//! place that speaks HTTP; `oauth` has one file per step of the grant.

mod discovery;
mod http;
mod oauth;
mod provider;
mod release;

pub use discovery::{
    Answer, AuthOffer, Candidate, ConnectError, DetectOptions, Detection, Detector, DnsError, Evidence,
    FoundOAuth, FoundServers, HickoryResolver, MxEvidence, MxRecord, Note, NoteCode, Offered,
    OrganisationServers, Outcome, PUBLIC_ISPDB, ProviderSummary, Purpose, Resolver, ServerProbe, Source,
    SrvRecord, Step, Unavailable, Web, WebAnswer, auth_offers, candidates,
};
pub use http::{HttpClient, HttpError, TlsProblem};
pub use oauth::{
    Authorization, AuthorizationCode, BuiltinIssuer, CUSTOM_SCHEME_REDIRECT, ClientIdSource, ClientIds,
    IdClaims, IdTokenIssuer, Identity, JsonFault, KeeperError, LoopbackListener, OAuthEndpoints, OAuthError,
    OAuthProfile, RedirectFacts, RedirectKind, Registration, ResultPages, Revocation, RevocationForm,
    SecretPolicy, StoreFailure, TokenGrant, TokenKeeper, TokenSet, TokenStore, TokenTurn, builtin_profile,
    discover_issuer, exchange, find_tenant, has_ended, identify, mailbox_names, redirect_ways, refresh,
    register_client, revoke, stands_for_many,
};
pub use provider::{
    AuthCondition, AuthEntry, DomainPattern, EnableCode, EnableStep, Ending, EndingKind, MxMatch, MxPattern,
    PatternError, Provider, ProviderTable, Quirk, ServerTemplate, Site, SiteMatch, SiteServers, TableError,
    Usernames, WithoutImap, WithoutImapReason, is_same_site,
};
pub use release::{Release, ReleaseError, newest_release};
