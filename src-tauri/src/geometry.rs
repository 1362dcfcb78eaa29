//! Where a window may stand: never where nobody can reach it.

use serde::{Deserialize, Serialize};

/// Height of the strip at the top by which a window is taken and moved.
const STRIP: i32 = 32;

/// So much of the strip has to be on a screen.
const HOLD: i32 = 120;

/// A window's place and size in logical pixels; both are those of the window when it is not maximised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Geometry {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) width: i32,
    pub(crate) height: i32,
    pub(crate) maximised: bool,
}

/// The part of a screen that panels leave to windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Area {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) width: i32,
    pub(crate) height: i32,
}

/// Where and how large a window opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    /// `None` to let the desktop choose.
    pub(crate) place: Option<(i32, i32)>,
    pub(crate) width: i32,
    pub(crate) height: i32,
}

/// Puts a remembered window on the screens that are there now: not larger than its screen, and in its old place only
/// when it can be taken by its top there.
pub(crate) fn fit(old: Geometry, areas: &[Area]) -> Placed {
    let reach = |area: &Area| overlap(old.x, old.width, area.x, area.width);
    let home = areas
        .iter()
        .filter(|area| old.y >= area.y && old.y.saturating_add(STRIP) <= area.y.saturating_add(area.height))
        .filter(|area| reach(area) >= HOLD.min(old.width))
        .max_by_key(|area| reach(area));
    let size = |area: Option<&Area>| match area {
        Some(area) => (old.width.min(area.width), old.height.min(area.height)),
        None => (old.width, old.height),
    };
    let (width, height) = size(home.or(areas.first()));
    Placed {
        place: home.map(|_| (old.x, old.y)),
        width,
        height,
    }
}

/// How much of two stretches is common to both.
fn overlap(a: i32, a_length: i32, b: i32, b_length: i32) -> i32 {
    let end = a.saturating_add(a_length).min(b.saturating_add(b_length));
    end.saturating_sub(a.max(b)).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn window_opens_where_it_can_be_reached() {
        let one = [Area {
            x: 0,
            y: 27,
            width: 1280,
            height: 773,
        }];
        let two = [
            one[0],
            Area {
                x: 1280,
                y: 0,
                width: 1920,
                height: 1080,
            },
        ];
        let old = |x, y, width, height| Geometry {
            x,
            y,
            width,
            height,
            maximised: false,
        };
        let cases: [(&str, Geometry, &[Area], Option<(i32, i32)>, (i32, i32)); 8] = [
            (
                "as it was",
                old(100, 80, 900, 600),
                &one,
                Some((100, 80)),
                (900, 600),
            ),
            (
                "second screen",
                old(1400, 80, 900, 600),
                &two,
                Some((1400, 80)),
                (900, 600),
            ),
            (
                "second screen is gone",
                old(1400, 80, 900, 600),
                &one,
                None,
                (900, 600),
            ),
            (
                "hangs over the left edge",
                old(-700, 80, 900, 600),
                &one,
                Some((-700, 80)),
                (900, 600),
            ),
            (
                "hangs too far over it",
                old(-790, 80, 900, 600),
                &one,
                None,
                (900, 600),
            ),
            (
                "top above the screen",
                old(100, -40, 900, 600),
                &one,
                None,
                (900, 600),
            ),
            (
                "below the screen",
                old(100, 790, 900, 600),
                &one,
                None,
                (900, 600),
            ),
            (
                "larger than the screen",
                old(0, 27, 1900, 1060),
                &one,
                Some((0, 27)),
                (1280, 773),
            ),
        ];
        for (case, geometry, areas, place, (width, height)) in cases {
            assert_eq!(fit(geometry, areas), Placed { place, width, height }, "{case}");
        }
    }

    #[test]
    fn window_without_known_screens_keeps_its_size() {
        let old = Geometry {
            x: 1,
            y: 2,
            width: 3,
            height: 4,
            maximised: false,
        };
        assert_eq!(
            fit(old, &[]),
            Placed {
                place: None,
                width: 3,
                height: 4
            }
        );
    }

    #[test]
    fn window_from_a_damaged_file_does_not_overflow() {
        let old = Geometry {
            x: i32::MAX,
            y: i32::MAX,
            width: i32::MAX,
            height: i32::MIN,
            maximised: false,
        };
        let area = Area {
            x: i32::MIN,
            y: i32::MIN,
            width: i32::MAX,
            height: i32::MAX,
        };
        assert_eq!(fit(old, &[area]).place, None);
    }
}
