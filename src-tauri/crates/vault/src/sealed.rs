//! The encrypted file as bytes. Pure: the salt and the nonce are passed in.
//!
//! ```text
//! header  "MRVAULT1"   magic and version                     8 bytes
//!         memory       Argon2id memory in KiB                4, little endian
//!         passes       Argon2id passes                       4
//!         salt                                              16
//!         check        second part of Argon2id's output     16   tells a wrong passphrase from damage
//!         sum          BLAKE3 of all that, beginning         8   tells damage from a wrong passphrase
//! nonce                                                     24
//! sealed  XChaCha20-Poly1305 of the entries, the header as associated data
//! ```
//! Entries: count, then name and value by turns, each with its length before it; numbers are 4 bytes, little endian.

use std::collections::BTreeMap;

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{AeadInPlace, KeyInit};
use chacha20poly1305::{Tag, XChaCha20Poly1305, XNonce};
use mailroom_model::Secret;
use zeroize::Zeroizing;

use crate::VaultError;

const MAGIC: &[u8; 8] = b"MRVAULT1";
const SUMMED: usize = 8 + 4 + 4 + 16 + 16;
const HEADER: usize = SUMMED + 8;
const NONCE: usize = 24;
const TAG: usize = 16;

/// How much work it is to try a passphrase (Argon2id, RFC 9106).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkFactor {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
}

impl WorkFactor {
    /// 64 MiB and 3 passes, as in RFC 9106 §4 for machines of any kind; one lane.
    pub const STANDARD: Self = Self {
        memory_kib: 64 * 1024,
        passes: 3,
    };

    /// What a file may ask for: a damaged one must not take the machine's memory.
    fn is_sane(self) -> bool {
        (8..=1024 * 1024).contains(&self.memory_kib) && (1..=64).contains(&self.passes)
    }
}

/// The beginning of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) work: WorkFactor,
    pub(crate) salt: [u8; 16],
    check: [u8; 16],
}

/// The key of a file, with what it was derived from.
#[derive(Clone)]
pub(crate) struct FileKey {
    pub(crate) work: WorkFactor,
    pub(crate) salt: [u8; 16],
    key: Zeroizing<[u8; 32]>,
    check: [u8; 16],
}

impl std::fmt::Debug for FileKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[file key]")
    }
}

/// Secrets by name.
pub(crate) type Secrets = BTreeMap<String, Secret<String>>;

impl FileKey {
    /// Derives the key: slow on purpose.
    pub(crate) fn derive(
        passphrase: &Secret<String>,
        salt: [u8; 16],
        work: WorkFactor,
    ) -> Result<Self, VaultError> {
        let failed = |_| VaultError::Damaged { what: "work factor" };
        let params = Params::new(work.memory_kib, work.passes, 1, Some(48)).map_err(failed)?;
        let mut output = Zeroizing::new([0u8; 48]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.expose().as_bytes(), &salt, output.as_mut_slice())
            .map_err(failed)?;
        let mut key = Zeroizing::new([0u8; 32]);
        let mut check = [0u8; 16];
        for (to, from) in key.iter_mut().chain(check.iter_mut()).zip(output.iter()) {
            *to = *from;
        }
        Ok(Self {
            work,
            salt,
            key,
            check,
        })
    }

    /// The key was derived for this file. Errors: [`VaultError::PassphraseWrong`].
    pub(crate) fn confirm(&self, header: &Header) -> Result<(), VaultError> {
        if self.check == header.check {
            Ok(())
        } else {
            Err(VaultError::PassphraseWrong)
        }
    }
}

/// Reads the beginning of a file. Errors: [`VaultError::Damaged`].
pub(crate) fn header(file: &[u8]) -> Result<Header, VaultError> {
    let damaged = VaultError::Damaged { what: "header" };
    let read = || {
        let mut rest = file;
        let magic = take::<8>(&mut rest)?;
        let work = WorkFactor {
            memory_kib: u32::from_le_bytes(take(&mut rest)?),
            passes: u32::from_le_bytes(take(&mut rest)?),
        };
        let (salt, check) = (take(&mut rest)?, take(&mut rest)?);
        let sum = take::<8>(&mut rest)?;
        let is_intact = magic == *MAGIC && sum == sum_of(file.get(..SUMMED)?);
        (is_intact && work.is_sane()).then_some(Header { work, salt, check })
    };
    read().ok_or(damaged)
}

/// Opens a file with the key of its header. Errors: [`VaultError::Damaged`].
pub(crate) fn open(file: &[u8], key: &FileKey) -> Result<Secrets, VaultError> {
    let damaged = || VaultError::Damaged { what: "contents" };
    let (head, mut rest) = file.split_at_checked(HEADER).ok_or_else(damaged)?;
    let nonce: [u8; NONCE] = take(&mut rest).ok_or_else(damaged)?;
    let length = rest.len().checked_sub(TAG).ok_or_else(damaged)?;
    let (sealed, tag) = rest.split_at_checked(length).ok_or_else(damaged)?;
    let mut plain = Zeroizing::new(sealed.to_vec());
    XChaCha20Poly1305::new(key.key.as_slice().into())
        .decrypt_in_place_detached(XNonce::from_slice(&nonce), head, &mut plain, Tag::from_slice(tag))
        .map_err(|_| damaged())?;
    decode(&plain).ok_or_else(damaged)
}

/// The whole file. `nonce` must never be used twice with the same key.
pub(crate) fn seal(secrets: &Secrets, key: &FileKey, nonce: [u8; NONCE]) -> Result<Vec<u8>, VaultError> {
    let mut plain = encode(secrets)?;
    let mut file = Vec::with_capacity(HEADER + NONCE + plain.len() + TAG);
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&key.work.memory_kib.to_le_bytes());
    file.extend_from_slice(&key.work.passes.to_le_bytes());
    file.extend_from_slice(&key.salt);
    file.extend_from_slice(&key.check);
    let sum = sum_of(&file);
    file.extend_from_slice(&sum);
    let tag = XChaCha20Poly1305::new(key.key.as_slice().into())
        .encrypt_in_place_detached(XNonce::from_slice(&nonce), &file, &mut plain)
        .map_err(|_| VaultError::TooLarge {
            size: plain.len(),
            limit: usize::MAX,
        })?;
    file.extend_from_slice(&nonce);
    file.extend_from_slice(&plain);
    file.extend_from_slice(&tag);
    Ok(file)
}

fn sum_of(bytes: &[u8]) -> [u8; 8] {
    let mut sum = [0; 8];
    for (to, from) in sum.iter_mut().zip(blake3::hash(bytes).as_bytes()) {
        *to = *from;
    }
    sum
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}

fn encode(secrets: &Secrets) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    // The final size first: a buffer that grows leaves copies of secrets behind.
    let size = 4 + secrets
        .iter()
        .map(|(name, secret)| 8 + name.len() + secret.expose().len())
        .sum::<usize>();
    let number = |number: usize| {
        u32::try_from(number).map_err(|_| VaultError::TooLarge {
            size: number,
            limit: 0xffff_ffff,
        })
    };
    let mut plain = Zeroizing::new(Vec::with_capacity(size));
    plain.extend_from_slice(&number(secrets.len())?.to_le_bytes());
    for (name, secret) in secrets {
        for text in [name.as_bytes(), secret.expose().as_bytes()] {
            plain.extend_from_slice(&number(text.len())?.to_le_bytes());
            plain.extend_from_slice(text);
        }
    }
    Ok(plain)
}

fn decode(plain: &[u8]) -> Option<Secrets> {
    fn text(rest: &mut &[u8]) -> Option<String> {
        let length = usize::try_from(u32::from_le_bytes(take(rest)?)).ok()?;
        let (head, tail) = rest.split_at_checked(length)?;
        *rest = tail;
        Some(std::str::from_utf8(head).ok()?.to_owned())
    }
    let mut rest = plain;
    let count = u32::from_le_bytes(take(&mut rest)?);
    let mut secrets = Secrets::new();
    for _ in 0..count {
        let name = text(&mut rest)?;
        secrets.insert(name, Secret::new(text(&mut rest)?));
    }
    rest.is_empty().then_some(secrets)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIGHT: WorkFactor = WorkFactor {
        memory_kib: 8,
        passes: 1,
    };

    fn key(passphrase: &str) -> FileKey {
        FileKey::derive(&Secret::new(passphrase.to_owned()), [7; 16], LIGHT).unwrap()
    }

    fn secrets() -> Secrets {
        [("password:a@x.pl", "hasło"), ("oauth-tokens:b@x.pl", "")]
            .map(|(name, secret)| (name.to_owned(), Secret::new(secret.to_owned())))
            .into()
    }

    #[test]
    fn file_opens_with_its_passphrase_only() {
        let file = seal(&secrets(), &key("right"), [1; 24]).unwrap();
        let head = header(&file).unwrap();
        assert_eq!((head.work, head.salt), (LIGHT, [7; 16]));
        key("right").confirm(&head).unwrap();
        assert_eq!(open(&file, &key("right")).unwrap(), secrets());
        assert!(matches!(
            key("wrong").confirm(&head),
            Err(VaultError::PassphraseWrong)
        ));
        assert!(matches!(
            open(&file, &key("wrong")),
            Err(VaultError::Damaged { .. })
        ));
        let text = String::from_utf8_lossy(&file);
        assert!(!text.contains("hasło") && !text.contains("a@x.pl"));
    }

    #[test]
    fn every_changed_or_missing_byte_is_noticed() {
        let key = key("right");
        let file = seal(&secrets(), &key, [1; 24]).unwrap();
        for index in 0..file.len() {
            let mut changed = file.clone();
            changed[index] ^= 1;
            assert!(
                header(&changed).is_err() || open(&changed, &key).is_err(),
                "{index}"
            );
            let short = &file[..index];
            assert!(header(short).is_err() || open(short, &key).is_err(), "{index}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = header(&bytes);
            let _ = decode(&bytes);
            let _ = open(&bytes, &key("x"));
        }
    }
}
