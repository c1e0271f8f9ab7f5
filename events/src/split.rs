//! A source in two parts, one to learn from and one to be judged by: the same by the same seed.

use crate::dataset::Dataset;
use crate::error::Error;
use crate::pipeline::Part;
use crate::random::{keyed, shuffle};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// How a source is divided. Written `0.8,seed=1`.
///
/// Of each label's n items round(n · part), halves up, are drawn to learn from, but of two items or more at least one
/// each way; a label's only item is learned from. Both parts keep the source's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct SeededSplit {
    /// The part to learn from; more than 0, less than 1.
    pub part: Part,
    /// What is drawn.
    pub seed: u64,
}

/// Sets this apart from what else is drawn by the same seed.
const PURPOSE: u64 = u64::from_le_bytes(*b"split   ");

impl Dataset {
    /// Divides the items: those to learn from, and the others. Both have the classes of the source.
    pub fn split(self, split: SeededSplit) -> (Dataset, Dataset) {
        let mut of_label: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
        for (at, item) in self.items().iter().enumerate() {
            of_label.entry(item.label()).or_default().push(at);
        }
        let mut learned = vec![false; self.len()];
        for (label, mut places) in of_label {
            shuffle(&mut keyed([split.seed, PURPOSE, label.into(), 0]), &mut places);
            let count = split.count(places.len());
            places[..count].iter().for_each(|&at| learned[at] = true);
        }
        let mut learned = learned.into_iter();
        self.partition(|_| learned.next() == Some(true))
    }
}

impl SeededSplit {
    /// How many of a label's `items` are learned from.
    fn count(&self, items: usize) -> usize {
        let whole = u64::from(Part::WHOLE);
        let count = (items as u64 * u64::from(self.part.millionths()) + whole / 2) / whole;
        if items < 2 { items } else { (count as usize).clamp(1, items - 1) }
    }
}

impl fmt::Display for SeededSplit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},seed={}", self.part, self.seed)
    }
}

impl FromStr for SeededSplit {
    type Err = Error;

    /// Reads `0.8` or `0.8,seed=1`; the seed is 0 where it is not given.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::SeededSplitText { seen: text.into() };
        let (part, seed) = match text.split_once(',') {
            Some((part, seed)) => (part, seed.trim().strip_prefix("seed=").ok_or_else(wrong)?),
            None => (text, "0"),
        };
        let part: Part = part.trim().parse().map_err(|()| wrong())?;
        let seed = seed.parse().map_err(|_| wrong())?;
        if (1..Part::WHOLE).contains(&part.millionths()) {
            Ok(SeededSplit { part, seed })
        } else {
            Err(wrong())
        }
    }
}

impl From<SeededSplit> for String {
    fn from(split: SeededSplit) -> String {
        split.to_string()
    }
}

impl TryFrom<String> for SeededSplit {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::Item;
    use std::collections::BTreeSet;

    fn names(dataset: &Dataset) -> BTreeSet<String> {
        let name = |item: &Item| match item {
            Item::Recording(recording) => recording.name.clone(),
            _ => panic!("no recording"),
        };
        dataset.items().iter().map(name).collect()
    }

    fn labels(dataset: &Dataset) -> BTreeMap<u16, usize> {
        let mut labels = BTreeMap::new();
        dataset.items().iter().for_each(|item| *labels.entry(item.label()).or_default() += 1);
        labels
    }

    #[test]
    fn every_label_is_divided_and_no_item_is_on_both_sides() {
        let all = Dataset::open("bundled:test", None).unwrap();
        let (learn, judge) = all.clone().split("0.8,seed=1".parse().unwrap());
        assert_eq!((learn.len() + judge.len(), learn.classes(), judge.classes()), (100, 10, 10));
        assert!(names(&learn).is_disjoint(&names(&judge)));
        for (label, count) in labels(&all) {
            assert_eq!(labels(&learn)[&label], (count * 8 + 5) / 10, "label {label} of {count}");
        }
        let order: Vec<_> = all.items().iter().filter(|item| learn.items().contains(item)).collect();
        assert_eq!(order, learn.items().iter().collect::<Vec<_>>(), "the source's order");
        let (again, _) = all.clone().split("0.8,seed=1".parse().unwrap());
        assert_eq!(again, learn);
        let (other, _) = all.split("0.8,seed=2".parse().unwrap());
        assert_ne!(names(&other), names(&learn));
    }

    #[test]
    fn few_items_are_on_either_side() {
        let count = |text: &str, items| text.parse::<SeededSplit>().unwrap().count(items);
        assert_eq!([1, 2, 3, 10].map(|items| count("0.99", items)), [1, 1, 2, 9]);
        assert_eq!([0, 1, 2, 3, 10].map(|items| count("0.01", items)), [0, 1, 1, 1, 1]);
        assert_eq!([4, 5, 6].map(|items| count("0.5", items)), [2, 3, 3]);
    }

    #[test]
    fn splits_are_read_and_written() {
        let split: SeededSplit = "0.75, seed=7".parse().unwrap();
        assert_eq!(
            (split.part.millionths(), split.seed, split.to_string()),
            (750_000, 7, "0.75,seed=7".into())
        );
        assert_eq!("0.8".parse::<SeededSplit>().unwrap().to_string(), "0.8,seed=0");
        for text in ["", "0", "1", "80", "0.8,7", "0.8,seed=", "0.8,seed=-1", "train:0.8"] {
            let message = text.parse::<SeededSplit>().unwrap_err().to_string();
            assert!(message.contains(&format!("`{text}`")) && message.contains("0.8,seed=1"), "{message}");
        }
    }
}
