//! The core for somebody else's design: link and engine behind serial pins, a stream of bytes, or AXI4-Stream.
//!
//! ```text
//!   uart    receive ──> UartReceiver ──┐              ┌──> UartTransmitter ──> transmit
//!   none    in_* ─────> Intake ────────┼─> Link ──────┼──> out_*
//!   stream  s_axis_* ──> StreamSlave ──> Intake       └──> StreamMaster ──> m_axis_*
//! ```
//!
//! `docs/ip-core.md` says what the ports mean to a design around it.

use crate::pins::Driven;
use crate::prelude::Block;
use crate::step::StepError;
use crate::stream::{StreamMaster, StreamSlave};
use crate::top::{self, NoHardware, TOP};
use crate::verilog::{Design, Direction, EmitError, Form, Handwritten, Port, emit_under};
use arch::Board;
use std::fmt::Write;

/// How the core's bytes come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// Over a serial line.
    Uart,
    /// As they are, with a handshake.
    None,
    /// In beats of AXI4-Stream.
    Stream(StreamBits),
}

/// Bits of a beat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamBits {
    /// 4 bytes.
    Bits32,
    /// 8 bytes.
    Bits64,
    /// 16 bytes.
    Bits128,
}

impl StreamBits {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Bits32, Self::Bits64, Self::Bits128];

    /// As a number.
    pub const fn bits(self) -> usize {
        match self {
            Self::Bits32 => 32,
            Self::Bits64 => 64,
            Self::Bits128 => 128,
        }
    }
}

/// Why there is no core.
#[derive(Debug, thiserror::Error)]
pub enum CoreError {
    /// None of these sizes.
    #[error(transparent)]
    NoHardware(#[from] NoHardware),
    /// Its Verilog was not emitted.
    #[error(transparent)]
    Emit(#[from] EmitError),
}

/// Inputs of a core, in the order of a record, without the clock.
pub const INPUTS: [&str; 3] = ["in_valid", "in_data", "out_ready"];
/// Its outputs.
pub const OUTPUTS: [&str; 4] = ["in_ready", "out_valid", "out_data", "busy"];

/// A core behind [`INPUTS`] and [`OUTPUTS`], stepped or emitted.
pub trait Core {
    /// One cycle: the outputs for these inputs before the rising edge.
    fn cycle(&mut self, inputs: &[u128]) -> Result<Vec<u128>, StepError>;
    /// Cycles in which a memory's address was read and written at once: no simulation may see one.
    fn collisions(&self) -> u64;
    /// The block.
    fn block(&mut self) -> &mut dyn Block;
}

/// A core on its bench, and how its collisions are counted.
pub(crate) struct Pair<B: Block> {
    pub driven: Driven<B>,
    pub collisions: fn(&B) -> u64,
}

impl<B: Block> Core for Pair<B> {
    fn cycle(&mut self, inputs: &[u128]) -> Result<Vec<u128>, StepError> {
        self.driven.cycle(inputs)
    }

    fn collisions(&self) -> u64 {
        (self.collisions)(&self.driven.bench)
    }

    fn block(&mut self) -> &mut dyn Block {
        &mut *self.driven.bench
    }
}

/// The core of `board` in `shell`, as one Verilog file.
///
/// Errors: none is built of these sizes.
pub fn emit(board: &Board, shell: Shell) -> Result<Design, CoreError> {
    let about = &board.description;
    let Shell::Stream(bits) = shell else {
        if shell == Shell::Uart {
            return Ok(top::top(board)?.emit(Form::Kernel, about)?);
        }
        let mut core = top::core(board)?;
        return Ok(emit_under(written(shell, NONE), about, &mut [(core.block(), "core")])?);
    };
    let mut core = top::core(board)?;
    let (mut slave, mut master): (Box<dyn Block>, Box<dyn Block>) = match bits {
        StreamBits::Bits32 => {
            (Box::new(StreamSlave::<32, 4>::default()), Box::new(StreamMaster::<32, 4, 5>::default()))
        }
        StreamBits::Bits64 => {
            (Box::new(StreamSlave::<64, 8>::default()), Box::new(StreamMaster::<64, 8, 6>::default()))
        }
        StreamBits::Bits128 => {
            (Box::new(StreamSlave::<128, 16>::default()), Box::new(StreamMaster::<128, 16, 7>::default()))
        }
    };
    let blocks: &mut [(&mut dyn Block, &str)] =
        &mut [(core.block(), "core"), (&mut *slave, "stream_slave"), (&mut *master, "stream_master")];
    Ok(emit_under(written(shell, STREAM), about, blocks)?)
}

const NONE: &str = "\
    core core (
        .clock(clock),
        .in_valid(in_valid),
        .in_data(in_data),
        .in_ready(in_ready),
        .out_valid(out_valid),
        .out_data(out_data),
        .out_ready(out_ready),
        .busy(busy)
    );
";

const STREAM: &str = "\
    // A frame ends with its zero, wherever its packet does.
    wire unused = &{1'b0, s_axis_tlast};
    wire in_valid;
    wire [7:0] in_data;
    wire in_ready;
    wire out_valid;
    wire [7:0] out_data;
    wire out_ready;
    stream_slave stream_slave (
        .clock(aclk),
        .tvalid(s_axis_tvalid),
        .tdata(s_axis_tdata),
        .tkeep(s_axis_tkeep),
        .tready(s_axis_tready),
        .valid(in_valid),
        .data(in_data),
        .ready(in_ready)
    );
    core core (
        .clock(aclk),
        .in_valid(in_valid),
        .in_data(in_data),
        .in_ready(in_ready),
        .out_valid(out_valid),
        .out_data(out_data),
        .out_ready(out_ready),
        .busy(busy)
    );
    stream_master stream_master (
        .clock(aclk),
        .valid(out_valid),
        .data(out_data),
        .ready(out_ready),
        .tvalid(m_axis_tvalid),
        .tdata(m_axis_tdata),
        .tkeep(m_axis_tkeep),
        .tlast(m_axis_tlast),
        .tready(m_axis_tready)
    );
";

/// The top module with its ports, each with its meaning, around these instances.
fn written(shell: Shell, instances: &str) -> Handwritten {
    let documented = ports(shell);
    let mut body = String::from("(\n");
    for (at, (port, meaning)) in documented.iter().enumerate() {
        let direction = if port.direction == Direction::In { "input " } else { "output" };
        let range = if port.width == 1 { String::new() } else { format!("[{}:0] ", port.width - 1) };
        let comma = if at + 1 == documented.len() { "" } else { "," };
        let _ = writeln!(body, "    {direction} wire {range}{}{comma} // {meaning}", port.name);
    }
    body.push_str(");\n");
    body.push_str(instances);
    let ports = documented.into_iter().map(|(port, _)| port).collect();
    Handwritten { name: TOP.to_owned(), ports, body }
}

/// The ports of the top module in `shell`, in order, each with what it means.
pub fn ports(shell: Shell) -> Vec<(Port, &'static str)> {
    use Direction::{In, Out};
    let lines: Vec<(&str, Direction, usize, &str)> = match shell {
        Shell::Uart => vec![
            ("clock", In, 1, "rising edge; stands still until it is stable"),
            ("receive", In, 1, "serial line from the host: 8 data bits, no parity, idle 1; not synchronised"),
            ("transmit", Out, 1, "serial line to the host"),
            ("busy", Out, 1, "computes or answers: an LED"),
        ],
        Shell::None => vec![
            ("clock", In, 1, "rising edge; stands still until it is stable"),
            ("in_valid", In, 1, "there is a byte from the host"),
            ("in_data", In, 8, "the byte"),
            ("in_ready", Out, 1, "it is taken at this edge if it is valid; does not wait for in_valid"),
            ("out_valid", Out, 1, "there is a byte for the host; stays until it is taken"),
            ("out_data", Out, 8, "the byte"),
            ("out_ready", In, 1, "it is taken at this edge if it is valid"),
            ("busy", Out, 1, "computes or answers: an LED"),
        ],
        Shell::Stream(bits) => {
            let (data, keep) = (bits.bits(), bits.bits() / 8);
            vec![
                ("aclk", In, 1, "rising edge, of both streams; stands still until it is stable"),
                ("s_axis_tdata", In, data, "bytes from the host, the first the lowest"),
                ("s_axis_tkeep", In, keep, "which of them count; all ones if the host pads with zeros"),
                ("s_axis_tlast", In, 1, "means nothing: frames end with a zero byte"),
                ("s_axis_tvalid", In, 1, "there is a beat"),
                ("s_axis_tready", Out, 1, "it is taken at this edge if it is valid"),
                ("m_axis_tdata", Out, data, "bytes for the host, the first the lowest; zero where not kept"),
                (
                    "m_axis_tkeep",
                    Out,
                    keep,
                    "which of them count: from the lowest on, all but at a packet's end",
                ),
                ("m_axis_tlast", Out, 1, "the beat ends with an answer's zero: a packet is an answer"),
                ("m_axis_tvalid", Out, 1, "there is a beat; it stays until it is taken"),
                ("m_axis_tready", In, 1, "it is taken at this edge if it is valid"),
                ("busy", Out, 1, "computes or answers: an LED"),
            ]
        }
    };
    let port = |(name, direction, width, meaning): (&str, Direction, usize, &'static str)| {
        let clock = matches!(name, "clock" | "aclk");
        (Port { name: name.to_owned(), direction, width, clock }, meaning)
    };
    lines.into_iter().map(port).collect()
}
