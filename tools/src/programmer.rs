//! Programs that write a bitstream to a board: which there is, running it, and what its complaints mean.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use arch::board;

use crate::commands::quoted;
use crate::interrupt::Interrupt;

/// The program that is looked for first.
const OPEN_FPGA_LOADER: &str = "openFPGALoader";
/// How long a program may take: writing a flash over a slow probe takes minutes.
const LIMIT: Duration = Duration::from_secs(900);
/// How long an interrupted one may take to end by itself: Ctrl-C in a terminal reaches it, too.
const GRACE: Duration = Duration::from_secs(2);
/// How much of what a program says at the end is looked at.
const LAST_WORDS: usize = 16 << 10;

/// Where the programs of the boards in `constraints/` are to be had.
pub const SOURCES: [(&str, &str); 5] = [
    (OPEN_FPGA_LOADER, "https://trabucayre.github.io/openFPGALoader (Debian: apt install openfpgaloader)"),
    ("iceprog", "https://github.com/YosysHQ/icestorm (Debian: apt install fpga-icestorm)"),
    ("ecpprog", "https://github.com/gregdavill/ecpprog"),
    ("fujprog", "https://github.com/kost/fujprog"),
    ("ecpdap", "https://github.com/adamgreig/ecpdap (cargo install ecpdap)"),
];

const RULE: &str = "let udev open it to whoever sits at this machine, then plug the board in anew:\n    \
    echo 'SUBSYSTEM==\"usb\", ATTRS{idVendor}==\"0403\", MODE=\"0660\", TAG+=\"uaccess\"' | \
    sudo tee /etc/udev/rules.d/70-stop-fpga.rules\n    sudo udevadm control --reload\n\
    0403 is FTDI, whose chip most of the boards have; lsusb says another probe's number";

/// A bitstream that did not reach the board.
#[derive(Debug, thiserror::Error)]
pub enum ProgrammerError {
    /// None of the programs for this board is on PATH.
    #[error("nothing on PATH writes to this board: looked for {}", names.join(" and "))]
    NotFound {
        /// What was looked for.
        names: Vec<String>,
    },
    /// The program could not be started or watched.
    #[error("{program}: {error}")]
    Io {
        /// The program.
        program: String,
        /// Why.
        error: io::Error,
    },
    /// It ran for too long and was ended.
    #[error("{program} was still running after {} minutes and was ended", LIMIT.as_secs() / 60)]
    TooLong {
        /// The program.
        program: String,
    },
    /// It failed.
    #[error("{program} failed ({status}): {}", complaint.words())]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// What its last words mean.
        complaint: Complaint,
    },
    /// The user interrupted it.
    #[error("interrupted: the board may hold a part of the bitstream; write it again")]
    Interrupted,
}

impl miette::Diagnostic for ProgrammerError {
    fn help(&self) -> Option<Box<dyn std::fmt::Display + '_>> {
        let source = |name: &String| {
            let known = SOURCES.iter().find(|(known, _)| known == name);
            known.map_or(format!("{name}: see its board.toml"), |(name, source)| format!("{name}: {source}"))
        };
        Some(match self {
            Self::NotFound { names } => Box::new(format!(
                "one is enough\n{}",
                names.iter().map(source).collect::<Vec<_>>().join("\n")
            )),
            Self::Failed { complaint, .. } => Box::new(complaint.remedy()),
            Self::TooLong { .. } => Box::new("plug the board in anew and try again"),
            Self::Io { .. } | Self::Interrupted => return None,
        })
    }
}

/// What a program that failed complained of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Complaint {
    /// The device is there, and may not be opened.
    Forbidden,
    /// Another program has it.
    Busy,
    /// There is none.
    NoDevice,
    /// There is none that can be opened; the program does not tell the two apart.
    NoneToOpen,
    /// Something else.
    Other,
}

impl Complaint {
    /// What the last words of a program mean.
    ///
    /// libusb's and libftdi's own words come first: they are the same whatever program is between. ftdi_usb_open fails with −3 without
    /// a device, −4 where it may not be opened, −5 where another has it.
    fn of(said: &str) -> Self {
        let said = said.to_lowercase();
        let any = |words: &[&str]| words.iter().any(|word| said.contains(word));
        if any(&[
            "libusb_error_access",
            "permission denied",
            "usb_open() failed",
            "insufficient permission",
            "operation not permitted",
        ]) {
            Self::Forbidden
        } else if any(&["libusb_error_busy", "unable to claim", "resource busy", "ftdi device: -5"]) {
            Self::Busy
        } else if any(&[
            "device not found",
            "libusb_error_no_device",
            "libusb_error_not_found",
            "no such device",
            "no probe",
        ]) {
            Self::NoDevice
        } else if any(&[
            "can't find ice ftdi usb device",
            "unable to open ftdi device",
            "cannot find jtag cable",
        ]) {
            Self::NoneToOpen
        } else {
            Self::Other
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Forbidden => "permission denied on the board's USB device",
            Self::Busy => "another program has the board's USB device",
            Self::NoDevice => "the board was not found on USB",
            Self::NoneToOpen => "no board on USB that it may open",
            Self::Other => "its words are above",
        }
    }

    fn remedy(self) -> String {
        let plugged =
            "is the board plugged in, by a cable that carries data, and on? lsusb lists what there is";
        match self {
            Self::Forbidden => RULE.to_owned(),
            Self::Busy => {
                "close what has it: another programmer, a debugger, a terminal on its serial port".to_owned()
            }
            Self::NoDevice => plugged.to_owned(),
            Self::NoneToOpen => format!("{plugged}. If the board is among it, it may not be opened: {RULE}"),
            Self::Other => "nothing can be said of what the board holds now: try again".to_owned(),
        }
    }
}

/// A command that writes a bitstream to a board.
#[derive(Debug)]
pub struct Programmer {
    /// Its executable.
    program: PathBuf,
    /// What it is called, and its arguments.
    words: Vec<String>,
}

impl Programmer {
    /// What is on `path` (as in PATH) and writes `bitstream` to a board: openFPGALoader, else the board's other program.
    ///
    /// Errors: neither is there.
    pub fn find(
        board: &board::Programmer,
        bitstream: &str,
        path: &std::ffi::OsStr,
    ) -> Result<Self, ProgrammerError> {
        // -f: into the flash, from which the board configures itself whenever it gets power.
        let loader = board.openfpgaloader.iter();
        let loader =
            loader.map(|name| [OPEN_FPGA_LOADER, "-b", name, "-f", bitstream].map(str::to_owned).to_vec());
        let other =
            board.command.split_whitespace().map(|word| word.replace("{bitstream}", bitstream)).collect();
        let mut names = Vec::new();
        for words in loader.chain(std::iter::once::<Vec<String>>(other)) {
            let Some(name) = words.first() else { continue };
            if let Some(program) = on_path(name, path) {
                return Ok(Self { program, words });
            }
            names.push(name.clone());
        }
        Err(ProgrammerError::NotFound { names })
    }

    /// The command, as it would be typed.
    pub fn line(&self) -> String {
        self.words.iter().cloned().map(quoted).collect::<Vec<_>>().join(" ")
    }

    /// Runs it. What it says goes to stderr.
    pub fn run(&self, interrupt: &Interrupt) -> Result<(), ProgrammerError> {
        let program = || self.words[0].clone();
        let io = |error| ProgrammerError::Io { program: program(), error };
        let mut command = Command::new(&self.program);
        command.args(&self.words[1..]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(io)?;
        let (sender, last_words) = mpsc::channel();
        let streams: [Option<Box<dyn Read + Send>>; 2] = [
            child.stdout.take().map(|out| Box::new(out) as _),
            child.stderr.take().map(|out| Box::new(out) as _),
        ];
        for stream in streams.into_iter().flatten() {
            let sender = sender.clone();
            std::thread::spawn(move || sender.send(passed_on(stream)));
        }
        drop(sender);
        let start = Instant::now();
        let mut interrupted = None;
        let status = loop {
            if let Some(status) = child.try_wait().map_err(io)? {
                break status;
            }
            if interrupt.requested() && interrupted.is_none() {
                interrupted = Some(Instant::now());
            }
            let overdue = start.elapsed() > LIMIT;
            if overdue || interrupted.is_some_and(|at| at.elapsed() > GRACE) {
                child.kill().map_err(io)?;
                child.wait().map_err(io)?;
                return Err(if overdue {
                    ProgrammerError::TooLong { program: program() }
                } else {
                    ProgrammerError::Interrupted
                });
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        // Both pipes end with the program, unless it has left another behind that holds them.
        let said: Vec<u8> = (0..2).filter_map(|_| last_words.recv_timeout(GRACE).ok()).flatten().collect();
        if status.success() {
            return Ok(());
        }
        if interrupt.requested() {
            return Err(ProgrammerError::Interrupted);
        }
        let complaint = Complaint::of(&String::from_utf8_lossy(&said));
        Err(ProgrammerError::Failed { program: program(), status, complaint })
    }
}

/// Copies a stream to stderr as it comes; its end, for a look at it.
fn passed_on(mut stream: impl Read) -> Vec<u8> {
    let mut last = Vec::new();
    let mut buffer = [0; 1024];
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        // A closed stderr is no reason to stop the program by no longer reading.
        let _ = io::stderr().write_all(&buffer[..count]);
        last.extend_from_slice(&buffer[..count]);
        if last.len() > 2 * LAST_WORDS {
            last.drain(..last.len() - LAST_WORDS);
        }
    }
    last
}

/// Every program of the boards' that is in a folder of `path`.
pub fn all_on(path: &std::ffi::OsStr) -> Vec<PathBuf> {
    SOURCES.iter().filter_map(|(name, _)| on_path(name, path)).collect()
}

/// The executable of a name in the folders of `path`.
fn on_path(name: &str, path: &std::ffi::OsStr) -> Option<PathBuf> {
    std::env::split_paths(path).map(|folder| folder.join(name)).find(|program| is_executable(program))
}

#[cfg(unix)]
fn is_executable(program: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    program.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(program: &Path) -> bool {
    program.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of the programs themselves, as their users report them.
    #[test]
    fn complaints_are_told_apart() {
        for (said, wanted) in [
            ("unable to open ftdi device: -4 (usb_open() failed)\nJTAG init failed", Complaint::Forbidden),
            ("unable to open ftdi device: -4 (libusb_open() failed)", Complaint::Forbidden),
            ("Error: LIBUSB_ERROR_ACCESS", Complaint::Forbidden),
            ("unable to open ftdi device: -3 (device not found)\nJTAG init failed", Complaint::NoDevice),
            ("unable to open ftdi device: -5 (unable to claim usb device)", Complaint::Busy),
            ("unable to open ftdi device: -6 (ftdi_usb_reset failed)", Complaint::NoneToOpen),
            (
                "init..\nCan't find iCE FTDI USB device (vendor_id 0x0403, device_id 0x6010)\nABORT.",
                Complaint::NoneToOpen,
            ),
            ("VERIFY FAILED", Complaint::Other),
            ("", Complaint::Other),
        ] {
            assert_eq!(Complaint::of(said), wanted, "{said}");
        }
    }

    /// What the boards' files name can be found by whoever lacks it.
    #[test]
    fn every_boards_programs_have_a_source() {
        let programmers =
            arch::Board::names().into_iter().filter_map(|name| arch::Board::named(name).unwrap().programmer);
        let mut seen = 0;
        for programmer in programmers {
            let name = programmer.command.split_whitespace().next().unwrap();
            assert!(SOURCES.iter().any(|(known, _)| *known == name), "{name}");
            seen += 1;
        }
        assert!(seen >= 8);
    }

    /// A path with spaces is one word, whatever shows it.
    #[test]
    fn a_bitstream_is_one_argument() {
        let folder = tempfile::tempdir().unwrap();
        // Any executable of that name will do: it is not run.
        std::os::unix::fs::symlink("/bin/sh", folder.path().join("iceprog")).unwrap();
        let board = board::Programmer {
            openfpgaloader: Some("x".to_owned()),
            command: "iceprog -v {bitstream}".to_owned(),
        };
        let found = Programmer::find(&board, "my files/a b.bin", folder.path().as_os_str()).unwrap();
        assert_eq!(found.words, ["iceprog", "-v", "my files/a b.bin"]);
        assert_eq!(found.line(), "iceprog -v 'my files/a b.bin'");
    }
}
