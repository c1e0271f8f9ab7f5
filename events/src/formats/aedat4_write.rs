//! AEDAT 4 is written with one stream, of events.

use super::*;
use lz4_flex::frame::{FrameEncoder, FrameInfo};
use std::io::Write;

/// The most events a packet gets.
const PACKET_EVENTS: usize = 1 << 14;

pub(in crate::formats) fn encoder(
    sensor: Option<Sensor>,
    compression: Compression,
    bytes: &mut Vec<u8>,
) -> Result<Box<dyn Encode>, Error> {
    let Sensor { width, height } = crate::formats::required(Format::Aedat4, sensor, i16::MAX as u16)?;
    let xml = format!(
        "<dv version=\"2.0\"><node name=\"outInfo\" path=\"/mainloop/Recorder/outInfo/\">\
         <node name=\"0\" path=\"/mainloop/Recorder/outInfo/0/\">\
         <attr key=\"originalOutputName\" type=\"string\">events</attr>\
         <attr key=\"typeIdentifier\" type=\"string\">EVTS</attr>\
         <node name=\"info\" path=\"/mainloop/Recorder/outInfo/0/info/\">\
         <attr key=\"sizeX\" type=\"int\">{width}</attr><attr key=\"sizeY\" type=\"int\">{height}</attr>\
         </node></node></node></dv>"
    );
    bytes.extend(MAGIC);
    let fields = [
        Field::I32(compression.number()),
        Field::I64(-1),
        Field::Vector(xml.as_bytes(), xml.len() as u32, 4),
    ];
    bytes.extend(flatbuffer::table(*b"IOHE", &fields));
    Ok(Box::new(Encoder { compression }))
}

struct Encoder {
    compression: Compression,
}

impl Encode for Encoder {
    fn encode(&mut self, events: &[Event], bytes: &mut Vec<u8>) -> Result<(), Unfit> {
        for (index, event) in events.iter().enumerate() {
            crate::formats::fits(index, event, 63, 15, 15)?;
        }
        for packet in events.chunks(PACKET_EVENTS) {
            let mut records = Vec::with_capacity(packet.len() * EVENT_BYTES);
            for event in packet {
                records.extend(event.t_us.to_le_bytes());
                records.extend(event.x.to_le_bytes());
                records.extend(event.y.to_le_bytes());
                records.extend([event.on.into(), 0, 0, 0]);
            }
            let vector = Field::Vector(&records, packet.len() as u32, 8);
            write_packet(0, &flatbuffer::table(*b"EVTS", &[vector]), self.compression, bytes);
        }
        Ok(())
    }
}

/// Appends a packet. Compressing into memory does not fail.
pub(super) fn write_packet(stream: i32, content: &[u8], compression: Compression, bytes: &mut Vec<u8>) {
    bytes.extend(stream.to_le_bytes());
    let size_at = bytes.len();
    bytes.extend([0; 4]);
    match compression {
        Compression::None => bytes.extend(content),
        Compression::Lz4 => {
            let info = FrameInfo::new().content_checksum(true);
            let mut encoder = FrameEncoder::with_frame_info(info, &mut *bytes);
            let written = encoder.write_all(content).map_err(Into::into).and_then(|()| encoder.finish());
            debug_assert!(written.is_ok());
        }
        Compression::Zstd => {
            let written = zstd::stream::copy_encode(content, &mut *bytes, 0);
            debug_assert!(written.is_ok());
        }
    }
    let size = (bytes.len() - size_at - 4) as i32;
    bytes[size_at..size_at + 4].copy_from_slice(&size.to_le_bytes());
}
