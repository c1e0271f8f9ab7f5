//! Where to run: `--board` and what belongs to it.

use std::path::PathBuf;

use clap::Args;

/// What `--board` names; where several may be named, the rest of the sentence says what comes of that.
const BOARD: &str = "model (in process, through the wire's codec), rtl or verilator (the hardware, simulated behind its serial \
    pins), netlist (what its bitstream is made of), bitstream or bitstream:FILE (the HX8K's, taken apart), serial:PORT, \
    tcp:HOST:PORT (of serve with its token in STOP_FPGA_TOKEN), pcie:CARD (xdma0, litepcie0, or its device files: \
    h2c=PATH,c2h=PATH or litepcie=PATH), or float; faulty:FAULTS:BOARD puts a line with faults in front of \
    one, such as faulty:ber=1e-5,loss=0.01:model";

/// Where to run.
#[derive(Debug, Clone, Args)]
pub struct On {
    #[arg(long, default_value = "model", env = "STOP_FPGA_BOARD", value_name = "BOARD", help = BOARD)]
    pub board: String,

    #[command(flatten)]
    pub which: Which,
}

/// The same on one board or several.
#[derive(Debug, Clone, Args)]
pub struct OnSeveral {
    #[arg(
        long = "board",
        default_value = "model",
        env = "STOP_FPGA_BOARD",
        value_name = "BOARD",
        help = format!("{BOARD}. Given more than once, the boards work side by side")
    )]
    pub boards: Vec<String>,

    #[command(flatten)]
    pub which: Which,
}

/// What there is to say of a board beside its name.
#[derive(Debug, Clone, Args)]
pub struct Which {
    /// Configuration of a model or simulated board: a board.toml file, or a name: a board that `boards` lists, simulated-w16,
    /// simulated-x16, small-w8, small-w16; for the model also virtual-w8, virtual-w16
    #[arg(long, default_value = "icebreaker", env = "STOP_FPGA_CONFIG", value_name = "CONFIG")]
    pub config: String,

    /// Write the waves of a simulated board to this file (VCD): of --board rtl the last 20,000 cycles or more
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,

    /// Baud rate of a serial port
    #[arg(long, default_value_t = 3_000_000, env = "STOP_FPGA_BAUD", value_name = "BAUD")]
    pub baud: u32,
}

impl OnSeveral {
    /// Each of the boards by itself.
    pub fn each(&self) -> Vec<On> {
        self.boards.iter().map(|board| On { board: board.clone(), which: self.which.clone() }).collect()
    }

    /// Their names, for a report.
    pub fn names(&self) -> String {
        self.boards.join(", ")
    }
}

impl From<On> for OnSeveral {
    fn from(on: On) -> Self {
        Self { boards: vec![on.board], which: on.which }
    }
}
