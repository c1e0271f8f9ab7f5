//! Inputs to try a leaf with: all of them where they are few, else corners and random ones.

use super::catalog::Entry;
use crate::verilog::Port;

/// Input bits up to which a combinational leaf is tried exhaustively.
const EXHAUSTIVE: usize = 17;
/// Combinations of corners up to which all are tried; random numbers are often corners, too.
const COMBINATIONS: usize = 100_000;

/// Cycles of inputs after [`Entry::warm_up`], at least `count`, always the same for the same entry.
pub fn stimuli(entry: &Entry, count: usize) -> Vec<Vec<u128>> {
    let bits: usize = entry.inputs.iter().map(|port| port.width).sum();
    if !entry.clocked && bits <= EXHAUSTIVE {
        return (0..1 << bits).map(|number| split(number, &entry.inputs)).collect();
    }
    let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ entry.name.len() as u64);
    let mut cycles = if entry.clocked { Vec::new() } else { corners(&entry.inputs) };
    let wanted = cycles.len() + count;
    while cycles.len() < wanted {
        let mut inputs: Vec<u128> = entry.inputs.iter().map(|port| random.number(port.width)).collect();
        entry.legalise(&mut inputs);
        cycles.push(inputs);
    }
    cycles
}

/// The bits of a number dealt to the ports.
fn split(mut number: u128, ports: &[Port]) -> Vec<u128> {
    let take = |port: &Port| {
        let value = number & mask(port.width);
        number >>= port.width;
        value
    };
    ports.iter().map(take).collect()
}

fn mask(width: usize) -> u128 {
    u128::MAX >> (128 - width)
}

/// Every combination of the values at which a port's arithmetic turns.
fn corners(ports: &[Port]) -> Vec<Vec<u128>> {
    let mut all_values: Vec<Vec<u128>> = Vec::new();
    for port in ports {
        let (all, sign) = (mask(port.width), 1 << (port.width - 1));
        let mut values =
            vec![0, 1, 2, 3, all, all - 1, sign, sign - 1, sign | 1, sign >> 1, !(sign >> 1) & all];
        values.extend((0..port.width).map(|bit| 1 << bit));
        values.iter_mut().for_each(|value| *value &= all);
        values.sort_unstable();
        values.dedup();
        all_values.push(values);
    }
    let mut combinations = vec![Vec::new()];
    if all_values.iter().fold(1, |all: usize, values| all.saturating_mul(values.len())) > COMBINATIONS {
        return Vec::new();
    }
    for values in all_values {
        let extend =
            |c: &Vec<u128>| values.iter().map(|v| [c.as_slice(), &[*v]].concat()).collect::<Vec<_>>();
        combinations = combinations.iter().flat_map(extend).collect();
    }
    combinations
}

/// xorshift64*.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number of up to `width` bits; every fourth is small in magnitude as a two's complement number, every eighth
    /// the largest or the smallest one.
    fn number(&mut self, width: usize) -> u128 {
        let number = u128::from(self.next() >> 32) << 96
            | u128::from(self.next()) << 32
            | u128::from(self.next() >> 32);
        let magnitude = match self.next() >> 61 {
            0 | 1 => number & 7,
            2 => mask(width) >> 1,
            _ => number,
        };
        let signed = if self.next() >> 63 == 0 { magnitude } else { !magnitude };
        signed & mask(width)
    }
}
