//! Every verb does what its page says, and its JSON is all that stands on stdout.

mod common;

use std::collections::BTreeSet;

use common::{Ended, Running, refused, run};
use serde_json::Value;
use sim::toolchain::Tool;

/// The command's result where there is nothing to prepare.
fn run_alone(line: &str) -> Ended {
    run(tempfile::tempdir().unwrap().path(), line)
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The model's own tests compare the numbers with the equations; here they come through the command.
#[test]
fn reference_prints_the_documented_result() {
    let page = include_str!("../../docs/reference.md");
    let mut blocks = page.split("```json\n").skip(1).map(|block| block.split("```").next().unwrap());
    let (case, result) = (blocks.next().unwrap(), blocks.next().unwrap());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("case.json"), case).unwrap();
    let printed = run(folder.path(), "reference --case case.json").json();
    assert_eq!(printed, serde_json::from_str::<Value>(result).unwrap());
}

#[test]
fn demo_learns_and_writes_a_report() {
    let folder = tempfile::tempdir().unwrap();
    let demo = run(folder.path(), "demo --epochs 1 --json").json();
    for key in ["board", "network", "epochs", "test_accuracy", "parameters_sha256", "counts"] {
        assert!(keys(&demo).contains(key), "no `{key}` in {demo}");
    }
    assert_eq!((&demo["board"], &demo["network"]), (&"model".into(), &"2x17x17-200-10".into()));
    let epochs = demo["epochs"].as_array().unwrap();
    assert_eq!(epochs.len(), 1);
    assert_eq!(epochs[0]["epoch"], 1);
    assert_eq!(epochs[0]["test_accuracy"], demo["test_accuracy"]);
    // Chance is 0.1. It is the same every time: nothing here is drawn without a seed.
    for accuracy in [&epochs[0]["train_accuracy"], &demo["test_accuracy"]] {
        assert!((0.3..=1.0).contains(&accuracy.as_f64().unwrap()), "{accuracy}");
    }
    assert_eq!(demo["counts"]["samples"], 800);

    let report = folder.path().join("demo-report");
    let text = |name: &str| std::fs::read_to_string(report.join(name)).unwrap();
    let json: Value = serde_json::from_str(&text("report.json")).unwrap();
    assert_eq!(json["run"]["parameters_sha256"], demo["parameters_sha256"]);
    assert_eq!(json["evaluation"]["accuracy"], demo["test_accuracy"]);
    assert_eq!(json["counts"], demo["counts"]);
    assert!(text("index.html").contains(demo["parameters_sha256"].as_str().unwrap()));
    assert!(text("picture.svg").starts_with("<svg"));
    assert_eq!(common::listed(&report).len(), 3);
    assert_eq!(common::listed(folder.path()), ["demo-report"]);
}

/// What `demo` says it stands for can be typed and gives the same.
#[test]
fn demo_is_the_train_command_that_it_prints() {
    let folder = tempfile::tempdir().unwrap();
    let demo = run(folder.path(), "demo --epochs 1 --json --seed 3");
    let line = demo.stderr.split("stop-fpga ").nth(1).and_then(|rest| rest.lines().next()).unwrap();
    let train = run(folder.path(), &format!("{line} --json")).json();
    let demo = demo.json();
    for key in ["parameters_sha256", "epochs", "counts", "network", "configuration"] {
        assert_eq!(train[key], demo[key], "{key}");
    }
}

#[test]
fn eval_writes_a_report_of_what_it_classified() {
    let folder = tempfile::tempdir().unwrap();
    let train =
        "train --train bundled:test --train-limit 20 --net 2x17x17-20-10 --epochs 1 --out net.safetensors";
    assert_eq!(run(folder.path(), train).code, Some(0));
    let eval = "eval --weights net.safetensors --test bundled:test --test-limit 7 --report report --json";
    let eval = run(folder.path(), eval).json();
    let report = std::fs::read_to_string(folder.path().join("report/report.json")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["evaluation"]["confusion"], eval["confusion"]);
    assert_eq!(report["evaluation"]["recordings"], 7);
    let classified = eval["confusion"].as_array().unwrap().iter().flat_map(|row| row.as_array().unwrap());
    assert_eq!(classified.map(|count| count.as_u64().unwrap()).sum::<u64>(), 7);
}

/// Learning with the float model in the place of a board: no integers, so nothing to hash.
#[test]
fn the_float_model_learns_in_the_place_of_a_board() {
    let line =
        "train --train bundled:test --train-limit 20 --net 2x17x17-20-10 --epochs 1 --board float --json";
    let float = run_alone(line).json();
    assert_eq!(float["parameters_sha256"], Value::Null);
    assert_eq!(float["counts"]["samples"], 20);
    assert!(float["epochs"][0]["train_accuracy"].is_f64());
}

#[test]
fn ablate_compares_five_variants_in_each_setting() {
    let rows = run_alone("ablate --seeds 1 --epochs 1 --json").json();
    let rows = rows.as_array().unwrap();
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    let settings: BTreeSet<_> = rows.iter().map(|row| text(row, "setting")).collect();
    assert_eq!(rows.len(), 5 * settings.len());
    for setting in settings {
        let of_setting: Vec<_> = rows.iter().filter(|row| row["setting"] == setting.as_str()).collect();
        let variants: BTreeSet<_> = of_setting.iter().map(|row| text(row, "learn")).collect();
        assert_eq!(variants, ["no-trace", "w", "wt", "wl", "wtl"].map(String::from).into());
        let mean = |variant: &str| {
            let row = of_setting.iter().find(|row| row["learn"] == variant).unwrap();
            assert_eq!(row["accuracies"].as_array().unwrap().len(), 1);
            assert_eq!(row["accuracies"][0], row["mean"]);
            row["mean"].as_f64().unwrap()
        };
        // The cue is gone when the answer is due: without traces nothing leads back to it.
        assert!(mean("no-trace") < 0.2, "{setting}: {}", mean("no-trace"));
        assert!(mean("wtl") > 2.0 * mean("no-trace"), "{setting}: {}", mean("wtl"));
    }
}

/// Names of the findings of `doctor`, and whether the board was found.
fn findings(ended: &Ended) -> (BTreeSet<String>, bool) {
    let findings: Value = serde_json::from_str(&ended.stdout).unwrap();
    let findings = findings.as_array().unwrap();
    assert!(findings.iter().all(|finding| finding["found"].is_boolean() && finding["detail"].is_string()));
    let board = findings.iter().find(|finding| finding["what"] == "board").unwrap();
    assert_eq!(board["found"] == false, board["remedy"].is_string(), "what is missing has a remedy: {board}");
    let names = findings.iter().map(|finding| finding["what"].as_str().unwrap().to_owned());
    (names.collect(), board["found"] == true)
}

#[test]
fn doctor_finds_what_is_here_and_what_is_missing() {
    let well = run_alone("doctor --json");
    let tools = Tool::ALL.map(|tool| format!("tool: {tool}"));
    let others = ["bundled recordings", "serial ports", "programmers", "board"].map(String::from);
    let names = tools.into_iter().chain(others).collect();
    assert_eq!((well.code, findings(&well)), (Some(0), (names, true)));
    let ill = run_alone("doctor --json --board serial:gone");
    assert_eq!((ill.code, findings(&ill).1), (Some(3), false));
    // For people, the same in words.
    let said = run_alone("doctor").stdout;
    assert!(said.contains("icebreaker") && said.contains("bundled recordings"), "{said}");
}

/// What is missing is named with its purpose and its remedy, and nothing of the main job needs it.
#[test]
fn doctor_names_tools_that_are_missing_or_too_old_without_calling_it_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    let bin = folder.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    // Searched before PATH and in the place of the repository's.
    for (name, said) in [("yosys", "Yosys 0.99 (made up)"), ("z3", "Z3 version 1.2.3")] {
        let script = format!("printf '#!/bin/sh\necho \"{said}\"\n' > \"$0\" && chmod +x \"$0\"");
        let planted = std::process::Command::new("sh").args(["-c", &script]).arg(bin.join(name)).status();
        assert!(planted.unwrap().success());
    }
    let settings = [("STOP_FPGA_TOOLS", folder.path().to_str().unwrap()), ("PATH", "/nowhere")];
    let ended = common::run_with(folder.path(), "doctor --json", &settings);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    let found: Value = serde_json::from_str(&ended.stdout).unwrap();
    let of = |what: &str| found.as_array().unwrap().iter().find(|finding| finding["what"] == what).unwrap();
    let yosys = of("tool: Yosys");
    assert_eq!((&yosys["found"], &yosys["needed"]), (&true.into(), &false.into()));
    let detail = yosys["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("Yosys 0.99 (made up)\n") && detail.ends_with("synthesis; structural checks"),
        "{detail}"
    );
    let loader = of("programmers");
    assert_eq!((&loader["found"], &loader["needed"]), (&false.into(), &false.into()));
    assert!(loader["remedy"].as_str().unwrap().contains("openfpgaloader"), "{loader}");
    let z3 = of("tool: z3");
    assert_eq!(z3["found"], false);
    let detail = z3["detail"].as_str().unwrap();
    assert!(detail.contains("is too old: Z3 version 1.2.3; wanted: 4.8 or newer"), "{detail}");
    assert!(z3["remedy"].as_str().unwrap().contains("stop-fpga setup"), "{z3}");
}

#[test]
fn completions_name_every_verb() {
    let help = run_alone("--help").stdout;
    let verbs = [
        "demo",
        "train",
        "eval",
        "ablate",
        "virtual-board",
        "flash",
        "setup",
        "reference",
        "doctor",
        "completions",
    ];
    for shell in ["bash", "zsh", "fish"] {
        let script = run_alone(&format!("completions {shell}"));
        assert_eq!(script.code, Some(0), "{}", script.stderr);
        for verb in verbs {
            assert!(help.contains(&format!("\n  {verb} ")), "no `{verb}` in {help}");
            assert!(script.stdout.contains(verb), "{shell} does not complete `{verb}`");
        }
    }
    refused(tempfile::tempdir().unwrap().path(), "completions nonesuch", &["'nonesuch'", "bash"]);
}

/// Every exit code that the help states, and no other.
#[test]
fn exit_codes_are_those_of_the_help() {
    let help = run_alone("--help").stdout;
    let stated = help.split("Exit codes:").nth(1).unwrap();
    let stated: Vec<_> = stated.trim().trim_end_matches('.').split(", ").map(str::trim).collect();
    let wanted =
        ["0 done", "1 failed", "2 wrong usage", "3 doctor or check found something", "130 interrupted"];
    assert_eq!(stated, wanted);

    let code = |line: &str| run_alone(line).code;
    assert_eq!(code("--version"), Some(0));
    assert_eq!(code("train --train gone --net 4-2"), Some(1));
    assert_eq!(code("train --train gone"), Some(2));
    assert_eq!(code("doctor --board tcp:nonsense"), Some(3));
    assert_eq!(code("events check ."), Some(3));
    let folder = tempfile::tempdir().unwrap();
    let line = "train --train bundled:test --net 2x17x17-20-10 --epochs 1000000 --out net.safetensors";
    let mut endless = Running::start(folder.path(), line);
    endless.until_exists(&folder.path().join("net.safetensors"));
    endless.interrupt();
    assert_eq!(endless.end().code, Some(130));
}

/// The environment gives what the line leaves out, and the line goes first.
#[test]
fn the_environment_names_the_board() {
    let folder = tempfile::tempdir().unwrap();
    let line = "train --train bundled:test --train-limit 5 --net 2x17x17-20-10 --epochs 1 --json";
    let with =
        |line: &str| common::run_with(folder.path(), line, &[("STOP_FPGA_CONFIG", "virtual-w8")]).json();
    assert_eq!(with(line)["configuration"], "virtual-w8");
    assert_eq!(with(&format!("{line} --config icebreaker"))["configuration"], "icebreaker");
}

/// The table and the JSON: each board with a device, the two reference networks, or the one asked for.
#[test]
fn boards_says_what_fits_where() {
    let boards = run_alone("boards --json").json();
    let names: Vec<&str> =
        boards.as_array().unwrap().iter().map(|board| board["name"].as_str().unwrap()).collect();
    let wanted =
        arch::Board::names().into_iter().filter(|name| arch::Board::named(name).unwrap().device.is_some());
    assert_eq!(names, wanted.collect::<Vec<_>>());
    let board = |boards: &Value, name: &str| {
        boards.as_array().unwrap().iter().find(|board| board["name"] == name).unwrap().clone()
    };
    let icebreaker = board(&boards, "icebreaker");
    assert_eq!((&icebreaker["part"], &icebreaker["hardware"]), (&"up5k-sg48".into(), &true.into()));
    assert_eq!(icebreaker["programmer"]["command"], "iceprog {bitstream}");
    for network in icebreaker["networks"].as_array().unwrap() {
        assert_eq!((&network["fits"], &network["short"]), (&true.into(), &Value::Array(Vec::new())));
    }
    let small = &board(&boards, "hx8k-breakout")["networks"][0];
    assert_eq!((&small["network"], &small["fits"]), (&"784-160-10".into(), &false.into()));
    // 784 rows of 160 weights and 160 rows of 10, padded to 12.
    let wanted = serde_json::json!({"what": "synapses", "needed": 784 * 160 + 160 * 12, "available": 4096});
    assert_eq!(small["short"][0], wanted);

    let asked = run_alone("boards --network 2x34x34-100-10 --json").json();
    let needed = |name: &str| board(&asked, name)["networks"][0]["needs"]["synapses"].as_u64().unwrap();
    // Rows are padded to the lanes: 8 on the one, 32 on the other.
    assert_eq!(needed("icebreaker"), 2312 * 104 + 100 * 16);
    assert_eq!(needed("ulx3s-85f"), 2312 * 128 + 100 * 32);
    assert_eq!(asked[0]["networks"].as_array().unwrap().len(), 1);

    let printed = run_alone("boards").stdout;
    for what in
        ["784-160-10", "icebreaker", "98 % of the synapses", "inputs short", "No board has been tried"]
    {
        assert!(printed.contains(what), "no `{what}` in {printed}");
    }
    refused(tempfile::tempdir().unwrap().path(), "boards --network 784", &["no layer after the input"]);
}
