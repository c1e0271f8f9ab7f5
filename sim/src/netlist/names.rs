//! Names of a netlist, and what of the Verilog they come from.
//!
//! Yosys names a cell after the nearest signal that has a name, with the kind of the cell and a port behind it:
//! `core.engine.lanes.sum_open.q_SB_LUT4_I2_O` is a LUT beside `q` of the register `sum_open` in `lanes`.

use crate::toolchain::yosys::Statistics;

/// The shell's unit: what is no part of the core.
pub const SHELL: &str = "shell";

/// What Yosys puts behind the names of signals.
#[derive(Clone, Debug)]
pub struct Names {
    marks: Vec<String>,
}

impl Names {
    /// Those of a netlist with these cells.
    pub fn of(cells: &Statistics) -> Self {
        Self { marks: cells.cells.keys().map(|kind| format!("_{kind}")).collect() }
    }

    /// The signal that a cell or a net was named after; empty for one that the placer has made.
    pub fn signal<'a>(&self, name: &'a str) -> &'a str {
        // What a placer adds begins with a dollar sign.
        let name = name.split('$').next().unwrap_or(name);
        let end = self.marks.iter().filter_map(|mark| name.find(mark.as_str())).min();
        let signal = &name[..end.unwrap_or(name.len())];
        // A bit of a signal is that signal.
        signal.split('[').next().unwrap_or(signal)
    }
}

/// The part of the core that a cell or a signal belongs to: of the engine its units, of the rest what is beside it.
///
/// `core.engine.lanes.lanes_0.sum` is of `lanes`, `core.link.processor.at` of `link`, `core.engine.seed` of `engine`.
pub fn unit(name: &str) -> &str {
    let mut parts = name.split('.');
    let [first, second, third, fourth] = std::array::from_fn(|_| parts.next());
    match (first, second, third, fourth) {
        (Some("core"), Some("engine"), Some(unit), Some(_)) => unit,
        (Some("core"), Some(unit), Some(_), _) => unit,
        (Some("core"), _, _, _) => "core",
        _ => SHELL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_to_its_signal_and_its_unit() {
        let cells = [("SB_LUT4".to_owned(), 2), ("SB_DFF".to_owned(), 1)];
        let names = Names::of(&Statistics { cells: cells.into() });
        let signal = names.signal("core.engine.lanes.sum_open.q_SB_DFF_Q_D_SB_LUT4_O_LC");
        assert_eq!(signal, "core.engine.lanes.sum_open.q");
        assert_eq!(names.signal("core.clock$SB_IO_IN_$glb_clk"), "core.clock");
        assert_eq!(names.signal("core.engine.lanes_product_2[8]"), "core.engine.lanes_product_2");
        assert_eq!(names.signal("$nextpnr_ICESTORM_LC_50"), "");
        let others =
            ["core.link.processor.at.q", "core.engine.seed", "core.clock", "waited_SB_DFF_Q", "$PACKER_GND"];
        assert_eq!(unit(signal), "lanes");
        assert_eq!(others.map(unit), ["link", "engine", "core", SHELL, SHELL]);
    }
}
