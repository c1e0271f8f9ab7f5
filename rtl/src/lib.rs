//! How the hardware computes it: blocks in rust-hdl, stepped natively and emitted as Verilog.
//!
//! - [`bits`], [`prelude`]: what a block's file imports.
//! - [`leaf`]: arithmetic and memories, each stated twice (integers and Verilog) and compared in `sim/tests/leaves.rs`.
//! - [`step`]: drives a block cycle by cycle, with a waveform of the last cycles.
//! - [`pins`]: drives a block by its list of ports, as the Verilog runners do.
//! - [`alone`], [`top`]: the engine of a configuration, and its board, to be stepped or emitted; [`ip_core`]: the core alone.
//! - [`verilog`]: one readable Verilog file from a block.
//! - [`scan`] and the other modules: ordinary rust-hdl on top of the leaves.
//!
//! `docs/rtl-blocks.md` tells how to write a block.

#[macro_use]
pub mod default_block;
#[macro_use]
pub mod collisions;
pub mod alone;
pub mod bitmaps;
pub mod bits;
pub mod board;
pub mod cobs;
pub mod configurations;
pub mod crc;
pub mod delta_store;
pub mod element;
pub mod elements;
pub mod engine;
pub mod errors;
pub mod events;
pub mod fired_words;
pub mod instruction;
pub mod intake;
pub mod ip_core;
pub mod issued;
pub mod lane;
pub mod lanes;
pub mod layer;
pub mod leaf;
pub mod leak;
pub mod lif;
pub mod link;
pub mod memories;
pub mod neuron;
pub mod neuron_traces;
pub mod neurons;
pub mod noise;
pub mod pins;
pub mod ports;
pub mod prelude;
pub mod processor;
pub mod program;
pub mod receiver;
pub mod record;
pub mod scan;
pub mod score_banks;
pub mod scores;
pub mod sequencer;
pub mod shell;
pub mod step;
pub mod stream;
pub mod surrogate;
pub mod tally;
pub mod threshold;
pub mod top;
pub mod traces;
pub mod transmitter;
pub mod uart;
pub mod updates;
pub mod verilog;
pub mod walk;
