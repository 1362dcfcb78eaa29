//! The built page, from a folder.

use std::path::{Path, PathBuf};

use axum::http::StatusCode;
use axum::response::Response;

use crate::answer::typed;

/// What the page may do in a browser: the desktop window's policy, with this door in place of the window's own way to
/// the core.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data: blob: http: https:; worker-src 'self'; object-src 'none'; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const WITHOUT_PAGE: &str = "This is Mailroom's door for programs. It was started without a page: \
                            `mailroom serve --page FOLDER` serves one.\n";

/// Gives a file of the page; the start page for `/`. A file outside of the folder is never given, wherever links in it
/// lead.
pub(crate) async fn show(folder: Option<&Path>, path: &str) -> Response {
    let plain = "text/plain; charset=utf-8";
    let Some(folder) = folder else {
        let status = if path == "/" {
            StatusCode::OK
        } else {
            StatusCode::NOT_FOUND
        };
        return typed(status, plain, WITHOUT_PAGE);
    };
    let found = match file_of(folder, path) {
        Some(file) => read(folder, &file).await.map(|bytes| (file, bytes)),
        None => None,
    };
    match found {
        Some((file, bytes)) => typed(StatusCode::OK, content_type(&file), bytes),
        None => typed(StatusCode::NOT_FOUND, plain, "There is no such page.\n"),
    }
}

/// The file that a path names; `None` where it could name something else than a file of the page.
fn file_of(folder: &Path, path: &str) -> Option<PathBuf> {
    let path = path.strip_prefix('/')?;
    let path = if path.is_empty() { "index.html" } else { path };
    let is_plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    path.split('/')
        .all(is_plain)
        .then(|| folder.join(path.split('/').collect::<PathBuf>()))
}

async fn read(folder: &Path, file: &Path) -> Option<Vec<u8>> {
    let (folder, file) =
        tokio::try_join!(tokio::fs::canonicalize(folder), tokio::fs::canonicalize(file)).ok()?;
    if !file.starts_with(folder) {
        return None;
    }
    tokio::fs::read(file).await.ok()
}

fn content_type(file: &Path) -> &'static str {
    match file
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default()
    {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_names_a_file_of_the_page_or_nothing() {
        for (path, file) in [
            ("/", Some("page/index.html")),
            ("/assets/a-1_b.js", Some("page/assets/a-1_b.js")),
            ("", None),
            ("index.html", None),
            ("//etc/passwd", None),
            ("/../secret", None),
            ("/a/../b", None),
            ("/a/./b", None),
            ("/.env", None),
            ("/a/", None),
            ("/a%2f..%2fb", None),
            ("/a\\b", None),
            ("/c:x", None),
        ] {
            assert_eq!(
                file_of(Path::new("page"), path),
                file.map(PathBuf::from),
                "{path:?}"
            );
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn link_out_of_the_folder_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let page = folder.path().join("page");
        std::fs::create_dir(&page).unwrap();
        std::fs::write(folder.path().join("secret.txt"), "secret").unwrap();
        std::fs::write(page.join("index.html"), "hello").unwrap();
        std::os::unix::fs::symlink(folder.path().join("secret.txt"), page.join("link.txt")).unwrap();
        assert_eq!(
            show(Some(&page), "/link.txt").await.status(),
            StatusCode::NOT_FOUND
        );
        assert_eq!(show(Some(&page), "/").await.status(), StatusCode::OK);
        assert_eq!(show(None, "/").await.status(), StatusCode::OK);
        assert_eq!(show(None, "/index.html").await.status(), StatusCode::NOT_FOUND);
    }
}
