//! Flatbuffers, as far as AEDAT 4 needs them: bounded reading of tables, vectors and strings, and the writing
//! of tables.
//!
//! Every position is checked: bytes that are no flatbuffer give None.

/// A table in a buffer: an object whose fields may be absent.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    bytes: &'a [u8],
    position: usize,
    vtable: &'a [u8],
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// The four letters that say what a buffer holds.
pub(super) fn identifier(bytes: &[u8]) -> Option<[u8; 4]> {
    bytes.get(4..)?.first_chunk().copied()
}

impl<'a> Table<'a> {
    /// The table that a buffer is about.
    pub(super) fn root(bytes: &'a [u8]) -> Option<Table<'a>> {
        let position = u32_at(bytes, 0)? as usize;
        let back = u32_at(bytes, position)? as i32;
        let vtable = usize::try_from(i64::try_from(position).ok()? - i64::from(back)).ok()?;
        let length = u16_at(bytes, vtable)?.into();
        Some(Table { bytes, position, vtable: bytes.get(vtable..)?.get(..length)? })
    }

    /// Where field `number` is; None if it is absent.
    fn field(&self, number: usize) -> Option<usize> {
        let offset = u16_at(self.vtable, 4 + 2 * number)?;
        (offset > 0).then(|| self.position + usize::from(offset))
    }

    /// A field of 32 bits.
    pub(super) fn i32(&self, number: usize) -> Option<i32> {
        u32_at(self.bytes, self.field(number)?).map(|value| value as i32)
    }

    /// A field of 64 bits.
    pub(super) fn i64(&self, number: usize) -> Option<i64> {
        let at = self.field(number)?;
        Some(i64::from_le_bytes(*self.bytes.get(at..)?.first_chunk()?))
    }

    /// Where a vector of elements of `size` bytes begins in the buffer, and how many bytes it has.
    pub(super) fn vector(&self, number: usize, size: usize) -> Option<(usize, usize)> {
        let at = self.field(number)?;
        let start = at.checked_add(u32_at(self.bytes, at)? as usize)?;
        let length = (u32_at(self.bytes, start)? as usize).checked_mul(size)?;
        let first = start.checked_add(4)?;
        self.bytes.get(first..)?.get(..length).map(|_| (first, length))
    }

    /// A string.
    pub(super) fn string(&self, number: usize) -> Option<&'a str> {
        let (first, length) = self.vector(number, 1)?;
        std::str::from_utf8(&self.bytes[first..first + length]).ok()
    }
}

/// A field of a table that is written.
pub(super) enum Field<'a> {
    I32(i32),
    I64(i64),
    /// The elements' bytes, how many elements, and to which multiple of bytes they are aligned.
    Vector(&'a [u8], u32, usize),
}

/// A buffer of one table with all its fields, preceded by its size.
pub(super) fn table(identifier: [u8; 4], fields: &[Field]) -> Vec<u8> {
    let vtable_bytes = 4 + 2 * fields.len();
    // Root, identifier, vtable, then the table at a multiple of 8, its fields of 8 bytes first in it.
    let position = (8 + vtable_bytes).next_multiple_of(8) + 4;
    let mut inline = Vec::new();
    let mut vtable = Vec::new();
    let mut vectors = Vec::new();
    for field in fields {
        let wide = matches!(field, Field::I64(_));
        // The table's own first 4 bytes are at 4 beyond a multiple of 8.
        if wide && inline.len() % 8 != 0 {
            inline.extend([0; 4]);
        }
        vtable.extend(((4 + inline.len()) as u16).to_le_bytes());
        match field {
            Field::I32(value) => inline.extend(value.to_le_bytes()),
            Field::I64(value) => inline.extend(value.to_le_bytes()),
            Field::Vector(bytes, count, align) => {
                vectors.push((inline.len(), *bytes, *count, *align));
                inline.extend([0; 4]);
            }
        }
    }
    let mut bytes = Vec::new();
    bytes.extend((position as u32).to_le_bytes());
    bytes.extend(identifier);
    let vtable_at = position - vtable_bytes;
    bytes.resize(vtable_at, 0);
    bytes.extend((vtable_bytes as u16).to_le_bytes());
    bytes.extend((4 + inline.len() as u16).to_le_bytes());
    bytes.extend(vtable);
    bytes.extend((vtable_bytes as u32).to_le_bytes());
    let fields_at = bytes.len();
    bytes.extend(inline);
    for (slot, content, count, align) in vectors {
        let start = (bytes.len() + 4).next_multiple_of(align) - 4;
        bytes.resize(start, 0);
        let slot = fields_at + slot;
        bytes[slot..slot + 4].copy_from_slice(&((start - slot) as u32).to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(content);
        // A string ends in a zero.
        bytes.push(0);
    }
    let mut sized = (bytes.len() as u32).to_le_bytes().to_vec();
    sized.extend(bytes);
    sized
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_was_written_is_read() {
        let fields = [
            Field::I32(-3),
            Field::I64(1 << 40),
            Field::Vector(b"text", 4, 4),
            Field::Vector(&[9; 32], 2, 8),
        ];
        let bytes = table(*b"TEST", &fields);
        assert_eq!(u32_at(&bytes, 0), Some(bytes.len() as u32 - 4));
        let bytes = &bytes[4..];
        assert_eq!(identifier(bytes), Some(*b"TEST"));
        let root = Table::root(bytes).unwrap();
        assert_eq!((root.i32(0), root.i64(1), root.string(2)), (Some(-3), Some(1 << 40), Some("text")));
        let (first, length) = root.vector(3, 16).unwrap();
        assert_eq!((&bytes[first..first + length], first % 8), (&[9; 32][..], 0));
        assert_eq!((root.i32(4), root.vector(5, 1)), (None, None));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(0u8..20, 0..60)) {
            if let Some(root) = Table::root(&bytes) {
                for field in 0..4 {
                    let _ = (root.i32(field), root.i64(field), root.string(field), root.vector(field, 16));
                }
            }
        }
    }
}
