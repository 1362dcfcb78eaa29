//! Values that are longer than an entry of a keychain may be.
//!
//! The Windows Credential Manager takes 2,560 bytes (`CRED_MAX_CREDENTIAL_BLOB_SIZE`); OAuth tokens are longer. An
//! entry starts with `=` and then holds the value, or with `+` and then says which numbered entries hold it:
//! `+GENERATION:COUNT:LENGTH:DIGEST`. A new value goes into entries of the other generation before the head names
//! them, so that an interruption leaves the old value or the new one, never half of each.

use std::fmt::Write;

use zeroize::Zeroizing;

use crate::VaultError;

/// More entries than this are never written for one value.
const PARTS_MAX: usize = 64;

/// Entries by name, as a keychain offers them.
pub(crate) trait Entries {
    /// Before a call: the person may be asked to unlock the keychain, for less than the time limit.
    fn prepare(&self) -> Result<(), VaultError> {
        Ok(())
    }
    /// The value of an entry.
    fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError>;
    /// Creates or replaces an entry.
    fn write(&self, name: &str, value: &[u8]) -> Result<(), VaultError>;
    /// Removes an entry, if there is one.
    fn erase(&self, name: &str) -> Result<(), VaultError>;
    /// The longest value in bytes; `None` when there is no limit worth speaking of.
    fn limit(&self) -> Option<usize>;
}

/// What the head of a split value says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Split {
    generation: u8,
    count: usize,
    length: usize,
    digest: String,
}

impl Split {
    fn read(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        let mut fields = text.split(':');
        let split = Self {
            generation: fields.next()?.parse().ok()?,
            count: fields.next()?.parse().ok()?,
            length: fields.next()?.parse().ok()?,
            digest: fields.next()?.to_owned(),
        };
        (fields.next().is_none() && split.count <= PARTS_MAX).then_some(split)
    }
}

fn part_name(name: &str, generation: u8, index: usize) -> String {
    format!("{name}#{generation}.{index}")
}

fn digest(value: &[u8]) -> String {
    let mut text = String::with_capacity(32);
    for byte in blake3::hash(value).as_bytes().iter().take(16) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// What is split now; damage counts as nothing, since it is about to be replaced or erased.
fn current_split(entries: &impl Entries, name: &str) -> Result<Option<Split>, VaultError> {
    let head = entries.read(name)?;
    Ok(head.and_then(|head| Split::read(head.strip_prefix(b"+")?)))
}

fn erase_parts(entries: &impl Entries, name: &str, split: &Split) -> Result<(), VaultError> {
    for index in 0..split.count {
        entries.erase(&part_name(name, split.generation, index))?;
    }
    Ok(())
}

/// Keeps a value under `name`.
pub(crate) fn write(entries: &impl Entries, name: &str, value: &[u8]) -> Result<(), VaultError> {
    let limit = entries.limit().unwrap_or(usize::MAX);
    let old = current_split(entries, name)?;
    if value.len() < limit {
        let mut head = Zeroizing::new(Vec::with_capacity(value.len() + 1));
        head.push(b'=');
        head.extend_from_slice(value);
        entries.write(name, &head)?;
    } else {
        let count = value.len().div_ceil(limit.max(1));
        if count > PARTS_MAX {
            return Err(VaultError::TooLarge {
                size: value.len(),
                limit: limit.saturating_mul(PARTS_MAX),
            });
        }
        let generation = old.as_ref().map_or(0, |old| old.generation ^ 1);
        for (index, part) in value.chunks(limit.max(1)).enumerate() {
            entries.write(&part_name(name, generation, index), part)?;
        }
        let head = format!("+{generation}:{count}:{}:{}", value.len(), digest(value));
        entries.write(name, head.as_bytes())?;
    }
    match old {
        Some(old) => erase_parts(entries, name, &old),
        None => Ok(()),
    }
}

/// The value under `name`.
pub(crate) fn read(entries: &impl Entries, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
    // Another program may replace the value between the head and the parts: then the head is another one, too.
    for _ in 0..3 {
        let Some(head) = entries.read(name)? else {
            return Ok(None);
        };
        if let Some(value) = head.strip_prefix(b"=") {
            return Ok(Some(Zeroizing::new(value.to_vec())));
        }
        let split = head
            .strip_prefix(b"+")
            .and_then(Split::read)
            .ok_or(VaultError::Damaged { what: "head" })?;
        let mut value = Zeroizing::new(Vec::new());
        for index in 0..split.count {
            if let Some(part) = entries.read(&part_name(name, split.generation, index))? {
                value.extend_from_slice(&part);
            }
        }
        if value.len() == split.length && digest(&value) == split.digest {
            return Ok(Some(value));
        }
    }
    Err(VaultError::Damaged { what: "parts" })
}

/// Forgets the value under `name`, if there is one.
pub(crate) fn erase(entries: &impl Entries, name: &str) -> Result<(), VaultError> {
    let old = current_split(entries, name)?;
    entries.erase(name)?;
    match old {
        Some(old) => erase_parts(entries, name, &old),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeMap;

    use super::*;

    /// A keychain with short entries that stops working after some writes.
    #[derive(Debug, Default)]
    struct ShortEntries {
        entries: RefCell<BTreeMap<String, Vec<u8>>>,
        writes_left: RefCell<Option<usize>>,
    }

    const LIMIT: usize = 64;

    impl Entries for ShortEntries {
        fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
            Ok(self.entries.borrow().get(name).cloned().map(Zeroizing::new))
        }

        fn write(&self, name: &str, value: &[u8]) -> Result<(), VaultError> {
            assert!(value.len() <= LIMIT, "{name}: {}", value.len());
            if let Some(left) = self.writes_left.borrow_mut().as_mut() {
                *left = left.checked_sub(1).ok_or(VaultError::TimedOut)?;
            }
            self.entries.borrow_mut().insert(name.to_owned(), value.to_vec());
            Ok(())
        }

        fn erase(&self, name: &str) -> Result<(), VaultError> {
            self.entries.borrow_mut().remove(name);
            Ok(())
        }

        fn limit(&self) -> Option<usize> {
            Some(LIMIT)
        }
    }

    fn value(length: usize, seed: usize) -> Vec<u8> {
        (0..length)
            .map(|index| u8::try_from((index * 7 + seed) % 251).unwrap())
            .collect()
    }

    #[test]
    fn value_of_any_length_comes_back() {
        let entries = ShortEntries::default();
        let lengths = [
            0,
            1,
            62,
            63,
            64,
            65,
            127,
            128,
            129,
            1000,
            64 * 64,
            10,
            64 * 64,
            64,
        ];
        for (seed, length) in lengths.into_iter().enumerate() {
            write(&entries, "a", &value(length, seed)).unwrap();
            assert_eq!(
                read(&entries, "a").unwrap().unwrap().as_slice(),
                value(length, seed),
                "{length}"
            );
            let expected = if length < LIMIT {
                1
            } else {
                1 + length.div_ceil(LIMIT)
            };
            assert_eq!(entries.entries.borrow().len(), expected, "{length}");
        }
        let error = write(&entries, "a", &value(64 * 64 + 1, 0)).unwrap_err();
        assert!(
            matches!(
                error,
                VaultError::TooLarge {
                    size: 4097,
                    limit: 4096
                }
            ),
            "{error:?}"
        );
        erase(&entries, "a").unwrap();
        erase(&entries, "a").unwrap();
        assert!(entries.entries.borrow().is_empty());
        assert!(read(&entries, "a").unwrap().is_none());
    }

    #[test]
    fn interrupted_write_leaves_the_old_value() {
        for (old_length, new_length) in [(10, 300), (300, 10), (300, 400), (400, 300)] {
            for writes in 0..8 {
                let entries = ShortEntries::default();
                write(&entries, "a", &value(old_length, 1)).unwrap();
                *entries.writes_left.borrow_mut() = Some(writes);
                let result = write(&entries, "a", &value(new_length, 2));
                let expected = if result.is_ok() {
                    value(new_length, 2)
                } else {
                    value(old_length, 1)
                };
                assert_eq!(read(&entries, "a").unwrap().unwrap().as_slice(), expected);
            }
        }
    }

    #[test]
    fn damaged_entries_are_told() {
        let entries = ShortEntries::default();
        write(&entries, "a", &value(300, 1)).unwrap();
        entries.entries.borrow_mut().remove("a#0.2");
        assert!(matches!(
            read(&entries, "a"),
            Err(VaultError::Damaged { what: "parts" })
        ));
        for head in ["", "x", "+", "+0:1", "+0:1:2:3:4", "+0:99999:1:a", "+-1:1:1:a"] {
            entries
                .entries
                .borrow_mut()
                .insert("a".into(), head.as_bytes().to_vec());
            assert!(
                matches!(read(&entries, "a"), Err(VaultError::Damaged { what: "head" })),
                "{head}"
            );
            write(&entries, "a", b"new").unwrap();
            assert_eq!(read(&entries, "a").unwrap().unwrap().as_slice(), b"new");
        }
    }
}
