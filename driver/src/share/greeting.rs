//! What passes before the bytes of the wire: a line from the client, a line from the server.
//!
//! ```text
//! > stop-fpga/1 TOKEN
//! < stop-fpga/1 welcome            from here on, bytes for the board and from it
//! < stop-fpga/1 refused token      or busy, or board REASON; then the connection is closed
//! ```

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::Token;
use super::token;

/// How each line begins; the number is the greeting's version.
pub(super) const BEGINNING: &str = "stop-fpga/1 ";
/// The longest line of a client, its end included.
pub(super) const MAX_HELLO: usize = BEGINNING.len() + token::MAX + 1;
/// The longest line of a server, its end included.
const MAX_REPLY: usize = 512;

const WELCOME: &str = "welcome";
const REFUSED: &str = "refused ";
const TOKEN: &str = "token";
const BUSY: &str = "busy";
const BOARD: &str = "board ";

/// Why a server gives its board to somebody else or to nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No token, or another.
    Token,
    /// Another client has the board.
    Busy,
    /// The server can't reach the board itself, because of this.
    Board(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token => write!(
                out,
                "the server refuses the token: set STOP_FPGA_TOKEN to the one that `stop-fpga serve` was started with or has printed"
            ),
            Self::Busy => write!(out, "another client has the board: try again when it is done"),
            Self::Board(reason) => write!(out, "the server can't reach its board: {reason}"),
        }
    }
}

/// What a server says to a greeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reply {
    Welcome,
    Refused(Refusal),
}

impl Reply {
    /// The line, its end included.
    pub fn line(&self) -> String {
        let said = match self {
            Self::Welcome => WELCOME.to_owned(),
            Self::Refused(Refusal::Token) => format!("{REFUSED}{TOKEN}"),
            Self::Refused(Refusal::Busy) => format!("{REFUSED}{BUSY}"),
            Self::Refused(Refusal::Board(reason)) => {
                let room = MAX_REPLY - BEGINNING.len() - REFUSED.len() - BOARD.len() - 1;
                let words = reason.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
                let mut told = 0;
                let words = words.take_while(|letter| {
                    told += letter.len_utf8();
                    told <= room
                });
                format!("{REFUSED}{BOARD}{}", words.collect::<String>())
            }
        };
        format!("{BEGINNING}{said}\n")
    }

    /// What a line says; `None` where no server of this version says it.
    pub fn parse(line: &[u8]) -> Option<Self> {
        let said = line.strip_prefix(BEGINNING.as_bytes())?.strip_suffix(b"\n")?;
        if said == WELCOME.as_bytes() {
            return Some(Self::Welcome);
        }
        let why = said.strip_prefix(REFUSED.as_bytes())?;
        Some(Self::Refused(match why {
            _ if why == TOKEN.as_bytes() => Refusal::Token,
            _ if why == BUSY.as_bytes() => Refusal::Busy,
            _ => {
                let reason = String::from_utf8_lossy(why.strip_prefix(BOARD.as_bytes())?);
                Refusal::Board(reason.replace(char::is_control, " "))
            }
        }))
    }
}

/// What a client's bytes so far come to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Hello<'b> {
    /// They may become a greeting.
    Unfinished,
    /// A greeting with this for a token.
    Guess(&'b [u8]),
    /// They will never be one.
    Other,
}

/// Looks at what a client has said so far.
pub(super) fn hear(bytes: &[u8]) -> Hello<'_> {
    let beginning = BEGINNING.as_bytes();
    let same = bytes.iter().zip(beginning).all(|(seen, wanted)| seen == wanted);
    match bytes.iter().position(|&byte| byte == b'\n') {
        _ if !same => Hello::Other,
        // Before it is welcome a client has nothing more to say.
        Some(end) if end + 1 == bytes.len() && end >= beginning.len() => {
            Hello::Guess(&bytes[beginning.len()..end])
        }
        Some(_) => Hello::Other,
        None if bytes.len() >= MAX_HELLO => Hello::Other,
        None => Hello::Unfinished,
    }
}

/// Greets a server and waits for its answer, for at most `patience`; `None` where what answers is no server of this version.
pub(crate) fn greet(mut stream: &TcpStream, token: &Token, patience: Duration) -> io::Result<Option<Reply>> {
    stream.write_all(format!("{BEGINNING}{}\n", token.secret()).as_bytes())?;
    let deadline = Instant::now() + patience;
    let mut line = Vec::new();
    while line.last() != Some(&b'\n') && line.len() < MAX_REPLY {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        stream.set_read_timeout(Some(left))?;
        // One byte at a time: what follows the line is the board's.
        let mut byte = [0];
        match stream.read(&mut byte) {
            Ok(0) => break,
            Ok(_) => line.push(byte[0]),
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::TimedOut | ErrorKind::WouldBlock | ErrorKind::Interrupted
                ) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Reply::parse(&line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_read_as_written_and_bounded() {
        let board = |reason: &str| Reply::Refused(Refusal::Board(reason.to_owned()));
        let replies =
            [Reply::Welcome, Reply::Refused(Refusal::Token), Reply::Refused(Refusal::Busy), board("no port")];
        for reply in replies {
            assert_eq!(Reply::parse(reply.line().as_bytes()), Some(reply));
        }
        let long = board(&"é\n".repeat(1000)).line();
        assert!(long.len() <= MAX_REPLY && long.len() > MAX_REPLY - 4, "{}", long.len());
        assert_eq!(long.matches('\n').count(), 1);
        for line in
            ["", "\n", "stop-fpga/1 welcome", "stop-fpga/2 welcome\n", "stop-fpga/1 refused\n", "SSH-2.0\n"]
        {
            assert_eq!(Reply::parse(line.as_bytes()), None, "{line}");
        }
        // What a terminal would obey is not shown.
        assert_eq!(Reply::parse(b"stop-fpga/1 refused board \x1b[2J\n"), Some(board(" [2J")));
    }

    #[test]
    fn a_greeting_is_told_from_anything_else_as_early_as_can_be() {
        assert_eq!(hear(b""), Hello::Unfinished);
        assert_eq!(hear(b"stop-"), Hello::Unfinished);
        assert_eq!(hear(b"stop-fpga/1 abc"), Hello::Unfinished);
        assert_eq!(hear(b"stop-fpga/1 abc\n"), Hello::Guess(b"abc"));
        assert_eq!(hear(b"stop-fpga/1 \n"), Hello::Guess(b""));
        for other in
            [&b"S"[..], b"\0", b"GET / HTTP", b"stop-fpga/2", b"stop\n", b"stop-fpga/1 abc\n\0", b"\n"]
        {
            assert_eq!(hear(other), Hello::Other, "{}", other.escape_ascii());
        }
        let mut long = BEGINNING.as_bytes().to_vec();
        long.resize(MAX_HELLO - 1, b'x');
        assert_eq!(hear(&long), Hello::Unfinished);
        long.push(b'x');
        assert_eq!(hear(&long), Hello::Other);
    }
}
