//! Every leaf with a few choices of its parameters, for tests that hold its two halves together.

use super::compare::Compare;
use super::delay::Delay;
use super::first_set::FirstSet;
use super::lane_ram::LaneRam;
use super::lane_sum::LaneSum;
use super::multiply_add::MultiplyAdd;
use super::pick::Pick;
use super::preset::Preset;
use super::ram::Ram;
use super::register::DFF;
use super::rounding_shift::RoundingShift;
use super::row_address::RowAddress;
use super::saturate::Saturate;
use super::saturating_add::SaturatingAdd;
use super::sign_extend::SignExtend;
use super::stored_sum::StoredSum;
use super::weights::{Weights, undefined};
use crate::driven;
use crate::prelude::{Bits, Block};
use crate::step::StepError;
use crate::verilog::{Design, Direction, EmitError, Port, emit};

type Cycle = Box<dyn FnMut(&[u128]) -> Result<Vec<u128>, StepError>>;
type Legal = fn(&mut [u128]);

/// A leaf with its parameters.
pub struct Entry {
    /// Name of the module.
    pub name: String,
    /// Its Verilog.
    pub design: Design,
    /// Inputs without the clock, in the order of a stimulus.
    pub inputs: Vec<Port>,
    /// Outputs, in the order of a response.
    pub outputs: Vec<Port>,
    /// Has it a clock?
    pub clocked: bool,
    /// Inputs of the first cycles, after which all outputs are defined; what comes out meanwhile counts for nothing.
    pub warm_up: Vec<Vec<u128>>,
    /// Outputs that stand for an undefined one, in both halves; a netlist may answer anything then.
    pub undefined: Option<Vec<u128>>,
    native: fn() -> Cycle,
    legal: Legal,
}

impl Entry {
    /// The native half in its initial state: inputs of a cycle to its outputs before the rising edge.
    pub fn native(&self) -> Cycle {
        (self.native)()
    }

    /// Makes any numbers a stimulus that the leaf allows.
    pub fn legalise(&self, inputs: &mut [u128]) {
        (self.legal)(inputs);
        for (value, port) in inputs.iter_mut().zip(&self.inputs) {
            *value &= u128::MAX >> (128 - port.width);
        }
    }

    fn new<B: Block>(mut block: B, native: fn() -> Cycle) -> Result<Self, EmitError> {
        let design = emit(&mut block, "leaf", "a leaf alone")?;
        let side = |d| design.ports.iter().filter(move |p| p.direction == d && !p.clock).cloned().collect();
        let (inputs, outputs) = (side(Direction::In), side(Direction::Out));
        let (name, clocked) = (design.top.clone(), design.ports.iter().any(|p| p.clock));
        Ok(Self {
            name,
            inputs,
            outputs,
            clocked,
            warm_up: Vec::new(),
            undefined: None,
            native,
            legal: |_| (),
            design,
        })
    }
}

macro_rules! entry {
    ($kind: ty, $($clock: ident,)? [$($input: ident),*], [$($output: ident),*]) => {
        Entry::new(<$kind>::default(), || {
            let mut driven = driven!(<$kind>::default(), $($clock,)? [$($input),*], [$($output),*]);
            Box::new(move |inputs| driven.cycle(inputs))
        })
    };
}

/// All leaves.
pub fn catalog() -> Result<Vec<Entry>, EmitError> {
    Ok([arithmetic()?, comparisons()?, words()?, memories()?].into_iter().flatten().collect())
}

fn arithmetic() -> Result<Vec<Entry>, EmitError> {
    Ok(vec![
        entry!(SaturatingAdd<16, 8, 16>, [a, b], [sum])?,
        entry!(SaturatingAdd<16, 16, 16>, [a, b], [sum])?,
        entry!(SaturatingAdd<8, 17, 8>, [a, b], [sum])?,
        entry!(SaturatingAdd<20, 24, 32>, [a, b], [sum])?,
        entry!(StoredSum<16, 8>, [current, weight, store, delta], [stored])?,
        entry!(StoredSum<24, 16>, [current, weight, store, delta], [stored])?,
        entry!(Saturate<24, 16>, [wide], [narrow])?,
        entry!(Saturate<17, 8>, [wide], [narrow])?,
        entry!(Saturate<9, 8>, [wide], [narrow])?,
        entry!(Saturate<40, 8>, [wide], [narrow])?,
        entry!(SignExtend<8, 16>, [narrow], [wide])?,
        entry!(SignExtend<17, 40>, [narrow], [wide])?,
        entry!(RoundingShift<20, 4, 16, true>, [value, amount], [result])?,
        entry!(RoundingShift<32, 5, 8, true>, [value, amount], [result])?,
        entry!(RoundingShift<16, 5, 16, true>, [value, amount], [result])?,
        entry!(RoundingShift<12, 3, 20, true>, [value, amount], [result])?,
        entry!(RoundingShift<25, 5, 8, true, 4>, [value, amount], [result])?,
        entry!(RoundingShift<20, 4, 9, false, 3>, [value, amount], [result])?,
        entry!(RoundingShift<24, 5, 16, false>, [value, amount], [result])?,
        entry!(RoundingShift<8, 4, 8, false>, [value, amount], [result])?,
    ])
}

fn comparisons() -> Result<Vec<Entry>, EmitError> {
    Ok(vec![
        entry!(Compare<16, true>, [a, b], [less, equal])?,
        entry!(Compare<8, true>, [a, b], [less, equal])?,
        entry!(Compare<16, false>, [a, b], [less, equal])?,
        entry!(Compare<5, false>, [a, b], [less, equal])?,
        entry!(FirstSet, [word], [any, index, rest])?,
    ])
}

fn words() -> Result<Vec<Entry>, EmitError> {
    Ok(vec![
        entry!(Pick<4, 2, 16>, [word, index], [picked])?,
        entry!(Pick<16, 4, 8>, [word, index], [picked])?,
        entry!(LaneSum<4, 16, 18>, [term], [sum])?,
        entry!(LaneSum<8, 15, 24>, [term], [sum])?,
        entry!(RowAddress<10, 6, 14>, [index, last_word, base], [address])?,
        entry!(RowAddress<12, 5, 9>, [index, last_word, base], [address])?,
    ])
}

fn memories() -> Result<Vec<Entry>, EmitError> {
    Ok(vec![
        settled(entry!(MultiplyAdd<16, 16, 32>, clock, [a, b, addend], [result])?),
        settled(entry!(MultiplyAdd<16, 17, 33>, clock, [a, b, addend], [result])?),
        settled(entry!(MultiplyAdd<8, 9, 24>, clock, [a, b, addend], [result])?),
        entry!(DFF<Bits<7>>, clock, [d], [q])?,
        entry!(Delay<7, 0>, clock, [early], [late])?,
        entry!(Delay<7, 1>, clock, [early], [late])?,
        entry!(Delay<9, 3>, clock, [early], [late])?,
        two_ports(
            entry!(Ram<8, 16>, clock, [read_enable, read_address, write_enable, write_address, write_data], [
                read_data
            ])?,
        ),
        two_ports(entry!(
            Ram<3, 9, 0x1a5>,
            clock,
            [read_enable, read_address, write_enable, write_address, write_data],
            [read_data]
        )?),
        two_ports(Entry::new(preset(), || {
            let mut driven = driven!(
                preset(),
                clock,
                [read_enable, read_address, write_enable, write_address, write_data],
                [read_data]
            );
            Box::new(move |inputs| driven.cycle(inputs))
        })?),
        two_ports(entry!(
            LaneRam<3, 4, 8, 0x40>,
            clock,
            [read_enable, read_address, write_lanes, write_address, write_data],
            [read_data]
        )?),
        two_ports(entry!(
            LaneRam<8, 7, 16>,
            clock,
            [read_enable, read_address, write_lanes, write_address, write_data],
            [read_data]
        )?),
        one_port(entry!(
            Weights<6, 4, 16>,
            clock,
            [address, read_enable, write_enable, write_lanes, write_data],
            [read_data]
        )?),
        one_port(entry!(
            Weights<14, 4, 8>,
            clock,
            [address, read_enable, write_enable, write_lanes, write_data],
            [read_data]
        )?),
    ])
}

/// A register without a start value.
fn settled(mut entry: Entry) -> Entry {
    entry.warm_up = vec![vec![0; entry.inputs.len()]];
    entry
}

/// Each word its place, thrice.
fn preset() -> Preset<9, 11> {
    Preset::new(&(0..512).map(|place| 3 * place).collect::<Vec<_>>())
}

/// Inputs: read enable, read address, write enable or lanes, write address, data. The promise not to collide is
/// kept, and a first read defines the outputs.
fn two_ports(mut entry: Entry) -> Entry {
    entry.legal = |v| {
        if v[0] == 1 && v[1] == v[3] {
            v[2] = 0;
        }
    };
    let mut first = vec![0; entry.inputs.len()];
    first[0] = 1;
    entry.warm_up = vec![first];
    entry
}

/// Inputs: address, read enable, write enable, lanes, data. 32 addresses, so that words are read again; they are
/// cleared, as the engine does, and a first read defines the outputs.
fn one_port(mut entry: Entry) -> Entry {
    // Thrice the number, 5 bits apart, reaches every address bit.
    const SPREAD: u128 = 0x421;
    entry.legal = |v| v[0] = (v[0] & 31) * SPREAD;
    let inputs = entry.inputs.len();
    let cycle = |start: &[u128]| start.iter().copied().chain([0; 64]).take(inputs).collect();
    let clear = (0..32).map(|number| cycle(&[number, 0, 1, u128::MAX]));
    let mut cycles: Vec<Vec<u128>> = clear.chain([cycle(&[0, 1])]).collect();
    cycles.iter_mut().for_each(|inputs| entry.legalise(inputs));
    entry.warm_up = cycles;
    let shown = entry.outputs.iter().enumerate();
    entry.undefined = Some(shown.map(|(lane, port)| undefined(lane, port.width).into()).collect());
    entry
}
