//! A small network, samples for it, and a board to run them on.
#![allow(dead_code, missing_docs, reason = "each test uses part of it")]

pub mod recordings;

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;
use std::time::Duration;

use arch::network::Shifts;
use arch::{Board, Layer, Learn, Network, Parameters, Shape, Surrogate, Updates, WeightBits};
use driver::transport::{ByteDevice, InProcess};
use driver::{Options, Sample, Session, Transport, learn_epoch};
use model::fixed::{Initial, initial_parameters};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sim::VirtualBoard;

/// Hidden and output sizes that fill no word of 8 or 64 lanes.
pub fn network(weight_bits: WeightBits) -> Network {
    let layer = |inputs, outputs| Layer {
        input: Shape::flat(inputs),
        output: Shape::flat(outputs),
        weight_fraction_bits: match weight_bits {
            WeightBits::Eight => 6,
            WeightBits::Sixteen => 9,
        },
        surrogate: Surrogate::Shift,
        learn: Learn::WTL,
        shifts: Shifts { weight: 9, threshold: 10, leak: 12 },
    };
    Network { weight_bits, updates: Updates::Online, layers: vec![layer(30, 13), layer(13, 4)] }
}

pub fn parameters(network: &Network) -> Parameters {
    initial_parameters(network, &Initial { gain: 3.0, threshold: 0.5, leak: 0.75, seed: 5 })
}

pub fn samples(count: usize) -> Vec<Sample> {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let mut sample = |at: usize| {
        let label = (at % 4) as u16;
        let steps: Vec<Vec<u32>> = (0..6)
            .map(|_| {
                let rate = |input: u32| if input as u16 % 4 == label { 0.6 } else { 0.1 };
                (0..30).filter(|&input| rng.random_bool(rate(input))).collect()
            })
            .collect();
        Sample::new(label, 1, &steps).unwrap()
    };
    (0..count).map(&mut sample).collect()
}

pub fn board(name: &str) -> Board {
    Board::named(name).unwrap()
}

/// A board of this process, and the session with it.
pub fn connect(name: &str) -> (Rc<RefCell<VirtualBoard>>, Session) {
    let device = Rc::new(RefCell::new(VirtualBoard::new(&board(name))));
    let session = Session::connect(InProcess::new(device.clone()), Options::default()).unwrap();
    (device, session)
}

/// Loads, learns every sample once in order, reads back.
pub fn train(session: &mut Session, samples: &[Sample]) -> Parameters {
    let network = network(session.identity().capacity.weight_bits);
    session.load_network(&network).unwrap();
    session.write_parameters(&parameters(&network)).unwrap();
    session.set_seed(77).unwrap();
    let order: Vec<usize> = (0..samples.len()).collect();
    let epoch = learn_epoch(session, samples, &order, || ControlFlow::Continue(())).unwrap();
    assert_eq!(epoch.samples, samples.len());
    session.read_parameters().unwrap()
}

/// What the clean, in-process board learns.
pub fn learned(name: &str, samples: &[Sample]) -> Parameters {
    train(&mut connect(name).1, samples)
}

/// Options for links that lose frames: nothing that comes late is waited for.
pub const HASTY: Options = Options { timeout: Duration::from_millis(4), attempts: 100 };

/// A transport that damages, loses and doubles what passes through it, both ways.
pub struct Faulty<T> {
    pub inner: T,
    pub rng: ChaCha8Rng,
    /// Probability of a fault for each chunk handed over.
    pub rate: f64,
    /// How many faults there were.
    pub faults: Rc<RefCell<u32>>,
}

impl<T> Faulty<T> {
    fn damage(&mut self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() || !self.rng.random_bool(self.rate) {
            return;
        }
        *self.faults.borrow_mut() += 1;
        let at = self.rng.random_range(0..bytes.len());
        match self.rng.random_range(0..5) {
            0 => bytes[at] ^= 1 << self.rng.random_range(0..8),
            1 => {
                bytes.remove(at);
            }
            2 => bytes.insert(at, self.rng.random()),
            3 => bytes.truncate(at),
            _ => bytes.extend_from_within(..),
        }
    }
}

impl<T: Transport> Transport for Faulty<T> {
    fn send(&mut self, bytes: &[u8]) -> Result<(), driver::TransportError> {
        let mut bytes = bytes.to_vec();
        self.damage(&mut bytes);
        self.inner.send(&bytes)
    }

    fn receive(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, driver::TransportError> {
        let mut bytes = vec![0; buffer.len() / 2];
        let count = self.inner.receive(&mut bytes, timeout)?;
        bytes.truncate(count);
        self.damage(&mut bytes);
        buffer[..bytes.len()].copy_from_slice(&bytes);
        Ok(bytes.len())
    }

    fn description(&self) -> String {
        "a faulty line".to_owned()
    }
}

/// A device that never answers.
pub struct Dead;

impl ByteDevice for Dead {
    fn exchange(&mut self, _: &[u8], _: &mut Vec<u8>) {}
}
