//! What the exit status says.

use mailroom_api::{ErrorCode, WireError};

/// How a command ended, for the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// All of it was done.
    Success,
    /// Something failed on the way, or it failed in a way that has no status of its own.
    Failed,
    /// The command line or a value in it cannot be used.
    Usage,
    /// Somebody has to sign in, or the sign-in was refused.
    SignIn,
    /// The network or a server could not be reached.
    Network,
    /// A server was reached and refused, or broke the protocol.
    Server,
    /// There is no such account, folder, message or provider.
    NotFound,
    /// The store, the keychain or a file of this machine.
    Local,
    /// Ctrl-C.
    Cancelled,
}

impl Exit {
    /// Every status with its meaning, for the help and the manual.
    pub(crate) const EVERY: &'static [(Self, &'static str)] = &[
        (Self::Success, "Success."),
        (
            Self::Failed,
            "A part failed while the rest went on, or nothing of the following fits.",
        ),
        (Self::Usage, "The command line, or a value in it, cannot be used."),
        (Self::SignIn, "Signing in is needed, or was refused."),
        (
            Self::Network,
            "The network or a server could not be reached, or the connection was lost.",
        ),
        (
            Self::Server,
            "A server refused what was asked, or broke the protocol.",
        ),
        (
            Self::NotFound,
            "Not found: the account, folder, message, or servers for the address.",
        ),
        (
            Self::Local,
            "This machine's store, keychain, policy, disk or a file.",
        ),
        (Self::Cancelled, "Cancelled with Ctrl-C."),
    ];

    /// The number that the shell sees.
    pub(crate) fn status(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::SignIn => 3,
            Self::Network => 4,
            Self::Server => 5,
            Self::NotFound => 6,
            Self::Local => 7,
            Self::Cancelled => 130,
        }
    }

    /// The status of a failure.
    pub(crate) fn of(code: ErrorCode) -> Self {
        listed(code).unwrap_or(Self::Failed)
    }

    /// The status of work that has parts, from the whole-part failures and whether anything smaller failed: all parts
    /// failed ends like the first of them, some of them is [`Self::Failed`].
    pub(crate) fn of_parts<'a>(
        parts: impl IntoIterator<Item = Option<&'a WireError>>,
        smaller_failed: bool,
    ) -> Self {
        let mut first_failure = None;
        let mut any_worked = false;
        for part in parts {
            match part {
                Some(error) => first_failure = first_failure.or(Some(error.code)),
                None => any_worked = true,
            }
        }
        match first_failure {
            Some(code) if !any_worked => Self::of(code),
            Some(_) => Self::Failed,
            None if smaller_failed => Self::Failed,
            None => Self::Success,
        }
    }
}

/// The table. `None` for a code that nobody has placed yet; a test sees to it that there is none.
fn listed(code: ErrorCode) -> Option<Exit> {
    use ErrorCode as Code;
    Some(match code {
        Code::AddressInvalid
        | Code::InputInvalid
        | Code::ServersUnconfirmed
        | Code::RegistrationInUse
        | Code::FolderNameInvalid
        | Code::FolderNotEmpty => Exit::Usage,

        Code::OauthUnavailable
        | Code::AuthFailed
        | Code::AuthAppPasswordNeeded
        | Code::AuthMechanismMissing
        | Code::AuthImapDisabled
        | Code::AuthImapForbidden
        | Code::AuthPasswordOff
        | Code::AuthTokenRefused
        | Code::AuthWebLoginNeeded
        | Code::AuthSmtpDisabled
        | Code::SignInAgain
        | Code::OauthDenied
        | Code::OauthStateMismatch
        | Code::OauthIssuerMismatch
        | Code::OauthScopeMissing
        | Code::OauthTimeout
        | Code::OauthWrongMailbox
        | Code::OauthClientInvalid
        | Code::TokenForeignServer
        | Code::OauthAdminConsentNeeded
        | Code::OauthApprovalGranted => Exit::SignIn,

        Code::NetworkUnreachable
        | Code::PortalSuspected
        | Code::NameNotFound
        | Code::ConnectRefused
        | Code::ConnectTimeout
        | Code::ConnectionLost
        | Code::ServerStalled
        | Code::OnlineNeeded => Exit::Network,

        Code::ProviderWithoutImap
        | Code::ServerClosed
        | Code::ServerNonsense
        | Code::ServerUnavailable
        | Code::TooManyConnections
        | Code::TlsCertificateInvalid
        | Code::TlsCertificateExpired
        | Code::TlsCertificateWrongHost
        | Code::TlsExceptionRefused
        | Code::TlsFailed
        | Code::LoopMissing
        | Code::StarttlsMissing
        | Code::StarttlsInjection
        | Code::OauthServerError
        | Code::FolderNotSelectable
        | Code::PermissionDenied
        | Code::OverQuota
        | Code::MessageTooLarge
        | Code::MessageRejected
        | Code::RecipientRejected
        | Code::SenderRejected
        | Code::SendDeferred
        | Code::SendOutcomeUnknown
        | Code::SmtpUtf8Missing
        | Code::FolderRefused
        | Code::OperationRefused => Exit::Server,

        Code::ProviderUnknown
        | Code::FolderMissing
        | Code::MessageMissing
        | Code::EntryMissing
        | Code::SendUnderWay
        | Code::UndoGone
        | Code::AccountMissing => Exit::NotFound,

        Code::StoreTooNew
        | Code::StoreDamaged
        | Code::StoreRestored
        | Code::StoreBusy
        | Code::DiskFull
        | Code::DiskReadOnly
        | Code::FileUnreadable
        | Code::FileUnwritable
        | Code::TargetNotEmpty
        | Code::NoMailFound
        | Code::MessageUnusable
        | Code::VaultLocked
        | Code::VaultMissing
        | Code::VaultDenied
        | Code::VaultPassphraseWrong
        | Code::VaultDamaged
        | Code::VaultTimeout
        | Code::PolicyInvalid => Exit::Local,

        Code::Cancelled => Exit::Cancelled,

        Code::AccountExists
        | Code::FolderExists
        | Code::FolderProtected
        | Code::FolderBusy
        | Code::SendingDisabled
        | Code::CommandUnknown
        | Code::DoorRefused
        | Code::Internal => Exit::Failed,

        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_every_code_is_placed() {
        let missing: Vec<_> = ErrorCode::EVERY
            .iter()
            .filter(|code| listed(**code).is_none())
            .collect();
        assert!(missing.is_empty(), "no exit status for {missing:?}");
    }

    #[test]
    fn exit_codes_map_to_the_documented_status() {
        let cases = [
            (ErrorCode::InputInvalid, 2),
            (ErrorCode::AuthFailed, 3),
            (ErrorCode::SignInAgain, 3),
            (ErrorCode::NameNotFound, 4),
            (ErrorCode::RecipientRejected, 5),
            (ErrorCode::StarttlsMissing, 5),
            (ErrorCode::AccountMissing, 6),
            (ErrorCode::VaultLocked, 7),
            (ErrorCode::StoreTooNew, 7),
            (ErrorCode::Cancelled, 130),
            (ErrorCode::Internal, 1),
        ];
        for (code, status) in cases {
            assert_eq!(Exit::of(code).status(), status, "{code:?}");
        }
    }

    #[test]
    fn exit_documentation_names_every_status_once_in_order() {
        let statuses: Vec<u8> = Exit::EVERY.iter().map(|(exit, _)| exit.status()).collect();
        assert_eq!(statuses, [0, 1, 2, 3, 4, 5, 6, 7, 130]);
    }

    #[test]
    fn exit_of_parts_tells_all_from_some() {
        let error = WireError::new(ErrorCode::AuthFailed, &[], "");
        assert_eq!(Exit::of_parts([], false), Exit::Success);
        assert_eq!(Exit::of_parts([None, None], false), Exit::Success);
        assert_eq!(Exit::of_parts([None], true), Exit::Failed);
        assert_eq!(Exit::of_parts([Some(&error), None], false), Exit::Failed);
        assert_eq!(Exit::of_parts([Some(&error), Some(&error)], false), Exit::SignIn);
    }
}
