//! Opens a page in the system's browser.

use std::process::{Command, Stdio};

/// The program that opens a page, and what stands before the page's address.
#[cfg(target_os = "macos")]
const OPENER: (&str, &[&str]) = ("open", &[]);
#[cfg(windows)]
const OPENER: (&str, &[&str]) = ("rundll32", &["url.dll,FileProtocolHandler"]);
#[cfg(not(any(target_os = "macos", windows)))]
const OPENER: (&str, &[&str]) = ("xdg-open", &[]);

/// Opens an `http` or `https` address; anything else is not opened, because the system would start whatever program has
/// claimed the scheme. True when the browser's starter was started, which is all that can be known. The address is an
/// argument of its own and passes through no shell.
pub(crate) fn open(url: &str) -> bool {
    if !is_web_address(url) {
        return false;
    }
    let (program, before) = OPENER;
    Command::new(program)
        .args(before)
        .arg(url)
        // Whatever the browser starts has no business with it.
        .env_remove("MAILROOM_VAULT_PASSPHRASE")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .is_ok()
}

fn is_web_address(url: &str) -> bool {
    let scheme_fits = ["http://", "https://"].iter().any(|scheme| {
        url.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    scheme_fits && !url.chars().any(|c| c.is_control() || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_are_opened() {
        for url in ["https://accounts.example/auth?a=b&c=d", "HTTP://127.0.0.1:1/x"] {
            assert!(is_web_address(url), "{url}");
        }
        for url in [
            "",
            "file:///etc/passwd",
            "javascript:1",
            "-https://x",
            "https",
            "https://x y",
            "https://x\n",
            "zł://",
        ] {
            assert!(!is_web_address(url), "{url}");
        }
    }
}
