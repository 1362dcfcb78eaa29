//! A core that is open for one command.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mailroom_api::dto::EventView;
use mailroom_api::{
    CancellationToken, Context, Engine, EngineSetup, Secret, VaultChoice, WireError, dispatch, restored_now,
    subscribe,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::failure::Failure;
use crate::output::{Output, messages};

/// What the command line and the environment say about the core.
#[derive(Debug)]
pub(crate) struct Start {
    home: Option<PathBuf>,
    vault: Option<OsString>,
    passphrase: Option<Secret<String>>,
    certificates: Option<PathBuf>,
    policy: Option<PathBuf>,
}

impl Start {
    /// The directory, the kind of vault, its passphrase, the certificates to trust and a policy, as far as they were given.
    pub(crate) fn new(
        home: Option<PathBuf>,
        vault: Option<OsString>,
        passphrase: Option<Secret<String>>,
        certificates: Option<PathBuf>,
        policy: Option<PathBuf>,
    ) -> Self {
        Self {
            home,
            vault,
            passphrase,
            certificates,
            policy,
        }
    }

    fn setup(&self) -> Result<EngineSetup, Failure> {
        Ok(EngineSetup {
            home: self.home()?,
            vault: self.vault()?,
            policy: self.policy.clone(),
            certificates: self.certificates.clone(),
        })
    }

    fn home(&self) -> Result<PathBuf, Failure> {
        let home = match &self.home {
            Some(home) => home.clone(),
            None => directories::ProjectDirs::from("", "", "Mailroom")
                .map(|directories| directories.data_local_dir().to_owned())
                .ok_or_else(|| {
                    Failure::input(
                        "--home",
                        "this system names no directory for data; give one with --home or MAILROOM_HOME",
                    )
                })?,
        };
        std::path::absolute(&home).map_err(|_| Failure::input("--home", "the directory's name is empty"))
    }

    fn vault(&self) -> Result<VaultChoice, Failure> {
        match self
            .vault
            .as_ref()
            .map(|choice| choice.to_string_lossy())
            .as_deref()
        {
            None | Some("keychain") => Ok(VaultChoice::Keychain),
            Some("file") => match &self.passphrase {
                Some(passphrase) => Ok(VaultChoice::File {
                    passphrase: passphrase.clone(),
                }),
                None => Err(Failure::input(
                    "MAILROOM_VAULT_PASSPHRASE",
                    "the secrets file needs a passphrase, and the variable is not set",
                )),
            },
            Some(_) => Err(Failure::input(
                "MAILROOM_VAULT",
                "it is neither keychain nor file",
            )),
        }
    }
}

/// The core, open.
pub(crate) struct Session {
    context: Context,
}

impl Session {
    /// Opens the core.
    pub(crate) fn open(start: &Start, cancel: &CancellationToken) -> Result<Self, Failure> {
        let engine: Arc<Engine> = Engine::open(start.setup()?);
        Ok(Self {
            context: Context {
                engine,
                cancel: cancel.clone(),
            },
        })
    }

    /// Ends all work and closes the store.
    pub(crate) async fn close(self) {
        self.context.engine.close().await;
    }

    /// That the database was restored from a backup when it was opened for this command.
    pub(crate) async fn restored_now(&self) -> Option<WireError> {
        restored_now(&self.context.engine).await
    }

    /// The token that ends the command early.
    pub(crate) fn cancel(&self) -> &CancellationToken {
        &self.context.cancel
    }

    /// The core, for a door of its own.
    pub(crate) fn engine(&self) -> Arc<Engine> {
        Arc::clone(&self.context.engine)
    }

    /// What happens from now on.
    pub(crate) fn events(&self) -> mailroom_api::EventReceiver {
        subscribe(&self.context.engine)
    }

    /// One call.
    pub(crate) async fn call(&self, name: &str, payload: Value) -> Result<Value, Failure> {
        // Boxed: the future holds every command's work and is large.
        Box::pin(dispatch(&self.context, name, payload))
            .await
            .map_err(Failure::from)
    }

    /// One call during which things happen. `on_event` is told everything that happened before the reply, in order;
    /// when it fails the call is cancelled, ended cleanly, and the failure returned. Lines from `answers` are handed
    /// to a sign-in that waits for them.
    pub(crate) async fn call_with_events(
        &self,
        name: &str,
        payload: Value,
        mut answers: Option<UnboundedReceiver<String>>,
        on_event: &mut dyn FnMut(Happening) -> Result<(), Failure>,
    ) -> Result<Value, Failure> {
        let mut events = self.events();
        let mut call = Box::pin(dispatch(&self.context, name, payload));
        let mut answering = None;
        let mut refused = None;
        let mut listening = true;
        let reply = loop {
            tokio::select! {
                biased;
                event = events.next(), if listening && refused.is_none() => match event {
                    Some(event) => {
                        if let Err(failure) = on_event(Happening::Event(event)) {
                            refused = Some(failure);
                            self.context.cancel.cancel();
                        }
                    }
                    None => listening = false,
                },
                Some(line) = next_line(answers.as_mut()), if answering.is_none() => {
                    let payload = json!({ "text": line });
                    answering = Some(Box::pin(dispatch(&self.context, "signin_answer", payload)));
                }
                Some(answered) = finished(answering.as_mut()), if answering.is_some() => {
                    answering = None;
                    if let Err(error) = answered
                        && let Err(failure) = on_event(Happening::AnswerRefused(error))
                    {
                        refused = Some(failure);
                        self.context.cancel.cancel();
                    }
                }
                reply = &mut call => break reply,
            }
        };
        if let Some(failure) = refused {
            return Err(failure);
        }
        while listening {
            tokio::select! {
                biased;
                event = events.next() => match event {
                    Some(event) => on_event(Happening::Event(event))?,
                    None => listening = false,
                },
                () = std::future::ready(()) => break,
            }
        }
        reply.map_err(Failure::from)
    }
}

/// Something to tell during a call.
#[derive(Debug)]
pub(crate) enum Happening {
    /// An event of the core.
    Event(EventView),
    /// What the person pasted was not taken; the sign-in still waits.
    AnswerRefused(WireError),
}

async fn next_line(answers: Option<&mut UnboundedReceiver<String>>) -> Option<String> {
    match answers {
        Some(answers) => answers.recv().await,
        None => None,
    }
}

async fn finished<F: Future + Unpin>(future: Option<&mut F>) -> Option<F::Output> {
    match future {
        Some(future) => Some(future.await),
        None => None,
    }
}

/// A reply in its shape.
pub(crate) fn read<T: DeserializeOwned>(reply: &Value) -> Result<T, Failure> {
    T::deserialize(reply).map_err(|error| Failure::internal(&error))
}

/// An absolute path as text, for the core, which does not know this process's directory.
pub(crate) fn path_text(field: &str, path: &Path) -> Result<String, Failure> {
    let path =
        std::path::absolute(path).map_err(|_| Failure::input(field, "the name of the file is empty"))?;
    path.into_os_string()
        .into_string()
        .map_err(|_| Failure::input(field, "the name of the file is not valid Unicode"))
}

/// The bars and the line about the inbox, which several commands show.
pub(crate) fn tell_inbox(output: &mut Output, address: &str, count: i64) -> Result<(), Failure> {
    let subject = if count == 1 {
        "The newest message".to_owned()
    } else {
        format!("The newest {}", messages(count))
    };
    output.line(&format!("{address}: {subject} of the inbox can be read."))
}

#[cfg(test)]
mod tests {
    use mailroom_api::ErrorCode;

    use super::*;

    fn start(vault: Option<&str>, passphrase: Option<&str>) -> Start {
        Start::new(
            Some("/tmp/home".into()),
            vault.map(OsString::from),
            passphrase.map(|text| Secret::new(text.to_owned())),
            None,
            None,
        )
    }

    #[test]
    fn start_chooses_the_vault_or_says_what_is_missing() {
        assert!(matches!(start(None, None).vault(), Ok(VaultChoice::Keychain)));
        assert!(matches!(
            start(Some("keychain"), None).vault(),
            Ok(VaultChoice::Keychain)
        ));
        let Ok(VaultChoice::File { passphrase }) = start(Some("file"), Some("p")).vault() else {
            panic!("no file")
        };
        assert_eq!(passphrase.expose(), "p");
        for (vault, passphrase, field) in [
            ("file", None, "MAILROOM_VAULT_PASSPHRASE"),
            ("paper", Some("p"), "MAILROOM_VAULT"),
        ] {
            let Err(Failure::Wire(error)) = start(Some(vault), passphrase).vault() else {
                panic!("{vault} was taken")
            };
            assert_eq!(error.code, ErrorCode::InputInvalid);
            assert_eq!(error.params["field"], field.into());
        }
    }
}
