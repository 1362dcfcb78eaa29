//! The addresses that an account may send as.

use mailroom_mime::{SafeHtml, html_to_text};
use mailroom_model::EmailAddress;

use crate::account::is_name;
use crate::{AccountSummary, Engine, EngineError};

/// The largest signature, with its pictures, in bytes: it goes out with every message.
const LARGEST_SIGNATURE: usize = 1024 * 1024;

/// An identity as the person wants it.
#[derive(Clone, Debug)]
pub struct IdentityChange {
    /// The address to send as.
    pub address: EmailAddress,
    /// The name beside it.
    pub name: String,
    /// The account uses it unasked.
    pub is_default: bool,
    /// HTML of any kind; what is kept of it is safe.
    pub signature: String,
}

impl Engine {
    /// Adds an identity to an account, or changes the one with its address. One identity is the default: taking that from
    /// it gives it to the account's own address.
    pub async fn save_identity(
        &self,
        account: &EmailAddress,
        change: &IdentityChange,
    ) -> Result<AccountSummary, EngineError> {
        let refuse = |field, reason| Err(EngineError::Input { field, reason });
        if !is_name(&change.name) {
            return refuse("name", "it is too long, or has more than one line");
        }
        if change.signature.len() > LARGEST_SIGNATURE {
            return refuse("signature", "it is larger than a megabyte");
        }
        let row = self.account(account).await?;
        let identities = self.store().await?.identities();
        let was_default = identities
            .list(row.id)
            .await?
            .iter()
            .any(|identity| identity.is_default && identity.address == change.address);
        let default = match (change.is_default, was_default) {
            (true, _) => Some(&change.address),
            (false, true) => Some(&row.address),
            (false, false) => None,
        };
        identities
            .save(
                row.id,
                &change.address,
                change.name.trim(),
                &safe_signature(&change.signature),
                default,
            )
            .await?;
        self.tell_changed(account);
        self.account_summary(account).await
    }

    /// Removes an identity; the account's own address stays. Messages that wait in the outbox keep their sender.
    pub async fn remove_identity(
        &self,
        account: &EmailAddress,
        address: &EmailAddress,
    ) -> Result<AccountSummary, EngineError> {
        let row = self.account(account).await?;
        if *address == row.address {
            return Err(EngineError::Input {
                field: "address",
                reason: "it is the account's own",
            });
        }
        let identities = self.store().await?.identities();
        if !identities.remove(row.id, address, &row.address).await? {
            return Err(EngineError::SenderUnknown {
                address: address.to_string(),
            });
        }
        self.tell_changed(account);
        self.account_summary(account).await
    }
}

/// What is kept of a signature; nothing when nobody would see any of it.
fn safe_signature(html: &str) -> String {
    let safe = SafeHtml::of(html).html;
    if html_to_text(&safe).trim().is_empty() && !safe.contains("<img") && !safe.contains("<hr") {
        return String::new();
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signature_is_kept_as_far_as_it_is_safe() {
        let cases = [
            ("", ""),
            ("<p><br></p>", ""),
            ("<script>alert(1)</script>", ""),
            (
                "<p onclick=\"x()\">Anna <b>Nowak</b></p>",
                "<p>Anna <b>Nowak</b></p>",
            ),
            (
                "<img src=\"data:image/png;base64,AAAA\">",
                "<img src=\"data:image/png;base64,AAAA\">",
            ),
        ];
        for (html, kept) in cases {
            assert_eq!(safe_signature(html), kept, "{html}");
        }
    }
}
