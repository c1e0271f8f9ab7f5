//! Which faults a line has, as they are written: `ber=1e-5,loss=0.01,stall=20ms@0.001,reset=200,seed=4`.

use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use serde::Serialize;

use super::Delays;

/// Longest stall that can be asked for.
const MAX_STALL: Duration = Duration::from_secs(60);
/// FTDI's latency timer has a byte of milliseconds.
const MAX_LATENCY: Duration = Duration::from_millis(255);
/// Bytes of the longest packet that USB has for it, 1,024 less two of status.
const MAX_PACKET: usize = 1022;
/// Slowest and fastest line: below, a frame takes longer than any timeout; above, no adapter goes.
const BAUD: RangeInclusive<u32> = 9_600..=12_000_000;

/// The faults of a line; by default it has none. Probabilities are 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Faults {
    /// Each bit is wrong.
    pub ber: f64,
    /// Each byte is lost.
    pub drop: f64,
    /// Each byte comes twice.
    pub double: f64,
    /// After each byte comes one that nobody sent.
    pub insert: f64,
    /// Each frame is lost.
    pub loss: f64,
    /// Each frame comes twice.
    pub dup: f64,
    /// How long the line is silent, and how probably before a frame from the board.
    pub stall: Option<(Duration, f64)>,
    /// The board loses its power in the middle of every so-manieth recording.
    pub reset: Option<u64>,
    /// The cable is pulled in the middle of every so-manieth recording.
    pub pull: Option<u64>,
    /// What time the line takes, which is no fault.
    pub delays: Delays,
    /// Seed of it all.
    pub seed: u64,
}

/// Faults that are not written as they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultsError {
    /// A fault that there is not, or one without a value.
    #[error(
        "fault `{seen}`: wanted ber=P, drop=P, double=P, insert=P, loss=P, dup=P, stall=DURATION@P, reset=N, pull=N, latency=DURATION, packet=BYTES, baud=N or seed=N"
    )]
    Unknown {
        /// What was written.
        seen: String,
    },
    /// A value that does not fit.
    #[error("fault {name}={seen}: wanted {wanted}")]
    Value {
        /// The fault.
        name: String,
        /// Its value.
        seen: String,
        /// What values there are.
        wanted: &'static str,
    },
    /// A fault said twice.
    #[error("fault {name} is said twice: wanted it once")]
    Twice {
        /// The fault.
        name: String,
    },
}

impl FromStr for Faults {
    type Err = FaultsError;

    fn from_str(text: &str) -> Result<Self, FaultsError> {
        let mut faults = Self::default();
        let mut said = Vec::new();
        for part in text.split(',') {
            let unknown = || FaultsError::Unknown { seen: part.to_owned() };
            let (name, value) = part.split_once('=').ok_or_else(unknown)?;
            if said.contains(&name) {
                return Err(FaultsError::Twice { name: name.to_owned() });
            }
            said.push(name);
            let wrong = |wanted| FaultsError::Value { name: name.to_owned(), seen: value.to_owned(), wanted };
            let part = || probability(value).ok_or_else(|| wrong("a probability from 0 to 1"));
            let every = || value.parse().ok().filter(|&every| every > 0);
            let every = || every().map(Some).ok_or_else(|| wrong("a number of recordings from 1 on"));
            match name {
                "ber" => faults.ber = part()?,
                "drop" => faults.drop = part()?,
                "double" => faults.double = part()?,
                "insert" => faults.insert = part()?,
                "loss" => faults.loss = part()?,
                "dup" => faults.dup = part()?,
                "stall" => {
                    let wanted = "a duration up to 60 s and a probability, such as 20ms@0.001";
                    faults.stall = Some(stall(value).ok_or_else(|| wrong(wanted))?);
                }
                "reset" => faults.reset = every()?,
                "pull" => faults.pull = every()?,
                "latency" => {
                    let latency = duration(value).filter(|&latency| latency <= MAX_LATENCY);
                    let latency =
                        latency.ok_or_else(|| wrong("a duration from 0ms to 255ms, such as 16ms"))?;
                    faults.delays.latency = Some(latency);
                }
                "packet" => {
                    let packet = value.parse().ok().filter(|packet| (1..=MAX_PACKET).contains(packet));
                    faults.delays.packet = Some(packet.ok_or_else(|| wrong("bytes from 1 to 1022"))?);
                }
                "baud" => {
                    let baud = value.parse().ok().filter(|baud| BAUD.contains(baud));
                    faults.delays.baud =
                        Some(baud.ok_or_else(|| wrong("bits a second from 9600 to 12000000"))?);
                }
                "seed" => faults.seed = value.parse().map_err(|_| wrong("a whole number from 0 on"))?,
                _ => return Err(unknown()),
            }
        }
        Ok(faults)
    }
}

fn probability(text: &str) -> Option<f64> {
    text.parse().ok().filter(|probability| (0.0..=1.0).contains(probability))
}

fn stall(text: &str) -> Option<(Duration, f64)> {
    let (silence, part) = text.split_once('@')?;
    let silence = duration(silence).filter(|&silence| silence <= MAX_STALL)?;
    Some((silence, probability(part)?))
}

/// `20ms` or `1s`.
fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 1),
        None => (text.strip_suffix('s')?, 1000),
    };
    Some(Duration::from_millis(number.parse::<u64>().ok()?.checked_mul(unit)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_read_as_written() {
        let read: Faults =
            "ber=1e-5,drop=0.1,double=0.2,insert=0.3,loss=0.01,dup=1,stall=20ms@0.5,reset=200,pull=7,latency=16ms,packet=510,baud=3000000,seed=4"
                .parse()
                .unwrap();
        let wanted = Faults {
            ber: 1e-5,
            drop: 0.1,
            double: 0.2,
            insert: 0.3,
            loss: 0.01,
            dup: 1.0,
            stall: Some((Duration::from_millis(20), 0.5)),
            reset: Some(200),
            pull: Some(7),
            delays: Delays {
                baud: Some(3_000_000),
                latency: Some(Duration::from_millis(16)),
                packet: Some(510),
            },
            seed: 4,
        };
        assert_eq!(read, wanted);
        assert_eq!("stall=2s@0".parse::<Faults>().unwrap().stall, Some((Duration::from_secs(2), 0.0)));
    }

    #[test]
    fn what_is_none_is_refused_with_what_is_wanted() {
        for (text, message) in [
            ("", "fault ``: wanted ber=P, drop=P"),
            ("ber", "fault `ber`: wanted ber=P"),
            ("bear=1", "fault `bear=1`: wanted ber=P"),
            ("ber=1.5", "fault ber=1.5: wanted a probability from 0 to 1"),
            ("loss=-0.1", "fault loss=-0.1: wanted a probability"),
            ("loss=NaN", "fault loss=NaN: wanted a probability"),
            ("reset=0", "fault reset=0: wanted a number of recordings from 1 on"),
            ("pull=-1", "fault pull=-1: wanted a number of recordings from 1 on"),
            ("stall=20@0.5", "fault stall=20@0.5: wanted a duration up to 60 s"),
            ("stall=20ms", "fault stall=20ms: wanted a duration up to 60 s"),
            ("stall=61s@0.5", "fault stall=61s@0.5: wanted a duration up to 60 s"),
            ("stall=18446744073709551615s@1", "wanted a duration up to 60 s"),
            ("latency=16", "fault latency=16: wanted a duration from 0ms to 255ms"),
            ("latency=1s", "fault latency=1s: wanted a duration from 0ms to 255ms"),
            ("packet=0", "fault packet=0: wanted bytes from 1 to 1022"),
            ("baud=300", "fault baud=300: wanted bits a second from 9600 to 12000000"),
            ("seed=x", "fault seed=x: wanted a whole number"),
            ("loss=0,ber=0,loss=0", "fault loss is said twice"),
        ] {
            let said = text.parse::<Faults>().unwrap_err().to_string();
            assert!(said.contains(message), "`{text}`: {said}");
        }
    }
}
