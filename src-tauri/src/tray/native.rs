//! The icon in the notification area of Windows and in the menu bar of macOS.

use tauri::image::Image;
use tauri::menu::{Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Wry};
use tokio::sync::watch;

use super::{Action, Face, picture};

/// The icon.
pub(super) struct Icon(TrayIcon);

impl Icon {
    /// Draws the icon. `None` when the system refuses.
    #[expect(clippy::unused_async, reason = "on Linux drawing talks to the panel")]
    pub(super) async fn draw(app: &AppHandle, face: Face, shown: watch::Sender<bool>) -> Option<Self> {
        match build(app, &face) {
            Ok(icon) => {
                shown.send_replace(true);
                Some(Self(icon))
            }
            Err(error) => {
                tracing::warn!(%error, "no tray");
                None
            }
        }
    }

    /// Shows something else.
    #[expect(clippy::unused_async, reason = "on Linux drawing talks to the panel")]
    pub(super) async fn redraw(&self, app: &AppHandle, face: Face) {
        let drawn = self
            .0
            .set_icon(Some(image(&face)))
            .and_then(|()| self.0.set_tooltip(Some(&face.tooltip)))
            .and_then(|()| self.0.set_menu(Some(menu(app, &face)?)));
        if let Err(error) = drawn {
            tracing::warn!(%error, "the tray could not be drawn anew");
        }
    }
}

fn build(app: &AppHandle, face: &Face) -> tauri::Result<TrayIcon> {
    TrayIconBuilder::with_id("mailroom")
        .icon(image(face))
        .tooltip(&face.tooltip)
        .menu(&menu(app, face)?)
        // On macOS an icon of the menu bar opens its menu; on Windows a left click opens the window.
        .show_menu_on_left_click(cfg!(target_os = "macos"))
        .on_menu_event(|app, event| {
            let action = Action::EVERY
                .into_iter()
                .find(|action| id(*action) == event.id().as_ref());
            if let Some(action) = action {
                action.run(app, None);
            }
        })
        .on_tray_icon_event(|icon, event| {
            if let TrayIconEvent::Click {
                button: MouseButton::Left,
                button_state: MouseButtonState::Up,
                ..
            } = event
                && cfg!(windows)
            {
                Action::Open.run(icon.app_handle(), None);
            }
        })
        .build(app)
}

fn menu(app: &AppHandle, face: &Face) -> tauri::Result<Menu<Wry>> {
    let menu = Menu::new(app)?;
    for action in Action::EVERY {
        if action == Action::Quit {
            menu.append(&PredefinedMenuItem::separator(app)?)?;
        }
        // An ampersand is the mark of an access key.
        let label = action.label(&face.items).replace('&', "&&");
        menu.append(&MenuItem::with_id(app, id(action), label, true, None::<&str>)?)?;
    }
    Ok(menu)
}

fn id(action: Action) -> &'static str {
    match action {
        Action::Open => "open",
        Action::Write => "write",
        Action::CheckMail => "check_mail",
        Action::Quit => "quit",
    }
}

fn image(face: &Face) -> Image<'static> {
    let picture = picture::draw(face.unread > 0);
    Image::new_owned(picture.rgba, picture.edge, picture.edge)
}
