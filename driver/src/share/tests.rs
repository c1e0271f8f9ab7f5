//! ```text
//! clients, strangers ── TCP ── serve ── a device that answers each byte with the next one
//! ```

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Instant;

use super::*;
use crate::transport::{ByteDevice, InProcess, Tcp};
use crate::{Transport, TransportError};

const TOKEN: &str = "0123456789abcdef";
/// What a busy machine may take for what is done at once.
const LONG: Duration = Duration::from_secs(20);

/// Asks for more than all buffers on the way hold.
const FLOOD: u8 = 0xff;
const FLOODED: usize = 32 << 20;

/// Answers each byte with the next one, some with many, and stops at a 0.
#[derive(Default)]
struct Counter {
    stopped: bool,
}

impl ByteDevice for Counter {
    fn exchange(&mut self, from_host: &[u8], to_host: &mut Vec<u8>) {
        self.stopped |= from_host.contains(&0);
        for &byte in from_host {
            let count = if byte == FLOOD { FLOODED } else { 1 };
            to_host.extend(std::iter::repeat_n(byte.wrapping_add(1), count));
        }
    }

    fn failure(&self) -> Option<String> {
        self.stopped.then(|| "it met a 0".to_owned())
    }
}

struct Serving {
    address: String,
    stop: Arc<AtomicBool>,
    events: mpsc::Receiver<Event>,
    thread: JoinHandle<Served>,
}

impl Serving {
    /// Serves a device that can be opened so many times.
    fn start(idle: Duration, mut opened: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let (sender, events) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let mut connect: Connect = Box::new(move || {
                let gone = || TransportError::Closed { description: "the counter".to_owned() };
                opened = opened.checked_sub(1).ok_or_else(gone)?;
                Ok(Box::new(InProcess::new(Counter::default())))
            });
            let token = TOKEN.parse().unwrap();
            let mut tell = |event: &Event| drop(sender.send(event.clone()));
            serve(&mut connect, &listener, &token, idle, &stopped, &mut tell).unwrap()
        });
        Self { address, stop, events, thread }
    }

    fn owner(&self) -> Result<Tcp, TransportError> {
        Tcp::connect_shared(&self.address, &TOKEN.parse().unwrap())
    }

    fn event(&self) -> Event {
        self.events.recv_timeout(LONG).expect("an event")
    }

    /// The next event, which must be that an owner left.
    fn left(&self) -> Why {
        match self.event() {
            Event::Left(_, why) => why,
            other => panic!("{other:?}"),
        }
    }

    fn came(&self) {
        let event = self.event();
        assert!(matches!(event, Event::Came(_)), "{event:?}");
    }

    /// Says something that is no greeting; what comes back until the connection is closed.
    fn strange(&self, said: &[u8]) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(said).unwrap();
        let mut heard = String::new();
        stream.set_read_timeout(Some(LONG)).unwrap();
        stream.read_to_string(&mut heard).unwrap();
        heard
    }

    fn end(self) -> Served {
        self.stop.store(true, Ordering::SeqCst);
        self.thread.join().unwrap()
    }
}

/// Sends `bytes` and takes as many back.
fn asked(owner: &mut Tcp, bytes: &[u8]) -> Vec<u8> {
    owner.send(bytes).unwrap();
    let (mut answer, start) = (Vec::new(), Instant::now());
    while answer.len() < bytes.len() && start.elapsed() < LONG {
        let mut buffer = [0; 4096];
        let count = owner.receive(&mut buffer, Duration::from_millis(100)).unwrap();
        answer.extend_from_slice(&buffer[..count]);
    }
    answer
}

fn refusal(outcome: Result<Tcp, TransportError>) -> Refusal {
    match outcome {
        Err(TransportError::Refused { refusal, .. }) => refusal,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it is let in"),
    }
}

const REFUSED: &str = "stop-fpga/1 refused token\n";

#[test]
fn one_owner_at_a_time_and_the_next_when_it_is_gone() {
    let serving = Serving::start(IDLE, 1);
    let mut owner = serving.owner().unwrap();
    serving.came();
    assert_eq!(asked(&mut owner, &[1, 2, 254]), [2, 3, 255]);
    assert_eq!(refusal(serving.owner()), Refusal::Busy);
    // More than one piece each way.
    let many: Vec<u8> = (0..30_000).map(|at| 1 + (at % 200) as u8).collect();
    assert!(asked(&mut owner, &many).iter().zip(&many).all(|(answer, byte)| *answer == byte + 1));
    drop(owner);
    assert_eq!(serving.left(), Why::Gone);
    let mut next = serving.owner().unwrap();
    assert_eq!(asked(&mut next, b"a"), b"b");
    assert_eq!(serving.end(), Served { owners: 2, refused: 1 });
}

#[test]
fn strangers_hear_nothing_but_a_refusal() {
    let serving = Serving::start(IDLE, 1);
    let wrong = "another-token-than-that".parse().unwrap();
    assert_eq!(refusal(Tcp::connect_shared(&serving.address, &wrong)), Refusal::Token);
    let long = [super::greeting::BEGINNING.as_bytes(), &[b'x'; 120]].concat();
    let early = format!("stop-fpga/1 {TOKEN}\n\0");
    for said in [
        b"\0\x01\x08".as_slice(),
        b"GET / HTTP/1.1\r\n\r\n",
        b"stop-fpga/1 \n",
        &long,
        early.as_bytes(),
        b"stop-fpga/1 ",
    ] {
        let said = if said.len() > 100 { [said, &[b'x'; 10]].concat() } else { said.to_vec() };
        assert_eq!(serving.strange(&said), REFUSED, "{}", said.escape_ascii());
    }
    // A client without a token is told what is wrong.
    let mut tcp = Tcp::connect(&serving.address).unwrap();
    tcp.send(&[0, 1, 8]).unwrap();
    let error = tcp.receive(&mut [0; 100], LONG).unwrap_err().to_string();
    assert!(error.contains("refuses the token: set STOP_FPGA_TOKEN"), "{error}");
    assert_eq!(serving.end(), Served { owners: 0, refused: 8 });
}

#[test]
fn what_is_no_server_is_told_from_one() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let other = std::thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        stream.write_all(b"SSH-2.0-some\n").unwrap();
        let _ = stream.read(&mut [0; 100]);
    });
    let error = Tcp::connect_shared(&address, &TOKEN.parse().unwrap()).unwrap_err().to_string();
    assert!(error.contains("does not answer as `stop-fpga serve` does"), "{error}");
    other.join().unwrap();
}

#[test]
fn a_silent_owner_makes_way_for_another() {
    let serving = Serving::start(Duration::ZERO, 1);
    let mut silent = serving.owner().unwrap();
    serving.came();
    let mut next = serving.owner().unwrap();
    assert_eq!(serving.left(), Why::Gone);
    assert_eq!(asked(&mut next, b"a"), b"b");
    let error = silent.receive(&mut [0; 8], LONG).unwrap_err();
    assert!(matches!(error, TransportError::Closed { .. }), "{error}");
    serving.end();
}

#[test]
fn a_board_that_failed_is_opened_anew_and_one_that_can_not_be_is_told() {
    let serving = Serving::start(IDLE, 2);
    for _ in 0..2 {
        let mut owner = serving.owner().unwrap();
        serving.came();
        owner.send(&[0]).unwrap();
        assert!(matches!(serving.left(), Why::Board(reason) if reason.contains("it met a 0")));
    }
    let Refusal::Board(reason) = refusal(serving.owner()) else { panic!("another refusal") };
    assert!(reason.contains("the counter: the other end is gone"), "{reason}");
    assert!(matches!(serving.event(), Event::NoBoard(..)));
    assert_eq!(serving.end().owners, 2);
}

#[test]
fn an_owner_that_takes_no_bytes_loses_the_board() {
    let serving = Serving::start(IDLE, 1);
    let mut owner = serving.owner().unwrap();
    serving.came();
    owner.send(&[FLOOD]).unwrap();
    assert_eq!(serving.left(), Why::Stuck);
    // What the board has still to say is the next one's to take, as of a line whose host has changed.
    assert!(serving.owner().unwrap().receive(&mut [0; 8], LONG).is_ok());
    serving.end();
}

#[test]
fn serving_ends_under_an_owner() {
    let serving = Serving::start(IDLE, 1);
    let mut owner = serving.owner().unwrap();
    serving.came();
    serving.stop.store(true, Ordering::SeqCst);
    assert_eq!(serving.left(), Why::Stopped);
    assert!(owner.receive(&mut [0; 8], LONG).is_err());
    serving.end();
}

/// 200 connections that say nothing or half a greeting, more than the door holds, while the owner works and the next one comes.
#[test]
fn a_crowd_at_the_door_keeps_nobody_out() {
    let serving = Serving::start(IDLE, 1);
    let mut owner = serving.owner().unwrap();
    let crowd: Vec<TcpStream> = (0..200)
        .map(|at| {
            let mut stream = TcpStream::connect(&serving.address).unwrap();
            stream.write_all(&super::greeting::BEGINNING.as_bytes()[..at % 12]).unwrap();
            stream
        })
        .collect();
    assert_eq!(asked(&mut owner, &[5; 5000]), [6; 5000]);
    drop(owner);
    let mut next = serving.owner().unwrap();
    assert_eq!(asked(&mut next, b"a"), b"b");
    drop(crowd);
    assert_eq!(serving.end().owners, 2);
}
