//! Why no servers were found.

use mailroom_model::{Coded, ErrorCode, Params};

use super::{DnsError, Step};
use crate::provider::{TableError, WithoutImapReason};

/// Why detection ended without a candidate.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The provider lets no other program open its mailboxes.
    #[error("{provider} has no IMAP for other programs")]
    WithoutImap {
        /// The address's domain.
        domain: String,
        /// The name people know.
        provider: String,
        /// Why, and so what to do.
        reason: WithoutImapReason,
        /// Its own page.
        url: Option<String>,
        /// What was asked and answered; nothing where the table knew.
        steps: Vec<Step>,
    },
    /// Every source answered, and none knows the domain.
    #[error("no provider is known for {domain}")]
    ProviderUnknown {
        /// The address's domain.
        domain: String,
        /// What was asked and answered.
        steps: Vec<Step>,
    },
    /// The table does not know the domain, and DNS gave no answer: later it may.
    #[error("the mail exchangers of {domain} could not be asked for")]
    Dns {
        /// The address's domain.
        domain: String,
        /// What was asked and answered.
        steps: Vec<Step>,
        /// What failed.
        #[source]
        source: DnsError,
    },
    /// The built-in table is wrong.
    #[error("the built-in provider table is not valid")]
    Table(#[from] TableError),
}

impl ConnectError {
    /// What was asked and answered before the end.
    pub fn steps(&self) -> &[Step] {
        match self {
            Self::ProviderUnknown { steps, .. }
            | Self::Dns { steps, .. }
            | Self::WithoutImap { steps, .. } => steps,
            Self::Table(_) => &[],
        }
    }
}

impl Coded for ConnectError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::WithoutImap { .. } => ErrorCode::ProviderWithoutImap,
            Self::ProviderUnknown { .. } => ErrorCode::ProviderUnknown,
            Self::Dns { source, .. } => source.code(),
            Self::Table(_) => ErrorCode::Internal,
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::WithoutImap {
                domain,
                provider,
                reason,
                url,
                steps: _,
            } => {
                let mut params = Params::from([
                    ("domain", domain.as_str().into()),
                    ("provider", provider.as_str().into()),
                    ("reason", reason.as_str().into()),
                ]);
                params.extend(url.as_deref().map(|url| ("url", url.into())));
                params
            }
            Self::ProviderUnknown { domain, .. } => Params::from([("domain", domain.as_str().into())]),
            Self::Dns { domain, .. } => Params::from([
                ("domain", domain.as_str().into()),
                ("host", domain.as_str().into()),
            ]),
            Self::Table(_) => Params::new(),
        }
    }
}
