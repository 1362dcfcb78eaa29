//! The search language: words and operators, parsed without asking anybody.

use mailroom_mime::fold_for_search;
use mailroom_model::UnixMillis;
use mailroom_store::{Column, ListFilter, SearchQuery, Term};
use time::{Date, Duration, Month, OffsetDateTime, Time};

/// Where a word must stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchField {
    /// Anywhere.
    Any,
    /// In the sender.
    From,
    /// In the recipients.
    To,
    /// In the subject.
    Subject,
    /// In an attachment's name.
    File,
}

/// One condition on words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchWord {
    /// Where it must stand.
    pub field: SearchField,
    /// The text as typed; several words mean a phrase.
    pub text: String,
    /// True when the last word may go on: it was typed without a closing quote.
    pub prefix: bool,
}

/// A query that was understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchRequest {
    /// All of these must hold.
    pub words: Vec<SearchWord>,
    /// A folder's path or role.
    pub folder: Option<String>,
    /// Received at or after.
    pub since: Option<UnixMillis>,
    /// Received before.
    pub before: Option<UnixMillis>,
    /// With or without `\Seen`.
    pub unread: Option<bool>,
    /// With `\Flagged`.
    pub starred: Option<bool>,
    /// With or without attachments.
    pub has_attachment: Option<bool>,
}

impl SearchRequest {
    /// What the store looks for. The folder is left open: its name has to be looked up first.
    pub fn to_query(&self) -> SearchQuery {
        SearchQuery {
            terms: self
                .words
                .iter()
                .map(|word| Term {
                    text: fold_for_search(&word.text),
                    is_prefix: word.prefix,
                    column: match word.field {
                        SearchField::Any => None,
                        SearchField::From => Some(Column::Sender),
                        SearchField::To => Some(Column::Recipients),
                        SearchField::Subject => Some(Column::Subject),
                        SearchField::File => Some(Column::Files),
                    },
                })
                .collect(),
            folder: None,
            filter: ListFilter {
                since: self.since,
                until: self.before,
                is_unread: self.unread,
                is_flagged: self.starred.unwrap_or(false),
                has_attachment: self.has_attachment.unwrap_or(false),
            },
        }
    }
}

/// Reads a query. There are no errors: what is not an operator with a value that makes sense is a word to look for, as
/// people expect of a search field. Dates are `2026-11-22`, `2026-11`, `2026`, `today`, `yesterday`, `7d`, `2w`, `3m`,
/// `1y`, in UTC.
pub fn parse_query(query: &str, now: UnixMillis) -> SearchRequest {
    let mut request = SearchRequest::default();
    for token in tokens(query) {
        let taken = token
            .operator
            .as_deref()
            .is_some_and(|operator| apply(&mut request, operator, &token, now));
        if !taken {
            let text = match &token.operator {
                Some(operator) => format!("{operator}:{}", token.value),
                None => token.value.clone(),
            };
            push_word(&mut request, SearchField::Any, text, !token.quoted);
        }
    }
    request
}

fn apply(request: &mut SearchRequest, operator: &str, token: &Token, now: UnixMillis) -> bool {
    if token.value.is_empty() {
        return false;
    }
    let value = token.value.as_str();
    let field = match operator.to_lowercase().as_str() {
        "from" => SearchField::From,
        "to" => SearchField::To,
        "subject" => SearchField::Subject,
        "file" | "filename" => SearchField::File,
        "in" | "folder" => {
            request.folder = Some(value.to_owned());
            return true;
        }
        "before" => return set(&mut request.before, date(value, now)),
        "after" | "since" => return set(&mut request.since, date(value, now)),
        "has" => {
            let has = matches!(value.to_lowercase().as_str(), "attachment" | "attachments");
            return has && set(&mut request.has_attachment, Some(true));
        }
        "is" => {
            return match value.to_lowercase().as_str() {
                "unread" => set(&mut request.unread, Some(true)),
                "read" => set(&mut request.unread, Some(false)),
                "starred" | "flagged" => set(&mut request.starred, Some(true)),
                _ => false,
            };
        }
        _ => return false,
    };
    push_word(request, field, token.value.clone(), !token.quoted);
    true
}

fn set<T>(slot: &mut Option<T>, value: Option<T>) -> bool {
    let known = value.is_some();
    if known {
        *slot = value;
    }
    known
}

fn push_word(request: &mut SearchRequest, field: SearchField, text: String, prefix: bool) {
    if text.chars().any(char::is_alphanumeric) {
        request.words.push(SearchWord { field, text, prefix });
    }
}

struct Token {
    operator: Option<String>,
    value: String,
    quoted: bool,
}

/// Splits at white space outside quotes; `name:` before the value becomes the operator.
fn tokens(query: &str) -> Vec<Token> {
    let mut result = Vec::new();
    let mut chars = query.chars().peekable();
    loop {
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        if chars.peek().is_none() {
            return result;
        }
        let mut token = Token {
            operator: None,
            value: String::new(),
            quoted: false,
        };
        while let Some(c) = chars.next_if(|c| !c.is_whitespace()) {
            match c {
                '"' => {
                    token.quoted = true;
                    for inner in chars.by_ref() {
                        if inner == '"' {
                            break;
                        }
                        token.value.push(inner);
                    }
                }
                ':' if token.operator.is_none()
                    && !token.value.is_empty()
                    && token.value.chars().all(char::is_alphabetic) =>
                {
                    token.operator = Some(std::mem::take(&mut token.value));
                }
                c => token.value.push(c),
            }
        }
        result.push(token);
    }
}

fn date(text: &str, now: UnixMillis) -> Option<UnixMillis> {
    let today = OffsetDateTime::from_unix_timestamp(now.seconds()).ok()?.date();
    let text = text.to_lowercase();
    let day = match text.as_str() {
        "today" => today,
        "yesterday" => today.previous_day()?,
        _ => relative_date(&text, today).or_else(|| calendar_date(&text))?,
    };
    Some(UnixMillis(
        day.with_time(Time::MIDNIGHT)
            .assume_utc()
            .unix_timestamp()
            .saturating_mul(1000),
    ))
}

fn relative_date(text: &str, today: Date) -> Option<Date> {
    let unit = text.chars().last()?;
    let count: i64 = text.strip_suffix(unit)?.parse().ok()?;
    let days = match unit {
        'd' => count,
        'w' => count.checked_mul(7)?,
        'm' => count.checked_mul(31)?,
        'y' => count.checked_mul(366)?,
        _ => return None,
    };
    (0..200_000)
        .contains(&days)
        .then(|| today.checked_sub(Duration::days(days)))
        .flatten()
}

fn calendar_date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let year: i32 = parts
        .next()?
        .parse()
        .ok()
        .filter(|year| (1970..=9999).contains(year))?;
    let month: u8 = parts.next().map_or(Ok(1), str::parse).ok()?;
    let day: u8 = parts.next().map_or(Ok(1), str::parse).ok()?;
    if parts.next().is_some() {
        return None;
    }
    Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-22T15:00:00Z
    const NOW: UnixMillis = UnixMillis(1_795_359_600_000);

    fn word(field: SearchField, text: &str, prefix: bool) -> SearchWord {
        SearchWord {
            field,
            text: text.to_owned(),
            prefix,
        }
    }

    #[test]
    fn query_words_and_operators_are_told_apart() {
        let cases: &[(&str, &[SearchWord])] = &[
            ("", &[]),
            ("  faktura  ", &[word(SearchField::Any, "faktura", true)]),
            ("\"umowa najmu\"", &[word(SearchField::Any, "umowa najmu", false)]),
            ("from:ewa", &[word(SearchField::From, "ewa", true)]),
            (
                "From:\"Ewa Lis\" raport",
                &[
                    word(SearchField::From, "Ewa Lis", false),
                    word(SearchField::Any, "raport", true),
                ],
            ),
            ("subject:", &[word(SearchField::Any, "subject:", true)]),
            ("has:pictures", &[word(SearchField::Any, "has:pictures", true)]),
            ("12:30", &[word(SearchField::Any, "12:30", true)]),
            (
                "https://x.example",
                &[word(SearchField::Any, "https://x.example", true)],
            ),
            ("\"open quote", &[word(SearchField::Any, "open quote", false)]),
            ("-- *", &[]),
        ];
        for (query, words) in cases {
            assert_eq!(parse_query(query, NOW).words, *words, "{query}");
        }
    }

    #[test]
    fn query_states_and_folders_are_set() {
        let request = parse_query("has:attachment is:unread is:starred in:Sent x", NOW);
        assert_eq!(request.has_attachment, Some(true));
        assert_eq!(request.unread, Some(true));
        assert_eq!(request.starred, Some(true));
        assert_eq!(request.folder.as_deref(), Some("Sent"));
        assert_eq!(parse_query("is:read", NOW).unread, Some(false));
    }

    #[test]
    fn query_dates_are_days_in_utc() {
        const DAY: i64 = 86_400_000;
        let today = NOW.0.div_euclid(DAY) * DAY;
        let cases = [
            ("today", Some(today)),
            ("yesterday", Some(today - DAY)),
            ("7d", Some(today - 7 * DAY)),
            ("2w", Some(today - 14 * DAY)),
            ("2026-11-22", Some(today)),
            ("2026-11", Some(today - 21 * DAY)),
            ("1970", Some(0)),
            ("2026-13", None),
            ("2026-02-30", None),
            ("soon", None),
            ("99999999999d", None),
        ];
        for (text, expected) in cases {
            let request = parse_query(&format!("after:{text}"), NOW);
            assert_eq!(request.since.map(|at| at.0), expected, "{text}");
            assert_eq!(request.words.is_empty(), expected.is_some(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn query_of_any_text_is_understood(text in ".{0,80}") {
            parse_query(&text, NOW);
        }
    }
}
