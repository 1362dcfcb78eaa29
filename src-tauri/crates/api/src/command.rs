//! Every command once.

use std::sync::Arc;

use mailroom_engine::{CancellationToken, Engine};
use mailroom_model::ErrorCode;
use serde_json::Value;
use ts_rs::{Config, TS};

use crate::dto::{
    AboutView, AccountAdd, AccountAddress, AccountDetect, AccountRemove, AccountServers, AccountSignIn,
    AccountTest, AccountUpdate, AccountView, BackupRestore, BackupRestored, BackupView, CertificateForget,
    CertificateTrust, CertificateView, DetectionView, DoctorReport, DoctorRun, DomainName, DomainView,
    DraftAttach, DraftDetach, DraftFile, DraftFileBytes, DraftFileShow, DraftId, DraftOpen, DraftRow,
    DraftSave, DraftSend, DraftView, EventView, ExpiryKey, FolderCreate, FolderDelete, FolderDeletedView,
    FolderList, FolderRead, FolderRename, FolderSummary, IdentityRemove, IdentitySave, JournalGet,
    JournalView, MailExport, MailExported, MailImport, MailImported, MessageDelete, MessageExport,
    MessageExported, MessageInspect, MessageList, MessageMark, MessageMove, MessagePage, MessageRow,
    MessageSearch, MessageSend, MessageShow, MessageView, Nothing, OperationId, OperationView, OutboxId,
    OutboxView, PagesSet, PeopleSearch, PersonView, ProviderView, RegistrationId, RegistrationSave,
    RegistrationView, RemovalPreview, RemovalReceipt, SearchPage, SenderAddress, ServerProbe, ServerProbed,
    SettingsUpdate, SettingsView, SignInAnswer, StatusView, StorageView, SyncReport, SyncRun, TestReport,
    ThreadShow, UndoId, Undoable, UpdateView,
};
use crate::{WireError, run};

/// What a call runs against.
#[derive(Clone)]
pub struct Context {
    /// The core.
    pub engine: Arc<Engine>,
    /// Ends a long command early; what was done until then stays done.
    pub cancel: CancellationToken,
}

/// What a key must be allowed to do before it may call a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Look at mail and status.
    Read,
    /// Change flags and folders of messages.
    Organise,
    /// Send as the account.
    Send,
    /// Add, change and remove accounts.
    Configure,
}

/// A kind of data that a screen holds. A command that invalidates a tag makes screens that show it ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// The accounts and their state.
    Accounts,
    /// The folders and their counts.
    Folders,
    /// The messages and their flags.
    Messages,
    /// The outbox.
    Outbox,
    /// The operations.
    Operations,
    /// The drafts that are kept here.
    Drafts,
    /// The program's settings, registrations and domains.
    Settings,
}

impl Tag {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Folders => "folders",
            Self::Messages => "messages",
            Self::Outbox => "outbox",
            Self::Operations => "operations",
            Self::Drafts => "drafts",
            Self::Settings => "settings",
        }
    }
}

/// How much of a command is there for those who cannot be trusted with this machine's files: the page in the window,
/// callers of the HTTP door. A person's own command line may all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All of it.
    Page,
    /// All of it but this field, which names files to read or to write.
    PageWithout(&'static str),
    /// Nothing: it names a file in any case, or runs until it is cancelled, which is its program's own affair.
    Program,
}

/// One entry of the contract.
#[derive(Clone, Copy, Debug)]
pub struct CommandInfo {
    /// The name on the wire: `noun_verb`.
    pub name: &'static str,
    /// What it needs.
    pub permission: Permission,
    /// How much of it a page may ask for.
    pub reach: Reach,
    /// What its reply shows.
    pub provides: &'static [Tag],
    /// What it changes.
    pub invalidates: &'static [Tag],
}

macro_rules! reach {
    () => {
        Reach::Page
    };
    ($reach:ident) => {
        Reach::$reach
    };
    ($reach:ident $field:literal) => {
        Reach::$reach($field)
    };
}

macro_rules! commands {
    ($($(#[doc = $doc:literal])+ $name:ident($payload:ty) -> $reply:ty,
        $permission:ident $(($reach:ident $($field:literal)?))?, provides [$($provides:ident),*], invalidates [$($invalidates:ident),*];)*) => {
        /// Every command.
        pub const COMMANDS: &[CommandInfo] = &[$(CommandInfo {
            name: stringify!($name),
            permission: Permission::$permission,
            reach: reach!($($reach $($field)?)?),
            provides: &[$(Tag::$provides),*],
            invalidates: &[$(Tag::$invalidates),*],
        },)*];

        /// Runs one command: `payload` in, reply out, both as JSON.
        pub async fn dispatch(context: &Context, name: &str, payload: Value) -> Result<Value, WireError> {
            match name {
                $(stringify!($name) => {
                    let payload: $payload = read_payload(payload)?;
                    let reply: $reply = Box::pin(run::$name(context, payload)).await?;
                    write_reply(&reply)
                })*
                _ => Err(WireError::new(
                    ErrorCode::CommandUnknown,
                    &[("name", name.into())],
                    "there is no such command",
                )),
            }
        }

        /// The contract as one TypeScript file: every shape, the map of commands and tags, and the codes of errors.
        pub fn typescript() -> String {
            let config = Config::new().with_large_int("number");
            let mut shapes = Shapes::default();
            collect::<WireError>(&config, &mut shapes);
            collect::<EventView>(&config, &mut shapes);
            $(collect::<$payload>(&config, &mut shapes); collect::<$reply>(&config, &mut shapes);)*
            let mut text = String::from("// Written from the api room: MAILROOM_WRITE_CONTRACT=1 cargo test -p mailroom-tests --test it contract\n\n");
            for declaration in shapes.declarations.values() {
                text.push_str("export ");
                text.push_str(declaration);
                text.push_str("\n\n");
            }
            text.push_str("export interface Commands {\n");
            $(
                $(text.push_str(concat!("  /**", $doc, " */\n"));)+
                text.push_str(&format!(
                    "  {}: {{ payload: {}; reply: {} }};\n",
                    stringify!($name), <$payload as TS>::name(&config), <$reply as TS>::name(&config),
                ));
            )*
            text.push_str("}\n\nexport const tags = {\n");
            for command in COMMANDS {
                let list = |tags: &[Tag]| {
                    tags.iter().map(|tag| format!("\"{}\"", tag.as_str())).collect::<Vec<_>>().join(", ")
                };
                text.push_str(&format!(
                    "  {}: {{ provides: [{}], invalidates: [{}] }},\n",
                    command.name, list(command.provides), list(command.invalidates),
                ));
            }
            text.push_str("} as const satisfies Record<keyof Commands, { provides: readonly string[]; invalidates: readonly string[] }>;\n");
            text.push_str("\n/** Every code of a `WireError`. */\nexport const errorCodes = [\n");
            for code in ErrorCode::EVERY {
                text.push_str(&format!("  \"{}\",\n", code.as_str()));
            }
            text.push_str("] as const;\n");
            text
        }
    };
}

commands! {
    #[doc = " Finds out how a mailbox may be reached."]
    account_detect(AccountDetect) -> DetectionView, Configure, provides [], invalidates [];
    #[doc = " Adds an account: signs in, proves both servers, keeps the result. Announces `signin_opened` for OAuth."]
    account_add(AccountAdd) -> AccountView, Configure, provides [], invalidates [Accounts, Folders];
    #[doc = " Signs in again; keeps everything that is here."]
    account_signin(AccountSignIn) -> AccountView, Configure, provides [], invalidates [Accounts];
    #[doc = " Hands over what the person pasted or a deep link brought to the sign-in that waits for it."]
    signin_answer(SignInAnswer) -> Nothing, Configure, provides [], invalidates [];
    #[doc = " Gives up the sign-in of an address that waits for the browser; the command that waits for it ends with `cancelled`."]
    signin_cancel(AccountAddress) -> Nothing, Configure, provides [], invalidates [];
    #[doc = " Every account."]
    account_list(Nothing) -> Vec<AccountView>, Read, provides [Accounts], invalidates [];
    #[doc = " Changes how far back and which folders are kept."]
    account_update(AccountUpdate) -> AccountView, Configure, provides [], invalidates [Accounts, Folders, Messages];
    #[doc = " Gives up what is being done for an account right now: its sign-in, its proofs, its load. What was done stays done."]
    account_cancel(AccountAddress) -> Nothing, Configure, provides [], invalidates [];
    #[doc = " Other servers or another user name; proved by a sign-in before they are kept."]
    account_servers(AccountServers) -> AccountView, Configure, provides [], invalidates [Accounts];
    #[doc = " Adds an address that an account may send as, or changes it."]
    identity_save(IdentitySave) -> AccountView, Configure, provides [], invalidates [Accounts];
    #[doc = " Removes an address that an account may send as."]
    identity_remove(IdentityRemove) -> AccountView, Configure, provides [], invalidates [Accounts];
    #[doc = " Looks whether a mail server answers there; sends no credentials."]
    server_probe(ServerProbe) -> ServerProbed, Configure, provides [], invalidates [];
    #[doc = " The program's settings."]
    settings_get(Nothing) -> SettingsView, Read, provides [Settings], invalidates [];
    #[doc = " Changes the program's settings."]
    settings_update(SettingsUpdate) -> SettingsView, Configure, provides [], invalidates [Settings];
    #[doc = " The person's own OAuth registrations."]
    registration_list(Nothing) -> Vec<RegistrationView>, Read, provides [Settings, Accounts], invalidates [];
    #[doc = " Adds a registration, or changes it."]
    registration_save(RegistrationSave) -> RegistrationView, Configure, provides [], invalidates [Settings];
    #[doc = " Removes a registration that no account uses."]
    registration_remove(RegistrationId) -> Nothing, Configure, provides [], invalidates [Settings];
    #[doc = " The providers of the built-in table, by name."]
    provider_list(Nothing) -> Vec<ProviderView>, Read, provides [], invalidates [];
    #[doc = " The domains whose provider or servers the person gave by hand."]
    domain_list(Nothing) -> Vec<DomainView>, Read, provides [Settings], invalidates [];
    #[doc = " Remembers which provider runs a domain, or which servers it has."]
    domain_learn(DomainView) -> Nothing, Configure, provides [], invalidates [Settings];
    #[doc = " Forgets what was said about a domain."]
    domain_forget(DomainName) -> Nothing, Configure, provides [], invalidates [Settings];
    #[doc = " What everything takes on this machine."]
    storage_get(Nothing) -> StorageView, Read, provides [Accounts, Messages], invalidates [];
    #[doc = " Asks whether there is a newer version; the only call that the program makes to its makers."]
    update_check(Nothing) -> UpdateView, Read, provides [], invalidates [];
    #[doc = " What this program is and where it keeps things."]
    about_get(Nothing) -> AboutView, Read, provides [], invalidates [];
    #[doc = " Runs the proofs of one account; `proof_ended` tells each, `account_cancel` gives them up."]
    account_test(AccountTest) -> TestReport, Read, provides [], invalidates [Accounts];
    #[doc = " The certificates that the person trusts for an account although nobody vouches for them."]
    certificate_list(AccountAddress) -> Vec<CertificateView>, Read, provides [Accounts], invalidates [];
    #[doc = " Trusts the certificate that one of the account's servers shows, if it is this one."]
    certificate_trust(CertificateTrust) -> Vec<CertificateView>, Configure, provides [], invalidates [Accounts];
    #[doc = " Takes the exception for a server's certificate back."]
    certificate_forget(CertificateForget) -> Vec<CertificateView>, Configure, provides [], invalidates [Accounts];
    #[doc = " Removes an account from this machine and ends its grant; on the server no message changes."]
    account_remove(AccountRemove) -> RemovalReceipt, Configure, provides [], invalidates [Accounts, Folders, Messages, Outbox, Operations];
    #[doc = " What removing an account would take: what waits is shown before it goes."]
    removal_preview(AccountAddress) -> RemovalPreview, Read, provides [Accounts, Messages, Outbox, Operations, Drafts], invalidates [];
    #[doc = " Receipts of removals that nobody has seen yet, such as of one that was interrupted and finished at a later start."]
    removal_receipts(Nothing) -> Vec<RemovalReceipt>, Read, provides [Accounts], invalidates [];
    #[doc = " The receipt of a removed address was seen."]
    removal_seen(AccountAddress) -> Nothing, Configure, provides [], invalidates [];
    #[doc = " Keeps an account that cannot sign in before its administrator has allowed the program, because the service's page said so."]
    approval_ask(AccountAdd) -> AccountView, Configure, provides [], invalidates [Accounts, Folders];
    #[doc = " For a person who is the administrator: announces `signin_opened` with the page, and waits until it sends the browser back."]
    approval_open(AccountAddress) -> AccountView, Configure, provides [], invalidates [Accounts];
    #[doc = " An end in the calendar was said: it is not said again before it is nearer."]
    expiry_told(ExpiryKey) -> Nothing, Configure, provides [], invalidates [Accounts];
    #[doc = " Brings one account or all up to date, once."]
    sync_run(SyncRun) -> Vec<SyncReport>, Read, provides [], invalidates [Accounts, Folders, Messages, Outbox, Operations];
    #[doc = " Keeps one account or all up to date until cancelled."]
    sync_watch(SyncRun) -> Nothing, Read (Program), provides [], invalidates [Accounts, Folders, Messages, Outbox, Operations];
    #[doc = " The folders of an account."]
    folder_list(FolderList) -> Vec<FolderSummary>, Read, provides [Folders], invalidates [];
    #[doc = " Makes a folder on the server, at once; it is subscribed to, and kept here."]
    folder_create(FolderCreate) -> FolderSummary, Organise, provides [], invalidates [Accounts, Folders];
    #[doc = " Gives a folder another name or another parent, on the server and at once; the folders in it go with it."]
    folder_rename(FolderRename) -> FolderSummary, Organise, provides [], invalidates [Accounts, Folders, Messages, Operations];
    #[doc = " Deletes a folder with the folders in it, on the server and at once: into the trash, or for good what is empty or was agreed to."]
    folder_delete(FolderDelete) -> FolderDeletedView, Organise, provides [], invalidates [Accounts, Folders, Messages];
    #[doc = " Marks everything in a folder as read that is here; carried to the server like any change of flags."]
    folder_read(FolderRead) -> Undoable, Organise, provides [], invalidates [Folders, Messages, Operations];
    #[doc = " Messages of a folder, newest first."]
    message_list(MessageList) -> MessagePage, Read, provides [Messages], invalidates [];
    #[doc = " Messages that match a query, newest first."]
    message_search(MessageSearch) -> SearchPage, Read, provides [Messages], invalidates [];
    #[doc = " One message, read."]
    message_show(MessageShow) -> MessageView, Read, provides [Messages], invalidates [];
    #[doc = " The original bytes of a message or one of its attachments."]
    message_export(MessageExport) -> MessageExported, Read (PageWithout "path"), provides [], invalidates [];
    #[doc = " Fetches a message that was left on the server because of its size, and keeps it whole; `download_progressed` tells."]
    message_download(MessageShow) -> Nothing, Read, provides [], invalidates [Messages];
    #[doc = " Gives up fetching a message or its parts."]
    download_cancel(MessageShow) -> Nothing, Read, provides [], invalidates [];
    #[doc = " Writes folders of an account as files; announces `transfer_progressed`, and `account_cancel` gives it up."]
    mail_export(MailExport) -> MailExported, Read (Program), provides [], invalidates [];
    #[doc = " Puts the messages of files into a folder of an account, each once; announces `transfer_progressed`, and `account_cancel` gives it up."]
    mail_import(MailImport) -> MailImported, Organise (Program), provides [], invalidates [Messages, Folders, Operations];
    #[doc = " What Mailroom sees in a message file; needs no account."]
    message_inspect(MessageInspect) -> MessageView, Read (Program), provides [], invalidates [];
    #[doc = " Sets and clears flags: here at once; it reaches the server by itself, and `operations_changed` tells."]
    message_mark(MessageMark) -> Undoable, Organise, provides [], invalidates [Messages, Folders, Operations];
    #[doc = " Moves messages: here at once; it reaches the server by itself, and `operations_changed` tells."]
    message_move(MessageMove) -> Undoable, Organise, provides [], invalidates [Messages, Folders, Operations];
    #[doc = " Copies messages to another folder; it is made on the server by itself, and `operations_changed` tells."]
    message_copy(MessageMove) -> Undoable, Organise, provides [], invalidates [Messages, Folders, Operations];
    #[doc = " Moves messages to the trash; those that are there already are deleted for good."]
    message_delete(MessageDelete) -> Undoable, Organise, provides [], invalidates [Messages, Folders, Operations];
    #[doc = " Undoes one change of messages: here at once, on the server when it can be reached."]
    undo_run(UndoId) -> Nothing, Organise, provides [], invalidates [Messages, Folders, Operations];
    #[doc = " The messages of a thread that are kept, oldest first, each once."]
    thread_show(ThreadShow) -> Vec<MessageRow>, Read, provides [Messages], invalidates [];
    #[doc = " Shows pictures of a sender unasked from now on."]
    sender_allow(SenderAddress) -> Nothing, Organise, provides [], invalidates [Messages, Settings];
    #[doc = " Asks again before pictures of a sender are shown."]
    sender_forget(SenderAddress) -> Nothing, Organise, provides [], invalidates [Messages, Settings];
    #[doc = " The senders whose pictures are shown unasked."]
    sender_list(Nothing) -> Vec<SenderAddress>, Read, provides [Settings], invalidates [];
    #[doc = " Begins a draft, or opens one; it is kept here from the start."]
    draft_open(DraftOpen) -> DraftView, Send, provides [], invalidates [Drafts, Outbox];
    #[doc = " Keeps the text of a draft here, and in the account's drafts folder when asked."]
    draft_save(DraftSave) -> DraftView, Send, provides [], invalidates [Drafts];
    #[doc = " Attaches a file to a draft."]
    draft_attach(DraftAttach) -> DraftFile, Send, provides [], invalidates [Drafts];
    #[doc = " Takes a file out of a draft."]
    draft_detach(DraftDetach) -> Nothing, Send, provides [], invalidates [Drafts];
    #[doc = " The bytes of a file of a draft, for showing a picture of its text."]
    draft_file(DraftFileShow) -> DraftFileBytes, Send, provides [], invalidates [];
    #[doc = " Moves a draft into the outbox, which sends it when its pause is over and the server can be reached."]
    draft_send(DraftSend) -> OutboxView, Send, provides [], invalidates [Drafts, Outbox, Messages];
    #[doc = " Removes a draft, here and from the drafts folder."]
    draft_discard(DraftId) -> Nothing, Send, provides [], invalidates [Drafts, Messages];
    #[doc = " The drafts that are kept here, newest first."]
    draft_list(Nothing) -> Vec<DraftRow>, Read, provides [Drafts], invalidates [];
    #[doc = " People for a recipient field: those written to first, then those who wrote."]
    people_search(PeopleSearch) -> Vec<PersonView>, Read, provides [], invalidates [];
    #[doc = " Puts a message into the outbox and sends it when the server can be reached."]
    message_send(MessageSend) -> OutboxView, Send (PageWithout "attachments"), provides [], invalidates [Outbox, Messages];
    #[doc = " Messages that wait, were refused, or whose fate is unknown."]
    outbox_list(Nothing) -> Vec<OutboxView>, Read, provides [Outbox], invalidates [];
    #[doc = " Tries a message of the outbox again now."]
    outbox_retry(OutboxId) -> OutboxView, Send, provides [], invalidates [Outbox];
    #[doc = " Takes a message out of the outbox for good."]
    outbox_discard(OutboxId) -> Nothing, Send, provides [], invalidates [Outbox];
    #[doc = " Changes that wait to reach the server."]
    operation_list(Nothing) -> Vec<OperationView>, Read, provides [Operations], invalidates [];
    #[doc = " Carries what waits to the servers now, also what was put off, and waits for it; one account, or all."]
    operation_push(SyncRun) -> Nothing, Organise, provides [], invalidates [Operations, Messages, Folders];
    #[doc = " Gives up a change that waits; the server's state comes back with the next look."]
    operation_discard(OperationId) -> Nothing, Organise, provides [], invalidates [Operations, Messages];
    #[doc = " What works, what waits, what needs somebody."]
    status_get(Nothing) -> StatusView, Read, provides [Accounts, Outbox, Operations], invalidates [];
    #[doc = " What happened between one account or all and their servers: connections, sign-ins, errors, changes of the network. No content, no secret, no address but the account's own."]
    journal_get(JournalGet) -> Vec<JournalView>, Read, provides [Accounts], invalidates [];
    #[doc = " Ends the notice that the database was restored from a backup."]
    restored_seen(Nothing) -> Nothing, Configure, provides [], invalidates [Accounts];
    #[doc = " Sets what the browser shows at the end of a sign-in, in the person's language."]
    pages_set(PagesSet) -> Nothing, Configure, provides [], invalidates [];
    #[doc = " Looks at the program's own parts, and mends the database when asked. A database that cannot be read is set aside, and a new one made of what can be saved and of the backup."]
    doctor_run(DoctorRun) -> DoctorReport, Configure, provides [], invalidates [Accounts, Folders, Messages];
    #[doc = " The backups of what exists only here (drafts, outbox, waiting changes, accounts, settings; no mail, no secret), newest first."]
    backup_list(Nothing) -> Vec<BackupView>, Configure, provides [], invalidates [];
    #[doc = " Writes a backup now; it happens by itself after changes."]
    backup_write(Nothing) -> BackupView, Configure, provides [], invalidates [];
    #[doc = " Makes a new database of a backup and sets the present one aside; refused while anybody has it open."]
    backup_restore(BackupRestore) -> BackupRestored, Configure (Program), provides [], invalidates [];
}

/// Why a page may not make this call; `None` when it may. The window and the HTTP door ask before they call
/// [`dispatch`]. A command that does not exist is left to it.
pub fn page_refusal(name: &str, payload: &Value) -> Option<WireError> {
    let info = COMMANDS.iter().find(|command| command.name == name)?;
    let is_refused = match info.reach {
        Reach::Page => false,
        Reach::Program => true,
        Reach::PageWithout(field) => match payload {
            Value::Null => false,
            Value::Object(fields) => fields.get(field).is_some_and(|value| {
                !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty())
            }),
            // A list would be read field by field, and names none.
            _ => true,
        },
    };
    is_refused.then(|| {
        WireError::new(
            ErrorCode::CommandUnknown,
            &[("name", name.into())],
            "a page may not call this",
        )
    })
}

fn read_payload<T: serde::de::DeserializeOwned>(payload: Value) -> Result<T, WireError> {
    let payload = match payload {
        Value::Null => Value::Object(serde_json::Map::new()),
        Value::Object(_) => payload,
        // Serde would take a list for the fields in their order.
        _ => return Err(WireError::input("payload", "the payload is not an object")),
    };
    // serde's own words quote values, and a value may be a secret.
    serde_json::from_value(payload)
        .map_err(|_| WireError::input("payload", "the payload does not have the shape of its command"))
}

fn write_reply<T: serde::Serialize>(reply: &T) -> Result<Value, WireError> {
    serde_json::to_value(reply).map_err(|error| WireError::new(ErrorCode::Internal, &[], error.to_string()))
}

/// The declarations of every shape, by name, and the types that were looked at.
#[derive(Default)]
struct Shapes {
    declarations: std::collections::BTreeMap<String, String>,
    seen: std::collections::HashSet<std::any::TypeId>,
}

fn collect<T: TS + 'static + ?Sized>(config: &Config, shapes: &mut Shapes) {
    struct Visitor<'a>(&'a Config, &'a mut Shapes);
    impl ts_rs::TypeVisitor for Visitor<'_> {
        fn visit<U: TS + 'static + ?Sized>(&mut self) {
            collect::<U>(self.0, self.1);
        }
    }
    if !shapes.seen.insert(std::any::TypeId::of::<T>()) {
        return;
    }
    if T::output_path().is_some() {
        shapes.declarations.insert(T::ident(config), T::decl(config));
    }
    T::visit_dependencies(&mut Visitor(config, shapes));
    T::visit_generics(&mut Visitor(config, shapes));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_send<T: Send>(_: T) {}

    #[test]
    fn calls_that_name_a_file_are_refused_to_a_page_and_others_pass() {
        use serde_json::json;
        let cases = [
            ("message_export", json!({ "id": 1, "path": "/etc/x" }), true),
            ("message_export", json!({ "id": 1, "path": null }), false),
            ("message_export", json!({ "id": 1 }), false),
            ("message_export", json!([1, null, "/etc/x"]), true),
            ("message_export", json!(null), false),
            (
                "message_send",
                json!(["a", [], [], [], "", "", null, ["/etc/passwd"]]),
                true,
            ),
            ("message_inspect", json!({ "path": "/etc/passwd" }), true),
            ("message_inspect", json!({}), true),
            (
                "message_send",
                json!({ "subject": "", "attachments": ["/etc/passwd"] }),
                true,
            ),
            ("message_send", json!({ "subject": "", "attachments": [] }), false),
            ("message_send", json!({ "subject": "", "attachments": {} }), true),
            ("sync_watch", json!({}), true),
            ("sync_run", json!({}), false),
            ("message_list", json!({ "folder": "inbox" }), false),
            ("no_such_command", json!({}), false),
        ];
        for (name, payload, is_refused) in cases {
            let code = page_refusal(name, &payload).map(|error| error.code);
            assert_eq!(
                code,
                is_refused.then_some(ErrorCode::CommandUnknown),
                "{name} {payload}"
            );
        }
    }

    #[test]
    fn field_that_names_files_is_one_of_its_command() {
        // A field that was renamed would be let through unseen.
        let contract = typescript();
        let shape = |name: &str| {
            let start = contract.find(&format!("export type {name} =")).unwrap();
            contract[start..].split("export ").nth(1).unwrap()
        };
        let mut fields = Vec::new();
        for command in COMMANDS {
            if let Reach::PageWithout(field) = command.reach {
                let line = contract
                    .split_once(&format!("\n  {}: {{ payload: ", command.name))
                    .unwrap()
                    .1;
                let payload = line.split(';').next().unwrap();
                assert!(shape(payload).contains(field), "{payload} has no {field}");
                fields.push(command.name);
            }
        }
        assert_eq!(fields, ["message_export", "message_send"]);
    }

    #[test]
    fn payload_is_an_object_or_nothing() {
        use serde_json::json;
        #[derive(Debug, PartialEq, serde::Deserialize)]
        struct Shape {
            path: Option<String>,
        }
        let named = Shape {
            path: Some("a".into()),
        };
        assert_eq!(read_payload::<Shape>(json!({ "path": "a" })).unwrap(), named);
        assert_eq!(read_payload::<Shape>(Value::Null).unwrap(), Shape { path: None });
        for payload in [json!(["a"]), json!([]), json!("a"), json!(1)] {
            let refused = read_payload::<Shape>(payload).unwrap_err();
            assert_eq!(refused.code, ErrorCode::InputInvalid);
        }
    }

    #[tokio::test]
    async fn call_may_move_between_threads_as_every_door_needs() {
        let setup = mailroom_engine::EngineSetup {
            home: std::path::PathBuf::new(),
            vault: mailroom_engine::VaultChoice::Keychain,
            policy: None,
            certificates: None,
        };
        let context = Context {
            engine: Engine::open(setup),
            cancel: CancellationToken::new(),
        };
        let answer = dispatch(&context, "no_such_command", Value::Null).await;
        assert_eq!(answer.map_err(|error| error.code), Err(ErrorCode::CommandUnknown));
        is_send(dispatch(&context, "no_such_command", Value::Null));
    }
}
