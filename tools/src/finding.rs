//! What `doctor` has found out, one line each.

use std::collections::BTreeMap;

use serde::Serialize;

/// Something that was looked for or tried.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// What.
    pub what: String,
    /// It is there, or it passed.
    pub found: bool,
    /// Whether it is a fault where it is not.
    pub needed: bool,
    /// What was found, for people.
    pub detail: String,
    /// What to do where it was not found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// Numbers for machines; the unit is the end of each name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub measured: BTreeMap<&'static str, f64>,
}

impl Finding {
    /// Something that is as it should be.
    pub fn good(what: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            found: true,
            needed: true,
            detail: detail.into(),
            remedy: None,
            measured: BTreeMap::new(),
        }
    }

    /// Something that is not, and what to do.
    pub fn bad(what: impl Into<String>, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { found: false, remedy: Some(remedy.into()), ..Self::good(what, detail) }
    }

    /// The same, where nothing of the main job needs it.
    pub fn optional(self) -> Self {
        Self { needed: false, ..self }
    }

    /// Whether `doctor` ends with a fault because of it.
    pub fn is_fault(&self) -> bool {
        self.needed && !self.found
    }
}
