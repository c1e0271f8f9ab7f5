//! The figures of docs/toolchain.md.

use std::time::{Duration, Instant};

use sim::toolchain::nextpnr::{Part, Request, place_and_route};
use sim::toolchain::running::Running;
use sim::toolchain::sby::{self, Mode, Question, prove};
use sim::toolchain::verilator::{self, Model, Options};
use sim::toolchain::yosys::check;
use sim::toolchain::{Design, lint, need};

use crate::claims::asserting;
use crate::{ACCUMULATOR, accumulator, accumulator_ports, build, up5k};

#[test]
#[ignore = "measures, checks nothing: cargo test -p sim --test toolchain -- --ignored --nocapture"]
fn how_long_it_takes() {
    if !need(verilator::TOOLS) || !need(sby::TOOLS) || !need(&[Part::Up5kSg48.tool()]) {
        return;
    }
    let timed = |what: &str, run: &mut dyn FnMut()| {
        let start = Instant::now();
        run();
        let seconds = start.elapsed().as_secs_f64();
        println!("{what}: {seconds:.3} s");
        seconds
    };
    let fresh = |text: &str| format!("{text}// {:?}\n", std::time::SystemTime::now());
    build(&accumulator(), &accumulator_ports());
    timed("build", &mut || {
        drop(build(&Design::new("accumulator", fresh(ACCUMULATOR)), &accumulator_ports()))
    });
    timed("build, cached", &mut || drop(build(&accumulator(), &accumulator_ports())));
    timed("synth_ice40", &mut || drop(up5k(&Design::new("accumulator", fresh(ACCUMULATOR)))));
    timed("lint", &mut || drop(lint::lint(&accumulator(), "").unwrap()));
    timed("check", &mut || check(&accumulator()).unwrap());
    let netlist = up5k(&accumulator());
    let request =
        Request { part: Part::Up5kSg48, mhz: 12.0, seed: 1, pins: None, full: false, limit: Duration::MAX };
    timed("place and route, UP5K", &mut || drop(place_and_route(&netlist, &request).unwrap()));
    let claim = asserting("assert (carry == (sum > ~{8'd0, step}));");
    let question = Question { mode: Mode::Prove, depth: 8, timeout_s: 300 };
    timed("proof by induction", &mut || drop(prove(&claim, &question).unwrap()));
    let ports = accumulator_ports();
    let gates = build(&netlist.design().unwrap(), &ports);
    let traced = Model::build(&accumulator(), &ports, &Options { trace: true }).unwrap();
    for (name, model) in
        [("Verilog", &build(&accumulator(), &ports)), ("built to trace", &traced), ("netlist", &gates)]
    {
        timed(&format!("{name}: 20 starts"), &mut || {
            (0..20).for_each(|_| drop(model.start().unwrap().step(&[1, 0, 0]).unwrap()));
        });
        let mut running = model.start().unwrap();
        running.step(&[1, 0, 0]).unwrap();
        let mut rate = |what: &str, count: u32, run: &mut dyn FnMut(&mut Running)| {
            let seconds = timed(&format!("{name}: {count} {what}"), &mut || run(&mut running));
            println!("    {:.0} a second", f64::from(count) / seconds);
        };
        let inputs = ports.inputs.pack(&[0, 1, 3]);
        rate("single cycles", 100_000, &mut |running| {
            (0..100_000).for_each(|_| assert_eq!(running.cycle(&inputs).unwrap().len(), 4));
        });
        let many = inputs.repeat(2_000_000);
        rate("cycles at once", 2_000_000, &mut |running| drop(running.cycles(&many).unwrap()));
        rate("cycles without records", 5_000_000, &mut |running| {
            drop(running.run_until(&inputs, &[], 5_000_000).unwrap());
        });
    }
}
