//! The icon through StatusNotifierItem, which Plasma, the panels of Xfce, Cinnamon, Budgie and LXQt, waybar and GNOME's
//! AppIndicator extension show. Spoken over D-Bus directly: that says whether anybody shows the icon, which the C
//! library does not, and lets a left click open the window.

use ksni::menu::{MenuItem, StandardItem};
use ksni::{Category, OfflineReason, ToolTip, TrayMethods as _};
use tauri::AppHandle;
use tokio::sync::watch;

use super::{Action, Face, picture};

/// The icon on the bus.
pub(super) struct Icon(ksni::Handle<Item>);

impl Icon {
    /// Puts the icon on the bus. `None` without a bus.
    pub(super) async fn draw(app: &AppHandle, face: Face, shown: watch::Sender<bool>) -> Option<Self> {
        // True until the library says that nobody watches, which it does before it returns.
        shown.send_replace(true);
        let item = Item {
            app: app.clone(),
            face,
            shown: shown.clone(),
        };
        // At login the panel may start after us: the icon then appears when it does.
        match item.assume_sni_available(true).spawn().await {
            Ok(handle) => Some(Self(handle)),
            Err(error) => {
                tracing::info!(%error, "no tray");
                shown.send_replace(false);
                None
            }
        }
    }

    /// Shows something else.
    pub(super) async fn redraw(&self, _: &AppHandle, face: Face) {
        self.0.update(|item| item.face = face).await;
    }
}

struct Item {
    app: AppHandle,
    face: Face,
    shown: watch::Sender<bool>,
}

impl ksni::Tray for Item {
    fn id(&self) -> String {
        "mailroom-desktop".to_owned()
    }

    fn category(&self) -> Category {
        Category::Communications
    }

    fn title(&self) -> String {
        "Mailroom".to_owned()
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        let picture = picture::draw(self.face.unread > 0);
        let edge = i32::try_from(picture.edge).unwrap_or_default();
        vec![ksni::Icon {
            width: edge,
            height: edge,
            data: argb(&picture.rgba),
        }]
    }

    fn tool_tip(&self) -> ToolTip {
        ToolTip {
            title: self.face.tooltip.clone(),
            ..ToolTip::default()
        }
    }

    fn activate(&mut self, _: i32, _: i32) {
        Action::Open.run(&self.app, ksni::current_xdg_activation_token());
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        let mut menu: Vec<MenuItem<Self>> = Action::EVERY
            .into_iter()
            .map(|action| {
                StandardItem {
                    label: without_mnemonic(action.label(&self.face.items)),
                    activate: Box::new(move |item: &mut Self| {
                        action.run(&item.app, ksni::current_xdg_activation_token());
                    }),
                    ..StandardItem::default()
                }
                .into()
            })
            .collect();
        menu.insert(menu.len().saturating_sub(1), MenuItem::Separator);
        menu
    }

    fn watcher_online(&self) {
        self.shown.send_replace(true);
    }

    fn watcher_offline(&self, reason: OfflineReason) -> bool {
        tracing::info!(?reason, "the desktop shows no tray");
        self.shown.send_replace(false);
        // It may come back.
        true
    }
}

/// In a menu on the bus an underline is the mark of an access key.
fn without_mnemonic(label: &str) -> String {
    label.replace('_', "__")
}

/// The bus wants ARGB with the highest byte first.
fn argb(rgba: &[u8]) -> Vec<u8> {
    let mut argb = rgba.to_vec();
    for pixel in argb.chunks_exact_mut(4) {
        pixel.rotate_right(1);
    }
    argb
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_turned_for_the_bus() {
        assert_eq!(argb(&[1, 2, 3, 4, 5, 6, 7, 8]), [4, 1, 2, 3, 8, 5, 6, 7]);
    }
}
