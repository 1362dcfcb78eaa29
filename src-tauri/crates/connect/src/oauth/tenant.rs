//! Which organisation at Microsoft an address belongs to.

use serde::Deserialize;
use url::Url;

use super::profile::PERSONAL_TENANT;
use super::{BuiltinIssuer, OAuthProfile};
use crate::discovery::Web;

#[derive(Deserialize)]
struct Metadata {
    token_endpoint: Url,
}

/// Microsoft's tenant whose administrator decides about an address of `domain`: the one that the profile's endpoints name,
/// else the one that the metadata of the domain name (OpenID Connect Discovery §4; Microsoft serves it under every verified
/// domain). Only the domain is told. `None` when nobody knows, and for personal accounts, which have no administrator.
pub async fn find_tenant(web: &dyn Web, profile: &OAuthProfile, domain: &str) -> Option<String> {
    if let Some(tenant) = profile.tenant() {
        return Some(tenant.to_owned());
    }
    let is_domain = domain
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
    if !is_domain || profile.key != BuiltinIssuer::Microsoft.key() {
        return None;
    }
    let metadata = format!("/{domain}/v2.0/.well-known/openid-configuration");
    let url = profile.endpoints.token.join(&metadata).ok()?;
    let answer = web.get(&url).await.ok()?;
    if answer.status != 200 {
        return None;
    }
    let found: Metadata = serde_json::from_slice(&answer.body).ok()?;
    if found.token_endpoint.origin() != url.origin() {
        return None;
    }
    let tenant = found.token_endpoint.path_segments()?.next()?;
    let is_id = tenant.split('-').map(str::len).eq([8, 4, 4, 4, 12])
        && tenant.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit());
    (is_id && tenant != PERSONAL_TENANT).then(|| tenant.to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;

    use super::super::builtin_profile;
    use super::*;
    use crate::discovery::WebAnswer;
    use crate::http::HttpError;

    struct Says {
        status: u16,
        body: String,
        asked: Mutex<Vec<String>>,
    }

    #[async_trait]
    impl Web for Says {
        async fn get(&self, url: &Url) -> Result<WebAnswer, HttpError> {
            self.asked.lock().unwrap().push(url.to_string());
            Ok(WebAnswer {
                status: self.status,
                body: self.body.clone().into_bytes(),
                ..WebAnswer::default()
            })
        }
    }

    #[tokio::test]
    async fn tenant_is_the_registrations_else_the_domains_else_nobodys() {
        const ID: &str = "0a1b2c3d-0123-4567-89ab-0123456789ab";
        let at = |tenant: &str| {
            format!("{{\"token_endpoint\":\"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token\"}}")
        };
        let known = "https://login.microsoftonline.com/firma.pl/v2.0/.well-known/openid-configuration";
        let cases: [(&str, Option<&str>, u16, String, Option<&str>, bool); 9] = [
            (
                "microsoft",
                Some("contoso.com"),
                200,
                at(ID),
                Some("contoso.com"),
                false,
            ),
            ("microsoft", None, 200, at(ID), Some(ID), true),
            ("microsoft", Some("organizations"), 200, at(ID), Some(ID), true),
            ("microsoft", None, 200, at(PERSONAL_TENANT), None, true),
            ("microsoft", None, 200, at("common"), None, true),
            ("microsoft", None, 400, at(ID), None, true),
            ("microsoft", None, 200, "no".to_owned(), None, true),
            (
                "microsoft",
                None,
                200,
                format!("{{\"token_endpoint\":\"https://evil.example/{ID}/oauth2/v2.0/token\"}}"),
                None,
                true,
            ),
            ("google", None, 200, at(ID), None, false),
        ];
        for (key, tenant, status, body, expected, asks) in cases {
            let web = Says {
                status,
                body,
                asked: Mutex::default(),
            };
            let profile = builtin_profile(key, tenant).unwrap();
            let found = find_tenant(&web, &profile, "firma.pl").await;
            assert_eq!(
                found.as_deref(),
                expected,
                "{key} {tenant:?} {status} {}",
                web.body
            );
            let asked = web.asked.into_inner().unwrap();
            assert_eq!(asked, if asks { vec![known.to_owned()] } else { vec![] });
        }
        let web = Says {
            status: 200,
            body: at(ID),
            asked: Mutex::default(),
        };
        let profile = builtin_profile("microsoft", None).unwrap();
        assert_eq!(find_tenant(&web, &profile, "a/b").await, None);
        assert!(web.asked.into_inner().unwrap().is_empty());
    }
}
