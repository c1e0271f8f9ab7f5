//! `flip=columns,keep=all`: half of the recordings, mirrored.

use crate::item::Event;
use crate::pipeline::problem::Problem;
use crate::pipeline::stage::{Filter, Rule, Site};
use crate::pipeline::words::Words;
use crate::random::below;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// Mirrors a recording with probability 1/2, where its label allows that. A mirrored 2 is no 2, a wave of the right
/// hand becomes one of the left: nothing is mirrored of which it is not said what becomes of the label.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Flip {
    /// What is mirrored.
    pub axis: Axis,
    /// Labels whose recordings keep them.
    pub keep: Keep,
    /// Labels that become each other.
    pub swap: Vec<(u16, u16)>,
}

/// What is mirrored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Axis {
    /// Left and right.
    Columns,
    /// Up and down.
    Rows,
}

/// Which labels stay as they are in a mirrored recording.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Keep {
    /// All but those that are swapped.
    All,
    /// These, in ascending order; recordings of others, unless swapped, are not mirrored.
    These(Vec<u16>),
}

impl FromStr for Axis {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "columns" => Ok(Axis::Columns),
            "rows" => Ok(Axis::Rows),
            _ => Err(()),
        }
    }
}

impl FromStr for Keep {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if text == "all" {
            return Ok(Keep::All);
        }
        let mut labels = text.split('+').map(|label| label.trim().parse()).collect::<Result<Vec<u16>, _>>();
        labels.iter_mut().for_each(|labels| labels.sort_unstable());
        labels.map(Keep::These).map_err(|_| ())
    }
}

/// Pairs as they are written: `2/5+3/6`.
struct Pairs(Vec<(u16, u16)>);

impl FromStr for Pairs {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let pair = |text: &str| {
            let (a, b) = text.split_once('/')?;
            let (a, b): (u16, u16) = (a.trim().parse().ok()?, b.trim().parse().ok()?);
            Some((a.min(b), a.max(b)))
        };
        let mut pairs = text.split('+').map(pair).collect::<Option<Vec<_>>>().ok_or(())?;
        pairs.sort_unstable();
        Ok(Pairs(pairs))
    }
}

impl Flip {
    pub(in crate::pipeline) fn read(words: &mut Words) -> Result<Self, Problem> {
        let keep = words.take("keep", "all, or labels such as 0+1+8")?;
        let swap = words.take("swap", "pairs of labels such as 2/5+3/6")?;
        words.end("keep or swap")?;
        let axis = words.value("columns (left and right) or rows (up and down)")?;
        if keep.is_none() && swap.is_none() {
            return Err(Problem::FlipLabels);
        }
        let swap = swap.map_or(Vec::new(), |Pairs(pairs)| pairs);
        let flip = Flip { axis, keep: keep.unwrap_or(Keep::These(Vec::new())), swap };
        let mut listed = BTreeSet::new();
        match flip.labels().into_iter().find(|&label| !listed.insert(label)) {
            Some(label) => Err(Problem::LabelTwice { label }),
            None => Ok(flip),
        }
    }

    /// The labels that are listed.
    fn labels(&self) -> Vec<u16> {
        let kept = if let Keep::These(labels) = &self.keep { &labels[..] } else { &[] };
        kept.iter().copied().chain(self.swap.iter().flat_map(|&(a, b)| [a, b])).collect()
    }

    /// What becomes of a label; None where its recordings must not be mirrored.
    fn mirrored(&self, label: u16) -> Option<u16> {
        let swapped = self.swap.iter().find_map(|&(a, b)| match label {
            _ if label == a => Some(b),
            _ if label == b => Some(a),
            _ => None,
        });
        let kept = match &self.keep {
            Keep::All => true,
            Keep::These(labels) => labels.contains(&label),
        };
        swapped.or(kept.then_some(label))
    }
}

impl fmt::Display for Flip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.axis {
            Axis::Columns => "flip=columns",
            Axis::Rows => "flip=rows",
        })?;
        let joined = |words: Vec<String>| words.join("+");
        match &self.keep {
            Keep::All => f.write_str(",keep=all")?,
            Keep::These(labels) if labels.is_empty() => {}
            Keep::These(labels) => {
                write!(f, ",keep={}", joined(labels.iter().map(u16::to_string).collect()))?;
            }
        }
        if self.swap.is_empty() {
            return Ok(());
        }
        write!(f, ",swap={}", joined(self.swap.iter().map(|(a, b)| format!("{a}/{b}")).collect()))
    }
}

impl Rule for Flip {
    fn begin(&self, site: &mut Site, _: Option<&[Event]>) -> Result<Option<Box<dyn Filter>>, Problem> {
        let Some(random) = &mut site.random else { return Ok(None) };
        let Some(label) = self.mirrored(site.label).filter(|_| below(random, 2) == 1) else {
            return Ok(None);
        };
        site.label = label;
        Ok(Some(match self.axis {
            Axis::Columns => Box::new(Columns { last: site.sensor.width - 1 }),
            Axis::Rows => Box::new(Rows { last: site.sensor.height - 1 }),
        }))
    }

    fn draws(&self) -> bool {
        true
    }

    fn highest_label(&self) -> Option<u16> {
        self.labels().into_iter().max()
    }
}

struct Columns {
    last: u16,
}

impl Filter for Columns {
    fn apply(&mut self, events: &mut Vec<Event>) {
        events.iter_mut().for_each(|event| event.x = self.last - event.x);
    }
}

struct Rows {
    last: u16,
}

impl Filter for Rows {
    fn apply(&mut self, events: &mut Vec<Event>) {
        events.iter_mut().for_each(|event| event.y = self.last - event.y);
    }
}
