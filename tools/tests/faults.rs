//! Training over lines with faults, and with hosts that are killed, ends with the bits of a run without.

mod common;

use std::path::Path;
use std::sync::LazyLock;

use common::{Board, Running, listed, refused, run, says};
use serde_json::Value;
use sim::toolchain::{need, verilator};

const RUN: &str = "train --train bundled:train --train-limit 150 --test bundled:test --test-limit 30 \
                   --net 2x17x17-200-10 --learn wtl --json --out net.safetensors --epochs 2";

/// Hash, epochs with accuracies and leaks, and the work counted.
fn result(train: &Value) -> [Value; 3] {
    assert_eq!(train["parameters_sha256"].as_str().unwrap().len(), 64);
    ["parameters_sha256", "epochs", "counts"].map(|key| train[key].clone())
}

static CLEAN: LazyLock<[Value; 3]> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let train = run(folder.path(), RUN).json();
    assert_eq!(train["link"]["injected"], Value::Null);
    assert_eq!(train["link"]["recovery"]["closed"], 0);
    result(&train)
});

fn counted(train: &Value, group: &str, name: &str) -> u64 {
    train["link"][group][name].as_u64().unwrap_or_else(|| panic!("no {group}.{name} in {}", train["link"]))
}

/// What was injected was found and made good.
fn check(train: &Value) {
    let lost = |name| counted(train, "recovery", name);
    assert_eq!(lost("closed") + lost("restarted") + lost("silent"), lost("repaired"));
    assert!(lost("repaired") >= counted(train, "injected", "pulls"));
    assert_eq!(counted(train, "injected", "undetected"), 0);
    assert!(counted(train, "link", "repeated") > 0);
}

#[test]
fn a_faulty_line_learns_the_same_bits_and_says_what_it_repaired() {
    let folder = tempfile::tempdir().unwrap();
    let line = "faulty:ber=1e-5,loss=0.01,reset=60,pull=110,seed=4:model";
    let train = run(folder.path(), &format!("{RUN} --board {line} --report report")).json();
    assert_eq!(result(&train), *CLEAN);
    check(&train);
    assert!(counted(&train, "injected", "resets") >= 5 && counted(&train, "injected", "pulls") >= 2);
    assert!(counted(&train, "injected", "bits") > 10 && counted(&train, "injected", "frames_lost") > 10);
    let report: Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("report/report.json")).unwrap()).unwrap();
    assert_eq!(report["run"]["link"], train["link"]);
    let page = std::fs::read_to_string(folder.path().join("report/index.html")).unwrap();
    assert!(page.contains("faults injected, 0 frames damaged in silence"));
}

#[test]
fn a_faulty_socket_learns_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let board = Board::serve(folder.path(), "--tcp 127.0.0.1:0");
    let line = format!("faulty:ber=1e-6,dup=0.01,stall=5ms@0.001,pull=130,seed=4:{}", board.name);
    let train = run(folder.path(), &format!("{RUN} --board {line} --checkpoint-every 40")).json();
    assert_eq!(result(&train), *CLEAN);
    check(&train);
    board.stop();
}

/// A run for hardware whose simulation is fast.
fn hardware(run_of: &str) -> String {
    format!("train --train bundled:train {run_of} --steps 4 --learn wtl --json --config small-w8")
}

/// Learned by the hardware in Verilator, over a line with faults, and by the model without.
fn hardware_learns(run_of: &str, faults: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let line = hardware(run_of);
    let model = run(folder.path(), &line).json();
    let train = run(folder.path(), &format!("{line} --board faulty:{faults}:verilator")).json();
    assert_eq!(result(&train), result(&model));
    check(&train);
    train
}

#[test]
fn hardware_behind_a_faulty_line_learns_the_same_bits() {
    if !need(verilator::TOOLS) {
        return;
    }
    let run_of = "--train-limit 30 --net 2x6x6-18-10 --epochs 1";
    let train = hardware_learns(run_of, "ber=1e-5,loss=0.01,reset=13,pull=19,seed=4");
    assert!(counted(&train, "injected", "resets") >= 2 && counted(&train, "injected", "pulls") >= 1);
}

#[test]
fn faults_that_can_not_be_had_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (board, said) in [
        ("faulty:ber=2:model", "--board faulty: fault ber=2: wanted a probability from 0 to 1"),
        ("faulty:model", "wanted model, rtl,"),
        ("faulty:ber=0.1:float", "or faulty:FAULTS:BOARD around one with a wire"),
        ("faulty:reset=5:tcp:127.0.0.1:1", "nobody here can take the power from tcp:127.0.0.1:1"),
    ] {
        refused(folder.path(), &format!("{RUN} --board {board}"), &[said]);
    }
    assert_eq!(listed(folder.path()).len(), 0);
}

#[test]
fn a_line_that_is_lost_for_good_leaves_a_checkpoint_to_go_on_from() {
    let folder = tempfile::tempdir().unwrap();
    let mut board = Board::serve(folder.path(), "--pty board");
    let mut first = Running::start(
        folder.path(),
        &format!("{RUN} --board {} --checkpoint-every 20 --reconnect 0", board.name),
    );
    first.until_exists(&folder.path().join("net.safetensors"));
    board.running.kill();
    let first = first.end();
    assert_eq!(first.code, Some(1), "{}", first.stderr);
    for said in ["the other end is gone", "Given up after 1 lost sessions", "--resume goes on from it"] {
        assert!(says(&first.stderr, said), "{}", first.stderr);
    }
    let resumed = run(folder.path(), &format!("{RUN} --resume")).json();
    assert_eq!(result(&resumed), *CLEAN);
}

/// When a host is killed: once the file has changed so many times, and so many ms later.
type Moment = (u32, u64);

/// Drawn by chance, once.
const TEN_MOMENTS: [Moment; 10] =
    [(2, 13), (5, 4), (1, 27), (6, 0), (3, 19), (1, 8), (4, 31), (2, 2), (6, 22), (3, 11)];

/// Runs `line` until it ends, killed at these moments before; how often it was not through by then.
fn killed(folder: &Path, line: &str, moments: &[Moment]) -> (Value, usize) {
    let file = folder.join("net.safetensors");
    let seen = || std::fs::metadata(&file).and_then(|file| file.modified()).ok();
    let mut kills = 0;
    for &(checkpoints, later) in moments {
        let mut host = Running::start(folder, &format!("{line} --resume"));
        let (mut last, mut left) = (seen(), checkpoints);
        while left > 0 && host.under_way() {
            std::thread::sleep(std::time::Duration::from_millis(1));
            if seen() != last {
                (last, left) = (seen(), left - 1);
            }
        }
        std::thread::sleep(std::time::Duration::from_millis(later));
        kills += usize::from(host.under_way());
        host.kill();
        let _ = host.end();
    }
    (run(folder, &format!("{line} --resume")).json(), kills)
}

#[test]
fn a_host_that_is_killed_goes_on_to_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let line = format!("{RUN} --checkpoint-every 7");
    let (train, kills) = killed(folder.path(), &line, &[(3, 0), (8, 5), (5, 2)]);
    assert_eq!(kills, 3, "it was through before it could be killed");
    assert_eq!(result(&train), *CLEAN);
}

/// More than a thousand recordings learned, over what a bad cable and a bad supply can do.
const SOAK: &str = "train --train bundled:train --train-limit 600 --test bundled:test --net 2x17x17-200-10 --learn wtl \
                    --json --out net.safetensors --epochs 2";
const BAD_LINE: &str = "ber=1e-5,loss=0.01,reset=200,pull=230,seed=4";

/// Minutes; its figures are in docs/faults.md: `cargo test --release -p stop-fpga --test faults -- --ignored --nocapture`
#[test]
#[ignore = "minutes"]
fn a_soak_ends_with_the_bits_of_the_clean_run() {
    let folder = tempfile::tempdir().unwrap();
    let clean = result(&run(folder.path(), SOAK).json());
    std::fs::remove_file(folder.path().join("net.safetensors")).unwrap();
    let train = run(folder.path(), &format!("{SOAK} --board faulty:{BAD_LINE}:model")).json();
    println!("{:#}", train["link"]);
    assert_eq!(result(&train), clean);
    check(&train);
    assert!(counted(&train, "injected", "resets") >= 5 && counted(&train, "injected", "pulls") >= 5);
    assert!(train["counts"]["samples"].as_u64().unwrap() >= 1000);

    // The same, and the host killed now and then.
    std::fs::remove_file(folder.path().join("net.safetensors")).unwrap();
    let line = format!("{SOAK} --board faulty:{BAD_LINE}:model --checkpoint-every 25");
    let (train, kills) = killed(folder.path(), &line, &TEN_MOMENTS);
    assert_eq!((kills, result(&train)), (TEN_MOMENTS.len(), clean));
}

#[test]
#[ignore = "minutes"]
fn a_soak_of_the_hardware_ends_with_the_bits_of_the_model() {
    if !need(verilator::TOOLS) {
        return;
    }
    let run_of = "--train-limit 600 --net 2x6x6-18-10 --epochs 2";
    let train = hardware_learns(run_of, BAD_LINE);
    println!("{:#}", train["link"]);
    assert!(counted(&train, "injected", "resets") >= 5 && counted(&train, "injected", "pulls") >= 5);

    // The same, and the host killed now and then.
    let folder = tempfile::tempdir().unwrap();
    let board = format!("--board faulty:{BAD_LINE}:verilator --checkpoint-every 25 --out net.safetensors");
    let (again, kills) = killed(folder.path(), &format!("{} {board}", hardware(run_of)), &TEN_MOMENTS);
    assert_eq!((kills, result(&again)), (TEN_MOMENTS.len(), result(&train)));
}
