//! Progress bars on stderr; silent where stderr is no terminal.

use indicatif::{ProgressBar, ProgressStyle};

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
