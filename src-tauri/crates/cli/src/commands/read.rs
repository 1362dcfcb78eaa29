//! `message show` and `message inspect`: one message, for reading and for looking into.

use mailroom_api::dto::{AttachmentView, MessageView, PartView};
use serde_json::json;

use crate::args::{MessageInspect, MessageShow};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Column, Output, Style, Table, bytes};
use crate::session::{Session, path_text, read};
use crate::words;

pub(crate) async fn show(show: MessageShow, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let reply = session.call("message_show", json!({ "id": show.id })).await?;
    let message: MessageView = read(&reply)?;
    output.reply(&reply, |output| {
        if show.html {
            return print_html(&message, output);
        }
        if show.headers {
            print_headers(&message, output)?;
        } else {
            print_summary(&message, output)?;
        }
        output.gap()?;
        print_text(&message, output)?;
        print_attachments(&message, Some(show.id), output)
    })?;
    Ok(Exit::Success)
}

pub(crate) async fn inspect(
    inspect: MessageInspect,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let path = path_text("FILE", &inspect.file)?;
    let reply = session.call("message_inspect", json!({ "path": path })).await?;
    let message: MessageView = read(&reply)?;
    output.reply(&reply, |output| {
        if inspect.html {
            print_html(&message, output)
        } else {
            print_inside(&message, output)
        }
    })?;
    Ok(Exit::Success)
}

fn print_summary(message: &MessageView, output: &mut Output) -> Result<(), Failure> {
    output.styled(
        Style::Strong,
        if message.subject.is_empty() {
            "(no subject)"
        } else {
            &message.subject
        },
    )?;
    let people = [
        ("From", &message.from),
        ("To", &message.to),
        ("Copy to", &message.cc),
        ("Answer to", &message.reply_to),
    ];
    for (name, list) in people {
        let repeats_sender = name == "Answer to" && *list == message.from;
        if !list.is_empty() && !repeats_sender {
            output.field(0, name, &list.join(", "))?;
        }
    }
    if let Some(date) = message.date {
        let date = output.moment(date);
        output.field(0, "Date", &date)?;
    }
    if !message.folders.is_empty() {
        output.field(0, "Folder", &message.folders.join(", "))?;
    }
    let flags = message.row.iter().flat_map(|row| &row.flags);
    let keywords: Vec<&str> = flags
        .map(String::as_str)
        .filter(|flag| !flag.starts_with('\\'))
        .collect();
    if !keywords.is_empty() {
        output.field(0, "Keywords", &keywords.join(", "))?;
    }
    Ok(())
}

fn print_headers(message: &MessageView, output: &mut Output) -> Result<(), Failure> {
    for (name, value) in &message.headers {
        output.paragraph(Style::Plain, 0, &format!("{name}: {value}"))?;
    }
    Ok(())
}

fn print_text(message: &MessageView, output: &mut Output) -> Result<(), Failure> {
    if message.partial {
        let note = if message.header_only {
            "Only the header of this message is kept here, because the message is very large; the rest is on the server."
        } else {
            "This message is large: its header and text are kept here, what is marked below is on the server."
        };
        output.paragraph(Style::Dim, 0, note)?;
        if message.header_only {
            return Ok(());
        }
    }
    if message.text.trim().is_empty() {
        let note = if message.html.is_some() {
            "This message has no plain text; --html prints its HTML."
        } else {
            "This message has no text."
        };
        return output.styled(Style::Dim, note);
    }
    output.block(message.text.trim_end())
}

fn print_html(message: &MessageView, output: &mut Output) -> Result<(), Failure> {
    if let Some(html) = &message.html {
        return output.block(html.trim_end());
    }
    output.remark("This message has no HTML.");
    Ok(())
}

fn print_attachments(message: &MessageView, id: Option<i64>, output: &mut Output) -> Result<(), Failure> {
    if message.attachments.is_empty() {
        return Ok(());
    }
    output.gap()?;
    output.styled(Style::Strong, "Attachments")?;
    output.table(&attachment_table(&message.attachments))?;
    if let Some(id) = id {
        output.styled(
            Style::Dim,
            &format!("Save one with: mailroom message save {id} PART"),
        )?;
    }
    Ok(())
}

fn attachment_table(attachments: &[AttachmentView]) -> Table {
    let mut table = Table::new(&[
        Column::words("Part"),
        Column::squeezed("Name"),
        Column::squeezed("Type"),
        Column::numbers("Size"),
        Column::words(""),
    ]);
    for attachment in attachments {
        let place = match (attachment.inline, attachment.left) {
            (_, true) => "on the server",
            (true, false) => "in the text",
            (false, false) => "",
        };
        table.row(
            Style::Plain,
            [
                attachment.part.clone(),
                attachment.filename.clone(),
                attachment.content_type.clone(),
                bytes(attachment.size),
                place.to_owned(),
            ],
        );
    }
    table
}

/// Everything that is seen in a message.
fn print_inside(message: &MessageView, output: &mut Output) -> Result<(), Failure> {
    output.styled(Style::Strong, "Header")?;
    print_headers(message, output)?;
    if let Some(structure) = &message.structure {
        output.gap()?;
        output.styled(Style::Strong, "Structure")?;
        for line in tree(structure) {
            output.line(&line)?;
        }
    }
    output.gap()?;
    output.styled(Style::Strong, "Text")?;
    print_text(message, output)?;
    if let Some(html) = &message.html {
        output.gap()?;
        output.styled(Style::Strong, "Safe HTML")?;
        output.block(html.trim_end())?;
    }
    if !message.remote.is_empty() {
        output.gap()?;
        output.styled(Style::Strong, "Wanted to load from the network")?;
        for address in &message.remote {
            output.line(address)?;
        }
    }
    print_attachments(message, None, output)?;
    if !message.defects.is_empty() {
        output.gap()?;
        output.styled(Style::Strong, "What is wrong with it")?;
        for defect in &message.defects {
            output.paragraph(Style::Plain, 0, &words::defect(defect))?;
        }
    }
    Ok(())
}

/// The parts as a tree, a line each.
fn tree(root: &PartView) -> Vec<String> {
    let mut lines = vec![part_text(root)];
    branch(&root.children, "", &mut lines);
    lines
}

fn branch(parts: &[PartView], indent: &str, lines: &mut Vec<String>) {
    let last = parts.len().saturating_sub(1);
    for (index, part) in parts.iter().enumerate() {
        let (corner, below) = if index == last {
            ("└─ ", "   ")
        } else {
            ("├─ ", "│  ")
        };
        lines.push(format!("{indent}{corner}{}", part_text(part)));
        branch(&part.children, &format!("{indent}{below}"), lines);
    }
}

fn part_text(part: &PartView) -> String {
    let mut facts = Vec::new();
    facts.extend(part.charset.clone());
    facts.extend(part.encoding.clone());
    facts.extend(part.filename.as_ref().map(|name| format!("“{name}”")));
    if part.children.is_empty() {
        facts.push(bytes(part.size));
    }
    let number = if part.part.is_empty() {
        String::new()
    } else {
        format!("{} ", part.part)
    };
    let facts = if facts.is_empty() {
        String::new()
    } else {
        format!(" ({})", facts.join(", "))
    };
    format!("{number}{}{facts}", part.content_type)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::tests::on_paper;

    fn part(number: &str, content_type: &str, children: Vec<PartView>) -> PartView {
        PartView {
            part: number.into(),
            content_type: content_type.into(),
            charset: None,
            encoding: None,
            filename: None,
            size: 1500,
            children,
        }
    }

    #[test]
    fn structure_is_a_tree() {
        let inner = part(
            "1",
            "multipart/alternative",
            vec![
                part("1.1", "text/plain", vec![]),
                part("1.2", "text/html", vec![]),
            ],
        );
        let root = part(
            "",
            "multipart/mixed",
            vec![inner, part("2", "application/pdf", vec![])],
        );
        assert_eq!(
            tree(&root),
            [
                "multipart/mixed",
                "├─ 1 multipart/alternative",
                "│  ├─ 1.1 text/plain (1.5 kB)",
                "│  └─ 1.2 text/html (1.5 kB)",
                "└─ 2 application/pdf (1.5 kB)",
            ]
        );
    }

    #[test]
    fn message_is_shown_without_its_escape_sequences() {
        let message: MessageView = read(&json!({
            "row": null, "folders": ["INBOX"], "headers": [], "subject": "Hi\u{1b}]0;x\u{7}", "from": ["Jan <jan@x.pl>"],
            "to": ["a@x.pl"], "cc": [], "reply_to": ["Jan <jan@x.pl>"], "date": 0, "message_id": null,
            "text": "one\u{1b}[8m hidden\ntwo\n", "html": null, "remote": [],
            "attachments": [{"part": "2", "filename": "fa\u{202e}fdp.exe", "content_type": "a/b", "size": 10, "inline": false, "left": false}],
            "structure": null, "defects": [], "header_only": false, "partial": false, "pictures_allowed": false,
        }))
        .unwrap();
        let (mut output, out, _) = on_paper(false, None);
        print_summary(&message, &mut output).unwrap();
        print_text(&message, &mut output).unwrap();
        print_attachments(&message, Some(3), &mut output).unwrap();
        assert_eq!(
            out.text(),
            "Hi\nFrom          Jan <jan@x.pl>\nTo            a@x.pl\nDate          1970-01-01 00:00\nFolder        INBOX\n\
             one hidden\ntwo\n\nAttachments\nPart  Name       Type      Size\n2     fafdp.exe  a/b   10 bytes\n\
             Save one with: mailroom message save 3 PART\n"
        );
    }
}
