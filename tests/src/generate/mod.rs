//! Large mailboxes that are the same every time.
//!
//! The mixed profile looks like a busy person's mailbox: 20,000 messages are about 500 MB, half of them small, some
//! with attachments, a good half in threads, with words in several scripts. The small profile is for counting:
//! about 1 kB each.

mod words;

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::fs::{self, File, FileTimes};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mailroom_model::UnixMillis;

use crate::Random;
use crate::sample::{encoded_header, mail_date, quoted_printable};
use words::{ATTACHMENTS, DOMAINS, FAMILY_NAMES, FIRST_NAMES, FOREIGN, STEMS, WORDS};

/// What kind of mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// 2 to 200 kB, 25 kB on average, with HTML and attachments.
    Mixed,
    /// About 1 kB, plain text.
    Small,
}

/// One generated message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// The message, with bare LF as line ends.
    pub raw: Vec<u8>,
    /// Its flags as Maildir letters, in order: `F`, `R`, `S`.
    pub flags: String,
    /// When it arrived.
    pub received_at: UnixMillis,
}

impl Generated {
    /// The message with CRLF, as it travels.
    pub fn crlf(&self) -> Vec<u8> {
        let mut raw = Vec::with_capacity(self.raw.len() + self.raw.len() / 40);
        for line in self.raw.split_inclusive(|byte| *byte == b'\n') {
            match line.strip_suffix(b"\n") {
                Some(line) => {
                    raw.extend_from_slice(line);
                    raw.extend_from_slice(b"\r\n");
                }
                None => raw.extend_from_slice(line),
            }
        }
        raw
    }
}

struct Thread {
    subject: String,
    references: VecDeque<String>,
}

/// Yields messages without end; the same seed and profile yield the same messages.
pub struct Generator {
    random: Random,
    profile: Profile,
    people: Vec<(String, String)>,
    sentences: Vec<String>,
    /// Base64 text in lines of 76, from which attachments are cut.
    pool: String,
    threads: VecDeque<Thread>,
    number: usize,
    clock_s: i64,
}

impl std::fmt::Debug for Generator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Generator")
            .field("profile", &self.profile)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

/// 1 January 2019, 00:00 UTC.
const FIRST_MESSAGE_S: i64 = 1_546_300_800;
/// The longest gap between two messages: 200,000 of them span seven years, so that none is of the future.
const LONGEST_GAP_S: usize = 2_000;
/// How many threads go on at a time.
const LIVE_THREADS: usize = 300;
/// A line of base64 with its line end.
const BASE64_LINE: usize = 77;

impl Generator {
    /// Starts the sequence that belongs to `seed`.
    pub fn new(seed: u64, profile: Profile) -> Self {
        let mut random = Random::new(seed);
        let mut people = Vec::new();
        for first in FIRST_NAMES {
            for family in FAMILY_NAMES {
                let ascii: String = format!("{first}.{family}")
                    .chars()
                    .filter(|letter| letter.is_ascii_alphanumeric() || *letter == '.')
                    .collect();
                people.push((
                    format!("{first} {family}"),
                    format!("{}@{}", ascii.to_lowercase(), random.pick(&DOMAINS)),
                ));
            }
        }
        let sentences = (0..4000)
            .map(|_| {
                let count = random.between(6, 16);
                let words: Vec<&str> = (0..count).map(|_| random.pick(&WORDS)).collect();
                let text = words.join(" ");
                let (head, tail) = text.split_at(1);
                format!("{}{tail}.", head.to_uppercase())
            })
            .collect();
        let encoded = STANDARD.encode(random.bytes(600_000));
        let mut pool = String::with_capacity(encoded.len() + encoded.len() / 70);
        let mut rest = encoded.as_str();
        while let Some((line, tail)) = rest.split_at_checked(BASE64_LINE - 1) {
            pool.push_str(line);
            pool.push('\n');
            rest = tail;
        }
        Self {
            random,
            profile,
            people,
            sentences,
            pool,
            threads: VecDeque::new(),
            number: 0,
            clock_s: FIRST_MESSAGE_S,
        }
    }

    /// The next message.
    pub fn generate(&mut self) -> Generated {
        let number = self.number;
        self.number += 1;
        self.clock_s += i64::try_from(self.random.between(60, LONGEST_GAP_S)).unwrap_or(60);
        let received_at = UnixMillis(self.clock_s * 1000);
        let mut text = self.headers(number, received_at);
        match self.profile {
            Profile::Small => {
                text.push_str("Content-Type: text/plain; charset=us-ascii\n\n");
                let sentence = self.sentence().to_owned();
                text.push_str(&sentence);
                text.push('\n');
            }
            Profile::Mixed => self.body(number, &mut text),
        }
        let flags = [('F', 5), ('R', 20), ('S', 85)];
        let flags = flags
            .into_iter()
            .filter(|(_, percent)| self.random.chance(*percent))
            .map(|(flag, _)| flag)
            .collect();
        Generated {
            raw: text.into_bytes(),
            flags,
            received_at,
        }
    }

    /// Writes `count` messages as a Maildir. File names have the sizes that Dovecot looks for (`S=`, `W=`), the
    /// files' times are the times of arrival.
    pub fn write_maildir(&mut self, folder: &Path, count: usize) -> io::Result<u64> {
        for name in ["cur", "new", "tmp"] {
            fs::create_dir_all(folder.join(name))?;
        }
        let mut total = 0;
        for _ in 0..count {
            let number = self.number;
            let message = self.generate();
            let size = message.raw.len();
            let lines = message.raw.split(|byte| *byte == b'\n').count() - 1;
            let seconds = message.received_at.seconds();
            let name = format!(
                "{seconds}.M{number:06}P1.generated,S={size},W={}:2,{}",
                size + lines,
                message.flags
            );
            let mut file = File::create(folder.join("cur").join(name))?;
            file.write_all(&message.raw)?;
            let time = UNIX_EPOCH + Duration::from_secs(seconds.unsigned_abs());
            file.set_times(FileTimes::new().set_modified(time).set_accessed(time))?;
            total += u64::try_from(size).unwrap_or(0);
        }
        Ok(total)
    }

    fn headers(&mut self, number: usize, at: UnixMillis) -> String {
        let (name, address) = self.person();
        let date = mail_date(at);
        let domain = address
            .split_once('@')
            .map(|(_, domain)| domain.to_owned())
            .unwrap_or_default();
        let message_id = format!("<{number}.{:012x}@{domain}>", self.random.bits() >> 16);
        let mut text = String::with_capacity(4096);
        let _ = write!(
            text,
            "Return-Path: <{address}>\nReceived: from mx{}.example.net (mx{}.example.net [192.0.2.{}])\n\tby mail.mailroom.test with ESMTPS id {:x}\n\tfor <alice@mailroom.test>; {date}\n",
            number % 7,
            number % 7,
            number % 250 + 1,
            self.random.bits(),
        );
        if self.profile == Profile::Mixed {
            let signature = self.pool.get(..BASE64_LINE - 1).unwrap_or_default();
            let _ = write!(
                text,
                "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=s1;\n\th=from:to:subject:date:message-id;\n\tb={signature}\n\t {signature}\nX-Spam-Status: No, score=-1.9 required=5.0 tests=BAYES_00,DKIM_SIGNED,\n\tDKIM_VALID autolearn=ham version=3.4.6\nX-Mailer: Example Mail 16.0\n"
            );
            if self.random.chance(30) {
                text.push_str("List-Id: <dev.lists.example.net>\nList-Unsubscribe: <mailto:dev-leave@lists.example.net>\nPrecedence: list\n");
            }
        }
        let _ = write!(
            text,
            "Date: {date}\nFrom: {} <{address}>\nTo: Alice Mailroom <alice@mailroom.test>\n",
            encoded_header(&name)
        );
        if self.random.chance(35) {
            let copies = self.random.between(1, 4);
            let copies: Vec<String> = (0..copies)
                .map(|_| {
                    let (name, address) = self.person();
                    format!("{} <{address}>", encoded_header(&name))
                })
                .collect();
            let _ = writeln!(text, "Cc: {}", copies.join(",\n "));
        }
        self.thread_headers(&message_id, &mut text);
        text.push_str("MIME-Version: 1.0\n");
        text
    }

    fn thread_headers(&mut self, message_id: &str, text: &mut String) {
        let answers = !self.threads.is_empty() && self.random.chance(55);
        let index = self.random.below(self.threads.len());
        if let Some(thread) = self.threads.get_mut(index).filter(|_| answers) {
            let references: Vec<&str> = thread.references.iter().map(String::as_str).collect();
            let _ = write!(
                text,
                "Subject: Re: {}\nMessage-ID: {message_id}\nIn-Reply-To: {}\nReferences: {}\n",
                thread.subject,
                references.last().copied().unwrap_or_default(),
                references.join("\n "),
            );
            thread.references.push_back(message_id.to_owned());
            if thread.references.len() > 12 {
                thread.references.pop_front();
            }
            return;
        }
        let count = self.random.between(2, 7);
        let mut words: Vec<&str> = (0..count).map(|_| self.random.pick(&WORDS)).collect();
        if self.random.chance(20) {
            words.push(self.random.pick(&FOREIGN).split(' ').next().unwrap_or_default());
        }
        let subject = encoded_header(&words.join(" "));
        let _ = write!(text, "Subject: {subject}\nMessage-ID: {message_id}\n");
        self.threads.push_back(Thread {
            subject,
            references: VecDeque::from([message_id.to_owned()]),
        });
        if self.threads.len() > LIVE_THREADS {
            self.threads.pop_front();
        }
    }

    fn body(&mut self, number: usize, text: &mut String) {
        let size = match self.random.below(100) {
            0..55 => self.random.between(1_200, 8_500),
            55..80 => self.random.between(8_500, 38_000),
            80..97 => self.random.between(38_000, 118_000),
            _ => self.random.between(118_000, 198_000),
        };
        let boundary = format!("=_{:016x}", self.random.bits());
        match self.random.below(100) {
            0..35 => {
                text.push_str("Content-Type: text/plain; charset=utf-8; format=flowed\nContent-Transfer-Encoding: 8bit\n\n");
                text.push_str(&wrapped(&self.prose(size)));
                text.push('\n');
            }
            35..85 => {
                let plain = quoted_printable(wrapped(&self.prose((size / 3).min(6_000))).as_bytes());
                let paragraphs = self.prose(size * 6 / 10).replace("\n\n", "</p>\n<p>");
                let html = format!(
                    "<html><head><style>p{{margin:0 0 1em;font:14px sans-serif}}</style></head><body><p>{paragraphs}</p>\n<img src=\"https://track.example/{number}.gif\" width=1></body></html>"
                );
                let html = quoted_printable(html.as_bytes());
                let _ = write!(
                    text,
                    "Content-Type: multipart/alternative; boundary=\"{boundary}\"\n\n--{boundary}\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n{plain}\n--{boundary}\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n{html}\n--{boundary}--\n"
                );
            }
            _ => {
                let _ = write!(
                    text,
                    "Content-Type: multipart/mixed; boundary=\"{boundary}\"\n\n--{boundary}\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{}\n",
                    wrapped(&self.prose(900)),
                );
                self.attachments(number, size, &boundary, text);
                let _ = writeln!(text, "--{boundary}--");
            }
        }
    }

    fn attachments(&mut self, number: usize, size: usize, boundary: &str, text: &mut String) {
        let count = self.random.between(1, 3);
        let lines = size / count / BASE64_LINE;
        for index in 0..count {
            let (kind, extension) = self.random.pick(&ATTACHMENTS.each_ref()).to_owned();
            let name = format!("{}-{number}-{index}.{extension}", self.random.pick(&STEMS));
            let _ = write!(
                text,
                "--{boundary}\nContent-Type: {kind}; name=\"{name}\"\nContent-Disposition: attachment; filename=\"{name}\"\nContent-Transfer-Encoding: base64\n\n"
            );
            let start = self
                .random
                .below((self.pool.len() / BASE64_LINE).saturating_sub(lines))
                * BASE64_LINE;
            text.push_str(
                self.pool
                    .get(start..start + lines * BASE64_LINE)
                    .unwrap_or_default(),
            );
        }
    }

    fn person(&mut self) -> (String, String) {
        let index = self.random.below(self.people.len());
        self.people.get(index).cloned().unwrap_or_default()
    }

    fn sentence(&mut self) -> &str {
        let index = self.random.below(self.sentences.len());
        self.sentences.get(index).map(String::as_str).unwrap_or_default()
    }

    /// Sentences in paragraphs, at least `size` bytes.
    fn prose(&mut self, size: usize) -> String {
        let mut text = String::with_capacity(size + 200);
        while text.len() < size {
            if self.random.chance(7) {
                text.push_str(self.random.pick(&FOREIGN));
            } else {
                let sentence = self.sentence().to_owned();
                text.push_str(&sentence);
            }
            text.push_str(if self.random.chance(15) { "\n\n" } else { " " });
        }
        text.truncate(text.trim_end().len());
        text
    }
}

/// Paragraphs in lines of at most 76 bytes, where words allow.
fn wrapped(text: &str) -> String {
    let mut wrapped = String::with_capacity(text.len() + text.len() / 60);
    for paragraph in text.split('\n') {
        let mut length = 0;
        for word in paragraph.split(' ') {
            if length > 0 && length + word.len() >= 76 {
                wrapped.push('\n');
                length = 0;
            } else if length > 0 {
                wrapped.push(' ');
                length += 1;
            }
            wrapped.push_str(word);
            length += word.len();
        }
        wrapped.push('\n');
    }
    wrapped.truncate(wrapped.trim_end().len());
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FNV-1a, 64 bits.
    fn digest(messages: &[Generated]) -> u64 {
        let bytes = messages
            .iter()
            .flat_map(|message| message.raw.iter().chain(message.flags.as_bytes()));
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
        })
    }

    fn messages(seed: u64, profile: Profile, count: usize) -> Vec<Generated> {
        let mut generator = Generator::new(seed, profile);
        (0..count).map(|_| generator.generate()).collect()
    }

    #[test]
    fn generator_with_one_seed_writes_one_mailbox() {
        assert_eq!(
            digest(&messages(1, Profile::Mixed, 300)),
            11_152_596_098_888_170_844
        );
        assert_eq!(
            digest(&messages(1, Profile::Small, 300)),
            15_580_078_412_395_902_167
        );
        assert_ne!(
            digest(&messages(2, Profile::Small, 300)),
            digest(&messages(1, Profile::Small, 300))
        );
    }

    #[test]
    fn mixed_mailbox_has_sizes_threads_and_attachments_as_promised() {
        let messages = messages(1, Profile::Mixed, 2000);
        let mut sizes: Vec<usize> = messages.iter().map(|message| message.raw.len()).collect();
        sizes.sort_unstable();
        let total: usize = sizes.iter().sum();
        // 20,000 of them are about 500 MB.
        assert!((45_000_000..=55_000_000).contains(&total), "{total}");
        assert!((7_000..=12_000).contains(&sizes[1000]), "median {}", sizes[1000]);
        assert!(
            sizes[0] >= 1_500 && sizes[1999] <= 240_000,
            "{}..{}",
            sizes[0],
            sizes[1999]
        );
        let count = |needle: &str| {
            messages
                .iter()
                .filter(|message| String::from_utf8_lossy(&message.raw).contains(needle))
                .count()
        };
        assert!(
            (1000..=1200).contains(&count("\nIn-Reply-To: ")),
            "{}",
            count("\nIn-Reply-To: ")
        );
        assert!((240..=360).contains(&count("Content-Disposition: attachment")));
        assert!(messages.iter().all(|message| !message.raw.contains(&b'\r')));
        assert_eq!(
            messages[0].crlf().len(),
            messages[0].raw.len() + messages[0].raw.split(|byte| *byte == b'\n').count() - 1
        );
    }
}
