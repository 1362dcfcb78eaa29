//! The icon's picture: the program's own, with a dot when there is unread mail.

use tauri::image::Image;

/// The program's icon, square, in straight RGBA.
const ICON: Image<'_> = tauri::include_image!("icons/32x32.png");

/// The dot's colour: the red that everybody reads as "new".
const DOT: [u8; 4] = [0xd9, 0x30, 0x25, 0xff];

/// A square picture in straight RGBA, and its edge in pixels.
pub(super) struct Picture {
    pub(super) edge: u32,
    pub(super) rgba: Vec<u8>,
}

/// The icon with or without the dot.
pub(super) fn draw(has_unread: bool) -> Picture {
    let edge = ICON.width();
    let mut rgba = ICON.rgba().to_vec();
    if has_unread {
        paint_dot(&mut rgba, edge);
    }
    Picture { edge, rgba }
}

/// A dot with a clear ring around it in the lower right corner, so that it is seen on any icon.
fn paint_dot(rgba: &mut [u8], edge: u32) {
    let radius = i64::from(edge) * 5 / 32;
    let ring = radius + i64::from(edge) / 16;
    let centre = i64::from(edge) - 1 - radius;
    let rows = rgba.chunks_exact_mut(4).zip(0_i64..);
    for (pixel, index) in rows {
        let (x, y) = (index % i64::from(edge) - centre, index / i64::from(edge) - centre);
        let distance = x * x + y * y;
        if distance <= radius * radius {
            pixel.copy_from_slice(&DOT);
        } else if distance <= ring * ring {
            pixel.fill(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dot_is_painted_only_for_unread_mail() {
        let (read, unread) = (draw(false), draw(true));
        let count = |picture: &Picture| picture.rgba.chunks(4).filter(|pixel| *pixel == DOT).count();
        assert_eq!(read.rgba.len(), (read.edge * read.edge * 4) as usize);
        assert_eq!(count(&read), 0);
        assert_eq!(count(&unread), 81);
        let corner = ((26 * read.edge + 26) * 4) as usize;
        assert_eq!(unread.rgba[corner..corner + 4], DOT);
        assert_eq!(unread.rgba[..4], read.rgba[..4]);
    }
}
