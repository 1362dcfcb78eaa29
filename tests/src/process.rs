//! Servers and programs as processes of this one.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

/// A running server: the leader of a process group with nobody else in it than its own children.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
}

impl Process {
    /// Starts `program` under `setpriv`, with both outputs in `log`.
    pub(crate) fn start(
        privileges: &[String],
        program: &[&str],
        folder: &Path,
        log: &Path,
    ) -> io::Result<Self> {
        Self::start_with(privileges, program, &[], folder, log)
    }

    /// The same, with variables in its environment.
    pub(crate) fn start_with(
        privileges: &[String],
        program: &[&str],
        environment: &[(&str, &OsStr)],
        folder: &Path,
        log: &Path,
    ) -> io::Result<Self> {
        let output = File::options().create(true).append(true).open(log)?;
        let errors = output.try_clone()?;
        let mut command = Command::new("setpriv");
        command.args(privileges).args(program).current_dir(folder);
        command.envs(environment.iter().copied());
        command
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .process_group(0);
        Ok(Self {
            child: start_in_nursery(command)?,
        })
    }

    /// True until it has ended.
    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Process {
    /// Ends the group at once: what it had is thrown away, so there is nothing to shut down in order.
    fn drop(&mut self) {
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

/// A command on its way to the nursery, and where the child is to be sent.
type Order = (Command, Sender<io::Result<Child>>);

/// Starts a command from a thread that lives as long as the program. The kernel sends the parent's death signal when
/// the *thread* that started a child ends, and a test's thread may end before an office that others share.
fn start_in_nursery(command: Command) -> io::Result<Child> {
    static NURSERY: OnceLock<Mutex<Sender<Order>>> = OnceLock::new();
    let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
    let nursery = NURSERY.get_or_init(|| {
        let (orders, inbox) = channel::<Order>();
        let thread = thread::Builder::new().name("nursery".to_owned()).spawn(move || {
            for (mut command, answer) in inbox {
                let _ = answer.send(command.spawn());
            }
        });
        // Without the thread the inbox is gone and every order fails.
        drop(thread);
        Mutex::new(orders)
    });
    let (answer, child) = channel();
    nursery
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .send((command, answer))
        .map_err(|_| gone())?;
    child.recv().map_err(|_| gone())?
}

/// The processes that work in `folder` (zombies work nowhere).
pub(crate) fn working_in(folder: &Path) -> Vec<u32> {
    let Ok(processes) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    processes
        .flatten()
        .filter_map(|entry| {
            let id: u32 = entry.file_name().to_str()?.parse().ok()?;
            let place = fs::read_link(entry.path().join("cwd")).ok()?;
            let gone = place.to_string_lossy().trim_end_matches(" (deleted)").to_owned();
            (Path::new(&gone).starts_with(folder) && id != std::process::id()).then_some(id)
        })
        .collect()
}

/// Waits until nobody works in `folder`; ends stragglers that left their server's group. False when some stay.
pub(crate) fn clear_out(folder: &Path) -> bool {
    crate::until(Duration::from_millis(300), || working_in(folder).is_empty())
        || crate::until(Duration::from_secs(3), || {
            let stragglers = working_in(folder);
            for id in &stragglers {
                if let Some(pid) = i32::try_from(*id).ok().and_then(Pid::from_raw) {
                    let _ = rustix::process::kill_process(pid, Signal::KILL);
                }
            }
            stragglers.is_empty()
        })
}
