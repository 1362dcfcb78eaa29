//! What to say about every error: what happened, what it means, who can do what.

use mailroom_api::ErrorCode;

use super::folder_errors;

/// What happened, what it means (may be empty), who can do what.
pub(crate) type Sentences = (&'static str, &'static str, &'static str);

/// For a code that this version does not know.
pub(crate) const UNLISTED: Sentences = (
    "Something failed for which this version has no words: {code}.",
    "[{detail}.|]",
    "If it happens again, report the code to the makers of Mailroom.",
);

/// The table. `None` for a code that nobody has described yet; a test sees to it that there is none.
pub(crate) fn sentences(code: ErrorCode) -> Option<Sentences> {
    addresses_and_providers(code)
        .or_else(|| network(code))
        .or_else(|| encryption(code))
        .or_else(|| passwords(code))
        .or_else(|| browser(code))
        .or_else(|| mail(code))
        .or_else(|| folder_errors::sentences(code))
        .or_else(|| machine(code))
}

fn addresses_and_providers(code: ErrorCode) -> Option<Sentences> {
    Some(match code {
        ErrorCode::AddressInvalid => (
            "[“{text}” is not an e-mail address|“{address}” is not an e-mail address|The text is not an e-mail address][: {reason}].",
            "An address has a name, an @ and a domain, as in anna@example.com.",
            "Check the spelling and try again.",
        ),
        ErrorCode::InputInvalid => (
            "[The value for “{field}” cannot be used|A value cannot be used].",
            "[{reason}.|{detail}.|]",
            "Change the value and try again; `mailroom help` describes every option.",
        ),
        ErrorCode::ServersUnconfirmed => (
            "The servers[ {servers}] are only suspected to be the right ones.",
            "They do not belong to the address's own domain, or nobody sure has named them; a password is not sent there on a guess.",
            "Check them with `mailroom detect`. If they are right, add --approve-servers \"[{servers}|SERVERS]\"; otherwise give the right ones with --imap and --smtp.",
        ),
        ErrorCode::ProviderUnknown => (
            "No servers are known for [addresses of {domain}|this address].",
            "Neither the built-in list nor the domain itself says where its mail is kept.",
            "Ask whoever runs the mailbox for the names of the servers, and give them with --imap and --smtp.",
        ),
        ErrorCode::ProviderWithoutImap => (
            "[{provider} does not let other programs open its mailboxes|The provider does not let other programs open its mailboxes].",
            "[{reason}.|]",
            "Only the provider can change that. Another mailbox can be added, or mail forwarded to one.",
        ),
        ErrorCode::RegistrationInUse => (
            "The registration is in use[: {accounts} signed in with it|].",
            "What an account was granted belongs to the client id that asked for it.",
            "Remove the account, or sign it in another way, first.",
        ),
        ErrorCode::TokenForeignServer => (
            "The sign-in[ of {address}] is not shown to [{host}|a server of somebody else].",
            "A token of one provider in the hands of another would open the mailbox to them.",
            "Sign in anew with these servers: remove the account and add it again.",
        ),
        ErrorCode::OauthUnavailable => (
            "Signing in in the browser cannot be offered[ for {provider}| for {issuer}].",
            "It needs a client id that the provider has given to this program, and there is none here.",
            "Your administrator can put one into the policy, or give your own with --client-id. Often an app password works as well: see `mailroom detect`.",
        ),
        ErrorCode::AccountMissing => (
            "There is no account [{address}|with this address] here.",
            "",
            "`mailroom account list` shows the accounts that there are; `mailroom account add` adds one.",
        ),
        ErrorCode::AccountExists => (
            "The account [{address}|with this address] is here already.",
            "",
            "To sign in again, use `mailroom account sign-in`; to keep other folders or another period, `mailroom account set`.",
        ),
        _ => return None,
    })
}

fn network(code: ErrorCode) -> Option<Sentences> {
    Some(match code {
        ErrorCode::NetworkUnreachable => (
            "[{host} cannot be reached|The server cannot be reached].",
            "This machine has no way to it: there is no network, or something between forbids it.",
            "Check the network connection. In an office, ask whether a firewall or a VPN stands between.",
        ),
        ErrorCode::PortalSuspected => (
            "Something else seems to answer in place of [{host}|the server].",
            "It shows a certificate that is not the server's. Networks of hotels, trains and cafés do so until somebody has signed in on a page of theirs; somebody who wants to listen would do so too. No password was sent.",
            "Open any web page in a browser and see whether the network wants something. Mailroom goes on by itself when the server can be reached.",
        ),
        ErrorCode::NameNotFound => (
            "[The name {host} is not known|The server's name is not known].",
            "No address belongs to it: the name is misspelt, or the network's name service does not answer.",
            "Check the spelling of the server or the domain, and the network connection.",
        ),
        ErrorCode::ConnectRefused => (
            "[{host} does not accept connections on port {port}|{host} does not accept the connection|The server does not accept the connection].",
            "The machine is there, but nothing answers: the port is another one, or the service is down.",
            "Check the port. If it is right, whoever runs the server has to look.",
        ),
        ErrorCode::ConnectTimeout => (
            "[{host} did not answer within {after_ms}|{host} did not answer in time|The server did not answer in time].",
            "The server is down or very slow, or a firewall drops the connection without a word.",
            "Try again in a few minutes, or from another network. If it goes on, ask whoever runs the server.",
        ),
        ErrorCode::ConnectionLost => (
            "The connection[ to {host}] broke off.",
            "What was done until then is kept; the rest follows with the next sync.",
            "Check the network connection and try again.",
        ),
        ErrorCode::ServerStalled => (
            "[{host} stopped answering|The server stopped answering] in the middle of an exchange.",
            "What was done until then is kept; the rest follows with the next sync.",
            "Check that the security fits the port (993 and 465: tls, 143 and 587: starttls), or try again in a few minutes. If it goes on, ask whoever runs the server.",
        ),
        ErrorCode::ServerClosed => (
            "[{host} ended the connection|The server ended the connection].",
            "It does so for maintenance, after too long a pause, or when it is asked too often.",
            "Try again in a few minutes. If it goes on, ask whoever runs the server.",
        ),
        ErrorCode::ServerNonsense => (
            "[{host} gave an answer that breaks the protocol|The server gave an answer that breaks the protocol].",
            "Either another kind of service answers on this port, or the server has a defect.",
            "Check the server, the port and the security. If they are right, whoever runs the server has to look.",
        ),
        ErrorCode::ServerUnavailable => (
            "[{host} cannot work at the moment|The server cannot work at the moment].",
            "It says so itself; nothing is lost.",
            "Try again in a few minutes. If it goes on, ask the provider.",
        ),
        ErrorCode::TooManyConnections => (
            "[{host} allows no further connection|The server allows no further connection].",
            "Providers limit how many programs and devices may be connected to a mailbox at a time.",
            "Close other mail programs that use the mailbox, or try again in a few minutes.",
        ),
        _ => return None,
    })
}

fn encryption(code: ErrorCode) -> Option<Sentences> {
    Some(match code {
        ErrorCode::TlsCertificateInvalid => (
            "The certificate of [{host}|the server] is not trusted[: {reason}|].",
            "It cannot be proved that this is the right server, so nothing was sent to it.",
            "If the organisation has its own authority, its certificate has to be installed on this machine, or named in SSL_CERT_FILE. Otherwise whoever runs the server has to mend it.",
        ),
        ErrorCode::TlsCertificateExpired => (
            "The certificate of [{host}|the server] has expired or is not valid yet.",
            "It cannot be proved that this is the right server, so nothing was sent to it.",
            "Check this machine's date. If it is right, whoever runs the server has to renew the certificate.",
        ),
        ErrorCode::TlsCertificateWrongHost => (
            "The certificate [of {host} |]is for another server.",
            "Either the name is not quite the right one, or somebody else answers; nothing was sent.",
            "Check the server's name with the provider. Some mailboxes are reached by the name of the company that hosts them.",
        ),
        ErrorCode::TlsExceptionRefused => (
            "No exception is made for a certificate here[: {reason}|].",
            "A token opens the mailbox for whoever has it, so it goes to trusted servers only; an organisation may forbid exceptions altogether.",
            "The server's certificate has to be mended, or its authority installed on this machine. The administrator decides about exceptions.",
        ),
        ErrorCode::TlsFailed => (
            "An encrypted connection[ to {host}] could not be agreed on.",
            "The server may be too old, or expects another kind of security on this port.",
            "Check the port: 993 and 465 are for tls, 143 and 587 for starttls. If they are right, whoever runs the server has to look.",
        ),
        ErrorCode::StarttlsMissing => (
            "[{host} does not offer encryption|The server does not offer encryption] on this port.",
            "Mailroom sends no password without it. Something between here and the server may have taken the offer away.",
            "Try tls on port 993 or 465. In a strange network, try from another one. Otherwise whoever runs the server has to look.",
        ),
        ErrorCode::StarttlsInjection => (
            "Something was put into the connection[ to {host}] before encryption began.",
            "Somebody may be tampering with it, so it was ended and nothing was sent.",
            "Do not sign in from this network. If it happens in other networks too, tell whoever runs the server.",
        ),
        _ => return None,
    })
}

fn passwords(code: ErrorCode) -> Option<Sentences> {
    Some(match code {
        ErrorCode::AuthFailed => (
            "[{host} did not accept|The server did not accept] the user name or the password.",
            "Besides a misspelling, it may want an app password, another user name, or a mailbox that is open to other programs.",
            "Check both and try again; `mailroom detect` shows what this provider asks for. An account that is here signs in again with `mailroom account sign-in`.",
        ),
        ErrorCode::AuthAppPasswordNeeded => (
            "[{provider} wants|{host} wants|The provider wants] an app password.",
            "The mailbox's ordinary password does not work in mail programs.",
            "[Make one at {url} and use it instead|Make one in the provider's security settings and use it instead]; `mailroom detect` has the link when it is known.",
        ),
        ErrorCode::AuthMechanismMissing => (
            "[{host} offers|The server offers] no way of signing in that can be used here.",
            "It may let programs in only through the browser, or only with another kind of security.",
            "Try --oauth, or another port. Whoever runs the server can say what it expects.",
        ),
        ErrorCode::AuthImapDisabled => (
            "[Other programs may not read {address}|Other programs may not read this mailbox]: IMAP is switched off.",
            "",
            "Switch it on in the mailbox's settings on the web[: {url}|; `mailroom detect` has the link when it is known]. In an organisation the administrator may have to do it.",
        ),
        ErrorCode::AuthImapForbidden => (
            "[Mail programs may not read {address}|Mail programs may not read this mailbox]: whoever manages it does not allow it.",
            "That is the administrator of an organisation, or the parent of a family's account; it is no setting of the mailbox.",
            "Ask them to allow IMAP[; this page is about it: {url}|].",
        ),
        ErrorCode::AuthPasswordOff => (
            "[{host} takes|The provider takes] no passwords from mail programs any more.",
            "Neither another password nor an app password would help.",
            "Sign in in the browser: use --oauth.",
        ),
        ErrorCode::AuthTokenRefused => (
            "The sign-in[ of {address}] worked, and [{host}|the server] does not take it.",
            "The mailbox may have another user name than its address (an alias, a work account's main name), or access was granted without mail.",
            "Sign in with the mailbox's main address and leave the boxes for mail ticked. In an organisation the administrator may have switched IMAP off.",
        ),
        ErrorCode::AuthWebLoginNeeded => (
            "[{host} wants|The provider wants] you to sign in on its web page first.",
            "It takes the sign-in of a new program for something unusual, or has a question to ask.",
            "Sign in with the browser once, answer what it asks, and try again[; this page is about it: {url}|].",
        ),
        ErrorCode::AuthSmtpDisabled => (
            "[Other programs may not send as {address}|Other programs may not send from this mailbox]: SMTP sign-in is switched off.",
            "Reading works without it.",
            "Your administrator can switch it on for the mailbox or the whole organisation[; this page says how: {url}|].",
        ),
        _ => return None,
    })
}

fn browser(code: ErrorCode) -> Option<Sentences> {
    Some(match code {
        ErrorCode::SignInAgain => (
            "[The sign-in of {address} has ended|The sign-in has ended].",
            "The provider ends it after a change of password, after a long time, or when access was taken back. The mail that is here stays.",
            "Sign in again: `mailroom account sign-in [{address}|ADDRESS]`.",
        ),
        ErrorCode::OauthDenied => (
            "Access was refused in the browser.",
            "Either it was declined there, or the organisation does not allow this program.",
            "Try again and agree, or ask the administrator to allow Mailroom.",
        ),
        ErrorCode::OauthStateMismatch => (
            "The answer from the browser belongs to another sign-in.",
            "It may come from an older page that was still open; it was not used.",
            "Start the sign-in again and use the page that opens then.",
        ),
        ErrorCode::OauthIssuerMismatch => (
            "The answer from the browser names another provider than the one that was asked.",
            "It was not used, because somebody may be trying to mix up two sign-ins.",
            "Start the sign-in again. If it happens again, check the issuer.",
        ),
        ErrorCode::OauthScopeMissing => (
            "Access was granted without the right to read or send mail.",
            "On some pages these rights have boxes of their own.",
            "Sign in again and leave the boxes for mail ticked.",
        ),
        ErrorCode::OauthTimeout => (
            "Nobody finished the sign-in in the browser.",
            "Nothing was changed.",
            "Start again when you have a few minutes.",
        ),
        ErrorCode::OauthServerError => (
            "The provider's sign-in service[ {issuer}| {host}|] failed.",
            "[It answered: {error}.|What it sent could not be used: {reason}.|]",
            "Try again in a few minutes. If it goes on, ask the provider.",
        ),
        ErrorCode::OauthWrongMailbox => (
            "[{signed_in} signed in|Another mailbox signed in] instead of [{asked}|the one that was asked for].",
            "The browser was probably still signed in there; that access was not kept.",
            "Sign out in the browser, or choose the right mailbox there, and try again.",
        ),
        ErrorCode::OauthClientInvalid => (
            "The provider's sign-in service does not know this program's client id, its secret or its return address.",
            "",
            "Your administrator, or whoever registered the client id, has to check the registration.",
        ),
        ErrorCode::OauthApprovalGranted => (
            "The organisation has allowed Mailroom.",
            "",
            "Finish with: `mailroom account sign-in [{address}|ADDRESS] --oauth`.",
        ),
        ErrorCode::OauthAdminConsentNeeded => (
            "The organisation[ of {address}|] has to allow Mailroom before anybody in it can sign in.",
            "",
            "Your administrator can do that[: {url}| in the provider's administration pages].",
        ),
        _ => return None,
    })
}

fn mail(code: ErrorCode) -> Option<Sentences> {
    Some(match code {
        ErrorCode::UndoGone => (
            "This can no longer be undone.",
            "It was undone before, or too much has happened since, or another program has moved the messages on.",
            "`mailroom message move` and `mailroom message mark` make the opposite change by hand.",
        ),
        ErrorCode::FolderMissing => (
            "There is no folder [“{folder}”|“{path}”|of this name].",
            "",
            "`mailroom folder list ADDRESS` shows the folders; with --refresh it asks the server.",
        ),
        ErrorCode::FolderNotSelectable => (
            "The folder[ “{folder}”| “{path}”|] cannot be opened.",
            "It may only hold other folders, or the server has a problem with it. The other folders are not affected.",
            "If it should hold messages, ask whoever runs the server.",
        ),
        ErrorCode::PermissionDenied => (
            "The server does not allow this[ in “{folder}”| in “{path}”|].",
            "",
            "Your administrator, or the owner of the folder, can grant the right.",
        ),
        ErrorCode::OverQuota => (
            "The mailbox is full.",
            "The server takes no more messages until there is room.",
            "Delete what is not needed and empty the trash, or ask the provider for more room.",
        ),
        ErrorCode::SendUnderWay => (
            "The message stands in the outbox[ as entry {id}].",
            "It waits there, is on its way, or was sent already.",
            "`mailroom outbox list` prints what waits.",
        ),
        ErrorCode::EntryMissing => (
            "There is no entry[ {id}] in the outbox or among the waiting changes.",
            "It may have been sent, carried out or discarded.",
            "`mailroom outbox list` and `mailroom operation list` print what waits.",
        ),
        ErrorCode::MessageMissing => (
            "There is no such message here.",
            "It may have been deleted or moved, here or from another device.",
            "`mailroom message list` and `mailroom search` print the numbers of the messages that there are.",
        ),
        ErrorCode::MessageTooLarge => (
            "[The message has {size}; the limit is {limit}|The message is larger than the limit of {limit}|The message is too large].",
            "",
            "Make attachments smaller, or send them in several messages or as a link.",
        ),
        ErrorCode::MessageRejected => (
            "The server refused the message.",
            "It was not sent to anybody.",
            "The server's words say why. Change the message and send it again.",
        ),
        ErrorCode::RecipientRejected => (
            "The server refused [the recipient {recipient}|the recipient {address}|a recipient].",
            "The message was not sent.",
            "Check the address and send the message again.",
        ),
        ErrorCode::SendOutcomeUnknown => (
            "The connection[ to {host}] broke after the whole message was handed over.",
            "The server may have sent it. It is not sent again by itself, so that nobody gets it twice.",
            "Ask a recipient, or look into the folder for sent mail on the web. Then retry or discard it: `mailroom outbox list` has its number.",
        ),
        ErrorCode::SmtpUtf8Missing => (
            "[{host} cannot send|The server cannot send] to [{address}|this address]: it does not know addresses with such letters.",
            "The message was not sent.",
            "Use another address of the recipient. The provider can extend the server (SMTPUTF8).",
        ),
        ErrorCode::SenderRejected => (
            "The server does not let this account send as [{sender}|{address}|this address].",
            "",
            "Use the account's own address, or ask your administrator for the right to send as the other one.",
        ),
        ErrorCode::SendDeferred => (
            "The server asks to try again later.",
            "The message waits in the outbox and is tried again by itself.",
            "Nothing needs to be done. If it goes on for hours, ask the provider.",
        ),
        ErrorCode::LoopMissing => (
            "The message to oneself did not come back[ within {after_ms}].",
            "The server took it. It may be late, or a rule or a filter put it elsewhere; when it comes it is removed.",
            "Try again later. If it never comes, ask the provider what happened to mail from the account to itself.",
        ),
        ErrorCode::SendingDisabled => (
            "[{address} cannot send|The account cannot send].",
            "It has no server for sending, or sending is switched off in its settings.",
            "Send from another account, switch sending on, or remove this one and add it again with --smtp.",
        ),
        ErrorCode::OperationRefused => (
            "The server refused a change.",
            "What stands on the server counts; the change waits in the list of operations.",
            "`mailroom operation list` shows it, `mailroom operation discard` gives it up.",
        ),
        _ => return None,
    })
}

fn machine(code: ErrorCode) -> Option<Sentences> {
    Some(match code {
        ErrorCode::StoreTooNew => (
            "The mail on this machine was written by a newer Mailroom.",
            "[It has version {found}, this program knows {supported}. |]Nothing was changed.",
            "Update this program, or choose another directory with --home.",
        ),
        ErrorCode::StoreDamaged => (
            "The mail on this machine cannot be read[: {what}].",
            "Everything on the server is unaffected and can be loaded again.",
            "Keep a copy of the directory, and report it. With another --home you can go on at once.",
        ),
        ErrorCode::StoreRestored => (
            "The mail database [could not be read. The damaged file is kept: {path}|was missing]. A backup took its place.",
            "Accounts, settings, drafts and what waits to be sent are as they were when the backup was written; mail is loaded again from its servers.",
            "`mailroom sync` loads the mail. `mailroom status --seen` ends this notice.",
        ),
        ErrorCode::StoreBusy => (
            "Another Mailroom is using the mail on this machine.",
            "Two programs cannot write at the same time.",
            "Wait until it is done, or end it, and try again.",
        ),
        ErrorCode::DiskFull => (
            "There is no room left on the disk[ for {path}|].",
            "What was loaded before is safe.",
            "Make room and try again; with a shorter --period less is kept here.",
        ),
        ErrorCode::DiskReadOnly => (
            "[{path} cannot be written to|The disk cannot be written to].",
            "",
            "Check that the directory belongs to you and that the disk is not read-only, or choose another with --home.",
        ),
        ErrorCode::FileUnreadable => (
            "[The file “{path}” cannot be read|A file cannot be read][: {reason}].",
            "",
            "Check the name of the file and that you may open it.",
        ),
        ErrorCode::FileUnwritable => (
            "[The file “{path}” cannot be written|A file cannot be written][: {reason}].",
            "",
            "Choose another name or directory, or check that you may write there.",
        ),
        ErrorCode::TargetNotEmpty => (
            "[“{path}” is not empty|The directory is not empty].",
            "Nothing was written.",
            "Choose an empty directory, or add --add to write into this one; nothing that is there is lost but files of the same export.",
        ),
        ErrorCode::NoMailFound => (
            "There is no mail in [“{path}”|the file].",
            "It is neither a mailbox file (mbox), nor a Maildir, nor a message (.eml), nor a directory of them.",
            "Name the file or directory that the other program keeps its mail in, or that `mailroom export` wrote.",
        ),
        ErrorCode::MessageUnusable => (
            "No server would take the message as it is.",
            "[It is empty or has a byte 0 in it, which mail cannot carry ({reason}).|It is empty or has a byte 0 in it, which mail cannot carry.]",
            "Its file may be damaged; look for another copy of it.",
        ),
        ErrorCode::VaultLocked => (
            "The keychain is locked.",
            "Passwords and sign-ins are kept there, so nothing can be sent or loaded until it is open.",
            "Unlock it, usually by signing in to the desktop, and try again. On a machine without a desktop, set MAILROOM_VAULT=file.",
        ),
        ErrorCode::VaultMissing => (
            "This machine has no keychain service.",
            "Passwords and sign-ins are never kept without one.",
            "Start one (on Linux: GNOME Keyring or KWallet), or set MAILROOM_VAULT=file and MAILROOM_VAULT_PASSPHRASE to use an encrypted file.",
        ),
        ErrorCode::VaultDenied => (
            "The keychain refused access.",
            "",
            "Allow Mailroom when the system asks, or in the keychain's own settings.",
        ),
        ErrorCode::VaultTimeout => (
            "The keychain did not answer in time.",
            "It may be waiting for somebody to unlock it in a window of its own.",
            "Look for that window, or unlock the keychain, and try again.",
        ),
        ErrorCode::VaultPassphraseWrong => (
            "The passphrase does not open the secrets file.",
            "Nothing was changed.",
            "Check MAILROOM_VAULT_PASSPHRASE.",
        ),
        ErrorCode::VaultDamaged => (
            "A stored secret cannot be read.",
            "The mail that is here is not affected.",
            "Sign in again with `mailroom account sign-in`. If it happens again, report it to the makers of Mailroom.",
        ),
        ErrorCode::PolicyInvalid => (
            "The organisation's policy file cannot be used[: {reason}].",
            "[It is {path}.|]",
            "Your administrator has to correct it.",
        ),
        ErrorCode::Cancelled => (
            "Cancelled; what was done until then is kept.",
            "",
            "Run the command again to go on.",
        ),
        ErrorCode::CommandUnknown => (
            "The core of Mailroom does not know the command[ “{name}”].",
            "The parts of this program do not belong together.",
            "Install it again, or report it to the makers of Mailroom.",
        ),
        ErrorCode::DoorRefused => (
            "The door for programs and browsers turned the request away[: {reason}].",
            "A link works once, and only while `mailroom serve` runs.",
            "Start `mailroom serve` again and open the link that it prints.",
        ),
        ErrorCode::Internal => (
            "Mailroom made a mistake.",
            "[{detail}.|]",
            "Nothing on the server is affected. Report it to the makers of Mailroom with the words above.",
        ),
        _ => return None,
    })
}
