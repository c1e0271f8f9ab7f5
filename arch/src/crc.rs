//! The frame check: CRC-16/IBM-3740 (polynomial 0x1021, start 0xffff, not reflected).

/// The algorithm, by its name in the CRC catalogue.
pub const FRAME_CRC: crc::Crc<u16> = crc::Crc::<u16>::new(&crc::CRC_16_IBM_3740);

#[cfg(test)]
mod tests {
    #[test]
    fn check_value_of_the_catalogue() {
        assert_eq!(super::FRAME_CRC.checksum(b"123456789"), 0x29b1);
    }
}
