//! Signing in to both servers of an account: what comes back is what worked.

use mailroom_connect::{Candidate, Quirk};
use mailroom_model::{
    AuthMethod, Coded, Credentials, EmailAddress, Endpoint, ErrorCode, UsernameForm, WorkingAccount,
};
use mailroom_protocol::{Dialer, TlsFacts, smtp};
use tokio_util::sync::CancellationToken;

use super::Shown;
use crate::budget::Purpose;
use crate::certificates::{ServerKind, Shown as ShownCertificate};
use crate::connection::Connection;
use crate::{Engine, EngineError};

/// User names that are known, entered or proved before.
#[derive(Clone, Debug, Default)]
pub(super) struct KnownNames<'a> {
    /// For reading.
    pub(super) imap: Option<&'a str>,
    /// For sending.
    pub(super) smtp: Option<&'a str>,
    /// Others of the same mailbox, tried where the first ones are refused.
    pub(super) further: Vec<String>,
    /// Who signed in to a shared mailbox: a server for sending may want that name.
    pub(super) delegate: Option<String>,
}

impl<'a> KnownNames<'a> {
    /// One name for both, when one was entered.
    pub(super) fn entered(name: Option<&'a str>) -> Self {
        Self {
            imap: name,
            smtp: name,
            ..Self::default()
        }
    }
}

/// What both servers took.
#[derive(Debug)]
pub(super) struct Proved {
    /// Where and how.
    pub(super) working: WorkingAccount,
    /// The session that proves reading.
    pub(super) session: Connection,
    /// The largest message that the sending server takes, in bytes, as far as it says.
    pub(super) size_limit: Option<u64>,
    /// What the servers showed.
    pub(super) certificates: Vec<ShownCertificate>,
}

/// A server that takes messages.
struct Sending {
    endpoint: Endpoint,
    username: String,
    size_limit: Option<u64>,
    tls: TlsFacts,
}

impl Engine {
    /// Signs in to both servers. What comes back is what worked.
    pub(super) async fn prove(
        &self,
        address: &EmailAddress,
        names: KnownNames<'_>,
        candidate: &Candidate,
        dialer: &Dialer,
        shown: &Shown,
        cancel: &CancellationToken,
    ) -> Result<Proved, EngineError> {
        let servers = &candidate.servers;
        let mut imap_forms = usernames(names.imap, address, servers.imap_username, &candidate.quirks);
        add_names(&mut imap_forms, &names.further);
        let (imap, imap_username, session) = self
            .prove_imap(dialer, &servers.imap, &imap_forms, shown, cancel)
            .await?;
        // A form that IMAP accepted is the best guess for SMTP where both start alike.
        let mut smtp_forms = usernames(names.smtp, address, servers.smtp_username, &candidate.quirks);
        if names.smtp.is_none() && servers.smtp_username == servers.imap_username {
            smtp_forms.retain(|name| *name != imap_username);
            smtp_forms.insert(0, imap_username.clone());
        }
        add_names(&mut smtp_forms, &names.further);
        add_names(&mut smtp_forms, names.delegate.as_slice());
        let sending = if servers.smtp.is_empty() {
            None
        } else {
            Some(prove_smtp(dialer, &servers.smtp, &smtp_forms, shown, cancel).await?)
        };
        let certificate = |server, endpoint: &Endpoint, tls: &TlsFacts| ShownCertificate {
            server,
            endpoint: endpoint.clone(),
            tls: tls.clone(),
        };
        let mut certificates = vec![certificate(ServerKind::Imap, &imap, session.tls())];
        let to_send = sending.as_ref();
        certificates
            .extend(to_send.map(|sending| certificate(ServerKind::Smtp, &sending.endpoint, &sending.tls)));
        let size_limit = sending.as_ref().and_then(|sending| sending.size_limit);
        let working = WorkingAccount {
            address: address.clone(),
            provider: candidate.provider.as_ref().map(|provider| provider.id.clone()),
            imap,
            smtp_username: sending
                .as_ref()
                .map_or_else(|| imap_username.clone(), |sending| sending.username.clone()),
            imap_username,
            smtp: sending.map(|sending| sending.endpoint),
            auth: shown.method,
        };
        Ok(Proved {
            working,
            session,
            size_limit,
            certificates,
        })
    }

    async fn prove_imap(
        &self,
        dialer: &Dialer,
        endpoints: &[Endpoint],
        usernames: &[String],
        shown: &Shown,
        cancel: &CancellationToken,
    ) -> Result<(Endpoint, String, Connection), EngineError> {
        let connect = |endpoint: Endpoint, credentials: Credentials| async move {
            self.sign_in_imap(dialer, &endpoint, &credentials, Purpose::Person)
                .await
        };
        first_that_works("imap", endpoints, usernames, shown, cancel, connect).await
    }
}

async fn prove_smtp(
    dialer: &Dialer,
    endpoints: &[Endpoint],
    usernames: &[String],
    shown: &Shown,
    cancel: &CancellationToken,
) -> Result<Sending, EngineError> {
    let options = &smtp::SmtpOptions::default();
    let connect = |endpoint: Endpoint, credentials: Credentials| async move {
        Ok(smtp::connect(dialer, &endpoint, Some(&credentials), options).await?)
    };
    let (endpoint, username, session) =
        first_that_works("smtp", endpoints, usernames, shown, cancel, connect).await?;
    let (size_limit, tls) = (session.limits().size, session.tls().clone());
    session.quit().await;
    Ok(Sending {
        endpoint,
        username,
        size_limit,
        tls,
    })
}

/// The first server that takes one of the user names, with the session that proves it. The next user name is tried only
/// after a refusal of this one, the next server only after a failure that is no refusal.
async fn first_that_works<T, C, F>(
    field: &'static str,
    endpoints: &[Endpoint],
    usernames: &[String],
    shown: &Shown,
    cancel: &CancellationToken,
    connect: C,
) -> Result<(Endpoint, String, T), EngineError>
where
    C: Fn(Endpoint, Credentials) -> F,
    F: Future<Output = Result<T, EngineError>>,
{
    let mut last = EngineError::Input {
        field,
        reason: "no server",
    };
    for endpoint in endpoints {
        for username in usernames {
            let connecting = connect(endpoint.clone(), shown.credentials(username));
            let error = tokio::select! {
                () = cancel.cancelled() => return Err(EngineError::Cancelled),
                result = connecting => match result {
                    Ok(session) => return Ok((endpoint.clone(), username.clone(), session)),
                    Err(error) => error,
                },
            };
            // No number of refused tokens locks an account.
            let is_token = shown.method == AuthMethod::Oauth2;
            let refused =
                error.code() == ErrorCode::AuthFailed || (is_token && error.code() == ErrorCode::SignInAgain);
            // A grant of this minute has not ended, whatever the server's answer to an ended one looks like.
            last = if is_token && error.code() == ErrorCode::SignInAgain {
                EngineError::TokenRefused {
                    address: username.clone(),
                    source: Box::new(error),
                }
            } else {
                error
            };
            if !refused {
                break;
            }
        }
        if last.needs_sign_in() {
            // Trying further servers with a password that was refused is how accounts get locked.
            return Err(last);
        }
    }
    Err(last)
}

fn add_names(names: &mut Vec<String>, further: &[String]) {
    for name in further {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
}

/// User names to try, in order: the one entered, else the provider's form, and the other form once where providers are
/// known to want it.
fn usernames(
    entered: Option<&str>,
    address: &EmailAddress,
    first: UsernameForm,
    quirks: &[Quirk],
) -> Vec<String> {
    if let Some(name) = entered {
        return vec![name.to_owned()];
    }
    let mut names = vec![first.apply(address)];
    if quirks.contains(&Quirk::TryOtherUsernameForm) {
        names.push(first.other().apply(address));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_form_of_the_user_name_is_tried_only_where_it_is_known_to_help() {
        let address: EmailAddress = "ewa.lis@wp.pl".parse().unwrap();
        let quirk = [Quirk::TryOtherUsernameForm];
        assert_eq!(
            usernames(None, &address, UsernameForm::Local, &quirk),
            ["ewa.lis", "ewa.lis@wp.pl"]
        );
        assert_eq!(
            usernames(None, &address, UsernameForm::Address, &[]),
            ["ewa.lis@wp.pl"]
        );
        assert_eq!(
            usernames(Some("DOM\\ewa"), &address, UsernameForm::Address, &quirk),
            ["DOM\\ewa"]
        );
    }
}
