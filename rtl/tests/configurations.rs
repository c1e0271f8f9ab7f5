//! What is built, and what is said of the rest. (Not in `rtl/src`: its unit tests would compile every configuration again.)

use arch::Board;
use rtl::ip_core::{self, Shell, StreamBits};
use rtl::top::{known, neurons_a_cycle, sizes};
use rtl::verilog::{Direction, Port};

#[test]
fn every_configuration_that_is_built_has_a_board_file() {
    for name in known() {
        sizes(&Board::named(name).unwrap()).unwrap();
    }
}

#[test]
fn capacities_tell_how_many_neurons_fire_in_a_cycle() {
    let of = |name: &str| neurons_a_cycle(&Board::named(name).unwrap().engine);
    assert_eq!((of("icebreaker"), of("simulated-x16"), of("virtual-w8")), (1, 4, 1));
}

#[test]
fn what_is_not_built_is_refused() {
    let message = |board: &Board| sizes(board).unwrap_err().to_string();
    let roomy = Board::named("virtual-w8").unwrap();
    assert!(
        message(&roomy).contains("model only: hardware is built for icebreaker, "),
        "{}",
        message(&roomy)
    );
    let mut board = Board::named("icebreaker").unwrap();
    board.link.window = 8;
    assert!(message(&board).contains("window = 8: wanted 4"), "{}", message(&board));
    let mut board = Board::named("icebreaker").unwrap();
    if let Some(uart) = &mut board.uart {
        uart.baud = 115_200;
    }
    assert!(message(&board).contains("115200 baud is not 8 clocks a bit"), "{}", message(&board));
}

#[test]
fn the_ports_said_of_a_core_are_the_ports_emitted() {
    let board = Board::named("small-w8").unwrap();
    let design = ip_core::emit(&board, Shell::Uart).unwrap();
    let said: Vec<Port> = ip_core::ports(Shell::Uart).into_iter().map(|(port, _)| port).collect();
    assert_eq!(said, design.ports);
    for bits in StreamBits::ALL {
        let design = ip_core::emit(&board, Shell::Stream(bits)).unwrap();
        assert!(design.text.contains(&format!("input  wire [{}:0] s_axis_tdata, //", bits.bits() - 1)));
    }
}

#[test]
fn a_core_is_driven_by_the_names_that_it_states() {
    let design = ip_core::emit(&Board::named("small-w8").unwrap(), Shell::None).unwrap();
    let side = |wanted| {
        let ports = design.ports.iter().filter(|port| port.direction == wanted && !port.clock);
        ports.map(|port| port.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(side(Direction::In), ip_core::INPUTS);
    assert_eq!(side(Direction::Out), ip_core::OUTPUTS);
    let start = design.text.find("module core").unwrap();
    let emitted = &design.text[start..start + design.text[start..].find(");").unwrap()];
    for name in ip_core::INPUTS.iter().chain(&ip_core::OUTPUTS) {
        assert!(
            emitted.lines().any(|line| line.trim_end_matches(',').ends_with(&format!(" {name}"))),
            "{emitted}"
        );
    }
}
