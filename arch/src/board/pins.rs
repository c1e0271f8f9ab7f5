//! Pins of a board: its `board.toml` and the `.pcf` or `.lpf` beside it, held to each other.
//!
//! nextpnr reads the file beside `board.toml`, people and this crate read `board.toml`. [`Board::constraints`] gives out the one
//! only where it says the same as the other.

use std::collections::BTreeMap;

use super::Board;

/// `files!(NAME.EXTENSION …)`: name of the board, its file's name and text.
macro_rules! files {
    ($($name:literal . $extension:literal)*) => {
        &[$((
            $name,
            concat!($name, ".", $extension),
            include_str!(concat!("../../../constraints/", $name, "/", $name, ".", $extension)),
        )),*]
    };
}

/// The files of pins.
const FILES: &[(&str, &str, &str)] = files![
    "icebreaker"."pcf" "upduino"."pcf" "hx8k-breakout"."pcf" "ulx3s-85f"."lpf" "ulx3s-25f"."lpf" "ulx3s-12f"."lpf"
    "ecp5-evn"."lpf" "colorlight-i5"."lpf"
];

/// A port of a board's shell and the pin it is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// The port: `clock_pin`, `receive_pin`, `transmit_pin`, `led_pin`, `hold_0_pin` …
    pub name: String,
    /// The pin, as nextpnr names it.
    pub pin: String,
    /// The shell drives it.
    pub output: bool,
}

/// A board whose two files disagree, or that has only one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// No file of pins, or no pins in `board.toml`.
    #[error("board `{board}` has no file of pins: there is one for {}", known.join(", "))]
    None {
        /// The board.
        board: String,
        /// The boards that have one.
        known: Vec<&'static str>,
    },
    /// A line that is neither a comment nor one of those that are known.
    #[error("{file}: `{line}`: wanted {wanted}")]
    Line {
        /// The file.
        file: &'static str,
        /// What it says.
        line: String,
        /// What it may say.
        wanted: &'static str,
    },
    /// A port on different pins, or in one of the files only.
    #[error(
        "board `{board}`: {port} is on {} in board.toml and on {} in {file}",
        words(stated),
        words(constrained)
    )]
    Differ {
        /// The board.
        board: String,
        /// The port.
        port: String,
        /// Its pin in `board.toml`.
        stated: Option<String>,
        /// The other file.
        file: &'static str,
        /// Its pin there.
        constrained: Option<String>,
    },
    /// Two ports on a pin.
    #[error("board `{board}`: {} and {} are both on pin {pin}", ports[0], ports[1])]
    Twice {
        /// The board.
        board: String,
        /// The pin.
        pin: String,
        /// The ports.
        ports: [String; 2],
    },
}

fn words(pin: &Option<String>) -> String {
    pin.as_ref().map_or_else(|| "no pin".to_owned(), |pin| format!("pin {pin}"))
}

impl Board {
    /// The shell's ports with their pins, as `board.toml` states them.
    pub fn ports(&self) -> Vec<Port> {
        let mut ports = Vec::new();
        let mut port = |name: &str, pin: &str, output| {
            ports.push(Port { name: name.to_owned(), pin: pin.to_owned(), output });
        };
        if let Some(clock) = &self.clock {
            port("clock_pin", &clock.pin, false);
        }
        if let Some(uart) = &self.uart {
            port("receive_pin", &uart.receive_pin, false);
            port("transmit_pin", &uart.transmit_pin, true);
        }
        if let Some(led) = &self.led {
            port("led_pin", &led.pin, true);
        }
        for (at, hold) in self.hold.iter().enumerate() {
            port(&format!("hold_{at}_pin"), &hold.pin, true);
        }
        ports
    }

    /// The text of the `.pcf` or `.lpf` that lies beside the board file of this name.
    ///
    /// Errors: there is none, or it does not say what `board.toml` says, or a pin serves twice.
    pub fn constraints(&self) -> Result<&'static str, PinError> {
        let Some(&(_, file, text)) = FILES.iter().find(|(name, ..)| *name == self.name) else {
            let known = FILES.iter().map(|&(name, ..)| name).collect();
            return Err(PinError::None { board: self.name.clone(), known });
        };
        self.held_to(file, text)?;
        Ok(text)
    }

    fn held_to(&self, file: &'static str, text: &str) -> Result<(), PinError> {
        let mut constrained = read(file, text)?;
        let mut taken = BTreeMap::new();
        for Port { name, pin, .. } in self.ports() {
            let found = constrained.remove(&name);
            if found.as_ref() != Some(&pin) {
                let (board, stated, constrained) = (self.name.clone(), Some(pin), found);
                return Err(PinError::Differ { board, port: name, stated, file, constrained });
            }
            if let Some(other) = taken.insert(pin.clone(), name.clone()) {
                return Err(PinError::Twice { board: self.name.clone(), pin, ports: [other, name] });
            }
        }
        match constrained.pop_first() {
            None => Ok(()),
            Some((port, pin)) => Err(PinError::Differ {
                board: self.name.clone(),
                port,
                stated: None,
                file,
                constrained: Some(pin),
            }),
        }
    }
}

/// Ports and their pins. Of an `.lpf` every port has an `IOBUF`, too, or its bank's voltage would be nextpnr's guess.
fn read(file: &'static str, text: &str) -> Result<BTreeMap<String, String>, PinError> {
    let lpf = file.ends_with(".lpf");
    let wanted = if lpf {
        "a LOCATE COMP \"PORT\" SITE \"PIN\"; followed by an IOBUF PORT \"PORT\" …IO_TYPE=…;"
    } else {
        "set_io PORT PIN"
    };
    let mut pins = BTreeMap::new();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    while let Some(line) = lines.next() {
        let fail = |line: &str| PinError::Line { file, line: line.to_owned(), wanted };
        let (port, pin) = if lpf {
            let located = line.strip_prefix("LOCATE COMP \"").and_then(|rest| rest.strip_suffix("\";"));
            let found = located.and_then(|rest| rest.split_once("\" SITE \"")).ok_or_else(|| fail(line))?;
            let buffer = lines.next().unwrap_or("the end of the file");
            let of_port = buffer.strip_prefix(&format!("IOBUF PORT \"{}\" ", found.0));
            if !of_port.is_some_and(|rest| rest.ends_with(';') && rest.contains("IO_TYPE=")) {
                return Err(fail(buffer));
            }
            found
        } else {
            line.strip_prefix("set_io ").and_then(|rest| rest.split_once(' ')).ok_or_else(|| fail(line))?
        };
        if pins.insert(port.to_owned(), pin.to_owned()).is_some() {
            return Err(fail(line));
        }
    }
    Ok(pins)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every pin of one file is in the other, none serves twice; a board with a device has both files and nothing beside them.
    #[test]
    fn both_files_of_every_board_with_a_device_say_the_same() {
        let mut with_pins = 0;
        for name in Board::names() {
            let board = Board::named(name).unwrap();
            let folder = format!("{}/../constraints/{name}", env!("CARGO_MANIFEST_DIR"));
            let mut files: Vec<String> = std::fs::read_dir(&folder)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            files.sort();
            if board.device.is_none() {
                assert_eq!((files, board.ports()), (vec!["board.toml".to_owned()], vec![]), "{name}");
                assert!(matches!(board.constraints(), Err(PinError::None { .. })));
                continue;
            }
            let text = board.constraints().unwrap();
            assert!(text.starts_with("# "), "{name}: which revision of the board?");
            assert!(board.clock.is_some() && board.uart.is_some() && board.led.is_some(), "{name}");
            assert!(board.programmer.is_some(), "{name}");
            let known = FILES.iter().find(|(known, ..)| *known == name).unwrap().1;
            assert_eq!(files, ["board.toml", known]);
            with_pins += 1;
        }
        assert_eq!(with_pins, FILES.len());
    }

    #[test]
    fn a_planted_difference_is_found() {
        let board = |name: &str| Board::named(name).unwrap();
        let message = |board: &Board| board.constraints().unwrap_err().to_string();
        let mut moved = board("icebreaker");
        moved.led.as_mut().unwrap().pin = "38".to_owned();
        assert_eq!(
            message(&moved),
            "board `icebreaker`: led_pin is on pin 38 in board.toml and on pin 37 in icebreaker.pcf"
        );
        let mut lacking = board("ulx3s-85f");
        lacking.hold.clear();
        assert_eq!(
            message(&lacking),
            "board `ulx3s-85f`: hold_0_pin is on no pin in board.toml and on pin L2 in ulx3s-85f.lpf"
        );
        let mut more = board("ecp5-evn");
        more.hold.push(crate::board::Hold { pin: "A12".to_owned(), high: true });
        assert!(message(&more).ends_with("on pin A12 in board.toml and on no pin in ecp5-evn.lpf"));
    }

    #[test]
    fn a_file_that_says_something_else_is_refused() {
        let board = Board::named("icebreaker").unwrap();
        let good = board.constraints().unwrap();
        let mut twice = board.clone();
        twice.led.as_mut().unwrap().pin = "9".to_owned();
        let message =
            twice.held_to("x.pcf", &good.replace("led_pin 37", "led_pin 9")).unwrap_err().to_string();
        assert_eq!(message, "board `icebreaker`: transmit_pin and led_pin are both on pin 9");
        let message = board.held_to("x.pcf", &good.replace("set_io led_pin", "set-io led")).unwrap_err();
        assert_eq!(message.to_string(), "x.pcf: `set-io led 37`: wanted set_io PORT PIN");
        let board = Board::named("colorlight-i5").unwrap();
        let good = board.constraints().unwrap();
        for (from, to) in
            [("IOBUF PORT \"led_pin\"", "IOBUF PORT \"led\""), (" IO_TYPE=LVCMOS33;\nLOCATE", ";\nLOCATE")]
        {
            assert!(good.contains(from));
            let error = board.held_to("x.lpf", &good.replacen(from, to, 1)).unwrap_err();
            assert!(matches!(error, PinError::Line { .. }), "{error}");
        }
    }
}
