//! `build` with stand-ins for the tools, shell scripts in a folder of the test's own: each way in which it fails says what to do and
//! leaves nothing.

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use common::{Ended, Running, listed, run_with, says};
use tempfile::TempDir;

/// What stands in for each tool: its name, what it says of its version, what it does.
const TOOLS: [(&str, &str, &str); 3] = [
    (
        "yosys",
        "Yosys 0.70 (made up)",
        r#"echo '{"modules": {}}' > netlist.json
echo > netlist.v
echo '{"design": {"num_cells_by_type": {"SB_LUT4": 7, "SB_DFFE": 5}}}' > statistics.json"#,
    ),
    (
        "nextpnr-ice40",
        "nextpnr-ice40 -- Next Generation Place and Route (Version nextpnr-0.11.1)",
        r#"while [ "$1" != --seed ]; do shift; done
mhz=$((20 + $2))
echo '{"modules": {"top": {"cells": {"core.engine.lanes.sum_SB_LUT4_O_LC":
  {"type": "ICESTORM_LC", "attributes": {"NEXTPNR_BEL": "X3/Y4/lc5"}}}}}}' > placed.json
echo ".device 5k $2" > configuration.txt
at='{"cell": "core.engine.lanes.sum_SB_DFFE_Q_DFFLC", "loc": [3, 4], "port": "O"}'
echo "{\"fmax\": {\"clock\": {\"achieved\": $mhz, \"constraint\": 24}},
  \"critical_paths\": [{\"from\": \"posedge clock\", \"to\": \"posedge clock\", \"path\": [
    {\"delay\": 0.5, \"type\": \"clk-to-q\", \"from\": $at, \"to\": $at},
    {\"delay\": 1.25, \"type\": \"routing\", \"net\": \"core.engine.lanes.sum[3]\", \"from\": $at, \"to\": $at,
     \"sources\": [\"/share/ff_map.v:1.1-1.2\", \"stop_fpga_board.v:1.1-1.13\"]}]}],
  \"utilization\": {\"ICESTORM_LC\": {\"used\": 9, \"available\": 5280}}}" > report.json
[ "$mhz" -ge 24 ]"#,
    ),
    ("icepack", "", "printf bits > board.bin"),
];

/// A folder with an empty one for tools, all of which are there and work.
fn tools() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("bin")).unwrap();
    for (name, version, does) in TOOLS {
        plant(folder.path(), name, version, does);
    }
    folder
}

/// A tool that says its version where it is asked for that, and else does this.
fn plant(folder: &Path, name: &str, version: &str, does: &str) {
    let ask = "case $1 in -V|--version) echo \"$version\"; exit ;; esac";
    // What is made before is kept by the version that made it: each test has its own.
    let version =
        if name == "yosys" { format!("{version} for {}", folder.display()) } else { version.to_owned() };
    let text = format!("#!/bin/sh\nPATH=/usr/bin:/bin\nversion='{version}'\n{ask}\n{does}\n");
    // Another process writes it: a file that this one has open for writing could not be started meanwhile.
    let planted = folder.join("planted");
    fs::write(&planted, text).unwrap();
    fs::set_permissions(&planted, fs::Permissions::from_mode(0o755)).unwrap();
    let copied = Command::new("cp").arg("-p").arg(&planted).arg(folder.join("bin").join(name)).status();
    assert!(copied.unwrap().success());
    fs::remove_file(planted).unwrap();
}

/// The settings of a user who has these tools only, and whose files of passage are in the folder, too.
fn settings(folder: &Path) -> [(&'static str, String); 3] {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    [("STOP_FPGA_TOOLS", path("bin")), ("PATH", "/nowhere".to_owned()), ("CARGO_TARGET_DIR", path("target"))]
}

fn build(folder: &Path, options: &str) -> Ended {
    let settings = settings(folder);
    let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, &value[..])).collect();
    run_with(folder, &format!("build --board icebreaker {options}"), &settings)
}

/// A build that must fail with these words and leave no folder `made`, nor anything half made among the files of passage.
#[track_caller]
fn fails(folder: &Path, options: &str, said: &[&str]) {
    let ended = build(folder, &format!("--out made {options}"));
    assert_eq!((ended.code, &ended.stdout[..]), (Some(1), ""), "{}", ended.stderr);
    for what in said {
        assert!(says(&ended.stderr, what), "no `{what}` in {}", ended.stderr);
    }
    nothing_left(folder);
}

#[track_caller]
fn nothing_left(folder: &Path) {
    assert!(!folder.join("made").exists(), "{:?}", listed(&folder.join("made")));
    for kind in ["nextpnr", "pack", "netlists"] {
        let kept = folder.join("target").join(kind);
        let kept = if kept.exists() { listed(&kept) } else { Vec::new() };
        assert!(!kept.iter().any(|name| name.starts_with(".making")), "{kind}: {kept:?}");
    }
}

/// The stand-ins make what the failures below lack.
#[test]
fn the_first_seed_that_meets_the_clock_is_taken_or_the_fastest_of_all() {
    let folder = tools();
    let first = build(folder.path(), "--out made --seed 3 --json").json();
    assert_eq!((&first["seed"], &first["mhz"]), (&4.into(), &24.0.into()), "{first}");
    assert_eq!(first["spread"]["seeds"], 2);
    assert_eq!(first["tried"][0], serde_json::json!({"seed": 3, "mhz": 23.0, "met": false}));
    let mut made = listed(&folder.path().join("made"));
    made.sort();
    let files = ["icebreaker.bin", "index.html", "placement.svg", "report.json", "stop_fpga_board.v"];
    assert_eq!(made, files);
    assert_eq!(first["utilisation"]["luts"], 7);
    assert_eq!(first["utilisation"]["logic_cells"], serde_json::json!([9, 5280]));
    // The slowest path in the words of the source.
    let step = &first["critical_path"]["steps"][0];
    assert_eq!((&step["unit"], &step["signal"]), (&"lanes".into(), &"core.engine.lanes.sum".into()));
    assert_eq!((&step["cells_ns"], &step["wires_ns"]), (&0.5.into(), &1.25.into()), "{step}");
    assert_eq!(step["source"], serde_json::json!({"line": 1, "text": "// stop_fpga"[..12]}));
    let page = fs::read_to_string(folder.path().join("made/index.html")).unwrap();
    for said in
        ["Bitstream of icebreaker", "seed 3", "core.engine.lanes.sum", "<polyline", "1 of 2 seeds met"]
    {
        assert!(page.contains(said), "no `{said}` in {page}");
    }
    assert!(!page.contains("http"), "the page refers to something outside itself");

    let all = build(folder.path(), "--out made --seed 3 --seeds 5 --all-seeds --json").json();
    assert_eq!((&all["seed"], &all["mhz"]), (&7.into(), &27.0.into()), "{all}");
    let spread = serde_json::json!({
        "seeds": 5, "met": 4, "unrouted": 0, "minimum": 23.0, "median": 25.0, "maximum": 27.0
    });
    assert_eq!(all["spread"], spread);
    let report: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.path().join("made/report.json")).unwrap()).unwrap();
    assert_eq!(report, all);
}

#[test]
fn without_tools_the_first_that_is_missing_is_named_with_the_command_that_gets_it() {
    let folder = tools();
    fs::remove_file(folder.path().join("bin/icepack")).unwrap();
    fails(folder.path(), "", &["icepack is missing", "stop-fpga setup"]);
    plant(folder.path(), "yosys", "Yosys 0.23 (git sha1 7ce5011c24b)", "");
    fails(
        folder.path(),
        "",
        &["Yosys is missing", "is too old: Yosys 0.23", "wanted: 0.40 or newer", "setup"],
    );
    for name in listed(&folder.path().join("bin")) {
        fs::remove_file(folder.path().join("bin").join(name)).unwrap();
    }
    fails(folder.path(), "", &["Yosys is missing", "stop-fpga setup"]);
}

#[test]
fn a_tool_that_fails_is_shown_with_its_last_words() {
    let folder = tools();
    plant(folder.path(), "icepack", "", "echo 'Error: no such bank' >&2; exit 3");
    fails(folder.path(), "--seed 4", &["icepack failed (exit status: 3)", "Error: no such bank"]);
    plant(folder.path(), "nextpnr-ice40", "nextpnr-0.11.1", "echo 'ERROR: Unable to place cell'; exit 255");
    fails(folder.path(), "", &["nextpnr-ice40 failed", "ERROR: Unable to place cell"]);
    plant(folder.path(), "nextpnr-ice40", "nextpnr-0.11.1", "echo '{' > report.json");
    fails(folder.path(), "", &["JSON of nextpnr"]);
    plant(folder.path(), "yosys", "Yosys 0.71", "echo 'ERROR: syntax error' >&2; exit 1");
    fails(folder.path(), "", &["yosys failed", "ERROR: syntax error"]);
}

#[test]
fn a_missed_clock_says_by_how_much_and_which_seeds_come_next() {
    let folder = tools();
    let said = ["the clock is missed: 23.00 MHz of 24.00", "best of 3 seeds", "--seed 4 --seeds 3"];
    fails(folder.path(), "--seed 1 --seeds 3", &said);
}

#[test]
fn what_is_kept_wants_figures_over_five_seeds() {
    let folder = tools();
    fails(folder.path(), "--all-seeds --seeds 4 --keep", &["4 seeds, wanted 5 or more", "--seeds 5"]);
}

#[test]
fn a_folder_that_nothing_can_be_written_into_is_refused_before_the_work() {
    let folder = tools();
    fs::write(folder.path().join("file"), "").unwrap();
    for (out, said) in [("file", "File exists"), ("file/made", "Not a directory"), ("/proc", "--out /proc: ")]
    {
        let ended = build(folder.path(), &format!("--out {out}"));
        assert_eq!((ended.code, &ended.stdout[..]), (Some(1), ""), "{}", ended.stderr);
        assert!(says(&ended.stderr, said) && says(&ended.stderr, "may write to"), "{}", ended.stderr);
        assert!(!ended.stderr.contains("synthesised"), "{}", ended.stderr);
    }
}

/// Ctrl-C in the middle: the tool is ended with what it has started, nothing stays, and the next run is as if there had been none.
#[test]
fn an_interrupted_build_leaves_nothing_and_can_be_run_again() {
    let folder = tools();
    let sleeping =
        format!("echo $$ > {0}/running; sleep 600 & echo $! >> {0}/running; wait", folder.path().display());
    plant(folder.path(), "nextpnr-ice40", "nextpnr-0.11.1", &sleeping);
    let settings = settings(folder.path());
    let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, &value[..])).collect();
    let mut running = Running::start_with(folder.path(), "build --board icebreaker --out made", &settings);
    let file = folder.path().join("running");
    running.until_exists(&file);
    let processes = loop {
        let processes = fs::read_to_string(&file).unwrap();
        if processes.lines().count() == 2 && processes.ends_with('\n') {
            break processes;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    };
    running.interrupt();
    let ended = running.end();
    assert_eq!((ended.code, &ended.stdout[..]), (Some(130), ""), "{}", ended.stderr);
    assert!(ended.stderr.ends_with("interrupted: nothing was written\n"), "{}", ended.stderr);
    nothing_left(folder.path());
    for process in processes.lines() {
        // Ended, though perhaps not yet taken note of by its parent.
        let state = fs::read_to_string(format!("/proc/{process}/stat"));
        assert!(state.as_ref().map_or(true, |state| state.contains(") Z ")), "{state:?}");
    }
    let (name, version, does) = TOOLS[1];
    plant(folder.path(), name, version, does);
    assert_eq!(build(folder.path(), "--out made --json").json()["seed"], 4);
}

/// A disk of 64 KiB, which root may make.
#[test]
fn on_a_full_disk_what_was_there_stays() {
    let folder = tools();
    let made = folder.path().join("made");
    fs::create_dir(&made).unwrap();
    let disk = Mounted::tmpfs(&made, "size=64k");
    let Some(_disk) = disk else {
        // The harness captures what a test that passes prints, but not the handle itself.
        let line = "not run: on_a_full_disk_what_was_there_stays: only root can mount a disk\n";
        let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
        return;
    };
    fs::write(made.join("icebreaker.bin"), "old").unwrap();
    let ended = build(folder.path(), "--out made");
    assert_eq!((ended.code, &ended.stdout[..]), (Some(1), ""), "{}", ended.stderr);
    for said in ["No space left on device", "the files that were there are as they were"] {
        assert!(says(&ended.stderr, said), "{}", ended.stderr);
    }
    assert_eq!(listed(&made), ["icebreaker.bin"]);
    assert_eq!(fs::read(made.join("icebreaker.bin")).unwrap(), b"old");
}

/// A disk that goes with this.
struct Mounted<'a>(&'a Path);

impl<'a> Mounted<'a> {
    fn tmpfs(at: &'a Path, options: &str) -> Option<Self> {
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "none"]).arg(at).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self(at))
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}
