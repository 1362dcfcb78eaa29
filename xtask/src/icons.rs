use std::fs;
use std::path::Path;

use crate::failure::{At as _, Failure, Outcome};
use crate::packages::{self, ICONS};
use crate::process;
use crate::terminal::say;
use crate::workspace::{self, Scratch};

/// Which drawing is used for a size in pixels: small ones are drawn on their own grid.
fn drawing_for(size: u32) -> &'static str {
    match size {
        ..=20 => "icon-16.svg",
        21..=31 => "icon-24.svg",
        _ => "icon.svg",
    }
}

/// PNG files of the application's icon: name and size in pixels. 128x128@2x is what Tauri calls 256.
const PICTURES: [(&str, u32); 18] = [
    ("16x16.png", 16),
    ("24x24.png", 24),
    ("32x32.png", 32),
    ("64x64.png", 64),
    ("128x128.png", 128),
    ("128x128@2x.png", 256),
    ("256x256.png", 256),
    ("512x512.png", 512),
    ("StoreLogo.png", 50),
    ("Square30x30Logo.png", 30),
    ("Square44x44Logo.png", 44),
    ("Square71x71Logo.png", 71),
    ("Square89x89Logo.png", 89),
    ("Square107x107Logo.png", 107),
    ("Square142x142Logo.png", 142),
    ("Square150x150Logo.png", 150),
    ("Square284x284Logo.png", 284),
    ("Square310x310Logo.png", 310),
];

/// Sizes in icon.ico. All but the largest are stored as bitmaps, which old resource compilers demand.
const ICO_SIZES: [u32; 8] = [16, 20, 24, 32, 48, 64, 128, 256];

/// Types in icon.icns with their sizes in pixels. All hold PNG; ic10 to ic14 are the doubled densities.
const ICNS_TYPES: [(&[u8; 4], u32); 10] = [
    (b"icp4", 16),
    (b"icp5", 32),
    (b"ic07", 128),
    (b"ic08", 256),
    (b"ic09", 512),
    (b"ic10", 1024),
    (b"ic11", 32),
    (b"ic12", 64),
    (b"ic13", 256),
    (b"ic14", 512),
];

/// Tray icons: black for light panels (and, as a template, for macOS), white for dark ones.
const TRAY_SIZES: [u32; 5] = [16, 22, 24, 32, 44];

/// Draws everything under icons/ from icons/source/. The results are committed, so that only someone who
/// changes a drawing needs the tools.
pub(crate) fn draw() -> Outcome<()> {
    packages::ensure(&[ICONS])?;
    let icons = workspace::root().join("icons");
    let scratch = Scratch::create("icons")?;
    for (name, size) in PICTURES {
        render(
            &icons.join("source").join(drawing_for(size)),
            size,
            &icons.join(name),
        )?;
    }
    draw_ico(&icons, &scratch)?;
    draw_icns(&icons, &scratch)?;
    draw_tray(&icons, &scratch)?;
    say("icons/ is drawn.");
    Ok(())
}

fn render(drawing: &Path, size: u32, file: &Path) -> Outcome<()> {
    let size = size.to_string();
    let (drawing, file) = (drawing.to_string_lossy(), file.to_string_lossy());
    process::capture(process::command(
        "rsvg-convert",
        &["--width", &size, "--height", &size, "--output", &file, &drawing],
    ))
    .map(drop)
}

fn draw_ico(icons: &Path, scratch: &Scratch) -> Outcome<()> {
    let mut arguments = Vec::new();
    for size in ICO_SIZES {
        let file = scratch.path().join(format!("ico-{size}.png"));
        render(&icons.join("source").join(drawing_for(size)), size, &file)?;
        arguments.push(file.to_string_lossy().into_owned());
    }
    arguments.push(icons.join("icon.ico").to_string_lossy().into_owned());
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    process::capture(process::command("convert", &arguments)).map(drop)
}

fn draw_icns(icons: &Path, scratch: &Scratch) -> Outcome<()> {
    let mut images = Vec::new();
    for (kind, size) in ICNS_TYPES {
        let file = scratch.path().join(format!("icns-{size}.png"));
        if !file.exists() {
            render(&icons.join("source").join(drawing_for(size)), size, &file)?;
        }
        images.push((*kind, fs::read(&file).at(&file)?));
    }
    let target = icons.join("icon.icns");
    let bytes = icns(&images).ok_or_else(|| Failure::Answer("pictures below 4 GiB".into(), "more".into()))?;
    fs::write(&target, bytes).at(&target)
}

/// The Apple icon container: "icns" and the whole length, then each image as type, length and bytes; lengths
/// are big-endian and count their own eight bytes of head. `None` when a length does not fit.
fn icns(images: &[([u8; 4], Vec<u8>)]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    for (kind, bytes) in images {
        body.extend_from_slice(kind);
        body.extend_from_slice(&u32::try_from(bytes.len() + 8).ok()?.to_be_bytes());
        body.extend_from_slice(bytes);
    }
    let mut file = Vec::from(*b"icns");
    file.extend_from_slice(&u32::try_from(body.len() + 8).ok()?.to_be_bytes());
    file.append(&mut body);
    Some(file)
}

fn draw_tray(icons: &Path, scratch: &Scratch) -> Outcome<()> {
    let source = icons.join("source/tray.svg");
    let black = fs::read_to_string(&source).at(&source)?;
    // The drawing names no colour but the mask's, so the default fill of the group decides.
    let white = black.replace("<g id=\"ink\">", "<g id=\"ink\" fill=\"#ffffff\">");
    let folder = icons.join("tray");
    fs::create_dir_all(&folder).at(&folder)?;
    for (panel, drawing) in [("light", black), ("dark", white)] {
        let file = scratch.path().join(format!("tray-{panel}.svg"));
        fs::write(&file, drawing).at(&file)?;
        for size in TRAY_SIZES {
            render(&file, size, &folder.join(format!("{panel}-{size}.png")))?;
        }
    }
    // macOS colours a template by itself and wants 22 points at both densities.
    for (size, name) in [(22, "template.png"), (44, "template@2x.png")] {
        render(&source, size, &folder.join(name))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn icns_of_two_images_has_their_lengths() {
        let file = icns(&[(*b"icp4", vec![1, 2]), (*b"ic07", vec![3])]).unwrap();
        let expected: &[u8] = b"icns\0\0\0\x1bicp4\0\0\0\x0a\x01\x02ic07\0\0\0\x09\x03";
        assert_eq!(file, expected);
    }

    #[test]
    fn committed_pictures_have_the_size_in_the_table() {
        for (name, size) in PICTURES {
            let bytes = fs::read(workspace::root().join("icons").join(name)).unwrap();
            assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n", "{name}");
            assert_eq!(bytes[16..20], size.to_be_bytes(), "{name} width");
            assert_eq!(bytes[20..24], size.to_be_bytes(), "{name} height");
        }
    }

    #[test]
    fn committed_ico_holds_every_size() {
        let bytes = fs::read(workspace::root().join("icons/icon.ico")).unwrap();
        assert_eq!(usize::from(bytes[4]), ICO_SIZES.len());
        let widths: Vec<u32> = bytes[6..]
            .chunks(16)
            .take(ICO_SIZES.len())
            .map(|entry| entry[0].into())
            .collect();
        // A width of 256 is written as 0.
        assert_eq!(widths, [16, 20, 24, 32, 48, 64, 128, 0]);
    }

    #[test]
    fn bundle_configuration_names_icons_that_exist() {
        let text = fs::read_to_string(workspace::root().join("tauri.conf.json")).unwrap();
        let configuration: Value = serde_json::from_str(&text).unwrap();
        let icons = configuration["bundle"]["icon"].as_array().unwrap();
        assert_eq!(icons.len(), 7);
        for icon in icons {
            assert!(workspace::root().join(icon.as_str().unwrap()).exists(), "{icon}");
        }
    }
}
