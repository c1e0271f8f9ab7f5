//! The link and an engine against the virtual board: the same bytes in, the same bytes out.
//!
//! ```text
//!   host ──┬─> rtl::link::Link + rtl::engine::Engine ──┐
//!          └─> sim::VirtualBoard ──────────────────────┴─> the same answers?
//! ```

mod best_class;
mod host;
mod hostile;
mod rig;

use arch::protocol::{STATUSES, Status};
use arch::{Board, WeightBits};
use driver::codec::{Decoder, Received};
use driver::transport::ByteDevice;
use host::Host;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rig::{Narrow, Rig, Wide};
use rtl::configurations::{SMALL_W8, SMALL_W16};
use rtl::driven;
use rtl::link::Link;
use rtl::program::FEATURES;
use sim::VirtualBoard;
use sim::lockstep::{design_of, first_difference};
use sim::toolchain::verilator::{self, Model, PowerUp};
use sim::toolchain::{need, yosys};

fn board(weight_bits: WeightBits) -> Board {
    Board {
        name: "small".into(),
        description: "under test".into(),
        preparation: None,
        device: None,
        clock: None,
        uart: None,
        led: None,
        hold: Vec::new(),
        programmer: None,
        engine: match weight_bits {
            WeightBits::Eight => SMALL_W8,
            WeightBits::Sixteen => SMALL_W16,
        }
        .capacity(24_000_000),
        link: arch::board::Link { max_payload: 508, window: 4, receive_buffer: 1024 },
    }
}

/// Answers as they stand on the wire, for people: sequence, opcode, payload.
fn answers(wire: &[u8]) -> Vec<(u8, u8, Vec<u8>)> {
    let (mut decoder, mut bytes, mut all) = (Decoder::new(508), wire, Vec::new());
    while let Some(received) = decoder.next(&mut bytes) {
        if let Received::Frame(f) = received {
            all.push((f.sequence, f.opcode, f.payload.to_vec()));
        }
    }
    all
}

/// Statuses that were answered.
fn compare<R: Rig>(mut rig: R, board: &Board, seed: u64, portions: usize) -> [u32; STATUSES.len()] {
    let mut virtual_board = VirtualBoard::with_features(board, FEATURES);
    let mut host = Host::new(ChaCha8Rng::seed_from_u64(seed), &board.engine);
    let (mut silent, mut statuses) = (0, [0; STATUSES.len()]);
    for at in 0..portions {
        let wire = if at == 3 || silent == 3 { host.reopen() } else { host.portion() };
        let mut want = Vec::new();
        virtual_board.exchange(&wire, &mut want);
        let seen = rig.exchange(&wire, want.len());
        assert_eq!(answers(&seen), answers(&want), "seed {seed}, portion {at}: {:?}", answers(&wire));
        assert_eq!(seen, want);
        silent = if want.is_empty() { silent + 1 } else { 0 };
        for (sequence, opcode, payload) in answers(&want) {
            statuses[usize::from(payload[0])] += 1;
            if opcode == 0xff {
                host.next = sequence;
            }
        }
    }
    println!("seed {seed}: {} cycles, statuses {statuses:?}", rig.cycles());
    statuses
}

#[test]
fn the_board_in_hardware_answers_as_the_virtual_one() {
    let board = &board(WeightBits::Eight);
    let each = std::thread::scope(|scope| {
        let runs = [0, 1, 2].map(|seed| scope.spawn(move || compare(Narrow::new(board), board, seed, 60)));
        runs.map(|run| run.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    let all: [u32; STATUSES.len()] = std::array::from_fn(|status| each.iter().map(|seen| seen[status]).sum());
    // Every status but `NotBuilt` is seen.
    assert!((0..all.len()).all(|status| all[status] > 0 || status == Status::NotBuilt as usize), "{all:?}");
}

#[test]
fn the_same_with_weights_of_two_bytes() {
    let board = board(WeightBits::Sixteen);
    let statuses = compare(Wide::new(&board), &board, 3, 60);
    assert!(statuses[0] > 20, "{statuses:?}");
}

#[test]
fn the_link_emits() {
    let design = Narrow::new(&board(WeightBits::Eight)).emit();
    assert!(design.modules.contains(&"processor".to_owned()), "{:?}", design.modules);
    if need(yosys::TOOLS) {
        let (design, _) = design_of(&design);
        yosys::check(&design).expect("is sound");
        let netlist = yosys::synth_ice40(&design, yosys::Ice40::default()).expect("synthesises");
        let count = |cell: &str| netlist.statistics.count(cell);
        let (luts, registers, memories) = (count("SB_LUT4"), count("SB_DFF"), count("SB_RAM40_4K"));
        println!(
            "link: {luts} LUTs, {registers} flip-flops, {memories} block RAMs, {} carries",
            count("SB_CARRY")
        );
        assert!(memories <= 9, "{memories} block RAMs");
    }
}

/// Native and Verilog, cycle by cycle, with a host's frames and an engine that answers anything.
#[test]
fn the_link_is_the_same_in_verilog() {
    if !need(verilator::TOOLS) {
        return;
    }
    let board = board(WeightBits::Eight);
    let identity = board.identity(1, 0);
    let link = || Link::<10, 11, 6, 7, 7, 3, 9>::new(&identity);
    let emitted = rtl::verilog::emit(&mut link(), "link", "under test").expect("emits");
    let (design, ports) = design_of(&emitted);
    let mut native = driven!(
        link(),
        clock,
        [valid, data, broken, out_ready, engine_busy, wrong_spikes, seed, host_value],
        [
            busy,
            out_valid,
            out_data,
            activate,
            begin_sample,
            learning,
            host_teaches,
            label,
            layers,
            step,
            with_loss,
            any_event,
            teach,
            end_sample,
            event_write,
            event_word,
            event_data,
            seed_load,
            seed_value,
            clear_counts,
            host_read,
            host_write,
            host_space,
            host_address,
            host_data
        ]
    );
    let mut host = Host::new(ChaCha8Rng::seed_from_u64(9), &board.engine);
    let mut random = ChaCha8Rng::seed_from_u64(10);
    let mut cycles = Vec::new();
    for at in 0..40 {
        let wire = if at == 0 { host.reopen() } else { host.portion() };
        let slots = wire.iter().flat_map(|&byte| [Some(byte), None, None, None]);
        for byte in slots.chain([None; 4000]) {
            let mut number = |name: &str, width: u32| match name {
                "valid" => u128::from(byte.is_some()),
                "data" => u128::from(byte.unwrap_or(0)),
                "broken" => 0,
                "engine_busy" => u128::from(random.random_bool(0.2)),
                _ => random.random::<u128>() & (u128::MAX >> (128 - width)),
            };
            cycles.push(ports.inputs.0.iter().map(|port| number(&port.name, port.width)).collect());
        }
    }
    let model = Model::build(&design, &ports, &Default::default()).expect("builds");
    let mut running = model.start_as(PowerUp::Zeros).expect("starts");
    let difference = first_difference(&mut running, |inputs| native.cycle(inputs), &cycles).expect("runs");
    assert_eq!(difference, None);
}
