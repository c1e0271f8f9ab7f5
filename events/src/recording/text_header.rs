//! The lines of text with which many formats begin.

use super::input::{BUFFER_BYTES, Input};
use super::{Fault, Sensor};
use crate::recording::report::field;

/// The most bytes of a line of a header.
const MAX_LINE: usize = 4096;

/// Lines of text that begin with a mark, such as `% ` or `#`, and are followed by other content.
pub(crate) struct TextHeader {
    lines: Vec<String>,
    length: usize,
    is_cut: bool,
}

impl TextHeader {
    /// Looks at the lines that begin with `mark`, up to and including the line `end`; nothing is
    /// consumed. It stops at [`BUFFER_BYTES`].
    pub(crate) fn peek(input: &mut Input, mark: &str, end: &str) -> TextHeader {
        let mut seen = 0;
        loop {
            let bytes = input.fill(seen + 1);
            let (header, complete) = TextHeader::parse(bytes, mark.as_bytes(), end.as_bytes());
            if complete || bytes.len() == seen || bytes.len() == BUFFER_BYTES {
                return header;
            }
            seen = bytes.len();
        }
    }

    fn parse(bytes: &[u8], mark: &[u8], end: &[u8]) -> (TextHeader, bool) {
        let mut header = TextHeader { lines: Vec::new(), length: 0, is_cut: false };
        loop {
            let rest = &bytes[header.length..];
            if !rest.starts_with(mark) {
                let may_become_one = rest.len() < mark.len() && mark.starts_with(rest);
                return (header, !may_become_one);
            }
            let Some(line_end) = rest.iter().take(MAX_LINE).position(|&byte| byte == b'\n') else {
                header.is_cut = true;
                return (header, rest.len() >= MAX_LINE);
            };
            let line = rest[..line_end].trim_ascii_end();
            header.lines.push(String::from_utf8_lossy(line).into_owned());
            header.length += line_end + 1;
            if line == end {
                return (header, true);
            }
        }
    }

    /// As [`peek`](Self::peek), and consumes the lines.
    ///
    /// # Errors
    /// A line without an end.
    pub(crate) fn read(input: &mut Input, mark: &str, end: &str) -> Result<TextHeader, Fault> {
        let header = TextHeader::peek(input, mark, end);
        let offset = input.offset() + header.length as u64;
        if header.is_cut {
            let damage = field("a line of the header", "without an end", "a line feed within 4096 bytes");
            return Err(Fault { offset, damage });
        }
        input.consume(header.length);
        Ok(header)
    }

    /// Its bytes in the file.
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    /// The lines with their marks, without their ends.
    pub(crate) fn lines(&self) -> &[String] {
        &self.lines
    }

    /// What follows `key` and a space in a line that begins with `% ` and `key`, in capitals or not.
    pub(crate) fn value(&self, key: &str) -> Option<&str> {
        self.lines.iter().find_map(|line| {
            let (seen, value) = line.strip_prefix("% ")?.trim_start().split_once(' ')?;
            seen.eq_ignore_ascii_case(key).then(|| value.trim())
        })
    }

    /// What follows `key=` in the line `% format EVT3;height=720;width=1280`.
    pub(crate) fn format_field(&self, key: &str) -> Option<&str> {
        let fields = self.value("format")?.split(';').skip(1);
        fields
            .filter_map(|text| text.split_once('='))
            .find_map(|(seen, value)| (seen == key).then_some(value))
    }

    /// The sensor that a header of Prophesee names: its geometry, or that of its generation.
    ///
    /// # Errors
    /// Sides that are no numbers from 1 to 2^14.
    pub(crate) fn prophesee_sensor(&self) -> Result<Option<Sensor>, Fault> {
        let geometry = self.value("geometry").and_then(|text| text.split_once('x'));
        let format = self.format_field("width").zip(self.format_field("height"));
        let apart = self.value("width").zip(self.value("height"));
        if let Some((width, height)) = geometry.or(format).or(apart) {
            return sensor(width, height).map(Some);
        }
        let generation = [self.value("plugin_name"), self.value("sensor_name")];
        let named = |names: &[&str]| {
            let has = |text: &str| names.iter().any(|name| text.to_ascii_lowercase().contains(name));
            generation.iter().flatten().any(|text| has(text))
        };
        let known = [
            (&["genx320"][..], Sensor { width: 320, height: 320 }),
            (&["gen31", "gen3"], Sensor { width: 640, height: 480 }),
            (&["gen4", "imx636", "imx646"], Sensor { width: 1280, height: 720 }),
        ];
        Ok(known.into_iter().find(|(names, _)| named(names)).map(|(_, sensor)| sensor))
    }
}

/// The most columns or rows that a header may state: DAT has 14 bits for each.
const MAX_SIDE: u16 = 1 << 14;

fn sensor(width: &str, height: &str) -> Result<Sensor, Fault> {
    let side = |text: &str| text.trim().parse().ok().filter(|side| (1..=MAX_SIDE).contains(side));
    match (side(width), side(height)) {
        (Some(width), Some(height)) => Ok(Sensor { width, height }),
        _ => {
            let wanted = format!("two numbers from 1 to {MAX_SIDE}");
            let damage = field("the header's sensor", format!("{width} x {height}"), wanted);
            Err(Fault { offset: 0, damage })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &'static [u8]) -> TextHeader {
        TextHeader::peek(&mut Input::new(Box::new(text)), "% ", "% end")
    }

    #[test]
    fn it_ends_with_its_lines_or_where_it_says() {
        let seen = header(b"% evt 3.0\r\n% geometry 1280x720\n\x00\x01% no\n");
        assert_eq!(seen.lines(), ["% evt 3.0", "% geometry 1280x720"]);
        assert_eq!((seen.length(), seen.value("EVT")), (31, Some("3.0")));
        assert_eq!(header(b"% a\n% end\n% \n").length(), 10);
        assert_eq!(header(b"% endianness little\n% end\nA").length(), 26);
        assert_eq!(header(b"% a\n% cut").length(), 4);
        assert_eq!(header(b"").length(), 0);
        assert_eq!(header(b"%").length(), 0);
    }

    #[test]
    fn the_sensor_is_named_in_several_ways() {
        let sensor = |text| header(text).prophesee_sensor().unwrap().map(|sensor| sensor.to_string());
        assert_eq!(sensor(b"% geometry 320x200\n").as_deref(), Some("320x200"));
        assert_eq!(sensor(b"% format EVT3;height=720;width=1280\n").as_deref(), Some("1280x720"));
        assert_eq!(sensor(b"% Height 4\n% Width 5\n").as_deref(), Some("5x4"));
        assert_eq!(sensor(b"% plugin_name hal_plugin_gen3_fx3\n").as_deref(), Some("640x480"));
        assert_eq!(sensor(b"% evt 2.0\n"), None);
        for text in [&b"% geometry 0x5\n"[..], b"% geometry 5x99999\n", b"% Width a\n% Height 5\n"] {
            let fault = header(text).prophesee_sensor().unwrap_err();
            assert!(fault.damage.to_string().contains("1 to 16384"), "{}", fault.damage);
        }
    }
}
