//! One form of a text for searching and comparing.

use unicode_normalization::UnicodeNormalization;

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
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut base = '\0';
    let letters = text.nfkd().flat_map(char::to_lowercase).filter(move |c| {
        if is_mark(*c) {
            // Decomposed `й` and `ў` are `и` and `у` with a breve.
            return *c == '\u{306}' && matches!(base, 'и' | 'у');
        }
        base = *c;
        !is_invisible(*c)
    });
    let mut out = String::with_capacity(text.len());
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
    out
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
    }
}
