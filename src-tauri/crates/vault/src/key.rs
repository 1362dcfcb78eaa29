//! The names of secrets.

/// What a secret is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SecretPurpose {
    /// A password or app password.
    Password,
    /// OAuth tokens, as the engine writes them.
    OauthTokens,
    /// The secret of an OAuth client.
    RegistrationSecret,
}

impl SecretPurpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::OauthTokens => "oauth-tokens",
            Self::RegistrationSecret => "registration-secret",
        }
    }
}

/// Which secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecretKey {
    account: String,
    purpose: SecretPurpose,
}

impl SecretKey {
    /// `account`: an address, or the label of a registration. ASCII letters count the same in either case, as they do
    /// in addresses.
    pub fn new(account: impl AsRef<str>, purpose: SecretPurpose) -> Self {
        Self {
            account: account.as_ref().to_ascii_lowercase(),
            purpose,
        }
    }

    /// The address or label.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// What it is for.
    pub fn purpose(&self) -> SecretPurpose {
        self.purpose
    }

    /// The name in a keychain or file: `password:anna@example.com`.
    pub(crate) fn entry_name(&self) -> String {
        format!("{}:{}", self.purpose.as_str(), self.account)
    }
}
