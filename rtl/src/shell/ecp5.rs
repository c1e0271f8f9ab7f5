//! The clock of an ECP5.

use super::Clocked;

/// Settings of an ECP5 PLL (Lattice FPGA-TN-02200). One output, CLKOP, is fed back; the other, CLKOS, is the clock:
/// `oscillator / CLKI_DIV · CLKFB_DIV · CLKOP_DIV / CLKOS_DIV`. So a clock that is no multiple of the phase detector's can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ecp5Pll {
    /// CLKI_DIV, 1 to 128.
    pub input: u32,
    /// CLKFB_DIV, 1 to 80.
    pub feedback: u32,
    /// CLKOP_DIV, 1 to 128.
    pub fed_back: u32,
    /// CLKOS_DIV, 1 to 128.
    pub output: u32,
}

impl Ecp5Pll {
    /// The settings that make exactly `wanted` Hz of `oscillator` Hz, with the lowest divider of the oscillator and then the
    /// slowest inner oscillator; `None` where there are none within the PLL's limits: 8 MHz or more in, 3.125 to 400 MHz at the
    /// phase detector and out, 400 to 800 MHz inside.
    pub fn new(oscillator: u32, wanted: u32) -> Option<Self> {
        let (oscillator, wanted) = (u64::from(oscillator), u64::from(wanted));
        if oscillator < 8_000_000 || !(3_125_000..=400_000_000).contains(&wanted) {
            return None;
        }
        let detectors =
            (1..=128).filter(|&input| (3_125_000 * input..=400_000_000 * input).contains(&oscillator));
        for input in detectors {
            let outputs = (1..=128).filter(|output| (400_000_000..=800_000_000).contains(&(wanted * output)));
            for output in outputs {
                // oscillator · steps / input = wanted · output, exactly.
                if !(wanted * output * input).is_multiple_of(oscillator) {
                    continue;
                }
                let steps = wanted * output * input / oscillator;
                // The output that is fed back is as fast as the phase detector times CLKFB_DIV: no faster than it may be.
                let split = (1..=80).rev().find(|feedback| {
                    steps.is_multiple_of(*feedback)
                        && steps / feedback <= 128
                        && oscillator * feedback <= 400_000_000 * input
                });
                if let Some(feedback) = split {
                    let fed_back = steps / feedback;
                    let small = |value: u64| value as u32;
                    return Some(Self {
                        input: small(input),
                        feedback: small(feedback),
                        fed_back: small(fed_back),
                        output: small(output),
                    });
                }
            }
        }
        None
    }

    pub(super) fn verilog(self) -> Clocked {
        let Self { input, feedback, fed_back, output } = self;
        Clocked {
            // The analog settings, attributes, are those that Lattice's own tool gives for these frequencies.
            pll: format!(
                "\x20   wire feedback;\n\
                 \x20   (* ICP_CURRENT = \"12\", LPF_RESISTOR = \"8\", MFG_ENABLE_FILTEROPAMP = \"1\", MFG_GMCREF_SEL = \"2\" *)\n\
                 \x20   EHXPLLL #(\n\
                 \x20       .FEEDBK_PATH(\"CLKOP\"),\n\
                 \x20       .CLKI_DIV({input}),\n\
                 \x20       .CLKFB_DIV({feedback}),\n\
                 \x20       .CLKOP_ENABLE(\"ENABLED\"),\n\
                 \x20       .CLKOP_DIV({fed_back}),\n\
                 \x20       .CLKOP_CPHASE({}),\n\
                 \x20       .CLKOS_ENABLE(\"ENABLED\"),\n\
                 \x20       .CLKOS_DIV({output}),\n\
                 \x20       .CLKOS_CPHASE({})\n\
                 \x20   ) pll (\n\
                 \x20       .CLKI(clock_pin),\n\
                 \x20       .CLKFB(feedback),\n\
                 \x20       .CLKOP(feedback),\n\
                 \x20       .CLKOS(pll_clock),\n\
                 \x20       .LOCK(locked),\n\
                 \x20       .RST(1'b0),\n\
                 \x20       .STDBY(1'b0),\n\
                 \x20       .PLLWAKESYNC(1'b0),\n\
                 \x20       .PHASESEL1(1'b0),\n\
                 \x20       .PHASESEL0(1'b0),\n\
                 \x20       .PHASEDIR(1'b0),\n\
                 \x20       .PHASESTEP(1'b0),\n\
                 \x20       .PHASELOADREG(1'b0),\n\
                 \x20       .ENCLKOP(1'b0),\n\
                 \x20       .ENCLKOS(1'b0)\n\
                 \x20   );\n",
                fed_back - 1,
                output - 1,
            ),
            gate: "\x20   DCCA through (\n\
                   \x20       .CLKI(pll_clock),\n\
                   \x20       .CE(waited[10]),\n\
                   \x20       .CLKO(clock)\n\
                   \x20   );\n",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One worked out by hand (12 MHz · 7 · 5 / 7); all are exact and within the limits.
    #[test]
    fn the_pll_makes_the_clock_exactly() {
        let pll = |input, feedback, fed_back, output| Some(Ecp5Pll { input, feedback, fed_back, output });
        assert_eq!(Ecp5Pll::new(12_000_000, 60_000_000), pll(1, 7, 5, 7));
        for (oscillator, wanted) in [
            (25_000_000u64, 60_000_000u64),
            (25_000_000, 48_000_000),
            (25_000_000, 45_000_000),
            (12_000_000, 48_000_000),
        ] {
            let made = Ecp5Pll::new(oscillator as u32, wanted as u32).unwrap();
            let [input, feedback, fed_back, output] =
                [made.input, made.feedback, made.fed_back, made.output].map(u64::from);
            assert_eq!(oscillator * feedback * fed_back, wanted * output * input, "{made:?}");
            assert!((400_000_000..=800_000_000).contains(&(wanted * output)), "{made:?}");
            assert!(
                oscillator / input >= 3_125_000 && oscillator * feedback / input <= 400_000_000,
                "{made:?}"
            );
        }
        for (oscillator, wanted) in [(25_000_000, 48_000_001), (0, 48_000_000), (25_000_000, 500_000_000)] {
            assert_eq!(Ecp5Pll::new(oscillator, wanted), None);
        }
    }
}
