//! The engine in lockstep with the model: natively on small networks, as Verilog in Verilator on real recordings.
//!
//! ```text
//!   model::fixed ──────────────┐
//!   rtl::engine, native ───────┤  after every time step: v, s, m, α̃, w̃, δ, w, θ, α, scores, seed
//!   rtl::engine, Verilog ──────┘
//! ```

mod cases;
mod native;
mod planted;
mod verilog;
