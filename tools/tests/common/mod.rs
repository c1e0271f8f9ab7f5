//! The command as a person types it, and boards for it to talk to.
#![allow(dead_code, missing_docs, reason = "each test uses part of it")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Simulated hardware takes a minute where cores are few and busy, nothing else a tenth of that: what takes this long hangs.
const LIMIT: Duration = Duration::from_secs(600);
/// Settings of the tester's own that would change what is tested.
const SETTINGS: [&str; 5] =
    ["STOP_FPGA_BOARD", "STOP_FPGA_CONFIG", "STOP_FPGA_BAUD", "STOP_FPGA_TOKEN", "RUST_BACKTRACE"];

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    /// Absent where a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    /// What a command that succeeded printed: one JSON document and nothing beside it.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {}", self.stdout))
    }
}

/// A command under way, killed where its test ends first.
pub struct Running(Option<Child>);

impl Running {
    /// Starts `line`, words between spaces, in `folder`: names in it are relative, whatever the folder is called.
    pub fn start(folder: &Path, line: &str) -> Self {
        Self::start_with(folder, line, &[])
    }

    /// The same with these settings in the environment.
    pub fn start_with(folder: &Path, line: &str, settings: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stop-fpga"));
        for setting in SETTINGS {
            command.env_remove(setting);
        }
        command.envs(settings.iter().copied());
        command.args(line.split_whitespace()).current_dir(folder);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self(Some(command.spawn().expect("the command starts")))
    }

    fn child(&mut self) -> &mut Child {
        self.0.as_mut().expect("a command that has not been waited for")
    }

    /// The first line that it prints, of a command that goes on.
    #[track_caller]
    pub fn first_line(&mut self) -> String {
        let mut line = String::new();
        let stdout = self.child().stdout.as_mut().expect("a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        line
    }

    /// Waits until `file` is there, which the command must write before it ends.
    #[track_caller]
    pub fn until_exists(&mut self, file: &Path) {
        let start = Instant::now();
        while !file.exists() {
            if self.child().try_wait().expect("its state").is_some() || start.elapsed() > LIMIT {
                panic!("no {} came of it: {:?}", file.display(), self.end());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Whether it has not ended.
    pub fn under_way(&mut self) -> bool {
        self.child().try_wait().expect("its state").is_none()
    }

    /// Presses Ctrl-C.
    pub fn interrupt(&mut self) {
        signal("-INT", self.child().id());
    }

    /// Pulls the plug.
    pub fn kill(&mut self) {
        self.child().kill().expect("it can be killed");
    }

    /// Waits for its end, but not for ever.
    #[track_caller]
    pub fn end(&mut self) -> Ended {
        let child = self.0.take().expect("a command is waited for once");
        let id = child.id();
        let (sender, output) = mpsc::channel();
        std::thread::spawn(move || sender.send(child.wait_with_output()));
        let Ok(output) = output.recv_timeout(LIMIT) else {
            signal("-KILL", id);
            panic!("it has not ended within {LIMIT:?}");
        };
        let output = output.expect("its output");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn signal(signal: &str, process: u32) {
    let sent = Command::new("kill").args([signal, &process.to_string()]).status().expect("a command `kill`");
    assert!(sent.success(), "kill {signal} {process}");
}

/// Runs `line` in `folder` to its end.
#[track_caller]
pub fn run(folder: &Path, line: &str) -> Ended {
    run_with(folder, line, &[])
}

/// The same with these settings in the environment.
#[track_caller]
pub fn run_with(folder: &Path, line: &str, settings: &[(&str, &str)]) -> Ended {
    Running::start_with(folder, line, settings).end()
}

/// A virtual board, or a board that is shared, in a process of its own.
pub struct Board {
    pub running: Running,
    /// What to give to `--board`, as the board itself announces it.
    pub name: String,
    /// Held: a closed pipe would end the board.
    _stdout: BufReader<ChildStdout>,
}

impl Board {
    /// Starts `virtual-board` with `options` and waits until a host can connect.
    #[track_caller]
    pub fn serve(folder: &Path, options: &str) -> Self {
        Self::announced(Running::start(folder, &format!("virtual-board {options}")))
    }

    /// Starts `serve` with `options` and this token, and waits until a client can connect.
    #[track_caller]
    pub fn share(folder: &Path, options: &str, token: &str) -> Self {
        Self::announced(Running::start_with(
            folder,
            &format!("serve {options}"),
            &[("STOP_FPGA_TOKEN", token)],
        ))
    }

    #[track_caller]
    fn announced(mut running: Running) -> Self {
        let mut stdout = BufReader::new(running.child().stdout.take().expect("a pipe"));
        let mut announced = String::new();
        stdout.read_line(&mut announced).expect("a line");
        let name = announced.split("--board ").nth(1).and_then(|rest| rest.split(';').next());
        let name =
            name.unwrap_or_else(|| panic!("`{announced}` names no board: {:?}", running.end())).to_owned();
        Self { running, name, _stdout: stdout }
    }

    /// Ctrl-C is how a board is ended: it must take it for that.
    #[track_caller]
    pub fn stop(mut self) -> String {
        self.running.interrupt();
        let ended = self.running.end();
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        ended.stderr
    }
}

/// Text without white space and the bars that frame it: messages are wrapped at the width of a terminal, in words, too.
fn unwrapped(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace() && *letter != '│').collect()
}

/// Whether a wrapped message says `what`.
pub fn says(message: &str, what: &str) -> bool {
    unwrapped(message).contains(&unwrapped(what))
}

/// Runs a line that must be refused: with an error code, a message that says all of `said`, and nothing else.
#[track_caller]
pub fn refused(folder: &Path, line: &str, said: &[&str]) -> Ended {
    refused_with(folder, line, &[], said)
}

/// The same with these settings in the environment.
#[track_caller]
pub fn refused_with(folder: &Path, line: &str, settings: &[(&str, &str)], said: &[&str]) -> Ended {
    let ended = run_with(folder, line, settings);
    let Ended { code, stdout, stderr } = &ended;
    assert!(matches!(code, Some(1 | 2)), "`{line}` ends with {code:?}: {stderr}");
    assert!(!stderr.contains("panicked"), "`{line}`: {stderr}");
    for what in said {
        assert!(says(stderr, what), "`{line}` does not say `{what}`: {stderr}");
    }
    assert_eq!(stdout, "", "`{line}` prints a result");
    ended
}

/// Names of what lies in a folder.
pub fn listed(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}
