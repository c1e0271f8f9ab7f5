//! What `emit` refuses, and what the stepper reports.

use rtl::leaf::sign_extend::SignExtend;
use rtl::prelude::*;
use rtl::step::{StepError, Stepper};
use rtl::verilog::emit;

/// A block of two inputs, one output, a local and a sub-block, with the kernel that is given.
macro_rules! block {
    ($name: ident, $($kernel: tt)*) => {
        #[derive(LogicBlock, Default)]
        struct $name {
            pub a: Signal<In, Bits<8>>,
            pub flag: Signal<In, Bit>,
            pub x: Signal<Out, Bits<4>>,
            held: Signal<Local, Bits<8>>,
            extend: SignExtend<8, 16>,
        }

        impl Logic for $name {
            $($kernel)*
        }
    };
}

block!(
    Latch,
    #[hdl_gen]
    fn update(&mut self) {
        self.extend.narrow.next = self.a.val();
        self.held.next = self.a.val();
        if self.flag.val() {
            self.x.next = 3.into();
        }
    }
);

block!(
    Truncates,
    #[hdl_gen]
    fn update(&mut self) {
        self.extend.narrow.next = self.a.val();
        self.held.next = self.a.val();
        self.x.next = bit_cast::<4, 8>(self.a.val() + self.held.val());
    }
);

block!(
    SlicesAnExpression,
    #[hdl_gen]
    fn update(&mut self) {
        self.extend.narrow.next = self.a.val();
        self.held.next = self.a.val();
        self.x.next = (self.a.val() ^ self.held.val()).get_bits::<4>(2);
    }
);

block!(
    SlicesBeyond,
    #[hdl_gen]
    fn update(&mut self) {
        self.extend.narrow.next = self.a.val();
        self.held.next = self.a.val();
        self.x.next = self.a.val().get_bits::<4>(5);
    }
);

block!(
    IndexesBeyond,
    #[hdl_gen]
    fn update(&mut self) {
        self.extend.narrow.next = self.a.val();
        self.held.next = self.a.val();
        self.x.next = 1.into();
        if self.a.val().get_bit(self.held.val().index()) {
            self.x.next = 2.into();
        }
    }
);

block!(
    ReadsAnInput,
    #[hdl_gen]
    fn update(&mut self) {
        self.extend.narrow.next = self.a.val();
        self.held.next = self.extend.narrow.val();
        self.x.next = 1.into();
    }
);

block!(
    Sound,
    #[hdl_gen]
    fn update(&mut self) {
        self.extend.narrow.next = self.held.val();
        self.held.next = self.a.val();
        self.x.next = self.extend.wide.val().get_bits::<4>(8);
    }
);

fn refusal<B: Block + Default>() -> String {
    emit(&mut B::default(), "top", "refused").expect_err("is refused").to_string()
}

#[test]
fn what_has_no_exact_verilog_is_refused() {
    assert_eq!(refusal::<Latch>(), "top: `x` is not assigned on every path: give it a default first");
    assert_eq!(
        refusal::<Truncates>(),
        "top: truncates an expression: copy it to a Local signal and truncate that"
    );
    assert_eq!(
        refusal::<SlicesAnExpression>(),
        "top: takes bits of an expression: copy it to a Local signal first"
    );
    assert_eq!(refusal::<SlicesBeyond>(), "top: takes bits 5 to 8 of `a`, which has 8");
    assert_eq!(
        refusal::<IndexesBeyond>(),
        "top: takes bits of `a` (8 bits) at `held`, which reaches bit 255: make the index narrower or the word wider \
         with a Local"
    );
    assert_eq!(
        refusal::<ReadsAnInput>(),
        "top: reads `extend_narrow`, an input of a sub-block: read what drives it"
    );
    assert_eq!(refusal::<Sound>(), "signals read before they are written: uut.held");
}

#[derive(LogicBlock, Default)]
struct Reserved {
    pub a: Signal<In, Bits<8>>,
    pub bit: Signal<Out, Bits<8>>,
}

impl Logic for Reserved {
    #[hdl_gen]
    fn update(&mut self) {
        self.bit.next = self.a.val();
    }
}

#[test]
fn names_that_verilog_reserves_are_refused() {
    assert_eq!(refusal::<Reserved>(), "top: names a field `bit`, a word that Verilog reserves");
}

#[derive(LogicBlock, Default)]
struct Follower {
    pub a: Signal<In, Bits<8>>,
    pub b: Signal<Out, Bits<8>>,
}

impl Logic for Follower {
    #[hdl_gen]
    fn update(&mut self) {
        self.b.next = self.a.val() + 1;
    }
}

#[derive(LogicBlock, Default)]
struct Pair {
    pub a: Signal<In, Bits<8>>,
    pub b: Signal<Out, Bits<8>>,
    first: Follower,
    last: [Follower; 2],
}

impl Logic for Pair {
    #[hdl_gen]
    fn update(&mut self) {
        self.first.a.next = self.a.val();
        self.last[0].a.next = self.first.b.val();
        self.last[1].a.next = self.last[0].b.val();
        self.b.next = self.last[1].b.val();
    }
}

#[test]
fn equal_blocks_share_a_module() {
    let design = emit(&mut Pair::default(), "pair", "three followers").expect("emits");
    assert_eq!(design.modules, ["first", "pair"]);
    assert_eq!(design.text.matches("first last_").count(), 2);
}

mod inner {
    use rtl::prelude::*;

    #[derive(Copy, Clone, PartialEq, Debug, LogicState)]
    pub enum Phase {
        Rest,
        Run,
    }

    #[derive(LogicBlock, Default)]
    pub struct Inner {
        pub clock: Signal<In, Clock>,
        pub running: Signal<Out, Bit>,
        phase: DFF<Phase>,
    }

    impl Logic for Inner {
        #[hdl_gen]
        fn update(&mut self) {
            dff_setup!(self, clock, phase);
            self.phase.d.next = Phase::Run;
            self.running.next = self.phase.q.val() == Phase::Run;
        }
    }
}

#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
enum Phase {
    Run,
    Rest,
    Stop,
}

#[derive(LogicBlock, Default)]
struct Outer {
    pub clock: Signal<In, Clock>,
    pub stopped: Signal<Out, Bit>,
    inner: inner::Inner,
    phase: DFF<Phase>,
}

impl Logic for Outer {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, phase);
        clock!(self, clock, inner);
        if self.inner.running.val() {
            self.phase.d.next = Phase::Rest;
        }
        self.stopped.next = self.phase.q.val() == Phase::Stop;
    }
}

#[test]
fn enums_of_one_name_keep_their_codes() {
    let design = emit(&mut Outer::default(), "outer", "two enums").expect("emits");
    for line in ["[1:0] Phase_Rest = 2'd1;", "[1:0] Phase_Stop = 2'd2;", "localparam Phase_Run = 1'd1;"] {
        assert!(design.text.contains(line), "{line} in\n{}", design.text);
    }
}

#[derive(LogicBlock, Default)]
struct BothEnums {
    pub clock: Signal<In, Clock>,
    first: DFF<inner::Phase>,
    second: DFF<Phase>,
}

impl Logic for BothEnums {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, first, second);
        self.second.d.next = Phase::Rest;
    }
}

#[test]
fn enums_of_one_name_in_one_block_are_refused() {
    assert_eq!(
        refusal::<BothEnums>(),
        "top: `second` has another enum's `Phase::Rest`: rename one of the enums"
    );
}

#[derive(LogicBlock, Default)]
struct Loop {
    pub a: Signal<In, Bit>,
    x: Signal<Local, Bit>,
}

impl Logic for Loop {
    fn update(&mut self) {
        self.x.next = !self.x.val();
    }
}

#[test]
fn a_loop_is_an_error_and_not_a_hang() {
    let error = Stepper::combinational(Loop::default()).settle().expect_err("oscillates");
    assert!(matches!(error, StepError::Oscillates { cycle: 0, .. }));
}

#[derive(LogicBlock, Default)]
struct Counter {
    pub clock: Signal<In, Clock>,
    pub count: Signal<Out, Bits<8>>,
    value: DFF<Bits<8>>,
}

impl Logic for Counter {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, value);
        self.value.d.next = self.value.q.val() + 1;
        self.count.next = self.value.q.val();
    }
}

#[test]
fn the_waveform_is_of_the_last_cycles() {
    let mut bench = Stepper::new(Counter::default(), |b| &mut b.clock);
    bench.keep_waveform(10);
    for _ in 0..35 {
        bench.cycle().expect("settles");
    }
    assert_eq!((bench.cycles(), bench.count.val()), (35, 35.into()));
    let text = String::from_utf8(bench.waveform()).expect("text");
    assert_eq!(text.matches("$enddefinitions").count(), 1);
    let times: Vec<u64> = text.lines().filter_map(|line| line.strip_prefix('#')?.parse().ok()).collect();
    assert!(times.is_sorted());
    // Cycles 20 to 34: two stretches of ten, the second begun.
    assert_eq!((times.first(), times.last()), (Some(&(20 * 40_000)), Some(&(34 * 40_000 + 20_000))));
}
