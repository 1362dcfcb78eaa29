//! Messages as real programs write them, shortened.

/// Name and bytes of every sample.
pub(crate) const EVERY: [(&str, &[u8]); 8] = [
    ("newsletter", include_bytes!("../../tests-data/newsletter.eml")),
    (
        "outlook-reply",
        include_bytes!("../../tests-data/outlook-reply.eml"),
    ),
    ("apple-mixed", include_bytes!("../../tests-data/apple-mixed.eml")),
    (
        "koi8-forward",
        include_bytes!("../../tests-data/koi8-forward.eml"),
    ),
    ("invoice", include_bytes!("../../tests-data/invoice.eml")),
    ("bounce", include_bytes!("../../tests-data/bounce.eml")),
    ("invitation", include_bytes!("../../tests-data/invitation.eml")),
    ("pgp-signed", include_bytes!("../../tests-data/pgp-signed.eml")),
];

/// The bytes of a sample.
pub(crate) fn sample(name: &str) -> &'static [u8] {
    EVERY
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, raw)| *raw)
        .unwrap()
}
