//! Content that is taken for bin.
#![no_main]

#[path = "../decode.rs"]
mod decode;

use events::recording::Format;
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| decode::check(bytes, Some(Format::Bin)));
