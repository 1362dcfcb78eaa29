//! `domain` and `registration`.

use clap::{ArgGroup, Args, Subcommand};

use super::message::id;

#[derive(Debug, Subcommand)]
pub(crate) enum Domain {
    /// The domains whose provider or servers were chosen by hand
    List,

    /// Forget what was chosen for a domain: the next detection asks anew
    Forget {
        /// The domain, such as example.com
        domain: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Registration {
    /// The OAuth registrations that are kept here
    List,

    /// Say when a registration's client secret ends, so that Mailroom warns before
    Set(RegistrationSet),
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("end").required(true).args(["secret_ends", "secret_end_unknown"]))]
pub(crate) struct RegistrationSet {
    /// The number from the first column of the list
    #[arg(value_parser = id())]
    pub(crate) id: i64,

    /// The day on which the secret stops working, as the sign-in service shows it
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub(crate) secret_ends: Option<i64>,

    /// Nobody knows when it ends, or it never does
    #[arg(long)]
    pub(crate) secret_end_unknown: bool,
}

/// A day as the moment at which it begins (UTC), in Unix milliseconds.
fn day(text: &str) -> Result<i64, &'static str> {
    let wrong = "expected YYYY-MM-DD";
    let day: jiff::civil::Date = text.parse().map_err(|_| wrong)?;
    let moment = day.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| wrong)?;
    Ok(moment.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_is_the_moment_at_which_it_begins() {
        for (text, expected) in [
            ("2026-12-31", Some(1_798_675_200_000)),
            ("2024-02-29", Some(1_709_164_800_000)),
            ("2026-02-29", None),
            ("31.12.2026", None),
            ("soon", None),
        ] {
            assert_eq!(day(text).ok(), expected, "{text}");
        }
    }
}
