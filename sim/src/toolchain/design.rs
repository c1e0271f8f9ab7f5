//! What the tools are given: Verilog text, and the ports through which a model of it is driven.

use std::io;
use std::path::Path;

/// A file of Verilog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerilogFile {
    /// Its name, as the tools name it in their messages: no folders.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// Verilog with a top module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Design {
    /// The name of the top module.
    pub top: String,
    /// The files, read in this order.
    pub files: Vec<VerilogFile>,
    /// Macros, as `NAME` or `NAME=value`.
    pub defines: Vec<String>,
}

impl Design {
    /// One text; its file is named after its top module.
    pub fn new(top: &str, text: impl Into<String>) -> Self {
        let file = VerilogFile { name: format!("{top}.v"), text: text.into() };
        Self { top: top.to_owned(), files: vec![file], defines: Vec::new() }
    }

    /// The same with one more file. Its `name` tells the language: `.v` or `.sv`.
    #[must_use]
    pub fn with_file(mut self, name: &str, text: impl Into<String>) -> Self {
        self.files.push(VerilogFile { name: name.to_owned(), text: text.into() });
        self
    }

    /// The same with one more macro, `NAME` or `NAME=value`.
    #[must_use]
    pub fn with_define(mut self, define: &str) -> Self {
        self.defines.push(define.to_owned());
        self
    }

    pub(super) fn write_to(&self, folder: &Path) -> io::Result<()> {
        self.files.iter().try_for_each(|file| std::fs::write(folder.join(&file.name), &file.text))
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| &file.name[..])
    }

    /// Everything that decides what a tool makes of it.
    pub(super) fn key(&self) -> Vec<u8> {
        format!("{self:?}").into_bytes()
    }
}

/// A port of the top module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Its name in the Verilog, without a backslash.
    pub name: String,
    /// Bits, at least 1.
    pub width: u32,
}

impl Port {
    /// Bytes of a record that it takes.
    pub fn bytes(&self) -> usize {
        self.width.div_ceil(8) as usize
    }
}

/// The ports of one direction, in the order in which a record carries them: each little-endian, in whole bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout(pub Vec<Port>);

impl Layout {
    /// Ports by name and width.
    pub fn new(ports: &[(&str, u32)]) -> Self {
        Self(ports.iter().map(|&(name, width)| Port { name: name.to_owned(), width }).collect())
    }

    /// Bytes of a record.
    pub fn bytes(&self) -> usize {
        self.0.iter().map(Port::bytes).sum()
    }

    /// The place of a port among the others.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|port| port.name == name)
    }

    /// Where a record holds the port at `index`.
    ///
    /// # Panics
    ///
    /// Where there is no such port.
    pub fn range(&self, index: usize) -> std::ops::Range<usize> {
        let start = self.0[..index].iter().map(Port::bytes).sum();
        start..start + self.0[index].bytes()
    }

    /// Appends a record with one value a port to `record`. Bits beyond a port's width do not reach it; those of a port
    /// wider than 128 are 0.
    ///
    /// # Panics
    ///
    /// Where there are not as many values as ports.
    pub fn pack_into(&self, values: &[u128], record: &mut Vec<u8>) {
        assert_eq!(values.len(), self.0.len(), "one value a port is wanted");
        for (port, value) in self.0.iter().zip(values) {
            let bytes = value.to_le_bytes();
            record.extend((0..port.bytes()).map(|at| bytes.get(at).copied().unwrap_or(0)));
        }
    }

    /// A record with one value a port, as [`Layout::pack_into`] makes it.
    pub fn pack(&self, values: &[u128]) -> Vec<u8> {
        let mut record = Vec::with_capacity(self.bytes());
        self.pack_into(values, &mut record);
        record
    }

    /// The values of a record; of a port wider than 128 bits the lower ones.
    ///
    /// # Panics
    ///
    /// Where `record` is shorter than a record.
    pub fn unpack(&self, record: &[u8]) -> Vec<u128> {
        let mut rest = record;
        let value = |port: &Port| {
            let (bytes, after) = rest.split_at(port.bytes());
            rest = after;
            bytes.iter().take(16).rev().fold(0, |value, &byte| value << 8 | u128::from(byte))
        };
        self.0.iter().map(value).collect()
    }
}

/// The ports of a top module. All of them are listed: one that is left out, or has another width, is an error when the
/// model is built.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ports {
    /// The clock, whose rising edge counts; a combinational module has none.
    pub clock: Option<String>,
    /// The inputs without the clock.
    pub inputs: Layout,
    /// The outputs.
    pub outputs: Layout,
}

impl Ports {
    /// Ports of a module with a clock.
    pub fn clocked(clock: &str, inputs: &[(&str, u32)], outputs: &[(&str, u32)]) -> Self {
        Self { clock: Some(clock.to_owned()), ..Self::combinational(inputs, outputs) }
    }

    /// Ports of a module without a clock.
    pub fn combinational(inputs: &[(&str, u32)], outputs: &[(&str, u32)]) -> Self {
        Self { clock: None, inputs: Layout::new(inputs), outputs: Layout::new(outputs) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_hold_whole_bytes_little_endian() {
        let layout = Layout::new(&[("bit", 1), ("word", 12), ("wide", 136)]);
        assert_eq!(layout.bytes(), 1 + 2 + 17);
        let values = [1, 0xabc, u128::MAX - 1];
        let record = layout.pack(&values);
        assert_eq!(record[..4], [1, 0xbc, 0x0a, 0xfe]);
        assert_eq!(layout.unpack(&record), values);
        assert_eq!(layout.range(layout.index("word").unwrap()), 1..3);
        assert_eq!(layout.index("clock"), None);
    }
}
