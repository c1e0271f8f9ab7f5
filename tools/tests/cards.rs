//! Learning over a card's device files ends with the bits that it ends with in process. What is behind them stands in for a card.

mod common;

use common::{Board, listed, refused, run};
use sim::toolchain::{need, verilator};

const RUN: &str = "train --train bundled:train --train-limit 30 --net 2x17x17-40-10 --epochs 2 --checkpoint-every 20 --json";

#[test]
fn learning_over_a_card_gives_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let alone = run(folder.path(), RUN).json();
    for (options, kind) in [("--xdma .", "pcie:h2c="), ("--litepcie card", "pcie:litepcie=")] {
        let board = Board::serve(folder.path(), options);
        assert!(board.name.starts_with(kind), "{}", board.name);
        let seen = run(folder.path(), &format!("{RUN} --board {}", board.name)).json();
        for key in ["parameters_sha256", "counts", "epochs"] {
            assert_eq!(seen[key], alone[key], "{options}: {key}");
        }
        assert_eq!(seen["link"]["link"]["repeated"], 0, "{options}: {}", seen["link"]);
        // A line with faults: what is damaged is sent again.
        let faulty = format!("{RUN} --board faulty:ber=1e-5,loss=0.01,seed=3:{}", board.name);
        let seen = run(folder.path(), &faulty).json();
        assert_eq!(seen["parameters_sha256"], alone["parameters_sha256"], "{options}, with faults");
        assert_ne!(seen["link"]["link"]["repeated"], 0, "{options}, with faults: {}", seen["link"]);
        board.stop();
        assert!(listed(folder.path()).is_empty(), "device files go with the board");
    }
}

/// The hardware behind it, cycle by cycle; its serial pins are what is left of a board.
#[test]
fn the_hardware_learns_behind_a_card() {
    if !need(verilator::TOOLS) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let line = "train --train bundled:train --train-limit 3 --net 2x6x6-18-10 --steps 4 --epochs 1 --json";
    let alone = run(folder.path(), &format!("{line} --board model --config small-w8")).json();
    for options in ["--xdma .", "--litepcie card"] {
        let options = format!("--backend verilator --config small-w8 {options}");
        let board = Board::serve(folder.path(), &options);
        let seen = run(folder.path(), &format!("{line} --board {}", board.name)).json();
        assert_eq!(seen["parameters_sha256"], alone["parameters_sha256"], "{options}");
        board.stop();
    }
}

#[test]
fn the_place_of_a_card_has_to_be_free() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("card"), "mine").unwrap();
    refused(folder.path(), "virtual-board --litepcie card", &["card: exists", "choose another path"]);
    assert_eq!(std::fs::read(folder.path().join("card")).unwrap(), b"mine");
    refused(folder.path(), "virtual-board --xdma gone", &["gone/xdma0_h2c_0", "No such file"]);
    refused(folder.path(), "virtual-board --xdma . --litepcie other", &["cannot be used with"]);
}
