//! The two halves of every leaf against each other: native integers against the Verilog, and against the Verilog
//! after synthesis for iCE40.
//!
//! ```text
//!                  ┌─> native half of each leaf ──────────────────────┐
//!   stimuli ───────┤                                                  ├─> equal in every cycle?
//!                  └─> one module with all leaves, in Verilator ──────┘
//!                      (as emitted; as a netlist of iCE40 cells; with planted differences)
//! ```
//!
//! One module holds them all because compiling it costs more than running it.

use rtl::leaf::catalog::{Entry, catalog};
use rtl::leaf::multiply_add::PRODUCT_REGISTER;
use rtl::leaf::stimuli::stimuli;
use sim::toolchain::verilator::{Model, PowerUp};
use sim::toolchain::{Design, Layout, Port, Ports, need, verilator, yosys};
use std::fmt::Write;

/// Random cycles a leaf beyond the exhaustive and corner ones.
const RANDOM: usize = 20_000;
/// Cycles that go to the model at a time.
const PORTION: usize = 4096;

/// A module with all leaves side by side, each port named after its leaf.
fn side_by_side(entries: &[Entry]) -> (Design, Ports) {
    let (mut heads, mut body) = (vec!["input wire clock".to_owned()], String::new());
    let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
    for entry in entries {
        let mut pins = if entry.clocked { vec![".clock(clock)".to_owned()] } else { Vec::new() };
        let sides = [(&entry.inputs, &mut inputs, "input"), (&entry.outputs, &mut outputs, "output")];
        for (ports, layout, direction) in sides {
            for port in ports {
                let name = format!("{}__{}", entry.name, port.name);
                heads.push(format!("{direction} wire [{}:0] {name}", port.width - 1));
                pins.push(format!(".{}({name})", port.name));
                layout.push(Port { name, width: port.width as u32 });
            }
        }
        let _ = writeln!(body, "  {0} the_{0} ({1});", entry.name, pins.join(", "));
    }
    let top = format!("module leaves(\n  {}\n);\n{body}endmodule\n", heads.join(",\n  "));
    let mut design = Design::new("leaves", top);
    for entry in entries {
        design = design.with_file(&format!("{}.v", entry.name), entry.design.text.clone());
    }
    (design, Ports { clock: Some("clock".to_owned()), inputs: Layout(inputs), outputs: Layout(outputs) })
}

/// For each leaf, the first cycle in which the model answers otherwise than the native half. Of a netlist, answers
/// that are specified as undefined are not looked at.
fn differences(entries: &[Entry], design: &Design, ports: &Ports, netlist: bool) -> Vec<Option<String>> {
    let model = Model::build(design, ports, &Default::default()).expect("builds");
    let mut running = model.start_as(PowerUp::Zeros).expect("starts");
    let cycles: Vec<Vec<Vec<u128>>> =
        entries.iter().map(|entry| [entry.warm_up.clone(), stimuli(entry, RANDOM)].concat()).collect();
    let mut natives: Vec<_> = entries.iter().map(Entry::native).collect();
    let mut found = vec![None; entries.len()];
    let longest = cycles.iter().map(Vec::len).max().unwrap_or_default();
    for start in (0..longest).step_by(PORTION) {
        let portion = start..longest.min(start + PORTION);
        let mut records = Vec::new();
        for cycle in portion.clone() {
            // A leaf whose cycles are over gets the last ones again.
            let all: Vec<u128> =
                cycles.iter().flat_map(|c| c[cycle.min(c.len() - 1)].iter().copied()).collect();
            ports.inputs.pack_into(&all, &mut records);
        }
        let answers = running.cycles(&records).expect("answers");
        for (cycle, answer) in portion.zip(answers.chunks(ports.outputs.bytes())) {
            let answer = ports.outputs.unpack(answer);
            let mut rest = &answer[..];
            for (leaf, entry) in entries.iter().enumerate() {
                let (got, after) = rest.split_at(entry.outputs.len());
                rest = after;
                let Some(inputs) = cycles[leaf].get(cycle).filter(|_| found[leaf].is_none()) else {
                    continue;
                };
                let native = natives[leaf](inputs).expect("settles");
                let open = netlist && entry.undefined.as_ref() == Some(&native);
                if cycle >= entry.warm_up.len() && !open && native != got {
                    let name = &entry.name;
                    found[leaf] = Some(format!(
                        "{name}, cycle {cycle}: {inputs:x?} native {native:x?}, Verilog {got:x?}"
                    ));
                }
            }
        }
    }
    found
}

fn assert_equal(entries: &[Entry], design: &Design, ports: &Ports, netlist: bool) {
    let found: Vec<String> = differences(entries, design, ports, netlist).into_iter().flatten().collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_verilog_of_the_leaves_does_what_their_native_halves_do() {
    if !need(verilator::TOOLS) {
        return;
    }
    let entries = catalog().expect("emits");
    let (design, ports) = side_by_side(&entries);
    assert_equal(&entries, &design, &ports, false);
    // As an ECP5's boards have them.
    assert_equal(&entries, &design.with_define(PRODUCT_REGISTER), &ports, false);
}

/// The other place of the register is compared, too.
#[test]
fn a_product_that_is_held_wrongly_is_noticed() {
    if !need(verilator::TOOLS) {
        return;
    }
    let mut entries = catalog().expect("emits");
    entries.retain(|entry| entry.name.starts_with("multiply_add_"));
    for entry in &mut entries {
        entry.design.text = entry.design.text.replace("held_more + held_product", "more + held_product");
    }
    let (design, ports) = side_by_side(&entries);
    let found = differences(&entries, &design.with_define(PRODUCT_REGISTER), &ports, false);
    assert!(found.iter().all(Option::is_some), "{found:?}");
}

#[test]
fn the_leaves_do_the_same_as_a_netlist() {
    if !need(verilator::TOOLS) || !need(yosys::TOOLS) {
        return;
    }
    let entries = catalog().expect("emits");
    let (design, ports) = side_by_side(&entries);
    yosys::check(&design).expect("is sound");
    let netlist = yosys::synth_ice40(&design, yosys::Ice40 { dsp: true, spram: true, dense: false })
        .expect("synthesises");
    // The netlist is of the cells that the leaves are written for.
    let count = |cell| netlist.statistics.count(cell);
    assert_eq!(count("SB_SPRAM256KA"), 2, "{:?}", netlist.statistics);
    assert!(count("SB_MAC16") >= 2 && count("SB_RAM40_4K") >= 10, "{:?}", netlist.statistics);
    assert_equal(&entries, &netlist.design().expect("has models"), &ports, true);
}

/// One change to each leaf's Verilog: a sign, a bound, a rounding, an off-by-one, a forgotten enable.
const PLANTED: &[(&str, &str, &str)] = &[
    ("multiply_add_", "wire signed [", "wire ["),
    ("saturating_add_", " + ", " - "),
    ("stored_sum_", " & ~store;", ";"),
    ("saturate_", "&wide", "|wide"),
    ("sign_extend_", "{narrow[", "{1'b0 & narrow["),
    ("rounding_shift_", "last[0]}", "1'b0}"),
    ("floor_shift_", ">>>", ">>"),
    ("compare_s", "wire signed", "wire"),
    ("compare_u", "left < right", "left <= right"),
    ("first_set_", "hf0f0", "hf0f1"),
    ("pick_", "? word_1 : word_0", "? word_0 : word_1"),
    ("lane_sum_", " + ", " - "),
    ("row_address_", "? rows :", "? row :"),
    ("register_", "q <= d", "q <= d & ~7'd64"),
    ("delay_", "early;", "~early;"),
    ("ram_", "if (read_enable)", "if (1'b1)"),
    ("preset_", "words[word] = ", "words[word] = 1 ^ "),
    ("lane_ram_", "write_lanes[1]", "write_lanes[0]"),
    ("weights_", "write_lanes[1]", "write_lanes[0]"),
];

#[test]
fn a_difference_in_the_verilog_is_noticed() {
    if !need(verilator::TOOLS) {
        return;
    }
    let mut entries = catalog().expect("emits");
    let mut unused: Vec<&str> = PLANTED.iter().map(|(leaf, ..)| *leaf).collect();
    for entry in &mut entries {
        let planted =
            PLANTED.iter().find(|(leaf, ..)| entry.name.starts_with(leaf)).expect("one for every leaf");
        let changed = entry.design.text.replace(planted.1, planted.2);
        assert_ne!(changed, entry.design.text, "{} is as it was", entry.name);
        entry.design.text = changed;
        unused.retain(|leaf| *leaf != planted.0);
    }
    assert_eq!(unused, [""; 0]);
    let (design, ports) = side_by_side(&entries);
    let found = differences(&entries, &design, &ports, false);
    for (entry, difference) in entries.iter().zip(found) {
        assert!(difference.is_some(), "{} goes unnoticed", entry.name);
    }
}
