//! Real recordings, learned and classified by a board and by the model behind the same driver.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;

use arch::network::Shifts;
use arch::registers::{Access, SPACES, Space};
use arch::{Board, Layer, Learn, Network, Shape, Surrogate, Updates};
use driver::transport::{ByteDevice, InProcess};
use driver::{Learner, Options, Sample, Session, SessionError};
use events::{Dataset, Encoding, ImageCode};
use model::fixed::{Initial, initial_parameters};
use rtl::program::FEATURES;
use sim::{HardwareBoard, VirtualBoard};

/// Recordings of N-MNIST on `side` by `side` pixels, `hidden` neurons.
#[derive(Clone, Copy)]
pub struct Run {
    pub side: u16,
    pub hidden: u16,
    pub steps: u16,
    pub learned: usize,
    pub classified: usize,
}

impl Run {
    fn network(self, board: &Board) -> Network {
        let layer = |input, output, learn, leak| Layer {
            input,
            output: Shape::flat(output),
            weight_fraction_bits: 7,
            surrogate: Surrogate::Shift,
            learn,
            shifts: Shifts { weight: 12, threshold: 15, leak },
        };
        let input = Shape { channels: 2, height: self.side, width: self.side };
        Network {
            weight_bits: board.engine.weight_bits,
            updates: Updates::Online,
            layers: vec![
                layer(input, self.hidden, Learn::WTL, 20),
                layer(Shape::flat(self.hidden), 10, Learn::WTL, 15),
            ],
        }
    }

    fn recordings(self, source: &str, count: usize) -> Vec<Sample> {
        let shape = format!("2x{0}x{0}", self.side).parse().unwrap();
        let encoding = Encoding { shape, steps: self.steps, seed: 0, image_code: ImageCode::default() };
        let encoded = Dataset::open(source, Some(count)).unwrap().encode(&encoding).unwrap();
        encoded.iter().map(|s| Sample::new(s.label, 0, s.spikes.iter()).unwrap()).collect()
    }
}

pub type Seen = (arch::Parameters, Vec<arch::protocol::SampleResult>, Vec<(&'static str, Vec<u8>)>);

/// Learns, classifies, and reads what is left in every memory that a board of these sizes gives out in a few seconds.
///
/// Errors: the board does not answer as one.
pub fn run(device: impl ByteDevice + 'static, board: &Board, run: Run) -> Result<Seen, SessionError> {
    let mut session = Session::connect(InProcess::new(device), Options::default())?;
    let network = run.network(board);
    session.load_network(&network)?;
    let initial = Initial { gain: 2.0, threshold: 1.0, leak: 0.5, seed: 1 };
    session.write_parameters(&initial_parameters(&network, &initial))?;
    session.set_seed(77)?;
    let mut results = Vec::new();
    for (source, count, learn) in
        [("bundled:train", run.learned, true), ("bundled:test", run.classified, false)]
    {
        let samples = run.recordings(source, count);
        let mut note = |_, result| {
            results.push(result);
            ControlFlow::Continue(())
        };
        session.run(&mut samples.iter(), learn, &mut note)?;
        // The last word is the learning samples': what classifying leaves is less.
        if learn {
            assert!(session.counts()?.updated > 1000, "little was learned");
        }
    }
    let capacity = board.engine.clone();
    let memory = |info: &&arch::registers::SpaceInfo| {
        info.access != Access::WriteOnly && !matches!(info.space, Space::Registers | Space::Weights)
    };
    let memories = SPACES
        .iter()
        .filter(memory)
        .map(|info| Ok((info.name, session.read(info.space, 0, info.space.len(&capacity))?)));
    let memories = memories.collect::<Result<_, SessionError>>()?;
    Ok((session.read_parameters()?, results, memories))
}

/// What the model makes of them.
pub fn of_the_model(board: &Board, workload: Run) -> Seen {
    run(VirtualBoard::with_features(board, FEATURES), board, workload).unwrap()
}

/// Whether `hardware`, the `what` of `board`, makes the same of them, and in how many cycles.
pub fn is_the_model(what: &str, hardware: HardwareBoard, board: &Board, workload: Run) {
    let name = &board.name;
    let cycles = hardware.cycles();
    let wanted = of_the_model(board, workload);
    let got = run(Rc::new(RefCell::new(hardware)), board, workload).unwrap();
    assert_eq!(got.1, wanted.1, "{name}: results");
    for ((space, got), (_, wanted)) in got.2.iter().zip(&wanted.2) {
        assert!(got == wanted, "{name}: {space}");
    }
    assert!(got.0 == wanted.0, "{name}: parameters");
    println!(
        "{name}: its {what} learned {} recordings and classified {}: parameters {}, every result and memory of state equal, {} cycles",
        workload.learned,
        workload.classified,
        got.0.sha256(),
        cycles.get()
    );
}
