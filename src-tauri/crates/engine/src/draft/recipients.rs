//! To whom an answer goes, and as whom it is written. Facts in, decision out.

use mailroom_model::{EmailAddress, Mailbox};

/// What a message says about who wrote and received it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Correspondence {
    pub(crate) from: Vec<Mailbox>,
    pub(crate) reply_to: Vec<Mailbox>,
    pub(crate) to: Vec<Mailbox>,
    pub(crate) cc: Vec<Mailbox>,
    /// Known of one's own messages.
    pub(crate) bcc: Vec<Mailbox>,
    /// Where a mailing list takes answers (RFC 2369 §3.4).
    pub(crate) list_post: Option<String>,
    /// The addresses to which it was delivered, from the fields that servers add.
    pub(crate) delivered_to: Vec<String>,
}

/// Recipients of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recipients {
    pub(crate) to: Vec<Mailbox>,
    pub(crate) cc: Vec<Mailbox>,
}

/// To whom an answer goes. `own` are the person's addresses.
///
/// An answer to one's own message goes to whom that one went. What a list wrote into Reply-To so that every answer goes to
/// it counts for an answer to all, and is passed over in an answer to the sender.
pub(crate) fn recipients(message: &Correspondence, own: &[EmailAddress], everybody: bool) -> Recipients {
    let is_own = |mailbox: &Mailbox| is_one_of(&mailbox.address, own);
    let wrote_it = message.from.iter().any(is_own);
    let mut found = Recipients::default();
    if wrote_it {
        found.to.clone_from(&message.to);
        if everybody || message.to.is_empty() {
            found.cc.clone_from(&message.cc);
        }
        if found.to.is_empty() && found.cc.is_empty() {
            found.to.clone_from(&message.bcc);
        }
    } else {
        let to_list_alone = message.list_post.as_deref().is_some_and(|post| {
            !message.reply_to.is_empty()
                && message
                    .reply_to
                    .iter()
                    .all(|mailbox| mailbox.address.eq_ignore_ascii_case(post))
        });
        if message.reply_to.is_empty() || to_list_alone {
            found.to.clone_from(&message.from);
        } else {
            found.to.clone_from(&message.reply_to);
        }
        if everybody {
            if to_list_alone {
                found.to.extend(message.reply_to.iter().cloned());
            }
            found.to.extend(message.to.iter().cloned());
            found.cc.clone_from(&message.cc);
        }
    }
    let first = found.to.first().cloned();
    if everybody || wrote_it {
        found.to.retain(|mailbox| !is_own(mailbox));
        found.cc.retain(|mailbox| !is_own(mailbox));
    }
    once(&mut found);
    if found.to.is_empty() {
        // A note to oneself, or nothing but copies.
        if found.cc.is_empty() {
            found.to.extend(first);
        } else {
            found.to = std::mem::take(&mut found.cc);
        }
    }
    found
}

/// Each address once, and those of To not in Cc.
fn once(recipients: &mut Recipients) {
    let mut seen: Vec<String> = Vec::new();
    let mut is_new = |mailbox: &Mailbox| {
        let key = mailbox.address.to_lowercase();
        let is_new = !key.is_empty() && !seen.contains(&key);
        seen.push(key);
        is_new
    };
    recipients.to.retain(&mut is_new);
    recipients.cc.retain(&mut is_new);
}

/// Which of the identities (their addresses, in order of preference) received a message or, of one's own, wrote it.
pub(crate) fn received_as(message: &Correspondence, identities: &[EmailAddress]) -> Option<usize> {
    let named = message.from.iter().chain(&message.to).chain(&message.cc);
    let addresses: Vec<EmailAddress> = named
        .map(|mailbox| mailbox.address.as_str())
        .chain(message.delivered_to.iter().map(String::as_str))
        .filter_map(|address| address.parse().ok())
        .collect();
    let exact = addresses
        .iter()
        .find_map(|address| identities.iter().position(|identity| identity == address));
    exact.or_else(|| {
        addresses.iter().find_map(|address| {
            identities
                .iter()
                .position(|identity| is_tagged(address, identity))
        })
    })
}

/// True for an address of the person, with or without a tag.
fn is_one_of(address: &str, own: &[EmailAddress]) -> bool {
    let Ok(address) = address.parse::<EmailAddress>() else {
        return false;
    };
    own.iter().any(|own| *own == address || is_tagged(&address, own))
}

/// `anna+shop@x.pl` reaches `anna@x.pl` (RFC 5233).
fn is_tagged(address: &EmailAddress, identity: &EmailAddress) -> bool {
    let base = address.local().split_once('+').map(|(base, _)| base);
    address.domain() == identity.domain()
        && base.is_some_and(|base| base.eq_ignore_ascii_case(identity.local()))
}

/// The address of List-Post: the first `mailto:` of it.
pub(crate) fn list_post(field: &str) -> Option<String> {
    let url = field.split(['<', '>', ',']).map(str::trim).find(|part| {
        part.get(..7)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:"))
    })?;
    super::mailto::parse_mailto(url).to.into_iter().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Vec<Mailbox> {
        text.split_whitespace()
            .map(|address| Mailbox {
                name: String::new(),
                address: address.to_owned(),
            })
            .collect()
    }

    fn message(from: &str, reply_to: &str, to: &str, cc: &str) -> Correspondence {
        Correspondence {
            from: list(from),
            reply_to: list(reply_to),
            to: list(to),
            cc: list(cc),
            ..Correspondence::default()
        }
    }

    fn line(mailboxes: &[Mailbox]) -> String {
        let addresses: Vec<&str> = mailboxes.iter().map(|mailbox| mailbox.address.as_str()).collect();
        addresses.join(" ")
    }

    #[test]
    fn answer_goes_to_whom_it_should() {
        let own: Vec<EmailAddress> = ["me@x.pl", "office@x.pl"].map(|a| a.parse().unwrap()).into();
        // From, Reply-To, To, Cc; answer to the sender; answer to all: To, Cc
        let cases = [
            ("a@y.pl", "", "me@x.pl", "", "a@y.pl", "a@y.pl", ""),
            (
                "a@y.pl",
                "",
                "me@x.pl b@y.pl",
                "c@y.pl office@x.pl",
                "a@y.pl",
                "a@y.pl b@y.pl",
                "c@y.pl",
            ),
            (
                "a@y.pl",
                "r@y.pl",
                "me@x.pl b@y.pl",
                "",
                "r@y.pl",
                "r@y.pl b@y.pl",
                "",
            ),
            (
                "a@y.pl",
                "",
                "ME+tag@x.pl",
                "B@y.pl b@y.pl A@y.pl",
                "a@y.pl",
                "a@y.pl",
                "B@y.pl",
            ),
            // One's own message.
            ("me@x.pl", "", "b@y.pl", "c@y.pl", "b@y.pl", "b@y.pl", "c@y.pl"),
            (
                "office@x.pl",
                "me@x.pl",
                "b@y.pl me@x.pl",
                "",
                "b@y.pl",
                "b@y.pl",
                "",
            ),
            ("me@x.pl", "", "me@x.pl", "", "me@x.pl", "me@x.pl", ""),
            ("me@x.pl", "", "", "c@y.pl", "c@y.pl", "c@y.pl", ""),
            // Nobody but copies.
            ("", "", "me@x.pl", "c@y.pl", "", "c@y.pl", ""),
        ];
        for (from, reply_to, to, cc, one, all_to, all_cc) in cases {
            let message = message(from, reply_to, to, cc);
            let answer = recipients(&message, &own, false);
            assert_eq!(
                (line(&answer.to).as_str(), answer.cc.len()),
                (one, 0),
                "{message:?}"
            );
            let answer = recipients(&message, &own, true);
            assert_eq!(
                (line(&answer.to).as_str(), line(&answer.cc).as_str()),
                (all_to, all_cc),
                "{message:?}"
            );
        }
    }

    #[test]
    fn list_that_wants_every_answer_gets_only_those_to_all() {
        let own = ["me@x.pl".parse().unwrap()];
        let mut mail = message("a@y.pl", "list@z.org", "list@z.org", "");
        mail.list_post = Some("list@z.org".to_owned());
        assert_eq!(line(&recipients(&mail, &own, false).to), "a@y.pl");
        assert_eq!(line(&recipients(&mail, &own, true).to), "a@y.pl list@z.org");
        // The writer's own wish counts.
        mail.reply_to = list("a@private.pl");
        assert_eq!(line(&recipients(&mail, &own, false).to), "a@private.pl");
    }

    #[test]
    fn identity_is_the_one_that_received_the_message() {
        let identities: Vec<EmailAddress> = ["main@x.pl", "office@x.pl", "anna@y.pl"]
            .map(|a| a.parse().unwrap())
            .into();
        let cases = [
            (message("a@z.pl", "", "office@x.pl", ""), "", Some(1)),
            (message("a@z.pl", "", "b@z.pl", "Anna@Y.pl"), "", Some(2)),
            (message("a@z.pl", "", "b@z.pl", ""), "office@x.pl", Some(1)),
            (message("a@z.pl", "", "office+shop@x.pl", ""), "", Some(1)),
            // What is named is before what only looks like it.
            (message("a@z.pl", "", "main+t@x.pl office@x.pl", ""), "", Some(1)),
            (message("anna@y.pl", "", "main@x.pl", ""), "", Some(2)),
            (message("a@z.pl", "", "list@z.pl", ""), "other@x.pl", None),
        ];
        for (mut message, delivered, expected) in cases {
            message.delivered_to = delivered.split_whitespace().map(str::to_owned).collect();
            assert_eq!(received_as(&message, &identities), expected, "{message:?}");
        }
    }

    #[test]
    fn list_post_is_read() {
        let cases = [
            ("<mailto:list@z.org>", Some("list@z.org")),
            (
                "<https://z.org/post>, <mailto:list@z.org?subject=x> (post)",
                Some("list@z.org"),
            ),
            ("NO (announcements only)", None),
        ];
        for (field, expected) in cases {
            assert_eq!(list_post(field).as_deref(), expected, "{field}");
        }
    }
}
