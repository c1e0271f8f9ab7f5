//! The drivers for cards on PCI Express against what stands in for a card: the same bits as in process. No card has been tried.

mod common;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use common::*;
use driver::transport::ByteDevice;
use driver::transport::pcie::{Card, STAND_IN};
use driver::{Options, Session, TransportError};
use sim::{ServeError, VirtualBoard, serve_litepcie, serve_xdma};

struct Served {
    card: Card,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<(), ServeError>>>,
}

impl Served {
    /// A board behind `device` until it is dropped.
    fn behind(mut device: impl ByteDevice + Send + 'static, folder: &Path, xdma: bool) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (sender, ready) = mpsc::channel();
        let (flag, folder) = (stop.clone(), folder.to_owned());
        let thread = std::thread::spawn(move || {
            if xdma {
                return serve_xdma(&mut device, &folder, &flag, |h2c, c2h| {
                    sender.send(Card::Xdma { h2c: h2c.into(), c2h: c2h.into() }).unwrap();
                });
            }
            let path = folder.join("litepcie0");
            serve_litepcie(&mut device, &path, &flag, || {
                sender.send(Card::LitePcie { device: path.clone() }).unwrap()
            })
        });
        Self { card: ready.recv().expect("a card"), stop, thread: Some(thread) }
    }

    fn end(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        self.thread.take().unwrap().join().unwrap().unwrap();
    }
}

/// Both kinds, each in a folder of its own.
fn on_both(test: impl Fn(&Path, bool)) {
    for xdma in [true, false] {
        test(tempfile::tempdir().unwrap().path(), xdma);
    }
}

fn board_of(name: &str) -> VirtualBoard {
    VirtualBoard::new(&board(name))
}

#[test]
fn a_card_gives_the_bits_that_the_process_gives() {
    on_both(|folder, xdma| {
        let mut served = Served::behind(board_of("icebreaker"), folder, xdma);
        let samples = samples(60);
        let wanted = learned("icebreaker", &samples).sha256();
        // A second host after the first finds the card free and the board as it was left.
        for _ in 0..2 {
            let mut session = Session::connect(served.card.open().unwrap(), Options::default()).unwrap();
            assert_eq!(session.identity().name, "icebreaker");
            assert_eq!(train(&mut session, &samples).sha256(), wanted);
            assert_eq!(session.link_counts().repeated, 0);
        }
        served.end();
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0, "device files go with the board");
    });
}

/// A board that answers while it is still being sent to, as one does that computes over time: half of it, the rest when it is asked.
struct Halting(VirtualBoard, Vec<u8>);

impl ByteDevice for Halting {
    fn exchange(&mut self, from_host: &[u8], to_host: &mut Vec<u8>) {
        self.0.exchange(from_host, &mut self.1);
        let now = if from_host.is_empty() { self.1.len() } else { self.1.len() / 2 };
        to_host.extend(self.1.drain(..now));
    }
}

#[test]
fn an_answer_that_comes_in_pieces_is_put_together() {
    on_both(|folder, xdma| {
        let mut served = Served::behind(Halting(board_of("icebreaker"), Vec::new()), folder, xdma);
        let samples = samples(20);
        let mut session = Session::connect(served.card.open().unwrap(), Options::default()).unwrap();
        assert_eq!(train(&mut session, &samples).sha256(), learned("icebreaker", &samples).sha256());
        assert_eq!(session.link_counts().damaged, 0);
        drop(session);
        served.end();
    });
}

#[test]
fn a_card_that_another_host_has_is_busy() {
    on_both(|folder, xdma| {
        let mut served = Served::behind(board_of("icebreaker"), folder, xdma);
        let first = served.card.open().unwrap();
        let error = served.card.open().map(drop).unwrap_err().to_string();
        assert!(error.contains("is busy: another program has it open"), "{error}");
        drop(first);
        served.card.open().unwrap();
        served.end();
    });
}

#[test]
fn silence_ends_with_the_timeout() {
    on_both(|folder, xdma| {
        let mut served = Served::behind(Dead, folder, xdma);
        let mut card = served.card.open().unwrap();
        card.send(&[1, 2, 0]).unwrap();
        let start = Instant::now();
        assert_eq!(card.receive(&mut [0; 8], Duration::from_millis(30)).unwrap(), 0);
        assert!(start.elapsed() >= Duration::from_millis(30));
        served.end();
    });
}

#[test]
fn a_card_that_goes_away_is_noticed() {
    // A mapping can't tell: there the link gives up, as on any silent line.
    let folder = tempfile::tempdir().unwrap();
    let mut served = Served::behind(board_of("icebreaker"), folder.path(), true);
    let mut card = served.card.open().unwrap();
    served.end();
    let error = card.receive(&mut [0; 8], Duration::from_secs(5)).unwrap_err();
    assert!(matches!(error, TransportError::Closed { .. }), "{error}");
    let error = card.send(&[1, 2, 0]).unwrap_err();
    assert!(matches!(error, TransportError::Closed { .. }), "{error}");
}

/// A card that takes nothing: its FIFO is full after 64 KiB.
#[test]
fn a_card_that_takes_nothing_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let (h2c, c2h) = (folder.path().join("h2c"), folder.path().join("c2h"));
    let opened: Vec<std::fs::File> = [&h2c, &c2h]
        .map(|path| {
            nix::unistd::mkfifo(path, nix::sys::stat::Mode::S_IRWXU).unwrap();
            std::fs::OpenOptions::new().read(true).write(true).open(path).unwrap()
        })
        .into();
    let mut card = Card::Xdma { h2c, c2h }.open().unwrap();
    let error = card.send(&[vec![1; 1 << 20], vec![0]].concat()).unwrap_err();
    assert!(matches!(error, TransportError::Stuck { .. }), "{error}");
    let error = card.send(&[1, 0]).unwrap_err();
    assert!(matches!(error, TransportError::Stuck { .. }), "once stuck, for good: {error}");
    drop(opened);
}

#[test]
fn what_is_no_card_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (mine, gone) = (folder.path().join("mine"), folder.path().join("gone"));
    std::fs::write(&mine, "kept").unwrap();
    let xdma = |h2c: &Path, c2h: &Path| Card::Xdma { h2c: h2c.into(), c2h: c2h.into() };
    let litepcie = |device: &Path| Card::LitePcie { device: device.into() };
    for (card, said) in [
        (xdma(&gone, &gone), "there is no card behind"),
        (xdma(&mine, &mine), "mine is a file, wanted a character device or a FIFO"),
        (xdma(folder.path(), folder.path()), "is a folder"),
        (litepcie(&gone), "there is no card behind"),
        (litepcie(&mine), "mine is a file, wanted a character device"),
    ] {
        let error = card.open().map(drop).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    assert_eq!(std::fs::read(&mine).unwrap(), b"kept");

    // A stand-in that nobody serves, and one whose place is taken.
    let left = folder.path().join("left");
    std::fs::File::create(&left).unwrap().set_len(STAND_IN as u64).unwrap();
    let error = litepcie(&left).open().map(drop).unwrap_err().to_string();
    assert!(error.contains("there is no card behind"), "{error}");
    let error = serve_litepcie(&mut Dead, &mine, &AtomicBool::new(true), || {}).unwrap_err();
    assert!(matches!(error, ServeError::Exists { .. }), "{error}");
    assert_eq!(std::fs::read(&mine).unwrap(), b"kept");
    std::fs::write(folder.path().join("xdma0_c2h_0"), "").unwrap();
    let error = serve_xdma(&mut Dead, folder.path(), &AtomicBool::new(true), |_, _| {}).unwrap_err();
    assert!(matches!(error, ServeError::Exists { .. }), "{error}");
    assert!(!folder.path().join("xdma0_h2c_0").exists(), "what was made goes again");
}
