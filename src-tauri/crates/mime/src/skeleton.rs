//! A message of which only the header and some parts are here, in the form of a message: each part stands in its place with
//! its own header, and those that were left on the server are empty. So everything that reads messages reads these too.

use crate::defect::Defects;
use crate::field;
use crate::structure;
use crate::transfer::{Base64, Encoding};
use crate::{Limits, param};

/// The field that stands first in the header of each leaf and tells how many bytes the part has on the server, in its
/// transfer encoding.
pub(crate) const OCTETS: &str = "Mailroom-Octets";

/// A part of a message that is put together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// Its header block as it stands in the message; for the whole message, the message's.
    pub header: Vec<u8>,
    /// Its body, or the beginning of it; nothing when it was left on the server. Of no meaning for a multipart.
    pub body: Vec<u8>,
    /// Bytes of the body on the server.
    pub octets: u64,
    /// The parts of a multipart.
    pub children: Vec<Piece>,
}

/// Puts pieces together. `None` when a multipart does not say what divides its parts.
pub fn skeleton(root: &Piece) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    write(root, &mut out)?;
    Some(out)
}

fn write(piece: &Piece, out: &mut Vec<u8>) -> Option<()> {
    if piece.children.is_empty() {
        out.extend_from_slice(format!("{OCTETS}: {}\r\n", piece.octets).as_bytes());
    }
    let header = piece.header.trim_ascii_end();
    out.extend_from_slice(header);
    out.extend_from_slice(if header.is_empty() { b"\r\n" } else { b"\r\n\r\n" });
    if piece.children.is_empty() {
        out.extend_from_slice(&piece.body);
        return Some(());
    }
    let boundary = boundary(&piece.header)?;
    for child in &piece.children {
        out.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        write(child, out)?;
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Some(())
}

fn boundary(header: &[u8]) -> Option<String> {
    let block = field::split(header, true, &Limits::default(), &mut Defects::default());
    let content = block.fields.iter().find(|field| field.is("content-type"))?;
    let content = param::parse(content.unfolded(None).trim());
    let boundary = content.param("boundary")?.trim_end().to_owned();
    (!boundary.is_empty() && !boundary.contains(['\r', '\n'])).then_some(boundary)
}

/// How many bytes a part has on the server when less of it is here; `None` when all of it is here, or there is no such
/// part.
pub fn left_octets(skeleton: &[u8], part: &str) -> Option<u64> {
    let root = structure::read_partial(skeleton, &Limits::default(), &mut Defects::default());
    let node = root.at(part).filter(|node| node.is_left())?;
    node.octets
}

/// Decodes the bytes of a part that was left on the server, as its header in the skeleton says. `None` when there is no
/// such part, or when it is a multipart.
pub fn decode_part(skeleton: &[u8], part: &str, body: &[u8]) -> Option<Vec<u8>> {
    let root = structure::read(skeleton, &Limits::default(), &mut Defects::default());
    let node = root.at(part).filter(|node| !node.is_multipart())?;
    Some(node.encoding.decode(body, usize::MAX).0)
}

/// Decodes the bytes of a part that was left on the server while they come.
#[derive(Clone, Debug)]
pub struct PartDecoder(Option<Base64>);

impl PartDecoder {
    /// For bytes that are taken as they come.
    pub fn plain() -> Self {
        Self(None)
    }

    /// For a part, as its header in the skeleton says. `None` when there is no such part, when it is a multipart, and when its
    /// bytes have to be decoded as a whole ([`decode_part`]).
    pub fn of(skeleton: &[u8], part: &str) -> Option<Self> {
        let root = structure::read(skeleton, &Limits::default(), &mut Defects::default());
        let node = root.at(part).filter(|node| !node.is_multipart())?;
        match node.encoding {
            Encoding::Identity => Some(Self(None)),
            Encoding::Base64 => Some(Self(Some(Base64::default()))),
            Encoding::QuotedPrintable | Encoding::Uuencode => None,
        }
    }

    /// The next bytes, decoded.
    pub fn push(&mut self, piece: &[u8]) -> Vec<u8> {
        let Some(base64) = &mut self.0 else {
            return piece.to_vec();
        };
        let mut out = Vec::with_capacity(piece.len() / 4 * 3 + 3);
        base64.push(piece, usize::MAX, &mut out);
        out
    }

    /// What is left at the end.
    pub fn finish(self) -> Vec<u8> {
        let mut out = Vec::new();
        if let Some(base64) = self.0 {
            base64.finish(&mut out);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{attachment_bytes, parse, parse_partial, parse_partial_for_index};

    fn piece(header: &str, body: &str, octets: u64) -> Piece {
        Piece {
            header: header.as_bytes().to_vec(),
            body: body.as_bytes().to_vec(),
            octets,
            children: Vec::new(),
        }
    }

    fn with_attachment() -> Piece {
        Piece {
            header: b"From: Anna <anna@x.pl>\r\nSubject: raport\r\nMessage-ID: <1@x.pl>\r\nContent-Type: multipart/mixed;\r\n \
                boundary=\"outer\"\r\n\r\n"
                .to_vec(),
            children: vec![
                Piece {
                    header: b"Content-Type: multipart/alternative; boundary=inner\r\n\r\n".to_vec(),
                    children: vec![
                        piece(
                            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
                            "Za=C5=BC=C3=B3=C5=82=C4=87",
                            26,
                        ),
                        piece("Content-Type: text/html\r\n\r\n", "<p>Hello</p>", 12),
                    ],
                    ..Piece::default()
                },
                piece(
                    "Mailroom-Octets: 3\r\nContent-Type: application/pdf; name=\"raport.pdf\"\r\n\
                     Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\n",
                    "",
                    78_000_000,
                ),
                // Nothing but a type.
                piece("Content-Type: image/png\r\n", "", 500),
            ],
            ..Piece::default()
        }
    }

    #[test]
    fn message_without_its_files_is_read_with_their_sizes() {
        let raw = skeleton(&with_attachment()).unwrap();
        let read = parse_partial(&raw, &Limits::default());
        assert_eq!(
            (read.headers.subject.as_str(), read.text.trim()),
            ("raport", "Zażółć")
        );
        assert!(read.html.unwrap().html.contains("Hello"));
        let files: Vec<_> = read
            .attachments
            .iter()
            .map(|file| (file.part.as_str(), file.filename.as_str(), file.size, file.left))
            .collect();
        assert_eq!(
            files[0],
            ("2", "raport.pdf", 57_000_000, true),
            "what the part says of itself does not count"
        );
        assert_eq!(
            (files.len(), files[1].0, files[1].2, files[1].3),
            (2, "3", 500, true)
        );
        assert!(read.raw_headers.iter().all(|(name, _)| name != OCTETS));
        let indexed = parse_partial_for_index(&raw, &Limits::default());
        assert_eq!(
            (indexed.preview.as_str(), indexed.attachments.len()),
            ("Zażółć", 2)
        );
        assert_eq!(attachment_bytes(&raw, "1.1").unwrap(), "Zażółć".as_bytes());
        assert_eq!(decode_part(&raw, "2", b"aGVsbG8=").unwrap(), b"hello");
        let left = ["2", "3", "1.2", "7"].map(|part| left_octets(&raw, part));
        assert_eq!(left, [Some(78_000_000), Some(500), None, None]);
        let mut decoder = PartDecoder::of(&raw, "2").unwrap();
        let pieces = [&b"aGV"[..], b"sbG", b"8="].map(|piece| decoder.push(piece));
        assert_eq!([pieces.concat(), decoder.finish()].concat(), b"hello");
        assert!(PartDecoder::of(&raw, "1").is_none() && PartDecoder::of(&raw, "1.1").is_none());
        assert_eq!(decode_part(&raw, "1", b"x"), None);
        assert_eq!(decode_part(&raw, "7", b"x"), None);
    }

    #[test]
    fn message_that_is_one_part_shows_as_much_as_is_here() {
        let text = piece("Subject: long\r\n\r\n", "The beginning", 100_000_000);
        let raw = skeleton(&text).unwrap();
        let read = parse_partial(&raw, &Limits::default());
        assert_eq!((read.text.as_str(), read.attachments.len()), ("The beginning", 0));
        assert_eq!(read.raw_headers, [("Subject".to_owned(), "long".to_owned())]);
        let file = piece("Content-Type: video/mp4; name=a.mp4\r\n\r\n", "", 9);
        let read = parse_partial(&skeleton(&file).unwrap(), &Limits::default());
        assert_eq!((read.attachments[0].size, read.attachments[0].left), (9, true));
    }

    #[test]
    fn whole_message_that_names_the_field_is_not_believed() {
        let raw = b"Mailroom-Octets: 99\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nabc";
        let read = parse(raw, &Limits::default());
        assert_eq!((read.attachments[0].size, read.attachments[0].left), (3, false));
        assert_eq!(read.raw_headers.len(), 2);
    }

    #[test]
    fn multipart_without_a_boundary_has_no_skeleton() {
        let mut root = with_attachment();
        root.header = b"Content-Type: multipart/mixed\r\n\r\n".to_vec();
        assert_eq!(skeleton(&root), None);
    }
}
