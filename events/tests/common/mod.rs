//! Data sets that lie outside of the project.

use std::path::PathBuf;

/// The folder, or None with a word on why nothing is run.
pub fn folder(name: &str) -> Option<PathBuf> {
    let Some(data) = std::env::var_os("STOP_FPGA_DATA") else {
        println!("not run: STOP_FPGA_DATA, a folder of data sets, is not set");
        return None;
    };
    let folder = PathBuf::from(data).join(name);
    if !folder.is_dir() {
        println!("not run: there is no {}", folder.display());
        return None;
    }
    Some(folder)
}
