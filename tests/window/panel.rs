//! A panel's side of StatusNotifierItem: it learns of icons, reads them and presses what is in their menus.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use zbus::zvariant::{OwnedValue, Structure, Value};
use zbus::{Connection, Proxy, connection, interface};

const ITEM: &str = "/StatusNotifierItem";
const MENU: &str = "/MenuBar";

/// A panel on a session bus, and the icons that were announced to it.
pub(crate) struct Panel {
    bus: Connection,
    items: Arc<Mutex<Vec<String>>>,
}

struct Watcher {
    items: Arc<Mutex<Vec<String>>>,
    shows_them: bool,
}

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, service: String) {
        self.items.lock().unwrap().push(service);
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        self.items.lock().unwrap().clone()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        self.shows_them
    }
}

/// What a panel shows of an icon.
#[derive(Debug)]
pub(crate) struct Icon {
    pub(crate) tooltip: String,
    /// Edge and ARGB bytes.
    pub(crate) picture: (i32, Vec<u8>),
    /// Number and label; a line has no label.
    pub(crate) menu: Vec<(i32, String)>,
}

impl Panel {
    /// Appears on the bus with this address.
    pub(crate) async fn start(address: &str) -> Self {
        let items = Arc::new(Mutex::new(Vec::new()));
        let watcher = Watcher {
            items: Arc::clone(&items),
            shows_them: true,
        };
        let bus = connection::Builder::address(address)
            .unwrap()
            .serve_at("/StatusNotifierWatcher", watcher)
            .unwrap()
            .name("org.kde.StatusNotifierWatcher")
            .unwrap()
            .build()
            .await
            .unwrap();
        Self { bus, items }
    }

    /// Leaves the bus, as a panel does that is switched off.
    pub(crate) async fn leave(self) {
        self.bus.close().await.unwrap();
    }

    /// True when an icon was announced.
    pub(crate) fn has_icon(&self) -> bool {
        !self.items.lock().unwrap().is_empty()
    }

    fn item(&self) -> String {
        self.items.lock().unwrap().last().cloned().unwrap()
    }

    /// Reads the icon that was announced last.
    pub(crate) async fn icon(&self) -> Icon {
        let item = Proxy::new(&self.bus, self.item(), ITEM, "org.kde.StatusNotifierItem")
            .await
            .unwrap();
        let tooltip: (String, Vec<(i32, i32, Vec<u8>)>, String, String) =
            item.get_property("ToolTip").await.unwrap();
        let mut pictures: Vec<(i32, i32, Vec<u8>)> = item.get_property("IconPixmap").await.unwrap();
        let (edge, _, bytes) = pictures.remove(0);
        let menu = Proxy::new(&self.bus, self.item(), MENU, "com.canonical.dbusmenu")
            .await
            .unwrap();
        let none: Vec<&str> = Vec::new();
        let (_, (_, _, children)): (u32, (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>)) =
            menu.call("GetLayout", &(0_i32, 1_i32, none)).await.unwrap();
        let menu = children
            .iter()
            .map(|child| {
                let child: &Structure<'_> = child.downcast_ref().unwrap();
                let fields = child.fields();
                let number: i32 = fields[0].downcast_ref().unwrap();
                let Value::Dict(properties) = &fields[1] else {
                    panic!("no properties: {child:?}")
                };
                let label: Option<String> = properties.get(&"label").unwrap();
                (number, label.unwrap_or_default())
            })
            .collect();
        Icon {
            tooltip: tooltip.2,
            picture: (edge, bytes),
            menu,
        }
    }

    /// Presses the entry of the menu with this label.
    pub(crate) async fn press(&self, label: &str) {
        let entries = self.icon().await.menu;
        let (number, _) = entries.iter().find(|(_, found)| found == label).unwrap();
        let menu = Proxy::new(&self.bus, self.item(), MENU, "com.canonical.dbusmenu")
            .await
            .unwrap();
        let _: () = menu
            .call("Event", &(*number, "clicked", Value::from(0_i32), 0_u32))
            .await
            .unwrap();
    }

    /// Clicks on the icon itself.
    pub(crate) async fn click(&self) {
        let item = Proxy::new(&self.bus, self.item(), ITEM, "org.kde.StatusNotifierItem")
            .await
            .unwrap();
        let _: () = item.call("Activate", &(0_i32, 0_i32)).await.unwrap();
    }
}
