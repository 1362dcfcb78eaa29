//! The rows of the table, as they stand in `data/providers.json`.

use mailroom_model::{AuthMethod, Endpoint, UnixMillis, UsernameForm};
use serde::{Deserialize, Deserializer, Serialize};

use super::{DomainPattern, MxPattern, Quirk};

/// One provider.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Stable name: lower-case letters and digits. It is stored with accounts and learned domains.
    pub id: String,
    /// The name people know.
    pub name: String,
    /// Groups of servers with the domains and mail exchangers that lead to them.
    pub sites: Vec<Site>,
    /// The forms of the user name to try first.
    #[serde(default)]
    pub username: Usernames,
    /// Ways to sign in, best first.
    pub auth: Vec<AuthEntry>,
    /// What has to be switched on at the provider before a right password works.
    #[serde(default)]
    pub enable: Vec<EnableStep>,
    /// The provider's own pages, `https` only.
    #[serde(default)]
    pub help: Vec<String>,
    /// Known deviations.
    #[serde(default)]
    pub quirks: Vec<Quirk>,
    /// What the provider has said that it switches off, and when.
    #[serde(default)]
    pub endings: Vec<Ending>,
    /// Where the facts come from.
    pub evidence: String,
    /// True when at least one independent source was compared.
    pub verified: bool,
}

/// Servers, and what leads to them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "RawSite")]
pub struct Site {
    /// Address domains.
    pub domains: Vec<DomainPattern>,
    /// Mail exchangers named by a source.
    pub mx: Vec<MxPattern>,
    /// Mail exchangers that no source confirmed; matched all the same, since a match by MX is always to be confirmed.
    pub mx_unverified: Vec<MxPattern>,
    /// The servers.
    pub servers: SiteServers,
}

impl Site {
    /// Every mail exchanger pattern.
    pub fn all_mx(&self) -> impl Iterator<Item = &MxPattern> {
        self.mx.iter().chain(&self.mx_unverified)
    }
}

/// Servers that are known, or of which only the form is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SiteServers {
    /// Hosts, best first.
    Known {
        /// Where mail is read.
        imap: Vec<Endpoint>,
        /// Where mail is sent.
        smtp: Vec<Endpoint>,
    },
    /// Each customer has other hosts: ask.
    Template(ServerTemplate),
}

/// The form of hosts that differ from customer to customer, to be shown as an example. A part in braces is to be filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerTemplate {
    /// `{server}.example.com:993:tls`
    pub imap: String,
    /// `{server}.example.com:465:tls`
    pub smtp: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSite {
    #[serde(default)]
    domains: Vec<DomainPattern>,
    #[serde(default)]
    mx: Vec<MxPattern>,
    #[serde(default)]
    mx_unverified: Vec<MxPattern>,
    #[serde(default, deserialize_with = "endpoints")]
    imap: Vec<Endpoint>,
    #[serde(default, deserialize_with = "endpoints")]
    smtp: Vec<Endpoint>,
    template: Option<ServerTemplate>,
}

/// A site has hosts or a template, not both.
#[derive(Debug, thiserror::Error)]
#[error("a site has hosts and a template")]
struct HostsAndTemplate;

impl TryFrom<RawSite> for Site {
    type Error = HostsAndTemplate;

    fn try_from(raw: RawSite) -> Result<Self, HostsAndTemplate> {
        let servers = match raw.template {
            Some(template) if raw.imap.is_empty() && raw.smtp.is_empty() => SiteServers::Template(template),
            Some(_) => return Err(HostsAndTemplate),
            None => SiteServers::Known {
                imap: raw.imap,
                smtp: raw.smtp,
            },
        };
        Ok(Self {
            domains: raw.domains,
            mx: raw.mx,
            mx_unverified: raw.mx_unverified,
            servers,
        })
    }
}

fn endpoints<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Endpoint>, D::Error> {
    Vec::<String>::deserialize(deserializer)?
        .iter()
        .map(|text| text.parse().map_err(serde::de::Error::custom))
        .collect()
}

/// The forms of the user name by protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usernames {
    /// For reading.
    pub imap: UsernameForm,
    /// For sending.
    pub smtp: UsernameForm,
}

/// A way to sign in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthEntry {
    /// What is shown to the server.
    pub method: AuthMethod,
    /// For OAuth: the key of a built-in profile, or the issuer's `https` address.
    pub issuer: Option<String>,
    /// For OAuth: open only to programs that have a contract with the provider.
    #[serde(default)]
    pub partner_only: bool,
    /// Where an app password is made, or the page that explains it.
    pub url: Option<String>,
    /// When this way applies.
    pub condition: Option<AuthCondition>,
}

/// When a way to sign in applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthCondition {
    /// Only for accounts with two-step sign-in; for these a plain password is refused.
    TwoFactor,
}

/// Something that a provider switches off.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ending {
    /// What.
    pub what: EndingKind,
    /// The first moment of the day, UTC; `YYYY-MM-DD` in the data.
    #[serde(deserialize_with = "day")]
    pub on: UnixMillis,
    /// The provider's own announcement, `https` only.
    pub source: String,
}

/// What a provider switches off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndingKind {
    /// The whole service.
    Service,
    /// IMAP for other programs.
    Imap,
    /// Signing in with a password.
    Password,
    /// Sending with a password.
    SmtpPassword,
}

impl EndingKind {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Imap => "imap",
            Self::Password => "password",
            Self::SmtpPassword => "smtp_password",
        }
    }
}

/// A day of the Gregorian calendar as the moment at which it begins.
fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UnixMillis, D::Error> {
    let text = String::deserialize(deserializer)?;
    day_of(&text).ok_or_else(|| serde::de::Error::custom("not a day as YYYY-MM-DD"))
}

fn day_of(text: &str) -> Option<UnixMillis> {
    let mut parts = text.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let is_day = parts.next().is_none()
        && text.len() == 10
        && (2000..3000).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day);
    if !is_day {
        return None;
    }
    // Years begin in March here, so that a leap day is the last of its year.
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = 365 * year + year / 4 - year / 100 + year / 400 + day_of_year - 719_468;
    Some(UnixMillis(days * 86_400_000))
}

/// Something to be switched on at the provider.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnableStep {
    /// What.
    pub code: EnableCode,
    /// Where, if there is a page for it.
    pub url: Option<String>,
}

/// What has to be so at the provider before a sign-in can succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnableCode {
    /// A setting of the mailbox lets other programs in.
    ImapSetting,
    /// A setting of the mailbox lets other programs send.
    SmtpSetting,
    /// The organisation's administrator allows IMAP and the program.
    AdminSetting,
    /// The organisation's administrator allows SMTP sign-in.
    SmtpAdminSetting,
    /// Only paid plans let other programs in.
    PaidPlan,
    /// E-mail has a password of its own, to be set first.
    SeparatePassword,
    /// The address of this machine must be allowed.
    ClientAddressAllowed,
    /// An additional protection that keeps other programs out must be off.
    ExtraProtectionOff,
    /// The provider's bridge program runs on this machine.
    BridgeRunning,
}

/// Domains whose mailboxes no other program can open.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithoutImap {
    /// The name people know.
    pub name: String,
    /// Address domains.
    pub domains: Vec<DomainPattern>,
    /// Mail exchangers of its customers' own domains.
    #[serde(default)]
    pub mx: Vec<MxPattern>,
    /// Why.
    pub reason: WithoutImapReason,
    /// Its own page, `https` only.
    #[serde(default)]
    pub url: Option<String>,
}

/// Why a mailbox cannot be opened, which is also what to do instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithoutImapReason {
    /// Only the provider's own program or web page opens it: use that.
    OwnProgramOnly,
    /// The service has ended: use another address.
    ServiceClosed,
    /// It is a server of Exchange that does not offer IMAP: its administrator can switch that on.
    ExchangeOnly,
}

impl WithoutImapReason {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OwnProgramOnly => "own_program_only",
            Self::ServiceClosed => "service_closed",
            Self::ExchangeOnly => "exchange_only",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_is_the_moment_at_which_it_begins() {
        for (text, seconds) in [
            ("2026-12-31", Some(1_798_675_200)),
            ("2024-02-29", Some(1_709_164_800)),
            ("2000-01-01", Some(946_684_800)),
            ("2026-13-01", None),
            ("2026-1-1", None),
            ("31.12.2026", None),
        ] {
            assert_eq!(
                day_of(text),
                seconds.map(|seconds: i64| UnixMillis(seconds * 1000)),
                "{text}"
            );
        }
    }
}
