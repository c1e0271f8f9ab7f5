//! Frames and opcodes: what travels between host and board. `docs/protocol.md` explains it with examples.
//!
//! A frame on the wire is `COBS(sequence, opcode, payload…, CRC low, CRC high), 0`. The CRC covers sequence, opcode
//! and payload. All integers are little-endian.

/// Version of everything in this crate that both ends must agree on. A driver refuses any other.
pub const ABI: u32 = 2;
/// Byte that ends a frame and stands nowhere else.
pub const FRAME_END: u8 = 0;
/// Sequence and opcode before the payload.
pub const HEADER_BYTES: usize = 2;
/// CRC after the payload.
pub const CRC_BYTES: usize = 2;
/// No board takes or sends a longer payload; a board may state a smaller limit.
pub const MAX_PAYLOAD: usize = 508;
/// No board has a wider window: sequence numbers are 8 bits, and a duplicate must be told from a new frame.
pub const MAX_WINDOW: u32 = 64;
/// Set in the opcode of every answer.
pub const ANSWER: u8 = 0x80;
/// A board keeps answers up to this payload, one for each frame of its window, to answer a repeated frame
/// without executing it again. Only reads have longer answers, and a read can be executed twice.
pub const KEPT_ANSWER_BYTES: usize = 16;

/// What a frame asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Opcode {
    /// `session u32` → `session u32` again, the identity registers. Always taken, whatever its sequence number; a
    /// session that the board does not know makes the number after this frame's the next one and abandons an open
    /// sample.
    Identify = 0x01,
    /// `space u8, address u32, count u16` → `count` elements.
    Read = 0x02,
    /// `space u8, address u32, elements…` → nothing.
    Write = 0x03,
    /// `teacher u8, label u16, steps u16, first_loss_step u16` → nothing. Clears membranes and traces.
    Begin = 0x10,
    /// Packed events → `steps u16` of the sample that have run by now. A step runs when its end has arrived.
    Events = 0x11,
    /// Nothing → [`SampleResult`]. Only after all announced steps.
    End = 0x12,
    /// Nothing → nothing. Abandons an open sample; what it has learned so far stays.
    Abandon = 0x13,
    /// Only ever an answer: a frame was damaged or out of sequence. Its sequence number is the one the board
    /// expects next; its status says why.
    Repeat = 0x7f,
}

impl Opcode {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Identify,
        Self::Read,
        Self::Write,
        Self::Begin,
        Self::Events,
        Self::End,
        Self::Abandon,
        Self::Repeat,
    ];

    /// The opcode of a code, without the answer bit.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|&opcode| opcode as u8 == code)
    }
}

/// Who says what a sample's output spikes should have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Teacher {
    /// Nobody: the sample is only classified.
    Nobody = 0,
    /// The label: its neuron is to spike at every step with a loss, the others are not.
    Label = 1,
    /// The host: after each step with a loss it may write δ of the output layer into
    /// [`Space::OutputErrors`](crate::registers::Space::OutputErrors). The label means nothing.
    Host = 2,
}

impl Teacher {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 3] = [Self::Nobody, Self::Label, Self::Host];

    /// The label, if the sample is learned.
    pub const fn label_if(learn: bool) -> Self {
        if learn { Self::Label } else { Self::Nobody }
    }

    /// Does the sample change parameters?
    pub const fn learns(self) -> bool {
        !matches!(self, Self::Nobody)
    }
}

/// First byte of every answer's payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Status {
    /// Done.
    Ok = 0,
    /// No such opcode.
    UnknownOpcode = 1,
    /// The payload's length does not fit the opcode.
    BadLength = 2,
    /// No such space, or an address outside it.
    BadAddress = 3,
    /// A write to something that can only be read.
    ReadOnly = 4,
    /// A value that a register or memory does not take.
    BadValue = 5,
    /// The descriptor table is illegal or does not fit the memories.
    BadDescriptor = 6,
    /// No network is active.
    NoNetwork = 7,
    /// No sample is open.
    NoSample = 8,
    /// A sample is open already.
    SampleOpen = 9,
    /// An event address outside the first layer, or a byte that packed events never hold.
    BadEvent = 10,
    /// More steps than announced, or an end before all of them.
    StepCount = 11,
    /// The frame's sequence number is not the next one.
    OutOfSequence = 12,
    /// A frame whose CRC or framing is wrong.
    Damaged = 13,
    /// Known, but not built into this board.
    NotBuilt = 14,
    /// No identify frame has opened a session since power-up.
    NoSession = 15,
    /// No step waits for the host's errors: none had a loss since the last were written, or the sample has another teacher.
    NotAwaited = 16,
}

/// Every status with its words.
pub const STATUSES: [(Status, &str); 17] = [
    (Status::Ok, "done"),
    (Status::UnknownOpcode, "unknown opcode"),
    (Status::BadLength, "the payload's length does not fit the opcode"),
    (Status::BadAddress, "no such address space, or an address outside it"),
    (Status::ReadOnly, "this can only be read"),
    (Status::BadValue, "a value that is not taken here"),
    (Status::BadDescriptor, "the descriptor table is illegal or does not fit the memories"),
    (Status::NoNetwork, "no network is active"),
    (Status::NoSample, "no sample is open"),
    (Status::SampleOpen, "a sample is open already"),
    (Status::BadEvent, "an event address outside the first layer"),
    (Status::StepCount, "more steps than announced, or an end before all of them"),
    (Status::OutOfSequence, "the frame is not the next in sequence"),
    (Status::Damaged, "the frame arrived damaged"),
    (Status::NotBuilt, "this board was built without it"),
    (Status::NoSession, "no session since power-up: identify first"),
    (Status::NotAwaited, "no step waits for the host's errors"),
];

impl Status {
    /// The status of a code.
    pub fn from_code(code: u8) -> Option<Self> {
        STATUSES.get(usize::from(code)).map(|&(status, _)| status)
    }

    /// What it means.
    pub fn words(self) -> &'static str {
        STATUSES[self as usize].1
    }
}

/// What a begin frame says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begin {
    /// Who teaches.
    pub teacher: Teacher,
    /// The right class; with another teacher, any class.
    pub label: u16,
    /// Time steps that will come; at least 1.
    pub steps: u16,
    /// First step with a loss, counted from 0; spikes are counted from here on too.
    pub first_loss_step: u16,
}

impl Begin {
    /// Bytes of its payload.
    pub const BYTES: usize = 7;

    /// The payload.
    pub fn encode(self) -> [u8; Self::BYTES] {
        let [label, steps, first] = [self.label, self.steps, self.first_loss_step].map(u16::to_le_bytes);
        [self.teacher as u8, label[0], label[1], steps[0], steps[1], first[0], first[1]]
    }

    /// Reads a payload; `None` where its length is wrong or there is no such teacher.
    pub fn decode(payload: &[u8]) -> Option<Self> {
        let &[teacher, l0, l1, s0, s1, f0, f1] = payload else { return None };
        Teacher::ALL.get(usize::from(teacher)).map(|&teacher| Self {
            teacher,
            label: u16::from_le_bytes([l0, l1]),
            steps: u16::from_le_bytes([s0, s1]),
            first_loss_step: u16::from_le_bytes([f0, f1]),
        })
    }
}

/// What the answer to an end frame says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleResult {
    /// The output neuron with the most spikes; of several, the one with the largest membrane sum; of several, the
    /// first.
    pub prediction: u16,
    /// Spikes it fired.
    pub spikes: u16,
    /// Output spikes that were wrong (missing or surplus) in the steps with a loss.
    pub wrong_spikes: u32,
}

impl SampleResult {
    /// Bytes of it.
    pub const BYTES: usize = 8;

    /// The bytes after the status.
    pub fn encode(self) -> [u8; Self::BYTES] {
        let (p, s, w) =
            (self.prediction.to_le_bytes(), self.spikes.to_le_bytes(), self.wrong_spikes.to_le_bytes());
        [p[0], p[1], s[0], s[1], w[0], w[1], w[2], w[3]]
    }

    /// Reads them; `None` where the length is wrong.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let &[p0, p1, s0, s1, w0, w1, w2, w3] = bytes else { return None };
        Some(Self {
            prediction: u16::from_le_bytes([p0, p1]),
            spikes: u16::from_le_bytes([s0, s1]),
            wrong_spikes: u32::from_le_bytes([w0, w1, w2, w3]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back() {
        for opcode in Opcode::ALL {
            assert_eq!(Opcode::from_code(opcode as u8), Some(opcode));
            assert_eq!(opcode as u8 & ANSWER, 0);
        }
        for (code, (status, _)) in STATUSES.iter().enumerate() {
            assert_eq!(*status as usize, code);
            assert_eq!(Status::from_code(code as u8), Some(*status));
        }
        assert_eq!(Status::from_code(99), None);
    }

    #[test]
    fn payloads_read_back() {
        for teacher in Teacher::ALL {
            let begin = Begin { teacher, label: 0x102, steps: 16, first_loss_step: 6 };
            assert_eq!(Begin::decode(&begin.encode()), Some(begin));
        }
        assert_eq!(Begin::decode(&[3, 0, 0, 1, 0, 0, 0]), None);
        let result = SampleResult { prediction: 7, spikes: 12, wrong_spikes: 70_000 };
        assert_eq!(SampleResult::decode(&result.encode()), Some(result));
        // The status comes before it.
        const { assert!(SampleResult::BYTES < KEPT_ANSWER_BYTES) };
    }
}
