//! Running a tool to its end, or until the user asks to stop.

use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, mpsc};
use std::time::{Duration, Instant};

/// As much of what a failed tool said as an error carries: its end.
const KEPT: usize = 6000;
/// How often a running tool is looked after.
const PATIENCE: Duration = Duration::from_millis(50);

/// Set once the user asks to stop; signals, too, are the whole process's.
static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// From here on, whatever tool runs when `flag` is set is ended with all that it started, and its call fails with
/// [`RunError::Interrupted`]. The first flag that is given stays.
pub fn stop_at(flag: Arc<AtomicBool>) {
    STOP.get_or_init(|| flag);
}

fn stopped(flag: Option<&Arc<AtomicBool>>) -> bool {
    flag.is_some_and(|flag| flag.load(Ordering::SeqCst))
}

/// A tool that did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It did not start.
    #[error("{program} could not be started: {error}")]
    Start {
        /// Its executable.
        program: String,
        /// The system's word.
        error: io::Error,
    },
    /// It gave up.
    #[error("{program} failed ({status}):\n{stderr}")]
    Failed {
        /// Its executable.
        program: String,
        /// Its exit status.
        status: ExitStatus,
        /// The end of what it said on standard error, and where that is empty, on standard output.
        stderr: String,
    },
    /// The user asked to stop: it was ended.
    #[error("{program} was interrupted")]
    Interrupted {
        /// Its executable.
        program: String,
    },
    /// It did not end in time: it was ended.
    #[error("{program} was still running after {} minutes and was ended", limit.as_secs() / 60)]
    TooLong {
        /// Its executable.
        program: String,
        /// How long it had.
        limit: Duration,
    },
}

/// What a tool said.
pub(super) struct Said {
    pub stdout: String,
    pub stderr: String,
}

/// Runs `command` to its end, whatever its exit status.
pub(super) fn finish(command: &mut Command) -> Result<(ExitStatus, Said), RunError> {
    finish_unless(command, Duration::MAX, STOP.get())
}

/// The same, ended where it takes longer than `limit`.
pub(super) fn finish_within(command: &mut Command, limit: Duration) -> Result<(ExitStatus, Said), RunError> {
    finish_unless(command, limit, STOP.get())
}

fn finish_unless(
    command: &mut Command,
    limit: Duration,
    flag: Option<&Arc<AtomicBool>>,
) -> Result<(ExitStatus, Said), RunError> {
    if stopped(flag) {
        return Err(RunError::Interrupted { program: name(command) });
    }
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    // What it starts is ended with it. Without the flag Ctrl-C must reach it by itself.
    if flag.is_some() {
        std::os::unix::process::CommandExt::process_group(command, 0);
    }
    let mut child = command.spawn().map_err(|error| RunError::Start { program: name(command), error })?;
    let (sender, output) = mpsc::channel();
    let streams: [Option<Box<dyn Read + Send>>; 2] = [
        child.stdout.take().map(|out| Box::new(out) as _),
        child.stderr.take().map(|out| Box::new(out) as _),
    ];
    for (at, stream) in streams.into_iter().enumerate() {
        let sender = sender.clone();
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            // What can't be read is a message less: the exit status tells how it went.
            let _ = stream.map(|mut stream| stream.read_to_end(&mut bytes));
            let _ = sender.send((at, String::from_utf8_lossy(&bytes).into_owned()));
        });
    }
    let start = Instant::now();
    let mut said = [const { String::new() }; 2];
    let mut ended = 0;
    while ended < said.len() {
        match output.recv_timeout(PATIENCE) {
            Ok((at, text)) => {
                said[at] = text;
                ended += 1;
            }
            Err(_) if stopped(flag) || start.elapsed() > limit => break,
            Err(_) => {}
        }
    }
    if stopped(flag) {
        end(&mut child);
        return Err(RunError::Interrupted { program: name(command) });
    }
    if ended < said.len() {
        end(&mut child);
        return Err(RunError::TooLong { program: name(command), limit });
    }
    let [stdout, stderr] = said;
    let status = child.wait().map_err(|error| RunError::Start { program: name(command), error })?;
    Ok((status, Said { stdout, stderr }))
}

/// Ends a tool and what it has started; what they write is in a folder that goes with them.
fn end(child: &mut Child) {
    if let Ok(group) = i32::try_from(child.id()) {
        use nix::sys::signal::{Signal, killpg};
        let _ = killpg(nix::unistd::Pid::from_raw(group), Signal::SIGKILL);
    }
    // One that has ended by itself can't be ended.
    let _ = child.kill();
    let _ = child.wait();
}

/// Runs `command`, which must succeed.
pub(super) fn run(command: &mut Command) -> Result<Said, RunError> {
    let (status, said) = finish(command)?;
    if status.success() { Ok(said) } else { Err(failed(command, status, &said)) }
}

/// The error of a `command` that ended with `status`.
pub(super) fn failed(command: &Command, status: ExitStatus, said: &Said) -> RunError {
    let text = if said.stderr.trim().is_empty() { &said.stdout } else { &said.stderr };
    RunError::Failed { program: name(command), status, stderr: end_of(text).to_owned() }
}

/// The last [`KEPT`] bytes of `text`, from the beginning of a line.
pub(super) fn end_of(text: &str) -> &str {
    let text = text.trim_end();
    let Some(mut from) = text.len().checked_sub(KEPT) else { return text };
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let end = &text[from..];
    end.split_once('\n').map_or(end, |(_, lines)| lines)
}

fn name(command: &Command) -> String {
    let path = std::path::Path::new(command.get_program());
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_tool_is_named_with_what_it_said() {
        let error = run(Command::new("sh").args(["-c", "echo useless; echo why >&2; exit 3"])).err().unwrap();
        assert_eq!(error.to_string(), "sh failed (exit status: 3):\nwhy");
        let error = run(&mut Command::new("/nonexistent/tool")).err().unwrap();
        assert!(error.to_string().starts_with("tool could not be started: No such file"), "{error}");
    }

    /// Also what it has started, which would go on with its pipes: the wait is for those, too.
    #[test]
    fn a_tool_is_ended_when_the_user_asks_to_stop() {
        let flag = Arc::new(AtomicBool::new(false));
        let setter = flag.clone();
        let mut command = Command::new("sh");
        command.args(["-c", "echo begun; sleep 600 & wait"]);
        let start = Instant::now();
        let ended = std::thread::scope(|scope| {
            let running =
                scope.spawn(|| finish_unless(&mut command, Duration::MAX, Some(&flag)).err().unwrap());
            std::thread::sleep(4 * PATIENCE);
            setter.store(true, Ordering::SeqCst);
            running.join().unwrap()
        });
        assert_eq!(ended.to_string(), "sh was interrupted");
        assert!(start.elapsed() < Duration::from_secs(60), "it was waited for");
        // The next is not even started.
        let error =
            finish_unless(&mut Command::new("/nonexistent/tool"), Duration::MAX, Some(&flag)).err().unwrap();
        assert_eq!(error.to_string(), "tool was interrupted");
        let slow = finish_within(Command::new("sleep").arg("600"), PATIENCE).err().unwrap();
        assert_eq!(slow.to_string(), "sleep was still running after 0 minutes and was ended");
    }

    #[test]
    fn the_end_of_a_long_text_is_whole_lines() {
        let text = "ä\n".repeat(KEPT) + "last\n";
        let end = end_of(&text);
        assert!(end.len() <= KEPT && end.starts_with("ä\n") && end.ends_with("\nlast"));
        assert_eq!(end_of("short\n"), "short");
    }
}
