//! The unmodified serial and TCP drivers against a served virtual board: the same bits as in process.

mod common;

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;

use common::*;
use driver::transport::{Serial, Tcp};
use driver::{Options, Session};
use sim::{ServeError, VirtualBoard, serve_pty, serve_tcp};

struct Served {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<(), ServeError>>>,
}

impl Served {
    /// A board on a pseudo-terminal linked to `path`.
    fn pty(path: PathBuf) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (sender, ready) = mpsc::channel();
        let flag = stop.clone();
        let thread = std::thread::spawn(move || {
            let mut board = VirtualBoard::new(&board("icebreaker"));
            serve_pty(&mut board, &path, &flag, |_| sender.send(()).unwrap())
        });
        ready.recv().expect("a pseudo-terminal");
        Self { stop, thread: Some(thread) }
    }

    fn tcp() -> (Self, String) {
        let stop = Arc::new(AtomicBool::new(false));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let flag = stop.clone();
        let thread = std::thread::spawn(move || {
            serve_tcp(&mut VirtualBoard::new(&board("icebreaker")), &listener, &flag)
        });
        (Self { stop, thread: Some(thread) }, address)
    }

    fn end(mut self) {
        self.stop.store(true, Ordering::SeqCst);
        self.thread.take().unwrap().join().unwrap().unwrap();
    }
}

#[test]
fn a_pseudo_terminal_gives_the_bits_that_the_process_gives() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("board");
    let served = Served::pty(path.clone());
    let samples = samples(60);
    let wanted = learned("icebreaker", &samples).sha256();
    // A second host after the first finds the port free and the board as it was left.
    for _ in 0..2 {
        let port = Serial::open(path.to_str().unwrap(), 3_000_000).unwrap();
        let mut session = Session::connect(port, Options::default()).unwrap();
        assert_eq!(session.identity().name, "icebreaker");
        assert_eq!(train(&mut session, &samples).sha256(), wanted);
        assert_eq!(session.link_counts().repeated, 0);
        drop(session);
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    served.end();
    assert!(path.symlink_metadata().is_err(), "the link goes with the board");
}

#[test]
fn a_socket_gives_the_bits_that_the_process_gives() {
    let (served, address) = Served::tcp();
    let samples = samples(60);
    let wanted = learned("icebreaker", &samples).sha256();
    for _ in 0..2 {
        let mut session = Session::connect(Tcp::connect(&address).unwrap(), Options::default()).unwrap();
        assert_eq!(train(&mut session, &samples).sha256(), wanted);
    }
    served.end();
}

#[test]
fn a_path_that_is_taken_is_refused_and_a_dead_link_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("board");
    let stop = AtomicBool::new(true);
    let mut device = VirtualBoard::new(&board("icebreaker"));
    std::fs::write(&path, "mine").unwrap();
    let error = serve_pty(&mut device, &path, &stop, |_| {}).unwrap_err();
    assert!(matches!(error, ServeError::Taken { .. }), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), b"mine");
    std::fs::remove_file(&path).unwrap();

    let served = Served::pty(path.clone());
    let error = serve_pty(&mut device, &path, &stop, |_| {}).unwrap_err();
    assert!(matches!(error, ServeError::Serving { .. }), "{error}");
    served.end();

    std::os::unix::fs::symlink(folder.path().join("gone"), &path).unwrap();
    serve_pty(&mut device, &path, &stop, |_| {}).unwrap();
}
