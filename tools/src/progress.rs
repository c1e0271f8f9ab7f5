//! Progress bars on stderr; silent where stderr is no terminal.

use std::cell::Cell;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How long something may take without a bar.
const PATIENCE: Duration = Duration::from_secs(2);

/// A bar that shows once its work has taken two seconds, and goes with it.
pub struct Late {
    bar: ProgressBar,
    start: Instant,
    shown: Cell<bool>,
}

impl Late {
    /// A bar over `length` steps. `what` stands before it.
    pub fn new(what: &str, length: u64) -> Self {
        Self::styled(what, length, "{prefix:<24} {bar:32} {pos:>6}/{len} {elapsed}")
    }

    /// A bar over `length` bytes. `what` stands before it.
    pub fn of_bytes(what: &str, length: u64) -> Self {
        let template = "{prefix:<24} {bar:32} {bytes:>10}/{total_bytes} {bytes_per_sec:>12} {elapsed}";
        Self::styled(what, length, template)
    }

    fn styled(what: &str, length: u64, template: &str) -> Self {
        let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_prefix(what.to_owned());
        Self { bar, start: Instant::now(), shown: Cell::new(false) }
    }

    /// A step is done.
    pub fn advance(&self) {
        self.advance_to(self.bar.position() + 1);
    }

    /// So many steps are done.
    pub fn advance_to(&self, position: u64) {
        if self.start.elapsed() > PATIENCE && !self.shown.replace(true) {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_position(position);
    }
}

impl Drop for Late {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Something that takes a while, with the time it has taken.
pub fn stage(what: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix:<40} {elapsed}") {
        bar.set_style(style);
    }
    bar.set_prefix(what.to_owned());
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    bar
}

/// A bar over `length` recordings. `what` stands before it.
pub fn bar(what: &str, length: usize) -> ProgressBar {
    // indicatif draws to stderr and hides itself where that is no terminal.
    let bar = ProgressBar::new(length as u64);
    let style = ProgressStyle::with_template("{prefix:<24} {bar:32} {pos:>6}/{len} {per_sec:>12} {msg}");
    // The template is a constant: a mistake in it leaves indicatif's own.
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.set_prefix(what.to_owned());
    bar
}
