//! The command line of the contract, as a table.

use super::*;
use clap::CommandFactory;

fn parse(line: &str) -> Result<Arguments, clap::error::ErrorKind> {
    Arguments::try_parse_from(line.split_whitespace()).map_err(|error| error.kind())
}

#[test]
fn arguments_definition_is_consistent() {
    Arguments::command().debug_assert();
}

#[test]
fn arguments_of_the_contract_are_understood() {
    let lines = [
        "mailroom detect a@x.pl",
        "mailroom detect a@x.pl --offline --json",
        "mailroom detect a@x.pl --allow-http",
        "mailroom --home /tmp/h --json account add a@x.pl --imap h:993:tls --smtp h:587:starttls --username a --password-stdin",
        "mailroom account add a@x.pl --oauth --issuer https://i --client-id c --client-secret-stdin --tenant t --no-browser",
        "mailroom account add a@x.pl --oauth --period week --folder INBOX --folder Work/2026",
        "mailroom account add a@x.pl",
        "mailroom account list",
        "mailroom account test a@x.pl",
        "mailroom account test a@x.pl --full-loop --report",
        "mailroom account certificate a@x.pl",
        "mailroom account certificate a@x.pl --server h:993 --trust ab",
        "mailroom account certificate a@x.pl --server [::1]:993 --forget",
        "mailroom account add a@x.pl --imap h:993:tls --trust-certificate h:993=ab:cd --password-stdin",
        "mailroom account remove a@x.pl",
        "mailroom account remove a@x.pl --yes",
        "mailroom account sign-in a@x.pl --password-stdin",
        "mailroom account set a@x.pl --period all --all-folders",
        "mailroom account set a@x.pl --folder A --folder B",
        "mailroom sync",
        "mailroom sync a@x.pl --watch --json",
        "mailroom folder list a@x.pl",
        "mailroom folder create a@x.pl Klienci",
        "mailroom folder create a@x.pl 2026 --in Klienci",
        "mailroom folder rename a@x.pl Klienci --to Customers --in Work",
        "mailroom folder rename a@x.pl Work/Klienci --top",
        "mailroom folder delete a@x.pl Klienci",
        "mailroom folder delete a@x.pl Klienci --forever 12",
        "mailroom folder read a@x.pl inbox",
        "mailroom message list --folder Sent --limit 5",
        "mailroom message search from:a b",
        "mailroom search from:a b --limit 1000",
        "mailroom message show 5",
        "mailroom message export 5 --output f.eml",
        "mailroom message download 5",
        "mailroom message inspect f.eml --html",
        "mailroom message save 5 2.1 --output -",
        "mailroom message mark 1 2 3 --read --star --keyword todo",
        "mailroom message move 1 2 --to Archive",
        "mailroom message copy 1 2 --to Archive",
        "mailroom message delete 1 2",
        "mailroom send --from a@x.pl --to b@x.pl c@x.pl --to d@x.pl --subject S --body-file - --html-file h --attach f g",
        "mailroom send --from a@x.pl --to b@x.pl --subject S --body-file b --reply-to-message 7 --cc c@x.pl --bcc d@x.pl",
        "mailroom export a@x.pl --to d",
        "mailroom export a@x.pl --to d --format maildir --folder INBOX --folder sent --add --local",
        "mailroom import a@x.pl old.mbox Maildir --folder archive",
        "mailroom outbox list",
        "mailroom outbox retry 1",
        "mailroom outbox discard 1",
        "mailroom operation list",
        "mailroom operation discard 1",
        "mailroom status",
        "mailroom status --seen",
        "mailroom doctor",
        "mailroom doctor --repair",
        "mailroom backup list",
        "mailroom backup write",
        "mailroom backup restore f --yes",
        "mailroom domain list",
        "mailroom domain forget x.pl",
        "mailroom registration list",
        "mailroom registration set 1 --secret-ends 2027-03-31",
        "mailroom registration set 1 --secret-end-unknown",
        "mailroom serve",
        "mailroom serve --port 8080 --page ui/dist --json",
        "mailroom serve --until-input-ends",
        "mailroom contract",
        "mailroom completions bash",
        "mailroom man --dir d",
        "mailroom -vv status",
    ];
    for line in lines {
        assert!(parse(line).is_ok(), "{line}: {:?}", parse(line).err());
    }
}

#[test]
fn arguments_that_make_no_sense_are_refused() {
    use clap::error::ErrorKind as Kind;
    let lines = [
        ("mailroom", Kind::DisplayHelpOnMissingArgumentOrSubcommand),
        ("mailroom account", Kind::DisplayHelpOnMissingArgumentOrSubcommand),
        ("mailroom frobnicate", Kind::InvalidSubcommand),
        (
            "mailroom account add a@x.pl --password-stdin --oauth",
            Kind::ArgumentConflict,
        ),
        (
            "mailroom account add a@x.pl --issuer https://i",
            Kind::MissingRequiredArgument,
        ),
        (
            "mailroom account add a@x.pl --oauth --client-secret-stdin",
            Kind::MissingRequiredArgument,
        ),
        ("mailroom account add a@x.pl --period decade", Kind::InvalidValue),
        ("mailroom account set a@x.pl", Kind::MissingRequiredArgument),
        (
            "mailroom account set a@x.pl --folder A --all-folders",
            Kind::ArgumentConflict,
        ),
        (
            "mailroom folder rename a@x.pl Klienci",
            Kind::MissingRequiredArgument,
        ),
        (
            "mailroom folder rename a@x.pl Klienci --in A --top",
            Kind::ArgumentConflict,
        ),
        ("mailroom message mark 1", Kind::MissingRequiredArgument),
        ("mailroom message mark --read", Kind::MissingRequiredArgument),
        ("mailroom message mark 1 --read --unread", Kind::ArgumentConflict),
        ("mailroom registration set 1", Kind::MissingRequiredArgument),
        (
            "mailroom registration set 1 --secret-ends tomorrow",
            Kind::ValueValidation,
        ),
        ("mailroom message show x", Kind::ValueValidation),
        ("mailroom message show 0", Kind::ValueValidation),
        ("mailroom message list --limit 1001", Kind::ValueValidation),
        (
            "mailroom send --from a@x.pl --subject S --body-file -",
            Kind::MissingRequiredArgument,
        ),
    ];
    for (line, kind) in lines {
        assert_eq!(parse(line).err(), Some(kind), "{line}");
    }
}

#[test]
fn arguments_of_send_collect_every_recipient() {
    let line = "mailroom send --from a@x.pl --to b@x.pl c@x.pl --to d@x.pl --subject S --body-file -";
    let Command::Send(send) = parse(line).unwrap().command else {
        panic!("not send")
    };
    assert_eq!(send.to, ["b@x.pl", "c@x.pl", "d@x.pl"]);
}

#[test]
fn arguments_json_works_after_the_command() {
    assert!(parse("mailroom account list --json").unwrap().json);
}
