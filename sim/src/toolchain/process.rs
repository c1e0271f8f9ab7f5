//! Running a tool to its end.

use std::io;
use std::process::{Command, ExitStatus, Output};

/// As much of what a failed tool said as an error carries: its end.
const KEPT: usize = 6000;

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
}

/// What a tool said.
pub(super) struct Said {
    pub stdout: String,
    pub stderr: String,
}

/// Runs `command` to its end, whatever its exit status.
pub(super) fn finish(command: &mut Command) -> Result<(ExitStatus, Said), RunError> {
    let Output { status, stdout, stderr } =
        command.output().map_err(|error| RunError::Start { program: name(command), error })?;
    let [stdout, stderr] = [stdout, stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ok((status, Said { stdout, stderr }))
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

    #[test]
    fn the_end_of_a_long_text_is_whole_lines() {
        let text = "ä\n".repeat(KEPT) + "last\n";
        let end = end_of(&text);
        assert!(end.len() <= KEPT && end.starts_with("ä\n") && end.ends_with("\nlast"));
        assert_eq!(end_of("short\n"), "short");
    }
}
