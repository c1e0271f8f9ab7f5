//! The clock of an iCE40.

use super::Clocked;

/// Settings of an iCE40 PLL with simple feedback (Lattice TN1251): the clock is
/// `oscillator / (DIVR + 1) · (DIVF + 1) / 2^DIVQ`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ice40Pll {
    /// DIVR, 0 to 15.
    pub divr: u32,
    /// DIVF, 0 to 127.
    pub divf: u32,
    /// DIVQ, 1 to 6.
    pub divq: u32,
    /// FILTER_RANGE, by the frequency of the phase detector.
    pub filter: u32,
}

impl Ice40Pll {
    /// The settings that make exactly `wanted` Hz of `oscillator` Hz, with the lowest divider of the oscillator; `None` where there
    /// are none within the PLL's limits: 10 to 133 MHz at the phase detector, 533 to 1,066 MHz at its oscillator.
    pub fn new(oscillator: u32, wanted: u32) -> Option<Self> {
        for divr in 0..16 {
            let detector = f64::from(oscillator) / f64::from(divr + 1);
            if !(10e6..=133e6).contains(&detector) {
                continue;
            }
            for divq in 1..=6 {
                let inner = u64::from(wanted) << divq;
                if !(533_000_000..=1_066_000_000).contains(&inner) {
                    continue;
                }
                // inner = oscillator · (divf + 1) / (divr + 1), exactly.
                let steps = inner * u64::from(divr + 1);
                if oscillator > 0 && steps.is_multiple_of(oscillator.into()) {
                    let divf = steps / u64::from(oscillator);
                    if (1..=128).contains(&divf) {
                        let filter =
                            1 + [17e6, 26e6, 44e6, 66e6, 101e6].iter().filter(|&&f| detector >= f).count();
                        return Some(Self { divr, divf: divf as u32 - 1, divq, filter: filter as u32 });
                    }
                }
            }
        }
        None
    }

    /// Where the oscillator is on the PLL's own pin (`pad`) nothing but the PLL is fed from it; else it comes through the fabric.
    pub(super) fn verilog(self, pad: bool) -> Clocked {
        let Self { divr, divf, divq, filter } = self;
        let (kind, input) =
            if pad { ("SB_PLL40_PAD", "PACKAGEPIN") } else { ("SB_PLL40_CORE", "REFERENCECLK") };
        Clocked {
            pll: format!(
                "\x20   {kind} #(\n\
                 \x20       .FEEDBACK_PATH(\"SIMPLE\"),\n\
                 \x20       .DIVR(4'd{divr}),\n\
                 \x20       .DIVF(7'd{divf}),\n\
                 \x20       .DIVQ(3'd{divq}),\n\
                 \x20       .FILTER_RANGE(3'd{filter})\n\
                 \x20   ) pll (\n\
                 \x20       .{input}(clock_pin),\n\
                 \x20       .PLLOUTCORE(pll_clock),\n\
                 \x20       .LOCK(locked),\n\
                 \x20       .RESETB(1'b1),\n\
                 \x20       .BYPASS(1'b0)\n\
                 \x20   );\n"
            ),
            gate: "\x20   SB_GB through (\n\
                   \x20       .USER_SIGNAL_TO_GLOBAL_BUFFER(pll_clock & waited[10]),\n\
                   \x20       .GLOBAL_BUFFER_OUTPUT(clock)\n\
                   \x20   );\n",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Lattice's own calculator gives.
    #[test]
    fn the_pll_is_set_as_lattice_sets_it() {
        let pll = |divr, divf, divq, filter| Some(Ice40Pll { divr, divf, divq, filter });
        assert_eq!(Ice40Pll::new(12_000_000, 24_000_000), pll(0, 63, 5, 1));
        assert_eq!(Ice40Pll::new(12_000_000, 48_000_000), pll(0, 63, 4, 1));
        assert_eq!(Ice40Pll::new(100_000_000, 25_000_000), pll(0, 7, 5, 5));
        assert_eq!(Ice40Pll::new(12_000_000, 24_000_001), None);
        assert_eq!(Ice40Pll::new(0, 24_000_000), None);
        assert_eq!(Ice40Pll::new(12_000_000, 400_000_000), None);
    }
}
