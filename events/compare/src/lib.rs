//! Nothing: see `benches/decode.rs`.
