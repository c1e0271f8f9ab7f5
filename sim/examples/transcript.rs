//! Prints the worked examples of `docs/protocol.md`: a short session with the icebreaker configuration, byte by byte.

use arch::network::Shifts;
use arch::protocol::{Begin, Opcode, Teacher};
use arch::registers::{Register, Space};
use arch::{Board, Layer, Layout, Learn, Network, Shape, Surrogate, Updates};
use driver::codec::encode;
use driver::transport::ByteDevice;
use sim::VirtualBoard;

struct Transcript {
    board: VirtualBoard,
    sequence: u8,
}

impl Transcript {
    fn say(&mut self, title: &str, opcode: Opcode, payload: &[u8]) {
        let mut wire = Vec::new();
        encode(self.sequence, opcode as u8, payload, &mut wire);
        self.sequence = self.sequence.wrapping_add(1);
        self.send(title, &wire);
    }

    fn send(&mut self, title: &str, wire: &[u8]) {
        println!("# {title}");
        print_bytes('>', wire);
        let mut answer = Vec::new();
        self.board.exchange(wire, &mut answer);
        print_bytes('<', &answer);
        println!();
    }
}

fn print_bytes(mark: char, bytes: &[u8]) {
    for line in bytes.chunks(24) {
        let hex: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
        println!("{mark} {}", hex.join(" "));
    }
}

fn write(space: Space, address: u32, bytes: &[u8]) -> Vec<u8> {
    let mut payload = vec![space as u8];
    payload.extend(address.to_le_bytes());
    payload.extend(bytes);
    payload
}

fn main() {
    let board = Board::named("icebreaker").expect("a board of this repository");
    let network = Network {
        weight_bits: board.engine.weight_bits,
        updates: Updates::Online,
        layers: vec![Layer {
            input: Shape::flat(4),
            output: Shape::flat(2),
            weight_fraction_bits: 6,
            surrogate: Surrogate::Shift,
            learn: Learn::WTL,
            shifts: Shifts { weight: 9, threshold: 8, leak: 8 },
        }],
    };
    let layout = Layout::new(&network, &board.engine).expect("a network that fits");
    let descriptor: Vec<u8> = layout.descriptors[0].encode().into_iter().flat_map(u16::to_le_bytes).collect();
    let mut t = Transcript { board: VirtualBoard::new(&board), sequence: 0 };
    t.say("identify: opens session 0x04030201", Opcode::Identify, &[1, 2, 3, 4]);
    t.say("write 16 weights from weight 0 on", Opcode::Write, &write(Space::Weights, 0, &[0x28; 16]));
    t.say(
        "write two thresholds of 1.0 from neuron 0 on",
        Opcode::Write,
        &write(Space::Thresholds, 0, &[0, 1, 0, 1]),
    );
    t.say("write the leak of layer 0: 0.5", Opcode::Write, &write(Space::Leaks, 0, &[0, 0x80]));
    t.say(
        "write the layer table: one dense layer, 4 inputs, 2 neurons",
        Opcode::Write,
        &write(Space::Descriptors, 0, &descriptor),
    );
    t.say(
        "activate it: register `network` = 1",
        Opcode::Write,
        &write(Space::Registers, Register::Network.address(), &[1, 0, 0, 0]),
    );
    let begin = Begin { teacher: Teacher::Label, label: 1, steps: 3, first_loss_step: 1 };
    t.say(
        "begin a sample: learn it, label 1, 3 steps, the loss counts from step 1 on",
        Opcode::Begin,
        &begin.encode(),
    );
    t.say("events: step 0 has inputs 0, 1, 3; step 1 none", Opcode::Events, &[0, 0, 1, 254, 254]);
    let last = t.sequence;
    t.say("events: step 2 has input 2", Opcode::Events, &[2, 254]);
    t.sequence = last;
    t.say("the same frame again: the same answer, and nothing is executed", Opcode::Events, &[2, 254]);
    t.send("a damaged frame: repeat, please, from the next number on", &[4, 0x0a, 0x12, 0xff, 0]);
    t.say("end: class 1 won, with its spikes and the wrong spikes of all", Opcode::End, &[]);
    let mut read = write(Space::Weights, 0, &[]);
    read.extend(16u16.to_le_bytes());
    t.say("read the 16 weights back", Opcode::Read, &read);
    let begin = Begin { teacher: Teacher::Host, label: 0, steps: 1, first_loss_step: 0 };
    t.say("begin a sample of one step that the host teaches", Opcode::Begin, &begin.encode());
    t.say("events: the step has inputs 0, 1, 2", Opcode::Events, &[0, 0, 0, 254]);
    let mut spikes = write(Space::Spikes, 0, &[]);
    spikes.extend(2u16.to_le_bytes());
    t.say("which outputs spiked? both", Opcode::Read, &spikes);
    t.say(
        "the second should not have: δ = 48/64, which the board learns from",
        Opcode::Write,
        &write(Space::OutputErrors, 1, &[48]),
    );
    t.say("end", Opcode::End, &[]);
}
