//! The ladder as a whole, in a world that is written down: who answers what, who stalls.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use mailroom_model::{AuthMethod, Coded as _, Endpoint, ErrorCode};
use url::Url;

use super::*;
use crate::http::HttpError;
use crate::provider::ProviderTable;

mod time;

/// Everything outside. What is not written down is not there.
#[derive(Default)]
struct Outside {
    mx: Vec<(u16, &'static str)>,
    srv: BTreeMap<&'static str, Vec<SrvRecord>>,
    txt: Vec<String>,
    pages: BTreeMap<&'static str, String>,
    servers: Vec<&'static str>,
    /// Addresses and names with one of these in them are never answered.
    stalled: Vec<&'static str>,
    asked: Mutex<Vec<String>>,
}

impl Outside {
    async fn ask(&self, what: String) {
        let stalls = self.stalled.iter().any(|part| what.contains(part));
        self.asked.lock().unwrap().push(what);
        if stalls {
            std::future::pending::<()>().await;
        }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl Resolver for Outside {
    async fn mx(&self, domain: &str) -> Result<Vec<MxRecord>, DnsError> {
        self.ask(format!("mx {domain}")).await;
        let record = |(preference, host): &(u16, &str)| MxRecord {
            preference: *preference,
            host: (*host).to_owned(),
        };
        Ok(self.mx.iter().map(record).collect())
    }

    async fn srv(&self, name: &str) -> Result<Vec<SrvRecord>, DnsError> {
        self.ask(format!("srv {name}")).await;
        self.srv.get(name).cloned().ok_or(DnsError::NoSuchDomain)
    }

    async fn txt(&self, name: &str) -> Result<Vec<String>, DnsError> {
        self.ask(format!("txt {name}")).await;
        Ok(self.txt.clone())
    }
}

#[async_trait]
impl Web for Outside {
    async fn get(&self, url: &Url) -> Result<WebAnswer, HttpError> {
        self.ask(url.to_string()).await;
        Ok(match self.pages.get(url.as_str()) {
            Some(page) => WebAnswer {
                status: 200,
                body: page.clone().into_bytes(),
                ..WebAnswer::default()
            },
            None => WebAnswer {
                status: 404,
                ..WebAnswer::default()
            },
        })
    }
}

#[async_trait]
impl ServerProbe for Outside {
    async fn offered(&self, _: Purpose, endpoint: &Endpoint) -> Result<Offered, ErrorCode> {
        self.ask(format!("server {endpoint}")).await;
        if self.servers.contains(&endpoint.to_string().as_str()) {
            Ok(Offered { password: true })
        } else {
            Err(ErrorCode::ConnectRefused)
        }
    }
}

fn config(imap: &str, smtp: &str, rest: &str) -> String {
    format!(
        "<clientConfig version=\"1.1\"><emailProvider id=\"x\"><displayName>The Hoster</displayName>\
         <incomingServer type=\"imap\"><hostname>{imap}</hostname><port>993</port><socketType>SSL</socketType>\
         <authentication>OAuth2</authentication><authentication>password-cleartext</authentication></incomingServer>\
         <outgoingServer type=\"smtp\"><hostname>{smtp}</hostname><port>465</port><socketType>SSL</socketType></outgoingServer>\
         </emailProvider>{rest}</clientConfig>"
    )
}

fn srv(port: u16, target: &str) -> Vec<SrvRecord> {
    vec![SrvRecord {
        priority: 0,
        weight: 0,
        port,
        target: target.to_owned(),
    }]
}

fn options() -> DetectOptions {
    DetectOptions {
        ispdb: Some("https://ispdb.example/v1.1/".to_owned()),
        ..DetectOptions::default()
    }
}

async fn detect(
    outside: Outside,
    options: &DetectOptions,
) -> (Result<Detection, ConnectError>, Arc<Outside>) {
    let outside = Arc::new(outside);
    let table = ProviderTable::builtin().unwrap();
    let detector = Detector::new(table, outside.clone(), outside.clone(), outside.clone());
    let found = detector
        .detect(&"anna@firma.example".parse().unwrap(), options)
        .await;
    (found, outside)
}

/// What won, from where, whether it may be told a password at once, and who agreed.
async fn winner(outside: Outside) -> (String, Source, bool, Vec<Source>) {
    let (found, _) = detect(outside, &options()).await;
    let detection = found.unwrap();
    let best = &detection.candidates[0];
    (
        best.servers.imap[0].to_string(),
        best.source,
        best.confirmed,
        best.agreed.clone(),
    )
}

const AUTOCONFIG: &str = "https://autoconfig.firma.example/mail/config-v1.1.xml";
const WELL_KNOWN: &str = "https://firma.example/.well-known/autoconfig/mail/config-v1.1.xml";
const ISPDB: &str = "https://ispdb.example/v1.1/firma.example";

#[tokio::test(start_paused = true)]
async fn every_source_alone_leads_to_its_servers() {
    let own = || config("imap.firma.example", "smtp.firma.example", "");
    let page = |url: &'static str, text: String| Outside {
        pages: [(url, text)].into(),
        ..Outside::default()
    };
    let hosted = |url: &'static str| Outside {
        mx: vec![(10, "mx1.mail.hoster.example.")],
        ..page(url, config("imap.hoster.example", "smtp.hoster.example", ""))
    };
    let sealed =
        r#"{"protocols":{"imap":{"host":"imap.firma.example"},"smtp":{"host":"smtp.firma.example"}}}"#;
    let digest = {
        use base64::Engine as _;
        use sha2::Digest as _;
        base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(sealed))
    };
    let inside = "imap.firma.example:993:tls";
    let cases: Vec<(Outside, (&str, Source, bool))> = vec![
        (page(AUTOCONFIG, own()), (inside, Source::Autoconfig, true)),
        (page(WELL_KNOWN, own()), (inside, Source::WellKnown, true)),
        (page(ISPDB, own()), (inside, Source::Ispdb, true)),
        (
            Outside {
                txt: vec![format!("v=UAAC1; a=sha256; d={digest}")],
                ..page(
                    "https://ua-auto-config.firma.example/.well-known/user-agent-configuration.json",
                    sealed.to_owned(),
                )
            },
            (inside, Source::Pacc, true),
        ),
        // Outside the address's domain: the person is asked.
        (
            page(AUTOCONFIG, config("imap.hoster.example", "smtp.hoster.example", "")),
            ("imap.hoster.example:993:tls", Source::Autoconfig, false),
        ),
        (
            page(AUTOCONFIG, config("imap.firma.example", "smtp.hoster.example", "")),
            (inside, Source::Autoconfig, false),
        ),
        (
            Outside {
                mx: vec![(5, "aspmx.l.google.com."), (1, "smtp.google.com.")],
                ..Outside::default()
            },
            ("imap.gmail.com:993:tls", Source::Mx, false),
        ),
        (
            hosted("https://autoconfig.mail.hoster.example/mail/config-v1.1.xml"),
            ("imap.hoster.example:993:tls", Source::MxAutoconfig, false),
        ),
        (
            hosted("https://autoconfig.hoster.example/mail/config-v1.1.xml"),
            ("imap.hoster.example:993:tls", Source::MxAutoconfig, false),
        ),
        (
            hosted("https://ispdb.example/v1.1/hoster.example"),
            ("imap.hoster.example:993:tls", Source::MxIspdb, false),
        ),
        (
            Outside {
                srv: [
                    ("_imaps._tcp.firma.example", srv(993, "post.firma.example.")),
                    ("_submissions._tcp.firma.example", srv(465, "post.firma.example.")),
                ]
                .into(),
                ..Outside::default()
            },
            ("post.firma.example:993:tls", Source::Srv, true),
        ),
        (
            Outside {
                mx: vec![(0, "mx.firma.example.pphosted.com.")],
                ..page(
                    "https://outlook.office365.com/autodiscover/autodiscover.json/v1.0/mailroom@firma.example?Protocol=AutodiscoverV1",
                    r#"{"Protocol":"AutodiscoverV1","Url":"https://autodiscover-s.outlook.com/autodiscover/autodiscover.xml"}"#.to_owned(),
                )
            },
            ("outlook.office365.com:993:tls", Source::Autodiscover, false),
        ),
        (
            Outside {
                servers: vec!["mail.firma.example:993:tls", "mail.firma.example:587:starttls"],
                ..Outside::default()
            },
            ("mail.firma.example:993:tls", Source::Guess, false),
        ),
    ];
    for (outside, (imap, source, confirmed)) in cases {
        let found = winner(outside).await;
        assert_eq!((found.0.as_str(), found.1, found.2), (imap, source, confirmed));
    }
}

#[tokio::test(start_paused = true)]
async fn surer_source_wins_and_the_others_agree_or_stand_below() {
    let own = config("imap.firma.example", "smtp.firma.example", "");
    let outside = || Outside {
        pages: [(WELL_KNOWN, own.clone()), (ISPDB, own.clone())].into(),
        srv: [
            ("_imaps._tcp.firma.example", srv(993, "other.firma.example.")),
            (
                "_submissions._tcp.firma.example",
                srv(465, "other.firma.example."),
            ),
        ]
        .into(),
        // Whatever is slower than the rest must not be missing here.
        ..Outside::default()
    };
    let (found, _) = detect(outside(), &options()).await;
    let detection = found.unwrap();
    assert_eq!(detection.candidates[0].source, Source::WellKnown);
    let sources: Vec<Source> = detection
        .candidates
        .iter()
        .map(|candidate| candidate.source)
        .collect();
    assert!(
        !sources.contains(&Source::Ispdb),
        "it is the same candidate: {sources:?}"
    );
    assert_eq!(
        detection.candidates[0].auth.len(),
        1,
        "OAuth without an issuer is none"
    );
    assert_eq!(detection.candidates[0].name.as_deref(), Some("The Hoster"));
    assert_eq!(detection.candidates[0].provider, None);
}

#[tokio::test(start_paused = true)]
async fn server_of_a_known_provider_is_that_provider_whoever_names_it() {
    let outside = Outside {
        pages: [(
            AUTOCONFIG,
            config(
                "imap.gmail.com",
                "smtp.gmail.com",
                "<oAuth2><issuer>accounts.google.com</issuer><scope>x</scope></oAuth2>",
            ),
        )]
        .into(),
        ..Outside::default()
    };
    let (found, _) = detect(outside, &options()).await;
    let best = &found.unwrap().candidates[0];
    assert_eq!(best.provider.as_ref().unwrap().id, "gmail");
    assert_eq!((best.source, best.confirmed), (Source::Autoconfig, false));
    assert_eq!(best.auth[0].issuer.as_deref(), Some("google"));
}

#[tokio::test(start_paused = true)]
async fn token_of_a_known_service_is_never_offered_to_a_stranger() {
    let oauth = |issuer: &str| {
        let rest = format!("<oAuth2><issuer>{issuer}</issuer><scope>mail openid</scope></oAuth2>");
        Outside {
            pages: [(
                AUTOCONFIG,
                config("imap.firma.example", "smtp.firma.example", &rest),
            )]
            .into(),
            ..Outside::default()
        }
    };
    let offers = |detection: Detection| -> Vec<(AuthMethod, Option<String>, Vec<String>)> {
        let auth = detection.candidates[0].auth.iter();
        auth.map(|offer| (offer.method, offer.issuer.clone(), offer.scopes.clone()))
            .collect()
    };
    let password = (AuthMethod::Password, None, Vec::new());
    for issuer in [
        "accounts.google.com",
        "http://id.firma.example",
        "https://127.0.0.1",
    ] {
        let (found, _) = detect(oauth(issuer), &options()).await;
        assert_eq!(
            offers(found.unwrap()),
            std::slice::from_ref(&password),
            "{issuer}"
        );
    }
    let (found, _) = detect(oauth("id.firma.example"), &options()).await;
    let own = (
        AuthMethod::Oauth2,
        Some("https://id.firma.example".to_owned()),
        vec!["mail".to_owned(), "openid".to_owned()],
    );
    assert_eq!(offers(found.unwrap()), [own, password]);
}

#[tokio::test(start_paused = true)]
async fn plain_http_is_asked_only_when_allowed_and_never_believed() {
    let plain = || Outside {
        pages: [(
            "http://autoconfig.firma.example/mail/config-v1.1.xml",
            config("imap.firma.example", "smtp.firma.example", ""),
        )]
        .into(),
        ..Outside::default()
    };
    let (found, outside) = detect(plain(), &options()).await;
    assert_eq!(found.unwrap_err().code(), ErrorCode::ProviderUnknown);
    assert!(outside.asked().iter().all(|asked| !asked.starts_with("http://")));
    let allowed = DetectOptions {
        allow_http: true,
        ..options()
    };
    let (found, _) = detect(plain(), &allowed).await;
    let best = &found.unwrap().candidates[0];
    assert_eq!((best.source, best.confirmed), (Source::PlainAutoconfig, false));
    assert_eq!(best.notes[0].code, NoteCode::FoundUnencrypted);
}

#[tokio::test(start_paused = true)]
async fn domain_whose_mail_goes_elsewhere_is_asked_about() {
    let outside = Outside {
        mx: vec![(0, "firma-example.mail.protection.outlook.com.")],
        pages: [(AUTOCONFIG, config("imap.firma.example", "smtp.firma.example", ""))].into(),
        ..Outside::default()
    };
    let (found, _) = detect(outside, &options()).await;
    let detection = found.unwrap();
    let best = &detection.candidates[0];
    assert_eq!((best.source, best.confirmed), (Source::Autoconfig, false));
    assert_eq!(best.notes[0].code, NoteCode::MailGoesElsewhere);
    assert_eq!(detection.candidates[1].provider.as_ref().unwrap().id, "m365");
}

#[tokio::test(start_paused = true)]
async fn domain_that_takes_no_mail_is_not_guessed_at() {
    let outside = Outside {
        mx: vec![(0, ".")],
        servers: vec!["imap.firma.example:993:tls"],
        ..Outside::default()
    };
    let (found, outside) = detect(outside, &options()).await;
    assert_eq!(found.unwrap_err().code(), ErrorCode::ProviderUnknown);
    assert!(outside.asked().iter().all(|asked| !asked.starts_with("server ")));
}

#[tokio::test(start_paused = true)]
async fn questions_name_the_domain_and_never_the_person_and_are_counted() {
    let outside = Outside {
        mx: vec![(10, "mx.hoster.example.")],
        servers: vec!["mail.firma.example:993:tls"],
        ..Outside::default()
    };
    let (found, outside) = detect(outside, &options()).await;
    let asked = outside.asked();
    assert!(asked.iter().all(|asked| !asked.contains("anna")), "{asked:?}");
    assert_eq!(found.unwrap().requests as usize, asked.len(), "{asked:?}");
    let none = DetectOptions::default();
    let (_, outside) = detect(Outside::default(), &none).await;
    assert!(outside.asked().iter().all(|asked| !asked.contains("ispdb")));
}

#[tokio::test(start_paused = true)]
async fn domain_that_says_itself_that_it_has_no_imap_is_not_unknown() {
    let other = config("imap.firma.example", "smtp.firma.example", "").replace("\"imap\"", "\"pop3\"");
    let outside = Outside {
        pages: [(WELL_KNOWN, other)].into(),
        ..Outside::default()
    };
    let error = detect(outside, &options()).await.0.unwrap_err();
    let said = |source: Source| {
        let step = error.steps().iter().find(|step| step.source == source);
        step.unwrap().outcome.clone()
    };
    assert_eq!(said(Source::WellKnown), Outcome::NoImap);
    assert_eq!(said(Source::Autoconfig), Outcome::NotFound);
}

/// A domain that receives its mail itself, and whose server speaks the protocols of Exchange.
fn exchange(mut outside: Outside) -> Outside {
    outside.mx = vec![(10, "mail.firma.example.")];
    outside.pages.insert(
        "https://autodiscover.firma.example/autodiscover/autodiscover.json?Email=mailroom@firma.example&Protocol=Ews",
        r#"{"Protocol":"Ews","Url":"https://mail.firma.example/EWS/Exchange.asmx"}"#.to_owned(),
    );
    outside
}

#[tokio::test(start_paused = true)]
async fn server_of_exchange_without_imap_is_told_and_one_with_it_is_found() {
    let error = detect(exchange(Outside::default()), &options())
        .await
        .0
        .unwrap_err();
    assert_eq!(error.code(), ErrorCode::ProviderWithoutImap);
    let params = error.params();
    assert_eq!(
        (params["provider"].to_string(), params["reason"].to_string()),
        ("mail.firma.example".to_owned(), "exchange_only".to_owned())
    );
    let step = |source: Source| error.steps().iter().find(|step| step.source == source).unwrap();
    assert_eq!(
        step(Source::Autodiscover).outcome,
        Outcome::Exchange {
            host: "mail.firma.example".to_owned()
        }
    );
    // It says the same in its own document, where it has one.
    let ews = config("imap.firma.example", "smtp.firma.example", "").replace("\"imap\"", "\"ews\"");
    let document = Outside {
        pages: [(AUTOCONFIG, ews)].into(),
        ..Outside::default()
    };
    let error = detect(document, &options()).await.0.unwrap_err();
    assert_eq!(error.code(), ErrorCode::ProviderWithoutImap);

    let with_imap = exchange(Outside {
        servers: vec!["mail.firma.example:993:tls", "mail.firma.example:587:starttls"],
        ..Outside::default()
    });
    let found = detect(with_imap, &options()).await.0.unwrap();
    assert_eq!(found.candidates[0].source, Source::Guess);
}

#[tokio::test(start_paused = true)]
async fn microsoft_that_runs_a_domain_with_a_mail_exchanger_of_its_own_is_recognised() {
    let outside = Outside {
        mx: vec![(10, "mail.firma.example.")],
        pages: [(
            "https://outlook.office365.com/autodiscover/autodiscover.json/v1.0/mailroom@firma.example?Protocol=AutodiscoverV1",
            r#"{"Protocol":"AutodiscoverV1","Url":"https://autodiscover-s.outlook.com/autodiscover/autodiscover.xml"}"#.to_owned(),
        )]
        .into(),
        ..Outside::default()
    };
    let found = winner(outside).await;
    assert_eq!(
        (found.0.as_str(), found.1),
        ("outlook.office365.com:993:tls", Source::Autodiscover)
    );
}

#[tokio::test(start_paused = true)]
async fn answers_that_are_no_configuration_are_told_apart() {
    let html = "<!DOCTYPE html><html><body>Parking</body></html>".to_owned();
    let outside = Outside {
        mx: vec![(10, "mx0a.pphosted.com.")],
        pages: [
            (AUTOCONFIG, html),
            (
                WELL_KNOWN,
                config("imap.firma.example", "smtp.firma.example", "").replace("SSL", "plain"),
            ),
        ]
        .into(),
        ..Outside::default()
    };
    let (found, _) = detect(outside, &options()).await;
    let error = found.unwrap_err();
    let said = |source: Source| {
        let step = error.steps().iter().find(|step| step.source == source);
        step.unwrap().outcome.clone()
    };
    assert_eq!(
        said(Source::Autoconfig),
        Outcome::Unusable {
            host: "autoconfig.firma.example".to_owned()
        }
    );
    assert_eq!(said(Source::WellKnown), Outcome::NoEncryption);
    assert_eq!(
        said(Source::Mx),
        Outcome::FilteredHost {
            host: "mx0a.pphosted.com".to_owned()
        }
    );
    assert_eq!(said(Source::Guess), Outcome::NotFound);
}
