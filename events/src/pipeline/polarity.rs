//! `polarity=on`: what becomes of ON and OFF.

use super::problem::Problem;
use super::stage::{Filter, Rule, Site, retain};
use super::words::{NO_KEYS, Words};
use crate::item::Event;
use std::fmt;
use std::str::FromStr;

/// Keeps one polarity, or changes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Polarity {
    /// Only ON events are kept.
    On,
    /// Only OFF events are kept.
    Off,
    /// Every event is ON.
    Merge,
    /// ON becomes OFF, and OFF becomes ON: for cameras or tools that mean the opposite.
    Swap,
}

impl Polarity {
    const NAMED: [(&'static str, Polarity); 4] =
        [("on", Polarity::On), ("off", Polarity::Off), ("merge", Polarity::Merge), ("swap", Polarity::Swap)];

    pub(super) fn read(words: &mut Words) -> Result<Self, Problem> {
        words.end(NO_KEYS)?;
        words.value("on, off, merge or swap")
    }
}

impl FromStr for Polarity {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::NAMED.into_iter().find(|(name, _)| *name == text).map(|(_, polarity)| polarity).ok_or(())
    }
}

impl fmt::Display for Polarity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::NAMED.iter().find(|(_, polarity)| polarity == self).map_or("", |(name, _)| name);
        write!(f, "polarity={name}")
    }
}

impl Rule for Polarity {
    fn begin(&self, _: &mut Site, _: Option<&[Event]>) -> Result<Option<Box<dyn Filter>>, Problem> {
        Ok(Some(Box::new(*self)))
    }
}

impl Filter for Polarity {
    fn apply(&mut self, events: &mut Vec<Event>) {
        match self {
            Polarity::On => retain(events, |event| event.on),
            Polarity::Off => retain(events, |event| !event.on),
            Polarity::Merge => events.iter_mut().for_each(|event| event.on = true),
            Polarity::Swap => events.iter_mut().for_each(|event| event.on = !event.on),
        }
    }
}
