//! Sign-ins that wait for the browser's answer, and those that waited.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use mailroom_connect::{Authorization, AuthorizationCode, OAuthError};
use mailroom_model::{EmailAddress, Secret};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{Engine, EngineError};

/// Sign-ins that ended are remembered for answers that come late or a second time, so many of them.
const REMEMBERED: usize = 16;

/// Sign-ins that wait for an answer, and those that waited. An answer finds its sign-in by the state that it carries.
#[derive(Debug, Default)]
pub(crate) struct PendingSignIns {
    waiting: Mutex<Vec<Pending>>,
    ended: Mutex<VecDeque<Ended>>,
    /// Services that were waited for by link in vain: the next sign-in goes another way.
    link_failed: Mutex<BTreeSet<String>>,
}

#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) address: EmailAddress,
    /// Ends the wait from outside.
    pub(super) stop: CancellationToken,
    pub(super) authorization: Arc<Authorization>,
    pub(super) answer: mpsc::Sender<Result<AuthorizationCode, OAuthError>>,
}

#[derive(Debug)]
struct Ended {
    authorization: Arc<Authorization>,
    /// It was answered; otherwise it was given up, or nobody came in time.
    was_answered: bool,
}

impl PendingSignIns {
    /// A new sign-in. One of the same mailbox that still waits gives way to it: its tab is no longer the one to look at.
    pub(super) fn add(&self, pending: Pending) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for older in waiting.iter().filter(|older| older.address == pending.address) {
            older.stop.cancel();
        }
        waiting.push(pending);
    }

    /// Those that still wait; the others are forgotten.
    fn waiting(&self) -> Vec<Pending> {
        let mut pending = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        pending.retain(|sign_in| !sign_in.answer.is_closed());
        pending.clone()
    }

    pub(super) fn note_end(&self, authorization: Arc<Authorization>, was_answered: bool) {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended.push_back(Ended {
            authorization,
            was_answered,
        });
        while ended.len() > REMEMBERED {
            ended.pop_front();
        }
    }

    /// What became of the sign-in that an answer belongs to: `None` when it belongs to none that is remembered.
    fn was_answered(&self, answer: &str) -> Option<bool> {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = ended
            .iter()
            .rfind(|ended| ended.authorization.is_answered_by(answer));
        ended.map(|ended| ended.was_answered)
    }

    pub(super) fn has_link_failed(&self, service: &str) -> bool {
        let failed = self.link_failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.contains(service)
    }

    pub(super) fn note_link_failed(&self, service: &str) {
        let mut failed = self.link_failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.insert(service.to_owned());
    }
}

impl Engine {
    /// Hands over what the person pasted, or what a deep link brought, to the sign-in that it belongs to. An answer that came
    /// already says nothing new; one that comes too late is refused as such.
    pub fn answer_sign_in(&self, text: &Secret<String>) -> Result<(), EngineError> {
        let mut refusal = OAuthError::StateMismatch;
        for sign_in in self.sign_ins.waiting() {
            match sign_in.authorization.check_answer(text.expose()) {
                // Its own, but a second time: the first one is on its way.
                Err(OAuthError::AnsweredBefore) => return Ok(()),
                Err(error @ (OAuthError::StateMismatch | OAuthError::Input { .. })) => refusal = error,
                answer => {
                    // The other way of answering may have been quicker.
                    drop(sign_in.answer.try_send(answer));
                    return Ok(());
                }
            }
        }
        match self.sign_ins.was_answered(text.expose()) {
            Some(true) => Ok(()),
            Some(false) => Err(OAuthError::NoAnswer.into()),
            None => Err(refusal.into()),
        }
    }

    /// Gives up every sign-in of the address that waits for the browser: it ends with `cancelled`, and an answer that comes
    /// later comes too late. None waiting is fine.
    pub fn cancel_sign_in(&self, address: &EmailAddress) {
        let waiting = self.sign_ins.waiting();
        for sign_in in waiting.iter().filter(|sign_in| sign_in.address == *address) {
            sign_in.stop.cancel();
        }
    }
}
