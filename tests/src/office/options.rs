//! What an office is to be like.

use crate::certificate::CertificateKind;

/// The domain of every office: its addresses end in `@mailroom.test`.
pub const DOMAIN: &str = "mailroom.test";

/// How Dovecot keeps mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MailStore {
    /// One file per message.
    #[default]
    Maildir,
    /// Large files with an index: quick with very many messages.
    Mdbox,
}

/// What the IMAP server shows of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ServerProfile {
    /// Everything that Dovecot can.
    #[default]
    Full,
    /// `[Gmail]/All Mail` and `[Gmail]/Starred` beside the usual folders (without Gmail's own extension).
    Gmail,
    /// The short list of an Exchange server.
    Outlook,
    /// `IMAP4rev1` alone.
    Minimal,
    /// Exactly this list after sign-in.
    Capabilities(String),
}

/// What an office is to be like. The default has alice, bob and carol with the passwords `alice-pw` and so on, all
/// servers, and good certificates.
#[derive(Clone, Debug)]
pub struct OfficeOptions {
    /// Addresses with their passwords; mail is taken for those in `@mailroom.test`.
    pub users: Vec<(String, String)>,
    /// How mail is kept.
    pub store: MailStore,
    /// Room per mailbox in bytes; more is answered with OVERQUOTA.
    pub quota_bytes: u64,
    /// The largest message that is taken for sending, in bytes.
    pub smtp_size_bytes: u64,
    /// How long access tokens live, in seconds.
    pub access_ttl_s: u32,
    /// The scope without which IMAP and SMTP do not take a token.
    pub token_scope: String,
    /// The certificate of the IMAP and SMTP servers.
    pub certificate: CertificateKind,
    /// With the OpenID provider, and XOAUTH2 and OAUTHBEARER.
    pub oidc: bool,
    /// With the server for sending.
    pub smtp: bool,
    /// What the IMAP server shows of itself.
    pub profile: ServerProfile,
    /// More lines for Dovecot's configuration.
    pub extra_dovecot: Option<String>,
}

impl Default for OfficeOptions {
    fn default() -> Self {
        let user = |name: &str| (format!("{name}@{DOMAIN}"), format!("{name}-pw"));
        Self {
            users: vec![user("alice"), user("bob"), user("carol")],
            store: MailStore::default(),
            quota_bytes: 10_000_000_000,
            smtp_size_bytes: 25_000_000,
            access_ttl_s: 3600,
            token_scope: "mail".to_owned(),
            certificate: CertificateKind::default(),
            oidc: true,
            smtp: true,
            profile: ServerProfile::default(),
            extra_dovecot: None,
        }
    }
}
