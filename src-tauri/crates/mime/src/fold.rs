//! One form of a text for searching and comparing.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// Folds a text for search; index and query go through the same function, so that they always meet.
///
/// - lower case, also Greek final sigma;
/// - NFKD, so that `ﬁ` is `fi` and `①` is `1`;
/// - marks on Latin, Greek and Cyrillic letters, Hebrew points and Arabic vowel signs go: `ą` → `a`, `é` → `e`,
///   `ё` → `е`, `ї` → `і`. Marks that make another letter of the alphabet stay: `й` stays `й` and `ў` stays `ў`, because nobody
///   who types `и` means `й`; the same holds for kana and Indic scripts;
/// - letters that Unicode does not take apart: `ł` → `l`, `ø` → `o`, `đ` → `d`, `ß` → `ss`, `æ` → `ae`, `œ` → `oe`, `þ` → `th`, `ı` → `i`;
/// - invisible characters (soft hyphen, zero-width space and joiners) go;
/// - what is left is composed (NFC).
pub fn fold_for_search(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // ASCII does not change with what stands beside it, and nothing beside it changes with ASCII: a mark behind it goes.
    loop {
        let plain = rest.bytes().take_while(u8::is_ascii).count();
        let (ascii, behind) = rest.split_at_checked(plain).unwrap_or((rest, ""));
        out.push_str(ascii);
        if behind.is_empty() {
            break;
        }
        let end = behind
            .bytes()
            .position(|byte| byte.is_ascii())
            .unwrap_or(behind.len());
        let (run, next) = behind.split_at_checked(end).unwrap_or((behind, ""));
        let kept = out.len();
        // Words of the most common alphabets are folded letter by letter.
        let is_common = run.chars().all(|c| match common(c) {
            Some(letters) => {
                out.push_str(letters);
                true
            }
            None => false,
        });
        if !is_common {
            out.truncate(kept);
            fold_run(run, &mut out);
        }
        rest = next;
    }
    out.make_ascii_lowercase();
    out
}

/// What letters and signs of Latin, Greek and Cyrillic become, and punctuation: the end of the range that [`COMMON`]
/// holds.
const COMMON_END: usize = 0x530;
/// Punctuation in the same way.
const SIGNS: std::ops::Range<usize> = 0x2000..0x2070;

/// Each on its own: what neither a neighbour changes nor is a mark. By [`fold_run`], so that both agree.
static COMMON: LazyLock<Vec<Option<Box<str>>>> = LazyLock::new(|| folded_alone(0..COMMON_END));
static COMMON_SIGNS: LazyLock<Vec<Option<Box<str>>>> = LazyLock::new(|| folded_alone(SIGNS));

fn folded_alone(range: std::ops::Range<usize>) -> Vec<Option<Box<str>>> {
    range
        .map(|code| {
            let c = char::from_u32(u32::try_from(code).ok()?)?;
            if canonical_combining_class(c) != 0 || is_mark(c) {
                return None;
            }
            let mut folded = String::new();
            fold_run(c.encode_utf8(&mut [0; 4]), &mut folded);
            Some(folded.into_boxed_str())
        })
        .collect()
}

fn common(c: char) -> Option<&'static str> {
    let code = usize::try_from(u32::from(c)).ok()?;
    let entry = if code < COMMON_END {
        COMMON.get(code)
    } else {
        COMMON_SIGNS.get(code.checked_sub(SIGNS.start)?)
    };
    entry?.as_deref()
}

/// Folds any text, letter by letter with an eye on its neighbours.
fn fold_run(text: &str, out: &mut String) {
    let mut base = '\0';
    let letters = text.nfkd().flat_map(char::to_lowercase).filter(move |c| {
        if is_mark(*c) {
            // Decomposed `й` and `ў` are `и` and `у` with a breve.
            return *c == '\u{306}' && matches!(base, 'и' | 'у');
        }
        base = *c;
        !is_invisible(*c)
    });
    for c in letters.nfc() {
        match c {
            'ł' => out.push('l'),
            'ø' => out.push('o'),
            'đ' | 'ð' => out.push('d'),
            'ħ' => out.push('h'),
            'ŧ' => out.push('t'),
            'ı' => out.push('i'),
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'þ' => out.push_str("th"),
            'ς' => out.push('σ'),
            c => out.push(c),
        }
    }
}

/// Marks that a person who searches does not type.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}'
        | '\u{5c4}' | '\u{5c5}' | '\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{fe20}'..='\u{fe2f}')
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_folds_to_what_people_type() {
        let cases = [
            ("Hello World", "hello world"),
            ("ZAŻÓŁĆ GĘŚLĄ JAŹŃ", "zazolc gesla jazn"),
            ("Zaz\u{307}o\u{301}łc\u{301}", "zazolc"),
            ("Straße STRASSE", "strasse strasse"),
            ("Ёлка ёлка елка", "елка елка елка"),
            ("Чайник ЧАЙНИК", "чайник чайник"),
            ("чаи\u{306}ник", "чайник"),
            ("чаиник", "чаиник"),
            ("Їжак ґанок Ўладзь", "іжак ґанок ўладзь"),
            (
                "Ångström Øre Đorđe Þór Æon œuvre",
                "angstrom ore dorde thor aeon oeuvre",
            ),
            ("İstanbul ısı", "istanbul isi"),
            ("ΟΔΟΣ οδός", "οδοσ οδοσ"),
            ("ﬁle № ①", "file no 1"),
            ("in\u{ad}vo\u{200b}ice", "invoice"),
            ("が ガ", "が ガ"),
            ("한국", "한국"),
            ("हिन्दी", "हिन्दी"),
            ("שָׁלוֹם", "שלום"),
        ];
        for (text, folded) in cases {
            assert_eq!(fold_for_search(text), folded, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        #[test]
        fn folding_twice_is_folding_once(text in "[a-zA-ZąćęłńóśźżĄŁа-яА-ЯёЁйЙІЇʼn\u{300}-\u{310}ßÆØ ﬁĳ]{0,24}") {
            let folded = fold_for_search(&text);
            prop_assert_eq!(fold_for_search(&folded), folded.clone());
            prop_assert_eq!(fold_for_search(&text.to_lowercase()), folded);
        }

        #[test]
        fn short_ways_end_where_the_long_one_does(
            text in "([a-zA-Z .<=>]|[ąęłóśżŁßÆØĳŉἀΩςё-їйўЙ́Џ№–„”…]|[\u{80}-\u{52f}]|[\u{300}-\u{36f}]|[\u{2000}-\u{206f}]|\\PC){0,24}",
        ) {
            let mut folded = String::new();
            fold_run(&text, &mut folded);
            prop_assert_eq!(fold_for_search(&text), folded);
        }
    }
}
