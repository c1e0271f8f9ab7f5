//! Which format is it? The content says, whatever the file's name.

use super::{Format, Input, TextHeader};
use crate::formats::{bin, bs3, csv};

/// How many bytes are looked at of a file that does not begin with a mark of its format.
const LOOK_BYTES: usize = 4096;

/// The format of what `input` holds; nothing is consumed.
pub(super) fn format(input: &mut Input) -> Option<Format> {
    let marks: [(&[u8], Format); 4] = [
        (b"#!AER-DAT2.0", Format::Aedat2),
        (b"#!AER-DAT3.1", Format::Aedat31),
        (b"#!AER-DAT4.0", Format::Aedat4),
        (b"Event Stream", Format::EventStream),
    ];
    let start = input.fill(12);
    if let Some((_, format)) = marks.into_iter().find(|(mark, _)| start.starts_with(mark)) {
        return Some(format);
    }
    if start.starts_with(b"#!AER-DAT") {
        return None;
    }
    if start.starts_with(b"% ")
        && let Some(format) = prophesee(&TextHeader::peek(input, "% ", "% end"))
    {
        return Some(format);
    }
    let bytes = input.fill(LOOK_BYTES);
    let whole = bytes.len() < LOOK_BYTES;
    let bytes = &bytes[..bytes.len().min(LOOK_BYTES)];
    // The order matters for a handful of events: few bytes may pass for either.
    if csv::is_likely(bytes) {
        Some(Format::Csv)
    } else if bin::is_likely(bytes, whole) {
        Some(Format::Bin)
    } else if bs3::is_likely(bytes, whole) {
        Some(Format::Bs3)
    } else {
        None
    }
}

/// The formats that begin with lines of `% key value`.
fn prophesee(header: &TextHeader) -> Option<Format> {
    let evt = header.value("evt").or_else(|| header.value("format")?.split(';').next());
    match evt {
        Some("2.0" | "2" | "EVT2") => Some(Format::Evt2),
        Some("2.1" | "EVT21" | "EVT2.1") => Some(Format::Evt21),
        Some("3.0" | "3" | "EVT3") => Some(Format::Evt3),
        Some(_) => None,
        None => {
            let dat = header.value("version").is_some()
                || header.lines().iter().any(|line| line.starts_with("% Data file containing"));
            dat.then_some(Format::Dat)
        }
    }
}
