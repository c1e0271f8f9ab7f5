//! The testbench beside an emitted core: a recorded session in which it learns, for any simulator of Verilog.

use arch::network::Topology;
use arch::{Board, Shape, Surrogate, Updates};
use miette::{IntoDiagnostic, Result, miette};
use model::fixed::{Initial, initial_parameters};
use rtl::ip_core::Shell;
use rtl::top::top;
use rtl::verilog::Form;
use serde::Serialize;
use sim::recording::{Lesson, Recording};

use crate::cli::Code;
use crate::data::{Data, Fit};
use crate::selftest;

const TESTBENCH: &str = include_str!("testbench/testbench.v");
const UART: &str = include_str!("testbench/uart.v");
const NONE: &str = include_str!("testbench/none.v");
const STREAM: &str = include_str!("testbench/stream.v");

/// The core as it is synthesised.
const CORE: &str = "stop_fpga.v";
/// The core with serial pins as an event-driven simulator wants it. The file that boards' bitstreams are made of stays as it was when they were.
const ONCE: &str = "stop_fpga_once.v";

/// What it learns: small, because an interpreter of Verilog runs some ten thousand cycles a second.
const SOURCE: &str = "bundled:train";
const SAMPLES: usize = 1;
const INPUT: Shape = Shape { channels: 2, height: 4, width: 4 };
const LAYERS: [u16; 2] = [12, 10];
const STEPS: u16 = 4;
/// Low thresholds under large weights: much fires, so that much is learned.
const INITIAL: Initial = Initial { gain: 2.0, threshold: 0.5, leak: 0.75, seed: 1 };

/// Its files, and what they hold.
#[derive(Debug, Serialize)]
pub struct Testbench {
    /// Name of the testbench's file and of the two with bytes in hexadecimal.
    pub file: &'static str,
    /// Name of the core's file that it is compiled with.
    pub core: &'static str,
    to_board: &'static str,
    to_host: &'static str,
    /// Bytes each way.
    bytes_to_board: usize,
    bytes_to_host: usize,
    /// What is done in the session.
    session: String,
    #[serde(skip)]
    contents: [String; 3],
    /// What is in [`ONCE`], where that is written.
    #[serde(skip)]
    once: Option<String>,
}

impl Testbench {
    /// The testbench of `board`'s core in `shell`, with so many clocks a bit where that is serial.
    pub fn of(board: &Board, shell: Shell, clocks_per_bit: usize) -> Result<Self> {
        let topology = Topology { input: INPUT, layers: LAYERS.to_vec() };
        let network = selftest::network(
            &topology.to_string(),
            board.engine.weight_bits,
            Updates::Online,
            Surrogate::Shift,
        );
        let parameters = initial_parameters(&network, &INITIAL);
        let classes = u32::from(LAYERS[LAYERS.len() - 1]);
        let fit = Fit { input: INPUT, classes, steps: STEPS, seed: 1, code: Code::Rate };
        let data = Data::open(SOURCE, Some(SAMPLES), fit)?;
        let lesson = Lesson { network: &network, parameters: &parameters, samples: data.samples() };
        let recording = Recording::of(board, lesson).into_diagnostic()?;
        let weights = |layers: &[arch::parameters::LayerParameters]| {
            layers.iter().flat_map(|layer| layer.weights.clone()).collect::<Vec<i16>>()
        };
        let (before, after) = (weights(&parameters.layers), weights(&recording.learned.layers));
        let changed = before.iter().zip(&after).filter(|(before, after)| before != after).count();
        if changed == 0 {
            return Err(miette!("the recorded session changes no weight of configuration `{}`", board.name));
        }
        let session = format!(
            "a network {topology} is loaded, learns {SAMPLES} recording of {SOURCE} in {STEPS} time steps, which changes \
             {changed} of {} weights, classifies it, and all weights, thresholds and leaks are read back",
            before.len()
        );
        let once = match shell {
            Shell::Uart => {
                let mut core = top(board).into_diagnostic()?;
                Some(core.emit(Form::Once, &board.description).into_diagnostic()?.text)
            }
            Shell::None | Shell::Stream(_) => None,
        };
        let core = if once.is_some() { ONCE } else { CORE };
        let ports = match shell {
            Shell::Uart => UART.replace("@CLOCKS_PER_BIT@", &clocks_per_bit.to_string()),
            Shell::None => NONE.to_owned(),
            Shell::Stream(bits) => STREAM.replace("@BYTES@", &(bits.bits() / 8).to_string()),
        };
        let text = TESTBENCH
            .replace("@STORY@", &session)
            .replace("@SENT@", &recording.to_board.len().to_string())
            .replace("@ANSWERED@", &recording.to_host.len().to_string())
            .replace("@PORTS@", &ports)
            .replace("@CORE@", core);
        Ok(Self {
            file: "testbench.v",
            core,
            to_board: "to_board.hex",
            to_host: "to_host.hex",
            bytes_to_board: recording.to_board.len(),
            bytes_to_host: recording.to_host.len(),
            session,
            contents: [text, hexadecimal(&recording.to_board), hexadecimal(&recording.to_host)],
            once,
        })
    }

    /// Its files: name and content.
    pub fn files(&self) -> Vec<(&str, &[u8])> {
        let names = [self.file, self.to_board, self.to_host];
        let files = names.into_iter().zip(&self.contents).chain(self.once.as_ref().map(|text| (ONCE, text)));
        files.map(|(name, text)| (name, text.as_bytes())).collect()
    }
}

/// As `$readmemh` reads it: a line a frame.
fn hexadecimal(bytes: &[u8]) -> String {
    let end = |byte: u8| if byte == 0 { '\n' } else { ' ' };
    bytes.iter().flat_map(|&byte| [format!("{byte:02x}"), end(byte).to_string()]).collect()
}
