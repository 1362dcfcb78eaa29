//! Checks `tauri.conf.json` and the capabilities and prepares what `generate_context!` embeds.

use std::error::Error;
use std::fs;
use std::path::Path;

/// What a build without the user interface shows instead of it.
const STUB_PAGE: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Mailroom</title>\
    <p>The user interface is not built. Run: cargo xtask run</p></html>\n";

fn main() -> Result<(), Box<dyn Error>> {
    // `generate_context!` does not compile without a page, and a fresh clone has none until npm has run.
    let page = Path::new("ui/dist/index.html");
    if !page.exists() {
        fs::create_dir_all("ui/dist")?;
        fs::write(page, STUB_PAGE)?;
    }
    rerun_when_changed("ui/dist");
    rerun_when_changed("src-tauri/capabilities");

    // Named here, each command of the shell needs a permission (`allow-call`, …) in a window's capability file.
    let commands = tauri_build::AppManifest::new().commands(&[
        "autostart",
        "call",
        "crash_reports",
        "dismiss_crash_report",
        "end",
        "export_mail",
        "import_mail",
        "notify",
        "open_attachment",
        "open_external",
        "open_message_window",
        "report_page_failure",
        "save_download",
        "set_autostart",
        "set_desk",
        "take_desk_events",
        "withdraw_notice",
    ]);
    tauri_build::try_build(
        tauri_build::Attributes::new()
            .app_manifest(commands)
            .capabilities_path_pattern("./src-tauri/capabilities/**/*"),
    )?;
    Ok(())
}

fn rerun_when_changed(path: &str) {
    println!("cargo::rerun-if-changed={path}");
}
