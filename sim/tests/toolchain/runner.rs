//! The model in its own process, against the same sum in Rust.

use sim::toolchain::running::{BytePins, ModelError, Ran};
use sim::toolchain::verilator::{self, Model, Options, PowerUp, VerilatorError};
use sim::toolchain::{Design, Ports, need};

use crate::{
    ACCUMULATOR, Accumulator, accumulator, accumulator_ports, build, first_difference, random_inputs,
};

#[test]
fn the_runner_agrees_with_rust() {
    if !need(verilator::TOOLS) {
        return;
    }
    let model = build(&accumulator(), &accumulator_ports());
    assert_eq!(first_difference(&mut model.start().unwrap()), None);
}

#[test]
fn a_planted_difference_is_seen() {
    if !need(verilator::TOOLS) {
        return;
    }
    // Wrong for one step in 256 only.
    let planted = ACCUMULATOR.replace("{9'd0, step}", "{9'd0, step ^ {11'd0, step[7:0] == 8'hff}}");
    assert_ne!(planted, ACCUMULATOR);
    let model = build(&Design::new("accumulator", planted), &accumulator_ports());
    assert!(first_difference(&mut model.start().unwrap()).is_some_and(|cycle| cycle > 0));
}

#[test]
fn many_records_at_once_are_the_same_as_one_by_one() {
    if !need(verilator::TOOLS) {
        return;
    }
    let ports = accumulator_ports();
    let mut running = build(&accumulator(), &ports).start().unwrap();
    // More than pipes hold, and more than one portion.
    let count = 400_000;
    let mut records = Vec::new();
    random_inputs(count).for_each(|inputs| ports.inputs.pack_into(&inputs, &mut records));
    running.step(&[1, 0, 0]).unwrap();
    let answers = running.cycles(&records).unwrap();
    assert_eq!(answers.len(), count * ports.outputs.bytes());
    let mut expected = Accumulator::default();
    for (inputs, answer) in random_inputs(count).zip(answers.chunks_exact(ports.outputs.bytes())) {
        assert_eq!(ports.outputs.unpack(answer), expected.step(&inputs));
    }
    let short = running.cycles(&records[1..]).unwrap_err();
    assert!(matches!(short, ModelError::Records { record: 4, .. }), "{short}");
}

#[test]
fn a_run_ends_where_an_output_is_set_or_at_its_limit() {
    if !need(verilator::TOOLS) {
        return;
    }
    let ports = accumulator_ports();
    let mut running = build(&accumulator(), &ports).start().unwrap();
    let carry = ports.outputs.index("carry").unwrap();
    running.step(&[1, 0, 0]).unwrap();
    let inputs = ports.inputs.pack(&[0, 1, 0x800]);
    // 511 steps of 2,048 leave room for none more without a carry.
    let Ran { reached, cycles, outputs } = running.run_until(&inputs, &[carry], 1000).unwrap();
    assert_eq!((reached, cycles), (true, 511));
    assert_eq!(ports.outputs.unpack(&outputs), [511 * 0x800, 1]);
    // The cycle it ended in has not been clocked.
    assert_eq!(running.step(&[0, 1, 0x7ff]).unwrap(), [511 * 0x800, 0]);
    let inputs = ports.inputs.pack(&[0, 0, 0]);
    let ran = running.run_until(&inputs, &[carry], 10).unwrap();
    assert_eq!((ran.reached, ran.cycles), (false, 10));
    let error = running.run_until(&inputs, &[2], 10).unwrap_err();
    assert_eq!(error.to_string(), "output 2 is not among the first 2 outputs");
}

#[test]
fn any_name_and_any_width_can_be_a_port() {
    if !need(verilator::TOOLS) {
        return;
    }
    let text = "
module names(\\bus$in , double__under, \\class , \\odd.name[0] , \\bus$out , one);
    input wire [255:0] \\bus$in ;
    input wire double__under;
    input wire [64:0] \\class ;
    output wire [63:0] \\odd.name[0] ;
    output wire [255:0] \\bus$out ;
    output wire one;
    assign \\bus$out = \\bus$in + 256'd1;
    assign \\odd.name[0] = \\class [64:1];
    assign one = double__under;
endmodule
";
    let inputs = [("bus$in", 256), ("double__under", 1), ("class", 65)];
    let outputs = [("odd.name[0]", 64), ("bus$out", 256), ("one", 1)];
    let ports = Ports::combinational(&inputs, &outputs);
    let mut running = build(&Design::new("names", text), &ports).start().unwrap();
    // All ones, also beyond the widths of the ports, where a record has bits that no port has.
    let record = vec![0xff; ports.inputs.bytes()];
    assert_eq!(ports.outputs.unpack(running.cycle(&record).unwrap()), [u128::from(u64::MAX), 0, 1]);
    let mut record = vec![0; ports.inputs.bytes()];
    record[..20].fill(0xff);
    let answer = running.cycle(&record).unwrap();
    let wide = &answer[ports.outputs.range(1)];
    assert!(wide.iter().enumerate().all(|(at, &byte)| byte == u8::from(at == 20)), "{wide:?}");
}

#[test]
fn ports_that_are_not_those_of_the_module_are_refused() {
    if !need(verilator::TOOLS) {
        return;
    }
    let refused = |ports: &Ports| match Model::build(&accumulator(), ports, &Options::default()) {
        Err(error @ VerilatorError::Ports { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    };
    let mut ports = accumulator_ports();
    ports.inputs.0[2].width = 13;
    let message = refused(&ports);
    assert!(message.contains("WIDTHTRUNC") && message.contains("'step' expects 12 bits"), "{message}");
    let mut ports = accumulator_ports();
    ports.outputs.0.pop();
    let message = refused(&ports);
    assert!(message.contains("PINMISSING") && message.contains("'carry'"), "{message}");
    let mut ports = accumulator_ports();
    ports.outputs.0[1].name = "carried".to_owned();
    let error = Model::build(&accumulator(), &ports, &Options::default()).unwrap_err().to_string();
    assert!(error.contains("carried"), "{error}");
}

#[test]
fn state_that_no_reset_reaches_shows_in_two_seeds() {
    if !need(verilator::TOOLS) {
        return;
    }
    let first = |design: &Design, reset: u128, power_up| {
        let mut running = build(design, &accumulator_ports()).start_as(power_up).unwrap();
        running.step(&[reset, 0, 0]).unwrap();
        running.step(&[0, 0, 0]).unwrap()[0]
    };
    let design = accumulator();
    let seeds = [PowerUp::Random(1), PowerUp::Random(2)];
    let [one, two] = seeds.map(|seed| first(&design, 0, seed));
    assert_ne!(one, two);
    assert_eq!(one, first(&design, 0, seeds[0]));
    assert_eq!([PowerUp::Zeros, PowerUp::Ones].map(|state| first(&design, 0, state)), [0, 0xf_ffff]);
    assert_eq!(seeds.map(|seed| first(&design, 1, seed)), [0, 0]);
}

#[test]
fn a_failed_assertion_and_finish_stop_the_model_with_their_words() {
    if !need(verilator::TOOLS) {
        return;
    }
    let planted = |statement: &str| {
        let text =
            ACCUMULATOR.replace("endmodule", &format!("always @(posedge clock) {statement}\nendmodule"));
        let mut running = build(&Design::new("accumulator", text), &accumulator_ports()).start().unwrap();
        (0..9).find_map(|_| running.step(&[1, 0, 0]).err()).unwrap().to_string()
    };
    let message = planted("if (!reset) ; else assert (total != 20'd0) else $error(\"it is %d\", total);");
    assert!(message.contains("it is") && message.contains("accumulator.v"), "{message}");
    let message = planted("if (total == 20'd0) $finish;");
    assert!(message.contains("$finish"), "{message}");
}

#[test]
fn what_a_model_prints_is_not_between_its_answers() {
    if !need(verilator::TOOLS) {
        return;
    }
    let text =
        ACCUMULATOR.replace("endmodule", "always @(posedge clock) $display(\"total %d\", total);\nendmodule");
    let model = build(&Design::new("accumulator", text), &accumulator_ports());
    assert_eq!(first_difference(&mut model.start().unwrap()), None);
}

#[test]
fn a_trace_holds_what_ran_between_its_start_and_its_end() {
    if !need(verilator::TOOLS) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trace.vcd");
    let traced = Model::build(&accumulator(), &accumulator_ports(), &Options { trace: true }).unwrap();
    let mut running = traced.start().unwrap();
    running.step(&[1, 0, 0]).unwrap();
    running.start_trace(&path).unwrap();
    for _ in 0..5 {
        running.step(&[0, 1, 0xabc]).unwrap();
    }
    running.stop_trace().unwrap();
    let size = std::fs::metadata(&path).unwrap().len();
    running.step(&[0, 1, 0xabc]).unwrap();
    let vcd = std::fs::read_to_string(&path).unwrap();
    assert_eq!(vcd.len() as u64, size);
    assert!(vcd.contains(" sum [19:0] $end") && vcd.contains("b101010111100 "), "{vcd}");
    // A second trace of the same run.
    running.start_trace(&folder.path().join("second.vcd")).unwrap();
    running.step(&[0, 1, 0xabc]).unwrap();
    drop(running);
    assert!(std::fs::read_to_string(folder.path().join("second.vcd")).unwrap().contains("$enddefinitions"));
    let mut untraced = build(&accumulator(), &accumulator_ports()).start().unwrap();
    assert!(matches!(untraced.start_trace(&path), Err(ModelError::NoTrace)));
}

#[test]
fn two_builds_at_a_time_end_in_one_model() {
    if !need(verilator::TOOLS) {
        return;
    }
    // A text that nobody has built before.
    let text = format!("{ACCUMULATOR}// {:?}\n", std::time::SystemTime::now());
    let design = Design::new("accumulator", text);
    let models = std::thread::scope(|scope| {
        let built = [(); 2].map(|()| scope.spawn(|| build(&design, &accumulator_ports())));
        built.map(|thread| thread.join().unwrap())
    });
    assert_eq!(models[0].program(), models[1].program());
    for model in &models {
        assert_eq!(first_difference(&mut model.start().unwrap()), None);
    }
    std::fs::remove_dir_all(models[0].program().parent().unwrap()).unwrap();
}

#[test]
fn verilog_with_an_error_is_refused_with_the_tools_words() {
    if !need(verilator::TOOLS) {
        return;
    }
    let design =
        Design::new("accumulator", ACCUMULATOR.replace("assign total = sum;", "assign total = some;"));
    let error = Model::build(&design, &accumulator_ports(), &Options::default()).unwrap_err().to_string();
    assert!(error.contains("accumulator.v:11:20") && error.contains("some"), "{error}");
}

/// A byte at a time, with a cycle between taking and giving: inverted.
const INVERTER: &str = "
module inverter(
    input wire clock, input wire in_valid, input wire [7:0] in_data, output wire in_ready,
    output reg out_valid, output reg [7:0] out_data, input wire out_ready, output wire busy
);
    initial out_valid = 1'b0;
    assign in_ready = !out_valid;
    assign busy = out_valid;
    always @(posedge clock)
        if (!out_valid) begin
            out_valid <= in_valid;
            out_data <= ~in_data;
        end else if (out_ready)
            out_valid <= 1'b0;
endmodule
";

#[test]
fn a_byte_stream_is_offered_and_taken_with_pauses() {
    if !need(verilator::TOOLS) {
        return;
    }
    let inputs = [("in_valid", 1), ("in_data", 8), ("out_ready", 1)];
    let outputs = [("in_ready", 1), ("out_valid", 1), ("out_data", 8), ("busy", 1)];
    let ports = Ports::clocked("clock", &inputs, &outputs);
    let pins = BytePins { inputs: [0, 1, 2], outputs: [0, 1, 2, 3] };
    let mut running = build(&Design::new("inverter", INVERTER), &ports).start().unwrap();
    let bytes: Vec<u8> = (0..10_000u32).map(|at| (at * 7 % 256) as u8).collect();
    let inverted: Vec<u8> = bytes.iter().map(|byte| !byte).collect();
    let swift = running.bytes(pins, &bytes, 0, 10, 1_000_000).unwrap();
    let slow = running.bytes(pins, &bytes, 128, 10, 1_000_000).unwrap();
    for said in [&swift, &slow] {
        assert!(said.idle);
        assert_eq!(said.bytes, inverted);
    }
    assert_eq!(swift.cycles, 2 * 10_000 + 10);
    assert!(slow.cycles > 3 * swift.cycles / 2, "{}", slow.cycles);
    // Given up before its end, and pins that there are not.
    let said = running.bytes(pins, &bytes, 0, 10, 100).unwrap();
    assert!(!said.idle && said.cycles == 100 && said.bytes.len() == 50, "{said:?}");
    let absent = BytePins { outputs: [0, 1, 2, 4], ..pins };
    let error = running.bytes(absent, &bytes, 0, 10, 100).unwrap_err();
    assert!(matches!(error, ModelError::Port { index: 4, ports: 4 }), "{error}");
}
