//! What stops working on a day that is known: grants, certificates, secrets of registrations, services.

use std::collections::BTreeMap;

use mailroom_connect::{EndingKind, Provider, SiteServers, TokenSet};
use mailroom_model::{AuthMethod, EmailAddress, Fixer, HOUR_MS, UnixMillis};
use mailroom_store::{AccountRow, RegistrationRow, Store};
use serde::{Deserialize, Serialize};

use crate::certificates::{SeenCertificate, exceptions, seen_certificates};
use crate::{Engine, EngineError};

const DAY_MS: i64 = 24 * HOUR_MS;
/// Days before the end at which it is said again.
const WARN: &[i64] = &[30, 14, 7, 1, 0];
/// The same for certificates: where they are renewed by a program, that happens about thirty days before.
const WARN_CERTIFICATE: &[i64] = &[14, 7, 1, 0];
/// What a server showed so long ago is no news of today.
const SEEN_LATELY_MS: i64 = 2 * DAY_MS;
/// What was said already, by key.
const TOLD: &str = "expiries_told";
/// When the grant of an address ends, as the service said.
const GRANT_ENDS: &str = "grant_ends:";

/// What stops working.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExpiryKind {
    /// The grant that the person gave in the browser; the subject is the account's address.
    Grant,
    /// A server's certificate; the subject is `HOST:PORT`.
    Certificate,
    /// The secret of a registration; the subject is its label.
    ClientSecret,
    /// Something that a provider switches off; the subject is its name.
    Ending(EndingKind),
}

impl ExpiryKind {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Certificate => "certificate",
            Self::ClientSecret => "client_secret",
            Self::Ending(kind) => kind.as_str(),
        }
    }
}

/// One entry of the calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// Names it among all others, also after a restart.
    pub key: String,
    /// What.
    pub kind: ExpiryKind,
    /// Whose: an address, a server, a label, a provider's name.
    pub subject: String,
    /// When.
    pub at: UnixMillis,
    /// Days that are left, a begun one counted; 0 or less when it is over.
    pub days_left: i64,
    /// Who can do something about it.
    pub fixer: Fixer,
    /// Addresses of the accounts that it concerns.
    pub accounts: Vec<String>,
    /// A page about it.
    pub url: Option<String>,
    /// It is near enough to be shown.
    pub is_near: bool,
    /// It is near enough to be said, and was not yet at this distance.
    pub is_due: bool,
}

/// Something with an end, as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) kind: ExpiryKind,
    pub(crate) subject: String,
    pub(crate) at: UnixMillis,
    pub(crate) account: Option<String>,
    pub(crate) url: Option<String>,
}

/// What was said: for which end, and how many days before it at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Told {
    at: i64,
    within: i64,
}

/// The calendar: every end once, the nearest first, with what is near at `now` and what is still to be said. An end that
/// moved is another one: what was said of it before does not count, so that a renewal withdraws a warning by itself.
pub(crate) fn calendar(ends: Vec<End>, told: &BTreeMap<String, Told>, now: UnixMillis) -> Vec<Expiry> {
    let mut entries: BTreeMap<String, Expiry> = BTreeMap::new();
    for End {
        kind,
        subject,
        at,
        account,
        url,
    } in ends
    {
        let key = format!("{} {subject}", kind.as_str());
        let days_left = days_left(at, now);
        let within = distance(kind, days_left);
        let was_told = told.get(&key);
        let was_told = was_told.filter(|told| told.at == at.0);
        let is_due = within.is_some_and(|within| was_told.is_none_or(|told| told.within > within));
        let entry = entries.entry(key.clone()).or_insert_with(|| Expiry {
            key,
            kind,
            subject,
            at,
            days_left,
            fixer: fixer(kind),
            accounts: Vec::new(),
            url,
            is_near: within.is_some(),
            is_due,
        });
        // Two servers behind one name: the one that ends first counts.
        if at < entry.at {
            (entry.at, entry.days_left, entry.is_near, entry.is_due) =
                (at, days_left, within.is_some(), is_due);
        }
        entry.accounts.extend(account);
    }
    let mut entries: Vec<Expiry> = entries.into_values().collect();
    for entry in &mut entries {
        entry.accounts.sort();
        entry.accounts.dedup();
    }
    entries.sort_by(|one, other| (one.at, &one.key).cmp(&(other.at, &other.key)));
    entries
}

fn fixer(kind: ExpiryKind) -> Fixer {
    match kind {
        ExpiryKind::Grant | ExpiryKind::Ending(_) => Fixer::You,
        ExpiryKind::Certificate => Fixer::Provider,
        ExpiryKind::ClientSecret => Fixer::Administrator,
    }
}

fn days_left(at: UnixMillis, now: UnixMillis) -> i64 {
    // Rounded up: an hour before the end there is one day left.
    let left = at.0.saturating_sub(now.0);
    left.div_euclid(DAY_MS) + i64::from(left.rem_euclid(DAY_MS) > 0)
}

/// True when an end is near enough to be shown.
pub(crate) fn is_near(kind: ExpiryKind, at: UnixMillis, now: UnixMillis) -> bool {
    distance(kind, days_left(at, now)).is_some()
}

/// The nearest of the distances at which it is said; `None` while it is further away than all of them.
fn distance(kind: ExpiryKind, days_left: i64) -> Option<i64> {
    let warn = if kind == ExpiryKind::Certificate {
        WARN_CERTIFICATE
    } else {
        WARN
    };
    warn.iter().copied().filter(|within| days_left <= *within).min()
}

/// The ends that an account and the table of providers tell of.
fn ends_of(
    account: &AccountRow,
    grant_ends: Option<UnixMillis>,
    provider: Option<&Provider>,
    now: UnixMillis,
) -> Vec<End> {
    let address = account.address.to_string();
    let end = |kind, subject: String, at, url| End {
        kind,
        subject,
        at,
        account: Some(address.clone()),
        url,
    };
    let mut ends = Vec::new();
    let working = account.working.as_ref();
    let is_oauth = working.is_some_and(|working| working.auth == AuthMethod::Oauth2);
    if let Some(at) = grant_ends.filter(|_| is_oauth) {
        ends.push(end(ExpiryKind::Grant, address.clone(), at, None));
    }
    for seen in certificates_that_end(account, now) {
        let server = format!("{}:{}", seen.host, seen.port);
        ends.push(end(ExpiryKind::Certificate, server, seen.not_after, None));
    }
    if let (Some(provider), Some(working)) = (provider, working) {
        for ending in &provider.endings {
            let sends_there = || {
                let known = |site: &SiteServers| match site {
                    SiteServers::Known { smtp, .. } => smtp
                        .iter()
                        .any(|server| working.smtp.as_ref().is_some_and(|own| own.host == server.host)),
                    SiteServers::Template(_) => false,
                };
                provider.sites.iter().any(|site| known(&site.servers))
            };
            let concerns = match ending.what {
                EndingKind::Service | EndingKind::Imap => true,
                EndingKind::Password => !is_oauth,
                EndingKind::SmtpPassword => !is_oauth && sends_there(),
            };
            if concerns {
                let kind = ExpiryKind::Ending(ending.what);
                ends.push(end(
                    kind,
                    provider.name.clone(),
                    ending.on,
                    Some(ending.source.clone()),
                ));
            }
        }
    }
    ends
}

/// Certificates of which it is known today that they end: one that was seen long ago has perhaps been renewed, one that is
/// trusted by its fingerprint goes on, and one that has ended is told by every connection that fails.
fn certificates_that_end(account: &AccountRow, now: UnixMillis) -> Vec<SeenCertificate> {
    let trusted = exceptions(account);
    let mut seen = seen_certificates(account);
    seen.retain(|seen| {
        now.0.saturating_sub(seen.seen_at.0) < SEEN_LATELY_MS
            && seen.not_after > now
            && trusted
                .iter()
                .all(|made| made.certificate.fingerprint != seen.fingerprint)
    });
    seen
}

/// The end of a registration's secret, for each account that uses it.
fn end_of_secret(row: &RegistrationRow, accounts: &[AccountRow]) -> Vec<End> {
    let Some(at) = row.secret_ends_at else {
        return Vec::new();
    };
    let end = |account| End {
        kind: ExpiryKind::ClientSecret,
        subject: row.label.clone(),
        at,
        account,
        url: None,
    };
    let users = accounts
        .iter()
        .filter(|account| account.registration_id == Some(row.id))
        .map(|account| end(Some(account.address.to_string())));
    std::iter::once(end(None)).chain(users).collect()
}

fn grant_key(address: &EmailAddress) -> String {
    format!("{GRANT_ENDS}{address}")
}

/// Notes when a grant ends, as the service said with these tokens.
pub(crate) async fn note_grant_end(
    store: &Store,
    address: &EmailAddress,
    tokens: &TokenSet,
    now: UnixMillis,
) -> Result<(), EngineError> {
    let settings = store.settings();
    let key = grant_key(address);
    let known: Option<UnixMillis> = settings.get(&key).await?;
    match tokens.refresh_ends_at {
        Some(at) if known != Some(at) => settings.set(&key, &at, now).await?,
        None if known.is_some() => drop(settings.unset(&key).await?),
        _ => {}
    }
    Ok(())
}

/// Forgets when the grant of a removed account would have ended.
pub(crate) async fn forget_grant_end(store: &Store, address: &EmailAddress) -> Result<(), EngineError> {
    store.settings().unset(&grant_key(address)).await?;
    Ok(())
}

impl Engine {
    /// Everything that is known to end, the nearest first.
    pub async fn expiries(&self) -> Result<Vec<Expiry>, EngineError> {
        let store = self.store().await?;
        let accounts = self.accounts(None).await?;
        let table = self.table().await?;
        let mut ends = Vec::new();
        for account in &accounts {
            let grant_ends: Option<UnixMillis> = store.settings().get(&grant_key(&account.address)).await?;
            let provider = account.provider.as_deref().and_then(|id| table.by_id(id));
            ends.extend(ends_of(account, grant_ends, provider, self.moment()));
        }
        for row in store.registrations().list().await? {
            ends.extend(end_of_secret(&row, &accounts));
        }
        let told: BTreeMap<String, Told> = store.settings().get(TOLD).await?.unwrap_or_default();
        Ok(calendar(ends, &told, self.moment()))
    }

    /// Notes that an end was said at its present distance: it is not said again before it is nearer. One that is not in the
    /// calendar any more is nothing to note.
    pub async fn note_expiry_told(&self, key: &str) -> Result<(), EngineError> {
        let entries = self.expiries().await?;
        let _turn = self.take_turn(crate::settings::TURN).await?;
        let settings = self.store().await?.settings();
        let mut told: BTreeMap<String, Told> = settings.get(TOLD).await?.unwrap_or_default();
        told.retain(|key, _| entries.iter().any(|entry| entry.key == *key));
        let known = entries.iter().find(|entry| entry.key == key);
        if let Some((entry, within)) =
            known.and_then(|entry| Some((entry, distance(entry.kind, entry.days_left)?)))
        {
            let at = entry.at.0;
            told.insert(key.to_owned(), Told { at, within });
        }
        Ok(settings.set(TOLD, &told, self.moment()).await?)
    }
}

#[cfg(test)]
mod tests {
    use mailroom_model::{AccountId, AccountState, FolderSelection, Period};
    use serde_json::json;

    use super::*;

    const NOON: i64 = 1_795_348_800_000;

    fn end(kind: ExpiryKind, subject: &str, days: i64, account: &str) -> End {
        End {
            kind,
            subject: subject.to_owned(),
            at: UnixMillis(NOON + days * DAY_MS),
            account: Some(account.to_owned()).filter(|account| !account.is_empty()),
            url: None,
        }
    }

    #[test]
    fn days_are_counted_up_and_the_end_is_no_day() {
        for (left, days) in [
            (DAY_MS, 1),
            (DAY_MS + 1, 2),
            (HOUR_MS, 1),
            (0, 0),
            (-HOUR_MS, 0),
            (-DAY_MS, -1),
            (30 * DAY_MS, 30),
        ] {
            assert_eq!(
                days_left(UnixMillis(NOON + left), UnixMillis(NOON)),
                days,
                "{left}"
            );
        }
    }

    #[test]
    fn end_is_said_once_at_each_distance_and_never_again() {
        let mut told = BTreeMap::new();
        let mut said = Vec::new();
        // The clock is turned day by day past the end.
        for day in 0..45 {
            let now = UnixMillis(NOON + day * DAY_MS);
            let ends = vec![end(ExpiryKind::ClientSecret, "Ours", 40, "")];
            let entry = calendar(ends, &told, now).remove(0);
            assert_eq!(entry.days_left, 40 - day);
            assert_eq!(entry.is_near, day >= 10);
            if entry.is_due {
                said.push(entry.days_left);
                let within = distance(entry.kind, entry.days_left).unwrap();
                told.insert(
                    entry.key,
                    Told {
                        at: entry.at.0,
                        within,
                    },
                );
            }
        }
        assert_eq!(said, [30, 14, 7, 1, 0]);
    }

    #[test]
    fn renewal_withdraws_the_warning_and_the_next_end_is_said_anew() {
        let told = BTreeMap::from([(
            "grant anna@x.pl".to_owned(),
            Told {
                at: NOON + 6 * DAY_MS,
                within: 7,
            },
        )]);
        let entry = |days: i64| {
            let ends = vec![end(ExpiryKind::Grant, "anna@x.pl", days, "anna@x.pl")];
            let entry = calendar(ends, &told, UnixMillis(NOON)).remove(0);
            (entry.is_near, entry.is_due)
        };
        assert_eq!(entry(6), (true, false), "it was said");
        assert_eq!(entry(90), (false, false), "it was renewed");
        assert_eq!(entry(5), (true, true), "another end, which is as near");
    }

    #[test]
    fn certificate_is_no_news_while_a_program_will_renew_it() {
        let near = |kind, days| {
            calendar(vec![end(kind, "x", days, "")], &BTreeMap::new(), UnixMillis(NOON))[0].is_near
        };
        for (days, certificate, secret) in [
            (31, false, false),
            (30, false, true),
            (15, false, true),
            (14, true, true),
            (-3, true, true),
        ] {
            assert_eq!(near(ExpiryKind::Certificate, days), certificate, "{days}");
            assert_eq!(near(ExpiryKind::ClientSecret, days), secret, "{days}");
        }
    }

    #[test]
    fn certificate_is_told_only_as_far_as_it_is_known_today() {
        let seen = |port: u16, days: i64, seen_days_ago: i64, digit: &str| {
            json!({
                "server": "imap", "host": "imap.x.pl", "port": port, "not_after": NOON + days * DAY_MS,
                "seen_at": NOON - seen_days_ago * DAY_MS, "fingerprint": digit.repeat(32),
            })
        };
        let trusted = json!({
            "host": "imap.x.pl", "port": 4, "fingerprint": "0d".repeat(32), "subject": "", "issuer": "", "not_after": null,
            "reason": "self_signed", "since": 0,
        });
        let account = AccountRow {
            id: AccountId(1),
            address: "anna@x.pl".parse().unwrap(),
            display_name: String::new(),
            provider: None,
            state: AccountState::Working,
            working: None,
            period: Period::Quarter,
            folders: FolderSelection::All,
            registration_id: None,
            issuer: None,
            tenant: None,
            options: json!({
                "seen_certificates": [
                    seen(1, 9, 0, "0a"),
                    seen(2, 9, 3, "0b"),
                    seen(3, -1, 0, "0c"),
                    seen(4, 9, 0, "0d"),
                ],
                "certificate_exceptions": [trusted],
            }),
            created_at: UnixMillis(0),
            signed_in_at: None,
            last_error: None,
            size_limit: None,
        };
        let ends = ends_of(&account, None, None, UnixMillis(NOON));
        let expected = end(ExpiryKind::Certificate, "imap.x.pl:1", 9, "anna@x.pl");
        assert_eq!(ends, [expected], "long ago, over, and trusted by its fingerprint");
    }

    #[test]
    fn accounts_with_the_same_end_are_one_entry_and_the_nearest_comes_first() {
        let server = "imap.x.pl:993";
        let ends = vec![
            end(ExpiryKind::Certificate, server, 20, "b@x.pl"),
            end(
                ExpiryKind::Ending(EndingKind::SmtpPassword),
                "Example",
                5,
                "a@x.pl",
            ),
            end(ExpiryKind::Certificate, server, 9, "a@x.pl"),
            end(ExpiryKind::Certificate, server, 20, "a@x.pl"),
        ];
        let entries = calendar(ends, &BTreeMap::new(), UnixMillis(NOON));
        let shown: Vec<_> = entries
            .iter()
            .map(|entry| {
                (
                    entry.key.as_str(),
                    entry.days_left,
                    entry.fixer,
                    entry.accounts.join(" "),
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("smtp_password Example", 5, Fixer::You, "a@x.pl".to_owned()),
                (
                    "certificate imap.x.pl:993",
                    9,
                    Fixer::Provider,
                    "a@x.pl b@x.pl".to_owned()
                ),
            ]
        );
        assert!(entries[1].is_due);
    }
}
