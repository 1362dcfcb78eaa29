//! Pictures of the window: every screen in three languages, light and dark. `cargo xtask screens` builds everything and
//! starts this.
//!
//! `mailroom-screens FOLDER [NAME…]`: takes all pictures, or those whose name begins with one of the names.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use mailroom_tests::office::{Office, OfficeOptions};
use mailroom_tests::window::{Application, Desktop, Page};
use serde_json::json;

const LANGUAGES: [&str; 3] = ["en", "pl", "ru"];
const THEMES: [&str; 2] = ["light", "dark"];
const ALICE: &str = "alice@mailroom.test";
const BOB: &str = "bob@mailroom.test";

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("the pictures failed: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("name the folder for the pictures")?);
    std::fs::create_dir_all(&folder)?;
    let office = Office::start(&OfficeOptions::default())?;
    office.sample_mail(ALICE)?;
    office.sample_mail(BOB)?;
    let studio = Studio {
        office,
        folder,
        wanted: arguments.collect(),
    };
    studio.first_run().await?;
    studio.mail().await
}

struct Studio {
    office: Office,
    folder: PathBuf,
    wanted: Vec<String>,
}

impl Studio {
    /// The wizard, from the address to the inbox.
    async fn first_run(&self) -> Result<(), Failure> {
        let desktop = Desktop::start(1280, 800)?;
        let application = self.open(&desktop).await?;
        let page = application.page();
        page.find("heading", "Connect").await?;
        self.take(&application, "start").await?;
        page.type_keys("alice@mailroom.test\n").await?;
        page.sees("Mailroom demo office").await?;
        self.take(&application, "found").await?;
        application.close().await?;
        Ok(())
    }

    /// The mail, with both mailboxes connected.
    async fn mail(&self) -> Result<(), Failure> {
        let desktop = Desktop::start(1280, 800)?;
        for address in [ALICE, BOB] {
            self.connect(&desktop, address)?;
        }
        let application = self.open(&desktop).await?;
        let page = application.page();
        page.until(
            "the list",
            "return performance.getEntriesByName('mailroom:list').length",
        )
        .await?;
        self.take(&application, "mail").await?;
        application.close().await?;
        Ok(())
    }

    async fn open(&self, desktop: &Desktop) -> Result<Application, Failure> {
        Ok(Application::open(
            desktop,
            &program("mailroom-desktop")?,
            &self.environment(desktop)?,
        )
        .await?)
    }

    fn environment(&self, desktop: &Desktop) -> Result<Vec<(&'static str, OsString)>, Failure> {
        Ok(vec![
            ("MAILROOM_VAULT", "file".into()),
            ("MAILROOM_VAULT_PASSPHRASE", "pictures".into()),
            ("SSL_CERT_FILE", self.office.ca_path().into()),
            ("MAILROOM_POLICY", self.policy(desktop.folder())?.into()),
        ])
    }

    /// A policy as an organisation that runs the office would have it.
    fn policy(&self, folder: &Path) -> Result<PathBuf, Failure> {
        let policy = json!({
            "version": 1,
            "registrations": { self.office.issuer(): { "client_id": self.office.client_id() } },
            "servers": { "mailroom.test": {
                "name": "Mailroom demo office",
                "imap": [format!("localhost:{}:tls", self.office.imaps_port())],
                "smtp": [format!("localhost:{}:tls", self.office.submissions_port())],
                "issuer": self.office.issuer(),
                "password": true,
            } },
        });
        let path = folder.join("policy.json");
        std::fs::write(&path, policy.to_string())?;
        Ok(path)
    }

    /// Connects a mailbox and loads it, as the command does.
    fn connect(&self, desktop: &Desktop, address: &str) -> Result<(), Failure> {
        let users = self.office.users();
        let password = users
            .iter()
            .find(|(user, _)| user == address)
            .map(|(_, password)| password);
        let password = password.ok_or_else(|| format!("the office has no {address}"))?;
        let command = |arguments: &[&str]| -> Result<Command, Failure> {
            let mut command = desktop.command(&program("mailroom")?);
            command
                .envs(self.environment(desktop)?)
                .args(arguments)
                .stdout(Stdio::null());
            Ok(command)
        };
        let mut add = command(&["account", "add", address, "--password-stdin", "--period", "all"])?
            .stdin(Stdio::piped())
            .spawn()?;
        if let Some(stdin) = add.stdin.as_mut() {
            stdin.write_all(format!("{password}\n").as_bytes())?;
        }
        if !add.wait()?.success() || !command(&["sync", address])?.status()?.success() {
            return Err(format!("{address} cannot be connected").into());
        }
        Ok(())
    }

    /// Takes what is on the screen now in every language and theme, and leaves it English and light.
    async fn take(&self, application: &Application, name: &str) -> Result<(), Failure> {
        if !self.wanted.is_empty() && !self.wanted.iter().any(|wanted| name.starts_with(wanted.as_str())) {
            return Ok(());
        }
        let page = application.page();
        for language in LANGUAGES {
            for theme in THEMES {
                look(application, &page, language, theme).await?;
                let file = self.folder.join(format!("{name}-{theme}-{language}.png"));
                page.picture(&file).await?;
                shrink(&file)?;
            }
        }
        say(name);
        look(application, &page, "en", "light").await
    }
}

/// Changes the program's settings through the page's own way to the core, and waits until the page shows them.
async fn look(application: &Application, page: &Page, language: &str, theme: &str) -> Result<(), Failure> {
    const CHANGE: &str = "
        const [language, theme, done] = arguments;
        const payload = { name: 'settings_update', payload: { language, theme } };
        window.__TAURI_INTERNALS__.invoke('call', payload).then(() => done(true), (error) => done(String(error)));";
    application
        .run_async(CHANGE, vec![json!(language), json!(theme)])
        .await?;
    let script = format!(
        "const root = document.documentElement; return root.lang === {} && root.dataset.theme === {}",
        json!(language),
        json!(theme)
    );
    page.until("the language and the theme", &script).await?;
    Ok(())
}

/// Screens have few colours: a palette makes the files a third as large.
fn shrink(file: &Path) -> Result<(), Failure> {
    let status = Command::new("mogrify")
        .args(["-colors", "128", "-dither", "None", "-strip"])
        .arg(file)
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err("mogrify failed".into())
    }
}

/// A program beside this one, where cargo puts them all.
fn program(name: &str) -> Result<PathBuf, Failure> {
    Ok(std::env::current_exe()?.with_file_name(name))
}

#[expect(clippy::print_stdout, reason = "it tells which picture was taken")]
fn say(text: &str) {
    println!("{text}");
}
