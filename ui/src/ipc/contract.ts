// Written from the api room: MAILROOM_WRITE_CONTRACT=1 cargo test -p mailroom-tests --test it contract

export type AboutView = { 
/**
 * Version.
 */
version: string, 
/**
 * Operating system and processor.
 */
platform: string, 
/**
 * Where everything is kept.
 */
home: string, 
/**
 * The policy file that is in force, when there is one.
 */
policy: string | null, 
/**
 * Where secrets are kept: `keychain` or `file`.
 */
vault: string, };

export type AccountAdd = { 
/**
 * The mailbox's address.
 */
address: string, 
/**
 * `HOST:PORT:tls|starttls`, when given by hand.
 */
imap?: string, 
/**
 * `HOST:PORT:tls|starttls`, when given by hand.
 */
smtp?: string, 
/**
 * The servers that the person agreed to, as detection showed them, when it only suspects them (`confirmed` is false).
 * Where detection finds others, it has to be asked again.
 */
approved_servers: Array<string>, 
/**
 * Certificates that the person trusts although nobody vouches for them; not beside a sign-in in the browser.
 */
certificates: Array<TrustedCertificate>, 
/**
 * The user name, when it is not the address or its first part.
 */
username?: string, 
/**
 * How to sign in.
 */
sign_in: EnteredSignIn, 
/**
 * `day`, `week`, `month`, `quarter`, `year` or `all`; a quarter when absent.
 */
period?: string, 
/**
 * Folders to keep; empty means all.
 */
folders: Array<string>, 
/**
 * True when nothing is left to choose: the account is loaded at once. Else it waits for
 * `account_update {setup_done}`.
 */
setup_done: boolean, };

export type AccountAddress = { 
/**
 * The mailbox's address.
 */
address: string, };

export type AccountDetect = { 
/**
 * The address.
 */
address: string, 
/**
 * True to ask nobody on the network.
 */
offline: boolean, 
/**
 * True to ask over plain `http` too, after the person was warned.
 */
allow_http: boolean, };

export type AccountRemove = { 
/**
 * The mailbox's address.
 */
address: string, 
/**
 * The messages on this computer, and with them the account; false to keep both, without a sign-in. True when absent.
 */
messages?: boolean, 
/**
 * Addresses that are completed; false to leave them to another account. True when absent.
 */
completions?: boolean, 
/**
 * Entries of an older version in the keychain, which another folder of the program may share.
 */
older_secrets?: boolean, };

export type AccountServers = { 
/**
 * The mailbox's address.
 */
address: string, 
/**
 * `HOST:PORT:tls|starttls`
 */
imap: string, 
/**
 * `HOST:PORT:tls|starttls`; absent for a receive-only account.
 */
smtp?: string, 
/**
 * The user name, when it is not the address or its first part.
 */
username?: string, 
/**
 * Certificates that the person trusts although nobody vouches for them, beside those that are trusted already.
 */
certificates: Array<TrustedCertificate>, };

export type AccountSignIn = { 
/**
 * The mailbox's address.
 */
address: string, 
/**
 * How to sign in.
 */
sign_in: EnteredSignIn, };

export type AccountStatus = { 
/**
 * The account.
 */
account: AccountView, 
/**
 * What it does, and how that goes: receiving, push, sending, changes.
 */
health: Array<OperationHealthView>, 
/**
 * When a server of the account last did what it was asked.
 */
heard_at: number | null, 
/**
 * When the newest message arrived.
 */
arrived_at: number | null, 
/**
 * Messages that arrived in each of the last 168 hours, oldest first; counted from what is kept here.
 */
arrivals: Array<number>, 
/**
 * When the first of those hours began.
 */
arrivals_since: number, 
/**
 * A silence that is unusually long.
 */
silence: SilenceView | null, 
/**
 * Changes that wait to reach the server, without the subjects of their messages.
 */
operations: Array<OperationView>, 
/**
 * Messages that wait to be sent or were refused.
 */
outbox: Array<OutboxView>, };

export type AccountStorage = { 
/**
 * The account's address.
 */
address: string, 
/**
 * Messages kept.
 */
messages: number, 
/**
 * Their bytes as they were sent.
 */
original_bytes: number, 
/**
 * The bytes that their bodies take here, compressed; without rows and index.
 */
kept_bytes: number, };

export type AccountTest = { 
/**
 * The mailbox's address.
 */
address: string, 
/**
 * True to send a message to oneself as well, which is removed again.
 */
full_loop: boolean, };

export type AccountUpdate = { 
/**
 * The mailbox's address.
 */
address: string, 
/**
 * The new period.
 */
period?: string, 
/**
 * The new choice of folders; an empty list means all.
 */
folders?: Array<string>, 
/**
 * What the person calls the account; empty for its address.
 */
name?: string, 
/**
 * True once the person has been through the setup.
 */
setup_done?: boolean, 
/**
 * True to synchronise by itself; false for only when asked.
 */
automatic?: boolean, 
/**
 * Minutes between looks where the server does not announce; 1 to 1,440.
 */
interval_min?: number, 
/**
 * Messages come with their attachments up to so many megabytes; 0 for none but small messages, 64 (the most) for all
 * that come in one go.
 */
download_up_to_mb?: number, 
/**
 * True to let the server announce new messages (IDLE).
 */
push?: boolean, 
/**
 * False to send nothing from this account.
 */
sending?: boolean, 
/**
 * True to make it the account that new messages are written from.
 */
is_default?: boolean, 
/**
 * `default` (as the program's setting), `inbox`, `all` or `none`.
 */
notify?: string, };

export type AccountView = { 
/**
 * Row id.
 */
id: number, 
/**
 * The mailbox's address.
 */
address: string, 
/**
 * The provider's name, when the table knows it.
 */
provider: string | null, 
/**
 * `working`, `sign-in-needed`, `waiting-approval` (the administrator has to allow the program first), `signed-out` (the
 * person took the sign-in away and kept the mail) or `unproved`.
 */
state: string, 
/**
 * Who signs in, when the mailbox is somebody else's or goes by another name there.
 */
signed_in_as: string | null, 
/**
 * What the administrator is asked for, while the account waits for that.
 */
approval: ApprovalView | null, 
/**
 * `oauth2`, `app-password` or `password`.
 */
auth: string | null, 
/**
 * The ways to sign in that this machine knows, best first, without asking anybody; empty where it knows none.
 */
sign_ins: Array<AuthOfferView>, 
/**
 * `HOST:PORT:SECURITY`
 */
imap: string | null, 
/**
 * `HOST:PORT:SECURITY`; absent for a receive-only account.
 */
smtp: string | null, 
/**
 * How far back mail is kept.
 */
period: string, 
/**
 * Folders chosen by hand; `null` means all.
 */
folders: Array<string> | null, 
/**
 * Messages kept here.
 */
messages: number, 
/**
 * Unread messages kept here.
 */
unread: number, 
/**
 * When mail was last received without a fault.
 */
received_at: number | null, 
/**
 * Why the account does not work, when it does not.
 */
error: WireError | null, 
/**
 * What the person calls it; the address when nothing was said.
 */
name: string, 
/**
 * The addresses that it may send as, the default first.
 */
identities: Array<IdentityView>, 
/**
 * False while its setup was left half way.
 */
setup_done: boolean, 
/**
 * True when it synchronises by itself.
 */
automatic: boolean, 
/**
 * Minutes between looks where the server does not announce.
 */
interval_min: number, 
/**
 * Messages come with their attachments up to so many megabytes; 0 to 64.
 */
download_up_to_mb: number, 
/**
 * True when the server may announce new messages.
 */
push: boolean, 
/**
 * False when the person switched sending off.
 */
sending: boolean, 
/**
 * True for the account that new messages are written from.
 */
is_default: boolean, 
/**
 * `default`, `inbox`, `all` or `none`.
 */
notify: string, 
/**
 * How it is, from traffic that happened: `working`, `slow`, `waiting-for-network`, `retrying`, `needs-you`,
 * `needs-administrator`, `switched-off`, or `untried` when nothing happened yet.
 */
condition: string, 
/**
 * When what failed is tried again by itself, as far as that is known.
 */
retry_at: number | null, };

export type ApprovalView = { 
/**
 * When the account began to wait.
 */
since: number, 
/**
 * When it was tried last.
 */
tried_at: number, 
/**
 * When it became known that the program was allowed; the next sign-in ends the wait.
 */
granted_at: number | null, 
/**
 * The sign-in service: `google`, `microsoft`, `yandex`, `fastmail`, or an OpenID issuer's address.
 */
service: string, 
/**
 * The client id that is to be allowed.
 */
client_id: string, 
/**
 * Microsoft: the tenant whose administrator decides; `null` when nobody knows.
 */
tenant: string | null, 
/**
 * The page on which an administrator allows it.
 */
url: string | null, 
/**
 * True when that page sends the browser back here, so that `approval_open` ends by itself.
 */
returns: boolean, 
/**
 * What it is to be allowed, as the service calls it.
 */
scopes: Array<string>, 
/**
 * Microsoft's number for the reason; 0 for none.
 */
aadsts: number, 
/**
 * The service's error code; empty when the person said that the page asked for an administrator.
 */
error: string, };

export type ArrivedView = { 
/**
 * Row id.
 */
id: number, 
/**
 * The sender's name, or address.
 */
from: string, 
/**
 * Subject.
 */
subject: string, };

export type AttachmentView = { 
/**
 * Part number (RFC 3501 §6.4.5).
 */
part: string, 
/**
 * A name safe to save under.
 */
filename: string, 
/**
 * Type and subtype.
 */
content_type: string, 
/**
 * Bytes when decoded.
 */
size: number, 
/**
 * True for a picture inside the text.
 */
inline: boolean, 
/**
 * The name under which the HTML refers to it (`cid:`, RFC 2392), without brackets.
 */
content_id: string | null, 
/**
 * True when it was left on the server; it is fetched when it is wanted, and the size is about right.
 */
left: boolean, };

export type AuthOfferView = { 
/**
 * `oauth2`, `app-password` or `password`.
 */
method: string, 
/**
 * For OAuth: the sign-in service, as `RegistrationView.service` names it.
 */
service: string | null, 
/**
 * Where the provider makes app passwords.
 */
url: string | null, 
/**
 * Why it cannot be used here, when it cannot.
 */
unavailable: string | null, };

export type BackupRestore = { 
/**
 * The backup.
 */
path: string, };

export type BackupRestored = { 
/**
 * Rows that came back.
 */
rows: number, 
/**
 * Where the database that was there before is now.
 */
set_aside: string | null, };

export type BackupView = { 
/**
 * The file.
 */
path: string, 
/**
 * When it was written.
 */
at: number, 
/**
 * Its size.
 */
bytes: number, };

export type CandidateView = { 
/**
 * The provider's id in the table.
 */
provider: string | null, 
/**
 * The provider's name, as the table or else the answer itself has it.
 */
name: string | null, 
/**
 * Where the answer came from.
 */
source: string, 
/**
 * The other sources that said the same, the surest first.
 */
agreed: Array<string>, 
/**
 * False when the person should confirm before anything is sent to these servers.
 */
confirmed: boolean, 
/**
 * `HOST:PORT:SECURITY`, best first.
 */
imap: Array<string>, 
/**
 * `HOST:PORT:SECURITY`, best first.
 */
smtp: Array<string>, 
/**
 * `address`, `local`, or `other` for the one in `login`.
 */
username: string, 
/**
 * The user name for reading, where it has neither of the usual forms.
 */
login: string | null, 
/**
 * What will be asked of the person, best first.
 */
auth: Array<AuthOfferView>, 
/**
 * What the person has to know or do before.
 */
notes: Array<NoteView>, 
/**
 * The provider's own pages about mail programs.
 */
help: Array<string>, 
/**
 * Where the mail is read in a browser.
 */
web: string | null, };

export type CertificateForget = { 
/**
 * The account's address.
 */
address: string, 
/**
 * The host of one of its servers.
 */
host: string, 
/**
 * Its port.
 */
port: number, };

export type CertificateTrust = { 
/**
 * The account's address.
 */
address: string, 
/**
 * The host of one of its servers.
 */
host: string, 
/**
 * Its port.
 */
port: number, 
/**
 * The certificate's SHA-256, as the error told it.
 */
fingerprint: string, };

export type CertificateView = { 
/**
 * The server's host.
 */
host: string, 
/**
 * Its port.
 */
port: number, 
/**
 * The certificate's SHA-256: 64 hexadecimal digits.
 */
fingerprint: string, 
/**
 * Whom it was issued for.
 */
subject: string, 
/**
 * Who issued it.
 */
issuer: string, 
/**
 * When it expires.
 */
until: number | null, 
/**
 * Why it would be refused: `expired`, `not_yet_valid`, `wrong_host`, `unknown_issuer`, `not_accepted`.
 */
reason: string, 
/**
 * When the exception was made.
 */
since: number, };

export type DetectionView = { 
/**
 * The address in its canonical form.
 */
address: string, 
/**
 * Candidates, best first.
 */
candidates: Array<CandidateView>, 
/**
 * What was asked, in order, and what it answered.
 */
steps: Array<StepView>, 
/**
 * How many questions left this machine.
 */
requests: number, };

export type DoctorCheck = { 
/**
 * `store`, `backups`, `vault`, `policy`, `certificates`, `outbox`, `operations`, `expiries`
 */
check: string, 
/**
 * True when it is well.
 */
passed: boolean, 
/**
 * What was seen, as facts for a report.
 */
seen: string, 
/**
 * What is wrong.
 */
error: WireError | null, };

export type DoctorReport = { 
/**
 * The program's version.
 */
version: string, 
/**
 * The operating system and processor.
 */
platform: string, 
/**
 * Where everything is kept.
 */
home: string, 
/**
 * What was mended, when that was asked for.
 */
repairs: Array<RepairView>, 
/**
 * The checks in order, after that.
 */
checks: Array<DoctorCheck>, 
/**
 * Each account's journal.
 */
journals: Array<JournalView>, };

export type DoctorRun = { 
/**
 * True to mend what is damaged before everything is looked at.
 */
repair: boolean, };

export type DomainName = { 
/**
 * The domain.
 */
domain: string, };

export type DomainServers = { 
/**
 * `HOST:PORT:SECURITY`, best first.
 */
imap: Array<string>, 
/**
 * `HOST:PORT:SECURITY`, best first; empty for receiving only.
 */
smtp: Array<string>, 
/**
 * `address` or `local`.
 */
imap_username: string, 
/**
 * `address` or `local`.
 */
smtp_username: string, };

export type DomainView = { 
/**
 * The domain.
 */
domain: string, 
/**
 * The provider's id, chosen by hand.
 */
provider: string | null, 
/**
 * The servers, entered by hand for an account that works.
 */
servers: DomainServers | null, };

export type DraftAttach = { 
/**
 * The draft's row id.
 */
id: number, 
/**
 * The file's name without folders.
 */
filename: string, 
/**
 * Its content type; guessed from the name when absent.
 */
content_type?: string, 
/**
 * True for an image that stands in the text.
 */
inline: boolean, 
/**
 * The bytes.
 */
base64: string, };

export type DraftDetach = { 
/**
 * The draft's row id.
 */
id: number, 
/**
 * The file's row id.
 */
file: number, };

export type DraftFile = { 
/**
 * Row id.
 */
id: number, 
/**
 * The file's name.
 */
filename: string, 
/**
 * Content type.
 */
content_type: string, 
/**
 * Bytes.
 */
size: number, 
/**
 * True for an image that stands in the text.
 */
inline: boolean, 
/**
 * The name by which the HTML refers to it (`cid:…`), without brackets.
 */
content_id: string, };

export type DraftFileBytes = { 
/**
 * Content type.
 */
content_type: string, 
/**
 * The bytes.
 */
base64: string, };

export type DraftFileShow = { 
/**
 * The draft's row id.
 */
id: number, 
/**
 * The file's row id.
 */
file: number, };

export type DraftId = { 
/**
 * Row id.
 */
id: number, };

export type DraftOpen = { "kind": "new", 
/**
 * The identity to write as; the default sender when absent.
 */
from?: string, 
/**
 * A `mailto:` address (RFC 6068) that fills fields in.
 */
mailto?: string, } | { "kind": "reply", 
/**
 * The message's row id.
 */
message: number, } | { "kind": "reply_all", 
/**
 * The message's row id.
 */
message: number, } | { "kind": "forward", 
/**
 * The message's row id.
 */
message: number, } | { "kind": "message", 
/**
 * The message's row id.
 */
message: number, } | { "kind": "outbox", 
/**
 * The entry's row id.
 */
id: number, } | { "kind": "draft", 
/**
 * The draft's row id.
 */
id: number, };

export type DraftQuote = { 
/**
 * Who wrote it.
 */
from: Array<string>, 
/**
 * To whom.
 */
to: Array<string>, 
/**
 * With copies to whom.
 */
cc: Array<string>, 
/**
 * When it was written.
 */
date: number | null, 
/**
 * Its subject.
 */
subject: string, 
/**
 * Its text as safe HTML. Pictures of it (`cid:`) are files of the draft; those of a network are kept back
 * (`data-remote-src`) and go out in their places.
 */
html: string, 
/**
 * Its plain text.
 */
text: string, 
/**
 * Its plain text with `> ` in front of each line.
 */
quoted: string, };

export type DraftRow = { 
/**
 * Row id.
 */
id: number, 
/**
 * The account's address.
 */
account: string, 
/**
 * Recipients.
 */
to: Array<string>, 
/**
 * Subject.
 */
subject: string, 
/**
 * When it was last kept here.
 */
saved_at: number, 
/**
 * Its copy in the drafts folder, as a stored message.
 */
message: number | null, };

export type DraftSave = { 
/**
 * Row id.
 */
id: number, 
/**
 * The identity's address to write as.
 */
from: string, 
/**
 * Recipients as typed, `address` or `Name <address>`; what is no address yet is kept too.
 */
to: Array<string>, 
/**
 * Copies.
 */
cc: Array<string>, 
/**
 * Copies that nobody else sees.
 */
bcc: Array<string>, 
/**
 * Subject.
 */
subject: string, 
/**
 * Plain text.
 */
text: string, 
/**
 * The same as HTML; `null` for a plain text message.
 */
html: string | null, 
/**
 * Counts the texts of whoever writes, on from the [`DraftView`]'s. A save that comes late, after one with a higher
 * number, changes nothing and gives the newer text. Absent: this is the newest.
 */
revision?: number, 
/**
 * True to bring it into the account's drafts folder too.
 */
upload: boolean, };

export type DraftSend = { 
/**
 * The draft's row id.
 */
id: number, 
/**
 * Not before this moment (send later); after the pause for taking it back when absent.
 */
not_before?: number, };

export type DraftView = { 
/**
 * Row id.
 */
id: number, 
/**
 * The account's address.
 */
account: string, 
/**
 * The identity's address to write as.
 */
from: string, 
/**
 * Recipients.
 */
to: Array<string>, 
/**
 * Copies.
 */
cc: Array<string>, 
/**
 * Copies that nobody else sees.
 */
bcc: Array<string>, 
/**
 * Subject.
 */
subject: string, 
/**
 * The number of the text that is kept: see [`DraftSave`].
 */
revision: number, 
/**
 * Plain text: what was written; of a draft in which nobody wrote yet, what it was begun with.
 */
text: string, 
/**
 * The same as HTML; `null` for a plain text message.
 */
html: string | null, 
/**
 * The identity's signature as safe HTML, while the draft was never saved: whoever saves it first puts it into the text.
 */
signature: string | null, 
/**
 * The message that is answered or passed on, while the draft was never saved.
 */
quote: DraftQuote | null, 
/**
 * Its files.
 */
files: Array<DraftFile>, 
/**
 * `new`, `reply`, `reply_all` or `forward`.
 */
kind: string, 
/**
 * The stored message that is answered or passed on.
 */
about: number | null, 
/**
 * The largest message that the account's server takes (RFC 1870), when it says so.
 */
size_limit: number | null, 
/**
 * Bytes that the message will have about, encoded.
 */
size: number, 
/**
 * When it was last kept here.
 */
saved_at: number, 
/**
 * When this state was last brought to the drafts folder; `null` when it was not.
 */
uploaded_at: number | null, };

export type EnteredSignIn = { "kind": "password", 
/**
 * The password.
 */
password: SecretText, } | { "kind": "oauth", 
/**
 * The OpenID issuer; absent for providers of the table.
 */
issuer?: string, 
/**
 * The person's own client id.
 */
client_id?: string, 
/**
 * The secret of that client id.
 */
client_secret?: SecretText, 
/**
 * Microsoft: `common`, `consumers`, `organizations` or a tenant id.
 */
tenant?: string, 
/**
 * The address of whoever signs in to a mailbox that several people share; absent for the mailbox itself.
 */
sign_in_as?: string, };

export type EventView = { "event": "signin_opened", 
/**
 * The account's address.
 */
address: string, 
/**
 * Where the person signs in.
 */
url: string, } | { "event": "detection_stepped", 
/**
 * The address.
 */
address: string, 
/**
 * How far the source is.
 */
step: StepView, } | { "event": "proof_ended", 
/**
 * The account's address.
 */
address: string, 
/**
 * What it was and how it ended.
 */
proof: ProofView, } | { "event": "account_changed", 
/**
 * The account's address.
 */
address: string, } | { "event": "sync_started", 
/**
 * The account's address.
 */
address: string, } | { "event": "download_progressed", 
/**
 * The message's row id.
 */
id: number, 
/**
 * The part; `null` for the whole message.
 */
part: string | null, 
/**
 * Bytes that came.
 */
bytes: number, 
/**
 * Bytes that there are, about.
 */
bytes_total: number, } | { "event": "sync_progressed", 
/**
 * The account's address.
 */
address: string, 
/**
 * The folder's path.
 */
folder: string, 
/**
 * Messages loaded.
 */
messages: number, 
/**
 * Messages to load.
 */
messages_total: number, 
/**
 * Bytes loaded.
 */
bytes: number, 
/**
 * Bytes to load, as far as the server has told.
 */
bytes_total: number, } | { "event": "inbox_readied", 
/**
 * The account's address.
 */
address: string, 
/**
 * How many.
 */
messages: number, } | { "event": "folder_synced", 
/**
 * The account's address.
 */
address: string, 
/**
 * The folder's path.
 */
folder: string, 
/**
 * Messages that came.
 */
added: number, 
/**
 * Messages whose flags changed.
 */
changed: number, 
/**
 * Messages that went.
 */
removed: number, 
/**
 * Why it failed, when it did.
 */
error: WireError | null, } | { "event": "sync_ended", 
/**
 * The account's address.
 */
address: string, 
/**
 * Why it failed, when it did.
 */
error: WireError | null, } | { "event": "watch_rested", 
/**
 * The account's address.
 */
address: string, 
/**
 * `push`, `poll`, or `manual`: not by itself, because the person wants it so, its setup is not done, or it is signed out.
 */
by: string, } | { "event": "outbox_changed", 
/**
 * The account's address.
 */
address: string, 
/**
 * Row id.
 */
id: number, 
/**
 * The new state.
 */
state: string, } | { "event": "messages_arrived", 
/**
 * The account's address.
 */
address: string, 
/**
 * The folder's path.
 */
folder: string, 
/**
 * The folder's role, when it has one.
 */
role: string | null, 
/**
 * The unread ones, newest first; five at most.
 */
messages: Array<ArrivedView>, 
/**
 * How many unread ones came in all.
 */
count: number, } | { "event": "drafts_changed", 
/**
 * The account's address.
 */
address: string, } | { "event": "settings_changed", } | { "event": "transfer_progressed", 
/**
 * The account's address.
 */
address: string, 
/**
 * The folder's path, or the file's name.
 */
folder: string, 
/**
 * Messages that are done.
 */
messages: number, 
/**
 * Messages in all; 0 when nobody knows yet.
 */
messages_total: number, 
/**
 * Bytes that are done.
 */
bytes: number, 
/**
 * Bytes in all; 0 when nobody knows.
 */
bytes_total: number, } | { "event": "operations_changed", 
/**
 * The account's address.
 */
address: string, };

export type ExpiryKey = { 
/**
 * The entry.
 */
key: string, };

export type ExpiryView = { 
/**
 * Names it among all others.
 */
key: string, 
/**
 * `grant`, `certificate`, `client_secret`; or what a provider switches off: `service`, `imap`, `password`,
 * `smtp_password`.
 */
what: string, 
/**
 * Whose: an address, `HOST:PORT`, a label, a provider's name.
 */
subject: string, 
/**
 * When.
 */
at: number, 
/**
 * Days that are left, a begun one counted; 0 or less when it is over.
 */
days_left: number, 
/**
 * Who can do something about it: `you`, `administrator` or `provider`.
 */
fixer: string, 
/**
 * Addresses of the accounts that it concerns.
 */
accounts: Array<string>, 
/**
 * A page about it.
 */
url: string | null, 
/**
 * True when it is near enough to be shown.
 */
is_near: boolean, 
/**
 * True when it is near enough to be said, and was not said at this distance yet: `expiry_told` notes that.
 */
is_due: boolean, };

export type ExportedFolderView = { 
/**
 * The folder's path.
 */
path: string, 
/**
 * Its file or folder in the target; empty for the target itself.
 */
file: string, 
/**
 * Messages that were written.
 */
messages: number, 
/**
 * Messages that an earlier export had written.
 */
kept: number, 
/**
 * Bytes of the messages that were written.
 */
bytes: number, 
/**
 * Messages that are only on the server and were left out as asked.
 */
left: number, };

export type FactView = { 
/**
 * `imap` or `smtp`, where a proof is about both servers.
 */
server: string | null, 
/**
 * `server`, `user_name`, `folder`, `address`, `ip_addresses`, `tls_version`, `cipher`, `chain_length`, `issuer`,
 * `valid_until` (milliseconds since 1970), `fingerprint`, `excepted` (the reason), `capabilities`, `folders`, `messages`,
 * `bytes`, `size_limit` (bytes), `error` (a code), `came_after` (milliseconds), `left_marked` (a folder)
 */
fact: string, 
/**
 * Its value.
 */
value: string | number, };

export type FolderCreate = { 
/**
 * The account's address.
 */
address: string, 
/**
 * The folder's name: one level, as people write it.
 */
name: string, 
/**
 * The path or role of the folder in which it shall lie; none for the top.
 */
parent?: string, };

export type FolderDelete = { 
/**
 * The account's address.
 */
address: string, 
/**
 * The folder's path.
 */
folder: string, 
/**
 * The person has agreed to lose so many messages for good, as `folder_not_empty` says; without it the folder goes to the
 * trash, or is refused with that code.
 */
agreed?: number, };

export type FolderDeletedView = { 
/**
 * The path of the folder in the trash that it is now; none when it is gone for good.
 */
moved_to: string | null, };

export type FolderList = { 
/**
 * The account's address.
 */
address: string, 
/**
 * True to ask the server first; false for what is known here.
 */
refresh: boolean, };

export type FolderRead = { 
/**
 * The account's address.
 */
address: string, 
/**
 * The folder's path or role.
 */
folder: string, };

export type FolderRename = { 
/**
 * The account's address.
 */
address: string, 
/**
 * The folder's path.
 */
folder: string, 
/**
 * Its new name: one level, as people write it; none leaves it.
 */
name?: string, 
/**
 * The path or role of the folder in which it shall lie, empty for the top; none leaves it where it is.
 */
parent?: string, };

export type FolderReport = { 
/**
 * The folder's path.
 */
path: string, 
/**
 * Messages that came.
 */
added: number, 
/**
 * Messages whose flags changed.
 */
changed: number, 
/**
 * Messages that went.
 */
removed: number, 
/**
 * Why it failed, when it did; the other folders went on.
 */
error: WireError | null, };

export type FolderSummary = { 
/**
 * Row id.
 */
id: number, 
/**
 * Decoded path with the server's delimiter.
 */
path: string, 
/**
 * The delimiter, when the server has one.
 */
delimiter: string | null, 
/**
 * `inbox`, `sent`, …
 */
role: string | null, 
/**
 * False for a folder that only holds others.
 */
selectable: boolean, 
/**
 * True when its mail is kept here.
 */
chosen: boolean, 
/**
 * True when messages that are archived go there.
 */
archives: boolean, 
/**
 * True when it can be renamed, moved and deleted, as far as is known here.
 */
changeable: boolean, 
/**
 * True when folders can be made in it, as far as is known here.
 */
takes_folders: boolean, 
/**
 * The server shows only so many of its messages, the newest, and has reached that number.
 */
cut_at: number | null, 
/**
 * Messages kept here.
 */
messages: number, 
/**
 * Unread messages kept here.
 */
unread: number, 
/**
 * When it was last brought up to date.
 */
synced_at: number | null, 
/**
 * Why it could not be, when it could not.
 */
error: WireError | null, };

export type IdentityRemove = { 
/**
 * The account's address.
 */
account: string, 
/**
 * The address; the account's own cannot be removed.
 */
address: string, };

export type IdentitySave = { 
/**
 * The account's address.
 */
account: string, 
/**
 * The address to send as.
 */
address: string, 
/**
 * The name beside it.
 */
name: string, 
/**
 * True to make it the one that the account uses unasked.
 */
is_default: boolean, 
/**
 * The signature as HTML; made safe before it is kept.
 */
signature: string, };

export type IdentityView = { 
/**
 * The address.
 */
address: string, 
/**
 * The name beside it.
 */
name: string, 
/**
 * True for the one that the account uses unasked.
 */
is_default: boolean, 
/**
 * The signature as safe HTML; empty for none.
 */
signature: string, };

export type JournalEntryView = { 
/**
 * Its number: a later one is greater.
 */
id: number, 
/**
 * `added`, `signed_in`, `signed_out`, `approval_awaited`, `approval_granted`, `connected` (`server`: `imap` or `smtp`),
 * `failed` (`operation`), `recovered` (`operation`), `servers_changed`, `network_changed`, `network_lost`, `woke` (`minutes`),
 * `quiet` (`hours`), `sign_in_failed`, `tested`, `test_failed` (`proof`).
 */
kind: string, 
/**
 * `receive`, `push`, `send`, `flags`, or `check` for the fresh connection that proves a silent mailbox.
 */
operation: string | null, 
/**
 * The proof of a Test that failed first, as in its report.
 */
proof: string | null, 
/**
 * `imap` or `smtp`.
 */
server: string | null, 
/**
 * The server's name.
 */
host: string | null, 
/**
 * The server's port.
 */
port: number | null, 
/**
 * Minutes that the machine slept, hours that nothing came.
 */
count: number | null, 
/**
 * What went wrong.
 */
error: WireError | null, 
/**
 * How often in a row.
 */
times: number, 
/**
 * When, the first time.
 */
began_at: number, 
/**
 * When, the last time.
 */
ended_at: number, };

export type JournalGet = { 
/**
 * One account, or all.
 */
address?: string, 
/**
 * How many of the newest entries of each; 500 (all) when absent.
 */
limit?: number, };

export type JournalView = { 
/**
 * The account's address.
 */
address: string, 
/**
 * The entries, newest first.
 */
entries: Array<JournalEntryView>, };

export type MailExport = { 
/**
 * The account's address.
 */
address: string, 
/**
 * Paths or roles of folders; all when empty.
 */
folders: Array<string>, 
/**
 * `mbox`, `maildir` or `eml`.
 */
format: string, 
/**
 * The folder to write into; made when it is missing.
 */
target: string, 
/**
 * True to write into a folder that has something in it; messages that an earlier export put there are passed over.
 */
add: boolean, 
/**
 * True to leave out what is only on the server.
 */
local: boolean, };

export type MailExported = { 
/**
 * The folder that was written into.
 */
target: string, 
/**
 * Every folder of the account that became files.
 */
folders: Array<ExportedFolderView>, 
/**
 * Messages that did not, the first thousand.
 */
missing: Array<MissingMessageView>, 
/**
 * How many did not in all.
 */
missing_count: number, };

export type MailImport = { 
/**
 * The account's address.
 */
address: string, 
/**
 * The folder's path or role.
 */
folder: string, 
/**
 * Mailbox files, Maildirs, messages (`.eml`), and folders of them.
 */
paths: Array<string>, };

export type MailImported = { 
/**
 * The folder's path.
 */
folder: string, 
/**
 * Messages that the server took.
 */
imported: number, 
/**
 * Messages that lay there already, or came twice.
 */
known: number, 
/**
 * Messages that their program had deleted and not cleared away.
 */
deleted: number, 
/**
 * Messages that wait for the server.
 */
waiting: number, 
/**
 * Messages that were not taken, the first thousand.
 */
refused: Array<RefusedMessageView>, 
/**
 * How many were not taken in all.
 */
refused_count: number, 
/**
 * Why it stopped before its end, when it did. The same call again goes on.
 */
error: WireError | null, };

export type MessageDelete = { 
/**
 * Row ids.
 */
ids: Array<number>, 
/**
 * The folders in which they are seen (`MessageRow.folder`, a path or role), with the ids that are seen there: that is
 * where they are deleted, and one that is there no more is passed over. Those that are not named are deleted in the
 * folder that comes first.
 */
from: { [key in string]: Array<number> }, };

export type MessageExport = { 
/**
 * Row id.
 */
id: number, 
/**
 * The attachment's part instead of the whole message.
 */
part?: string, 
/**
 * The file to write; without it the bytes are in the reply.
 */
path?: string, };

export type MessageExported = { 
/**
 * The file that was written.
 */
path: string | null, 
/**
 * The bytes in base64 when there was no file.
 */
base64: string | null, 
/**
 * How many bytes.
 */
bytes: number, };

export type MessageInspect = { 
/**
 * The file with the message.
 */
path: string, };

export type MessageList = { 
/**
 * One account, or all.
 */
address?: string, 
/**
 * A folder's path or role; the inbox when absent.
 */
folder?: string, 
/**
 * Rows at most; 50 when absent, 1,000 at most.
 */
limit?: number, 
/**
 * Where the last page ended.
 */
cursor?: string, 
/**
 * True to show one row for each thread: its newest message in this folder.
 */
threads: boolean, };

export type MessageMark = { 
/**
 * Row ids.
 */
ids: Array<number>, 
/**
 * IMAP flags to set.
 */
add: Array<string>, 
/**
 * IMAP flags to clear.
 */
remove: Array<string>, };

export type MessageMove = { 
/**
 * Row ids.
 */
ids: Array<number>, 
/**
 * The folder's path or role.
 */
folder: string, 
/**
 * The folders in which they are seen, as in `message_delete`: those that they leave.
 */
from: { [key in string]: Array<number> }, };

export type MessagePage = { 
/**
 * Newest first.
 */
messages: Array<MessageRow>, 
/**
 * For the next page; absent on the last.
 */
cursor: string | null, };

export type MessageRow = { 
/**
 * Row id, for `message_show`.
 */
id: number, 
/**
 * The account's address.
 */
account: string, 
/**
 * The folder's path.
 */
folder: string, 
/**
 * Conversation.
 */
thread_id: number, 
/**
 * Decoded subject.
 */
subject: string, 
/**
 * The sender's display name.
 */
from_name: string, 
/**
 * The sender's address.
 */
from_address: string, 
/**
 * Names of the recipients, addresses where there are none, each once; 20 at most.
 */
to: Array<string>, 
/**
 * The message's own date.
 */
sent_at: number | null, 
/**
 * When the server received it.
 */
received_at: number, 
/**
 * IMAP flags and keywords.
 */
flags: Array<string>, 
/**
 * Bytes.
 */
size: number, 
/**
 * The beginning of the text.
 */
preview: string, 
/**
 * How many attachments.
 */
attachments: number, 
/**
 * The thread that the row stands for; `null` where rows are single messages.
 */
thread: ThreadView | null, };

export type MessageSearch = { 
/**
 * Words and operators. All must hold. A word may be the beginning of a longer one; words in quotation marks stand
 * together as they are. Operators: `from: to: subject: file:` with a word or a quoted phrase, `in:` with a folder's path
 * or role, `has:attachment`, `is:unread`, `is:read`, `is:starred`, `after:` (that day and later) and `before:` (earlier
 * than that day) with `2026-11-22`, `2026-11`, `2026`, `today`, `yesterday`, or `7d`, `2w`, `3m`, `1y` ago; days are
 * those of UTC. What is no operator with a value that makes sense is a word to look for.
 */
query: string, 
/**
 * One account, or all.
 */
address?: string, 
/**
 * Rows at most; 50 when absent, 1,000 at most.
 */
limit?: number, };

export type MessageSend = { 
/**
 * The address to send as: an account's, or `Name <address>`.
 */
from: string, 
/**
 * Recipients, `address` or `Name <address>`.
 */
to: Array<string>, 
/**
 * Copies.
 */
cc: Array<string>, 
/**
 * Copies that nobody else sees.
 */
bcc: Array<string>, 
/**
 * Subject.
 */
subject: string, 
/**
 * Plain text.
 */
text: string, 
/**
 * The same as HTML.
 */
html?: string, 
/**
 * Files to attach.
 */
attachments: Array<string>, 
/**
 * The stored message that is answered.
 */
reply_to?: number, };

export type MessageShow = { 
/**
 * Row id.
 */
id: number, };

export type MessageView = { 
/**
 * The row, when the message is a stored one.
 */
row: MessageRow | null, 
/**
 * Every folder that it stands in.
 */
folders: Array<string>, 
/**
 * Header fields in order: name and decoded value.
 */
headers: Array<[string, string]>, 
/**
 * Decoded subject.
 */
subject: string, 
/**
 * `Name <address>`
 */
from: Array<string>, 
/**
 * `Name <address>`
 */
to: Array<string>, 
/**
 * `Name <address>`
 */
cc: Array<string>, 
/**
 * Where an answer goes.
 */
reply_to: Array<string>, 
/**
 * The message's own date.
 */
date: number | null, 
/**
 * Message-ID without brackets.
 */
message_id: string | null, 
/**
 * Plain text.
 */
text: string, 
/**
 * HTML that is safe to show; loads nothing.
 */
html: string | null, 
/**
 * Addresses that the HTML wanted to load.
 */
remote: Array<string>, 
/**
 * Attachments.
 */
attachments: Array<AttachmentView>, 
/**
 * The tree of parts.
 */
structure: PartView | null, 
/**
 * What is wrong with the message, by code.
 */
defects: Array<string>, 
/**
 * True when only the header is kept here because the message is above the size limit.
 */
header_only: boolean, 
/**
 * True when not everything is here: attachments, or the end of a very long text, are on the server.
 */
partial: boolean, 
/**
 * True when pictures of this sender are shown unasked.
 */
pictures_allowed: boolean, };

export type MissingMessageView = { 
/**
 * Its folder's path.
 */
folder: string, 
/**
 * Its UID; 0 when the folder could not be looked at.
 */
uid: number, 
/**
 * Its subject, where it is known.
 */
subject: string, 
/**
 * Why.
 */
error: WireError, };

export type NoteView = { 
/**
 * What it is about, by code.
 */
code: string, 
/**
 * The provider's own page.
 */
url: string | null, };

export type Nothing = Record<symbol, never>;

export type OperationHealthView = { 
/**
 * `receive`, `push`, `send`, or `flags` for changes of messages.
 */
operation: string, 
/**
 * As `condition` of the account.
 */
condition: string, 
/**
 * Why it is switched off, when it is: `chosen`, `setup-open`, `signed-out`, `not-offered`.
 */
off: string | null, 
/**
 * When it last worked.
 */
worked_at: number | null, 
/**
 * When it last failed; it may work again.
 */
failed_at: number | null, 
/**
 * Why it last failed; it may work again.
 */
error: WireError | null, 
/**
 * When it is tried again by itself; absent when it works, or when that is up to the next look.
 */
retry_at: number | null, 
/**
 * Milliseconds until the server let us in, the last time that it was asked.
 */
took_ms: number | null, };

export type OperationId = { 
/**
 * Row id.
 */
id: number, };

export type OperationView = { 
/**
 * Row id.
 */
id: number, 
/**
 * The account's address.
 */
account: string, 
/**
 * The folder's path.
 */
folder: string, 
/**
 * The path of the folder that a move or copy leads to.
 */
to_folder: string | null, 
/**
 * The subjects of its first three messages; none where very many changes wait.
 */
subjects: Array<string>, 
/**
 * `flags`, `move`, `copy`, `delete`, `append`, or `draft`: a draft that is put into its folder.
 */
kind: string, 
/**
 * How many messages.
 */
messages: number, 
/**
 * `waiting` or `refused`.
 */
state: string, 
/**
 * How often it was tried.
 */
attempts: number, 
/**
 * What the server said last.
 */
error: WireError | null, };

export type OutboxId = { 
/**
 * Row id.
 */
id: number, };

export type OutboxView = { 
/**
 * Row id.
 */
id: number, 
/**
 * The account's address.
 */
account: string, 
/**
 * `queued`, `sending`, `sent` (accepted, copy not yet filed), `filed`, `failed` or `unknown` (the connection
 * ended before the server said whether it took the message).
 */
state: string, 
/**
 * Subject.
 */
subject: string, 
/**
 * Recipients.
 */
to: Array<string>, 
/**
 * Message-ID without brackets.
 */
message_id: string, 
/**
 * How often it was tried.
 */
attempts: number, 
/**
 * When it is tried next.
 */
next_at: number | null, 
/**
 * True when an earlier run of the program ended in the pause for taking it back: it goes at `next_at`, and until then
 * it can still be taken back.
 */
left_over: boolean, 
/**
 * What the server said last.
 */
error: WireError | null, };

export type PagesSet = { 
/**
 * BCP 47, such as `pl`.
 */
language: string, 
/**
 * Heading when the sign-in is complete.
 */
done_title: string, 
/**
 * What to do then.
 */
done_text: string, 
/**
 * Heading when it failed.
 */
failed_title: string, 
/**
 * What to do then.
 */
failed_text: string, };

export type PartView = { 
/**
 * Part number; empty for the whole message.
 */
part: string, 
/**
 * Type and subtype.
 */
content_type: string, 
/**
 * Charset as written.
 */
charset: string | null, 
/**
 * Transfer encoding as written.
 */
encoding: string | null, 
/**
 * File name.
 */
filename: string | null, 
/**
 * Bytes when decoded.
 */
size: number, 
/**
 * Parts inside.
 */
children: Array<PartView>, };

export type PeopleSearch = { 
/**
 * The beginning of a name, of one of its words, or of an address.
 */
query: string, 
/**
 * At most so many.
 */
limit?: number, };

export type PersonView = { 
/**
 * The name, possibly empty.
 */
name: string, 
/**
 * The address.
 */
address: string, };

export type ProofView = { 
/**
 * `name-lookup`, `tls`, `imap-sign-in`, `folder-list`, `read-header`, `smtp-sign-in`, `right-to-send`, `push`, and
 * `full-loop` where it was asked for
 */
proof: string, 
/**
 * `passed`, `failed` or `skipped`
 */
result: string, 
/**
 * What was tried.
 */
tried: Array<FactView>, 
/**
 * What was seen.
 */
seen: Array<FactView>, 
/**
 * Milliseconds that it took.
 */
took_ms: number, 
/**
 * Why it was not tried: `earlier` (one before it failed), `receive-only`, `not-offered`, `no-inbox`, `busy`.
 */
skipped: string | null, 
/**
 * Why it failed.
 */
error: WireError | null, };

export type ProviderView = { 
/**
 * Its id.
 */
id: string, 
/**
 * Its name.
 */
name: string, 
/**
 * True when it can be connected by IMAP.
 */
has_imap: boolean, };

export type ReceiptLineView = { 
/**
 * `grant`, `secrets`, `older_secrets`, `messages`, `words`, `operations`, `outbox`, `drafts`, `completions`, `settings`,
 * `registration`, `backups`, `set_aside`
 */
what: string, 
/**
 * `gone` (looked for, and not there), `stays`, `by_hand` (only the person can, on the page), or `left`.
 */
whereabouts: string, 
/**
 * How many there were, or are.
 */
count: number, 
/**
 * Bytes that they took, or take.
 */
bytes: number, 
/**
 * The page on which the person can do what the program cannot.
 */
page: string | null, 
/**
 * Why it is left.
 */
error: WireError | null, };

export type RefusedMessageView = { 
/**
 * Its file, with its number in a mailbox file.
 */
origin: string, 
/**
 * Its subject, where it is known.
 */
subject: string, 
/**
 * Why.
 */
error: WireError, };

export type RegistrationId = { 
/**
 * Row id.
 */
id: number, };

export type RegistrationSave = { 
/**
 * Row id of the one to change; absent for a new one.
 */
id?: number, 
/**
 * What the person calls it.
 */
label: string, 
/**
 * See [`RegistrationView`].
 */
service: string, 
/**
 * The public client id.
 */
client_id: string, 
/**
 * The client secret; absent to keep what is there.
 */
client_secret?: SecretText, 
/**
 * Microsoft: the tenant id; empty for none.
 */
tenant: string, 
/**
 * When the secret stops working; absent when nobody knows.
 */
secret_ends_at?: number, };

export type RegistrationView = { 
/**
 * Row id.
 */
id: number, 
/**
 * What the person calls it.
 */
label: string, 
/**
 * The sign-in service: `google`, `microsoft`, `yandex`, `fastmail`, or an OpenID issuer's address.
 */
service: string, 
/**
 * The public client id.
 */
client_id: string, 
/**
 * Microsoft: the tenant id; empty for none.
 */
tenant: string, 
/**
 * True when a client secret is in the vault.
 */
has_secret: boolean, 
/**
 * When the secret stops working, as far as the person said.
 */
secret_ends_at: number | null, 
/**
 * Accounts that signed in with it.
 */
accounts: Array<string>, };

export type RemovalPreview = { 
/**
 * The mailbox's address.
 */
address: string, 
/**
 * `oauth2`, `app-password` or `password`; `null` for an account that never signed in.
 */
auth: string | null, 
/**
 * Messages here.
 */
messages: number, 
/**
 * Bytes that they take here.
 */
bytes: number, 
/**
 * Changes that would not reach the server.
 */
operations: Array<OperationView>, 
/**
 * Messages that would not be sent.
 */
outbox: Array<OutboxView>, 
/**
 * Drafts that are here.
 */
drafts: number, 
/**
 * Addresses that are completed.
 */
completions: number, 
/**
 * True when there is another account that they could go to.
 */
has_other: boolean, 
/**
 * True when the provider ends the grant as soon as it is asked to.
 */
ends_grant: boolean, 
/**
 * The page on which the person can end the grant.
 */
grants_page: string | null, 
/**
 * True when the keychain has entries of an older version.
 */
older_secrets: boolean, 
/**
 * The server on which every message stays.
 */
server: string | null, };

export type RemovalReceipt = { 
/**
 * The mailbox's address.
 */
address: string, 
/**
 * When it was finished.
 */
at: number, 
/**
 * True when it was interrupted, and finished at a later start.
 */
was_resumed: boolean, 
/**
 * True when the mail stays here, without a sign-in.
 */
keeps_mail: boolean, 
/**
 * The server on which every message stays as it was.
 */
server: string | null, 
/**
 * Local copies of messages removed; on the server nothing changed.
 */
messages: number, 
/**
 * Bytes that they took here.
 */
bytes: number, 
/**
 * True when the grant was ended at the provider.
 */
revoked: boolean, 
/**
 * Why it could not be ended, when it was tried.
 */
revoke_error: WireError | null, 
/**
 * True when every secret left the vault.
 */
secrets_removed: boolean, 
/**
 * True when nothing is left that should have gone.
 */
complete: boolean, 
/**
 * Everything that was looked for.
 */
lines: Array<ReceiptLineView>, };

export type RepairView = { 
/**
 * `rebuilt` (a new database, `count` rows were saved, `path` is the damaged one), `bodies` (fetched again),
 * `lost_bodies` (the server has them no more), `waiting_bodies` (could not be fetched now), `rows` (stray rows, counters),
 * `index` (the search index was made anew, from `count` messages).
 */
what: string, 
/**
 * How many.
 */
count: number, 
/**
 * The file that is meant.
 */
path: string | null, };

export type SearchPage = { 
/**
 * Newest first.
 */
messages: Array<MessageRow>, 
/**
 * False while messages are still being loaded, so that something may be missing.
 */
complete: boolean, };

export type SecretText = string;

export type SenderAddress = { 
/**
 * The sender's address.
 */
address: string, };

export type ServerProbe = { 
/**
 * `imap` or `smtp`.
 */
protocol: string, 
/**
 * `HOST:PORT:tls|starttls`
 */
endpoint: string, 
/**
 * The SHA-256 of a certificate that the person trusts there.
 */
fingerprint?: string, };

export type ServerProbed = { 
/**
 * True when a mail server of this protocol answered, encrypted.
 */
answers: boolean, 
/**
 * Why not.
 */
error: WireError | null, 
/**
 * Ways to sign in that it offers, as `AccountView.auth` names them.
 */
auth: Array<string>, };

export type SettingsUpdate = { 
/**
 * See [`SettingsView`].
 */
language?: string, 
/**
 * See [`SettingsView`].
 */
theme?: string, 
/**
 * See [`SettingsView`].
 */
density?: string, 
/**
 * See [`SettingsView`].
 */
threads?: boolean, 
/**
 * See [`SettingsView`].
 */
close_to_tray?: boolean, 
/**
 * See [`SettingsView`].
 */
notify?: string, 
/**
 * See [`SettingsView`].
 */
notify_content?: boolean, 
/**
 * See [`SettingsView`].
 */
single_keys?: boolean, 
/**
 * Seconds; a negative number means only by hand.
 */
read_after_s?: number, 
/**
 * See [`SettingsView`].
 */
undo_send_s?: number, 
/**
 * See [`SettingsView`].
 */
attachment_reminder?: boolean, 
/**
 * See [`SettingsView`].
 */
plain_text?: boolean, 
/**
 * See [`SettingsView`].
 */
updates?: boolean, };

export type SettingsView = { 
/**
 * `system`, `en`, `pl` or `ru`.
 */
language: string, 
/**
 * `system`, `light` or `dark`.
 */
theme: string, 
/**
 * `comfortable` or `compact`.
 */
density: string, 
/**
 * True when messages of a thread stand together in lists.
 */
threads: boolean, 
/**
 * True when closing the window leaves the program in the tray.
 */
close_to_tray: boolean, 
/**
 * `inbox` (new messages of inboxes), `all` (of every folder that is kept) or `none`.
 */
notify: string, 
/**
 * True when a notification shows sender and subject.
 */
notify_content: boolean, 
/**
 * True when single keys (j, k, e, #, …) act on messages.
 */
single_keys: boolean, 
/**
 * Seconds after which an opened message counts as read; `null` for only by hand.
 */
read_after_s: number | null, 
/**
 * Seconds in which a sent message can be taken back; 0 to 60.
 */
undo_send_s: number, 
/**
 * True when a text that speaks of an attachment is not sent without one unasked.
 */
attachment_reminder: boolean, 
/**
 * True when new messages are written as plain text.
 */
plain_text: boolean, 
/**
 * True when the program looks for a newer version of itself.
 */
updates: boolean, 
/**
 * False when the organisation or the build decides about updates.
 */
updates_changeable: boolean, 
/**
 * True when a person may trust a server's certificate that nobody vouches for.
 */
certificate_exceptions: boolean, };

export type SignInAnswer = { 
/**
 * The whole address from the browser, or the code alone.
 */
text: SecretText, };

export type SilenceView = { 
/**
 * When the last message came.
 */
since: number, 
/**
 * Minutes between two messages in the hours in which they usually come.
 */
usual_minutes: number, 
/**
 * When a fresh connection showed that nothing is there; absent when none was opened since the last message.
 */
proved_at: number | null, 
/**
 * Why none could be opened, when that was the last thing that was tried.
 */
error: WireError | null, };

export type StatusView = { 
/**
 * Every account.
 */
accounts: Array<AccountStatus>, 
/**
 * Bytes that the store takes on disk.
 */
store_bytes: number, 
/**
 * True when the last look at the database found what only a repair can mend.
 */
store_unsound: boolean, 
/**
 * `store_restored`, when the database was restored from a backup at a start and `restored_seen` was not called yet.
 */
store_restored: WireError | null, 
/**
 * What stops working on a day that is known, the nearest first.
 */
expiries: Array<ExpiryView>, };

export type StepView = { 
/**
 * What was asked.
 */
source: string, 
/**
 * What it answered, by code.
 */
outcome: string, 
/**
 * Whom or what it named: a provider's id, a host, an error's code.
 */
detail: string | null, };

export type StorageView = { 
/**
 * Where it is.
 */
home: string, 
/**
 * The database's files.
 */
database_bytes: number, 
/**
 * About the share of the search index in it: counted from its page numbers, not read.
 */
index_bytes: number, 
/**
 * Free on that disk, when the system says.
 */
free_bytes: number | null, 
/**
 * By account.
 */
accounts: Array<AccountStorage>, };

export type SyncReport = { 
/**
 * The account's address.
 */
address: string, 
/**
 * Messages that came.
 */
added: number, 
/**
 * Messages whose flags changed.
 */
changed: number, 
/**
 * Messages that went.
 */
removed: number, 
/**
 * Bytes of messages loaded.
 */
bytes: number, 
/**
 * Local changes that reached the server.
 */
operations: number, 
/**
 * Messages sent.
 */
sent: number, 
/**
 * Every folder that was looked at.
 */
folders: Array<FolderReport>, 
/**
 * Why the account as a whole failed, when it did.
 */
error: WireError | null, };

export type SyncRun = { 
/**
 * One account, or all.
 */
address?: string, };

export type TestReport = { 
/**
 * The account's address.
 */
address: string, 
/**
 * The proofs in order; `proof_ended` tells each as it ends, in the order in which they do.
 */
proofs: Array<ProofView>, 
/**
 * True when none failed.
 */
passed: boolean, 
/**
 * The same as text for whoever helps: facts by name, the own address shortened, nobody else's, no secrets.
 */
report: string, };

export type ThreadShow = { 
/**
 * `MessageRow.thread_id`.
 */
id: number, };

export type ThreadView = { 
/**
 * Messages of it that stand in this folder.
 */
messages: number, 
/**
 * Unread ones among them.
 */
unread: number, 
/**
 * Names of those who wrote them, oldest first, each once; an address where there is no name.
 */
senders: Array<string>, 
/**
 * Names of those to whom they went, those of the newest first, each once; an address where there is no name.
 */
recipients: Array<string>, 
/**
 * The messages' row ids, newest first: what an action on the row acts on.
 */
ids: Array<number>, };

export type TrustedCertificate = { 
/**
 * The server's host.
 */
host: string, 
/**
 * Its port.
 */
port: number, 
/**
 * The certificate's SHA-256: 64 hexadecimal digits, with or without colons.
 */
fingerprint: string, };

export type UndoId = { 
/**
 * `Undoable.undo`.
 */
id: number, };

export type Undoable = { 
/**
 * For `undo_run`; `null` when it cannot be undone.
 */
undo: number | null, };

export type UpdateView = { 
/**
 * This version.
 */
current: string, 
/**
 * The newest version, when it is newer.
 */
newer: string | null, 
/**
 * Where to read about it and get it.
 */
url: string | null, };

export type WireError = { 
/**
 * The code, lower_snake; see `ErrorCode`.
 */
code: string, 
/**
 * Who can usually do something about it.
 */
fixer: "you" | "administrator" | "provider" | "mailroom", 
/**
 * Facts by name.
 */
params: Record<string, string | number>, 
/**
 * The chain of causes in English, for logs and reports; never shown alone, never parsed.
 */
detail: string, };

export interface Commands {
  /** Finds out how a mailbox may be reached. */
  account_detect: { payload: AccountDetect; reply: DetectionView };
  /** Adds an account: signs in, proves both servers, keeps the result. Announces `signin_opened` for OAuth. */
  account_add: { payload: AccountAdd; reply: AccountView };
  /** Signs in again; keeps everything that is here. */
  account_signin: { payload: AccountSignIn; reply: AccountView };
  /** Hands over what the person pasted or a deep link brought to the sign-in that waits for it. */
  signin_answer: { payload: SignInAnswer; reply: Nothing };
  /** Gives up the sign-in of an address that waits for the browser; the command that waits for it ends with `cancelled`. */
  signin_cancel: { payload: AccountAddress; reply: Nothing };
  /** Every account. */
  account_list: { payload: Nothing; reply: Array<AccountView> };
  /** Changes how far back and which folders are kept. */
  account_update: { payload: AccountUpdate; reply: AccountView };
  /** Gives up what is being done for an account right now: its sign-in, its proofs, its load. What was done stays done. */
  account_cancel: { payload: AccountAddress; reply: Nothing };
  /** Other servers or another user name; proved by a sign-in before they are kept. */
  account_servers: { payload: AccountServers; reply: AccountView };
  /** Adds an address that an account may send as, or changes it. */
  identity_save: { payload: IdentitySave; reply: AccountView };
  /** Removes an address that an account may send as. */
  identity_remove: { payload: IdentityRemove; reply: AccountView };
  /** Looks whether a mail server answers there; sends no credentials. */
  server_probe: { payload: ServerProbe; reply: ServerProbed };
  /** The program's settings. */
  settings_get: { payload: Nothing; reply: SettingsView };
  /** Changes the program's settings. */
  settings_update: { payload: SettingsUpdate; reply: SettingsView };
  /** The person's own OAuth registrations. */
  registration_list: { payload: Nothing; reply: Array<RegistrationView> };
  /** Adds a registration, or changes it. */
  registration_save: { payload: RegistrationSave; reply: RegistrationView };
  /** Removes a registration that no account uses. */
  registration_remove: { payload: RegistrationId; reply: Nothing };
  /** The providers of the built-in table, by name. */
  provider_list: { payload: Nothing; reply: Array<ProviderView> };
  /** The domains whose provider or servers the person gave by hand. */
  domain_list: { payload: Nothing; reply: Array<DomainView> };
  /** Remembers which provider runs a domain, or which servers it has. */
  domain_learn: { payload: DomainView; reply: Nothing };
  /** Forgets what was said about a domain. */
  domain_forget: { payload: DomainName; reply: Nothing };
  /** What everything takes on this machine. */
  storage_get: { payload: Nothing; reply: StorageView };
  /** Asks whether there is a newer version; the only call that the program makes to its makers. */
  update_check: { payload: Nothing; reply: UpdateView };
  /** What this program is and where it keeps things. */
  about_get: { payload: Nothing; reply: AboutView };
  /** Runs the proofs of one account; `proof_ended` tells each, `account_cancel` gives them up. */
  account_test: { payload: AccountTest; reply: TestReport };
  /** The certificates that the person trusts for an account although nobody vouches for them. */
  certificate_list: { payload: AccountAddress; reply: Array<CertificateView> };
  /** Trusts the certificate that one of the account's servers shows, if it is this one. */
  certificate_trust: { payload: CertificateTrust; reply: Array<CertificateView> };
  /** Takes the exception for a server's certificate back. */
  certificate_forget: { payload: CertificateForget; reply: Array<CertificateView> };
  /** Removes an account from this machine and ends its grant; on the server no message changes. */
  account_remove: { payload: AccountRemove; reply: RemovalReceipt };
  /** What removing an account would take: what waits is shown before it goes. */
  removal_preview: { payload: AccountAddress; reply: RemovalPreview };
  /** Receipts of removals that nobody has seen yet, such as of one that was interrupted and finished at a later start. */
  removal_receipts: { payload: Nothing; reply: Array<RemovalReceipt> };
  /** The receipt of a removed address was seen. */
  removal_seen: { payload: AccountAddress; reply: Nothing };
  /** Keeps an account that cannot sign in before its administrator has allowed the program, because the service's page said so. */
  approval_ask: { payload: AccountAdd; reply: AccountView };
  /** For a person who is the administrator: announces `signin_opened` with the page, and waits until it sends the browser back. */
  approval_open: { payload: AccountAddress; reply: AccountView };
  /** An end in the calendar was said: it is not said again before it is nearer. */
  expiry_told: { payload: ExpiryKey; reply: Nothing };
  /** Brings one account or all up to date, once. */
  sync_run: { payload: SyncRun; reply: Array<SyncReport> };
  /** Keeps one account or all up to date until cancelled. */
  sync_watch: { payload: SyncRun; reply: Nothing };
  /** The folders of an account. */
  folder_list: { payload: FolderList; reply: Array<FolderSummary> };
  /** Makes a folder on the server, at once; it is subscribed to, and kept here. */
  folder_create: { payload: FolderCreate; reply: FolderSummary };
  /** Gives a folder another name or another parent, on the server and at once; the folders in it go with it. */
  folder_rename: { payload: FolderRename; reply: FolderSummary };
  /** Deletes a folder with the folders in it, on the server and at once: into the trash, or for good what is empty or was agreed to. */
  folder_delete: { payload: FolderDelete; reply: FolderDeletedView };
  /** Marks everything in a folder as read that is here; carried to the server like any change of flags. */
  folder_read: { payload: FolderRead; reply: Undoable };
  /** Messages of a folder, newest first. */
  message_list: { payload: MessageList; reply: MessagePage };
  /** Messages that match a query, newest first. */
  message_search: { payload: MessageSearch; reply: SearchPage };
  /** One message, read. */
  message_show: { payload: MessageShow; reply: MessageView };
  /** The original bytes of a message or one of its attachments. */
  message_export: { payload: MessageExport; reply: MessageExported };
  /** Fetches a message that was left on the server because of its size, and keeps it whole; `download_progressed` tells. */
  message_download: { payload: MessageShow; reply: Nothing };
  /** Gives up fetching a message or its parts. */
  download_cancel: { payload: MessageShow; reply: Nothing };
  /** Writes folders of an account as files; announces `transfer_progressed`, and `account_cancel` gives it up. */
  mail_export: { payload: MailExport; reply: MailExported };
  /** Puts the messages of files into a folder of an account, each once; announces `transfer_progressed`, and `account_cancel` gives it up. */
  mail_import: { payload: MailImport; reply: MailImported };
  /** What Mailroom sees in a message file; needs no account. */
  message_inspect: { payload: MessageInspect; reply: MessageView };
  /** Sets and clears flags: here at once; it reaches the server by itself, and `operations_changed` tells. */
  message_mark: { payload: MessageMark; reply: Undoable };
  /** Moves messages: here at once; it reaches the server by itself, and `operations_changed` tells. */
  message_move: { payload: MessageMove; reply: Undoable };
  /** Copies messages to another folder; it is made on the server by itself, and `operations_changed` tells. */
  message_copy: { payload: MessageMove; reply: Undoable };
  /** Moves messages to the trash; those that are there already are deleted for good. */
  message_delete: { payload: MessageDelete; reply: Undoable };
  /** Undoes one change of messages: here at once, on the server when it can be reached. */
  undo_run: { payload: UndoId; reply: Nothing };
  /** The messages of a thread that are kept, oldest first, each once. */
  thread_show: { payload: ThreadShow; reply: Array<MessageRow> };
  /** Shows pictures of a sender unasked from now on. */
  sender_allow: { payload: SenderAddress; reply: Nothing };
  /** Asks again before pictures of a sender are shown. */
  sender_forget: { payload: SenderAddress; reply: Nothing };
  /** The senders whose pictures are shown unasked. */
  sender_list: { payload: Nothing; reply: Array<SenderAddress> };
  /** Begins a draft, or opens one; it is kept here from the start. */
  draft_open: { payload: DraftOpen; reply: DraftView };
  /** Keeps the text of a draft here, and in the account's drafts folder when asked. */
  draft_save: { payload: DraftSave; reply: DraftView };
  /** Attaches a file to a draft. */
  draft_attach: { payload: DraftAttach; reply: DraftFile };
  /** Takes a file out of a draft. */
  draft_detach: { payload: DraftDetach; reply: Nothing };
  /** The bytes of a file of a draft, for showing a picture of its text. */
  draft_file: { payload: DraftFileShow; reply: DraftFileBytes };
  /** Moves a draft into the outbox, which sends it when its pause is over and the server can be reached. */
  draft_send: { payload: DraftSend; reply: OutboxView };
  /** Removes a draft, here and from the drafts folder. */
  draft_discard: { payload: DraftId; reply: Nothing };
  /** The drafts that are kept here, newest first. */
  draft_list: { payload: Nothing; reply: Array<DraftRow> };
  /** People for a recipient field: those written to first, then those who wrote. */
  people_search: { payload: PeopleSearch; reply: Array<PersonView> };
  /** Puts a message into the outbox and sends it when the server can be reached. */
  message_send: { payload: MessageSend; reply: OutboxView };
  /** Messages that wait, were refused, or whose fate is unknown. */
  outbox_list: { payload: Nothing; reply: Array<OutboxView> };
  /** Tries a message of the outbox again now. */
  outbox_retry: { payload: OutboxId; reply: OutboxView };
  /** Takes a message out of the outbox for good. */
  outbox_discard: { payload: OutboxId; reply: Nothing };
  /** Changes that wait to reach the server. */
  operation_list: { payload: Nothing; reply: Array<OperationView> };
  /** Carries what waits to the servers now, also what was put off, and waits for it; one account, or all. */
  operation_push: { payload: SyncRun; reply: Nothing };
  /** Gives up a change that waits; the server's state comes back with the next look. */
  operation_discard: { payload: OperationId; reply: Nothing };
  /** What works, what waits, what needs somebody. */
  status_get: { payload: Nothing; reply: StatusView };
  /** What happened between one account or all and their servers: connections, sign-ins, errors, changes of the network. No content, no secret, no address but the account's own. */
  journal_get: { payload: JournalGet; reply: Array<JournalView> };
  /** Ends the notice that the database was restored from a backup. */
  restored_seen: { payload: Nothing; reply: Nothing };
  /** Sets what the browser shows at the end of a sign-in, in the person's language. */
  pages_set: { payload: PagesSet; reply: Nothing };
  /** Looks at the program's own parts, and mends the database when asked. A database that cannot be read is set aside, and a new one made of what can be saved and of the backup. */
  doctor_run: { payload: DoctorRun; reply: DoctorReport };
  /** The backups of what exists only here (drafts, outbox, waiting changes, accounts, settings; no mail, no secret), newest first. */
  backup_list: { payload: Nothing; reply: Array<BackupView> };
  /** Writes a backup now; it happens by itself after changes. */
  backup_write: { payload: Nothing; reply: BackupView };
  /** Makes a new database of a backup and sets the present one aside; refused while anybody has it open. */
  backup_restore: { payload: BackupRestore; reply: BackupRestored };
}

export const tags = {
  account_detect: { provides: [], invalidates: [] },
  account_add: { provides: [], invalidates: ["accounts", "folders"] },
  account_signin: { provides: [], invalidates: ["accounts"] },
  signin_answer: { provides: [], invalidates: [] },
  signin_cancel: { provides: [], invalidates: [] },
  account_list: { provides: ["accounts"], invalidates: [] },
  account_update: { provides: [], invalidates: ["accounts", "folders", "messages"] },
  account_cancel: { provides: [], invalidates: [] },
  account_servers: { provides: [], invalidates: ["accounts"] },
  identity_save: { provides: [], invalidates: ["accounts"] },
  identity_remove: { provides: [], invalidates: ["accounts"] },
  server_probe: { provides: [], invalidates: [] },
  settings_get: { provides: ["settings"], invalidates: [] },
  settings_update: { provides: [], invalidates: ["settings"] },
  registration_list: { provides: ["settings", "accounts"], invalidates: [] },
  registration_save: { provides: [], invalidates: ["settings"] },
  registration_remove: { provides: [], invalidates: ["settings"] },
  provider_list: { provides: [], invalidates: [] },
  domain_list: { provides: ["settings"], invalidates: [] },
  domain_learn: { provides: [], invalidates: ["settings"] },
  domain_forget: { provides: [], invalidates: ["settings"] },
  storage_get: { provides: ["accounts", "messages"], invalidates: [] },
  update_check: { provides: [], invalidates: [] },
  about_get: { provides: [], invalidates: [] },
  account_test: { provides: [], invalidates: ["accounts"] },
  certificate_list: { provides: ["accounts"], invalidates: [] },
  certificate_trust: { provides: [], invalidates: ["accounts"] },
  certificate_forget: { provides: [], invalidates: ["accounts"] },
  account_remove: { provides: [], invalidates: ["accounts", "folders", "messages", "outbox", "operations"] },
  removal_preview: { provides: ["accounts", "messages", "outbox", "operations", "drafts"], invalidates: [] },
  removal_receipts: { provides: ["accounts"], invalidates: [] },
  removal_seen: { provides: [], invalidates: [] },
  approval_ask: { provides: [], invalidates: ["accounts", "folders"] },
  approval_open: { provides: [], invalidates: ["accounts"] },
  expiry_told: { provides: [], invalidates: ["accounts"] },
  sync_run: { provides: [], invalidates: ["accounts", "folders", "messages", "outbox", "operations"] },
  sync_watch: { provides: [], invalidates: ["accounts", "folders", "messages", "outbox", "operations"] },
  folder_list: { provides: ["folders"], invalidates: [] },
  folder_create: { provides: [], invalidates: ["accounts", "folders"] },
  folder_rename: { provides: [], invalidates: ["accounts", "folders", "messages", "operations"] },
  folder_delete: { provides: [], invalidates: ["accounts", "folders", "messages"] },
  folder_read: { provides: [], invalidates: ["folders", "messages", "operations"] },
  message_list: { provides: ["messages"], invalidates: [] },
  message_search: { provides: ["messages"], invalidates: [] },
  message_show: { provides: ["messages"], invalidates: [] },
  message_export: { provides: [], invalidates: [] },
  message_download: { provides: [], invalidates: ["messages"] },
  download_cancel: { provides: [], invalidates: [] },
  mail_export: { provides: [], invalidates: [] },
  mail_import: { provides: [], invalidates: ["messages", "folders", "operations"] },
  message_inspect: { provides: [], invalidates: [] },
  message_mark: { provides: [], invalidates: ["messages", "folders", "operations"] },
  message_move: { provides: [], invalidates: ["messages", "folders", "operations"] },
  message_copy: { provides: [], invalidates: ["messages", "folders", "operations"] },
  message_delete: { provides: [], invalidates: ["messages", "folders", "operations"] },
  undo_run: { provides: [], invalidates: ["messages", "folders", "operations"] },
  thread_show: { provides: ["messages"], invalidates: [] },
  sender_allow: { provides: [], invalidates: ["messages", "settings"] },
  sender_forget: { provides: [], invalidates: ["messages", "settings"] },
  sender_list: { provides: ["settings"], invalidates: [] },
  draft_open: { provides: [], invalidates: ["drafts", "outbox"] },
  draft_save: { provides: [], invalidates: ["drafts"] },
  draft_attach: { provides: [], invalidates: ["drafts"] },
  draft_detach: { provides: [], invalidates: ["drafts"] },
  draft_file: { provides: [], invalidates: [] },
  draft_send: { provides: [], invalidates: ["drafts", "outbox", "messages"] },
  draft_discard: { provides: [], invalidates: ["drafts", "messages"] },
  draft_list: { provides: ["drafts"], invalidates: [] },
  people_search: { provides: [], invalidates: [] },
  message_send: { provides: [], invalidates: ["outbox", "messages"] },
  outbox_list: { provides: ["outbox"], invalidates: [] },
  outbox_retry: { provides: [], invalidates: ["outbox"] },
  outbox_discard: { provides: [], invalidates: ["outbox"] },
  operation_list: { provides: ["operations"], invalidates: [] },
  operation_push: { provides: [], invalidates: ["operations", "messages", "folders"] },
  operation_discard: { provides: [], invalidates: ["operations", "messages"] },
  status_get: { provides: ["accounts", "outbox", "operations"], invalidates: [] },
  journal_get: { provides: ["accounts"], invalidates: [] },
  restored_seen: { provides: [], invalidates: ["accounts"] },
  pages_set: { provides: [], invalidates: [] },
  doctor_run: { provides: [], invalidates: ["accounts", "folders", "messages"] },
  backup_list: { provides: [], invalidates: [] },
  backup_write: { provides: [], invalidates: [] },
  backup_restore: { provides: [], invalidates: [] },
} as const satisfies Record<keyof Commands, { provides: readonly string[]; invalidates: readonly string[] }>;

/** Every code of a `WireError`. */
export const errorCodes = [
  "address_invalid",
  "input_invalid",
  "provider_unknown",
  "servers_unconfirmed",
  "provider_without_imap",
  "oauth_unavailable",
  "network_unreachable",
  "name_not_found",
  "connect_refused",
  "connect_timeout",
  "connection_lost",
  "server_stalled",
  "server_closed",
  "server_nonsense",
  "server_unavailable",
  "too_many_connections",
  "tls_certificate_invalid",
  "tls_certificate_expired",
  "tls_certificate_wrong_host",
  "tls_failed",
  "starttls_missing",
  "starttls_injection",
  "auth_failed",
  "auth_app_password_needed",
  "auth_mechanism_missing",
  "auth_imap_disabled",
  "auth_smtp_disabled",
  "sign_in_again",
  "oauth_denied",
  "oauth_state_mismatch",
  "oauth_issuer_mismatch",
  "oauth_scope_missing",
  "oauth_timeout",
  "oauth_server_error",
  "oauth_wrong_mailbox",
  "oauth_client_invalid",
  "folder_missing",
  "folder_not_selectable",
  "permission_denied",
  "over_quota",
  "message_missing",
  "entry_missing",
  "message_too_large",
  "message_rejected",
  "recipient_rejected",
  "sender_rejected",
  "send_deferred",
  "sending_disabled",
  "account_missing",
  "account_exists",
  "operation_refused",
  "store_too_new",
  "store_damaged",
  "store_restored",
  "store_busy",
  "disk_full",
  "disk_read_only",
  "file_unreadable",
  "file_unwritable",
  "vault_locked",
  "vault_missing",
  "vault_denied",
  "vault_timeout",
  "vault_passphrase_wrong",
  "vault_damaged",
  "policy_invalid",
  "cancelled",
  "command_unknown",
  "send_outcome_unknown",
  "smtp_utf8_missing",
  "send_under_way",
  "internal",
  "registration_in_use",
  "token_foreign_server",
  "oauth_admin_consent_needed",
  "door_refused",
  "undo_gone",
  "target_not_empty",
  "no_mail_found",
  "message_unusable",
  "auth_web_login_needed",
  "auth_password_off",
  "auth_imap_forbidden",
  "auth_token_refused",
  "tls_exception_refused",
  "loop_missing",
  "portal_suspected",
  "oauth_approval_granted",
  "folder_exists",
  "folder_name_invalid",
  "folder_protected",
  "folder_not_empty",
  "folder_busy",
  "folder_refused",
  "online_needed",
] as const;
