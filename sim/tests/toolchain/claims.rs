//! What tools say of the text itself: lint, structure, assertions.

use sim::toolchain::sby::{self, Mode, Question, Verdict, prove};
use sim::toolchain::yosys::{self, YosysError, check};
use sim::toolchain::{Design, lint, need};

use crate::{ACCUMULATOR, accumulator};

/// The accumulator with an assertion about its sum.
pub fn asserting(assertion: &str) -> Design {
    let claims = format!(
        "`ifdef FORMAL\n    reg begun = 1'b0;\n    always @(posedge clock) begun <= 1'b1;\n    \
         always @(*) if (!begun) assume (reset);\n    always @(posedge clock) if (begun) {assertion}\n`endif\n\
         endmodule"
    );
    Design::new("accumulator", ACCUMULATOR.replace("endmodule", &claims))
}

#[test]
fn lint_finds_a_planted_warning_and_obeys_a_waiver() {
    if !need(lint::TOOLS) {
        return;
    }
    assert_eq!(lint::lint(&accumulator(), "").unwrap(), []);
    let design = Design::new("accumulator", ACCUMULATOR.replace("next[19:0]", "next"));
    let warnings = lint::lint(&design, "").unwrap();
    let [warning] = &warnings[..] else { panic!("{warnings:?}") };
    assert_eq!((&warning.code[..], &warning.file[..], warning.line), ("WIDTHTRUNC", "accumulator.v", 10));
    let waiver = "`verilator_config\nlint_off -rule WIDTHTRUNC -file \"accumulator.v\" -match \"*generates 21 bits*\"\n";
    assert_eq!(lint::lint(&design, waiver).unwrap(), []);
}

#[test]
fn yosys_finds_a_planted_latch_loop_and_undriven_wire() {
    if !need(yosys::TOOLS) {
        return;
    }
    check(&accumulator()).unwrap();
    let planted = |with: &str| {
        let text = ACCUMULATOR.replace("assign carry = next[20];", with);
        check(&Design::new("accumulator", text)).unwrap_err()
    };
    let latch = planted("reg held; always @(*) if (enable) held = next[20]; assign carry = held;");
    assert!(matches!(&latch, YosysError::Latches { cells, .. } if cells.len() == 1), "{latch}");
    let ring = planted("wire ring = carry ^ enable; assign carry = ring ^ step[0];").to_string();
    assert!(ring.contains("found logic loop"), "{ring}");
    let undriven = planted("wire nothing; assign carry = nothing;").to_string();
    assert!(undriven.contains("no driver"), "{undriven}");
    let absent = planted("absent inner(.carry(carry));").to_string();
    assert!(absent.contains("absent"), "{absent}");
}

#[test]
fn a_true_assertion_is_proved_and_a_false_one_refuted() {
    if !need(sby::TOOLS) {
        return;
    }
    let question = |mode| Question { mode, depth: 8, timeout_s: 300 };
    let truth = asserting("assert (carry == (sum > ~{8'd0, step}));");
    assert_eq!(prove(&truth, &question(Mode::Prove)).unwrap(), Verdict::Holds);
    // Reached two cycles after the reset.
    let falsehood = asserting("assert (sum != 20'd8190);");
    assert_eq!(prove(&falsehood, &Question { depth: 2, ..question(Mode::Bounded) }).unwrap(), Verdict::Holds);
    for mode in [Mode::Bounded, Mode::Prove] {
        match prove(&falsehood, &question(mode)).unwrap() {
            Verdict::Refuted { assertion, trace: Some(trace) } => {
                assert!(assertion.contains("accumulator.v:"), "{assertion}");
                assert!(std::fs::read_to_string(trace).unwrap().contains("$enddefinitions"));
            }
            other => panic!("{other:?}"),
        }
    }
    // True, since an even sum stays even, but not by induction, which may begin at an odd one.
    let unclear = asserting("begin assume (!step[0]); assert (sum != 20'd8191); end");
    assert!(matches!(prove(&unclear, &question(Mode::Prove)).unwrap(), Verdict::Unknown { trace: Some(_) }));
    let wrong = asserting("assert (sum ==);");
    let error = prove(&wrong, &question(Mode::Prove)).unwrap_err().to_string();
    assert!(error.contains("syntax error"), "{error}");
}
