//! `message`: list, find, export, save, mark, move, copy, delete.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mailroom_api::dto::{MessageExported, MessagePage, MessageRow, MessageView, OperationView, SearchPage};
use serde_json::{Value, json};

use super::read;
use crate::args::{Message, MessageExport, MessageList, MessageMark, MessageMove, MessageSave, Search};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Column, Output, Style, Table, bytes, count, messages};
use crate::session::{Session, path_text, read as shape};

pub(crate) async fn run(message: Message, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    match message {
        Message::List(wanted) => list(wanted, session, output).await,
        Message::Search(wanted) => search(wanted, session, output).await,
        Message::Show(show) => read::show(show, session, output).await,
        Message::Export(wanted) => export(wanted, session, output).await,
        Message::Save(wanted) => save(wanted, session, output).await,
        Message::Download { id } => download(id, session, output).await,
        Message::Inspect(inspect) => read::inspect(inspect, session, output).await,
        Message::Mark(wanted) => mark(wanted, session, output).await,
        Message::Move(wanted) => move_to(wanted, session, output).await,
        Message::Copy(wanted) => copy_to(wanted, session, output).await,
        Message::Delete { ids, from } => delete(&ids, from, session, output).await,
    }
}

async fn list(list: MessageList, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let payload = payload([
        ("address", list.account.clone().map(Value::from)),
        ("folder", list.folder.clone().map(Value::from)),
        ("limit", list.limit.map(Value::from)),
        ("cursor", list.cursor.map(Value::from)),
    ]);
    let reply = session.call("message_list", payload).await?;
    let page: MessagePage = shape(&reply)?;
    output.reply(&reply, |output| {
        if page.messages.is_empty() {
            return output.line("There is no message here.");
        }
        print_rows(&page.messages, false, output)?;
        if let Some(cursor) = &page.cursor {
            output.gap()?;
            output.styled(
                Style::Dim,
                &format!("There is more: the same command with --cursor '{cursor}'"),
            )?;
        }
        Ok(())
    })?;
    Ok(Exit::Success)
}

pub(crate) async fn search(search: Search, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let payload = payload([
        ("query", Some(query(&search.query).into())),
        ("address", search.account.map(Value::from)),
        ("limit", search.limit.map(Value::from)),
    ]);
    let reply = session.call("message_search", payload).await?;
    let page: SearchPage = shape(&reply)?;
    output.reply(&reply, |output| {
        if page.messages.is_empty() {
            output.line("Nothing was found.")?;
        } else {
            print_rows(&page.messages, true, output)?;
        }
        if !page.complete {
            output.gap()?;
            output.styled(
                Style::Dim,
                "Messages are still being loaded, so something may be missing.",
            )?;
        }
        Ok(())
    })?;
    Ok(Exit::Success)
}

/// The query from the words of the command line. One argument is the query as it is; of several, those whose blanks the
/// shell kept together stay together.
fn query(words: &[String]) -> String {
    if let [whole] = words {
        return whole.clone();
    }
    let quoted = |word: &String| {
        if !word.contains(char::is_whitespace) || word.contains('"') {
            return word.clone();
        }
        match word.split_once(':') {
            Some((operator, value)) if !operator.contains(char::is_whitespace) => {
                format!("{operator}:\"{value}\"")
            }
            _ => format!("\"{word}\""),
        }
    };
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

pub(super) fn payload<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// Rows of a list; the folder is told when they come from several.
fn print_rows(rows: &[MessageRow], with_folder: bool, output: &mut Output) -> Result<(), Failure> {
    let several_accounts = rows
        .windows(2)
        .any(|pair| matches!(pair, [one, other] if one.account != other.account));
    let mut columns = vec![
        Column::numbers("ID"),
        Column::words(""),
        Column::words("Received"),
        Column::squeezed("From"),
    ];
    if several_accounts {
        columns.push(Column::squeezed("Account"));
    }
    if with_folder {
        columns.push(Column::squeezed("Folder"));
    }
    columns.push(Column::squeezed("Subject"));
    let mut table = Table::new(&columns);
    for row in rows {
        let is_own = row.from_address.eq_ignore_ascii_case(&row.account);
        let from = if is_own && !row.to.is_empty() {
            format!("To: {}", row.to.join(", "))
        } else if row.from_name.trim().is_empty() {
            row.from_address.clone()
        } else {
            row.from_name.clone()
        };
        let mut cells = vec![
            row.id.to_string(),
            marks(row),
            output.moment(row.received_at),
            from,
        ];
        if several_accounts {
            cells.push(row.account.clone());
        }
        if with_folder {
            cells.push(row.folder.clone());
        }
        cells.push(row.subject.clone());
        table.row(
            if is_flagged(row, "\\Seen") {
                Style::Plain
            } else {
                Style::Strong
            },
            cells,
        );
    }
    output.table(&table)
}

fn is_flagged(row: &MessageRow, flag: &str) -> bool {
    row.flags.iter().any(|one| one.eq_ignore_ascii_case(flag))
}

/// Unread, starred, answered, with attachments: always four columns, so that they stand beneath each other.
fn marks(row: &MessageRow) -> String {
    let marks = [
        (!is_flagged(row, "\\Seen"), 'N'),
        (is_flagged(row, "\\Flagged"), '*'),
        (is_flagged(row, "\\Answered"), 'R'),
        (row.attachments > 0, '+'),
    ];
    marks
        .iter()
        .map(|(holds, mark)| if *holds { *mark } else { '.' })
        .collect()
}

async fn export(export: MessageExport, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let output_file = export.output.filter(|path| path.as_os_str() != "-");
    bring(export.id, None, output_file, session, output).await
}

async fn download(id: i64, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let reply = session.call("message_download", json!({ "id": id })).await?;
    output.reply(&reply, |output| {
        output.styled(Style::Good, &format!("Message {id} is here as a whole."))
    })?;
    Ok(Exit::Success)
}

async fn save(save: MessageSave, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let file = match save.output {
        Some(path) if path.as_os_str() == "-" => None,
        Some(path) => Some(path),
        None => {
            let reply = session.call("message_show", json!({ "id": save.id })).await?;
            let message: MessageView = shape(&reply)?;
            let attachment = message
                .attachments
                .iter()
                .find(|attachment| attachment.part == save.part);
            let Some(attachment) = attachment else {
                return Err(Failure::input(
                    "PART",
                    "the message has no attachment with this part; `mailroom message show` lists them",
                ));
            };
            Some(free_name(Path::new(&attachment.filename), &|path| {
                path.symlink_metadata().is_ok()
            }))
        }
    };
    bring(save.id, Some(save.part), file, session, output).await
}

/// The file's own name without any directory, with a number when it is taken.
fn free_name(wanted: &Path, is_taken: &dyn Fn(&Path) -> bool) -> PathBuf {
    let name = wanted
        .file_name()
        .map_or_else(|| PathBuf::from("attachment"), PathBuf::from);
    if !is_taken(&name) {
        return name;
    }
    let stem = name
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let extension = name
        .extension()
        .map(|extension| format!(".{}", extension.to_string_lossy()))
        .unwrap_or_default();
    (2..=9999_u32)
        .map(|number| PathBuf::from(format!("{stem} ({number}){extension}")))
        .find(|path| !is_taken(path))
        .unwrap_or(name)
}

async fn bring(
    id: i64,
    part: Option<String>,
    file: Option<PathBuf>,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let path = file.map(|file| path_text("--output", &file)).transpose()?;
    let payload = payload([
        ("id", Some(id.into())),
        ("part", part.map(Value::from)),
        ("path", path.map(Value::from)),
    ]);
    let reply = session.call("message_export", payload).await?;
    let exported: MessageExported = shape(&reply)?;
    output.reply(&reply, |output| match (&exported.path, &exported.base64) {
        (Some(path), _) => output.line(&format!("{path}: {}", bytes(exported.bytes))),
        (None, Some(text)) => {
            let content = STANDARD.decode(text).map_err(|error| Failure::internal(&error))?;
            output.bytes(&content)
        }
        (None, None) => Ok(()),
    })?;
    Ok(Exit::Success)
}

async fn mark(mark: MessageMark, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let (add, remove) = flags(&mark);
    let reply = session
        .call(
            "message_mark",
            json!({ "ids": mark.ids, "add": add, "remove": remove }),
        )
        .await?;
    changed(&reply, mark.ids.len(), "marked", session, output).await
}

/// IMAP flags to set and to clear.
fn flags(mark: &MessageMark) -> (Vec<String>, Vec<String>) {
    let named = |wanted: bool, flag: &str| wanted.then(|| flag.to_owned());
    let add = named(mark.read, "\\Seen")
        .into_iter()
        .chain(named(mark.star, "\\Flagged"))
        .chain(mark.keyword.clone());
    let remove = named(mark.unread, "\\Seen")
        .into_iter()
        .chain(named(mark.unstar, "\\Flagged"))
        .chain(mark.remove_keyword.clone());
    (add.collect(), remove.collect())
}

async fn move_to(wanted: MessageMove, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let reply = session.call("message_move", placed(&wanted)).await?;
    changed(
        &reply,
        wanted.ids.len(),
        &format!("moved to {}", wanted.to),
        session,
        output,
    )
    .await
}

async fn copy_to(wanted: MessageMove, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let reply = session.call("message_copy", placed(&wanted)).await?;
    let what = format!("copied to {}", wanted.to);
    changed(&reply, wanted.ids.len(), &what, session, output).await
}

fn placed(wanted: &MessageMove) -> Value {
    json!({ "ids": wanted.ids, "folder": wanted.to, "from": seen_in(wanted.from.as_deref(), &wanted.ids) })
}

/// The folder in which all of them are seen, as the core takes it.
fn seen_in(folder: Option<&str>, ids: &[i64]) -> Value {
    folder.map_or_else(|| json!({}), |folder| json!({ folder: ids }))
}

async fn delete(
    ids: &[i64],
    from: Option<String>,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let payload = json!({ "ids": ids, "from": seen_in(from.as_deref(), ids) });
    let reply = session.call("message_delete", payload).await?;
    changed(&reply, ids.len(), "deleted", session, output).await
}

/// Says what was changed here, and whether the server knows it already.
async fn changed(
    reply: &Value,
    how_many: usize,
    what: &str,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    // The program ends with the command, so the server is told now. One that cannot be reached is no error: the change is
    // made here, and waits.
    drop(session.call("operation_push", json!({})).await);
    if output.is_json() {
        output.document(reply)?;
        return Ok(Exit::Success);
    }
    let how_many = messages(i64::try_from(how_many).unwrap_or(i64::MAX));
    output.line(&format!("{how_many} {what}."))?;
    say_waiting(session, output).await?;
    Ok(Exit::Success)
}

/// Says how many changes wait, if any do.
pub(super) async fn say_waiting(session: &Session, output: &mut Output) -> Result<(), Failure> {
    let operations: Vec<OperationView> = shape(&session.call("operation_list", json!({})).await?)?;
    if !operations.is_empty() {
        let waiting = count(
            i64::try_from(operations.len()).unwrap_or(i64::MAX),
            "change waits",
            "changes wait",
        );
        output.line(&format!(
            "{waiting} to reach the server: `mailroom operation list` tells more."
        ))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::tests::on_paper;

    fn row(id: i64, flags: &[&str]) -> MessageRow {
        shape(&json!({
            "id": id, "account": "a@x.pl", "folder": "INBOX", "thread_id": 1, "subject": "Zażółć\u{1b}[2J gęślą",
            "from_name": "", "from_address": "jan@x.pl", "to": ["Ewa"], "sent_at": null, "received_at": 0, "flags": flags,
            "size": 1, "preview": "", "attachments": 1,
        }))
        .unwrap()
    }

    #[test]
    fn rows_show_marks_dates_and_cleaned_subjects() {
        let (mut output, out, _) = on_paper(false, None);
        let own = MessageRow {
            from_address: "A@x.pl".into(),
            ..row(12, &[])
        };
        print_rows(&[row(7, &["\\Seen", "\\flagged"]), own], false, &mut output).unwrap();
        assert_eq!(
            out.text(),
            "ID        Received          From      Subject\n \
             7  .*.+  1970-01-01 00:00  jan@x.pl  Zażółć gęślą\n\
             12  N..+  1970-01-01 00:00  To: Ewa   Zażółć gęślą\n"
        );
    }

    #[test]
    fn query_keeps_together_what_the_shell_kept_together() {
        let cases: &[(&[&str], &str)] = &[
            (&["from:jan invoice"], "from:jan invoice"),
            (&["from:jan", "invoice"], "from:jan invoice"),
            (
                &["subject:two words", "has:attachment"],
                "subject:\"two words\" has:attachment",
            ),
            (&["two words", "x"], "\"two words\" x"),
            (&["\"two words\"", "x"], "\"two words\" x"),
        ];
        for (words, text) in cases {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(query(&words), *text);
        }
    }

    #[test]
    fn mark_becomes_flags() {
        let mark = MessageMark {
            ids: vec![1],
            read: true,
            unread: false,
            star: false,
            unstar: true,
            keyword: vec!["todo".into()],
            remove_keyword: vec!["done".into()],
        };
        let (add, remove) = flags(&mark);
        assert_eq!(add, ["\\Seen", "todo"]);
        assert_eq!(remove, ["\\Flagged", "done"]);
    }

    #[test]
    fn free_name_stays_in_this_directory_and_overwrites_nothing() {
        let taken = |path: &Path| {
            ["a.pdf", "a (2).pdf", "b"]
                .iter()
                .any(|name| Path::new(name) == path)
        };
        for (wanted, free) in [
            ("c.pdf", "c.pdf"),
            ("a.pdf", "a (3).pdf"),
            ("b", "b (2)"),
            ("../../etc/a.pdf", "a (3).pdf"),
            ("..", "attachment"),
            ("", "attachment"),
        ] {
            assert_eq!(free_name(Path::new(wanted), &taken), Path::new(free), "{wanted}");
        }
    }
}
