//! What a board's memories held before the self-test, and their way back.

use arch::registers::Space;
use driver::{Session, SessionError};

use super::{Fault, bits};

/// A memory that does not hold again what it held.
#[derive(Debug, thiserror::Error)]
#[error("{name} {element} held {held:#x} before and now holds {seen:#x}, after it was written back", name = space.info().name)]
pub struct NotRestored {
    space: Space,
    element: u32,
    held: u32,
    seen: u32,
}

/// Parts of memories as they were.
pub struct Kept(Vec<(Space, u32, Vec<u8>)>);

impl Kept {
    /// Reads parts of memories: first element and number of elements of each.
    pub fn read(session: &mut Session, parts: &[(Space, u32, u32)]) -> Result<Self, SessionError> {
        let read = |&(space, first, count): &(Space, u32, u32)| {
            session.read(space, first, count).map(|bytes| (space, first, bytes))
        };
        parts.iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Writes them back and looks whether they are.
    pub fn write_back(&self, session: &mut Session) -> Result<(), Fault> {
        for (space, first, held) in &self.0 {
            session.write(*space, *first, held)?;
        }
        for (space, first, held) in &self.0 {
            let width = space.element_bytes(session.identity().capacity.weight_bits);
            let seen = session.read(*space, *first, (held.len() / width) as u32)?;
            let elements = held.chunks_exact(width).zip(seen.chunks_exact(width));
            if let Some((at, (held, seen))) = (0..).zip(elements).find(|(_, (held, seen))| held != seen) {
                let (held, seen) = (bits(held), bits(seen));
                return Err(NotRestored { space: *space, element: first + at, held, seen }.into());
            }
        }
        Ok(())
    }
}

/// `outcome`, unless the memories could not be put back and it did not fail itself.
pub fn after<T>(outcome: Result<T, Fault>, restored: Result<(), Fault>) -> Result<T, Fault> {
    match (outcome, restored) {
        // Memories that are lost are worse news than the user's interruption.
        (Ok(_) | Err(Fault::Interrupted), Err(fault)) => Err(fault),
        (outcome, _) => outcome,
    }
}
