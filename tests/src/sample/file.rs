//! Small files that are real: programs open them.

use std::fmt::Write as _;

/// A PDF of one page with one line of (ASCII) text.
pub fn pdf(line: &str) -> Vec<u8> {
    let line = line.replace(['(', ')', '\\'], " ");
    let page = format!("BT /F1 18 Tf 72 760 Td ({line}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{page}\nendstream", page.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut text = "%PDF-1.4\n".to_owned();
    let mut table = "0000000000 65535 f \n".to_owned();
    for (index, object) in objects.iter().enumerate() {
        let _ = writeln!(table, "{:010} 00000 n ", text.len());
        let _ = writeln!(text, "{} 0 obj\n{object}\nendobj", index + 1);
    }
    let start = text.len();
    let size = objects.len() + 1;
    let _ = write!(
        text,
        "xref\n0 {size}\n{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    );
    text.into_bytes()
}

/// A PNG: a square of `side` pixels (at most 80) in one colour.
pub fn png(side: u8, [red, green, blue]: [u8; 3]) -> Vec<u8> {
    let side = side.clamp(1, 80);
    let mut rows = Vec::new();
    for _ in 0..side {
        // No filter, then the row's pixels.
        rows.extend_from_slice(&[0]);
        rows.extend_from_slice(&[red, green, blue].repeat(usize::from(side)));
    }
    // One stored block (RFC 1951 §3.2.4): 80 rows of 241 bytes are below its limit of 65,535.
    let length = u16::try_from(rows.len()).unwrap_or(u16::MAX);
    let mut data = vec![0x78, 0x01, 0x01];
    data.extend_from_slice(&length.to_le_bytes());
    data.extend_from_slice(&(!length).to_le_bytes());
    data.extend_from_slice(&rows);
    data.extend_from_slice(&adler32(&rows).to_be_bytes());
    let mut image = b"\x89PNG\r\n\x1a\n".to_vec();
    let header = [0, 0, 0, side, 0, 0, 0, side, 8, 2, 0, 0, 0];
    for (kind, content) in [(b"IHDR", header.as_slice()), (b"IDAT", &data), (b"IEND", &[])] {
        image.extend_from_slice(&u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes());
        let chunk = [kind.as_slice(), content].concat();
        image.extend_from_slice(&chunk);
        image.extend_from_slice(&crc32(&chunk).to_be_bytes());
    }
    image
}

/// A ZIP archive of stored files, as an office document is one.
pub fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = Vec::new();
    let mut directory = Vec::new();
    for (name, content) in files {
        let size = u32::try_from(content.len()).unwrap_or(u32::MAX).to_le_bytes();
        let offset = u32::try_from(zip.len()).unwrap_or(u32::MAX).to_le_bytes();
        // Version 2.0, no flags, stored, 1 January 2026 at midnight.
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0x5c];
        common.extend_from_slice(&crc32(content).to_le_bytes());
        common.extend_from_slice(&size);
        common.extend_from_slice(&size);
        common.extend_from_slice(&u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes());
        common.extend_from_slice(&[0, 0]);
        zip.extend_from_slice(b"PK\x03\x04");
        zip.extend_from_slice(&common);
        zip.extend_from_slice(name.as_bytes());
        zip.extend_from_slice(content);
        directory.extend_from_slice(b"PK\x01\x02\x14\x00");
        directory.extend_from_slice(&common);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&offset);
        directory.extend_from_slice(name.as_bytes());
    }
    let count = u16::try_from(files.len()).unwrap_or(u16::MAX).to_le_bytes();
    let start = u32::try_from(zip.len()).unwrap_or(u32::MAX).to_le_bytes();
    zip.extend_from_slice(&directory);
    zip.extend_from_slice(b"PK\x05\x06\x00\x00\x00\x00");
    zip.extend_from_slice(&count);
    zip.extend_from_slice(&count);
    zip.extend_from_slice(&u32::try_from(directory.len()).unwrap_or(u32::MAX).to_le_bytes());
    zip.extend_from_slice(&start);
    zip.extend_from_slice(&[0, 0]);
    zip
}

/// A TNEF file (`winmail.dat`, [MS-OXTNEF] §2.1.3): signature, key, and the two attributes that must be there.
pub fn tnef() -> Vec<u8> {
    let mut file = 0x223e_9f78_u32.to_le_bytes().to_vec();
    file.extend_from_slice(&[1, 0]);
    // attTnefVersion 1.0, attOemCodepage 1252.
    for (attribute, data) in [
        (0x0008_9006_u32, [0, 0, 1, 0].as_slice()),
        (0x0006_9007, &[0xe4, 4, 0, 0, 0, 0, 0, 0]),
    ] {
        file.push(1);
        file.extend_from_slice(&attribute.to_le_bytes());
        file.extend_from_slice(&u32::try_from(data.len()).unwrap_or(u32::MAX).to_le_bytes());
        file.extend_from_slice(data);
        let sum = data
            .iter()
            .fold(0_u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
        file.extend_from_slice(&sum.to_le_bytes());
    }
    file
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |mut crc, byte| {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
        }
        crc
    })
}

fn adler32(bytes: &[u8]) -> u32 {
    let (low, high) = bytes.iter().fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    high << 16 | low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_standards() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
    }

    #[test]
    fn pdf_table_points_at_its_objects() {
        let file = String::from_utf8(pdf("Invoice (1)")).unwrap();
        let (_, tail) = file.rsplit_once("startxref\n").unwrap();
        let start: usize = tail.lines().next().unwrap().parse().unwrap();
        let table: Vec<&str> = file[start..].lines().skip(3).take(5).collect();
        for (index, line) in table.iter().enumerate() {
            let offset: usize = line[..10].parse().unwrap();
            assert!(file[offset..].starts_with(&format!("{} 0 obj", index + 1)));
        }
    }
}
