//! What the link to a board saw in a run: traffic, faults found and repaired, and those injected where they were asked for.

use driver::transport::FaultCounts;
use driver::{LinkCounts, RecoveryCounts};
use serde::Serialize;

/// Counted over all sessions of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LinkUse {
    /// Frames and bytes.
    pub link: LinkCounts,
    /// Sessions lost and made good.
    pub recovery: RecoveryCounts,
    /// What was done to it on purpose; `None` where nothing was to be.
    pub injected: Option<FaultCounts>,
}

impl LinkUse {
    /// For a row of a table.
    pub fn words(&self) -> String {
        let Self { link, recovery, injected } = self;
        let traffic = format!(
            "{} frames, {} damaged or asked for again, {} repeated",
            link.frames,
            link.damaged + link.asked,
            link.repeated
        );
        let lost = match recovery.lost() {
            0 => String::new(),
            lost => format!(
                "; {lost} lost sessions, {} made good with {} recordings replayed",
                recovery.repaired, recovery.replayed
            ),
        };
        let injected = injected.map_or(String::new(), |injected| {
            format!(
                "; {} faults injected, {} frames damaged in silence",
                injected.injected(),
                injected.undetected
            )
        });
        traffic + &lost + &injected
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_what_was_found_and_what_was_done() {
        let link = LinkCounts { frames: 900, repeated: 20, asked: 3, damaged: 4, ..LinkCounts::default() };
        let quiet = LinkUse { link, recovery: RecoveryCounts::default(), injected: None };
        assert_eq!(quiet.words(), "900 frames, 7 damaged or asked for again, 20 repeated");
        let recovery =
            RecoveryCounts { closed: 1, restarted: 2, repaired: 3, replayed: 40, ..quiet.recovery };
        let injected = FaultCounts { bits: 5, resets: 2, undetected: 1, ..FaultCounts::default() };
        let words = LinkUse { link, recovery, injected: Some(injected) }.words();
        assert!(words.ends_with(
            "; 3 lost sessions, 3 made good with 40 recordings replayed; 7 faults injected, 1 frames damaged in silence"
        ), "{words}");
    }
}
