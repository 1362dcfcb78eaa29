//! What the kernel tells about processes.

use std::fs;
use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

/// Memory of the processes in bytes, what they share counted once (proportional set size).
pub fn pss_bytes(processes: &[u32]) -> u64 {
    processes
        .iter()
        .filter(|id| is_of_the_window(**id))
        .filter_map(|id| {
            let text = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
            let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        })
        .sum::<u64>()
        * 1024
}

/// The application itself and the engine's processes for it, not the desktop around them.
fn is_of_the_window(id: u32) -> bool {
    let program = fs::read_link(format!("/proc/{id}/exe")).unwrap_or_default();
    let name = program
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    name.starts_with("mailroom-desktop")
        || matches!(
            name.as_str(),
            "WebKitWebProcess" | "WebKitNetworkProcess" | "WebKitGPUProcess"
        )
}

/// When the process of this program among `processes` started, in Unix milliseconds, to 10 ms.
///
/// # Errors
/// There is none.
pub fn started_at_ms(processes: &[u32], program: &str) -> io::Result<f64> {
    let missing = || io::Error::other(format!("{program} does not run"));
    let id = processes
        .iter()
        .find(|id| {
            let path = fs::read_link(format!("/proc/{id}/exe")).unwrap_or_default();
            path.file_name().is_some_and(|name| name == program)
        })
        .ok_or_else(missing)?;
    let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
    // After the parenthesised name: state is field 3, starttime 22, in hundredths of a second since the system started.
    let ticks: f64 = stat
        .rsplit(") ")
        .next()
        .and_then(|fields| fields.split(' ').nth(19)?.parse().ok())
        .ok_or_else(missing)?;
    let uptime = fs::read_to_string("/proc/uptime")?;
    let uptime: f64 = uptime
        .split(' ')
        .next()
        .and_then(|seconds| seconds.parse().ok())
        .ok_or_else(missing)?;
    Ok(unix_ms() - (uptime * 1000.0 - ticks * 10.0))
}

/// Unix milliseconds.
#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark measures time; nothing is decided by it"
)]
pub(super) fn unix_ms() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_secs_f64() * 1000.0
}
