use super::*;
use crate::codec::encode;

/// Hands back what it was sent.
#[derive(Default)]
struct Echo(Vec<u8>);

impl Transport for Echo {
    fn send(&mut self, bytes: &[u8]) -> Result<(), TransportError> {
        self.0.extend(bytes);
        Ok(())
    }

    fn receive(&mut self, buffer: &mut [u8], _: Duration) -> Result<usize, TransportError> {
        let count = buffer.len().min(self.0.len());
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0.drain(..count);
        Ok(count)
    }

    fn description(&self) -> String {
        "an echo".to_owned()
    }
}

/// Counts what is done to it.
struct Switch(Rc<RefCell<u32>>);

impl PowerCycle for Switch {
    fn power_cycle(&mut self) {
        *self.0.borrow_mut() += 1;
    }
}

fn frame(sequence: u8, opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let mut wire = Vec::new();
    encode(sequence, opcode as u8, payload, &mut wire);
    wire
}

/// What comes back of `count` frames of 100 bytes, and what was done to them.
fn echoed(faults: &str, count: u8) -> (Vec<u8>, FaultCounts) {
    let injector = Injector::new(faults.parse().unwrap());
    let mut line = injector.around(Echo::default(), None);
    let mut back = Vec::new();
    for at in 0..count {
        line.send(&frame(at, Opcode::Write, &[at; 100])).unwrap();
    }
    let mut buffer = [0; 4096];
    loop {
        let heard = line.receive(&mut buffer, Duration::ZERO).unwrap();
        back.extend(&buffer[..heard]);
        if heard == 0 && line.inner.0.is_empty() {
            return (back, injector.counts());
        }
    }
}

#[test]
fn a_line_without_faults_passes_everything() {
    let (back, counts) = echoed("seed=1", 200);
    let sent: Vec<u8> = (0..200).flat_map(|at| frame(at, Opcode::Write, &[at; 100])).collect();
    assert_eq!(back, sent);
    assert_eq!(counts, FaultCounts::default());
}

#[test]
fn the_same_seed_meets_the_same_faults() {
    let faults = "ber=1e-3,drop=0.001,double=0.001,insert=0.001,loss=0.05,dup=0.05";
    let of_seed = |seed: u32| echoed(&format!("{faults},seed={seed}"), 200);
    assert_eq!(of_seed(1), of_seed(1));
    assert_ne!(of_seed(1), of_seed(2));
    let FaultCounts { bits, bytes_lost, bytes_doubled, bytes_inserted, frames_lost, frames_doubled, .. } =
        of_seed(1).1;
    // 40,000 bytes pass, there and back.
    assert!((200..500).contains(&bits), "{bits}");
    for bytes in [bytes_lost, bytes_doubled, bytes_inserted] {
        assert!((15..70).contains(&bytes), "{bytes}");
    }
    for frames in [frames_lost, frames_doubled] {
        assert!((8..40).contains(&frames), "{frames}");
    }
}

#[test]
fn frames_are_lost_and_doubled_whole() {
    let (back, counts) = echoed("loss=0.2,dup=0.2,seed=3", 200);
    let frames: Vec<&[u8]> = back.split_inclusive(|&byte| byte == FRAME_END).collect();
    assert!(frames.iter().all(|frame| decoded(&frame[..frame.len() - 1]).is_some()));
    assert!(counts.frames_lost > 30 && counts.frames_doubled > 30, "{counts:?}");
    assert_eq!((counts.damaged, counts.undetected), (0, 0));
}

/// A check that never finds anything would call every line good.
#[test]
fn damage_that_passes_for_a_frame_is_seen() {
    let injector = Injector::new(Faults::default());
    let state = &mut *injector.0.borrow_mut();
    let mut line = Direction { frame: frame(1, Opcode::End, &[]), ..Direction::default() };
    for byte in frame(2, Opcode::End, &[]) {
        state.hand(&mut line, byte, &mut Vec::new());
    }
    assert_eq!((state.counts.undetected, state.counts.damaged), (1, 0));
    for byte in [3, 1, 1, 0] {
        state.hand(&mut line, byte, &mut Vec::new());
    }
    assert_eq!((state.counts.undetected, state.counts.damaged), (1, 1));
}

#[test]
fn every_other_recording_is_struck_in_its_middle_and_repetitions_do_not_count() {
    let cycled = Rc::new(RefCell::new(0));
    let injector = Injector::new("reset=2".parse().unwrap());
    let mut line = injector.around(Echo::default(), Some(Box::new(Switch(cycled.clone()))));
    line.send(&frame(0, Opcode::Identify, &[1, 2, 3, 4])).unwrap();
    for recording in 0..4u8 {
        let first = 1 + 3 * recording;
        line.send(&frame(first, Opcode::Begin, &[0; 7])).unwrap();
        line.send(&frame(first, Opcode::Begin, &[0; 7])).unwrap();
        // Not before the recording has events, and then once.
        assert_eq!(*cycled.borrow(), u32::from(recording / 2));
        for _ in 0..2 {
            line.send(&frame(first + 1, Opcode::Events, &[254])).unwrap();
            assert_eq!(*cycled.borrow(), u32::from(recording.div_ceil(2)));
        }
        line.send(&frame(first + 2, Opcode::End, &[])).unwrap();
    }
    assert_eq!((*cycled.borrow(), injector.counts().resets), (2, 2));
}

#[test]
fn a_pulled_cable_passes_nothing_until_it_is_opened_again() {
    let injector = Injector::new("pull=1".parse().unwrap());
    let mut line = injector.around(Echo::default(), None);
    line.send(&frame(0, Opcode::Identify, &[1, 2, 3, 4])).unwrap();
    line.send(&frame(1, Opcode::Begin, &[0; 7])).unwrap();
    let error = line.send(&frame(2, Opcode::Events, &[254])).unwrap_err();
    assert!(error.to_string().starts_with("a faulty line to an echo: the other end is gone"), "{error}");
    assert!(line.send(&[0]).is_err() && line.receive(&mut [0; 9], Duration::ZERO).is_err());
    let mut line = injector.around(Echo::default(), None);
    line.send(&frame(0, Opcode::Identify, &[4, 3, 2, 1])).unwrap();
    assert_eq!(injector.counts().pulls, 1);
}

#[test]
fn a_stalled_line_is_silent_and_then_says_what_it_held_back() {
    let injector = Injector::new("stall=30ms@1".parse().unwrap());
    let mut line = injector.around(Echo::default(), None);
    let sent = frame(0, Opcode::End, &[]);
    line.send(&sent).unwrap();
    let mut buffer = [0; 64];
    assert_eq!(line.receive(&mut buffer, Duration::from_millis(1)).unwrap(), 0);
    let heard = line.receive(&mut buffer, Duration::from_secs(9)).unwrap();
    assert_eq!(buffer[..heard], sent);
    assert_eq!(injector.counts().stalls, 1);
}
