//! Reading with a limit, whatever a header promises: a damaged or hostile file cannot fill the memory.

use crate::error::Error;
use std::io::Read;

/// Reads to the end.
///
/// # Errors
/// More than `limit` bytes, or a failing reader. `name` says in messages what was read.
pub(crate) fn read_to_end(reader: impl Read, name: &str, limit: usize) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    reader
        .take(limit as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|cause| Error::Io { path: name.into(), cause })?;
    if bytes.len() > limit {
        return Err(Error::TooLarge { name: name.into(), limit });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_inclusive_and_endless_input_ends() {
        assert_eq!(read_to_end(&[7u8; 10][..], "ten", 10).unwrap().len(), 10);
        let message = read_to_end(std::io::repeat(0), "endless", 10).unwrap_err().to_string();
        assert!(message.contains("`endless`") && message.contains("10 bytes"), "{message}");
    }
}
