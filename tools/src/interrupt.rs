//! Ctrl-C: the first press asks the running loop to stop at the next recording, the second ends the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use miette::{IntoDiagnostic, Result};

/// Whether the user asked to stop.
#[derive(Debug, Clone)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens for SIGINT, SIGTERM and SIGHUP from here on. Once a process.
    pub fn listen() -> Result<Self> {
        let flag = Arc::new(AtomicBool::new(false));
        let shared = flag.clone();
        ctrlc::set_handler(move || {
            if shared.swap(true, Ordering::SeqCst) {
                std::process::exit(crate::cli::EXIT_INTERRUPTED.into());
            }
        })
        .into_diagnostic()?;
        Ok(Self(flag))
    }

    /// One that hears nothing and says this.
    #[cfg(test)]
    pub fn unheard(requested: bool) -> Self {
        Self(Arc::new(AtomicBool::new(requested)))
    }

    /// Whether the user has asked to stop.
    pub fn requested(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// The flag itself, for loops of other crates.
    pub fn flag(&self) -> Arc<AtomicBool> {
        self.0.clone()
    }
}
