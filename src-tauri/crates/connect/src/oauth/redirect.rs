//! The ways in which the browser's answer comes back, in the order in which they are tried.

use super::{OAuthProfile, RedirectKind};

/// What is known of the ways at this moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RedirectFacts {
    /// The operating system says that links of the program's scheme come to this program.
    pub link_reaches_us: bool,
    /// The service knows the program's scheme for this client id. Of a client id that a person entered nobody knows.
    pub client_has_link: bool,
    /// A link was waited for before, in vain.
    pub link_failed: bool,
}

/// The forms of redirect address that the service accepts, in the order in which they are tried: a link of the program's
/// own where the system confirms that it arrives, a port of this machine, a page that shows a code to paste. A link that may
/// not arrive is the last resort: its address can still be copied out of the browser.
pub fn redirect_ways(profile: &OAuthProfile, facts: RedirectFacts) -> Vec<RedirectKind> {
    let link_first = facts.link_reaches_us && facts.client_has_link && !facts.link_failed;
    let rank = |kind: &RedirectKind| match kind {
        RedirectKind::CustomScheme if link_first => 0,
        RedirectKind::LoopbackIp { .. } | RedirectKind::LoopbackName { .. } => 1,
        RedirectKind::CodePage { .. } => 2,
        RedirectKind::CustomScheme => 3,
    };
    let mut ways = profile.redirects.clone();
    ways.sort_by_key(rank);
    ways
}

#[cfg(test)]
mod tests {
    use super::super::builtin_profile;
    use super::*;

    fn order(profile: &OAuthProfile, facts: RedirectFacts) -> Vec<&'static str> {
        redirect_ways(profile, facts)
            .iter()
            .map(|kind| match kind {
                RedirectKind::CustomScheme => "link",
                RedirectKind::CodePage { .. } => "paste",
                RedirectKind::LoopbackIp { .. } | RedirectKind::LoopbackName { .. } => "port",
            })
            .collect()
    }

    #[test]
    fn link_comes_first_only_where_it_is_known_to_arrive() {
        let known = RedirectFacts {
            link_reaches_us: true,
            client_has_link: true,
            link_failed: false,
        };
        let cases = [
            ("microsoft", known, vec!["link", "port"]),
            ("fastmail", known, vec!["link", "port"]),
            ("google", known, vec!["port"]),
            ("yandex", known, vec!["port", "paste"]),
            (
                "microsoft",
                RedirectFacts {
                    link_reaches_us: false,
                    ..known
                },
                vec!["port", "link"],
            ),
            (
                "microsoft",
                RedirectFacts {
                    client_has_link: false,
                    ..known
                },
                vec!["port", "link"],
            ),
            (
                "microsoft",
                RedirectFacts {
                    link_failed: true,
                    ..known
                },
                vec!["port", "link"],
            ),
        ];
        for (key, facts, expected) in cases {
            let profile = builtin_profile(key, None).unwrap();
            assert_eq!(order(&profile, facts), expected, "{key} {facts:?}");
        }
        let mut profile = builtin_profile("microsoft", None).unwrap();
        profile.redirect_by_scheme_only();
        assert_eq!(order(&profile, RedirectFacts::default()), ["link"]);
    }
}
